"""What customers owe, from rows of the Payment Ledger: by document, age, group and promise; and contracts as cash."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import contract_money, overdue, workspace_numbers
from crm_pipeline.analytics.overdue import OverdueScope
from crm_pipeline.chain import locks
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from crm_pipeline.erp import open_items
from crm_pipeline.receivables import invoice_owners, promise_checks, promise_states
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import history, refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))


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
	assert behind(bucket=0) == [(owed.late, 200), (owed.today, 40)], "and not all that is overdue"
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


def test_a_promise_stands_beside_its_invoice_for_who_sees_the_promise(owed, as_user):
	promise(owed.late, 100, 5)
	told = {}
	for who in ("finance", "stranger"):
		as_user(who)
		row = SimpleNamespace(invoice=SimpleNamespace(name=owed.late), promise=None, dunned_on=None)
		overdue._add_promises([row])
		told[who] = bool(row.promise)
	assert told == {"finance": True, "stranger": False}


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
	for status, looked in (("Kept", True), ("Broken", True), ("Withdrawn", False)):
		frappe.db.set_value(made.doctype, made.name, {"promised_on": on(1), "status": status})
		assert ((owed.late,) in promise_states.to_look_after(None)) is looked, (
			"what is broken goes to the manager later"
		)


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


@pytest.mark.parametrize("paid", [50, 20, 0])
def test_what_is_stored_of_a_promise_follows_the_ledger(world, books, owed, paid):
	made = promise(owed.late, 50, 1)
	kept = frappe.get_doc(made.doctype, made.name)
	if paid:
		books.pay(owed.late, paid, 0)
	assert promise_states.mend(owed.late) is bool(paid) and not promise_states.mend(owed.late)
	fields = ["status", "settled_amount", "settled_on", "modified"]
	status, settled, on_day, modified = frappe.db.get_value(made.doctype, made.name, fields)
	assert (status, settled, on_day) == (("Kept", 50, on(0)) if paid == 50 else ("Open", paid, None))
	assert paid == 50 or modified == kept.modified, "whoever has its form open may still save it"
	assert history(made.doctype, made.name) == ([("State", "Open", "Kept")] if paid == 50 else [])
	for values in ({"settled_amount": paid - 1}, {"settled_on": on(-3)}):
		frappe.db.set_value(made.doctype, made.name, values)
		assert promise_states.mend(owed.late)
	assert frappe.db.get_value(made.doctype, made.name, fields[:3]) == (status, settled, on_day)
	assert promise_states.mend(owed.coming) is False, "nothing is promised of it"


def test_what_became_of_one_promise_is_told_for_it_alone(world, books, owed):
	first, second = promise(owed.late, 50, 1), promise(owed.late, 60, 4)
	books.pay(owed.late, 50, 0)
	assert [promise_states.of_promise(one).status for one in (first, second)] == ["Kept", "Open"]
	assert promise_states.of_promise(frappe.new_doc("Promise to Pay")).status == "Open"
	assert promise_states.of_invoices([owed.late, owed.coming]).keys() == {owed.late}
	frappe.db.set_value("Sales Invoice", owed.late, "docstatus", 2)
	found = promise_states.of_invoices([owed.late])[owed.late]
	assert [(row.name, verdict.status) for row, verdict in found] == [
		(one.name, "Withdrawn") for one in (first, second)
	]
	assert [verdict.settled for _row, verdict in found] == [50, 0]
	assert promise_states.latest_of([owed.late]) == {} and promise_states.promised_of(owed.late) == 0


@pytest.fixture
def team(world):
	rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	frappe.db.set_single_value("CRM Pipeline Settings", "promise_escalation_days", 3)


def late_promise(owed, days: int, **values):
	made = promise(owed.late, 50, 1, **values)
	frappe.db.set_value(made.doctype, made.name, {"promised_on": on(-days)})
	return made


@pytest.mark.parametrize(("days", "settings", "told"), [(3, 3, True), (2, 3, False), (30, 0, False), (1, 1, True)])
def test_a_promise_that_is_broken_for_some_days_goes_to_the_manager_once(owed, team, monkeypatch, days, settings, told):
	frappe.db.set_single_value("CRM Pipeline Settings", "promise_escalation_days", settings)
	made, sent = late_promise(owed, days, sales_owner=REP), []
	monkeypatch.setattr(type(made), "escalate", lambda doc: sent.append((doc.name, doc.escalated_to)), raising=False)
	promise_states.mend(owed.late)
	modified = frappe.db.get_value(made.doctype, made.name, "modified")
	assert promise_states.look_after(owed.late) is told and promise_states.look_after(owed.late) is False
	values = frappe.db.get_value(made.doctype, made.name, ["status", "escalated_on", "escalated_to", "modified"])
	assert values == ("Broken", *((on(0), MANAGER) if told else (None, None)), modified)
	assert sent == ([(made.name, MANAGER)] if told else [])


def test_what_nobody_owes_any_more_or_nobody_is_above_goes_to_nobody(world, books, owed, team):
	made = late_promise(owed, 9, sales_owner=MANAGER)
	frappe.db.set_value(made.doctype, made.name, "sales_person", None)
	promise_states.look_after(owed.late)
	assert not promise_states.look_after(owed.late), "nobody is above the manager"
	frappe.db.set_value(made.doctype, made.name, {"sales_owner": REP, "sales_person": f"Rep {world.tag}"})
	books.pay(owed.late, 199.99, 0)
	frappe.db.savepoint("owed")
	assert promise_states.look_after(owed.late), "a cent is owed"
	assert frappe.db.get_value(made.doctype, made.name, "escalated_to") == MANAGER
	frappe.db.rollback(save_point="owed")
	books.pay(owed.late, 0.01, 0)
	promise_states.mend(owed.late)
	assert not promise_states.look_after(owed.late)
	assert frappe.db.get_value(made.doctype, made.name, ["status", "escalated_on"]) == ("Broken", None)


def test_who_stands_in_for_the_manager_hears_of_a_broken_promise(owed, team):
	absence = {"user": MANAGER, "deputy": OTHER, "from_date": nowdate(), "to_date": nowdate()}
	frappe.get_doc({"doctype": "Sales Absence", **absence}).insert()
	made = late_promise(owed, 9, sales_owner=REP)
	assert promise_states.look_after(owed.late)
	assert frappe.db.get_value(made.doctype, made.name, "escalated_to") == OTHER


def test_the_daily_job_looks_after_all_promises(owed, team):
	made, other = late_promise(owed, 9, sales_owner=REP), promise(owed.today, 40, 2)
	before = promise_states.daily()
	assert frappe.db.get_value(made.doctype, made.name, ["status", "escalated_to"]) == ("Broken", MANAGER)
	assert before == 1 and promise_states.daily() == 0
	assert frappe.db.get_value(other.doctype, other.name, "status") == "Open"


def test_what_finance_does_notes_the_promises_of_the_invoice_and_of_the_one_it_credits(world, owed, monkeypatch):
	monkeypatch.setattr(frappe.local, "crm_pipeline_noted", set(), raising=False)
	promise(owed.late, 50, 1)
	promise(owed.late, 60, 2)

	def noted(name: str, **values) -> list[tuple]:
		frappe.local.crm_pipeline_noted = set()
		frappe.db.delete("Pending Update")
		promise_states.collect(frappe._dict(doctype="Sales Invoice", name=name, **values))
		fields = ["document_type", "document", "what", "arguments"]
		found = frappe.get_all("Pending Update", fields=fields, order_by="creation asc")
		return [tuple(row[field] for field in fields) for row in found]

	expected = [("Sales Invoice", owed.late, "Promise", f'{{"invoice": "{owed.late}"}}')]
	assert (
		noted(owed.late) == noted("NOTE", return_against=owed.late) == noted("NEW", amended_from=owed.late) == expected
	)
	assert noted(owed.coming) == noted("NOTE", return_against="") == []
	frappe.local.crm_pipeline_noted = set()


def cancelled(invoice: str) -> None:
	frappe.db.set_value("Sales Invoice", invoice, "docstatus", 2)
	frappe.db.set_value("Payment Ledger Entry", {"against_voucher_no": invoice}, "delinked", 1)
	promise_states.mend(invoice)


@pytest.mark.parametrize(
	("charged", "values", "about"),
	[
		(300, {}, (True, "Open", 120, 200)),
		(240, {}, (True, "Open", 120, 140)),
		(210, {}, (True, "Open", 110, 110)),
		(100, {}, (False, "Withdrawn", 120, 200)),
		(300, {"docstatus": 0}, (False, "Withdrawn", 120, 200)),
		(300, {"customer": "Another"}, (False, "Withdrawn", 120, 200)),
		(300, {"currency": "EUR", "base_rounded_total": 0, "base_grand_total": 310}, (True, "Open", 120, 210)),
	],
)
def test_a_promise_goes_along_with_an_invoice_that_is_amended(books, owed, charged, values, about):
	made = promise(owed.late, 120, 2)
	back = promise(owed.late, 10, 4)
	promise_checks.withdraw(back.name)
	cancelled(owed.late)
	new = books.invoice("A2", charged, -40, -8, amended_from=owed.late, **values)
	promise_states.mend(owed.late)
	fields = ["sales_invoice", "status", "amount", "outstanding", "due_date", "title"]
	invoice, *found, due, title = frappe.db.get_value(made.doctype, made.name, fields)
	assert (invoice == new, *found) == about
	assert due == (on(-8) if about[0] else on(-10)) and title.endswith(invoice)
	row = frappe.db.get_value(back.doctype, back.name, ["sales_invoice", "status"])
	assert row == (owed.late, "Withdrawn"), "what somebody took back stays so"


def test_a_promise_of_which_nothing_was_stored_yet_goes_along_as_it_is(books, owed):
	made = promise(owed.late, 120, 2)
	frappe.db.set_value("Sales Invoice", owed.late, "docstatus", 2)
	new = books.invoice("A2", 300, -40, -8, amended_from=owed.late)
	books.pay(new, 220, 0)
	promise_states.mend(owed.late)
	assert frappe.db.get_value(made.doctype, made.name, ["sales_invoice", "status"]) == (new, "Kept")


def test_a_fault_while_promises_are_noted_stops_no_invoice(world, owed, monkeypatch):
	promise(owed.late, 50, 1)
	said = []
	monkeypatch.setattr(promise_states.guard, "report", said.append)
	monkeypatch.setattr(promise_states.pending, "note", lambda *args, **kwargs: 1 / 0)
	promise_states.collect(frappe._dict(doctype="Sales Invoice", name=owed.late))
	assert said == [f"CRM Pipeline: promises of Sales Invoice {owed.late} not collected"]


@pytest.mark.parametrize(
	("values", "of_invoice", "words"),
	[
		({"customer": "other"}, {}, "is of customer"),
		({"company": "other"}, {}, "is of company"),
		({"amount": 200.02}, {}, "more than the .* that are owed"),
		({"amount": 0}, {}, "enter how much"),
		({"amount": 0.004}, {}, "enter how much"),
		({"promised_on": -1}, {}, "has passed"),
		({}, {"docstatus": 0}, "is a draft"),
		({}, {"docstatus": 2}, "is cancelled"),
		({}, {"is_return": 1}, "is a credit note"),
		({"amount": 200}, {}, None),
		({"customer": "own", "company": "own", "promised_on": 0}, {}, None),
	],
)
def test_what_can_not_be_promised_is_said_in_words(world, owed, values, of_invoice, words):
	known = {"other": owed.other, "own": world.customer}
	given = {"promised_on": on(3), "amount": 10, **values}
	if "company" in given:
		second = rows.row("Company", name=f"Second {world.tag}", docstatus=0)
		given["company"] = {"other": second, "own": world.company}[given["company"]]
	if "customer" in given:
		given["customer"] = known[given["customer"]]
	if isinstance(given["promised_on"], int):
		given["promised_on"] = on(given["promised_on"])
	frappe.db.set_value("Sales Invoice", owed.late, {**of_invoice, "customer_name": "Harbour Works"})
	doc = frappe.get_doc({"doctype": "Promise to Pay", "sales_invoice": owed.late, **given})
	if words:
		with refused(match=words):
			doc.insert()
		return
	doc.insert()
	assert (doc.status, doc.outstanding, doc.due_date, doc.made_on) == ("Open", 200, on(-10), on(0))
	assert (doc.customer, doc.company, doc.currency) == (world.customer, world.company, world.currency)
	assert (doc.title, doc.sales_owner) == (f"Harbour Works, {owed.late}", "Administrator")


def test_of_what_is_paid_nothing_is_promised_and_no_more_than_is_left(world, books, owed):
	promise(owed.late, 120, 2)
	with refused(match="promised already"):
		promise(owed.late, 80.02, 3)
	withdrawn = promise(owed.late, 80, 3)
	promise_checks.withdraw(withdrawn.name, "By phone")
	row = frappe.db.get_value(withdrawn.doctype, withdrawn.name, ["status", "withdrawn_because"])
	assert row == ("Withdrawn", "By phone")
	with refused(match="withdrawn already"):
		promise_checks.withdraw(withdrawn.name)
	promise(owed.late, 80, 3)
	books.pay(owed.coming, 70, 0)
	with refused(match="is paid, nothing is owed"):
		promise(owed.coming, 1, 3)
	assert promise_checks.prefill(owed.coming)["amount"] == 0
	books.pay(owed.coming, 5, 0)
	assert promise_checks.prefill(owed.coming)["amount"] == 0, "more was paid than was owed"


def test_promises_about_one_invoice_are_made_one_after_the_other(owed, monkeypatch):
	held, asked = [], []
	monkeypatch.setattr(locks, "hold_name", lambda name: held.append(name) or not asked)
	monkeypatch.setattr(locks, "need_latest", lambda *args: asked.append(args))
	promise(owed.late, 10, 1)
	assert held == [f"Promise to Pay {owed.late}"] and asked == []
	monkeypatch.setattr(locks, "hold_name", lambda name: False)
	promise(owed.late, 10, 1)
	assert asked == [("Promise to Pay", "sales_invoice", owed.late)]
	promise_checks.take_turn(frappe.new_doc("Promise to Pay"))
	assert len(asked) == 1

	def busy(*args):
		raise locks.BusyError(owed.late)

	monkeypatch.setattr(locks, "hold_name", busy)
	with refused(locks.LostRaceError, match="Somebody else is changing the same"):
		promise(owed.late, 10, 1)


# ---- whose sale it was


def sales_team(doctype: str, parent: str, *members: tuple) -> None:
	for idx, (person, part) in enumerate(members, start=1):
		rows.row(
			"Sales Team", parenttype=doctype, parent=parent, idx=idx, sales_person=person, allocated_percentage=part
		)


def test_the_owner_of_an_invoice_without_a_sale_is_who_leads_its_team(world, owed, team):
	behind = lambda name=owed.late, who=world.customer: invoice_owners.of_invoice(name, who)  # noqa: E731
	person = lambda name: f"{name} {world.tag}"  # noqa: E731
	assert (behind().sales_owner, behind().sales_person) == (None, None)
	sales_team("Customer", world.customer, (None, 90), (person("Rep"), 40), (person("South"), 60))
	assert (behind().sales_owner, behind().sales_person) == (OTHER, person("South"))
	sales_team("Sales Invoice", owed.old, (person("South"), 100))
	sales_team("Quotation", owed.late, (person("South"), 100))
	assert (behind().sales_owner, behind().sales_person) == (OTHER, person("South")), "that is another document"
	frappe.db.set_value("Customer", world.customer, "account_manager", MANAGER)
	assert (behind().sales_owner, behind().sales_person) == (MANAGER, person("North"))
	sales_team("Sales Invoice", owed.late, (person("South"), 50), (person("Rep"), 50))
	assert (behind().sales_owner, behind().sales_person) == (OTHER, person("South")), "the first of two that are equal"
	frappe.db.set_value("Sales Person", person("South"), "crm_user", None)
	assert (behind().sales_owner, behind().sales_person) == (None, person("South"))
	assert behind(owed.today, owed.other).sales_owner == OTHER
	loose = frappe._dict(voucher_type="Payment Entry", voucher_no=owed.loose, customer=world.customer)
	assert invoice_owners.of_items([loose])["Payment Entry", owed.loose].sales_owner == MANAGER


def test_money_of_who_left_is_asked_for_by_whoever_has_the_customer(world, owed, team):
	deal = rows.bare_deal(world, "Sold", sales_owner="left@crm-test.example")
	order = rows.order(world, 300, crm_source_type="Sales Opportunity", crm_source_name=deal)
	rows.row("Sales Invoice Item", parent=owed.late, sales_order=order, base_net_amount=300)
	told = []
	for manager in (None, "gone@crm-test.example", MANAGER):
		frappe.db.set_value("Customer", world.customer, "account_manager", manager)
		told.append(invoice_owners.of_invoice(owed.late, world.customer).sales_owner)
	assert told == ["left@crm-test.example", "left@crm-test.example", MANAGER]
	frappe.db.set_value("Sales Opportunity", deal, "sales_owner", REP)
	assert invoice_owners.of_invoice(owed.late, world.customer).sales_owner == REP


def test_whose_each_of_several_invoices_is_is_told_at_once(world, owed, team):
	sales_team("Sales Invoice", owed.old, (f"Rep {world.tag}", 100))
	asked = [(owed.today, owed.other), (owed.old, world.customer), (owed.late, world.customer)]
	found = invoice_owners.of_items(
		frappe._dict(voucher_type="Sales Invoice", voucher_no=name, customer=who) for name, who in asked
	)
	assert [found["Sales Invoice", name].sales_owner for name, _who in asked] == [OTHER, REP, None]
	assert invoice_owners.of_items([]) == {}


def test_of_an_invoice_for_several_orders_the_largest_decides(world, owed):
	for name, order, amount in (
		("A", "SO-1", 10),
		("B", "SO-2", -60),
		("C", "SO-1", 20),
		("D", None, 500),
		("E", "SO-3", 40),
	):
		rows.row(
			"Sales Invoice Item",
			name=f"{name} {world.tag}",
			parent=owed.late,
			sales_order=order,
			base_net_amount=amount,
		)
	assert invoice_owners._orders_of([owed.late, owed.old]) == {owed.late: "SO-2"}
	assert invoice_owners.of_invoice(owed.late, world.customer).order == "SO-2"


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


# ---- of a team


def test_what_is_overdue_of_a_team_is_that_of_all_below_its_head(world, books):
	person = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	made = {}
	for name in ("North", "Rep", "South"):
		made[name] = books.invoice(name, 100, -40, -10)
		rows.row(
			"Sales Team", parenttype="Sales Invoice", parent=made[name], idx=1, sales_person=person[name],
			allocated_percentage=100,
		)  # fmt: skip
	loose = books.invoice("Nobody", 100, -40, -10)
	names = lambda **values: {row.item.voucher_no for row in overdue.found(asked(world, **values)).debts}  # noqa: E731
	assert names(sales_person=person["North"]) == {made["North"], made["Rep"]}
	assert names(sales_person=person["Rep"]) == {made["Rep"]}
	assert names(sales_person=person["South"]) == {made["South"]}
	assert names() == {*made.values(), loose}
	assert names(sales_person="No Such Person") == set()


def test_whoever_opens_a_promise_sees_what_the_ledger_says_now_and_who_stands_in(world, books, owed):
	made = promise(owed.late, 50, 1, sales_owner=OTHER)
	frappe.db.set_value(made.doctype, made.name, "sales_owner", OTHER)
	books.pay(owed.late, 50, 0)
	frappe.db.set_value(made.doctype, made.name, {"status": "Open", "deputy": None}, update_modified=False)
	shown = frappe.get_doc(made.doctype, made.name)
	assert (shown.status, shown.deputy) == ("Kept", None)
	assert frappe.db.get_value(made.doctype, made.name, "status") == "Open", "the list follows by itself"
	away = {"user": OTHER, "deputy": REP, "from_date": on(0), "to_date": on(1)}
	frappe.get_doc({"doctype": "Sales Absence", **away}).insert()
	assert frappe.get_doc(made.doctype, made.name).deputy == REP


def test_finance_counts_an_invoice_as_overdue_from_its_first_term_on(books, world):
	def late() -> list[str]:
		found = workspace_numbers._overdue(world.company, on(0))
		assert (found.count, found.amount, found.is_late) == (len(found.rows), None, True)
		return [name for name, _amount in found.rows if name.endswith(world.tag)]

	def term(invoice: str, due: int, amount: float):
		fixed = {"parent": invoice, "parenttype": "Sales Invoice", "parentfield": "payment_schedule", "paid_amount": 0}
		rows.row("Payment Schedule", due_date=on(due), payment_amount=amount, base_payment_amount=amount, **fixed)

	first, second, third = (books.invoice(key, 100, -20, due) for key, due in (("A", 9), ("B", -1), ("C", 0)))
	for invoice in (first, third):
		term(invoice, -2, 40)
		term(invoice, 9, 60)
	books.pay(third, 40, -3)
	credit, today = books.invoice("D", -30, -9, -9, is_return=1), books.invoice("E", 50, -9, 0)
	assert late() == [second, first] and credit and today
	books.pay(first, 40, 0)
	assert late() == [second]
