"""Undo of an import: all of it as long as nobody worked on it, the rest of it where somebody did."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import link_kinds
from crm_pipeline.importer import undo_import
from tests.site.portable.test_desk_import import LEAD, PROSPECT, company, imported, of, run  # noqa: F401
from tests.site.world import refused

DEAL = "Sales Opportunity"
FIVE = "Company,Mail\n" + "".join(f"Firm {n} TAG,a{n}@TAG.example\n" for n in range(5))


def call_of(name: str) -> None:
	values = {"subject": "Called", "way": "Phone", "status": "Done", "reference_doctype": LEAD, "reference_name": name}
	frappe.get_doc({"doctype": "Sales Activity", "starts_on": frappe.utils.now_datetime(), **values}).insert()


def saved(name: str) -> None:
	doc = frappe.get_doc(LEAD, name)
	doc.designation = "Buyer"
	doc.save()


def commented(name: str) -> None:
	values = {"comment_type": "Comment", "content": "Nice people", "reference_doctype": LEAD, "reference_name": name}
	frappe.get_doc({"doctype": "Comment", **values}).insert(ignore_permissions=True)


def mailed(name: str) -> None:
	values = {"communication_type": "Communication", "subject": "Hello", "content": "Hello", "sent_or_received": "Sent"}
	frappe.get_doc({"doctype": "Communication", "reference_doctype": LEAD, "reference_name": name, **values}).insert(
		ignore_permissions=True
	)


def given_a_task(name: str) -> None:
	values = {"description": "Call them", "reference_type": LEAD, "reference_name": name}
	frappe.get_doc({"doctype": "ToDo", "allocated_to": "rep@crm-test.example", **values}).insert(
		ignore_permissions=True
	)


def with_a_file(name: str) -> None:
	values = {"file_name": "offer.txt", "content": "x", "attached_to_doctype": LEAD, "attached_to_name": name}
	frappe.get_doc({"doctype": "File", "is_private": 1, **values}).insert()


def led_on(name: str) -> None:
	"""An opportunity that came from it."""
	doc = frappe.get_doc(
		{"doctype": DEAL, "title": "Next", "company": company(), "source_type": LEAD, "source_name": name}
	)
	doc.name = f"From {name}"
	doc.db_insert()
	link_kinds.note(DEAL, {"source_type": LEAD})


@pytest.mark.parametrize("work", [call_of, saved, commented, mailed, given_a_task, with_a_file, led_on])
def test_what_somebody_worked_on_is_named_and_kept(imported, monkeypatch, work):  # noqa: F811
	doc = run(imported(FIVE))
	names = [row.name for row in of(imported.tag)]
	# Whoever works on it does so a moment later than the import.
	later = frappe.utils.add_to_date(None, seconds=5)
	before = frappe.utils.add_to_date(later, seconds=-10)
	noted = {"creation": before, "modified": before}
	frappe.db.set_value("Imported Record", {"sales_import": doc.name}, noted, update_modified=False)
	frappe.db.set_value(LEAD, {"name": ("in", names)}, "modified", before, update_modified=False)
	work(names[2])
	with refused(match=f"Somebody worked on 1 of these records: {names[2]}. Nothing was deleted"):
		api.undo_import(doc.name)
	assert len(of(imported.tag)) == 5
	assert api.undo_import(doc.name, rest=True) == 4
	assert [row.name for row in of(imported.tag)] == [names[2]]
	doc.reload()
	assert (doc.status, doc.rows_stored, doc.message) == ("Done", 1, "Records that stay: 1.")
	frappe.db.delete("Sales Activity", {"reference_name": names[2]})
	frappe.db.delete(DEAL, {"source_name": names[2]})


def test_what_a_rule_gave_to_its_owner_is_nobody_s_work(imported):  # noqa: F811
	doc = run(imported(FIVE))
	later = frappe.utils.add_to_date(None, minutes=5)
	values = {"assigned_on": later, "modified": later, "assignment_rule": "Any", "sales_owner": "rep@crm-test.example"}
	frappe.db.set_value(LEAD, of(imported.tag)[0].name, values, update_modified=False)
	assert api.undo_import(doc.name) == 5
	assert of(imported.tag) == []


@pytest.mark.parametrize(("seconds", "by_rule", "kept"), [(3600, True, True), (2, True, True), (1, True, False), (0, False, True)])  # fmt: skip
def test_what_somebody_changed_after_a_rule_gave_it_away_is_kept(imported, seconds, by_rule, kept):  # noqa: F811
	doc = run(imported(FIVE))
	name, given = of(imported.tag)[0].name, frappe.utils.add_to_date(None, minutes=5)
	values = {"assigned_on": given, "modified": frappe.utils.add_to_date(given, seconds=seconds)}
	rule = {"assignment_rule": "Any" if by_rule else None, "sales_owner": "rep@crm-test.example"}
	frappe.db.set_value(LEAD, name, {**values, **rule}, update_modified=False)
	if kept:
		with refused(match=f"Somebody worked on 1 of these records: {name}. Nothing was deleted"):
			api.undo_import(doc.name)
	assert api.undo_import(doc.name, rest=True) == (4 if kept else 5)
	assert [row.name for row in of(imported.tag)] == ([name] if kept else [])


def test_nothing_is_left_of_what_is_undone(imported):  # noqa: F811
	doc = run(imported(FIVE))
	names = [row.name for row in of(imported.tag)]
	frappe.get_doc(
		{
			"doctype": "DocShare",
			"share_doctype": LEAD,
			"share_name": names[0],
			"user": "rep@crm-test.example",
			"read": 1,
		}
	).insert(ignore_permissions=True)
	api.undo_import(doc.name)
	for kind, field in (
		(LEAD, "name"), ("Pipeline Event", "reference_name"), ("Imported Record", "document"), ("DocShare", "share_name"),
	):  # fmt: skip
		assert not frappe.db.exists(kind, {field: ("in", names)}), kind
	with refused(match="is Undone"):
		api.start_import(doc.name)


def test_a_record_that_was_deleted_by_hand_hinders_nothing(imported):  # noqa: F811
	doc = run(imported(FIVE))
	frappe.delete_doc(LEAD, of(imported.tag)[0].name)
	assert api.undo_import(doc.name) == 5
	assert doc.reload().status == "Undone"


def test_a_rep_takes_back_their_own_import_though_they_may_not_delete_leads(imported, as_user):  # noqa: F811
	doc = run(imported(FIVE, by="rep"))
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc(LEAD, of(imported.tag)[0].name)
	assert api.undo_import(doc.name) == 5
	assert of(imported.tag) == []


def test_a_large_one_is_undone_in_the_background(imported, monkeypatch):  # noqa: F811
	doc = run(imported(FIVE, PROSPECT))
	assert doc.rows_stored == 5, doc.message
	monkeypatch.setattr(undo_import, "MOST_IN_BULK", 3)
	monkeypatch.setattr(undo_import, "CHUNK", 2)
	assert api.undo_import(doc.name) == 0
	assert (doc.reload().status, doc.message) == ("Running", "It is being undone.")
	undo_import.run(doc.name)
	assert (doc.reload().status, doc.rows_stored, doc.message) == ("Undone", 0, None)
	assert of(imported.tag, PROSPECT) == []


def test_contacts_go_one_by_one_as_documents_do(imported):  # noqa: F811
	text = "First Name,Last Name,Mail\nAnn,One TAG,a@TAG.example\nBob van der,Two TAG,b@TAG.example\n"
	doc = run(imported(text, "Contact", by="Administrator"))
	found = frappe.get_all(
		"Contact",
		filters={"last_name": ("like", f"%{imported.tag}")},
		fields=["first_name", "last_name"],
		order_by="last_name asc",
	)
	assert [(row.first_name, row.last_name) for row in found] == [
		("Ann", f"One {imported.tag}"), ("Bob van der", f"Two {imported.tag}"),
	]  # fmt: skip
	assert api.undo_import(doc.name) == 2
	assert not frappe.db.exists("Contact", {"last_name": ("like", f"%{imported.tag}")})


def test_an_undo_that_fails_keeps_what_it_had_not_finished_and_says_how_many_stay(imported, monkeypatch):  # noqa: F811
	doc = run(imported(FIVE, PROSPECT))
	monkeypatch.setattr(undo_import, "MOST_IN_BULK", 3)
	monkeypatch.setattr(undo_import, "CHUNK", 2)
	assert api.undo_import(doc.name) == 0
	delete, gone = undo_import.delete_named, []

	def failing(doctype, names):
		if doctype == undo_import.RECORD and gone:
			raise ValueError("the machine stopped")
		gone.extend(names if doctype == undo_import.RECORD else ())
		delete(doctype, names)

	with monkeypatch.context() as patch:
		patch.setattr(undo_import, "delete_named", failing)
		with pytest.raises(ValueError, match="the machine stopped"):
			undo_import.run(doc.name)
	left = [row.name for row in of(imported.tag, PROSPECT)]
	assert len(left) == 3, "what the second part had deleted is there again"
	notes = frappe.get_all("Imported Record", filters={"sales_import": doc.name}, pluck="document", order_by="name asc")
	assert sorted(notes) == sorted(left)
	assert (doc.reload().status, doc.rows_stored, doc.message) == ("Done", 3, "Records that stay: 3.")
	assert api.undo_import(doc.name) == 3 and of(imported.tag, PROSPECT) == []
	assert (doc.reload().status, doc.progress) == ("Undone", 0)
