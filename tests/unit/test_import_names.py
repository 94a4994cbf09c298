"""Names of columns, each by itself: what the systems call them and what people call them leads to one field of a table."""

import pytest

from crm_pipeline.importer.column_guess import guess
from crm_pipeline.importer.field_labels import labels, named, titled, titles
from crm_pipeline.importer.import_fields import FIELDS

# (system, table, "name: field" of what no usual name would tell)
OF_SYSTEMS = [
	("HubSpot", "prospects", "contact id: external_id; primary company: prospect; latest source: channel"),
	("Pipedrive", "prospects", "lead organization: prospect; person phone: phone"),
	(
		"HubSpot", "leads",
		"contact id: external_id; primary company: company_name; lead name: title; mobile phone number: mobile; "
		"original source: channel",
	),
	(
		"HubSpot", "contacts",
		"contact id: external_id; primary company: account; mobile phone number: mobile",
	),
	(
		"HubSpot", "accounts",
		"record id: account_id; name: account; company domain name: website",
	),
	(
		"HubSpot", "opportunities",
		"associated company primary: account; associated contact: contact; deal probability: probability; deal "
		"description: notes",
	),
	(
		"Salesforce", "leads",
		"company account: company_name; title: designation; mobilephone: mobile; leadsource: channel; "
		"converteddate: converted_on; owner email: owner",
	),
	(
		"Salesforce", "contacts",
		"contact id: external_id; accountid: account; title: designation; mobilephone: mobile; mailingcountry: "
		"country",
	),
	(
		"Salesforce", "accounts",
		"id: account_id; name: account; parentid: parent; billingcountry: country; description: details",
	),
	(
		"Salesforce", "opportunities",
		"accountid: account; stagename: stage; closedate: close_date; currencyisocode: currency; leadsource: "
		"channel; nextstep: next_step; owner email: owner",
	),
	(
		"Zoho", "leads",
		"lead name: contact; title: designation; lead conversion time: converted_on",
	),
	(
		"Zoho", "contacts",
		"contact id: external_id; account name id: account; title: designation; mailing country: country",
	),
	(
		"Zoho", "accounts",
		"record id: account_id; parent account id: parent; billing country: country; description: details",
	),
	(
		"Zoho", "opportunities",
		"potential id: external_id; potential name: title; account name id: account; reason for loss: "
		"lost_reason; potential owner: owner",
	),
	(
		"Pipedrive", "leads",
		"lead title: title; lead organization: company_name; lead contact person: contact; person email work: "
		"email; person phone work: phone; person phone mobile: mobile; lead source channel: channel; lead lead "
		"created: created_on; lead value: amount; lead deleted: is_deleted",
	),
	(
		"Pipedrive", "contacts",
		"person id: external_id; person name: contact; person first name: first_name; person last name: "
		"last_name; person organization: account; person job title: designation; person email work: email; "
		"person phone work: phone; person phone mobile: mobile",
	),
	(
		"Pipedrive", "accounts",
		"organization id: account_id; organization name: account; organization country of address: country; "
		"organization website: website; organization industry: industry",
	),
	(
		"Pipedrive", "opportunities",
		"deal pipedrive system id: external_id; deal title: title; deal organization: account; deal contact "
		"person: contact; person email work: contact_email; person phone work: contact_phone; deal stage "
		"pipeline: stage; deal status: status; deal currency of value: currency; deal deal created: created_on; "
		"deal expected close date: expected_close; deal deal closed on: closed_on; deal lost reason: "
		"lost_reason; deal probability: probability; deal pipeline: pipeline; deal source channel: channel; "
		"deal product quantity: quantity",
	),
	(
		"Odoo", "leads",
		"lead: title; partner name: company_name; email from: email; job position: designation; date "
		"conversion: converted_on; source id: channel; campaign id: campaign; salesperson: owner; country id: "
		"country; internal notes: notes; lost reason id: lost_reason",
	),
	(
		"Odoo", "contacts",
		"complete name: contact; related company: account; job position: designation; country id: country",
	),
	(
		"Odoo", "accounts",
		"external id: account_id; name: account; related company: parent; industry id: industry; country id: "
		"country; website link: website; notes: details",
	),
	(
		"Odoo", "opportunities",
		"partner id: account; email: contact_email; phone: contact_phone; stage id: stage; date deadline: "
		"expected_close; closed date: closed_on; salesperson: owner; lost reason id: lost_reason; source id: "
		"channel; won lost: status; internal notes: notes",
	),
]  # fmt: skip
# (table, "name: field")
USUAL = [
	(
		"products",
		"product: product; price: price",
	),
	(
		"agents",
		"sales person: agent; email: email",
	),
	(
		"accounts",
		"account: account; account id: account_id; parent: parent; industry: industry; country: country; "
		"website: website; tax id: tax_id; details: details",
	),
	(
		"prospects",
		"company: prospect; id: external_id; kind: kind; contact: contact; first name: first_name; last name: "
		"last_name; designation: designation; email: email; phone: phone; mobile: mobile; website: website; "
		"industry: industry; territory: territory; channel: channel; campaign: campaign; tax id: tax_id; owner: "
		"owner; sales person: agent; created: created_on; street: street; city: city; state: state; postcode: "
		"postcode; country: country",
	),
	(
		"leads",
		"company: company_name; id: external_id; title: title; contact: contact; first name: first_name; last "
		"name: last_name; designation: designation; email: email; phone: phone; mobile: mobile; industry: "
		"industry; territory: territory; channel: channel; campaign: campaign; country: country; status: "
		"status; lost reason: lost_reason; owner: owner; sales person: agent; amount: amount; created: "
		"created_on; converted on: converted_on; notes: notes; is deleted: is_deleted",
	),
	(
		"contacts",
		"contact: contact; first name: first_name; last name: last_name; id: external_id; account: account; "
		"designation: designation; email: email; phone: phone; mobile: mobile; country: country",
	),
	(
		"history",
		"id: external_id; stage: stage",
	),
	(
		"opportunities",
		"id: external_id; stage: stage; status: status; pipeline: pipeline; title: title; account: account; "
		"product: product; sales person: agent; owner: owner; created: created_on; closed on: closed_on; "
		"expected close: expected_close; close date: close_date; amount: amount; currency: currency; quantity: "
		"quantity; price: price; probability: probability; lost reason: lost_reason; contact: contact; channel: "
		"channel; campaign: campaign; next step: next_step; notes: notes; is deleted: is_deleted; details: "
		"details",
	),
	(
		"campaigns",
		"campaign: campaign; id: external_id; kind: kind; status: status; starts on: starts_on; ends on: "
		"ends_on; budget: budget; cost: cost; owner: owner; notes: notes",
	),
	(
		"activities",
		"subject: subject; id: external_id; about: about; about type: about_type; starts on: starts_on; ends "
		"on: ends_on; way: way; direction: direction; status: status; priority: priority; result: result; "
		"place: place; owner: owner; notes: notes",
	),
	(
		"memos",
		"notes: notes; id: external_id; about: about; about type: about_type; subject: subject; owner: owner; "
		"created: created_on",
	),
]  # fmt: skip


def fields(names: str) -> dict[str, str]:
	return dict(pair.split(": ") for pair in names.split("; "))


@pytest.mark.parametrize(("system", "table", "names"), OF_SYSTEMS)
def test_a_name_of_another_system_leads_to_its_field(system, table, names):
	wanted = fields(names)
	assert {name: guess([name], table, FIELDS[table], system).get(name) for name in wanted} == wanted


@pytest.mark.parametrize(("table", "names"), USUAL)
def test_a_usual_name_leads_to_its_field(table, names):
	wanted = fields(names)
	assert {name: guess([name], table, FIELDS[table]).get(name) for name in wanted} == wanted


def test_a_field_and_a_table_have_a_name_that_people_know():
	assert labels().keys() == {name for fields in FIELDS.values() for name in fields} | {"company_name"}
	assert titles().keys() == FIELDS.keys()
	for table, of_table in FIELDS.items():
		called = [labels()[name] for name in of_table]
		assert len(set(called)) == len(called), (table, called)
	assert (str(named("tax_id")), named("tax_id").said(str.upper)) == ("tax_id", "TAX ID")
	assert (named("field:custom_region"), titled("memos").said(str)) == ("custom_region", "Notes")
