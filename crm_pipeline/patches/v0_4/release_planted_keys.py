"""Before 0.4 a client could send `conversion_key` and `playbook_key`: what holds a key that is not its own loses it."""

import frappe

from crm_pipeline.coaching import playbook

CONVERTED = ("Sales Opportunity", "Sales Project", "Sales Contract")


def execute():
	for doctype in CONVERTED:
		release_conversions(doctype)
	release_activities()


def release_conversions(doctype: str) -> None:
	rows = frappe.get_all(
		doctype,
		filters={"conversion_key": ("is", "set")},
		fields=["name", "conversion_key", "source_type", "source_name"],
		order_by="name asc",
		limit=0,
	)
	for row in rows:
		if row.conversion_key != f"{row.source_type}:{row.source_name}":
			frappe.db.set_value(doctype, row.name, "conversion_key", None, update_modified=False)


def release_activities() -> None:
	rows = frappe.get_all(
		"Sales Activity",
		filters={"playbook_key": ("is", "set")},
		fields=["name", "playbook_key", "reference_doctype", "reference_name"],
		order_by="name asc",
		limit=0,
	)
	tasks = frappe.get_all("Pipeline Stage Task", pluck="name", order_by="name asc", limit=0)
	for row in rows:
		deal = frappe._dict(doctype=row.reference_doctype, name=row.reference_name)
		if row.playbook_key not in {playbook.activity_key(deal, task) for task in tasks}:
			frappe.db.set_value("Sales Activity", row.name, "playbook_key", None, update_modified=False)
