"""What the faults of one more draw showed: days of who is elsewhere, running handovers, segments in use, parts of a page."""

import json

import frappe
from frappe.utils import get_datetime, nowdate

from crm_pipeline import api, user_day
from crm_pipeline.customers import open_business
from crm_pipeline.customers.asked_party import AskedParty
from tests.site.conftest import USERS
from tests.site.portable.test_assignment import alone, rule  # noqa: F401
from tests.site.portable.test_handovers import prepared
from tests.site.portable.test_same_ones import prospect
from tests.site.portable.test_small_handing import only
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


def test_a_handover_that_runs_is_neither_changed_nor_prepared_again(sale, as_user):
	as_user("rep")
	sale.lead(sales_owner=REP)
	as_user("manager")
	doc = prepared(OTHER, **only("with_leads"))
	api.start_handover(doc.name)
	doc.reload()
	for step in (doc.save, lambda: api.prepare_handover(doc.name), lambda: api.start_handover(doc.name)):
		with refused(match="is running"):
			step()


def test_a_segment_that_a_rule_asks_for_stays_in_use(sale, as_user, alone):  # noqa: F811
	as_user("Administrator")
	values = {"segment_name": frappe.generate_hash(length=8), "applies_to": "Sales Lead"}
	filters = json.dumps([["Sales Lead", "title", "like", "%turbine%"]])
	segment = frappe.get_doc({"doctype": "Sales Segment", "filters": filters, **values}).insert()
	made = rule(REP, title="Turbines", segment=segment.name)
	segment.description = "Whoever asks for a turbine"
	segment.save()
	segment.reload()
	segment.disabled = 1
	with refused(match=f"is a condition of .*{made.name}"):
		segment.save()
	frappe.db.set_value(made.doctype, made.name, "disabled", 1)
	segment.reload()
	segment.disabled = 1
	segment.save()


def test_a_prospect_has_no_parts_of_customers_and_a_customer_has(world, as_user):
	as_user("Administrator")
	party = prospect(world, f"P {world.tag}")
	kinds = lambda doctype, name: {part["doctype"] for part in open_business.all_of(AskedParty(doctype, (name,)))}  # noqa: E731
	of_prospect, of_customer = kinds("Sales Prospect", party.name), kinds("Customer", world.customer)
	assert {"Sales Lead", "Sales Opportunity"} <= of_prospect and "Sales Order" not in of_prospect
	assert of_prospect | {"Sales Order", "Quotation"} <= of_customer


def test_the_first_page_says_what_comes_next_with_a_party(world, sale, as_user):
	as_user("rep")
	lead = sale.lead()
	deal = sale.opportunity(customer=None, prospect=lead.prospect, next_step="Ring them", next_step_date=nowdate())
	page = api.get_customer_page("Sales Prospect", lead.prospect)
	assert (page["contact"]["next"]["title"], page["contact"]["next"]["name"]) == ("Ring them", deal.name)


def test_a_day_ends_by_the_clock_of_whoever_it_is(site):
	frappe.db.set_single_value("System Settings", "time_zone", "Europe/Berlin")
	day = get_datetime("2026-06-10").date()
	for zone, ends in (
		("", "2026-06-11 00:00"),
		("Asia/Tokyo", "2026-06-10 17:00"),
		("America/New_York", "2026-06-11 06:00"),
	):
		frappe.db.set_value("User", REP, "time_zone", zone)
		frappe.clear_document_cache("User", REP)
		found = user_day.end_of(day, REP)
		assert abs((get_datetime(found) - get_datetime(ends)).total_seconds()) < 2, zone
	frappe.db.set_value("User", REP, "time_zone", "")
	frappe.clear_document_cache("User", REP)
