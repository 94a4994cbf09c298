# ruff: noqa: F811
"""Both systems in use after a move: what changed there alone comes over, what changed on both sides stays ours and is told."""

import json
from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.importer import desk_import
from crm_pipeline.importer.moving_in import side_by_side
from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in import (  # noqa: F401
	ANN,
	DEAL,
	LEAD,
	PROSPECT,
	a_move,
	here,
	moved,
	old,
	record,
	tables_of,
	version,
)
from tests.site.world import refused


def told(doc) -> dict:
	return json.loads(doc.move_report)["side_by_side"]


def changed(doc) -> dict:
	return {line["record"]: line["fields"] for line in told(doc)["changed"]}


def there(doctype: str, name: str, **values) -> None:
	frappe.db.set_value(doctype, name, values)


def aged() -> None:
	"""Whatever moved in did so a while ago, so that who works on it now does so later."""
	before = frappe.utils.add_to_date(None, seconds=-60)
	for doctype in (LEAD, PROSPECT, DEAL, "Sales Memo", "Sales Activity", "Sales Campaign"):
		frappe.db.set_value(doctype, {"name": ("!=", "")}, "modified", before, update_modified=False)
	frappe.db.set_value(
		"Imported Record", {"name": ("!=", "")}, {"creation": before, "modified": before}, update_modified=False
	)


def test_a_lead_follows_what_changed_there_alone(old):
	ann, bob = (old.lead(key, email_id=f"{key}@{old.t}.example", phone="+49 30 901820") for key in ("ann", "bob"))
	same = old.lead("Same")
	moved(old)
	aged()
	there("Lead", ann, phone="+49 30 901821", job_title="Head", status="Replied", lead_owner="manager@crm-test.example")
	there("Lead", bob, phone="+49 30 901821", job_title="Buyer")
	ours = record(bob)
	ours.phone = "+49 30 901899"
	ours.save()
	untouched = record(same).modified
	rehearsal = api.preview_import(a_move(old).name)
	assert record(ann).phone == "+49 30 901820", "a rehearsal writes nothing"
	doc = moved(old)
	lead = record(ann)
	assert (lead.phone, lead.designation, lead.status) == ("+49 30 901821", "Head", "Contacted")
	assert (lead.sales_owner, lead.match_phone[-8:]) == ("manager@crm-test.example", "30901821")
	assert (record(bob).phone, record(bob).designation) == ("+49 30 901899", "Buyer")
	assert record(same).modified == untouched
	assert told(doc) == rehearsal["side_by_side"]
	assert {*changed(doc)} == {f"Sales Lead {ann}", f"Sales Lead {bob}"}
	assert told(doc)["kept"] == [{"record": f"Sales Lead {bob}", "fields": ["Phone"]}]
	assert [
		text
		for text in json.loads(doc.move_report)["notices"]
		if "on both sides" in text and bob in text and "Phone" in text
	]
	again = moved(old)
	assert (told(again)["changed"], told(again)["kept"]) == ([], told(doc)["kept"]), "told until somebody settles it"
	kinds = frappe.get_all("Pipeline Event", filters={"reference_name": lead.name}, pluck="kind", order_by="at asc")
	assert {"Owner", "State"} <= {*kinds}


def test_a_deal_follows_its_stage_its_amount_and_its_day(old):
	deal = old.deal("Big", "Customer", old.world.customer, opportunity_amount=1000)
	moved(old)
	aged()
	there("Opportunity", deal, sales_stage="Negotiation/Review", opportunity_amount=1500, title=old.name("Bigger"),
		expected_closing="2031-01-01")  # fmt: skip
	moved(old)
	doc = here(deal)
	assert (doc.stage, doc.amount, doc.base_amount) == ("Standard Sales-negotiation", 1500, 1500)
	assert (doc.title, str(doc.expected_close), str(doc.stage_entered_on)[:10]) == (
		old.name("Bigger"),
		"2031-01-01",
		frappe.utils.nowdate(),
	)
	kinds = frappe.get_all(
		"Pipeline Event", filters={"reference_name": doc.name}, pluck="kind", order_by="at asc, creation asc"
	)
	assert sorted(kinds) == ["Amount", "Created", "Expected Close", "Stage"]
	last = frappe.db.get_value(
		"Pipeline Event", {"reference_name": doc.name, "kind": "Stage"}, ["from_value", "to_value", "note"]
	)
	assert last == ("Standard Sales-qualification", "Standard Sales-negotiation", "Imported")


def test_a_deal_that_was_lost_or_won_there_is_so_here(old):
	lost, won = (old.deal(key, "Customer", old.world.customer) for key in ("Lost", "Won"))
	moved(old)
	aged()
	there("Opportunity", lost, status="Lost")
	child("Opportunity Lost Reason Detail", ("Opportunity", lost), "lost_reasons", 1, lost_reason=old.name("Price"))
	there("Opportunity", won, status="Converted")
	moved(old)
	deal = here(lost)
	assert (deal.status, deal.lost_reason, deal.outcome, deal.won_amount) == ("Lost", old.name("Price"), "Lost", 0)
	assert deal.closed_from == "Standard Sales-qualification"
	assert (here(won).status, here(won).won_amount, here(won).base_won_amount) == ("Won", 1000, 1000)
	there("Opportunity", lost, status="Open", sales_stage="Needs Analysis")
	aged()
	moved(old)
	assert (here(lost).status, here(lost).closed_on, here(lost).stage) == (
		"Open",
		None,
		"Standard Sales-needs_analysis",
	)


def test_a_day_that_the_other_system_tells_is_that_of_the_stage(old):
	deal = old.deal("Tracked", "Customer", old.world.customer, transaction_date="2023-01-10")
	version(deal, "2023-01-20", "sales_stage", "Prospecting", "Needs Analysis")
	there("Opportunity", deal, sales_stage="Needs Analysis")
	moved(old)
	aged()
	version(deal, "2023-02-20", "sales_stage", "Needs Analysis", "Proposal/Price Quote")
	there("Opportunity", deal, sales_stage="Proposal/Price Quote")
	moved(old)
	assert (here(deal).stage, str(here(deal).stage_entered_on)[:10]) == ("Standard Sales-proposal", "2023-02-20")


def test_rows_of_a_deal_come_over_with_what_they_come_to(old):
	deal = old.deal("Items", "Customer", old.world.customer, opportunity_amount=200)
	row = child("Opportunity Item", ("Opportunity", deal), "items", 1, item_code=old.world.pump, qty=2, rate=100)
	moved(old)
	aged()
	there("Opportunity Item", row, qty=3)
	doc = moved(old)
	assert [(row.item_code, row.qty, row.rate) for row in here(deal).items] == [(old.world.pump, 3, 100)]
	assert (here(deal).amount, here(deal).items_total) == (300, 300)
	assert "Amount" in changed(doc)[f"{DEAL} {deal}"]
	ours = here(deal)
	ours.items[0].rate = 90
	ours.save()
	there("Opportunity Item", row, qty=4)
	doc = moved(old)
	assert here(deal).items[0].qty == 3 and told(doc)["kept"] == [{"record": f"{DEAL} {deal}", "fields": ["Amount"]}]


def test_another_pipeline_here_has_stages_of_its_own(old):
	deal = old.deal("Big", "Customer", old.world.customer)
	moved(old)
	aged()
	other = frappe.copy_doc(frappe.get_doc("Sales Pipeline", "Standard Sales"))
	other.pipeline_name = old.name("Other")
	other.insert()
	here(deal).db_set("pipeline", other.name, update_modified=False)
	there("Opportunity", deal, sales_stage="Negotiation/Review", title=old.name("New"))
	doc = moved(old)
	assert (here(deal).stage, here(deal).title) == ("Standard Sales-qualification", old.name("New"))
	assert changed(doc)[f"{DEAL} {deal}"] == ["Opportunity"]


def test_a_prospect_bears_its_new_name_everywhere_and_its_customer(old):
	group = put("Prospect", old.name("Group"), company_name=old.name("Group"), company=old.world.company)
	deal = old.deal("Big", "Prospect", group)
	moved(old)
	aged()
	there("Prospect", group, company_name=old.name("Group Two"), website="https://two.example")
	doc = moved(old)
	prospect = record(group, PROSPECT)
	assert (prospect.prospect_name, prospect.website) == (old.name("Group Two"), "https://two.example")
	assert here(deal).party_name == old.name("Group Two")
	assert changed(doc)[f"{PROSPECT} {group}"]
	frappe.db.set_value("Customer", old.world.customer, "prospect_name", group)
	moved(old)
	assert (record(group, PROSPECT).customer, here(deal).customer) == (old.world.customer, old.world.customer)


def test_notes_and_appointments_come_once_and_as_they_are_now(old):
	lead = old.lead("Ann")
	note = child(
		"CRM Note", ("Lead", lead), "notes", 1, note="<p>Likes blue</p>", added_by=ANN, added_on="2022-03-04 09:30:00"
	)
	visit = put("Appointment", old.name("APMT"), customer_name="Visitor", scheduled_time="2023-03-03 10:30:00", status="Open",
		appointment_with="Lead", party=lead)  # fmt: skip
	moved(old)
	aged()
	there("CRM Note", note, note="<p>Likes red</p>")
	there("Appointment", visit, scheduled_time="2023-03-04 11:00:00")
	child("CRM Note", ("Lead", lead), "notes", 2, note="<p>New</p>", added_by=ANN, added_on="2022-03-05 09:30:00")
	moved(old)
	about = {"reference_name": record(lead).name}
	memos = frappe.get_all("Sales Memo", filters=about, pluck="memo", order_by="creation asc")
	assert [frappe.utils.strip_html(text).strip() for text in memos] == ["Likes red", "New"]
	assert [
		str(at)[:19] for at in frappe.get_all("Sales Activity", filters=about, pluck="starts_on", order_by="name asc")
	] == ["2023-03-04 11:00:00"]


def test_who_is_gone_there_stays_here_and_is_told(old):
	ann = old.lead("Ann")
	firm = old.lead("Firm", company_name=old.name("Firm"), status="Opportunity")
	old.deal("Big", "Lead", firm)
	moved(old)
	frappe.db.delete("Lead", {"name": ann})
	doc = moved(old)
	assert record(ann) and told(doc)["gone"] == [f"Lead {ann}"]
	assert [
		text
		for text in json.loads(doc.move_report)["notices"]
		if text.startswith("Gone in the other system") and ann in text
	]


def test_what_is_told_names_the_first_twenty():
	lines = [{"record": f"Sales Lead L{number}", "fields": ["Phone", "Status"]} for number in range(21)]
	said = side_by_side.notices({"changed": lines, "kept": lines[:1], "gone": []}, [])
	assert len(said) == 2 and said[0].startswith("Changed in the other system since, and carried over: 21. ")
	assert said[0].endswith("Sales Lead L19 (Phone, Status) ...") and said[1].endswith(
		": 1. Sales Lead L0 (Phone, Status)"
	)
	nothing = {"changed": [], "kept": [], "gone": []}
	assert side_by_side.notices(nothing, []) == []
	assert side_by_side.notices(nothing | {"gone": ["Lead A"]}, ["Cold (Lost)"]) == [
		"Words that are new in the other system, and what they are taken for: Cold (Lost). Change it under Values.",
		"Gone in the other system, and here still: 1. Lead A",
	]


def test_a_record_that_is_renamed_there_stays_the_same_one(old):
	lead, firm = old.lead("Ann"), old.lead("Firm", company_name=old.name("Firm"), status="Opportunity")
	deal = old.deal("Big", "Lead", firm)
	moved(old)
	was, stands_on = record(lead).name, here(deal).prospect
	for doctype, name in (("Lead", lead), ("Lead", firm), ("Opportunity", deal)):
		side_by_side.follow_rename(SimpleNamespace(doctype=doctype), "after_rename", name, f"{name} new", False)
		side_by_side.follow_rename(SimpleNamespace(doctype=doctype), "after_rename", f"{name} new", "merged", True)
	assert record(f"{lead} new").name == was and record(lead) is None
	assert here(f"{deal} new").prospect == stands_on == record(f"Lead: {firm} new", PROSPECT).name
	assert frappe.db.get_value("Imported Record", {"record_id": f"{lead} new"}, "external_key")
	for name in (lead, firm):
		frappe.db.delete("Lead", {"name": name})
		put("Lead", f"{name} new", lead_name=name, status="Open", company=old.world.company,
			company_name=old.name("Firm") if name == firm else None)  # fmt: skip
	frappe.db.set_value("Opportunity", deal, "party_name", f"{firm} new")
	assert tables_of(moved(old))["Lead"][:3] == (2, 0, 2)


def test_progress_goes_up_over_all_tables(old, monkeypatch):
	for number in range(3):
		old.lead(f"Lead {number}")
		old.deal(f"Deal {number}", "Customer", old.world.customer)
	doc, seen = a_move(old), []
	monkeypatch.setattr(
		frappe,
		"publish_realtime",
		lambda *told, **to: seen.append(frappe.db.get_value("Sales Import", doc.name, "progress")),
	)
	api.start_import(doc.name)
	desk_import.run(doc.name)
	assert seen == sorted(seen) and seen[-1] == 100 and seen[0] < 60


def test_a_rehearsal_knows_what_it_would_bring_of_deals_too(old):
	deal = old.deal("Big", "Customer", old.world.customer)
	child("CRM Note", ("Opportunity", deal), "notes", 1, note="x", added_by=ANN, added_on="2022-03-04 09:30:00")
	found = api.preview_import(a_move(old).name)
	notes = next(row for row in found["tables"] if row["title"] == "CRM Note and Contract")
	assert (notes["records"], notes["usable"], notes["rejected"]) == (1, 1, 0)


def test_a_lead_that_was_converted_there_was_so_on_that_day_and_other_changes_are_of_now(old):
	ann = old.lead("Ann", creation="2022-05-01 09:00:00")
	bob = old.lead("Bob", creation="2022-05-01 09:00:00")
	moved(old)
	aged()
	old.deal("Big", "Lead", ann, transaction_date="2023-02-01")
	there("Lead", ann, status="Converted", lead_owner="manager@crm-test.example")
	there("Lead", bob, status="Replied")
	moved(old)

	def told(name: str) -> list[tuple]:
		rows = frappe.get_all(
			"Pipeline Event",
			filters={"reference_name": record(name).name, "kind": ("in", ("State", "Owner"))},
			fields=["kind", "from_value", "to_value", "at", "note"],
			order_by="kind asc, at desc",
		)
		return [(*(row[key] for key in ("kind", "from_value", "to_value", "note")), str(row.at)[:10]) for row in rows]

	today = frappe.utils.nowdate()
	assert told(ann)[:2] == [
		("Owner", ANN, "manager@crm-test.example", "Imported", today),
		("State", "New", "Converted", "Imported", "2023-02-01"),
	]
	assert told(bob) == [("State", "New", "Contacted", "Imported", today)]
	assert (record(ann).status, str(record(ann).converted_on)[:10]) == ("Converted", "2023-02-01")


@pytest.mark.parametrize(("seconds", "stays"), [(0, False), (0.9, False), (1.5, True), (30, True)])
def test_an_undo_leaves_what_somebody_worked_on_though_a_later_move_changed_it(old, seconds, stays):
	ann, bob = old.lead("Ann"), old.lead("Bob")
	first = moved(old)
	aged()
	noted = frappe.db.get_value("Imported Record", {"record_id": ann, "document_type": LEAD}, "modified")
	worked = frappe.utils.get_datetime(noted) + timedelta(seconds=seconds)
	frappe.db.set_value(LEAD, record(ann).name, "modified", worked, update_modified=False)
	names = [record(name).name for name in (ann, bob)]
	there("Lead", ann, job_title="Head")
	moved(old)
	assert frappe.db.get_value(LEAD, names[0], "designation") == "Head"
	if stays:
		with refused(match=f"worked on 1 of these records: {names[0]}"):
			api.undo_import(first.name)
	api.undo_import(first.name, rest=True)
	assert [bool(frappe.db.exists(LEAD, name)) for name in names] == [stays, False]
