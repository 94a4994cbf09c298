"""Workbooks as programs write them: merged cells, days as numbers, formulas that nobody calculates, sizes that are not true."""

import re
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import pytest

from crm_pipeline.importer import workbook
from crm_pipeline.importer.mapping import InputError, parse_mapping
from crm_pipeline.importer.readers import Record, open_reader
from crm_pipeline.importer.tables import open_tables
from crm_pipeline.importer.values import Values

# The framework brings it; without a bench it is one of the test tools.
openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl: pip install -r tests/requirements.txt")

COLUMNS = {"Company": "company_name", "Created On": "created_on", "Phone": "phone", "Amount": "amount"}


@pytest.fixture
def sheet(tmp_path):
	"""sheet(rows, *merged, name=, change=) is the table of a workbook with these rows; `change` rewrites its sheet."""

	def make(rows, *merged, name="book.xlsx", change=None):
		book = openpyxl.Workbook()
		for row in rows:
			book.active.append(row)
		for cells in merged:
			book.active.merge_cells(cells)
		book.save(tmp_path / name)
		if change:
			rewrite(tmp_path / name, change)
		mapping = parse_mapping({"files": {"leads": {"file": name, "columns": COLUMNS}}})
		return open_tables(tmp_path, mapping)["leads"]

	return make


def rewrite(path, change) -> None:
	with ZipFile(path) as package:
		parts = {name: package.read(name) for name in package.namelist()}
	with ZipFile(path, "w") as package:
		for name, content in parts.items():
			# An empty value is written in two ways, by whether lxml is there.
			sheet = content.replace(b"<v />", b"<v></v>").replace(b"<v/>", b"<v></v>")
			package.writestr(name, change(sheet) if name.endswith("sheet1.xml") else content)


HEAD = list(COLUMNS)


def values(table) -> list[dict]:
	return [row.values for row in table]


def test_merged_cells_all_hold_the_first_one_s_value_and_a_merged_title_is_no_header(sheet):
	table = sheet(
		[["Leads of the year"], HEAD, ["Acme", None, "030 1", 5], [None, None, "030 2", 6], ["Bluth"]],
		"A1:D1", "A3:A4", "B5:D5",
	)  # fmt: skip
	assert [(row["company_name"], row.get("phone")) for row in values(table)] == [
		("Acme", "030 1"), ("Acme", "030 2"), ("Bluth", None),
	]  # fmt: skip


def test_days_are_days_whether_they_are_dates_or_numbers(sheet):
	table = sheet(
		[HEAD, ["A", datetime(2024, 5, 1)], ["B", 45413], ["C", datetime(2024, 5, 1, 10, 30)], ["D", 45413.9]]
	)
	mapping = table.mapping
	assert {str(Values(row, mapping).date("created_on")) for row in table} == {"2024-05-01"}


def test_a_formula_is_never_calculated_and_one_without_a_value_is_said(sheet):
	rows = [HEAD, ["Acme", None, None, "=1+2"], ["=CONCATENATE(1,2)"], ["Corp", None, None, "=1+2"]]
	stored = lambda xml: xml.replace(b"<f>1+2</f><v></v>", b"<f>1+2</f><v>7</v>", 1)  # noqa: E731
	acme, bluth, corp = sheet(rows, change=stored)
	assert (acme.values["amount"], acme.problem) == ("7", ""), "what the workbook stored, not what it would be"
	assert bluth.problem.startswith("Company: is a formula without a value")
	assert corp.problem.startswith("Amount: is a formula without a value") and corp.values == {}


def test_a_formula_in_a_column_that_is_not_loaded_hinders_nothing(sheet):
	[row] = sheet([[*HEAD, "Total"], ["Acme", None, None, 1, "=1+2"]])
	assert (row.problem, row.values["company_name"]) == ("", "Acme")


def test_a_formula_whose_value_is_an_empty_text_is_empty(sheet):
	change = lambda xml: xml.replace(b'<c r="C2"><f>T(1)</f><v></v>', b'<c r="C2" t="str"><f>T(1)</f><v></v>')  # noqa: E731
	[row] = sheet([HEAD, ["Acme", None, "=T(1)"]], change=change)
	assert (row.problem, row.values) == ("", {"company_name": "Acme"})


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#NAME?"])
def test_an_error_of_the_spreadsheet_is_no_value(sheet, error):
	[row] = sheet([HEAD, ["Acme", None, None, error]])
	assert row.problem == f"Amount: {error} is an error of the spreadsheet"


def test_a_sheet_is_as_large_as_its_cells_whatever_it_says(sheet):
	change = lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', xml)  # noqa: E731
	table = sheet([HEAD, ["Acme", None, "030 1", 5], ["Bluth", None, "030 2", 6]], change=change)
	assert [row["phone"] for row in values(table)] == ["030 1", "030 2"]


def test_what_a_file_is_goes_by_its_content(sheet, tmp_path):
	assert len(values(sheet([HEAD, ["Acme"]], name="export.csv"))) == 1, "a workbook that is called CSV"
	mapping = parse_mapping({"files": {"leads": {"file": "old.xls", "columns": COLUMNS}}})
	(tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
	with pytest.raises(InputError, match="old.xls: is an old or encrypted workbook; save it as XLSX"):
		open_tables(tmp_path, mapping)
	(tmp_path / "book.xlsx").write_text("Company\nAcme\n")
	with pytest.raises(InputError, match="is not an XLSX workbook"):
		open_tables(tmp_path, parse_mapping({"files": {"leads": {"file": "book.xlsx", "columns": COLUMNS}}}))


def test_a_workbook_is_opened_once_however_often_its_rows_are_read(sheet, monkeypatch):
	opened, load = [], openpyxl.load_workbook
	monkeypatch.setattr(openpyxl, "load_workbook", lambda *args, **kwargs: opened.append(1) or load(*args, **kwargs))
	table = sheet([HEAD, ["Acme", "2024-05-01", "", "1"], ["Bluth", "2024-05-02", "", "2"]])
	assert [[row.values["company_name"] for row in table] for _reading in range(2)] == [["Acme", "Bluth"]] * 2
	assert opened == [1]


@pytest.mark.parametrize(
	("xml", "found"),
	[(b"<row><c><v>1</v></c></row>", False), (b"<c><f>A1</f></c>", True), (b"<x:f t='s'/>", True), (b'<mergeCell ref="A1:B2"/>', True)],
)  # fmt: skip
def test_a_sheet_without_formulas_and_merged_cells_is_not_taken_apart(xml, found):
	assert workbook._mentions(BytesIO(xml)) is found
	# The word may stand across two blocks.
	assert workbook._mentions(BytesIO(b" " * ((1 << 20) - 3) + xml)) is found


def test_a_sheet_is_named_behind_the_file_and_one_that_is_not_there_is_told(tmp_path):
	book = openpyxl.Workbook()
	book.active.title = "First"
	for sheet, name in ((book.active, "Acme"), (book.create_sheet("Second"), "Bluth")):
		sheet.append(["Company"])
		sheet.append([name])
	book.save(tmp_path / "book.xlsx")

	def rows(file):
		return list(open_reader(tmp_path / file, file, None, None, ()))

	assert rows("book.xlsx") == rows("book.xlsx#First") == [Record(1, ["Company"]), Record(2, ["Acme"])]
	assert rows("book.xlsx#Second")[1].cells == ["Bluth"]
	with pytest.raises(InputError) as error:
		rows("book.xlsx#Third")
	assert str(error.value) == 'book.xlsx#Third: there is no sheet "Third"; it has First, Second'
	reader = open_reader(tmp_path / "book.xlsx", "book.xlsx", None, None, ())
	assert (reader.encoding, reader.delimiter, reader.is_quick) == ("utf-8-sig", ",", False)


def test_the_first_sheet_is_the_first_that_is_shown(tmp_path):
	from openpyxl import Workbook

	book = Workbook()
	book.active.append(["North"])
	book.active.sheet_state = "hidden"
	book.create_sheet("Lists").append(["South"])
	book["Lists"].sheet_state = "veryHidden"
	book.create_sheet("Leads").append(["Company"])
	book.active = 2
	book.save(tmp_path / "book.xlsx")
	read = lambda file: [row.cells for row in open_reader(tmp_path / file, file, None, None, ())]  # noqa: E731
	assert (read("book.xlsx"), read("book.xlsx#Lists")) == ([["Company"]], [["South"]])


def test_cells_keep_their_places_and_their_lines(sheet):
	table = sheet([[], ["", "Leads"], [], HEAD, ["A", None, "030 1"], [], [None, None, "=1+2"], ["B", True, 2.0, 1.5]])
	records = list(table.reader)
	assert [(one.line, one.cells, sorted(one.formulas)) for one in records] == [
		(1, [], []), (2, ["", "Leads"], []), (3, [], []), (4, HEAD, []), (5, ["A", "", "030 1"], []), (6, [], []),
		(7, ["", "", ""], [2]), (8, ["B", "true", "2", "1.5"], []),
	]  # fmt: skip
	assert [(row.line, row.problem) for row in table] == [
		(5, ""),
		(7, "Phone: is a formula without a value; calculate and save the workbook in a spreadsheet program"),
		(8, ""),
	], "a row that is shorter than the header is whole, an empty one is none"


def test_a_block_of_merged_cells_is_filled_in_each_of_its_lines_and_no_further(sheet):
	table = sheet(
		[HEAD, ["Acme", None, "030 1", 5], [None] * 4, ["Bluth", None, None, 6], ["Corp"], [None, None, None, 7]],
		"A2:A3", "C2:D3", "C4:C5",
	)  # fmt: skip
	assert [(row["company_name"], row.get("phone"), row.get("amount")) for row in values(table)[:4]] == [
		("Acme", "030 1", "030 1"), ("Acme", "030 1", "030 1"), ("Bluth", None, "6"), ("Corp", None, None),
	]  # fmt: skip
	assert "company_name" not in values(table)[4]


def test_so_many_empty_lines_are_the_end_of_a_sheet(tmp_path, monkeypatch):
	monkeypatch.setattr(workbook, "EMPTY_AT_END", 3)
	book = openpyxl.Workbook()
	for line, name in ((1, "Company"), (2, "Acme"), (6, "Bluth"), (11, "Corp")):
		book.active.cell(line, 1, name)
	book.save(tmp_path / "book.xlsx")
	reader = open_reader(tmp_path / "book.xlsx", "book.xlsx", None, None, ())
	assert [record.line for record in reader if record.cells] == [1, 2, 6]


def test_a_sheet_of_formulas_far_to_the_right_keeps_those_of_the_list(sheet):
	change = lambda xml: xml.replace(b'<c r="D2">', b"<c>", 1)  # noqa: E731
	table = sheet([HEAD, ["Acme", None, None, "=1+2", *[None] * 1000, "=1+2"]], change=change)
	assert table.reader.formulas == {2: {2}}, "a cell without a name stands where it is in its row"
