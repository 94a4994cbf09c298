"""The worked example of CONTRIBUTING.md: one row and one folder, and all that follows from the registry has the new type."""

import json
import os
import subprocess
import sys

import pytest

from tests import worked_example

DERIVED = """
import json
from crm_pipeline import hooks
from crm_pipeline.chain.system_fields import SYSTEM_FIELDS
from crm_pipeline.core import chain, registry, ribbon
name = "Site Visit"
visit = ribbon.Node(name, "VISIT-1", "Done")
later = ribbon.Node("Sales Contract", "CON-1", "Active")
found = {
	"before": chain.allowed_sources(name),
	"after": [row for row in registry.ORDER if name in chain.allowed_sources(row)],
	"ribbon": [(s.label, s.state) for s in ribbon.steps([visit, later], {}, None) if s.nodes],
	"hooks": [key for key in dir(hooks) if isinstance(getattr(hooks, key), dict) and name in getattr(hooks, key)],
	"search": name in [row["doctype"] for row in hooks.global_search_doctypes["Default"]],
	"rolled up before": registry.ROLLED_UP[registry.ROLLED_UP.index(name) + 1],
	"counted": SYSTEM_FIELDS[name],
	"closed": registry.STATES[name].closed,
	"rows": [table for table, parents in registry.ROWS.items() if name in parents],
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
	return worked_example.apply_to(tmp_path_factory.mktemp("example"))


def run(copy, *arguments: str) -> str:
	# Not from the folder of the checkout: the copy goes first.
	environment = {**os.environ, "PYTHONPATH": str(copy)}
	done = subprocess.run([sys.executable, *arguments], cwd=copy, env=environment, capture_output=True, text=True)
	assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
	return done.stdout


def test_the_row_alone_brings_the_type_into_all_that_is_derived(copy):
	assert json.loads(run(copy, "-c", DERIVED)) == {
		"before": ["Sales Campaign", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project"],
		"after": ["Quotation", "Sales Contract", "Sales Order Request", "Sales Order"],
		"ribbon": [["Visit", "done"], ["Contract", "current"]],
		"hooks": ["has_permission", "permission_query_conditions", "standard_queries"],
		"search": True,
		"rolled up before": "Sales Project",
		"counted": ["ordered_amount", "delivered_amount", "billed_amount", "paid_amount"],
		"closed": ["Done"],
		"rows": ["Sales Deal Contact", "Sales Deal Competitor"],
	}


def test_the_new_type_keeps_the_rules_of_the_others(copy):
	"""What these files say of all DocTypes is so of the copy as well."""
	files = [f"tests/contract/test_{name}.py" for name in ("states", "hooks", "rooms", "javascript")]
	run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files)


def test_the_example_is_whole():
	assert set(worked_example.blocks()) == {
		"core/registry.py", "site_visit.json", "site_visit.py", "site_visit.js", "site_visit_list.js", "site_visit_dashboard.py",
	}  # fmt: skip
