"""What is locked, and how; and who loses a race is tried again; see crm_pipeline/chain/locks.py."""

import ast
import re

import pytest

from tests.contract.source import APP, calls, doctypes, functions, keyword, python_files, relative, tree

# The only file that reads with a lock, and the only one of the app that has another way.
LOCKS = APP / "chain" / "locks.py"
OTHERWISE = {
	APP / "demo" / "clearing.py": "a naming series, while the demo has the site for itself",
	APP / "chain" / "bulk_writes.py": "many rows by their keys",
}
FILES = [path for path in python_files() if path != LOCKS and path not in OTHERWISE]

# Where whole tables are worked on while nobody sells: uninstalling, patches, the demo, an admin who renames a stage.
ALONE = (
	"uninstall.py",
	"patches/",
	"demo/",
	"deals/stage_records.py",
	"erp/custom_fields.py",
	"analytics/snapshots.py",
)


def locking(call: ast.Call) -> bool:
	value = keyword(call, "for_update")
	return value is not None and not (isinstance(value, ast.Constant) and not value.value)


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_nothing_is_read_with_a_lock_but_rows_by_their_key(path):
	"""A locking read by another column locks the gap beside the empty keys: every plain Sales Order waits there."""
	source = tree(path)
	assert [call.lineno for name, call in calls(source) if locking(call) or name.endswith(".for_update")] == []


def test_a_lock_is_one():
	reads = [call for name, call in calls(tree(LOCKS)) if name.rpartition(".")[2] == "_marks" and call.keywords]
	assert len(reads) == 2 and all(map(locking, reads))


@pytest.mark.parametrize(
	"path", [p for p in FILES if not relative(p).startswith(tuple(f"crm_pipeline/{a}" for a in ALONE))], ids=relative
)
def test_rows_are_changed_and_deleted_by_their_key(path):
	"""UPDATE and DELETE lock like a locking read; locks.set_rows and locks.delete_rows look the names up first."""
	wide = [
		call.lineno
		for name, call in calls(tree(path))
		if name.endswith(("db.set_value", "db.delete")) and wide_filter(call)
	]
	assert wide == []
	assert [call.lineno for name, call in calls(tree(path)) if name.endswith("qb.update")] == [] or "importer" in str(
		path
	)


def wide_filter(call: ast.Call) -> bool:
	where = call.args[1] if len(call.args) > 1 else None
	return isinstance(where, ast.Dict) and [k.value for k in where.keys if isinstance(k, ast.Constant)] != ["name"]


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


def test_who_loses_a_race_is_tried_again():
	"""The door runs whatever writes as one whole transaction, and tests/contract/test_api.py sends all of it there."""
	door = next(f for f in functions(tree(APP / "api" / "door.py")) if f.name == "_endpoint")
	assert "whole_transaction(function) if methods else" in ast.unparse(door)
