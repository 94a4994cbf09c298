"""Titles of linked documents, for who may read those.

Frappe's own way (`show_title_field_in_link`) shows any title to whoever asks by name, so our documents don't use it:
their titles go along with the form that links to them.
"""

import frappe

from crm_pipeline.core.registry import CHAIN

TITLES = {
	**{row.name: row.title_field for row in CHAIN if not row.native},
	"Cost Estimate": "title",
	"Sales Activity": "subject",
	"Contact Position": "title",
	"Customer Discussion": "title",
}
# Of native ones, whatever a site has made the title of their forms.
NATIVE_TITLES = {"Customer": "customer_name", "Contact": "full_name"}


def title_field(doctype: str) -> str:
	"""The field with what a reader calls documents of a type; "name" where there is none."""
	return {**NATIVE_TITLES, **TITLES}.get(doctype) or frappe.get_meta(doctype).title_field or "name"


def send(doc) -> None:
	"""Part of onload(): {"DocType::name": title} of what the document links to, as a form shows it."""
	linked: dict[str, set[str]] = {}
	for df in doc.meta.fields:
		target = {"Link": df.options, "Dynamic Link": doc.get(df.options or "")}.get(df.fieldtype)
		if target in TITLES and doc.get(df.fieldname):
			linked.setdefault(target, set()).add(doc.get(df.fieldname))
	titles = [*(row for pair in linked.items() for row in _titles(*pair)), *_names_of_users(doc)]
	doc.set_onload("link_titles", dict(titles))


def named(doctype: str, names: list[str]) -> list[str]:
	"""Records that somebody may see as a message calls them: a number of a series says nothing without the title."""
	field = title_field(doctype)
	rows = frappe.get_all(
		doctype, filters={"name": ("in", names or [""])}, fields=["name", f"{field} as title"], order_by="name asc"
	)
	titles = {row.name: row.title for row in rows}
	return [f"{name} ({titles[name]})" if titles.get(name, name) not in (name, None, "") else name for name in names]


def _names_of_users(doc) -> list[tuple[str, str]]:
	"""People are called by their names, also where the browser has not met them yet."""
	rows_of = [row for df in doc.meta.get_table_fields() for row in doc.get(df.fieldname) or []]
	users = {
		row.get(df.fieldname) for row in (doc, *rows_of) for df in row.meta.get_link_fields() if df.options == "User"
	}
	rows = frappe.get_all(
		"User",
		filters={"name": ("in", sorted(users - {None, ""}) or [""])},
		fields=["name", "full_name"],
		order_by="name asc",
	)
	return [(f"User::{row.name}", row.full_name) for row in rows if row.full_name]


def _titles(doctype: str, names: set[str]) -> list[tuple[str, str]]:
	if not frappe.has_permission(doctype, "read"):
		return []
	rows = frappe.get_list(
		doctype,
		filters={"name": ("in", sorted(names))},
		fields=["name", TITLES[doctype]],
		order_by="name asc",
		limit=0,
	)
	return [(f"{doctype}::{row.name}", row[TITLES[doctype]]) for row in rows if row[TITLES[doctype]]]
