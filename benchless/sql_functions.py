"""SQL functions that MariaDB has, the app uses and SQLite lacks."""

import math
import re
from datetime import datetime

from benchless import clock


def _moment(value) -> datetime:
	return datetime.fromisoformat(str(value))


def _date_format(value, pattern: str) -> str:
	return _moment(value).strftime(pattern.replace("%i", "%M"))


def _now() -> str:
	return clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")


# Arguments (-1: any number) and the function; one that gets NULL or an empty text answers NULL.
FUNCTIONS = {
	"regexp_replace": (3, lambda text, pattern, by: re.sub(pattern, by, str(text), flags=re.IGNORECASE)),
	"concat": (-1, lambda *parts: "".join(str(part) for part in parts)),
	"datediff": (2, lambda later, earlier: (_moment(later).date() - _moment(earlier).date()).days),
	"date_format": (2, _date_format),
	"year": (1, lambda value: _moment(value).year),
	"month": (1, lambda value: _moment(value).month),
	"unix_timestamp": (1, lambda value: _moment(value).timestamp()),
	"floor": (1, math.floor),
	"ceil": (1, math.ceil),
	"greatest": (-1, max),
	"least": (-1, min),
}


def register(connection) -> None:
	for name, (arguments, function) in FUNCTIONS.items():
		connection.create_function(name, arguments, _strict(function, name), deterministic=True)
	connection.create_function("now", 0, _now)


def _strict(function, name: str):
	empty = (None,) if name in ("concat", "regexp_replace") else (None, "")
	return lambda *values: None if any(value in empty for value in values) else function(*values)
