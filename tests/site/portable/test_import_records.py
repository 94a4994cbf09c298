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
