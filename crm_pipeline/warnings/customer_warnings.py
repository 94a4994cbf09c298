"""What to know of a customer before calling: facts (customer_facts.py), the rule (core/warnings.py), words (warning_words.py).

Whether a hand-off is stopped is asked without regard to the reader (`that_stop`): see hand_off_gate.py.
"""

import frappe
from frappe import _
from frappe.utils import cint, flt, now_datetime

from crm_pipeline.chain import rights
from crm_pipeline.core import warnings as rules
from crm_pipeline.core.warnings import Finding, Rules
from crm_pipeline.receivables.debts import Debts
from crm_pipeline.warnings.customer_facts import facts_of
from crm_pipeline.warnings.warning_words import CustomerWarning, in_words
from crm_pipeline.wording import bold

SETTINGS = "CRM Pipeline Settings"


def of_customer(customer: str, company: str | None = None) -> list[CustomerWarning]:
	"""The warnings about a customer, the worst first; of one company, or of all that the user sees. None for who may not
	read the customer."""
	return of_party("Customer", customer, company)


def of_party(
	doctype: str,
	name: str,
	company: str | None = None,
	apart_from: tuple[str, str] | None = None,
	debts: Debts | None = None,
) -> list[CustomerWarning]:
	"""The same for a Customer or a Sales Prospect; `apart_from` is a document that is not told of, such as the one on screen,
	`debts` are the party's, where they are known already."""
	if not name or not rights.has(doctype, name):
		return []
	how = rules_of_site()
	facts = facts_of(doctype, name, company, how, apart_from=apart_from, debts=debts)
	return [in_words(finding) for finding in rules.judge(facts, how, now_datetime())]


def that_stop(customer: str, company: str) -> list[Finding]:
	"""What stops a hand-off of this customer in this company, whoever asks; empty where no setting stops anything."""
	how = rules_of_site()
	if not set(how.actions.values()) & {rules.STOPS, rules.STOP_SEVERE}:
		return []
	found = rules.judge(facts_of("Customer", customer, company, how, everything=True), how, now_datetime())
	return [finding for finding in found if finding.stops]


def rules_of_site() -> Rules:
	settings = frappe.get_cached_doc(SETTINGS)
	actions = {kind: settings.get(f"warn_{kind}") for kind in rules.KINDS if settings.get(f"warn_{kind}")}
	return Rules(
		actions,
		max(cint(settings.get("stop_overdue_days")), 1),
		cint(settings.get("warn_contract_days")),
		{row.currency: flt(row.amount) for row in settings.get("stop_overdue_amounts") or ()},
	)


def check_amounts(settings) -> None:
	"""Part of validate() of the settings: one amount per currency, and none below zero."""
	seen = set()
	for row in settings.get("stop_overdue_amounts") or ():
		if row.currency in seen:
			frappe.throw(_("Row {0}: Currency: {1} has an amount already").format(row.idx, bold(row.currency)))
		if flt(row.amount) < 0:
			frappe.throw(_("Row {0}: Amount: enter zero or more").format(row.idx))
		seen.add(row.currency)
