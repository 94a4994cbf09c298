"""Texts of people in our messages. Desk shows a message as HTML, so whatever somebody once typed is escaped in it."""

import html
import re

import frappe
from frappe.utils import escape_html, flt, strip_html

# Where a line of rich text ends.
LINE_END = re.compile(r"<br\b[^>]*>|</(?:p|div|li|tr|h[1-6])>", re.IGNORECASE)


def plain(text) -> str:
	"""A text that stands in a message as it was typed."""
	return escape_html(str(text if text is not None else ""))


def bold(text) -> str:
	"""The same in bold."""
	return frappe.bold(plain(text))


def text_of(rich: str | None) -> str:
	"""What one reads of rich text or of a message, as plain text with its lines: "Smith & Sons" of "<b>Smith &amp; Sons</b>".
	Whoever shows it as HTML escapes it."""
	text = html.unescape(strip_html(LINE_END.sub("\n", rich or ""))).replace("\xa0", " ")
	return "\n".join(line.strip() for line in text.strip().split("\n"))


def number(value: float | None) -> str:
	"""A quantity or a percentage as people write it: 1 and 2.5, not 1.0; nothing where there is none."""
	return "" if value is None else f"{flt(value, 3):.3f}".rstrip("0").rstrip(".")
