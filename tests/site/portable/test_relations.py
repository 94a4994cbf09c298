"""People's posts at customers, and how customers and people are related: as users enter them, and what follows."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.erp import contacts
from crm_pipeline.erp.contacts import Person
from crm_pipeline.relations import customer_relations, key_people, posts
from tests.site.hosts import HOST
from tests.site.rows import row
from tests.site.world import customer, refused

INES, TOM = Person("Ines Marlow", email="ines@harbour.example", phone="+49 30 901820"), Person("Tom Blake")


def person(of: str, who: Person) -> str:
	return contacts.make("Customer", of, who, "Harbour")


def post(contact, at, **values):
	return frappe.get_doc({"doctype": "Contact Position", "contact": contact, "customer": at, **values}).insert()


def relate(one, kind, other, doctype="Customer", **values):
	word = doctype.lower()
	row = {"doctype": f"{doctype} Relation", word: one, "relation_type": kind, f"related_{word}": other, **values}
	return frappe.get_doc(row).insert()


def parent_of(name):
	return frappe.db.get_value("Customer", name, "crm_parent_customer") or None


@pytest.fixture
def three(world):
	return [customer(f"{name} {world.tag}") for name in ("Able", "Baker", "Cole")]


# ---- posts


def test_a_rep_enters_posts_and_sees_who_decides_first(world, as_user):
	as_user("rep")
	ines, tom = person(world.customer, INES), person(world.customer, TOM)
	head = post(ines, world.customer, role="Decision Maker", designation="Head of Purchase")
	clerk = post(tom, world.customer, role="Buyer", reports_to=head.name)
	found = api.get_org_chart(world.customer)
	assert [(row.contact, row.superior) for row in found["posts"]] == [(ines, None), (tom, head.name)]
	assert (found["posts"][0].phone, found["may_change"]) == ("+49 30 901820", True)
	assert clerk.title == "Tom Blake" and head.title == "Ines Marlow (Head of Purchase)"
	assert tom not in [row.name for row in found["people"]]


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 2)])
def test_nobody_reports_to_somebody_below(world, as_user, first, second):
	as_user("rep")
	chain = []
	for name in ("Ann", "Bob", "Cid"):
		above = chain[-1].name if chain else None
		chain.append(post(person(world.customer, Person(f"{name} Smith")), world.customer, reports_to=above))
	with refused(match="the other way round"):
		api.set_superior(chain[first].name, chain[second].name)
	with refused(match="the other way round"):
		api.set_superior(chain[first].name, chain[first].name)
	api.set_superior(chain[2].name, chain[0].name)
	api.set_superior(chain[2].name)
	assert frappe.db.get_value("Contact Position", chain[2].name, "reports_to") is None


def test_a_post_reports_to_one_of_the_same_customer(world, three):
	ines = person(three[0], INES)
	head = post(ines, three[0])
	with refused(match="not a post at"):
		post(person(three[1], TOM), three[1], reports_to=head.name)


def test_dates_in_the_wrong_order_and_the_same_post_twice_are_refused(world):
	ines = person(world.customer, INES)
	with refused(match="is before"):
		post(ines, world.customer, from_date="2026-02-01", to_date="2026-01-31")
	post(ines, world.customer, designation="Buyer", to_date="2026-01-31")
	with refused(match="already in these days"):
		post(ines, world.customer, designation="buyer ", from_date="2026-01-31")
	post(ines, world.customer, designation="Buyer", from_date="2026-02-01")


def test_who_moves_to_another_customer_is_reached_there_and_remembered_here(world, three, as_user):
	frappe.db.set_value("Customer", three[0], "customer_primary_contact", person(three[0], INES))
	ines = frappe.db.get_value("Customer", three[0], "customer_primary_contact")
	as_user("manager")
	old = post(ines, three[0], role="Buyer", designation="Buyer", from_date="2020-01-01")
	with refused(match="is at"):
		api.move_contact(old.name, three[0], nowdate())
	with refused(match="has to be later"):
		api.move_contact(old.name, three[1], "2020-01-01")
	made = api.move_contact(old.name, three[1], nowdate(), "Director", "Decision Maker")
	new = frappe.get_doc("Contact Position", made["name"])
	assert (new.contact, new.customer, new.role, new.designation) == (ines, three[1], "Decision Maker", "Director")
	assert getdate(frappe.db.get_value("Contact Position", old.name, "to_date")) == getdate(add_days(nowdate(), -1))
	linked = [link.link_name for link in frappe.get_doc("Contact", ines).links]
	assert linked == [three[1]]
	assert not frappe.db.get_value("Customer", three[0], "customer_primary_contact")
	assert [row.contact for row in key_people.of_customer(three[0], "2021-06-01")] == [ines]
	assert key_people.of_customer(three[0], nowdate()) == []
	assert [(row.contact, row.is_ended) for row in key_people.of_customer(three[0], nowdate(), ended=True)] == [
		(ines, True)
	]


def test_a_move_that_is_to_come_is_followed_on_its_day(world, three):
	ines = person(three[0], INES)
	old = post(ines, three[0])
	posts.move(old.name, three[1], add_days(nowdate(), 5))
	links = lambda: [link.link_name for link in frappe.get_doc("Contact", ines).links]  # noqa: E731
	assert links() == [three[0]]
	posts.follow_links(ines, add_days(nowdate(), 5))
	assert links() == [three[1]]


def test_who_reported_to_somebody_who_left_stands_below_the_one_above(world):
	chief, head, clerk = (person(world.customer, Person(f"{n} Ray")) for n in ("Cy", "Hal", "Lee"))
	top = post(chief, world.customer)
	middle = post(head, world.customer, reports_to=top.name, to_date=add_days(nowdate(), -1))
	low = post(clerk, world.customer, reports_to=middle.name)
	found = {row.name: row.superior for row in key_people.of_customer(world.customer, nowdate())}
	assert found == {top.name: None, low.name: top.name}


def test_the_role_on_a_deal_begins_as_that_of_the_post(sale, world):
	ines = person(world.customer, INES)
	post(ines, world.customer, role="Payer", influence="High")
	row = sale.opportunity(contacts=[{"contact": ines}]).contacts[0]
	assert (row.role, row.influence) == ("Payer", "High")
	assert sale.opportunity(contacts=[{"contact": ines, "role": "User"}]).contacts[0].role == "User"


# ---- relations


def test_both_sides_of_a_relation_have_their_word(world, three, as_user):
	as_user("rep")
	able, baker, cole = three
	relate(able, "Parent", baker)
	relate(able, "Partner", cole, from_date="2024-01-01", to_date="2024-12-31")
	words = {row["other"]: row["word"] for row in customer_relations.of_customer(able, nowdate())}
	assert words == {baker: "Parent"}
	assert [row["word"] for row in customer_relations.of_customer(baker, nowdate())] == ["Subsidiary"]
	assert [row["word"] for row in customer_relations.of_customer(cole)] == ["Partner"]
	assert customer_relations.of_customer(cole, "2025-01-01") == []


def test_what_makes_no_sense_is_refused(world, three):
	able, baker, cole = three
	with refused(match="related to itself"):
		relate(able, "Partner", able)
	with refused(match="a relation between records of Contact"):
		relate(able, "Assistant", baker)
	relate(able, "Partner", baker)
	with refused(match="already in these days"):
		relate(baker, "Partner", able)
	relate(able, "Parent", baker)
	with refused(match="has .* as .* in these days already"):
		relate(able, "Parent", cole)
	relate(baker, "Parent", cole)
	with refused(match="it is below it already"):
		relate(cole, "Parent", able)
	relate(able, "Referred By", baker)
	relate(baker, "Referred By", able)


def test_the_parent_is_one_fact_in_field_and_relation(world, three):
	able, baker, cole = three
	doc = frappe.get_doc("Customer", able)
	doc.crm_parent_customer = baker
	doc.save()
	assert [row["other"] for row in customer_relations.of_customer(able, nowdate())] == [baker]
	doc.crm_parent_customer = cole
	doc.save()
	assert [row["other"] for row in customer_relations.of_customer(able, nowdate())] == [cole]
	doc.save()
	relation = frappe.get_doc("Customer Relation", {"customer": able, "related_customer": cole})
	relation.update({"from_date": "2020-01-01", "to_date": add_days(nowdate(), -1)})
	relation.save()
	assert parent_of(able) is None
	relate(able, "Parent", baker, from_date=nowdate())
	assert parent_of(able) == baker
	doc.reload()
	doc.crm_parent_customer = None
	doc.save()
	assert parent_of(able) is None and customer_relations.of_customer(able, nowdate()) == []
	frappe.delete_doc("Customer Relation", relate(able, "Parent", cole, from_date=nowdate()).name)
	assert parent_of(able) is None


def test_a_group_is_all_below_and_only_what_the_user_may_see(world, three, as_user):
	able, baker, cole = three
	relate(able, "Parent", baker)
	relate(baker, "Parent", cole)
	assert customer_relations.group_of(cole) == [baker, able]
	frappe.get_doc(
		{"doctype": "User Permission", "user": as_user("rep"), "allow": "Customer", "for_value": able}
	).insert(ignore_permissions=True)
	assert customer_relations.group_of(cole) == [able]
	assert customer_relations.of_customer(able) == []
	assert [n["name"] for n in api.get_network("Customer", able)["nodes"]] == [able]
	with refused(frappe.PermissionError):
		api.get_network("Customer", cole)
	with refused(frappe.PermissionError):
		api.get_org_chart(cole)


def test_a_picture_shows_what_is_around(world, three, as_user):
	able, baker, cole = three
	ines, tom = person(able, INES), person(able, TOM)
	post(ines, able, designation="Head")
	relate(able, "Parent", baker)
	relate(baker, "Partner", cole)
	relate(ines, "Assistant", tom, "Contact")
	as_user("rep")
	found = api.get_network("Customer", able)
	assert {node["name"]: node["steps"] for node in found["nodes"]} == {able: 0, baker: 1, ines: 1, cole: 2, tom: 2}
	words = {(edge["source"].split("::")[1], edge["target"].split("::")[1]): edge["word"] for edge in found["edges"]}
	assert words == {(able, baker): "Parent", (baker, cole): "Partner", (ines, able): "Head", (ines, tom): "Assistant"}


def test_strangers_to_sales_see_nothing_of_it(world, three, as_user):
	relation = relate(three[0], "Parent", three[1])
	as_user("store")
	for ask in (lambda: api.get_org_chart(three[0]), lambda: relation.check_permission("read")):
		with refused(frappe.PermissionError):
			ask()


# ---- day by day


@pytest.mark.parametrize(
	("first", "last", "linked"),
	[(-400, None, False), (-31, None, True), (0, None, True), (1, None, False), (-9, -1, False), (-9, 0, True)],
)
def test_every_day_a_contact_follows_the_post_that_began_or_ended(world, monkeypatch, first, last, linked):
	HOST.plain_records(monkeypatch, "Customer", "Contact")
	day = lambda days: None if days is None else add_days(nowdate(), days)  # noqa: E731
	name = row("Contact", name=f"Ines {world.tag}", first_name="Ines", full_name="Ines", docstatus=0)
	has = last is not None
	if has:
		on = {"parent": name, "parenttype": "Contact", "parentfield": "links", "docstatus": 0, "idx": 1}
		row("Dynamic Link", link_doctype="Customer", link_name=world.customer, **on)
	at = {"contact": name, "customer": world.customer, "from_date": day(first), "to_date": day(last), "docstatus": 0}
	row("Contact Position", **at)
	customer_relations.follow_dates()
	about = {"parent": name, "parenttype": "Contact", "link_doctype": "Customer", "link_name": world.customer}
	assert bool(frappe.db.exists("Dynamic Link", about)) is linked
