"""The ribbon of what serves several orders, links to what was deleted, and standard records that are made or merged."""

import frappe
import pytest

from crm_pipeline.chain import reference, ribbon_steps, standard_kinds
from crm_pipeline.core.kinds import ACTIVITY_TYPE, CHANNEL, NAME_FIELDS, RELATION_TYPE
from tests.site import rows
from tests.site.conftest import USERS

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
ORDER, DEAL, ACTIVITY = "Sales Order", "Sales Opportunity", "Sales Activity"


# ---- the ribbon


def note_of(world, *orders: str) -> str:
	name = rows.row("Delivery Note", name=f"Note {world.tag}", company=world.company, status="To Bill")
	for order in orders:
		rows.row("Delivery Note Item", parent=name, against_sales_order=order, item_code=world.pump)
	return name


def named(ribbon: dict) -> set[str]:
	return {node["name"] for step in ribbon["steps"] for node in step["nodes"]}


def test_the_ribbon_of_a_note_for_two_orders_is_that_of_both(sale, world):
	first, second = sale.opportunity(), sale.opportunity()
	orders = [
		rows.order(world, net, crm_source_type=DEAL, crm_source_name=deal.name)
		for net, deal in ((300, first), (200, second))
	]
	found = ribbon_steps.ribbon_of("Delivery Note", note_of(world, *orders))
	assert named(found) == {first.name, second.name, *orders}
	assert (found["amounts"]["ordered"], found["currency"], found["source"]) == (500, world.currency, None)
	assert named(ribbon_steps.ribbon_of(ORDER, orders[0])) == {first.name, orders[0]}


def test_of_an_order_that_the_reader_may_not_open_a_ribbon_tells_no_amounts(sale, world, as_user, monkeypatch):
	deal = sale.opportunity()
	orders = [rows.order(world, net, crm_source_type=DEAL, crm_source_name=deal.name) for net in (300, 200)]
	readable = ribbon_steps.readable
	monkeypatch.setattr(
		ribbon_steps, "readable", lambda refs: {ref for ref in readable(refs) if ref.name not in orders[1:]}
	)
	found = ribbon_steps.ribbon_of(DEAL, deal.name)
	assert (found["amounts"]["ordered"], found["currency"]) == (300, world.currency)
	monkeypatch.setattr(ribbon_steps, "readable", lambda refs: {ref for ref in readable(refs) if ref.doctype != ORDER})
	found = ribbon_steps.ribbon_of(DEAL, deal.name)
	assert (found["amounts"], found["currency"]) == (None, None)


# ---- what was deleted


def prospect(world, name: str):
	doc = {"doctype": "Sales Prospect", "prospect_name": f"{name} {world.tag}", "company": world.company}
	return frappe.get_doc(doc).insert()


def activity(**values):
	values = {"subject": "Call", "way": "Phone", "starts_on": "2031-05-06 09:00:00", **values}
	return frappe.get_doc({"doctype": ACTIVITY, **values}).insert()


def gone(doc) -> None:
	frappe.db.delete(doc.doctype, {"name": doc.name})
	frappe.clear_document_cache(doc.doctype, doc.name)


def test_a_deleted_link_is_emptied_and_what_was_chosen_instead_stays(world, as_user):
	as_user("rep")
	old, new = prospect(world, "Old"), prospect(world, "New")
	doc = activity(reference_doctype=old.doctype, reference_name=old.name)
	gone(old)
	doc.reload()
	doc.update({"reference_name": new.name, "prospect": new.name})
	assert not reference.leave_deleted(doc)
	assert (doc.reference_doctype, doc.reference_name, doc.prospect) == (new.doctype, new.name, new.name)
	doc.update({"reference_name": old.name, "prospect": new.name})
	assert reference.leave_deleted(doc)
	assert (doc.reference_doctype, doc.reference_name, doc.prospect) == (None, None, new.name)


def test_a_row_whose_link_was_deleted_goes_and_the_others_stay(world, as_user):
	as_user("rep")
	doc = activity(people=[{"colleague": OTHER}, {"colleague": USERS["desk"][0]}])
	frappe.db.set_value(doc.people[0].doctype, doc.people[0].name, "colleague", "gone@nowhere.example")
	doc = frappe.get_doc(ACTIVITY, doc.name)
	assert reference.leave_deleted(doc)
	assert [row.colleague for row in doc.people] == [USERS["desk"][0]]
	doc = frappe.get_doc(ACTIVITY, doc.name)
	doc.people[0].colleague = OTHER
	assert not reference.leave_deleted(doc), "somebody else was put into the row"
	assert [row.colleague for row in doc.people] == [OTHER, USERS["desk"][0]]


# ---- standard records


def test_a_standard_record_is_made_with_what_belongs_to_it(site):
	made = {}
	for doctype, key in ((RELATION_TYPE, "parent"), (RELATION_TYPE, "partner"), (ACTIVITY_TYPE, "phone")):
		name = standard_kinds.name_of(doctype, key)
		frappe.db.delete(doctype, {"name": name})
		frappe.clear_document_cache(doctype, name)
		standard_kinds.make_standard(doctype)
		made[key] = frappe.get_doc(doctype, standard_kinds.name_of(doctype, key))
		assert made[key].get(NAME_FIELDS[doctype]) == name
	assert (made["parent"].applies_to, made["parent"].inverse_label, made["parent"].is_tree) == (
		"Customer",
		"Subsidiary",
		1,
	)
	assert (made["partner"].inverse_label, made["partner"].is_tree) == ("Partner", 0)


def test_a_record_of_one_s_own_that_is_merged_takes_no_key_from_the_standard_one(world):
	own = frappe.get_doc({"doctype": CHANNEL, "channel_name": f"Podcast {world.tag}"}).insert()
	name = standard_kinds.name_of(CHANNEL, "social")
	own.before_rename(own.name, name, merge=True)
	assert standard_kinds.name_of(CHANNEL, "social") == name
	standard = frappe.get_doc(CHANNEL, name)
	standard.before_rename(name, own.name)
	assert standard_kinds.name_of(CHANNEL, "social") == name, "a new name is no other record"
	standard.before_rename(name, own.name, merge=True)
	assert standard_kinds.name_of(CHANNEL, "social") == own.name
	assert not frappe.db.get_value(CHANNEL, name, "standard_key")


@pytest.mark.parametrize("key", ["social", "referral"])
def test_a_record_that_is_called_like_a_standard_one_becomes_it(site, key):
	name = standard_kinds.name_of(CHANNEL, key)
	called = standard_kinds.STANDARD[CHANNEL][key]
	frappe.db.set_value(CHANNEL, name, {"name": called, "standard_key": None})
	count = frappe.db.count(CHANNEL)
	standard_kinds.make_standard(CHANNEL)
	assert standard_kinds.name_of(CHANNEL, key) == called and frappe.db.count(CHANNEL) == count
