from frappe import _


def get_data():
	return {
		"fieldname": "contract",
		"non_standard_fieldnames": {
			"Sales Order": "crm_source_name",
			"Sales Activity": "reference_name",
			"Sales Memo": "reference_name",
		},
		"dynamic_links": {
			"crm_source_name": ["Sales Contract", "crm_source_type"],
			"reference_name": ["Sales Contract", "reference_doctype"],
		},
		"internal_links": {"Quotation": ["items", "quotation"], "Sales Campaign": "campaign"},
		"transactions": [
			{"label": _("Orders"), "items": ["Sales Order Request", "Sales Order"]},
			{"label": _("Contact"), "items": ["Sales Activity", "Sales Memo"]},
			{"label": _("Origin"), "items": ["Quotation", "Sales Campaign"]},
		],
	}
