"""Deleting documents, and the links that stop it or stop a cancellation."""

from functools import cache

from benchless import context, metadata, plain
from benchless.database import db
from benchless.errors import DoesNotExistError, LinkExistsError, PermissionError, ValidationError, only
from benchless.messages import throw
from benchless.records import Record


def delete_doc(doctype: str, name: str, *, ignore_permissions=False, flags=None, ignore_missing=True, **options):
	from benchless.documents import NativeDocument, get_doc

	only(options, "frappe.delete_doc", "delete_permanently")
	if not db.exists(doctype, name):
		if ignore_missing:
			return
		raise DoesNotExistError(f"{doctype} {name} not found", doctype=doctype)
	doc = get_doc(doctype, name)
	doc.flags.update(flags or {})
	if ignore_permissions:
		doc.flags.ignore_permissions = True
	if isinstance(doc, NativeDocument):
		doc.delete(ignore_permissions=ignore_permissions)
		return
	if not doc.has_permission("delete"):
		throw(f"User not allowed to delete {doctype}: {name}", PermissionError)
	if doc.meta.is_submittable and doc.docstatus == 1:
		throw(f"{doctype} {name}: Submitted Record cannot be deleted. You must cancel it first.", ValidationError)
	doc.run_method("on_trash")
	doc.flags.in_delete = True
	doc.run_method("on_change")
	check_links(doc, "Delete")
	db.delete(doctype, {"name": name})
	for field in doc.meta.get_table_fields():
		db.delete(field.options, {"parent": name, "parenttype": doctype})
	doc.run_method("after_delete")
	db.delete("File", {"attached_to_doctype": doctype, "attached_to_name": name})
	db.delete("Comment", {"reference_doctype": doctype, "reference_name": name})


@cache
def links() -> list[tuple[str, str, str | None, str | None]]:
	"""Every link field of every DocType: (doctype, field, its target or None, the field that names the target)."""
	found = []
	for doctype in metadata.shapes():
		meta = metadata.get_meta(doctype)
		found += [(doctype, field.fieldname, field.options, None) for field in meta.get_link_fields()]
		# Of a recorded DocType only some fields are known.
		known = [field for field in meta.get_dynamic_link_fields() if meta.has_field(field.options)]
		found += [(doctype, field.fieldname, None, field.options) for field in known]
	return found


def get_link_fields(doctype: str) -> list[Record]:
	"""The link fields that name this type: [{"parent": their DocType, "fieldname", "issingle"}]."""
	return [
		Record(parent=kind, fieldname=field, issingle=0) for kind, field, target, _by in links() if target == doctype
	]


def get_dynamic_link_map() -> dict[str, list[Record]]:
	"""{DocType: every dynamic link field}, whether or not one names that type by now."""
	# What Frappe keeps itself about a document is in no link's way, by a hook of its own.
	kept = {*plain.DOCTYPES, "DocShare", "Document Follow", "Tag Link", "View Log"}
	fields = [found for found in links() if found[3] and found[0] not in kept]
	found = [Record(parent=kind, fieldname=field, options=by) for kind, field, _target, by in fields]
	return dict.fromkeys(metadata.shapes(), found)


def check_links(doc, method: str) -> None:
	"""Raise LinkExistsError when another document points here: any one on "Delete", submitted ones on "Cancel"."""
	ignored = set(doc.get("ignore_linked_doctypes") or ()) if method == "Cancel" else set()
	# A dynamic link of these never counts, a plain one only when deleting does not.
	never = set(context.get_hooks("ignore_links_on_delete"))
	for doctype, field, target, type_field in links():
		if target not in (doc.doctype, None) or (field == "amended_from" and method == "Cancel"):
			continue
		skipped = ignored | (never if method == "Delete" or type_field else set())
		if doctype not in skipped and not metadata.get_meta(doctype).issingle:
			_check_link(doc, method, doctype, field, type_field, skipped)


def _check_link(doc, method: str, doctype: str, field: str, type_field: str | None, skipped: set[str]) -> None:
	meta = metadata.get_meta(doctype)
	filters = {field: doc.name, **({type_field: doc.doctype} if type_field else {})}
	columns = ["name", "docstatus", *(["parent", "parenttype"] if meta.istable else [])]
	for row in db.get_values(doctype, filters, columns, as_dict=True, order_by="creation asc"):
		owner, name = (row.parenttype, row.parent) if meta.istable else (doctype, row.name)
		if owner in skipped or (doctype == doc.doctype and name == doc.name):
			continue
		if method == "Cancel" and row.docstatus != 1 or type_field and method == "Delete" and row.docstatus == 2:
			continue
		why = f"{doc.doctype} {doc.name} is linked with {owner} {name}"
		throw(f"Cannot delete or cancel because {why}", LinkExistsError)
