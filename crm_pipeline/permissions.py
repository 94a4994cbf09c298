"""Who may see the app, and with team visibility on, whose documents a user sees in it.

Roles and User Permissions decide first; what stands here only narrows. Lists, reports, charts and cards
ask the query condition, forms and endpoints ask about one document: both follow `people.visibility_of`.
"""

import re

import frappe
from frappe.desk.reportview import build_match_conditions
from frappe.permissions import get_user_permissions

from crm_pipeline.core.registry import OWNED, PERSONAL, ROWS
from crm_pipeline.parties import people
from crm_pipeline.pool import pool_rules

APP_ROLES = frozenset(
	("Sales User", "Sales Manager", "Sales Master Manager", "Order Desk", "Accounts User", "System Manager")
)

# A text in SQL, and what stands for a percent sign in it for a moment.
TEXT = re.compile(r"'(?:[^'\\]|\\.|'')*'")
MARK = "\x01"

# Rights that change a record, or pass it on.
CHANGING = frozenset(("write", "delete", "submit", "cancel", "amend", "share"))

# Of what there are suspected pairs.
PAIRED = ("Customer", "Sales Prospect", "Contact", "Sales Lead")

# Records about a document that have an owner of their own, too.
WITH_OWNER = ("Sales Activity",)
# Colleagues who take part in one read it.
PART = "Sales Activity Person"


def may_use_app() -> bool:
	"""Whether the current user gets the app's icon."""
	return bool(APP_ROLES & set(frappe.get_roles()))


# ---- documents with a sales owner and a sales person


def owned_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: the documents of `doctype` that belong to the user's part of the tree; "" for all."""
	user = user or frappe.session.user
	# Whose roles give no right to such documents gets those that are shared with them, and the framework sees to that.
	return _owned(user, doctype) if reads_by_role(doctype, user) else ""


def _owned(user: str, doctype: str) -> str:
	visibility = people.visibility_of(user)
	return part_condition(visibility, user, doctype) if visibility else ""


def part_condition(visibility: people.Visibility, user: str, doctype: str) -> str:
	"""SQL: the documents of `doctype` that a user sees whose part of the tree this is."""
	return _without_percent(_or_shared(_mine(visibility, user, doctype), doctype, user))


def _or_shared(condition: str, doctype: str, user: str) -> str:
	"""The same with what was shared with a user, by an assignment say: forms open it, and the framework adds it to lists
	only where its own rules narrow them."""
	names = _shared(doctype, user)
	return f"({condition} or {_one_of(doctype, names)})" if names else condition


def _shared(doctype: str, user: str) -> list[str]:
	return frappe.get_all(
		"DocShare",
		filters={"share_doctype": doctype, "read": 1},
		or_filters={"user": user, "everyone": 1},
		pluck="share_name",
		order_by="share_name asc",
		limit=0,
	)


def _one_of(doctype: str, names: list[str]) -> str:
	return f"`tab{doctype}`.name in ({_listed(tuple(names))})"


def has_owned_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one document, by what is stored: who hands a deal over may still save that."""
	user = user or frappe.session.user
	visibility = people.visibility_of(user)
	if not visibility or doc.is_new():
		return True
	row = frappe.db.get_value(doc.doctype, doc.name, ["sales_owner", "sales_person", "owner"], as_dict=True)
	if not row:
		return True
	if ptype not in CHANGING and _is_in_pool_of(doc, user):
		return True
	if visibility.gives and not row.sales_owner and doc.doctype in people.GIVEN:
		return True
	if not row.sales_owner and not row.sales_person:
		return row.owner == user
	return row.sales_owner in visibility.users or row.sales_person in visibility.persons


def _is_in_pool_of(doc, user: str) -> bool:
	"""Whether a document is in the public pool and the user may claim it."""
	if doc.doctype not in people.GIVEN:
		return False
	found = frappe.db.get_value(doc.doctype, doc.name, ["pool_since", "pool_rule"])
	return bool(found and found[0] and found[1] in pool_rules.may_claim_by(user))


def _mine(visibility: people.Visibility, user: str, doctype: str) -> str:
	table = f"`tab{doctype}`"
	parts = [
		f"{table}.sales_owner in ({_listed(visibility.users)})",
		# Given to nobody yet: its creator keeps it in sight.
		f"(ifnull({table}.sales_owner, '') = '' and ifnull({table}.sales_person, '') = ''"
		f" and {table}.owner = {frappe.db.escape(user, percent=False)})",
	]
	if visibility.persons:
		parts.append(f"{table}.sales_person in ({_listed(visibility.persons)})")
	if visibility.gives and doctype in people.GIVEN:
		parts.append(f"ifnull({table}.sales_owner, '') = ''")
	claimed_by = pool_rules.may_claim_by(user) if doctype in people.GIVEN else []
	if claimed_by:
		rules = _listed(tuple(claimed_by))
		parts.append(f"({table}.pool_since is not null and {table}.pool_rule in ({rules}))")
	return f"({' or '.join(parts)})"


def _without_percent(sql: str) -> str:
	"""The same with char(37) for percent signs in texts: some lists take those for placeholders, others do not."""
	return TEXT.sub(
		lambda found: f"replace({found[0].replace('%', MARK)}, '{MARK}', char(37))" if "%" in found[0] else found[0],
		sql,
	)


def _listed(values: tuple[str, ...]) -> str:
	return ", ".join(frappe.db.escape(value, percent=False) for value in values)


# ---- documents that are about another one: ledger, activities, memos, cost estimates, questions


def attached_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: what is about a document that the user sees. About others (a campaign, say) all of it, but
	where the record has an owner of its own that one decides."""
	user = user or frappe.session.user
	restricted = _is_restricted(user) and reads_by_role(doctype, user)
	seen = {owned: _seen(owned, user) for owned in OWNED} if restricted else {}
	if not any(seen.values()):
		return ""
	table = f"`tab{doctype}`"
	parts = [
		f"({table}.reference_doctype = '{owned}'"
		+ (f" and {table}.reference_name in (select name from `tab{owned}` where {condition}))" if condition else ")")
		for owned, condition in seen.items()
	]
	others = f"ifnull({table}.reference_doctype, '') not in ({_listed(OWNED)})"
	visibility = people.visibility_of(user)
	if visibility and doctype in WITH_OWNER:
		others = f"({others} and ({_mine(visibility, user, doctype)} or {_takes_part(user)}))"
	return _without_percent(f"({' or '.join([*parts, others])})")


def _takes_part(user: str) -> str:
	"""SQL: the activities in which a user takes part as a colleague."""
	who = frappe.db.escape(user, percent=False)
	return f"`tabSales Activity`.name in (select parent from `tab{PART}` where colleague = {who})"


def has_attached_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one document. What is stored counts beside what the document says now: nobody gets at the
	notes of a deal by hanging them on another one."""
	user = user or frappe.session.user
	if not _is_restricted(user):
		return True
	references = {(doc.get("reference_doctype"), doc.get("reference_name"))}
	if not doc.is_new():
		references.add(frappe.db.get_value(doc.doctype, doc.name, ["reference_doctype", "reference_name"]))
	return all(_sees(doc, *(reference or ()), ptype=ptype, user=user) for reference in references)


def _sees(doc, owned: str | None = None, name: str | None = None, *, ptype: str | None, user: str) -> bool:
	"""Whether a user sees what is about this document."""
	if owned not in OWNED:
		if doc.doctype not in WITH_OWNER or has_owned_permission(doc, ptype, user):
			return True
		return ptype not in CHANGING and bool(frappe.db.exists(PART, {"parent": doc.name, "colleague": user}))
	if not name or not frappe.db.exists(owned, name):
		return True
	if not frappe.has_permission(owned, "read", user=user):
		return has_owned_permission(frappe._dict(doctype=owned, name=name, is_new=lambda: False), ptype, user)
	right = "write" if _is_anothers(doc, ptype, user) and frappe.has_permission(owned, "write", user=user) else "read"
	return bool(frappe.has_permission(owned, right, doc=name, user=user))


def _is_anothers(doc, ptype: str | None, user: str) -> bool:
	"""Whether somebody else's record is to be changed: who may only read a deal, by a share say, does not. Whose role
	only reads deals changes what it says of the records."""
	return (
		ptype in CHANGING and not doc.is_new() and user not in (doc.owner, doc.get("sales_owner"), doc.get("manager"))
	)


def _is_restricted(user: str) -> bool:
	return bool(people.visibility_of(user) or get_user_permissions(user))


def _seen(owned: str, user: str) -> str:
	"""SQL for the documents of a type that a user sees, User Permissions included. Who has no right to the type
	at all (finance and leads, say) keeps what is recorded about it, as their roles say."""
	if not frappe.has_permission(owned, "read", user=user):
		return _owned(user, owned)
	condition = shown(owned, user)
	return "1 = 0" if condition is None else condition


# ---- documents beside the chain that belong to several people


def personal_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists: the documents that belong to anybody of the user's part of the tree; "" for all."""
	user = user or frappe.session.user
	visibility = people.visibility_of(user) if reads_by_role(doctype, user) else None
	if not visibility:
		return ""
	table = f"`tab{doctype}`"
	parts = [f"{table}.{field} in ({_listed(visibility.users)})" for field in PERSONAL[doctype]]
	if visibility.persons:
		parts.append(f"{table}.sales_person in ({_listed(visibility.persons)})")
	return _without_percent(_or_shared(f"({' or '.join(parts)})", doctype, user))


def has_personal_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one document, by what is stored."""
	visibility = people.visibility_of(user or frappe.session.user)
	if not visibility or doc.is_new():
		return True
	row = frappe.db.get_value(doc.doctype, doc.name, [*PERSONAL[doc.doctype], "sales_person"], as_dict=True)
	if not row:
		return True
	return row.pop("sales_person") in visibility.persons or bool(set(row.values()) & set(visibility.users))


# ---- suspected pairs: of two that the user may read


def pair_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists of Duplicate Pair: those of which the user may read both."""
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	parts = []
	for target in PAIRED:
		seen = shown(target, user)
		if seen is None:
			continue
		both = " and ".join(
			f"`tabDuplicate Pair`.{column} in (select name from `tab{target}`{' where ' + seen if seen else ''})"
			for column in ("document_name", "other_name")
		)
		parts.append(f"(`tabDuplicate Pair`.document_type = '{target}' and {both})")
	return f"({' or '.join(parts)})" if parts else "1 = 0"


def has_pair_permission(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""The same for one pair."""
	user = user or frappe.session.user
	if user == "Administrator":
		return True
	return all(
		frappe.db.exists(doc.document_type, name)
		and frappe.has_permission(doc.document_type, "read", doc=name, user=user)
		for name in (doc.document_name, doc.other_name)
	)


# ---- rows of documents, asked for by themselves


def row_condition(user: str | None = None, doctype: str | None = None) -> str:
	"""SQL for lists of a child DocType: rows of documents that the user sees. The framework asks for the right to one
	type of document only, and then lists the rows of all."""
	user = user or frappe.session.user
	seen = {parent: shown(parent, user) for parent in ROWS[doctype]}
	if not any(condition != "" for condition in seen.values()):
		return ""
	table = f"`tab{doctype}`"
	parts = [
		f"({table}.parenttype = '{parent}'"
		+ (f" and {table}.parent in (select name from `tab{parent}` where {condition}))" if condition else ")")
		for parent, condition in seen.items()
		if condition is not None
	]
	others = f"{table}.parenttype not in ({_listed(ROWS[doctype])})"
	return f"({' or '.join([*parts, others])})"


def reads_by_role(doctype: str, user: str) -> bool:
	"""Whether a role of the user gives the right to read such documents."""
	roles = set(frappe.get_roles(user))
	rows = frappe.get_meta(doctype).permissions
	return user == "Administrator" or any(row.read and row.role in roles and not row.permlevel for row in rows)


def shown(doctype: str, user: str) -> str | None:
	"""SQL for the documents of a type that a user's list holds; "" for all of them, None for none."""
	if reads_by_role(doctype, user):
		# Reports want percent signs doubled, lists do not.
		return _without_percent(build_match_conditions(doctype, user=user).replace("%%", "%"))
	names = _shared(doctype, user)
	return _without_percent(_one_of(doctype, names)) if names else None
