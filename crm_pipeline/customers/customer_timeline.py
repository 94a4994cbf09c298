"""Everything that happened with a customer or prospect, the latest first: one query per kind of record, merged.

Each kind is asked for one page at most, by its index and as the reader may see it, so the number of queries does not grow with
the history and their cost hardly does. A page goes on where the one before ended (core/merged_pages.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe.utils import get_datetime
from pypika.terms import Criterion

from crm_pipeline.core import merged_pages
from crm_pipeline.core.merged_pages import After, Row
from crm_pipeline.core.registry import OWNED
from crm_pipeline.customers import event_words
from crm_pipeline.customers.asked_party import BEGINNING, FIELD, AskedParty, company_currency, is_readable
from crm_pipeline.customers.event_kinds import ATTACHED_KINDS, KINDS, AttachedKind, EventKind

SIZE = 30
Place = tuple[datetime, str, str]
DOCSTATES = ("Draft", "Submitted", "Cancelled")
# Documents on which mails and files are looked for, beside the party: ours that belong to somebody, and all others that the
# timeline shows, by DocType; of those there may be very many.
OWN = tuple(doctype for doctype in OWNED if doctype not in FIELD)
OTHERS = {kind.doctype for kind in KINDS if kind.doctype not in OWN and not kind.about_another}
Others = tuple[tuple[str, Criterion], ...]


@dataclass(frozen=True)
class Timeline:
	"""A page of it: `kinds` that were asked for (those shown by default where there are none), after `place`."""

	asked: AskedParty
	kinds: tuple[str, ...] = ()
	place: Place | None = None
	size: int = SIZE


def page_of(wanted: Timeline) -> dict:
	"""{"rows": [{"kind", "doctype", "name", "title", "at", "dated", "state", "amount", "currency", "company", "person"}],
	"next": place or None}. `dated` says that only the day is known."""
	offered = available(wanted.asked)
	chosen = [kind for kind in offered if (kind.key in wanted.kinds if wanted.kinds else kind.shown)]
	others = tuple(_others(wanted.asked, offered))
	rows, more = merged_pages.page((_rows_of(wanted, kind, others) for kind in chosen), wanted.size)
	last = rows[-1] if rows and more else None
	return {
		"rows": [row.values for row in rows],
		"next": [str(last.moment), last.kind, last.name] if last else None,
	}


def offered_kinds(asked: AskedParty) -> list[dict]:
	"""[{"key", "label", "group", "shown"}] of the kinds that the reader may read at all."""
	labels, groups = event_words.kind_labels(), event_words.group_labels()
	return [
		{"key": kind.key, "label": labels[kind.key], "group": groups[kind.group], "shown": kind.shown}
		for kind in available(asked)
	]


def available(asked: AskedParty) -> list[EventKind | AttachedKind]:
	"""Kinds that the reader may read at all; asked once for a page and its filters."""
	if "kinds" not in asked.kept:
		asked.kept["kinds"] = _available(asked)
	return asked.kept["kinds"]


def _available(asked: AskedParty) -> list[EventKind | AttachedKind]:
	doctypes = {kind.doctype for kind in (*KINDS, *ATTACHED_KINDS)}
	there = set(
		frappe.get_all("DocType", filters={"name": ("in", sorted(doctypes))}, pluck="name", order_by="name asc")
	)
	listed = [kind for kind in KINDS if kind.doctype in there and _is_seen(kind, asked)]
	return [*listed, *ATTACHED_KINDS]


def _is_seen(kind: EventKind, asked: AskedParty) -> bool:
	field = _party_field(kind, asked)
	return bool(field) and is_readable(kind.doctype, kind.at, field)


def _party_field(kind: EventKind, asked: AskedParty) -> str | None:
	field = kind.customer if asked.is_customer else kind.prospect
	return field if field and frappe.get_meta(kind.doctype).has_field(field) else None


def _rows_of(wanted: Timeline, kind: EventKind | AttachedKind, others: Others) -> list[Row]:
	start = merged_pages.after(wanted.place, kind.key)
	if isinstance(kind, AttachedKind):
		return _attached(wanted, kind, start, others)
	return _listed(wanted, kind, start)


# ---- records that say whose they are


def _listed(wanted: Timeline, kind: EventKind, start: After | None) -> list[Row]:
	meta = frappe.get_meta(kind.doctype)
	is_day = kind.at != "creation" and meta.get_field(kind.at).fieldtype == "Date"
	fields = _fields(kind, meta)
	rows = frappe.get_list(
		kind.doctype,
		filters=_filters(wanted.asked, kind, meta, start, is_day),
		or_filters=_same_moment(kind.at, start, is_day),
		fields=list(dict.fromkeys(fields)),
		order_by=f"{kind.at} desc, name desc",
		limit=wanted.size + 1,
	)
	return [_row(kind, row, is_day) for row in rows]


def _fields(kind: EventKind, meta) -> list[str]:
	wanted = (*kind.title, kind.state, kind.amount, kind.currency, kind.person, kind.company)
	special = {"Pipeline Event": ("kind", "reference_doctype", "reference_name", "from_value", "to_value")}
	known = [name for name in wanted if name and (meta.has_field(name) or name == "owner")]
	return ["name", kind.at, "docstatus", *known, *special.get(kind.doctype, ())]


def _filters(asked: AskedParty, kind: EventKind, meta, start: After | None, is_day: bool) -> list[list]:
	# What has no moment is in no timeline.
	first, last = asked.from_date or BEGINNING, asked.to_date
	found = [[_party_field(kind, asked), "=", asked.name], [kind.at, ">=", first]]
	if kind.typed_by:
		found.append([kind.typed_by, "=", asked.doctype])
	found += [list(row) for row in kind.only]
	if last:
		found.append([kind.at, "<=", last] if is_day else [kind.at, "<", last + timedelta(days=1)])
	if start:
		found.append([kind.at, *_until(start, is_day)])
	if asked.company and kind.company and meta.has_field(kind.company):
		found.append([kind.company, "in", [asked.company, ""]])
	return found


def _until(start: After, is_day: bool) -> tuple[str, date | datetime]:
	"""Up to which value the rows after a place go. A day stands for its midnight."""
	if not is_day:
		return ("<=" if start.equal else "<", start.moment)
	midnight = start.moment == merged_pages.moment_of(start.moment.date())
	return ("<=" if start.equal or not midnight else "<", start.moment.date())


def _same_moment(at: str, start: After | None, is_day: bool) -> list[list] | None:
	"""At the moment of the place itself, the names after it."""
	if not start or start.name is None:
		return None
	return [[at, "<", start.moment.date() if is_day else start.moment], ["name", "<", start.name]]


def _row(kind: EventKind, row: dict, is_day: bool) -> Row:
	state = row.get(kind.state) if kind.state else None
	values = {
		"kind": kind.key,
		"doctype": kind.doctype,
		"name": row.name,
		"title": next((str(row[field]) for field in kind.title if row.get(field)), ""),
		"at": row[kind.at],
		"dated": is_day,
		"state": state or (DOCSTATES[row.docstatus] if frappe.get_meta(kind.doctype).is_submittable else None),
		"amount": row.get(kind.amount) if kind.amount else None,
		"currency": _currency(kind, row),
		"company": row.get(kind.company) if kind.company else None,
		"person": row.get(kind.person) if kind.person else None,
	}
	if kind.doctype == "Pipeline Event":
		values |= _moved(row)
	return Row(merged_pages.moment_of(row[kind.at]), kind.key, row.name, values)


def _currency(kind: EventKind, row: dict) -> str | None:
	own = row.get(kind.currency) if kind.currency else None
	return own or (company_currency(row.get(kind.company)) if kind.amount and kind.company else None)


def _moved(row: dict) -> dict:
	"""A move of the ledger is shown with the document that it is about."""
	return {
		"doctype": row.reference_doctype,
		"name": row.reference_name,
		"title": row.reference_name,
		"from": row.from_value,
		"to": row.to_value,
		"change": row.get("kind"),
	}


# ---- records that hang on a document


def _attached(wanted: Timeline, kind: AttachedKind, start: After | None, others: Others) -> list[Row]:
	table, parents = frappe.qb.DocType(kind.doctype), _parents(wanted.asked)
	hangs_on = (table[kind.parent_type] == parents.doctype) & (table[kind.parent] == parents.name)
	found = _selected(wanted, kind, frappe.qb.from_(table).join(parents).on(hangs_on), start)
	for doctype, condition in others if kind.everywhere else ():
		# From the customer's documents to what hangs on them, each by its index; nothing is put together that is not shown.
		document = frappe.qb.DocType(doctype)
		on = (table[kind.parent_type] == doctype) & (table[kind.parent] == document.name)
		query = frappe.qb.from_(table).join(document).on(on).where(condition)
		found = found.union_all(_selected(wanted, kind, query, start))
	rows = _first(found, wanted.size + 1)
	if kind.linked:
		rows = _latest([*rows, *_linked(wanted, kind, start)], wanted.size + 1)
	return [_attached_row(kind, row) for row in rows]


def _others(asked: AskedParty, offered: list[EventKind | AttachedKind]) -> Iterator[tuple[str, Criterion]]:
	"""(DocType, condition on its table) of the other documents of the party that the reader sees."""
	for doctype, kind in {kind.doctype: kind for kind in offered if kind.doctype in OTHERS}.items():
		condition = asked.criterion(doctype, _party_field(kind, asked), with_company=bool(kind.company))
		if kind.typed_by:
			condition &= frappe.qb.DocType(doctype)[kind.typed_by] == asked.doctype
		seen = asked.seen(doctype)
		yield doctype, condition & seen if seen else condition


def _first(found, size: int) -> list[dict]:
	"""The latest rows of a union."""
	found = found.as_("found")
	query = frappe.qb.from_(found).select(found.star)
	query = query.orderby(found["at"], order=frappe.qb.desc).orderby(found.name, order=frappe.qb.desc)
	return query.limit(size).run(as_dict=True)


def _linked(wanted: Timeline, kind: AttachedKind, start: After | None) -> list[dict]:
	"""Mails that the framework has linked to the party by their addresses. One that is about a document shows to who sees
	that document."""
	table, link, parents = (
		frappe.qb.DocType(kind.doctype),
		frappe.qb.DocType(kind.linked),
		_parents(wanted.asked),
	)
	query = (
		frappe.qb.from_(link)
		.join(table)
		.on(table.name == link.parent)
		.left_join(parents)
		.on((table[kind.parent_type] == parents.doctype) & (table[kind.parent] == parents.name))
		.where((link.link_doctype == wanted.asked.doctype) & (link.link_name == wanted.asked.name))
		.where(table[kind.parent].isnull() | (table[kind.parent] == "") | parents.name.isnotnull())
	)
	return _first(_selected(wanted, kind, query, start), wanted.size + 1)


def _latest(rows: list[dict], size: int) -> list[dict]:
	"""Each row once, the latest first."""
	once = {row.name: row for row in rows}
	return sorted(once.values(), key=lambda row: (row["at"], row.name), reverse=True)[:size]


def _selected(wanted: Timeline, kind: AttachedKind, query, start: After | None):
	"""A query on the kind's table after a place, with the columns of a row."""
	table = frappe.qb.DocType(kind.doctype)
	at = table[kind.at]
	query = (
		query.select(table.name, at.as_("at"), table[kind.parent_type].as_("parent_type"))
		.select(table[kind.parent].as_("parent"), table[kind.person].as_("person"))
		.select(*(table[field] for field in kind.title))
		.where(at >= (wanted.asked.from_date or BEGINNING))
	)
	if wanted.asked.to_date:
		query = query.where(at < wanted.asked.to_date + timedelta(days=1))
	for field, allowed in kind.only:
		query = query.where(table[field].isin(allowed))
	if start:
		before = (at <= start.moment) if start.equal else (at < start.moment)
		if start.name is not None:
			before &= (at < start.moment) | (table.name < start.name)
		query = query.where(before)
	return query


def _parents(asked: AskedParty):
	"""The documents of the party that the reader sees, as a derived table of `doctype` and `name`."""
	party = frappe.qb.DocType(asked.doctype)
	found = (
		frappe.qb.from_(party)
		.select(_literal(asked.doctype).as_("doctype"), party.name)
		.where(party.name == asked.name)
	)
	for doctype in OWN:
		if is_readable(doctype) and frappe.get_meta(doctype).has_field(asked.field):
			table = frappe.qb.DocType(doctype)
			query = frappe.qb.from_(table).select(_literal(doctype).as_("doctype"), table.name)
			found = found.union_all(asked.narrow(query, doctype))
	return found.as_("parents")


def _literal(text: str):
	from pypika.terms import ValueWrapper

	return ValueWrapper(text)


def _attached_row(kind: AttachedKind, row: dict) -> Row:
	moment = get_datetime(row["at"])
	values = {
		"kind": kind.key,
		"doctype": kind.doctype,
		"name": row.name,
		"title": next((row[field] for field in kind.title if row.get(field)), ""),
		"at": moment,
		"dated": False,
		"state": None,
		"amount": None,
		"currency": None,
		"company": None,
		"person": row.person,
		"about": {"doctype": row.parent_type, "name": row.parent} if row.parent else None,
	}
	return Row(moment, kind.key, row.name, values)
