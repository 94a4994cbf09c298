"""What is locked, and how; and who loses a race is tried again; see crm_pipeline/chain/locks.py."""

import ast
import re

import pytest

from tests.contract.source import APP, calls, doctypes, functions, keyword, python_files, relative, tree

# The only file that reads with a lock, and the only one of the app that has another way.
LOCKS = APP / "chain" / "locks.py"
OTHERWISE = {APP / "demo" / "clearing.py": "a naming series, while the demo has the site for itself"}
FILES = [path for path in python_files() if path != LOCKS and path not in OTHERWISE]

# Where whole tables are worked on while nobody sells: uninstalling, patches, the demo, an admin who renames a stage.
ALONE = ("uninstall.py", "patches/", "demo/", "chain/stage_records.py", "erp/custom_fields.py", "figures/snapshots.py")


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


@pytest.mark.parametrize("path", [p for p in FILES if not relative(p).startswith(tuple(f"crm_pipeline/{a}" for a in ALONE))], ids=relative)
def test_rows_are_changed_and_deleted_by_their_key(path):
	"""UPDATE and DELETE lock like a locking read; locks.set_rows and locks.delete_rows look the names up first."""
	wide = [call.lineno for name, call in calls(tree(path)) if name.endswith(("db.set_value", "db.delete")) and wide_filter(call)]
	assert wide == []
	assert [call.lineno for name, call in calls(tree(path)) if name.endswith("qb.update")] == [] or "importer" in str(path)


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


<<<<<<< HEAD
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
=======
@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if not reads(e)], ids=lambda e: e.name)
def test_who_loses_a_race_is_tried_again(endpoint):
	assert (endpoint.name in NOT_TRIED_AGAIN) != tried_again(endpoint)


def tried_again(endpoint: ast.FunctionDef) -> bool:
	"""Whether an endpoint, or what it calls to do the work, is one whole transaction."""
	return any(is_whole(f) for f in (endpoint, *called_by(endpoint))) or any(
		name == "whole_transaction" for name, _call in calls(endpoint)
	)


def is_whole(function: ast.FunctionDef) -> bool:
	return "whole_transaction" in {dotted(d).rpartition(".")[2] for d in function.decorator_list}


def called_by(endpoint: ast.FunctionDef) -> Iterator[ast.FunctionDef]:
	"""The functions of the chain that an endpoint calls by module and name."""
	for name, _call in calls(endpoint):
		module, _dot, function = name.rpartition(".")
		path = APP / "chain" / f"{module}.py"
		if path.exists():
			yield from (f for f in functions(tree(path)) if f.name == function)


def test_every_endpoint_has_a_home():
	assert all(endpoint in HOME for endpoint in ENDPOINTS)
>>>>>>> 4d06c68 (fix: locks are taken on our own rows by primary key, in one order, before anything is read)
