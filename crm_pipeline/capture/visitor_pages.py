"""The pages that the visitor saw who became a lead: the framework's own Web Page Views of the visitor's id."""

import frappe

from crm_pipeline.core.capture import PageView, begin_of_visit, visits

VIEW = "Web Page View"
MOST = 500
# What the framework notes of the link by which a page was opened, and where the lead has it.
LINK = {"source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign"}


def fill_origin(lead) -> None:
	"""Part of before_insert(): who looked around before writing came by the link of the first page of the visit, of which the
	form's own address knows nothing."""
	if not lead.visitor_id or not frappe.db.exists("DocType", VIEW):
		return
	known = [field for field in LINK if frappe.get_meta(VIEW).has_field(field)]
	rows = frappe.get_all(
		VIEW,
		filters={"visitor_id": lead.visitor_id},
		fields=["path", "creation", "referrer", *known],
		order_by="creation desc",
		limit=MOST,
	)
	if not rows:
		return
	first = begin_of_visit([PageView(row.path or "", row.creation, row.referrer) for row in rows])
	lead.landing_page = f"/{first.path.lstrip('/')}"
	lead.referrer = first.referrer or lead.referrer
	named = next((row for row in rows if any(row.get(field) for field in known)), None)
	if named and not any(lead.get(field) for field in LINK.values()):
		lead.update({LINK[field]: named.get(field) for field in known})


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
