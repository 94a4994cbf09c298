"""Leads that an e-mail account makes (Email Account: Append To Sales Lead): the framework knows sender and subject alone."""

import frappe

from crm_pipeline.chain import standard_kinds
from crm_pipeline.core import capture as rules
from crm_pipeline.core.kinds import CHANNEL
from crm_pipeline.core.mail_subjects import is_answer, is_automatic_answer, one_line
from crm_pipeline.core.registry import STATES
from crm_pipeline.parties import mailbox

NAMELESS = "Without Subject"


def follow(lead) -> None:
	"""Part of before_insert(): who wrote is the name, until somebody knows a better one."""
	# So does the framework store what a mail makes, and nobody else stores a lead.
	if not (lead.flags.ignore_mandatory and lead.email_id and not lead.flags.history_import):
		return
	colleague = mailbox.is_of_colleague(lead.email_id)
	if _is_automatic(lead) or (is_answer(lead.title) if colleague else _has_open_lead(lead.email_id)):
		# What the framework takes as: put the mail to a lead of this sender, or, where there is none, to the inbox.
		raise frappe.DuplicateEntryError(lead.doctype, lead.email_id)
	if colleague:
		# Passed on: who asks stands in the mail, and an answer is not for the colleague.
		lead.email_id = lead.contact_name = None
		lead.flags.passed_on = True
	elif not (lead.prospect_name or lead.prospect or lead.customer):
		_set_party(lead)
	# The default is who collects the mails; nobody has it yet.
	lead.sales_owner = None
	lead.title = one_line(lead.title) or NAMELESS
	lead.channel = lead.channel or standard_kinds.name_of(CHANNEL, "e_mail")


def waits(lead) -> bool:
	"""Whether somebody has to read first who it is that a colleague wrote about."""
	if lead.is_new():
		return bool(lead.flags.passed_on)
	before = lead.get_doc_before_save()
	return bool(before) and not (before.prospect or before.customer or before.prospect_name)


def _set_party(lead) -> None:
	"""A person at a customer, or at a prospect that is there, writes for them; else who wrote is whom it is about."""
	# Without a name the framework takes the address as one.
	name = None if "@" in (lead.contact_name or "") else lead.contact_name
	known = mailbox.field_and_party(lead.email_id, name)
	if known:
		lead.set(*known)
		return
	lead.prospect_name = lead.contact_name or lead.email_id
	lead.prospect_kind = "Person"


def _is_automatic(lead) -> bool:
	"""Whether nobody wrote it: who is away asks for nothing, and what came back even less."""
	return rules.is_automatic(lead.email_id) or is_automatic_answer(lead.title)


def _has_open_lead(address: str) -> bool:
	"""Whoever writes again while nobody has decided about their lead means that."""
	is_open = {"email_id": address, "status": ("not in", STATES["Sales Lead"].closed)}
	return bool(frappe.db.exists("Sales Lead", is_open))
