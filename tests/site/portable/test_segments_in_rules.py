# ruff: noqa: F811
"""A segment, or filters of its own, decides which records a rule of assignment or of the public pool is about."""

import json

import frappe
import pytest
from frappe.utils import now_datetime

from crm_pipeline.segments import segment_members
from tests.site.portable.test_assignment import OTHER, REP, alone, assign, owners, rule  # noqa: F401
from tests.site.portable.test_public_pool import aged, judge, pooled
from tests.site.portable.test_public_pool import rule as pool_rule
from tests.site.world import customer, refused


@pytest.fixture
def lead(sale, alone, as_user):
	as_user("Administrator")
	return lambda **values: sale.lead(**{"sales_owner": "", "sales_person": "", "items": [], **values})


def segment(applies_to: str = "Sales Lead", filters=(), **values):
	values = {"segment_name": frappe.generate_hash(length=8), "applies_to": applies_to, **values}
	return frappe.get_doc(
		{"doctype": "Sales Segment", "filters": json.dumps([[applies_to, *row] for row in filters]), **values}
	).insert()


def test_a_rule_gives_the_leads_of_its_segment_and_says_so_of_others(lead, as_user):
	of_turbines = segment(filters=[["title", "like", "%turbine%"]])
	rule(REP, segment=of_turbines.name)
	rule(OTHER, position=2)
	turbine, pump = lead(title="A turbine"), lead(title="A pump")
	from crm_pipeline import api

	as_user("manager")
	rows = {row["lead"]: row for row in api.get_assignment_rehearsal([turbine.name, pump.name])}
	assert rows[turbine.name]["user"] == REP and rows[pump.name]["passed"][0]["why"] == "not in its segment"
	# Whoever saves a lead, and whatever they may see, the rule is asked of all.
	as_user("rep")
	assign(turbine, pump)
	assert owners(turbine, pump) == [REP, OTHER]


def test_a_segment_by_behaviour_of_customers_reaches_their_leads(lead, sale):
	bought, never = customer("Buys"), customer("Never")
	buyer = getattr(bought, "name", bought)
	other = getattr(never, "name", never)
	sale.opportunity(customer=buyer)
	of_deals = segment("Customer", behaviours=[{"kind": "Open Deal"}])
	rule(REP, segment=of_deals.name)
	ours, theirs = lead(customer=buyer, prospect=None), lead(customer=other, prospect=None)
	assign(ours, theirs)
	assert owners(ours, theirs) == [REP, None]


def test_a_pool_rule_asks_segment_filters_industry_and_products(lead, world, sale):
	group = frappe.db.get_value("Item", world.service, "item_group")
	product = [{"item_code": world.service, "qty": 1}]
	for values, meets, not_meets in (
		(
			{"segment": segment(filters=[["title", "like", "Old %"]]).name},
			{"title": "Old one"},
			{"title": "New one"},
		),
		({"own_filters": json.dumps([["title", "like", "Old %"]])}, {"title": "Old one"}, {"title": "New one"}),
		({"item": world.service, "item_group": group}, {"items": product}, {"items": []}),
		({"industry": industry()}, {"industry": industry()}, {"industry": None}),
	):
		made = pool_rule(**values)
		inside = aged(lead(**{"sales_owner": REP, "prospect_name": frappe.generate_hash(length=9), **meets}))
		outside = aged(lead(**{"sales_owner": REP, "prospect_name": frappe.generate_hash(length=9), **not_meets}))
		judge(inside, outside)
		assert pooled(inside, outside) == [True, False], values
		frappe.db.set_value("Pool Rule", made.name, "disabled", 1)


def industry() -> str:
	if not frappe.db.exists("Industry Type", "Windmills"):
		frappe.get_doc({"doctype": "Industry Type", "industry": "Windmills"}).insert()
	return "Windmills"


def test_what_a_lead_does_not_say_its_prospect_does_for_the_pool_too(lead):
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": frappe.generate_hash(length=9), "industry": industry()}
	).insert()
	pool_rule(industry=industry())
	doc = aged(lead(sales_owner=REP, prospect=prospect.name))
	frappe.db.set_value("Sales Lead", doc.name, "industry", None)
	judge(doc)
	assert pooled(doc) == [True]


def test_customers_that_a_segment_names_go_to_the_pool(world):
	quiet, busy = (frappe.get_doc("Customer", getattr(made, "name", made)) for made in (customer("Q"), customer("B")))
	of_quiet = segment("Customer", filters=[["name", "in", [quiet.name]]])
	pool_rule("Customer", segment=of_quiet.name)
	for doc in (quiet, busy):
		doc.account_manager = REP
		doc.save()
		aged(doc)
	judge(quiet, busy)
	assert pooled(quiet, busy) == [True, False]


def test_what_can_not_be_asked_is_refused(lead):
	of_customers = segment("Customer")
	with refused(frappe.ValidationError, match="no Sales Prospect belongs to such a segment"):
		pool_rule("Sales Prospect", segment=of_customers.name)
	with refused(frappe.ValidationError, match="can't be read as filters"):
		pool_rule(own_filters='[["no_such_field", "=", 1]]')
	off = segment(disabled=1)
	with refused(frappe.ValidationError, match="is disabled"):
		rule(REP, segment=off.name)
	used = segment()
	made = rule(REP, segment=used.name)
	used.disabled = 1
	with refused(frappe.ValidationError, match=f"condition of.*{made.name}"):
		used.save()
	with refused(frappe.LinkExistsError):
		used.delete()


def test_a_segment_that_broke_keeps_no_other_rule_from_giving(lead):
	broken = segment()
	rule(REP, segment=broken.name)
	rule(OTHER, position=2)
	frappe.db.set_value("Sales Segment", broken.name, "filters", '[["Sales Lead", "gone", "=", 1]]')
	frappe.clear_document_cache("Sales Segment", broken.name)
	doc = lead()
	assign(doc)
	assert owners(doc) == [OTHER]


def test_a_rule_knows_who_did_something_whoever_may_not_read_it(lead, as_user):
	doc, other = lead(), lead()
	call = {"doctype": "Sales Activity", "subject": "Call", "status": "Done", "starts_on": now_datetime()}
	frappe.get_doc({**call, "reference_doctype": doc.doctype, "reference_name": doc.name}).insert()
	called = segment(filters=[["name", "in", [doc.name, other.name]]])
	called.append("behaviours", {"kind": "Contacted", "min_events": 1})
	assert segment_members.names(called) == [doc.name]
	as_user("stranger")
	assert segment_members.names(called, unrestricted=True) == [doc.name]
	with refused(frappe.PermissionError):
		segment_members.names(called)


def test_a_record_with_two_rows_that_a_filter_finds_belongs_once(lead, world):
	doc = lead(items=[{"item_code": world.service, "qty": 1}, {"item_code": world.pump, "qty": 1}])
	rows = segment(filters=[["name", "=", doc.name]])
	rows.filters = json.dumps([["Sales Deal Item", "qty", ">", 0], ["Sales Lead", "name", "=", doc.name]])
	assert segment_members.names(rows) == [doc.name] and segment_members.count(rows) == 1
