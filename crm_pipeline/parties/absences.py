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


def is_away(user: str, day: date | None = None) -> bool:
	"""Whether a user is away today, whoever stands in."""
	return any(away.user == user for away in _on(day))


def deputy_of(user: str | None, day: date | None = None) -> str | None:
	"""Who stands in for a user today; None for somebody who is there, and where the deputy left."""
	return _deputies(day).get(user) if user else None


def with_deputies(users) -> list[str]:
	"""The users, each followed by whoever stands in for them today."""
	deputies = _deputies(None)
	return list(dict.fromkeys(who for user in users for who in (user, deputies.get(user)) if who))


def _deputies(day: date | None) -> dict[str, str]:
	"""{who is away: who stands in}, of those who work here still."""
	found = absence.stands_in(_on(day), getdate(day or nowdate()))
	named = {"name": ("in", sorted(set(found.values()))), "enabled": 1}
	there = frappe.get_all("User", filters=named, pluck="name", order_by="name asc", limit=0) if found else []
	return {user: deputy for user, deputy in found.items() if deputy in there}


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
