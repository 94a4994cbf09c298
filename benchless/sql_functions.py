"""SQL functions that MariaDB has, the app uses and SQLite lacks."""

import math
import re
from datetime import datetime
from zlib import crc32


def _moment(value) -> datetime:
	return datetime.fromisoformat(str(value))


# Arguments and the function; one that gets NULL, or an empty text where a moment or number belongs, answers NULL.
FUNCTIONS = {
	"regexp_replace": (3, lambda text, pattern, by: re.sub(pattern, by, str(text), flags=re.IGNORECASE)),
	"datediff": (2, lambda later, earlier: (_moment(later).date() - _moment(earlier).date()).days),
	**{part: (1, lambda value, part=part: getattr(_moment(value), part)) for part in ("year", "month")},
	**{"unix_timestamp": (1, lambda value: _moment(value).timestamp()), "floor": (1, math.floor)},
	"crc32": (1, lambda text: crc32(str(text).encode())),
	"database": (0, lambda: "site"),
	"concat": (3, lambda *texts: "".join(map(str, texts))),
	**dict.fromkeys(("sha1", "release_lock"), (1, str)),
	"get_lock": (2, lambda name, seconds: 1),
}


def register(connection) -> None:
	for name, (arguments, function) in FUNCTIONS.items():
		connection.create_function(name, arguments, _strict(function, name), deterministic=True)


def _strict(function, name: str):
	empty = (None,) if name == "regexp_replace" else (None, "")
	return lambda *values: None if any(value in empty for value in values) else function(*values)
