"""Prospects, leads and contacts of a file: cleaned, checked, and each there once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crm_pipeline.core import lead as lead_rules
from crm_pipeline.core.normal import normal_email, normal_name, normal_phone
from crm_pipeline.importer.cleaning import clean_emails, clean_name, phones_and_digits
from crm_pipeline.importer.deals import EARLIEST
from crm_pipeline.importer.field_labels import named
from crm_pipeline.importer.mapping import Mapping, folded
from crm_pipeline.importer.masters import Reject, same_id
from crm_pipeline.importer.sentences import _
from crm_pipeline.importer.tables import Row, Table
from crm_pipeline.importer.values import Values

# Which field of a table says who it is.
NAMES = {"prospects": "prospect", "leads": "company_name", "contacts": "contact"}
TEXTS = (
	*("kind", "title", "designation", "website", "industry", "territory", "channel", "campaign", "tax_id", "owner"),
	*("agent", "street", "city", "state", "postcode", "lost_reason", "account", "prospect"),
)
_WORDS = {
	lead_rules.NEW: "open|not contacted|open - not contacted|assigned|lead|offen|neu|nuevo|nouveau|新建|新",
	lead_rules.CONTACTED: "working|working - contacted|in progress|in process|attempted to contact|connected|nurturing|replied|interested|kontaktiert|已联系|跟进中",
	lead_rules.QUALIFIED: "pre qualified|pre-qualified|qualifiziert|合格|已确认",
	lead_rules.DISQUALIFIED: "unqualified|not qualified|closed - not converted|lost|dead|junk|junk lead|lost lead|recycled|do not contact|无效",
	lead_rules.CONVERTED: "won|closed - converted|konvertiert|已转化|已转换",
}
# What the usual words for a state of a lead mean, where a mapping does not say it.
USUAL = {word: state for state, words in _WORDS.items() for word in (state.casefold(), *words.split("|"))}


@dataclass(frozen=True)
class ImportedParty:
	"""A prospect, lead or contact ready to be stored. `key` is its id in the file, or what stands for it where it has
	none; `values` are texts by field of the file, cleaned."""

	key: str
	name: str
	values: dict[str, str]
	row: Row
	amount: float = 0.0
	status: str = ""
	created: date | None = None
	converted: date | None = None
	# What two rows that are one have in common: an e-mail, or a number together with the name.
	signs: frozenset[str] = frozenset()


def signs_of(name: str, values: dict[str, str], country: str, digits: dict[str, str]) -> frozenset[str]:
	"""See ImportedParty; `country` is the ISO code in which numbers are typed, `digits` those of numbers that are whole."""
	name, email = normal_name(name or values.get("contact", "")), normal_email(values.get("email"))
	numbers = (digits.get(field) or normal_phone(values.get(field), country) for field in ("phone", "mobile"))
	return frozenset(sign for sign in (email, *(f"{number} {name}" for number in numbers if number and name)) if sign)


class PartyReader:
	"""Turns rows of one table into parties. `country` is the ISO code in which numbers are typed where a row has none;
	`known` answers what the site has (see Site)."""

	def __init__(self, table: Table, mapping: Mapping, known, today: date, country: str = ""):
		self.table, self.mapping, self.known, self.today = table, mapping, known, today
		self.kind = table.spec.table
		self.country = country
		self.left_out = 0

	def read(self, reject: Reject) -> Iterator[ImportedParty]:
		seen: dict[int, int] = {}
		for row in self.table:
			values = Values(row, self.mapping)
			if "is_deleted" in row.columns and values.flag("is_deleted"):
				self.left_out += 1
				continue
			party = self._party(values)
			signs = party.signs if party and not self.mapping.from_site else ()
			# Of what was seen a number is kept: texts of a long file would be most of the memory.
			keys = {hash(sign) for sign in (f"id {party.key}", *signs)} if party else set()
			first = min((seen[key] for key in keys if key in seen), default=None)
			if party and first is None:
				seen.update(dict.fromkeys(keys, row.line))
				yield party
				continue
			if party:
				name = NAMES[self.kind] if NAMES[self.kind] in row.columns else next(iter(row.columns))
				values.refuse(name, _('"{0}" is there already, in line {1}'), party.name, first)
			reject(self.table, row, values.problems)

	def _party(self, values: Values) -> ImportedParty | None:
		found = {name: clean_name(values.text(name)) for name in TEXTS if values.given(name)}
		found |= self._person(values)
		found["country"] = self._country(values)
		digits = self._reach(values, found)
		name = clean_name(values.text(NAMES[self.kind])) or found["contact"] or found.get("email", "")
		if not name and not values.row.problem:
			values.refuse(NAMES[self.kind], _("is empty, and so are contact and e-mail"))
		status = self._status(values)
		days = {field: values.date(field) for field in ("created_on", "converted_on")}
		self._check_days(values, days)
		amount = values.amount("amount")
		found["notes"] = values.text("notes")
		for field, why in self.known.check_party(self.kind, found, usable=not values.problems):
			values.refuse(field, why)
		if values.problems:
			return None
		key = values.text("external_id") or values.row.key
		found = {field: text for field, text in found.items() if text}
		signs = signs_of(name, found, self.country, digits)
		days_of = (days["created_on"], days["converted_on"])
		return ImportedParty(same_id(key), name, found, values.row, float(amount or 0), status, *days_of, signs)

	@staticmethod
	def _person(values: Values) -> dict[str, str]:
		"""A name in one column, or in two."""
		parts = {field: clean_name(values.text(field)) for field in ("first_name", "last_name")}
		whole = clean_name(values.text("contact")) or " ".join(filter(None, parts.values()))
		return {"contact": whole, **parts}

	def _country(self, values: Values) -> str:
		text = values.text("country")
		if not text:
			return ""
		found = self.known.country(text)
		if not found:
			values.refuse("country", _('"{0}" is not a known country; say which it is'), text)
		return found or ""

	def _reach(self, values: Values, found: dict[str, str]) -> dict[str, str]:
		"""Clean what somebody can be reached by; answers the digits of numbers that are whole."""
		digits = {}
		code = self.known.code_of(found["country"]) if found["country"] else self.country
		if text := values.text("email"):
			found["email"], *more = clean_emails(text) or [""]
			found["more_emails"] = ", ".join(more)
			if not found["email"]:
				values.refuse("email", _('"{0}" is not an e-mail address'), text)
		others = []
		for field in ("phone", "mobile"):
			if text := values.text(field):
				phones = phones_and_digits(text, code)
				found[field], digits[field] = phones[0] if phones else ("", "")
				others += [phone for phone, _digits in phones[1:]]
				if not phones:
					values.refuse(field, _('"{0}" is not a phone number'), text)
		if others and not found.get("mobile"):
			found["mobile"] = others.pop(0)
		found["more_phones"] = ", ".join(others)
		return digits

	def _status(self, values: Values) -> str:
		if self.kind != "leads":
			return ""
		text = folded(values.text("status"))
		if not text:
			return lead_rules.CONVERTED if values.given("converted_on") else lead_rules.NEW
		status = self.mapping.lead_statuses.get(text) or USUAL.get(text)
		if not status:
			values.refuse("status", _('"{0}" is not a state of a lead; say which it is'), values.text("status"))
		return status or ""

	def _check_days(self, values: Values, days: dict[str, date | None]) -> None:
		for field, day in days.items():
			if day and day > self.today:
				values.refuse(field, _("{0} is in the future"), day)
			elif day and day < EARLIEST:
				values.refuse(field, _("{0} is before {1}"), day, EARLIEST)
		created, converted = days["created_on"], days["converted_on"]
		if created and converted and converted < created:
			values.refuse(
				"converted_on",
				_("{0} is before {1} ({2})"),
				converted,
				named(values.row.columns["created_on"]),
				created,
			)
