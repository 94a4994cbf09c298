"""Undo of an import: what it stored goes again, as long as nobody worked on it.

Leads and prospects, of which there may be many, go in a few statements per chunk, as they came; all else goes one by one,
as documents do.
"""

from datetime import datetime

import frappe
from frappe import _
from frappe.model.dynamic_links import get_dynamic_link_map
from frappe.model.rename_doc import get_link_fields
from frappe.translate import get_user_lang, print_language
from frappe.utils import add_to_date, get_datetime

from crm_pipeline.assignment.giving import is_watched
from crm_pipeline.chain import ledger, status
from crm_pipeline.chain.bulk_writes import delete_named
from crm_pipeline.chain.locks import locked_doc, whole_transaction
from crm_pipeline.importer import afterwards
from crm_pipeline.importer.import_form import DOCTYPE, DONE, QUEUED, RUNNING, UNDONE, stored_rows
from crm_pipeline.importer.known_parties import CAMPAIGN, LEAD, PROSPECT
from crm_pipeline.importer.moving_in import move_form, move_undo
from crm_pipeline.wording import bold

RECORD = "Imported Record"
WITH_PROSPECTS = ("Sales Opportunity", "Contact")
IN_BULK = (LEAD, PROSPECT)
MOVED = ("Sales Activity", "Sales Memo", "Sales Opportunity", LEAD, PROSPECT, CAMPAIGN)
CHUNK = 500
# After which moments something left at a record, and a change of it, are somebody's.
Noted = tuple[datetime, datetime]
# From so many records on it is done in the background; those that go one by one take longer.
MOST_IN_BULK, MOST_ALONE = 10_000, 200
# Records that are named.
NAMED = 10
# Where people leave something about a record: the type, where its type and name stand there, and what else it must be.
LEFT = (
	("Sales Activity", "reference_doctype", "reference_name", {}),
	("Sales Memo", "reference_doctype", "reference_name", {}),
	("Comment", "reference_doctype", "reference_name", {"comment_type": "Comment"}),
	("Communication", "reference_doctype", "reference_name", {}),
	("ToDo", "reference_type", "reference_name", {}),
	("File", "attached_to_doctype", "attached_to_name", {}),
)
# What the framework keeps about a record, and deletes with it.
KEPT = (
	("Comment", "reference_doctype", "reference_name"),
	("DocShare", "share_doctype", "share_name"),
	("Version", "ref_doctype", "docname"),
	("View Log", "reference_doctype", "reference_name"),
	("Document Follow", "ref_doctype", "ref_docname"),
	("Notification Log", "document_type", "document_name"),
	("Tag Link", "document_type", "document_name"),
)


def undo(name: str, rest: bool = False) -> int:
	"""Delete all that an import stored; answers how many records, 0 where it is done in the background. Raises
	ValidationError that names those on which somebody worked, unless it is about the `rest` of them."""
	doc = locked_doc(DOCTYPE, name)
	if doc.status in (QUEUED, RUNNING):
		frappe.throw(_("Sales Import {0} is {1}").format(bold(name), _(doc.status)))
	_need_right(doc)
	worked_on = [found for doctype, part in _parts(doc) for found in _worked_on(doc, doctype, part, doc.name)]
	if worked_on and not rest:
		frappe.throw(
			_("Somebody worked on {0} of these records: {1}. Nothing was deleted.").format(
				len(worked_on), ", ".join(worked_on[:NAMED])
			)
		)
	count = frappe.db.count(RECORD, {"sales_import": name})
	if count <= (MOST_IN_BULK if set(_types(doc)) <= {*IN_BULK} else MOST_ALONE):
		done = sum(_undo_part(doc, doctype, part) for doctype, part in _parts(doc))
		_finish(doc)
		return done
	_set(doc, RUNNING, _("It is being undone."))
	frappe.enqueue(
		"crm_pipeline.importer.undo_import.run", queue="long", timeout=6 * 3600, enqueue_after_commit=True, name=name
	)
	return 0


def _need_right(doc) -> None:
	"""Who may delete such records; and whoever brought them in, for nobody worked on them since."""
	if move_form.is_move(doc):
		move_form.need_role()
	elif not frappe.has_permission(doc.document_type, "delete") and doc.owner != frappe.session.user:
		frappe.throw(_("You are not allowed to delete {0}").format(_(doc.document_type)), frappe.PermissionError)


def run(name: str) -> None:
	"""The background job, chunk by chunk; one that was killed is started again by whoever undoes the import again."""
	with print_language(get_user_lang()):
		_run(name)


def _run(name: str) -> None:
	doc = frappe.get_doc(DOCTYPE, name)
	try:
		for doctype, part in _parts(doc):
			whole_transaction(_undo_part)(doc, doctype, part)
			frappe.db.commit()  # a run commits chunk by chunk - nosemgrep
	finally:
		frappe.db.rollback()
		_finish(doc.reload())
		frappe.db.commit()  # the end of the job - nosemgrep
		frappe.publish_realtime("crm_import_progress", {"name": name}, doctype=DOCTYPE, docname=name)


def _finish(doc) -> None:
	for doctype in _types(doc):
		if doctype in IN_BULK:
			afterwards.search_again(doctype)
	left = stored_rows(doc)
	doc.db_set({"rows_stored": left, "progress": 0 if not left else 100})
	_set(doc, DONE if left else UNDONE, _("Records that stay: {0}.").format(left) if left else None)


def _set(doc, wanted: str, message: str | None) -> None:
	if doc.status != wanted:
		status.check(doc, wanted)
	doc.db_set({"status": wanted, "message": message})


# ---- what there is


def _types(doc) -> tuple[str, ...]:
	"""What an import may have stored, what names other records of it first."""
	if move_form.is_move(doc):
		return MOVED
	# Deals and contacts bring the prospects of accounts that nobody knew.
	return (doc.document_type, PROSPECT) if doc.document_type in WITH_PROSPECTS else (doc.document_type,)


def _parts(doc):
	"""(DocType, {name of the record: (when it was noted, when a move last carried over what changed)}) of all records, the
	last ones first, chunk by chunk."""
	for doctype in _types(doc):
		notes = frappe.get_all(
			RECORD,
			filters={"sales_import": doc.name, "document_type": doctype},
			fields=["document", "creation", "modified"],
			order_by="creation desc, name asc",
			limit=0,
		)
		for at in range(0, len(notes), CHUNK):
			yield doctype, {note.document: _times(note) for note in notes[at : at + CHUNK]}


def _times(note) -> Noted:
	return add_to_date(note.creation, seconds=1), add_to_date(max(note.creation, note.modified), seconds=1)


def _worked_on(doc, doctype: str, noted: dict[str, Noted], besides: str = "") -> list[str]:
	"""Those that somebody changed, or left something at, or made something of; `besides` what came with that import."""
	found = {row.name for row in _rows(doctype, list(noted)) if _is_changed(row, noted[row.name][1])}
	for kind, type_field, name_field, more in LEFT:
		filters = {type_field: doctype, name_field: ("in", list(noted)), **more}
		fields = ["name", name_field, "creation"]
		rows = frappe.get_all(kind, filters=filters, fields=fields, order_by="name asc", limit=0)
		rows = [row for row in rows if get_datetime(row.creation) > noted[row[name_field]][0]]
		own = _own(kind, [row.name for row in rows], besides)
		own |= move_undo.came_along(kind, rows) if move_form.is_move(doc) else set()
		found |= {row[name_field] for row in rows if row.name not in own}
	return sorted(found | _linked(doc, doctype, list(noted), besides))


def _own(doctype: str, names: list[str], of_import: str) -> set[str]:
	"""Those of these records that came with an import."""
	if not (of_import and names):
		return set()
	filters = {"sales_import": of_import, "document_type": doctype, "document": ("in", names)}
	return set(frappe.get_all(RECORD, filters=filters, pluck="document", order_by="name asc", limit=0))


def _rows_of_own(rows: list, of_import: str) -> set[str]:
	"""Those of these table rows that are of documents which came with an import, such as the link of a contact."""
	found = set()
	for doctype in {row.parenttype for row in rows}:
		own = _own(doctype, [row.parent for row in rows if row.parenttype == doctype], of_import)
		found |= {row.name for row in rows if row.parenttype == doctype and row.parent in own}
	return found


def _rows(doctype: str, names: list[str]) -> list[dict]:
	fields = ["name", "modified", *(("assigned_on", "assignment_rule") if doctype == LEAD else ())]
	return frappe.get_all(doctype, filters={"name": ("in", names)}, fields=fields, order_by="name asc", limit=0)


def _is_changed(row: dict, later: datetime) -> bool:
	"""Whether its last change is somebody's: that a rule gave it to its owner is nobody's work."""
	modified = get_datetime(row.modified)
	given = row.get("assignment_rule") and row.assigned_on and get_datetime(row.assigned_on)
	return modified > later and not (given and abs((modified - given).total_seconds()) <= 1)


def _linked(doc, doctype: str, names: list[str], besides: str) -> set[str]:
	"""Those that another document names, so that the framework would refuse to delete them."""
	# A mail may be about many records, and is there without them.
	ignored = {*frappe.get_hooks("ignore_links_on_delete"), doctype, *_children(doctype), "Communication Link"}
	fields = [(link.parent, link.fieldname, None) for link in get_link_fields(doctype) if not link.issingle]
	fields += [(link.parent, link.fieldname, link.options) for link in get_dynamic_link_map().get(doctype, [])]
	found = set()
	for parent, field, type_field in fields:
		meta = frappe.get_meta(parent)
		if parent in ignored or meta.issingle or meta.get("is_virtual"):
			continue
		filters = {field: ("in", names), "docstatus": ("!=", 2), **({type_field: doctype} if type_field else {})}
		in_table = ["parenttype", "parent"] if meta.istable else []
		rows = frappe.get_all(parent, filters=filters, fields=["name", field, *in_table], order_by="name asc", limit=0)
		own = _own(parent, [row.name for row in rows], besides) | _rows_of_own(rows if in_table else [], besides)
		if move_form.is_move(doc):
			own |= move_undo.let_go(parent, rows, field)
		found.update(row[field] for row in rows if row.name not in own)
	return found


def _children(doctype: str) -> list[str]:
	return [field.options for field in frappe.get_meta(doctype).get_table_fields()]


# ---- gone


def _undo_part(doc, doctype: str, noted: dict[str, Noted]) -> int:
	"""What names a record and belongs to the import is gone by now, or stays itself."""
	stay = set(_worked_on(doc, doctype, noted))
	names = [name for name in noted if name not in stay]
	if not names:
		return 0
	if move_form.is_move(doc):
		move_undo.unlink(doctype, names)
	there = frappe.get_all(doctype, filters={"name": ("in", names)}, pluck="name", order_by="name asc", limit=0)
	if doctype in IN_BULK and not is_watched(doctype):
		_delete_at_once(doctype, there)
	else:
		for name in sorted(there, key=names.index):
			# Asked once for all of them, see _need_right.
			frappe.delete_doc(doctype, name, delete_permanently=True, ignore_permissions=True)
	_delete(RECORD, {"sales_import": doc.name, "document_type": doctype, "document": ("in", names)})
	return len(names)


def _delete_at_once(doctype: str, names: list[str]) -> None:
	for kind in _children(doctype):
		_delete(kind, {"parenttype": doctype, "parent": ("in", names)})
	for kind, type_field, name_field in KEPT:
		_delete(kind, {type_field: doctype, name_field: ("in", names)})
	ledger.forget_all(doctype, names)
	delete_named(doctype, names)


def _delete(doctype: str, filters: dict) -> None:
	delete_named(doctype, frappe.get_all(doctype, filters=filters, pluck="name", order_by="name asc", limit=0))
