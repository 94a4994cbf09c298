"""Who may do what: roles of the DocType, the app's permission hooks, User Permissions. Sharing does not exist here."""

from benchless import context, messages, metadata
from benchless.database import db
from benchless.errors import NotOffered, PermissionError
from benchless.messages import bold
from benchless.records import Record

RIGHTS = "select read write create delete submit cancel amend print email report import export share".split()


def has_permission(doctype=None, ptype="read", doc=None, user=None, throw=False, *, parent_doctype=None) -> bool:
	"""As `frappe.has_permission`: about a DocType, or about one document given or named."""
	if doc is None and not isinstance(doctype, str):
		doc, doctype = doctype, doctype.doctype
	allowed = _allowed(doctype or doc.doctype, ptype, doc, user or context.session.user, parent_doctype)
	if throw and not allowed:
		where = doctype if doc is None else f"{doctype} {doc if isinstance(doc, str) else doc.name}"
		messages.throw(f"User {bold(context.session.user)} has no {ptype} permission for {where}", PermissionError)
	return allowed


def _allowed(doctype: str, right: str, doc, user: str, parent_doctype: str | None = None) -> bool:
	from benchless.documents import get_doc

	if user == "Administrator":
		return True
	if metadata.get_meta(doctype).istable:
		parent = doc.parenttype if doc is not None and not isinstance(doc, str) else parent_doctype
		return bool(parent) and _allowed(parent, "read" if right in ("select", "read") else "write", None, user)
	if doc is None:
		meta = metadata.get_meta(doctype)
		offered = {"submit": meta.is_submittable, "import": meta.allow_import}.get(right, True)
		return bool(offered and role_permissions(doctype, user)[right])
	if not hasattr(doc, "doctype"):
		doc = get_doc(doctype, doc)
	return bool(of_document(doc, right, user).get(right))


def role_permissions(doctype: str, user: str, owner: str | None = None) -> Record:
	"""{right: 0 or 1} at level 0 by the user's roles; what is given to owners too, unless `owner` is somebody else."""
	if user == "Administrator":
		return Record(dict.fromkeys(RIGHTS, 1))
	roles = set(context.get_roles(user))
	rows = [row for row in metadata.get_meta(doctype).permissions if row.role in roles and not row.permlevel]
	rows = [row for row in rows if not row.if_owner or owner in (None, user)]
	return Record({right: int(any(row.get(right) for row in rows)) for right in RIGHTS})


def of_document(doc, right: str, user: str) -> dict:
	"""The rights on one document after the app's hooks and User Permissions."""
	for path in context.get_hooks("has_permission", {}).get(doc.doctype, []):
		# Frappe 15 takes None for yes, 16 for no; the app must say which.
		if context.get_attr(path)(doc, right, user) is False:
			return {}
	if not has_user_permission(doc, user):
		return {}
	meta, rights = metadata.get_meta(doc.doctype), role_permissions(doc.doctype, user, doc.owner or user)
	return {**rights, "submit": meta.is_submittable and rights.submit, "import": meta.allow_import and rights["import"]}


# ---- User Permissions


def get_user_permissions(user: str | None = None) -> dict[str, list[Record]]:
	"""{DocType: [{"doc", "applicable_for", "is_default"}]} of what a user is restricted to."""
	user = user or context.session.user
	if user in ("Administrator", "Guest"):
		return {}
	found: dict[str, list[Record]] = {}
	for row in db.sql("select * from `tabUser Permission` where user = %s order by creation", (user,), as_dict=True):
		entries = found.setdefault(row.allow, [])
		entry = Record(doc=row.for_value, applicable_for=row.applicable_for, is_default=row.is_default)
		entries.append(entry)
		if metadata.get_meta(row.allow).has_field("lft") and not row.hide_descendants:
			entries += [Record(entry, doc=name, is_default=0) for name in db.get_descendants(row.allow, row.for_value)]
	return found


def allowed_names(restrictions: list[Record], doctype: str) -> list[str]:
	return [row.doc for row in restrictions if not row.applicable_for or row.applicable_for == doctype]


def has_user_permission(doc, user: str) -> bool:
	restrictions = get_user_permissions(user)
	if not restrictions:
		return True
	names = allowed_names(restrictions.get(doc.doctype, []), doc.doctype)
	# A new document has no name yet, so who is held to some documents makes no others.
	if names and doc.get("name") not in names:
		return False
	return all(_links_fit(each, restrictions, doc.doctype) for each in [doc, *doc.get_all_children()])


def _links_fit(doc, restrictions: dict, doctype: str) -> bool:
	for field in metadata.get_meta(doc.doctype).get_link_fields():
		names = allowed_names(restrictions.get(field.options, []), doctype)
		value = doc.get(field.fieldname)
		if names and value and not field.ignore_user_permissions and value not in names:
			return False
	return True


# ---- conditions for lists


def match_conditions(doctype: str, user: str | None = None, parent_doctype: str | None = None) -> str:
	"""SQL for what a user may see of a DocType, "" for all of it. Raises PermissionError for nothing at all."""
	user = user or context.session.user
	meta = metadata.get_meta(doctype)
	rights = role_permissions(doctype, user, owner="")
	if not rights.read and role_permissions(doctype, user).read:
		raise NotOffered(f"lists of {doctype} 'if owner'")
	if meta.istable:
		if not parent_doctype or not _allowed(parent_doctype, "read", None, user):
			messages.throw(f"No permission to read {doctype}", PermissionError)
	elif not (rights.read or rights.select):
		messages.throw(f"No permission to read {doctype}", PermissionError)
	parts = _user_permission_conditions(meta, user)
	for path in context.get_hooks("permission_query_conditions", {}).get(doctype, []):
		sql = context.get_attr(path)(user, doctype=doctype)
		parts += [f"({sql})"] if sql else []
	return " and ".join(parts)


def _user_permission_conditions(meta, user: str) -> list[str]:
	restrictions = get_user_permissions(user)
	own = Record(fieldname="name", options=meta.name)
	parts = []
	for field in [*meta.get_link_fields(), own] if restrictions else []:
		names = allowed_names(restrictions.get(field.options, []), meta.name)
		if names and not field.ignore_user_permissions:
			column = f"`tab{meta.name}`.`{field.fieldname}`"
			listed = ", ".join(db.escape(name, percent=False) for name in names)
			parts.append(f"(ifnull({column}, '') = '' or {column} in ({listed}))")
	return parts


def build_match_conditions(doctype: str, user: str | None = None, as_condition: bool = True) -> str:
	"""For reports. MariaDB wants a doubled percent sign in it and so gets one here."""
	return match_conditions(doctype, user).replace("%", "%%")
