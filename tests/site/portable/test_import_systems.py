"""Small exports of other systems, made after the header rows that they document, through Desk to the records."""

import frappe
import pytest

from tests.site.portable.test_desk_import import LEAD, imported, of, run  # noqa: F401

DEALS = {
	"HubSpot": (
		"Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,Associated Company (Primary),Deal probability\n"
		'101,Big TAG,Appointment Scheduled,2030-01-31 10:15,rep@crm-test.example,"1200.5",Sales Pipeline,2024-05-01 09:00,Buyer TAG,0.4\n'
		"102,Old TAG,Closed Won,2024-06-01 10:15,rep@crm-test.example,300,Sales Pipeline,2024-05-01 09:00,Buyer TAG,1\n"
	),
	"Salesforce": (
		"Id,IsDeleted,AccountId,Name,StageName,Amount,Probability,CloseDate,CurrencyIsoCode,OwnerId,CreatedDate\n"
		"0060b00000AbCdA,false,Buyer TAG,Big TAG,Appointment Scheduled,1200.5,40,2030-01-31,,0050b000001,2024-05-01T09:00:00.000Z\n"
		"0060b00000AbCda,false,Buyer TAG,Old TAG,Closed Won,300,100,2024-06-01,,0050b000001,2024-05-01T09:00:00.000Z\n"
		"0060b00000AbCdb,true,Buyer TAG,Gone TAG,Closed Won,300,100,2024-06-01,,0050b000001,2024-05-01T09:00:00.000Z\n"
	),
	"Zoho": (
		"Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name,Stage,Probability (%),Created Time\n"
		"zcrm_1,zcrm_9,rep@crm-test.example,1200.5,Big TAG,2030-01-31,Buyer TAG,Appointment Scheduled,40,2024-05-01 09:00:00\n"
		"zcrm_2,zcrm_9,rep@crm-test.example,300,Old TAG,2024-06-01,Buyer TAG,Closed Won,100,2024-05-01 09:00:00\n"
	),
	"Pipedrive": (
		"Deal - ID,Deal - Title,Deal - Value,Deal - Organization,Deal - Stage,Deal - Status,Deal - Owner,Deal - Deal created,Deal - Expected close date,Deal - Deal closed on\n"
		"1,Big TAG,1200.5,Buyer TAG,Appointment Scheduled,Open,rep@crm-test.example,2024-05-01 09:00:00,2030-01-31,\n"
		"2,Old TAG,300,Buyer TAG,Appointment Scheduled,Won,rep@crm-test.example,2024-05-01 09:00:00,,2024-06-01 10:00:00\n"
	),
	"Odoo": (
		"External ID,Opportunity,Customer,Expected Revenue,Probability,Stage,Salesperson,Expected Closing,Closed Date,Created on\n"
		"crm.lead_1,Big TAG,Buyer TAG,1200.5,40,Appointment Scheduled,rep@crm-test.example,2030-01-31,,2024-05-01 09:00:00\n"
		"crm.lead_2,Old TAG,Buyer TAG,300,100,Closed Won,rep@crm-test.example,,2024-06-01 10:00:00,2024-05-01 09:00:00\n"
	),
}


@pytest.mark.parametrize("system", DEALS)
def test_deals_of_each_system_come_in_open_and_won(imported, system):  # noqa: F811
	frappe.set_user("Administrator")
	frappe.get_doc(
		{"doctype": "Customer", "customer_name": f"Buyer {imported.tag}", "customer_type": "Company"}
	).insert()
	values = {"preset": system, "pipeline": "Standard Sales", "source": f"{system} {imported.tag}"}
	doc = imported(DEALS[system], "Sales Opportunity", **values)
	for row in doc.columns:
		# One pipeline is imported; ids of users are nobody here.
		row.field = None if row.field == "pipeline" else row.field
	for value, stage in (("Appointment Scheduled", "qualification"), ("Closed Won", "won")):
		doc.append("value_rows", {"field": "stage", "file_value": value, "meaning": stage})
	doc.save()
	run(doc)
	assert (doc.status, doc.rows_stored, doc.rows_rejected) == ("Done", 2, 0), doc.message
	big, old = (frappe.get_doc("Sales Opportunity", {"title": f"{title} {imported.tag}"}) for title in ("Big", "Old"))
	assert (big.amount, str(big.expected_close), big.customer) == (1200.5, "2030-01-31", f"Buyer {imported.tag}")
	assert (old.amount, str(old.closed_on)[:10], old.stage) == (300, "2024-06-01", "Standard Sales-won")
	assert str(big.opened_on or big.creation)[:10] == "2024-05-01"


def test_what_several_rows_name_and_the_site_lacks_is_made_once_and_only_for_rows_that_are_stored(imported):  # noqa: F811
	text = (
		"Company,Mail,Industry,Source\n"
		"Acme TAG,a@TAG.example,Pumps TAG,Fair TAG\nBluth TAG,b@TAG.example,Pumps TAG,FAIR TAG\nCorp TAG,c@,Ships TAG,Web TAG\n"
	)
	doc = run(imported(text, by="Administrator"))
	assert (doc.rows_stored, doc.rows_rejected) == (2, 1), doc.message
	assert {row.industry for row in of(imported.tag, LEAD, "industry")} == {f"Pumps {imported.tag}"}
	assert not frappe.db.exists("Industry Type", f"Ships {imported.tag}")
	assert not frappe.db.exists("Sales Channel", f"Web {imported.tag}")


def test_a_file_in_another_encoding_or_without_a_header_is_said_to_be_so(imported):  # noqa: F811
	doc = imported(
		"서울 기계 주식회사 TAG,k@x.example\n펌프와 필터 TAG,l@x.example\n".replace("TAG", imported.tag).encode(
			"euc_kr"
		)
	)
	doc.encoding, doc.no_header = "EUC-KR", 1
	doc.save()
	assert [(row.column_name, row.sample) for row in doc.columns] == [
		("1", f"서울 기계 주식회사 {imported.tag}"), ("2", "k@x.example"),
	]  # fmt: skip
	doc.columns[0].field, doc.columns[1].field = "company_name", "email"
	doc.save()
	assert run(doc).rows_stored == 2, doc.message
	assert of(imported.tag)[0].prospect_name.endswith(imported.tag)
