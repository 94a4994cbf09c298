"""E-mail addresses and phone numbers as people type or paste them, in the form in which they can be kept."""

import re
import unicodedata
from email.utils import parseaddr

# As long as Frappe lets a phone number be.
LONGEST_PHONE = 20

DASHES = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
BETWEEN = re.compile(r"[/\\|;:]")
EXTENSION = re.compile(r"[\s,.;]*\b(?:extension|ext|x|durchwahl|dw|poste|int)\b[\s.:=]*(?=\d)", re.IGNORECASE)
# "x12" has no end of a word behind its x.
SHORT_EXTENSION = re.compile(r"(?<=\d)\s*(?:x|ext)\.?\s*(?=\d+$)", re.IGNORECASE)
# What people write beside a number: "Tel.: ", "(office)".
BESIDE = re.compile(r"^[^\d+(]*[^\W\d_][^\d+(]*(?=[\d+(])|[\s(\[,-]*[^\W\d_][^\d]*$")
# A number that is easily remembered: 1-800-FLOWERS.
VANITY = re.compile(r"[+\d][\d ().-]{1,9}[A-Za-z][A-Za-z-]{4,}")
KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
# Letters and signs of keyboards for Chinese and Japanese.
WIDE = re.compile("[\uff01-\uff5e]+")
# Marks of direction, blanks without width and places to part a word.
TURNING = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
TAG = re.compile(r"</?[a-zA-Z!][^<>]*>|<[^<>\s]*@[^<>\s]*>")
# The address in "Marlow, Ines <ines@harbour.example>": of the comma before it no parser makes a name.
IN_BRACKETS = re.compile(r"<\s*(?:mailto:)?([^<>@\s]+@[^<>\s]+)", re.IGNORECASE)
LOOSE = re.compile(r"\(0\)|[ ._()\-]")


def visible(text: str) -> str:
	"""Without characters that nobody sees, such as the marks of direction that come along with a copied number."""
	plain = "".join(" " if unicodedata.category(c) in ("Zs", "Cc") else c for c in text)
	return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def email(text: str) -> str:
	"""'Ines Marlow <ines@harbour.example>' and 'mailto:ines@harbour.example' are the address alone. Several stay as they are."""
	plain = re.sub(r"^mailto:", "", visible(WIDE.sub(_narrow, text)), flags=re.IGNORECASE)
	if "<" in plain and plain.count("@") == 1:
		inside = IN_BRACKETS.search(plain)
		found = inside[1] if inside else parseaddr(plain)[1]
		plain = found if "@" in found else plain
	local, at, domain = plain.rpartition("@")
	return f"{local}@{latin(domain)}" if at and local.isascii() and "@" not in local else plain


def _narrow(wide: re.Match) -> str:
	return unicodedata.normalize("NFKC", wide[0])


def latin(domain: str) -> str:
	"""A domain as servers know it: 'müller.example' -> 'xn--mller-kva.example'."""
	if domain.isascii():
		return domain
	try:
		return domain.encode("idna").decode()
	except UnicodeError:
		return domain


def name(text: str) -> str:
	"""A name in one line, without blanks that nobody sees, marks that turn around what is read, tags and an address behind it:
	'Ines Marlow <ines@harbour.example>' -> 'Ines Marlow'. Frappe calls no record by a name with such brackets."""
	return " ".join(re.sub("[<>]", " ", TAG.sub(" ", TURNING.sub("", text))).split())


def phone(text: str) -> str:
	"""'tel:030/1234567 ext. 5' -> '030 1234567#5'; at most 20 characters, where leaving out what only groups makes it so."""
	plain = re.sub(r"^tel:", "", visible(unicodedata.normalize("NFKC", text)), flags=re.IGNORECASE)
	plain = DASHES.sub("-", plain)
	plain = SHORT_EXTENSION.sub("#", EXTENSION.sub("#", plain))
	plain = " ".join(BETWEEN.sub(" ", plain).split())
	if VANITY.fullmatch(plain):
		plain = plain.lower().translate(KEYPAD)
	elif 7 <= len(re.sub(r"\D", "", plain)) <= 15:
		plain = BESIDE.sub("", plain)
	return LOOSE.sub("", plain) if len(plain) > LONGEST_PHONE else plain
