"""Giving many documents to another owner at once, each through its own save: ledger, gates and rights as ever."""

import frappe
from frappe import _

from crm_pipeline.chain import automation, pending
from crm_pipeline.chain.locks import lock, locked_doc
from crm_pipeline.parties import people
from crm_pipeline.wording import text_of

MOST = 500


def reassign(doctype: str, names: list[str], sales_owner: str) -> dict:
	"""Make `sales_owner` the owner: {"done": how many, "refused": [{"name", "reason"}]}.

	One that can't be saved stays as it is and is named; the others are given over. Raises ValidationError for
	more than MOST documents at once and for a user to whom they can't be given.
	"""
	if len(names) > MOST:
		frappe.throw(_("Please choose at most {0} documents at once").format(MOST))
	people.need_possible_owner(doctype, sales_owner)
	lock(*((doctype, name) for name in names if frappe.db.exists(doctype, name)))
	done, refused, given = 0, [], []
	for name in names:
		frappe.db.savepoint("crm_reassign")
		try:
			given += give(locked_doc(doctype, name), sales_owner)
			done += 1
		except (frappe.ValidationError, frappe.PermissionError) as error:
			frappe.db.rollback(save_point="crm_reassign")
			frappe.clear_messages()
			refused.append({"name": name, "reason": text_of(str(error)) or _("You are not allowed to change it")})
	if given:
		pending.note("Pipeline Event", given[0], pending.MOVE, event=given[0], together=len(given))
	return {"done": done, "refused": refused}


def give(doc, sales_owner: str) -> list[str]:
	"""Make `sales_owner` the owner of one (locked) document by its own save; answers the rows of the ledger that people are
	to be notified of. What was submitted keeps what was agreed: of that the owner alone is written. Raises what the save
	raises, and PermissionError for who may not change it."""
	doc.check_permission("write")
	if doc.sales_owner == sales_owner:
		return []
	doc.flags.notices = []
	if doc.docstatus == 1:
		values = {"sales_owner": sales_owner, "sales_person": people.person_of(sales_owner)}
		automation.set_state(doc, values, event=("Owner", doc.sales_owner, sales_owner))
	else:
		doc.sales_owner = sales_owner
		doc.save()
	return doc.flags.notices
