"""The table of custom fields, read without the framework: its data needs none."""

import ast

import pytest

from tests.contract.source import APP, doctypes, dotted, tree
from tests.contract.test_doctypes import LEAVING, NATIVE

FILE = APP / "erp" / "custom_fields.py"


def load() -> dict:
	"""Run what defines the table: constants, the helpers that build rows, and fields()."""
	wanted = [
		node
		for node in tree(FILE).body
		if isinstance(node, ast.Assign | ast.AnnAssign)
		or (isinstance(node, ast.FunctionDef) and not any("frappe" in dotted(n) for n in ast.walk(node)))
	]
	namespace: dict = {}
	exec(compile(ast.Module(wanted, type_ignores=[]), str(FILE), "exec"), namespace)
	return namespace


TABLE = load()
FIELDS = TABLE["fields"]()
ROWS = [(doctype, field) for doctype, rows in FIELDS.items() for field in rows]

each_field = pytest.mark.parametrize(
	("doctype", "field"), ROWS, ids=[f"{doctype}.{field['fieldname']}" for doctype, field in ROWS]
)


@each_field
def test_a_field_is_prefixed_carries_our_module_and_is_never_copied_by_native_mappers(doctype, field):
	assert field["fieldname"].startswith("crm_")
	assert field["module"] == "CRM Pipeline"
	assert field["no_copy"] == 1


@each_field
def test_a_field_says_where_it_stands_and_is_never_mandatory(doctype, field):
	assert field["insert_after"]
	assert not field.get("reqd") and not field.get("mandatory_depends_on")


@each_field
def test_a_link_leads_to_a_doctype_that_stays(doctype, field):
	if field["fieldtype"] == "Link":
		assert field["options"] in (NATIVE | doctypes().keys()) - LEAVING


@each_field
def test_a_native_doctype_does_not_drag_ours_into_its_test_records(doctype, field):
	assert not (field["fieldtype"] == "Link" and field["options"] in doctypes())


def test_fieldnames_are_unique_per_doctype():
	assert len({(doctype, field["fieldname"]) for doctype, field in ROWS}) == len(ROWS)


def test_fields_stand_on_native_doctypes_only():
	assert not FIELDS.keys() & (doctypes().keys() | LEAVING)


def test_install_and_removal_read_the_same_table():
	used = {
		node.name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
		for node in tree(FILE).body
		if isinstance(node, ast.FunctionDef)
	}
	assert "fields" in used["create"] and "CUSTOM_FIELDS" in used["fields"]
	assert {"CUSTOM_FIELDS", "fields"} & used["remove"]


def test_no_other_file_makes_custom_fields():
	from tests.contract.source import calls, python_files

	makers = {
		path.relative_to(APP).as_posix()
		for path in python_files()
		for name, _call in calls(tree(path))
		if name.rpartition(".")[2] in ("create_custom_field", "create_custom_fields")
	}
	assert makers == {"erp/custom_fields.py"}


def test_reminders_are_the_same_wherever_they_are_chosen():
	from crm_pipeline.core.activity import REMINDERS

	own = next(field for _doctype, field in ROWS if field["fieldname"] == "crm_remind_before")
	choices = [own["options"].split("\n")]
	for doctype, name in (("Sales Activity", "remind"), ("CRM Pipeline Settings", "remind_before")):
		field = next(f for f in doctypes()[doctype]["fields"] if f["fieldname"] == name)
		choices.append(field["options"].split("\n"))
	assert [[choice for choice in offered if choice] for offered in choices] == [list(REMINDERS)] * 3
