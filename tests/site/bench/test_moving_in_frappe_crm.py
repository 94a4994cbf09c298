"""Moving in from Frappe CRM: the app itself where the site has it, else tables like its own."""

import json

import frappe
import pytest

from crm_pipeline import api
from tests.site.bench import moving_frappe_crm, moving_world
from tests.site.bench.test_moving_in import DEAL, LEAD, PROSPECT, a_move, run


@pytest.fixture(scope="module")
def moved(site):
	"""Frappe CRM, moved in once: {"tag", "old", "doc", "report"}."""
	from tests.site import conftest

	frappe.set_user("Administrator")
	moving_frappe_crm.a_frappe_crm()
	tag = f"F{frappe.generate_hash(length=6)}"
	old, imports = moving_frappe_crm.FrappeCrm(tag, conftest.standing[0]), []
	try:
		old.make()
		frappe.db.commit()
		doc = a_move("Frappe CRM")
		imports.append(doc.name)
		# What somebody says who knows the words of this site.
		for row in doc.value_rows:
			if row.field == "status":
				row.meaning = "Disqualified" if row.file_value.startswith("Junk") else "New"
		doc.save()
		run(doc)
		yield frappe._dict(tag=tag, old=old, doc=doc, report=json.loads(doc.move_report), imports=imports)
	finally:
		moving_world.remove(tag, old.made, imports)


def deal_of(name: str):
	return frappe.get_doc(
		DEAL, frappe.db.get_value(DEAL, {"external_id": name, "external_source": "Frappe CRM"}, "name")
	)


def lead_of(name: str):
	return frappe.get_doc(
		LEAD, frappe.db.get_value("Imported Record", {"record_id": name, "document_type": LEAD}, "document")
	)


def test_it_is_in_with_equal_counts_and_what_is_not_is_named(moved):
	assert moved.doc.status == "Done", moved.doc.message
	assert all(row["equal"] for row in moved.report["tables"] + moved.report["stages"])
	tables = {row["title"]: (row["records"], row["stored"], row["rejected"]) for row in moved.report["tables"]}
	assert tables["CRM Lead"] == (22, 22, 0) and tables["CRM Deal"] == (24, 24, 0)
	assert tables["CRM Organization and Persons with Deals"] == (4, 4, 0), (
		"two, the person of a deal without one, and one that is gone"
	)
	assert tables["FCRM Note"] == (1, 1, 0) and tables["CRM Task and CRM Call Log"] == (4, 3, 1)
	(told,) = moved.report["lines"]
	assert told["record"].startswith("CRM Task and CRM Call Log") and "is empty" in told["reasons"]
	assert deal_of(moved.old.names.stray).party_name == f"Deleted Org {moved.tag}"
	assert moved.report["linked"]["e-mails"] == moved.report["linked"]["files"] == 1


def test_a_deal_has_its_history_items_lead_and_prospect(moved):
	n, tag = moved.old.names, moved.tag
	deal = deal_of(n.open)
	assert (deal.amount, deal.items[0].qty, deal.items[0].rate) == (180, 2, 90)
	assert (deal.source_name, deal.prospect) == (lead_of(n.lead).name, lead_of(n.lead).prospect)
	assert (deal.party_name, deal.probability, deal.next_step) == (f"Org {tag}", 70, "Call")
	labels = dict(frappe.get_all("Pipeline Stage", fields=["name", "label"], as_list=True, order_by="name asc"))
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": deal.name},
		fields=["to_value", "at", "seconds_spent"],
		order_by="at asc",
	)
	assert [(labels[one.to_value], str(one.at)[:10]) for one in events] == [
		("Qualification", "2022-02-10"),
		("Negotiation", "2022-02-20"),
	]
	assert events[1].seconds_spent == 10 * 86400
	assert [row.contact for row in deal.contacts if row.contact] == [n.contact]


def test_an_organization_that_is_a_customer_stays_that_one_and_a_person_is_a_prospect(moved):
	n, tag = moved.old.names, moved.tag
	won = deal_of(n.won)
	assert (won.customer, won.status, str(won.closed_on), won.base_amount) == (
		moved.old.world.customer,
		"Won",
		"2022-05-05",
		1050,
	)
	lost = deal_of(n.lost)
	assert (lost.status, lost.lost_reason, str(lost.closed_on)) == ("Lost", f"Pricing {tag}", "2022-04-01")
	assert frappe.db.get_value(PROSPECT, lost.prospect, ["prospect_kind", "prospect_name"]) == ("Person", f"Solo {tag}")
	verified = frappe.db.get_value(PROSPECT, won.prospect, ["status", "customer"])
	assert verified == ("Verified", moved.old.world.customer)


def test_leads_notes_tasks_and_calls(moved):
	n, tag = moved.old.names, moved.tag
	assert (lead_of(n.lead).status, str(lead_of(n.lead).converted_on)[:10]) == ("Converted", "2022-02-10")
	junk = lead_of(n.junk)
	# Older releases keep no reason on a lead.
	why = f"Pricing {tag}" if "lost_reason" in frappe.db.get_table_columns("CRM Lead") else "No Decision"
	assert (junk.status, junk.lost_reason, junk.sales_owner) == ("Disqualified", why, None)
	deal = deal_of(n.open)
	(memo,) = frappe.get_all(
		"Sales Memo", filters={"reference_name": deal.name}, fields=["subject", "memo", "creation"], order_by="name asc"
	)
	assert (memo.subject, str(memo.creation)) == (
		f"First talk {tag}",
		"2022-02-11 10:00:00",
	) and "<b>two</b>" in memo.memo
	done = frappe.get_all("Sales Activity", filters={"reference_name": deal.name},
		fields=["way", "status", "result", "duration", "direction", "priority"], order_by="starts_on asc, result desc")  # fmt: skip
	assert [(one.way, one.status, one.result, one.direction) for one in done] == [
		("Phone", "Done", "Reached", "Inbound"), ("Phone", "Done", "Not Reached", "Inbound"), ("Other", "Planned", None, "Outbound"),
	]  # fmt: skip
	assert (done[0].duration, done[2].priority) == (95, "High")


def test_it_is_undone_and_frappe_crm_keeps_everything(moved):
	n = moved.old.names
	assert api.undo_import(moved.doc.name) > 40
	frappe.db.commit()
	assert not frappe.db.exists(DEAL, {"external_source": "Frappe CRM"})
	assert frappe.db.get_value("CRM Deal", n.open, "status") == f"Negotiation {moved.tag}"
	assert frappe.db.get_value("File", n.file.name, "attached_to_name") == n.open and n.file.get_content()
