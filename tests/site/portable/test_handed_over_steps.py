# ruff: noqa: F811
"""A handover that begins, begins again and ends; whose absence somebody may change; whose task an assignment becomes."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_pipeline.handovers import handing_over, held_records
from tests.site.conftest import USERS
from tests.site.portable.test_handed_over_in_detail import (  # noqa: F401
	HANDOVER,
	ITEM,
	shared,
	without_notices_by_mail,
)
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import row
from tests.site.world import refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
DONE, REFUSED, SKIPPED, WAITING = "Done", "Refused", "Skipped", "Waiting"


@pytest.fixture
def queued(monkeypatch):
	found = []
	monkeypatch.setattr(handing_over.jobs, "queue", found.append)
	return found


def states(doc, *wanted: tuple[str, str | None]) -> None:
	for one, (state, message) in zip(doc.items, wanted, strict=True):
		frappe.db.set_value(ITEM, one.name, {"state": state, "message": message})


def stored(doc) -> frappe._dict:
	frappe.clear_document_cache(HANDOVER, doc.name)
	return frappe.get_doc(HANDOVER, doc.name)


def test_what_was_refused_is_tried_once_more_and_what_is_done_stays_done(shared, as_user, queued):
	as_user("manager")
	states(shared, (DONE, None), (REFUSED, "No right"))
	frappe.db.set_value(
		HANDOVER, shared.name, {"status": DONE, "done": 1, "refused": 1, "finished_on": now_datetime(), "owner": DESK}
	)
	handing_over.start(shared.name)
	found = stored(shared)
	assert [(one.state, one.message) for one in found.items] == [(DONE, None), (WAITING, None)]
	assert (found.status, found.refused, found.finished_on, found.running_key) == ("Running", 0, None, REP)
	assert found.started_by == MANAGER and found.started_on and queued == [handing_over.JOB]


def test_the_first_time_what_was_refused_before_it_began_is_not_tried(shared, as_user, queued):
	as_user("manager")
	states(shared, (WAITING, None), (REFUSED, "No right"))
	handing_over.start(shared.name)
	assert [(one.state, one.message) for one in stored(shared).items] == [(WAITING, None), (REFUSED, "No right")]


@pytest.mark.parametrize("wanted", [((DONE, None), (SKIPPED, None)), ((DONE, None), (DONE, None))])
def test_where_nothing_is_left_nothing_begins(shared, as_user, queued, wanted):
	as_user("manager")
	states(shared, *wanted)
	frappe.db.set_value(HANDOVER, shared.name, "status", DONE)
	with refused(match="nothing left to hand over"):
		handing_over.start(shared.name)
	assert queued == []


def test_a_row_without_a_receiver_and_a_draft_do_not_begin(shared, as_user, queued):
	as_user("manager")
	frappe.db.set_value(ITEM, shared.items[1].name, "to_user", None)
	with refused():
		handing_over.start(shared.name)
	frappe.db.set_value(ITEM, shared.items[1].name, "to_user", DESK)
	frappe.db.set_value(HANDOVER, shared.name, "status", "Draft")
	with refused(match="Prepare the handover first"):
		handing_over.start(shared.name)
	assert queued == []


def test_a_receiver_who_left_meanwhile_gets_nothing_and_it_does_not_begin(shared, as_user, queued):
	as_user("Administrator")
	frappe.db.set_value("User", OTHER, "enabled", 0)
	frappe.clear_document_cache("User", OTHER)
	as_user("manager")
	with refused():
		handing_over.start(shared.name)
	frappe.db.set_value("User", OTHER, "enabled", 1)
	frappe.clear_document_cache("User", OTHER)
	assert queued == [] and stored(shared).status != "Running"


def test_who_may_not_change_a_handover_does_not_begin_it(shared, as_user, queued):
	as_user("other_rep")
	with refused(frappe.PermissionError):
		handing_over.start(shared.name)
	assert queued == []


@pytest.fixture
def ended(shared, monkeypatch):
	"""ended(states) is the stored handover after its end, and the mails that were noted."""
	row(ITEM, parent="Another", parenttype=HANDOVER, parentfield="items", state=DONE, to_user=OTHER)
	row(ITEM, parent="Another", parenttype=HANDOVER, parentfield="items", state=REFUSED, to_user=OTHER)
	noted = []
	monkeypatch.setattr(handing_over.pending, "note", lambda *about, **how: noted.append((about, how)))

	def end(*wanted, status: str = "Running"):
		noted.clear()
		states(shared, *((state, None) for state in wanted))
		running = {"status": status, "running_key": REP, "done": 9, "refused": 9, "finished_on": None}
		frappe.db.set_value(HANDOVER, shared.name, running)
		did = handing_over._finish(shared.name)
		return did, stored(shared), list(noted)

	return end


def test_a_handover_ends_with_its_own_counts_and_another_may_begin(ended, monkeypatch):
	locked, lock = [], handing_over.locks.lock
	monkeypatch.setattr(handing_over.locks, "lock", lambda *rows: locked.append(rows) or lock(*rows))
	did, found, noted = ended(DONE, REFUSED)
	assert locked[0] == ((HANDOVER, found.name),), "two workers end it once"
	assert did and (found.status, found.done, found.refused, found.running_key) == (DONE, 1, 1, None)
	assert found.finished_on
	assert noted == [((HANDOVER, found.name, handing_over.pending.HANDOVER), {"handover": found.name})]
	did, found, noted = ended(REFUSED, SKIPPED)
	assert did and (found.done, found.refused) == (0, 1) and noted == [], "nobody got anything"


@pytest.mark.parametrize("how", [{"wanted": (DONE, WAITING)}, {"wanted": (DONE, DONE), "status": DONE}])
def test_a_handover_in_which_something_waits_or_that_does_not_run_does_not_end(ended, how):
	did, found, noted = ended(*how["wanted"], status=how.get("status", "Running"))
	assert (did, found.finished_on, found.running_key, noted) == (False, None, REP, [])


def test_how_far_a_handover_has_come_counts_all_of_its_rows(shared):
	tell = lambda: handing_over.progress(shared.name)  # noqa: E731
	states(shared, (SKIPPED, None), (REFUSED, None))
	status = frappe.db.get_value(HANDOVER, shared.name, "status")
	assert tell() == {"status": status, "total": 2, "waiting": 0, "done": 0, "refused": 1, "skipped": 1}
	states(shared, (WAITING, None), (DONE, None))
	assert tell() == {"status": status, "total": 2, "waiting": 1, "done": 1, "refused": 0, "skipped": 0}


# ---- assignments


def task(lead, user: str, **values):
	fixed = {"doctype": "ToDo", "description": "Ring them", "allocated_to": user, "reference_type": lead.doctype}
	return frappe.get_doc({**fixed, "reference_name": lead.name, **values}).insert(ignore_permissions=True)


def test_a_task_goes_to_the_receiver_from_who_hands_over_unless_they_have_an_open_one(sale, as_user):
	as_user("rep")
	lead, second = sale.lead(), sale.lead(prospect_name="Another", email_id="", phone="")
	closed = task(lead, OTHER, status="Closed")
	mine, theirs, twin = task(lead, REP), task(second, OTHER), task(second, REP)
	as_user("manager")
	told_of = []
	for doc in (mine, twin):
		doc = frappe.get_doc("ToDo", doc.name)
		# Whose names stand on the document is the framework's business, by what is stored.
		doc.update_in_reference = lambda doc=doc: told_of.append(frappe.db.get_value("ToDo", doc.name, "allocated_to"))
		held_records._of_assignment(doc, REP, OTHER)
	told = {
		key: tuple(frappe.db.get_value("ToDo", doc.name, ["allocated_to", "status", "assigned_by"]))
		for key, doc in {"mine": mine, "theirs": theirs, "twin": twin, "closed": closed}.items()
	}
	assert told["mine"] == (OTHER, "Open", MANAGER), "a closed task is none"
	assert told["twin"][:2] == (REP, "Cancelled") and told["theirs"][:2] == (OTHER, "Open")
	assert told_of == [OTHER, REP]


def test_a_task_about_what_somebody_may_not_read_is_not_theirs_to_hand_over(sale, as_user):
	as_user("other_rep")
	lead = sale.lead(sales_owner=OTHER)
	doc = task(lead, OTHER)
	set_apart()
	as_user("rep")
	with refused(frappe.PermissionError):
		held_records._of_assignment(frappe.get_doc("ToDo", doc.name), OTHER, REP)


# ---- absence


def absence(user: str, first: int, last: int, deputy: str = DESK):
	days = {"from_date": add_days(nowdate(), first), "to_date": add_days(nowdate(), last)}
	return frappe.get_doc({"doctype": "Sales Absence", "user": user, "deputy": deputy, **days})


def test_nobody_takes_over_an_absence_of_somebody_else_by_writing_their_own_name_into_it(site, as_user):
	as_user("other_rep")
	theirs = absence(OTHER, 5, 6).insert()
	as_user("rep")
	doc = frappe.get_doc("Sales Absence", theirs.name)
	doc.user = REP
	with refused(frappe.PermissionError, match="absences of your own only"):
		doc.save(ignore_permissions=True)
	with refused(frappe.PermissionError):
		absence(OTHER, 20, 21).insert(ignore_permissions=True)
	as_user("other_rep")
	mine = frappe.get_doc("Sales Absence", theirs.name)
	mine.user = REP
	with refused(frappe.PermissionError, match="absences of your own only"):
		mine.save(ignore_permissions=True)


def test_an_absence_may_be_of_one_day_and_its_deputy_is_a_colleague_and_somebody_else(site, as_user):
	as_user("rep")
	assert absence(REP, 30, 30).insert().name
	with refused(match="is before the first day"):
		absence(REP, 41, 40).insert()
	with refused(match="choose somebody else"):
		absence(REP, 50, 50, deputy=REP).insert()
	frappe.db.set_value("User", DESK, "enabled", 0)
	frappe.clear_document_cache("User", DESK)
	with refused(match="disabled or does not exist"):
		absence(REP, 60, 60).insert()
	frappe.db.set_value("User", DESK, "enabled", 1)
	frappe.clear_document_cache("User", DESK)
