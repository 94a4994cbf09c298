"""ERPNext's side of the app, answered from traces recorded on real ERPNext 15 and 16.

Nothing is worked out here: an operation on a native document, a method of it or a function of ERPNext is a question;
the story that is being told (a test, the demo) must hold an answer, or `NoTraceError` says what is missing.
"""

import functools

from benchless.back_office import files, shape

version = files.version
_running = None


class BackOfficeError(Exception):
	"""The traces can't answer; never taken for an error of Frappe's."""


class NoTraceError(BackOfficeError):
	"""A question that was not recorded in this story."""


class NotAskedError(BackOfficeError):
	"""A recorded question that was not asked."""


def shapes() -> dict[str, dict]:
	"""{DocType: what a DocType's JSON would say of its recorded fields} of every native DocType."""
	return {doctype: shape.as_doctype(doctype) for doctype in shape.all_shapes()}


@functools.cache
def methods() -> set[str]:
	"""Every method of a native document that some story asked for."""
	exchanges = files.load("exchanges", files.version()).values()
	return {exchange["ask"].partition(" ")[0] for exchange in exchanges} - {
		"insert",
		"save",
		"submit",
		"cancel",
		"delete",
		"call",
	}


def new_values(doctype: str) -> dict:
	"""What `frappe.new_doc` gives a native document on a set-up site, with today's dates."""
	from benchless.back_office import names

	return names.of_this_site().reveal(shape.all_shapes()[doctype].get("new", {}))


def seed() -> dict[str, list[dict]]:
	"""Rows of a set-up site before any story; `creation` and `modified` are their order, a Single has one row."""
	return files.load("seed", files.version())


def begin(story: str) -> None:
	"""From here on questions belong to `story` (`test_file.py::test_name[param]`)."""
	global _running
	from benchless.back_office import names, replay

	_running = replay.Replay(story)
	names.tell(_running.names)


def end(failed: bool = False) -> None:
	"""The story is over. Raises NotAskedError when recorded questions were not asked, unless it failed anyway."""
	global _running
	from benchless.back_office import names

	story, _running = _running, None
	if story:
		names.tell(None)
		if not failed:
			story.close()


def ask(doc, op: str, **options):
	"""`op` is insert, save, submit, cancel or delete. Changes `doc` as ERPNext did, or raises what it raised."""
	return _story(f"{op} {doc.doctype}").operation(doc, op, options)


def method(doc, name: str, args=(), kwargs=None):
	if kwargs:
		raise BackOfficeError(f"{doc.doctype}.{name} is recorded with positional arguments, not {kwargs}")
	return _story(f"{doc.doctype}.{name}").method(doc, name, args)


def call(dotted: str, args=(), kwargs=None):
	return _story(dotted).call(dotted, args, kwargs or {})


def _story(asked: str):
	if _running is None:
		raise NoTraceError(f"{asked}: the back office answers only inside a recorded story")
	return _running
