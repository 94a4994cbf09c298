"""The funnel and the stage report, beside the bare SQL with the same counts and sums."""

from benchmarks.pipeline.measuring import timed

LEFT = """select p.stage, d.stage, d.closed_from, count(*), sum(d.base_amount), sum(d.base_amount * d.probability / 100)
	from `tabSales Opportunity` d join `tabStage Passage` p
	on p.reference_name = d.name and p.reference_doctype = 'Sales Opportunity' and p.last_left is not null
	where p.stage <> d.stage and d.opened_on between %(first)s and %(last)s and d.company = %(company)s
	and d.pipeline = %(pipeline)s group by 1, 2, 3"""
HERE = """select stage, count(*), sum(base_amount), sum(base_amount * probability / 100) from `tabSales Opportunity`
	where status = 'Open' and opened_on between %(first)s and %(last)s and company = %(company)s
	and pipeline = %(pipeline)s group by 1"""
SPENT = LEFT.replace(
	"d.stage, d.closed_from, count(*), sum(d.base_amount), sum(d.base_amount * d.probability / 100)",
	"floor(p.seconds / 3600), count(*)",
).replace("group by 1, 2, 3", "group by 1, 2")
RUNNING = """select stage, floor((unix_timestamp(now()) - unix_timestamp(stage_entered_on) + earlier_seconds) / 3600), count(*)
	from `tabSales Opportunity` where status = 'Open' and opened_on between %(first)s and %(last)s
	and company = %(company)s and pipeline = %(pipeline)s group by 1, 2"""
OUTCOME = """select status, count(*), sum(base_amount) from `tabSales Opportunity` where company = %(company)s
	and pipeline = %(pipeline)s and opened_on between %(first)s and %(last)s group by 1"""
CYCLE = """select datediff(closed_on, opened_on), count(*) from `tabSales Opportunity` where company = %(company)s and status = 'Won'
	and pipeline = %(pipeline)s and opened_on between %(first)s and %(last)s group by 1"""
TODAY = """select stage, count(*), count(distinct customer), sum(base_amount), sum(base_amount * probability / 100)
	from `tabSales Opportunity` where status = 'Open' and company = %(company)s and pipeline = %(pipeline)s group by 1"""


def measure() -> dict[str, tuple[float, float | None]]:
	"""{what: (milliseconds, milliseconds of the bare SQL)}."""
	import frappe

	from benchmarks.pipeline.data import PIPELINE, TAG
	from crm_pipeline import api
	from crm_pipeline.analytics import funnel_facts
	from crm_pipeline.analytics.funnel_cohort import Cohort, FunnelScope
	from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage import open_pipeline_by_stage

	company = frappe.db.get_value("Sales Opportunity", {"name": ("like", f"{TAG}-%")}, "company", order_by="name asc")
	filters = {"company": company, "pipeline": PIPELINE}
	cohort = Cohort(FunnelScope.of(filters))
	now, before = (
		{"company": company, "pipeline": PIPELINE, "first": c.first, "last": c.last} for c in (cohort, cohort.before())
	)

	def bare(*queries, periods=(now,)):
		return timed(lambda: [frappe.db.sql(query, values) for values in periods for query in queries])

	def bare_page():
		for query in (LEFT, HERE, SPENT, RUNNING, OUTCOME, CYCLE, TODAY):
			frappe.db.sql(query, now)
		for query in (LEFT, HERE, OUTCOME):
			frappe.db.sql(query, before)

	return {
		"Funnel of twelve months: counts and amounts": (timed(lambda: funnel_facts.passages(cohort)), bare(LEFT, HERE)),
		"Funnel: dwell": (timed(lambda: funnel_facts.dwell(cohort)), bare(SPENT, RUNNING)),
		"Funnel: the whole page, with the period before": (timed(lambda: api.get_funnel(filters)), timed(bare_page)),
		"Today's deals by stage (report)": (timed(lambda: open_pipeline_by_stage.execute(filters)), bare(TODAY)),
	}
