"""Closed deals learn from the ledger out of which open stage they were closed."""

import frappe

from crm_pipeline.core.stages import OPEN

CHUNK = 1000


def execute():
	open_stages = set(frappe.get_all("Pipeline Stage", filters={"stage_type": OPEN}, pluck="name", order_by="name asc"))
	for doctype in ("Sales Opportunity", "Sales Project"):
		closed = frappe.get_all(
			doctype,
			filters={"status": ("!=", OPEN), "closed_from": ("is", "not set")},
			pluck="name",
			order_by="name asc",
			limit=0,
		)
		for start in range(0, len(closed), CHUNK):
			fill(doctype, closed[start : start + CHUNK], open_stages)


def fill(doctype: str, names: list[str], open_stages: set[str]) -> None:
	moves = frappe.get_all(
		"Pipeline Event",
		filters={"reference_doctype": doctype, "reference_name": ("in", names), "kind": "Stage"},
		fields=["reference_name", "from_value"],
		order_by="at asc, creation asc",
		limit=0,
	)
	last = {row.reference_name: row.from_value for row in moves if row.from_value in open_stages}
	for name, stage in last.items():
		frappe.db.set_value(doctype, name, "closed_from", stage, update_modified=False)
