"""Dwell and win and loss on random histories, once more by plain SQL and arithmetic on single rows."""

import random
import statistics
from collections import defaultdict
from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, get_datetime, getdate, now_datetime

from crm_pipeline import api
from crm_pipeline.analytics import deal_facts, scope, stall_verdicts, stalled_rules
from crm_pipeline.analytics.closed_groups import GROUPINGS
from crm_pipeline.analytics.stage_durations import Stays
from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss
from tests.site import rows as stored_rows
from tests.site.health import stage, walk

OPEN_STAGES = ("qualification", "needs_analysis", "proposal", "negotiation")


@pytest.fixture(scope="module")
def histories(ground):
	"""40 deals with up to eight visits each, written as an importer would; answers the campaign that holds them."""
	rng = random.Random(11)
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": f"Random {ground.world.tag}", "company": ground.world.company}
	).insert()
	now = now_datetime()
	for number in range(40):
		deal = ground.opportunity(campaign=campaign.name, items=[], amount=rng.choice((0, 5, 500, 5000, 500000)))
		at = now - timedelta(days=rng.uniform(100, 300))
		standing = stage(rng.choice(OPEN_STAGES))
		for _ in range(rng.randint(0, 8)):
			spent = rng.choice((0, rng.randint(1, 90_000), rng.randint(90_000, 3_000_000)))
			at += timedelta(seconds=spent)
			to = stage(rng.choice(OPEN_STAGES))
			event = frappe.get_doc(
				{
					"doctype": "Pipeline Event",
					"reference_doctype": deal.doctype,
					"reference_name": deal.name,
					"kind": "Stage",
					"from_value": standing,
					"to_value": to,
					"at": at,
					"seconds_spent": spent,
				}
			)
			event.insert()
			standing = to
		status = rng.choice(("Open", "Won", "Lost"))
		closed = status != "Open"
		values = {"status": status, "stage": stage(status.lower()) if closed else standing, "stage_entered_on": at}
		if closed:
			values.update(
				closed_on=getdate(now - timedelta(days=rng.randint(0, 700))),
				closed_from=standing,
				lost_reason="Price" if status == "Lost" and number % 2 else None,
			)
		stored_rows.deal(deal, **values)
	return campaign.name


def single_visits(campaign, now) -> list[tuple]:
	"""(stage, deal, entered, left, running) read row by row."""
	found = frappe.db.sql(
		"""select e.from_value, d.name, e.at, e.seconds_spent from `tabPipeline Event` e, `tabSales Opportunity` d
		where e.reference_name = d.name and e.kind = 'Stage' and d.campaign = %s""",
		campaign,
	)
	visits = [(s, d, get_datetime(at) - timedelta(seconds=spent), get_datetime(at), False) for s, d, at, spent in found]
	standing = frappe.db.sql(
		"select stage, name, stage_entered_on from `tabSales Opportunity` where campaign = %s and status = 'Open'",
		campaign,
	)
	return visits + [(s, d, get_datetime(entered), now, True) for s, d, entered in standing]


@pytest.mark.parametrize(("first", "last"), [(None, None), (150, 60), (90, 0), (None, 30)])
@pytest.mark.parametrize("working", [False, True])
def test_stays_are_the_sums_of_single_visits(histories, sale, first, last, working):
	now = now_datetime().replace(microsecond=0)
	days_ago = lambda days: None if days is None else getdate(now - timedelta(days=days))  # noqa: E731
	first, last = days_ago(first), days_ago(last)
	filters = {"campaign": histories, "company": sale.world.company}
	stays = Stays(
		"Sales Opportunity", lambda q: scope.Scope.of(filters).narrow(q, "Sales Opportunity"), first, last, now
	)
	calendar = WorkCalendar(getdate(now) - timedelta(days=n) for n in range(0, 400, 3))
	expected: dict = defaultdict(lambda: defaultdict(float))
	for name, deal, entered, left, _running in single_visits(histories, now):
		if (first and left.date() < first) or (last and left.date() > last):
			continue
		spent = calendar.days_between(entered, left) if working else int((left - entered).total_seconds()) / 3600
		expected[name][deal] += spent
	found = stays.in_working_days(calendar) if working else stays.in_hours()
	assert {name: spread.count for name, spread in found.items() if spread.count} == {
		name: len(deals) for name, deals in expected.items()
	}
	for name, deals in expected.items():
		assert found[name].average == pytest.approx(statistics.mean(deals.values()), abs=0.01)
		# From ten days on the histogram knows days only.
		whole = [v if working or v < 240 else v // 24 * 24 for v in deals.values()]
		values = sorted(v for v, count in found[name].histogram.items() for _ in range(count))
		assert values == pytest.approx(sorted(int(v + 1e-6) for v in whole), abs=1 if not working else 0)


def test_a_stay_before_the_year_of_the_holiday_list_is_counted_without_its_weekends(sale):
	today = getdate(now_datetime())
	monday = add_days(today, -today.weekday())
	weekend = [add_days(monday, 5), add_days(monday, 6)]
	name = f"This Week {sale.world.tag}"
	frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": name,
			"from_date": monday,
			"to_date": weekend[-1],
			"holidays": [{"holiday_date": day, "description": "Weekend", "weekly_off": 1} for day in weekend],
		}
	).insert()
	frappe.db.set_value("Company", sale.world.company, "default_holiday_list", name)
	frappe.clear_document_cache("Company", sale.world.company)
	# Four whole weeks, whatever the day.
	deal = walk(sale.opportunity(), ("qualification", 28), ("needs_analysis", 0))
	row = next(row for row in api.get_dwell(deal.doctype, deal.name) if row["stage"] == stage("qualification"))
	assert row["working_days"] == 20


@pytest.mark.parametrize("group_by", GROUPINGS)
def test_win_and_loss_is_what_plain_sql_counts(histories, sale, group_by):
	filters = {"campaign": histories, "company": sale.world.company, "group_by": group_by}
	period = {"from_date": getdate(now_datetime() - timedelta(days=364)), "to_date": getdate(now_datetime())}
	data = win_and_loss.execute({**filters, **period})[1]
	plain = dict(
		frappe.db.sql(
			"""select status, count(*) from `tabSales Opportunity` where campaign = %s and status != 'Open'
			and closed_on between %s and %s group by status""",
			(histories, period["from_date"], period["to_date"]),
		)
	)
	amounts = dict(
		frappe.db.sql(
			"""select status, sum(base_amount) from `tabSales Opportunity` where campaign = %s and status != 'Open'
			and closed_on between %s and %s group by status""",
			(histories, period["from_date"], period["to_date"]),
		)
	)
	assert plain["Won"] and plain["Lost"]
	rows = data[:-1]
	for outcome, status in (("won", "Won"), ("lost", "Lost")):
		assert data[-1][outcome] == plain[status] == sum(row[outcome] for row in rows)
		assert data[-1][f"{outcome}_amount"] == pytest.approx(float(amounts[status]))
		assert sum(row[f"{outcome}_amount"] for row in rows) == pytest.approx(float(amounts[status]))


def test_judging_many_deals_takes_as_many_queries_as_judging_one(histories):
	rows = frappe.get_all(
		"Sales Opportunity",
		filters={"campaign": histories, "status": "Open"},
		fields=["name", "stage"],
		order_by="name asc",
	)
	ahead = {row.stage: frappe.db.get_value("Pipeline Stage", row.stage, "probability") for row in rows}
	names, how = [row.name for row in sorted(rows, key=lambda row: -ahead[row.stage])], stalled_rules.rules()
	stall_verdicts.verdicts("Sales Opportunity", names)

	def queries(some) -> int:
		counted, original = [], frappe.db.sql

		def count(*args, **kwargs):
			counted.append(args)
			return original(*args, **kwargs)

		frappe.db.sql = count
		try:
			deal_facts.gather("Sales Opportunity", some, how, now_datetime())
		finally:
			del frappe.db.sql
		return len(counted)

	assert len(names) > 5
	# The deal furthest ahead is asked about everything; what is asked of early ones is part of it.
	assert queries(names) == queries(names[:1]) < 25
	assert queries(names[-1:]) <= queries(names[:1])


def test_a_quotation_of_the_opportunity_counts_for_the_project_that_runs_it(sale):
	deal = sale.opportunity()
	quotation = sale.quotation(crm_source_type=deal.doctype, crm_source_name=deal.name)
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(deal.name)["name"])
	frappe.db.set_value("Pipeline Stage", project.stage, "probability", 80)
	signals = lambda: {reason["signal"] for reason in api.get_deal_health(project.doctype, project.name)["reasons"]}  # noqa: E731
	assert "no_decision_maker" in signals() and "no_quotation" not in signals()
	sale.cancel(quotation)
	assert "no_quotation" in signals()
	# The stored verdict of the project follows its opportunity's quotation.
	assert "no_quotation" in frappe.db.get_value(project.doctype, project.name, "stalled_reasons")
