"""A deal that somebody enters in ten seconds: one field says whom it is about."""

import frappe
from frappe import _

from crm_pipeline.core.chain import Ref
from crm_pipeline.parties import party
from crm_pipeline.wording import bold


def enter(doctype: str, values: dict, typed: str | None = None, create_new: bool = False) -> Ref:
	"""Insert a deal with the `values` of its fields, customer or prospect among them, or with a name that was `typed`.

	A name finds the customer or prospect that it surely means, else a prospect is made of it. Raises AmbiguousPartyError
	where somebody has to choose, unless a new prospect is wanted (`create_new`).
	"""
	doc = frappe.new_doc(doctype)
	doc.update({field: value for field, value in values.items() if doc.meta.has_field(field)})
	name = " ".join((typed or "").split())
	if name and not (doc.customer or doc.prospect):
		_set_party(doc, name, create_new)
	doc.insert()
	return Ref(doc.doctype, doc.name)


def _set_party(doc, name: str, create_new: bool) -> None:
	entry = frappe.new_doc("Sales Lead")
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
