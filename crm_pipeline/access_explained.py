"""Who may see and change a document, and why: what core/access.py decides by, and its reasons in words."""

import frappe
from frappe import _
from frappe.permissions import get_user_permissions
from frappe.query_builder.functions import Count
from frappe.utils import cint
from pypika.terms import LiteralValue

from crm_pipeline import permissions
from crm_pipeline.core import access
from crm_pipeline.core.access import Facts, Kind, Reason
from crm_pipeline.core.registry import ATTACHED, OWN, OWNED
from crm_pipeline.parties import people

RIGHTS = ("read", "write")
# Documents, and records about them.
DOCTYPES = (*OWN, *ATTACHED)


def answer(user: str, doctype: str, name: str) -> dict:
	"""{"read": ..., "write": ...}, each {"allowed", "reasons": [{"text", "speaks_for"}]}."""
	doc = frappe.get_doc(doctype, name)
	found = {}
	for right in RIGHTS:
		facts = _facts(user, doc, right)
		reasons = access.reasons(facts)
		found[right] = {
			"allowed": facts.allowed,
			"reasons": [{"text": _words(reason, doc), "speaks_for": reason.speaks_for} for reason in reasons],
		}
	return found


def numbers(user: str) -> list[dict]:
	"""How many documents of each type a user sees: [{"doctype", "sees", "of"}]."""
	return [{"doctype": doctype, "sees": _seen(doctype, user), "of": frappe.db.count(doctype)} for doctype in DOCTYPES]


def narrowing(user: str) -> dict:
	"""What narrows it: {"team": sales persons or None, "permissions": [{"allow", "for_value", "applicable_for"}]}."""
	visibility = people.visibility_of(user)
	limits = [
		{"allow": allow, "for_value": row["doc"], "applicable_for": row.get("applicable_for")}
		for allow, rows in get_user_permissions(user).items()
		for row in rows
	]
	return {"team": list(visibility.persons) if visibility else None, "permissions": limits}


def _seen(doctype: str, user: str) -> int:
	conditions = permissions.shown(doctype, user)
	if conditions is None:
		return 0
	query = frappe.qb.from_(frappe.qb.DocType(doctype)).select(Count("*"))
	return query.where(LiteralValue(f"({conditions})")).run()[0][0] if conditions else query.run()[0][0]


# ---- facts


def _facts(user: str, doc, right: str) -> Facts:
	enabled = cint(frappe.db.get_value("User", user, "enabled"))
	return Facts(
		allowed=bool(enabled and frappe.has_permission(doc.doctype, right, doc=doc, user=user)),
		enabled=bool(enabled),
		administrator=user == "Administrator",
		roles=_roles(user, doc, right),
		limits=_limits(user, doc),
		team=_team(user, doc, right),
		owner=doc.get("sales_owner") or doc.owner or "",
		about=_about(user, doc, right),
		shared=_shared(user, doc, right),
	)


def _roles(user: str, doc, right: str) -> tuple[str, ...]:
	own = set(frappe.get_roles(user))
	rows = [
		row
		for row in doc.meta.permissions
		if row.role in own and not row.permlevel and row.get(right) and (doc.owner == user or not row.if_owner)
	]
	return tuple(dict.fromkeys(row.role for row in rows))


def _limits(user: str, doc) -> tuple[tuple[str, str], ...]:
	given = get_user_permissions(user)
	if not given:
		return ()
	strict = cint(frappe.db.get_single_value("System Settings", "apply_strict_user_permissions"))
	links = [
		(df.options, df.label, part.get(df.fieldname))
		for part in (doc, *doc.get_all_children())
		for df in part.meta.get_link_fields()
		if not df.ignore_user_permissions
	]
	values = [*links, (doc.doctype, doc.doctype, doc.name)]
	refused = access.refused_links(values, given, doc.doctype, bool(strict))
	return tuple(dict.fromkeys((_(label), value or _("Empty")) for label, value in refused))


def _team(user: str, doc, right: str) -> str:
	if not people.visibility_of(user):
		return access.NOT_NARROWED
	if doc.doctype in OWNED:
		return access.IN_SIGHT if permissions.has_owned_permission(doc, right, user) else access.HIDDEN
	if doc.doctype in ATTACHED and not _about(user, doc, right):
		return access.IN_SIGHT if permissions.has_attached_permission(doc, right, user) else access.HIDDEN
	return access.NOT_NARROWED


def _about(user: str, doc, right: str) -> tuple[str, ...]:
	if doc.doctype not in ATTACHED or doc.get("reference_doctype") not in OWNED:
		return ()
	if permissions.has_attached_permission(doc, right, user):
		return ()
	return (_(doc.reference_doctype), doc.reference_name)


def _shared(user: str, doc, right: str) -> bool:
	about = {"share_doctype": doc.doctype, "share_name": doc.name, right: 1}
	return bool(
		frappe.db.exists("DocShare", {**about, "user": user}) or frappe.db.exists("DocShare", {**about, "everyone": 1})
	)


# ---- words


def _words(reason: Reason, doc) -> str:
	names = ", ".join(_(name) for name in reason.names)
	if reason.kind == Kind.LIMIT:
		return _("A User Permission refuses {0} {1}").format(*reason.names)
	if reason.kind == Kind.ABOUT:
		return _("The user has no such right to what it is about: {0} {1}").format(*reason.names)
	if reason.kind == Kind.ELSEWHERE:
		return (
			_("Another rule of the site allows it") if reason.speaks_for else _("Another rule of the site refuses it")
		)
	return {
		Kind.DISABLED: _("The user is disabled"),
		Kind.ADMINISTRATOR: _("Administrator may do everything"),
		Kind.ROLE: _("By the role {0}").format(names),
		Kind.NO_ROLE: _("No role of the user gives this right to {0}").format(_(doc.doctype)),
		Kind.TEAM: _("It belongs to the user's part of the team ({0})").format(names),
		Kind.OTHER_TEAM: _("Team visibility: it belongs to another part of the team ({0})").format(names),
		Kind.SHARE: _("The document is shared with the user"),
	}[reason.kind]
