"""Handlers that the app's hooks.py names for the events of documents."""

from benchless import context

# Events that `db_set` fires by itself, on documents of the back office too.
OF_DB_SET = ("before_change", "on_change")


def fire(doc, method: str, *args, **kwargs) -> None:
	"""Run the app's handlers of one event, in the order of the hooks."""
	for doctype in (doc.doctype, "*"):
		for path in (context.get_hooks("doc_events", {}).get(doctype) or {}).get(method, []):
			context.get_attr(path)(doc, method, *args, **kwargs)
