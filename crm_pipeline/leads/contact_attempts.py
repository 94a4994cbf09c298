"""Attempts to contact a lead: its outbound activities that were done, with their results. Nothing of them is copied."""

import frappe

from crm_pipeline.core.activity import DONE, PLANNED

ACTIVITY = "Sales Activity"
REACHED = ("Reached", "Interested", "Not Interested", "Decision Made", "Postponed")
# A lead with more has been called often enough.
MOST = 500


def attempts_of(lead: str) -> dict:
	"""{"count", "reached", "last": {"name", "subject", "way", "result", "starts_on"} or None, "next": the same with "due_on"},
	of what the reader may see; `reached` counts those in which somebody was. An inbound activity is a contact, not an attempt."""
	empty = {"count": 0, "reached": 0, "last": None, "next": None}
	if not frappe.has_permission(ACTIVITY, "read"):
		return empty
	rows = frappe.get_list(
		ACTIVITY,
		filters={
			"reference_doctype": "Sales Lead",
			"reference_name": lead,
			"status": ("in", (DONE, PLANNED)),
		},
		fields=["name", "subject", "way", "status", "direction", "result", "starts_on", "due_on"],
		order_by="starts_on desc, creation desc, name desc",
		limit=MOST,
	)
	tried = [row for row in rows if row.status == DONE and row.direction != "Inbound"]
	planned = [row for row in rows if row.status == PLANNED]
	planned.sort(key=lambda row: (row.due_on or row.starts_on, row.name))
	return {
		"count": len(tried),
		"reached": sum(row.result in REACHED for row in tried),
		"last": tried[0] if tried else None,
		"next": planned[0] if planned else None,
	}
