"""Absences with a deputy: who stands in for whom today. Who is asked, notified and shown follows it."""

from datetime import date

import frappe
from frappe.utils import getdate, nowdate

from crm_pipeline.core import absence
from crm_pipeline.core.absence import Away

ABSENCE = "Sales Absence"


def covered_by(user: str, day: date | None = None) -> list[str]:
	"""Users who are away today and for whom this user stands in."""
	return absence.covered_by(user, _on(day), getdate(day or nowdate()))


def deputy_of(user: str | None, day: date | None = None) -> str | None:
	"""Who stands in for a user today; None for somebody who is there."""
	return absence.stands_in(_on(day), getdate(day or nowdate())).get(user) if user else None


def with_deputies(users) -> list[str]:
	"""The users, each followed by whoever stands in for them today."""
	deputies = absence.stands_in(_on(None), getdate(nowdate()))
	return list(dict.fromkeys(who for user in users for who in (user, deputies.get(user)) if who))


def _on(day: date | None) -> list[Away]:
	"""Those of a day, read once per request and day: they are few."""
	day = getdate(day or nowdate())
	kept = getattr(frappe.local, "crm_pipeline_absences", None)
	if kept is None:
		kept = frappe.local.crm_pipeline_absences = {}
	if day not in kept:
		kept[day] = [
			Away(row.user, row.deputy, getdate(row.from_date), getdate(row.to_date))
			for row in frappe.get_all(
				ABSENCE,
				filters={"from_date": ("<=", day), "to_date": (">=", day)},
				fields=["user", "deputy", "from_date", "to_date"],
				order_by="from_date asc, creation asc",
				limit=0,
			)
		]
	return kept[day]


def forget() -> None:
	"""An absence was changed."""
	frappe.local.crm_pipeline_absences = None
