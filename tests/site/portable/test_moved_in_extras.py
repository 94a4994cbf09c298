# ruff: noqa: F811
"""What stands around a record of ERPNext's CRM shows on the one here as well, once, however often one moves."""

import json

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.importer.moving_in import moved_extras, origin_comments
from tests.site.other_systems import child, put
from tests.site.portable.test_moved_in import ANN, DEAL, GONE, LEAD, PROSPECT, here, moved, old, record  # noqa: F401


@pytest.fixture
def pair(old):
	"""A lead of a firm with a deal: (lead, deal) of the other system."""
	lead = old.lead("Ann", company_name=old.name("Firm"), status="Opportunity")
	return lead, old.deal("Big", "Lead", lead)


def linked(doc) -> dict:
	return json.loads(doc.move_report)["linked"]


def about(doctype: str, name: str, type_field: str, name_field: str, *fields) -> list:
	return frappe.get_all(
		doctype, filters={type_field: DEAL if name.startswith("OPP") else LEAD, name_field: name}, fields=list(fields),
		order_by="creation asc, name asc",
	)  # fmt: skip


def mail(doctype: str, name: str, subject: str) -> str:
	values = {
		"communication_type": "Communication",
		"subject": subject,
		"reference_doctype": doctype,
		"reference_name": name,
	}
	return put("Communication", **values)


def test_mails_of_the_lead_are_in_the_timeline_of_both(old, pair):
	first, second = mail("Lead", pair[0], "Question"), mail("Opportunity", pair[1], "Answer")
	other = mail("Customer", old.world.customer, "Not of the lead")
	child("Communication Link", ("Communication", other), "timeline_links", 1, link_doctype="Lead", link_name=pair[0])
	assert linked(moved(old))["e-mails"] == 3
	lead, deal = record(pair[0]).name, here(pair[1]).name
	assert sorted(
		row.parent for row in about("Communication Link", lead, "link_doctype", "link_name", "parent")
	) == sorted((first, other))
	assert [row.parent for row in about("Communication Link", deal, "link_doctype", "link_name", "parent")] == [second]
	mail("Lead", pair[0], "New one")
	assert linked(moved(old))["e-mails"] == 1, "those that are there are not linked twice"


def test_a_file_is_shown_twice_and_stays_one(old, pair):
	for url, private in (("/private/files/a.txt", 1), ("/files/b.txt", 0)):
		values = {"file_name": url.rpartition("/")[2], "is_private": private, "owner": ANN}
		put("File", file_url=url, attached_to_doctype="Lead", attached_to_name=pair[0], **values)
	put("File", file_url="", file_name="a folder", is_folder=1, attached_to_doctype="Lead", attached_to_name=pair[0])
	assert linked(moved(old))["files"] == 2
	new = about(
		"File", record(pair[0]).name, "attached_to_doctype", "attached_to_name", "file_url", "is_private", "owner"
	)
	assert sorted((row.file_url, row.is_private, row.owner) for row in new) == [
		("/files/b.txt", 0, ANN), ("/private/files/a.txt", 1, ANN),
	]  # fmt: skip
	assert linked(moved(old))["files"] == 0


def test_tags_are_added_to_those_that_are_here(old, pair):
	frappe.db.set_value("Lead", pair[0], "_user_tags", ",Hot,Old")
	assert linked(moved(old))["tags"] == 2
	lead = record(pair[0]).name
	assert frappe.db.get_value(LEAD, lead, "_user_tags") == ",Hot,Old"
	tags = frappe.get_all(
		"Tag Link", filters={"document_name": lead}, fields=["tag", "document_type"], order_by="tag asc"
	)
	assert [(row.tag, row.document_type) for row in tags] == [("Hot", LEAD), ("Old", LEAD)]
	frappe.db.set_value(LEAD, lead, "_user_tags", ",Own")
	frappe.db.set_value("Lead", pair[0], "_user_tags", ",Own,New")
	assert linked(moved(old))["tags"] == 1
	assert frappe.db.get_value(LEAD, lead, "_user_tags") == ",Own,New"


def test_open_assignments_come_for_those_who_can_log_in(old, pair):
	frappe.db.set_value("User", "other_rep@crm-test.example", "enabled", 0)
	for user, state in (
		(ANN.upper(), "Open"),
		("other_rep@crm-test.example", "Open"),
		(GONE, "Open"),
		("manager@crm-test.example", "Closed"),
	):
		put("ToDo", allocated_to=user, status=state, reference_type="Opportunity", reference_name=pair[1], description="Do it",
			priority="High", date="2030-01-01")  # fmt: skip
	assert linked(moved(old))["assignments"] == 1
	deal = here(pair[1]).name
	task, = about("ToDo", deal, "reference_type", "reference_name", "allocated_to", "status", "description", "priority", "date")  # fmt: skip
	assert (task.allocated_to, task.status, task.description, task.priority) == (ANN, "Open", "Do it", "High")
	assert str(task.date) == "2030-01-01" and json.loads(frappe.db.get_value(DEAL, deal, "_assign")) == [ANN]
	assert frappe.db.count("ToDo", {"reference_name": pair[1], "status": "Open"}) == 3, "the old ones stay"
	assert linked(moved(old))["assignments"] == 0


def contact(old, key: str, of: tuple[str, str] | None = None, **values) -> str:
	name = put(
		"Contact", old.name(key), **{"first_name": key, "last_name": old.t, "full_name": old.name(key), **values}
	)
	if of:
		child("Dynamic Link", ("Contact", name), "links", 1, link_doctype=of[0], link_name=of[1])
	return name


def test_people_of_a_deal_are_its_contacts_and_who_is_there_gets_the_card(old):
	zoe = contact(old, "Zoe", email_id="zoe@x.example", designation="Buyer")
	deal = old.deal("Big", "Customer", old.world.customer, contact_person=zoe, contact_display=old.name("Zoe"))
	bob, cy = (
		contact(old, key, ("Opportunity", deal), email_id=f"{key}@x.example", phone="123") for key in ("Bob", "Cy")
	)
	assert linked(moved(old))["people"] == 2
	rows = here(deal).contacts
	assert [(row.contact, row.contact_name) for row in rows] == [
		(zoe, old.name("Zoe")),
		(bob, old.name("Bob")),
		(cy, old.name("Cy")),
	]
	assert [row.idx for row in rows] == [1, 2, 3]
	assert (rows[1].email_id, rows[1].phone) == ("Bob@x.example", "123")
	assert linked(moved(old))["people"] == 0


def test_who_has_another_name_and_mail_is_another_person(old):
	one, two = (contact(old, key, email_id=mail) for key, mail in (("Zoe", "zoe@x.example"), ("Max", "")))
	deal = old.deal(
		"Big",
		"Customer",
		old.world.customer,
		contact_display="Somebody",
		contact_email="zoe@x.example",
		contact_person=one,
	)
	other = old.deal("Other", "Customer", old.world.customer, contact_display="Somebody", contact_person=two)
	moved(old)
	assert [(row.contact, row.contact_name) for row in here(deal).contacts] == [(one, "Somebody")], "by mail"
	assert [(row.contact, row.contact_name) for row in here(other).contacts] == [
		(None, "Somebody"),
		(two, old.name("Max")),
	]


def test_cards_of_lead_and_prospect_belong_to_the_prospect_here_too(old, pair):
	group = put("Prospect", old.name("Group"), company_name=old.name("Group"), company=old.world.company)
	card = contact(old, "Zoe", ("Lead", pair[0]))
	alone = old.lead("Finn")
	own = contact(old, "Finn", ("Lead", alone))
	address = put("Address", old.name("Pier"), address_title=old.t, city="Kiel")
	child("Dynamic Link", ("Address", address), "links", 1, link_doctype="Prospect", link_name=group)
	assert linked(moved(old))["cards"] == 3
	of_lead = {"parent": own, "link_doctype": LEAD, "link_name": record(alone).name}
	assert frappe.db.exists("Dynamic Link", of_lead), "a lead without a prospect has it itself"
	links = frappe.get_all(
		"Dynamic Link", filters={"parent": ("in", (card, address)), "link_doctype": PROSPECT},
		fields=["parent", "parenttype", "parentfield", "link_name"], order_by="parent asc",
	)  # fmt: skip
	found = {row.parent: (row.parenttype, row.parentfield, row.link_name) for row in links}
	assert found == {
		card: ("Contact", "links", here(pair[1]).prospect), address: ("Address", "links", record(group, PROSPECT).name),
	}  # fmt: skip
	doc = moved(old)
	assert linked(doc)["cards"] == 0


def test_competitors_come_along_once_each(old):
	deal = old.deal("Big", "Customer", old.world.customer)
	for place, rival in enumerate((old.name("Rival"), None, old.name("Other"), old.name("Rival")), 1):
		child("Competitor Detail", ("Opportunity", deal), "competitors", place, competitor=rival)
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": old.name("Other")}).insert()
	assert linked(moved(old))["competitors"] == 2
	rows = here(deal).competitors
	assert [(row.idx, row.competitor) for row in rows] == [(1, old.name("Rival")), (2, old.name("Other"))]
	assert linked(moved(old))["competitors"] == 0


def test_comments_of_the_old_record_are_read_on_the_new_one(old, pair):
	about = {"reference_doctype": "Lead", "reference_name": pair[0], "comment_type": "Comment"}
	put("Comment", content="<b>Remember</b> &amp; <i>this</i>", comment_by="Ann", **about)
	put("Comment", content="set the status", **{**about, "comment_type": "Info"})
	put("Comment", content="of the deal", **{**about, "reference_doctype": "Opportunity", "reference_name": pair[1]})
	moved(old)
	lead = record(pair[0]).name
	card, = origin_comments.timeline(LEAD, lead)  # fmt: skip
	assert (
		"Remember &amp; this" in card["content"]
		and "<b>Ann</b>" in card["content"]
		and f"Lead {pair[0]}" in card["content"]
	)
	assert card["is_card"] and "of the deal" in origin_comments.timeline(DEAL, here(pair[1]).name)[0]["content"]
	made_here = frappe.get_doc(
		{"doctype": LEAD, "title": "New", "prospect_name": old.name("New"), "company": old.world.company}
	).insert()
	assert origin_comments.timeline(LEAD, made_here.name) == []


def test_an_undo_takes_off_what_was_linked_and_leaves_the_old_side(old, pair):
	mail("Lead", pair[0], "Question")
	put("File", file_url="/files/b.txt", file_name="b.txt", attached_to_doctype="Lead", attached_to_name=pair[0])
	put("ToDo", allocated_to=ANN, status="Open", reference_type="Opportunity", reference_name=pair[1])
	card = contact(old, "Zoe", ("Lead", pair[0]))
	own = contact(old, "Own")
	quotation = put("Quotation", old.name("QTN"), docstatus=1, opportunity=pair[1], quotation_to="Customer")
	doc = moved(old)
	lead, deal, prospect = record(pair[0]).name, here(pair[1]).name, here(pair[1]).prospect
	assert frappe.db.get_value("Quotation", quotation, "crm_source_name") == deal
	assert api.undo_import(doc.name) == 3
	for doctype, field, name in (
		("Communication Link", "link_name", lead), ("File", "attached_to_name", lead), ("ToDo", "reference_name", deal),
		("Dynamic Link", "link_name", prospect), (DEAL, "name", deal), (LEAD, "name", lead), (PROSPECT, "name", prospect),
	):  # fmt: skip
		assert not frappe.db.exists(doctype, {field: name}), doctype
	assert frappe.db.get_value("Quotation", quotation, ["crm_source_type", "crm_source_name"]) == (None, None)
	assert frappe.db.exists("Dynamic Link", {"parent": card, "link_name": pair[0]}) and frappe.db.exists("Contact", own)
	assert frappe.db.exists("File", {"attached_to_name": pair[0]})
	assert frappe.db.exists("ToDo", {"reference_name": pair[1]})


def test_a_record_at_which_somebody_left_a_card_of_their_own_stays(old, pair):
	doc = moved(old)
	prospect = here(pair[1]).prospect
	contact(old, "New", (PROSPECT, prospect))
	assert api.undo_import(doc.name, rest=True) == 2
	assert frappe.db.exists(PROSPECT, prospect)
	assert (doc.reload().status, doc.rows_stored) == ("Done", 1)


def test_what_was_linked_is_told_the_framework_which_follows_a_rename_by_it(old, pair, monkeypatch):
	"""It looks for such links among the types that it knows of."""
	mail("Lead", pair[0], "Question"), mail("Opportunity", pair[1], "Answer")
	put("ToDo", allocated_to=ANN, status="Open", reference_type="Opportunity", reference_name=pair[1])
	contact(old, "Zoe", ("Lead", pair[0])), contact(old, "Finn", ("Lead", old.lead("Finn")))
	told = []
	monkeypatch.setattr(
		moved_extras.link_kinds, "note", lambda doctype, values: told.append((doctype, *values.values()))
	)
	moved(old)
	assert {
		("Dynamic Link", PROSPECT), ("Dynamic Link", LEAD), ("Communication Link", LEAD), ("Communication Link", DEAL),
		("ToDo", DEAL),
	} <= set(told)  # fmt: skip
	assert ("ToDo", LEAD) not in told
	told.clear()
	moved(old)
	assert not [what for what in told if what[0] in ("Dynamic Link", "Communication Link", "ToDo")], "nothing is new"
