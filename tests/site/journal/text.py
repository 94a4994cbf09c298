"""Values as the text of a journal."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path

WIDTH = 100
# Where the code of an error stands on this machine.
FRAMES = re.compile(r"Traceback \(most recent call last\):\n(?:  .*\n|\n)+")


def plain(value):
	"""A value in JSON's types: moments to the second, numbers without noise, documents by name, objects by what they
	hold."""
	if value is None or isinstance(value, bool | int):
		return value
	if isinstance(value, str):
		return FRAMES.sub("", value).strip()
	if isinstance(value, Path):
		return value.name
	if isinstance(value, float):
		return int(value) if value == int(value) else round(value, 4)
	if isinstance(value, datetime):
		return str(value.replace(microsecond=0))
	if isinstance(value, date):
		return str(value)
	if isinstance(value, Enum):
		return plain(value.value)
	if hasattr(value, "doctype") and hasattr(value, "name"):
		return f"{value.doctype} {value.name}"
	if isinstance(value, dict):
		return {str(key): plain(inner) for key, inner in value.items()}
	if is_dataclass(value) and not isinstance(value, type):
		return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
	if isinstance(value, set | frozenset):
		return sorted((plain(inner) for inner in value), key=str)
	if isinstance(value, list | tuple):
		return [plain(inner) for inner in value]
	text = str(value)
	# What has no text of its own has its place in memory.
	return type(value).__name__ if " at 0x" in text else text


def in_lines(value) -> Iterator[str]:
	"""One line for what is short, else one for each entry; entries of a dict are broken further."""
	whole = in_one_line(value)
	if len(whole) <= WIDTH or not isinstance(value, dict | list):
		yield whole
	elif isinstance(value, list):
		for before, entry in zip([None, *value], value, strict=False):
			yield f"- {in_one_line(entry, before)}"
	else:
		for key in sorted(key for key in value if value[key]):
			first, *more = in_lines(value[key])
			yield f"{key}:" if more else f"{key}: {first}"
			yield from (f"    {line}" for line in (first, *more) if more)


def in_one_line(value, before=None) -> str:
	"""Of a dict what is not empty, and not as in the one `before` it."""
	if isinstance(value, list):
		return f"[{', '.join(map(in_one_line, value))}]"
	if not isinstance(value, dict):
		return str(value).replace("\n", "\\n")
	known = before if isinstance(before, dict) else {}
	keys = sorted(key for key in {**known, **value} if (value.get(key) or None) != (known.get(key) or None))
	said = [f"{key} {in_one_line(value[key]) if value.get(key) else '–'}" for key in keys]
	return f"{{{', '.join(['..', *said] if known else said)}}}"
