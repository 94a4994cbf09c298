"""Stage Dwell and Stalled Deals: what each user sees in them, and nothing else."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import deal_dwell, stage_durations, stall_verdicts
from crm_pipeline.analytics.stage_durations import DwellScope
from crm_pipeline.crm_pipeline.report.stage_dwell import stage_dwell
from crm_pipeline.crm_pipeline.report.stalled_deals import stalled_deals
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss
from tests.site.conftest import USERS
from tests.site.health import PIPELINE, build_team, settings, stage, walk
from tests.site.rows import set_event
from tests.site.world import refused


@pytest.fixture
def campaign(sale):
	"""Everything of these tests belongs to one campaign, so that other deals of the site don't count."""
	deal_dwell.forget_usual_dwell()
	settings(stalled_dwell_min_won=100000)
	doc = {"doctype": "Sales Campaign", "title": f"Fair {sale.world.tag}", "company": sale.world.company}
	yield frappe.get_doc(doc).insert().name
	deal_dwell.forget_usual_dwell()


@pytest.fixture
def filters(campaign, sale):
	return {"campaign": campaign, "company": sale.world.company}


def dwell(filters, **more) -> dict[str, dict]:
	return {row["label"]: row for row in stage_dwell.execute({**filters, **more})[1]}


def listed(row, column) -> int:
	found = frappe.get_list(
		row["doctype"],
		filters=[[row["doctype"], *rule] for rule in row["routes"][column]],
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	return len(found)


@pytest.fixture
def three(sale, campaign):
	frappe.db.set_value("Sales Pipeline", PIPELINE, "allow_win_by_hand", 1)
	make = lambda: sale.opportunity(campaign=campaign)  # noqa: E731
	return [
		walk(make(), ("qualification", 2), ("needs_analysis", 4), won=True),
		walk(make(), ("qualification", 4), ("needs_analysis", 10), ("qualification", 5)),
		walk(make(), ("qualification", 3)),
	]


def test_every_visit_counts_once_the_running_one_included(three, filters):
	rows = dwell(filters)
	first, second = rows["Qualification"], rows["Needs Analysis"]
	assert (first["documents"], first["standing"], first["median"], first["over"]) == (3, 2, 3, 1)
	assert first["ninetieth"] == pytest.approx(3 + 0.8 * 6, abs=0.05)
	assert first["average"] == pytest.approx(14 / 3, abs=0.01)
	assert (second["documents"], second["standing"], second["median"], second["over"]) == (2, 0, 7, 0)
	assert "Won" not in rows
	assert listed(first, "standing") == 2


def test_a_period_takes_the_visits_that_ended_in_it(three, filters):
	old = dwell(filters, from_date=add_days(nowdate(), -60), to_date=add_days(nowdate(), -10))
	assert (old["Qualification"]["documents"], old["Qualification"]["median"]) == (1, 4)
	assert "Needs Analysis" not in old or old["Needs Analysis"]["documents"] == 0
	recent = dwell(filters, from_date=add_days(nowdate(), -9))
	assert (recent["Qualification"]["documents"], recent["Qualification"]["median"]) == (3, 3)
	assert recent["Needs Analysis"]["documents"] == 2


def test_working_days_leave_the_holidays_out(three, filters, sale):
	with refused(match="holiday list"):
		dwell(filters, working_days=1)
	days = [add_days(nowdate(), -n) for n in range(0, 40, 2)]
	name = f"Odd Days {sale.world.tag}"
	holidays = frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": name,
			"from_date": days[-1],
			"to_date": days[0],
			"holidays": [{"holiday_date": day, "description": "Off"} for day in days],
		}
	).insert()
	frappe.db.set_value("Company", sale.world.company, "default_holiday_list", holidays.name)
	frappe.clear_document_cache("Company", sale.world.company)
	rows = dwell(filters, working_days=1)
	# Every second day is off: of 2, 4 + 5 and 3 days.
	assert rows["Qualification"]["documents"] == 3
	assert 1 <= rows["Qualification"]["median"] <= 2
	assert 6 / 3 <= rows["Qualification"]["average"] <= 8 / 3
	assert (rows["Needs Analysis"]["documents"], rows["Needs Analysis"]["average"]) == (2, 3.5)


def test_the_documents_behind_a_count_the_longest_first(three, filters):
	def behind(over: bool) -> list[str]:
		found = api.get_documents_of_dwell(filters, stage("qualification"), over)
		assert found["total"] == len(found["documents"])
		return [row["name"] for row in found["documents"]]

	assert behind(False) == [three[1].name, three[2].name, three[0].name]
	assert behind(True) == [three[1].name]


def test_a_pipeline_without_deals_and_a_stage_that_is_gone(filters, sale, campaign):
	assert stage_dwell.execute(filters)[1] == []
	deal = walk(sale.opportunity(campaign=campaign), ("qualification", 2), ("needs_analysis", 4))
	set_event({"reference_name": deal.name, "kind": "Stage"}, "from_value", "gone")
	frappe.db.set_value(deal.doctype, deal.name, "stage_entered_on", add_days(nowdate(), 30))
	rows = dwell(filters)
	assert list(rows) == ["Needs Analysis"] and rows["Needs Analysis"]["average"] == 0


# ---- stalled deals


def test_stalled_deals_are_listed_by_amount_with_their_reasons(sale, campaign, filters):
	small, large = (sale.opportunity(campaign=campaign, items=[], amount=amount) for amount in (10, 500))
	fine = sale.opportunity(campaign=campaign, next_step="Call")
	for deal in (small, large):
		walk(deal, ("qualification", 30))
	stall_verdicts.refresh("Sales Opportunity", [small.name, large.name, fine.name])
	_columns, data, message, chart, summary = stalled_deals.execute(filters)
	assert [row["name"] for row in data] == [large.name, small.name]
	assert data[0]["reasons"].startswith("30 days in this stage, which expects 7 · No word from the customer for 30")
	assert (data[0]["score"], data[0]["days"], data[0]["stage_label"]) == (70, 30, "Qualification")
	assert [card["value"] for card in summary] == [2, 510, 66.7]
	assert "<br>" not in message and chart["data"]["datasets"][0]["values"] == [2, 2, 2]
	assert len(stalled_deals.execute({**filters, "signal": "silent"})[1]) == 2
	assert stalled_deals.execute({**filters, "signal": "pushed"})[1] == []
	with refused():
		stalled_deals.execute({**filters, "signal": "x' or 1=1"})


def test_the_chart_counts_all_stalled_deals_though_not_all_are_listed(sale, campaign, filters, monkeypatch):
	for amount in (10, 500, 50):
		deal = walk(sale.opportunity(campaign=campaign, items=[], amount=amount), ("qualification", 30))
		stall_verdicts.refresh(deal.doctype, [deal.name])
	monkeypatch.setattr(stalled_deals, "SHOWN", 2)
	_columns, data, message, chart, summary = stalled_deals.execute(filters)
	assert [row["amount"] for row in data] == [500, 50] and "2 largest of 3" in message
	assert summary[0]["value"] == 3 and chart["data"]["datasets"][0]["values"] == [3, 3, 3]


def test_the_share_of_stalled_deals_is_of_those_that_are_judged(sale, campaign, filters):
	run = sale.opportunity(campaign=campaign)
	project = api.opportunity_to_project(run.name)["name"]
	frappe.db.set_value("Sales Project", project, {"campaign": campaign, "is_stalled": 1})
	marketing = {"doctype": "Sales Project", "title": "Fair", "project_type": "Marketing", "campaign": campaign}
	frappe.get_doc({**marketing, "company": sale.world.company}).insert()
	summary = stalled_deals.execute(filters)[4]
	assert [summary[0]["value"], summary[2]["value"]] == [1, 100]


def test_reasons_that_can_not_be_read_do_not_break_the_report(sale, campaign, filters):
	deal = sale.opportunity(campaign=campaign)
	frappe.db.set_value(deal.doctype, deal.name, {"is_stalled": 1, "stalled_reasons": "{not json"})
	assert [(row["name"], row["reasons"]) for row in stalled_deals.execute(filters)[1]] == [(deal.name, "")]


# ---- who sees what


@pytest.fixture
def shared(sale, campaign, as_user):
	"""One stalled, one standing and one lost deal of each: a rep, their manager, a rep of another team."""
	team = build_team(sale.world.tag, USERS)
	for who in ("manager", "rep", "other_rep"):
		as_user(who)
		open_deal = walk(sale.opportunity(campaign=campaign), ("qualification", 30))
		stall_verdicts.refresh(open_deal.doctype, [open_deal.name])
		lost = sale.opportunity(campaign=campaign)
		api.lose_deal(lost.doctype, lost.name, "Price")
	as_user("Administrator")
	return team


@pytest.mark.parametrize(
	("team_visibility", "who", "seen"),
	[(0, "rep", 3), (0, "manager", 3), (1, "rep", 1), (1, "other_rep", 1), (1, "manager", 2), (1, "Administrator", 3)],
)
def test_every_report_counts_what_the_user_sees(shared, filters, as_user, team_visibility, who, seen):
	settings(team_visibility=team_visibility)
	as_user(who)
	standing = dwell(filters)["Qualification"]
	assert (standing["documents"], standing["standing"], listed(standing, "standing")) == (2 * seen, seen, seen)
	assert api.get_documents_of_dwell(filters, stage("qualification"))["total"] == 2 * seen
	_columns, data, _message, _chart, summary = stalled_deals.execute(filters)
	assert (len(data), summary[0]["value"], summary[1]["value"]) == (seen, seen, seen * 480)
	losses = win_and_loss.execute(filters)
	assert losses[1][-1]["lost"] == seen and losses[4][1]["value"] == seen
	own = win_and_loss.execute({**filters, "sales_person": shared.rep})[1]
	assert (own[-1]["lost"] if own else 0) == (0 if team_visibility and who == "other_rep" else 1)


def test_who_may_not_read_deals_gets_no_report(filters, as_user):
	as_user("stranger")
	for execute in (stage_dwell.execute, win_and_loss.execute):
		with refused(frappe.PermissionError):
			execute(filters)
	with refused(frappe.PermissionError):
		api.get_documents_of_dwell(filters, stage("qualification"))


def test_without_filters_the_documents_behind_a_stage_are_opportunities_of_every_pipeline(three):
	assert api.get_documents_of_dwell(None, stage("qualification"))["total"] >= len(three)
	assert {deal.name for deal in three} <= set(
		stage_durations.names_behind(DwellScope.of({}), stage("qualification"), False)
	)


def test_a_deal_that_lost_its_stage_hides_no_other_from_the_reports(sale, campaign, filters):
	ours = [sale.opportunity(campaign=campaign, next_step=None) for _ in range(2)]
	for doc in ours:
		values = {"is_stalled": 1, "stalled_score": 90}
		frappe.db.set_value(doc.doctype, doc.name, values, update_modified=False)
	# As a script of the site or another system's data leaves it.
	frappe.db.set_value("Sales Opportunity", ours[0].name, "stage", None, update_modified=False)
	assert {row["name"] for row in stalled_deals.execute(filters)[1]} == {doc.name for doc in ours}
	assert dwell(filters)["Qualification"]["standing"] == 1
