"""The guided first set-up: the framework's onboarding, on the workspace of 15 and the sidebar of 16."""

import json

import pytest

from tests.contract.source import APP, doctypes

MODULE = APP / "crm_pipeline"


def records(kind: str) -> dict[str, dict]:
	found = (json.loads(path.read_text(encoding="utf-8")) for path in (MODULE / kind).rglob("*.json"))
	return {record["name"]: record for record in found}


[ONBOARDING] = records("module_onboarding").values()
STEPS = records("onboarding_step")
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))


def test_every_step_is_on_the_list_once():
	listed = [row["step"] for row in ONBOARDING["steps"]]
	assert sorted(listed) == sorted(STEPS)


def test_it_stands_first_where_the_app_begins():
	workspace = json.loads((MODULE / "workspace" / "crm_pipeline" / "crm_pipeline.json").read_text(encoding="utf-8"))
	first = json.loads(workspace["content"])[0]
	assert (first["type"], first["data"]["onboarding_name"]) == ("onboarding", ONBOARDING["name"])
	sidebar = json.loads((APP / "workspace_sidebar" / "crm_pipeline.json").read_text(encoding="utf-8"))
	assert sidebar["module_onboarding"] == ONBOARDING["name"]


@each_step
def test_a_step_goes_with_the_app(step):
	"""Uninstalling removes the steps that name a DocType of ours, see uninstall.py."""
	assert step["reference_document"] in doctypes()
	assert not step["is_complete"] and not step["is_skipped"]


@each_step
def test_a_step_leads_somewhere(step):
	if step["action"] == "Go to Page":
		pages = {path.stem.replace("_", "-") for path in APP.rglob("page/*/*.json")}
		lists = {name.lower().replace(" ", "-") for name in (*doctypes(), "Sales Person")}
		assert step["path"].split("/")[0] in pages | lists
	if step["action"] == "Update Settings":
		assert step["field"] in {field["fieldname"] for field in doctypes()[step["reference_document"]]["fields"]}


@each_step
def test_a_step_says_what_to_do_in_its_first_line(step):
	assert step["description"].startswith(f"# {step['title']}\n\n") and step["action_label"]
