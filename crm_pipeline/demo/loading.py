"""`load`: builds the demo company and plays the story in it, step by step, each step committed."""

import frappe
from frappe.utils import add_days, get_datetime, getdate, update_progress_bar
from frappe.utils.synchronization import filelock

from crm_pipeline.analytics import deal_dwell, snapshots, stall_verdicts
from crm_pipeline.chain import pending
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.core.registry import DEALS
from crm_pipeline.demo import (
	actors,
	clearing,
	clock,
	complaints,
	demo_promises,
	discussions,
	enquiries,
	key_accounts,
	lookalikes,
	plan,
	planned_day,
	play,
	stand_ins,
	story,
	world,
)


def load() -> None:
	with filelock("crm_pipeline_demo", timeout=5):
		state = clearing.state()
		if state == clearing.LOADED:
			print(
				f"The demo is here already, in the company {story.COMPANY}. Run crm_pipeline.demo.clear to remove it."
			)
			return
		if state:
			print("An earlier load was interrupted; removing what it left.")
			clearing.remove()
		_add_story(getdate())


def _add_story(today) -> None:
	user = frappe.session.user
	world.refuse_taken_names()
	clearing.set_state(clearing.LOADING)
	# An interrupted load has to be seen by the next one, which clears it.
	frappe.db.commit()
	steps = plan.story_until(today)
	# The past is written, not lived: no mail, no webhook, no assignment comes out of it.
	# And no worker does in the present what the story does in its time.
	with actors.flags(in_import=True, mute_emails=True), clock.story_time(), pending.nothing_queued():
		try:
			first = add_days(today, -story.DAYS - 1)
			clock.set_to(get_datetime(first))
			print(f"Building the company {story.COMPANY} ...")
			_build(first, add_days(today, 366))
			print(f"Telling {len(steps)} steps from {steps[0].at:%Y-%m-%d} to {steps[-1].at:%Y-%m-%d} ...")
			_play(steps, add_days(today, -7 * story.WEEKS_FROZEN))
			_add_dealings(today)
		finally:
			frappe.set_user(user)
	_age_invoices()
	_judge_deals()
	snapshots.measure(story.COMPANY)
	clearing.set_state(clearing.LOADED)
	# The last of the story's commits: from here on the demo is whole.
	frappe.db.commit()
	_say_what_there_is()


def _build(first, last) -> None:
	actors.make_users()
	world.make_company()
	actors.choose_company()
	# From here on everything belongs to people of the demo: that is how `clear` knows it.
	actors.act_as("manager")
	world.build(first, last)
	actors.make_sales_persons()
	# A step that fails takes back itself, not the world it happens in.
	frappe.db.commit()


def _freeze_forecast(at) -> None:
	"""What the weekly job would do at that time."""
	clock.set_to(at)
	actors.act_as("manager")
	snapshots.take(story.COMPANY, at.date())


def _play(steps, frozen_from) -> None:
	player, week = play.Player(), None
	for number, step in enumerate(steps):
		new_week = week != (week := snapshots.week_of(step.at.date()))
		try:
			_play_step(player, step, freeze=new_week and step.at.date() >= frozen_from)
		except Exception:
			frappe.db.rollback()
			print(f"\nStopped at step {number + 1}: {step.who} {step.verb} {step.key} on {step.at:%Y-%m-%d}")
			raise
		# Long loads commit per step, so a race lost to a background job takes back one step only.
		frappe.db.commit()
		update_progress_bar("Telling the story", number, len(steps))
	print()


@whole_transaction
def _play_step(player, step, freeze: bool) -> None:
	if freeze:
		_freeze_forecast(step.at)
	player.play(step)


def _add_dealings(today) -> None:
	"""What people of the demo have to do with its customers beside the chain: as whoever does it, at its time."""
	for load_part in (
		complaints.load_complaints,
		key_accounts.load_key_accounts,
		lookalikes.load_lookalikes,
		demo_promises.load_promises,
		discussions.load_discussions,
		enquiries.load_enquiries,
		planned_day.plan,
		stand_ins.load_stand_ins,
	):
		load_part(today)
		frappe.local.message_log = []
		# As the steps of the story.
		frappe.db.commit()


def _judge_deals() -> None:
	"""Which deals are stuck as of today, not as of the last step of each, by what all of the story's wins took."""
	deal_dwell.forget_usual_dwell()
	for doctype in DEALS:
		names = frappe.get_all(doctype, filters={"company": story.COMPANY}, pluck="name", order_by="name asc")
		stall_verdicts.refresh(doctype, names)


def _age_invoices() -> None:
	"""Invoices that became overdue since: what ERPNext's nightly job would say of them."""
	for name in frappe.get_all(
		"Sales Invoice",
		filters={"company": story.COMPANY, "docstatus": 1, "outstanding_amount": (">", 0)},
		pluck="name",
		order_by="name asc",
	):
		frappe.get_doc("Sales Invoice", name).set_status(update=True, update_modified=False)


def _say_what_there_is() -> None:
	doctypes = (
		"Sales Campaign", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Quotation",
		"Sales Contract", "Sales Order Request", "Sales Order", "Delivery Note", "Sales Invoice", "Payment Entry",
	)  # fmt: skip
	counts = {doctype: frappe.db.count(doctype, {"company": story.COMPANY}) for doctype in doctypes}
	print(", ".join(f"{count} {doctype}" for doctype, count in counts.items()))
