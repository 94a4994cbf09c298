from frappe import _


def get_data():
	return {
		"fieldname": "campaign",
		"non_standard_fieldnames": {"Sales Activity": "reference_name", "Sales Memo": "reference_name"},
		"dynamic_links": {"reference_name": ["Sales Campaign", "reference_doctype"]},
		"transactions": [
			{"label": _("Market"), "items": ["Sales Prospect", "Sales Lead"]},
			{"label": _("Sale"), "items": ["Sales Opportunity", "Sales Project"]},
			{"label": _("Agreed"), "items": ["Sales Contract", "Sales Order Request"]},
			{"label": _("Contact"), "items": ["Sales Activity", "Sales Memo"]},
		],
	}
