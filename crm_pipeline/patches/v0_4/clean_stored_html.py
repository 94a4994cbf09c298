"""Texts that came in as submitted, or read as JSON, were not cleaned before 0.4. What is clean already stays."""

import frappe

from crm_pipeline.chain import clean_html

PAGE = 500


def execute():
	modules = frappe.get_all("Module Def", filters={"app_name": "crm_pipeline"}, pluck="name", order_by="name asc")
	filters = {"module": ("in", modules), "issingle": 0}
	for doctype in frappe.get_all("DocType", filters=filters, pluck="name", order_by="name asc", limit=0):
		clean(doctype)


def clean(doctype: str) -> None:
	"""Clean all stored rows of a DocType, page by page."""
	fields = [df.fieldname for df in frappe.get_meta(doctype).fields if df.fieldtype in clean_html.TEXTS]
	columns = set(frappe.db.get_table_columns(doctype))
	fields = [field for field in fields if field in columns]
	last = ""
	while fields:
		rows = frappe.get_all(
			doctype,
			filters={"name": (">", last)},
			or_filters={field: ("like", "%<%") for field in fields},
			fields=["name", *fields],
			order_by="name asc",
			limit=PAGE,
		)
		for row in rows:
			_clean_row(doctype, row, fields)
		if len(rows) < PAGE:
			return
		last = rows[-1].name


def _clean_row(doctype: str, row, fields: list[str]) -> None:
	found = {field: row[field] for field in fields if row[field] and clean_html.TAG.search(row[field])}
	changed = {field: new for field, text in found.items() if (new := clean_html.cleaned(text)) != text}
	if changed:
		frappe.db.set_value(doctype, row.name, changed, update_modified=False)
