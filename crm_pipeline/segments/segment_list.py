"""The records of a segment as a list for people: now, or as a snapshot kept them."""

import frappe
from frappe import _

from crm_pipeline.core.segments import CUSTOMER
from crm_pipeline.segments import segment_members, segment_snapshots
from crm_pipeline.segments.segment_members import SEGMENT
from crm_pipeline.segments.segment_snapshots import SNAPSHOT
from crm_pipeline.wording import bold

TITLES = {"Customer": "customer_name", "Sales Prospect": "prospect_name", "Sales Lead": "title"}
CHUNK = 1000


def found(segment: str, snapshot: str | None = None) -> tuple[str, list[dict]]:
	"""(DocType, [{"record", "title", "territory", "owner", "change"}]) of what the reader may read, by name."""
	doc = frappe.get_doc(SEGMENT, segment)
	if not snapshot:
		rows = [frappe._dict(record=name, change=None) for name in segment_members.names(doc)]
		return doc.applies_to, _described(doc.applies_to, rows)
	kept = frappe.get_doc(SNAPSHOT, snapshot)
	if kept.segment != segment:
		frappe.throw(_("Snapshot {0} is of another segment").format(bold(snapshot)))
	return kept.record_type, _described(kept.record_type, segment_snapshots.members(kept))


def _described(doctype: str, rows: list[dict]) -> list[dict]:
	owner = "account_manager" if doctype == CUSTOMER else "sales_owner"
	facts = {}
	for start in range(0, len(rows), CHUNK):
		part = frappe.get_list(
			doctype,
			filters={"name": ("in", [row.record for row in rows[start : start + CHUNK]])},
			fields=["name", TITLES[doctype], "territory", owner],
			order_by="name asc",
			limit=0,
		)
		facts.update({row.name: row for row in part})
	return [
		{
			"record": row.record,
			"title": facts[row.record].get(TITLES[doctype]),
			"territory": facts[row.record].get("territory"),
			"owner": facts[row.record].get(owner),
			"change": row.change and _(row.change),
		}
		for row in rows
		if row.record in facts
	]
