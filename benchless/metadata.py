"""DocTypes: the app's own from its JSON files, ERPNext's as recorded, a few of Frappe's from plain.py."""

import json
from functools import cache
from pathlib import Path

from benchless import plain
from benchless.errors import DoesNotExistError, Offering
from benchless.records import Record

APP_FOLDER = Path(__file__).resolve().parents[1] / "crm_pipeline"

TABLES = ("Table", "Table MultiSelect")
LAYOUT = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Image")
NUMBERS = ("Int", "Check", "Float", "Currency", "Percent", "Duration", "Rating")
DECIMALS = ("Float", "Currency", "Percent")
SHORT_TEXTS = ("Data", "Link", "Dynamic Link", "Select", "Color", "Phone", "Autocomplete", "Icon", "Read Only")

STANDARD = ("name", "owner", "creation", "modified", "modified_by", "docstatus", "idx")
OF_ROW = ("parent", "parentfield", "parenttype")
OPTIONAL = ("_user_tags", "_comments", "_assign", "_liked_by")
STANDARD_LABELS = {"name": "ID", "owner": "Created By", "creation": "Created On", "modified": "Last Updated On"}

# Facts of a DocType that a file may leave out.
LEFT_OUT = dict.fromkeys(
	"issingle istable is_submittable is_tree track_changes allow_import allow_rename autoname title_field search_fields"
	" module custom sort_field sort_order nsm_parent_field".split()
)


class Meta(Offering, called="meta"):
	def __init__(self, shape: dict, custom: list[dict]):
		self.__dict__.update(LEFT_OUT)
		self.__dict__.update(shape)
		self.fields = [
			Record({"permlevel": 0, **field}, parent=self.name, idx=idx)
			for idx, field in enumerate([*shape.get("fields", ()), *custom], start=1)
		]
		self.permissions = [Record(row) for row in shape.get("permissions") or ()]
		self._by_name = {field.fieldname: field for field in self.fields}
		self._stored = [field for field in self.fields if field.fieldtype not in (*TABLES, *LAYOUT)]
		of_kind = OF_ROW if self.istable else OPTIONAL
		self._columns = [*STANDARD, *of_kind, *(field.fieldname for field in self._stored)]
		self.columns = frozenset(self._columns)
		self.fetched: dict[str, list[Record]] = {}
		for field in self.fields:
			if field.fetch_from:
				self.fetched.setdefault(field.fetch_from.partition(".")[0], []).append(field)
		self._links, self._dynamic_links, self._tables = (
			[field for field in self.fields if field.fieldtype in kinds]
			for kinds in (("Link",), ("Dynamic Link",), TABLES)
		)

	def get(self, key: str, default=None):
		return self.__dict__.get(key, default)

	def get_field(self, fieldname: str) -> Record | None:
		return self._by_name.get(fieldname)

	def has_field(self, fieldname: str) -> bool:
		return fieldname in self._by_name

	def get_label(self, fieldname: str) -> str:
		field = self.get_field(fieldname)
		return (field.label if field else STANDARD_LABELS.get(fieldname)) or "No Label"

	def get_custom_fields(self) -> list[Record]:
		return [field for field in self.fields if field.is_custom_field]

	def get_global_search_fields(self) -> list[Record]:
		return []

	def get_link_fields(self) -> list[Record]:
		return self._links

	def get_dynamic_link_fields(self) -> list[Record]:
		return self._dynamic_links

	def get_table_fields(self) -> list[Record]:
		return self._tables

	def get_permlevel_access(self, permission_type: str = "read", parenttype=None, *, user=None) -> list[int]:
		from benchless.context import get_roles

		roles = set(get_roles(user))
		return sorted(
			{row.permlevel or 0 for row in self.permissions if row.role in roles and row.get(permission_type)}
		)

	def stored_fields(self) -> list[Record]:
		"""Fields that have a column."""
		return self._stored

	def get_valid_columns(self) -> list[str]:
		return self._columns


@cache
def app_doctypes() -> dict[str, dict]:
	"""The DocTypes that the app ships, as their files say."""
	files = sorted(APP_FOLDER.glob("*/doctype/*/*.json"))
	shapes = (json.loads(path.read_text(encoding="utf-8")) for path in files if path.stem == path.parent.name)
	return {shape["name"]: shape for shape in shapes}


@cache
def shapes() -> dict[str, dict]:
	"""Every DocType of this host; ERPNext's as recorded, where plain.py has none of that name."""
	from benchless import back_office

	return {**back_office.shapes(), **plain.DOCTYPES, **app_doctypes()}


def is_native(doctype: str) -> bool:
	"""Whether documents of this kind are the back office's business."""
	return doctype not in app_doctypes() and doctype not in plain.DOCTYPES


_metas: dict[str, Meta] = {}


def get_meta(doctype, cached: bool = True) -> Meta:
	doctype = doctype if isinstance(doctype, str) else doctype.doctype
	if doctype not in _metas:
		if doctype not in shapes():
			raise DoesNotExistError(f"DocType {doctype} not found", doctype="DocType")
		_metas[doctype] = Meta(shapes()[doctype], _custom_fields(doctype))
	return _metas[doctype]


def _custom_fields(doctype: str) -> list[dict]:
	from benchless.database import db

	if not db.connected or doctype == "Custom Field":
		return []
	rows = db.sql("select * from `tabCustom Field` where dt = %s order by creation", (doctype,), as_dict=True)
	return [{**{key: row[key] for key in row if key not in STANDARD}, "is_custom_field": 1} for row in rows]


def forget(doctype: str | None = None) -> None:
	if doctype:
		_metas.pop(doctype, None)
	else:
		_metas.clear()
