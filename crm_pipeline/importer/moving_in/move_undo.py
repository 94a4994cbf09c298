"""Before moved records go: what was linked to them is linked no more. The old records keep all of it."""

import frappe

from crm_pipeline.chain import bulk_writes
from crm_pipeline.chain.bulk_writes import delete_named
from crm_pipeline.importer.moving_in.erpnext_agreements import COLUMNS
from crm_pipeline.importer.moving_in.systems import SYSTEMS

# By what a file or an assignment is the same one on both sides, and where its record stands.
TWINS = {
	"File": (("file_url", "content_hash"), "attached_to_doctype"),
	"ToDo": (("creation", "description"), "reference_type"),
}
DEAL, QUOTATION, LINK = "Sales Opportunity", "Quotation", "Dynamic Link"


def let_go(doctype: str, rows: list, field: str) -> set[str]:
	"""What names a record only because a move told it to: quotations that came from the opportunity of the other system,
	and links of cards that belong to a record there."""
	if doctype == LINK:
		return _linked_there([row.name for row in rows])
	if doctype != QUOTATION or field != "crm_source_name":
		return set()
	return set(_of_other_systems({"name": ("in", [row.name for row in rows] or [""])}))


def _linked_there(links: list[str]) -> set[str]:
	cards = dict(
		frappe.get_all(
			LINK, filters={"name": ("in", links or [""])}, fields=["name", "parent"], as_list=True, order_by="name asc"
		)
	)
	old = [doctype for system in SYSTEMS.values() for doctype in system.became]
	filters = {"parent": ("in", list(cards.values()) or [""]), "link_doctype": ("in", old)}
	there = set(frappe.get_all(LINK, filters=filters, pluck="parent", order_by="name asc", limit=0))
	return {link for link, card in cards.items() if card in there}


def came_along(kind: str, rows: list) -> set[str]:
	"""Those of these files and assignments that a move linked: the record there has them, too."""
	old = [doctype for system in SYSTEMS.values() for doctype in system.ids]
	sign, about = TWINS.get(kind, ((), ""))
	if not (sign and rows):
		return set()
	names = [row.name for row in rows]
	mine = frappe.get_all(kind, filters={"name": ("in", names)}, fields=["name", *sign], order_by="name asc", limit=0)
	first = [row[sign[0]] for row in mine]
	there = frappe.get_all(
		kind, filters={about: ("in", old), sign[0]: ("in", first)}, fields=[*sign], order_by="name asc", limit=0
	)
	known = {tuple(row[field] for field in sign) for row in there}
	return {row.name for row in mine if tuple(row[field] for field in sign) in known}


def _of_other_systems(filters: dict) -> list[str]:
	known = set(frappe.db.get_table_columns(QUOTATION)) & set(COLUMNS.values())
	about = {field: ("is", "set") for field in known}
	return frappe.get_all(QUOTATION, filters=filters, or_filters=about, pluck="name", order_by="name asc", limit=0)


def unlink(doctype: str, names: list[str]) -> None:
	"""Take mails, files, assignments and quotations off records at which nobody left anything of their own."""
	_delete("Communication Link", {"parenttype": "Communication", "link_doctype": doctype, "link_name": ("in", names)})
	links = frappe.get_all(
		LINK, filters={"link_doctype": doctype, "link_name": ("in", names)}, pluck="name", order_by="name asc", limit=0
	)
	delete_named(LINK, sorted(_linked_there(links)))
	_delete("ToDo", {"reference_type": doctype, "reference_name": ("in", names)})
	about = {"attached_to_doctype": doctype, "attached_to_name": ("in", names)}
	for file in frappe.get_all("File", filters=about, pluck="name", order_by="name asc", limit=0):
		# The framework leaves it on the disk for as long as another record has it. Asked once for all of them, by the undo.
		frappe.delete_doc("File", file, ignore_permissions=True)
	if doctype == DEAL:
		quotations = _of_other_systems({"crm_source_type": DEAL, "crm_source_name": ("in", names)})
		if quotations:
			nothing = {"crm_source_type": None, "crm_source_name": None}
			bulk_writes.set_each(QUOTATION, dict.fromkeys(quotations, nothing))


def _delete(doctype: str, filters: dict) -> None:
	delete_named(doctype, frappe.get_all(doctype, filters=filters, pluck="name", order_by="name asc", limit=0))
