"""The records of a segment: now, or as a snapshot kept them, with who joined and who left."""

import frappe
from frappe import _

from crm_pipeline.api.door import report
from crm_pipeline.chain import rights
from crm_pipeline.segments import segment_list
from crm_pipeline.segments.segment_members import SEGMENT
from crm_pipeline.segments.segment_snapshots import SNAPSHOT


@report
def execute(filters: dict | None = None):
	filters = filters or {}
	if not filters.get("segment"):
		frappe.throw(_("Please choose a {0}").format(_("Segment")))
	rights.need(SEGMENT, filters["segment"])
	if filters.get("snapshot"):
		rights.need(SNAPSHOT, filters["snapshot"])
	doctype, rows = segment_list.found(filters["segment"], filters.get("snapshot"))
	return columns(doctype), rows


def columns(doctype: str) -> list[dict]:
	return [
		{"fieldname": name, "fieldtype": kind, "label": label, "width": width, "options": options}
		for name, kind, label, width, options in (
			("record", "Link", _("Record"), 200, doctype),
			("title", "Data", _("Title"), 260, None),
			("territory", "Link", _("Territory"), 160, "Territory"),
			("owner", "Link", _("Sales Owner"), 200, "User"),
			("change", "Data", _("Change"), 120, None),
		)
	]
