"""Ordered, delivered, billed and paid on request, contract, opportunity, project and campaign.

Native documents change; the work is collected and done once, after their transaction, in a job of
its own: finance never waits for us and never fails because of us. A daily reconcile mends drift.
"""

import frappe
from frappe.utils import flt

from crm_pipeline.chain import graph, guard, jobs, pending, status
from crm_pipeline.chain.locks import LostRaceError, is_lost_race, lock
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS, ROLLED_UP
from crm_pipeline.deals import outcome, won_amounts
from crm_pipeline.erp import flow, order_figures
from crm_pipeline.orders import agreement, open_quantities

COLUMNS = ("ordered", "delivered", "billed", "paid")


# ---- collecting, in the transaction of whoever changed a native document


def collect(doc):
	"""Of a Sales Order or Sales Invoice that changed: note which orders with a source changed, durably (chain/pending.py)
	and for the job that is queued after the commit."""
	try:
		_remember(_orders_of(doc), known=doc.doctype == "Sales Order")
	except Exception as error:
		# A fault of ours must never stop an order, an invoice or a payment.
		guard.stop_if_undone(error)
		guard.report(f"CRM Pipeline: roll-up of {doc.doctype} {doc.name} not collected")


def _orders_of(doc) -> set[str]:
	if doc.doctype == "Sales Order":
		return {doc.name} if graph.source_of(doc) else set()
	return {row.sales_order for row in doc.get("items") or [] if row.get("sales_order")}


def _remember(orders: set[str], known: bool = False) -> None:
	"""Each order once per transaction; one without a source concerns nobody here. `known`: they have one."""
	if not orders:
		return
	seen = getattr(frappe.local, "crm_pipeline_seen", None)
	if seen is None:
		seen = frappe.local.crm_pipeline_seen = set()
	if not seen:
		frappe.db.after_commit.add(_enqueue)
		frappe.db.after_rollback.add(_forget)
	new = orders - seen
	seen |= new
	new = sorted(new) if known else _with_source(sorted(new))
	_pending().update(new)
	for order in new:
		pending.note("Sales Order", order, pending.AMOUNTS)


def _pending() -> set[str]:
	if getattr(frappe.local, "crm_pipeline_orders", None) is None:
		frappe.local.crm_pipeline_orders = set()
	return frappe.local.crm_pipeline_orders


def _forget() -> None:
	frappe.local.crm_pipeline_orders = set()
	frappe.local.crm_pipeline_seen = set()


def take_pending() -> list[str]:
	"""The orders collected in this transaction; they are forgotten here."""
	orders = sorted(_pending())
	_forget()
	return orders


def _with_source(orders: list[str]) -> list[str]:
	if not orders:
		return []
	return frappe.get_all(
		"Sales Order",
		filters={"name": ("in", orders), "crm_source_name": ("is", "set")},
		pluck="name",
		order_by="name asc",
		limit=0,
	)


def _enqueue() -> None:
	orders = take_pending()
	if orders:
		pending.queue("crm_pipeline.orders.roll_up.run", orders=orders)


def run(orders: list[str]) -> None:
	"""Background job: bring everything above these orders up to date, and forget that they were pending. One that fails
	stays pending; a lost race is tried again by the queue as well."""
	for order in orders:
		try:
			jobs.one(pending.do, "Sales Order", order)
		except Exception as error:
			if is_lost_race(error) or isinstance(error, LostRaceError):
				raise frappe.RetryBackgroundJobError from error
			raise


# ---- computing and storing


def above(orders: list[str]) -> list[Ref]:
	"""Every document with roll-up columns that these orders came from, later ones first."""
	return above_of(*(Ref("Sales Order", order) for order in orders))


def above_of(*starts: Ref) -> list[Ref]:
	"""The same for any documents, themselves included."""
	refs = {ref for ref in (*starts, *graph.ancestors_of(starts)) if ref.doctype in ROLLED_UP}
	return sorted(refs, key=lambda r: (ROLLED_UP.index(r.doctype), r.name))


def of_orders(orders: list[str]) -> None:
	"""Recompute, in the running transaction, every document that these orders came from."""
	for ref in above(orders):
		recompute(ref)


def recompute(ref: Ref) -> bool:
	"""Store the fulfilment of one document; answers whether anything had drifted."""
	orders = [r.name for r in graph.descendants(ref.doctype, ref.name) if r.doctype == "Sales Order"]
	amounts = order_figures.of_orders(orders)
	current = frappe.db.get_value(ref.doctype, ref.name, [f"{c}_amount" for c in COLUMNS], as_dict=True)
	if current is None:
		return False
	wanted = {f"{c}_amount": flt(getattr(amounts, c), 6) for c in COLUMNS}
	changed = {k: v for k, v in wanted.items() if abs(flt(current[k]) - v) > 0.004}
	if changed:
		frappe.db.set_value(ref.doctype, ref.name, changed, update_modified=False)
	if ref.doctype in DEALS and "ordered_amount" in changed:
		won_amounts.refresh(ref.doctype, ref.name)
	return _follow_status(ref, orders) or bool(changed)


def _follow_status(ref: Ref, orders: list[str]) -> bool:
	decide = {"Sales Order Request": _request_status, "Sales Contract": _contract_status}.get(ref.doctype)
	if not decide:
		return False
	current, docstatus = frappe.db.get_value(ref.doctype, ref.name, ["status", "docstatus"])
	reached = decide(ref, current, orders) if docstatus == 1 else None
	if not reached or reached == current:
		return False
	doc = frappe.get_doc(ref.doctype, ref.name)
	status.set_status(doc, reached, event=("State", current, reached), update_modified=False)
	return True


def _request_status(ref: Ref, current: str, orders: list[str]) -> str | None:
	"""Accepted, Delivered (all of it), Completed (delivered and billed). Says nothing of an order that is closed."""
	if current not in agreement.ACCEPTED:
		return None
	reached = order_figures.progress_of(orders)
	if reached["delivered"] != "full":
		return "Accepted"
	return "Completed" if reached["billed"] == "full" else "Delivered"


def _contract_status(ref: Ref, current: str, orders: list[str]) -> str | None:
	"""Fulfilled when nothing remains to be ordered and all of it is delivered and billed; Active again otherwise."""
	if current not in ("Active", "Fulfilled"):
		return None
	reached = order_figures.progress_of(orders)
	if reached["delivered"] != "full" or reached["billed"] != "full":
		return "Active"
	return "Active" if any(open_quantities.of_contract(ref.name).values()) else "Fulfilled"


# ---- repair


def reconcile() -> int:
	"""Daily job: recompute every document that has orders, or says so, and every deal that a document won, or says so;
	answers how many had drifted.

	One bad record never stops the rest, and none is locked for longer than its own turn.
	"""
	return jobs.run("Reconcile").changed


def to_reconcile(after: list | None) -> list[tuple[str, str]]:
	"""(doctype, name) of what the job looks at, in its order; those that follow `after`."""
	refs = _to_reconcile()
	if after:
		refs = [r for r in refs if (ROLLED_UP.index(r.doctype), r.name) > (ROLLED_UP.index(after[0]), after[1])]
	return [(ref.doctype, ref.name) for ref in refs]


def mend(doctype: str, name: str) -> bool:
	"""Bring one document in line with what followed it; answers whether it had drifted."""
	if not frappe.db.exists(doctype, name):
		return False
	lock((doctype, name))
	ref = Ref(doctype, name)
	return bool(recompute(ref) | outcome.mend(ref))


def _to_reconcile() -> list[Ref]:
	later = [
		Ref(doctype, name)
		for doctype, filters in (
			("Sales Order", {"crm_source_name": ("is", "set")}),
			("Sales Contract", {"source_name": ("is", "set"), "docstatus": 1}),
		)
		for name in frappe.get_all(doctype, filters=filters, pluck="name", order_by="creation asc", limit=0)
	]
	refs: dict[Ref, None] = {}
	for start in range(0, len(later), 500):
		refs.update(dict.fromkeys(graph.ancestors_of(later[start : start + 500])))
	for doctype in DEALS:
		for name in frappe.get_all(
			doctype, filters={"won_by": ("is", "set")}, pluck="name", order_by="creation asc", limit=0
		):
			refs[Ref(doctype, name)] = None
	refs.update((Ref(*deal), None) for deal in won_amounts.to_mend())
	for doctype in ROLLED_UP:
		for name in frappe.get_all(
			doctype,
			or_filters={f"{column}_amount": ("!=", 0) for column in COLUMNS},
			pluck="name",
			order_by="creation asc",
			limit=0,
		):
			refs[Ref(doctype, name)] = None
	return sorted((r for r in refs if r.doctype in ROLLED_UP), key=lambda r: (ROLLED_UP.index(r.doctype), r.name))


def documents_of(doctype: str, name: str) -> list[dict]:
	"""Sales Orders of a document and what followed them, for the list on its form; only what the user may read."""
	orders = [r.name for r in graph.descendants(doctype, name) if r.doctype == "Sales Order"]
	if not orders or not frappe.has_permission("Sales Order", "read"):
		return []
	rows = frappe.get_list(
		"Sales Order",
		filters={"name": ("in", orders)},
		fields=["name", "transaction_date as date", "status", "grand_total as amount", "currency"],
		order_by="creation asc",
		limit=0,
	)
	return [{"doctype": "Sales Order", "order": row.name, **row} for row in rows] + flow.documents_after(orders)
