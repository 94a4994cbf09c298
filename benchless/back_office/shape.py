"""Shapes of native DocTypes: the fields that the app, its tests and the demo can name, as recorded on a real site.

In the files: {"is": words of submittable, table, single, tree; "title": field; "fields": {field: "Type:options *"}
(a star where a copy leaves it out); "permissions": {role, or "role level": rights}; "new": what a new document holds}.
"""

import functools

from benchless.back_office import files

KINDS = {"table": "istable", "single": "issingle", "submittable": "is_submittable", "tree": "is_tree"}
# On every document, compared like fields.
STANDARD = {"docstatus": "Int"}
FIELD = ("fieldname", "label", "fieldtype", "options", "no_copy")
LINK_OF_ROW = ("parent", "parenttype", "parentfield", "idx")


def all_shapes() -> dict[str, dict]:
	return files.load("shapes", files.version())


@functools.cache
def columns(doctype: str) -> dict[str, str]:
	"""{field: fieldtype} of what is recorded of a DocType; empty for one without a shape."""
	fields = {name: kind for name, kind, _options, _star in _fields(doctype) if not kind.startswith("Table")}
	return STANDARD | fields if _fields(doctype) else {}


@functools.cache
def tables(doctype: str) -> dict[str, str]:
	"""{field: DocType of its rows}."""
	return {name: options for name, kind, options, _star in _fields(doctype) if kind.startswith("Table")}


def _fields(doctype: str) -> list[tuple[str, str, str, bool]]:
	found = []
	for name, text in all_shapes().get(doctype, {}).get("fields", {}).items():
		kind, _colon, options = text.removesuffix(" *").partition(":")
		found.append((name, kind, options, text.endswith(" *")))
	return found


def as_doctype(doctype: str) -> dict:
	"""A shape as the JSON of its DocType would say it."""
	shape = all_shapes()[doctype]
	return {
		**{KINDS[word]: 1 for word in shape.get("is", "").split()},
		**{"name": doctype, "module": "ERPNext", "title_field": shape.get("title")},
		"fields": [
			dict(zip(FIELD, (name, name.replace("_", " ").title(), *rest), strict=True))
			for name, *rest in _fields(doctype)
		],
		"permissions": [_permission(role, rights) for role, rights in shape.get("permissions", {}).items()],
	}


def _permission(role: str, rights: str) -> dict:
	name, _space, level = role.rpartition(" ")
	who, level = (name, int(level)) if level.isdigit() and name else (role, 0)
	return {"role": who, "permlevel": level, **dict.fromkeys(rights.split(), 1)}
