"""The chain of any object, both ways, and the ribbon that shows it."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import ledger
from tests.site.world import history, without_right


def chain(doctype, name):
	return [(row["doctype"], row["name"]) for row in api.get_chain(doctype, name)]


def campaign(world):
	return frappe.get_doc({"doctype": "Sales Campaign", "title": "Boat show", "company": world.company}).insert()


def test_any_object_shows_the_whole_chain_both_ways(world, sale, as_user):
	as_user("desk")
	show = campaign(world)
	values = api.campaign_to_lead(show.name)
	values.update(title="Two pumps", prospect_name=f"Pier {world.tag}", email_id=f"a@pier-{world.tag}.example")
	values["items"] = sale.rows()
	lead = frappe.get_doc(values).insert()
	deal = api.convert_lead(lead.name, assessment="Hot")
	project = api.opportunity_to_project(deal["name"])
	contract = frappe.get_doc("Sales Contract", api.make_contract("Sales Project", project["name"])["name"])
	contract.submit()
	request = sale.request(contract)
	order = sale.accept(request)
	whole = [
		("Sales Campaign", show.name),
		("Sales Lead", lead.name),
		("Sales Opportunity", deal["name"]),
		("Sales Project", project["name"]),
		("Sales Contract", contract.name),
		("Sales Order Request", request.name),
		("Sales Order", order.name),
	]
	party = ("Sales Prospect", lead.prospect)
	for doctype, name in whole:
		# The prospect that the lead made came from the campaign too; it is no ancestor of the deal.
		assert [step for step in chain(doctype, name) if step != party] == whole
	assert party in chain("Sales Campaign", show.name)
	assert frappe.db.get_value("Sales Project", project["name"], "status") == "Won"
	assert frappe.db.get_value("Sales Opportunity", deal["name"], "status") == "Won"
	assert history("Sales Opportunity", deal["name"]) == [
		("Created", None, "Qualification"),
		("Conversion", None, f"Sales Project {project['name']}"),
		("Stage", "Qualification", "Won"),
	]
	assert history("Sales Project", project["name"]) == [
		("Created", None, "Planning"),
		("Stage", "Planning", "Won"),
	]


def test_leads_of_a_marketing_project_belong_to_its_campaign(world, sale, as_user):
	as_user("rep")
	show = campaign(world)
	project = api.campaign_to_project(show.name)
	lead = sale.lead(source_type="Sales Project", source_name=project["name"])
	assert chain("Sales Lead", lead.name) == [
		("Sales Campaign", show.name),
		("Sales Lead", lead.name),
		("Sales Project", project["name"]),
	]
	assert ("Sales Lead", lead.name) in chain("Sales Campaign", show.name)


def test_the_ribbon_says_what_is_to_come_and_what_was_not_needed(sale, as_user):
	as_user("desk")
	deal = sale.opportunity()
	states = {s["label"]: s["state"] for s in api.get_ribbon(deal.doctype, deal.name)["steps"]}
	assert states["Opportunity"] == "current" and states["Lead"] == "skipped"
	assert {states[k] for k in ("Quotation", "Contract", "Request", "Order", "Delivered", "Billed", "Paid")} == {"open"}
	api.order_now(deal.doctype, deal.name)
	states = {s["label"]: s["state"] for s in api.get_ribbon(deal.doctype, deal.name)["steps"]}
	assert (states["Quotation"], states["Contract"], states["Order"]) == ("skipped", "skipped", "current")


def test_the_ribbon_shows_a_document_that_one_may_not_open_without_its_name(sale, world, as_user):
	as_user("desk")
	deal = sale.opportunity()
	order = api.order_now(deal.doctype, deal.name)["name"]
	as_user("finance")
	steps = {s["label"]: s for s in api.get_ribbon("Sales Order", order)["steps"]}
	assert [n["name"] for n in steps["Order"]["nodes"]] == [order]
	assert [n["name"] for n in steps["Opportunity"]["nodes"]] == [deal.name]
	as_user("store")
	steps = {s["label"]: s for s in api.get_ribbon("Sales Order", order)["steps"]}
	assert steps["Opportunity"]["state"] == "done" and steps["Opportunity"]["nodes"] == []
	as_user("rep")
	assert api.get_ribbon(deal.doctype, deal.name)["amounts"]["ordered"] == 480
	hide_orders_from("rep@crm-test.example", order)
	ribbon = api.get_ribbon(deal.doctype, deal.name)
	assert [step["nodes"] for step in ribbon["steps"] if step["label"] == "Order"] == [[]]
	assert (ribbon["amounts"], ribbon["currency"]) == (None, None), "nor what it is worth"


def hide_orders_from(user: str, order: str) -> None:
	"""A User Permission for Sales Orders of another territory than this order's."""
	territory = frappe.db.get_value("Sales Order", order, "territory")
	other = frappe.db.get_value("Territory", {"is_group": 0, "name": ("!=", territory or "")}, "name")
	only = {"allow": "Territory", "for_value": other, "apply_to_all_doctypes": 0, "applicable_for": "Sales Order"}
	frappe.get_doc({"doctype": "User Permission", "user": user, **only}).insert(ignore_permissions=True)


def test_the_chain_takes_a_bounded_number_of_queries(sale, as_user):
	as_user("desk")
	contract = sale.contract(items=sale.rows((sale.world.pump, 20, 100)))
	row = contract.items[0].name

	def count(call):
		seen = []
		original = frappe.db.sql
		frappe.db.sql = lambda *a, **k: (seen.append(a), original(*a, **k))[1]
		try:
			call()
		finally:
			frappe.db.sql = original
		return len(seen)

	sale.order(contract, {row: 1})
	few = count(lambda: api.get_ribbon(contract.doctype, contract.name))
	for _ in range(3):
		sale.order(contract, {row: 1})
	many = count(lambda: api.get_ribbon(contract.doctype, contract.name))
	assert many <= few + 2


@pytest.mark.parametrize(
	("kind", "needed"), [("Help", "Sales Help Request"), ("Override", "Cost Estimate"), ("Quotation", None)]
)
def test_a_confidential_note_is_read_with_the_right_to_what_it_is_about_alone(sale, as_user, monkeypatch, kind, needed):
	as_user("rep")
	deal = sale.opportunity()
	event, silent = (ledger.record(deal, kind, None, "Price", note=note) for note in ("May I?", None))
	stored = frappe.db.get_value("Pipeline Event", event, "note")
	assert stored == (None if needed else "May I?"), "what everybody lists who sees the deal"
	apart = [frappe.db.exists("Pipeline Event Note", {"event": name}) is not None for name in (event, silent)]
	assert apart == [bool(needed), False]
	told = lambda: sorted(e["note"] or "" for e in api.get_history(deal.doctype, deal.name) if e["kind"] == kind)  # noqa: E731
	assert told() == ["", "May I?"]
	without_right(monkeypatch, needed or "Cost Estimate", "read")
	assert told() == (["", ""] if needed else ["", "May I?"])
