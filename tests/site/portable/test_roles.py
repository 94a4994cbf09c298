"""Who may do what, tried by the people themselves."""

import frappe
import pytest

from crm_pipeline import api

CHAIN = (
	"Sales Campaign",
	"Sales Prospect",
	"Sales Lead",
	"Sales Opportunity",
	"Sales Project",
	"Sales Contract",
	"Sales Order Request",
)


def may(doctype: str, right: str) -> bool:
	return bool(frappe.has_permission(doctype, right))


def test_sales_users_work_on_the_whole_chain_and_delete_nothing(as_user):
	as_user("rep")
	for doctype in CHAIN:
		assert may(doctype, "create") and may(doctype, "write") and may(doctype, "report")
		assert not may(doctype, "delete") and not may(doctype, "import")


def test_managers_import_and_delete(as_user):
	as_user("manager")
	for doctype in CHAIN:
		assert may(doctype, "delete") and may(doctype, "import") and may(doctype, "export")
	assert may("Sales Pipeline", "write") and may("Sales Contract", "cancel")


def test_a_rep_submits_contracts_and_does_not_cancel_them(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	with pytest.raises(frappe.PermissionError):
		contract.cancel()


def test_finance_reads_deals_and_changes_none(sale, as_user):
	as_user("rep")
	contract = sale.contract()
	as_user("finance")
	assert frappe.get_doc("Sales Contract", contract.name).has_permission("read")
	for doctype in ("Sales Opportunity", "Sales Contract", "Sales Order Request"):
		assert may(doctype, "read") and not may(doctype, "write") and not may(doctype, "create")
	with pytest.raises(frappe.PermissionError):
		api.make_order_request("Sales Contract", contract.name)


def test_only_the_order_desk_accepts_and_returns(sale, as_user):
	as_user("manager")
	request = sale.request(sale.contract())
	for call in (lambda: api.accept_request(request.name), lambda: api.return_request(request.name, "No")):
		with pytest.raises(frappe.PermissionError, match="Order Desk"):
			call()
	as_user("desk")
	assert api.accept_request(request.name)["doctype"] == "Sales Order"


def test_nobody_but_the_app_writes_the_ledger(as_user):
	for who in ("rep", "manager", "desk", "finance"):
		as_user(who)
		assert may("Pipeline Event", "read")
		assert not any(may("Pipeline Event", right) for right in ("write", "create", "delete"))


def test_reps_read_the_settings_and_do_not_change_them(as_user):
	as_user("rep")
	assert may("CRM Pipeline Settings", "read") and not may("CRM Pipeline Settings", "write")
	assert may("Sales Pipeline", "read") and not may("Sales Pipeline", "write")


def test_a_memo_or_activity_needs_the_document_it_is_about(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	as_user("stranger")
	for doctype, values in (("Sales Memo", {"memo": "x"}), ("Sales Activity", {"subject": "x"})):
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(
				{"doctype": doctype, "reference_doctype": deal.doctype, "reference_name": deal.name, **values}
			).insert()


def test_role_profiles_name_the_functions():
	roles = {row.role for row in frappe.get_doc("Role Profile", "CRM Order Desk").roles}
	assert roles == {"Sales User", "Order Desk"}
