"""Pool Rules as they are stored, and what one must keep to; who may claim by which."""

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.assignment import rule_records
from crm_pipeline.core.pool import PoolTerms
from crm_pipeline.core.pool_movement import CLAIMED, FELL, GIVEN, RELEASED  # noqa: F401
from crm_pipeline.core.registry import STATES
from crm_pipeline.parties import people
from crm_pipeline.segments import record_conditions
from crm_pipeline.wording import bold

RULE, MOVEMENT = "Pool Rule", "Pool Movement"
LEAD, PROSPECT, CUSTOMER = TYPES = ("Sales Lead", "Sales Prospect", "Customer")
GIVERS = frozenset(("Sales Manager", "Sales Master Manager", "System Manager"))
SALES = GIVERS | {"Sales User"}
PROTECTIONS = ("protect_deals", "protect_contracts", "protect_orders", "protect_cases")


def field(doctype: str, name: str) -> str:
	"""The field of a type; ours on ERPNext's customer have a prefix."""
	return f"crm_{name}" if doctype == CUSTOMER else name


def owner_field(doctype: str) -> str:
	return "account_manager" if doctype == CUSTOMER else "sales_owner"


def open_filters(doctype: str) -> dict:
	"""Filters of records that somebody can work on."""
	if doctype == CUSTOMER:
		return {"disabled": 0}
	if doctype == PROSPECT:
		return {"status": "Unverified"}
	return {"status": ("not in", STATES[LEAD].closed)}


def rules_of(doctype: str) -> list[dict]:
	"""The enabled rules of a type, in the order in which they are asked."""
	return frappe.get_all(
		RULE,
		filters={"document_type": doctype, "disabled": 0},
		fields=["*"],
		order_by="position asc, creation asc, name asc",
		limit=0,
	)


def terms_of(row) -> PoolTerms:
	return PoolTerms(
		name=row.name,
		document_type=row.document_type,
		company=row.company if row.document_type != CUSTOMER else None,
		territory=row.territory or None,
		customer_group=row.customer_group if row.document_type != LEAD else None,
		industry=row.industry or None,
		item_group=row.item_group or None,
		item=row.item or None,
		segment=row.segment or None,
		own_condition=bool((row.own_filters or "").strip()),
		untouched_days=cint(row.untouched_days),
		unsold_days=cint(row.unsold_days) if row.document_type == CUSTOMER else 0,
		warn_days=cint(row.warn_days),
		working_days=bool(row.working_days),
	)


def follow(doc) -> None:
	"""validate() of a Pool Rule; one without a type of records is refused by the framework."""
	if doc.document_type not in TYPES:
		return
	days = [cint(doc.untouched_days)] + ([cint(doc.unsold_days)] if doc.document_type == CUSTOMER else [])
	if not any(days):
		frappe.throw(_("Say after how many days: {0} must be at least 1").format(_label(doc, "untouched_days")))
	if cint(doc.warn_days) >= min(day for day in days if day):
		frappe.throw(
			_("{0} must be less than {1}").format(_label(doc, "warn_days"), _label(doc, "untouched_days")),
		)
	if doc.document_type == CUSTOMER:
		doc.company = None
	else:
		doc.unsold_days = 0
	if doc.document_type == LEAD:
		doc.customer_group = None
		rule_records.check_product(doc)
	else:
		doc.item = doc.item_group = None
	record_conditions.check(doc, doc.document_type)
	if doc.team and not any(row.crm_user for row in people.below(doc.team)):
		frappe.throw(
			_("{0}: nobody of {1} has a user, so nobody could claim").format(_label(doc, "team"), bold(doc.team))
		)


def _label(doc, name: str) -> str:
	return bold(_(doc.meta.get_label(name)))


# ---- who may claim


def may_claim_by(user: str) -> list[str]:
	"""Rules, disabled ones too, whose records a user may see and claim; read once per request."""
	kept = getattr(frappe.local, "crm_pipeline_pool_rules", None)
	if kept is None:
		kept = frappe.local.crm_pipeline_pool_rules = {}
	if user not in kept:
		kept[user] = _may_claim_by(user)
	return kept[user]


def _may_claim_by(user: str) -> list[str]:
	roles = set(frappe.get_roles(user))
	if user != "Administrator" and not SALES & roles:
		return []
	rows = frappe.get_all(RULE, fields=["name", "team"], order_by="name asc", limit=0)
	if not rows:
		return []
	sees_all = user == "Administrator" or bool(GIVERS & roles)
	nodes = set() if sees_all else set(people.nodes_of(user))
	return [row.name for row in rows if sees_all or not row.team or is_in_team(nodes, row.team)]


def is_in_team(nodes: set[str], team: str) -> bool:
	return bool(nodes & {row.name for row in people.subtree("Sales Person", team)})


def forget(_doc=None) -> None:
	frappe.local.crm_pipeline_pool_rules = None


def may_give(user: str) -> bool:
	return user == "Administrator" or bool(GIVERS & set(frappe.get_roles(user)))
