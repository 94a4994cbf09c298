"""Our fields on ERPNext's DocTypes, as data; install, migrate and uninstall all read this one table.

The fields are optional, prefixed, indexed where they are searched, and `no_copy`: ERPNext's mappers
would otherwise hand a quotation's source on to its Sales Order.
"""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

MODULE = "CRM Pipeline"


def _source(after: str) -> list[dict]:
	return [
		{
			"fieldname": "crm_source_section",
			"fieldtype": "Section Break",
			"label": "CRM Source",
			"insert_after": after,
			"collapsible": 1,
		},
		{
			"fieldname": "crm_source_type",
			"fieldtype": "Link",
			"label": "Source Type",
			"options": "DocType",
			"insert_after": "crm_source_section",
			"description": "Empty means Created Directly",
		},
		{"fieldname": "crm_source_column", "fieldtype": "Column Break", "insert_after": "crm_source_type"},
		{
			"fieldname": "crm_source_name",
			# Not a Dynamic Link: the framework would stop an order whose source is gone from the database. What is
			# typed in is checked by chain/sources.py.
			"fieldtype": "Data",
			"label": "Source",
			"description": "Name of the document that this one came from",
			"insert_after": "crm_source_column",
			"search_index": 1,
		},
	]


def _key(fieldname: str, label: str, after: str) -> dict:
	"""A normalised text that parties are found by; see erp/identity.py."""
	return {
		"fieldname": fieldname,
		"fieldtype": "Data",
		"label": label,
		"insert_after": after,
		"hidden": 1,
		"read_only": 1,
		"search_index": 1,
		"report_hide": 1,
	}


def _pool(name: str, fieldtype: str, label: str, after: str, **more) -> dict:
	"""A field of a customer that the public pool alone writes; see pool/."""
	return {
		"fieldname": f"crm_pool_{name}",
		"fieldtype": fieldtype,
		"label": label,
		"insert_after": after,
		"read_only": 1,
		"hidden": 1,
		**more,
	}


CUSTOM_FIELDS = {
	"Quotation": [
		*_source("enq_det"),
		{
			"fieldname": "crm_margin_override_reason",
			"fieldtype": "Small Text",
			"label": "Reason for Overriding the Cost Gate",
			"insert_after": "crm_source_name",
			"depends_on": "crm_margin_override_reason",
			"read_only": 1,
			"description": "Entered with the button Override Cost Gate",
		},
	],
	"Sales Order": [
		*_source("party_account_currency"),
		{
			"fieldname": "crm_request_key",
			"fieldtype": "Data",
			"label": "Order Request Key",
			"insert_after": "crm_source_name",
			"hidden": 1,
			"read_only": 1,
			"unique": 1,
		},
		{
			"fieldname": "crm_override_reason",
			"fieldtype": "Small Text",
			"label": "Reason for Overriding Warnings",
			"insert_after": "crm_request_key",
			"depends_on": "crm_override_reason",
			"read_only": 1,
			"description": "Entered with the button Override Warnings",
		},
		{
			"fieldname": "crm_overridden_warnings",
			"fieldtype": "Data",
			"label": "Overridden Warnings",
			"insert_after": "crm_override_reason",
			"hidden": 1,
			"read_only": 1,
		},
	],
	"Sales Order Item": [
		{
			"fieldname": "crm_request_item",
			"fieldtype": "Data",
			"label": "Order Request Row",
			"insert_after": "quotation_item",
			"hidden": 1,
			"read_only": 1,
			"search_index": 1,
		},
	],
	"Customer": [
		{
			"fieldname": "crm_parent_customer",
			"fieldtype": "Link",
			"label": "Parent Customer",
			"options": "Customer",
			"insert_after": "customer_group",
			"search_index": 1,
			# A permission for this customer alone must not ask for its parent too.
			"ignore_user_permissions": 1,
			"description": "The company that this one belongs to",
		},
		_key("crm_match_name", "Name for Matching", "crm_parent_customer"),
		_key("crm_match_tax_id", "Tax ID for Matching", "crm_match_name"),
		_pool("since", "Datetime", "In the Pool since", "crm_match_tax_id", search_index=1),
		# Not a link: ERPNext's customers are made before our rules.
		_pool("rule", "Data", "Pool Rule", "crm_pool_since"),
		_pool("from", "Data", "Last Account Manager", "crm_pool_rule"),
		_pool("assigned_on", "Datetime", "Held since", "crm_pool_from"),
		_pool("warned_on", "Datetime", "Warned of the Pool On", "crm_pool_assigned_on"),
		{
			**_pool("touch", "Datetime", "Last Contact or Sale On", "crm_pool_warned_on"),
			"fieldname": "crm_last_touch_on",
		},
	],
	"Contact": [_key("crm_match_name", "Name for Matching", "full_name")],
	"Contact Email": [
		_key("crm_match_email", "Address for Matching", "is_primary"),
		_key("crm_match_domain", "Domain for Matching", "crm_match_email"),
	],
	"Contact Phone": [_key("crm_match_phone", "Number for Matching", "is_primary_mobile_no")],
	"Sales Person": [
		{
			"fieldname": "crm_user",
			"fieldtype": "Link",
			"label": "User",
			"options": "User",
			"insert_after": "employee",
			"search_index": 1,
			"ignore_user_permissions": 1,
			"description": "Whose deals these are, with or without an Employee record",
		},
	],
}


def _switch(kind: str, label: str, after: str) -> dict:
	"""Whether a user is notified of something, with Frappe's own bell."""
	return {
		"fieldname": f"crm_notify_{kind}",
		"fieldtype": "Check",
		"label": label,
		"insert_after": after,
		"default": "1",
	}


CUSTOM_FIELDS["Notification Settings"] = [
	{
		"fieldname": "crm_notify_section",
		"fieldtype": "Section Break",
		"label": "CRM Pipeline",
		"insert_after": "subscribed_documents",
		"depends_on": "enabled",
	},
	_switch("assignment", "What Is Given to Me", "crm_notify_section"),
	_switch("hand_off", "Requests That Wait for the Order Desk or Were Accepted", "crm_notify_assignment"),
	_switch("return", "Requests That Were Returned", "crm_notify_hand_off"),
	_switch("win", "Deals Won", "crm_notify_return"),
	_switch("loss", "Deals Lost", "crm_notify_win"),
	{
		"fieldname": "crm_remind_before",
		"fieldtype": "Select",
		"label": "Remind Me of Activities",
		# Those of core/activity.py.
		"options": "\nNo Reminder\nAt the Time\n5 Minutes Before\n15 Minutes Before\n30 Minutes Before\n1 Hour Before"
		"\n2 Hours Before\n1 Day Before\n2 Days Before\n1 Week Before",
		"insert_after": "crm_notify_loss",
		"description": "Empty: as in CRM Pipeline Settings",
	},
	{
		"fieldname": "crm_remind_by_email",
		"fieldtype": "Check",
		"label": "Reminders by E-mail",
		"insert_after": "crm_remind_before",
		"default": "1",
	},
]


def fields() -> dict[str, list[dict]]:
	"""The table with what every field of ours shares: module, no_copy, print_hide."""
	return {
		doctype: [{"module": MODULE, "no_copy": 1, "print_hide": 1, **field} for field in rows]
		for doctype, rows in CUSTOM_FIELDS.items()
	}


def create() -> None:
	"""Make or update all fields. Changes the schema, so it is for install and migrate only."""
	_retype()
	there = {doctype: rows for doctype, rows in fields().items() if frappe.db.exists("DocType", doctype)}
	create_custom_fields(there, ignore_validate=True, update=True)


def _retype() -> None:
	"""A field that had another type before, in the same kind of column: the framework's own way refuses that."""
	for doctype, rows in CUSTOM_FIELDS.items():
		for field in rows:
			name = frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": field["fieldname"]}, "name")
			if name and frappe.db.get_value("Custom Field", name, "fieldtype") == "Dynamic Link" != field["fieldtype"]:
				frappe.db.set_value("Custom Field", name, {"fieldtype": field["fieldtype"], "options": None})


def remove() -> None:
	"""Delete all fields and their columns, which Frappe itself would leave behind with their values."""
	for doctype, rows in CUSTOM_FIELDS.items():
		for field in rows:
			frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": field["fieldname"]})
		_drop_columns(doctype, [f["fieldname"] for f in rows])
		frappe.clear_cache(doctype=doctype)


def _drop_columns(doctype: str, fieldnames: list[str]) -> None:
	present = set(frappe.db.get_table_columns(doctype))
	for fieldname in fieldnames:
		if fieldname in present:
			# Names come from the table above, not from input.
			frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` DROP COLUMN `{fieldname}`")  # nosemgrep
