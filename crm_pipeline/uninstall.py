"""Uninstall: everything of ours goes, columns included; every ERPNext record stays as it is."""

import frappe

from crm_pipeline import first_texts, install
from crm_pipeline.erp import custom_fields, customer_indexes

# Records of the platform that were made for one of our DocTypes, and would break a job or a page of the site
# without it: (DocType, field that names ours). Frappe deletes those that belong to our modules, and no others.
MADE_FOR_OURS = (
	("Notification", "document_type"),
	("Assignment Rule", "document_type"),
	("Auto Repeat", "reference_doctype"),
	("Workflow", "document_type"),
	("Kanban Board", "reference_doctype"),
	("Calendar View", "reference_doctype"),
	("Report", "ref_doctype"),
	("Dashboard Chart", "document_type"),
	("Number Card", "document_type"),
	("Data Import", "reference_doctype"),
	("Milestone Tracker", "document_type"),
	("Document Naming Rule", "document_type"),
	("Server Script", "reference_doctype"),
	("Client Script", "dt"),
	("Webhook", "webhook_doctype"),
	("Print Format", "doc_type"),
	("Print Format Field Template", "document_type"),
	("Web Form", "doc_type"),
	("Form Tour", "reference_doctype"),
	("Onboarding Step", "reference_document"),
	("DocType Layout", "document_type"),
	("Success Action", "ref_doctype"),
	("Energy Point Rule", "reference_doctype"),
	("Service Level Agreement", "document_type"),
)

# What stands on a report, a chart or a card that goes: (DocType, link field, what it links to).
FOLLOWERS = (
	("Auto Email Report", "report", "Report"),
	("Prepared Report", "report_name", "Report"),
	("Dashboard Chart", "report_name", "Report"),
	("Number Card", "report_name", "Report"),
	("Dashboard Chart Link", "chart", "Dashboard Chart"),
	("Workspace Chart", "chart_name", "Dashboard Chart"),
	("Number Card Link", "card", "Number Card"),
	("Workspace Number Card", "number_card_name", "Number Card"),
)

# Rows that say nothing without the document they point at.
POINTERS = (
	("Comment", "reference_doctype"),
	("Version", "ref_doctype"),
	("ToDo", "reference_type"),
	("DocShare", "share_doctype"),
	("Document Share Key", "reference_doctype"),
	("Document Follow", "ref_doctype"),
	("Notification Log", "document_type"),
	("Notification Subscribed Document", "document"),
	("View Log", "reference_doctype"),
	("Tag Link", "document_type"),
	("Dynamic Link", "link_doctype"),
	("Communication Link", "link_doctype"),
	("Event Participants", "reference_doctype"),
	("Workflow Action", "reference_doctype"),
	("Milestone", "reference_type"),
	("Reminder", "reminder_doctype"),
	("Submission Queue", "ref_doctype"),
	("Energy Point Log", "reference_doctype"),
	("Discussion Topic", "reference_doctype"),
	("Email Unsubscribe", "reference_doctype"),
	("Custom DocPerm", "parent"),
	("User Permission", "allow"),
	("User Permission", "applicable_for"),
	("User Document Type", "document_type"),
	("User Select Document Type", "document_type"),
	("List Filter", "reference_doctype"),
	("DocType Link", "link_doctype"),
	("Global Search DocType", "document_type"),
	("Logs To Clear", "ref_doctype"),
	("Session Default", "ref_doctype"),
	("Portal Menu Item", "reference_doctype"),
	("Amended Document Naming Settings", "document_type"),
	("Workspace Link", "link_to"),
	("Workspace Shortcut", "link_to"),
	("Workspace Quick List", "document_type"),
	("Workspace Sidebar Item", "link_to"),
)

# What is worth more than the form it hung on (a mail, a contract's scan) stays and points at nothing:
# (DocType, field that names ours, fields emptied with it).
KEPT = (
	("File", "attached_to_doctype", "attached_to_name", "attached_to_field"),
	("Communication", "reference_doctype", "reference_name"),
	("Email Queue", "reference_doctype", "reference_name"),
	("Activity Log", "reference_doctype", "reference_name"),
	("Activity Log", "timeline_doctype", "timeline_name"),
	("Activity Log", "link_doctype", "link_name"),
	("Error Log", "reference_doctype", "reference_name"),
	("Integration Request", "reference_doctype", "reference_docname"),
	("Email Account", "append_to"),
	("IMAP Folder", "append_to"),
)


def before_uninstall():
	custom_fields.remove()
	drop_indexes()
	doctypes = our_doctypes()
	remove_what_was_made_for(doctypes)
	remove_pointers(doctypes)
	free_what_stays(doctypes)
	links_become_text(doctypes)
	remove_jobs()
	remove_workspace_blocks()
	first_texts.remove()
	remove_roles()
	frappe.clear_cache()


def drop_indexes():
	"""Ours on ERPNext's tables; those on our own go with their tables."""
	for doctype, indexes in customer_indexes.INDEXES.items():
		for name in indexes:
			if frappe.db.table_exists(doctype) and frappe.db.has_index(f"tab{doctype}", name):
				# Names come from the table of indexes, not from input.
				frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP INDEX `{name}`")  # nosemgrep


def our_doctypes() -> list[str]:
	modules = frappe.get_module_list("crm_pipeline")
	return frappe.get_all("DocType", filters={"module": ("in", modules)}, pluck="name", order_by="name asc")


def remove_what_was_made_for(doctypes: list[str]):
	going: dict[str, list[str]] = {}
	for table, column in MADE_FOR_OURS:
		going.setdefault(table, []).extend(_names(table, column, doctypes))
	for table, column, target in FOLLOWERS:
		names = _names(table, column, going.get(target, []))
		if names and frappe.get_meta(table).istable:
			frappe.db.delete(table, {"name": ("in", names)})
		else:
			going.setdefault(table, []).extend(names)
	for table, names in going.items():
		for name in names:
			frappe.delete_doc(table, name, force=True, ignore_permissions=True, ignore_on_trash=True)


def _names(table: str, column: str, values: list[str]) -> list[str]:
	if not values or not _has(table, column):
		return []
	return frappe.get_all(table, filters={column: ("in", values)}, pluck="name", order_by="name asc", limit=0)


def _has(table: str, column: str) -> bool:
	"""DocTypes and columns are not the same in every version that we run on; a table may outlive its DocType."""
	return bool(frappe.db.exists("DocType", table)) and frappe.db.has_column(table, column)


def remove_pointers(doctypes: list[str]):
	ours = (*POINTERS, ("Custom Field", "dt"), ("Property Setter", "doc_type"))
	for table, column in ours:
		if _has(table, column):
			frappe.db.delete(table, {column: ("in", doctypes)})


def free_what_stays(doctypes: list[str]):
	for table, column, *more in KEPT:
		if _has(table, column):
			empty = dict.fromkeys((column, *more))
			frappe.db.set_value(table, {column: ("in", doctypes)}, empty, update_modified=False)


def links_become_text(doctypes: list[str]):
	"""A field that an admin added to another DocType keeps its values; as a link to nothing its form would not open."""
	for table, parent in (("Custom Field", "dt"), ("DocField", "parent")):
		links = {"fieldtype": "Link", "options": ("in", doctypes), parent: ("not in", doctypes)}
		frappe.db.set_value(table, links, {"fieldtype": "Data", "options": None}, update_modified=False)


def remove_jobs():
	jobs = frappe.get_all(
		"Scheduled Job Type", filters={"method": ("like", "crm_pipeline.%")}, pluck="name", order_by="name asc", limit=0
	)
	if jobs:
		frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": ("in", jobs)})
		frappe.db.delete("Scheduled Job Type", {"name": ("in", jobs)})


def remove_workspace_blocks():
	names = list(install.WORKSPACE_BLOCKS)
	frappe.db.delete("Workspace Custom Block", {"custom_block_name": ("in", names)})
	for name in names:
		frappe.delete_doc("Custom HTML Block", name, ignore_missing=True, force=True, ignore_permissions=True)


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
