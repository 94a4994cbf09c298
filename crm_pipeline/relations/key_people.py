"""Who matters at a customer: the posts of a day, as far as the user may see them."""

import frappe
from frappe.utils import getdate

from crm_pipeline.core import relations
from crm_pipeline.relations import posts

FIELDS = (
	"name", "contact", "contact_name", "designation", "department", "role", "influence", "attitude", "reports_to",
	"from_date", "to_date", "notes",
)  # fmt: skip
REACH = ("email_id", "phone", "mobile_no")


def of_customer(customer: str, day, ended: bool = False) -> list[dict]:
	"""Posts at a customer on a day, who decides first: rows of FIELDS with `superior` (the post above that is held on
	that day), `is_ended`, and of those whose Contact the user may read `email_id`, `phone`, `mobile_no`. With `ended`
	those that were over by then follow, the last first."""
	if not frappe.has_permission(posts.DOCTYPE, "read"):
		return []
	day = getdate(day)
	rows = frappe.get_list(
		posts.DOCTYPE, filters={"customer": customer}, fields=list(FIELDS), order_by="name asc", limit=0
	)
	known = {row.name: row for row in rows}
	held = [row for row in rows if posts.period_of(row).holds(day)]
	for row in held:
		row.is_ended = False
		row.superior = relations.superior_on(
			day,
			row.name,
			lambda name: known[name].reports_to if name in known else None,
			lambda name: posts.period_of(known[name]) if name in known else relations.Period(last=day.min),
		)
	found = sorted(held, key=lambda row: (*relations.importance(row.role, row.influence), row.contact_name or ""))
	if ended:
		over = [row for row in rows if row.to_date and getdate(row.to_date) < day]
		for row in over:
			row.update({"is_ended": True, "superior": None})
		found += sorted(over, key=lambda row: getdate(row.to_date), reverse=True)
	return _with_reach(found)


def _with_reach(rows: list[dict]) -> list[dict]:
	reach = {row.name: row for row in readable_contacts({row.contact for row in rows}, ("name", *REACH))}
	for row in rows:
		row.update({field: (reach.get(row.contact) or {}).get(field) for field in REACH})
	return rows


def readable_contacts(names: set[str], fields: tuple[str, ...]) -> list[dict]:
	if not names or not frappe.has_permission("Contact", "read"):
		return []
	return frappe.get_list(
		"Contact", filters={"name": ("in", sorted(names))}, fields=list(fields), order_by="full_name asc", limit=0
	)


def without_post(customer: str, held: list[dict]) -> list[dict]:
	"""Contacts that a customer has beside those with a post: [{"name", "full_name", "designation"}]."""
	table, link = frappe.qb.DocType("Contact"), frappe.qb.DocType("Dynamic Link")
	names = {
		name
		for (name,) in (
			frappe.qb.from_(link)
			.join(table)
			.on(table.name == link.parent)
			.select(table.name)
			.where((link.parenttype == "Contact") & (link.link_doctype == "Customer") & (link.link_name == customer))
		).run()
	}
	return readable_contacts(names - {row.contact for row in held}, ("name", "full_name", "designation"))


def chart(customer: str, day) -> dict:
	"""The organisation chart of a customer: {"posts": of_customer, "people": without_post, "may_change": bool}."""
	held = of_customer(customer, day)
	return {
		"posts": held,
		"people": without_post(customer, held),
		"may_change": bool(frappe.has_permission(posts.DOCTYPE, "write")),
	}


def role_of(contact: str, customer: str | None) -> dict:
	"""{"role", "influence"} of somebody's post at a customer that has not ended; empty where there is none."""
	if not (contact and customer):
		return {}
	rows = frappe.get_all(
		posts.DOCTYPE,
		filters={"contact": contact, "customer": customer, "to_date": ("is", "not set")},
		fields=["role", "influence"],
		order_by="from_date desc",
		limit=1,
	)
	return rows[0] if rows else {}
