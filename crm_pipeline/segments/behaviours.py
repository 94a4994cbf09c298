"""Who did what: the records that meet a behaviour of a segment, among the events that the reader may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import frappe
from frappe.query_builder import Case
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import getdate

from crm_pipeline.analytics.scope import visible, within
from crm_pipeline.chain import rights
from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.core.segments import BILLED, BUYING, CONTACTED, CUSTOMER, LEAD, ORDERED, PROSPECT, Behaviour

ACTIVITY, MAIL = "Sales Activity", "Communication"
# Where events about products are: the document, its rows, its day.
DOCUMENTS = {ORDERED: ("Sales Order", "transaction_date"), BILLED: ("Sales Invoice", "posting_date")}
# The field of a document of ours that names the record.
PARTY_FIELDS = {CUSTOMER: "customer", PROSPECT: "prospect"}
# What a behaviour asks the reader's right for.
ASKED = {
	ORDERED: ("Sales Order",),
	BILLED: ("Sales Invoice",),
	CONTACTED: (ACTIVITY,),
	"Open Deal": DEALS,
}


@dataclass(frozen=True)
class Look:
	"""Of which events somebody asks: of one company or all, as of a day, about all records or some of them (`among`), and
	those that the user sees, or `unrestricted`, all."""

	company: str | None
	today: date
	among: Sequence[str] | None = None
	unrestricted: bool = False

	def at(self, query, doctype: str, record):
		"""The query on `tab<doctype>` narrowed; `record` is its field with the record that an event is about."""
		if self.among is not None:
			query = query.where(record.isin(list(self.among) or [""]))
		return query if self.unrestricted else visible(query, doctype)


def who_did(asked: Behaviour, doctype: str, look: Look) -> set[str]:
	"""Names of the records of `doctype` with events that meet `asked`, whether it is negated or not.

	Raises PermissionError for who may not read such documents.
	"""
	if not look.unrestricted:
		for needed in ASKED[asked.kind]:
			rights.need(needed)
	if asked.kind in BUYING:
		return _bought(asked, look)
	if asked.kind == CONTACTED:
		return _contacted(asked, doctype, look)
	return _with_open_deal(asked, doctype, look)


def _bought(asked: Behaviour, look: Look) -> set[str]:
	doctype, day = DOCUMENTS[asked.kind]
	document, row = frappe.qb.DocType(doctype), frappe.qb.DocType(f"{doctype} Item")
	# What was returned or credited is no event, and is taken off.
	bought = document.name if asked.kind == ORDERED else Case().when(document.is_return == 0, document.name)
	query = (
		frappe.qb.from_(document)
		.join(row)
		.on((row.parent == document.name) & (row.parenttype == doctype))
		.select(document.customer, Count(bought).distinct(), Sum(row.stock_qty), Sum(row.base_net_amount))
		.where(document.docstatus == 1)
		.groupby(document.customer)
	)
	if asked.kind == BILLED:
		# What was owed when the books were opened was bought before.
		query = query.where(Coalesce(document.is_opening, "") != "Yes")
	if asked.item:
		query = query.where(row.item_code == asked.item)
	if asked.item_group:
		query = query.where(within(row.item_group, "Item Group", asked.item_group))
	query = _in_days(_of_company(query, document, look.company), document[day], asked, look.today)
	found = look.at(query, doctype, document.customer).run()
	return {name for name, count, quantity, amount in found if asked.is_met(count, quantity or 0, amount or 0)}


def _contacted(asked: Behaviour, doctype: str, look: Look) -> set[str]:
	"""By an activity that was done, or by a mail, in or out, about the record itself."""
	counts: dict[str, int] = {}
	for query in (_activities(doctype, look), _mails(doctype, look)):
		if query:
			for name, count in _in_days(*query, asked, look.today, until_now=True).run():
				counts[name] = counts.get(name, 0) + count
	return {name for name, count in counts.items() if asked.is_met(count)}


def _activities(doctype: str, look: Look) -> tuple:
	"""(query, its field with the moment)."""
	activity = frappe.qb.DocType(ACTIVITY)
	if doctype == LEAD:
		name, about = activity.reference_name, activity.reference_doctype == LEAD
	else:
		name = activity[PARTY_FIELDS[doctype]]
		about = name.isnotnull() & (name != "")
	query = (
		frappe.qb.from_(activity)
		.select(name, Count(activity.name))
		.where(about & (activity.status == "Done"))
		.groupby(name)
	)
	if look.company:
		query = query.where(activity.company.isnull() | activity.company.isin((look.company, "")))
	return look.at(query, ACTIVITY, name), activity.starts_on


def _mails(doctype: str, look: Look) -> tuple | None:
	"""The same of mails, which belong to no company; None for who reads none."""
	if not (look.unrestricted or frappe.has_permission(MAIL, "read")):
		return None
	mail = frappe.qb.DocType(MAIL)
	query = (
		frappe.qb.from_(mail)
		.select(mail.reference_name, Count(mail.name))
		.where((mail.reference_doctype == doctype) & (mail.communication_type == "Communication"))
		.groupby(mail.reference_name)
	)
	return look.at(query, MAIL, mail.reference_name), mail.communication_date


def _with_open_deal(asked: Behaviour, doctype: str, look: Look) -> set[str]:
	counts: dict[str, int] = {}
	for deals in DEALS:
		deal = frappe.qb.DocType(deals)
		name = deal[PARTY_FIELDS[doctype]]
		query = (
			frappe.qb.from_(deal)
			.select(name, Count(deal.name))
			.where(deal.status.notin(STATES[deals].closed) & name.isnotnull() & (name != ""))
			.groupby(name)
		)
		for party, count in look.at(_of_company(query, deal, look.company), deals, name).run():
			counts[party] = counts.get(party, 0) + count
	return {name for name, count in counts.items() if asked.is_met(count)}


def _of_company(query, document, company: str | None):
	return query.where(document.company == company) if company else query


def _in_days(query, day, asked: Behaviour, today: date, until_now: bool = False):
	"""Both days included, whether the field is a day or a moment."""
	first, last = asked.period(today)
	if until_now and not last:
		last = today
	if first:
		query = query.where(day >= getdate(first))
	return query.where(day < getdate(last) + timedelta(days=1)) if last else query
