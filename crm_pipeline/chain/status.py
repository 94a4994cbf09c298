"""The one way to another state, for every document of ours. Which states there are, and what may follow: core/states.py."""

import frappe
from frappe import _

from crm_pipeline.chain import automation, reference, system_fields
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import STATES
from crm_pipeline.wording import bold

# Of the ledger: its kind, from, to.
Event = tuple[str, str | None, str | None]


class StateError(frappe.ValidationError):
	"""A document can't take on a state from the one that it is in."""


def open_states(doctype: str, closed: tuple[str, ...] | None = None) -> list[str]:
	"""The states of a type in which something is left to do, those of the site's own among them. To filter by: `not in`
	asks for empty ones as well, which no index answers."""
	closed = STATES[doctype].closed if closed is None else closed
	options = frappe.get_meta(doctype).get_field("status").options or ""
	return [state for state in options.split("\n") if state and state not in closed]


def can_become(doc, to: str, undone: bool = False) -> bool:
	"""Whether state `to` may follow on the one that a document is in, which is another one."""
	return STATES[doc.doctype].may_follow(doc.status, to, undone)


def set_status(
	doc,
	to: str,
	values: dict | None = None,
	event: Event | None = None,
	note: str | None = None,
	save: bool = False,
	undone: bool = False,
	error: type[Exception] = StateError,
	update_modified: bool = True,
	related: Ref | None = None,
) -> None:
	"""Check that `doc` may take on state `to`, write it together with `values`, and leave a row in the ledger.

	Within a save, or before one, it is set in the document: that save writes and records it. With `save` it is saved here,
	as loaded. With `event` another document (`related`) decided it (a contract that wins, an order that is delivered): it is written
	past the document's own save, recorded as `event`, and the site's automation hears of it, see chain/automation.py.

	`undone`: what led to the present state is undone. Raises `error` where the state may not follow.
	"""
	check(doc, to, undone, error)
	reference.follow_state(doc.doctype, doc.name, doc.status, to)
	changed = {"status": to, **(values or {})}
	if event:
		automation.set_state(doc, changed, event, note, update_modified, related)
		return
	doc.update(changed)
	if note:
		doc.flags.event_note = note
	if save:
		doc.flags.follows = True
		doc.save()
		doc.flags.follows = False


def notify_where_kept(doc) -> None:
	"""Part of take_in(), before system fields are put back: who sets a state that follows from something else, as a native
	Kanban board does, hears that it stays."""
	before = doc.get_doc_before_save()
	ours = doc.flags.history_import or doc.flags.follows or "status" in (doc.flags.written_by_app or ())
	if not before or ours or "status" not in system_fields.SYSTEM_FIELDS.get(doc.doctype, ()):
		return
	if doc.status and doc.status != before.status:
		frappe.msgprint(
			_("{0} {1} stays {2}: its state follows from what is done with it").format(
				_(doc.doctype), bold(doc.name), _(before.status, context=doc.doctype)
			),
			indicator="orange",
		)


def follow_choice(doc) -> None:
	"""Part of validate() of a document whose state users choose: it must be one that may follow."""
	before = doc.get_doc_before_save()
	wanted, doc.status = doc.status, before.status if before else None
	set_status(doc, wanted or STATES[doc.doctype].first)


def check(doc, to: str, undone: bool = False, error: type[Exception] = StateError) -> None:
	"""Raise `error`, in words, where state `to` may not follow on the one that a document is in."""
	stays = (doc.status or STATES[doc.doctype].first) == to
	if not stays and not can_become(doc, to, undone):
		frappe.throw(
			_("{0} {1} is {2} and can't become {3}").format(
				_(doc.doctype), bold(doc.name), _(doc.status, context=doc.doctype), _(to, context=doc.doctype)
			),
			error,
			title=_("Not Possible Now"),
		)
