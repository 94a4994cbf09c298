"""From an order request to ERPNext's Sales Order: accepted or returned by the order desk, or ordered in one click."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import flt, formatdate, now_datetime

from crm_pipeline.chain import carry, drafts, status
from crm_pipeline.chain.item_rows import check_rows
from crm_pipeline.chain.locks import lock, whole_transaction
from crm_pipeline.core.registry import DEALS
from crm_pipeline.deals import outcome
from crm_pipeline.orders import agreement, approvals, hand_off, native_order, roll_up
from crm_pipeline.user_day import is_over
from crm_pipeline.warnings import hand_off_gate
from crm_pipeline.wording import bold

ORDER_DESK = "Order Desk"


def require_order_desk() -> None:
	"""Accepting and returning is the order desk's: raise PermissionError for anybody else."""
	if ORDER_DESK not in frappe.get_roles():
		frappe.throw(
			_("Only users with the role {0} may accept or return an order request").format(bold(_(ORDER_DESK))),
			frappe.PermissionError,
		)


@whole_transaction
def accept(name: str, delivery_date: date | None = None) -> str:
	"""Accept a request: create (and by setting submit) its one Sales Order; answers the order's name. `delivery_date` is
	that of rows for which sales named none.

	Doing it twice, or from two browsers, gives the same order. An error leaves nothing behind.
	"""
	require_order_desk()
	request = _locked_request(name)
	request.check_permission("write")
	existing = agreement.order_of(request)
	if existing:
		return existing
	if request.docstatus != 1:
		frappe.throw(
			_("Order request {0} is {1} and can't be accepted").format(bold(name), _(request.status)),
			hand_off.HandOffError,
		)
	request.flags.delivery_date = delivery_date
	hand_off.check_remaining(request)
	_check_delivery_dates(request, delivery_date)
	check_rows(request)
	hand_off_gate.check(request)
	order = native_order.make(request)
	order.flags.crm_request = request
	lacking = drafts.insert(order)
	carry.carry_files(request, order)
	if approvals.submits_orders() and not lacking:
		# Settles request and deal on the way, see order_changed.
		order.submit()
	else:
		approvals.notify_of_draft(order.name)
		mark_accepted(request)
		outcome.sync_ancestors(request.doctype, request.name)
	roll_up.of_orders([order.name])
	return order.name


def _check_delivery_dates(request, delivery_date: date | None) -> None:
	if delivery_date and is_over(delivery_date):
		frappe.throw(
			_("{0} {1} has passed. Choose a later date.").format(
				bold(_(request.meta.get_label("delivery_date"))), formatdate(delivery_date)
			),
			hand_off.HandOffError,
			title=_("Delivery Date Has Passed"),
		)
	hand_off.check_delivery_dates(request)
	missing = native_order.rows_without_day(request)
	if missing and not delivery_date:
		day = formatdate(native_order.delivery_date(request, missing[0]))
		frappe.msgprint(
			_("Nobody named a delivery date. The order has {0}.").format(bold(day)),
			title=_("Assumed"),
			indicator="orange",
		)


def _locked_request(name: str):
	"""The request, locked with all that its order decides about."""
	lock(*hand_off.rows_of_request(frappe.get_doc("Sales Order Request", name)))
	return frappe.get_doc("Sales Order Request", name)


def mark_accepted(request) -> None:
	if request.status in agreement.ACCEPTED:
		return
	accepted = {"accepted_by": frappe.session.user, "accepted_on": now_datetime()}
	status.set_status(request, "Accepted", accepted, ("Hand-off", "Requested", "Accepted"))


@whole_transaction
def return_request(name: str, reason: str) -> None:
	"""Return a request to sales with a reason: it is cancelled, and sales may amend it."""
	require_order_desk()
	if not (reason or "").strip():
		frappe.throw(_("Please say why the request is returned"), frappe.MandatoryError)
	request = _locked_request(name)
	request.check_permission("cancel")
	order = native_order.live_order_of(name)
	if order:
		frappe.throw(
			_("Order request {0} has Sales Order {1}. Cancel that first.").format(name, bold(order)),
			hand_off.HandOffError,
		)
	request.flags.return_reason = reason.strip()
	request.cancel()


@whole_transaction
def order_now(doctype: str, name: str, delivery_date: date | None = None) -> str:
	"""Opportunity, quotation or contract to Sales Order in one click, for a user with both functions. `delivery_date` is
	for rows for which nobody named one.

	It orders what remains. A deal of which nothing remains answers its last order, so that a second click on the
	same button is no error, and says so.
	"""
	require_order_desk()
	contract = hand_off.signed_contract(doctype, name)
	doctype, name = ("Sales Contract", contract) if contract else (doctype, name)
	source = hand_off.locked_source(doctype, name)
	hand_off.refuse_beside_draft(doctype, name)
	pending = pending_request(doctype, name)
	if not pending and doctype in DEALS and source.items and not any(hand_off.left_of(source).values()):
		done = native_order.last_order_of(doctype, name)
		if done:
			_notify_nothing_remains(source, done)
			return done
	if doctype in DEALS and not pending:
		agreement.refuse_past_quotation(source)
	request = _locked_request(pending) if pending else hand_off.build_request(source)
	if pending:
		agreement.refuse_other_offer(request, source)
	if request.is_new():
		request.insert()
		carry.carry_attachments(source, request)
	if request.docstatus == 0:
		approvals.refuse_to_submit()
		request.submit()
	return accept.__wrapped__(request.name, delivery_date)


def assumed_delivery_date(doctype: str, name: str) -> date | None:
	"""The day that an order made now would have where nobody named one; None where every row has a day."""
	doc = _about_to_be_ordered(doctype, name)
	if all(row.get("delivery_date") or doc.get("delivery_date") for row in doc.get("items") or []):
		return None
	return native_order.usual_delivery_date(doc.company)


def amount_to_order(doctype: str, name: str) -> dict:
	"""What an order made now would come to, net: {"amount", "currency"} in the document's currency. A request that waits is
	ordered as it is, of anything else what remains."""
	doc = _about_to_be_ordered(doctype, name)
	amount = flt(doc.net_total if doc.doctype == "Quotation" else doc.amount)
	if doc.doctype != "Sales Order Request":
		amount *= hand_off.share_left(doc)
	return {"amount": flt(amount, doc.items[0].precision("amount") if doc.items else None), "currency": doc.currency}


def _about_to_be_ordered(doctype: str, name: str):
	"""The signed contract or the waiting request that stands for a document, else itself."""
	contract = hand_off.signed_contract(doctype, name)
	doctype, name = ("Sales Contract", contract) if contract else (doctype, name)
	pending = pending_request(doctype, name)
	return frappe.get_doc("Sales Order Request", pending) if pending else frappe.get_doc(doctype, name)


def pending_request(doctype: str, name: str) -> str | None:
	"""The request of a document that is waiting, or not sent yet."""
	waiting = {"docstatus": ("<", 2), "status": ("in", ("Draft", "Requested"))}
	return frappe.db.get_value("Sales Order Request", {"source_type": doctype, "source_name": name, **waiting}, "name")


def _notify_nothing_remains(deal, order: str) -> None:
	frappe.msgprint(
		_("Nothing remains to be ordered of {0} {1}. Its last order is {2}.").format(
			_(deal.doctype), bold(deal.name), bold(order)
		),
		title=_("Ordered Already"),
		indicator="orange",
	)
