"""Messages are shown as HTML: what somebody typed is escaped in them, and cleaned where it is stored."""

import ast
import re

import pytest

from tests.contract.source import APP, calls, doctypes, python_files, relative, tree

# Fields that people fill with text; the rest of what messages name are names of documents, which hold no tags.
TYPED = re.compile(
	r"\.(title|deal_title|label|subject|customer_name|party_name|prospect_name|full_name|item_name|milestone|question"
	r"|answer|note|notes|reason|detail|description|email_id|contact_name)$|get_fullname\([^()]*\)$"
)
WORDS = APP / "wording.py"


@pytest.mark.parametrize("path", [p for p in python_files() if p != WORDS], ids=relative)
def test_a_message_names_what_was_typed_escaped(path):
	bare = []
	for name, call in calls(tree(path)):
		assert name != "frappe.bold", f"{path}:{call.lineno}: crm_pipeline.wording.bold escapes"
		if (
			isinstance(call.func, ast.Attribute)
			and call.func.attr == "format"
			and isinstance(call.func.value, ast.Call)
		):
			if getattr(call.func.value.func, "id", "") == "_":
				bare += [f"{call.lineno}: {ast.unparse(a)}" for a in call.args if TYPED.search(ast.unparse(a))]
	assert bare == []


@pytest.mark.parametrize(
	"name",
	sorted(
		n
		for n, d in doctypes().items()
		if not d.get("istable") and any(p.get("create") for p in d.get("permissions") or [])
	),
)
def test_every_document_that_people_enter_is_cleaned_when_it_is_saved(name):
	scrubbed = name.lower().replace(" ", "_")
	text = next(APP.glob(f"*/doctype/{scrubbed}/{scrubbed}.py")).read_text(encoding="utf-8")
	assert re.search(
		r"def validate\(self\):\n(\t\t[^\n]*\n){0,3}?\t\t(incoming\.take_in\(self\)|self\.take_in\(\)|help_wanted\.follow)",
		text,
	)


# What a person who imports reads; mappings that are written by hand are for the command line.
SENTENCES = {"refuse", "Sentence", "InputError"}


@pytest.mark.parametrize(
	"path", [p for p in python_files(APP / "importer") if p.name not in ("mapping.py", "sentences.py")], ids=relative
)
def test_what_an_import_says_of_a_row_is_in_the_catalogue(path):
	bare = [
		f"{call.lineno}: {ast.unparse(arg)}"
		for name, call in calls(tree(path))
		if name.rpartition(".")[2] in SENTENCES
		for arg in call.args
		if isinstance(arg, ast.JoinedStr) or (isinstance(arg, ast.Constant) and " " in str(arg.value))
	]
	assert bare == []


def test_the_title_of_a_dialog_is_escaped():
	"""Frappe takes it as HTML, and My Day asks under the words of a task."""
	text = (APP / "public" / "js" / "shared" / "server.js").read_text(encoding="utf-8")
	assert "title: escaped(title)," in text
