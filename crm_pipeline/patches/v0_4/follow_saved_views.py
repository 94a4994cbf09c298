"""Saved filters, reports and boards that name a field which 0.4 changed or dropped: they go on working, or are named.

- `won_by` of a deal was "Sales Contract CON-1" and is a document now: filters on the words become filters on type and name.
- `requested_qty` of a contract's row and `conversion_key` of a request were always empty, and are gone: a view, a search or a
  rule that names one would fail.
- Scripts, conditions, templates, queries and print formats are nobody's to rewrite: those that name one are listed in the
  Error Log.
"""

import frappe
from frappe import _
from pypika import Criterion

from crm_pipeline.core.registry import DEALS
from crm_pipeline.patches.saved_views import DROPPED, NAMES, followed, followed_by_name

# Records that an app brings, and renews, say so by one of these.
STANDARD = ("standard", "is_standard")

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
			_store("Auto Email Report", report.name, "filters", report.value, followed_by_name(report.value))
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
	if not (frappe.db.exists("DocType", doctype) and frappe.get_meta(doctype).has_field(field)):
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


def name_code() -> None:
	"""List in the Error Log what names a field that changed or went, and what is not the app's own."""
	found = sorted({line for doctype, fields in CODE.items() for field in fields for line in _naming(doctype, field)})
	if found:
		frappe.log_error(title=_("CRM Pipeline 0.4: these name a field that changed or went"), message="\n".join(found))


def _naming(doctype: str, field: str) -> list[str]:
	if not (frappe.db.exists("DocType", doctype) and frappe.get_meta(doctype).has_field(field)):
		return []
	meta = frappe.get_meta(doctype)
	shown = ["name", *(["parent"] if meta.istable else []), *(mark for mark in STANDARD if meta.has_field(mark))]
	lines = []
	for name in NAMES:
		filters = {field: ("like", f"%{name}%")}
		for row in frappe.get_all(doctype, filters=filters, fields=shown, order_by="name asc", limit=0):
			if not any(row.get(mark) in ("Yes", 1) for mark in STANDARD):
				lines.append(f"{doctype} {row.get('parent') or row.name}: {name}")
	return lines
