"""From a deal or quotation to its contract."""

import frappe
from frappe import _
from frappe.utils import flt

from crm_pipeline.chain import carry, drafts, rights, system_fields
from crm_pipeline.chain.item_rows import check_rows, leave_out_unquantified
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.remaining import TOLERANCE
from crm_pipeline.deals import conversions
from crm_pipeline.deals.native_quotation import contact_of
from crm_pipeline.erp import form_values, usable
from crm_pipeline.orders import open_quantities
from crm_pipeline.wording import bold, number


@whole_transaction
def make_contract(doctype: str, name: str) -> Ref:
	"""The contract of a deal or quotation: the live one where there is one, else a new draft."""
	source = conversions.locked_deal(doctype, name)
	existing = carry.made_of(source, "Sales Contract")
	if existing:
		rights.need_seen("Sales Contract", existing)
		return Ref("Sales Contract", existing)
	conversions.need_items(source, "Sales Contract")
	if doctype != "Quotation":
		conversions.need_customer(source)

	def change(src, contract):
		system_fields.write(contract, conversion_key=carry.key_of(src))
		contract.title = contract.title or src.get("customer_name") or src.get("title")
		if src.doctype == "Quotation":
			conversions.fill_from_quotation(src, contract)
			leave_out_unquantified(contract, src)
		else:
			contract.contact_person = contact_of(src)
			form_values.fill_agreement(contract)
			# A project's time is not the contract's; Frappe 16 maps it in spite of No Copy.
			contract.start_date = contract.end_date = None
			_leave_out_ordered(src, contract)
		usable.leave_out_unusable(contract)

	contract = carry.next_document(source, "Sales Contract", change)
	check_rows(contract)
	drafts.insert(contract)
	carry.carry_attachments(source, contract)
	return Ref("Sales Contract", contract.name)


def _leave_out_ordered(deal, contract) -> None:
	"""What was requested or ordered of a deal before is not agreed once more: the contract has the rest, and the user gets
	a message."""
	left, rows, messages = open_quantities.of_deal(deal), [], []
	for original, row in zip(deal.items, contract.items, strict=True):
		open_qty = flt(left[original.name] / (flt(original.conversion_factor) or 1.0), row.precision("qty"))
		done = flt(row.qty) - open_qty
		if done > TOLERANCE:
			what = _("Row {0}: {1} {2} of {3} requested or ordered already and left out")
			messages.append(what.format(original.idx, number(done), _(row.uom or row.stock_uom), bold(row.item_code)))
			row.qty = open_qty
		if row.qty > TOLERANCE:
			row.idx = len(rows) + 1
			rows.append(row)
	if messages and not rows:
		frappe.throw(
			_(
				"All of {0} {1} is requested or ordered already. Add what is still to be agreed before making a {2}."
			).format(_(deal.doctype), bold(deal.name), _("Sales Contract")),
			title=_("Ordered Already"),
		)
	contract.items = rows
	if messages:
		frappe.msgprint("<br>".join(messages), title=_("Ordered Already"), indicator="orange")
