"""Names that mean something to a database: lists of 15 take percent signs as they are, those of 16 as placeholders."""

import frappe

from crm_pipeline import api
from tests.site.portable.test_visibility import OTHER, person, team  # noqa: F401


def test_names_with_percent_signs_and_quotes_break_no_list(team, world, sale, as_user):  # noqa: F811
	frappe.db.set_value("Sales Person", {"crm_user": OTHER}, "crm_user", None)
	person(f"50% o'Hara %s {world.tag}", team, OTHER)
	as_user("other_rep")
	name = sale.opportunity().name
	as_user("manager")
	for doctype, field in (("Sales Opportunity", "name"), ("Pipeline Event", "reference_name")):
		rows = frappe.get_list(doctype, filters={field: name}, fields=[field], order_by="name asc")
		assert [row[field] for row in rows] == [name]
	assert api.get_funnel({"company": world.company})["outcome"]["opened"] >= 1
	assert frappe.get_doc("Sales Opportunity", name).has_permission("read")
