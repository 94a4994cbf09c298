"""Small steps: who is found by a number, what lies below a place or a person, who left, and what a lead was before."""

from datetime import datetime

import frappe

from crm_pipeline import permissions
from crm_pipeline.coaching import move_notices
from crm_pipeline.core import matching
from crm_pipeline.duplicates import data_quality, pair_records, while_typing
from crm_pipeline.scoring import learned_scores, score_rules, scored_facts
from tests.site.conftest import USERS
from tests.site.rows import row, sales_people

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LEAD = "Sales Lead"


def test_of_contacts_those_are_found_that_have_the_number_or_address_that_was_typed(world, as_user):
	as_user("Administrator")
	number, address = f"+4930{int(world.tag, 36)}", f"x@{world.tag}.example"
	names = {}
	for key, phone, mail in (
		("a", number, f"o{address}"),
		("b", f"{number}1", address),
		("c", f"{number}2", f"p{address}"),
	):
		name = names[key] = row("Contact", name=f"{key} {world.tag}", first_name=key, full_name=key, docstatus=0)
		of = {"parent": name, "parenttype": "Contact", "docstatus": 0}
		row(
			"Contact Phone",
			phone=phone,
			crm_match_phone=matching.normal_phone(phone, "DE"),
			parentfield="phone_nos",
			**of,
		)
		row("Contact Email", email_id=mail, crm_match_email=mail, parentfield="email_ids", **of)
	of = {"parent": names["c"], "parenttype": "User", "parentfield": "x", "docstatus": 0}
	row("Contact Email", email_id=address, crm_match_email=address, **of)
	found = lambda **typed: [one["name"] for one in while_typing.similar("Contact", typed)["found"]]  # noqa: E731
	assert found(phone=number) == [names["a"]] and found(email=address) == [names["b"]]
	assert sorted(found(phone=number, email=address)) == [names["a"], names["b"]]


def test_a_territory_is_asked_with_what_lies_below_it_and_not_beside(world):
	places = {"land": (90001, 90006), "town": (90002, 90003), "village": (90004, 90005), "beside": (90007, 90008)}
	for key, (lft, rgt) in places.items():
		row("Territory", name=f"{key} {world.tag}", lft=lft, rgt=rgt, is_group=0, docstatus=0)
	below = lambda key: sorted(score_rules.below(f"{key} {world.tag}"))  # noqa: E731
	assert [name.split(" ")[0].casefold() for name in below("land")] == ["land", "town", "village"]
	assert [name.split(" ")[0].casefold() for name in below("town")] == ["town"]


def test_cases_of_a_sales_person_below_are_listed_whoever_has_them(world):
	people = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	case = lambda key, person: row(  # noqa: E731
		"Customer Case",
		name=f"{key} {world.tag}",
		sales_owner="x@nowhere.example",
		sales_person=person,
		owner="Guest",
		docstatus=0,
	)
	made = {key: case(key, people[key]) for key in people}
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")

	def listed(user: str) -> set[str]:
		condition = permissions.personal_condition(user, "Customer Case") or "1 = 1"
		names = {name for (name,) in frappe.db.sql(f"select name from `tabCustomer Case` where {condition}")}
		return {key for key, name in made.items() if name in names}

	assert (listed(REP), listed(OTHER)) == ({"Rep"}, {"South"})


def test_who_left_is_no_recipient_of_a_notice(world):
	name = row(LEAD, name=f"L {world.tag}", title="L", status="New", sales_owner=REP, docstatus=0)
	wanted = {"crm_notify_assignment": 1}
	frappe.db.set_value("Notification Settings", {"name": ("in", (REP, OTHER))}, wanted)
	doc, notice = frappe.get_doc(LEAD, name), move_notices.Notice("assignment", "given", (REP, OTHER, None))
	assert sorted(move_notices.recipients(notice, doc, MANAGER)) == sorted((REP, OTHER))
	assert move_notices.recipients(notice, doc, OTHER) == [REP]
	frappe.db.set_value("User", OTHER, "enabled", 0)
	assert move_notices.recipients(notice, doc, MANAGER) == [REP]
	frappe.db.set_value("User", OTHER, "enabled", 1)


def test_a_version_of_another_record_changes_nothing_of_what_a_lead_was(world):
	decided = datetime(2026, 3, 5, 10)
	name, other = f"L {world.tag}", f"M {world.tag}"
	data = frappe.as_json({"changed": [["channel", "Fair", "Web"]]})
	row("Version", ref_doctype="Sales Prospect", docname=name, data=data, creation="2026-03-06", docstatus=0)
	row("Version", ref_doctype=LEAD, docname=other, data=data, creation="2026-03-06", docstatus=0)
	asked = lambda: learned_scores._undone([frappe._dict(name=name, channel="Web")], {name: decided})[0]  # noqa: E731
	assert [one.channel for one in asked()] == ["Web"]
	row("Version", ref_doctype=LEAD, docname=name, data=data, creation="2026-03-06", docstatus=0)
	assert [one.channel for one in asked()] == ["Fair"]


def test_an_answer_in_another_record_s_table_is_none_of_the_lead(world):
	name = f"L {world.tag}"
	for place, (parenttype, key) in enumerate(((LEAD, "need"), ("Sales Prospect", "budget"))):
		of = {"parent": name, "parenttype": parenttype, "parentfield": "answers", "idx": place + 1, "docstatus": 0}
		row("Lead Answer", question_key=key, question=key, answer="Yes", points=3, **of)
	assert scored_facts._answers([{"name": name}], {}) == {name: {"need": ("Yes", 3)}}


def test_of_pairs_with_a_record_that_took_another_in_one_of_each_stays_on_whichever_side(world):
	kept, other, third = (f"{key} {world.tag}" for key in "klm")
	pair = lambda one, two, **values: row(  # noqa: E731
		"Duplicate Pair", document_type=LEAD, document_name=one, other_name=two, docstatus=0, **values
	)
	itself, open_one, answered = pair(kept, kept), pair(kept, other), pair(other, kept, decision="Two")
	alone, twice = pair(third, kept, creation="2026-01-01"), pair(kept, third, creation="2026-01-02")
	strange, first, last = pair(other, third), pair(kept, f"n {world.tag}"), pair(f"o {world.tag}", kept)
	pair_records.after_merge(LEAD, kept)
	left = [
		bool(frappe.db.exists("Duplicate Pair", name)) for name in (itself, open_one, answered, strange, first, last)
	]
	assert left == [False, False, True, True, True, True]
	assert [bool(frappe.db.exists("Duplicate Pair", name)) for name in (alone, twice)].count(True) == 1


def test_faults_of_a_person_s_data_are_those_of_whom_they_lead(world):
	people = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	assert data_quality._team(people["North"]) == {people["North"], people["Rep"]}
	assert data_quality._team(people["Rep"]) == {people["Rep"]}
	assert data_quality._team(None) is data_quality._team("") is None
