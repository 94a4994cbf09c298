"""SQL functions that MariaDB has, the app uses and SQLite lacks."""

import math
import re
from datetime import date, datetime


def _of(value) -> datetime | None:
	return datetime.fromisoformat(str(value)) if value not in (None, "") else None


def _days(later, earlier):
	a, b = _of(later), _of(earlier)
	return None if a is None or b is None else (a.date() - b.date()).days


def _seconds(later, earlier):
	a, b = _of(later), _of(earlier)
	return None if a is None or b is None else (a - b).total_seconds()


def _replace(text, pattern, by):
	return None if text is None else re.sub(pattern, by, str(text), flags=re.IGNORECASE)


def _concat(*parts):
	return None if None in parts else "".join(str(part) for part in parts)


def _concat_ws(mark, *parts):
	return mark.join(str(part) for part in parts if part is not None)


def _part(name: str):
	return lambda value: getattr(_of(value), name) if value not in (None, "") else None


PATTERNS = {
	"%Y": "%Y",
	"%y": "%y",
	"%m": "%m",
	"%d": "%d",
	"%H": "%H",
	"%i": "%M",
	"%s": "%S",
	"%b": "%b",
	"%M": "%B",
}


def _format(value, pattern):
	moment = _of(value)
	if moment is None:
		return None
	return re.sub(r"%[a-zA-Z]", lambda found: moment.strftime(PATTERNS[found.group()]), pattern)


def _extreme(pick):
	return lambda *values: None if None in values else pick(values)


def _stamp(value=None):
	moment = _of(value)
	return None if moment is None else moment.timestamp()


def _now():
	from benchless import clock

	return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")


def _add_days(value, days):
	moment = _of(value)
	return None if moment is None else date.fromordinal(moment.date().toordinal() + int(days)).isoformat()


FUNCTIONS = {
	"regexp_replace": (3, _replace),
	"regexp": (
		2,
		lambda pattern, text: text is not None and bool(re.search(pattern, str(text), re.IGNORECASE)),
	),
	"concat": (-1, _concat),
	"concat_ws": (-1, _concat_ws),
	"datediff": (2, _days),
	"timediff_seconds": (2, _seconds),
	"date_format": (2, _format),
	"year": (1, _part("year")),
	"month": (1, _part("month")),
	"day": (1, _part("day")),
	"quarter": (1, lambda value: None if value in (None, "") else (_of(value).month + 2) // 3),
	"greatest": (-1, _extreme(max)),
	"least": (-1, _extreme(min)),
	"floor": (1, lambda value: None if value is None else math.floor(value)),
	"ceil": (1, lambda value: None if value is None else math.ceil(value)),
	"locate": (2, lambda part, text: None if text is None else str(text).lower().find(str(part).lower()) + 1),
	"left": (2, lambda text, count: None if text is None else str(text)[: int(count)]),
	"right": (2, lambda text, count: None if text is None else str(text)[-int(count) :] if count else ""),
	"unix_timestamp": (1, _stamp),
	"now": (0, _now),
	"curdate": (0, lambda: _now()[:10]),
	"adddate": (2, _add_days),
}


def register(connection) -> None:
	for name, (arguments, function) in FUNCTIONS.items():
		connection.create_function(name, arguments, function, deterministic=name not in ("now", "curdate"))
