"""Of a customer, and of doubles: who reads nothing is told nothing, and who reads a part that part."""

import frappe
import pytest

from crm_pipeline.customers import customer_page, delivered_unbilled, last_contact, open_business, party_facts
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.duplicates import data_quality, while_typing
from tests.site.portable.test_assignment import alone, assign, lead, owners, rule  # noqa: F401


def test_who_reads_nothing_is_told_nothing(world, sale, as_user):
	sale.opportunity(next_step="Ring", next_step_date="2026-01-01")
	as_user("stranger")
	asked = AskedParty("Customer", (world.customer,))
	for doctype, ask in (
		("Sales Activity", lambda: last_contact.of_party(asked)), ("Delivery Note", lambda: delivered_unbilled.of_party(asked)),
		("Contact", lambda: party_facts.contacts(asked)), ("Address", lambda: party_facts.addresses(asked)),
	):  # fmt: skip
		if not frappe.has_permission(doctype, "read"):
			assert ask() is None, doctype
	assert last_contact._next_step(asked, "Sales Opportunity") is None
	assert [
		kind for kind in open_business.KINDS if open_business.may_see(kind) and kind.doctype.startswith("Sales Opp")
	] == []
	assert while_typing._listed("Sales Lead", []) == []
	assert data_quality.faults(data_quality.Asked(doctype="Sales Lead"), frappe.utils.getdate()) == []
	assert data_quality._Facts._doubled(frappe._dict(doctype="Customer")) == {}


def test_who_reads_activities_alone_is_told_of_them_and_who_reads_deals_alone_of_those(world, sale, monkeypatch):
	asked = AskedParty("Customer", (world.customer,))
	deal = sale.opportunity(next_step="Ring", next_step_date="2026-01-01")
	readable = last_contact.is_readable
	monkeypatch.setattr(last_contact, "is_readable", lambda doctype, *fields: doctype != "Sales Activity")
	assert last_contact.of_party(asked).keys() == {"next"} and last_contact.of_party(asked)["next"]["name"] == deal.name
	monkeypatch.setattr(last_contact, "is_readable", lambda doctype, *fields: doctype == "Sales Activity")
	assert last_contact.of_party(asked) == {"last": None, "next": None}
	monkeypatch.setattr(last_contact, "is_readable", lambda doctype, *fields: not fields and readable(doctype))
	assert last_contact.of_party(asked) == {"last": None, "next": None}, "of a day that is kept from them, too"


def test_who_sees_no_projects_counts_the_opportunities_that_run_as_one(world, sale, monkeypatch):
	deal = sale.opportunity()
	project = frappe.new_doc("Sales Project")
	project.update({"title": "Dock", "customer": world.customer, "company": world.company, "status": "Open"})
	project.update({"source_type": deal.doctype, "source_name": deal.name, "name": f"P {world.tag}"})
	project.db_insert()
	kind = open_business.BY_DOCTYPE["Sales Opportunity"]
	asked = AskedParty("Customer", (world.customer,))
	assert open_business.part_of(asked, kind)["totals"] == []
	monkeypatch.setattr(open_business, "is_readable", lambda doctype, *fields, **how: doctype != "Sales Project")
	assert open_business.part_of(asked, kind)["totals"][0].documents == 1
	assert customer_page.open_business is open_business


@pytest.mark.parametrize(
	("doctype", "label", "asked"),
	[
		("Sales Lead", "Leads", "base_amount follow_up_date title"),
		("Sales Opportunity", "Opportunities", "base_amount expected_close title probability"),
		("Sales Project", "Sales Projects", "base_amount expected_close title probability"),
		("Quotation", "Quotations", "base_net_total valid_till name"),
		("Sales Contract", "Contracts", "base_amount end_date title ordered_amount"),
		("Sales Order Request", "Order Requests", "base_amount delivery_date title"),
		(
			"Sales Order", "Sales Orders",
			"base_net_total delivery_date name per_billed per_delivered qty delivered_qty base_net_rate amount billed_amt",
		),
	],
)  # fmt: skip
def test_sums_of_what_is_open_are_told_to_who_reads_each_field_that_they_are_made_of(
	monkeypatch, doctype, label, asked
):
	kind, told = open_business.BY_DOCTYPE[doctype], []
	monkeypatch.setattr(
		open_business, "is_readable", lambda name, *of, rows=(): told.append((name, {*of, *rows})) or True
	)
	assert open_business.may_see(kind) and kind.label == label
	assert told == [(doctype, set(asked.split()))]
	for hidden in asked.split():
		monkeypatch.setattr(open_business, "is_readable", lambda name, *of, rows=(): hidden not in (*of, *rows))  # noqa: B023
		assert not open_business.may_see(kind), hidden
