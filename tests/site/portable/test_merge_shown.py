"""Two records that become one: what the dialog shows of both, whom it lets, and what of both is there afterwards."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.duplicates import merge_tool
from tests.site.conftest import USERS
from tests.site.portable.test_qualifying import PIPELINE, asking  # noqa: F401
from tests.site.portable.test_small_merges import leads, prospect, told  # noqa: F401
from tests.site.rows import row
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LEAD, PROSPECT = "Sales Lead", "Sales Prospect"


def without(monkeypatch, name: str, right: str) -> None:
	"""Nobody has this right to this one document."""
	asked = frappe.has_permission

	def has(doctype, ptype="read", doc=None, *args, **kwargs):
		named = getattr(doc, "name", doc)
		return (named, ptype) != (name, right) and asked(doctype, ptype, doc, *args, **kwargs)

	monkeypatch.setattr(frappe, "has_permission", has)


def compared(gone, kept) -> dict[str, dict]:
	return {field["fieldname"]: field for field in merge_tool.compare(gone.doctype, gone.name, kept.name)["fields"]}


# ---- what is shown


def test_a_field_is_shown_where_either_has_something_and_what_is_filled_stays(world, as_user, monkeypatch):
	monkeypatch.setattr(frappe, "format", lambda value, df, **how: str(value))
	as_user("manager")
	gone = prospect(world, f"Wharf {world.tag}", city="Kiel", no_of_employees=12, tax_id="DE1")
	kept = prospect(world, f"Quay {world.tag}", website="https://quay.example", no_of_employees=0, tax_id="DE2")
	found = compared(gone, kept)
	shown = lambda field: tuple(found[field][key] for key in ("gone", "kept", "stays", "differs"))  # noqa: E731
	assert shown("city") == ("Kiel", "", "gone", False)
	assert shown("website") == ("", "https://quay.example", "kept", False)
	assert shown("tax_id") == ("DE1", "DE2", "kept", True)
	assert found["no_of_employees"]["stays"] == "gone" and not found["no_of_employees"]["differs"]
	assert not {"state", "pincode", "address_line1"} & set(found), "of what neither has nothing is shown"


def test_what_moves_and_what_is_added_is_that_of_the_one_that_goes(leads, monkeypatch):  # noqa: F811
	gone, kept = leads
	monkeypatch.setattr(merge_tool.merge_facts, "linked", lambda doctype, name: {f"{doctype} of": name})
	found = merge_tool.compare(LEAD, gone.name, kept.name)
	assert found["moves"] == {"Sales Lead of": gone.name} and found["rows"] == {"Items": 1, "Contacts": 1}
	assert (found["gone"]["title"], found["kept"]["title"]) == ("Pumps again", "Pumps")
	back = merge_tool.compare(LEAD, kept.name, gone.name)
	assert back["moves"] == {"Sales Lead of": kept.name} and back["rows"] == {}


@pytest.mark.parametrize(
	"levels, shown, closed", [((), False, None), (("read",), True, True), (("read", "write"), True, False)]
)
def test_of_a_field_in_a_level_of_others_nothing_is_shown_nor_taken(leads, monkeypatch, levels, shown, closed):  # noqa: F811
	gone, kept = leads
	may, of = merge_tool._may, "landing_page"
	monkeypatch.setattr(
		merge_tool, "_may", lambda doc, df, right: right in levels if df.fieldname == of else may(doc, df, right)
	)
	found = compared(gone, kept)
	assert ("landing_page" in found) == shown and "title" in found
	assert not shown or found["landing_page"]["closed"] == closed
	api.merge_records(LEAD, gone.name, kept.name, {"landing_page": "gone", "title": "gone"})
	assert kept.reload().landing_page == ("/pumps" if closed is False else "/start") and kept.title == "Pumps again"


# ---- who may


@pytest.mark.parametrize("which, right", [(0, "write"), (1, "write"), (0, "delete")])
def test_who_lacks_a_right_to_one_of_the_two_is_told_which_and_merges_nothing(leads, monkeypatch, which, right):  # noqa: F811
	gone, kept = leads
	without(monkeypatch, leads[which].name, right)
	monkeypatch.setattr(
		type(gone), "has_permission", lambda doc, ptype="read", **how: frappe.has_permission(LEAD, ptype, doc)
	)
	word = {"write": "change", "delete": "delete"}[right]
	found = merge_tool.compare(LEAD, gone.name, kept.name)
	assert found["obstacles"] == [f"You have no right to {word} Sales Lead {leads[which].name}. Ask somebody who has."]
	assert found["moves"] == {}
	with refused(frappe.PermissionError, match=f"You may read .*{leads[which].name}.*, but have no right to change it"):
		merge_tool.merge(LEAD, gone.name, kept.name, {})
	assert frappe.db.exists(LEAD, gone.name)


def test_to_delete_the_one_that_stays_nobody_needs_a_right(leads, monkeypatch):  # noqa: F811
	gone, kept = leads
	without(monkeypatch, kept.name, "delete")
	assert merge_tool.compare(LEAD, gone.name, kept.name)["obstacles"] == []
	assert merge_tool.merge(LEAD, gone.name, kept.name, {}) == kept.name


def test_a_prospect_that_only_the_other_lead_named_comes_along_unseen(leads, monkeypatch, world):  # noqa: F811
	"""Who merges chooses no prospect by its id: it stood on the lead that goes."""
	gone, kept = leads
	theirs = prospect(world, f"Hidden Mill {world.tag}")
	frappe.db.set_value(LEAD, gone.name, "prospect", theirs.name)
	frappe.db.set_value(LEAD, kept.name, "prospect", None)
	without(monkeypatch, theirs.name, "read")
	merge_tool.merge(LEAD, gone.name, kept.name, {})
	assert frappe.db.get_value(LEAD, kept.name, "prospect") == theirs.name


# ---- what is said of two that can't be one


@pytest.mark.parametrize(
	"kind, said",
	[
		("currency", "Works: A has ledger entries in EUR, B in USD. ERPNext keeps one currency for each customer and company."),
		("account", "Works: the receivable account of A is EUR, that of B is USD. Make them the same first, or remove one."),
		("customer", "A is Customer EUR, B is Customer USD. Merge the customers first."),
		("converted", "A was converted. Keep that one, and merge the other one into it."),
		("both converted", "Both leads were converted. Undo one of the conversions first."),
		("same", "Both are the same record. Choose another one."),
	],
)  # fmt: skip
def test_what_stands_in_the_way_is_said_of_the_right_one_of_the_two(site, kind, said):
	obstacle = merge_tool.Obstacle(kind, "Works", "EUR", "USD")
	assert merge_tool._said(obstacle, frappe._dict(name="A"), frappe._dict(name="B")) == said


# ---- what of both is there afterwards


def test_the_note_names_the_one_that_went_and_each_value_that_nobody_keeps(world, as_user):
	as_user("manager")
	gone = prospect(world, f"Wharf {world.tag}", city="Kiel", state="North", tax_id="DE1", pincode="24103")
	kept = prospect(world, f"Quay {world.tag}", city="Bremen", tax_id="DE2", pincode="24103", address_line1="Pier 1")
	merge_tool.merge(PROSPECT, gone.name, kept.name, {"tax_id": "gone", "address_line1": "gone"})
	kept.reload()
	# What was chosen is taken, be it empty; what is empty is filled.
	assert (kept.city, kept.state, kept.tax_id, kept.address_line1 or "") == ("Bremen", "North", "DE1", "")
	first, second, *lines = told(kept).split("<br>")
	assert first == f"Wharf {world.tag} ({gone.name}) was merged into this one."
	assert second == "What it did not take over:"
	labels = {field: kept.meta.get_label(field) for field in ("city", "tax_id", "address_line1", "prospect_name")}
	assert {f"{labels['city']}: Kiel", f"{labels['tax_id']}: DE2", f"{labels['address_line1']}: Pier 1"} <= set(lines)
	assert f"{labels['prospect_name']}: Wharf {world.tag}" in lines
	assert not [line for line in lines if line.endswith((": 24103", ": North", ": Bremen", ": DE1"))]


def test_what_the_app_works_out_is_not_taken_from_the_other_one(leads):  # noqa: F811
	gone, kept = leads
	frappe.db.set_value(LEAD, gone.name, {"score": 90, "converted_on": "2026-01-02 10:00:00"})
	merge_tool.merge(LEAD, gone.name, kept.name, {"score": "gone", "converted_on": "gone"})
	assert frappe.db.get_value(LEAD, kept.name, "converted_on") is None


def test_a_tag_that_both_had_stands_once_and_the_same_tag_elsewhere_stays(leads):  # noqa: F811
	gone, kept = leads
	frappe.db.set_value(LEAD, gone.name, "_user_tags", ",fair")
	link = lambda day, of, doctype=LEAD: row(  # noqa: E731
		"Tag Link", tag="hot", document_type=doctype, document_name=of, docstatus=0, creation=f"2026-01-0{day}"
	)
	elsewhere, first, second = link(1, kept.name, PROSPECT), link(2, kept.name), link(3, kept.name)
	last = link(4, kept.name, PROSPECT)
	frappe.db.set_value(LEAD, kept.name, "_user_tags", ",hot")
	merge_tool.merge(LEAD, gone.name, kept.name, {})
	assert frappe.db.get_value(LEAD, kept.name, "_user_tags") == ",fair,hot"
	assert [bool(frappe.db.exists("Tag Link", one)) for one in (elsewhere, first, second, last)] == [
		True,
		True,
		False,
		True,
	]


def test_with_whom_both_were_shared_the_one_is_shared_once(leads):  # noqa: F811
	gone, kept = leads
	share = {"share_doctype": LEAD, "share_name": kept.name, "read": 1, "docstatus": 0}
	older = row("DocShare", user=REP, write=0, creation="2026-01-01", **share)
	row("DocShare", user=REP, write=1, creation="2026-01-02", **share)
	theirs = row("DocShare", user=OTHER, write=0, creation="2026-01-03", **share)
	merge_tool.merge(LEAD, gone.name, kept.name, {})
	left = frappe.get_all(
		"DocShare", filters={"share_name": kept.name}, fields=["name", "write"], order_by="creation asc"
	)
	assert [(one.name, one.write) for one in left] == [(older, 1), (theirs, 0)]


@pytest.mark.parametrize(
	"theirs, mine, stays", [("Yes", "No", "No"), ("Yes", "Yes", "Yes"), ("Yes", None, "Yes"), (None, "No", "No")]
)
def test_a_question_that_both_answered_keeps_the_answer_of_the_one_that_stays(asking, as_user, theirs, mine, stays):  # noqa: F811
	as_user("manager")
	answers = lambda need, *more: [  # noqa: E731
		*({"question_key": "need", "answer": one} for one in [need] if one),
		*({"question_key": "budget", "answer": one} for one in more),
	]
	gone, kept = asking.lead(answers=answers(theirs, "Approved")), asking.lead(answers=answers(mine))
	assert merge_tool._rows_added(gone, kept).get("Answers") == (1 if mine else 2 if theirs else 1)
	api.merge_records(LEAD, gone.name, kept.name)
	kept.reload()
	assert {one.question_key: one.answer for one in kept.answers} == {"need": stays, "budget": "Approved"}
	assert len(kept.answers) == 2 and kept.qualification_points == sum(one.points for one in kept.answers)


def test_an_answer_to_a_question_that_is_asked_no_more_comes_along(asking, as_user):  # noqa: F811
	as_user("Administrator")
	gone, kept = asking.lead(answers=[{"question_key": "need", "answer": "Yes"}]), asking.lead()
	pipeline = frappe.get_doc("Sales Pipeline", PIPELINE)
	pipeline.questions = [one for one in pipeline.questions if one.question_key != "need"]
	pipeline.save()
	[before] = gone.answers
	as_user("manager")
	api.merge_records(LEAD, gone.name, kept.name)
	[found] = kept.reload().answers
	assert (found.question_key, found.question, found.answer, found.points) == (
		"need", before.question, "Yes", before.points,
	)  # fmt: skip
	# It stays with the next save, and nobody gives it other points.
	found.points = 90
	kept.save()
	assert [(one.answer, one.points) for one in kept.reload().answers] == [("Yes", before.points)]


@pytest.mark.parametrize("main", [(), ("is_primary_phone",), ("is_primary_phone", "is_primary_mobile_no")])
def test_the_first_number_is_the_main_one_only_where_none_was(site, main):
	doc = frappe.new_doc("Contact")
	for number in "123":
		doc.append("phone_nos", {"phone": number, **{mark: int(number == "2") for mark in main}})
		doc.append("email_ids", {"email_id": f"{number}@quay.example", "is_primary": int(bool(main) and number == "3")})
	merge_tool._keep_one_primary(doc)
	marked = lambda rows, mark: [one.get("phone") or one.email_id[0] for one in rows if one.get(mark)]  # noqa: E731
	for mark in ("is_primary_phone", "is_primary_mobile_no"):
		assert marked(doc.phone_nos, mark) == (["2"] if mark in main else ["1"])
	assert marked(doc.email_ids, "is_primary") == (["3"] if main else ["1"])


def test_rows_that_differ_in_anything_are_two_where_nothing_else_identifies_them(site):
	"""As in a table that a site added."""
	docs = [frappe.new_doc("Sales Pipeline") for _again in range(2)]
	for doc, required in zip(docs, ((0, 1), (1, 0)), strict=True):
		for place, one in enumerate(required):
			choices = f"Yes = {place}" if doc is docs[0] or place == 0 else "No = 1"
			doc.append("questions", {"question_key": "need", "question": "Need?", "required": one, "choices": choices})
	[rows] = [rows for df, rows in merge_tool._missing_rows(*docs) if df.fieldname == "questions"]
	assert [(one.required, one.choices) for one in rows] == [(0, "Yes = 0"), (1, "Yes = 1")]
	docs[1].questions[0].choices = "Yes = 1"
	[rows] = [rows for df, rows in merge_tool._missing_rows(*docs) if df.fieldname == "questions"]
	assert [(one.required, one.choices) for one in rows] == [(0, "Yes = 0")]
