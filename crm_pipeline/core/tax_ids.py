"""Tax ids as they are written: with blanks, with what they are called, with the country before them or without. Pure."""

import re
import unicodedata

# What people write before an id, which begins with up to four letters (a person's in Mexico), and Switzerland behind it.
CALLED = re.compile(
	r"^(?:(?:ust|uid|vat|tax|gst|gstin|tin|ein|abn|nif|cif|nip|siren|siret|btw|tva|iva|p\.?\s?iva|partita|mwst|rfc|cnpj|cuit|"
	r"id|idnr|id-nr|nr|no|num|number|reg|registration)\b[\s.:#/-]*)+(?=[a-zñ&]{0,4}[\s.-]*\d)"
)
BEHIND = re.compile(r"(?<=\d)[\s.]*(?:mwst|tva|iva|vat)$")
# Ids that stand for nobody in particular: Mexico's for the public and for strangers.
OF_NOBODY = frozenset(("xaxx010101000", "xexx010101000"))
# So many times the same digit, and nothing else, is typed where something has to be.
LEAST_REPEATED = 5
# Greece writes another code than that of its name.
GREECE = re.compile(r"gr(?=\d{9}$)")
PREFIXED = re.compile(r"[a-z]{2}(?=[a-z]{0,2}\d)")


def normal_tax_id(text: str | None) -> str:
	"""'DE 811.234-567' -> 'de811234567'; '' for what is none: 'n/a', '000000000', 'applied for'."""
	plain = unicodedata.normalize("NFKC", text or "").casefold().strip()
	plain = BEHIND.sub("", CALLED.sub("", plain))
	found = GREECE.sub("el", re.sub(r"[\W_]", "", plain))
	digits = re.sub(r"\D", "", found)
	placeholder = not digits or (len(digits) >= LEAST_REPEATED and len(set(digits)) == 1)
	return "" if placeholder or found in OF_NOBODY else found


def same_without_country(one: str, other: str) -> bool:
	"""Whether two normal ids are one where the country stands before one of them only."""
	return one != other and (_national(one) == other or _national(other) == one)


def _national(tax_id: str) -> str:
	return PREFIXED.sub("", tax_id, count=1) if PREFIXED.match(tax_id) else tax_id


def written_as(tax_id: str, country: str) -> list[str]:
	"""Normal ids under which a party may be stored that has this one: with the code of its country (ISO) and without."""
	code = {"GR": "el"}.get(country.upper(), country.lower())
	return sorted({tax_id, _national(tax_id), f"{code}{tax_id}"}) if tax_id else []
