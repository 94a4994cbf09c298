"""The states that documents may be in: one row each, with what may follow, the colour and the group. Data, and three questions.

Which type has which: core/registry.py. Who sets one: chain/status.py. Lists, forms, ribbon, board and pages take their
colours from here; nothing else sets one.

A state that a site added to a type itself, as an option in Customize Form, is in no table. It counts as open: any open
state may lead there, any at all where users choose, and it leads to all of those and wherever one of them does.
"""

from collections.abc import Iterator
from dataclasses import dataclass

# Groups: still running; came to its good end; to its bad end; taken back.
OPEN, WON, LOST, CANCELLED = "open", "won", "lost", "cancelled"


@dataclass(frozen=True)
class State:
	"""One state of a type, as stored in its `status`.

	`colour` is one of Frappe's indicators. `to` are the states that may follow, None stands for all of the type;
	`undone_to` those that follow where what led here is undone, never by anybody's choice.
	"""

	name: str
	colour: str
	group: str = OPEN
	to: tuple[str, ...] | None = None
	undone_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class States:
	"""The states of a type of document, the first of a new one first."""

	rows: tuple[State, ...] = ()

	def __iter__(self) -> Iterator[State]:
		return iter(self.rows)

	def find(self, name: str | None) -> State | None:
		"""The row of a state; None for one of the site's own."""
		return next((row for row in self.rows if row.name == name), None)

	@property
	def first(self) -> str | None:
		return self.rows[0].name if self.rows else None

	def names(self, *groups: str) -> tuple[str, ...]:
		"""Names of the states of these groups."""
		return tuple(row.name for row in self.rows if row.group in groups)

	@property
	def closed(self) -> tuple[str, ...]:
		"""Names of the states in which nothing is left to do; whatever is not among them is open."""
		return self.names(WON, LOST, CANCELLED)

	def group_of(self, name: str | None) -> str:
		row = self.find(name)
		return row.group if row else OPEN

	def may_follow(self, current: str | None, to: str, undone: bool = False) -> bool:
		"""Whether state `to` may come after `current`, which is None for a new document. `undone`: because what led to
		`current` was undone."""
		now, target = self.find(current or self.first), self.find(to)
		if not target:
			return undone or self.group_of(current) == OPEN or now.to is None
		if not now:
			return target.group == OPEN or any(self._leads(row, to) for row in self.rows if row.group == OPEN)
		return self._leads(now, to) or (undone and to in now.undone_to)

	def _leads(self, row: State, to: str) -> bool:
		return to != row.name if row.to is None else to in row.to


CAMPAIGN = States((
	State("Planned", "blue"),
	State("Running", "purple"),
	State("Completed", "green", WON),
	State("Cancelled", "gray", CANCELLED),
))  # fmt: skip

PROSPECT = States((
	State("Unverified", "orange", to=("Verified", "Rejected")),
	State("Verified", "green", WON, to=()),
	# Verified where it turns out to be the same as one that is.
	State("Rejected", "gray", LOST, to=("Unverified", "Verified")),
))  # fmt: skip

LEAD = States((
	State("New", "blue", to=("Qualified", "Contacted", "Converted", "Disqualified")),
	State("Qualified", "cyan", to=("Contacted", "Converted", "Disqualified")),
	State("Contacted", "purple", to=("Converted", "Disqualified")),
	State("Converted", "green", WON, to=(), undone_to=("New", "Qualified", "Contacted")),
	State("Disqualified", "gray", LOST, to=("New",)),
))  # fmt: skip

# A deal's state follows its stage, and which stage follows is a matter of its pipeline: core/stages.py.
OPPORTUNITY = States((
	State("Open", "blue", to=("Won", "Lost")),
	State("Won", "green", WON, to=("Open", "Lost")),
	State("Lost", "red", LOST, to=("Open", "Won")),
))  # fmt: skip

PROJECT = States((
	State("Open", "blue", to=("Won", "Lost", "Completed")),
	State("Won", "green", WON, to=("Open", "Lost", "Completed")),
	State("Lost", "red", LOST, to=("Open", "Won")),
	State("Completed", "green", WON, to=("Open", "Won", "Lost")),
))  # fmt: skip

CONTRACT = States((
	State("Draft", "red", to=("Active",)),
	State("Active", "blue", to=("Fulfilled", "Expired", "Terminated", "Cancelled")),
	State("Fulfilled", "green", WON, to=("Active", "Cancelled")),
	State("Expired", "orange", LOST, to=("Active", "Terminated", "Cancelled")),
	State("Terminated", "red", LOST, to=("Cancelled",)),
	State("Cancelled", "gray", CANCELLED, to=()),
))  # fmt: skip

REQUEST = States((
	State("Draft", "red", to=("Requested",)),
	State("Requested", "orange", to=("Accepted", "Returned", "Cancelled")),
	# Requested again when its order is cancelled.
	State("Accepted", "blue", WON, to=("Requested", "Delivered", "Completed", "Returned", "Cancelled")),
	State("Delivered", "cyan", WON, to=("Requested", "Accepted", "Completed", "Returned", "Cancelled")),
	State("Completed", "green", WON, to=("Requested", "Accepted", "Delivered", "Returned", "Cancelled")),
	State("Returned", "red", LOST, to=()),
	State("Cancelled", "gray", CANCELLED, to=()),
))  # fmt: skip

# ERPNext's own, as far as we show them; it sets them.
QUOTATION = States((
	State("Draft", "red"),
	State("Open", "orange"),
	State("Replied", "orange"),
	State("Partially Ordered", "yellow", WON),
	State("Ordered", "green", WON),
	State("Lost", "gray", LOST),
	State("Cancelled", "gray", CANCELLED),
	State("Expired", "gray", LOST),
))  # fmt: skip

ORDER = States((
	State("Draft", "red"),
	State("On Hold", "orange"),
	State("To Deliver and Bill", "orange"),
	State("To Deliver", "orange"),
	State("To Bill", "orange"),
	State("To Pay", "orange"),
	State("Completed", "green", WON),
	State("Cancelled", "gray", CANCELLED),
	State("Closed", "green", WON),
))  # fmt: skip

# What follows an order: Delivery Note, Sales Invoice, Payment Entry.
FULFILMENT = States((
	State("Draft", "red"),
	State("Submitted", "blue"),
	State("To Bill", "orange"),
	State("Unpaid", "orange"),
	State("Partly Paid", "orange"),
	State("Overdue", "red"),
	State("Paid", "green", WON),
	State("Completed", "green", WON),
	State("Closed", "green", WON),
	State("Cancelled", "gray", CANCELLED),
))  # fmt: skip

ACTIVITY = States((
	State("Planned", "blue"),
	State("Done", "green", WON),
	State("Cancelled", "gray", CANCELLED),
))  # fmt: skip

MILESTONE = States((
	State("Open", "blue"),
	State("Done", "green", WON),
	State("Cancelled", "gray", CANCELLED),
))  # fmt: skip

HELP_REQUEST = States((
	State("Open", "orange", to=("Answered", "Withdrawn")),
	State("Answered", "green", WON, to=()),
	State("Withdrawn", "gray", CANCELLED, to=()),
))  # fmt: skip

# What users choose; a closed one that the customer comes back with is open again.
CASE = States((
	State("Open", "red", to=("In Progress", "Waiting", "Solved", "Withdrawn")),
	State("In Progress", "orange", to=("Open", "Waiting", "Solved", "Withdrawn")),
	State("Waiting", "yellow", to=("Open", "In Progress", "Solved", "Withdrawn")),
	State("Solved", "green", WON, to=("Open", "In Progress")),
	State("Withdrawn", "gray", CANCELLED, to=("Open", "In Progress")),
))  # fmt: skip

# What became of a promise follows what was paid, and back; an invoice that is cancelled takes it back.
PROMISE = States((
	State("Open", "orange", to=("Kept", "Broken", "Withdrawn")),
	State("Kept", "green", WON, to=("Open", "Broken", "Withdrawn")),
	State("Broken", "red", LOST, to=("Open", "Kept", "Withdrawn")),
	State("Withdrawn", "gray", CANCELLED, to=(), undone_to=("Open",)),
))  # fmt: skip

# A handover is a job that people prepare.
HANDOVER = States((
	State("Draft", "red", to=("Prepared",)),
	State("Prepared", "orange", to=("Draft", "Running")),
	State("Running", "blue", to=("Done",)),
	# Once more for what was refused.
	State("Done", "green", WON, to=("Running",)),
))  # fmt: skip

# An import is a job that people prepare; it can be gone on with, and be undone.
IMPORT = States((
	State("Draft", "red", to=("Queued",)),
	State("Queued", "orange", to=("Running", "Failed")),
	State("Running", "blue", to=("Stopped", "Failed", "Done", "Queued", "Undone")),
	State("Stopped", "orange", to=("Queued", "Running", "Undone")),
	State("Failed", "red", LOST, to=("Queued", "Running", "Undone")),
	State("Done", "green", WON, to=("Queued", "Running", "Undone")),
	State("Undone", "gray", CANCELLED, to=()),
))  # fmt: skip

# Named by docstatus: an estimate is approved by submitting it.
ESTIMATE = States((
	State("Draft", "orange"),
	State("Approved", "green", WON),
	State("Cancelled", "gray", CANCELLED),
))  # fmt: skip

# Running and Done are stored; the others are what a job looks like to whoever checks on it.
JOB = States((
	State("Running", "blue"),
	State("Done", "green", WON),
	State("Never", "gray"),
	State("Stopped", "red"),
	State("Missed", "red"),
))  # fmt: skip
