"""Moving in from ERPNext's own CRM: rehearsed, mapped, moved, compared, moved again, undone. A run commits; what it made is
removed here."""

import json

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.importer import desk_import, load
from crm_pipeline.importer.moving_in import move_form
from tests.site.bench import moving_world
from tests.site.bench.loading import company

IMPORT, LEAD, PROSPECT, DEAL = "Sales Import", "Sales Lead", "Sales Prospect", "Sales Opportunity"


@pytest.fixture(scope="module")
def moved(site):
	"""ERPNext's CRM, rehearsed and moved in once: {"tag", "old", "rehearsal", "doc", "report"}."""
	from tests.site import conftest

	frappe.set_user("Administrator")
	tag = f"V{frappe.generate_hash(length=6)}"
	imports = []
	old = moving_world.Erpnext(tag, conftest.standing[0])
	try:
		old.make().quoted()
		frappe.db.commit()
		doc = a_move("ERPNext's CRM")
		imports.append(doc.name)
		frappe.db.commit()
		before = counted()
		rehearsal = api.preview_import(doc.name)
		assert counted() == before, "a rehearsal writes nothing"
		run(doc)
		yield frappe._dict(
			tag=tag, old=old, rehearsal=rehearsal, doc=doc, report=json.loads(doc.move_report), imports=imports
		)
	finally:
		moving_world.remove(tag, old.made, imports)


def run(doc):
	"""Start it, and do at once what the queue would do."""
	api.start_import(doc.name)
	desk_import.run(doc.name)
	return doc.reload()


def a_move(system: str, **values):
	pipeline = frappe.db.get_value(
		"Sales Pipeline", {"applies_to": DEAL, "disabled": 0}, "name", order_by="creation asc"
	)
	values = {"company": company(), "pipeline": pipeline, **values}
	return frappe.get_doc({"doctype": IMPORT, "import_from": system, **values}).insert()


def counted() -> dict:
	kinds = (
		LEAD,
		PROSPECT,
		DEAL,
		"Sales Memo",
		"Sales Activity",
		"Imported Record",
		"File",
		"ToDo",
		"Communication Link",
	)
	return {kind: frappe.db.count(kind) for kind in (*kinds, "Sales Channel", "Sales Lost Reason", "Sales Competitor")}


def deal_of(moved, name: str):
	found = frappe.db.get_value(DEAL, {"external_id": name, "external_source": "ERPNext CRM"}, "name")
	return frappe.get_doc(DEAL, found) if found else None


def lead_of(moved, name: str):
	found = frappe.db.get_value("Imported Record", {"record_id": name, "document_type": LEAD}, "document")
	return frappe.get_doc(LEAD, found)


def test_it_is_in_with_equal_counts_and_sums_and_each_record_that_is_not_is_named(moved):
	names = moved.old.names
	assert moved.doc.status == "Done", moved.doc.message
	assert all(row["equal"] for row in moved.report["tables"] + moved.report["stages"])
	tables = {row["title"]: (row["records"], row["stored"], row["rejected"]) for row in moved.report["tables"]}
	assert tables == {
		"Campaign": (1, 1, 0), "Prospect and Leads with Deals": (4, 4, 0), "Lead": (33, 33, 0), "Opportunity": (38, 36, 2),
		"CRM Note and Contract": (5, 5, 0), "Appointment": (2, 1, 1),
	}  # fmt: skip
	assert {row["title"]: row["usable"] for row in moved.rehearsal["tables"]} == {
		title: stored for title, (_records, stored, _rejected) in tables.items()
	}, "the rehearsal told it before"
	told = {line["record"]: line["reasons"] for line in moved.rehearsal["lines"]}
	assert told == {
		f"Opportunity {names.nobody}": f'Customer: "Deleted Customer {moved.tag}" is unknown',
		f"Opportunity {names.of_gone_lead}": 'Prospect: "Lead: CRM-LEAD-GONE" is unknown',
		f"Appointment APMT-{moved.tag}-2": "About (ID or Name): is empty",
	}
	assert sum(row["sums"][1] for row in moved.report["stages"]) == pytest.approx(8481.55) == moved.rehearsal["amount"]
	stages = {row["stage"]: row["counts"][1] for row in moved.report["stages"]}
	assert stages == {"Qualification": 29, "Needs Analysis": 1, "Proposal": 1, "Negotiation": 1, "Won": 1, "Lost": 3}


def test_words_have_a_row_with_a_guess_and_an_owner_who_is_gone_has_none(moved):
	rows = {(row.field, row.file_value): row.meaning or "" for row in moved.doc.value_rows}
	tag = moved.tag
	assert rows["stage", "Prospecting"] == rows["stage", "Qualification"] == "Qualification"
	assert (rows["stage", "Negotiation/Review"], rows["stage", "Converted"], rows["stage", "Closed"]) == (
		"Negotiation",
		"Won",
		"Lost",
	)
	assert (rows["status", "Replied"], rows["status", "Lost Quotation"]) == ("Contacted", "Converted")
	assert rows["owner", f"gone@{tag}.example"] == ""
	assert rows["owner", f"ann@{tag}.example"] == f"ann@{tag.lower()}.example"
	assert rows["channel", f"Fair {tag}"] == f"Fair {tag}"


def test_leads_keep_state_day_owner_channel_and_what_has_no_field_as_text(moved):
	n, tag = moved.old.names, moved.tag
	ann = lead_of(moved, n.same[0])
	assert (ann.status, ann.prospect_name, ann.contact_name) == ("Converted", f"Twins {tag}", f"Ann {tag}")
	assert (ann.channel, ann.sales_owner) == (f"Fair {tag}", f"ann@{tag.lower()}.example")
	assert frappe.db.get_value("Sales Campaign", ann.campaign, "title") == f"Spring {tag}"
	if frappe.get_meta("Lead").has_field("utm_medium"):
		assert ann.message == f"UTM Medium: Banner {tag}\nUTM Content: Blue {tag}"
	assert frappe.db.count("Sales Campaign", {"title": f"Spring {tag}"}) == 1, "16 keeps it in two DocTypes"
	orphan = lead_of(moved, n.orphan)
	assert (orphan.status, orphan.sales_owner, str(orphan.creation)[:10]) == ("Contacted", None, "2021-05-06")
	bad = lead_of(moved, n.bad_mail)
	assert (bad.email_id, bad.phone, bad.message) == (None, "+49 30 901820", "Email: not a mail")
	assert (bad.campaign, bad.country if "country" in bad.as_dict() else None) == (None, None), (
		"a campaign that is gone"
	)
	assert lead_of(moved, n.refusing).email_id == lead_of(moved, n.many[1]).email_id, (
		"two leads with one address are two"
	)
	assert lead_of(moved, n.disabled).status == lead_of(moved, n.refusing).status == "Disqualified"
	assert lead_of(moved, n.twice).message == "Mobile: abc"


def test_two_leads_of_a_firm_share_its_prospect_and_a_lead_may_have_two_deals(moved):
	n, tag = moved.old.names, moved.tag
	first, second = deal_of(moved, n.items), deal_of(moved, n.second)
	assert first.prospect and first.prospect == second.prospect
	assert lead_of(moved, n.same[0]).prospect == first.prospect
	assert (first.source_type, first.source_name) == (LEAD, lead_of(moved, n.same[0]).name)
	one, two = (deal_of(moved, name) for name in n.of_twice)
	assert one.prospect == two.prospect and one.party_name == f'O\'Neil & "Sons" {tag}'
	assert deal_of(moved, n.of_prospect).prospect == lead_of(moved, n.in_prospect).prospect
	assert deal_of(moved, n.of_prospect).party_name == f"Group {tag}"
	assert (deal_of(moved, n.of_customer).customer, deal_of(moved, n.of_customer).prospect) == (
		moved.old.world.customer,
		None,
	)
	person = frappe.get_doc(PROSPECT, deal_of(moved, n.of_person).prospect)
	assert (person.prospect_kind, person.prospect_name) == ("Person", f"Dora {tag}")


def test_deals_keep_items_currency_probability_and_how_they_ended(moved):
	n, tag, world = moved.old.names, moved.tag, moved.old.world
	items = deal_of(moved, n.items)
	assert [(row.item_code, row.qty, row.rate) for row in items.items] == [
		(world.pump, 2, 100),
		(world.filter, 4, 12.5),
	]
	assert items.amount == 250 and "Opportunity Amount: 999.00" in items.description
	assert (items.probability, deal_of(moved, n.second).probability) == (10, 60), "100 is what ERPNext sets by itself"
	foreign = deal_of(moved, n.foreign)
	assert (foreign.currency, foreign.amount, foreign.conversion_rate, foreign.base_amount) == ("CHF", 1000, 1.25, 1250)
	lost = deal_of(moved, n.of_person)
	assert (lost.status, lost.lost_reason, lost.closed_on) == ("Lost", f"Price {tag}", None)
	assert f"Further Lost Reasons: Too Late {tag}" in lost.description and "They said so" in lost.description
	assert [row.competitor for row in lost.competitors] == [f"Rival {tag}"]
	closed = deal_of(moved, n.closed)
	assert (closed.status, closed.lost_reason) == ("Lost", "No Decision")
	text = deal_of(moved, n.no_item)
	assert not text.items and text.amount == 15 and "Free &lt;text&gt;" in text.description
	assert (str(items.opened_on), items.stage_entered_on is not None) == ("2023-02-01", True)


def test_stages_and_the_end_have_the_days_that_stored_versions_tell(moved):
	deal = deal_of(moved, moved.old.names.tracked)
	assert (deal.status, str(deal.closed_on), str(deal.opened_on)) == ("Lost", "2023-02-10", "2023-01-10")
	labels = dict(frappe.get_all("Pipeline Stage", fields=["name", "label"], as_list=True, order_by="name asc"))
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": deal.name},
		fields=["to_value", "at"],
		order_by="at asc, creation asc",
	)
	assert [(labels[one.to_value], str(one.at)[:10]) for one in events] == [
		("Qualification", "2023-01-10"),
		("Needs Analysis", "2023-01-20"),
		("Lost", "2023-02-10"),
	]


def test_the_day_of_the_last_change_is_taken_where_somebody_says_so(moved):
	doc = a_move("ERPNext's CRM", closing_days="Last Change")
	assert not [text for text in api.preview_import(doc.name)["notices"] if "day of closing" in text]
	assert [text for text in moved.rehearsal["notices"] if "day of closing: 2." in text]
	frappe.delete_doc(IMPORT, doc.name)
	frappe.db.commit()


def test_notes_contracts_and_appointments_are_kept_with_author_and_time_and_without_scripts(moved):
	n, tag = moved.old.names, moved.tag
	prospect = deal_of(moved, n.of_prospect).prospect
	(memo,) = frappe.get_all(
		"Sales Memo", filters={"reference_name": prospect}, fields=["memo", "owner", "creation"], order_by="name asc"
	)
	assert "Likes <b>blue</b>" in memo.memo and "<script" not in memo.memo
	assert (memo.owner, str(memo.creation)) == (f"ann@{tag.lower()}.example", "2022-03-04 09:30:00")
	memo = frappe.db.get_value("Sales Memo", {"reference_name": lead_of(moved, n.person).name}, ["memo", "owner"])
	assert f"gone@{tag}.example" in memo[0] and "Call back" in memo[0], "nobody else wrote it"
	contracts = frappe.get_all(
		"Sales Memo", filters={"reference_name": moved.old.world.customer, "subject": ("like", f"Contract CON-{tag}%")},
		pluck="memo", order_by="subject asc",
	)  # fmt: skip
	assert [("Fulfilment: Fulfilled" in text, f"Deliver {tag}: fulfilled" in text) for text in contracts] == [
		(True, True),
		(False, False),
	]
	(file,) = frappe.get_all(
		"File", filters={"attached_to_doctype": "Sales Memo", "file_name": ("like", f"{tag}%")},
		fields=["is_private", "attached_to_name"], order_by="name asc",
	)  # fmt: skip
	signed = frappe.db.get_value("Sales Memo", file.attached_to_name, "subject")
	assert (signed, file.is_private) == (f"Contract CON-{tag}-0", 1), "the signed paper is with it"
	for said in (moved.report["notices"], moved.rehearsal["notices"]):
		assert any(text.startswith("Contracts with customers: 2.") for text in said)
		assert "Contracts with suppliers and employees, which are not moved: 1." in said
	assert f"Terms {tag}" in contracts[1] and "Fulfilment: Lapsed" in contracts[1]
	visit, = frappe.get_all(
		"Sales Activity", filters={"reference_name": lead_of(moved, n.same[0]).name},
		fields=["subject", "status", "starts_on", "prospect"], order_by="name asc",
	)  # fmt: skip
	assert (visit.subject, visit.status, str(visit.starts_on)) == (
		f"Appointment with Visitor {tag}",
		"Done",
		"2023-03-03 10:30:00",
	)
	assert visit.prospect == lead_of(moved, n.same[0]).prospect


def test_mails_files_comments_tags_assignments_and_people_show_on_both_sides(moved):
	from frappe.desk.form.load import get_docinfo

	n, tag = moved.old.names, moved.tag
	old, new = frappe.get_doc("Lead", n.same[0]), lead_of(moved, n.same[0])
	for doc in (old, new):
		get_docinfo(doc)
		info = frappe.response["docinfo"]
		assert sorted(one.subject for one in info.communications) == [f"Answer {tag}", f"Question {tag}"], doc.doctype
		assert len(info.attachments) == 1
		assert tag in info.tags
	assert [one.content for one in frappe.response["docinfo"].comments] == [], "a comment stays one, on the old lead"
	get_docinfo(new)
	cards = " ".join(one["content"] for one in frappe.response["docinfo"].additional_timeline_content)
	assert f"Remember {tag}" in cards and "&amp;lt;" not in cards and "<script" not in cards
	deal = deal_of(moved, n.items)
	todos = frappe.get_all("ToDo", filters={"reference_name": ("in", (deal.name, n.items))}, fields=["allocated_to", "reference_type"],
		order_by="reference_type asc")  # fmt: skip
	ann, left = f"ann@{tag.lower()}.example", f"left@{tag.lower()}.example"
	assert sorted((row.reference_type, row.allocated_to.lower()) for row in todos) == [
		("Opportunity", ann), ("Opportunity", left), (DEAL, ann),
	]  # fmt: skip
	urls = frappe.get_all(
		"File", filters={"attached_to_name": ("in", (deal.name, n.items))}, pluck="file_url", order_by="name asc"
	)
	assert len(urls) == 2 and urls[0] == urls[1], "one file on the disk, shown twice"
	(person,) = deal_of(moved, n.of_customer).contacts
	assert (person.contact, person.contact_name) == (n.contact, f"Zoe {tag}")


def test_cards_of_a_lead_or_prospect_belong_to_the_prospect_here_too(moved):
	n = moved.old.names
	prospect = deal_of(moved, n.of_prospect).prospect
	links = frappe.get_all(
		"Dynamic Link", filters={"parent": n.address}, fields=["link_doctype", "link_name"], order_by="link_doctype asc"
	)
	assert [(row.link_doctype, row.link_name) for row in links] == [("Prospect", n.prospect), (PROSPECT, prospect)]
	of_lead = {"link_doctype": "Lead", "link_name": n.same[0], "parenttype": "Contact"}
	card = frappe.db.get_value("Dynamic Link", of_lead, "parent")
	assert frappe.db.exists("Dynamic Link", {"parent": card, "link_name": deal_of(moved, n.items).prospect})
	frappe.get_doc("Address", n.address).save()
	frappe.db.rollback()


def test_a_won_deal_knows_its_order_and_the_day_of_it(moved):
	n = moved.old.names
	won = deal_of(moved, n.won)
	assert (won.status, won.won_by_type, won.won_by, str(won.closed_on)) == (
		"Won",
		"Sales Order",
		n.order,
		"2023-04-05",
	)
	assert won.ordered_amount == 200
	sources = [
		frappe.db.get_value(*one, ["crm_source_type", "crm_source_name"])
		for one in (("Quotation", n.quotation), ("Sales Order", n.order))
	]
	assert sources == [(DEAL, won.name), ("Quotation", n.quotation)]


def test_again_moves_only_what_is_new(moved):
	n, tag = moved.old.names, moved.tag
	before = counted()
	more = moved.old.add("Lead", lead_name="Late TAG", company_name="Late TAG", company=company(), status="Open")
	moving_world.mail(tag, "Lead", n.same[1], "Received", f"New mail {tag}")
	again = a_move("ERPNext's CRM")
	moved.imports.append(again.name)
	frappe.db.commit()
	run(again)
	report = json.loads(again.move_report)
	tables = {row["title"]: (row["stored"], row["already"]) for row in report["tables"]}
	assert tables["Lead"] == (1, 33) and tables["Opportunity"] == (0, 36) and tables["Campaign"] == (0, 1)
	assert report["linked"]["e-mails"] == 1 and report["linked"]["files"] == 0 and report["linked"]["assignments"] == 0
	after = counted()
	assert {kind: after[kind] - before[kind] for kind in before if after[kind] != before[kind]} == {
		LEAD: 1, "Imported Record": 1, "Communication Link": 1, "File": 2,
	}, "the files are the two lists of rejected rows"  # fmt: skip
	assert lead_of(moved, more).prospect_name == f"Late {tag}"


def test_nothing_of_the_old_system_is_changed(moved):
	n = moved.old.names
	lead = frappe.get_doc("Lead", n.same[0])
	assert (lead.status, lead.company_name) == ("Opportunity", f"Twins {moved.tag}")
	assert frappe.db.get_value("Communication", n.mails[0], ["reference_doctype", "reference_name"]) == (
		"Lead",
		n.same[0],
	)
	assert frappe.db.get_value("Comment", n.comment, ["reference_doctype", "reference_name"]) == ("Lead", n.same[0])
	assert frappe.db.count("ToDo", {"reference_name": n.items, "status": "Open"}) == 2


def test_a_word_that_means_nothing_here_is_refused_and_one_without_a_meaning_keeps_its_deals_out(moved):
	doc = a_move("ERPNext's CRM")
	stage = next(row for row in doc.value_rows if (row.field, row.file_value) == ("stage", "Negotiation/Review"))
	stage.meaning = "Nowhere"
	with pytest.raises(frappe.ValidationError, match="Nowhere"):
		doc.save()
	doc.reload()
	next(row for row in doc.value_rows if (row.field, row.file_value) == ("stage", "Negotiation/Review")).meaning = None
	doc.save()
	told = {line["record"]: line["reasons"] for line in api.preview_import(doc.name)["lines"]}
	assert (
		told[f"Opportunity {moved.old.names.second}"]
		== 'Stage: "Negotiation/Review" is not a known stage; say which it is'
	)
	frappe.delete_doc(IMPORT, doc.name)
	frappe.db.commit()


def test_a_system_that_is_not_on_the_site_is_said_so(moved, monkeypatch):
	monkeypatch.setattr(move_form.systems.old_tables, "is_there", lambda doctype: False)
	with pytest.raises(frappe.ValidationError, match="is not on this site"):
		a_move("Frappe CRM")


def test_a_second_run_waits_and_says_so(moved, monkeypatch):
	monkeypatch.setattr(desk_import, "WAIT", 0)
	doc = a_move("ERPNext's CRM")
	moved.imports.append(doc.name)
	with load.alone():
		run(doc)
	assert doc.status == "Failed" and "another load is running" in doc.message


@pytest.mark.parametrize("user", ["rep", "manager", "finance"])
def test_only_who_keeps_the_masters_may_move(moved, as_user, user):
	as_user(user)
	with pytest.raises(frappe.PermissionError):
		a_move("ERPNext's CRM")
	with pytest.raises(frappe.PermissionError):
		api.preview_import(moved.doc.name)
	with pytest.raises(frappe.PermissionError):
		api.start_import(moved.doc.name)


def test_it_is_undone_as_long_as_nobody_worked_on_it(moved):
	n = moved.old.names
	deal = deal_of(moved, n.of_customer)
	frappe.db.set_value(
		DEAL, deal.name, "modified", frappe.utils.add_to_date(deal.modified, minutes=1), update_modified=False
	)
	with pytest.raises(frappe.ValidationError, match=deal.name):
		api.undo_import(moved.doc.name)
	frappe.db.set_value(DEAL, deal.name, "modified", deal.modified, update_modified=False)
	for name in reversed(moved.imports):
		api.undo_import(name)
	frappe.db.commit()
	assert frappe.get_doc(IMPORT, moved.doc.name).status == "Undone"
	assert not frappe.db.exists(DEAL, {"external_source": "ERPNext CRM"})
	assert not frappe.db.exists("Imported Record", {"source": "ERPNext CRM"})
	assert frappe.db.get_value("Quotation", n.quotation, "crm_source_name") is None
	assert frappe.db.count("Communication Link", {"link_doctype": LEAD}) == 0
	assert frappe.db.count("Dynamic Link", {"link_doctype": PROSPECT}) == 0
	assert frappe.db.count("Dynamic Link", {"parent": n.address, "link_name": n.prospect}) == 1
	lead = frappe.get_doc("Lead", n.same[0])
	(file,) = frappe.get_all("File", filters={"attached_to_name": lead.name}, pluck="name", order_by="name asc")
	assert frappe.get_doc("File", file).get_content(), "the file is still on the disk"
