"""Records of the demo that were entered twice: the pairs which the app suspects, and nothing about the site's own records."""

from datetime import date, datetime, time

import frappe
from frappe.utils import add_days

from crm_pipeline.demo import actors, clock, story
from crm_pipeline.duplicates import pair_records

# Who entered it again, and by which name: an ending more, a letter less.
WHO, ENDING = "overseas", "Ltd."


def load_lookalikes(today: date) -> None:
	"""A customer and a prospect of one rep that another one entered again some days ago."""
	clock.set_to(datetime.combine(add_days(today, -9), time(16, 20)))
	actors.act_as(WHO)
	for doctype, field, copy in (
		("Customer", "customer_name", _copy_of_customer),
		("Sales Prospect", "prospect_name", _copy_of_prospect),
	):
		first = _oldest_of_another(doctype)
		if first:
			again = copy(frappe.get_doc(doctype, first), f"{frappe.db.get_value(doctype, first, field)} {ENDING}")
			pair_records.look_at_two(doctype, first, again)


def _oldest_of_another(doctype: str) -> str | None:
	"""The first record of the demo that another rep than WHO entered and that is still open."""
	others = [actors.email(who) for who in story.REPS if who != WHO]
	is_open = {"status": "Unverified"} if doctype == "Sales Prospect" else {"disabled": 0}
	return frappe.db.get_value(doctype, {"owner": ("in", others), **is_open}, "name", order_by="creation asc, name asc")


def _copy_of_customer(first, name: str) -> str:
	again = frappe.new_doc("Customer")
	again.update({"customer_name": name, "customer_group": first.customer_group, "territory": first.territory})
	again.update({"email_id": first.email_id, "mobile_no": first.mobile_no})
	return again.insert().name


def _copy_of_prospect(first, name: str) -> str:
	again = frappe.new_doc("Sales Prospect")
	again.update({"prospect_name": name, "contact_name": first.contact_name, "phone": first.phone})
	again.update({"company": story.COMPANY, "sales_owner": actors.email(WHO), "territory": first.territory})
	return again.insert().name
