"""What version 0.2 told to more readers than it should: notes of help and overrides, a customer's usual amount."""

import json

import frappe

from crm_pipeline.chain import ledger
from crm_pipeline.core.registry import DEALS


def execute():
	keep_notes_apart()
	forget_usual_amounts()


def keep_notes_apart() -> None:
	events = frappe.get_all(
		"Pipeline Event",
		filters={"kind": ("in", tuple(ledger.CONFIDENTIAL)), "note": ("is", "set")},
		fields=["name", "note"],
		order_by="name asc",
		limit=0,
	)
	for event in events:
		ledger.keep_apart(event.name, event.note)
		frappe.db.set_value("Pipeline Event", event.name, "note", None, update_modified=False)


def forget_usual_amounts() -> None:
	for doctype in DEALS:
		deals = frappe.get_all(
			doctype,
			filters={"stalled_reasons": ("like", "%odd_amount%")},
			fields=["name", "stalled_reasons"],
			order_by="name asc",
			limit=0,
		)
		for deal in deals:
			reasons = json.loads(deal.stalled_reasons)
			details = reasons["odd_amount"]
			if "usual" in details:
				reasons["odd_amount"] = {"amount": details["amount"], "above": int(details["amount"] > details["usual"])}
				frappe.db.set_value(doctype, deal.name, "stalled_reasons", json.dumps(reasons), update_modified=False)
