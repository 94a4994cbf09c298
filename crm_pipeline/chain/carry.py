"""What goes along when a document leads to the next one: same-named fields and tables, memos and files."""

from collections.abc import Callable

import frappe
from frappe.model.mapper import get_mapped_doc

from crm_pipeline.chain import extensions, graph, system_fields
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import ITEM_TABLES
from crm_pipeline.erp.same_named import keep_levels

# Each document decides these for itself.
NOT_CARRIED = ["naming_series", "status", "pipeline", "amended_from"]

# The same thing under another name.
FIELD_MAP = {
	("Sales Campaign", "Sales Lead"): {"title": "title", "name": "campaign"},
	("Sales Campaign", "Sales Project"): {"title": "title", "name": "campaign", "budget": "amount"},
	("Quotation", "Sales Contract"): {
		"party_name": "customer",
		"net_total": "amount",
	},
	("Quotation", "Sales Order Request"): {"party_name": "customer"},
	("Sales Contract", "Sales Order Request"): {"name": "contract"},
}

# A copy of a document starts without these (`no_copy`), the next document goes on with them.
GOES_ON = ("expected_close", "next_step", "next_step_date", "delivery_date")

ROW_MAP = {
	("Quotation Item", "Sales Contract Item"): {"parent": "quotation", "name": "quotation_item"},
	("Quotation Item", "Sales Order Request Item"): {"parent": "quotation", "name": "quotation_item"},
	# Its quotation's row follows from the contract's, see orders/request_rows.py.
	("Sales Contract Item", "Sales Order Request Item"): {"origin_item": "contract_item"},
}


def key_of(source) -> str:
	"""The `conversion_key` of the one document that may be made of `source` by a click."""
	return f"{source.doctype}:{source.name}"


def made_of(source, doctype: str) -> str | None:
	"""The one document that was made of `source` by a click; None where there is none.

	What holds the key without having come from `source`, or for somebody else, was not made of it: it loses the key.
	"""
	fields = ["name", "source_type", "source_name", "customer", "prospect"]
	found = frappe.db.get_value(doctype, {"conversion_key": key_of(source)}, fields, as_dict=True)
	if not found:
		return None
	if (found.source_type, found.source_name) == (source.doctype, source.name) and _same_party(found, source):
		return found.name
	frappe.db.set_value(doctype, found.name, "conversion_key", None, update_modified=False)
	return None


def _same_party(found, source) -> bool:
	"""Whether both are about the same customer or prospect, as far as they say."""
	customer = source.get("party_name") if source.doctype == "Quotation" else source.get("customer")
	if found.customer and customer:
		return found.customer == customer
	return not (found.prospect and source.get("prospect")) or found.prospect == source.prospect


def next_document(source, doctype: str, change: Callable | None = None):
	"""An unsaved `doctype` that came from `source`, with all that goes along except memos and files.

	Checks the user's right to read the source and to create the target. Custom fields of the same
	name travel, whoever made them. `change(source, target)` has the last word.
	"""
	tables = {
		source.doctype: {
			"doctype": doctype,
			"field_map": {**_going_on(source.doctype, doctype), **FIELD_MAP.get((source.doctype, doctype), {})},
			"field_no_map": NOT_CARRIED,
		}
	}
	source_rows, target_rows = ITEM_TABLES.get(source.doctype), ITEM_TABLES.get(doctype)
	if source_rows and target_rows:
		tables[source_rows] = {
			"doctype": target_rows,
			"field_map": {**_going_on(source_rows, target_rows), **ROW_MAP.get((source_rows, target_rows), {})},
			"condition": lambda row: not row.get("is_alternative") and not row.get("is_free_item"),
		}

	def finish(mapped_source, target):
		graph.set_source(target, Ref(source.doctype, source.name))
		if change:
			change(mapped_source, target)
		keep_levels(target)
		extensions.run("crm_pipeline_mapping", source=mapped_source, target=target)

	return get_mapped_doc(source.doctype, source.name, tables, postprocess=finish)


def _going_on(source: str, target: str) -> dict[str, str]:
	metas = (frappe.get_meta(source), frappe.get_meta(target))
	return {field: field for field in GOES_ON if all(meta.has_field(field) for meta in metas)}


def carry_attachments(source, target) -> None:
	"""Show the source's memos and files on the target too; the files themselves are not copied."""
	_carry_memos(source, target)
	carry_files(source, target)


def carry_work(source, target) -> None:
	"""What a conversion goes on with: the source's tags, and its open assignments, which are the target's from now on. Who
	may not see the target gets it shared, as by an assignment in its form."""
	carry_tags(source, target)
	moved = frappe.get_all(
		"ToDo",
		filters={"reference_type": source.doctype, "reference_name": source.name, "status": "Open"},
		fields=["name", "allocated_to"],
		order_by="creation asc",
	)
	for row in moved:
		task = frappe.get_doc("ToDo", row.name)
		task.update({"reference_type": target.doctype, "reference_name": target.name})
		# Whoever converts need not be whose task it is.
		task.save(ignore_permissions=True)
		if row.allocated_to and not frappe.has_permission(target.doctype, "read", doc=target, user=row.allocated_to):
			shared = {"share_doctype": target.doctype, "share_name": target.name, "user": row.allocated_to, "read": 1}
			frappe.get_doc({"doctype": "DocShare", **shared}).insert(ignore_permissions=True)
	if moved:
		source.db_set("_assign", None, update_modified=False)


def carry_tags(source, target) -> None:
	for tag in filter(None, (frappe.db.get_value(source.doctype, source.name, "_user_tags") or "").split(",")):
		target.add_tag(tag)


def _carry_memos(source, target) -> None:
	about_source = {"reference_doctype": source.doctype, "reference_name": source.name}
	about_target = {"reference_doctype": target.doctype, "reference_name": target.name}
	for row in frappe.get_all(
		"Sales Memo",
		filters=about_source,
		fields=["name", "subject", "memo", "pinned", "copied_from", "owner", "creation"],
		order_by="creation asc",
	):
		origin = row.copied_from or row.name
		if frappe.db.exists("Sales Memo", {**about_target, "copied_from": origin}):
			continue
		memo = frappe.new_doc("Sales Memo")
		memo.update({**about_target, "subject": row.subject, "memo": row.memo, "pinned": row.pinned})
		system_fields.write(memo, copied_from=origin)
		memo.insert()
		# The memo keeps its author and its day.
		memo.db_set({"owner": row.owner, "creation": row.creation}, update_modified=False)


def carry_files(source, target) -> None:
	"""Attach the source's files to the target; what is attached there already stays once."""
	present = set(
		frappe.get_all(
			"File",
			filters={"attached_to_doctype": target.doctype, "attached_to_name": target.name},
			pluck="file_url",
			order_by="creation asc",
		)
	)
	for row in frappe.get_all(
		"File",
		filters={"attached_to_doctype": source.doctype, "attached_to_name": source.name, "is_folder": 0},
		fields=["file_name", "file_url", "is_private"],
		order_by="creation asc",
	):
		if row.file_url in present:
			continue
		# Whoever may make the target brings its files along; they need no right to upload.
		frappe.get_doc(
			{
				"doctype": "File",
				"file_name": row.file_name,
				"file_url": row.file_url,
				"is_private": row.is_private,
				"attached_to_doctype": target.doctype,
				"attached_to_name": target.name,
			}
			# See above: no right to upload is asked for.
		).insert(ignore_permissions=True)
