"""Posts in detail: who is at a customer without one, on which day somebody moves, and what a Contact and a title follow."""

import frappe
import pytest
from frappe.utils import getdate, nowdate

from crm_pipeline import api
from crm_pipeline.relations import key_people, network, posts
from tests.site.portable.test_relations import post, relate
from tests.site.portable.test_relations_kept import POST, customers_of, day, people  # noqa: F401
from tests.site.rows import row
from tests.site.world import refused, without_right


def link(contact: str, name: str, doctype: str = "Customer", parenttype: str = "Contact") -> str:
	of = {"parent": contact, "parenttype": parenttype, "parentfield": "links", "docstatus": 0}
	return row("Dynamic Link", link_doctype=doctype, link_name=name, **of)


def of(contact: str) -> frappe._dict:
	return frappe.db.get_value(POST, {"contact": contact}, "*", as_dict=True, order_by="creation desc")


# ---- who is there


def test_without_a_post_are_the_contacts_of_this_customer_that_the_reader_sees(people, as_user):  # noqa: F811
	link(people.ines, people.able), link(people.tom, people.able), link(people.tom, people.baker)
	link(people.ann, people.baker)
	link(people.ann, people.able, "Supplier"), link(people.ann, people.able, parenttype="Address")
	frappe.db.set_value("Contact", people.tom, "designation", "Buyer")
	told = lambda customer, *held: [  # noqa: E731
		tuple(one.values()) for one in key_people.without_post(customer, [frappe._dict(contact=name) for name in held])
	]
	ines, tom = (people.ines, "Ines", None), (people.tom, "Tom", "Buyer")
	assert told(people.able) == [ines, tom] and told(people.able, people.ines) == [tom]
	assert told(people.able, people.ines, people.tom) == [] == told(people.cole)
	assert told(people.baker) == [(people.ann, "Ann", None), tom]
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": "Contact", "for_value": people.tom}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	as_user("rep")
	assert told(people.able) == [tom]


def test_a_chart_is_of_the_posts_of_the_day_and_of_who_has_none_then(people, as_user):  # noqa: F811
	for contact in (people.ines, people.tom, people.ann):
		link(contact, people.able)
	now = row(POST, contact=people.ines, contact_name="Ines", customer=people.able, from_date=day(0), docstatus=0)
	row(POST, contact=people.tom, customer=people.able, to_date=day(-1), docstatus=0)
	row(POST, contact=people.ann, customer=people.able, from_date=day(1), docstatus=0)
	row(POST, contact=people.ann, customer=people.baker, docstatus=0)
	found = api.get_org_chart(people.able)
	assert [one["name"] for one in found["posts"]] == [now]
	assert [one["name"] for one in found["people"]] == [people.ann, people.tom]
	assert [one.contact for one in key_people.of_customer(people.able, day(-1))] == [people.tom]
	assert [one.contact for one in key_people.of_customer(people.able, day(1))] == [people.ann, people.ines]


def test_a_number_is_told_to_who_may_read_the_contact(people, as_user, monkeypatch):  # noqa: F811
	reach = {"email_id": "i@quay.example", "phone": "1", "mobile_no": "2"}
	post(people.ines, people.able), post(people.tom, people.able)
	frappe.db.set_value("Contact", people.ines, dict(reach))
	told = lambda: {  # noqa: E731
		one.contact: tuple(value or None for value in (one.email_id, one.phone, one.mobile_no))
		for one in key_people.of_customer(people.able, nowdate())
	}
	none = (None, None, None)
	assert told() == {people.ines: tuple(reach.values()), people.tom: none}
	without_right(monkeypatch, "Contact", "read")
	assert told() == {people.ines: none, people.tom: none}


@pytest.mark.parametrize(
	("steps", "superior"),
	[
		# (Who stands above the next one, until which day.)
		([("low", None), ("middle", None), ("top", None)], "middle"),
		([("low", None), ("middle", -1), ("top", None)], "top"),
		([("low", None), ("middle", -1), ("top", -1)], None),
		([("low", None), ("middle", 0), ("top", None)], "middle"),
	],
)
def test_above_a_post_is_the_nearest_one_that_is_held_on_the_day(people, steps, superior):  # noqa: F811
	above, names = None, {}
	for (key, ends), contact in reversed(list(zip(steps, (people.ines, people.tom, people.ann), strict=True))):
		values = {"to_date": None if ends is None else day(ends), "reports_to": above, "customer": people.able}
		above = names[key] = row(POST, contact=contact, docstatus=0, **values)
	[low] = [one for one in key_people.of_customer(people.able, nowdate()) if one.name == names["low"]]
	assert low.superior == names.get(superior)


# ---- on which day


@pytest.mark.parametrize(("ended", "ends"), [(None, -1), (9, -1), (-1, -1), (-3, -3)])
def test_a_post_ends_the_day_before_somebody_moves_unless_it_ended_before(people, ended, ends):  # noqa: F811
	old = post(people.ines, people.able, from_date=day(-9), to_date=None if ended is None else day(ended))
	made = frappe.get_doc(POST, posts.move(old.name, people.baker, nowdate()))
	old.reload()
	assert (getdate(old.from_date), getdate(old.to_date)) == (day(-9), day(ends))
	assert (made.contact, made.customer, getdate(made.from_date), made.to_date) == (
		people.ines, people.baker, day(0), None
	)  # fmt: skip
	assert (made.designation, made.role or None, made.reports_to) == (None, None, None)


def test_a_move_is_later_than_the_beginning_and_to_a_customer_that_the_user_sees(people, as_user, monkeypatch):  # noqa: F811
	old = post(people.ines, people.able, from_date=day(-2), designation="Buyer")
	with refused(match="the move has to be later"):
		posts.move(old.name, people.baker, day(-2))
	with refused(match=f"Ines \\(Buyer\\).* is at .*{people.able}.* already"):
		posts.move(old.name, people.able, nowdate())
	with refused(frappe.PermissionError):
		posts.move(old.name, "No such customer", nowdate())
	with monkeypatch.context() as patch:
		without_right(patch, "Customer", "read")
		with refused(frappe.PermissionError):
			posts.move(old.name, people.baker, nowdate())
	as_user("finance")
	with refused(frappe.PermissionError):
		posts.move(old.name, people.baker, nowdate())
	as_user("Administrator")
	posts.move(old.name, people.baker, day(-1), "Director", "Buyer")
	assert getdate(old.reload().to_date) == day(-2), "one day is a post"
	assert [of(people.ines)[field] for field in ("designation", "role")] == ["Director", "Buyer"]


# ---- what follows


def test_a_contact_is_linked_where_its_posts_are_held_on_the_day_and_stays_where_one_is_to_come(people):  # noqa: F811
	for customer, first, last in (
		(people.able, -9, 0), (people.baker, -9, -1), (people.cole, -9, -5), (people.cole, 5, None),
	):  # fmt: skip
		dates = {"from_date": day(first), "to_date": None if last is None else day(last)}
		row(POST, contact=people.ines, customer=customer, docstatus=0, **dates)
	row(POST, contact=people.tom, customer=people.baker, docstatus=0)
	for customer in (people.baker, people.cole):
		link(people.ines, customer)
	posts.follow_links(people.ines)
	assert customers_of(people.ines) == [people.cole, people.able]
	assert customers_of(people.tom) == []
	posts.follow_links(people.ines, day(1))
	assert customers_of(people.ines) == [people.cole]
	posts.follow_links(people.ines, day(-3))
	assert sorted(customers_of(people.ines)) == [people.able, people.baker, people.cole]


def test_a_post_that_is_another_person_s_now_is_left_by_the_one_before(people):  # noqa: F811
	link(people.ines, people.able)
	frappe.db.set_value("Customer", people.able, "customer_primary_contact", people.ines)
	posts.follow_links(people.ines)
	assert customers_of(people.ines) == [people.able], "who never had a post there is there all the same"
	posts.follow_links(people.ines, had=people.able)
	assert customers_of(people.ines) == []
	assert frappe.db.get_value("Customer", people.able, "customer_primary_contact") is None


def test_who_may_not_change_a_contact_is_told_that_it_does_not_follow(people, as_user):  # noqa: F811
	link(people.ines, people.able)
	row(POST, contact=people.ines, customer=people.able, to_date=day(-1), docstatus=0)
	row(POST, contact=people.ines, customer=people.baker, docstatus=0)
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": "Contact", "for_value": people.tom}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	as_user("rep")
	assert not frappe.has_permission("Contact", "write", doc=people.ines)
	frappe.clear_messages()
	posts.follow_links(people.ines)
	assert customers_of(people.ines) == [people.able]
	said = " ".join(one["message"] for one in frappe.local.message_log)
	assert "You have no right to change Contact" in said and people.ines in said


def test_titles_of_all_posts_of_somebody_say_the_new_name(people):  # noqa: F811
	buyer = post(people.ines, people.able, designation="Buyer")
	plain, other = post(people.ines, people.baker), post(people.tom, people.able, designation="Buyer")
	posts.follow_name(people.ines, "Ines Roth")
	assert [frappe.db.get_value(POST, doc.name, "title") for doc in (buyer, plain, other)] == [
		"Ines Roth (Buyer)", "Ines Roth", "Tom (Buyer)",
	]  # fmt: skip


def test_who_is_above_is_set_by_who_may_change_the_post(people, as_user):  # noqa: F811
	head, low = post(people.ines, people.able), post(people.tom, people.able)
	posts.set_superior(low.name, head.name)
	assert frappe.db.get_value(POST, low.name, "reports_to") == head.name
	with refused(match="Tom.* reports to .*Ines.* already|the other way round"):
		posts.set_superior(head.name, low.name)
	as_user("stranger")
	with refused(frappe.PermissionError):
		posts.set_superior(low.name, "")
	as_user("Administrator")
	posts.set_superior(low.name, "")
	assert frappe.db.get_value(POST, low.name, "reports_to") is None


def test_of_who_had_a_post_at_both_of_two_customers_that_became_one_there_is_one(people):  # noqa: F811
	first = row(POST, contact=people.ines, customer=people.able, from_date=day(-9), docstatus=0, creation="2026-01-01")
	row(POST, contact=people.ines, customer=people.able, from_date=day(-5), docstatus=0, creation="2026-01-02")
	kept = row(POST, contact=people.tom, customer=people.able, docstatus=0)
	elsewhere = [row(POST, contact=people.ann, customer=people.baker, docstatus=0) for _again in range(2)]
	posts.after_customers_merge(people.able)
	left = set(frappe.get_all(POST, filters={"customer": people.able}, pluck="name", order_by="name asc"))
	assert left == {first, kept}
	assert all(frappe.db.exists(POST, name) for name in elsewhere), "who has none at this one is nobody's concern"


def test_whose_post_ends_later_is_there_and_not_among_those_who_left(people):  # noqa: F811
	def made(key: str, contact: str, **dates) -> str:
		return row(POST, name=f"{key} {people.able}", contact=contact, customer=people.able, docstatus=0, **dates)

	today = made("today", people.ines, to_date=day(0))
	later = made("later", people.tom, from_date=day(-9), to_date=day(3))
	gone = made("gone", people.ann, to_date=day(-1))
	made("coming", people.ann, from_date=day(1), to_date=day(9))
	told = lambda at: [(one.name, one.is_ended) for one in key_people.of_customer(people.able, at, ended=True)]  # noqa: E731
	assert sorted(told(day(0))[:2]) == [(later, False), (today, False)] and told(day(0))[2:] == [(gone, True)]
	assert [name for name, is_ended in told(day(1)) if is_ended] == [today, gone], "the last first"
	assert [is_ended for _name, is_ended in told(day(-1))] == [False] * 3


def test_a_picture_of_a_person_shows_the_posts_of_the_day_and_what_they_are_there(people):  # noqa: F811
	def made(customer: str, **values) -> str:
		return row(POST, contact=people.ines, contact_name="Ines", customer=customer, docstatus=0, **values)

	named = made(people.able, designation="Head", role="Buyer", from_date=day(-2))
	by_role = made(people.baker, role="Decision Maker", to_date=day(0))
	bare = made(people.cole)
	made(people.able, designation="Earlier", to_date=day(-1))
	made(people.baker, designation="Later", from_date=day(1))

	def told(at) -> set[tuple]:
		found = network.around("Contact", people.ines, at)
		return {(edge["name"], edge["word"], edge["target"]) for edge in found["edges"]}

	assert told(day(0)) == {
		(named, "Head", f"Customer::{people.able}"), (by_role, "Decision Maker", f"Customer::{people.baker}"),
		(bare, "", f"Customer::{people.cole}"),
	}  # fmt: skip
	assert {word for _name, word, _at in told(day(1))} == {"Head", "Later", ""}
	assert {word for _name, word, _at in told(day(-3))} == {"Decision Maker", "Earlier", ""}


def test_a_picture_shows_each_relation_and_points_from_a_customer_to_its_parent(people):  # noqa: F811
	parent = relate(people.able, "Parent", people.baker)
	partner = relate(people.able, "Partner", people.baker)
	able, baker = (f"Customer::{name}" for name in (people.able, people.baker))
	for centre in (people.able, people.baker):
		edges = {edge["name"]: edge for edge in network.around("Customer", centre, day(0))["edges"]}
		assert set(edges) == {parent.name, partner.name}
		assert (edges[parent.name]["source"], edges[parent.name]["target"]) == (able, baker)
