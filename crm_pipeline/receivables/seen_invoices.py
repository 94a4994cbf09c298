"""Which receivables a user sees.

Who may read Sales Invoices sees those of their lists; with team visibility on, of these the ones of their part of the tree.
Who may not, but works in sales, sees what it takes to ask for the money of their own sales and those below them: number,
day, amount. A Sales Manager sees what team visibility leaves them, all of it while that is off. User Permissions hold for
everybody. A journal or a payment that is open is seen by who may read such documents.
"""

from collections.abc import Iterable

import frappe
from frappe.desk.reportview import build_match_conditions
from frappe.permissions import get_user_permissions
from frappe.utils import cint
from pypika import Criterion
from pypika.terms import LiteralValue

from crm_pipeline.chain import rights
from crm_pipeline.erp.open_items import CHUNK, INVOICE
from crm_pipeline.parties import people
from crm_pipeline.receivables.invoice_owners import Behind, of_invoice

AMOUNTS = ("outstanding_amount", "grand_total", "base_grand_total")
SALES_ROLES = ("Sales User", people.MANAGER, "Sales Master Manager")


def seen(rows: Iterable[dict], behind: dict[tuple[str, str], Behind]) -> list[dict]:
	"""Those of the items (voucher_type, voucher_no) that the user sees; see invoice_owners.of_items for `behind`."""
	visibility = _visibility(frappe.session.user)
	return [
		row
		for row in readable(rows)
		if visibility is None or _is_of(behind[row.voucher_type, row.voucher_no], visibility)
	]


def readable(rows: Iterable[dict]) -> list[dict]:
	"""Those of the items that roles and User Permissions let the user see, whosever they are."""
	rows = list(rows) if reads_amounts() else []
	kept: set[tuple[str, str]] = set()
	for doctype in sorted({row.voucher_type for row in rows}):
		names = sorted({row.voucher_no for row in rows if row.voucher_type == doctype})
		kept |= {(doctype, name) for name in _by_rights(doctype, names)}
	return [row for row in rows if (row.voucher_type, row.voucher_no) in kept]


def may_see(invoice: str, customer: str) -> bool:
	"""Whether the user sees this Sales Invoice as a receivable."""
	row = frappe._dict(voucher_type=INVOICE, voucher_no=invoice, customer=customer)
	return bool(_by_rights(INVOICE, [invoice])) and bool(
		seen([row], {(INVOICE, invoice): of_invoice(invoice, customer)})
	)


def need(invoice: str) -> None:
	"""Raises PermissionError, the same for a hidden invoice and for none."""
	customer = invoice and frappe.db.get_value(INVOICE, invoice, "customer")
	if not customer or not may_see(invoice, customer):
		rights.refuse_hidden(INVOICE, invoice)


def reads_invoices(user: str | None = None) -> bool:
	return bool(frappe.has_permission(INVOICE, "read", user=user or frappe.session.user))


def reads_amounts() -> bool:
	"""Whether the user may read what is open of an invoice where they may read invoices: a site may keep these fields to some
	roles. Sums of them are told to nobody else."""
	return not reads_invoices() or rights.reads_fields(INVOICE, AMOUNTS)


def _visibility(user: str) -> people.Visibility | None:
	if reads_invoices(user) or people.MANAGER in frappe.get_roles(user):
		return people.visibility_of(user)
	return people.part_of_tree(user)


def _is_of(behind: Behind, visibility: people.Visibility) -> bool:
	return behind.sales_owner in visibility.users or behind.sales_person in visibility.persons


def _by_rights(doctype: str, names: list[str]) -> set[str]:
	"""Those that roles and User Permissions let the user see."""
	if frappe.has_permission(doctype, "read"):
		match = build_match_conditions(doctype)
		criterion = LiteralValue(f"({match})") if match else None
	elif doctype == INVOICE and set(SALES_ROLES) & set(frappe.get_roles()):
		criterion = _by_user_permissions()
	else:
		return set()
	if criterion is None:
		return set(names)
	table, found = frappe.qb.DocType(doctype), set()
	for start in range(0, len(names), CHUNK):
		chunk = table.name.isin(names[start : start + CHUNK])
		rows = frappe.qb.from_(table).select(table.name).where(chunk & criterion).orderby(table.name).run()
		found |= {row[0] for row in rows}
	return found


def _by_user_permissions():
	"""What User Permissions leave of Sales Invoices for somebody whose roles say nothing of them; None for no limit."""
	given = get_user_permissions(frappe.session.user)
	table = frappe.qb.DocType(INVOICE)
	strict = cint(frappe.db.get_single_value("System Settings", "apply_strict_user_permissions"))
	found = []
	meta = frappe.get_meta(INVOICE)
	fields = [(field.fieldname, field.options) for field in meta.get_link_fields() if not field.ignore_user_permissions]
	for fieldname, options in (("name", INVOICE), *fields):
		docs = [row.doc for row in given.get(options, ()) if row.applicable_for in (None, "", INVOICE)]
		if docs:
			allowed = table[fieldname].isin(docs)
			found.append(allowed if strict else allowed | table[fieldname].isnull() | (table[fieldname] == ""))
	return Criterion.all(found) if found else None
