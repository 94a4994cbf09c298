"""Relations get their standard types, and each customer's parent of earlier versions becomes a relation."""

from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import RELATION_TYPE
from crm_pipeline.patches.pages import pages
from crm_pipeline.relations import customer_relations


def execute():
	"""Killed, it goes on the next time: who has the relation is passed over."""
	standard_kinds.make_standard(RELATION_TYPE)
	for rows in pages("Customer", ("crm_parent_customer",), _with_parent):
		for row in rows:
			customer_relations.give_relation(row.name)


def _with_parent(table):
	return table.crm_parent_customer.isnotnull() & (table.crm_parent_customer != "")
