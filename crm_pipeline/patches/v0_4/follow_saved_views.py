"""Saved filters, reports and boards that name a field which 0.4 changed or dropped: they go on working, or are named.

- `won_by` of a deal was "Sales Contract CON-1" and is a document now: filters on the words become filters on type and name.
- `requested_qty` of a contract's row and `conversion_key` of a request were always empty, and are gone: a view, a search or a
  rule that names one would fail.
- Scripts, conditions, templates, queries and print formats are nobody's to rewrite: those that name one are listed in the
  Error Log.
"""

import json

import frappe
from frappe import _
from pypika import Criterion

from crm_pipeline.core.registry import DEALS, WINNERS
from crm_pipeline.patches.v0_4.name_winners import split

WON_BY = "won_by"
DROPPED = {"Sales Contract Item": "requested_qty", "Sales Order Request": "conversion_key"}
# The document that has these rows.
TABLES = {"Sales Contract Item": "Sales Contract"}
NAMES = (WON_BY, *DROPPED.values())
OUR_MODULES = ("CRM Pipeline", "CRM Prospecting")

# (DocType, field with JSON, field with the DocType that it is about).
VIEWS = (
	("Report", "json", "ref_doctype"),
	("List Filter", "filters", "reference_doctype"),
	("List View Settings", "fields", "name"),
	("Kanban Board", "filters", "reference_doctype"),
	("Kanban Board", "fields", "reference_doctype"),
	("Number Card", "filters_json", "document_type"),
	("Number Card", "dynamic_filters_json", "document_type"),
	("Dashboard Chart", "filters_json", "document_type"),
	("Dashboard Chart", "dynamic_filters_json", "document_type"),
	("Workspace Shortcut", "stats_filter", "link_to"),
	("Workspace Quick List", "quick_list_filter", "document_type"),
	("Web Form", "condition_json", "doc_type"),
	("Print Format", "format_data", "doc_type"),
)
# Rows of these that name a field which is gone: (DocType, its field, the parent's field with the DocType).
ROWS = (("Web Form Field", "fieldname", "doc_type"), ("Document Naming Rule Condition", "field", "document_type"))
# What nobody but its author can rewrite. DocType -> fields.
CODE = {
	"Server Script": ("script",),
	"Client Script": ("script",),
	"Custom HTML Block": ("script", "html"),
	"Notification": ("condition", "subject", "message", "value_changed", "property_value"),
	"Email Template": ("subject", "response", "response_html"),
	"Assignment Rule": ("assign_condition", "unassign_condition", "close_condition"),
	"Webhook": ("condition", "webhook_json"),
	"Webhook Data": ("fieldname",),
	"Workflow Transition": ("condition",),
	"Print Format": ("html", "raw_commands"),
	"Report": ("query", "report_script", "javascript"),
	"Web Form": ("client_script",),
	"Web Form Field": ("depends_on", "mandatory_depends_on", "read_only_depends_on"),
	"Custom Field": ("fetch_from", "depends_on", "mandatory_depends_on", "read_only_depends_on"),
	"Property Setter": ("value",),
	"Number Card": ("aggregate_function_based_on",),
	"Dashboard Chart": ("group_by_based_on", "value_based_on", "aggregate_function_based_on"),
	"Calendar View": ("subject_field",),
	"Kanban Board": ("field_name",),
}
OURS = ("Sales Contract", *DEALS, *DROPPED)
# Properties of a DocType that list fields, with commas between them; and those that are one field.
LISTS, SINGLE = ("search_fields",), ("title_field", "sort_field", "image_field")


def execute():
	"""Killed, it does again what was done: that changes nothing."""
	for doctype, field, about in VIEWS:
		follow_view(doctype, field, about)
	for report in _about_ours("Auto Email Report", "filters", "report"):
		about = frappe.db.get_value("Report", report.about, "ref_doctype")
		if about in OURS:
			_store("Auto Email Report", report.name, "filters", report.value, followed(report.value, about))
	follow_user_settings()
	for doctype, field in DROPPED.items():
		forget_field(doctype, field)
	name_code()


def follow_view(doctype: str, field: str, about: str) -> None:
	for row in _about_ours(doctype, field, about):
		if row.about in OURS:
			_store(doctype, row.name, field, row.value, followed(row.value, row.about))


def _about_ours(doctype: str, field: str, about: str) -> list[dict]:
	"""{"name", "value", "about"} of the records that name one of the fields; none where a site has no such field."""
	if not (frappe.db.table_exists(doctype) and frappe.db.has_column(doctype, field)):
		return []
	view = frappe.qb.DocType(doctype)
	named = Criterion.any([view[field].like(f"%{name}%") for name in NAMES])
	query = frappe.qb.from_(view).select(view.name, view[field].as_("value"), view[about].as_("about")).where(named)
	return query.orderby(view.name).run(as_dict=True)


def _store(doctype: str, name: str, field: str, old: str, new: str) -> None:
	if new != old:
		frappe.db.set_value(doctype, name, field, new, update_modified=False)


def forget_field(doctype: str, field: str) -> None:
	"""What an admin set about a field that is gone goes, too: with it a list, a search or a new document would fail."""
	frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": field})
	for row in frappe.get_all(
		"Property Setter",
		filters={"doc_type": doctype, "property": ("in", (*LISTS, *SINGLE)), "value": ("like", f"%{field}%")},
		fields=["name", "property", "value"],
		order_by="name asc",
		limit=0,
	):
		left = [name.strip() for name in row.value.split(",") if name.strip() != field]
		if row.property in LISTS and left:
			frappe.db.set_value("Property Setter", row.name, "value", ", ".join(left), update_modified=False)
		elif len(left) < len(row.value.split(",")):
			frappe.db.delete("Property Setter", {"name": row.name})
	for rows, column, about in ROWS:
		_forget_rows(rows, column, about, doctype, field)
	frappe.clear_cache(doctype=doctype)


def _forget_rows(rows: str, column: str, about: str, doctype: str, field: str) -> None:
	for row in frappe.get_all(
		rows, filters={column: field}, fields=["name", "parent", "parenttype"], order_by="name asc", limit=0
	):
		if frappe.db.get_value(row.parenttype, row.parent, about) == doctype:
			frappe.db.delete(rows, {"name": row.name})


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
	if isinstance(part, dict):
		# A column of a list or of a grid.
		fields = {field for doctype, field in DROPPED.items() if about in (doctype, TABLES.get(doctype))}
		return part.get("fieldname") in fields
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
	"""List in the Error Log what names a field that changed or went, and what is not the app's own."""
	found = sorted({line for doctype, fields in CODE.items() for field in fields for line in _naming(doctype, field)})
	if found:
		frappe.log_error(title=_("CRM Pipeline 0.4: these name a field that changed or went"), message="\n".join(found))


def _naming(doctype: str, field: str) -> list[str]:
	if not (frappe.db.table_exists(doctype) and frappe.db.has_column(doctype, field)):
		return []
	meta = frappe.get_meta(doctype)
	shown = ["name", *(["parent"] if meta.istable else []), *(["module"] if meta.has_field("module") else [])]
	lines = []
	for name in NAMES:
		filters = {field: ("like", f"%{name}%")}
		for row in frappe.get_all(doctype, filters=filters, fields=shown, order_by="name asc", limit=0):
			if row.get("module") not in OUR_MODULES:
				lines.append(f"{doctype} {row.get('parent') or row.name}: {name}")
	return lines
