"""Small rules of the funnel and of the board, asked at their boundaries."""

from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, formatdate, now_datetime, nowdate

from crm_pipeline.analytics import (
	board_columns,
	figure_documents,
	funnel_cells,
	funnel_cohort,
	funnel_facts,
	funnel_picture,
	funnel_ways,
)
from crm_pipeline.analytics.board_columns import BoardScope
from crm_pipeline.analytics.funnel_cohort import ENTERED, OPENED, Cohort, FunnelScope
from crm_pipeline.analytics.scope import Scope
from crm_pipeline.core import funnel as core
from crm_pipeline.core.funnel import Fate
from crm_pipeline.core.stage_visits import key_of
from crm_pipeline.core.stages import LOST, OPEN, WON, Stage
from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage import open_pipeline_by_stage
from crm_pipeline.crm_pipeline.report.sales_funnel import sales_funnel
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_visibility import MANAGER, REP, set_apart
from tests.site.rows import sales_people
from tests.site.world import refused

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
DAY = 86400


@pytest.fixture
def pipeline(world):
	return make_pipeline(f"Funnel {world.tag}")


@pytest.fixture
def deal(world, pipeline):
	"""deal("A", "b", left={"a": seconds}, **values): a row that stands in b and has left a."""

	def make(key, at="a", left=None, doctype=OPPORTUNITY, **values):
		closed = {"won": WON, "lost": LOST}.get(at)
		fixed = {"pipeline": pipeline, "stage": f"{pipeline}-{at}", "opened_on": "2026-06-10", "status": closed or OPEN}
		fixed |= {"outcome": closed, "stage_entered_on": "2026-06-10", "base_amount": 100}
		fixed |= {"closed_from": f"{pipeline}-{list(left)[-1]}"} if closed and left else {}
		fixed["passed_stages"] = key_of(f"{pipeline}-{one}" for one in left or ())
		name = rows.bare_deal(world, key, doctype, **{**fixed, **values})
		for stage, seconds in (left or {}).items():
			rows.row(
				"Stage Passage", docstatus=0, reference_doctype=doctype, reference_name=name, stage=f"{pipeline}-{stage}",
				visits=1, seconds=seconds, longest_seconds=seconds, last_left="2026-06-12",
			)  # fmt: skip
		return name

	return make


@pytest.fixture
def cohort(world, pipeline):
	def make(**filters):
		return Cohort(FunnelScope.of({
			"company": world.company, "pipeline": pipeline, "from_date": "2026-06-01", "to_date": "2026-06-30", **filters,
		}))  # fmt: skip

	return make


def keys(found) -> list[str]:
	return sorted(name.split()[0] for name in found)


def behind(cohort, stage, kind) -> list[str]:
	return keys(row.name for row in figure_documents.of_funnel(cohort, stage, kind)["documents"])


def names(query, cohort) -> list[str]:
	return keys(row[0] for row in query.select(cohort.deal.name).run())


# ---- which deals


@pytest.mark.parametrize(
	("day", "within"),
	[("2026-05-31", False), ("2026-06-01", True), ("2026-06-30", True), ("2026-07-01", False), (None, False)],
)
def test_a_cohort_holds_the_deals_opened_in_its_period(deal, cohort, day, within):
	deal("A", opened_on=day)
	one = cohort()
	assert names(one.narrow(frappe.qb.from_(one.deal)), one) == (["A"] if within else [])
	assert names(one.of_deals(frappe.qb.from_(one.deal)), one) == ["A"], "whenever it was opened"


@pytest.mark.parametrize(
	("at", "within"),
	[
		("2026-05-31 23:59:59", False),
		("2026-06-01 00:00:00", True),
		("2026-06-30 23:59:59", True),
		("2026-07-01 00:00:00", False),
	],
)
def test_or_those_that_entered_a_stage_of_its_pipeline_in_it(deal, cohort, world, pipeline, at, within):
	for key, values in (
		("moved", {"kind": "Stage"}),
		("made", {"kind": "Created"}),
		("priced", {"kind": "Amount"}),
		("elsewhere", {"kind": "Stage", "pipeline": "Another"}),
		("foreign", {"kind": "Stage", "reference_doctype": PROJECT}),
	):
		rows.row("Pipeline Event", docstatus=0, **{
			"reference_doctype": OPPORTUNITY, "reference_name": deal(key, opened_on="2020-01-01"), "pipeline": pipeline,
			"at": at, "from_value": f"{pipeline}-b", "to_value": f"{pipeline}-a", "company": world.company, **values,
		})  # fmt: skip
	one = cohort(basis=ENTERED)
	assert names(one.narrow(frappe.qb.from_(one.deal)), one) == (["made", "moved"] if within else [])
	arrived = funnel_facts.passages(one)
	assert {p.stage for p in arrived.get((), ())} == ({f"{pipeline}-a"} if within else set())
	assert sum(p.documents for p in arrived.get((), ())) == (2 if within else 0)
	# A move out of the pipeline carries the next one's name.
	left = one.leavings().select(one.event.reference_name).run()
	assert keys(row[0] for row in left) == (["elsewhere", "moved"] if within else [])


def test_the_period_is_the_last_twelve_months_and_compared_with_the_twelve_before(pipeline, world, monkeypatch):
	monkeypatch.setattr(funnel_cohort, "latest_today", lambda: date(2026, 6, 20))
	one = Cohort(FunnelScope.of({"pipeline": pipeline, "company": world.company}))
	assert (one.first, one.last, one.basis, one.doctype) == (date(2025, 7, 1), date(2026, 6, 20), OPENED, OPPORTUNITY)
	month = Cohort(
		FunnelScope.of({"pipeline": pipeline, "from_date": "2026-06-01", "to_date": "2026-06-30", "basis": ENTERED})
	).before()
	assert (month.first, month.last, month.pipeline, month.basis) == (
		date(2026, 5, 1),
		date(2026, 5, 31),
		pipeline,
		ENTERED,
	)


def test_without_a_pipeline_it_is_the_default_one_and_without_any_that_is_said(world, monkeypatch):
	asked = []
	monkeypatch.setattr(
		funnel_cohort.pipelines, "default_pipeline", lambda doctype, company: asked.append((doctype, company))
	)
	with refused(match="There is no enabled Sales Pipeline for Sales Opportunity"):
		Cohort(FunnelScope.of({"company": world.company}))
	assert asked == [(OPPORTUNITY, world.company)]
	with refused(frappe.DoesNotExistError, match="Sales Pipeline .*Nowhere.* does not exist"):
		Cohort(FunnelScope.of({"pipeline": "Nowhere"}))


SPLITS = (
	("Month", "opened_on", "2026-06-05", (2026, 6), "2026-05-05"),
	("Territory", "territory", "North", ("North",), "South"),
	("Sales Person", "sales_person", "Anna", ("Anna",), "Boris"),
	("Sales Owner", "sales_owner", "a@x", ("a@x",), "b@x"),
	("Source", "source_type", "Sales Lead", ("Sales Lead",), "Sales Campaign"),
	("Channel", "channel", "Web", ("Web",), "Fair"),
	("Campaign", "campaign", "C", ("C",), "D"),
)


@pytest.mark.parametrize(("split", "field", "value", "key", "other"), SPLITS)
def test_a_funnel_is_split_by_a_field_and_each_part_opens_its_own(deal, cohort, split, field, value, key, other):
	deal("A", **{field: value})
	deal("B", **{field: value})
	deal("C", **{field: other})
	deal("D", **{field: None})
	deal("E", **{field: None if split == "Month" else ""})
	whole = cohort(from_date="2000-01-01")
	found = funnel_facts.passages(whole, split)
	assert sum(p.documents for p in found[key]) == 2
	empty = (None,) * len(key)
	assert sum(p.documents for p in found.get(empty, ())) == (0 if split == "Month" else 2)
	part = cohort(from_date="2000-01-01", part={"split": split, "value": list(key)})
	assert names(part.of_deals(frappe.qb.from_(part.deal)), part) == ["A", "B"]
	nobody = cohort(part={"split": split, "value": list(empty)})
	assert names(nobody.of_deals(frappe.qb.from_(nobody.deal)), nobody) == ["D", "E"]


@pytest.mark.parametrize("part", [{"split": "Colour", "value": ["Red"]}, {"split": "Month", "value": [2026]}])
def test_a_part_that_is_none_is_refused(deal, cohort, part):
	one = cohort(part=part)
	with refused(match="is not a grouping of this report"):
		one.of_deals(frappe.qb.from_(one.deal))


def test_a_team_is_a_person_with_all_below(deal, cohort, world):
	set_apart()
	tree = sales_people(world, North=MANAGER, Rep=REP, South=None)
	for key, person in (("A", "North"), ("B", "Rep"), ("C", "South"), ("D", None)):
		deal(key, sales_person=tree.get(person))

	def of(value):
		return (one := cohort(part={"split": "Team", "value": [value]})) and names(
			one.of_deals(frappe.qb.from_(one.deal)), one
		)

	assert of(tree["North"]) == ["A", "B"] and of(tree["Rep"]) == ["B"] and of(None) == ["D"]
	found = {
		key[0]: sum(p.documents for p in passages) for key, passages in funnel_facts.passages(cohort(), "Team").items()
	}
	assert found == {tree["North"]: 2, tree["Rep"]: 1, tree["South"]: 1, None: 1}
	times = funnel_facts.dwell(cohort(), "Team")
	assert {key[0]: sum(sum(c.values()) for c in stages.values()) for key, stages in times.items()} == found


def test_by_month_it_is_the_move_that_counts_where_moves_do(deal, cohort, world, pipeline):
	for key, at in (("A", "2026-06-05"), ("B", "2026-07-05")):
		rows.row(
			"Pipeline Event", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=deal(key, opened_on="2026-01-05"),
			pipeline=pipeline, kind="Created", at=at, to_value=f"{pipeline}-a", company=world.company,
		)  # fmt: skip
	moves = cohort(basis=ENTERED, to_date="2026-07-31")
	assert set(funnel_facts.passages(moves, "Month")) == {(2026, 6), (2026, 7)}
	assert set(funnel_facts.passages(cohort(from_date="2026-01-01"), "Month")) == {(2026, 1)}
	part = cohort(basis=ENTERED, to_date="2026-07-31", part={"split": "Month", "value": [2026, 7]})
	assert sum(p.documents for p in funnel_facts.passages(part)[()]) == 1


# ---- what became of them


def test_each_deal_is_told_with_where_it_stands_and_what_it_counts_with(deal, cohort, pipeline, world):
	deal("A", "b", {"a": 5 * DAY}, probability=40)
	deal("B", "won", {"a": DAY, "b": DAY}, base_won_amount=70, probability=100)
	deal("C", "lost", {"a": DAY}, base_amount=30)
	deal("D", "a", {"a": DAY, "b": DAY}, base_amount=7, probability=10)
	deal("E", opened_on="2020-01-01")
	found = funnel_facts.passages(cohort())[()]
	told = sorted(
		(p.stage[-1], p.now.rpartition("-")[2], p.closed_from and p.closed_from[-1], p.documents, p.amount, p.weighted)
		for p in found
	)
	assert told == [
		("a", "a", None, 1, 7, 0.7),
		("a", "b", None, 1, 100, 0),
		("a", "lost", "a", 1, 30, 0),
		("a", "won", "b", 1, 70, 0),
		("b", "a", None, 1, 7, 0),
		("b", "b", None, 1, 100, 40),
		("b", "won", "b", 1, 70, 0),
	]


def test_time_in_a_stage_is_counted_by_hours_begun_and_from_ten_days_on_by_days(deal, cohort, pipeline):
	for number, seconds in enumerate((3599, 3600, 10 * DAY - 1, 10 * DAY, 11 * DAY - 1, 11 * DAY)):
		deal(f"D{number}", "won", {"a": seconds})
	deal("here", "b", stage_entered_on=now_datetime() - timedelta(hours=3, minutes=1), earlier_seconds=2 * 3600)
	deal("clock", "b", stage_entered_on=now_datetime() + timedelta(hours=3))
	times = funnel_facts.dwell(cohort())
	assert times[()] == {f"{pipeline}-a": {0: 1, 1: 1, 239: 1, 240: 2, 264: 1}, f"{pipeline}-b": {5: 1, 0: 1}}


@pytest.mark.parametrize(
	("entered", "within"),
	[
		("2026-05-31 23:59:59", False),
		("2026-06-01 00:00:00", True),
		("2026-06-30 23:59:59", True),
		("2026-07-01 00:00:00", False),
		(None, False),
	],
)
def test_where_moves_count_a_running_visit_counts_that_began_in_the_period(deal, cohort, pipeline, entered, within):
	deal("A", stage_entered_on=entered, opened_on="2020-01-01")
	deal("B", "lost", stage_entered_on=entered)
	found = funnel_facts.dwell(cohort(basis=ENTERED))
	assert sum(sum(c.values()) for c in found.get((), {}).values()) == within
	assert set(found.get((), {})) == ({f"{pipeline}-a"} if within else set())


def test_where_moves_count_all_visits_that_ended_in_the_period_are_one(deal, cohort, world, pipeline):
	name = deal("A", "lost")
	for at, stage, hours in (
		("2026-06-05", "a", 2), ("2026-06-15", "a", 3), ("2026-07-15", "a", 100), ("2026-06-16", "b", 1),
	):  # fmt: skip
		rows.row(
			"Pipeline Event", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=name, pipeline=pipeline,
			kind="Stage", at=at, from_value=f"{pipeline}-{stage}", seconds_spent=hours * 3600, company=world.company,
		)  # fmt: skip
	assert funnel_facts.dwell(cohort(basis=ENTERED))[()] == {f"{pipeline}-a": {5: 1}, f"{pipeline}-b": {1: 1}}
	by_month = funnel_facts.dwell(cohort(basis=ENTERED, to_date="2026-07-31"), "Month")
	assert by_month == {
		(2026, 6): {f"{pipeline}-a": {5: 1}, f"{pipeline}-b": {1: 1}}, (2026, 7): {f"{pipeline}-a": {100: 1}},
	}  # fmt: skip


def test_ends_are_counted_with_what_was_ordered_of_them(deal, cohort):
	steps = dict(ordered_amount=4, delivered_amount=3, billed_amount=2, paid_amount=1)
	deal("A", "won", base_won_amount=70, probability=100, **steps)
	deal("B", "won", base_won_amount=30, probability=100, ordered_amount=5)
	deal("C", "lost", base_amount=9, ordered_amount=50)
	deal("D", probability=50, outcome="")
	deal("E", opened_on="2020-01-01")
	found = funnel_ways.endings(cohort())
	assert {key: (row.documents, row.amount, row.weighted) for key, row in found.items()} == {
		WON: (2, 100, 100), LOST: (1, 9, 0), None: (1, 100, 50),
	}  # fmt: skip
	assert funnel_facts.won_deals(cohort())[1] == {
		"ordered": (2, 9),
		"delivered": (1, 3),
		"billed": (1, 2),
		"paid": (1, 1),
	}
	assert funnel_picture.outcome(found) == {
		"opened": 4, "open": 1, "won": 2, "lost": 1, "open_amount": 100, "weighted": 50, "won_amount": 100,
		"lost_amount": 9, "win_rate": 2 / 3,
	}  # fmt: skip
	assert funnel_picture.outcome({})["win_rate"] is None
	nothing = funnel_facts.won_deals(cohort(from_date="2019-01-01", to_date="2019-01-31"))[1]
	assert list(nothing.values()) == [(0, 0.0)] * 4


def test_days_from_opening_to_winning(deal, cohort):
	for key, opened, closed, at in (
		("A", "2026-06-01", "2026-06-11", "won"), ("B", "2026-06-01", "2026-06-11", "won"), ("C", "2026-06-10", "2026-06-01", "won"),
		("D", "2026-06-10", None, "won"), ("E", "2026-06-01", "2026-06-05", "lost"), ("F", "2026-05-01", "2026-06-05", "won"),
	):  # fmt: skip
		deal(key, at, opened_on=opened, closed_on=closed)
	assert funnel_facts.won_deals(cohort())[0] == Counter({10: 2, 0: 1})
	assert funnel_picture.cycle({10: 2, 0: 1}) == {"cycle_median": 10, "cycle_p90": 10}
	assert funnel_picture.cycle({}) == {"cycle_median": None, "cycle_p90": None}


def test_what_stands_in_a_stage_today_whenever_it_was_opened(deal, cohort, pipeline, world):
	other = world.customer + "x"
	deal("A", opened_on="2020-01-01", probability=10)
	deal("B", "b", probability=50)
	deal("C", "b", customer=other)
	deal("D", "b", customer=None, prospect="P")
	deal("E", "won", base_won_amount=5)
	found = funnel_facts.standing(cohort())
	assert found == {
		f"{pipeline}-a": {"documents": 1, "amount": 100, "weighted": 10, "customers": 1},
		f"{pipeline}-b": {"documents": 3, "amount": 300, "weighted": 50, "customers": 3},
		None: {"documents": 4, "amount": 400, "weighted": 60, "customers": 3},
	}
	assert funnel_facts.standing_by_stage(cohort()) == {f"{pipeline}-a": 1, f"{pipeline}-b": 3}


def test_leads_came_in_on_the_days_of_the_period(world, cohort, as_user):
	for number, (at, status, values) in enumerate(
		(
			("2026-05-31 23:59:59", "New", {}),
			("2026-06-01 00:00:00", "New", {}),
			("2026-06-30 23:59:59", "Converted", {}),
			("2026-07-01 00:00:00", "New", {}),
			("2026-06-10 00:00:00", "New", {"campaign": "Another"}),
		)
	):
		rows.row(
			"Sales Lead", docstatus=0, name=f"L{number} {world.tag}", title="x", status=status, company=world.company,
			**{"creation": at, "campaign": world.tag, **values},
		)  # fmt: skip
	one = cohort(campaign=world.tag)
	assert funnel_facts.leads(one) == {"New": 1, "Converted": 1}
	lists = funnel_picture.lead_lists(one)
	assert [field for field, *_rest in lists["entered"]] == ["company", "campaign", "creation"]
	assert lists["entered"][-1] == ("creation", "between", ["2026-06-01", "2026-06-30"])
	assert {key: found[-1] for key, found in lists.items() if key != "entered"} == {
		"advanced": ("status", "=", "Converted"), "lost": ("status", "=", "Disqualified"),
		"here": ("status", "not in", ["Converted", "Disqualified"]),
	}  # fmt: skip
	one.doctype = PROJECT
	assert funnel_facts.leads(one) == {}
	one.doctype = OPPORTUNITY
	as_user("stranger")
	assert funnel_facts.leads(one) == {}


# ---- how it is drawn


def test_a_stage_answers_counts_amounts_rates_and_days():
	one, two, won = (Stage(n, "P", i, t, 0) for i, (n, t) in enumerate((("a", OPEN), ("b", OPEN), ("w", WON)), start=1))
	passed = [
		core.Passage("a", "a", None, 1, 5.0, 2.0), core.Passage("a", "b", None, 2, 20.0, 1.0),
		core.Passage("a", "w", "b", 1, 7.0, 7.0),
	]  # fmt: skip
	row = core.funnel([one, two, won], passed)[0]
	assert funnel_picture.stage_answer(row, {24: 1, 72: 1}) == {
		"stage": "a", "entered": 4, "advanced": 3, "lost": 0, "moved_back": 0, "here": 1, "amount": 32.0,
		"amounts": {"advanced": 27.0, "lost": 0.0, "moved_back": 0.0, "here": 5.0}, "weighted": 2.0, "conversion": 0.75,
		"attrition": 0.0, "win_rate": 1.0, "median_days": 2.0, "p90_days": pytest.approx(2.8),
	}  # fmt: skip
	assert funnel_picture.before_answer(row) == {"entered_before": 4, "conversion_before": 0.75}
	assert funnel_picture.before_answer(None) == {"entered_before": 0, "conversion_before": None}
	nothing = funnel_picture.stage_answer(row, {})
	assert (nothing["median_days"], nothing["p90_days"]) == (None, None)
	shown = sales_funnel.row(row, {24: 1}, row)
	assert {key: shown[key] for key in ("conversion", "attrition", "win_rate", "conversion_before", "here_amount")} == {
		"conversion": 75, "attrition": 0, "win_rate": 100, "conversion_before": 75, "here_amount": 5,
	}  # fmt: skip
	assert sales_funnel.row(row, {}, None)["conversion_before"] is None


def test_a_stage_that_holds_more_than_the_one_before_is_told_of_today_and_of_the_period():
	stages = [Stage(name, "P", place, OPEN, 0) for place, name in enumerate("abc")]
	found = core.funnel(stages, [core.Passage(n, n, None, count) for n, count in (("a", 1), ("b", 2), ("c", 2))])
	assert funnel_picture._shapes(found, {"b": 1, "c": 3}) == [
		{"stage": "b", "before": "a", "of": "standing"}, {"stage": "c", "before": "b", "of": "standing"},
		{"stage": "b", "before": "a", "of": "entered"},
	]  # fmt: skip


def test_open_stages_are_drawn_in_order_and_disabled_ones_while_deals_stand_there(pipeline):
	for key, values in (("b", {"disabled": 1, "color": "#123456"}), ("a", {"position": 35})):
		frappe.db.set_value("Pipeline Stage", f"{pipeline}-{key}", values)

	def shown(there):
		return [(row["stage"][-1], row["label"], row["color"]) for row in funnel_picture.open_stages(pipeline, there)]

	assert [one[:2] for one in shown({})] == [("c", "C"), ("a", "A")]
	assert ("b", "B", "#123456") in shown({f"{pipeline}-b": 1}) and len(shown({f"{pipeline}-b": 1})) == 3
	assert funnel_picture.labels_of([]) == {}


def test_the_whole_picture_names_its_company_pipeline_and_period(deal, cohort, world, pipeline):
	deal("A")
	found = funnel_picture.picture(cohort())
	assert {key: found[key] for key in ("company", "currency", "pipeline", "doctype", "basis", "from_date", "to_date")} == {
		"company": world.company, "currency": world.currency, "pipeline": pipeline, "doctype": OPPORTUNITY, "basis": OPENED,
		"from_date": "2026-06-01", "to_date": "2026-06-30",
	}  # fmt: skip
	assert found["standing"][""]["documents"] == 1 and found["outcome"]["opened"] == 1
	assert set(found["lead_lists"]) == {"entered", "advanced", "lost", "here"} and found["bottleneck"] is None
	assert [step["step"] for step in found["orders"]] == ["ordered", "delivered", "billed", "paid"]
	assert (found["before"]["opened"], [row["label"] for row in found["stages"]]) == (0, ["A", "B", "C"])
	assert "win_rate" in found["before"] and "cycle_median" in found["outcome"]


@pytest.mark.parametrize(
	("group_by", "value", "label"),
	[
		(None, (), ""),
		("Month", (2026, 3), "2026-03"),
		("Month", (None, None), "Without a Date"),
		("Source", ("Sales Lead",), "Sales Lead"),
		("Source", (None,), "Created Directly"),
		("Channel", ("Web",), "Web"),
		("Channel", (None,), "Not Set"),
		("Territory", ("North",), "North"),
		("Territory", (None,), "Not Set"),
	],
)
def test_a_group_of_the_report_is_called_so(site, group_by, value, label):
	assert sales_funnel.group_label(group_by, value) == label


def test_the_report_s_groups_stand_in_order_with_the_teams_inside_each_other(deal, cohort, world):
	set_apart()
	tree = sales_people(world, North=MANAGER, Rep=REP, South=None)
	for key, person, opened in (("A", "North", "2026-06-10"), ("B", "Rep", "2026-05-10"), ("C", None, "2026-06-11")):
		deal(key, sales_person=tree.get(person), opened_on=opened)
	both = cohort(from_date="2026-05-01")
	shown = [(row["group"], row["inside"], row["entered"]) for row in sales_funnel.rows(both, "Team") if row["entered"]]
	assert shown == [(tree["North"], False, 2), (f"\u2003{tree['Rep']}", True, 1), ("Not Set", False, 1)]
	months = [row["group"] for row in sales_funnel.rows(both, "Month") if row["entered"]]
	assert months == ["2026-05", "2026-06"]
	row = sales_funnel.rows(both, "Month")[0]
	assert (row["part"], row["currency"], row["doctype"]) == (
		{"split": "Month", "value": [2026, 5]},
		world.currency,
		OPPORTUNITY,
	)
	assert sales_funnel.rows(both, None)[0]["part"] is None
	assert sales_funnel.message(both, "Month") is None
	assert (
		sales_funnel.message(cohort(), None)
		== f"Compared with {formatdate('2026-05-01')} to {formatdate('2026-05-31')}"
	)
	assert sales_funnel.in_order((2026, 3)) == ("2026", "0003") and sales_funnel.in_order((None,)) == ("0000",)
	assert [row["entered_before"] for row in sales_funnel.rows(cohort(), None)][:1] == [1]


# ---- the documents behind a number


def test_documents_of_a_cell_say_whose_they_are_and_come_by_amount_then_by_name(
	deal, cohort, world, pipeline, monkeypatch
):
	deal("A", base_amount=10, title="One", party_name="Northwind", sales_person="Anna", expected_close="2026-07-01")
	deal("B", base_amount=30, sales_owner=USERS["rep"][0])
	deal("C", base_amount=10, sales_owner=None)
	deal("D", "won", {"a": DAY}, base_won_amount=20, base_amount=99)
	found = figure_documents.of_funnel(cohort(), f"{pipeline}-a", "entered")
	assert [row.name.split()[0] for row in found["documents"]] == ["B", "D", "A", "C"] and found["total"] == 4
	rows_ = {row.name.split()[0]: row for row in found["documents"]}
	assert [rows_[key].base_amount for key in "BDAC"] == [30, 20, 10, 10]
	assert [rows_[key].whose for key in "ABC"] == ["Anna", frappe.utils.get_fullname(USERS["rep"][0]), ""]
	first = rows_["A"]
	assert (first.title, first.party_name, first.stage_label, first.status) == ("One", "Northwind", "A", "Open")
	assert (first.doctype, first.company_currency, str(first.expected_close)) == (
		OPPORTUNITY,
		world.currency,
		"2026-07-01",
	)
	monkeypatch.setattr(figure_documents, "PAGE", 3)

	def page(start):
		found = figure_documents.of_funnel(cohort(), f"{pipeline}-a", "entered", start)
		return [row.name.split()[0] for row in found["documents"]]

	assert page(0) == ["B", "D", "A"] and page(3) == ["C"] and page(4) == []
	assert behind(cohort(), f"{pipeline}-a", "here") == ["A", "B", "C"]


@pytest.mark.parametrize(
	("kind", "expected"),
	[
		("opened", ["A", "L", "O", "W", "X"]),
		("open", ["A"]),
		("won", ["O", "W"]),
		("lost", ["L", "X"]),
		("ordered", ["O"]),
		("delivered", []),
		("standing", ["A", "Z"]),
	],
)
def test_behind_an_outcome_stand_its_deals(deal, cohort, kind, expected):
	deal("A")
	deal("L", "lost", {"a": DAY})
	deal("X", "lost", ordered_amount=9)
	deal("O", "won", {"a": DAY}, ordered_amount=0.01)
	deal("W", "won", {"a": DAY}, ordered_amount=0)
	deal("Z", opened_on="2020-01-01")
	assert behind(cohort(), None, kind) == expected


@pytest.mark.parametrize(
	("stage", "kind"), [("a", "opened"), ("won", "entered"), ("a", "sold"), ("nowhere", "here"), (None, "here")]
)
def test_what_is_no_number_of_the_funnel_is_refused(pipeline, cohort, stage, kind):
	with refused(frappe.DoesNotExistError, match="The funnel has no number"):
		funnel_cells.cell(cohort(), stage and f"{pipeline}-{stage if stage != 'won' else 'nowhere'}", kind)


def test_a_loss_counts_where_it_was_lost_and_each_fate_opens_its_own(deal, cohort, pipeline):
	deal("A", "lost", {"a": DAY, "b": DAY})
	deal("B", "lost", {"b": DAY, "a": DAY})
	deal("C", "lost", {"a": DAY}, closed_from=None)
	deal("D", "lost", {"a": DAY}, closed_from="")
	deal("E", "a", {"b": DAY})

	def fates(stage):
		return {fate.value: behind(cohort(), f"{pipeline}-{stage}", fate.value) for fate in Fate}

	assert fates("a") == {"advanced": ["A"], "lost": ["B", "C", "D"], "moved_back": [], "here": ["E"]}
	assert fates("b") == {"advanced": [], "lost": ["A"], "moved_back": ["B", "E"], "here": []}


# ---- the open pipeline, as a chart


def test_the_open_pipeline_is_told_stage_by_stage_in_order(deal, world, pipeline):
	deal("A", "b", probability=50)
	deal("B", "b", probability=10)
	deal("C", "a", base_amount=7, probability=100)
	deal("D", "a", company="Another")
	deal("E", "won")
	found = open_pipeline_by_stage.rows(Scope(world.company, pipeline=pipeline))
	assert [(row["label"], row["documents"], row["amount"], row["weighted"], row["pipeline"], row["currency"]) for row in found] == [
		("A", 1, 7, 7, pipeline, world.currency), ("B", 2, 200, 60, pipeline, world.currency),
	]  # fmt: skip
	other = make_pipeline(f"A first one {world.tag}")
	deal("F", pipeline=other, stage=f"{other}-c")
	both = [
		row["pipeline"]
		for row in open_pipeline_by_stage.rows(Scope(world.company))
		if row["pipeline"] in (other, pipeline)
	]
	assert both == [other, pipeline, pipeline]


# ---- the board


@pytest.fixture
def board(world, pipeline):
	return lambda **filters: board_columns.board_of(pipeline, BoardScope.of({"company": world.company, **filters}))


def cards(board, stage, after=None) -> tuple[list[str], object]:
	found = board_columns.page(board, f"{board.pipeline}-{stage}", after)
	return [card.name.split()[0] for card in found["cards"]], found["next"]


def test_open_cards_come_by_day_then_by_name_and_those_without_a_day_last(deal, board, monkeypatch):
	for key, day in (
		("A", "2026-07-02"),
		("B", "2026-07-01"),
		("C", "2026-07-01"),
		("D", None),
		("E", None),
		("F", "2026-07-01"),
	):
		deal(key, expected_close=day)
	assert cards(board(), "a") == (["B", "C", "F", "A", "D", "E"], None)
	for size in (1, 2, 3, 4, 5):
		monkeypatch.setattr(board_columns, "PAGE", size)
		shown, after = [], None
		while True:
			page, after = cards(board(), "a", after)
			shown += page
			assert len(page) <= size
			if not after:
				break
		assert shown == ["B", "C", "F", "A", "D", "E"], size


SORTED = {
	"close": ("expected_close", ["2026-07-02", "2026-07-01", "2026-07-01", None], "BCAD"),
	"amount": ("base_amount", [10, 30, 10, 0], "BCAD"),
	"next_step": ("next_step_date", ["2026-07-02", "2026-07-01", "2026-07-01", None], "BCAD"),
	"entered": (
		"stage_entered_on",
		["2026-06-02 10:00:00", "2026-06-01 10:00:00", "2026-06-01 10:00:00", None],
		"BCAD",
	),
	"title": ("title", ["Valve", "Pump", "Pump", None], "BCAD"),
}


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("size", [1, 2, 3, 25])
def test_open_cards_come_in_the_order_that_was_asked_for(deal, world, pipeline, monkeypatch, sort, size):
	field, values, expected = SORTED[sort]
	for key, value in zip("ABCD", values, strict=True):
		deal(key, **{field: value})
	monkeypatch.setattr(board_columns, "PAGE", size)
	board, shown, after = board_columns.board_of(pipeline, BoardScope(world.company), sort), [], None
	while True:
		page, after = cards(board, "a", after)
		shown += page
		if not after:
			break
	assert "".join(shown) == expected


@pytest.mark.parametrize(
	("sort", "expected"),
	[(None, "CBA"), ("close", "CBA"), ("next_step", "CBA"), ("entered", "CBA"), ("amount", "BAC"), ("title", "ABC")],
)
def test_closed_cards_follow_amount_and_title_and_else_their_day(deal, world, pipeline, sort, expected):
	today = nowdate()
	for key, days, won, amount in (("A", -3, 20, 1), ("B", -2, 30, 2), ("C", -1, 10, 900)):
		deal(key, "won", closed_on=add_days(today, days), base_won_amount=won, base_amount=amount, title=key)
	assert "".join(cards(board_columns.board_of(pipeline, BoardScope(world.company), sort), "won")[0]) == expected


def test_a_place_that_is_none_and_an_unknown_order_are_refused(pipeline, world):
	board = board_columns.board_of(pipeline, BoardScope(world.company), "amount")
	with refused(match="is not a place on this board"):
		board_columns.page(board, f"{pipeline}-a", ("much", "A"))
	with refused(match="Cards can't be sorted by .*colour"):
		board_columns.board_of(pipeline, BoardScope(world.company), "colour")
	with refused(match="belongs to another pipeline"):
		board_columns.page(board, "Standard Sales-won")


def test_closed_cards_come_the_latest_first_and_page_by_page(deal, board, monkeypatch):
	today = nowdate()
	for key, days in (("A", 0), ("B", -1), ("C", -1), ("D", -30), ("E", -31)):
		deal(key, "won", closed_on=add_days(today, days), base_won_amount=10)
	assert cards(board(), "won") == (["A", "C", "B", "D"], None)
	monkeypatch.setattr(board_columns, "PAGE", 2)
	first, after = cards(board(), "won")
	assert (first, cards(board(), "won", after)) == (["A", "C"], (["B", "D"], None))
	assert board_columns.totals(board())[f"{board().pipeline}-won"] == {"count": 4, "amount": 40, "weighted": 0}


def test_totals_are_of_a_stage_s_open_deals_and_only_of_those_asked_for(deal, board, pipeline):
	deal("A", probability=50)
	deal("B", probability=10, base_amount=20)
	deal("C", status="Lost", closed_on=nowdate())
	found = board_columns.totals(board(), [f"{pipeline}-a"])
	assert found == {f"{pipeline}-a": {"count": 2, "amount": 120, "weighted": 52}}
	assert list(board_columns.totals(board())) == [f"{pipeline}-{key}" for key in ("a", "b", "c", "won", "lost")]


@pytest.mark.parametrize(
	("filters", "expected"),
	[
		({}, ["A", "B", "C"]),
		({"stalled": 1}, ["B"]),
		({"stalled": "0"}, ["A", "B", "C"]),
		({"search": " quay "}, ["A"]),
		({"search": "works"}, ["B"]),
		({"search": "C "}, ["C"]),
		({"search": "nothing"}, []),
	],
)
def test_the_board_is_searched_by_title_party_and_name(deal, board, filters, expected, world):
	deal("A", title="Pumps for the Quay", party_name="x")
	deal("B", title="y", party_name="Harbour Works", is_stalled=1)
	deal("C", title="z", party_name="x")
	if filters.get("search") == "C ":
		filters = {"search": f"C {world.tag}"}
	assert cards(board(**filters), "a")[0] == expected
	assert board_columns.totals(board(**filters))[f"{board().pipeline}-a"]["count"] == len(expected)


def test_a_card_says_whose_it_is_how_long_it_stands_and_what_is_wrong(deal, board, pipeline, monkeypatch):
	today = nowdate()
	deal(
		"A", expected_close=add_days(today, -1), sales_owner=USERS["rep"][0], is_stalled=1, amount=5,
		stalled_reasons='{"pushed": {"times": 2}}', stage_entered_on=add_days(now_datetime(), -2), earlier_seconds=DAY,
	)  # fmt: skip
	deal(
		"B",
		expected_close=today,
		sales_person="Anna",
		next_step="Call",
		next_step_date=add_days(today, -1),
		stalled_reasons='{"pushed": {"times": 2}}',
		amount=6,
	)
	deal("C", "won", closed_on=today, expected_close=add_days(today, -1), won_amount=9, amount=1, sales_owner="gone@x")
	one, two = board_columns.page(board(), f"{pipeline}-a")["cards"]
	[three] = board_columns.page(board(), f"{pipeline}-won")["cards"]
	assert (one.owner_name, two.owner_name, three.owner_name) == (
		frappe.utils.get_fullname(USERS["rep"][0]),
		"Anna",
		"gone@x",
	)
	assert (one.days, one.overdue, two.overdue, three.overdue) == (3, True, False, False)
	assert (one.reasons, two.reasons) == (["The close date was pushed 2 times"], [])
	assert (one.amount, two.amount, three.amount) == (5, 6, 9)
	for gone in ("stalled_reasons", "outcome", "won_amount", "earlier_seconds", "place"):
		assert gone not in one
	assert board_columns.card(OPPORTUNITY, one.name).days == 3
	assert (one.step_overdue, two.step_overdue) == (False, True)
	assert (two.next_step, str(two.next_step_date)) == ("Call", add_days(today, -1))


def test_the_first_paint_folds_closed_columns_and_shows_disabled_ones_that_hold_deals(
	deal, board, pipeline, world, as_user
):
	deal("A", "b")
	deal("B", "lost", closed_on=nowdate())
	deal("C", "won", closed_on=nowdate())
	for key in ("b", "c", "lost"):
		frappe.db.set_value("Pipeline Stage", f"{pipeline}-{key}", "disabled", 1)
	found = board_columns.painted(board())
	assert [(column["label"], len(column["cards"])) for column in found["columns"]] == [
		("A", 0),
		("B", 1),
		("WON", 0),
		("LOST", 1),
	]
	assert {key: found[key] for key in ("pipeline", "doctype", "company", "currency", "recent_days", "may_write", "may_create")} == {
		"pipeline": pipeline, "doctype": OPPORTUNITY, "company": world.company, "currency": world.currency, "recent_days": 30,
		"may_write": True, "may_create": True,
	}  # fmt: skip
	assert set(found["columns"][0]) == {
		"name", "label", "type", "color", "probability", "disabled", "expected_dwell_days", "cards", "next",
	}  # fmt: skip
	as_user("finance")
	assert not board_columns.may_move(OPPORTUNITY)


@pytest.mark.parametrize(("level", "writes", "moves"), [(0, [0], True), (1, [0], False), (1, [0, 1], True)])
def test_cards_are_moved_by_who_may_write_the_stage(site, monkeypatch, level, writes, moves):
	meta = SimpleNamespace(
		get_field=lambda name: SimpleNamespace(permlevel=level if name == "stage" else 0),
		get_permlevel_access=lambda right: writes if right == "write" else [0, 1],
	)
	monkeypatch.setattr(frappe, "get_meta", lambda doctype: meta)
	monkeypatch.setattr(frappe, "has_permission", lambda doctype, right: True)
	assert board_columns.may_move(OPPORTUNITY) is moves


def test_a_board_without_any_pipeline_has_no_columns(world, monkeypatch):
	monkeypatch.setattr(board_columns.pipelines, "default_pipeline", lambda doctype, company: None)
	found = board_columns.board_of(None, BoardScope(world.company))
	assert (found.pipeline, found.doctype, board_columns.stages_of(found)) == (None, OPPORTUNITY, [])
	with refused(frappe.DoesNotExistError, match="Sales Pipeline .*Nowhere.* does not exist"):
		board_columns.board_of("Nowhere", BoardScope(world.company))


# ---- stages that are gone, and teams


def test_a_stage_that_was_deleted_is_in_no_row_of_the_funnel(deal, cohort, pipeline, world):
	name = deal("A", "b", {"a": DAY})
	rows.row(
		"Stage Passage", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=name, stage=f"Gone {world.tag}",
		visits=1, seconds=DAY, longest_seconds=DAY, last_left="2026-06-12",
	)  # fmt: skip
	found, times = funnel_facts.passages(cohort()), funnel_facts.dwell(cohort())
	assert {p.stage for p in found[()]} == set(times[()]) == {f"{pipeline}-a", f"{pipeline}-b"}


def test_time_of_a_team_is_that_of_all_below_it_where_moves_count(deal, cohort, pipeline, world):
	set_apart()
	tree = sales_people(world, North=MANAGER, Rep=REP, South=None)
	deal("A", sales_person=tree["Rep"])
	deal("B", sales_person=tree["North"])
	times = funnel_facts.dwell(cohort(basis=ENTERED), "Team")
	counted = {key[0]: sum(c.total() for c in stages.values()) for key, stages in times.items()}
	assert counted == {tree["North"]: 2, tree["Rep"]: 1}


def test_a_running_visit_has_lasted_from_its_beginning_until_now_where_moves_count(deal, cohort, pipeline):
	now = now_datetime()
	deal("A", stage_entered_on=now - timedelta(hours=3, minutes=5))
	deal("B", "b", stage_entered_on=now - timedelta(days=12, hours=1))
	days = {"from_date": str((now - timedelta(days=40)).date()), "to_date": str(now.date())}
	found = funnel_facts.dwell(cohort(basis=ENTERED, **days))
	assert found[()] == {f"{pipeline}-a": {3: 1}, f"{pipeline}-b": {12 * 24: 1}}


# ---- what a cohort is of


def test_what_still_stands_is_weighed_by_its_probability_where_moves_count(deal, cohort, pipeline, world):
	for key, at, values in (("A", "a", {"probability": 40}), ("B", "won", {"probability": 100, "base_won_amount": 70})):
		rows.row(
			"Pipeline Event", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=deal(key, at, **values), pipeline=pipeline,
			kind="Created", at="2026-06-10", to_value=f"{pipeline}-a", company=world.company,
		)  # fmt: skip
	found = funnel_facts.passages(cohort(basis=ENTERED))[()]
	assert sorted((p.now.rpartition("-")[2], p.documents, p.amount, p.weighted) for p in found) == [
		("a", 1, 100, 40), ("won", 1, 70, 70),
	]  # fmt: skip


def test_the_default_pipeline_narrows_as_one_that_was_chosen_and_so_does_the_period_before(
	deal, world, pipeline, monkeypatch
):
	other = make_pipeline(f"Other {world.tag}")
	deal("A")
	deal("B", pipeline=other, stage=f"{other}-a")
	deal("C", opened_on="2026-05-10")
	deal("D", pipeline=other, stage=f"{other}-a", opened_on="2026-05-10")
	monkeypatch.setattr(
		"crm_pipeline.analytics.funnel_cohort.pipelines.default_pipeline", lambda doctype, company: pipeline
	)
	one = Cohort(FunnelScope.of({"company": world.company, "from_date": "2026-06-01", "to_date": "2026-06-30"}))
	assert one.pipeline == pipeline and names(one.narrow(frappe.qb.from_(one.deal)), one) == ["A"]
	before = one.before()
	assert names(before.narrow(frappe.qb.from_(before.deal)), before) == ["C"]


def test_stages_of_a_project_of_the_same_name_are_not_those_of_the_deal(deal, cohort, pipeline):
	name = deal("A", "b", {"a": DAY})
	rows.row(
		"Stage Passage", docstatus=0, reference_doctype=PROJECT, reference_name=name, stage=f"{pipeline}-c", visits=1,
		seconds=DAY, longest_seconds=DAY, last_left="2026-06-12",
	)  # fmt: skip
	assert {p.stage for p in funnel_facts.passages(cohort())[()]} == {f"{pipeline}-a", f"{pipeline}-b"}
	shown = {key: keys(behind(cohort(), f"{pipeline}-{key}", "entered")) for key in "abc"}
	assert shown == {"a": ["A"], "b": ["A"], "c": []}
