"""What the browser tests need on the site, and how it is taken away again."""

import frappe
from frappe.utils.password import update_password

from tests.site.conftest import USERS, _make_user
from tests.site.world import Sale, build

OURS = (
	"Sales Order Request", "Sales Contract", "Sales Project", "Sales Opportunity", "Sales Lead", "Sales Prospect",
	"Sales Memo", "Sales Activity", "Sales Help Request", "Pipeline Event", "Pipeline Event Note",
)  # fmt: skip
NATIVE = ("Sales Order", "Customer", "Contact", "Item Price", "Item")


def make_records():
	before = {doctype: names_of(doctype) for doctype in (*OURS, *NATIVE)}
	frappe.set_user("Administrator")
	negative_stock = frappe.db.get_single_value("Stock Settings", "allow_negative_stock")
	world = build()
	world.before, world.negative_stock = before, negative_stock
	world.password = frappe.generate_hash(length=16)
	world.users = {who: USERS[who][0] for who in ("rep", "desk", "manager")}
	for who, email in world.users.items():
		_make_user(email, USERS[who][1])
		update_password(email, world.password)
	sale = Sale(world, frappe.set_user)
	frappe.set_user(world.users["rep"])
	world.lead = sale.lead().name
	world.deal = sale.opportunity().name
	world.request = sale.request(sale.opportunity()).name
	frappe.set_user("Administrator")
	frappe.db.commit()
	return world


def names_of(doctype: str) -> set[str]:
	return set(frappe.get_all(doctype, pluck="name", order_by="creation asc", limit=0))


def now(doctype: str, name: str, field: str):
	"""A value as the web server has committed it, not as this connection first saw it."""
	frappe.db.rollback()
	return frappe.db.get_value(doctype, name, field)


def remove_records(world) -> None:
	"""Everything that came since; stock and ledgers were not touched, for orders are not delivered here."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	came = {doctype: names_of(doctype) - world.before[doctype] for doctype in world.before}
	for name in came["Sales Order"]:
		order = frappe.get_doc("Sales Order", name)
		if order.docstatus == 1:
			order.cancel()
	for doctype in OURS:
		for name in came[doctype]:
			for table in frappe.get_meta(doctype).get_table_fields():
				frappe.db.delete(table.options, {"parent": name, "parenttype": doctype})
			frappe.db.delete("ToDo", {"reference_type": doctype, "reference_name": name})
			frappe.db.delete(doctype, {"name": name})
	for doctype in NATIVE:
		for name in came[doctype]:
			frappe.delete_doc(doctype, name, force=True, ignore_missing=True)
	frappe.db.set_single_value("Stock Settings", "allow_negative_stock", world.negative_stock)
	frappe.db.commit()
