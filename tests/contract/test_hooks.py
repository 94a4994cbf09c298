import re
import runpy
from collections.abc import Iterator

import pytest

from tests.contract.source import APP, ROOT, find_function

HOOKS = runpy.run_path(str(APP / "hooks.py"))
TEXT = (APP / "hooks.py").read_text(encoding="utf-8")

# Hooks that frappe calls with (doc, method).
DOC_EVENTS = HOOKS.get("doc_events", {})


def strings(value) -> Iterator[str]:
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		for part in value.values():
			yield from strings(part)
	elif isinstance(value, list | tuple):
		for part in value:
			yield from strings(part)


def settings() -> dict:
	return {key: value for key, value in HOOKS.items() if not key.startswith("__")}


PATHS = sorted(
	{
		text
		for text in strings(settings())
		if re.fullmatch(r"crm_pipeline(\.\w+)+", text) and not re.search(r"\.bundle\.(js|css)$", text)
	}
)


@pytest.mark.parametrize("path", PATHS)
def test_a_dotted_path_leads_to_a_function(path):
	assert find_function(path), f"hooks.py names {path}, which is no function"


def test_there_are_paths_to_check():
	assert len(PATHS) > 10


@pytest.mark.parametrize("path", sorted(set(strings(DOC_EVENTS))))
def test_event_handlers_take_the_document_and_an_optional_method(path):
	arguments = find_function(path).args
	assert [a.arg for a in arguments.args][1:] == ["method"]
	assert len(arguments.defaults) == 1


def test_form_scripts_and_bundles_exist():
	missing = [
		path
		for key in ("doctype_js", "doctype_list_js", "page_js")
		for path in strings(settings().get(key, {}))
		if not (APP / path).exists()
	]
	for key in ("app_include_js", "app_include_css"):
		for bundle in strings(settings().get(key, [])):
			if ".bundle." in bundle and not list((APP / "public").rglob(bundle.rpartition(".")[0] + ".*")):
				missing.append(bundle)
	assert missing == []


def test_asset_paths_exist():
	assets = [t for t in strings(settings()) if t.startswith("/assets/crm_pipeline/")]
	missing = [t for t in assets if not (APP / "public" / t.removeprefix("/assets/crm_pipeline/")).exists()]
	assert assets and missing == []


def test_hooks_stay_under_eighty_active_lines():
	active = [line for line in TEXT.splitlines() if line.strip() and not line.strip().startswith("#")]
	assert len(active) < 80


def test_hooks_hold_no_logic():
	assert not re.search(r"^\s*(def|import|from|if|for|lambda)\b", TEXT, re.MULTILINE)


def test_required_apps_is_one_line_that_bench_can_read():
	assert re.search(r'^required_apps = \["frappe/erpnext"\]$', TEXT, re.MULTILINE)


def test_classes_are_extended_by_events_not_replaced():
	assert not {"override_doctype_class", "extend_doctype_class", "override_whitelisted_methods"} & set(HOOKS)


def test_rows_a_user_may_not_see_are_hidden_in_lists_and_forms_alike():
	assert set(HOOKS.get("has_permission", {})) == set(HOOKS.get("permission_query_conditions", {}))


def test_the_apps_screen_leads_to_a_desk_route_on_both_versions():
	assert all(entry["route"].startswith("/app/") for entry in HOOKS["add_to_apps_screen"])


def test_the_checkout_is_laid_out_as_bench_expects():
	assert (
		(ROOT / "setup.py").exists() and (ROOT / "pyproject.toml").exists() and (APP / "patches.txt").exists()
	)
