"""Win rates of stages from the passages of deals, learned over all closed deals of a company.

A rate is a property of the company's pipelines, not of a user's deals: it is learned over all of them and
shown as a share only.
"""

from datetime import date

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import getdate
from pypika import Case

from crm_pipeline.analytics import scope
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY, PROJECT
from crm_pipeline.analytics.sql_terms import age_band
from crm_pipeline.core.win_rates import Rates, Visits, learn

DAY = 86400
KEEP = 6 * 3600


def rates_of(company: str, today: date) -> Rates:
	"""What was learned until `today`; kept for some hours."""
	key = f"crm_pipeline_win_rates:{company}:{today}"
	found = frappe.cache.get_value(key, expires=True)
	if not found:
		found = [(v.stage, v.band, v.won, v.lost) for v in visits_until(company, today)]
		frappe.cache.set_value(key, found, expires_in_sec=KEEP)
	return learn([Visits(*row) for row in found], probabilities())


def probabilities() -> dict[str, float]:
	"""The probability set at each stage, from 0 to 1."""
	stage = frappe.qb.DocType("Pipeline Stage")
	rows = frappe.qb.from_(stage).select(stage.name, stage.probability).orderby(stage.name).run()
	return {name: (probability or 0) / 100 for name, probability in rows}


def learned_until(company: str, moment: date) -> Rates:
	"""Rates as they could have been known at the start of that day; for back-tests."""
	return learn(visits_until(company, moment), probabilities())


def visits_until(company: str, moment: date) -> list[Visits]:
	"""How many deals left each stage in each age band, by how the deals ended before `moment`."""
	return [visit for doctype in (OPPORTUNITY, PROJECT) for visit in _visits(doctype, company, getdate(moment))]


def _visits(doctype: str, company: str, moment: date) -> list[Visits]:
	passage, deal = frappe.qb.DocType("Stage Passage"), frappe.qb.DocType(doctype)
	# The type of the stage that a deal ended in decides: a service that was completed without being sold is neither.
	end = frappe.qb.DocType("Pipeline Stage").as_("end_stage")
	lost = Case().when(end.stage_type == "Lost", 1).else_(0)
	# A deal that came back to a stage is one deal: its longest visit is how old it got there.
	band = age_band(lambda days: passage.longest_seconds >= days * DAY)
	rows = (
		scope.sales(frappe.qb.from_(deal), doctype)
		.join(passage)
		.on((passage.reference_name == deal.name) & (passage.reference_doctype == doctype))
		.join(end)
		.on((end.name == deal.stage) & (end.stage_type != "Open"))
		.select(passage.stage, band.as_("band"), lost.as_("lost"), Count("*").as_("deals"))
		.where((deal.company == company) & (deal.closed_on < moment) & (passage.last_left < moment))
		.groupby(passage.stage, band, lost)
		.orderby(passage.stage)
		.run(as_dict=True)
	)
	return [Visits(row.stage, row.band, 0 if row.lost else row.deals, row.deals if row.lost else 0) for row in rows]
