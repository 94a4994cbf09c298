"""Leads from outside: a visitor's form, another program, a mail; spam is kept out, consent and origin are kept."""

import json
import time

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.capture import enquiry_form, form_guard
from tests.site.world import refused

LEAD = "Sales Lead"


@pytest.fixture
def visitor(site, world, monkeypatch):
	"""visitor(field=value, ...) sends the form as a guest does; `ticket` as opened a minute ago unless it is given."""
	monkeypatch.setattr(frappe.local, "request_ip", "203.0.113.7")
	monkeypatch.setattr(frappe.rate_limiter, "rate_limit", lambda *a, **k: lambda f: f)

	# Frappe's own modules write logs when they are imported: not before the site is there.
	from frappe.website.doctype.web_form.web_form import accept

	def send(ticket=None, trap="", **values):
		values = {
			"title": "A pump",
			"prospect_name": f"Visitor {world.tag}",
			"email_id": f"v{world.tag}@visitor.example",
			"consent": 1,
			"form_check": json.dumps({"ticket": opened() if ticket is None else ticket, "trap": trap}),
			**values,
		}
		frappe.set_user("Guest")
		frappe.flags.in_web_form = False
		try:
			return accept(web_form=enquiry_form.NAME, data=json.dumps(values))
		finally:
			frappe.flags.in_web_form = False
			frappe.set_user("Administrator")

	return send


def opened(seconds_ago: int = 60) -> str:
	moment, word = str(int(time.time()) - seconds_ago), frappe.generate_hash(length=16)
	return f"{moment}.{word}.{form_guard._signature(moment, word)}"


def test_who_is_logged_in_needs_no_ticket(site, sale, as_user):
	as_user("rep")
	assert sale.lead(consent=1).consent_on


# ---- another program


def test_another_program_makes_each_lead_once(site, world, as_user):
	as_user("rep")
	values = {
		"title": "Filter",
		"prospect_name": f"Shop {world.tag}",
		"email_id": f"s{world.tag}@shop.example",
		"company": world.company,
	}
	first = api.capture_lead("shop-1", json.dumps(values))
	again = api.capture_lead("shop-1", {**values, "title": "Other"})
	assert first["created"] and again == {"name": first["name"], "created": False}
	assert frappe.db.get_value(LEAD, first["name"], "title") == "Filter"
	as_user("other_rep")
	assert api.capture_lead("shop-1", values)["created"], "keys are each user's own"


@pytest.mark.parametrize(
	("key", "values", "error", "match"),
	[
		("k", {"no_such": 1}, frappe.ValidationError, "no_such is not taken|no_such"),
		("k", {"status": "Converted", "prospect_name": "x"}, frappe.ValidationError, "status"),
		("k", {"capture_key": "x", "prospect_name": "x"}, frappe.ValidationError, "capture_key"),
		("k", {"title": "x"}, frappe.ValidationError, "Say who it is"),
		("", {"prospect_name": "x"}, frappe.ValidationError, None),
		("k", [1], frappe.ValidationError, None),
		("k", "no json", frappe.ValidationError, None),
		("k", {"prospect_name": {"x": 1}}, frappe.ValidationError, None),
		("k", {"prospect_name": "x", "channel": "No Such"}, frappe.LinkValidationError, None),
		("k", {"prospect_name": "x", "expected_close": "2026-02-30"}, frappe.ValidationError, None),
	],
)
def test_what_another_program_may_not_send_is_said(site, as_user, key, values, error, match):
	as_user("rep")
	with refused(error, match=match):
		api.capture_lead(key, values)


def test_who_may_create_no_leads_sends_none(site, as_user):
	as_user("accounts")
	with refused(frappe.PermissionError):
		api.capture_lead("k", {"prospect_name": "x"})


def store_mail(text: str) -> str:
	from frappe.email.receive import InboundMail

	account = frappe._dict(
		name="Sales",
		email_id="sales@us.example",
		append_to=LEAD,
		use_imap=0,
		enable_auto_reply=0,
		email_sync_option="ALL",
	)
	mail = InboundMail(f"To: sales@us.example\nMessage-ID: <{frappe.generate_hash()}@x>\n{text}", account)
	return mail._create_reference_document(LEAD)
