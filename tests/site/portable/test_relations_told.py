# ruff: noqa: F811
"""Who is at a customer on the last day, who may see it, and what the picture of both draws."""

import frappe
import pytest
from frappe.utils import getdate, nowdate

from crm_pipeline.handovers import held_records
from crm_pipeline.relations import customer_relations, key_people, network, posts, relation_record
from tests.site.conftest import USERS, forget_documents
from tests.site.portable.test_relations import post, relate
from tests.site.portable.test_relations_kept import POST, RELATION, day, people, relations  # noqa: F401
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import row
from tests.site.world import refused, without_right

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


@pytest.fixture
def sees_only(as_user):
	"""sees_only(customer): from now on the rep sees this Customer alone, and is logged in."""

	def limit(customer: str) -> None:
		allowed = {"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": customer}
		frappe.get_doc({**allowed, "apply_to_all_doctypes": 1}).insert(ignore_permissions=True)
		frappe.cache.delete_keys("user_permissions")
		forget_documents()
		as_user("rep")

	return limit


# ---- posts


def test_who_leaves_today_is_there_today_once_and_a_post_with_an_end_is_not_over_before_it(people):
	today = row(POST, contact=people.ines, customer=people.able, to_date=day(0), docstatus=0)
	ends = row(POST, contact=people.tom, customer=people.able, from_date=day(0), to_date=day(9), docstatus=0)
	over = row(POST, contact=people.ann, customer=people.able, to_date=day(-1), docstatus=0)
	found = {one.name: one.is_ended for one in key_people.of_customer(people.able, nowdate(), ended=True)}
	assert found == {today: False, ends: False, over: True}
	assert len(key_people.of_customer(people.able, nowdate(), ended=True)) == 3
	assert {one.name for one in key_people.of_customer(people.able, nowdate())} == {today, ends}


def test_posts_of_a_customer_that_the_reader_may_not_see_are_told_to_nobody(people, sees_only):
	row(POST, contact=people.ines, customer=people.able, docstatus=0)
	mine = row(POST, contact=people.ines, customer=people.baker, docstatus=0)
	sees_only(people.baker)
	assert key_people.of_customer(people.able, nowdate()) == []
	assert [one.name for one in key_people.of_customer(people.baker, nowdate())] == [mine]


def test_a_post_that_moves_to_another_customer_reports_to_nobody_of_the_old_one(people):
	head = post(people.ines, people.able)
	clerk = post(people.tom, people.able, reports_to=head.name)
	clerk.customer = people.baker
	with refused(match="not a post at"):
		clerk.save()
	clerk.reload()
	clerk.update({"customer": people.baker, "reports_to": None})
	clerk.save()
	other = post(people.ann, people.baker)
	clerk.reports_to = other.name
	clerk.save()
	other.reload()
	other.reports_to = clerk.name
	with refused(match="the other way round"):
		other.save()


def test_a_post_is_held_with_all_above_it_while_it_is_put_below_another(people, monkeypatch):
	head = post(people.ines, people.able)
	above = post(people.ann, people.able, reports_to=head.name)
	clerk = post(people.tom, people.able)
	held, lock = [], posts.locks.lock
	monkeypatch.setattr(posts.locks, "lock", lambda *rows: held.append(set(rows)) or lock(*rows))
	clerk.reports_to = above.name
	clerk.save()
	assert {(POST, name) for name in (clerk.name, above.name, head.name)} in held
	held.clear()
	clerk.notes = "Often away"
	clerk.save()
	assert not any((POST, head.name) in rows for rows in held), "nothing of that changed"


# ---- relations


def test_who_may_change_a_customer_and_no_relation_says_the_parent_with_its_field(people, as_user):
	row(RELATION, customer=people.able, related_customer="Old", relation_type="Parent", from_date=day(-90), to_date=day(-50), docstatus=0)  # fmt: skip
	row(RELATION, customer=people.able, related_customer=people.cole, relation_type="Parent", from_date=day(0), docstatus=0)  # fmt: skip
	as_user("stranger")
	customer_relations.take_field(people.able, people.baker)
	as_user("Administrator")
	assert relations(people.able) == [("Old", day(-90), day(-50)), (people.baker, day(0), None)]
	frappe.db.set_value(RELATION, {"customer": people.able, "related_customer": people.baker}, "from_date", day(-9))
	as_user("stranger")
	customer_relations.take_field(people.able, people.cole)
	as_user("Administrator")
	assert relations(people.able) == [
		("Old", day(-90), day(-50)), (people.baker, day(-9), day(-1)), (people.cole, day(0), None),
	]  # fmt: skip


def test_relations_are_told_from_the_earliest_on_of_both_sides_on_a_day(people):
	late = relate(people.able, "Partner", people.cole, from_date=day(-2))
	early = relate(people.able, "Competitor", people.baker, from_date=day(-9))
	coming = relate(people.cole, "Competitor", people.able, from_date=day(3))
	names = lambda *about: [one["name"] for one in relation_record.related("Customer", people.able, *about)]  # noqa: E731
	assert names() == [early.name, late.name, coming.name]
	assert names(day(-5)) == [early.name] and names(day(3)) == [early.name, late.name, coming.name]
	assert names(day(-10)) == [] and names(nowdate()) == [early.name, late.name]


def stored(name: str, one: str, kind: str, other: str, **values) -> str:
	return row(
		RELATION, name=f"{name} {one}", customer=one, relation_type=kind, related_customer=other, docstatus=0, **values
	)


def test_of_relations_of_one_side_the_earliest_stands_first_whatever_they_are_called(people):
	names = [
		stored(name, people.able, "Partner", other, from_date=day(days))
		for name, other, days in (("z", people.baker, -9), ("m", people.cole, -5), ("a", people.baker, -2))
	]
	assert [one["name"] for one in relation_record.related("Customer", people.able)] == names


def test_of_two_parents_after_a_merge_the_one_that_was_entered_first_stays(people):
	older = stored("z", people.able, "Parent", people.baker, creation="2020-01-01 00:00:00")
	newer = stored("a", people.able, "Parent", people.cole, creation="2021-01-01 00:00:00")
	assert relation_record.after_merge("Customer", people.able) == {people.able}
	assert frappe.db.exists(RELATION, older) and not frappe.db.exists(RELATION, newer)


@pytest.mark.parametrize("kind", ["Partner", "Parent"])
def test_a_circle_ends_only_what_is_a_tree(people, kind):
	names = [
		stored(name, one, kind, other, creation=f"202{place}-01-01 00:00:00")
		for place, (name, one, other) in enumerate(
			(("z", people.able, people.baker), ("m", people.baker, people.cole), ("a", people.cole, people.able))
		)
	]
	ended = relation_record.after_merge("Customer", people.able)
	assert ended == ({people.cole} if kind == "Parent" else set())
	assert [bool(frappe.db.exists(RELATION, name)) for name in names] == [True, True, kind == "Partner"]


def test_relations_with_a_customer_that_the_reader_may_not_see_are_told_to_nobody(people, sees_only):
	relate(people.able, "Partner", people.cole)
	with pytest.MonkeyPatch.context() as patch:
		without_right(patch, RELATION, "read")
		assert relation_record.related("Customer", people.able) == []
	assert len(relation_record.related("Customer", people.able)) == 1
	sees_only(people.able)
	assert relation_record.related("Customer", people.able) == []


# ---- the picture


def edges(found: dict) -> set[str]:
	return {edge["name"] for edge in found["edges"]}


def test_two_relations_of_a_pair_are_two_lines_each_from_who_has_to_what_it_has(people):
	partner, parent = relate(people.able, "Partner", people.baker), relate(people.baker, "Parent", people.able)
	found = network.around("Customer", people.able, nowdate())
	node = lambda name: f"Customer::{name}"  # noqa: E731
	assert {(edge["name"], edge["source"], edge["target"], edge["word"]) for edge in found["edges"]} == {
		(partner.name, node(people.able), node(people.baker), "Partner"),
		(parent.name, node(people.baker), node(people.able), "Parent"),
	}
	assert edges(network.around("Customer", people.baker, nowdate())) == edges(found)


def test_who_works_at_a_neighbour_is_two_steps_away_by_what_their_post_is_called(people):
	relate(people.able, "Partner", people.baker)
	held = post(people.ines, people.baker, role="Buyer", designation="Head of Purchase")
	ended = post(people.tom, people.baker, from_date=day(-9), to_date=day(-1))
	found = network.around("Customer", people.able, nowdate())
	assert {one["name"]: one["steps"] for one in found["nodes"]} == {people.able: 0, people.baker: 1, people.ines: 2}
	assert [edge["word"] for edge in found["edges"] if edge["name"] == held.name] == ["Head of Purchase"]
	assert ended.name not in edges(found)
	past = network.around("Customer", people.able, day(-5))
	assert people.tom in {one["name"] for one in past["nodes"]}


def test_a_relation_that_has_ended_is_in_no_picture_of_today(people):
	relate(people.able, "Partner", people.baker, from_date=day(-9), to_date=day(-1))
	assert network.around("Customer", people.able, nowdate())["edges"] == []
	assert len(network.around("Customer", people.able, day(-1))["edges"]) == 1


def test_a_picture_that_is_full_says_so_and_still_draws_what_is_between_those_shown(people, monkeypatch):
	relate(people.able, "Partner", people.baker, from_date=day(-9))
	relate(people.able, "Partner", people.cole, from_date=day(-8))
	last = relate(people.able, "Competitor", people.baker, from_date=day(-7))
	whole = network.around("Customer", people.able, nowdate())
	assert len(whole["nodes"]) == 3 and whole["cut"] is False
	monkeypatch.setattr(network, "MOST_NODES", 3)
	assert network.around("Customer", people.able, nowdate()) == whole, "just as many are no more"
	monkeypatch.setattr(network, "MOST_NODES", 2)
	found = network.around("Customer", people.able, nowdate())
	assert ([one["name"] for one in found["nodes"]], found["cut"]) == ([people.able, people.baker], True)
	assert last.name in edges(found) and len(found["edges"]) == 2


def test_what_is_left_out_of_a_full_picture_hides_no_line_behind_it(people, monkeypatch):
	far, last = (
		row("Customer", name=f"{name} {people.able}", customer_name=name, docstatus=0) for name in ("Dell", "East")
	)
	stored("a", people.able, "Partner", people.baker, from_date=day(-9))
	stored("b", people.able, "Partner", people.cole, from_date=day(-8))
	stored("c", people.baker, "Partner", far, from_date=day(-7))
	stored("d", people.cole, "Partner", last, from_date=day(-6))
	behind = stored("e", people.cole, "Partner", far, from_date=day(-5))
	monkeypatch.setattr(network, "MOST_NODES", 4)
	found = network.around("Customer", people.able, nowdate())
	assert [one["name"] for one in found["nodes"]] == [people.able, people.baker, people.cole, far] and found["cut"]
	assert behind in edges(found) and len(found["edges"]) == 4


def test_who_may_not_read_a_contact_or_posts_sees_nobody_of_them_in_a_picture(people, monkeypatch):
	post(people.ines, people.able)
	post(people.tom, people.able)
	readable = key_people.readable_contacts
	monkeypatch.setattr(
		key_people,
		"readable_contacts",
		lambda names, fields: [one for one in readable(names, fields) if one.name != people.tom],
	)
	found = network.around("Customer", people.able, nowdate())
	assert {one["name"] for one in found["nodes"]} == {people.able, people.ines}
	monkeypatch.setattr(network.relation_record, "titles_of", lambda doctype, names: {})
	assert network._posts_of_person(people.ines, getdate(nowdate())) == [], "a customer that the reader may not see"
	without_right(monkeypatch, POST, "read")
	assert network._posts_of_person(people.ines, getdate(nowdate())) == []
	assert len(network.around("Contact", people.ines, nowdate())["nodes"]) == 1


# ---- customers that somebody holds


def test_of_the_customers_of_a_team_those_are_handed_over_that_the_reader_sees(people, sees_only):
	person = row("Sales Person", name=f"Rep {people.able}", sales_person_name="Rep", crm_user=REP, enabled=1, docstatus=0, lft=9001, rgt=9002)  # fmt: skip
	for name in (people.able, people.baker):
		row(
			"Sales Team", parent=name, parenttype="Customer", parentfield="sales_team", sales_person=person, docstatus=0
		)
	kind = held_records.BY_DOCTYPE["Customer"]
	both = {people.able, people.baker}
	assert {one.name for one in kind.held_by(REP)} & both == both
	sees_only(people.baker)
	assert {one.name for one in kind.held_by(REP)} & both == {people.baker}


def test_of_what_somebody_holds_the_reader_hands_over_what_the_reader_sees(sale, as_user):
	as_user("other_rep")
	values = {"sales_owner": OTHER, "email_id": "", "phone": ""}
	lead, deal = sale.lead(prospect_name=f"Far {sale.world.tag}", **values), sale.opportunity(sales_owner=OTHER)
	held = lambda: {  # noqa: E731
		doc.name
		for doc in (lead, deal)
		if doc.name in {one.name for one in held_records.BY_DOCTYPE[doc.doctype].held_by(OTHER)}
	}
	as_user("rep")
	assert held() == {lead.name, deal.name}
	set_apart()
	as_user("rep")
	assert held() == set()
	as_user("other_rep")
	assert held() == {lead.name, deal.name}
