"""`get_mapped_doc`: a new document from another one, field by field."""

from benchless import metadata
from benchless.documents import get_doc, new_doc
from benchless.errors import only
from benchless.metadata import OF_ROW, STANDARD, TABLES

# Of a table map this is what the app uses.
KNOWN = {"doctype", "field_map", "field_no_map", "condition"}


def get_mapped_doc(from_doctype: str, from_docname: str, table_maps: dict, *, postprocess, **options):
	only(options, "get_mapped_doc")
	for table_map in table_maps.values():
		only(table_map, "get_mapped_doc", *KNOWN)
	target = new_doc(table_maps[from_doctype]["doctype"])
	target.check_permission("create")
	source = get_doc(from_doctype, from_docname)
	source.check_permission("read")
	_map(source, target, table_maps[from_doctype])
	for field in source.meta.get_table_fields():
		_map_rows(source, target, field, table_maps.get(field.options))
	postprocess(source, target)
	return target


def _map_rows(source, target, field, table_map: dict | None) -> None:
	if table_map is None:
		other = target.meta.get_field(field.fieldname)
		if not other or other.options != field.options or field.no_copy or other.no_copy:
			return
		table_map = {"doctype": field.options}
	into = target.get_parentfield_of_doctype(table_map["doctype"])
	for row in source.get(field.fieldname):
		if table_map.get("condition") and not table_map["condition"](row):
			continue
		new = new_doc(table_map["doctype"], parent_doc=target)
		_map(row, new, table_map, source)
		target.append(into, new)


def _map(source, target, table_map: dict, source_parent=None) -> None:
	fields = [*source.meta.fields, *target.meta.fields]
	left_out = {field.fieldname for field in fields if field.no_copy or field.fieldtype in TABLES}
	left_out |= {"doctype", *STANDARD, *OF_ROW, *table_map.get("field_no_map", ())}
	for field in target.meta.fields:
		if field.fieldname in left_out or field.fieldtype in metadata.LAYOUT:
			continue
		value = source.get(field.fieldname)
		if value not in (None, ""):
			target.set(field.fieldname, value)
		elif field.fieldtype == "Link" and not target.get(field.fieldname):
			same = [each for each in (source, source_parent) if each is not None and each.doctype == field.options]
			if same:
				target.set(field.fieldname, same[0].name)
	for from_field, to_field in table_map.get("field_map", {}).items():
		value = source.get(from_field)
		if value not in (None, ""):
			target.set(to_field, value)
