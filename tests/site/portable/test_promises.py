"""Promises to pay: what they must keep to, and what becomes of them by what finance does."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.receivables import promise_states
from tests.site.billing import invoice
from tests.site.conftest import USERS
from tests.site.world import customer, refused


def promise(bill, amount: float = 100, days: int = 5, **values):
	return frappe.get_doc(
		{
			"doctype": "Promise to Pay",
			"sales_invoice": bill.name,
			"promised_on": add_days(nowdate(), days),
			"amount": amount,
			**values,
		}
	).insert()


REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))


@pytest.fixture
def bill(world):
	"""An invoice over 300 of a customer of REP, 20 days overdue."""
	return invoice(world, 20, 300, who=customer(f"Slow {world.tag}", account_manager=REP))


def status(doc) -> str:
	"""As somebody reads it."""
	return frappe.get_doc(doc.doctype, doc.name).status


def stored(doc, field: str = "status"):
	return frappe.db.get_value(doc.doctype, doc.name, field)


def test_a_promise_takes_customer_currency_and_owner_from_its_invoice(bill, world, as_user):
	as_user("rep")
	assert api.get_promise_of_invoice(bill.name)["amount"] == 300
	made = promise(bill, 100, customer=bill.customer)
	assert (made.customer, made.company, made.currency) == (bill.customer, world.company, world.currency)
	assert (made.outstanding, made.status, made.sales_owner, made.made_on) == (300, "Open", REP, getdate(nowdate()))
	assert api.get_promise_of_invoice(bill.name)["amount"] == 200


def test_who_does_not_see_the_invoice_promises_nothing_for_it(bill, as_user):
	for who in ("other_rep", "stranger"):
		as_user(who)
		with refused(frappe.PermissionError):
			promise(bill, 10)
	as_user("other_rep")
	with refused(frappe.PermissionError, match="does not exist"):
		api.get_promise_of_invoice(bill.name)
	as_user("finance")
	assert promise(bill, 10).sales_owner == REP


def test_what_was_promised_stays_and_is_taken_back_with_a_reason(bill, as_user):
	as_user("rep")
	made = promise(bill, 100)
	made.amount = 50
	with refused(frappe.CannotChangeConstantError):
		made.save()
	made.reload()
	made.update({"status": "Kept", "outstanding": 1, "note": "By phone", "settled_amount": 100})
	made.save()
	assert (stored(made), stored(made, "outstanding"), stored(made, "note")) == ("Open", 300, "By phone")
	api.withdraw_promise(made.name, "They <b>will</b> not")
	assert (status(made), stored(made, "withdrawn_because")) == ("Withdrawn", "They <b>will</b> not")
	with refused():
		api.withdraw_promise(made.name)
	assert promise(bill, 300).status == "Open"


def test_an_invoice_without_promises_costs_finance_one_question(world, monkeypatch):
	other, asked = invoice(world, 5, 50), []
	sql = frappe.db.sql
	monkeypatch.setattr(frappe.db, "sql", lambda *args, **kwargs: (asked.append(args), sql(*args, **kwargs))[1])
	promise_states.collect(other)
	assert len(asked) == 1


def test_a_follow_up_is_an_activity_about_the_promise(bill, as_user):
	as_user("rep")
	made = promise(bill, 100)
	activity = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Ask", "reference_doctype": made.doctype, "reference_name": made.name}
	).insert()
	assert (activity.customer, activity.company) == (bill.customer, bill.company)


def test_with_team_visibility_a_promise_is_seen_by_its_owner_s_team(bill, as_user):
	from tests.site.portable.test_visibility import set_apart

	made = promise(bill, 100)
	set_apart()
	for who, sees in (("rep", True), ("other_rep", False), ("finance", True)):
		as_user(who)
		assert bool(frappe.has_permission(made.doctype, doc=made.name)) is sees
		assert bool(frappe.get_list(made.doctype, filters={"name": made.name}, order_by="name asc")) is sees
	assert OTHER
