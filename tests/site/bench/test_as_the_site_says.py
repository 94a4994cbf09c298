# ruff: noqa: F811
"""Settings of the site that ERPNext goes by when a Sales Order is made, and what they do to a sale before it."""

import erpnext
import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.orders.hand_off import HandOffError
from tests.site.portable.test_native_limits import SELLING, selling  # noqa: F401
from tests.site.world import customer, refused


def contract_of(quotation, rate=None):
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	if rate:
		contract.items[0].rate = rate
		contract.save()
	return contract


# ---- the rate of the quotation


def test_another_rate_than_quoted_is_refused_before_the_contract_is_signed(sale, selling):
	quotation = sale.quotation()
	selling(maintain_same_sales_rate=1, maintain_same_rate_action="Stop")
	contract = contract_of(quotation, rate=90)
	with refused(HandOffError, match="keep the rate of the quotation"):
		contract.submit()
	contract.reload()
	contract.items[0].rate = 100
	contract.save()
	contract.submit()
	assert sale.order(contract).net_total == 480


def test_another_rate_than_quoted_is_refused_in_a_request_of_the_quotation(sale, selling):
	selling(maintain_same_sales_rate=1, maintain_same_rate_action="Stop")
	request = sale.request(sale.quotation(), submit=False)
	request.items[1].rate = 79.5
	request.save()
	with refused(HandOffError, match="costs 80 in Quotation"):
		request.submit()


def test_where_the_site_warns_or_lets_the_user_another_rate_is_ordered(sale, selling):
	selling(maintain_same_sales_rate=1, maintain_same_rate_action="Warn")
	contract = contract_of(sale.quotation(), rate=90)
	contract.submit()
	assert sale.order(contract).net_total == 440
	selling(maintain_same_rate_action="Stop", role_to_override_stop_action="System Manager")
	contract = contract_of(sale.quotation(), rate=95)
	contract.submit()
	assert sale.order(contract).net_total == 460


# ---- no rate below what was paid


@pytest.mark.parametrize("known", ["last purchase rate", "valuation rate"])
def test_a_rate_below_what_was_paid_is_refused_before_it_is_agreed(sale, world, selling, known):
	if known == "valuation rate" and int(erpnext.__version__.split(".")[0]) > 15:
		pytest.skip("this release of ERPNext asks the valuation of deliveries and invoices alone")
	selling(validate_selling_price=1)
	if known == "last purchase rate":
		frappe.db.set_value("Item", world.pump, "last_purchase_rate", 70)
		frappe.clear_document_cache("Item", world.pump)
	else:
		bin_ = frappe.get_doc({"doctype": "Bin", "item_code": world.pump, "warehouse": world.warehouse})
		bin_.insert().db_set("valuation_rate", 70)
	sold = sale.rows((world.service, 1, 1), (world.pump, 2, 75))
	with refused(match=f"Row #2: .* is lower than its .*{known}"):
		sale.contract(items=sold, additional_discount_percentage=10, apply_discount_on="Net Total")
	with refused(match=f"Row #1: .* is lower than its .*{known}"):
		sale.request(sale.opportunity(items=sale.rows((world.pump, 2, 40))))
	contract = sale.contract(items=sold)
	assert sale.order(contract).net_total == 151
	selling(validate_selling_price=0)
	assert sale.order(sale.contract(items=sale.rows((world.pump, 2, 40)))).net_total == 80


# ---- rows that are quoted for their price alone


def test_what_was_quoted_without_a_quantity_is_left_out_of_what_is_agreed(sale, world, selling):
	if not frappe.get_meta(SELLING).has_field("allow_zero_qty_in_quotation"):
		pytest.skip("this release of ERPNext quotes no row without a quantity")
	selling(allow_zero_qty_in_quotation=1)
	quotation = sale.quotation(items=sale.rows((world.service, 0, 80), (world.pump, 2, 100)))
	for make in (api.make_contract, api.make_order_request):
		frappe.clear_messages()
		made = frappe.get_doc(*make("Quotation", quotation.name).values())
		assert [(row.idx, row.item_code, row.qty) for row in made.items] == [(1, world.pump, 2)], made.doctype
		assert f"Row 1: <strong>{world.service}</strong> has no quantity" in str(frappe.local.message_log)
		made.delete()
	bare = sale.quotation(items=sale.rows((world.service, 0, 80)))
	with refused(match="has a quantity. Make the Sales Contract by hand"):
		api.make_contract("Quotation", bare.name)


# ---- one order per purchase order of the customer


def test_a_second_order_of_one_purchase_order_is_refused_where_sales_asks_for_it(sale, selling):
	selling(allow_against_multiple_purchase_orders=0)
	contract = sale.contract(po_no="PO-4711", po_date=nowdate())
	part = {contract.items[0].name: 1}
	first = sale.order(contract, part)
	second = sale.request(contract, part, submit=False)
	with refused(HandOffError, match=first.name):
		second.submit()
	second.reload()
	second.po_no = "PO-4711 part 2"
	second.save()
	second.submit()
	assert sale.accept(second).po_no == "PO-4711 part 2"


@pytest.mark.parametrize("way", ("allowed", "cancelled", "another customer"))
def test_a_purchase_order_that_is_free_is_ordered(sale, world, selling, way):
	selling(allow_against_multiple_purchase_orders=int(way == "allowed"))
	other = {"customer": customer(f"Southwind {world.tag}")} if way == "another customer" else {}
	first = sale.order(sale.contract(po_no="PO-4712", **other))
	if way == "cancelled":
		sale.cancel(first)
	assert sale.order(sale.contract(po_no="PO-4712")).po_no == "PO-4712"


# ---- decimals, units, discounts that not everybody may write


@pytest.fixture
def four_decimals(monkeypatch):
	"""Prices of ERPNext's own rows have four decimals, by Customize Form."""
	for doctype in ("Quotation Item", "Sales Order Item"):
		for field in ("rate", "price_list_rate"):
			monkeypatch.setattr(frappe.get_meta(doctype).get_field(field), "precision", "4")


def test_a_price_of_four_decimals_is_ordered_as_it_was_quoted(sale, world, four_decimals):
	row = {"item_code": world.filter, "qty": 1000, "rate": 0.0125}
	quotation = sale.quotation(items=[row])
	contract = contract_of(quotation)
	assert (quotation.net_total, contract.items[0].rate, contract.amount) == (12.5, 0.0125, 12.5)
	contract.submit()
	assert sale.order(contract).net_total == 12.5
	deal = sale.opportunity(items=[row])
	assert deal.amount == 12.5 and sale.order(deal).net_total == 12.5


def test_a_discount_off_four_decimals_is_rounded_as_on_a_quotation(sale, world, four_decimals):
	row = {"item_code": world.filter, "qty": 1000, "price_list_rate": 0.0138, "discount_percentage": 10}
	quotation, deal = sale.quotation(items=[row], submit=False), sale.opportunity(items=[row])
	assert deal.amount == quotation.net_total == 12.4


def test_a_list_price_that_was_sent_stands_as_on_a_quotation(sale, world):
	row = {"item_code": world.filter, "qty": 2, "price_list_rate": 20, "discount_percentage": 25}
	quotation, deal = sale.quotation(items=[row], submit=False), sale.opportunity(items=[row])
	assert deal.amount == quotation.net_total == 30


def test_a_row_without_a_unit_is_sold_in_the_sales_unit_of_its_item(sale, world):
	frappe.db.set_value("Item", world.filter, "sales_uom", "Box")
	frappe.clear_document_cache("Item", world.filter)
	rows = [{"item_code": world.filter, "qty": 2}]
	quotation, deal = sale.quotation(items=rows, submit=False), sale.opportunity(items=rows)
	fields = ("uom", "conversion_factor", "qty", "rate", "amount", "stock_qty")
	told = [[doc.items[0].get(field) for field in fields] for doc in (deal, quotation)]
	assert told == [["Box", 10, 2, 125, 250, 20]] * 2


LEVELS = {
	"Sales Order": ("additional_discount_percentage", "discount_amount", "apply_discount_on", "po_no"),
	"Sales Contract": ("additional_discount_percentage", "discount_amount", "apply_discount_on"),
	"Sales Order Request": ("additional_discount_percentage", "discount_amount", "apply_discount_on", "po_no"),
	"Quotation": ("selling_price_list", "contact_person", "valid_till"),
}


@pytest.fixture
def levels(monkeypatch):
	"""Fields that sales and order desk may read, and none of them write."""
	for doctype, fields in LEVELS.items():
		for field in fields:
			monkeypatch.setattr(frappe.get_meta(doctype).get_field(field), "permlevel", 7)


def test_what_was_agreed_is_ordered_also_by_who_may_not_write_a_discount(sale, world, as_user, levels):
	quotation = sale.quotation(additional_discount_percentage=10)
	by_hand = sale.contract(po_no="PO-1", discount_amount=30)
	as_user("desk")
	from_quotation = contract_of(quotation)
	assert from_quotation.amount == quotation.net_total == 432
	frappe.delete_doc(from_quotation.doctype, from_quotation.name, ignore_permissions=True)
	assert sale.order(quotation).net_total == 432
	order = sale.order(by_hand)
	assert (order.net_total, order.discount_amount, order.po_no) == (450, 30, "PO-1")


def test_a_quotation_is_made_with_the_list_of_the_deal_by_who_may_not_choose_one(sale, world, as_user, levels):
	name = f"Dealers {world.tag}"
	prices = {"doctype": "Price List", "price_list_name": name, "currency": world.currency, "selling": 1, "enabled": 1}
	frappe.get_doc(prices).insert()
	deal = sale.opportunity(selling_price_list=name)
	as_user("desk")
	assert (
		frappe.db.get_value("Quotation", api.make_quotation(deal.doctype, deal.name)["name"], "selling_price_list")
		== name
	)
