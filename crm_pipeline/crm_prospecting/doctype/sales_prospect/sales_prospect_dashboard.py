from frappe import _


def get_data():
	return {
		"fieldname": "prospect",
		"internal_links": {"Sales Campaign": "campaign"},
		"transactions": [
			{"label": _("Sale"), "items": ["Sales Lead", "Sales Opportunity", "Sales Project"]},
			{"label": _("Contact"), "items": ["Sales Activity", "Sales Memo"]},
			{"label": _("Origin"), "items": ["Sales Campaign"]},
		],
	}
