"""Endpoints: in one room, through one door, typed, permission named, POST for whatever writes."""

import ast
from typing import NamedTuple

import pytest

from tests.contract.source import (
	APP,
	calls,
	dotted,
	find_function,
	functions,
	python_files,
	relative,
	tree,
)

API = python_files(APP / "api")
DOOR = APP / "api" / "door.py"
ROOMS = [path for path in API if path != DOOR]

# Endpoints that only read start with one of these words, or stand here with what they answer.
READING_PREFIXES = ("get_", "find_", "list_", "search_", "may_")
READERS = {"campaign_to_lead": "a lead that is not saved yet"}

# What asks for the right in its first line, because only the arguments say to which documents.
HELPERS = ("_board", "_cohort", "_filters", "_need_role", "_party", "rights.need")
DECIDED_INSIDE = {
	"claim_from_pool": "claiming.claim",
	"get_customer_figures": "_party",
	"get_customer_page": "_party",
	"get_customer_panel": "_party",
	"get_customer_people": "_party",
	"get_customer_timeline": "_party",
	"get_funnel": "_cohort",
	"get_funnel_documents": "_cohort",
	"get_funnel_flow": "_cohort",
	"get_funnel_outline": "_cohort",
	"get_documents_of_dwell": "rights.need",
	"get_documents_of_closed": "rights.need",
	"get_my_day": "_need_role",
	"get_workspace_numbers": "rights.need",
	"get_documents_of_number": "rights.need",
}


class Right(NamedTuple):
	"""A check that the door makes; each part as it stands in the source, `name` "" for none."""

	right: str
	doctype: str
	name: str = ""


def door_of(node: ast.FunctionDef) -> str | None:
	"""`reads` or `writes`, for a function that is whitelisted by the door."""
	found = [dotted(d.func) for d in node.decorator_list if isinstance(d, ast.Call)]
	return next((name for name in found if name in ("reads", "writes")), None)


def rights_of(node: ast.FunctionDef) -> list[Right]:
	"""What the door asks before the function runs."""
	door = next(d for d in node.decorator_list if isinstance(d, ast.Call) and dotted(d.func) in ("reads", "writes"))
	assert all(isinstance(ask, ast.Call) and dotted(ask.func) == "may" for ask in door.args)
	return [Right(*(ast.unparse(arg).strip("'") for arg in ask.args)) for ask in door.args]


ENDPOINTS = [f for path in ROOMS for f in functions(tree(path)) if door_of(f)]
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda f: f.name)


def statements(node: ast.FunctionDef) -> list[ast.stmt]:
	"""The body without its docstring."""
	return node.body[1:] if ast.get_docstring(node) is not None else node.body


# What a document is called where an endpoint takes no `doctype`: by the argument, else by the endpoint.
ARGUMENTS = {
	"lead": "Sales Lead",
	"prospect": "Sales Prospect",
	"contract": "Sales Contract",
	"pipeline": "Sales Pipeline",
}
NAMED = {
	"accept_request": "Sales Order Request",
	"get_acceptance": "Sales Order Request",
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
	"log_case": "CASE",
	"forward_case": "CASE",
	"solve_case": "CASE",
	"reopen_case": "CASE",
	"withdraw_case": "CASE",
	"wait_for_customer": "CASE",
	"override_warnings": "Sales Order Request",
	"override_order_warnings": "Sales Order",
}
SEVERAL = (
	*("AROUND", "CHAIN", "DEALS", "MERGED", "OWN", "TYPED_IN", "stalled.DEALS"),
	*("day_actions.DATED", "day_actions.GIVEN_TYPES", "day_actions.ASSIGNED"),
)

# The right to a document that an endpoint asks for, where it is not read for readers and write for the others.
RIGHTS = {
	# A picture of what one sees changes nothing of the segment.
	"take_segment_snapshot": "read",
	"get_acceptance": "write",
	"return_request": "cancel",
	"terminate_contract": "submit",
	# These make another document, for which its own rights are asked.
	"ask_for_help": "read",
	"catch_up_now": "read",
	"campaign_to_project": "read",
	"make_contract": "read",
	"make_cost_estimate": "read",
	"make_order_request": "read",
	"order_now": "read",
}


def reads(endpoint: ast.FunctionDef) -> bool:
	return endpoint.name.startswith(READING_PREFIXES) or endpoint.name in READERS


def test_endpoints_stand_in_api_only_and_go_through_the_door():
	"""frappe.whitelist is called by the door and by nobody else: not in controllers, reports or pages either."""
	around = [
		f"{relative(path)}:{node.lineno}"
		for path in python_files()
		if path != DOOR
		for node in ast.walk(tree(path))
		if (isinstance(node, ast.Attribute) and node.attr == "whitelist")
		or (isinstance(node, ast.ImportFrom) and "whitelist" in {alias.name for alias in node.names})
	]
	elsewhere = [
		f"{relative(path)}:{f.name}"
		for path in python_files()
		if path not in API
		for f in functions(tree(path))
		if door_of(f)
	]
	assert len(ENDPOINTS) > 40
	assert around == elsewhere == []


def test_every_script_report_has_its_filters_checked():
	reports = [path for path in APP.glob("*/report/*/*.py") if path.name != "__init__.py"]
	bare = [
		relative(path)
		for path in reports
		for f in functions(tree(path))
		if f.name == "execute" and "report" not in [dotted(d) for d in f.decorator_list]
	]
	assert reports and bare == []


@each_endpoint
def test_every_argument_and_the_answer_are_typed(endpoint):
	arguments = [*endpoint.args.posonlyargs, *endpoint.args.args, *endpoint.args.kwonlyargs]
	assert [a.arg for a in arguments if a.annotation is None] == []
	assert endpoint.args.vararg is None and endpoint.args.kwarg is None
	assert endpoint.returns is not None


# What the framework sends along and nobody needs.
SENT_ALONG = {
	"get_activity_events": {"doctype", "field_map", "fields"},
	"search_documents": {"searchfield"},
	"search_users": {"doctype", "searchfield", "filters"},
}


@each_endpoint
def test_every_argument_is_used(endpoint):
	used = {node.id for statement in endpoint.body for node in ast.walk(statement) if isinstance(node, ast.Name)}
	asked = {arg.arg for arg in (*endpoint.args.posonlyargs, *endpoint.args.args, *endpoint.args.kwonlyargs)}
	assert asked - used == SENT_ALONG.get(endpoint.name, set())


@each_endpoint
def test_the_types_have_limits(endpoint):
	"""A bare str takes a million letters, a bare dict whatever SQL makes of it: api/types.py has what to use."""
	bare = {"str", "dict", "list", "int", "float", "Any", "object"}
	loose = [
		a.arg
		for a in endpoint.args.args
		for node in ast.walk(a.annotation)
		if isinstance(node, ast.Name) and node.id in bare
	]
	assert loose == []


@each_endpoint
def test_the_door_asks_for_a_right(endpoint):
	found = rights_of(endpoint)
	if endpoint.name in DECIDED_INSIDE:
		first = [name for statement in statements(endpoint)[:2] for name, _call in calls(statement)]
		assert DECIDED_INSIDE[endpoint.name] in first
		return
	assert found
	takes = [a.arg for a in endpoint.args.args]
	right = RIGHTS.get(endpoint.name, "read" if reads(endpoint) else "write")
	if "name" in takes:
		asked = [r for r in found if r.right == right and r.name == "name"]
		assert asked and (asked[0].doctype in SEVERAL) == ("doctype" in takes)
		assert endpoint.name not in NAMED or asked[0].doctype == NAMED[endpoint.name]
	for argument, doctype in ARGUMENTS.items():
		if argument in takes:
			assert Right(right, doctype, argument) in found


# Other rights that an endpoint asks for: it makes a document of that type, prepares one, or is for whoever manages them.
BESIDE = {
	"capture_lead": {"create"},
	"claim_from_pool": {"read"},
	"close_calendar_feed": {"read"},
	"make_calendar_feed": {"read"},
	"enter_deal": {"create"},
	"get_access": {"read", "write"},
	"get_access_numbers": {"read", "write"},
	"get_assignment_rehearsal": {"write"},
	"get_owed_invoices": {"read", "create"},
	"get_promise_of_invoice": {"create"},
	"get_stage_followers": {"write"},
	"get_visibility": {"write"},
	"give_post": {"read", "create"},
	"log_activity": {"create"},
	"make_cost_estimate": {"read", "create"},
	"mark_not_duplicate": {"read"},
	"unmark_not_duplicate": {"read"},
	"move_contact": {"write", "create"},
	"search_users": {"select"},
}


@each_endpoint
def test_no_more_and_no_other_rights_are_asked_for_than_the_work_needs(endpoint):
	"""Who may read is shown what reads, though they may change nothing; what changes asks for more than to read."""
	usual = {RIGHTS.get(endpoint.name, "read" if reads(endpoint) else "write")}
	asked = {right.right for right in rights_of(endpoint)}
	assert asked == BESIDE.get(endpoint.name, usual if endpoint.name not in DECIDED_INSIDE else asked)


def test_what_managers_are_shown_asks_for_their_rights():
	"""Reading a setting or a stage is everybody's in sales: who sees what, and how many deals would follow, is not."""
	asked = {
		"get_visibility": Right("write", "CRM Pipeline Settings"),
		"get_stage_followers": Right("write", "Pipeline Stage", "stage"),
	}
	for endpoint, right in asked.items():
		assert right in rights_of(by_name(endpoint)), endpoint


def test_an_exchange_rate_is_told_to_who_may_read_the_company():
	assert rights_of(by_name("get_exchange_rate")) == [Right("read", "Company", "company")]


def test_deals_are_reassigned_by_who_may_write_such_deals():
	# The deals are asked about one by one, and what is refused is said of each.
	assert rights_of(by_name("reassign_deals")) == [Right("write", "('Sales Lead', *DEALS)")]


def test_a_cost_estimate_is_made_by_who_may_create_one():
	assert Right("create", "Cost Estimate") in rights_of(by_name("make_cost_estimate"))


@pytest.mark.parametrize("endpoint", ["get_board", "get_board_totals", "get_cards"])
def test_a_board_is_shown_to_who_may_read_its_deals(endpoint):
	found = by_name(endpoint)
	assert rights_of(found) == [Right("read", "Sales Pipeline", "pipeline")]
	assert "_board" in [name for name, _call in calls(statements(found)[0])]


def by_name(name: str) -> ast.FunctionDef:
	return next(f for f in ENDPOINTS if f.name == name)


@each_endpoint
def test_whatever_writes_takes_post_only(endpoint):
	assert door_of(endpoint) == ("reads" if reads(endpoint) else "writes")


def test_the_door_opens_to_nobody_who_is_not_logged_in():
	found = [call for name, call in calls(tree(DOOR)) if name == "frappe.whitelist"]
	assert [[k.arg for k in call.keywords] for call in found] == [["methods"]]


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


def test_no_type_of_the_door_replaces_another():
	"""The later of two of one name would check the arguments of both."""
	body = tree(APP / "api" / "types.py").body
	names = [target.id for node in body if isinstance(node, ast.Assign) for target in node.targets]
	assert sorted(names) == sorted(set(names))
