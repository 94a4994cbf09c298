"""People of documents and of the sales tree: who is who, what a row takes of its Contact, whose documents one sees, who manages."""

import frappe
import pytest

from crm_pipeline.chain import pending
from crm_pipeline.erp.contacts import Person
from crm_pipeline.parties import deal_people, duplicates, people
from crm_pipeline.parties.deal_people import Known
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

DEAL, PERSON = "Sales Opportunity", "Sales Person"
REP, OTHER, MANAGER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "stranger"))


# ---- the tree


@pytest.fixture
def tree(world):
	"""North (the manager) with Rep below, South beside them; who else had the users loses them."""
	frappe.db.set_value(PERSON, {"crm_user": ("in", (REP, OTHER, MANAGER))}, "crm_user", None)
	return rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)


def test_a_part_of_a_tree_is_a_node_with_all_below_it(tree):
	names = lambda root: [row.name for row in people.subtree(PERSON, root)]  # noqa: E731
	assert names(tree["North"]) == [tree["North"], tree["Rep"]] and names(tree["Rep"]) == [tree["Rep"]]
	assert names("Nobody") == []
	assert [(row.name, row.crm_user) for row in people.below(tree["North"])] == [
		(tree["North"], MANAGER), (tree["Rep"], REP),
	]  # fmt: skip


def test_the_place_of_a_user_is_an_enabled_one_and_no_group_where_there_are_several(world, tree):
	assert people.person_of(REP) == tree["Rep"] and people.person_of(None) is people.person_of("nobody@x") is None
	for key, values in (
		("Group", {"is_group": 1, "lft": 8001}), ("Late", {"is_group": 0, "lft": 9900}), ("Off", {"is_group": 0, "lft": 1, "enabled": 0}),
	):  # fmt: skip
		rows.row(PERSON, name=f"{key} {world.tag}", crm_user=REP, docstatus=0, rgt=9999, **{"enabled": 1, **values})
	frappe.db.set_value(PERSON, tree["Rep"], "is_group", 0)
	assert people.person_of(REP) == tree["Rep"]
	assert people.nodes_of(REP) == [f"Off {world.tag}", f"Group {world.tag}", tree["Rep"], f"Late {world.tag}"]


def test_what_team_visibility_leaves_a_user(world, tree):
	frappe.db.set_value(PERSON, tree["North"], {"is_group": 1})
	seen = people.part_of_tree
	assert seen("Administrator") is seen(USERS["finance"][0]) is seen(USERS["desk"][0]) is None
	assert (seen(REP).persons, seen(REP).users, seen(REP).gives) == ((tree["Rep"],), (REP,), False)
	manager = seen(MANAGER)
	assert (manager.persons, manager.users, manager.gives) == ((tree["North"], tree["Rep"]), tuple(sorted((MANAGER, REP))), True)  # fmt: skip
	assert (seen(STRANGER).persons, seen(STRANGER).users) == ((), (STRANGER,))
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 0)
	assert people.visibility_of(REP) is None
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	assert people.visibility_of(REP) == seen(REP)


def test_a_manager_beside_the_team_sees_the_team(world, tree):
	frappe.db.set_value(PERSON, tree["North"], {"is_group": 1, "crm_user": None})
	frappe.db.set_value(PERSON, tree["Rep"], {"crm_user": MANAGER, "parent_sales_person": tree["North"], "is_group": 0})
	assert people.part_of_tree(MANAGER).persons == (tree["North"], tree["Rep"])
	frappe.db.set_value(PERSON, tree["Rep"], "crm_user", REP)
	assert people.part_of_tree(REP).persons == (tree["Rep"],), "a rep sees no more for it"


def test_who_stands_in_for_somebody_sees_what_is_theirs(world, tree, monkeypatch):
	monkeypatch.setattr(people.absences, "covered_by", lambda user: [MANAGER] if user == OTHER else [])
	seen = people.part_of_tree(OTHER)
	assert (seen.persons, seen.users) == ((tree["South"], tree["North"]), tuple(sorted((OTHER, MANAGER))))


@pytest.mark.parametrize(
	("values", "words"),
	[
		({}, None),
		({"enabled": 0}, "is disabled or does not exist"),
		({"user_type": "Website User"}, "has no right to read"),
	],
)
def test_documents_are_given_to_enabled_users_of_desk_who_may_read_them(site, values, words):
	if values:
		frappe.db.set_value("User", REP, values)
	assert people.is_colleague(REP) is (words is None) and not people.is_colleague(None)
	if words:
		with refused(match=words):
			people.need_possible_owner(DEAL, REP)
	else:
		people.need_possible_owner(DEAL, REP)
		with refused(match="has no right to read Sales Opportunity"):
			people.need_possible_owner(DEAL, STRANGER)


# ---- who is who


def known(name: str, *addresses: tuple[str, str]) -> Known:
	return Known(name, tuple(Person("Ines Marlow", "", mail, phone, "") for mail, phone in addresses))


@pytest.mark.parametrize(
	("person", "sure"),
	[
		(("Ines Marlow", "INES@quay.example", "", ""), "C-1"), (("Ines Marlow", "", "030 777 1234", ""), "C-1"),
		(("Ines Marlow", "", "", "+49 30 7771234"), "C-1"), (("Ines Marlow", "", "", ""), None),
		(("Tom Baker", "ines@quay.example", "", ""), None), (("Ines Marlow", "office@quay.example", "", ""), None),
		(("", "ines@quay.example", "", ""), "C-1"),
	],
)  # fmt: skip
def test_a_person_is_a_contact_by_address_or_number_and_never_by_a_mailbox_of_many(person, sure):
	name, mail, phone, mobile = person
	asked = Person(name, "", mail, phone, mobile)
	all_known = [known("C-1", ("ines@quay.example", ""), ("", "+49 30 7771234"), ("office@quay.example", "")), known("C-2", ("office@quay.example", ""))]  # fmt: skip
	assert deal_people.surely(asked, all_known, "49") == sure
	assert deal_people.surely(asked, [], "49") is None


def test_those_of_the_same_name_or_reached_alike_may_be_one(site):
	asked = Person("Ines Marlow", "", "office@quay.example", "", "")
	others = [
		known("by name", ("x@x.example", "")), Known("by address", (Person("Tom Baker", "", "office@quay.example", "", ""),)),
		Known("nobody", (Person("Tom Baker", "", "tom@quay.example", "", ""),)),
	]  # fmt: skip
	assert "nobody" not in deal_people.same_named(asked, others, "49")
	assert "by name" in deal_people.same_named(asked, others, "49")


def test_the_parties_of_a_document_are_its_customer_and_its_prospect(sale):
	doc = frappe._dict(doctype=DEAL, customer="C", prospect="P")
	assert deal_people.parties_of(doc) == [("Customer", "C"), ("Sales Prospect", "P")]
	assert deal_people.parties_of(frappe._dict(doctype=DEAL)) == []
	prospect = frappe.get_doc("Sales Prospect", sale.lead().prospect)
	assert deal_people.parties_of(prospect) == [("Sales Prospect", prospect.name)]
	assert deal_people.parties_of(frappe.new_doc("Sales Prospect")) == []


# ---- rows of people


@pytest.fixture
def contact(world):
	name = rows.row(
		"Contact", name=f"Ines {world.tag}", full_name="Ines Marlow", email_id="ines@quay.example", phone="030 777 1234",
		designation="Buyer", docstatus=0,
	)  # fmt: skip
	of = {"parent": name, "parenttype": "Contact", "idx": 1, "docstatus": 0}
	rows.row("Dynamic Link", link_doctype="Customer", link_name=world.customer, parentfield="links", **of)
	rows.row("Contact Email", email_id="ines@quay.example", is_primary=1, parentfield="email_ids", **of)
	return name


def test_a_row_that_surely_is_a_contact_says_what_that_says_where_it_is_empty(sale, contact):
	deal = frappe.new_doc(DEAL)
	deal.update({"customer": sale.world.customer, "company": sale.world.company})
	for values in (
		{"email_id": "ines@quay.example", "designation": "Boss"},
		{"contact_name": "Ines Marlow"},
		{"email_id": "tom@quay.example"},
	):
		deal.append("contacts", values)
	deal_people.link_rows(deal)
	first, named, other = deal.contacts
	assert (first.contact, first.contact_name, first.designation, first.phone) == (contact, "Ines Marlow", "Boss", "030 777 1234")  # fmt: skip
	assert named.contact is other.contact is None, "a name alone says nothing"


def test_rows_of_a_document_about_nobody_are_left_alone(sale, contact):
	deal = frappe.new_doc(DEAL)
	deal.append("contacts", {"email_id": "ines@quay.example"})
	deal_people.link_rows(deal)
	assert deal.contacts[0].contact is None


def test_a_contact_of_nobody_that_is_chosen_becomes_the_party_s_and_has_the_role_of_its_post(
	sale, world, monkeypatch, contact
):
	given = []
	monkeypatch.setattr(deal_people.contacts, "give_party", lambda *about: given.append(about))
	monkeypatch.setattr(deal_people.key_people, "role_of", lambda contact, customer: {"role": "Buyer"})
	loose = rows.row("Contact", name=f"Ann {world.tag}", full_name="Ann", docstatus=0)
	deal = sale.opportunity()
	deal._doc_before_save = None
	for name, role in ((contact, None), (loose, None), (loose, "Decision Maker")):
		deal.append("contacts", {"contact": name, "role": role})
	deal_people.link_rows(deal)
	assert [row.role for row in deal.contacts] == ["Buyer", "Buyer", "Decision Maker"]
	assert given == [(loose, "Customer", world.customer)]
	deal._doc_before_save = frappe._dict(contacts=[frappe._dict(contact=loose), frappe._dict(contact=contact)])
	deal.contacts[0].role = None
	deal_people.link_rows(deal)
	assert deal.contacts[0].role is None and len(given) == 1, "those were there before"


def test_rows_that_said_what_a_contact_said_say_what_it_says_now(sale, contact):
	fixed = {"parenttype": DEAL, "parent": "OPP-1", "docstatus": 0}
	same = rows.row(deal_people.TABLE, contact=contact, phone="030 777 1234", contact_name="Ines", **fixed)
	own = rows.row(deal_people.TABLE, contact=contact, phone="030 999", contact_name="Ines Marlow", **fixed)
	theirs = rows.row(deal_people.TABLE, contact="Another", phone="030 777 1234", **fixed)
	before = frappe._dict(phone="030 777 1234", full_name="Ines Marlow", email_id=None)
	now = frappe._dict(phone="030 555 1234", full_name="Ines Miller", email_id="i@x")
	now.get_doc_before_save = lambda: before
	changed = deal_people.changes_of(now)
	assert changed == {
		"phone": ("030 777 1234", "030 555 1234"), "contact_name": ("Ines Marlow", "Ines Miller"), "email_id": ("", "i@x"),
	}  # fmt: skip
	deal_people.follow_contact(contact, changed)
	values = lambda name: frappe.db.get_value(deal_people.TABLE, name, ["phone", "contact_name", "email_id"])  # noqa: E731
	assert values(same) == ("030 555 1234", "Ines", None) and values(own) == ("030 999", "Ines Miller", None)
	assert values(theirs)[0] == "030 777 1234"
	key, other = (frappe.db.get_value(deal_people.TABLE, name, "match_phone") for name in (same, own))
	assert key and key.endswith("5551234") and not other
	now.get_doc_before_save = lambda: None
	assert deal_people.changes_of(now) == {}


# ---- doubles


def test_managers_who_see_both_are_told_of_a_double_but_not_who_made_it(sale, world, monkeypatch):
	lead = sale.lead()
	told = lambda user: frappe.get_all(  # noqa: E731
		"Notification Log", filters={"for_user": user, "document_name": lead.name}, pluck="subject", order_by="creation asc"
	)  # fmt: skip
	monkeypatch.setattr(duplicates, "managers", lambda: [MANAGER, REP, STRANGER])
	others = [["Customer", world.customer], ["Customer", "Gone <b>"]]
	duplicates.send("Sales Lead", "LEAD-NOWHERE", others, OTHER)
	duplicates.send("Sales Lead", lead.name, [["Customer", "Gone"]], OTHER)
	duplicates.send("Sales Lead", lead.name, others, REP)
	(subject,) = told(MANAGER)
	assert lead.name in subject and world.customer in subject and "Gone" not in subject
	assert told(REP) == told(STRANGER) == []


def test_a_double_is_noted_where_there_is_one(sale, monkeypatch):
	lead, noted = sale.lead(), []
	monkeypatch.setattr(pending, "note", lambda *about, **arguments: noted.append((about, arguments)))
	duplicates.notify(lead, [])
	assert noted == []
	duplicates.notify(lead, [("Customer", "C-1")])
	about = {
		"reference_doctype": "Sales Lead",
		"reference_name": lead.name,
		"others": [["Customer", "C-1"]],
		"by": "Administrator",
	}
	assert noted == [(("Sales Lead", lead.name, pending.DUPLICATE), about)]


def test_managers_are_enabled_users_with_the_role(site):
	assert MANAGER in duplicates.managers() and not {REP, OTHER, STRANGER, "Administrator"} & set(duplicates.managers())
	frappe.db.set_value("User", MANAGER, "enabled", 0)
	assert MANAGER not in duplicates.managers()
