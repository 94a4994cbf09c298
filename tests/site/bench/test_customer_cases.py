"""Complaints and requests of customers: when they are due, who has them, what was done, and what the customer says of it."""

import frappe
import pytest
from frappe.utils import get_datetime, getdate, now_datetime, nowdate, set_request

from crm_pipeline import api
from crm_pipeline.cases import case_notices, satisfaction
from tests.site.bench.clock import ticking
from tests.site.portable.test_customer_cases import (  # noqa: F401
	CASE,
	DESK,
	MANAGER,
	OTHER,
	REP,
	configure,
	names_seen,
	solved,
	without_notices_by_mail,
)
from tests.site.portable.test_small_cases import tasks
from tests.site.portable.test_visibility import set_apart
from tests.site.world import customer, refused


def test_a_colleague_without_a_role_in_sales_handles_a_case_that_was_forwarded(sale, as_user):
	as_user("rep")
	case = sale.case()
	store = "store@crm-test.example"
	api.forward_case(case.name, store, note="Is it in stock?")
	case_notices.send(case.name, REP)
	set_apart()
	as_user("store")
	assert names_seen() == [case.name]
	api.log_case(case.name, "Two on the shelf", minutes=5)
	assert frappe.db.get_value(CASE, case.name, ["status", "minutes"]) == ("In Progress", 5)


def test_a_department_gets_a_case_as_the_task_of_its_people(sale, as_user):
	department = frappe.get_doc(
		{"doctype": "Department", "department_name": f"Workshop {sale.world.tag}", "company": sale.world.company}
	).insert()
	frappe.get_doc(
		{
			"doctype": "Employee",
			"first_name": "Ines",
			"company": sale.world.company,
			"department": department.name,
			"gender": frappe.db.get_value("Gender", {}, "name", order_by="name asc"),
			"date_of_birth": "1990-01-01",
			"date_of_joining": "2020-01-01",
			"user_id": DESK,
		}
	).insert()
	as_user("rep")
	case = sale.case()
	api.forward_case(case.name, None, department.name, "Please repair it")
	case.reload()
	assert (case.responsible, case.department) == (None, department.name)
	case_notices.send(case.name, REP)
	assert list(tasks(case)) == [(DESK, "Open")]


@pytest.mark.parametrize("user", ["nobody@crm-test.example", "Guest"])
def test_a_case_goes_to_no_one_who_can_not_work_on_it(sale, as_user, user):
	as_user("rep")
	case = sale.case()
	with refused():
		api.forward_case(case.name, user, note="Yours")
	frappe.db.set_value("User", OTHER, "enabled", 0)
	with refused(match="disabled"):
		api.forward_case(case.name, OTHER, note="Yours")
	with refused(match="with .* already"):
		api.forward_case(case.name, REP, note="Mine")


def test_a_mail_to_the_customer_is_an_answer(sale, as_user):
	as_user("rep")
	case = sale.case()
	mail = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"communication_medium": "Email",
		"reference_doctype": CASE,
		"reference_name": case.name,
		"subject": "Your pump",
		"content": "We are on it",
	}
	frappe.get_doc({**mail, "sent_or_received": "Received"}).insert(ignore_permissions=True)
	case.reload()
	assert not case.first_answer_on
	frappe.get_doc({**mail, "sent_or_received": "Sent"}).insert(ignore_permissions=True)
	case.reload()
	assert case.first_answer_on


def test_a_mail_of_the_customer_ends_the_waiting_and_is_told_where_the_case_is_closed(sale, as_user):
	as_user("rep")
	case = sale.case()
	api.wait_for_customer(case.name, "Asked for a picture")
	mail = {
		"doctype": "Communication",
		"communication_type": "Communication",
		"communication_medium": "Email",
		"sent_or_received": "Received",
		"reference_doctype": CASE,
		"reference_name": case.name,
		"subject": "The picture",
		"content": "Here",
	}
	frappe.get_doc({**mail, "subject": "RE: Automatische Antwort: Ihr Fall"}).insert(ignore_permissions=True)
	case.reload()
	assert case.status == "Waiting" and "Automatisch" not in (case.log[-1].text or "")
	frappe.get_doc(mail).insert(ignore_permissions=True)
	case.reload()
	assert case.status == "In Progress" and "The picture" in case.log[-1].text
	solved(case)
	frappe.get_doc({**mail, "subject": "Thank you"}).insert(ignore_permissions=True)
	case.reload()
	assert case.status == "Solved" and "Thank you" in case.log[-1].text
	case_notices.send(case.name, "Administrator", wrote=True)
	assert list(tasks(case)) == [(REP, "Open")]


def test_what_stands_in_the_log_is_neither_changed_nor_added_by_a_client(sale, as_user):
	as_user("rep")
	case = sale.case()
	api.log_case(case.name, "Called them")
	case.reload()
	case.log[0].text = "Never called"
	case.append("log", {"kind": "Answer", "text": "I did", "at": now_datetime(), "by": OTHER})
	case.update({"first_answer_on": now_datetime(), "due_by": "2099-01-01", "satisfaction": 1})
	case.save()
	case.reload()
	assert [(row.kind, row.text) for row in case.log] == [("Note", "Called them")]
	assert (case.first_answer_on, case.satisfaction) == (None, 0) and getdate(case.due_by).year != 2099
	case.log = []
	case.save()
	case.reload()
	assert len(case.log) == 1


def test_the_clock_stands_while_the_customer_is_waited_for(sale, as_user):
	as_user("rep")
	with ticking() as clock:
		case = sale.case(severity="High")
		before = get_datetime(case.due_by)
		api.wait_for_customer(case.name, "Asked for a picture")
		clock.pass_days(14)
		api.log_case(case.name, "They sent it", minutes=1)
		case.reload()
		assert (case.status, case.due_by) == ("Waiting", before), "a note ends no waiting"
		case.status = "In Progress"
		case.save()
		days = (get_datetime(case.due_by) - before).total_seconds() / 86400
		assert 12 <= days <= 28 and get_datetime(case.due_by) > now_datetime()


def test_what_was_waited_stays_with_another_severity_and_ends_when_it_is_opened_again(sale, as_user):
	as_user("rep")
	with ticking() as clock:
		case = sale.case(severity="High")
		sooner = sale.case(severity="Critical")
		api.wait_for_customer(case.name, "Asked for a picture")
		clock.pass_days(14)
		case.reload()
		# Both in one save.
		case.update({"status": "In Progress", "severity": "Critical"})
		case.save()
		days = (get_datetime(case.due_by) - get_datetime(sooner.due_by)).total_seconds() / 86400
		assert 12 <= days <= 28 and case.waited_hours > 0
		solved(case)
		api.reopen_case(case.name, "It leaks again")
		case.reload()
		assert case.waited_hours == 0 and (get_datetime(case.due_by) - now_datetime()).days < 5


# ---- how satisfied the customer is


@pytest.fixture
def asked(sale, as_user):
	"""A solved case whose customer was asked, and the token of its link."""
	configure(ask_satisfaction=1, satisfaction_days=30)
	as_user("rep")
	case = solved(sale.case(email_id="ines@harbour.example", subject="Pump <b>leaks</b>"))
	return case, token_of(case)


def token_of(case) -> str:
	return satisfaction.link_of(case).partition("token=")[2]


def page(method="GET", **form) -> str:
	"""What the web server answers a guest."""
	from frappe.website.serve import get_response

	user = frappe.session.user
	frappe.set_user("Guest")
	set_request(method=method, path="case-feedback")
	frappe.local.form_dict = frappe._dict(form)
	frappe.local.request_ip = frappe.generate_hash(length=8)
	try:
		response = get_response("case-feedback")
		assert response.status_code == 200
		return response.get_data(as_text=True)
	finally:
		del frappe.local.request
		frappe.local.form_dict = frappe._dict()
		frappe.set_user(user)


INVALID = "This link is not valid, or it was used already."


def test_a_guest_opens_the_link_and_answers_once(asked):
	case, token = asked
	before = frappe.db.get_value(CASE, case.name, "modified")
	shown = page(token=token)
	assert "How satisfied are you" in shown and "<b>leaks" not in shown
	assert frappe.db.get_value(CASE, case.name, "modified") == before, "reading changes nothing"
	assert "one to five" in page("POST", token=token, stars="9")
	assert "Thank you" in page("POST", token=token, stars="4", comment="Quick <script>alert(1)</script>")
	case.reload()
	assert (round(case.satisfaction, 1), case.status) == (0.8, "Solved")
	assert "Quick" in case.satisfaction_comment and "<script" not in case.satisfaction_comment
	assert case.log[-1].kind == "Rated" and not case.satisfaction_key
	assert INVALID in page(token=token)
	assert INVALID in page("POST", token=token, stars="1")
	assert round(frappe.db.get_value(CASE, case.name, "satisfaction"), 1) == 0.8


def test_a_forged_an_old_and_a_strange_link_get_the_same_answer_that_names_nothing(asked, sale):
	case, token = asked
	key, until, signature = token.split(".")
	other = satisfaction.token_of("x" * 32, "2999-01-01")
	strange = [
		*("", "x", "..", "a.b.c", token[:-1], token + "x", f"{key}.29991231.{signature}", "ü.ü.ü", "x" * 5000),
		*(other, f"{case.name}.{until}.{signature}", "' or 1=1 --"),
	]
	for wrong in strange:
		shown = page(token=wrong)
		assert INVALID in shown and case.name not in shown and sale.world.company not in shown.split("<main")[-1], wrong
		assert INVALID in page("POST", token=wrong, stars="5")
	assert INVALID in page()
	with ticking() as clock:
		clock.pass_days(30)
		assert INVALID not in page(token=token)
		clock.pass_days(1)
		assert INVALID in page(token=token)
	assert not frappe.db.get_value(CASE, case.name, "satisfaction")


def test_a_link_is_void_when_the_case_is_opened_again(asked):
	case, token = asked
	api.reopen_case(case.name, "It leaks again")
	assert INVALID in page(token=token)
	solved(case)
	assert INVALID in page(token=token) and INVALID not in page(token=token_of(case))


def test_who_tries_again_and_again_is_made_to_wait(asked):
	from crm_pipeline.www import case_feedback

	set_request(method="GET", path="case-feedback")
	frappe.local.request_ip = frappe.generate_hash(length=8)
	frappe.local.form_dict = frappe._dict(token="x.y.z")
	try:
		for _try in range(case_feedback.TRIES):
			assert case_feedback.answer() == {"state": "invalid"}
		context = frappe._dict()
		case_feedback.get_context(context)
		assert context.state == "busy"
	finally:
		del frappe.local.request
		frappe.local.form_dict = frappe._dict()


def test_the_customer_is_asked_by_mail_once_and_only_where_that_is_wished_for(sale, as_user, asked):
	case, token = asked
	case_notices.send(case.name, REP)
	assert mails_of(case) == [], "without an account nothing is sent, and nothing fails"
	account = {
		"doctype": "Email Account",
		"name": "Ours",
		"email_id": "us@crm-test.example",
		"email_account_name": "Ours",
	}
	frappe.get_doc({**account, "enable_outgoing": 1, "default_outgoing": 1, "smtp_server": "localhost"}).db_insert()
	frappe.local.outgoing_email_account = {}
	frappe.clear_cache(doctype="Email Account")
	case_notices.send(case.name, REP)
	(mail,) = mails_of(case)
	assert token in mail.message.replace("=\n", "").replace("=\r\n", "").replace("=3D", "=")
	configure(ask_satisfaction=0)
	quiet = solved(sale.case(email_id="ines@harbour.example"))
	case_notices.send(quiet.name, REP)
	assert not quiet.satisfaction_key and mails_of(quiet) == []


def mails_of(case) -> list:
	return frappe.get_all(
		"Email Queue",
		filters={"reference_doctype": CASE, "reference_name": case.name},
		fields=["message"],
		order_by="creation asc",
	)


def test_the_site_s_own_template_has_the_link(asked):
	case, token = asked
	frappe.get_doc(
		{
			"doctype": "Email Template",
			"name": f"Ours {case.name}",
			"subject": "About {{ name }}",
			"use_html": 1,
			"response_html": "<p>{{ subject|e }} {{ feedback_link }}</p>",
		}
	).insert(ignore_permissions=True)
	configure(satisfaction_template=f"Ours {case.name}")
	subject, message = satisfaction._words(case, satisfaction.link_of(case))
	assert subject == f"About {case.name}" and token in message and "<b>leaks" not in message


def test_native_forms_count_the_cases_of_their_documents(sale, as_user):
	from frappe.desk.notifications import get_open_count

	as_user("desk")
	order = sale.order(sale.opportunity())
	sale.case(reference_doctype="Sales Order", reference_name=order.name)
	for doctype, name in (("Sales Order", order.name), ("Customer", sale.world.customer)):
		found = get_open_count(doctype, name)["count"]["external_links_found"]
		assert [row["count"] for row in found if row["doctype"] == CASE] == [1]


def test_a_customer_with_a_case_is_renamed_and_merged_with_it(sale, as_user):
	case = sale.case()
	other = customer(f"Southwind {sale.world.tag}")
	frappe.rename_doc("Customer", sale.world.customer, other, merge=True)
	assert frappe.db.get_value(CASE, case.name, ["customer", "party_name"]) == (other, f"Southwind {sale.world.tag}")


def test_who_stands_in_hears_of_a_case_that_is_given_to_who_is_away(sale, as_user):
	as_user("Administrator")
	today = {"from_date": nowdate(), "to_date": nowdate()}
	frappe.get_doc({"doctype": "Sales Absence", "user": OTHER, "deputy": MANAGER, **today}).insert()
	as_user("rep")
	case = sale.case()
	api.forward_case(case.name, user=OTHER)
	case_notices.send(case.name, REP)
	case_notices.send(case.name, REP)
	bells = frappe.get_all("Notification Log", {"document_name": case.name, "for_user": MANAGER}, pluck="subject")
	assert len(bells) == 1 and "stand in for" in bells[0]
	assert frappe.get_all("ToDo", {"reference_name": case.name, "status": "Open"}, pluck="allocated_to") == [OTHER]


def test_each_reads_a_task_in_their_own_language(sale, as_user):
	as_user("rep")
	case = sale.case(subject="It leaks")
	frappe.db.set_value("User", DESK, "language", "zh")
	api.forward_case(case.name, DESK, note="Better you")
	case_notices._give_to(case.reload(), [DESK, OTHER])
	said = frappe.get_all(
		"ToDo",
		filters={"reference_name": case.name},
		fields=["description"],
		order_by="allocated_to asc",
	)
	assert [row.description.partition(":")[0] for row in said] == ["投诉 (高)", "Complaint (High)"]


def test_the_customer_is_asked_in_the_language_of_their_record(sale, as_user, monkeypatch):
	mails = []
	monkeypatch.setattr(frappe, "sendmail", lambda **mail: mails.append(mail))
	configure(ask_satisfaction=1)
	as_user("rep")
	case = solved(sale.case(email_id="ines@harbour.example"))
	frappe.db.set_value("Customer", case.customer, "language", "zh")
	satisfaction.ask(case.reload())
	assert mails[0]["subject"] == f"您满意吗？{case.name}" and "您的服务单" in mails[0]["message"]
