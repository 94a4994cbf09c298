"""Won and reopened by documents.

A deal is won when its contract is submitted or, without one, when its order request is accepted or a
Sales Order of it is submitted natively. When the last of them is cancelled it is open again.
"""

from collections.abc import Iterable

import frappe

from crm_pipeline.chain import graph, moves, pipelines
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.stages import WON

DEALS = ("Sales Opportunity", "Sales Project")

# What a winning document makes of a deal, and what becomes of a project that is done after that.
SETTLED = (WON, moves.COMPLETED)

# States of a winning document, by type.
WINNING = {
	"Sales Contract": {"docstatus": 1},
	"Sales Order Request": {"docstatus": 1, "status": ("in", ("Accepted", "Delivered", "Completed"))},
	"Sales Order": {"docstatus": 1},
}


def settle_ancestors(doctype: str, name: str) -> None:
	"""Win or reopen every deal that a document came from, after the document changed its state."""
	deals = sorted(
		(ref for ref in graph.ancestors(doctype, name) if ref.doctype in DEALS),
		key=lambda ref: (ref.doctype, ref.name),
	)
	for ref in deals:
		settle(ref)


def settle(ref: Ref) -> None:
	"""Bring one deal in line with the documents that came from it."""
	doc = locked_doc(ref.doctype, ref.name)
	winner = winning_document(graph.descendants(ref.doctype, ref.name))
	if not winner and doc.status in SETTLED:
		# Somebody may have accepted another order since this transaction began: look again, as it is now.
		winner = winning_document(graph.descendants(ref.doctype, ref.name, locked=True))
	if winner and doc.status not in SETTLED:
		moves.settle_by_document(
			doc, pipelines.stage_of_type(doc.pipeline, WON), f"{winner.doctype} {winner.name}"
		)
	elif not winner and doc.status in SETTLED and doc.won_by:
		moves.settle_by_document(doc, moves.reopening_stage(doc) or pipelines.stage(doc.stage), None)


def winning_document(refs: Iterable[Ref]) -> Ref | None:
	"""The first of these documents that wins the deal, contracts before requests before orders."""
	refs = list(refs)
	for doctype, condition in WINNING.items():
		names = [ref.name for ref in refs if ref.doctype == doctype]
		if not names:
			continue
		found = frappe.db.get_value(
			doctype, {"name": ("in", names), **condition}, "name", order_by="creation asc", for_update=True
		)
		if found:
			return Ref(doctype, found)
	return None
