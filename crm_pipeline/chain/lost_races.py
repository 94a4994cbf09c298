"""What the server says when somebody else was faster, or when it is gone: which errors are lost races and lost connections.
What is done about them: locks.py."""

import frappe

# Deadlock, lock wait timeout, record changed since last read (snapshot isolation).
LOST_RACES = (1213, 1205, 1020)

# No server there, server gone, connection lost (twice), server going down, connection ended by an admin, or for idleness.
LOST_CONNECTIONS = (2002, 2003, 2006, 2013, 2055, 1053, 1927, 4031)

# Unique keys of what only one may make.
KEYS = ("conversion_key", "crm_request_key", "playbook_key", "capture_key")


class LostRaceError(frappe.ValidationError):
	"""Another user changed the same documents at the same moment, again and again."""


class OutdatedError(Exception):
	"""A row changed between the transaction's snapshot and its lock: what was read so far may be wrong."""


class BusyError(Exception):
	"""Somebody else holds a row, and here nobody waits for it."""


def is_lost_race(error: BaseException) -> bool:
	"""Whether `error` says that another transaction was faster and a new try may succeed."""
	if isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError | OutdatedError | BusyError):
		return True
	if isinstance(error, frappe.DoesNotExistError) and getattr(error, "doctype", None) == "Bin":
		# Two first orders of an item at once: ERPNext does not see the stock row that the other one just made.
		return True
	if isinstance(error, frappe.UniqueValidationError | frappe.DuplicateEntryError):
		return any(key in str(error) for key in KEYS)
	code = error.args[0] if error.args else None
	return code in LOST_RACES


def ends_transaction(error: BaseException) -> bool:
	"""Whether the server has undone the whole transaction, its savepoints included."""
	if isinstance(error, frappe.QueryDeadlockError):
		return True
	return bool(error.args) and error.args[0] in (1213, 1020)


def is_lost_connection(error: BaseException) -> bool:
	"""Whether there is no connection to the database any more; what was not committed is undone."""
	if type(error).__name__ == "InterfaceError":
		# The drivers' word for a connection that was closed before.
		return True
	return bool(error.args) and error.args[0] in LOST_CONNECTIONS
