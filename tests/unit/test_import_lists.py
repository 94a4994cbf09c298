"""Lists as people keep them in a spreadsheet: without ids, with two addresses in a cell, in other writings."""

from datetime import date
from decimal import Decimal

import pytest

from crm_pipeline.importer.cleaning import clean_emails, clean_phones
from crm_pipeline.importer.column_guess import guess
from crm_pipeline.importer.detect import encoding_of
from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.mapping import InputError, parse_mapping
from crm_pipeline.importer.party_rows import PartyReader
from crm_pipeline.importer.sentences import Sentence
from crm_pipeline.importer.tables import open_tables
from tests.unit.importing import KnownSite
from tests.unit.test_import_kinds import Load
from tests.unit.test_import_parties import COLUMNS, HEAD, Known, read


class Prospects:
	"""A site that makes prospects of whoever is not called Nearly."""

	def __init__(self):
		self.noted = []

	def why_not(self, text):
		return Sentence('"{0}" is nearly somebody', text) if text == "Nearly" else None

	def note(self, text, owner=""):
		self.noted.append(text)


def test_deals_without_ids_are_told_apart_by_their_content(tmp_path):
	load = Load(tmp_path, "title,stage,amount\nPump,New,5\nPump,New,6\nPump,New,5\n")
	again = Load(tmp_path, "title,stage,amount\nPump,New,6\n")
	assert [deal.amount for deal in load.deals] == [5, 6]
	assert load.deals[1].external_id == again.deals[0].external_id != load.deals[0].external_id
	assert [line for line, _why in load.rejected] == [4]


def test_a_column_of_ids_has_one_in_each_row(tmp_path):
	load = Load(tmp_path, "id,title,stage\n,Pump,New\n7,Valve,New\n")
	assert [deal.external_id for deal in load.deals] == ["7"] and load.rejected == [(2, "id: is empty")]


def test_items_of_several_rows_need_the_id_of_their_deal(tmp_path):
	with pytest.raises(InputError, match='no column goes to field "external_id"'):
		Load(tmp_path, "title,stage\nPump,New\n", spec={"several_rows": True})


def test_one_row_among_files_of_several_keeps_its_amount(tmp_path):
	known = KnownSite()
	known.records["product"]["pump"] = "PUMP"
	text = "id,stage,product,quantity,price,amount\n1,New,Pump,3,3.33,10\n"
	deal = Load(tmp_path, text, known=known, spec={"several_rows": True}).deals[0]
	assert (deal.amount, deal.lines) == (10, 1)


def test_an_account_that_is_no_customer_is_a_prospect_or_a_question(tmp_path):
	known = KnownSite()
	known.named_prospects = Prospects()
	text = "id,stage,account\n1,New,Fresh Ltd\n2,New,Nearly\n3,New,Old Corp\n4,New,\n5,Nowhere,Other Ltd\n"
	load = Load(tmp_path, text, known=known)
	assert [(deal.company_name, deal.account, deal.has_party) for deal in load.deals] == [
		("Fresh Ltd", "", True),
		("", "CUST-1", True),
		("", "", False),
	]
	assert [why for _line, why in load.rejected][0] == 'account: "Nearly" is nearly somebody'
	# Of a row that is rejected no prospect is made.
	assert [name for name in known.named_prospects.noted if name] == ["Fresh Ltd"]
	assert load.reader.without_account == 1


def test_a_close_date_beside_an_unknown_stage_is_no_second_mistake(tmp_path):
	load = Load(tmp_path, "id,stage,close_date\n1,Discovery,2027-01-31\n")
	assert load.rejected == [(2, 'stage: "Discovery" is not a known stage; say which it is')]


@pytest.mark.parametrize(
	("cell", "addresses"),
	[
		("a@x.example; b@X.example", ["a@x.example", "b@x.example"]),
		("Ann <a@x.example>, Bob <b@x.example>", ["a@x.example", "b@x.example"]),
		("Ann <a@x.example>; b@X.example", ["a@x.example", "b@x.example"]),
		("Lee@, Ann <a@x.example>; <b@x.example>", ["a@x.example", "b@x.example"]),
		("a@x.example a@x.example", ["a@x.example"]),
		("a@x.example, b@", ["a@x.example"]),
		("b@, a@x.example", []),
		("a@x.example / 020 7946 0011", []),
		("", []),
	],
)
def test_every_address_of_a_cell_counts(cell, addresses):
	assert clean_emails(cell) == addresses


@pytest.mark.parametrize(
	("cell", "numbers"),
	[
		("+44 20 7946 0961 / +44 20 7946 0962", ["+44 20 7946 0961", "+44 20 7946 0962"]),
		("030 901820, 0171 2345678", ["+49 30 901820", "+49 171 2345678"]),
		("030 901820 or 030 901821", ["+49 30 901820", "+49 30 901821"]),
		("030 901820; 030 901820", ["+49 30 901820"]),
		# The sign belongs to the number.
		("030/901820", ["+49 30 901820"]),
		("call me", []),
	],
)
def test_every_number_of_a_cell_counts(cell, numbers):
	assert clean_phones(cell, "DE") == numbers


def test_what_has_no_field_of_its_own_is_kept(tmp_path):
	row = "Acme,,,a@x.example; b@x.example,030 901820 / 030 901821 / 030 901822,,,,,,"
	party = read(tmp_path, row)[0][0]
	wanted = {"email": "a@x.example", "phone": "+49 30 901820", "mobile": "+49 30 901821"}
	assert {name: party.values[name] for name in wanted} == wanted
	assert (party.values["more_emails"], party.values["more_phones"]) == ("b@x.example", "+49 30 901822")


def test_a_second_number_does_not_replace_the_one_in_the_column_for_it(tmp_path):
	(tmp_path / "leads.csv").write_text("n,p,m\nAcme,030 901820 / 030 901821,0171 2345678\n")
	columns = {"n": "company_name", "p": "phone", "m": "mobile"}
	mapping = parse_mapping({"files": {"leads": {"file": "leads.csv", "columns": columns}}})
	reader = PartyReader(open_tables(tmp_path, mapping)["leads"], mapping, Known(), date(2026, 1, 2), "DE")
	values = next(reader.read(lambda *rejected: None)).values
	assert (values["mobile"], values["more_phones"]) == ("+49 171 2345678", "+49 30 901821")


def test_unnamed_columns_at_the_end_may_be_missing_and_no_others(tmp_path):
	load = Load(tmp_path, "id,stage,title,,\n1,New,One,,\n2,New,Two\n3,New\n", columns={"id": "external_id", "stage": "stage", "title": "title"})  # fmt: skip
	assert [deal.title for deal in load.deals] == ["One", "Two"]
	assert load.rejected == [(4, "the row has 2 cells, the header has 5")]


def test_signs_that_no_text_has_are_left_out(tmp_path):
	assert Load(tmp_path, "id,stage,title\n1,New,A\x00c\x07me\n").deals[0].title == "Acme"


@pytest.mark.parametrize("digits", ["１２３４．５", "١٢٣٤٫٥", "१२३४.५"])
def test_digits_of_other_writings_are_numbers_and_days(tmp_path, digits):
	text = f"id,stage,amount,created_on\n1,New,{digits},２０２４-０５-٠٢\n"
	deal = Load(tmp_path, text).deals[0]
	assert (deal.amount, deal.opened_on) == (Decimal("1234.5"), date(2024, 5, 2))


def test_of_columns_of_one_name_the_first_is_guessed():
	columns = ["Name", "Email (1)", "Email (2)"]
	assert guess(columns, "leads", FIELDS["leads"]) == {"Name": "contact", "Email (1)": "email"}
	# What was chosen before goes by the whole name.
	chosen = guess(columns, "leads", FIELDS["leads"], earlier={"Email (2)": "email"})
	assert chosen == {"Name": "contact", "Email (2)": "email"}


def test_the_name_of_a_deal_is_its_title():
	assert guess(["name", "stage"], "opportunities", FIELDS["opportunities"]) == {"name": "title", "stage": "stage"}
	assert guess(["name"], "leads", FIELDS["leads"]) == {"name": "contact"}


@pytest.mark.parametrize(
	("encoding", "text"),
	[
		("euc_kr", "회사명,이름,이메일\n테스트전자,김철수,kim@x.example\n한국기계 주식회사,박영희,park@x.example\n"),
		("gbk", "公司名称,联系人,邮箱\n北京机电有限公司,张伟,zhang@x.example\n上海贸易公司,王芳,wang@x.example\n"),
		("gbk", "name\n宝鼎\n"),
	],
)
def test_korean_and_chinese_are_told_apart(tmp_path, encoding, text):
	(tmp_path / "list.csv").write_bytes(text.encode(encoding))
	assert text.encode(encoding).decode(encoding_of(tmp_path / "list.csv")) == text


@pytest.mark.parametrize(
	("cell", "gone"), [("Vrai", True), ("sí", True), ("はい", True), ("não", False), ("Falso", False)]
)
def test_yes_and_no_in_other_languages(tmp_path, cell, gone):
	assert len(read(tmp_path, f"Acme,,,,,,,,,,{cell}")[0]) == (0 if gone else 1)
	assert COLUMNS["gone"] == "is_deleted" and HEAD.endswith("gone")
