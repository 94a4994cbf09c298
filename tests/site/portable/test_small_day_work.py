"""What is done from the list of a day: forwarded, finished, moved; what becomes of links to what was deleted."""

import frappe
import pytest
from frappe.utils import add_days, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline.activities import reminders
from crm_pipeline.chain import reference
from crm_pipeline.my_day import day, day_actions
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_same_ones import prospect
from tests.site.portable.test_small_agreements import requested
from tests.site.world import history, refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
ACTIVITY, TASK = "Sales Activity", "ToDo"


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def activity(**values):
	planned = {"starts_on": add_days(now_datetime(), 1), "status": "Planned", "way": "Phone"}
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", **planned, **values}).insert()


def task(**values):
	values = {"description": "Send it", "allocated_to": frappe.session.user, "date": nowdate(), **values}
	return frappe.get_doc({"doctype": TASK, **values}).insert()


def said_of(doc) -> list[str]:
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "comment_type": "Assigned"}
	return frappe.get_all("Comment", filters=about, pluck="content", order_by="creation asc")


def bells(user: str, doc) -> list[str]:
	about = {"for_user": user, "document_name": doc.name}
	return frappe.get_all("Notification Log", filters=about, pluck="subject", order_by="creation asc")


# ---- forwarded


def test_an_activity_goes_to_somebody_else_with_a_line_and_a_bell(world, as_user):
	as_user("Administrator")
	person = frappe.get_all("Sales Person", filters={"crm_user": OTHER}, pluck="name", order_by="name asc", limit=1)
	as_user("rep")
	doc = activity()
	day_actions.forward(doc.doctype, doc.name, OTHER, "You know <them>")
	doc.reload()
	assert (doc.sales_owner, doc.sales_person or None) == (OTHER, person[0] if person else None)
	[line] = said_of(doc)
	names = [frappe.utils.get_fullname(user) for user in (REP, OTHER)]
	assert all(name in line for name in names) and line.endswith(": You know &lt;them&gt;")
	[bell] = bells(OTHER, doc)
	assert names[0] in bell and "Call" in bell and bell.endswith(": You know &lt;them&gt;")
	day_actions.forward(doc.doctype, doc.name, OTHER, "Again")
	assert len(said_of(doc)) == 1, "who has it already is told nothing"


def test_who_takes_it_back_hears_no_bell_of_their_own(world, as_user):
	as_user("rep")
	doc = activity(sales_owner=REP)
	frappe.db.set_value(doc.doctype, doc.name, "sales_owner", OTHER)
	day_actions.forward(doc.doctype, doc.name, REP, None)
	[line] = said_of(doc)
	assert not line.endswith(": ") and bells(REP, doc) == []


def test_a_task_about_a_document_is_given_anew_and_one_about_nothing_changes_hands(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	about = task(reference_type=lead.doctype, reference_name=lead.name)
	day_actions.forward(TASK, about.name, OTHER, "Please <you>")
	assert frappe.db.get_value(TASK, about.name, ["status", "allocated_to"]) == ("Closed", REP)
	new = frappe.get_doc(TASK, {"reference_name": lead.name, "allocated_to": OTHER})
	assert (new.status, new.description, getdate(new.date)) == ("Open", "Send it<br>Please &lt;you&gt;", getdate())
	plain = task()
	day_actions.forward(TASK, plain.name, OTHER, None)
	plain.reload()
	assert (plain.status, plain.allocated_to, plain.assigned_by) == ("Open", OTHER, REP)
	assert len(said_of(plain)) == 1 and len(bells(OTHER, plain)) == 1


def test_a_deal_s_history_and_a_case_s_log_say_who_forwarded_it_and_why(sale, as_user):
	as_user("manager")
	deal, case = sale.opportunity(sales_owner=REP), sale.case(responsible=REP)
	day_actions.forward(deal.doctype, deal.name, OTHER, "Your region")
	day_actions.forward(case.doctype, case.name, OTHER, None)
	assert frappe.db.get_value(deal.doctype, deal.name, "sales_owner") == OTHER
	assert ("Owner", REP, OTHER) in history(deal.doctype, deal.name) and said_of(deal) == []
	assert (
		frappe.db.get_value("Pipeline Event", {"reference_name": deal.name, "to_value": OTHER}, "note") == "Your region"
	)
	row = case.reload().log[-1]
	assert (case.responsible, row.kind, row.to_user) == (OTHER, "Forwarded", OTHER)
	with refused(match="not a user who works here"):
		day_actions.forward(deal.doctype, deal.name, "nobody@crm-test.example", None)


# ---- done, moved


def test_what_is_done_already_stays_as_it_is_and_its_next_step_is_done_once(world, as_user):
	as_user("rep")
	doc = activity()
	day_actions.finish(ACTIVITY, doc.name, {"result": "Reached", "next_step": "Send the offer", "notes": ""})
	doc.reload()
	assert (doc.status, doc.result, doc.next_step, doc.next_step_done) == ("Done", "Reached", "Send the offer", 0)
	day_actions.finish(ACTIVITY, doc.name, {"result": "Not reached"})
	assert doc.reload().result == "Reached"
	day_actions.finish(ACTIVITY, doc.name, {})
	assert doc.reload().next_step_done == 1
	off = activity(status="Cancelled")
	with refused(match="can't be marked as done here"):
		day_actions.finish(ACTIVITY, off.name, {})
	plain = task()
	day_actions.finish(TASK, plain.name, {})
	assert frappe.db.get_value(TASK, plain.name, "status") == "Closed"


def test_what_waits_is_put_off_to_another_day_and_not_to_one_that_has_passed(sale, as_user):
	as_user("rep")
	later = getdate(add_days(nowdate(), 4))
	with refused(match="today or a later day"):
		day_actions.move(TASK, task().name, getdate(add_days(nowdate(), -1)))
	doc, plain, lead = activity(), task(), sale.lead()
	starts = get_datetime(doc.starts_on)
	day_actions.move(ACTIVITY, doc.name, later)
	doc.reload()
	assert get_datetime(doc.starts_on) == starts.replace(year=later.year, month=later.month, day=later.day)
	assert get_datetime(doc.due_on) >= get_datetime(doc.starts_on)
	day_actions.move(TASK, plain.name, later)
	day_actions.move(lead.doctype, lead.name, later)
	assert getdate(frappe.db.get_value(TASK, plain.name, "date")) == later
	assert getdate(frappe.db.get_value(lead.doctype, lead.name, "follow_up_date")) == later
	done = activity(status="Done", next_step="Ring them", next_step_done=1)
	day_actions.move(ACTIVITY, done.name, later)
	done.reload()
	assert (getdate(done.next_step_date), done.next_step_done) == (later, 0)
	off = activity(status="Cancelled")
	with refused(match="is not planned any more"):
		day_actions.move(ACTIVITY, off.name, later)
	deal = sale.opportunity(next_step="Visit", next_step_date=nowdate())
	day_actions.move(deal.doctype, deal.name, later)
	assert frappe.db.get_value(deal.doctype, deal.name, ["next_step", "next_step_date"]) == ("Visit", later)
	day_actions.finish(deal.doctype, deal.name, {})
	assert not frappe.db.get_value(deal.doctype, deal.name, "next_step")


def test_a_step_of_what_was_called_off_is_not_put_off_and_what_is_done_waits_with_its_step(world, as_user):
	as_user("rep")
	later = getdate(add_days(nowdate(), 4))
	step = {"next_step": "Send the offer", "next_step_date": nowdate()}
	off, bare, done = activity(status="Cancelled", **step), activity(status="Done"), activity(status="Done", **step)
	done.db_set("next_step_done", 1)
	for doc in (off, bare):
		with refused(match="is not planned any more"):
			day_actions.move(doc.doctype, doc.name, later)
		assert getdate(frappe.db.get_value(ACTIVITY, doc.name, "next_step_date") or nowdate()) == getdate()
	starts = get_datetime(done.starts_on)
	day_actions.move(done.doctype, done.name, later)
	done.reload()
	assert (getdate(done.next_step_date), done.next_step_done, done.status) == (later, 0, "Done")
	assert get_datetime(done.starts_on) == starts, "what was done was done when it was"


def test_the_worst_comes_first_and_what_has_no_day_last():
	rows = [
		{"key": "none", "at": None}, {"key": "late", "at": "2026-01-01"}, {"key": "later", "at": "2026-02-01"},
		{"key": "hot", "at": None, "score": 40}, {"key": "stalled", "at": None, "stalled_score": 7},
		{"key": "hotter", "at": "2026-05-01", "score": 50},
	]  # fmt: skip
	assert [row["key"] for row in sorted(rows, key=day._worst_first)] == [
		"stalled", "hotter", "hot", "late", "later", "none"
	]  # fmt: skip


def test_what_has_no_day_hides_nothing_that_is_late(world, as_user, monkeypatch):
	as_user("rep")
	monkeypatch.setattr(day, "SHOWN", 3)
	for number in range(5):
		task(description=f"Some day {number}").db_set("date", None)
	late = [task(date=add_days(nowdate(), -days)).name for days in (1, 2)]
	[found] = [section for section in day.of()["sections"] if section["key"] == "tasks"]
	assert [row.name for row in found["rows"]][:2] == late[::-1] and found["rows"][2].at is None
	assert (len(found["rows"]), found["count"]) == (3, 7)


# ---- links that lead to nothing any more


def test_an_activity_about_what_was_deleted_can_be_saved_and_is_about_nothing(sale, world, as_user):
	as_user("rep")
	about = prospect(world, f"Gone {world.tag}")
	doc = activity(reference_doctype=about.doctype, reference_name=about.name, people=[{"colleague": OTHER}])
	assert doc.prospect == about.name
	frappe.db.delete(about.doctype, {"name": about.name})
	frappe.clear_document_cache(about.doctype, about.name)
	doc.reload()
	doc.subject = "Called all the same"
	doc.save()
	doc.reload()
	assert (doc.subject, doc.reference_doctype, doc.reference_name, doc.prospect) == (
		"Called all the same", None, None, None
	)  # fmt: skip
	assert [row.colleague for row in doc.people] == [OTHER]


def test_a_link_that_somebody_typed_wrong_is_refused_as_ever(sale, world, as_user):
	as_user("rep")
	lead = sale.lead()
	doc = activity(reference_doctype=lead.doctype, reference_name=lead.name)
	doc.reference_name = "LEAD-NOWHERE"
	with pytest.raises((frappe.LinkValidationError, frappe.DoesNotExistError, frappe.PermissionError)):
		doc.save()
	assert not reference.leave_deleted(frappe.get_doc(ACTIVITY, doc.name)), "what is there stays"
	with refused(frappe.LinkValidationError):
		activity(prospect="PROS-NOWHERE")


def test_document_type_and_document_belong_together(sale, as_user):
	as_user("rep")
	with refused(match="fill both or none"):
		activity(reference_doctype="Sales Lead")


# ---- reminders by mail


def test_a_reminder_by_mail_names_what_when_and_where(world, as_user, monkeypatch):
	as_user("rep")
	sent = []
	monkeypatch.setitem(vars(frappe), "sendmail", lambda **mail: sent.append(mail))
	doc = activity(subject="Visit & stay", place="Pier & 3")
	user = frappe._dict(email="rep@crm-test.example", language="en")
	reminders._mail(doc, user, "<b>Reminder</b>: Visit")
	[mail] = sent
	assert (mail["recipients"], mail["subject"]) == (["rep@crm-test.example"], "Reminder: Visit")
	assert (mail["reference_doctype"], mail["reference_name"]) == (ACTIVITY, doc.name)
	assert "<p><b>Reminder</b>: Visit</p><p>Pier &amp; 3</p>" in mail["message"]
	assert "Visit &amp; stay</a>" in mail["message"] and f"/{doc.name}" in mail["message"]
	reminders._mail(activity(), user, "Reminder")
	assert sent[1]["message"].startswith("<p>Reminder</p><p><a href=")


def test_a_mail_that_can_not_be_built_leaves_the_bell(world, as_user, monkeypatch):
	as_user("rep")
	doc = activity()

	def without_account(**mail):
		frappe.db.set_value(ACTIVITY, doc.name, "notes", "half")
		raise frappe.ValidationError("no account")

	monkeypatch.setitem(vars(frappe), "sendmail", without_account)
	reminders._mail(doc, frappe._dict(email="x@y.example"), "Reminder")
	assert not frappe.db.get_value(ACTIVITY, doc.name, "notes")


# ---- requests that came back, and what is asked of somebody


def test_a_request_that_came_back_waits_for_its_owner_until_it_is_sent_again(sale, as_user):
	as_user("rep")
	older, newer, again = (requested(sale) for _n in range(3))
	as_user("other_rep")
	theirs = requested(sale)
	as_user("Administrator")
	for place, doc in enumerate((newer, older, again, theirs)):
		returned = {"status": "Returned", "docstatus": 2, "return_reason": f"Why {place}"}
		returned["returned_on"] = add_days(now_datetime(), -place)
		frappe.db.set_value(doc.doctype, doc.name, returned)
	as_user("rep")
	requested(sale, amended_from=again.name)

	def waiting(user: str) -> list[tuple]:
		sections = {section["key"]: section for section in day.of(user)["sections"]}
		parts = [part for part in sections.get("waiting", {"parts": []})["parts"] if part["label"] == "Returned"]
		rows = [row for row in sections.get("waiting", {"rows": []})["rows"] if row.text.startswith("Why")]
		for part in parts:
			listed = frappe.get_list(part["doctype"], filters=part["filters"], pluck="name", order_by="name asc")
			assert len(listed) == part["count"] == len(rows)
		return [(row.name, row.text, row.is_late) for row in rows]

	assert waiting(REP) == [(older.name, "Why 1", False), (newer.name, "Why 0", False)]
	frappe.db.set_value(older.source_type, older.source_name, "status", "Lost")
	assert waiting(REP) == [(newer.name, "Why 0", False)]
	as_user("other_rep")
	assert waiting(OTHER) == [(theirs.name, "Why 3", False)]
	as_user("manager")
	assert waiting(MANAGER) == []


def test_who_may_not_read_requests_has_none_that_came_back(site, as_user, monkeypatch):
	whose = day.Whose.of(as_user("stranger"))
	assert day._returned(whose) == []


def test_what_is_done_by_logging_something_is_a_next_step_that_the_user_may_change(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(next_step="Call", next_step_date=nowdate())
	assert day_actions.to_finish(deal.doctype, deal.name) == (deal.doctype, deal.name)
	for nothing in ((None, None), (deal.doctype, None), (None, deal.name), ("", "")):
		assert day_actions.to_finish(*nothing) is None
	with refused(match="Customer.* has no next step"):
		day_actions.to_finish("Customer", sale.world.customer)
	as_user("stranger")
	with refused(frappe.PermissionError):
		day_actions.to_finish(deal.doctype, deal.name)


def test_somebody_is_asked_by_a_task_and_nobody_who_does_not_work_here(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	day_actions.assign(deal.doctype, deal.name, MANAGER, "See <b>it</b>", getdate(add_days(nowdate(), 3)))
	[found] = frappe.get_all(
		TASK,
		filters={"reference_type": deal.doctype, "reference_name": deal.name},
		fields=["allocated_to", "description", "date", "assigned_by"],
		order_by="name asc",
	)
	assert (found.allocated_to, found.assigned_by, found.date) == (MANAGER, REP, getdate(add_days(nowdate(), 3)))
	assert "See" in found.description and "<b>" not in found.description
	assert frappe.db.get_value(deal.doctype, deal.name, "sales_owner") == REP
	as_user("Administrator")
	frappe.db.set_value("User", OTHER, "enabled", 0)
	as_user("rep")
	for user in ("gone@crm-test.example", OTHER):
		with refused(match="is not a user who works here"):
			day_actions.assign(deal.doctype, deal.name, user, None, None)


def test_what_is_put_off_is_due_when_it_starts_at_the_earliest_and_a_deal_s_bare_day_is_done(sale, as_user):
	as_user("rep")
	later = getdate(add_days(nowdate(), 4))
	doc = activity()
	early = get_datetime(doc.starts_on).replace(hour=1, minute=0, second=0, microsecond=0)
	frappe.db.set_value(ACTIVITY, doc.name, {"starts_on": early.replace(hour=9), "due_on": early})
	day_actions.move(ACTIVITY, doc.name, later)
	doc.reload()
	assert get_datetime(doc.due_on) == get_datetime(doc.starts_on) and getdate(doc.starts_on) == later
	deal = sale.opportunity()
	deal.db_set({"next_step": None, "next_step_date": nowdate()})
	day_actions.finish(deal.doctype, deal.name, {})
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step_date") is None
