"""Keys, stamps and sums that a client sends are not believed; what is found is about the same sale; reading is not writing."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.chain import system_fields
from crm_pipeline.orders import agreement
from crm_pipeline.orders.hand_off import HandOffError
from tests.site.conftest import USERS
from tests.site.portable.test_customer_warnings import invoice
from tests.site.portable.test_visibility import set_apart
from tests.site.world import customer, refused

# A value that no document has, by type of field.
PLANTED = {
	"Currency": 999, "Float": 999, "Int": 999, "Check": 1, "Percent": 99, "Datetime": "2001-02-03 04:05:06", "Date": "2001-02-03",
}  # fmt: skip


def planted(doctype: str) -> dict:
	"""A value for each system field of a DocType that takes any."""
	meta = frappe.get_meta(doctype)
	fields = [meta.get_field(field) for field in system_fields.SYSTEM_FIELDS[doctype]]
	return {
		df.fieldname: "Administrator" if df.options == "User" else PLANTED.get(df.fieldtype, "planted")
		for df in fields
		if not (
			df.fieldtype in ("Select", "Dynamic Link", "Table") or (df.fieldtype == "Link" and df.options != "User")
		)
	}


def document(sale, doctype: str):
	"""An unsaved document of a type with what it needs."""
	world = sale.world
	values = {"title": "Planted", "customer": world.customer, "company": world.company, "items": sale.rows()}
	if doctype == "Sales Campaign":
		values = {"title": "Planted", "company": world.company}
	if doctype == "Sales Prospect":
		values = {"prospect_name": f"Planted {world.tag}", "company": world.company}
	if doctype in MASTERS:
		values = {MASTERS[doctype]: f"Planted {world.tag}"}
	if doctype in ("Sales Activity", "Sales Memo", "Sales Help Request", "Cost Estimate"):
		deal = sale.opportunity()
		values = {"reference_doctype": deal.doctype, "reference_name": deal.name}
		values |= {
			"Sales Activity": {"subject": "Call", "way": "Phone"},
			"Sales Memo": {"subject": "Note", "memo": "Note"},
			"Sales Help Request": {"wanted": "Price", "question": "May I?"},
		}.get(doctype, {})
	if doctype == "Customer Case":
		values |= {"subject": "Planted", "severity": "Normal"}
	if doctype == "Customer Discussion":
		values |= {"text": "Planted"}
	if doctype == "Relation Type":
		values |= {"inverse_label": "Planted Too", "applies_to": "Customer"}
	if doctype == "Sales Handover":
		values = {"from_user": USERS["rep"][0], "receivers": [{"user": USERS["other_rep"][0]}]}
	if doctype == "Lead Assignment Rule":
		values = {"title": f"Planted {world.tag}", "method": "Rotation", "members": [{"user": USERS["rep"][0]}]}
	if doctype == "Sales Import":
		values = {"document_type": "Sales Lead", "company": world.company, "duplicates": "Skip", "file": names_file()}
	if doctype == "Lead Score Model":
		return frappe.get_doc(doctype)
	if doctype == "Promise to Pay":
		frappe.db.set_value("Customer", world.customer, "account_manager", frappe.session.user)
		values = {"sales_invoice": owed(sale), "promised_on": add_days(nowdate(), 5), "amount": 100}
	return frappe.get_doc({"doctype": doctype, **values})


def names_file() -> str:
	file = frappe.get_doc(
		{"doctype": "File", "file_name": "names.csv", "content": "Firm,Person\nPump Works,Ada\n", "is_private": 1}
	)
	return file.insert().file_url


def owed(sale) -> str:
	"""An invoice of which something is owed, made by somebody who may."""
	user = frappe.session.user
	frappe.set_user("Administrator")
	doc = invoice(sale, 3)
	frappe.set_user(user)
	return doc.name


# Records that managers make -> what names one.
MASTERS = {"Sales Channel": "channel_name", "Sales Activity Type": "activity_type", "Relation Type": "relation_type"}
BY_MANAGERS = {*MASTERS, "Sales Handover", "Lead Assignment Rule", "Lead Score Model"}
PARENTS = [d for d in system_fields.SYSTEM_FIELDS if not d.endswith((" Item", " Milestone", " Member"))]


@pytest.mark.parametrize("doctype", PARENTS)
def test_no_system_field_takes_what_a_client_sends(sale, as_user, doctype):
	as_user("manager" if doctype in BY_MANAGERS else "rep")
	sent = planted(doctype)
	fields = list(sent)
	doc = document(sale, doctype)
	doc.update(sent)
	doc.save()
	kept = stored(doc, fields)
	assert [field for field in fields if str(kept[field]) == str(sent[field]) and field != "asked_by"] == []
	doc.reload()
	doc.update(sent)
	doc.save()
	assert stored(doc, fields) == kept


def stored(doc, fields: list[str]) -> dict:
	if doc.meta.issingle:
		return {field: frappe.db.get_single_value(doc.doctype, field, cache=False) for field in fields}
	return frappe.db.get_value(doc.doctype, doc.name, fields, as_dict=True)


def test_a_project_takes_no_task_of_somebody_else(sale, as_user):
	as_user("rep")
	project = document(sale, "Sales Project")
	as_user("Administrator")
	task = frappe.get_doc({"doctype": "Task", "subject": "Somebody else's"}).insert()
	as_user("rep")
	project.append("milestones", {"milestone": "Design", "task": task.name})
	project.insert()
	assert project.milestones[0].task is None


# ---- keys


@pytest.mark.parametrize("target", ["Sales Opportunity", "Sales Project"])
def test_nobody_gets_the_conversion_of_somebody_elses_lead(sale, as_user, target):
	as_user("rep")
	lead = sale.lead()
	as_user("other_rep")
	trap = document(sale, target)
	trap.conversion_key = f"Sales Lead:{lead.name}"
	trap.insert()
	assert not trap.conversion_key
	# As before 0.4, or from a restored backup.
	trap.db_set("conversion_key", f"Sales Lead:{lead.name}")
	as_user("rep")
	made = api.convert_lead(lead.name, target=target, assessment="Hot")
	assert made["name"] != trap.name
	assert frappe.db.get_value(target, trap.name, "conversion_key") is None
	assert api.convert_lead(lead.name, target=target) == made


@pytest.mark.parametrize("doctype", ["Sales Opportunity", "Quotation"])
def test_a_planted_key_takes_no_contract(sale, as_user, doctype):
	as_user("rep")
	source = sale.opportunity() if doctype == "Sales Opportunity" else sale.quotation()
	trap = sale.contract(
		submit=False, conversion_key=f"{doctype}:{source.name}", items=sale.rows((sale.world.filter, 900, 1))
	)
	assert not trap.conversion_key
	trap.db_set("conversion_key", f"{doctype}:{source.name}")
	made = api.make_contract(doctype, source.name)
	assert made["name"] != trap.name and api.make_contract(doctype, source.name) == made


def test_a_key_is_not_taken_by_changing_or_amending(sale, as_user):
	as_user("manager")
	deal = sale.opportunity()
	contract = sale.contract()
	frappe.client.set_value("Sales Contract", contract.name, "conversion_key", f"Sales Opportunity:{deal.name}")
	assert not frappe.db.get_value("Sales Contract", contract.name, "conversion_key")
	amended = sale.amend(sale.cancel(contract), submit=False, conversion_key=f"Sales Opportunity:{deal.name}")
	assert not amended.conversion_key


# ---- orders


def by_hand(sale, request, **values):
	return frappe.get_doc(
		{
			"doctype": "Sales Order",
			"customer": request.customer,
			"company": request.company,
			"delivery_date": frappe.utils.add_days(frappe.utils.nowdate(), 5),
			"items": [{"item_code": sale.world.filter, "qty": 900, "rate": 1}],
			**values,
		}
	)


def test_an_order_of_a_request_is_made_by_accepting_it(sale, as_user):
	as_user("rep")
	request = sale.request(sale.contract())
	with refused(HandOffError, "accepting"):
		by_hand(sale, request, crm_source_type=request.doctype, crm_source_name=request.name).insert()
	draft = by_hand(sale, request, crm_request_key=request.name).insert()
	assert not draft.crm_request_key
	draft.update({"crm_source_type": request.doctype, "crm_source_name": request.name, "crm_request_key": request.name})
	with refused(HandOffError, "accepting"):
		draft.save()


def test_a_planted_draft_is_not_the_order_of_a_request(sale, as_user):
	as_user("rep")
	request = sale.request(sale.contract())
	draft = by_hand(sale, request).insert()
	planted = {"crm_source_type": request.doctype, "crm_source_name": request.name, "crm_request_key": request.name}
	draft.db_set(dict(planted))
	as_user("desk")
	order = sale.accept(request)
	assert order.name != draft.name and order.net_total == request.amount
	assert frappe.db.get_value("Sales Order", draft.name, list(planted)) == (None, None, None)


def test_an_amended_order_with_other_items_is_not_accepted_unseen(sale, as_user):
	as_user("manager")
	request = sale.request(sale.contract())
	as_user("desk")
	order = sale.cancel(sale.accept(request))
	amended = sale.amend(order, submit=False)
	amended.items[0].qty = 1
	amended.payment_schedule = []
	amended.save()
	with refused(agreement.DisagreementError, amended.name):
		api.accept_request(request.name)


def test_a_row_of_an_order_answers_no_request_of_another(sale, as_user):
	as_user("rep")
	request = sale.request(sale.contract())
	rows = [{"item_code": sale.world.pump, "qty": 1, "rate": 1, "crm_request_item": request.items[0].name}]
	assert by_hand(sale, request, items=rows).insert().items[0].crm_request_item is None


def test_one_click_does_not_order_what_somebody_put_into_a_request(sale, world, as_user):
	as_user("manager")
	deal = sale.opportunity()
	source = {"source_type": deal.doctype, "source_name": deal.name}
	values = {"customer": world.customer, "company": world.company, "items": sale.rows((world.pump, 1000, 1))}
	frappe.get_doc({"doctype": "Sales Order Request", **source, **values}).insert()
	as_user("Administrator")
	with refused(agreement.DisagreementError, "something else"):
		api.order_now(deal.doctype, deal.name)


def test_a_row_uses_up_no_quotation_of_another_customer(sale, world, as_user):
	as_user("rep")
	quotation = sale.quotation()
	link = {"quotation": quotation.name, "quotation_item": quotation.items[0].name}
	rows = [{**sale.rows()[0], **link}]
	other = customer(f"Southwind {world.tag}")
	assert sale.contract(submit=False, customer=other, items=rows).items[0].quotation_item is None
	assert sale.contract(submit=False, items=rows).items[0].quotation_item == quotation.items[0].name


def test_an_amended_row_counts_against_its_own_origin(sale, as_user):
	as_user("manager")
	contract = sale.cancel(sale.contract())
	amended = sale.amend(contract, submit=False)
	first, second = (row.origin_item for row in contract.items)
	assert [row.origin_item for row in amended.items] == [first, second]
	amended.items[0].origin_item = amended.items[1].origin_item = second
	amended.save()
	assert [row.origin_item for row in amended.items] == [first, second]


# ---- reading is not writing


@pytest.fixture
def shared(sale, as_user):
	"""A deal of the other rep, whom nobody but its team sees, shared with the rep for reading."""
	as_user("other_rep")
	deal = sale.opportunity(next_step="Call", next_step_date="2030-01-01")
	set_apart()
	as_user("Administrator")
	frappe.share.add("Sales Opportunity", deal.name, USERS["rep"][0], read=1)
	as_user("rep")
	return deal


def test_who_may_read_a_deal_by_sharing_logs_an_activity_and_changes_no_next_step(shared):
	about = {"reference_doctype": shared.doctype, "reference_name": shared.name}
	values = {
		"subject": "Call",
		"way": "Phone",
		"status": "Done",
		"starts_on": "2026-01-02 10:00:00",
		"next_step": "Give up",
	}
	frappe.get_doc({"doctype": "Sales Activity", **about, **values}).insert()
	assert frappe.db.get_value(shared.doctype, shared.name, "next_step") == "Call"


@pytest.mark.parametrize("doctype", ["Sales Contract", "Sales Order Request", "Sales Project", "Quotation"])
def test_who_may_read_a_deal_by_sharing_wins_it_with_no_document(sale, world, shared, doctype):
	source = {"source_type": shared.doctype, "source_name": shared.name}
	if doctype == "Quotation":
		source = {f"crm_{field}": value for field, value in source.items()}
	doc = document(sale, doctype) if doctype != "Quotation" else None
	with refused(frappe.PermissionError):
		if doc:
			doc.update(source)
			doc.insert()
		else:
			sale.quotation(submit=False, **source)
	assert frappe.db.get_value(shared.doctype, shared.name, "status") == "Open"


# ---- what is not told


def test_hidden_and_missing_get_one_answer(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	set_apart()
	as_user("rep")
	said = []
	for name in (deal.name, "OPP-NONE"):
		with pytest.raises(frappe.PermissionError) as error:
			api.get_history("Sales Opportunity", name)
		said.append(str(error.value).replace(name, "?"))
	assert said[0] == said[1] and "?" in said[0]


def test_a_match_that_one_may_not_see_is_neither_named_nor_told(sale, world, as_user):
	as_user("Administrator")
	hidden = customer(f"Hidden Harbour {world.tag}")
	# Two of them: the only one would be filled in.
	for name in (customer(f"Seen {world.tag}"), world.customer):
		permission = {"user": USERS["rep"][0], "allow": "Customer", "for_value": name}
		frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	as_user("rep")
	lead = sale.lead(prospect_name=f"Hidden Harbour {world.tag}")
	assert lead.prospect and not lead.customer
	told = api.find_customers(lead.prospect)
	assert (told["rule"], told["customers"]) == ("", [])
	with refused(frappe.PermissionError):
		api.verify_prospect(lead.prospect)
	assert frappe.db.get_value("Sales Prospect", lead.prospect, "customer") != hidden


def test_a_project_of_a_campaign_is_named_to_who_may_see_it(sale, as_user):
	as_user("other_rep")
	campaign = frappe.get_doc({"doctype": "Sales Campaign", "title": "Fair", "company": sale.world.company}).insert()
	project = api.campaign_to_project(campaign.name)["name"]
	set_apart()
	as_user("rep")
	with pytest.raises(frappe.PermissionError) as error:
		api.campaign_to_project(campaign.name)
	assert project not in str(error.value)


def test_a_title_is_told_to_who_may_read_the_document(sale, as_user):
	from frappe.desk.search import get_link_title

	as_user("other_rep")
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": "Secret fair", "company": sale.world.company}
	).insert()
	mine = sale.opportunity(title="Secret pumps", campaign=campaign.name)
	set_apart()
	as_user("rep")
	assert get_link_title("Sales Opportunity", mine.name) == mine.name
	activity = frappe.get_doc(
		{"doctype": "Sales Activity", "reference_doctype": mine.doctype, "reference_name": mine.name}
	)
	activity.run_method("onload")
	assert activity.get_onload("link_titles") == {}
	as_user("other_rep")
	activity.run_method("onload")
	assert activity.get_onload("link_titles") == {f"Sales Opportunity::{mine.name}": "Secret pumps"}


def test_who_may_not_change_a_customer_adds_nobody_to_it(sale, world, as_user):
	"""A verification brings contacts and an address along: to an existing customer by who may change that."""
	as_user("rep")
	prospect = frappe.get_doc("Sales Prospect", sale.lead(prospect_name=f"Reader's {world.tag}").prospect)
	prospect.update({"address_line1": "Pier 7", "city": "Hull", "country": "United Kingdom"})
	prospect.save()
	as_user("Administrator")
	frappe.get_doc(
		{
			"doctype": "Contact",
			"first_name": "Old",
			"links": [{"link_doctype": "Customer", "link_name": world.customer}],
		}
	).insert()
	stored = people_of(world.customer)
	reader = frappe.get_doc("User", USERS["stranger"][0])
	# Natively a Sales Manager reads customers and changes none.
	reader.add_roles("Sales Manager")
	as_user("stranger")
	api.verify_prospect(prospect.name, customer=world.customer)
	assert frappe.db.get_value("Sales Prospect", prospect.name, "customer") == world.customer
	assert people_of(world.customer) == stored
	assert "no right to change Customer" in frappe.as_json(frappe.get_message_log())


def people_of(customer: str) -> list:
	links = frappe.get_all(
		"Dynamic Link",
		{"link_doctype": "Customer", "link_name": customer},
		["parenttype", "parent"],
		order_by="name asc",
	)
	return [(row.parent, frappe.db.get_value("Contact", row.parent, "is_primary_contact")) for row in links]


def test_a_pipeline_takes_the_default_from_one_that_its_writer_may_change(site, as_user):
	default, company = frappe.db.get_value(
		"Sales Pipeline", {"applies_to": "Sales Opportunity", "is_default": 1}, ["name", "company"]
	)
	values = {"doctype": "Sales Pipeline", "applies_to": "Sales Opportunity", "company": company}
	own = frappe.get_doc({**values, "pipeline_name": "Own pipeline"}).insert()
	own.db_set("company", company)
	permission = {"user": USERS["manager"][0], "allow": "Sales Pipeline", "for_value": own.name}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	as_user("manager")
	own.is_default = 1
	with refused(frappe.PermissionError):
		own.save()
	assert frappe.db.get_value("Sales Pipeline", default, "is_default") == 1


def test_who_may_read_a_deal_by_sharing_changes_deletes_and_passes_on_nothing_that_is_about_it(sale, world, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	made = [
		frappe.get_doc({"doctype": "Sales Memo", "subject": "Note", "memo": "Note", **about}).insert(),
		frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", "way": "Phone", **about}).insert(),
		frappe.get_doc("Cost Estimate", api.make_cost_estimate(deal.doctype, deal.name)["name"]),
		frappe.get_doc("Sales Help Request", api.ask_for_help(deal.doctype, deal.name, "Price", "May I?")["name"]),
	]
	set_apart()
	as_user("Administrator")
	frappe.share.add(deal.doctype, deal.name, USERS["rep"][0], read=1)
	as_user("rep")
	for doc in made:
		assert frappe.has_permission(doc.doctype, "read", doc=doc.name)
		with refused(frappe.PermissionError):
			frappe.get_doc(doc.doctype, doc.name).save()
		for right in ("write", "delete", "share"):
			assert not frappe.has_permission(doc.doctype, right, doc=doc.name), (doc.doctype, right)
	own = frappe.get_doc({"doctype": "Sales Memo", "subject": "Mine", "memo": "Mine", **about}).insert()
	own.memo = "Changed"
	own.save()
	as_user("Administrator")
	frappe.share.add(deal.doctype, deal.name, USERS["rep"][0], read=1, write=1)
	as_user("rep")
	assert all(frappe.has_permission(doc.doctype, "write", doc=doc.name) for doc in made)
