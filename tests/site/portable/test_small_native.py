"""What ERPNext's own documents are told and given: their chain, dimensions, taxes of items, charges, rows that can be sold."""

import sys
from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline import access_explained
from crm_pipeline.chain import ribbon_steps
from crm_pipeline.erp import form_values, native_totals, payment_schedule, prices
from crm_pipeline.orders import fixed_charges, native_order
from crm_pipeline.overrides import delivery_note, payment_entry, quotation, sales_invoice, sales_order
from tests.site.conftest import USERS
from tests.site.portable.test_small_orders import offer, requested
from tests.site.world import refused

REP = USERS["rep"][0]


def asked_of_erpnext(monkeypatch, module: str, **functions) -> None:
	"""Answers of ERPNext's own functions, whichever host the test runs on."""
	monkeypatch.setitem(sys.modules, module, SimpleNamespace(**functions))


# ---- forms


@pytest.mark.parametrize("module", [quotation, sales_order, sales_invoice, delivery_note, payment_entry])
def test_every_document_of_a_sale_says_whether_there_is_a_chain_to_show(monkeypatch, module):
	told = {}
	doc = SimpleNamespace(
		doctype="Any",
		name="X-1",
		docstatus=0,
		is_new=lambda: False,
		set_onload=told.__setitem__,
		get=lambda field: None,
	)
	for chained in (True, False):
		monkeypatch.setattr(ribbon_steps, "in_chain", lambda doc, chained=chained: chained)
		module.onload(doc)
		assert told == {"crm_chain": chained}
	doc.is_new = lambda: True
	monkeypatch.setattr(ribbon_steps, "in_chain", lambda doc: True)
	module.onload(doc)
	assert told == {"crm_chain": False}


@pytest.mark.parametrize(
	("docstatus", "source", "pipeline", "told"),
	[(1, "OPP-1", "Sales", True), (1, "OPP-1", None, False), (0, "OPP-1", "Sales", None), (1, None, "Sales", None)],
)
def test_a_submitted_quotation_says_whether_the_order_desk_makes_its_orders(
	monkeypatch, docstatus, source, pipeline, told
):
	monkeypatch.setattr(ribbon_steps, "onload", lambda doc: None)
	monkeypatch.setattr(quotation.past_desk, "desk_pipeline", lambda doc: pipeline)
	found = {}
	doc = SimpleNamespace(docstatus=docstatus, set_onload=found.__setitem__, get={"crm_source_name": source}.get)
	quotation.onload(doc)
	assert found.get("crm_by_desk") is told


# ---- what ERPNext's forms fill in


def with_fields(*fields: str, **values):
	"""A document, or a row, that has these fields and values."""
	meta = SimpleNamespace(has_field=lambda name: name in fields)
	return SimpleNamespace(values=values, meta=meta, get=values.get, set=values.__setitem__, items=[])


def test_default_dimensions_of_the_company_are_on_the_document_and_its_rows(monkeypatch):
	defaults = {"Ours": {"department": "Sales", "project": None, "no_such": "x"}, "Another": {"department": "South"}}
	module = "erpnext.accounts.doctype.accounting_dimension.accounting_dimension"
	asked_of_erpnext(monkeypatch, module, get_dimensions=lambda with_defaults: ([], defaults))
	doc, row = with_fields("department", "project", project="P-1"), with_fields("department")
	chosen, without = with_fields("department", department="Mine"), with_fields()
	doc.company, doc.items = "Ours", [row, chosen, without]
	form_values._fill_dimensions(doc)
	assert [one.values for one in (doc, *doc.items)] == [
		{"department": "Sales", "project": "P-1"}, {"department": "Sales"}, {"department": "Mine"}, {},
	]  # fmt: skip
	doc.company, doc.items = "Third", [empty := with_fields("department")]
	form_values._fill_dimensions(doc)
	assert empty.values == {}


def test_each_item_is_taxed_by_its_own_template_in_company_currency(world, monkeypatch):
	asked, run, others = [], [], frappe.get_attr
	template = lambda about, item: asked.append((about, item.name)) or f"Tax of {item.name}"  # noqa: E731
	monkeypatch.setattr(frappe, "get_attr", lambda path: template if path == native_totals.ITEM_TAX else others(path))
	order = SimpleNamespace(
		items=[frappe._dict(item_code=world.pump, rate=5), frappe._dict(item_code=world.service, rate=7)],
		company=world.company, tax_category="Export", transaction_date="2026-06-01", conversion_rate=2, run_method=run.append,
	)  # fmt: skip
	native_totals._set_item_taxes(order, {})
	assert [row.item_tax_template for row in order.items] == [f"Tax of {world.pump}", f"Tax of {world.service}"]
	assert run == ["append_taxes_from_item_tax_template"]
	common = {"company": world.company, "tax_category": "Export", "transaction_date": "2026-06-01"}
	assert asked == [
		({"item_code": world.pump, "base_net_rate": 10, **common}, world.pump),
		({"item_code": world.service, "base_net_rate": 14, **common}, world.service),
	]
	native_totals._set_item_taxes(order, {1: None, 0: "As quoted"})
	assert [row.item_tax_template for row in order.items] == ["As quoted", None] and len(asked) == 2


def test_a_row_has_the_item_tax_of_the_quoted_row_that_it_came_from():
	quotation = SimpleNamespace(items=[frappe._dict(name="a", item_tax_template="Low"), frappe._dict(name="b")])
	doc = SimpleNamespace(items=[frappe._dict(quotation_item=name) for name in (None, "b", "a", "elsewhere")])
	assert native_totals._quoted_item_taxes(doc, quotation) == {1: None, 2: "Low"}
	assert native_totals._quoted_item_taxes(doc, None) == {}


@pytest.mark.parametrize(("template", "brings", "runs"), [(None, 1, 1), ("Low", 0, 2), ("Low", 1, 3)])
def test_taxes_that_only_items_bring_are_worked_out_too(template, brings, runs):
	ran = []
	order = SimpleNamespace(items=[frappe._dict(item_tax_template=template)], taxes=["VAT"])

	def run(method):
		ran.append(method)
		if method == "append_taxes_from_item_tax_template":
			order.taxes += ["Levy"] * brings

	order.run_method = run
	native_totals._calculate(order)
	assert len(ran) == runs and ran[0] == "calculate_taxes_and_totals"
	assert (ran[-1] == "calculate_taxes_and_totals") is not (template == "Low" and not brings)


def test_an_exchange_rate_that_nobody_knows_is_said_and_the_own_currency_needs_none(world, monkeypatch):
	asked, answers = [], {"EUR": 1.25, "XXX": 0}
	rate = lambda *about: asked.append(about) or answers[about[0]]  # noqa: E731
	asked_of_erpnext(monkeypatch, "erpnext.setup.utils", get_exchange_rate=rate)
	assert prices.exchange_rate("EUR", world.company, "2026-06-01") == 1.25
	assert asked == [("EUR", world.currency, "2026-06-01", "for_selling")]
	assert prices.exchange_rate(world.currency, world.company) == 1 and len(asked) == 1
	with refused(match="no exchange rate from .*XXX.* to"):
		prices.exchange_rate("XXX", world.company)


@pytest.mark.parametrize(
	("basis", "discount", "expected"),
	[
		("Day(s) after invoice date", "2026-06-20", (date(2026, 7, 1), date(2026, 6, 20))),
		("Day(s) after invoice date", None, (date(2026, 7, 1), None)),
		(None, "2026-06-20", (None, None)),
	],
)
def test_the_dates_of_a_term_are_erpnext_s_for_the_day_of_the_document(monkeypatch, basis, discount, expected):
	asked, others = [], frappe.get_attr
	found = frappe._dict(due_date="2026-07-01", discount_date=discount)
	details = lambda term, posting_date: asked.append((term.due_date_based_on, posting_date)) or found  # noqa: E731
	monkeypatch.setattr(
		frappe, "get_attr", lambda path: details if path == payment_schedule.TERM_DETAILS else others(path)
	)
	term = SimpleNamespace(get={"due_date_based_on": basis}.get, as_dict=lambda: {"due_date_based_on": basis})
	day = getdate("2026-06-01")
	assert payment_schedule._dates(term, day) == expected
	assert asked == ([(basis, day)] if basis else [])
	assert payment_schedule._dates(None, day) == (None, None)


# ---- orders of a quotation


def test_a_charge_is_borne_once_by_all_orders_together(site, monkeypatch):
	asked = []

	def lines(table, filters, fields, **how):
		asked.append((table, filters))
		given = (("Freight", "By sea", 20), ("Freight", "By sea", 5), ("Freight", None, 7))
		return [frappe._dict(zip(fields, line, strict=True)) for line in given]

	monkeypatch.setattr(frappe, "get_all", lines)
	assert fixed_charges._borne(["SO-1", "SO-2"]) == {("Freight", "By sea"): 25, ("Freight", ""): 7}
	of_orders = {"parenttype": "Sales Order", "parent": ("in", ["SO-1", "SO-2"]), "charge_type": "Actual"}
	assert asked == [("Sales Taxes and Charges", of_orders)]


@pytest.mark.parametrize("unsold", [True, False])
def test_where_another_row_can_t_be_sold_any_more_those_that_are_asked_for_are_mapped_alone(
	sale, world, monkeypatch, unsold
):
	name, (asked, other) = offer(world, (world.pump, 4, 100), (world.filter, 1, 12))
	request = requested(sale)
	request.items = request.items[:1]
	request.items[0].quotation_item = asked
	mapped, ordered = [], []
	monkeypatch.setattr(native_order.usable, "any_unsold", lambda quotation, leave_out: unsold and leave_out == {asked})
	monkeypatch.setattr(native_order, "get_mapped_doc", lambda *about: mapped.append(about))
	monkeypatch.setattr(native_order.quoted, "order_of", lambda *about: ordered.append(about))
	monkeypatch.setattr(native_order, "_was_valid", lambda quotation, on: "then")
	native_order._mapped(request, name)
	if not unsold:
		assert (ordered, mapped) == ([(name, "then")], [])
		return
	[(doctype, source, tables)] = mapped
	assert (doctype, source, tables["Quotation"]["doctype"]) == ("Quotation", name, "Sales Order")
	taken = tables["Quotation Item"]["condition"]
	assert taken(frappe._dict(name=asked)) and not taken(frappe._dict(name=other))
	assert tables["Quotation Item"]["field_map"] == {"parent": "prevdoc_docname", "name": "quotation_item"}
	assert tables["Sales Taxes and Charges"]["reset_value"] is True


# ---- why somebody may not see a document


@pytest.mark.parametrize(("strict", "empty"), [(0, False), (1, True)])
def test_links_that_user_permissions_refuse_are_named_in_the_document_and_its_rows(
	sale, world, monkeypatch, strict, empty
):
	deal = sale.opportunity()
	given = {
		"Customer": [{"doc": "Another"}],
		"Item": [{"doc": world.pump}],
		"Sales Campaign": [{"doc": "Boat show"}],
		"Territory": [{"doc": "North", "applicable_for": "Sales Lead"}],
	}
	monkeypatch.setattr(access_explained, "get_user_permissions", lambda user: given if user == REP else {})
	monkeypatch.setattr(frappe.db, "get_single_value", lambda *about: strict)
	found = dict(access_explained._limits(REP, deal))
	assert found["Customer"] == world.customer and found["Item"] == world.service
	assert found.get("Campaign") == ("Empty" if empty else None) and "Territory" not in found
	assert access_explained._limits("other", deal) == ()
	given.clear()
	given[deal.doctype] = [{"doc": "OPP-other"}]
	assert access_explained._limits(REP, deal) == ((deal.doctype, deal.name),)


@pytest.mark.parametrize(
	("given", "company", "expected"),
	[
		({}, ("Usual", "Head"), ("Usual", "text of Usual", "Head")),
		({"tc_name": "Chosen"}, ("Usual", None), ("Chosen", "text of Chosen", None)),
		({"terms": "Agreed"}, ("Usual", "Head"), (None, "Agreed", "Head")),
		({"tc_name": "Chosen", "terms": "Agreed", "letter_head": "Own"}, ("Usual", None), ("Chosen", "Agreed", "Own")),
		({"letter_head": "Site"}, (None, "Head"), (None, None, "Head")),
	],
)
def test_terms_and_letter_head_are_the_company_s_where_none_were_agreed(monkeypatch, given, company, expected):
	others = frappe.get_attr
	text = lambda name, doc: f"text of {name}"  # noqa: E731
	monkeypatch.setattr(frappe, "get_attr", lambda path: text if path == form_values.TERMS else others(path))
	usual = dict(zip(("default_selling_terms", "default_letter_head"), company, strict=True))
	monkeypatch.setattr(frappe, "get_cached_value", lambda doctype, name, field: usual[field])
	doc = SimpleNamespace(**{"company": "Ours", "tc_name": None, "terms": None, "letter_head": None, **given})
	doc.as_dict = dict
	form_values._fill_from_company(doc)
	assert (doc.tc_name, doc.terms, doc.letter_head) == expected


@pytest.mark.parametrize(
	("own", "of_all", "expected"),
	[
		("Own", "Shared", "Own"),
		(None, "Shared", "Shared"),
		("Own", None, "Own"),
		("", "Shared", "Shared"),
		(None, None, None),
	],
)
def test_the_warehouse_of_a_row_goes_before_that_of_the_whole_request(sale, own, of_all, expected):
	request = requested(sale)
	request.set_warehouse = of_all
	request.items[0].warehouse = own
	assert native_order._row_values(request, request.items[0]).get("warehouse") == expected
