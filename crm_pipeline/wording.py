"""Texts of people in our messages. Desk shows a message as HTML, so whatever somebody once typed is escaped in it."""

import frappe
from frappe.utils import escape_html


def plain(text) -> str:
	"""A text that stands in a message as it was typed."""
	return escape_html(str(text if text is not None else ""))


def bold(text) -> str:
	"""The same in bold."""
	return frappe.bold(plain(text))
