"""Where we are guests: what happens because of us within the transaction of an order, an invoice or a quotation.

Nothing of ours stops or undoes such work, but a refusal in words that is meant: more than agreed, another customer, a
margin below the floor. Whatever else goes wrong (a row of ours that is gone or that somebody holds, a mistake in our
code, a broken hook of another app) is undone by itself, noted for later (chain/pending.py), and reported once. A check that
could not be made is made afterwards.

Only where the database has undone the whole transaction, the work is gone with it: that is said in words.
"""

import contextlib
from collections.abc import Callable

import frappe

from crm_pipeline.chain import locks, pending


def check(doc, work: Callable[[], None]) -> None:
	"""Do `work`, which may refuse with a ValidationError or PermissionError of its own."""
	_run(doc, work, refuses=True)


def follow(doc, work: Callable[[], None]) -> None:
	"""Do `work`, which never refuses anything."""
	_run(doc, work, refuses=False)


def _run(doc, work: Callable[[], None], refuses: bool) -> None:
	if locks.inside_entry_point():
		# Our own step, such as an acceptance: all of it happens, or nothing.
		work()
		return
	messages, point = len(frappe.local.message_log), None
	try:
		if _concerns_us(doc):
			point = _savepoint()
		with locks.as_guest() if point else contextlib.nullcontext():
			work()
	except Exception as error:
		if refuses and _is_refusal(error):
			raise
		_undo(error, point, refuses)
		del frappe.local.message_log[messages:]
		_do_later(doc, error, refuses)


def _concerns_us(doc) -> bool:
	before = doc.get_doc_before_save()
	return bool(
		doc.get("crm_source_name")
		or doc.get("crm_request_key")
		or (before and before.get("crm_source_name"))
		or doc.get("amended_from")
		or any(row.get("prevdoc_docname") for row in doc.get("items") or ())
	)


def _savepoint() -> str:
	name = f"crm_pipeline_{frappe.generate_hash(length=8)}"
	frappe.db.savepoint(name)
	return name


def _is_refusal(error: Exception) -> bool:
	if locks.is_lost_race(error) or isinstance(error, frappe.DoesNotExistError):
		return False
	return isinstance(error, frappe.ValidationError | frappe.PermissionError)


def _undo(error: Exception, point: str | None, refuses: bool) -> None:
	"""Undo what was begun; raises LostRaceError where nothing smaller than the whole transaction can be repeated."""
	stop_if_undone(error)
	# A check by yesterday's numbers is none: whoever was faster has decided something about the same rows.
	if refuses and isinstance(error, locks.OutdatedError):
		locks.give_up(error)
	if point:
		try:
			frappe.db.rollback(save_point=point)
		except Exception:
			locks.give_up(error)


def stop_if_undone(error: Exception) -> None:
	"""Raises where the server has undone the whole transaction: ERPNext must not go on with the half that comes after."""
	if locks.is_lost_connection(error):
		# No word of ours would be true.
		raise error
	if locks.ends_transaction(error):
		locks.give_up(error)


def _do_later(doc, error: Exception, unchecked: bool) -> None:
	name = f"{doc.doctype} {doc.name}"
	if not isinstance(error, locks.BusyError | locks.OutdatedError):
		report(f"CRM Pipeline: {name} goes on without us")
	try:
		pending.note(doc.doctype, doc.name, pending.CONTRACT if unchecked else pending.SALE, error)
		pending.notify_once()
	except Exception as failed:
		stop_if_undone(failed)
		report(f"CRM Pipeline: {name} not noted for later")


def report(message: str) -> None:
	"""Into the site's log file: after a commit, or in a broken transaction, an Error Log would be lost."""
	with contextlib.suppress(Exception):
		frappe.logger("crm_pipeline", allow_site=True).exception(message)


def attempt(what: str, step: Callable[[], None]) -> None:
	"""Do a step of another app; where we are guests, what it breaks is undone and reported."""
	if not locks.is_guest():
		step()
		return
	point = _savepoint()
	try:
		step()
	except Exception as error:
		if locks.ends_transaction(error):
			raise
		frappe.db.rollback(save_point=point)
		report(f"CRM Pipeline: {what} failed")
