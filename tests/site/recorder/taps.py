"""Where the app's questions pass on a real site: document methods, functions of ERPNext, handlers of events."""

import functools
import importlib

import frappe
from frappe.model.base_document import get_controller
from frappe.model.document import Document

from benchless.back_office import shape
from tests.site.recorder import measure, rows

OPERATIONS = ("insert", "save", "submit", "cancel")

running = None  # the Recording of the story that is being told


def place() -> None:
	"""Once per process; without a running story everything passes as before."""
	for op in OPERATIONS:
		_tap_operation(op)
	_tap_deleting()
	for doctype in shape.all_shapes():
		_tap_methods(doctype)
	for dotted in measure.functions():
		_tap_function(dotted)
	for path in {path for paths in measure.handlers().values() for path in paths}:
		_tap_handler(path)
	rows.watch(lambda: running and running.rows)


def _tap_operation(op: str) -> None:
	original = getattr(Document, op)

	@functools.wraps(original)
	def tapped(self, *args, **kwargs):
		work = functools.partial(original, self, *args, **kwargs)
		if not (running and running.asking) or self.doctype in measure.own_doctypes():
			return work()
		if self.doctype not in shape.all_shapes():
			return running.silently(work)
		options = dict(zip(("ignore_permissions",), args, strict=False)) | kwargs
		return running.operation(self, op, options, work)

	setattr(Document, op, tapped)


def _tap_deleting() -> None:
	original = frappe.delete_doc

	@functools.wraps(original)
	def tapped(doctype=None, name=None, *args, **kwargs):
		work = functools.partial(original, doctype, name, *args, **kwargs)
		if not (running and running.asking and doctype in shape.all_shapes() and frappe.db.exists(doctype, name)):
			return work()
		return running.operation(frappe.get_doc(doctype, name), "delete", {}, work)

	frappe.delete_doc = tapped


def _tap_methods(doctype: str) -> None:
	cls = get_controller(doctype)
	for name in measure.METHODS:
		original = getattr(cls, name, None)
		if callable(original) and not hasattr(original, "tapped"):
			setattr(cls, name, _tapped_method(name, original))


def _tapped_method(name: str, original):
	@functools.wraps(original)
	def tapped(self, *args, **kwargs):
		work = functools.partial(original, self, *args, **kwargs)
		if not (running and running.asking):
			return work()
		return running.method(self, name, args, work)

	tapped.tapped = True
	return tapped


def _tap_function(dotted: str) -> None:
	path, _dot, name = dotted.rpartition(".")
	try:
		module = importlib.import_module(path)
	except ImportError:
		return  # not in this version
	original = getattr(module, name, None)
	# A class that is replaced is no longer the one that its documents are of.
	if original is None or isinstance(original, type):
		return

	@functools.wraps(original)
	def tapped(*args, **kwargs):
		work = functools.partial(original, *args, **kwargs)
		if not (running and running.asking):
			return work()
		return running.call(dotted, args, kwargs, work)

	setattr(module, name, tapped)


def _tap_handler(path: str) -> None:
	module_path, _dot, name = path.rpartition(".")
	module = importlib.import_module(module_path)
	original = getattr(module, name)
	events = measure.handlers()

	@functools.wraps(original)
	def tapped(doc, method=None, *args, **kwargs):
		work = functools.partial(original, doc, method, *args, **kwargs)
		if not running:
			return work()
		first = events.get((doc.doctype, method), [None])[0] == path
		return running.handler(doc, method, first, work)

	setattr(module, name, tapped)


def tell(recording) -> None:
	global running
	running = recording
