"""Rich text and messages where plain text is shown: in mails' subjects, calendars, My Day, refusals, searches."""

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.activities import reminders
from crm_pipeline.analytics import lead_contact
from crm_pipeline.cases import satisfaction
from crm_pipeline.pool import claiming
from tests.site.conftest import USERS
from tests.site.portable.test_calendar_file import events
from tests.site.portable.test_customer_cases import CASE, configure
from tests.site.portable.test_reminders import mails, soon  # noqa: F401
from tests.site.world import refused

REP = USERS["rep"][0]
WISHES = ("enabled", "enable_email_notifications", "crm_remind_by_email")
RICH = "<p>Ring Smith &amp; Sons</p><p>Ask for&nbsp;Bob<br>5 &lt; 6</p>"


def test_the_subject_of_a_mail_is_as_it_was_typed(world, as_user, mails):  # noqa: F811
	as_user("rep")
	frappe.db.set_value("User", REP, "email", REP)
	frappe.db.set_value("Notification Settings", REP, dict.fromkeys(WISHES, 1))
	doc = soon(subject="Ring Smith & Sons")
	reminders.remind(doc.name)
	[mail] = mails
	assert mail["subject"].startswith("Reminder: Ring Smith & Sons, due ")
	assert "Ring Smith &amp; Sons" in mail["message"]


def test_a_task_keeps_its_signs_and_lines_in_a_calendar_and_in_my_day(sale, as_user):
	as_user("rep")
	task = frappe.get_doc({"doctype": "ToDo", "description": RICH, "allocated_to": REP, "date": nowdate()}).insert()
	found = events()[f"todo-{task.name}"]
	assert str(found["summary"]) == "Ring Smith & Sons"
	assert str(found["description"]).startswith("Ring Smith & Sons\nAsk for Bob\n5 < 6\n")
	[day] = [section for section in api.get_my_day()["sections"] if section["key"] == "tasks"]
	assert [row.title for row in day["rows"] if row.name == task.name] == ["Ring Smith & Sons\nAsk for Bob\n5 < 6"]


def test_why_one_of_many_was_refused_names_it_as_it_is_called(sale, as_user):
	as_user("Administrator")
	lead = sale.lead(title="Pumps & Valves")
	[row] = claiming.give(lead.doctype, [lead.name], REP)["refused"]
	assert row["reason"].startswith("Pumps & Valves is not in the public pool any more")


def test_a_discussion_is_found_by_what_was_said_in_it(world, as_user):
	as_user("rep")
	doc = frappe.get_doc(
		{"doctype": "Customer Discussion", "title": "Rates", "kind": "Question", "text": RICH}
	).insert()
	assert doc.words == "Rates Ring Smith & Sons Ask for Bob 5 < 6"


@pytest.mark.parametrize("empty", ["<p>&nbsp;</p>", "<p><br></p>", "<div>&nbsp;&nbsp;</div>"])
def test_a_text_of_spaces_alone_says_nothing(sale, as_user, empty):
	as_user("rep")
	with refused(frappe.MandatoryError):
		frappe.get_doc({"doctype": "Customer Discussion", "title": "A", "kind": "Question", "text": empty}).insert()
	with refused(frappe.MandatoryError):
		api.solve_case(sale.case().name, empty)


def test_a_customer_reads_the_solution_line_by_line(sale, as_user, mails):  # noqa: F811
	configure(ask_satisfaction=1)
	as_user("rep")
	case = sale.case(email_id="ines@harbour.example")
	api.solve_case(case.name, "A new seal & ring\nfitted by <b>Bob</b>")
	satisfaction.ask(frappe.get_doc(CASE, case.name))
	[mail] = mails
	assert "<p>A new seal &amp; ring<br>fitted by Bob</p>" in mail["message"]


def test_a_mail_of_the_lead_is_shown_once_escaped():
	mail = frappe._dict(sender="a@b.example", subject="R&D", content=RICH, reference_name="L-1")
	assert "Ring Smith &amp; Sons<br>Ask for Bob<br>5 &lt; 6" in lead_contact._card(mail)


def test_a_comment_on_the_timeline_is_what_was_typed(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	deal.add_comment("Comment", "<p>R&amp;D asks</p><p>again</p>")
	entries = api.get_timeline(deal.doctype, deal.name)["entries"]
	said = [entry["row"]["content"] for entry in entries if entry["kind"] == "Comment"]
	assert said == ["R&D asks\nagain"]
