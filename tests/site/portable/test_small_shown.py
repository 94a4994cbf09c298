"""What is shown of other documents, and what a price list says: a timeline's leads, the person on a quotation, a row's price."""

import sys
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import api, permissions
from crm_pipeline.api import forecasts
from crm_pipeline.chain import pipelines
from crm_pipeline.deals import native_quotation, stage_gates
from crm_pipeline.documents import of_company, timeline
from crm_pipeline.erp import prices
from crm_pipeline.parties import people
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP = USERS["rep"][0]
DEAL, PROJECT = "Sales Opportunity", "Sales Project"


# ---- the leads of a deal


def test_a_timeline_holds_the_leads_that_its_reader_may_open(sale, world, monkeypatch):
	lead, hidden = (sale.lead(customer=world.customer, prospect_name=None) for _n in range(2))
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	frappe.db.set_value("Sales Lead", hidden.name, "joined_opportunity", deal.name)
	assert timeline._leads(DEAL, deal.name) == [("Sales Lead", lead.name), ("Sales Lead", hidden.name)]
	monkeypatch.setattr(frappe, "has_permission", lambda doctype, right, doc=None, **how: doc != hidden.name)
	assert timeline._leads(DEAL, deal.name) == [("Sales Lead", lead.name)]
	assert timeline._leads("Sales Contract", deal.name) == []


# ---- the company of a forecast


@pytest.mark.parametrize(
	("limits", "seen"),
	[
		([], True),
		([{"doc": "Ours"}], True),
		([{"doc": "Another"}], False),
		([{"doc": "Another", "applicable_for": ""}, {"doc": "Ours", "applicable_for": None}], True),
		([{"doc": "Another", "applicable_for": "Sales Invoice"}], True),
		([{"doc": "Another", "applicable_for": DEAL}], False),
		([{"doc": "Another"}, {"doc": "Ours", "applicable_for": "Sales Invoice"}], False),
		([{"doc": "Another"}, {"doc": "Ours", "applicable_for": DEAL}], True),
	],
)
def test_a_forecast_is_of_a_company_whose_deals_the_reader_may_see(site, monkeypatch, limits, seen):
	monkeypatch.setattr(forecasts, "get_user_permissions", lambda user: {"Company": limits} if limits else {})
	if seen:
		assert forecasts._company("Ours") == "Ours"
	else:
		with refused(frappe.PermissionError, match="not allowed to see .*Ours"):
			forecasts._company("Ours")


# ---- who is written to


def test_a_quotation_goes_to_the_first_person_on_the_deal_who_is_the_customer_s_contact(sale, world):
	def contact(customer):
		name = rows.row("Contact", docstatus=0, first_name="Ines")
		link = {"parenttype": "Contact", "parentfield": "links", "parent": name, "link_doctype": "Customer"}
		rows.row("Dynamic Link", docstatus=0, idx=1, link_name=customer, **link)
		return name

	stranger, own, second = contact("Another"), contact(world.customer), contact(world.customer)
	deal = frappe._dict(customer=world.customer, contacts=[frappe._dict(contact=c) for c in (None, stranger)])
	assert native_quotation.contact_of(deal) is None
	deal.contacts += [frappe._dict(contact=own), frappe._dict(contact=second)]
	assert native_quotation.contact_of(deal) == own
	assert native_quotation.contact_of(frappe._dict(customer=world.customer)) is None


# ---- what a row costs


@pytest.mark.parametrize(
	("found", "price"),
	[
		({"price_list_rate": 200}, (200, 0, 200)),
		({"price_list_rate": 200, "discount_percentage": 10}, (200, 10, 180)),
		({"price_list_rate": 200, "discount_amount": 50}, (200, 25, 150)),
		({"price_list_rate": 200, "margin_type": "Amount", "margin_rate_or_amount": 20}, (200, 0, 220)),
		({"price_list_rate": 200, "margin_type": "Percentage", "margin_rate_or_amount": 20}, (200, 0, 240)),
		(
			{
				"price_list_rate": 200,
				"margin_type": "Percentage",
				"margin_rate_or_amount": 20,
				"discount_percentage": 10,
			},
			(200, 10, 216),
		),
		({"price_list_rate": 0, "discount_amount": 0}, (0, 0, 0)),
		({}, (0, 0, 0)),
	],
)
def test_a_row_costs_its_list_price_with_what_pricing_rules_add_and_take_off(world, monkeypatch, found, price):
	asked = []
	details = {"uom": "Box", "conversion_factor": 10, **found}
	fake = SimpleNamespace(get_item_details=lambda about, *_around: asked.append(about) or frappe._dict(details))
	monkeypatch.setitem(sys.modules, "erpnext.stock.get_item_details", fake)
	doc = frappe._dict(company=world.company, currency=world.currency, customer=world.customer, conversion_rate=1)
	doc.update({"selling_price_list": world.price_list, "transaction_date": "2026-06-01"})
	answer = prices.list_price(doc, frappe._dict(item_code=world.pump, qty=4, uom="Box", conversion_factor=10))
	assert (answer["price_list_rate"], answer["discount_percentage"], answer["rate"]) == price
	assert (answer["uom"], answer["conversion_factor"]) == ("Box", 10)
	[about] = asked
	expected = {
		"item_code": world.pump, "qty": 4, "uom": "Box", "conversion_factor": 10, "customer": world.customer,
		"price_list": world.price_list, "selling_price_list": world.price_list, "conversion_rate": 1,
		"plc_conversion_rate": 1.0, "transaction_date": "2026-06-01", "ignore_pricing_rule": 0,
		"company": world.company, "currency": world.currency,
	}  # fmt: skip
	assert {field: about[field] for field in expected} == expected


def test_a_price_list_in_another_currency_counts_at_its_rate(world, monkeypatch):
	asked = []
	fake = SimpleNamespace(get_item_details=lambda about, *_around: asked.append(about) or frappe._dict())
	monkeypatch.setitem(sys.modules, "erpnext.stock.get_item_details", fake)
	own, foreign = [currency for currency in ("EUR", "GBP", "CHF") if currency != world.currency][:2]
	rate = SimpleNamespace(get_exchange_rate=lambda currency, _own, *_more: {own: 1.25, foreign: 1.5}[currency])
	monkeypatch.setitem(sys.modules, "erpnext.setup.utils", rate)
	name = rows.row("Price List", docstatus=0, currency=own, enabled=1)
	doc = frappe._dict(company=world.company, currency=foreign, selling_price_list=name, contract_date="2026-06-02")
	prices.list_price(doc, frappe._dict(item_code=world.pump, qty=1))
	[about] = asked
	assert (about.plc_conversion_rate, about.conversion_rate, about.price_list_currency) == (1.25, 1.5, own)
	assert about.transaction_date == "2026-06-02"


def test_the_price_of_an_unsaved_row_is_asked_for_as_the_form_has_it(monkeypatch):
	monkeypatch.setattr(prices, "list_price", lambda doc, row: {"doc": doc.company, "row": row.item_code})
	assert api.get_list_price({"company": "Ours"}, {"item_code": "Pump"}) == {"doc": "Ours", "row": "Pump"}
	assert api.get_list_price({}, {}) == {"doc": None, "row": None}


@pytest.mark.parametrize(("kind", "off", "missing"), [("Won", 0, []), ("Won", 1, ["Won"]), ("Lost", 1, ["Lost"])])
def test_a_pipeline_says_of_which_type_it_has_no_stage_in_use(site, kind, off, missing):
	frappe.db.set_value("Pipeline Stage", {"pipeline": "Standard Sales", "stage_type": kind}, "disabled", off)
	assert pipelines.missing_types("Standard Sales") == missing


def test_giving_a_hidden_deal_to_its_own_owner_tells_nothing_of_it(sale, as_user):
	as_user("other_rep")
	hidden = sale.opportunity()
	set_apart()
	as_user("rep")
	found = api.reassign_deals(DEAL, [hidden.name], hidden.sales_owner)
	assert (found["done"], [row["name"] for row in found["refused"]]) == (0, [hidden.name])


def test_a_percent_sign_in_a_name_breaks_no_list(site, monkeypatch):
	sight = people.Visibility(("100% Sales",), ("a%b@x.example",))
	monkeypatch.setattr(people, "visibility_of", lambda user: sight)
	monkeypatch.setattr(permissions, "reads_by_role", lambda doctype, user: True)
	monkeypatch.setattr(permissions, "_seen", lambda owned, user: permissions._mine(sight, user, owned))
	for condition in (
		permissions.owned_condition("a%b@x.example", DEAL),
		permissions.attached_condition("a%b@x.example", "Sales Activity"),
	):
		assert "%" not in condition and condition.count("char(37)") >= 3


@pytest.mark.parametrize(
	("made", "docstatus", "submittable", "counts"),
	[
		(PROJECT, 0, False, (True, True)),
		("Sales Contract", 0, True, (True, False)),
		("Sales Contract", 1, True, (True, True)),
		("Sales Contract", 2, True, (False, False)),
	],
)
def test_what_is_never_submitted_counts_as_submitted_for_a_gate(sale, made, docstatus, submittable, counts):
	deal = sale.opportunity()
	rows.row(made, docstatus=docstatus, source_type=DEAL, source_name=deal.name)
	assert bool(frappe.get_meta(made).is_submittable) is submittable
	there, submitted = stage_gates._documents(deal)
	assert (made in there, made in submitted) == counts


@pytest.mark.parametrize(("name", "seen"), [("gone", True), (None, True), ("hidden", False), ("own", True)])
def test_what_is_about_a_document_that_is_gone_stays_in_sight(sale, as_user, name, seen):
	as_user("other_rep")
	names = {"hidden": sale.opportunity().name}
	as_user("rep")
	names["own"] = sale.opportunity().name
	set_apart()
	memo = frappe.new_doc("Sales Memo")
	memo.update({"reference_doctype": DEAL, "reference_name": names.get(name, name)})
	assert permissions.has_attached_permission(memo, "read", REP) is seen


def test_a_link_that_fitted_is_refused_once_the_company_is_another(sale, world):
	contract = sale.contract(submit=False)
	template = rows.row("Sales Taxes and Charges Template", docstatus=0, company=world.company)
	contract.db_set("taxes_and_charges", template)
	contract.reload()
	contract._doc_before_save = frappe.get_doc(contract.doctype, contract.name)
	of_company.check(contract)
	contract.company = "Another"
	with refused(match=f"{template}.* belongs to company .*{world.company}.*. Choose one of .*Another"):
		of_company.check(contract)
	contract._doc_before_save.company = "Another"
	of_company.check(contract)
