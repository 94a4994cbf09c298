"""What a document may name as its source, whoever typed it: a form, the API, an import or a conversion.

Winning, ordered amounts and the forecast follow the source, so it is checked like a change of the document
that is named: it must exist, stand earlier in the chain, be one that the user may read, and be about the same
sale.
"""

import frappe
from frappe import _

from crm_pipeline.chain import graph, guard, locks, rights
from crm_pipeline.core import chain
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS, NATIVE, ONE_SALE
from crm_pipeline.wording import bold


def validate_quotation(doc):
	"""validate of Quotation."""
	guard.check(doc, lambda: validate(doc))


def validate(doc) -> None:
	"""Part of validate() of every document of the chain, ERPNext's own among them. Raises ValidationError,
	LinkValidationError or PermissionError, in words that name the source."""
	type_field, name_field = graph.source_fields(doc.doctype)
	if not doc.get(type_field) and not doc.get(name_field):
		return
	if not (doc.get(type_field) and doc.get(name_field)):
		frappe.throw(_("Source Type and Source belong together: fill both or none"), title=_("Half a Source"))
	source = graph.source_of(doc)
	if source.doctype not in chain.allowed_sources(doc.doctype):
		frappe.throw(
			_("A {0} can't come from a {1}").format(_(doc.doctype), _(source.doctype)), title=_("Wrong Source")
		)
	brought_along = _brought_along(doc, source)
	if not (brought_along or doc.flags.ignore_permissions or doc.flags.history_import):
		rights.need(source.doctype, source.name, right_to(doc, source))
	elif not frappe.db.exists(source.doctype, source.name):
		if doc.doctype in graph.NATIVE and brought_along:
			# Somebody's restored backup is no reason to stop an order.
			return
		frappe.throw(
			_("Source: {0} {1} does not exist").format(_(source.doctype), bold(source.name)),
			frappe.LinkValidationError,
		)
	if doc.flags.history_import:
		return
	if doc.doctype in graph.NATIVE:
		_refuse_cancelled(doc, source)
	if doc.doctype in ONE_SALE and source.doctype in ONE_SALE:
		_refuse_other_sale(doc, source)


def _refuse_cancelled(doc, source: Ref) -> None:
	"""As the framework does for a link: nothing new comes from what is cancelled. What was submitted before goes on."""
	before = doc.get_doc_before_save()
	if before and before.docstatus == 1:
		return
	if (
		frappe.get_meta(source.doctype).is_submittable
		and frappe.db.get_value(source.doctype, source.name, "docstatus") == 2
	):
		frappe.throw(
			_("Source: {0} {1} is cancelled").format(_(source.doctype), bold(source.name)), frappe.CancelledLinkError
		)


def right_to(doc, source: Ref) -> str:
	"""What of a deal a document decides, such as its being won, its writers decide; otherwise reading is enough."""
	return "write" if doc.doctype in ONE_SALE and source.doctype in DEALS else "read"


def _brought_along(doc, source: Ref) -> bool:
	"""Whether the source was there before this save, on the document or on the version it amends."""
	before = doc.get_doc_before_save()
	if before:
		return graph.source_of(before) == source
	amended = doc.get("amended_from")
	if not amended:
		return False
	fields = graph.source_fields(doc.doctype)
	return frappe.db.get_value(doc.doctype, amended, fields) == (source.doctype, source.name)


def _refuse_other_sale(doc, source: Ref) -> None:
	"""A contract with one customer wins no deal with another. Judged when source, customer or company change, and when
	it is submitted: its deal may have changed since."""
	before, (customer, company) = doc.get_doc_before_save(), _sale_of(doc)
	as_before = before and (*_sale_of(before), before.docstatus) == (customer, company, doc.docstatus)
	if as_before and graph.source_of(before) == source:
		return
	of_source = _sale_of(frappe.get_doc(source.doctype, source.name))
	for label, own, other in zip((_("Customer"), _("Company")), (customer, company), of_source, strict=True):
		if own and other and own != other:
			frappe.throw(
				_("{0} of {1} {2} is {3}, not {4}").format(
					label, _(source.doctype), source.name, bold(other), bold(own)
				),
				title=_("Another Sale"),
			)


def refuse_leaving(doc) -> None:
	"""A deal keeps customer and company while something that was made from it is submitted with them."""
	before, sale = doc.get_doc_before_save(), _sale_of(doc)
	if not before or doc.doctype not in ONE_SALE or _sale_of(before) == sale:
		return
	for ref in graph.descendants(doc.doctype, doc.name):
		if ref.doctype not in ONE_SALE:
			continue
		later = frappe.get_doc(ref.doctype, ref.name)
		for label, own, other in zip((_("Customer"), _("Company")), sale, _sale_of(later), strict=True):
			if later.docstatus == 1 and own and other and own != other:
				frappe.throw(
					_("{0} of {1} {2}, which was made from this, is {3}. Cancel it before you change it here.").format(
						label, _(ref.doctype), ref.name, bold(other)
					),
					title=_("Another Sale"),
				)


def _sale_of(doc) -> tuple[str | None, str | None]:
	"""(Customer, company) of a document; no customer where a quotation is for somebody else."""
	if doc.doctype == "Quotation":
		return (doc.party_name if doc.quotation_to == "Customer" else None), doc.company
	return doc.get("customer"), doc.get("company")


def follow_rename(doctype: str, old: str, new: str) -> None:
	"""Part of after_rename(): on ERPNext's documents the source is text."""
	for native in NATIVE:
		locks.set_rows(native, {"crm_source_type": doctype, "crm_source_name": old}, {"crm_source_name": new})
