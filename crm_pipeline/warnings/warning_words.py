"""Warnings about a customer in plain words, in the reader's language."""

from dataclasses import dataclass

from frappe import _
from frappe.utils import fmt_money, formatdate

from crm_pipeline.core import warnings as rules
from crm_pipeline.core.warnings import Finding
from crm_pipeline.receivables import seen_credit
from crm_pipeline.warnings.customer_facts import CASE


@dataclass(frozen=True)
class CustomerWarning:
	"""A warning in words. `level` is stop, warn or info; `doctype` and `name` are of the document that it is about, where
	the reader may open it; `stops`: by the site's settings it stops a hand-off."""

	kind: str
	level: str
	text: str
	doctype: str | None = None
	name: str | None = None
	stops: bool = False


def in_words(finding: Finding) -> CustomerWarning:
	text = WORDS[finding.kind](finding.numbers, finding.doctype)
	return CustomerWarning(finding.kind, finding.level, text, finding.doctype, finding.name, finding.stops)


def _complaint(n: dict, doctype: str) -> str:
	title = n["title"]
	if doctype == CASE:
		severity = _(n["severity"]) if n["severity"] else ""
		since = _days_open(n["days_open"])
		if n["is_late"]:
			since = _("{0}, overdue").format(since)
		first = _("Unresolved complaint ({0}): {1}, {2}").format(severity, title, since)
	else:
		first = _("Unresolved {0}: {1}, {2}").format(_(doctype), title, _days_open(n["days_open"]))
	return _and_more(first, n["count"])


def _request(n: dict, doctype: str) -> str:
	since = _days_open(n["days_open"])
	if n["is_late"]:
		since = _("{0}, overdue").format(since)
	return _and_more(_("Open request: {0}, {1}").format(n["title"], since), n["count"])


def _days_open(days: int) -> str:
	if days <= 0:
		return _("since today")
	return _("since yesterday") if days == 1 else _("for {0} days").format(days)


def _and_more(first: str, count: int) -> str:
	return _("{0}; and {1} more").format(first, count - 1) if count > 1 else first


def _blocked(n: dict, doctype: str | None) -> str:
	if n["state"] == "disabled":
		return _("The customer is disabled: no documents can be made for it")
	return _("The customer is frozen: nothing can be booked for it")


def _credit(n: dict, doctype: str | None) -> str:
	text = _("The credit limit in {0} is used up: ERPNext refuses orders").format(n["company"])
	if not seen_credit.may_see_sums():
		return text
	used, limit = (fmt_money(n[key], currency=n["currency"]) for key in ("used", "limit"))
	return _("{0} ({1} of {2})").format(text, used, limit)


def _overdue(n: dict, doctype: str | None) -> str:
	amount = fmt_money(n["amount"], currency=n["currency"])
	if n["invoices"] == 1:
		return _("{0} overdue in one invoice, for {1} days ({2})").format(amount, n["days"], n["company"])
	return _("{0} overdue in {1} invoices, the oldest for {2} days ({3})").format(
		amount, n["invoices"], n["days"], n["company"]
	)


def _promise(n: dict, doctype: str) -> str:
	amount = fmt_money(n["amount"], currency=n["currency"] or None)
	first = _("Broken promise to pay {0} by {1}").format(amount, formatdate(n["promised_on"]))
	return _and_more(first, n["count"])


def _silent(n: dict, doctype: str | None) -> str:
	return _("No order and no contact for {0} days; usual are {1}").format(n["days"], n["usual"])


def _stalled(n: dict, doctype: str) -> str:
	return _and_more(_("Stalled deal: {0}").format(n["title"]), n["count"])


def _contract(n: dict, doctype: str) -> str:
	when = _("today") if n["days"] == 0 else formatdate(n["end_date"])
	return _and_more(_("Contract {0} ends on {1}").format(n["title"], when), n["count"])


WORDS = {
	rules.COMPLAINT: _complaint,
	rules.REQUEST: _request,
	rules.BLOCKED: _blocked,
	rules.CREDIT: _credit,
	rules.OVERDUE: _overdue,
	rules.PROMISE: _promise,
	rules.SILENT: _silent,
	rules.STALLED: _stalled,
	rules.CONTRACT: _contract,
}
