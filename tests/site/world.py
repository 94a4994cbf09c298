"""The small world of the site tests, and the steps of a sale in it."""

import contextlib
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, nowdate

from tests.site.hosts import HOST


def build() -> SimpleNamespace:
	"""Company, warehouse, three items (stocked, boxed, service) with prices, one customer; rolled back with the test."""
	world = make()
	allow_negative_stock()
	return world


def make() -> SimpleNamespace:
	"""What of it are records."""
	company = frappe.db.get_value("Company", {"name": ("not like", "%Demo%")}, "name", order_by="creation asc")
	abbr = frappe.db.get_value("Company", company, "abbr")
	warehouse = frappe.db.get_value(
		"Warehouse", {"company": company, "is_group": 0, "warehouse_name": "Stores"}, "name"
	)
	currency = frappe.db.get_value("Company", company, "default_currency")
	price_list = frappe.db.get_single_value("Selling Settings", "selling_price_list") or "Standard Selling"
	# With a digit: tests make tax ids of it.
	tags = iter(lambda: frappe.generate_hash(length=6), None)
	tag = next(tag for tag in tags if any(map(str.isdigit, tag)))
	world = SimpleNamespace(
		company=company, abbr=abbr, warehouse=warehouse, currency=currency, price_list=price_list, tag=tag
	)
	world.pump = item(world, "Pump", 100, stock=1)
	world.filter = item(world, "Filter", 12.5, stock=1)
	world.service = item(world, "Installation", 80, stock=0)
	world.customer = customer(f"Northwind {tag}")
	return world


def remove(world) -> None:
	"""Take the records of a world that was committed away again."""
	for name in frappe.get_all(
		"Item Price", {"item_code": ("like", f"% {world.tag}")}, pluck="name", order_by="name asc"
	):
		frappe.delete_doc("Item Price", name, force=True, delete_permanently=True)
	for doctype, name in (
		*(("Item", code) for code in (world.pump, world.filter, world.service)),
		("Customer", world.customer),
	):
		frappe.delete_doc(doctype, name, force=True, delete_permanently=True)


def allow_negative_stock() -> None:
	frappe.db.set_single_value("Stock Settings", "allow_negative_stock", 1)
	frappe.clear_document_cache("Stock Settings", "Stock Settings")


TAXES = "Sales Taxes and Charges Template"


def leave_out_default_taxes() -> None:
	"""Sites differ in the taxes that their set-up made the default; sums of the tests are without, unless they say so."""
	for name in frappe.get_all(TAXES, filters={"is_default": 1}, pluck="name", order_by="name asc"):
		frappe.db.set_value(TAXES, name, "is_default", 0)


def item(world, name: str, price: float, stock: int) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "Item",
			"item_code": f"{name} {world.tag}",
			"item_group": frappe.db.get_value("Item Group", {"is_group": 0}, "name"),
			"stock_uom": "Nos",
			"is_stock_item": stock,
			"uoms": [{"uom": "Box", "conversion_factor": 10}] if stock else [],
			"item_defaults": [{"company": world.company, "default_warehouse": world.warehouse}],
			"valuation_rate": price / 2,
		}
	).insert()
	frappe.get_doc(
		{
			"doctype": "Item Price",
			"item_code": doc.name,
			"price_list": world.price_list,
			"price_list_rate": price,
			"uom": "Nos",
		}
	).insert()
	return doc.name


def another_company(world, name: str, **values):
	"""A company beside the world's own, "NAME TAG". In the same country: for the first company of some countries ERPNext
	adds fields, and a changed table ends the transaction that a test is rolled back with."""
	country = frappe.db.get_value("Company", world.company, "country")
	values = {"default_currency": world.currency, "country": country, "chart_of_accounts": "Standard", **values}
	names = {"company_name": f"{name} {world.tag}", "abbr": f"{name[0]}{world.tag[:4]}"}
	return frappe.get_doc({"doctype": "Company", **names, **values}).insert()


def customer(name: str, **values) -> str:
	return (
		frappe.get_doc(
			{
				"doctype": "Customer",
				"customer_name": name,
				"customer_type": "Company",
				"customer_group": frappe.db.get_value("Customer Group", {"is_group": 0}, "name"),
				"territory": frappe.db.get_value("Territory", {"is_group": 0}, "name"),
				**values,
			}
		)
		.insert()
		.name
	)


def weeks_begin_on(monkeypatch, day: str | None) -> None:
	"""The *First Day of the Week* of the site's settings, None where nobody chose one."""
	usual = frappe.db.get_default
	saved = lambda key, *of: day if key == "first_day_of_the_week" else usual(key, *of)  # noqa: E731
	monkeypatch.setattr(frappe.db, "get_default", saved)


@contextlib.contextmanager
def refused(error=frappe.ValidationError, match: str | None = None):
	"""What follows must fail; what it wrote is undone, as Frappe undoes a failed request."""
	frappe.db.savepoint("refused")
	saving = list(frappe.flags.currently_saving or ())
	with pytest.raises(error, match=match):
		yield
	# A save that failed leaves its document there, and the name comes again after the rollback.
	frappe.flags.currently_saving = saving
	frappe.db.rollback(save_point="refused")
	frappe.clear_messages()


def without_right(monkeypatch, doctype: str, right: str) -> None:
	"""Nobody has this right to documents of this type."""
	asked = frappe.has_permission

	def without(asked_for, ptype="read", *args, **kwargs):
		return (asked_for, ptype) != (doctype, right) and asked(asked_for, ptype, *args, **kwargs)

	monkeypatch.setattr(frappe, "has_permission", without)


def history(doctype: str, name: str) -> list[tuple]:
	"""(kind, from, to) of every row that the ledger holds of a document, oldest first; stages by their labels."""
	labels = {
		row.name: row.label
		for row in frappe.get_all("Pipeline Stage", fields=["name", "label"], order_by="name asc", limit=0)
	}
	rows = frappe.get_all(
		"Pipeline Event",
		filters={"reference_doctype": doctype, "reference_name": name},
		fields=["kind", "from_value", "to_value"],
		order_by="at asc, creation asc",
		limit=0,
	)
	return [(row.kind, *(labels.get(v, v) for v in (row.from_value, row.to_value))) for row in rows]


class Sale:
	"""A sale told in steps. Every step is done by whoever is logged in, through the app's own API."""

	def __init__(self, world, as_user):
		self.world = world
		self.as_user = as_user

	def rows(self, *rows) -> list[dict]:
		rows = rows or ((self.world.pump, 4, 100), (self.world.service, 1, 80))
		return [{"item_code": code, "qty": qty, "rate": rate} for code, qty, rate in rows]

	def lead(self, **values):
		return frappe.get_doc(
			{
				"doctype": "Sales Lead",
				"title": "Four pumps",
				"prospect_name": f"Harbour Works {self.world.tag}",
				"contact_name": "Ines Marlow",
				"email_id": f"ines@harbour-{self.world.tag}.example",
				"phone": "+1 555 010 2030",
				"company": self.world.company,
				"items": self.rows(),
				**values,
			}
		).insert()

	def opportunity(self, **values):
		return frappe.get_doc(
			{
				"doctype": "Sales Opportunity",
				"title": "Pumps for the harbour",
				"customer": self.world.customer,
				"company": self.world.company,
				"expected_close": add_days(nowdate(), 30),
				"items": self.rows(),
				**values,
			}
		).insert()

	def case(self, **values):
		return frappe.get_doc(
			{
				"doctype": "Customer Case",
				"subject": "The pump leaks",
				"kind": "Complaint",
				"severity": "High",
				"customer": self.world.customer,
				"company": self.world.company,
				**values,
			}
		).insert()

	def contract(self, submit=True, **values):
		doc = frappe.get_doc(
			{
				"doctype": "Sales Contract",
				"title": "Pump contract",
				"customer": self.world.customer,
				"company": self.world.company,
				"items": self.rows(),
				**values,
			}
		).insert()
		if submit:
			doc.submit()
		return doc

	def request(self, source=None, quantities=None, submit=True):
		from crm_pipeline import api

		made = api.make_order_request(source.doctype, source.name, quantities)
		doc = frappe.get_doc(made["doctype"], made["name"])
		if submit:
			doc.submit()
		return doc

	def quotation(self, submit=True, **values):
		doc = frappe.get_doc(
			{
				"doctype": "Quotation",
				"quotation_to": "Customer",
				"party_name": self.world.customer,
				"company": self.world.company,
				"transaction_date": nowdate(),
				"valid_till": add_days(nowdate(), 30),
				"items": self.rows(),
				**values,
			}
		).insert()
		if submit:
			doc.submit()
		return doc

	def accept(self, request):
		from crm_pipeline import api

		return frappe.get_doc("Sales Order", api.accept_request(request.name)["name"])

	def order(self, source=None, quantities=None):
		"""Request and acceptance in one go, by somebody who holds both functions."""
		return self.accept(self.request(source, quantities))

	def native_order(self, quotation, qty=None, submit=True):
		"""An order made by ERPNext's own button on the quotation, past any request of ours."""
		from erpnext.selling.doctype.quotation.quotation import make_sales_order

		order = make_sales_order(quotation.name)
		order.delivery_date = add_days(nowdate(), 7)
		if qty is not None:
			order.items[0].qty = qty
			order.payment_schedule = []
		order.insert()
		if submit:
			order.submit()
		return order

	def update_items(self, order, changes=None, added=()):
		"""ERPNext's Update Items on a submitted order: `changes` {item: {field: value}}, `added` rows like rows()."""
		from erpnext.controllers.accounts_controller import update_child_qty_rate

		order.reload()
		rows = [
			{
				"docname": row.name,
				"name": row.name,
				"item_code": row.item_code,
				"qty": row.qty,
				"rate": row.rate,
				"uom": row.uom,
				"conversion_factor": row.conversion_factor,
				"delivery_date": str(row.delivery_date),
				**(changes or {}).get(row.item_code, {}),
			}
			for row in order.items
		]
		rows += [{**row, "delivery_date": add_days(nowdate(), 7)} for row in added]
		update_child_qty_rate("Sales Order", frappe.as_json(rows), order.name)
		order.reload()
		return order

	@staticmethod
	def set_order_status(order, status):
		"""Close, hold or (with "Draft") reopen an order as its buttons do."""
		from erpnext.selling.doctype.sales_order.sales_order import update_status

		update_status(status, order.name)
		order.reload()

	@staticmethod
	def cancel(doc):
		doc.reload()
		doc.cancel()
		return doc

	@staticmethod
	def amend(doc, submit=True, **values):
		"""An amended copy of a cancelled document, as the Amend button makes it."""
		amended = frappe.copy_doc(doc)
		amended.docstatus = 0
		for row in amended.get_all_children():
			row.docstatus = 0
		amended.amended_from = doc.name
		amended.update(values)
		amended.insert()
		if submit:
			amended.submit()
		return amended

	def return_delivery(self, note, qty=None):
		from erpnext.stock.doctype.delivery_note.delivery_note import make_sales_return

		back = make_sales_return(note.name)
		if qty is not None:
			back.items = [row for row in back.items if row.item_code == self.world.pump]
			back.items[0].qty = -qty
		back.insert()
		back.submit()
		return back

	def deliver(self, order, qty=None):
		from erpnext.selling.doctype.sales_order.sales_order import make_delivery_note

		note = make_delivery_note(order.name)
		if qty is not None:
			note.items = [row for row in note.items if row.item_code == self.world.pump]
			note.items[0].qty = qty
		note.insert()
		note.submit()
		return note

	def bill(self, order, qty=None):
		from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

		invoice = make_sales_invoice(order.name)
		if qty is not None:
			invoice.items = [row for row in invoice.items if row.item_code == self.world.pump]
			invoice.items[0].qty = qty
			invoice.payment_schedule = []
			invoice.payment_terms_template = None
		invoice.insert()
		invoice.submit()
		return invoice

	def credit(self, invoice, qty=None, **values):
		from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

		note = make_sales_return(invoice.name)
		if qty is not None:
			note.items = [row for row in note.items if row.item_code == self.world.pump]
			note.items[0].qty = -qty
		note.update(values)
		note.insert()
		note.submit()
		return note

	def pay(self, doc, amount=None):
		from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

		payment = get_payment_entry(doc.doctype, doc.name)
		payment.reference_no, payment.reference_date = "BANK-1", nowdate()
		if amount is not None:
			payment.paid_amount = payment.received_amount = amount
			payment.references[0].allocated_amount = amount
		payment.insert()
		payment.submit()
		return payment

	@staticmethod
	def sync_outcome():
		"""Do the collected roll-up work now, as the background job would after the commit; answers the orders."""
		from crm_pipeline.orders import roll_up

		orders = roll_up.take_pending()
		user = frappe.session.user
		HOST.log_in("Administrator")
		roll_up.of_orders(orders)
		HOST.log_in(user)
		return orders

	@staticmethod
	def amounts(doc) -> tuple[float, float, float, float]:
		"""(ordered, delivered, billed, paid) as stored on a document."""
		fields = ["ordered_amount", "delivered_amount", "billed_amount", "paid_amount"]
		return tuple(round(float(v or 0), 2) for v in frappe.db.get_value(doc.doctype, doc.name, fields))
