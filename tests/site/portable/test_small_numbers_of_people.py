"""Whose numbers a workspace shows: by function, and by the day of who reads them."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.analytics import open_pipeline
from crm_pipeline.analytics import workspace_numbers as numbers
from crm_pipeline.analytics.scope import Scope
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.rows import bare_deal

REP, MANAGER = (USERS[who][0] for who in ("rep", "manager"))


def keys(function: str, world) -> list[str]:
	return [one["key"] for one in numbers.numbers_of(function, world.company)["numbers"]]


@pytest.mark.parametrize(("who", "function"), [("desk", numbers.ORDER_DESK), ("finance", numbers.FINANCE)])
def test_deals_are_no_number_of_who_works_on_orders_and_invoices_whatever_they_may_read(world, as_user, who, function):
	bare_deal(world, "A", base_amount=10)
	as_user(who)
	assert not set(numbers.DEAL_KEYS) & set(keys(function, world))


@pytest.mark.parametrize(("who", "function"), [("rep", numbers.REP), ("manager", numbers.MANAGER)])
def test_deals_are_the_first_numbers_of_who_sells(world, as_user, who, function):
	as_user(who)
	assert keys(function, world)[:5] == ["open", "won", "past_close", "stalled", "unplanned"]


@pytest.mark.parametrize(
	("site_days", "user_days", "due_until"),
	[(0, 1, 1), (0, -1, -1), (0, 0, 0), (-40, 1, -40)],
	ids=["tomorrow for the user", "yesterday for the user", "the same day", "another day is asked for"],
)
def test_activities_are_due_until_the_day_of_the_user_ends(world, monkeypatch, site_days, user_days, due_until):
	day = lambda days: getdate(add_days(nowdate(), days))  # noqa: E731
	monkeypatch.setattr(numbers.user_day, "user_today", lambda: day(user_days))
	frappe.set_user(REP)
	[activities, *_more] = numbers._of_rep(world.company, day(site_days))
	frappe.set_user("Administrator")
	ends = str(numbers.user_day.end_of(day(due_until), REP))
	assert activities.filters == [["status", "=", "Planned"], ["sales_owner", "=", REP], ["due_on", "<", ends]]
	assert (activities.doctype, activities.is_late) == ("Sales Activity", True)


@pytest.mark.parametrize(("days", "waits"), [(-1, True), (0, True), (1, False), (None, True)])
def test_a_new_lead_waits_for_an_answer_from_the_day_on_which_it_is_worked_again(world, days, waits):
	until = None if days is None else add_days(nowdate(), days)
	made = {
		key: rows.row("Sales Lead", **{
			"name": f"{key} {world.tag}", "docstatus": 0, "title": key, "status": "New", "sales_owner": REP,
			"company": world.company, "nurture_until": until, **values,
		})
		for key, values in (
			("A", {}), ("answered", {"status": "Contacted"}), ("elsewhere", {"company": "Another"}),
			("theirs", {"sales_owner": MANAGER}),
		)
	}  # fmt: skip
	listed = lambda mine: {  # noqa: E731
		key for key, name in made.items()
		if name in frappe.get_all("Sales Lead", filters=numbers._new_leads(world.company, mine), pluck="name", order_by="name asc", limit=0)
	}  # fmt: skip
	assert listed({"sales_owner": REP}) == ({"A"} if waits else set())
	assert listed({}) == ({"A", "theirs"} if waits else set())


def test_a_number_counts_and_opens_all_of_its_documents_however_many_they_are(world):
	fixed = {"docstatus": 1, "company": world.company, "customer": world.customer, "base_amount": 2}
	for number in range(25):
		rows.row("Sales Contract", name=f"{number:02} {world.tag}", title="Many", status="Active", **fixed)
	filters = [["title", "=", "Many"], ["name", "like", f"% {world.tag}"]]
	found = numbers._listed("many", "Many", "Sales Contract", filters, "base_amount")
	assert (found.count, found.amount, len(found.rows)) == (25, 50, 25)


def test_what_is_open_by_stage_is_of_open_deals_alone_in_the_company_s_money_pipeline_by_pipeline(world):
	first, second = (make_pipeline(f"{name} {world.tag}") for name in ("Alpha", "Beta"))
	for key, pipeline, at, values in (
		("A", second, "a", {}), ("B", first, "b", {}), ("C", first, "a", {}), ("D", first, "a", {"base_amount": 30, "amount": 3}),
		("E", first, "a", {"status": "Lost", "outcome": "Lost"}), ("F", first, "won", {"status": "Won", "outcome": "Won"}),
	):  # fmt: skip
		fixed = {"pipeline": pipeline, "stage": f"{pipeline}-{at}", "base_amount": 10, "amount": 5, "probability": 20}
		bare_deal(world, key, **{**fixed, "campaign": world.tag, **values})
	found = open_pipeline.by_stage(Scope.of({"company": world.company, "campaign": world.tag}))
	told = [(row.pipeline, row.label, row.documents, row.amount, row.weighted) for row in found]
	assert told == [(first, "A", 2, 40, 8), (first, "B", 1, 10, 2), (second, "A", 1, 10, 2)]
