"""What an absence must keep to, and who may enter one."""

import frappe
from frappe import _
from frappe.utils import formatdate, getdate

from crm_pipeline.core import absence
from crm_pipeline.core.absence import Away
from crm_pipeline.parties import absences, people
from crm_pipeline.wording import bold

MANAGERS = ("Sales Manager", "Sales Master Manager", "System Manager")


def follow(doc) -> None:
	"""validate(): dates, deputy, and that nobody is away twice."""
	before = doc.get_doc_before_save()
	for user in {doc.user, before.user if before else doc.user}:
		need_right(user)
	if doc.user == doc.deputy:
		frappe.throw(_("Deputy: choose somebody else than who is away"))
	if getdate(doc.to_date) < getdate(doc.from_date):
		frappe.throw(_("To Date: {0} is before the first day").format(bold(formatdate(doc.to_date))))
	if not people.is_colleague(doc.deputy):
		frappe.throw(_("Deputy: user {0} is disabled or does not exist").format(bold(doc.deputy)))
	new = Away(doc.user, doc.deputy, getdate(doc.from_date), getdate(doc.to_date))
	other = absence.clash(new, _others(doc))
	if other and other.user == doc.user:
		frappe.throw(
			_("{0} is away from {1} to {2} already").format(
				bold(frappe.utils.get_fullname(doc.user)), formatdate(other.first), formatdate(other.last)
			)
		)
	if other:
		frappe.throw(
			_("Deputy: {0} is away from {1} to {2}, with {3} as deputy").format(
				bold(frappe.utils.get_fullname(doc.deputy)),
				formatdate(other.first),
				formatdate(other.last),
				bold(frappe.utils.get_fullname(doc.user)),
			)
		)


def _others(doc) -> list[Away]:
	rows = frappe.get_all(
		absences.ABSENCE,
		filters={"name": ("!=", doc.name or ""), "to_date": (">=", doc.from_date), "from_date": ("<=", doc.to_date)},
		fields=["user", "deputy", "from_date", "to_date"],
		order_by="from_date asc",
		limit=0,
	)
	return [Away(row.user, row.deputy, getdate(row.from_date), getdate(row.to_date)) for row in rows]


def need_right(user: str) -> None:
	"""Absences are entered by who is away, or by a manager who sees that person's documents: a deputy sees what is theirs."""
	if may_enter(user, frappe.session.user):
		return
	frappe.throw(_("You may enter absences of your own only"), frappe.PermissionError)


def may_enter(user: str, by: str) -> bool:
	if user == by or by == "Administrator":
		return True
	if not set(MANAGERS) & set(frappe.get_roles(by)):
		return False
	visibility = people.visibility_of(by)
	return visibility is None or user in visibility.users
