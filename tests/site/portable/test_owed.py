"""What customers owe, from rows of the Payment Ledger: by document, age, group and promise; and contracts as cash."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import contract_money, overdue
from crm_pipeline.analytics.overdue import OverdueScope
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from crm_pipeline.erp import open_items
from crm_pipeline.receivables import promise_checks, promise_states
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))


def on(days: int):
	return getdate(add_days(nowdate(), days))


class Books:
	def __init__(self, world, account: str):
		self.world, self.account = world, account

	def entry(self, voucher: tuple[str, str], against: tuple[str, str], amount: float, day: int, **values) -> str:
		fixed = {"company": self.world.company, "party_type": "Customer", "party": self.world.customer}
		fixed |= {"account": self.account, "account_type": "Receivable", "account_currency": self.world.currency}
		fixed |= {"amount": amount, "amount_in_account_currency": amount, "posting_date": on(day), "delinked": 0}
		fixed |= {"voucher_type": voucher[0], "voucher_no": voucher[1]}
		fixed |= {"against_voucher_type": against[0], "against_voucher_no": against[1]}
		return rows.row("Payment Ledger Entry", **{**fixed, **values})

	def invoice(self, key: str, amount: float, day: int, due: int, who: str | None = None, **values) -> str:
		name, who = f"{key}-{self.world.tag}", who or self.world.customer
		fixed = {"company": self.world.company, "customer": who, "customer_name": who, "is_return": 0}
		fixed |= {"currency": self.world.currency, "party_account_currency": self.world.currency, "conversion_rate": 1}
		fixed |= {"posting_date": on(day), "due_date": on(due), "total_advance": 0, "update_outstanding_for_self": 0}
		fixed |= {"grand_total": amount, "rounded_total": amount, "base_grand_total": amount}
		fixed |= {"outstanding_amount": amount, "base_rounded_total": amount}
		rows.row("Sales Invoice", name=name, **{**fixed, **values})
		self.entry(("Sales Invoice", name), ("Sales Invoice", name), amount, day, party=who)
		return name

	def pay(self, invoice: str, amount: float, day: int, **values) -> str:
		payment = ("Payment Entry", f"PAY-{frappe.generate_hash(length=6)}")
		return self.entry(payment, ("Sales Invoice", invoice), -amount, day, **values)


@pytest.fixture
def books(world):
	account = rows.row(
		"Account", name=f"Owed {world.tag}", account_type="Receivable", company=world.company, is_group=0, docstatus=0
	)
	return Books(world, account)


@pytest.fixture
def owed(world, books):
	other = f"Other {world.tag}"
	rows.row("Customer", name=other, customer_name=other, account_manager=OTHER, docstatus=0)
	late = books.invoice("A", 300, -40, -10)
	books.pay(late, 100, -5)
	old = books.invoice("B", 500, -100, -95)
	books.pay(old, 500, -5, delinked=1)
	books.pay(old, 50, 1)
	note = books.invoice("C", -80, -20, -20, is_return=1, return_against=old)
	coming = books.invoice("D", 70, -1, 5)
	today = books.invoice("E", 40, -3, 0, who=other)
	loose = f"LOOSE-{world.tag}"
	books.entry(("Payment Entry", loose), ("Payment Entry", loose), -30, -3)
	books.pay(late, 7, -1, party_type="Supplier")
	books.entry(("Sales Invoice", "X"), ("Sales Invoice", "X"), 11, -9, company="Somebody else's")
	return SimpleNamespace(late=late, old=old, note=note, coming=coming, today=today, loose=loose, other=other)


def asked(world, **values) -> OverdueScope:
	return OverdueScope.of({"company": world.company, **values})


def told(found: list) -> list[tuple]:
	return [(row.item.voucher_no, row.item.customer, row.due_date, row.ages, row.outstanding) for row in found]


def test_each_document_is_aged_by_its_day_and_what_is_set_off_nothing_is_a_credit(world, owed):
	found = overdue.found(asked(world))
	assert told(found.debts) == [
		(owed.old, world.customer, on(-95), [0, 0, 0, 420, 0], 420),
		(owed.late, world.customer, on(-10), [200, 0, 0, 0, 0], 200),
		(owed.today, owed.other, on(0), [40, 0, 0, 0, 0], 40),
	]
	assert told(found.credits) == [(owed.loose, world.customer, on(-3), [-30, 0, 0, 0, 0], -30)]
	assert (found.overdue, found.credited, found.ages) == (660, 30, [240, 0, 0, 420, 0])


def test_a_credit_note_that_nobody_has_set_off_stands_beside_its_invoice(world, books, owed):
	note = books.invoice("F", -60, -9, -9, is_return=1, return_against=owed.late, update_outstanding_for_self=1)
	found = overdue.found(asked(world))
	credit = {row.item.voucher_no: row.credit for row in found.debts}
	assert (credit[owed.late], credit[owed.old], credit[owed.today]) == (60, 0, 0)
	assert [row.item.voucher_no for row in found.credits] == [note, owed.loose]


def test_a_report_of_an_earlier_day_knows_what_was_known_then(world, owed):
	found = overdue.found(asked(world, report_date=str(on(-6))))
	assert told(found.debts) == [
		(owed.old, world.customer, on(-95), [0, 0, 420, 0, 0], 420),
		(owed.late, world.customer, on(-10), [300, 0, 0, 0, 0], 300),
	]
	assert found.credits == []
	assert told(overdue.found(asked(world, report_date=str(on(1)))).debts)[0][4] == 370


def test_groups_come_by_amount_and_open_what_they_count(world, owed):
	debts = overdue.found(asked(world)).debts
	groups = overdue.grouped(debts, "Customer")
	assert [(group.key, group.overdue, group.ages, group.outstanding, len(group.rows)) for group in groups] == [
		(world.customer, 620, [200, 0, 0, 420, 0], 620, 2),
		(owed.other, 40, [40, 0, 0, 0, 0], 40, 1),
	]
	assert [(group.key, group.overdue) for group in overdue.grouped(debts, "Sales Owner")] == [("", 620), (OTHER, 40)]
	assert [group.key for group in overdue.grouped(debts, "Contract")] == [""]

	def behind(**values):
		page = overdue.documents(asked(world, group_by="Customer"), **values)
		return [(row.name, row.base_amount) for row in page["documents"]]

	assert behind() == [(owed.old, 420), (owed.late, 200), (owed.today, 40)]
	assert behind(group=world.customer) == [(owed.old, 420), (owed.late, 200)]
	assert behind(bucket=3) == [(owed.old, 420)] and behind(group=owed.other, bucket=3) == []


def test_a_report_is_narrowed_by_customer_owner_and_currency(world, owed):
	names = lambda **values: [row.item.voucher_no for row in overdue.found(asked(world, **values)).debts]  # noqa: E731
	assert names(customer=owed.other) == names(sales_owner=OTHER) == [owed.today]
	assert names(customer=world.customer) == [owed.old, owed.late] and names(sales_owner=REP) == []
	assert len(names(account_currency=world.currency)) == 3 and names(account_currency="XTS") == []
	assert names(contract="None of ours") == []
	with refused(match="is not a group"):
		asked(world, group_by="Moon")


def test_the_report_shows_the_rows_with_their_sum(world, owed):
	_columns, found, *_rest = overdue_receivables.execute({"company": world.company})
	assert [(row["voucher_no"], row["overdue"], row["outstanding"]) for row in found if row["voucher_no"] != owed.loose] == [
		(owed.old, 420, 420), (owed.late, 200, 200), (owed.today, 40, 40),
	]  # fmt: skip


def test_with_payment_terms_each_term_is_late_by_itself(world, books):
	name = books.invoice("T", 300, -50, -40)
	for idx, (days, amount) in enumerate(((-40, 100), (-5, 120), (20, 80)), start=1):
		rows.row(
			"Payment Schedule", parent=name, parenttype="Sales Invoice", idx=idx, due_date=on(days),
			payment_amount=amount, base_payment_amount=amount, paid_amount=0, base_paid_amount=0, discounted_amount=0,
		)  # fmt: skip
	books.pay(name, 130, -1)
	[row] = overdue.found(asked(world)).debts
	assert (row.ages, row.outstanding, row.due_date) == ([90, 0, 0, 0, 0], 170, on(-5))


def test_what_changed_of_an_invoice_holds_its_credit_notes(world, owed):
	assert open_items.changes_of([owed.late, owed.old]) == {
		owed.late: [(on(-40), 300), (on(-5), -100)],
		owed.old: [(on(-100), 500), (on(-20), -80), (on(1), -50)],
	}
	assert [open_items.owed_of(owed.old, on(day)) for day in (-101, -100, -20, 0, 1)] == [0, 500, 420, 420, 370]
	assert open_items.changes_of([]) == {}


# ---- promises


def promise(invoice: str, amount: float, days: int, **values):
	made = {"sales_invoice": invoice, "promised_on": on(days), "amount": amount, **values}
	return frappe.get_doc({"doctype": "Promise to Pay", **made}).insert()


def test_a_promise_is_offered_for_what_is_owed_and_not_promised(world, owed):
	about = {
		"sales_invoice": owed.old,
		"customer": world.customer,
		"company": world.company,
		"currency": world.currency,
	}
	assert promise_checks.prefill(owed.old) == {**about, "amount": 420}
	promise(owed.old, 150, 2)
	assert promise_checks.prefill(owed.old) == {**about, "amount": 270}
	assert promise_states.promised_of(owed.old) == 150
	offered = [(row["sales_invoice"], row["amount"]) for row in promise_checks.owed_by(world.customer)]
	assert offered == [(owed.old, 270), (owed.late, 200), (owed.coming, 70)]
	with refused():
		promise(owed.old, 271, 3)


def test_the_promise_that_counts_is_the_open_one_that_is_due_first_else_the_last_one(world, books, owed):
	first, second = promise(owed.late, 50, 1), promise(owed.late, 60, 4)
	latest = lambda: promise_states.latest_of([owed.late]).get(owed.late, (None,))[0]  # noqa: E731
	assert latest().name == first.name
	books.pay(owed.late, 50, 0)
	assert latest().name == second.name
	assert promise_states.mend(owed.late) and not promise_states.mend(owed.late)

	def states():
		return [frappe.db.get_value(one.doctype, one.name, ["status", "settled_amount"]) for one in (first, second)]

	assert states() == [("Kept", 50), ("Open", 0)]
	frappe.db.set_value(second.doctype, second.name, "promised_on", on(-1))
	assert promise_states.look_after(owed.late)
	assert states() == [("Kept", 50), ("Broken", 0)]
	assert latest().name == second.name


def test_the_daily_job_looks_at_promises_of_a_year_that_were_not_taken_back(world, owed):
	made = promise(owed.late, 50, 1)
	assert (owed.late,) in promise_states.to_look_after(None)
	assert promise_states.to_look_after([owed.late]) == [
		row for row in promise_states.to_look_after(None) if row[0] > owed.late
	]
	for days, looked in ((-365, True), (-366, False)):
		frappe.db.set_value(made.doctype, made.name, "promised_on", on(days))
		assert ((owed.late,) in promise_states.to_look_after(None)) is looked
	frappe.db.set_value(made.doctype, made.name, {"promised_on": on(1), "status": "Withdrawn"})
	assert (owed.late,) not in promise_states.to_look_after(None)


def test_a_promise_in_the_list_of_what_is_overdue_is_what_is_still_open_of_it(world, books, owed):
	promise(owed.old, 150, 2)
	books.pay(owed.old, 100, 0)
	row = overdue.found(asked(world)).debts[0]
	assert (row.promise["status"], row.promise["amount"], row.promise["open"], row.outstanding) == (
		"Open",
		150,
		50,
		320,
	)
	assert overdue.grouped([row], "Customer")[0].promised == 50


def test_sales_sees_what_is_owed_by_its_own_customers_and_who_reads_invoices_all_of_it(world, owed, as_user):
	names = lambda: [row.item.voucher_no for row in overdue.found(asked(world)).debts]  # noqa: E731
	for who, seen in (
		("rep", []), ("other_rep", [owed.today]), ("manager", [owed.old, owed.late, owed.today]),
		("finance", [owed.old, owed.late, owed.today]), ("stranger", []), ("store", []),
	):  # fmt: skip
		as_user(who)
		assert names() == seen, who


def test_who_asks_about_an_invoice_of_somebody_else_is_refused(world, owed, as_user):
	as_user("other_rep")
	assert api.get_promise_of_invoice(owed.today)["amount"] == 40
	for name in (owed.late, "None"):
		with refused(frappe.PermissionError):
			api.get_promise_of_invoice(name)


# ---- contracts and cash


@pytest.fixture
def agreed(world, books):
	"""Two contracts of one day, agreed in EUR at 2.0; of the second one 300 were ordered, 150 billed and 50 paid."""
	fixed = {"company": world.company, "customer": world.customer, "currency": "EUR", "conversion_rate": 2}
	fixed |= {"contract_date": on(-30), "status": "Active", "amount": 500, "base_amount": 1000, "sales_owner": REP}
	empty, sold = (rows.row("Sales Contract", name=f"{key} {world.tag}", title=key, **fixed) for key in ("A", "B"))
	rows.row("Sales Contract", name=f"C {world.tag}", **{**fixed, "docstatus": 0})
	for idx, (words, portion, day) in enumerate((("Advance", 40, -10), ("Rest", 60, 20)), start=1):
		rows.row(
			"Payment Schedule", parent=sold, parenttype="Sales Contract", idx=idx, description=words,
			invoice_portion=portion, due_date=on(day),
		)  # fmt: skip
	order = rows.order(
		world, 300, conversion_rate=2, currency="EUR", crm_source_type="Sales Contract", crm_source_name=sold
	)
	bill = rows.invoice(
		world, order, 150, conversion_rate=2, customer=world.customer, party_account_currency=world.currency,
		posting_date=on(-20), due_date=on(-5), is_return=0, total_advance=0,
	)  # fmt: skip
	frappe.db.set_value("Sales Invoice", bill, "currency", "EUR")
	books.entry(("Sales Invoice", bill), ("Sales Invoice", bill), 300, -20)
	books.pay(bill, 100, -3)
	return SimpleNamespace(empty=empty, sold=sold, order=order, bill=bill)


@pytest.mark.parametrize(("shown_in", "rate"), [(contract_money.COMPANY, 2), (contract_money.OWN, 1)])
def test_a_contract_becomes_cash_in_either_currency(world, agreed, shown_in, rate):
	found = contract_money.rows(
		contract_money.CashScope.of({"company": world.company, "customer": world.customer, "shown_in": shown_in})
	)
	assert [cash.contract.name for cash in found] == [agreed.sold, agreed.empty]
	sold, empty = found
	assert sold.currency == empty.currency == (world.currency if rate == 2 else "EUR")
	amounts = sold.amounts
	assert (amounts.ordered, amounts.delivered, amounts.billed, amounts.paid) == (300 * rate, 0, 150 * rate, 50 * rate)
	assert (sold.agreed, sold.expected, sold.open, sold.orders) == (500 * rate, 500 * rate, 450 * rate, [agreed.order])
	assert (empty.agreed, empty.expected, empty.open, empty.orders) == (500 * rate, 500 * rate, 500 * rate, [])
	lines = [
		(line.term, line.due, line.agreed, line.billed, line.invoiced, line.settled, line.overdue)
		for line in sold.terms
	]
	assert lines == [
		("Advance", on(-10), 200 * rate, 150 * rate, 150 * rate, 50 * rate, 100 * rate),
		("Rest", on(20), 300 * rate, 0, 0, 0, 0),
	]


def test_of_a_contract_that_ended_no_more_comes_than_was_ordered(world, agreed):
	frappe.db.set_value("Sales Contract", agreed.sold, "status", "Terminated")
	scope = {"company": world.company, "status": "Terminated"}
	[cash] = contract_money.rows(contract_money.CashScope.of(scope))
	assert (cash.agreed, cash.expected, cash.open) == (1000, 600, 500)
	for wrong in ({"status": "Moon"}, {"shown_in": "Gold"}):
		with refused(match="is not a"):
			contract_money.CashScope.of({"company": world.company, **wrong})


def test_contracts_are_those_of_the_days_the_customer_and_the_company_asked_for(world, agreed):
	names = lambda **asked: [  # noqa: E731
		cash.contract.name
		for cash in contract_money.rows(contract_money.CashScope.of({"company": world.company, **asked}))
		if cash.contract.customer == world.customer
	]
	both, day = [agreed.sold, agreed.empty], lambda n: str(on(n))
	assert (
		names(from_date=day(-30), to_date=day(-30)) == names(customer=world.customer) == names(status="Active") == both
	)
	assert names(from_date=day(-29)) == names(to_date=day(-31)) == names(customer="Nobody") == []
