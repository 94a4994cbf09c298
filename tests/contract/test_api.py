"""Endpoints: in one room, typed, permission first, POST for whatever writes."""

import ast

import pytest

from tests.contract.source import (
	APP,
	calls,
	dotted,
	find_function,
	functions,
	keyword,
	python_files,
	relative,
	tree,
)

API = python_files(APP / "api")

# Endpoints that only read start with one of these words, or stand here with what they answer.
READING_PREFIXES = ("get_", "find_", "list_", "search_", "may_")
READERS = {"campaign_to_lead": "a lead that is not saved yet"}


def whitelisted(node: ast.FunctionDef) -> ast.expr | None:
	return next(
		(
			d
			for d in node.decorator_list
			if dotted(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2] == "whitelist"
		),
		None,
	)


ENDPOINTS = [f for path in API for f in functions(tree(path)) if whitelisted(f)]
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda f: f.name)


def statements(node: ast.FunctionDef) -> list[ast.stmt]:
	"""The body without its docstring."""
	return node.body[1:] if ast.get_docstring(node) is not None else node.body


def checks_permission(node: ast.AST) -> bool:
	for name, call in calls(node):
		last = name.rpartition(".")[2]
		if last in ("check_permission", "only_for"):
			return True
		if last == "has_permission" and _raises(call):
			return True
	return False


def _raises(call: ast.Call) -> bool:
	throw = keyword(call, "throw")
	return isinstance(throw, ast.Constant) and throw.value is True


def checkers() -> set[str]:
	"""Helpers of api/ that check permission themselves, such as _deal."""
	return {f.name for path in API for f in functions(tree(path)) if not whitelisted(f) and checks_permission(f)}


def test_endpoints_stand_in_api_only():
	elsewhere = [
		f"{relative(path)}:{f.name}"
		for path in python_files()
		if path not in API
		for f in functions(tree(path))
		if whitelisted(f)
	]
	assert len(ENDPOINTS) > 20
	assert elsewhere == []


@each_endpoint
def test_every_argument_and_the_answer_are_typed(endpoint):
	arguments = [*endpoint.args.posonlyargs, *endpoint.args.args, *endpoint.args.kwonlyargs]
	assert [a.arg for a in arguments if a.annotation is None] == []
	assert endpoint.args.vararg is None and endpoint.args.kwarg is None
	assert endpoint.returns is not None


@each_endpoint
def test_permission_is_checked_first(endpoint):
	first = statements(endpoint)[:2]
	helpers = checkers()
	assert any(
		checks_permission(statement) or any(name in helpers for name, _call in calls(statement))
		for statement in first
	)


@each_endpoint
def test_whatever_writes_takes_post_only(endpoint):
	decorator = whitelisted(endpoint)
	methods = keyword(decorator, "methods") if isinstance(decorator, ast.Call) else None
	reads = endpoint.name.startswith(READING_PREFIXES) or endpoint.name in READERS
	assert (ast.literal_eval(methods) if methods else None) == (None if reads else ["POST"])


@each_endpoint
def test_no_endpoint_is_open_to_guests(endpoint):
	decorator = whitelisted(endpoint)
	assert not (isinstance(decorator, ast.Call) and keyword(decorator, "allow_guest"))


@each_endpoint
def test_an_endpoint_leaves_the_work_to_the_chain(endpoint):
	assert len(statements(endpoint)) <= 6


def test_no_endpoint_ignores_permissions():
	assert [relative(path) for path in API if "ignore_permissions" in path.read_text(encoding="utf-8")] == []


@each_endpoint
def test_every_endpoint_has_the_short_path(endpoint):
	assert find_function(f"crm_pipeline.api.{endpoint.name}") is endpoint


def test_the_framework_is_told_to_enforce_the_types():
	text = (APP / "hooks.py").read_text(encoding="utf-8")
	assert "require_type_annotated_api_methods = True" in text
