"""Documents by their type and name: made, found, copied."""

import copy
import importlib
from functools import cache

from benchless import context, defaults, metadata
from benchless.database import db
from benchless.document import Document
from benchless.errors import DoesNotExistError
from benchless.fields import Fields
from benchless.messages import quietly
from benchless.native_document import NativeDocument
from benchless.records import Record

OFFERED = ("get_doc", "new_doc", "get_last_doc", "get_cached_value", "copy_doc")


@cache
def controller_of(doctype: str) -> type:
	if metadata.is_native(doctype):
		return NativeDocument
	if doctype not in metadata.app_doctypes():
		from benchless import people

		return people.CONTROLLERS.get(doctype, Document)
	folder = doctype.lower().replace(" ", "_")
	module = metadata.get_meta(doctype).module.lower().replace(" ", "_")
	code = importlib.import_module(f"{context.APP}.{module}.doctype.{folder}.{folder}")
	return getattr(code, doctype.replace(" ", ""))


def make(values: dict) -> Document:
	"""A document object, stored or not, without any default."""
	return controller_of(values["doctype"])(values)


def get_doc(*args, **kwargs) -> Document:
	"""A stored document by type and name, a Single by type, or a new one of a dict or of keywords."""
	kwargs.pop("for_update", None)
	if args and isinstance(args[0], Fields):
		return args[0]
	if args and isinstance(args[0], str):
		doctype, name = args[0], args[1] if len(args) > 1 else args[0]
		if isinstance(name, dict):
			found = db.get_value(doctype, name, "name")
			if not found:
				raise DoesNotExistError(f"{doctype} {name} not found", doctype=doctype)
			name = found
		return make({"doctype": doctype, "name": name}).load_from_db()
	values = dict(args[0]) if args else dict(kwargs)
	if "doctype" not in values:
		raise ValueError('"doctype" is a required key')
	doc = make(values)
	if not doc.name:
		doc.__dict__.setdefault("__islocal", 1)
	return doc


def new_doc(doctype: str, parent_doc=None, **kwargs) -> Document:
	"""What a parent would change, defaults that name a field of it, is not offered."""
	doc = make({"doctype": doctype, **defaults.new_values(doctype)})
	doc.__dict__["__islocal"] = 1
	doc.fix_numbers()
	return doc.update(kwargs)


def get_last_doc(doctype: str, filters=None, order_by: str = "creation desc") -> Document:
	name = db.get_value(doctype, filters or {}, "name", order_by=order_by)
	if not name:
		raise DoesNotExistError(f"{doctype} not found", doctype=doctype)
	return get_doc(doctype, name)


def get_cached_value(doctype: str, name: str, fieldname="name", as_dict: bool = False):
	doc = quietly(lambda: get_doc(doctype, name))
	if doc is None:
		return None
	if isinstance(fieldname, str):
		return doc.get(fieldname)
	return Record({f: doc.get(f) for f in fieldname}) if as_dict else [doc.get(f) for f in fieldname]


def copy_doc(doc, ignore_no_copy: bool = True) -> Document:
	"""An unsaved copy. As in Frappe's tests the state of the document stays; nothing of its past does."""
	new = make(copy.deepcopy(doc if isinstance(doc, dict) else doc.as_dict()))
	for each in [new, *new.get_all_children()]:
		each.__dict__["__islocal"] = 1
		for field in ("name", "owner", "creation", "modified", "modified_by"):
			setattr(each, field, None)
		if not context.flags.in_test:
			each.docstatus = 0
		if not ignore_no_copy:
			for field in each.meta.fields:
				if field.no_copy:
					each.set(field.fieldname, None)
	for field in ("amended_from", "amendment_date"):
		if new.meta.has_field(field):
			new.set(field, None)
	return new
