"""What is overdue in detail: by its terms, in which currency, in which order, and whose it is."""

import frappe
import pytest

from crm_pipeline.analytics import overdue
from crm_pipeline.receivables import promise_states
from tests.site import rows
from tests.site.portable.test_owed import OTHER, REP, asked, books, on, promise  # noqa: F401

# ruff: noqa: F811


def terms(invoice: str, *parts: tuple) -> None:
	for idx, (days, amount) in enumerate(parts, start=1):
		rows.row(
			"Payment Schedule", parent=invoice, parenttype="Sales Invoice", idx=idx, due_date=on(days),
			payment_amount=amount, base_payment_amount=amount, paid_amount=0, base_paid_amount=0, discounted_amount=0,
		)  # fmt: skip


def customer(key: str, world, **values) -> str:
	name = f"{key} {world.tag}"
	return rows.row("Customer", name=name, customer_name=name, docstatus=0, **values)


def shown(found: list) -> list[tuple]:
	return [(row.item.voucher_no, row.due_date, row.overdue, row.outstanding) for row in found]


def test_an_invoice_is_due_since_its_first_open_term_and_owes_the_coming_ones_too(world, books):
	several = books.invoice("A", 300, -50, 20)
	terms(several, (-40, 100), (-5, 120), (20, 80))
	one = books.invoice("B", 50, -50, -20)
	today = books.invoice("C", 40, -50, 0)
	coming = books.invoice("D", 60, -50, 1)
	found = overdue.found(asked(world))
	assert shown(found.debts) == [(several, on(-40), 220, 300), (one, on(-20), 50, 50), (today, on(0), 40, 40)]
	assert coming not in [row.item.voucher_no for row in (*found.debts, *found.credits)]
	assert [row.ages for row in found.debts] == [[120, 100, 0, 0, 0], [50, 0, 0, 0, 0], [40, 0, 0, 0, 0]]


def test_the_most_that_is_overdue_comes_first_whatever_is_owed_later(world, books):
	large, small = customer("Large", world), customer("Small", world)
	terms(books.invoice("A", 500, -50, 20, who=large), (-5, 50), (20, 450))
	books.invoice("B", 100, -50, -5, who=small)
	groups = overdue.grouped(overdue.found(asked(world)).debts, "Customer")
	assert [(group.key, group.overdue, group.outstanding) for group in groups] == [(small, 100, 100), (large, 50, 500)]


def test_in_the_currency_of_an_account_amounts_are_those_of_the_account(world, books):
	foreign = books.invoice("A", 0, -50, -5, currency="XTS", party_account_currency="XTS", conversion_rate=2)
	both = {"account_currency": "XTS", "amount_in_account_currency": 100}
	books.entry(("Sales Invoice", foreign), ("Sales Invoice", foreign), 200, -50, **both)
	own = books.invoice("B", 70, -50, -5)
	found = lambda **values: {row.item.voucher_no: row.overdue for row in overdue.found(asked(world, **values)).debts}  # noqa: E731
	assert found() == {foreign: 200, own: 70}
	assert found(account_currency="XTS") == {foreign: 100}
	assert found(account_currency=world.currency) == {own: 70}
	page = lambda **values: [  # noqa: E731
		(row.name, row.base_amount, row.company_currency)
		for row in overdue.documents(asked(world, **values))["documents"]
	]
	assert page(account_currency="XTS") == [(foreign, 100, "XTS")]
	assert set(page()) == {(foreign, 200, world.currency), (own, 70, world.currency)}


def test_a_team_is_that_of_the_person_who_is_asked_for_each_time(world, books, monkeypatch):
	people = rows.sales_people(world, North=None, Rep=REP, South=OTHER)
	of = {name: customer(name, world) for name in people}
	made = {}
	for key, name in of.items():
		made[key] = books.invoice(key, 100, -50, -5, who=name)
	usual = overdue.invoice_owners.of_items

	def behind(items):
		found = usual(items)
		for key, invoice in made.items():
			found["Sales Invoice", invoice] = overdue.invoice_owners.Behind(sales_owner=None, sales_person=people[key])
		return found

	monkeypatch.setattr(overdue.invoice_owners, "of_items", behind)
	names = lambda person: {  # noqa: E731
		key for key, invoice in made.items()
		if invoice in [row.item.voucher_no for row in overdue.found(asked(world, sales_person=people[person])).debts]
	}  # fmt: skip
	assert names("North") == {"North", "Rep"}
	assert names("South") == {"South"}
	assert names("Rep") == {"Rep"}


def test_what_nobody_has_stands_under_nobody_and_a_contract_under_its_own_name(world):
	row = lambda **behind: overdue.Row(  # noqa: E731
		frappe._dict(customer="C", voucher_no="V"), None, overdue.invoice_owners.Behind(**behind), [1.0], 1.0, on(0)
	)
	of_contract = row(sales_owner=REP, contract="CON-1")
	of_nobody = row(sales_owner=None, contract=None)
	keys = lambda one: [overdue.key_of(one, group) for group in ("Sales Owner", "Contract", "Customer", "Invoice")]  # noqa: E731
	assert keys(of_contract) == [REP, "CON-1", "C", "C"] and keys(of_nobody) == ["", "", "C", "C"]


@pytest.mark.parametrize("sees", [True, False])
def test_a_promise_that_one_does_not_see_is_not_told_and_a_reminder_is(world, books, monkeypatch, sees):
	invoice = books.invoice("A", 100, -50, -5)
	promise(invoice, 80, 5)
	rows.row("Dunning", name=f"D {world.tag}", posting_date=on(-2), docstatus=1)
	rows.row("Overdue Payment", parent=f"D {world.tag}", parenttype="Dunning", sales_invoice=invoice)
	usual = frappe.has_permission
	monkeypatch.setattr(
		frappe, "has_permission",
		lambda doctype, *args, **how: (sees or doctype != promise_states.PROMISE) and usual(doctype, *args, **how),
	)  # fmt: skip
	[row] = overdue.found(asked(world)).debts
	assert (row.promise and row.promise["open"]) == (80 if sees else None) and row.dunned_on == on(-2)
