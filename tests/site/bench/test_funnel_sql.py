"""The funnel of random histories, once more deal by deal from the raw rows."""

import random
from collections import Counter, defaultdict
from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import funnel_cohort, funnel_facts
from crm_pipeline.analytics.funnel_cohort import Cohort, FunnelScope
from crm_pipeline.core import dwell
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.health import build_team
from tests.site.portable.test_funnel import make_pipeline, opens, report

KEYS = ("a", "b", "c", "won", "lost")
FATES = ("advanced", "lost", "moved_back", "here")


@pytest.fixture(scope="module", params=(3, 4))
def seed(request):
	return request.param


@pytest.fixture(scope="module")
def history(ground, seed):
	"""60 deals with random moves in a pipeline of their own, written as an import would write them."""
	rng, pipeline = random.Random(seed), make_pipeline(f"Random {seed} {ground.world.tag}")
	now, deals = now_datetime(), []
	persons = frappe.get_all("Sales Person", pluck="name", order_by="name asc", limit=3)
	for _number in range(60):
		path = [rng.choice("abc")]
		while len(path) < 8 and rng.random() < 0.75:
			path.append(rng.choice([key for key in KEYS if key != path[-1]]))
		start = now - timedelta(days=rng.randrange(3, 400), seconds=rng.randrange(86400))
		at = [start]
		for _move in path[1:]:
			at.append(min(at[-1] + timedelta(seconds=rng.randrange(1, 20 * 86400)), now))
		deals.append(store(ground, pipeline, path, at, rng.randrange(0, 9000), rng.choice(persons)))
	return pipeline, deals


def store(sale, pipeline: str, path: list[str], at: list, amount: float, person: str) -> dict:
	doc = sale.opportunity(pipeline=pipeline, stage=f"{pipeline}-a", items=[], amount=amount, sales_person=person)
	frappe.db.delete("Pipeline Event", {"reference_name": doc.name})
	closed_from, earlier = None, defaultdict(int)
	for i, key in enumerate(path):
		spent = int((at[i] - at[i - 1]).total_seconds()) if i else 0
		event = frappe.new_doc("Pipeline Event")
		event.update({"reference_doctype": doc.doctype, "reference_name": doc.name, "pipeline": pipeline, "at": at[i]})
		event.update({"kind": "Stage" if i else "Created", "to_value": f"{pipeline}-{key}", "seconds_spent": spent})
		event.from_value = f"{pipeline}-{path[i - 1]}" if i else None
		event.insert()
		if i:
			earlier[path[i - 1]] += spent
		if key in "abc":
			closed_from = None
		elif i and path[i - 1] in "abc":
			closed_from = f"{pipeline}-{path[i - 1]}"
	last = path[-1]
	rows.deal(
		doc,
		stage=f"{pipeline}-{last}",
		status={"won": "Won", "lost": "Lost"}.get(last, "Open"),
		closed_from=closed_from,
		opened_on=at[0].date(),
		closed_on=at[-1].date() if last in ("won", "lost") else None,
		stage_entered_on=at[-1],
		earlier_seconds=earlier[last],
	)
	return {"name": doc.name, "path": path, "at": at, "amount": amount, "person": person}


def expected_fate(path: list[str], stage: str) -> str:
	"""Where a deal stands, seen from a stage: told from its path alone."""
	last = path[-1]
	if last == stage:
		return "here"
	if last == "won":
		return "advanced"
	stands = last
	if last == "lost":
		opened = [key for key in path if key in "abc"]
		stands = opened[-1]
		if stands == stage:
			return "lost"
	return "moved_back" if stands < stage else "advanced"


def numbers(deals: list[dict], of_stage) -> dict:
	found = {key: {"entered": 0, "amount": 0.0, **dict.fromkeys(FATES, 0)} for key in "abc"}
	for deal in deals:
		for key in "abc":
			if of_stage(deal, key):
				found[key]["entered"] += 1
				found[key]["amount"] += deal["amount"]
				found[key][expected_fate(deal["path"], key)] += 1
	return found


def answered(pipeline: str, **filters) -> dict:
	rows = api.get_funnel({"pipeline": pipeline, **filters})["stages"]
	return {
		row["stage"].rpartition("-")[2]: {name: row[name] for name in ("entered", "amount", *FATES)} for row in rows
	}


def test_deals_opened_in_a_period(history):
	pipeline, deals = history
	for first, last in ((-400, 0), (-200, -50), (-30, 0)):
		first, last = getdate(add_days(nowdate(), first)), getdate(add_days(nowdate(), last))
		held = [deal for deal in deals if first <= deal["at"][0].date() <= last]
		expected = numbers(held, lambda deal, key: key in deal["path"])
		assert answered(pipeline, from_date=str(first), to_date=str(last)) == expected


def test_stages_entered_in_a_period(history):
	pipeline, deals = history
	for first, last in ((-400, 0), (-90, -10)):
		first, last = getdate(add_days(nowdate(), first)), getdate(add_days(nowdate(), last))

		def entered(deal, key, first=first, last=last):
			moves = zip(deal["path"], deal["at"], strict=True)
			return any(stage == key and first <= at.date() <= last for stage, at in moves)

		found = answered(pipeline, from_date=str(first), to_date=str(last), basis=funnel_cohort.ENTERED)
		assert found == numbers(deals, entered)


def test_dwell_is_the_time_of_all_visits(history):
	pipeline, deals = history
	filters = {"pipeline": pipeline, "from_date": add_days(nowdate(), -500)}
	hours = funnel_facts.dwell(Cohort(FunnelScope.of(filters)))[()]
	now = now_datetime()
	for key in "abc":
		spent = Counter()
		for deal in deals:
			if key not in deal["path"]:
				continue
			left = [*deal["at"][1:], now]
			seconds = sum(
				int((b - a).total_seconds()) for s, a, b in zip(deal["path"], deal["at"], left, strict=True) if s == key
			)
			# From ten days on the histogram knows days only.
			spent[seconds // 3600 if seconds < 864000 else seconds // 86400 * 24] += 1
		found = hours[f"{pipeline}-{key}"]
		assert sum(found.values()) == sum(spent.values())
		# A running hour, or day, may have turned in between.
		assert dwell.median(found) == pytest.approx(dwell.median(spent), abs=24)
		assert dwell.quantile(found, 0.9) == pytest.approx(dwell.quantile(spent, 0.9), abs=24)


def test_persons_add_up_to_the_whole(history):
	pipeline, _deals = history
	filters = {"pipeline": pipeline, "from_date": add_days(nowdate(), -500)}
	of_deals, of_moves = (
		Cohort(FunnelScope.of(filters)),
		Cohort(FunnelScope.of({**filters, "basis": funnel_cohort.ENTERED})),
	)
	splits = ("Sales Person", "Month", "Territory", "Source", "Channel")
	for cohort, split in (*((of_deals, split) for split in splits), (of_moves, "Month")):
		parts, whole = Counter(), Counter()
		for found in funnel_facts.passages(cohort, split).values():
			for p in found:
				parts[p.stage, p.now, p.closed_from] += p.documents
		for p in funnel_facts.passages(cohort)[()]:
			whole[p.stage, p.now, p.closed_from] += p.documents
		assert parts == whole, split


def test_a_team_is_itself_and_all_below_it_and_counts_once_in_the_sum(sale, world):
	team, pipeline = build_team(world.tag, USERS), make_pipeline(f"Teams {world.tag}")
	own, reps, others, nobodys = (
		sale.opportunity(pipeline=pipeline, stage=f"{pipeline}-a", sales_person=person, opened_on=nowdate()).name
		for person in (team.manager, team.rep, team.other_rep, None)
	)
	frappe.db.set_value("Sales Opportunity", nobodys, "sales_person", None)
	filters = {"pipeline": pipeline}
	found = report(filters, "Team")
	rows = {group.strip(): row for (group, stage), row in found.rows.items() if stage == "a"}
	assert rows[team.manager]["entered"] == 2 and opens(rows[team.manager], filters) == {own, reps}
	assert opens(rows[team.rep], filters) == {reps} and opens(rows[team.other_rep], filters) == {others}
	assert opens(rows["Not Set"], filters) == {nobodys}
	top = next(iter(rows.values()))
	assert opens(top, filters) == {own, reps, others} and top["median_days"] is not None
	assert found.summary["Still in a Stage"] == report(filters).summary["Still in a Stage"] == 4
