"""The warnings about the customer of a document, short, for its form."""

from dataclasses import asdict

import frappe

from crm_pipeline.warnings import customer_warnings, hand_off_gate
from crm_pipeline.warnings.customer_warnings import SETTINGS

# Forms on which a hand-off is on its way: what stops it is told there, also to who may not know why.
BEFORE_HAND_OFF = ("Sales Opportunity", "Sales Project", "Sales Contract", "Quotation", "Sales Order Request")


def of_document(doctype: str, name: str) -> dict:
	"""{"warnings": [dict of CustomerWarning], "customer", "may_override"}: the worst first, as far as the user may know
	them."""
	party, company = _party_of(doctype, name)
	if not party:
		return {"warnings": [], "customer": None, "may_override": False}
	# That a deal is stalled, and a contract ends, its own form says better.
	found = customer_warnings.of_party(*party, company, apart_from=(doctype, name))
	customer = party[1] if party[0] == "Customer" else None
	if customer and (doctype in BEFORE_HAND_OFF or _is_asked_order(doctype, name)):
		found = [*hand_off_gate.unsaid(customer, company, found), *found]
	stops = any(warning.stops for warning in found)
	return {
		"warnings": [asdict(warning) for warning in found],
		"customer": customer,
		"may_override": stops and hand_off_gate.may_override_now(doctype, name),
	}


def _is_asked_order(doctype: str, name: str) -> bool:
	"""Whether it is a draft of a Sales Order that the settings stop."""
	if doctype != hand_off_gate.ORDER or not frappe.get_cached_doc(SETTINGS).get("stop_native_orders"):
		return False
	return frappe.db.get_value(doctype, name, "docstatus") == 0


def _party_of(doctype: str, name: str) -> tuple[tuple[str, str] | None, str | None]:
	"""(DocType and name of the party, company)."""
	if doctype == "Sales Prospect":
		customer = frappe.db.get_value(doctype, name, "customer")
		return (("Customer", customer) if customer else (doctype, name)), None
	meta = frappe.get_meta(doctype)
	fields = [f for f in ("customer", "prospect", "quotation_to", "party_name", "company") if meta.has_field(f)]
	row = frappe.db.get_value(doctype, name, fields, as_dict=True)
	customer = row.get("customer")
	if doctype == "Quotation":
		customer = row.party_name if row.quotation_to == "Customer" else None
	party = ("Customer", customer) if customer else None
	if not party and row.get("prospect"):
		party = ("Sales Prospect", row.prospect)
	return party, row.get("company")
