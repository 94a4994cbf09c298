"""`frappe.utils`: numbers, texts, dates. Only what the app is measured to use (benchless/interface.txt)."""

import calendar
import html
import json
import re
from datetime import date, datetime, time, timedelta
from urllib.parse import quote, urlparse

from benchless import clock, messages
from benchless.errors import InvalidEmailAddressError, InvalidPhoneNumberError

MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")

# ---- numbers and texts


def cint(value, default: int = 0) -> int:
	try:
		return int(float(value or 0))
	except (TypeError, ValueError):
		return default


def flt(value, precision: int | None = None, rounding_method: str | None = None) -> float:
	if isinstance(value, str):
		value = value.replace(",", "")
	try:
		number = float(value or 0)
	except (TypeError, ValueError):
		number = 0.0
	return number if precision is None else rounded(number, precision)


def rounded(number, precision: int = 0, rounding_method: str | None = None) -> float:
	"""Half to even, as a new site rounds. Noise of binary fractions is taken off first."""
	factor = 10 ** cint(precision)
	return round(round(float(number or 0) * factor, 12)) / factor


def cstr(value, encoding: str = "utf-8") -> str:
	if isinstance(value, bytes):
		return value.decode(encoding)
	return "" if value is None else str(value)


def sbool(value):
	return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower(), value)


def strip_html(text) -> str:
	return re.sub(r"<[^>]*>", "", cstr(text))


def escape_html(text) -> str:
	return html.escape(cstr(text))


def unique(items) -> list:
	return list(dict.fromkeys(items))


def comma_and(items, add_quotes: bool = True) -> str:
	texts = [f"'{item}'" if add_quotes else str(item) for item in items]
	return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def fmt_money(
	amount, precision: int | None = None, currency: str | None = None, format: str | None = None
) -> str:
	text = f"{flt(amount):,.{2 if precision is None else precision}f}"
	return f"{currency} {text}" if currency else text


def parse_json(value):
	return json.loads(value) if isinstance(value, str) else value


# ---- dates


def now_datetime() -> datetime:
	return clock.now()


def now() -> str:
	return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")


def nowdate() -> str:
	return clock.now().strftime("%Y-%m-%d")


today = nowdate


def nowtime() -> str:
	return clock.now().strftime("%H:%M:%S.%f")


def getdate(value=None, parse_day_first: bool = False) -> date | None:
	"""A date; today for None; None for an empty text. Raises ValidationError where there is none in it."""
	if value is None:
		return clock.now().date()
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, date):
		return value
	if not value or str(value).startswith("0001-01-01"):
		return None
	try:
		return date.fromisoformat(str(value)[:10])
	except ValueError:
		return messages.throw(f"{value} is not a valid date string")


def get_datetime(value=None) -> datetime | None:
	if value is None:
		return clock.now()
	if isinstance(value, datetime):
		return value
	if isinstance(value, date):
		return datetime.combine(value, time())
	return datetime.fromisoformat(str(value)) if value and not str(value).startswith("0001-01-01") else None


def get_time(value) -> time:
	return value.time() if isinstance(value, datetime) else time.fromisoformat(str(value))


def get_datetime_str(value) -> str:
	return get_datetime(value).strftime("%Y-%m-%d %H:%M:%S.%f")


def get_date_str(value) -> str:
	return get_datetime(value).strftime("%Y-%m-%d")


def add_to_date(
	value=None,
	years=0,
	months=0,
	weeks=0,
	days=0,
	hours=0,
	minutes=0,
	seconds=0,
	as_string=False,
	as_datetime=False,
):
	"""As Frappe answers: of the kind that was asked for, else a text for a text and a date or time for one."""
	text = as_string or isinstance(value, str)
	with_time = (
		as_datetime or hours or minutes or seconds or isinstance(value, datetime) or " " in cstr(value)
	)
	if value is None:
		with_time, text = True, as_string
	start = get_datetime(value)
	month = start.month - 1 + int(months) + 12 * int(years)
	year, month = start.year + month // 12, month % 12 + 1
	moment = start.replace(
		year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1])
	) + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
	if text and not (as_datetime and not as_string):
		return moment.strftime("%Y-%m-%d %H:%M:%S.%f" if with_time else "%Y-%m-%d")
	return moment if with_time else moment.date()


def add_days(value, days):
	return add_to_date(value, days=days)


def add_months(value, months):
	return add_to_date(value, months=months)


def add_years(value, years):
	return add_to_date(value, years=years)


def date_diff(later, earlier) -> int:
	return (getdate(later) - getdate(earlier)).days


def time_diff_in_seconds(later, earlier) -> float:
	return (get_datetime(later) - get_datetime(earlier)).total_seconds()


def time_diff_in_hours(later, earlier) -> float:
	return round(time_diff_in_seconds(later, earlier) / 3600, 6)


def month_diff(later, earlier) -> int:
	a, b = getdate(later), getdate(earlier)
	return (a.year - b.year) * 12 + a.month - b.month + 1


def _as_asked(day: date, as_str: bool):
	return day.isoformat() if as_str else day


def get_first_day(value, d_years: int = 0, d_months: int = 0, as_str: bool = False):
	day = getdate(value).replace(day=1)
	return _as_asked(getdate(add_to_date(day, years=d_years, months=d_months)), as_str)


def get_last_day(value, as_str: bool = False):
	day = getdate(value)
	return _as_asked(day.replace(day=calendar.monthrange(day.year, day.month)[1]), as_str)


def get_quarter_start(value, as_str: bool = False):
	day = getdate(value)
	return _as_asked(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), as_str)


def get_quarter_ending(value, as_str: bool = False):
	return get_last_day(get_last_month_of_quarter(value), as_str)


def get_last_month_of_quarter(value) -> date:
	return getdate(add_months(get_quarter_start(value), 2))


def get_year_start(value, as_str: bool = False):
	return _as_asked(getdate(value).replace(month=1, day=1), as_str)


def get_year_ending(value, as_str: bool = False):
	return _as_asked(getdate(value).replace(month=12, day=31), as_str)


def formatdate(value=None, format_string: str | None = None) -> str:
	day = getdate(value)
	if not day:
		return ""
	pattern = format_string or "yyyy-mm-dd"
	words = {"yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "mm": "%m", "dd": "%d"}
	return day.strftime(re.sub("yyyy|yy|MMMM|MMM|MM|mm|dd", lambda found: words[found.group()], pattern))


format_date = formatdate


def format_datetime(value, format_string: str | None = None) -> str:
	moment = get_datetime(value)
	return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def format_duration(seconds, hide_days: bool = False) -> str:
	left, parts = cint(seconds), []
	for size, letter in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
		if letter == "d" and hide_days:
			continue
		count, left = divmod(left, size)
		if count:
			parts.append(f"{count}{letter}")
	return " ".join(parts)


# ---- mail, links, people


def validate_email_address(text, throw: bool = False) -> str:
	"""The addresses that are right, joined; "" for none. With `throw` a wrong one is an error."""
	found = [part.strip() for part in cstr(text).split(",") if part.strip()]
	right = [part for part in found if MAIL.fullmatch(part.rpartition("<")[2].rstrip(">"))]
	if throw and len(right) != len(found):
		wrong = next(part for part in found if part not in right)
		messages.throw(f"{wrong} is not a valid Email Address", InvalidEmailAddressError)
	return ", ".join(right)


def get_url(path: str = "") -> str:
	return f"http://benchless.localhost/{path.lstrip('/')}"


def get_url_to_form(doctype: str, name: str) -> str:
	return get_url(f"app/{quote(doctype.lower().replace(' ', '-'))}/{quote(str(name))}")


def get_link_to_form(doctype: str, name: str, label: str | None = None) -> str:
	return f'<a href="{get_url_to_form(doctype, name)}">{label or name}</a>'


def get_fullname(user: str | None = None) -> str:
	from benchless import context
	from benchless.database import db

	user = user or context.session.user
	return db.get_value("User", user, "full_name") or user


def validate_phone_number(text, throw: bool = False) -> bool:
	right = not text or bool(re.fullmatch(r"[0-9 +_\-,.*#()]{1,20}", cstr(text).strip()))
	if throw and not right:
		messages.throw(f"{text} is not a valid Phone Number", InvalidPhoneNumberError)
	return right


def validate_url(text, throw: bool = False, valid_schemes=None) -> bool:
	right = bool(urlparse(cstr(text)).netloc or cstr(text).startswith("/"))
	if throw and not right:
		messages.throw(f"{text} is not a valid URL")
	return right


def split_emails(text) -> list[str]:
	return [part.strip() for part in re.split(r"[,;\n]", cstr(text)) if part.strip()]
