"""What a save may do to a record in the public pool: who wants it claims it, and a manager who names an owner has given it."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.core.registry import STATES
from crm_pipeline.pool import pool_rules
from crm_pipeline.pool.movements import record
from crm_pipeline.pool.pool_rules import GIVEN, PROSPECT
from crm_pipeline.wording import bold

MARKS = ("pool_since", "pool_rule", "pool_from", "pool_warned_on")
KEPT = (
	"crm_pool_since",
	"crm_pool_rule",
	"crm_pool_from",
	"crm_pool_assigned_on",
	"crm_pool_warned_on",
	"crm_last_touch_on",
)


def follow(doc) -> None:
	"""Part of validate() of a lead or a prospect."""
	before = doc.get_doc_before_save()
	if doc.doctype == PROSPECT:
		_start_clock(doc, before)
	if not before or not before.pool_since:
		return
	# Who works on it without a claim would pass its limits by. A prospect is verified with the lead or deal that is theirs.
	if doc.sales_owner or doc.doctype != PROSPECT or doc.status == before.status:
		need_giver(doc)
	if doc.sales_owner:
		record(doc, GIVEN, before.pool_from, doc.sales_owner, before.pool_rule)
	elif doc.status not in STATES[doc.doctype].closed:
		return
	doc.update(dict.fromkeys(MARKS))


def _start_clock(doc, before) -> None:
	if not before or (before.sales_owner or None) != (doc.sales_owner or None):
		doc.assigned_on = now_datetime() if doc.sales_owner else None


def need_giver(doc) -> None:
	if not (doc.flags.ignore_permissions or pool_rules.may_give(frappe.session.user)):
		title = doc.get("title") or doc.get("prospect_name") or doc.get("customer_name")
		frappe.throw(_("{0} is in the public pool. Claim it there to become its owner.").format(bold(title)))


def follow_customer(doc) -> None:
	"""Part of validate() of ERPNext's Customer: what only the pool writes stays, and the clock starts with its people."""
	if doc.flags.follows:
		return
	before = doc.get_doc_before_save()
	for name in KEPT:
		doc.set(name, before.get(name) if before else None)
	if _people(doc) == (_people(before) if before else None):
		return
	doc.crm_pool_assigned_on = now_datetime()
	if before and before.get("crm_pool_since") and any(_people(doc)):
		need_giver(doc)
		record(doc, GIVEN, before.crm_pool_from, doc.account_manager, before.crm_pool_rule)
		doc.update(dict.fromkeys(f"crm_{name}" for name in MARKS))


def _people(doc) -> tuple:
	return doc.get("account_manager") or None, tuple(row.sales_person for row in doc.get("sales_team") or ())
