"""Texts that a new site gets once: mails of a sale, and the clauses of a contract. From then on they are the site's own:
edited, renamed or deleted as an admin likes, and touched by no update."""

import re

import frappe

# Name -> subject and text. Jinja, as in all Email Templates: fields of the document by their names.
EMAIL_TEMPLATES = {
	"CRM Deal Follow-up": (
		"{{ title }}",
		"""<p>Dear {{ (contacts and contacts[0].contact_name or party_name or "")|e }},</p>
<p>thank you for your time. As agreed, here is what we noted about <b>{{ title|e }}</b>.</p>
{% if next_step %}<p>Next step: {{ next_step|e }}{% if next_step_date %}, {{ frappe.utils.formatdate(next_step_date) }}{% endif %}</p>{% endif %}
<p>Please write to us if anything is missing.</p>
<p>Kind regards<br>{{ company|e }}</p>""",
	),
	"CRM Quotation Sent": (
		"Quotation {{ name }}",
		"""<p>Dear {{ (contact_display or customer_name or "")|e }},</p>
<p>please find attached our quotation <b>{{ name }}</b> over {{ frappe.utils.fmt_money(grand_total or 0, currency=currency) }}.</p>
{% if valid_till %}<p>It is valid until {{ frappe.utils.formatdate(valid_till) }}.</p>{% endif %}
<p>We are glad to answer your questions.</p>
<p>Kind regards<br>{{ company|e }}</p>""",
	),
	"CRM Contract for Signature": (
		"Contract {{ name }} for your signature",
		"""<p>Dear {{ (party_name or customer_name or "")|e }},</p>
<p>please find attached the contract <b>{{ name }}</b>, {{ title|e }}, over {{ frappe.utils.fmt_money(amount or 0, currency=currency) }} net.</p>
{% if start_date and end_date %}<p>It runs from {{ frappe.utils.formatdate(start_date) }} to {{ frappe.utils.formatdate(end_date) }}.</p>{% endif %}
<p>Please sign it on the last page and send it back to us.</p>
<p>Kind regards<br>{{ company|e }}</p>""",
	),
	"CRM Order Confirmation": (
		"Order confirmation {{ name }}",
		"""<p>Dear {{ (contact_display or customer_name or "")|e }},</p>
<p>we confirm your order{% if po_no %} {{ po_no|e }}{% endif %} as our <b>{{ name }}</b> over {{ frappe.utils.fmt_money(grand_total or 0, currency=currency) }}.</p>
{% if delivery_date %}<p>Delivery: {{ frappe.utils.formatdate(delivery_date) }}</p>{% endif %}
<p>Kind regards<br>{{ company|e }}</p>""",
	),
	"CRM Request Returned": (
		"Order request {{ name }} was returned",
		"""<p>The order desk returned <b>{{ name }}</b>, {{ title|e }}, of {{ (party_name or customer_name or "")|e }}.</p>
{% if return_reason %}<p>{{ return_reason|e }}</p>{% endif %}
<p>Please amend the request and submit it again.</p>""",
	),
}  # fmt: skip

# Terms and Conditions that a contract may choose.
CLAUSES = {
	"CRM Contract Clauses": """<h4>1. Subject</h4>
<p>{{ company|e }} supplies to {{ (party_name or customer_name or "the customer")|e }} the products and services listed in this contract.</p>
<h4>2. Prices</h4>
<p>The prices of this contract hold for its whole term. Tax is added as the law requires on the day of the invoice.</p>
<h4>3. Delivery</h4>
<p>Quantities are delivered when they are called off by an order request, within the delivery time agreed for it.</p>
<h4>4. Payment</h4>
<p>Invoices are due as the payment terms of this contract say.</p>
<h4>5. Term</h4>
<p>{% if start_date and end_date %}This contract runs from {{ frappe.utils.formatdate(start_date) }} to {{ frappe.utils.formatdate(end_date) }}.{% else %}This contract runs until what it lists has been delivered.{% endif %} Either party may end it for good cause, in writing.</p>
<h4>6. Warranty and liability</h4>
<p>The law of the place of supply applies.</p>
<h4>7. Changes</h4>
<p>Changes of this contract need to be in writing and signed by both parties.</p>""",
}  # fmt: skip

# Notifications that an admin changes or switches off like their own: name -> what they go by. Each of what sales hears of
# a promise to pay comes by bell and by e-mail, in a record of its own: a site without mail still has the bell.
_PROMISE = {"document_type": "Promise to Pay", "to": "sales_owner deputy"}
_WHAT = "{{ doc.customer_name }}: {{ doc.get_formatted('amount') }} of {{ doc.sales_invoice }}"
NOTICES = {
	"CRM Promise Due Tomorrow": {
		**_PROMISE,
		"event": "Days Before",
		"date_changed": "promised_on",
		"days_in_advance": 1,
		"condition": 'doc.status == "Open"',
		"subject": f"{_WHAT} promised for tomorrow",
	},
	"CRM Promise Broken": {
		**_PROMISE,
		"event": "Days After",
		"date_changed": "promised_on",
		"days_in_advance": 1,
		"condition": 'doc.status == "Broken"',
		"subject": f"{_WHAT} not paid as promised",
	},
	"CRM Promise Escalated": {
		**_PROMISE,
		"to": "escalated_to",
		"event": "Method",
		"method": "escalate",
		"subject": f"{_WHAT} promised and still not paid",
	},
	# Rules by state and date that a site switches on as it likes.
	"CRM Activity Overdue": {
		"document_type": "Sales Activity",
		"to": "sales_owner",
		"enabled": 0,
		"event": "Days After",
		"date_changed": "due_on",
		"days_in_advance": 1,
		"condition": 'doc.status == "Planned"',
		"subject": "Overdue since yesterday: {{ doc.subject }}",
	},
	"CRM Next Step Overdue": {
		"document_type": "Sales Opportunity",
		"to": "sales_owner",
		"enabled": 0,
		"event": "Days After",
		"date_changed": "next_step_date",
		"days_in_advance": 1,
		"condition": 'doc.status == "Open"',
		"subject": "Next step overdue: {{ doc.next_step or doc.title }}",
	},
	"CRM Lead Not Answered": {
		"document_type": "Sales Lead",
		"to": "sales_owner",
		"enabled": 0,
		"event": "Days After",
		"date_changed": "creation",
		"days_in_advance": 2,
		"condition": 'doc.status == "New"',
		"subject": "Lead without an answer: {{ doc.title }}",
	},
	"CRM Contract Ends Soon": {
		"document_type": "Sales Contract",
		"to": "sales_owner",
		"enabled": 0,
		"event": "Days Before",
		"date_changed": "end_date",
		"days_in_advance": 30,
		"condition": 'doc.docstatus == 1 and doc.status == "Active"',
		"subject": "Contract ends in 30 days: {{ doc.title }}",
	},
}
# What people typed, in a subject.
TYPED = re.compile(r"doc\.(?:customer_name|subject|next_step or doc\.title|title)")
CHANNELS = {"Bell": "System Notification", "E-mail": "Email"}


def make() -> None:
	"""Make those that are not there. Called when the app comes to a site, and never again."""
	if not frappe.db.exists("DocType", "Email Template"):
		return
	for name, (subject, text) in EMAIL_TEMPLATES.items():
		_make("Email Template", name, subject=subject, use_html=1, response_html=text)
	for name, text in CLAUSES.items():
		_make("Terms and Conditions", name, title=name, terms=text, selling=1, buying=0, hr=0)
	make_notices()


def make_notices() -> None:
	"""Notifications go with their DocTypes when the app is uninstalled."""
	for name, values in NOTICES.items():
		values = dict(values)
		to = values.pop("to")
		# The bell shows HTML, as a mail does; the subject of a mail is plain.
		plain = values.pop("subject")
		escaped = TYPED.sub(lambda found: f"({found[0]})|e", plain)
		for kind, channel in CHANNELS.items():
			_make(
				"Notification",
				f"{name}: {kind}",
				channel=channel,
				enabled=values.get("enabled", 1),
				subject=plain if channel == "Email" else escaped,
				message=f"<p>{escaped}.</p>",
				message_type="HTML",
				recipients=[{"receiver_by_document_field": field} for field in to.split()],
				**{key: value for key, value in values.items() if key != "enabled"},
			)


def _make(doctype: str, name: str, **values) -> None:
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert(set_name=name)


def remove() -> None:
	"""Those that still have their names. Documents that chose clauses keep their text."""
	for name in EMAIL_TEMPLATES:
		frappe.delete_doc("Email Template", name, ignore_missing=True, force=True)
	for name in CLAUSES:
		if not _is_chosen(name):
			frappe.delete_doc("Terms and Conditions", name, ignore_missing=True, force=True)


def _is_chosen(terms: str) -> bool:
	"""Whether a document of ERPNext names these terms: then they are part of its business."""
	native = ("Quotation", "Sales Order", "Sales Invoice", "Delivery Note")
	return any(frappe.db.exists(doctype, {"tc_name": terms}) for doctype in native)
