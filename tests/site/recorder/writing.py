"""Writes what was recorded to the files of benchless/traces."""

from benchless.back_office import files
from benchless.back_office.files import compact

WIDTH = 120


def save(of_version: str, view: dict[str, dict]) -> None:
	"""Replace what one version answers; what the other one answers stays, equal parts move to `both`."""
	(other,) = (v for v in files.VERSIONS if v != of_version)
	for kind in files.KINDS:
		mine, theirs = view[kind], files.read("both", kind) | files.read(other, kind)
		if not (files.FOLDER / other).exists():
			theirs = {}
		shared = {key: value for key, value in mine.items() if theirs.get(key) == value}
		for folder, entries in (("both", shared), (of_version, mine), (other, theirs)):
			if folder == "both" or entries:
				_write(folder, kind, {k: v for k, v in entries.items() if folder == "both" or k not in shared})
	files.load.cache_clear()


def _write(folder: str, kind: str, entries: dict) -> None:
	path = files.FOLDER / folder / f"{kind}.json"
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
