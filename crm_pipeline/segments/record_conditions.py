"""What rules (of assignment, of the public pool) ask of records beside their fields: filters of their own, and a segment.

Rules act for nobody: they are asked of all records, whoever saved one or runs the job. A condition that can't be asked any
more (a field is gone, a segment was disabled) is met by none, and keeps no other rule from its work.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

import frappe
from frappe import _

from crm_pipeline.chain import locks
from crm_pipeline.core.segments import CUSTOMER, LEAD, PROSPECT
from crm_pipeline.segments import segment_members
from crm_pipeline.segments.segment_members import SEGMENT
from crm_pipeline.wording import bold, plain

RULES = ("Lead Assignment Rule", "Pool Rule")
# {type of records: {type of a segment: the field of the record that names what may belong to it}}
REACH = {
	LEAD: {LEAD: "name", CUSTOMER: "customer", PROSPECT: "prospect"},
	PROSPECT: {PROSPECT: "name"},
	CUSTOMER: {CUSTOMER: "name"},
}


def filters_of(text: str | None, doctype: str) -> list:
	"""Own filters as those of a list; raises ValueError for what is no list or object of them."""
	found = json.loads((text or "").strip() or "[]")
	if isinstance(found, dict):
		return [[doctype, key, *(value if isinstance(value, list) else ("=", value))] for key, value in found.items()]
	if not isinstance(found, list) or not all(isinstance(row, list) and len(row) >= 3 for row in found):
		raise ValueError("no filters")
	# A filter of a list names its type first, and says last whether it is hidden.
	return [row[:4] if len(row) > 4 else row for row in found]


# ---- checked on save


def keep_usable(segment) -> None:
	"""Part of validate() of a Sales Segment: raises ValidationError where a rule could not ask for it any more."""
	before = segment.get_doc_before_save()
	if not before or not (segment.disabled or segment.applies_to != before.applies_to):
		return
	used = [
		f"{_(doctype)} {bold(name)}"
		for doctype in RULES
		for name in frappe.get_all(
			doctype, filters={"segment": segment.name, "disabled": 0}, pluck="name", order_by="name asc", limit=0
		)
	]
	if used:
		frappe.throw(
			_("{0} is a condition of {1}. Change or disable that first.").format(bold(segment.name), ", ".join(used))
		)


def check(doc, doctype: str) -> None:
	"""Part of validate() of a rule with `own_filters` and `segment`: raises ValidationError for what can't be asked."""
	_check_filters(doc, doctype)
	if not doc.segment:
		return
	segment = frappe.db.get_value(SEGMENT, doc.segment, ["applies_to", "disabled"], as_dict=True)
	if segment and segment.applies_to not in REACH[doctype]:
		frappe.throw(
			_("{0} {1} is of {2}, and no {3} belongs to such a segment").format(
				_label(doc, "segment"), bold(doc.segment), _(segment.applies_to), _(doctype)
			)
		)
	if segment and segment.disabled and not doc.disabled:
		frappe.throw(_("{0} {1} is disabled").format(_label(doc, "segment"), bold(doc.segment)))


def _check_filters(doc, doctype: str) -> None:
	try:
		# As it will be asked; nobody's records are answered to anybody.
		filters = filters_of(doc.own_filters, doctype)
		frappe.get_all(doctype, filters=filters, pluck="name", limit=1, order_by="name asc")
	except Exception as error:
		if locks.is_lost_race(error) or locks.is_lost_connection(error):
			raise
		frappe.clear_messages()
		frappe.throw(
			_("{0} can't be read as filters of {1}: {2}").format(
				_label(doc, "own_filters"), _(doctype), plain(str(error)[:200])
			)
		)


def _label(doc, field: str) -> str:
	return bold(_(doc.meta.get_label(field)))


# ---- asked


def with_own(doctype: str, names: Sequence[str], docs: Iterable) -> dict[str, set[str]]:
	"""{rule: those of the records that meet its own filters}, of the rules that have some."""
	found = {}
	for doc in docs:
		if (doc.own_filters or "").strip():
			found[doc.name] = _asked(doc, "own_filters", lambda doc=doc: _by_filters(doctype, names, doc))
	return found


def _by_filters(doctype: str, names: Sequence[str], doc) -> set[str]:
	filters = filters_of(doc.own_filters, doctype)
	asked = [*filters, [doctype, "name", "in", list(names)]]
	return set(frappe.get_all(doctype, filters=asked, pluck="name", order_by="name asc", limit=0))


def in_segments(doctype: str, rows: Sequence[Mapping], docs: Iterable) -> dict[str, set[str]]:
	"""{segment that one of the rules names: names of the records that belong to it}; a lead also does by its customer or
	prospect. `rows` have name and, of leads, customer and prospect."""
	found: dict[str, set[str]] = {}
	for doc in docs:
		if doc.segment and doc.segment not in found:
			found[doc.segment] = _asked(doc, "segment", lambda doc=doc: _of_segment(doctype, rows, doc.segment))
	return found


def _of_segment(doctype: str, rows: Sequence[Mapping], name: str) -> set[str]:
	segment = frappe.get_cached_doc(SEGMENT, name)
	field = REACH[doctype].get(segment.applies_to)
	if segment.disabled or not field:
		return set()
	asked = sorted({row[field] for row in rows if row.get(field)})
	members = set(segment_members.names(segment, among=asked, unrestricted=True)) if asked else set()
	return {row["name"] for row in rows if row.get(field) in members}


def _asked(doc, what: str, ask) -> set[str]:
	try:
		return ask()
	except Exception as error:
		if locks.is_lost_race(error) or locks.is_lost_connection(error):
			raise
		frappe.clear_messages()
		frappe.log_error(title=f"CRM Pipeline: {doc.doctype} {doc.name}: {what}"[:140])
		return set()
