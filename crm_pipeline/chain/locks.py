"""Locks and lost races. The one place that says in which order rows are locked, and who retries.

Lock order, ours first and naming series last (they stay locked until commit):
  1. Sales Prospect  2. Sales Lead  3. Sales Opportunity, Sales Project  4. Quotation, then Cost Estimate
  5. Sales Contract (its first version stands for all amendments)  6. Sales Order Request
  7. ERPNext's own rows and naming series.

After a lock a plain read still answers from the transaction's old snapshot, so every number that
decides is read with a lock as well; rows of the ledger right after their document is locked.
Where the server refuses instead (snapshot isolation, a deadlock, a lock that took too long) the
whole transaction is rolled back and tried again: a deadlock has already undone the savepoints, so
nothing smaller can be retried.
"""

import contextlib
import functools

import frappe
from frappe import _

TRIES = 4

# Deadlock, lock wait timeout, record changed since last read (snapshot isolation).
LOST_RACES = (1213, 1205, 1020)


class LostRaceError(frappe.ValidationError):
	"""Another user changed the same documents at the same moment, again and again."""


def lock(doctype: str, name: str) -> None:
	"""Lock one row until the transaction ends. Raises DoesNotExistError when it is gone."""
	if not frappe.db.get_value(doctype, name, "name", for_update=True):
		frappe.throw(
			_("{0} {1} not found").format(_(doctype), name),
			frappe.DoesNotExistError,
		)


def locked_doc(doctype: str, name: str):
	"""Lock a document and load it as it is now, children included. Raises DoesNotExistError when it is gone.

	`lock` followed by a plain `get_doc` would load what the document was when the transaction began.
	"""
	return frappe.get_doc(doctype, name, for_update=True)


@contextlib.contextmanager
def lost_race_in_words():
	"""Where a form's own save can't be retried: tell a lost race in words instead of a database error."""
	try:
		yield
	except Exception as error:
		if not is_lost_race(error):
			raise
		_give_up()


def _give_up() -> None:
	frappe.throw(
		_("Somebody else is changing the same documents. Please try again in a moment."), LostRaceError
	)


def is_lost_race(error: BaseException) -> bool:
	"""Whether `error` says that another transaction was faster and a new try may succeed."""
	if isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError):
		return True
	if isinstance(error, frappe.DoesNotExistError) and getattr(error, "doctype", None) == "Bin":
		# Two first orders of an item at once: ERPNext does not see the stock row that the other one just made.
		return True
	code = error.args[0] if error.args else None
	return code in LOST_RACES


def whole_transaction(function):
	"""Run an entry point again from the start when it lost a race; give up after TRIES with a clear error.

	For entry points only: it rolls back everything the request has done so far.
	"""

	@functools.wraps(function)
	def run(*args, **kwargs):
		for attempt in range(1, TRIES + 1):
			try:
				return function(*args, **kwargs)
			except Exception as error:
				if not is_lost_race(error):
					raise
				frappe.db.rollback()
				frappe.clear_messages()
				if attempt == TRIES:
					_give_up()

	return run
