"""One-click conversions along the chain. Each is one transaction, checks permissions, and done twice gives one result.

Those that make the only document of its kind carry a unique `conversion_key` beside the lock, so that two
browsers in the same second end with one document even where a lock was not enough.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import carry, graph, ledger, steps, verification
from crm_pipeline.chain.locks import lock, whole_transaction
from crm_pipeline.core import chain, lead as lead_rules
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.lead import LeadFacts
from crm_pipeline.erp import project as erp_projects
from crm_pipeline.erp import quotation as quotations


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
	if not lead_rules.can_move(doc.status, to):
		frappe.throw(
			_("Lead {0} is {1} and can't become {2}").format(frappe.bold(doc.name), _(doc.status), _(to)), LeadStateError
		)
	for state in lead_rules.path(doc.status, to):
		lacking = lead_rules.missing(lead_facts(doc), state)
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
	lock("Sales Lead", name)
	doc = frappe.get_doc("Sales Lead", name)
	doc.check_permission("write")
	doc.update({key: value for key, value in values.items() if value is not None})
	_stamp_assessment(doc)
	if to == lead_rules.NEW:
		doc.lost_reason = doc.lost_detail = None
	move_lead(doc, to)
	doc.save()


def _stamp_assessment(doc) -> None:
	if doc.assessment and not doc.assessed_by:
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
	if prospect:
		lock("Sales Prospect", prospect)
	lock("Sales Lead", name)
	doc = frappe.get_doc("Sales Lead", name)
	done = converted_to(doc)
	if done:
		return done
	doc.check_permission("write")
	if assessment:
		doc.update({"assessment": assessment, "assessment_note": assessment_note})
	_stamp_assessment(doc)
	if doc.status == lead_rules.CONVERTED:
		frappe.throw(_("Lead {0} is converted already").format(frappe.bold(name)), LeadStateError)
	move_lead(doc, lead_rules.CONVERTED)
	doc.converted_on = now_datetime()
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
		found = frappe.db.get_value(doctype, {"conversion_key": _key(doc)}, "name", for_update=True)
		if found:
			return Ref(doctype, found)
	return None


def _key(doc) -> str:
	return f"{doc.doctype}:{doc.name}"


def _verify_party(doc, customer: str | None, create_new: bool) -> None:
	if doc.customer or not doc.prospect:
		return
	if frappe.db.get_single_value("CRM Pipeline Settings", "verify_on_conversion"):
		doc.customer = verification.verify(
			doc.prospect, note=doc.assessment_note, customer=customer, create_new=create_new
		)


def _join(doc, opportunity: str) -> Ref:
	target = frappe.get_doc("Sales Opportunity", opportunity, for_update=True)
	target.check_permission("write")
	if doc.customer and target.customer and doc.customer != target.customer:
		frappe.throw(
			_("Lead {0} is about {1}, Opportunity {2} about {3}").format(
				doc.name, frappe.bold(doc.customer), target.name, frappe.bold(target.customer)
			)
		)
	doc.joined_opportunity = target.name
	doc.save()
	carry.carry_attachments(doc, target)
	ledger.record(target, "Conversion", None, f"{doc.doctype} {doc.name}", note=_("A lead joined"))
	return Ref(target.doctype, target.name)


def _new_deal(doc, target: str) -> Ref:
	if target not in ("Sales Opportunity", "Sales Project"):
		frappe.throw(_("A lead becomes a Sales Opportunity or a Sales Project"))

	def change(source, deal):
		deal.conversion_key = _key(source)
		deal.description = source.message
		if target == "Sales Project":
			deal.project_type = chain.project_type(source.doctype, None)
		_add_entry_contact(source, deal)

	deal = carry.next_document(doc, target, change)
	deal.insert()
	carry.carry_attachments(doc, deal)
	return Ref(deal.doctype, deal.name)


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


# ---- opportunity to project; campaign to lead and project


@whole_transaction
def opportunity_to_project(name: str) -> Ref:
	"""Run a complex opportunity as a project; the same one when it has one already."""
	lock("Sales Opportunity", name)
	doc = frappe.get_doc("Sales Opportunity", name)
	existing = frappe.db.get_value("Sales Project", {"conversion_key": _key(doc)}, "name", for_update=True)
	if existing:
		return Ref("Sales Project", existing)

	def change(source, project):
		project.conversion_key = _key(source)
		project.project_type = chain.project_type(source.doctype, None)
		project.append("members", {"user": source.sales_owner or frappe.session.user, "function": "Lead"})

	project = carry.next_document(doc, "Sales Project", change)
	project.insert()
	carry.carry_attachments(doc, project)
	ledger.record(doc, "Conversion", None, f"Sales Project {project.name}")
	return Ref("Sales Project", project.name)


def campaign_to_lead(name: str):
	"""An unsaved lead of a campaign, for a person to fill in."""
	campaign = frappe.get_doc("Sales Campaign", name)

	def change(source, target):
		target.channel = "Campaign"
		target.currency = None
		target.sales_owner = frappe.session.user

	return carry.next_document(campaign, "Sales Lead", change)


@whole_transaction
def campaign_to_project(name: str) -> Ref:
	"""The marketing project of a campaign; the same one when it has one already."""
	lock("Sales Campaign", name)
	campaign = frappe.get_doc("Sales Campaign", name)
	existing = frappe.db.get_value("Sales Project", {"conversion_key": _key(campaign)}, "name", for_update=True)
	if existing:
		return Ref("Sales Project", existing)

	def change(source, project):
		project.conversion_key = _key(source)
		project.project_type = chain.project_type(source.doctype, None)
		project.append("members", {"user": source.sales_owner or frappe.session.user, "function": "Lead"})

	project = carry.next_document(campaign, "Sales Project", change)
	project.insert()
	carry.carry_attachments(campaign, project)
	return Ref("Sales Project", project.name)


@whole_transaction
def make_erp_project(name: str) -> str:
	"""The ERPNext Project behind a sales project, made once."""
	doc = frappe.get_doc("Sales Project", name, for_update=True)
	doc.check_permission("write")
	if doc.erp_project:
		return doc.erp_project
	doc.db_set("erp_project", erp_projects.make(doc))
	return doc.erp_project


# ---- deal to quotation, contract


@whole_transaction
def make_quotation(doctype: str, name: str) -> str:
	"""A draft Quotation of a deal; the draft that is there already when nobody has submitted it yet."""
	deal = locked_deal(doctype, name)
	draft = frappe.db.get_value(
		"Quotation",
		{"crm_source_type": doctype, "crm_source_name": name, "docstatus": 0},
		"name",
		for_update=True,
	)
	if draft:
		return draft
	need_items(deal, "Quotation")
	steps.refuse_if_off(deal, "Quotation", Ref(doctype, name))
	need_customer(deal)
	quotation = quotations.make(deal)
	carry.carry_attachments(deal, quotation)
	return quotation.name


@whole_transaction
def make_contract(doctype: str, name: str) -> Ref:
	"""The contract of a deal or quotation: the live one where there is one, else a new draft."""
	source = locked_deal(doctype, name)
	existing = frappe.db.get_value("Sales Contract", {"conversion_key": _key(source)}, "name", for_update=True)
	if existing:
		return Ref("Sales Contract", existing)
	need_items(source, "Sales Contract")
	if doctype != "Quotation":
		need_customer(source)

	def change(src, contract):
		contract.conversion_key = _key(src)
		contract.title = contract.title or src.get("customer_name") or src.get("title")
		if src.doctype == "Quotation":
			fill_from_quotation(src, contract)

	contract = carry.next_document(source, "Sales Contract", change)
	contract.insert()
	carry.carry_attachments(source, contract)
	return Ref("Sales Contract", contract.name)


def fill_from_quotation(quotation, target) -> None:
	"""What a quotation calls otherwise, and who is behind it: the deal it came from."""
	target.title = quotation.get("title") or quotation.customer_name
	target.sales_owner = target.sales_owner or frappe.session.user
	source = graph.source_of(quotation)
	if source and source.doctype in ("Sales Opportunity", "Sales Project"):
		deal = frappe.get_doc(source.doctype, source.name)
		target.title = deal.title
		for field in ("sales_owner", "sales_person", "territory", "campaign", "prospect"):
			target.set(field, deal.get(field))
		for table in ("contacts", "competitors"):
			for row in deal.get(table):
				target.append(table, row.as_dict(no_default_fields=True))
	if quotation.get("taxes_and_charges"):
		target.taxes_and_charges = quotation.taxes_and_charges


def need_customer(deal) -> None:
	"""A native document needs a Customer: verify the deal's prospect now, at the latest."""
	if deal.customer:
		return
	if not deal.prospect:
		frappe.throw(_("{0} {1} has no Customer").format(_(deal.doctype), deal.name), frappe.MandatoryError)
	customer = verification.verify(deal.prospect)
	deal.reload()
	deal.customer = customer


def locked_deal(doctype: str, name: str):
	if doctype not in ("Sales Opportunity", "Sales Project", "Quotation"):
		frappe.throw(_("{0} can't be converted like this").format(_(doctype)))
	if doctype != "Quotation":
		prospect = frappe.db.get_value(doctype, name, "prospect")
		if prospect:
			lock("Sales Prospect", prospect)
	lock(doctype, name)
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read" if doctype == "Quotation" else "write")
	if doctype == "Quotation":
		_check_quotation(doc)
	elif doc.status == "Lost":
		frappe.throw(_("{0} {1} is lost. Reopen it first.").format(_(doctype), frappe.bold(name)))
	return doc


def _check_quotation(doc) -> None:
	if doc.docstatus != 1:
		frappe.throw(_("Quotation {0} is not submitted").format(frappe.bold(doc.name)))
	if doc.quotation_to != "Customer":
		frappe.throw(_("Quotation {0} is not made to a Customer").format(frappe.bold(doc.name)))
	if doc.status in ("Lost", "Expired"):
		frappe.throw(_("Quotation {0} is {1}").format(frappe.bold(doc.name), _(doc.status)))


def need_items(doc, target: str) -> None:
	if not doc.get("items"):
		frappe.throw(
			_("{0} {1} has no items. Add what is sold before making a {2}.").format(
				_(doc.doctype), frappe.bold(doc.name), _(target)
			),
			frappe.MandatoryError,
			title=_("Items Missing"),
		)
