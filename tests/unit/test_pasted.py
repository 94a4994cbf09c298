"""Addresses and numbers as they come out of mails, web pages and spreadsheets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import pasted
from crm_pipeline.core.normal import phone_of, same_phone

# What Frappe takes for a phone number.
TAKEN = re.compile(r"[0-9 +_\-,.*#()]{1,20}")


@pytest.mark.parametrize(
	("text", "kept"),
	[
		(" Ines@Harbour.example ", "Ines@Harbour.example"),
		("Ines Marlow <ines@harbour.example>", "ines@harbour.example"),
		('"Marlow, Ines" <ines@harbour.example>', "ines@harbour.example"),
		("<ines@harbour.example>", "ines@harbour.example"),
		("Marlow, Ines <ines@harbour.example>", "ines@harbour.example"),
		("Ines <Head> <ines@harbour.example>", "ines@harbour.example"),
		("Ines Marlow <MailTo:ines@harbour.example>", "ines@harbour.example"),
		('Ines <"ines marlow"@harbour.example>', '"ines marlow"@harbour.example'),
		("Ines < ines@harbour.example", "ines@harbour.example"),
		("ines@harbour.example <", "ines@harbour.example"),
		("ines<@harbour.example", "ines<@harbour.example"),
		("<> ines@harbour.example", "<> ines@harbour.example"),
		("Ines <ines@harbour.example>, joe@harbour.example", "Ines <ines@harbour.example>, joe@harbour.example"),
		("MailTo:ines@harbour.example", "ines@harbour.example"),
		("ines@harbour.example\u200b\n", "ines@harbour.example"),
		("ines@harbour.example, joe@harbour.example", "ines@harbour.example, joe@harbour.example"),
		("info@Müller.example", "info@xn--mller-kva.example"),
		("Ines <ines@müller.example>", "ines@xn--mller-kva.example"),
		("ｉｎｅｓ＠harbour.example", "ines@harbour.example"),
		("ines@ü..example", "ines@ü..example"),
		("nobody", "nobody"),
		("", ""),
	],
)
def test_an_address_is_kept_without_what_stands_around_it(text, kept):
	assert pasted.email(text) == kept


@pytest.mark.parametrize(
	("text", "kept"),
	[
		("030/123 45 67", "030 123 45 67"),
		("\u202a+49\u00a030\u20111234567\u202c", "+49 30-1234567"),
		("tel:+49-30-1234567", "+49-30-1234567"),
		("＋４９ ３０ １２３４５６７", "+49 30 1234567"),
		("030 1234567 ext. 12", "030 1234567#12"),
		("030 1234567x12", "030 1234567#12"),
		("030 1234567, Durchwahl 12", "030 1234567#12"),
		("+49 (0) 30 - 12 34 56 7 ext 5", "+49301234567#5"),
		("030 1234567", "030 1234567"),
		("p:+4917112345678", "+4917112345678"),
		("Tel.: 030/1234567", "030 1234567"),
		("Mobile +44 20 7946 0958", "+44 20 7946 0958"),
		("电话：138 0013 8000", "138 0013 8000"),
		("0171-1234567 (mobil)", "0171-1234567"),
		("030 1234567 (Büro) (Zentrale)", "030 1234567"),
		("Room 5", "Room 5"),
		("030 1234567 or 030 1234568", "0301234567or0301234568"),
		("call me", "call me"),
		("Tel.: +49 30 1234567 (Zentrale)", "+49 30 1234567"),
		("電話 03-1234-5678", "03-1234-5678"),
		("1-800-FLOWERS", "1-800-3569377"),
		("+1 800 Flowers", "+1 800 3569377"),
		("030 1234567;ext=5", "030 1234567#5"),
		("Room 5", "Room 5"),
	],
)
def test_a_number_is_kept_as_it_can_be_dialled(text, kept):
	assert pasted.phone(text) == kept


@pytest.mark.parametrize(
	"text", ["030/1234567", "030 1234567 x5", "\u202d030 1234567\u202c", "+49 (0) 30 - 12 34 56 7 ext 5"]
)
def test_what_is_kept_is_the_same_number(text):
	assert TAKEN.fullmatch(pasted.phone(text))
	assert same_phone(phone_of(pasted.phone(text), "DE"), phone_of("+49 30 1234567", "DE"))


@given(st.text(max_size=40))
def test_what_was_kept_once_stays(text):
	for keep in (pasted.email, pasted.phone):
		assert keep(keep(text)) == keep(text)


@given(st.from_regex(TAKEN, fullmatch=True))
def test_a_number_that_can_be_kept_keeps_its_digits(text):
	assert re.sub(r"\D", "", pasted.phone(text)) == re.sub(r"\D", "", text)


@pytest.mark.parametrize(
	("text", "kept"),
	[
		("  Acme \u00a0 Quay\n", "Acme Quay"),
		("Acme\tQuay", "Acme Quay"),
		("\u202eAcme\u202c", "Acme"),
		("Ac\u00adme\u200b", "Acme"),
		("Ines Marlow <ines@harbour.example>", "Ines Marlow"),
		("<b>Bold</b> & Co", "Bold & Co"),
		("A < B Ltd", "A B Ltd"),
		("5<6 Design", "5 6 Design"),
		("می\u200cخواهم", "می\u200cخواهم"),
		("👨\u200d👩\u200d👧 Ltd", "👨\u200d👩\u200d👧 Ltd"),
	],
)
def test_a_name_is_kept_in_one_line_without_what_turns_it_around(text, kept):
	assert pasted.name(text) == kept
