# ruff: noqa: F811
"""What is carried over from another system, row by row: moves of deals, what they leave, renamed records, comments, what is let go."""

import json
from datetime import date, datetime
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.chain import link_kinds
from crm_pipeline.core.dwell import UNKNOWN
from crm_pipeline.importer import source_ids, store_records
from crm_pipeline.importer.known_parties import PartyFacts
from crm_pipeline.importer.load import load
from crm_pipeline.importer.moving_in import (
	erpnext_agreements,
	followed_traces,
	following,
	move_run,
	move_undo,
	old_tables,
	origin_comments,
	side_by_side,
)
from tests.site import rows
from tests.site.other_systems import put
from tests.site.portable.test_moved_in import DEAL, LEAD, PROSPECT, old  # noqa: F401

RECORD, CUSTOMER = source_ids.DOCTYPE, "Customer"
REP, MANAGER = "rep@crm-test.example", "manager@crm-test.example"
NOW = datetime(2026, 3, 20, 12)


def at(day: int, hour: int = 0) -> datetime:
	return datetime(2026, 3, day, hour)


def change(doctype: str = DEAL, taken=("stage",), history=(), values=None, row=None, **ours):
	"""As of following.Change: `values` are those that are written, `row` what the record would be there."""
	fixed = {"doctype": doctype, "name": "D-1", "stage": "A", "status": "Open", "owner": REP, "creation": at(1)}
	steps = [(SimpleNamespace(name=stage), day) for stage, day in history]
	facts = SimpleNamespace(history=steps, row=row or {"stage": "A"})
	return SimpleNamespace(ours=frappe._dict({**fixed, **ours}), facts=facts, taken=list(taken), values=values or {})


# ---- moves of a deal


@pytest.mark.parametrize(
	"history, stage, passed",
	[
		# From the day on which it entered the stage that it stands in, not before.
		([("B", date(2026, 3, 9)), ("C", date(2026, 3, 12))], "C", [("C", at(12))]), ([("B", date(2026, 3, 10))], "B", [("B", at(10))]),
		# The day on which it was made is no limit where it moved since.
		([("B", date(2026, 3, 5)), ("A", date(2026, 3, 6))], "A", []),
		# Of one whose day nobody tells it is the moment of this move.
		([("B", None)], "B", [("B", NOW)]), ([], "C", [("C", NOW)]),
		([("B", date(2026, 3, 12)), ("B", date(2026, 3, 13)), ("C", date(2026, 3, 14))], "C", [("B", at(12)), ("C", at(14))]),
		([("A", date(2026, 3, 12)), ("B", date(2026, 3, 13))], "D", [("B", at(13)), ("D", NOW)]),
	],
)  # fmt: skip
def test_a_deal_passed_through_what_it_came_to_since_it_moved_last(site, history, stage, passed):
	one = change(history=history, row={"stage": stage}, stage_entered_on=at(10))
	assert followed_traces.passages_of(one, NOW) == passed


def test_a_deal_that_never_moved_did_so_since_it_was_made(site):
	one = change(history=[("B", date(2026, 3, 1)), ("C", date(2026, 3, 2))], row={"stage": "C"}, stage_entered_on=None)
	assert followed_traces.passages_of(one, NOW) == [("B", at(1)), ("C", at(2))]


def test_each_move_has_the_time_since_the_one_before(site, as_user):
	as_user("manager")
	about = {"pipeline": "P", "company": "Works", "customer": "Able", "prospect": "Mill"}
	one = change(history=[("B", date(2026, 3, 12)), ("C", date(2026, 3, 14))], row={"stage": "C"}, stage_entered_on=at(10), **about)  # fmt: skip
	first, second = followed_traces._moves(DEAL, one, NOW)
	day = 24 * 3600
	told = lambda event: tuple(event[key] for key in ("kind", "from_value", "to_value", "at", "seconds_spent"))  # noqa: E731
	assert told(first) == ("Stage", "A", "B", at(12), 2 * day) and told(second) == ("Stage", "B", "C", at(14), 2 * day)
	assert {key: first[key] for key in about} == about and first["by"] == MANAGER
	assert (first["reference_doctype"], first["reference_name"], first["note"]) == (DEAL, "D-1", "Imported")
	one.ours.stage_entered_on = None
	assert next(followed_traces._moves(DEAL, one, NOW))["seconds_spent"] == UNKNOWN


@pytest.mark.parametrize(
	"doctype, ours, values, told",
	[
		(LEAD, {"status": "New"}, {"status": "Converted", "converted_on": "2026-03-05 10:00:00"}, [("State", "New", "Converted", at(5, 10))]),
		(LEAD, {"status": "New"}, {"status": "Contacted"}, [("State", "New", "Contacted", NOW)]),
		(LEAD, {"sales_owner": REP}, {"sales_owner": MANAGER, "converted_on": "2026-03-05 10:00:00"}, [("Owner", REP, MANAGER, NOW)]),
		(LEAD, {"sales_owner": REP}, {"sales_owner": REP}, []), (LEAD, {"sales_owner": REP}, {"title": "Other"}, []),
		# The state of a deal follows its stage, whose move is told.
		(DEAL, {"status": "Open"}, {"status": "Won"}, []), (DEAL, {"sales_owner": None}, {"sales_owner": REP}, [("Owner", None, REP, NOW)]),
	],
)  # fmt: skip
def test_what_the_ledger_holds_of_a_change(site, doctype, ours, values, told):
	found = followed_traces._events(doctype, change(doctype, values=values, **ours), NOW)
	assert [(one["kind"], one["from_value"], one["to_value"], one["at"]) for one in found] == told


def test_the_timeline_tells_what_changed_and_nothing_else(site):
	one = change(values={"title": "New", "amount": 5, "next_step": None, "channel": "Fair"}, title="Old", amount=5, next_step="", channel=None)  # fmt: skip
	version = followed_traces._version(DEAL, one, NOW)
	assert (version["ref_doctype"], version["docname"]) == (DEAL, "D-1")
	assert json.loads(version["data"])["changed"] == [["title", "Old", "New"], ["channel", "", "Fair"]]


@pytest.mark.parametrize(
	"doctype, events, passages_of", [(DEAL, True, ["D-1"]), (LEAD, True, None), ("Sales Memo", False, None)]
)
def test_a_change_leaves_rows_of_the_ledger_and_passages_where_there_are_such(
	site, monkeypatch, doctype, events, passages_of
):
	written, noted, told = {}, [], []
	monkeypatch.setattr(followed_traces, "bulk_insert", lambda kind, found: written.update({kind: len(found)}))
	monkeypatch.setattr(link_kinds, "note", lambda *about: noted.append(about))
	monkeypatch.setattr(followed_traces.passages, "write", lambda kind, names: told.append(names))
	moved = change(doctype, values={"sales_owner": MANAGER}, sales_owner=REP)
	other = change(doctype, taken=("title",), values={"title": "New"}, name="D-2")
	followed_traces.leave(doctype, [moved, other], NOW)
	assert written.get("Version") == (2 if frappe.get_meta(doctype).track_changes else None)
	assert (written.get("Pipeline Event") == 1) == events
	assert noted == ([("Pipeline Event", {"reference_doctype": doctype})] if events else [])
	assert told == ([passages_of] if passages_of else []), "of a deal whose stage stayed nothing is counted anew"
	noted.clear()
	followed_traces.leave(doctype, [other], NOW)
	assert noted == []


@pytest.mark.parametrize(
	"taken, values, ours, found",
	[
		(["amount"], {"amount": 90, "base_amount": 180}, {"status": "Won"}, {"won_amount": 90, "base_won_amount": 180}),
		(["amount"], {"amount": 90, "base_amount": 180}, {}, {"won_amount": 0, "base_won_amount": 0}),
		(["stage"], {"stage": "Z", "status": "Won"}, {"closed_from": None}, {"won_amount": 5, "base_won_amount": 7, "stage_entered_on": NOW, "closed_from": "A"}),
		(["stage"], {"stage": "Z", "status": "Lost", "closed_from": "X"}, {}, {"won_amount": 0, "base_won_amount": 0, "stage_entered_on": NOW}),
		(["stage"], {"stage": "Z"}, {}, {"won_amount": 0, "base_won_amount": 0, "stage_entered_on": NOW}),
		(["stage"], {"stage": "A", "status": "Open"}, {}, {"won_amount": 0, "base_won_amount": 0}), (["title"], {"title": "New"}, {}, {}),
	],
)  # fmt: skip
def test_what_follows_from_stage_and_amount_of_a_deal(site, taken, values, ours, found):
	ours = {"amount": 5, "base_amount": 7, "closed_from": None, "stage_entered_on": at(10), **ours}
	one = change(taken=taken, values=values, row={"stage": values.get("stage", "A")}, **ours)
	assert following._of_deal(one, NOW) == found
	one.ours.doctype = LEAD
	assert following._of_deal(one, NOW) == {}


# ---- records that are called otherwise there


def note(old, doctype: str, key: str, source="ERPNext CRM", document="x") -> str:
	values = {"source": source, "document_type": doctype, "document": document, "record_id": key, "docstatus": 0}
	return rows.row(RECORD, external_key=source_ids.key_of(source, doctype, key), **values)


def test_a_renamed_record_is_the_same_one_in_its_own_system_and_company(old):
	was, now = old.name("Was"), old.name("Now")
	lead, stands_for = note(old, LEAD, was), note(old, PROSPECT, f"Lead: {was}")
	others = [note(old, LEAD, was, source="Frappe CRM"), note(old, PROSPECT, was), note(old, LEAD, old.name("Other"))]
	before = {one: frappe.db.get_value(RECORD, one, ["record_id", "external_key"]) for one in others}
	doc = SimpleNamespace(doctype="Lead")
	side_by_side.follow_rename(doc, "after_rename", was, old.name("Into"), True)
	assert frappe.db.get_value(RECORD, lead, "record_id") == was, "one that was merged is no other one"
	side_by_side.follow_rename(doc, "after_rename", was, now, False)
	for one, kind, key in ((lead, LEAD, now), (stands_for, PROSPECT, f"Lead: {now}")):
		kept = frappe.db.get_value(RECORD, one, ["record_id", "external_key"])
		assert kept == (key, source_ids.key_of("ERPNext CRM", kind, key))
	assert {one: frappe.db.get_value(RECORD, one, ["record_id", "external_key"]) for one in others} == before


def test_a_renamed_deal_has_its_new_id_in_each_company_and_those_of_other_systems_keep_theirs(old):
	was, now, elsewhere = old.name("Was"), old.name("Now"), old.name("Elsewhere")

	def deal(key, source, company, id=was):
		values = {"external_source": source, "external_id": id, "company": company, "external_key": key}
		return rows.bare_deal(old.world, key, **values)

	mine, theirs = deal("a", "ERPNext CRM", old.world.company), deal("b", "ERPNext CRM", elsewhere)
	left = [deal("c", "Frappe CRM", old.world.company), deal("d", "ERPNext CRM", old.world.company, old.name("Other"))]
	noted = note(old, DEAL, was)
	side_by_side.follow_rename(SimpleNamespace(doctype="Opportunity"), "after_rename", was, now, False)
	told = lambda name: frappe.db.get_value(DEAL, name, ["external_id", "external_key"])  # noqa: E731
	for name, company in ((mine, old.world.company), (theirs, elsewhere)):
		assert told(name) == (now, source_ids.key_of("ERPNext CRM", company, now))
	assert [told(name)[1] for name in left] == ["c", "d"] and frappe.db.get_value(RECORD, noted, "record_id") == now


def test_comments_are_those_of_the_very_record_that_this_one_came_from(old):
	lead, name = old.name("Ann"), old.name("Same")
	note(old, PROSPECT, old.name("Other"), document=name), note(old, LEAD, lead, document=name)
	about = {"reference_doctype": "Lead", "reference_name": lead, "comment_type": "Comment"}
	for n in range(3):
		put("Comment", content=f"say {n}", comment_by="Ann", creation=f"2026-01-0{n + 1}", **about)
	put("Comment", content="other", **{**about, "reference_name": old.name("Other")})
	put("Comment", content="set", **{**about, "comment_type": "Info"})
	said = [card["content"] for card in origin_comments.timeline(LEAD, name)]
	assert [f"say {n}" in text for n, text in zip((2, 1, 0), said, strict=True)] == [True] * 3
	assert origin_comments._origin(PROSPECT, name) == ("ERPNext CRM", old.name("Other"))
	assert origin_comments.timeline(LEAD, old.name("Nobody")) == []


def test_the_last_comments_are_shown_where_there_are_many(old, monkeypatch):
	lead, name = old.name("Ann"), old.name("Same")
	note(old, LEAD, lead, document=name)
	monkeypatch.setattr(origin_comments, "LIMIT", 2)
	for n in range(3):
		put("Comment", content=f"say {n}", comment_by="Ann", creation=f"2026-01-0{n + 1}", reference_doctype="Lead", reference_name=lead, comment_type="Comment")  # fmt: skip
	said = [card["content"] for card in origin_comments.timeline(LEAD, name)]
	assert ["say 2" in said[0], "say 1" in said[1], len(said)] == [True, True, 2]


# ---- what a move asks and lets go


def test_orders_of_a_quotation_stand_once_each_the_oldest_first(world):
	made = lambda key, day, docstatus, *of: [  # noqa: E731
		name := rows.order(world, 100, name=f"{key} {world.tag}", transaction_date=day, docstatus=docstatus, prevdoc_docname=of[0]),
		*(rows.row("Sales Order Item", parent=name, parenttype="Sales Order", prevdoc_docname=one, docstatus=docstatus) for one in of[1:]),
	][0]  # fmt: skip
	first, second = f"Q1 {world.tag}", f"Q2 {world.tag}"
	late, early = made("a", "2026-03-05", 1, first, first), made("b", "2026-03-01", 0, first, second)
	made("c", "2026-03-02", 2, first), made("d", "2026-03-02", 1, f"Q3 {world.tag}")
	found = erpnext_agreements.orders_of([first, second])
	assert [(one.name, one.quotation, one.docstatus) for one in found if one.quotation == first] == [(early, first, 0), (late, first, 1)]  # fmt: skip
	assert [one.name for one in found if one.quotation == second] == [early] and len(found) == 3
	assert erpnext_agreements.orders_of([]) == []


def test_children_are_those_of_the_records_that_are_asked_for(old):
	for n, of in ((2, "A"), (1, "A"), (3, "B")):
		put("Comment", content=f"{n}", reference_name=old.name(of), creation=f"2026-01-0{n}")
	found = old_tables.children_by("Comment", "reference_name", [old.name("A")], ["content"])
	assert {key: [one.content for one in lines] for key, lines in found.items()} == {old.name("A"): ["1", "2"]}
	assert old_tables.children_by("Comment", "reference_name", [], ["content"]) == {}


def test_only_quotations_of_the_other_system_are_let_go_of_their_deal(old):
	values = {"quotation_to": CUSTOMER, "crm_source_type": DEAL, "crm_source_name": "D1"}
	theirs, own = put("Quotation", old.name("T"), opportunity="O", **values), put("Quotation", old.name("M"), **values)
	asked = [frappe._dict(name=name) for name in (theirs, own)]
	assert move_undo.let_go("Quotation", asked, "crm_source_name") == {theirs}
	assert (
		move_undo.let_go("Quotation", asked, "party_name")
		== move_undo.let_go("Sales Order", asked, "crm_source_name")
		== set()
	)
	assert move_undo.let_go("Quotation", [], "crm_source_name") == set()
	move_undo.unlink(DEAL, ["D1"])
	assert [frappe.db.get_value("Quotation", name, "crm_source_name") for name in (theirs, own)] == [None, "D1"]


def test_a_record_that_is_refused_twice_is_one_line(site, monkeypatch):
	refused = move_run.MoveRejects()
	monkeypatch.setattr(move_run.Rejects, "add", lambda self, *row: None)
	monkeypatch.setattr(move_run.MoveRejects, "said", lambda self, reasons: reasons, raising=False)
	monkeypatch.setattr(move_run, "SHOWN", 2)
	for table, key, why in (("Lead", "A", "a"), ("Lead", "A", "b"), ("Opportunity", "A", "c"), ("Lead", "B", "d")):
		refused.add(SimpleNamespace(file=table), SimpleNamespace(values={"external_id": key}), [why])
	assert refused.lines == [{"record": "Lead A", "reasons": ["a"]}, {"record": "Opportunity A", "reasons": ["c"]}]
	assert {table: len(names) for table, names in refused.records.items()} == {"Lead": 2, "Opportunity": 1}


# ---- what is imported


def test_of_which_party_a_record_is_is_told_by_what_it_is_about(world):
	mill = rows.row(PROSPECT, name=f"Mill {world.tag}", customer="Able", company=world.company, docstatus=0)
	lead = rows.row(LEAD, name=f"Lead {world.tag}", customer="Baker", prospect=mill, company=world.company, docstatus=0)
	asked = {(PROSPECT, mill), (LEAD, lead), (CUSTOMER, world.customer), (LEAD, "gone"), (LEAD, "")}
	assert store_records._parties_of(asked) == {
		(PROSPECT, mill): {"customer": "Able", "prospect": mill, "company": world.company},
		(LEAD, lead): {"customer": "Baker", "prospect": mill, "company": world.company},
		(CUSTOMER, world.customer): {"customer": world.customer, "prospect": None, "company": None},
	}


def test_notes_that_are_stored_follow_when_what_they_are_about_is_renamed(site, monkeypatch):
	"""And each row is counted as what it is: new, there already, or of a subject that nobody knows."""
	records = [SimpleNamespace(key=key, row=SimpleNamespace(line=n)) for n, key in enumerate("abcd", start=2)]
	about = {"a": (LEAD, "L-1"), "b": (DEAL, "D-1"), "c": ("", "")}
	noted, kept, inserted = [], [], []
	store = object.__new__(next(one for one in vars(store_records).values() if hasattr(one, "_store")))
	store.kind, store.doctype, store.sales_import = "memos", "Sales Memo", "I-1"
	here = SimpleNamespace(source="Old")
	store.site = SimpleNamespace(mapping=here, following=None, ids={"Sales Memo": {}, LEAD: {}})
	store.facts = SimpleNamespace(subjects_of=lambda new: {one.key: about[one.key] for one in new})
	store.follow = lambda found: None
	store._as_stored = lambda new, subjects: {
		one.key: SimpleNamespace(row={"name": f"M-{one.key}", "reference_doctype": subjects[one.key][0]}) for one in new
	}
	store._name = lambda found: None
	monkeypatch.setattr(store_records.source_ids, "records_of", lambda source, doctype, keys: {"d": "M-d"})
	monkeypatch.setattr(store_records.source_ids, "keep_many", lambda *told: kept.append(told))
	monkeypatch.setattr(
		store_records, "bulk_insert", lambda doctype, found: inserted.append([one["name"] for one in found])
	)
	monkeypatch.setattr(
		link_kinds, "note", lambda doctype, values: noted.append((doctype, values["reference_doctype"]))
	)
	assert store._store(records) == (2, 1, [records[2]])
	assert sorted(noted) == [("Sales Memo", LEAD), ("Sales Memo", DEAL)] and inserted == [["M-a", "M-b"]]
	assert kept == [("Old", "Sales Memo", [("a", "M-a", 2), ("b", "M-b", 3)], "I-1", None)]
	assert set(store.site.ids) == {LEAD}, "what stands for the ids is asked anew"


def test_records_that_no_id_of_this_source_stands_for_are_unclaimed(old):
	mine, twin, other = (old.name(key) for key in "abc")
	(
		note(old, LEAD, "1", document=mine),
		note(old, PROSPECT, "2", document=twin),
		note(old, LEAD, "3", "Frappe CRM", other),
	)
	assert source_ids.unclaimed("ERPNext CRM", LEAD, [other, mine, twin]) == [other, twin]
	assert source_ids.unclaimed("ERPNext CRM", LEAD, []) == []


@pytest.mark.parametrize("who", ["manager", "rep"])
def test_only_who_manages_the_site_loads_a_folder(world, as_user, tmp_path, monkeypatch, who):
	# In tests Frappe lets everybody pass.
	monkeypatch.setitem(frappe.flags, "in_test", False)
	(tmp_path / "deals.csv").write_text("id,stage\n1,New\n")
	files = {"opportunities": {"file": "deals.csv", "columns": {"id": "external_id", "stage": "stage"}}}
	(tmp_path / "mapping.json").write_text(json.dumps({"files": files, "pipeline": "Standard Sales", "stages": {"New": "qualification"}}))  # fmt: skip
	as_user(who)
	with pytest.raises(frappe.PermissionError):
		load(tmp_path, world.company, tmp_path / "mapping.json", dry_run=True)


@pytest.mark.parametrize(
	"kind, field, why, problems, company",
	[
		("contacts", "account", None, [], "Harbour"), ("contacts", "account", "is taken", [("account", "is taken")], ""),
		("leads", "account", None, 1, None), ("contacts", "agent", None, 1, None), ("prospects", "account", None, 1, None),
	],
)  # fmt: skip
def test_a_contact_may_be_with_a_company_that_is_no_customer_and_nobody_else_may(kind, field, why, problems, company):
	site = SimpleNamespace(named_prospects=SimpleNamespace(why_not=lambda text: why))
	found = {}
	told = PartyFacts(site)._not_known(kind, field, "Harbour", found)
	assert found.get("company_name") == company
	if problems == 1:
		assert [name for name, _text in told] == [field] and "Harbour" in str(told[0][1])
	else:
		assert told == problems
