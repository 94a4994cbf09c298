"""What a new document starts with, and the defaults of users and site (`frappe.defaults`)."""

from benchless import context, metadata, permissions
from benchless.database import db
from benchless.errors import NotOffered
from benchless.records import Record
from benchless.values import cint, cstr, flt, now_datetime, nowdate


def get_user_default(key: str, user: str | None = None):
	key = key.lower().replace(" ", "_")
	user = user or context.session.user
	value = db.get_default(key, user) or db.get_default(key)
	allowed = permissions.get_user_permissions(user).get(key.replace("_", " ").title())
	if allowed:
		names = permissions.allowed_names(allowed, "")
		return value if value in names else (names[0] if len(names) == 1 else None)
	return value


def get_defaults(user: str | None = None) -> Record:
	user = user or context.session.user
	rows = db.sql(
		"select parent, defkey, defvalue from tabDefaultValue where parent in ('__default', %s) order by parent = %s",
		(user, user),
	)
	return Record({key: value for _parent, key, value in rows})


def new_values(doctype: str) -> Record:
	"""Defaults of a new document: the user's own and the site's for links, else those of the fields."""
	meta = metadata.get_meta(doctype)
	if metadata.is_native(doctype) and not meta.istable:
		from benchless import back_office

		return Record(back_office.new_values(doctype))
	known = get_defaults()
	restrictions = permissions.get_user_permissions()
	values = Record()
	for field in meta.fields:
		if field.fieldtype in (*metadata.TABLES, *metadata.LAYOUT):
			continue
		value = _of_user(field, known, restrictions, doctype)
		if value is None and field.fieldname != meta.title_field:
			value = _of_field(field, restrictions, doctype)
		if value is not None or field.fieldtype == "Check":
			values[field.fieldname] = _as_number(field, value)
	return values


def _as_number(field, value):
	if field.fieldtype in ("Check", "Int"):
		return cint(value)
	return flt(value) if field.fieldtype in metadata.DECIMALS else value


def _allowed(field, restrictions: dict, doctype: str) -> list[str]:
	if field.fieldtype != "Link" or field.ignore_user_permissions:
		return []
	return permissions.allowed_names(restrictions.get(field.options, []), doctype)


def _of_user(field, known: dict, restrictions: dict, doctype: str):
	if field.fieldtype != "Link" or field.options == "User":
		return None
	allowed = _allowed(field, restrictions, doctype)
	chosen = [row.doc for row in restrictions.get(field.options, []) if row.is_default]
	if allowed and (len(allowed) == 1 or chosen):
		return chosen[0] if chosen else allowed[0]
	value = known.get(field.fieldname)
	return value if value and (not allowed or value in allowed) and db.exists(field.options, value) else None


def _of_field(field, restrictions: dict, doctype: str):
	default = field.default
	if default in (None, ""):
		options = (field.options or "").split("\n")
		return options[0] if field.fieldtype == "Select" and field.options else None
	if default == "__user":
		return context.session.user
	if default == "Today":
		return nowdate()
	if field.fieldtype == "Datetime" and default.lower() == "now":
		return now_datetime()
	if cstr(default).startswith(":"):
		raise NotOffered(f"the default {default!r}")
	allowed = _allowed(field, restrictions, doctype)
	return default if not allowed or default in allowed else None
