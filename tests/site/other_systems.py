"""Two other CRMs on the same site, as rows of their tables: ERPNext's own and Frappe CRM.

A bench with ERPNext has the tables of the first; those of Frappe CRM are where that app, or what stands for it in
tests/site/bench, is. Elsewhere they are made of the fields below, which are those that a move reads.
"""

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site.hosts import HOST

# name|rule (none: rows of a table)|fields
ERPNEXT = """
Customer|prompt|lead_name opportunity_name
Quotation|prompt|opportunity
Comment|hash|comment_by comment_email
Lead|prompt|lead_name company_name title job_title email_id phone mobile_no industry city state country territory status lead_owner disabled:Check website request_type type market_segment no_of_employees whatsapp_no source campaign_name qualification_status annual_revenue:Float company
Prospect|prompt|company_name industry territory website prospect_owner company
Prospect Lead||lead
Opportunity|prompt|opportunity_from party_name customer_name title opportunity_type status sales_stage order_lost_reason expected_closing:Date currency opportunity_amount:Float total:Float conversion_rate:Float probability:Float contact_person contact_display contact_email contact_mobile source campaign transaction_date:Date opportunity_owner company
Opportunity Item||item_code item_name qty:Float rate:Float amount:Float
Opportunity Lost Reason Detail||lost_reason
Opportunity Lost Reason|prompt|lost_reason
Sales Stage|prompt|stage_name
Lead Source|prompt|source_name
Campaign|prompt|campaign_name description
Campaign Email Schedule||email_template send_after_days:Int
Email Campaign|hash|campaign_name start_date:Date end_date:Date
CRM Note||note added_by added_on:Datetime
Contract|prompt|party_type party_name status fulfilment_status start_date:Date end_date:Date is_signed:Check signee signed_on:Datetime fulfilment_deadline:Date contract_terms document_type document_name
Contract Fulfilment Checklist||requirement fulfilled:Check notes
Appointment|prompt|customer_name customer_phone_number customer_skype customer_details scheduled_time:Datetime status customer_email appointment_with party
"""
# What 15 calls by one name and 16 by another.
CALLED_LATER = {"source": "utm_source", "campaign_name": "utm_campaign", "campaign": "utm_campaign"}
FRAPPE_CRM = """
Comment|hash|comment_by comment_email
CRM Lead Status|prompt|type
CRM Deal Status|prompt|type position:Int
CRM Lost Reason|prompt|lost_reason
CRM Organization|prompt|organization_name website industry territory
CRM Status Change Log||from from_date:Datetime to to_date:Datetime
CRM Products||product_code product_name qty:Float rate:Float net_amount:Float
CRM Contacts||contact:Link:Contact
CRM Lead|prompt|lead_name first_name organization status email mobile_no lead_owner source lost_reason converted:Check
CRM Deal|prompt|organization lead status deal_value:Float currency exchange_rate:Float deal_owner source lost_reason closed_date:Date expected_closure_date:Date next_step probability:Float lead_name
FCRM Note|hash|title content reference_doctype reference_docname
CRM Task|hash|title status priority assigned_to due_date:Datetime description reference_doctype reference_docname
CRM Call Log|hash|from to status type start_time:Datetime duration:Float receiver caller reference_doctype reference_docname
"""


def open_tables(monkeypatch, tables: str, *needed: str) -> None:
	"""The tables are there for the test, or it is skipped."""
	HOST.other_tables(monkeypatch, tables)
	if not all(frappe.db.exists("DocType", doctype) for doctype in needed):
		pytest.skip(f"there is no {' and no '.join(needed)} on this site")


def put(doctype: str, name: str = "", **values) -> str:
	"""A row as the other system left it, past every rule; what its table has no column for is left out."""
	now = now_datetime()
	columns = frappe.db.get_table_columns(doctype)
	if not name and frappe.get_meta(doctype).autoname == "autoincrement":
		name = frappe.db.get_next_sequence_val(doctype)
	row = {"name": name or frappe.generate_hash(length=10), "creation": now, "modified": now, "docstatus": 0, "idx": 0}
	row |= {"owner": "Administrator", "modified_by": "Administrator", **values}
	for field, later in CALLED_LATER.items():
		if field in row and field not in columns and later in columns:
			row[later] = row.pop(field)
	row = {field: value for field, value in row.items() if field in columns}
	frappe.db.bulk_insert(doctype, list(row), [tuple(row.values())])
	return row["name"]


def child(doctype: str, of: tuple[str, str], field: str, place: int, **values) -> str:
	return put(doctype, parenttype=of[0], parent=of[1], parentfield=field, idx=place, **values)
