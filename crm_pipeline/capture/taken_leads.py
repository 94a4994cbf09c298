"""Leads that another program sends: each key once, however often it is sent."""

import hashlib

import frappe
from frappe import _

from crm_pipeline.chain import rights, system_fields
from crm_pipeline.wording import bold

LEAD = "Sales Lead"
# What may be sent, as fields of Sales Lead.
FIELDS = (
	"title", "prospect_name", "prospect_kind", "contact_name", "email_id", "phone", "mobile_no", "designation",
	"message", "industry", "territory", "company", "channel", "campaign", "amount", "currency", "expected_close",
	"sales_owner", "consent", "landing_page", "referrer", "visitor_id",
	"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip


def take(key: str, values: dict) -> dict:
	"""{"name", "created"} of the lead that this user sent under `key`: made now, or the one that is there already, as it is by
	now. Raises ValidationError for a field that is not taken, and what saving the lead raises."""
	if unknown := sorted(set(values) - set(FIELDS)):
		frappe.throw(
			_("{0} is not taken. A lead takes {1}").format(bold(", ".join(unknown)), ", ".join(FIELDS)),
			title=_("Unknown Field"),
		)
	own = _own_key(key)
	if found := frappe.db.get_value(LEAD, {"capture_key": own}, "name"):
		return {"name": found, "created": False}
	rights.need(LEAD, right="create")
	lead = frappe.get_doc({**values, "doctype": LEAD, "title": values.get("title") or _("Enquiry")})
	system_fields.write(lead, capture_key=own)
	# Sent twice at once: the one that was slower finds its key taken, which is a race lost, and begins anew.
	lead.insert()
	return {"name": lead.name, "created": True}


def _own_key(key: str) -> str:
	"""Two programs with users of their own may count alike."""
	return hashlib.sha256(f"{frappe.session.user}|{key}".encode()).hexdigest()
