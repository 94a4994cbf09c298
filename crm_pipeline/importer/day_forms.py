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
	if parts := _parts(text, order):
		return _day(*parts, zone)
	if SERIAL.fullmatch(text):
		return date(1899, 12, 30) + timedelta(days=int(float(text)))
	moment = _unix(text, zone)
	return moment.date() if moment else None


def read_moment(text: str, order: str | None, zone: str = "UTC") -> datetime | None:
	"""What a clock of `zone` shows at the moment that a text means, where it says one: with an offset, or as seconds of Unix;
	None where its clock is taken as it is."""
	text = with_plain_digits(text)
	parts = _parts(text, order)
	if not parts:
		return _unix(text, zone)
	try:
		return _shifted(*parts, zone) if parts[0].groupdict().get("offset") else None
	except (ValueError, OverflowError):
		return None


def _parts(text: str, order: str | None) -> tuple[re.Match, str, str, str] | None:
	"""(match, year, month, day) of a day that is written in one of the forms, and means one day."""
	for form in (YEAR_FIRST, CHINESE, PLAIN):
		if found := form.fullmatch(text):
			return found, found["year"], found["month"], found["day"]
	for form in (NAMED, NAME_FIRST):
		if found := form.fullmatch(text):
			month = MONTHS.get(found["name"].casefold())
			return (found, found["year"], str(month), found["day"]) if month else None
	if not (found := YEAR_LAST.fullmatch(text)):
		return None
	order, one, two = evidence(text) or order, found["one"], found["two"]
	if not order and one != two:
		return None
	day, month = (two, one) if order == MONTH_FIRST else (one, two)
	return found, found["year"], month, day


def _unix(text: str, zone: str) -> datetime | None:
	if not UNIX.fullmatch(text):
		return None
	seconds = float(text) / (1000 if len(text.partition(".")[0].lstrip("-")) >= 12 else 1)
	moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
	return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def is_open(text: str, order: str | None) -> bool:
	"""Whether a text is a day in two ways."""
	found = YEAR_LAST.fullmatch(with_plain_digits(text))
	if not found or order or evidence(text):
		return False
	return found["one"] != found["two"]


def _day(found: re.Match, year: str, month: str, day: str, zone: str) -> date | None:
	try:
		if not found.groupdict().get("offset"):
			return date(_year(year), int(month), int(day))
		return _shifted(found, year, month, day, zone).date()
	except (ValueError, OverflowError):
		return None


def _year(text: str) -> int:
	number = int(text)
	return number if len(text) > 2 else number + (2000 if number < 70 else 1900)


def _shifted(found: re.Match, year: str, month: str, day: str, zone: str) -> datetime:
	"""What a clock of `zone` shows at a moment that is written with an offset."""
	hour, half = int(found["hour"]), found["half"]
	if half:
		hour = hour % 12 + (12 if half[0] in "pP" else 0)
	there = datetime(_year(year), int(month), int(day), hour, int(found["minute"]), int(found["second"] or 0))
	return there.replace(tzinfo=_offset(found["offset"])).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _offset(text: str) -> timezone:
	digits = text.lstrip("+-").replace(":", "")
	if not digits.isdigit():
		return timezone.utc
	minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
	return timezone(timedelta(minutes=-minutes if text.startswith("-") else minutes))
