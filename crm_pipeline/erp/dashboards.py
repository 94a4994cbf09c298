"""Connections to our documents on ERPNext's forms."""

from frappe import _


def _add(data, label: str, items: list[str], **fieldnames: str):
	data = data or {}
	data.setdefault("transactions", []).append({"label": label, "items": items})
	data.setdefault("non_standard_fieldnames", {}).update(fieldnames)
	return data


def customer(data):
	items = ["Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request", "Sales Activity"]
	return _add(data, _("CRM Pipeline"), items, **dict.fromkeys(items, "customer"), **{"Sales Prospect": "customer"})


def quotation(data):
	return _add(
		data,
		_("CRM Pipeline"),
		["Sales Contract", "Sales Order Request"],
		**{"Sales Contract": "source_name", "Sales Order Request": "source_name"},
	)


def sales_order(data):
	data = _add(data, _("CRM Pipeline"), ["Sales Order Request"])
	data.setdefault("internal_links", {})["Sales Order Request"] = "crm_source_name"
	return data

