"""What orders, invoices and payments come to: ordered, delivered, billed and paid, net of tax in company currency."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import order_history
from crm_pipeline.analytics.forecast_scope import QUANTITY, ForecastScope
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import order_figures, prices
from crm_pipeline.orders import roll_up
from crm_pipeline.overrides import sales_order
from tests.site import rows
from tests.site.world import refused


def figures(order: str) -> tuple[float, ...]:
	"""(ordered, delivered, billed, paid)"""
	found = order_figures.of_orders([order])
	return tuple(round(amount, 2) for amount in (found.ordered, found.delivered, found.billed, found.paid))


# ---- ordered, delivered, billed


def test_an_order_counts_without_its_tax(world):
	assert figures(rows.order(world, 100, tax=20)) == (100, 0, 0, 0)


@pytest.mark.parametrize("docstatus", [0, 2])
def test_a_draft_or_cancelled_order_counts_nothing(world, docstatus):
	assert figures(rows.order(world, 100, docstatus=docstatus)) == (0, 0, 0, 0)


def test_what_is_delivered_counts_at_the_price_after_all_discounts(world):
	assert figures(rows.order(world, 80, qty=4, delivered_qty=1, base_amount=100)) == (80, 20, 0, 0)


@pytest.mark.parametrize("docstatus", [0, 2])
def test_a_draft_or_cancelled_invoice_bills_nothing(world, docstatus):
	order = rows.order(world, 100, item=world.service)
	rows.invoice(world, order, 100, docstatus=docstatus)
	assert figures(order) == (100, 0, 0, 0)
	rows.invoice(world, order, 60)
	assert figures(order) == (100, 60, 60, 0), "a service is delivered when it is billed"


def test_a_credit_note_is_taken_off_what_was_billed(world):
	order = rows.order(world, 100, tax=20)
	rows.invoice(world, order, 100, tax=20)
	rows.invoice(world, order, -25, tax=-5)
	assert figures(order) == (100, 0, 75, 0)


def test_goods_of_an_order_that_skips_the_delivery_note_are_delivered_when_they_are_billed(world):
	skipping, usual = (rows.order(world, 100, qty=4, skip_delivery_note=skips) for skips in (1, 0))
	for order in (skipping, usual):
		rows.invoice(world, order, 100)
	assert (figures(skipping), figures(usual)) == ((100, 100, 100, 0), (100, 0, 100, 0))
	delivered = [order_figures.progress_of([order])["delivered"] for order in (skipping, usual)]
	assert delivered == ["full", "none"]


def test_a_closed_order_counts_what_was_delivered_or_billed_of_it(world):
	assert figures(rows.order(world, 100, qty=4, delivered_qty=1, status="Closed")) == (25, 25, 0, 0)
	order = rows.order(world, 100, qty=4, delivered_qty=1, status="Closed")
	rows.invoice(world, order, 50)
	assert figures(order) == (50, 25, 50, 0)


# ---- paid


def test_a_payment_counts_without_tax_and_a_cancelled_one_not_at_all(world):
	order = rows.order(world, 100, tax=20)
	invoice = rows.invoice(world, order, 100, tax=20)
	rows.settled(invoice, 60, world.currency)
	rows.settled(invoice, 60, world.currency, delinked=1)
	assert figures(order) == (100, 0, 100, 50)


@pytest.mark.parametrize(
	("kind", "paid"),
	[
		("Bank Entry", 100),
		("Journal Entry", 100),
		("Write Off Entry", 0),
		("Credit Note", 0),
		("Exchange Gain Or Loss", 0),
	],
)
def test_a_write_off_settles_an_invoice_and_is_no_payment(world, kind, paid):
	order = rows.order(world, 100)
	journal = rows.row("Journal Entry", voucher_type=kind)
	entry = {"voucher_type": "Journal Entry", "voucher_no": journal}
	rows.settled(rows.invoice(world, order, 100), 100, world.currency, **entry)
	assert figures(order)[3] == paid


def journal(*lines: tuple[str, str, str | None], **values) -> str:
	"""A plain Journal Entry over these accounts: (root type, account type, type of its party) each."""
	name = rows.row("Journal Entry", voucher_type="Journal Entry")
	for root, kind, party in lines:
		account = rows.row("Account", root_type=root, account_type=kind, docstatus=0)
		rows.row("Journal Entry Account", parent=name, account=account, party_type=party)
	return name


CUSTOMER = ("Asset", "Receivable", "Customer")


@pytest.mark.parametrize(
	("against", "paid"),
	[
		([("Asset", "Bank", None)], 100),
		([("Expense", "", None)], 0),
		([("Income", "", None), ("Liability", "Tax", None)], 0),
		# The bank keeps its charges, a supplier who buys sets off, tax was withheld.
		([("Asset", "Bank", None), ("Expense", "", None)], 100),
		([("Liability", "Payable", "Supplier")], 100),
		([("Asset", "Tax", None)], 100),
		([("Asset", "Receivable", "Customer")], 100),
	],
)
def test_a_journal_against_expense_or_income_alone_is_a_write_off_whatever_it_is_called(world, against, paid):
	order = rows.order(world, 100)
	entry = {"voucher_type": "Journal Entry", "voucher_no": journal(CUSTOMER, *against)}
	rows.settled(rows.invoice(world, order, 100), 100, world.currency, **entry)
	assert figures(order)[3] == paid
	advance = rows.order(world, 100)
	line = frappe.db.get_value("Journal Entry Account", {"parent": entry["voucher_no"], "party_type": "Customer"})
	of = {"reference_type": "Sales Order", "reference_name": advance, "account_currency": world.currency}
	frappe.db.set_value("Journal Entry Account", line, {**of, "credit_in_account_currency": 100})
	assert figures(advance)[3] == paid


def test_what_another_document_settles_is_no_payment(world):
	order = rows.order(world, 100)
	invoice = rows.invoice(world, order, 100)
	rows.settled(invoice, 40, world.currency, voucher_type="Sales Invoice")
	rows.settled(invoice, 30, world.currency, against_voucher_type="Sales Order")
	assert figures(order)[3] == 0


def test_at_the_till_is_paid_what_was_given_less_the_change(world):
	order = rows.order(world, 100, tax=20)
	given = {"base_paid_amount": 150, "base_change_amount": 30}
	rows.invoice(world, order, 50, tax=10, is_pos=0, **given)
	assert figures(order)[3] == 0, "no till, no money"
	rows.invoice(world, order, 100, tax=20, is_pos=1, **given)
	assert figures(order)[3] == 100


def test_an_advance_counts_until_it_is_given_back(world):
	order = rows.order(world, 100, tax=20)
	rows.advance(order, 60, world.currency)
	assert figures(order) == (100, 0, 0, 50)
	rows.advance(order, 24, world.currency, kind="Pay")
	assert figures(order) == (100, 0, 0, 30)
	rows.advance(order, 12, world.currency, docstatus=2)
	assert figures(order) == (100, 0, 0, 30)


def test_a_foreign_payment_counts_at_the_rate_of_its_invoice(world):
	foreign = {"currency": "XAF", "conversion_rate": 2.0}
	order = rows.order(world, 100, tax=20, **foreign)
	assert figures(order)[0] == 200
	invoice = rows.invoice(world, order, 100, tax=20, **foreign)
	rows.settled(invoice, 60, "XAF")
	assert figures(order) == (200, 0, 200, 100)
	rows.settled(invoice, 120, world.currency)
	assert figures(order) == (200, 0, 200, 200)


def test_one_payment_of_two_orders_is_shared_by_what_was_billed(world):
	first, second = rows.order(world, 100), rows.order(world, 300)
	invoice = rows.invoice(
		world, first, 100, grand_total=400, rounded_total=400, base_grand_total=400, base_rounded_total=400
	)
	rows.row("Sales Invoice Item", parent=invoice, parenttype="Sales Invoice", sales_order=second, base_net_amount=300)
	rows.settled(invoice, 200, world.currency)
	assert (figures(first)[3], figures(second)[3]) == (50, 150)


# ---- a contract and its orders


@pytest.fixture
def contract(sale):
	"""Four pumps at 100 and one installation at 80."""
	return sale.contract()


def left(contract) -> list[float]:
	found = api.get_remaining(contract.name)
	return [found[row.name] for row in contract.items]


def of(contract) -> dict:
	return {"crm_source_type": contract.doctype, "crm_source_name": contract.name}


def test_an_order_typed_in_for_a_contract_uses_it_up(world, contract):
	rows.order(world, 300, qty=3, **of(contract))
	assert left(contract) == [1, 1]
	rows.order(world, 500, qty=5, docstatus=2, **of(contract))
	rows.order(world, 100, qty=1, docstatus=0, **of(contract))
	rows.order(world, 0, qty=1, is_free_item=1, **of(contract))
	assert left(contract) == [1, 1]


def test_a_closed_order_uses_up_what_was_delivered_of_it_in_stock_units(world, contract):
	rows.order(world, 300, qty=3, status="Closed", delivered_qty=1, **of(contract))
	assert left(contract) == [3, 1]
	rows.order(world, 300, qty=1, conversion_factor=3, delivered_qty=1, status="Closed", **of(contract))
	assert left(contract) == [0, 1]


def test_an_order_of_an_earlier_version_counts_against_the_amended_contract(sale, world, contract):
	sale.cancel(contract)
	amended = sale.amend(contract)
	rows.order(world, 300, qty=3, **of(contract))
	assert left(amended) == [1, 1]


def test_update_items_does_not_exceed_a_contract(world, contract):
	doc = frappe.get_doc("Sales Order", rows.order(world, 500, qty=5, **of(contract)))
	row = doc.items[0]
	row._doc_before_save = frappe._dict(qty=4, conversion_factor=1)
	sales_order.note_raised_row(row)
	with refused(match=r"Row 1.*1 more than what remains"):
		sales_order.on_update_after_submit(doc)
	row._doc_before_save = frappe._dict(qty=6, conversion_factor=1)
	sales_order.note_raised_row(row)
	sales_order.on_update_after_submit(doc)


def test_an_order_typed_in_does_not_exceed_a_contract(world, contract):
	order = frappe.get_doc("Sales Order", rows.order(world, 500, qty=5, **of(contract)))
	with refused(match=r"Row 1.*1 more than what remains"):
		sales_order.on_submit(order)


def test_a_closed_order_is_not_reopened_above_its_contract(world, contract):
	order = frappe.get_doc("Sales Order", rows.order(world, 500, qty=5, **of(contract)))
	order._doc_before_save = frappe._dict(status="Closed")
	with refused(match=r"Row 1.*1 more than what remains"):
		sales_order.on_change(order)


def test_a_contract_is_fulfilled_only_when_all_of_it_is_delivered_and_billed(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 4, 100)))
	order = rows.order(world, 400, qty=4, delivered_qty=4, **of(contract))
	assert status_of(contract) == "Active"
	rows.invoice(world, order, 399)
	assert status_of(contract) == "Active"
	rows.invoice(world, order, 1)
	assert status_of(contract) == "Fulfilled"


def test_a_contract_with_something_left_to_order_is_not_fulfilled(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 4, 100)))
	rows.invoice(world, rows.order(world, 300, qty=3, delivered_qty=3, **of(contract)), 300)
	assert status_of(contract) == "Active"


def test_a_request_is_completed_only_when_all_of_it_is_delivered_and_billed(sale, world):
	about = {"company": world.company, "customer": world.customer, "title": "Pumps"}
	request = frappe._dict(
		doctype="Sales Order Request", name=rows.row("Sales Order Request", status="Accepted", **about)
	)
	order = rows.order(world, 400, qty=4, crm_request_key=request.name, **of(request))
	assert status_of(request) == "Accepted"
	frappe.db.set_value("Sales Order Item", {"parent": order}, "delivered_qty", 3)
	assert status_of(request) == "Accepted"
	frappe.db.set_value("Sales Order Item", {"parent": order}, "delivered_qty", 4)
	assert status_of(request) == "Delivered"
	rows.invoice(world, order, 400)
	assert status_of(request) == "Completed"
	frappe.db.set_value("Sales Order Item", {"parent": order}, "delivered_qty", 2)
	assert status_of(request) == "Accepted"


def status_of(contract) -> str:
	roll_up.recompute(Ref(contract.doctype, contract.name))
	return frappe.db.get_value(contract.doctype, contract.name, "status")


# ---- order history


@pytest.fixture
def last_month(world):
	"""history(**filters): what orders of last month came to, above what other tests left there."""
	day = add_days(nowdate()[:8] + "01", -1)
	ask = lambda **more: order_history.by_month(ForecastScope(world.company, **more), getdate()).get(month(day), 0)  # noqa: E731
	before = ask()
	history = lambda **more: ask(**more) - (0 if more else before)  # noqa: E731
	history.day = day
	return history


def month(day):
	return getdate(day).replace(day=1)


def test_the_order_history_holds_submitted_orders_of_months_that_are_over(world, last_month):
	for docstatus, net in ((0, 1000), (1, 100), (2, 10000)):
		rows.order(world, net, tax=7, docstatus=docstatus, transaction_date=last_month.day)
	rows.order(world, 50, transaction_date=last_month.day, company="Somebody Else")
	rows.order(world, 70)
	assert last_month() == 100
	assert month(nowdate()) not in order_history.by_month(ForecastScope(world.company), getdate())


def test_behind_the_history_stand_the_orders_that_it_adds_up_the_latest_first(world, last_month):
	before = month(add_days(last_month.day, -40))
	late = rows.order(world, 100, qty=2, transaction_date=last_month.day)
	early = rows.order(world, 40, transaction_date=before)
	unseen = [rows.order(world, 70), rows.order(world, 9, docstatus=0, transaction_date=last_month.day)]
	filters = {"company": world.company, "item_code": world.pump}
	for measure in ("Amount", "Quantity"):
		found = api.get_documents_of_orders({**filters, "measure": measure})
		assert [row["name"] for row in found["documents"]] == [late, early] and found["total"] == 2
		assert [row["base_amount"] for row in found["documents"]] == [100, 40]
		assert {row["doctype"] for row in found["documents"]} == {"Sales Order"}
	assert not {*unseen} & {row["name"] for row in api.get_documents_of_orders(filters)["documents"]}
	# What orders do not know, won deals answer.
	assert api.get_documents_of_orders({**filters, "sales_owner": "Administrator"})["total"] == 0


def test_the_order_history_of_an_item_holds_its_rows_only(world, last_month):
	rows.order(world, 100, qty=2, transaction_date=last_month.day)
	rows.order(world, 30, item=world.filter, transaction_date=last_month.day)
	assert last_month(item_code=world.filter) == 30
	quantity = order_history.by_month(ForecastScope(world.company, item_code=world.pump, measure=QUANTITY), getdate())
	assert quantity == {month(last_month.day): 2}


def test_the_order_history_is_not_told_to_who_may_not_read_orders(world, last_month, as_user):
	rows.order(world, 100, transaction_date=last_month.day)
	as_user("rep")
	assert last_month() == 100
	as_user("stranger")
	assert order_history.by_month(ForecastScope(world.company), getdate()) == {}


def test_the_order_history_is_that_of_the_territories_a_user_may_see(world, last_month, as_user):
	here, there = frappe.get_all("Territory", filters={"is_group": 0}, pluck="name", limit=2, order_by="name asc")
	rows.order(world, 100, territory=here, transaction_date=last_month.day)
	rows.order(world, 900, territory=there, transaction_date=last_month.day)
	assert last_month(territory=here) == 100
	rep = as_user("rep")
	as_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": rep, "allow": "Territory", "for_value": here}).insert()
	as_user("rep")
	assert order_history.by_month(ForecastScope(world.company), getdate())[month(last_month.day)] == 100


# ---- whose price list


def test_the_price_list_is_the_customers_else_its_groups_else_that_of_the_site(world):
	group = frappe.db.get_value("Customer", world.customer, "customer_group")

	def found() -> str:
		frappe.clear_document_cache("Customer", world.customer)
		frappe.clear_document_cache("Customer Group", group)
		return prices.default_price_list(world.customer)

	assert found() == world.price_list == prices.default_price_list(None)
	frappe.db.set_value("Customer Group", group, "default_price_list", "Of the Group")
	assert found() == "Of the Group"
	frappe.db.set_value("Customer", world.customer, "default_price_list", "Of the Customer")
	assert found() == "Of the Customer"
