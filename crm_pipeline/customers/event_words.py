"""What kinds of events are called in the reader's language. Written out, so that they are found for translation."""

from frappe import _

from crm_pipeline.customers import event_kinds


def kind_labels() -> dict[str, str]:
	"""{key of a kind: its word}"""
	return {
		"lead": _("Leads"),
		"opportunity": _("Opportunities"),
		"project": _("Sales Projects"),
		"estimate": _("Cost Estimates"),
		"quotation": _("Quotations"),
		"contract": _("Contracts"),
		"request": _("Order Requests"),
		"order": _("Sales Orders"),
		"delivery": _("Deliveries"),
		"return": _("Returns"),
		"invoice": _("Invoices"),
		"credit_note": _("Credit Notes"),
		"payment": _("Payments"),
		"dunning": _("Dunnings"),
		"promise": _("Promises to Pay"),
		"case": _("Cases"),
		"issue": _("Issues"),
		"warranty": _("Warranty Claims"),
		"erp_project": _("Projects"),
		"activity": _("Activities"),
		"memo": _("Memos"),
		"post": _("People"),
		"help": _("Help Requests"),
		"owner": _("Changes of Owner"),
		"stage": _("Changes of Stage"),
		"mail": _("E-mails"),
		"file": _("Files"),
	}


def group_labels() -> dict[str, str]:
	"""{group: its word}"""
	return {
		event_kinds.SALES: _("Sales", context="Timeline"),
		event_kinds.ORDERS: _("Orders", context="Timeline"),
		event_kinds.MONEY: _("Money", context="Timeline"),
		event_kinds.SERVICE: _("Service", context="Timeline"),
		event_kinds.CONTACT: _("Contact", context="Timeline"),
		event_kinds.CHANGES: _("Changes", context="Timeline"),
	}
