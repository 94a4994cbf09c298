"""A Sales Order that is made past the order request and stopped by a warning may pass: by role, with a reason that stays."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.warnings.hand_off_gate import WarningStopError
from tests.site.portable.test_customer_warnings import SETTINGS, configure, invoice, queries
from tests.site.world import refused


@pytest.fixture
def stopped(sale, as_user):
	"""A draft of an order for a customer with a complaint, which the settings stop."""
	configure(warn_complaint="Stop", stop_native_orders=1, warning_override_role="Sales Manager")
	as_user("Administrator")
	sale.case()
	return sale.native_order(sale.quotation(), submit=False)


def passes(order) -> list[tuple]:
	return [
		(row.to_value, row.by)
		for row in frappe.get_all(
			"Pipeline Event",
			filters={"reference_doctype": "Sales Order", "reference_name": order.name, "kind": "Override"},
			fields=["to_value", "by"],
			order_by="at asc, name asc",
		)
	]


def test_who_holds_the_role_lets_a_manual_order_pass_with_a_reason_that_stays(stopped, as_user):
	as_user("rep")
	assert not api.get_warnings("Sales Order", stopped.name)["may_override"]
	with refused(frappe.PermissionError):
		api.override_order_warnings(stopped.name, "They agreed")
	as_user("manager")
	shown = api.get_warnings("Sales Order", stopped.name)
	assert shown["may_override"] and shown["warnings"][0]["stops"]
	stopped.reload()
	with refused(WarningStopError, match="Override Warnings"):
		stopped.submit()
	with refused(frappe.MandatoryError):
		api.override_order_warnings(stopped.name, "   ")
	api.override_order_warnings(stopped.name, "They agreed")
	assert not api.get_warnings("Sales Order", stopped.name)["may_override"]
	as_user("rep")
	stopped.reload()
	stopped.submit()
	assert passes(stopped) == [("Unresolved Complaints", "manager@crm-test.example")]
	assert stopped.crm_override_reason == "They agreed"
	as_user("manager")
	with refused(WarningStopError, match="Nothing stops"):
		api.override_order_warnings(stopped.name, "Again")


def test_nobody_lets_an_order_pass_by_what_a_client_sends_or_by_a_copy(stopped, sale, as_user):
	as_user("manager")
	api.override_order_warnings(stopped.name, "They agreed")
	stopped.reload()
	copy = frappe.copy_doc(stopped)
	copy.update({"crm_overridden_warnings": "complaint", "crm_override_reason": "I say so", "docstatus": 0})
	copy.insert()
	assert not copy.crm_overridden_warnings and not copy.crm_override_reason
	copy.crm_overridden_warnings = "complaint"
	with refused(WarningStopError):
		copy.submit()
	stopped.submit()
	stopped.cancel()
	again = sale.amend(stopped, submit=False)
	assert not again.crm_overridden_warnings
	with refused(WarningStopError):
		again.submit()


def test_what_comes_up_after_the_override_stops_a_manual_order_again(stopped, sale, as_user):
	configure(warn_overdue="Stop")
	as_user("manager")
	api.override_order_warnings(stopped.name, "They agreed")
	as_user("Administrator")
	invoice(sale, 40)
	stopped.reload()
	with refused(WarningStopError, match="480"):
		stopped.submit()


def test_where_the_settings_stop_no_manual_orders_nothing_is_asked(stopped, as_user):
	from crm_pipeline.warnings import hand_off_gate

	configure(stop_native_orders=0)
	as_user("manager")
	assert not api.get_warnings("Sales Order", stopped.name)["may_override"]
	with refused(WarningStopError, match="Nothing stops"):
		api.override_order_warnings(stopped.name, "They agreed")
	order = frappe.get_doc("Sales Order", stopped.name)
	assert queries(lambda: (hand_off_gate.keep_pass(order), hand_off_gate.check_native(order))) == 0
	order.submit()


def test_who_may_not_write_the_order_or_names_none_overrides_nothing(stopped, as_user):
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.override_order_warnings(stopped.name, "They agreed")
	as_user("manager")
	with refused(frappe.PermissionError):
		api.override_order_warnings("SO-NONE", "They agreed")


# ---- a smallest amount


def limit(*rows: tuple[str, float]) -> None:
	settings = frappe.get_doc(SETTINGS)
	settings.stop_overdue_amounts = []
	for currency, amount in rows:
		settings.append("stop_overdue_amounts", {"currency": currency, "amount": amount})
	settings.save()


def test_a_few_cents_overdue_do_not_stop_a_hand_off(sale, world, as_user):
	as_user("Administrator")
	configure(warn_overdue="Stop", stop_native_orders=1)
	late = invoice(sale, 40)
	sale.pay(late, late.grand_total - 0.37)
	order = sale.native_order(sale.quotation(), submit=False)
	with refused(WarningStopError, match=r"0\.37"):
		order.submit()
	limit((world.currency, 0.37))
	order.reload()
	with refused(WarningStopError):
		order.submit()
	limit((world.currency, 0.38))
	# It is still said.
	assert "0.37" in api.get_warnings("Sales Order", order.name)["warnings"][0]["text"]
	order.reload()
	order.submit()


def test_an_amount_of_another_currency_is_no_limit_and_none_is_given_twice(sale, world, as_user):
	as_user("Administrator")
	configure(warn_overdue="Stop", stop_native_orders=1)
	invoice(sale, 40)
	limit(("EUR" if world.currency != "EUR" else "CHF", 1e6))
	order = sale.native_order(sale.quotation(), submit=False)
	with refused(WarningStopError):
		order.submit()
	with refused(match="Row 2: Currency"):
		limit((world.currency, 1), (world.currency, 2))
	with refused(match="Amount"):
		limit((world.currency, -1))
