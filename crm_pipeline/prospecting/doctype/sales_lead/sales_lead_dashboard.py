from frappe import _


def get_data():
	return {
		"fieldname": "source_name",
		"non_standard_fieldnames": {"Sales Activity": "reference_name", "Sales Memo": "reference_name"},
		"dynamic_links": {
			"source_name": ["Sales Lead", "source_type"],
			"reference_name": ["Sales Lead", "reference_doctype"],
		},
		"internal_links": {"Sales Prospect": "prospect", "Sales Campaign": "campaign"},
		"transactions": [
			{"label": _("Sale"), "items": ["Sales Opportunity", "Sales Project"]},
			{"label": _("Contact"), "items": ["Sales Activity", "Sales Memo"]},
			{"label": _("Origin"), "items": ["Sales Prospect", "Sales Campaign"]},
		],
	}
