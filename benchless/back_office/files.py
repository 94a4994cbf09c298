"""The recorded data: traces/both for what 15 and 16 answer alike, traces/15 and traces/16 for the rest.

Four files in each: `shapes` {DocType: shape}, `seed` {DocType: rows}, `exchanges` {id: exchange} and
`stories` {story: [ids of its exchanges]}.
"""

import functools
import json
import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "traces"
KINDS = ("shapes", "seed", "exchanges", "stories")
VERSIONS = ("15", "16")
WIDTH = 120

_version: str | None = None


def version() -> str:
	"""Which ERPNext answers: 15, unless BENCHLESS_TRACES or `set_version` says 16."""
	chosen = _version or os.environ.get("BENCHLESS_TRACES") or VERSIONS[0]
	if chosen not in VERSIONS:
		raise ValueError(f"There are traces of ERPNext {' and '.join(VERSIONS)}, not of {chosen}")
	return chosen


def set_version(chosen: str) -> None:
	global _version
	_version = str(chosen)
	from benchless.back_office import shape

	shape.forget()


@functools.cache
def load(kind: str, of_version: str) -> dict:
	"""Everything of one kind that a version answers with."""
	return read("both", kind) | read(of_version, kind)


def read(folder: str, kind: str) -> dict:
	path = FOLDER / folder / f"{kind}.json"
	return json.loads(path.read_text()) if path.exists() else {}


def save(of_version: str, view: dict[str, dict]) -> None:
	"""Replace what one version answers; what the other one answers stays, equal parts move to `both`."""
	(other,) = (v for v in VERSIONS if v != of_version)
	for kind in KINDS:
		mine, theirs = view[kind], read("both", kind) | read(other, kind)
		if not (FOLDER / other).exists():
			theirs = {}
		shared = {key: value for key, value in mine.items() if theirs.get(key) == value}
		for folder, entries in (("both", shared), (of_version, mine), (other, theirs)):
			if folder == "both" or entries:
				_write(folder, kind, {k: v for k, v in entries.items() if folder == "both" or k not in shared})
	load.cache_clear()


def _write(folder: str, kind: str, entries: dict) -> None:
	path = FOLDER / folder / f"{kind}.json"
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(readable({key: entries[key] for key in sorted(entries)}) + "\n")


def readable(value, indent: int = 0, width: int = WIDTH) -> str:
	"""JSON in filled lines: small, and a change still shows where it is."""
	line = compact(value)
	if len(line) + indent <= width or not isinstance(value, dict | list) or not value:
		return line
	is_dict = isinstance(value, dict)
	parts = [
		(f"{compact(key)}: " if is_dict else "") + readable(inner, indent + 1, width)
		for key, inner in (value.items() if is_dict else enumerate(value))
	]
	lines = [parts[0]]
	for part in parts[1:]:
		fits = indent and "\n" not in part + lines[-1] and len(lines[-1]) + len(part) + indent + 3 <= width
		if fits:
			lines[-1] += f", {part}"
		else:
			lines.append(part)
	opening, closing = "{}" if is_dict else "[]"
	space = " " * (indent + 1)
	return "\n".join((opening, ",\n".join(space + line for line in lines), " " * indent + closing))


def compact(value) -> str:
	return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
