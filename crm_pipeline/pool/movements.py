"""Pool Movement: what went into the public pool and out of it, when, by whom and to whom; nobody changes it."""

import frappe
from frappe.utils import now_datetime, strip_html

from crm_pipeline.pool.pool_rules import CUSTOMER, MOVEMENT, PROSPECT

_COLUMNS = (
	*("name", "creation", "modified", "modified_by", "owner", "docstatus", "idx"),
	*("reference_doctype", "reference_name", "title", "movement", "at", "by", "from_user", "to_user", "pool_rule"),
	*("note", "company", "customer", "prospect"),
)


def record_many(doctype: str, moves: list[tuple]) -> None:
	"""One row for each (record, movement, from, to, rule, reason), in one statement; `record` has name, title and its links."""
	at, by = now_datetime(), frappe.session.user
	rows = [
		(frappe.generate_hash(length=10), at, at, by, by, 0, 0)
		+ (
			doctype,
			row.name,
			strip_html(str(row.get("title") or row.name))[:140],
			movement,
			at,
			by,
			old,
			new,
			rule,
			reason,
		)
		+ (row.get("company"), *_parties(doctype, row))
		for row, movement, old, new, rule, reason in moves
	]
	if rows:
		frappe.db.bulk_insert(MOVEMENT, list(_COLUMNS), rows)


def record(doc, movement: str, old: str | None, new: str | None, rule: str | None, reason: str | None = None) -> None:
	title = doc.get("title") or doc.get("customer_name") or doc.get("prospect_name")
	row = frappe._dict(
		name=doc.name,
		title=title,
		company=doc.get("company"),
		customer=doc.get("customer"),
		prospect=doc.get("prospect"),
	)
	record_many(doc.doctype, [(row, movement, old, new, rule, reason)])


def _parties(doctype: str, row) -> tuple[str | None, str | None]:
	if doctype == CUSTOMER:
		return row.name, None
	return row.get("customer"), row.name if doctype == PROSPECT else row.get("prospect")
