"""Opportunities that were imported get the key by which their id is known: that of a source without a name."""

from crm_pipeline.importer.source_ids import key_of
from crm_pipeline.patches import pages

DOCTYPE = "Sales Opportunity"


def execute():
	for rows in pages.pages(DOCTYPE, ("company", "external_id"), _without_key):
		keys = {row.name: {"external_key": key_of("", row.company, row.external_id)} for row in rows}
		pages.write(DOCTYPE, keys)


def _without_key(deal):
	return deal.external_id.isnotnull() & (deal.external_id != "") & deal.external_key.isnull()
