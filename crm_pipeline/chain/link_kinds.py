"""Which document types a dynamic link names. Frappe keeps the list of them for hours, and by it a rename follows and a
deletion is refused. Whoever writes a link past a document's own save has to say so."""

import frappe
from frappe.model.dynamic_links import invalidate_distinct_link_doctypes


def note(doctype: str, values) -> None:
	"""The `values`, a dict or document, that are written into a `doctype` may name a document type that no such link has named before."""
	for field in frappe.get_meta(doctype).get_dynamic_link_fields():
		if kind := values.get(field.options):
			invalidate_distinct_link_doctypes(doctype, field.options, kind)
