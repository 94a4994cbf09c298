"""One activity for every interaction: its people, times, deadline, and the deal's next step."""

import frappe
import pytest
from frappe.utils import get_datetime

from crm_pipeline import api
from tests.site.portable.test_activities import ACTIVITY, activity, contact
from tests.site.world import refused


def test_who_may_read_no_contacts_names_none(world, as_user):
	as_user("Administrator")
	ann = contact("Ann")
	# One Custom DocPerm takes the place of all standard rights.
	only = {"doctype": "Custom DocPerm", "parent": "Contact", "role": "System Manager", "read": 1}
	frappe.get_doc(only).insert()
	frappe.clear_cache(doctype="Contact")
	try:
		as_user("rep")
		with refused(frappe.PermissionError):
			activity(people=[{"contact": ann}])
	finally:
		frappe.db.rollback()
		frappe.clear_cache(doctype="Contact")


def test_the_calendar_holds_what_touches_the_time_and_the_user_may_read(world, as_user):
	from tests.site.portable.test_visibility import set_apart

	as_user("other_rep")
	activity(subject="Of another team", starts_on="2031-05-04 10:00:00")
	as_user("rep")
	over_midnight = activity(starts_on="2031-05-03 23:00:00", ends_on="2031-05-04 02:00:00", status="Planned")
	point = activity(starts_on="2031-05-04 12:00:00", status="Planned", priority="High")
	activity(starts_on="2031-05-05 12:00:00")
	set_apart()
	asked = {"doctype": ACTIVITY, "start": "2031-05-04 00:00:00", "end": "2031-05-05 00:00:00"}
	as_user("rep")
	found = {row.name: row for row in api.get_activity_events(**asked)}
	assert set(found) == {over_midnight.name, point.name}
	assert get_datetime(found[point.name].ends_on) == get_datetime("2031-05-04 12:30:00")
	assert found[point.name].color != found[over_midnight.name].color
	filters = [[ACTIVITY, "priority", "=", "High", False]]
	assert [row.name for row in api.get_activity_events(**asked, filters=filters)] == [point.name]
	# 16 says of a field that is not there what it says of one that the user may not read.
	with refused((frappe.ValidationError, frappe.PermissionError)):
		api.get_activity_events(**asked, filters=[[ACTIVITY, "no_such_field", "=", 1]])
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_activity_events(**asked)


def test_dragged_in_the_calendar_it_has_the_times_that_were_drawn(world, as_user):
	from frappe.desk.calendar import update_event

	as_user("rep")
	doc = activity(starts_on="2031-05-04 10:00:00", ends_on="2031-05-04 11:00:00", status="Planned")
	drawn = {
		"doctype": ACTIVITY,
		"name": doc.name,
		"starts_on": "2031-05-06 09:00:00",
		"ends_on": "2031-05-06 12:00:00",
	}
	update_event(frappe.as_json(drawn), frappe.as_json({"start": "starts_on", "end": "ends_on"}))
	doc.reload()
	assert (str(doc.due_on), doc.duration) == ("2031-05-06 09:00:00", 3 * 3600)


@pytest.mark.parametrize("doctype", ["Customer", "Contact", "ToDo"])
def test_an_activity_outlives_what_it_was_about(world, as_user, doctype):
	as_user("Administrator")
	made = frappe.get_doc(
		{
			"Customer": {"doctype": "Customer", "customer_name": f"Gone {world.tag}"},
			"Contact": {"doctype": "Contact", "first_name": "Ann"},
			"ToDo": {"doctype": "ToDo", "description": "Call Ann"},
		}[doctype]
	).insert()
	doc = activity(
		status="Planned", reference_doctype=doctype, reference_name=made.name, people=[{"contact": contact("Bob")}]
	)
	frappe.delete_doc(doctype, made.name)
	api.finish_item(ACTIVITY, doc.name, {"result": "Reached"})
	doc.reload()
	assert (doc.status, doc.reference_doctype, doc.reference_name) == ("Done", None, None)
	assert doc.customer is None and [row.contact for row in doc.people] == [doc.contact] == ["Bob"]
	# A name that was never there is still a mistake.
	doc.contact = "Nobody"
	with refused(frappe.LinkValidationError):
		doc.save()
