"""Before 0.4 channels and activity types were options of a field: each value that is stored, or offered, is a record now.

Stored values stay as they are, and with them all filters, reports, boards and conditions that name one.
"""

import re

import frappe

from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import ACTIVITY_TYPE, CHANNEL, NAME_FIELDS

# DocType -> {(DocType, field) that links it}.
FIELDS = {
	CHANNEL: (
		("Sales Lead", "channel"),
		("Sales Prospect", "channel"),
		("Sales Opportunity", "channel"),
		("Sales Project", "channel"),
	),
	ACTIVITY_TYPE: (("Sales Activity", "way"), ("Pipeline Stage Task", "way")),
}


def execute():
	"""Killed, it does again what was done: that changes nothing."""
	for kind, fields in FIELDS.items():
		standard_kinds.make_standard(kind)
		for doctype, field in fields:
			adopt_options(kind, doctype, field)
			adopt_offered(kind, doctype, field)
			adopt_values(kind, doctype, field)


def adopt_options(kind: str, doctype: str, field: str) -> None:
	"""What an admin offered by Customize Form; as options of a link such a list would name a DocType."""
	setters = frappe.get_all(
		"Property Setter",
		filters={"doc_type": doctype, "field_name": field, "property": ("in", ("options", "fieldtype", "default"))},
		fields=["name", "property", "value"],
		order_by="name asc",
	)
	for setter in setters:
		if setter.property == "options":
			for value in filter(None, (line.strip() for line in (setter.value or "").split("\n"))):
				if value != kind:
					adopt(kind, value)
		# A default would not follow when its record is renamed.
		if setter.value != kind:
			frappe.delete_doc("Property Setter", setter.name, force=True)
	if setters:
		frappe.clear_cache(doctype=doctype)


def adopt_offered(kind: str, doctype: str, field: str) -> None:
	"""What a Web Form offers for the field, chosen by nobody yet: it could not be sent any more."""
	for row in frappe.get_all(
		"Web Form Field",
		filters={"fieldname": field, "fieldtype": "Select"},
		fields=["parent", "options"],
		order_by="name asc",
		limit=0,
	):
		if frappe.db.get_value("Web Form", row.parent, "doc_type") == doctype:
			for value in filter(None, (line.strip() for line in (row.options or "").split("\n"))):
				adopt(kind, value)


def adopt_values(kind: str, doctype: str, field: str) -> None:
	table = frappe.qb.DocType(doctype)
	rows = (
		frappe.qb.from_(table)
		.select(table[field])
		.distinct()
		.where(table[field].isnotnull() & (table[field] != ""))
		.run()
	)
	for value in sorted(value for (value,) in rows):
		name = adopt(kind, value)
		if name != value:
			frappe.qb.update(table).set(table[field], name).where(table[field] == value).run()


def adopt(kind: str, value: str) -> str | None:
	"""The record of a value, made where there is none. A name holds no angle brackets, and no spaces around it."""
	name = re.sub(r"\s+", " ", re.sub("[<>]", " ", value)).strip()
	if not name:
		return None
	found = frappe.db.get_value(kind, {"name": name}, "name")
	return found or frappe.get_doc({"doctype": kind, NAME_FIELDS[kind]: name}).insert().name
