"""Small steps: whose a contact is, who sees a segment or deletes an absence, what is put off, which customer is chosen."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime, nowdate, strip_html

from crm_pipeline import api
from crm_pipeline.activities import participants
from crm_pipeline.core import lead as lead_rules
from crm_pipeline.crm_customers.doctype.sales_handover_item import sales_handover_item
from crm_pipeline.crm_prospecting.doctype.sales_segment import sales_segment
from crm_pipeline.crm_prospecting.doctype.sales_segment_snapshot import sales_segment_snapshot
from crm_pipeline.importer import undo_import
from crm_pipeline.leads import nurturing, qualification
from crm_pipeline.my_day import day_actions
from crm_pipeline.parties import verification
from crm_pipeline.pool import pool_rules
from crm_pipeline.relations import customer_relations
from crm_pipeline.scoring import lead_scores
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_desk_import import PROSPECT, imported, run  # noqa: F401
from tests.site.portable.test_import_undone import FIVE
from tests.site.portable.test_public_pool import rule
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import row
from tests.site.world import refused, without_right

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LEAD, DEAL, ACTIVITY, SEGMENT, SNAPSHOT = (
	"Sales Lead", "Sales Opportunity", "Sales Activity", "Sales Segment", "Sales Segment Snapshot",
)  # fmt: skip


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


# ---- leads


def test_a_lead_that_comes_back_is_called_by_what_it_is_about(sale, as_user):
	as_user("Administrator")
	doc = sale.lead(title="Four pumps", sales_owner=REP)
	frappe.db.set_value(LEAD, doc.name, "nurture_until", nowdate())
	assert nurturing.wake(doc.name) is True
	said = frappe.get_all(
		"Notification Log",
		filters={"document_name": doc.name, "for_user": REP},
		pluck="subject",
		order_by="creation asc",
	)
	assert [strip_html(text) for text in said] == [
		"Four pumps was nurtured until today: it is among your leads to answer again"
	]


@pytest.mark.parametrize("joined", [True, False])
def test_who_may_not_see_what_a_lead_became_learns_no_name(sale, as_user, joined):
	as_user("Administrator")
	lead = sale.lead(sales_owner=REP, customer=sale.world.customer, prospect_name=None)
	deal = sale.opportunity(sales_owner=OTHER, sales_person=None)
	frappe.db.set_value(LEAD, lead.name, {"status": lead_rules.CONVERTED, "converted_on": now_datetime()})
	if joined:
		frappe.db.set_value(LEAD, lead.name, "joined_opportunity", deal.name)
	else:
		made = {"source_type": LEAD, "source_name": lead.name, "conversion_key": f"{LEAD}:{lead.name}"}
		frappe.db.set_value(DEAL, deal.name, made)
	set_apart()
	as_user("rep")
	with refused(frappe.PermissionError, match="There is a Sales Opportunity already, and you have no right to see it"):
		qualification.convert_lead(lead.name, assessment="Hot")
	as_user("Administrator")
	assert qualification.convert_lead(lead.name, assessment="Hot").name == deal.name


def test_a_prospect_becomes_no_customer_that_is_off_or_hidden(world, as_user):
	as_user("Administrator")
	make = lambda key, **values: row("Customer", name=f"{key} {world.tag}", customer_name=key, docstatus=0, **values)  # noqa: E731
	on, off = make("On", disabled=0), make("Off", disabled=1)
	doc = frappe._dict(doctype=PROSPECT, prospect_name="Quay")
	assert verification._existing(doc, on) == on
	with refused(match=f"Customer .*{off}.* is disabled"):
		verification._existing(doc, off)
	with refused(frappe.PermissionError):
		verification._existing(doc, "No such customer")
	as_user("stranger")
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": "Customer", "for_value": off}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	as_user("rep")
	with refused(frappe.PermissionError):
		verification._existing(doc, on)


# ---- activities


def test_the_only_customer_of_a_contact_is_that_of_its_links_to_customers(world, as_user):
	as_user("Administrator")
	known = [row("Customer", name=f"{key} {world.tag}", customer_name=key, disabled=0, docstatus=0) for key in "ab"]
	for key, links, found in (
		("one", [("Customer", 0)], 0), ("two", [("Customer", 0), ("Customer", 1)], None), ("none", [("Supplier", 0)], None),
		("more", [("Customer", 1), ("Supplier", 0)], 1), ("twice", [("Customer", 0), ("Customer", 0)], 0),
	):  # fmt: skip
		name = row("Contact", name=f"{key} {world.tag}", first_name=key, docstatus=0)
		for doctype, place in links:
			of = {"parent": name, "parenttype": "Contact", "parentfield": "links", "docstatus": 0}
			row("Dynamic Link", link_doctype=doctype, link_name=known[place], **of)
		of_address = {"parent": name, "parenttype": "Address", "parentfield": "links", "docstatus": 0}
		row("Dynamic Link", link_doctype="Customer", link_name=world.customer, **of_address)
		assert participants._only_customer_of(name) == (None if found is None else known[found]), key


@pytest.mark.parametrize("due", ["2026-03-02 15:00:00", None, "2026-03-01 09:00:00"])
def test_an_activity_that_is_put_off_keeps_its_time_and_is_due_no_earlier_than_it_begins(site, monkeypatch, due):
	day = getdate("2026-03-20")
	doc = frappe._dict(starts_on="2026-03-01 10:30:00", due_on=due)
	frappe.db.set_value("User", REP, "time_zone", None)
	frappe.set_user(REP)
	day_actions._move_activity(doc, day)
	at = {"2026-03-02 15:00:00": "15:00:00"}.get(due, "10:30:00")
	assert (doc.starts_on, doc.due_on) == (datetime(2026, 3, 20, 10, 30), get_datetime(f"2026-03-20 {at}"))


# ---- segments


def test_one_s_own_segments_and_shared_ones_are_listed(world):
	make = lambda owner, shared: row(  # noqa: E731
		SEGMENT,
		segment_name=frappe.generate_hash(length=8),
		applies_to=LEAD,
		owner=owner,
		is_shared=shared,
		docstatus=0,
	)
	made = {"mine": make(REP, 0), "theirs": make(OTHER, 0), "shared": make(OTHER, 1)}

	def seen(user: str) -> set[str]:
		condition = sales_segment.condition(user)
		names = {name for (name,) in frappe.db.sql(f"select name from `tab{SEGMENT}` where {condition}")}
		for key, name in made.items():
			assert sales_segment.has_permission(frappe.get_doc(SEGMENT, name), "read", user) is (name in names), key
		return {key for key, name in made.items() if name in names}

	assert seen(REP) == {"mine", "shared"} and seen(OTHER) == {"theirs", "shared"} and seen(MANAGER) == {"shared"}
	frappe.set_user(OTHER)
	assert seen(REP) == {"mine", "shared"}, "whoever asks"
	changes = lambda key, user: sales_segment.has_permission(frappe.get_doc(SEGMENT, made[key]), "write", user)  # noqa: E731
	assert [changes(key, MANAGER) for key in made] == [False, False, True]
	assert [changes(key, REP) for key in made] == [True, False, False]


def test_a_picture_is_listed_to_its_taker_and_to_who_sees_all_of_a_shared_segment(world):
	segment = lambda shared: row(  # noqa: E731
		SEGMENT,
		segment_name=frappe.generate_hash(length=8),
		applies_to=LEAD,
		owner=OTHER,
		is_shared=shared,
		docstatus=0,
	)
	shared, own = segment(1), segment(0)
	made = {
		key: row(SNAPSHOT, segment=of, record_type=LEAD, taken_by=taker, taken_on=now_datetime(), docstatus=0)
		for key, of, taker in (("mine", own, REP), ("shared", shared, OTHER), ("theirs", own, OTHER))
	}

	def seen(user: str) -> set[str]:
		frappe.set_user(user)
		condition = sales_segment_snapshot.condition(user)
		names = {name for (name,) in frappe.db.sql(f"select name from `tab{SNAPSHOT}` where {condition}")}
		for key, name in made.items():
			doc = frappe.get_doc(SNAPSHOT, name)
			assert bool(sales_segment_snapshot.has_permission(doc, "read", user)) is (name in names), key
		frappe.set_user("Administrator")
		return {key for key, name in made.items() if name in names}

	assert seen(REP) == {"mine", "shared"} and seen(MANAGER) == {"shared"} and seen(OTHER) == {"shared", "theirs"}
	set_apart()
	assert seen(REP) == {"mine"} and seen(OTHER) == {"shared", "theirs"}


# ---- absences, rules, groups


def test_an_absence_is_deleted_by_who_is_away_and_by_managers(world, as_user):
	make = lambda days: row(  # noqa: E731
		"Sales Absence", user=OTHER, deputy=MANAGER, from_date=add_days(nowdate(), days), to_date=add_days(nowdate(), days),
		docstatus=0, owner=OTHER,
	)  # fmt: skip
	absences = [frappe.get_doc("Sales Absence", make(days)) for days in (1, 3)]
	as_user("rep")
	with refused(frappe.PermissionError, match="absences of your own only"):
		absences[0].on_trash()
	as_user("other_rep")
	absences[0].on_trash()
	as_user("manager")
	absences[1].on_trash()


def test_a_pool_rule_that_is_called_otherwise_is_followed_at_once(world, as_user):
	as_user("Administrator")
	made = rule("Customer")
	known = row("Customer", name=f"In {world.tag}", customer_name="In", crm_pool_rule=made.name, docstatus=0)
	other = row("Customer", name=f"Out {world.tag}", customer_name="Out", crm_pool_rule="Another", docstatus=0)
	assert made.name in pool_rules.may_claim_by(REP)
	made.after_rename(made.name, "Renamed")
	assert getattr(frappe.local, "crm_pipeline_pool_rules", None) is None, "what was kept is read anew"
	assert [frappe.db.get_value("Customer", name, "crm_pool_rule") for name in (known, other)] == ["Renamed", "Another"]


def test_the_group_of_a_customer_is_all_below_it_level_by_level_as_far_as_one_sees(world, as_user):
	top, first, second, below, alone = (
		row("Customer", name=f"{key} {world.tag}", customer_name=key, disabled=0, docstatus=0)
		for key in ("t", "c", "b", "a", "z")
	)
	for name, parent in ((first, top), (second, top), (below, first)):
		frappe.db.set_value("Customer", name, customer_relations.FIELD, parent)
	group = customer_relations.group_of
	assert group(top) == [second, first, below] and group(first) == [below] and group(alone) == group(below) == []
	frappe.db.set_value("Customer", top, customer_relations.FIELD, below)
	assert group(top) == [second, first, below], "a circle ends where it began"
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": "Customer", "for_value": below}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	as_user("rep")
	assert group(top) == [below]


# ---- scores


@pytest.mark.parametrize(("finished", "changed", "new"), [
	(None, None, False), (None, 0, True), (-5, None, False), (-5, -1, True), (-5, -5, False), (-5, -9, False),
])  # fmt: skip
def test_rules_are_new_that_changed_since_leads_were_scored_last(site, finished, changed, new):
	now = now_datetime().replace(microsecond=0)
	at = lambda minutes: None if minutes is None else add_to_date(now, minutes=minutes)  # noqa: E731
	for doctype in (lead_scores.RULE, lead_scores.jobs.DOCTYPE):
		frappe.db.delete(doctype)
	row(lead_scores.jobs.DOCTYPE, name=lead_scores.JOB, finished_on=at(finished), docstatus=0)
	for earlier in (0, -1000) if changed is not None else ():
		row(
			lead_scores.RULE,
			rule_name=f"R {earlier}",
			kind="Silence",
			modified=add_to_date(at(changed), minutes=earlier),
			docstatus=0,
		)
	assert lead_scores._rules_are_new() is new


def test_open_leads_are_scored_in_the_order_of_their_names(world, monkeypatch):
	monkeypatch.setattr(lead_scores, "CHUNK", 2)
	first = f"~~{world.tag}"
	make = lambda key, **values: row(LEAD, name=f"{first} {key}", title=key, docstatus=0, **{"status": "New", **values})  # noqa: E731
	names = [make(key) for key in "abc"]
	make("0", status="Converted"), make("bb", status="Disqualified")
	assert lead_scores._names_after(first) == names[:2] and lead_scores._names_after(names[1])[:1] == names[2:]
	assert names[0] not in lead_scores._names_after(names[0])


# ---- handovers


def test_rows_of_a_handover_are_listed_to_who_gets_them_and_to_who_gave_or_started_it(world):
	of = {"docstatus": 0, "status": "Prepared"}
	given = row("Sales Handover", from_user=REP, owner=MANAGER, **of)
	started = row("Sales Handover", from_user=MANAGER, owner=REP, **of)
	other = row("Sales Handover", from_user=MANAGER, owner=MANAGER, **of)
	made = {}
	for key, parent, to in (
		("gave", given, OTHER),
		("began", started, OTHER),
		("gets", other, REP),
		("none", other, OTHER),
	):
		place = {"parent": parent, "parenttype": "Sales Handover", "parentfield": "items", "idx": 1, "docstatus": 0}
		made[key] = row("Sales Handover Item", to_user=to, document_type=LEAD, document="L", state="Waiting", **place)

	def listed(user: str) -> set[str]:
		condition = sales_handover_item.condition(user) or "1 = 1"
		names = {name for (name,) in frappe.db.sql(f"select name from `tabSales Handover Item` where {condition}")}
		return {key for key, name in made.items() if name in names}

	for who in ("Administrator", OTHER):
		frappe.set_user(who)
		assert (listed(REP), listed(OTHER)) == ({"gave", "began", "gets"}, {"gave", "began", "none"}), "whoever asks"
		assert listed(MANAGER) == set(made)


# ---- imports


def test_a_large_undo_is_left_to_the_background_with_its_name(imported, monkeypatch):  # noqa: F811
	doc = run(imported(FIVE, PROSPECT))
	monkeypatch.setattr(undo_import, "MOST_IN_BULK", 4)
	asked = []
	keep = lambda method, **how: asked.append((method, how)) if "undo_import" in method else None  # noqa: E731
	monkeypatch.setattr(frappe, "enqueue", keep)
	assert undo_import.undo(doc.name) == 0
	[(method, how)] = asked
	assert (method, how["name"], how["queue"]) == ("crm_pipeline.importer.undo_import.run", doc.name, "long")
	assert how["enqueue_after_commit"] and doc.reload().status == "Running"
	with refused(match="is Running"):
		undo_import.undo(doc.name)
	undo_import.run(doc.name)
	assert doc.reload().status == "Undone"
	at_once = run(imported(FIVE.replace("Firm", "Works"), PROSPECT))
	monkeypatch.setattr(undo_import, "MOST_IN_BULK", 5)
	assert undo_import.undo(at_once.name) == 5 and len(asked) == 1


def test_the_numbers_of_an_order_desk_are_for_who_may_read_requests(world, as_user, monkeypatch):
	without_right(monkeypatch, "Sales Order Request", "read")
	as_user("manager")
	assert set(api.get_documents_of_number("", "open", world.company)) >= {"total", "documents"}
	with refused(frappe.PermissionError):
		api.get_documents_of_number("order_desk", "waiting", world.company)
