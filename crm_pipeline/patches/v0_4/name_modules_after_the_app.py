"""Names of modules are global to a site: Prospecting is called CRM Prospecting."""

import frappe

OLD, NEW = "Prospecting", "CRM Prospecting"


def execute():
	if frappe.db.get_value("Module Def", OLD, "app_name") == "crm_pipeline":
		frappe.rename_doc("Module Def", OLD, NEW, merge=bool(frappe.db.exists("Module Def", NEW)), force=True)
