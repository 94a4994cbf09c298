"""Small rules of what is counted, and in which order it is told: single documents of orders, a job's progress, pages."""

import json
from datetime import datetime

import frappe
import pytest

from crm_pipeline.chain import jobs
from crm_pipeline.erp import order_shares
from crm_pipeline.overrides import renamed
from tests.site import rows
from tests.site.portable.test_background_work import commits, stored  # noqa: F401
from tests.site.portable.test_timeline_pages import asked, made, pages  # noqa: F401

LEAD = "Sales Lead"


# ---- what single documents count with


@pytest.fixture
def sold(world):
	"""Two orders of one sale, in a currency of which one is worth 2, and one of somebody else."""
	one, two, other = (
		rows.order(world, net, tax=tax, qty=10, currency="XTS", conversion_rate=2.0) for net, tax in ((100, 20), (50, 0), (100, 0))
	)  # fmt: skip
	return one, two, other


NUMBERS = {"Sales Order": "ordered", "Delivery Note": "delivered", "Sales Invoice": "billed", "Payment Entry": "paid"}


def counted(doctype: str, sold) -> dict[str, float]:
	found = order_shares.of_documents(NUMBERS[doctype], list(sold[:2]))
	assert {kind for kind, _name in found} <= {doctype}
	return {name: round(amount, 6) for (_kind, name), amount in found.items()}


def test_an_order_counts_with_what_was_ordered_net_in_company_currency(sold):
	one, two, _other = sold
	assert counted("Sales Order", sold) == {one: 200, two: 100}
	frappe.db.set_value("Sales Order", two, "status", "Closed")
	assert counted("Sales Order", sold) == {one: 200}
	assert order_shares.of_documents("ordered", []) == {}


def test_a_delivery_counts_with_the_part_of_the_orders_at_their_rates(world, sold):
	line = {order: frappe.db.get_value("Sales Order Item", {"parent": order}, "name") for order in sold}

	def note(key, order, qty, **values):
		fixed = {"against_sales_order": order, "so_detail": line[order], "stock_qty": qty}
		rows.row("Delivery Note Item", parent=f"{key} {world.tag}", parenttype="Delivery Note", **{**fixed, **values})

	one, two, other = sold
	note("A", one, 4)
	note("A", two, 10)
	note("A", other, 10)
	note("B", one, -1)
	note("C", one, 9, docstatus=0)
	note("D", one, 9, docstatus=2)
	note("E", other, 9)
	assert counted("Delivery Note", sold) == {f"A {world.tag}": 180, f"B {world.tag}": -20}
	frappe.db.set_value("Sales Order Item", line[two], "stock_qty", 0)
	assert counted("Delivery Note", sold)[f"A {world.tag}"] == 80


def test_an_invoice_counts_with_its_part_for_the_orders_at_its_own_rate(sold, world):
	one, two, other = sold
	first = rows.invoice(world, one, 60, tax=12, currency="XTS", conversion_rate=3.0)
	credit = rows.invoice(world, two, -10, currency="XTS", conversion_rate=2.0)
	for state in (0, 2):
		rows.invoice(world, one, 40, docstatus=state)
	rows.invoice(world, other, 40)
	assert counted("Sales Invoice", sold) == {first: 180, credit: -20}


def test_a_payment_counts_with_what_it_pays_of_the_orders_net_of_tax(sold, world):
	one, two, other = sold
	invoice = rows.invoice(world, one, 60, tax=12, currency="XTS", conversion_rate=3.0)
	strange = rows.invoice(world, other, 60)
	rows.settled(invoice, 36, "XTS", voucher_no="PAY-A")
	rows.settled(invoice, 54, world.currency, voucher_no="PAY-B")
	rows.settled(strange, 60, world.currency, voucher_no="PAY-A")
	rows.settled(invoice, 9, "XTS", voucher_no="PAY-C", delinked=1)
	advance = rows.advance(one, 12, "XTS")
	back = rows.advance(one, 6, "XTS", kind="Pay")
	rows.advance(other, 12, "XTS")
	rows.advance(one, 12, "XTS", docstatus=0)
	paid = {name: amount for name, amount in counted("Payment Entry", sold).items() if amount}
	# 36 of 72 in its currency are half of 180 net; 54 of 216 in the company's are a quarter.
	assert paid == {"PAY-A": 90, "PAY-B": 45, advance: 20, back: -10}


def test_rounded_totals_are_what_a_payment_is_a_part_of(sold, world):
	one, two, _other = sold
	invoice = rows.invoice(world, one, 100, currency="XTS", conversion_rate=2.0)
	totals = {"rounded_total": 101, "base_rounded_total": 202}
	frappe.db.set_value("Sales Invoice", invoice, totals, update_modified=False)
	rows.settled(invoice, 50.5, "XTS", voucher_no="PAY-A")
	assert counted("Payment Entry", sold) == {"PAY-A": 100}
	frappe.db.set_value("Sales Invoice", invoice, dict.fromkeys(totals, 0), update_modified=False)
	assert counted("Payment Entry", sold) == {"PAY-A": 101}
	rows.settled(rows.invoice(world, two, 50, tax=10), 12, world.currency, voucher_no="PAY-B")
	assert counted("Payment Entry", sold) == {"PAY-A": 101, "PAY-B": 10}


@pytest.fixture
def for_both(sold, world):
	"""for_both(**values) is an invoice of 60 for one order and 30 for the other, with 18 tax, at an exchange rate of 3."""

	def make(**values) -> str:
		invoice = rows.invoice(
			world, sold[0], 60, tax=48, currency="XTS", conversion_rate=3.0, base_net_total=270, **values
		)
		rows.row("Sales Invoice Item", parent=invoice, parenttype="Sales Invoice", parentfield="items", idx=2,
			sales_order=sold[1], stock_qty=1, amount=30, base_net_amount=90)  # fmt: skip
		return invoice

	return make


def paid_of(*orders: str, own: bool = False) -> dict[str, float]:
	found = order_shares.of_documents("paid", list(orders), in_own_currency=own)
	return {name: round(amount, 6) for (_kind, name), amount in found.items()}


def test_a_payment_of_an_invoice_for_several_orders_counts_with_all_of_them(sold, world, for_both):
	rows.settled(for_both(), 54, "XTS", voucher_no="PAY-A")
	one, two, _other = sold
	assert (paid_of(one, two), paid_of(one), paid_of(two)) == ({"PAY-A": 135}, {"PAY-A": 90}, {"PAY-A": 45})
	assert (paid_of(one, two, own=True), paid_of(one, own=True)) == ({"PAY-A": 45}, {"PAY-A": 30})


def test_what_was_paid_at_the_till_is_told_by_its_invoice(sold, world, for_both):
	till = for_both(is_pos=1, base_paid_amount=360, base_change_amount=36)
	rows.settled(till, 999, "XTS", voucher_no="PAY-A", delinked=1)
	one, two, _other = sold
	assert order_shares.of_documents("paid", [one, two]).keys() == {("Sales Invoice", till)}
	assert (paid_of(one, two), paid_of(two)) == ({till: 270}, {till: 90})
	assert (paid_of(one, two, own=True), paid_of(two, own=True)) == ({till: 90}, {till: 30})


def delivered_of(*orders: str, own: bool = False) -> dict[str, float]:
	found = order_shares.of_documents("delivered", list(orders), in_own_currency=own)
	return {name: round(amount, 6) for (_kind, name), amount in found.items()}


def test_what_is_delivered_by_being_billed_counts_with_submitted_invoices_at_their_rates(world):
	about = {"currency": "XTS", "conversion_rate": 2.0, "skip_delivery_note": 0}
	order = rows.order(world, 100, qty=10, item=world.service, **about)
	kept = rows.invoice(world, order, 30, currency="XTS", conversion_rate=3.0)
	back = rows.invoice(world, order, -10, currency="XTS", conversion_rate=3.0)
	for state in (0, 2):
		rows.invoice(world, order, 40, docstatus=state, conversion_rate=3.0)
	assert delivered_of(order) == {kept: 90, back: -30}
	assert delivered_of(order, own=True) == {kept: 30, back: -10}


@pytest.mark.parametrize(("update_stock", "delivered"), [(1, 60), (0, None)])
def test_goods_are_delivered_by_an_invoice_that_takes_them_from_stock_at_the_rate_of_the_order(
	world, update_stock, delivered
):
	about = {"currency": "XTS", "conversion_rate": 2.0, "skip_delivery_note": 0}
	order = rows.order(world, 100, qty=10, **about)
	invoice = rows.invoice(world, order, 30, currency="XTS", conversion_rate=3.0, update_stock=update_stock)
	rows.invoice(world, order, 40, update_stock=1, docstatus=0, conversion_rate=3.0)
	assert delivered_of(order) == ({invoice: delivered} if delivered else {})
	assert delivered_of(order, own=True) == ({invoice: delivered / 2} if delivered else {})


def test_what_delivers_a_row_may_be_another_document_at_the_rate_of_the_order(world):
	"""More was billed than noted at the rate of the invoice, less at that of the order."""
	about = {"currency": "XTS", "conversion_rate": 2.0, "skip_delivery_note": 0}
	order = rows.order(world, 100, qty=10, item=world.service, delivered_qty=5, **about)
	line = frappe.db.get_value("Sales Order Item", {"parent": order}, "name")
	note = f"N {world.tag}"
	rows.row(
		"Delivery Note Item",
		parent=note,
		parenttype="Delivery Note",
		against_sales_order=order,
		so_detail=line,
		stock_qty=5,
	)
	invoice = rows.invoice(world, order, 40, currency="XTS", conversion_rate=3.0)
	assert delivered_of(order) == {invoice: 120}
	assert delivered_of(order, own=True) == {note: 50}


def test_what_was_noted_counts_net_of_the_discount_on_the_whole_order(world):
	order = rows.order(world, 90, qty=10, base_amount=100, skip_delivery_note=0, conversion_rate=1.0)
	line, note = frappe.db.get_value("Sales Order Item", {"parent": order}, "name"), f"N {world.tag}"
	rows.row(
		"Delivery Note Item",
		parent=note,
		parenttype="Delivery Note",
		against_sales_order=order,
		so_detail=line,
		stock_qty=4,
	)
	assert delivered_of(order) == {note: 36}


@pytest.mark.parametrize("rate", [0, 1.0])
def test_an_order_without_a_rate_counts_as_it_is(world, rate):
	order = rows.order(world, 100, conversion_rate=1.0)
	frappe.db.set_value("Sales Order", order, "conversion_rate", rate)
	assert order_shares.rates_of([order]) == {order: 1.0}
	assert order_shares.of_documents("ordered", [order], in_own_currency=True) == {("Sales Order", order): 100}


# ---- a job's progress


def test_a_long_job_has_written_down_after_each_record_how_far_it_is(commits, monkeypatch):  # noqa: F811
	frappe.db.delete(jobs.DOCTYPE, {"name": "Reconcile"})
	seen = []

	def work(name):
		seen.append((name, *stored("status", "position", "done", "changed", "failed")))
		if name == "B":
			raise KeyError(name)
		return 2

	own = {"the.records": lambda last: [(n,) for n in "ABCD"], "the.work": work}
	others = frappe.get_attr
	monkeypatch.setattr(frappe, "get_attr", lambda path: own.get(path) or others(path))
	monkeypatch.setitem(jobs.JOBS, "Reconcile", jobs.LongJob("the.records", "the.work", "long"))
	assert jobs.run("Reconcile").changed == 6
	assert seen == [
		("A", "Running", None, 0, 0, 0),
		("B", "Running", '["A"]', 1, 2, 0),
		("C", "Running", '["B"]', 2, 2, 1),
		("D", "Running", '["C"]', 3, 4, 1),
	]
	assert stored("status", "position", "done", "changed", "failed") == ("Done", None, 4, 6, 1)


# ---- conditions that name what is gone


@pytest.mark.parametrize(
	("text", "old", "expected"),
	[
		('[["territory", "=", "North, Old"]]', "North, Old", [["territory", "=", "South"]]),
		('[["territory", "=", "North, Old"]]', "North", [["territory", "=", "South, Old"]]),
		('[["territory", "in", ["North", "Old"]]]', "North", [["territory", "in", ["South", "Old"]]]),
		('[["No Such Type", "territory", "=", "North"]]', "North", [["No Such Type", "territory", "=", "North"]]),
		('[[["territory"], "=", "North"]]', "North", [[["territory"], "=", "North"]]),
		('[["Sales Opportunity", "territory", "=", "North"]]', "North", [["Sales Opportunity", "territory", "=", "South"]]),
		('[["territory", "like", "North"]]', "North", [["territory", "like", "North"]]),
		('["territory", 7, ["territory", "="]]', "North", ["territory", 7, ["territory", "="]]),
	],
)  # fmt: skip
def test_a_name_is_followed_where_it_is_the_whole_value_or_one_of_several(site, text, old, expected):
	assert json.loads(renamed.with_new_name(text, LEAD, "Territory", old, "South")) == expected


@pytest.mark.parametrize("field", ["gone_field", "title", "name"])
def test_a_condition_on_a_field_that_is_no_link_to_it_stays_as_it_was(site, field):
	for text in (f'{{"{field}": "North"}}', f'[["{field}", "=", "North"]]'):
		assert renamed.with_new_name(text, LEAD, "Territory", "North", "South") == text


def test_rules_of_scores_follow_a_name_in_the_fields_that_link_to_it(world):
	old, new = f"Fair {world.tag}", f"Show {world.tag}"
	made = {
		key: rows.row("Lead Score Rule", name=f"{key} {world.tag}", docstatus=0, kind=kind, fieldname=field, value=value)
		for key, kind, field, value in (
			("gone", "Field", "gone_field", old), ("link", "Field", "channel", f"Web\n{old.upper()} \nFair"),
			("none", "Field", "channel", None), ("other", "Field", "territory", old), ("text", "Field", "title", old),
			("kind", "Activity", "channel", old),
		)
	}  # fmt: skip
	renamed._follow_in_scores("Sales Channel", old, new)
	stored_ = {key: frappe.db.get_value("Lead Score Rule", name, "value") for key, name in made.items()}
	assert stored_ == {
		"gone": old, "link": f"Web\n{new}\nFair", "none": None, "other": old, "text": old, "kind": old,
	}  # fmt: skip


def test_a_rename_that_lost_a_race_begins_anew_and_nothing_else_ends_it(site, monkeypatch):
	def breaks(*_about):
		raise frappe.QueryDeadlockError("lost")

	monkeypatch.setattr(renamed, "_follow_in_scores", breaks)
	about = (frappe._dict(doctype="Sales Channel"), "after_rename", "Old", "New", False)
	with pytest.raises(frappe.QueryDeadlockError):
		renamed.follow_values(*about)
	for flag in renamed.CHANGING:
		monkeypatch.setitem(frappe.flags, flag, True)
		renamed.follow_values(*about)
		monkeypatch.setitem(frappe.flags, flag, False)


# ---- the timeline, page by page


def test_pages_go_on_within_a_day_by_the_hour(world, asked):  # noqa: F811
	for key, hour in (("a", 14), ("b", 11), ("c", 9), ("d", 0)):
		made(world, "case", name=f"{key} {world.tag}", opened_on=datetime(2026, 3, 4, hour))
		made(world, "activity", name=f"{key} {world.tag}", starts_on=datetime(2026, 3, 4, hour, 30))
	for key in "ab":
		made(world, "order", name=f"{key} {world.tag}", transaction_date=datetime(2026, 3, 4).date())
	expected = [
		("activity", "a"), ("case", "a"), ("activity", "b"), ("case", "b"), ("activity", "c"), ("case", "c"), ("activity", "d"),
		("case", "d"), ("order", "b"), ("order", "a"),
	]  # fmt: skip
	for size in (1, 2, 3, 50):
		found = [
			(one["kind"], one["name"].split()[0])
			for page in pages(asked(), size, "case", "activity", "order")
			for one in page
		]
		assert found == expected, size
