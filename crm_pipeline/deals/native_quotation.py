"""ERPNext's Quotation in the chain: made from a deal, its outcome written to the deal's ledger."""

import frappe
from frappe.utils import add_days, add_months, cint, flt

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import graph, guard, ledger, locks
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.erp import form_values, prices, usable
from crm_pipeline.user_day import user_today

ROW_FIELDS = (
	"item_code", "item_name", "description", "qty", "uom", "conversion_factor", "price_list_rate",
	"discount_percentage", "rate",
)  # fmt: skip


def make(deal) -> "frappe.model.document.Document":
	"""An inserted draft Quotation of an opportunity or project, with the deal's rows and prices as they are."""
	quotation = frappe.new_doc("Quotation")
	quotation.update(
		{
			"quotation_to": "Customer",
			"party_name": deal.customer,
			"company": deal.company,
			"transaction_date": str(user_today()),
			"currency": deal.currency,
			"conversion_rate": deal.conversion_rate,
			"selling_price_list": deal.get("selling_price_list") or prices.default_price_list(deal.customer),
			"order_type": "Sales",
		}
	)
	quotation.valid_till = quotation.valid_till or _valid_till(quotation.transaction_date)
	quotation.contact_person = contact_of(deal)
	graph.set_source(quotation, Ref(deal.doctype, deal.name))
	for row in deal.items:
		quotation.append("items", copy_row(row, "Quotation Item"))
	carry_same_named(deal, quotation)
	usable.leave_out_unusable(quotation)
	form_values.fill(quotation)
	quotation.insert()
	return quotation


def _valid_till(day) -> str:
	"""As ERPNext's form proposes it: so many days, or a month."""
	days = frappe.db.exists("DocType", "CRM Settings") and frappe.db.get_single_value("CRM Settings", "default_valid_till")
	return add_days(day, cint(days)) if cint(days) else add_months(day, 1)


def contact_of(deal) -> str | None:
	"""The first person on a deal who is a contact of its customer."""
	for row in deal.get("contacts") or []:
		if row.contact and usable.belongs_to("Contact", row.contact, deal.customer):
			return row.contact
	return None


def copy_row(row, doctype: str) -> dict:
	"""Values for a row of ERPNext's item table `doctype`, an admin's fields of the same name included.

	A rate of zero is a full discount there.
	"""
	values = {field: row.get(field) for field in ROW_FIELDS}
	if not flt(row.rate) and flt(row.price_list_rate):
		values["discount_percentage"] = 100
	return values | same_named(row, frappe.get_meta(doctype))


def same_named(source, meta) -> dict:
	"""Values of a document's custom fields that the other DocType has too, with the same name and type."""
	values = {}
	for df in source.meta.get_custom_fields():
		other = meta.get_field(df.fieldname)
		if other and other.fieldtype == df.fieldtype and not (df.no_copy or other.no_copy):
			values[df.fieldname] = source.get(df.fieldname)
	return values


def carry_same_named(source, target) -> None:
	"""Copy custom fields of the same name from one document to another, where the target is empty."""
	for fieldname, value in same_named(source, target.meta).items():
		if target.get(fieldname) in (None, "", 0):
			target.set(fieldname, value)


# ---- document events


def on_change(doc, method=None):
	guard.follow(doc, lambda: write_outcome(doc))


def write_outcome(doc) -> None:
	"""Write the quotation's fate to the ledger of the deal it came from, once per change."""
	source = graph.source_of(doc)
	if not source or source.doctype not in DEALS:
		return
	if not frappe.db.exists(source.doctype, source.name):
		return
	status = "Draft" if doc.docstatus == 0 else doc.status
	last = frappe.get_all(
		"Pipeline Event",
		filters={
			"reference_doctype": source.doctype,
			"reference_name": source.name,
			"kind": "Quotation",
			"note": ("like", f"{doc.name}%"),
		},
		pluck="to_value",
		order_by="at desc, creation desc",
		limit=1,
	)
	previous = last[0] if last else None
	if previous == status:
		return
	reasons = ", ".join(r.lost_reason for r in doc.get("lost_reasons") or [] if r.lost_reason)
	deal = locks.locked_doc(source.doctype, source.name)
	ledger.record(deal, "Quotation", previous, status, note=f"{doc.name} {reasons}".strip())
	stall_verdicts.follow_deal(source.doctype, source.name)
