"""What is done from My Day, in detail: whose clock a day is of, what stays as it was, what goes along."""

import frappe
import pytest
from frappe.utils import add_days, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline.my_day import day_actions
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
ACTIVITY, TASK, CASE = "Sales Activity", "ToDo", "Customer Case"


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def activity(**values):
	planned = {"starts_on": add_days(now_datetime(), 1), "status": "Planned", "way": "Phone"}
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", **planned, **values}).insert()


def test_who_may_only_read_a_deal_carries_out_no_next_step_of_it(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(next_step="Call", next_step_date=nowdate())
	as_user("finance")
	assert frappe.has_permission(deal.doctype, "read", doc=deal.name)
	with refused(frappe.PermissionError):
		day_actions.to_finish(deal.doctype, deal.name)


@pytest.mark.parametrize(
	"planned",
	[
		{"next_step": "Visit", "next_step_date": "2030-01-01"},
		{"next_step": "Visit", "next_step_date": None},
		{"next_step": None, "next_step_date": "2030-01-01"},
	],
)
def test_a_next_step_that_was_done_waits_no_more_whichever_half_of_it_was_planned(sale, as_user, planned):
	as_user("rep")
	deal = sale.opportunity()
	deal.db_set(planned)
	day_actions.finish(deal.doctype, deal.name, {})
	assert not any(frappe.db.get_value(deal.doctype, deal.name, ["next_step", "next_step_date"]))


def test_putting_off_a_deal_keeps_what_is_to_be_done(sale, as_user):
	as_user("rep")
	deal, later = sale.opportunity(next_step="Visit", next_step_date=nowdate()), getdate(add_days(nowdate(), 9))
	day_actions.move(deal.doctype, deal.name, later)
	assert frappe.db.get_value(deal.doctype, deal.name, ["next_step", "next_step_date"]) == ("Visit", later)


def test_what_was_noted_before_stays_where_the_result_says_nothing_of_it(world, as_user):
	as_user("rep")
	doc = activity(notes="Bring the plan", next_step="Ring again", next_step_date=nowdate())
	day_actions.finish(ACTIVITY, doc.name, {"result": "Reached", "notes": "", "next_step": None, "subject": "Hacked"})
	doc.reload()
	assert (doc.status, doc.result, doc.notes) == ("Done", "Reached", "Bring the plan")
	assert (doc.next_step, doc.subject, doc.next_step_done) == ("Ring again", "Call", 0)


def test_a_deadline_keeps_its_time_of_day_and_never_comes_before_the_start(world, as_user):
	as_user("rep")
	day = getdate(add_days(nowdate(), 5))
	begins = get_datetime(f"{add_days(nowdate(), 1)} 10:00:00")
	due = {"later": "15:30:00", "earlier": "08:00:00"}
	found = {}
	for key, time in due.items():
		doc = activity(starts_on=begins)
		doc.db_set("due_on", f"{add_days(nowdate(), 2)} {time}")
		day_actions.move(ACTIVITY, doc.name, day)
		doc.reload()
		found[key] = tuple(str(get_datetime(doc.get(field)))[:16] for field in ("starts_on", "due_on"))
	assert found == {"later": (f"{day} 10:00", f"{day} 15:30"), "earlier": (f"{day} 10:00", f"{day} 10:00")}


def test_a_day_is_that_of_who_puts_it_off_not_of_whose_the_activity_is(world, as_user):
	"""Nine in the evening in New York is the next morning in Tokyo."""
	frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
	for user, zone in ((REP, "Asia/Tokyo"), (MANAGER, "America/New_York")):
		frappe.db.set_value("User", user, "time_zone", zone)
		frappe.clear_document_cache("User", user)
	frappe.clear_document_cache("System Settings", "System Settings")
	day = getdate(add_days(nowdate(), 6))
	moved = {}
	try:
		for who in ("manager", "rep"):
			as_user("rep")
			doc = activity(starts_on=get_datetime(f"{add_days(nowdate(), 2)} 21:00:00"), sales_owner=REP)
			as_user(who)
			day_actions.move(ACTIVITY, doc.name, day)
			moved[who] = str(get_datetime(frappe.db.get_value(ACTIVITY, doc.name, "starts_on")))[:10]
	finally:
		as_user("Administrator")
		for user in (REP, MANAGER):
			frappe.db.set_value("User", user, "time_zone", None)
			frappe.clear_document_cache("User", user)
	assert moved == {"manager": str(day), "rep": str(add_days(day, -1))}


@pytest.mark.parametrize(("note", "kept"), [("You know them", "You know them"), (None, "")])
def test_the_log_of_a_case_keeps_the_word_to_who_has_it_now(sale, as_user, note, kept):
	as_user("rep")
	case = sale.case(responsible=REP)
	day_actions.forward(CASE, case.name, OTHER, note)
	case.reload()
	line = case.log[-1]
	assert (case.responsible, line.kind, line.to_user) == (OTHER, "Forwarded", OTHER)
	assert (line.text or "") == kept


@pytest.mark.parametrize("placed", [True, False], ids=["in the tree", "not in the tree"])
def test_an_activity_goes_to_the_place_of_its_new_owner_in_the_tree_or_to_none(world, as_user, placed):
	as_user("Administrator")
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (REP, OTHER))}, "crm_user", None)
	people = rows.sales_people(world, North=None, Rep=REP, South=OTHER if placed else None)
	as_user("rep")
	doc = activity()
	doc.db_set("sales_person", people["Rep"])
	day_actions.forward(ACTIVITY, doc.name, OTHER, None)
	doc.reload()
	assert (doc.sales_owner, doc.sales_person or None) == (OTHER, people["South"] if placed else None)


@pytest.mark.parametrize("doctype", [ACTIVITY, "Sales Lead", CASE, TASK])
def test_nothing_is_given_to_somebody_who_does_not_work_here(sale, as_user, doctype):
	as_user("rep")
	make = {
		ACTIVITY: activity,
		"Sales Lead": sale.lead,
		CASE: lambda: sale.case(responsible=REP),
		TASK: lambda: frappe.get_doc({"doctype": TASK, "description": "Ring", "allocated_to": REP}).insert(),
	}
	doc = make[doctype]()
	with refused(match="is not a user who works here"):
		day_actions.forward(doctype, doc.name, "nobody@crm-test.example", "Please")


def test_a_lead_s_own_history_keeps_why_it_was_forwarded_and_there_is_one_bell_for_it(sale, as_user):
	as_user("manager")
	lead = sale.lead(sales_owner=REP)
	day_actions.forward("Sales Lead", lead.name, OTHER, "Your region")
	moved = {"reference_doctype": "Sales Lead", "reference_name": lead.name, "kind": "Owner", "to_value": OTHER}
	assert frappe.db.get_value("Sales Lead", lead.name, "sales_owner") == OTHER
	assert frappe.db.get_value("Pipeline Event", moved, "note") == "Your region"
	about = {"reference_doctype": "Sales Lead", "reference_name": lead.name, "comment_type": "Assigned"}
	assert not frappe.get_all("Comment", filters=about, pluck="content", order_by="name asc")


def test_a_case_has_no_next_step_to_carry_out(sale, as_user):
	as_user("rep")
	case = sale.case(responsible=REP)
	with refused(match="Customer Case.* has no next step"):
		day_actions.to_finish(CASE, case.name)


def test_who_finishes_an_activity_waits_for_who_is_finishing_it(world, as_user, monkeypatch):
	locked, usual = [], day_actions.locks.locked_doc
	monkeypatch.setattr(day_actions.locks, "locked_doc", lambda *about: locked.append(about) or usual(*about))
	as_user("rep")
	doc = activity()
	day_actions.finish(ACTIVITY, doc.name, {"result": "Reached"})
	assert locked[:1] == [(ACTIVITY, doc.name)]


def test_what_nobody_named_is_called_by_its_way_and_by_whom_it_is_with_as_far_as_there_is_room(world, as_user):
	as_user("rep")
	party = f"Northwind and the other pump makers of the harbours in the north and in the south {world.tag}"
	frappe.db.set_value("Customer", world.customer, "customer_name", party)
	doc = frappe.get_doc({"doctype": ACTIVITY, "way": "Phone", "customer": world.customer})
	assert day_actions._subject(doc) == f"Phone: {party}"
	frappe.db.set_value("Customer", world.customer, "customer_name", "x" * 139)
	assert day_actions._subject(doc) == f"Phone: {'x' * 133}"
	assert day_actions._subject(frappe.get_doc({"doctype": ACTIVITY, "way": "Visit"})) == "Visit"


def test_a_result_may_say_that_something_was_worth_nothing(world, as_user):
	as_user("rep")
	doc = activity(evaluation=0.8)
	day_actions.finish(ACTIVITY, doc.name, {"evaluation": 0, "result": None})
	assert frappe.db.get_value(ACTIVITY, doc.name, ["status", "evaluation"]) == ("Done", 0)


def test_a_deal_without_a_next_step_is_left_as_it_is(sale, as_user, monkeypatch):
	as_user("rep")
	planned, deal = [], sale.opportunity()
	deal.db_set({"next_step": None, "next_step_date": None})
	monkeypatch.setattr(day_actions.moving, "plan", lambda *about: planned.append(about))
	day_actions.finish(deal.doctype, deal.name, {})
	assert planned == []


def test_a_task_that_was_closed_meanwhile_is_put_off_and_stays_closed(world, as_user):
	as_user("rep")
	doc = frappe.get_doc({"doctype": TASK, "description": "Ring", "allocated_to": REP, "date": nowdate()}).insert()
	doc.db_set("status", "Closed")
	later = getdate(add_days(nowdate(), 4))
	day_actions.move(TASK, doc.name, later)
	assert frappe.db.get_value(TASK, doc.name, ["status", "date"]) == ("Closed", later)
