"""Connections to our documents on ERPNext's forms."""

import frappe
from frappe import _

from crm_pipeline.core import chain
from crm_pipeline.core.registry import DEALS, NATIVE, ONE_SALE, OWNED


def _add(data, label: str, items: list[str], **fieldnames: str):
	data.setdefault("transactions", []).append({"label": label, "items": items})
	data.setdefault("non_standard_fieldnames", {}).update(fieldnames)
	return data


def customer(data):
	before = ["Sales Prospect", "Sales Lead", "Sales Activity"]
	deal = [doctype for doctype in ONE_SALE if doctype not in NATIVE]
	data = _add(data, _("Before the Deal"), before, **dict.fromkeys(before, "customer"))
	data = _add(data, _("Deals"), deal, **dict.fromkeys(deal, "customer"))
	data = _add(data, _("Service"), ["Customer Case"], **{"Customer Case": "customer"})
	people = ["Contact Position", "Customer Relation"]
	data = _add(data, _("Experience"), ["Customer Discussion"], **{"Customer Discussion": "customer"})
	return _add(data, _("People and Relations"), people, **dict.fromkeys(people, "customer"))


def contact(data):
	"""Where somebody is among the people."""
	# Without a field of its own the form counts nothing.
	data.setdefault("fieldname", "contact")
	on = [doctype for doctype in (*OWNED, *DEALS) if frappe.get_meta(doctype).has_field("contacts")]
	on += ["Contact Position", "Contact Relation", "Customer Case"]
	return _add(data, _("CRM Pipeline"), list(dict.fromkeys(on)), **dict.fromkeys(on, "contact"))


def quotation(data):
	after = [doctype for doctype in chain.made_of("Quotation")[1] if doctype not in NATIVE]
	data = _add(data, _("CRM Pipeline"), after, **dict.fromkeys(after, "source_name"))
	data.setdefault("dynamic_links", {})["source_name"] = ["Quotation", "source_type"]
	return data


def sales_order(data):
	"""The key is there only while a request is what the order came from; the source may be something else."""
	data = _add(data, _("CRM Pipeline"), ["Sales Order Request"])
	data.setdefault("internal_links", {})["Sales Order Request"] = "crm_request_key"
	return _cases(data, "Sales Order")


def delivery_note(data):
	return _cases(data, "Delivery Note")


def _cases(data, doctype: str):
	"""Complaints and requests about such a document."""
	data.setdefault("dynamic_links", {})["reference_name"] = [doctype, "reference_doctype"]
	return _add(data, _("Service"), ["Customer Case"], **{"Customer Case": "reference_name"})
