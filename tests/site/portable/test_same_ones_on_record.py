"""Records that may be one: shown while typing, suspected by night, compared and merged; and what data lacks."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.crm_customers.report.data_quality import data_quality as report
from tests.site.portable.test_same_ones import look, pairs_of
from tests.site.world import customer, refused


def test_a_converted_lead_is_the_one_that_stays(world, sale, as_user):
	as_user("manager")
	done, fresh = sale.lead(prospect_name=f"Quay {world.tag}"), sale.lead(prospect_name=f"Quay {world.tag}")
	api.qualify_lead(done.name)
	made = api.convert_lead(done.name, assessment="Hot")
	with refused(match="was converted"):
		api.merge_records("Sales Lead", done.name, fresh.name)
	api.merge_records("Sales Lead", fresh.name, done.name)
	assert frappe.db.get_value("Sales Opportunity", made["name"], "source_name") == done.name
	assert frappe.db.get_value("Sales Lead", done.name, "status") == "Converted"


@pytest.mark.parametrize("seen", [0, 1])
def test_only_pairs_of_which_both_may_be_read_are_listed(world, as_user, seen):
	both = one, _other = customer(f"Zephyr Works {world.tag}"), customer(f"Zephir Works {world.tag}")
	look()
	[(_both, _decision, pair)] = pairs_of(one)
	rep = as_user("rep")
	assert pair in frappe.get_list("Duplicate Pair", pluck="name", limit=0)
	frappe.set_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": rep, "allow": "Customer", "for_value": both[seen]}).insert()
	as_user("rep")
	assert pair not in frappe.get_list("Duplicate Pair", pluck="name", limit=0)
	with refused(frappe.PermissionError):
		api.mark_not_duplicate(pair)
	as_user("finance")
	with refused(frappe.PermissionError):
		frappe.get_doc("Duplicate Pair", pair).check_permission("read")


def test_the_report_shows_the_list_with_its_numbers(world, as_user):
	customer(f"Bare {world.tag}")
	as_user("manager")
	columns, data, _message, chart, summary = report.execute({"document_type": "Customer", "group": "Missing"})
	assert {"doctype", "name", "fault"} <= {column["fieldname"] for column in columns}
	assert {row["fault"] for row in data} <= {"No Contact", "No E-mail or Phone", "Incomplete"}
	assert sum(chart["data"]["datasets"][0]["values"]) == sum(card["value"] for card in summary)
