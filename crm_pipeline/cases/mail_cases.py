"""Cases that an e-mail account makes (Email Account: Append To Customer Case)."""

import frappe

from crm_pipeline.core.mail_subjects import is_automatic_answer, one_line
from crm_pipeline.parties import mailbox


def follow(case) -> None:
	"""Part of before_insert(): a mailbox that writes by itself has no complaint; answering it might go on for ever."""
	# So does the framework store what a mail makes, and nobody else stores a case.
	by_mail = case.flags.ignore_mandatory and case.email_id and not case.flags.history_import
	if by_mail and is_automatic_answer(case.subject):
		# What the framework takes as: put the mail to a case of this sender or, where there is none, to the inbox.
		raise frappe.DuplicateEntryError(case.doctype, case.email_id)
	if by_mail:
		case.subject = one_line(case.subject)
	if by_mail and mailbox.is_of_colleague(case.email_id):
		# Passed on: whoever is written to about it is not the colleague.
		case.email_id = None
