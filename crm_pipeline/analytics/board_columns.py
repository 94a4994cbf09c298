"""The sales board: the stages of a pipeline as columns, their totals, and their deals page by page.

An open stage holds its open deals, in the order that was asked for (the next to close first, where nobody asks);
those without a value come last. A won or lost stage holds what was closed in the last RECENT_DAYS days, the latest
first, or by amount or title where that was asked for. Totals cover every deal of a
column that the user may read, in the company's currency; SQL adds them up.

A page starts after the last card of the page before it (`after`), not at an offset: the hundredth costs
what the first one costs, and a card that moves meanwhile neither hides another one nor shows it twice.
"""

from dataclasses import asdict, dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import add_days, cstr, flt, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline.analytics import scope, stall_verdicts
from crm_pipeline.analytics.sql_terms import value_of
from crm_pipeline.chain import pipelines
from crm_pipeline.core.dwell import whole_days
from crm_pipeline.core.stages import LOST, OPEN, WON
from crm_pipeline.parties.reach import reach_of
from crm_pipeline.user_day import user_today
from crm_pipeline.wording import bold

PAGE = 25
RECENT_DAYS = 30
KINDS = (OPEN, WON, LOST)

STAGE_FIELDS = ("name", "label", "stage_type as type", "color", "probability", "disabled", "expected_dwell_days")
CARD_FIELDS = (
	"name", "title", "party_name", "company", "stage", "status", "amount", "currency", "expected_close", "closed_on",
	"sales_owner", "sales_person", "next_step", "next_step_date", "stage_entered_on", "earlier_seconds", "modified", "outcome", "won_amount",
	"is_stalled", "stalled_score", "stalled_reasons", "customer", "prospect",
)  # fmt: skip

# The orders of cards: field, whether the largest comes first, and whether closed deals follow it too.
SORTS = {
	"close": ("expected_close", False, False),
	"amount": ("base_amount", True, True),
	"next_step": ("next_step_date", False, False),
	"entered": ("stage_entered_on", False, False),
	"title": ("title", False, True),
}
CLOSED_LAST = ("closed_on", True, True)


@dataclass(frozen=True)
class BoardScope(scope.Scope):
	"""`stalled` (1): stalled deals only; `search` is a part of their title, party or name."""

	stalled: int = 0
	search: str | None = None


@dataclass(frozen=True)
class Board:
	"""A pipeline's board, and which deals are on it."""

	doctype: str
	pipeline: str | None
	asked: BoardScope
	sort: str = "close"

	@property
	def table(self):
		return frappe.qb.DocType(self.doctype)

	def order(self, is_open: bool) -> tuple:
		"""(field, whether the largest comes first) of the cards of a column."""
		field, largest, closed_too = SORTS[self.sort]
		return (field, largest) if is_open or closed_too else CLOSED_LAST[:2]


def board_of(pipeline: str | None, asked: BoardScope, sort: str | None = None) -> Board:
	"""The board of a pipeline, of the default one for opportunities when none is named; `pipeline` is None
	when there is none at all. Raises DoesNotExistError for an unknown one, ValidationError for an unknown order."""
	if sort and sort not in SORTS:
		frappe.throw(_("Cards can't be sorted by {0}").format(bold(sort)))
	pipeline = pipeline or pipelines.default_pipeline("Sales Opportunity", asked.company)
	doctype = pipeline and frappe.db.get_value("Sales Pipeline", pipeline, "applies_to")
	if pipeline and not doctype:
		frappe.throw(_("{0} {1} does not exist").format(_("Sales Pipeline"), bold(pipeline)), frappe.DoesNotExistError)
	return Board(doctype or "Sales Opportunity", pipeline, asked.replaced(pipeline=pipeline), sort or "close")


# ---- the first paint: what does not depend on how many deals there are


def painted(board: Board) -> dict:
	"""Columns and the first cards of the open ones, without totals.

	{"pipeline", "doctype", "company", "currency", "scope_text", "recent_days", "may_write", "may_create", "rules": {"allow_back",
	"allow_reopen", "allow_win_by_hand", "allow_skip", "quotation_step", "contract_step"}, "columns":
	[{"name", "label", "type", "color", "probability", "disabled", "expected_dwell_days", "cards", "next"}]}
	"""
	columns = [{**stage, **_first_cards(board, stage)} for stage in stages_of(board)]
	return {
		"pipeline": board.pipeline,
		"doctype": board.doctype,
		"company": board.asked.company,
		"currency": board.asked.currency,
		"scope_text": scope.line(board.asked.replaced(pipeline=board.pipeline)),
		"recent_days": RECENT_DAYS,
		"may_write": may_move(board.doctype),
		"may_create": bool(frappe.has_permission(board.doctype, "create")),
		"rules": _rules(board.pipeline) if board.pipeline else {},
		# A disabled stage is a column only while deals stand in it.
		"columns": [column for column in columns if not column["disabled"] or column["cards"]],
	}


def _rules(pipeline: str) -> dict:
	"""What the pipeline allows, and which steps it has on the way to an order."""
	steps = pipelines.steps_of(pipeline)
	return {
		**asdict(pipelines.rules_of(pipeline)),
		"quotation_step": steps["Quotation"],
		"contract_step": steps["Sales Contract"],
	}


def stages_of(board: Board) -> list[dict]:
	"""Stages of the pipeline: open ones in order of position, then the won and the lost ones."""
	if not board.pipeline:
		return []
	rows = frappe.get_all(
		"Pipeline Stage",
		filters={"pipeline": board.pipeline},
		fields=list(STAGE_FIELDS),
		order_by="position asc, name asc",
		limit=0,
	)
	return sorted(({**row, "label": _(row.label)} for row in rows), key=lambda row: KINDS.index(row["type"]))


def _first_cards(board: Board, stage: dict) -> dict:
	"""Closed columns are folded: their cards are asked for when somebody unfolds one."""
	if stage["type"] != OPEN and not stage["disabled"]:
		return {"cards": [], "next": None}
	return page(board, stage["name"])


def may_move(doctype: str) -> bool:
	"""Whether the user may write deals, their stage included."""
	meta = frappe.get_meta(doctype)
	writes = frappe.has_permission(doctype, "write")
	return bool(writes and meta.get_field("stage").permlevel in meta.get_permlevel_access("write"))


# ---- totals


def totals(board: Board, stages: list[str] | None = None) -> dict[str, dict]:
	"""{stage: {"count": int, "amount": float, "weighted": float}} of the stages named, of all when none is.

	`amount` is the sum of base amounts, or of what was sold, `weighted` that times probability.
	"""
	known = [row for row in stages_of(board) if not stages or row["name"] in stages]
	return {row["name"]: _total(board, row["name"], row["type"] == OPEN) for row in known}


def _total(board: Board, stage: str, is_open: bool) -> dict:
	"""One query a stage: MariaDB then reads nothing but the index, which it does not for several at once."""
	table = board.table
	value = table.base_amount if is_open else value_of(table)
	query = frappe.qb.from_(table).select(
		Count("*").as_("deals"),
		Sum(value).as_("amount"),
		Sum(value * table.probability).as_("weighted"),
	)
	row = _standing(query, board, stage, is_open).run(as_dict=True)[0]
	return {"count": row.deals, "amount": flt(row.amount), "weighted": flt(row.weighted) / 100}


def _standing(query, board: Board, stage: str, is_open: bool):
	"""Narrow a query to the deals that a column holds."""
	table, asked = board.table, board.asked
	query = asked.narrow(query, board.doctype).where(table.stage == stage)
	if is_open:
		query = query.where(table.status == OPEN)
	else:
		query = query.where(table.closed_on >= add_days(nowdate(), -RECENT_DAYS))
	if asked.stalled:
		query = query.where(table.is_stalled == 1)
	text = (asked.search or "").strip()
	if text:
		like = f"%{text}%"
		query = query.where(table.title.like(like) | table.party_name.like(like) | table.name.like(like))
	return query


# ---- cards


def page(board: Board, stage: str, after: tuple | None = None) -> dict:
	"""{"cards": [card], "next": what to pass as `after` for the next page, None at the end}.

	`after` is (date or None, name) of the last card. Raises ValidationError when the stage is none of the pipeline's.
	"""
	kind = frappe.db.get_value("Pipeline Stage", {"name": stage, "pipeline": board.pipeline}, "stage_type")
	if not kind:
		frappe.throw(_("Stage {0} belongs to another pipeline than {1}").format(bold(stage), bold(board.pipeline)))
	rows = _rows(board, stage, kind == OPEN, after)
	shown, more = rows[:PAGE], len(rows) > PAGE
	place = [shown[-1].pop("place"), shown[-1].name] if more else None
	return {"cards": _cards(board.doctype, shown), "next": place}


def _rows(board: Board, stage: str, is_open: bool, after: tuple | None) -> list[dict]:
	"""One more than a page: deals with a value in the order of the board, then those without one by name."""
	field, largest = board.order(is_open)
	column = value_of(board.table) if field == "base_amount" and not is_open else board.table[field]
	rows = []
	if not after or after[0] is not None:
		query = _select(board, stage, is_open, column).where(column.isnotnull())
		if after:
			value, name = _start(field, after[0]), after[1]
			beyond = column < value if largest else column > value
			later = board.table.name < name if largest else board.table.name > name
			query = query.where(beyond | ((column == value) & later))
		way = frappe.qb.desc if largest else frappe.qb.asc
		rows = query.orderby(column, order=way).orderby(board.table.name, order=way).limit(PAGE + 1).run(as_dict=True)
	if len(rows) <= PAGE:
		query = _select(board, stage, is_open, column).where(column.isnull())
		if after and after[0] is None:
			query = query.where(board.table.name > after[1])
		rows += query.orderby(board.table.name).limit(PAGE + 1 - len(rows)).run(as_dict=True)
	return rows


def _start(field: str, value):
	"""The value that a page starts after, as what its column holds. Raises ValidationError when it is something else."""
	try:
		if field == "base_amount":
			return float(value)
		if field == "title":
			return cstr(value)
		return (get_datetime if field == "stage_entered_on" else getdate)(cstr(value))
	except (ValueError, TypeError, OverflowError, frappe.ValidationError):
		frappe.throw(_("{0} is not a place on this board").format(bold(cstr(value)[:40])))


def _select(board: Board, stage: str, is_open: bool, column):
	fields = (board.table[field] for field in _card_fields(board.doctype))
	query = frappe.qb.from_(board.table).select(*fields, column.as_("place"))
	return _standing(query, board, stage, is_open)


def card(doctype: str, name: str) -> dict:
	"""One deal as a card."""
	return _cards(doctype, [frappe.db.get_value(doctype, name, _card_fields(doctype), as_dict=True)])[0]


def _card_fields(doctype: str) -> list[str]:
	columns = set(frappe.get_meta(doctype).get_valid_columns())
	return [field for field in CARD_FIELDS if field in columns]


def _cards(doctype: str, rows: list[dict]) -> list[dict]:
	"""Deals as cards: the columns, and what a person makes of them.

	Whole `days` in the stage, all visits together; `overdue` when an open deal should have closed, `step_overdue` when its
	next step should have been done; `reasons` why it is stalled, as sentences; `owner_name` and `owner_image`;
	`contact_name`, `phone` and `email_id` of whom to ring or write to.
	"""
	now, today, owners = now_datetime(), user_today(), _owners({row.sales_owner for row in rows})
	reach = reach_of(doctype, rows)
	for row in rows:
		row.pop("place", None)
		row.update(reach[row.name])
		row.step_overdue = _has_passed(row, row.next_step_date, today)
		owner = owners.get(row.sales_owner) or {}
		row.owner_name = owner.get("full_name") or row.sales_owner or row.sales_person
		row.owner_image = owner.get("user_image")
		row.days = whole_days(row.stage_entered_on, now, row.pop("earlier_seconds"))
		won_amount = row.pop("won_amount")
		if row.pop("outcome") == WON:
			row.amount = won_amount
		reasons = row.pop("stalled_reasons", None) if row.is_stalled else None
		row.reasons = stall_verdicts.sentences(reasons, scope.currency_of(row.company))
		row.overdue = _has_passed(row, row.expected_close, today)
	return rows


def _has_passed(row, day, today) -> bool:
	return bool(row.status == OPEN and day and getdate(day) < today)


def _owners(users: set) -> dict[str, dict]:
	found = frappe.get_all(
		"User",
		filters={"name": ("in", [user for user in users if user] or [""])},
		fields=["name", "full_name", "user_image"],
		order_by="name asc",
		limit=0,
	)
	return {row.name: row for row in found}
