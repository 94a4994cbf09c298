import ast
import json
import re

import pytest

from tests.contract.source import APP, ROOT, find_function, relative, tree

try:
	import tomllib
except ModuleNotFoundError:  # Python 3.10, where pytest brings its own
	import tomli as tomllib

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
JSON_FILES = sorted(p for p in APP.rglob("*.json") if "node_modules" not in p.parts)


def version() -> str:
	assigned = [n for n in tree(APP / "__init__.py").body if isinstance(n, ast.Assign)]
	return next(ast.literal_eval(n.value) for n in assigned if n.targets[0].id == "__version__")


def lines(path) -> list[str]:
	found = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
	return [line for line in found if line and not line.startswith("#")]


@pytest.mark.parametrize("app", ["frappe", "erpnext"])
def test_bench_installs_the_app_on_15_and_16_only(app):
	assert PYPROJECT["tool"]["bench"]["frappe-dependencies"][app] == ">=15.0.0,<17.0.0"


def test_pip_is_not_asked_for_the_framework():
	names = [re.split(r"[\s<>=!~\[;]", d)[0].lower() for d in PYPROJECT["project"]["dependencies"]]
	assert not {"frappe", "erpnext", "pandas"} & set(names)


def test_python_3_10_is_enough():
	assert PYPROJECT["project"]["requires-python"] == ">=3.10"


def test_test_tools_have_lower_bounds():
	assert all(re.search(r">=\d", d) for d in PYPROJECT["project"]["optional-dependencies"]["test"])


def test_the_list_that_make_installs_is_the_one_of_the_package():
	assert lines(ROOT / "tests" / "requirements.txt") == PYPROJECT["project"]["optional-dependencies"]["test"]


def test_the_licence_is_said_and_shipped():
	assert PYPROJECT["project"]["license"] == {"text": "GPL-3.0-or-later"}
	assert "GNU GENERAL PUBLIC LICENSE" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_version_is_the_newest_of_the_changelog():
	changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
	released = re.findall(r"^## \[?v?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)
	assert released and released[0] == version()


def test_every_module_has_its_folder():
	folders = [APP / m.lower().replace(" ", "_") for m in lines(APP / "modules.txt")]
	assert folders and all((folder / "__init__.py").exists() for folder in folders)


def test_every_patch_is_there():
	patches = [line for line in lines(APP / "patches.txt") if not line.startswith("[")]
	missing = [p for p in patches if not find_function(f"{p.split()[0]}.execute")]
	assert missing == []


@pytest.mark.parametrize("path", JSON_FILES, ids=relative)
def test_json_parses(path):
	assert json.loads(path.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize("path", JSON_FILES, ids=relative)
def test_filters_of_cards_and_charts_have_four_parts(path):
	record = json.loads(path.read_text(encoding="utf-8"))
	filters = json.loads(record.get("filters_json") or "[]") if isinstance(record, dict) else []
	assert all(len(row) == 4 for row in filters) or isinstance(filters, dict)


@pytest.mark.parametrize("path", JSON_FILES, ids=relative)
def test_records_belong_to_one_of_our_modules(path):
	record = json.loads(path.read_text(encoding="utf-8"))
	module = record.get("module") if isinstance(record, dict) else None
	assert module in (None, *lines(APP / "modules.txt"))


def test_every_folder_of_the_package_can_be_imported():
	skipped = {
		"public",
		"locale",
		"templates",
		"www",
		"workspace_sidebar",
		"desktop_icon",
		"config",
		"__pycache__",
	}
	bare = [
		relative(folder)
		for folder in (p for p in APP.rglob("*") if p.is_dir())
		if not skipped & set(folder.relative_to(APP).parts)
		and any(folder.glob("*.py"))
		and not (folder / "__init__.py").exists()
	]
	assert bare == []
