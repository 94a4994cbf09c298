"""Small rules of time in a stage and of what is known of an open deal, asked at their boundaries."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import now_datetime

from crm_pipeline.analytics import (
	deal_dwell,
	deal_events,
	deal_facts,
	stage_durations,
	stall_verdicts,
	stalled_rules,
	stalled_totals,
)
from crm_pipeline.analytics.stage_durations import Stays
from crm_pipeline.analytics.stalled_totals import StalledScope
from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.core.stalled import SIGNALS
from crm_pipeline.crm_pipeline.report.stalled_deals import stalled_deals
from tests.site import rows
from tests.site.health import settings, stage
from tests.site.world import refused

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
NOW = datetime(2026, 6, 20, 12, 0, 0)
DAY = 86400
# A clock says microseconds.
EXACT = NOW.replace(microsecond=500000)


@pytest.fixture
def table(world):
	"""Rows of deals, passages and the ledger as they may be in the tables: nothing of the app sees them made."""
	made = SimpleNamespace(names=[])

	def deal(key, doctype=OPPORTUNITY, **values):
		values = {"stage_entered_on": NOW, "opened_on": NOW.date(), **values}
		made.names.append(rows.bare_deal(world, key, doctype, **values))
		return made.names[-1]

	def passage(of, key="qualification", doctype=OPPORTUNITY, **values):
		values = {"visits": 1, "seconds": DAY, "longest_seconds": DAY, "last_left": NOW, **values}
		rows.row("Stage Passage", docstatus=0, reference_doctype=doctype, reference_name=of, stage=stage(key), **values)

	def event(of, kind="Stage", doctype=OPPORTUNITY, **values):
		values = {"at": NOW, "seconds_spent": DAY, "company": world.company, **values}
		rows.row("Pipeline Event", docstatus=0, reference_doctype=doctype, reference_name=of, kind=kind, **values)

	made.deal, made.passage, made.event = deal, passage, event
	made.stays = lambda first=None, last=None, now=NOW, doctype=OPPORTUNITY: Stays(
		doctype, lambda query: query.where(frappe.qb.DocType(doctype).name.like(f"% {world.tag}")), first, last, now
	)
	return made


def keys(found) -> list[str]:
	return sorted(name.split()[0] for name in found)


# ---- stays


FIRST, LAST = date(2026, 6, 1), date(2026, 6, 30)


@pytest.mark.parametrize(
	("left", "within"),
	[
		("2026-05-31 23:59:59", False),
		("2026-06-01 00:00:00", True),
		("2026-06-30 23:59:59", True),
		("2026-07-01 00:00:00", False),
		(None, False),
	],
)
def test_a_stay_belongs_to_the_days_in_which_it_ended(table, left, within):
	name = table.deal("A")
	table.passage(name, last_left=left)
	stays = table.stays(FIRST, LAST)
	assert [row[0] for row in stays.single_visits().select(stays.deal.name).run()] == ([name] if within else [])
	if left:
		table.event(name, at=left, from_value=stage("qualification"), to_value=stage("proposal"))
		assert [row[0] for row in stays.visits().select(stays.deal.name).run()] == ([name] if within else [])
		assert len(table.stays().visits().select(stays.deal.name).run()) == 1, "without a period every visit counts"
		assert len(table.stays(FIRST).visits().select(stays.deal.name).run()) == (left >= "2026-06-01")
		assert len(table.stays(None, LAST).visits().select(stays.deal.name).run()) == (left < "2026-07-01")


def test_a_stay_of_one_visit_is_one_of_its_own_deal_that_is_over(table):
	for key, values, of_passage in (
		("left", {}, {}),
		("several", {}, {"visits": 2}),
		("back", {"stage": stage("qualification")}, {}),
		("closed", {"stage": stage("qualification"), "status": "Lost"}, {}),
		("foreign", {}, {"doctype": PROJECT}),
	):
		table.passage(table.deal(key, **values), **of_passage)
	stays = table.stays()
	assert keys(row[0] for row in stays.single_visits().select(stays.deal.name).run()) == ["closed", "left"]
	assert stays.returns() == {
		(name, stage("qualification")) for name in table.names if name.split()[0] in ("several", "back")
	}


def test_only_moves_of_these_deals_are_visits(table):
	name = table.deal("A")
	table.event(name)
	table.event(name, kind="Amount")
	table.event(name, doctype=PROJECT)
	stays = table.stays()
	assert len(stays.visits().select(stays.event.name).run()) == 1


@pytest.mark.parametrize(
	("first", "last", "included"),
	[
		(None, None, True),
		("2026-06-20", "2026-06-20", True),
		("2026-06-21", None, False),
		(None, "2026-06-19", False),
	],
)
def test_a_running_stay_belongs_to_today(table, first, last, included):
	assert table.stays(first, last).includes_today == included


def test_open_deals_stand_where_they_are(table):
	table.deal("open")
	table.deal("lost", status="Lost")
	stays = table.stays()
	assert keys(row[0] for row in stays.standing().select(stays.deal.name).run()) == ["open"]


def test_stays_are_counted_by_hours_and_from_ten_days_on_by_days(table):
	for number, seconds in enumerate((3599, 3600, 10 * DAY - 1, 10 * DAY, 11 * DAY - 1, 11 * DAY)):
		table.passage(table.deal(f"D{number}", status="Lost", stage=stage("lost")), seconds=seconds)
	table.deal("running", stage=stage("qualification"), stage_entered_on=NOW - timedelta(hours=5))
	table.deal("clock", stage=stage("qualification"), stage_entered_on=NOW + timedelta(hours=5))
	found = table.stays().in_hours()[stage("qualification")]
	assert found.histogram == {0: 2, 1: 1, 239: 1, 240: 2, 264: 1, 5: 1}
	assert found.count == 8
	seconds = 3599 + 3600 + 10 * DAY - 1 + 10 * DAY + 11 * DAY - 1 + 11 * DAY + 5 * 3600
	assert found.total == pytest.approx(seconds / 3600)


def test_a_deal_that_came_back_is_one_stay_of_all_its_visits(table):
	name = table.deal("back", stage=stage("qualification"), stage_entered_on=NOW - timedelta(hours=2))
	table.passage(name, seconds=3 * 3600, last_left=NOW - timedelta(days=3))
	table.event(name, from_value=stage("qualification"), seconds_spent=3 * 3600, at=NOW - timedelta(days=3))
	table.event(name, from_value=stage("needs_analysis"), seconds_spent=7 * 3600, at=NOW - timedelta(hours=2))
	found = table.stays().in_hours()[stage("qualification")]
	assert {hours: count for hours, count in found.histogram.items() if count} == {
		5: 1
	} and found.total == pytest.approx(5)
	assert table.stays().documents({stage("qualification"): 0}) == [name]
	# In a period that does not hold today only the visits before it count.
	past = table.stays(None, NOW.date() - timedelta(days=1))
	assert {h: n for h, n in past.in_hours()[stage("qualification")].histogram.items() if n} == {3: 1}


def test_working_days_are_counted_from_the_day_of_entering_to_that_of_leaving(table):
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	left = datetime(2026, 6, 15, 9, 0, 0)  # a Monday
	for key, hours in (("hour", 1), ("sunday", 10), ("friday", 3 * 24), ("week", 7 * 24)):
		table.passage(table.deal(key, status="Lost", stage=stage("lost")), seconds=hours * 3600, last_left=left)
	table.deal("running", stage=stage("qualification"), stage_entered_on=datetime(2026, 6, 18, 23, 59))
	found = table.stays().in_working_days(calendar)[stage("qualification")]
	# 20 June is a Saturday: Friday is the one working day that began since Thursday night.
	assert {days: count for days, count in found.histogram.items() if count} == {0: 1, 1: 3, 5: 1}
	assert found.total == 8


def test_a_visit_that_began_at_midnight_began_on_that_day(table):
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	left = datetime(2026, 6, 11, 9, 0, 0)  # a Thursday
	for key, before in (("midnight", 0), ("a moment before", 1)):
		seconds = 2 * DAY + 9 * 3600 + before
		table.passage(table.deal(key, status="Lost", stage=stage("lost")), seconds=seconds, last_left=left)
	found = table.stays().in_working_days(calendar)[stage("qualification")]
	assert {days: count for days, count in found.histogram.items() if count} == {2: 1, 3: 1}


def test_working_days_of_a_deal_that_came_back_are_those_of_all_its_visits(table):
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	name = table.deal("back", stage=stage("qualification"), stage_entered_on=datetime(2026, 6, 17, 8, 0))
	table.passage(name, last_left=datetime(2026, 6, 10, 8, 0), seconds=2 * DAY)
	table.event(name, from_value=stage("qualification"), at=datetime(2026, 6, 10, 8, 0), seconds_spent=2 * DAY)
	table.event(name, from_value=stage("won"), at=datetime(2026, 6, 10, 8, 0), seconds_spent=2 * DAY)
	found = table.stays().in_working_days(calendar)
	assert {d: n for d, n in found[stage("qualification")].histogram.items() if n} == {4: 1}
	assert found[stage("qualification")].total == 4 and stage("won") not in found


def test_the_deals_behind_a_stage_are_those_that_stayed_long_enough_the_longest_first(table):
	for key, seconds in (("B", 2 * DAY), ("A", 2 * DAY), ("C", 2 * DAY - 1), ("D", 5 * DAY)):
		table.passage(table.deal(key, status="Lost", stage=stage("lost")), seconds=seconds)
	table.passage(table.deal("E", status="Lost", stage=stage("lost")), "proposal", seconds=9 * DAY)
	table.deal("F", stage=stage("qualification"), stage_entered_on=NOW - timedelta(days=3))
	found = lambda days, stays: [name.split()[0] for name in stays.documents({stage("qualification"): days})]  # noqa: E731
	assert found(2, table.stays()) == ["D", "F", "A", "B"]
	assert found(0, table.stays()) == ["D", "F", "A", "B", "C"]
	assert found(0, table.stays(FIRST, NOW.date())) == ["D", "F", "A", "B", "C"]
	assert found(0, table.stays(None, date(2026, 6, 19))) == []


def test_the_form_tells_each_stage_with_all_its_visits_in_the_order_of_the_first(table, world, monkeypatch):
	gone = f"Gone {world.tag}"
	name = table.deal("A", stage=stage("proposal"), stage_entered_on=datetime(2026, 6, 17, 8, 0))
	for at, key, seconds in (
		("2026-06-08 08:00:00", gone, DAY),
		("2026-06-10 08:00:00", stage("proposal"), 2 * DAY),
		("2026-06-12 08:00:00", stage("won"), 2 * DAY),
		("2026-06-12 09:00:00", None, 5 * DAY),
		("2026-06-17 08:00:00", stage("qualification"), 5 * DAY),
	):
		table.event(name, at=at, from_value=key, seconds_spent=seconds)
	table.event(name, kind="Amount", from_value="5", at="2026-06-09 08:00:00")
	frappe.db.set_value("Pipeline Stage", stage("proposal"), {"expected_dwell_days": 7, "label": "Proposal"})
	shown = lambda: [  # noqa: E731
		(row["stage"], row["seconds"] // DAY, row["working_days"], row["visits"], row["running"], row["closed"])
		for row in stage_durations.of_document(OPPORTUNITY, name, NOW)
	]
	monkeypatch.setattr(stage_durations.holidays, "calendar_of", lambda company: None)
	assert shown() == [
		(gone, 1, None, 1, False, False),
		(stage("proposal"), 5, None, 2, True, False),
		(stage("won"), 2, None, 1, False, True),
		(stage("qualification"), 5, None, 1, False, False),
	]
	asked = []
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	monkeypatch.setattr(stage_durations.holidays, "calendar_of", lambda company: asked.append(company) or calendar)
	assert [line[2] for line in shown()] == [1, 4, 2, 3] and asked == [world.company]
	rows_ = {row["stage"]: row for row in stage_durations.of_document(OPPORTUNITY, name, NOW)}
	assert (rows_[gone]["label"], rows_[gone]["limit_days"]) == (gone, 0)
	assert (rows_[stage("proposal")]["label"], rows_[stage("proposal")]["limit_days"]) == ("Proposal", 7)
	frappe.db.set_value(OPPORTUNITY, name, "status", "Lost")
	assert [line[4] for line in shown()] == [False] * 4, "a closed deal stands in no stage"


@pytest.mark.parametrize("values", [{"is_stalled": 0}, {"status": "Lost"}, {"company": "Another"}])
def test_stalled_deals_are_open_marked_and_of_the_company(table, world, values):
	table.deal("A", is_stalled=1, base_amount=5, stalled_reasons='{"pushed": {"times": 2}}', campaign=world.tag)
	table.deal("B", **{"is_stalled": 1, "base_amount": 7, "campaign": world.tag, **values})
	filters = frappe._dict(company=world.company, campaign=world.tag)
	asked = StalledScope.of({**filters, "document_type": OPPORTUNITY})
	assert keys(row.name for row in stalled_totals.largest(asked, 9)) == ["A"]
	assert keys(row[1] for row in stalled_totals.keys_behind(asked)) == ["A"]
	open_ones = 2 if values == {"is_stalled": 0} else 1
	found = stalled_totals.totals(asked)
	assert (found.deals, found.amount, found.open_deals, found.signals["pushed"]) == (1, 5, open_ones, 1)
	[row] = stalled_deals.rows(StalledScope.of(filters))
	assert (row["currency"], row["reasons"], row["doctype"]) == (
		world.currency,
		"The close date was pushed 2 times",
		OPPORTUNITY,
	)
	assert row["stage_label"] == frappe.db.get_value("Pipeline Stage", stage("proposal"), "label")
	assert stalled_deals.rows(StalledScope.of({**filters, "signal": "silent"})) == []


@pytest.mark.parametrize(
	("filters", "expected"),
	[
		({}, [OPPORTUNITY, PROJECT]),
		({"document_type": PROJECT}, [PROJECT]),
		({"document_type": "Sales Lead"}, [OPPORTUNITY, PROJECT]),
		({"pipeline": "Standard Sales"}, [OPPORTUNITY]),
		({"pipeline": "Standard Sales", "document_type": PROJECT}, [OPPORTUNITY]),
		({"pipeline": "Nowhere", "document_type": PROJECT}, [PROJECT]),
	],
)
def test_stalled_deals_are_of_both_kinds_unless_one_was_chosen(site, filters, expected):
	assert StalledScope("C", **filters).doctypes == expected


# ---- what is known of open deals


def facts(table, how=None, doctype=OPPORTUNITY, now=NOW):
	deal_dwell.forget_usual_dwell()
	return {
		name.split()[0]: of
		for name, of in deal_facts.gather(doctype, table.names, how or stalled_rules.rules(), now).items()
	}


@pytest.fixture(autouse=True)
def usual(site):
	settings(stalled_dwell_min_won=100000)
	yield
	deal_dwell.forget_usual_dwell()


def test_only_open_deals_that_are_sales_and_judged_by_themselves_are_judged(table):
	for key, values in (
		("open", {}),
		("lost", {"status": "Lost"}),
		("run", {}),
		("again", {}),
	):
		table.deal(key, **values)
	tag = table.names[0].split()[1]
	source = {"doctype": PROJECT, "source_type": OPPORTUNITY}
	table.deal("P-run", source_name=f"run {tag}", project_type="Sales", **source)
	table.deal("P-lost", source_name=f"again {tag}", project_type="Sales", **{**source, "status": "Lost"})
	table.deal("P-marketing", doctype=PROJECT, project_type="Marketing")
	table.deal(
		"P-campaign", doctype=PROJECT, project_type="Sales", source_type="Sales Campaign", source_name=f"open {tag}"
	)
	assert keys(facts(table)) == ["again", "open"]
	assert keys(facts(table, doctype=PROJECT)) == ["P-campaign", "P-run"]
	assert deal_facts.projects_of([f"{key} {tag}" for key in ("run", "again", "open")]) == {
		f"P-run {tag}": f"run {tag}"
	}


def test_days_in_a_stage_are_those_of_all_visits_to_it(table):
	back = table.deal("back", stage_entered_on=NOW - timedelta(days=1), opened_on="2026-05-01")
	table.deal("new", stage_entered_on=NOW - timedelta(days=1), opened_on="2026-06-19")
	table.deal("unknown", stage_entered_on=None, opened_on=None, creation="2026-06-10 08:00:00")
	elsewhere = table.deal("elsewhere", opened_on="2026-06-20")
	table.passage(back, "proposal", seconds=2 * DAY)
	table.passage(back, "qualification", seconds=50 * DAY)
	table.passage(back, "proposal", doctype=PROJECT, seconds=50 * DAY)
	table.passage(elsewhere, "proposal", last_left=None, seconds=50 * DAY)
	found = facts(table)
	assert {key: one.days_in_stage for key, one in found.items()} == {
		"back": 3, "new": 1, "unknown": 0, "elsewhere": 0,
	}  # fmt: skip
	assert {key: one.age_days for key, one in found.items()} == {"back": 50, "new": 1, "unknown": 10, "elsewhere": 0}


def test_working_days_in_a_stage_go_by_the_calendar_of_the_deal_s_company(table, world, monkeypatch):
	asked = []
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	monkeypatch.setattr(deal_dwell.holidays, "calendar_of", lambda company: asked.append(company) or calendar)
	back = table.deal("back", stage_entered_on=datetime(2026, 6, 17, 8, 0))
	table.passage(back, "proposal", last_left=datetime(2026, 6, 10, 8, 0), seconds=2 * DAY)
	table.event(back, from_value=stage("proposal"), at=datetime(2026, 6, 10, 8, 0), seconds_spent=2 * DAY)
	table.event(back, from_value=stage("qualification"), at=datetime(2026, 6, 9, 8, 0), seconds_spent=5 * DAY)
	table.event(back, kind="Created", from_value=stage("proposal"), seconds_spent=5 * DAY)
	table.event(back, doctype=PROJECT, from_value=stage("proposal"), seconds_spent=5 * DAY)
	table.event(back, from_value=stage("proposal"), at=datetime(2026, 6, 8, 8, 0), seconds_spent=0)
	settings(dwell_in_working_days=1)
	assert facts(table)["back"].days_in_stage == 4 and set(asked) == {world.company}
	monkeypatch.setattr(deal_dwell.holidays, "calendar_of", lambda company: None)
	# Without a list of holidays every day is one of work.
	assert facts(table)["back"].days_in_stage == 5


@pytest.mark.parametrize("working_days", [0, 1])
def test_what_won_deals_took_in_a_stage_is_usual_where_there_are_enough(table, world, monkeypatch, working_days):
	monkeypatch.setattr(deal_dwell.holidays, "calendar_of", lambda company: None)
	pipeline = rows.row("Sales Pipeline", docstatus=0, applies_to=OPPORTUNITY, name=f"Own {world.tag}")
	for number, (outcome, days) in enumerate((("Won", 2), ("Won", 4), ("Lost", 50))):
		name = table.deal(f"D{number}", pipeline=pipeline, status=outcome, outcome=outcome, stage=stage("won"))
		table.passage(name, seconds=days * DAY, last_left=NOW)
	other = table.deal("other", status="Won", outcome="Won", stage=stage("won"))
	table.passage(other, seconds=50 * DAY)
	how = lambda enough, q: SimpleNamespace(dwell_quantile=q, dwell_min_won=enough, working_days=working_days)  # noqa: E731
	assert deal_dwell._usual_dwell(OPPORTUNITY, pipeline, how(2, 1.0)) == {stage("qualification"): 4}
	assert deal_dwell._usual_dwell(OPPORTUNITY, pipeline, how(2, 0.5)) == {stage("qualification"): 3}
	assert deal_dwell._usual_dwell(OPPORTUNITY, pipeline, how(3, 1.0)) == {}


@pytest.mark.parametrize("enough", [0, 1])
def test_no_stage_is_usual_without_a_won_deal(table, world, enough):
	pipeline = rows.row("Sales Pipeline", docstatus=0, applies_to=OPPORTUNITY, name=f"Own {world.tag}")
	how = SimpleNamespace(dwell_quantile=0.5, dwell_min_won=enough, working_days=0)
	assert deal_dwell._usual_dwell(OPPORTUNITY, pipeline, how) == {}


def activity(of, doctype=OPPORTUNITY, **values):
	values = {
		"status": "Done",
		"direction": "Inbound",
		"starts_on": NOW - timedelta(days=1),
		"owner": "Administrator",
		**values,
	}
	rows.row("Sales Activity", docstatus=0, reference_doctype=doctype, reference_name=of, **values)


def mail(of, doctype=OPPORTUNITY, **values):
	values = {
		"sent_or_received": "Received", "communication_type": "Communication",
		"communication_date": NOW - timedelta(days=1), **values,
	}  # fmt: skip
	rows.row("Communication", docstatus=0, reference_doctype=doctype, reference_name=of, **values)


@pytest.mark.parametrize(
	("values", "contact", "good"),
	[
		({}, True, True),
		({"starts_on": EXACT}, True, True),
		({"starts_on": EXACT + timedelta(seconds=1)}, False, False),
		({"status": "Planned"}, False, False),
		({"direction": "Outbound", "way": "Phone"}, False, False),
		({"direction": "Outbound", "way": "Meeting"}, True, True),
		({"direction": "Outbound", "way": "Phone", "result": ""}, False, False),
		({"direction": "Outbound", "way": "Phone", "result": "Interested"}, True, True),
		({"result": "Not Reached"}, False, False),
		({"result": "Not Interested"}, True, False),
		({"result": "Postponed"}, True, False),
		({"doctype": PROJECT}, False, False),
	],
)
def test_an_activity_in_which_the_customer_took_part_is_a_contact(table, values, contact, good):
	name = table.deal("A")
	activity(name, **values)
	found, well = deal_events.last_contact(OPPORTUNITY, [name], EXACT)
	assert (name in found, name in well) == (contact, good)


@pytest.mark.parametrize(
	("values", "contact"),
	[
		({}, True),
		({"communication_date": EXACT}, True),
		({"communication_date": EXACT + timedelta(seconds=1)}, False),
		({"sent_or_received": "Sent"}, False),
		({"communication_type": "Comment"}, False),
		({"doctype": PROJECT}, False),
	],
)
def test_a_mail_of_the_customer_is_a_contact(table, values, contact):
	name = table.deal("A")
	mail(name, **values)
	assert [name in part for part in deal_events.last_contact(OPPORTUNITY, [name], EXACT)] == [contact, contact]


def test_the_last_contact_is_the_latest_of_all(table):
	name, other = table.deal("A"), table.deal("B")
	for days in (5, 3, 9):
		activity(name, starts_on=NOW - timedelta(days=days))
	activity(name, starts_on=NOW - timedelta(days=2), result="Postponed")
	mail(name, communication_date=NOW - timedelta(days=4))
	mail(other, communication_date=NOW - timedelta(days=6))
	mail(other, communication_date=NOW - timedelta(days=8))
	found, good = deal_events.last_contact(OPPORTUNITY, [name, other], NOW)
	assert {key: (NOW - at).days for key, at in found.items()} == {name: 2, other: 6}
	assert {key: (NOW - at).days for key, at in good.items()} == {name: 3, other: 6}


@pytest.mark.parametrize(
	("values", "planned"),
	[
		({"starts_on": NOW}, True),
		({"starts_on": datetime(2026, 6, 20)}, True),
		({"starts_on": datetime(2026, 6, 19, 23, 59, 59)}, False),
		({"starts_on": NOW, "status": "Done"}, False),
		({"starts_on": NOW, "doctype": PROJECT}, False),
	],
)
def test_an_activity_of_today_or_later_is_a_plan(table, values, planned):
	name = table.deal("A")
	activity(name, **{"status": "Planned", **values})
	assert deal_events.planned_of(OPPORTUNITY, [name], NOW) == ({name} if planned else set())
	one = facts(table)["A"]
	assert (one.has_next_step, one.next_step_late) == (planned, None)


def test_pushes_are_moves_of_the_close_to_a_later_day(table):
	name, other = table.deal("A"), table.deal("B")
	for kind, before, after, values in (
		("Expected Close", "2026-01-01", "2026-01-02", {}),
		("Expected Close", "2026-01-02", "2026-03-01", {}),
		("Expected Close", "2026-03-01", "2026-02-01", {}),
		("Expected Close", "2026-03-01", "2026-03-01", {}),
		("Amount", "1", "2", {}),
		("Expected Close", "2026-01-01", "2026-01-02", {"doctype": PROJECT}),
	):
		table.event(name, kind=kind, from_value=before, to_value=after, **values)
	assert deal_events.pushes_of(OPPORTUNITY, [name, other]) == {name: 2}
	found = facts(table)
	assert (found["A"].times_pushed, found["B"].times_pushed) == (2, 0)


@pytest.mark.parametrize(
	("field", "role", "doctype", "decides"),
	[
		("contacts", "Decision Maker", OPPORTUNITY, True),
		("contacts", "User", OPPORTUNITY, False),
		("contacts", "Decision Maker", PROJECT, False),
	],
)
def test_a_decision_maker_among_the_contacts_of_the_deal(table, field, role, doctype, decides):
	name = table.deal("A")
	rows.row("Sales Deal Contact", docstatus=0, parent=name, parenttype=doctype, parentfield=field, idx=1, role=role)
	assert deal_events.with_decision_maker(OPPORTUNITY, [name]) == ({name} if decides else set())
	assert deal_events.with_decision_maker(OPPORTUNITY, []) == set()


@pytest.mark.parametrize(
	("doctype", "docstatus", "found"),
	[
		("Quotation", 0, False),
		("Quotation", 1, True),
		("Quotation", 2, False),
		("Sales Contract", 0, True),
		("Sales Contract", 1, True),
		("Sales Contract", 2, False),
		("Sales Order Request", 0, True),
		("Sales Order Request", 2, False),
	],
)
def test_a_deal_is_quoted_by_what_was_made_of_it(table, world, doctype, docstatus, found):
	name, prefix = table.deal("A"), "crm_" if doctype == "Quotation" else ""
	of = {f"{prefix}source_type": OPPORTUNITY, f"{prefix}source_name": name}
	rows.row(doctype, docstatus=docstatus, company=world.company, **of)
	rows.row(doctype, docstatus=1, company=world.company, **{**of, f"{prefix}source_type": PROJECT})
	assert deal_events.quoted_of(OPPORTUNITY, [name]) == ({name} if found else set())
	assert deal_events.quoted_of(OPPORTUNITY, []) == set()


def test_a_pipeline_that_does_without_quotations_expects_none(table, world):
	for key, step in (("Off", "Off"), ("Optional", "Optional"), ("Required", "Required")):
		rows.row("Sales Pipeline", docstatus=0, name=f"{key} {world.tag}", quotation_step=step, applies_to=OPPORTUNITY)
		table.deal(key, pipeline=f"{key} {world.tag}", stage=stage("negotiation"))
	assert {f"{key} {world.tag}" for key in ("Off",)} <= deal_events.pipelines_without_quotations()
	assert {key: one.quotation_expected for key, one in facts(table).items()} == {
		"Off": False, "Optional": True, "Required": True,
	}  # fmt: skip


def test_who_has_planned_something_is_not_late_with_the_step_before(table):
	for key in ("planned", "late"):
		name = table.deal(key, next_step="Call", next_step_date="2026-06-18")
		if key == "planned":
			activity(name, status="Planned", starts_on=NOW + timedelta(days=1))
	assert {key: (one.has_next_step, one.next_step_late) for key, one in facts(table).items()} == {
		"planned": (True, None), "late": (True, 2),
	}  # fmt: skip


def test_a_customer_s_deals_are_compared_with_what_the_company_sold_them(table, world):
	won = {"status": "Won", "outcome": "Won"}
	table.deal("open", base_amount=70)
	table.deal("W1", base_amount=1, base_won_amount=10, **won)
	table.deal("W2", base_won_amount=10, **won)
	table.deal("W3", base_won_amount=20, **won)
	table.deal("W4", base_won_amount=30, company="Another", **won)
	table.deal("lost", base_won_amount=40, status="Lost", outcome="Lost")
	table.deal("nobody", customer=None)
	assert deal_events.won_amounts_of(OPPORTUNITY, [frappe._dict(customer=world.customer)])[
		world.customer, world.company
	] == {10: 2, 20: 1}
	found = facts(table)
	assert (found["open"].amount, found["open"].won_amounts, found["nobody"].won_amounts) == (70, {10: 2, 20: 1}, {})
	assert deal_events.won_amounts_of(OPPORTUNITY, []) == {}


def test_days_that_somebody_typed_are_late_when_they_are_over(table):
	table.deal("today", expected_close="2026-06-20", next_step_date="2026-06-20", not_stalled_until="2026-06-20")
	table.deal("late", expected_close="2026-06-19", next_step_date="2026-06-18", not_stalled_until="2026-06-19")
	table.deal("none", opened_on="2026-06-10", next_step="Call")
	found = facts(table)
	assert {key: (one.days_overdue, one.next_step_late, one.acknowledged) for key, one in found.items()} == {
		"today": (0, None, True), "late": (1, 2, False), "none": (None, None, False),
	}  # fmt: skip
	assert all(one.has_next_step for one in found.values()) and found["none"].silent_days == 10


def test_a_project_knows_what_happened_on_its_opportunity(table):
	origin, stranger = table.deal("origin"), table.deal("stranger")
	of = {"doctype": PROJECT, "project_type": "Sales", "opened_on": "2026-06-01", "stage": stage("negotiation")}
	table.deal("P", source_type=OPPORTUNITY, source_name=origin, **of)
	table.deal("Q", source_type="Sales Campaign", source_name=origin, **of)
	table.deal("R", **of)
	for name in (origin, stranger):
		activity(name, starts_on=NOW - timedelta(days=3))
		activity(name, status="Planned", starts_on=NOW + timedelta(days=3))
		rows.row(
			"Sales Deal Contact",
			docstatus=0,
			parent=name,
			parenttype=OPPORTUNITY,
			parentfield="contacts",
			idx=1,
			role="Decision Maker",
		)
		rows.row("Sales Contract", docstatus=1, source_type=OPPORTUNITY, source_name=name)
	found = facts(table, doctype=PROJECT)
	shown = {
		key: (one.silent_days, one.in_touch_days, one.has_next_step, one.has_decision_maker, one.has_quotation)
		for key, one in found.items()
	}
	nothing = (19, None, False, False, False)
	assert shown == {"P": (3, 3, True, True, True), "Q": nothing, "R": nothing}


# ---- the verdict on the form


def test_the_form_says_why_a_deal_is_spared(sale):
	deal = sale.opportunity()
	frappe.db.set_value(
		deal.doctype, deal.name, {"not_stalled_until": "2999-12-31", "not_stalled_reason": "They are on holiday"}
	)
	found = stall_verdicts.health(deal.doctype, deal.name)
	assert "2999" in found["spared"] and "They are on holiday" in found["spared"]
	assert (
		found["spared"].startswith("Not stalled until")
		and found["stalled_from"] == stalled_rules.rules().thresholds.stalled_from
	)


@pytest.mark.parametrize(
	("signal", "details", "words"),
	[
		("over_dwell", {"days": 1, "usual": 2.5}, "1 day in this stage; most won deals took no more than 2.5"),
		("over_dwell", {"days": 3, "limit": 2}, "3 days in this stage, which expects 2"),
		("silent", {"days": 30}, "No word from the customer for 30 days"),
		("pushed", {"times": 1}, "The close date was pushed once"),
		("pushed", {"times": 2}, "The close date was pushed 2 times"),
		("overdue_close", {"days": 1}, "The expected close passed 1 day ago"),
		("no_next_step", {}, "No next step is planned"),
		("no_next_step", {"days": 2}, "The next step was due 2 days ago"),
		("no_decision_maker", {}, "No decision maker is among the contacts"),
		("no_quotation", {}, "No quotation was submitted"),
		("another", {}, "another"),
	],
)
def test_each_signal_is_one_sentence(site, signal, details, words):
	assert stall_verdicts.sentence(signal, details) == words


@pytest.mark.parametrize(("above", "word"), [(True, "more"), (False, "less")])
def test_an_odd_amount_is_said_in_the_currency_of_the_company(site, above, word):
	text = stall_verdicts.sentence("odd_amount", {"amount": 1234.4, "above": above}, "EUR")
	assert text.endswith(f"is far {word} than the customer usually buys for")
	assert "1,234 " in text and "EUR" in text.replace("€", "EUR")


def test_every_signal_has_a_label(site):
	labels = stall_verdicts.signal_labels()
	assert list(labels) == list(SIGNALS) and len(set(labels.values())) == len(labels)
	assert labels == {
		"over_dwell": "Too Long in Its Stage",
		"silent": "No Word from the Customer",
		"pushed": "Close Date Pushed",
		"overdue_close": "Close Date Has Passed",
		"no_next_step": "No Next Step",
		"no_decision_maker": "No Decision Maker",
		"no_quotation": "No Quotation",
		"odd_amount": "Unusual Amount",
	}


@pytest.mark.parametrize("stored", [None, "", "no reasons", "{}"])
def test_a_column_that_holds_no_reasons_says_nothing(site, stored):
	assert stall_verdicts.sentences(stored) == []


# ---- the nightly job


def test_open_deals_and_those_still_marked_are_judged_by_name_chunk_by_chunk(table, monkeypatch):
	frappe.db.delete(OPPORTUNITY, {"name": ("not in", [""])})
	for key, values in (
		("A", {}),
		("B", {"status": "Lost"}),
		("C", {"status": "Lost", "is_stalled": 1}),
		("D", {"status": "Won", "stalled_score": 1}),
		("E", {}),
	):
		table.deal(key, **values)
	found = lambda after: keys(stall_verdicts._names_after(OPPORTUNITY, after))  # noqa: E731
	assert found("") == ["A", "C", "D", "E"]
	assert found(table.names[2]) == ["D", "E"], "the one named is done"
	monkeypatch.setattr(stall_verdicts, "CHUNK", 3)
	assert found("") == ["A", "C", "D"]
	chunks = [chunk for chunk in stall_verdicts.chunks(None) if chunk[0] == OPPORTUNITY]
	assert chunks == [(OPPORTUNITY, ""), (OPPORTUNITY, table.names[3])]
	rest = [chunk for chunk in stall_verdicts.chunks([OPPORTUNITY, ""]) if chunk[0] == OPPORTUNITY]
	assert rest == chunks[1:]
	assert stall_verdicts.chunks([PROJECT, "zzz"]) == []


def test_judging_again_clears_the_mark_of_a_closed_deal_and_counts_what_changed(table):
	closed = table.deal("closed", status="Lost", is_stalled=1, stalled_score=70, stalled_reasons='{"pushed": {}}')
	clear = table.deal("clear", status="Lost", is_stalled=0, stalled_score=0)
	assert stall_verdicts.refresh(OPPORTUNITY, [closed, clear], now_datetime()) == 1
	stored = frappe.db.get_value(OPPORTUNITY, closed, ["is_stalled", "stalled_score", "stalled_reasons"])
	assert stored == (0, 0, None)
	assert stall_verdicts.refresh(OPPORTUNITY, [], now_datetime()) == 0


# ---- whose verdict follows what


def marked(table, key, doctype=OPPORTUNITY, **values) -> str:
	"""An open deal that is marked as stalled though nothing says so."""
	new = {"opened_on": now_datetime().date(), "stage_entered_on": now_datetime()}
	return table.deal(key, doctype, is_stalled=1, stalled_score=70, **new, **values)


def is_marked(name, doctype=OPPORTUNITY) -> bool:
	return bool(frappe.db.get_value(doctype, name, "is_stalled"))


@pytest.mark.parametrize("about", ["deal", "lead", "campaign", None])
def test_what_is_recorded_about_a_deal_or_its_lead_has_the_deal_judged_anew(table, world, about):
	lead = rows.row(
		"Sales Lead", docstatus=0, name=f"L {world.tag}", title="x", status="Converted", company=world.company
	)
	name, other = marked(table, "A", source_type="Sales Lead", source_name=lead), marked(table, "B")
	what = {
		"deal": (OPPORTUNITY, name),
		"lead": ("Sales Lead", lead),
		"campaign": ("Sales Campaign", "X"),
		None: (OPPORTUNITY, None),
	}[about]
	stall_verdicts.follow_reference(frappe._dict(reference_doctype=what[0], reference_name=what[1]))
	assert is_marked(name) == (about not in ("deal", "lead")) and is_marked(other)


def test_the_project_that_runs_a_deal_is_judged_with_it_and_the_other_way_round(table):
	source = marked(table, "A")
	project = marked(table, "P", PROJECT, project_type="Sales", source_type=OPPORTUNITY, source_name=source)
	lost = marked(table, "Q", PROJECT, project_type="Sales", source_type=OPPORTUNITY, source_name=source, status="Lost")
	stall_verdicts.follow_deal(OPPORTUNITY, source)
	assert (is_marked(source), is_marked(project, PROJECT), is_marked(lost, PROJECT)) == (False, False, True)
	frappe.db.set_value(OPPORTUNITY, source, "is_stalled", 1)
	stall_verdicts.follow(frappe.get_doc(PROJECT, project))
	assert not is_marked(source)


def test_a_saved_deal_shows_its_own_verdict(table):
	doc = frappe.get_doc(OPPORTUNITY, marked(table, "A"))
	stall_verdicts.follow(doc)
	assert (doc.is_stalled, doc.stalled_score, doc.stalled_reasons) == tuple(
		frappe.db.get_value(OPPORTUNITY, doc.name, ["is_stalled", "stalled_score", "stalled_reasons"])
	)
	assert doc.is_stalled == 0


def test_every_night_what_is_usual_is_learned_anew_and_deals_are_judged(site, monkeypatch):
	did = []
	monkeypatch.setattr(deal_dwell, "forget_usual_dwell", lambda: did.append("forget"))
	monkeypatch.setattr(stall_verdicts.jobs, "run", lambda job: did.append(job) or SimpleNamespace(changed=3))
	assert (stall_verdicts.refresh_all(), did) == (3, ["forget", "Judge Deals"])


def test_only_an_open_deal_is_put_aside(sale):
	deal = sale.opportunity()
	stall_verdicts.acknowledge(deal.doctype, deal.name, now_datetime().date(), "They wait")
	stored = frappe.db.get_value(deal.doctype, deal.name, ["not_stalled_until", "not_stalled_reason"])
	assert (str(stored[0]), stored[1]) == (str(now_datetime().date()), "They wait")
	frappe.db.set_value(deal.doctype, deal.name, "status", "Lost")
	with refused(match="is closed"):
		stall_verdicts.acknowledge(deal.doctype, deal.name, now_datetime().date(), "Again")


@pytest.mark.parametrize(("percent", "share"), [(90, 0.9), (0, 0), (100, 1), (-5, 0), (150, 1), (None, 0)])
def test_deals_are_judged_by_the_rules_that_an_admin_set(site, percent, share):
	values = {
		"stalled_dwell_quantile": percent, "stalled_dwell_min_won": 7, "dwell_in_working_days": 1, "stalled_from_score": 41,
		"stalled_new_days": 2, "stalled_in_touch_days": 3, "stalled_tolerance_days": 4, "stalled_silent_days": 5,
		"stalled_times_pushed": 6, "decision_maker_from_probability": 33.5, "quotation_from_probability": 44.5,
		"odd_amount_factor": 2.5, "odd_amount_min_won": 8, "weight_silent": 17, "stalled_dwell_margin": 30,
	}  # fmt: skip
	settings(**values)
	how = stalled_rules.rules()
	assert (how.dwell_quantile, how.dwell_min_won, how.working_days) == (share, 7, True)
	limits = how.thresholds
	assert (limits.stalled_from, limits.new_days, limits.in_touch_days, limits.tolerance_days) == (41, 2, 3, 4)
	assert (limits.silent_days, limits.times_pushed, limits.amount_min_won, limits.amount_factor) == (5, 6, 8, 2.5)
	assert (limits.decision_maker_from, limits.quotation_from, limits.dwell_margin) == (33.5, 44.5, 0.3)
	assert limits.weights["silent"] == 17 and list(limits.weights) == list(SIGNALS)


# ---- what only a second deal, a second visit or another company shows


def test_the_time_of_a_deal_that_came_back_is_that_of_all_its_visits(table):
	back = table.deal("back", stage=stage("qualification"), stage_entered_on=NOW - timedelta(hours=2))
	table.passage(back, seconds=9 * DAY, last_left=NOW - timedelta(days=3))
	for days in (4, 5):
		table.event(back, from_value=stage("qualification"), seconds_spent=days * DAY, at=NOW - timedelta(days=days))
	once = table.deal("once", "Sales Opportunity", status="Lost", stage=stage("lost"))
	table.passage(once, seconds=8 * DAY)
	stays = table.stays()
	assert stays.documents({stage("qualification"): 9}) == [back]
	assert stays.documents({stage("qualification"): 10}) == []
	assert stays.documents({stage("qualification"): 0}) == [back, once]


def test_earlier_visits_are_those_of_the_deals_asked_for(table):
	mine, other = (table.deal(key) for key in "AB")
	for name in (mine, other):
		table.event(name, from_value=stage("proposal"), seconds_spent=DAY)
	assert [row.name for row in deal_dwell._earlier_visits(OPPORTUNITY, [mine])] == [mine]
	assert deal_dwell._earlier_visits(OPPORTUNITY, []) == []


@pytest.mark.parametrize("own", [None, "Another"])
def test_working_days_are_those_of_the_pipeline_s_company_else_of_the_site_s(table, world, monkeypatch, own):
	asked = []
	monkeypatch.setattr(deal_dwell.holidays, "calendar_of", lambda company: asked.append(company))
	monkeypatch.setattr(deal_dwell, "_company_of_site", lambda: "The Site's")
	pipeline = rows.row(
		"Sales Pipeline", docstatus=0, applies_to=OPPORTUNITY, name=f"Own {own} {world.tag}", company=own
	)
	how = SimpleNamespace(dwell_quantile=0.5, dwell_min_won=1, working_days=1)
	assert (deal_dwell._usual_dwell(OPPORTUNITY, pipeline, how), asked) == ({}, [own or "The Site's"])


@pytest.mark.parametrize("filters", [{"from_date": "2999-01-01"}, {"to_date": "1969-12-31"}])
def test_a_period_of_no_day_is_refused_where_one_end_alone_is_asked_for(world, filters):
	with refused(match="must not be after"):
		stage_durations.stays_of(stage_durations.DwellScope.of({"company": world.company, **filters}))


# ---- the deals behind a stage, in working days


def test_the_deals_behind_a_stage_in_working_days_are_those_that_took_enough_of_them(table):
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	monday = datetime(2026, 6, 15, 9, 0, 0)
	for key, hours in (("sunday", 10), ("friday", 3 * 24), ("week", 7 * 24), ("hour", 1)):
		table.passage(table.deal(key, status="Lost", stage=stage("lost")), seconds=hours * 3600, last_left=monday)
	table.deal("running", stage=stage("qualification"), stage_entered_on=datetime(2026, 6, 16, 23, 59))
	back = table.deal("back", stage=stage("proposal"))
	table.passage(back, last_left=datetime(2026, 6, 10, 8, 0), visits=2)
	for left, days in ((datetime(2026, 6, 10, 8, 0), 2), (datetime(2026, 6, 4, 8, 0), 2)):
		table.event(back, from_value=stage("qualification"), at=left, seconds_spent=days * DAY)
	table.event(back, from_value=stage("proposal"), at=datetime(2026, 6, 12, 8, 0), seconds_spent=DAY)
	# A week has five of them, two visits of two days four, since Tuesday night there were three.
	behind = lambda least, *how: keys(table.stays().documents({stage("qualification"): least}, *how))  # noqa: E731
	assert behind(0, calendar) == sorted(["week", "back", "running", "friday", "sunday", "hour"])
	assert behind(1, calendar) == sorted(["week", "back", "running", "friday", "sunday"])
	assert behind(4, calendar) == sorted(["week", "back"]) and behind(5, calendar) == ["week"]
	names = [name.split()[0] for name in table.stays().documents({stage("qualification"): 3}, calendar)]
	assert names == ["week", "back", "running"], "the longest first"
	assert table.stays().documents({}, calendar) == []


def test_what_came_back_after_long_is_counted_as_it_was_where_it_stands(table):
	"""Its running visit was counted by days, is taken out again, and is in with the visits before it."""
	name = table.deal("back", stage=stage("qualification"), stage_entered_on=NOW - timedelta(days=12, hours=5))
	table.passage(name, seconds=3 * 3600, last_left=NOW - timedelta(days=30))
	table.event(name, from_value=stage("qualification"), seconds_spent=3 * 3600, at=NOW - timedelta(days=30))
	found = table.stays().in_hours()[stage("qualification")]
	assert {hours: count for hours, count in found.histogram.items() if count} == {12 * 24: 1}
	assert found.total == pytest.approx(12 * 24 + 5 + 3)


def test_stays_in_stages_that_are_no_open_ones_have_no_working_days(table):
	calendar = WorkCalendar(weekly_off=(5, 6), last=date(2020, 1, 1))
	name = table.deal("back", status="Lost", stage=stage("lost"))
	table.passage(name, "won", visits=2, last_left=datetime(2026, 6, 10, 8, 0))
	for day in (8, 10):
		table.event(name, from_value=stage("won"), at=datetime(2026, 6, day, 8, 0), seconds_spent=DAY)
	assert table.stays().in_working_days(calendar) == {}
