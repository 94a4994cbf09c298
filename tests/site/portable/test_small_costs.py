"""Small rules of costs and of what an order is charged: the gate's exceptions, roundings, currencies, repeated items."""

import copy
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import item_rows
from crm_pipeline.core.chain import Ref
from crm_pipeline.costs import cost_estimates, cost_gate, deal_margin
from crm_pipeline.costs.cost_gate import CostGateError
from crm_pipeline.erp import form_values, native_totals, quoted
from crm_pipeline.orders import fixed_charges, native_order
from tests.site import rows
from tests.site.hosts import HOST
from tests.site.portable.test_cost_gate import gate
from tests.site.world import refused, without_right

DEAL, QUOTATION = "Sales Opportunity", "Quotation"


# ---- the cost gate


@pytest.mark.parametrize(
	("value", "apart_from", "words"),
	[
		(20.0, None, "20 %"),
		(0.0, None, "0 %"),
		(100.0, None, "100 %"),
		(-12.346, None, "-12.35 %"),
		(12.5, 20.0, "12.5 %"),
		(20.004, 20.0, "20.004 %"),
		(20.00412345, 20.0, "20.0041 %"),
		(19.99999, 20.0, "19.99999 %"),
		(19.9999999, 20.0, "19.9999999 %"),
	],
)
def test_a_margin_reads_otherwise_than_the_floor_that_it_misses(value, apart_from, words):
	assert cost_gate._percent(value, apart_from) == words


@pytest.fixture
def offered(sale, world):
	"""A quotation of a deal without an estimate, as it stands in a save; the gate is on."""
	gate()
	deal = sale.opportunity()
	doc = frappe.new_doc(QUOTATION)
	doc.update({"name": f"Q {world.tag}", "docstatus": 1, "company": world.company, "currency": world.currency})
	doc.update({"crm_source_type": DEAL, "crm_source_name": deal.name})
	for code, qty in ((world.pump, 4), (world.service, 1)):
		row = {"item_code": code, "qty": qty, "rate": 100, "conversion_factor": 1, "base_net_amount": 100 * qty}
		doc.append("items", row)
	doc._doc_before_save = copy.deepcopy(doc)
	return doc


def test_a_submitted_quotation_that_offers_the_same_may_change_whatever_its_costs_are(offered):
	cost_gate.before_update_after_submit(offered)
	offered.items[0].rate = 99
	offered.terms = "Others"
	cost_gate.before_update_after_submit(offered)
	assert cost_gate._same_offer(offered)


@pytest.mark.parametrize("field", ["item_code", "qty", "conversion_factor", "base_net_amount"])
def test_a_submitted_quotation_that_offers_something_else_is_judged_again(offered, world, field):
	offered.items[1].set(field, world.filter if field == "item_code" else 7)
	with refused(CostGateError, match="no approved cost estimate"):
		cost_gate.before_update_after_submit(offered)
	gate("Off")
	cost_gate.before_update_after_submit(offered)


def test_a_row_more_or_less_is_another_offer_too(offered):
	offered.items = offered.items[:1]
	with refused(CostGateError, match="no approved cost estimate"):
		cost_gate.before_update_after_submit(offered)
	offered._doc_before_save = None
	with refused(CostGateError, match="no approved cost estimate"):
		cost_gate.before_update_after_submit(offered)


def test_where_a_quotation_came_from_is_known_of_its_last_version(offered, world):
	deal = Ref(DEAL, offered.crm_source_name)
	offered.crm_source_name = None
	assert cost_gate._stored_source(offered) == deal
	offered._doc_before_save = None
	assert cost_gate._stored_source(offered) is None
	offered.amended_from = f"Gone {world.tag}"
	assert cost_gate._stored_source(offered) is None
	amended = {"crm_source_type": deal.doctype, "crm_source_name": deal.name}
	offered.amended_from = rows.row(QUOTATION, docstatus=2, company=world.company, **amended)
	assert cost_gate._stored_source(offered) == deal
	with refused(CostGateError, match="would pass the cost gate unseen"):
		cost_gate.check_leaving(offered)
	gate("Off")
	cost_gate.check_leaving(offered)


# ---- estimates


def test_other_costs_are_rounded_one_by_one(sale):
	deal = sale.opportunity()
	estimate = frappe.get_doc("Cost Estimate", cost_estimates.make(deal.doctype, deal.name).name)
	precision = estimate.precision("cost_amount")
	cent = 10.0**-precision
	for amount in (30, 0.4 * cent, 0.4 * cent, 2.6 * cent):
		estimate.append("other_costs", {"description": "Freight", "amount": amount})
	cost_estimates.set_results(estimate)
	assert [round(row.amount, 9) for row in estimate.other_costs] == [30, 0, 0, round(3 * cent, 9)]
	assert estimate.other_cost == pytest.approx(30 + 3 * cent, abs=cent / 100)
	assert estimate.cost_amount == pytest.approx(estimate.item_cost + estimate.other_cost, abs=cent / 100)


def test_a_draft_that_somebody_may_not_see_is_not_named_to_them(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	made = cost_estimates.make(deal.doctype, deal.name)
	assert cost_estimates.make(deal.doctype, deal.name) == made
	as_user("stranger")
	with refused(frappe.PermissionError, match="There is a Cost Estimate already") as _said:
		cost_estimates.make(deal.doctype, deal.name)


# ---- charges and taxes of a quotation


@pytest.mark.parametrize(
	("of_quotation", "of_document", "worth"),
	[(("EUR", 2), ("EUR", 9), 1), (("EUR", 2), ("USD", 4), 0.5), (("EUR", 2), ("USD", None), 2), (("USD", 1), ("EUR", 2), 0.5)],
)  # fmt: skip
def test_a_fixed_charge_keeps_its_worth_in_another_currency(of_quotation, of_document, worth):
	one, other = (frappe._dict(currency=given[0], conversion_rate=given[1]) for given in (of_quotation, of_document))
	assert quoted.in_currency_of(one, other) == worth


def test_of_a_quotation_s_taxes_the_fixed_ones_alone_follow_the_currency(sale, world, monkeypatch):
	monkeypatch.setattr(form_values, "fill_party", lambda *about: None)
	monkeypatch.setattr(form_values, "fill_taxes", lambda *about: None)
	monkeypatch.setattr(native_totals, "_set_item_taxes", lambda *about: None)

	def tax(kind, amount):
		values = frappe._dict(charge_type=kind, tax_amount=amount, description=kind)
		return SimpleNamespace(as_dict=lambda **how: frappe._dict(values))

	taxes = [tax("Actual", 50), tax("On Net Total", 19)]
	quotation = SimpleNamespace(taxes_and_charges="Theirs", taxes=taxes, currency="EUR", conversion_rate=3, items=[])
	contract = sale.contract(submit=False)
	told = lambda: [row.tax_amount for row in native_totals._unsaved_order(contract, quotation).taxes]  # noqa: E731
	assert told() == [150, 19]
	quotation.currency = contract.currency
	assert told() == [50, 19]


def test_what_a_contract_agreed_of_a_quotation_is_that_of_its_own_rows(world):
	one, other = f"C1 {world.tag}", f"C2 {world.tag}"
	for contract, quotation, amount in (
		(one, "QTN-1", 200), (one, "QTN-1", 50), (one, "QTN-2", 9), (one, None, 9), (other, "QTN-1", 9),
	):  # fmt: skip
		rows.row("Sales Contract Item", parent=contract, quotation=quotation, amount=amount)
	assert fixed_charges._agreed_of("QTN-1", one) == 250
	assert fixed_charges._agreed_of("QTN-1", "None") == 0


def test_what_orders_bear_of_a_charge_is_added_up_by_account_and_words(world, monkeypatch):
	HOST.other_tables(monkeypatch, "Sales Taxes and Charges||account_head")
	one, two = f"O1 {world.tag}", f"O2 {world.tag}"
	for parent, kind, account, words, charge, amount in (
		(one, "Sales Order", "Freight", None, "Actual", 20), (two, "Sales Order", "Freight", "", "Actual", 5),
		(two, "Sales Order", "Freight", "Sea", "Actual", 7), (one, "Sales Order", "VAT", None, "On Net Total", 19),
		(one, "Quotation", "Freight", None, "Actual", 100), ("Else", "Sales Order", "Freight", None, "Actual", 100),
	):  # fmt: skip
		rows.row("Sales Taxes and Charges", parent=parent, parenttype=kind, account_head=account, description=words,
			charge_type=charge, tax_amount=amount)  # fmt: skip
	assert fixed_charges._borne([one, two]) == {("Freight", ""): 25, ("Freight", "Sea"): 7}
	assert fixed_charges._borne([one]) == {("Freight", ""): 20} and fixed_charges._borne([]) == {}


# ---- rows and projects


@pytest.mark.parametrize(
	("second", "repeated"),
	[
		({}, True), ({"description": "Blue"}, False), ({"warehouse": "Other"}, False), ({"item_code": "filter"}, False),
		({"qty": 9, "rate": 7}, True),
	],
)  # fmt: skip
def test_an_item_comes_twice_with_other_words_or_from_another_warehouse_alone(world, second, repeated):
	doc = frappe.new_doc("Sales Order Request")
	second = {**second, **({"item_code": world.filter} if "item_code" in second else {})}
	for idx, values in enumerate(({}, second), start=1):
		doc.append("items", {"idx": idx, "item_code": world.pump, "qty": 1, **values})
	frappe.db.set_single_value("Selling Settings", "allow_multiple_items", 1)
	item_rows.check_repeated(doc)
	frappe.db.set_single_value("Selling Settings", "allow_multiple_items", 0)
	if repeated:
		with refused(match=f"Row 2.*{world.pump}.* is in an earlier row"):
			item_rows.check_repeated(doc)
	else:
		item_rows.check_repeated(doc)


def test_an_order_belongs_to_that_project_of_its_customer_that_the_sale_names(world, monkeypatch):
	about = {"company": world.company, "customer": world.customer, "docstatus": 0}
	first, named, last = (rows.row("Project", name=f"{key} {world.tag}", **about) for key in "ABC")
	sales = rows.bare_deal(world, "Sluice", "Sales Project", erp_project=named)
	monkeypatch.setattr(native_order.graph, "ancestors", lambda *about: [Ref("Sales Project", sales)])
	request = SimpleNamespace(doctype="Sales Order Request", name="R", company=world.company, customer=world.customer)
	assert native_order._erp_project(request) == named and first and last
	frappe.db.delete("Project", {"name": named})
	assert native_order._erp_project(request) is None


# ---- who sees the margin of a deal


def test_what_is_left_of_a_deal_is_for_who_may_read_cost_estimates(sale, as_user, monkeypatch):
	monkeypatch.setattr(deal_margin, "margin_of", lambda deal: {"margin": deal.amount})
	as_user("rep")
	deal = sale.opportunity()
	assert api.get_margin(deal.doctype, deal.name) == {"margin": 480}
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_margin(deal.doctype, deal.name)
	as_user("rep")
	without_right(monkeypatch, "Cost Estimate", "read")
	with refused(frappe.PermissionError):
		api.get_margin(deal.doctype, deal.name)
