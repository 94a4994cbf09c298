"""Days as exports write them. Which form a column has is found from all of its values; what stays open is refused."""

import re
from collections import Counter
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from crm_pipeline.importer.amount_forms import with_plain_digits

DAY_FIRST, MONTH_FIRST = "day first", "month first"

_TIME = r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TIME)
YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _TIME)
NAMED = re.compile(
	r"(?:[A-Za-z]{3,10},?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[-. /]+(?P<name>[^\W\d_]{3,10})\.?[-, /]+(?P<year>\d{4}|\d{2})"
	+ _TIME
)
NAME_FIRST = re.compile(
	r"(?:[A-Za-z]{3,10},?\s+)?(?P<name>[^\W\d_]{3,10})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
	+ _TIME
)
CHINESE = re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日?" + _TIME)
PLAIN = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>[01]\d)(?P<day>[0-3]\d)")
SERIAL = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
UNIX = re.compile(r"-?\d{9,10}(?:\.\d+)?|-?\d{12,13}")

MONTHS = {
	name: number
	for number, names in enumerate(
		(
			"jan january januar janvier enero",
			"feb february februar fevrier février febrero",
			"mar march märz maerz mrz mars marzo",
			"apr april avril abril",
			"may mai mayo",
			"jun june juni juin junio",
			"jul july juli juillet julio",
			"aug august août aout agosto",
			"sep sept september septembre septiembre",
			"oct october oktober okt octobre octubre",
			"nov november novembre noviembre",
			"dec december dezember dez décembre decembre diciembre",
		),
		start=1,
	)
	for name in names.split()
}


def evidence(text: str) -> str | None:
	"""Which of DAY_FIRST and MONTH_FIRST a value shows, or None."""
	found = YEAR_LAST.fullmatch(with_plain_digits(text))
	if not found:
		return None
	if found["mark"] == "." or int(found["one"]) > 12:
		return DAY_FIRST
	return MONTH_FIRST if int(found["two"]) > 12 else None


def order_of(votes: Counter) -> str | None:
	"""The order that all values which show one agree on."""
	return next(iter(votes)) if len(votes) == 1 else None


def read_day(text: str, order: str | None, zone: str = "UTC") -> date | None:
	"""The day that a text means, in the time zone `zone` where it has an offset; None for no day or for one that may be
	two (`is_open` tells which)."""
	text = with_plain_digits(text)
	for form in (YEAR_FIRST, CHINESE, PLAIN):
		if found := form.fullmatch(text):
			return _day(found, found["year"], found["month"], found["day"], zone)
	for form in (NAMED, NAME_FIRST):
		if found := form.fullmatch(text):
			month = MONTHS.get(found["name"].casefold())
			return _day(found, found["year"], month, found["day"], zone) if month else None
	if found := YEAR_LAST.fullmatch(text):
		return _year_last(found, evidence(text) or order, zone)
	if SERIAL.fullmatch(text):
		return date(1899, 12, 30) + timedelta(days=int(float(text)))
	if UNIX.fullmatch(text):
		seconds = float(text) / (1000 if len(text.partition(".")[0].lstrip("-")) >= 12 else 1)
		return (
			(datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)).astimezone(ZoneInfo(zone)).date()
		)
	return None


def is_open(text: str, order: str | None) -> bool:
	"""Whether a text is a day in two ways."""
	found = YEAR_LAST.fullmatch(with_plain_digits(text))
	if not found or order or evidence(text):
		return False
	return found["one"] != found["two"]


def _year_last(found: re.Match, order: str | None, zone: str) -> date | None:
	one, two = found["one"], found["two"]
	if not order and one != two:
		return None
	day, month = (two, one) if order == MONTH_FIRST else (one, two)
	return _day(found, found["year"], month, day, zone)


def _day(found: re.Match, year: str, month, day, zone: str) -> date | None:
	number = int(year)
	if len(year) == 2:
		number += 2000 if number < 70 else 1900
	parts = found.groupdict()
	try:
		if not parts.get("offset"):
			return date(number, int(month), int(day))
		hour = (
			int(parts["hour"]) % 12 + (12 if parts["half"][0] in "pP" else 0) if parts["half"] else int(parts["hour"])
		)
		moment = datetime(number, int(month), int(day), hour, int(parts["minute"]), int(parts["second"] or 0))
		return (moment.replace(tzinfo=_offset(parts["offset"]))).astimezone(ZoneInfo(zone)).date()
	except (ValueError, OverflowError):
		return None


def _offset(text: str) -> timezone:
	digits = text.lstrip("+-").replace(":", "")
	if not digits.isdigit():
		return timezone.utc
	minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
	return timezone(timedelta(minutes=-minutes if text.startswith("-") else minutes))
