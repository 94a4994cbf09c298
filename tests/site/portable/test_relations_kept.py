"""Posts and relations in detail: whom they keep apart, what follows when they change, what a picture and a chart show."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.overrides.customer import follow_name
from crm_pipeline.relations import customer_relations, key_people, network, posts, relation_record
from tests.site.hosts import HOST
from tests.site.portable.test_relations import parent_of, post, relate
from tests.site.rows import row
from tests.site.world import refused

POST, RELATION = "Contact Position", "Customer Relation"


def day(days: int):
	return getdate(add_days(nowdate(), days))


@pytest.fixture
def people(world, monkeypatch):
	"""Three customers and three people, as they may be in the tables."""
	HOST.plain_records(monkeypatch, "Customer", "Contact")
	found = SimpleNamespace()
	for name in ("able", "baker", "cole"):
		values = {"name": f"{name} {world.tag}", "customer_name": name.title(), "disabled": 0, "docstatus": 0}
		setattr(found, name, row("Customer", **values))
	for name in ("ines", "tom", "ann"):
		values = {"name": f"{name} {world.tag}", "first_name": name.title(), "full_name": name.title()}
		setattr(found, name, row("Contact", docstatus=0, **values))
	return found


def customers_of(contact: str) -> list[str]:
	return [link.link_name for link in frappe.get_doc("Contact", contact).links if link.link_doctype == "Customer"]


# ---- posts


def test_the_same_post_is_one_of_the_same_person_at_the_same_customer_in_the_same_days(people):
	first = post(people.ines, people.able, designation="Buyer", from_date=day(-9), to_date=day(-1))
	post(people.ines, people.baker, designation="Buyer", from_date=day(-9), to_date=day(-1))
	post(people.tom, people.able, designation="Buyer", from_date=day(-9), to_date=day(-1))
	post(people.ines, people.able, designation="Director", from_date=day(-9), to_date=day(-1))
	with refused(match="has this post at .* already in these days"):
		post(people.ines, people.able, designation=" BUYER", from_date=day(-1))
	first.reload()
	first.notes = "Often away"
	first.save()


def test_a_post_s_title_says_who_and_as_what(people):
	assert post(people.ines, people.able).title == "Ines"
	assert post(people.tom, people.able, designation="Buyer").title == "Tom (Buyer)"
	frappe.db.set_value("Contact", people.ann, "full_name", None)
	assert post(people.ann, people.able).title == people.ann
	assert len(post(people.tom, people.able, designation="B" * 139).title) == 140


def test_who_has_no_post_gets_one_from_today_below_somebody(people, as_user):
	head = post(people.ines, people.able)
	name = posts.give(people.able, people.tom, head.name)
	made = frappe.get_doc(POST, name)
	assert (made.contact, made.customer, made.reports_to) == (people.tom, people.able, head.name)
	assert getdate(made.from_date) == getdate(nowdate()) and made.to_date is None
	assert api.give_post(people.able, people.ann)["name"] == frappe.db.get_value(POST, {"contact": people.ann}, "name")
	assert frappe.db.get_value(POST, {"contact": people.ann}, "reports_to") is None
	as_user("stranger")
	with refused(frappe.PermissionError):
		posts.give(people.baker, people.tom)


def test_who_stood_below_a_post_that_moves_to_another_customer_stands_below_nobody(people):
	head = post(people.ines, people.able)
	below = post(people.tom, people.able, reports_to=head.name)
	other = post(people.ann, people.able, reports_to=below.name)
	head.reload()
	head.notes = "Knows the pumps"
	head.save()
	assert frappe.db.get_value(POST, below.name, "reports_to") == head.name
	head.customer = people.baker
	head.save()
	assert frappe.db.get_value(POST, below.name, "reports_to") is None
	assert frappe.db.get_value(POST, other.name, "reports_to") == below.name
	assert people.baker in customers_of(people.ines)
	# A post that stands below one of another customer meanwhile may be saved; whoever changes that is told.
	frappe.db.set_value(POST, below.name, "reports_to", head.name)
	kept = frappe.get_doc(POST, below.name)
	kept.notes = "Later"
	kept.save()
	kept.customer = people.cole
	with refused(match=f"is not a post at .*{people.cole}"):
		kept.save()


def test_a_contact_of_another_post_follows_both_the_old_person_and_the_new_one(people):
	made = post(people.ines, people.able)
	assert customers_of(people.ines) == [people.able]
	made.contact = people.tom
	made.contact_name = None
	made.save()
	assert customers_of(people.tom) == [people.able]


def test_a_contact_leaves_where_its_last_post_ended_and_keeps_what_is_no_post(people):
	doc = frappe.get_doc("Contact", people.ines)
	for name in (people.able, people.cole):
		doc.append("links", {"link_doctype": "Customer", "link_name": name})
	doc.append("links", {"link_doctype": "User", "link_name": "Administrator"})
	doc.is_primary_contact = 1
	doc.save()
	frappe.db.set_value("Customer", people.able, {"customer_primary_contact": people.ines, "mobile_no": "1"})
	frappe.db.set_value("Customer", people.baker, "customer_primary_contact", people.tom)
	old = post(people.ines, people.able, from_date=day(-9))
	post(people.ines, people.baker, from_date=day(3))
	assert customers_of(people.ines) == [people.able, people.cole]
	old.reload()
	old.to_date = day(-1)
	old.save()
	doc.reload()
	assert customers_of(people.ines) == [people.cole] and not doc.is_primary_contact
	assert [link.link_name for link in doc.links if link.link_doctype == "User"] == ["Administrator"]
	assert frappe.db.get_value("Customer", people.able, ["customer_primary_contact", "mobile_no"]) == (None, None)
	assert frappe.db.get_value("Customer", people.baker, "customer_primary_contact") == people.tom
	posts.follow_links(people.ines, day(3))
	assert sorted(customers_of(people.ines)) == sorted([people.baker, people.cole])


def test_of_somebody_who_is_gone_nothing_follows(people):
	assert posts.follow_links("Nobody") is None


def test_each_day_those_are_looked_at_whose_post_began_or_ended_lately(people):
	frappe.db.delete(POST)
	for contact, customer, first, last in (
		(people.ines, people.able, 0, None), (people.tom, people.able, -90, -1), (people.ann, people.able, -90, 0),
		("old", people.able, -90, -40), ("new", people.able, 1, None), ("always", people.able, None, None),
		("late", people.able, -31, None), ("later", people.able, -32, None), ("past", people.able, -90, -31),
	):  # fmt: skip
		dates = {
			"from_date": day(first) if first is not None else None,
			"to_date": day(last) if last is not None else None,
		}
		row(POST, contact=contact, customer=customer, docstatus=0, **dates)
	assert posts._due() == [(name,) for name in sorted((people.ines, people.tom, "late", "past"))]


# ---- who matters


def test_who_decides_comes_first_then_by_influence_and_name_and_who_left_at_the_end(people):
	decides = post(people.tom, people.able, role="Decision Maker", influence="Low")
	strong = post(people.ines, people.able, role="User", influence="High")
	weak = post(people.ann, people.able, role="User", influence="Low")
	row(POST, name=f"gone {people.able}", contact=people.ann, customer=people.able, to_date=day(-5), docstatus=0)
	row(POST, name=f"last {people.able}", contact=people.tom, customer=people.able, to_date=day(-2), docstatus=0)
	row(POST, name=f"soon {people.able}", contact=people.tom, customer=people.able, from_date=day(2), docstatus=0)
	frappe.db.set_value("Contact", people.ines, {"phone": "1", "mobile_no": "2", "email_id": "i@quay.example"})
	found = key_people.of_customer(people.able, nowdate())
	assert [one.name for one in found] == [decides.name, strong.name, weak.name]
	assert (found[1].phone, found[1].mobile_no, found[1].email_id) == ("1", "2", "i@quay.example")
	assert (found[0].is_ended, found[0].superior, found[0].phone or None) == (False, None, None)
	found = key_people.of_customer(people.able, nowdate(), ended=True)[3:]
	assert [one.name for one in found] == [f"last {people.able}", f"gone {people.able}"]
	assert [(one.is_ended, one.superior) for one in found] == [(True, None)] * 2


def test_who_has_no_post_is_listed_beside_those_who_have_one(people, as_user):
	for contact in (people.ines, people.tom, people.ann):
		doc = frappe.get_doc("Contact", contact)
		doc.append("links", {"link_doctype": "Customer", "link_name": people.able})
		doc.save()
	post(people.ines, people.able)
	found = key_people.chart(people.able, nowdate())
	assert [one.contact for one in found["posts"]] == [people.ines]
	assert [(one.name, one.full_name) for one in found["people"]] == [(people.ann, "Ann"), (people.tom, "Tom")]
	assert found["may_change"] is True
	as_user("stranger")
	assert key_people.of_customer(people.able, nowdate()) == []


def test_the_role_is_that_of_the_youngest_post_that_has_not_ended(people):
	assert key_people.role_of(people.ines, people.able) == key_people.role_of(None, people.able) == {}
	for first, last, role in ((-9, None, "User"), (-5, None, "Buyer"), (-2, 5, "Payer")):
		dates = {"from_date": day(first), "to_date": last and day(last)}
		row(POST, contact=people.ines, customer=people.able, role=role, influence="High", docstatus=0, **dates)
	assert dict(key_people.role_of(people.ines, people.able)) == {"role": "Buyer", "influence": "High"}
	assert key_people.role_of(people.ines, people.baker) == key_people.role_of(people.ines, None) == {}


# ---- the picture


def test_a_picture_of_a_person_shows_where_they_work_today(people):
	now = post(people.ines, people.able, role="Buyer")
	post(people.ines, people.baker, designation="Head", from_date=day(-9), to_date=day(-1))
	found = network.around("Contact", people.ines, nowdate())
	assert [(one["doctype"], one["name"], one["title"], one["steps"]) for one in found["nodes"]] == [
		("Contact", people.ines, "Ines", 0), ("Customer", people.able, "Able", 1)
	]  # fmt: skip
	ids = [f"Contact::{people.ines}", f"Customer::{people.able}"]
	assert [one["id"] for one in found["nodes"]] == ids and found["cut"] is False
	assert found["edges"] == [{"source": ids[0], "target": ids[1], "word": "Buyer", "doctype": POST, "name": now.name}]
	assert network.around("Customer", people.able, nowdate())["edges"] == found["edges"]
	then = network.around("Contact", people.ines, day(-5))
	assert {one["name"] for one in then["nodes"]} == {people.ines, people.able, people.baker}


def test_who_may_read_no_posts_or_not_that_customer_sees_nobody_at_work(people, as_user):
	post(people.ines, people.able)
	as_user("stranger")
	assert network._posts_of_person(people.ines, getdate(nowdate())) == []
	as_user("Administrator")
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": "Customer", "for_value": people.baker}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	assert network._posts_of_person(people.ines, getdate(nowdate())) == []
	as_user("Administrator")
	[(node, title, found)] = network._posts_of_person(people.ines, getdate(nowdate()))
	assert (node, title, found.customer) == (("Customer", people.able), "Able", people.able)


def test_a_picture_ends_after_two_steps_and_with_so_many_that_it_can_be_read(people, world, monkeypatch):
	relate(people.able, "Partner", people.baker)
	relate(people.baker, "Partner", people.cole)
	far = row("Customer", name=f"Dell {world.tag}", customer_name="Dell", docstatus=0)
	relate(people.cole, "Partner", far)
	found = network.around("Customer", people.able, nowdate())
	assert {one["name"]: one["steps"] for one in found["nodes"]} == {people.able: 0, people.baker: 1, people.cole: 2}
	assert len(found["edges"]) == 2 and found["cut"] is False
	monkeypatch.setattr(network, "MOST_NODES", 2)
	cut = network.around("Customer", people.able, nowdate())
	assert [one["name"] for one in cut["nodes"]] == [people.able, people.baker]
	assert len(cut["edges"]) == 1 and cut["cut"] is True


# ---- relations


def test_a_relation_is_told_from_both_sides_with_all_that_it_says(people):
	made = relate(people.able, "Parent", people.baker, from_date=day(-3), to_date=day(3), notes="Since the sale")
	own, others = (relation_record.related("Customer", name, nowdate()) for name in (people.able, people.baker))
	same = {"name": made.name, "relation_type": "Parent", "is_tree": True, "notes": "Since the sale"}
	same |= {"from_date": day(-3), "to_date": day(3)}
	assert own == [{**same, "word": "Parent", "other": people.baker, "title": "Baker", "outgoing": True}]
	assert others == [{**same, "word": "Subsidiary", "other": people.able, "title": "Able", "outgoing": False}]
	for other, holds in ((-4, False), (-3, True), (3, True), (4, False)):
		assert bool(relation_record.related("Customer", people.able, day(other))) == holds
	frappe.db.set_value("Customer", people.baker, "customer_name", None)
	assert relation_record.related("Customer", people.able)[0]["title"] == people.baker


def test_relations_are_told_to_who_may_read_them(people, as_user):
	relate(people.able, "Parent", people.baker)
	as_user("stranger")
	assert relation_record.related("Customer", people.able) == []


def test_a_type_that_is_disabled_is_for_no_new_relation(people):
	old = relate(people.able, "Partner", people.baker)
	other = relate(people.able, "Referred By", people.cole)
	frappe.db.set_value("Relation Type", "Partner", "disabled", 1)
	with refused(match="is disabled. Choose another type"):
		relate(people.able, "Partner", people.cole)
	old.notes = "As before"
	old.save()
	other.relation_type = "Partner"
	with refused(match="is disabled. Choose another type"):
		other.save()


def test_the_same_relation_twice_is_one_in_the_same_days_and_direction(people):
	first = relate(people.able, "Referred By", people.baker, from_date=day(-9), to_date=day(-2))
	relate(people.able, "Referred By", people.baker, from_date=day(-1))
	with refused(match=f"{people.baker}.* is the .*Referred By.* of .*{people.able}.* already in these days"):
		relate(people.able, "Referred By", people.baker, from_date=day(-5), to_date=day(-3))
	first.reload()
	first.notes = "By mail"
	first.save()
	relate(people.baker, "Referred By", people.able)


def test_a_tree_is_a_tree_on_each_day_by_itself(people):
	relate(people.able, "Parent", people.baker, to_date=day(-1))
	relate(people.able, "Parent", people.cole, from_date=day(0))
	relate(people.baker, "Parent", people.able, from_date=day(0))
	with refused(match="it is below it already"):
		relate(people.cole, "Parent", people.baker)
	with refused(match=f"{people.able}.* has .*{people.cole}.* as .*Parent.* in these days already"):
		relate(people.able, "Parent", people.baker, from_date=day(5))
	before = frappe.db.get_value("Relation Type", "Parent", "tree_changes")
	relate(people.cole, "Parent", people.baker, from_date=day(-9), to_date=day(-5))
	assert frappe.db.get_value("Relation Type", "Parent", "tree_changes") == before + 1


# ---- the parent


def relations(customer: str) -> list[tuple]:
	rows = relation_record.rows_of(RELATION, {"customer": customer}, "Parent")
	return [(one.related_customer, one.from_date, one.to_date) for one in rows]


def test_another_parent_in_the_field_ends_the_relation_that_ran_and_begins_one(people):
	customer_relations.take_field(people.able, people.baker)
	assert relations(people.able) == [(people.baker, day(0), None)] and parent_of(people.able) == people.baker
	customer_relations.take_field(people.able, people.baker)
	assert relations(people.able) == [(people.baker, day(0), None)]
	# One that began today was none.
	customer_relations.take_field(people.able, people.cole)
	assert relations(people.able) == [(people.cole, day(0), None)]
	frappe.db.set_value(RELATION, {"customer": people.able}, "from_date", day(-9))
	customer_relations.take_field(people.able, people.baker)
	assert relations(people.able) == [(people.cole, day(-9), day(-1)), (people.baker, day(0), None)]
	customer_relations.take_field(people.able, None)
	assert relations(people.able) == [(people.cole, day(-9), day(-1))] and parent_of(people.able) is None


def test_a_parent_of_the_field_alone_gets_its_relation_once(people):
	frappe.db.set_value("Customer", people.able, "crm_parent_customer", people.baker)
	for _again in range(2):
		customer_relations.give_relation(people.able)
		assert relations(people.able) == [(people.baker, None, None)]
	customer_relations.give_relation(people.cole)
	assert relations(people.cole) == []


def test_each_day_the_field_follows_the_relations_that_began_or_ended(people):
	frappe.db.delete(RELATION)
	for name, first, last in (
		("a", 0, None), ("b", -90, -1), ("c", -90, 0), ("d", -90, -40), ("e", 1, None), ("f", -31, None), ("g", -32, None),
	):  # fmt: skip
		dates = {"from_date": day(first), "to_date": last if last is None else day(last)}
		row(RELATION, customer=name, related_customer="x", relation_type="Parent", docstatus=0, **dates)
	row(RELATION, customer="h", related_customer="x", relation_type="Partner", from_date=day(0), docstatus=0)
	assert customer_relations._due() == [("a",), ("b",), ("c",), ("f",)]


def test_a_group_is_told_level_by_level_and_goes_round_in_no_circle(people):
	for name, parent in ((people.able, people.cole), (people.baker, people.able), (people.cole, people.baker)):
		frappe.db.set_value("Customer", name, "crm_parent_customer", parent)
	assert customer_relations.group_of(people.cole) == [people.able, people.baker]
	assert customer_relations.group_of("Nobody") == []


def test_after_two_became_one_the_field_says_what_is_left_of_the_relations(people):
	relate(people.able, "Parent", people.baker)
	frappe.db.set_value("Customer", people.able, "crm_parent_customer", None)
	customer_relations.after_merge(people.able)
	assert parent_of(people.able) == people.baker
	# The other one's relation to itself ends, and so does its parent.
	frappe.db.set_value(RELATION, {"customer": people.able}, "related_customer", people.able)
	customer_relations.after_merge(people.able)
	assert relations(people.able) == [] and parent_of(people.able) is None


def test_who_leaves_two_customers_at_once_is_the_main_contact_of_neither(people):
	doc = frappe.get_doc("Contact", people.ines)
	for name in (people.able, people.baker, people.cole):
		doc.append("links", {"link_doctype": "Customer", "link_name": name})
		row(POST, contact=people.ines, customer=name, to_date=day(-1), docstatus=0)
	doc.save()
	for name in (people.baker, people.cole):
		frappe.db.set_value("Customer", name, {"customer_primary_contact": people.ines, "email_id": "i@quay.example"})
	frappe.db.set_value("Customer", people.able, {"customer_primary_contact": people.tom, "email_id": "t@quay.example"})
	posts.follow_links(people.ines)
	primary = [
		frappe.db.get_value("Customer", name, ["customer_primary_contact", "email_id"])
		for name in (people.able, people.baker, people.cole)
	]
	assert primary == [(people.tom, "t@quay.example"), (None, None), (None, None)]
	assert customers_of(people.ines) == []


def test_who_may_change_neither_the_contact_nor_the_customer_is_told_so(people, monkeypatch):
	doc = frappe.get_doc("Contact", people.ines)
	doc.append("links", {"link_doctype": "Customer", "link_name": people.able})
	doc.save()
	frappe.db.set_value("Customer", people.able, "customer_primary_contact", people.ines)
	row(POST, contact=people.ines, customer=people.able, to_date=day(-1), docstatus=0)

	def forbidden(doctype: str, name: str) -> list[str]:
		"""What is said to who may not change records of a type."""
		kind = type(frappe.get_doc(doctype, name))
		real = kind.has_permission
		frappe.clear_messages()
		with monkeypatch.context() as patch:
			may = lambda doc, *asked, **how: doc.doctype != doctype and real(doc, *asked, **how)  # noqa: E731
			patch.setattr(kind, "has_permission", may)
			posts.follow_links(people.ines)
		return [str(message) for message in frappe.local.message_log]

	[said] = forbidden("Contact", people.ines)
	assert "You have no right to change Contact" in said and "its customers stay as they are" in said
	assert customers_of(people.ines) == [people.able]
	[said] = forbidden("Customer", people.able)
	assert "You have no right to change Customer" in said and "is still its primary contact" in said
	assert customers_of(people.ines) == []
	assert frappe.db.get_value("Customer", people.able, "customer_primary_contact") == people.ines


def test_a_post_that_is_corrected_takes_its_contact_from_the_customer_that_it_named(people):
	made = post(people.ines, people.able)
	other = post(people.ines, people.baker, designation="Advisor")
	made.customer = people.cole
	made.save()
	assert sorted(customers_of(people.ines)) == sorted([people.baker, people.cole])
	made.customer = people.baker
	made.save()
	assert customers_of(people.ines) == [people.baker]
	other.customer = people.able
	other.save()
	assert sorted(customers_of(people.ines)) == sorted([people.able, people.baker])
	made.contact, made.contact_name = people.tom, None
	made.save()
	assert (customers_of(people.ines), customers_of(people.tom)) == ([people.able], [people.baker])


def test_posts_and_pairs_say_what_somebody_is_called_now(people):
	made = post(people.ines, people.able, designation="Buyer")
	pair = {"document_type": "Contact", "document_name": people.tom, "other_name": people.ines}
	pair = row("Duplicate Pair", name=f"pair {people.ines}", document_title="Tom", other_title="Ines", **pair)
	doc = frappe.get_doc("Contact", people.ines)
	doc.update({"first_name": "Inés", "full_name": "Inés"})
	doc.save()
	made.reload()
	assert (made.contact_name, made.title) == ("Inés", "Inés (Buyer)")
	assert frappe.db.get_value("Duplicate Pair", pair, ["document_title", "other_title"]) == ("Tom", "Inés")
	follow_name("customer", people.able, "Able & Co")
	assert frappe.db.get_value(POST, made.name, "customer_name") == "Able & Co"
