"""The life of a lead on a site: its states, and its conversion into an opportunity or a project."""

from collections.abc import Mapping
from dataclasses import replace

import frappe
from frappe import _
from frappe.utils import now_datetime

from crm_pipeline.chain import carry, drafts, graph, ledger, rights, status, system_fields
from crm_pipeline.chain.locks import lock, locked_doc, whole_transaction
from crm_pipeline.core import chain
from crm_pipeline.core import lead as rules
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.lead import LeadFacts
from crm_pipeline.core.matching import PERSON
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import OPEN
from crm_pipeline.erp import contacts, customers, identity
from crm_pipeline.leads import lead_answers
from crm_pipeline.parties import deal_people, party, verification
from crm_pipeline.wording import bold, plain


class LeadStateError(frappe.ValidationError):
	"""A lead can't enter the wanted state yet."""


# ---- the lead's own life


def lead_facts(doc, open_questions: list[str] | None = None, points_missing: int = 0) -> LeadFacts:
	return LeadFacts(
		status=doc.status,
		reachable=bool(doc.email_id or doc.phone or doc.mobile_no or _reachable_party(doc)),
		follow_up_plan=bool(doc.follow_up_date and doc.follow_up_plan),
		assessed=bool(doc.assessment),
		reason=bool(doc.lost_reason),
		answered=not open_questions,
		enough=points_missing <= 0,
	)


def _reachable_party(doc) -> bool:
	if any(row.email_id or row.phone for row in doc.contacts):
		return True
	for doctype, name in (("Sales Prospect", doc.prospect), ("Customer", doc.customer)):
		fields = ["email_id", "mobile_no"] + (["phone"] if doctype == "Sales Prospect" else [])
		if name and any(frappe.db.get_value(doctype, name, fields) or ()):
			return True
	return False


def move_lead(doc, to: str, pipeline: str | None = None) -> None:
	"""Change a lead's state in memory, passing the states in between; raises LeadStateError with what is missing.
	`pipeline` is that of the deal which it is converted into: its questions have to be answered."""
	if doc.status == to:
		return
	status.check(doc, to, error=LeadStateError)
	asked = lead_answers.missing_for(doc, pipeline) if pipeline and to == rules.CONVERTED else ([], 0)
	for state in rules.path(doc.status, to):
		lacking = rules.missing(lead_facts(doc, *asked), state)
		if lacking:
			frappe.throw(
				_("Lead {0} can't become {1} yet. Please add: {2}").format(
					bold(doc.name), _(state), ", ".join(_need_label(need, *asked) for need in lacking)
				),
				LeadStateError,
				title=_("Not Yet"),
			)
		if state != to:
			ledger.record(doc, "State", doc.status, state)
			doc.flags.recorded_status = state
		status.set_status(doc, state, error=LeadStateError)
		doc.flags.state_checked = True


def _need_label(need: str, open_questions: list[str], points_missing: int) -> str:
	return {
		"reachable": _("an e-mail or a phone number"),
		"follow_up_plan": _("a follow-up date and plan"),
		"assessed": _("the assessment"),
		"reason": _("a reason"),
		"answered": _("answers to: {0}").format(", ".join(plain(text) for text in open_questions)),
		"enough": _("answers that come to {0} more points").format(points_missing),
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
	"""Part of validate(): who judged the lead as it is judged now, and when."""
	if doc.flags.history_import:
		return
	before = doc.get_doc_before_save()
	is_new = (before.assessment or None) != (doc.assessment or None) if before else not doc.assessed_by
	if is_new:
		doc.assessed_by = frappe.session.user if doc.assessment else None
		doc.assessed_on = now_datetime() if doc.assessment else None


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
	answers: Mapping[str, str | None] | None = None,
) -> Ref:
	"""Convert a lead into a new opportunity or project, or let it join an existing `opportunity`.

	Verifies the prospect on the way (a setting may defer that). Raises LeadStateError without an
	assessment, the answers that the pipeline requires, or contact data, AmbiguousPartyError when the Customer has to be chosen.
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
		frappe.throw(
			_("Lead {0} was converted, and its deal is gone. Undo the conversion first.").format(bold(name)),
			LeadStateError,
		)
	asking = lead_answers.pipeline_of_conversion(doc, target, opportunity)
	lead_answers.answer_for_conversion(doc, answers, asking)
	move_lead(doc, rules.CONVERTED, asking)
	system_fields.write(doc, converted_on=now_datetime())
	if opportunity:
		target_deal = _joined(doc, opportunity)
	_choose_party(doc, customer, create_new_customer)
	_verify_party(doc, customer, create_new_customer)
	_add_people_to_party(doc)
	if opportunity:
		result = _join(doc, target_deal)
	else:
		doc.save()
		result = _new_deal(doc, target)
	ledger.record(doc, "Conversion", None, f"{result.doctype} {result.name}", related=Ref(result.doctype, result.name))
	return result


def converted_to(doc) -> Ref | None:
	"""The opportunity or project a lead became or joined."""
	if doc.joined_opportunity:
		return Ref("Sales Opportunity", doc.joined_opportunity)
	for doctype in DEALS:
		found = carry.made_of(doc, doctype)
		if found:
			return Ref(doctype, found)
	return None


def _choose_party(doc, customer: str | None, create_new: bool) -> None:
	"""A lead that may be about several parties is about the one that a person names now."""
	if doc.customer or doc.prospect:
		return
	if customer:
		frappe.has_permission("Customer", "read", doc=customer, throw=True)
		customers.check_usable(customer)
		doc.customer = customer
		return
	if create_new:
		doc.prospect = party.make_prospect(doc).name
		return
	party.adopt_entry(doc, ask=False)
	if doc.customer or doc.prospect:
		return
	party.refuse_ambiguous(doc.prospect_name, party.find(doc, "Customer")[0])
	frappe.throw(
		_(
			"Lead {0} may be about a Prospect that is there already. Please choose it on the lead, or make a new one."
		).format(bold(doc.name)),
		party.AmbiguousPartyError,
		title=_("Which Prospect Is It?"),
	)


def _verify_party(doc, customer: str | None, create_new: bool) -> None:
	if doc.customer or not doc.prospect:
		return
	if frappe.db.get_single_value("CRM Pipeline Settings", "verify_on_conversion"):
		doc.customer = verification.verify(
			doc.prospect, note=doc.assessment_note, customer=customer, create_new=create_new
		)


def _joined(doc, opportunity: str):
	"""The opportunity that a lead joins, locked; it must be about the lead's party."""
	target = locked_doc("Sales Opportunity", opportunity)
	target.check_permission("write")
	if not (doc.customer or doc.prospect):
		# Whoever says which deal it is says whose: the person behind an unclear lead is a contact of that deal.
		doc.update({"customer": target.customer, "prospect": target.prospect})
	elif not party.is_same(doc, target):
		frappe.throw(
			_("Lead {0} is about {1}, Opportunity {2} about {3}").format(
				doc.name, bold(doc.party_name), target.name, bold(target.party_name)
			)
		)
	return target


def _join(doc, target) -> Ref:
	# Verifying the lead's prospect may have written the customer to the deal meanwhile.
	target = locked_doc(target.doctype, target.name)
	system_fields.write(doc, joined_opportunity=target.name)
	doc.save()
	contacts.add_to_deal(target, _people(doc), doc.party_name, *deal_people.parties_of(doc)[:1])
	_carry_plan(doc, target)
	target.save()
	carry.carry_attachments(doc, target)
	carry.carry_work(doc, target)
	lead = Ref(doc.doctype, doc.name)
	ledger.record(target, "Conversion", None, f"{doc.doctype} {doc.name}", note=_("A lead joined"), related=lead)
	return Ref(target.doctype, target.name)


def _add_people_to_party(doc) -> None:
	"""Who wrote is a Contact of the customer, or of the prospect that is verified later; so are cards of the lead itself."""
	for doctype, name in deal_people.parties_of(doc)[:1]:
		for record in ("Contact", "Address"):
			contacts.join_existing(record, doc.name, name, False, of=doc.doctype, party=doctype)
		country = identity.country_code(None, doc.company)
		contacts.add_to_party(doctype, name, _people(doc), doc.party_name, country)


def _people(doc) -> list[contacts.Person]:
	"""Everybody on a lead; who is a person themselves needs no other name."""
	people = contacts.people_of(doc)
	if doc.customer:
		is_person = frappe.get_cached_value("Customer", doc.customer, "customer_type") == "Individual"
	else:
		is_person = frappe.db.get_value("Sales Prospect", doc.prospect, "prospect_kind") == PERSON
	return [replace(person, name=person.name or doc.party_name) for person in people] if is_person else people


def _new_deal(doc, target: str) -> Ref:
	if target not in DEALS:
		frappe.throw(_("A lead becomes a Sales Opportunity or a Sales Project"))

	def change(source, deal):
		system_fields.write(deal, conversion_key=carry.key_of(source))
		deal.description = source.message
		if source.intended_pipeline and source.intended_pipeline == lead_answers.pipeline_of(source, target):
			deal.pipeline = source.intended_pipeline
		_carry_plan(source, deal)
		if target == "Sales Project":
			deal.project_type = chain.project_type(source.doctype, None)
		contacts.once_each(deal)
		contacts.add_to_deal(deal, _people(source), source.party_name, *deal_people.parties_of(source)[:1])

	deal = carry.next_document(doc, target, change)
	drafts.insert(deal)
	carry.carry_attachments(doc, deal)
	carry.carry_work(doc, deal)
	return Ref(deal.doctype, deal.name)


def _carry_plan(lead, deal) -> None:
	"""What was planned with the lead is the deal's next step, unless it has one."""
	if deal.next_step or deal.next_step_date:
		return
	plan = " ".join((lead.follow_up_plan or "").split())
	# A next step is one line of 140 characters; the lead keeps the whole plan.
	deal.next_step = plan if len(plan) <= 140 else plan[:139] + "…"
	deal.next_step_date = lead.follow_up_date


# ---- a conversion that was a mistake


@whole_transaction
def undo_conversion(name: str) -> None:
	"""Take a conversion back: the deal that it made goes, and the lead is in the state that it was in before.

	Raises LeadStateError when something was built on the deal. The customer stays verified.
	"""
	doc = frappe.get_doc("Sales Lead", name)
	made = None if doc.joined_opportunity else converted_to(doc)
	rows = [("Sales Prospect", doc.prospect)] if doc.prospect else []
	lock(*rows, ("Sales Lead", name), *([(made.doctype, made.name)] if made else []))
	doc = locked_doc("Sales Lead", name)
	doc.check_permission("write")
	if doc.status != rules.CONVERTED:
		frappe.throw(_("Lead {0} is not converted").format(bold(name)), LeadStateError)
	if not made:
		_take_back(doc)
		return
	deal = locked_doc(made.doctype, made.name)
	deal.check_permission("write")
	_refuse_if_built_on(deal)
	# Who may convert a lead may take back what the conversion made, without a right to delete deals.
	frappe.delete_doc(deal.doctype, deal.name, ignore_permissions=True)


def deal_deleted(deal) -> None:
	"""Part of on_trash() of a deal: the leads that became it or joined it are open again."""
	came_from = [deal.source_name] if deal.source_type == "Sales Lead" and deal.conversion_key else []
	joined = []
	if deal.doctype == "Sales Opportunity":
		joined = frappe.get_all(
			"Sales Lead", filters={"joined_opportunity": deal.name}, pluck="name", order_by="name asc"
		)
	for name in (*came_from, *joined):
		if frappe.db.exists("Sales Lead", name):
			doc = frappe.get_doc("Sales Lead", name)
			if doc.status == rules.CONVERTED:
				_take_back(doc)
				if name in came_from:
					carry.carry_work(deal, doc)


def _take_back(doc) -> None:
	"""Back to the state before the conversion, as the ledger has it."""
	before = [
		event.from_value
		for event in ledger.history(doc.doctype, doc.name)
		if event.kind == "State" and event.to_value == rules.CONVERTED
	]
	deal = Ref("Sales Opportunity", doc.joined_opportunity) if doc.joined_opportunity else converted_to(doc)
	# It follows from what was done to the deal, by whoever was allowed to do that.
	doc.flags.state_checked = doc.flags.ignore_permissions = True
	earlier = before[-1] if before else rules.QUALIFIED
	status.set_status(doc, earlier, {"joined_opportunity": None, "converted_on": None}, save=True, undone=True)
	undone = deal and f"{deal.doctype} {deal.name}"
	ledger.record(doc, "Conversion", undone, None, note=_("The conversion was undone"), related=deal)


def _refuse_if_built_on(deal) -> None:
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	later = graph.descendants(deal.doctype, deal.name)
	built = [f"{_(ref.doctype)} {ref.name}" for ref in later[:1]]
	for doctype in ("Sales Activity", "Cost Estimate", "Sales Help Request"):
		found = frappe.db.get_value(doctype, about, "name", order_by="creation asc")
		built += [f"{_(doctype)} {found}"] if found else []
	memo = frappe.db.get_value("Sales Memo", {**about, "copied_from": ("is", "not set")}, "name")
	built += [f"{_('Sales Memo')} {memo}"] if memo else []
	if deal.doctype == "Sales Opportunity":
		joined = frappe.db.get_value("Sales Lead", {"joined_opportunity": deal.name}, "name")
		built += [f"{_('Sales Lead')} {joined}"] if joined else []
	if not built and (
		deal.status != OPEN or any(event.kind == "Stage" for event in ledger.history(deal.doctype, deal.name))
	):
		built = [_("its stage was changed")]
	if built:
		frappe.throw(
			_("The conversion into {0} {1} can't be undone any more: {2}").format(
				_(deal.doctype), bold(deal.name), built[0]
			),
			LeadStateError,
			title=_("Something Was Built on It"),
		)
