"""The chain: reading it, and every change of state. Each is one call into the room that does the work.

Names of documents are strings; conversions answer {"doctype": ..., "name": ...} of what came out.
"""

import frappe

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import (
	Choices,
	Day,
	Flag,
	Form,
	Line,
	MaybeDay,
	MaybeLine,
	MaybeName,
	MaybeText,
	Name,
	Names,
	Quantities,
	Text,
)
from crm_pipeline.chain import graph, ledger
from crm_pipeline.chain import ribbon_steps as ribbons
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS, ORDER, OWN
from crm_pipeline.deals import conversions, entering, forecast_fields, moving, stage_records, undoing
from crm_pipeline.deals.stage_gates import Answers
from crm_pipeline.documents import timeline
from crm_pipeline.erp import flow, prices
from crm_pipeline.erp.contacts import Person
from crm_pipeline.leads import qualification
from crm_pipeline.orders import acceptance, acceptance_preview, hand_off, new_contract, roll_up
from crm_pipeline.parties import deal_people, party, verification

CHAIN = (*ORDER, *flow.DOWNSTREAM)


def _as_dict(ref: Ref) -> dict:
	return {"doctype": ref.doctype, "name": ref.name}


# ---- reading


@reads(may("read", CHAIN, "name"))
def get_ribbon(doctype: Name, name: Name) -> dict:
	"""The chain of a document for its form; see chain/ribbon_steps.py for the shape."""
	return ribbons.ribbon_of(doctype, name)


@reads(may("read", CHAIN, "name"))
def get_chain(doctype: Name, name: Name) -> list[dict]:
	"""Every document of the chain that the user may read, in chain order: [{"doctype", "name"}]."""
	starts = flow.orders_of(doctype, name) if doctype in flow.DOWNSTREAM else [Ref(doctype, name)]
	refs = dict.fromkeys(ref for start in starts for ref in graph.whole_chain(start.doctype, start.name))
	readable = ribbons.readable(list(refs))
	return [_as_dict(ref) for ref in refs if ref in readable]


@reads(may("read", CHAIN, "name"))
def get_history(doctype: Name, name: Name) -> list[dict]:
	"""The ledger of a document, oldest first, with the values as a person reads them (`from_text`, `to_text`)."""
	return ledger.story(doctype, name)


@reads(may("read", OWN, "name"))
def get_timeline(doctype: Name, name: Name) -> dict:
	"""Everything that happened to a document of ours, the latest first; see documents/timeline.py for the shape."""
	return timeline.timeline(doctype, name)


@reads(may("read", CHAIN, "name"))
def get_orders(doctype: Name, name: Name) -> list[dict]:
	"""Sales Orders that came from a document and what followed them."""
	return roll_up.documents_of(doctype, name)


@reads(may("read", "Item"))
def get_list_price(doc: Form, row: Form) -> dict:
	"""Live price of one item row of an unsaved form; see erp/prices.py for the shape."""
	return prices.list_price(frappe._dict(doc or {}), frappe._dict(row or {}))


@reads(may("read", "Company", "company"))
def get_exchange_rate(currency: Name, company: Name, date: MaybeDay = None) -> float:
	"""One unit of `currency` in the company's currency."""
	return prices.exchange_rate(currency, company, date and str(date))


# ---- prospects


@reads(may("read", "Sales Prospect", "prospect"))
def find_customers(prospect: Name) -> dict:
	"""Customers that a prospect may be: {"rule": text, "sure": bool, "customers": [{"name", "customer_name", "territory",
	"disabled"}]}. Those that the user may not see are left out."""
	return party.customers_for(frappe.get_doc("Sales Prospect", prospect))


@reads(may("read", "Sales Lead", "lead"))
def find_customers_of_lead(lead: Name) -> dict:
	"""The same of the party that a lead names."""
	return party.customers_for(frappe.get_doc("Sales Lead", lead))


@writes(may("write", "Sales Prospect", "prospect"))
def verify_prospect(
	prospect: Name,
	method: MaybeLine = None,
	note: MaybeText = None,
	customer: MaybeName = None,
	create_new: Flag = False,
) -> dict:
	"""Turn a prospect into a Customer, or say which one it already is."""
	name = verification.verify(prospect, method, note, customer, create_new)
	return {"doctype": "Customer", "name": name}


@writes(may("write", "Sales Prospect", "prospect"))
def reject_prospect(prospect: Name, reason: Line) -> None:
	verification.reject(prospect, reason)


@writes(may("write", "Sales Prospect", "prospect"))
def reopen_prospect(prospect: Name) -> None:
	verification.reopen(prospect)


# ---- leads


@writes(may("write", "Sales Lead", "lead"))
def qualify_lead(lead: Name) -> None:
	qualification.change_lead_state(lead, "Qualified")


@writes(may("write", "Sales Lead", "lead"))
def contact_lead(lead: Name, follow_up_date: Day, follow_up_plan: Text) -> None:
	"""The lead was reached and accepted, with a plan for what comes next."""
	qualification.change_lead_state(lead, "Contacted", follow_up_date=follow_up_date, follow_up_plan=follow_up_plan)


@writes(may("write", "Sales Lead", "lead"))
def disqualify_lead(lead: Name, reason: Line, detail: MaybeText = None) -> None:
	qualification.change_lead_state(lead, "Disqualified", lost_reason=reason, lost_detail=detail)


@writes(may("write", "Sales Lead", "lead"))
def reopen_lead(lead: Name) -> None:
	qualification.change_lead_state(lead, "New")


@writes(may("write", "Sales Lead", "lead"))
def convert_lead(
	lead: Name,
	target: Name = "Sales Opportunity",
	opportunity: MaybeName = None,
	assessment: MaybeLine = None,
	assessment_note: MaybeText = None,
	customer: MaybeName = None,
	create_new_customer: Flag = False,
	answers: Choices = None,
) -> dict:
	"""Convert a lead into an opportunity or a project, or let it join an existing opportunity."""
	return _as_dict(
		qualification.convert_lead(
			lead, target, opportunity, assessment, assessment_note, customer, create_new_customer, answers
		)
	)


@writes(may("write", "Sales Lead", "lead"))
def undo_conversion(lead: Name) -> None:
	"""Take back a conversion that was a mistake, as long as nothing was built on its deal."""
	qualification.undo_conversion(lead)


# ---- deals


@writes(may("create", ("Sales Lead", *DEALS)))
def enter_deal(doctype: Name, values: Form, party: MaybeLine = None, create_new: Flag = False) -> dict:
	"""A new lead or deal of what was typed; see deals/entering.py."""
	return _as_dict(entering.enter(doctype, values or {}, party, create_new))


@writes(may("write", DEALS, "name"))
def move_stage(
	doctype: Name,
	name: Name,
	stage: Name,
	note: MaybeText = None,
	seen_stage: MaybeName = None,
	values: Form = None,
	ticked: Names = None,
) -> None:
	"""Move a deal; refused when it is no longer in `seen_stage`, where that is given. `values` and `ticked` are fields and
	checks that get_asked_of_move answered."""
	moving.expect_stage(doctype, name, seen_stage)
	undoing.remember(moving.move(doctype, name, stage, note, Answers(values or {}, tuple(ticked or ()))))


@reads(may("read", DEALS, "name"))
def get_asked_of_move(doctype: Name, name: Name, stage: Name) -> dict:
	"""What the gates on the way to a stage still ask for; see deals/stage_gates.py, questions(), for the shape."""
	return moving.asked_of(doctype, name, stage)


@writes(may("write", DEALS, "name"))
def add_deal_contact(
	doctype: Name,
	name: Name,
	role: Name,
	contact: MaybeName = None,
	contact_name: MaybeLine = None,
	email_id: MaybeLine = None,
	phone: MaybeLine = None,
) -> None:
	"""Somebody with a role on a deal: a Contact, or a new one of the deal's party."""
	person = Person(contact_name or "", email=email_id or "", phone=phone or "")
	deal_people.add_person(doctype, name, role, contact, person)


@writes(may("write", OWN, "name"))
def make_contacts(doctype: Name, name: Name, chosen: Form = None) -> list[dict]:
	"""Make Contacts of the people on a document who are none; answers of whom somebody has to say who they are, see
	parties/deal_people.py for the shape."""
	return deal_people.make_contacts(doctype, name, chosen or {})


@writes(may("write", DEALS, "name"))
def undo_move(doctype: Name, name: Name, seen_stage: Name) -> None:
	"""Take a deal back to where this user has just moved it from, by the rules of its pipeline."""
	undoing.undo(doctype, name, seen_stage)


@writes(may("write", DEALS, "name"))
def set_next_step(doctype: Name, name: Name, next_step: MaybeLine = None, next_step_date: MaybeDay = None) -> None:
	"""What comes next in a deal, and when; nothing where both are empty."""
	moving.plan(doctype, name, next_step, next_step_date)


@writes(may("write", DEALS, "name"))
def win_deal(doctype: Name, name: Name, stage: MaybeName = None, seen_stage: MaybeName = None) -> None:
	"""Win a deal by hand, in the won stage that is named or the first one; refused when it left `seen_stage`."""
	moving.expect_stage(doctype, name, seen_stage)
	undoing.remember(moving.win(doctype, name, stage))


@writes(may("write", DEALS, "name"))
def lose_deal(
	doctype: Name,
	name: Name,
	reason: Line,
	detail: MaybeText = None,
	competitor: MaybeName = None,
	lessons: MaybeText = None,
	seen_stage: MaybeName = None,
	stage: MaybeName = None,
) -> None:
	"""Lose a deal, in the lost stage that is named or the first one; refused when it is no longer in `seen_stage`."""
	moving.expect_stage(doctype, name, seen_stage)
	undoing.remember(moving.lose(doctype, name, reason, detail, competitor, lessons, stage))


@reads(may("write", "Pipeline Stage", "stage"))
def get_stage_followers(stage: Name) -> dict:
	"""A stage as it is stored, and how many open deals follow it: {"probability", "forecast_category", "deals":
	{"probability": n, "forecast_category": n}}."""
	stored = frappe.db.get_value("Pipeline Stage", stage, list(forecast_fields.OUTLOOK), as_dict=True)
	return {**stored, "deals": stage_records.followers(stage)}


@writes(may("write", DEALS, "name"))
def reopen_deal(doctype: Name, name: Name) -> None:
	moving.reopen(doctype, name)


@writes(may("write", "Sales Project", "name"))
def complete_project(name: Name) -> None:
	moving.complete(name)


@writes(may("write", "Sales Opportunity", "name"))
def opportunity_to_project(name: Name) -> dict:
	return _as_dict(conversions.opportunity_to_project(name))


@reads(may("read", "Sales Campaign", "name"))
def campaign_to_lead(name: Name) -> dict:
	"""An unsaved lead of a campaign."""
	return conversions.campaign_to_lead(name).as_dict()


@writes(may("read", "Sales Campaign", "name"))
def campaign_to_project(name: Name) -> dict:
	return _as_dict(conversions.campaign_to_project(name))


@writes(may("write", "Sales Project", "name"))
def make_erp_project(name: Name) -> dict:
	return {"doctype": "Project", "name": conversions.make_erp_project(name)}


@writes(may("write", DEALS, "name"))
def make_quotation(doctype: Name, name: Name) -> dict:
	return {"doctype": "Quotation", "name": conversions.make_quotation(doctype, name)}


@writes(may("read", CHAIN, "name"))
def make_contract(doctype: Name, name: Name) -> dict:
	return _as_dict(new_contract.make_contract(doctype, name))


@writes(may("submit", "Sales Contract", "name"))
def terminate_contract(name: Name, reason: Text) -> None:
	frappe.get_doc("Sales Contract", name).terminate(reason)


@reads(may("read", "Sales Contract", "contract"))
def get_remaining(contract: Name) -> dict[str, float]:
	"""Stock quantity that may still be ordered, by row name of the contract."""
	return frappe.get_doc("Sales Contract", contract).left()


# ---- hand-off


@writes(may("read", CHAIN, "name"))
def make_order_request(doctype: Name, name: Name, quantities: Quantities = None) -> dict:
	"""A draft order request; `quantities` maps rows of the source to what is ordered now, all when left out."""
	return _as_dict(hand_off.make_request(doctype, name, quantities or None))


@writes(may("write", "Sales Order Request", "name"))
def accept_request(name: Name, delivery_date: MaybeDay = None) -> dict:
	"""Accept an order request: its one native Sales Order. `delivery_date` is for rows for which sales named none."""
	return {"doctype": "Sales Order", "name": acceptance.accept(name, delivery_date)}


@reads(may("write", "Sales Order Request", "name"))
def get_acceptance(name: Name) -> dict:
	"""What accepting would make, what was assumed for it and what is short; see orders/acceptance_preview.py for the shape."""
	return acceptance_preview.preview(name)


@writes(may("cancel", "Sales Order Request", "name"))
def return_request(name: Name, reason: Text) -> None:
	acceptance.return_request(name, reason)


@writes(may("read", CHAIN, "name"))
def order_now(doctype: Name, name: Name, delivery_date: MaybeDay = None) -> dict:
	"""Deal, quotation or contract straight to the native Sales Order, for who holds both functions. `delivery_date` is for
	rows for which nobody named one."""
	return {"doctype": "Sales Order", "name": acceptance.order_now(doctype, name, delivery_date)}


@reads(may("read", CHAIN, "name"))
def get_amount_to_order(doctype: Name, name: Name) -> dict:
	"""What an order made now would come to, without tax: {"amount", "currency"}."""
	return acceptance.amount_to_order(doctype, name)


@reads(may("read", CHAIN, "name"))
def get_assumed_delivery_date(doctype: Name, name: Name) -> str | None:
	"""The day that an order made now would have for rows for which nobody named one; None where all have one."""
	day = acceptance.assumed_delivery_date(doctype, name)
	return str(day) if day else None
