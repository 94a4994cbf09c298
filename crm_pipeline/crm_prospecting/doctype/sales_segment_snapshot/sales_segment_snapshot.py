"""Sales Segment Snapshot: who belonged to a segment at a moment. See segments/segment_snapshots.py."""

import frappe
from frappe.model.document import Document

from crm_pipeline.analytics.scope import sees_all
from crm_pipeline.chain import link_titles
from crm_pipeline.core.segments import KINDS
from crm_pipeline.segments import segment_snapshots


class SalesSegmentSnapshot(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		joined_count: DF.Int
		left_count: DF.Int
		member_count: DF.Int
		record_type: DF.Link
		segment: DF.Link
		taken_by: DF.Link | None
		taken_on: DF.Datetime
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def on_trash(self):
		segment_snapshots.forget(self.name)


def condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: one's own pictures, and for who sees all records of a type those of shared segments."""
	user = user or frappe.session.user
	table = "`tabSales Segment Snapshot`"
	parts = [f"{table}.taken_by = {frappe.db.escape(user, percent=False)}"]
	shared = f"{table}.segment in (select name from `tabSales Segment` where is_shared = 1)"
	if user == frappe.session.user:
		parts += [f"({table}.record_type = '{kind}' and {shared})" for kind in KINDS if sees_all((kind,))]
	return f"({' or '.join(parts)})"


def has_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one."""
	user = user or frappe.session.user
	if doc.taken_by == user:
		return True
	is_shared = bool(frappe.db.get_value("Sales Segment", doc.segment, "is_shared"))
	return is_shared and user == frappe.session.user and sees_all((doc.record_type,))
