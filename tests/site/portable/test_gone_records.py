"""What refers to a document that was deleted past us, as ERPNext does with all documents of a company."""

import frappe
import pytest

from crm_pipeline.chain import gone_records
from crm_pipeline.overrides import transaction_deletion_record
from tests.site import rows

LEAD = "Sales Lead"
ABOUT = [
	("Duplicate Pair", {"document_type": LEAD, "document_name": "there", "other_name": "gone"}),
	("Duplicate Pair", {"document_type": LEAD, "document_name": "gone", "other_name": "there"}),
	("Sales Segment Member", {"record_type": LEAD, "record": "gone"}),
	("Imported Record", {"document_type": LEAD, "document": "gone"}),
	("Dynamic Link", {"link_doctype": LEAD, "link_name": "gone"}),
]


@pytest.mark.parametrize(("doctype", "values"), ABOUT)
def test_what_is_about_a_lead_that_is_gone_goes_lest_the_next_one_of_that_name_has_it(sale, doctype, values):
	lead = sale.lead()
	there = {"there": lead.name, "gone": "LEAD-2020-00001"}
	made = rows.row(doctype, docstatus=0, **{key: there.get(value, value) for key, value in values.items()})
	kept = rows.row(
		doctype, docstatus=0, **{key: lead.name if value in there else value for key, value in values.items()}
	)
	native = {key: "Customer" if value == LEAD else there.get(value, value) for key, value in values.items()}
	native = rows.row(doctype, docstatus=0, **native)
	gone_records.forget()
	assert [bool(frappe.db.exists(doctype, name)) for name in (made, kept, native)] == [False, True, True]


@pytest.mark.parametrize(("status", "asked"), [("Running", 0), ("Failed", 0), ("Completed", 1)])
def test_it_is_done_when_the_deletion_has_ended(site, monkeypatch, status, asked):
	called = []
	monkeypatch.setattr(gone_records, "forget", lambda: called.append(1))
	transaction_deletion_record.on_change(frappe._dict(status=status))
	assert len(called) == asked
