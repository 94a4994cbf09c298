"""Importing, row by row: JSON and broken CSV, moves, statuses, campaigns and notes, and what a report says of it all."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from xml.etree.ElementTree import fromstring

import pytest

from crm_pipeline.core.stages import OPEN, Stage
from crm_pipeline.importer import detect, report
from crm_pipeline.importer.mapping import InputError, parse_mapping
from crm_pipeline.importer.moves import read_moves
from crm_pipeline.importer.readers import CsvReader, JsonReader
from crm_pipeline.importer.record_rows import KINDS
from crm_pipeline.importer.tables import open_tables
from crm_pipeline.importer.tally import Comparison
from crm_pipeline.importer.workbook import WorkbookReader
from tests.unit.test_import_kinds import STAGES, Load
from tests.unit.test_import_records import TODAY, read

# ---- files


def lines_of(tmp_path, text: str, name: str = "deals.jsonl") -> list[tuple]:
	path = tmp_path / name
	path.write_text(text, encoding="utf-8")
	return [(one.line, one.cells, str(one.problem or "")) for one in JsonReader(path, name, None)]


def test_each_object_is_a_row_with_the_keys_of_all_and_lists_and_parts_are_columns(tmp_path):
	rows = [
		{"id": 7, "owner": {"email": "a@b", "team": {"name": "North"}}, "tags": ["hot", 2.0, None, True]},
		{"more": "x", "id": None},
	]
	found = lines_of(tmp_path, json.dumps(rows[0]) + "\n\n   \n" + json.dumps(rows[1]) + "\n")
	assert found == [
		(0, ["id", "owner.email", "owner.team.name", "tags", "more"], ""),
		(1, ["7", "a@b", "North", "hot; 2; ; true", ""], ""), (4, ["", "", "", "", "x"], ""),
	]  # fmt: skip


@pytest.mark.parametrize("before", ["", " ", "\n\n  \t"])
def test_one_list_is_its_objects_wherever_it_begins(tmp_path, before):
	found = lines_of(tmp_path, before + '[{"id": 1},\n {"id": 2}, 5]', "deals.json")
	assert [(line, cells) for line, cells, _problem in found] == [(0, ["id"]), (1, ["1"]), (2, ["2"]), (3, ["5"])]
	assert "not an object" in found[-1][2]


def test_a_line_that_is_no_json_is_kept_whole_with_the_place_where_it_goes_wrong(tmp_path):
	bad = '{"id": 1 "title": "A long one without its comma"}'
	found = lines_of(tmp_path, f'{{"id": 1}}\n{bad}\n[1]\n')
	assert found[1] == (1, ["1"], "")
	assert found[2][:2] == (2, [bad]) and found[2][2].endswith("(character 10)")
	assert found[3] == (3, ["[1]"], "the line is not an object in braces")


def csv_reader(tmp_path, text, encoding="utf-8-sig"):
	path = tmp_path / "deals.csv"
	path.write_bytes(text if isinstance(text, bytes) else text.encode())
	return CsvReader(path, "deals.csv", encoding, ",", ("id",))


def test_text_of_another_encoding_is_told_with_the_line_before_it(tmp_path):
	head = b"id,title\n" + b"".join(b"%d,Pump\n" % n for n in range(20_000))
	reader = csv_reader(tmp_path, head + b"9,\xff\xfe\n")
	with pytest.raises(InputError) as told:
		list(reader)
	said = str(told.value)
	assert "is not utf-8;" in said and "deals.csv" in said
	line = int(said.partition("after line ")[2].split()[0])
	assert 15_000 < line <= 20_001, "what was read before it is near"
	with pytest.raises(InputError, match="can't be read"):
		(tmp_path / "deals.csv").unlink()
		list(reader)


@pytest.mark.parametrize("row, is_row", [("2,b", True), ("2", False), ("2,b,c", False), ('2,"b', False), ("", False)])
def test_a_line_is_a_row_of_its_own_where_it_has_as_many_cells_as_the_others(tmp_path, row, is_row):
	assert csv_reader(tmp_path, "id,title\n1,a\n")._is_row(row, 2) == is_row


def test_a_quote_that_nobody_closed_spoils_one_row(tmp_path):
	rows = [(one.line, one.cells, bool(one.problem)) for one in csv_reader(tmp_path, 'id,title\n1,"a\n2,b\n3,"c"\n')]
	assert rows[1] == (2, ['1,"a'], True) and rows[2:] == [(3, ["2", "b"], False), (4, ["3", "c"], False)]


def test_a_sample_may_end_within_a_chinese_letter_and_no_letter_is_broken_before():
	text = ("\u6211\u4eec\u7684\u516c\u53f8 " * 8).strip().encode("gb18030")
	assert all(detect._is_chinese(text[:end]) for end in range(len(text) - 4, len(text) + 1))
	assert not detect._is_chinese(text[:20] + b"\xff\xff" + text[20:]) and not detect._is_chinese(b"plain")
	other = ("\u00e9\u00e8" * 8 + " and some more of it").encode("latin-1")
	assert not detect._is_chinese(other), "pairs, but of no common letters"


@pytest.mark.parametrize(
	"reference, cells",
	[("B2:C3", {2: {2: (2, 2), 3: (2, 2)}, 3: {2: (2, 2), 3: (2, 2)}}), ("A1:A2", {1: {1: (1, 1)}, 2: {1: (1, 1)}})],
)
def test_merged_cells_all_mean_the_first_of_them(reference, cells):
	pytest.importorskip("openpyxl")
	reader = object.__new__(WorkbookReader)
	reader.merged = {}
	reader._note_merged(reference)
	assert reader.merged == cells


def test_formulas_without_a_value_are_known_by_their_place(tmp_path):
	pytest.importorskip("openpyxl")
	cells = (
		'<c r="A7"><f>A1</f></c>', '<c r="C7"><f>A1</f><v>5</v></c>', '<c r="D7" t="str"><f>A1</f><v/></c>', '<c r="F7"><f>A1</f><v/></c>',
		'<c r="G7"><v>1</v></c>', '<c r="AA7"><f>A1</f></c>', '<c r="AZZ7"><f>A1</f></c>',
	)  # fmt: skip
	reader = object.__new__(WorkbookReader)
	reader.formulas = {}
	reader._note_formulas(7, fromstring(f"<row>{''.join(cells)}</row>"))
	reader._note_formulas(9, fromstring("<row><c><v>1</v></c><c><f>A1</f></c></row>"))
	reader._note_formulas(10, fromstring("<row><c><v>1</v></c></row>"))
	assert reader.formulas == {7: {1, 6, 27}, 9: {2}}


# ---- moves and statuses


def moves(tmp_path, text: str, single=None, several=None):
	(tmp_path / "history.csv").write_text(text, encoding="utf-8")
	columns = {"id": "external_id", "stage": "stage", "day": "entered_on"}
	spec = {
		"history": {"file": "history.csv", "columns": columns},
		"opportunities": {"file": "history.csv", "columns": columns},
	}
	mapping = parse_mapping(
		{"files": {"history": spec["history"]}, "pipeline": "S", "stages": {key.title(): key for key in STAGES}}
	)
	refused = {}
	table = open_tables(tmp_path, mapping)["history"]
	stages = (STAGES if single is None else single, several or {})
	found = read_moves(table, mapping, stages, date(2026, 1, 2), lambda _table, row, why: refused.update({row.line: [str(one) for one in why]}))  # fmt: skip
	return {key: [(stage.name, str(day)) for stage, day in steps] for key, steps in found.items()}, refused


def test_moves_are_in_the_order_of_their_days_and_of_one_day_as_they_stand(tmp_path):
	found, refused = moves(
		tmp_path,
		"id,stage,day\n A ,Won,2026-01-02\nA,Proposal,2025-03-01\nA,New,2025-03-01\nB,New,2025-01-01\na,Lost,2025-02-01\n",
	)
	assert not refused
	assert found["A"] == [("S-proposal", "2025-03-01"), ("S-new", "2025-03-01"), ("S-won", "2026-01-02")]
	assert found["B"] == [("S-new", "2025-01-01")] and sum(map(len, found.values())) == 5


def test_moves_of_an_id_that_is_composed_in_two_ways_are_of_one_deal(tmp_path):
	found, _refused = moves(tmp_path, "id,stage,day\nCaf\u00e9,New,2025-01-01\nCafe\u0301,Won,2025-02-01\n")
	assert found == {"Caf\u00e9": [("S-new", "2025-01-01"), ("S-won", "2025-02-01")]}


def test_a_move_that_can_not_be_used_is_refused_with_its_reason(tmp_path):
	found, refused = moves(tmp_path, "id,stage,day\nA,Nowhere,2025-01-01\nA,New,\nA,New,2026-01-03\n,New,2025-01-01\nA,,2025-01-01\nA,NEW,2026-01-02\n")  # fmt: skip
	assert found == {"A": [("S-new", "2026-01-02")]}, "today is no future"
	assert {line: " ".join(why) for line, why in refused.items()} == {
		2: 'stage: "Nowhere" is not a known stage; say which it is', 3: "day: is empty",
		4: "day: 2026-01-03 is in the future", 5: "id: is empty", 6: "stage: is empty",
	}  # fmt: skip


def test_moves_through_stages_of_several_pipelines_are_known(tmp_path):
	other = {"first call": Stage("T-call", "T", 10, OPEN, 5)}
	found, refused = moves(tmp_path, "id,stage,day\nA,First Call,2025-01-01\nA,New,2025-02-01\n", several={"t": other})
	assert not refused and found["A"] == [("T-call", "2025-01-01"), ("S-new", "2025-02-01")]


@pytest.mark.parametrize(
	"stage, status, said, ends",
	[
		("Proposal", "Lost", {}, ("S-lost", "S-proposal")), ("Proposal", "Closed Won", {}, ("S-won", "S-proposal")),
		("Proposal", "Open", {}, ("S-proposal", None)), ("Lost", "Lost", {}, ("S-lost", None)),
		# What somebody said of a word goes before what it usually means.
		("Proposal", "Won", {"won": "Lost"}, ("S-lost", "S-proposal")), ("Proposal", "Lost", {"lost": "Open"}, ("S-proposal", None)),
		("Won", "Open", {}, None), ("Lost", "Won", {}, None), ("Proposal", "Maybe", {}, None),
	],
)  # fmt: skip
def test_a_status_says_how_a_deal_ended_and_out_of_which_stage(tmp_path, stage, status, said, ends):
	columns = {"id": "external_id", "stage": "stage", "status": "status", "closed": "close_date"}
	load = Load(tmp_path, f"id,stage,status,closed\n1,{stage},{status},2023-06-01\n", columns, statuses={key.title(): value for key, value in said.items()})  # fmt: skip
	told = [SimpleNamespace(text=lambda field: stage, refuse=lambda *why: told.append(why))]
	found = load.reader._by_status(told[0], STAGES, STAGES[stage.casefold()], status)
	names = tuple(one and one.name for one in found)
	assert names == (ends or (None, None)) and (len(told) == 1) == bool(ends)


def test_a_closed_deal_is_in_the_first_stage_of_its_end(tmp_path):
	load = Load(tmp_path, "id,stage\n1,New\n", {"id": "external_id", "stage": "stage"})
	stages = {"late": replace(STAGES["lost"], name="S-late", position=90), **STAGES, "later": replace(STAGES["lost"], name="S-later", position=95)}  # fmt: skip
	assert load.reader._by_status(None, stages, STAGES["new"], "Lost") == (STAGES["lost"], STAGES["new"])
	assert load.reader._by_status(None, {"later": stages["later"], "late": stages["late"]}, STAGES["new"], "Lost")[0].name == "S-late"  # fmt: skip


# ---- campaigns and notes


def test_a_campaign_of_one_day_is_one_and_what_it_says_goes_before_what_its_days_say(tmp_path):
	head = "Campaign Name,Start Date,End Date,Status,Type,Budgeted Cost,Actual Cost\n"
	found, refused = read(
		tmp_path, "campaigns",
		head + "Fair,2024-05-01,2024-05-01,,exhibition,100,90\nMail,2024-05-02,2024-05-01,,,,\n"
		"Web,2020-01-01,2020-02-01,Planned,odd,5,\nOver,2020-01-01,2020-02-01,,WEB,,7\n",
	)  # fmt: skip
	assert list(refused) == [3] and "2024-05-01 is before 2024-05-02" in " ".join(map(str, refused[3]))
	fair, web, over = found
	assert (fair.values["kind"], web.values["kind"], over.values["kind"]) == (
		"Exhibition",
		"Other",
		"Web",
	) and "Web" in KINDS
	assert (web.values["status"], over.values["status"]) == ("Planned", "Completed")
	assert fair.moments["starts_on"] == fair.moments["ends_on"] == datetime(2024, 5, 1)
	amount = lambda value: None if value is None else Decimal(str(value))  # noqa: E731
	assert [amount(fair.values[key]) for key in ("budget", "cost")] == [100, 90]
	assert amount(web.values["budget"]) == 5 and not web.values["cost"] and amount(over.values["cost"]) == 7


def test_a_note_of_today_is_one_and_one_of_tomorrow_or_without_a_text_is_not(tmp_path):
	day = TODAY.isoformat()
	later = date.fromordinal(TODAY.toordinal() + 1).isoformat()
	head = "Subject,Related To,Notes,Created On\n"
	found, refused = read(
		tmp_path, "memos", head + f"A,D1,Called,{day}\nB,D1,Called,{later}\nC,D1,,{day}\nD,D1,Called,\n"
	)
	assert [one.values["subject"] for one in found] == ["A", "D"] and sorted(refused) == [3, 4]
	assert f"{later} is in the future" in " ".join(map(str, refused[3]))


# ---- the report


def test_columns_stand_under_each_other_the_first_to_the_left(capsys):
	assert list(report.table(("Stage", "Count", ""), [("New", "1,000", ""), ("Proposal", "2", "X")])) == [
		"Stage     Count", "New       1,000", "Proposal      2  X",
	]  # fmt: skip


def test_each_line_that_differs_in_count_or_sum_is_marked():

	def line(value, files, worth, here, worth_here, dimension="stage"):
		return Comparison(dimension, value, files, Decimal(worth), here, Decimal(worth_here))

	found = list(report.comparison_lines([
		line("Same", 1, "10.50", 1, "10.50"), line("Count", 2, 5, 3, 5), line("Sum", 4, 7, 4, 8),
		line("Pump", 6, 9, 6, 9, dimension="product"),
	]))  # fmt: skip
	cells = [" ".join(one.split()) for one in found]
	assert cells == [
		"", "Stage Count in file on site Value in file on site", "Same 1 1 10.5 10.5", "Count 2 3 5 5 DIFFERS",
		"Sum 4 4 7 8 DIFFERS", "", "Product Count in file on site Value in file on site", "Pump 6 6 9 9", "",
		"Sales Person Count in file on site Value in file on site",
	]  # fmt: skip


def test_a_dry_run_says_counts_and_sums_of_the_file_alone(tmp_path):
	from crm_pipeline.importer.tally import Tally

	tally = Tally()
	tally.total_count, tally.total_sum = 1234, Decimal("56789.50")
	found = list(report.file_lines(tally))
	assert found[-1] == "Usable opportunities: 1,234, value 56,789.5" and found[-2] == ""
	assert [" ".join(one.split()) for one in found[:6] if one] == [f"{title} Count Value" for title in ("Stage", "Product", "Sales Person")]  # fmt: skip


@pytest.mark.parametrize("count, more", [(0, None), (2, None), (3, 1), (1502, "1,500")])
def test_rejected_rows_are_told_by_file_with_the_first_of_them(count, more):
	rejects = SimpleNamespace(count=count, counts=Counter({"deals.csv": count}), samples=["line 2: a", "line 3: b"], files=["/tmp/x.csv"])  # fmt: skip
	found = list(report.reject_lines(rejects))
	if not count:
		assert found == []
		return
	assert found[:4] == ["", f"Rejected rows of deals.csv: {count:,}", "  line 2: a", "  line 3: b"]
	assert found[4:] == ([f"  and {more} more"] if more else []) + ["Written to /tmp/x.csv"]


@pytest.mark.parametrize("left_out, adds_up", [(0, True), (3, True), (0, False), (3, False)])
def test_what_became_of_the_rows_of_a_file_is_told_and_marked_where_it_does_not_add_up(left_out, adds_up):
	of = SimpleNamespace(rows=1200, stored=1000, already=150, rejected=50, left_out=left_out, adds_up=adds_up)
	[said] = report.row_lines({"deals.csv": of})
	parts = "1,000 stored + 150 there already + 50 rejected" + (" + 3 left out as deleted" if left_out else "")
	assert said == f"deals.csv: 1,200 rows = {parts}" + ("" if adds_up else "  DOES NOT ADD UP")
