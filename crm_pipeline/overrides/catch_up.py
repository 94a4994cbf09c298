"""What was left undone where we were guests, done afterwards in a transaction of our own. Doing it twice is doing it
once."""

import frappe
from frappe import _

from crm_pipeline.chain import contract_versions, graph, locks, pending
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import outcome
from crm_pipeline.orders import roll_up
from crm_pipeline.overrides import quotation, sales_order
from crm_pipeline.wording import bold, number


def document(doctype: str, name: str, what: str) -> None:
	"""Bring the sale in line with a document that may be gone by now."""
	start = Ref(doctype, name)
	locks.lock(*_rows_above(start))
	doc = frappe.get_doc(doctype, name) if frappe.db.exists(doctype, name) else None
	if what != pending.AMOUNTS:
		_sale(start, doc)
	if what == pending.CONTRACT and doc and doctype == "Sales Order":
		_contract(doc)
	for ref in roll_up.above([name]) if doctype == "Sales Order" else roll_up.above_of(start):
		roll_up.recompute(ref)


def _rows_above(start: Ref) -> list[locks.Row]:
	"""All documents of ours that a document came from, as far as they are there."""
	rows = [(ref.doctype, ref.name) for ref in (start, *graph.ancestors(start.doctype, start.name))]
	rows += [
		("Sales Contract", contract_versions.contract_root(name))
		for doctype, name in rows
		if doctype == "Sales Contract"
	]
	return [row for row in rows if row[0] in locks.ORDER and row[0] != "Quotation" and frappe.db.exists(*row)]


def _sale(start: Ref, doc) -> None:
	if start.doctype == "Quotation":
		if doc:
			quotation.write_outcome(doc)
		return
	if doc and start.doctype == "Sales Order" and doc.docstatus:
		sales_order.order_changed(doc)
		return
	outcome.sync_ancestors(start.doctype, start.name)


def _contract(order) -> None:
	"""A check that could not be made: who sold more than agreed meanwhile sees it on the contract."""
	contract = sales_order.contract_of(order) if order.docstatus == 1 else None
	if not contract or not frappe.db.exists("Sales Contract", contract):
		return
	over = sales_order.over_agreed(order, {row.name for row in order.items}, contract)
	if over:
		row, quantity = over
		text = _("Sales Order {0}, row {1}: {2} of {3} is {4} more than what remains of this contract.").format(
			order.name, row.idx, _("Quantity"), bold(row.item_code), number(quantity)
		)
		comment = {"comment_type": "Comment", "reference_doctype": "Sales Contract", "reference_name": contract}
		frappe.get_doc({"doctype": "Comment", **comment, "content": text}).insert(ignore_permissions=True)
	contract_versions.count_up(contract_versions.contract_root(contract))
