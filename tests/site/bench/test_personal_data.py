"""Somebody asks for their personal data to be deleted: Frappe's own request takes ours along."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.core.registry import PERSONAL_DATA

NAME, NUMBER = "Hanna Loesch", "+49 30 1234567"


@pytest.fixture
def asked(world, monkeypatch):
	"""asked() is the request of a user of the website, answered; (address, answer)."""
	address = f"hanna{world.tag.lower()}@loesch-{world.tag.lower()}.example"
	first, last = NAME.split()
	user = {"doctype": "User", "email": address, "first_name": first, "last_name": last, "send_welcome_email": 0}
	frappe.get_doc({**user, "user_type": "Website User"}).insert(ignore_permissions=True)

	def delete():
		request = frappe.get_doc({"doctype": "Personal Data Deletion Request", "email": address})
		for mail in ("send_verification_mail", "notify_user_after_deletion"):
			monkeypatch.setattr(type(request), mail, lambda self: None)
		request.insert(ignore_permissions=True)
		request.db_set("status", "Pending Approval")
		request.trigger_data_deletion()
		return request.name

	return address, delete


def left_of(text: str) -> list[tuple]:
	found = []
	for doctype in PERSONAL_DATA:
		columns = [column for column in frappe.db.get_table_columns(doctype) if not column.startswith("_")]
		for row in frappe.get_all(doctype, fields=columns, limit=0):
			found += [(doctype, column) for column in columns if text in str(row[column])]
	return found


def test_a_person_is_forgotten_in_leads_prospects_deals_and_cases(world, sale, asked, as_user):
	address, delete = asked
	as_user("rep")
	reach = {"email_id": address, "phone": NUMBER}
	firm = sale.lead(prospect_name=f"Works {world.tag}", contact_name=NAME, message=f"Call {NAME}", **reach)
	made = api.convert_lead(firm.name, assessment="Hot")
	private = sale.lead(prospect_name=NAME, prospect_kind="Person", prospect=None, customer=None, **reach)
	as_user("Administrator")
	case = sale.case(**reach)
	assert {doctype for doctype, _column in left_of(address)} == set(PERSONAL_DATA)
	anonymous = delete()
	for text in (address, NAME, "1234567"):
		assert left_of(text) == [], text
	private.reload()
	assert (private.prospect_name, private.party_name, private.email_id) == ("[REDACTED]", "[REDACTED]", anonymous)
	assert frappe.db.get_value("Sales Lead", firm.name, "party_name") == f"Works {world.tag}"
	assert frappe.get_doc(made["doctype"], made["name"]).contacts[0].email_id == anonymous
	assert case.reload().phone != NUMBER
	for doc in (private, case, frappe.get_doc(made["doctype"], made["name"])):
		doc.save()
