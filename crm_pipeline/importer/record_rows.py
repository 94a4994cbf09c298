"""Campaigns, activities and memos of a file: cleaned, checked, and each there once. Pure; the site says what they are about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

from crm_pipeline.core import activity as activity_rules
from crm_pipeline.core.kinds import ACTIVITY_TYPE, STANDARD
from crm_pipeline.importer import day_forms
from crm_pipeline.importer.field_labels import named
from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.masters import Reject, same_id
from crm_pipeline.importer.sentences import Sentence, _, unknown
from crm_pipeline.importer.tables import Row, Table
from crm_pipeline.importer.values import Values

DOCTYPES = {"campaigns": "Sales Campaign", "activities": "Sales Activity", "memos": "Sales Memo"}
# Which field of a table names a record.
NAMES = {"campaigns": "campaign", "activities": "subject", "memos": "notes"}
CLOCK = re.compile(r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp])?")

LEAD, DEAL, PROSPECT, CUSTOMER = ABOUT = ("Sales Lead", "Sales Opportunity", "Sales Prospect", "Customer")
ABOUT_WORDS = {
	**dict.fromkeys(("lead", "leads", "crm lead", "sales lead"), LEAD),
	**dict.fromkeys(("opportunity", "opportunities", "deal", "deals", "crm deal", "sales opportunity"), DEAL),
	**dict.fromkeys(("prospect", "organization", "organisation", "sales prospect", "crm organization"), PROSPECT),
	**dict.fromkeys(("customer", "account", "company"), CUSTOMER),
}
WAYS = {
	**{key.replace("_", " "): key for key in STANDARD[ACTIVITY_TYPE]},
	**{name.casefold(): key for key, name in STANDARD[ACTIVITY_TYPE].items()},
	**dict.fromkeys(("call", "phone call", "telephone"), "phone"),
	**dict.fromkeys(("email", "mail"), "e_mail"),
	**dict.fromkeys(("appointment", "event"), "meeting"),
	**dict.fromkeys(("demo",), "demonstration"),
	**dict.fromkeys(("whatsapp", "sms", "chat"), "message"),
	**dict.fromkeys(("task", "to do", "todo", "to-do"), "other"),
}
INBOUND, OUTBOUND = "Inbound", "Outbound"
DIRECTIONS = {
	**dict.fromkeys(("in", "inbound", "incoming", "received"), INBOUND),
	**dict.fromkeys(("out", "outbound", "outgoing", "sent"), OUTBOUND),
}
# With the words of tasks, calls and meetings of the usual systems, some of which they write with _ for a space.
STATES = {
	**dict.fromkeys(
		("planned", "open", "scheduled", "not started", "in progress", "todo", "to do", "backlog", "rescheduled"),
		"Planned",
	),
	**dict.fromkeys(
		("deferred", "waiting", "waiting on someone else", "waiting for input", "pending input", "pending", "overdue"),
		"Planned",
	),
	**dict.fromkeys(("done", "completed", "complete", "held", "closed", "finished"), "Done"),
	**dict.fromkeys(("cancelled", "canceled", "not held", "aborted", "no show"), "Cancelled"),
}
PRIORITIES = {
	**dict.fromkeys(("high", "urgent", "highest"), "High"),
	**dict.fromkeys(("medium", "normal", "none"), "Medium"),
	**dict.fromkeys(("low", "lowest"), "Low"),
}
RESULTS = ("Reached", "Not Reached", "Interested", "Not Interested", "Decision Made", "Postponed")
KINDS = (
	*("Advertising", "Exhibition", "Direct Mail", "E-mail", "Telephone", "Seminar", "Social", "Web", "Referral"),
	"Other",
)
CAMPAIGN_STATES = {
	**dict.fromkeys(("planned", "planning", "scheduled", "draft"), "Planned"),
	**dict.fromkeys(("running", "active", "in progress", "sent"), "Running"),
	**dict.fromkeys(("completed", "complete", "done", "finished"), "Completed"),
	**dict.fromkeys(("cancelled", "canceled", "aborted", "inactive", "stopped"), "Cancelled"),
}


@dataclass(frozen=True)
class ImportedRecord:
	"""A campaign, activity or memo ready to be stored: `values` are those of the file by field, as they are here; `about`
	is the DocType ("" where the file does not say it) and the id or name of what it is about."""

	key: str
	values: dict[str, object]
	row: Row
	about: tuple[str, str] = ("", "")
	moments: dict[str, datetime | None] = field(default_factory=dict)

	@property
	def unknown_subject(self) -> str:
		"""Why it can't be stored where nobody knows what it is about."""
		return Sentence(_('{0}: "{1}" is unknown'), named(self.row.columns["about"]), self.about[1])


class RecordReader:
	"""Turns rows of one table into records. `known` answers which users and activity types the site has."""

	def __init__(self, table: Table, mapping: Mapping, known, today: date):
		self.table, self.mapping, self.known, self.today = table, mapping, known, today
		self.kind = table.spec.table
		self.left_out = 0

	def read(self, reject: Reject) -> Iterator[ImportedRecord]:
		seen: dict[str, int] = {}
		for row in self.table:
			values = Values(row, self.mapping)
			record = getattr(self, f"_{self.kind}")(values)
			first = seen.setdefault(record.key, row.line) if not values.problems else row.line
			if first != row.line:
				values.refuse("external_id", _("is there already, in line {0}"), first)
			if values.problems:
				reject(self.table, row, values.problems)
			else:
				yield record

	# ---- the three kinds

	def _campaigns(self, values: Values) -> ImportedRecord:
		moments = self._moments(values, "starts_on", "ends_on")
		first, last = moments["starts_on"], moments["ends_on"]
		if first and last and last < first:
			values.refuse("ends_on", _("{0} is before {1}"), last.date(), first.date())
		kind = next((one for one in KINDS if folded(one) == folded(values.text("kind"))), "Other")
		found = {
			"campaign": values.text("campaign", required=True),
			"kind": kind,
			"status": self._word(values, "status", CAMPAIGN_STATES) or self._campaign_state(first, last),
			"budget": values.amount("budget"),
			"cost": values.amount("cost"),
			"owner": self._owner(values),
			"notes": values.text("notes"),
		}
		return self._record(values, found, moments)

	def _activities(self, values: Values) -> ImportedRecord:
		moments = self._moments(values, "starts_on", "ends_on")
		first, last = moments["starts_on"], moments["ends_on"]
		if not first and not values.problems:
			values.refuse("starts_on", _("is empty"))
		if first and last and last < first:
			values.refuse("ends_on", _("{0} is before {1}"), last, first)
		elif first and last and (last - first).total_seconds() > activity_rules.LONGEST:
			values.refuse("ends_on", _("{0} is more than a year after {1}"), last, first)
		past = bool(first) and first.date() < self.today
		result = values.text("result")
		if result and result not in RESULTS:
			values.refuse("result", unknown(result))
		found = {
			"subject": values.text("subject", required=True),
			"way": self._way(values),
			"direction": self._word(values, "direction", DIRECTIONS) or OUTBOUND,
			"status": self._word(values, "status", STATES) or ("Done" if past else "Planned"),
			"priority": self._word(values, "priority", PRIORITIES) or "Medium",
			"result": result,
			"place": values.text("place"),
			"owner": self._owner(values),
			"notes": values.text("notes"),
		}
		return self._record(values, found, moments)

	def _memos(self, values: Values) -> ImportedRecord:
		moments = self._moments(values, "created_on")
		if moments["created_on"] and moments["created_on"].date() > self.today:
			values.refuse("created_on", _("{0} is in the future"), moments["created_on"].date())
		found = {
			"notes": values.text("notes", required=True),
			"subject": values.text("subject"),
			"owner": self._owner(values),
		}
		return self._record(values, found, moments)

	def _record(self, values: Values, found: dict, moments: dict) -> ImportedRecord:
		key = values.text("external_id") or values.row.key
		about = ("", "")
		if self.kind != "campaigns":
			about = (self._word(values, "about_type", ABOUT_WORDS) or "", values.text("about", required=True))
		return ImportedRecord(same_id(key), found, values.row, about, moments)

	# ---- words

	@staticmethod
	def _word(values: Values, name: str, words: dict[str, str]) -> str | None:
		text = values.text(name)
		if not text:
			return None
		found = words.get(folded(text)) or words.get(folded(text).replace("_", " "))
		if not found:
			values.refuse(name, unknown(text))
		return found

	def _way(self, values: Values) -> str | None:
		text = values.text("way")
		word = folded(text or "other")
		found = self.known.way(WAYS.get(word) or WAYS.get(word.replace("_", " ")), text)
		if not found:
			values.refuse("way", unknown(text))
		return found

	def _owner(self, values: Values) -> str | None:
		text = values.text("owner")
		found = self.known.user(text) if text else None
		if text and not found:
			values.refuse("owner", unknown(text))
		return found

	def _campaign_state(self, first: datetime | None, last: datetime | None) -> str:
		if last and last.date() < self.today:
			return "Completed"
		return "Running" if first and first.date() <= self.today else "Planned"

	def _moments(self, values: Values, *names: str) -> dict[str, datetime | None]:
		return {name: self._moment(values, name) for name in names}

	@staticmethod
	def _moment(values: Values, name: str) -> datetime | None:
		"""The day with its time, where the file has one; a time with an offset as the clock of the site shows it."""
		day = values.date(name)
		if not day:
			return None
		if "date_format" in values.mapping.guessed:
			moment = day_forms.read_moment(values.row.values[name], values.order_of(name), values.mapping.zone)
			if moment:
				return moment
		clock = CLOCK.search(values.row.values.get(name, ""))
		if not clock:
			return datetime.combine(day, time.min)
		hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
		if clock[4]:
			hour = hour % 12 + (12 if clock[4] in "pP" else 0)
		try:
			return datetime.combine(day, time(hour, minute, second))
		except ValueError:
			values.refuse(name, _('"{0}" is not a time'), values.row.values[name])
			return None
