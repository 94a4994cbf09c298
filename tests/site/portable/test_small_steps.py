"""Small steps of a working day: times and reminders of activities, the calendar's address, help, threads, conversions."""

import importlib
from datetime import datetime

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.activities import calendar_file, feed_tokens, own_activities, reminder_choice, reminders
from crm_pipeline.chain import locks
from crm_pipeline.coaching import help_notices, help_requests, move_notices
from crm_pipeline.discussions import threads
from tests.site.portable.test_discussion import answer, start
from tests.site.portable.test_small_lead_steps import (
	ACTIVITY,
	DESK,
	MANAGER,
	OTHER,
	REP,
	activity,
	without_notices_by_mail,  # noqa: F401
)
from tests.site.rows import row
from tests.site.world import refused

HELP = "Sales Help Request"
SETTINGS = "Notification Settings"


# ---- times


@pytest.mark.parametrize(
	("values", "said"),
	[
		(
			{"starts_on": "2026-03-05 10:00:00", "ends_on": "2026-03-05 09:59:00"},
			"Ends On.* must not be before .*Starts On",
		),
		({"starts_on": "2026-03-05 10:00:00", "duration": 367 * 86400}, "may last a year at most"),
		({"starts_on": "9999-12-31 23:00:00", "duration": 86400}, "Starts On.* is not a date that can be used here"),
	],
)
def test_times_that_can_not_be_are_refused_in_words(as_user, values, said):
	as_user("rep")
	with refused(match=said):
		activity(**values)


def test_who_was_reminded_is_reminded_again_of_another_time_only(as_user):
	as_user("rep")
	at = add_to_date(now_datetime().replace(microsecond=0), hours=5)
	doc = activity(starts_on=at, status="Planned", remind="1 Hour Before")
	assert doc.remind_at == add_to_date(at, hours=-1)
	frappe.db.set_value(ACTIVITY, doc.name, "reminded_on", now_datetime())
	doc.reload()
	doc.subject = "Ring Tom"
	doc.save()
	assert doc.reminded_on
	doc.remind = "2 Hours Before"
	doc.save()
	assert (doc.remind_at, doc.reminded_on) == (add_to_date(at, hours=-2), None)
	doc.status = "Done"
	doc.save()
	assert doc.remind_at is None


def test_the_usual_reminder_is_one_s_own_else_that_of_the_site(as_user):
	as_user("rep")
	frappe.db.set_single_value("CRM Pipeline Settings", "remind_before", "1 Hour Before")
	frappe.db.set_value(SETTINGS, REP, "crm_remind_before", "5 Minutes Before")
	frappe.db.set_value(SETTINGS, OTHER, "crm_remind_before", None)
	usual = reminder_choice.usual_of
	assert (usual(REP), usual(OTHER), usual(None)) == ("5 Minutes Before", "1 Hour Before", "1 Hour Before")
	at = add_to_date(now_datetime().replace(microsecond=0), hours=5)
	assert activity(starts_on=at, status="Planned").remind_at == add_to_date(at, minutes=-5)
	assert activity(starts_on=at, status="Cancelled").remind_at is None


def test_what_somebody_switched_off_they_do_not_get(site):
	def wants(**values) -> tuple:
		frappe.db.set_value(
			SETTINGS, REP, {"enabled": 1, "enable_email_notifications": 1, "crm_remind_by_email": 1, **values}
		)
		return reminder_choice.wants_notice(REP), reminder_choice.wants_mail(REP)

	assert wants() == (True, True) and wants(enabled=0) == (False, False)
	assert wants(enable_email_notifications=0) == wants(crm_remind_by_email=0) == (True, False)
	for ask in (reminder_choice.wants_notice, reminder_choice.wants_mail):
		assert ask("nobody@nowhere.example") is True


def test_one_that_is_gone_or_was_done_meanwhile_is_not_reminded_of(as_user):
	as_user("rep")
	assert reminders.remind("Nobody") is False
	doc = activity(status="Planned", starts_on=add_to_date(now_datetime(), minutes=10))
	soon = {"remind_at": add_to_date(now_datetime(), minutes=-1), "reminded_on": None, "status": "Planned"}
	for values in (
		{"status": "Done"}, {"reminded_on": now_datetime()}, {"remind_at": None},
		{"remind_at": add_to_date(now_datetime(), minutes=5)},
	):  # fmt: skip
		frappe.db.set_value(ACTIVITY, doc.name, {**soon, **values})
		assert reminders.remind(doc.name) is False, values
	frappe.db.set_value(ACTIVITY, doc.name, soon)
	assert doc.name in [name for (name,) in reminders.waiting()]
	assert reminders.remind(doc.name) is True and frappe.db.get_value(ACTIVITY, doc.name, "reminded_on")
	assert doc.name not in [name for (name,) in reminders.waiting()]


def test_what_was_due_long_ago_or_is_over_does_not_wait(site):
	now = now_datetime().replace(microsecond=0)

	def waits(**values) -> bool:
		fixed = {"status": "Planned", "remind_at": add_to_date(now, minutes=-1), "due_on": now, "docstatus": 0}
		name = row(ACTIVITY, subject="Call", **{**fixed, **values})
		return name in [found for (found,) in reminders.waiting()]

	assert waits() and waits(due_on=add_to_date(now, hours=-23))
	assert not waits(due_on=add_to_date(now, hours=-25)) and not waits(status="Done")
	assert not waits(remind_at=add_to_date(now, minutes=2)) and not waits(reminded_on=now)


def test_the_mail_of_a_reminder_says_what_and_where_and_links_to_it(as_user, monkeypatch):
	sent = []
	monkeypatch.setitem(vars(frappe), "sendmail", lambda **mail: sent.append(mail))
	as_user("rep")
	doc = activity(subject="Ring <b>Ann</b>", place="Quay <3>")
	reminders._mail(doc, frappe._dict(email="ann@quay.example"), "Reminder: <strong>Ring</strong>")
	[mail] = sent
	assert (mail["recipients"], mail["subject"]) == (["ann@quay.example"], "Reminder: Ring")
	assert (mail["reference_doctype"], mail["reference_name"]) == (ACTIVITY, doc.name)
	assert "<p>Quay &lt;3&gt;</p>" in mail["message"] and "Ring &lt;b&gt;Ann" in mail["message"]
	assert doc.name in mail["message"]

	def fails(**mail):
		raise RuntimeError("no account")

	monkeypatch.setitem(vars(frappe), "sendmail", fails)
	assert reminders._mail(doc, frappe._dict(email="ann@quay.example"), "Reminder") is None


# ---- own activities, the calendar's address


def test_an_activity_is_told_with_whose_and_about_what_unless_that_is_the_same(sale, world, as_user):
	as_user("rep")
	deal = sale.opportunity(title="Pumps for the harbour")
	lead = sale.lead()
	rows = [
		frappe._dict(name="a", reference_doctype=deal.doctype, reference_name=deal.name, customer=world.customer),
		frappe._dict(name="b", reference_doctype="Customer", reference_name=world.customer, customer=world.customer),
		frappe._dict(name="c", reference_doctype=lead.doctype, reference_name=lead.name, prospect=lead.prospect),
		frappe._dict(name="d", party_name="Somebody", reference_doctype="No Such Type", reference_name="X"),
		frappe._dict(name="e"),
	]
	found = {one.name: (one.party, one.about) for one in own_activities.named(rows)}
	assert found == {
		"a": (world.customer, "Pumps for the harbour"), "b": (world.customer, None), "c": (lead.prospect_name, lead.title),
		"d": ("Somebody", None), "e": (None, None),
	}  # fmt: skip
	as_user("stranger")
	assert own_activities.titles_of(deal.doctype, {deal.name}) == {}
	assert own_activities.readable("No Such Type", {"x"}) == set()


def test_one_s_own_activities_are_those_one_is_responsible_for_or_takes_part_in(world, as_user):
	as_user("rep")
	now = now_datetime().replace(microsecond=0)
	mine, part = activity(starts_on=add_days(now, 1)), None
	as_user("other_rep")
	part = activity(starts_on=now, people=[{"colleague": REP}])
	theirs, early = activity(starts_on=now), activity(starts_on=add_days(now, -9), people=[{"colleague": REP}])
	as_user("rep")
	found = [one.name for one in own_activities.of(REP, add_days(now, -5), add_days(now, 5), 500)]
	assert [name for name in found if name in (mine.name, part.name, theirs.name, early.name)] == [part.name, mine.name]
	as_user("stranger")
	assert own_activities.of(REP, add_days(now, -5), add_days(now, 5), 500) == []


def test_an_address_of_a_calendar_is_its_user_s_until_it_is_renewed_or_closed(as_user):
	as_user("rep")
	assert feed_tokens.state(REP) == {"active": False, "made_on": None} and feed_tokens.close(REP) is None
	first = feed_tokens.renew(REP).partition("/crm-calendar/")[2]
	path = lambda address: f"crm-calendar/{address}"  # noqa: E731
	assert feed_tokens.user_of(path(first)) == REP and feed_tokens.state(REP)["active"]
	second = feed_tokens.renew(REP).partition("/crm-calendar/")[2]
	assert feed_tokens.user_of(path(first)) is None and feed_tokens.user_of(path(second)) == REP
	assert frappe.db.count(feed_tokens.FEED, {"user": REP}) == 1
	for wrong in ("", "x", second.replace(".ics", "0.ics"), second.partition("-")[0]):
		assert feed_tokens.user_of(path(wrong)) is None
	frappe.db.set_value("User", REP, "enabled", 0)
	assert feed_tokens.user_of(path(second)) is None
	frappe.db.set_value("User", REP, "enabled", 1)
	feed_tokens.close(REP)
	assert feed_tokens.user_of(path(second)) is None and not feed_tokens.state(REP)["active"]
	assert feed_tokens.state(REP)["made_on"]


def test_of_two_users_who_become_one_an_address_stays(as_user):
	as_user("Administrator")
	for user in (REP, OTHER):
		feed_tokens.renew(user)
	feed_tokens.let_go_of(REP, DESK)
	assert frappe.db.exists(feed_tokens.FEED, {"user": REP}), "the other one has none"
	feed_tokens.let_go_of(REP, OTHER)
	assert not frappe.db.exists(feed_tokens.FEED, {"user": REP}) and frappe.db.exists(feed_tokens.FEED, {"user": OTHER})


def test_where_another_tab_made_the_address_just_now_one_begins_anew(as_user, monkeypatch):
	as_user("rep")

	class Taken:
		def insert(self, **how):
			raise frappe.DuplicateEntryError("taken")

	monkeypatch.setattr(feed_tokens.frappe, "get_doc", lambda values: Taken())
	with pytest.raises(locks.OutdatedError):
		feed_tokens._made(REP)


def test_who_may_read_no_tasks_has_none_in_their_calendar(as_user, monkeypatch):
	as_user("rep")
	frappe.get_doc(
		{"doctype": "ToDo", "allocated_to": REP, "description": "Visit", "date": nowdate(), "status": "Open"}
	).insert()
	since, until = get_datetime(add_days(nowdate(), -1)).date(), get_datetime(add_days(nowdate(), 1)).date()
	assert "Visit" in [one.description for one in calendar_file._tasks(REP, since, until)]
	monkeypatch.setattr(calendar_file.frappe, "has_permission", lambda *asked, **how: False)
	assert calendar_file._tasks(REP, since, until) == []


# ---- help


def ask(deal, wanted="Price", question="May I give <5>?"):
	return frappe.get_doc(HELP, api.ask_for_help(deal.doctype, deal.name, wanted, question)["name"])


def tasks(doc) -> list[tuple]:
	return frappe.get_all(
		"ToDo",
		filters={"reference_name": doc.name},
		fields=["allocated_to", "status"],
		order_by="creation asc",
		as_list=True,
	)


def test_a_question_is_a_task_of_each_who_is_asked_once_and_of_their_deputy(sale, as_user):
	as_user("Administrator")
	frappe.get_doc(
		{"doctype": "Sales Absence", "user": MANAGER, "deputy": DESK, "from_date": nowdate(), "to_date": nowdate()}
	).insert()
	as_user("rep")
	doc = ask(sale.opportunity())
	doc.db_set("manager", MANAGER)
	for _twice in range(2):
		help_notices.send(doc.name)
	assert sorted(tuple(task) for task in tasks(doc)) == sorted([(MANAGER, "Open"), (DESK, "Open")])
	text, by = frappe.db.get_value("ToDo", {"reference_name": doc.name}, ["description", "assigned_by"])
	assert "May I give &lt;5&gt;?" in text and by == REP
	frappe.db.delete("ToDo", {"reference_name": doc.name, "allocated_to": DESK})
	help_notices.send(doc.name)
	assert sorted(task[0] for task in tasks(doc)) == sorted([MANAGER, DESK]), "who has it already is not asked again"
	assert help_notices.send("Nobody") is None


def test_who_asks_is_given_no_task_of_their_own_question(sale, as_user):
	as_user("manager")
	doc = ask(sale.opportunity()) if help_requests.managers_for(sale.opportunity(), MANAGER) else None
	if doc:
		doc.db_set("manager", MANAGER)
		help_notices.send(doc.name)
		assert not tasks(doc)


def test_an_answer_is_told_to_who_asked_and_to_whose_the_deal_is(sale, as_user):
	as_user("rep")
	doc = ask(sale.opportunity())
	frappe.db.set_value(doc.reference_doctype, doc.reference_name, "sales_owner", OTHER)
	as_user("manager")
	api.answer_help(doc.name, "Give <3>")
	help_notices.send(doc.name)
	found = frappe.get_all(
		"Notification Log",
		filters={"document_name": doc.reference_name, "from_user": MANAGER},
		fields=["for_user", "type", "document_type", "subject", "email_content"],
		order_by="for_user asc",
	)
	assert sorted(one.for_user for one in found) == sorted([REP, OTHER])
	assert {(one.type, one.document_type, one.email_content) for one in found} == {
		("Alert", doc.reference_doctype, "Give &lt;3&gt;")
	}
	assert all("answered your question about" in one.subject and doc.deal_title in one.subject for one in found)


def test_a_question_that_was_answered_is_changed_no_more_and_who_asked_may_mend_it_before(sale, as_user):
	as_user("rep")
	doc = ask(sale.opportunity())
	doc.reload()
	doc.question = "May I give six?"
	doc.save()
	assert doc.status == "Open"
	as_user("manager")
	doc.reload()
	doc.question = "Something else"
	with refused(frappe.PermissionError, match="Only who asked may change"):
		doc.save()
	doc.reload()
	with refused(frappe.PermissionError, match="Only who asked may withdraw"):
		help_requests.withdraw(doc.name)
	answered = help_requests.answer(doc.name, "Yes")
	assert (answered.status, answered.answered_by, answered.question) == ("Answered", MANAGER, "May I give six?")
	as_user("rep")
	for change in ({"question": "x"}, {"status": "Open"}, {"answer": "No"}, {"wanted": "Advice"}):
		doc.reload()
		doc.update(change)
		with refused(match="is answered and can't be changed any more"):
			doc.save()
	doc.reload()
	doc.save()


@pytest.mark.parametrize(
	("what", "said"),
	[
		("given", "A gave you B"), ("given_more", "A gave you B and 2 more"), ("requested", "A asks the order desk for B"),
		("returned", "A returned B"), ("accepted", "A accepted B"), ("won", "A won B"), ("lost", "A lost B"),
	],
)  # fmt: skip
def test_each_move_is_told_in_its_own_words(what, said):
	assert move_notices.texts()[what].format("A", "B", 2) == said


@pytest.mark.parametrize(
	("to", "what", "kind", "people", "reason"),
	[
		("Requested", "requested", "hand_off", None, "By Friday"), ("Returned", "returned", "return", (REP, OTHER), "No price"),
		("Accepted", "accepted", "hand_off", (REP, OTHER), None), ("Cancelled", None, None, None, None),
	],
)  # fmt: skip
def test_a_hand_off_is_told_to_the_desk_or_to_sales(site, to, what, kind, people, reason):
	request = frappe._dict(doctype="Sales Order Request", sales_owner=REP, requested_by=OTHER, instructions="By Friday")
	found = move_notices.notice_of(frappe._dict(kind="Hand-off", to_value=to, note="No price"), request)
	if not what:
		assert found is None
		return
	assert (found.what, found.kind, found.reason) == (what, kind, reason)
	assert found.users == people if people else DESK in found.users and "Administrator" not in found.users


@pytest.mark.parametrize(
	("doctype", "kind", "to", "is_told"),
	[
		("Sales Lead", "Created", None, True), ("Sales Opportunity", "Created", None, True),
		("Sales Contract", "Created", None, False), ("Sales Contract", "Owner", REP, True),
		("Sales Lead", "Owner", OTHER, False), ("Sales Lead", "Owner", REP, True), ("Customer", "Owner", REP, False),
	],
)  # fmt: skip
def test_a_new_owner_is_told_of_what_was_given_to_them(doctype, kind, to, is_told):
	found = move_notices.notice_of(frappe._dict(kind=kind, to_value=to), frappe._dict(doctype=doctype, sales_owner=REP))
	assert (found and (found.kind, found.what, found.users)) == (("assignment", "given", (REP,)) if is_told else None)


# ---- threads


def test_the_answer_before_is_the_last_when_one_is_taken_back(sale, as_user):
	as_user("rep")
	doc = start()
	as_user("other_rep")
	first = answer(doc, "<p>Nobody knows</p>")
	as_user("manager")
	second = answer(doc, "<p>Somebody does</p>")
	frappe.db.set_value("Comment", first.name, "creation", "2026-01-02 10:00:00")

	def told() -> tuple:
		fields = ["answers", "last_answer_by", "last_answer_on", "list_order"]
		return tuple(frappe.db.get_value(threads.DISCUSSION, doc.name, fields))

	modified = frappe.db.get_value(threads.DISCUSSION, doc.name, "modified")
	threads.take_back(second)
	at = datetime(2026, 1, 2, 10)
	assert told()[:3] == (1, OTHER, at) and told()[3].startswith("0 2026-01-02 10:00:00")
	assert "Somebody does" not in frappe.db.get_value(threads.DISCUSSION, doc.name, "words")
	frappe.db.delete("Comment", {"name": second.name})
	frappe.db.set_value(threads.DISCUSSION, doc.name, "pinned", 1, update_modified=False)
	threads.take_back(first)
	created = frappe.db.get_value(threads.DISCUSSION, doc.name, "creation")
	assert told() == (0, None, None, f"1 {created}")
	threads.take_back(first)
	assert told()[0] == 0, "never less than none"
	assert frappe.db.get_value(threads.DISCUSSION, doc.name, "modified") == modified


def test_a_mention_that_names_nobody_is_refused_in_words(sale, as_user, monkeypatch):
	notifications = importlib.import_module("frappe.desk.notifications")

	as_user("rep")
	# What is pasted: the framework finds no user in it.
	monkeypatch.setitem(vars(notifications), "extract_mentions", lambda text: {}["data-id"])
	with refused(match="A mention in the text names nobody"):
		start(text='<p>Ask <span class="mention">@x</span></p>')
	assert threads._mentioned(None) == threads._mentioned("") == set()
