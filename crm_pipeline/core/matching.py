"""Finding the account a prospect already is. Deterministic rules, no fuzzy guess.

Rules in order: tax id; e-mail (the domain for an organisation, the address for a person) or
phone; exact normalised name. The first rule that finds anybody decides: one is a match, several
are ambiguous and a person has to choose.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

# Mail providers whose domain says nothing about the organisation behind an address.
PUBLIC_MAIL = frozenset(
	"gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com "
	"aol.com proton.me protonmail.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.ru zoho.com "
	"qq.com 163.com 126.com sina.com sina.cn sohu.com foxmail.com yeah.net 139.com 189.cn".split()
)

LEGAL_FORMS = frozenset(
	"inc incorporated corp corporation co company llc llp ltd limited plc gmbh ag kg ohg ug sa sas sarl srl spa "
	"bv nv ab as oy pty pvt private pte".split()
)

# Shortest run of digits that is taken for a phone number of its own.
MIN_PHONE_DIGITS = 7


@dataclass(frozen=True)
class Identity:
	"""What is known of a party. Lists may hold several addresses and numbers."""

	name: str
	label: str = ""
	kind: str = "Organisation"
	tax_id: str = ""
	emails: tuple[str, ...] = ()
	phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
	"""`names` of the candidates found by `rule`; empty when nobody matched."""

	rule: str = ""
	names: tuple[str, ...] = field(default=())

	@property
	def found(self) -> str | None:
		return self.names[0] if len(self.names) == 1 else None

	@property
	def ambiguous(self) -> bool:
		return len(self.names) > 1


def normal_name(text: str | None) -> str:
	"""Lower case, no accents, punctuation or legal form: 'ACMÉ, Inc.' -> 'acme'."""
	decomposed = unicodedata.normalize("NFKD", text or "")
	plain = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
	words = re.sub(r"[^\w]+", " ", plain.replace(".", "")).split()
	kept = [w for w in words if w not in LEGAL_FORMS]
	return " ".join(kept or words)


def normal_phone(text: str | None) -> str:
	"""Digits only, without international or trunk prefix zeros; '' when too short to identify anybody."""
	digits = re.sub(r"\D", "", text or "").lstrip("0")
	return digits if len(digits) >= MIN_PHONE_DIGITS else ""


def normal_email(text: str | None) -> str:
	return (text or "").strip().casefold()


def normal_tax_id(text: str | None) -> str:
	return re.sub(r"[\W_]", "", (text or "").casefold())


def mail_domain(email: str | None) -> str:
	"""The domain of an address that belongs to an organisation; '' for public mail providers."""
	_, at, domain = normal_email(email).rpartition("@")
	return domain if at and domain not in PUBLIC_MAIL else ""


def _reach(party: Identity, organisation: bool) -> set[tuple[str, str]]:
	"""The tokens by which two parties share an e-mail or a phone."""
	mail = mail_domain if organisation else normal_email
	tokens = {("mail", mail(e)) for e in party.emails} | {("phone", normal_phone(p)) for p in party.phones}
	return {(kind, value) for kind, value in tokens if value}


def match(party: Identity, candidates: Iterable[Identity]) -> Match:
	"""Who among `candidates` the `party` is. A candidate with another tax id is never it."""
	tax_id = normal_tax_id(party.tax_id)
	possible = [
		c
		for c in candidates
		if not (tax_id and normal_tax_id(c.tax_id)) or normal_tax_id(c.tax_id) == tax_id
	]
	organisation = party.kind == "Organisation"
	reach = _reach(party, organisation)
	name = normal_name(party.label)
	rules: tuple[tuple[str, Callable[[Identity], bool]], ...] = (
		("tax id", lambda c: bool(tax_id) and normal_tax_id(c.tax_id) == tax_id),
		("e-mail or phone", lambda c: bool(reach & _reach(c, organisation))),
		("name", lambda c: bool(name) and normal_name(c.label) == name),
	)
	for rule, same in rules:
		names = tuple(sorted({c.name for c in possible if same(c)}))
		if names:
			return Match(rule, names)
	return Match()
