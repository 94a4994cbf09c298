"""What the admin guide says that the app adds to a site is all that it adds."""

import re

import pytest

from tests.contract.source import APP, ROOT, find_function
from tests.contract.test_custom_fields import ROWS

GUIDE = (ROOT / "docs" / "admin-guide.md").read_text(encoding="utf-8")
ADDED = GUIDE[GUIDE.index("## What the app adds") : GUIDE.index("## People")]
LAYOUT = ("Section Break", "Column Break")


def listed(name: str) -> bool:
	"""By itself, or by the beginning that it shares with others: `crm_match_...`."""
	beginnings = [text.removesuffix("...") for text in re.findall(r"`(crm_\w+\.\.\.)`", ADDED)]
	return f"`{name}`" in ADDED or any(name.startswith(beginning) for beginning in beginnings)


def test_each_field_on_a_native_document_is_listed_with_its_document():
	fields = [(doctype, df["fieldname"]) for doctype, df in ROWS if df["fieldtype"] not in LAYOUT]
	assert [row for row in fields if not (listed(row[1]) and row[0] in ADDED)] == []


def test_each_module_is_listed():
	modules = (APP / "modules.txt").read_text(encoding="utf-8").split("\n")
	assert [module for module in modules if module and f"**{module}**" not in ADDED] == []


def test_each_table_that_gets_an_index_is_listed():
	indexes = (APP / "erp" / "customer_indexes.py").read_text(encoding="utf-8")
	ours = {path.parent.name for path in APP.glob("*/doctype/*/*.json")}
	native = [
		name
		for name in re.findall(r'^\t"([A-Z][\w ]+)": \{', indexes, re.M)
		if name.lower().replace(" ", "_") not in ours
	]
	assert native and [name for name in native if name not in ADDED] == []


@pytest.mark.parametrize("path", sorted((APP / "public" / "js" / "native").glob("*.js")), ids=lambda path: path.stem)
def test_each_button_on_a_native_form_is_listed(path):
	text = path.read_text(encoding="utf-8")
	if "add_custom_button" in text or "log_button" in text:
		assert path.stem.replace("_", " ").title() in ADDED


COMMANDS = sorted(
	{
		path
		for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
		for path in re.findall(r"\bexecute (crm_pipeline[.\w]+)", page.read_text(encoding="utf-8"))
	}
)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_of_the_documentation_is_there(path):
	assert find_function(path) is not None
