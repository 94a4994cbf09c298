"""Who is told of a help request: tasks and notifications, as the background job makes them."""

import frappe
import pytest
from frappe.desk.doctype.notification_log import notification_log

from crm_pipeline import api
from crm_pipeline.coaching import help_notices

REP, MANAGER = "rep@crm-test.example", "manager@crm-test.example"


def tasks(request: str) -> list[tuple]:
	return frappe.get_all(
		"ToDo",
		filters={"reference_type": "Sales Help Request", "reference_name": request},
		fields=["allocated_to", "status"],
		order_by="allocated_to asc",
		as_list=True,
	)


def notices(user: str, **filters) -> list[str]:
	return frappe.get_all(
		"Notification Log", filters={"for_user": user, **filters}, pluck="subject", order_by="creation asc"
	)


def do_at_once(method, queue=None, now=None, enqueue_after_commit=None, **values):
	"""What a worker would do after the commit that a test never makes."""
	return frappe.call(method, **values)


@pytest.fixture
def asked(sale, as_user, monkeypatch):
	"""A question of the rep about a deal with an awkward title."""
	# The site has no mail account; the notices themselves are what counts here.
	monkeypatch.setattr(notification_log, "send_notification_email", lambda notice: None)
	monkeypatch.setattr(frappe, "enqueue", do_at_once)
	as_user("rep")
	deal = sale.opportunity(title="Pumps <b>for</b> Ines")
	return deal, api.ask_for_help(deal.doctype, deal.name, "Price", "May I give <i>five</i> per cent?")["name"]


def test_a_question_is_a_task_of_every_manager_once(asked):
	deal, name = asked
	help_notices.send(name)
	help_notices.send(name)
	told = dict(tasks(name))
	assert told[MANAGER] == "Open" and REP not in told
	description = frappe.db.get_value("ToDo", {"reference_name": name, "allocated_to": MANAGER}, "description")
	assert "May I give &lt;i&gt;five&lt;/i&gt; per cent?" in description
	assert len(notices(MANAGER, document_name=name)) == 1


def test_an_answer_ends_the_tasks_and_tells_the_rep_once(asked, as_user):
	deal, name = asked
	help_notices.send(name)
	as_user("manager")
	api.answer_help(name, "Three.")
	help_notices.send(name)
	assert {status for _user, status in tasks(name)} == {"Closed"}
	(subject,) = notices(REP, document_name=deal.name)
	assert "answered your question" in subject and "manager" in subject


def test_a_withdrawn_question_ends_the_tasks_and_tells_nobody(asked):
	deal, name = asked
	help_notices.send(name)
	api.withdraw_help(name)
	help_notices.send(name)
	assert {status for _user, status in tasks(name)} == {"Closed"}
	assert notices(REP, document_name=deal.name) == []


def test_a_deal_that_goes_takes_its_tasks_along(asked, as_user):
	deal, name = asked
	help_notices.send(name)
	as_user("manager")
	frappe.delete_doc(deal.doctype, deal.name)
	assert not tasks(name)
	help_notices.send(name)
	assert not tasks(name)


def test_a_manager_reads_it_in_their_own_language(asked):
	_deal, name = asked
	frappe.db.set_value("User", MANAGER, "language", "zh")
	help_notices.send(name)
	[said] = frappe.get_all("ToDo", {"reference_name": name, "allocated_to": MANAGER}, pluck="description")
	assert "求助" in said and "asks for help" not in said
