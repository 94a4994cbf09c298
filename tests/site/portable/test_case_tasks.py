"""Whose task a case is, whatever other cases and tasks there are; and what the page of access says of a case."""

import frappe
import pytest

from crm_pipeline import access_explained, api
from crm_pipeline.cases import case_notices, satisfaction
from crm_pipeline.cases.customer_cases import CASE
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_cases_filled_in import asked  # noqa: F401
from tests.site.portable.test_small_cases import tasks
from tests.site.portable.test_visibility import set_apart

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def task(doctype: str, name: str, user: str, **values):
	made = {"doctype": "ToDo", "allocated_to": user, "description": "Visit them", "status": "Open"}
	return frappe.get_doc({**made, "reference_type": doctype, "reference_name": name, **values}).insert()


def test_who_has_a_task_of_another_case_or_had_one_of_this_gets_this_one_too(sale, as_user):
	as_user("rep")
	case, other = sale.case(), sale.case(subject="The filter leaks")
	as_user("Administrator")
	task(CASE, other.name, OTHER)
	task("Customer", case.customer, OTHER)
	task(CASE, case.name, OTHER, status="Closed")
	as_user("rep")
	api.forward_case(case.name, OTHER, note="Yours as well")
	case_notices.send(case.name, REP)
	assert sorted(tasks(case)) == [(OTHER, "Closed"), (OTHER, "Open")]
	case_notices.send(case.name, REP)
	assert sorted(tasks(case)) == [(OTHER, "Closed"), (OTHER, "Open")], "and has it once"
	assert list(tasks(other)) == [(OTHER, "Open")]


def test_who_gives_a_case_on_keeps_their_tasks_of_others(sale, as_user):
	as_user("rep")
	case, other = sale.case(), sale.case(subject="The filter leaks")
	for one in (case, other):
		api.forward_case(one.name, OTHER, note="Yours")
		case_notices.send(one.name, REP)
	as_user("other_rep")
	api.forward_case(case.name, DESK, note="Better you")
	case_notices.send(case.name, OTHER)
	assert sorted(tasks(case)) == [(DESK, "Open"), (OTHER, "Closed")]
	assert list(tasks(other)) == [(OTHER, "Open")]
	api.solve_case(case.name, "A new seal")
	case_notices.send(case.name, OTHER)
	assert {status for _user, status in tasks(case)} == {"Closed"}
	assert list(tasks(other)) == [(OTHER, "Open")]


def test_a_case_that_comes_back_to_whoever_had_it_is_their_task_again(sale, as_user):
	as_user("rep")
	case = sale.case()
	for by, to in ((REP, OTHER), (OTHER, DESK), (DESK, OTHER)):
		as_user(by)
		api.forward_case(case.name, to, note="Yours")
		case_notices.send(case.name, by)
	assert sorted(tasks(case)) == [(DESK, "Closed"), (OTHER, "Closed"), (OTHER, "Open")]


@pytest.mark.parametrize("said", [None, "", "  "])
def test_a_customer_who_gives_stars_without_a_word_is_heard_too(asked, as_user, said):  # noqa: F811
	case, token = asked
	as_user("Guest")
	assert satisfaction.store(token, 5, said) is True
	as_user("Administrator")
	case.reload()
	assert (case.satisfaction, case.satisfaction_comment, case.satisfaction_key) == (1, None, None)
	assert (case.log[-1].kind, case.log[-1].text) == ("Rated", None)


def test_whose_case_it_is_sees_it_though_they_may_not_see_what_it_is_about(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	case = sale.case(reference_doctype=deal.doctype, reference_name=deal.name, responsible=REP)
	theirs = sale.case(reference_doctype=deal.doctype, reference_name=deal.name)
	as_user("Administrator")
	set_apart()
	found = access_explained.answer(REP, CASE, case.name)["read"]
	assert found["allowed"] and not [one for one in found["reasons"] if not one["speaks_for"]]
	hidden = access_explained.answer(REP, CASE, theirs.name)["read"]
	assert not hidden["allowed"]
	assert not [one for one in hidden["reasons"] if "what it is about" in one["text"]]


@pytest.mark.parametrize("end", ["Solved", "Withdrawn"])
def test_a_case_that_is_over_is_nobody_s_task(sale, as_user, end):
	as_user("rep")
	case = sale.case()
	api.forward_case(case.name, OTHER, note="Yours")
	case_notices.send(case.name, REP)
	frappe.db.set_value(CASE, case.name, "status", end)
	case_notices.send(case.name, REP)
	assert list(tasks(case)) == [(OTHER, "Closed")]


def test_whoever_had_a_case_before_it_was_given_on_has_no_task_of_it(sale, as_user):
	as_user("rep")
	case = sale.case()
	as_user("Administrator")
	task(CASE, case.name, REP)
	task(CASE, case.name, MANAGER)
	as_user("rep")
	api.forward_case(case.name, OTHER, note="Yours")
	case_notices.send(case.name, REP)
	assert sorted(tasks(case)) == [(MANAGER, "Open"), (OTHER, "Open"), (REP, "Closed")], "a colleague's stays"


def test_a_link_of_a_case_that_was_opened_again_is_none(asked):  # noqa: F811
	case, token = asked
	assert satisfaction.case_of(token) == case.name
	for status in ("In Progress", "Withdrawn"):
		frappe.db.set_value(CASE, case.name, "status", status)
		assert satisfaction.case_of(token) is None
