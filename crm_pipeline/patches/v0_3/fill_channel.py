"""Deals of earlier versions learn the channel of the lead (or prospect, or opportunity) that they came from."""

import frappe
from frappe.query_builder.functions import Coalesce
from pypika.terms import Bracket

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
# Opportunities first: projects that run them take it from there.
STEPS = (
	(OPPORTUNITY, "Sales Prospect"),
	(OPPORTUNITY, "Sales Lead"),
	(PROJECT, "Sales Prospect"),
	(PROJECT, "Sales Lead"),
	(PROJECT, OPPORTUNITY),
)


def execute():
	for doctype, source_type in STEPS:
		deal, source = frappe.qb.DocType(doctype), frappe.qb.DocType(source_type)
		channel = frappe.qb.from_(source).select(source.channel).where(source.name == deal.source_name)
		(
			frappe.qb.update(deal)
			.set(deal.channel, Bracket(channel))
			.where((deal.source_type == source_type) & (Coalesce(deal.channel, "") == ""))
		).run()
