"""Segments: who belongs to one, and pictures of that."""

import frappe

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Name
from crm_pipeline.segments import segment_members, segment_snapshots
from crm_pipeline.segments.segment_members import SEGMENT


@reads(may("read", SEGMENT, "name"), heavy=True)
def get_segment_records(name: Name) -> dict:
	"""How many records of a segment the user may read, and the filters of a list with them; see segment_members.as_list."""
	return segment_members.as_list(frappe.get_doc(SEGMENT, name))


@writes(may("read", SEGMENT, "name"))
def take_segment_snapshot(name: Name) -> str:
	"""Keep who belongs to a segment now, as far as the user may see; answers the name of the snapshot."""
	return segment_snapshots.take(name)
