"""Small rules of scores, promises, warnings, relations and rights of rows that no test without a bench had noticed."""

import json
from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline.analytics import contract_money
from crm_pipeline.chain import passages
from crm_pipeline.coaching import help_requests
from crm_pipeline.core import scoring
from crm_pipeline.core.ageing import Balance
from crm_pipeline.core.registry import DEALS
from crm_pipeline.crm_customers.doctype.customer_discussion import customer_discussion
from crm_pipeline.erp import open_items
from crm_pipeline.orders import acceptance, native_order
from crm_pipeline.parties import deal_people
from crm_pipeline.receivables import invoice_owners, promise_checks, promise_states, seen_invoices
from crm_pipeline.relations import customer_relations
from crm_pipeline.scoring import learned_scores, score_words, scored_facts
from crm_pipeline.warnings import customer_warnings, warning_words
from tests.site.conftest import USERS
from tests.site.portable.test_discussion import listed, only_customer, start
from tests.site.portable.test_relations import parent_of, relate, three  # noqa: F401
from tests.site.portable.test_same_ones import prospect
from tests.site.rows import row
from tests.site.world import customer, refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
LEAD, INVOICE = "Sales Lead", "Sales Invoice"


# ---- scores in words


@pytest.mark.parametrize(
	("values", "times", "said"),
	[
		({"kind": scoring.ACTIVITIES}, 1, "1 activity"),
		({"kind": scoring.ACTIVITIES, "activity_type": "Visit", "result": "Reached", "days": 30}, 3,
		"3 activities (Visit, Reached) within 30 days"),
		({"kind": scoring.MAILS, "direction": "Inbound"}, 2, "2 e-mails (Inbound)"),
		({"kind": scoring.MAILS}, 1, "1 e-mail"),
		({"kind": scoring.PAGES, "page": "/pricing", "days": 7}, 1, "1 page seen (/pricing) within 7 days"),
		({"kind": scoring.PAGES}, 4, "4 pages seen"),
	],
)  # fmt: skip
def test_what_was_counted_is_said_with_what_it_was_and_since_when(values, times, said):
	names = ("activity_type", "result", "direction", "page", "days")
	assert score_words._counted(frappe._dict({**dict.fromkeys(names), **values}), times) == said


def test_alternatives_are_joined_as_people_do():
	assert [score_words._or(values) for values in (["A"], ["A", "B"], ["A", "B", "C"])] == ["A", "A or B", "A, B or C"]


# ---- what is learned from


def version(lead, at, **data) -> str:
	return row("Version", ref_doctype=LEAD, docname=lead.name, data=json.dumps(data), creation=at, docstatus=0)


def test_a_lead_is_learned_from_as_it_was_before_it_was_decided(sale):
	lead, other = sale.lead(channel="Referral"), sale.lead(title="Other")
	decided = now_datetime() - timedelta(days=3)
	version(lead, decided - timedelta(days=5), changed=[["channel", "Fair", "Hotline"]])
	version(lead, decided + timedelta(hours=1), changed=[["channel", "Hotline", "Web"], ["status", "New", "Converted"]])
	version(lead, decided + timedelta(days=1), changed=[["channel", "Web", "Referral"], ["unknown", 1, 2]])
	row("Version", ref_doctype="Sales Opportunity", docname=lead.name, creation=now_datetime(), docstatus=0,
		data=json.dumps({"changed": [["channel", "No", "Yes"]]}))  # fmt: skip
	rows = [frappe._dict(name=doc.name, channel="Referral", status="Converted") for doc in (lead, other)]
	found, answered = learned_scores._undone(rows, {lead.name: decided, other.name: decided})
	assert [(one.channel, one.status) for one in found] == [("Hotline", "Converted"), ("Referral", "Converted")]
	assert answered[lead.name] == (decided - learned_scores.DECIDING, set()) and rows[0].channel == "Referral"


def test_answers_changed_on_the_way_to_the_decision_are_known_by_their_rows(sale):
	lead = sale.lead()
	decided = now_datetime() - timedelta(days=3)
	before = decided - learned_scores.DECIDING
	version(lead, before - timedelta(minutes=1), row_changed=[["answers", 0, "early", []]])
	version(lead, before, row_changed=[["answers", 0, "at once", []], ["items", 0, "of items", []]])
	version(lead, decided + timedelta(days=1), row_changed=[["answers", 1, "late", []]])
	row("Version", ref_doctype=LEAD, docname=lead.name, data="no json", creation=now_datetime(), docstatus=0)
	row("Version", ref_doctype=LEAD, docname=lead.name, data="[]", creation=now_datetime(), docstatus=0)
	_rows, answered = learned_scores._undone([frappe._dict(name=lead.name)], {lead.name: decided})
	assert answered[lead.name] == (before, {"at once", "late"})


def test_pages_count_for_each_lead_of_their_visitor(sale):
	now = now_datetime()
	for at, path, visitor in ((now, "/pricing", "v1"), (add_days(now, -40), None, "v1"), (now, "/other", "v2")):
		row("Web Page View", visitor_id=visitor, path=path, creation=at, docstatus=0)
	rows = [{"name": name, scored_facts.VISITOR: visitor} for name, visitor in (("A", "v1"), ("B", "v1"), ("C", None))]
	found = sorted((lead, seen.page) for lead, seen in scored_facts._pages(rows, None))
	assert found == [("A", ""), ("A", "/pricing"), ("B", ""), ("B", "/pricing")]
	late = list(scored_facts._pages(rows, add_days(now, -30)))
	assert [(lead, seen.page) for lead, seen in late] == [("A", "/pricing"), ("B", "/pricing")]
	assert list(scored_facts._pages([{"name": "C"}], None)) == []


# ---- promises


def test_nothing_is_promised_of_what_is_no_invoice_to_be_paid():
	def invoice(**values):
		return frappe._dict({"name": "INV-1", "docstatus": 1, "is_return": 0, **values})

	assert promise_checks._check_invoice(invoice()) is None
	for values, said in (
		({"docstatus": 0}, "draft"),
		({"docstatus": 2}, "cancelled"),
		({"is_return": 1}, "credit note"),
	):
		with refused(match=f"INV-1.* is a .*{said}|INV-1.* is {said}"):
			promise_checks._check_invoice(invoice(**values))


def test_a_promise_is_of_some_of_what_is_owed_and_not_promised_yet(world, monkeypatch):
	monkeypatch.setattr(promise_states, "promised_of", lambda invoice: 60)

	def check(amount, owed=100.0, day=0):
		values = {"amount": amount, "promised_on": getdate(add_days(nowdate(), day)), "currency": world.currency}
		promise_checks._check_owed(frappe._dict(values, sales_invoice="INV-1"), owed)

	check(40), check(40.001), check(1, day=30)
	for asked, said in (
		((40, 0.001), "nothing is owed"), ((40, 100, -3), "has passed"), ((0,), "how much"), ((-5,), "how much"),
		((100.02,), "more than"), ((40.02,), "promised already"),
	):  # fmt: skip
		with refused(match=said):
			check(*asked)


def test_the_order_that_most_of_an_invoice_is_for_says_whose_it_is(world):
	def line(invoice, order, amount):
		row("Sales Invoice Item", parent=invoice, parenttype=INVOICE, sales_order=order, base_net_amount=amount)

	for order, amount in (("SO-A", 60), ("SO-B", 50), ("SO-A", 10), ("SO-B", 15), (None, 900), ("", 900)):
		line(f"I1 {world.tag}", order, amount)
	line(f"I2 {world.tag}", "SO-C", -80), line(f"I2 {world.tag}", "SO-D", 70), line(f"I3 {world.tag}", None, 5)
	found = invoice_owners._orders_of([f"I{n} {world.tag}" for n in (1, 2, 3)])
	assert found == {f"I1 {world.tag}": "SO-A", f"I2 {world.tag}": "SO-C"}


def test_an_invoice_is_seen_by_rights_and_by_what_a_user_is_limited_to(world, as_user):
	one = row(INVOICE, name=f"I1 {world.tag}", company=world.company, customer=world.customer, territory="Here")
	two = row(INVOICE, name=f"I2 {world.tag}", company=world.company, customer="Another")
	nobodys = row(INVOICE, name=f"I3 {world.tag}", company=world.company)
	names = [one, two, nobodys]
	as_user("finance")
	assert seen_invoices._by_rights(INVOICE, names) == set(names)
	as_user("stranger")
	assert seen_invoices._by_rights(INVOICE, names) == set()
	as_user("rep")
	if not frappe.has_permission(INVOICE, "read"):
		assert seen_invoices._by_rights(INVOICE, names) == set(names)
	assert seen_invoices._by_rights("Journal Entry", ["JE-1"]) == set()
	frappe.set_user("Administrator")
	only_customer(REP, world.customer)
	as_user("rep")
	assert seen_invoices._by_rights(INVOICE, names) == {one, nobodys}


def test_what_finance_does_to_an_invoice_notes_it_where_something_was_promised(world):
	from crm_pipeline.chain import pending

	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	for invoice in ("I-1", "I-1", "I-2"):
		row("Promise to Pay", sales_invoice=f"{invoice} {world.tag}", customer=world.customer, docstatus=0)
	asked = lambda: frappe.get_all(  # noqa: E731
		"Pending Update", filters={"what": pending.PROMISE}, pluck="document", order_by="document asc"
	)
	promise_states.collect(frappe._dict(doctype=INVOICE, name=f"I-9 {world.tag}"))
	assert asked() == []
	promise_states.collect(frappe._dict(doctype=INVOICE, name=f"C-1 {world.tag}", return_against=f"I-1 {world.tag}"))
	promise_states.collect(frappe._dict(doctype=INVOICE, name=f"I-2 {world.tag}"))
	assert asked() == [f"I-1 {world.tag}", f"I-2 {world.tag}"]


# ---- warnings


def test_stops_have_one_amount_for_each_currency_and_none_below_zero():
	settings = lambda *rows: frappe._dict(  # noqa: E731
		stop_overdue_amounts=[frappe._dict(idx=n + 1, currency=c, amount=a) for n, (c, a) in enumerate(rows)]
	)
	customer_warnings.check_amounts(settings(("EUR", 0), ("USD", 5)))
	customer_warnings.check_amounts(frappe._dict())
	with refused(match="Row 2: Currency: .*EUR.* has an amount already"):
		customer_warnings.check_amounts(settings(("EUR", 1), ("EUR", 2)))
	with refused(match="Row 1: Amount: enter zero or more"):
		customer_warnings.check_amounts(settings(("EUR", -1)))


@pytest.mark.parametrize(
	("days", "late", "count", "said"),
	[
		(0, False, 1, "Open request: A pump, since today"), (1, False, 2, "Open request: A pump, since yesterday; and 1 more"),
		(9, True, 4, "Open request: A pump, for 9 days, overdue; and 3 more"),
	],
)  # fmt: skip
def test_an_open_request_says_since_when_and_how_many_more(days, late, count, said):
	told = {"title": "A pump", "days_open": days, "is_late": late, "count": count}
	assert warning_words._request(told, "Customer Case") == said


# ---- the parent of a customer


def relations_of(name) -> list[tuple]:
	rows = frappe.get_all(
		"Customer Relation", filters={"customer": name}, fields=["related_customer", "from_date", "to_date"],
		order_by="from_date asc, related_customer asc",
	)  # fmt: skip
	return [tuple(value and str(value) for value in found.values()) for found in rows]


def test_the_parent_in_the_field_is_a_relation_from_today_and_the_last_one_ends_yesterday(three):  # noqa: F811
	able, baker, cole = three
	relate(able, "Parent", baker, from_date="2020-01-01")
	customer_relations.take_field(able, baker)
	assert relations_of(able) == [(baker, "2020-01-01", None)], "it is so already"
	customer_relations.take_field(able, cole)
	yesterday = str(getdate(add_days(nowdate(), -1)))
	assert relations_of(able) == [(baker, "2020-01-01", yesterday), (cole, nowdate(), None)]
	customer_relations.take_field(able, baker)
	assert relations_of(able) == [(baker, "2020-01-01", yesterday), (baker, nowdate(), None)], "today's own is replaced"
	customer_relations.take_field(able, None)
	assert relations_of(able) == [(baker, "2020-01-01", yesterday)]


def test_a_parent_of_the_field_alone_gets_its_relation_once(three):  # noqa: F811
	able, baker, cole = three
	frappe.db.set_value("Customer", able, customer_relations.FIELD, baker)
	customer_relations.give_relation(able), customer_relations.give_relation(cole)
	assert (relations_of(able), relations_of(cole)) == ([(baker, None, None)], [])
	customer_relations.give_relation(able)
	assert len(relations_of(able)) == 1 and parent_of(able) == baker


def test_relations_that_begin_today_or_ended_lately_are_followed(three):  # noqa: F811
	able, baker, cole = three
	relate(able, "Parent", baker, from_date="2020-01-01", to_date=add_days(nowdate(), -1))
	relate(cole, "Parent", baker, from_date=nowdate())
	frappe.db.set_value("Customer", able, customer_relations.FIELD, baker)
	frappe.db.set_value("Customer", cole, customer_relations.FIELD, None)
	assert {able, cole} <= {name for (name,) in customer_relations._due()}
	customer_relations.follow_dates()
	assert (parent_of(able), parent_of(cole)) == (None, baker)


# ---- who sees rows


def test_a_discussion_is_listed_to_who_may_read_its_party(world, as_user):
	elsewhere = customer(f"Quay {world.tag}")
	party = prospect(world, f"P {world.tag}")
	start(f"mine {world.tag}", customer=world.customer), start(f"theirs {world.tag}", customer=elsewhere)
	start(f"general {world.tag}"), start(f"prospect {world.tag}", prospect=party.name)
	seen = lambda: sorted(title.split()[0] for title in listed(title=("like", f"%{world.tag}")))  # noqa: E731
	as_user("rep")
	assert seen() == ["general", "mine", "prospect", "theirs"] and customer_discussion.condition(REP) == ""
	frappe.set_user("Administrator")
	only_customer(REP, world.customer)
	as_user("rep")
	assert seen() == ["general", "mine", "prospect"]
	frappe.set_user("Administrator")
	other = prospect(world, f"Other {world.tag}")
	frappe.get_doc(
		{"doctype": "User Permission", "user": REP, "allow": "Sales Prospect", "for_value": other.name}
	).insert()
	frappe.clear_cache(user=REP)
	as_user("rep")
	assert seen() == ["general", "mine"]


def test_rows_of_a_handover_are_seen_by_who_gave_all_or_gets_them(sale, as_user):
	from tests.site.portable.test_handovers import prepared
	from tests.site.portable.test_small_handing import ITEM, only

	as_user("rep")
	for name in ("One", "Two"):
		sale.lead(sales_owner=REP, prospect_name=f"{name} {sale.world.tag}", email_id=None, phone=None)
	as_user("manager")
	doc = prepared(OTHER, **only("with_leads"))
	doc.items[0].to_user = DESK
	doc.save()
	rows = {row.to_user: row.name for row in frappe.get_doc(doc.doctype, doc.name).items}
	for who, seen in (("manager", {OTHER, DESK}), ("rep", {OTHER, DESK}), ("other_rep", {OTHER}), ("desk", {DESK})):
		as_user(who)
		found = frappe.get_doc(doc.doctype, doc.name)
		assert {user for user, name in rows.items() if frappe.get_doc(ITEM, name).has_permission("read")} == seen, who
		found.apply_fieldlevel_read_permissions()
		assert {row.to_user for row in found.items} == seen, who


# ---- jobs in parts, titles


def test_passages_are_looked_through_by_names_and_gone_on_with(world, sale, monkeypatch):
	for _n in range(3):
		sale.opportunity()
	monkeypatch.setattr(passages, "CHUNK", 2)
	found = passages.chunks(None)
	for doctype in DEALS:
		names = sorted(frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0))
		assert [after for kind, after in found if kind == doctype] == ["", *names[1::2]]
	assert passages.chunks(list(found[1])) == found[2:] and passages.chunks(list(found[-1])) == []


def test_an_agreement_without_a_title_has_its_party_s_name(sale):
	titled, bare = sale.contract(submit=False), sale.contract(submit=False, title="")
	assert (titled.title, bare.title) == ("Pump contract", bare.party_name)


# ---- days, documents and people of a sale


def test_an_order_is_delivered_when_its_rows_say_else_on_the_usual_day(sale):
	usual = native_order.usual_delivery_date(sale.world.company)
	assumed = lambda doc: acceptance.assumed_delivery_date(doc.doctype, doc.name)  # noqa: E731
	deal = sale.opportunity()
	assert assumed(deal) == usual
	contract = sale.contract()
	assert assumed(contract) == usual
	first, second = contract.items
	day = add_days(nowdate(), 3)
	frappe.db.set_value(first.doctype, first.name, "delivery_date", day)
	assert assumed(contract) == usual, "a row has no day"
	frappe.db.set_value(second.doctype, second.name, "delivery_date", day)
	assert assumed(contract) is None
	request = sale.request(contract, submit=False)
	for row_ in request.items:
		frappe.db.set_value(row_.doctype, row_.name, "delivery_date", None)
	frappe.db.set_value(request.doctype, request.name, "delivery_date", None)
	assert assumed(contract) == usual, "what waits is what is ordered"
	frappe.db.set_value(request.doctype, request.name, "delivery_date", day)
	assert assumed(contract) is None
	frappe.db.set_value(request.doctype, request.name, "status", "Returned")
	frappe.db.set_value(second.doctype, second.name, "delivery_date", None)
	assert assumed(contract) == usual


def test_people_on_documents_say_what_their_contact_says_now(sale):
	deal = sale.opportunity(
		contacts=[{"contact_name": "Ines Marlow", "phone": "+49 30 1", "email_id": "i@quay.example"}]
	)
	other = sale.lead(contacts=[{"contact_name": "Ines", "phone": "+49 30 9", "email_id": "i@quay.example"}])
	rows = {doc.doctype: doc.contacts[-1].name for doc in (deal, other)}
	table = deal.contacts[0].doctype
	for name in rows.values():
		frappe.db.set_value(table, name, "contact", "A contact")
	deal_people.follow_contact(
		"A contact", {"contact_name": ("Ines Marlow", "Ines Blake"), "phone": ("+49 30 1", "+49 30 901820"), "email_id": ("", "x@y.example")}
	)  # fmt: skip
	said = lambda name: frappe.db.get_value(table, name, ["contact_name", "phone", "email_id", "match_phone"])  # noqa: E731
	found, kept = said(rows[deal.doctype]), said(rows[other.doctype])
	assert found[:3] == ("Ines Blake", "+49 30 901820", "i@quay.example") and found[3].endswith("30901820")
	assert kept[:3] == ("Ines", "+49 30 9", "i@quay.example"), "what somebody typed there stays"
	deal_people.follow_contact("Another", {"contact_name": ("Ines", "Tom")})
	assert said(rows[other.doctype])[0] == "Ines"


def test_a_question_says_what_is_wanted_of_which_deal_and_whether_a_stage_asked(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	wanted = frappe.get_meta("Sales Help Request").get_field("wanted").options.split("\n")[-1]
	asked = help_requests.ask(deal.doctype, deal.name, wanted, "May I?")
	asked.reload()
	assert (asked.reference_doctype, asked.reference_name, asked.wanted, asked.question, asked.is_control_point) == (
		deal.doctype, deal.name, wanted, "May I?", 0
	)  # fmt: skip
	by_stage = help_requests.ask(deal.doctype, deal.name, wanted, "Go on?", control_point=True)
	assert by_stage.reload().is_control_point == 1


def test_a_page_of_the_documents_behind_a_number_of_a_contract(monkeypatch):
	of = lambda doctype, count: [  # noqa: E731
		{
			"doctype": doctype,
			"name": f"{doctype} {n:03}",
			"order": "SO-1",
			"status": "Paid",
			"amount": n,
			"currency": "EUR",
			"date": "2026-01-01",
		}
		for n in range(count)
	]
	page = contract_money.figure_documents.PAGE
	found = [*of("Sales Invoice", page + 2), *of("Delivery Note", 1)]
	monkeypatch.setattr(contract_money.roll_up, "documents_of", lambda doctype, name: found)
	counted = {(row["doctype"], row["name"]): row["amount"] / 2 for row in found}
	of_number = lambda kind: {key: amount for key, amount in counted.items() if key[0] == kind}  # noqa: E731
	behind = {"billed": of_number("Sales Invoice"), "delivered": of_number("Delivery Note")}
	monkeypatch.setattr(contract_money, "_orders_of", lambda contracts: {"C-1": ["SO-1"]})
	monkeypatch.setattr(
		contract_money.order_shares,
		"of_documents",
		lambda number, orders, is_own: behind.get(number, {}) if orders == ["SO-1"] else {},
	)
	usual = frappe.db.get_value
	value = lambda *args, **how: ("", "EUR") if args[:1] == ("Sales Contract",) else usual(*args, **how)  # noqa: E731
	monkeypatch.setattr(frappe.db, "get_value", value)
	first, second = (contract_money.documents("C-1", "billed", start) for start in (0, page))
	assert (first["total"], len(first["documents"]), len(second["documents"])) == (page + 2, page, 2)
	assert first["documents"][0]["name"] == "Sales Invoice 000" and second["documents"][0]["base_amount"] == page / 2
	assert contract_money.documents("C-1", "delivered")["total"] == 1
	assert contract_money.documents("C-1", "paid") == {"total": 0, "documents": []}


def test_terms_are_those_of_invoices_and_of_nothing_that_is_called_alike(world):
	invoice = row(
		INVOICE, name=f"I {world.tag}", company=world.company, customer=world.customer, due_date="2026-03-01", is_return=0,
		currency=world.currency, party_account_currency=world.currency, conversion_rate=1, total_advance=0,
	)  # fmt: skip
	row("Payment Schedule", parent=invoice, parenttype=INVOICE, parentfield="payment_schedule", due_date="2026-04-01",
		payment_amount=100, base_payment_amount=100, paid_amount=0, base_paid_amount=0, discounted_amount=0)  # fmt: skip
	item = lambda kind: frappe._dict(  # noqa: E731
		voucher_type=kind, voucher_no=invoice, balance=Balance(100), own_balance=Balance(100), posting_date="2026-02-01"
	)
	[(_item, found, [part]), (_other, none, [other])] = open_items.with_parts([item(INVOICE), item("Journal Entry")])
	assert (found.due_date, str(part.due), part.amount) == (getdate("2026-03-01"), "2026-04-01", 100)
	assert none is None and str(other.due) == "2026-02-01"
