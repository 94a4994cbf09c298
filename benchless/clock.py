"""The time. Every call answers a later moment than the one before, so an order by creation is the order of creation."""

from datetime import datetime, timedelta

_last = datetime.min


def now() -> datetime:
	global _last
	_last = max(datetime.now(), _last + timedelta(microseconds=1))
	return _last
