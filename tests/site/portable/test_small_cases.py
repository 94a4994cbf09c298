"""Who hears of a case, what is asked of its customer, and what its clock says."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.cases import case_notices, customer_cases, satisfaction
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_customer_cases import CASE, configure, solved
from tests.site.portable.test_visibility import set_apart
from tests.site.world import customer, refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


@pytest.fixture
def mails(monkeypatch):
	"""The mails that were to be sent; none is."""
	sent = []
	monkeypatch.setitem(vars(frappe), "sendmail", lambda **mail: sent.append(mail))
	return sent


@pytest.mark.parametrize(
	("field", "told"),
	[("responsible", 1), ("department", 1), ("status", 1), ("satisfaction_key", 1), ("subject", 0), (None, 0)],
)
def test_whoever_has_to_do_something_hears_of_what_concerns_them(site, monkeypatch, field, told):
	noted = []
	monkeypatch.setattr(customer_cases.pending, "note", lambda *what, **about: noted.append(about["case"]))
	values = dict.fromkeys(("responsible", "department", "status", "satisfaction_key", "subject"), "A")
	before = frappe._dict(values)
	case = frappe._dict(values, name="CASE-1", flags=frappe._dict(), get_doc_before_save=lambda: before)
	if field:
		case[field] = "B"
	customer_cases.notify(case)
	assert noted == ["CASE-1"] * told
	case.get_doc_before_save = lambda: None
	customer_cases.notify(case)
	assert len(noted) == told + 1, "of a new one they hear anyway"
	for silent in ({"history_import": 1}, {"notices": []}):
		case.flags = frappe._dict(silent)
		customer_cases.notify(case)
	assert len(noted) == told + 1


def test_forwarding_keeps_who_had_it_and_gives_the_next_one_a_task(sale, as_user):
	as_user("rep")
	case = sale.case(subject="Pump <i>leaks</i>")
	api.forward_case(case.name, OTHER, note="They know the pump")
	case.reload()
	(row,) = case.log
	assert (row.kind, row.by, row.from_user, row.to_user, row.text) == (
		"Forwarded",
		REP,
		REP,
		OTHER,
		"They know the pump",
	)
	case_notices.send(case.name, REP)
	case_notices.send(case.name, REP)
	assert list(tasks(case)) == [(OTHER, "Open")]
	text = frappe.db.get_value("ToDo", {"reference_name": case.name}, "description")
	assert "They know the pump" in text and "<i>leaks" not in text
	as_user("other_rep")
	api.forward_case(case.name, MANAGER, note="You decide")
	case_notices.send(case.name, OTHER)
	assert sorted(tasks(case)) == [(MANAGER, "Open"), (OTHER, "Closed")]
	as_user("manager")
	api.solve_case(case.name, "A new pump")
	case_notices.send(case.name, MANAGER)
	assert {status for _user, status in tasks(case)} == {"Closed"}


def tasks(case) -> list[tuple]:
	return frappe.get_all(
		"ToDo",
		filters={"reference_type": CASE, "reference_name": case.name},
		fields=["allocated_to", "status"],
		order_by="creation asc",
		as_list=True,
	)


def bells(user: str, case) -> list[str]:
	rows = frappe.get_all(
		"Notification Log",
		filters={"for_user": user, "document_name": case.name},
		pluck="subject",
		order_by="creation asc",
	)
	return [row for row in rows if "stand in" in row]


def away(user: str, deputy: str):
	values = {"user": user, "deputy": deputy, "from_date": nowdate(), "to_date": add_days(nowdate(), 3)}
	frappe.get_doc({"doctype": "Sales Absence", **values}).insert()


def test_who_stands_in_for_somebody_hears_of_a_case_that_they_were_given(sale, as_user):
	as_user("Administrator")
	away(OTHER, DESK)
	as_user("rep")
	case = sale.case()
	api.forward_case(case.name, OTHER, note="Yours")
	case_notices.send(case.name, REP)
	[said] = bells(DESK, case)
	assert frappe.utils.get_fullname(OTHER) in said and case.name in said and case.subject in said
	assert [user for user, _status in tasks(case)] == [OTHER], "the task stays with who is away"


def test_who_may_not_read_a_case_or_left_does_not_hear_of_it_as_a_deputy(sale, as_user):
	as_user("Administrator")
	away(OTHER, DESK)
	as_user("rep")
	case = sale.case()
	api.forward_case(case.name, OTHER, note="Yours")
	frappe.db.set_value("User", DESK, "enabled", 0)
	case_notices.send(case.name, REP)
	assert bells(DESK, case) == []
	frappe.db.delete("ToDo", {"reference_name": case.name})
	frappe.db.set_value("User", DESK, "enabled", 1)
	frappe.db.delete("Has Role", {"parent": DESK})
	frappe.clear_cache(user=DESK)
	case_notices.send(case.name, REP)
	assert (list(tasks(case)), bells(DESK, case)) == ([(OTHER, "Open")], [])


def test_a_task_says_what_whose_and_why_and_when_it_is_due(sale, as_user):
	as_user("rep")
	case = sale.case(subject="Pump <i>leaks</i>")
	api.forward_case(case.name, OTHER, note="They know the pump")
	api.forward_case(case.name, DESK, note="Better you")
	case_notices.send(case.name, REP)
	row = frappe.get_all(
		"ToDo",
		filters={"reference_name": case.name},
		fields=["description", "date", "allocated_to"],
		order_by="name asc",
	)
	assert [(one.allocated_to, one.date) for one in row] == [(DESK, case.reload().due_by.date())]
	assert row[0].description.split("<br>") == [
		"Complaint (High): Pump &lt;i&gt;leaks&lt;/i&gt;", case.party_name, "Better you"
	]  # fmt: skip


def test_who_gives_a_case_to_oneself_gets_no_task_and_a_colleague_s_stays(sale, as_user):
	as_user("rep")
	case = sale.case()
	case_notices.send(case.name, REP)
	assert list(tasks(case)) == []
	by_hand = {"doctype": "ToDo", "description": "Help", "reference_type": CASE, "reference_name": case.name}
	as_user("Administrator")
	frappe.get_doc({**by_hand, "allocated_to": MANAGER}).insert()
	as_user("rep")
	api.forward_case(case.name, OTHER, note="Yours")
	case_notices.send(case.name, REP)
	api.forward_case(case.name, DESK, note="Yours")
	case_notices.send(case.name, REP)
	assert sorted(tasks(case)) == [(DESK, "Open"), (MANAGER, "Open"), (OTHER, "Closed")]
	assert case_notices.send("nothing", REP) is None


def test_what_the_customer_wrote_is_a_task_of_who_has_the_case_else_of_who_solved_it(sale, as_user):
	as_user("rep")
	case = sale.case()
	case_notices.send(case.name, REP, wrote=True)
	assert list(tasks(case)) == [(REP, "Open")]
	other = sale.case(responsible=None)
	as_user("other_rep")
	api.solve_case(other.name, "A new seal")
	frappe.db.set_value(CASE, other.name, "responsible", None)
	case_notices.send(other.name, REP, wrote=True)
	assert list(tasks(other)) == [(OTHER, "Open")]


def test_what_the_customer_writes_while_we_wait_is_read_by_who_asked_and_not_by_the_whole_department(
	sale, as_user, monkeypatch
):
	told = []
	monkeypatch.setattr(customer_cases.pending, "note", lambda *about, **values: told.append(values))
	monkeypatch.setattr(case_notices, "colleagues_of", lambda department: [MANAGER, DESK, OTHER])
	as_user("rep")
	case = sale.case()
	frappe.db.set_value(CASE, case.name, "responsible", None)
	as_user("other_rep")
	api.wait_for_customer(case.name, "Which pump is it?")
	told.clear()
	as_user("Administrator")
	mail = frappe.get_doc({"doctype": "Communication", "subject": "The red one", "sent_or_received": "Received"})
	mail.communication_type, mail.flags.in_insert = "Communication", True
	customer_cases.follow_mail(case.reload(), mail)
	for notice in told:
		case_notices.send(**notice)
	assert list(tasks(case)) == [(OTHER, "Open")]


def test_a_case_that_nobody_handles_is_a_task_of_the_owner_of_the_customer_else_of_a_manager(
	sale, as_user, monkeypatch
):
	monkeypatch.setattr(case_notices.managers, "managers_for", lambda doc, asking: [MANAGER])
	as_user("rep")
	case, other = sale.case(sales_owner=OTHER), sale.case()
	frappe.db.set_value(CASE, case.name, "responsible", None)
	frappe.db.set_value(CASE, other.name, {"responsible": None, "sales_owner": None})
	for one in (case, other):
		case_notices.send(one.name, "Administrator")
	assert (list(tasks(case)), list(tasks(other))) == ([(OTHER, "Open")], [(MANAGER, "Open")])


def test_what_the_customer_wrote_reaches_somebody_though_whoever_had_the_case_left(sale, as_user, monkeypatch):
	as_user("rep")
	case, other = sale.case(sales_owner=OTHER), sale.case()
	as_user("Administrator")
	frappe.db.set_value(CASE, other.name, {"sales_person": None, "department": None})
	monkeypatch.setattr(case_notices.people, "is_colleague", lambda user: bool(user) and user != REP)
	monkeypatch.setattr(case_notices.managers, "managers_for", lambda doc, asking: [MANAGER])
	for one in (case, other):
		case_notices.send(one.name, REP, wrote=True)
	assert (list(tasks(case)), list(tasks(other))) == ([(OTHER, "Open")], [(MANAGER, "Open")])


# ---- what the customer is asked


def test_the_customer_is_asked_by_mail_with_a_link_once_the_case_is_solved(sale, as_user, mails):
	configure(ask_satisfaction=1, satisfaction_days=10)
	as_user("rep")
	case = sale.case(subject="Pump <i>leaks</i>", email_id="ines@harbour.example")
	case_notices.send(case.name, REP)
	assert mails == []
	case.reload().update({"status": "Solved", "solution": "<p>A new seal</p>"})
	case.save()
	case_notices.send(case.name, REP)
	[mail] = mails
	assert (mail["recipients"], mail["reference_name"]) == (["ines@harbour.example"], case.name)
	link = satisfaction.link_of(case.reload())
	assert case.name in mail["subject"] and link.replace("&", "&amp;") in mail["message"]
	assert "Pump &lt;i&gt;leaks" in mail["message"] and "<p>A new seal</p>" in mail["message"]
	until = satisfaction.token_of(case.satisfaction_key, str(add_days(case.satisfaction_asked_on, 10))[:10])
	assert link.endswith(f"?token={until}")
	configure(satisfaction_days=0)
	standard = satisfaction.token_of(case.satisfaction_key, str(add_days(case.satisfaction_asked_on, 30))[:10])
	assert satisfaction.link_of(case).endswith(standard)
	configure(satisfaction_days=4000)
	longest = satisfaction.token_of(case.satisfaction_key, str(add_days(case.satisfaction_asked_on, 365))[:10])
	assert satisfaction.link_of(case).endswith(longest)


@pytest.mark.parametrize("missing", ["email_id", "satisfaction_key", "status"])
def test_nobody_is_mailed_who_was_not_to_be_asked(sale, as_user, mails, missing):
	configure(ask_satisfaction=1)
	as_user("rep")
	case = solved(sale.case(email_id="ines@harbour.example"))
	case.set(missing, "Withdrawn" if missing == "status" else None)
	satisfaction.ask(case)
	assert mails == []


def test_a_mail_that_can_not_be_sent_leaves_the_case_solved_and_says_so(sale, as_user, monkeypatch):
	configure(ask_satisfaction=1)
	as_user("rep")
	case = solved(sale.case(email_id="ines@harbour.example"))
	logged = []

	def without_account(**mail):
		raise frappe.ValidationError("no account")

	monkeypatch.setitem(vars(frappe), "sendmail", without_account)
	monkeypatch.setattr(frappe, "log_error", lambda **error: logged.append(error["title"]))
	satisfaction.ask(case)
	assert case.name in logged[0]


# ---- its clock


def test_the_days_to_answer_and_to_solve_are_counted_from_its_own_hours(sale, as_user):
	as_user("rep")
	opened = add_to_date(now_datetime(), days=-5).replace(hour=10, minute=0, second=0, microsecond=0)
	case = sale.case(opened_on=opened)
	hours = frappe.db.get_value("Case Severity", "High", ["answer_hours", "solve_hours"])
	working = customer_cases.working_time(case.company)
	due = customer_cases.arithmetic.due
	assert (case.answer_by, case.due_by) == (due(opened, hours[0], working), due(opened, hours[1], working))
	# Opened again it is to be solved anew, but it was answered when it was.
	solved(case)
	closed = case.due_by
	case.severity = "Low"
	case.save()
	assert case.due_by == closed, "what is closed stays measured by what held while it was open"
	api.reopen_case(case.name, "It leaks again")
	case.reload()
	low = frappe.db.get_value("Case Severity", "Low", ["answer_hours", "solve_hours"])
	again = get_datetime(case.reopened_on)
	assert (case.answer_by, case.due_by) == (due(opened, low[0], working), due(again, low[1], working))


def test_a_case_is_given_to_a_person_or_a_department_and_not_to_who_has_it(sale, as_user):
	as_user("rep")
	case = sale.case()
	with refused(frappe.MandatoryError, match="person or a department"):
		api.forward_case(case.name, None, note="Yours")
	with refused(match="with .* already"):
		api.forward_case(case.name, REP, note="Mine")
	for empty in ("", "  "):
		with refused(frappe.MandatoryError, match="give a reason"):
			api.reopen_case(solved(sale.case()).name, empty)
		with refused(frappe.MandatoryError, match="what was done"):
			api.log_case(case.name, empty)


@pytest.mark.parametrize(("department", "stays"), [(None, "Service"), ("", "Service"), ("Workshop", "Workshop")])
def test_a_case_that_goes_to_a_person_stays_with_its_department_unless_another_is_named(
	site, monkeypatch, department, stays
):
	saved = []
	case = SimpleNamespace(responsible=OTHER, department="Service", flags=frappe._dict(), save=lambda: saved.append(1))
	monkeypatch.setattr(customer_cases.locks, "locked_doc", lambda doctype, name: case)
	customer_cases.forward("CASE-1", REP, department, "Yours")
	assert (case.responsible, case.department, case.flags.event_note, saved) == (REP, stays, "Yours", [1])


@pytest.mark.parametrize(
	("user", "department", "whose"), [(None, "Service", "Service"), ("", "Service", "Service"), (OTHER, "", None)]
)
def test_who_gives_a_case_to_whom_it_is_with_is_told_whose_it_is(site, monkeypatch, user, department, whose):
	case = SimpleNamespace(responsible=user or None, department="Service", flags=frappe._dict())
	monkeypatch.setattr(customer_cases.locks, "locked_doc", lambda doctype, name: case)
	with refused(
		customer_cases.CaseError, match=f"CASE-1.* is with .*{whose or frappe.utils.get_fullname(user)}.* already"
	):
		customer_cases.forward("CASE-1", user, department, "Yours")


# ---- what it is about


def test_a_case_is_about_a_document_of_its_customer_and_company_that_its_writer_may_read(sale, as_user):
	as_user("Administrator")
	other = customer(f"Southwind {sale.world.tag}")
	as_user("rep")
	deal = sale.opportunity()
	with refused(customer_cases.CaseError, match="not about"):
		sale.case(customer=other, reference_doctype=deal.doctype, reference_name=deal.name)
	case = sale.case(reference_doctype=deal.doctype, reference_name=deal.name)
	with refused(customer_cases.CaseError, match="not about"):
		case.update({"customer": other})
		case.save()
	with refused(customer_cases.CaseError, match="not about"):
		sale.case(customer=other, reference_doctype="Customer", reference_name=sale.world.customer)
	assert sale.case(reference_doctype="Customer", reference_name=sale.world.customer).name
	set_apart()
	as_user("other_rep")
	with refused(frappe.PermissionError):
		sale.case(reference_doctype=deal.doctype, reference_name=deal.name)
