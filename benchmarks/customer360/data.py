"""A customer with a history of any length, for the benchmark; written by SQL from one real sale, committed, and removed again.

`make(n)` gives the benchmark's customer `n` documents beside what is open of it: opportunities, quotations, orders,
deliveries, invoices and payments with their rows and ledger entries, closed and paid, over three years.
"""

import frappe
from frappe.utils import add_days, nowdate

from benchmarks.keeping import keep

NAME = "BENCH 360 Customer"
TAG = "B360"
DAYS = 1000
CHUNK = 1000

# Share of the documents in percent, what makes one of them closed, and the field with its day.
KINDS = {
	"Sales Opportunity": (10, {"status": "Won", "outcome": "Won"}, "opened_on"),
	"Quotation": (10, {"status": "Ordered"}, "transaction_date"),
	"Sales Order": (20, {"status": "Completed", "per_delivered": 100, "per_billed": 100}, "transaction_date"),
	"Delivery Note": (20, {"status": "Completed", "per_billed": 100}, "posting_date"),
	"Sales Invoice": (25, {"status": "Paid", "outstanding_amount": 0}, "posting_date"),
	"Payment Entry": (15, {"status": "Submitted", "unallocated_amount": 0}, "posting_date"),
}
ROWS = {"Sales Order": "Sales Order Item", "Delivery Note": "Delivery Note Item", "Sales Invoice": "Sales Invoice Item"}
LEDGERS = ("GL Entry", "Payment Ledger Entry")


def make(count: int) -> str:
	"""The customer's name, with exactly `count` documents of its history; committed."""
	customer = _customer()
	clear()
	models = {doctype: _model(doctype, customer) for doctype in KINDS}
	for doctype, (share, closed, day) in KINDS.items():
		_copies(doctype, models[doctype], max(count * share // 100, 1), closed, day)
	for doctype in (*KINDS, *ROWS.values(), *LEDGERS):
		frappe.db.sql(f"analyze table `tab{doctype}`")
	# What is measured is asked in requests of its own.
	keep()
	return customer


def clear() -> None:
	"""Take the history away; the customer and the sale that it is copied from stay."""
	for doctype in (*KINDS, *ROWS.values(), *LEDGERS):
		written = f"from `tab{doctype}` where name like '{TAG}-%' limit"
		while frappe.db.sql(f"select 1 {written} 1"):
			frappe.db.sql(f"delete {written} {CHUNK}")
			# Chunk by chunk: one transaction holds no more.
			keep()


def _model(doctype: str, customer: str) -> str:
	field = {"Quotation": "party_name", "Payment Entry": "party"}.get(doctype, "customer")
	return frappe.db.get_value(doctype, {field: customer}, "name", order_by="creation asc")


def _customer() -> str:
	found = frappe.db.get_value("Customer", {"customer_name": NAME}, "name")
	return found or _sold()


def _limit_credit(customer: str, company: str) -> None:
	"""With a limit the use of credit is summed up, here and by ERPNext."""
	doc = frappe.get_doc("Customer", customer)
	doc.append("credit_limits", {"company": company, "credit_limit": 1e9})
	doc.save()


def _sold() -> str:
	"""A customer with one of each, something of it open; by ERPNext itself."""
	from tests.site.world import Sale, build, customer

	world = build()
	world.customer = customer(NAME)
	_limit_credit(world.customer, world.company)
	sale = Sale(world, frappe.set_user)
	sale.opportunity()
	sale.quotation()
	order = sale.order(sale.contract())
	sale.deliver(order)
	sale.pay(sale.bill(order), 100)
	# What is copied afterwards stays when a chunk fails.
	keep()
	return world.customer


def _copies(doctype: str, model: str, count: int, closed: dict, day: str) -> None:
	"""Copies of a document by the sequence engine of MariaDB, each on a day of its own, with rows and ledger entries."""
	kind = "".join(word[0] for word in doctype.split())
	name = f"concat('{TAG}-{kind}-', s.seq)"
	at = f"date_sub('{nowdate()}', interval (s.seq * 7) mod {DAYS} day)"
	values = {"name": name, day: at, "due_date": at, "conversion_key": "null", "crm_request_key": "null"}
	_insert(
		doctype, f"d.name = '{model}'", count, {**values, **{field: repr(value) for field, value in closed.items()}}
	)
	child = ROWS.get(doctype)
	if child:
		own = {"name": f"concat('{TAG}-{kind}R-', s.seq, '-', d.idx)", "parent": name}
		_insert(child, f"d.parent = '{model}'", count, own)
	if doctype in ("Sales Invoice", "Payment Entry"):
		for ledger in LEDGERS:
			own = {
				"name": f"concat('{TAG}-{kind}L-', s.seq, '-', d.name)",
				"voucher_no": name,
				"posting_date": at,
				"against_voucher_no": f"concat('{TAG}-SI-', s.seq)",
				"against_voucher_type": "'Sales Invoice'",
			}
			_insert(ledger, f"d.voucher_no = '{model}'", count, own)


def _insert(doctype: str, which: str, count: int, values: dict[str, str]) -> None:
	columns = frappe.db.get_table_columns(doctype)
	terms = ", ".join(values.get(column, f"d.`{column}`") for column in columns)
	names = ", ".join(f"`{column}`" for column in columns)
	for first in range(1, count + 1, CHUNK):
		numbers = f"seq_{first}_to_{min(first + CHUNK - 1, count)}"
		rows = f"select {terms} from `tab{doctype}` d, {numbers} s where {which}"
		frappe.db.sql(f"insert into `tab{doctype}` ({names}) {rows}")
		# Measured by other connections too; data of many rows are no one transaction.
		keep()


def days_back(days: int) -> str:
	return add_days(nowdate(), -days)
