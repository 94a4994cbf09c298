# ruff: noqa: F811
"""Who is who, with ERPNext's own Contacts, Addresses and Customers: found, asked about, joined, renamed, merged."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.erp import contacts
from crm_pipeline.parties import duplicates
from crm_pipeline.parties.party import AmbiguousPartyError
from tests.site.portable.test_who_is_who import lead, native, party_names, people_at, rep, team  # noqa: F401
from tests.site.world import customer, history, refused


def address(party, line="1 Dock Road", **values):
	doc = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": party,
			"address_type": "Billing",
			"address_line1": line,
			"city": "London",
			"country": "United Kingdom",
			**values,
		}
	)
	doc.append("links", {"link_doctype": "Customer", "link_name": party})
	return doc.insert().name


@pytest.mark.parametrize(
	("mine", "theirs"),
	[
		({"email_id": "chem@uni-{}.example"}, {"email": "physics@uni-{}.example"}),
		({"phone": "+44 20 7946 0958"}, {"phone": "+44 (0)20 7946 0958"}),
		({"email_id": "office.{}@gmail.com"}, {"email": "office.{}@gmail.com"}),
	],
)
def test_a_shared_domain_mailbox_or_phone_alone_asks(world, rep, mine, theirs):
	fill = lambda values: {k: v.format(world.tag) for k, v in values.items()}  # noqa: E731
	other = native(f"Physics Institute {world.tag}", **fill(theirs))
	doc = lead(world, f"Chemistry Institute {world.tag}", **fill(mine))
	assert (doc.prospect, doc.customer) == (None, None)
	assert other in " ".join(str(m) for m in frappe.get_message_log())
	with refused(AmbiguousPartyError, match=other):
		api.convert_lead(doc.name, assessment="Hot")
	assert [row["name"] for row in api.find_customers_of_lead(doc.name)["customers"]] == [other]
	api.convert_lead(doc.name, assessment="Hot", create_new_customer=1)
	made = frappe.db.get_value("Sales Lead", doc.name, "customer")
	assert made and made != other


# ---- what joins a customer


def test_a_branch_with_an_address_of_its_own_takes_nothing_from_the_customer(world, rep):
	known = native(f"Quay {world.tag}", f"a@quay-{world.tag}.example", "+44 20 7946 0001")
	old = address(known)
	party = frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": f"Quay {world.tag}",
			"company": world.company,
			"contact_name": "Bea Branch",
			"email_id": f"b@quay-{world.tag}.example",
			"address_line1": "9 Branch Street",
			"city": "Leeds",
			"country": "United Kingdom",
		}
	).insert()
	own = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": "Store",
			"address_type": "Shipping",
			"address_line1": "10 Branch Street",
			"city": "Leeds",
			"country": "United Kingdom",
			"is_primary_address": 1,
			"is_shipping_address": 1,
			"links": [{"link_doctype": "Sales Prospect", "link_name": party.name}],
		}
	).insert()
	assert api.verify_prospect(party.name)["name"] == known
	from frappe.contacts.doctype.address.address import get_default_address
	from frappe.contacts.doctype.contact.contact import get_default_contact

	assert get_default_address("Customer", known) == old
	assert frappe.db.get_value("Contact", get_default_contact("Customer", known), "first_name") == "Somebody"
	assert frappe.db.get_value("Address", own.name, ["is_primary_address", "is_shipping_address"]) == (0, 0)
	lines = {
		frappe.db.get_value("Address", a, "address_line1") for a in contacts.linked_to("Address", "Customer", known)
	}
	assert lines == {"1 Dock Road", "9 Branch Street", "10 Branch Street"}
	assert people_at("Customer", known)["Bea Branch"][0] == {f"b@quay-{world.tag}.example"}


def test_an_address_and_a_contact_that_are_there_are_not_stored_twice(world, rep):
	known = native(f"Quay {world.tag}", f"a@quay-{world.tag}.example", "+44 20 7946 0001")
	address(known, "1 Dock Road", pincode="EC1 2AB")
	party = frappe.get_doc(
		{
			"doctype": "Sales Prospect",
			"prospect_name": f"QUAY {world.tag} Ltd",
			"company": world.company,
			"email_id": f"A@quay-{world.tag}.example",
			"phone": "020 7946 0001",
			"mobile_no": "+44 7700 900123",
			"address_line1": "1, Dock road",
			"city": "LONDON",
			"country": "United Kingdom",
		}
	).insert()
	assert api.verify_prospect(party.name)["name"] == known
	assert len(contacts.linked_to("Address", "Customer", known)) == 1
	assert people_at("Customer", known) == {
		"Somebody": ({f"a@quay-{world.tag}.example"}, {"+44 20 7946 0001", "+44 7700 900123"})
	}


@pytest.mark.parametrize(
	("name", "email"),
	[("Hidden Works {}", "b"), ("Another Name {}", "b"), ("Another Name {}", "A"), ("Hidden Works {}", None)],
)
def test_a_hidden_prospect_is_neither_told_nor_linked_and_a_manager_learns_of_it(
	world, team, as_user, monkeypatch, name, email
):
	told = []
	monkeypatch.setattr(duplicates, "notify", lambda doc, hidden: told.append((doc.doctype, doc.name, hidden)))
	owner = as_user("other_rep")
	theirs = lead(world, f"Hidden Works {world.tag}", email_id=f"a@hidden-{world.tag}.example", sales_owner=owner)
	frappe.clear_messages()
	mine = as_user("rep")
	mail = email and f"{email}@hidden-{world.tag}.example"
	doc = lead(world, name.format(world.tag), email_id=mail, phone="+44 20 7946 0010", sales_owner=mine)
	assert doc.prospect and doc.prospect != theirs.prospect
	assert not frappe.get_message_log()
	frappe.get_doc("Sales Lead", doc.name).check_permission("write")
	assert api.convert_lead(doc.name, assessment="Hot")
	assert ("Sales Lead", doc.name, [("Sales Prospect", theirs.prospect)]) in told


def test_a_user_permission_keeps_the_own_lead_readable(world, as_user):
	hidden = native(f"Their Customer {world.tag}", f"a@their-{world.tag}.example")
	# Of one alone the framework would make the default of every new document.
	for allowed in (world.customer, customer(f"Second {world.tag}")):
		frappe.get_doc(
			{"doctype": "User Permission", "user": "rep@crm-test.example", "allow": "Customer", "for_value": allowed}
		).insert()
	frappe.clear_cache(user="rep@crm-test.example")
	try:
		as_user("rep")
		doc = lead(world, f"Their Customer {world.tag}", email_id=f"b@their-{world.tag}.example")
		assert doc.customer is None and doc.prospect
		assert hidden not in str(frappe.get_message_log())
		frappe.get_doc("Sales Lead", doc.name).check_permission("read")
		assert doc.name in frappe.get_list("Sales Lead", pluck="name", order_by="name asc")
		assert api.find_customers(doc.prospect)["customers"] == []
	finally:
		frappe.set_user("Administrator")
		frappe.clear_cache(user="rep@crm-test.example")


# ---- lengths


@pytest.mark.parametrize("length", [72, 100, 139])
@pytest.mark.parametrize("kind", ["Organisation", "Person"])
def test_long_names_convert(world, sale, rep, length, kind):
	name = (f"Verein {world.tag} " * 20)[:length].strip().ljust(length, "x")
	doc = sale.lead(prospect_name=name, prospect_kind=kind, contact_name=None, email_id=f"l@{world.tag}.example")
	frappe.db.set_value(
		"Sales Prospect", doc.prospect, {"address_line1": "1 Road", "city": "Leeds", "country": "United Kingdom"}
	)
	deal = api.convert_lead(doc.name, assessment="Hot")
	api.make_quotation("Sales Opportunity", deal["name"])
	contract = frappe.get_doc("Sales Contract", api.make_contract("Sales Opportunity", deal["name"])["name"])
	assert contract.party_name == name
	assert people_at("Customer", contract.customer)


def test_a_customer_that_is_called_otherwise_is_so_everywhere(world, sale, rep):
	doc = sale.lead()
	deal = api.convert_lead(doc.name, assessment="Hot")
	contract = api.make_contract("Sales Opportunity", deal["name"])
	request = api.make_order_request(
		"Sales Contract", sale.contract(customer=frappe.db.get_value("Sales Lead", doc.name, "customer")).name
	)
	frappe.set_user("Administrator")
	old = frappe.db.get_value("Sales Lead", doc.name, "customer")
	native_doc = frappe.get_doc("Customer", old)
	native_doc.customer_name = f"Harbour Group {world.tag}"
	native_doc.save()
	for doctype, name in (
		("Sales Lead", doc.name),
		(deal["doctype"], deal["name"]),
		(contract["doctype"], contract["name"]),
		(request["doctype"], request["name"]),
	):
		assert party_names(doctype, name)[0] == f"Harbour Group {world.tag}", doctype
	assert frappe.db.get_value("Sales Contract", contract["name"], "customer_name") == f"Harbour Group {world.tag}"
	frappe.rename_doc("Customer", old, f"HG {world.tag}", force=True)
	assert ("Conversion", doc.party_name, f"Customer HG {world.tag}") in history("Sales Prospect", doc.prospect)
	frappe.set_user("rep@crm-test.example")
	assert (
		lead(world, f"Harbour Group {world.tag}").customer == f"HG {world.tag}"
		or frappe.db.get_value("Customer", f"HG {world.tag}", "customer_name") == f"HG {world.tag}"
	)


def test_of_two_merged_customers_none_is_its_own_parent(world, sale, rep):
	frappe.set_user("Administrator")
	one, other = customer(f"One {world.tag}"), customer(f"Other {world.tag}")
	below = customer(f"Below {world.tag}", crm_parent_customer=other)
	frappe.db.set_value("Customer", one, "crm_parent_customer", other)
	deal = sale.opportunity(customer=other)
	frappe.rename_doc("Customer", other, one, merge=True, force=True)
	assert not frappe.db.get_value("Customer", one, "crm_parent_customer")
	assert frappe.db.get_value("Customer", below, "crm_parent_customer") == one
	assert party_names("Sales Opportunity", deal.name)[0] == frappe.db.get_value("Customer", one, "customer_name")


def test_a_merge_closes_no_circle_of_parents(world):
	top, middle, bottom = (customer(f"{name} {world.tag}") for name in ("Top", "Middle", "Bottom"))
	frappe.db.set_value("Customer", middle, "crm_parent_customer", top)
	frappe.db.set_value("Customer", bottom, "crm_parent_customer", middle)
	frappe.rename_doc("Customer", top, bottom, merge=True, force=True)
	assert frappe.db.get_value("Customer", middle, "crm_parent_customer") == bottom
	assert not frappe.db.get_value("Customer", bottom, "crm_parent_customer")


# ---- what was said on the lead counts on its deal


def test_what_happened_on_the_lead_counts_on_the_deal(world, sale, rep):
	from crm_pipeline.analytics import deal_facts, lead_contact, stalled_rules
	from crm_pipeline.deals import stage_gates

	doc = sale.lead()
	made = api.convert_lead(doc.name, assessment="Hot")
	joined = sale.lead(title="Fifth")
	api.convert_lead(joined.name, opportunity=made["name"], assessment="Hot")
	project = api.opportunity_to_project(made["name"])
	frappe.db.set_value(made["doctype"], made["name"], "opened_on", frappe.utils.add_days(frappe.utils.nowdate(), -40))

	def facts(of):
		return deal_facts.gather(of["doctype"], [of["name"]], stalled_rules.rules(), frappe.utils.now_datetime()).get(
			of["name"]
		)

	activity = {"doctype": "Sales Activity", "subject": "Visit", "way": "Visit", "reference_doctype": "Sales Lead"}
	frappe.get_doc(
		{
			**activity,
			"reference_name": joined.name,
			"status": "Planned",
			"starts_on": frappe.utils.add_days(frappe.utils.now_datetime(), 3),
		}
	).insert()
	done = {
		"status": "Done",
		"direction": "Inbound",
		"starts_on": frappe.utils.add_days(frappe.utils.now_datetime(), -2),
	}
	frappe.get_doc({**activity, "reference_name": doc.name, **done}).insert()
	deal, run = frappe.get_doc(made["doctype"], made["name"]), frappe.get_doc(project["doctype"], project["name"])
	assert stage_gates._idle_days(deal) == stage_gates._idle_days(run) == 2
	found = facts(project)
	assert (found.silent_days, found.has_next_step) == (2, True)
	frappe.set_user("Administrator")
	frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"communication_medium": "Email",
			"sent_or_received": "Received",
			"subject": "<b>Drawing</b>",
			"content": "<p>The <script>x</script>drawing</p>",
			"sender": "ines@example.com",
			"communication_date": frappe.utils.add_days(frappe.utils.now_datetime(), -1),
			"reference_doctype": "Sales Lead",
			"reference_name": doc.name,
		}
	).insert(ignore_permissions=True)
	assert facts(project).silent_days == 1
	frappe.set_user("rep@crm-test.example")
	for of in (made, project):
		[card] = lead_contact.timeline(of["doctype"], of["name"])
		assert "drawing" in card["content"] and "<b>Drawing" not in card["content"] and "<script" not in card["content"]
	from frappe.desk.form.load import get_additional_timeline_content

	assert len(get_additional_timeline_content("Sales Opportunity", made["name"])) == 1


# ---- called otherwise, merged by ERPNext


def test_people_and_users_that_are_called_otherwise_are_so_everywhere(world, sale):
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Quirin"}).insert()
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"nar.{world.tag}@example.com",
			"first_name": "Nar",
			"send_welcome_email": 0,
			"roles": [{"role": "Sales User"}],
		}
	).insert()
	deal = sale.opportunity()
	activity = frappe.get_doc(
		{
			"doctype": "Sales Activity",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
			"subject": "Visit",
			"activity_type": "Visit",
			"planned_on": "2099-12-01",
			"people": [{"contact": contact.name}, {"colleague": user.name}],
		}
	).insert()
	contact.reload()
	contact.first_name = "Quírin"
	contact.save()
	user.reload()
	user.first_name = "Nora"
	user.save()
	activity.reload()
	assert [row.contact_name or row.colleague_name for row in activity.people] == ["Quírin", "Nora"]


def test_two_contacts_that_erpnext_merged_stand_once_on_a_deal(world, sale):
	gone, kept = (
		frappe.get_doc({"doctype": "Contact", "first_name": name, "links": [customer_link(world)]}).insert()
		for name in ("Tilda Q", "Tilda Quast")
	)
	rows = [
		{"contact": gone.name, "role": "Decision Maker", "phone": "+44 20 7946 0199"},
		{"contact": kept.name, "email_id": "tilda@quay.example"},
		{"contact": kept.name, "role": "User"},
	]
	deal = sale.opportunity(contacts=rows)
	frappe.rename_doc("Contact", gone.name, kept.name, merge=True)
	deal.reload()
	assert [(row.contact, row.contact_name, row.role) for row in deal.contacts] == [
		(kept.name, "Tilda Quast", "Decision Maker"),
		(kept.name, "Tilda Quast", "User"),
	]
	assert (deal.contacts[0].phone, deal.contacts[0].email_id) == ("+44 20 7946 0199", "tilda@quay.example")
	deal.save()


def customer_link(world) -> dict:
	return {"link_doctype": "Customer", "link_name": world.customer}


# ---- what arrives with a conversion


def test_cards_files_and_tags_of_lead_and_prospect_are_the_customers(world, rep):
	doc = lead(world, f"Carry {world.tag}", contact_name="Ines Marlow", email_id=f"ines@carry-{world.tag}.example")
	party = frappe.get_doc("Sales Prospect", doc.prospect)
	party.add_tag("Pumps")
	frappe.get_doc(
		{
			"doctype": "File",
			"file_name": "plan.txt",
			"content": "x",
			"attached_to_doctype": party.doctype,
			"attached_to_name": party.name,
		}
	).insert(ignore_permissions=True)
	for place, marked in (("1 First", 0), ("2 Main", 1)):
		frappe.get_doc(
			{
				"doctype": "Address",
				"address_title": place,
				"address_line1": place,
				"city": "London",
				"country": "United Kingdom",
				"is_primary_address": marked,
				"links": [{"link_doctype": party.doctype, "link_name": party.name}],
			}
		).insert()
	card = frappe.get_doc(
		{"doctype": "Contact", "first_name": "Lea", "links": [{"link_doctype": doc.doctype, "link_name": doc.name}]}
	).insert()
	deal = api.convert_lead(doc.name, assessment="Hot")
	made = frappe.get_doc("Customer", frappe.db.get_value(deal["doctype"], deal["name"], "customer"))
	assert set(people_at("Customer", made.name)) == {"Ines Marlow", "Lea"}
	assert made.customer_primary_address.startswith("2 Main") and "2 Main" in made.primary_address
	assert made.customer_primary_contact != card.name
	# The framework's own get_tags() passes over the first one on 16.
	assert frappe.db.get_value("Customer", made.name, "_user_tags").strip(",") == "Pumps"
	files = {"attached_to_doctype": "Customer", "attached_to_name": made.name}
	assert frappe.get_all("File", filters=files, pluck="file_name") == ["plan.txt"]


def test_cards_of_a_lead_are_its_prospects_where_verification_waits(world, rep):
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	doc = lead(world, f"Later {world.tag}", email_id=f"ines@later-{world.tag}.example")
	card = frappe.get_doc(
		{"doctype": "Contact", "first_name": "Lea", "links": [{"link_doctype": doc.doctype, "link_name": doc.name}]}
	).insert()
	api.convert_lead(doc.name, assessment="Hot")
	assert frappe.get_doc("Contact", card.name).has_link("Sales Prospect", doc.prospect)
	name = api.verify_prospect(doc.prospect)["name"]
	assert frappe.get_doc("Contact", card.name).has_link("Customer", name)


def test_what_the_framework_takes_by_default_is_nobodys_choice(world, as_user):
	user = as_user("rep")
	frappe.set_user("Administrator")
	only = {"doctype": "User Permission", "user": user, "allow": "Customer", "for_value": world.customer}
	frappe.get_doc(only).insert()
	frappe.clear_cache(user=user)
	try:
		as_user("rep")
		doc = lead(world, f"Foundry {world.tag}", email_id=f"a@foundry-{world.tag}.example")
		assert doc.customer is None and doc.prospect
		assert frappe.db.get_value("Sales Prospect", doc.prospect, "customer") is None
		frappe.get_doc("Sales Lead", doc.name).check_permission("read")
	finally:
		frappe.set_user("Administrator")
		frappe.clear_cache(user=user)


def test_a_post_at_two_customers_that_became_one_is_one(world):
	gone, kept = (native(f"{name} {world.tag}") for name in ("Gone", "Kept"))
	person = contacts.linked_to("Contact", "Customer", gone)[0]
	for party, since in ((gone, "2026-01-01"), (kept, "2026-03-01")):
		post = {"doctype": "Contact Position", "contact": person, "customer": party, "from_date": since}
		frappe.get_doc(post).insert()
	frappe.rename_doc("Customer", gone, kept, merge=True)
	fields = ["customer", "customer_name", "from_date"]
	(left,) = frappe.get_all("Contact Position", filters={"contact": person}, fields=["name", *fields])
	assert [str(left[field]) for field in fields] == [kept, f"Kept {world.tag}", "2026-01-01"]
	frappe.get_doc("Contact Position", left.name).save()


def test_the_user_of_a_sales_person_that_was_merged_keeps_a_place(world, as_user):
	user = as_user("rep")
	frappe.set_user("Administrator")
	frappe.db.set_value("Sales Person", {"crm_user": user}, "crm_user", None)
	made = [
		frappe.get_doc(
			{
				"doctype": "Sales Person",
				"sales_person_name": f"{name} {world.tag}",
				"parent_sales_person": "Sales Team",
				"crm_user": of,
			}
		).insert()
		for name, of in (("Gone", user), ("Kept", None), ("Other", "Administrator"))
	]
	gone, kept, other = (doc.name for doc in made)
	frappe.rename_doc("Sales Person", gone, kept, merge=True)
	assert frappe.db.get_value("Sales Person", kept, "crm_user") == user
	frappe.rename_doc("Sales Person", kept, other, merge=True)
	assert frappe.db.get_value("Sales Person", other, "crm_user") == "Administrator"


def test_people_that_a_lead_names_twice_are_one_row_and_one_contact(world, rep):
	mail = f"rows-{world.tag}.example"
	rows = [
		{"contact_name": "EVA ROTH", "email_id": f"eva@{mail}"},
		{"email_id": f"eva+2@{mail}"},
		{"contact_name": "Max", "phone": "+44 20 7946 0222"},
		{"phone": "020 7946 0222"},
	]
	doc = lead(world, f"Rows {world.tag}", contact_name="Eva Roth", email_id=f"Eva@{mail}", contacts=rows)
	deal = api.convert_lead(doc.name, assessment="Hot")
	found = frappe.get_doc(deal["doctype"], deal["name"])
	assert [row.contact_name for row in found.contacts] == ["EVA ROTH", "Max"]
	assert len({row.contact for row in found.contacts}) == len(people_at("Customer", found.customer)) == 2
