"""What a run of the site tests leaves behind on a bench: nothing of ours, and nothing that points at what is gone."""

import frappe

# Links by type and name: (doctype, type field, name field).
POINTERS = (
	("Pipeline Event", "reference_doctype", "reference_name"),
	("Stage Passage", "reference_doctype", "reference_name"),
	("Sales Activity", "reference_doctype", "reference_name"),
	("Sales Memo", "reference_doctype", "reference_name"),
	("Sales Help Request", "reference_doctype", "reference_name"),
	("Cost Estimate", "reference_doctype", "reference_name"),
	("ToDo", "reference_type", "reference_name"),
	("Sales Lead", "source_type", "source_name"),
	("Sales Opportunity", "source_type", "source_name"),
	("Sales Project", "source_type", "source_name"),
	("Sales Contract", "source_type", "source_name"),
	("Sales Order Request", "source_type", "source_name"),
	("Quotation", "crm_source_type", "crm_source_name"),
	("Sales Order", "crm_source_type", "crm_source_name"),
)
MODULES = ("CRM Pipeline", "CRM Prospecting", "CRM Customers")
# What a job takes up and removes, and where jobs note how far they have come.
PASSING = ("Pending Update", "Pipeline Job")


def records() -> set[tuple[str, str]]:
	"""(doctype, name) of every record of ours."""
	ours = {"module": ("in", MODULES), "istable": 0, "issingle": 0, "name": ("not in", PASSING)}
	doctypes = frappe.get_all("DocType", filters=ours, pluck="name", order_by="name asc")
	return {(doctype, name) for doctype in doctypes for name in _names(doctype)}


def dangling() -> set[tuple[str, str, str]]:
	"""(doctype, name, what it points at) of records whose document is gone."""
	there: dict[str, set[str]] = {}
	found = set()
	for doctype, type_field, name_field in POINTERS:
		rows = frappe.get_all(
			doctype,
			filters={name_field: ("is", "set")},
			fields=["name", f"{type_field} as type", f"{name_field} as target"],
			order_by="name asc",
			limit=0,
		)
		for row in rows:
			if row.type not in there:
				there[row.type] = set(_names(row.type)) if frappe.db.exists("DocType", row.type) else set()
			if row.target not in there[row.type]:
				found.add((doctype, row.name, f"{row.type} {row.target}"))
	return found


def _names(doctype: str) -> list[str]:
	return frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0)


def look() -> set[tuple]:
	return records() | dangling()
