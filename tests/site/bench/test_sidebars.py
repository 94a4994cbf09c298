"""The workspaces stand in one sidebar, the app's own; ERPNext 16 makes one of each workspace, of its shortcuts alone."""

import importlib

import frappe
import pytest

from crm_pipeline import install


@pytest.fixture
def made(site):
	"""As Frappe makes them with every app that is installed."""
	if not frappe.db.exists("DocType", "Workspace Sidebar"):
		pytest.skip("ERPNext 15 has no such sidebars")
	for doctype in ("Desktop Icon", "Workspace Sidebar"):
		frappe.db.delete(doctype, {"name": "My Sales"})
	sidebar = importlib.import_module("frappe.desk.doctype.workspace_sidebar.workspace_sidebar")
	sidebar.create_workspace_sidebar_for_workspaces()
	return frappe.get_doc("Workspace Sidebar", "My Sales")


def test_a_short_sidebar_made_of_a_workspace_goes(made):
	install.after_app_install("another_app")
	assert not frappe.db.exists("Workspace Sidebar", "My Sales")
	assert frappe.db.exists("Workspace Sidebar", "CRM Pipeline") and frappe.db.exists("Workspace Sidebar", "Selling")


def test_a_sidebar_that_somebody_changed_stays(made):
	made.append("items", {"label": "Items", "type": "Link", "link_type": "DocType", "link_to": "Item"})
	made.save(ignore_permissions=True)
	install.after_migrate()
	assert frappe.db.exists("Workspace Sidebar", "My Sales")
