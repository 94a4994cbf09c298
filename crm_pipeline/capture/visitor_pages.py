"""The pages that the visitor saw who became a lead: the framework's own Web Page Views of the visitor's id."""

import frappe

from crm_pipeline.core.capture import PageView, visits

VIEW = "Web Page View"
MOST = 500


def of_lead(lead: str) -> list[dict]:
	"""[{"path", "at", "referrer", "seconds"}], the latest first; none for a lead without a visitor's id. Whoever reads the lead
	reads them: they are what its person looked at."""
	visitor = frappe.db.get_value("Sales Lead", lead, "visitor_id")
	if not visitor:
		return []
	rows = frappe.get_all(
		VIEW,
		filters={"visitor_id": visitor},
		fields=["path", "creation", "referrer"],
		order_by="creation desc",
		limit=MOST,
	)
	found = visits([PageView(row.path or "", row.creation, row.referrer) for row in rows])
	return [
		{"path": visit.path, "at": visit.at, "referrer": visit.referrer, "seconds": visit.seconds}
		for visit in reversed(found)
	]
