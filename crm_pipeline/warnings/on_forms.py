"""The warnings about the customer of a document, short, for its form."""

from dataclasses import asdict

import frappe

from crm_pipeline.warnings import customer_warnings, hand_off_gate

# Forms on which a hand-off is on its way: what stops it is told there, also to who may not know why.
BEFORE_HAND_OFF = ("Sales Opportunity", "Sales Project", "Sales Contract", "Quotation", "Sales Order Request")


def of_document(doctype: str, name: str) -> dict:
	"""{"warnings": [dict of CustomerWarning], "customer", "may_override"}: the worst first, as far as the user may know
	them."""
	party, company, docstatus = _party_of(doctype, name)
	if not party:
		return {"warnings": [], "customer": None, "may_override": False}
	# That a deal is stalled, and a contract ends, its own form says better.
	found = customer_warnings.of_party(*party, company, apart_from=(doctype, name))
	customer = party[1] if party[0] == "Customer" else None
	if customer and doctype in BEFORE_HAND_OFF:
		found = [*hand_off_gate.unsaid(customer, company, found), *found]
	stops = any(warning.stops for warning in found)
	return {
		"warnings": [asdict(warning) for warning in found],
		"customer": customer,
		"may_override": bool(
			stops and doctype == "Sales Order Request" and docstatus < 2 and hand_off_gate.may_override()
		),
	}


def _party_of(doctype: str, name: str) -> tuple[tuple[str, str] | None, str | None, int]:
	"""(DocType and name of the party, company, docstatus)."""
	if doctype == "Sales Prospect":
		customer = frappe.db.get_value(doctype, name, "customer")
		return (("Customer", customer) if customer else (doctype, name)), None, 0
	meta = frappe.get_meta(doctype)
	fields = [f for f in ("customer", "prospect", "quotation_to", "party_name", "company") if meta.has_field(f)]
	row = frappe.db.get_value(doctype, name, [*fields, "docstatus"], as_dict=True)
	customer = row.get("customer")
	if doctype == "Quotation":
		customer = row.party_name if row.quotation_to == "Customer" else None
	party = ("Customer", customer) if customer else None
	if not party and row.get("prospect"):
		party = ("Sales Prospect", row.prospect)
	return party, row.get("company"), row.docstatus
