"""Warnings about a customer: their words, who may know what, who may let a document pass, and on which forms they stand."""

from datetime import date

import frappe
import pytest
from frappe.utils import add_days, formatdate, nowdate

from crm_pipeline.core import warnings as rules
from crm_pipeline.core.warnings import Finding
from crm_pipeline.receivables import seen_credit
from crm_pipeline.warnings import customer_facts, hand_off_gate, on_forms, warning_words
from crm_pipeline.warnings.customer_facts import Asker
from crm_pipeline.warnings.hand_off_gate import WarningStopError
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_customer_warnings import configure
from tests.site.world import refused

CASE, ORDER, REQUEST, INVOICE = "Customer Case", "Sales Order", "Sales Order Request", "Sales Invoice"
REP = USERS["rep"][0]

COMPLAINT = {"title": "Pump leaks", "severity": "High", "days_open": 3, "is_late": False, "count": 1}
MONEY = {"amount": 480, "currency": "XTS", "invoices": 1, "days": 40, "company": "Harbour Ltd"}


@pytest.mark.parametrize(
	("kind", "numbers", "doctype", "text"),
	[
		("complaint", COMPLAINT, CASE, "Unresolved complaint (High): Pump leaks, for 3 days"),
		("complaint", {**COMPLAINT, "is_late": True}, CASE, "Unresolved complaint (High): Pump leaks, for 3 days, overdue"),
		("complaint", {**COMPLAINT, "days_open": 1, "count": 2}, CASE, "Unresolved complaint (High): Pump leaks, since yesterday; and 1 more"),
		("complaint", {**COMPLAINT, "days_open": 0, "severity": None}, CASE, "Unresolved complaint (): Pump leaks, since today"),
		("complaint", {**COMPLAINT, "count": 4}, "Issue", "Unresolved Issue: Pump leaks, for 3 days; and 3 more"),
		("request", COMPLAINT, CASE, "Open request: Pump leaks, for 3 days"),
		("request", {**COMPLAINT, "is_late": True, "days_open": -1}, CASE, "Open request: Pump leaks, since today, overdue"),
		("blocked", {"state": "disabled"}, None, "The customer is disabled: no documents can be made for it"),
		("blocked", {"state": "frozen"}, None, "The customer is frozen: nothing can be booked for it"),
		("silent", {"days": 180, "usual": 30}, None, "No order and no contact for 180 days; usual are 30"),
		("stalled", {"title": "Pumps", "count": 1}, "Sales Opportunity", "Stalled deal: Pumps"),
		("stalled", {"title": "Pumps", "count": 3}, "Sales Opportunity", "Stalled deal: Pumps; and 2 more"),
		("contract", {"title": "Care", "days": 0, "end_date": date(2026, 2, 3), "count": 1}, "Sales Contract", "Contract Care ends on today"),
		("contract", {"title": "Care", "days": 1, "end_date": date(2026, 2, 3), "count": 2}, "Sales Contract", "Contract Care ends on {day}; and 1 more"),
	],
)  # fmt: skip
def test_a_warning_is_said_in_plain_words(site, kind, numbers, doctype, text):
	found = Finding(kind, rules.WARN, numbers, doctype, "X-1", stops=True)
	said = warning_words.in_words(found)
	assert said.text == text.format(day=formatdate(date(2026, 2, 3)))
	assert (said.kind, said.level, said.doctype, said.name, said.stops) == (kind, rules.WARN, doctype, "X-1", True)


@pytest.mark.parametrize(
	("invoices", "words"), [(1, ("in one invoice, for 40 days",)), (3, ("in 3 invoices", "the oldest for 40 days"))]
)
def test_overdue_money_is_said_with_its_age_and_company(site, invoices, words):
	said = warning_words.WORDS["overdue"]({**MONEY, "invoices": invoices}, INVOICE)
	assert "480" in said and "(Harbour Ltd)" in said and all(word in said for word in words)


def test_a_broken_promise_is_said_with_its_day(site):
	numbers = {"amount": 70, "currency": "", "promised_on": date(2026, 2, 3), "count": 2}
	said = warning_words.WORDS["promise"](numbers, "Promise to Pay")
	assert "70" in said and said.endswith(f"by {formatdate(date(2026, 2, 3))}; and 1 more")


@pytest.mark.parametrize("sees", [True, False])
def test_how_much_credit_is_used_is_said_to_who_sees_the_sums(site, monkeypatch, sees):
	monkeypatch.setattr(seen_credit, "may_see_sums", lambda: sees)
	said = warning_words.WORDS["credit"]({"company": "Harbour Ltd", "used": 612, "limit": 500, "currency": "XTS"}, None)
	assert said.startswith("The credit limit in Harbour Ltd is used up")
	assert ("612" in said, "500" in said) == (sees, sees)


# ---- who may know


def found_of(kind: str, doctype: str | None = None, name: str | None = None, **numbers) -> Finding:
	return Finding(kind, rules.STOP, numbers, doctype, name, stops=True)


def test_what_is_about_no_document_may_be_known_by_all(site, as_user):
	as_user("stranger")
	assert hand_off_gate._may_know(found_of(rules.CREDIT))


@pytest.mark.parametrize(("who", "one", "sum_of_all"), [("rep", False, False), ("finance", True, True), ("stranger", False, False)])  # fmt: skip
def test_a_sum_is_known_to_who_reads_invoices(world, as_user, who, one, sum_of_all):
	name = rows.row(INVOICE, customer=world.customer, company=world.company, grand_total=9)
	as_user(who)
	assert hand_off_gate._may_know(found_of(rules.OVERDUE, INVOICE, name)) is one
	assert hand_off_gate._may_know(found_of(rules.OVERDUE, INVOICE, name, count=3)) is sum_of_all


def test_a_sum_is_known_to_who_sees_each_invoice(world, as_user):
	name = rows.row(INVOICE, customer=world.customer, company=world.company, grand_total=9)
	finance = USERS["finance"][0]
	about = {"user": finance, "allow": "Customer", "for_value": world.customer}
	frappe.get_doc({"doctype": "User Permission", **about}).insert(ignore_permissions=True)
	as_user("finance")
	assert not hand_off_gate._may_know(found_of(rules.OVERDUE, INVOICE, name))


def test_a_document_of_one_s_own_may_be_known_and_several_only_to_who_sees_all(sale, as_user):
	case = sale.case()
	one, several = (
		found_of(rules.COMPLAINT, CASE, case.name, count=1),
		found_of(rules.COMPLAINT, CASE, case.name, count=2),
	)
	as_user("rep")
	assert hand_off_gate._may_know(one) and hand_off_gate._may_know(several)
	as_user("stranger")
	assert not hand_off_gate._may_know(one) and not hand_off_gate._may_know(several)


def test_what_stops_a_hand_off_is_named_with_a_link_to_who_may_open_it(sale, as_user):
	case = sale.case(subject="It <b>leaks</b>")
	finding = found_of(rules.COMPLAINT, CASE, case.name, **{**COMPLAINT, "title": "It <b>leaks</b>"})
	as_user("rep")
	line = hand_off_gate._line(sale.world.customer, finding)
	assert "&lt;b&gt;leaks" in line and line.endswith(")") and case.name in line
	as_user("stranger")
	assert hand_off_gate._line(sale.world.customer, finding).startswith(
		"Something about this customer has to be settled"
	)
	loose = hand_off_gate._line(sale.world.customer, found_of(rules.BLOCKED, state="frozen"))
	assert loose == "The customer is frozen: nothing can be booked for it"


@pytest.mark.parametrize(
	("kind", "words"),
	[
		("overdue", "Finance stops"), ("promise", "Finance stops"), ("credit", "Finance stops"),
		("complaint", "Ask their account manager"), ("blocked", "Ask their account manager"),
	],
)  # fmt: skip
def test_who_may_know_no_more_is_told_whom_to_ask(site, kind, words):
	assert words in hand_off_gate.unnamed(kind)


def test_what_was_not_said_is_hinted_at_once(sale, monkeypatch):
	findings = [found_of(rules.OVERDUE), found_of(rules.CREDIT), found_of(rules.COMPLAINT)]
	monkeypatch.setattr(hand_off_gate.customer_warnings, "that_stop", lambda *about: findings)
	said = [warning_words.CustomerWarning("complaint", "stop", "It leaks", stops=True)]
	told = hand_off_gate.unsaid("C", "Co", said)
	assert [(w.kind, w.level, w.stops) for w in told] == [("hidden", "stop", True)]
	assert "Finance stops" in told[0].text
	not_stopping = [warning_words.CustomerWarning("complaint", "warn", "It leaks")]
	assert len(hand_off_gate.unsaid("C", "Co", not_stopping)) == 2
	assert hand_off_gate.unsaid("C", None, []) == []


@pytest.mark.parametrize(
	("kind", "label"),
	[
		("complaint", "Unresolved Complaints"), ("overdue", "Overdue Invoices"), ("promise", "Broken Promises to Pay"),
		("credit", "Credit Limit Used Up"), ("blocked", "Blocked Customers"), ("silent", "silent"),
	],
)  # fmt: skip
def test_a_kind_has_a_name_in_the_ledger(site, kind, label):
	assert hand_off_gate.kind_label(kind) == label


# ---- letting one pass


@pytest.fixture
def stopped(sale, as_user):
	"""A complaint that stops all documents of the customer; sales managers may let one pass."""
	configure(warn_complaint="Stop", stop_native_orders=1, warning_override_role="Sales Manager")
	return sale.case(severity="Critical")


def order(world, **values) -> str:
	return rows.order(world, 100, **{"docstatus": 0, **values})


def order_request(world) -> str:
	return rows.row(REQUEST, docstatus=0, status="Draft", customer=world.customer, company=world.company)


def test_who_may_let_pass_is_offered_it_for_a_document_that_something_stops(sale, world, stopped, as_user):
	request = order_request(world)
	draft, submitted = order(world), order(world, docstatus=1)
	cancelled, nobody_s = order(world, docstatus=2), order(world, customer=None)
	names = {ORDER: (draft, submitted, cancelled, nobody_s), REQUEST: (request,), CASE: (stopped.name,)}
	offered = lambda: [  # noqa: E731
		name for doctype in names for name in names[doctype] if hand_off_gate.may_override_now(doctype, name)
	]
	as_user("rep")
	assert offered() == []
	as_user("manager")
	assert offered() == [draft, request]
	frappe.db.set_value(REQUEST, request, "docstatus", 1)
	assert offered() == [draft, request], "one that waits is accepted later"
	frappe.db.set_value(REQUEST, request, "docstatus", 2)
	assert offered() == [draft]
	configure(stop_native_orders=0)
	assert offered() == []
	configure(stop_native_orders=1, warning_override_role=None)
	assert offered() == []
	configure(warning_override_role="Sales Manager", warn_complaint="Inform")
	assert offered() == []


@pytest.mark.parametrize(
	("doctype", "values", "error", "words"),
	[
		(ORDER, {"docstatus": 1}, WarningStopError, "Nothing stops Sales Order"),
		(ORDER, {"docstatus": 2}, WarningStopError, "is cancelled"),
		(REQUEST, {"docstatus": 2}, WarningStopError, "is cancelled"),
		(ORDER, {"reason": " "}, frappe.MandatoryError, "give a reason"),
		(ORDER, {"who": "rep"}, frappe.PermissionError, "no right to hand off"),
	],
)
def test_what_can_not_be_let_pass_is_said(sale, world, stopped, as_user, doctype, values, error, words):
	name = order(world) if doctype == ORDER else order_request(world)
	if "docstatus" in values:
		frappe.db.set_value(doctype, name, "docstatus", values["docstatus"])
	as_user(values.get("who", "manager"))
	with refused(error, match=words):
		hand_off_gate.override(doctype, name, values.get("reason", "They agreed"))


def test_a_pass_names_its_kinds_and_a_later_one_adds_to_them(sale, world, stopped, as_user):
	name = order(world)
	as_user("manager")
	hand_off_gate.override(ORDER, name, "  They agreed ")
	kept = lambda: frappe.db.get_value(ORDER, name, ["crm_overridden_warnings", "crm_override_reason"])  # noqa: E731
	assert kept() == ("complaint", "They agreed")
	configure(warn_blocked="Stop")
	frappe.db.set_value("Customer", world.customer, "is_frozen", 1)
	hand_off_gate.override(ORDER, name, "Both")
	assert kept() == ("complaint,blocked", "Both")
	events = frappe.get_all(
		"Pipeline Event", filters={"reference_name": name, "kind": "Override"}, pluck="to_value", order_by="at asc, creation asc"
	)  # fmt: skip
	assert events == ["Unresolved Complaints", "Blocked Customers"]
	hand_off_gate.check_native(frappe.get_doc(ORDER, name))


@pytest.mark.parametrize(("who", "advice"), [("manager", "You may let it pass"), ("rep", "or hand the order off with an order request")])  # fmt: skip
def test_a_stopped_order_says_what_to_do(world, sale, stopped, as_user, who, advice):
	doc = frappe.get_doc(ORDER, order(world))
	as_user(who)
	with refused(WarningStopError, match=f"{stopped.name}.*<br>.*{advice}"):
		hand_off_gate.check_native(doc)
	doc.flags.crm_request = "SOR-1"
	hand_off_gate.check_native(doc)
	request = frappe._dict(doctype=REQUEST, customer=world.customer, company=world.company)
	with refused(
		WarningStopError, match="You may let it pass" if who == "manager" else "ask somebody who may let it pass.$"
	):
		hand_off_gate.check(request)
	request.overridden_warnings = "blocked,complaint"
	hand_off_gate.check(request)


def test_what_an_order_may_pass_is_what_was_stored(world):
	fields = ("crm_overridden_warnings", "crm_override_reason")
	doc = frappe.get_doc(ORDER, order(world, crm_overridden_warnings="complaint", crm_override_reason="Agreed"))
	doc._doc_before_save = frappe.get_doc(ORDER, doc.name)
	doc.update(dict.fromkeys(fields, "typed"))
	hand_off_gate.keep_pass(doc)
	assert [doc.get(field) for field in fields] == ["complaint", "Agreed"]
	doc.update(dict.fromkeys(fields))
	hand_off_gate.keep_pass(doc)
	assert [doc.get(field) for field in fields] == ["complaint", "Agreed"], "nor is it taken away"
	amended = frappe.new_doc(ORDER)
	amended.crm_override_reason = "Agreed"
	hand_off_gate.keep_pass(amended)
	assert [amended.get(field) for field in fields] == [None, None]


# ---- on forms


def test_a_form_of_a_document_about_nobody_has_no_warnings(sale):
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, {"customer": None, "prospect": None})
	nothing = {"warnings": [], "customer": None, "may_override": False}
	assert on_forms.of_document(deal.doctype, deal.name) == nothing


@pytest.mark.parametrize(("native", "state", "hinted"), [(1, 0, True), (0, 0, False), (1, 1, False)])
def test_a_draft_order_says_that_something_stops_it_where_orders_are_stopped(
	sale, world, stopped, as_user, native, state, hinted
):
	configure(stop_native_orders=native)
	name = order(world, docstatus=state)
	about = {"user": REP, "allow": CASE, "for_value": sale.case(kind="Request").name}
	frappe.get_doc({"doctype": "User Permission", **about}).insert(ignore_permissions=True)
	as_user("rep")
	shown = on_forms.of_document(ORDER, name)
	assert ("hidden" in [warning["kind"] for warning in shown["warnings"]]) is hinted
	assert (shown["customer"], shown["may_override"]) == (world.customer, False)
	as_user("manager")
	assert on_forms.of_document(ORDER, name)["may_override"] is hinted


def test_a_form_knows_whom_it_is_about(sale, world):
	lead = sale.lead()
	assert on_forms._party_of("Sales Lead", lead.name) == (("Sales Prospect", lead.prospect), world.company)
	assert on_forms._party_of("Sales Prospect", lead.prospect) == (("Sales Prospect", lead.prospect), None)
	frappe.db.set_value("Sales Prospect", lead.prospect, "customer", world.customer)
	assert on_forms._party_of("Sales Prospect", lead.prospect) == (("Customer", world.customer), None)
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, "prospect", lead.prospect)
	assert on_forms._party_of(deal.doctype, deal.name) == (("Customer", world.customer), world.company)
	for to, party in (("Customer", ("Customer", world.customer)), ("Lead", None)):
		name = rows.row("Quotation", quotation_to=to, party_name=world.customer, company=world.company)
		assert on_forms._party_of("Quotation", name) == (party, world.company)


# ---- what is asked


def ask(world, **how) -> Asker:
	values = {"company": world.company, "everything": False, "apart_from": None, "debts": None, **how}
	return Asker("Customer", world.customer, **values)


def test_a_type_that_the_site_or_the_reader_does_not_have_is_not_asked(world, as_user):
	as_user("stranger")
	assert not ask(world).may_read("No Such Type") and not ask(world, everything=True).may_read("No Such Type")
	assert not ask(world).may_read(CASE) and ask(world, everything=True).may_read(CASE)
	assert ask(world).overdue() == () and ask(world).cases() == ()


def test_credit_is_judged_in_the_company_of_the_document_else_in_all(world, as_user):
	second = f"Second {world.tag}"
	rows.row("Company", name=second, company_name=second, docstatus=0)
	assert ask(world, everything=True)._companies() == [world.company]
	assert ask(world)._companies() == [world.company] and ask(world, company=second)._companies() == [second]
	everywhere = ask(world, company=None, everything=True)._companies()
	assert world.company in everywhere and everywhere == sorted(everywhere)
	assert world.company in ask(world, company=None)._companies()


def test_cases_of_the_party_are_told_with_what_makes_them_worse(sale, world, as_user):
	frappe.db.delete(CASE, {"customer": world.customer})
	first = sale.case(severity="Critical", opened_on=add_days(nowdate(), -9))
	waiting = sale.case(severity="Normal", kind="Request", opened_on=add_days(nowdate(), -3))
	solved = sale.case()
	severe = frappe.db.get_value("Case Severity", "Critical", "is_severe")
	frappe.db.set_value(CASE, solved.name, "status", "Solved")
	frappe.db.set_value(CASE, first.name, "due_by", "2026-01-02 10:00:00")
	frappe.db.set_value(CASE, waiting.name, {"due_by": "2026-01-02 10:00:00", "status": "Waiting"})
	one, other = ask(world).cases()
	assert (one.name, one.complaint, one.severe, one.severity) == (first.name, True, bool(severe), "Critical")
	assert (one.title, str(one.due_by)) == (first.subject, "2026-01-02 10:00:00")
	assert (other.name, other.complaint, other.severe, other.due_by) == (waiting.name, False, False, None)
	assert [case.name for case in ask(world, apart_from=(CASE, first.name)).cases()] == [waiting.name]
	assert ask(world, company="Another").cases() == () and len(ask(world, company=None).cases()) == 2


def test_broken_promises_of_invoices_that_are_owed_are_told_the_latest_first(world):
	def ledger(invoice: str, amount: float, **values):
		rows.settled(invoice, -amount, "XTS", party_type="Customer", posting_date=nowdate(), **values)

	def promised(key: str, day: int, owed: float = 50, state: int = 1, **values) -> str:
		invoice = rows.row(INVOICE, name=f"{key} {world.tag}", outstanding_amount=50, docstatus=state)
		ledger(invoice, owed, delinked=int(state == 2))
		fixed = {
			"customer": world.customer,
			"company": world.company,
			"status": "Broken",
			"amount": 40,
			"currency": "XTS",
		}
		return rows.row(
			"Promise to Pay", promised_on=add_days(nowdate(), day), sales_invoice=invoice, **{**fixed, **values}
		)

	early, late = promised("A", -9), promised("B", -2, currency=None)
	for key, values in (
		("C", {"owed": 0}), ("D", {"state": 2}), ("E", {"status": "Open"}), ("F", {"customer": "Another"}),
		("G", {"company": "Another"}),
	):  # fmt: skip
		promised(key, -5, **values)
	found = ask(world).promises()
	assert [(p.name, str(p.promised_on), p.amount, p.currency) for p in found] == [
		(late, add_days(nowdate(), -2), 40, ""),
		(early, add_days(nowdate(), -9), 40, "XTS"),
	]
	# A credit note that nobody has set off leaves the invoice's own field as it was.
	note = rows.row(
		INVOICE, name=f"N {world.tag}", is_return=1, return_against=f"B {world.tag}", outstanding_amount=-50
	)
	ledger(note, -50)
	assert [p.name for p in ask(world).promises()] == [early]
	frappe.db.delete("Promise to Pay", {"customer": world.customer})
	assert ask(world).promises() == ()


def test_contracts_that_end_within_the_days_are_told_the_next_first(sale, world):
	ends = {days: sale.contract(end_date=add_days(nowdate(), days), start_date=add_days(nowdate(), -9)).name for days in (0, 9, 10, 11)}  # fmt: skip
	draft = sale.contract(submit=False, end_date=add_days(nowdate(), 3))
	frappe.db.set_value("Sales Contract", ends[9], "title", None)
	found = ask(world).contracts(10)
	assert [contract.name for contract in found] == [ends[0], ends[9], ends[10]]
	assert [contract.title for contract in found] == ["Pump contract", ends[9], "Pump contract"]
	frappe.db.set_value("Sales Contract", ends[0], "status", "Terminated")
	assert [contract.name for contract in ask(world).contracts(10)] == [ends[9], ends[10]] and draft


def test_stalled_deals_are_told_the_worst_first(sale, world):
	deals = [sale.opportunity(title=f"Deal {score}") for score in (40, 70, 90, 95)]
	for deal, score in zip(deals, (40, 70, 90, 95), strict=True):
		frappe.db.set_value(deal.doctype, deal.name, {"is_stalled": 1, "stalled_score": score})
	frappe.db.set_value(deals[2].doctype, deals[2].name, "is_stalled", 0)
	frappe.db.set_value(deals[3].doctype, deals[3].name, "status", "Lost")
	assert [(deal.name, deal.title, deal.score) for deal in ask(world).deals()] == [
		(deals[1].name, "Deal 70", 70), (deals[0].name, "Deal 40", 40),
	]  # fmt: skip


def test_days_of_contact_are_those_that_the_reader_sees_and_the_last_of_all(sale, world, as_user):
	def called(days: int, **values) -> None:
		doc = {"doctype": "Sales Activity", "subject": "Call", "customer": world.customer, "company": world.company}
		made = frappe.get_doc({**doc, "starts_on": add_days(nowdate(), -days), "status": "Done"}).insert()
		frappe.db.set_value(made.doctype, made.name, values or {"priority": "Medium"})

	day = lambda days: frappe.utils.getdate(add_days(nowdate(), -days))  # noqa: E731
	assert ask(world).contacts() == ((), None)
	called(20)
	called(30)
	called(3, status="Planned")
	called(2, customer="Another")
	called(1, company="Another")
	rows.order(world, 10, transaction_date=day(10))
	rows.order(world, 10, transaction_date=day(-5))
	rows.order(world, 10, transaction_date=day(4), docstatus=0)
	seen, last = ask(world).contacts()
	assert (sorted(seen), last) == ([day(30), day(20), day(10)], day(1))


def test_what_the_site_wants_to_hear_nothing_of_is_not_asked(sale, world, monkeypatch):
	asked = []
	for name in ("cases", "deals", "native_cases", "overdue", "credit", "promises", "contracts", "contacts"):
		nothing = ((), None) if name == "contacts" else ()
		monkeypatch.setattr(Asker, name, lambda self, *how, name=name, nothing=nothing: asked.append(name) or nothing)
	frappe.db.set_value("Customer", world.customer, {"is_frozen": 1})

	def facts(doctype="Customer", name=world.customer, everything=False, **actions) -> list[str]:
		del asked[:]
		all_off = dict.fromkeys(rules.KINDS, rules.NONE)
		found = customer_facts.facts_of(doctype, name, None, rules.Rules({**all_off, **actions}), everything)
		assert (found.frozen, found.disabled) == (doctype == "Customer", False)
		return sorted(asked)

	assert facts() == []
	for kind, steps in (
		("complaint", ["cases", "native_cases"]), ("request", ["cases"]), ("stalled", ["deals"]), ("overdue", ["overdue"]),
		("credit", ["credit"]), ("promise", ["promises"]), ("contract", ["contracts"]), ("silent", ["contacts"]),
	):  # fmt: skip
		assert facts(**{kind: rules.INFORM}) == steps
		assert facts(everything=True, **{kind: rules.INFORM}) == []
		assert (
			facts(everything=True, **{kind: rules.STOPS})
			== facts(everything=True, **{kind: rules.STOP_SEVERE})
			== steps
		)
	every = dict.fromkeys(rules.KINDS, rules.INFORM)
	assert facts("Sales Prospect", sale.lead().prospect, **every) == ["cases", "deals"]
