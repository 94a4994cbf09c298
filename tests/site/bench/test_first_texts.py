"""Mails and clauses that a site begins with: they fit every document that they are for, and are the site's own."""

import json

import frappe
import pytest
from frappe.utils import add_days, formatdate, nowdate

from crm_pipeline import api, first_texts

FOLLOW_UP, QUOTATION, CONTRACT, ORDER, RETURNED = first_texts.EMAIL_TEMPLATES
CLAUSES = next(iter(first_texts.CLAUSES))


@pytest.fixture(autouse=True)
def texts(site):
	first_texts.make()


def mail(name: str, doc) -> tuple[str, str]:
	"""As the mail dialog asks for it: with the document as the form sends it."""
	get = frappe.get_attr("frappe.email.doctype.email_template.email_template.get_email_template")
	found = get(name, json.dumps(doc.as_dict(), default=str))
	return found["subject"], found["message"]


def test_each_mail_fits_its_document(sale, world):
	deal = sale.opportunity(
		next_step="Call Ines", next_step_date=add_days(nowdate(), 3), contacts=[{"contact_name": "Ines & Son"}]
	)
	contract = sale.contract(
		source_type=deal.doctype, source_name=deal.name, start_date=nowdate(), end_date=add_days(nowdate(), 30)
	)
	request = sale.request(contract)
	order = sale.accept(request)
	quotation = sale.quotation()
	for name, doc, expected in (
		(FOLLOW_UP, deal, ["Ines &amp; Son", "Call Ines", formatdate(add_days(nowdate(), 3))]),
		(QUOTATION, quotation, [quotation.name, formatdate(quotation.valid_till)]),
		(CONTRACT, contract, [contract.name, formatdate(nowdate()), formatdate(add_days(nowdate(), 30))]),
		(ORDER, order, [order.name, formatdate(order.delivery_date)]),
		(RETURNED, request, [request.name]),
	):
		subject, text = mail(name, doc)
		assert subject and all(word in text for word in expected), name
		assert world.company in text or name == RETURNED
		assert "None" not in subject + text and "{" not in subject + text, name


def test_a_mail_fits_a_document_with_nothing_but_what_it_must_have(sale):
	bare = sale.opportunity(items=[], amount=0, contacts=[])
	for name in first_texts.EMAIL_TEMPLATES:
		assert "None" not in mail(name, bare)[1], name


def test_the_reason_of_a_return_is_in_its_mail(sale):
	request = sale.request(sale.opportunity())
	api.return_request(request.name, "The gate is <too> narrow")
	assert "The gate is" in mail(RETURNED, frappe.get_doc(request.doctype, request.name))[1]


def test_the_clauses_are_chosen_as_any_terms(sale, world):
	contract = sale.contract(submit=False, start_date=nowdate(), end_date=add_days(nowdate(), 30))
	get = frappe.get_attr("erpnext.setup.doctype.terms_and_conditions.terms_and_conditions.get_terms_and_conditions")
	text = get(CLAUSES, json.dumps(contract.as_dict(), default=str))
	assert world.company in text and formatdate(add_days(nowdate(), 30)) in text and "None" not in text


def test_what_an_admin_made_of_them_stays(site):
	frappe.db.set_value("Email Template", ORDER, "subject", "Ours")
	frappe.delete_doc("Email Template", RETURNED)
	from crm_pipeline import install

	install.after_migrate()
	assert not frappe.db.exists("Email Template", RETURNED)
	first_texts.make()
	assert frappe.db.get_value("Email Template", ORDER, "subject") == "Ours"


def test_uninstalling_takes_them_along_but_for_terms_in_use(sale):
	quotation = sale.quotation(submit=False)
	first_texts.remove()
	assert not frappe.db.exists("Email Template", {"name": ("in", list(first_texts.EMAIL_TEMPLATES))})
	assert not frappe.db.exists("Terms and Conditions", CLAUSES)
	first_texts.make()
	quotation.db_set("tc_name", CLAUSES)
	first_texts.remove()
	assert frappe.db.exists("Terms and Conditions", CLAUSES)
