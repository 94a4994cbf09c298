"""Stalled deals of a company: how many, their amount, which signals they show, and the deals themselves."""

from collections import Counter
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, flt
from pypika import Case

from crm_pipeline.analytics import deal_values, scope
from crm_pipeline.analytics.sql_terms import InString
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.core.stalled import SIGNALS
from crm_pipeline.wording import bold

FIELDS = (
	"name", "title", "party_name", "stage", "stage_entered_on", "earlier_seconds", "expected_close", "sales_person",
	"sales_owner", "stalled_reasons",
)  # fmt: skip


@dataclass(frozen=True)
class StalledScope(scope.Scope):
	"""`document_type` is one of DEALS; `signal` one of core.stalled.SIGNALS, for the deals that show it; `also` another one
	that they show beside it."""

	document_type: str | None = None
	signal: str | None = None
	also: str | None = None

	def __post_init__(self):
		"""Raises ValidationError for a signal that there is not."""
		for signal in (self.signal, self.also):
			if signal and signal not in SIGNALS:
				frappe.throw(_("{0} is not a signal of a stalled deal").format(bold(signal)))

	@property
	def doctypes(self) -> list[str]:
		"""Both kinds of deals, unless one was chosen, or a pipeline that is for one of them; those that the user may read."""
		chosen = self.document_type
		if self.pipeline:
			chosen = frappe.get_cached_value("Sales Pipeline", self.pipeline, "applies_to") or chosen
		kinds = [chosen] if chosen in DEALS else DEALS
		return [doctype for doctype in kinds if frappe.has_permission(doctype, "read")]


@dataclass(frozen=True)
class Totals:
	"""Of stalled deals: how many, their amount, and {signal: deals that show it}; and all open deals that are judged."""

	deals: int
	amount: float
	open_deals: int
	signals: Counter


def totals(asked: StalledScope) -> Totals:
	"""Of all stalled deals, listed or not; a deal may show several signals."""
	deals, amount, open_deals, signals = 0, 0.0, 0, Counter()
	for doctype in asked.doctypes:
		deal = frappe.qb.DocType(doctype)
		counts = (Sum(Case().when(_shows(deal, signal), 1).else_(0)).as_(signal) for signal in SIGNALS)
		numbers = (Count("*").as_("deals"), Sum(deal.base_amount).as_("amount"))
		row = _stalled(doctype, asked).select(*numbers, *counts).run(as_dict=True)[0]
		deals += row.deals
		amount += flt(row.amount)
		open_deals += _judged(doctype, asked)
		signals.update({signal: cint(row[signal]) for signal in SIGNALS})
	return Totals(deals, amount, open_deals, signals)


def largest(asked: StalledScope, most: int) -> list[dict]:
	"""The first `most` rows {FIELDS, doctype, amount, score}, the largest amount at risk first."""
	found = []
	for doctype in asked.doctypes:
		deal = frappe.qb.DocType(doctype)
		rows = (
			_stalled(doctype, asked)
			.select(*(deal[field] for field in FIELDS), deal.base_amount.as_("amount"), deal.stalled_score.as_("score"))
			.orderby(deal.base_amount, order=frappe.qb.desc)
			.orderby(deal.stalled_score, order=frappe.qb.desc)
			.orderby(deal.name)
			.limit(most)
		).run(as_dict=True)
		found += [frappe._dict(row, doctype=doctype) for row in rows]
	found.sort(key=lambda row: (-flt(row.amount), -row.score, row.name))
	return found[:most]


def keys_behind(asked: StalledScope) -> list[tuple[str, str, float]]:
	"""(doctype, name, amount) of all of them."""
	found = []
	for doctype in asked.doctypes:
		deal = frappe.qb.DocType(doctype)
		rows = _stalled(doctype, asked).select(deal.name, deal.base_amount).orderby(deal.name).run()
		found += [(doctype, name, flt(amount)) for name, amount in rows]
	return found


def _stalled(doctype: str, asked: StalledScope):
	deal = frappe.qb.DocType(doctype)
	found = frappe.qb.from_(deal).where((deal.status == OPEN) & (deal.is_stalled == 1))
	for signal in filter(None, (asked.signal, asked.also)):
		found = found.where(_shows(deal, signal))
	return asked.narrow(found, doctype)


def _shows(deal, signal: str):
	"""Condition: this signal is among the reasons stored on the deal."""
	return InString(deal.stalled_reasons, f'"{signal}":') > 0


def _judged(doctype: str, asked: StalledScope) -> int:
	"""All open deals that are judged and that the user sees, under the same filters."""
	deal = frappe.qb.DocType(doctype)
	every = frappe.qb.from_(deal).where(deal.status == OPEN).select(Count("*"))
	if doctype == deal_values.OPPORTUNITY:
		every = every.where(deal.name.notin(deal_values.run_as_project()))
	return asked.narrow(scope.sales(every, doctype), doctype).run()[0][0]
