"""Indexes on the table of a deal from which figures are answered alone, without reading the deals.

See benchmarks/README.md before changing their order.
"""

import frappe

INDEXES = {
	# Pages and totals of the board's open stages, then those of what was closed lately.
	"crm_board_open": (
		"company", "pipeline", "stage", "status", "expected_close", "name", "base_amount", "probability", "is_stalled",
	),
	"crm_board_closed": (
		"company", "pipeline", "stage", "closed_on", "name", "outcome", "base_amount", "base_won_amount", "probability",
		"is_stalled",
	),
	# How the deals of a period ended, which stages they have been in, and what came of their orders. One index for all of
	# that: of two with the same beginning the server takes the first, and reads the deals.
	"crm_funnel": (
		"company", "pipeline", "opened_on", "outcome", "stage", "closed_from", "closed_on", "base_amount", "base_won_amount",
		"probability", "ordered_amount", "delivered_amount", "billed_amount", "paid_amount", "stage_entered_on",
		"earlier_seconds", "passed_stages",
	),
	# What was won, and lost, in a period.
	"crm_outcome": ("company", "outcome", "closed_on", "base_won_amount"),
}  # fmt: skip


def make(doctype: str) -> None:
	"""Make the indexes; those that are there already are left alone."""
	for name, fields in INDEXES.items():
		frappe.db.add_index(doctype, list(fields), name)
