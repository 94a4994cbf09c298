"""What a site hangs on our documents runs when another document decides their state, and breaks nothing."""

import frappe
import pytest

from crm_pipeline import api

MANAGER = "manager@crm-test.example"


@pytest.fixture(autouse=True)
def scripts_run_and_no_mail_is_built(rolled_back, monkeypatch):
	monkeypatch.setattr("frappe.utils.safe_exec.is_safe_exec_enabled", lambda: True)
	frappe.db.set_value("Notification Settings", MANAGER, "enabled", 0)


@pytest.fixture
def automation(rolled_back):
	"""automation(kind, doctype, **values) makes a record of the site's automation; caches forget it with the test."""
	yield _make
	_forget()


def _make(kind: str, **values):
	user = frappe.session.user
	frappe.set_user("Administrator")
	doc = frappe.get_doc({"doctype": kind, **values}).insert()
	_forget()
	frappe.set_user(user)
	return doc


def _forget():
	for key in ("server_script_map", "notifications", "webhooks"):
		frappe.cache.delete_value(key)
	frappe.cache.delete_keys("assignment_rule")
	frappe.cache.delete_keys("_server_script")
	frappe.clear_cache(doctype="Sales Opportunity")


def assignment(doctype: str, condition: str, to: str) -> dict:
	return {
		"name": f"Assign {doctype} {frappe.generate_hash(length=5)}", "document_type": doctype,
		"assign_condition": condition, "rule": "Round Robin", "users": [{"user": to}], "description": "Say thank you",
		"assignment_days": [
			{"day": day} for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
		],
	}  # fmt: skip


def script(doctype: str, event: str, code: str) -> dict:
	return {
		"name": f"script {frappe.generate_hash(length=6)}", "script_type": "DocType Event", "reference_doctype": doctype,
		"doctype_event": event, "script": code,
	}  # fmt: skip


def assigned(doc) -> list[str]:
	return frappe.get_all(
		"ToDo",
		filters={"reference_type": doc.doctype, "reference_name": doc.name, "status": "Open"},
		pluck="allocated_to",
		order_by="creation asc",
	)


@pytest.mark.parametrize("way", ["contract", "order"])
def test_an_assignment_rule_sees_a_deal_that_a_document_won(sale, as_user, automation, way):
	automation("Assignment Rule", **assignment("Sales Opportunity", 'status == "Won"', MANAGER))
	as_user("desk")
	deal = sale.opportunity()
	if way == "contract":
		made = api.make_contract(deal.doctype, deal.name)
		frappe.get_doc(made["doctype"], made["name"]).submit()
	else:
		sale.order(deal)
	assert assigned(deal) == [MANAGER]


def test_a_deal_that_opens_again_is_seen_too(sale, as_user, automation):
	as_user("manager")
	deal = sale.opportunity()
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	contract.submit()
	automation("Assignment Rule", **assignment("Sales Opportunity", 'status == "Open"', MANAGER))
	contract.cancel()
	assert assigned(deal) == [MANAGER]


def test_a_server_script_sees_an_acceptance_and_that_its_order_is_gone(sale, as_user, automation):
	code = 'frappe.get_doc({"doctype": "ToDo", "description": doc.status, "reference_type": doc.doctype, "reference_name": doc.name, "allocated_to": "Administrator"}).insert(ignore_permissions=True)'
	as_user("desk")
	request = sale.request(sale.opportunity())
	automation("Server Script", **script("Sales Order Request", "After Save (Submitted Document)", code))
	order = sale.accept(request)
	sale.cancel(order)
	told = frappe.get_all(
		"ToDo", filters={"reference_name": request.name}, pluck="description", order_by="creation asc"
	)
	assert told == ["Accepted", "Requested"]


def test_a_server_script_sees_what_the_roll_up_decides(sale, as_user, automation):
	code = 'frappe.db.set_value(doc.doctype, doc.name, "title", "seen " + doc.status, update_modified=False)'
	as_user("desk")
	request = sale.request(sale.opportunity())
	order = sale.accept(request)
	automation("Server Script", **script("Sales Order Request", "After Save (Submitted Document)", code))
	as_user("Administrator")
	sale.deliver(order)
	sale.sync_outcome()
	assert frappe.db.get_value(request.doctype, request.name, ["status", "title"]) == ("Delivered", "seen Delivered")


def broken(_doc):
	raise KeyError("no wins on Fridays")


@pytest.mark.parametrize("event", ["After Save", "on_change"])
def test_a_broken_script_stops_neither_contract_nor_ledger(sale, as_user, automation, event, monkeypatch):
	as_user("manager")
	deal = sale.opportunity()
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	if event == "on_change":
		monkeypatch.setattr("crm_pipeline.analytics.stall_verdicts.follow", broken)
	else:
		automation("Server Script", **script("Sales Opportunity", event, 'frappe.throw("no wins on Fridays")'))
	contract.submit()
	deal.reload()
	assert (deal.status, deal.won_by_type, deal.won_by) == ("Won", "Sales Contract", contract.name)
	rows = frappe.get_all(
		"Pipeline Event", filters={"reference_name": deal.name, "kind": "Stage"}, pluck="to_value", order_by="at asc"
	)
	assert rows == [deal.stage]
	assert not [m for m in frappe.local.message_log if "Fridays" in str(m)]
	assert frappe.db.exists("Error Log", {"method": ("like", f"%automation of%{deal.name}%")})


def test_what_a_broken_script_wrote_before_it_broke_is_undone(sale, as_user, automation):
	as_user("manager")
	deal = sale.opportunity()
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	code = 'frappe.db.set_value(doc.doctype, doc.name, "title", "half")\nfrappe.throw("broken")'
	automation("Server Script", **script("Sales Opportunity", "After Save", code))
	contract.submit()
	assert frappe.db.get_value(deal.doctype, deal.name, ["status", "title"]) == ("Won", deal.title)
