"""A record of any type has another name: segments and rules that ask for it by name ask for it by the new one.

A link follows by itself. A value of a condition is text.
"""

import json

import frappe
from frappe import _

from crm_pipeline.chain import locks
from crm_pipeline.core import scoring
from crm_pipeline.pool import pool_rules
from crm_pipeline.scoring import score_rules

# Where conditions are kept as filters of a list, and which field says of which type of records.
FILTERS = (
	("Sales Segment", "filters", "applies_to"),
	("Lead Assignment Rule", "own_filters", None),
	("Pool Rule", "own_filters", "document_type"),
)
LEAD = "Sales Lead"
# While tables change our own may not be there yet.
CHANGING = ("in_install", "in_migrate", "in_patch", "in_uninstall")
# Operators whose value is a part of a text.
PARTS = ("like", "not like")


def follow_values(doc, method=None, *renamed) -> None:
	"""after_rename(old, new, merge) of every type."""
	if any(frappe.flags.get(flag) for flag in CHANGING):
		return
	try:
		_follow(doc.doctype, *renamed[:2])
	except Exception as error:
		# The record has its name, whatever becomes of our conditions.
		if locks.is_lost_race(error):
			raise
		frappe.log_error(
			title=_("CRM Pipeline: conditions did not follow the new name of {0}").format(renamed[1])[:140]
		)


def _follow(renamed: str, old: str, new: str) -> None:
	for doctype, field, of_type in FILTERS:
		fields = ["name", field, *([of_type] if of_type else [])]
		for row in frappe.get_all(doctype, fields=fields, order_by="name asc", limit=0):
			text = with_new_name(row[field], row[of_type] if of_type else LEAD, renamed, old, new)
			if text != row[field]:
				frappe.db.set_value(doctype, row.name, field, text, update_modified=False)
	_follow_in_scores(renamed, old, new)
	pool_rules.forget()


def with_new_name(text: str | None, applies_to: str, doctype: str, old: str, new: str) -> str | None:
	"""Filters as stored, with the new name where a field that links to `doctype` is compared with the old one. What can't be
	read stays as it is: whoever uses it says so."""
	try:
		found = json.loads((text or "").strip() or "[]")
	except ValueError:
		return text
	if isinstance(found, dict):
		named = {
			key: _value(value, old, new) if _links(applies_to, key, doctype) else value for key, value in found.items()
		}
	elif isinstance(found, list):
		named = [_row(row, applies_to, doctype, old, new) for row in found]
	else:
		return text
	return text if named == found else json.dumps(named, indent=1, ensure_ascii=False)


def _row(row, applies_to: str, doctype: str, old: str, new: str):
	if not isinstance(row, list) or len(row) < 3:
		return row
	at = 3 if len(row) > 3 else 2
	of, field, operator = (row[0], row[1], row[2]) if at == 3 else (applies_to, row[0], row[1])
	if operator in PARTS or not _links(of, field, doctype):
		return row
	return [*row[:at], _value(row[at], old, new), *row[at + 1 :]]


def _links(of, field, doctype: str) -> bool:
	"""Whether that field names records of `doctype`."""
	if not (isinstance(of, str) and isinstance(field, str) and frappe.db.exists("DocType", of)):
		return False
	if field == "name":
		return of == doctype
	found = frappe.get_meta(of).get_field(field)
	return bool(found) and found.fieldtype == "Link" and found.options == doctype


def _value(value, old: str, new: str):
	if isinstance(value, list):
		return [_value(each, old, new) for each in value]
	if isinstance(value, str) and "," in value and value != old:
		parts = [part.strip() for part in value.split(",")]
		return ", ".join(new if part == old else part for part in parts) if old in parts else value
	return new if value == old else value


def _follow_in_scores(doctype: str, old: str, new: str) -> None:
	rows = frappe.get_all(
		score_rules.RULE,
		filters={"kind": scoring.FIELD},
		fields=["name", "fieldname", "value"],
		order_by="name asc",
		limit=0,
	)
	for row in rows:
		field = score_rules.field_of(row.fieldname)
		lines = (row.value or "").split("\n")
		if not field or field.fieldtype != "Link" or field.options != doctype:
			continue
		named = [new if line.strip().casefold() == old.casefold() else line for line in lines]
		if named != lines:
			frappe.db.set_value(score_rules.RULE, row.name, "value", "\n".join(named), update_modified=False)
