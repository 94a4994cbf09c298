"""Desk's own cards and charts count no more than their user may see."""

import frappe

from crm_pipeline import api
from tests.site.portable.test_visibility import as_each, deals, team  # noqa: F401


@as_each
def test_cards_and_charts_count_what_the_user_may_see(deals, as_user, who, total):  # noqa: F811
	"""As Desk asks for them: the workspace's cards, and the chart of what was won."""
	from frappe.desk.doctype.dashboard_chart.dashboard_chart import get as chart_data
	from frappe.desk.doctype.number_card.number_card import get_result

	pipeline, made = deals
	mine = [["Sales Opportunity", "pipeline", "=", pipeline]]
	as_user(who)
	card = frappe.get_doc("Number Card", "Open Pipeline Amount")
	open_ones = [*mine, ["Sales Opportunity", "status", "=", "Open"]]
	assert get_result(card.as_dict(), frappe.as_json(open_ones)) == total
	as_user("Administrator")
	for name in made.values():
		api.move_stage("Sales Opportunity", name, f"{pipeline}-won")
	as_user(who)
	found = chart_data(chart_name="Won Amount per Month", filters=frappe.as_json(mine), refresh=1)
	assert sum(found["datasets"][0]["values"]) == total
