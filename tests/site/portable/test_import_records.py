"""Files of campaigns, activities and memos in Desk: about records of the same source, undone again."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.portable import test_desk_import
from tests.site.portable.test_desk_import import LEAD, of, run
from tests.site.world import refused

imported = test_desk_import.imported


def records(doctype, tag, *fields):
	key = {"Sales Activity": "subject", "Sales Memo": "memo", "Sales Campaign": "title"}[doctype]
	return frappe.get_all(doctype, filters={key: ("like", f"%{tag}%")}, fields=["name", *fields], order_by=f"{key} asc")


def test_campaigns_then_leads_of_them_then_what_was_said_and_done(imported):
	tag = imported.tag
	fair = run(
		imported(
			"Campaign Name,Type,Start Date,Budget,Cost\nFair TAG,Exhibition,2022-01-01,500,\nGala TAG,Exhibition,2022-01-01,500,20\n",
			"Sales Campaign",
		)
	)
	leads = run(imported("id,Company,Campaign\nL1,Acme TAG,Fair TAG\n", LEAD, source=tag))
	done = run(
		imported(
			"Subject,Related To,Start Time,Activity Type,Status\nCall TAG,L1,2022-02-03 10:15,Call,Completed\nLost TAG,L9,2022-02-03,Call,\n",
			"Sales Activity", source=tag,
		)
	)  # fmt: skip
	memo = run(imported("Note,Related To,Created\n<i>Hi</i> TAG,L1,2022-02-04\n", "Sales Memo", source=tag))
	assert [doc.status for doc in (fair, leads, done, memo)] == ["Done"] * 4
	assert (done.rows_stored, done.rows_rejected) == (1, 1)
	campaign, gala = records("Sales Campaign", tag, "campaign_type", "status", "budget", "cost", "currency")
	assert (campaign.cost, gala.cost) == (0, 20), "what it cost is said, or not known"
	(lead,) = of(tag, LEAD, "campaign")
	assert (lead.campaign, campaign.campaign_type, campaign.status, campaign.budget) == (
		campaign.name,
		"Exhibition",
		"Running",
		500,
	)
	(call,) = records("Sales Activity", tag, "reference_name", "starts_on", "status", "way", "company")
	assert (call.reference_name, str(call.starts_on), call.status) == (lead.name, "2022-02-03 10:15:00", "Done")
	(note,) = records("Sales Memo", tag, "memo", "reference_name", "creation")
	assert (note.memo, note.reference_name, str(note.creation)[:10]) == (
		f"&lt;i&gt;Hi&lt;/i&gt; {tag}",
		lead.name,
		"2022-02-04",
	)
	for doctype, doc in (("Sales Activity", call), ("Sales Memo", note), ("Sales Campaign", campaign)):
		# As a person opens and saves them.
		frappe.get_doc(doctype, doc.name).save()
		frappe.db.rollback()
	run(memo)
	assert len(records("Sales Memo", tag)) == 1
	for doc in (memo, done, leads, fair):
		api.undo_import(doc.name)
	assert not records("Sales Memo", tag) and not records("Sales Activity", tag) and not records("Sales Campaign", tag)


def test_a_rep_may_not_import_what_is_about_others(imported, as_user):
	doc = imported("Note,Related To\nHi TAG,L1\n", "Sales Memo", by="rep")
	with refused(frappe.PermissionError):
		api.start_import(doc.name)


@pytest.mark.parametrize("doctype", ["Sales Activity", "Sales Memo", "Sales Campaign"])
def test_a_manager_may(imported, doctype):
	text = "Subject,Campaign Name,Related To,Start,Note\nA TAG,A TAG,L0,2022-01-01,A TAG\n"
	assert api.preview_import(imported(text, doctype).name)["rows"] == 1


@pytest.mark.parametrize("doctype", ["Sales Activity", "Sales Memo"])
def test_what_is_about_nothing_that_is_known_is_told_row_by_row_before_anything_is_stored(imported, doctype):
	tag = imported.tag
	run(imported("id,Company\nL1,Acme TAG\n", LEAD, source=tag))
	text = (
		"Subject,Related To,Start,Note\nA TAG,L1,2022-01-01,A TAG\nB TAG,L9,2022-01-02,B TAG\nC TAG,,2022-01-03,C TAG\n"
	)
	doc = imported(text, doctype, source=tag)
	found = api.preview_import(doc.name)
	assert (found["rows"], found["usable"], found["already"], found["rejected"]) == (3, 1, 0, 2)
	reasons = {line["line"]: line["reasons"] for line in found["lines"]}
	assert reasons.keys() == {3, 4} and "L9" in reasons[3]
	run(doc)
	assert (doc.rows_stored, doc.rows_rejected) == (1, 2)
	again = api.preview_import(imported(text, doctype, source=tag).name)
	assert (again["usable"], again["already"], again["rejected"]) == (1, 1, 2)
