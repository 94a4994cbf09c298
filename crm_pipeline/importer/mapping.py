"""The column mapping: which file holds what, which column is which field, what a value means here.

A mapping is JSON; `docs/importing.md` describes it for users. Everything that can be wrong with it is found
here, before any file is opened, and reported as one line.
"""

import codecs
import json
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path


class InputError(Exception):
	"""Something about the input as a whole makes loading impossible. The message is one line for the user."""


# Fields per table; those marked True must be mapped to a column.
FIELDS = {
	"products": {"product": True, "group": False, "price": False},
	"agents": {"agent": True, "manager": False, "region": False, "email": False},
	"accounts": {
		"account": True,
		"parent": False,
		"industry": False,
		"country": False,
		"website": False,
		"tax_id": False,
		"details": False,
	},
	"opportunities": {
		"external_id": True,
		"stage": True,
		"title": False,
		"account": False,
		"product": False,
		"agent": False,
		"created_on": False,
		"engaged_on": False,
		"closed_on": False,
		"expected_close": False,
		"amount": False,
		"details": False,
	},
}
# Several columns may go to this field; each becomes a line of text.
REPEATABLE = "details"

# Dates of an opportunity at which it may have entered an open stage.
ENTRY_DATES = ("created_on", "engaged_on")

DEFAULTS = {
	"unnamed_account": str,
	"lost_reason": str,
	"created_on": str,
	"currency": str,
	"price_list": str,
	"customer_group": str,
	"territory": str,
	"item_group": str,
	"uom": str,
	"stock_items": bool,
}
KEYS = (
	"encoding",
	"delimiter",
	"date_format",
	"decimal",
	"files",
	"aliases",
	"pipeline",
	"stages",
	"defaults",
)


@dataclass(frozen=True)
class FileMap:
	"""One file: `columns` maps a column of the file to a field of ours."""

	table: str
	file: str
	columns: MappingType[str, str]


@dataclass(frozen=True)
class StageMap:
	"""A stage of the file: the key of ours, and the date (of ENTRY_DATES) at which a deal entered it, if known."""

	key: str
	entered_on: str | None = None


@dataclass(frozen=True)
class Mapping:
	"""A checked mapping. `aliases` is {field: {casefolded value of the file: value}}, `stages` {value of the file: StageMap}."""

	files: MappingType[str, FileMap]
	encoding: str = "utf-8-sig"
	delimiter: str = ","
	date_format: str = "%Y-%m-%d"
	decimal: str = "."
	aliases: MappingType[str, MappingType[str, str]] = field(default_factory=dict)
	pipeline: str = ""
	stages: MappingType[str, StageMap] = field(default_factory=dict)
	defaults: MappingType[str, str | bool] = field(default_factory=dict)

	def created_on(self) -> date | None:
		"""The day on which deals without any date of their own count as created."""
		value = self.defaults.get("created_on")
		return datetime.strptime(value, "%Y-%m-%d").date() if value else None


def read_mapping(path: str | Path) -> Mapping:
	"""The mapping in a JSON file. Raises InputError naming what is wrong with it."""
	path = Path(path)
	try:
		text = path.read_text(encoding="utf-8-sig")
	except FileNotFoundError:
		raise InputError(f"mapping {path}: there is no such file") from None
	except (OSError, UnicodeDecodeError) as error:
		raise InputError(f"mapping {path}: can't be read as UTF-8 text ({_reason(error)})") from None
	try:
		data = json.loads(text, object_pairs_hook=_without_repeats)
	except ValueError as error:
		raise InputError(f"mapping {path}: {error}") from None
	try:
		return parse_mapping(data)
	except InputError as error:
		raise InputError(f"mapping {path}: {error}") from None


def _reason(error: Exception) -> str:
	return getattr(error, "strerror", None) or getattr(error, "reason", None) or type(error).__name__


def _without_repeats(pairs: list[tuple[str, object]]) -> dict:
	"""JSON keeps the last of two equal keys and says nothing; a mapping must not."""
	result = {}
	for key, value in pairs:
		if key in result:
			raise ValueError(f'"{key}" is there twice')
		result[key] = value
	return result


def parse_mapping(data: object) -> Mapping:
	"""Check the content of a mapping. Raises InputError at the first thing that is wrong."""
	data = _object(data, "the mapping")
	_known(data, KEYS, "key")
	files = _files(data.get("files"))
	stages = _stages(data.get("stages", {}))
	if "opportunities" in files:
		if not data.get("pipeline"):
			raise InputError('"pipeline" is missing: name the Sales Pipeline of the opportunities')
		if not stages:
			raise InputError('"stages" is missing: say which stage each value of the file is')
	return Mapping(
		files=files,
		encoding=_encoding(_text(data, "encoding", "utf-8")),
		delimiter=_delimiter(_text(data, "delimiter", ",")),
		date_format=_date_format(_text(data, "date_format", "%Y-%m-%d")),
		decimal=_decimal(_text(data, "decimal", ".")),
		aliases=_aliases(data.get("aliases", {})),
		pipeline=_text(data, "pipeline", ""),
		stages=stages,
		defaults=_defaults(data.get("defaults", {})),
	)


def _object(value: object, what: str) -> dict:
	if not isinstance(value, dict):
		raise InputError(f"{what} must be an object in braces")
	return value


def _text(data: dict, key: str, default: str) -> str:
	value = data.get(key, default)
	if not isinstance(value, str) or (default and not value):
		raise InputError(f'"{key}" must be a text')
	return value


def _known(given, allowed, what: str) -> None:
	for key in given:
		if key not in allowed:
			raise InputError(f'unknown {what} "{key}"; known are {", ".join(allowed)}')


def _files(value: object) -> dict[str, FileMap]:
	files = _object(value, '"files"')
	_known(files, FIELDS, "table")
	if not files:
		raise InputError('"files" names no file')
	return {table: _file(table, _object(spec, f'"{table}"')) for table, spec in files.items()}


def _file(table: str, spec: dict) -> FileMap:
	_known(spec, ("file", "columns"), f"key of {table}")
	name = _text(spec, "file", "")
	if not name or Path(name).is_absolute() or ".." in Path(name).parts:
		raise InputError(f'"file" of {table} must name a file inside the folder')
	columns = _object(spec.get("columns"), f'"columns" of {table}')
	used = set()
	for column, target in columns.items():
		if target not in FIELDS[table]:
			raise InputError(
				f'{table}: column "{column}" goes to unknown field "{target}"; known are {", ".join(FIELDS[table])}'
			)
		if target in used and target != REPEATABLE:
			raise InputError(f'{table}: two columns go to field "{target}"')
		used.add(target)
	for target, required in FIELDS[table].items():
		if required and target not in used:
			raise InputError(f'{table}: no column goes to field "{target}"')
	return FileMap(table, name, columns)


def _encoding(value: str) -> str:
	try:
		found = codecs.lookup(value).name
	except LookupError:
		raise InputError(f'unknown "encoding" {value}') from None
	# A byte order mark is no part of the first column's name.
	return "utf-8-sig" if found == "utf-8" else found


def _delimiter(value: str) -> str:
	if len(value) != 1 or value in '"\r\n':
		raise InputError('"delimiter" must be one character')
	return value


def _date_format(value: str) -> str:
	probe = date(2016, 11, 25)
	try:
		if datetime.strptime(probe.strftime(value), value).date() == probe:
			return value
	except ValueError:
		pass
	raise InputError(f'"date_format" {value} does not describe day, month and year, as %d-%m-%Y does')


def _decimal(value: str) -> str:
	if value not in (".", ","):
		raise InputError('"decimal" must be a point or a comma')
	return value


def _aliases(value: object) -> dict[str, dict[str, str]]:
	known = sorted({name for fields in FIELDS.values() for name in fields})
	result = {}
	for target, pairs in _object(value, '"aliases"').items():
		_known((target,), known, "field in aliases:")
		pairs = _object(pairs, f'"aliases" of {target}')
		if not all(isinstance(text, str) and text for text in pairs.values()):
			raise InputError(f'"aliases" of {target} must map texts to texts')
		result[target] = {folded(alias): text for alias, text in pairs.items()}
	return result


def _stages(value: object) -> dict[str, StageMap]:
	result = {}
	for name, spec in _object(value, '"stages"').items():
		spec = {"stage": spec} if isinstance(spec, str) else _object(spec, f'stage "{name}"')
		_known(spec, ("stage", "entered_on"), f'key of stage "{name}":')
		key, entered = spec.get("stage"), spec.get("entered_on")
		if not isinstance(key, str) or not key:
			raise InputError(f'stage "{name}" must say which "stage" it is')
		if entered is not None and entered not in ENTRY_DATES:
			raise InputError(f'"entered_on" of stage "{name}" must be one of {", ".join(ENTRY_DATES)}')
		result[folded(name)] = StageMap(key, entered)
	return result


def _defaults(value: object) -> dict:
	defaults = _object(value, '"defaults"')
	_known(defaults, DEFAULTS, "default")
	for key, given in defaults.items():
		if not isinstance(given, DEFAULTS[key]) or given == "":
			raise InputError(f'default "{key}" must be {"a text" if DEFAULTS[key] is str else "true or false"}')
	if "created_on" in defaults:
		try:
			datetime.strptime(defaults["created_on"], "%Y-%m-%d")
		except ValueError:
			raise InputError('default "created_on" must be a date such as 2017-12-31') from None
	return defaults


def folded(text: str) -> str:
	"""Texts that are the same word but for case and spaces have the same folded form."""
	return " ".join(text.split()).casefold()
