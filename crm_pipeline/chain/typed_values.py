"""Days and numbers of our documents are such that the database can hold them: else it answers with an error of its own,
which says neither the row nor the field."""

import math
import re
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import cint, flt, get_datetime, getdate

from crm_pipeline import user_day
from crm_pipeline.wording import bold

# How each is read; what can't be raises.
MOMENTS = {"Date": getdate, "Datetime": get_datetime}
BEGINS_WITH_YEAR = re.compile(r"\d{4}(\D\d{1,2}\D\d{1,2}(\D|$)|\d{4}$|\d{10}$)", re.ASCII)
WITH_ZONE = re.compile(
	r"(?P<day>\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d{3}|\.\d{6})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?", re.ASCII)
TEXTS = ("Data", "Small Text", "Text", "Long Text", "Text Editor")
WORDS = {
	**dict.fromkeys(("1", "true", "yes", "y", "on"), 1),
	**dict.fromkeys(("0", "false", "no", "n", "off", ""), 0),
}
# The first number that no longer fits: decimal(21,9) and int(11).
LIMITS = {"Currency": 10**12, "Float": 10**12, "Percent": 10**12, "Duration": 10**12, "Int": 2**31}
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


def take_checks(doc) -> None:
	"""What other programs write for yes and no is 1 and 0 here; the framework would take each word for a no, and each
	condition before that for a yes."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			value = part.get(df.fieldname) if df.fieldtype == "Check" else None
			if value is None or isinstance(value, int | float):
				continue
			if str(value).strip().casefold() not in WORDS:
				_refuse(part, df, _("{0} is neither yes nor no"))
			part.set(df.fieldname, WORDS[str(value).strip().casefold()])


def take_moments(doc) -> None:
	"""A moment with its distance from UTC, as other systems write it, becomes the site's time."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			if df.fieldtype in MOMENTS and part.get(df.fieldname):
				part.set(df.fieldname, _without_zone(df.fieldtype, part.get(df.fieldname)))


def _without_zone(fieldtype: str, value):
	if isinstance(value, str):
		found = WITH_ZONE.fullmatch(value.strip())
		if not found:
			return value
		if fieldtype == "Date":
			return found["day"]
		try:
			value = datetime.fromisoformat(found[0].replace("Z", "+00:00").replace("z", "+00:00"))
		except ValueError:
			return found[0]
	if not getattr(value, "tzinfo", None):
		return value
	return value.astimezone(user_day.site_zone()).replace(tzinfo=None, fold=0)


def check(doc) -> None:
	"""Refuse a day that is none, and a number that is none or too large, in the document and in its rows."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			value = part.get(df.fieldname)
			if value in (None, ""):
				continue
			if df.fieldtype in MOMENTS and not _is_moment(df.fieldtype, value):
				_refuse(part, df, _("{0} is not a date"))
			if df.fieldtype in LIMITS and isinstance(value, str) and not _is_number(value):
				_refuse(part, df, _("{0} is not a number"))
			if df.fieldtype in LIMITS and not _fits(df.fieldtype, value, cint(df.length)):
				_refuse(part, df, _("{0} is too large"))


def _is_moment(fieldtype: str, value) -> bool:
	# Of 31/12/2030 nobody knows whether it is read as the writer meant it, and the database can't.
	if isinstance(value, str) and not BEGINS_WITH_YEAR.match(value.strip()):
		return False
	try:
		return MOMENTS[fieldtype](value) is not None
	except Exception:
		return False


def _is_number(text: str) -> bool:
	"""Whether the framework reads it as it is meant; of "5 EUR" it would make 0, of "12,5" 125."""
	if "," in text and not GROUPED.fullmatch(text.strip()):
		return False
	try:
		float(text.replace(",", ""))
	except ValueError:
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
