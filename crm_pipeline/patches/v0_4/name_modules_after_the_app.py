"""Names of modules are global to a site: Prospecting is called CRM Prospecting.

Frappe 16 renames no module that has files, so the row and all that names it are written here.
"""

import frappe
from frappe.model.rename_doc import get_link_fields

OLD, NEW = "Prospecting", "CRM Prospecting"


def execute():
	_rename()
	# This migration began with the list of modules that the release before has left in Redis.
	frappe.clear_cache()
	frappe.setup_module_map()


def _rename() -> None:
	if frappe.db.get_value("Module Def", OLD, "app_name") != "crm_pipeline":
		return
	if frappe.db.exists("Module Def", NEW):
		frappe.db.delete("Module Def", {"name": OLD})
	else:
		module = frappe.qb.DocType("Module Def")
		frappe.qb.update(module).set(module.name, NEW).set(module.module_name, NEW).where(module.name == OLD).run()
	for field in get_link_fields("Module Def"):
		if not field.issingle:
			_follow(field.parent, field.fieldname)
	# Modules that a user does not see, by name.
	_follow("Block Module", "module")


def _follow(doctype: str, fieldname: str) -> None:
	if frappe.db.table_exists(doctype) and frappe.db.has_column(doctype, fieldname):
		frappe.db.set_value(doctype, {fieldname: OLD}, fieldname, NEW, update_modified=False)
