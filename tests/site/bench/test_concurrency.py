"""Two people in the same second, as separate processes with their own connections and committed data."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.orders import roll_up
from tests.site.bench import racers
from tests.site.world import Sale, build


@pytest.fixture
def committed(site, as_user, monkeypatch):
	"""A sale whose documents are committed, because other processes must see them; removed afterwards.

	What this process queues goes nowhere: the site's worker would change the same documents beside the test.
	"""
	monkeypatch.setattr(frappe, "enqueue", lambda *args, **kwargs: None)
	before = _names()
	sale = Sale(build(), as_user)
	frappe.db.commit()
	yield sale
	frappe.set_user("Administrator")
	frappe.db.rollback()
	for doctype, names in _names().items():
		new = sorted(names - before[doctype])
		if not new:
			continue
		for table in frappe.get_meta(doctype).get_table_fields():
			frappe.db.delete(table.options, {"parent": ("in", new), "parenttype": doctype})
		frappe.db.delete(doctype, {"name": ("in", new)})
	frappe.db.commit()
	frappe.cache.delete_keys("document_cache::")


TOUCHED = (
	"Sales Prospect", "Sales Lead", "Sales Opportunity", "Quotation", "Sales Contract", "Sales Order Request",
	"Sales Order", "Pipeline Event", "Customer", "Contact", "Address", "Item", "Item Price", "Bin", "Comment", "Version",
	"Error Log", "Cost Estimate", "Pending Update", "Sales Project", "Sales Activity", "Sales Memo",
	"Sales Help Request", "Pipeline Event Note", "Stage Passage", "ToDo", "Notification Log",
)  # fmt: skip


def _names() -> dict[str, set[str]]:
	return {doctype: set(frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0)) for doctype in TOUCHED}


@pytest.fixture(params=[False, True], ids=["as by default", "with snapshot isolation"])
def race(request, site):
	"""race([(call, args, document to look at first), ...]) runs all calls at once; answers what each said."""
	variable = frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")
	if request.param and not variable:
		pytest.skip("this MariaDB has no innodb_snapshot_isolation")

	def run(calls, user="Administrator"):
		frappe.db.commit()
		about = {"site": site, "user": user, "snapshot_isolation": bool(request.param and variable)}
		answers = racers.race([{**about, "call": call, "args": args, "look_at": seen} for call, args, seen in calls])
		frappe.db.rollback()
		return answers

	run.__name__ = "snapshot" if request.param else "default"
	return run


def test_two_acceptances_of_one_request_give_one_order(committed, race):
	request = committed.request(committed.contract())
	call = ("crm_pipeline.api.accept_request", [request.name], [request.doctype, request.name])
	answers = race([call, call, call])
	assert [a.get("error") for a in answers] == [None] * 3, answers
	assert len({a["result"]["name"] for a in answers}) == 1
	assert frappe.db.count("Sales Order", {"crm_source_name": request.name}) == 1


def test_two_clicks_on_an_opportunity_give_one_order(committed, race):
	deal = committed.opportunity()
	call = ("crm_pipeline.api.order_now", [deal.doctype, deal.name], [deal.doctype, deal.name])
	answers = race([call, call])
	assert [a.get("error") for a in answers] == [None] * 2, answers
	assert frappe.db.count("Sales Order", {"customer": committed.world.customer}) == 1
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Won"


def test_two_requests_for_more_than_remains_and_only_one_gets_through(committed, race):
	contract = committed.contract()
	row = contract.items[0].name
	requests = [committed.request(contract, {row: 3}, submit=False) for _ in range(2)]
	answers = race([("tests.site.bench.racer.submit", [r.doctype, r.name], [r.doctype, r.name]) for r in requests])
	# Where the server refuses the stale read itself, the form says "try again" and the second try says how much is left.
	loser = {"RemainingError", "LostRaceError"} if "snapshot" in race.__name__ else {"RemainingError"}
	assert [a["error"] for a in answers if "error" in a][0] in loser and sum("error" in a for a in answers) == 1, (
		answers
	)
	assert frappe.db.count("Sales Order Request", {"contract": contract.name, "docstatus": 1}) == 1
	assert api.get_remaining(contract.name)[row] == 1


def test_an_update_of_items_and_a_request_for_the_same_rest(committed, race):
	contract = committed.contract()
	row = contract.items[0]
	order = committed.order(contract, {row.name: 2})
	request = committed.request(contract, {row.name: 2}, submit=False)
	answers = race(
		[
			(
				"tests.site.bench.racer.submit",
				[request.doctype, request.name],
				[request.doctype, request.name],
			),
			(
				"tests.site.bench.racer.update_quantity",
				[order.name, row.item_code, 4],
				["Sales Order", order.name],
			),
		]
	)
	assert sum("error" in a for a in answers) == 1, answers
	assert api.get_remaining(contract.name)[row.name] == 0


def test_a_lead_converted_by_two_people_gives_one_opportunity(committed, race):
	lead = committed.lead()
	api.qualify_lead(lead.name)
	api.contact_lead(lead.name, follow_up_date=frappe.utils.nowdate(), follow_up_plan="Call")
	call = (
		"crm_pipeline.api.convert_lead",
		[lead.name, "Sales Opportunity", None, "Hot", "Ready"],
		[lead.doctype, lead.name],
	)
	answers = race([call, call])
	assert [a.get("error") for a in answers] == [None] * 2, answers
	assert len({a["result"]["name"] for a in answers}) == 1
	assert frappe.db.count("Sales Opportunity", {"source_name": lead.name}) == 1
	assert frappe.db.count("Customer", {"customer_name": lead.prospect_name}) == 1


def test_a_prospect_verified_twice_becomes_one_customer(committed, race):
	lead = committed.lead()
	call = (
		"crm_pipeline.api.verify_prospect",
		[lead.prospect, "Call", "He answered"],
		["Sales Prospect", lead.prospect],
	)
	answers = race([call, call])
	assert [a.get("error") for a in answers] == [None] * 2, answers
	assert len({a["result"]["name"] for a in answers}) == 1
	assert frappe.db.count("Customer", {"customer_name": lead.prospect_name}) == 1


def test_two_contracts_of_one_opportunity_are_one(committed, race):
	deal = committed.opportunity()
	call = ("crm_pipeline.api.make_contract", [deal.doctype, deal.name], [deal.doctype, deal.name])
	answers = race([call, call])
	assert [a.get("error") for a in answers] == [None] * 2, answers
	assert len({a["result"]["name"] for a in answers}) == 1


def test_two_orders_of_one_contract_both_show_in_its_amounts(committed, race):
	contract = committed.contract()
	row = contract.items[0].name
	requests = [committed.request(contract, {row: 2}) for _ in range(2)]
	answers = race([("crm_pipeline.api.accept_request", [r.name], [r.doctype, r.name]) for r in requests])
	assert [a.get("error") for a in answers] == [None] * 2, answers
	orders = [a["result"]["name"] for a in answers]
	race([("crm_pipeline.orders.roll_up.run", [[order]], ["Sales Order", order]) for order in orders])
	assert committed.amounts(contract)[0] == 400
	assert roll_up.reconcile() == 0
