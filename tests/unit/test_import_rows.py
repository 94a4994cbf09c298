"""Rows: what becomes a deal with its history, and every reason for which a row is rejected."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.stages import OPEN, Stage
from crm_pipeline.importer.deals import DealReader, same_id, tally_of
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.rejects import Rejects
from crm_pipeline.importer.report import comparison_lines, file_lines, reject_lines
from crm_pipeline.importer.tables import Row
from crm_pipeline.importer.tally import Tally, compare
from crm_pipeline.importer.values import Values
from tests.unit.importing import FILES, HEAD, STAGES, KnownSite, Reading, rows, shipped, write

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "crm-sales-opportunities"


def history(reading, external_id) -> list[tuple[str, str]]:
	return [(stage.name, str(day)) for stage, day in reading.deals[external_id].history]


# ---- history


def test_a_deal_has_the_history_that_the_file_knows_and_no_more(tmp_path):
	reading = Reading(
		write(
			tmp_path,
			sales_pipeline=rows(
				"O1,Anna,GTXPro,Acme,Won,20-10-16,01-03-17,4500",
				"O2,Anna,GTXPro,Acme,Engaging,20-10-16,,",
				"O3,Anna,GTXPro,,Prospecting,,,",
				"O4,Anna,MG Special,Acme,Lost,20-10-16,20-10-16,0",
			),
		)
	)
	assert not reading.rejected
	assert history(reading, "O1") == [("S-talks", "2016-10-20"), ("S-won", "2017-03-01")]
	assert history(reading, "O2") == [("S-talks", "2016-10-20")]
	assert history(reading, "O3") == [("S-new", "2017-12-31")]
	assert history(reading, "O4") == [("S-talks", "2016-10-20"), ("S-lost", "2016-10-20")]
	assert reading.reader.without_account == 1


def with_created(**changes):
	"""The shipped mapping with the unused quarter column as the day of creation."""
	mapping = shipped()
	columns = {**mapping.files["opportunities"].columns, "engage_quarter": "created_on"}
	files = {
		name: {"file": spec.file, "columns": dict(columns if name == "opportunities" else spec.columns)}
		for name, spec in mapping.files.items()
	}
	return shipped(files=files, **changes)


def test_a_deal_was_in_the_only_stage_before_the_one_whose_day_is_known(tmp_path):
	text = f"{HEAD}\nO1,Anna,GTXPro,Acme,Won,20-10-16,01-03-17,4500,01-10-16,\nO2,Anna,,,Engaging,,,,01-10-16,\n"
	reading = Reading(write(tmp_path, sales_pipeline=text), with_created())
	assert history(reading, "O1") == [
		("S-new", "2016-10-01"),
		("S-talks", "2016-10-20"),
		("S-won", "2017-03-01"),
	]
	assert history(reading, "O2") == [("S-talks", "None")], "when it came there the file does not say"
	assert str(reading.deals["O2"].opened_on) == "2016-10-01"


def test_of_a_closed_deal_without_any_earlier_day_nobody_knows_when_it_began_and_where_it_was(tmp_path):
	reading = Reading(write(tmp_path, sales_pipeline=rows("O1,Anna,GTXPro,Acme,Won,,01-03-17,4500")))
	deal = reading.deals["O1"]
	assert history(reading, "O1") == [("S-won", "2017-03-01")]
	assert (deal.opened_on, deal.last_open_stage) == (None, None)


def test_without_a_default_a_deal_without_days_began_on_an_unknown_day(tmp_path):
	mapping = shipped(defaults={})
	reading = Reading(write(tmp_path, sales_pipeline=rows("O1,Anna,,,Prospecting,,,")), mapping)
	assert history(reading, "O1") == [("S-new", "None")] and reading.deals["O1"].opened_on is None


@pytest.mark.parametrize(
	("line", "why"),
	[
		("O1,Anna,GTXPro,Acme,Won,2016-10-20,2026-02-03,4500", "2026-02-03 is in the future"),
		("O1,Anna,GTXPro,Acme,Lost,2016-10-20,2107-03-01,0", "2107-03-01 is in the future"),
		("O1,Anna,GTXPro,Acme,Engaging,2026-01-03,,", "2026-01-03 is in the future"),
		("O1,Anna,GTXPro,Acme,Won,0206-10-20,2017-03-01,4500", "0206-10-20 is before 1970-01-01"),
	],
)
def test_what_happened_did_so_by_today_and_in_our_time(tmp_path, line, why):
	reading = Reading(write(tmp_path, sales_pipeline=rows(line)), shipped(date_format="%Y-%m-%d"))
	assert not reading.deals and why in reading.reasons()[0]


def test_today_is_not_the_future(tmp_path):
	text = rows("O1,Anna,GTXPro,Acme,Won,2026-01-02,2026-01-02,4500")
	assert Reading(write(tmp_path, sales_pipeline=text), shipped(date_format="%Y-%m-%d")).deals


# ---- spelling


def test_aliases_and_case_do_not_make_a_second_product(tmp_path):
	text = rows("O1,Anna,GTXPro,Acme,Engaging,,,", "O2,ANNA, gtx  pro ,ACME,engaging,,,")
	reading = Reading(write(tmp_path, sales_pipeline=text))
	assert {(d.product, d.account, d.agent) for d in reading.deals.values()} == {("GTX Pro", "Acme", "Anna")}


def test_accounts_have_the_alias_of_industry_and_country(tmp_path):
	accounts = Reading(write(tmp_path)).masters.accounts
	assert accounts["acme"][0].industry == "Technology"
	assert accounts["bluth"][0].country == "Philippines"
	assert accounts["bluth"][0].parent == "Acme"


# ---- rejected opportunities


@pytest.mark.parametrize(
	("line", "reason"),
	[
		(",Anna,GTXPro,Acme,Engaging,,,", "opportunity_id: is empty"),
		("<b>O1,Anna,GTXPro,Acme,Engaging,,,", "opportunity_id: must not hold < or >"),
		("O1,Anna,GTXPro,Acme,,,,", "deal_stage: is empty"),
		("O1,Anna,GTXPro,Acme,Dreaming,,,", 'deal_stage: "Dreaming" is not a known stage; say which it is'),
		("O1,Nobody,GTXPro,Acme,Engaging,,,", 'sales_agent: "Nobody" is unknown'),
		("O1,Anna,GTY,Acme,Engaging,,,", 'product: "GTY" is unknown'),
		("O1,Anna,GTXPro,Nowhere,Engaging,,,", 'account: "Nowhere" is unknown'),
		(
			"O1,Anna,GTXPro,Acme,Engaging,2016-10-20,,",
			'engage_date: "2016-10-20" is not a date of the form %d-%m-%y',
		),
		("O1,Anna,GTXPro,Acme,Engaging,31-02-16,,", 'engage_date: "31-02-16" is not a date'),
		(
			"O1,Anna,GTXPro,Acme,Won,20-10-16,19-10-16,5",
			"close_date: 2016-10-19 is before engage_date (2016-10-20)",
		),
		("O1,Anna,GTXPro,Acme,Won,20-10-16,,5", 'close_date: is empty, but the opportunity is "Won"'),
		(
			"O1,Anna,GTXPro,Acme,Engaging,,19-10-16,",
			'close_date: is filled, but the opportunity is in "Engaging"',
		),
		("O1,Anna,GTXPro,Acme,Won,20-10-16,21-10-16,", "close_value: is empty for a won opportunity"),
		("O1,Anna,GTXPro,Acme,Won,20-10-16,21-10-16,-1", "close_value: -1 is negative"),
		("O1,Anna,GTXPro,Acme,Won,20-10-16,21-10-16,much", 'close_value: "much" is not a number'),
		(
			"O1,Anna,GTXPro,Acme,Won,20-10-16,21-10-16,1000000000000",
			"close_value: 1000000000000 is too large",
		),
		(f"{'O' * 141},Anna,GTXPro,Acme,Engaging,,,", "opportunity_id: is longer than 140 characters"),
	],
)
def test_a_row_is_rejected_with_the_column_and_the_reason(tmp_path, line, reason):
	reading = Reading(write(tmp_path, sales_pipeline=rows(line, "O9,Anna,GTXPro,Acme,Engaging,,,")))
	(found,) = reading.reasons()
	assert found.startswith(reason)
	assert list(reading.deals) == ["O9"]


@pytest.mark.parametrize("amount", ["0", "0,00", "0.00"])
def test_what_was_won_for_nothing_was_won(tmp_path, amount):
	decimal = {"decimal": ","} if "," in amount else {}
	text = rows(f'O1,Anna,GTXPro,Acme,Won,20-10-16,21-10-16,"{amount}"')
	reading = Reading(write(tmp_path, sales_pipeline=text), shipped(**decimal))
	assert (reading.reasons(), reading.deals["O1"].amount) == ([], 0)


def test_all_reasons_of_a_row_are_told_at_once(tmp_path):
	reading = Reading(write(tmp_path, sales_pipeline=rows("O1,Nobody,GTY,Acme,Won,x,01-03-17,-5")))
	assert reading.reasons() == [
		'engage_date: "x" is not a date of the form %d-%m-%y; close_value: -5 is negative; '
		'product: "GTY" is unknown; sales_agent: "Nobody" is unknown'
	]


def test_the_second_row_of_an_id_is_rejected_and_ids_that_differ_by_case_or_accents_are_two(tmp_path):
	text = rows(*(f"{key},Anna,GTXPro,Acme,Engaging,,," for key in ("ab1", "AB1", "x", "\u00e4b1", "AB1")))
	reading = Reading(write(tmp_path, sales_pipeline=text))
	assert list(reading.deals) == ["ab1", "AB1", "x", "\u00e4b1"]
	assert reading.reasons() == ['opportunity_id: "AB1" is there already, in line 3']


def test_records_of_the_site_serve_as_well_as_those_of_the_file(tmp_path):
	reading = Reading(write(tmp_path, sales_pipeline=rows("O1,Anna,GTXPro,old corp,Engaging,,,")))
	assert reading.deals["O1"].account == "CUST-1"


def test_open_deals_need_usable_records_and_closed_ones_are_history(tmp_path):
	known = KnownSite()
	known.refused = {"GTX Pro": '"{0}" is disabled'}
	text = rows("O1,Anna,GTXPro,Acme,Engaging,,,", "O2,Anna,GTXPro,Acme,Lost,,01-03-17,0")
	reading = Reading(write(tmp_path, sales_pipeline=text), known=known)
	assert list(reading.deals) == ["O2"]
	assert reading.reasons() == ['product: "GTX Pro" is disabled']


def test_a_name_that_several_customers_have_is_left_to_a_person(tmp_path):
	known = KnownSite()
	known.twice = {"Acme", "Twins"}
	text = rows("O1,Anna,GTXPro,Twins,Engaging,,,", "O2,Anna,GTXPro,,Engaging,,,")
	reading = Reading(write(tmp_path, sales_pipeline=text), known=known)
	assert reading.reasons("accounts.csv")[0] == 'account: several Customers are called "Acme"'
	assert reading.reasons() == ['account: "Twins" is the name of several records']


# ---- rejected masters


@pytest.mark.parametrize(
	("file", "lines", "reason"),
	[
		("products", "product,series,sales_price\nGTX Pro,GTX,1\ngtx pro,GTX,2", 'product: "gtx pro" is there already, in line 2'),
		("products", "product,series,sales_price\nGTX Pro,GTX,1\n,GTX,2", "product: is empty"),
		("products", "product,series,sales_price\nGTX Pro,GTX,1\nX,GTX,free", 'sales_price: "free" is not a number'),
		("sales_teams", "sales_agent,manager,regional_office\nAnna,Dustin,Central\nBob,Dustin,East", 'manager: "Dustin" is in Central in an earlier row'),
		("sales_teams", "sales_agent,manager,regional_office\nAnna,Dustin,Central\nEast,Dustin,East", 'regional_office: "East" is also the name of a person'),
	],
)  # fmt: skip
def test_a_product_or_agent_is_rejected_with_its_reason(tmp_path, file, lines, reason):
	reading = Reading(write(tmp_path, **{file: lines + "\n"}))
	assert reading.reasons(f"{file}.csv") == [reason]


def accounts(*lines: str) -> str:
	head = "account,sector,year_established,revenue,employees,office_location,subsidiary_of"
	return "\n".join([head, *lines]) + "\n"


def test_an_unknown_country_asks_for_an_alias(tmp_path):
	reading = Reading(write(tmp_path, accounts=accounts("Acme,,,,,Atlantis,")))
	assert reading.reasons("accounts.csv") == ['office_location: "Atlantis" is not a known country; say which it is']
	assert reading.reasons() == ['account: "Acme" is unknown']


def test_a_parent_may_follow_its_subsidiary_or_be_a_customer_already(tmp_path):
	reading = Reading(write(tmp_path, accounts=accounts("Acme,,,,,,Top", "Top,,,,,,Old Corp")))
	assert not reading.rejected


def test_an_unknown_parent_takes_its_subsidiaries_along(tmp_path):
	text = accounts("Acme,,,,,,", "B,,,,,,A1", "C,,,,,,B", "D,,,,,,C")
	reading = Reading(write(tmp_path, accounts=text))
	assert list(reading.masters.accounts) == ["acme"]
	assert reading.reasons("accounts.csv")[0] == 'subsidiary_of: "A1" is neither in the file nor a Customer'


def test_nobody_is_their_own_ancestor(tmp_path):
	text = accounts("Acme,,,,,,", "A,,,,,,A", "B,,,,,,C", "C,,,,,,B", "D,,,,,,Acme")
	reading = Reading(write(tmp_path, accounts=text))
	assert list(reading.masters.accounts) == ["acme", "d"]
	assert all("leads back to the account itself" in why for why in reading.reasons("accounts.csv"))


# ---- ids and sums


@given(st.text(max_size=20))
def test_sameness_of_ids_is_stable(text):
	assert same_id(same_id(text)) == same_id(text)


def test_the_tally_is_what_a_spreadsheet_says(tmp_path):
	text = rows(
		"O1,Anna,GTXPro,Acme,Won,20-10-16,01-03-17,4500",
		"O2,Boris,GTXPro,Acme,Won,20-10-16,01-03-17,0.10",
		"O3,Boris,,Acme,Engaging,20-10-16,,0.20",
	)
	tally = tally_of(Reading(write(tmp_path, sales_pipeline=text)).deals.values())
	assert (tally.total_count, tally.total_sum) == (3, Decimal("4500.30"))
	assert tally.counts[("agent", "Boris")] == 2
	assert tally.sums[("agent", "Boris")] == Decimal("0.30")
	assert tally.sums[("product", "(none)")] == Decimal("0.20")
	assert tally.values_of("stage") == ["S-talks", "S-won"]


def test_a_difference_is_marked_and_told(tmp_path):
	file, site = Tally(), Tally()
	file.add(Decimal(1000), stage="won")
	site.add(Decimal(999), stage="won")
	lines = compare(file, site, ("stage",))
	assert not lines[0].equal
	text = "\n".join(comparison_lines(lines))
	assert "won" in text and "1,000" in text and "999" in text and "DIFFERS" in text
	assert "DIFFERS" not in "\n".join(comparison_lines(compare(file, file)))
	assert "1,000" in "\n".join(file_lines(file))


@pytest.mark.skipif(not DATA.is_dir(), reason="the sample export is not beside the checkout (../shared/data)")
def test_the_sample_export_is_read_whole():
	known = KnownSite()
	known.country = lambda text: text
	reading = Reading(DATA, known=known)
	assert reading.rejected == {}
	with open(DATA / "sales_pipeline.csv", encoding="utf-8", newline="") as file:
		lines = list(csv.DictReader(file))
	tally = tally_of(reading.deals.values())
	assert tally.counts[("stage", "S-won")] == 4238
	assert tally.sums[("stage", "S-won")] == 10_005_534
	for dimension, column in (("product", "product"), ("agent", "sales_agent")):
		names = {"GTXPro": "GTX Pro"}
		counts, sums = Counter(), Counter()
		for line in lines:
			key = (dimension, names.get(line[column], line[column]))
			counts[key] += 1
			sums[key] += int(line["close_value"] or 0)
		assert {k: v for k, v in tally.counts.items() if k[0] == dimension} == counts
		assert {k: v for k, v in tally.sums.items() if k[0] == dimension} == sums
	assert reading.reader.without_account == 1425
	assert all(day >= date(2016, 10, 20) for d in reading.deals.values() for _stage, day in d.history)


# ---- what fits


def values_of(**cells) -> Values:
	return Values(Row(2, (), {key: text for key, text in cells.items() if text}, {"title": "Name"}), shipped())


def test_a_text_may_have_140_characters_and_what_is_told_of_a_deal_more():
	values = values_of(title="T" * 141, account="A" * 140, details="D" * 999)
	assert [values.text(field) for field in ("title", "account", "details", "product")] == [
		"T" * 141,
		"A" * 140,
		"D" * 999,
		"",
	]
	assert values.problems == ["Name: is longer than 140 characters"], "a problem names the column of the file"
	assert values.text("agent", required=True) == "" and values.problems[1:] == ["agent: is empty"]
	assert (values.given("title"), values.given("agent")) == (True, False)


@pytest.mark.parametrize(
	("text", "number", "problem"),
	[
		("", None, None),
		("0", Decimal(0), None),
		("1,234.50", Decimal("1234.50"), None),
		("-0.01", None, "amount: -0.01 is negative"),
		("999999999999.99", Decimal("999999999999.99"), None),
		("1000000000000", None, "amount: 1000000000000 is too large"),
		("12,34", None, 'amount: "12,34" is not a number'),
	],
)
def test_an_amount_is_a_number_that_the_database_holds(text, number, problem):
	values = values_of(amount=text)
	assert values.amount("amount") == number and values.problems == ([problem] if problem else [])


def test_a_row_that_can_not_be_taken_apart_has_that_reason_alone():
	values = Values(Row(2, ("a",), {}, {}, "the row has 1 cells, the header has 2"), shipped())
	assert values.text("title", required=True) == "" and values.date("closed_on") is None
	assert values.problems == ["the row has 1 cells, the header has 2"]


# ---- days


@pytest.fixture
def reader(tmp_path):
	"""A reader of 2 January 2026 and the values of one row that it judges."""
	return Reading(write(tmp_path)).reader


COLUMNS = {name: name.title() for name in ("created_on", "engaged_on", "closed_on", "expected_close", "stage")}


@pytest.mark.parametrize(
	("field", "day", "problem"),
	[
		*((field, date(2026, 1, 2), None) for field in ("created_on", "engaged_on", "closed_on")),
		*(
			(f, date(2026, 1, 3), f"{f.title()}: 2026-01-03 is in the future")
			for f in ("created_on", "engaged_on", "closed_on")
		),
		("expected_close", date(2026, 1, 3), None),
		("expected_close", date(2046, 12, 31), None),
		("expected_close", date(2047, 1, 1), "Expected_Close: 2047-01-01 is more than 20 years ahead"),
		("expected_close", date(1970, 1, 1), None),
		("created_on", date(1969, 12, 31), "Created_On: 1969-12-31 is before 1970-01-01"),
		("expected_close", None, None),
	],
)
def test_a_day_that_nobody_means_is_refused(reader, field, day, problem):
	values = Values(Row(2, (), {}, COLUMNS), shipped())
	reader._check_years(values, {field: day})
	assert values.problems == ([problem] if problem else [])


@pytest.mark.parametrize(
	("stage", "days", "problem"),
	[
		("engaging", {}, None),
		("engaging", {"closed_on": 3}, 'Closed_On: is filled, but the opportunity is in "engaging"'),
		("won", {"closed_on": 3}, None),
		("won", {}, 'Closed_On: is empty, but the opportunity is "won"'),
		("lost", {}, 'Closed_On: is empty, but the opportunity is "lost"'),
		("won", {"created_on": 1, "engaged_on": 1, "closed_on": 1}, None),
		(
			"won",
			{"created_on": 2, "engaged_on": 1, "closed_on": 3},
			"Engaged_On: 2025-01-01 is before Created_On (2025-01-02)",
		),
		("won", {"created_on": 4, "closed_on": 3}, "Closed_On: 2025-01-03 is before Created_On (2025-01-04)"),
		("engaging", {"expected_close": 1, "created_on": 4}, None),
	],
)
def test_what_happened_later_was_not_earlier(reader, stage, days, problem):
	dates = {name: date(2025, 1, days[name]) if name in days else None for name in COLUMNS if name != "stage"}
	values = Values(Row(2, (), {"stage": stage}, COLUMNS), shipped())
	reader._check_order(values, STAGES[stage], dates)
	assert values.problems == ([problem] if problem else [])


@pytest.mark.parametrize(
	("stage", "days", "told"),
	[
		("prospecting", {}, [("S-new", "2017-12-31")]),
		("prospecting", {"engaged_on": 5}, [("S-new", "2025-01-05")]),
		("engaging", {"engaged_on": 5}, [("S-talks", "2025-01-05")]),
		("engaging", {"closed_on": 5}, [("S-talks", "None")]),
		("won", {"closed_on": 7}, [("S-won", "2025-01-07")]),
		("won", {"created_on": 3, "closed_on": 7}, [("S-won", "2025-01-07")]),
		("lost", {"engaged_on": 5, "closed_on": 7}, [("S-talks", "2025-01-05"), ("S-lost", "2025-01-07")]),
		("won", {"engaged_on": 7, "closed_on": 7}, [("S-talks", "2025-01-07"), ("S-won", "2025-01-07")]),
		(
			"won",
			{"created_on": 3, "engaged_on": 5, "closed_on": 7},
			[("S-new", "2025-01-03"), ("S-talks", "2025-01-05"), ("S-won", "2025-01-07")],
		),
		(
			"won",
			{"created_on": 5, "engaged_on": 5, "closed_on": 7},
			[("S-talks", "2025-01-05"), ("S-won", "2025-01-07")],
		),
		("engaging", {"created_on": 5}, [("S-talks", "None")]),
	],
)
def test_a_deal_has_entered_the_stages_whose_days_are_known(reader, stage, days, told):
	dates = {name: date(2025, 1, days[name]) if name in days else None for name in COLUMNS if name != "stage"}
	assert [(one.name, str(day)) for one, day in reader._history(STAGES[stage], dates)] == told


def test_without_any_open_stage_in_the_mapping_a_closed_deal_has_been_in_none(reader):
	dates = {**dict.fromkeys(COLUMNS), "closed_on": date(2025, 1, 7)}
	reader.first, reader.entries = None, {}
	assert [(one.name, str(day)) for one, day in reader._history(STAGES["won"], dates)] == [("S-won", "2025-01-07")]


def test_an_agent_without_a_manager_stands_in_any_region_and_one_manager_in_one(tmp_path):
	teams = "sales_agent,manager,regional_office\nAnna,Dustin,Central\nBoris,,East\nCara,dustin,East\nDora,Dustin,central\nEve,,\n"
	reading = Reading(write(tmp_path, sales_teams=teams))
	assert list(reading.masters.agents) == ["anna", "boris", "dora", "eve"]
	assert reading.reasons("sales_teams.csv") == ['manager: "dustin" is in Central in an earlier row']


def test_the_file_of_rejected_rows_holds_the_row_its_line_and_the_reasons(tmp_path):
	reading = Reading(write(tmp_path))
	table, folder = reading.tables["opportunities"], tmp_path / "new" / "rejects"
	rejects = Rejects(folder)
	rejects.prepare(reading.tables)
	assert folder.is_dir() and list(folder.iterdir()) == [] and (rejects.count, rejects.files) == (0, [])
	for line in range(1, 13):
		rejects.add(table, Row(line, ("O1", "Anna"), {}, {}), ["one", "two"])
	rejects.close()
	[path] = rejects.files
	with open(path, encoding="utf-8-sig", newline="") as file:
		lines = list(csv.reader(file))
	assert path.name == "sales_pipeline.rejected.csv" and lines[0] == [
		*table.header,
		"rejected_line",
		"rejected_reason",
	]
	assert (lines[1], len(lines)) == (["O1", "Anna", "1", "one; two"], 13)
	assert (rejects.count, rejects.counts, len(rejects.samples)) == (12, {"sales_pipeline.csv": 12}, 10)
	assert rejects.samples[0] == "sales_pipeline.csv line 1: one; two"
	told = list(reject_lines(rejects))
	assert told[:3] == ["", "Rejected rows of sales_pipeline.csv: 12", "  sales_pipeline.csv line 1: one; two"]
	assert told[-2:] == ["  and 2 more", f"Written to {path}"] and len(told) == 14
	again = Rejects(folder)
	again.prepare(reading.tables)
	assert not path.exists() and list(reject_lines(again)) == [], "what an earlier run left is gone"
	Rejects().prepare(reading.tables)


def test_rejected_rows_that_can_not_be_written_are_told_before_anything_is_stored(tmp_path):
	reading = Reading(write(tmp_path))
	(tmp_path / "taken").write_text("a file")
	with pytest.raises(InputError, match="rejected rows can't be written there .* choose a folder with --rejects"):
		Rejects(tmp_path / "taken").prepare(reading.tables)


def test_the_file_of_rejected_rows_is_written_as_the_export_is(tmp_path):
	mapping = shipped(delimiter=";", encoding="latin-1")
	texts = {name.removesuffix(".csv"): text.replace(",", ";") for name, text in FILES.items()}
	reading = Reading(write(tmp_path, encoding="latin-1", **texts), mapping)
	table, rejects = reading.tables["opportunities"], Rejects(tmp_path)
	rejects.add(table, Row(2, ("O1", "Jörg, Dr."), {}, {}), ["one, two"])
	rejects.close()
	text = rejects.files[0].read_text(encoding="latin-1")
	assert text.splitlines()[1] == "O1;Jörg, Dr.;2;one, two" and text.splitlines()[0].startswith(
		"opportunity_id;sales_agent;"
	)


def test_a_stage_without_a_day_was_entered_on_an_unknown_one(reader):
	third = Stage("S-third", "S", 30, OPEN, 50)
	dates = {**dict.fromkeys(COLUMNS), "created_on": date(2025, 1, 3), "engaged_on": date(2025, 1, 5)}
	reader.entries = {STAGES["prospecting"]: "created_on", STAGES["engaging"]: "engaged_on"}
	told = [(one.name, str(day)) for one, day in reader._history(third, dates)]
	assert told == [("S-new", "2025-01-03"), ("S-talks", "2025-01-05"), ("S-third", "None")]


def test_a_row_that_is_wrong_by_itself_is_not_called_a_duplicate_too(tmp_path):
	reading = Reading(
		write(tmp_path, products="product,series,sales_price\nGTX Pro,GTX,5\ngtx pro,GTX,much\nGTX PRO,GTX,7\n")
	)
	assert reading.reasons("products.csv") == [
		'sales_price: "much" is not a number',
		'product: "GTX PRO" is there already, in line 2',
	]


@pytest.mark.parametrize(
	("dates", "days", "stage_type", "opened"),
	[
		({"created_on": 3, "engaged_on": 1}, (2,), "Open", 3),
		({"engaged_on": 4}, (2, 6), "Open", 2),
		({"engaged_on": 1}, (2, None), "Open", 1),
		({}, (5, 2), "Won", 2),
		({}, (), "Open", 9),
		({}, (), "Lost", None),
	],
)
def test_a_deal_began_on_the_first_day_on_which_it_is_known_to_have_been_open(dates, days, stage_type, opened):
	day = lambda number: number and date(2026, 1, number)  # noqa: E731
	known = {name: day(dates.get(name)) for name in ("created_on", "engaged_on")}
	passed = [(SimpleNamespace(type="Open"), day(number)) for number in days] + [(SimpleNamespace(type="Won"), day(1))]
	reader = SimpleNamespace(fallback=day(9))
	assert DealReader._opened(reader, SimpleNamespace(type=stage_type), known, passed) == day(opened)
