"""The people of a deal are real Contacts: linked by address or number, made from the deal, kept in step."""

import frappe

from crm_pipeline.overrides import dashboards
from tests.site.portable.test_people_of_deals import MARLOW, contact_of


def test_a_contact_shows_the_deals_it_is_on(sale, world):
	contact = contact_of(world.customer, MARLOW)
	sale.opportunity(contacts=[{"contact": contact, "role": "Buyer"}, {"contact": contact, "role": "User"}])
	count = frappe.get_attr("frappe.desk.notifications.get_open_count")("Contact", contact)["count"]
	assert {row["doctype"]: row["count"] for row in count["external_links_found"]}["Sales Opportunity"] == 1
	data = dashboards.contact(frappe._dict())
	assert data["fieldname"] == "contact"
	shown = data["transactions"][0]["items"]
	assert {"Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract"} <= set(shown)
	assert {data["non_standard_fieldnames"][doctype] for doctype in shown} == {"contact"}
