"""What became of promises to pay: computed from the Payment Ledger whenever somebody reads it, and stored for lists.

What finance does is noted in its own transaction (`collect`) and stored afterwards, by a job and by a daily one; nothing of
it can stop a payment. A promise that is broken for some days (CRM Pipeline Settings) goes to the manager, once.
"""

from collections.abc import Iterable
from datetime import date

import frappe
from frappe.utils import flt, getdate, nowdate

from crm_pipeline.chain import guard, jobs, pending, status
from crm_pipeline.coaching import help_requests
from crm_pipeline.core import promises as rules
from crm_pipeline.core.ageing import TOLERANCE
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.promises import OPEN, WITHDRAWN, Owed, Promise, Verdict
from crm_pipeline.erp import open_items
from crm_pipeline.erp.open_items import CHUNK, INVOICE
from crm_pipeline.parties import absences
from crm_pipeline.receivables import amended_invoices

PROMISE = amended_invoices.PROMISE
SETTINGS = "CRM Pipeline Settings"
# Days after which the daily job leaves a promise as it is; what finance does to its invoice still counts.
LOOKED_AFTER = 365


# ---- reading


def of_invoices(invoices: Iterable[str], today: date | None = None) -> dict[str, list[tuple[dict, Verdict]]]:
	"""{invoice: [(promise as stored, what became of it as of today)]}, those due first first. In three queries."""
	names = sorted(set(invoices))
	rows = _promises_of(names)
	changes = open_items.changes_of([name for name in names if rows.get(name)])
	today = getdate(today or nowdate())
	found = {}
	for invoice, stored in rows.items():
		verdicts = rules.verdicts([_promise(row) for row in stored], Owed(changes[invoice]), today)
		found[invoice] = [(row, _of_invoice_in(row, verdicts[row.name])) for row in stored]
	return found


def _of_invoice_in(row: dict, verdict: Verdict) -> Verdict:
	"""Nothing can be paid of an invoice that was cancelled or is gone: the promise is as good as withdrawn."""
	return verdict if row.invoice_docstatus == 1 else Verdict(WITHDRAWN, verdict.settled)


def of_promise(doc) -> Verdict:
	"""What became of one promise."""
	found = of_invoices([doc.sales_invoice]).get(doc.sales_invoice, []) if doc.name and doc.sales_invoice else []
	return next((verdict for row, verdict in found if row.name == doc.name), Verdict(doc.status or OPEN))


def latest_of(invoices: Iterable[str]) -> dict[str, tuple[dict, Verdict]]:
	"""The promise that counts now for each invoice: the open one that is due first, else the last one made."""
	latest = {}
	for invoice, found in of_invoices(invoices).items():
		standing = [pair for pair in found if pair[1].status != WITHDRAWN]
		open_ones = [pair for pair in standing if pair[1].status == OPEN]
		if standing:
			latest[invoice] = open_ones[0] if open_ones else max(standing, key=lambda pair: pair[0].creation)
	return latest


def promised_of(invoice: str) -> float:
	"""What open promises still cover of an invoice."""
	found = of_invoices([invoice]).get(invoice, [])
	verdicts = {row.name: verdict for row, verdict in found}
	return rules.promised([_promise(row) for row, _verdict in found], verdicts)


def _promise(row: dict) -> Promise:
	return Promise(
		name=row.name,
		made_on=getdate(row.made_on),
		promised_on=getdate(row.promised_on),
		amount=flt(row.amount),
		outstanding=flt(row.outstanding),
		withdrawn=row.status == WITHDRAWN,
	)


def _promises_of(invoices: list[str]) -> dict[str, list[dict]]:
	promise, invoice, found = frappe.qb.DocType(PROMISE), frappe.qb.DocType(INVOICE), {}
	for start in range(0, len(invoices), CHUNK):
		rows = (
			frappe.qb.from_(promise)
			.left_join(invoice)
			.on(invoice.name == promise.sales_invoice)
			.select(
				promise.name, promise.sales_invoice, promise.made_on, promise.promised_on, promise.amount,
				promise.outstanding, promise.status, promise.settled_amount, promise.settled_on, promise.sales_owner,
				promise.currency, promise.creation, promise.escalated_on, invoice.docstatus.as_("invoice_docstatus"),
			)
			.where(promise.sales_invoice.isin(invoices[start : start + CHUNK]))
			.orderby(promise.promised_on)
			.orderby(promise.creation)
		).run(as_dict=True)  # fmt: skip
		for row in rows:
			found.setdefault(row.sales_invoice, []).append(row)
	return found


# ---- what finance does


def collect(doc) -> None:
	"""Of a Sales Invoice that changed (paid, credited, written off, cancelled): note that its promises are to be looked at."""
	try:
		names = {doc.name, doc.get("return_against"), doc.get("amended_from")} - {None, ""}
		for invoice in frappe.get_all(
			PROMISE,
			filters={"sales_invoice": ("in", sorted(names))},
			pluck="sales_invoice",
			distinct=True,
			order_by="sales_invoice asc",
		):
			pending.note(INVOICE, invoice, pending.PROMISE, invoice=invoice)
	except Exception as error:
		# A fault of ours must never stop an invoice or a payment.
		guard.stop_if_undone(error)
		guard.report(f"CRM Pipeline: promises of {doc.doctype} {doc.name} not collected")


# ---- storing


def mend(invoice: str) -> bool:
	"""Store what became of the promises about an invoice; answers whether any had drifted. Runs for whoever caused it."""
	invoice = amended_invoices.take_along(invoice)
	changed = [_store(row, verdict) for row, verdict in of_invoices([invoice]).get(invoice, [])]
	return any(changed)


def _store(row: dict, verdict: Verdict) -> bool:
	values = {"settled_amount": flt(verdict.settled, 6), "settled_on": verdict.settled_on}
	same = abs(flt(row.settled_amount) - values["settled_amount"]) <= TOLERANCE and row.settled_on == verdict.settled_on
	if row.status == verdict.status:
		if not same:
			frappe.db.set_value(PROMISE, row.name, values, update_modified=False)
		return not same
	doc = frappe.get_doc(PROMISE, row.name)
	related = Ref(INVOICE, row.sales_invoice) if row.invoice_docstatus != 1 else None
	status.set_status(doc, verdict.status, values, event=("State", row.status, verdict.status), related=related)
	return True


def daily() -> int:
	"""Daily job: what became of promises, and the manager hears of broken ones; answers how many had changed."""
	return jobs.run("Promises to Pay").changed


def to_look_after(after: list | None) -> list[tuple[str]]:
	"""Invoices with promises that the daily job looks at, in its order."""
	promise = frappe.qb.DocType(PROMISE)
	first = frappe.utils.add_days(nowdate(), -LOOKED_AFTER)
	query = (
		frappe.qb.from_(promise)
		.select(promise.sales_invoice)
		.distinct()
		.where((promise.status != WITHDRAWN) & (promise.promised_on >= first))
		.orderby(promise.sales_invoice)
	)
	if after:
		query = query.where(promise.sales_invoice > after[0])
	return [(row[0],) for row in query.run()]


def look_after(invoice: str) -> bool:
	"""Bring the promises about an invoice up to date, and tell the manager of those that are broken for too long."""
	changed = mend(invoice)
	days, today = frappe.db.get_single_value(SETTINGS, "promise_escalation_days") or 0, getdate(nowdate())
	for row, verdict in of_invoices([invoice]).get(invoice, []):
		if row.escalated_on or not rules.is_to_escalate(verdict, getdate(row.promised_on), today, days):
			continue
		changed = _escalate(row, today) or changed
	return changed


def _escalate(row: dict, today: date) -> bool:
	"""To the manager, once, as long as something is owed. The site's Notification on the method `escalate` tells them."""
	doc = frappe.get_doc(PROMISE, row.name)
	if open_items.owed_of(doc.sales_invoice, today) <= TOLERANCE:
		return False
	manager = help_requests.manager_of(doc, None)
	manager = absences.deputy_of(manager) or manager
	if not manager:
		return False
	doc.db_set({"escalated_on": today, "escalated_to": manager}, update_modified=False)
	doc.run_method("escalate")
	return True
