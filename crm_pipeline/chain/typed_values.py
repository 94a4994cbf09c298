"""Days and numbers of our documents are such that the database can hold them: else it answers with an error of its own,
which says neither the row nor the field."""

import math

import frappe
from frappe import _
from frappe.utils import cint, flt, get_datetime, getdate

from crm_pipeline.wording import bold

# How each is read; what can't be raises.
MOMENTS = {"Date": getdate, "Datetime": get_datetime}
TEXTS = ("Data", "Small Text", "Text", "Long Text", "Text Editor")
# The first number that no longer fits: decimal(21,9) and int(11).
LIMITS = {"Currency": 10**12, "Float": 10**12, "Percent": 10**12, "Int": 2**31}
# An Int that is longer than int(11) is a bigint.
LIMIT_OF_LONG = 2**63


def take_texts(doc) -> None:
	"""A client of the API may send any type: a number in a field of text is that text, a list or an object is refused."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			value = part.get(df.fieldname) if df.fieldtype in TEXTS else None
			if value is None or isinstance(value, str):
				continue
			if not isinstance(value, int | float):
				_refuse(part, df, _("{0} is not a text"))
			part.set(df.fieldname, str(value))


def check(doc) -> None:
	"""Refuse a day that is none and a number that is too large, in the document and in its rows."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			value = part.get(df.fieldname)
			if value in (None, ""):
				continue
			if df.fieldtype in MOMENTS and not _is_moment(df.fieldtype, value):
				_refuse(part, df, _("{0} is not a date"))
			if df.fieldtype in LIMITS and not _fits(df.fieldtype, value, cint(df.length)):
				_refuse(part, df, _("{0} is too large"))


def _is_moment(fieldtype: str, value) -> bool:
	try:
		MOMENTS[fieldtype](value)
	except Exception:
		return False
	return True


def _fits(fieldtype: str, value, length: int = 0) -> bool:
	number = flt(value)
	limit = LIMIT_OF_LONG if fieldtype == "Int" and length > 11 else LIMITS[fieldtype]
	return math.isfinite(number) and abs(number) < limit


def _refuse(part, df, message: str) -> None:
	said = message.format(bold(_(df.label or df.fieldname)))
	if part.get("parentfield"):
		table = frappe.get_meta(part.parenttype).get_field(part.parentfield)
		said = _("{0}, Row {1}: {2}").format(_(table.label or part.doctype), part.idx, said)
	frappe.throw(said, title=_("Please Check the Values"))
