"""A contract from signature to its end."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.crm_pipeline.doctype.sales_contract import sales_contract
from crm_pipeline.orders.hand_off import HandOffError
from tests.site.world import refused


def status(doc) -> str:
	return frappe.db.get_value(doc.doctype, doc.name, "status")


def test_a_submitted_contract_is_active(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	assert (contract.status, contract.amount) == ("Active", 480)


def test_a_contract_with_a_waiting_request_cannot_be_cancelled(sale):
	contract = sale.contract()
	request = sale.request(contract)
	with refused(match=request.name):
		sale.cancel(contract)
	api.return_request(request.name, "The contract is withdrawn")
	assert sale.cancel(contract).status == "Cancelled"


def test_a_contract_with_an_order_can_be_cancelled_and_amended(sale):
	contract = sale.contract()
	order = sale.order(contract)
	sale.cancel(contract)
	assert frappe.db.get_value("Sales Order", order.name, "docstatus") == 1
	amended = sale.amend(contract)
	assert amended.status == "Active"
	assert set(api.get_remaining(amended.name).values()) == {0}


@pytest.mark.parametrize(
	"state", ["cancelled", "Terminated", "Expired", "not valid any more", "not valid yet", "not submitted"]
)
def test_no_order_from_a_contract_that_is_not_in_force(sale, state):
	contract = sale.contract(submit=state != "not submitted")
	if state == "cancelled":
		sale.cancel(contract)
	elif state == "Terminated":
		api.terminate_contract(contract.name, "Project stopped")
	elif state in ("Expired", "not valid any more"):
		frappe.db.set_value(
			"Sales Contract",
			contract.name,
			{"start_date": add_days(nowdate(), -9), "end_date": add_days(nowdate(), -1)},
		)
		# The job runs once a day; whatever it has not seen yet has ended all the same.
		if state == "Expired":
			sales_contract.expire_contracts()
		assert status(contract) == ("Expired" if state == "Expired" else "Active")
	elif state == "not valid yet":
		frappe.db.set_value("Sales Contract", contract.name, "start_date", add_days(nowdate(), 5))
	with refused(HandOffError, match=state):
		sale.request(contract)
	with refused(HandOffError, match=state):
		api.order_now("Sales Contract", contract.name)


def test_a_request_that_waits_is_not_accepted_after_termination(sale):
	contract = sale.contract()
	request = sale.request(contract)
	api.terminate_contract(contract.name, "Customer withdrew")
	with refused(HandOffError, match="Terminated"):
		sale.accept(request)
	assert status(request) == "Requested"


def test_an_expired_contract_that_is_prolonged_is_active_again(sale):
	contract = sale.contract(start_date=add_days(nowdate(), -30), end_date=add_days(nowdate(), -1))
	sales_contract.expire_contracts()
	contract.reload()
	assert contract.status == "Expired"
	contract.end_date = add_days(nowdate(), 30)
	contract.save()
	assert status(contract) == "Active"
	assert sale.order(contract).docstatus == 1


def test_a_contract_holds_through_its_last_day(sale):
	contract = sale.contract(start_date=add_days(nowdate(), -30), end_date=nowdate())
	sales_contract.expire_contracts()
	assert status(contract) == "Active"
	assert sale.request(contract).status == "Requested"


def test_a_signed_contract_is_not_shortened_to_before_its_start(sale):
	contract = sale.contract(start_date=nowdate(), end_date=add_days(nowdate(), 30))
	contract.end_date = add_days(nowdate(), -1)
	with refused(match="must not be after"):
		contract.save()


def test_terminating_needs_a_reason_and_the_right_to_submit(sale, as_user):
	contract = sale.contract()
	with refused(frappe.MandatoryError):
		api.terminate_contract(contract.name, " ")
	as_user("finance")
	with refused(frappe.PermissionError):
		api.terminate_contract(contract.name, "Not mine to say")
	assert status(contract) == "Active"


def test_dates_the_wrong_way_round_are_refused(sale):
	with refused(match="must not be after"):
		sale.contract(start_date=nowdate(), end_date=add_days(nowdate(), -1))


def test_a_contract_in_a_currency_without_a_rate_is_refused(sale):
	frappe.db.set_single_value("Accounts Settings", "allow_stale", 1)
	frappe.db.set_single_value("Currency Exchange Settings", "disabled", 1)
	with refused(match="no exchange rate from"):
		sale.contract(currency="ISK")


@pytest.mark.parametrize(
	("schedule", "words"),
	[
		([(10, 50), (20, 40)], "adds up to 90"),
		([(10, 50), (10, 50)], "Row 2: .*Due Date.* is the same"),
		([(10, 100), (20, 0)], "Row 2: .*Invoice Portion.* must be more than zero"),
		([(10, 150), (20, -50)], "Row 2: .*Invoice Portion.* must be more than zero"),
	],
)
def test_a_payment_schedule_that_erpnext_would_refuse_is_refused_now(sale, schedule, words):
	rows = [{"due_date": add_days(nowdate(), days), "invoice_portion": portion} for days, portion in schedule]
	with refused(match=words):
		sale.contract(payment_schedule=rows)


def test_a_discount_above_the_total_is_refused(sale):
	with refused(match="must not be more than the total"):
		sale.contract(discount_amount=481)


def test_a_contract_is_deleted_only_while_nothing_came_from_it(sale):
	contract = sale.contract(submit=False)
	contract.delete()
	contract = sale.contract()
	sale.cancel(sale.request(contract))
	sale.cancel(contract)
	with refused(frappe.LinkExistsError):
		contract.delete()
