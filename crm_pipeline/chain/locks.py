"""Locks and lost races. The one place that says what is locked, in which order, and who tries again.

**What.** Rows of our own documents, each by its primary key, and only rows that are there. A locking read that
finds nothing, or that looks in another index, locks the gap beside the key as well: beside our empty columns stand
all documents that have nothing to do with us, and every plain Sales Order or Payment Schedule would wait there. So
nothing else is ever read with a lock, not even the child rows of a locked document.

**In which order.** Ours first and ERPNext's rows and naming series last; `lock` sorts what it is given, by
  `ORDER`: Sales Import, by who starts, stops or undoes it, before all that it stored; Lead Assignment Rule (whoever gives leads
  holds all of them, so that turns and loads are counted once); Sales Prospect; Sales Lead; Sales Opportunity; Sales
  Project; Quotation (only where no deal stands behind it); Cost Estimate; Sales Contract (its first version stands for
  all amendments); Sales Order Request; ERPNext's own rows (Customer, Contact: two that are merged) and naming series;
  Sales Help Request; Sales Campaign (sums only, written at the end). Beside the chain: Contact Position, Relation Type
  (for all relations of a tree), Sales Activity, Sales Segment (by who takes a snapshot of it). Sales Handover and its
  rows: only the job that hands over holds one, before the document that it hands over.

**Where there is no row of ours** (what is promised of an invoice, which finance must never wait for) a name is held
instead, `hold_name`: before anything else, the naming series too. Only who holds one may read more than a row with a
lock, by a column that is never empty (`need_latest`).

**How numbers that decide come to be right.** A plain read answers from the snapshot that the transaction's first
plain read made, however long it waited for a lock after that. So:
  - The first lock of a transaction that has written nothing yet begins a new one, so that its lock is the first
    thing it does: every plain read after it sees what the one before wrote. Nobody loses then, one waits.
  - A row that is locked later is compared with what the snapshot shows of it. Where it changed in between, the race
    is lost. (With `innodb_snapshot_isolation` the server says so itself, with error 1020.) What is requested or
    ordered of a contract changes no value of the contract; whoever changes it counts up `order_changes`.
  - What only one may make has a unique key. A duplicate is a lost race too.

**Who tries again.** Entry points (`whole_transaction`): a deadlock and error 1020 undo the savepoints too, so nothing
smaller can be repeated. So does a connection that was lost: the server was restarted, or somebody ended it. A further
try takes all locks that the try before asked for, first of all and in order. A form's save takes its locks before the
framework does anything (ChainDocument.save), and reports a lost race in words.

**In ERPNext's transactions** (orders, invoices, quotations that others save) nobody may wait for us, and nothing may
undo their work: see chain/guard.py. There a lock is asked for without waiting in the database, so that no deadlock
can come of it.
"""

import contextlib
import copy
import functools
import random
import time
from collections.abc import Iterator

import frappe
from frappe import _
from frappe.utils import cint

from crm_pipeline.chain.lost_races import (  # noqa: F401 - who knows the locks asks them what an error means
	BusyError,
	LostRaceError,
	OutdatedError,
	ends_transaction,
	is_lost_connection,
	is_lost_race,
)
from crm_pipeline.core import registry

TRIES = 6

# Seconds that an entry point waits for a server that is being restarted.
BACK = 10.0


def _order() -> tuple[str, ...]:
	"""Along the chain; an estimate before the contract that it is asked about, and what holds sums only at the end."""
	chain = [name for name in registry.ORDER if name not in ("Sales Campaign", "Sales Order")]
	chain.insert(chain.index("Sales Contract"), "Cost Estimate")
	last = "Customer, Contact, Sales Help Request, Customer Case, Contact Position, Relation Type, Sales Activity"
	last = f"{last}, Sales Handover, Sales Handover Item, Sales Segment, Sales Campaign"
	return ("Sales Import", "Lead Assignment Rule", *chain, *last.split(", "))


ORDER = _order()

# Columns whose change is a change of what is decided.
MARKS = {"Sales Contract": ("modified", "order_changes"), "Relation Type": ("modified", "tree_changes")}

# Seconds that a guest in ERPNext's transaction asks again for a row that somebody holds, and between two times.
PATIENCE, PAUSE = 2.0, 0.2

# Seconds that somebody waits for a name; the server does not see that two wait for each other where one has a row.
NAME_PATIENCE = 10
# Names are the whole server's, and short.
HOLD_NAME = "SELECT GET_LOCK(SHA1(CONCAT(DATABASE(), ' ', %s)), %s)"
LET_GO_OF_NAME = "SELECT RELEASE_LOCK(SHA1(CONCAT(DATABASE(), ' ', %s)))"

Row = tuple[str, str]


class _State:
	"""What this request locked, and how it may ask. One per connection, in frappe.local."""

	def __init__(self):
		self.held: set[Row] = set()
		self.asked: set[Row] = set()
		self.names: set[str] = set()
		self.depth = 0
		self.guest = False
		self.isolated: bool | None = None
		self.patience = PATIENCE


def _state() -> _State:
	if not hasattr(frappe.local, "crm_pipeline_locks"):
		frappe.local.crm_pipeline_locks = _State()
	return frappe.local.crm_pipeline_locks


# ---- locking


def in_order(rows) -> list[Row]:
	"""Each row once, in the order of this module."""
	return sorted(set(rows), key=lambda row: (ORDER.index(row[0]), row[1]))


def lock(*rows: Row) -> None:
	"""Lock rows, (doctype, name) each, until the transaction ends. Raises DoesNotExistError when one is gone, and what
	`is_lost_race` knows when one changed meanwhile."""
	state = _state()
	new = [row for row in in_order(rows) if row not in state.held]
	if not new:
		return
	state.asked.update(new)
	for doctype, name in new:
		if not frappe.db.exists(doctype, name):
			frappe.throw(_("{0} {1} not found").format(_(doctype), name), frappe.DoesNotExistError)
	anew = not state.held and _begin_anew()
	for row in new:
		_lock(row, state, anew)


def _begin_anew() -> bool:
	"""End a transaction that wrote nothing and holds nothing, so that the next plain read sees today."""
	if _state().guest or not nothing_written():
		return False
	frappe.db.begin()
	return True


def nothing_written() -> bool:
	"""Whether the transaction has surely written nothing. Frappe's counter begins anew at 0 when a part of the
	transaction is undone: what was written before that is still there, and a new transaction would commit it."""
	return not frappe.db.transaction_writes and not _partly_undone()


def _partly_undone() -> bool:
	"""Whether anything on this connection was rolled back to a savepoint."""
	found = frappe.db.sql("SHOW SESSION STATUS LIKE 'Handler_savepoint_rollback'")
	return bool(found) and cint(found[0][1]) > 0


def _lock(row: Row, state: _State, anew: bool) -> None:
	seen = None if anew else _marks(row)
	now = _locked_marks(row, state)
	_hold(row, state)
	if not now or (seen and seen != now):
		raise OutdatedError(f"{row[0]} {row[1]}")


def _marks(row: Row, **how) -> tuple | None:
	columns = list(MARKS.get(row[0], ("modified",)))
	found = frappe.db.get_value(*row, columns, **how)
	return tuple(found) if isinstance(found, tuple | list) else found and (found,)


def _locked_marks(row: Row, state: _State) -> tuple | None:
	if not state.guest:
		return _marks(row, for_update=True)
	while not (now := _marks(row, for_update=True, skip_locked=True)):
		if state.patience <= 0:
			raise BusyError(f"{row[0]} {row[1]}")
		time.sleep(PAUSE)
		state.patience -= PAUSE
	return now


def _hold(row: Row, state: _State) -> None:
	if not state.held:
		frappe.db.after_commit.add(_forget)
		frappe.db.after_rollback.add(_forget)
	state.held.add(row)


def _forget() -> None:
	state = _state()
	state.held, state.patience = set(), PATIENCE


def hold_name(name: str) -> bool:
	"""Let nobody else hold this name until the transaction ends; answers whether plain reads see from now on what the one
	before wrote. Else that takes locking reads. Raises BusyError, which `is_lost_race` knows."""
	state = _state()
	if name not in state.names:
		if not frappe.db.sql(HOLD_NAME, (name, NAME_PATIENCE))[0][0]:
			raise BusyError(name)
		if not state.names:
			frappe.db.after_commit.add(_let_go)
			frappe.db.after_rollback.add(_let_go)
		state.names.add(name)
	return not state.held and _begin_anew()


def _let_go() -> None:
	names, _state().names = _state().names, set()
	for name in names:
		frappe.db.sql(LET_GO_OF_NAME, name)


def need_latest(doctype: str, column: str, value: str) -> None:
	"""Raises OutdatedError where the transaction does not see all rows with this value as they are stored by now. For who
	holds a name, and for columns of ours that are never empty: it locks the rows, and the place beside them."""
	seen, now = (
		frappe.db.get_values(doctype, {column: value}, ["name", "modified"], order_by="name asc", for_update=locked)
		for locked in (False, True)
	)
	if seen != now:
		raise OutdatedError(f"{doctype} {value}")


def lock_named(doctype: str, names: list[str]) -> list[str]:
	"""Lock many rows of a type by their primary key, in one statement; answers those that are there as the transaction sees them.
	The others changed meanwhile: who does many at once leaves them to the next time."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name, table.modified).where(table.name.isin(names)).orderby(table.name)
	now = query.for_update().run() if names else ()
	for name, _modified in now:
		_hold((doctype, name), _state())
	seen = dict(query.run()) if names else {}
	return [name for name, modified in now if seen.get(name) == modified]


def locked_doc(doctype: str, name: str):
	"""Lock a document and load it as it is now. Raises DoesNotExistError when it is gone."""
	lock((doctype, name))
	return frappe.get_doc(doctype, name)


def locked_to_save(doctype: str, name: str):
	"""The same for a document that is changed and saved at once: it carries what was stored, so that its save does not
	read it a second time (`flags.as_stored`, see ChainDocument)."""
	doc = locked_doc(doctype, name)
	doc.flags.as_stored = copy.deepcopy(doc)
	return doc


def delete_rows(doctype: str, filters: dict) -> None:
	"""Delete rows one by one by their primary key: a DELETE by another index locks the gaps beside what it finds."""
	for name in frappe.get_all(doctype, filters=filters, pluck="name", order_by="name asc", limit=0):
		frappe.db.delete(doctype, {"name": name})


def set_rows(doctype: str, filters: dict, values: dict) -> None:
	"""Write the same values into rows, by their primary key; see delete_rows."""
	for name in frappe.get_all(doctype, filters=filters, pluck="name", order_by="name asc", limit=0):
		frappe.db.set_value(doctype, name, values, update_modified=False)


def set_named(doctype: str, names: list[str], values: dict) -> None:
	"""Write the same values into these rows, in one statement, which locks nothing but them."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.update(table).where(table.name.isin(names))
	for field, value in values.items():
		query = query.set(table[field], value)
	query.run()


@contextlib.contextmanager
def as_guest() -> Iterator[None]:
	"""Within a transaction that is somebody else's: never wait in the database, and never lose it to error 1020."""
	state = _state()
	if state.guest:
		yield
		return
	isolated = _snapshot_isolation()
	state.guest = True
	try:
		if isolated:
			frappe.db.sql("SET SESSION innodb_snapshot_isolation = OFF")
		yield
	finally:
		state.guest = False
		if isolated:
			frappe.db.sql("SET SESSION innodb_snapshot_isolation = ON")


def is_guest() -> bool:
	return _state().guest


def _snapshot_isolation() -> bool:
	"""Whether the session has it on; servers that do not know the variable have not. Asked once per connection."""
	state = _state()
	if state.isolated is None:
		state.isolated = False
		with contextlib.suppress(Exception):
			found = frappe.db.sql("SHOW SESSION VARIABLES LIKE 'innodb_snapshot_isolation'")
			state.isolated = bool(found) and found[0][1] == "ON"
	return state.isolated


# ---- lost races


def undo(lost: bool = False) -> None:
	"""Roll back; on another connection where this one is `lost`, or turns out to be."""
	if not lost:
		try:
			frappe.db.rollback()
			return
		except Exception as error:
			if not is_lost_connection(error):
				raise
	reconnect()


def reconnect(seconds: float | None = None) -> None:
	"""Begin anew on another connection, as after a rollback; waits `seconds`, or BACK, for a server that is being
	restarted. Raises what connecting raises when it does not come back."""
	until = time.monotonic() + (BACK if seconds is None else seconds)
	while True:
		with contextlib.suppress(Exception):
			frappe.db.close()
		try:
			frappe.db.connect()
			frappe.db.rollback()
			break
		except Exception as error:
			if not is_lost_connection(error) or time.monotonic() > until:
				raise
			time.sleep(PAUSE)
	_forget()
	_state().isolated, _state().names = None, set()


@contextlib.contextmanager
def lost_race_in_words():
	"""Where a form's own save can't be repeated: report a lost race in words instead of a database error.

	Within an entry point that is the entry point's business.
	"""
	try:
		yield
	except Exception as error:
		if _state().depth or not is_lost_race(error):
			raise
		frappe.clear_messages()
		give_up(error)


def give_up(cause: BaseException) -> None:
	try:
		frappe.throw(_("Somebody else is changing the same documents. Please try again in a moment."), LostRaceError)
	except LostRaceError as error:
		raise error from cause


def inside_entry_point() -> bool:
	"""Whether all or nothing holds for what runs now, because an entry point of ours does it."""
	return bool(_state().depth)


def whole_transaction(function):
	"""Run an entry point again from the start when it lost a race; give up after TRIES with a clear error.

	For entry points only: it rolls back everything the request has done so far. Within another one it just runs.
	"""

	@functools.wraps(function)
	def run(*args, **kwargs):
		state = _state()
		if state.depth:
			return function(*args, **kwargs)
		state.asked = set()
		for attempt in range(1, TRIES + 1):
			state.depth += 1
			try:
				if attempt > 1:
					_lock_what_is_left(state.asked)
				return function(*args, **kwargs)
			except Exception as error:
				lost = is_lost_connection(error)
				if not (lost or is_lost_race(error)) or (lost and attempt == TRIES):
					raise
				undo(lost)
				frappe.clear_messages()
				if attempt == TRIES:
					give_up(error)
				time.sleep(random.uniform(0.0, 0.05 * attempt))
			finally:
				state.depth -= 1

	return run


def _lock_what_is_left(rows: set[Row]) -> None:
	lock(*(row for row in rows if frappe.db.exists(*row)))
