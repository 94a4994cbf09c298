# ruff: noqa: F811
"""What to know of a customer before calling, as a rep, finance, and a user of another company know it."""

import frappe
from frappe.utils import add_days, nowdate

from tests.site.portable.test_customer_warnings import found, invoice, kinds, overdue  # noqa: F401


def test_a_broken_promise_is_told_as_long_as_the_invoice_is_owed(sale, overdue, as_user):
	as_user("Administrator")
	promise = frappe.get_doc(
		{
			"doctype": "Promise to Pay",
			"name": f"PTP-{sale.world.tag}",
			"sales_invoice": overdue.name,
			"customer": sale.world.customer,
			"company": sale.world.company,
			"promised_on": add_days(nowdate(), -3),
			"amount": 200,
			"currency": sale.world.currency,
			"status": "Broken",
		}
	)
	promise.db_insert()
	told = {warning.kind: warning for warning in found(sale)}
	assert told["promise"].name == promise.name and "200.00" in told["promise"].text
	sale.pay(overdue)
	assert kinds(sale) == []


def test_the_sum_ties_to_the_receivables_of_erpnext(sale, overdue, as_user):
	from erpnext.accounts.report.accounts_receivable.accounts_receivable import execute

	as_user("Administrator")
	invoice(sale, 3)
	invoice(sale, -3)
	sale.pay(overdue, 100.01)
	filters = {
		"company": sale.world.company,
		"party_type": "Customer",
		"party": [sale.world.customer],
		"report_date": nowdate(),
		"ageing_based_on": "Due Date",
		"range": "30, 60, 90, 120",
	}
	rows = [
		row
		for row in execute(frappe._dict(filters, range1=30, range2=60, range3=90, range4=120))[1]
		if row.get("voucher_no")
	]
	late = sum(row["outstanding"] for row in rows if str(row["due_date"]) < nowdate())
	(money,) = found(sale)
	assert frappe.utils.fmt_money(late, currency=sale.world.currency) in money.text
	assert "2 invoices" in money.text and "40 days" in money.text
