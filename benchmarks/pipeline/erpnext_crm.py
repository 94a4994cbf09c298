"""ERPNext's own sales funnel and stage report on as many of its opportunities, beside what answers the same here.

Its opportunities are written by SQL, committed as those of data.py, and removed again; their titles start with TAG. Half of them are open.
"""

import random
from datetime import date, timedelta

from benchmarks.keeping import keep
from benchmarks.pipeline.data import CHUNK, TAG
from benchmarks.pipeline.measuring import timed

STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review")


def make(count: int) -> None:
	import frappe

	clear()
	rng = random.Random(20)
	company = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	currency = frappe.get_cached_value("Company", company, "default_currency")
	rows = []
	for number in range(count):
		opened = date.today() - timedelta(days=rng.randrange(1, 730))
		amount = round(rng.lognormvariate(8, 1), 2)
		rows.append(
			{
				"name": f"{TAG}-{number:07d}",
				"creation": opened,
				"modified": opened,
				"owner": "Administrator",
				"modified_by": "Administrator",
				"title": f"{TAG} {number}",
				"company": company,
				"currency": currency,
				"transaction_date": opened,
				"expected_closing": opened + timedelta(days=90),
				"status": "Open" if rng.random() < 0.5 else rng.choice(("Converted", "Lost")),
				"sales_stage": rng.choice(STAGES),
				"probability": rng.choice((10, 25, 50, 75)),
				"opportunity_amount": amount,
				"base_opportunity_amount": amount,
				"conversion_rate": 1,
				"_assign": '["Administrator"]',
			}
		)
	for start in range(0, count, CHUNK):
		part = rows[start : start + CHUNK]
		frappe.db.bulk_insert("Opportunity", list(part[0]), [tuple(r.values()) for r in part], chunk_size=CHUNK)
		# As the data of our own side.
		keep()
	frappe.db.sql("analyze table `tabOpportunity`")


def clear() -> None:
	import frappe

	frappe.db.delete("Opportunity", {"name": ("like", f"{TAG}-%")})
	# As the data of our own side.
	keep()


def measure() -> dict[str, tuple[float, float | None]]:
	"""{what: (our milliseconds, ERPNext's)}."""
	import frappe
	from erpnext.crm.report.opportunity_summary_by_sales_stage import (
		opportunity_summary_by_sales_stage as summary,
	)
	from erpnext.crm.report.sales_pipeline_analytics import sales_pipeline_analytics as analytics
	from erpnext.selling.page.sales_funnel import sales_funnel as theirs
	from frappe.utils import add_months, nowdate

	from crm_pipeline import api
	from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage import open_pipeline_by_stage

	company = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	period = (add_months(nowdate(), -12), nowdate(), company)
	by_source = getattr(theirs, "get_opp_by_lead_source", None) or theirs.get_opp_by_utm_source
	stage_filters = frappe._dict(based_on="Opportunity Owner", data_based_on="Amount", company=company)
	pipeline_filters = frappe._dict(
		pipeline_by="Sales Stage", range="Monthly", based_on="Amount", company=company, status="Open",
		from_date=period[0], to_date=period[1],
	)  # fmt: skip
	ours = {"company": company}

	def page():
		theirs.get_funnel_data(*period)
		theirs.get_pipeline_data(*period)
		by_source(*period)

	return {
		"The funnel page, what it shows first": (timed(lambda: api.get_funnel_outline(ours)), timed(page)),
		"The funnel page with cohorts, dwell and the period before, which ERPNext has not": (
			timed(lambda: api.get_funnel(ours)),
			timed(page),
		),
		"Open deals by stage: Opportunity Summary by Sales Stage": (
			timed(lambda: open_pipeline_by_stage.execute(ours)),
			timed(lambda: summary.execute(stage_filters)),
		),
		"Open deals by stage: Sales Pipeline Analytics": (
			timed(lambda: open_pipeline_by_stage.execute(ours)),
			timed(lambda: analytics.execute(pipeline_filters)),
		),
	}
