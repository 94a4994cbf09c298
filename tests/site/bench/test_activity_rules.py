"""Rules by state and date that come with the app: off at first, and an admin's own from then on."""

import frappe
from frappe.utils import add_days, now_datetime

from crm_pipeline import first_texts

OURS = ("CRM Activity Overdue", "CRM Next Step Overdue", "CRM Lead Not Answered", "CRM Contract Ends Soon")


def test_they_are_off_until_somebody_switches_them_on_and_find_what_is_late(world):
	first_texts.make_notices()
	names = [f"{name}: {kind}" for name in OURS for kind in first_texts.CHANNELS]
	assert {frappe.db.get_value("Notification", name, "enabled") for name in names} == {0}
	late = {"starts_on": add_days(now_datetime(), -1), "way": "Phone", "subject": "Ring <b>Ann</b>"}
	made = {
		status: frappe.get_doc({"doctype": "Sales Activity", "status": status, **late}).insert()
		for status in ("Planned", "Done")
	}
	rule = frappe.get_doc("Notification", "CRM Activity Overdue: Bell")
	found = [doc.name for doc in rule.get_documents_for_today()]
	assert made["Planned"].name in found and made["Done"].name not in found
	said = frappe.render_template(rule.subject, {"doc": made["Planned"]})
	assert "Ring" in said and "<b>" not in said
	# What an admin made of one stays.
	frappe.db.set_value("Notification", rule.name, {"enabled": 1, "days_in_advance": 3})
	first_texts.make_notices()
	assert frappe.db.get_value("Notification", rule.name, ["enabled", "days_in_advance"]) == (1, 3)
