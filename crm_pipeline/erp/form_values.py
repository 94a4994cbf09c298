"""What ERPNext's form scripts fill in on a new Quotation or Sales Order, for those that are made on the server.

By the functions that the form calls, in its order. What a document has already was agreed, and stays.
"""

import frappe

from crm_pipeline.erp import prices

TAXES = "Sales Taxes and Charges Template"
TERMS = "erpnext.setup.doctype.terms_and_conditions.terms_and_conditions.get_terms_and_conditions"
OF_AGREEMENT = (
	"customer_address", "shipping_address_name", "contact_person", "tax_category", "payment_terms_template",
	"territory",
)  # fmt: skip
CONTACT = ("contact_display", "contact_email", "contact_mobile", "contact_phone")


def fill(doc, mapped: bool = False) -> None:
	"""Fill what is empty on an unsaved Quotation or Sales Order: party, addresses, items, taxes, terms, dimensions.

	`mapped` says that ERPNext made it of another document; else its language is the site's and nobody's choice.
	"""
	if not mapped:
		doc.language = None
	customer = doc.party_name if doc.doctype == "Quotation" else doc.customer
	fill_party(doc, customer)
	_fill_dimensions(doc)
	fill_taxes(doc, customer)
	doc.run_method("set_missing_values")
	doc.run_method("append_taxes_from_item_tax_template")
	_fill_from_company(doc)


def fill_agreement(doc) -> None:
	"""Fill what is empty on an unsaved contract or request as its own form does when a customer is chosen."""
	values = _of_party(doc, doc.customer)
	doc.update({field: values.get(field) for field in OF_AGREEMENT if not doc.get(field)})
	fill_terms(doc)


def fill_terms(doc) -> None:
	"""The company's default terms where a document has none: its Sales Order would have them, too."""
	if not (doc.tc_name or doc.terms):
		doc.tc_name = frappe.get_cached_value("Company", doc.company, "default_selling_terms")
	if doc.tc_name and not doc.terms:
		doc.terms = _text_of(doc.tc_name, doc)


def _text_of(terms: str, doc) -> str:
	return frappe.get_attr(TERMS)(terms, doc.as_dict())


def _of_party(doc, customer: str) -> dict:
	"""What ERPNext knows of a customer for `doc`: addresses, contact, tax category, payment terms, price list ..."""
	from erpnext.accounts.party import get_party_details

	return get_party_details(
		party=customer,
		party_type="Customer",
		company=doc.company,
		posting_date=doc.get("transaction_date") or doc.get("contract_date"),
		price_list=doc.get("selling_price_list") or prices.default_price_list(customer),
		currency=doc.get("currency"),
		doctype=doc.doctype,
		party_address=doc.get("customer_address"),
		shipping_address=doc.get("shipping_address_name"),
		company_address=doc.get("company_address"),
	)


def fill_party(doc, customer: str) -> None:
	values = _of_party(doc, customer)
	if doc.contact_person and doc.contact_person != values.get("contact_person"):
		# The mail address and the phone are those of the person who was agreed.
		values.pop("contact_person", None)
		values.update(_contact(doc.contact_person))
		doc.update(dict.fromkeys(CONTACT))
	if doc.get("sales_partner"):
		values.pop("commission_rate", None)
	if doc.payment_schedule:
		values.pop("payment_terms_template", None)
	for field, value in values.items():
		if doc.meta.has_field(field) and value not in (None, "") and not doc.get(field):
			doc.set(field, value)


def _contact(name: str) -> dict:
	values = frappe.db.get_value("Contact", name, ["full_name", "email_id", "mobile_no", "phone"])
	return dict(zip(CONTACT, values, strict=True))


def fill_taxes(doc, customer: str | None) -> None:
	"""The tax rule that fits customer, address and category, else the company's default template. This is the one
	place that says so: erp/native_totals.py asks here for the taxes of deals and contracts."""
	from erpnext.accounts.party import set_taxes
	from erpnext.controllers.accounts_controller import get_default_taxes_and_charges

	if doc.taxes:
		return
	if not doc.taxes_and_charges:
		rule = customer and set_taxes(
			customer,
			"Customer",
			doc.transaction_date,
			doc.company,
			customer_group=doc.customer_group,
			tax_category=doc.tax_category or None,
			billing_address=doc.customer_address,
			shipping_address=doc.shipping_address_name,
		)
		default = {} if rule else get_default_taxes_and_charges(TAXES, company=doc.company)
		doc.taxes_and_charges = rule or default.get("taxes_and_charges")
	if doc.taxes_and_charges:
		doc.run_method("append_taxes_from_master")


def _fill_dimensions(doc) -> None:
	"""Default accounting dimensions of the company, on the document and on its rows."""
	from erpnext.accounts.doctype.accounting_dimension.accounting_dimension import get_dimensions

	_filters, defaults = get_dimensions(True)
	for field, value in (defaults.get(doc.company) or {}).items():
		for target in (doc, *doc.items):
			if value and target.meta.has_field(field) and not target.get(field):
				target.set(field, value)


def _fill_from_company(doc) -> None:
	fill_terms(doc)
	letter_head = frappe.get_cached_value("Company", doc.company, "default_letter_head")
	doc.letter_head = letter_head or doc.letter_head
