"""A lead or a deal that somebody enters in ten seconds: one field says whom it is about."""

import frappe
from frappe import _

from crm_pipeline.core.chain import Ref
from crm_pipeline.parties import party
from crm_pipeline.wording import bold

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
		if doc.doctype == LEAD:
			doc.prospect_name = name
			doc.prospect = party.make_prospect(doc).name if create_new else None
		else:
			_set_party(doc, name, create_new)
	doc.insert()
	return Ref(doc.doctype, doc.name)


def _set_party(doc, name: str, create_new: bool) -> None:
	entry = frappe.new_doc(LEAD)
	same = ("company", "sales_owner", "sales_person", "territory", "channel", "campaign")
	entry.update({"prospect_name": name, **{field: doc.get(field) for field in same}})
	if create_new:
		doc.prospect = party.make_prospect(entry).name
		return
	party.adopt_entry(entry, ask=False)
	if not (entry.customer or entry.prospect):
		frappe.throw(
			_("Several customers or prospects may be meant by {0}. Choose one of the list, or make a new one.").format(
				bold(name)
			),
			party.AmbiguousPartyError,
			title=_("Who Is It?"),
		)
	doc.customer, doc.prospect = entry.customer, entry.prospect
