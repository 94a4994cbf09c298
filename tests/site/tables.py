"""What the app holds as data: tables of fields, roles and links, limits and defaults of settings, by `module.NAME`.

    python -m tests.site.tables [module.NAME ...]

writes these into tables.json as they are now; without names all of them and whatever else it has, and tells what changed.
"""

import ast
import dataclasses
import enum
import importlib
import json
import re
import sys
from pathlib import Path

FILE = Path(__file__).with_name("tables.json")
SETTINGS = (
	Path(__file__).parents[2] / "crm_pipeline/crm_pipeline/doctype/crm_pipeline_settings/crm_pipeline_settings.json"
)

# What needs more of the framework than every host has.
READ = ("demo.", "uninstall", "importer.load", "activities.feed_page")
# What is no part of the running app, and lists that a package brings.
APART = (*READ, "patches", "commands", "first_texts")
LONG = 12000


def kept() -> dict:
	return json.loads(FILE.read_text())


def now(name: str):
	"""A table as it is in the app, or the default of a setting ("settings.fieldname"); None where there is none."""
	module, _dot, attribute = name.rpartition(".")
	if module == "settings":
		return next(
			(f.get("default") for f in json.loads(SETTINGS.read_text())["fields"] if f["fieldname"] == attribute), None
		)
	path = SETTINGS.parents[3] / f"{module.replace('.', '/')}.py"
	if path.is_file() and any(module.startswith(one) for one in READ):
		return plain(written(path, attribute))
	return plain(getattr(importlib.import_module(f"crm_pipeline.{module}"), attribute, None))


def written(path: Path, attribute: str):
	"""A table that is written out in its file, without importing that."""
	for node in ast.parse(path.read_text()).body:
		if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == attribute:
			return ast.literal_eval(node.value)
	return None


def every() -> list[str]:
	"""The tables, numbers and patterns that the modules of the app hold, by `module.NAME`."""
	app = SETTINGS.parents[3]
	found = []
	for path in sorted(app.rglob("*.py")):
		name = ".".join(path.relative_to(app).with_suffix("").parts).removesuffix(".__init__")
		if name.startswith(APART) or name == "__init__":
			continue
		for node in ast.parse(path.read_text()).body:
			# What is made of another table follows that.
			if isinstance(
				getattr(node, "value", None), ast.DictComp | ast.SetComp | ast.ListComp | ast.Attribute | ast.Name
			):
				continue
			targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
			for target in targets:
				called = target.id if isinstance(target, ast.Name) else "_"
				is_hook = name == "hooks" and not called.startswith("_")
				if (called.isupper() or is_hook) and is_table(f"{name}.{called}"):
					found.append(f"{name}.{target.id}")
	return found


def is_table(name: str) -> bool:
	module, _dot, attribute = name.rpartition(".")
	value = getattr(importlib.import_module(f"crm_pipeline.{module}"), attribute)
	kinds = dict | tuple | list | set | frozenset | int | float | re.Pattern
	record = dataclasses.is_dataclass(value) and not isinstance(value, type)
	# What has no words of its own is told by where it is in memory.
	return (
		(record or isinstance(value, kinds)) and " at 0x" not in (text := json.dumps(plain(value))) and len(text) < LONG
	)


def plain(value):
	"""The same as JSON has it."""
	if isinstance(value, dict):
		return {str(plain(key)): plain(one) for key, one in value.items()}
	if isinstance(value, set | frozenset):
		return sorted(plain(one) for one in value)
	if isinstance(value, enum.Enum):
		return value.value
	if isinstance(value, tuple | list):
		return [plain(one) for one in value]
	if dataclasses.is_dataclass(value) and not isinstance(value, type):
		return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
	if isinstance(value, re.Pattern):
		return plain(value.pattern)
	if isinstance(value, bytes):
		return value.decode("latin-1")
	return (
		value
		if value is None or isinstance(value, str | int | float | bool)
		else getattr(value, "__name__", str(value))
	)


def lost(expected, found) -> list:
	"""What of a table is gone or different, or stands in another order. More than was expected is no loss."""
	if isinstance(expected, dict) and isinstance(found, dict):
		gone = [
			(key, one, found.get(key)) for key, one in expected.items() if key not in found or lost(one, found[key])
		]
		return gone
	if isinstance(expected, list) and isinstance(found, list):
		rest = iter(found)
		return [one for one in expected if not any(not lost(one, other) for other in rest)]
	return [] if expected == found and type(expected) is type(found) else [(expected, found)]


if __name__ == "__main__":
	tables = kept() if FILE.exists() else {}
	for name in sys.argv[1:] or sorted({*tables, *every()}):
		if (value := now(name)) != tables.get(name):
			print(name)
			tables[name] = value
		if value is None and not name.startswith("settings."):
			del tables[name]
	FILE.write_text(
		"{\n"
		+ ",\n".join(f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in sorted(tables.items()))
		+ "\n}\n"
	)
