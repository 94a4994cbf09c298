"""ERPNext's Quotation in the chain: made from a deal, its outcome written to the deal's ledger."""

import frappe
from frappe.utils import add_days, add_months, cint

from crm_pipeline.chain import drafts, graph
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import form_values, prices, usable
from crm_pipeline.erp.same_named import carry_same_named, copy_row, keep_levels
from crm_pipeline.user_day import user_today


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
	keep_levels(quotation)
	drafts.insert(quotation)
	return quotation


def _valid_till(day) -> str:
	"""As ERPNext's form proposes it: so many days, or a month."""
	days = frappe.db.exists("DocType", "CRM Settings") and frappe.db.get_single_value(
		"CRM Settings", "default_valid_till"
	)
	return add_days(day, cint(days)) if cint(days) else add_months(day, 1)


def contact_of(deal) -> str | None:
	"""The first person on a deal who is a contact of its customer."""
	for row in deal.get("contacts") or []:
		if row.contact and usable.belongs_to("Contact", row.contact, deal.customer):
			return row.contact
	return None
