# ruff: noqa: F811
"""Contract to Cash against plain SQL: the roll-up, the invoices, the Payment Ledger."""

import frappe
import pytest
from frappe.utils import add_days, flt, nowdate

from crm_pipeline import api
from crm_pipeline.crm_customers.report.contract_to_cash import contract_to_cash
from tests.site.conftest import USERS
from tests.site.portable.test_contract_money import agreed, found  # noqa: F401
from tests.site.world import refused

REP = USERS["rep"][0]
NET = ("ordered", "delivered", "billed", "paid")


def net(cash) -> tuple:
	return tuple(round(getattr(cash.amounts, name), 2) for name in NET)


def ledger(contract) -> tuple[float, float]:
	"""(invoiced, outstanding) with tax of the invoices of a contract that has them for itself, by SQL alone."""
	(invoiced,) = frappe.db.sql(
		"""select sum(si.base_grand_total) from `tabSales Invoice` si where si.docstatus = 1 and si.name in (
		select i.parent from `tabSales Invoice Item` i join `tabSales Order` o on o.name = i.sales_order
		join `tabSales Order Request` r on r.name = o.crm_source_name where r.contract = %(contract)s
		or r.source_name = %(contract)s)""",
		{"contract": contract},
	)[0]
	(outstanding,) = frappe.db.sql(
		"""select sum(p.amount) from `tabPayment Ledger Entry` p where p.delinked = 0 and p.against_voucher_no in (
		select i.parent from `tabSales Invoice Item` i join `tabSales Order` o on o.name = i.sales_order
		join `tabSales Order Request` r on r.name = o.crm_source_name where r.contract = %(contract)s
		or r.source_name = %(contract)s)""",
		{"contract": contract},
	)[0]
	return round(flt(invoiced), 2), round(flt(outstanding), 2)


def with_tax(cash) -> tuple[float, float]:
	return round(cash.total("invoiced"), 2), round(cash.total("outstanding"), 2)


@pytest.fixture
def terms_of_orders(site):
	"""The site's invoices take over the payment terms of their orders."""
	frappe.db.set_single_value("Accounts Settings", "automatically_fetch_payment_terms", 1)


def test_a_sale_step_by_step_ties_to_the_roll_up_and_to_the_payment_ledger(sale, world, agreed, terms_of_orders):
	order = sale.order(agreed)

	def look(**filters):
		sale.sync_outcome()
		cash = found(world, **filters)[agreed.name]
		assert net(cash) == sale.amounts(agreed)
		assert with_tax(cash) == ledger(agreed.name)
		assert round(cash.total("billed"), 2) == round(cash.amounts.billed, 2)
		return cash

	assert [(line.term, line.agreed) for line in look().terms] == [("On signature", 120), ("On delivery", 360)]
	sale.pay(order, 60)
	assert (net(look())[3], look().open) == (60, 420)
	sale.deliver(order)
	bill = sale.bill(order)
	cash = look()
	assert [(line.term, line.invoiced, line.outstanding, line.invoices) for line in cash.terms] == [
		("On signature", 120, 120, (bill.name,)),
		("On delivery", 360, 360, (bill.name,)),
	]
	sale.pay(bill, 150)
	assert [(line.settled, line.outstanding) for line in look().terms] == [(120, 0), (30, 330)]
	sale.credit(bill, qty=1)
	assert net(look())[2] == 380


def test_a_schedule_that_is_billed_in_part_and_a_contract_in_two_orders(sale, world, agreed):
	rows = {row.item_code: row.name for row in agreed.items}
	first = sale.order(agreed, {rows[world.pump]: 2})
	sale.bill(first)
	sale.order(agreed, {rows[world.pump]: 2, rows[world.service]: 1})
	sale.sync_outcome()
	cash = found(world)[agreed.name]
	assert net(cash) == sale.amounts(agreed) == (480, 0, 200, 0)
	# Its invoice names no terms, so it is for the first ones.
	assert [(line.agreed, line.billed) for line in cash.terms] == [(120, 120), (360, 80)]
	assert with_tax(cash) == ledger(agreed.name) == (200, 200)


def test_an_invoice_with_terms_is_billed_by_them(sale, world, agreed, terms_of_orders):
	rows = {row.item_code: row.name for row in agreed.items}
	sale.bill(sale.order(agreed, {rows[world.pump]: 2}))
	assert [(line.agreed, line.billed) for line in found(world)[agreed.name].terms] == [(120, 50), (360, 150)]


def test_an_amended_contract_stands_in_its_last_version_with_all_that_was_ordered(sale, world, agreed):
	rows = {row.item_code: row.name for row in agreed.items}
	sale.bill(sale.order(agreed, {rows[world.pump]: 2}))
	amended = sale.amend(sale.cancel(agreed))
	sale.sync_outcome()
	cash = found(world)
	assert agreed.name not in cash and net(cash[amended.name]) == sale.amounts(amended)
	assert cash[amended.name].amounts.billed == 200


def test_amounts_in_the_contract_s_own_currency(sale, world):
	currency = "EUR" if world.currency != "EUR" else "CHF"
	frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_single_value("Currency Exchange Settings", "disabled", 1)
	values = {"date": "2020-01-01", "from_currency": currency, "to_currency": world.currency, "exchange_rate": 2.0}
	frappe.get_doc({"doctype": "Currency Exchange", "for_selling": 1, "for_buying": 1, **values}).insert()
	frappe.db.set_single_value("Accounts Settings", "allow_multi_currency_invoices_against_single_party_account", 1)
	contract = sale.contract(currency=currency, conversion_rate=2)
	bill = sale.bill(sale.order(contract))
	sale.sync_outcome()
	home, own = found(world)[contract.name], found(world, shown_in="Contract Currency")[contract.name]
	assert (home.currency, home.agreed, *net(home)) == (world.currency, 960, *sale.amounts(contract))
	assert (own.currency, own.agreed, *net(own)) == (currency, 480, 480, 80, 480, 0)
	assert (home.total("outstanding"), own.total("outstanding")) == (960, 480)
	assert own.total("invoiced") == bill.grand_total


def test_nothing_is_open_of_a_fulfilled_contract_that_was_billed_at_another_rate_and_paid(sale, world):
	currency = "EUR" if world.currency != "EUR" else "CHF"
	frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_single_value("Accounts Settings", "allow_multi_currency_invoices_against_single_party_account", 1)
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	contract = sale.contract(currency=currency, conversion_rate=2)
	order = sale.order(contract)
	sale.deliver(order)
	bill = make_sales_invoice(order.name)
	bill.conversion_rate = 1.5
	bill.insert().submit()
	sale.pay(bill)
	sale.sync_outcome()
	cash = found(world, status="Fulfilled")[contract.name]
	assert (net(cash), cash.open) == ((960, 960, 720, 720), 0)


def test_filters_and_the_documents_behind_a_number(sale, world, agreed):
	order = sale.order(agreed)
	bill = sale.bill(order)
	other = sale.contract(title="Other", sales_owner=REP)
	assert set(found(world)) == {agreed.name, other.name}
	assert set(found(world, sales_owner=REP)) == {other.name}
	assert set(found(world, status="Terminated")) == set() and len(found(world, status="Active")) == 2
	assert set(found(world, from_date=add_days(nowdate(), 1))) == set()
	with refused():
		found(world, status="Nowhere")
	names = {
		number: [row["name"] for row in api.get_documents_of_contract(agreed.name, number)["documents"]]
		for number in ("ordered", "billed", "paid")
	}
	assert names == {"ordered": [order.name], "billed": [bill.name], "paid": []}
	columns, data, *_rest = contract_to_cash.execute({"company": world.company, "customer": world.customer})
	assert {column["fieldname"] for column in columns} >= {
		key for row in data if row.get("contract") for key in ("agreed", "open")
	}
	whole = [row for row in data if row["indent"] == 0]
	assert [row["contract"] for row in whole] == [other.name, agreed.name] or len(whole) == 2


def test_the_questions_do_not_grow_with_the_contracts(sale, world, agreed, monkeypatch):
	sale.bill(sale.order(agreed))

	def count() -> int:
		asked, sql = [], frappe.db.sql
		monkeypatch.setattr(frappe.db, "sql", lambda *args, **kwargs: (asked.append(args), sql(*args, **kwargs))[1])
		found(world)
		monkeypatch.setattr(frappe.db, "sql", sql)
		return len(asked)

	one = count()
	sale.bill(sale.order(sale.contract(title="More")))
	assert count() <= one


def test_invoices_are_billed_by_the_terms_of_the_template_that_a_contract_names(sale, world, terms_of_orders):
	terms = [
		{
			"description": term,
			"invoice_portion": portion,
			"due_date_based_on": "Day(s) after invoice date",
			"credit_days": days,
		}
		for term, portion, days in (("On signature", 25, 0), ("On delivery", 75, 30))
	]
	template = {"doctype": "Payment Terms Template", "template_name": f"Parts {world.tag}", "terms": terms}
	contract = sale.contract(payment_terms_template=frappe.get_doc(template).insert().name)
	bill = sale.bill(sale.order(contract))
	sale.pay(bill, 120)
	sale.sync_outcome()
	cash = found(world)[contract.name]
	lines = [(line.term, line.agreed, line.billed, line.outstanding) for line in cash.terms]
	assert lines == [("On signature", 120, 120, 0), ("On delivery", 360, 360, 360)]
	assert with_tax(cash) == ledger(contract.name)
