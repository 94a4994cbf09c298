"""The door: every whitelisted function and every script report comes in through here.

`@reads(...)` and `@writes(...)` whitelist a function, the latter for POST only. Each call then goes the same way:
the arguments are checked against their types, the rights that the decorator names are asked for, and what writes
runs in one transaction that is tried again when it lost a race. What is wrong is said in words, never by a raw error.
"""

import contextlib
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

import frappe
from frappe import _
from frappe.permissions import get_user_permissions
from pydantic import ConfigDict, TypeAdapter, ValidationError

from crm_pipeline.analytics import scope
from crm_pipeline.api.types import YEARS, Filters
from crm_pipeline.chain import rights
from crm_pipeline.chain.locks import whole_transaction
from crm_pipeline.wording import bold, plain

# What the database says of a value that it can't hold: out of range, too long, not of this type, no date.
DATA_ERRORS = (1264, 1406, 1366, 1292)
# And of a query: no such column, one that could be several, what it can't read.
QUERY_ERRORS = (1054, 1052, 1064)


class BadRequestError(frappe.ValidationError):
	"""The arguments of a call are not what the function takes."""


# ---- decorators


def reads(*asked: Callable, heavy: bool = False):
	"""An endpoint that changes nothing; `asked` are checks such as may("read", "Sales Lead", "lead"). A `heavy` one reads
	from the site's replica, where it has one: nobody looks there for what they wrote a moment ago."""
	return _endpoint(asked, None, heavy)


def writes(*asked: Callable):
	"""An endpoint that changes something: POST only, in one transaction."""
	return _endpoint(asked, ["POST"])


def _endpoint(asked: tuple[Callable, ...], methods: list[str] | None, heavy: bool = False):
	def decorate(function: Callable) -> Callable:
		types = Types(function)
		work = whole_transaction(function) if methods else function
		work = on_replica(work) if heavy else work

		@functools.wraps(function)
		def run(*args, **kwargs):
			given = types.checked(args, kwargs)
			with data_errors_in_words():
				for ask in asked:
					ask(given)
				return work(**given)

		# Frappe checks types too, less closely and in its own words: there is nothing left for it.
		run.__annotations__ = dict.fromkeys((*types.signature.parameters, "return"), Any)
		return frappe.whitelist(methods=methods)(run)

	return decorate


def on_replica(function: Callable) -> Callable:
	"""Run a function on the site's read replica; where there is none, as it is."""

	@functools.wraps(function)
	def run(*args, **kwargs):
		if not frappe.get_attr("frappe.conf").get("read_from_replica"):
			return function(*args, **kwargs)
		return frappe.get_attr("frappe.read_only")()(function)(*args, **kwargs)

	return run


def may(right: str, doctype: str | tuple[str, ...], name: str | None = None) -> Callable[[dict], None]:
	"""A check that raises PermissionError without `right` to a document; `name` is the argument that names it.

	Without `name`, or where that argument is empty, the right to such documents at all. Where several DocTypes are
	possible, the argument `doctype` says which.
	"""

	def ask(given: dict) -> None:
		kind = doctype if isinstance(doctype, str) else one_of(given["doctype"], doctype)
		rights.need(kind, (given.get(name) or None) if name else None, right)

	return ask


def one_of(doctype: str, known: tuple[str, ...]) -> str:
	if doctype not in known:
		frappe.throw(
			_("{0} is not one of: {1}").format(frappe.utils.escape_html(doctype), ", ".join(_(d) for d in known)),
			BadRequestError,
		)
	return doctype


def report(execute: Callable) -> Callable:
	"""Decorator of a script report's execute(filters): the filters are single values by name, as a dict. Over the table
	stands the scope that they ask for, before what the report itself has to say."""
	types = Types(execute, {"filters": Filters})

	@functools.wraps(execute)
	def run(filters=None):
		given = types.checked((filters,), {})
		with data_errors_in_words():
			asked = frappe._dict(given["filters"] or {})
			columns, data, *rest = on_replica(execute)(asked)
			said = rest.pop(0) if rest else None
			line = frappe.utils.escape_html(scope.line(scope.Scope.of(asked), today=asked.get("report_date")))
			columns = [_as_text_if_closed(column) for column in columns]
			return (columns, data, f"{line}<br>{said}" if said else line, *rest)

	return run


def _as_text_if_closed(column: dict) -> dict:
	"""A column of links to documents that the reader may not open is text: Frappe would refuse them the whole report."""
	target = column.get("options")
	if column.get("fieldtype") != "Link" or target in get_user_permissions(frappe.session.user):
		return column
	may_open = any(frappe.has_permission(target, right) for right in ("read", "select"))
	return column if may_open else {**column, "fieldtype": "Data", "options": None}


# ---- types


class Types:
	"""The types of a function's arguments."""

	def __init__(self, function: Callable, hints: dict[str, Any] | None = None):
		self.signature = inspect.signature(function)
		self.function, self.hints = function, hints

	@functools.cached_property
	def adapters(self) -> dict[str, TypeAdapter]:
		hints = self.hints or get_type_hints(self.function, include_extras=True)
		config = ConfigDict(arbitrary_types_allowed=True)
		return {name: TypeAdapter(hint, config=config) for name, hint in hints.items() if name != "return"}

	def checked(self, args: tuple, kwargs: dict) -> dict[str, Any]:
		"""Every argument by name, converted; raises BadRequestError that names the argument."""
		given = self._bound(args, kwargs)
		return {name: self._converted(name, value) for name, value in given.items()}

	def _bound(self, args: tuple, kwargs: dict) -> dict[str, Any]:
		parameters = self.signature.parameters
		missing = [
			name
			for name, parameter in list(parameters.items())[len(args) :]
			if parameter.default is parameter.empty and name not in kwargs
		]
		if missing:
			frappe.throw(_("{0} is missing").format(", ".join(missing)), BadRequestError)
		return self.signature.bind(*args, **kwargs).arguments

	def _converted(self, name: str, value: Any) -> Any:
		try:
			return self.adapters[name].validate_python(value)
		except (ValidationError, RecursionError) as error:
			lines = error.errors(include_url=False) if isinstance(error, ValidationError) else []
			frappe.throw(_said_of_filter(lines) or _said_of(name, {line["type"] for line in lines}), BadRequestError)


def _said_of_filter(lines: list[dict]) -> str | None:
	"""What is wrong with a single filter, by the name that it has on the screen."""
	for line in lines:
		if line["type"] in ("filter_day", "filter_number"):
			name, value = line["ctx"]["filter"], plain(line["ctx"]["value"])
			label = bold(_filter_labels().get(name, name))
			if line["type"] == "filter_day":
				return _("{0}: {1} is not a date between {2} and {3}").format(label, value, *YEARS)
			return _("{0}: {1} is not a whole number").format(label, value)
	return None


def _filter_labels() -> dict[str, str]:
	return {
		"from_date": _("From Date"),
		"to_date": _("To Date"),
		"report_date": _("As Of"),
		"first": _("A Day of the Period"),
		"last": _("To Date"),
		"start": _("From"),
		"count": _("Number of Periods"),
		"stalled": _("Stalled"),
		"working_days": _("Working Days"),
	}


def _said_of(name: str, kinds: set[str]) -> str:
	if "string_too_long" in kinds or "too_long" in kinds:
		return _("{0} is too long").format(name)
	if "string_too_short" in kinds:
		return _("{0} is empty").format(name)
	return _("{0} is not a value that can be used here").format(name)


@contextlib.contextmanager
def data_errors_in_words():
	"""What the database can't store is the caller's mistake, and is said as such."""
	try:
		yield
	except Exception as error:
		if not (error.args and error.args[0] in DATA_ERRORS):
			raise
		frappe.throw(_("A value is too long, too large or of the wrong kind"), BadRequestError)


@contextlib.contextmanager
def filters_in_words(filters):
	"""Filters that the caller makes up of any fields, operators and values are read by Frappe, which breaks on some of
	them: a field that is none, a list with too little in it."""
	try:
		yield
	except Exception as error:
		unread = isinstance(error, LookupError | TypeError | ValueError | AttributeError)
		if not filters or not (unread or (error.args and error.args[0] in QUERY_ERRORS)):
			raise
		frappe.throw(_("The filters name a field or a value that can't be used here"), BadRequestError)
