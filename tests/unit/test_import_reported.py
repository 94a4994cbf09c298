"""What users of other systems reported about their imports: each kind, tried here."""

import csv
import io
from datetime import date
from importlib.util import find_spec

import pytest

from crm_pipeline.importer.detect import encoding_of
from crm_pipeline.importer.mapping import parse_mapping
from crm_pipeline.importer.party_rows import PartyReader
from crm_pipeline.importer.tables import open_tables
from tests.unit.test_import_kinds import DEALS, Load
from tests.unit.test_import_parties import HEAD, Known, read


def lead(**values) -> str:
	text = io.StringIO()
	csv.writer(text).writerow([values.get(name, "") for name in HEAD.split(",")])
	return text.getvalue().rstrip("\r\n")


def test_a_row_without_an_e_mail_does_not_get_that_of_the_row_before(tmp_path):
	found, rejected, _reader = read(
		tmp_path,
		lead(name="One", mail="one@x.example"), lead(name="Two"), lead(name="Three", mail="three@x.example"), lead(name="Four"),
	)  # fmt: skip
	assert [party.values.get("email") for party in found] == ["one@x.example", None, "three@x.example", None]
	assert rejected == []


def test_a_line_break_in_a_cell_makes_no_second_lead(tmp_path):
	rows = [lead(name="One", who="Ann\nLee"), lead(name="Two", who="Bob\r\nLow"), lead(name="Three")]
	found, rejected, _reader = read(tmp_path, *rows)
	assert [(party.name, party.values.get("contact")) for party in found] == [
		("One", "Ann Lee"), ("Two", "Bob Low"), ("Three", None),
	]  # fmt: skip
	assert rejected == []


def test_a_cell_that_holds_the_delimiter_is_one_cell(tmp_path):
	found, _rejected, _reader = read(tmp_path, lead(name="Lee, Low & Sons", mail="a@x.example"))
	assert (found[0].name, found[0].values["email"]) == ("Lee, Low & Sons", "a@x.example")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_in_which_all_is_quoted_is_read_header_included(tmp_path, encoding):
	text = io.StringIO()
	writer = csv.writer(text, quoting=csv.QUOTE_ALL)
	writer.writerows([["id", "stage", "amount"], ["W1", "New", "1,200.50"], ["W2", "New", ""]])
	load = Load(tmp_path, text.getvalue().encode(encoding), DEALS)
	assert [(deal.external_id, str(deal.amount)) for deal in load.deals] == [("W1", "1200.50"), ("W2", "0")]


def test_one_number_twice_is_one_person_only_where_the_name_is_the_same(tmp_path):
	found, rejected, _reader = read(
		tmp_path,
		lead(name="Acme", phone="030 901820"), lead(name="Bluth", phone="+49 30 901820"), lead(name="ACME Ltd", phone="+49 (0)30 901820"),
	)  # fmt: skip
	assert [party.name for party in found] == ["Acme", "Bluth"]
	assert rejected == [(4, 'name: "ACME Ltd" is there already, in line 2')]


@pytest.mark.parametrize("cell", ["2023", "11:19:42", "2023-13-01", "Q3 2023", "99999999"])
def test_what_is_no_day_is_one_rejected_row_with_its_line(tmp_path, cell):
	found, rejected, _reader = read(tmp_path, lead(name="One", created=cell), lead(name="Two", created="2023-05-01"))
	assert [party.name for party in found] == ["Two"]
	assert rejected == [(2, f'created: "{cell}" is not a date')]


def test_the_form_of_days_may_show_in_the_last_row_alone(tmp_path):
	rows = [lead(name=f"Firm {n}", created="1/2/2023") for n in range(30)]
	found, rejected, _reader = read(tmp_path, *rows, lead(name="Last", created="25/2/2023"))
	assert rejected == [] and {str(party.created) for party in found[:30]} == {"2023-02-01"}


def test_a_name_that_is_too_long_is_one_rejected_row_and_the_counts_are_right(tmp_path):
	found, rejected, _reader = read(tmp_path, lead(name="One"), lead(name="x" * 141), lead(name="Three"))
	assert [party.name for party in found] == ["One", "Three"]
	assert rejected == [(3, "name: is longer than 140 characters")]


def test_every_tenth_row_broken_is_every_tenth_row_rejected(tmp_path):
	rows = [lead(name=f"Firm {n}", mail=f"a{n}@x.example" if n % 10 else "a(at)x") for n in range(3000)]
	found, rejected, _reader = read(tmp_path, *rows)
	assert (len(found), len(rejected)) == (2700, 300)
	assert [line for line, _why in rejected] == list(range(2, 3002, 10))


def test_many_empty_lines_are_no_rows(tmp_path):
	# A million of them take as long again as a tenth of it ten times.
	text = "id,stage,amount\n1,New,5\n" + "\n" * 100_000 + "2,New,7\n"
	load = Load(tmp_path, text, DEALS)
	assert (load.amounts, load.rejected) == ([5, 7], [])


@pytest.mark.parametrize(
	("encoding", "title"),
	[
		("utf-16-le", "北京机电有限公司"),
		("utf-16-be", "北京机电有限公司"),
		("utf-16-le", "Müller"),
		("shift_jis", "東京電機株式会社のポンプとフィルター"),
		("cp1251", "Общество с ограниченной ответственностью Насос"),
		("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy, s.r.o."),
		("big5", "台北機械股份有限公司的大客戶"),
		("euc_kr", "서울 기계 주식회사 펌프와 필터"),
	],
)
def test_other_encodings_are_found_or_can_be_named(tmp_path, encoding, title):
	text = ("id,stage,title\n" + "".join(f'{n},New,"{title} {n}"\n' for n in range(40))).encode(encoding)
	columns = {"id": "external_id", "stage": "stage", "title": "title"}
	assert Load(tmp_path, text, columns, encoding=encoding).deals[3].title == f"{title} 3"
	# UTF-16 shows by its zeros; what else is foreign is told by the detector of the framework's environment.
	if (
		encoding.startswith("utf-16")
		or encoding == "euc_kr"
		or (encoding != "cp1250" and find_spec("charset_normalizer"))
	):
		assert Load(tmp_path, text, columns).deals[3].title == f"{title} 3"


def test_a_value_may_be_said_to_mean_nothing(tmp_path):
	found, rejected, _reader = read(
		tmp_path, lead(name="One", owner="Nobody"), lead(name="Two", owner="Ann"), aliases={"owner": {"Nobody": "-"}}
	)
	assert [party.values.get("owner") for party in found] == [None, "Ann"] and rejected == []


def test_a_file_that_is_foreign_throughout_is_known_by_the_zeros_of_its_commas(tmp_path):
	text = "公司名称,联系电话号码\n" + "北京机电有限公司销售部,一二三四五六七八\n" * 20
	for encoding in ("utf-16-le", "utf-16-be"):
		(tmp_path / "list.csv").write_bytes(text.encode(encoding))
		assert encoding_of(tmp_path / "list.csv") == encoding


def test_a_name_in_two_columns_is_one_and_stays_two(tmp_path):
	(tmp_path / "leads.csv").write_text("first,last\nAnn,van Lee\n,Low\nBob,\n", encoding="utf-8")
	columns = {"first": "first_name", "last": "last_name"}
	mapping = parse_mapping({"files": {"leads": {"file": "leads.csv", "columns": columns}}})
	reader = PartyReader(open_tables(tmp_path, mapping)["leads"], mapping, Known(), date(2026, 1, 2))
	found = list(reader.read(lambda *rejected: None))
	assert [party.name for party in found] == ["Ann van Lee", "Low", "Bob"]
	assert (found[0].values["first_name"], found[0].values["last_name"]) == ("Ann", "van Lee")
