"""The import names `frappe...` and `erpnext...`, in a process that asked for this host.

Every module here is a table of names. A name that is not in its table, like a module that is not listed, raises
NotOffered with the name; names of `erpnext` are questions to the recorded traces.
"""

import contextlib
import importlib
import json
import re
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pypika

from benchless import back_office, client, context, defaults, deleting, documents, errors  # isort: skip
from benchless import listing, mapping, messages, metadata, naming, notices, people, permissions  # isort: skip
from benchless import query_builder, renaming, values  # isort: skip
from benchless.database import db
from benchless.errors import NotOffered, Offering
from benchless.records import Record

ADDRESS = "frappe.contacts.doctype.address.address"


def _public(module) -> dict:
	return {
		name: value
		for name, value in vars(module).items()
		if not name.startswith("_") and getattr(value, "__module__", module.__name__) == module.__name__
	}


def as_json(value, indent: int = 1, **kwargs) -> str:
	value = value.as_dict() if hasattr(value, "as_dict") else value
	return json.dumps(value, indent=indent, default=str, sort_keys=True)


def scrub(text: str) -> str:
	return text.replace(" ", "_").replace("-", "_").lower()


def _frappe() -> dict:
	return {
		"__version__": "15.benchless",
		"_": messages._,
		"_dict": Record,
		"publish_realtime": lambda *_told, **_to_whom: None,
		"db": db,
		"qb": query_builder.Queries(),
		"utils": "frappe.utils",
		"defaults": "frappe.defaults",
		"permissions": "frappe.permissions",
		"model": "frappe.model",
		"client": "frappe.client",
		"local": context.local,
		"flags": context.flags,
		"session": context.session,
		"cache": context.cache,
		"conf": Record(),
		"as_json": as_json,
		"parse_json": lambda value: json.loads(value) if isinstance(value, str) else value,
		"scrub": scrub,
		"format": values.format_value,
		"get_all": listing.get_all,
		"get_list": listing.get_list,
		"get_meta": metadata.get_meta,
		"get_cached_doc": documents.get_doc,
		"rename_doc": renaming.rename_doc,
		"delete_doc": deleting.delete_doc,
		"has_permission": permissions.has_permission,
		"get_user_default": defaults.get_user_default,
		"get_fullname": values.get_fullname,
		**{name: getattr(documents, name) for name in documents.OFFERED},
		**{name: value for name, value in _public(messages).items() if name not in ("log", "quietly")},
		**{name: value for name, value in _public(context).items() if callable(value) and not isinstance(value, type)},
		**errors.ALL,
	}


def tables() -> dict[str, dict]:
	"""Every module of Frappe that this host offers, by its names."""
	return {
		"frappe": _frappe(),
		"frappe.utils": {
			**_public(values),
			"get_url": "http://benchless.localhost{}".format,
			"format_datetime": str,
			"get_system_timezone": lambda: "UTC",
			"get_time": lambda at: values.get_datetime(f"2000-01-01 {at}").time(),
		},  # fmt: skip
		"frappe.desk.notifications": {"extract_mentions": re.compile('data-id="([^"]+)"').findall},
		"frappe.utils.verified_command": {"get_secret": lambda: "a secret"},
		"frappe.translate": {"get_user_lang": lambda user=None: "en", "print_language": contextlib.nullcontext},
		"frappe.utils.data": _public(values),
		"frappe.utils.file_lock": {"LockTimeoutError": TimeoutError},
		"frappe.utils.synchronization": {"filelock": lambda *_named, **_how: contextlib.nullcontext()},
		"frappe.utils.html_utils": {"sanitize_html": values.harmless},
		"frappe.defaults": _public(defaults),
		"frappe.permissions": {**_public(permissions), "get_doc_permissions": permissions.of_document},
		"frappe.model": {"document": "frappe.model.document", "table_fields": metadata.TABLES},
		"frappe.model.document": {"Document": documents.Document},
		# Here nothing is kept of which types a link names.
		"frappe.model.dynamic_links": {
			"invalidate_distinct_link_doctypes": lambda *_named: None,
			"get_dynamic_link_map": deleting.get_dynamic_link_map,
		},
		"frappe.model.rename_doc": {"get_link_fields": deleting.get_link_fields},
		"frappe.model.mapper": {"get_mapped_doc": mapping.get_mapped_doc},
		"frappe.model.naming": _public(naming),
		"frappe.query_builder": {
			"DocType": query_builder.Queries.DocType,
			"functions": "frappe.query_builder.functions",
			**{
				name: getattr(pypika, name)
				for name in "Case Criterion CustomFunction Field Interval Order Table".split()
			},
		},
		"frappe.query_builder.functions": query_builder.name_of_functions(),
		"frappe.desk": {"reportview": "frappe.desk.reportview"},
		"frappe.desk.form": {"assign_to": "frappe.desk.form.assign_to"},
		"frappe.desk.form.assign_to": _public(notices),
		"frappe.desk.doctype.notification_log.notification_log": _public(notices),
		"frappe.desk.reportview": {"build_match_conditions": permissions.build_match_conditions},
		"frappe.client": _public(client),
		"frappe.custom.doctype.custom_field.custom_field": _public(people),
		# What a form shows of addresses and contacts; there are no forms.
		"frappe.contacts.address_and_contact": {"load_address_and_contact": lambda doc, key=None: None},
		ADDRESS: {"get_address_display": lambda *a, **k: back_office.call(f"{ADDRESS}.get_address_display", a, k)},
	}


class Names(Offering, ModuleType):
	"""A module whose names are a table; a name that is not there is a named error, never a guess."""

	_error, _called = NotOffered, property(lambda self: self.__name__)


class Questions(ModuleType):
	"""A module of ERPNext: every name in it is a question to the back office."""

	def __getattr__(self, name: str):
		if name == "__version__":
			return back_office.version()
		if name.startswith("__"):
			raise AttributeError(name)
		path = f"{self.__name__}.{name}"
		return lambda *args, **kwargs: back_office.call(path, args, kwargs)


class Finder(MetaPathFinder, Loader):
	def __init__(self):
		self.tables = tables()
		# The packages around them are modules as well, with nothing in them.
		for name in list(self.tables):
			while name := name.rpartition(".")[0]:
				self.tables.setdefault(name, {})

	def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
		top = fullname.partition(".")[0]
		if top == "frappe" and fullname not in self.tables:
			raise NotOffered(f"the module {fullname}")
		return ModuleSpec(fullname, self, is_package=True) if top in ("frappe", "erpnext") else None

	def create_module(self, spec: ModuleSpec) -> ModuleType:
		return (Questions if spec.name.startswith("erpnext") else Names)(spec.name)

	def exec_module(self, module: ModuleType) -> None:
		for name, value in self.tables.get(module.__name__, {}).items():
			if isinstance(value, str) and value.startswith("frappe."):
				value = importlib.import_module(value)
			setattr(module, name, value)


_finder: Finder | None = None


def install() -> None:
	"""Let `import frappe` and `import erpnext` find this host, in this process."""
	global _finder
	if _finder is None:
		query_builder.adapt_pypika()
		_finder = Finder()
		sys.meta_path.insert(0, _finder)
