"""Contract to Cash against plain SQL: the roll-up, the invoices, the Payment Ledger."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import contract_money
from crm_pipeline.analytics.contract_money import CashScope
from crm_pipeline.crm_customers.report.contract_to_cash import contract_to_cash
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused


def found(world, **filters):
	asked = CashScope.of({"company": world.company, "customer": world.customer, **filters})
	return {cash.contract.name: cash for cash in contract_money.rows(asked)}


@pytest.fixture
def agreed(sale):
	schedule = [
		{"due_date": add_days(nowdate(), 10), "invoice_portion": 25, "description": "On signature"},
		{"due_date": add_days(nowdate(), 40), "invoice_portion": 75, "description": "On delivery"},
	]
	return sale.contract(payment_schedule=schedule)


def test_who_sees_a_contract_sees_its_money(sale, world, agreed, as_user):
	from tests.site.portable.test_visibility import set_apart

	hidden = sale.contract(title="Hidden", sales_owner=USERS["other_rep"][0])
	set_apart()
	as_user("finance")
	assert {agreed.name, hidden.name} == set(found(world))
	as_user("rep")
	assert hidden.name not in found(world)
	with refused(frappe.PermissionError):
		api.get_documents_of_contract(hidden.name, "billed")
	as_user("stranger")
	with refused(frappe.PermissionError):
		contract_to_cash.execute({"company": world.company})


def test_the_terms_of_a_contract_that_names_a_template_alone_are_those_of_the_template(sale, world, agreed):
	template = rows.row("Payment Terms Template", name=f"Parts {world.tag}", docstatus=0)
	for idx, (term, portion) in enumerate((("On delivery", 75), ("On signature", 25)), start=1):
		rows.row("Payment Terms Template Detail", parent=template, parenttype="Payment Terms Template", docstatus=0,
			parentfield="terms", idx=3 - idx, description=term, invoice_portion=portion)  # fmt: skip
	by_template, without = sale.contract(payment_terms_template=template), sale.contract()
	frappe.db.set_value("Sales Contract", agreed.name, "payment_terms_template", template)
	terms = {
		name: [(line.term, line.agreed, bool(line.due)) for line in cash.terms] for name, cash in found(world).items()
	}
	assert terms[by_template.name] == [("On signature", 120, False), ("On delivery", 360, False)]
	assert terms[agreed.name] == [("On signature", 120, True), ("On delivery", 360, True)], "its own schedule"
	assert terms[without.name] == []


def test_the_documents_behind_a_number_add_up_to_it_net_of_tax_and_without_other_contracts(sale, world, as_user):
	as_user("Administrator")
	contract, other = sale.contract(), sale.contract(title="Other")
	order, second, foreign = (
		rows.order(world, net, tax=net / 5, qty=4, crm_source_type="Sales Contract", crm_source_name=source.name)
		for net, source in ((400, contract), (80, contract), (1000, other))
	)
	row = frappe.db.get_value("Sales Order Item", {"parent": order}, "name")
	for qty, kind in ((4, {}), (-1, {"is_return": 1})):
		note = rows.row("Delivery Note", company=world.company, customer=world.customer, posting_date=nowdate(), **kind)
		of_note = {"parent": note, "parenttype": "Delivery Note", "parentfield": "items", "docstatus": 1}
		rows.row("Delivery Note Item", against_sales_order=order, so_detail=row, stock_qty=qty, **of_note)
	frappe.db.set_value("Sales Order Item", row, "delivered_qty", 3)
	frappe.db.set_value("Item", world.pump, "is_stock_item", 1)
	bill = rows.invoice(world, order, 300, tax=60, base_net_total=300, customer=world.customer)
	alien = rows.invoice(world, foreign, 1000, tax=200, base_net_total=1000, customer=world.customer)
	payment = rows.advance(second, 48, world.currency, posting_date=nowdate(), company=world.company, paid_amount=168)
	for invoice, amount in ((bill, 120), (alien, 600)):
		rows.settled(invoice, amount, world.currency, voucher_no=payment)
	cash = found(world)[contract.name]
	numbers = {"ordered": 480, "delivered": 300, "billed": 300, "paid": 140}
	assert {name: round(getattr(cash.amounts, name), 2) for name in numbers} == numbers
	for number, total in numbers.items():
		shown = api.get_documents_of_contract(contract.name, number)["documents"]
		assert sum(document["base_amount"] for document in shown) == pytest.approx(total), number
		assert {document["company_currency"] for document in shown} == {world.currency}


def test_whatever_delivers_or_pays_is_behind_the_number_in_the_currency_that_is_shown(sale, world, as_user):
	"""Rows without a note are delivered by their invoice, goods by an invoice that updates the stock, too; journals and
	tills pay. An invoice at another exchange rate counts at that of its order in the contract's own currency."""
	as_user("Administrator")
	currency = "EUR" if world.currency != "EUR" else "CHF"
	contract = sale.contract(currency=currency, conversion_rate=2)
	source = {"crm_source_type": "Sales Contract", "crm_source_name": contract.name}
	kind = {"currency": currency, "conversion_rate": 2, **source}
	frappe.db.set_value("Item", world.pump, "is_stock_item", 1)
	service = rows.order(world, 100, item=world.service, **kind)
	goods = rows.order(world, 200, qty=4, delivered_qty=3, **kind)
	given = {"customer": world.customer, "posting_date": nowdate(), "status": "Unpaid"}
	billed = rows.invoice(world, service, 80, currency=currency, conversion_rate=1.5, base_net_total=120, **given)
	till = {"update_stock": 1, "is_pos": 1, "base_paid_amount": 250, "base_change_amount": 0}
	sold = rows.invoice(world, goods, 150, currency=currency, conversion_rate=2, base_net_total=300, **till, **given)
	journals = []
	for amount, voucher_type in ((30, "Bank Entry"), (7, "Write Off Entry")):
		journal = rows.row("Journal Entry", voucher_type=voucher_type, company=world.company, posting_date=nowdate())
		rows.settled(billed, amount, currency, voucher_type="Journal Entry", voucher_no=journal)
		journals.append(journal)
	for shown_in, numbers in (
		(contract_money.COMPANY, {"ordered": 600, "delivered": 420, "billed": 420, "paid": 295}),
		(contract_money.OWN, {"ordered": 300, "delivered": 230, "billed": 230, "paid": 155}),
	):
		amounts = found(world, shown_in=shown_in)[contract.name].amounts
		assert {name: round(getattr(amounts, name), 2) for name in numbers} == numbers
		for number, total in numbers.items():
			shown = api.get_documents_of_contract(contract.name, number, shown_in=shown_in)["documents"]
			assert sum(document["base_amount"] for document in shown) == pytest.approx(total), number
			assert {document["company_currency"] for document in shown} == {
				world.currency if shown_in == contract_money.COMPANY else currency
			}
	names = {row["name"] for row in api.get_documents_of_contract(contract.name, "paid")["documents"]}
	assert names == {sold, journals[0]}
