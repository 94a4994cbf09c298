"""What a file or a mapping is refused for, and the words in which that is told: one line that names the place."""

from datetime import date, datetime

import pytest

from crm_pipeline.importer.mapping import InputError, parse_mapping
from crm_pipeline.importer.readers import MOST_LINES, CsvReader, JsonReader, Record, open_reader, text_of
from tests.unit.test_import_kinds import DEALS, Load

# ---- files


def opened(folder, content: bytes, name: str):
	(folder / name).write_bytes(content)
	return list(open_reader(folder / name, name, None, None, ()))


@pytest.mark.parametrize(
	("name", "content", "why"),
	[
		(
			"a.xls",
			b"\xd0\xcf\x11\xe0rest",
			"a.xls: is an old or encrypted workbook; save it as XLSX without a password",
		),
		("a.json", b'[{"id": 1},\n {"id": }]', "a.json: is not JSON (line 2, character 9)"),
		("a.json", b'[{"id": "\xff"}]', "a.json: is not JSON, or not utf-8-sig"),
		("none.csv", None, "none.csv: there is no such file in {0}"),
		("folder.csv", "folder", "folder.csv: can't be read (Is a directory)"),
	],
)
def test_a_file_that_can_not_be_read_is_one_line_with_its_name(tmp_path, monkeypatch, name, content, why):
	monkeypatch.setattr("crm_pipeline.importer.detect.encoding_of", lambda path: "utf-8-sig")
	if content == "folder":
		(tmp_path / name).mkdir()
	elif content is not None:
		(tmp_path / name).write_bytes(content)
	with pytest.raises(InputError) as error:
		list(open_reader(tmp_path / name, name, None, None, ()))
	assert str(error.value) == why.format(tmp_path)


def test_a_file_that_is_gone_while_it_is_read_is_one_line_too(tmp_path):
	(tmp_path / "a.csv").write_text("id\n1\n")
	reader = open_reader(tmp_path / "a.csv", "a.csv", None, None, ())
	(tmp_path / "a.csv").unlink()
	with pytest.raises(InputError, match=r"a\.csv: can't be read \(No such file or directory\)"):
		list(reader)


def test_the_ending_says_what_a_file_is_and_rejected_rows_are_written_alike(tmp_path):
	(tmp_path / "a.txt").write_text("id;name\n1;Ann\n")
	table = open_reader(tmp_path / "a.txt", "a.txt", None, None, ())
	assert (type(table), table.delimiter, table.encoding, table.is_quick) == (CsvReader, ";", "utf-8-sig", True)
	for ending in ("jsonl", "NDJSON", "json"):
		name = f"b.{ending}"
		(tmp_path / name).write_text('{"id": 1}\n')
		found = open_reader(tmp_path / name, name, None, None, ())
		assert (type(found), found.delimiter, found.is_quick) == (JsonReader, ",", True), ending
		assert list(found) == [Record(0, ["id"]), Record(1, ["1"])]


def test_a_list_of_json_may_begin_with_empty_lines_and_holds_what_each_row_can_not_be_read_for(tmp_path):
	assert opened(tmp_path, b' \n\t[{"id": 1, "at": {"x": null}}, 7]', "a.json") == [
		Record(0, ["id", "at.x"]),
		Record(1, ["1", ""]),
		Record(2, ["7"], "the line is not an object in braces"),
	]
	assert opened(tmp_path, b'{"id": [1, 2.5, true]}\n\n{"id": \n[]\n', "a.jsonl") == [
		Record(0, ["id"]),
		Record(1, ["1; 2.5; true"]),
		Record(3, ['{"id":'], "the line is not JSON (character 9)"),
		Record(4, ["[]"], "the line is not an object in braces"),
	]


@pytest.mark.parametrize(
	("value", "text"),
	[
		(None, ""),
		(True, "true"),
		(False, "false"),
		(3.0, "3"),
		(-2.0, "-2"),
		(0.1, "0.1"),
		(1e15, "1000000000000000.0"),
		(7, "7"),
		("  a ", "  a "),
		(date(2024, 5, 1), "2024-05-01"),
		({"a": 1}, '{"a": 1}'),
		([1, "b"], '[1, "b"]'),
	],
)
def test_a_value_of_a_workbook_or_json_is_text(value, text):
	assert text_of(value) == text


def test_a_day_of_a_workbook_that_has_no_time_is_the_day():
	assert text_of(datetime(2024, 5, 1)) == "2024-05-01"
	assert text_of(datetime(2024, 5, 1, 0, 0, 5)) == "2024-05-01T00:00:05"


def test_a_quote_that_is_open_for_thousands_of_lines_is_one_broken_row(tmp_path):
	text = 'id,stage,amount\n1,"New,5\n' + "2,New,6\n" * (MOST_LINES + 1) + "3,New,7\n"
	(tmp_path / "a.csv").write_text(text)
	records = list(open_reader(tmp_path / "a.csv", "a.csv", None, ",", ()))
	broken = [record for record in records if record.problem]
	assert broken == [Record(2, ['1,"New,5'], "the line is not CSV (a quote is not closed)")]
	assert (len(records), records[2], records[-1].cells) == (
		MOST_LINES + 4, Record(3, ["2", "New", "6"]), ["3", "New", "7"],
	)  # fmt: skip


def test_a_broken_line_says_whether_a_quote_is_open_or_wrong(tmp_path):
	text = b'id,stage,more\n1,"a"b,x\n2,"b,x\n3,c,x\n4,d",x\n5,"e,x\n'
	assert opened(tmp_path, text, "a.csv") == [
		Record(1, ["id", "stage", "more"]),
		Record(2, ['1,"a"b,x'], "the line is not CSV (its quotes or line breaks are wrong)"),
		Record(5, ["2", "b,x\n3,c,x\n4,d", "x"]),
		Record(6, ['5,"e,x'], "the line is not CSV (its quotes or line breaks are wrong)"),
	]
	text = text.replace(b'4,d",x', b'4,d"')
	assert opened(tmp_path, text, "a.csv")[2:5] == [
		Record(3, ['2,"b,x'], "the line is not CSV (a quote is not closed)"),
		Record(4, ["3", "c", "x"]),
		Record(5, ["4", 'd"']),
	]


@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#SPILL!", "#CALC!"])
def test_a_cell_in_which_a_spreadsheet_could_not_calculate_is_no_value(tmp_path, error):
	text = f"id,stage,amount,more\n1,New, {error},x\n2,New,5,{error}\n"
	load = Load(tmp_path, text, DEALS)
	assert load.rejected == [(2, f"amount: {error} is an error of the spreadsheet")]
	assert load.amounts == [5], "a column that is not loaded may say what it likes"


def test_empty_cells_behind_the_last_column_are_no_cells(tmp_path):
	load = Load(tmp_path, "id,stage,amount\n1,New,5,, \n2,New,6,,x\n3,New\n", DEALS)
	assert load.amounts == [5]
	assert load.rejected == [
		(3, "the row has 5 cells, the header has 3"),
		(4, "the row has 2 cells, the header has 3"),
	]


# ---- mappings

SMALL = {"files": {"leads": {"file": "l.csv", "columns": {"n": "company_name"}}}}
OF_DEALS = {"opportunities": {"file": "d.csv", "columns": {"i": "external_id", "s": "stage"}}}


@pytest.mark.parametrize(
	("changes", "why"),
	[
		(
			{"files": {"leads": {**SMALL["files"]["leads"], "header": "no"}}},
			'"header" of leads must be true or false',
		),
		(
			{"files": {"leads": {**SMALL["files"]["leads"], "several_rows": 1}}},
			'"several_rows" of leads must be true or false',
		),
		(
			{"files": OF_DEALS, "pipeline": "S", "stages": {"Lost": {"stage": "lost", "lost_reason": ""}}},
			'"lost_reason" of stage "Lost" must be a text',
		),
		(
			{"files": OF_DEALS, "pipeline": "S", "stages": {"Lost": {"stage": "lost", "lost_reason": 1}}},
			'"lost_reason" of stage "Lost" must be a text',
		),
		(
			{"files": OF_DEALS, "pipelines": {"A": {"pipeline": "", "stages": {"New": "new"}}}},
			'pipeline "A" must say which "pipeline" it is and which "stages" it has',
		),
		(
			{"files": OF_DEALS, "pipelines": {"A": {"pipeline": "S"}}},
			'pipeline "A" must say which "pipeline" it is and which "stages" it has',
		),
		(
			{"files": OF_DEALS, "pipelines": {"A": {"pipeline": "S", "stages": {"N": "n"}, "x": 1}}},
			'unknown key of pipeline "A": "x"; known are pipeline, stages',
		),
		({"statuses": {"V": "Gone"}}, 'status "V" must be Open, Won or Lost'),
		(
			{"lead_statuses": {"V": "Won"}},
			'status "V" must be New, Qualified, Contacted, Converted or Disqualified',
		),
		(
			{"defaults": {"duplicates": "Double"}},
			'default "duplicates" must be one of Skip, Fill Gaps, Overwrite, Ask',
		),
		({"defaults": {"unknown_accounts": "Anything"}}, 'default "unknown_accounts" must be New Prospect or Reject'),
		({"defaults": {"stock_items": 1}}, 'default "stock_items" must be true or false'),
		({"defaults": {"item_group": ""}}, 'default "item_group" must be a text'),
		({"date_format": "%Y-%d"}, '"date_format" %Y-%d does not describe day, month and year, as %d-%m-%Y does'),
	],
)
def test_what_is_wrong_with_a_mapping_is_told_with_what_may_stand_there(changes, why):
	with pytest.raises(InputError) as error:
		parse_mapping({**SMALL, **changes})
	assert str(error.value) == why
