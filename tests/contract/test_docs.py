"""What the docs for developers say of the tree is there."""

import re

import pytest

from tests.contract.source import APP, python_files

ROOT = APP.parent
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "docs/platform-notes.md", "docs/extending.md")
FILE = re.compile(r"`((?:[\w.-]+/)+[\w.*-]+\.(?:py|js|json|css|md))`")
# Files of the worked example, which the reader makes.
OF_THE_READER = "site_visit"
FLAG = re.compile(r"(?:doc|self|target|source|event|order|contract|request|deal|lead|frm)\.flags\.(\w+)")
FRAMEWORKS = (
	"ignore_permissions", "ignore_links", "ignore_children_type", "in_print", "mute_emails", "no_welcome_mail", "get", "pop",
	"update", "in_delete", "in_import", "args", "ignore_mandatory", "ignore_permlevel_for_fields",
)  # fmt: skip


def text_of(page: str) -> str:
	return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_are_there(page):
	named = {path for path in FILE.findall(text_of(page)) if OF_THE_READER not in path}
	missing = sorted(path for path in named if not any(list(root.glob(path)) for root in (ROOT, APP, ROOT / "docs")))
	assert missing == []


def test_the_map_fits_on_two_pages():
	assert len(text_of("ARCHITECTURE.md").splitlines()) <= 120


def test_every_folder_of_the_app_is_on_the_map():
	rooms = [path.name for path in APP.iterdir() if (path / "__init__.py").exists()]
	assert [room for room in sorted(rooms) if f"{room}/" not in text_of("ARCHITECTURE.md")] == []


def test_every_private_flag_is_listed():
	used = {flag for path in python_files() for flag in FLAG.findall(path.read_text(encoding="utf-8"))}
	listed = set(re.findall(r"`flags\.(\w+)`", text_of("ARCHITECTURE.md")))
	assert sorted(used - listed - set(FRAMEWORKS)) == []
	assert [
		flag for flag in sorted(listed) if not any(flag in path.read_text(encoding="utf-8") for path in python_files())
	] == []


def test_every_endpoint_that_a_page_names_is_there():
	offered = set(re.findall(r"\w+", (APP / "api" / "__init__.py").read_text(encoding="utf-8")))
	named = {name for page in PAGES for name in re.findall(r"\bapi\.(\w+)", text_of(page))} - {"py"}
	assert named and named <= offered
