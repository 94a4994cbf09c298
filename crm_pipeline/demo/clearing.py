"""`clear`: removes the demo company and everything made for it, and nothing else.

What belongs to the demo: rows of the demo company, rows made by the people of the demo, and what
hangs on those (child rows, comments, files, stock levels). ERPNext keeps submitted documents and
their ledgers from being deleted one by one, so they are deleted by table. Before anything is
touched it is checked that no other company's document uses an item, a customer or a user of the demo.
"""

import re
import time
from collections.abc import Iterable

import frappe
from frappe import _
from frappe.model.rename_doc import get_link_fields
from frappe.utils.nestedset import rebuild_tree
from frappe.utils.synchronization import filelock

from crm_pipeline.chain.locks import LostRaceError, whole_transaction
from crm_pipeline.demo import actors, story

LOADING, LOADED = "loading", "loaded"
STATE = "crm_pipeline_demo"

Rows = dict[str, set[str]]

# Schema is never the demo's, whoever made it. Company and users go last, through their own controllers.
NEVER = (
	"DocType",
	"Custom Field",
	"Property Setter",
	"Module Def",
	"Role",
	"Company",
	"User",
	"DefaultValue",
)

# Rows that carry no company but belong to one of these: (doctype, link field, what it links to).
FOLLOWERS = (
	("Bin", "warehouse", "Warehouse"),
	("Item Price", "item_code", "Item"),
	("Item Price", "price_list", "Price List"),
	("Batch", "item", "Item"),
	("Serial No", "item_code", "Item"),
	("Contact", "user", "User"),
	("Activity Log", "user", "User"),
	("Notification Log", "for_user", "User"),
	("Pipeline Event Note", "event", "Pipeline Event"),
)

# What background jobs write for and of people of the demo, also while it is cleared: (doctype, user field).
NOTICES = (("Notification Log", "for_user"), ("Notification Log", "from_user"), ("Notification Log", "owner"))

# Seconds to wait for a background job that was faster.
PAUSES = (1, 2, 4, 8, 15, 30)

# Records without a company that other companies' documents could have come to use.
SHARED = (
	"Customer", "Contact", "Address", "Item", "Item Group", "Price List", "Territory", "Sales Person", "User",
	"Payment Term", "Payment Terms Template", "Sales Competitor", "Sales Lost Reason", "Quotation Lost Reason",
	"Sales Pipeline", "Pipeline Stage", "Sales Segment", "Lead Assignment Rule", "Pool Rule",
)  # fmt: skip

# Links by type and name: (doctype, type field, name field).
POINTERS = (
	("Comment", "reference_doctype", "reference_name"),
	("Communication", "reference_doctype", "reference_name"),
	("File", "attached_to_doctype", "attached_to_name"),
	("Version", "ref_doctype", "docname"),
	("ToDo", "reference_type", "reference_name"),
	("DocShare", "share_doctype", "share_name"),
	("Document Follow", "ref_doctype", "ref_docname"),
	("Notification Log", "document_type", "document_name"),
	("View Log", "reference_doctype", "reference_name"),
	("Tag Link", "document_type", "document_name"),
	("Dynamic Link", "link_doctype", "link_name"),
	("Pipeline Event", "reference_doctype", "reference_name"),
	("Stage Passage", "reference_doctype", "reference_name"),
	("Sales Activity", "reference_doctype", "reference_name"),
	("Sales Memo", "reference_doctype", "reference_name"),
	("Sales Help Request", "reference_doctype", "reference_name"),
	("Cost Estimate", "reference_doctype", "reference_name"),
	("Pending Update", "document_type", "document"),
	("Duplicate Pair", "document_type", "document_name"),
	("Duplicate Pair", "document_type", "other_name"),
)
PARTIES = (
	("Payment Entry", "party_type", "party"),
	("Journal Entry Account", "party_type", "party"),
	("Quotation", "quotation_to", "party_name"),
)
CHUNK = 1000


def clear() -> None:
	with filelock(STATE, timeout=5):
		if not state():
			print("There is no demo on this site.")
			return
		remove()
		print("The demo is gone.")


def state() -> str | None:
	"""LOADING, LOADED or None."""
	return frappe.defaults.get_defaults_for(STATE).get("state")


def set_state(value: str) -> None:
	frappe.defaults.set_default("state", value, STATE)


def remove() -> None:
	"""All of it. Raises LinkExistsError, before anything is changed, when others use a part of it.

	Notices go first and last, on their own: jobs of the demo's own work may still be writing them. The documents go in
	one transaction, again from the start as long as a background job is faster.
	"""
	refuse_if_used(find())
	_patiently(_remove_notices)
	_patiently(_remove_documents)
	_patiently(_remove_notices)
	frappe.defaults.clear_default(parent=STATE)
	# Gone for good before the caches are read anew.
	frappe.db.commit()
	frappe.clear_cache()


def _patiently(step) -> None:
	"""Do a step in a transaction of its own, however often a background job is faster: it has to end some time."""
	for pause in PAUSES:
		try:
			whole_transaction(step)()
			# Else the next step would wait for its rows.
			frappe.db.commit()
			return
		except LostRaceError:
			frappe.db.rollback()
			frappe.clear_messages()
			time.sleep(pause)
	whole_transaction(step)()
	# As above.
	frappe.db.commit()


def _remove_notices() -> None:
	people = actors.emails()
	for doctype, field in NOTICES:
		frappe.db.delete(doctype, {field: ("in", people)})


def _remove_documents() -> None:
	rows = find()
	refuse_if_used(rows)
	# Accounts, cost centres and warehouses are trees of one company each; closing the gaps is for shared ones.
	trees = [
		doctype
		for doctype in rows
		if _has(doctype, "lft") and (doctype == "Department" or not _has(doctype, "company"))
	]
	pointers = _pointers_by_type()
	for doctype, names in rows.items():
		delete(doctype, names, pointers.get(doctype, []))
	_delete_companys_child_rows()
	_delete_company_and_users()
	give_numbers_back(rows)
	for doctype in trees:
		if frappe.db.count(doctype):
			rebuild_tree(doctype)


# ---- what is the demo's


def find() -> Rows:
	"""Names of all documents of the demo, by DocType. Company and users are left out.

	Asked table by table without the framework's meta data: to read that of all DocTypes takes longer than all the rest.
	"""
	rows: Rows = {}
	people = actors.emails()
	for doctype in _tables(istable=0):
		table = frappe.qb.DocType(doctype)
		is_ours = table.owner.isin(people)
		if _has(doctype, "company"):
			is_ours |= table.company == story.COMPANY
		names = frappe.qb.from_(table).select(table.name).where(is_ours).run(pluck=True)
		if names:
			rows[doctype] = set(names)
	for doctype, field, target in FOLLOWERS:
		names = _where(doctype, field, people if target == "User" else rows.get(target, ()))
		if names:
			rows.setdefault(doctype, set()).update(names)
	return rows


def _tables(istable: int) -> list[str]:
	filters = {"istable": istable, "issingle": 0, "is_virtual": 0, "name": ("not in", NEVER)}
	found = frappe.get_all("DocType", filters=filters, pluck="name", order_by="name asc", limit=0)
	return [doctype for doctype in found if frappe.db.table_exists(doctype)]


def _has(doctype: str, column: str) -> bool:
	return column in frappe.db.get_table_columns(doctype)


def _where(doctype: str, field: str, values: Iterable[str]) -> list[str]:
	found, table = [], frappe.qb.DocType(doctype)
	for chunk in _chunks(values):
		found += frappe.qb.from_(table).select(table.name).where(table[field].isin(chunk)).run(pluck=True)
	return found


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
	values = sorted(values)
	for start in range(0, len(values), CHUNK):
		yield values[start : start + CHUNK]


# ---- who else uses it


def refuse_if_used(rows: Rows) -> None:
	uses = list(dict.fromkeys(_uses(rows)))
	if uses:
		frappe.throw(
			_("The demo can't be removed: documents outside of it use parts of it. {0}").format("; ".join(uses[:20])),
			frappe.LinkExistsError,
		)


def _uses(rows: Rows) -> Iterable[str]:
	kinds = _kinds()
	for target in SHARED:
		names = set(actors.emails()) if target == "User" else rows.get(target, set())
		if not names:
			continue
		for link in get_link_fields(target):
			if link.parent in kinds:
				yield from _uses_of(rows, kinds[link.parent], link.fieldname, names)
		for doctype, type_field, name_field in PARTIES:
			if target == "Customer":
				yield from _uses_of(rows, kinds[doctype], name_field, names, type_field)


def _kinds() -> dict[str, dict]:
	"""{DocType: what it is} of those that can use a part of the demo. Logs and settings of the framework follow their user."""
	fields = ["name", "module", "issingle", "istable"]
	kinds = frappe.get_all("DocType", filters={"is_virtual": 0}, fields=fields, order_by="name asc", limit=0)
	return {kind.name: kind for kind in kinds if not _is_of_framework(kind) and kind.name != "User"}


def _uses_of(rows: Rows, kind: dict, field: str, names: set[str], type_field: str | None = None) -> Iterable[str]:
	doctype = kind.name
	if kind.issingle:
		value = frappe.db.get_single_value(doctype, field)
		if value in names:
			yield f"{_(doctype)}: {value}"
		return
	if not (frappe.db.table_exists(doctype) and _has(doctype, field)):
		return
	table = frappe.qb.DocType(doctype)
	place = (table.parenttype, table.parent) if kind.istable else (table.name, table.name)
	for chunk in _chunks(names):
		query = frappe.qb.from_(table).select(*place, table[field]).where(table[field].isin(chunk)).orderby(table.name)
		if type_field:
			query = query.where(table[type_field] == "Customer")
		for parenttype, name, value in query.run():
			user = parenttype if kind.istable else doctype
			if not _is_demos(rows, user, name):
				yield f"{_(user)} {name}: {value}"


def _is_demos(rows: Rows, doctype: str, name: str) -> bool:
	return name in rows.get(doctype, ()) or (doctype, name) == ("Company", story.COMPANY) or name in actors.emails()


def _is_of_framework(kind: dict) -> bool:
	app = frappe.local.module_app.get(frappe.scrub(kind.module))
	return app == "frappe" and kind.name not in ("Contact", "Address")


# ---- taking it away


def delete(doctype: str, names: set[str], pointers: list[tuple[str, str, str]]) -> None:
	"""Delete documents with their child rows and what points at them by type and name."""
	children = [df.options for df in frappe.get_meta(doctype).get_table_fields()]
	for chunk in _chunks(names):
		for child in dict.fromkeys(children):
			if frappe.db.table_exists(child):
				frappe.db.delete(child, {"parenttype": doctype, "parent": ("in", chunk)})
		for pointer, type_field, name_field in pointers:
			frappe.db.delete(pointer, {type_field: doctype, name_field: ("in", chunk)})
		frappe.db.delete(doctype, {"name": ("in", chunk)})


def _pointers_by_type() -> dict[str, list[tuple[str, str, str]]]:
	"""{DocType: those of POINTERS that point at any document of it}."""
	found: dict[str, list[tuple[str, str, str]]] = {}
	for pointer in POINTERS:
		table = frappe.qb.DocType(pointer[0])
		for target in frappe.qb.from_(table).select(table[pointer[1]]).distinct().run(pluck=True):
			found.setdefault(target, []).append(pointer)
	return found


def _delete_companys_child_rows() -> None:
	"""Rows for this company in documents that stay: accounts of modes of payment, companies of a fiscal year."""
	for doctype in _tables(istable=1):
		if _has(doctype, "company"):
			frappe.db.delete(doctype, {"company": story.COMPANY})


def _delete_company_and_users() -> None:
	options = {"force": True, "ignore_permissions": True, "delete_permanently": True, "ignore_missing": True}
	frappe.delete_doc("Company", story.COMPANY, **options)
	# Frappe would look through all links of the site for each of these.
	frappe.db.delete("Notification Settings", {"name": ("in", actors.emails())})
	for user in actors.emails():
		frappe.delete_doc("User", user, **options)
		frappe.defaults.clear_default(parent=user)
	_end_sessions()
	people = set(actors.emails())
	for doctype, names in (("Company", {story.COMPANY}), ("User", people)):
		for pointer, type_field, name_field in POINTERS:
			frappe.db.delete(pointer, {type_field: doctype, name_field: ("in", sorted(names))})


def _end_sessions() -> None:
	"""Somebody may have set a password and be logged in as one of them. Frappe's own call would commit."""
	sessions = frappe.qb.DocType("Sessions")
	for sid in (
		frappe.qb.from_(sessions).select(sessions.sid).where(sessions.user.isin(actors.emails())).run(pluck=True)
	):
		frappe.cache.hdel("session", sid)
	frappe.qb.from_(sessions).delete().where(sessions.user.isin(actors.emails())).run()


def give_numbers_back(rows: Rows) -> None:
	"""Naming series go back to where they were, as far as nobody else has taken a number since."""
	taken: dict[str, set[int]] = {}
	for names in rows.values():
		for name in names:
			parts = re.fullmatch(r"(.*?)(\d{3,})", str(name))
			if parts:
				taken.setdefault(parts[1], set()).add(int(parts[2]))
	series = frappe.qb.DocType("Series")
	for prefix, numbers in taken.items():
		found = (frappe.qb.from_(series).select(series.current).where(series.name == prefix).for_update()).run(
			pluck=True
		)
		current = before = found[0] if found else 0
		while current in numbers:
			current -= 1
		if current == before:
			continue
		if current:
			frappe.qb.update(series).set(series.current, current).where(series.name == prefix).run()
		else:
			frappe.qb.from_(series).delete().where(series.name == prefix).run()
