"""Items of a deal go by the price list, as in ERPNext's Quotation."""

import pytest

from tests.browser.records import make
from tests.browser.test_deal import add_item, open_deal


@pytest.fixture
def page(desk, records):
	"""A deal with one pump at its list price, on the tab of its items."""
	rows = [{"item_code": records.pump, "qty": 2}]
	page = open_deal(desk, records, make(records, "rep", lambda sale: sale.opportunity(items=rows)))
	page.click(".form-tabs .nav-link", "Items")
	page.wait_for("[data-fieldname='items'] .grid-row")
	return page


def shown(page, fieldname: str, row: int = 1) -> str:
	return page.texts(
		f"[data-fieldname='items'] .grid-row[data-idx='{row}'] [data-fieldname='{fieldname}'] .static-area"
	)[0]


def test_another_price_list_brings_its_prices_and_the_total(page, records):
	page.run("return cur_frm.set_value('selling_price_list', arguments[0])", records.wholesale)
	page.until(lambda: "90.00" in shown(page, "rate"), "the price of the other list")
	assert "180.00" in shown(page, "amount")
	assert page.run("return [cur_frm.doc.items_total, cur_frm.doc.amount]") == [180, 180]
	assert page.errors() == []


def test_a_row_without_a_list_price_says_so(page, records):
	add_item(page, records.unpriced)
	warning = f"Row 2: {records.unpriced} has no price. Enter its rate."
	page.wait_for_text(warning, ".crm-items-unpriced")
	assert page.errors() == []


def test_a_discount_lowers_the_rate_and_the_total(page):
	page.run(
		"const [row] = cur_frm.doc.items; return frappe.model.set_value(row.doctype, row.name, 'discount_percentage', 10)"
	)
	page.until(lambda: "90.00" in shown(page, "rate"), "the rate less its discount")
	assert page.run("return cur_frm.doc.amount") == 180
	assert page.errors() == []
