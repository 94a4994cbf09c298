"""Which documents of customers may be open on a day: invoices, credit notes, and payments that stand by themselves."""

from types import SimpleNamespace

import pytest
from frappe.utils import getdate

from crm_pipeline.erp import open_documents, open_items
from tests.site import rows
from tests.site.portable.test_owed import books, on  # noqa: F401

INVOICE, PAYMENT, JOURNAL = "Sales Invoice", "Payment Entry", "Journal Entry"


@pytest.fixture
def other(world):
	return rows.row("Customer", name=f"Other {world.tag}", customer_name=f"Other {world.tag}", docstatus=0)


def test_what_is_open_is_listed_with_what_is_owed_back_and_what_was_settled_later(world, books, other):  # noqa: F811
	made = {}
	for key, values in (
		("owed", {"outstanding_amount": 5}), ("back", {"outstanding_amount": -5, "is_return": 1}), ("settled", {}), ("later", {}), ("on the day", {}),
		("undone", {}), ("of a supplier", {}), ("draft", {"outstanding_amount": 5, "docstatus": 0}), ("cancelled", {"outstanding_amount": 5, "docstatus": 2}),
		("elsewhere", {"outstanding_amount": 5, "company": "Another"}),
	):  # fmt: skip
		made[key] = books.invoice(key, 100, -40, -10, **{"outstanding_amount": 0, **values})
	made["theirs"] = books.invoice("theirs", 100, -40, -10, who=other, outstanding_amount=5)
	for key, day, values in (
		("settled", -6, {}), ("on the day", -5, {}), ("later", -4, {}), ("undone", -4, {"delinked": 1}), ("of a supplier", -4, {"party_type": "Supplier"}),
		("theirs", -4, {"party": other}),
	):  # fmt: skip
		books.pay(made[key], 100, day, **values)
	books.entry((PAYMENT, "P"), (PAYMENT, f"PAY {world.tag}"), -100, -4)
	found = lambda who, company: open_documents.invoices_of(who, on(-5), company)  # noqa: E731
	assert found([world.customer], world.company) == sorted(made[key] for key in ("owed", "back", "later"))
	assert found([world.customer], None) == sorted(made[key] for key in ("owed", "back", "later", "elsewhere"))
	assert found([world.customer, other], world.company) == sorted(
		made[key] for key in ("owed", "back", "later", "theirs")
	)


def test_payments_and_journals_are_listed_that_do_not_add_up_to_nothing(world, books, other):  # noqa: F811
	name = lambda key: f"{key} {world.tag}"  # noqa: E731

	def entry(kind: str, key: str, amount: float, day: int = -9, against: tuple | None = None, **values) -> None:
		books.entry((kind, name(key)), against or (kind, name(key)), amount, day, **values)

	entry(PAYMENT, "Advance", -40)
	entry(JOURNAL, "Charge", 30)
	entry(PAYMENT, "Used up", -40)
	entry(JOURNAL, "Uses", 40, against=(PAYMENT, name("Used up")))
	entry(PAYMENT, "Half", -40)
	entry(JOURNAL, "Uses half", 15, against=(PAYMENT, name("Half")))
	entry(PAYMENT, "Used later", -40)
	entry(JOURNAL, "Uses later", 40, -4, against=(PAYMENT, name("Used later")))
	entry(JOURNAL, "Rate", 0, amount_in_account_currency=7)
	entry(JOURNAL, "Rate back", 0, amount_in_account_currency=-7)
	entry(JOURNAL, "Own nothing", 7, amount_in_account_currency=0)
	entry(JOURNAL, "Dust", 0.0000001)
	entry(PAYMENT, "On the day", -1, -5)
	entry(PAYMENT, "Tomorrow", -1, -4)
	entry(PAYMENT, "Undone", -40, delinked=1)
	entry(PAYMENT, "Supplier", -40, party_type="Supplier")
	entry(PAYMENT, "Invoice", -40, against=(INVOICE, name("I")))
	entry(PAYMENT, "Order", -40, against=("Sales Order", name("SO")))
	entry(PAYMENT, "Theirs", -40, party=other)
	entry(PAYMENT, "Elsewhere", -40, company="Another")
	found = lambda who, company: open_documents.others_of(who, on(-5), company)  # noqa: E731
	ours = ["Advance", "Charge", "Half", "On the day", "Order", "Own nothing", "Rate", "Rate back", "Used later"]
	assert found([world.customer], world.company) == sorted(map(name, ours))
	assert found([world.customer], None) == sorted(map(name, [*ours, "Elsewhere"]))
	assert found([world.customer, other], world.company) == sorted(map(name, [*ours, "Theirs"]))


def test_two_customers_or_accounts_do_not_settle_each_other(world, books, other):  # noqa: F811
	shared = f"JV {world.tag}"
	books.entry((JOURNAL, shared), (JOURNAL, shared), 50, -9)
	books.entry((JOURNAL, shared), (JOURNAL, shared), -50, -9, party=other)
	assert open_documents.others_of([world.customer, other], on(0), world.company) == [shared]
	second = SimpleNamespace(
		account=rows.row(
			"Account", name=f"Second {world.tag}", account_type="Receivable", company=world.company, docstatus=0
		)
	)
	moved = f"Moved {world.tag}"
	books.entry((JOURNAL, moved), (JOURNAL, moved), 50, -9)
	books.entry((JOURNAL, moved), (JOURNAL, moved), -50, -9, account=second.account)
	items = open_items.of_customers([world.customer], on(0), world.company)
	told = sorted((row.voucher_no, row.account, row.balance.outstanding) for row in items if row.voucher_no == moved)
	assert told == sorted([(moved, books.account, 50), (moved, second.account, -50)])


def test_what_is_against_nothing_that_the_ledger_knows_is_of_its_first_day(world, books):  # noqa: F811
	"""A payment may be set off in parts, on other days, against an invoice of a later one."""
	paid, later = (PAYMENT, f"PAY {world.tag}"), books.invoice("later", 100, 3, 9)
	for day, amount in ((-5, -10), (-9, -20), (-7, -30)):
		books.entry(paid, (INVOICE, later), amount, day)
	[item] = open_items.of_company(world.company, on(0), [world.customer])
	told = (item.voucher_type, item.voucher_no, getdate(item.posting_date), item.balance.outstanding, item.balance.paid)
	assert told == (*paid, on(-9), -60, 60)
	[item] = open_items.of_company(world.company, on(3), [world.customer])
	assert (item.voucher_no, getdate(item.posting_date), item.balance.outstanding) == (later, on(3), 40)
	assert (item.balance.invoiced, item.balance.paid, item.currency, item.customer) == (
		100,
		60,
		world.currency,
		world.customer,
	)


def test_a_document_with_lines_of_several_days_is_of_the_first(world, books):  # noqa: F811
	loose = (PAYMENT, f"PAY {world.tag}")
	for day, amount in ((-5, -10), (-9, -20), (-7, -30)):
		books.entry(loose, loose, amount, day)
	[item] = open_items.of_customers([world.customer], on(0), world.company)
	assert (item.voucher_no, getdate(item.posting_date), item.balance.outstanding) == (loose[1], on(-9), -60)


@pytest.fixture
def elsewhere(world):
	"""A receivable account of another company."""
	return rows.row("Account", name=f"Theirs {world.tag}", account_type="Receivable", company="Another", docstatus=0)


def test_what_is_asked_of_a_company_is_no_other_company_s(world, books, other, elsewhere):  # noqa: F811
	ours = books.invoice("ours", 100, -9, -1)
	books.invoice("theirs", 70, -9, -1, who=other)
	name = f"abroad-{world.tag}"
	books.entry((JOURNAL, name), (JOURNAL, name), 50, -9, company="Another", account=elsewhere)
	asked = lambda company: open_items.of_company(company, on(0), [world.customer])  # noqa: E731
	told = lambda company: [(row.voucher_no, row.company) for row in asked(company)]  # noqa: E731
	assert told(world.company) == [(ours, world.company)]
	assert told("Another") == [(name, "Another")]
	both = {row.voucher_no for row in open_items.of_customers([world.customer], on(0))}
	assert both == {ours, name}


def test_some_invoices_are_these_invoices_and_no_journal_of_such_a_name(world, books):  # noqa: F811
	one, two = books.invoice("one", 100, -9, -1), books.invoice("two", 70, -8, -1)
	books.entry((JOURNAL, one), (JOURNAL, one), 5, -7)
	books.pay(one, 40, -3)
	books.pay(one, 10, 1)
	note = books.invoice("note", -20, -2, -2, is_return=1, return_against=two)
	asked = lambda day, *names: open_items.of_company(world.company, on(day), invoices=list(names))  # noqa: E731
	told = lambda *names: [(row.voucher_type, row.voucher_no, row.balance.outstanding) for row in asked(0, *names)]  # noqa: E731
	assert told(one) == [(INVOICE, one, 60)]
	assert told(one, two) == [(INVOICE, one, 60), (INVOICE, two, 50)]
	assert told(one, two, note) == [(INVOICE, one, 60), (INVOICE, two, 50)] and told() == []
	assert [row.own_balance.outstanding for row in asked(1, one)] == [50]
