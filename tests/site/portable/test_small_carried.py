"""Small rules of what follows when something else changes: activities of a deal, copied names, conditions, memos."""

import json
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import get_datetime

from crm_pipeline.analytics import lead_contact
from crm_pipeline.chain import carry, reference
from crm_pipeline.core.registry import STATES
from crm_pipeline.overrides import renamed
from crm_pipeline.overrides import user as on_user
from crm_pipeline.parties import copied_names
from tests.site import rows
from tests.site.conftest import USERS

ACTIVITY, DEAL, LEAD, MEMO = "Sales Activity", "Sales Opportunity", "Sales Lead", "Sales Memo"
REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LONG_AGO = "2026-01-02 03:04:05"


# ---- activities about what is given up


@pytest.fixture
def about(world):
	"""about("A", **values): an activity about one opportunity, last changed long ago by its owner."""

	def make(key, **values):
		fixed = {"status": "Planned", "reference_doctype": DEAL, "reference_name": f"D {world.tag}", "docstatus": 0}
		fixed |= {"sales_owner": OTHER, "modified": LONG_AGO, "modified_by": OTHER, "cancelled_with_document": 0}
		fixed |= {"next_step_done": 0}
		return rows.row(ACTIVITY, name=f"{key} {world.tag}", **{**fixed, **values})

	make.deal = f"D {world.tag}"
	return make


def told(name: str) -> tuple:
	found = frappe.db.get_value(ACTIVITY, name, ["status", "cancelled_with_document", "modified_by", "modified"], as_dict=True)  # fmt: skip
	return found.status, found.cancelled_with_document, found.modified_by, get_datetime(found.modified) > get_datetime(LONG_AGO)  # fmt: skip


def test_whoever_has_a_planned_activity_open_or_in_a_calendar_sees_that_it_is_off(about, as_user):
	planned, done, by_hand = about("A"), about("B", status="Done"), about("C", status="Cancelled")
	lead, other = about("E", reference_doctype=LEAD), about("F", reference_name="Another deal")
	as_user("manager")
	reference.follow_state(DEAL, about.deal, "Open", "Lost")
	untouched = (OTHER, False)
	assert told(planned) == ("Cancelled", 1, MANAGER, True)
	assert told(done) == ("Done", 0, *untouched) and told(by_hand) == ("Cancelled", 0, *untouched)
	assert told(lead) == told(other) == ("Planned", 0, *untouched)
	assert "Planned activities that are cancelled: 1" in str(frappe.local.message_log)
	frappe.db.set_value(ACTIVITY, planned, {"modified": LONG_AGO, "modified_by": OTHER}, update_modified=False)
	frappe.clear_messages()
	as_user("rep")
	reference.follow_state(DEAL, about.deal, "Lost", "Open")
	assert told(planned) == ("Planned", 0, REP, True)
	assert told(done) == ("Done", 0, *untouched) and told(by_hand) == ("Cancelled", 0, *untouched)
	assert "Activities that are planned again: 1" in str(frappe.local.message_log)


def test_what_was_agreed_about_a_deal_waits_for_nobody_while_it_is_given_up(about):
	agreed, reached = about("A", status="Done", next_step="Call"), about("B", status="Done", next_step="Call")
	nothing, planned = about("C", status="Done", next_step=""), about("E", next_step="Call")
	frappe.db.set_value(ACTIVITY, reached, "next_step_done", 1, update_modified=False)
	done = lambda: [  # noqa: E731
		frappe.db.get_value(ACTIVITY, name, "next_step_done") for name in (agreed, reached, nothing, planned)
	]
	reference.follow_state(DEAL, about.deal, "Open", "Lost")
	assert done() == [1, 1, 0, 0]
	assert frappe.db.get_value(ACTIVITY, reached, "cancelled_with_document") == 0
	reference.follow_state(DEAL, about.deal, "Lost", "Open")
	assert done() == [0, 1, 0, 0], "what was reached before stays so"


@pytest.mark.parametrize(
	("doctype", "before", "now", "status"),
	[
		(DEAL, "Open", "Won", "Planned"), ("Sales Project", "Open", "Lost", "Cancelled"), (LEAD, "New", "Disqualified", "Cancelled"),
		(LEAD, "New", "Qualified", "Planned"), ("Sales Contract", "Active", "Terminated", "Planned"),
	],
)  # fmt: skip
def test_activities_are_off_with_leads_and_deals_that_are_lost_and_with_nothing_else(about, doctype, before, now, status):  # fmt: skip
	assert STATES[doctype].find(before) and STATES[doctype].find(now)
	one = about("A", reference_doctype=doctype)
	reference.follow_state(doctype, about.deal, before, now)
	assert told(one)[0] == status
	reference.follow_state(doctype, None, before, now)


# ---- names


def renamed_user(before: str | None, now: str, user: str = REP):
	was = before and SimpleNamespace(full_name=before)
	return SimpleNamespace(name=user, full_name=now, get_doc_before_save=lambda: was)


@pytest.mark.parametrize(("before", "now", "shown"), [("Ann Old", "Ann New", "Ann New"), ("Ann New", "Ann New", "Ann Old"), (None, "Ann New", "Ann Old")])  # fmt: skip
def test_people_of_activities_and_projects_are_called_as_they_are_called_now(world, before, now, shown):
	there = {"colleague": REP, "colleague_name": "Ann Old"}
	person = rows.row("Sales Activity Person", parent="A", parenttype=ACTIVITY, parentfield="people", **there)
	other = rows.row("Sales Activity Person", parent="A", parenttype=ACTIVITY, **{**there, "colleague": OTHER})
	member = rows.row("Sales Project Member", parent="P", parenttype="Sales Project", user=REP, full_name="Ann Old")
	on_user.on_update(renamed_user(before, now))
	name_of = lambda doctype, name, field: frappe.db.get_value(doctype, name, field)  # noqa: E731
	assert name_of("Sales Activity Person", person, "colleague_name") == shown
	assert name_of("Sales Project Member", member, "full_name") == shown
	assert name_of("Sales Activity Person", other, "colleague_name") == "Ann Old"


def test_every_segment_and_rule_that_asks_for_a_record_follows_its_new_name(world):
	old, new, other = (f"{key} {world.tag}" for key in ("Old", "New", "Other"))
	asks = lambda of, value: json.dumps([[of, "channel", "=", value]])  # noqa: E731
	made = {}
	for n, (of, value) in enumerate(((LEAD, old), (LEAD, other), (DEAL, old), (LEAD, old)), start=1):
		made["Sales Segment", f"{n}"] = (
			rows.row(
				"Sales Segment", name=f"S{n} {world.tag}", applies_to=of, filters=asks(of, value), modified=LONG_AGO
			),
			[[of, "channel", "=", new if value == old else other]],
		)
	for n in (1, 2):
		made["Lead Assignment Rule", f"{n}"] = (
			rows.row("Lead Assignment Rule", name=f"R{n} {world.tag}", own_filters=json.dumps([["channel", "=", old]])),
			[["channel", "=", new]],
		)
		made["Pool Rule", f"{n}"] = (
			rows.row("Pool Rule", name=f"P{n} {world.tag}", document_type=LEAD, own_filters=asks(LEAD, old)),
			[[LEAD, "channel", "=", new]],
		)
	renamed.follow_values(frappe._dict(doctype="Sales Channel"), "after_rename", old, new, False)
	for (doctype, key), (name, expected) in made.items():
		field = "filters" if doctype == "Sales Segment" else "own_filters"
		assert json.loads(frappe.db.get_value(doctype, name, field)) == expected, (doctype, key)
	changed = {str(frappe.db.get_value("Sales Segment", f"S{n} {world.tag}", "modified"))[:19] for n in (1, 2, 3, 4)}
	assert changed == {LONG_AGO}, "whoever has a segment open may save it"
	# A customer that happens to be called like the channel is another record.
	renamed.follow_values(frappe._dict(doctype="Customer"), "after_rename", new, "Nobody", False)
	assert json.loads(frappe.db.get_value("Sales Segment", f"S1 {world.tag}", "filters"))[0][3] == new


# ---- memos


def test_each_memo_goes_along_once_beside_those_that_are_there(sale):
	lead, deal = sale.lead(), sale.opportunity()
	of = lambda doc: {"reference_doctype": doc.doctype, "reference_name": doc.name}  # noqa: E731
	first, second = (
		frappe.get_doc({"doctype": MEMO, "subject": subject, "memo": subject, **of(lead)}).insert().name
		for subject in ("First", "Second")
	)
	frappe.get_doc({"doctype": MEMO, "subject": "Own", "memo": "Own", **of(deal)}).insert()
	frappe.get_doc({"doctype": MEMO, "subject": "Else", "memo": "Else", **of(sale.lead())}).insert()
	copies = lambda: sorted(  # noqa: E731
		(row.subject, row.copied_from)
		for row in frappe.get_all(
			MEMO, filters=of(deal), fields=["subject", "copied_from"], order_by="name asc", limit=0
		)
	)
	for _twice in range(2):
		carry.carry_attachments(lead, deal)
		assert copies() == [("First", first), ("Own", None), ("Second", second)]
	assert frappe.db.count(MEMO, of(lead)) == 2, "the lead keeps its own"
	carry.carry_attachments(deal, sale.opportunity(title="Third"))
	carry.carry_attachments(lead, frappe.get_last_doc(DEAL, {"title": "Third", "customer": deal.customer}))
	third = frappe.get_last_doc(DEAL, {"title": "Third", "customer": deal.customer})
	assert frappe.db.count(MEMO, of(third)) == 3, "what came by way of the deal does not come again from the lead"


# ---- what was said with a lead


def test_a_deal_s_timeline_has_what_was_said_with_its_own_leads_and_no_others(sale, world, as_user):
	lead, other = sale.lead(), sale.lead(title="Other")
	deal = sale.opportunity(source_type=LEAD, source_name=lead.name)
	for about, kind, name, key, day in (
		(lead, "Communication", lead.name, "own mail", 3),
		(lead, "Communication", lead.name, "later mail", 5),
		(lead, "Notification", lead.name, "no mail", 4),
		(other, "Communication", other.name, "other mail", 6),
		(deal, "Communication", lead.name, "deal of that name", 6),
	):
		rows.row("Communication", docstatus=0, reference_doctype=about.doctype, reference_name=name, communication_type=kind,
			subject=key, sender="a@x.example", content=key, communication_date=f"2026-01-0{day} 09:00:00")  # fmt: skip
	for about, kind, name, key, day in (
		(lead, "Comment", lead.name, "own comment", 2),
		(lead, "Info", lead.name, "no comment", 3),
		(other, "Comment", other.name, "other comment", 3),
		(deal, "Comment", lead.name, "deal of that name", 3),
	):
		rows.row("Comment", docstatus=0, reference_doctype=about.doctype, reference_name=name, comment_type=kind, content=key,
			owner=REP, creation=f"2026-01-0{day} 09:00:00")  # fmt: skip
	shown = lead_contact.timeline(DEAL, deal.name)
	assert [(card["icon"], str(card["creation"])[:10]) for card in shown] == [
		("mail", "2026-01-05"), ("mail", "2026-01-03"), ("small-message", "2026-01-02"),
	]  # fmt: skip
	for card, words in zip(shown, ("later mail", "own mail", "own comment"), strict=True):
		assert words in card["content"] and lead.name in card["content"]
	as_user("stranger")
	assert lead_contact.timeline(DEAL, deal.name) == []


# ---- names that are copied


@pytest.mark.parametrize("written", ["Müller", "muller", "Mueller", ""])
def test_a_name_that_is_written_otherwise_is_so_wherever_it_was_copied(world, written):
	"""Also where a database takes both for the same."""
	who = f"C {world.tag}"
	position = rows.row("Contact Position", contact=who, contact_name="Muller", customer="X", docstatus=0)
	other = rows.row("Contact Position", contact="Another", contact_name="Muller", customer="X", docstatus=0)
	copied_names.follow("Contact", who, written)
	stored = frappe.db.get_value("Contact Position", position, "contact_name")
	assert stored == (written or "Muller")
	assert frappe.db.get_value("Contact Position", other, "contact_name") == "Muller"
