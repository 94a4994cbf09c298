"""The use of a credit limit is ERPNext's own number, to the cent, however it came about."""

import frappe
import pytest
from frappe.utils import add_days, flt, nowdate

from crm_pipeline.erp import credit_use
from tests.site.bench.test_receivables import invoice, journal, on_account


@pytest.fixture
def same(world):
	"""Compare both numbers, with and without orders; answers ours."""
	from erpnext.selling.doctype.customer.customer import get_customer_outstanding

	def compare() -> float:
		for without in (True, False):
			theirs = get_customer_outstanding(world.customer, world.company, ignore_outstanding_sales_order=without)
			ours = credit_use.used(world.customer, world.company, with_orders=not without)
			assert flt(ours, 2) == flt(theirs, 2)
		return flt(ours, 2)

	return compare


def note(world, qty: float = 4, rate: float = 25, **values):
	"""A submitted delivery without an order."""
	doc = frappe.get_doc(
		{
			"doctype": "Delivery Note",
			"customer": world.customer,
			"company": world.company,
			"items": [
				{"item_code": world.pump, "qty": qty, "rate": rate, "warehouse": world.warehouse},
				{"item_code": world.service, "qty": 1, "rate": 7},
			],
			**values,
		}
	)
	doc.insert()
	doc.submit()
	return doc


def bill_of(delivery, qty: float | None = None):
	from erpnext.stock.doctype.delivery_note.delivery_note import make_sales_invoice

	bill = make_sales_invoice(delivery.name)
	if qty is not None:
		bill.items = bill.items[:1]
		bill.items[0].qty = qty
		bill.payment_schedule, bill.payment_terms_template = [], None
	bill.insert()
	bill.submit()
	return bill


def test_deliveries_without_an_order_count_by_what_is_left_of_them(world, sale, same):
	assert same() == 0
	delivery = note(world)
	assert same() == 107
	part = bill_of(delivery, 1)
	assert same() == 107
	rest = bill_of(delivery)
	assert flt(frappe.db.get_value("Delivery Note", delivery.name, "per_billed")) == 100
	assert same() == 107
	sale.pay(part)
	assert same() == 82
	# A credit note is taken off what is posted, and ERPNext counts what was delivered again.
	sale.credit(rest, qty=1, update_billed_amount_in_delivery_note=0)
	before = same()
	sale.credit(rest, qty=1, update_billed_amount_in_delivery_note=1)
	same()
	assert before >= 82


def test_returns_closed_and_draft_deliveries(world, sale, same):
	from erpnext.stock.doctype.delivery_note.delivery_note import make_sales_return, update_delivery_note_status

	back = note(world)
	returned = make_sales_return(back.name)
	returned.items = returned.items[:1]
	returned.items[0].qty = -1
	returned.insert()
	# As from its form: a return that is submitted as it was made does not count what came back.
	frappe.get_doc("Delivery Note", returned.name).submit()
	same()
	# What is left of it is billed: all of it for ERPNext's percentage, a part for its credit limit.
	bill_of(back)
	assert flt(frappe.db.get_value("Delivery Note", back.name, "per_billed")) == 100
	assert same() == 107
	gone = note(world)
	sale.return_delivery(gone)
	same()
	closed = note(world)
	whole = same()
	update_delivery_note_status(closed.name, "Closed")
	assert same() == whole - 107
	draft = frappe.copy_doc(closed)
	draft.docstatus = 0
	draft.insert()
	assert same() == whole - 107
	cancelled = note(world)
	assert same() == whole
	cancelled.cancel()
	assert same() == whole - 107


def test_orders_count_by_what_is_not_billed_and_deliveries_for_them_do_not(world, sale, same):
	order = sale.order(sale.contract())
	assert same() > 0
	sale.deliver(order, qty=2)
	sale.bill(order, qty=1)
	same()
	sale.pay(order, 50)
	same()
	other = sale.order(sale.contract(title="Other"))
	before = same()
	sale.set_order_status(other, "Closed")
	assert same() < before


def test_journals_money_on_account_invoices_of_stock_and_other_companies(world, sale, same):
	bill = invoice(world, 5, 90)
	journal(world, 2, 40, against=bill)
	journal(world, 3, 500)
	on_account(world, 12, 44)
	assert same() == 538
	bill.reload()
	sale.credit(bill, update_outstanding_for_self=1)
	same()
	gone = invoice(world, 5, 60)
	gone.cancel()
	same()
	assert credit_use.used(world.customer, "No Such Company") == 0


def test_a_limit_of_the_group_or_company_counts_and_a_bypass_leaves_orders_out(world, sale):
	sale.order(sale.contract())
	doc = frappe.get_doc("Customer", world.customer)
	assert credit_use.of_customer(world.customer, [world.company]) == []
	frappe.db.set_value("Company", world.company, "credit_limit", 1000)
	frappe.clear_document_cache("Company", world.company)
	((company, limit, used),) = credit_use.of_customer(world.customer, [world.company])
	assert (company, limit) == (world.company, 1000) and used == credit_use.used(world.customer, world.company) > 0
	doc.append("credit_limits", {"company": world.company, "credit_limit": 700, "bypass_credit_limit_check": 1})
	doc.save()
	assert credit_use.of_customer(world.customer, [world.company]) == [(world.company, 700, 0)]


def test_the_number_of_queries_does_not_grow_with_what_was_delivered(world, same):
	from tests.site.portable.test_customer_warnings import queries

	def ask():
		return credit_use.used(world.customer, world.company)

	note(world)
	first = queries(ask)
	for days in range(3):
		bill_of(note(world, posting_date=add_days(nowdate(), -days)), 1)
	assert queries(ask) == first <= 7
	same()
