"""Confidential notes of the ledger belong to the company of their event, and go when its transactions are deleted."""

import frappe
from frappe.query_builder.functions import Coalesce
from pypika.terms import Bracket


def execute():
	note, event = frappe.qb.DocType("Pipeline Event Note"), frappe.qb.DocType("Pipeline Event")
	company = frappe.qb.from_(event).select(event.company).where(event.name == note.event)
	frappe.qb.update(note).set(note.company, Bracket(company)).where(Coalesce(note.company, "") == "").run()
