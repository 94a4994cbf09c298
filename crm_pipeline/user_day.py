"""Which day it is for the user. Forms, date pickers and people go by the time zone of the User record; the server by
the site's. Every day that somebody types is judged here, and every day that is noted for them is taken from here.

A day that has come for either of them is not in the future, and one that is over for one of them only has not passed:
who types today's date is never refused, wherever the person and the site are.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import frappe
from frappe.utils import get_datetime, getdate, now_datetime

from crm_pipeline.core import activity

# What Frappe takes where the site names none.
FALLBACK = "Asia/Kolkata"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def site_zone() -> ZoneInfo:
	"""The site's time zone; UTC where it is unknown."""
	return _zone(frappe.db.get_single_value("System Settings", "time_zone") or FALLBACK) or ZoneInfo("UTC")


def zone_of(user: str) -> ZoneInfo:
	"""A user's time zone; the site's where they have none, or one that is unknown."""
	return _zone(frappe.get_cached_value("User", user, "time_zone")) or site_zone()


def _zone(name: str | None) -> ZoneInfo | None:
	try:
		return ZoneInfo(name) if name else None
	except (ZoneInfoNotFoundError, ValueError):
		return None


def today_of(user: str) -> date:
	"""Today of any user."""
	return now_datetime().replace(tzinfo=site_zone()).astimezone(zone_of(user)).date()


def user_today() -> date:
	"""Today of the user who is logged in; the site's where the user has no time zone."""
	return user_day_of(now_datetime())


def user_day_of(moment: datetime) -> date:
	"""The day that a moment of the site's time falls on for the user who is logged in."""
	zone = frappe.get_cached_value("User", frappe.session.user, "time_zone")
	site = zone and (frappe.db.get_single_value("System Settings", "time_zone") or FALLBACK)
	return day_in(zone, moment, site) if zone else moment.date()


def end_of(day: date, user: str) -> datetime:
	"""The moment of the site's clock at which a day of a user ends."""
	if not frappe.get_cached_value("User", user, "time_zone"):
		return datetime.combine(day, time()) + timedelta(days=1)
	return activity.bounds(day, site_zone(), zone_of(user))[1]


def day_in(zone: str, moment: datetime, site: str) -> date:
	"""The day that a moment of the time zone `site` falls on in `zone`; the moment's own where one of them is unknown."""
	try:
		return moment.replace(tzinfo=ZoneInfo(site)).astimezone(ZoneInfo(zone)).date()
	except (ZoneInfoNotFoundError, ValueError):
		return moment.date()


def in_words(moment: datetime | str, user: str) -> str:
	"""A moment of the site's clock as a text, by the clock of a user."""
	at = get_datetime(moment).replace(tzinfo=site_zone()).astimezone(zone_of(user))
	return frappe.format(at.replace(tzinfo=None), {"fieldtype": "Datetime"})


def week_of(day: date) -> date:
	"""The first day of the week that a day is in, as the site counts weeks: from Monday where it does not say."""
	begins = frappe.db.get_default("first_day_of_the_week")
	first = WEEKDAYS.index(begins) if begins in WEEKDAYS else 0
	return day - timedelta(days=(day.weekday() - first) % 7)


def latest_today() -> date:
	"""Today of the user or of the site, whichever is further."""
	return max(user_today(), now_datetime().date())


def is_future(day: date | str) -> bool:
	"""Whether a day has begun neither for the user nor on the site."""
	return getdate(day) > latest_today()


def is_over(day: date | str) -> bool:
	"""Whether a day has passed, for the user and on the site."""
	return getdate(day) < min(user_today(), now_datetime().date())
