"""Ordered, delivered, billed and paid follow ERPNext's own documents, whatever happens to them."""

import copy

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.orders import roll_up


class Story:
	"""A campaign that led to an opportunity, its contract, a request and its order of 4 pumps (400) and a service (80)."""

	def __init__(self, sale, **contract):
		campaign = frappe.get_doc(
			{"doctype": "Sales Campaign", "title": f"Fair {sale.world.tag}", "company": sale.world.company}
		).insert()
		deal = sale.opportunity(source_type="Sales Campaign", source_name=campaign.name)
		agreed = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
		agreed.update(contract)
		agreed.save()
		agreed.submit()
		self.sale, self.contract = sale, agreed
		self.request = sale.request(agreed)
		self.order = sale.accept(self.request)
		self.chain = (self.request, agreed, deal, campaign)
		sale.sync_outcome()

	def amounts(self, expect_event=True) -> tuple:
		"""What every document of the chain says after the roll-up; they must agree."""
		collected = self.sale.sync_outcome()
		if expect_event:
			assert self.order.name in collected, "no event told of the change"
		said = {self.sale.amounts(doc) for doc in self.chain}
		assert len(said) == 1, said
		return said.pop()

	@property
	def status(self) -> str:
		return frappe.db.get_value("Sales Order Request", self.request.name, "status")


@pytest.fixture(scope="module")
def told(ground):
	return Story(ground)


@pytest.fixture
def story(told):
	"""The story that all tests begin with, and documents of their own to change."""
	mine = copy.copy(told)
	mine.contract, mine.request, mine.order = (
		frappe.get_doc(doc.doctype, doc.name) for doc in (told.contract, told.request, told.order)
	)
	return mine


def taxed(sale, rate=20) -> dict:
	from tests.site.bench.test_hand_off_agreed import _template

	return {"taxes_and_charges": _template(sale.world, "VAT", rate)}


# ---- delivery


def test_after_acceptance_everything_is_ordered_and_nothing_else(story):
	assert story.amounts(expect_event=False) == (480, 0, 0, 0)


def test_a_part_delivery_and_the_rest(story, sale):
	sale.deliver(story.order, qty=1)
	assert story.amounts() == (480, 100, 0, 0)
	sale.deliver(story.order)
	assert story.amounts() == (480, 480, 0, 0)
	assert story.status == "Delivered"


def test_a_cancelled_delivery_is_taken_off(story, sale):
	note = sale.deliver(story.order)
	story.amounts()
	sale.cancel(note)
	assert story.amounts() == (480, 0, 0, 0)
	assert story.status == "Accepted"


def test_a_returned_delivery_is_taken_off(story, sale):
	note = sale.deliver(story.order)
	story.amounts()
	sale.return_delivery(note, qty=1)
	assert story.amounts() == (480, 380, 0, 0)
	assert story.status == "Accepted"


def test_a_service_without_delivery_note_counts_as_delivered_when_billed(story, sale, world):
	sale.deliver(story.order, qty=4)
	assert story.amounts() == (480, 400, 0, 0)
	invoice = sale.bill(story.order)
	assert story.amounts() == (480, 480, 480, 0)
	assert story.status == "Completed"
	sale.credit(invoice)
	assert story.amounts() == (480, 400, 0, 0)


def test_rounding_of_a_discounted_price_does_not_keep_an_order_open(sale, world):
	rows = sale.rows((world.pump, 3, 33.34), (world.filter, 7, 0.55))
	story = Story(sale, items=rows, discount_amount=7.77)
	sale.deliver(story.order)
	sale.bill(story.order)
	net = story.order.net_total
	assert story.amounts() == (net, net, net, 0)
	assert story.status == "Completed"


def test_a_service_on_a_discounted_order_is_delivered_at_its_net_price(sale, world):
	story = Story(sale, items=sale.rows((world.service, 1, 80)), additional_discount_percentage=10)
	sale.bill(story.order)
	assert story.amounts() == (72, 72, 72, 0)


def test_a_product_bundle_is_delivered_as_a_bundle(sale, world):
	kit = frappe.get_doc(
		{
			"doctype": "Item",
			"item_code": f"Kit {world.tag}",
			"item_group": frappe.db.get_value("Item", world.pump, "item_group"),
			"stock_uom": "Nos",
			"is_stock_item": 0,
		}
	).insert()
	frappe.get_doc(
		{
			"doctype": "Product Bundle",
			"new_item_code": kit.name,
			"items": [{"item_code": world.pump, "qty": 1}, {"item_code": world.filter, "qty": 2}],
		}
	).insert()
	story = Story(sale, items=sale.rows((kit.name, 2, 150)))
	sale.bill(story.order)
	assert story.amounts() == (300, 0, 300, 0)
	sale.deliver(story.order)
	assert story.amounts() == (300, 300, 300, 0)


def test_an_invoice_that_moves_stock_delivers_and_its_return_takes_back(story, sale, world):
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	invoice = make_sales_invoice(story.order.name)
	invoice.update_stock = 1
	invoice.insert()
	invoice.submit()
	assert story.amounts() == (480, 480, 480, 0)
	sale.credit(invoice, qty=1)
	assert story.amounts() == (480, 380, 380, 0)


# ---- the order changes


def test_update_items_changes_what_is_ordered(story, sale, world):
	sale.update_items(story.order, {world.pump: {"qty": 2}})
	assert story.amounts() == (280, 0, 0, 0)


def test_a_closed_order_counts_what_was_delivered_or_billed_of_it(story, sale):
	sale.deliver(story.order, qty=1)
	sale.set_order_status(story.order, "Closed")
	assert story.amounts() == (100, 100, 0, 0)
	sale.set_order_status(story.order, "Draft")
	assert story.amounts() == (480, 100, 0, 0)


def test_a_cancelled_order_counts_nothing_and_its_amendment_counts_again(story, sale):
	sale.cancel(story.order)
	assert story.amounts() == (0, 0, 0, 0)
	story.order = sale.amend(story.order)
	assert story.amounts() == (480, 0, 0, 0)


# ---- invoices and credit notes


def test_a_part_invoice_and_its_cancellation(story, sale):
	invoice = sale.bill(story.order, qty=1)
	assert story.amounts() == (480, 0, 100, 0)
	sale.cancel(invoice)
	assert story.amounts() == (480, 0, 0, 0)


def test_an_invoice_made_from_the_delivery_note_counts(story, sale):
	from erpnext.stock.doctype.delivery_note.delivery_note import make_sales_invoice

	invoice = make_sales_invoice(sale.deliver(story.order).name)
	invoice.insert()
	invoice.submit()
	assert story.amounts() == (480, 480, 480, 0)


def test_a_full_credit_note_leaves_nothing_billed(story, sale):
	sale.deliver(story.order)
	invoice = sale.bill(story.order)
	story.amounts()
	note = sale.credit(invoice)
	assert story.amounts() == (480, 480, 0, 0)
	assert story.status == "Delivered"
	sale.cancel(note)
	assert story.amounts() == (480, 480, 480, 0)


def test_a_part_credit_note(story, sale):
	sale.credit(sale.bill(story.order), qty=1)
	assert story.amounts()[2] == 380


def test_a_credit_note_of_its_own_that_is_reconciled_later_is_no_payment(story, sale):
	invoice = sale.bill(story.order)
	note = sale.credit(invoice, qty=1, update_outstanding_for_self=1)
	assert story.amounts()[2:] == (380, 0)
	reconcile_payments(sale, invoice, note)
	assert story.amounts(expect_event=False)[2:] == (380, 0)


def test_a_refund_of_a_credit_note_is_taken_off_what_was_paid(story, sale):
	invoice = sale.bill(story.order)
	sale.pay(invoice)
	assert story.amounts()[2:] == (480, 480)
	note = sale.credit(invoice, qty=1, update_outstanding_for_self=1)
	assert story.amounts()[2:] == (380, 480)
	sale.pay(note)
	assert story.amounts()[2:] == (380, 380)


# ---- payments


def test_payments_in_parts_and_a_cancelled_one(story, sale):
	invoice = sale.bill(story.order)
	first = sale.pay(invoice, 200)
	assert story.amounts()[2:] == (480, 200)
	sale.pay(invoice, 280)
	assert story.amounts()[2:] == (480, 480)
	sale.cancel(first)
	assert story.amounts()[2:] == (480, 280)


def test_what_is_paid_with_tax_counts_without_it(sale):
	story = Story(sale, **taxed(sale))
	invoice = sale.bill(story.order)
	assert invoice.grand_total == 576
	sale.pay(invoice, 288)
	assert story.amounts()[2:] == (480, 240)
	sale.pay(invoice)
	assert story.amounts()[2:] == (480, 480)


def test_one_payment_of_an_invoice_over_two_orders_is_shared_by_amount(sale, world):
	first = Story(sale, items=sale.rows((world.pump, 3, 100)))
	second = Story(sale, items=sale.rows((world.pump, 1, 100)))
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	invoice = make_sales_invoice(second.order.name, make_sales_invoice(first.order.name))
	invoice.payment_schedule = []
	invoice.insert()
	invoice.submit()
	sale.pay(invoice, 100)
	assert sorted(sale.sync_outcome()) == sorted([first.order.name, second.order.name])
	assert first.amounts(expect_event=False) == (300, 0, 300, 75)
	assert second.amounts(expect_event=False) == (100, 0, 100, 25)


def test_an_advance_counts_once_before_and_after_its_invoice(story, sale):
	sale.pay(story.order, 100)
	assert story.amounts() == (480, 0, 0, 100)
	invoice = bill_with_advances(story)
	assert invoice.outstanding_amount == 380
	assert story.amounts()[2:] == (480, 100)
	sale.pay(invoice)
	assert story.amounts()[2:] == (480, 480)


def test_a_cancelled_advance_is_taken_off(story, sale):
	payment = sale.pay(story.order, 100)
	assert story.amounts()[3] == 100
	sale.cancel(payment)
	assert story.amounts()[3] == 0


def test_an_advance_in_an_account_of_its_own_counts_once(story, sale, world):
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": f"Advances {world.tag}",
			"parent_account": frappe.db.get_value(
				"Account",
				{
					"company": world.company,
					"root_type": "Liability",
					"is_group": 1,
					"parent_account": ("is", "set"),
				},
			),
			"account_type": "Receivable",
			"company": world.company,
		}
	).insert()
	company = frappe.get_doc("Company", world.company)
	company.book_advance_payments_in_separate_party_account = 1
	company.default_advance_received_account = account.name
	company.save()
	sale.pay(story.order, 100)
	assert story.amounts() == (480, 0, 0, 100)
	bill_with_advances(story)
	assert story.amounts()[2:] == (480, 100)


def test_an_advance_by_journal_entry_counts(story, sale, world):
	entry = journal(
		sale,
		"Bank Entry",
		100,
		reference_type="Sales Order",
		reference_name=story.order.name,
		is_advance="Yes",
	)
	assert story.amounts()[3] == 100
	sale.cancel(entry)
	assert story.amounts()[3] == 0


def test_money_that_came_in_by_journal_entry_is_paid(story, sale):
	invoice = sale.bill(story.order)
	journal(sale, "Bank Entry", 100, reference_type="Sales Invoice", reference_name=invoice.name)
	assert story.amounts()[2:] == (480, 100)


@pytest.mark.parametrize("kind", ["Write Off Entry", "Journal Entry"])
def test_a_write_off_settles_the_invoice_but_is_no_payment(story, sale, kind):
	invoice = sale.bill(story.order)
	journal(sale, kind, 80, reference_type="Sales Invoice", reference_name=invoice.name)
	assert frappe.db.get_value("Sales Invoice", invoice.name, "outstanding_amount") == 400
	assert story.amounts()[2:] == (480, 0)


def test_a_payment_that_is_matched_later_counts_when_it_is_matched(story, sale, world):
	invoice = sale.bill(story.order)
	story.amounts()
	payment = unallocated_payment(sale, invoice, 200)
	assert story.amounts(expect_event=False)[3] == 0
	reconcile_payments(sale, invoice, payment)
	assert story.amounts()[2:] == (480, 200)


def test_a_payment_that_is_unmatched_counts_no_more(story, sale):
	invoice = sale.bill(story.order)
	payment = sale.pay(invoice, 200)
	story.amounts()
	unreconcile = frappe.get_doc(
		{
			"doctype": "Unreconcile Payment",
			"company": sale.world.company,
			"voucher_type": "Payment Entry",
			"voucher_no": payment.name,
		}
	)
	unreconcile.add_references()
	unreconcile.insert()
	unreconcile.submit()
	assert story.amounts()[2:] == (480, 0)


def test_a_pos_invoice_is_paid_at_once(story, sale, world):
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	cash = frappe.db.get_value("Account", {"company": world.company, "account_type": "Cash", "is_group": 0})
	profile = frappe.get_doc(
		{
			"doctype": "POS Profile",
			"name": f"Till {world.tag}",
			"company": world.company,
			"warehouse": world.warehouse,
			"currency": world.currency,
			"write_off_account": frappe.db.get_value(
				"Account", {"company": world.company, "root_type": "Expense", "is_group": 0}
			),
			"write_off_cost_center": frappe.get_cached_value("Company", world.company, "cost_center"),
			"payments": [{"mode_of_payment": mode_of_payment(world, cash), "default": 1}],
		}
	).insert(set_name=f"Till {world.tag}")
	invoice = make_sales_invoice(story.order.name)
	invoice.update({"is_pos": 1, "pos_profile": profile.name, "payment_schedule": [], "payments": []})
	invoice.append("payments", {"mode_of_payment": profile.payments[0].mode_of_payment, "account": cash, "amount": 480})
	invoice.insert()
	invoice.submit()
	assert story.amounts()[2:] == (480, 480)


# ---- foreign currency


@pytest.mark.parametrize("rate_of_payment", [80, 90])
def test_a_foreign_invoice_paid_in_full_is_paid_in_full_at_any_rate(sale, world, rate_of_payment):
	foreign = "EUR" if world.currency != "EUR" else "USD"
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": f"Debtors {foreign} {world.tag}",
			"parent_account": frappe.db.get_value(
				"Account",
				frappe.get_cached_value("Company", world.company, "default_receivable_account"),
				"parent_account",
			),
			"account_type": "Receivable",
			"account_currency": foreign,
			"company": world.company,
		}
	).insert()
	customer = frappe.get_doc("Customer", world.customer)
	customer.default_currency = foreign
	customer.append("accounts", {"company": world.company, "account": account.name})
	customer.save()
	gain = frappe.get_cached_value("Company", world.company, "exchange_gain_loss_account")
	assert gain
	frappe.get_doc(
		{
			"doctype": "Currency Exchange",
			"from_currency": foreign,
			"to_currency": world.currency,
			"date": nowdate(),
			"exchange_rate": 85,
			"for_selling": 1,
		}
	).insert()
	deal_contract = sale.contract(currency=foreign, conversion_rate=85)
	request = sale.request(deal_contract)
	order = sale.accept(request)
	invoice = sale.bill(order)
	assert (invoice.currency, invoice.conversion_rate) == (foreign, 85)
	from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

	payment = get_payment_entry("Sales Invoice", invoice.name)
	payment.reference_no, payment.reference_date = "BANK-2", nowdate()
	payment.source_exchange_rate = rate_of_payment
	payment.paid_amount, payment.received_amount = 240, 240 * rate_of_payment
	payment.references[0].allocated_amount = 240
	payment.set_amounts()
	payment.insert()
	payment.submit()
	sale.sync_outcome()
	base = 480 * 85
	assert sale.amounts(request) == sale.amounts(deal_contract) == (base, 80 * 85, base, base / 2)


# ---- repair


def test_reconcile_finds_and_mends_what_was_damaged(story, sale):
	sale.deliver(story.order, qty=1)
	story.amounts()
	frappe.db.set_value("Sales Contract", story.contract.name, "delivered_amount", 999)
	frappe.db.set_value("Sales Opportunity", story.chain[2].name, "ordered_amount", 0)
	frappe.db.set_value("Sales Order Request", story.request.name, "status", "Completed", update_modified=False)
	assert roll_up.reconcile() == 3
	assert story.amounts(expect_event=False) == (480, 100, 0, 0)
	assert story.status == "Accepted"
	assert roll_up.reconcile() == 0


def test_reconcile_empties_columns_of_documents_without_orders(sale):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Opportunity", deal.name, "paid_amount", 12)
	assert roll_up.reconcile() == 1
	assert sale.amounts(deal) == (0, 0, 0, 0)


def test_reconcile_goes_on_after_a_record_that_fails(story, sale, monkeypatch):
	frappe.db.set_value("Sales Contract", story.contract.name, "ordered_amount", 1)
	frappe.db.set_value("Sales Order Request", story.request.name, "ordered_amount", 1)
	recompute = roll_up.recompute

	def failing(ref):
		if ref.name == story.request.name:
			raise RuntimeError("a bad record")
		return recompute(ref)

	monkeypatch.setattr(roll_up, "recompute", failing)
	assert roll_up.reconcile() == 1
	assert sale.amounts(story.contract)[0] == 480


# ---- documents of ERPNext that these stories need


def bill_with_advances(story):
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	invoice = make_sales_invoice(story.order.name)
	invoice.allocate_advances_automatically = 1
	invoice.only_include_allocated_payments = 1
	invoice.insert()
	invoice.submit()
	invoice.reload()
	return invoice


def journal(sale, voucher_type, amount, **reference):
	world = sale.world
	company = frappe.get_cached_doc("Company", world.company)
	other = (
		frappe.db.get_value(
			"Account", {"company": world.company, "account_type": ("in", ("Bank", "Cash")), "is_group": 0}
		)
		if voucher_type == "Bank Entry"
		else company.write_off_account
		or frappe.db.get_value("Account", {"company": world.company, "root_type": "Expense", "is_group": 0})
	)
	entry = frappe.get_doc(
		{
			"doctype": "Journal Entry",
			"voucher_type": voucher_type,
			"company": world.company,
			"posting_date": nowdate(),
			"cheque_no": "J-1",
			"cheque_date": nowdate(),
			"accounts": [
				{
					"account": company.default_receivable_account,
					"party_type": "Customer",
					"party": world.customer,
					"credit_in_account_currency": amount,
					"cost_center": company.cost_center,
					**reference,
				},
				{"account": other, "debit_in_account_currency": amount, "cost_center": company.cost_center},
			],
		}
	).insert()
	entry.submit()
	return entry


def unallocated_payment(sale, invoice, amount):
	from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

	payment = get_payment_entry("Sales Invoice", invoice.name)
	payment.references = []
	payment.paid_amount = payment.received_amount = amount
	payment.reference_no, payment.reference_date = "BANK-3", nowdate()
	payment.insert()
	payment.submit()
	return payment


def reconcile_payments(sale, invoice, payment):
	tool = frappe.get_doc("Payment Reconciliation")
	tool.update(
		{
			"company": sale.world.company,
			"party_type": "Customer",
			"party": sale.world.customer,
			"receivable_payable_account": invoice.debit_to,
		}
	)
	tool.get_unreconciled_entries()
	tool.allocate_entries(
		frappe._dict(
			invoices=[row.as_dict() for row in tool.invoices if row.invoice_number == invoice.name],
			payments=[row.as_dict() for row in tool.payments if row.reference_name == payment.name],
		)
	)
	tool.reconcile()


def mode_of_payment(world, account) -> str:
	mode = frappe.get_doc("Mode of Payment", "Cash")
	if not any(row.company == world.company for row in mode.accounts):
		mode.append("accounts", {"company": world.company, "default_account": account})
		mode.save()
	return mode.name


# ---- all of it: by quantity and in the order's own currency


def contract_status(story) -> str:
	story.sale.sync_outcome()
	return frappe.db.get_value("Sales Contract", story.contract.name, "status")


def bill_at(sale, order, rate, qty=None):
	"""An invoice of a foreign order on a day with another exchange rate."""
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	invoice = make_sales_invoice(order.name)
	invoice.conversion_rate = rate
	if qty is not None:
		invoice.items = [row for row in invoice.items if row.item_code == sale.world.pump]
		invoice.items[0].qty = qty
		invoice.payment_schedule = []
		invoice.payment_terms_template = None
	invoice.insert()
	invoice.submit()
	return invoice


@pytest.fixture
def foreign_story(sale, world):
	"""The story in another currency, at 0.95."""
	currency = "EUR" if world.currency != "EUR" else "CHF"
	frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_value("Customer", world.customer, "default_currency", currency)
	if not frappe.db.exists(
		"Account", {"company": world.company, "account_type": "Receivable", "account_currency": currency}
	):
		parent = frappe.db.get_value(
			"Account", {"company": world.company, "account_type": "Receivable", "is_group": 0}, "parent_account"
		)
		account = frappe.get_doc(
			{
				"doctype": "Account",
				"account_name": f"Debtors {currency}",
				"parent_account": parent,
				"company": world.company,
				"account_type": "Receivable",
				"account_currency": currency,
			}
		).insert(ignore_permissions=True)
		customer = frappe.get_doc("Customer", world.customer)
		customer.append("accounts", {"company": world.company, "account": account.name})
		customer.save(ignore_permissions=True)
	return Story(sale, currency=currency, conversion_rate=0.95)


def test_a_foreign_order_billed_at_a_lower_rate_is_fulfilled(foreign_story, sale):
	sale.deliver(foreign_story.order)
	bill_at(sale, foreign_story.order, 0.90)
	assert contract_status(foreign_story) == "Fulfilled"
	assert foreign_story.status == "Completed"
	ribbon = api.get_ribbon("Sales Contract", foreign_story.contract.name)
	assert {s["key"]: s["state"] for s in ribbon["steps"]}["billed"] == "done"


def test_a_foreign_order_billed_in_part_at_a_higher_rate_is_not(foreign_story, sale):
	sale.deliver(foreign_story.order)
	bill_at(sale, foreign_story.order, 1.3, qty=3)
	assert contract_status(foreign_story) == "Active"
	assert foreign_story.status == "Delivered"
	bill_at(sale, foreign_story.order, 1.3)
	assert contract_status(foreign_story) == "Fulfilled"


@pytest.mark.parametrize("qty, rate, discount", [(3, 3.37, 10), (7, 1.43, 12.5)])
def test_parts_whose_cents_do_not_add_up_fulfil_a_contract(sale, world, qty, rate, discount):
	rows = [{"item_code": world.pump, "qty": qty, "rate": rate}]
	agreed = sale.contract(items=rows, additional_discount_percentage=discount)
	order = sale.order(agreed)
	for _part in range(qty):
		sale.sync_outcome()
		assert frappe.db.get_value(agreed.doctype, agreed.name, "status") == "Active"
		sale.deliver(order, qty=1)
		sale.bill(order, qty=1)
	sale.sync_outcome()
	assert frappe.db.get_value(agreed.doctype, agreed.name, "status") == "Fulfilled"


@pytest.mark.parametrize("alone", [True, False])
def test_what_is_given_away_does_not_keep_a_contract_open(sale, world, alone):
	rows = [{"item_code": world.pump, "qty": 2, "price_list_rate": 50, "discount_percentage": 100}]
	rows += [] if alone else [{"item_code": world.service, "qty": 1, "rate": 80}]
	agreed = sale.contract(items=rows)
	order = sale.order(agreed)
	if not alone:
		sale.bill(order)
		sale.sync_outcome()
		assert frappe.db.get_value(agreed.doctype, agreed.name, "status") == "Active"
	sale.deliver(order)
	sale.sync_outcome()
	assert frappe.db.get_value(agreed.doctype, agreed.name, "status") == "Fulfilled"
