"""The gate before a hand-off: by the site's settings an unresolved complaint, overdue money and the like stop it.

It looks at the whole of what there is, whoever asks; what it says is in words that tell no more than the reader may know.
Who holds the role of the settings lets one order request pass, with a reason, for the kinds of warnings that stand then.
"""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.utils import get_link_to_form, now_datetime

from crm_pipeline.chain import ledger, locks
from crm_pipeline.core import warnings as rules
from crm_pipeline.core.warnings import Finding
from crm_pipeline.warnings import customer_warnings
from crm_pipeline.warnings.customer_warnings import SETTINGS
from crm_pipeline.warnings.warning_words import CustomerWarning, in_words
from crm_pipeline.wording import plain

REQUEST = "Sales Order Request"


class WarningStopError(frappe.ValidationError):
	"""A hand-off that a warning about the customer stops."""


def check(request) -> None:
	"""Raise WarningStopError where something stops an order request that nobody has let pass."""
	stopping = _not_passed(request, customer_warnings.that_stop(request.customer, request.company))
	if stopping:
		_refuse(
			request.customer,
			stopping,
			_("You may let it pass: use the button Override Warnings and give a reason.")
			if may_override()
			else _("Settle it first, or ask somebody who may let it pass."),
		)


def check_native(order) -> None:
	"""The same for a Sales Order that is made past us, where the settings say so."""
	if order.flags.crm_request or not frappe.db.get_single_value(SETTINGS, "stop_native_orders"):
		return
	stopping = customer_warnings.that_stop(order.customer, order.company)
	if stopping:
		_refuse(
			order.customer, stopping, _("Settle it first, or hand the order off with an order request that may pass.")
		)


def _not_passed(request, stopping: list[Finding]) -> list[Finding]:
	passed = (request.get("overridden_warnings") or "").split(",")
	return [finding for finding in stopping if finding.kind not in passed]


def _refuse(customer: str, stopping: list[Finding], advice: str) -> None:
	lines = [_line(customer, finding) for finding in stopping]
	frappe.throw("<br>".join([*lines, advice]), WarningStopError, title=_("Stopped by a Warning"))


def _line(customer: str, finding: Finding) -> str:
	"""As much as this user may know of it."""
	if not _may_know(finding):
		return unnamed(finding.kind)
	warning = in_words(finding)
	if warning.doctype and warning.name:
		return f"{plain(warning.text)} ({get_link_to_form(warning.doctype, warning.name)})"
	return plain(warning.text)


def _may_know(finding: Finding) -> bool:
	if not finding.doctype:
		return True
	if finding.kind == rules.OVERDUE or finding.numbers.get("count", 1) > 1:
		# A sum or a number of all of them: it is said to who sees each.
		return bool(frappe.has_permission(finding.doctype, "read")) and not _sees_part_of(finding.doctype)
	return bool(frappe.has_permission(finding.doctype, "read", doc=finding.name))


def _sees_part_of(doctype: str) -> bool:
	return bool(build_match_conditions(doctype))


def unnamed(kind: str) -> str:
	"""What stops a hand-off, for who may know no more than that."""
	if kind in (rules.OVERDUE, rules.PROMISE, rules.CREDIT):
		return _("Finance stops orders of this customer. Ask them about it.")
	return _("Something about this customer has to be settled first. Ask their account manager.")


def unsaid(customer: str, company: str | None, said: Iterable[CustomerWarning]) -> list[CustomerWarning]:
	"""What stops a hand-off and is not among the warnings that the reader has been told."""
	told = {warning.kind for warning in said if warning.stops}
	hidden = [f for f in customer_warnings.that_stop(customer, company) if f.kind not in told] if company else []
	texts = dict.fromkeys(unnamed(finding.kind) for finding in hidden)
	return [CustomerWarning("hidden", rules.STOP, text, stops=True) for text in texts]


# ---- letting one pass


def may_override() -> bool:
	role = frappe.db.get_single_value(SETTINGS, "warning_override_role")
	return bool(role) and role in frappe.get_roles()


def override(name: str, reason: str) -> None:
	"""Let an order request pass what stops it now, by who may; it stands in the request's ledger. What comes up later stops
	it again."""
	if not may_override():
		frappe.throw(_("You have no right to hand off nevertheless"), frappe.PermissionError)
	reason = (reason or "").strip()
	if not reason:
		frappe.throw(_("Please give a reason"), frappe.MandatoryError)
	request = locks.locked_doc(REQUEST, name)
	if request.docstatus == 2:
		frappe.throw(_("Order request {0} is cancelled").format(plain(name)), WarningStopError)
	stopping = _not_passed(request, customer_warnings.that_stop(request.customer, request.company))
	if not stopping:
		frappe.throw(_("Nothing stops order request {0} now").format(plain(name)), WarningStopError)
	passed = [kind for kind in (request.get("overridden_warnings") or "").split(",") if kind]
	passed = list(dict.fromkeys([*passed, *(finding.kind for finding in stopping)]))
	request.db_set(
		{
			"overridden_warnings": ",".join(passed),
			"override_reason": reason,
			"overridden_by": frappe.session.user,
			"overridden_on": now_datetime(),
		}
	)
	kinds = ", ".join(kind_label(finding.kind) for finding in stopping)
	ledger.record(request, "Override", None, kinds, note=_("Reason: {0}").format(reason))


def kind_label(kind: str) -> str:
	return {
		rules.COMPLAINT: _("Unresolved Complaints"),
		rules.OVERDUE: _("Overdue Invoices"),
		rules.PROMISE: _("Broken Promises to Pay"),
		rules.CREDIT: _("Credit Limit Used Up"),
		rules.BLOCKED: _("Blocked Customers"),
	}.get(kind, kind)
