"""Deals that were closed before 0.4 store how they ended, and what they were sold for."""

import frappe

from crm_pipeline.analytics import indexes
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.deals import won_amounts
from crm_pipeline.patches.pages import pages, write


def execute():
	"""Killed, it goes on with the closed ones without an outcome."""
	for doctype in DEALS:
		for rows in pages(doctype, won_amounts.FIELDS, lambda deal: (deal.status != OPEN) & deal.outcome.isnull()):
			write(doctype, {row.name: won_amounts.outcome_values(doctype, row.name, row) for row in rows})
		renew_indexes(doctype)


def renew_indexes(doctype: str) -> None:
	"""Indexes of ours are made where there are none of their names: those with other fields go first."""
	for name in indexes.INDEXES:
		frappe.db.sql_ddl(f"alter table `tab{doctype}` drop index if exists `{name}`")
	indexes.make(doctype)
