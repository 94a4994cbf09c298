# ruff: noqa: F811
"""Leads without an owner get one: by the rules, fairly, with history and one notice; nobody waits unseen."""

import json

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.assignment import time_limits
from crm_pipeline.chain import pending
from tests.site.bench.test_automation import assignment, automation  # noqa: F401
from tests.site.portable.test_assignment import MANAGER, OTHER, REP, alone, assign, lead, owners, places, rule  # noqa: F401
from tests.site.world import history


def test_rotation_gives_with_history_date_and_one_notice_each(lead):
	made = rule(REP, OTHER, answer_minutes=60)
	leads = [lead() for _n in range(4)]
	frappe.db.delete("Pending Update")
	frappe.local.crm_pipeline_noted = set()
	assert assign(*leads) == 4
	assert sorted(owners(*leads)) == sorted([REP, OTHER] * 2)
	found = frappe.get_doc("Sales Lead", leads[0].name)
	assert found.assignment_rule == made.name and found.assigned_on and found.answer_due_on > found.assigned_on
	assert ("Owner", None, owners(leads[0])[0]) in history("Sales Lead", leads[0].name)
	notes = frappe.get_all("Pending Update", filters={"what": pending.MOVE}, pluck="document", order_by="creation asc")
	assert len(notes) == 2
	for event in notes:
		pending.do("Pipeline Event", event)
	assert (
		frappe.db.count("Notification Log", {"for_user": REP, "document_name": ("in", [one.name for one in leads])})
		== 1
	)
	made.reload()
	assert (made.given, [row.given for row in made.members]) == (4, [2, 2])
	assert assign(*leads) == 0


def test_products_channels_industries_and_own_conditions_decide(lead, world, site):
	group = frappe.db.get_value("Item", world.service, "item_group")
	top = frappe.db.get_value("Item Group", group, "parent_item_group") or group
	rule(REP, item_group=top, own_filters=json.dumps([["Sales Lead", "title", "like", "%turbine%", False]]))
	rule(OTHER, item=world.service, position=2)
	items = [{"item_code": world.service, "qty": 1}]
	both, one, none = lead(title="A turbine", items=items), lead(items=items), lead(title="A turbine", items=[])
	assign(both, one, none)
	assert owners(both, one, none) == [REP, OTHER, None]


def test_automation_of_the_site_hears_of_it(lead, automation):
	frappe.db.set_value("Notification Settings", MANAGER, "enabled", 0)
	automation("Assignment Rule", **assignment("Sales Lead", "sales_owner", MANAGER))
	rule(REP)
	found = lead()
	assign(found)
	assert owners(found) == [REP]
	todo = {"reference_type": "Sales Lead", "reference_name": found.name, "allocated_to": MANAGER}
	assert frappe.db.count("ToDo", todo) == 1


def test_who_could_not_see_it_does_not_get_it(lead, places):
	frappe.get_doc(
		{
			"doctype": "User Permission",
			"user": REP,
			"allow": "Territory",
			"for_value": places.city,
			"apply_to_all_doctypes": 1,
		}
	).insert()
	rule(REP, OTHER)
	leads = [lead(territory=places.region) for _n in range(2)]
	assign(*leads)
	assert owners(*leads) == [OTHER, OTHER]


def test_who_inserts_a_lead_owns_it_only_where_no_rule_says_otherwise(lead, as_user):
	as_user("rep")
	assert lead(sales_owner=None).sales_owner == REP
	as_user("Administrator")
	rule(OTHER)
	as_user("rep")
	left_open, own = lead(sales_owner=None), lead(sales_owner=REP)
	assert (left_open.sales_owner, own.sales_owner) == (None, REP)
	as_user("Administrator")
	assign(left_open)
	assert owners(left_open, own) == [OTHER, REP]


def test_a_circle_that_two_managers_closed_at_once_leads_no_lead_around(lead, places):
	one = rule(method="Regional Manager", title="One", position=0)
	two = rule(method="Regional Manager", title="Two", position=9, next_rule=one.name, next_minutes=5)
	frappe.db.set_value("Lead Assignment Rule", one.name, {"next_rule": two.name, "next_minutes": 5})
	doc = lead(territory=places.city)
	assign(doc)
	frappe.db.set_value("Sales Lead", doc.name, "next_rule_on", add_to_date(now_datetime(), minutes=-1))
	time_limits.hand_on()
	assert owners(doc) == [MANAGER] and not frappe.db.get_value("Sales Lead", doc.name, "next_rule_on")
