"""Who had what when: the spans of owners that the ledger holds, of the documents that the reader sees."""

from dataclasses import dataclass
from datetime import datetime, time

import frappe
from frappe import _
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


def rows(asked: HistoryScope) -> list[Owned]:
	"""Spans of documents that changed hands, document by document, those that changed last first."""
	moves: dict[tuple[str, str], list[Move]] = {}
	for row in _moves(asked):
		key = (row.reference_doctype, row.reference_name)
		moves.setdefault(key, []).append(Move(get_datetime(row.at), row.from_value, row.to_value, row.by))
	seen = _seen(moves)
	found = []
	for key in sorted((key for key in moves if key in seen), key=lambda key: moves[key][-1].at, reverse=True):
		title, created = seen[key]
		for span in spans(moves[key], get_datetime(created)):
			if _is_asked(asked, span):
				found.append(Owned(*key, title, span))
	return found


def _moves(asked: HistoryScope) -> list[dict]:
	event = frappe.qb.DocType(EVENT)
	query = (
		frappe.qb.from_(event)
		.select(event.reference_doctype, event.reference_name, event.at, event.from_value, event.to_value, event.by)
		.where((event.kind == "Owner") & event.reference_doctype.isin(DOCTYPES))
		.orderby(event.at)
		.orderby(event.creation)
		.limit(MOST)
	)
	if asked.document_type:
		query = query.where(event.reference_doctype == asked.document_type)
	if asked.document:
		query = query.where(event.reference_name == asked.document)
	return scope.visible(query, EVENT).run(as_dict=True)


def _seen(moves: dict) -> dict[tuple[str, str], tuple[str, datetime]]:
	"""{(doctype, name): (title, creation)} of what the reader may read."""
	found = {}
	for doctype in {key[0] for key in moves}:
		if not frappe.has_permission(doctype, "read"):
			continue
		names = sorted(key[1] for key in moves if key[0] == doctype)
		for row in frappe.get_list(
			doctype,
			filters={"name": ("in", names)},
			fields=["name", f"{title_field(doctype)} as title", "creation"],
			order_by="name asc",
			limit=0,
		):
			found[doctype, row.name] = (row.title or row.name, row.creation)
	return found


def _is_asked(asked: HistoryScope, span: Span) -> bool:
	if asked.user and span.user != asked.user:
		return False
	if asked.to_date and span.since and span.since > datetime.combine(asked.to_date, time.max):
		return False
	return not (asked.from_date and span.until and span.until < datetime.combine(asked.from_date, time.min))
