"""Leads from outside: a visitor's form, another program, a mail; spam is kept out, consent and origin are kept."""

import json
import time

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.capture import enquiry_form, form_guard
from crm_pipeline.core import capture as rules
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


def test_an_enquiry_becomes_a_lead_with_its_origin(visitor, world):
	sent = visitor(
		utm_source="news",
		utm_campaign="spring",
		landing_page="/pumps",
		referrer="https://find.example",
		visitor_id="v1",
	)
	lead = frappe.get_doc(LEAD, sent.name)
	assert (lead.channel, lead.status, lead.sales_owner) == ("Web Form", "New", None)
	assert (lead.utm_source, lead.utm_campaign, lead.landing_page, lead.visitor_id) == (
		"news",
		"spring",
		"/pumps",
		"v1",
	)
	assert lead.consent and lead.consent_on and not lead.form_check
	assert (
		lead.prospect
		and frappe.db.get_value("Sales Prospect", lead.prospect, "prospect_name") == f"Visitor {world.tag}"
	)
	assert not frappe.db.get_value("Sales Prospect", lead.prospect, "sales_owner")


def test_programs_are_kept_out_and_people_may_try_again(visitor):
	before = frappe.db.count(LEAD)
	moment, word, _sign = opened().split(".")
	for wrong in (
		"",
		"a.b.c",
		f"{moment}.{word}.{'0' * 64}",
		opened(1),
		opened(rules.LONGEST + 5),
		opened(-60),
		"ü.b.c",
	):
		with refused(match="could not be sent"):
			visitor(ticket=wrong)
	with refused(match="could not be sent"):
		visitor(trap="http://cheap.example")
	for check in (None, "", "[]", "{", '"x"', "x" * 5000, '{"ticket": 5}'):
		with refused(match="could not be sent"):
			visitor(form_check=check)
	assert frappe.db.count(LEAD) == before
	ticket = opened()
	visitor(ticket=ticket)
	with refused(match="could not be sent"):
		visitor(ticket=ticket)


def test_a_form_that_could_not_be_stored_may_be_sent_again(visitor):
	ticket = opened()
	with refused(match="agree"):
		visitor(ticket=ticket, consent=0)
	frappe.get_attr("frappe.db").after_rollback.run()
	assert visitor(ticket=ticket).name


def test_an_admin_may_do_without_tickets_or_consent(visitor):
	for setting in ("web_form_protection", "web_form_consent"):
		frappe.db.set_single_value("CRM Pipeline Settings", setting, 0)
	lead = frappe.get_doc(LEAD, visitor(ticket="", consent=0).name)
	assert not lead.consent and not lead.consent_on


def test_who_is_logged_in_needs_no_ticket(site, sale, as_user):
	as_user("rep")
	assert sale.lead(consent=1).consent_on


def test_the_form_comes_once_unpublished_and_is_the_sites_own(site):
	form = frappe.get_doc("Web Form", enquiry_form.NAME)
	assert not form.published and not form.is_standard and not form.login_required
	assert {field.fieldname for field in form.web_form_fields} == {
		*(field for field, _label, _reqd in enquiry_form.SHOWN),
		*enquiry_form.HIDDEN,
	}
	form.success_title = "Merci"
	form.save()
	enquiry_form.make()
	assert frappe.db.get_value("Web Form", enquiry_form.NAME, "success_title") == "Merci"


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


# ---- what the visitor saw


def test_pages_of_the_visitor_are_told_to_who_reads_the_lead(site, sale, as_user):
	as_user("rep")
	lead = sale.lead(visitor_id="visitor-7")
	for path, moment in (
		("pumps", "2026-01-01 10:00:00"),
		("prices", "2026-01-01 10:02:05"),
		("enquiry", "2026-01-02 09:00:00"),
	):
		frappe.set_user("Administrator")
		view = frappe.get_doc({"doctype": "Web Page View", "path": path, "visitor_id": "visitor-7"}).insert()
		frappe.db.set_value("Web Page View", view.name, "creation", moment, update_modified=False)
	frappe.get_doc({"doctype": "Web Page View", "path": "others", "visitor_id": "visitor-8"}).insert()
	as_user("rep")
	assert [(page["path"], page["seconds"]) for page in api.get_visitor_pages(lead.name)] == [
		("enquiry", None),
		("prices", None),
		("pumps", 125),
	]
	assert api.get_visitor_pages(sale.lead().name) == []
	as_user("accounts")
	with refused(frappe.PermissionError):
		api.get_visitor_pages(lead.name)


# ---- mails


def test_who_writes_becomes_a_lead_of_the_channel_e_mail(site, world):
	name = store_mail(f"From: Anna Berg <anna{world.tag}@berg.example>\nSubject: Two pumps, please\n\nHello")
	lead = frappe.get_doc(LEAD, name)
	assert (lead.title, lead.channel, lead.email_id) == ("Two pumps, please", "E-mail", f"anna{world.tag}@berg.example")
	assert not lead.sales_owner
	assert frappe.db.get_value("Sales Prospect", lead.prospect, "prospect_name") == "Anna Berg"
	nameless = frappe.get_doc(LEAD, store_mail(f"From: x{world.tag}@berg.example\nSubject: \n\nHello"))
	assert nameless.title and nameless.party_name


def test_who_writes_again_while_the_lead_is_open_means_that_lead(site, world, as_user):
	sender = f"From: Bo Lind <bo{world.tag}@lind.example>\n"
	first = store_mail(f"{sender}Subject: Two pumps\n\nHello")
	assert store_mail(f"{sender}Subject: Make it three\n\nHello again") == first
	api.disqualify_lead(first, "No Budget")
	assert store_mail(f"{sender}Subject: A year later\n\nHello") != first


@pytest.mark.parametrize("sender", ["no-reply@shop.example", "MAILER-DAEMON@mx.example", "bounces+7=a@news.example"])
def test_a_mail_that_no_person_wrote_makes_no_lead(site, sender):
	assert store_mail(f"From: Something <{sender}>\nSubject: Undelivered\n\nHello") is None
	assert not frappe.db.exists(LEAD, {"email_id": sender})


def test_the_link_of_the_first_page_counts_and_not_the_address_of_the_form(visitor, site):
	who = frappe.generate_hash(length=12)
	seen = (
		("old", 9 * 24 * 60, "https://old.example", "news"),
		("pumps", 12, "https://find.example", "spring fair"),
		("prices", 4, None, None),
	)
	for path, minutes, referrer, source in seen:
		view = frappe.get_doc({"doctype": "Web Page View", "path": path, "visitor_id": who, "referrer": referrer, "source": source, "campaign": source and "2027"}).insert(ignore_permissions=True)  # fmt: skip
		at = add_to_date(now_datetime(), minutes=-minutes)
		frappe.db.set_value("Web Page View", view.name, "creation", at, update_modified=False)
	lead = frappe.get_doc(
		LEAD, visitor(visitor_id=who, landing_page="/enquiry", referrer="https://us.example/prices").name
	)
	assert (lead.landing_page, lead.referrer) == ("/pumps", "https://find.example")
	assert (lead.utm_source, lead.utm_campaign) == ("spring fair", "2027")
	own = frappe.get_doc(LEAD, visitor(visitor_id=who, utm_source="mailing", prospect_name=f"Other {who}").name)
	assert (own.utm_source, own.utm_campaign) == ("mailing", "")


def test_a_long_address_of_the_page_loses_no_enquiry(visitor, site, as_user):
	long = "x" * 3000
	sent = visitor(landing_page=f"/p?{long}", referrer=f"https://a.example/{long}", utm_campaign=long, visitor_id=long)
	lead = frappe.get_doc(LEAD, sent.name)
	assert (len(lead.landing_page), len(lead.referrer), len(lead.utm_campaign)) == (500, 500, 140)
	as_user("rep")
	made = api.capture_lead("long", {"title": "A pump", "prospect_name": "Long Ltd", "utm_term": long})
	assert made["created"]


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
