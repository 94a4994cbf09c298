"""The life of a lead: states, what each demands, conversion."""

import re

import frappe
import pytest
from frappe.utils import add_days, now_datetime

from crm_pipeline import api
from crm_pipeline.analytics import lead_contact
from crm_pipeline.chain import ledger
from crm_pipeline.erp import contacts
from crm_pipeline.leads import qualification
from crm_pipeline.leads.qualification import LeadStateError
from tests.site.rows import row
from tests.site.world import history, refused


def events(doc, kind):
	return [
		(row.from_value, row.to_value)
		for row in frappe.get_all(
			"Pipeline Event",
			filters={"reference_doctype": doc.doctype, "reference_name": doc.name, "kind": kind},
			fields=["from_value", "to_value"],
			order_by="at asc, creation asc",
		)
	]


def test_a_lead_without_contact_data_is_not_qualified(sale, as_user):
	as_user("rep")
	lead = sale.lead(email_id=None, phone=None, contact_name=None)
	with pytest.raises(LeadStateError, match="e-mail or a phone"):
		api.qualify_lead(lead.name)


def test_a_hotline_enquiry_stays_prospect_and_lead_until_confirmed(sale, as_user):
	as_user("rep")
	lead = sale.lead(channel="Hotline")
	assert not lead.customer
	assert frappe.db.get_value("Sales Prospect", lead.prospect, ["status", "customer"]) == ("Unverified", None)


def test_contacting_needs_a_plan(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	api.qualify_lead(lead.name)
	with pytest.raises(LeadStateError, match="plan"):
		api.contact_lead(lead.name, frappe.utils.nowdate(), "")
	api.contact_lead(lead.name, frappe.utils.nowdate(), "Send the catalogue")
	assert frappe.db.get_value("Sales Lead", lead.name, "status") == "Contacted"


def test_conversion_needs_an_assessment(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	with pytest.raises(LeadStateError, match="assessment"):
		api.convert_lead(lead.name)


def test_a_new_lead_is_qualified_on_its_way_to_conversion(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	api.convert_lead(lead.name, assessment="Hot")
	assert events(lead, "State") == [("New", "Qualified"), ("Qualified", "Converted")]


def test_converting_twice_gives_one_opportunity(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	first = api.convert_lead(lead.name, assessment="Hot")
	assert api.convert_lead(lead.name, assessment="Hot") == first
	assert frappe.db.count("Sales Opportunity", {"source_name": lead.name}) == 1


def test_a_lead_joins_an_existing_opportunity(sale, as_user, monkeypatch):
	as_user("rep")
	first = sale.lead()
	deal = api.convert_lead(first.name, assessment="Hot")
	second = sale.lead(title="And a fifth pump")
	assert api.convert_lead(second.name, opportunity=deal["name"], assessment="Warm") == deal
	chain = api.get_chain("Sales Opportunity", deal["name"])
	assert {row["name"] for row in chain} >= {first.name, second.name, deal["name"]}
	assert deal in api.get_chain("Sales Lead", second.name)
	for lead in (first, second):
		assert ("Conversion", None, f"Sales Opportunity {deal['name']}") in history("Sales Lead", lead.name)
	assert history("Sales Opportunity", deal["name"]) == [
		("Created", None, "Qualification"),
		("Conversion", None, f"Sales Lead {second.name}"),
	]
	# What the history tells of it is in the reader's language.
	monkeypatch.setattr(ledger, "_", lambda text: f"<{text}>")
	told = api.get_history("Sales Opportunity", deal["name"])[-1]
	assert (told["to_text"], told["note"]) == (f"<Sales Lead> {second.name}", "<A lead joined>")


def test_a_lead_becomes_a_sales_project(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	made = api.convert_lead(lead.name, target="Sales Project", assessment="Hot")
	project = frappe.get_doc(made["doctype"], made["name"])
	assert (project.project_type, project.amount, project.source_name) == ("Sales", 480, lead.name)
	assert history("Sales Lead", lead.name)[-1] == ("Conversion", None, f"Sales Project {project.name}")


def test_disqualifying_needs_a_reason_and_can_be_undone(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	with pytest.raises(LeadStateError, match="reason"):
		api.disqualify_lead(lead.name, "")
	api.disqualify_lead(lead.name, "No Budget", "Next year perhaps")
	with pytest.raises(LeadStateError):
		api.convert_lead(lead.name, assessment="Hot")
	api.reopen_lead(lead.name)
	assert frappe.db.get_value("Sales Lead", lead.name, ["status", "lost_reason"]) == ("New", None)


def test_a_state_set_past_the_buttons_is_checked_too(sale, as_user):
	as_user("rep")
	lead = sale.lead(email_id=None, phone=None, contact_name=None)
	lead.status = "Qualified"
	with pytest.raises(LeadStateError):
		lead.save()


def test_memos_and_files_go_along_and_keep_their_author(sale, as_user):
	author = as_user("other_rep")
	lead = sale.lead()
	memo = {
		"doctype": "Sales Memo",
		"reference_doctype": "Sales Lead",
		"reference_name": lead.name,
		"memo": "Pays late",
	}
	frappe.get_doc(memo).insert()
	frappe.get_doc(
		{
			"doctype": "File",
			"file_name": "plan.txt",
			"content": "harbour plan",
			"attached_to_doctype": "Sales Lead",
			"attached_to_name": lead.name,
			"is_private": 1,
		}
	).insert()
	as_user("rep")
	deal = api.convert_lead(lead.name, assessment="Hot")
	carried = frappe.get_all(
		"Sales Memo",
		filters={"reference_doctype": deal["doctype"], "reference_name": deal["name"]},
		fields=["memo", "owner"],
		order_by="creation asc",
	)
	assert [(row.memo, row.owner) for row in carried] == [("Pays late", author)]
	files = frappe.get_all(
		"File",
		filters={"attached_to_doctype": deal["doctype"], "attached_to_name": deal["name"]},
		pluck="file_name",
		order_by="creation asc",
	)
	assert len(files) == 1 and files[0].startswith("plan")


def test_the_lead_step_can_be_switched_off(sale, as_user):
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "lead_step", "Off")
	as_user("rep")
	with pytest.raises(frappe.ValidationError, match="without the step"):
		sale.lead()
	ribbon = api.get_ribbon("Sales Opportunity", sale.opportunity().name)
	assert "Lead" not in {step["label"] for step in ribbon["steps"]}


def test_a_required_lead_is_asked_for(sale, as_user):
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "lead_step", "Required")
	as_user("rep")
	with pytest.raises(frappe.ValidationError, match="requires a Sales Lead"):
		sale.opportunity()
	assert api.convert_lead(sale.lead().name, assessment="Hot")["doctype"] == "Sales Opportunity"


def test_a_stranger_sees_and_does_nothing(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	as_user("stranger")
	for call in (
		lambda: api.get_ribbon("Sales Lead", lead.name),
		lambda: api.qualify_lead(lead.name),
		lambda: api.convert_lead(lead.name, assessment="Hot"),
		lambda: frappe.get_list("Sales Lead", order_by="name asc"),
	):
		with pytest.raises(frappe.PermissionError):
			call()


@pytest.mark.parametrize("doctype", ["Sales Activity", "Sales Memo"])
def test_a_conversion_can_be_undone_until_something_hangs_on_its_own_deal(sale, doctype):
	def about(deal):
		values = {"subject": "Call", "way": "Phone", "memo": "Pays late"}
		reference = {"reference_doctype": deal.doctype, "reference_name": deal.name}
		return frappe.get_doc({"doctype": doctype, **values, **reference}).insert().name

	deal, other = sale.opportunity(), sale.opportunity(title="Another one")
	about(other)
	qualification._refuse_if_built_on(deal)
	name = about(deal)
	with refused(LeadStateError, match=f"any more: .*{name}"):
		qualification._refuse_if_built_on(deal)


def test_the_mails_of_its_lead_stand_in_the_timeline_of_a_deal_the_latest_first_and_the_last_twenty(sale, as_user):
	as_user("rep")
	lead = sale.lead(customer=sale.world.customer, prospect_name=None)
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	about = {"reference_doctype": "Sales Lead", "reference_name": lead.name, "communication_type": "Communication"}
	for day in (3, 25, 1, *range(4, 24), 2):
		when = add_days(now_datetime(), -day)
		text = "<p>Please <b>call</b> &amp; tell</p>"
		row(
			"Communication",
			subject=f"Day {day}.",
			sender="ines@harbour.example",
			content=text,
			communication_date=when,
			**about,
		)
	cards = [card["content"] for card in lead_contact.timeline(deal.doctype, deal.name)]
	assert [int(re.search(r"Day (\d+)\.", card)[1]) for card in cards] == list(range(1, 21))
	assert all("ines@harbour.example" in card and lead.name in card and "Please call" in card for card in cards)


def test_a_person_who_is_on_the_deal_already_brings_what_is_new_about_them_and_nothing_twice(sale):
	deal = sale.opportunity(
		contacts=[
			{
				"contact_name": "Ines Marlow",
				"email_id": "ines@one.example",
				"phone": "+1 555 010 2030",
				"mobile_no": "+1 555 010 9999",
			}
		]
	)
	again = contacts.Person("Ines Marlow", "", "INES@one.example", "+1 (555) 010-9999", "+1 555-010-2030")
	contacts.add_to_deal(deal, [again], "Harbour Works")
	assert len(deal.contacts) == 1 and not deal.contacts[0].notes, "the same numbers in another form and place"
	moved = contacts.Person("Ines Marlow", "Buyer", "ines@two.example", "+1 555 010 2030", "+1 555 010 4444")
	for _twice in range(2):
		contacts.add_to_deal(deal, [moved], "Harbour Works")
	assert deal.contacts[0].notes.split("\n") == ["ines@two.example", "+1 555 010 4444"]
	assert (deal.contacts[0].designation, deal.contacts[0].email_id) == ("Buyer", "ines@one.example")


@pytest.mark.parametrize(("disabled", "told"), [(1, 1), (0, 0)])
def test_who_stores_a_lead_about_a_disabled_customer_hears_of_it_before_it_is_converted(
	sale, world, as_user, disabled, told
):
	as_user("Administrator")
	frappe.db.set_value("Customer", world.customer, "disabled", disabled)
	frappe.clear_document_cache("Customer", world.customer)
	as_user("rep")
	frappe.clear_messages()
	lead = sale.lead(customer=world.customer, prospect_name=None)
	said = lambda: [row for row in frappe.local.message_log if "which is disabled" in str(row)]  # noqa: E731
	assert len(said()) == told
	frappe.clear_messages()
	lead.follow_up_plan = "Call"
	lead.save()
	assert said() == [], "it was told"
