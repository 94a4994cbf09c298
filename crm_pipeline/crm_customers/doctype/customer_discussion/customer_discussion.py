"""What staff say about a customer or prospect, or in general. Who may see it: who may see that party."""

import frappe
from frappe.model.document import Document

from crm_pipeline import permissions
from crm_pipeline.chain import incoming, link_titles, system_fields
from crm_pipeline.discussions import threads


class CustomerDiscussion(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		answers: DF.Int
		closed: DF.Check
		customer: DF.Link | None
		kind: DF.Literal["Experience", "Question", "Idea", "Announcement"]
		last_answer_by: DF.Link | None
		last_answer_on: DF.Datetime | None
		list_order: DF.Data | None
		pinned: DF.Check
		prospect: DF.Link | None
		text: DF.TextEditor
		title: DF.Data
		words: DF.Text | None
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		threads.follow(self)

	def on_update(self):
		threads.notify(self)


# Whom a discussion may be about. A customer goes before the prospect that it was.
PARTIES = {"customer": "Customer", "prospect": "Sales Prospect"}


def condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: discussions about nobody, and those about a party that the user may read."""
	user = user or frappe.session.user
	seen = {field: permissions.shown(party, user) for field, party in PARTIES.items()}
	if not any(seen_by != "" for seen_by in seen.values()):
		return ""
	table = f"`tab{threads.DISCUSSION}`"
	about = {}
	for field, party in PARTIES.items():
		where = f" where {seen[field]}" if seen[field] else ""
		about[field] = "1 = 0" if seen[field] is None else f"{table}.{field} in (select name from `tab{party}`{where})"
	nobody = {field: f"ifnull({table}.{field}, '') = ''" for field in PARTIES}
	return f"({about['customer']} or ({nobody['customer']} and ({nobody['prospect']} or {about['prospect']})))"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one, by what is stored and by what it says now. Others than its author and the managers only read it."""
	user = user or frappe.session.user
	named = {tuple(doc.get(field) for field in PARTIES)}
	if not doc.is_new():
		named.add(frappe.db.get_value(doc.doctype, doc.name, list(PARTIES)) or (None, None))
	if not all(_sees(user, *parties) for parties in named):
		return False
	is_anothers = ptype in permissions.CHANGING and not doc.is_new() and user != doc.owner
	return not is_anothers or bool(threads.MANAGERS & set(frappe.get_roles(user)))


def _sees(user: str, customer: str | None, prospect: str | None) -> bool:
	party, name = (PARTIES["customer"], customer) if customer else (PARTIES["prospect"], prospect)
	if not name or not frappe.db.exists(party, name):
		return True
	return bool(frappe.has_permission(party, "read", doc=name, user=user))
