# ruff: noqa: F811
"""Leads from outside: a visitor's form, another program, a mail; spam is kept out, consent and origin are kept."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.capture import enquiry_form
from crm_pipeline.core import capture as rules
from tests.site.portable.test_capture import LEAD, opened, store_mail, visitor  # noqa: F401
from tests.site.world import refused


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
