"""What a case takes from the document that it is about, who may be responsible for it, and how long it was waited for."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.cases import case_notices, customer_cases, satisfaction
from crm_pipeline.cases.customer_cases import CASE, CaseError
from crm_pipeline.chain import rights
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_small_cases import away, bells, mails, tasks  # noqa: F401
from tests.site.rows import row
from tests.site.world import refused

REP, OTHER, MANAGER, DESK, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk", "stranger"))


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def about(doctype: str, name: str) -> dict:
	return {"reference_doctype": doctype, "reference_name": name}


# ---- what nobody entered


@pytest.mark.parametrize(("to", "is_theirs"), [("Customer", True), ("Lead", False)])
def test_a_case_about_a_quotation_is_one_of_its_customer(sale, world, to, is_theirs):
	quotation = row("Quotation", quotation_to=to, party_name=world.customer, company=world.company)
	if is_theirs:
		assert sale.case(customer=None, **about("Quotation", quotation)).customer == world.customer
		return
	with refused(frappe.MandatoryError, match="choose a Customer or a "):
		sale.case(customer=None, **about("Quotation", quotation))


def test_a_case_is_of_the_company_and_the_party_of_what_it_is_about(sale, world):
	order = row("Sales Order", customer=world.customer, company=world.company)
	case = sale.case(customer=None, company=None, **about("Sales Order", order))
	assert (case.customer, case.prospect, case.company) == (world.customer, None, world.company)
	lead = sale.lead()
	case = sale.case(customer=None, company=None, **about("Sales Lead", lead.name))
	assert (case.customer, case.prospect, case.company) == (None, lead.prospect, lead.company)
	assert case.party_name == lead.prospect_name
	# What has neither company nor party says nothing, and what was entered stays.
	case = sale.case(kind="Request", severity="Low", **about("Customer", world.customer))
	assert (case.kind, case.severity, case.company) == ("Request", "Low", world.company)


def test_a_case_about_a_document_of_another_company_is_one_of_that(sale, world):
	theirs = row("Sales Order", customer=world.customer, company=f"Theirs {world.tag}")
	row("Company", name=f"Theirs {world.tag}", company_name=f"Theirs {world.tag}", docstatus=0)
	order = row("Sales Order", customer=world.customer, company=world.company)
	case = sale.case(**about("Sales Order", theirs))
	assert case.company == f"Theirs {world.tag}"
	with refused(CaseError, match="belongs to company"):
		case.update({"company": world.company, "customer": f"Another {world.tag}"})
		row("Customer", name=f"Another {world.tag}", customer_name="Another", docstatus=0)
		frappe.db.set_value("Sales Order", theirs, "customer", f"Another {world.tag}")
		case.save()
	case.reload()
	case.update(about("Sales Order", order))
	case.save()
	assert case.company == world.company


def test_a_case_begins_as_a_complaint_of_the_severity_in_the_middle_now(sale, world):
	frappe.db.set_value("Case Severity", {"name": ("is", "set")}, "disabled", 1)
	for place, (name, off) in enumerate((("Mild", 0), ("Middle", 0), ("Hard", 0), ("Off", 1))):
		made = {"doctype": "Case Severity", "severity": f"{name} {world.tag}", "position": 900 + place}
		doc = frappe.get_doc(made)
		doc.update({"answer_hours": 1, "solve_hours": 2, "disabled": off})
		doc.insert()
	case = sale.case(kind=None, severity=None)
	assert (case.kind, case.severity) == ("Complaint", f"Middle {world.tag}")
	assert abs((now_datetime() - get_datetime(case.opened_on)).total_seconds()) < 60
	frappe.db.set_value("Case Severity", f"Middle {world.tag}", "disabled", 1)
	assert sale.case(severity=None).severity == f"Hard {world.tag}"


def test_where_nobody_says_a_company_it_is_the_first_one(world, monkeypatch):
	monkeypatch.setattr(frappe.defaults, "get_user_default", lambda key: None)
	row("Company", name=f"Older {world.tag}", company_name="Older", creation="1990-01-01", docstatus=0)
	row("Company", name=f"Younger {world.tag}", company_name="Younger", creation=add_days(nowdate(), 1), docstatus=0)
	assert rights.usual_company() == f"Older {world.tag}"


def test_whose_the_customer_is_owns_the_case_and_who_came_back_keeps_it(sale, world, as_user):
	frappe.db.set_value("Customer", world.customer, "account_manager", OTHER)
	as_user("rep")
	case = sale.case()
	assert case.sales_owner == OTHER
	as_user("Administrator")
	case.reload()
	frappe.db.set_value("Customer", world.customer, "account_manager", MANAGER)
	case.subject = "It still leaks"
	case.save()
	assert case.sales_owner == OTHER


def test_a_case_of_a_customer_whose_manager_left_belongs_to_who_takes_it(sale, world, as_user):
	frappe.db.set_value("Customer", world.customer, "account_manager", OTHER)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	frappe.clear_document_cache("User", OTHER)
	as_user("rep")
	owner = sale.case().sales_owner
	frappe.db.set_value("User", OTHER, "enabled", 1)
	frappe.clear_document_cache("User", OTHER)
	assert owner == REP


@pytest.mark.parametrize("who", ["nobody@nowhere.example", STRANGER])
def test_nobody_is_responsible_who_does_not_work_here(sale, as_user, who):
	as_user("rep")
	frappe.db.set_value("User", STRANGER, "enabled", 0)
	frappe.clear_document_cache("User", STRANGER)
	with refused(frappe.ValidationError, match="is disabled, does not exist or does not work in Desk|Could not find"):
		sale.case(responsible=who)
	with refused(CaseError, match=f"user .*{who}.* is disabled, does not exist"):
		customer_cases._need_colleague(who)
	frappe.db.set_value("User", STRANGER, "enabled", 1)
	frappe.clear_document_cache("User", STRANGER)


def test_who_left_meanwhile_keeps_nobody_from_saving_their_case(sale, as_user):
	as_user("rep")
	case = sale.case(responsible=OTHER)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	frappe.clear_document_cache("User", OTHER)
	case.reload()
	case.subject = "It still leaks"
	case.save()
	assert case.responsible == OTHER
	frappe.db.set_value("User", OTHER, "enabled", 1)
	frappe.clear_document_cache("User", OTHER)


# ---- the time that was waited


@pytest.fixture
def clock(monkeypatch):
	"""clock(hours=3): now is so much later, for cases."""
	now = [now_datetime().replace(microsecond=0)]
	monkeypatch.setattr(customer_cases, "now_datetime", lambda: now[0])

	def later(**how):
		now[0] = add_to_date(now[0], **how)
		return now[0]

	return later


def test_the_first_answer_stays_the_first_when_the_case_is_solved_later(sale, as_user, clock):
	as_user("rep")
	answered, silent = sale.case(), sale.case()
	first = clock(hours=1)
	api.log_case(answered.name, "We are on it", answer=True)
	last = clock(days=2)
	for case in (answered, silent):
		api.solve_case(case.name, "Sealed")
		case.reload()
	assert (get_datetime(answered.first_answer_on), get_datetime(silent.first_answer_on)) == (first, last)
	clock(days=1)
	api.reopen_case(silent.name, "It leaks again")
	api.solve_case(silent.name, "Sealed twice")
	assert get_datetime(silent.reload().first_answer_on) == last


def by_hours(world, case, start, hours: float):
	return customer_cases.arithmetic.due(get_datetime(start), hours, customer_cases.working_time(case.company))


def test_what_was_waited_is_added_to_the_day_on_which_a_case_is_due(sale, world, as_user, clock):
	as_user("rep")
	case = sale.case(severity="High")
	due, answer = case.due_by, case.answer_by
	clock(days=1)
	api.wait_for_customer(case.name, "Which pump is it?")
	case.reload()
	assert (case.due_by, case.waited_hours) == (due, 0), "while it waits nothing is known yet"
	begun = clock(hours=1)
	case.subject = "It leaks, which one?"
	case.save()
	assert (case.due_by, case.waited_hours) == (due, 0)
	clock(days=6)
	api.log_case(case.name, "They said which")
	case.reload()
	if case.status == "Waiting":
		case.status = "In Progress"
		case.save()
		case.reload()
	waited = customer_cases.arithmetic.worked(
		begun - timedelta(hours=1), customer_cases.now_datetime(), customer_cases.working_time(case.company)
	)
	assert waited > 0 and case.waited_hours == pytest.approx(waited, abs=0.001)
	assert case.due_by == by_hours(world, case, due, waited) and case.due_by > due
	assert case.answer_by == answer
	# A second wait is added to the first, and another severity keeps both.
	second = clock(hours=2)
	api.wait_for_customer(case.name, "And the serial number?")
	clock(days=5)
	case.reload()
	case.status = "In Progress"
	case.save()
	more = customer_cases.arithmetic.worked(
		second, customer_cases.now_datetime(), customer_cases.working_time(case.company)
	)
	assert case.reload().waited_hours == pytest.approx(waited + more, abs=0.01)
	case.severity = "Low"
	case.save()
	hours = frappe.db.get_value("Case Severity", "Low", "solve_hours")
	assert case.due_by == by_hours(world, case, by_hours(world, case, case.opened_on, hours), case.waited_hours)


def test_a_case_that_waited_and_is_solved_keeps_what_was_waited_until_it_is_opened_again(sale, world, as_user, clock):
	as_user("rep")
	case = sale.case()
	api.wait_for_customer(case.name, "Which pump is it?")
	clock(days=4)
	api.solve_case(case.name, "A new seal")
	case.reload()
	assert case.waited_hours > 0
	clock(hours=1)
	api.reopen_case(case.name, "It leaks again")
	case.reload()
	hours = frappe.db.get_value("Case Severity", case.severity, "solve_hours")
	assert (case.waited_hours, case.due_by) == (0, by_hours(world, case, case.reopened_on, hours))


def test_a_case_without_a_day_on_which_it_is_due_waits_all_the_same(sale, world, as_user, clock):
	as_user("Administrator")
	frappe.db.set_value("Case Severity", "Low", {"solve_hours": 0, "answer_hours": 0})
	as_user("rep")
	case = sale.case(severity="Low")
	assert (case.due_by, case.answer_by) == (None, None)
	api.wait_for_customer(case.name, "Which pump is it?")
	clock(days=4)
	case.reload()
	case.status = "In Progress"
	case.save()
	assert (case.due_by, case.reload().waited_hours) == (None, 0)


# ---- who hears of it


def test_of_several_each_deputy_hears_who_may(sale, as_user):
	as_user("Administrator")
	away(MANAGER, DESK)
	case = sale.case()
	frappe.db.delete("Notification Log", {"document_name": case.name})
	case_notices._notify_deputies(case, [OTHER, MANAGER])
	assert len(bells(DESK, case)) == 1
	frappe.db.delete("Notification Log", {"document_name": case.name})
	case_notices._notify_deputies(case, [DESK, MANAGER])
	assert bells(DESK, case) == [], "who was given it themselves knows it"


def test_a_deputy_who_left_keeps_no_other_from_hearing(sale, as_user, monkeypatch):
	as_user("Administrator")
	away(OTHER, REP)
	away(MANAGER, DESK)
	case = sale.case()
	frappe.db.delete("Notification Log", {"document_name": case.name})
	monkeypatch.setattr(case_notices.people, "is_colleague", lambda user: user != REP)
	case_notices._notify_deputies(case, [OTHER, MANAGER])
	assert (len(bells(DESK, case)), bells(REP, case)) == (1, [])


def test_the_notice_to_a_deputy_says_what_it_is_about_and_from_whom(sale, as_user):
	as_user("Administrator")
	away(OTHER, DESK)
	case = sale.case(subject="Pump <i>leaks</i>")
	as_user("rep")
	case_notices._notify_deputies(case, [OTHER])
	[found] = frappe.get_all(
		"Notification Log",
		filters={"for_user": DESK, "document_name": case.name},
		fields=["type", "document_type", "from_user", "email_content"],
		order_by="creation asc",
	)
	assert (found.type, found.document_type, found.from_user) == ("Alert", CASE, REP)
	assert "Complaint (High): Pump &lt;i&gt;leaks&lt;/i&gt;" in found.email_content


def test_a_case_that_is_gone_tells_nobody(site):
	assert case_notices.send("No such case", REP) is None


EMPLOYEES = "Employee|hash|department:Data status user_id"


def test_a_department_s_people_are_its_active_employees_who_work_here(sale, world, as_user, monkeypatch):
	HOST.other_tables(monkeypatch, EMPLOYEES)
	department = f"Service {world.tag}"
	for name, user, values in (
		("C", OTHER, {}), ("A", DESK, {}), ("B", REP, {"status": "Left"}), ("D", MANAGER, {"department": "Another"}),
		("E", "", {}), ("F", STRANGER, {}),
	):  # fmt: skip
		fixed = {"department": department, "status": "Active", "user_id": user, "docstatus": 0}
		row("Employee", name=f"{name} {world.tag}", **{**fixed, **values})
	frappe.db.set_value("User", STRANGER, "enabled", 0)
	frappe.clear_document_cache("User", STRANGER)
	assert case_notices.colleagues_of(department) == sorted((OTHER, DESK))
	assert case_notices.colleagues_of("None Such") == case_notices.colleagues_of(None) == []
	case = sale.case(responsible=None)
	frappe.db.set_value(CASE, case.name, {"responsible": None, "department": department})
	case_notices.send(case.name, OTHER)
	assert list(tasks(case)) == [(DESK, "Open")]
	frappe.db.set_value("User", STRANGER, "enabled", 1)
	frappe.clear_document_cache("User", STRANGER)


# ---- what the customer says of it


@pytest.fixture
def asked(sale, as_user):
	"""A solved case whose customer was asked: (case, token of the link)."""
	frappe.db.set_single_value("CRM Pipeline Settings", "ask_satisfaction", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	as_user("rep")
	case = sale.case(email_id="ann@quay.example")
	api.solve_case(case.name, "A new seal")
	case.reload()
	return case, satisfaction.link_of(case).partition("token=")[2]


def test_an_answer_is_kept_once_with_its_words(asked, as_user):
	case, token = asked
	as_user("Guest")
	for stars in (None, "", "0", "6", "x", "-1", 0, 9):
		with refused(frappe.ValidationError, match="one to five stars"):
			satisfaction.store(token, stars, None)
	assert satisfaction.store(token, "4", " Well done " + "x" * 3000) is True
	assert satisfaction.store(token, "5", None) is False
	as_user("Administrator")
	case.reload()
	assert case.satisfaction == pytest.approx(0.8) and case.satisfaction_comment.startswith("Well done xx")
	assert len(case.satisfaction_comment) == 2000 and case.satisfaction_on and not case.satisfaction_key
	last = case.log[-1]
	assert (last.kind, last.text, last.by) == ("Rated", case.satisfaction_comment, None)


@pytest.mark.parametrize("change", [{"satisfaction_key": "another"}, {"status": "In Progress"}])
def test_who_answers_when_the_case_is_open_again_or_was_answered_a_moment_ago_is_late(asked, monkeypatch, change):
	case, token = asked
	monkeypatch.setattr(satisfaction, "case_of", lambda token: case.name)
	frappe.db.set_value(CASE, case.name, change)
	assert satisfaction.store(token, "5", None) is False
	assert not frappe.db.get_value(CASE, case.name, "satisfaction")


def test_a_link_that_is_forged_old_or_cut_is_no_link(asked, monkeypatch):
	case, token = asked
	assert satisfaction.case_of(token) == case.name
	key, until, signature = token.split(".")
	later = str(int(until) + 10000)
	for wrong in (
		None, 5, "", key, f"{key}.{until}", f"{key}.{until}.{signature}.x", f"{key}.{later}.{signature}", f"x{token}",
		f"{key}.{until}.é{signature[1:]}", token + "0" * 200,
	):  # fmt: skip
		assert satisfaction.case_of(wrong) is None, wrong
	last = get_datetime(f"{until[:4]}-{until[4:6]}-{until[6:]} 23:00:00")
	monkeypatch.setattr(satisfaction, "now_datetime", lambda: last)
	assert satisfaction.case_of(token) == case.name
	monkeypatch.setattr(satisfaction, "now_datetime", lambda: add_to_date(last, hours=2))
	assert satisfaction.case_of(token) is None


@pytest.mark.parametrize(("days", "holds"), [(0, 30), (7, 7), (999, 365)])
def test_a_link_holds_for_the_days_that_were_set_a_year_at_most(asked, days, holds):
	case, _token = asked
	frappe.db.set_single_value("CRM Pipeline Settings", "satisfaction_days", days)
	until = satisfaction.link_of(case).split(".")[-2]
	assert until == get_datetime(add_days(case.satisfaction_asked_on, holds)).strftime("%Y%m%d")


# ---- mails


def mail(subject: str = "It leaks still", **values):
	doc = frappe.get_doc(
		{"doctype": "Communication", "communication_type": "Communication", "subject": subject, **values}
	)
	doc.flags.in_insert = True
	doc.creation = now_datetime()
	return doc


@pytest.fixture
def noted(monkeypatch):
	"""What is left to be told after the commit."""
	found = []
	monkeypatch.setattr(customer_cases.pending, "note", lambda *about, **values: found.append((about[1], values)))
	return found


def test_a_mail_to_the_customer_is_the_first_answer_once_and_not_before_the_case_was_opened(sale, as_user):
	as_user("rep")
	case = sale.case()
	early = add_to_date(case.opened_on, days=-2)
	customer_cases.follow_mail(case, mail(sent_or_received="Sent", communication_date=early))
	assert get_datetime(case.reload().first_answer_on) == get_datetime(case.opened_on)
	frappe.db.set_value(CASE, case.name, "first_answer_on", None, update_modified=False)
	later, modified = add_to_date(case.opened_on, hours=3), case.modified
	customer_cases.follow_mail(case.reload(), mail(sent_or_received="Sent", communication_date=later))
	customer_cases.follow_mail(
		case.reload(), mail(sent_or_received="Sent", communication_date=add_to_date(later, hours=1))
	)
	assert get_datetime(case.reload().first_answer_on) == get_datetime(later)
	assert (case.modified, case.log) == (modified, [])


@pytest.mark.parametrize("state", ["Waiting", "Solved"])
def test_what_a_customer_writes_is_noted_and_told_to_who_has_or_had_the_case(sale, as_user, noted, state):
	as_user("rep")
	case = sale.case()
	if state == "Waiting":
		api.wait_for_customer(case.name, "Which pump is it?")
	else:
		api.solve_case(case.name, "A new seal")
	noted.clear()
	as_user("stranger")
	customer_cases.follow_mail(case.reload(), mail(sent_or_received="Received"))
	case.reload()
	assert case.status == ("In Progress" if state == "Waiting" else "Solved")
	assert (case.log[-1].kind, case.log[-1].text) == ("Note", "The customer wrote: It leaks still")
	assert noted[-1] == (case.name, {"case": case.name, "by": STRANGER, "wrote": True})


def test_what_is_no_news_changes_nothing(sale, as_user, noted):
	as_user("rep")
	case = sale.case()
	noted.clear()
	customer_cases.follow_mail(case, mail(sent_or_received="Received"))
	api.wait_for_customer(case.name, "Which pump is it?")
	noted.clear()
	case.reload()
	saved = mail(sent_or_received="Received")
	saved.flags.in_insert = False
	for other in (
		saved, mail("Automatic reply: away", sent_or_received="Received"),
		mail(sent_or_received="Received", communication_type="Comment"),
	):  # fmt: skip
		customer_cases.follow_mail(case, other)
	case.reload()
	assert (case.status, noted) == ("Waiting", []) and case.log[-1].kind == "Waiting"
