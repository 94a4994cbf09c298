"""Open deals that are stalled: who, where, since when and why; the largest amount at risk first."""

from collections import Counter

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, flt, now_datetime
from pypika import Case

from crm_pipeline.analytics import deal_values, scope, stall_verdicts
from crm_pipeline.analytics.sql_terms import InString
from crm_pipeline.api.door import report
from crm_pipeline.core.dwell import whole_days
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.core.stalled import SIGNALS
from crm_pipeline.wording import bold

SHOWN = 1000


@report
def execute(filters: dict | None = None):
	check(filters)
	company = scope.company_of(filters)
	currency = scope.currency_of(company)
	kinds = doctypes(filters)
	counted = [total(doctype, filters) for doctype in kinds]
	deals, amount, open_deals = (sum(part) for part in zip(*counted, strict=True))
	signals = sum((signals_shown(doctype, filters) for doctype in kinds), Counter())
	data = rows(filters, currency)
	return columns(), data, message(len(data), deals), chart(signals), summary(deals, amount, open_deals, currency)


def check(filters) -> None:
	if filters.get("signal") and filters["signal"] not in SIGNALS:
		frappe.throw(_("{0} is not a signal of a stalled deal").format(bold(filters["signal"])))


def columns() -> list[dict]:
	return [
		{"fieldname": "doctype", "fieldtype": "Data", "label": _("Type"), "hidden": 1},
		{"fieldname": "name", "fieldtype": "Dynamic Link", "options": "doctype", "label": _("Deal"), "width": 150},
		{"fieldname": "title", "fieldtype": "Data", "label": _("Title"), "width": 190},
		{
			"fieldname": "amount",
			"fieldtype": "Currency",
			"options": "currency",
			"label": _("Amount at Risk"),
			"width": 130,
		},
		{"fieldname": "score", "fieldtype": "Int", "label": _("Score"), "width": 70},
		{"fieldname": "reasons", "fieldtype": "Data", "label": _("Reasons"), "width": 700},
		{"fieldname": "party_name", "fieldtype": "Data", "label": _("Party"), "width": 140},
		{"fieldname": "stage_label", "fieldtype": "Data", "label": _("Stage"), "width": 120},
		{"fieldname": "days", "fieldtype": "Int", "label": _("In It for (Days)"), "width": 100},
		{"fieldname": "expected_close", "fieldtype": "Date", "label": _("Expected Close"), "width": 110},
		{
			"fieldname": "sales_person",
			"fieldtype": "Link",
			"options": "Sales Person",
			"label": _("Sales Person"),
			"width": 130,
		},
		{"fieldname": "sales_owner", "fieldtype": "Link", "options": "User", "label": _("Sales Owner"), "width": 160},
	]


def doctypes(filters) -> list[str]:
	"""Both kinds of deals, unless one was chosen, or a pipeline that is for one of them."""
	chosen = filters.get("document_type")
	if filters.get("pipeline"):
		chosen = frappe.get_cached_value("Sales Pipeline", filters["pipeline"], "applies_to") or chosen
	kinds = [chosen] if chosen in DEALS else DEALS
	return [doctype for doctype in kinds if frappe.has_permission(doctype, "read")]


def query(doctype: str, filters):
	deal = frappe.qb.DocType(doctype)
	found = frappe.qb.from_(deal).where((deal.status == OPEN) & (deal.is_stalled == 1))
	if filters.get("signal"):
		found = found.where(shows(deal, filters["signal"]))
	return scope.narrowed(found, doctype, filters)


def shows(deal, signal: str):
	"""Condition: this signal is among the reasons stored on the deal."""
	return InString(deal.stalled_reasons, f'"{signal}":') > 0


def signals_shown(doctype: str, filters) -> Counter:
	"""{signal: stalled deals that show it} of all of them, listed or not; a deal may show several."""
	deal = frappe.qb.DocType(doctype)
	counts = (Sum(Case().when(shows(deal, signal), 1).else_(0)).as_(signal) for signal in SIGNALS)
	row = query(doctype, filters).select(*counts).run(as_dict=True)[0]
	return Counter({signal: cint(row[signal]) for signal in SIGNALS})


def total(doctype: str, filters) -> tuple[int, float, int]:
	"""Stalled deals, their amount, and all open deals that are judged and that the user sees, under the same filters."""
	deal = frappe.qb.DocType(doctype)
	count, amount = query(doctype, filters).select(Count("*"), Sum(deal.base_amount)).run()[0]
	every = frappe.qb.from_(deal).where(deal.status == OPEN).select(Count("*"))
	if doctype == deal_values.OPPORTUNITY:
		every = every.where(deal.name.notin(deal_values.run_as_project()))
	return count, flt(amount), scope.narrowed(scope.sales(every, doctype), doctype, filters).run()[0][0]


def rows(filters, currency: str) -> list[dict]:
	found = [row for doctype in doctypes(filters) for row in rows_of(doctype, filters)]
	found.sort(key=lambda row: (-flt(row.amount), -row.score, row.name))
	labels = stage_labels({row.stage for row in found})
	now = now_datetime()
	return [
		{
			**row,
			"currency": currency,
			"stage_label": labels.get(row.stage, row.stage),
			"days": whole_days(row.stage_entered_on, now, row.earlier_seconds),
			"reasons": " · ".join(stall_verdicts.sentences(row.stalled_reasons, currency)),
		}
		for row in found[:SHOWN]
	]


def rows_of(doctype: str, filters) -> list[dict]:
	deal = frappe.qb.DocType(doctype)
	found = (
		query(doctype, filters)
		.select(
			deal.name, deal.title, deal.party_name, deal.stage, deal.stage_entered_on, deal.earlier_seconds,
			deal.expected_close, deal.sales_person, deal.sales_owner, deal.base_amount.as_("amount"), deal.stalled_score.as_("score"),
			deal.stalled_reasons,
		)
		.orderby(deal.base_amount, order=frappe.qb.desc)
		.orderby(deal.stalled_score, order=frappe.qb.desc)
		.orderby(deal.name)
		.limit(SHOWN)
	).run(as_dict=True)  # fmt: skip
	return [frappe._dict(row, doctype=doctype) for row in found]


def stage_labels(stages: set[str]) -> dict[str, str]:
	found = frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted(stages) or [""])},
		fields=["name", "label"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: _(row.label) for row in found}


def message(shown: int, deals: int) -> str | None:
	if shown < deals:
		return _("The {0} largest of {1} stalled deals are shown; the totals are of all of them.").format(shown, deals)
	return None


def chart(counts: Counter) -> dict | None:
	"""How many of the deals show each signal; one deal may show several."""
	labels, shown = stall_verdicts.signal_labels(), [signal for signal, count in counts.most_common() if count]
	if not shown:
		return None
	return {
		"type": "bar",
		"data": {
			"labels": [labels[signal] for signal in shown],
			"datasets": [{"name": _("Deals"), "values": [counts[signal] for signal in shown]}],
		},
		"colors": ["#e8833a"],
	}


def summary(deals: int, amount: float, open_deals: int, currency: str) -> list[dict]:
	share = round(100 * deals / open_deals, 1) if open_deals else 0
	return [
		{"value": deals, "label": _("Stalled Deals"), "datatype": "Int"},
		{"value": amount, "label": _("Amount at Risk"), "datatype": "Currency", "currency": currency},
		{"value": share, "label": _("Share of Open Deals"), "datatype": "Percent"},
	]
