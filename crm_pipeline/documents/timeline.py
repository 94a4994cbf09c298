"""Everything that happened to a document, in one line of time: activities, mails, comments, moves, documents, memos."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import get_datetime

from crm_pipeline.chain import graph, ledger, ribbon_steps
from crm_pipeline.core.registry import DEALS
from crm_pipeline.leads import origins
from crm_pipeline.wording import text_of

# As many of each kind as a reader may want to look through; lists have the rest.
LIMIT = 100
MAX_TEXT = 1000

ACTIVITY = (
	"name", "subject", "way", "direction", "status", "result", "starts_on", "place", "notes", "next_step",
	"next_step_date", "sales_owner",
)  # fmt: skip
MEMO = ("name", "subject", "memo", "pinned", "owner", "creation")
COMMENT = ("name", "owner", "content", "creation")
MAIL = (
	"name", "sender", "recipients", "subject", "content", "communication_date", "reference_doctype",
	"reference_name",
)  # fmt: skip


def timeline(doctype: str, name: str) -> dict:
	"""{"entries": [{"kind", "at", "row"}], "people": {user: full name}}, the latest first, as far as the user may read it.

	`kind` is Activity, Memo, Mail, Comment, Move or Document; `row` has the fields of the record, of a move those of
	ledger.story(), of a document its doctype, name, title, status and owner. Of a deal, activities, mails and comments of the leads
	that it came from are in it.
	"""
	about = [(doctype, name), *_leads(doctype, name)]
	entries = [
		*_entries("Activity", "starts_on", _attached("Sales Activity", ACTIVITY, about, "starts_on desc, name desc")),
		*_entries("Memo", "creation", _attached("Sales Memo", MEMO, about[:1], "creation desc, name desc")),
		*_entries("Mail", "communication_date", _mails(about)),
		*_entries("Comment", "creation", _comments(about)),
		*_entries("Move", "at", ledger.story(doctype, name)[-LIMIT:]),
		*_entries("Document", "creation", _documents(doctype, name)),
	]
	entries.sort(key=lambda entry: get_datetime(entry["at"]), reverse=True)
	return {"entries": entries, "people": _people(entries)}


def _entries(kind: str, at: str, rows: list[dict]) -> list[dict]:
	return [{"kind": kind, "at": row[at], "row": row} for row in rows if row[at]]


def _leads(doctype: str, name: str) -> list[tuple[str, str]]:
	leads = origins.leads_of(doctype, [name]).get(name, []) if doctype in DEALS else []
	return [(origins.LEAD, lead) for lead in leads if frappe.has_permission(origins.LEAD, "read", doc=lead)]


def _rows_about(about: list[tuple[str, str]], query: Callable, doctype: str, fields: tuple, order: str, **filters):
	"""The latest rows that refer to these documents, type by type: one of another type may have the same name."""
	found, moment = [], order.split()[0]
	for kind in sorted({kind for kind, _name in about}):
		names = sorted({name for of, name in about if of == kind})
		asked = {"reference_doctype": kind, "reference_name": ("in", names), **filters}
		found += query(doctype, filters=asked, fields=list(fields), order_by=order, limit=LIMIT)
	return sorted(found, key=lambda row: (bool(row[moment]), row[moment]), reverse=True)[:LIMIT]


def _attached(doctype: str, fields: tuple, about: list, order: str) -> list[dict]:
	return _rows_about(about, frappe.get_list, doctype, fields, order) if frappe.has_permission(doctype, "read") else []


def _mails(about: list) -> list[dict]:
	order = "communication_date desc, name desc"
	rows = _rows_about(about, frappe.get_all, "Communication", MAIL, order, communication_type="Communication")
	return [{**row, "content": _plain(row.content)} for row in rows]


def _comments(about: list) -> list[dict]:
	order = "creation desc, name desc"
	rows = _rows_about(about, frappe.get_all, "Comment", COMMENT, order, comment_type="Comment")
	return [{**row, "content": _plain(row.content)} for row in rows]


def _plain(html: str | None) -> str:
	return text_of(html)[:MAX_TEXT]


def _documents(doctype: str, name: str) -> list[dict]:
	"""What came from it along the chain, and the user may open."""
	found = []
	refs = graph.descendants(doctype, name)
	readable = ribbon_steps.readable(refs)
	for kind in dict.fromkeys(ref.doctype for ref in refs):
		meta = frappe.get_meta(kind)
		fields = [field for field in ("title", "status") if meta.has_field(field)]
		rows = frappe.get_all(
			kind,
			filters={"name": ("in", [ref.name for ref in refs if ref.doctype == kind and ref in readable] or [""])},
			fields=["name", "creation", "owner", "docstatus", *fields],
			order_by="creation desc, name desc",
			limit=LIMIT,
		)
		found += [{**row, "doctype": kind, "label": _(kind)} for row in rows]
	return found


def _people(entries: list[dict]) -> dict[str, str]:
	users = {entry["row"].get(field) for entry in entries for field in ("owner", "sales_owner", "by", "sender")}
	rows = frappe.get_all(
		"User",
		filters={"name": ("in", sorted(users - {None, ""}) or [""])},
		fields=["name", "full_name"],
		order_by="name asc",
	)
	return {row.name: row.full_name for row in rows if row.full_name}
