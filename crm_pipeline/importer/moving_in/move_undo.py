"""Before moved records go: what was linked to them is linked no more. The old records keep all of it."""

import frappe

from crm_pipeline.chain import bulk_writes
from crm_pipeline.chain.bulk_writes import delete_named
from crm_pipeline.importer.moving_in.systems import SYSTEMS

DEAL, QUOTATION, LINK = "Sales Opportunity", "Quotation", "Dynamic Link"


def let_go(doctype: str, rows: list, field: str) -> set[str]:
	"""What names a record only because a move told it to: quotations that came from the opportunity of the other system,
	and links of cards that belong to a record there."""
	if doctype == LINK:
		return _linked_there([row.name for row in rows])
	if doctype != QUOTATION or field != "crm_source_name":
		return set()
	return set(_from_opportunities({"name": ("in", [row.name for row in rows] or [""])}))


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


def _from_opportunities(filters: dict) -> list[str]:
	filters = {**filters, "opportunity": ("is", "set")}
	return frappe.get_all(QUOTATION, filters=filters, pluck="name", order_by="name asc", limit=0)


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
		quotations = _from_opportunities({"crm_source_type": DEAL, "crm_source_name": ("in", names)})
		if quotations:
			nothing = {"crm_source_type": None, "crm_source_name": None}
			bulk_writes.set_each(QUOTATION, dict.fromkeys(quotations, nothing))


def _delete(doctype: str, filters: dict) -> None:
	delete_named(doctype, frappe.get_all(doctype, filters=filters, pluck="name", order_by="name asc", limit=0))
