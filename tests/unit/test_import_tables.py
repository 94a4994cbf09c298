"""Reading the files: what makes a file unusable as a whole, and what makes a single row unusable."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.rejects import SHOWN, Rejects
from crm_pipeline.importer.report import number, reject_lines, table
from crm_pipeline.importer.tables import open_tables
from crm_pipeline.importer.values import parse_number
from tests.unit.importing import FILES, Reading, rows, shipped, write


@pytest.mark.parametrize(
	("content", "message"),
	[
		(None, "products.csv: there is no such file in"),
		("", "products.csv: the file is empty"),
		("\n\n", "products.csv: the file is empty"),
		("product,series,sales_price\n", "products.csv: there is no row below the header"),
		("product,series,sales_price\n , ,\n", "products.csv: there is no row below the header"),
		(
			"product,series\nGTX Pro,GTX\n",
			'products.csv: column "sales_price" is missing; found are product, series',
		),
		("product;series;sales_price\nA;B;1\n", 'column "product" is missing'),
		("product,series,sales_price,product\nA,B,1,C\n", 'column "product" is there twice'),
	],
)
def test_an_unusable_file_is_one_clear_line(tmp_path, content, message):
	write(tmp_path, products=content)
	with pytest.raises(InputError) as error:
		open_tables(tmp_path, shipped())
	assert message in str(error.value)
	assert "\n" not in str(error.value)


def test_a_folder_that_is_not_there(tmp_path):
	with pytest.raises(InputError, match="there is no such folder"):
		open_tables(tmp_path / "none", shipped())


def test_the_wrong_encoding_is_said_even_where_it_shows_late(tmp_path):
	lines = [f"O{n},Anna,GTXPro,Acme,Prospecting,,," for n in range(20_000)]
	write(tmp_path, sales_pipeline=rows(*lines))
	with open(tmp_path / "sales_pipeline.csv", "ab") as file:
		file.write("O,Ann\u00e9,,,Prospecting,,,,,\n".encode("latin-1"))
	with pytest.raises(InputError, match=r"is not utf-8; name its encoding"):
		Reading(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path, encoding):
	files = {name.removesuffix(".csv"): text for name, text in FILES.items()}
	files["sales_teams"] = files["sales_teams"].replace("Boris", "B\u00f6ris")
	write(tmp_path, encoding, **files)
	mapping = shipped(encoding=encoding.removesuffix("-sig"))
	assert Reading(tmp_path, mapping).masters.find("agents", "b\u00f6ris") == "B\u00f6ris"


def test_another_delimiter_and_decimal_comma(tmp_path):
	files = {name.removesuffix(".csv"): text.replace(",", ";") for name, text in FILES.items()}
	files["sales_pipeline"] = files["sales_pipeline"].replace("4500", "4.500,25")
	write(tmp_path, **files)
	assert Reading(tmp_path, shipped(delimiter=";", decimal=",")).deals["O1"].amount == Decimal("4500.25")


def test_columns_that_are_not_mapped_are_known(tmp_path):
	tables = open_tables(write(tmp_path), shipped())
	assert tables["opportunities"].unmapped == ["engage_quarter", "close_quarter"]


def test_a_row_of_another_width_is_rejected_with_its_line(tmp_path):
	text = FILES["sales_pipeline.csv"] + "\nO2,Anna\n"
	reading = Reading(write(tmp_path, sales_pipeline=text))
	assert reading.rejected == {("sales_pipeline.csv", 4): ["the row has 2 cells, the header has 10"]}


def test_quoted_cells_with_commas_and_line_breaks_are_one_value(tmp_path):
	text = 'product,series,sales_price\n"GTX Pro, the\nlarge one",GTX,"4,821"\n'
	reading = Reading(write(tmp_path, products=text, sales_pipeline=rows("O1,Anna,,Acme,Prospecting,,,")))
	(product, row), *_rest = reading.masters.products.values()
	assert (product.name, product.price, row.line) == ("GTX Pro, the large one", Decimal(4821), 3)


def test_details_keep_what_has_no_field_of_its_own(tmp_path):
	account = Reading(write(tmp_path)).masters.accounts["acme"][0]
	assert account.details == "year_established: 1996\nrevenue: 1100.04\nemployees: 2822"


@pytest.mark.parametrize(
	("text", "decimal", "number"),
	[
		("1054", ".", "1054"),
		("1,234,567.50", ".", "1234567.50"),
		("1.234.567,50", ",", "1234567.50"),
		("1'234.5", ".", "1234.5"),
		("-3", ".", "-3"),
		("12,34", ".", None),
		("1.5", ",", None),
		("1,5", ".", None),
		("NaN", ".", None),
		("1e5", ".", "100000"),
		("", ".", None),
		("$5", ".", "5"),
		("٣", ".", "3"),
	],
)
def test_numbers(text, decimal, number):
	assert parse_number(text, decimal) == (Decimal(number) if number else None)


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_a_number_is_read_as_it_was_written(number):
	assert parse_number(f"{number:f}") == number
	assert parse_number(f"{number:,f}") == number
	assert parse_number(f"{number:f}".replace(".", ","), ",") == number


def test_rejected_rows_are_written_as_they_were_with_line_and_reason(tmp_path):
	bad = 'O2,"Nobody, at all",GTXPro,Acme,Won,20-10-16,01-03-17,1'
	reading = Reading(write(tmp_path, sales_pipeline=rows(bad)))
	rejects = Rejects(tmp_path / "out")
	rejects.prepare(reading.tables)
	table = reading.tables["opportunities"]
	rejects.add(table, next(iter(table)), ["sales_agent: unknown", "product: unknown"])
	rejects.close()
	(path,) = rejects.files
	head, row = path.read_text(encoding="utf-8-sig").splitlines()
	assert head.endswith("close_quarter,rejected_line,rejected_reason")
	assert row == f"{bad},,,2,sales_agent: unknown; product: unknown"


def test_rejects_of_an_earlier_run_are_gone(tmp_path):
	tables = open_tables(write(tmp_path), shipped())
	old = tmp_path / "products.rejected.csv"
	old.write_text("old")
	Rejects(tmp_path).prepare(tables)
	assert not old.exists()


def test_rejects_that_can_not_be_written_stop_the_load_before_it_starts(tmp_path):
	tables = open_tables(write(tmp_path), shipped())
	(tmp_path / "file").write_text("")
	with pytest.raises(InputError, match="choose a folder with --rejects"):
		Rejects(tmp_path / "file").prepare(tables)


def test_dates_follow_the_format_of_the_mapping(tmp_path):
	reading = Reading(write(tmp_path))
	assert reading.deals["O1"].closed_on == date(2017, 3, 1)


# ---- what is told of a load


@pytest.mark.parametrize(
	("value", "text"),
	[
		(0, "0"),
		(999, "999"),
		(1000, "1,000"),
		(Decimal("1234567.50"), "1,234,567.5"),
		(Decimal("100.00"), "100"),
		(Decimal("0.05"), "0.05"),
	],
)
def test_numbers_are_told_without_zeros_at_their_end(value, text):
	assert number(value) == text


def test_columns_are_as_wide_as_what_is_in_them():
	assert list(table(("Stage", "Count"), [("Won", "12"), ("Qualification", "1,000")])) == [
		"Stage          Count",
		"Won               12",
		"Qualification  1,000",
	]
	with pytest.raises(ValueError):
		list(table(("Stage", "Count"), [("Won", "12", "13")]))


@pytest.mark.parametrize("wrong", [0, 1, SHOWN, SHOWN + 1])
def test_the_first_rejected_rows_are_told_with_their_reasons_and_where_all_of_them_are(tmp_path, wrong):
	lines = [f"O{n},Anna,GTXPro,Acme,Nowhere,20-10-16,,{n}" for n in range(wrong)]
	folder = write(tmp_path, sales_pipeline=rows("Z,Anna,GTXPro,Acme,Won,20-10-16,01-03-17,5", *lines))
	reading, rejects = Reading(folder), Rejects(tmp_path)
	for (_file, number_of), why in reading.rejected.items():
		row = next(row for row in reading.tables["opportunities"] if row.line == number_of)
		rejects.add(reading.tables["opportunities"], row, why)
	rejects.close()
	told = list(reject_lines(rejects))
	if not wrong:
		assert told == []
		return
	assert told[:3] == [
		"",
		f"Rejected rows of sales_pipeline.csv: {wrong}",
		'  sales_pipeline.csv line 3: deal_stage: "Nowhere" is not a known stage; say which it is',
	]
	assert told[-1] == f"Written to {tmp_path / 'sales_pipeline.rejected.csv'}"
	assert ("  and 1 more" in told) == (wrong > SHOWN)
	assert len(told) == 3 + min(wrong, SHOWN) + (wrong > SHOWN)
