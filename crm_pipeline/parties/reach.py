"""How the people of deals are reached: whom to ring, whom to write to."""

import frappe

from crm_pipeline.core.registry import PARTY_FIELDS

FIELDS = {"Customer": ("mobile_no", "email_id"), "Sales Prospect": ("contact_name", "phone", "mobile_no", "email_id")}
NOBODY = {"contact_name": None, "phone": None, "email_id": None}


def reach_of(doctype: str, deals: list[dict]) -> dict[str, dict]:
	"""{name of a deal: {"contact_name", "phone", "email_id"}}; None for what nobody knows.

	`deals` are rows with name, customer and prospect. The first person on the deal who can be reached goes first, then
	what is known of the customer or prospect, as far as the user may read it.
	"""
	people = _people(doctype, [deal.name for deal in deals])
	parties = {kind: _parties(kind, {deal.get(link) for deal in deals}) for kind, link in PARTY_FIELDS.items()}
	found = {}
	for deal in deals:
		known = [
			*people.get(deal.name, []),
			*(parties[kind].get(deal.get(link)) for kind, link in PARTY_FIELDS.items()),
		]
		found[deal.name] = _first_of([row for row in known if row])
	return found


def _first_of(known: list[dict]) -> dict:
	"""Phone and address of one person where one has both, else the first of each."""
	rows = [
		{
			"contact_name": row.get("contact_name"),
			"phone": row.get("mobile_no") or row.get("phone"),
			"email_id": row.get("email_id"),
		}
		for row in known
	]
	reachable = [row for row in rows if row["phone"] or row["email_id"]]
	whole = next((row for row in reachable if row["phone"] and row["email_id"]), None)
	if whole:
		return whole
	answer = dict(NOBODY)
	for row in reachable:
		answer = {field: answer[field] or row[field] for field in answer}
	return answer if reachable else {**NOBODY, "contact_name": next((r["contact_name"] for r in rows), None)}


def _people(doctype: str, names: list[str]) -> dict[str, list[dict]]:
	rows = frappe.get_all(
		"Sales Deal Contact",
		filters={"parenttype": doctype, "parent": ("in", names or [""])},
		fields=["parent", "contact_name", "phone", "mobile_no", "email_id"],
		order_by="parent asc, idx asc",
		limit=0,
	)
	found: dict[str, list[dict]] = {}
	for row in rows:
		found.setdefault(row.parent, []).append(row)
	return found


def _parties(doctype: str, names: set) -> dict[str, dict]:
	names = sorted(name for name in names if name)
	if not names or not frappe.has_permission(doctype, "read"):
		return {}
	rows = frappe.get_list(
		doctype, filters={"name": ("in", names)}, fields=["name", *FIELDS[doctype]], order_by="name asc", limit=0
	)
	return {row.name: row for row in rows}
