"""The tests themselves: none is empty, none pretends to be the framework."""

import ast

import pytest

from tests.contract.source import ROOT, dotted, functions, python_files, relative, tree

FILES = [p for p in python_files(ROOT / "tests") if p.name.startswith("test_")]
each_file = pytest.mark.parametrize("path", FILES, ids=relative)


def claims(node: ast.AST) -> bool:
	"""Whether something is asserted here: assert, pytest.raises, or a helper named assert_ or refused."""
	for child in ast.walk(node):
		if isinstance(child, ast.Assert):
			return True
		if isinstance(child, ast.Call):
			name = dotted(child.func).rpartition(".")[2]
			if name in ("raises", "fail", "warns") or name.startswith(("assert_", "expect_", "refuse")):
				return True
	return False


@each_file
def test_every_test_claims_something(path):
	helpers = {f.name for f in functions(tree(path)) if not f.name.startswith("test_") and claims(f)}
	empty = [
		f.name
		for f in functions(tree(path))
		if f.name.startswith("test_")
		and not claims(f)
		and not helpers & {dotted(n.func) for n in ast.walk(f) if isinstance(n, ast.Call)}
	]
	assert empty == []


@each_file
def test_names_of_tests_are_unique(path):
	names = [n.name for n in tree(path).body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
	assert len(names) == len(set(names))


@pytest.mark.parametrize("path", python_files(ROOT / "tests"), ids=relative)
def test_nothing_pretends_to_be_the_framework(path):
	names = {dotted(n).rpartition(".")[2] for n in ast.walk(tree(path)) if isinstance(n, ast.Name | ast.Attribute)}
	assert "MagicMock" not in names


@pytest.mark.parametrize(
	"path", [p for p in FILES if not {"site", "browser", "benchless"} & set(p.parts)], ids=relative
)
def test_unit_and_contract_tests_need_no_framework(path):
	names = {
		name.split(".")[0]
		for node in ast.walk(tree(path))
		for name in (
			[a.name for a in node.names]
			if isinstance(node, ast.Import)
			else [node.module or ""]
			if isinstance(node, ast.ImportFrom)
			else []
		)
	}
	assert not {"frappe", "erpnext"} & names
