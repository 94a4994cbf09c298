"""Standard records are installed by name: one of ours that is called like another app's would take its place."""

import json
from pathlib import Path

import frappe
import pytest

from crm_pipeline import install
from crm_pipeline.patches.v0_5 import give_back_sales_funnel

FUNNEL = "sales-funnel"


def standard_records(app: str) -> set[tuple[str, str]]:
	"""(DocType, name) of what the files of an app's modules install."""
	found = set()
	for module in frappe.get_module_list(app):
		for path in Path(frappe.get_module_path(module)).glob("*/*/*.json"):
			# Data for tests, and other files that are no records.
			record = json.loads(path.read_text(encoding="utf-8"))
			if isinstance(record, dict) and record.get("doctype") and record.get("name"):
				found.add((record["doctype"], record["name"]))
	return found


def test_nothing_of_ours_is_called_like_another_app_s(site):
	ours = standard_records("crm_pipeline")
	assert ("Page", "crm-funnel") in ours
	others = [app for app in frappe.get_installed_apps() if app != "crm_pipeline"]
	assert {app: ours & standard_records(app) for app in others} == dict.fromkeys(others, set())


@pytest.mark.parametrize("before", ["ours", "ERPNext's"])
def test_an_upgrade_gives_erpnext_its_page_back(rolled_back, monkeypatch, before):
	monkeypatch.setattr(frappe.flags, "in_migrate", True)
	frappe.reload_doc("selling", "page", "sales_funnel", force=True)
	if before == "ours":
		frappe.db.set_value(
			"Page", FUNNEL, {"module": "CRM Pipeline", "title": "Ours", "modified": "2026-11-21 12:00:00"}
		)
	give_back_sales_funnel.execute()
	assert frappe.db.get_value("Page", FUNNEL, ["module", "title"]) == ("Selling", "Sales Funnel")
	assert frappe.db.get_value("Page", "crm-funnel", "module") == "CRM Pipeline"


def test_what_a_site_made_under_a_name_of_ours_is_not_replaced(rolled_back):
	assert install.taken_names() == []
	# As if the site had made them itself.
	taken = {
		("DocType", "Sales Contract"): "Custom",
		("Report", "Work Log"): "Selling",
		("Number Card", "Won This Month"): None,
	}
	for (doctype, name), module in taken.items():
		frappe.db.set_value(doctype, name, "module", module, update_modified=False)
	assert set(install.taken_names()) == set(taken)
	with pytest.raises(frappe.ValidationError, match="Number Card Won This Month"):
		install.before_install()
