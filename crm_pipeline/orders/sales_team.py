"""Who made a sale, on its Sales Order: the customer's sales team, unless somebody outside it did."""

import frappe
from frappe import _
from frappe.utils import flt

from crm_pipeline.wording import bold


def fill(request, order) -> None:
	"""Set the sales team of an unsaved order. ERPNext refuses one with a disabled Sales Person, so whoever left is left out."""
	team = frappe.get_cached_doc("Customer", order.customer).sales_team
	person = request.sales_person
	if person and not _is_enabled(person):
		person = None
	if person and person not in {row.sales_person for row in team}:
		order.sales_team = []
		order.append("sales_team", {"sales_person": person, "allocated_percentage": 100})
	elif not order.sales_team:
		for row in team:
			order.append(
				"sales_team",
				{f: row.get(f) for f in ("sales_person", "allocated_percentage", "commission_rate")},
			)
	_leave_out_disabled(order)


def _is_enabled(person: str) -> bool:
	return bool(frappe.get_cached_value("Sales Person", person, "enabled"))


def _leave_out_disabled(order) -> None:
	"""The others share what the disabled ones had, as they share the rest; the user gets a message."""
	left = [row for row in order.sales_team if not _is_enabled(row.sales_person)]
	if not left:
		return
	for row in left:
		order.remove(row)
		frappe.msgprint(
			_("{0} {1}. It was left out.").format(f"{_('Sales Person')} {bold(row.sales_person)}", _("is disabled")),
			title=_("Not Usable Any More"),
			indicator="orange",
		)
	whole, given = sum(flt(row.allocated_percentage) for row in order.sales_team), 0.0
	for row in order.sales_team:
		share = flt(flt(row.allocated_percentage) / whole * 100, 2) if whole else 0.0
		row.allocated_percentage = flt(100 - given, 2) if row is order.sales_team[-1] else share
		given += row.allocated_percentage
