"""Who of the demo is away, who stands in, and what is about to change hands."""

from datetime import date

import frappe
from frappe.utils import add_days

from crm_pipeline.demo import actors, story
from crm_pipeline.handovers import handing_over
from crm_pipeline.my_day import day_actions

AWAY, DEPUTY, OTHER = "overseas", "north", "south"


def load_stand_ins(today: date) -> None:
	"""A rep who is away from yesterday on, and the handover of what is theirs, prepared and not begun."""
	actors.act_as(AWAY)
	absence = frappe.new_doc("Sales Absence")
	absence.update(
		{
			"user": actors.email(AWAY),
			"deputy": actors.email(DEPUTY),
			"from_date": add_days(today, -1),
			"to_date": add_days(today, 12),
			"note": "At sea with a customer, no telephone",
		}
	)
	absence.insert()
	actors.act_as("manager")
	handover = frappe.new_doc(handing_over.HANDOVER)
	handover.update({"from_user": actors.email(AWAY), "rule": "Territory", "note": "Jun moves to the service team"})
	for who in (DEPUTY, OTHER):
		place = story.TERRITORIES[actors.ACTORS[who].territory]
		handover.append("receivers", {"user": actors.email(who), "territory": place})
	# What is in nobody's territory.
	handover.append("receivers", {"user": actors.email(DEPUTY)})
	handover.insert()
	handing_over.prepare(handover.name)
	_pass_on()


def _pass_on() -> None:
	"""A lead that one rep has given to another: who had it when stands in its history."""
	mine = {"company": story.COMPANY, "sales_owner": actors.email(OTHER), "status": "New"}
	lead = frappe.db.get_value("Sales Lead", mine, "name", order_by="creation desc, name desc")
	if lead:
		actors.act_as(OTHER)
		# The bell of who gets it would ring from a job.
		with actors.flags(in_install="crm_pipeline"):
			day_actions.forward("Sales Lead", lead, actors.email(DEPUTY), "They moved their yard to the north")
