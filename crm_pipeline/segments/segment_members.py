"""Who belongs to a segment now, as far as the reader may see: filters by Frappe's own lists, then what they did."""

import json
from collections.abc import Sequence
from datetime import date

import frappe
from frappe import _

from crm_pipeline.chain import locks, rights
from crm_pipeline.core import segments as rules
from crm_pipeline.core.segments import Behaviour
from crm_pipeline.segments.behaviours import Look, who_did
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold

SEGMENT = "Sales Segment"
LIMITS = ("min_amount", "max_amount", "min_quantity", "min_events")
# Names that the address of a list can hold.
MOST_IN_LIST = 300


def names(
	segment, today: date | None = None, among: Sequence[str] | None = None, unrestricted: bool = False
) -> list[str]:
	"""Names of the records of a Sales Segment document that the user may read, by name; `among`: of these records alone;
	`unrestricted`: whoever may read them, for jobs that act for nobody.

	Raises ValidationError for a filter that no longer can be asked, PermissionError for events that the user may not read.
	"""
	look = Look(segment.company, today or user_today(), among, unrestricted)
	found = _by_filters(segment, look)
	behaviours = [behaviour(row) for row in segment.behaviours]
	met = [(asked, who_did(asked, segment.applies_to, look)) for asked in behaviours]
	return rules.members(found, met)


def _by_filters(segment, look: Look | None = None) -> list[str]:
	look = look or Look(None, user_today())
	filters = filters_of(segment)
	if look.among is not None:
		filters.append([segment.applies_to, "name", "in", list(look.among) or [""]])
	if not look.unrestricted:
		rights.need(segment.applies_to)
	# A job asks for all, as its rule says; nothing but names leaves it.
	query = frappe.get_all if look.unrestricted else frappe.get_list
	try:
		found = query(segment.applies_to, filters=filters, pluck="name", order_by="name asc", limit=0)
		# A filter on rows of a table finds a record once for each.
		return list(dict.fromkeys(found))
	except Exception as error:
		# Whatever the framework or the database says of a filter that can't be asked; not of a server in trouble.
		if locks.is_lost_race(error) or locks.is_lost_connection(error):
			raise
		frappe.clear_messages()
		frappe.throw(
			_(
				"Segment {0}: a filter asks for a field or a value that {1} does not have, or that you may not see. Please choose it again."
			).format(bold(segment.name or segment.segment_name), _(segment.applies_to)),
			title=_("Filter of a Segment"),
		)


def filters_of(segment) -> list[list]:
	"""[[DocType, field, operator, value]] of a segment. Raises ValidationError for what is no list of filters."""
	try:
		found = json.loads(segment.filters or "[]")
	except ValueError:
		found = None
	if not isinstance(found, list) or not all(_is_filter(row, segment.applies_to) for row in found):
		frappe.throw(
			_("Filters: please give a list of filters, each with {0}, a field, an operator and a value").format(
				_(segment.applies_to)
			)
		)
	return [row[:4] for row in found]


def _is_filter(row, doctype: str) -> bool:
	"""Of the record itself or of one of its tables; nothing that the framework would take for SQL."""
	if not isinstance(row, list) or len(row) < 4 or not all(isinstance(part, str) for part in row[:3]):
		return False
	tables = {df.options for df in frappe.get_meta(doctype).get_table_fields()}
	return row[0] in {doctype, *tables} and row[1].replace("_", "").isalnum()


def behaviour(row) -> Behaviour:
	"""A row of a segment; 0 is not asked for."""
	return Behaviour(
		kind=row.kind,
		negated=bool(row.negated),
		days=row.days or None,
		first=row.from_date and frappe.utils.getdate(row.from_date),
		last=row.to_date and frappe.utils.getdate(row.to_date),
		item=row.item_code or None,
		item_group=row.item_group or None,
		**{limit: row.get(limit) or None for limit in LIMITS},
	)


def check(segment) -> None:
	"""Part of validate(): what can't be asked is refused, by its row."""
	filters_of(segment)
	for row in segment.behaviours:
		if key := rules.problem(behaviour(row), segment.applies_to, segment.company):
			frappe.throw(_("Behaviours, row {0}: {1}").format(row.idx, _in_words(key, row.kind)))
	_by_filters(segment)


def _in_words(key: str, kind: str) -> str:
	return {
		rules.UNKNOWN: _("{0} is not known of such records").format(_(kind)),
		rules.NEGATIVE: _("a limit can't be negative"),
		rules.DAYS_RANGE: _("Days: at most {0}").format(rules.MOST_DAYS),
		rules.DAYS_TWICE: _("choose Days, or From Date and To Date"),
		rules.DAYS_ORDER: _("From Date is after To Date"),
		rules.NO_DAYS: _("{0} is as of now and takes no days").format(_(kind)),
		rules.NO_PRODUCTS: _("{0} takes no item, quantity or amount").format(_(kind)),
		rules.AMOUNT_ORDER: _("Minimum Amount is more than Maximum Amount"),
		rules.NO_COMPANY: _("choose the company in whose currency the amounts are"),
	}[key]


def count(segment) -> int:
	return len(names(segment))


def as_list(segment) -> dict:
	"""How Desk shows the records: {"doctype", "count", "filters": [[field, operator, value]] or None where there are too
	many for a list's address}."""
	found, filters = names(segment), filters_of(segment)
	fields = {field for doctype, field, *_rest in filters if doctype == segment.applies_to}
	# A list takes one filter a field, and knows nothing of what they did.
	if not segment.behaviours and len(fields) == len(filters):
		listed = [row[1:] for row in filters]
	else:
		listed = [["name", "in", found]] if len(found) <= MOST_IN_LIST else None
	return {"doctype": segment.applies_to, "count": len(found), "filters": listed}
