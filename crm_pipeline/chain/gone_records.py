"""What refers to records that are gone: ERPNext's Transaction Deletion Record deletes all documents of a company past their
own deletion and counts their series from the start, so that the next record would have the name of one that was deleted."""

import frappe

from crm_pipeline.chain import locks
from crm_pipeline.core.registry import OWN

# Rows that know no company: (DocType, field of the type, field of the name).
ABOUT = (
	("Duplicate Pair", "document_type", "document_name"),
	("Duplicate Pair", "document_type", "other_name"),
	("Sales Segment Member", "record_type", "record"),
	("Imported Record", "document_type", "document"),
	# Of contacts and addresses.
	("Dynamic Link", "link_doctype", "link_name"),
)


def forget() -> None:
	"""Delete what is about documents of ours that are not there any more."""
	for doctype in OWN:
		for about, kind, name in ABOUT:
			if left := _left_behind(doctype, about, kind, name):
				locks.delete_rows(about, {"name": ("in", left)})


def _left_behind(doctype: str, about: str, kind: str, name: str) -> list[str]:
	row, record = frappe.qb.DocType(about), frappe.qb.DocType(doctype)
	query = (
		frappe.qb.from_(row)
		.left_join(record)
		.on(record.name == row[name])
		.select(row.name)
		.where((row[kind] == doctype) & record.name.isnull())
		.orderby(row.name)
	)
	return [found for (found,) in query.run()]
