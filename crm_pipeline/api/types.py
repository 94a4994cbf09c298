"""What endpoints and reports take: types that pydantic checks, with what a browser sends for nothing or as JSON."""

import json
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict


def _without_blank(value: Any) -> Any:
	"""A form sends an empty text for nothing."""
	return None if value == "" else value


def _parsed(value: Any) -> Any:
	"""JSON where it came as text."""
	if not isinstance(value, str):
		return value
	if not value.strip():
		return None
	try:
		return json.loads(value, parse_constant=_refuse_constant)
	except (ValueError, RecursionError):
		raise ValueError("not JSON") from None


def _refuse_constant(name: str):
	raise ValueError(name)


def _day(value: Any) -> Any:
	if not isinstance(value, str):
		return value
	day, _space, time = value.strip().partition(" ")
	if time.strip("0:."):
		raise ValueError("a day has no time")
	return date.fromisoformat(day)


def _flag(value: Any) -> Any:
	return False if value in ("", None) else value


def _plain(value: Any) -> Any:
	"""The values of an unsaved form without its tables."""
	parsed = _parsed(value)
	if not isinstance(parsed, dict):
		return parsed
	return {key: item for key, item in parsed.items() if not isinstance(item, dict | list | tuple | set)}


# Years that a figure may be about: a period and the one before it stay within what a date can be.
YEARS = (1900, 2999)


def _within(value):
	"""A day or a moment that one can count on from; the framework takes the first year for no date at all."""
	if not YEARS[0] <= value.year <= YEARS[1]:
		raise ValueError("out of range")
	return value


# A name of a document: the length of the column.
Name = Annotated[str, StringConstraints(min_length=1, max_length=140)]
MaybeName = Annotated[Name | None, BeforeValidator(_without_blank)]

# A text in one line, and one in a box.
Line = Annotated[str, StringConstraints(max_length=140)]
MaybeLine = Annotated[Line | None, BeforeValidator(_without_blank)]
Text = Annotated[str, StringConstraints(max_length=60_000)]
MaybeText = Annotated[Text | None, BeforeValidator(_without_blank)]

Day = Annotated[date, Field(strict=True), BeforeValidator(_day), AfterValidator(_within)]
MaybeDay = Annotated[Day | None, BeforeValidator(_without_blank)]
# A moment of the site's time, without a zone.
SiteTime = Annotated[datetime, AfterValidator(_within), AfterValidator(lambda moment: moment.replace(tzinfo=None))]
Flag = Annotated[bool, BeforeValidator(_flag)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]

# One value that a query takes as a parameter: never a list or an object, which would be an operator there.
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Value = bool | Whole | Annotated[float, Field(strict=True, allow_inf_nan=False)] | Text | date | None


class Part(TypedDict):
	"""One value of a split, for the documents behind it."""

	split: Line
	value: Annotated[list[Value], Field(max_length=5)]


# Filters that are days, whole numbers, and marks; the others are names and words.
DAYS = ("from_date", "to_date", "first", "last", "start", "report_date")
NUMBERS = ("count",)
MARKS = ("stalled", "working_days")


def _typed(name: str, value: Any) -> Any:
	"""One filter as what it is. Raises an error of type filter_* that says which filter is something else."""
	if value in (None, ""):
		return None
	try:
		if name in DAYS:
			return _within(value if type(value) is date else _day(str(value)))
		if name in NUMBERS:
			return int(str(value))
		if name in MARKS:
			return int(bool(int(str(value).replace("False", "0").replace("True", "1"))))
	except ValueError:
		kind = "filter_day" if name in DAYS else "filter_number"
		raise PydanticCustomError(kind, "not of its type", {"filter": name, "value": str(value)[:40]}) from None
	return value


def _flat(filters: dict) -> dict:
	if any(isinstance(value, dict) != (name == "part") for name, value in filters.items() if value is not None):
		raise ValueError("`part` has parts, and nothing else")
	# No filter of ours is a fraction; the framework takes one for no name, but fails on it.
	filters = {name: _typed(name, value) for name, value in filters.items()}
	return {name: str(value) if isinstance(value, float) else value for name, value in filters.items()}


Filters = Annotated[Annotated[dict[Name, Value | Part], AfterValidator(_flat)] | None, BeforeValidator(_parsed)]
# What a link field filters by: {field: value or [operator, value]}, or [[DocType, field, operator, value]].
_Several = Annotated[list[Value], Field(max_length=1000)]
_LinkValue = Value | Annotated[list[Value | _Several], Field(max_length=1000)]
_LinkRow = Annotated[list[_LinkValue], Field(max_length=5)]
LinkFilters = Annotated[
	Annotated[dict[Name, _LinkValue], Field(max_length=50)] | Annotated[list[_LinkRow], Field(max_length=50)] | None,
	BeforeValidator(_parsed),
]
# What a list filters by: [[field, operator, value]], the field of a child table as "DocType.field".
ListFilters = Annotated[
	Annotated[list[tuple[Name, Name, _LinkValue]], Field(max_length=50)] | None, BeforeValidator(_parsed)
]
# The same as a calendar sends it: [DocType, field, operator, value, hidden].
CalendarFilters = Annotated[Annotated[list[_LinkRow], Field(max_length=50)] | None, BeforeValidator(_parsed)]
# What a group of a report has in common, value by value.
GroupKey = Annotated[Annotated[list[Value], Field(max_length=5)] | None, BeforeValidator(_parsed)]
Form = Annotated[dict[str, Value] | None, BeforeValidator(_plain)]
# Fields of a document and their values.
FieldValues = Annotated[Annotated[dict[Name, Value], Field(max_length=100)], BeforeValidator(_parsed)]
Quantities = Annotated[dict[Name, Number] | None, BeforeValidator(_parsed)]
# Which side of two records a field takes.
Choices = Annotated[Annotated[dict[Name, Line], Field(max_length=500)] | None, BeforeValidator(_parsed)]
Names = Annotated[Annotated[list[Name], Field(max_length=10_000)] | None, BeforeValidator(_parsed)]
# Where a page of the board goes on: [the value that its cards are sorted by or None, name].
_PlaceValue = Annotated[Number | Line | datetime | date | None, BeforeValidator(_without_blank)]
Place = Annotated[tuple[_PlaceValue, Name] | None, BeforeValidator(_parsed)]
# Where a timeline goes on: [moment, kind, name].
Moment = Annotated[tuple[Annotated[datetime, AfterValidator(_within)], Line, Name] | None, BeforeValidator(_parsed)]
