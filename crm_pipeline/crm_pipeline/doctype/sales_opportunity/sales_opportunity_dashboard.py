from frappe import _


def get_data():
	return {
		"fieldname": "source_name",
		"non_standard_fieldnames": {
			"Quotation": "crm_source_name",
			"Sales Order": "crm_source_name",
			"Sales Activity": "reference_name",
			"Sales Memo": "reference_name",
			"Cost Estimate": "reference_name",
		},
		"dynamic_links": {
			"source_name": ["Sales Opportunity", "source_type"],
			"crm_source_name": ["Sales Opportunity", "crm_source_type"],
			"reference_name": ["Sales Opportunity", "reference_doctype"],
		},
		"internal_links": {"Sales Prospect": "prospect", "Sales Campaign": "campaign"},
		"transactions": [
			{"label": _("Sale"), "items": ["Sales Project", "Cost Estimate", "Quotation"]},
			{"label": _("Agreed"), "items": ["Sales Contract", "Sales Order Request", "Sales Order"]},
			{"label": _("Contact"), "items": ["Sales Activity", "Sales Memo"]},
			{"label": _("Origin"), "items": ["Sales Prospect", "Sales Campaign"]},
		],
	}
