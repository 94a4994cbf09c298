"""ERPNext's report Gross Profit of some customers, month by month.

The report has no filter for customers, and asks the stock ledger item by item. Here its class does the arithmetic, and what it
asks the database is read at once: the invoices of these customers alone, and the stock ledger of their deliveries.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

import frappe
from frappe.utils import flt
from pypika.analytics import RowNumber
from pypika.functions import Avg

INVOICE = "Sales Invoice"


def by_month(customers: tuple[str, ...], company: str, first: date, last: date, narrow: Callable) -> list[dict]:
	"""Rows of the report grouped by month: `posting_date` of one of the month's invoices, `base_amount`, `buying_amount`,
	`gross_profit`. `narrow(query)` leaves the invoices that the reader sees. Seven queries, and ERPNext's own look at an
	item's valuation for each item that was billed before any delivery."""
	filters = frappe._dict(
		company=company,
		from_date=first,
		to_date=last,
		group_by="Monthly",
		include_returned_invoices=1,
		customers=customers,
		narrow=narrow,
	)
	return _generator()(filters).grouped_data


def _generator():
	"""ERPNext's class with the questions of one customer. Made here: nothing of ERPNext is imported with a module of ours."""
	report = frappe.get_attr("erpnext.accounts.report.gross_profit.gross_profit.GrossProfitGenerator")

	class OfCustomers(report):
		def load_invoice_items(self):
			if hasattr(report, "apply_common_filters"):
				super().load_invoice_items()
			else:
				self.si_list = _invoice_rows(self.filters)
			self.bought = self.delivered_by_order = None

		def apply_common_filters(self, query, invoice, *tables):
			query = super().apply_common_filters(query, invoice, *tables)
			return self.filters.narrow(query.where(invoice.customer.isin(self.filters.customers)))

		def load_product_bundle(self):
			self.product_bundles = _bundles([*{row.parent for row in self.si_list}, *_notes(self.si_list)])

		def load_non_stock_items(self):
			self.non_stock_items = _non_stock({row.item_code for row in self.si_list})

		def get_returned_invoice_items(self):
			dated = hasattr(report, "apply_common_filters")
			self.returned_invoices = _returned(self.filters, dated)

		def get_stock_ledger_entries(self, item_code, warehouse):
			if not self.sle:
				self.sle = _movements(self.filters.company, self.si_list, self.delivery_notes)
			return self.sle.get((item_code, warehouse), [])

		def get_buying_amount_from_so_dn(self, sales_order, so_detail, item_code):
			if self.delivered_by_order is None:
				self.delivered_by_order = _delivered_rates({row.so_detail for row in self.si_list if row.so_detail})
			return self.delivered_by_order.get((sales_order, so_detail, item_code), 0)

		def get_last_purchase_rate(self, item_code, row):
			if self.bought is None:
				self.bought = _purchase_rates(self.non_stock_items, self.filters.to_date)
			return _last_rate(self.bought.get(item_code, ()), row)

	return OfCustomers


def _invoice_rows(filters) -> list[dict]:
	"""The rows that the report of ERPNext 15 works on, of some customers, the latest first."""
	invoice, row, item = (frappe.qb.DocType(doctype) for doctype in (INVOICE, "Sales Invoice Item", "Item"))
	query = (
		frappe.qb.from_(invoice)
		.join(row)
		.on(row.parent == invoice.name)
		.join(item)
		.on(item.name == row.item_code)
		.select(
			row.parenttype, row.parent, row.item_code, row.item_name, row.description, row.warehouse, row.item_group,
			row.brand, row.so_detail, row.sales_order, row.dn_detail, row.delivery_note, row.base_net_rate,
			row.base_net_amount, row.cost_center, row.serial_and_batch_bundle, row.stock_qty.as_("qty"),
			row.name.as_("item_row"), invoice.posting_date, invoice.posting_time, invoice.project,
			invoice.update_stock, invoice.customer, invoice.customer_group, invoice.territory, invoice.is_return,
			invoice.base_net_total.as_("invoice_base_net_total"),
		)
		.where((invoice.docstatus == 1) & (invoice.is_opening != "Yes") & (invoice.company == filters.company))
		.where(invoice.posting_date[filters.from_date : filters.to_date] & invoice.customer.isin(filters.customers))
		.where((invoice.is_return == 0) | invoice.return_against.isnull())
		.orderby(invoice.posting_date, order=frappe.qb.desc)
		.orderby(invoice.posting_time, order=frappe.qb.desc)
	)  # fmt: skip
	return filters.narrow(query).run(as_dict=True)


def _notes(rows: list[dict]) -> set[str]:
	return {row.delivery_note for row in rows if row.delivery_note}


def _bundles(parents: list[str]) -> dict:
	packed = frappe.qb.DocType("Packed Item")
	query = (
		frappe.qb.from_(packed)
		.select(
			packed.parenttype, packed.parent, packed.parent_item, packed.item_code, packed.warehouse, packed.rate,
			packed.parent_detail_docname, packed.serial_and_batch_bundle, (-1 * packed.qty).as_("total_qty"),
			(packed.rate * packed.qty).as_("base_amount"),
		)
		.where((packed.docstatus == 1) & packed.parent.isin(parents or [""]))
		.orderby(packed.parent)
		.orderby(packed.idx)
	)  # fmt: skip
	found = frappe._dict()
	for row in query.run(as_dict=True):
		of_parent = found.setdefault(row.parenttype, frappe._dict()).setdefault(row.parent, frappe._dict())
		of_parent.setdefault(row.parent_item, []).append(row)
	return found


def _non_stock(items: set[str]) -> set[str]:
	names = {"name": ("in", sorted(items) or [""]), "is_stock_item": 0}
	return set(frappe.get_all("Item", filters=names, pluck="name", order_by="name asc", limit=0))


def _returned(filters, dated: bool) -> dict:
	"""What came back, by invoice and item: ERPNext 16 looks into the period alone."""
	invoice, row = frappe.qb.DocType(INVOICE), frappe.qb.DocType("Sales Invoice Item")
	query = (
		frappe.qb.from_(invoice)
		.join(row)
		.on(row.parent == invoice.name)
		.select(
			invoice.name,
			invoice.return_against,
			row.item_code,
			row.stock_qty.as_("qty"),
			row.base_net_amount.as_("base_amount"),
		)
		.where((invoice.docstatus == 1) & (invoice.is_return == 1) & invoice.customer.isin(filters.customers))
		.orderby(invoice.name)
		.orderby(row.idx)
	)
	if dated:
		query = query.where(invoice.posting_date[filters.from_date : filters.to_date])
	found = frappe._dict()
	for back in query.run(as_dict=True):
		found.setdefault(back.return_against, frappe._dict()).setdefault(back.item_code, []).append(back)
	return found


def _movements(company: str, rows: list[dict], by_invoice: dict) -> dict[tuple[str, str], list[dict]]:
	"""{(item, warehouse): entries of the stock ledger}, each followed by one with the stock's value before it, which is what
	the report looks for there."""
	vouchers = {row.parent for row in rows if row.update_stock and row.parent} | _notes(rows)
	vouchers |= {note["delivery_note"] for note in by_invoice.values()}
	entry = frappe.qb.DocType("Stock Ledger Entry")
	query = (
		frappe.qb.from_(entry)
		.select(
			entry.item_code,
			entry.warehouse,
			entry.voucher_type,
			entry.voucher_no,
			entry.voucher_detail_no,
			entry.stock_value,
			entry.stock_value_difference,
			entry.actual_qty.as_("qty"),
		)
		.where((entry.company == company) & (entry.is_cancelled == 0) & entry.voucher_no.isin(sorted(vouchers) or [""]))
		.orderby(entry.voucher_no)
		.orderby(entry.creation, order=frappe.qb.desc)
	)
	found = defaultdict(list)
	for row in query.run(as_dict=True):
		before = flt(flt(row.stock_value) - flt(row.stock_value_difference), 6)
		found[row.item_code, row.warehouse] += [row, frappe._dict(stock_value=before)]
	# One that is empty would be asked for again.
	return dict(found) or {(None, None): []}


def _delivered_rates(order_rows: set[str]) -> dict[tuple, float]:
	"""{(order, its row, item): what it cost on average when it was delivered}."""
	row = frappe.qb.DocType("Delivery Note Item")
	query = (
		frappe.qb.from_(row)
		.select(row.against_sales_order, row.so_detail, row.item_code, Avg(row.incoming_rate))
		.where((row.docstatus == 1) & row.so_detail.isin(sorted(order_rows) or [""]))
		.groupby(row.against_sales_order, row.so_detail, row.item_code)
		.orderby(row.so_detail)
	)
	return {(order, detail, item): flt(rate) for order, detail, item, rate in query.run()}


def _purchase_rates(items: set[str], until) -> dict[str, list[dict]]:
	"""{item: the last rates at which it was bought until a day, by project and cost centre, the latest first}."""
	invoice, row = frappe.qb.DocType("Purchase Invoice"), frappe.qb.DocType("Purchase Invoice Item")
	place = RowNumber().over(row.item_code, row.project, row.cost_center)
	ranked = (
		frappe.qb.from_(row)
		.join(invoice)
		.on(invoice.name == row.parent)
		.select(
			row.item_code,
			row.project,
			row.cost_center,
			invoice.posting_date,
			(row.base_rate / row.conversion_factor).as_("rate"),
			place.orderby(invoice.posting_date, order=frappe.qb.desc).as_("place"),
		)
		.where((invoice.docstatus == 1) & (invoice.is_return == 0) & (invoice.posting_date <= until))
		.where(row.item_code.isin(sorted(items) or [""]) & (row.parenttype == "Purchase Invoice"))
	)
	query = (
		frappe.qb.from_(ranked)
		.select(ranked.item_code, ranked.project, ranked.cost_center, ranked.rate)
		.where(ranked.place == 1)
		.orderby(ranked.posting_date, order=frappe.qb.desc)
	)
	found = defaultdict(list)
	for rate in query.run(as_dict=True):
		found[rate.item_code].append(rate)
	return found


def _last_rate(rates, row) -> float:
	fits = (
		rate.rate
		for rate in rates
		if row.project in (None, "", rate.project) and row.cost_center in (None, "", rate.cost_center)
	)
	return flt(next(fits, 0))
