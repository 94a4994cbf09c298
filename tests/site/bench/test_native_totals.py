"""Every sum of ours is the one that ERPNext's own Quotation and Sales Order say."""

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.analytics.deal_values import Deals
from crm_pipeline.analytics.forecast_scope import ForecastScope
from tests.site.bench import form_world
from tests.site.bench.test_hand_off_agreed import _template

ROWS = {
	"plain": ((1, 119, 0), (2, 59.5, 0)),
	"cents": ((3, 3.37, 10), (7, 1.43, 12.5), (1, 0.07, 0)),
}
TAXES = ("none", "outside", "inside")
DISCOUNTS = (None, ("Net Total", 7.5, 0), ("Net Total", 0, 3.33), ("Grand Total", 12, 0), ("Grand Total", 0, 2.01))
CURRENCIES = ("own", "foreign", "foreign with its own list")


def items(world, rows, list_priced: bool) -> list[dict]:
	codes = (world.pump, world.filter, world.service)
	return [
		{"item_code": code, "qty": qty, "discount_percentage": discount}
		| ({} if list_priced else {"price_list_rate": rate, "rate": 0})
		for code, (qty, rate, discount) in zip(codes, rows, strict=False)
	]


@pytest.fixture
def foreign_list(world):
	currency = "EUR" if world.currency != "EUR" else "CHF"
	frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_single_value("Currency Exchange Settings", "disabled", 1)
	frappe.get_doc(
		{"doctype": "Currency Exchange", "date": "2020-01-01", "from_currency": currency, "to_currency": world.currency,
		"exchange_rate": 0.937, "for_selling": 1, "for_buying": 1}
	).insert()  # fmt: skip
	price_list = frappe.get_doc(
		{
			"doctype": "Price List",
			"price_list_name": f"Abroad {world.tag}",
			"currency": currency,
			"selling": 1,
			"enabled": 1,
		}
	).insert()
	for code, price in ((world.pump, 119), (world.filter, 3.37), (world.service, 0.07)):
		frappe.get_doc(
			{"doctype": "Item Price", "item_code": code, "price_list": price_list.name, "price_list_rate": price}
		).insert()
	return price_list


def default_taxes(world, kind: str) -> None:
	if kind == "none":
		return
	name = _template(world, kind, 19)
	template = frappe.get_doc("Sales Taxes and Charges Template", name)
	template.taxes[0].included_in_print_rate = int(kind == "inside")
	template.append("taxes", {**template.taxes[0].as_dict(no_default_fields=True), "rate": 2.5})
	template.is_default = 1
	template.save()


def said(doc) -> tuple:
	return tuple(float(doc.get(field) or 0) for field in ("total", "base_total", "net_total", "base_net_total"))


def ours(doc) -> tuple:
	return tuple(float(doc.get(field) or 0) for field in ("total", "base_total", "amount", "base_amount"))


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("tax", TAXES)
def test_own_sums_equal_the_native_ones(sale, world, foreign_list, tax, currency):
	default_taxes(world, tax)
	values = {}
	if currency != "own":
		values = {"currency": foreign_list.currency, "conversion_rate": 0.937}
	listed = currency == "foreign with its own list"
	if listed:
		values["selling_price_list"] = foreign_list.name
	for rows, discount in [(ROWS["plain"], None), *((ROWS["cents"], discount) for discount in DISCOUNTS)]:
		agreed = dict(
			zip(
				("apply_discount_on", "additional_discount_percentage", "discount_amount"), discount or (), strict=False
			)
		)
		contract = sale.contract(items=items(world, rows, listed), **values, **agreed)
		request = sale.request(contract, submit=False)
		assert ours(request) == ours(contract)
		request.submit()
		order = sale.accept(request)
		assert ours(contract) == said(order), (rows, discount)
		assert frappe.db.get_value(request.doctype, request.name, "ordered_amount") == order.base_net_total
		if discount:
			continue
		deal = sale.opportunity(items=items(world, rows, listed), **values)
		quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
		assert (deal.items_total, deal.amount, deal.base_amount) == (
			quotation.total,
			quotation.net_total,
			quotation.base_net_total,
		)
		quotation.submit()
		from_quotation = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
		assert ours(from_quotation) == said(quotation)


def test_a_price_of_119_with_19_percent_in_it_is_100(sale, world):
	template = frappe.get_doc("Sales Taxes and Charges Template", _template(world, "in", 19))
	template.taxes[0].included_in_print_rate = 1
	template.is_default = 1
	template.save()
	deal = sale.opportunity(items=[{"item_code": world.pump, "qty": 1, "rate": 119}])
	assert (deal.amount, deal.base_amount, deal.items_total) == (100, 100, 119)
	contract = sale.contract(items=[{"item_code": world.pump, "qty": 1, "rate": 119}])
	assert (contract.total, contract.amount) == (119, 100)
	order = sale.order(deal)
	assert order.net_total == 100
	# The rows of a deal add up to it, tax or no tax.
	other = sale.opportunity(
		items=[{"item_code": world.pump, "qty": 2, "rate": 119}, {"item_code": world.service, "qty": 1, "rate": 11.9}]
	)
	assert other.amount == 210
	for code, part in ((world.pump, 200), (world.service, 10)):
		found = Deals(
			other.doctype, ForecastScope.of({"company": world.company, "item_code": code}), nowdate(), won=False
		)
		[amount] = found.query.select(found.amount).where(found.deal.name == other.name).run(pluck=True)
		assert amount == pytest.approx(part)
	estimate = frappe.get_doc("Cost Estimate", api.make_cost_estimate(other.doctype, other.name)["name"])
	assert estimate.selling_amount == 210
	# A deal of somebody who is no customer yet gets the company's taxes.
	lead = sale.lead(items=[{"item_code": world.pump, "qty": 1, "rate": 119}])
	assert lead.amount == 100


def test_taxes_of_the_contract_and_of_the_customers_rule_decide_before_the_default(sale, world):
	default_taxes(world, "outside")
	inside = frappe.get_doc("Sales Taxes and Charges Template", _template(world, "rule", 25))
	inside.taxes[0].included_in_print_rate = 1
	inside.save()
	row = [{"item_code": world.pump, "qty": 1, "rate": 125}]
	assert sale.opportunity(items=row).amount == 125
	assert sale.contract(items=row, taxes_and_charges=inside.name).amount == 100
	frappe.get_doc(
		{"doctype": "Tax Rule", "tax_type": "Sales", "customer": world.customer, "company": world.company,
		"sales_tax_template": inside.name, "priority": 1}
	).insert()  # fmt: skip
	deal = sale.opportunity(items=row)
	assert deal.amount == 100
	assert sale.order(deal).net_total == 100


def test_an_item_with_another_rate_is_taken_at_its_own(sale, world):
	template = frappe.get_doc("Sales Taxes and Charges Template", _template(world, "mixed", 19))
	template.taxes[0].included_in_print_rate = 1
	template.is_default = 1
	template.save()
	account = template.taxes[0].account_head
	reduced = frappe.get_doc(
		{"doctype": "Item Tax Template", "title": f"Reduced {world.tag}", "company": world.company,
		"taxes": [{"tax_type": account, "tax_rate": 7}]}
	).insert()  # fmt: skip
	item = frappe.get_doc("Item", world.filter)
	item.append("taxes", {"item_tax_template": reduced.name})
	item.save()
	rows = [{"item_code": world.pump, "qty": 1, "rate": 119}, {"item_code": world.filter, "qty": 1, "rate": 107}]
	contract = sale.contract(items=rows)
	assert contract.amount == 200
	assert sale.order(contract).net_total == 200


def item_tax(world, account: str, rate: float) -> str:
	values = {"doctype": "Item Tax Template", "title": f"{rate} % {world.tag}", "company": world.company}
	return frappe.get_doc({**values, "taxes": [{"tax_type": account, "tax_rate": rate}]}).insert().name


def test_the_tax_that_a_row_of_the_quotation_has_of_its_own_goes_along(sale, world):
	template = frappe.get_doc("Sales Taxes and Charges Template", _template(world, "in", 19))
	template.taxes[0].included_in_print_rate = 1
	template.save()
	low = item_tax(world, template.taxes[0].account_head, 7)
	quotation = sale.quotation(
		items=[{**row, "item_tax_template": tax} for row, tax in zip(sale.rows((world.pump, 1, 107), (world.service, 1, 119)), (low, None), strict=True)],
		taxes_and_charges=template.name,
		taxes=[row.as_dict(no_default_fields=True) for row in template.taxes],
	)  # fmt: skip
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.append("items", {"item_code": world.filter, "qty": 1, "rate": 119})
	contract.save()
	contract.submit()
	order = sale.order(contract)
	assert quotation.net_total == 200 and contract.amount == order.net_total == 300


def test_a_tax_that_only_items_bring_is_on_the_print_of_a_contract(sale, world):
	levy = item_tax(world, form_world.tax_account(world, "Levy"), 5)
	pump = frappe.get_doc("Item", world.pump)
	pump.append("taxes", {"item_tax_template": levy})
	pump.save()
	contract = sale.contract()
	order = sale.order(contract)
	printed = contract.print_figures()
	assert [line["amount"] for line in printed["taxes"]] == [row.tax_amount for row in order.taxes] == [20]
	assert printed["grand_total"] == order.grand_total == 500
