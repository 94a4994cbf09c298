"""Texts of people in our messages. Desk shows a message as HTML, so whatever somebody once typed is escaped in it."""

import frappe
from frappe.utils import escape_html, flt


def plain(text) -> str:
	"""A text that stands in a message as it was typed."""
	return escape_html(str(text if text is not None else ""))


def bold(text) -> str:
	"""The same in bold."""
	return frappe.bold(plain(text))


def number(value: float | None) -> str:
	"""A quantity or a percentage as people write it: 1 and 2.5, not 1.0; nothing where there is none."""
	return "" if value is None else f"{flt(value, 3):.3f}".rstrip("0").rstrip(".")
