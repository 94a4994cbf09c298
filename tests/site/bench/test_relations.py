# ruff: noqa: F811
"""People's posts at customers, and how customers and people are related: as users enter them, and what follows."""

import frappe
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.chain import locks
from crm_pipeline.erp.contacts import Person
from crm_pipeline.relations import posts
from tests.site.bench.racers import race
from tests.site.portable.test_relations import INES, TOM, parent_of, person, post, relate, three  # noqa: F401
from tests.site.world import customer


def test_posts_of_two_contacts_that_became_one_stand_once(world):
	one, other = person(world.customer, INES), person(world.customer, Person("Ines M."))
	first = post(one, world.customer, designation="Buyer", from_date="2024-01-01", to_date="2024-12-31")
	second = post(other, world.customer, designation="Buyer", from_date="2024-06-01")
	below = post(person(world.customer, TOM), world.customer, reports_to=second.name)
	relate(one, "Assistant", other, "Contact")
	frappe.rename_doc("Contact", other, one, merge=True)
	rows = frappe.get_all("Contact Position", {"contact": one}, ["name", "from_date", "to_date"], order_by="name")
	assert [(row.name, str(row.from_date), row.to_date) for row in rows] == [(first.name, "2024-01-01", None)]
	assert frappe.db.get_value("Contact Position", below.name, "reports_to") == first.name
	assert not frappe.db.exists("Contact Relation", {"contact": one})


def test_merged_customers_are_not_related_to_themselves_and_have_one_parent(world, three):
	able, baker, cole = three
	relate(able, "Parent", cole)
	relate(able, "Partner", baker)
	relate(cole, "Parent", baker)
	frappe.rename_doc("Customer", baker, able, merge=True)
	rows = frappe.get_all("Customer Relation", fields=["customer", "related_customer"], filters={"customer": ("in", three)}, order_by="creation")  # fmt: skip
	assert [(row.customer, row.related_customer) for row in rows] == [(able, cole)]
	assert (parent_of(able), parent_of(cole)) == (cole, None)


def set_parent(one, other):
	return relate(one, "Parent", other).name


def test_two_who_close_a_circle_at_once_are_not_both_let_in(world):
	names = [customer(f"{name} {world.tag}") for name in ("East", "West")]
	people = [person(names[0], Person(f"{name} {world.tag}")) for name in ("Ann", "Bob")]
	held = [post(who, names[0]).name for who in people]
	frappe.db.commit()
	try:
		for call, sides in (
			("tests.site.bench.test_relations.set_parent", names),
			("crm_pipeline.api.set_superior", held),
		):
			job = {
				"site": frappe.local.site,
				"user": "Administrator",
				"call": call,
				"snapshot_isolation": False,
				"look_at": None,
			}
			answers = race([{**job, "args": sides}, {**job, "args": sides[::-1]}])
			assert len([a for a in answers if "error" in a]) == 1, answers
	finally:
		frappe.db.rollback()
		for doctype, filters in (
			("Customer Relation", {"customer": ("in", names)}),
			("Contact Position", {"customer": names[0]}),
		):
			for name in frappe.get_all(doctype, filters=filters, pluck="name", order_by="name"):
				locks.set_rows("Contact Position", {"reports_to": name}, {"reports_to": None})
				frappe.delete_doc(doctype, name)
		for doctype, rows in (("Contact", people), ("Customer", names)):
			for name in rows:
				frappe.delete_doc(doctype, name)
		frappe.db.commit()


def test_a_contact_that_was_deleted_by_force_stops_no_nightly_run(world):
	ines = person(world.customer, INES)
	post(ines, world.customer, from_date=add_days(nowdate(), -20), to_date=add_days(nowdate(), -2))
	frappe.delete_doc("Contact", ines, force=True)
	posts.follow_links(ines)
	assert api.get_org_chart(world.customer)["posts"] == []
