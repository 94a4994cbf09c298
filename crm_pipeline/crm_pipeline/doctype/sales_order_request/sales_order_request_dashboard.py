from frappe import _


def get_data():
	return {
		"fieldname": "source_name",
		"non_standard_fieldnames": {
			"Sales Order": "crm_source_name",
			"Sales Activity": "reference_name",
			"Sales Memo": "reference_name",
		},
		"dynamic_links": {
			"crm_source_name": ["Sales Order Request", "crm_source_type"],
			"reference_name": ["Sales Order Request", "reference_doctype"],
		},
		"internal_links": {"Sales Contract": "contract", "Quotation": ["items", "quotation"]},
		"transactions": [
			{"label": _("Order"), "items": ["Sales Order"]},
			{"label": _("Contact"), "items": ["Sales Activity", "Sales Memo"]},
			{"label": _("Origin"), "items": ["Quotation", "Sales Contract"]},
		],
	}
