"""What the framework keeps beside a record, for each user: who follows it, with whom it is shared, who is limited to it.
Of two records that became one each of these stands once; taken away later, it is gone."""

import frappe

from crm_pipeline.chain import locks

# DocType: the fields that name the record, those that make two rows the same, and those of which the larger value stays.
TABLES = {
	"Document Follow": (("ref_doctype", "ref_docname"), ("user",), ()),
	"DocShare": (("share_doctype", "share_name"), ("user", "everyone"), ("read", "write", "submit", "share")),
	"User Permission": (
		("allow", "for_value"),
		("user", "applicable_for", "apply_to_all_doctypes"),
		("is_default", "hide_descendants"),
	),
}


def keep_one_each(doctype: str, name: str) -> None:
	"""Of a record that took another one in: the oldest row of each stays."""
	for table, (named_by, same_by, rights) in TABLES.items():
		rows = frappe.get_all(
			table,
			filters=dict(zip(named_by, (doctype, name), strict=True)),
			fields=["name", *same_by, *rights],
			order_by="creation asc, name asc",
			limit=0,
		)
		kept: dict[tuple, dict] = {}
		for row in rows:
			first = kept.setdefault(tuple(row[field] or "" for field in same_by), row)
			if first is row:
				continue
			first.update({field: max(first[field] or 0, row[field] or 0) for field in rights})
			if rights:
				frappe.db.set_value(table, first.name, {field: first[field] for field in rights})
			locks.delete_rows(table, {"name": row.name})
