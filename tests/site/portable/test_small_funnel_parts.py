"""The parts of a funnel: what is empty, gone, of another pipeline or of an unknown length; and what a number opens."""

import pytest

from crm_pipeline.analytics import funnel_cells, funnel_facts
from crm_pipeline.analytics.funnel_cohort import ENTERED, OPENED, by_team
from crm_pipeline.core.dwell import UNKNOWN
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_small_funnel import DAY, OPPORTUNITY, behind, cohort, deal, pipeline  # noqa: F401

# ruff: noqa: F811

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))


def move(world, name: str, pipeline: str, **values) -> None:
	event = {"reference_doctype": OPPORTUNITY, "reference_name": name, "pipeline": pipeline, "docstatus": 0}
	event |= {"kind": "Stage", "at": "2026-06-15 09:00:00", "company": world.company}
	rows.row("Pipeline Event", **{**event, **values})


@pytest.mark.parametrize("basis", [OPENED, ENTERED])
def test_what_is_empty_in_two_ways_is_one_part_of_a_funnel(deal, cohort, world, pipeline, basis):
	for key, channel in (("A", None), ("B", ""), ("C", "Hotline")):
		name = deal(key, channel=channel, base_amount=10, probability=50)
		move(world, name, pipeline, to_value=f"{pipeline}-a")
	asked = cohort(basis=basis)
	found = {
		key: (sum(p.documents for p in ps), sum(p.amount for p in ps), sum(p.weighted for p in ps))
		for key, ps in funnel_facts.passages(asked, "Channel").items()
	}
	assert found == {(None,): (2, 20, 10), ("Hotline",): (1, 10, 5)}
	part = cohort(basis=basis, part={"split": "Channel", "value": [None]})
	assert behind(part, f"{pipeline}-a", "entered") == ["A", "B"]


@pytest.mark.parametrize("basis", [OPENED, ENTERED])
def test_whoever_is_in_the_tree_no_more_keeps_a_line_beside_the_teams(deal, cohort, world, pipeline, basis):
	tree = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	gone = f"Gone {world.tag}"
	for key, person in (("A", tree["Rep"]), ("B", gone), ("C", None), ("D", tree["North"])):
		name = deal(key, sales_person=person)
		move(world, name, pipeline, to_value=f"{pipeline}-a")
	found = funnel_facts.passages(cohort(basis=basis), "Team")
	counts = {key[0]: sum(p.documents for p in ps) for key, ps in found.items()}
	assert {key: counts.get(key) for key in (tree["North"], tree["Rep"], gone, None)} == {
		tree["North"]: 2, tree["Rep"]: 1, gone: 1, None: 1,
	}  # fmt: skip
	assert [key for key in counts if key in (tree["North"], tree["Rep"])] == list(counts)[-4:-2]
	assert set(list(counts)[-2:]) == {gone, None}


def test_a_team_adds_up_all_below_it(world):
	tree = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	of = {(tree["North"],): 1, (tree["Rep"],): 10, (tree["South"],): 100, (None,): 1000, ("Gone",): 10000}
	found = by_team(of, sum)
	assert found == {**of, (tree["North"],): 11} | {key: found[key] for key in found.keys() - of.keys()}


def test_the_time_of_several_people_in_a_stage_is_added_up_hour_by_hour():
	added = funnel_facts._added([{"a": {1: 2, 5: 1}, "b": {3: 1}}, {"a": {1: 3}}, {}])
	assert {stage: dict(hours) for stage, hours in added.items()} == {"a": {1: 5, 5: 1}, "b": {3: 1}}


def test_a_visit_of_which_nobody_knows_when_it_began_is_no_time_in_a_stage(deal, cohort, world, pipeline):
	name = deal("A", "lost")
	move(world, name, pipeline, from_value=f"{pipeline}-a", seconds_spent=UNKNOWN)
	move(world, name, pipeline, from_value=f"{pipeline}-b", seconds_spent=7200)
	other = deal("B", "lost")
	move(world, other, pipeline, from_value=f"{pipeline}-a", seconds_spent=UNKNOWN)
	move(world, other, pipeline, from_value=f"{pipeline}-a", seconds_spent=3600, at="2026-06-16 09:00:00")
	assert funnel_facts.dwell(cohort(basis=ENTERED))[()] == {f"{pipeline}-a": {1: 1}, f"{pipeline}-b": {2: 1}}


def test_a_stage_is_entered_by_the_first_time_of_the_period_whatever_the_deal_did_before_or_after(
	deal, cohort, world, pipeline
):
	name = deal("A", opened_on="2020-01-01")
	for at in ("2026-05-05", "2026-06-05", "2026-07-05"):
		move(world, name, pipeline, to_value=f"{pipeline}-a", at=f"{at} 09:00:00")
	months = lambda **days: set(funnel_facts.passages(cohort(basis=ENTERED, **days), "Month"))  # noqa: E731
	assert months(from_date="2026-05-01", to_date="2026-07-31") == {(2026, 5)}
	assert months(from_date="2026-06-01", to_date="2026-07-31") == {(2026, 6)}
	assert months(from_date="2026-07-01", to_date="2026-07-31") == {(2026, 7)}


@pytest.mark.parametrize(("kind", "end"), [("lost_in_stages", "lost"), ("here_in_stages", None)])
def test_what_stages_add_up_to_is_of_the_open_stages_of_this_pipeline(deal, cohort, world, pipeline, kind, end):
	other = make_pipeline(f"Other {world.tag}")
	own, foreign, won = f"{pipeline}-a", f"{other}-a", f"{pipeline}-won"
	if end:
		deal("own", "lost", {"a": DAY})
		moved = deal("elsewhere", "lost", closed_from=foreign)
		ended = deal("reopened", "lost", closed_from=won)
	else:
		deal("own")
		moved, ended = deal("elsewhere", stage=foreign), deal("won", stage=won)
	for name, stage in ((moved, foreign), (ended, won)):
		values = {"visits": 1, "seconds": DAY, "longest_seconds": DAY, "last_left": "2026-06-12"}
		rows.row(
			"Stage Passage", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=name, stage=stage, **values
		)
	assert behind(cohort(), None, kind) == ["own"]
	assert behind(cohort(), own, "entered") == ["own"]


@pytest.mark.parametrize("basis", [OPENED, ENTERED])
def test_what_stands_there_today_is_shown_whenever_it_was_opened_or_moved(deal, cohort, pipeline, basis):
	deal("A", opened_on="2020-01-01", base_amount=10, probability=20, customer=None, prospect="P")
	deal("B", "b", opened_on="2026-06-10", base_amount=30, probability=50)
	deal("C", "won", {"a": DAY})
	asked = cohort(basis=basis)
	assert behind(asked, None, funnel_cells.STANDING) == ["A", "B"]
	assert behind(asked, f"{pipeline}-a", funnel_cells.STANDING) == ["A"]
	found = funnel_facts.standing(asked)
	assert found[None] == {"documents": 2, "amount": 40, "weighted": 17, "customers": 2}
	assert found[f"{pipeline}-a"] == {"documents": 1, "amount": 10, "weighted": 2, "customers": 1}


@pytest.mark.parametrize(
	("kind", "listed"),
	[
		("opened", ["A", "B", "C", "D", "E"]), ("open", ["A"]), ("lost", ["B"]), ("won", ["C", "D", "E"]),
		("ordered", ["D", "E"]), ("delivered", ["E"]), ("billed", ["D"]), ("paid", []),
	],
)  # fmt: skip
def test_each_step_of_an_order_opens_the_won_deals_that_have_come_to_it(deal, cohort, kind, listed):
	deal("A", ordered_amount=5, delivered_amount=5, billed_amount=5)
	deal("B", "lost", {"a": DAY}, ordered_amount=5, delivered_amount=5, billed_amount=5)
	deal("C", "won", {"a": DAY})
	deal("D", "won", {"a": DAY}, ordered_amount=5, billed_amount=1)
	deal("E", "won", {"a": DAY}, ordered_amount=5, delivered_amount=2, billed_amount=-1)
	assert behind(cohort(), None, kind) == listed
