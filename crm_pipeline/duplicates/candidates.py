"""Who has one of the keys that were typed: asked of all tables at once, since each question of its own costs as much as
finding something. What of it a user may see is for those who ask."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, reduce

import frappe
from pypika.terms import Parameter, ValueWrapper

from crm_pipeline.core import matching
from crm_pipeline.core.tax_ids import written_as
from crm_pipeline.erp import identity

# Letters of a name from which on it is looked up.
LEAST = 3
# Records that are taken of one key; of a name's beginning, one more tells that there are others.
OF_A_KEY, OF_A_NAME = 50, 20

NAME, TAX_ID, REACHED = "name", "tax_id", "reached"
TAX_IDS = ("tax_id", "other_tax_id", "third_tax_id")
SIGNS = (NAME, TAX_ID, "email", "phone")
KEYS = {
	"Customer": {NAME: ["crm_match_name"], TAX_ID: ["crm_match_tax_id"]},
	"Sales Prospect": {
		NAME: ["match_name"], TAX_ID: ["match_tax_id"], "email": ["match_email"], "phone": ["match_phone", "match_mobile"],
	},
	"Sales Lead": {"email": ["email_id"], "phone": ["match_phone", "match_mobile"]},
	"Contact": {NAME: ["crm_match_name"]},
}  # fmt: skip
OF_CONTACTS = {"email": ("Contact Email", "crm_match_email"), "phone": ("Contact Phone", "crm_match_phone")}
PARTIES = ("Customer", "Sales Prospect")


class Typed:
	"""What was typed, as keys. `values`: name, kind (Person), email, phone, mobile, tax_id, country."""

	def __init__(self, doctype: str, values: dict):
		text = {field: str(values.get(field) or "").strip() for field in ("name", "email", "phone", "mobile", "tax_id")}
		country = identity.country_code(values.get("country"), values.get("company"))
		self.is_person = doctype == "Contact" or values.get("kind") in ("Person", "Individual")
		name = matching.search_name(text["name"], self.is_person)
		self.name = name if len(name) >= LEAST or not name.isascii() else ""
		self.email = matching.normal_email(text["email"])[:140] if "@" in text["email"] else ""
		# As it was typed: leads have no key of their own.
		self.address = text["email"]
		numbers = (matching.normal_phone(text[field], country) for field in ("phone", "mobile"))
		self.phones = sorted({number for number in numbers if number})
		self.tax_id = matching.normal_tax_id(text["tax_id"])[:140] if len(text["tax_id"]) > 4 else ""
		# With the code of its country, and without.
		self.tax_ids = written_as(self.tax_id, country)

	def values(self, sign: str) -> list[str]:
		return self.phones if sign == "phone" else [value for value in [getattr(self, sign)] if value]


@dataclass
class Candidates:
	"""Records of one DocType. `signs`: {name: what they share}, `same`: those that share all of it, `more`: whether the
	beginning of the name is that of others too."""

	signs: dict[str, set[str]] = field(default_factory=dict)
	same: set[str] = field(default_factory=set)
	named: int = 0

	@property
	def more(self) -> bool:
		return self.named > OF_A_NAME

	def add(self, name: str, sign: str, is_same: bool = True) -> None:
		self.signs.setdefault(name, set()).add(sign)
		self.named += sign == NAME
		if is_same:
			self.same.add(name)

	def leave_out(self, name: str) -> None:
		self.signs.pop(name, None)
		self.same -= {name}


def candidates(typed: Typed, targets: tuple[str, ...]) -> dict[str, Candidates]:
	"""{DocType: records} of those that share a key; the nearest names first."""
	signs = tuple(sign for sign in SIGNS if typed.values(sign))
	question = _question(targets, signs, typed.is_person)
	if not question:
		return {}
	phones = [*typed.phones, *typed.phones][:2] or ["", ""]
	values = {
		NAME: f"{typed.name}%",
		**dict(zip(TAX_IDS, [*typed.tax_ids, *[typed.tax_id] * 3], strict=False)),
		"email": typed.email,
		"address": typed.address,
		"phone": phones[0],
		"mobile": phones[1],
	}
	found: dict[str, Candidates] = {}
	for row in frappe.db.sql(question, values, as_dict=True):
		if row.doctype in targets:
			is_same = row.sign != NAME or row.value == typed.name
			found.setdefault(row.doctype, Candidates()).add(row.name, row.sign, is_same)
		if row.party_type in targets:
			found.setdefault(row.party_type, Candidates()).add(row.party, REACHED)
	return found


# ---- the question, whose writing takes longer than its answer: once for each set of keys


@lru_cache(maxsize=64)
def _question(targets: tuple[str, ...], signs: tuple[str, ...], is_person: bool) -> str:
	parts = [*_of_records(targets, signs, is_person), *_of_contacts(signs)]
	return reduce(lambda query, part: query.union_all(part), parts).get_sql() if parts else ""


def _of_records(targets: tuple[str, ...], signs: tuple[str, ...], is_person: bool) -> Iterator:
	"""Questions for keys that records carry themselves."""
	for target in targets:
		table = frappe.qb.DocType(target)
		for sign, columns in KEYS[target].items():
			# A party's name says nothing about people, unless it is a person's.
			if sign not in signs or (sign == NAME and target == "Contact" and not is_person):
				continue
			for column in columns:
				query = frappe.qb.from_(table).where(_is(table[column], sign))
				if target == "Sales Prospect":
					# Verified prospects are their customers.
					query = query.where(table.status == "Unverified")
				yield _part(query, sign, target, table.name, table[column])


def _of_contacts(signs: tuple[str, ...]) -> Iterator:
	"""Questions for contacts with an address or number, and whose they are."""
	link = frappe.qb.DocType("Dynamic Link")
	for sign, (child, column) in OF_CONTACTS.items():
		if sign in signs:
			table = frappe.qb.DocType(child)
			whose = (link.parent == table.parent) & (link.parenttype == "Contact") & link.link_doctype.isin(PARTIES)
			query = frappe.qb.from_(table).left_join(link).on(whose)
			query = query.where(_is(table[column], sign) & (table.parenttype == "Contact"))
			yield _part(query, sign, "Contact", table.parent, table[column], link.link_doctype, link.link_name)


def _is(column, sign: str):
	if sign == NAME:
		return column.like(Parameter(f"%({NAME})s"))
	asked = {"phone": ("phone", "mobile"), "email": ("email", "address"), TAX_ID: TAX_IDS}[sign]
	return column.isin([Parameter(f"%({value})s") for value in asked])


def _part(query, sign: str, doctype: str, name, value, party_type=None, party=None):
	"""A part of the union, as a derived table: it has a limit of its own."""
	told = sign if sign in (NAME, TAX_ID) else REACHED
	query = query.select(ValueWrapper(doctype).as_("doctype"), name.as_("name"), ValueWrapper(told).as_("sign"))
	query = query.select(value.as_("value"), (party_type or ValueWrapper("")).as_("party_type"))
	query = query.select((party or ValueWrapper("")).as_("party"))
	part = (query.orderby(value).limit(OF_A_NAME + 1) if sign == NAME else query.limit(OF_A_KEY)).as_("part")
	return frappe.qb.from_(part).select(part.star)
