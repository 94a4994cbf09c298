"""Days and numbers in every form that exports write them in, and what is none."""

import time
from collections import Counter
from decimal import Decimal

import pytest

from crm_pipeline.importer.amount_forms import decimal_of, decimal_shown, parse_number, with_plain_digits
from crm_pipeline.importer.cleaning import clean_emails, clean_phones, phone_and_digits
from crm_pipeline.importer.day_forms import DAY_FIRST, MONTH_FIRST, evidence, is_open, order_of, read_day, read_moment
from crm_pipeline.importer.detect import delimiter_of, encoding_of, escapes, mark_of


@pytest.mark.parametrize(
	("text", "order", "day"),
	[
		# Offsets: what o'clock it was in the zone of the site.
		("2024-05-01T00:30:00Z", None, "2024-05-01"),
		("2024-05-01 00:30 UTC", None, "2024-05-01"),
		("2024-05-01 00:30 GMT", None, "2024-05-01"),
		("2024-05-01T00:30+01", None, "2024-04-30"),
		("2024-05-01T01:00+01", None, "2024-05-01"),
		("2024-05-01T00:59+01", None, "2024-04-30"),
		("2024-05-01T00:30:00.123+00:30", None, "2024-05-01"),
		("2024-05-01T00:30+00:31", None, "2024-04-30"),
		("2024-05-01T23:30-00:30", None, "2024-05-02"),
		("2024-05-01T23:29-00:30", None, "2024-05-01"),
		("2024-05-01 12:15 AM +01:00", None, "2024-04-30"),
		("2024-05-01 12:15 PM +01:00", None, "2024-05-01"),
		("2024-05-01 11:15 p.m. -01:00", None, "2024-05-02"),
		("2024-05-01 1:15 a.m. +01:00", None, "2024-05-01"),
		("2024-05-01T10:00:75Z", None, None),
		("2024-05-01T25:00Z", None, None),
		("2024-05-01T10:60Z", None, None),
		("0001-01-01T00:00+01:00", None, None),
		# Years of two digits.
		("1.5.69", None, "2069-05-01"),
		("1.5.70", None, "1970-05-01"),
		("1.5.00", None, "2000-05-01"),
		("1-May-99", None, "1999-05-01"),
		# Day and month.
		("13/02/2024", None, "2024-02-13"),
		("02/13/2024", None, "2024-02-13"),
		("12/12/2024", None, "2024-12-12"),
		("02/03/2024", None, None),
		("02/03/2024", DAY_FIRST, "2024-03-02"),
		("02/03/2024", MONTH_FIRST, "2024-02-03"),
		("02.03.2024", MONTH_FIRST, "2024-03-02"),
		("13/02/2024", MONTH_FIRST, "2024-02-13"),
		("02/03-2024", DAY_FIRST, None),
		("2024-05/01", None, None),
		# Words.
		("Wed, 1 May 2024", None, "2024-05-01"),
		("Donnerstag, 2. Mai 2024", None, "2024-05-02"),
		("1st May 2024", None, "2024-05-01"),
		("2nd. may, 2024", None, "2024-05-02"),
		("May 3rd, 2024 10:00", None, "2024-05-03"),
		("Friday May 3 2024", None, "2024-05-03"),
		("1 Smarch 2024", None, None),
		("Smarch 1, 2024", None, None),
		("31 April 2024", None, None),
		("2024\u5e745\u67083", None, "2024-05-03"),
		# Numbers of spreadsheets and of machines.
		("20000", None, "1954-10-03"),
		("79999", None, "2119-01-10"),
		("80000", None, None),
		("45413.999", None, "2024-05-01"),
		("86400000", None, None),
		("999999999", None, "2001-09-09"),
		("1714521600", None, "2024-05-01"),
		("1714521599.5", None, "2024-04-30"),
		("171452159999", None, "1975-06-08"),
		("-86400000000", None, None),
		("-864000000", None, "1942-08-16"),
		("20240532", None, None),
		("20241301", None, None),
	],
)
def test_a_day_is_read_in_every_form_or_not_at_all(text, order, day):
	found = read_day(text, order)
	assert (str(found) if found else None) == day


@pytest.mark.parametrize(
	("zone", "day", "moment"),
	[
		("UTC", "2024-04-30", "2024-04-30 23:59:59"),
		("Asia/Tokyo", "2024-05-01", "2024-05-01 08:59:59"),
		("America/New_York", "2024-04-30", "2024-04-30 19:59:59"),
	],
)
@pytest.mark.parametrize("server", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("text", ["1714521599", "1714521599000"])
def test_seconds_of_a_machine_are_a_moment_of_the_site_s_clock_whatever_the_server_s(
	monkeypatch, server, zone, day, moment, text
):
	monkeypatch.setenv("TZ", server)
	time.tzset()
	try:
		found = read_day(text, None, zone), read_moment(text, None, zone)
	finally:
		monkeypatch.undo()
		time.tzset()
	assert tuple(map(str, found)) == (day, moment)


@pytest.mark.parametrize(
	("number", "names"),
	list(
		enumerate(
			(
				"jan January Januar janvier enero",
				"Feb february Februar f\u00e9vrier febrero",
				"mar March M\u00e4rz mars marzo",
				"apr April avril abril",
				"may Mai mayo",
				"jun June Juni juin junio",
				"jul July Juli juillet julio",
				"aug August ao\u00fbt agosto",
				"sep Sept September septembre septiembre",
				"oct October Oktober octobre octubre",
				"nov November novembre noviembre",
				"dec December Dezember d\u00e9cembre diciembre",
			),
			start=1,
		)
	),
)
def test_months_have_their_names_in_five_languages(number, names):
	assert {str(read_day(f"15 {name} 2024", None)) for name in names.split()} == {f"2024-{number:02}-15"}
	assert {str(read_day(f"{name} 15, 2024", None)) for name in names.split()} == {f"2024-{number:02}-15"}


@pytest.mark.parametrize(
	("text", "shown", "open_to_two"),
	[
		("13/12/2024", DAY_FIRST, False),
		("12/13/2024", MONTH_FIRST, False),
		("12/12/2024", None, False),
		("11/12/2024", None, True),
		("11.12.2024", DAY_FIRST, False),
		("2024-12-11", None, False),
		("soon", None, False),
	],
)
def test_what_a_value_shows_of_its_column(text, shown, open_to_two):
	assert (evidence(text), is_open(text, None)) == (shown, open_to_two)
	assert not is_open(text, MONTH_FIRST)


def test_a_column_has_an_order_where_its_values_agree_and_a_decimal_mark_by_their_number():
	assert order_of(Counter({DAY_FIRST: 2})) == DAY_FIRST
	assert order_of(Counter({DAY_FIRST: 200, MONTH_FIRST: 1})) is None and order_of(Counter()) is None
	assert decimal_of(Counter({",": 2, ".": 1})) == "," and decimal_of(Counter()) == "."
	assert decimal_of(Counter(), ",") == ","


@pytest.mark.parametrize(
	("text", "mark"),
	[
		("1,234.5", "."), ("1.234,5", ","), ("1.234.567", ","), ("1,234,567", "."), ("1.234", None), ("1,234", None),
		("0,234", ","), ("0.234", "."), ("1234,567", ","), ("1,23", ","), ("1.5", "."), ("12", None), (",234", ","),
		("EUR 1.5", "."), ("\u0661\u066b\u0665", "."),
	],
)  # fmt: skip
def test_a_number_shows_its_decimal_mark_or_does_not(text, mark):
	assert decimal_shown(text) == mark


@pytest.mark.parametrize(
	("text", "decimal", "number"),
	[
		("(-5)", ".", None),
		("(5)", ".", "-5"),
		("( 5 )", ".", "-5"),
		("+5", ".", "5"),
		("- 5", ".", "-5"),
		("--5", ".", None),
		("(5-)", ".", "5"),
		("5.", ".", "5"),
		(".", ".", None),
		("1,5", ",", "1.5"),
		("1.234,5", ",", "1234.5"),
		("12.34.567", ",", "1234567"),
		("1.5", ",", None),
		("1e-3", ".", "0.001"),
		("1e999", ".", None),
		("2 000\u00a0000", ".", "2000000"),
		("CHF 5", ".", "5"),
		("5 kr", ".", "5"),
		("5 z\u0142 extra", ".", None),
		("1'234", ".", "1234"),
	],
)
def test_a_number_is_read_in_every_form_or_not_at_all(text, decimal, number):
	assert parse_number(text, decimal) == (Decimal(number) if number else None)


def test_digits_of_any_writing_are_those_of_ours():
	assert with_plain_digits("12 a") == "12 a"
	assert with_plain_digits("\u0661\u066c\u0662\u0663\u0664\u066b\u0665") == "1,234.5"
	assert with_plain_digits("\u22121\uff0c2\uff0e3") == "-1,2.3" and with_plain_digits("\uff0d1") == "-1"


def test_an_address_whose_domain_is_no_name_is_none_and_one_behind_it_does_not_count():
	assert clean_emails(f"ann@{'x' * 64}\u00fc.example") == []
	assert clean_emails("ann@x.example?subject=Hello") == ["ann@x.example"]
	assert clean_emails("ann@x.example (b@x.example)") == ["ann@x.example"]
	assert clean_emails("mailto:ann@x.example | Bob@X.EXAMPLE") == ["ann@x.example", "Bob@x.example"]


@pytest.mark.parametrize(
	("text", "country", "found"),
	[
		("030 901820, call", "DE", []),
		("030 901820 / 12", "DE", ["+49 30 90182012"]),
		("+49 30 901820 or +1 415-555-2671", "", ["+49 30 901820", "+1 415-555-2671"]),
		("+49 30 901820\n+49 30 901820", "", ["+49 30 901820"]),
		("\u00a0030\u00a0901820\u00a0", "de", ["+49 30 901820"]),
		("030 901820" + " " * 9 + "1" * 12, "DE", []),
	],
)
def test_a_cell_is_cut_into_numbers_only_where_each_part_is_one(text, country, found):
	assert clean_phones(text, country) == found


@pytest.mark.parametrize(
	("text", "country", "shown", "digits"),
	[
		("030 901820", "DE", "+49 30 901820", "30901820"),
		("110", "DE", "110", ""),
		("12-3", "DE", "12-3", ""),
		("12", "DE", None, ""),
		("+290 51234", "", "+290 51234", ""),
		("+376 712 345", "", "+376 712 345", ""),
		("+49 1512 3456789 ext 7", "", "+49 1512 3456789 #7", "15123456789"),
	],
)
def test_a_number_is_shown_as_it_is_dialled_and_found_by_its_digits(text, country, shown, digits):
	assert phone_and_digits(text, country) == (shown, digits)


@pytest.mark.parametrize(
	("encoding", "text"),
	[
		("cp1251", "\u041e\u0431\u0449\u0435\u0441\u0442\u0432\u043e,\u043d\u0430\u0441\u043e\u0441\u044b\n"),
		("cp1252", "M\u00fcller,Z\u00fcrich,\u00e9\u00e8\n"),
		("cp1253", "\u0391\u03b8\u03ae\u03bd\u03b1\u03b9,\u03b1\u03bd\u03c4\u03bb\u03af\u03b1\u03c2\n"),
	],
)
def test_letters_beyond_ascii_are_not_all_chinese(tmp_path, encoding, text):
	(tmp_path / "a.csv").write_bytes(("name,more\n" + text * 20).encode(encoding))
	assert encoding_of(tmp_path / "a.csv") not in ("gb18030", "cp949", "utf-8-sig")


@pytest.mark.parametrize(
	("lines", "wanted", "mark"),
	[
		([], (), ","),
		(["abc\n"], ("abc",), ","),
		(["a,b;c\n", "1,2;3\n"], (), ","),
		(["a,b;c\n", "1,2;3\n"], ("c",), ";"),
		(["x\n", "a;b;c\n", "1;2,5;3\n"], (), ";"),
		(["a,b\n", "1,2;3;4\n"], (), ","),
		(["a|b|c,d\n", "1|2|3,4\n"], (), "|"),
		(["a\tb\n", "1\t2\n"], (), "\t"),
		(["Report of A;B;C\n", "name,mail\n", "x,y\n"], ("name",), ","),
		(["a;b\n", ";\n", '"1;2\n', '"1"x;2\n', "3;4\n"], (), ";"),
	],
)
def test_what_stands_between_cells_gives_the_wanted_columns_then_most_rows_of_one_width(lines, wanted, mark):
	assert delimiter_of(lines, wanted) == mark


@pytest.mark.parametrize(
	("lines", "escaped"),
	[
		(["a,b\n", '"x \\"y\\", z",1\n'], True),
		(["a,b\n", '"x ""y"", z",1\n'], False),
		(["a,b\n", '"C:\\",1\n'], False),
		(["a,b\n", 'x\\"y,1\n'], False),
		([], False),
	],
)
def test_quotes_are_escaped_where_more_rows_have_the_width_of_the_others_then(lines, escaped):
	assert escapes(lines, ",") is escaped


@pytest.mark.parametrize(
	("content", "encoding"),
	[
		(b"\xef\xbb\xbfa", "utf-8-sig"), (b"\xff\xfea\0", "utf-16"), (b"\xfe\xff\0a", "utf-16"),
		(b"\xff\xfe\0\0a\0\0\0", "utf-32"), (b"\0\0\xfe\xff\0\0\0a", "utf-32"), (b"a\0\n\0", "utf-16-le"),
		(b"\0a\0\n", "utf-16-be"), (b"", "utf-8-sig"), (b"abc\n", "utf-8-sig"), ("Müller\n".encode(), "utf-8-sig"),
		("Müller\n".encode()[:2], "cp1252"),
	],
)  # fmt: skip
def test_a_mark_or_the_bytes_themselves_tell_the_encoding(tmp_path, content, encoding):
	(tmp_path / "a.csv").write_bytes(content)
	assert encoding_of(tmp_path / "a.csv") == encoding
	assert mark_of(tmp_path / "a.csv") == (
		encoding if content[:1] in (b"\xef", b"\xff", b"\xfe") or content[:2] == b"\0\0" else None
	)


def test_letters_that_come_late_tell_the_encoding_too(tmp_path):
	(tmp_path / "a.csv").write_bytes(b"name,mail\n" * 300_000 + "Müller,x\n".encode("cp1252") * 30)
	assert encoding_of(tmp_path / "a.csv") != "utf-8-sig"
	(tmp_path / "a.csv").write_bytes(b"name,mail\n" * 300_000 + "Müller,x\n".encode() * 30)
	assert encoding_of(tmp_path / "a.csv") == "utf-8-sig"


def pairs(first: int, count: int) -> bytes:
	"""So many different letters of two bytes, the first byte from `first` on."""
	return b"".join(bytes((first + n // 60, 0xC1 + n % 60)) for n in range(count))


@pytest.mark.parametrize(
	("hangul", "behind", "encoding"),
	[
		(12, 0, "cp949"),
		(11, 0, "gb18030"),
		(97, 3, "cp949"),
		(96, 4, "gb18030"),
		(194, 6, "cp949"),
		(193, 7, "gb18030"),
		(0, 30, "gb18030"),
	],
)
def test_a_text_is_korean_where_all_but_a_few_of_its_letters_are_hangul(tmp_path, hangul, behind, encoding):
	line = b"name," + pairs(0xB0, hangul) + pairs(0xC9, behind) + b"\n"
	(tmp_path / "a.csv").write_bytes(b"a,b\n" + line * 3)
	assert encoding_of(tmp_path / "a.csv") == encoding


def test_the_last_row_of_hangul_is_hangul_and_the_next_one_is_not(tmp_path):
	for first, encoding in ((0xC8, "cp949"), (0xC9, "gb18030")):
		(tmp_path / "a.csv").write_bytes(b"a,b\n" + pairs(first, 20) + b",x\n")
		assert encoding_of(tmp_path / "a.csv") == encoding
