"""Somebody's personal data go at their own request: Frappe redacts the fields that hooks.py names. A person who is a lead or a
prospect themselves bears their name as the party, which goes as well; a customer keeps theirs, as ERPNext's books do."""

import frappe

from crm_pipeline.core import matching
from crm_pipeline.overrides.customer import follow_name

DELETED, REDACTED = "Deleted", "[REDACTED]"


def on_change(doc, method=None):
	"""The address of whoever asked is the name of the request by now."""
	if doc.status != DELETED:
		return
	who = {"email_id": doc.name, "prospect_kind": matching.PERSON}
	fields = ["name", "prospect", "customer"]
	for lead in frappe.get_all("Sales Lead", filters=who, fields=fields, order_by="name asc", limit=0):
		# With a party of its own the lead is called by that.
		named = ["prospect_name"] if lead.prospect or lead.customer else ["prospect_name", "party_name"]
		frappe.db.set_value("Sales Lead", lead.name, dict.fromkeys(named, REDACTED), update_modified=False)
	for name in frappe.get_all("Sales Prospect", filters=who, pluck="name", order_by="name asc", limit=0):
		values = {"prospect_name": REDACTED, "match_name": ""}
		frappe.db.set_value("Sales Prospect", name, values, update_modified=False)
		follow_name("prospect", name, REDACTED)
