"""My Day: what waits for somebody, as their lists say, and what is done about it there."""

import frappe
from frappe.utils import nowdate

from crm_pipeline import api
from tests.site.portable.test_my_day import ACTIVITY, REP, activity, later, names
from tests.site.world import refused


def test_steps_and_tasks_are_done(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(next_step="Send it", next_step_date=nowdate())
	task = frappe.get_doc({"doctype": "ToDo", "description": "Send it", "allocated_to": REP}).insert()
	api.finish_item(deal.doctype, deal.name)
	api.finish_item("ToDo", task.name)
	assert frappe.db.get_value(deal.doctype, deal.name, ["next_step", "next_step_date"]) == (None, None)
	assert frappe.db.get_value("ToDo", task.name, "status") == "Closed"
	with refused(match="open it"):
		api.finish_item("Sales Lead", sale.lead().name)


def test_who_clicks_twice_does_a_thing_once_and_keeps_what_follows_from_it(world, as_user):
	as_user("rep")
	doc = activity(starts_on=later(hours=1))
	said = {"result": "Reached", "next_step": "Send the offer", "next_step_date": nowdate()}
	for _click in (1, 2):
		api.finish_item(ACTIVITY, doc.name, said)
	doc.reload()
	assert (doc.status, doc.next_step, doc.next_step_done) == ("Done", "Send the offer", 0)
	assert names("steps") == [doc.name]
	# The step itself is done without a result.
	api.finish_item(ACTIVITY, doc.name)
	assert frappe.db.get_value(ACTIVITY, doc.name, "next_step_done") == 1
	plain = activity(starts_on=later(hours=1))
	api.finish_item(ACTIVITY, plain.name)
	api.finish_item(ACTIVITY, plain.name)
