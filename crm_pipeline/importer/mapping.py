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

from crm_pipeline.importer.field_labels import named, titled
from crm_pipeline.importer.import_fields import FIELDS, OWN, REPEATABLE
from crm_pipeline.importer.sentences import Sentence, Translate, _


class InputError(Exception):
	"""Something about the input as a whole makes loading impossible. The message is one line for the user: a template and
	its parts."""

	def __init__(self, text: str, *parts):
		super().__init__(text if isinstance(text, Sentence) else Sentence(text, *parts))

	def said(self, translate: Translate) -> str:
		return self.args[0].said(translate)


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
	"duplicates": str,
	"unknown_accounts": str,
}
KEYS = (
	"encoding",
	"delimiter",
	"date_format",
	"decimal",
	"files",
	"aliases",
	"pipeline",
	"pipelines",
	"stages",
	"statuses",
	"lead_statuses",
	"defaults",
	"source",
)
DEAL_STATUSES = ("Open", "Won", "Lost")
LEAD_STATUSES = ("New", "Qualified", "Contacted", "Converted", "Disqualified")
# What becomes of a row that is, by e-mail, phone or name, a record of the site.
SKIP, FILL, OVERWRITE, ASK = "Skip", "Fill Gaps", "Overwrite", "Ask"
# What becomes of a deal whose account is neither a Customer nor a prospect.
NEW_PROSPECT, REJECT = "New Prospect", "Reject"
DUPLICATES = (SKIP, FILL, OVERWRITE, ASK)
# What is guessed where a mapping does not name it.
GUESSED = ("encoding", "delimiter", "date_format", "decimal")


@dataclass(frozen=True)
class FileMap:
	"""One file: `columns` maps a column of the file to a field of ours. Without `header` columns are called "1", "2" and
	so on; with `several_rows` rows of one id are the items of one opportunity."""

	table: str
	file: str
	columns: MappingType[str, str]
	header: bool = True
	several_rows: bool = False


@dataclass(frozen=True)
class StageMap:
	"""A stage of the file: the key of ours, the date (of ENTRY_DATES) at which a deal entered it, if known, and the reason
	of deals that were lost so."""

	key: str
	entered_on: str | None = None
	lost_reason: str | None = None


@dataclass(frozen=True)
class PipelineMap:
	"""One pipeline of the file: that of ours, and its stages."""

	pipeline: str
	stages: MappingType[str, StageMap]


@dataclass(frozen=True)
class Mapping:
	"""A checked mapping. `aliases` is {field: {casefolded value of the file: value}}, `stages` {value of the file: StageMap},
	`pipelines` {value of the file: PipelineMap}, `statuses` {value of the file: Open, Won or Lost}.

	`guessed` names what of GUESSED is found from the files. `source` names the system that the ids are of; `zone` is the
	time zone of the site. Tables `from_site` are those of another app on it: its ids alone say what is the same, texts
	are rich, and the day on which a deal was closed may be unknown. `day_order` is which of day and month stands first, where
	somebody said so and the form of days is guessed.
	"""

	files: MappingType[str, FileMap]
	encoding: str = "utf-8-sig"
	delimiter: str = ","
	date_format: str = "%Y-%m-%d"
	decimal: str = "."
	aliases: MappingType[str, MappingType[str, str]] = field(default_factory=dict)
	pipeline: str = ""
	stages: MappingType[str, StageMap] = field(default_factory=dict)
	defaults: MappingType[str, str | bool] = field(default_factory=dict)
	pipelines: MappingType[str, PipelineMap] = field(default_factory=dict)
	statuses: MappingType[str, str] = field(default_factory=dict)
	lead_statuses: MappingType[str, str] = field(default_factory=dict)
	guessed: frozenset[str] = frozenset()
	source: str = ""
	zone: str = "UTC"
	from_site: bool = False
	day_order: str = ""

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
	stages, pipelines = _stages(data.get("stages", {})), _pipelines(data.get("pipelines", {}))
	if "opportunities" in files and not pipelines:
		if not data.get("pipeline"):
			raise InputError(_('"pipeline" is missing: name the Sales Pipeline of the opportunities'))
		if not stages:
			raise InputError(_('"stages" is missing: say which stage each value of the file is'))
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
		pipelines=pipelines,
		statuses=_statuses(data.get("statuses", {}), "statuses", DEAL_STATUSES),
		lead_statuses=_statuses(data.get("lead_statuses", {}), "lead_statuses", LEAD_STATUSES),
		guessed=frozenset(key for key in GUESSED if key not in data),
		source=_text(data, "source", "").strip(),
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
	_known(spec, ("file", "columns", "header", "several_rows"), f"key of {table}")
	for key in ("header", "several_rows"):
		if not isinstance(spec.get(key, True), bool):
			raise InputError(f'"{key}" of {table} must be true or false')
	name = _text(spec, "file", "")
	if not name or Path(name).is_absolute() or ".." in Path(name).parts:
		raise InputError(f'"file" of {table} must name a file inside the folder')
	columns = _object(spec.get("columns"), f'"columns" of {table}')
	used = set()
	for column, target in columns.items():
		own = isinstance(target, str) and target.startswith(OWN) and table == "opportunities"
		if target not in FIELDS[table] and not own:
			raise InputError(
				f'{table}: column "{column}" goes to unknown field "{target}"; known are {", ".join(FIELDS[table])}'
			)
		if target in used and target != REPEATABLE:
			raise InputError(_('{0}: two columns go to field "{1}"'), titled(table), named(target))
		used.add(target)
	several = spec.get("several_rows", False)
	for target, required in FIELDS[table].items():
		# Without an id a row is a deal of its own.
		if target not in used and (required or (several and target == "external_id")):
			raise InputError(_('{0}: no column goes to field "{1}"'), titled(table), named(target))
	return FileMap(table, name, columns, spec.get("header", True), several)


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
		_known(spec, ("stage", "entered_on", "lost_reason"), f'key of stage "{name}":')
		key, entered, reason = spec.get("stage"), spec.get("entered_on"), spec.get("lost_reason")
		if not isinstance(key, str) or not key:
			raise InputError(f'stage "{name}" must say which "stage" it is')
		if entered is not None and entered not in ENTRY_DATES:
			raise InputError(f'"entered_on" of stage "{name}" must be one of {", ".join(ENTRY_DATES)}')
		if reason is not None and (not isinstance(reason, str) or not reason):
			raise InputError(f'"lost_reason" of stage "{name}" must be a text')
		result[folded(name)] = StageMap(key, entered, reason)
	return result


def _pipelines(value: object) -> dict[str, PipelineMap]:
	result = {}
	for name, spec in _object(value, '"pipelines"').items():
		spec = _object(spec, f'pipeline "{name}"')
		_known(spec, ("pipeline", "stages"), f'key of pipeline "{name}":')
		pipeline, stages = _text(spec, "pipeline", ""), _stages(spec.get("stages", {}))
		if not pipeline or not stages:
			raise InputError(f'pipeline "{name}" must say which "pipeline" it is and which "stages" it has')
		result[folded(name)] = PipelineMap(pipeline, stages)
	return result


def _statuses(value: object, key: str, known: tuple[str, ...]) -> dict[str, str]:
	result = {}
	for name, status in _object(value, f'"{key}"').items():
		if status not in known:
			raise InputError(_('status "{0}" must be {1} or {2}'), name, ", ".join(known[:-1]), known[-1])
		result[folded(name)] = status
	return result


def _defaults(value: object) -> dict:
	defaults = _object(value, '"defaults"')
	_known(defaults, DEFAULTS, "default")
	for key, given in defaults.items():
		if not isinstance(given, DEFAULTS[key]) or given == "":
			raise InputError(f'default "{key}" must be {"a text" if DEFAULTS[key] is str else "true or false"}')
	if defaults.get("duplicates", SKIP) not in DUPLICATES:
		raise InputError(f'default "duplicates" must be one of {", ".join(DUPLICATES)}')
	if defaults.get("unknown_accounts", REJECT) not in (NEW_PROSPECT, REJECT):
		raise InputError(f'default "unknown_accounts" must be {NEW_PROSPECT} or {REJECT}')
	if "created_on" in defaults:
		try:
			datetime.strptime(defaults["created_on"], "%Y-%m-%d")
		except ValueError:
			raise InputError('default "created_on" must be a date such as 2017-12-31') from None
	return defaults


def folded(text: str) -> str:
	"""Texts that are the same word but for case and spaces have the same folded form."""
	return " ".join(text.split()).casefold()
