"""What decides is read with a lock, and who loses a race is tried again; see crm_pipeline/chain/locks.py."""

import ast
import re

import pytest

from tests.contract.source import APP, calls, doctypes, functions, keyword, tree

# Rooms in which a look-up by filters asks whether something is there already: two clicks must not both hear "no".
DECIDING = [APP / "chain" / f"{name}.py" for name in ("conversions", "hand_off", "leads", "outcome", "playbook")]

# Reads of erp/remaining.py that decide nothing by themselves.
NAMES_ONLY = {
	"contract_root": "an amended contract never changes which one it amends",
	"contract_family": "the first of the family is locked",
	"of_quotation": "which requests to look at: their rows are read with a lock",
}


def locking(call: ast.Call) -> bool:
	value = keyword(call, "for_update")
	return value is not None and not (isinstance(value, ast.Constant) and not value.value)


@pytest.mark.parametrize("name", ["lock", "locked_doc"])
def test_a_lock_is_one(name):
	function = next(f for f in functions(tree(APP / "chain" / "locks.py")) if f.name == name)
	read = [call for called, call in calls(function) if called in ("frappe.db.get_value", "frappe.get_doc")]
	assert read and all(map(locking, read))


@pytest.mark.parametrize("path", DECIDING, ids=lambda path: path.stem)
def test_whether_something_is_there_already_is_asked_with_a_lock(path):
	without = [
		call.lineno
		for name, call in calls(tree(path))
		if name in ("frappe.db.get_value", "frappe.db.get_values")
		and len(call.args) > 1
		and isinstance(call.args[1], ast.Dict)
		and not locking(call)
	]
	assert without == []


@pytest.mark.parametrize("field", ["conversion_key", "crm_request_key", "playbook_key"])
def test_what_two_clicks_in_the_same_second_would_make_twice_has_a_unique_key(field):
	kept = {
		(doctype["name"], bool(df.get("unique")))
		for doctype in doctypes().values()
		for df in doctype["fields"]
		if df["fieldname"] == field
	}
	custom = (APP / "erp" / "custom_fields.py").read_text(encoding="utf-8")
	found = re.search(rf'"{field}"[^}}]*"unique": 1', custom)
	assert (kept or found) and all(unique for _doctype, unique in kept)


def test_what_remains_is_read_with_a_lock():
	without = {
		function.name
		for function in functions(tree(APP / "erp" / "remaining.py"))
		for name, call in calls(function)
		if (name.endswith(".run") and "for_update" not in chained(call))
		or (name.startswith(("frappe.db.get_", "frappe.get_")) and not locking(call))
	}
	assert without <= set(NAMES_ONLY)


def test_what_came_from_a_deal_is_counted_with_a_lock():
	of_deal = next(f for f in functions(tree(APP / "erp" / "remaining.py")) if f.name == "of_deal")
	walks = [call for name, call in calls(of_deal) if name == "graph.descendants"]
	assert walks and all(keyword(call, "locked") for call in walks)


def chained(call: ast.Call) -> set[str]:
	"""The methods that a query was built with, down to where it begins."""
	found, node = set(), call.func
	while isinstance(node, ast.Attribute | ast.Call):
		if isinstance(node, ast.Attribute):
			found.add(node.attr)
			node = node.value
		else:
			node = node.func
	return found


def test_a_query_is_read_to_its_beginning():
	query = ast.parse("(qb.from_(a).select(b).where(c).for_update()).run(as_dict=True)", mode="eval").body
	assert {"run", "for_update", "where", "select", "from_"} <= chained(query)


def test_who_loses_a_race_is_tried_again():
	"""The door runs whatever writes as one whole transaction, and tests/contract/test_api.py sends all of it there."""
	door = next(f for f in functions(tree(APP / "api" / "door.py")) if f.name == "_endpoint")
	assert "whole_transaction(function) if methods else function" in ast.unparse(door)
