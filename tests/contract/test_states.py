"""States stand in core/states.py. DocTypes, scripts and code follow it, and one function sets them."""

import ast
import re

import pytest

from crm_pipeline.core.registry import DEALS, STATES
from crm_pipeline.core.states import OPEN
from tests.contract.source import APP, calls, doctypes, python_files, relative, tree

WITH_STATUS = {
	name: next(field for field in doctype["fields"] if field["fieldname"] == "status")
	for name, doctype in doctypes().items()
	if any(field["fieldname"] == "status" for field in doctype["fields"])
}
MARKED_WHILE_OPEN = (*DEALS, "Customer Case")
# What a job looks like to whoever checks on it is not stored.
SHOWN_ONLY = {"Pipeline Job": ["Never", "Stopped", "Missed"]}


def test_every_type_with_a_status_has_its_states_in_the_table():
	assert set(WITH_STATUS) <= set(STATES)
	assert set(STATES) & set(doctypes()) == {*WITH_STATUS, "Cost Estimate"}


@pytest.mark.parametrize("doctype", WITH_STATUS)
def test_the_options_of_a_status_are_the_states_of_its_type(doctype):
	field = WITH_STATUS[doctype]
	names = [row.name for row in STATES[doctype]]
	assert field["options"].split("\n") + SHOWN_ONLY.get(doctype, []) == names
	assert field.get("default", names[0]) == names[0]


@pytest.mark.parametrize("doctype", [name for name in WITH_STATUS if not doctypes()[name].get("istable")])
def test_lists_have_the_colours_of_the_table(doctype):
	"""An open deal or case has none: its list marks the stalled or late ones, and what a DocType says goes first."""
	wanted = [
		{"title": row.name, "color": row.colour.replace("-", " ").title()}
		for row in STATES[doctype]
		if row.name not in SHOWN_ONLY.get(doctype, []) and not (doctype in MARKED_WHILE_OPEN and row.group == OPEN)
	]
	assert doctypes()[doctype]["states"] == wanted


def test_no_script_gives_a_state_a_colour_of_its_own():
	names = {row.name for states in STATES.values() for row in states}
	colour = re.compile(
		rf"\b({'|'.join(sorted(names))})\b[\"\]) ]*[:,]\s*\[?\"(blue|cyan|gr[ae]y|green|light-blue|orange|pink|purple|red|yellow)\""
	)
	found = {relative(path): colour.findall(path.read_text(encoding="utf-8")) for path in APP.rglob("*.js")}
	assert {path: hits for path, hits in found.items() if hits} == {}


# Where a state is not set but wished for, or put back before the wish is checked.
WISHES = {
	"crm_pipeline/coaching/help_requests.py": 4,
	# Read from the Payment Ledger whenever it is loaded.
	"crm_pipeline/crm_customers/doctype/promise_to_pay/promise_to_pay.py": 1,
	"crm_pipeline/crm_prospecting/doctype/sales_lead/sales_lead.py": 1,
	# The framework's tasks.
	"crm_pipeline/my_day/day_actions.py": 2,
}
# History that is brought in as it was, jobs of our own queue, and the demo's campaigns and milestones, which users set too.
ELSEWHERE = ("importer/", "demo/", "patches/", "chain/jobs.py", "chain/status.py", "handovers/handing_over.py")
WRITERS = ("db_set", "set_value", "update", "set_rows", "set_state", "write", "set")


def written(path) -> int:
	"""How often a file writes a status: by assignment, or in what it hands to something that writes."""
	count = sum(
		isinstance(target, ast.Attribute) and target.attr == "status"
		for node in ast.walk(tree(path))
		if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
		for part in (node.targets if isinstance(node, ast.Assign) else [node.target])
		for target in (part.elts if isinstance(part, ast.Tuple) else [part])
	)
	for name, call in calls(tree(path)):
		if name.rpartition(".")[2] not in WRITERS:
			continue
		count += any(keyword.arg == "status" for keyword in call.keywords)
		# The values are what comes last; filters come before them.
		last = call.args[-1] if call.args else None
		count += isinstance(last, ast.Dict) and any(
			isinstance(k, ast.Constant) and k.value == "status" for k in last.keys
		)
		count += any(isinstance(arg, ast.Constant) and arg.value == "status" for arg in call.args[:-1])
	return count


def test_a_state_is_set_in_one_place():
	app = [path for path in python_files() if not relative(path).removeprefix("crm_pipeline/").startswith(ELSEWHERE)]
	assert {relative(path): written(path) for path in app if written(path)} == WISHES


def test_desk_reads_what_boot_tells_it():
	"""What boot.py does not send is an empty list to every script."""
	sent = next(node for node in ast.walk(tree(APP / "boot.py")) if isinstance(node, ast.Dict))
	script = (APP / "public/js/shared/registry.js").read_text(encoding="utf-8")
	expected = re.search(r"const NOTHING = \{(.*)\};", script)[1]
	assert (
		{key.value for key in sent.keys}
		== set(re.findall(r"(\w+):", expected))
		== set(re.findall(r"known\.(\w+)", script))
	)
