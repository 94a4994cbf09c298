"""Hand-off from sales to the order desk: making an order request, and what one must keep to."""

import frappe
from frappe import _
from frappe.utils import flt, formatdate

from crm_pipeline.chain import carry, contract_versions, drafts, graph, locks, rights
from crm_pipeline.chain.item_rows import check_rows, tell_left_out, unquantified
from crm_pipeline.chain.locks import lock, whole_transaction
from crm_pipeline.core import remaining as rules
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import conversions
from crm_pipeline.deals.native_quotation import contact_of
from crm_pipeline.erp import form_values, payment_schedule, usable
from crm_pipeline.orders import agreed_terms, native_order, open_quantities, roll_up
from crm_pipeline.user_day import is_future, is_over, user_today
from crm_pipeline.wording import bold, number


class HandOffError(frappe.ValidationError):
	"""A request can't be made, accepted or returned as things stand."""


class RemainingError(HandOffError):
	"""A row asks for more than what remains."""


# ---- making a request


@whole_transaction
def make_request(doctype: str, name: str, quantities: dict[str, float] | None = None) -> Ref:
	"""A draft request from a deal, quotation or contract, for all that remains or for `quantities`.

	`quantities` maps row names of the source to quantities in the row's UOM. A draft of the same
	source that is still there is answered instead of a second one. A deal or quotation whose
	contract is signed is ordered from that contract.
	"""
	contract = signed_contract(doctype, name)
	if contract and quantities:
		_refuse_past_contract(doctype, name, contract)
	doctype, name = ("Sales Contract", contract) if contract else (doctype, name)
	source = locked_source(doctype, name)
	refuse_beside_draft(doctype, name)
	draft = frappe.db.get_value(
		"Sales Order Request",
		{"source_type": doctype, "source_name": name, "docstatus": 0},
		"name",
	)
	if draft and not quantities:
		rights.need_seen("Sales Order Request", draft)
		return Ref("Sales Order Request", draft)
	request = build_request(source, quantities)
	drafts.insert(request)
	carry.carry_attachments(source, request)
	return Ref("Sales Order Request", request.name)


def signed_contract(doctype: str, name: str) -> str | None:
	"""The submitted contract that came from a deal or quotation; raises HandOffError where there are several."""
	if doctype == "Sales Contract":
		return None
	later = [ref.name for ref in graph.descendants(doctype, name) if ref.doctype == "Sales Contract"]
	signed = later and frappe.get_all(
		"Sales Contract", filters={"name": ("in", later), "docstatus": 1}, pluck="name", order_by="name asc"
	)
	if len(signed) > 1:
		_refuse_past_contract(doctype, name, ", ".join(signed))
	return signed[0] if signed else None


def refuse_beside_draft(doctype: str, name: str) -> None:
	"""Raise where a contract of a deal or quotation waits to be signed: ordered beside it, the same would be sold twice."""
	if doctype == "Sales Contract":
		return
	later = [ref.name for ref in graph.descendants(doctype, name) if ref.doctype == "Sales Contract"]
	draft = later and frappe.db.get_value(
		"Sales Contract", {"name": ("in", later), "docstatus": 0}, "name", order_by="creation asc"
	)
	if draft:
		frappe.throw(
			_("Contract {0} of {1} {2} is a draft. Submit or delete it first.").format(
				bold(draft), _(doctype), bold(name)
			),
			HandOffError,
			title=_("Contract Not Submitted"),
		)


def _refuse_past_contract(doctype: str, name: str, contracts: str) -> None:
	frappe.throw(
		_("{0} {1} has a contract. Please order from {2}.").format(_(doctype), name, bold(contracts)),
		HandOffError,
		title=_("Order from the Contract"),
	)


def locked_source(doctype: str, name: str):
	if doctype != "Sales Contract":
		source = conversions.locked_deal(doctype, name)
		if doctype != "Quotation":
			conversions.need_customer(source)
		return source
	lock(*conversions.rows_of_sale(doctype, name))
	source = frappe.get_doc(doctype, name)
	source.check_permission("read")
	check_contract_open(source)
	return source


def build_request(source, quantities: dict[str, float] | None = None):
	"""An unsaved request with the rows of `source` that are still open."""
	conversions.need_items(source, "Sales Order Request")
	left = left_of(source)

	def change(src, request):
		request.title = src.get("title") or src.get("customer_name")
		request.transaction_date = user_today()
		if src.doctype == "Quotation":
			conversions.fill_from_quotation(src, request)
		elif src.doctype == "Sales Contract":
			payment_schedule.carry(src, request, request.transaction_date)
		else:
			request.contact_person = contact_of(src)
			form_values.fill_agreement(request)
		request.items = _open_rows(src, request.items, left, quantities)
		if src.doctype == "Quotation" and request.items and quantities is None:
			tell_left_out(unquantified(src))
		_leave_out_passed_dates(request)
		usable.leave_out_unusable(request)
		if src.doctype in ("Sales Contract", "Quotation"):
			agreed_terms.share_discount(src, request)

	request = carry.next_document(source, "Sales Order Request", change)
	if not request.items:
		frappe.throw(
			_("Nothing remains to be ordered of {0} {1}").format(_(source.doctype), bold(source.name)),
			RemainingError,
		)
	check_rows(request)
	return request


def _leave_out_passed_dates(request) -> None:
	"""Delivery dates that were agreed and have passed: the order desk's default takes their place, and the user gets a message."""
	for row in (request, *request.items):
		if not row.delivery_date or not is_over(row.delivery_date):
			continue
		label, day = bold(_(row.meta.get_label("delivery_date"))), formatdate(row.delivery_date)
		if row is request:
			message = _("{0} {1} has passed and was left out").format(label, day)
		else:
			message = _("Row {0}: {1} {2} has passed and was left out").format(row.idx, label, day)
		frappe.msgprint(message, title=_("Delivery Date Has Passed"), indicator="orange")
		row.delivery_date = None


def left_of(source) -> dict[str, float]:
	"""Stock quantity left by source row name."""
	if source.doctype == "Sales Contract":
		left = open_quantities.of_contract(source.name)
		return {row.name: left.get(row.origin_item, 0.0) for row in source.items}
	if source.doctype == "Quotation":
		return open_quantities.of_quotation(source.name)
	return open_quantities.of_deal(source)


def share_left(source) -> float:
	"""The part of what a source comes to that is still to be ordered, as a share of 1."""
	left = left_of(source)
	rows = [row for row in source.items if not row.get("is_alternative") and not row.get("is_free_item")]
	return rules.share_left((flt(row.amount), flt(row.stock_qty), left[row.name]) for row in rows)


def _open_rows(source, rows, left: dict[str, float], quantities: dict[str, float] | None) -> list:
	result = []
	originals = [r for r in source.items if not r.get("is_alternative") and not r.get("is_free_item")]
	for original, row in zip(originals, rows, strict=True):
		qty = min(flt(original.qty), left[original.name] / (flt(original.conversion_factor) or 1.0))
		if quantities is not None:
			qty = flt(quantities.get(original.name))
		if qty > rules.TOLERANCE:
			row.qty = flt(qty, row.precision("qty"))
			row.idx = len(result) + 1
			result.append(row)
	return result


# ---- what a request must keep to


def rows_of_request(request) -> list[tuple[str, str]]:
	"""What is locked when a request is submitted, accepted or returned; see conversions.rows_of_sale."""
	rows = [] if request.is_new() else [(request.doctype, request.name)]
	for ref in _sources_of_request(request):
		if frappe.db.exists(ref.doctype, ref.name):
			rows += conversions.rows_of_sale(ref.doctype, ref.name)
	# Prospects are locked by what may verify one; here that is done.
	return [row for row in rows if row[0] in locks.ORDER and row[0] != "Sales Prospect"]


def _sources_of_request(request) -> set[Ref]:
	refs = {Ref("Quotation", row.quotation) for row in request.items if row.quotation and not request.contract}
	if request.contract:
		refs.add(Ref("Sales Contract", request.contract))
	elif request.source_name:
		refs.add(Ref(request.source_type, request.source_name))
	return refs


def check_contract_open(contract) -> None:
	if contract.docstatus != 1:
		frappe.throw(
			_("Contract {0} is {1}; orders need a submitted contract").format(
				bold(contract.name), _("cancelled") if contract.docstatus == 2 else _("not submitted")
			),
			HandOffError,
		)
	if contract.status == "Terminated":
		frappe.throw(_("Contract {0} is {1}").format(bold(contract.name), _(contract.status)), HandOffError)
	if contract.status == "Expired":
		frappe.throw(
			_("Contract {0} is {1}. A later {2} on the contract prolongs it.").format(
				bold(contract.name), _(contract.status), _(contract.meta.get_label("end_date"))
			),
			HandOffError,
		)
	if contract.start_date and is_future(contract.start_date):
		frappe.throw(
			_("Contract {0} is not valid yet, but from {1} on").format(
				bold(contract.name), formatdate(contract.start_date)
			),
			HandOffError,
		)
	if contract.end_date and is_over(contract.end_date):
		frappe.throw(
			_("Contract {0} is not valid any more: it ended on {1}. A later {2} on the contract prolongs it.").format(
				bold(contract.name), formatdate(contract.end_date), _(contract.meta.get_label("end_date"))
			),
			HandOffError,
		)


def check_remaining(request) -> None:
	"""Raise RemainingError, naming row and quantity, when a request asks for more than is left. Locks first."""
	lock(*rows_of_request(request))
	if request.contract:
		root = contract_versions.contract_root(request.contract)
		check_contract_open(frappe.get_doc("Sales Contract", request.contract))
		left = open_quantities.of_contract(request.contract, leave_out_request=request.name)
		asked = [(row.idx, row.contract_item, flt(row.stock_qty)) for row in request.items]
		_refuse_shortage(request, asked, left, _("Contract {0}").format(request.contract))
		contract_versions.count_up(root)
		return
	if request.source_name:
		contract = signed_contract(request.source_type, request.source_name)
		if contract:
			_refuse_past_contract(request.source_type, request.source_name, contract)
	for quotation in sorted({row.quotation for row in request.items if row.quotation}):
		if not request.requested_on:
			conversions.check_quotation(frappe.get_doc("Quotation", quotation))
		left = open_quantities.of_quotation(quotation, leave_out_request=request.name)
		asked = [
			(row.idx, row.quotation_item, flt(row.stock_qty)) for row in request.items if row.quotation == quotation
		]
		where = _("Quotation {0}").format(quotation)
		_refuse_shortage(request, asked, left, where, open_quantities.alternatives_of(quotation))


def check_delivery_dates(request) -> None:
	"""Raise HandOffError for a delivery date that has passed while the request waited."""
	message = _("Row {0}: {1} of {2} has passed. Return the request to sales for a new date.")
	if not request.requested_on:
		message = _("Row {0}: {1} of {2} has passed. Choose a later date.")
	for row in request.items:
		if is_over(native_order.delivery_date(request, row)):
			frappe.throw(
				message.format(row.idx, bold(_(row.meta.get_label("delivery_date"))), bold(row.item_code)),
				HandOffError,
				title=_("Delivery Date Has Passed"),
			)


def _refuse_shortage(request, asked, left, where: str, alternatives: rules.Alternatives | None = None) -> None:
	found = rules.shortages(asked, left, alternatives)
	if not found:
		return
	lines = []
	for short in found:
		row = request.items[short.idx - 1]
		factor = flt(row.conversion_factor) or 1.0
		lines.append(
			_("Row {0}: {1} of {2}: {3} {4} asked, {5} left").format(
				short.idx,
				_("Quantity"),
				bold(row.item_code),
				number(row.qty),
				row.uom,
				number(short.remaining / factor),
			)
		)
	frappe.throw(
		"<br>".join([_("More than what remains of {0}").format(bold(where)), *lines]),
		RemainingError,
		title=_("More Than Remains"),
	)


def refuse_waiting_requests(contract) -> None:
	waiting = frappe.get_all(
		"Sales Order Request",
		filters={"contract": contract.name, "docstatus": 1, "status": "Requested"},
		pluck="name",
		order_by="name asc",
	)
	if waiting:
		frappe.throw(
			_("Order requests of this contract are waiting: {0}. Have them accepted or returned first.").format(
				", ".join(waiting)
			)
		)


def take_over(contract) -> None:
	"""An amended contract takes over what was requested and ordered from the version before it."""
	old = contract.amended_from
	if not old:
		return
	locks.set_rows("Sales Order Request", {"contract": old}, {"contract": contract.name})
	for doctype in ("Sales Order Request", "Sales Order"):
		type_field, name_field = graph.source_fields(doctype)
		locks.set_rows(doctype, {type_field: contract.doctype, name_field: old}, {name_field: contract.name})
	for version in (old, contract.name):
		roll_up.recompute(Ref(contract.doctype, version))
