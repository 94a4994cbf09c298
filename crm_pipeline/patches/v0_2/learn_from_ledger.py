"""Deals learn from the ledger what version 0.2 keeps on them: the last open stage, the time of earlier visits."""

import frappe

from crm_pipeline.core.stages import OPEN

CHUNK = 1000


def execute():
	open_stages = set(frappe.get_all("Pipeline Stage", filters={"stage_type": OPEN}, pluck="name", order_by="name asc"))
	for doctype in ("Sales Opportunity", "Sales Project"):
		deals = frappe.get_all(doctype, fields=["name", "stage"], order_by="name asc", limit=0)
		for start in range(0, len(deals), CHUNK):
			fill(doctype, {row.name: row.stage for row in deals[start : start + CHUNK]}, open_stages)


def fill(doctype: str, stage_of: dict[str, str], open_stages: set[str]) -> None:
	moves = frappe.get_all(
		"Pipeline Event",
		filters={"reference_doctype": doctype, "reference_name": ("in", list(stage_of)), "kind": "Stage"},
		fields=["reference_name", "from_value", "seconds_spent"],
		order_by="at asc, creation asc",
		limit=0,
	)
	closed_from: dict[str, str] = {}
	earlier: dict[str, int] = {}
	for row in moves:
		stage = stage_of[row.reference_name]
		if stage not in open_stages and row.from_value in open_stages:
			closed_from[row.reference_name] = row.from_value
		elif row.from_value == stage:
			earlier[row.reference_name] = earlier.get(row.reference_name, 0) + (row.seconds_spent or 0)
	for field, values in (("closed_from", closed_from), ("earlier_seconds", earlier)):
		for name, value in values.items():
			frappe.db.set_value(doctype, name, field, value, update_modified=False)
