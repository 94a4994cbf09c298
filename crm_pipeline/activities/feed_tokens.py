"""The private address of a user's calendar: made, renewed and switched off by the user, and kept as a hash only."""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.utils import now_datetime

from crm_pipeline.chain import locks

FEED = "Sales Calendar Feed"
# What the addresses begin with.
ROUTE = "crm-calendar"
# An id and a secret, both in letters that no mail program breaks.
BYTES = 32


def state(user: str) -> dict:
	"""{"active", "made_on"}: the address itself is known to whoever made it."""
	row = frappe.db.get_value(FEED, {"user": user}, ["active", "made_on"], as_dict=True)
	return {"active": bool(row and row.active), "made_on": row and row.made_on}


def renew(user: str) -> str:
	"""Make a new address; the one before is dead from now on. Answers it, this one time."""
	secret = secrets.token_hex(BYTES)
	values = {"active": 1, "token_hash": _hash(secret), "made_on": now_datetime()}
	name = frappe.db.get_value(FEED, {"user": user}, "name") or _made(user)
	frappe.db.set_value(FEED, name, values)
	return frappe.utils.get_url(f"/{ROUTE}/{name}-{secret}.ics")


def _made(user: str) -> str:
	"""The row of a user, who has no right to such rows. Where another tab made it just now, this one tries again."""
	try:
		# It is theirs all the same: the endpoint asks for nobody else's.
		return frappe.get_doc({"doctype": FEED, "user": user}).insert(ignore_permissions=True).name
	except (frappe.UniqueValidationError, frappe.DuplicateEntryError) as error:
		raise locks.OutdatedError(user) from error


def close(user: str) -> None:
	"""Switch the address off; a new one may be made at any time."""
	name = frappe.db.get_value(FEED, {"user": user}, "name")
	if name:
		frappe.db.set_value(FEED, name, {"active": 0, "token_hash": None})


def let_go_of(user: str, other: str) -> None:
	"""Two users become one: where both have an address, that of the one who goes is dead."""
	if frappe.db.get_value(FEED, {"user": other}, "name"):
		locks.delete_rows(FEED, {"user": user})


def user_of(path: str) -> str | None:
	"""Whose calendar a path asks for; None unless its secret is right and the user works here."""
	name, _dash, secret = path.removeprefix(f"{ROUTE}/").removesuffix(".ics").partition("-")
	row = frappe.db.get_value(FEED, name, ["user", "active", "token_hash"], as_dict=True) if name else None
	# Compared in any case, and in constant time: how long it takes says nothing.
	right = hmac.compare_digest(_hash(secret), (row and row.token_hash) or "")
	if not (row and row.active and right):
		return None
	return frappe.db.get_value("User", {"name": row.user, "enabled": 1, "user_type": "System User"}, "name")


def _hash(secret: str) -> str:
	return hashlib.sha256(secret.encode()).hexdigest()


@contextmanager
def reading_as(user: str) -> Iterator[None]:
	"""Within this block the request reads as `user`. Whoever asks may be logged in: what set_user empties is a session that
	is thrown away, never theirs."""
	own, whose = frappe.local.session, frappe.session.user
	frappe.local.session = frappe._dict(user=whose, sid=own.sid, data=frappe._dict())
	try:
		frappe.set_user(user)
		yield
	finally:
		# What was kept of the other one's rights goes.
		frappe.set_user(whose)
		frappe.local.session = own
