"""Uninstall: everything of ours goes, columns included; every ERPNext record stays as it is."""

import frappe

from crm_pipeline import install
from crm_pipeline.erp import custom_fields

# Native records that may point at documents which are about to go.
POINTERS = (
	("Comment", "reference_doctype"),
	("Version", "ref_doctype"),
	("ToDo", "reference_type"),
	("DocShare", "share_doctype"),
	("Document Follow", "ref_doctype"),
	("Notification Log", "document_type"),
	("View Log", "reference_doctype"),
	("Tag Link", "document_type"),
	("Dynamic Link", "link_doctype"),
	("Custom DocPerm", "parent"),
	("User Permission", "allow"),
	("List Filter", "reference_doctype"),
)


def before_uninstall():
	custom_fields.remove()
	remove_pointers()
	remove_roles()


def our_doctypes() -> list[str]:
	modules = frappe.get_module_list("crm_pipeline")
	return frappe.get_all("DocType", filters={"module": ("in", modules)}, pluck="name", order_by="name asc")


def remove_pointers():
	doctypes = our_doctypes()
	for table, column in POINTERS:
		if frappe.db.table_exists(table) and frappe.db.has_column(table, column):
			frappe.db.delete(table, {column: ("in", doctypes)})
	for doctype in ("Custom Field", "Property Setter"):
		column = "dt" if doctype == "Custom Field" else "doc_type"
		frappe.db.delete(doctype, {column: ("in", doctypes)})
	detach_files(doctypes)


def detach_files(doctypes: list[str]):
	"""Files stay in the File list: a contract's scan is worth more than its form."""
	for name in frappe.get_all("File", filters={"attached_to_doctype": ("in", doctypes)}, pluck="name", order_by="name asc"):
		frappe.db.set_value(
			"File", name, {"attached_to_doctype": None, "attached_to_name": None, "attached_to_field": None}
		)


def remove_roles():
	for profile in install.ROLE_PROFILES:
		frappe.db.delete("User Role Profile", {"role_profile": profile}) if frappe.db.table_exists(
			"User Role Profile"
		) else None
		frappe.db.set_value("User", {"role_profile_name": profile}, "role_profile_name", None)
		frappe.delete_doc("Role Profile", profile, ignore_missing=True, force=True, ignore_permissions=True)
	for role in install.ROLES:
		for table in ("Has Role", "Custom DocPerm"):
			frappe.db.delete(table, {"role": role})
		frappe.delete_doc("Role", role, ignore_missing=True, force=True, ignore_permissions=True)
