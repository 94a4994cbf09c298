"""Texts of our documents hold no script, whatever way they came in.

Frappe cleans what is saved as a draft. It passes over what is inserted as submitted, submitted with changes or
cancelled, and over a text that reads as JSON (`"<img onerror=...>"`): so every save of ours cleans again.
"""

import re

import frappe

# Where a browser begins to read a tag; "5 < 6" is none.
TAG = re.compile(r"<[a-zA-Z/!?]")

# Letters of a column of names.
LONGEST = 140

# What a person enters as text, in one line or many, plain or rich.
TEXTS = ("Data", "Small Text", "Text", "Long Text", "Text Editor", "HTML Editor", "Markdown Editor", "Read Only")


def clean(doc) -> None:
	"""Take out of all texts of a document and of its rows whatever could run."""
	for part in (doc, *doc.get_all_children()):
		for df in part.meta.fields:
			value = part.get(df.fieldname)
			if df.fieldtype in TEXTS and isinstance(value, str) and TAG.search(value):
				part.set(df.fieldname, cleaned(value))


def copied(text: str | None) -> str | None:
	"""A text of ERPNext's that one of our documents copies after it was cleaned: a customer's or an item's name."""
	return cleaned(text) if text and TAG.search(text) else text


def short(text: str | None) -> str | None:
	"""The same, as a column of names can hold it: what is cleaned may be longer than it was."""
	return (copied(text) or "")[:LONGEST] if text else text


def cleaned(text: str) -> str:
	"""Rich text without what could run, also where it reads as JSON."""
	return frappe.get_attr("frappe.utils.html_utils.sanitize_html")(text, always_sanitize=True)
