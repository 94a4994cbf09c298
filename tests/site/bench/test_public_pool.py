"""What nobody works on goes to the public pool after a warning, and comes out of it to one person at a time."""

import frappe

from crm_pipeline import api
from crm_pipeline.handovers import held_records
from tests.site.portable.test_public_pool import OTHER, REP, aged, judge, movements, owner, pooled, rule
from tests.site.world import customer, history


def test_a_customer_falls_by_contact_and_sale_and_comes_back_with_its_team(sale, world, as_user):
	as_user("Administrator")
	person = frappe.get_doc({"doctype": "Sales Person", "sales_person_name": f"R {world.tag}", "parent_sales_person": "Sales Team", "crm_user": REP, "enabled": 1}).insert()  # fmt: skip
	other = frappe.get_doc({"doctype": "Sales Person", "sales_person_name": f"O {world.tag}", "parent_sales_person": "Sales Team", "crm_user": OTHER, "enabled": 1}).insert()  # fmt: skip
	team = [{"sales_person": person.name, "allocated_percentage": 100}]
	mine = frappe.get_doc("Customer", customer(f"Quiet {world.tag}", account_manager=REP, sales_team=team))
	team_only = frappe.get_doc("Customer", customer(f"Team {world.tag}", sales_team=team))
	nobodys = frappe.get_doc("Customer", customer(f"Free {world.tag}"))
	buying = frappe.get_doc("Customer", customer(f"Buying {world.tag}", account_manager=REP))
	rule("Customer", unsold_days=90)
	for doc in (mine, team_only, nobodys, buying):
		aged(doc, 120)
	deal = sale.opportunity(customer=buying.name)
	judge(mine, team_only, nobodys, buying)
	assert pooled(mine, team_only, nobodys, buying) == [True, True, False, False]
	assert not frappe.get_doc("Customer", mine.name).sales_team and owner(mine) is None
	assert ("Owner", REP, None) in history("Customer", mine.name)
	as_user("other_rep")
	api.claim_from_pool("Customer", mine.name)
	found = frappe.get_doc("Customer", mine.name)
	assert (found.account_manager, [row.sales_person for row in found.sales_team]) == (OTHER, [other.name])
	# As a handover understands whose a customer is.
	as_user("Administrator")
	assert held_records.BY_DOCTYPE["Customer"].is_held_by(found, OTHER)
	assert movements(team_only) == [("Fell", REP, None)]
	assert deal.customer == buying.name
