"""What the script of a lead's web form asks for when the form opens, as JSON: a ticket, and whether the site counts page views."""

import json

import frappe
from frappe.rate_limiter import rate_limit
from frappe.utils import cint

from crm_pipeline.capture import form_guard

no_cache = 1
TRIES, SECONDS = 60, 3600


def get_context(context):
	context.no_cache = 1
	try:
		context.answer = json.dumps(answer())
	except frappe.RateLimitExceededError:
		frappe.clear_messages()
		context.answer = "{}"


@rate_limit(limit=TRIES, seconds=SECONDS)
def answer() -> dict:
	tracking = cint(frappe.db.get_single_value("Website Settings", "enable_view_tracking"))
	return {"ticket": form_guard.ticket(), "tracking": bool(tracking)}
