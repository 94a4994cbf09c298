"""What endpoints answer to those who may ask: each is a door to its room, and the room is the one that its name says."""

import frappe
import pytest
from frappe.utils import now_datetime

from crm_pipeline import access_explained, api
from crm_pipeline.activities import feed_tokens
from crm_pipeline.analytics import movement
from crm_pipeline.api import door, forecasts, health
from crm_pipeline.chain import behind, jobs
from crm_pipeline.chain.jobs import FREEZE
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_assignment import alone, owners, rule  # noqa: F401
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
DEAL, LEAD, ACTIVITY = "Sales Opportunity", "Sales Lead", "Sales Activity"


@pytest.fixture
def queued(monkeypatch):
	"""The jobs that were put into the queue."""
	found = []
	monkeypatch.setattr(jobs, "queue", found.append)
	return found


# ---- activities


def activity(world, subject: str, starts_on, **values) -> str:
	values = {"subject": f"{subject} {world.tag}", "way": "Phone", "starts_on": starts_on, **values}
	return frappe.get_doc({"doctype": ACTIVITY, **values}).insert().name


def test_a_calendar_shows_what_touches_the_time_between_by_its_filters(world, as_user):
	as_user("rep")
	activity(world, "Before", "2031-03-01 08:00:00", ends_on="2031-03-01 09:00:00")
	activity(world, "Into", "2031-03-01 08:00:00", ends_on="2031-03-02 09:00:00")
	activity(world, "Within", "2031-03-02 10:00:00", priority="High")
	activity(world, "Late", "2031-03-02 12:00:00", priority="Low")
	activity(world, "After", "2031-03-03 00:00:01")

	def shown(filters=None):
		found = api.get_activity_events(ACTIVITY, "2031-03-02 00:00:00", "2031-03-03 00:00:00", filters)
		return [row for row in found if row.subject.endswith(world.tag)]

	assert [row.subject.split()[0] for row in shown()] == ["Into", "Within", "Late"]
	assert [(str(row.ends_on), row.sales_owner) for row in shown()][1:] == [
		("2031-03-02 10:30:00", REP), ("2031-03-02 12:30:00", REP),
	]  # fmt: skip
	assert len({row.color for row in shown()}) == 3
	high = [[ACTIVITY, "priority", "=", "High"]]
	assert [row.subject.split()[0] for row in shown(high)] == ["Within"]


def test_a_calendar_address_is_told_once_renewed_and_closed_by_its_user(site, as_user):
	as_user("rep")
	assert api.get_calendar_feed() == {"active": False, "made_on": None}
	first = api.make_calendar_feed()["url"].partition(f"/{feed_tokens.ROUTE}/")[2]
	assert feed_tokens.user_of(f"{feed_tokens.ROUTE}/{first}") == REP
	state = api.get_calendar_feed()
	assert state["active"] is True and abs((now_datetime() - state["made_on"]).total_seconds()) < 60
	second = api.make_calendar_feed()["url"].partition(f"/{feed_tokens.ROUTE}/")[2]
	assert first.partition("-")[0] == second.partition("-")[0]
	assert [feed_tokens.user_of(f"{feed_tokens.ROUTE}/{one}") for one in (first, second)] == [None, REP]
	as_user("other_rep")
	assert api.get_calendar_feed()["active"] is False, "each user has their own"
	api.close_calendar_feed()
	as_user("rep")
	api.close_calendar_feed()
	assert feed_tokens.user_of(f"{feed_tokens.ROUTE}/{second}") is None
	assert api.get_calendar_feed()["active"] is False


# ---- who sees what


def told(user: str, doc) -> tuple:
	found = api.get_access(user, doc.doctype, doc.name)
	return found["read"]["allowed"], found["write"]["allowed"], [r["text"] for r in found["read"]["reasons"]]


def test_an_admin_is_told_what_a_user_may_and_why(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	memo = frappe.get_doc(
		{
			"doctype": "Sales Memo",
			"subject": "Note",
			"memo": "Note",
			"reference_doctype": DEAL,
			"reference_name": deal.name,
		}
	).insert()
	as_user("Administrator")
	assert told(REP, deal) == (True, True, ["By the role Sales User"])
	assert told("Administrator", deal) == (True, True, ["Administrator may do everything"])
	assert told(USERS["stranger"][0], deal) == (
		False, False, ["No role of the user gives this right to Sales Opportunity"],
	)  # fmt: skip
	set_apart()
	as_user("Administrator")
	hidden = f"Team visibility: it belongs to another part of the team ({OTHER})"
	assert told(REP, deal) == (False, False, ["By the role Sales User", hidden])
	assert told(OTHER, deal)[2] == ["By the role Sales User", f"It belongs to the user's part of the team ({OTHER})"]
	about = f"The user has no such right to what it is about: Sales Opportunity {deal.name}"
	assert told(REP, memo) == (False, False, ["By the role Sales User", about])
	assert told(OTHER, memo)[0] is True
	speaks = api.get_access(REP, DEAL, deal.name)["read"]["reasons"]
	assert [reason["speaks_for"] for reason in speaks] == [True, False]
	frappe.db.set_value("User", REP, "enabled", 0)
	assert told(REP, deal) == (False, False, ["The user is disabled", "By the role Sales User", hidden])


def test_an_admin_is_told_how_much_a_user_sees_and_what_narrows_it(sale, world, as_user):
	permission = {"user": REP, "allow": "Company", "for_value": world.company, "applicable_for": DEAL}
	frappe.get_doc({"doctype": "User Permission", "apply_to_all_doctypes": 0, **permission}).insert(
		ignore_permissions=True
	)
	found = api.get_access_numbers(REP)
	assert found.keys() == {"numbers", "team", "permissions"}
	assert [row["doctype"] for row in found["numbers"]] == list(access_explained.DOCTYPES)
	assert found["team"] is None
	assert {name: permission[name] for name in ("allow", "for_value", "applicable_for")} in found["permissions"]
	set_apart()
	as_user("Administrator")
	assert api.get_access_numbers(REP)["team"] == [
		name for name in frappe.get_all("Sales Person", filters={"crm_user": REP}, pluck="name", order_by="name asc")
	]


# ---- leads


def test_leads_that_are_named_are_given_and_all_others_later(alone, sale, world, as_user, monkeypatch):  # noqa: F811
	from crm_pipeline.assignment import assigning

	started = []
	monkeypatch.setattr(assigning, "start", lambda: started.append(1))
	leads = [sale.lead(email_id=f"a{number}@{world.tag}.example") for number in range(3)]
	for lead in leads:
		lead.db_set("sales_owner", None)
	leads[2].db_set("sales_owner", OTHER)
	rule(REP)
	assert api.assign_leads([lead.name for lead in leads]) == {"given": 2, "left": 1}
	assert owners(*leads) == [REP, REP, OTHER] and started == []
	assert api.assign_leads() == {"given": 0, "left": 0} and started == [1]


def test_a_score_rule_may_ask_about_fields_and_questions(site):
	found = api.get_score_choices()
	assert found.keys() == {"fields", "questions"}
	assert {"value", "label"} == found["fields"][0].keys() and "industry" in [row["value"] for row in found["fields"]]
	assert all(row.keys() == {"value", "label"} for row in found["questions"])


def test_what_takes_long_is_queued_under_its_own_name(site, world, queued):
	api.learn_lead_scores()
	api.take_forecast_snapshot(world.company)
	assert queued == ["Learned Lead Scores", FREEZE]


# ---- the work of the app, and its numbers


def test_an_admin_sees_how_the_work_stands_and_queues_what_is_pending(site, queued):
	found = api.get_pipeline_state()
	assert found.keys() == behind.state().keys() and [row["job"] for row in found["jobs"]]
	api.catch_up_now()
	assert set(queued) >= {row["job"] for row in found["jobs"]}


@pytest.mark.parametrize(
	("who", "function"),
	[("rep", "rep"), ("manager", "manager"), ("desk", "order_desk"), ("finance", "finance")],
)
def test_a_workspace_shows_the_numbers_of_what_the_reader_is(world, as_user, who, function):
	as_user(who)
	found = api.get_workspace_numbers(company=world.company)
	assert found == api.get_workspace_numbers(function, world.company)
	assert (found["function"], found["company"], found["currency"]) == (function, world.company, world.currency)
	assert found["numbers"] and found.keys() == {"function", "scope", "company", "currency", "numbers"}


def test_the_snapshots_of_a_period_are_those_of_a_company_that_the_reader_sees(site, world, as_user):
	as_user("rep")
	found = api.get_forecast_movement({"company": world.company})
	assert found.keys() == movement.movement(forecasts.scope_of({"company": world.company})).keys()
	as_user("Administrator")
	permission = {"user": REP, "allow": "Company", "for_value": "Another", "apply_to_all_doctypes": 1}
	rows.row("User Permission", **permission)
	frappe.clear_cache(user=REP)
	as_user("rep")
	with refused(frappe.PermissionError, match="You are not allowed to see"):
		api.get_forecast_movement({"company": world.company})


# ---- deals


def test_stages_that_a_deal_was_in_are_called_as_the_reader_calls_them(sale, monkeypatch):
	deal = sale.opportunity()
	plain = api.get_dwell(DEAL, deal.name)
	monkeypatch.setattr(health, "_", lambda text: f"their {text}")
	told = api.get_dwell(DEAL, deal.name)
	assert plain and told == [{**row, "label": f"their {row['label']}"} for row in plain]


def test_the_chain_of_a_delivery_is_that_of_the_orders_it_delivers(world, as_user):
	deal = rows.bare_deal(world, "D", sales_owner=REP)
	fixed = {"customer": world.customer, "company": world.company}
	quotation = rows.row(
		"Quotation", quotation_to="Customer", party_name=world.customer, company=world.company, crm_source_type=DEAL, crm_source_name=deal
	)  # fmt: skip
	order = rows.row("Sales Order", crm_source_type="Quotation", crm_source_name=quotation, **fixed)
	note = rows.row("Delivery Note", **fixed)
	rows.row(
		"Delivery Note Item",
		parent=note,
		parenttype="Delivery Note",
		parentfield="items",
		against_sales_order=order,
		idx=1,
	)
	whole = [
		{"doctype": DEAL, "name": deal},
		{"doctype": "Quotation", "name": quotation},
		{"doctype": "Sales Order", "name": order},
	]
	assert api.get_chain("Delivery Note", note) == api.get_chain("Sales Order", order) == whole


# ---- the door


def test_heavy_work_is_done_on_the_replica_where_the_site_has_one(site, monkeypatch):
	done = []
	answers = {
		"frappe.conf": {"read_from_replica": 1},
		"frappe.read_only": lambda: (
			lambda function: lambda *args, **kwargs: (done.append(args), function(*args, **kwargs))[1]
		),
	}
	monkeypatch.setattr(frappe, "get_attr", answers.__getitem__)
	work = door.on_replica(lambda first, second=0: (first, second))
	assert work(1, second=2) == (1, 2) and done == [(1,)]
	answers["frappe.conf"] = {}
	assert work(3) == (3, 0) and done == [(1,)]


@pytest.mark.parametrize("right", ["read", "write", "delete"])
def test_the_door_asks_for_the_very_right_to_the_very_document(site, monkeypatch, right):
	asked, known = [], {"doctype": DEAL, "deal": "DEAL-1"}
	monkeypatch.setattr(door.rights, "need", lambda *what: asked.append(what))
	door.may(right, DEAL, "deal")(known)
	door.may(right, (LEAD, DEAL), "deal")(known)
	door.may(right, DEAL, "deal")({"deal": ""})
	door.may(right, DEAL)(known)
	assert asked == [(DEAL, "DEAL-1", right)] * 2 + [(DEAL, None, right)] * 2
	with refused(door.BadRequestError, match="is not one of"):
		door.may(right, (LEAD, ACTIVITY), "deal")(known)


class OtherError(Exception):
	pass


@pytest.mark.parametrize(
	("error", "filters", "told_in_words"),
	[
		(KeyError("x"), [["a"]], True),
		(TypeError("x"), [["a"]], True),
		(ValueError("x"), [["a"]], True),
		(AttributeError("x"), [["a"]], True),
		(OtherError(1054, "Unknown column"), [["a"]], True),
		(OtherError(1052, "ambiguous"), [["a"]], True),
		(OtherError(1064, "syntax"), [["a"]], True),
		(OtherError(1205, "Lock wait timeout"), [["a"]], False),
		(OtherError(), [["a"]], False),
		(KeyError("x"), None, False),
		(OtherError(1054, "Unknown column"), [], False),
	],
)
def test_filters_that_can_not_be_read_are_the_caller_s_mistake_and_nothing_else_is(site, error, filters, told_in_words):
	expected = door.BadRequestError if told_in_words else type(error)
	with refused(expected, match="The filters name a field" if told_in_words else None):
		with door.filters_in_words(filters):
			raise error


def test_whoever_may_looks_at_the_numbers_of_another_function(world, as_user):
	as_user("manager")
	for function in ("rep", "manager"):
		assert api.get_workspace_numbers(function, world.company)["function"] == function
	as_user("rep")
	assert api.get_workspace_numbers("manager", world.company)["function"] == "manager"
	as_user("stranger")
	for function in ("rep", "manager", "order_desk", "finance"):
		with refused(frappe.PermissionError):
			api.get_workspace_numbers(function, world.company)
