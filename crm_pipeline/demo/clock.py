"""The time of the story.

Everything on a site asks frappe.utils.now_datetime what time it is, but under many imported names.
So its body is exchanged, not a name, and only between `with` and its end. The demo runs in a process of
its own (bench execute), where nobody else asks for the time.
"""

from contextlib import contextmanager
from datetime import datetime, timedelta

# The story needs another clock; see above.
from frappe.utils.data import now_datetime  # nosemgrep

_now: datetime | None = None


def _tick() -> datetime:
	"""Story time, a millisecond later with every look at it, so that what follows is later."""
	global _now
	_now += timedelta(milliseconds=1)
	return _now


def _story_now():
	from crm_pipeline.demo.clock import _tick

	return _tick()


@contextmanager
def story_time():
	"""Within this block it is whatever time `set_to` said last."""
	real = now_datetime.__code__
	now_datetime.__code__ = _story_now.__code__
	try:
		yield
	finally:
		now_datetime.__code__ = real


def set_to(at: datetime) -> None:
	global _now
	_now = at
