"""Shapes of native DocTypes and the rows of a set-up site, measured on the connected site."""

import frappe

from benchless.back_office.names import of_this_site
from tests.site.recorder import measure

# The framework's own, which the host runs itself.
CORE = (
	"DocType", "Role", "Has Role", "Role Profile", "User", "User Permission", "DefaultValue", "File", "Comment",
	"Custom Field", "Property Setter", "System Settings", "Module Def", "Report", "Page", "Version", "Error Log",
	"Workflow", "Print Format", "Notification", "Email Template", "Letter Head", "ToDo", "Communication", "Workspace",
	"Installed Application", "Notification Log", "Web Form", "Web Form Field",
)  # fmt: skip
# The app uses these as words; it is not built on the DocTypes of that name.
WORDS = (
	"Lead", "Opportunity", "Prospect", "Contract", "Campaign", "Competitor", "Budget", "Employee",
	"Exchange Rate Revaluation", "Asset", "Bank",
)  # fmt: skip
LAYOUT = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Fold", "Heading", "Image")
# ERPNext's book-keeping, and what says nothing about a document.
NEVER = ("naming_series", "crm_request_key")
NEVER_LINKED = ("Account", "Cost Center")
# Here the account says what is owed, or what it is set off against.
LEDGER = ("Payment Ledger Entry", "Journal Entry Account")
KINDS = {"istable": "table", "issingle": "single", "is_submittable": "submittable", "is_tree": "tree"}
RIGHTS = (
	"if_owner", "select", "read", "write", "create", "delete", "submit", "cancel", "amend", "report",
	"export", "import", "share", "print", "email",
)  # fmt: skip
# Made by stories, not by setting a site up.
OF_STORIES = (
	"Contact",
	"Address",
	"Customer",
	"Item",
	"Item Price",
	"Project",
	"Task",
	"Product Bundle",
	"Bin",
)
FEW = 40


def doctypes() -> list[str]:
	"""Native DocTypes that the sources name or link to, with the rows that documents of these have."""
	known = set(frappe.get_all("DocType", pluck="name", order_by="name asc", limit=0))
	wanted = (measure.texts() | measure.linked_doctypes()) & known
	wanted -= set(CORE) | set(WORDS) | set(measure.own_doctypes())
	tables = {df.options for doctype in wanted for df in _fields(doctype) if df.fieldtype.startswith("Table")}
	return sorted(wanted | tables)


def _fields(doctype: str) -> list:
	return [
		df
		for df in frappe.get_meta(doctype).fields
		if df.fieldname in measure.words()
		and df.fieldname not in NEVER
		and df.fieldtype not in LAYOUT
		and not df.fieldname.startswith("crm_")
		and not (df.fieldtype == "Link" and df.options in NEVER_LINKED and doctype not in LEDGER)
	]


def shapes() -> dict[str, dict]:
	"""{DocType: shape} in the form of the files; see back_office/shape.py."""
	return {doctype: _shape(doctype) for doctype in doctypes()}


def _shape(doctype: str) -> dict:
	meta = frappe.get_meta(doctype)
	shape = {
		"is": " ".join(word for fact, word in KINDS.items() if meta.get(fact)),
		"title": meta.title_field,
		"fields": {df.fieldname: _field(df) for df in _fields(doctype)},
		"permissions": _permissions(meta),
	}
	if not (meta.istable or meta.issingle):
		shape["new"] = _new_values(doctype)
	return {key: value for key, value in shape.items() if value}


def _field(df) -> str:
	"""The type, what it links to, and a star where a copy leaves it out."""
	options = df.options if df.fieldtype in ("Link", "Dynamic Link", "Table", "Table MultiSelect", "Currency") else None
	return ":".join(part for part in (df.fieldtype, options) if part) + (" *" if df.no_copy else "")


def _permissions(meta) -> dict[str, str]:
	"""{role, with its level where that is not 0: its rights}."""
	found: dict[str, list] = {}
	for rule in meta.permissions:
		role = f"{rule.role} {rule.permlevel}" if rule.permlevel else rule.role
		found.setdefault(role, []).extend(right for right in RIGHTS if rule.get(right))
	return {role: " ".join(dict.fromkeys(rights)) for role, rights in found.items()}


def _new_values(doctype: str) -> dict:
	new = frappe.new_doc(doctype)
	values = {df.fieldname: new.get(df.fieldname) for df in _fields(doctype)}
	return of_this_site().hide({f: v for f, v in values.items() if v not in (None, "", 0) and not isinstance(v, list)})


def seed() -> dict[str, list[dict]]:
	"""Rows that are there before any story, in the order in which they were made."""
	rows = {doctype: _rows(doctype) for doctype in doctypes()}
	rows["DefaultValue"] = frappe.get_all(
		"DefaultValue",
		filters={"parent": "__default", "defkey": ("in", measure.linked_fields())},
		fields=["parent", "defkey", "defvalue"],
		order_by="defkey asc",
	)
	return {doctype: found for doctype, found in rows.items() if found}


def _rows(doctype: str) -> list[dict]:
	meta = frappe.get_meta(doctype)
	columns = [df.fieldname for df in _fields(doctype) if not df.fieldtype.startswith("Table")]
	if meta.issingle:
		single = frappe.get_single(doctype)
		return [_full({f: single.get(f) for f in columns})]
	if meta.istable or meta.is_submittable or doctype in OF_STORIES:
		return []
	if frappe.db.count(doctype) > FEW:
		named = {"name": ("in", [*measure.texts(), *_of_the_company()])}
	else:
		named = {}
	stamps = ["creation", "modified"]
	tree = ["lft", "rgt"] if meta.is_tree else []
	found = frappe.get_all(
		doctype,
		filters=named,
		fields=["name", *columns, *tree, *stamps],
		order_by="creation asc, name asc",
		limit=0,
	)
	for stamp in stamps:
		# Their order counts, not their days.
		days = sorted({row[stamp] for row in found})
		for row in found:
			row[stamp] = days.index(row[stamp]) + 1
	return [_full(row) for row in found]


def _of_the_company() -> list[str]:
	fields = ["default_currency", "country", "default_receivable_account"]
	return list(frappe.get_all("Company", fields=fields, order_by="creation asc", limit=1)[0].values())


def _full(row: dict) -> dict:
	return {f: str(v) if not isinstance(v, int | float | str) else v for f, v in row.items() if v not in (None, "", 0)}
