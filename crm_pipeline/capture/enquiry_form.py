"""The web form that a new site gets once, unpublished: its admin decides, edits and publishes it like a form of their own."""

from pathlib import Path

import frappe

from crm_pipeline.capture.form_guard import ORIGIN

# The framework names a form after its title.
NAME, TITLE, ROUTE = "enquiry", "Enquiry", "enquiry"
# Fields that a visitor fills: (field of Sales Lead, label, whether it has to be filled).
SHOWN = (
	("title", "What Are You Interested In?", 1),
	("prospect_name", "Company or Name", 1),
	("contact_name", "Contact Person", 0),
	("email_id", "E-mail", 1),
	("phone", "Phone", 0),
	("message", "Message", 0),
	("consent", "You may contact me about my enquiry", 1),
)
# Those that the script fills.
HIDDEN = (*ORIGIN, "form_check")


def make() -> None:
	"""Called when the app comes to a site, and never again."""
	if not frappe.db.exists("DocType", "Web Form") or frappe.db.exists("Web Form", NAME):
		return
	types = {df.fieldname: df.fieldtype for df in frappe.get_meta("Sales Lead").fields}
	shown = [
		{"fieldname": field, "fieldtype": types[field], "label": label, "reqd": reqd} for field, label, reqd in SHOWN
	]
	shown[3]["options"] = "Email"
	hidden = [{"fieldname": field, "fieldtype": types[field], "label": field, "hidden": 1} for field in HIDDEN]
	frappe.get_doc(
		{
			"doctype": "Web Form",
			"title": TITLE,
			"route": ROUTE,
			"doc_type": "Sales Lead",
			"module": "CRM Prospecting",
			"is_standard": 0,
			"published": 0,
			"login_required": 0,
			"anonymous": 1,
			"button_label": "Send",
			"success_title": "Thank You",
			"success_message": "We will be in touch with you soon.",
			"client_script": script(),
			"web_form_fields": [*shown, *hidden],
		}
	).insert()


def script() -> str:
	return Path(__file__).with_name("form_script.js").read_text(encoding="utf-8")
