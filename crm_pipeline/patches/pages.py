"""Long tables, page by page: each page is one statement and is committed, so that an upgrade that was killed goes on
with the rows that are left."""

from collections.abc import Callable, Iterator

import frappe
from pypika import Case

from crm_pipeline.chain import locks

PAGE = 500


def pages(doctype: str, fields: tuple[str, ...], left: Callable) -> Iterator[list[dict]]:
	"""Rows (name and `fields`) for which `left(table)` holds; what was written of a page is committed before the next.

	Called in a transaction that has written something already, it commits nothing.
	"""
	own = locks.nothing_written()
	table, after = frappe.qb.DocType(doctype), ""
	query = (
		frappe.qb.from_(table).select(table.name, *(table[field] for field in fields)).orderby(table.name).limit(PAGE)
	)
	while rows := query.where(left(table) & (table.name > after)).run(as_dict=True):
		yield rows
		if own:
			frappe.db.commit()
		after = rows[-1].name


def write(doctype: str, values: dict[str, dict]) -> None:
	"""Set columns of several rows, {name: {field: value}}, each of them the same fields, in one statement."""
	if not values:
		return
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.update(table).where(table.name.isin(list(values)))
	for field in next(iter(values.values())):
		cases = Case()
		for name, found in values.items():
			cases = cases.when(table.name == name, found[field])
		query = query.set(table[field], cases)
	query.run()
