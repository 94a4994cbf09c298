"""What comes in from outside: whether a person filled a web form, and how long a visitor looked at which page."""

import itertools
import re
from dataclasses import dataclass
from datetime import datetime

# Seconds that a person needs at least to fill a form, and for which an opened form may be sent.
FASTEST, LONGEST = 3, 24 * 3600
# Seconds without a further page after which a visit was over.
GAP = 30 * 60

HUMAN, TRAPPED, FORGED, TOO_FAST, TOO_LATE, USED = "human", "trapped", "forged", "too fast", "too late", "used"


def verdict(trap: str, opened_at: int | None, now: int, is_used: bool = False) -> str:
	"""What a form that was sent is: `trap` is what stands in the field that no person sees, `opened_at` when our server
	gave the form its ticket (seconds), None where the ticket is not ours."""
	if trap.strip():
		return TRAPPED
	if opened_at is None or opened_at > now:
		return FORGED
	if is_used:
		return USED
	if now - opened_at < FASTEST:
		return TOO_FAST
	return TOO_LATE if now - opened_at > LONGEST else HUMAN


# Who sends mails that no person has written, by what stands before the @ without signs and numbers.
_MACHINES = frozenset(
	("noreply", "donotreply", "mailerdaemon", "postmaster", "bounce", "bounces", "autoreply", "autoresponder")
)
_NO_ANSWER = ("noreply", "donotreply", "mailerdaemon", "nepasrepondre", "nichtantworten", "noresponder")


def is_automatic(address: str | None) -> bool:
	"""Whether no person writes from an address: `no-reply@`, `bounces+123=a@`, `MAILER-DAEMON@`."""
	local = (address or "").rpartition("@")[0].casefold()
	words = re.split(r"[+=]", local)[0]
	letters = re.sub(r"[^a-z]", "", words)
	# They name what they are for, too: noreply-dmarc-support@, orders.no-reply@.
	return letters in _MACHINES or letters.startswith(_NO_ANSWER) or letters.endswith(_NO_ANSWER)


@dataclass(frozen=True)
class PageView:
	path: str
	at: datetime
	referrer: str | None = None


@dataclass(frozen=True)
class Visit:
	"""A page that was looked at: for so many seconds, or None where nothing tells (the last page of a visit)."""

	path: str
	at: datetime
	referrer: str | None
	seconds: int | None


def visits(views: list[PageView]) -> list[Visit]:
	"""The pages in the order in which they were opened, each looked at until the next one was."""
	ordered = sorted(views, key=lambda view: view.at)
	found = []
	for view, then in itertools.zip_longest(ordered, ordered[1:]):
		seconds = int((then.at - view.at).total_seconds()) if then else None
		known = seconds if seconds is not None and seconds <= GAP else None
		found.append(Visit(view.path, view.at, view.referrer, known))
	return found


def begin_of_visit(views: list[PageView]) -> PageView:
	"""The first page of the latest visit."""
	ordered = sorted(views, key=lambda view: view.at, reverse=True)
	first = ordered[0]
	for view in ordered[1:]:
		if (first.at - view.at).total_seconds() > GAP:
			break
		first = view
	return first
