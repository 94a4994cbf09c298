"""Sales Segment: a saved filter over customers, prospects or leads, by what they are and by what they did."""

import frappe
from frappe.model.document import Document

from crm_pipeline import permissions
from crm_pipeline.chain import incoming, link_titles
from crm_pipeline.segments import record_conditions, segment_members


MANAGERS = frozenset(("Sales Manager", "Sales Master Manager", "System Manager"))


class SalesSegment(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_prospecting.doctype.sales_segment_behaviour.sales_segment_behaviour import SalesSegmentBehaviour
		from frappe.types import DF

		applies_to: DF.Literal["Customer", "Sales Prospect", "Sales Lead"]
		behaviours: DF.Table[SalesSegmentBehaviour]
		company: DF.Link | None
		description: DF.SmallText | None
		disabled: DF.Check
		filters: DF.Code | None
		is_shared: DF.Check
		segment_name: DF.Data
		snapshot_rhythm: DF.Literal["", "Daily", "Weekly", "Monthly"]
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def validate(self):
		incoming.take_in(self)
		segment_members.check(self)
		record_conditions.keep_usable(self)


def condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: one's own segments, and those that are shared."""
	user = user or frappe.session.user
	own = frappe.db.escape(user, percent=False)
	return f"(`tabSales Segment`.owner = {own} or `tabSales Segment`.is_shared = 1)"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one; only its owner and the managers change a segment that others use."""
	user = user or frappe.session.user
	if doc.is_new() or doc.owner == user:
		return True
	is_shared = bool(frappe.db.get_value(doc.doctype, doc.name, "is_shared"))
	if ptype in permissions.CHANGING:
		return is_shared and bool(MANAGERS & set(frappe.get_roles(user)))
	return is_shared
