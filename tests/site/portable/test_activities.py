"""One activity for every interaction: its people, times, deadline, and the deal's next step."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.activities import participants
from crm_pipeline.patches.v0_5 import complete_activities
from tests.site import rows
from tests.site.world import refused

ACTIVITY = "Sales Activity"
REP, OTHER, MANAGER = (f"{name}@crm-test.example" for name in ("rep", "rep2", "manager"))


def activity(**values):
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", "way": "Phone", **values}).insert()


def contact(first: str, customer: str | None = None) -> str:
	links = [{"link_doctype": "Customer", "link_name": customer}] if customer else []
	return frappe.get_doc({"doctype": "Contact", "first_name": first, "links": links}).insert().name


def test_an_activity_has_several_contacts_and_colleagues_each_once(world, as_user):
	as_user("rep")
	ann, bob = contact("Ann"), contact("Bob")
	people = [{"contact": bob}, {"contact": ann}, {"contact": bob}, {"colleague": MANAGER}, {"colleague": REP}]
	doc = activity(contact=ann, people=people)
	# Who is responsible takes part anyway.
	assert [(row.contact, row.colleague) for row in doc.people] == [(bob, None), (ann, None), (None, MANAGER)]
	assert [row.contact_name for row in doc.people][:2] == ["Bob", "Ann"]
	assert activity(people=[{"contact": bob}]).contact == bob


def test_a_row_names_somebody_who_is_there(world, as_user):
	as_user("rep")
	with refused(match="Row 1 of .*choose a contact or a colleague"):
		activity(people=[{}])
	as_user("Administrator")
	frappe.db.set_value("User", OTHER, "enabled", 0)
	as_user("rep")
	with refused(match="is not a user who works here"):
		activity(people=[{"colleague": OTHER}])


def test_a_contact_that_the_user_may_not_see_can_not_be_named(world, as_user):
	as_user("Administrator")
	hidden, shown, another = contact("Hidden"), contact("Shown"), contact("Another")
	for name in (shown, another):
		frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Contact", "for_value": name}).insert()
	as_user("rep")
	assert activity(people=[{"contact": shown}]).contact == shown
	for values in ({"contact": hidden}, {"people": [{"contact": hidden}]}):
		with refused(frappe.PermissionError):
			activity(**values)


def test_an_activity_about_a_contact_is_one_of_its_customer(world, as_user):
	as_user("rep")
	ann = contact("Ann", world.customer)
	doc = activity(reference_doctype="Contact", reference_name=ann)
	assert (doc.contact, doc.customer) == (ann, world.customer)


def test_end_and_length_agree_and_the_deadline_follows_the_start(world, as_user):
	as_user("rep")
	doc = activity(status="Planned", starts_on="2031-05-04 22:30:00", duration=2.5 * 3600)
	assert (str(doc.ends_on), str(doc.due_on)) == ("2031-05-05 01:00:00", "2031-05-04 22:30:00")
	doc.starts_on = "2031-05-06 10:00:00"
	doc.save()
	doc.reload()
	assert [str(doc.get(f)) for f in ("ends_on", "due_on")] == ["2031-05-06 12:30:00", "2031-05-06 10:00:00"]
	doc.due_on = "2031-05-09 17:00:00"
	doc.save()
	doc.starts_on = "2031-05-07 10:00:00"
	doc.save()
	assert str(doc.due_on) == "2031-05-09 17:00:00"
	with refused(match="must not be before"):
		activity(starts_on="2031-05-04 10:00:00", ends_on="2031-05-04 09:00:00")


def test_a_next_step_waits_in_one_place(sale, as_user):
	"""With a deal on the deal, else on the activity."""
	as_user("rep")
	deal = sale.opportunity()
	step = {"status": "Done", "next_step": "Send the offer", "next_step_date": nowdate()}
	of_deal = activity(reference_doctype=deal.doctype, reference_name=deal.name, **step)
	of_customer = activity(reference_doctype="Customer", reference_name=sale.world.customer, **step)
	assert [frappe.db.get_value(ACTIVITY, doc.name, "next_step_done") for doc in (of_deal, of_customer)] == [1, 0]
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") == "Send the offer"
	# What was sent for fields of the server is not taken.
	doc = activity(remind_at="2031-01-01 00:00:00", reminded_on="2031-01-01 00:00:00", status="Done")
	assert (doc.remind_at, doc.reminded_on) == (None, None)


def test_logging_is_one_call_and_carries_out_the_step_before(sale, as_user):
	as_user("rep")
	ann = contact("Ann", sale.world.customer)
	deal = sale.opportunity(next_step="Ring them", next_step_date=nowdate())
	values = {"subject": "Ring them", "reference_doctype": deal.doctype, "reference_name": deal.name, "status": "Done"}
	made = api.log_activity(values, [ann], [MANAGER], deal.doctype, deal.name)
	doc = frappe.get_doc(ACTIVITY, made["name"])
	assert (doc.contact, doc.customer, doc.people[1].colleague) == (ann, deal.customer, MANAGER)
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") is None
	# The step that the call led to takes the place of the one before.
	api.log_activity({**values, "next_step": "Visit", "next_step_date": add_days(nowdate(), 3)}, [], [])
	deal.reload()
	api.log_activity({**values, "next_step": "Sign"}, [], [], deal.doctype, deal.name)
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") == "Sign"


def test_without_a_subject_it_is_named_after_its_type_and_the_customer(sale, as_user):
	as_user("rep")
	about = {"reference_doctype": "Customer", "reference_name": sale.world.customer}
	for values, named in (({}, "Phone"), (about, f"Phone: {sale.world.customer}")):
		made = api.log_activity(values)
		assert frappe.db.get_value(ACTIVITY, made["name"], "subject") == named


def test_a_step_is_carried_out_by_who_may_change_the_document_only(sale, as_user):
	from tests.site.portable.test_visibility import set_apart

	as_user("other_rep")
	deal = sale.opportunity(next_step="Ring them", next_step_date=nowdate())
	set_apart()
	as_user("rep")
	with refused(frappe.PermissionError):
		api.log_activity({"subject": "x"}, [], [], deal.doctype, deal.name)


@pytest.mark.parametrize(
	"values",
	[{"starts_on": "soon"}, {"way": "Telepathy"}, {"subject": "x" * 200}, {"duration": -5}, {"duration": "1h"}],
)
def test_what_is_no_value_is_refused_in_words(as_user, values):
	as_user("rep")
	with refused():
		api.log_activity({"subject": "Call", **values})


def test_activities_of_before_get_their_end_deadline_and_people(world, as_user):
	as_user("rep")
	ann = contact("Ann")
	doc = activity(
		contact=ann,
		starts_on="2026-01-05 10:00:00",
		duration=1800,
		status="Done",
		next_step="Ring",
		next_step_date="2026-01-06",
	)
	frappe.db.set_value(
		ACTIVITY, doc.name, {"ends_on": None, "due_on": None, "next_step_done": 0, "modified": doc.modified}
	)
	frappe.db.delete("Sales Activity Person", {"parent": doc.name})
	for _again in range(2):
		complete_activities.execute()
		doc.reload()
		assert (str(doc.ends_on), str(doc.due_on), doc.next_step_done) == (
			"2026-01-05 10:30:00",
			"2026-01-05 10:00:00",
			1,
		)
		assert [(row.contact, row.contact_name) for row in doc.people] == [(ann, "Ann")]
		frappe.db.set_value(ACTIVITY, doc.name, "due_on", None)
	assert frappe.get_doc(ACTIVITY, doc.name).save()


def later(**how) -> str:
	return str(add_to_date(now_datetime(), **how))


def test_a_planned_activity_is_reminded_of_as_chosen(world, as_user):
	as_user("rep")
	in_a_day = get_datetime(later(days=1)).replace(microsecond=0)
	before = {
		name: activity(status="Planned", starts_on=in_a_day, remind=name).remind_at
		for name in ("1 Hour Before", "No Reminder")
	}
	assert before == {"1 Hour Before": in_a_day - timedelta(hours=1), "No Reminder": None}
	assert activity(status="Planned", starts_on=in_a_day).remind_at == in_a_day - timedelta(minutes=30)
	frappe.db.set_value("Notification Settings", REP, "crm_remind_before", "2 Hours Before")
	assert activity(status="Planned", starts_on=in_a_day).remind_at == in_a_day - timedelta(hours=2)
	assert getdate(activity(status="Planned", starts_on=later(hours=-1)).due_on) <= getdate()


def test_an_activity_with_a_contact_of_several_customers_is_of_none_until_somebody_says_so(world, monkeypatch):
	one, other = (rows.row("Contact", first_name=name, docstatus=0) for name in ("Ann", "Zoe"))
	for contact, customer in ((one, world.customer), (other, world.customer), (other, "Another")):
		linked = {"link_doctype": "Customer", "link_name": customer, "parent": contact, "docstatus": 0}
		rows.row("Dynamic Link", parenttype="Contact", parentfield="links", **linked)
	assert [participants._only_customer_of(name) for name in (one, other, "Nobody")] == [world.customer, None, None]
	monkeypatch.setattr(participants.rights, "has", lambda *asked: False)
	assert participants._only_customer_of(one) is None


def test_what_an_auto_repeat_makes_is_planned_at_the_same_time_of_its_day(world, as_user):
	as_user("rep")
	first = activity(
		starts_on="2026-03-02 09:30:00", ends_on="2026-03-02 10:15:00", due_on="2026-03-03 12:00:00", status="Done"
	)
	again = frappe.copy_doc(first, ignore_no_copy=False)
	again.run_method("on_recurring", reference_doc=first, auto_repeat_doc=frappe._dict(next_schedule_date="2027-01-04"))
	again.insert()
	assert (again.status, str(again.starts_on), str(again.ends_on)) == (
		"Planned", "2027-01-04 09:30:00", "2027-01-04 10:15:00",
	)  # fmt: skip
	assert str(again.due_on) == "2027-01-05 12:00:00"
