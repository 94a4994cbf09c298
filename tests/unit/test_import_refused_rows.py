"""What a row is refused for, and the words in which that is told: the column as the file calls it, and why."""

from datetime import date

import pytest

from crm_pipeline.core.stages import OPEN, Stage
from crm_pipeline.importer.mapping import parse_mapping
from crm_pipeline.importer.party_rows import PartyReader
from crm_pipeline.importer.record_rows import RecordReader
from crm_pipeline.importer.tables import open_tables
from tests.unit.test_import_kinds import DEALS, ITEMS, PRODUCTS, STAGES, Load
from tests.unit.test_import_parties import Known
from tests.unit.test_import_records import TODAY, Site

# ---- rows of deals


def test_items_without_a_price_of_their_own_can_not_be_told_apart(tmp_path):
	columns = {"opportunities": {**ITEMS}, "products": {"product": "product"}}
	del columns["opportunities"]["price"]
	text = "id,stage,product,qty,total\n1,New,Pump,1,5\n1,New,Filter,1,5\n2,New,Pump,4,8\n"
	load = Load(tmp_path, {"opportunities": text, **PRODUCTS}, columns, spec={"several_rows": True})
	why = "the price of each item is unknown; map a column to price or item_amount"
	assert load.rejected == [(2, why), (3, why)]
	assert load.amounts == [8]


def test_an_item_without_a_price_beside_one_with_a_price_is_not_guessed(tmp_path):
	columns = {"opportunities": {**ITEMS}, "products": {"product": "product"}}
	del columns["opportunities"]["total"]
	text = "id,stage,product,qty,price\n1,New,Pump,1,5\n1,New,Filter,1,\n2,New,Pump,4,\n"
	load = Load(tmp_path, {"opportunities": text, **PRODUCTS}, columns, spec={"several_rows": True})
	assert load.rejected == [(2, "the price of an item is empty"), (3, "the price of an item is empty")]
	assert [(deal.external_id, deal.amount) for deal in load.deals] == [("2", 0)]


def test_what_items_come_to_may_be_off_by_a_cent_each(tmp_path):
	columns = {"opportunities": {**ITEMS, "line": "item_amount"}, "products": {"product": "product"}}
	text = "id,stage,product,qty,price,total,line\n" + "".join(
		f"{number},New,{product},{qty},{price},{total},{line}\n"
		for number, total in ((1, "10.02"), (2, "10.03"))
		for product, qty, price, line in (("Pump", 3, "", "6"), ("Filter", 2, "2", ""))
	)
	load = Load(tmp_path, {"opportunities": text, **PRODUCTS}, columns, spec={"several_rows": True})
	assert [(deal.external_id, deal.amount, [item.rate for item in deal.items]) for deal in load.deals] == [
		("1", 10, [2, 2])
	]
	assert {why for _line, why in load.rejected} == {"the items come to 10, the amount of the opportunity is 10.03"}


def test_several_rows_of_a_deal_without_items_are_one_deal_of_the_amount_that_they_name(tmp_path):
	load = Load(tmp_path, "id,stage,amount\n1,New,5\n2,New,6\n1,New,5\n", DEALS, spec={"several_rows": True})
	assert [(deal.external_id, deal.amount, deal.lines) for deal in load.deals] == [("2", 6, 1), ("1", 5, 2)]


def test_of_several_rows_of_a_deal_that_is_deleted_none_comes_in(tmp_path):
	text = "id,stage,amount,gone\n1,New,5,yes\n2,New,6,\n1,New,7,yes\n3,New,8,\n"
	columns = {**DEALS, "gone": "is_deleted"}
	load = Load(tmp_path, text, columns, spec={"several_rows": True})
	assert ([deal.external_id for deal in load.deals], load.reader.left_out, load.rejected) == (["2", "3"], 2, [])


def test_a_row_without_a_pipeline_is_of_the_one_whose_stages_the_mapping_names(tmp_path):
	other = {"new": Stage("T-first", "T", 10, OPEN, 10)}
	spec = {"Other": {"pipeline": "T", "stages": {"New": "first"}}}
	text = "id,stage,pipeline\n1,New,\n2,New,Other\n"
	columns = {"id": "external_id", "stage": "stage", "pipeline": "pipeline"}
	load = Load(tmp_path, text, columns, stages_of={"other": other}, pipelines=spec)
	assert ([deal.stage.name for deal in load.deals], load.rejected) == (["S-new", "T-first"], [])


def test_a_status_for_which_the_mapping_has_no_stage_is_told(tmp_path):
	text = "id,stage,status,closed\n1,New,Won,2023-06-01\n"
	columns = {"id": "external_id", "stage": "stage", "status": "status", "closed": "close_date"}
	other = {"main": {"new": STAGES["new"]}}
	spec = {"Main": {"pipeline": "S", "stages": {"New": "new"}}}
	text = text.replace("\n1,", "\nM,1,").replace("id,", "pipe,id,", 1)
	load = Load(
		tmp_path,
		text.replace("\nM,", "\nMain,"),
		{**columns, "pipe": "pipeline"},
		stages_of=other,
		pipelines=spec,
	)
	assert load.rejected == [(2, 'status: "Won": no value of the mapping is a stage of type Won')]


@pytest.mark.parametrize(
	("row", "why"),
	[
		("1,Won,2027-01-01", "closed: 2027-01-01 is in the future"),
		("1,New,2047-01-01", "closed: 2047-01-01 is more than 20 years ahead"),
		("1,New,1969-12-31", "closed: 1969-12-31 is before 1970-01-01"),
		("<b>,New,", "id: must not hold < or >"),
		("a>,New,", "id: must not hold < or >"),
	],
)
def test_a_column_of_close_dates_is_named_as_the_file_calls_it(tmp_path, row, why):
	columns = {"id": "external_id", "stage": "stage", "closed": "close_date"}
	assert Load(tmp_path, f"id,stage,closed\n{row}\n", columns).rejected == [(2, why)]


def test_a_close_date_does_not_take_the_place_of_one_in_a_column_of_its_own(tmp_path):
	columns = {
		"id": "external_id",
		"stage": "stage",
		"closed": "close_date",
		"won": "closed_on",
		"due": "expected_close",
	}
	text = "id,stage,closed,won,due\n1,Won,2024-01-31,2024-01-15,\n2,New,2027-01-31,,2027-03-01\n3,New,2027-02-01,,\n"
	load = Load(tmp_path, text, columns)
	assert [(str(deal.closed_on), str(deal.expected_close)) for deal in load.deals] == [
		("2024-01-15", "None"), ("None", "2027-03-01"), ("None", "2027-02-01"),
	]  # fmt: skip


def test_a_master_of_a_file_with_ids_has_one_and_each_id_once(tmp_path):
	products = "pid,product\nP1,Pump\n,Filter\nP1,Valve\nP2,Pump\n"
	columns = {"opportunities": DEALS, "products": {"pid": "product_id", "product": "product"}}
	load = Load(tmp_path, {"opportunities": "id,stage,amount\n1,New,5\n", "products": products}, columns)
	assert load.rejected == [(3, "pid: is empty"), (4, 'pid: "P1" is there already, in line 2')]


@pytest.mark.parametrize(
	("row", "why"),
	[
		("1,New,", "at: is empty"),
		("1,New,2027-01-01", "at: 2027-01-01 is in the future"),
		("1,,2024-01-01", "to: is empty"),
		(",New,2024-01-01", "opp: is empty"),
		("1,New,soon", 'at: "soon" is not a date'),
	],
)
def test_a_move_of_a_deal_has_its_stage_and_its_day(tmp_path, row, why):
	columns = {
		"opportunities": DEALS, "history": {"opp": "external_id", "to": "stage", "at": "entered_on"},
	}  # fmt: skip
	files = {"opportunities": "id,stage,amount\n1,Proposal,5\n", "history": f"opp,to,at\n{row}\n1,New,2026-01-02\n"}
	load = Load(tmp_path, files, columns)
	assert load.rejected == [(2, why)]
	assert [(stage.name, str(day)) for stage, day in load.deals[0].history] == [
		("S-new", "2026-01-02"), ("S-proposal", "None"),
	]  # fmt: skip


# ---- rows of people and of what was done


def people(folder, head: str, columns: dict, *lines: str, table: str = "leads", known=None):
	(folder / "rows.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
	mapping = parse_mapping({"files": {table: {"file": "rows.csv", "columns": columns}}})
	reader = PartyReader(open_tables(folder, mapping)[table], mapping, known or Known(), date(2026, 1, 2), "DE")
	rejected = []
	found = list(reader.read(lambda _table, row, why: rejected.append((row.line, "; ".join(why)))))
	return found, rejected


def test_a_number_that_is_none_and_a_day_that_nobody_means_are_told(tmp_path):
	columns = {"n": "company_name", "p": "phone", "m": "mobile", "c": "created_on", "w": "converted_on"}
	found, rejected = people(
		tmp_path,
		"n,p,m,c,w",
		columns,
		"A,call me,0171 2345678,,",
		"B,,ask,,",
		"C,,,1969-12-31,",
		"D,,,1970-01-01,2026-01-02",
		"E,,,,2026-01-03",
	)
	assert rejected == [
		(2, 'p: "call me" is not a phone number'),
		(3, 'm: "ask" is not a phone number'),
		(4, "c: 1969-12-31 is before 1970-01-01"),
		(6, "w: 2026-01-03 is in the future"),
	]
	assert [(party.name, party.status) for party in found] == [("D", "Converted")]


def test_who_is_there_already_is_named_by_the_first_column_where_none_is_the_name(tmp_path):
	found, rejected = people(
		tmp_path, "mail,who", {"mail": "email", "who": "contact"}, "a@x.example,Ann", "A@x.example,Bob"
	)
	assert [party.name for party in found] == ["Ann"]
	assert rejected == [(3, 'mail: "Bob" is there already, in line 2')]


def records(folder, table: str, columns: dict, text: str):
	(folder / "rows.csv").write_text(text, encoding="utf-8")
	mapping = parse_mapping({"files": {table: {"file": "rows.csv", "columns": columns}}})
	refused = {}
	reader = RecordReader(open_tables(folder, mapping)[table], mapping, Site(), TODAY)
	found = list(reader.read(lambda _table, row, why: refused.update({row.line: why})))
	return found, refused


OF_ACTIVITY = {
	name: name
	for name in ("external_id", "subject", "about", "starts_on", "way", "result", "priority", "direction", "place")
}


@pytest.mark.parametrize(
	("changes", "why"),
	[
		({"result": "Perhaps"}, ['result: "Perhaps" is unknown']),
		({"way": "chess"}, ['way: "chess" is unknown']),
		({"priority": "soon"}, ['priority: "soon" is unknown']),
		({"direction": "up"}, ['direction: "up" is unknown']),
		({"starts_on": ""}, ["starts_on: is empty"]),
		({"external_id": "1"}, ["external_id: is there already, in line 2"]),
		({}, None),
	],
)
def test_a_word_that_nobody_knows_is_named_and_an_id_stands_once(tmp_path, changes, why):
	row = {
		"external_id": "2", "subject": "Call", "about": "L1", "starts_on": "2024-05-01", "way": "SMS", "result": "Reached",
		"priority": "Urgent", "direction": "Sent", "place": "Ulm",
	}  # fmt: skip
	lines = [list(OF_ACTIVITY), list({**row, "external_id": "1"}.values()), list({**row, **changes}.values())]
	found, refused = records(tmp_path, "activities", OF_ACTIVITY, "".join(",".join(line) + "\n" for line in lines))
	assert refused == ({3: why} if why else {})
	told = found[-1].values
	assert {name: told[name] for name in ("way", "result", "priority", "direction", "place", "owner", "notes")} == {
		"way": "message", "result": "Reached", "priority": "High", "direction": "Outbound", "place": "Ulm", "owner": None,
		"notes": "",
	}  # fmt: skip
