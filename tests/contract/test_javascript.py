import re
from pathlib import Path

import pytest

from tests.contract.source import APP, relative

FILES = sorted(p for p in APP.rglob("*.js") if not {"node_modules", "dist", "vendor"} & set(p.relative_to(APP).parts))
each_file = pytest.mark.parametrize("path", FILES, ids=relative)

MESSAGE = re.compile(r"frappe\s*\.\s*(?:msgprint|throw|confirm|prompt|show_alert|show_progress)\s*\(\s*([\"'`])")
KEYED_MESSAGE = re.compile(
	r"^\s*(?:message|title|label|primary_action_label|placeholder)\s*:\s*([\"'`])(?=[A-Z][a-z])", re.MULTILINE
)
BUTTON = re.compile(r"add_custom_button\s*\(\s*([\"'`])")


def code(path) -> str:
	"""The file without comments."""
	text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
	return re.sub(r"(?m)(^|\s)//.*$", "", text)


def where(path, pattern: re.Pattern) -> list[str]:
	text = code(path)
	return [text[m.start() : m.end() + 30].strip() for m in pattern.finditer(text)]


@each_file
def test_routes_are_not_guessed_from_the_address(path):
	"""/app/ on one version, /desk/ on the other."""
	assert where(path, re.compile(r"location\s*\.\s*(pathname|href)")) == []


@each_file
def test_messages_to_people_are_translatable(path):
	assert where(path, MESSAGE) + where(path, KEYED_MESSAGE) + where(path, BUTTON) == []


@each_file
def test_translated_strings_are_literal(path):
	"""A template with a value in it is never found in a catalogue."""
	assert where(path, re.compile(r"\b__\(\s*`[^`]*\$\{")) == []


@each_file
def test_what_is_gone_in_16_is_not_used(path):
	assert where(path, re.compile(r"toggle_side_bar|utils\.deep_clone|list_sidebar\.js")) == []


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name == "core"], ids=relative)
def test_rules_know_neither_framework_nor_browser(path):
	"""They run in tests/unit without either; what they go by is passed in."""
	assert (
		where(
			path,
			re.compile(r"\b(frappe|document|window|cur_frm|locals)\b\s*[.\[]|\$\(|\b__\(|\bnew Date\b|\bDate\.now"),
		)
		== []
	)
	imported = re.findall(r'\bfrom "([^"]+)"', path.read_text(encoding="utf-8"))
	assert all(re.fullmatch(r"\./\w+", name) for name in imported)


BUNDLES = {path.name.split(".")[0]: path for path in FILES if path.name.endswith(".bundle.js")}


def reached(path: Path) -> set[Path]:
	"""The files that come along with a bundle."""
	found = {path}
	for name in re.findall(r'\bfrom "(\.[^"]+)"', path.read_text(encoding="utf-8")):
		found |= reached((path.parent / f"{name}.js").resolve())
	return found


def test_other_pages_of_desk_load_next_to_nothing_of_ours():
	"""What is on every page comes without forms, lists, pages and styles; 28 KB of source are some 9 KB on the wire."""
	hooks = (APP / "hooks.py").read_text(encoding="utf-8")
	assert 'app_include_js = "crm_pipeline.bundle.js"' in hooks and "app_include_css" not in hooks
	files = reached(BUNDLES["crm_pipeline"])
	assert {path.parent.name for path in files} <= {"js", "shared", "core"}
	assert sum(path.stat().st_size for path in files) < 28_400


def test_our_forms_wait_for_their_script():
	"""A form's own script is there before that of all forms is: what uses it stands in crm_pipeline.form()."""
	shared = set(re.findall(r"^\t(\w+),$", BUNDLES["crm_forms"].read_text(encoding="utf-8"), re.MULTILINE))
	for path in FILES:
		if "doctype" in path.parts and path.stem == path.parent.name:
			at_once = re.sub(r"(?ms)^(crm_pipeline\.form\(|async function|function).*?^\}\)?;?$", "", code(path))
			assert not shared & set(re.findall(r"crm_pipeline\.(\w+)", at_once)), relative(path)


@each_file
def test_calls_lead_to_our_endpoints(path):
	from tests.contract.test_api import ENDPOINTS

	known = {f.name for f in ENDPOINTS}
	called = set(re.findall(r"crm_pipeline\.api\.(\w+)", code(path)))
	assert called <= known


def test_numbers_over_a_report_have_the_colour_of_text():
	"""The framework's colours for them are read at 2.4 to 1."""
	reports = (APP / "crm_pipeline" / "report").rglob("*.py")
	assert [path.name for path in reports if '"indicator"' in path.read_text(encoding="utf-8")] == []


COUNTED = re.compile(
	r"__\(\"[^\"]*\{\d\} (?:open |won |working )?(?:days|deals|documents|customers|visits|months|leads|rows|records|orders|people)\b[^\"]*\""
)
NEVER_ONE = (
	"closed in the last {0} days",  # a setting of the server
	"rest on {0} months of",  # a quarter of a year at least
	"most valuable of {1} documents",  # more than a list takes
	'"{0} documents"',  # a step of the ribbon with several
)


@each_file
def test_one_is_not_told_as_many(path):
	""" "1 days" is no English: the text for one stands beside, or the number stands after what it counts."""
	text = code(path)
	for match in COUNTED.finditer(text):
		if not any(allowed in match.group() for allowed in NEVER_ONE):
			assert re.search(r"=== 1|> 1|\.length", text[max(0, match.start() - 220) : match.start()]), match.group()
