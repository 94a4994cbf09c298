"""The ledger: one immutable Pipeline Event for every move of a chain document."""

from datetime import datetime

import frappe
from frappe import _
from frappe.utils import cstr, get_datetime, now_datetime

from crm_pipeline.chain import bulk_writes, link_kinds, locks, passages, pending
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.dwell import UNKNOWN, seconds_spent
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import LOST, WON

# Field of a document -> kind of event that its change writes.
TRACKED = {
	"stage": "Stage",
	"status": "State",
	"sales_owner": "Owner",
	"amount": "Amount",
	"expected_close": "Expected Close",
}

# Kind of event -> DocType that one must be allowed to read to see its note. Such notes are kept apart from
# the events, which more people list and export.
CONFIDENTIAL = {"Help": "Sales Help Request", "Override": "Cost Estimate"}
NOTE = "Pipeline Event Note"

# States of a deal that its people are notified of.
NOTABLE_STATES = (WON, LOST)


def record(
	doc,
	kind: str,
	from_value=None,
	to_value=None,
	note: str | None = None,
	related: Ref | None = None,
) -> str:
	"""Write one event about `doc`, as of now, and return its name; `related` is the document that caused it, or came of it."""
	at = now_datetime()
	event = frappe.new_doc("Pipeline Event")
	event.update(
		{
			"reference_doctype": doc.doctype,
			"reference_name": doc.name,
			"kind": kind,
			"from_value": cstr(from_value)[:140] or None,
			"to_value": cstr(to_value)[:140] or None,
			"at": at,
			"by": frappe.session.user,
			"seconds_spent": _seconds_in(doc, kind, from_value, at) if from_value else 0,
			"note": None if kind in CONFIDENTIAL else note,
			"related_doctype": related and related.doctype,
			"related_name": related and related.name,
			**scope_of(doc),
		}
	)
	# A row outlives the documents that it names, and may be about one that is being saved.
	event.flags.ignore_links = True
	link_kinds.note("Pipeline Event", event)
	# The ledger belongs to nobody: whoever may move the document causes the row.
	event.insert(ignore_permissions=True)
	if note and kind in CONFIDENTIAL:
		keep_apart(event.name, note)
	_notify_of(event, doc)
	return event.name


# Columns of a row that is written with many others.
_COLUMNS = (
	*("name", "creation", "modified", "modified_by", "owner", "docstatus", "idx"),
	*("reference_doctype", "reference_name", "kind", "from_value", "to_value", "at", "by", "seconds_spent", "note"),
	*("company", "customer", "prospect"),
)


def record_owners(doctype: str, moves: list[tuple]) -> list[str]:
	"""One event of kind Owner for each of many documents, in one statement: (document, from, to, note, seconds spent) each.
	`document` is a row with name, company, customer and prospect. Answers the names of the events; notifies nobody."""
	at, by = now_datetime(), frappe.session.user
	rows = [
		(frappe.generate_hash(length=10), at, at, by, by, 0, 0)
		+ (doctype, doc.name, "Owner", old or None, new or None, at, by, seconds, note)
		+ (doc.get("company"), doc.get("customer"), doc.get("prospect"))
		for doc, old, new, note, seconds in moves
	]
	if rows:
		frappe.db.bulk_insert("Pipeline Event", list(_COLUMNS), rows)
		link_kinds.note("Pipeline Event", {"reference_doctype": doctype})
	return [row[0] for row in rows]


def _notify_of(event, doc) -> None:
	"""Notify those who are concerned: whom a document is given to, and who waits for what became of it. What is
	brought in, and the demo, is the past."""
	given = event.kind == "Created" and doc.get("sales_owner") not in (None, "", event.by)
	ended = event.kind in ("Stage", "State") and doc.doctype in DEALS and doc.get("status") in NOTABLE_STATES
	if not (given or ended or event.kind in ("Owner", "Hand-off")):
		return
	if frappe.flags.in_import or doc.flags.history_import:
		return
	if doc.flags.notices is not None:
		# Of many at once there is one notice; whoever does that sends it.
		doc.flags.notices.append(event.name)
	else:
		pending.note("Pipeline Event", event.name, pending.MOVE, event=event.name)


def keep_apart(event: str, note: str) -> None:
	"""Store the note of a confidential event; as the ledger's row it belongs to nobody."""
	company = frappe.db.get_value("Pipeline Event", event, "company")
	# For users who may not write it, as the row itself.
	frappe.get_doc({"doctype": NOTE, "event": event, "note": note, "company": company}).insert(ignore_permissions=True)


def forget(doc) -> None:
	"""on_trash() of a document: its ledger goes with it."""
	forget_all(doc.doctype, [doc.name])
	passages.forget(doc.doctype, doc.name)


def forget_all(doctype: str, names: list[str]) -> None:
	"""The ledger of these documents, which are no deals, goes with them."""
	about = {"reference_doctype": doctype, "reference_name": ("in", names)}
	events = frappe.get_all("Pipeline Event", filters=about, fields=["name", "kind"], order_by="name asc", limit=0)
	confidential = [event.name for event in events if event.kind in CONFIDENTIAL]
	if confidential:
		locks.delete_rows(NOTE, {"event": ("in", confidential)})
	bulk_writes.delete_named("Pipeline Event", [event.name for event in events])


def scope_of(doc) -> dict:
	"""The links by which an event is filtered and permitted like its document."""
	return {field: doc.get(field) for field in ("pipeline", "company", "customer", "prospect")}


def _seconds_in(doc, kind: str, left: str, at: datetime) -> int:
	"""How long the document had the value that is being left: since its last event of that kind, or its start.

	UNKNOWN where a deal from elsewhere stood in a stage that no event says it came to.
	"""
	event = frappe.qb.DocType("Pipeline Event")
	last = (
		_events_of(doc)
		.select(event.at, event.to_value)
		.where(event.kind.isin((kind, "Created")))
		.orderby(event.at, order=frappe.qb.desc)
		.orderby(event.creation, order=frappe.qb.desc)
		.limit(1)
		.run()
	)
	if kind == "Stage" and doc.get("external_id") and (not last or last[0][1] != left):
		return UNKNOWN
	if last:
		return seconds_spent(get_datetime(last[0][0]), at)
	return seconds_spent(get_datetime(doc.creation) if doc.get("creation") else None, at)


def _events_of(doc):
	event = frappe.qb.DocType("Pipeline Event")
	return frappe.qb.from_(event).where((event.reference_doctype == doc.doctype) & (event.reference_name == doc.name))


def tracked_fields(doc) -> dict[str, str]:
	"""The fields of this document whose changes are events: {fieldname: kind}."""
	return {field: kind for field, kind in TRACKED.items() if doc.meta.has_field(field)}


def record_changes(doc) -> None:
	"""Compare `doc` with what it was before this save and write an event per change."""
	before = doc.get_doc_before_save()
	fields = tracked_fields(doc)
	if before is None:
		record(doc, "Created", None, doc.get("stage") or doc.get("status"))
		return
	moved = doc.doctype in DEALS and before.stage != doc.stage
	for field, kind in fields.items():
		if field == "status" and moved:
			# The event of the stage is enough: the state follows from it.
			continue
		# A value passed on the way in this same save has its own row already.
		old, new = doc.flags.get(f"recorded_{field}") or before.get(field), doc.get(field)
		if _differs(doc, field, old, new):
			record(doc, kind, old, new, note=doc.flags.get("event_note"))


def _differs(doc, field: str, old, new) -> bool:
	df = doc.meta.get_field(field)
	if df.fieldtype == "Currency":
		return abs((old or 0) - (new or 0)) > 1e-9
	return cstr(old) != cstr(new)


def last_value(of: Ref, kind: str, related: Ref) -> str | None:
	"""What the last event of a kind, about a document and a related one, went to."""
	found = frappe.get_all(
		"Pipeline Event",
		filters={
			"reference_doctype": of.doctype,
			"reference_name": of.name,
			"kind": kind,
			"related_doctype": related.doctype,
			"related_name": related.name,
		},
		pluck="to_value",
		order_by="at desc, creation desc",
		limit=1,
	)
	return found[0] if found else None


def history(doctype: str, name: str) -> list[dict]:
	"""All events of one document, oldest first."""
	return frappe.get_all(
		"Pipeline Event",
		filters={"reference_doctype": doctype, "reference_name": name},
		fields=[
			*("name", "kind", "from_value", "to_value", "at", "by", "seconds_spent", "note"),
			*("related_doctype", "related_name"),
		],
		order_by="at asc, creation asc",
	)


def story(doctype: str, name: str) -> list[dict]:
	"""The history as a person reads it: each event with `from_text` and `to_text` beside the stored values, and
	with the confidential notes that this user may read."""
	events = history(doctype, name)
	notes = _notes_for_reader(events)
	words = _stage_labels(events) | _user_names(events)
	for event in events:
		for side in ("from", "to"):
			value = event[f"{side}_value"]
			event[f"{side}_text"] = words.get((event.kind, value)) or (_(value) if value else "")
		event.note = notes.get(event.pop("name"), event.note)
		if event.kind == "Conversion":
			_translate_conversion(event)
	return events


def _translate_conversion(event: dict) -> None:
	"""What was made, or taken back, is shown by the name that it has now, and the note is one of our own sentences."""
	if event.related_name:
		event["to_text" if event.to_value else "from_text"] = f"{_(event.related_doctype)} {event.related_name}"
	event.note = event.note and _(event.note)


def _notes_for_reader(events: list[dict]) -> dict[str, str]:
	"""{event: note} of the confidential ones."""
	there = {e.kind for e in events} & CONFIDENTIAL.keys()
	result = {kind for kind in there if frappe.has_permission(CONFIDENTIAL[kind], "read")}
	names = [e.name for e in events if e.kind in result]
	if not names:
		return {}
	rows = frappe.get_all(
		NOTE, filters={"event": ("in", names)}, fields=["event", "note"], order_by="event asc", limit=0
	)
	return {row.event: row.note for row in rows}


def _stage_labels(events: list[dict]) -> dict[tuple[str, str], str]:
	kinds = ("Stage", "Created")
	names = {e[f"{side}_value"] for e in events if e.kind in kinds for side in ("from", "to")} - {None}
	labels = frappe.get_all(
		"Pipeline Stage",
		filters={"name": ("in", sorted(names))},
		fields=["name", "label"],
		order_by="name asc",
		limit=0,
	)
	return {(kind, row.name): _(row.label) for kind in kinds for row in labels}


def _user_names(events: list[dict]) -> dict[tuple[str, str], str]:
	users = {e[f"{side}_value"] for e in events if e.kind == "Owner" for side in ("from", "to")} - {None}
	return {("Owner", user): frappe.utils.get_fullname(user) for user in users}
