"""One activity for every interaction: its people, times, deadline, and the deal's next step."""

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from tests.site.portable.test_activities import ACTIVITY, activity


@pytest.mark.parametrize("how", ["sale.opportunity", "sale.lead", "project", "prospect"])
def test_what_is_planned_about_what_is_given_up_is_off_and_comes_back_with_it(sale, world, as_user, how):
	as_user("rep")
	made = {
		"sale.opportunity": sale.opportunity,
		"sale.lead": sale.lead,
		"project": lambda: frappe.get_doc("Sales Project", api.opportunity_to_project(sale.opportunity().name)["name"]),
		"prospect": lambda: frappe.get_doc(
			{"doctype": "Sales Prospect", "prospect_name": f"Cedar {world.tag}", "company": world.company}
		).insert(),
	}[how]()
	about = {"reference_doctype": made.doctype, "reference_name": made.name}
	planned, off, done = (activity(status=status, **about) for status in ("Planned", "Cancelled", "Done"))
	step = {"next_step": "Send the curves", "next_step_date": nowdate()}
	agreed = activity(status="Done", **about)
	frappe.db.set_value(ACTIVITY, agreed.name, step)
	other = activity(status="Planned", reference_doctype="Customer", reference_name=world.customer)
	give_up, take_up = {
		"Sales Lead": (lambda: api.disqualify_lead(made.name, "Price"), lambda: api.reopen_lead(made.name)),
		"Sales Prospect": (lambda: api.reject_prospect(made.name, "Price"), lambda: api.reopen_prospect(made.name)),
	}.get(
		made.doctype,
		(
			lambda: api.lose_deal(made.doctype, made.name, "Price"),
			lambda: api.reopen_deal(made.doctype, made.name),
		),
	)
	give_up()
	states = lambda: [frappe.db.get_value(ACTIVITY, one.name, "status") for one in (planned, off, done, other)]  # noqa: E731
	assert states() == ["Cancelled", "Cancelled", "Done", "Planned"]
	day = str(api.get_my_day()["sections"])
	assert planned.name not in day and agreed.name not in day
	agreed.reload()
	agreed.save()
	take_up()
	assert agreed.name in str(api.get_my_day()["sections"])
	assert states() == ["Planned", "Cancelled", "Done", "Planned"]
