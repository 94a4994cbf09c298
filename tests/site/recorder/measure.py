"""What of ERPNext the app, its portable tests and the demo can name: DocTypes, fields, functions.

Read from the sources, so that shapes and traces hold what is used and nothing else.
"""

import ast
import functools
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
APP = ROOT / "crm_pipeline"
SOURCES = ("crm_pipeline/**/*.py", "tests/site/*.py", "tests/site/portable/*.py", "benchless/walk/*.py")
# These work on a bench only, or with tables of their own; what they name needs no trace.
LEFT_OUT = (
	"tests/site/other_systems.py",
	"tests/site/plain_records.py",
	"tests/site/portable/test_moved_in",
	"tests/site/portable/test_gross_profit_rows.py",
	"crm_pipeline/importer/",
	"crm_pipeline/demo/",
	"crm_pipeline/install.py",
	"crm_pipeline/uninstall.py",
)
# Functions of Frappe that work on native documents.
OF_FRAPPE = ("frappe.contacts.doctype.address.address.get_address_display",)
# Methods of native documents that are no events and need no function of their own.
METHODS = (
	"set_missing_values", "calculate_taxes_and_totals", "append_taxes_from_master",
	"append_taxes_from_item_tax_template", "has_link", "update_status", "get_link_for", "set_status",
)  # fmt: skip


@functools.cache
def trees() -> list[ast.Module]:
	paths = sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)})
	return [ast.parse(p.read_text()) for p in paths if not str(p.relative_to(ROOT)).startswith(LEFT_OUT)]


@functools.cache
def texts() -> frozenset[str]:
	"""Every text constant of the sources."""
	return frozenset(
		node.value
		for tree in trees()
		for node in ast.walk(tree)
		if isinstance(node, ast.Constant) and isinstance(node.value, str)
	)


@functools.cache
def words() -> frozenset[str]:
	"""Whatever could be the name of a field: attributes, keywords, words of texts, fields of the app's DocTypes."""
	found = {field["fieldname"] for doctype in own_doctypes().values() for field in doctype["fields"]}
	for text in texts():
		if len(text) < 300 and "\n" not in text:
			found.update(re.findall(r"[a-z][a-z_0-9]+", text))
	for tree in trees():
		for node in ast.walk(tree):
			if isinstance(node, ast.Attribute):
				found.add(node.attr)
			elif isinstance(node, ast.keyword) and node.arg:
				found.add(node.arg)
	return frozenset(found)


@functools.cache
def own_doctypes() -> dict[str, dict]:
	"""The app's DocTypes by name."""
	found = (json.loads(path.read_text()) for path in sorted(APP.glob("*/doctype/*/*.json")))
	return {doctype["name"]: doctype for doctype in found}


def _links() -> list[dict]:
	return [
		field
		for doctype in own_doctypes().values()
		for field in doctype["fields"]
		if field["fieldtype"] in ("Link", "Table", "Table MultiSelect") and field.get("options")
	]


def linked_doctypes() -> set[str]:
	"""DocTypes that fields of the app link to."""
	return {field["options"] for field in _links()}


def linked_fields() -> list[str]:
	"""Names of the app's link fields: a default value of the same name fills them."""
	return sorted({field["fieldname"] for field in _links()})


def functions() -> list[str]:
	"""Dotted paths of ERPNext's functions that the sources import."""
	found = set(OF_FRAPPE)
	for tree in trees():
		for node in ast.walk(tree):
			if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("erpnext."):
				found.update(f"{node.module}.{alias.name}" for alias in node.names)
	return sorted(found)


def handlers() -> dict[tuple[str, str], list[str]]:
	"""{(DocType, event): dotted paths} of the app's document events."""
	from crm_pipeline import hooks

	return {
		(doctype, event): [paths] if isinstance(paths, str) else list(paths)
		for doctype, events in hooks.doc_events.items()
		for event, paths in events.items()
	}
