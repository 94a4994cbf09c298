"""My Day: what waits for somebody, as their lists say, and what is done about it there."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.demo import clock
from crm_pipeline.my_day import day as my_day
from tests.site import rows
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

ACTIVITY = "Sales Activity"
REP, OTHER, MANAGER = (f"{name}@crm-test.example" for name in ("rep", "rep2", "manager"))


def activity(**values):
	return frappe.get_doc(
		{"doctype": ACTIVITY, "subject": "Call", "way": "Phone", "status": "Planned", **values}
	).insert()


def later(**how) -> str:
	return str(add_to_date(now_datetime(), **how))


def day(user: str | None = None) -> dict[str, dict]:
	return {section["key"]: section for section in api.get_my_day(user)["sections"]}


def names(key: str, user: str | None = None) -> list[str]:
	return [row.name for row in day(user)[key]["rows"]]


def test_it_holds_what_waits_worst_first(sale, as_user):
	as_user("rep")
	long_late, late = activity(starts_on=later(days=-9)), activity(starts_on=later(days=-2))
	now = activity(starts_on=now_datetime())
	# Begins earlier, has to be done by Friday: it is on today, not late.
	running = activity(starts_on=later(days=-3), due_on=later(days=2))
	activity(starts_on=later(days=3))
	activity(starts_on=later(days=-3), status="Done")
	deal = sale.opportunity(next_step="Send it", next_step_date=add_days(nowdate(), -1))
	agreed = activity(
		status="Done", next_step="Visit", next_step_date=nowdate(), reference_doctype="Customer",
		reference_name=sale.world.customer,
	)  # fmt: skip
	lead = sale.lead()
	frappe.db.set_value(deal.doctype, deal.name, "is_stalled", 1)
	task = frappe.get_doc({"doctype": "ToDo", "description": "Send <b>it</b>", "allocated_to": REP}).insert()
	found = day()
	assert list(found)[:1] == ["late"] and list(found).index("steps") < list(found).index("today")
	assert [row.name for row in found["late"]["rows"]] == [long_late.name, late.name]
	assert {row.name for row in found["today"]["rows"]} == {now.name, running.name}
	assert {row.name for row in found["steps"]["rows"]} == {deal.name, agreed.name}
	[of_deal] = [row for row in found["steps"]["rows"] if row.name == deal.name]
	assert (of_deal.title, of_deal.text, of_deal.is_late, of_deal.party) == (
		deal.title,
		"Send it",
		True,
		deal.party_name,
	)
	assert [row.name for row in found["leads"]["rows"]] == [lead.name]
	assert [row.name for row in found["stalled"]["rows"]] == [deal.name]
	assert [(row.name, row.title) for row in found["tasks"]["rows"]] == [(task.name, "Send it")]


def test_every_count_is_that_of_the_list_which_it_leads_to(sale, as_user):
	as_user("rep")
	for days in range(1, 36):
		activity(starts_on=later(days=-days))
	sale.opportunity(next_step="Send it", next_step_date=nowdate())
	sale.lead()
	found = day()
	assert (found["late"]["count"], len(found["late"]["rows"])) == (35, 30)
	for section in found.values():
		assert section["count"] == sum(part["count"] for part in section["parts"])
		for part in section["parts"]:
			listed = frappe.get_list(part["doctype"], filters=part["filters"], pluck="name", limit=0)
			assert part["count"] == len(listed), (section["key"], part["doctype"])


def test_a_manager_looks_at_the_days_of_those_below_and_at_no_other(world, as_user):
	as_user("rep")
	mine = activity(starts_on=later(days=-1))
	as_user("Administrator")
	rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	as_user("manager")
	assert names("late", REP) == [mine.name] and names("late") == []
	assert REP in {row.user for row in api.get_my_day()["people"]}
	for user in (OTHER, "nobody@crm-test.example", "Administrator"):
		with refused(frappe.PermissionError, match="may not look at the day"):
			api.get_my_day(user)
	as_user("rep")
	assert [row.user for row in api.get_my_day()["people"]] == [REP]
	with refused(frappe.PermissionError):
		api.get_my_day(MANAGER)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 0)
	assert [row.user for row in api.get_my_day()["people"]] == [REP], "who sees all deals sees no other one's day"


def test_each_role_gets_its_parts(sale, as_user):
	as_user("finance")
	assert {"late", "leads"}.isdisjoint(day())
	as_user("desk")
	assert "waiting" in day()
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_my_day()


@pytest.fixture
def tokyo(rolled_back):
	"""Eight in the evening in New York, where the site is: it is tomorrow in Tokyo, where the rep is."""
	monday = datetime.combine(getdate(), datetime.min.time())
	with clock.story_time():
		clock.set_to(monday + timedelta(hours=20))
		frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
		frappe.db.set_value("User", REP, "time_zone", "Asia/Tokyo")
		frappe.clear_document_cache("User", REP)
		yield monday
	frappe.db.rollback()
	frappe.clear_document_cache("User", REP)


def test_today_is_that_of_whose_day_it_is(tokyo, as_user):
	as_user("rep")
	this_morning = activity(starts_on=tokyo + timedelta(hours=9))
	# Nine in the morning of the rep's Tuesday.
	soon = activity(starts_on=tokyo + timedelta(hours=20))
	tomorrow = activity(starts_on=tokyo + timedelta(days=1, hours=12))
	found = day()
	assert api.get_my_day()["day"] == str(getdate(tokyo + timedelta(days=1)))
	assert [row.name for row in found["late"]["rows"]] == [this_morning.name]
	assert [row.name for row in found["today"]["rows"]] == [soon.name]
	# Moved to their Thursday, it is at nine of their clock.
	api.move_item(ACTIVITY, soon.name, getdate(tokyo + timedelta(days=3)))
	assert frappe.db.get_value(ACTIVITY, soon.name, "starts_on") == tokyo + timedelta(days=2, hours=20)
	assert tomorrow.name not in names("today")


# ---- what is done there


def test_done_with_a_result_in_one_step_and_twice_is_once(sale, as_user):
	as_user("rep")
	doc = activity(starts_on=later(days=-1), reference_doctype="Customer", reference_name=sale.world.customer)
	values = {
		"result": "Interested",
		"next_step": "Visit",
		"next_step_date": add_days(nowdate(), 2),
		"sales_owner": OTHER,
	}
	api.finish_item(ACTIVITY, doc.name, values)
	doc.reload()
	assert (doc.status, doc.result, doc.next_step, doc.sales_owner) == ("Done", "Interested", "Visit", REP)
	# From another tab that still shows it: the step is done by that.
	api.finish_item(ACTIVITY, doc.name)
	assert frappe.db.get_value(ACTIVITY, doc.name, ["status", "next_step_done"]) == ("Done", 1)


def test_moved_to_a_day_that_has_not_passed(sale, as_user):
	as_user("rep")
	friday = add_days(nowdate(), 4)
	doc = activity(starts_on=later(days=-2), ends_on=later(days=-2, hours=1))
	deal = sale.opportunity(next_step="Send it", next_step_date=nowdate())
	task = frappe.get_doc({"doctype": "ToDo", "description": "Send it", "allocated_to": REP}).insert()
	for moved in (doc, deal, task):
		api.move_item(moved.doctype, moved.name, friday)
		with refused(match="today or a later day"):
			api.move_item(moved.doctype, moved.name, add_days(nowdate(), -3))
		moved.reload()
	assert getdate(doc.starts_on) == getdate(doc.due_on) == getdate(friday) and doc.duration == 3600
	assert (deal.next_step, str(deal.next_step_date), str(task.date)) == ("Send it", friday, friday)
	api.finish_item(ACTIVITY, doc.name)
	with refused(match="not planned any more"):
		api.move_item(ACTIVITY, doc.name, friday)


def test_nothing_is_given_to_who_left_or_may_not_see_it(sale, as_user):
	as_user("rep")
	doc = activity()
	with refused(match="has no right to read"):
		api.forward_item(ACTIVITY, doc.name, "stranger@crm-test.example")
	as_user("Administrator")
	frappe.db.set_value("User", OTHER, "enabled", 0)
	as_user("rep")
	for give in (api.forward_item, api.assign_item):
		with refused(match="not a user who works here"):
			give(ACTIVITY, doc.name, OTHER)


def test_another_teams_documents_are_not_touched(sale, as_user):
	as_user("other_rep")
	doc, deal = activity(), sale.opportunity()
	set_apart()
	as_user("rep")
	for hidden in (doc, deal):
		for act in (
			lambda d: api.finish_item(d.doctype, d.name),
			lambda d: api.move_item(d.doctype, d.name, nowdate()),
			lambda d: api.forward_item(d.doctype, d.name, REP),
			lambda d: api.assign_item(d.doctype, d.name, REP),
		):
			with refused(frappe.PermissionError):
				act(hidden)


def test_cases_and_promised_payments_wait_as_well(sale, as_user):
	as_user("rep")
	case = frappe.get_doc(
		{"doctype": "Customer Case", "subject": "It leaks", "kind": "Complaint", "customer": sale.world.customer, "responsible": REP}
	).insert()  # fmt: skip
	promised = {"docstatus": 0, "status": "Open", "sales_owner": REP, "customer": sale.world.customer, "amount": 10}
	late, _later = (
		rows.row("Promise to Pay", sales_invoice="SINV-1", promised_on=add_days(nowdate(), days), **promised)
		for days in (-1, 3)
	)
	found = day()
	assert [(row.name, row.title, row.party) for row in found["cases"]["rows"]] == [
		(case.name, "It leaks", sale.world.customer)
	]
	assert [row.name for row in found["promises"]["rows"]] == [late]
	api.forward_item(case.doctype, case.name, OTHER, "Yours")
	assert day()["cases"]["count"] == 0
	as_user("other_rep")
	assert names("cases") == [case.name]


def test_what_has_only_begun_is_not_late_and_the_worst_deal_stands_first(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	frappe.db.set_value(lead.doctype, lead.name, "creation", later(days=-2))
	case = sale.case(responsible=REP, status="Open")
	frappe.db.set_value(case.doctype, case.name, {"due_by": later(days=-1), "responsible": REP})
	mild, bad = sale.opportunity(title="Mild"), sale.opportunity(title="Bad")
	for deal, score, days in ((mild, 70, -90), (bad, 95, -9)):
		values = {"is_stalled": 1, "stalled_score": score, "stage_entered_on": later(days=days)}
		frappe.db.set_value(deal.doctype, deal.name, values)
	found = day()
	assert [row.is_late for row in found["leads"]["rows"] if row.name == lead.name] == [False]
	assert [row.name for row in found["stalled"]["rows"]] == [bad.name, mild.name]
	assert [row.is_late for row in found["stalled"]["rows"]] == [False, False]
	assert [row.is_late for row in found["cases"]["rows"]] == [True]
	frappe.db.set_value(case.doctype, case.name, "status", "Waiting")
	assert [row.is_late for row in day()["cases"]["rows"]] == [False]


def test_what_is_due_today_is_not_late(site):
	today, noon = getdate("2026-03-02"), get_datetime("2026-03-02 12:00:00")
	whose = frappe._dict(day=today)
	late = lambda at, **more: my_day._is_late(frappe._dict(at=at, **more), whose, noon)  # noqa: E731
	assert [late(at) for at in (None, today, "2026-03-02", "2026-03-01")] == [False, False, False, True]
	assert [late(get_datetime(f"2026-03-02 {at}")) for at in ("11:59:59", "12:00:00")] == [True, False]
	assert not late("2026-03-01", since=noon)
	assert [late("2026-03-01", doctype="Customer Case", status=status) for status in ("Waiting", "Open")] == [
		False,
		True,
	]
