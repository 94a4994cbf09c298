"""Stalled deals and stays in detail: what is at risk and in which order, who is put aside until when, how long a stay was."""

from datetime import date, datetime

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.analytics import stage_durations, stall_verdicts, stalled_totals
from crm_pipeline.analytics.stage_durations import DwellScope, Stays
from crm_pipeline.analytics.stalled_totals import StalledScope
from crm_pipeline.core.dwell import UNKNOWN, WorkCalendar
from tests.site import rows
from tests.site.health import stage
from tests.site.portable.test_funnel import make_pipeline
from tests.site.world import refused

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
NOW = datetime(2026, 6, 20, 12)
DAY = 86400
EVERY_DAY = WorkCalendar(weekly_off=(), last=date(2020, 1, 1))


def names(found) -> list[str]:
	return [name.split()[0] for name in found]


# ---- stalled deals of a company


@pytest.fixture
def stalled(world):
	"""Amounts are in company currency: those in a deal's own say something else."""
	made = (
		("B", OPPORTUNITY, 50, 900, 9, "silent"), ("A", OPPORTUNITY, 100, 5, 3, "pushed"), ("D", OPPORTUNITY, 50, 50, 4, "pushed"),
		("C", PROJECT, 75, 75, 1, "silent"), ("F", PROJECT, 50, 50, 9, "pushed"), ("E", OPPORTUNITY, 50, 50, 4, "silent"),
	)  # fmt: skip
	for key, doctype, base, own, score, signal in made:
		values = {"base_amount": base, "amount": own, "stalled_score": score, "is_stalled": 1, "campaign": world.tag}
		values["stalled_reasons"] = f'{{"{signal}": {{"times": 2}}}}'
		values |= {"project_type": "Sales"} if doctype == PROJECT else {}
		rows.bare_deal(world, key, doctype, **values)
	return lambda **more: StalledScope.of({"company": world.company, "campaign": world.tag, **more})


def test_the_most_that_is_at_risk_comes_first_then_the_worst_then_by_name_of_both_kinds_together(stalled):
	listed = lambda most, **more: names(row.name for row in stalled_totals.largest(stalled(**more), most))  # noqa: E731
	assert listed(9) == ["A", "C", "B", "F", "D", "E"]
	assert listed(3) == ["A", "C", "B"] and listed(1) == ["A"]
	assert listed(9, document_type=PROJECT) == ["C", "F"]
	assert listed(9, signal="silent") == ["C", "B", "E"]


def test_what_is_at_risk_is_said_and_summed_in_the_company_s_currency(stalled):
	said = {row.name.split()[0]: (row.doctype, row.amount, row.score) for row in stalled_totals.largest(stalled(), 9)}
	assert said["A"] == (OPPORTUNITY, 100, 3) and said["B"] == (OPPORTUNITY, 50, 9) and said["C"] == (PROJECT, 75, 1)
	behind = {name.split()[0]: (doctype, amount) for doctype, name, amount in stalled_totals.keys_behind(stalled())}
	assert behind == {key: (doctype, amount) for key, (doctype, amount, _score) in said.items()}
	found = stalled_totals.totals(stalled())
	assert (found.deals, found.amount) == (6, 375)
	assert (found.signals["silent"], found.signals["pushed"], found.signals["no_quotation"]) == (3, 3, 0)
	assert found.open_deals == 6


# ---- put aside


@pytest.mark.parametrize(("days", "taken"), [(-1, False), (0, True), (1, True), (90, True), (91, False)])
def test_a_deal_is_put_aside_until_a_day_within_the_next_ninety(sale, days, taken):
	deal, until = sale.opportunity(), getdate(add_days(nowdate(), days))
	if taken:
		stall_verdicts.acknowledge(deal.doctype, deal.name, until, "They wait")
		stored = frappe.db.get_value(deal.doctype, deal.name, ["not_stalled_until", "not_stalled_reason"])
		assert stored == (until, "They wait")
		return
	with refused(match="within the next 90 days"):
		stall_verdicts.acknowledge(deal.doctype, deal.name, until, "They wait")


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_putting_aside_takes_a_reason(sale, reason):
	deal = sale.opportunity()
	with refused(frappe.MandatoryError, match="say why"):
		stall_verdicts.acknowledge(deal.doctype, deal.name, getdate(), reason)


@pytest.mark.parametrize("status", ["Won", "Lost"])
def test_a_deal_that_is_over_is_not_put_aside(sale, status):
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, "status", status)
	with refused(match="is closed"):
		stall_verdicts.acknowledge(deal.doctype, deal.name, getdate(), "They wait")


# ---- stays


def stays(world, first=None, last=None) -> Stays:
	narrow = lambda query: query.where(frappe.qb.DocType(OPPORTUNITY).name.like(f"% {world.tag}"))  # noqa: E731
	return Stays(OPPORTUNITY, narrow, first, last, NOW)


def passage(name: str, key: str, days: float, left="2026-06-15 12:00:00", visits=1) -> None:
	values = {"visits": visits, "seconds": int(days * DAY), "longest_seconds": int(days * DAY), "last_left": left}
	rows.row(
		"Stage Passage", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=name, stage=stage(key), **values
	)


def visit(world, name: str, key: str, days: float, left="2026-06-15 12:00:00") -> None:
	values = {"at": left, "seconds_spent": int(days * DAY), "company": world.company, "kind": "Stage"}
	rows.row(
		"Pipeline Event",
		docstatus=0,
		reference_doctype=OPPORTUNITY,
		reference_name=name,
		from_value=stage(key),
		**values,
	)


@pytest.fixture
def back_again(world):
	"""R was in Proposal for two days, came back, and has been there for one; S has been there for three and a half."""
	name = rows.bare_deal(world, "R", stage_entered_on="2026-06-19 12:00:00", opened_on="2026-06-01")
	passage(name, "proposal", 2)
	visit(world, name, "proposal", 2)
	rows.bare_deal(world, "S", stage_entered_on="2026-06-17 00:00:00", opened_on="2026-06-01")
	return name


@pytest.mark.parametrize(
	("least", "listed"), [(0, ["S", "R"]), (3, ["S", "R"]), (3.01, ["S"]), (3.5, ["S"]), (3.51, [])]
)
def test_who_came_back_stays_as_long_as_all_the_visits_together(world, back_again, least, listed):
	assert names(stays(world).documents({stage("proposal"): least})) == listed


@pytest.mark.parametrize(("least", "listed"), [(0, ["R", "S"]), (3, ["R", "S"]), (4, [])])
def test_working_days_of_all_the_visits_count_together_and_equal_ones_come_by_name(world, back_again, least, listed):
	assert names(stays(world).documents({stage("proposal"): least}, EVERY_DAY)) == listed
	spread = stays(world).in_working_days(EVERY_DAY)[stage("proposal")]
	assert (spread.count, {days: count for days, count in spread.histogram.items() if count}) == (2, {3: 2})


def test_stays_of_a_pipeline_that_is_used_no_more_count_all_the_same(world):
	name = rows.bare_deal(world, "A", stage_entered_on=NOW, opened_on="2026-06-01")
	passage(name, "qualification", 2)
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "disabled", 1)
	assert stays(world).in_working_days(EVERY_DAY)[stage("qualification")].count == 1
	frappe.db.set_value("Pipeline Stage", stage("qualification"), "disabled", 1)
	assert stays(world).in_working_days(EVERY_DAY)[stage("qualification")].count == 1


def test_a_stay_in_a_won_stage_is_none_in_working_days(world):
	name = rows.bare_deal(world, "A", stage_entered_on=NOW, opened_on="2026-06-01")
	for key in ("won", "proposal"):
		passage(name, key, 2, visits=2)
		for _twice in range(2):
			visit(world, name, key, 1)
	assert list(stays(world).in_working_days(EVERY_DAY)) == [stage("proposal")]


@pytest.mark.parametrize(
	("over", "working", "least", "asks_calendar"),
	[(False, 0, {"a": 0, "b": 0}, False), (True, 0, {"a": 7}, False), (False, 1, {"a": 0, "b": 0}, False), (True, 1, {"a": 7}, True)],
)  # fmt: skip
def test_over_its_limit_is_a_stay_only_where_the_stage_has_one(world, monkeypatch, over, working, least, asks_calendar):
	keys = {"a": stage("qualification"), "b": stage("proposal")}
	for key, days in (("a", 7), ("b", 0)):
		frappe.db.set_value("Pipeline Stage", keys[key], "expected_dwell_days", days)
	asked = []
	monkeypatch.setattr(Stays, "documents", lambda self, least, calendar=None: asked.append((least, calendar)) or [])
	monkeypatch.setattr(stage_durations.holidays, "required_of_company", lambda company: (company, "calendar"))
	scope = DwellScope.of({"company": world.company, "document_type": OPPORTUNITY, "working_days": working})
	stage_durations.names_behind(scope, None, over)
	[(found, calendar)] = asked
	known = {key: found[name] for key, name in keys.items() if name in found}
	assert known == least and calendar == ((world.company, "calendar") if asks_calendar else None)
	assert not {stage("won"), stage("lost")} & set(found)
	stage_durations.names_behind(scope, keys["b"], over)
	assert asked[-1][0] == ({} if over else {keys["b"]: 0})


def test_a_visit_of_which_nobody_knows_when_it_began_is_no_time_of_a_deal(world):
	name = rows.bare_deal(world, "A", stage_entered_on="2026-06-19 12:00:00", opened_on="2026-06-01")
	visit(world, name, "qualification", 2, left="2026-06-19 12:00:00")
	event = {"at": "2026-06-10 12:00:00", "seconds_spent": UNKNOWN, "company": world.company, "kind": "Stage"}
	rows.row(
		"Pipeline Event",
		docstatus=0,
		reference_doctype=OPPORTUNITY,
		reference_name=name,
		from_value=stage("won"),
		**event,
	)
	found = stage_durations.of_document(OPPORTUNITY, name, NOW)
	assert [(row["stage"], row["seconds"] // DAY, row["visits"], row["running"]) for row in found] == [
		(stage("qualification"), 2, 1, False),
		(stage("proposal"), 1, 1, True),
	]


def test_who_puts_a_deal_aside_waits_for_who_has_it_open(sale, monkeypatch):
	deal, locked, usual = sale.opportunity(), [], stall_verdicts.locked_doc
	monkeypatch.setattr(stall_verdicts, "locked_doc", lambda *about: locked.append(about) or usual(*about))
	stall_verdicts.acknowledge(deal.doctype, deal.name, getdate(), "They wait")
	assert locked == [(deal.doctype, deal.name)]


def test_the_mean_of_working_days_is_of_every_stay(world):
	for key, days in (("A", 2), ("B", 2), ("C", 5)):
		passage(rows.bare_deal(world, key, stage_entered_on=NOW, opened_on="2026-06-01"), "qualification", days)
	spread = stays(world).in_working_days(EVERY_DAY)[stage("qualification")]
	assert (spread.histogram, spread.total, spread.count, spread.average) == ({2: 2, 5: 1}, 9, 3, 3)


def test_the_time_of_one_deal_in_a_stage_is_that_of_all_its_visits_by_the_days_of_its_company(
	world, back_again, monkeypatch
):
	asked = []
	monkeypatch.setattr(stage_durations.holidays, "calendar_of", lambda company: asked.append(company) or EVERY_DAY)
	frappe.db.set_value(OPPORTUNITY, back_again, "company", f"Abroad {world.tag}")
	visit(world, back_again, "won", 1, left="2026-06-16 12:00:00")
	found = stage_durations.of_document(OPPORTUNITY, back_again, NOW)
	assert [(row["stage"], row["seconds"] // DAY, row["working_days"], row["visits"], row["running"], row["closed"]) for row in found] == [
		(stage("proposal"), 3, 3, 2, True, False),
		(stage("won"), 1, 1, 1, False, True),
	]  # fmt: skip
	assert asked == [f"Abroad {world.tag}"]


@pytest.mark.parametrize(("days", "taken"), [(-2, False), (-1, True), (0, True)])
def test_the_day_until_which_a_deal_is_put_aside_has_passed_where_it_is_over_for_the_user_too(
	sale, monkeypatch, days, taken
):
	"""It is still yesterday where the user is."""
	monkeypatch.setattr(stall_verdicts, "is_over", lambda day: getdate(day) < getdate(add_days(nowdate(), -1)))
	deal, until = sale.opportunity(), getdate(add_days(nowdate(), days))
	if taken:
		stall_verdicts.acknowledge(deal.doctype, deal.name, until, "They wait")
		assert frappe.db.get_value(deal.doctype, deal.name, "not_stalled_until") == until
		return
	with refused(match="within the next 90 days"):
		stall_verdicts.acknowledge(deal.doctype, deal.name, until, "They wait")


def test_all_open_stages_stand_behind_the_sum_however_many_there_are(world, monkeypatch):
	asked = []
	monkeypatch.setattr(Stays, "documents", lambda self, least, calendar=None: asked.append(least) or [])
	made = [make_pipeline(f"{number} {world.tag}") for number in range(8)]
	stage_durations.names_behind(DwellScope.of({"company": world.company, "document_type": OPPORTUNITY}), None, False)
	[least] = asked
	assert {f"{pipeline}-{key}" for pipeline in made for key in "abc"} <= set(least)
	assert not {f"{pipeline}-{key}" for pipeline in made for key in ("won", "lost")} & set(least)
