"""What followed an order and what goes along with it: documents of its form's list, a coupon, a contact's party."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline.erp import contacts, coupons, flow
from crm_pipeline.orders import roll_up
from tests.site import rows
from tests.site.hosts import HOST
from tests.site.world import without_right

COUPONS = """
Coupon Code|prompt|valid_upto:Date
Sales Order|prompt|coupon_code
"""


def payment(reference: tuple[str, str], amount: float, **values) -> str:
	made = rows.row("Payment Entry", paid_amount=amount, paid_from_account_currency="EUR", **values)
	rows.row("Payment Entry Reference", parent=made, parenttype="Payment Entry", reference_doctype=reference[0],
		reference_name=reference[1], docstatus=values.get("docstatus", 1))  # fmt: skip
	return made


def note(world, order: str, key: str, **values) -> str:
	fixed = {"company": world.company, "customer": world.customer, "status": "To Bill", "currency": "EUR"}
	made = rows.row("Delivery Note", name=f"{key} {world.tag}", **{**fixed, **values})
	rows.row(
		"Delivery Note Item",
		parent=made,
		parenttype="Delivery Note",
		against_sales_order=order,
		docstatus=values.get("docstatus", 1),
	)
	return made


def test_the_list_after_an_order_has_what_is_submitted_as_it_stands_in_the_document(world):
	order, other = rows.order(world, 100), rows.order(world, 50)
	kept = note(world, order, "Kept", posting_date="2026-02-03", grand_total=90)
	bill = rows.invoice(
		world, order, 100, 19, posting_date="2026-03-04", status="Overdue", currency="EUR", conversion_rate=2
	)
	paid = [payment(of, amount, posting_date="2026-04-05", status="Submitted") for of, amount in (
		(("Sales Order", order), 40), (("Sales Invoice", bill), 60),
	)]  # fmt: skip
	theirs = rows.invoice(world, other, 50)
	payment(("Sales Invoice", theirs), 50)
	note(world, other, "Theirs")
	for state in (0, 2):
		note(world, order, f"State {state}", docstatus=state)
		dropped = rows.invoice(world, order, 100, docstatus=state)
		payment(("Sales Invoice", dropped), 7)
		payment(("Sales Order", order), 8, docstatus=state)
		payment(("Sales Invoice", bill), 9, docstatus=state)
	found = flow.documents_after([order])
	assert [(row["doctype"], row["name"], row["order"], row["amount"], row["currency"]) for row in found] == [
		("Delivery Note", kept, order, 90, "EUR"), ("Sales Invoice", bill, order, 119, "EUR"),
		("Payment Entry", paid[0], order, 40, "EUR"), ("Payment Entry", paid[1], bill, 60, "EUR"),
	]  # fmt: skip
	assert [(str(row["date"]), row["status"]) for row in found] == [
		("2026-02-03", "To Bill"), ("2026-03-04", "Overdue"), ("2026-04-05", "Submitted"), ("2026-04-05", "Submitted"),
	]  # fmt: skip
	assert {row["name"] for row in flow.documents_after([order, other])} >= {kept, bill, *paid, theirs}


def test_a_payment_serves_the_orders_that_it_names_and_those_of_its_invoices(world):
	one, two, three = (rows.order(world, 100) for _number in range(3))
	bill = rows.invoice(world, two, 100)
	paid = payment(("Sales Order", one), 10)
	for kind, name in (("Sales Invoice", bill), ("Journal Entry", three), ("Sales Order", one)):
		rows.row(
			"Payment Entry Reference",
			parent=paid,
			parenttype="Payment Entry",
			reference_doctype=kind,
			reference_name=name,
		)
	payment(("Sales Order", three), 10)
	assert [ref.name for ref in flow.orders_of("Payment Entry", paid)] == sorted([one, two])
	assert [ref.name for ref in flow.orders_of("Sales Invoice", bill)] == [two]
	delivered = note(world, two, "Both")
	for order in (one, None):
		rows.row("Delivery Note Item", parent=delivered, parenttype="Delivery Note", against_sales_order=order)
	assert [ref.name for ref in flow.orders_of("Delivery Note", delivered)] == sorted([one, two])


# ---- the coupon of a quotation


@pytest.fixture
def quoted(world, monkeypatch):
	"""quoted(days) answers a quotation of ten days ago, whose coupon is valid until then, and an order of it."""
	HOST.other_tables(monkeypatch, COUPONS)
	reports = []
	monkeypatch.setattr(coupons.usable, "report", lambda order, field, reason: reports.append((field, reason)))

	def make(valid_upto: int | None):
		code, last = f"CODE {world.tag}", None if valid_upto is None else add_days(nowdate(), valid_upto)
		frappe.db.delete("Coupon Code", {"name": code})
		rows.row("Coupon Code", name=code, valid_upto=last, docstatus=0)
		quotation = rows.row("Quotation", transaction_date=add_days(nowdate(), -10), company=world.company)
		order = frappe._dict(coupon_code=code, name="New")
		return SimpleNamespace(order=order, quotation=quotation, code=code, reports=reports)

	return make


@pytest.mark.parametrize(("last", "kept"), [(None, True), (5, True), (0, True), (-1, False), (-10, False), (-11, True)])
def test_a_coupon_that_ran_out_since_it_was_quoted_comes_off_and_is_told(quoted, last, kept):
	"""One that had run out before is ERPNext's to refuse."""
	made = quoted(last)
	coupons.use_once(made.order, made.quotation)
	assert made.order.coupon_code == (made.code if kept else None)
	assert [field for field, _reason in made.reports] == ([] if kept else ["coupon_code"])
	assert all("its price stays" in reason for _field, reason in made.reports)


@pytest.mark.parametrize(
	("coupon", "quotation", "state", "used"),
	[
		("ours", "ours", 1, True), ("ours", "ours", 0, True), ("ours", "ours", 2, False), ("other", "ours", 1, False),
		("ours", "other", 1, False), (None, "ours", 1, False),
	],
)  # fmt: skip
def test_a_coupon_is_used_by_an_earlier_order_of_the_same_quotation_alone(
	world, quoted, coupon, quotation, state, used
):
	made = quoted(-1)
	earlier = rows.order(
		world, 100, docstatus=state, coupon_code={"ours": made.code, "other": "OTHER", None: None}[coupon],
		prevdoc_docname=made.quotation if quotation == "ours" else "Another",
	)  # fmt: skip
	coupons.use_once(made.order, made.quotation)
	assert made.order.coupon_code is None and earlier
	assert bool(made.reports) is not used, "used once is no news: only what ran out is told"


def test_an_order_without_a_coupon_is_left_alone(quoted):
	made = quoted(-1)
	for code in (None, ""):
		order = frappe._dict(coupon_code=code)
		coupons.use_once(order, made.quotation)
		assert order.coupon_code == code and made.reports == []


# ---- a contact joins a party


def test_a_contact_joins_a_party_once_and_by_who_may_change_it(world, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	other = rows.row("Customer", name=f"Other {world.tag}", customer_name=f"Other {world.tag}", docstatus=0)
	contact = frappe.get_doc({"doctype": "Contact", "first_name": f"Ann {world.tag}", "is_primary_contact": 1})
	contact.append("links", {"link_doctype": "Customer", "link_name": other})
	contact.insert()
	links = lambda: [(row.link_doctype, row.link_name) for row in frappe.get_doc("Contact", contact.name).links]  # noqa: E731
	as_user("stranger")
	contacts.give_party(contact.name, "Customer", world.customer)
	as_user("Administrator")
	assert links() == [("Customer", other)]
	contacts.give_party(contact.name, "Customer", other)
	assert links() == [("Customer", other)]
	assert frappe.db.get_value("Contact", contact.name, "is_primary_contact") == 1
	contacts.give_party(contact.name, "Customer", world.customer)
	assert links() == [("Customer", other), ("Customer", world.customer)]
	assert not frappe.db.get_value("Contact", contact.name, "is_primary_contact"), (
		"what joins is never the preferred one"
	)


# ---- the list of a deal's orders


def test_the_orders_of_a_sale_are_listed_in_their_own_currency_to_who_reads_orders(world, monkeypatch):
	deal = rows.bare_deal(world, "Deal")
	about = {"crm_source_type": "Sales Opportunity", "crm_source_name": deal, "currency": "EUR", "conversion_rate": 2}
	last, first = (
		rows.order(world, net, tax=19, creation=f"2026-03-{day} 10:00:00", transaction_date=f"2026-02-{day}", **about)
		for net, day in ((100, "09"), (50, "02"))
	)
	rows.order(world, 7)
	found = roll_up.documents_of("Sales Opportunity", deal)
	assert [(row["doctype"], row["name"], row["order"], row["amount"], row["currency"]) for row in found] == [
		("Sales Order", first, first, 69, "EUR"), ("Sales Order", last, last, 119, "EUR"),
	]  # fmt: skip
	assert [(str(row["date"]), row["status"]) for row in found] == [
		("2026-02-02", "To Deliver and Bill"), ("2026-02-09", "To Deliver and Bill"),
	]  # fmt: skip
	kept = note(world, last, "Kept", grand_total=90, posting_date="2026-02-03")
	assert [row["name"] for row in roll_up.documents_of("Sales Opportunity", deal)] == [first, last, kept]
	assert roll_up.documents_of("Sales Opportunity", rows.bare_deal(world, "Other")) == []
	without_right(monkeypatch, "Sales Order", "read")
	assert roll_up.documents_of("Sales Opportunity", deal) == []
