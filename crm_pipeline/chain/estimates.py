"""The Cost Estimates of a deal: which one counts, which wait, and what becomes of them with the deal."""

import contextlib

import frappe
from frappe import _

from crm_pipeline.chain import locks
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.wording import bold


def approved(refs: list[Ref], company: str | None):
	"""The approved estimate that counts, locked so that it stays approved until this transaction ends; or None.

	The nearest deal's comes first, of one deal the one approved last.
	"""
	for ref in refs:
		filters = {
			"reference_doctype": ref.doctype,
			"reference_name": ref.name,
			"docstatus": 1,
			"company": company,
		}
		name = frappe.db.get_value("Cost Estimate", filters, "name", order_by="approved_on desc, name desc")
		if name:
			# Where somebody holds it and nobody waits, what is approved now counts.
			with contextlib.suppress(locks.BusyError):
				locks.lock(("Cost Estimate", name))
			return frappe.get_doc("Cost Estimate", name)
	return None


def drafts(refs: list[Ref]) -> list[str]:
	"""Estimates that wait for approval."""
	found = []
	for doctype in DEALS:
		names = [ref.name for ref in refs if ref.doctype == doctype]
		about = {"reference_doctype": doctype, "reference_name": ("in", names or [""]), "docstatus": 0}
		found += frappe.get_all("Cost Estimate", filters=about, pluck="name", order_by="creation desc")
	return found


def delete_with(deal) -> None:
	"""Part of a deal's on_trash(): drafts and cancelled estimates go with it. An approved one keeps it there."""
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	approved = frappe.db.get_value("Cost Estimate", {**about, "docstatus": 1}, "name")
	if approved:
		frappe.throw(
			_("{0} {1} can't be deleted: {2} {3} came from it").format(
				_(deal.doctype), deal.name, _("Cost Estimate"), bold(approved)
			),
			frappe.LinkExistsError,
		)
	names = frappe.get_all("Cost Estimate", filters=about, pluck="name", order_by="name asc", limit=0)
	if names:
		for table in ("Cost Estimate Item", "Cost Estimate Charge"):
			locks.delete_rows(table, {"parent": ("in", names), "parenttype": "Cost Estimate"})
		locks.delete_rows("Cost Estimate", {"name": ("in", names)})
