"""Open deals with another probability or category than their stage's have their own: nothing remembered that before."""

import frappe

from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.deals.forecast_fields import OUTLOOK


def execute():
	stage = frappe.qb.DocType("Pipeline Stage")
	for doctype in DEALS:
		deal = frappe.qb.DocType(doctype)
		for field, own in OUTLOOK.items():
			same = (
				frappe.qb.from_(stage)
				.select(stage.name)
				.where((stage.name == deal.stage) & (stage[field] == deal[field]))
			)
			frappe.qb.update(deal).set(deal[own], 1).where((deal.status == OPEN) & deal.stage.notin(same)).run()
