"""What real exports hold: each kind of file, cell and row that was once refused or misread."""

from datetime import date
from decimal import Decimal

import pytest

from crm_pipeline.core.stages import LOST, OPEN, WON, Stage
from crm_pipeline.importer.amount_forms import decimal_shown, parse_number
from crm_pipeline.importer.day_forms import DAY_FIRST, MONTH_FIRST, is_open, read_day
from crm_pipeline.importer.deals import DealReader, ImportedItem
from crm_pipeline.importer.mapping import InputError, parse_mapping
from crm_pipeline.importer.masters import read_masters
from crm_pipeline.importer.moves import read_moves
from crm_pipeline.importer.rejects import Rejects, harmless
from crm_pipeline.importer.tables import open_tables
from tests.unit.importing import KnownSite

TODAY = date(2026, 1, 2)
STAGES = {
	"new": Stage("S-new", "S", 10, OPEN, 10),
	"proposal": Stage("S-proposal", "S", 30, OPEN, 50),
	"won": Stage("S-won", "S", 50, WON, 100),
	"lost": Stage("S-lost", "S", 60, LOST, 0),
}


class Load:
	"""A file of opportunities (and others by table) as the reader takes it; nothing of it is named but its columns."""

	def __init__(self, folder, text, columns=None, name="deals.csv", known=None, spec=None, stages_of=None, **mapping):
		columns = columns or {}
		texts = {"opportunities": text} if isinstance(text, str | bytes) else text
		files = {}
		for table, content in texts.items():
			file = name if table == "opportunities" else f"{table}.csv"
			(folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
			own = columns if "id" in columns or "1" in columns else columns.get(table)
			files[table] = {"file": file, "columns": own or self.columns(content)}
		files["opportunities"] = files["opportunities"] | (spec or {})
		stages = {value.title(): value for value in STAGES}
		self.mapping = parse_mapping({"files": files, "pipeline": "S", "stages": stages, **mapping})
		self.rejected, known = [], known or KnownSite()
		self.tables = open_tables(folder, self.mapping)
		masters = read_masters(self.tables, self.mapping, known, self.reject)
		moves = {}
		if "history" in self.tables:
			moves = read_moves(self.tables["history"], self.mapping, (STAGES, {}), TODAY, self.reject)
		self.reader = DealReader(self.mapping, STAGES, masters, known, TODAY, stages_of, moves)
		self.deals = list(self.reader.read(self.tables["opportunities"], self.reject))

	@staticmethod
	def columns(content) -> dict:
		"""Columns that are called as our fields are; id is the external id."""
		head = (content if isinstance(content, str) else content.decode()).split("\n")[0].split(",")
		return {name: "external_id" if name == "id" else name for name in head}

	def reject(self, table, row, reasons):
		self.rejected.append((row.line, "; ".join(reasons)))

	@property
	def amounts(self):
		return [deal.amount for deal in self.deals]


DEALS = {"id": "external_id", "stage": "stage", "amount": "amount"}


# ---- files


@pytest.mark.parametrize(
	("encoding", "title"),
	[
		("utf-8", "Müller 客户"),
		("utf-8-sig", "Müller"),
		("utf-16", "Müller 客户"),
		("utf-16-le", "Mueller"),
		("cp1252", "Müller & Söhne, Zürich – 5 €"),
		("gbk", "上海机电有限公司销售客户"),
		("gb18030", "北京科技公司的大客户"),
	],
)
def test_the_encoding_is_found(tmp_path, encoding, title):
	text = "id,stage,title\n" + "".join(f'{n},New,"{title}"\n' for n in range(5))
	load = Load(tmp_path, text.encode(encoding), {"id": "external_id", "stage": "stage", "title": "title"})
	assert [deal.title for deal in load.deals] == [title] * 5


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_that_of_the_first_line_counts(tmp_path, mark):
	text = f"id{mark}stage{mark}amount\n1{mark}New{mark}5\n"
	assert Load(tmp_path, text, DEALS).amounts == [5]
	assert Load(tmp_path, f"sep={mark}\r\n{text}", DEALS).amounts == [5]
	assert Load(tmp_path, f"\r\nsep={mark}\r\n\r\n{text}", DEALS).amounts == [5]


def test_titles_above_the_header_and_empty_lines_are_no_rows(tmp_path):
	load = Load(tmp_path, "All Opportunities\n\nid,stage,amount\n\n1,New,5\n,,\n\n", DEALS)
	assert load.amounts == [5] and not load.rejected


def test_a_file_without_a_header_goes_by_places(tmp_path):
	load = Load(
		tmp_path, "1,New,5\n2,New,6\n", {"1": "external_id", "2": "stage", "3": "amount"}, spec={"header": False}
	)
	assert load.amounts == [5, 6]


def test_of_two_columns_of_one_name_the_mapping_says_which(tmp_path):
	text = "id,stage,amount,amount\n1,New,5,7\n"
	with pytest.raises(InputError, match='"amount" is there twice; say "amount \\(1\\)" or "amount \\(2\\)"'):
		Load(tmp_path, text, DEALS)
	assert Load(tmp_path, text, {"id": "external_id", "stage": "stage", "amount (2)": "amount"}).amounts == [7]


@pytest.mark.parametrize("bad", ['"a "b" c",New,5', '2,"New,5', '"2"x,New,5', "2,New"])
def test_a_row_that_is_broken_is_one_row(tmp_path, bad):
	load = Load(tmp_path, f'id,stage,amount\n1,New,5\n{bad}\n3,New,"7"\n4,New,8\n', DEALS)
	assert (load.amounts, [line for line, _why in load.rejected]) == ([5, 7, 8], [3])


def test_a_quote_that_swallowed_lines_gives_them_back(tmp_path):
	text = 'id,stage,amount\n1,New,5\n2,"New,6\n3,New,7\n4,New,8"\n5,New,9\n'
	load = Load(tmp_path, text, DEALS)
	assert ([deal.external_id for deal in load.deals], [line for line, _why in load.rejected]) == (
		["1", "3", "5"],
		[3, 5],
	)
	assert "a quote is not closed" in load.rejected[0][1]


def test_a_cell_of_several_lines_is_no_broken_quote(tmp_path):
	text = 'id,stage,notes\n1,New,"said:\n2,New,3\nbye"\n2,New,x\n'
	load = Load(tmp_path, text, {"id": "external_id", "stage": "stage", "notes": "notes"})
	assert [deal.notes for deal in load.deals] == ["said:\n2,New,3\nbye", "x"]


@pytest.mark.parametrize(("cell", "amount"), [("12,5 %", "12.5"), ("12,5", "12.5"), ("0,4", "40")])
def test_a_share_has_the_decimal_mark_of_its_column(tmp_path, cell, amount):
	text = f"id;stage;probability\n1;New;{cell}\n2;New;7,25\n"
	columns = {"id": "external_id", "stage": "stage", "probability": "probability"}
	load = Load(tmp_path, text, columns)
	assert (load.rejected, str(load.deals[0].probability).rstrip("0").rstrip(".")) == ([], amount)


@pytest.mark.parametrize(
	("cells", "chances"),
	[(("0.2", "1.0", "1"), (20, 100, 100)), (("1", "30", "0.5"), (1, 30, 50)), (("1%", "0.4", "1"), (1, 40, 1))],
)
def test_the_whole_is_one_in_a_column_of_shares(tmp_path, cells, chances):
	text = "id,stage,probability\n" + "".join(f"{place},New,{cell}\n" for place, cell in enumerate(cells))
	load = Load(tmp_path, text, {"id": "external_id", "stage": "stage", "probability": "probability"})
	assert (load.rejected, tuple(deal.probability for deal in load.deals)) == ([], chances)


def test_quotes_may_be_escaped_by_a_backslash(tmp_path):
	text = 'id,stage,title\n1,New,"a \\"b\\", c"\n2,New,plain\n'
	load = Load(tmp_path, text, {"id": "external_id", "stage": "stage", "title": "title"})
	assert [deal.title for deal in load.deals] == ['a "b", c', "plain"]


def test_a_cell_may_hold_two_hundred_thousand_characters_and_notes_keep_their_lines(tmp_path):
	long = "x" * 200_000
	text = f'id,stage,notes\n1,New,"{long}"\n2,New,"one  word\nsecond\r\n\r\nfourth"\n'
	load = Load(tmp_path, text, {"id": "external_id", "stage": "stage", "notes": "notes"})
	assert [deal.notes for deal in load.deals] == [long, "one word\nsecond\n\nfourth"]


def test_json_lines_are_rows_and_a_broken_one_is_one_row(tmp_path):
	text = (
		'{"id": 1, "stage": "New", "deal": {"amount": 5.5}}\n{"id": 2,\n\n{"id": 3, "stage": "New", "x": [1, 2]}\n7\n'
	)
	load = Load(tmp_path, text, {"id": "external_id", "stage": "stage", "deal.amount": "amount"}, name="deals.jsonl")
	assert (load.amounts, [line for line, _why in load.rejected]) == ([Decimal("5.5"), 0], [2, 5])
	listed = '[{"id": "7", "stage": "New", "deal": {"amount": 2}}]'
	load = Load(tmp_path, listed, {"id": "external_id", "stage": "stage", "deal.amount": "amount"}, name="deals.json")
	assert load.amounts == [2]


# ---- cells


@pytest.mark.parametrize(
	("text", "number"),
	[
		("$1,234.50", "1234.50"),
		("(1200)", "-1200"),
		("($1,200.00)", "-1200.00"),
		("1.2E+05", "120000"),
		("12,34,567", "1234567"),
		("1,23,45,678.90", "12345678.90"),
		("1200 USD", "1200"),
		("EUR 1200", "1200"),
		("-$5", "-5"),
		("$-5", "-5"),
		("1 234,5", None),
		("US$ 7", "7"),
		("₹ 5", "5"),
		("12,345,67", None),
		("5 apples", None),
		("1.2.3", None),
		("$", None),
		(".5", "0.5"),
		("1200-", "-1200"),
	],
)
def test_amounts_as_exports_write_them(text, number):
	assert parse_number(text) == (Decimal(number) if number else None)


@pytest.mark.parametrize(
	("cells", "amounts"),
	[
		(("1,234", "2,50"), ["1.234", "2.50"]),
		(("1.234,50", "1.234"), ["1234.50", "1234"]),
		(("1,234.50", "1,234"), ["1234.50", "1234"]),
		(("1,234", "2,345"), ["1234", "2345"]),
	],
)
def test_the_decimal_mark_of_a_column_is_that_of_the_values_that_show_it(tmp_path, cells, amounts):
	text = "id,stage,amount\n" + "".join(f'{n},New,"{cell}"\n' for n, cell in enumerate(cells))
	load = Load(tmp_path, text, DEALS)
	if cells == ("1,234", "2,50"):
		# A comma that is a decimal mark in one row is no thousands mark in another.
		assert load.amounts == [Decimal("1.234"), Decimal("2.50")]
	else:
		assert load.amounts == [Decimal(amount) for amount in amounts]
	assert decimal_shown("1,234") is None


@pytest.mark.parametrize("nothing", ["N/A", "NULL", "\\N", "-", "#N/A", "", "n/a", "—"])
def test_markers_of_nothing_are_nothing(tmp_path, nothing):
	text = f"id,stage,amount,closed,account,title\n1,New,{nothing},{nothing},{nothing},{nothing}\n"
	columns = DEALS | {"closed": "expected_close", "account": "account", "title": "title"}
	[deal] = Load(tmp_path, text, columns).deals
	assert (deal.amount, deal.expected_close, deal.account, deal.title) == (0, None, "", "")


def test_somebody_may_be_called_null(tmp_path):
	[deal] = Load(
		tmp_path, "id,stage,title\n1,New,Null\n", {"id": "external_id", "stage": "stage", "title": "title"}
	).deals
	assert deal.title == "Null"


@pytest.mark.parametrize(
	("text", "day"),
	[
		("2024-05-01", "2024-05-01"),
		("2024/5/1", "2024-05-01"),
		("20240501", "2024-05-01"),
		("2024-05-01T20:00:00+05:30", "2024-05-01"),
		("2024-05-01T01:00:00+05:30", "2024-04-30"),
		("2024-05-01T23:30:00Z", "2024-05-01"),
		("2024-05-01 23:30:00", "2024-05-01"),
		("45413", "2024-05-01"),
		("45413.75", "2024-05-01"),
		("1714556400000", "2024-05-01"),
		("1 May 2024", "2024-05-01"),
		("May 1, 2024", "2024-05-01"),
		("01-May-24", "2024-05-01"),
		("2024年5月1日", "2024-05-01"),
		("31.12.2023", "2023-12-31"),
		("31/12/2023 10:00 PM", "2023-12-31"),
		("2024-02-30", None),
		("soon", None),
		("2024", None),
	],
)
def test_days_as_exports_write_them(text, day):
	found = read_day(text, None)
	assert (str(found) if found else None) == day


def test_a_moment_with_an_offset_is_the_day_of_the_site(tmp_path):
	assert str(read_day("2024-05-01T22:30:00Z", None, "Asia/Shanghai")) == "2024-05-02"
	assert str(read_day("2024-05-01T02:00:00+00:00", None, "America/New_York")) == "2024-04-30"


@pytest.mark.parametrize(
	("text", "day"),
	[
		("2024-05-01T20:30:00-05:00", "2024-05-02"),
		("2024-05-01T03:00:00-03:30", "2024-05-01"),
		("2024-05-01T20:30:00.000-0330", "2024-05-02"),
		("2024-05-02T04:00:00+0530", "2024-05-01"),
		("05/01/2024 11:45 PM -0400", "2024-05-02"),
		("01 May 2024 12:10 AM +02:00", "2024-04-30"),
	],
)
def test_an_offset_goes_east_or_west(text, day):
	assert str(read_day(text, MONTH_FIRST)) == day


CREATED = {"id": "external_id", "stage": "stage", "created": "created_on"}


@pytest.mark.parametrize(
	("cells", "days"),
	[
		(("03/04/2023", "25/12/2023"), ["2023-04-03", "2023-12-25"]),
		(("03/04/2023", "12/25/2023"), ["2023-03-04", "2023-12-25"]),
		(("2023-04-03", "45019", "25/12/2023"), ["2023-04-03", "2023-04-03", "2023-12-25"]),
		(("05/05/2023",), ["2023-05-05"]),
	],
)
def test_the_form_of_a_column_is_that_which_its_values_show(tmp_path, cells, days):
	text = "id,stage,created\n" + "".join(f"{n},New,{cell}\n" for n, cell in enumerate(cells))
	assert [str(deal.opened_on) for deal in Load(tmp_path, text, CREATED).deals] == days


def test_a_day_that_may_be_two_is_refused_by_name(tmp_path):
	load = Load(tmp_path, "id,stage,created\n1,New,03/04/2023\n", CREATED)
	assert load.rejected == [(2, 'created: "03/04/2023" may be a day in two ways; name the date format')]
	assert is_open("03/04/2023", None) and not is_open("03/04/2023", DAY_FIRST) and not is_open("13/04/2023", None)
	assert str(read_day("03/04/2023", MONTH_FIRST)) == "2023-03-04"


@pytest.mark.parametrize(
	("cell", "why"),
	[
		("0001-01-01", "is before 1970-01-01"),
		("2031-01-01", "is in the future"),
		("1899-12-30", "is before 1970-01-01"),
	],
)
def test_days_that_nobody_means_are_refused_by_name(tmp_path, cell, why):
	load = Load(tmp_path, f"id,stage,created\n1,New,{cell}\n", CREATED)
	assert load.rejected == [(2, f"created: {cell} {why}")]


# ---- deals


def test_one_close_date_is_the_expected_close_of_an_open_deal_and_the_closing_of_a_closed_one(tmp_path):
	columns = {"id": "external_id", "stage": "stage", "closed": "close_date"}
	text = "id,stage,closed\n1,New,2027-01-31\n2,Won,2024-01-31\n3,Won,2032-01-31\n4,Lost,\n5,New,\n"
	load = Load(tmp_path, text, columns)
	assert [(d.external_id, str(d.expected_close), str(d.closed_on)) for d in load.deals] == [
		("1", "2027-01-31", "None"), ("2", "None", "2024-01-31"), ("5", "None", "None"),
	]  # fmt: skip
	assert load.rejected == [
		(4, "closed: 2032-01-31 is in the future"), (5, 'closed: is empty, but the opportunity is "Lost"'),
	]  # fmt: skip


def test_what_the_file_does_not_tell_of_a_deal_s_way_is_unknown(tmp_path):
	text = "id,stage,created,closed\n1,Proposal,2023-04-25,\n2,Won,2023-04-25,2023-06-01\n3,Lost,,2023-06-01\n4,New,2023-04-25,\n"
	columns = CREATED | {"closed": "closed_on"}
	found = {
		d.external_id: (str(d.opened_on), d.last_open_stage, [(s.name, str(day)) for s, day in d.history])
		for d in Load(tmp_path, text, columns).deals
	}
	assert found == {
		"1": ("2023-04-25", None, [("S-proposal", "None")]),
		"2": ("2023-04-25", None, [("S-won", "2023-06-01")]),
		"3": ("None", None, [("S-lost", "2023-06-01")]),
		"4": ("2023-04-25", None, [("S-new", "2023-04-25")]),
	}


def test_a_file_of_stage_history_says_which_stages_a_deal_passed(tmp_path):
	history = (
		"opp,to,at\n1,Proposal,2023-05-01\n1,New,2023-04-25\n1,Won,2023-06-01\n2,New,2023-01-01\n1,Nowhere,2023-04-26\n"
	)
	deals = "id,stage,closed\n1,Won,2023-06-01\n2,Proposal,\n3,New,\n"
	columns = {
		"opportunities": {"id": "external_id", "stage": "stage", "closed": "closed_on"},
		"history": {"opp": "external_id", "to": "stage", "at": "entered_on"},
	}
	load = Load(tmp_path, {"opportunities": deals, "history": history}, columns)
	found = {d.external_id: [(s.name, str(day)) for s, day in d.history] for d in load.deals}
	assert found["1"] == [("S-new", "2023-04-25"), ("S-proposal", "2023-05-01"), ("S-won", "2023-06-01")]
	assert found["2"] == [("S-new", "2023-01-01"), ("S-proposal", "None")]
	assert load.deals[0].last_open_stage.name == "S-proposal"
	assert load.rejected == [(6, 'to: "Nowhere" is not a known stage; say which it is')]


def test_a_status_beside_the_stage_says_how_it_ended_and_out_of_which_stage(tmp_path):
	text = "id,stage,status,closed\n1,Proposal,Lost,2023-06-01\n2,Proposal,Open,\n3,New,Closed Won,2023-06-01\n4,Won,Lost,2023-06-01\n5,New,Maybe,\n6,New,V,2023-06-01\n"
	columns = {"id": "external_id", "stage": "stage", "status": "status", "closed": "close_date"}
	load = Load(tmp_path, text, columns, statuses={"V": "Lost"})
	found = [(d.external_id, d.stage.name, d.last_open_stage and d.last_open_stage.name) for d in load.deals]
	assert found == [
		("1", "S-lost", "S-proposal"), ("2", "S-proposal", None), ("3", "S-won", "S-new"), ("6", "S-lost", "S-new"),
	]  # fmt: skip
	assert load.rejected == [
		(5, 'status: "Lost" does not go with "Won"'), (6, 'status: "Maybe" is not a known status; say which it is'),
	]  # fmt: skip


def test_several_pipelines_have_stages_of_their_own(tmp_path):
	other = {"new": Stage("T-first", "T", 10, OPEN, 10)}
	spec = {"Main": {"pipeline": "S", "stages": {"New": "new"}}, "Other": {"pipeline": "T", "stages": {"New": "first"}}}
	text = "id,stage,pipeline\n1,New,Main\n2,New,Other\n3,New,None of them\n4,Won,Other\n"
	columns = {"id": "external_id", "stage": "stage", "pipeline": "pipeline"}
	load = Load(tmp_path, text, columns, stages_of={"main": STAGES, "other": other}, pipelines=spec)
	assert [deal.stage.name for deal in load.deals] == ["S-new", "T-first"]
	assert load.rejected == [
		(4, 'pipeline: "None of them" is not a known pipeline; say which it is'), (5, 'stage: "Won" is not a known stage; say which it is'),
	]  # fmt: skip


ITEMS = {
	"id": "external_id", "stage": "stage", "product": "product", "qty": "quantity", "price": "price", "total": "amount",
}  # fmt: skip
PRODUCTS = {"products": "product\nPump\nFilter\n"}


def test_several_rows_of_one_id_are_its_items(tmp_path):
	text = "id,stage,product,qty,price,total\n1,New,Pump,2,10,35\n2,New,Pump,1,9,9\n1,New,Filter,3,5,35\n3,New,,,,7\n"
	columns = {"opportunities": ITEMS, "products": {"product": "product"}}
	load = Load(tmp_path, {"opportunities": text, **PRODUCTS}, columns, spec={"several_rows": True})
	assert not load.rejected
	assert {d.external_id: (d.amount, d.lines, d.items) for d in load.deals} == {
		"1": (35, 2, (ImportedItem("Pump", Decimal(2), Decimal(10)), ImportedItem("Filter", Decimal(3), Decimal(5)))),
		"2": (9, 1, (ImportedItem("Pump", Decimal(1), Decimal(9)),)),
		"3": (7, 1, ()),
	}


def test_rows_of_one_id_that_contradict_each_other_are_rejected_together(tmp_path):
	text = "id,stage,product,qty,price,total\n1,New,Pump,2,10,35\n1,Proposal,Filter,3,5,35\n2,New,Pump,1,9,50\n2,New,Filter,1,9,50\n3,New,Pump,1,4,4\n"
	columns = {"opportunities": ITEMS, "products": {"product": "product"}}
	load = Load(tmp_path, {"opportunities": text, **PRODUCTS}, columns, spec={"several_rows": True})
	assert [deal.external_id for deal in load.deals] == ["3"]
	assert load.rejected == [
		(2, "line 3 of the same opportunity is rejected"),
		(3, 'stage: "Proposal" differs from "New" in line 2'),
		(4, "the items come to 18, the amount of the opportunity is 50"),
		(5, "the items come to 18, the amount of the opportunity is 50"),
	]


def test_a_quantity_divides_the_amount(tmp_path):
	text = "id,stage,product,qty,total\n1,New,Pump,4,10\n2,New,Pump,0,10\n"
	columns = {"opportunities": {**ITEMS, "id": "external_id"}, "products": {"product": "product"}}
	del columns["opportunities"]["price"]
	load = Load(tmp_path, {"opportunities": text, **PRODUCTS}, columns)
	assert load.deals[0].items == (ImportedItem("Pump", Decimal(4), Decimal("2.5")),)
	assert load.rejected == [(3, "qty: is 0")]


def test_the_rest_of_a_deal_can_be_said(tmp_path):
	head = "id,stage,currency,chance,reason,who,mail,channel,next,deleted,region,closed"
	text = f"{head}\n1,New,EUR,30%,,Ann,ann@x.example,Fair,Call,no,North,\n2,Lost,,0.25,Price,,,,,0,,2023-01-01\n3,New,,,,,,,,true,,\n"
	columns = {
		"id": "external_id", "stage": "stage", "currency": "currency", "chance": "probability", "reason": "lost_reason",
		"who": "contact", "mail": "contact_email", "channel": "channel", "next": "next_step", "deleted": "is_deleted",
		"region": "field:custom_region", "closed": "close_date",
	}  # fmt: skip
	load = Load(tmp_path, text, columns)
	first, second = load.deals
	assert (first.currency, first.probability, first.person.email, first.channel) == (
		"EUR",
		30,
		"ann@x.example",
		"Fair",
	)
	assert (first.next_step, first.own, first.lost_reason) == ("Call", (("field:custom_region", "North"),), "")
	assert (second.probability, second.lost_reason, second.person) == (25, "Price", None)
	assert (load.reader.left_out, load.rejected) == (1, [])


def test_values_of_a_stage_may_be_reasons(tmp_path):
	text = "id,stage,closed\n1,Lost to Price,2023-01-01\n"
	stages = {"New": "new", "Lost": {"stage": "lost", "lost_reason": "Price"}}
	load = Load(
		tmp_path, text.replace("Lost to Price", "Lost"), {"id": "external_id", "stage": "stage", "closed": "close_date"},
		stages=stages,
	)  # fmt: skip
	assert [deal.lost_reason for deal in load.deals] == ["Price"]


def test_ids_are_compared_exactly(tmp_path):
	text = "id,stage\n0060b00000AbCdA,New\n0060b00000AbCda,New\n0060b00000AbCdA,New\n"
	load = Load(tmp_path, text)
	assert [deal.external_id for deal in load.deals] == ["0060b00000AbCdA", "0060b00000AbCda"]
	assert load.rejected == [(4, 'id: "0060b00000AbCdA" is there already, in line 2')]


def test_deals_find_accounts_by_the_ids_of_the_file_and_equal_names_are_two(tmp_path):
	accounts = "customer_id,company_name,top\nC3,Wilson Partners,\nC8,Wilson Partners,C3\nC9,Other,Nobody\n"
	deals = "id,stage,account\n1,New,C3\n2,New,C8\n3,New,Wilson Partners\n4,New,c3\n"
	columns = {
		"opportunities": {"id": "external_id", "stage": "stage", "account": "account"},
		"accounts": {"customer_id": "account_id", "company_name": "account", "top": "parent"},
	}
	load = Load(tmp_path, {"opportunities": deals, "accounts": accounts}, columns)
	assert len({deal.account for deal in load.deals}) == 2 and [deal.external_id for deal in load.deals] == ["1", "2"]
	assert load.rejected == [
		(4, 'top: "Nobody" is neither in the file nor a Customer'),
		(4, 'account: "Wilson Partners" is the name of several records'),
		(5, 'account: "c3" is unknown'),
	]


# ---- rejected rows


def test_a_rejected_cell_is_no_formula_and_can_be_read_again(tmp_path):
	assert [harmless(cell) for cell in ("=1+1", "+49 30 1", "-5", "@x", "+5.5", "Acme", "-a")] == [
		"'=1+1", "+49 30 1", "-5", "'@x", "+5.5", "Acme", "'-a",
	]  # fmt: skip
	load = Load(
		tmp_path, "id,stage,title\n1,Nowhere,=cmd()\n", {"id": "external_id", "stage": "stage", "title": "title"}
	)
	rejects, table = Rejects(tmp_path / "out"), load.tables["opportunities"]
	rejects.prepare(load.tables)
	rejects.add(table, next(iter(table)), ["stage: unknown"])
	rejects.close()
	text = rejects.files[0].read_text(encoding="utf-8-sig")
	assert text.splitlines()[1] == "1,Nowhere,'=cmd(),2,stage: unknown"
	columns = {"id": "external_id", "stage": "stage", "title": "title"}
	again = Load(tmp_path, text.replace("Nowhere", "New"), columns)
	assert [deal.title for deal in again.deals] == ["=cmd()"]
	assert again.tables["opportunities"].unmapped == []


@pytest.mark.parametrize(
	("text", "order", "either"),
	[
		("01/02/2026", None, True),
		("01/01/2026", None, False),
		("13/02/2026", None, False),
		("01/02/2026", DAY_FIRST, False),
	],
)
def test_a_day_can_be_read_in_two_ways_where_its_numbers_differ_and_nothing_says_which_is_the_month(
	text, order, either
):
	assert is_open(text, order) is either
