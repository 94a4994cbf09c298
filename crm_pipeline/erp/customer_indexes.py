"""Indexes by customer on documents of ERPNext and of ours, for what is asked about one customer however long the history.

An index costs each new document a little and each form nothing; install and migrate make them, uninstall.py drops those on
ERPNext's tables.
"""

import frappe

# DocType -> {name: columns}. By day for a page of the timeline, by state for what is open, by what is billed for the use of credit.
INDEXES = {
	# All that a sum of what is posted for a customer reads.
	"GL Entry": {"crm_party_sum": ("party", "company", "party_type", "is_cancelled", "debit", "credit")},
	"Quotation": {
		"crm_customer_day": ("party_name", "transaction_date"),
		"crm_customer_state": ("party_name", "status"),
	},
	"Sales Order": {
		"crm_customer_day": ("customer", "transaction_date"),
		"crm_customer_state": ("customer", "status"),
		"crm_customer_billed": ("customer", "per_billed"),
	},
	"Delivery Note": {
		"crm_customer_day": ("customer", "is_return", "posting_date"),
		"crm_customer_state": ("customer", "status"),
		"crm_customer_billed": ("customer", "per_billed"),
	},
	"Sales Invoice": {
		"crm_customer_day": ("customer", "is_return", "posting_date"),
		"crm_customer_open": ("customer", "outstanding_amount"),
	},
	"Payment Entry": {"crm_party_day": ("party", "posting_date")},
	"Payment Ledger Entry": {
		"crm_party_against": ("party", "against_voucher_type"),
		"crm_party_day": ("party", "posting_date"),
	},
	"Communication": {"crm_reference_day": ("reference_doctype", "reference_name", "communication_date")},
	"Sales Opportunity": {
		"crm_customer_day": ("customer", "opened_on"),
		"crm_customer_state": ("customer", "status"),
	},
	"Sales Project": {
		"crm_customer_day": ("customer", "opened_on"),
		"crm_customer_state": ("customer", "status"),
	},
	"Sales Lead": {
		"crm_customer_day": ("customer", "creation"),
		"crm_customer_state": ("customer", "status"),
	},
	"Sales Contract": {
		"crm_customer_day": ("customer", "contract_date"),
		"crm_customer_state": ("customer", "status"),
	},
	"Sales Order Request": {
		"crm_customer_day": ("customer", "transaction_date"),
		"crm_customer_state": ("customer", "status"),
	},
	"Sales Activity": {
		"crm_customer_day": ("customer", "starts_on"),
		"crm_customer_state": ("customer", "status", "starts_on"),
	},
	"Customer Case": {
		"crm_customer_day": ("customer", "opened_on"),
		"crm_customer_state": ("customer", "status"),
	},
	"Pipeline Event": {"crm_customer_kind": ("customer", "kind", "at")},
}


def make() -> None:
	"""Make those that are missing. Changes the schema, so it is for install and migrate only."""
	for doctype, indexes in INDEXES.items():
		# A column may be missing in a version, or on the embedded host.
		columns = set(frappe.db.get_table_columns(doctype))
		for name, fields in indexes.items():
			if columns.issuperset(fields):
				frappe.db.add_index(doctype, list(fields), name)
