"""Won and reopened by documents.

A deal is won when its contract is submitted or, without one, when its order request is accepted or a
Sales Order of it is submitted natively. When the last of them is cancelled it is open again. Which of several
won it, and when, is decided by the documents as they are now, so that every later change of them is followed.
"""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe import _
from frappe.utils import add_days, getdate

from crm_pipeline.chain import automation, graph, pipelines
from crm_pipeline.chain.locks import locked_doc
from crm_pipeline.core import stages
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.outcomes import COMPLETED
from crm_pipeline.core.registry import DEALS, WINNERS
from crm_pipeline.core.stages import WON
from crm_pipeline.deals import stage_moves, won_amounts
from crm_pipeline.erp import request_orders
from crm_pipeline.wording import bold

# What a winning document makes of a deal, and what becomes of a project that is done after that.
WON_STATES = (WON, COMPLETED)


def sync_ancestors(doctype: str, name: str) -> None:
	"""Win or reopen every deal that a document came from, after the document changed its state.

	A contract that can't win its deal is refused. An order is not: the order desk can't help it that
	somebody's pipeline is incomplete. Then the deal waits, and the daily reconcile wins it.
	"""
	deals = sorted(
		(
			ref
			for ref in graph.ancestors(doctype, name)
			if ref.doctype in DEALS and frappe.db.exists(ref.doctype, ref.name)
		),
		key=lambda ref: (ref.doctype, ref.name),
	)
	for ref in deals:
		sync_outcome(ref, may_wait=doctype != "Sales Contract")


def sync_outcome(ref: Ref, may_wait: bool = False) -> None:
	"""Bring one deal in line with the documents that came from it. Where its pipeline has no enabled won stage
	it stays as it is with a word to the user, or without `may_wait` ValidationError is raised."""
	doc = locked_doc(ref.doctype, ref.name)
	winner = winning_document(graph.descendants(ref.doctype, ref.name))
	if winner and doc.status not in WON_STATES:
		if may_wait and not _won_stage(doc.pipeline):
			_notify_waiting(doc, winner)
			return
		won = pipelines.stage_of_type(doc.pipeline, WON)
		stage_moves.apply_outcome(doc, won, winner, won_on(doc, winner))
	elif not winner and doc.status in WON_STATES and doc.won_by:
		stage_moves.apply_outcome(doc, stage_moves.reopening_stage(doc) or pipelines.stage(doc.stage))
	elif winner and doc.won_by and not _agrees(doc, winner):
		day = won_on(doc, winner)
		decided = {**stage_moves.by_winner(winner), "closed_on": day}
		decided |= won_amounts.outcome_values(ref.doctype, ref.name, won_amounts.values_of(doc) | decided)
		state, note = ("State", doc.status, doc.status), f"{winner.doctype} {winner.name}, {day}"
		automation.set_state(doc, decided, state, note=note, related=winner)
	else:
		won_amounts.refresh(ref.doctype, ref.name)


def winner_of(deal) -> Ref | None:
	"""The document that a deal says won it."""
	return Ref(deal.won_by_type, deal.won_by) if deal.won_by else None


def _agrees(deal, winner: Ref) -> bool:
	"""Whether a deal that a document won says so of this one, and of its day."""
	same_day = bool(deal.closed_on) and getdate(deal.closed_on) == won_on(deal, winner)
	return same_day and winner_of(deal) == winner


def won_on(deal, winner: Ref) -> date:
	"""The day of the winning document, so that entering it late, or amending it, leaves the win in its period; never
	before the deal was opened. What is dated ahead won on the day on which it was entered."""
	day = getdate(_order_date(winner) or frappe.db.get_value(winner.doctype, winner.name, WINNERS[winner.doctype].day))
	today = getdate()
	# Whoever asks: somewhere it may be tomorrow already, and nowhere the day after.
	if day > getdate(add_days(today, 1)):
		is_known = deal.closed_on and winner_of(deal) == winner
		day = getdate(deal.closed_on) if is_known else today
	return max(day, getdate(deal.opened_on or day))


def _order_date(winner: Ref) -> date | None:
	"""An accepted request is as old as its order: one that is amended for a typo stays in its period, one that is
	dated anew does not."""
	if winner.doctype != "Sales Order Request":
		return None
	order = request_orders.live_orders_of_requests({winner.name}).get(winner.name)
	docstatus, day = (
		frappe.db.get_value("Sales Order", order, ["docstatus", "transaction_date"]) if order else (0, None)
	)
	return day if docstatus == 1 else None


def _won_stage(pipeline: str) -> stages.Stage | None:
	return stages.first_of_type(pipelines.stages_of(pipeline), WON)


def _notify_waiting(doc, winner: Ref) -> None:
	frappe.msgprint(
		_(
			"{1} {2} wins {0}, but pipeline {3} has no enabled stage of type {4}. The deal is won the day after there is one."
		).format(bold(doc.title), _(winner.doctype), winner.name, bold(doc.pipeline), _(WON)),
		title=_("Incomplete Pipeline"),
		indicator="orange",
	)


def mend(ref: Ref) -> bool:
	"""Part of the daily reconcile: bring a deal in line with its documents; answers whether it was not. One whose
	pipeline had no won stage when its order came is won now."""
	fields = ["status", "pipeline", *stage_moves.WINNER, "closed_on", "opened_on"]
	deal = frappe.db.get_value(ref.doctype, ref.name, fields, as_dict=True) if ref.doctype in DEALS else None
	if not deal:
		return False
	if deal.status in WON_STATES and not deal.won_by:
		return won_amounts.refresh(ref.doctype, ref.name)
	winner = winning_document(graph.descendants(ref.doctype, ref.name))
	if deal.status not in WON_STATES:
		agrees = not winner or not _won_stage(deal.pipeline)
	else:
		agrees = winner and _agrees(deal, winner)
	if not agrees:
		sync_outcome(ref, may_wait=True)
	return won_amounts.refresh(ref.doctype, ref.name) or not agrees


def winning_document(refs: Iterable[Ref]) -> Ref | None:
	"""The document that wins a deal, of these: contracts before requests before orders, then the earliest by its day."""
	refs = list(refs)
	for doctype, wins in WINNERS.items():
		condition = {"docstatus": 1} | ({"status": ("in", wins.states)} if wins.states else {})
		names = [ref.name for ref in refs if ref.doctype == doctype]
		if not names:
			continue
		found = frappe.db.get_value(
			doctype,
			{"name": ("in", names), **condition},
			"name",
			order_by=f"{wins.day} asc, creation asc",
		)
		if found:
			return Ref(doctype, found)
	return None
