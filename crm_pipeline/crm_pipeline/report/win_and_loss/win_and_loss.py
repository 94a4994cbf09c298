"""Won and lost deals of a period by reason, competitor, product, size, person, stage or month; and what was learned."""

from frappe import _
from frappe.utils import formatdate

from crm_pipeline.analytics import chart_colours as colours
from crm_pipeline.analytics import closed_deals, closed_groups
from crm_pipeline.analytics.closed_deals import Closed, ClosedScope, Row
from crm_pipeline.api.door import report
from crm_pipeline.core import win_loss as arithmetic
from crm_pipeline.core.stages import LOST, WON

IN_CHART = 12


@report
def execute(filters: dict | None = None):
	closed = Closed(ClosedScope.of(filters))
	group_by = closed.asked.group_by
	if group_by == closed_deals.LESSONS:
		rows, there_are = closed_deals.lessons(closed)
		return lesson_columns(), lesson_rows(closed, rows), lessons_note(closed, len(rows), there_are)
	rows = closed_groups.grouped(closed, group_by)
	whole = closed.total()
	everything = whole.now.won + whole.now.lost
	data = [as_dict(row, everything, closed) for row in rows]
	figures = [*data, {**as_dict(whole, everything, closed), "is_total": 1, "bold": 1}] if data else []
	return columns(group_by), figures, note(closed), chart(data, closed.doctype), summary(whole, closed)


def columns(group_by: str) -> list[dict]:
	def money(fieldname: str, label: str) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Currency", "options": "currency", "label": label, "width": 130}

	def percent(fieldname: str, label: str, width: int = 110) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Percent", "precision": 1, "label": label, "width": width}

	def count(fieldname: str, label: str, width: int = 90) -> dict:
		return {"fieldname": fieldname, "fieldtype": "Int", "label": label, "width": width}

	rates = [percent("win_rate", _("Win Rate")), percent("amount_win_rate", _("Win Rate by Amount"), 140)]
	before = [
		count("before", _("Closed Before"), 110),
		percent("before_win_rate", _("Win Rate Before"), 120),
		{"fieldname": "change", "fieldtype": "Float", "precision": 1, "label": _("Change (Points)"), "width": 120},
	]
	if group_by == "Reason":
		# A reason is always of a loss: a rate would say nothing.
		rates, before = [], before[:1]
	if group_by == "Month":
		before = []
	return [
		{"fieldname": "label", "fieldtype": "Data", "label": _(group_by, context="Deal"), "width": 220},
		count("won", _("Won")),
		count("lost", _("Lost")),
		percent("share", _("Share of Closed"), 120),
		money("won_amount", _("Won Amount")),
		money("lost_amount", _("Lost Amount")),
		*rates,
		*before,
	]


def as_dict(row: Row, everything: int, closed: Closed) -> dict:
	now, before = row.now, row.before
	return {
		"label": row.label,
		"key": list(row.key),
		"won": now.won,
		"lost": now.lost,
		"share": arithmetic.share(now.won + now.lost, everything),
		"won_amount": now.won_amount,
		"lost_amount": now.lost_amount,
		"win_rate": now.win_rate,
		"amount_win_rate": now.amount_win_rate,
		"before": before.won + before.lost,
		"before_win_rate": before.win_rate,
		"change": arithmetic.change(now.win_rate, before.win_rate),
		"currency": closed.currency,
		"doctype": closed.doctype,
		"routes": {"won": row.won_filters, "lost": row.lost_filters},
	}


def note(closed: Closed) -> str:
	"""What the figures are compared with, and what is not in them."""
	first, last = (formatdate(day) for day in closed.before)
	parts = [_("Compared with {0} to {1}").format(first, last), left_out(closed)]
	return ". ".join(part for part in parts if part)


def left_out(closed: Closed) -> str | None:
	undated = closed.undated()
	return _("{0} closed deals have no closing date and are left out").format(undated) if undated else None


def chart(data: list[dict], doctype: str) -> dict | None:
	if not data:
		return None
	shown = data[:IN_CHART]
	return {
		"type": "bar",
		"data": {
			"labels": [row["label"] for row in shown],
			"datasets": [
				_bars(shown, doctype, WON, _("Won")),
				_bars(shown, doctype, LOST, _("Lost")),
			],
		},
		"barOptions": {"stacked": 1},
		"colors": [colours.WON, colours.LOST],
	}


def _bars(rows: list[dict], doctype: str, outcome: str, label: str) -> dict:
	"""Bars with how the documents of each are asked for; see public/js/shared/report_figures.js."""
	asks = [
		{"doctype": doctype, "method": "get_documents_of_closed", "args": {"outcome": outcome, "key": row["key"]}}
		for row in rows
	]
	return {"name": label, "values": [row[outcome.lower()] for row in rows], "asks": asks}


def summary(whole: Row, closed: Closed) -> list[dict]:
	now, change = whole.now, arithmetic.change(whole.now.win_rate, whole.before.win_rate)
	if not now.won + now.lost:
		return []
	won, lost = ({"doctype": closed.doctype, "filters": rows} for rows in (whole.won_filters, whole.lost_filters))
	cards = [
		{"value": now.won, "label": _("Won"), "datatype": "Int", "ask": won},
		{"value": now.lost, "label": _("Lost"), "datatype": "Int", "ask": lost},
		{"value": _rounded(now.win_rate), "label": _("Win Rate"), "datatype": "Percent"},
		{"value": _rounded(now.amount_win_rate), "label": _("Win Rate by Amount"), "datatype": "Percent"},
		{
			"value": now.won_amount,
			"label": _("Won Amount"),
			"datatype": "Currency",
			"currency": closed.currency,
			"ask": won,
		},
	]
	if change is not None:
		cards.insert(
			3,
			{"value": round(change, 1), "label": _("Change (Points)"), "datatype": "Float"},
		)
	return [card for card in cards if card["value"] is not None]


def _rounded(rate: float | None) -> float | None:
	return None if rate is None else round(rate, 1)


# ---- lessons


def lesson_columns() -> list[dict]:
	return [
		{"fieldname": "doctype", "fieldtype": "Data", "label": _("Type"), "hidden": 1},
		{"fieldname": "name", "fieldtype": "Dynamic Link", "options": "doctype", "label": _("Deal"), "width": 150},
		{"fieldname": "title", "fieldtype": "Data", "label": _("Title"), "width": 170},
		{"fieldname": "party_name", "fieldtype": "Data", "label": _("Party"), "width": 140},
		{"fieldname": "outcome", "fieldtype": "Data", "label": _("Outcome"), "width": 80},
		{"fieldname": "lessons", "fieldtype": "Data", "label": _("Lessons Learned"), "width": 480},
		{"fieldname": "reason", "fieldtype": "Data", "label": _("Lost Because"), "width": 130},
		{"fieldname": "lost_to", "fieldtype": "Data", "label": _("Lost To"), "width": 130},
		{"fieldname": "amount", "fieldtype": "Currency", "options": "currency", "label": _("Amount"), "width": 120},
		{"fieldname": "closed_on", "fieldtype": "Date", "label": _("Closed On"), "width": 110},
		{
			"fieldname": "sales_person",
			"fieldtype": "Link",
			"options": "Sales Person",
			"label": _("Sales Person"),
			"width": 130,
		},
	]


def lessons_note(closed: Closed, shown: int, there_are: int) -> str | None:
	cut = _("The latest {0} of {1} lessons are shown").format(shown, there_are) if shown < there_are else None
	return ". ".join(part for part in (cut, left_out(closed)) if part) or None


def lesson_rows(closed: Closed, rows: list[dict]) -> list[dict]:
	return [
		{
			**row,
			"doctype": closed.doctype,
			"currency": closed.currency,
			"outcome": _("Lost") if row.status == LOST else _("Won"),
			"reason": _(row.lost_reason) if row.lost_reason else None,
		}
		for row in rows
	]
