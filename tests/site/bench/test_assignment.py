# ruff: noqa: F811
"""Leads without an owner get one: by the rules, fairly, with history and one notice; nobody waits unseen."""

import json

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.assignment import time_limits
from tests.site.bench.test_automation import assignment, automation  # noqa: F401
from tests.site.portable.test_assignment import MANAGER, OTHER, REP, alone, assign, lead, owners, places, rule  # noqa: F401


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


def test_a_circle_that_two_managers_closed_at_once_leads_no_lead_around(lead, places):
	one = rule(method="Regional Manager", title="One", position=0)
	two = rule(method="Regional Manager", title="Two", position=9, next_rule=one.name, next_minutes=5)
	frappe.db.set_value("Lead Assignment Rule", one.name, {"next_rule": two.name, "next_minutes": 5})
	doc = lead(territory=places.city)
	assign(doc)
	frappe.db.set_value("Sales Lead", doc.name, "next_rule_on", add_to_date(now_datetime(), minutes=-1))
	time_limits.hand_on()
	assert owners(doc) == [MANAGER] and not frappe.db.get_value("Sales Lead", doc.name, "next_rule_on")
