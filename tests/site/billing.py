"""Sales Invoices as a test needs them: of some days ago, by terms, for another customer."""

import frappe
from frappe.utils import add_days, nowdate


def invoice(world, days: int, amount: float = 100, terms=(), who: str | None = None, submit: bool = True, **values):
	"""A submitted Sales Invoice of `days` ago that was due at once, or by `terms`: (portion, days after) each."""
	day = add_days(nowdate(), -days)
	doc = frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"customer": who or world.customer,
			"company": world.company,
			"set_posting_time": 1,
			"posting_date": day,
			"due_date": day,
			"items": [{"item_code": world.service, "qty": 1, "rate": amount}],
			"payment_schedule": [
				{"due_date": add_days(day, after), "invoice_portion": portion} for portion, after in terms
			],
			**values,
		}
	)
	doc.insert()
	if submit:
		doc.submit()
	return doc
