"""`frappe.utils`: numbers, texts, dates. Only what the app is measured to use (benchless/interface.txt)."""

import calendar
import html
import re
from datetime import date, datetime, time, timedelta
from urllib.parse import quote, urlparse

from benchless import clock, messages
from benchless.errors import InvalidEmailAddressError, InvalidPhoneNumberError, NotOffered, only

MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")

# ---- numbers and texts


def cint(value, default: int = 0) -> int:
	try:
		return int(float(value or 0))
	except (TypeError, ValueError):
		return default


def flt(value, precision: int | None = None) -> float:
	if isinstance(value, str):
		value = value.replace(",", "")
	try:
		number = float(value or 0)
	except (TypeError, ValueError):
		number = 0.0
	if precision is None:
		return number
	# Half to even, as a new site rounds; noise of binary fractions is taken off first.
	factor = 10 ** cint(precision)
	return round(round(number * factor, 12)) / factor


def cstr(value) -> str:
	return "" if value is None else str(value)


def strip_html(text) -> str:
	return re.sub(r"<[^>]*>", "", cstr(text))


def harmless(text: str, always_sanitize: bool = False) -> str:
	if not always_sanitize or re.search(r"<(script|iframe|style)|\bon\w+\s*=|javascript:", text, re.IGNORECASE):
		raise NotOffered("the cleaning of HTML")
	return text


def escape_html(text) -> str:
	return html.escape(cstr(text))


def fmt_money(amount, precision: int | None = None, currency: str | None = None) -> str:
	text = f"{flt(amount):,.{2 if precision is None else precision}f}"
	return f"{currency} {text}" if currency else text


# ---- dates


def now_datetime() -> datetime:
	return clock.now()


def now() -> str:
	return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")


def nowdate() -> str:
	return clock.now().strftime("%Y-%m-%d")


def getdate(value=None) -> date | None:
	"""A date; today for nothing, None for the first day of all time."""
	if isinstance(value, date) and not isinstance(value, datetime):
		return value
	moment = get_datetime(value or None)
	return moment and moment.date()


def get_datetime(value=None) -> datetime | None:
	if value is None:
		return clock.now()
	if isinstance(value, datetime):
		return value
	if isinstance(value, date):
		return datetime.combine(value, time())
	if not value or str(value).startswith("0001-01-01"):
		return None
	try:
		return datetime.fromisoformat(str(value))
	except ValueError:
		raise NotOffered(f"dates like {value!r} (only those like 2025-12-31)") from None


def add_to_date(value=None, years=0, months=0, days=0, hours=0, minutes=0, seconds=0, **options):
	"""Of the kind that came in: a text for a text, a date for a date; `hours` make it a moment."""
	only(options, "frappe.utils.add_to_date")
	timed = hours or (minutes or seconds) and not isinstance(value, str)
	with_time = bool(timed) or value is None or isinstance(value, datetime) or " " in cstr(value)
	start = get_datetime(value)
	month = start.month - 1 + int(months) + 12 * int(years)
	year, month = start.year + month // 12, month % 12 + 1
	day = min(start.day, calendar.monthrange(year, month)[1])
	moment = start.replace(year=year, month=month, day=day)
	moment += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
	if isinstance(value, str):
		return moment.strftime("%Y-%m-%d %H:%M:%S.%f" if with_time else "%Y-%m-%d")
	return moment if with_time else moment.date()


def add_days(value, days):
	return add_to_date(value, days=days)


def add_months(value, months):
	return add_to_date(value, months=months)


def get_first_day(value) -> date:
	return getdate(value).replace(day=1)


def get_last_day(value) -> date:
	day = getdate(value)
	return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def formatdate(value=None, format_string: str | None = None) -> str:
	pattern = {None: "%d-%m-%Y", "MMM yyyy": "%b %Y"}.get(format_string)
	if not pattern:
		raise NotOffered(f"frappe.utils.formatdate with {format_string!r}")
	return getdate(value).strftime(pattern) if value else ""


def format_value(value, df=None, **options) -> str:
	"""`frappe.format`."""
	kind = df.get("fieldtype") if isinstance(df, dict) and len(df) == 1 and not options else None
	if kind not in ("Date", "Datetime"):
		raise NotOffered(f"frappe.format with {df or options}")
	return formatdate(value) + (get_datetime(value).strftime(" %H:%M:%S") if value and kind == "Datetime" else "")


# ---- mail, links, people


def validate_email_address(text, throw: bool = False) -> str:
	"""The addresses that are right, joined; "" for none. With `throw` a wrong one is an error."""
	found = [part.strip() for part in cstr(text).split(",") if part.strip()]
	right = [part for part in found if MAIL.fullmatch(part.rpartition("<")[2].rstrip(">"))]
	if throw and len(right) != len(found):
		wrong = next(part for part in found if part not in right)
		messages.throw(f"{wrong} is not a valid Email Address", InvalidEmailAddressError)
	return ", ".join(right)


def get_url_to_form(doctype: str, name: str) -> str:
	return f"http://benchless.localhost/app/{quote(doctype.lower().replace(' ', '-'))}/{quote(str(name))}"


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
