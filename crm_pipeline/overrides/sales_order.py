"""What happens when a native Sales Order is saved, submitted, changed, cancelled or deleted.

Handlers of the events in hooks.py. An order made past us gets its source; a contract is never exceeded,
also by Update Items; request and deal follow their order.
"""

import frappe
from frappe import _
from frappe.utils import flt

from crm_pipeline.chain import contract_versions, graph, guard, ribbon_steps, sources, status
from crm_pipeline.chain.locks import lock, locked_doc
from crm_pipeline.core import remaining as rules
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import outcome
from crm_pipeline.erp import quoted
from crm_pipeline.orders import acceptance, hand_off, native_order, open_quantities, past_desk, roll_up
from crm_pipeline.orders.agreement import ACCEPTED
from crm_pipeline.warnings import hand_off_gate
from crm_pipeline.wording import bold, number


def onload(doc, method=None):
	ribbon_steps.onload(doc)


def validate(doc, method=None):
	guard.check(
		doc,
		lambda: (
			sources.validate(doc),
			inherit_source(doc),
			past_desk.refuse(doc),
			past_desk.tell_other_deals(doc),
			keep_request_key(doc),
			keep_request_rows(doc),
			hand_off_gate.keep_pass(doc),
		),
	)


def inherit_source(doc) -> None:
	"""An order made by ERPNext from a quotation came from that quotation."""
	if graph.source_of(doc):
		return
	quotation = next((row.prevdoc_docname for row in doc.items if row.get("prevdoc_docname")), None)
	if quotation:
		graph.set_source(doc, Ref("Quotation", quotation))


def keep_request_key(doc) -> None:
	"""An amended order answers for the same request as the cancelled one, and a request has one order only."""
	source = graph.source_of(doc)
	if not source or source.doctype != "Sales Order Request":
		doc.crm_request_key = None
		return
	before = doc.get_doc_before_save()
	if before and before.crm_request_key == source.name:
		doc.crm_request_key = source.name
		return
	_refuse_past_acceptance(doc, source.name)
	doc.crm_request_key = source.name
	request = frappe.db.get_value(source.doctype, source.name, ["docstatus", "customer"], as_dict=True)
	if request and request.docstatus == 0:
		frappe.throw(_("Order request {0} is not submitted").format(bold(source.name)))
	if request and request.customer != doc.customer:
		frappe.throw(_("Order request {0} is about Customer {1}").format(bold(source.name), bold(request.customer)))
	other = native_order.live_order_of(source.name)
	if other and other != doc.name:
		frappe.throw(
			_("Order request {0} has Sales Order {1} already").format(bold(source.name), bold(other)),
			title=_("One Order per Request"),
		)


def _refuse_past_acceptance(doc, request: str) -> None:
	"""Accepting makes the order of a request. Another one may take its place as its amendment, and what was said
	to come from a request before stays."""
	if doc.flags.crm_request:
		return
	before = doc.get_doc_before_save()
	if before and graph.source_of(before) == graph.source_of(doc):
		return
	if native_order.amends_order_of(doc, request):
		return
	frappe.throw(
		_("A Sales Order of order request {0} is made by accepting the request").format(bold(request)),
		hand_off.HandOffError,
		title=_("Accept the Request"),
	)


def keep_request_rows(doc) -> None:
	"""Which row of the request a row answers is said by the app: only rows of this order's own request count."""
	linked = [row for row in doc.items if row.get("crm_request_item")]
	if not linked:
		return
	source = graph.source_of(doc)
	request = source.name if source and source.doctype == "Sales Order Request" else ""
	own = set(
		frappe.get_all(
			"Sales Order Request Item", filters={"parent": request}, pluck="name", order_by="idx asc", limit=0
		)
	)
	for row in linked:
		if row.crm_request_item not in own:
			row.crm_request_item = None


def before_submit(doc, method=None):
	"""The lock comes before ERPNext's own, see chain/locks.py; what it is for comes when the rows are written."""
	guard.check(doc, lambda: (lock_contract(doc), hand_off_gate.check_native(doc)))


def on_submit(doc, method=None):
	guard.check(doc, lambda: _as_requested(doc) or check_contract(doc, {row.name for row in doc.items}, opening=True))
	guard.follow(doc, lambda: order_changed(doc))


def _as_requested(doc) -> bool:
	"""Whether the order is being accepted right now with the very quantities that were just checked."""
	request = doc.flags.crm_request
	if not request:
		return False
	asked = {row.name: flt(row.stock_qty) for row in request.items}
	return all(
		row.is_free_item or abs(flt(row.stock_qty) - asked.pop(row.crm_request_item, 0.0)) < rules.TOLERANCE
		for row in doc.items
	)


def note_raised_row(row, method=None):
	"""Update Items saves each row on its own before the order: remember those that ask for more than before."""
	try:
		_note_raised(row)
	except Exception:
		guard.report(f"CRM Pipeline: row {row.name} goes on without us")


def _note_raised(row) -> None:
	before = row.get_doc_before_save()
	earlier = flt(before.qty) * (flt(before.conversion_factor) or 1.0) if before else 0.0
	if flt(row.qty) * (flt(row.conversion_factor) or 1.0) > earlier + rules.TOLERANCE:
		_raised().setdefault(row.parent, set()).add(row.name)


def _raised() -> dict[str, set[str]]:
	if not hasattr(frappe.local, "crm_pipeline_raised_rows"):
		frappe.local.crm_pipeline_raised_rows = {}
	return frappe.local.crm_pipeline_raised_rows


def before_update_after_submit(doc, method=None):
	guard.check(doc, lambda: lock_contract(doc) if _raised().get(doc.name) else None)


def on_update_after_submit(doc, method=None):
	guard.check(doc, lambda: check_contract(doc, _raised().pop(doc.name, set())))
	# The framework lets nobody change the day, unless the site's own form does.
	guard.follow(doc, lambda: order_changed(doc) if doc.has_value_changed("transaction_date") else None)


def on_change(doc, method=None):
	"""Reopening a closed order asks again for what closing had set free; deliveries and payments come here too."""
	guard.check(doc, lambda: check_contract(doc, {row.name for row in doc.items}) if _is_reopened(doc) else None)
	roll_up.collect(doc)


def _is_reopened(doc) -> bool:
	before = doc.get_doc_before_save()
	return bool(before and before.get("status") == "Closed" and doc.status != "Closed" and doc.docstatus == 1)


def on_cancel(doc, method=None):
	# The key is free again: an amended order, or another acceptance, may take it.
	guard.follow(doc, lambda: doc.db_set("crm_request_key", None, update_modified=False))
	guard.follow(doc, lambda: order_changed(doc))


def after_delete(doc, method=None):
	guard.follow(doc, lambda: order_changed(doc))


def lock_contract(doc) -> None:
	contract = contract_of(doc)
	if contract:
		lock(("Sales Contract", contract_versions.contract_root(contract)))


def check_contract(doc, rows: set[str], opening: bool = False) -> None:
	"""Refuse when one of these rows brings a contract above what was agreed, also by Update Items or a native order.

	With `opening` the order is new, so the contract must still be in force.
	"""
	contract = contract_of(doc) if rows else None
	if not contract:
		return
	root = contract_versions.contract_root(contract)
	lock(("Sales Contract", root))
	latest = contract_versions.contract_family(contract)[-1]
	if opening:
		_check_in_force(doc, latest)
	over = over_agreed(doc, rows, latest)
	if over:
		row, quantity = over
		frappe.throw(
			_("Row {0}: {1} of {2} is {3} more than what remains of Contract {4}").format(
				row.idx, _("Quantity"), bold(row.item_code), number(quantity), latest
			),
			title=_("More Than Agreed"),
		)
	contract_versions.count_up(root)


def over_agreed(doc, rows: set[str], contract: str) -> tuple | None:
	"""The last of these rows that is more than what the contract's latest version agreed, and by how much."""
	contract = contract_versions.contract_family(contract)[-1]
	requests, orders = open_quantities.lines_of_contract(contract)
	# What was delivered beyond an order is done; it must not block a later edit.
	used = rules.used(requests, orders, over_delivery=False)
	agreed = open_quantities.agreed_quantities("Sales Contract Item", "origin_item", contract)
	key_of_row = {line.name: line.key for line in orders}
	for row in reversed(doc.items):
		key = key_of_row.get(row.name) if row.name in rows else None
		over = used[key] - agreed.get(key, 0.0) if key else 0.0
		if over > rules.TOLERANCE:
			return row, over
	return None


def _check_in_force(doc, contract: str) -> None:
	"""An order typed in for a contract needs it open; one that sales asked for in time may still be submitted."""
	source = graph.source_of(doc)
	agreement = frappe.get_doc("Sales Contract", contract)
	if (source and source.doctype == "Sales Contract") or agreement.status == "Terminated":
		hand_off.check_contract_open(agreement)


def contract_of(doc) -> str | None:
	"""The contract an order serves: through its request, by its own source, or through its quotation."""
	source = graph.source_of(doc)
	if not source:
		return None
	if source.doctype == "Sales Contract":
		return source.name
	if source.doctype == "Sales Order Request":
		return frappe.db.get_value("Sales Order Request", source.name, "contract")
	rows = {row.quotation_item for row in doc.items if row.get("quotation_item")}
	if not rows:
		return None
	offers = quoted.rows_of({row.prevdoc_docname for row in doc.items if row.get("prevdoc_docname")})
	rows |= {other for name in rows if name in offers for other in offers[name].alternatives}
	return frappe.db.get_value(
		"Sales Contract Item",
		{"quotation_item": ("in", sorted(rows)), "docstatus": 1},
		"parent",
		order_by="creation desc",
	)


def order_changed(order) -> None:
	"""A Sales Order was submitted, cancelled or deleted: bring request and deal in line."""
	source = graph.source_of(order)
	if not source:
		return
	if source.doctype == "Sales Order Request" and frappe.db.exists(source.doctype, source.name):
		_follow_order(order.flags.crm_request or locked_doc(source.doctype, source.name), order)
	# A deleted draft is out of the graph: its source stands in for it.
	changed = Ref("Sales Order", order.name) if order.docstatus else source
	outcome.sync_ancestors(changed.doctype, changed.name)


def _follow_order(request, order) -> None:
	if request.docstatus != 1:
		return
	if order.docstatus == 1:
		acceptance.mark_accepted(request)
	elif request.status in ACCEPTED and not native_order.live_order_of(request.name):
		again = {"accepted_by": None, "accepted_on": None}
		status.set_status(request, "Requested", again, ("Hand-off", request.status, "Requested"), note=order.name)
