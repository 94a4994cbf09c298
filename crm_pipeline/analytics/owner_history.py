"""Who had what when: the spans of owners that the ledger holds, of the documents that the reader sees."""

from dataclasses import dataclass
from datetime import datetime, time

import frappe
from frappe import _
from frappe.query_builder import Case
from frappe.query_builder.functions import Max
from frappe.utils import get_datetime

from crm_pipeline.analytics import scope
from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.core.owner_spans import Move, Span, spans
from crm_pipeline.wording import bold

EVENT = "Pipeline Event"
DOCTYPES = (
	"Customer", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract",
	"Sales Order Request", "Sales Activity", "Customer Case", "Promise to Pay",
)  # fmt: skip
OWNERS = {"Customer": "account_manager"}
# Documents of one answer.
MOST = 5000


@dataclass(frozen=True)
class HistoryScope(scope.Scope):
	"""Documents of a type, or one of them; that `user` had, or that changed hands within a period."""

	document_type: str | None = None
	document: str | None = None
	user: str | None = None

	def __post_init__(self):
		"""Raises ValidationError for a type that belongs to nobody."""
		if self.document_type and self.document_type not in DOCTYPES:
			frappe.throw(_("{0} is not a type of this report").format(bold(self.document_type)))


@dataclass(frozen=True)
class Owned:
	doctype: str
	name: str
	title: str
	span: Span


@dataclass(frozen=True)
class Found:
	"""`is_cut`: there may be documents that changed hands longer ago than those of `rows`."""

	rows: list[Owned]
	is_cut: bool


def found(asked: HistoryScope) -> Found:
	"""Spans of documents that changed hands, document by document, those that changed last first. A document that is asked
	for by name is there with its owner, too, where it never changed hands."""
	moves: dict[tuple[str, str], list[Move]] = {}
	for row in _moves(asked):
		key = (row.reference_doctype, row.reference_name)
		moves.setdefault(key, []).append(Move(get_datetime(row.at), row.from_value, row.to_value, row.by))
	is_cut = len(moves) >= MOST
	if asked.document:
		for doctype in (asked.document_type,) if asked.document_type else DOCTYPES:
			moves.setdefault((doctype, asked.document), [])
	seen, rows = _seen(moves), []
	for key in sorted(seen, key=lambda key: moves[key][-1].at if moves[key] else datetime.min, reverse=True):
		title, created, owner = seen[key]
		rows += [
			Owned(*key, title, span)
			for span in spans(moves[key], get_datetime(created), owner)
			if _is_asked(asked, span)
		]
	return Found(rows, is_cut)


def _moves(asked: HistoryScope) -> list[dict]:
	"""All moves, in order of time, of the MOST documents that changed hands last."""
	event, latest = frappe.qb.DocType(EVENT), _latest(asked)
	query = (
		frappe.qb.from_(event)
		.join(latest)
		.on((latest.of_doctype == event.reference_doctype) & (latest.of_name == event.reference_name))
		.select(event.reference_doctype, event.reference_name, event.at, event.from_value, event.to_value, event.by)
		.where(event.kind == "Owner")
		.orderby(event.at)
		.orderby(event.creation)
	)
	return scope.visible(query, EVENT).run(as_dict=True)


def _latest(asked: HistoryScope):
	event = frappe.qb.DocType(EVENT)
	query = (
		frappe.qb.from_(event)
		.select(event.reference_doctype.as_("of_doctype"), event.reference_name.as_("of_name"))
		.where((event.kind == "Owner") & event.reference_doctype.isin(DOCTYPES))
		.groupby(event.reference_doctype, event.reference_name)
		.orderby(Max(event.at), order=frappe.qb.desc)
		.orderby(event.reference_name, order=frappe.qb.desc)
		.limit(MOST)
	)
	if asked.document_type:
		query = query.where(event.reference_doctype == asked.document_type)
	if asked.document:
		query = query.where(event.reference_name == asked.document)
	if asked.user:
		had = (event.from_value == asked.user) | (event.to_value == asked.user)
		query = query.having(Max(Case().when(had, 1).else_(0)) == 1)
	return scope.visible(query, EVENT).as_("latest")


def _seen(moves: dict) -> dict[tuple[str, str], tuple[str, datetime, str | None]]:
	"""{(doctype, name): (title, creation, whose it is now)} of what the reader may read."""
	found = {}
	for doctype in {key[0] for key in moves}:
		if not frappe.has_permission(doctype, "read"):
			continue
		names = sorted(key[1] for key in moves if key[0] == doctype)
		for row in frappe.get_list(
			doctype,
			filters={"name": ("in", names)},
			fields=[
				"name",
				f"{title_field(doctype)} as title",
				f"{OWNERS.get(doctype, 'sales_owner')} as user",
				"creation",
			],
			order_by="name asc",
			limit=0,
		):
			found[doctype, row.name] = (row.title or row.name, row.creation, row.user)
	return found


def _is_asked(asked: HistoryScope, span: Span) -> bool:
	if asked.user and span.user != asked.user:
		return False
	if asked.to_date and span.since and span.since > datetime.combine(asked.to_date, time.max):
		return False
	return not (asked.from_date and span.until and span.until < datetime.combine(asked.from_date, time.min))
