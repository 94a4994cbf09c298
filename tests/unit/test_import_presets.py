"""Columns of exports: what each system calls them is known, in its lists and in its data export, and in other languages."""

import pytest

from crm_pipeline.importer.column_guess import guess
from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.presets import PRESETS, columns_of

HEADERS = [
	(
		"HubSpot", "leads",
		"Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Primary Company|Last Activity Date (GMT+1)|Lead Status|Marketing contact status|Create Date (GMT+1)|Associated Company IDs (Primary)|Associated Company (Primary)",
		{"external_id": "Record ID", "first_name": "First Name", "last_name": "Last Name", "email": "Email", "phone": "Phone Number",
		"owner": "Contact owner", "company_name": "Primary Company", "status": "Lead Status", "created_on": "Create Date (GMT+1)"},
	),
	(
		"HubSpot", "accounts",
		"Record ID|Company name|Company owner|Create Date|Phone Number|City|Country/Region|Industry|Company Domain Name|Website URL",
		{"account_id": "Record ID", "account": "Company name", "country": "Country/Region", "industry": "Industry", "website": "Website URL"},
	),
	(
		"HubSpot", "opportunities",
		"Record ID|Deal Name|Deal Stage|Close Date|Deal owner|Amount|Pipeline|Create Date|Associated Company IDs (Primary)|Associated Company (Primary)|Deal probability|Closed Lost Reason|Amount in company currency",
		{"external_id": "Record ID", "title": "Deal Name", "stage": "Deal Stage", "close_date": "Close Date", "owner": "Deal owner",
		"amount": "Amount", "pipeline": "Pipeline", "created_on": "Create Date", "account": "Associated Company (Primary)",
		"probability": "Deal probability", "lost_reason": "Closed Lost Reason"},
	),
	(
		"", "leads",
		"Datensatz-ID|Vorname|Nachname|E-Mail|Telefonnummer|Zuständiger Mitarbeiter für Kontakt|Unternehmensname|Lead-Status|Erstelldatum",
		{"external_id": "Datensatz-ID", "first_name": "Vorname", "last_name": "Nachname", "email": "E-Mail", "phone": "Telefonnummer",
		"owner": "Zuständiger Mitarbeiter für Kontakt", "company_name": "Unternehmensname", "status": "Lead-Status",
		"created_on": "Erstelldatum"},
	),
	(
		"Salesforce", "leads",
		"Id|IsDeleted|MasterRecordId|LastName|FirstName|Salutation|Name|Title|Company|Street|City|State|PostalCode|Country|Phone|MobilePhone|Email|Website|Description|LeadSource|Status|Industry|Rating|AnnualRevenue|OwnerId|IsConverted|ConvertedDate|CreatedDate",
		{"external_id": "Id", "is_deleted": "IsDeleted", "last_name": "LastName", "first_name": "FirstName", "contact": "Name",
		"designation": "Title", "company_name": "Company", "country": "Country", "phone": "Phone", "mobile": "MobilePhone",
		"email": "Email", "notes": "Description", "channel": "LeadSource", "status": "Status", "industry": "Industry",
		"converted_on": "ConvertedDate", "created_on": "CreatedDate"},
	),
	(
		"Salesforce", "leads",
		"Lead Owner|First Name|Last Name|Title|Company / Account|Email|Lead Source|Street|Rating|Lead Status|Mobile|Create Date",
		{"owner": "Lead Owner", "first_name": "First Name", "last_name": "Last Name", "designation": "Title",
		"company_name": "Company / Account", "email": "Email", "channel": "Lead Source", "status": "Lead Status", "mobile": "Mobile",
		"created_on": "Create Date"},
	),
	(
		"Salesforce", "accounts",
		"Id|IsDeleted|Name|Type|ParentId|BillingStreet|BillingCity|BillingCountry|Phone|Website|Industry|Description|OwnerId",
		{"account_id": "Id", "account": "Name", "parent": "ParentId", "country": "BillingCountry", "website": "Website",
		"industry": "Industry", "details": "Description"},
	),
	(
		"Salesforce", "contacts",
		"Id|IsDeleted|AccountId|LastName|FirstName|Name|MailingCountry|Phone|MobilePhone|Email|Title|OwnerId",
		{"external_id": "Id", "account": "AccountId", "last_name": "LastName", "first_name": "FirstName", "contact": "Name",
		"country": "MailingCountry", "phone": "Phone", "mobile": "MobilePhone", "email": "Email", "designation": "Title"},
	),
	(
		"Salesforce", "opportunities",
		"Id|IsDeleted|AccountId|Name|Description|StageName|Amount|Probability|ExpectedRevenue|CloseDate|Type|NextStep|LeadSource|IsClosed|IsWon|CurrencyIsoCode|OwnerId|CreatedDate",
		{"external_id": "Id", "is_deleted": "IsDeleted", "account": "AccountId", "title": "Name", "notes": "Description",
		"stage": "StageName", "amount": "Amount", "probability": "Probability", "close_date": "CloseDate", "next_step": "NextStep",
		"channel": "LeadSource", "currency": "CurrencyIsoCode", "created_on": "CreatedDate"},
	),
	(
		"Zoho", "leads",
		"Record Id|Lead Owner.id|Lead Owner|Is Converted|Company|First Name|Last Name|Email|Phone|Mobile|Lead Source|Lead Status|Created By.id|Created By|Created Time|Modified Time|Lead Name|Street|City|State|Zip Code|Country|Description",
		{"external_id": "Record Id", "owner": "Lead Owner", "company_name": "Company", "first_name": "First Name",
		"last_name": "Last Name", "email": "Email", "phone": "Phone", "mobile": "Mobile", "channel": "Lead Source",
		"status": "Lead Status", "created_on": "Created Time", "contact": "Lead Name", "country": "Country", "notes": "Description"},
	),
	(
		"Zoho", "prospects",
		"Record Id|Lead Owner|Company|First Name|Last Name|Website|Industry|Street|City|State|Zip Code|Country",
		{"external_id": "Record Id", "owner": "Lead Owner", "prospect": "Company", "first_name": "First Name",
		"last_name": "Last Name", "website": "Website", "industry": "Industry", "street": "Street", "city": "City", "state": "State",
		"postcode": "Zip Code", "country": "Country"},
	),
	(
		"Zoho", "opportunities",
		"Record Id|Deal Owner.id|Deal Owner|Amount|Deal Name|Closing Date|Account Name.id|Account Name|Stage|Probability (%)|Expected Revenue|Lead Source|Contact Name.id|Contact Name|Created Time|Reason For Loss|Currency",
		{"external_id": "Record Id", "owner": "Deal Owner", "amount": "Amount", "title": "Deal Name", "close_date": "Closing Date",
		"account": "Account Name.id", "stage": "Stage", "probability": "Probability (%)", "channel": "Lead Source",
		"contact": "Contact Name", "created_on": "Created Time", "lost_reason": "Reason For Loss", "currency": "Currency"},
	),
	(
		"Pipedrive", "opportunities",
		"Deal - Title|Deal - Value|Deal - Organization|Deal - Contact person|Deal - Expected close date|Deal - Owner|Deal - Stage|Deal - Lost reason|Deal - Status|Deal - Deal created|Deal - Deal closed on|Deal - Currency of value|Deal - ID|Deal - Pipeline|Person - Email - Work",
		{"title": "Deal - Title", "amount": "Deal - Value", "account": "Deal - Organization", "contact": "Deal - Contact person",
		"expected_close": "Deal - Expected close date", "owner": "Deal - Owner", "stage": "Deal - Stage",
		"lost_reason": "Deal - Lost reason", "status": "Deal - Status", "created_on": "Deal - Deal created",
		"closed_on": "Deal - Deal closed on", "currency": "Deal - Currency of value", "external_id": "Deal - ID",
		"pipeline": "Deal - Pipeline", "contact_email": "Person - Email - Work"},
	),
	(
		"Pipedrive", "contacts",
		"Person - Name*|Person - First name|Person - Last name|Person - Organization|Person - Email (Work)|Person - Phone - Work|Person - Phone - Mobile|Person - ID|Person - Owner",
		{"contact": "Person - Name*", "first_name": "Person - First name", "last_name": "Person - Last name",
		"account": "Person - Organization", "email": "Person - Email (Work)", "phone": "Person - Phone - Work",
		"mobile": "Person - Phone - Mobile", "external_id": "Person - ID"},
	),
	(
		"Pipedrive", "leads",
		"Lead - ID|Lead - Title|Lead - Organization|Lead - Contact person|Lead - Owner|Lead - Value|Lead - Source|Lead - Lead created|Person - Email - Work|Person - Phone - Work",
		{"external_id": "Lead - ID", "title": "Lead - Title", "company_name": "Lead - Organization",
		"contact": "Lead - Contact person", "owner": "Lead - Owner", "amount": "Lead - Value", "channel": "Lead - Source",
		"created_on": "Lead - Lead created", "email": "Person - Email - Work", "phone": "Person - Phone - Work"},
	),
	(
		"Odoo", "leads",
		"id|name|partner_name|contact_name|email_from|phone|mobile|function|user_id|create_date|source_id|country_id|description|lost_reason_id",
		{"external_id": "id", "title": "name", "company_name": "partner_name", "contact": "contact_name", "email": "email_from",
		"phone": "phone", "mobile": "mobile", "designation": "function", "owner": "user_id", "created_on": "create_date",
		"channel": "source_id", "country": "country_id", "notes": "description", "lost_reason": "lost_reason_id"},
	),
	(
		"Odoo", "opportunities",
		"External ID|Opportunity|Customer|Contact Name|Email|Phone|Expected Revenue|Probability|Stage|Salesperson|Expected Closing|Closed Date|Created on|Source|Lost Reason",
		{"external_id": "External ID", "title": "Opportunity", "account": "Customer", "contact": "Contact Name",
		"contact_email": "Email", "contact_phone": "Phone", "amount": "Expected Revenue", "probability": "Probability",
		"stage": "Stage", "owner": "Salesperson", "expected_close": "Expected Closing", "closed_on": "Closed Date",
		"created_on": "Created on", "channel": "Source", "lost_reason": "Lost Reason"},
	),
	(
		"Odoo", "accounts",
		"External ID|Name|Related Company|Phone|Country|Tax ID|Website|Notes",
		{"account_id": "External ID", "account": "Name", "parent": "Related Company", "country": "Country", "tax_id": "Tax ID",
		"website": "Website", "details": "Notes"},
	),
	(
		"", "leads",
		"公司名称|联系人姓名|手机号|电子邮箱|线索来源|创建时间|负责人|备注",
		{"company_name": "公司名称", "contact": "联系人姓名", "mobile": "手机号", "email": "电子邮箱", "channel": "线索来源",
		"created_on": "创建时间", "owner": "负责人", "notes": "备注"},
	),
]  # fmt: skip


@pytest.mark.parametrize(("system", "table", "header", "fields"), HEADERS)
def test_the_columns_of_an_export_are_known(system, table, header, fields):
	found = guess(header.split("|"), table, FIELDS[table], system)
	assert {field: column for column, field in found.items()} == fields


def test_presets_name_fields_that_there_are():
	for system, tables in PRESETS.items():
		for table in tables:
			known = FIELDS[table] | (FIELDS["prospects"] if table == "leads" else {})
			assert not {field for field, _place in columns_of(system, table).values()} - known.keys()


def test_what_was_chosen_before_goes_before_the_preset_and_a_field_has_one_column():
	found = guess(
		["Email", "Work Email"], "leads", FIELDS["leads"], "HubSpot", {"work e-mail": "email", "Work Email": "email"}
	)
	assert found == {"Work Email": "email"}


@pytest.mark.parametrize("system", sorted(PRESETS))
def test_a_company_of_an_export_of_leads_names_a_prospect(system):
	leads, prospects = columns_of(system, "leads"), columns_of(system, "prospects")
	companies = {name for name, (field, _place) in leads.items() if field == "company_name"}
	assert all(prospects[name][0] in ("prospect", "company_name") for name in companies)
	assert not companies or "prospect" in {field for field, _place in prospects.values()}
