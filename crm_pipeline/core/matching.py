"""Finding the account a party already is. Deterministic rules, no fuzzy guess.

Signs are the tax id, the name, and what both can be reached by: an e-mail (its domain for an organisation) or a
phone. The tax id alone decides. Else a name and a way to reach both agree, or the name agrees and nothing
contradicts it. One weak sign that something contradicts (a shared domain or phone under another name, the
name with another legal form, mail, phone or town, a person and a firm) is a question to a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crm_pipeline.core.normal import (
	Name,
	Phone,
	mail_domain,
	name_of,
	normal_email,
	normal_name,
	normal_phone,
	normal_text,
	phone_of,
	same_phone,
	search_name,
)
from crm_pipeline.core.tax_ids import normal_tax_id, same_without_country

__all__ = [
	"Identity",
	"Match",
	"mail_domain",
	"match",
	"may_be_one",
	"normal_email",
	"normal_name",
	"normal_phone",
	"normal_tax_id",
	"normal_text",
	"search_name",
]

PERSON, ORGANISATION = "Person", "Organisation"
TAX_ID, NAME, REACH = "tax id", "name", "e-mail or phone"

# How sure it is that two are one, best first.
STRONG, WEAK, DOUBTFUL = 3, 2, 1


def may_be_one(name: str | None, other: str | None) -> bool:
	"""Whether two names may be of one person: one of them is not known, or they share a word of more than a letter."""
	words = [
		{word for word in normal_text(text).split() if len(word) > 1 or not word.isascii()} for text in (name, other)
	]
	return not all(words) or bool(words[0] & words[1])


@dataclass(frozen=True)
class Identity:
	"""What is known of a party. Lists may hold several addresses and numbers.

	`country` is the ISO code in which its phone numbers were typed; `towns` those of its addresses.
	"""

	name: str
	label: str = ""
	kind: str = ORGANISATION
	tax_id: str = ""
	emails: tuple[str, ...] = ()
	phones: tuple[str, ...] = ()
	towns: tuple[str, ...] = ()
	country: str = ""

	@property
	def is_person(self) -> bool:
		return self.kind == PERSON


@dataclass(frozen=True)
class Match:
	"""`names` of the candidates found by `rule`; empty when nobody matched. Only a `sure` one is linked unasked."""

	rule: str = ""
	names: tuple[str, ...] = field(default=())
	sure: bool = False

	@property
	def found(self) -> str | None:
		return self.names[0] if self.sure and len(self.names) == 1 else None

	@property
	def ambiguous(self) -> bool:
		return bool(self.names) and not self.found

	def without(self, hidden: set[str]) -> "Match":
		"""The same for somebody who must not see some candidates."""
		names = tuple(name for name in self.names if name not in hidden)
		return Match(self.rule, names, self.sure) if names else Match()


@dataclass(frozen=True)
class _Signs:
	"""What is compared of an identity, normalised once."""

	tax_id: str
	name: Name
	search: str
	emails: frozenset[str]
	domains: frozenset[str]
	phones: tuple[Phone, ...]
	towns: frozenset[str]
	is_person: bool


def _signs(party: Identity) -> _Signs:
	emails = frozenset(normal_email(e) for e in party.emails) - {""}
	return _Signs(
		tax_id=normal_tax_id(party.tax_id),
		name=name_of(party.label, party.is_person),
		search=search_name(party.label, party.is_person),
		emails=emails,
		domains=frozenset(mail_domain(e) for e in emails) - {""},
		phones=tuple(phone for p in party.phones if (phone := phone_of(p, party.country))),
		towns=frozenset(normal_text(t) for t in party.towns) - {""},
		is_person=party.is_person,
	)


def _compare(one: _Signs, other: _Signs) -> tuple[int, str]:
	"""(How sure it is that the two are one, the rule that says so); (0, "") when nothing does."""
	if one.tax_id and one.tax_id == other.tax_id:
		return STRONG, TAX_ID
	without_country = same_without_country(one.tax_id, other.tax_id)
	if one.tax_id and other.tax_id and not without_country:
		return 0, ""
	same_kind = one.is_person == other.is_person
	named = bool(one.name.stem and other.name.stem)
	same_name = named and one.name.stem == other.name.stem
	alike = named and one.search == other.search
	forms_differ = bool(one.name.forms and other.name.forms and one.name.forms != other.name.forms)
	organisations = same_kind and not one.is_person
	same_mail = bool(one.emails & other.emails or (organisations and one.domains & other.domains))
	same_phones = any(same_phone(a, b) for a in one.phones for b in other.phones)
	reached = same_mail or same_phones
	if same_name and same_kind and not forms_differ:
		if reached:
			return STRONG, NAME
		contradicted = (
			_differ(one.domains or one.emails, other.domains or other.emails)
			or _differ(one.phones, other.phones)
			or _differ(one.towns, other.towns)
		)
		# Many people have one name, few organisations do.
		return (DOUBTFUL if contradicted or one.is_person else WEAK), NAME
	if same_name or alike:
		return DOUBTFUL, NAME
	if reached:
		return (DOUBTFUL if named or not same_kind else WEAK), REACH
	return (DOUBTFUL, TAX_ID) if without_country else (0, "")


def _differ(one, other) -> bool:
	"""Whether both are known and share nothing."""
	return bool(one and other and not set(one) & set(other))


def match(party: Identity, candidates: Iterable[Identity]) -> Match:
	"""Who among `candidates` the `party` is. A candidate with another tax id is never it."""
	own = _signs(party)
	found: dict[str, tuple[int, str]] = {}
	for candidate in candidates:
		sure, rule = _compare(own, _signs(candidate))
		if sure:
			found[candidate.name] = max((sure, rule), found.get(candidate.name, (0, "")))
	strong = {name: rule for name, (sure, rule) in found.items() if sure == STRONG}
	by_tax_id = {name: rule for name, rule in strong.items() if rule == TAX_ID}
	best = by_tax_id or strong or {name: rule for name, (_sure, rule) in found.items()}
	if not best:
		return Match()
	rule = next(rule for rule in (TAX_ID, NAME, REACH) if rule in best.values())
	one = len(best) == 1
	return Match(rule, tuple(sorted(best)), one and found[next(iter(best))][0] > DOUBTFUL)
