"""Leads that an e-mail account makes (Email Account: Append To Sales Lead): the framework knows sender and subject alone."""

from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import CHANNEL

NAMELESS = "Without Subject"


def follow(lead) -> None:
	"""Part of before_insert(): who wrote is the name, until somebody knows a better one."""
	# So does the framework store what a mail makes, and nobody else stores a lead.
	if not (lead.flags.ignore_mandatory and lead.email_id and not lead.flags.history_import):
		return
	if not (lead.prospect_name or lead.prospect or lead.customer):
		lead.prospect_name = lead.contact_name or lead.email_id
		lead.prospect_kind = "Person"
	# The default is who collects the mails; nobody has it yet.
	lead.sales_owner = None
	lead.title = lead.title or NAMELESS
	lead.channel = lead.channel or standard_kinds.name_of(CHANNEL, "e_mail")
