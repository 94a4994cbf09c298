"""Cleaning of what people typed: names, e-mails, phone numbers with their country. Pure; nothing is guessed away."""

import re

import phonenumbers

EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]]+@[A-Za-z0-9\u0080-\uffff](?:[\w.-]*\w)?\.[A-Za-z\u0080-\uffff]{2,}")
# What the framework takes for a phone number.
PHONE = re.compile(r"[0-9 +_\-,.*#()/]{1,20}")


def clean_email(text: str) -> str | None:
	"""The first address in a cell, its domain in lower case; None where there is none: "Ann <Ann@X.example>"."""
	found = EMAIL.search(text.replace("mailto:", ""))
	if not found:
		return None
	name, _, domain = found[0].rpartition("@")
	return f"{name}@{domain.lower()}"


def clean_phone(text: str, country: str = "") -> str | None:
	"""A number as it is dialled from anywhere: "+49 30 123456"; as it was typed where it is not a whole number of the
	country (ISO code), None where it is not a number at all. A spreadsheet's 4.930123456E+11 is not one."""
	text = text.strip().removeprefix("tel:").replace("\u00a0", " ")
	try:
		number = phonenumbers.parse(text, country.upper() or None)
		if phonenumbers.is_valid_number(number):
			return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)[:20]
	except phonenumbers.NumberParseException:
		pass
	digits = re.sub(r"\D", "", text)
	return text if len(digits) >= 3 and PHONE.fullmatch(text) else None


def clean_name(text: str) -> str:
	"""A name without quotes around it and spaces within; one that is all capitals or small letters stays as it is."""
	text = " ".join(text.split())
	return text[1:-1].strip() if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text
