"""A lead or a deal that somebody enters in ten seconds: one field says whom it is about."""

import frappe

from crm_pipeline.core.chain import Ref
from crm_pipeline.parties import party

LEAD = "Sales Lead"


def enter(doctype: str, values: dict, typed: str | None = None, create_new: bool = False) -> Ref:
	"""Insert a lead or deal with the `values` of its fields, customer or prospect among them, or with a name that was
	`typed`.

	A name finds the customer or prospect that it surely means, else a prospect is made of it; always a new one where that
	is wanted (`create_new`). Where somebody has to choose, a lead waits for that; of a deal AmbiguousPartyError is raised.
	"""
	doc = frappe.new_doc(doctype)
	doc.update({field: value for field, value in values.items() if doc.meta.has_field(field)})
	name = " ".join((typed or "").split())
	if name and not (doc.customer or doc.prospect):
		is_lead = doc.doctype == LEAD
		# What is typed is looked up when the document is saved.
		doc.set("prospect_name" if is_lead else "party_name", name)
		if create_new:
			doc.prospect = party.make_prospect(doc if is_lead else party.entry_of(doc, name)).name
	doc.insert()
	return Ref(doc.doctype, doc.name)
