"""What belongs to the running request: user, flags, hooks, jobs, defaults."""

import importlib
import logging
import random
import traceback
from collections.abc import Callable
from functools import cache as once

from benchless import messages
from benchless.errors import NotOffered, NotOfferedAttribute, Offering, PermissionError, only
from benchless.records import Record

APP = "crm_pipeline"
EVERYONE = ("All", "Guest")

flags = Record()
session = Record(user="Administrator", data=Record())


class Local(Offering, called="frappe.local", error=NotOfferedAttribute):
	"""Attributes of one request; one that nobody set is an AttributeError."""

	flags, message_log, lang, site, session = flags, messages.log, "en", "benchless", session


local = Local()


def set_user(user: str) -> None:
	session.user = user


def get_roles(user: str | None = None) -> list[str]:
	from benchless.database import db

	user = user or session.user
	if user == "Guest":
		return ["Guest"]
	if user == "Administrator":
		return [*EVERYONE, *db.column("select name from `tabRole`")]
	rows = db.column("select role from `tabHas Role` where parenttype = 'User' and parent = %s", (user,))
	# Every role but those of everybody leads to the Desk here.
	return list(dict.fromkeys([*rows, *EVERYONE, *(["Desk User"] if rows else [])]))


def only_for(role: str) -> None:
	if role not in get_roles():
		raise PermissionError(f"This action is only allowed for {role}")


# ---- hooks and dotted paths


@once
def _all_hooks() -> dict:
	module = importlib.import_module(f"{APP}.hooks")
	return {key: value for key, value in vars(module).items() if not key.startswith("_")}


def get_hooks(hook: str | None = None, default=None):
	"""The app's hooks, in lists as Frappe merges those of several apps."""
	if hook is None:
		raise NotOffered("frappe.get_hooks of all hooks")
	value = _all_hooks().get(hook)
	return _listed(value) if value is not None else ([] if default is None else default)


def _listed(value):
	if isinstance(value, dict):
		return Record({key: _listed(inner) for key, inner in value.items()})
	return list(value) if isinstance(value, list | tuple) else [value]


def get_attr(path: str):
	module, _, name = path.rpartition(".")
	return getattr(importlib.import_module(module), name)


# ---- jobs run at once, mail goes nowhere


OF_A_QUEUE = "timeout event is_async now at_front job_name job_id deduplicate".split()


def enqueue(method: str | Callable, queue: str = "default", enqueue_after_commit: bool = False, **kwargs):
	"""Run a job now, or after the next commit. What a queue is told (timeout, job id) has no meaning here."""
	from benchless.database import db

	for word in OF_A_QUEUE:
		kwargs.pop(word, None)
	function = get_attr(method) if isinstance(method, str) else method
	if enqueue_after_commit:
		db.after_commit.add(lambda: function(**kwargs))
	else:
		function(**kwargs)


def logger(module: str | None = None, *args, **kwargs) -> logging.Logger:
	return logging.getLogger(module or "benchless")


def log_error(title: str | None = None, message: str | None = None, **options):
	from benchless.documents import get_doc

	only(options, "frappe.log_error")
	log = {"doctype": "Error Log", "method": title, "error": message or traceback.format_exc()}
	return get_doc(log).insert(ignore_permissions=True)


def get_traceback(**options) -> str:
	only(options, "frappe.get_traceback")
	return traceback.format_exc()


def generate_hash(txt: str | None = None, length: int = 56) -> str:
	return "".join(random.choices("0123456789abcdef", k=length))


# ---- whitelisted functions


def whitelist(allow_guest: bool = False, xss_safe: bool = False, methods: list[str] | None = None):
	def mark(function):
		function.whitelisted_methods = tuple(methods or ("GET", "POST", "PUT", "DELETE"))
		return function

	return mark


class Cache(Offering, dict, called="frappe.cache"):
	"""Values by key, for the life of the process. Documents are never in it: every read of one asks the database."""

	def __call__(self):
		return self

	def get_value(self, key, generator=None, **options):
		only(options, "frappe.cache.get_value", "expires")
		if key not in self and generator:
			self[key] = generator()
		return self.get(key)

	def set_value(self, key, val, **options) -> None:
		only(options, "frappe.cache.set_value", "expires_in_sec")
		self[key] = val

	def hget(self, name, key, generator=None):
		return self.get_value((name, key), generator)

	def hset(self, name, key, value) -> None:
		self[name, key] = value

	def delete_value(self, keys) -> None:
		self._forget(lambda name: name == keys or name in keys and not isinstance(keys, str))

	def delete_keys(self, key: str) -> None:
		self._forget(lambda name: str(name).startswith(key))

	def _forget(self, fits: Callable) -> None:
		for kept in [kept for kept in self if fits(kept[0] if isinstance(kept, tuple) else kept)]:
			del self[kept]


cache = Cache()


def clear_cache(user: str | None = None, doctype: str | None = None) -> None:
	from benchless import metadata

	metadata.forget(doctype)


def clear_document_cache(doctype: str, name: str | None = None) -> None:
	"""Documents are never kept."""
