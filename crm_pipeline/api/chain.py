"""The chain: reading it, and every change of state. Typed, permission first, then one call into chain/.

Names of documents are strings; conversions answer {"doctype": ..., "name": ...} of what came out.
"""

import json

import frappe
from frappe import _

from crm_pipeline.chain import (
	conversions,
	graph,
	hand_off,
	leads,
	ledger,
	moves,
	party,
	roll_up,
	verification,
)
from crm_pipeline.chain import ribbon as ribbons
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core.chain import ORDER, Ref
from crm_pipeline.erp import flow, prices


def _as_dict(ref: Ref) -> dict:
	return {"doctype": ref.doctype, "name": ref.name}


def _chain_type(doctype: str) -> None:
	if doctype not in (*ORDER, *flow.DOWNSTREAM):
		frappe.throw(_("{0} is no part of the chain").format(doctype))


# ---- reading


@frappe.whitelist()
def get_ribbon(doctype: str, name: str) -> dict:
	"""The chain of a document for its form; see chain/ribbon.py for the shape."""
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	return ribbons.ribbon_of(doctype, name)


@frappe.whitelist()
def get_chain(doctype: str, name: str) -> list[dict]:
	"""Every document of the chain that the user may read, in chain order: [{"doctype", "name"}]."""
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	starts = flow.orders_of(doctype, name) if doctype in flow.DOWNSTREAM else [Ref(doctype, name)]
	refs = dict.fromkeys(ref for start in starts for ref in graph.whole_chain(start.doctype, start.name))
	readable = ribbons.readable(list(refs))
	return [_as_dict(ref) for ref in refs if ref in readable]


@frappe.whitelist()
def get_history(doctype: str, name: str) -> list[dict]:
	"""The ledger of a document, oldest first, with the values as a person reads them (`from_text`, `to_text`)."""
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	return ledger.story(doctype, name)


@frappe.whitelist()
def get_orders(doctype: str, name: str) -> list[dict]:
	"""Sales Orders that came from a document and what followed them."""
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	return roll_up.documents_of(doctype, name)


@frappe.whitelist()
def get_list_price(doc: str | dict, row: str | dict) -> dict:
	"""Live price of one item row of an unsaved form; see erp/prices.py for the shape."""
	frappe.has_permission("Item", "read", throw=True)
	doc, row = (frappe._dict(json.loads(x) if isinstance(x, str) else x) for x in (doc, row))
	return prices.list_price(doc, row)


@frappe.whitelist()
def get_exchange_rate(currency: str, company: str, date: str | None = None) -> float:
	"""One unit of `currency` in the company's currency."""
	frappe.has_permission("Company", "read", doc=company, throw=True)
	return prices.exchange_rate(currency, company, date)


# ---- prospects


@frappe.whitelist()
def find_customers(prospect: str) -> dict:
	"""Customers that a prospect may already be: {"rule": text, "customers": [{"name", "customer_name"}]}."""
	doc = frappe.get_doc("Sales Prospect", prospect)
	doc.check_permission("read")
	match = party.match_customer(doc)
	visible = frappe.get_list(
		"Customer",
		filters={"name": ("in", list(match.names) or [""])},
		fields=["name", "customer_name", "territory", "disabled"],
		order_by="name asc",
	)
	return {"rule": _(match.rule), "customers": visible}


@frappe.whitelist(methods=["POST"])
def verify_prospect(
	prospect: str,
	method: str | None = None,
	note: str | None = None,
	customer: str | None = None,
	create_new: bool | int | str = False,
) -> dict:
	"""Turn a prospect into a Customer, or say which one it already is."""
	frappe.has_permission("Sales Prospect", "write", doc=prospect, throw=True)
	run = whole_transaction(verification.verify)
	name = run(prospect, method, note, customer, bool(frappe.utils.cint(create_new)))
	return {"doctype": "Customer", "name": name}


@frappe.whitelist(methods=["POST"])
@whole_transaction
def reject_prospect(prospect: str, reason: str) -> None:
	frappe.has_permission("Sales Prospect", "write", doc=prospect, throw=True)
	verification.reject(prospect, reason)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def reopen_prospect(prospect: str) -> None:
	frappe.has_permission("Sales Prospect", "write", doc=prospect, throw=True)
	verification.reopen(prospect)


# ---- leads


@frappe.whitelist(methods=["POST"])
def qualify_lead(lead: str) -> None:
	frappe.has_permission("Sales Lead", "write", doc=lead, throw=True)
	leads.change_lead_state(lead, "Qualified")


@frappe.whitelist(methods=["POST"])
def contact_lead(lead: str, follow_up_date: str, follow_up_plan: str) -> None:
	"""The lead was reached and accepted, with a plan for what comes next."""
	frappe.has_permission("Sales Lead", "write", doc=lead, throw=True)
	leads.change_lead_state(lead, "Contacted", follow_up_date=follow_up_date, follow_up_plan=follow_up_plan)


@frappe.whitelist(methods=["POST"])
def disqualify_lead(lead: str, reason: str, detail: str | None = None) -> None:
	frappe.has_permission("Sales Lead", "write", doc=lead, throw=True)
	leads.change_lead_state(lead, "Disqualified", lost_reason=reason, lost_detail=detail)


@frappe.whitelist(methods=["POST"])
def reopen_lead(lead: str) -> None:
	frappe.has_permission("Sales Lead", "write", doc=lead, throw=True)
	leads.change_lead_state(lead, "New")


@frappe.whitelist(methods=["POST"])
def convert_lead(
	lead: str,
	target: str = "Sales Opportunity",
	opportunity: str | None = None,
	assessment: str | None = None,
	assessment_note: str | None = None,
	customer: str | None = None,
	create_new_customer: bool | int | str = False,
) -> dict:
	"""Convert a lead into an opportunity or a project, or let it join an existing opportunity."""
	frappe.has_permission("Sales Lead", "write", doc=lead, throw=True)
	new_customer = bool(frappe.utils.cint(create_new_customer))
	return _as_dict(
		leads.convert_lead(lead, target, opportunity, assessment, assessment_note, customer, new_customer)
	)


# ---- deals


@frappe.whitelist(methods=["POST"])
@whole_transaction
def move_stage(
	doctype: str, name: str, stage: str, note: str | None = None, seen_stage: str | None = None
) -> None:
	"""Move a deal; refused when it is no longer in `seen_stage`, where that is given."""
	_deal(doctype, name, "write")
	moves.expect_stage(doctype, name, seen_stage)
	moves.move(doctype, name, stage, note)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def win_deal(doctype: str, name: str, stage: str | None = None) -> None:
	"""Win a deal by hand, in the won stage that is named or the first one."""
	_deal(doctype, name, "write")
	moves.win(doctype, name, stage)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def lose_deal(
	doctype: str,
	name: str,
	reason: str,
	detail: str | None = None,
	competitor: str | None = None,
	lessons: str | None = None,
	seen_stage: str | None = None,
	stage: str | None = None,
) -> None:
	"""Lose a deal, in the lost stage that is named or the first one; refused when it is no longer in `seen_stage`."""
	_deal(doctype, name, "write")
	moves.expect_stage(doctype, name, seen_stage)
	moves.lose(doctype, name, reason, detail, competitor, lessons, stage)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def reopen_deal(doctype: str, name: str) -> None:
	_deal(doctype, name, "write")
	moves.reopen(doctype, name)


@frappe.whitelist(methods=["POST"])
@whole_transaction
def complete_project(name: str) -> None:
	_deal("Sales Project", name, "write")
	moves.complete(name)


@frappe.whitelist(methods=["POST"])
def opportunity_to_project(name: str) -> dict:
	_deal("Sales Opportunity", name, "write")
	return _as_dict(conversions.opportunity_to_project(name))


@frappe.whitelist()
def campaign_to_lead(name: str) -> dict:
	"""An unsaved lead of a campaign."""
	frappe.has_permission("Sales Campaign", "read", doc=name, throw=True)
	return conversions.campaign_to_lead(name).as_dict()


@frappe.whitelist(methods=["POST"])
def campaign_to_project(name: str) -> dict:
	frappe.has_permission("Sales Campaign", "read", doc=name, throw=True)
	return _as_dict(conversions.campaign_to_project(name))


@frappe.whitelist(methods=["POST"])
def make_erp_project(name: str) -> dict:
	_deal("Sales Project", name, "write")
	return {"doctype": "Project", "name": conversions.make_erp_project(name)}


@frappe.whitelist(methods=["POST"])
def make_quotation(doctype: str, name: str) -> dict:
	_deal(doctype, name, "write")
	return {"doctype": "Quotation", "name": conversions.make_quotation(doctype, name)}


@frappe.whitelist(methods=["POST"])
def make_contract(doctype: str, name: str) -> dict:
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	return _as_dict(conversions.make_contract(doctype, name))


@frappe.whitelist(methods=["POST"])
@whole_transaction
def terminate_contract(name: str, reason: str) -> None:
	contract = frappe.get_doc("Sales Contract", name)
	contract.check_permission("submit")
	contract.terminate(reason)


@frappe.whitelist()
def get_remaining(contract: str) -> dict[str, float]:
	"""Stock quantity that may still be ordered, by row name of the contract."""
	doc = frappe.get_doc("Sales Contract", contract)
	doc.check_permission("read")
	return doc.left()


def _deal(doctype: str, name: str, right: str) -> None:
	if doctype not in ("Sales Opportunity", "Sales Project"):
		frappe.throw(_("{0} is no deal").format(doctype))
	frappe.has_permission(doctype, right, doc=name, throw=True)


# ---- hand-off


@frappe.whitelist(methods=["POST"])
def make_order_request(doctype: str, name: str, quantities: str | dict | None = None) -> dict:
	"""A draft order request; `quantities` maps rows of the source to what is ordered now, all when left out."""
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	wanted = json.loads(quantities) if isinstance(quantities, str) and quantities else quantities
	return _as_dict(hand_off.make_request(doctype, name, wanted or None))


@frappe.whitelist(methods=["POST"])
def accept_request(name: str) -> dict:
	"""Accept an order request: its one native Sales Order."""
	frappe.has_permission("Sales Order Request", "write", doc=name, throw=True)
	return {"doctype": "Sales Order", "name": hand_off.accept(name)}


@frappe.whitelist(methods=["POST"])
def return_request(name: str, reason: str) -> None:
	frappe.has_permission("Sales Order Request", "cancel", doc=name, throw=True)
	hand_off.return_request(name, reason)


@frappe.whitelist(methods=["POST"])
def order_now(doctype: str, name: str) -> dict:
	"""Deal, quotation or contract straight to the native Sales Order, for who holds both functions."""
	_chain_type(doctype)
	frappe.has_permission(doctype, "read", doc=name, throw=True)
	return {"doctype": "Sales Order", "name": hand_off.order_now(doctype, name)}
