"""Links that ERPNext would refuse on a new document, because time has passed since they were entered."""

import frappe
from frappe import _
from frappe.utils import getdate

from crm_pipeline.wording import bold

# Field: what it links to. Each can be left out: ERPNext's default takes its place, prices and discounts stay.
LINKS = {
	"taxes_and_charges": "Sales Taxes and Charges Template",
	"tax_category": "Tax Category",
	"payment_terms_template": "Payment Terms Template",
	"tc_name": "Terms and Conditions",
	"selling_price_list": "Price List",
	"customer_address": "Address",
	"shipping_address_name": "Address",
	"contact_person": "Contact",
	"set_warehouse": "Warehouse",
	"warehouse": "Warehouse",
}

FACTS = {
	"Sales Taxes and Charges Template": ("company", "disabled"),
	"Warehouse": ("company", "disabled", "is_group"),
	"Price List": ("enabled",),
}


def leave_out_unusable(doc) -> None:
	"""Empty the links of an unsaved document that can't be used any more, and name them to the user."""
	for row in (doc, *doc.items):
		for field, doctype in LINKS.items():
			if not row.get(field):
				continue
			reason = _reason(doc, doctype, row.get(field))
			if reason:
				report(row, field, reason)
				row.set(field, None)


def any_unsold(quotation: str, leave_out: set[str]) -> bool:
	"""Whether a row of a quotation, other than these, is of an item that can't be sold any more."""
	row, item = frappe.qb.DocType("Quotation Item"), frappe.qb.DocType("Item")
	unsold = (
		(item.disabled == 1) | (item.has_variants == 1) | (item.is_sales_item == 0) | (item.end_of_life <= getdate())
	)
	found = (
		frappe.qb.from_(row)
		.join(item)
		.on(item.name == row.item_code)
		.select(row.name)
		.where((row.parent == quotation) & unsold)
	).run(pluck=True)
	return bool(set(found) - leave_out)


def _reason(doc, doctype: str, name: str) -> str | None:
	record = frappe.db.get_value(doctype, name, FACTS.get(doctype, ("name",)), as_dict=True)
	if not record:
		return _("does not exist any more")
	if record.get("disabled") or record.get("enabled") == 0:
		return _("is disabled")
	if doctype == "Warehouse" and record.is_group:
		return _("is a group of warehouses")
	if record.get("company") and record.company != doc.company:
		return _("belongs to Company {0}").format(record.company)
	customer = doc.get("customer") or doc.get("party_name")
	if doctype in ("Address", "Contact") and not belongs_to(doctype, name, customer):
		return _("does not belong to Customer {0} any more").format(customer)
	return None


def belongs_to(doctype: str, name: str, customer: str) -> bool:
	"""Whether an address or a contact is linked to a customer."""
	link = {"parenttype": doctype, "parent": name, "link_doctype": "Customer", "link_name": customer}
	return bool(frappe.db.exists("Dynamic Link", link))


def report(row, field: str, reason: str) -> None:
	"""Tell the user what is left out of a document or a row, and why."""
	what = f"{_(row.meta.get_label(field))} {bold(row.get(field))}"
	where = _("Row {0}: {1}").format(row.idx, what) if row.get("parentfield") else what
	frappe.msgprint(
		_("{0} {1}. It was left out.").format(where, reason), title=_("Not Usable Any More"), indicator="orange"
	)
