"""Deals that are entered with a typed name, given away many at once, asked about by a dialog, and become a project once."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline.chain import pending
from crm_pipeline.core.gates import Gate, Kind
from crm_pipeline.customers import party_facts
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.deals import conversions, entering, reassigning, stage_gates
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
DEAL, LEAD, PROSPECT = "Sales Opportunity", "Sales Lead", "Sales Prospect"


# ---- entered


def entered(world, doctype: str, typed: str | None = None, create_new=False, **values):
	values = {"company": world.company, "title": "Pumps", **values}
	made = entering.enter(doctype, values, typed, create_new)
	return frappe.get_doc(made.doctype, made.name)


def test_what_is_no_field_of_a_deal_is_not_taken_from_a_form(world, as_user):
	as_user("rep")
	sent = {"name": f"MINE {world.tag}", "owner": OTHER, "idx": 77, "no_such_field": 1}
	made = entered(world, DEAL, f"Quay {world.tag}", **sent)
	assert made.name != sent["name"] and made.owner == REP and made.idx != 77


@pytest.mark.parametrize("doctype", [DEAL, LEAD])
def test_a_typed_name_is_written_with_single_spaces_and_makes_a_prospect(world, as_user, doctype):
	as_user("rep")
	contact = {"contact_name": "Ines", "email_id": f"ines@{world.tag}.example"} if doctype == LEAD else {}
	made = entered(world, doctype, f"  Grey   Mill\t{world.tag} ", create_new=True, **contact)
	prospect = frappe.get_doc(PROSPECT, made.prospect)
	assert prospect.prospect_name == f"Grey Mill {world.tag}" == made.party_name
	if doctype == LEAD:
		assert (made.prospect_name, prospect.email_id) == (f"Grey Mill {world.tag}", f"ines@{world.tag}.example")


def test_what_is_typed_is_looked_up_unless_a_new_one_is_wanted_or_nothing_is_typed(world, as_user):
	as_user("rep")
	known = frappe.get_doc(
		{"doctype": PROSPECT, "prospect_name": f"Grey {world.tag}", "company": world.company}
	).insert()
	assert entered(world, DEAL, f" grey   {world.tag}").prospect == known.name
	again = entered(world, DEAL, f"Grey {world.tag}", create_new=True).prospect
	assert again and again != known.name
	count = frappe.db.count(PROSPECT)
	chosen = entered(world, LEAD, f"Another {world.tag}", create_new=True, prospect=known.name)
	assert chosen.prospect == known.name and frappe.db.count(PROSPECT) == count
	blank = entered(world, DEAL, "   ", create_new=True, customer=world.customer)
	assert (blank.customer, blank.prospect) == (world.customer, None) and frappe.db.count(PROSPECT) == count


# ---- given away


def test_of_many_that_are_given_away_one_notice_counts_those_that_changed_hands(sale, as_user, monkeypatch):
	as_user("rep")
	deals = [sale.opportunity(sales_owner=who, title=f"Pumps {n}") for n, who in enumerate((OTHER, REP, REP, REP))]
	noted = []
	monkeypatch.setattr(pending, "note", lambda *about, **how: noted.append((about, how)))
	found = reassigning.reassign(DEAL, [deals[0].name, deals[1].name, "OPP-GONE", deals[2].name], OTHER)
	assert found["done"] == 3 and [row["name"] for row in found["refused"]] == ["OPP-GONE"]
	assert all(row["reason"] for row in found["refused"])
	[(about, how)] = [note for note in noted if note[0][0] == "Pipeline Event"]
	assert how["together"] == 2 and about == ("Pipeline Event", how["event"], pending.MOVE)
	event = frappe.get_doc("Pipeline Event", how["event"])
	assert (event.reference_name, event.from_value, event.to_value) == (deals[1].name, REP, OTHER)
	assert [frappe.db.get_value(DEAL, doc.name, "sales_owner") for doc in deals] == [OTHER, OTHER, OTHER, REP]
	noted.clear()
	assert reassigning.reassign(DEAL, [deals[0].name], OTHER) == {"done": 1, "refused": []} and noted == []


def test_as_many_as_the_most_are_given_away_and_one_more_is_not(sale, as_user, monkeypatch):
	as_user("rep")
	monkeypatch.setattr(reassigning, "MOST", 2)
	names = [sale.opportunity(sales_owner=REP).name for _n in range(3)]
	with refused(match="at most 2 documents"):
		reassigning.reassign(DEAL, names, OTHER)
	assert reassigning.reassign(DEAL, names[:2], OTHER)["done"] == 2
	with refused():
		reassigning.reassign(DEAL, names[:1], "nobody@nowhere.example")
	assert frappe.db.get_value(DEAL, names[2], "sales_owner") == REP


def test_what_could_not_be_given_away_stays_as_it_was_whatever_was_begun(sale, as_user, monkeypatch):
	as_user("rep")
	first, second = (sale.opportunity(sales_owner=REP, title=f"Pumps {n}") for n in range(2))
	give = reassigning.give

	def half(doc, sales_owner):
		given = give(doc, sales_owner)
		if doc.name == first.name:
			frappe.throw("Not this one")
		return given

	monkeypatch.setattr(reassigning, "give", half)
	found = reassigning.reassign(DEAL, [first.name, second.name], OTHER)
	assert found == {"done": 1, "refused": [{"name": first.name, "reason": "Not this one"}]}
	assert [frappe.db.get_value(DEAL, doc.name, "sales_owner") for doc in (first, second)] == [REP, OTHER]
	assert not frappe.local.message_log


# ---- what a dialog asks


def gate(key: str, kind: Kind, subject: str = "", **values) -> Gate:
	return Gate(key, "A stage", kind, subject, **values)


def test_a_dialog_asks_each_field_once_with_what_it_holds_and_tells_the_rest(sale, as_user, monkeypatch):
	as_user("rep")
	deal = sale.opportunity(next_step="Send drawings")
	left = [
		gate("a", Kind.FIELD, "next_step"), gate("b", Kind.CHECK, text="Budget confirmed"),
		gate("c", Kind.FIELD, "next_step"), gate("d", Kind.FIELD, "expected_close"), gate("e", Kind.FIELD, "items"),
		gate("f", Kind.ROLE, "Decision Maker"), gate("g", Kind.ACTIVITY, days=3), gate("h", Kind.FIELD, "base_amount"),
	]  # fmt: skip
	found = stage_gates.questions(deal, left)
	assert [(row["fieldname"], str(row["value"]), row["label"]) for row in found["fields"]] == [
		("next_step", "Send drawings", "Next Step"), ("expected_close", str(deal.expected_close), "Expected Close"),
	]  # fmt: skip
	assert found["checks"] == [{"key": "b", "text": "Budget confirmed"}]
	assert [row["kind"] for row in found["others"]] == ["", "role", "activity", ""], "a table and what is not typed"
	monkeypatch.setattr(stage_gates, "_may_ask", lambda doc, df: df.fieldname != "next_step")
	found = stage_gates.questions(deal, left[:4])
	assert [row["fieldname"] for row in found["fields"]] == ["expected_close"]
	assert [row["kind"] for row in found["others"]] == ["", ""], "what the user may not write"


@pytest.mark.parametrize(("done", "stored"), [(True, 1), (False, 0)])
def test_a_check_is_ticked_or_cleared_in_the_checklist_of_today(monkeypatch, done, stored):
	did = []
	row = SimpleNamespace(gate="k", done=1 - stored)
	doc = SimpleNamespace(checks=[], check_permission=did.append, save=lambda: did.append("save"))
	monkeypatch.setattr(stage_gates, "locked_doc", lambda doctype, name: doc)
	monkeypatch.setattr(stage_gates, "sync_checks", lambda doc: doc.checks.append(row))
	stage_gates.tick(DEAL, "OPP-1", "k", done)
	assert (row.done, did) == (stored, ["write", "save"])


# ---- a project of ERPNext


@pytest.mark.parametrize(("known", "made"), [("PROJ-1", []), (None, ["PROJ-2"])])
def test_a_project_is_made_once_by_who_may_change_the_deal(site, monkeypatch, known, made):
	rights, stored = [], []
	doc = SimpleNamespace(erp_project=known, check_permission=rights.append)
	doc.db_set = lambda field, value: (stored.append(value), setattr(doc, field, value))
	monkeypatch.setattr(conversions, "locked_doc", lambda doctype, name: doc)
	monkeypatch.setattr(conversions, "make_erp_project_of", lambda doc: "PROJ-2")
	assert conversions.make_erp_project("SP-1") == (known or "PROJ-2")
	assert (rights, stored) == (["write"], made)


# ---- whom a party has


def test_contacts_are_those_of_this_party_and_of_no_namesake_of_another_kind(world, as_user):
	as_user("Administrator")

	def contact(name: str, doctype: str = "Customer", parenttype: str = "Contact", **values) -> str:
		made = rows.row("Contact", name=f"{name} {world.tag}", full_name=name, docstatus=0, **values)
		link = {"link_doctype": doctype, "link_name": world.customer, "docstatus": 0}
		rows.row("Dynamic Link", parent=made, parenttype=parenttype, **link)
		return made

	ann = contact("Ann", phone="1", mobile_no="2", is_primary_contact=0)
	zoe = contact("Zoe", phone="3", is_primary_contact=1)
	contact("Namesake", doctype=PROSPECT)
	contact("Address", parenttype="Address")
	found = party_facts.contacts(AskedParty("Customer", (world.customer,)))
	assert [(row["name"], row["phone"], row["is_primary"]) for row in found] == [(zoe, "3", True), (ann, "2", False)]
	assert {row["name"] for row in party_facts.people(AskedParty("Customer", (world.customer,)), getdate())} == {
		ann,
		zoe,
	}


def test_of_many_contacts_the_first_dozen_is_told(world, as_user):
	as_user("Administrator")
	for n in range(14):
		made = rows.row("Contact", name=f"C{n:02} {world.tag}", full_name=f"C{n:02}", docstatus=0)
		rows.row("Dynamic Link", parent=made, parenttype="Contact", link_doctype="Customer", link_name=world.customer, docstatus=0)  # fmt: skip
	found = party_facts.contacts(AskedParty("Customer", (world.customer,)))
	assert [row["full_name"] for row in found] == [f"C{n:02}" for n in range(12)]


@pytest.mark.parametrize("doctype", ["Customer", PROSPECT])
def test_the_marks_of_a_party_are_told_whether_they_are_set_or_not(world, as_user, doctype):
	as_user("Administrator")
	made = frappe.get_doc(
		{"doctype": PROSPECT, "prospect_name": f"Grey {world.tag}", "company": world.company}
	).insert()
	frappe.db.set_value("Customer", world.customer, "language", None)
	name = world.customer if doctype == "Customer" else made.name
	found = party_facts.of_party(AskedParty(doctype, (name,)))
	there = [field for field in party_facts.MARKS[doctype] if frappe.get_meta(doctype).has_field(field)]
	assert list(found["marks"]) == there and found["name"] == name
	assert all(fact["value"] for fact in found["facts"]), "what is empty is no fact"
