"""What a Sales Import says the words of the other system mean, and texts of it made fit for the fields here."""

from dataclasses import dataclass, field
from datetime import date

import frappe
from frappe.utils import getdate

from crm_pipeline.core import moving_in as rules
from crm_pipeline.importer.cleaning import clean_email, clean_phone
from crm_pipeline.importer.deals import EARLIEST, YEARS_AHEAD
from crm_pipeline.importer.moving_in import old_tables
from crm_pipeline.user_day import latest_today


@dataclass
class Words:
	"""`meanings` is {(field, value of the other system): meaning}, as rows of the form have it; `last_change` says that a
	deal whose end has no day ended on the day of its last change."""

	company: str
	country: str = ""
	meanings: dict[tuple[str, str], str] = field(default_factory=dict)
	last_change: bool = False
	users: dict[str, bool] = field(default_factory=dict)
	links: dict[tuple[str, str], bool] = field(default_factory=dict)
	added: dict[str, dict[str, str]] = field(default_factory=dict)
	today: date = field(default_factory=latest_today)

	def of(self, name: str, value: str | None) -> str:
		"""What a value means; itself where nobody says so."""
		return self.meanings.get((name, value), value) if value else ""

	def owner(self, value: str | None) -> str:
		"""The user who has it here; nobody, where that one is gone and no other is named."""
		meant = self.of("owner", value)
		if meant not in self.users:
			self.users[meant] = bool(meant) and bool(frappe.db.exists("User", meant))
		return meant if self.users[meant] else ""

	def own_fields(self, doctype: str) -> dict[str, str]:
		"""{label: field} of those that somebody added to a DocType of the other system."""
		if doctype not in self.added:
			self.added[doctype] = old_tables.own_fields(doctype)
		return self.added[doctype]

	def signed(self, text: str | None, author: str | None) -> str:
		"""A note that says who wrote it, where that one is no user here: nobody else is its author."""
		if not text or not author or self.owner(author):
			return text or ""
		return f"<p><i>{frappe.utils.escape_html(author)}</i></p>{text}"

	def link(self, doctype: str, value: str | None) -> str:
		"""A value where there is such a record here."""
		key = (doctype, value or "")
		if key not in self.links:
			self.links[key] = bool(value) and bool(frappe.db.exists(doctype, value))
		return value if self.links[key] else ""

	def happened(self, *days: object) -> date:
		"""The first of these days on which something can have happened: a clock may have been wrong, a year mistyped."""
		found = (getdate(day) for day in days if day)
		return next((day for day in found if EARLIEST <= day <= self.today), self.today)

	def expected(self, day: object) -> date | None:
		"""A day that somebody may expect something on; none for a far one that stands for never."""
		found = getdate(day) if day else None
		return found if found and EARLIEST <= found and found.year <= self.today.year + YEARS_AHEAD else None

	def reach(self, **given: str | None) -> tuple[dict[str, str], str]:
		"""E-mail and numbers that can be used, and lines with those that can't."""
		usable, rest = {}, []
		for name, text in given.items():
			text = (text or "").strip()
			clean = clean_email(text) if name == "email" else clean_phone(text, self.country)
			if text and clean:
				usable[name] = text
			elif text:
				rest.append((name.title(), text))
		return usable, rules.lines(*rest)
