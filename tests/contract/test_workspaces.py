"""Workspaces by function: few calls, numbers of one scope, and nothing that their readers may not do."""

import ast
import json

import pytest

from tests.contract.source import APP, tree

ROOM = APP / "crm_pipeline"
WORKSPACES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(ROOM.glob("workspace/*/*.json"))]
each_workspace = pytest.mark.parametrize("workspace", WORKSPACES, ids=lambda workspace: workspace["name"])
DOCTYPES = {
	doc["name"]: doc
	for path in APP.rglob("doctype/*/*.json")
	if (doc := json.loads(path.read_text(encoding="utf-8"))).get("doctype") == "DocType"
}
BLOCKS = next(
	ast.literal_eval(node.value)
	for node in tree(APP / "install.py").body
	if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORKSPACE_BLOCKS"
)
FUNCTIONS = {"My Sales": "rep", "Team Sales": "manager", "Order Desk": "order_desk", "Sales Finance": "finance"}


def test_each_function_has_a_workspace_and_its_numbers():
	found = {row["name"]: row["custom_blocks"][0]["custom_block_name"] for row in WORKSPACES}
	assert {name: BLOCKS[found[name]] for name in FUNCTIONS} == FUNCTIONS
	assert BLOCKS[found["CRM Pipeline"]] == ""
	assert set(found.values()) == set(BLOCKS)


@each_workspace
def test_a_workspace_asks_once_for_all_of_its_numbers(workspace):
	"""A card asks twice, a chart five times, a shortcut with a count once; and each would have a scope of its own."""
	assert len(workspace["custom_blocks"]) == 1
	assert workspace["number_cards"] == workspace["charts"] == workspace["quick_lists"] == []
	assert [row["label"] for row in workspace["shortcuts"] if row.get("stats_filter")] == []


@each_workspace
def test_what_a_workspace_lays_out_is_in_its_tables(workspace):
	laid_out = {}
	for block in json.loads(workspace["content"]):
		for key, value in block["data"].items():
			if key.endswith("_name"):
				laid_out.setdefault(block["type"], []).append(value)
	assert laid_out["shortcut"] == [row["label"] for row in workspace["shortcuts"]]
	assert laid_out["card"] == [row["label"] for row in workspace["links"] if row["type"] == "Card Break"]
	assert laid_out["custom_block"] == [row["custom_block_name"] for row in workspace["custom_blocks"]]


@each_workspace
def test_a_new_document_is_offered_to_those_alone_who_may_make_one(workspace):
	readers = {row["role"] for row in workspace["roles"]}
	for row in workspace["shortcuts"]:
		if row["doc_view"] == "New":
			makers = {rule["role"] for rule in DOCTYPES[row["link_to"]]["permissions"] if rule.get("create")}
			assert readers <= makers, f"{workspace['name']}: {row['label']}"


def test_the_sidebar_of_16_leads_to_each_of_them():
	sidebar = json.loads((APP / "workspace_sidebar" / "crm_pipeline.json").read_text(encoding="utf-8"))
	linked = {row["link_to"] for row in sidebar["items"] if row.get("link_type") == "Workspace"}
	assert {row["name"] for row in WORKSPACES} <= linked


def sidebar_links(name: str) -> set[tuple]:
	sidebar = json.loads((APP / "workspace_sidebar" / f"{name}.json").read_text(encoding="utf-8"))
	return {(row.get("link_type"), row.get("link_to")) for row in sidebar["items"] if row["type"] == "Link"}


def test_who_comes_to_a_lead_by_its_address_has_the_documents_beside_it_on_16():
	"""Frappe shows the sidebar of the lead's module. What is no DocType it looks up in all of them, and shows none where
	there are two: those stand in one alone, but for the workspace that has a sidebar of its own name."""
	main, prospecting = sidebar_links("crm_pipeline"), sidebar_links("crm_prospecting")
	documents = {link for link in main if link[0] == "DocType"}
	# Pages of two segments, or that lead to their own, keep the sidebar that is there.
	pages = {("Page", "my-day"), ("Page", "customer-360")}
	assert prospecting == documents | pages | {("Workspace", "CRM Pipeline")}
