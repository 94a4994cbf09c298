"""What waits for the reps of the demo: today, and in the weeks around it."""

from datetime import date, datetime, time

import frappe
from frappe.utils import add_days

from crm_pipeline.chain.standard_kinds import name_of
from crm_pipeline.core.activity import DONE, HIGH, LOW, MEDIUM, PLANNED
from crm_pipeline.core.kinds import ACTIVITY_TYPE
from crm_pipeline.core.stages import OPEN
from crm_pipeline.demo import actors, story

DEAL = "Sales Opportunity"
# Subject, way, days from today, hour, hours, priority. The first one is late.
AROUND = (
	("Send the certificates", "e_mail", -1, 16, 0.5, HIGH),
	("Look through the drawings together", "video_call", 1, 9, 1, MEDIUM),
	("Demonstration at the test bench", "demonstration", 3, 13, 3, HIGH),
	("Ask how the first week went", "phone", 6, 11, 0.5, LOW),
	("Yearly talk with the management", "meeting", 9, 14, 2, MEDIUM),
)


def plan(today: date) -> None:
	"""Make the day of each person with open deals, with the customer of the one that was touched last."""
	deals = frappe.get_all(
		DEAL,
		filters={
			"company": story.COMPANY,
			"status": OPEN,
			"sales_owner": ("in", actors.emails()),
			"customer": ("is", "set"),
		},
		fields=["customer", "sales_owner"],
		order_by="modified desc, name asc",
		limit=0,
	)
	for owner, customer in {deal.sales_owner: deal.customer for deal in reversed(deals)}.items():
		frappe.set_user(owner)
		# Not about the deal: each activity of one has it judged anew.
		about = {"reference_doctype": "Customer", "reference_name": customer}
		colleague = {"people": [{"colleague": actors.email("manager")}]}
		_make("Visit with the engineers", "visit", today, 10, duration=2 * 3600, **about, **colleague)
		_make("Call about the open questions", "phone", today, 15, priority=HIGH, **about)
		for subject, way, days, hour, hours, priority in AROUND:
			_make(subject, way, add_days(today, days), hour, duration=hours * 3600, priority=priority, **about)
		agreed = {"status": DONE, "next_step": "Send the maintenance plan", "next_step_date": today}
		_make("Talk about the service", "phone", add_days(today, -2), 11, duration=1200, **about, **agreed)


def _make(subject: str, way: str, day: date, hour: int, **values) -> None:
	starts = datetime.combine(day, time(hour))
	doc = frappe.new_doc("Sales Activity")
	doc.update(
		{"subject": subject, "way": name_of(ACTIVITY_TYPE, way), "status": PLANNED, "starts_on": starts, **values}
	)
	doc.insert()
