"""The gate before a hand-off: by the site's settings an unresolved complaint, overdue money and the like stop it.

It looks at the whole of what there is, whoever asks; what it says is in words that tell no more than the reader may know.
Who holds the role of the settings lets one order request pass, or one Sales Order that is made past us, with a reason, for the
kinds of warnings that stand then.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.utils import get_link_to_form, now_datetime

from crm_pipeline.chain import ledger, locks
from crm_pipeline.core import warnings as rules
from crm_pipeline.core.warnings import Finding
from crm_pipeline.receivables import seen_invoices
from crm_pipeline.warnings import customer_warnings
from crm_pipeline.warnings.customer_warnings import SETTINGS
from crm_pipeline.warnings.warning_words import CustomerWarning, in_words
from crm_pipeline.wording import plain

REQUEST, ORDER = "Sales Order Request", "Sales Order"


@dataclass(frozen=True)
class Pass:
	"""The fields in which a document keeps what it may pass, and why; who and when stand in the ledger."""

	kinds: str
	reason: str
	by: str | None = None
	on: str | None = None


PASSES = {
	REQUEST: Pass("overridden_warnings", "override_reason", "overridden_by", "overridden_on"),
	ORDER: Pass("crm_overridden_warnings", "crm_override_reason"),
}


class WarningStopError(frappe.ValidationError):
	"""A hand-off that a warning about the customer stops."""


def check(request) -> None:
	"""Raise WarningStopError where something stops an order request that nobody has let pass."""
	stopping = _stopping(request)
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
	if not asks_native(order):
		return
	stopping = _stopping(order)
	if stopping:
		_refuse(
			order.customer,
			stopping,
			_("You may let it pass: use the button Override Warnings and give a reason.")
			if may_override()
			else _(
				"Settle it first, ask somebody who may let it pass, or hand the order off with an order request that may pass."
			),
		)


def asks_native(order) -> bool:
	"""Whether a Sales Order is asked here at all: one that answers for a request was asked with that."""
	if order.flags.crm_request or not order.customer:
		return False
	return bool(frappe.get_cached_doc(SETTINGS).get("stop_native_orders"))


def keep_pass(order) -> None:
	"""validate() of a Sales Order: what it may pass is what was stored with a reason, whatever a client sends; an amended
	one has to be let pass anew."""
	fields = PASSES[ORDER]
	if order.get(fields.kinds) or order.get(fields.reason) or not order.is_new():
		before = order.get_doc_before_save()
		for field in (fields.kinds, fields.reason):
			order.set(field, before.get(field) if before else None)


def _stopping(doc) -> list[Finding]:
	"""What stops a document and was not let pass."""
	passed = _passed(doc)
	return [finding for finding in customer_warnings.that_stop(doc.customer, doc.company) if finding.kind not in passed]


def _passed(doc) -> list[str]:
	return [kind for kind in (doc.get(PASSES[doc.doctype].kinds) or "").split(",") if kind]


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
	if finding.kind == rules.OVERDUE and not seen_invoices.reads_amounts():
		return False
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


def may_override_now(doctype: str, name: str) -> bool:
	"""Whether the user may let this document pass, and something stops it."""
	if doctype not in PASSES or not may_override():
		return False
	doc = frappe.get_doc(doctype, name)
	if doc.docstatus == 2 or (doctype == ORDER and (doc.docstatus == 1 or not asks_native(doc))):
		return False
	return bool(doc.customer) and bool(_stopping(doc))


def override(doctype: str, name: str, reason: str) -> None:
	"""Let an order request or a Sales Order pass what stops it now, by who may; it stands in the document's ledger. What comes
	up later stops it again."""
	if not may_override():
		frappe.throw(_("You have no right to hand off nevertheless"), frappe.PermissionError)
	reason = (reason or "").strip()
	if not reason:
		frappe.throw(_("Please give a reason"), frappe.MandatoryError)
	# An order of ERPNext's is not locked: who saves its form meanwhile is told so by the framework.
	doc = locks.locked_doc(doctype, name) if doctype == REQUEST else frappe.get_doc(doctype, name)
	title = f"{_(doctype)} {plain(name)}"
	if doc.docstatus == 2:
		frappe.throw(_("{0} is cancelled").format(title), WarningStopError)
	asked = doctype == REQUEST or (doc.docstatus == 0 and asks_native(doc))
	stopping = _stopping(doc) if asked else []
	if not stopping:
		frappe.throw(_("Nothing stops {0} now").format(title), WarningStopError)
	fields = PASSES[doctype]
	passed = list(dict.fromkeys([*_passed(doc), *(finding.kind for finding in stopping)]))
	values = {fields.kinds: ",".join(passed), fields.reason: reason}
	if fields.by:
		values |= {fields.by: frappe.session.user, fields.on: now_datetime()}
	doc.db_set(values)
	kinds = ", ".join(kind_label(finding.kind) for finding in stopping)
	ledger.record(doc, "Override", None, kinds, note=_("Reason: {0}").format(reason))


def kind_label(kind: str) -> str:
	return {
		rules.COMPLAINT: _("Unresolved Complaints"),
		rules.OVERDUE: _("Overdue Invoices"),
		rules.PROMISE: _("Broken Promises to Pay"),
		rules.CREDIT: _("Credit Limit Used Up"),
		rules.BLOCKED: _("Blocked Customers"),
	}.get(kind, kind)
