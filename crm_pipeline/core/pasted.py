"""E-mail addresses and phone numbers as people type or paste them, in the form in which they can be kept."""

import re
import unicodedata
from email.utils import parseaddr

# As long as Frappe lets a phone number be.
LONGEST_PHONE = 20

DASHES = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
BETWEEN = re.compile(r"[/\\|;:]")
EXTENSION = re.compile(r"[\s,.]*\b(?:extension|ext|x|durchwahl|dw|poste|int)\b[\s.:]*(?=\d)", re.IGNORECASE)
# "x12" has no end of a word behind its x.
SHORT_EXTENSION = re.compile(r"(?<=\d)\s*(?:x|ext)\.?\s*(?=\d+$)", re.IGNORECASE)
LOOSE = re.compile(r"\(0\)|[ ._()\-]")


def visible(text: str) -> str:
	"""Without characters that nobody sees, such as the marks of direction that come along with a copied number."""
	plain = "".join(" " if unicodedata.category(c) in ("Zs", "Cc") else c for c in text)
	return " ".join("".join(c for c in plain if unicodedata.category(c) != "Cf").split())


def email(text: str) -> str:
	"""'Ines Marlow <ines@harbour.example>' and 'mailto:ines@harbour.example' are the address alone. Several stay as they are."""
	plain = re.sub(r"^mailto:", "", visible(text), flags=re.IGNORECASE)
	if "<" in plain and plain.count("@") == 1:
		return parseaddr(plain)[1] or plain
	return plain


def phone(text: str) -> str:
	"""'tel:030/1234567 ext. 5' -> '030 1234567#5'; at most 20 characters, where leaving out what only groups makes it so."""
	plain = re.sub(r"^tel:", "", visible(unicodedata.normalize("NFKC", text)), flags=re.IGNORECASE)
	plain = DASHES.sub("-", plain)
	plain = SHORT_EXTENSION.sub("#", EXTENSION.sub("#", plain))
	plain = " ".join(BETWEEN.sub(" ", plain).split())
	return LOOSE.sub("", plain) if len(plain) > LONGEST_PHONE else plain
