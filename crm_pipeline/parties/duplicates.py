"""Managers are notified of parties that may be one, where the person who typed the second may not see the first."""

import frappe
from frappe import _
from frappe.utils import escape_html

from crm_pipeline.chain import link_titles, pending

# Who decides whose customer it is.
MANAGER_ROLES = ("Sales Manager", "Sales Master Manager")


def notify(doc, hidden: list[tuple[str, str]]) -> None:
	"""Note that managers are to be notified: `doc` may be about one of these (DocType, name)."""
	if hidden:
		about = {"reference_doctype": doc.doctype, "reference_name": doc.name}
		others = [list(other) for other in hidden]
		pending.note(doc.doctype, doc.name, pending.DUPLICATE, **about, others=others, by=frappe.session.user)


def send(reference_doctype: str, reference_name: str, others: list[list[str]], by: str) -> None:
	"""Background job: a notice to each manager who may see both."""
	# The framework's modules of notices are asked for where they are used, as a job.
	from frappe.desk.doctype.notification_log.notification_log import make_notification_logs

	if not frappe.db.exists(reference_doctype, reference_name):
		return
	for user in managers():
		seen = [
			(doctype, name)
			for doctype, name in others
			if frappe.db.exists(doctype, name) and frappe.has_permission(doctype, "read", doc=name, user=user)
		]
		if (
			user == by
			or not seen
			or not frappe.has_permission(reference_doctype, "read", doc=reference_name, user=user)
		):
			continue
		notice = frappe._dict(
			type="Alert",
			document_type=reference_doctype,
			document_name=reference_name,
			subject=_("{0} {1} may be about a party that is there already: {2}").format(
				_(reference_doctype),
				reference_name,
				escape_html(
					", ".join(f"{_(doctype)} {link_titles.named(doctype, [name])[0]}" for doctype, name in seen)
				),
			),
			from_user=by,
		)
		make_notification_logs(notice, [user])


def managers() -> list[str]:
	"""Enabled users who manage sales."""
	holders = frappe.get_all(
		"Has Role",
		filters={"role": ("in", MANAGER_ROLES), "parenttype": "User", "parent": ("!=", "Administrator")},
		pluck="parent",
		distinct=True,
		order_by="parent asc",
	)
	return frappe.get_all(
		"User", filters={"name": ("in", holders or [""]), "enabled": 1}, pluck="name", order_by="name asc"
	)
