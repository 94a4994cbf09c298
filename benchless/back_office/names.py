"""Placeholders: what differs from run to run is written in questions and answers as «what it stands for».

The same code runs on the real site (recorder) and here (replay), so both sides number alike:

- «today», «today+30», «today-1 09:30:00», «now»: dates within a year or so, relative to the day of the run
- «Sales Order 1»: names from a series or at random, numbered per DocType as they first appear in the story
- «tag 1»: what `frappe.generate_hash` gave to a test; «company», «abbr»: the company of the site
- «Customer Group 1»: records that any site has under names of its own
"""

import re
from datetime import date, datetime, timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import add_months, getdate, now_datetime, nowdate

RELATIVE_DAYS = 400
ROW_NAME = 10  # length of the names that Frappe gives to rows
SERIES = re.compile(r"^(.*?)(\d{4,})$")
RANDOM_NAME = re.compile(r"^[0-9a-z]{10}$")
DATE = re.compile(r"^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.\d+)?)?$")
RELATIVE = re.compile(r"^«today([+-]\d+)?(?: (\d\d:\d\d:\d\d))?»$")
PLACEHOLDER = re.compile(r"«[^«»]+»")
OF_THE_SITE = ("Customer Group", "Territory", "Item Group", "Warehouse")


class Names:
	"""The placeholders of one story."""

	def __init__(self, company: tuple[str, str], of_the_site: dict[str, str]):
		# The site's day, which may be another one than this machine's.
		self.today = getdate(nowdate())
		self.company, self.abbr = company
		self.of_the_site = of_the_site
		self.doctype_of: dict[str, str] = {}  # names that may get a placeholder, once they appear
		self.speaking: list[str] = []  # those that may stand inside a text
		self.tags: list[str] = []
		self.shown: dict[str, str] = {self.company: "«company»"}
		self.real: dict[str, str] = {"«company»": self.company, "«abbr»": self.abbr}
		self.count: dict[str, int] = {}

	# ---- learning

	def note(self, name: str, doctype: str) -> None:
		"""A document or row has this name now; it gets a placeholder if it came from a series or at random."""
		if name in self.doctype_of:
			return
		made_up = isinstance(name, str) and (RANDOM_NAME.match(name) or SERIES.match(name))
		if made_up and not any(tag in name for tag in self.tags):
			self.doctype_of[name] = doctype
			if not RANDOM_NAME.match(name):
				self.speaking.append(name)

	def note_tag(self, tag: str) -> None:
		if len(tag) != ROW_NAME:
			self.tags.append(tag)

	def bind(self, placeholder: str, name: str) -> None:
		self.shown[name], self.real[placeholder] = placeholder, name
		kind, _space, number = placeholder.strip("«»").rpartition(" ")
		self.note(name, kind)
		self.count[kind] = max(self.count.get(kind, 0), int(number))

	def _number(self, kind: str, name: str) -> str:
		placeholder = f"«{kind} {self.count.get(kind, 0) + 1}»"
		self.bind(placeholder, name)
		return placeholder

	# ---- from values to placeholders

	def hide(self, value):
		"""The normal form of a value of a question or an answer; JSON types only."""
		if isinstance(value, dict):
			return {str(key): self.hide(v) for key, v in value.items()}
		if isinstance(value, list | tuple | set):
			return [self.hide(v) for v in value]
		if isinstance(value, str | date):
			return self._hide_text(str(value))
		if value is None or isinstance(value, bool | int):
			return int(value) if isinstance(value, bool) else value
		number = round(float(value), 6)
		return int(number) if number == int(number) else number

	def _hide_text(self, text: str) -> str:
		if text in self.shown:
			return self.shown[text]
		known = self.doctype_of.get(text) or self.of_the_site.get(text)
		if known:
			return self._number(known, text)
		found = DATE.match(text)
		if found:
			return self._hide_day(text, date.fromisoformat(found[1]), found[2])
		for tag in self.tags:
			if tag in text:
				text = text.replace(tag, self.shown.get(tag) or self._number("tag", tag))
		if text.endswith(f" - {self.abbr}"):
			text = text.removesuffix(self.abbr) + "«abbr»"
		for name in self.speaking:
			if name in text:
				text = text.replace(name, self.shown.get(name) or self._number(self.doctype_of[name], name))
		return text

	def _hide_day(self, text: str, day: date, time: str | None) -> str:
		# A month ahead is thirty days, whichever month it is.
		ahead = 30 if day == getdate(add_months(self.today, 1)) else (day - self.today).days
		if abs(ahead) > RELATIVE_DAYS:
			return text
		if time and abs(now_datetime() - datetime.fromisoformat(f"{day} {time}")) < timedelta(hours=1):
			return "«now»"
		return f"«today{f'{ahead:+d}' if ahead else ''}{f' {time}' if time else ''}»"

	# ---- and back

	def reveal(self, value):
		"""What a recorded value is in this run: dates as `date`, moments as `datetime`."""
		if isinstance(value, dict):
			return {key: self.reveal(v) for key, v in value.items()}
		if isinstance(value, list):
			return [self.reveal(v) for v in value]
		if not isinstance(value, str) or "«" not in value:
			return value
		if value == "«now»":
			return now_datetime()
		found = RELATIVE.match(value)
		if found:
			day = self.today + timedelta(days=int(found[1] or 0))
			return datetime.fromisoformat(f"{day} {found[2]}") if found[2] else day
		return PLACEHOLDER.sub(lambda match: self._known(match[0]), value)

	def knows(self, placeholder: str) -> bool:
		return placeholder in self.real or placeholder[1:].startswith(OF_THE_SITE)

	def _known(self, placeholder: str) -> str:
		if placeholder not in self.real:
			kind = placeholder.strip("«»").rpartition(" ")[0]
			if kind not in OF_THE_SITE:
				raise KeyError(placeholder)
			# The answer names a record of the site that the story has not named before: any will do.
			others = (n for n, doctype in self.of_the_site.items() if doctype == kind and n not in self.shown)
			self.bind(placeholder, next(others))
		return self.real[placeholder]


def of_this_site() -> Names:
	"""Names for a story that begins now on the connected site."""
	real = {"name": ("not like", "%Demo%")}
	company = frappe.get_all("Company", filters=real, fields=["name", "abbr"], order_by="creation asc", limit=1)[0]
	records = {
		name: doctype
		for doctype in OF_THE_SITE
		for name in frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0)
	}
	return Names((company.name, company.abbr), records)


_listener = None
_originals: dict = {}


def tell(listener) -> None:
	"""From now on `listener` learns what is inserted and drawn at random; None ends it."""
	global _listener
	_listener = listener
	if not _originals:
		_originals.update(hash=frappe.generate_hash, insert=Document.db_insert)
		frappe.generate_hash, Document.db_insert = _generate_hash, _db_insert
	elif not listener:
		frappe.generate_hash, Document.db_insert = _originals.pop("hash"), _originals.pop("insert")


def _generate_hash(*args, **kwargs):
	made = _originals["hash"](*args, **kwargs)
	_listener.note_tag(made)
	return made


def _db_insert(self, *args, **kwargs):
	result = _originals["insert"](self, *args, **kwargs)
	_listener.note(self.name, self.doctype)
	return result
