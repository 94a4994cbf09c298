"""Activities of one person, own and those they take part in, with the names of whom and what they are about."""

import frappe

from crm_pipeline.chain.link_titles import title_field

ACTIVITY = "Sales Activity"
FIELDS = (
	"name", "subject", "way", "status", "priority", "starts_on", "ends_on", "due_on", "place", "next_step", "customer",
	"prospect", "reference_doctype", "reference_name", "sales_owner", "modified",
)  # fmt: skip


def of(user: str, since, until, most: int) -> list[dict]:
	"""Activities that a user is responsible for or takes part in and may read, by their start; each with `party` and
	`about`, as the reader may see them; none where they have no right to activities any more."""
	if not frappe.has_permission(ACTIVITY, "read"):
		return []
	part = frappe.get_all(
		"Sales Activity Person",
		filters={"parenttype": ACTIVITY, "colleague": user},
		pluck="parent",
		order_by="modified desc",
		limit=most,
	)
	rows = frappe.get_list(
		ACTIVITY,
		filters={"starts_on": ("between", [since, until])},
		or_filters={"sales_owner": user, "name": ("in", [*part, ""])},
		fields=list(FIELDS),
		order_by="starts_on asc, name asc",
		limit=most,
	)
	return named(rows)


def named(rows: list[dict]) -> list[dict]:
	"""Rows with `party`, the name of the customer or prospect, and `about`, the title of the document, as far as the
	reader may see those; a query for each type of document."""
	wanted: dict[str, set[str]] = {}
	for row in rows:
		for doctype, name in links_of(row):
			wanted.setdefault(doctype, set()).add(name)
	titles = {doctype: titles_of(doctype, names) for doctype, names in wanted.items()}
	for row in rows:
		found = {doctype: titles[doctype].get(name) for doctype, name in links_of(row)}
		row.party = found.get("Customer") or found.get("Sales Prospect") or row.get("party_name")
		about = found.get(row.get("reference_doctype"))
		row.about = about if about != row.party else None
	return rows


def links_of(row) -> list[tuple[str, str]]:
	links = (
		(row.get("reference_doctype"), row.get("reference_name")),
		("Sales Prospect", row.get("prospect")),
		("Customer", row.get("customer")),
	)
	return [(doctype, name) for doctype, name in links if doctype and name]


def titles_of(doctype: str, names: set[str]) -> dict[str, str]:
	"""{name: title} of documents that the reader may read."""
	if not frappe.db.exists("DocType", doctype) or not frappe.has_permission(doctype, "read"):
		return {}
	field = title_field(doctype)
	rows = frappe.get_list(
		doctype,
		filters={"name": ("in", sorted(names))},
		fields=list(dict.fromkeys(("name", field))),
		order_by="name asc",
		limit=0,
	)
	return {row.name: row[field] or row.name for row in rows}


def readable(doctype: str, names: set[str]) -> set[str]:
	return set(titles_of(doctype, names))
