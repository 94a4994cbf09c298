"""Reminders before an activity is due: with Frappe's bell and by e-mail, once each, to who is responsible and to the
colleagues, in their own time zone and language. Who left, or may not read the activity, hears nothing of it.
"""

from datetime import timedelta

import frappe
from frappe import _
from frappe.utils import escape_html, get_url_to_form, now_datetime

from crm_pipeline import user_day
from crm_pipeline.activities import participants, reminder_choice
from crm_pipeline.chain import jobs, locks
from crm_pipeline.core.activity import PLANNED
from crm_pipeline.parties import absences
from crm_pipeline.wording import bold, text_of

ACTIVITY = "Sales Activity"
# Reminders of one run; the next one comes in a few minutes.
MOST = 500
# Nobody is reminded of what was due longer ago, as after a scheduler that stood still.
LATE = timedelta(days=1)


def send_due() -> jobs.Result:
	"""Every few minutes: remind of what is due soon, one activity at a time."""
	return jobs.each(waiting(), remind, "CRM Pipeline: Reminders")


def waiting() -> list[tuple[str]]:
	"""Activities to remind of now, the longest waiting first."""
	now = now_datetime()
	activity = frappe.qb.DocType(ACTIVITY)
	rows = (
		frappe.qb.from_(activity)
		.select(activity.name)
		.where((activity.remind_at <= now) & activity.reminded_on.isnull())
		.where((activity.status == PLANNED) & (activity.due_on >= now - LATE))
		.orderby(activity.remind_at)
		.orderby(activity.name)
		.limit(MOST)
	).run()
	return [(name,) for (name,) in rows]


def remind(name: str) -> bool:
	"""Remind of an activity unless another worker has done so; whether it did."""
	if not frappe.db.exists(ACTIVITY, name):
		return False
	# Its row first: a second worker waits here, and sees that it was done.
	locks.lock((ACTIVITY, name))
	now = now_datetime()
	row = frappe.db.get_value(ACTIVITY, name, ["status", "remind_at", "reminded_on"], as_dict=True)
	if row.status != PLANNED or row.reminded_on or not row.remind_at or row.remind_at > now:
		return False
	frappe.db.set_value(ACTIVITY, name, "reminded_on", now, update_modified=False)
	doc = frappe.get_doc(ACTIVITY, name)
	for user in recipients(doc):
		_notify(doc, user)
	return True


def recipients(doc) -> list[str]:
	"""Who is responsible and the colleagues, each with whoever stands in for them, as far as they work here and may read it."""
	users = absences.with_deputies(participants.users_of(doc.name, doc.sales_owner))
	enabled = frappe.get_all(
		"User",
		filters={"name": ("in", [*users, ""]), "enabled": 1, "user_type": "System User"},
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	return [user for user in users if user in enabled and frappe.has_permission(ACTIVITY, doc=doc, user=user)]


def _notify(doc, user: str) -> None:
	row = frappe.db.get_value("User", user, ["email", "language"], as_dict=True)
	said = text(doc, user, row.language)
	if reminder_choice.wants_notice(user):
		# The bell belongs to the person, whoever the worker is.
		frappe.get_doc(
			{
				"doctype": "Notification Log",
				"type": "Alert",
				"for_user": user,
				"document_type": ACTIVITY,
				"document_name": doc.name,
				"subject": said,
			}
			# See above: nobody has the right to write into another one's bell.
		).insert(ignore_permissions=True)
		frappe.publish_realtime("crm_reminder", {"name": doc.name, "subject": said}, user=user, after_commit=True)
	if row.email and reminder_choice.wants_mail(user):
		_mail(doc, row, said)


def text(doc, user: str, language: str | None) -> str:
	"""The sentence of a reminder, as HTML: what, and when by the clock of `user`."""
	when = escape_html(user_day.in_words(doc.due_on, user))
	return _("Reminder: {0}, due {1}", language).format(bold(doc.subject), when)


def _mail(doc, user: dict, said: str) -> None:
	"""Queue the e-mail; where it can't be built, as without an outgoing account, the bell has to do."""
	link = f'<a href="{escape_html(get_url_to_form(ACTIVITY, doc.name))}">{escape_html(doc.subject)}</a>'
	place = f"<p>{escape_html(doc.place)}</p>" if doc.place else ""
	frappe.db.savepoint("crm_reminder_mail")
	try:
		frappe.sendmail(
			recipients=[user.email],
			subject=text_of(said),
			message=f"<p>{said}</p>{place}<p>{link}</p>",
			reference_doctype=ACTIVITY,
			reference_name=doc.name,
		)
	except Exception as error:
		if locks.is_lost_race(error):
			raise
		frappe.db.rollback(save_point="crm_reminder_mail")
		frappe.clear_messages()
