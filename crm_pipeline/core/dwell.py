"""Time between two moments of the ledger."""

from datetime import datetime


def seconds_spent(entered: datetime | None, left: datetime) -> int:
	"""Whole seconds between two moments; 0 for the first one or where history runs backwards."""
	if entered is None:
		return 0
	return max(int((left - entered).total_seconds()), 0)
