"""Cleaning of what people typed: names, e-mails, phone numbers with their country. Pure; nothing is guessed away."""

import re

import phonenumbers

from crm_pipeline.core.normal import MIN_PHONE_DIGITS, national_of

# What the framework takes for an e-mail address, so that what came in can be saved.
PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = re.compile(
	rf"{PART}(?:\.{PART})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"
)
# What the framework takes for a phone number.
LONGEST = 20
# Between two numbers.
SEVERAL = re.compile(r"\s*[;,/|\n]\s*|\s+or\s+")
PHONE = re.compile(rf"[0-9 +_\-,.*#()/]{{1,{LONGEST}}}")


def clean_email(text: str) -> str | None:
	"""The first address in a cell that holds addresses; None for anything else."""
	return next(iter(clean_emails(text)), None)


def clean_emails(text: str) -> list[str]:
	"""The addresses in a cell that holds addresses, their domains in lower case; none of anything else: of
	"Ann <Ann@X.example>" Ann@x.example, of "ann lee@x.example" nothing, for who knows whose lee@ is."""
	inside = re.findall(r"<([^<>]*)>", text)
	if inside:
		# Beside those that stand behind names, some may stand alone.
		alone = [part for part in re.split(r"[;,\s]+", re.sub(r"<[^<>]*>", " ", text)) if "@" in part]
		text = " ".join((*inside, *alone))
	else:
		text = re.sub(r"\([^()]*\)", " ", text)
	found = [part for part in re.split(r"[;,\s]+", text.replace("mailto:", "")) if part.strip("/|")]
	if not all("@" in part for part in found):
		return []
	addresses = [_address(part) for part in found]
	# The first one has to be right; who comes behind it is not worth the row.
	return [address for address in dict.fromkeys(addresses) if address] if addresses and addresses[0] else []


def _address(text: str) -> str | None:
	name, _, domain = text.partition("?")[0].rstrip(".").rpartition("@")
	try:
		address = f"{name}@{domain.lower() if domain.isascii() else domain.encode('idna').decode()}"
	except UnicodeError:
		return None
	return address if EMAIL.fullmatch(address) else None


def clean_phone(text: str, country: str = "") -> str | None:
	"""A number as it is dialled from anywhere: "+49 30 123456"; as it was typed where it is not a whole number of the
	country (ISO code), None where it is not a number at all. A spreadsheet's 4.930123456E+11 is not one."""
	return phone_and_digits(text, country)[0]


def phone_and_digits(text: str, country: str = "") -> tuple[str | None, str]:
	"""The same, and its digits within the country where it is a whole number: what `normal_phone` says of it."""
	text = text.strip().removeprefix("tel:").replace("\u00a0", " ")
	try:
		number = phonenumbers.parse(text, country.upper() or None)
		if phonenumbers.is_valid_number(number):
			digits = national_of(number)
			return _dialled(number), digits if len(digits) >= MIN_PHONE_DIGITS else ""
	except phonenumbers.NumberParseException:
		pass
	digits = re.sub(r"\D", "", text)
	return (text if len(digits) >= 3 and PHONE.fullmatch(text) else None), ""


def clean_phones(text: str, country: str = "") -> list[str]:
	"""The numbers in a cell, as `clean_phone` writes them. A cell is cut only where each part is a whole number: in
	"030/1234567" the sign belongs to it."""
	return [phone for phone, _digits in phones_and_digits(text, country)]


def phones_and_digits(text: str, country: str = "") -> list[tuple[str, str]]:
	"""The same with the digits of each, see `phone_and_digits`."""
	parts = [part for part in SEVERAL.split(text) if part]
	if len(parts) > 1 and all(_is_whole(part, country) for part in parts):
		return list(dict.fromkeys(phone_and_digits(part, country) for part in parts))
	phone, digits = phone_and_digits(text, country)
	return [(phone, digits)] if phone else []


def _is_whole(text: str, country: str) -> bool:
	try:
		return phonenumbers.is_valid_number(
			phonenumbers.parse(text.strip().removeprefix("tel:"), country.upper() or None)
		)
	except phonenumbers.NumberParseException:
		return False


def _dialled(number) -> str:
	"""Its extension, where it has one, behind a #; without spaces where it would be too long otherwise."""
	extension, number.extension = number.extension, None
	forms = phonenumbers.PhoneNumberFormat
	spaced = phonenumbers.format_number(number, forms.INTERNATIONAL)
	found = f"{spaced} #{extension}" if extension else spaced
	if len(found) <= LONGEST:
		return found
	plain = phonenumbers.format_number(number, forms.E164)
	return f"{plain}#{extension}"[:LONGEST] if extension else plain


def clean_name(text: str) -> str:
	"""A name without quotes around it and spaces within; one that is all capitals or small letters stays as it is."""
	text = " ".join(text.split())
	return text[1:-1].strip() if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text
