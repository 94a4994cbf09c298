"""What the browser tests need on the site, and how it is taken away again."""

import contextlib
import os
import subprocess
import sys

import frappe
from frappe.utils import add_days, nowdate
from frappe.utils.password import update_password

from tests.site import leftovers
from tests.site.conftest import USERS, _make_user
from tests.site.world import Sale, build, item

NATIVE = ("Sales Order", "Quotation", "Contact", "Item Price", "Item", "Customer", "Price List", "Notification Log")
# By whose eyes a test looks: those of the site tests, and people with another language or another task.
PEOPLE = {
	**{who: USERS[who] for who in ("rep", "other_rep", "desk", "manager", "finance")},
	"admin": ("admin@crm-test.example", ("System Manager", "Sales Manager")),
	"chinese": ("chinese@crm-test.example", ("Sales User", "Sales Manager", "Order Desk")),
	"arabic": ("arabic@crm-test.example", ("Sales User",)),
}
LANGUAGES = {"chinese": "zh", "arabic": "ar"}
MINUTE = 60


def make_records():
	frappe.set_user("Administrator")
	before = names_now()
	negative_stock = frappe.db.get_single_value("Stock Settings", "allow_negative_stock")
	world = build()
	world.before, world.negative_stock = before, negative_stock
	world.password = frappe.generate_hash(length=16)
	world.users = {who: PEOPLE[who][0] for who in PEOPLE}
	for who, email in world.users.items():
		_make_user(email, PEOPLE[who][1])
		if who in LANGUAGES:
			frappe.db.set_value("User", email, "language", LANGUAGES[who])
			frappe.clear_cache(user=email)
		update_password(email, world.password)
		forget_settings(email)
	world.wholesale = _wholesale(world)
	world.unpriced = item(world, "Gasket", 0, stock=0)
	frappe.db.delete("Item Price", {"item_code": world.unpriced})
	number = f"{int(world.tag, 36) % 10**7:07}"
	world.phone, world.phone_of_customer = (f"+1 {area} {number[:3]} {number[3:]}" for area in (628, 415))
	_contact(world)
	sale = Sale(world, frappe.set_user)
	frappe.set_user(world.users["rep"])
	world.lead = sale.lead(phone=world.phone).name
	world.deal = sale.opportunity(next_step="Send the offer", next_step_date=add_days(nowdate(), 3)).name
	world.request = sale.request(sale.opportunity()).name
	frappe.set_user("Administrator")
	frappe.db.commit()
	return world


def _wholesale(world) -> str:
	"""Another price list, on which the pump costs 90."""
	name = f"Wholesale {world.tag}"
	frappe.get_doc(
		{"doctype": "Price List", "price_list_name": name, "currency": world.currency, "selling": 1, "enabled": 1}
	).insert()
	frappe.get_doc(
		{"doctype": "Item Price", "item_code": world.pump, "price_list": name, "price_list_rate": 90, "uom": "Nos"}
	).insert()
	return name


def _contact(world) -> None:
	"""Somebody at the customer who can be rung and written to."""
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Ottilie", "last_name": f"Brandt {world.tag}"})
	contact.append("links", {"link_doctype": "Customer", "link_name": world.customer})
	contact.add_email(f"ottilie@{world.tag}.example", is_primary=1)
	contact.add_phone(world.phone_of_customer, is_primary_mobile_no=1)
	contact.insert()
	customer = frappe.get_doc("Customer", world.customer)
	customer.customer_primary_contact = contact.name
	customer.save()


def make(records, who: str, *steps):
	"""Do steps of a sale as somebody, commit them, and answer the names of what the last one made."""
	frappe.db.rollback()
	frappe.set_user(records.users[who])
	made = [step(Sale(records, frappe.set_user)) for step in steps]
	frappe.set_user("Administrator")
	frappe.db.commit()
	return made[-1].name


def forget_settings(user: str) -> None:
	"""What Desk remembers of a user's lists, board and folds."""
	frappe.db.delete("__UserSettings", {"user": user})
	for key in frappe.cache.hkeys("_user_settings") or []:
		key = key.decode() if isinstance(key, bytes) else key
		if key.endswith(f"::{user}"):
			frappe.cache.hdel("_user_settings", key)


def work_off_jobs() -> None:
	"""Do what waits in the queues of short work, as a worker does; for a minute at the most, since others wait there too."""
	command = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--burst"]
	command += ["--queue", "short,default", "--quiet"]
	with contextlib.suppress(subprocess.TimeoutExpired):
		subprocess.run(command, cwd=os.environ["SITES_PATH"], timeout=MINUTE, check=True, capture_output=True)


def now(doctype: str, name, field):
	"""A value as the web server has committed it, not as this connection first saw it."""
	frappe.db.rollback()
	return frappe.db.get_value(doctype, name, field)


# ---- taking away


def names_now() -> dict[str, set[str]]:
	frappe.db.rollback()
	found: dict[str, set[str]] = {}
	for doctype, name in leftovers.records():
		found.setdefault(doctype, set()).add(name)
	found.update({doctype: names_of(doctype) for doctype in NATIVE})
	return found


def names_of(doctype: str) -> set[str]:
	return set(frappe.get_all(doctype, pluck="name", order_by="creation asc", limit=0))


def remove_records(world) -> None:
	"""Everything that came since; stock and ledgers were not touched, for orders are not delivered here."""
	frappe.set_user("Administrator")
	work_off_jobs()
	for name in _came(world)["Sales Order"]:
		order = frappe.get_doc("Sales Order", name)
		if order.docstatus == 1:
			order.cancel()
	frappe.db.commit()
	came = _came(world)
	for doctype in came.keys() - set(NATIVE):
		for name in came[doctype]:
			for table in frappe.get_meta(doctype).get_table_fields():
				frappe.db.delete(table.options, {"parent": name, "parenttype": doctype})
			frappe.db.delete("ToDo", {"reference_type": doctype, "reference_name": name})
			frappe.db.delete("__global_search", {"doctype": doctype, "name": name})
			frappe.db.delete(doctype, {"name": name})
	for doctype in NATIVE:
		for name in came[doctype]:
			frappe.delete_doc(doctype, name, force=True, ignore_missing=True)
	frappe.db.set_single_value("Stock Settings", "allow_negative_stock", world.negative_stock)
	for user in world.users.values():
		forget_settings(user)
	frappe.db.commit()
	work_off_jobs()
	# Jobs that waited may have told somebody of what is gone by now.
	frappe.db.delete("Notification Log", {"name": ("in", list(_came(world)["Notification Log"]) or [""])})
	frappe.db.commit()
	left = {doctype: names for doctype, names in _came(world).items() if names}
	assert not left, left


def _came(world) -> dict[str, set[str]]:
	return {doctype: names - world.before.get(doctype, set()) for doctype, names in names_now().items()}
