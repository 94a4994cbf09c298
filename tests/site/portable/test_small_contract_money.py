"""Contracts and their money in detail: which orders are theirs, what their terms say, and what an invoice asks for when."""

import frappe
import pytest

from crm_pipeline.analytics import contract_money
from crm_pipeline.analytics.contract_money import COMPANY, OWN, CashScope
from crm_pipeline.core.contract_cash import AgreedTerm, TermLine
from crm_pipeline.core.fulfilment import Fulfilment
from tests.site import rows
from tests.site.portable.test_owed import books, on  # noqa: F401
from tests.site.world import without_right

# ruff: noqa: F811
CONTRACT, JOURNAL, INVOICE = "Sales Contract", "Journal Entry", "Sales Invoice"


def contract(world, key: str, **values) -> str:
	fixed = {"company": world.company, "customer": world.customer, "title": key, "currency": world.currency}
	fixed |= {"conversion_rate": 1, "contract_date": on(-30), "status": "Active", "name": f"{key} {world.tag}"}
	return rows.row(CONTRACT, **{**fixed, **values})


def term(parent: str, idx: int, words: str | None, portion: float, day: int | None = None, **values) -> None:
	fixed = {"parent": parent, "parenttype": CONTRACT, "parentfield": "payment_schedule", "idx": idx}
	fixed |= {"description": words, "invoice_portion": portion, "due_date": None if day is None else on(day)}
	# Names run the other way.
	rows.row("Payment Schedule", **{**fixed, "name": f"{9 - idx} {parent}", **values})


# ---- orders


def test_the_orders_of_a_contract_are_what_was_ordered_of_it_by_request_or_without(world):
	one, two, none = (contract(world, key) for key in "ABC")
	of = lambda name: {"crm_source_type": CONTRACT, "crm_source_name": name}  # noqa: E731
	direct, other = rows.order(world, 100, **of(one)), rows.order(world, 100, **of(two))
	request = rows.row(
		"Sales Order Request", name=f"R {world.tag}", source_type=CONTRACT, source_name=one, company=world.company,
		customer=world.customer, status="Accepted",
	)  # fmt: skip
	asked = rows.order(world, 50, crm_source_type="Sales Order Request", crm_source_name=request)
	rows.order(world, 70)
	assert contract_money._orders_of([one, two, none]) == {one: sorted([direct, asked]), two: [other]}
	assert contract_money._orders_of([none]) == {} == contract_money._orders_of([])


# ---- terms


def test_terms_are_told_in_their_order_by_their_words_with_their_share_and_day(world):
	name, other = contract(world, "A"), contract(world, "B")
	term(name, 1, "Advance", 30, -10, payment_term="T1")
	term(name, 2, None, 50, payment_term="T2")
	term(name, 3, None, 20, 5)
	term(other, 1, "All", 100, 7)
	# Another document of the same name.
	term(name, 1, "Theirs", 100, 1, parenttype=INVOICE, name=f"X {world.tag}")
	found = contract_money._terms_of([frappe._dict(name=one, payment_terms_template=None) for one in (name, other)])
	assert found == {
		name: [AgreedTerm("Advance", 0.3, on(-10)), AgreedTerm("T2", 0.5), AgreedTerm("", 0.2, on(5))],
		other: [AgreedTerm("All", 1.0, on(7))],
	}
	assert contract_money._terms_of([]) == {}


def test_a_template_speaks_for_a_contract_without_a_schedule_and_for_no_other(world):
	own, by_template, nothing = (contract(world, key) for key in "ABC")
	template = f"Half {world.tag}"
	term(own, 1, "All", 100, 7)
	for idx, words in ((1, "First half"), (2, "Second half")):
		rows.row(
			"Payment Terms Template Detail", name=f"{9 - idx} {template}", parent=template, parenttype="Payment Terms Template",
			parentfield="terms", idx=idx, description=words, invoice_portion=50, docstatus=0,
		)  # fmt: skip
	contracts = [
		frappe._dict(name=name, payment_terms_template=of)
		for name, of in ((own, template), (by_template, template), (nothing, None))
	]
	assert contract_money._terms_of(contracts) == {
		own: [AgreedTerm("All", 1.0, on(7))],
		by_template: [AgreedTerm("First half", 0.5), AgreedTerm("Second half", 0.5)],
	}


@pytest.mark.parametrize(
	("status", "ordered", "billed", "expected"),
	[
		("Active", 40, 10, [60, 40, 0]),
		("Active", 150, 10, [90, 60, 0]),
		("Terminated", 40, 10, [24, 16, 0]),
		("Expired", 0, 0, [0, 0, 0]),
		("Fulfilled", 90, 90, [90, 0, 0]),
	],
)
def test_what_the_terms_of_a_contract_still_expect_is_what_it_expects(status, ordered, billed, expected):
	lines = [TermLine("Advance", 60.0, billed), TermLine("Rest", 40.0), TermLine("")]
	amounts = Fulfilment(ordered, 0, billed, 0)
	cash = contract_money.ContractCash(frappe._dict(status=status), "EUR", 100.0, amounts, [], lines)
	assert [cash.expected_of(line) for line in lines] == expected
	assert sum(expected) == cash.expected


# ---- what an invoice asks for


def told(world, name: str, shown_in=COMPANY, net=100.0, share=1.0) -> list[tuple]:
	asked = CashScope.of({"company": world.company, "shown_in": shown_in})
	found = contract_money._Money(asked, {name}, on(0)).installments(name, net, share)
	return [(one.term, one.due, one.invoiced, one.outstanding) for one in found]


def scheduled(name: str, *parts: tuple, rate=1.0) -> None:
	for idx, (words, day, amount) in enumerate(parts, start=1):
		rows.row(
			"Payment Schedule", parent=name, parenttype=INVOICE, idx=idx, description=words, due_date=on(day),
			payment_amount=amount, base_payment_amount=amount * rate, paid_amount=0, base_paid_amount=0, discounted_amount=0,
		)  # fmt: skip


def test_an_invoice_asks_term_by_term_for_what_is_open_of_it(world, books):
	name = books.invoice("A", 300, -50, 20)
	scheduled(name, ("Advance", -40, 100), ("Rest", 20, 200))
	books.pay(name, 130, -1)
	assert told(world, name) == [("Advance", on(-40), 100, 0), ("Rest", on(20), 200, 170)]
	assert told(world, name, share=0.5) == [("Advance", on(-40), 50, 0), ("Rest", on(20), 100, 85)]


@pytest.mark.parametrize(("due", "day"), [(-5, -5), (9, 9), (None, -50)])
def test_an_invoice_without_terms_is_due_on_its_day_or_when_it_was_written(world, books, due, day):
	name = books.invoice("A", 300, -50, 0, due_date=None if due is None else on(due))
	assert told(world, name) == [("", on(day), 300, 300)]


def test_a_credit_note_has_no_terms_of_its_own_whatever_it_was_copied_with(world, books):
	against = books.invoice("A", 300, -50, 20)
	note = books.invoice("B", -80, -20, -20, is_return=1, return_against=against, update_outstanding_for_self=1)
	scheduled(note, ("Advance", -40, -30), ("Rest", 20, -50))
	assert told(world, note) == [("", on(-20), -80, -80)]


@pytest.mark.parametrize(("rounded", "asked"), [(301, 301), (0, 300.6)])
def test_what_was_invoiced_is_the_rounded_total_where_there_is_one(world, books, rounded, asked):
	name = books.invoice("A", 300.6, -50, 0, rounded_total=rounded, base_rounded_total=rounded)
	[(_term, _day, invoiced, _open)] = told(world, name)
	assert invoiced == asked


@pytest.mark.parametrize(("shown_in", "rate"), [(COMPANY, 2), (OWN, 1)])
@pytest.mark.parametrize("account", ["document", "company"])
def test_in_the_invoice_s_own_currency_what_is_open_is_that_too(world, books, shown_in, rate, account):
	"""An account in the document's currency keeps 300, one in the company's 600."""
	in_document = account == "document"
	values = {"currency": "XTS", "conversion_rate": 2, "base_grand_total": 600, "base_rounded_total": 600}
	values["party_account_currency"] = "XTS" if in_document else world.currency
	name = books.invoice("A", 300, -50, 20, **values)
	scheduled(name, ("Advance", -40, 100), ("Rest", 20, 200), rate=2)
	kept = {"amount": 600, "amount_in_account_currency": 300 if in_document else 600}
	if in_document:
		kept["account_currency"] = "XTS"
	frappe.db.set_value("Payment Ledger Entry", {"voucher_no": name}, kept)
	assert told(world, name, shown_in) == [
		("Advance", on(-40), 100 * rate, 100 * rate),
		("Rest", on(20), 200 * rate, 200 * rate),
	]


# ---- the documents behind a number


def test_journals_among_the_payments_are_told_in_the_order_of_their_making_to_who_reads_them(world, monkeypatch):
	made = []
	for key, created in (("B", "2026-01-01"), ("A", "2026-01-02"), ("C", "2026-01-03")):
		made.append(
			rows.row(
				JOURNAL, name=f"{key} {world.tag}", posting_date=on(-3), voucher_type="Bank Entry", company=world.company,
				creation=f"{created} 09:00:00",
			)
		)  # fmt: skip
	found = contract_money._journals(made[::-1])
	assert [(row["doctype"], row["name"], row["date"], row["status"]) for row in found] == [
		(JOURNAL, name, on(-3), "Bank Entry") for name in made
	]
	assert [row["name"] for row in contract_money._journals(made[:1])] == made[:1]
	assert contract_money._journals([]) == []
	without_right(monkeypatch, JOURNAL, "read")
	assert contract_money._journals(made) == []


@pytest.mark.parametrize(("shown_in", "currency", "amount"), [(COMPANY, None, 600), (OWN, "XTS", 300)])
def test_a_number_of_a_contract_opens_its_documents_in_the_currency_of_the_report(
	world, monkeypatch, shown_in, currency, amount
):
	name = contract(world, "A", currency="XTS", conversion_rate=2)
	order = rows.order(
		world, 300, conversion_rate=2, currency="XTS", crm_source_type=CONTRACT, crm_source_name=name, status="To Bill"
	)
	rows.order(world, 70)
	listed = {"doctype": "Sales Order", "name": order, "order": order, "status": "To Bill", "date": on(-1)}
	monkeypatch.setattr(
		contract_money.roll_up, "documents_of", lambda *about: [listed, {**listed, "name": "Not of it"}]
	)
	found = contract_money.documents(name, "ordered", shown_in=shown_in)
	assert found["total"] == 1
	[row] = found["documents"]
	assert (row["doctype"], row["name"], row["party_name"], row["base_amount"]) == ("Sales Order", order, order, amount)
	assert (row["company_currency"], row["status"], row["expected_close"]) == (
		currency or world.currency,
		"To Bill",
		on(-1),
	)
	assert contract_money.documents(name, "ordered", 1, shown_in) == {"total": 1, "documents": []}


def test_orders_that_were_not_submitted_or_were_cancelled_are_none_of_the_money_of_a_contract(world):
	name = contract(world, "A", amount=500, base_amount=500)
	of = {"crm_source_type": CONTRACT, "crm_source_name": name}
	kept = rows.order(world, 100, **of)
	for state in (0, 2):
		rows.order(world, 70, docstatus=state, **of)
	asked = CashScope.of({"company": world.company, "customer": world.customer})
	[cash] = [one for one in contract_money.rows(asked) if one.contract.name == name]
	assert (cash.orders, cash.amounts.ordered, cash.agreed, cash.expected, cash.open) == ([kept], 100, 500, 500, 500)


def test_a_document_of_another_type_with_the_name_of_an_order_is_not_behind_it(world, monkeypatch):
	name = contract(world, "A")
	order = rows.order(world, 300, crm_source_type=CONTRACT, crm_source_name=name)
	listed = {"name": order, "order": order, "status": "To Bill", "date": on(-1)}
	both = [{**listed, "doctype": doctype} for doctype in ("Delivery Note", "Sales Order")]
	monkeypatch.setattr(contract_money.roll_up, "documents_of", lambda *about: both)
	found = contract_money.documents(name, "ordered")
	assert [row["doctype"] for row in found["documents"]] == ["Sales Order"] and found["total"] == 1
