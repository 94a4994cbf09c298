"""Small rules of many rooms that nothing else would miss: what stays empty, whose day it is, what opens again."""

from datetime import date, datetime, timedelta

import frappe
import pytest
from frappe.utils import now_datetime, nowdate

from crm_pipeline import api, user_day
from crm_pipeline.analytics import funnel_picture, movement
from crm_pipeline.analytics.forecast_scope import QUANTITY, ForecastScope
from crm_pipeline.analytics.history import History
from crm_pipeline.chain import link_titles
from crm_pipeline.core.chain import Ref
from crm_pipeline.costs import cost_gate
from crm_pipeline.erp import identity
from crm_pipeline.leads import qualification
from crm_pipeline.overrides import customer as on_customer
from crm_pipeline.overrides import dashboards
from tests.site.rows import row
from tests.site.world import refused

# ---- figures


@pytest.mark.parametrize("narrowed", [{"item_group": "Pumps"}, {"measure": QUANTITY}])
def test_snapshots_say_nothing_of_what_they_do_not_keep(site, narrowed):
	told = movement.movement(ForecastScope.of({"company": "Any", **narrowed}))
	assert told["silent"] and told["rows"] == []
	assert not movement.movement(ForecastScope.of({"company": "Any"}))["silent"]


@pytest.mark.parametrize(
	("month", "values"),
	[
		(date(2025, 12, 1), []),
		(date(2026, 1, 1), []),
		(date(2026, 2, 1), [1.0]),
		(date(2026, 4, 1), [1.0, 2.0, 3.0]),
		(date(2024, 1, 1), []),
	],
)
def test_what_came_in_before_a_month(month, values):
	assert History("Sales Orders", (1.0, 2.0, 3.0), date(2026, 4, 1)).before(month) == values


def test_leads_in_front_of_the_funnel_add_up():
	row = funnel_picture.lead_row({"Converted": 3, "Disqualified": 2, "New": 4, "Contacted": 1})
	assert row == {"entered": 10, "advanced": 3, "lost": 2, "here": 5}
	assert funnel_picture.lead_row({}) == {}


# ---- whose day it is


@pytest.mark.parametrize("ahead", [-1, 1])
def test_a_day_that_has_begun_for_the_user_or_on_the_site_is_no_future_and_one_that_runs_is_not_over(
	site, monkeypatch, ahead
):
	here = now_datetime().date()
	there = here + timedelta(days=ahead)
	monkeypatch.setattr(user_day, "user_today", lambda: there)
	days = [here + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
	assert [user_day.is_future(day) for day in days] == [False, False, False, ahead < 0, True]
	assert [user_day.is_over(day) for day in days] == [True, ahead > 0, False, False, False]
	assert user_day.latest_today() == max(here, there)


@pytest.mark.parametrize(
	("zone", "hour", "day"),
	[
		("Europe/Berlin", 23, 15),
		("Asia/Tokyo", 16, 15),
		("Asia/Tokyo", 17, 16),
		("Pacific/Honolulu", 1, 14),
		("Pacific/Honolulu", 12, 15),
		("No/Such", 23, 15),
	],
)
def test_a_moment_is_on_a_day_of_the_user_s_own_zone(zone, hour, day):
	assert user_day.day_in(zone, datetime(2026, 6, 15, hour), "Europe/Berlin") == date(2026, 6, day)
	assert user_day.day_in("Asia/Tokyo", datetime(2026, 6, 15, hour), "No/Such") == date(2026, 6, 15)


# ---- what opens again


def test_a_lead_whose_deal_is_deleted_is_open_again(sale):
	lead = sale.lead(customer=sale.world.customer, prospect_name=None)
	joined = sale.lead(title="Two more", customer=sale.world.customer, prospect_name=None)
	deal = sale.opportunity()
	for name in (lead.name, joined.name):
		frappe.db.set_value("Sales Lead", name, {"status": "Converted", "converted_on": nowdate()})
	frappe.db.set_value("Sales Lead", joined.name, "joined_opportunity", deal.name)
	deal.update({"source_type": "Sales Lead", "source_name": lead.name, "conversion_key": f"Sales Lead:{lead.name}"})
	qualification.deal_deleted(deal)
	for name in (lead.name, joined.name):
		assert frappe.db.get_value("Sales Lead", name, ["status", "joined_opportunity"]) == ("Qualified", None)


# ---- what a ribbon says


def test_a_step_of_the_ribbon_names_its_documents(sale):
	deal = sale.opportunity(title="Pumps for the quay")
	contract = sale.contract(title="Frame contract", source_type=deal.doctype, source_name=deal.name)
	nodes = [node for step in api.get_ribbon(contract.doctype, contract.name)["steps"] for node in step["nodes"]]
	assert {node["name"]: node["title"] for node in nodes} == {
		deal.name: "Pumps for the quay",
		contract.name: "Frame contract",
	}


def test_an_undone_conversion_leaves_an_open_lead_and_no_deal(sale, as_user):
	as_user("rep")
	lead = sale.lead(
		customer=sale.world.customer, prospect_name=None, email_id=None, phone=None, contact_name=None, contacts=[]
	)
	frappe.db.set_value("Sales Lead", lead.name, "email_id", "ines@harbour.example")
	made = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	frappe.db.set_value(made.doctype, made.name, "conversion_key", f"Sales Lead:{lead.name}")
	with refused(qualification.LeadStateError, match="is not converted"):
		api.undo_conversion(lead.name)
	frappe.db.set_value("Sales Lead", lead.name, {"status": "Converted", "converted_on": nowdate()})
	api.undo_conversion(lead.name)
	assert not frappe.db.exists(made.doctype, made.name)
	assert frappe.db.get_value("Sales Lead", lead.name, ["status", "converted_on"]) == ("Qualified", None)
	kinds = [(event.kind, event.to_value) for event in api.get_history("Sales Lead", lead.name)]
	assert ("Conversion", None) in kinds


def test_what_was_built_on_first_is_named(sale):
	deal = sale.opportunity()
	for subject in ("First call", "Second call"):
		name = (
			frappe.get_doc(
				{
					"doctype": "Sales Activity",
					"subject": subject,
					"way": "Phone",
					"reference_doctype": deal.doctype,
					"reference_name": deal.name,
				}
			)
			.insert()
			.name
		)
		frappe.db.set_value("Sales Activity", name, "creation", f"2026-01-0{1 if subject == 'First call' else 2}")
	first = frappe.db.get_value("Sales Activity", {"subject": "First call", "reference_name": deal.name}, "name")
	with refused(qualification.LeadStateError, match=first):
		qualification._refuse_if_built_on(deal)


# ---- customers that belong to customers, and what they are called


@pytest.fixture
def three(world):
	names = [f"{name} {world.tag}" for name in ("Top", "Middle", "Low")]
	return [row("Customer", name=name, customer_name=name, docstatus=0) for name in names]


def put_below(lower, upper):
	frappe.db.set_value("Customer", lower, "crm_parent_customer", upper)


def test_nobody_is_put_below_who_is_below_them(three):
	top, middle, low = three
	put_below(middle, top)
	put_below(low, middle)
	doc = frappe.get_doc("Customer", top)
	doc.crm_parent_customer = low
	with refused(match=f"{low} belongs to .*{top}"):
		on_customer._refuse_circle(doc)
	doc = frappe.get_doc("Customer", low)
	doc.crm_parent_customer = top
	on_customer._refuse_circle(doc)


def test_a_merge_that_closes_a_circle_puts_the_merged_one_on_top(three):
	top, middle, low = three
	put_below(middle, top)
	put_below(low, middle)
	on_customer._end_circle(low)
	assert frappe.db.get_value("Customer", low, "crm_parent_customer") == middle, "no circle, nothing changes"
	put_below(top, low)
	on_customer._end_circle(top)
	parents = [frappe.db.get_value("Customer", name, "crm_parent_customer") for name in three]
	assert parents == [None, top, middle]


def test_documents_follow_the_name_of_their_party_and_titles_made_of_it(sale):
	named = sale.opportunity()
	titled = sale.opportunity(title="Pumps")
	contract = sale.contract(submit=False)
	frappe.db.set_value(named.doctype, named.name, "title", named.party_name)
	on_customer.follow_name("customer", sale.world.customer, "Northwind Ltd")
	shown = [frappe.db.get_value(named.doctype, doc.name, ["title", "party_name"]) for doc in (named, titled)]
	assert shown == [("Northwind Ltd", "Northwind Ltd"), ("Pumps", "Northwind Ltd")]
	assert frappe.db.get_value(contract.doctype, contract.name, ["party_name", "title"]) == (
		"Northwind Ltd",
		contract.title,
	)


def test_promises_and_posts_follow_the_name_of_their_customer(sale, world):
	about = {"customer": world.customer, "customer_name": "Nord", "title": "Nord, B-1", "docstatus": 0}
	promise = row("Promise to Pay", sales_invoice="B-1", **about)
	post = row("Contact Position", **{**about, "title": "Ann (Buyer)"})
	other = row("Promise to Pay", sales_invoice="B-1", **{**about, "customer": "Another"})
	on_customer.follow_name("customer", world.customer, "Northwind Ltd")
	names = lambda doctype, name: frappe.db.get_value(doctype, name, ["customer_name", "title"])  # noqa: E731
	assert names("Promise to Pay", promise) == ("Northwind Ltd", "Northwind Ltd, B-1")
	assert names("Contact Position", post) == ("Northwind Ltd", "Ann (Buyer)")
	assert names("Promise to Pay", other) == ("Nord", "Nord, B-1")


def test_a_prospect_that_is_called_otherwise_is_so_on_what_is_about_it_alone(sale, world):
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": "Quay Partners", "company": world.company}
	).insert()
	open_deal = sale.opportunity(customer=None, prospect=prospect.name)
	prospect.prospect_name = "Quay Partners North"
	prospect.save()
	assert frappe.db.get_value(open_deal.doctype, open_deal.name, "party_name") == "Quay Partners North"
	on_customer.follow_name("customer", sale.world.customer, "Northwind Ltd")
	assert frappe.db.get_value(open_deal.doctype, open_deal.name, "party_name") == "Quay Partners North"
	verified = sale.opportunity()
	verified.db_set("prospect", prospect.name)
	on_customer.follow_name("prospect", prospect.name, "Quay Partners South")
	called = [frappe.db.get_value(doc.doctype, doc.name, "party_name") for doc in (open_deal, verified)]
	assert called == ["Quay Partners South", verified.party_name], "a customer is called as the customer is"
	with refused(frappe.LinkExistsError, match=f"{open_deal.name}.* is about this prospect"):
		prospect.delete()


@pytest.mark.parametrize(("kind", "key"), [("Company", "huber max"), ("Individual", "huber max")])
def test_a_person_is_searched_by_the_parts_of_the_name_in_any_order(kind, key):
	keys = identity.customer_keys({"customer_name": "Dr. Max Huber", "customer_type": kind, "tax_id": "de 12-3"})
	assert keys["crm_match_tax_id"] == identity.prospect_keys({"tax_id": "DE123"})["match_tax_id"]
	same = identity.prospect_keys(
		{"prospect_name": "Dr. Max Huber", "prospect_kind": "Person" if kind == "Individual" else "Organisation"}
	)
	assert keys["crm_match_name"] == same["match_name"]


# ---- connections on ERPNext's forms


def test_erpnext_s_forms_show_what_is_connected_to_them():
	of_customer = dashboards.customer({"transactions": [{"label": "Native", "items": ["Sales Order"]}]})
	assert [group["items"] for group in of_customer["transactions"]] == [
		["Sales Order"],
		["Sales Prospect", "Sales Lead", "Sales Activity"],
		["Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request"],
		["Customer Case"],
		["Customer Discussion"],
		["Contact Position", "Customer Relation"],
	]
	for name in (item for group in of_customer["transactions"][1:] for item in group["items"]):
		assert of_customer["non_standard_fieldnames"][name] == "customer"
	of_quotation = dashboards.quotation({})
	assert of_quotation["non_standard_fieldnames"] == {
		"Sales Contract": "source_name",
		"Sales Order Request": "source_name",
	}
	assert of_quotation["dynamic_links"] == {"source_name": ["Quotation", "source_type"]}
	assert of_quotation["transactions"][0]["items"] == ["Sales Contract", "Sales Order Request"]
	of_order = dashboards.sales_order({})
	assert of_order["transactions"][0]["items"] == ["Sales Order Request"]
	assert of_order["internal_links"] == {"Sales Order Request": "crm_request_key"}


# ---- stages


def test_a_pipeline_with_deals_keeps_a_stage_of_each_kind(sale):
	deal = sale.opportunity()
	won = frappe.get_doc("Pipeline Stage", {"pipeline": deal.pipeline, "stage_type": "Won"})
	won.disabled = 1
	with refused(match="is the only Won stage"):
		won.save()
	# On a site in use deals stand in it, which is told first.
	with refused(match="is the only Won stage|stand in stage"):
		frappe.get_doc("Pipeline Stage", won.name).delete()
	frappe.db.set_value("Pipeline Stage", won.name, "disabled", 1)
	won.reload()
	won.label = "Signed"
	won.save()
	assert won.disabled, "one that was disabled before may be changed"


# ---- rows of ERPNext's own tables


def test_a_row_that_was_taken_out_of_a_payment_schedule_is_gone(sale):
	parts = [{"due_date": f"2030-0{month}-01", "invoice_portion": part} for month, part in ((1, 60), (2, 40))]
	contract = sale.contract(submit=False, payment_schedule=parts)
	contract.payment_schedule = contract.payment_schedule[:1]
	contract.payment_schedule[0].invoice_portion = 100
	contract.save()
	contract.reload()
	assert [row.invoice_portion for row in contract.payment_schedule] == [100]


# ---- costs


def test_a_campaign_has_no_estimate_that_a_quotation_could_answer_to():
	assert cost_gate._named_deals(Ref("Sales Campaign", "Any")) == []
	assert cost_gate._named_deals(None) == []
	assert cost_gate._named_deals(Ref("Sales Opportunity", "Any")) == [Ref("Sales Opportunity", "Any")]


# ---- titles of what a form links to


def test_a_form_is_sent_the_titles_of_what_it_links_to_as_far_as_its_reader_may_see_them(sale, as_user):
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": "Harbour fair", "company": sale.world.company}
	).insert()
	lead = sale.lead(title="Four pumps", customer=sale.world.customer, prospect_name=None)
	deal = sale.opportunity(campaign=campaign.name, source_type="Sales Lead", source_name=lead.name)
	link_titles.send(deal)
	sent = deal.get("__onload")["link_titles"]
	owner = frappe.db.get_value("User", deal.sales_owner, "full_name")
	assert sent.pop(f"User::{deal.sales_owner}") == owner
	assert sent == {
		f"Sales Campaign::{campaign.name}": "Harbour fair",
		f"Sales Lead::{lead.name}": "Four pumps",
	}
	as_user("stranger")
	link_titles.send(deal)
	assert deal.get("__onload")["link_titles"] == {f"User::{deal.sales_owner}": owner}


@pytest.mark.parametrize(
	("doctype", "shown"),
	[
		(
			"crm_prospecting.doctype.sales_campaign",
			"Sales Prospect, Sales Lead, Sales Opportunity, Sales Project, Sales Contract, Sales Order Request, Sales Activity, Sales Memo",
		),
		(
			"crm_prospecting.doctype.sales_prospect",
			"Sales Lead, Sales Opportunity, Sales Project, Sales Activity, Sales Memo, Sales Campaign",
		),
		(
			"crm_prospecting.doctype.sales_lead",
			"Sales Opportunity, Sales Project, Sales Prospect, Sales Campaign, Sales Activity, Sales Memo",
		),
		(
			"crm_pipeline.doctype.sales_opportunity",
			"Sales Project, Quotation, Sales Contract, Sales Order Request, Sales Prospect, Sales Campaign, Cost Estimate, Sales Activity, Sales Memo",
		),
		(
			"crm_pipeline.doctype.sales_project",
			"Quotation, Sales Contract, Sales Order Request, Sales Prospect, Sales Campaign, Cost Estimate, Project, Sales Activity, Sales Memo",
		),
		(
			"crm_pipeline.doctype.sales_contract",
			"Sales Order Request, Quotation, Sales Campaign, Sales Activity, Sales Memo",
		),
	],
)
def test_our_forms_show_what_led_to_them_and_what_came_of_them(doctype, shown):
	name = doctype.rpartition(".")[2]
	data = frappe.get_attr(f"crm_pipeline.{doctype}.{name}_dashboard.get_data")()
	items = {item for group in data["transactions"] for item in group["items"]}
	assert set(shown.split(", ")) <= items
