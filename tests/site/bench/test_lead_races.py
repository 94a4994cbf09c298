"""Several workers give the same leads at once: each lead goes to one person, and turns stay fair."""

import frappe
import pytest

from tests.site.bench.test_concurrency import committed, race  # noqa: F401
from tests.site.conftest import USERS

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


@pytest.fixture
def rule(committed):  # noqa: F811
	frappe.set_user("Administrator")
	company = committed.world.company
	members = [{"user": REP, "weight": 2}, {"user": OTHER}]
	made = frappe.get_doc(
		{"doctype": "Lead Assignment Rule", "title": "Race", "position": 0, "company": company, "members": members}
	).insert()
	yield made
	frappe.db.rollback()
	frappe.db.set_value("Sales Lead", {"assignment_rule": made.name}, "assignment_rule", None)
	frappe.delete_doc("Lead Assignment Rule", made.name)
	frappe.db.commit()


def test_four_workers_and_the_same_leads(committed, race, rule):  # noqa: F811
	names = [committed.lead(sales_owner="", sales_person="", items=[]).name for _n in range(12)]
	job = "crm_pipeline.assignment.assigning.assign_new"
	# One of them in another order, and two with half of them.
	parts = (names, names[::-1], names[:6], names[6:])
	answers = race([(job, [part], ["Sales Lead", names[0]]) for part in parts])
	assert not [answer for answer in answers if "error" in answer], answers
	owners = frappe.get_all("Sales Lead", filters={"name": ("in", names)}, pluck="sales_owner", order_by="name asc")
	assert (owners.count(REP), owners.count(OTHER)) == (8, 4)
	moves = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": ("in", names), "kind": "Owner"},
		pluck="reference_name",
		order_by="name asc",
	)
	assert sorted(moves) == sorted(names)
	assert frappe.db.get_value(rule.doctype, rule.name, "given") == 12


def test_another_program_that_sends_one_key_twice_at_once_makes_one_lead(committed, race):  # noqa: F811
	frappe.set_user("Administrator")
	key, about = frappe.generate_hash(length=9), committed.lead(items=[])
	values = {"title": "A pump", "prospect_name": about.party_name, "company": about.company}
	answers = race([("crm_pipeline.api.capture_lead", [key, values], ["Sales Lead", about.name])] * 4)
	found = [answer.get("result") for answer in answers]
	assert all(found), answers
	assert len({one["name"] for one in found}) == 1 and sum(one["created"] for one in found) == 1, answers
	frappe.db.rollback()
	frappe.delete_doc("Sales Lead", found[0]["name"], force=True)
	frappe.db.commit()
