"""Two records that may be one, in detail: how pairs are found, kept and answered; what a merge shows and brings along."""

from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.core import quality
from crm_pipeline.duplicates import data_quality, merge_tool, pair_records
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_small_merges import leads, pair, told  # noqa: F401
from tests.site.rows import row
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
PROSPECT, LEAD, PAIR = "Sales Prospect", "Sales Lead", "Duplicate Pair"


@pytest.fixture
def alone(world, as_user):
	"""No prospects, leads and pairs but those of the test."""
	as_user("Administrator")
	for doctype in (PROSPECT, LEAD, PAIR):
		frappe.db.delete(doctype)
	return world


def prospect(world, key: str, name: str, mail: str = "", **values) -> str:
	values = {"email_id": mail, "match_email": mail, "match_name": name.lower(), "status": "Unverified", **values}
	return row(PROSPECT, name=f"{key} {world.tag}", prospect_name=name, company=world.company, docstatus=0, **values)


def pairs_there() -> list[tuple]:
	rows = frappe.get_all(PAIR, fields=["document_name", "other_name"], order_by="document_name asc, other_name asc")
	return [(found.document_name, found.other_name) for found in rows]


# ---- pairs


def test_who_shares_an_address_is_a_pair_once_however_often_it_is_looked_at(alone):
	world = alone
	a, b = (prospect(world, key, f"Quay Works {key}", "x@quay.example") for key in "ba")
	prospect(world, "c", "Alder Mill", "y@quay.example")
	prospect(world, "d", "Quay Works over", "x@quay.example", status="Verified")
	look = lambda: sum(pair_records.look_at(*chunk) for chunk in pair_records.chunks(None) if chunk[0] == PROSPECT)  # noqa: E731
	assert (look(), look()) == (1, 0)
	assert pairs_there() == [(b, a)]
	found = frappe.get_last_doc(PAIR)
	assert (found.document_type, found.document_title, found.other_title) == (PROSPECT, "Quay Works a", "Quay Works b")
	assert found.score >= 50 and found.signs
	assert pair_records.look_at(PROSPECT, "zzzz", "zzzz") == 0


def test_leads_are_doubles_by_what_they_say_of_their_party(alone):
	world = alone
	made = {"status": "New", "company": world.company, "docstatus": 0, "email_id": "x@quay.example"}
	first = row(LEAD, name=f"a {world.tag}", title="Pumps", party_name="Quay Works", **made)
	second = row(LEAD, name=f"b {world.tag}", title="Quay Works", party_name="", **made)
	row(LEAD, name=f"c {world.tag}", title="Quay Works", party_name="Quay Works", **{**made, "status": "Disqualified"})
	row(LEAD, name=f"d {world.tag}", title="X", party_name="Quay Works", **{**made, "email_id": "y@quay.example"})
	for chunk in pair_records.chunks(None):
		pair_records.look_at(*chunk)
	assert pairs_there() == [(first, second)]
	found = frappe.get_last_doc(PAIR)
	assert (found.document_title, found.other_title) == ("Quay Works", "Quay Works")


def test_a_pair_that_has_nothing_in_common_any_more_is_none_and_an_answer_stays(alone):
	world = alone
	a, b = (prospect(world, key, "Quay Works", "x@quay.example") for key in "ab")
	assert pair_records.look_at_two(PROSPECT, b, a) == 1
	found = frappe.get_last_doc(PAIR)
	signs, score = found.signs, found.score
	found.db_set({"score": 1, "signs": "Old"})
	assert pair_records.look_at(PROSPECT, "", "") == 0, "a score that changed is no pair more or less"
	found.reload()
	assert (found.score, found.signs) == (score, signs)
	frappe.db.set_value(PROSPECT, b, {"email_id": "z@quay.example", "prospect_name": "Alder", "match_name": "alder"})
	frappe.db.set_value(PROSPECT, b, "match_email", "z@quay.example")
	pair_records.mark_not_duplicate(found.name)
	assert pair_records.look_at(PROSPECT, "", "") == 0 and pairs_there() == [(a, b)]
	pair_records.unmark_not_duplicate(found.name)
	assert pair_records.look_at(PROSPECT, "", "") == 1 and pairs_there() == []


def test_an_answer_says_whose_it_is_and_is_taken_back_whole(alone, as_user):
	world = alone
	a, b = (prospect(world, key, "Quay Works", "x@quay.example", sales_owner=OTHER) for key in "ab")
	pair_records.look_at_two(PROSPECT, a, b)
	found = frappe.get_last_doc(PAIR)
	as_user("manager")
	pair_records.mark_not_duplicate(found.name)
	found.reload()
	assert (found.decision, found.decided_by) == ("Two", MANAGER) and found.decided_on
	pair_records.unmark_not_duplicate(found.name)
	found.reload()
	assert (found.decision or None, found.decided_by, found.decided_on) == (None, None, None)
	as_user("stranger")
	for ask in (pair_records.mark_not_duplicate, pair_records.unmark_not_duplicate):
		with refused(frappe.PermissionError):
			ask(found.name)


def test_a_record_that_can_not_be_read_keeps_no_other_from_being_compared(alone, monkeypatch):
	world = alone
	names = [prospect(world, key, "Quay Works", "x@quay.example") for key in "abcde"]
	known = pair_records.identity.KNOWN[PROSPECT]

	def stumbles(asked):
		if names[2] in asked:
			raise ValueError("a bad record")
		return known(asked)

	monkeypatch.setitem(pair_records.identity.KNOWN, PROSPECT, stumbles)
	frappe.db.delete("Error Log")
	found = pair_records._identities(PROSPECT, set(names))
	assert sorted(found) == sorted(set(names) - {names[2]}) and all(found[name].name == name for name in found)
	[log] = frappe.get_all("Error Log", fields=["method", "error"], order_by="creation asc")
	assert "can't be compared" in log.method and f"{PROSPECT} {names[2]}" in log.error
	frappe.db.delete("Error Log")
	assert pair_records._score(PROSPECT, (names[0], names[2]), found) is None
	assert pair_records._score(PROSPECT, (names[2], names[0]), found) is None
	assert frappe.get_all("Error Log", order_by="creation asc") == [], "it was said once"
	assert pair_records._score(PROSPECT, (names[0], names[1]), found).is_suspected
	pair_records.look_at(PROSPECT, "", "")
	assert len(pairs_there()) == 6 and names[2] not in {name for both in pairs_there() for name in both}


def test_known_pairs_are_those_of_these_records_on_either_side(alone):
	world = alone
	a, b, c = (prospect(world, key, "Quay Works") for key in "abc")
	one, other = pair(PROSPECT, a, b), pair(PROSPECT, b, c, decision="Two")
	known = lambda *names: {both: found.name for both, found in pair_records._known_pairs(PROSPECT, set(names)).items()}  # noqa: E731
	assert known(a) == {(a, b): one} and known(c) == {(b, c): other}
	assert known(a, b, c) == {(a, b): one, (b, c): other} and known("Nobody") == {}
	assert pair_records._known_pairs(LEAD, {a}) == {}


# ---- what a merge shows


def test_a_text_is_shown_whole_up_to_three_hundred_letters_and_without_marks(site):
	data = frappe._dict(fieldtype="Data", fieldname="title")
	doc = frappe._dict()
	assert merge_tool._shown(data, "<b>x</b>", doc) == "<b>x</b>" and merge_tool._shown(data, 5, doc) == "5"
	assert merge_tool._shown(data, "y" * 400, doc) == "y" * 300
	assert [merge_tool._shown(data, value, doc) for value in (None, "")] == ["", ""]


def test_other_values_are_shown_as_a_form_shows_them(leads, monkeypatch):  # noqa: F811
	text = frappe._dict(fieldtype="Text Editor", fieldname="message")
	doc = leads[0]
	monkeypatch.setattr(frappe, "format", lambda value, df, **how: f"<p>{value}</p>")
	assert merge_tool._shown(text, "z", doc) == "z"
	assert merge_tool._shown(text, "z" * 400, doc) == "z" * 300
	assert merge_tool._shown(frappe._dict(fieldtype="Currency"), 5, doc) == "5"


LEDGER = """
GL Entry|hash|party_type party account_currency is_cancelled:Check company
Party Account||account company
"""


def test_customers_are_compared_by_what_was_posted_and_by_their_accounts(world, monkeypatch):
	HOST.other_tables(monkeypatch, LEDGER)
	names = [f"{key} {world.tag}" for key in "ab"]
	for name, currency, account in zip(names, ("USD", "EUR"), ("Debtors", "Others"), strict=True):
		posted = {"party_type": "Customer", "party": name, "company": world.company, "is_cancelled": 0}
		row("GL Entry", account_currency=currency, **posted)
		of = {"parent": name, "parenttype": "Customer", "parentfield": "accounts", "company": world.company}
		row("Party Account", account=account, **of)
	docs = [frappe.new_doc("Customer") for _name in names]
	for doc, name in zip(docs, names, strict=True):
		doc.name = name
	side = merge_tool._side_of(docs[0])
	assert (side.name, set(side.currencies), set(side.accounts)) == (
		names[0], {(world.company, "USD")}, {(world.company, "Debtors")}
	)  # fmt: skip
	assert (side.customer, side.is_converted) == ("", False)
	said = [merge_tool._said(obstacle, *docs) for obstacle in merge_tool._obstacles(*docs)]
	assert said == [
		f"{world.company}: {names[0]} has ledger entries in USD, {names[1]} in EUR. "
		"ERPNext keeps one currency for each customer and company.",
		f"{world.company}: the receivable account of {names[0]} is Debtors, that of {names[1]} is Others. "
		"Make them the same first, or remove one.",
	]


# ---- what a merge brings along


@pytest.fixture
def contacts(world, monkeypatch, as_user):
	"""(A contact that goes, one that stays)."""
	HOST.plain_records(monkeypatch, "Contact", "Customer")
	as_user("Administrator")

	def make(name: str, mails=(), phones=(), **values):
		doc = frappe.get_doc({"doctype": "Contact", "first_name": f"{name} {world.tag}", **values})
		for mail in mails:
			doc.append("email_ids", {"email_id": mail, "is_primary": int(mail == mails[0])})
		for phone in phones:
			doc.append("phone_nos", {"phone": phone, "is_primary_phone": int(phone == phones[0])})
		return doc.insert()

	return make


def test_the_first_address_and_number_of_who_had_none_are_the_main_ones(contacts):
	gone = contacts("Ines", ("i@quay.example", "j@quay.example"), ("1", "2"))
	kept = contacts("Ines M", (), ())
	copies = {table: [merge_tool._copied(one) for one in gone.get(table)] for table in ("email_ids", "phone_nos")}
	assert not any(one["is_primary"] for one in copies["email_ids"]), "a main one of the other is none here"
	for table, found in copies.items():
		for one in found:
			kept.append(table, one)
	merge_tool._keep_one_primary(kept)
	assert [one.is_primary for one in kept.email_ids] == [1, 0]
	assert [(one.is_primary_phone, one.is_primary_mobile_no) for one in kept.phone_nos] == [(1, 1), (0, 0)]
	kept.email_ids[0].is_primary, kept.email_ids[1].is_primary = 0, 1
	merge_tool._keep_one_primary(kept)
	assert [one.is_primary for one in kept.email_ids] == [0, 1]
	bare = contacts("Bare")
	merge_tool._keep_one_primary(bare)
	assert (
		bare.email_ids == [] and merge_tool._keep_one_primary(frappe._dict(doctype="Customer", email_ids=[1])) is None
	)


def test_rows_that_are_there_already_are_not_brought_along_twice(contacts):
	gone = contacts("Ines", ("i@quay.example", "J@quay.example "), ("1", "2"))
	kept = contacts("Ines M", ("j@quay.example",), ("2",))
	missing = {df.fieldname: [one.get("email_id") or one.get("phone") for one in rows] for df, rows in merge_tool._missing_rows(gone, kept)}  # fmt: skip
	assert (missing["email_ids"], missing["phone_nos"], missing["links"]) == (["i@quay.example"], ["1"], [])


def test_a_sales_team_is_a_whole_and_is_taken_where_there_is_none(world, contacts):
	docs = [frappe.new_doc("Customer") for _again in range(3)]
	for doc, persons in zip(docs, (("A", "B"), ("C",), ()), strict=True):
		for person in persons:
			doc.append("sales_team", {"sales_person": person, "allocated_percentage": 50})
	team = lambda one, other: next(  # noqa: E731
		[row.sales_person for row in rows]
		for df, rows in merge_tool._missing_rows(one, other)
		if df.fieldname == "sales_team"
	)
	assert (team(docs[0], docs[1]), team(docs[0], docs[2]), team(docs[2], docs[0])) == ([], ["A", "B"], [])


def test_of_a_tag_that_both_had_one_link_stays(leads):  # noqa: F811
	gone, kept = leads
	frappe.db.set_value(LEAD, gone.name, "_user_tags", ",hot")
	frappe.db.set_value(LEAD, kept.name, "_user_tags", ",hot,pumps")
	of = {"document_type": LEAD, "document_name": kept.name, "docstatus": 0}
	first = row("Tag Link", tag="hot", creation="2026-01-01", **of)
	row("Tag Link", tag="hot", creation="2026-01-02", **of)
	other = row("Tag Link", tag="pumps", creation="2026-01-03", **of)
	merge_tool._write_tags(LEAD, kept.name, merge_tool._tags(gone) | merge_tool._tags(kept) | {"hot", "pumps"})
	left = frappe.get_all("Tag Link", filters={"document_name": kept.name}, pluck="name", order_by="creation asc")
	assert left == [first, other] and frappe.db.get_value(LEAD, kept.name, "_user_tags") == ",hot,pumps"
	merge_tool._write_tags(LEAD, kept.name, set())
	assert frappe.db.get_value(LEAD, kept.name, "_user_tags") == ",hot,pumps"
	merge_tool._write_tags(LEAD, gone.name, {"b", "a"})
	assert frappe.db.get_value(LEAD, gone.name, "_user_tags") == ",a,b"


def test_what_was_not_taken_over_is_noted_line_by_line(leads):  # noqa: F811
	gone, kept = leads
	api.merge_records(LEAD, gone.name, kept.name)
	lines = told(kept).split("<br>")
	assert lines[0] == f"Pumps again ({gone.name}) was merged into this one."
	assert lines[1] == "What it did not take over:" and len(lines) > 3
	assert "Interested In: Pumps again" in lines and "Landing Page: /pumps" in lines
	assert not [line for line in lines if line.startswith(("Message", "Description"))], "what was empty was filled"


# ---- faults of the data


def fault(world, kind: str, doctype: str = PROSPECT, **asked) -> list[dict]:
	found = data_quality.faults(data_quality.Asked(doctype=doctype, kind=kind, **asked), getdate(nowdate()))
	return [one for one in found if world.tag in one["name"]]


@pytest.fixture
def facts(alone):
	"""A prospect that somebody worked on, and one that nobody did; of two owners."""
	world = alone
	old = now_datetime() - timedelta(days=300)
	made = {"modified": old}
	found = SimpleNamespace(world=world)
	found.quiet = prospect(world, "quiet", "Quiet Mill", "q@quay.example", sales_owner=REP, **made)
	found.busy = prospect(world, "busy", "Busy Mill", "b@quay.example", sales_owner=OTHER, **made)
	for who, at, status in ((found.busy, -5, "Done"), (found.quiet, -250, "Done"), (found.quiet, -2, "Planned")):
		values = {"prospect": who, "starts_on": add_days(now_datetime(), at), "status": status, "docstatus": 0}
		row("Sales Activity", subject="Call", **values)
	return found


def test_what_nobody_touched_for_long_is_outdated_since_its_last_activity(facts):
	[found] = fault(facts.world, quality.OUTDATED)
	assert (found["name"], found["title"], found["sales_owner"]) == (facts.quiet, "Quiet Mill", REP)
	assert (found["last"], found["detail"]) == (getdate(add_days(nowdate(), -250)), "250")
	assert fault(facts.world, quality.OUTDATED, stale_days=260) == []
	assert len(fault(facts.world, quality.OUTDATED, stale_days=2)) == 2
	assert fault(facts.world, quality.OUTDATED, sales_owner=OTHER) == []
	assert fault(facts.world, quality.OUTDATED, group=found["group"]) == [found]
	assert fault(facts.world, quality.OUTDATED, doctype="Customer") == []


def test_suspected_doubles_are_counted_on_both_and_answered_ones_are_none(facts):
	pair(PROSPECT, facts.busy, facts.quiet)
	assert {one["name"]: one["detail"] for one in fault(facts.world, quality.DOUBLED)} == {
		facts.busy: "1",
		facts.quiet: "1",
	}
	frappe.db.set_value(PAIR, {"document_name": facts.busy}, "decision", "Two")
	assert fault(facts.world, quality.DOUBLED) == []


def test_an_address_that_a_mail_came_back_from_is_said(facts):
	frappe.db.delete("Communication")
	mail = {"communication_type": "Communication", "sent_or_received": "Sent", "docstatus": 0}
	row("Communication", recipients='"Q" <Q@quay.example>, c@quay.example', delivery_status="Bounced", **mail)
	row("Communication", recipients="b@quay.example", delivery_status="Sent", **mail)
	row(
		"Communication",
		recipients="b@quay.example",
		delivery_status="Bounced",
		**{**mail, "sent_or_received": "Received"},
	)
	assert data_quality._bounced() == ("c@quay.example", "q@quay.example")


def test_addresses_and_numbers_of_a_party_s_contacts_are_its_own(facts, monkeypatch):
	world = facts.world
	for key, of, mails, phones in (
		("x", facts.quiet, "ab", "1"),
		("y", facts.quiet, "c", "23"),
		("z", facts.busy, "d", ""),
	):
		name = f"{key} {world.tag}"
		on = {"parent": name, "parenttype": "Contact", "docstatus": 0}
		row("Dynamic Link", link_doctype=PROSPECT, link_name=of, parentfield="links", **on)
		for mail in mails:
			row("Contact Email", email_id=f"{mail}@quay.example", parentfield="email_ids", **on)
		for phone in phones:
			row("Contact Phone", phone=phone, parentfield="phone_nos", **on)
		row("Contact Email", email_id="", parentfield="email_ids", **on)
	known = data_quality._Facts(PROSPECT, [facts.quiet, facts.busy])
	assert sorted(known.emails[facts.quiet]) == [f"{mail}@quay.example" for mail in "abc"]
	assert sorted(known.phones[facts.quiet]) == ["1", "2", "3"] and known.contacts[facts.quiet] == 2
	told = known.record(
		frappe._dict(name=facts.quiet, email_id="a@quay.example", phone="9", mobile_no="1", modified=nowdate())
	)
	assert sorted(told.emails) == [f"{mail}@quay.example" for mail in "abc"] and told.emails[0] == "a@quay.example"
	assert told.phones[:2] == ("9", "1") and sorted(told.phones) == ["1", "2", "3", "9"]
	assert told.contacts is None and len(told.empty) == 3


def test_of_a_person_neither_industry_nor_tax_id_is_missed(world):
	known = data_quality._Facts("Customer", [])
	told = lambda kind, **values: known.record(frappe._dict(name="x", customer_type=kind, modified=nowdate(), **values))  # noqa: E731
	labels = [known.labels[field] for field in ("territory", "industry", "tax_id")]
	assert told("Company").empty == tuple(labels) and told("Individual").empty == tuple(labels[:1])
	assert told("Company", industry="Mills").empty == (labels[0], labels[2])
	assert (told("Company").contacts, told("Company").doubles) == (0, 0)


def test_a_customer_is_of_its_account_manager_and_of_the_first_of_its_team(world):
	for place, person in enumerate("AB"):
		of = {"parent": world.customer, "parenttype": "Customer", "parentfield": "sales_team", "docstatus": 0}
		row("Sales Team", sales_person=person, idx=place + 1, **of)
	known = data_quality._Facts("Customer", [world.customer])
	assert known.people(frappe._dict(name=world.customer, account_manager=REP)) == (REP, "A")
	of_lead = data_quality._Facts(LEAD, [])
	assert of_lead.people(frappe._dict(name="x", sales_owner=REP, sales_person="B")) == (REP, "B")
