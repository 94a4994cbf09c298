"""The work log: activities that were done and mails that went in and out, by person, customer and way.

An activity counts for who is responsible and for each colleague who took part. A mail that was sent counts for who sent
it, one that came in for the owner of the document that it is about. Mails are read where they are: nothing is copied.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import frappe
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import flt, get_first_day, getdate, nowdate
from pypika import Case
from pypika.functions import NullIf

from crm_pipeline.analytics import scope
from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.activity import DONE
from crm_pipeline.core.kinds import ACTIVITY_TYPE
from crm_pipeline.core.registry import ORDER

ACTIVITY, PERSON, MAIL = "Sales Activity", "Sales Activity Person", "Communication"
# What mails are about: the chain and what surrounds it.
ABOUT = ("Customer", *ORDER, "Customer Case", "Delivery Note", "Sales Invoice", ACTIVITY)
# The field of a document that says whose it is, and which customer, where it is not called like that.
OWNERS = {"Customer": "account_manager", "Customer Case": "responsible"}


@dataclass(frozen=True)
class LogScope(scope.Scope):
	"""Also what belongs to no company is in it: a call with a customer is of all."""

	customer: str | None = None
	way: str | None = None

	def days(self) -> tuple[date, date]:
		"""The days asked for, both included; this month where nothing is said."""
		today = getdate(nowdate())
		return self.period(get_first_day(today), max(today, self.from_date or today))


@dataclass
class LogRow:
	"""What somebody did with a party in one way. `hours` are those of activities with a length; `unmeasured` have none."""

	person: str
	customer: str | None
	prospect: str | None
	way: str
	activities: int = 0
	sent: int = 0
	received: int = 0
	hours: float = 0.0
	unmeasured: int = 0
	rated: int = 0
	ratings: float = field(default=0.0, repr=False)

	@property
	def evaluation(self) -> float | None:
		"""The mean of those that were evaluated, from 0 to 1."""
		return self.ratings / self.rated if self.rated else None


def rows(asked: LogScope) -> list[LogRow]:
	"""What the reader may see, by person, party and way. Raises PermissionError without a right to activities."""
	found: dict[tuple, LogRow] = {}
	for key, values in (*_activities(asked), *_mails(asked)):
		row = found.setdefault(key, LogRow(*key))
		for name, value in values.items():
			setattr(row, name, getattr(row, name) + (value or 0))
	return sorted(found.values(), key=lambda row: (row.person, row.customer or "", row.prospect or "", row.way))


def _activities(asked: LogScope) -> Iterator[tuple[tuple, dict]]:
	activity, part = frappe.qb.DocType(ACTIVITY), frappe.qb.DocType(PERSON)
	own = scope.visible(_within(frappe.qb.from_(activity), activity.starts_on, asked), ACTIVITY)
	shared = own.join(part).on((part.parent == activity.name) & (part.parenttype == ACTIVITY))
	shared = shared.where(part.colleague.isnotnull() & (part.colleague != Coalesce(activity.sales_owner, "")))
	for query, person in ((own, activity.sales_owner), (shared, part.colleague)):
		query = query.where(activity.status == DONE).where(_of_company(activity.company, asked))
		for name in ("customer", "way"):
			if getattr(asked, name):
				query = query.where(activity[name] == getattr(asked, name))
		if asked.sales_owner:
			query = query.where(person == asked.sales_owner)
		keys = [Coalesce(person, ""), NullIf(activity.customer, ""), NullIf(activity.prospect, ""), activity.way]
		sums = [
			Count("*"),
			Sum(activity.duration),
			Sum(Case().when(Coalesce(activity.duration, 0) > 0, 0).else_(1)),
			Sum(Case().when(activity.evaluation > 0, 1).else_(0)),
			Sum(activity.evaluation),
		]
		for *key, count, seconds, unmeasured, rated, ratings in query.select(*keys, *sums).groupby(*keys).run():
			yield (
				_party(key),
				{
					"activities": count,
					"hours": flt(seconds) / 3600,
					"unmeasured": unmeasured,
					"rated": rated,
					"ratings": flt(ratings),
				},
			)


def _mails(asked: LogScope) -> Iterator[tuple[tuple, dict]]:
	way = standard_kinds.name_of(ACTIVITY_TYPE, "e_mail")
	if not way or asked.way not in (None, way):
		return
	for doctype in ABOUT:
		if frappe.db.exists("DocType", doctype) and frappe.has_permission(doctype, "read"):
			yield from _mails_about(doctype, way, asked)


def _mails_about(doctype: str, way: str, asked: LogScope) -> Iterator[tuple[tuple, dict]]:
	mail, about = frappe.qb.DocType(MAIL), frappe.qb.DocType(doctype)
	has = frappe.get_meta(doctype).has_field
	owner = OWNERS.get(doctype, "sales_owner")
	customer = _customer(doctype, about, has)
	prospect = about.name if doctype == "Sales Prospect" else about.prospect if has("prospect") else None
	query = (
		frappe.qb.from_(mail).join(about).on((mail.reference_name == about.name) & (mail.reference_doctype == doctype))
	)
	query = scope.visible(_within(query, mail.communication_date, asked), doctype)
	query = query.where((mail.communication_type == "Communication") & (mail.communication_medium == "Email"))
	sent = mail.sent_or_received == "Sent"
	person = Case().when(sent, mail.owner).else_(Coalesce(about[owner], "") if has(owner) else "")
	if has("company"):
		query = query.where(_of_company(about.company, asked))
	if asked.customer:
		query = query.where(customer == asked.customer)
	if asked.sales_owner:
		query = query.where(person == asked.sales_owner)
	keys = [person, NullIf(customer, ""), *([NullIf(prospect, "")] if prospect is not None else [])]
	counts = [Sum(Case().when(sent, 1).else_(0)), Sum(Case().when(sent, 0).else_(1))]
	for *key, out, back in query.select(*keys, *counts).groupby(*keys).run():
		yield _party([*key, *([None] if prospect is None else []), way]), {"sent": out, "received": back}


def _customer(doctype: str, about, has):
	if doctype == "Customer":
		return about.name
	if doctype == "Quotation":
		return Case().when(about.quotation_to == "Customer", about.party_name).else_("")
	return about.customer if has("customer") else NullIf(about.name, about.name)


def _party(key: list) -> tuple:
	"""(person, customer, prospect, way): the prospect that a customer once was says nothing any more."""
	person, customer, prospect, way = key
	return person or "", customer, None if customer else prospect, way


def _within(query, moment, asked: LogScope):
	first, last = asked.days()
	return query.where((moment >= str(first)) & (moment < str(last + timedelta(days=1))))


def _of_company(company, asked: LogScope):
	return Coalesce(company, "").isin(("", asked.company))


def totals(found: list[LogRow]) -> dict[str, float]:
	sums: dict[str, float] = defaultdict(float)
	for row in found:
		for name in ("activities", "sent", "received", "hours"):
			sums[name] += getattr(row, name)
	return dict(sums)
