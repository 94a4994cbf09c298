"""What happens to our documents when ERPNext's Customer is saved, renamed or merged."""

import frappe
from frappe import _

from crm_pipeline.chain import clean_html
from crm_pipeline.chain.locks import set_rows
from crm_pipeline.core import relations
from crm_pipeline.duplicates import pair_records
from crm_pipeline.erp import identity
from crm_pipeline.parties import copied_names
from crm_pipeline.parties.party import types_with
from crm_pipeline.pool import pool_saves
from crm_pipeline.receivables import promise_checks
from crm_pipeline.receivables.promise_states import PROMISE
from crm_pipeline.relations import customer_relations, posts
from crm_pipeline.wording import bold

# Where a document carries the name of its party as text.
COPIES = ("party_name", "customer_name")


def follow(doc, method=None, *renamed):
	"""validate, on_update and after_rename(old, new, merge) of Customer."""
	{"validate": _validate, "on_update": _on_update, "after_rename": _after_rename}[method](doc, *renamed)


def _validate(doc) -> None:
	doc.update(identity.customer_keys(doc))
	pool_saves.follow_customer(doc)
	if doc.get("crm_parent_customer") and doc.has_value_changed("crm_parent_customer"):
		_refuse_circle(doc)


def _on_update(doc) -> None:
	before = doc.get_doc_before_save()
	if before and before.customer_name != doc.customer_name:
		follow_name("customer", doc.name, doc.customer_name)
	if (before.get("crm_parent_customer") if before else None) != (doc.get("crm_parent_customer") or None):
		customer_relations.take_field(doc.name, doc.crm_parent_customer)


def _after_rename(doc, old: str, new: str, merge: bool = False) -> None:
	"""Links follow by themselves; text does not, and of two that became one none is the other's parent."""
	doc.db_set(identity.customer_keys(doc), update_modified=False)
	_end_circle(new)
	if merge:
		posts.after_customers_merge(new)
		customer_relations.after_merge(new)
		pair_records.after_merge("Customer", new)
	follow_name("customer", new, doc.customer_name)
	result = {"kind": "Conversion", "customer": new, "to_value": f"Customer {old}"[:140]}
	set_rows("Pipeline Event", result, {"to_value": f"Customer {new}"[:140]})


def follow_name(link: str, party: str, name: str) -> None:
	"""Documents of a party (`link`: customer or prospect) carry its name as it is now, titles made of it included."""
	name = clean_html.copied(name)
	copied_names.follow("Customer" if link == "customer" else "Sales Prospect", party, name)
	about = {link: party} if link == "customer" else {link: party, "customer": ("is", "not set")}
	for doctype in types_with("party_name"):
		columns = [column for column in COPIES if frappe.get_meta(doctype).has_field(column)]
		title = ["title"] if frappe.get_meta(doctype).has_field("title") else []
		rows = frappe.get_all(doctype, filters=about, fields=["name", *title, *columns], order_by="name asc", limit=0)
		for row in rows:
			titled = [column for column in title if row[column] == row.party_name]
			values = {column: name for column in (*titled, *columns) if row[column] != name}
			if values:
				frappe.db.set_value(doctype, row.name, values, update_modified=False)
	if link == "customer":
		_follow_titles(party, name)


def _follow_titles(customer: str, name: str) -> None:
	"""Titles that are made of the name and more."""
	fields = ["name", "customer", "sales_invoice"]
	for row in frappe.get_all(PROMISE, filters={"customer": customer}, fields=fields, order_by="name asc", limit=0):
		row.customer_name = name
		frappe.db.set_value(PROMISE, row.name, "title", promise_checks.title_of(row), update_modified=False)


def _refuse_circle(doc) -> None:
	if doc.name in relations.path_up(doc.crm_parent_customer, _parent_of):
		frappe.throw(
			_("{0}: {1} belongs to {2} already, so it can't be above it").format(
				bold(_(doc.meta.get_label("crm_parent_customer"))), doc.crm_parent_customer, bold(doc.name)
			),
			title=_("Customers in a Circle"),
		)


def _parent_of(customer: str) -> str | None:
	return frappe.db.get_value("Customer", customer, "crm_parent_customer")


def _end_circle(customer: str) -> None:
	"""Nobody is their own parent, at whatever distance: the merged customer stands on top."""
	if customer in relations.path_up(_parent_of(customer), _parent_of):
		frappe.db.set_value("Customer", customer, "crm_parent_customer", None, update_modified=False)
