"""What a new version makes of the records of an older one."""

import frappe

from crm_pipeline.chain import ledger
from crm_pipeline.patches.v0_4 import give_notes_their_company
from crm_pipeline.patches.v0_5 import renew_match_keys


def test_notes_of_version_0_3_get_the_company_of_their_event(sale):
	deal = sale.opportunity()
	event = ledger.record(deal, "Help", None, "Price", note="May I?")
	of_event = {"event": event}
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company
	frappe.db.set_value("Pipeline Event Note", of_event, "company", None)
	for _twice in range(2):
		give_notes_their_company.execute()
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company


def test_keys_of_earlier_versions_follow_the_rule_of_today(world):
	name = f"राम {world.tag} UK"
	party = frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": name,
			"company": world.company,
			"email_id": "ram+offer@ram.example",
			"phone": "+54 9 11 2345 6789",
		}
	).insert()
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "राम", "last_name": "रीम"})
	contact.append("email_ids", {"email_id": "ram+offer@ram.example", "is_primary": 1})
	contact.append("phone_nos", {"phone": "+54 9 11 2345 6789", "is_primary_phone": 1})
	contact.insert()
	records = (
		("Sales Prospect", party.name, ("match_name", "match_email", "match_phone")),
		("Contact", contact.name, ("crm_match_name",)),
		("Contact Email", contact.email_ids[0].name, ("crm_match_email", "crm_match_domain")),
		("Contact Phone", contact.phone_nos[0].name, ("crm_match_phone",)),
	)
	right = [frappe.db.get_value(doctype, record, list(keys)) for doctype, record, keys in records]
	for doctype, record, keys in records:
		frappe.db.set_value(doctype, record, dict.fromkeys(keys, "रम"))
	for _twice in range(2):
		renew_match_keys.execute()
		assert [frappe.db.get_value(doctype, record, list(keys)) for doctype, record, keys in records] == right
