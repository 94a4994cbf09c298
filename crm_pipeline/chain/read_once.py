"""What an admin set is read once while a deal moves: stages, rules and gates of its pipeline.

`@within` marks what runs as a whole, such as a move. While it runs, a function marked `@kept` answers the same question from
memory; outside it asks the database each time. A pipeline or stage that is saved meanwhile makes it forget.
"""

import functools
from collections.abc import Callable
from typing import TypeVar

import frappe

Function = TypeVar("Function", bound=Callable)


def within(function: Function) -> Function:
	"""Decorator: what @kept functions answer is read once until this function returns, whatever it calls."""

	@functools.wraps(function)
	def run(*args, **kwargs):
		if _memory() is not None:
			return function(*args, **kwargs)
		frappe.local.crm_pipeline_read = {}
		try:
			return function(*args, **kwargs)
		finally:
			frappe.local.crm_pipeline_read = None

	return run


def kept(function: Function) -> Function:
	"""Decorator of a function of names that answers values which nobody changes."""

	@functools.wraps(function)
	def ask(*names):
		memory = _memory()
		if memory is None:
			return function(*names)
		key = (function.__qualname__, *names)
		if key not in memory:
			memory[key] = function(*names)
		return memory[key]

	return ask


def forget(_doc=None, _method=None) -> None:
	"""What was read may be different now."""
	if _memory():
		frappe.local.crm_pipeline_read = {}


def _memory() -> dict | None:
	return getattr(frappe.local, "crm_pipeline_read", None)
