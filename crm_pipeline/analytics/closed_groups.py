"""What closed deals are grouped by: per grouping its terms for the database, and its rows; and the deals behind a number."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import fmt_money
from pypika import Case
from pypika.functions import NullIf

from crm_pipeline.analytics import drill
from crm_pipeline.analytics.closed_deals import Cell, Closed, Grouping, Row
from crm_pipeline.analytics.sql_terms import Month, Year, is_lost, is_won, value_of
from crm_pipeline.core import win_loss
from crm_pipeline.core.stages import LOST, WON
from crm_pipeline.core.win_loss import Band, Tally
from crm_pipeline.wording import bold


def by_column(field: str, empty: Callable[[], str], label: Callable[[str], str] = str) -> tuple[Callable, Callable]:
	def rows(closed: Closed) -> list[Row]:
		return [
			closed.row(key, label(key[0]) if key[0] else empty(), cell, (drill.equal(field, key[0]),))
			for key, cell in closed.tallies(grouping(closed)).items()
		]

	def grouping(closed: Closed) -> Grouping:
		return Grouping((closed.deal[field],))

	return grouping, rows


def reasons(closed: Closed) -> Grouping:
	deal = closed.deal
	return Grouping((deal.outcome, Case().when(is_lost(deal), deal.lost_reason).else_(None)))


def by_reason(closed: Closed) -> list[Row]:
	"""Lost deals by their reason; all won deals in one row, so that the rows add up."""
	rows = []
	for key, cell in closed.tallies(reasons(closed)).items():
		lost = key[0] == LOST
		label = (_(key[1]) if key[1] else _("No Reason Given")) if lost else _("Won")
		rows.append(closed.row(key, label, cell, (drill.equal("lost_reason", key[1]),) if lost else ()))
	return rows


def competitors(closed: Closed) -> Grouping:
	"""A lost deal by whom it was lost to, a won one by the first competitor recorded on it."""
	deal, child = closed.deal, frappe.qb.DocType("Sales Deal Competitor")
	first = (child.parent == deal.name) & (child.parenttype == closed.doctype) & (child.idx == 1)
	competitor = Case().when(is_lost(deal), deal.lost_to).else_(child.competitor)
	return Grouping((competitor,), lambda query: query.left_join(child).on(first))


def by_competitor(closed: Closed) -> list[Row]:
	rows = []
	for key, cell in closed.tallies(competitors(closed)).items():
		# Who was first among several no list can filter by: those documents are asked for by the key.
		won = None if key[0] else (drill.equal("Sales Deal Competitor.competitor", None),)
		lost = (drill.equal("lost_to", key[0]),)
		rows.append(closed.row(key, key[0] or _("No Competitor"), cell, won, lost))
	return rows


def products(closed: Closed) -> Grouping:
	"""Amounts by item row; a deal counts once per product. Deals without items have a row of their own."""
	deal, item = closed.deal, frappe.qb.DocType("Sales Deal Item")
	of_deal = (item.parent == deal.name) & (item.parenttype == closed.doctype)
	# A discount on the whole, tax within prices, sold for more or less than the rows say: each row has its share in that.
	# Where none of them has a price, the first one stands for the deal.
	whole = Coalesce(NullIf(deal.items_total, 0), deal.amount)
	share = Case().when(whole != 0, item.amount / whole).when(item.idx == 1, 1).else_(0)
	amount = Case().when(item.name.isnull(), value_of(deal)).else_(value_of(deal) * share)
	return Grouping(
		(item.item_code,), lambda query: query.left_join(item).on(of_deal), Count(deal.name).distinct(), amount
	)


def by_product(closed: Closed) -> list[Row]:
	cells = closed.tallies(products(closed))
	names = _item_names([key[0] for key in cells if key[0]])
	return [
		closed.row(
			key,
			names.get(key[0], key[0]) if key[0] else _("No Items"),
			cell,
			(drill.equal("Sales Deal Item.item_code", key[0]),),
		)
		for key, cell in cells.items()
	]


def _item_names(codes: list[str]) -> dict[str, str]:
	rows = frappe.get_all(
		"Item", filters={"name": ("in", codes or [""])}, fields=["name", "item_name"], order_by="name asc", limit=0
	)
	return {row.name: row.name if row.item_name == row.name else f"{row.item_name} ({row.name})" for row in rows}


def sizes(closed: Closed) -> Grouping:
	"""The key is the place of the band, from 1."""
	amount = value_of(closed.deal)
	place = Case()
	for number, band in enumerate(closed.bands, 1):
		if number > 1 and band.high is not None:
			place = place.when((amount > 0) & (amount < band.high), number)
	return Grouping((place.when(amount > 0, len(closed.bands)).else_(1),))


def by_size(closed: Closed) -> list[Row]:
	cells = closed.tallies(sizes(closed))
	rows = []
	for number, band in enumerate(closed.bands, 1):
		key = (number,)
		if key in cells:
			label = _band_label(band, closed.currency)
			won, lost = (_band_filters(band, field) for field in ("base_won_amount", "base_amount"))
			rows.append(closed.row(key, label, cells[key], won, lost))
	return rows


def _band_label(band: Band, currency: str) -> str:
	low, high = (fmt_money(value, 0, currency) if value else None for value in (band.low, band.high))
	if band.low is None:
		return _("No Amount")
	if low and high:
		return _("{0} to {1}").format(low, high)
	if high:
		return _("Below {0}").format(high)
	return _("{0} and more").format(low) if low else _("With an Amount")


def _band_filters(band: Band, field: str) -> tuple:
	if band.low is None:
		return ((field, "<=", 0),)
	low = (field, ">=", band.low) if band.low else (field, ">", 0)
	return (low, (field, "<", band.high)) if band.high is not None else (low,)


def last_stages(closed: Closed) -> Grouping:
	return Grouping((closed.deal.closed_from,))


def by_stage(closed: Closed) -> list[Row]:
	"""The last open stage a deal was in, in order of the pipeline."""
	cells = closed.tallies(last_stages(closed))
	stages = frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted(key[0] for key in cells if key[0]) or [""])},
		fields=["name", "label", "pipeline", "position"],
		order_by="pipeline asc, position asc, name asc",
		limit=0,
	)
	order = {stage.name: place for place, stage in enumerate(stages)}
	several = len({stage.pipeline for stage in stages}) > 1
	labels = {s.name: f"{_(s.label)} ({s.pipeline})" if several else _(s.label) for s in stages}
	keys = sorted(cells, key=lambda key: (order.get(key[0], len(order)), key[0] or ""))
	return [
		closed.row(
			key,
			labels.get(key[0], key[0]) if key[0] else _("Not Known"),
			cells[key],
			(drill.equal("closed_from", key[0]),),
		)
		for key in keys
	]


def months(closed: Closed) -> Grouping:
	return Grouping((Year(closed.deal.closed_on), Month(closed.deal.closed_on)))


def by_month(closed: Closed) -> list[Row]:
	"""Every month of the period, also those in which nothing was closed. No period before: this is the trend."""
	cells = closed.tallies(months(closed))
	rows = []
	for month in win_loss.months_of(closed.first, closed.last):
		now = cells[month.year, month.month][0]
		ends = (max(month, closed.first), min(win_loss.last_of_month(month), closed.last))
		label = frappe.utils.formatdate(month, _("MMM yyyy"))
		key = (month.year, month.month)
		rows.append(closed.row(key, label, [now, Tally()], (drill.between("closed_on", *ends),)))
	return rows


def nobody() -> str:
	return _("Nobody")


def not_set() -> str:
	return _("Not Set")


def full_name(user: str) -> str:
	return frappe.utils.get_fullname(user)


# In the order in which they are offered: how they group, and their rows. `ORDERED` have an order of their own.
GROUPINGS: dict[str, tuple[Callable[[Closed], Grouping], Callable[[Closed], list[Row]]]] = {
	"Reason": (reasons, by_reason),
	"Competitor": (competitors, by_competitor),
	"Product": (products, by_product),
	"Size": (sizes, by_size),
	"Sales Person": by_column("sales_person", nobody),
	"Sales Owner": by_column("sales_owner", nobody, full_name),
	"Channel": by_column("channel", not_set, _),
	"Stage Reached": (last_stages, by_stage),
	"Month": (months, by_month),
}
ORDERED = ("Size", "Stage Reached", "Month")


def grouped(closed: Closed, group_by: str) -> list[Row]:
	"""The rows of a grouping, the largest first where they have no order of their own. Groups of the period
	before alone are left out."""
	_grouping, rows_of = _known(group_by)
	rows = rows_of(closed)
	if group_by != "Month":
		rows = [row for row in rows if row.now.won or row.now.lost]
	if group_by not in ORDERED:
		rows.sort(key=lambda row: (-(row.now.won + row.now.lost), row.label))
	return rows


def _known(group_by: str) -> tuple:
	if group_by not in GROUPINGS:
		frappe.throw(_("{0} is not a grouping of this report").format(bold(group_by)), title=_("Unknown Grouping"))
	return GROUPINGS[group_by]


def rows_behind(closed: Closed, cell: Cell) -> list[tuple[str, float]]:
	"""(name, amount) of the deals behind a number, the latest first; the amounts add up to that of the cell. Raises
	ValidationError for a key that the report has no group of."""
	grouping = _known(closed.asked.group_by)[0](closed) if cell.key else Grouping()
	if len(grouping.keys) != len(cell.key):
		frappe.throw(_("{0} is not a grouping of this report").format(bold(closed.asked.group_by)))
	deal, period = closed.deal, closed.before if cell.before else (closed.first, closed.last)
	query = closed.in_period(closed.query(), *period)
	query = grouping.shape(query) if grouping.shape else query
	if cell.outcome:
		query = query.where(is_won(deal) if cell.outcome == WON else is_lost(deal))
	for term, value in zip(grouping.keys, cell.key, strict=True):
		# As tallies() has them: empty in both ways is None.
		query = query.where(term == value if value else term.isnull() | (term == ""))
	rows = query.select(deal.name, Sum(closed.amount_of(grouping)), deal.closed_on).groupby(deal.name, deal.closed_on)
	return [row[:2] for row in rows.orderby(deal.closed_on, order=frappe.qb.desc).orderby(deal.name).run()]
