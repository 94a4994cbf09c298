"""Small rules of what became of leads and how long customers waited: days, groups, and the lists behind them."""

from datetime import date, datetime

import frappe
import pytest
from frappe.utils import add_days, get_datetime, get_fullname, getdate

from crm_pipeline.analytics import case_times, figure_documents, forecast_documents, lead_results, order_history
from crm_pipeline.analytics.case_times import CaseScope
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.lead_results import LeadScope
from crm_pipeline.core.lead_metrics import LeadResult
from tests.site import rows
from tests.site.world import weeks_begin_on

LEAD, CASE, PROSPECT = "Sales Lead", "Customer Case", "Sales Prospect"
MONDAY = date(2031, 3, 3)


def keys(doctype: str, filters: list[tuple], world) -> str:
	found = frappe.get_list(doctype, filters=[list(one) for one in filters], pluck="name", order_by="name asc", limit=0)
	return " ".join(name.removesuffix(f" {world.tag}") for name in found if name.endswith(world.tag))


# ---- days


@pytest.mark.parametrize(
	("asked", "first", "last"),
	[
		({}, -90, 0),
		({"to_date": -10}, -100, -10),
		({"to_date": 5}, -85, 5),
		({"to_date": 95}, 0, 95),
		({"from_date": -10}, -10, 0),
		({"from_date": 10}, 10, 10),
		({"from_date": -300, "to_date": -200}, -300, -200),
	],
)
def test_cases_are_of_the_days_asked_for_else_of_three_months_up_to_the_last(site, asked, first, last):
	on = lambda days: getdate(add_days(getdate(), days))  # noqa: E731
	filters = {name: str(on(days)) for name, days in asked.items()}
	assert CaseScope.of(filters).days() == (on(first), on(last))


# ---- one lead


@pytest.mark.parametrize(
	("values", "was", "expected"),
	[
		({}, False, LeadResult()),
		({"status": "Qualified"}, False, LeadResult(qualified=True)),
		({"status": "Contacted"}, False, LeadResult(contacted=True, qualified=True)),
		({"status": "Converted"}, False, LeadResult(contacted=True, qualified=True, converted=True)),
		({"status": "Disqualified"}, False, LeadResult()),
		({"status": "Disqualified"}, True, LeadResult(qualified=True)),
		({"first_answer_on": "2031-03-03 11:30:00"}, False, LeadResult(hours=1.5, contacted=True)),
		({"first_answer_on": "2031-03-03 09:00:00"}, False, LeadResult(hours=0.0, contacted=True)),
		({"answer_due_on": "2031-03-03 12:00:00"}, False, LeadResult(in_time=False)),
		(
			{"first_answer_on": "2031-03-03 12:00:00", "answer_due_on": "2031-03-03 12:00:00"},
			False,
			LeadResult(hours=2.0, in_time=True, contacted=True),
		),
		(
			{"first_answer_on": "2031-03-03 12:00:01", "answer_due_on": "2031-03-03 12:00:00"},
			False,
			LeadResult(hours=7201 / 3600, in_time=False, contacted=True),
		),
	],
)
def test_what_became_of_a_lead_follows_from_its_state_and_its_answer(site, values, was, expected):
	row = {"creation": "2031-03-03 10:00:00", "status": "New", "first_answer_on": None, "answer_due_on": None}
	later, found = get_datetime("2031-03-03 12:00:02"), frappe._dict(row, **values)
	assert lead_results._result(found, was, False, later) == expected
	assert lead_results._result(found, was, True, later).won
	at_the_limit = lead_results._result(found, was, False, get_datetime("2031-03-03 12:00:00"))
	assert at_the_limit.in_time is (expected.in_time if found.first_answer_on else None), "it may still be answered"


# ---- leads of some weeks


@pytest.fixture
def lead(world):
	"""lead("A", day, **values): a lead of an owner who has no others."""

	def make(key, day, doctype=LEAD, **values):
		fixed = {"company": world.company, "status": "New", "docstatus": 0, "creation": f"{day} 09:00:00"}
		fixed["sales_owner"] = f"owner-{world.tag}"
		return rows.row(doctype, name=f"{key} {world.tag}", **{**fixed, **values})

	def asked(**values) -> LeadScope:
		days = {"from_date": "2031-03-05", "to_date": "2031-03-20"}
		return LeadScope.of({"company": world.company, "sales_owner": f"owner-{world.tag}", **days, **values})

	make.asked = asked
	return make


def test_a_week_is_from_monday_to_sunday_cut_where_the_period_is(lead, world, monkeypatch):
	weeks_begin_on(monkeypatch, "Monday")
	for key, day in (
		("A", "2031-03-04"), ("B", "2031-03-05"), ("C", "2031-03-09"), ("D", "2031-03-10"), ("E", "2031-03-16"),
		("F", "2031-03-17"), ("G", "2031-03-20"), ("H", "2031-03-21"),
	):  # fmt: skip
		lead(key, day)
		lead(key, day, PROSPECT, customer=world.customer if key in "BDE" else None)
	lead("X", "2031-03-10", company="Another")
	asked = lead.asked(group_by="Week")
	found, whole = lead_results.groups(asked)
	assert [(group.key, group.found.leads) for group in found] == [
		("2031-03-03", 2), ("2031-03-10", 2), ("2031-03-17", 2),
	]  # fmt: skip
	assert [keys(LEAD, lead_results.list_filters(asked, group.key), world) for group in found] == ["B C", "D E", "F G"]
	assert whole.leads == 6 and keys(LEAD, lead_results.list_filters(asked, whole=True), world) == "B C D E F G"
	prospects = lead_results.prospect_groups(asked)
	assert [(one.key, one.prospects, one.customers) for one in prospects] == [
		("2031-03-03", 2, 1), ("2031-03-10", 2, 2), ("2031-03-17", 2, 0),
	]  # fmt: skip
	assert [keys(PROSPECT, lead_results.list_filters(asked, one.key), world) for one in prospects] == [
		"B C",
		"D E",
		"F G",
	]
	assert prospects[0].label == found[0].label == lead_results.label(asked, "2031-03-03")
	assert found[0].label.startswith("Week of ")


def test_groups_of_leads_open_their_own_leads_and_the_largest_stands_first(lead, world):
	for key, channel in (("A", "Web"), ("B", "Fair"), ("C", "Web"), ("D", None), ("E", ""), ("F", "Direct")):
		lead(key, "2031-03-10", channel=channel)
		lead(key, "2031-03-10", PROSPECT, channel=channel)
	asked = lead.asked()
	found, whole = lead_results.groups(asked)
	assert [(group.key, group.label, group.found.leads) for group in found] == [
		(None, "Not Set", 2), ("Web", "Web", 2), ("Direct", "Direct", 1), ("Fair", "Fair", 1),
	]  # fmt: skip
	shown = [keys(LEAD, lead_results.list_filters(asked, group.key), world) for group in found]
	assert shown == ["D E", "A C", "F", "B"]
	assert whole.leads == 6 and keys(LEAD, lead_results.list_filters(asked, None, True), world) == "A B C D E F"
	assert [(one.label, one.prospects) for one in lead_results.prospect_groups(asked)] == [
		("Not Set", 2), ("Web", 2), ("Direct", 1), ("Fair", 1),
	]  # fmt: skip


def test_a_lead_that_was_qualified_once_stays_so_when_it_is_given_up(lead, world):
	def moved(key, to, **values):
		about = {"reference_doctype": LEAD, "reference_name": f"{key} {world.tag}", "kind": "State", "to_value": to}
		rows.row("Pipeline Event", docstatus=0, **{**about, **values})

	for key in "ABCDE":
		lead(key, "2031-03-10", status="Disqualified", channel=key)
	moved("A", "Qualified")
	moved("B", "Converted")
	moved("C", "Disqualified")
	moved("D", "Qualified", kind="Hand-off")
	moved("E", "Qualified", reference_doctype=PROSPECT)
	lead("F", "2031-03-10", channel="F")
	found, whole = lead_results.groups(lead.asked())
	assert {group.key: group.found.qualified for group in found} == {"A": 1, "B": 1, "C": 0, "D": 0, "E": 0, "F": 0}
	assert (whole.qualified, whole.converted, whole.leads) == (2, 0, 6)


def test_a_lead_is_won_with_the_deal_that_was_made_of_it_or_that_it_joined(lead, world):
	for key, status, values in (
		("A", "Converted", {}),
		("B", "Converted", {}),
		("C", "Disqualified", {}),
		("D", "Converted", {}),
		("E", "Disqualified", {"joined_opportunity": f"DE {world.tag}"}),
		("F", "Disqualified", {"joined_opportunity": f"DF {world.tag}"}),
		("G", "Converted", {}),
	):
		lead(key, "2031-03-10", status=status, channel=key, **values)
	won = {"status": "Won", "outcome": "Won"}
	of = lambda key: {"source_type": LEAD, "source_name": f"{key} {world.tag}"}  # noqa: E731
	rows.bare_deal(world, "DA", **won, **of("A"))
	rows.bare_deal(world, "DB", status="Lost", outcome="Lost", **of("B"))
	rows.bare_deal(world, "DC", **won, **of("C"))
	rows.bare_deal(world, "DD", "Sales Project", **won, **of("D"))
	rows.bare_deal(world, "DE", **won)
	rows.bare_deal(world, "DF")
	rows.bare_deal(world, "DG", **won, **{**of("G"), "source_type": "Sales Campaign"})
	found, whole = lead_results.groups(lead.asked())
	assert {group.key for group in found if group.found.won} == {"A", "D", "E"} and whole.won == 3


# ---- cases


@pytest.fixture
def case(world):
	"""case("A", **values): a case of a responsible who has no others."""

	def make(key, opened="2031-03-10 09:00:00", **values):
		fixed = {"company": world.company, "status": "Open", "docstatus": 0, "opened_on": opened, "kind": "Complaint"}
		fixed |= {"responsible": f"who-{world.tag}", "severity": "High", "creation": "2031-03-01 09:00:00"}
		return rows.row(CASE, name=f"{key} {world.tag}", **{**fixed, **values})

	def asked(**values) -> CaseScope:
		days = {"from_date": "2031-03-05", "to_date": "2031-03-20"}
		return CaseScope.of({"company": world.company, "responsible": f"who-{world.tag}", **days, **values})

	make.asked = asked
	return make


def test_cases_are_those_that_were_opened_in_the_days_and_not_withdrawn(case, world):
	for key, values in (
		("A", {"opened": "2031-03-04 23:59:59"}),
		("B", {"opened": "2031-03-05 00:00:00"}),
		("C", {"opened": "2031-03-20 23:59:59"}),
		("D", {"opened": "2031-03-21 00:00:00"}),
		("E", {"status": "Withdrawn"}),
		("F", {"company": "Another"}),
		("G", {"responsible": "Somebody"}),
		("H", {"severity": "Low", "kind": "Request", "way": "Call"}),
	):
		case(key, **values)
	asked = case.asked()
	found, whole = case_times.groups(asked)
	assert [(group.key, group.times.cases) for group in found] == [("High", 2), ("Low", 1)] and whole.cases == 3
	assert [keys(CASE, case_times.list_filters(asked, group.key), world) for group in found] == ["B C", "H"]
	assert keys(CASE, case_times.list_filters(asked, whole=True), world) == "B C H"
	for narrowed in ({"severity": "Low"}, {"kind": "Request"}, {"way": "Call"}):
		asked = case.asked(**narrowed)
		assert case_times.groups(asked)[1].cases == 1, narrowed
		assert keys(CASE, case_times.list_filters(asked, whole=True), world) == "H", narrowed
	by_way = case.asked(group_by="Channel")
	found = [(group.key, group.label, group.times.cases) for group in case_times.groups(by_way)[0]]
	assert found == [(None, "Not Set", 2), ("Call", "Call", 1)]
	assert keys(CASE, case_times.list_filters(by_way, None), world) == "B C"


def test_a_case_is_late_while_nobody_waits_for_the_customer(site):
	now = datetime(2031, 3, 10, 12)
	row = {"opened_on": "2031-03-10 08:00:00", "first_answer_on": None, "solved_on": None, "due_by": None}
	row |= {"status": "Open", "satisfaction": 0}
	times = lambda **values: case_times._times(frappe._dict(row, **values), now)  # noqa: E731
	assert (times().overdue, times().to_answer, times().to_solve, times().satisfaction) == (False, None, None, None)
	late = {"due_by": "2031-03-10 11:00:00"}
	assert times(**late).overdue and not times(**late, status="Waiting").overdue
	assert not times(due_by="2031-03-10 13:00:00").overdue
	assert not times(**late, solved_on="2031-03-10 10:00:00").overdue
	assert times(**late, solved_on="2031-03-10 11:30:00").overdue
	found = times(first_answer_on="2031-03-10 09:30:00", solved_on="2031-03-10 11:00:00", satisfaction=0.6)
	assert (found.to_answer, found.to_solve, found.satisfaction) == (1.5, 3, 0.6)
	assert times(first_answer_on="2031-03-10 07:00:00").to_answer == 0


# ---- orders of a forecast's history


def test_behind_a_forecast_stand_the_orders_of_five_years_before_the_month_of_today(world):
	asked = ForecastScope.of({"company": world.company, "item_code": world.pump})
	for key, day, values in (
		("A", "2031-06-01", {}), ("B", "2031-05-31", {}), ("C", "2026-06-01", {}), ("D", "2026-05-31", {}),
		("E", "2031-05-31", {"item": world.filter}), ("F", "2031-05-31", {"docstatus": 0}),
		("G", "2031-05-31", {"company": "Another"}), ("H", "2031-05-31", {"docstatus": 2}), ("I", "2031-07-01", {}),
	):  # fmt: skip
		rows.order(world, 100 + ord(key), name=f"{key} {world.tag}", transaction_date=day, **values)
	told = lambda *start, **how: [  # noqa: E731
		(row.name.split()[0], row.base_amount, row.doctype)
		for row in figure_documents.of_orders(asked, *start, **how)["documents"]
	]
	june = {"today": date(2031, 6, 20)}
	assert (
		told(**june) == [("B", 166, "Sales Order"), ("C", 167, "Sales Order")] and told(1, **june) == told(**june)[1:]
	)
	assert figure_documents.of_orders(asked, 1, **june)["total"] == 2
	assert [key for key, _amount, _kind in told(today=date(2031, 7, 1))] == ["A", "B"]
	assert [key for key, _amount, _kind in told(today=date(2031, 5, 31))] == ["C", "D"]
	history = order_history.by_month(asked, date(2031, 6, 20))
	assert history == {date(2031, 5, 1): 166, date(2026, 6, 1): 167, date(2026, 5, 1): 168}


def test_a_forecast_in_pieces_opens_its_deals_with_their_pieces_the_most_first(world):
	owner = f"owner-{world.tag}"
	for key, qty, amount, day in (("A", 3, 900, "2026-06-25"), ("B", 7, 70, "2026-06-25"), ("C", 9, 9, "2026-08-25")):
		name = rows.bare_deal(world, key, sales_owner=owner, expected_close=day, base_amount=amount, amount=amount)
		rows.row("Sales Deal Item", docstatus=0, parent=name, parenttype="Sales Opportunity", parentfield="items", idx=1,
			item_code=world.pump, qty=qty, stock_qty=qty, amount=amount, base_amount=amount)  # fmt: skip
	cell = forecast_documents.Cell.of({"first": "2026-06-01", "last": "2026-06-30"})
	shown = {}
	for measure in ("Quantity", "Amount"):
		asked = ForecastScope.of(
			{"company": world.company, "sales_owner": owner, "item_code": world.pump, "measure": measure}
		)
		found = figure_documents.of_forecast(asked, cell, today=date(2026, 6, 20))
		shown[measure] = [(row.name.split()[0], row.base_amount, row.get("quantity")) for row in found["documents"]]
	assert shown == {"Quantity": [("B", 7, 7), ("A", 3, 3)], "Amount": [("A", 900, None), ("B", 70, None)]}


@pytest.mark.parametrize(
	("group_by", "values", "label"),
	[
		("Owner", {"sales_owner": "rep@crm-test.example"}, "full name"),
		("Channel", {"channel": "rep@crm-test.example"}, "rep@crm-test.example"),
		("Territory", {"territory": "North"}, "North"),
	],
)
def test_owners_are_called_by_their_names(lead, world, group_by, values, label):
	lead("A", "2031-03-10", **values)
	lead("B", "2031-03-10", PROSPECT, **values)
	asked = LeadScope.of({"company": world.company, "from_date": "2031-03-05", "to_date": "2031-03-20", "group_by": group_by})  # fmt: skip
	name = get_fullname("rep@crm-test.example") if label == "full name" else label
	assert name in [group.label for group in lead_results.groups(asked)[0]]
	assert name in [group.label for group in lead_results.prospect_groups(asked)]
	assert asked.label == ("Sales Owner" if group_by == "Owner" else group_by)


def test_weeks_of_prospects_stand_in_their_order_and_other_groups_by_their_number(lead, world, monkeypatch):
	weeks_begin_on(monkeypatch, "Monday")
	for n, (day, channel) in enumerate(
		(("05", "Web"), ("10", "Web"), ("10", "Fair"), ("12", "Fair"), ("17", "Fair"), ("20", "Ad"), ("21", "Ad"), ("21", "Ad")),
	):  # fmt: skip
		at = f"2031-03-{day}"
		lead(f"L{n}", at, channel=channel, **({"creation": f"{at} 00:00:00"} if day == "21" else {}))
		lead(f"P{n}", at, PROSPECT, channel=channel, **({"creation": f"{at} 00:00:00"} if day == "21" else {}))
	weeks, channels = lead.asked(group_by="Week"), lead.asked()
	assert [(one.key, one.prospects) for one in lead_results.prospect_groups(weeks)] == [
		("2031-03-03", 1), ("2031-03-10", 3), ("2031-03-17", 2),
	]  # fmt: skip
	assert [(one.key, one.found.leads) for one in lead_results.groups(weeks)[0]] == [
		("2031-03-03", 1), ("2031-03-10", 3), ("2031-03-17", 2),
	]  # fmt: skip
	assert [(one.key, one.prospects) for one in lead_results.prospect_groups(channels)] == [
		("Fair", 3),
		("Web", 2),
		("Ad", 1),
	]
	assert [(one.key, one.found.leads) for one in lead_results.groups(channels)[0]] == [
		("Fair", 3),
		("Web", 2),
		("Ad", 1),
	]
