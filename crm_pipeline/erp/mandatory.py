"""Which mandatory fields of a document are empty, those that a site made mandatory among them."""

from frappe import _
from frappe.utils import cstr, strip_html


def missing(doc) -> list[str]:
	"""Labels of mandatory fields that are empty, those of rows with their row."""
	return [
		label if row is doc else _("Row {0}: {1}").format(row.idx, label)
		for row in (doc, *doc.get_all_children())
		for df in row.meta.fields
		if df.reqd and _is_empty(row.get(df.fieldname))
		for label in [_(df.label)]
	]


def _is_empty(value) -> bool:
	return value in (None, []) or not strip_html(cstr(value)).strip()
