"""Who is who, with ERPNext's own Contacts, Addresses and Customers: found, asked about, joined, renamed, merged."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import link_titles
from crm_pipeline.erp import contacts, identity
from crm_pipeline.leads.qualification import LeadStateError
from crm_pipeline.parties import duplicates
from tests.site.rows import row
from tests.site.world import customer, refused


@pytest.fixture
def rep(as_user):
	return as_user("rep")


def lead(world, name=None, **values):
	return frappe.get_doc(
		{
			"doctype": "Sales Lead",
			"title": "Pumps",
			"prospect_name": name,
			"company": world.company,
			"items": [{"item_code": world.pump, "qty": 1, "rate": 100}],
			**values,
		}
	).insert()


def native(name, email=None, phone=None, **values):
	"""A Customer with a Contact, both as ERPNext's own forms make them."""
	made = customer(name, **values)
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Somebody"})
	contact.append("links", {"link_doctype": "Customer", "link_name": made})
	if email:
		contact.append("email_ids", {"email_id": email, "is_primary": 1})
	if phone:
		contact.append("phone_nos", {"phone": phone, "is_primary_phone": 1})
	contact.insert()
	return made


def people_at(doctype, party):
	"""{full name: (set of e-mails, set of numbers)} of a party's Contacts."""
	found = {}
	for name in contacts.linked_to("Contact", doctype, party):
		doc = frappe.get_doc("Contact", name)
		found[doc.full_name] = ({r.email_id for r in doc.email_ids}, {r.phone for r in doc.phone_nos})
	return found


# ---- found or asked about


@pytest.mark.parametrize(
	("known", "typed"),
	[
		(("Schreinerei Huber", "huber@t-online.de", None), ("Bäckerei Müller", "mueller@t-online.de", None)),
		(("Rao Textiles", "rao@rediffmail.com", None), ("Patel Pharma", "patel@rediffmail.com", None)),
		(("Boulangerie Petit", "petit@orange.fr", None), ("Garage Blanc", "blanc@orange.fr", None)),
	],
)
def test_firms_that_share_a_mail_provider_stay_apart(world, rep, known, typed):
	other = native(f"{known[0]} {world.tag}", known[1], known[2])
	doc = lead(world, f"{typed[0]} {world.tag}", email_id=typed[1], phone=typed[2])
	assert doc.prospect and doc.customer != other
	assert api.convert_lead(doc.name, assessment="Hot")
	assert frappe.db.get_value("Sales Lead", doc.name, "customer") != other


def test_the_one_that_a_person_chose_is_taken(world, rep):
	other = native(f"Physics Institute {world.tag}", f"p@uni-{world.tag}.example")
	doc = lead(world, f"Chemistry Institute {world.tag}", email_id=f"c@uni-{world.tag}.example", contact_name="Cy Lab")
	deal = api.convert_lead(doc.name, assessment="Hot", customer=other)
	assert frappe.db.get_value("Sales Opportunity", deal["name"], "customer") == other
	assert "Cy Lab" in people_at("Customer", other)


@pytest.mark.parametrize(
	"values",
	[
		{"email_id": "john2@smith.example"},
		{"phone": "+1 212 555 0199"},
		{"email_id": "js@gmail.com", "phone": "+1 212 555 0199"},
		{},
	],
)
def test_two_people_of_one_name_are_a_question(world, rep, values):
	known = native(f"John Smith {world.tag}", "john@smithson.example", "+1 212 555 0100", customer_type="Individual")
	doc = lead(world, f"John Smith {world.tag}", prospect_kind="Person", **values)
	assert (doc.customer, doc.prospect) == (None, None)
	assert doc.customer != known


@pytest.mark.parametrize(
	("one", "other"), [("AG", "GmbH"), ("Ltd", "LLC"), ("S.p.A.", "S.r.l."), ("A/S", "ApS"), ("株式会社", "有限会社")]
)
def test_another_legal_form_is_a_question(world, rep, one, other):
	native(f"Huber {world.tag} {one}")
	doc = lead(world, f"Huber {world.tag} {other}", email_id="x@y.example")
	assert (doc.customer, doc.prospect) == (None, None)


@pytest.mark.parametrize(
	("known", "typed"),
	[
		("Weiß {} GmbH", "WEISS {} GMBH"),
		("I.B.M. {}", "IBM {}"),
		("Kowalski {} Sp. z o.o.", "Kowalski {} spółka z o. o."),
		("Novák {} s.r.o.", "Novak {}, spol. s r.o."),
		("Ørsted {} A/S", "Orsted {} A/S"),
		("Merck {} KGaA", "Merck {}"),
		("株式会社トヨタ{}", "トヨタ{}(株)"),
		("ООО Ромашка {}", "Ромашка {} ООО"),
	],
)
def test_one_name_in_two_spellings_is_one_customer(world, rep, known, typed):
	other = customer(known.format(world.tag))
	assert lead(world, typed.format(world.tag)).customer == other


@pytest.mark.parametrize("typed", ["+49 30 1234567", "030 1234567", "+49 (0)30 1234567", "0049 30 123 45 67"])
def test_a_phone_is_found_however_it_is_written(world, rep, typed):
	other = native(f"Spree Works {world.tag} GmbH", phone="+49 (30) 123-4567")
	party = frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": f"Spree Works {world.tag}",
			"company": world.company,
			"country": "Germany",
			"phone": typed,
		}
	).insert()
	assert api.verify_prospect(party.name)["name"] == other


@pytest.mark.parametrize("longer", ["{} Holding", "New {}", "{}son"])
def test_a_name_that_contains_another_one_is_another_party(world, rep, longer):
	other = customer(f"Quay {world.tag}")
	doc = lead(world, longer.format(f"Quay {world.tag}"))
	assert doc.prospect and doc.customer is None
	assert api.find_customers(doc.prospect)["customers"] == []
	assert other != doc.customer


def test_customers_made_past_the_app_are_found_after_the_patch(world, rep):
	name = native(f"Old Works {world.tag}", f"a@old-{world.tag}.example", "+44 20 7946 0958")
	contact = contacts.linked_to("Contact", "Customer", name)[0]
	frappe.db.set_value("Customer", name, {"crm_match_name": None, "crm_match_tax_id": None})
	for child, columns in (
		("Contact Email", ("crm_match_email", "crm_match_domain")),
		("Contact Phone", ("crm_match_phone",)),
	):
		frappe.db.set_value(child, {"parent": contact}, dict.fromkeys(columns))
	assert (
		api.find_customers_of_lead(lead(world, f"New Works {world.tag}", phone="+44 20 7946 0958").name)["customers"]
		== []
	)
	frappe.get_attr("crm_pipeline.patches.v0_4.fill_match_keys.fill_missing_keys")()
	assert frappe.db.get_value("Customer", name, "crm_match_name") == identity.matching.search_name(
		f"Old Works {world.tag}"
	)
	assert lead(world, f"OLD WORKS {world.tag}", email_id=f"b@old-{world.tag}.example").customer == name
	assert frappe.db.get_value("Contact Phone", {"parent": contact}, "crm_match_phone") == "2079460958"


def test_the_number_of_a_new_customer_outlives_its_next_save(world, rep):
	party = frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": f"Lone Works {world.tag}",
			"company": world.company,
			"phone": "+44 20 7946 0002",
		}
	).insert()
	name = api.verify_prospect(party.name)["name"]
	doc = frappe.get_doc("Customer", name)
	assert doc.mobile_no == "+44 20 7946 0002"
	frappe.set_user("Administrator")
	doc.save()
	assert frappe.db.get_value("Customer", name, "mobile_no") == "+44 20 7946 0002"


# ---- who may see whom


@pytest.fixture
def team(world):
	"""Team visibility is on: the rep and the other rep see their own."""
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")


def test_a_notice_goes_to_managers_who_may_see_both(world, team, as_user):
	owner = as_user("other_rep")
	theirs = lead(world, f"Hidden Works {world.tag}", email_id=f"a@hidden-{world.tag}.example", sales_owner=owner)
	mine = as_user("rep")
	doc = lead(world, f"Hidden Works {world.tag}", email_id=f"b@hidden-{world.tag}.example", sales_owner=mine)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 0)
	frappe.set_user("Administrator")
	duplicates.send("Sales Lead", doc.name, [["Sales Prospect", theirs.prospect]], mine)
	rows = frappe.get_all(
		"Notification Log",
		filters={"document_type": "Sales Lead", "document_name": doc.name},
		fields=["for_user", "subject"],
		order_by="for_user asc",
	)
	assert "manager@crm-test.example" in {row.for_user for row in rows}
	assert mine not in {row.for_user for row in rows} and theirs.prospect in rows[0].subject


# ---- every reachable datum arrives


def test_mail_and_phone_without_a_name_reach_deal_and_customer(world, rep):
	doc = lead(
		world,
		customer=world.customer,
		email_id=f"x@{world.tag}.example",
		phone="+44 20 7946 0003",
		mobile_no="+44 7700 900124",
	)
	made = api.convert_lead(doc.name, assessment="Hot")
	[row] = frappe.get_doc(made["doctype"], made["name"]).contacts
	assert (row.email_id, row.phone, row.mobile_no) == (doc.email_id, doc.phone, doc.mobile_no)
	[(mails, numbers)] = people_at("Customer", world.customer).values()
	assert (mails, numbers) == ({doc.email_id}, {doc.phone, doc.mobile_no})


def test_a_second_lead_of_an_open_prospect_brings_its_person_along(world, sale, rep):
	first = sale.lead()
	second = sale.lead(
		title="More", contact_name="Otto Two", email_id=f"otto@harbour-{world.tag}.example", phone="+44 20 7946 0004"
	)
	assert second.prospect == first.prospect
	made = api.convert_lead(second.name, assessment="Hot")
	known = frappe.db.get_value(made["doctype"], made["name"], "customer")
	assert {"Ines Marlow", "Otto Two"} <= set(people_at("Customer", known))
	assert people_at("Customer", known)["Otto Two"] == ({second.email_id}, {second.phone})
	assert [row.contact_name for row in frappe.get_doc(made["doctype"], made["name"]).contacts] == ["Otto Two"]


def test_a_lead_that_joins_brings_each_person_once(world, sale, rep):
	deal = api.convert_lead(sale.lead().name, assessment="Hot")
	again = sale.lead(
		title="A fifth pump",
		contact_name="INES  Marlow",
		email_id=f"private@ines-{world.tag}.example",
		contacts=[
			{"contact_name": "Max Plant", "email_id": f"max@harbour-{world.tag}.example", "role": "Decision Maker"}
		],
	)
	api.convert_lead(again.name, opportunity=deal["name"], assessment="Warm")
	opportunity = frappe.get_doc("Sales Opportunity", deal["name"])
	assert [(row.contact_name, row.role or "") for row in opportunity.contacts] == [
		("Ines Marlow", ""),
		("Max Plant", "Decision Maker"),
	]
	assert again.email_id in (opportunity.contacts[0].notes or "")
	people = people_at("Customer", opportunity.customer)
	assert set(people) == {"Ines Marlow", "Max Plant"}
	assert people["Ines Marlow"][0] == {f"ines@harbour-{world.tag}.example", again.email_id}


def test_where_verification_waits_the_people_are_the_prospects(world, sale, rep):
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	doc = sale.lead()
	api.convert_lead(doc.name, assessment="Hot")
	assert "Ines Marlow" in people_at("Sales Prospect", doc.prospect)
	made = api.verify_prospect(doc.prospect)["name"]
	assert list(people_at("Customer", made)) == ["Ines Marlow"]


def test_typed_data_is_not_replaced_by_that_of_the_matched_customer(world, rep):
	known = native(f"Quay {world.tag}", f"a@quay-{world.tag}.example", "+44 20 7946 0001")
	doc = lead(
		world, f"Quay {world.tag}", email_id=f"b@quay-{world.tag}.example", phone="+44 20 7946 0077", contact_name="Bo"
	)
	doc.reload()
	assert (doc.customer, doc.email_id, doc.phone, doc.contact_name) == (
		known,
		f"b@quay-{world.tag}.example",
		"+44 20 7946 0077",
		"Bo",
	)
	api.convert_lead(doc.name, assessment="Hot")
	assert people_at("Customer", known)["Somebody"] == ({f"a@quay-{world.tag}.example"}, {"+44 20 7946 0001"})


def test_a_long_person_at_a_long_company_converts(world, sale, rep):
	doc = sale.lead(prospect_name=f"{world.tag} " + "Werk " * 20, contact_name="Maria " + "Lopez " * 20)
	deal = api.convert_lead(doc.name, assessment="Hot")
	assert frappe.get_doc("Sales Opportunity", deal["name"]).contacts[0].contact_name.startswith("Maria")


# ---- renamed and merged


def party_names(doctype, name):
	return frappe.db.get_value(doctype, name, ["party_name", "title"])


def test_a_customer_can_not_be_put_below_itself(world):
	top, bottom = customer(f"Top {world.tag}"), customer(f"Bottom {world.tag}")
	for child, parent in ((bottom, top), (top, bottom), (top, top)):
		doc = frappe.get_doc("Customer", child)
		doc.crm_parent_customer = parent
		if child == bottom:
			doc.save()
		else:
			with refused(match="above"):
				doc.save()


def test_a_prospect_that_is_called_otherwise_is_so_everywhere(world, sale, rep):
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	doc = sale.lead()
	deal = api.convert_lead(doc.name, assessment="Hot")
	party = frappe.get_doc("Sales Prospect", doc.prospect)
	party.prospect_name = f"Docks {world.tag}"
	party.save()
	assert (
		party_names("Sales Lead", doc.name)[0] == party_names(deal["doctype"], deal["name"])[0] == f"Docks {world.tag}"
	)


def test_merged_prospects_keep_what_both_know(world, sale, as_user):
	as_user("manager")
	one = sale.lead(email_id=None, phone=None)
	other = sale.lead(prospect_name=f"Docks {world.tag}", contact_name="Dora Dock", phone="+44 20 7946 0005")
	frappe.rename_doc("Sales Prospect", other.prospect, one.prospect, merge=True)
	kept = frappe.get_doc("Sales Prospect", one.prospect)
	assert (kept.email_id, kept.phone) == (other.email_id, other.phone)
	assert "Dora Dock" in {row.contact_name for row in kept.contacts}
	assert party_names("Sales Lead", other.name)[0] == kept.prospect_name
	assert frappe.db.get_value("Sales Lead", other.name, "prospect") == one.prospect


def test_merging_an_unverified_prospect_into_a_verified_one_and_back(world, sale, as_user):
	as_user("manager")
	one, other = sale.lead(), sale.lead(prospect_name=f"Docks {world.tag}", email_id="d@docks.example", phone=None)
	made = api.verify_prospect(other.prospect)["name"]
	frappe.rename_doc("Sales Prospect", other.prospect, one.prospect, merge=True)
	assert frappe.db.get_value("Sales Prospect", one.prospect, ["status", "customer"]) == ("Verified", made)
	assert frappe.db.get_value("Sales Lead", one.name, "customer") == made
	third = sale.lead(prospect_name=f"Third {world.tag}", email_id="d@third.example", phone=None)
	api.verify_prospect(third.prospect)
	with refused(match="Merge the customers first"):
		frappe.rename_doc("Sales Prospect", third.prospect, one.prospect, merge=True)


# ---- a conversion by mistake


def test_a_conversion_is_taken_back_and_done_again(world, sale, rep):
	doc = sale.lead()
	api.qualify_lead(doc.name)
	api.contact_lead(doc.name, frappe.utils.nowdate(), "Call")
	for target in ("Sales Opportunity", "Sales Project"):
		made = api.convert_lead(doc.name, target=target, assessment="Hot")
		api.undo_conversion(doc.name)
		assert not frappe.db.exists(made["doctype"], made["name"])
		assert frappe.db.get_value("Sales Lead", doc.name, ["status", "converted_on"]) == ("Contacted", None)
	assert api.convert_lead(doc.name, assessment="Hot")["name"]


def test_the_lead_of_a_deleted_deal_is_open_again(world, sale, as_user):
	as_user("rep")
	doc, second = sale.lead(), sale.lead(title="And a fifth")
	made = api.convert_lead(doc.name, assessment="Hot")
	api.convert_lead(second.name, opportunity=made["name"], assessment="Warm")
	as_user("manager")
	frappe.delete_doc(made["doctype"], made["name"])
	as_user("rep")
	for name in (doc.name, second.name):
		assert frappe.db.get_value("Sales Lead", name, ["status", "joined_opportunity"]) == ("Qualified", None)
		assert frappe.db.exists("Sales Opportunity", api.convert_lead(name, assessment="Hot")["name"])


def test_a_lead_leaves_the_deal_that_it_joined_by_mistake(world, sale, rep):
	made = api.convert_lead(sale.lead().name, assessment="Hot")
	second = sale.lead(title="And a fifth")
	api.convert_lead(second.name, opportunity=made["name"], assessment="Warm")
	api.undo_conversion(second.name)
	assert frappe.db.exists(made["doctype"], made["name"])
	assert frappe.db.get_value("Sales Lead", second.name, ["status", "joined_opportunity"]) == ("Qualified", None)


@pytest.mark.parametrize("what", ["quotation", "activity", "stage", "joined", "memo"])
def test_a_conversion_that_something_was_built_on_stays(world, sale, rep, what):
	doc = sale.lead()
	made = api.convert_lead(doc.name, assessment="Hot")
	about = {"reference_doctype": made["doctype"], "reference_name": made["name"]}
	if what == "quotation":
		api.make_quotation(made["doctype"], made["name"])
	elif what == "activity":
		frappe.get_doc(
			{
				"doctype": "Sales Activity",
				"subject": "Call",
				"way": "Phone",
				"status": "Done",
				"starts_on": frappe.utils.now(),
				**about,
			}
		).insert()
	elif what == "memo":
		frappe.get_doc({"doctype": "Sales Memo", "memo": "Pays late", **about}).insert()
	elif what == "stage":
		api.move_stage(
			made["doctype"],
			made["name"],
			frappe.db.get_value("Pipeline Stage", {"pipeline": "Standard Sales", "stage_key": "needs_analysis"}),
		)
	else:
		api.convert_lead(sale.lead(title="Fifth").name, opportunity=made["name"], assessment="Warm")
	with refused(LeadStateError, match="can't be undone"):
		api.undo_conversion(doc.name)
	assert frappe.db.get_value("Sales Lead", doc.name, "status") == "Converted"


def test_converted_is_a_state_of_the_conversion_only(world, sale, rep):
	doc = sale.lead(assessment="Hot")
	doc.status = "Converted"
	with refused(LeadStateError, match="conversion only"):
		doc.save()
	with refused(LeadStateError, match="conversion only"):
		sale.lead(title="B", status="Converted", assessment="Hot")
	doc.reload()
	with refused(LeadStateError):
		api.undo_conversion(doc.name)


@pytest.mark.parametrize(
	("doctype", "values", "kept"),
	[
		("Sales Opportunity", {"status": "Won", "closed_on": "2020-01-01"}, ("Open", None)),
		("Sales Prospect", {"status": "Verified"}, ("Unverified",)),
		("Sales Contract", {"status": "Fulfilled"}, ("Draft",)),
	],
)
def test_states_that_follow_from_what_happened_are_not_set_by_a_client(world, sale, rep, doctype, values, kept):
	name = {
		"Sales Opportunity": lambda: sale.opportunity().name,
		"Sales Prospect": lambda: sale.lead().prospect,
		"Sales Contract": lambda: sale.contract(submit=False).name,
	}[doctype]()
	frappe.client = frappe.get_attr("frappe.client")
	frappe.client.set_value(doctype, name, values)
	found = frappe.db.get_value(doctype, name, list(values))
	assert (found if isinstance(found, tuple) else (found,)) == kept


# ---- one party per document


def test_a_lead_joins_no_opportunity_of_another_party(world, sale, rep):
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	of_customer = sale.opportunity()
	of_prospect = api.convert_lead(sale.lead().name, assessment="Hot")["name"]
	other = lead(world, f"Somebody Else {world.tag}", email_id="s@else.example")
	for opportunity in (of_customer.name, of_prospect):
		with refused(match="is about"):
			api.convert_lead(other.name, opportunity=opportunity, assessment="Hot")
	known = lead(world, customer=customer(f"Third {world.tag}"), email_id="t@third.example")
	for opportunity in (of_customer.name, of_prospect):
		with refused(match="is about"):
			api.convert_lead(known.name, opportunity=opportunity, assessment="Hot")


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("doctype", ["Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract"])
def test_nothing_names_a_customer_other_than_its_prospects(world, sale, rep, doctype, verified):
	party = sale.lead().prospect
	if verified:
		api.verify_prospect(party)
	values = {
		"title": "X",
		"company": world.company,
		"prospect": party,
		"customer": world.customer,
		"items": sale.rows(),
		"email_id": "x@y.example",
	}
	with refused(match=party):
		frappe.get_doc({"doctype": doctype, **values}).insert()


def test_an_activity_of_the_lead_judges_its_deal_anew(world, sale, rep):
	doc = sale.lead()
	made = api.convert_lead(doc.name, assessment="Hot")
	frappe.db.set_value(made["doctype"], made["name"], {"next_step": None, "next_step_date": None})
	from crm_pipeline.analytics import stall_verdicts

	stall_verdicts.follow_deal(made["doctype"], made["name"])
	assert "no_next_step" in (frappe.db.get_value(made["doctype"], made["name"], "stalled_reasons") or "")
	frappe.get_doc(
		{
			"doctype": "Sales Activity",
			"subject": "Visit",
			"way": "Visit",
			"status": "Planned",
			"starts_on": frappe.utils.add_days(frappe.utils.now_datetime(), 3),
			"reference_doctype": "Sales Lead",
			"reference_name": doc.name,
		}
	).insert()
	assert "no_next_step" not in (frappe.db.get_value(made["doctype"], made["name"], "stalled_reasons") or "")


def test_an_address_of_a_known_domain_says_whose_it_may_be(world, sale, as_user):
	as_user("rep")
	lead = sale.lead(prospect_name=f"Deck {world.tag}", email_id=f"ann@deck-{world.tag}.example")
	found = [(row["doctype"], row["name"]) for row in api.find_person(f"bob@deck-{world.tag}.example")]
	assert ("Sales Prospect", lead.prospect) in found
	assert api.find_person("somebody@gmail.com") == []


# ---- whose default is a customer


def test_the_only_customer_of_a_user_is_not_whom_another_name_means(world, sale, as_user):
	user = as_user("rep")
	other = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Bakery {world.tag}", "company": world.company}
	).insert()
	frappe.set_user("Administrator")
	only = {"doctype": "User Permission", "user": user, "allow": "Customer", "for_value": world.customer}
	limit = frappe.get_doc(only).insert()
	frappe.clear_cache(user=user)
	known = frappe.db.get_value("Customer", world.customer, "customer_name")
	of = lambda doc: (doc.customer, doc.prospect)  # noqa: E731
	deal = {"doctype": "Sales Opportunity", "title": "Pumps", "company": world.company, "customer": world.customer}
	try:
		as_user("rep")
		typed = lead(world, f"Foundry {world.tag}", customer=world.customer)
		assert typed.customer is None and typed.prospect and typed.party_name == f"Foundry {world.tag}"
		assert of(lead(world, known.upper(), customer=world.customer)) == (world.customer, None)
		assert of(lead(world, None, customer=world.customer)) == (world.customer, None)
		assert of(lead(world, None, customer=world.customer, prospect=other.name)) == (None, other.name)
		assert of(frappe.get_doc({**deal, "party_name": f"Foundry {world.tag}"}).insert()) == (None, typed.prospect)
		assert of(frappe.get_doc({**deal, "prospect": other.name}).insert()) == (None, other.name)
		assert of(frappe.get_doc(deal).insert()) == (world.customer, None)
		frappe.set_user("Administrator")
		second = row("Customer", name=f"Second {world.tag}", customer_name="Second", docstatus=0)
		another = frappe.get_doc({**only, "for_value": second}).insert()
		frappe.clear_cache(user=user)
		as_user("rep")
		assert lead(world, f"Forge {world.tag}", customer=world.customer).customer == world.customer, "it was chosen"
		frappe.set_user("Administrator")
		another.delete()
		limit.delete()
		frappe.clear_cache(user=user)
		as_user("rep")
		assert lead(world, f"Mill {world.tag}", customer=world.customer).customer == world.customer
	finally:
		frappe.set_user("Administrator")
		frappe.clear_cache(user=user)


def test_a_question_calls_a_number_of_a_series_by_its_name(world, rep):
	known = frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": f"Quay {world.tag} Ltd",
			"company": world.company,
			"email_id": "a@quay.example",
		}
	).insert()
	lead(world, f"Quay {world.tag} GmbH", email_id="b@other.example")
	assert f"{known.name} (Quay {world.tag} Ltd)" in str(frappe.local.message_log)
	assert link_titles.named("Sales Prospect", [known.name, "nobody"]) == [
		f"{known.name} (Quay {world.tag} Ltd)",
		"nobody",
	]
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	frappe.db.set_value("Customer", world.customer, "customer_name", world.customer)
	assert link_titles.named("Customer", [world.customer]) == [world.customer]
	frappe.db.set_value("Customer", world.customer, "customer_name", f"{name} & Co")
	assert link_titles.named("Customer", [world.customer]) == [f"{world.customer} ({name} & Co)"]


def test_names_are_kept_in_one_line_without_tags_and_addresses(world, rep):
	doc = lead(world, f"  Quay\u00a0<b>Works</b>\n{world.tag} ", contact_name="Bob Smith <bob@quay.example>")
	assert doc.contact_name == "Bob Smith"
	assert frappe.db.get_value("Sales Prospect", doc.prospect, "prospect_name") == f"Quay Works {world.tag}"
	doc.append("contacts", {"contact_name": "\u202eEve\u202c <i>Roth</i>", "email_id": "eve@müller.example"})
	doc.save()
	assert [(row.contact_name, row.email_id) for row in doc.contacts] == [("Eve Roth", "eve@xn--mller-kva.example")]
