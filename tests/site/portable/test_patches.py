"""What a new version makes of the records of an older one."""

import frappe

from crm_pipeline.chain import ledger
from crm_pipeline.patches.v0_4 import give_notes_their_company
from crm_pipeline.patches.v0_5 import renew_match_keys
from tests.site.hosts import HOST
from tests.site.rows import row


def test_notes_of_version_0_3_get_the_company_of_their_event(sale):
	deal = sale.opportunity()
	event = ledger.record(deal, "Help", None, "Price", note="May I?")
	of_event = {"event": event}
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company
	frappe.db.set_value("Pipeline Event Note", of_event, "company", None)
	for _twice in range(2):
		give_notes_their_company.execute()
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company


def test_keys_of_earlier_versions_follow_the_rule_of_today(world, monkeypatch):
	HOST.plain_records(monkeypatch, "Customer", "Contact")
	old = {"name": f"राम {world.tag}", "docstatus": 0}
	address, number = {"email_id": "ram+offer@ram.example"}, {"phone": "+54 9 11 2345 6789"}
	child = {**old, "parenttype": "Contact", "parent": old["name"]}
	row("Customer", customer_name="Siemens UK", crm_match_name="siemens", crm_match_tax_id="", **old)
	row("Contact", first_name="राम", crm_match_name="रम", **old)
	row("Contact Email", crm_match_email=address["email_id"], crm_match_domain="ram.example", **address, **child)
	row("Contact Phone", crm_match_phone="91123456789", **number, **child)
	row("Sales Deal Contact", match_phone="91123456789", **number, **old)
	prospect = {"prospect_name": "บริษัท ฟู จำกัด", "prospect_kind": "Organisation", "status": "Unverified"}
	row("Sales Prospect", match_name="ฟ", match_email="old", **prospect, **address, **number, **old)
	row("Sales Lead", match_phone="91123456789", match_mobile="", status="New", **number, **old)
	for _twice in range(2):
		renew_match_keys.execute()
		for doctype, keys in {
			"Customer": {"crm_match_name": "siemensuk"},
			"Contact": {"crm_match_name": "राम"},
			"Contact Email": {"crm_match_email": "ram@ram.example", "crm_match_domain": "ram.example"},
			"Contact Phone": {"crm_match_phone": "1123456789"},
			"Sales Deal Contact": {"match_phone": "1123456789"},
			"Sales Prospect": {"match_name": "ฟู", "match_email": "ram@ram.example", "match_phone": "1123456789"},
			"Sales Lead": {"match_phone": "1123456789"},
		}.items():
			assert frappe.db.get_value(doctype, old["name"], list(keys), as_dict=True) == keys, doctype
