"""benchless provides what the app is measured to use, is small, and stays outside the app."""

import ast
import importlib

import pytest

from benchless import context, database, documents, metadata, modules
from benchless.back_office import files
from benchless.errors import NotOffered
from scripts import measure_interface
from tests.contract.source import APP, ROOT, dotted, python_files, relative, tree

LISTED = measure_interface.listed()
LIMIT = 4000

# What a request has from the start.
CONTEXT = {"frappe.local": vars(context.local), "frappe.session": context.session}


def test_the_list_of_measured_names_is_current():
	assert measure_interface.measured() == LISTED, "run: python scripts/measure_interface.py --write"


def provided(name: str):
	"""What stands behind a measured name on this host; raises when there is nothing."""
	first, _, rest = name.partition(".")
	if first == "Document" and rest in metadata.STANDARD:
		return rest  # a column of every document
	if first in ("Document", "meta"):
		return getattr(documents.Document if first == "Document" else metadata.Meta, rest)
	if first == "pypika":
		return found(importlib.import_module("pypika"), "pypika", rest)
	if first == "erpnext":
		recorded = (files.load("exchanges", version) for version in files.VERSIONS)
		asked = {exchange["ask"] for exchanges in recorded for exchange in exchanges.values()}
		assert f"call {name}" in asked
		return name
	return of_frappe(name)


def set_by_the_app(name: str) -> ast.Attribute | None:
	"""Where the app itself sets an attribute of the request."""
	of_app = (node for path in python_files(APP) for node in ast.walk(tree(path)))
	return next(
		(
			node
			for node in of_app
			if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and dotted(node) == name
		),
		None,
	)


def found(module, path: str, rest: str):
	for part in rest.split("."):
		path = f"{path}.{part}"
		module = getattr(module, part) if hasattr(module, part) else importlib.import_module(path)
	return module


def of_frappe(name: str):
	tables = modules.tables()
	objects = {"frappe.db": database.Database(), "frappe.cache": context.cache, "frappe.qb": tables["frappe"]["qb"]}
	for prefix, value in objects.items():
		if name.startswith(f"{prefix}."):
			return found(value, prefix, name.removeprefix(f"{prefix}."))
	if name.startswith("frappe.flags."):
		return name  # any flag may be asked for; one that nobody set is not set
	place, _, attribute = name.rpartition(".")
	if place in CONTEXT:
		return CONTEXT[place].get(attribute) or set_by_the_app(name)
	module, _, attribute = name.rpartition(".")
	return tables[module][attribute]


@pytest.mark.parametrize("name", LISTED)
def test_every_measured_name_is_provided(name):
	assert provided(name) is not None


@pytest.mark.parametrize(
	"reach",
	[
		lambda: modules.Names("frappe").no_such_name,
		lambda: database.Database().no_such_name,
		lambda: metadata.Meta({"name": "X"}, []).no_such_name,
	],
)
def test_what_is_not_provided_says_its_name(reach):
	with pytest.raises(NotOffered, match="no_such_name"):
		reach()


def test_the_app_does_not_know_of_it():
	knowing = [relative(path) for path in python_files(APP) if "benchless" in path.read_text(encoding="utf-8")]
	assert knowing == []


def test_it_is_no_part_of_the_package():
	pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
	assert "benchless" not in pyproject and not (APP / "benchless").exists()


def test_it_stays_small():
	host = ROOT / "benchless"
	own = (path for path in python_files(host) if host / "walk" not in path.parents)
	lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in own)
	assert lines <= LIMIT
