"""The rooms of the app: which there are, and that arrows between them point one way."""

import ast
import re
from collections import defaultdict

import pytest

from tests.contract.source import APP, python_files, relative, tree

# From the ground up: a room imports from rooms of lower floors only, and within its own floor in no circle.
FLOORS = (
	("core",),
	("user_day", "wording"),
	("erp",),
	("chain",),
	(
		"parties",
		"capture",
		"discussions",
		"activities",
		"cases",
		"receivables",
		"relations",
		"warnings",
		"costs",
		"deals",
		"leads",
		"coaching",
	)
	+ ("orders", "documents"),
	("analytics",),
	("customers", "duplicates", "handovers", "my_day", "segments", "assignment", "pool", "scoring"),
	("permissions", "access_explained"),
	("overrides",),
	("importer",),
	("api",),
	("demo",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = ("crm_pipeline", "crm_prospecting", "crm_customers")


def room_of(path) -> str:
	"""The first part of a file's path in the package, or its own name where it stands in no folder."""
	parts = path.relative_to(APP).parts
	return parts[0].removesuffix(".py")


def imports(path) -> set[str]:
	"""Rooms of the app that a file imports, wherever in it."""
	found = set()
	for node in ast.walk(tree(path)):
		names = []
		if isinstance(node, ast.ImportFrom) and node.module:
			names = [f"{node.module}.{alias.name}" for alias in node.names]
		elif isinstance(node, ast.Import):
			names = [alias.name for alias in node.names]
		found |= {name.split(".")[1] for name in names if name.startswith("crm_pipeline.")}
	return found - {room_of(path)}


ARROWS = defaultdict(set)
for _path in python_files():
	for _room in imports(_path):
		ARROWS[room_of(_path), _room].add(relative(_path))

SERVICES = [path for path in python_files() if room_of(path) in FLOOR]


@pytest.mark.parametrize("path", SERVICES, ids=relative)
def test_no_import_runs_upwards(path):
	own = FLOOR[room_of(path)]
	assert [room for room in imports(path) if FLOOR.get(room, -1) > own] == []
	assert [room for room in imports(path) if room in MODULES] == []


def test_rooms_of_one_floor_import_each_other_in_no_circle():
	above = defaultdict(set)
	for source, target in ARROWS:
		if source in FLOOR and FLOOR.get(source) == FLOOR.get(target):
			above[source].add(target)
	while above:
		free = [room for room in above if not above[room] & above.keys()]
		assert free, f"a circle: { {room: sorted(above[room] & above.keys()) for room in above} }"
		for room in free:
			del above[room]


def test_no_two_rooms_have_a_file_of_the_same_name():
	places = defaultdict(list)
	for path in python_files():
		if room_of(path) in FLOOR and path.name != "__init__.py":
			places[path.name].append(relative(path))
	assert [where for where in places.values() if len(where) > 1] == []


REPORTS = [path for path in python_files() if "report" in path.parts and path.name != "__init__.py"]
QUERIES = (
	"frappe.db.",
	"frappe.qb",
	"frappe.get_all",
	"frappe.get_list",
	"frappe.get_cached_value",
	"pypika",
	"query_builder",
)


@pytest.mark.parametrize("path", REPORTS, ids=relative)
def test_a_report_holds_no_query(path):
	"""A report words and draws what analytics/ found: what the page, the API and another report then find as well."""
	source = path.read_text(encoding="utf-8")
	assert [word for word in QUERIES if word in source] == []


@pytest.mark.parametrize("path", [path for path in python_files() if room_of(path) == "analytics"], ids=relative)
def test_a_figure_takes_a_scope_and_no_filters(path):
	"""The door parses filters, once: scope.Scope.of, and the scopes that derive from it."""
	takers = [
		function.name
		for function in ast.walk(tree(path))
		if isinstance(function, ast.FunctionDef)
		and "filters" in {arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)}
	]
	assert [name for name in takers if name not in ("of", "of_list", "_stages", "_listed")] == []


# Flags that Frappe and ERPNext read.
NATIVE_FLAGS = {
	"args", "ignore_children_type", "ignore_links", "ignore_mandatory", "ignore_permissions", "ignore_permlevel_for_fields",
	"ignore_validate",
	"ignore_version", "in_delete", "in_import", "in_insert", "in_migrate", "in_print", "in_test", "in_web_form", "mute_emails", "mute_messages",
	"name_set", "no_welcome_mail", "notifications_executed", "read_only",
}  # fmt: skip


def test_every_flag_on_documents_is_explained():
	"""A flag is a word between two files that no signature shows."""
	explained = (APP.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
	used = set()
	for path in python_files():
		used |= set(re.findall(r"\.flags\.(?:get\(f?\"|pop\(\")?([a-z_]+)", path.read_text(encoding="utf-8")))
	ours = {f"`flags.{flag}" for flag in used - NATIVE_FLAGS - {"get", "pop", "update"}}
	assert sorted(flag for flag in ours if flag not in explained) == []
	listed = set(re.findall(r"`flags\.([a-z_]+)`", explained))
	assert sorted(flag for flag in listed if not any(name == flag or flag.startswith(name) for name in used)) == []
