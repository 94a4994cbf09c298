"""What is handed over one by one: agreed steps, questions, tasks; who is told, and what is said of what was not."""

import frappe
import pytest
from frappe.utils import add_days, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.handovers import handing_over, handover_notices, held_records
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_handovers import done, handover, owner_of, prepared, run
from tests.site.world import history, refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
HANDOVER, ITEM = "Sales Handover", "Sales Handover Item"


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)
	for user in (REP, OTHER, MANAGER, DESK):
		frappe.db.set_value("Notification Settings", user, "crm_notify_assignment", 1)


def only(*kinds: str) -> dict:
	"""A handover of these kinds of records alone."""
	fields = [df.fieldname for df in frappe.get_meta(HANDOVER).fields if df.fieldtype == "Check"]
	return {field: int(field in kinds) for field in fields}


def bells(user: str, name: str) -> list[str]:
	about = {"for_user": user, "document_type": HANDOVER, "document_name": name}
	return frappe.get_all("Notification Log", filters=about, pluck="subject", order_by="creation asc")


def test_an_agreed_step_is_planned_for_the_other_one_and_what_was_done_stays(sale, as_user):
	as_user("rep")
	lead = sale.lead(sales_owner=REP)
	values = {"subject": "Visit", "reference_doctype": lead.doctype, "reference_name": lead.name, "status": "Done"}
	visit = frappe.get_doc(
		{"doctype": "Sales Activity", **values, "next_step": "Send the offer", "next_step_date": add_days(nowdate(), 3), "starts_on": now_datetime()}
	).insert()  # fmt: skip
	as_user("manager")
	kind = next(kind for kind in held_records.KINDS if isinstance(kind, held_records._NextSteps))
	assert kind.is_held_by(visit, REP) and not kind.is_held_by(visit, OTHER)
	step = kind.give(visit, REP, OTHER)
	assert (step.subject, step.sales_owner, step.status) == ("Send the offer", OTHER, "Planned")
	assert get_datetime(step.starts_on).date() == getdate(add_days(nowdate(), 3))
	assert (step.reference_doctype, step.reference_name) == (lead.doctype, lead.name)
	visit.reload()
	assert (visit.sales_owner, visit.next_step_done, visit.status) == (REP, 1, "Done")
	assert ("Owner", REP, OTHER) in history(step.doctype, step.name)
	assert not kind.is_held_by(visit, REP), "it was answered"


def test_a_step_without_a_day_is_planned_for_today(sale, as_user):
	as_user("rep")
	lead = sale.lead(sales_owner=REP)
	visit = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Visit", "reference_doctype": lead.doctype, "reference_name": lead.name,
		"status": "Done", "next_step": "Ring them", "starts_on": now_datetime()}
	).insert()  # fmt: skip
	visit.db_set("next_step_date", None)
	step = held_records._by_next_step(visit, REP, OTHER)
	assert get_datetime(step.starts_on).date() == getdate()
	as_user("stranger")
	with refused(frappe.PermissionError):
		held_records._by_next_step(visit, REP, OTHER)


def test_a_lead_goes_with_its_person_and_a_row_of_its_history(sale, as_user):
	as_user("rep")
	mine, both = sale.lead(sales_owner=REP), sale.case(responsible=REP, sales_owner=MANAGER)
	as_user("manager")
	held_records._by_save(both, REP, OTHER)
	both.reload()
	assert (both.responsible, both.sales_owner) == (OTHER, MANAGER)
	assert ("Owner", REP, OTHER) in history(both.doctype, both.name)
	doc = done(prepared(OTHER, **only("with_leads")))
	assert owner_of(mine) == OTHER and (doc.done, doc.refused, doc.status) == (1, 0, "Done")
	assert ("Owner", REP, OTHER) in history(mine.doctype, mine.name)


def test_new_owners_are_told_once_of_all_they_got(sale, as_user):
	as_user("rep")
	for name in ("One", "Two", "Three"):
		sale.lead(sales_owner=REP, prospect_name=f"{name} {sale.world.tag}", email_id=None, phone=None)
	as_user("manager")
	doc = prepared(OTHER, **only("with_leads"))
	doc.items[0].to_user = DESK
	doc.save()
	done(doc)
	handover_notices.send(doc.name)
	names = [frappe.utils.get_fullname(user) for user in (MANAGER, REP)]
	[several], [one] = bells(OTHER, doc.name), bells(DESK, doc.name)
	assert "2 records of" in several and "a record of" in one
	assert all(name in said for name in names for said in (several, one))
	assert handover_notices.send("nothing") is None


def test_who_started_it_and_who_wants_no_notices_are_not_told(sale, as_user):
	as_user("rep")
	sale.lead(sales_owner=REP)
	as_user("manager")
	doc = done(prepared(MANAGER, **only("with_leads")))
	handover_notices.send(doc.name)
	assert bells(MANAGER, doc.name) == []
	frappe.db.set_value(HANDOVER, doc.name, "started_by", OTHER)
	frappe.db.set_value(ITEM, {"parent": doc.name}, "state", "Refused")
	handover_notices.send(doc.name)
	assert bells(MANAGER, doc.name) == [], "what was refused was not given"
	frappe.db.set_value(ITEM, {"parent": doc.name}, "state", "Done")
	frappe.db.set_value("Notification Settings", MANAGER, "crm_notify_assignment", 0)
	handover_notices.send(doc.name)
	assert bells(MANAGER, doc.name) == [], "who switched them off gets none"
	frappe.db.set_value("Notification Settings", MANAGER, "crm_notify_assignment", 1)
	handover_notices.send(doc.name)
	assert len(bells(MANAGER, doc.name)) == 1


def test_what_changed_meanwhile_is_passed_over_and_what_can_not_be_given_says_why(sale, as_user):
	as_user("rep")
	docs = [
		sale.lead(sales_owner=REP, prospect_name=f"{name} {sale.world.tag}", email_id=None, phone=None)
		for name in ("Gone", "Theirs", "Mine")
	]
	as_user("manager")
	doc = prepared(OTHER, **only("with_leads"))
	frappe.delete_doc("Sales Lead", docs[0].name)
	frappe.db.set_value("Sales Lead", docs[1].name, "sales_owner", MANAGER)
	api.start_handover(doc.name)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	run()
	frappe.db.set_value("User", OTHER, "enabled", 1)
	doc.reload()
	rows = {row.document: (row.state, row.message or "") for row in doc.items}
	assert rows[docs[0].name] == ("Skipped", "It was deleted")
	assert rows[docs[1].name] == ("Skipped", "It belongs to somebody else by now")
	assert rows[docs[2].name][0] == "Refused" and "disabled" in rows[docs[2].name][1]
	found = api.get_handover_progress(doc.name)
	assert found == {"status": "Done", "total": 3, "waiting": 0, "done": 0, "refused": 1, "skipped": 2}
	api.start_handover(doc.name)
	assert frappe.db.get_value(HANDOVER, doc.name, ["status", "refused"]) == ("Running", 0)
	run()
	doc.reload()
	assert owner_of(docs[2]) == OTHER and (doc.done, doc.refused) == (1, 0)
	with refused(match="nothing left to hand over"):
		api.start_handover(doc.name)


def test_nothing_is_started_that_was_not_prepared_or_has_nobody(sale, as_user):
	as_user("rep")
	sale.lead(sales_owner=REP)
	as_user("manager")
	with refused(match="Prepare the handover first"):
		api.start_handover(handover(OTHER, **only("with_leads")).name)
	doc = prepared(OTHER, **only("with_leads"))
	frappe.db.set_value(ITEM, doc.items[0].name, "to_user", None)
	with refused(match="row 1: choose who takes it over"):
		api.start_handover(doc.name)


def test_a_record_is_handed_over_as_who_started_it_and_once(sale, as_user):
	as_user("rep")
	mine = sale.lead(sales_owner=REP)
	as_user("manager")
	doc = prepared(OTHER, **only("with_leads"))
	api.start_handover(doc.name)
	as_user("Administrator")
	[(name, row), end] = handing_over.to_do()
	assert (name, end) == (doc.name, (doc.name, ""))
	assert not handing_over.do(*end), "something waits still"
	assert handing_over.do(name, row) and frappe.session.user == "Administrator"
	assert (
		frappe.db.get_value("Pipeline Event", {"reference_name": mine.name, "kind": "Owner", "to_value": OTHER}, "by")
		== MANAGER
	)
	assert not handing_over.do(name, row) and not handing_over.do(name, "nothing")
	assert handing_over.do(*end) and not handing_over.do(*end)


def test_a_task_is_where_the_document_is_that_it_is_about(sale, world, as_user):
	as_user("rep")
	place = frappe.db.get_value("Territory", {"is_group": 0}, "name", order_by="name asc")
	lead = sale.lead(territory=place)
	found = handing_over._place_of(lead.doctype, lead.name)
	assert (found["territory"], found["prospect"]) == (place, lead.prospect or None)
	assert handing_over._place_of("Customer", world.customer) == {"customer": world.customer}
	assert handing_over._place_of("Sales Lead", "nothing") == {}
	assert handing_over._place_of("Pool Movement", "nothing") == {}


def test_who_only_takes_over_does_not_start_a_handover(sale, as_user):
	as_user("Administrator")
	lead = sale.lead(sales_owner=REP)
	doc = prepared(OTHER, **only("with_leads"))
	for who in ("other_rep", "rep"):
		as_user(who)
		assert frappe.has_permission(HANDOVER, "read", doc=doc.name), who
		for start in (api.start_handover, handing_over.start):
			with refused(frappe.PermissionError):
				start(doc.name)
	assert frappe.db.get_value(HANDOVER, doc.name, "status") == "Prepared"
	as_user("manager")
	handing_over.start(doc.name)
	assert (frappe.db.get_value(HANDOVER, doc.name, "status"), owner_of(lead)) == ("Running", REP)
