"""Saved filters, reports and boards that name a field which 0.4 changed or dropped: they go on working, or are named.

- `won_by` of a deal was "Sales Contract CON-1" and is a document now: filters on the words become filters on type and name.
- `requested_qty` of a contract's row and `conversion_key` of a request were always empty, and are gone: a view that names
  one would not open any more.
- Scripts, conditions, queries and print formats are nobody's to rewrite: those that name one are listed in the Error Log.
"""

import json

import frappe
from frappe import _

from crm_pipeline.core.registry import DEALS, WINNERS
from crm_pipeline.patches.v0_4.name_winners import split

WON_BY = "won_by"
DROPPED = {"Sales Contract Item": "requested_qty", "Sales Order Request": "conversion_key"}
NAMES = (WON_BY, *DROPPED.values())

# DocType -> (field with JSON, field with what it is about).
VIEWS = {
	"Report": ("json", "ref_doctype"),
	"List Filter": ("filters", "reference_doctype"),
	"Kanban Board": ("filters", "reference_doctype"),
	"Number Card": ("filters_json", "document_type"),
	"Dashboard Chart": ("filters_json", "document_type"),
}
CODE = {
	"Server Script": "script",
	"Client Script": "script",
	"Notification": "condition",
	"Assignment Rule": "assign_condition",
	"Webhook": "condition",
	"Print Format": "html",
	"Report": "query",
}
OURS = ("Sales Contract", *DEALS, *DROPPED)


def execute():
	"""Killed, it does again what was done: that changes nothing."""
	for doctype, (field, about) in VIEWS.items():
		filters = {about: ("in", OURS), field: ("is", "set")}
		for row in frappe.get_all(
			doctype, filters=filters, fields=["name", field, about], order_by="name asc", limit=0
		):
			new = followed(row[field], row[about])
			if new != row[field]:
				frappe.db.set_value(doctype, row.name, field, new, update_modified=False)
	follow_user_settings()
	frappe.db.delete(
		"Property Setter", {"doc_type": ("in", tuple(DROPPED)), "field_name": ("in", tuple(DROPPED.values()))}
	)
	name_code()


def follow_user_settings() -> None:
	"""What each user had last in a list."""
	for user, doctype, data in frappe.db.sql(
		"select user, doctype, data from `__UserSettings` where doctype in %s order by user, doctype", (OURS,)
	):
		new = followed(data, doctype)
		if new != data:
			frappe.db.sql(
				"update `__UserSettings` set data = %s where user = %s and doctype = %s", (new, user, doctype)
			)
	frappe.cache.delete_value("_user_settings")


def followed(text: str | None, about: str) -> str | None:
	"""The JSON of a view about a DocType as it is now; what can't be read, or names none of the fields, as it was."""
	if not text or not any(name in text for name in NAMES):
		return text
	try:
		found = json.loads(text)
	except ValueError:
		return text
	new = _followed(found, about)
	return text if new == found else json.dumps(new)


def _followed(value, about: str):
	if isinstance(value, dict):
		return {
			key: _followed(part, about)
			for key, part in value.items()
			if not (_is_order(key) and _is_dropped(part, about))
		}
	if not isinstance(value, list):
		return value
	found = []
	for part in value:
		if _is_dropped(part, about):
			continue
		found += _filters(part, about) or [_followed(part, about)]
	return found


def _is_order(key: str) -> bool:
	return key in ("sort_by", "sort_by_next", "order_by")


def _is_dropped(part, about: str) -> bool:
	"""A column (field, or field and DocType), a filter (DocType, field, ...) or an order by a field that is gone."""
	pairs = list(DROPPED.items())
	if isinstance(part, str):
		return any(
			(part == field and about == doctype) or f"`tab{doctype}`.`{field}`" in part for doctype, field in pairs
		)
	if not isinstance(part, list) or len(part) < 2 or not all(isinstance(word, str) for word in part[:2]):
		return False
	return (part[0], part[1]) in pairs or (part[1], part[0]) in pairs


def _filters(part, about: str) -> list | None:
	"""A filter on the words as filters on type and name; None for anything else."""
	if not isinstance(part, list) or WON_BY not in part[:2]:
		return None
	at = part.index(WON_BY)
	doctype = part[0] if at else about
	if doctype not in DEALS or len(part) < at + 3:
		return None
	operator, result = part[at + 1], part[at + 2]
	of = lambda field, operator, result: [*part[:at], field, operator, result, *part[at + 3 :]]  # noqa: E731
	if isinstance(result, list):
		return [of(WON_BY, operator, [winner.name if (winner := split(str(words))) else words for words in result])]
	words = str(result or "").strip("% ")
	winner = None if words in WINNERS else split(words)
	kind = winner.doctype if winner else words if words in WINNERS else None
	if not kind or operator not in ("=", "!=", "like", "not like"):
		return None
	if operator in ("!=", "not like"):
		return (
			[of(WON_BY, operator, str(result).replace(f"{kind} ", "", 1))]
			if winner
			else [of("won_by_type", "!=", kind)]
		)
	by_type = [of("won_by_type", "=", kind)]
	return [*by_type, of(WON_BY, operator, str(result).replace(f"{kind} ", "", 1))] if winner else by_type


def name_code() -> None:
	found = sorted(
		f"{doctype} {row}: {name}"
		for doctype, field in CODE.items()
		for name in NAMES
		for row in frappe.get_all(
			doctype, filters={field: ("like", f"%{name}%")}, pluck="name", order_by="name asc", limit=0
		)
	)
	if found:
		frappe.log_error(title=_("CRM Pipeline 0.4: these name a field that changed or went"), message="\n".join(found))
