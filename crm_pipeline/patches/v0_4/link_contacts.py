"""People on documents of earlier versions are linked to the Contact that they surely are: one of the same party with the
same address or number, never by a name alone."""

import frappe

from crm_pipeline.core.registry import OWN
from crm_pipeline.erp import identity
from crm_pipeline.erp.contacts import ROW
from crm_pipeline.parties import deal_people
from crm_pipeline.patches.pages import pages, write


def execute():
	"""Killed, it goes on the next time; rows that nobody is found for are looked at again, and stay as they are."""
	country, known = identity.country_code(None), {}
	fields = ("parent", "parenttype", *ROW)
	for rows in pages(deal_people.TABLE, fields, _loose):
		found = {}
		for row in rows:
			party = _party_of(row)
			if party and party not in known:
				known[party] = deal_people.known_of([party])
			contact = party and deal_people.surely(deal_people.person_of(row), known[party], country)
			if contact:
				found[row.name] = {"contact": contact}
		write(deal_people.TABLE, found)


def _loose(table):
	reach = [table[field] != "" for field in ROW[2:]]
	return (table.contact.isnull() | (table.contact == "")) & (reach[0] | reach[1] | reach[2])


def _party_of(row: dict) -> tuple[str, str] | None:
	if row.parenttype not in OWN:
		return None
	meta = frappe.get_meta(row.parenttype)
	links = [field for _doctype, field in deal_people.PARTIES if meta.has_field(field)]
	if not links:
		return None
	doc = frappe.db.get_value(row.parenttype, row.parent, links, as_dict=True) or {}
	own = [("Sales Prospect", row.parent)] if row.parenttype == "Sales Prospect" else []
	return next(iter([(dt, doc[field]) for dt, field in deal_people.PARTIES if doc.get(field)] + own), None)
