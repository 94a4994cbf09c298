"""Two records of one type become one: compared field by field, rehearsed, merged by Frappe's own rename.

What Frappe moves (links, dynamic links, files, comments, assignments, versions, the ledger) follows by itself. Rows of the
record that goes, its tags and what nobody chose of its fields are brought along here, or noted on the record that stays.
"""

import frappe
from frappe import _
from frappe.utils import cstr

from crm_pipeline.chain import locks, rights, system_fields
from crm_pipeline.chain.link_titles import title_field
from crm_pipeline.core import merging
from crm_pipeline.core.merging import Obstacle, Side
from crm_pipeline.duplicates import beside_records
from crm_pipeline.erp import merge_facts
from crm_pipeline.wording import plain, text_of

MERGED = ("Customer", "Sales Prospect", "Contact", "Sales Lead")
LAYOUT = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Image")
# Decided by other fields, or by the record itself.
NOT_CHOSEN = ("naming_series", "full_name", "status", "email_id", "phone", "mobile_no")
CHOSEN_ALL = ("Sales Prospect", "Sales Lead")

# What identifies a row of a table: of two that are the same by it one stays.
ROW_KEYS = {
	"Party Account": ("company",),
	"Customer Credit Limit": ("company",),
	"Allowed To Transact With": ("company",),
	"Portal User": ("user",),
	"Dynamic Link": ("link_doctype", "link_name"),
	"Contact Email": ("email_id",),
	"Contact Phone": ("phone",),
	"Sales Deal Contact": ("contact", "contact_name", "email_id", "phone", "mobile_no"),
	"Sales Deal Item": ("item_code", "qty", "rate"),
	"Sales Deal Competitor": ("competitor",),
	"Lead Answer": ("question_key",),
}
# Together they are a whole: those of the record that stays, or else all of the other one.
WHOLE = ("Sales Team",)
PRIMARY = ("is_primary", "is_primary_phone", "is_primary_mobile_no")


# ---- comparing


def compare(doctype: str, gone: str, kept: str) -> dict:
	"""Both sides as a dialog shows them: {"gone", "kept": {"name", "title"}, "fields": [{"fieldname", "label", "gone", "kept",
	"stays", "differs", "closed"}], "moves": {DocType: count}, "rows": {label of a table: rows that are added}, "obstacles": [text]}.
	Nothing is written. Of fields in levels that the user may not read nothing is shown; what moves and what stands in the
	way is told to who may merge the two, others hear which rights they lack."""
	one, other = frappe.get_doc(doctype, gone), frappe.get_doc(doctype, kept)
	fields = [df for df in one.meta.fields if _is_compared(doctype, df) and _may(other, df, "read")]
	missing = _rights_missing(one, other)
	return {
		"gone": _side(one),
		"kept": _side(other),
		"fields": [_field(df, one, other) for df in fields if one.get(df.fieldname) or other.get(df.fieldname)],
		"moves": {} if missing else merge_facts.linked(doctype, gone),
		"rows": _rows_added(one, other),
		"obstacles": missing or [_said(obstacle, one, other) for obstacle in _obstacles(one, other)],
	}


def _side(doc) -> dict:
	return {"name": doc.name, "title": doc.get(title_field(doc.doctype)) or doc.name, "modified": doc.modified}


def _is_compared(doctype: str, df) -> bool:
	fixed = () if doctype in CHOSEN_ALL else NOT_CHOSEN
	return (
		df.fieldtype not in (*LAYOUT, *frappe.model.table_fields)
		and not df.hidden
		and df.fieldname not in (*fixed, "naming_series", "status")
	)


def _field(df, one, other) -> dict:
	gone, kept = one.get(df.fieldname), other.get(df.fieldname)
	return {
		"fieldname": df.fieldname,
		"label": _(df.label or df.fieldname),
		"gone": _shown(df, gone, one),
		"kept": _shown(df, kept, other),
		"stays": "kept" if merging.preferred(kept, gone) == kept else "gone",
		"differs": bool(merging.differing([df.fieldname], {df.fieldname: kept}, {df.fieldname: gone})),
		# Computed, or another's to write: shown, and not chosen.
		"closed": not _is_open(df, other),
	}


def _shown(df, value, doc) -> str:
	if value in (None, ""):
		return ""
	return text_of(cstr(frappe.format(value, df, doc=doc)))[:300] if df.fieldtype != "Data" else cstr(value)[:300]


def _is_open(df, doc) -> bool:
	return bool(
		not df.read_only
		and df.fieldname not in system_fields.SYSTEM_FIELDS.get(doc.doctype, ())
		and _may(doc, df, "write")
	)


def _may(doc, df, right: str) -> bool:
	return not df.permlevel or df.permlevel in doc.meta.get_permlevel_access(right)


def _rows_added(one, other) -> dict[str, int]:
	return {_(df.label): len(rows) for df, rows in _missing_rows(one, other) if rows}


def _missing_rows(one, other) -> list[tuple]:
	found = []
	for df in one.meta.get_table_fields():
		kept, gone = other.get(df.fieldname) or [], one.get(df.fieldname) or []
		if df.options in WHOLE:
			rows = [] if kept else gone
		else:
			fields = ROW_KEYS.get(df.options) or tuple(
				field.fieldname for field in frappe.get_meta(df.options).fields if field.fieldtype not in LAYOUT
			)
			rows = merging.missing_rows(kept, gone, lambda row, fields=fields: tuple(_key(row.get(f)) for f in fields))
		found.append((df, rows))
	return found


def _key(value) -> str:
	return cstr(value).strip().casefold()


# ---- what stands in the way


def _side_of(doc) -> Side:
	if doc.doctype == "Customer":
		found = merge_facts.posted_currencies(doc.name), merge_facts.accounts(doc.name)
		return Side(doc.name, *map(frozenset, found))
	return Side(
		doc.name,
		customer=(doc.get("customer") or "") if doc.doctype == "Sales Prospect" else "",
		is_converted=doc.doctype == "Sales Lead" and doc.status == "Converted",
	)


def _obstacles(one, other) -> list[Obstacle]:
	return merging.obstacles(_side_of(one), _side_of(other))


def _said(obstacle: Obstacle, one, other) -> str:
	company, a, b = plain(obstacle.company), plain(obstacle.one), plain(obstacle.other)
	names = plain(one.name), plain(other.name)
	return {
		merging.SAME: lambda: _("Both are the same record. Choose another one."),
		merging.CURRENCY: lambda: _(
			"{0}: {1} has ledger entries in {2}, {3} in {4}. ERPNext keeps one currency for each customer and company."
		).format(company, names[0], a, names[1], b),
		merging.ACCOUNT: lambda: _(
			"{0}: the receivable account of {1} is {2}, that of {3} is {4}. Make them the same first, or remove one."
		).format(company, names[0], a, names[1], b),
		merging.CUSTOMER: lambda: _("{0} is Customer {1}, {2} is Customer {3}. Merge the customers first.").format(
			names[0], a, names[1], b
		),
		merging.CONVERTED: lambda: _("{0} was converted. Keep that one, and merge the other one into it.").format(
			names[0]
		),
		merging.BOTH_CONVERTED: lambda: _("Both leads were converted. Undo one of the conversions first."),
	}[obstacle.kind]()


def _rights_missing(one, other) -> list[str]:
	"""What the native merge asks for: to write both, and to delete the one that goes."""
	asked = ((one, "write", _("change")), (other, "write", _("change")), (one, "delete", _("delete")))
	return [
		_("You have no right to {0} {1} {2}. Ask somebody who has.").format(word, _(doc.doctype), plain(doc.name))
		for doc, right, word in asked
		if not doc.has_permission(right)
	]


# ---- merging


def merge(doctype: str, gone: str, kept: str, chosen: dict[str, str]) -> str:
	"""Merge one record into another; `chosen` says of fields whose value stays: "gone" or "kept". Answers the name that stays. Raises
	PermissionError without the rights, ValidationError where the two can't be one or somebody else was faster."""
	_lock(doctype, gone, kept)
	one, other = frappe.get_doc(doctype, gone), frappe.get_doc(doctype, kept)
	for doc, right in ((one, "write"), (other, "write"), (one, "delete")):
		rights.need(doctype, doc.name, right)
	said = [_said(obstacle, one, other) for obstacle in _obstacles(one, other)]
	if said:
		frappe.throw(said[0] if len(said) == 1 else said, title=_("These Can't Be Merged"), as_list=len(said) > 1)
	values, lost = _values(one, other, chosen)
	rows = [(df.fieldname, [_copied(row) for row in missing]) for df, missing in _missing_rows(one, other)]
	tags = _tags(one) | _tags(other)
	# 16 keeps for a whole request which records point at which types; what was written in it since would be lost.
	frappe.local.dynamic_link_map = None
	# The tool is the way for those types that are not renamed by hand.
	kept = frappe.rename_doc(doctype, gone, kept, force=True, merge=True, show_alert=False)
	_take_over(frappe.get_doc(doctype, kept), values, rows, lost, one)
	_write_tags(doctype, kept, tags)
	beside_records.keep_one_each(doctype, kept)
	return kept


def _lock(doctype: str, gone: str, kept: str) -> None:
	"""Two people merge: one after the other, and the second one finds what the first one left."""
	if gone == kept:
		frappe.throw(_("Both are the same record. Choose another one."))
	locks.lock((doctype, gone), (doctype, kept))


def _values(one, other, chosen: dict[str, str]) -> tuple[dict, list[str]]:
	"""(Values that the record which stays takes, what it says of the other one's values that are not kept)."""
	values, lost = {}, []
	for df in one.meta.fields:
		if not _is_compared(one.doctype, df) or not _is_open(df, other):
			continue
		gone, kept = one.get(df.fieldname), other.get(df.fieldname)
		side = chosen.get(df.fieldname)
		stays = gone if side == "gone" else kept if side == "kept" else merging.preferred(kept, gone)
		if stays != kept:
			values[df.fieldname] = stays
		left = kept if stays != kept else gone
		if left not in merging.EMPTY and cstr(left) != cstr(stays) and df.fieldtype not in ("Check", "Text Editor"):
			lost.append(f"{_(df.label)}: {cstr(left)[:140]}")
	return values, lost


def _copied(row) -> dict:
	values = {df.fieldname: row.get(df.fieldname) for df in row.meta.fields if df.fieldtype not in LAYOUT}
	return {**values, **{field: 0 for field in PRIMARY if field in values}}


def _take_over(doc, values: dict, rows: list[tuple[str, list[dict]]], lost: list[str], gone) -> None:
	doc.update(values)
	for fieldname, missing in rows:
		there = {_key(row.get("name")) for row in doc.get(fieldname) or []}
		for row in missing:
			if _key(row.get("name")) not in there or "name" not in row:
				doc.append(fieldname, row)
	_keep_one_primary(doc)
	# Of questions that are asked no more, too.
	doc.flags.stored_answers = [frappe._dict(row) for row in dict(rows).get("answers", ())]
	doc.flags.follows = True
	doc.save()
	title = gone.get(title_field(doc.doctype)) or gone.name
	said = _("{0} ({1}) was merged into this one.").format(plain(title), plain(gone.name))
	if lost:
		said += "<br>" + _("What it did not take over:") + "<br>" + "<br>".join(map(plain, lost))
	comment = {"comment_type": "Info", "reference_doctype": doc.doctype, "reference_name": doc.name, "content": said}
	# As the framework notes a merge, for whoever may do it.
	frappe.get_doc({"doctype": "Comment", **comment}).insert(ignore_permissions=True)


def _keep_one_primary(doc) -> None:
	"""The first address and number of a Contact that had none is its primary one."""
	for fieldname, marks in (
		("email_ids", ("is_primary",)),
		("phone_nos", ("is_primary_phone", "is_primary_mobile_no")),
	):
		rows = doc.get(fieldname) or []
		for mark in marks if doc.doctype == "Contact" and rows else ():
			if not any(row.get(mark) for row in rows):
				rows[0].set(mark, 1)


def _tags(doc) -> set[str]:
	return {tag for tag in cstr(doc.get("_user_tags")).split(",") if tag}


def _write_tags(doctype: str, name: str, tags: set[str]) -> None:
	if not tags:
		return
	frappe.db.set_value(doctype, name, "_user_tags", "," + ",".join(sorted(tags)), update_modified=False)
	links = frappe.get_all(
		"Tag Link",
		filters={"document_type": doctype, "document_name": name},
		fields=["name", "tag"],
		order_by="creation asc",
		limit=0,
	)
	seen: set[str] = set()
	for link in links:
		if link.tag in seen:
			locks.delete_rows("Tag Link", {"name": link.name})
		seen.add(link.tag)
