"""`frappe.rename_doc`: a new name, also in everything that links to the old one; merged, the new one is there."""

from benchless import deleting, metadata
from benchless.database import db
from benchless.documents import get_doc
from benchless.errors import NotOffered, ValidationError
from benchless.messages import throw


def rename_doc(
	doctype: str, old: str, new: str, force=False, merge=False, ignore_permissions=False, show_alert=True,
	rebuild_search=True,
) -> str:  # fmt: skip
	if metadata.is_native(doctype):
		raise NotOffered("frappe.rename_doc of a document of the back office")
	doc = get_doc(doctype, old)
	doc.run_method("before_rename", old, new, merge)
	if old == new:
		throw("No changes made because old and new name are the same", ValidationError)
	if bool(db.exists(doctype, new)) != bool(merge):
		throw(f"{doctype} {new} exists and is to be merged, or neither: select another name", ValidationError)
	if not (ignore_permissions or doc.has_permission("write")):
		throw(f"You need write permission on {doctype} {old} to rename", ValidationError)
	meta = doc.meta
	if not (meta.allow_rename or force or ignore_permissions):
		throw(f"{doctype} not allowed to be renamed", ValidationError)
	rule = meta.autoname or ""
	if not merge:
		db.sql(f"update `tab{doctype}` set name = %s where name = %s", (new, old))
	if rule.startswith("field:") and not merge:
		db.set_value(doctype, new, rule[6:], new, update_modified=False)
	for table in [] if merge else [field.options for field in meta.get_table_fields()]:
		db.sql(f"update `tab{table}` set parent = %s where parent = %s and parenttype = %s", (new, old, doctype))
	for table, column, target, type_column in deleting.links():
		if metadata.get_meta(table).issingle or target not in (doctype, None):
			continue
		of_type = f" and `{type_column}` = %s" if type_column else ""
		db.sql(
			f"update `tab{table}` set `{column}` = %s where `{column}` = %s{of_type}",
			(new, old, *([doctype] if type_column else [])),
		)
	get_doc(doctype, new).run_method("after_rename", old, new, merge)
	if merge:
		deleting.delete_doc(doctype, old)
	return new
