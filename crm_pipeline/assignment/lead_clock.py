"""What a lead knows of its assignment when somebody saves it: since when it has its owner, and until when it is to be answered."""

import frappe
from frappe.utils import now_datetime

from crm_pipeline.assignment import giving, rule_records
from crm_pipeline.assignment.rule_records import RULE
from crm_pipeline.core import lead as rules
from crm_pipeline.parties import people


def leave_to_rules(doc) -> None:
	"""before_insert(): a visitor who fills in a form of the website owns nothing, nor does a customer who is logged in there."""
	if doc.sales_owner in ("Guest", frappe.session.user) and not people.is_colleague(doc.sales_owner):
		doc.sales_owner = None


def leave_open(doc) -> None:
	"""Before the framework makes whoever inserts a lead its owner by default: a lead for which nobody said whose it is
	belongs to whom the rules say, where there are any. A form says it."""
	company = doc.get("company") or frappe.defaults.get_user_default("company")
	if doc.get("sales_owner") is None and rule_records.names(company):
		doc.dont_update_if_missing = [*doc.dont_update_if_missing, "sales_owner"]


def follow(doc) -> None:
	"""Part of validate(): the clock starts anew with every owner, until one has answered. It stands for who answers, not for
	who gives it on."""
	before = doc.get_doc_before_save()
	values = {}
	if not before:
		values["assigned_on"] = now_datetime() if doc.sales_owner else None
	elif (before.sales_owner or None) != (doc.sales_owner or None):
		values = _given_by_hand(doc)
	if before and before.status == rules.NEW != doc.status and not doc.first_answer_on and doc.assigned_on:
		values["first_answer_on"] = now_datetime()
	doc.update(values)


def _given_by_hand(doc) -> dict:
	now = now_datetime()
	values = {"assigned_on": now if doc.sales_owner else None, "next_rule_on": None}
	if not doc.sales_owner:
		return {**values, "answer_due_on": None}
	if doc.first_answer_on or not doc.assignment_rule:
		return values
	rule = frappe.db.get_value(RULE, doc.assignment_rule, ["answer_minutes"], as_dict=True)
	due = giving.answer_due(rule, doc.company, now) if rule else None
	return {**values, "answer_due_on": due, "answer_reminded_on": None, "answer_escalated_on": None}
