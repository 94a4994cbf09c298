"""The life of a lead on a site: its states, and its conversion into an opportunity or a project."""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import carry, ledger, rights, system_fields, verification
from crm_pipeline.chain.locks import lock, locked_doc, whole_transaction
from crm_pipeline.core import chain
from crm_pipeline.core import lead as rules
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.lead import LeadFacts


class LeadStateError(frappe.ValidationError):
	"""A lead can't enter the wanted state yet."""


# ---- the lead's own life


def lead_facts(doc) -> LeadFacts:
	return LeadFacts(
		status=doc.status,
		reachable=bool(doc.email_id or doc.phone or doc.mobile_no or _reachable_party(doc)),
		follow_up_plan=bool(doc.follow_up_date and doc.follow_up_plan),
		assessed=bool(doc.assessment),
		reason=bool(doc.lost_reason),
	)


def _reachable_party(doc) -> bool:
	if any(row.email_id or row.phone for row in doc.contacts):
		return True
	for doctype, name in (("Sales Prospect", doc.prospect), ("Customer", doc.customer)):
		fields = ["email_id", "mobile_no"] + (["phone"] if doctype == "Sales Prospect" else [])
		if name and any(frappe.db.get_value(doctype, name, fields) or ()):
			return True
	return False


def move_lead(doc, to: str) -> None:
	"""Change a lead's state in memory, passing the states in between; raises LeadStateError with what is missing."""
	if doc.status == to:
		return
	if not rules.can_move(doc.status, to):
		frappe.throw(
			_("Lead {0} is {1} and can't become {2}").format(frappe.bold(doc.name), _(doc.status), _(to)), LeadStateError
		)
	for state in rules.path(doc.status, to):
		lacking = rules.missing(lead_facts(doc), state)
		if lacking:
			frappe.throw(
				_("Lead {0} can't become {1} yet. Please add: {2}").format(
					frappe.bold(doc.name), _(state), ", ".join(_need_label(need) for need in lacking)
				),
				LeadStateError,
				title=_("Not Yet"),
			)
		if state != to:
			ledger.record(doc, "State", doc.status, state)
			doc.flags.recorded_status = state
		doc.status = state
		doc.flags.state_checked = True


def _need_label(need: str) -> str:
	return {
		"reachable": _("an e-mail or a phone number"),
		"follow_up_plan": _("a follow-up date and plan"),
		"assessed": _("the assessment"),
		"reason": _("a reason"),
	}[need]


@whole_transaction
def change_lead_state(name: str, to: str, **values) -> None:
	"""Qualify, contact, disqualify or reopen a lead; `values` are fields entered with the step."""
	doc = locked_doc("Sales Lead", name)
	doc.check_permission("write")
	doc.update({key: value for key, value in values.items() if value is not None})
	if to == rules.NEW:
		doc.lost_reason = doc.lost_detail = None
	move_lead(doc, to)
	doc.save()


def stamp_assessment(doc) -> None:
	"""Part of validate(): who judged the lead, and when."""
	if doc.assessment and not (doc.assessed_by or doc.flags.history_import):
		doc.assessed_by = frappe.session.user
		doc.assessed_on = now_datetime()


# ---- lead to opportunity or project


@whole_transaction
def convert_lead(
	name: str,
	target: str = "Sales Opportunity",
	opportunity: str | None = None,
	assessment: str | None = None,
	assessment_note: str | None = None,
	customer: str | None = None,
	create_new_customer: bool = False,
) -> Ref:
	"""Convert a lead into a new opportunity or project, or let it join an existing `opportunity`.

	Verifies the prospect on the way (a setting may defer that). Raises LeadStateError without an
	assessment or contact data, AmbiguousPartyError when the Customer has to be chosen.
	"""
	prospect = frappe.db.get_value("Sales Lead", name, "prospect")
	rows = [("Sales Prospect", prospect)] if prospect else []
	if opportunity:
		rows.append(("Sales Opportunity", opportunity))
	lock(*rows, ("Sales Lead", name))
	doc = locked_doc("Sales Lead", name)
	doc.check_permission("write")
	done = converted_to(doc)
	if done:
		rights.need_seen(done.doctype, done.name)
		return done
	if assessment:
		doc.update({"assessment": assessment, "assessment_note": assessment_note})
	if doc.status == rules.CONVERTED:
		frappe.throw(_("Lead {0} is converted already").format(frappe.bold(name)), LeadStateError)
	move_lead(doc, rules.CONVERTED)
	system_fields.write(doc, converted_on=now_datetime())
	_verify_party(doc, customer, create_new_customer)
	if opportunity:
		result = _join(doc, opportunity)
	else:
		doc.save()
		result = _new_deal(doc, target)
	ledger.record(doc, "Conversion", None, f"{result.doctype} {result.name}")
	return result


def converted_to(doc) -> Ref | None:
	"""The opportunity or project a lead became or joined."""
	if doc.joined_opportunity:
		return Ref("Sales Opportunity", doc.joined_opportunity)
	for doctype in ("Sales Opportunity", "Sales Project"):
		found = carry.made_of(doc, doctype)
		if found:
			return Ref(doctype, found)
	return None


def _verify_party(doc, customer: str | None, create_new: bool) -> None:
	if doc.customer or not doc.prospect:
		return
	if frappe.db.get_single_value("CRM Pipeline Settings", "verify_on_conversion"):
		doc.customer = verification.verify(
			doc.prospect, note=doc.assessment_note, customer=customer, create_new=create_new
		)


def _join(doc, opportunity: str) -> Ref:
	target = locked_doc("Sales Opportunity", opportunity)
	target.check_permission("write")
	if doc.customer and target.customer and doc.customer != target.customer:
		frappe.throw(
			_("Lead {0} is about {1}, Opportunity {2} about {3}").format(
				doc.name, frappe.bold(doc.customer), target.name, frappe.bold(target.customer)
			)
		)
	system_fields.write(doc, joined_opportunity=target.name)
	doc.save()
	carry.carry_attachments(doc, target)
	ledger.record(target, "Conversion", None, f"{doc.doctype} {doc.name}", note=_("A lead joined"))
	return Ref(target.doctype, target.name)


def _new_deal(doc, target: str) -> Ref:
	if target not in ("Sales Opportunity", "Sales Project"):
		frappe.throw(_("A lead becomes a Sales Opportunity or a Sales Project"))

	def change(source, deal):
		system_fields.write(deal, conversion_key=carry.key_of(source))
		deal.description = source.message
		_carry_plan(source, deal)
		if target == "Sales Project":
			deal.project_type = chain.project_type(source.doctype, None)
		_add_entry_contact(source, deal)

	deal = carry.next_document(doc, target, change)
	deal.insert()
	carry.carry_attachments(doc, deal)
	return Ref(deal.doctype, deal.name)


def _carry_plan(lead, deal) -> None:
	"""What was planned with the lead is the deal's next step, unless it has one."""
	if deal.next_step or deal.next_step_date:
		return
	plan = " ".join((lead.follow_up_plan or "").split())
	# A next step is one line of 140 characters; the lead keeps the whole plan.
	deal.next_step = plan if len(plan) <= 140 else plan[:139] + "…"
	deal.next_step_date = lead.follow_up_date


def _add_entry_contact(lead, deal) -> None:
	"""The person named on the lead is the deal's first contact."""
	if lead.contact_name and lead.contact_name not in {row.contact_name for row in deal.contacts}:
		deal.append(
			"contacts",
			{
				"contact_name": lead.contact_name,
				"designation": lead.designation,
				"email_id": lead.email_id,
				"phone": lead.phone or lead.mobile_no,
			},
		)
