"""Numbers as exports write them: with currency, in groups, in parentheses, as powers of ten."""

import re
import unicodedata
from collections import Counter
from decimal import Decimal, InvalidOperation

# What marks that there is nothing. Texts that may be somebody's name ("None", "Null") are not among them.
NOTHING = frozenset(
	("N/A", "n/a", "N.A.", "#N/A", "#N/A!", "#NULL!", "NULL", "null", "\\N", "(null)", "<null>", "(none)", "(blank)", "NaN", "nan", "-", "--", "–", "—")
)  # fmt: skip
# Nothing where a number or a day is expected.
NO_VALUE = NOTHING | {"None", "none", "NONE", "Null", "?", "tbd", "TBD", "0000-00-00", "0000-00-00 00:00:00"}

CURRENCY = re.compile(r"(?:[A-Za-z]{1,3}\s*)?[$€£¥₹₽₩₺₫฿￥]|[A-Z]{3}\b\.?|\b[A-Z]{3}|kr\.?|zł|Kč|Rs\.?|元|円")
SPACES = " \u00a0\u202f\u2009'’"


def parse_number(text: str, decimal: str = ".") -> Decimal | None:
	"""'1,234.50' -> 1234.50, '(1,200)' -> -1200, '12,34,567' -> 1234567, or None for anything that is no number."""
	text = with_plain_digits(text.strip())
	sign = -1 if text.startswith("(") and text.endswith(")") else 1
	if sign < 0:
		text = text[1:-1].strip()
	text = _without_currency(text)
	if text.startswith(("-", "+")):
		if sign < 0:
			return None
		sign, text = (-1 if text[0] == "-" else 1), _without_currency(text[1:].strip())
	elif text.endswith("-"):
		sign, text = -sign, text[:-1].strip()
	group = "," if decimal == "." else "."
	point = re.escape(decimal)
	marks = re.escape(group + SPACES)
	thousands = rf"\d{{1,3}}(?:[{marks}]\d{{3}})+"
	lakhs = rf"\d{{1,2}}(?:{re.escape(group)}\d{{2}})+{re.escape(group)}\d{{3}}"
	if not re.fullmatch(rf"(?:\d+|{thousands}|{lakhs})?(?:{point}\d*)?(?:[eE][+-]?\d{{1,2}})?", text, re.ASCII):
		return None
	if not re.match(rf"\d|{point}\d", text, re.ASCII):
		return None
	try:
		return sign * Decimal(re.sub(rf"[{marks}]", "", text).replace(decimal, "."))
	except InvalidOperation:
		return None


def with_plain_digits(text: str) -> str:
	"""Digits of any writing as 0 to 9; signs of full width and the Arabic ones as those that they are."""
	if text.isascii():
		return text
	text = text.translate({0x66B: ".", 0x66C: ",", 0xFF0C: ",", 0xFF0E: ".", 0xFF0D: "-", 0x2212: "-"})
	return "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def _without_currency(text: str) -> str:
	for found in CURRENCY.finditer(text):
		if found.start() == 0 or found.end() == len(text):
			return (text[: found.start()] + text[found.end() :]).strip()
	return text


def decimal_shown(text: str) -> str | None:
	"""Whether a number shows that a point or a comma is its decimal mark; None where it may be either."""
	body = re.sub(r"[^\d.,]", "", with_plain_digits(text))
	points, commas = body.count("."), body.count(",")
	if points and commas:
		return "." if body.rindex(".") > body.rindex(",") else ","
	if points + commas != 1:
		return "," if points > 1 else "." if commas > 1 else None
	mark = "." if points else ","
	whole, _, part = body.partition(mark)
	if len(part) == 3 and 0 < len(whole) <= 3 and whole != "0":
		return None
	return mark


def decimal_of(votes: Counter, default: str = ".") -> str:
	"""The decimal mark of a column: what most of its values show."""
	return votes.most_common(1)[0][0] if votes else default
