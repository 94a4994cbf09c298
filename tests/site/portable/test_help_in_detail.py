"""Help from the manager in detail: who is asked and told, in whose place, and until when."""

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.coaching import help_notices, help_requests, move_notices
from crm_pipeline.parties import absences
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
HELP = "Sales Help Request"


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def ask(deal, question="May I give five per cent?"):
	return frappe.get_doc(HELP, api.ask_for_help(deal.doctype, deal.name, "Price", question)["name"])


def tasks(doc) -> dict[str, str]:
	"""{user: state of the task}"""
	found = frappe.get_all(
		"ToDo",
		filters={"reference_type": HELP, "reference_name": doc.name},
		fields=["allocated_to", "status"],
		order_by="name asc",
	)
	return {row.allocated_to: row.status for row in found}


def away(user: str, deputy: str) -> None:
	rows.row("Sales Absence", docstatus=0, user=user, deputy=deputy, from_date=nowdate(), to_date=nowdate())
	absences.forget()


def test_the_task_goes_to_who_was_asked_then_even_if_others_would_be_asked_today(sale, as_user):
	as_user("rep")
	doc = ask(sale.opportunity())
	doc.db_set("manager", OTHER)
	help_notices.send(doc.name)
	assert tasks(doc) == {OTHER: "Open"}


def test_without_a_manager_every_sales_manager_who_sees_the_deal_has_the_task(sale, as_user):
	as_user("rep")
	doc = ask(sale.opportunity())
	doc.db_set("manager", None)
	help_notices.send(doc.name)
	found = tasks(doc)
	assert found[MANAGER] == "Open" and not {REP, OTHER, DESK} & set(found)


def test_a_deputy_who_asks_has_no_task_of_the_own_question(sale, as_user):
	away(MANAGER, REP)
	as_user("rep")
	doc = ask(sale.opportunity())
	doc.db_set("manager", MANAGER)
	help_notices.send(doc.name)
	assert tasks(doc) == {MANAGER: "Open"}


@pytest.mark.parametrize("ended_by", ["withdrawn", "answered"])
def test_nobody_keeps_a_task_of_a_question_that_waits_no_more(sale, as_user, ended_by):
	as_user("rep")
	deal = sale.opportunity()
	doc = ask(deal)
	doc.db_set("manager", MANAGER)
	help_notices.send(doc.name)
	assert tasks(doc) == {MANAGER: "Open"}
	if ended_by == "withdrawn":
		api.withdraw_help(doc.name)
	else:
		as_user("manager")
		api.answer_help(doc.name, "Three")
	frappe.db.delete("Notification Log", {"document_name": deal.name})
	help_notices.send(doc.name)
	assert tasks(doc) == {MANAGER: "Closed"}
	told = frappe.get_all(
		"Notification Log", filters={"document_name": deal.name}, pluck="for_user", order_by="for_user asc"
	)
	assert told == ([] if ended_by == "withdrawn" else [REP])


def test_who_leads_the_owner_and_asks_is_sent_on_to_who_is_above_them_both(sale, as_user):
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (REP, OTHER, MANAGER))}, "crm_user", None)
	edges = {"Top": (9001, 9006, MANAGER), "Lead": (9002, 9005, OTHER), "Member": (9003, 9004, REP)}
	for name, (lft, rgt, user) in edges.items():
		name = f"{name} {sale.world.tag}"
		values = {"sales_person_name": name, "lft": lft, "rgt": rgt, "crm_user": user, "enabled": 1}
		rows.row("Sales Person", name=name, docstatus=0, **values)
	as_user("rep")
	deal = sale.opportunity()
	deal.db_set({"sales_person": f"Member {sale.world.tag}", "sales_owner": REP})
	asked = {REP: ask(deal).manager}
	as_user("other_rep")
	asked[OTHER] = ask(deal).manager
	assert asked == {REP: OTHER, OTHER: MANAGER}


def test_a_new_question_is_open_asked_now_by_who_is_here_and_answered_by_nobody(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	as_user("other_rep")
	sent = {"asked_by": MANAGER, "answered_by": MANAGER, "answered_on": "2020-01-01", "asked_on": "2020-01-01"}
	sent |= {"status": "Answered", "answer": "Yes", "stage": None, "deal_title": "Another", "is_control_point": 1}
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name, "wanted": "Price", "question": "May I?"}
	doc = frappe.get_doc({"doctype": HELP, **about, **sent}).insert()
	doc.reload()
	assert (doc.asked_by, doc.status, str(doc.asked_on)[:10]) == (OTHER, "Open", nowdate())
	assert not (doc.answered_by or doc.answered_on or doc.answer or doc.is_control_point)
	assert (doc.deal_title, doc.stage, doc.company) == (deal.title, deal.stage, deal.company)
	assert (doc.customer, doc.pipeline) == (deal.customer, deal.pipeline)


@pytest.mark.parametrize("what", ["answered", "withdrawn"])
def test_who_answers_or_withdraws_waits_for_who_has_the_question_open(sale, as_user, monkeypatch, what):
	locked, usual = [], help_requests.locked_doc
	monkeypatch.setattr(help_requests, "locked_doc", lambda *row: locked.append(row) or usual(*row))
	as_user("rep")
	doc = ask(sale.opportunity())
	if what == "withdrawn":
		help_requests.withdraw(doc.name)
	else:
		as_user("manager")
		help_requests.answer(doc.name, "Three")
	assert locked == [(HELP, doc.name)]


@pytest.mark.parametrize("answer", ["", "   ", None])
def test_a_question_is_not_answered_without_words(sale, as_user, answer):
	as_user("rep")
	doc = ask(sale.opportunity())
	as_user("manager")
	with refused(frappe.MandatoryError, match="write the answer"):
		help_requests.answer(doc.name, answer)
	assert frappe.db.get_value(HELP, doc.name, "status") == "Open"


def test_nobody_asks_about_a_deal_that_they_may_not_read(sale, as_user):
	as_user("other_rep")
	hidden = sale.opportunity()
	set_apart()
	as_user("rep")
	about = {
		"reference_doctype": hidden.doctype,
		"reference_name": hidden.name,
		"wanted": "Price",
		"question": "May I?",
	}
	with refused(frappe.PermissionError):
		frappe.get_doc({"doctype": HELP, **about}).insert(ignore_permissions=True)


def test_each_reads_of_a_question_and_of_its_answer_in_their_own_language(sale, as_user, monkeypatch):
	frappe.db.set_value("User", MANAGER, "language", "de")
	frappe.db.set_value("User", REP, "language", "fr")
	monkeypatch.setattr(help_requests, "subject_of", lambda doc, language: f"in {language}")
	as_user("rep")
	doc = ask(sale.opportunity())
	doc.db_set("manager", MANAGER)
	help_notices.send(doc.name)
	assert "in de" in frappe.db.get_value("ToDo", {"reference_name": doc.name}, "description")
	as_user("manager")
	api.answer_help(doc.name, "Three")
	help_notices.send(doc.name)
	told = {"document_name": doc.reference_name, "for_user": REP, "from_user": MANAGER}
	assert frappe.db.get_value("Notification Log", told, "subject") == "in fr"
	as_user("Administrator")
	for user in (MANAGER, REP):
		frappe.db.set_value("User", user, "language", None)


@pytest.mark.parametrize(
	("together", "words"),
	[(1, "gave you Sales Opportunity Four pumps"), (2, "gave you Sales Opportunity Four pumps and 1 more"), (5, "and 4 more")],
)  # fmt: skip
def test_a_bell_says_how_many_came_together_in_the_language_of_who_hears_it(monkeypatch, together, words):
	rung, asked, usual = [], [], move_notices.texts
	monkeypatch.setattr(move_notices, "enqueue_create_notification", lambda users, notice: rung.append((users, notice)))
	monkeypatch.setattr(move_notices, "texts", lambda language: asked.append(language) or usual())
	for user, language in ((REP, "fr"), (OTHER, "de")):
		frappe.db.set_value("User", user, "language", language)
	doc = frappe._dict(doctype="Sales Opportunity", name="OPP-1", title="Four pumps")
	notice = move_notices.Notice("assignment", "given", (REP,), "Your <region>")
	move_notices._notify(REP, notice, doc, OTHER, together)
	for user in (REP, OTHER):
		frappe.db.set_value("User", user, "language", None)
	[(users, told)] = rung
	assert frappe.utils.get_fullname(OTHER) in told["subject"] and ("more" in told["subject"]) == (together > 1)
	assert (users, asked, told["from_user"]) == ([REP], ["fr"], OTHER)
	assert words in told["subject"].replace("<strong>", "").replace("</strong>", "").replace("<b>", "").replace(
		"</b>", ""
	)
	assert told["subject"].endswith(": Your &lt;region&gt;") and told["email_content"] == "Your &lt;region&gt;"
	assert (told["document_type"], told["document_name"]) == ("Sales Opportunity", "OPP-1")


def test_what_was_answered_is_shown_after_what_is_open_and_is_nobody_s_to_answer_or_withdraw(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	made = {key: ask(deal, f"{key}?") for key in ("first", "second", "third", "gone")}
	for turn, doc in enumerate(made.values()):
		doc.db_set("asked_on", f"2026-03-0{turn + 1} 09:00:00")
	api.withdraw_help(made["gone"].name)
	as_user("manager")
	api.answer_help(made["third"].name, "Three")
	shown = lambda: [  # noqa: E731
		(row.question, row.may_answer, row.may_withdraw) for row in help_requests.requests_of(deal.doctype, deal.name)
	]
	assert shown() == [("second?", True, False), ("first?", True, False), ("third?", False, False)]
	as_user("rep")
	assert shown() == [("second?", False, True), ("first?", False, True), ("third?", False, False)]


def test_of_many_questions_the_last_twenty_are_shown(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name, "asked_by": REP, "wanted": "Price"}
	for number in range(1, 23):
		asked_on = f"2026-03-{number:02} 09:00:00"
		rows.row(
			HELP, **about, question=f"{number}?", status="Open", asked_on=asked_on, docstatus=0, company=deal.company
		)
	found = help_requests.requests_of(deal.doctype, deal.name)
	assert [row.question for row in found] == [f"{number}?" for number in range(22, 2, -1)]
