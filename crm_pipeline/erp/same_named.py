"""Rows and an admin's own fields on their way from one document to another."""

import frappe
from frappe.utils import flt

ROW_FIELDS = (
	"item_code", "item_name", "description", "qty", "uom", "conversion_factor", "price_list_rate",
	"discount_percentage", "rate",
)  # fmt: skip


def copy_row(row, doctype: str) -> dict:
	"""Values for a row of ERPNext's item table `doctype`, an admin's fields of the same name included.

	A rate of zero is a full discount there.
	"""
	values = {field: row.get(field) for field in ROW_FIELDS}
	if not flt(row.rate) and flt(row.price_list_rate):
		values["discount_percentage"] = 100
	return values | same_named(row, frappe.get_meta(doctype))


def keep_levels(doc) -> None:
	"""What was agreed stands in the document that is made of it, whoever makes it: without this the framework empties the
	fields of a new document that the user may not write (permission levels)."""
	doc.flags.ignore_permlevel_for_fields = [df.fieldname for df in doc.meta.fields]


def same_named(source, meta) -> dict:
	"""Values of a document's custom fields that the other DocType has too, with the same name and type."""
	values = {}
	for df in source.meta.get_custom_fields():
		other = meta.get_field(df.fieldname)
		if other and other.fieldtype == df.fieldtype and not (df.no_copy or other.no_copy):
			values[df.fieldname] = source.get(df.fieldname)
	return values


def carry_same_named(source, target) -> None:
	"""Copy custom fields of the same name from one document to another, where the target is empty."""
	for fieldname, value in same_named(source, target.meta).items():
		if target.get(fieldname) in (None, "", 0):
			target.set(fieldname, value)
