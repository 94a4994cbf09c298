"""What is said to somebody who has no right to a document, in one place.

A hidden document and one that does not exist get the same answer: nobody learns from a refusal what there is.
"""

from collections.abc import Iterable

import frappe
from frappe import _
from frappe.permissions import get_user_permissions

from crm_pipeline.wording import bold


def need(doctype: str, name: str | None = None, right: str = "read") -> None:
	"""Raise PermissionError unless the user has `right` to a document, or without a name to such documents at all.

	For who may read the document the message names the missing right.
	"""
	if name is None:
		if not frappe.has_permission(doctype, right):
			_refuse_type(doctype)
		return
	if has(doctype, name, right):
		return
	if right != "read" and has(doctype, name):
		frappe.throw(
			_("You may read {0} {1}, but have no right to change it").format(_(doctype), bold(name)),
			frappe.PermissionError,
		)
	refuse_hidden(doctype, name)


def has(doctype: str, name: str, right: str = "read", user: str | None = None) -> bool:
	"""Whether there is such a document and the user has this right to it."""
	found = frappe.db.exists(doctype, name)
	return bool(found and frappe.has_permission(doctype, right, doc=found, user=user))


def refuse_hidden(doctype: str, name: str) -> None:
	frappe.throw(
		_("{0} {1} does not exist, or you have no right to see it").format(_(doctype), bold(name)),
		frappe.PermissionError,
	)


def _refuse_type(doctype: str) -> None:
	frappe.throw(_("You have no right to {0}").format(bold(_(doctype))), frappe.PermissionError)


def need_seen(doctype: str, name: str) -> None:
	"""What was made already is answered to who may see it; others learn no name. Raises PermissionError."""
	if not has(doctype, name):
		frappe.throw(
			_("There is a {0} already, and you have no right to see it. Ask somebody who has.").format(_(doctype)),
			frappe.PermissionError,
		)


def allowed_of(doctype: str, applied_to: str) -> set[str]:
	"""The names of a DocType to which User Permissions limit what the user sees of another one; none: no limit."""
	rows = get_user_permissions(frappe.session.user).get(doctype) or []
	return {row.get("doc") for row in rows if row.get("applicable_for") in (None, "", applied_to)}


def limiting(doctype: str) -> list[str]:
	"""The DocTypes by which User Permissions can narrow what is seen of a DocType, itself included."""
	meta = frappe.get_meta(doctype)
	return [doctype, *(df.options for df in meta.get_link_fields() if not df.ignore_user_permissions)]


def reads_fields(doctype: str, fields: Iterable[str], parent: str | None = None) -> bool:
	"""Whether the user may read these fields, which a site may keep to some roles by their level; of rows, with the type of
	their `parent`. Lists leave such a field out by themselves, sums and queries of ours do not."""
	meta = frappe.get_meta(doctype)
	levels = {df.permlevel for df in map(meta.get_field, fields) if df and df.permlevel}
	if not levels or frappe.session.user == "Administrator":
		return True
	return levels <= set(meta.get_permlevel_access("read", parent))


def usual_company() -> str | None:
	"""The company that is meant where nobody names one: the user's own, else the oldest one that User Permissions leave them."""
	usual = frappe.defaults.get_user_default("Company")
	if usual:
		return usual
	allowed = sorted({row["doc"] for row in get_user_permissions(frappe.session.user).get("Company", ())})
	filters = {"name": ("in", allowed)} if allowed else {}
	return frappe.db.get_value("Company", filters, "name", order_by="creation asc")
