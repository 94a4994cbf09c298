"""What a new version makes of the records of an older one."""

import frappe

from crm_pipeline.chain import ledger
from crm_pipeline.patches.v0_4 import give_notes_their_company


def test_notes_of_version_0_3_get_the_company_of_their_event(sale):
	deal = sale.opportunity()
	event = ledger.record(deal, "Help", None, "Price", note="May I?")
	of_event = {"event": event}
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company
	frappe.db.set_value("Pipeline Event Note", of_event, "company", None)
	for _twice in range(2):
		give_notes_their_company.execute()
	assert frappe.db.get_value("Pipeline Event Note", of_event, "company") == sale.world.company
