"""What happens when a native Quotation is opened, saved, submitted or lost."""

import frappe

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import graph, guard, ledger, locks, ribbon_steps, sources
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS
from crm_pipeline.costs import cost_gate
from crm_pipeline.deals import won_amounts
from crm_pipeline.orders import past_desk


def onload(doc, method=None):
	ribbon_steps.onload(doc)
	if doc.docstatus == 1 and doc.get("crm_source_name"):
		doc.set_onload("crm_by_desk", bool(past_desk.desk_pipeline(doc)))


def validate(doc, method=None):
	sources.validate_quotation(doc)


def before_insert(doc, method=None):
	cost_gate.before_insert(doc)


def before_submit(doc, method=None):
	cost_gate.before_submit(doc)


def before_update_after_submit(doc, method=None):
	cost_gate.before_update_after_submit(doc)


def on_change(doc, method=None):
	cost_gate.on_change(doc)
	guard.follow(doc, lambda: write_outcome(doc))


def write_outcome(doc) -> None:
	"""Write the quotation's fate to the ledger of the deal it came from, once per change."""
	source = graph.source_of(doc)
	if not source or source.doctype not in DEALS:
		return
	if not frappe.db.exists(source.doctype, source.name):
		return
	won_amounts.follow_quotation(source.doctype, source.name)
	status = "Draft" if doc.docstatus == 0 else doc.status
	previous = ledger.last_value(source, "Quotation", Ref(doc.doctype, doc.name))
	if previous == status:
		return
	reasons = ", ".join(r.lost_reason for r in doc.get("lost_reasons") or [] if r.lost_reason)
	deal = locks.locked_doc(source.doctype, source.name)
	note = f"{doc.name} {reasons}".strip()
	ledger.record(deal, "Quotation", previous, status, note=note, related=Ref(doc.doctype, doc.name))
	stall_verdicts.follow_deal(source.doctype, source.name)
