"""Small rules of promises to pay: which one counts, what is stored of them, who takes one back, what is offered."""

import frappe
import pytest

from crm_pipeline.core.promises import KEPT, OPEN, WITHDRAWN, Verdict
from crm_pipeline.erp import open_items
from crm_pipeline.receivables import promise_checks, promise_states, seen_invoices
from tests.site import rows
from tests.site.conftest import _make_user
from tests.site.portable.test_owed import books, on, owed, promise  # noqa: F401
from tests.site.world import history, refused

PROMISE = "Promise to Pay"


def stored(name: str) -> tuple:
	return frappe.db.get_value(PROMISE, name, ["status", "settled_amount", "settled_on"])


@pytest.fixture
def made(world, owed):  # noqa: F811
	"""made(key, days, number, **values) is a promise about the late invoice, made as the `number`th."""

	def row(key: str, days: int, number: int, **values) -> str:
		fixed = {
			"sales_invoice": owed.late,
			"company": world.company,
			"customer": world.customer,
			"currency": world.currency,
		}
		fixed |= {
			"amount": 10,
			"outstanding": 200,
			"made_on": on(-3),
			"status": OPEN,
			"docstatus": 0,
			"settled_amount": 0,
		}
		fixed |= {"promised_on": on(days), "creation": f"2026-01-0{number} 10:00:00"}
		return rows.row(PROMISE, name=f"{key} {world.tag}", **{**fixed, **values})

	return row


def test_promises_are_told_by_the_day_that_they_are_due_then_as_they_were_made(made, owed):  # noqa: F811
	made("Far", 9, 1), made("Near", 2, 3), made("Second", 5, 4), made("First", 5, 2)
	found = promise_states.of_invoices([owed.late])[owed.late]
	assert [row.name.split()[0] for row, _verdict in found] == ["Near", "First", "Second", "Far"]
	row, _verdict = promise_states.latest_of([owed.late])[owed.late]
	assert row.name.startswith("Near"), "whichever was made first"


def test_of_promises_that_are_over_the_one_made_last_counts_and_none_that_was_taken_back(made, owed):  # noqa: F811
	def latest() -> list[str]:
		found = promise_states.latest_of([owed.late, owed.old])
		return found[owed.late][0].name.split() if owed.late in found else []

	made("Back", 9, 9, status=WITHDRAWN)
	assert latest() == []
	made("Later day", -1, 1)
	made("Last made", -2, 3)
	made("Middle", -3, 2)
	assert latest()[:2] == ["Last", "made"]
	made("Open", 9, 1)
	assert latest()[0] == "Open"
	assert owed.old not in promise_states.latest_of([owed.late, owed.old])


@pytest.mark.parametrize(
	("docstatus", "verdicts"),
	[(1, {OPEN}), (2, {WITHDRAWN}), (None, {WITHDRAWN})],
)
def test_a_promise_about_an_invoice_that_is_gone_is_as_good_as_taken_back(made, owed, docstatus, verdicts):  # noqa: F811
	made("A", 3, 1)
	if docstatus is None:
		frappe.db.delete("Sales Invoice", {"name": owed.late})
	else:
		frappe.db.set_value("Sales Invoice", owed.late, "docstatus", docstatus)
	found = promise_states.of_invoices([owed.late])[owed.late]
	assert {verdict.status for _row, verdict in found} == verdicts
	assert found[0][0].sales_owner is None and found[0][0].amount == 10


@pytest.mark.parametrize(
	("before", "verdict", "after", "drifted"),
	[
		((OPEN, 0, None), (OPEN, 0, None), (OPEN, 0, None), False),
		((OPEN, 0, None), (OPEN, 0.004, None), (OPEN, 0, None), False),
		((OPEN, 0, None), (OPEN, 4, None), (OPEN, 4, None), True),
		((OPEN, 4, -1), (OPEN, 4, None), (OPEN, 4, None), True),
		((OPEN, 4, None), (OPEN, 4, -1), (OPEN, 4, -1), True),
		((KEPT, 10, -2), (KEPT, 10, -1), (KEPT, 10, -1), True),
		((KEPT, 10, -2), (KEPT, 10, -2), (KEPT, 10, -2), False),
		((OPEN, 0, None), (KEPT, 10, -1), (KEPT, 10, -1), True),
		((KEPT, 10, -1), (OPEN, 4, None), (OPEN, 4, None), True),
	],
)
def test_what_became_of_a_promise_is_stored_with_amount_and_day(made, before, verdict, after, drifted):
	day = lambda days: days if days is None else on(days)  # noqa: E731
	name = made("A", 3, 1, status=before[0], settled_amount=before[1], settled_on=day(before[2]))
	row = frappe._dict(name=name, status=before[0], settled_amount=before[1], settled_on=day(before[2]))
	assert promise_states._store(row, Verdict(verdict[0], verdict[1], settled_on=day(verdict[2]))) is drifted
	assert stored(name) == (after[0], after[1], day(after[2]))
	moved = [(before[0], verdict[0])] if before[0] != verdict[0] else []
	assert [entry[1:] for entry in history(PROMISE, name)] == moved


# ---- taking one back


def test_a_promise_is_taken_back_by_who_may_change_it(owed, as_user, world):  # noqa: F811
	name = promise(owed.late, 10, 3).name
	reader = f"reader-{world.tag}@crm-test.example"
	_make_user(reader, ("Sales Master Manager",))
	as_user(reader)
	assert frappe.get_doc(PROMISE, name).has_permission("read")
	with refused(frappe.PermissionError):
		promise_checks.withdraw(name, "I say so")
	as_user("Administrator")
	assert stored(name)[0] == OPEN
	promise_checks.withdraw(name, "They rang")
	assert frappe.db.get_value(PROMISE, name, ["status", "withdrawn_because"]) == (WITHDRAWN, "They rang")
	with refused(match="withdrawn already"):
		promise_checks.withdraw(name)


# ---- what is offered


def test_the_last_day_of_the_world_s_clocks_says_what_is_owed(world, books, monkeypatch):  # noqa: F811
	"""Finance may be a day ahead of whoever asks for the money."""
	early = books.invoice("early", 100, 0, 9)
	ahead = books.invoice("ahead", 50, 1, 8)
	books.pay(early, 30, 1)
	told = lambda: [(row["sales_invoice"], row["amount"]) for row in promise_checks.owed_by(world.customer)]  # noqa: E731
	monkeypatch.setattr(promise_checks, "user_today", lambda: on(0))
	monkeypatch.setattr(promise_checks, "latest_today", lambda: on(0))
	assert told() == [(early, 100)]
	monkeypatch.setattr(promise_checks, "latest_today", lambda: on(1))
	assert told() == [(ahead, 50), (early, 70)]


def test_what_is_owed_in_the_customer_s_currency_is_offered_whatever_is_left_in_the_company_s(world, books):  # noqa: F811
	abroad = {"account_currency": "EUR"}
	invoice = books.invoice("abroad", 100, -9, -1, party_account_currency="EUR")
	frappe.db.set_value("Payment Ledger Entry", {"voucher_no": invoice}, {"amount_in_account_currency": 50, **abroad})
	books.pay(invoice, 105, -3, amount_in_account_currency=-45, **abroad)
	[item] = open_items.of_customers([world.customer], on(0))
	assert (item.balance.outstanding, item.own_balance.outstanding) == (-5, 5)
	[row] = promise_checks.owed_by(world.customer)
	assert (row["sales_invoice"], row["amount"], row["currency"], row["due_date"]) == (invoice, 5, "EUR", on(-1))


def test_invoices_due_on_one_day_are_offered_by_name_and_credit_notes_never(world, books, monkeypatch):  # noqa: F811
	names = [books.invoice(key, 100, day, due) for key, day, due in (("B", -9, -1), ("A", -3, -1), ("C", -2, -8))]
	note = books.invoice("N", 40, -2, -9, is_return=1)
	hidden = books.invoice("H", 40, -2, -9)
	seen = seen_invoices.seen
	monkeypatch.setattr(
		seen_invoices, "seen", lambda rows, behind: [row for row in seen(rows, behind) if row.voucher_no != hidden]
	)
	found = [row["sales_invoice"] for row in promise_checks.owed_by(world.customer)]
	assert found == [names[2], names[1], names[0]] and note not in found
