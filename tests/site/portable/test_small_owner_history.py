"""Who had what when, in detail: which documents, in which order, and in which days."""

from datetime import datetime, timedelta

import frappe
import pytest

from crm_pipeline.analytics import owner_history
from crm_pipeline.analytics.owner_history import HistoryScope
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.rows import bare_deal

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DEAL, PROJECT, LEAD = "Sales Opportunity", "Sales Project", "Sales Lead"
DAY = datetime(2026, 5, 12, 9)


@pytest.fixture
def owned(world):
	"""owned(key, (from, to, day), ...): a deal with these moves, written down in the opposite order of time."""
	frappe.db.delete("Pipeline Event", {"kind": "Owner"})

	def make(key: str, *moves: tuple, doctype=DEAL, **values) -> str:
		fixed = {"sales_owner": moves[-1][1] if moves else REP, "creation": DAY - timedelta(days=9)}
		name = bare_deal(world, key, doctype, **{**fixed, **values})
		for start, end, days in moves:
			event = {"reference_doctype": doctype, "reference_name": name, "kind": "Owner", "docstatus": 0}
			event |= {"from_value": start, "to_value": end, "at": DAY + timedelta(days=days), "by": MANAGER}
			rows.row("Pipeline Event", **event, company=world.company, creation=DAY + timedelta(days=100 - days))
		return name

	return make


def told(world, **asked) -> list[tuple]:
	found = owner_history.found(HistoryScope.of({"company": world.company, "document_type": DEAL, **asked}))
	return [(row.name.split()[0], row.span.user) for row in found.rows]


def keys(world, **asked) -> list[str]:
	return list(dict.fromkeys(key for key, _user in told(world, **asked)))


def test_what_changed_hands_last_comes_first_whenever_it_was_written_down(world, owned):
	owned("A", (REP, OTHER, 0), (OTHER, REP, 8))
	owned("B", (REP, OTHER, 5))
	owned("C", (REP, OTHER, 9))
	assert keys(world) == ["C", "A", "B"]
	assert told(world)[2:5] == [("A", REP), ("A", OTHER), ("A", REP)]


@pytest.mark.parametrize(("most", "shown", "is_cut"), [(1, ["A"], True), (2, ["A", "B"], True), (3, ["A", "B"], False)])
def test_of_many_those_that_changed_hands_last_are_shown_also_of_one_person(
	world, owned, monkeypatch, most, shown, is_cut
):
	monkeypatch.setattr(owner_history, "MOST", most)
	owned("A", (REP, MANAGER, 0), (MANAGER, OTHER, 9))
	owned("B", (OTHER, REP, 2), (REP, OTHER, 5))
	owned("C", (OTHER, MANAGER, 20))
	asked = HistoryScope.of({"company": world.company, "document_type": DEAL, "user": REP})
	found = owner_history.found(asked)
	assert [(row.name.split()[0], row.span.user) for row in found.rows] == [(key, REP) for key in shown]
	assert found.is_cut is is_cut


def test_whoever_had_it_first_or_last_is_found_with_the_spans_that_were_theirs(world, owned):
	owned("first", (REP, OTHER, 0))
	owned("last", (OTHER, REP, 1))
	owned("between", (OTHER, REP, 2), (REP, MANAGER, 3))
	owned("never", (OTHER, MANAGER, 4))
	assert told(world, user=REP) == [("between", REP), ("last", REP), ("first", REP)]
	assert keys(world) == ["never", "between", "last", "first"]


def test_only_changes_of_the_owner_are_moves(world, owned):
	name = owned("A", (REP, OTHER, 0))
	event = {"reference_doctype": DEAL, "reference_name": name, "docstatus": 0, "company": world.company, "by": MANAGER}
	rows.row("Pipeline Event", **event, kind="Stage", from_value="P", to_value="Q", at=DAY + timedelta(days=5))
	other = {**event, "reference_name": owned("B", (REP, OTHER, 3))}
	rows.row("Pipeline Event", **{**other, "kind": "Created"}, to_value=REP, at=DAY)
	assert told(world) == [("B", REP), ("B", OTHER), ("A", REP), ("A", OTHER)]


@pytest.mark.parametrize(
	("first", "last", "users"),
	[
		(None, None, [REP, OTHER, MANAGER]),
		("2026-05-12", "2026-05-12", [REP, OTHER]),
		("2026-05-13", "2026-05-14", [OTHER]),
		("2026-05-15", None, [OTHER, MANAGER]),
		("2026-05-16", None, [MANAGER]),
		(None, "2026-05-11", [REP]),
		(None, "2026-05-15", [REP, OTHER, MANAGER]),
		(None, "2026-05-14", [REP, OTHER]),
		(None, "2026-05-02", []),
		(None, "2026-05-03", [REP]),
	],
)
def test_of_a_period_are_those_who_had_it_on_any_of_its_days(world, owned, first, last, users):
	"""REP from the third on, OTHER from nine in the morning of the twelfth, MANAGER from that of the fifteenth."""
	owned("A", (REP, OTHER, 0), (OTHER, MANAGER, 3))
	asked = {key: day for key, day in (("from_date", first), ("to_date", last)) if day}
	assert [user for _key, user in told(world, **asked)] == users


def test_a_document_that_is_asked_for_by_name_is_there_even_if_it_never_changed_hands(world, owned):
	name = owned("A")
	owned("B", (REP, OTHER, 0))
	assert told(world, document=name) == [("A", REP)]
	found = owner_history.found(HistoryScope.of({"company": world.company, "document": name}))
	assert [(row.doctype, row.name, row.span.user) for row in found.rows] == [(DEAL, name, REP)]
	assert owner_history.found(HistoryScope.of({"company": world.company, "document": "Nothing"})).rows == []


def test_a_type_that_is_asked_for_keeps_others_out_and_a_customer_is_its_manager_s(world, owned):
	owned("A", (REP, OTHER, 0))
	owned("P", (REP, OTHER, 0), doctype=PROJECT)
	assert keys(world) == ["A"] and keys(world, document_type=PROJECT) == ["P"]
	customer = rows.row("Customer", name=f"C {world.tag}", customer_name="Quay", account_manager=MANAGER, docstatus=0)
	found = owner_history.found(HistoryScope.of({"company": world.company, "document": customer}))
	assert [(row.doctype, row.title, row.span.user) for row in found.rows] == [("Customer", "Quay", MANAGER)]


def test_documents_that_the_reader_may_not_read_are_not_told(world, owned, as_user):
	owned("A", (REP, OTHER, 0))
	as_user("stranger")
	assert owner_history._seen({(DEAL, f"A {world.tag}"): []}) == {}
