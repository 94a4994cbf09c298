"""Endpoints: in one room, typed, permission first, POST for whatever writes."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.contract.source import (
	APP,
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


class Check(NamedTuple):
	"""A permission check that raises; each part as it stands in the source, `doc` "" for none."""

	doctype: str
	right: str
	doc: str


def checks_of(function: ast.FunctionDef, first: int | None = 2) -> list[Check]:
	"""What is checked whatever the input, in the first statements; all checks of a helper, with what it is given."""
	found: list[Check] = []
	loaded: dict[str, ast.Call] = {}
	for statement in statements(function)[:first]:
		for call in always_called(statement):
			name = dotted(call.func)
			variable, _, last = name.rpartition(".")
			if last == "has_permission" and _raises(call):
				doc = keyword(call, "doc")
				found.append(Check(*map(ast.unparse, call.args[:2]), ast.unparse(doc) if doc else ""))
			elif last == "check_permission" and variable in loaded:
				doctype, doc = map(ast.unparse, loaded[variable].args)
				found.append(Check(doctype, ast.unparse(call.args[0]), doc))
			elif name in helpers(function):
				helper = helpers(function)[name]
				given = dict(zip((a.arg for a in helper.args.args), map(ast.unparse, call.args), strict=True))
				found += [Check(*(given.get(part, part) for part in check)) for check in checks_of(helper, None)]
		if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
			if dotted(statement.value.func) == "frappe.get_doc":
				loaded[dotted(statement.targets[0])] = statement.value
	return found


def always_called(node: ast.AST) -> Iterator[ast.Call]:
	"""The calls of a statement that are made in any case."""
	if isinstance(node, UNCERTAIN):
		return
	if isinstance(node, ast.Call):
		yield node
	for child in ast.iter_child_nodes(node):
		yield from always_called(child)


UNCERTAIN = (
	*(ast.If, ast.For, ast.While, ast.Try, ast.With, ast.Match, ast.IfExp, ast.BoolOp, ast.Lambda),
	*(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.FunctionDef),
)


def _raises(call: ast.Call) -> bool:
	throw = keyword(call, "throw")
	return isinstance(throw, ast.Constant) and throw.value is True


HOME = {f: path for path in API for f in functions(tree(path))}


def helpers(function: ast.FunctionDef) -> dict[str, ast.FunctionDef]:
	"""The functions beside an endpoint that may check for it, such as _deal."""
	home = HOME.get(function, APP / "api" / "chain.py")
	return {f.name: f for f in functions(tree(home)) if not whitelisted(f)}


# What a document is called where an endpoint takes no `doctype`: by the argument, else by the endpoint.
ARGUMENTS = {
	"lead": "Sales Lead",
	"prospect": "Sales Prospect",
	"contract": "Sales Contract",
	"pipeline": "Sales Pipeline",
}
NAMED = {
	"accept_request": "Sales Order Request",
	"answer_help": "help_wanted.REQUEST",
	"campaign_to_lead": "Sales Campaign",
	"campaign_to_project": "Sales Campaign",
	"complete_project": "Sales Project",
	"make_erp_project": "Sales Project",
	"opportunity_to_project": "Sales Opportunity",
	"refresh_costs": "Cost Estimate",
	"return_request": "Sales Order Request",
	"terminate_contract": "Sales Contract",
	"withdraw_help": "help_wanted.REQUEST",
}

# The right to a document that an endpoint asks for, where it is not read for readers and write for the others.
RIGHTS = {
	"return_request": "cancel",
	"terminate_contract": "submit",
	# These make another document, for which its own rights are asked.
	"ask_for_help": "read",
	"campaign_to_project": "read",
	"make_contract": "read",
	"make_cost_estimate": "read",
	"make_order_request": "read",
	"order_now": "read",
}


def wanted(endpoint: ast.FunctionDef) -> Check | None:
	"""The check that an endpoint needs for the document it is given; None where it is given none."""
	takes = [a.arg for a in endpoint.args.args]
	right = repr(RIGHTS.get(endpoint.name, "read" if reads(endpoint) else "write"))
	if "name" in takes:
		doctype = NAMED.get(endpoint.name, "doctype")
		return Check(doctype if doctype in takes or "." in doctype else repr(doctype), right, "name")
	for argument, doctype in ARGUMENTS.items():
		if argument in takes:
			return Check(repr(doctype), right, argument)
	return None


def reads(endpoint: ast.FunctionDef) -> bool:
	return endpoint.name.startswith(READING_PREFIXES) or endpoint.name in READERS


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
	found, needed = checks_of(endpoint), wanted(endpoint)
	assert found
	if needed:
		assert needed in [check._replace(doc=check.doc.removesuffix(" or None")) for check in found]


def test_an_exchange_rate_is_told_to_who_may_read_the_company():
	assert checks_of(by_name("get_exchange_rate")) == [Check("'Company'", "'read'", "company")]


def test_deals_are_reassigned_by_who_may_write_such_deals():
	# The deals are asked about one by one, and what is refused is said of each.
	assert checks_of(by_name("reassign_deals")) == [Check("doctype", "'write'", "")]


def test_a_cost_estimate_is_made_by_who_may_create_one():
	assert Check("'Cost Estimate'", "'create'", "") in checks_of(by_name("make_cost_estimate"))


@pytest.mark.parametrize("endpoint", ["get_board", "get_board_totals", "get_cards"])
def test_a_board_is_shown_to_who_may_read_its_deals(endpoint):
	assert checks_of(by_name(endpoint)) == [
		Check("'Sales Pipeline'", "'read'", "pipeline or None"),
		Check("found.doctype", "'read'", ""),
	]


def by_name(name: str) -> ast.FunctionDef:
	return next(f for f in ENDPOINTS if f.name == name)


@pytest.mark.parametrize(
	("body", "found"),
	[
		("frappe.has_permission('A', 'read', doc=name, throw=True)", [Check("'A'", "'read'", "name")]),
		("frappe.has_permission('A', 'read', doc=name)", []),
		("if False:\n  frappe.has_permission('A', 'read', doc=name, throw=True)", []),
		("name and frappe.has_permission('A', 'read', doc=name, throw=True)", []),
		("x()\n y()\n frappe.has_permission('A', 'read', doc=name, throw=True)", []),
		("d = frappe.get_doc('A', name)\n d.check_permission('read')", [Check("'A'", "'read'", "name")]),
		("d = frappe.get_doc('A', name)\n e.check_permission('read')", []),
		("_deal(doctype, name, 'write')", [Check("doctype", "'write'", "name")]),
	],
)
def test_a_check_that_may_be_passed_by_is_none(body, found):
	assert checks_of(ast.parse(f"def f(doctype, name):\n {body}").body[0]) == found


@each_endpoint
def test_whatever_writes_takes_post_only(endpoint):
	decorator = whitelisted(endpoint)
	methods = keyword(decorator, "methods") if isinstance(decorator, ast.Call) else None
	assert (ast.literal_eval(methods) if methods else None) == (None if reads(endpoint) else ["POST"])


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
