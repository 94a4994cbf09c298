"""Leads that are nurtured until a day: out of the leads to answer until then, and back by themselves, with a bell."""

from datetime import date

import frappe
from frappe import _
from frappe.utils import add_days, getdate, now_datetime

from crm_pipeline import user_day
from crm_pipeline.chain import jobs, locks
from crm_pipeline.core.registry import STATES
from crm_pipeline.leads import lead_bells
from crm_pipeline.wording import bold

LEAD = "Sales Lead"
# Leads of one run; the next one comes in a few minutes.
MOST = 500
# Years after which nobody remembers why.
LONGEST = 5


def follow_nurture(lead) -> None:
	"""Part of validate(): a day that is to come, of a lead that is open; what is closed is not nurtured."""
	if lead.status in STATES[LEAD].closed:
		lead.nurture_until = None
	if not lead.nurture_until or not lead.has_value_changed("nurture_until"):
		return
	if lead.flags.history_import or frappe.flags.in_import:
		# What came back before it was brought in is there.
		lead.nurture_until = None if user_day.is_over(lead.nurture_until) else lead.nurture_until
		return
	if user_day.is_over(lead.nurture_until) or getdate(lead.nurture_until) > add_days(getdate(), LONGEST * 366):
		frappe.throw(
			_("{0} must be a day within the next {1} years").format(
				bold(_(lead.meta.get_label("nurture_until"))), LONGEST
			),
			title=_("Nurture Until"),
		)


def nurture(name: str, until: date, plan: str | None = None) -> None:
	"""Put a lead off until a day; `plan` is what to do then."""
	lead = locks.locked_doc(LEAD, name)
	lead.check_permission("write")
	if lead.status in STATES[LEAD].closed:
		frappe.throw(_("Lead {0} is {1}: there is nothing to nurture").format(bold(name), _(lead.status, context=LEAD)))
	lead.nurture_until = until
	if plan:
		lead.follow_up_plan = plan
	lead.save()


def wake_due() -> jobs.Result:
	"""Every few minutes: the leads whose day has come, one at a time."""
	return jobs.each(due(), wake, "CRM Pipeline: Nurtured Leads")


def due() -> list[tuple[str]]:
	"""Leads whose day has come for their owners, the longest waiting first."""
	lead = frappe.qb.DocType(LEAD)
	rows = (
		frappe.qb.from_(lead)
		.select(lead.name, lead.sales_owner, lead.nurture_until)
		# East of the site the day begins earlier.
		.where(lead.nurture_until <= add_days(now_datetime().date(), 1))
		.where(lead.status.notin(STATES[LEAD].closed))
		.orderby(lead.nurture_until)
		.orderby(lead.name)
		.limit(MOST)
	).run()
	today: dict[str, date] = {}
	found = []
	for name, owner, until in rows:
		owner = owner or "Administrator"
		if owner not in today:
			today[owner] = user_day.today_of(owner)
		if getdate(until) <= today[owner]:
			found.append((name,))
	return found


def wake(name: str) -> bool:
	"""Bring a lead back among those to answer, unless another worker has done so; whether it did."""
	if not frappe.db.exists(LEAD, name):
		return False
	# Its row first: a second worker waits here, and sees that it was done.
	locks.lock((LEAD, name))
	until = frappe.db.get_value(LEAD, name, "nurture_until")
	if not until or getdate(until) > add_days(now_datetime().date(), 1):
		return False
	frappe.db.set_value(LEAD, name, "nurture_until", None, update_modified=False)
	doc = frappe.get_doc(LEAD, name)
	title = bold(doc.title or doc.name)

	def sentence(language: str | None) -> str:
		return _("{0} was nurtured until today: it is among your leads to answer again", language).format(title)

	lead_bells.ring(lead_bells.people_of(doc), doc, sentence)
	return True
