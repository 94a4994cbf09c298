"""Small rules of a document's line of time: what of which record is in it, how much of it, and whose names are told."""

import frappe
import pytest

from crm_pipeline.chain import ribbon_steps
from crm_pipeline.core.chain import Ref
from crm_pipeline.documents import timeline
from tests.site import rows

DEAL, LEAD = "Sales Opportunity", "Sales Lead"


def day(number: int) -> str:
	return f"2026-03-{number:02d} 10:00:00"


@pytest.fixture
def told(sale, world, as_user):
	"""told(*kinds) answers the rows of a deal's timeline, which came from a lead."""
	as_user("rep")
	lead = sale.lead(customer=world.customer, prospect_name=None)
	deal = sale.opportunity(source_type=LEAD, source_name=lead.name)
	other = sale.opportunity(title="Another")
	as_user("Administrator")

	def found(*kinds):
		entries = timeline.timeline(DEAL, deal.name)["entries"]
		return [entry["row"] for entry in entries if entry["kind"] in kinds]

	found.lead, found.deal, found.other = ((doc.doctype, doc.name) for doc in (lead, deal, other))
	return found


def write(doctype: str, about: tuple[str, str], key: str, number: int | None, **values) -> str:
	field = {"Sales Activity": "starts_on", "Communication": "communication_date"}.get(doctype, "creation")
	values = {"reference_doctype": about[0], "reference_name": about[1], "docstatus": 0, **values}
	return rows.row(doctype, **{"name": key, field: number and day(number), **values})


def comment(told, world, about, text: str, at: int, **values) -> str:
	fixed = {"comment_type": "Comment", "content": text, "owner": "rep@crm-test.example"}
	return write("Comment", about, f"{text} {world.tag}"[:40], at, **{**fixed, **values})


def test_comments_are_those_that_people_wrote_on_the_deal_or_its_leads(told, world, monkeypatch):
	comment(told, world, told.deal, "First", 1)
	comment(told, world, told.lead, "Second", 2)
	comment(told, world, told.deal, "Third", 3)
	comment(told, world, told.other, "Elsewhere", 4)
	comment(told, world, (LEAD, told.deal[1]), "Of a lead of that name", 2, creation=day(1)[:-1] + "1")
	for kind in ("Info", "Assigned", "Like", "Attachment", "Edit"):
		comment(told, world, told.deal, kind, 5, comment_type=kind)
	found = [row["content"] for row in told("Comment")]
	assert found == ["Third", "Second", "First"]
	monkeypatch.setattr(timeline, "LIMIT", 2)
	assert [row["content"] for row in told("Comment")] == ["Third", "Second"]
	assert told("Comment")[0]["owner"] == "rep@crm-test.example"


def test_mails_are_those_that_were_sent_or_came_and_no_other_communication(told, world, monkeypatch):
	for key, about, at, kind in (
		("Old", told.deal, 1, "Communication"), ("Of the lead", told.lead, 2, "Communication"), ("New", told.deal, 3, "Communication"),
		("Out of office", told.deal, 4, "Automated Message"), ("Feedback", told.deal, 4, "Feedback"), ("Theirs", told.other, 4, "Communication"),
		("Undated", told.deal, None, "Communication"),
	):  # fmt: skip
		write("Communication", about, f"{key} {world.tag}", at, communication_type=kind, subject=key, content=f"<p>{key} &amp; more</p>",
			sender="ann@deck.example", recipients="rep@crm-test.example")  # fmt: skip
	assert [(row["subject"], row["content"]) for row in told("Mail")] == [
		("New", "New & more"), ("Of the lead", "Of the lead & more"), ("Old", "Old & more"),
	]  # fmt: skip
	assert [(row["reference_doctype"], row["reference_name"]) for row in told("Mail")] == [
		told.deal,
		told.lead,
		told.deal,
	]
	monkeypatch.setattr(timeline, "LIMIT", 2)
	monkeypatch.setattr(timeline, "MAX_TEXT", 5)
	assert [row["content"] for row in told("Mail")] == ["New &", "Of th"]


def test_activities_are_those_of_the_leads_too_memos_of_the_deal_alone(told, world, monkeypatch):
	for key, about, at in (
		("Call", told.deal, 2), ("They rang", told.lead, 1), ("Visit", told.deal, 9), ("Some day", told.deal, None), ("Else", told.other, 5),
	):  # fmt: skip
		write("Sales Activity", about, f"{key} {world.tag}", at, subject=key, status="Done", company=world.company)
	for key, about, at in (("Ours", told.deal, 3), ("Theirs", told.lead, 4), ("Later", told.deal, 5)):
		write("Sales Memo", about, f"{key} {world.tag}", at, memo=key, owner="rep@crm-test.example")
	assert [row["subject"] for row in told("Activity")] == ["Visit", "Call", "They rang"]
	assert [row["memo"] for row in told("Memo")] == ["Later", "Ours"]
	mixed = [row.get("memo") or row["subject"] for row in told("Activity", "Memo")]
	assert mixed == ["Visit", "Later", "Ours", "Call", "They rang"], "the latest first, whatever it is"
	monkeypatch.setattr(timeline, "LIMIT", 1)
	assert [row["memo"] for row in told("Memo")] == ["Later"]


def test_of_many_moves_the_latest_are_in_it(told, world, monkeypatch):
	frappe.db.delete("Pipeline Event", {"reference_name": ("in", (told.deal[1], told.lead[1]))})
	for key, about, at in (("A", told.deal, 1), ("B", told.deal, 2), ("C", told.deal, 3), ("L", told.lead, 4)):
		write(
			"Pipeline Event",
			about,
			f"{key} {world.tag}",
			at,
			kind="Amount",
			to_value=key,
			at=day(at),
			by="rep@crm-test.example",
		)
	assert [row["to_value"] for row in told("Move")] == ["C", "B", "A"]
	monkeypatch.setattr(timeline, "LIMIT", 2)
	assert [row["to_value"] for row in told("Move")] == ["C", "B"]


def test_names_are_told_of_who_wrote_works_moved_and_sent(told, world):
	names = {}
	for key in ("Writer", "Seller", "Mover", "Sender", "Memo"):
		user = f"{key}-{world.tag}@crm-test.example".lower()
		rows.row("User", name=user, email=user, full_name=f"{key} Ames", enabled=1, docstatus=0)
		names[key] = user
	nameless = f"nameless-{world.tag}@crm-test.example"
	rows.row("User", name=nameless, email=nameless, full_name=None, enabled=1, docstatus=0)
	comment(told, world, told.deal, "One", 1, owner=names["Writer"])
	comment(told, world, told.deal, "Two", 2, owner=nameless)
	write("Sales Memo", told.deal, f"M {world.tag}", 3, memo="Three", owner=names["Memo"])
	write("Sales Activity", told.deal, f"A {world.tag}", 4, subject="Four", sales_owner=names["Seller"], owner=nameless)
	write("Pipeline Event", told.deal, f"E {world.tag}", 5, kind="Amount", at=day(5), by=names["Mover"], to_value="1")
	for sender in (names["Sender"], "ann@deck.example", None):
		write("Communication", told.deal, f"{sender} {world.tag}", 6, communication_type="Communication", sender=sender)
	people = timeline.timeline(*told.deal)["people"]
	assert {user: f"{key} Ames" for key, user in names.items()}.items() <= people.items()
	assert not {nameless, "ann@deck.example", None, ""} & people.keys()


def test_documents_are_those_that_the_reader_may_open_the_latest_of_each_kind_first(told, world, monkeypatch):
	made = [
		rows.bare_deal(world, key, title=key, creation=day(at), owner="rep@crm-test.example", docstatus=0)
		for key, at in (("Old", 1), ("Hidden", 2), ("New", 3), ("Newest", 4))
	]
	cases = [
		rows.row(
			"Customer Case", name=f"Case {world.tag}", subject="It leaks", status="New", creation=day(2), docstatus=0
		)
	]
	after = [Ref(DEAL, name) for name in made] + [Ref("Customer Case", name) for name in cases]
	monkeypatch.setattr(timeline.graph, "descendants", lambda *of: after)
	monkeypatch.setattr(
		ribbon_steps, "readable", lambda refs: {ref for ref in refs if not ref.name.startswith("Hidden")}
	)
	found = timeline._documents(*told.lead)
	assert [row["name"] for row in found] == [made[3], made[2], made[0], cases[0]]
	first = {key: found[0][key] for key in ("doctype", "label", "title", "status", "owner", "docstatus")}
	assert first == {
		"doctype": DEAL, "label": DEAL, "title": "Newest", "status": "Open", "owner": "rep@crm-test.example", "docstatus": 0,
	}  # fmt: skip
	assert (found[-1]["doctype"], found[-1]["status"]) == ("Customer Case", "New")
	monkeypatch.setattr(timeline, "LIMIT", 2)
	assert [row["name"] for row in timeline._documents(*told.lead)] == [made[3], made[2], cases[0]]
	assert [row["name"] for row in told("Document")] == [made[3], made[2], cases[0]]


def test_of_a_lead_that_the_reader_may_not_see_nothing_is_told(told, world, as_user, monkeypatch):
	comment(told, world, told.lead, "On the lead", 1)
	assert [row["content"] for row in told("Comment")] == ["On the lead"]
	asked = frappe.has_permission
	monkeypatch.setattr(
		frappe, "has_permission", lambda doctype, ptype="read", doc=None, **how: (doctype, doc) != told.lead and asked(doctype, ptype, doc=doc, **how)
	)  # fmt: skip
	assert told("Comment") == []
