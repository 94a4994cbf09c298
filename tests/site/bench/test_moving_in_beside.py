"""Both systems in use after a move: what changed there comes over where nobody changed it here, what changed on both sides stays
ours and is told, renamed and deleted records are known, and a move with nothing new changes nothing."""

import json

import frappe
import pytest
from frappe.model.rename_doc import rename_doc

from crm_pipeline import api
from tests.site.bench import moving_world
from tests.site.bench.test_moving_in import DEAL, LEAD, PROSPECT, a_move, deal_of, lead_of, run

MEMO, ACTIVITY = "Sales Memo", "Sales Activity"


@pytest.fixture(scope="module")
def beside(site):
	"""Moved in, used on both sides, rehearsed and moved again: {"tag", "old", "names", "rehearsal", "report", "imports", "was"}."""
	from tests.site import conftest

	frappe.set_user("Administrator")
	tag = f"B{frappe.generate_hash(length=6)}"
	old, imports = moving_world.Erpnext(tag, conftest.standing[0]), []
	try:
		old.make().quoted()
		first = move(imports)
		was = before(old)
		work_there(old)
		work_here(old)
		again = first
		frappe.db.commit()
		stood = state()
		rehearsal = api.preview_import(again.name)
		assert state() == stood, "a rehearsal writes nothing"
		run(again)
		assert again.status == "Done", frappe.get_last_doc("Error Log").error
		yield frappe._dict(
			tag=tag, old=old, names=old.names, first=first, again=again, was=was, imports=imports, rehearsal=rehearsal,
			report=json.loads(again.move_report),
		)  # fmt: skip
	finally:
		moving_world.remove(tag, old.made, imports)


def move(imports: list):
	doc = a_move("ERPNext's CRM")
	imports.append(doc.name)
	frappe.db.commit()
	run(doc)
	assert doc.status == "Done", doc.message
	return doc


def state() -> dict:
	"""All that a move may write, each record with its last change."""
	kinds = (
		LEAD,
		PROSPECT,
		DEAL,
		MEMO,
		ACTIVITY,
		"Sales Campaign",
		"Imported Record",
		"Pipeline Event",
		"Stage Passage",
	)
	kinds += ("Version", "ToDo", "Communication Link", "Dynamic Link", "Sales Deal Item", "Sales Deal Contact")
	return {
		kind: frappe.get_all(kind, fields=["name", "modified"], order_by="name asc", as_list=True, limit=0)
		for kind in kinds
	}


def before(old) -> frappe._dict:
	n = old.names
	return frappe._dict(
		prospect=deal_of(None, n.of_prospect).prospect,
		renamed=[lead_of(None, n.many[2]).name, deal_of(None, n.many_deals[1]).name, lead_of(None, n.orphan).name],
		stands_for=deal_of(None, n.of_twice[0]).prospect,
	)


def set_there(doctype: str, name: str, **values) -> None:
	frappe.db.set_value(doctype, name, values)


def work_there(old) -> None:
	n, tag = old.names, old.tag
	phone, owner = ("phone", "+49 30 901821"), {"lead_owner": old.t(moving_world.LEFT)}
	set_there("Lead", n.many[0], **dict([phone]), job_title="Head", status="Replied", **owner)
	set_there("Lead", n.many[1], **dict([phone]), job_title="Buyer")
	set_there("Opportunity", n.of_customer, sales_stage="Negotiation/Review", opportunity_amount=1500, title=f"Bigger {tag}",
		expected_closing="2031-01-01")  # fmt: skip
	set_there("Opportunity", n.many_deals[0], status="Lost")
	moving_world.raw("Opportunity Lost Reason Detail" if frappe.db.table_exists("Opportunity Lost Reason Detail")
		else "Lost Reason Detail", parent=n.many_deals[0], parenttype="Opportunity", parentfield="lost_reasons",
		lost_reason=f"Price {tag}")  # fmt: skip
	set_there("Opportunity", n.many_deals[2], sales_stage="Needs Analysis")
	moving_world.raw("Version", ref_doctype="Opportunity", docname=n.tracked, creation="2023-02-20 12:00:00",
		data=json.dumps({"changed": [["sales_stage", "Needs Analysis", "Proposal/Price Quote"]]}))  # fmt: skip
	set_there("Opportunity", n.tracked, status="Open", sales_stage="Proposal/Price Quote")
	frappe.db.set_value("Opportunity Item", {"parent": n.items, "item_code": old.world.pump}, "qty", 3)
	set_there("Prospect", n.prospect, company_name=f"Group Two {tag}", website="https://two.example")
	set_there("Appointment", f"APMT-{tag}-1", scheduled_time="2023-03-04 11:00:00")
	(note,) = frappe.get_all("CRM Note", filters={"parent": n.prospect}, pluck="name", order_by="name asc")
	frappe.db.set_value("CRM Note", note, "note", "<p>Likes red</p>")
	moving_world.raw("CRM Note", **old._note_name(), parent=n.prospect, parenttype="Prospect", parentfield="notes",
		note="<div>New note</div>", added_by=old.t(moving_world.ANN), added_on="2023-05-05 08:00:00")  # fmt: skip
	rename("Lead", old, n.many, 2, f"LEAD-NEW-{tag}")
	rename("Opportunity", old, n.many_deals, 1, f"OPP-NEW-{tag}")
	n.twice = rename("Lead", old, [n.twice], 0, f"LEAD-TWICE-{tag}")
	stage = old.add("Sales Stage", stage_name="Negotiation of Price TAG")
	set_there("Opportunity", n.many_deals[4], sales_stage=stage)
	frappe.delete_doc("Lead", n.many[3], force=True)
	moving_world.text_file(tag, "Lead", n.many[6], 1)
	moving_world.raw("ToDo", status="Open", allocated_to=old.t(moving_world.ANN), reference_type="Lead", reference_name=n.many[6],
		description=f"Later {tag}", priority="Medium")  # fmt: skip
	n.customer_of_prospect = old.add("Customer", customer_name=f"Bought {tag}", customer_type="Company",
		customer_group=frappe.db.get_value("Customer", old.world.customer, "customer_group"), territory="All Territories",
		lead_name=n.many[5])  # fmt: skip


def rename(doctype: str, old, names: list, place: int, new: str) -> str:
	was = names[place]
	names[place] = rename_doc(doctype, was, new, force=True)
	old.made.append((doctype, new))
	return new


def work_here(old) -> None:
	n = old.names
	lead = lead_of(None, n.many[1])
	lead.phone = "+49 30 901899"
	lead.save()

	deal = deal_of(None, n.many_deals[2])
	stage = frappe.db.get_value("Pipeline Stage", {"pipeline": deal.pipeline, "label": "Proposal"})
	deal.stage = stage
	deal.flags.ignore_mandatory = True
	deal.save()


def stage_of(deal) -> str:
	return frappe.db.get_value("Pipeline Stage", deal.stage, "label")


def test_a_field_that_changed_there_alone_comes_over_and_the_timeline_says_so(beside):
	lead = lead_of(beside, beside.names.many[0])
	assert (lead.phone, lead.designation, lead.status) == ("+49 30 901821", "Head", "Contacted")
	assert (lead.sales_owner, lead.match_phone) == (f"left@{beside.tag.lower()}.example", "30901821")
	told = json.loads(frappe.get_last_doc("Version", {"docname": lead.name}).data)["changed"]
	assert ["designation", "", "Head"] in told
	events = {row.kind: row for row in frappe.get_all(
		"Pipeline Event", filters={"reference_name": lead.name}, fields=["kind", "from_value", "to_value"], order_by="at asc")}  # fmt: skip
	assert (events["Owner"].to_value, events["State"].to_value) == (lead.sales_owner, "Contacted")


def test_what_changed_on_both_sides_stays_ours_and_the_rest_of_it_comes(beside):
	lead = lead_of(beside, beside.names.many[1])
	assert (lead.phone, lead.designation) == ("+49 30 901899", "Buyer")
	deal = deal_of(beside, beside.names.many_deals[2])
	assert stage_of(deal) == "Proposal"
	kept = {line["record"]: line["fields"] for line in beside.report["side_by_side"]["kept"]}
	assert kept == {
		f"Sales Lead {beside.names.many[1]}": ["Phone"],
		f"{DEAL} {beside.names.many_deals[2]}": ["Stage"],
	}
	assert any(beside.names.many[1] in text and "Phone" in text for text in beside.report["notices"])


def test_a_rehearsal_says_the_same_as_the_move(beside):
	assert beside.rehearsal["side_by_side"] == beside.report["side_by_side"]
	told = [text for text in beside.report["notices"] if "other system" in text or "both sides" in text]
	assert told == [text for text in beside.rehearsal["notices"] if text in told] and len(told) == 4


def test_a_deal_moves_on_with_its_amount_and_the_ledger_has_it(beside):
	deal = deal_of(beside, beside.names.of_customer)
	assert (stage_of(deal), deal.amount, deal.base_amount) == ("Negotiation", 1500, 1500)
	assert (deal.title, str(deal.expected_close)) == (f"Bigger {beside.tag}", "2031-01-01")
	kinds = frappe.get_all(
		"Pipeline Event", filters={"reference_name": deal.name}, pluck="kind", order_by="at asc, creation asc"
	)
	assert sorted(kinds) == ["Amount", "Created", "Expected Close", "Stage"]
	last = frappe.get_last_doc("Pipeline Event", {"reference_name": deal.name, "kind": "Stage"})
	assert (last.to_value, str(last.at)[:10], last.note) == (deal.stage, frappe.utils.nowdate(), "Imported")
	deal.reload().save()
	frappe.db.rollback()


def test_a_deal_that_was_lost_there_is_lost_here(beside):
	deal = deal_of(beside, beside.names.many_deals[0])
	assert (deal.status, deal.lost_reason, deal.outcome) == ("Lost", f"Price {beside.tag}", "Lost")
	assert frappe.db.get_value("Pipeline Stage", deal.closed_from, "label") == "Qualification"
	assert frappe.db.get_value("Stage Passage", {"reference_name": deal.name, "stage": deal.closed_from}, "went_to")


def test_a_day_that_the_other_system_tells_is_that_of_the_ledger(beside):
	deal = deal_of(beside, beside.names.tracked)
	assert (deal.status, stage_of(deal), str(deal.stage_entered_on)[:10]) == ("Open", "Proposal", "2023-02-20")
	assert deal.closed_on is None
	days = frappe.get_all(
		"Pipeline Event", filters={"reference_name": deal.name, "kind": "Stage"}, pluck="at", order_by="at asc"
	)
	assert [str(day)[:10] for day in days] == ["2023-01-20", "2023-02-10", "2023-02-20"]


def test_items_come_over_with_what_they_come_to(beside):
	deal = deal_of(beside, beside.names.items)
	assert [(row.item_code, row.qty, row.rate) for row in deal.items] == [
		(beside.old.world.pump, 3, 100), (beside.old.world.filter, 4, 12.5),
	]  # fmt: skip
	assert (deal.amount, deal.items_total, deal.base_amount) == (350, 350, 350)


def test_a_prospect_bears_its_new_name_everywhere(beside):
	n, tag = beside.names, beside.tag
	prospect = frappe.get_doc(PROSPECT, beside.was.prospect)
	assert (prospect.prospect_name, prospect.website) == (f"Group Two {tag}", "https://two.example")
	assert deal_of(beside, n.of_prospect).party_name == f"Group Two {tag}"


def test_notes_and_appointments_come_once_and_as_they_are_now(beside):
	memos = frappe.get_all(MEMO, filters={"reference_name": beside.was.prospect}, pluck="memo", order_by="creation asc")
	assert [strip(text) for text in memos] == ["Likes red", "New note"]
	visits = frappe.get_all(
		ACTIVITY, filters={"subject": ("like", f"%{beside.tag}%")}, pluck="starts_on", order_by="name asc"
	)
	assert [str(at) for at in visits] == ["2023-03-04 11:00:00"]


def strip(text: str) -> str:
	return frappe.utils.strip_html(text).strip()


def test_a_renamed_record_is_the_same_one(beside):
	n = beside.names
	assert [lead_of(beside, n.many[2]).name, deal_of(beside, n.many_deals[1]).name] == beside.was.renamed[:2]
	assert deal_of(beside, n.of_twice[0]).prospect == deal_of(beside, n.of_twice[1]).prospect == beside.was.stands_for
	tables = {row["title"]: (row["stored"], row["already"]) for row in beside.report["tables"]}
	assert tables["Lead"] == (0, 32) and tables["Opportunity"] == (0, 36)
	assert tables["Prospect and Leads with Deals"] == (0, 4)
	deal = deal_of(beside, n.many_deals[1])
	from frappe.desk.form.load import get_docinfo

	moving_world.new("Comment", comment_type="Comment", reference_doctype="Opportunity", reference_name=n.many_deals[1],
		content=f"After {beside.tag}")  # fmt: skip
	get_docinfo(deal)
	assert f"After {beside.tag}" in " ".join(
		one["content"] for one in frappe.response["docinfo"].additional_timeline_content
	)
	frappe.db.rollback()


def test_a_deleted_one_stays_here_and_is_told(beside):
	gone = beside.names.many[3]
	assert (
		lead_of(beside, gone).lead_name if hasattr(lead_of(beside, gone), "lead_name") else lead_of(beside, gone).name
	)
	assert beside.report["side_by_side"]["gone"] == [f"Lead {gone}"]


def test_a_lead_whose_firm_bought_there_stands_on_the_customer(beside):
	assert lead_of(beside, beside.names.many[5]).customer == beside.names.customer_of_prospect


def test_with_nothing_new_nothing_changes(beside):
	stood = state()
	third = move(beside.imports)
	now = state()
	for kind in stood:
		assert now[kind] == stood[kind], kind
	report = json.loads(third.move_report)
	assert report["side_by_side"]["changed"] == []
	assert report["side_by_side"]["kept"] == beside.report["side_by_side"]["kept"], "told until somebody settles it"


def test_a_word_that_is_new_there_is_taken_for_what_it_probably_means_and_told(beside):
	assert stage_of(deal_of(beside, beside.names.many_deals[4])) == "Negotiation"
	word = f"Negotiation of Price {beside.tag}"
	for notices in (beside.rehearsal["notices"], beside.report["notices"]):
		assert [text for text in notices if f"{word} = Negotiation" in text]
	rows = [row for row in beside.again.value_rows if row.file_value == word]
	assert [row.meaning for row in rows] == ["Negotiation"]


def test_words_mean_what_they_meant_the_last_time(beside):
	doc = frappe.get_doc("Sales Import", beside.imports[-1])
	row = next(one for one in doc.value_rows if (one.field, one.file_value) == ("stage", "Value Proposition"))
	row.db_set("meaning", "Negotiation")
	frappe.db.commit()
	new = a_move("ERPNext's CRM")
	meanings = {(one.field, one.file_value): one.meaning for one in new.value_rows}
	frappe.delete_doc("Sales Import", new.name)
	assert meanings["stage", "Value Proposition"] == "Negotiation"
	frappe.db.commit()


def test_what_a_move_carried_over_is_undone_with_it_and_what_people_did_is_not(beside):
	n = beside.names
	with pytest.raises(frappe.ValidationError) as told:
		api.undo_import(beside.first.name)
	deleted_there = lead_of(beside, n.many[3]).name
	stay = {lead_of(beside, n.many[1]).name, deal_of(beside, n.many_deals[2]).name}
	words = frappe.utils.strip_html(str(told.value))
	assert all(name in words for name in stay) and "worked on 3 of" in words
	assert lead_of(beside, n.many[6]).name not in words, (
		"a file and an assignment that came along later are nobody's work"
	)
	assert deleted_there in words, "its contact belongs to nothing else any more"
	carried = lead_of(beside, n.many[0]).name
	for name in reversed(beside.imports):
		api.undo_import(name, rest=True)
	frappe.db.commit()
	assert not frappe.db.exists(LEAD, carried)
	assert all(frappe.db.exists(LEAD if name.startswith("LEAD") else DEAL, name) for name in stay)
