"""Small rules of totals, of the past and of closed deals, asked at their boundaries."""

from datetime import date, datetime

import frappe
import pytest
from frappe.utils import add_days, add_months, getdate

from crm_pipeline.analytics import (
	backtest,
	closed_deals,
	closed_groups,
	deal_values,
	drill,
	figure_documents,
	forecast_documents,
	forecast_totals,
	history,
	learned_rates,
	movement,
	order_history,
	outlook,
	scope,
	snapshots,
)
from crm_pipeline.analytics.closed_deals import Closed, ClosedScope
from crm_pipeline.analytics.forecast_documents import Cell
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.chain import rights
from crm_pipeline.core import win_loss
from crm_pipeline.core.forecast import Period, Totals
from crm_pipeline.core.series import Outlook
from tests.site import rows
from tests.site.health import PIPELINE, stage
from tests.site.portable.test_win_loss import competitor
from tests.site.world import refused

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
TODAY = date(2026, 6, 20)


def rows_behind(filters: dict, cell: dict) -> list[tuple]:
	return forecast_documents.rows_behind(ForecastScope.of(filters), Cell.of(cell), TODAY)


@pytest.fixture
def deal(world):
	"""deal("A", **values): a row of a deal as it may be in the table; all are of one owner, who has no others."""

	def make(key, doctype=OPPORTUNITY, **values):
		return rows.bare_deal(world, key, doctype, **{"sales_owner": f"owner-{world.tag}", **values})

	make.filters = {"company": world.company, "sales_owner": f"owner-{world.tag}"}
	return make


def keys(found) -> list[str]:
	return sorted(name.split()[0] for name in found)


# ---- by size: the report and the rule agree


AMOUNTS = (-5.0, 0.0, 0.5, 999.99, 1000.0, 9999.99, 10000.0, 99999.99, 100000.0)


def holds(band: win_loss.Band, amount: float) -> bool:
	"""The rule, as core/win_loss.py has it in words: from `low` up to, not including, `high`."""
	if band.low is None:
		return amount <= 0
	return amount > 0 and band.low <= amount and (band.high is None or amount < band.high)


@pytest.mark.parametrize("limits", ["1000, 10000, 100000", "10000", " "])
@pytest.mark.parametrize("outcome", ["Won", "Lost"])
def test_every_amount_is_in_the_band_that_the_rule_says_and_its_click_opens_it(deal, limits, outcome):
	field = "base_won_amount" if outcome == "Won" else "base_amount"
	named = {
		deal(f"D{n}", status=outcome, outcome=outcome, closed_on="2026-06-10", **{field: amount}): amount
		for n, amount in enumerate(AMOUNTS)
	}
	closed = Closed(
		ClosedScope.of({**deal.filters, "size_limits": limits, "from_date": "2026-06-01", "to_date": "2026-06-30"})
	)
	expected = [sum(holds(band, amount) for amount in AMOUNTS) for band in closed.bands]
	shown = closed_groups.grouped(closed, "Size")
	assert [row.now.won + row.now.lost for row in shown] == [count for count in expected if count]
	bands = [band for band, count in zip(closed.bands, expected, strict=True) if count]
	for row, band in zip(shown, bands, strict=True):
		filters = [[OPPORTUNITY, *one] for one in (row.won_filters if outcome == "Won" else row.lost_filters)]
		found = frappe.get_list(OPPORTUNITY, filters=filters, pluck="name", order_by="name asc", limit=0)
		assert sorted(named[name] for name in found) == sorted(amount for amount in AMOUNTS if holds(band, amount))
	assert sum(expected) == len(AMOUNTS), "each is in one band"


@pytest.mark.parametrize(("written", "limits"), [("#.###,##", (1000, 20000)), ("#,###.##", (1, 20)), (None, (1, 20))])
def test_limits_are_read_as_the_site_writes_numbers(world, monkeypatch, written, limits):
	usual = frappe.db.get_default
	saved = lambda key, *of: written if key == "number_format" else usual(key, *of)  # noqa: E731
	monkeypatch.setattr(frappe.db, "get_default", saved)
	closed = Closed(ClosedScope.of({"company": world.company, "size_limits": "1.000, 20.000"}))
	assert [band.low for band in closed.bands if band.low] == list(limits)


def test_bands_are_called_by_their_limits(site):
	labels = lambda limits: [closed_groups._band_label(band, "EUR") for band in win_loss.bands(limits)]  # noqa: E731
	assert [label.replace("EUR ", "").replace("€ ", "").strip() for label in labels((1000.0, 10000.0))] == [
		"No Amount", "Below 1,000", "1,000 to 10,000", "10,000 and more",
	]  # fmt: skip
	assert labels(()) == ["No Amount", "With an Amount"]


# ---- closed deals


@pytest.mark.parametrize(
	("day", "now", "before"),
	[
		("2026-04-30", 0, 0),
		("2026-05-01", 0, 1),
		("2026-05-31", 0, 1),
		("2026-06-01", 1, 0),
		("2026-06-30", 1, 0),
		("2026-07-01", 0, 0),
		(None, 0, 0),
	],
)
def test_a_deal_counts_in_the_period_in_which_it_was_closed(deal, day, now, before):
	deal("A", status="Won", outcome="Won", closed_on=day, base_won_amount=70, base_amount=90)
	closed = Closed(ClosedScope.of({**deal.filters, "from_date": "2026-06-01", "to_date": "2026-06-30"}))
	row = closed.total()
	assert (row.now.won, row.before.won) == (now, before)
	assert (row.now.won_amount, row.before.won_amount) == (70 * now, 70 * before)
	assert closed.undated() == (day is None)


def test_open_deals_and_those_of_another_company_are_not_closed_ones(deal):
	deal("open", closed_on="2026-06-10")
	deal("other", company="Another", status="Lost", outcome="Lost", closed_on="2026-06-10")
	deal("lost", status="Lost", outcome="Lost", closed_on="2026-06-10", base_amount=5)
	total = Closed(ClosedScope.of({**deal.filters, "from_date": "2026-06-01", "to_date": "2026-06-30"})).total()
	assert (total.now.won, total.now.lost, total.now.lost_amount) == (0, 1, 5)


def test_without_dates_the_report_is_of_the_last_twelve_months(site, monkeypatch):
	monkeypatch.setattr(closed_deals, "latest_today", lambda: date(2026, 6, 20))
	closed = Closed(ClosedScope.of({}))
	assert (closed.first, closed.last) == (date(2025, 7, 1), date(2026, 6, 30))
	assert closed.before == (date(2024, 7, 1), date(2025, 6, 30))
	assert (closed.doctype, Closed(ClosedScope.of({"document_type": PROJECT})).doctype) == (OPPORTUNITY, PROJECT)


def closed_on(deal, key, day, outcome="Won", **values):
	return deal(key, status=outcome, outcome=outcome, closed_on=day, **values)


def period(deal, **values):
	return Closed(ClosedScope.of({**deal.filters, "from_date": "2026-06-01", "to_date": "2026-06-30", **values}))


def test_wins_against_a_competitor_are_those_where_it_came_first_the_latest_first(deal, world):
	acme, bolt = competitor(f"Acme {world.tag}"), competitor(f"Bolt {world.tag}")
	for key, day, outcome, first, doctype in (
		("A", "2026-06-10", "Won", acme, OPPORTUNITY),
		("B", "2026-06-20", "Won", acme, OPPORTUNITY),
		("C", "2026-06-10", "Won", acme, OPPORTUNITY),
		("D", "2026-06-10", "Won", bolt, OPPORTUNITY),
		("E", "2026-06-10", "Lost", acme, OPPORTUNITY),
		("F", "2026-05-31", "Won", acme, OPPORTUNITY),
		("G", "2026-06-10", "Won", acme, PROJECT),
	):
		name = closed_on(deal, key, day, outcome)
		for idx, one in enumerate((first, bolt if first == acme else acme), start=1):
			rows.row(
				"Sales Deal Competitor",
				docstatus=0,
				parent=name,
				parenttype=doctype,
				parentfield="competitors",
				idx=idx,
				competitor=one,
			)
	closed = period(deal, group_by="Competitor")
	won_against = lambda name: closed_groups.rows_behind(closed, closed_deals.Cell((name,), "Won"))  # noqa: E731
	assert [name.split()[0] for name, _amount in won_against(acme)] == ["B", "A", "C"]
	assert [name for name, _amount in won_against(bolt)] == [f"D {world.tag}"]
	shown = {row.label: (row.now.won, row.now.lost) for row in closed_groups.grouped(period(deal), "Competitor")}
	assert shown == {acme: (3, 0), bolt: (1, 0), "No Competitor": (1, 1)}


def test_a_won_deal_s_rows_share_in_what_it_was_sold_for(deal, world):
	for key, sold, total, doctype in (("A", 150, 100, OPPORTUNITY), ("B", 70, 0, OPPORTUNITY), ("C", 30, 100, PROJECT)):
		name = closed_on(deal, key, "2026-06-10", base_won_amount=sold, base_amount=total, items_total=100)
		for idx, (item, amount) in enumerate(((world.pump, 40), (world.pump, 20), (world.service, 40)), start=1):
			rows.row(
				"Sales Deal Item",
				docstatus=0,
				parent=name,
				parenttype=doctype,
				parentfield="items",
				idx=idx,
				item_code=item,
				amount=amount,
			)
	lost = closed_on(deal, "D", "2026-06-10", "Lost", base_amount=100, items_total=50)
	rows.row(
		"Sales Deal Item",
		docstatus=0,
		parent=lost,
		parenttype=OPPORTUNITY,
		parentfield="items",
		idx=1,
		item_code=world.pump,
		amount=50,
	)
	shown = {row.key[0]: row.now for row in closed_groups.grouped(period(deal), "Product")}
	assert {item: (one.won, one.lost, one.won_amount, one.lost_amount) for item, one in shown.items()} == {
		world.pump: (2, 1, pytest.approx(90 + 42), 100),
		world.service: (2, 0, pytest.approx(60 + 28), 0),
		None: (1, 0, 30, 0),
	}


def test_products_are_called_by_their_name_and_number(site, world):
	frappe.db.set_value("Item", world.pump, "item_name", "Great Pump")
	frappe.db.set_value("Item", world.service, "item_name", world.service)
	assert closed_groups._item_names([world.pump, world.service]) == {
		world.pump: f"Great Pump ({world.pump})", world.service: world.service,
	}  # fmt: skip
	assert closed_groups._item_names([]) == {}


def test_groups_come_by_size_and_then_by_name_and_those_of_before_alone_not(deal):
	for key, owner_channel, day in (
		("A", "Web", "2026-06-10"), ("B", "Web", "2026-06-11"), ("C", "Fair", "2026-06-11"),
		("D", "Direct", "2026-06-11"), ("E", "Old", "2026-05-11"), ("F", "", "2026-06-11"), ("G", None, "2026-06-11"),
	):  # fmt: skip
		closed_on(deal, key, day, channel=owner_channel)
	found = closed_groups.grouped(period(deal), "Channel")
	assert [row.label for row in found] == ["Not Set", "Web", "Direct", "Fair"]
	assert [row.now.won for row in found] == [2, 2, 1, 1] and found[0].key == (None,)
	assert ("channel", "is", "not set") in found[0].won_filters and ("channel", "=", "Web") in found[1].won_filters
	assert ("outcome", "=", "Won") in found[0].won_filters and ("outcome", "=", "Lost") in found[0].lost_filters
	with refused(match="is not a grouping of this report"):
		closed_groups.grouped(period(deal), "Colour")


@pytest.mark.parametrize(
	("by", "label"), [("Sales Person", "Nobody"), ("Sales Owner", "Nobody"), ("Channel", "Not Set")]
)
def test_a_group_without_a_name_is_called_so(deal, world, by, label):
	closed_on(deal, "A", "2026-06-10", **({"sales_owner": None} if by == "Sales Owner" else {}))
	closed = Closed(
		ClosedScope.of({"company": world.company, "channel": "", "from_date": "2026-06-01", "to_date": "2026-06-30"})
	)
	assert label in [row.label for row in closed_groups.grouped(closed, by)]


def test_losses_stand_by_their_reason_and_wins_in_one_row(deal):
	for key, outcome, reason in (
		("A", "Won", "Price"),
		("B", "Won", None),
		("C", "Lost", "Price"),
		("D", "Lost", None),
	):
		closed_on(deal, key, "2026-06-10", outcome, lost_reason=reason)
	found = {row.label: row for row in closed_groups.grouped(period(deal), "Reason")}
	assert {label: (row.now.won, row.now.lost) for label, row in found.items()} == {
		"Won": (2, 0), "Price": (0, 1), "No Reason Given": (0, 1),
	}  # fmt: skip
	assert ("lost_reason", "=", "Price") in found["Price"].lost_filters
	assert ("lost_reason", "is", "not set") in found["No Reason Given"].lost_filters
	assert not [field for field, *_rest in found["Won"].won_filters if field == "lost_reason"]


def test_stages_reached_stand_in_the_order_of_the_pipeline(deal, world):
	for key, reached in (("A", "negotiation"), ("B", "qualification"), ("C", None), ("D", "gone")):
		closed_on(deal, key, "2026-06-10", closed_from="No Such" if reached == "gone" else reached and stage(reached))
	found = closed_groups.grouped(period(deal), "Stage Reached")
	labels = [frappe.db.get_value("Pipeline Stage", stage(key), "label") for key in ("qualification", "negotiation")]
	assert [row.label for row in found][:2] == labels
	assert sorted(row.label for row in found[2:]) == ["No Such", "Not Known"]
	other = rows.row("Pipeline Stage", docstatus=0, name=f"S {world.tag}", label="Else", pipeline="AA", position=1)
	closed_on(deal, "E", "2026-06-10", closed_from=other)
	assert [row.label for row in closed_groups.grouped(period(deal), "Stage Reached")][:2] == [
		"Else (AA)", f"{labels[0]} ({PIPELINE})",
	]  # fmt: skip


def test_months_are_all_there_and_cut_where_the_period_is(deal):
	closed_on(deal, "A", "2026-06-05")
	closed_on(deal, "B", "2026-06-04")
	closed_on(deal, "C", "2026-08-10", "Lost")
	found = closed_groups.grouped(
		Closed(ClosedScope.of({**deal.filters, "from_date": "2026-06-05", "to_date": "2026-08-10"})), "Month"
	)
	assert [(row.key, row.now.won, row.now.lost, row.before.won) for row in found] == [
		((2026, 6), 1, 0, 0), ((2026, 7), 0, 0, 0), ((2026, 8), 0, 1, 0),
	]  # fmt: skip
	days = [next(one[2] for one in row.won_filters if one[0] == "closed_on") for row in found]
	assert days == [["2026-06-05", "2026-06-30"], ["2026-07-01", "2026-07-31"], ["2026-08-01", "2026-08-10"]]
	assert [row.label for row in found] == ["Jun 2026", "Jul 2026", "Aug 2026"]
	assert all(sum(one[0] == "closed_on" for one in row.won_filters) == 1 for row in found)


def test_lessons_are_those_of_the_period_the_latest_first(deal, monkeypatch):
	for key, day, text in (
		("A", "2026-06-10", "x"), ("B", "2026-06-10", "x"), ("C", "2026-06-20", "x"), ("D", "2026-06-20", ""),
		("E", "2026-06-20", None), ("F", "2026-05-31", "x"),
	):  # fmt: skip
		closed_on(deal, key, day, lessons=text, title=key, base_won_amount=5, lost_reason="Price")
	found, there_are = closed_deals.lessons(period(deal))
	assert ([row.title for row in found], there_are) == (["C", "A", "B"], 3)
	assert set(found[0]) == {
		"name", "title", "party_name", "status", "closed_on", "amount", "lost_reason", "lost_to", "sales_person", "lessons",
	}  # fmt: skip
	assert (found[0].amount, found[0].lessons) == (5, "x")
	monkeypatch.setattr(closed_deals, "MOST_LESSONS", 2)
	assert (len(closed_deals.lessons(period(deal))[0]), closed_deals.lessons(period(deal))[1]) == (2, 3)


# ---- what a forecast counts


def forecast(deal, **filters):
	return forecast_totals.forecast_of(
		ForecastScope.of({**deal.filters, "start": "2026-06-01", "count": 3, **filters}), TODAY
	)


@pytest.mark.parametrize(
	("day", "where"),
	[
		("2026-05-31", 0),
		("2026-06-19", 0),
		("2026-06-20", 0),
		("2026-06-30", 0),
		("2026-07-01", 1),
		("2026-08-31", 2),
		("2026-09-01", "later"),
		(None, "undated"),
	],
)
def test_an_open_deal_counts_where_it_is_expected_and_its_click_opens_it(deal, day, where):
	name = deal("A", expected_close=day, base_amount=100, amount=100, probability=50, stage=stage("proposal"))
	found = forecast(deal)
	lines = [*found.periods.values()]
	line = lines[where] if isinstance(where, int) else found.outside[where]
	assert (line.documents, line.pipeline, line.weighted) == (1, 100, 50)
	assert sum(one.documents for one in (*lines, *found.outside.values())) == 1
	late = day is not None and getdate(day) < TODAY
	assert (line.overdue_documents, line.overdue) == (late, 100 * late)
	filters = {**deal.filters, "start": "2026-06-01", "count": 3}
	shown = ForecastScope.of(filters).periods(TODAY)
	places = [{"first": str(one.first), "last": str(one.last)} for one in shown]
	cells = [*places, *({"outside": name} for name in ("undated", "earlier", "later"))]
	hit = [n for n, cell in enumerate(cells) if rows_behind(filters, cell)]
	assert hit == [where if isinstance(where, int) else {"undated": 3, "later": 5}[where]]
	assert [row[:3] for row in rows_behind(filters, cells[hit[0]])] == [(OPPORTUNITY, False, name)]


@pytest.mark.parametrize(
	("day", "where"),
	[("2026-05-31", None), ("2026-06-01", 0), ("2026-08-31", 2), ("2026-09-01", 5), (None, 3)],
)
def test_a_won_deal_counts_when_it_was_closed_and_its_click_opens_it(deal, day, where):
	name = deal("A", status="Won", outcome="Won", closed_on=day, base_won_amount=70, base_amount=90, ordered_amount=30)
	filters = {**deal.filters, "start": "2026-06-01", "count": 3}
	found = forecast_totals.forecast_of(ForecastScope.of(filters), TODAY)
	lines = [*found.periods.values(), *(found.outside[name] for name in ("undated", "earlier", "later"))]
	assert [(line.signed, line.ordered) for line in lines] == [(70, 30) if n == where else (0, 0) for n in range(6)]
	places = [{"first": str(one.first), "last": str(one.last)} for one in found.periods]
	cells = [*places, *({"outside": name} for name in ("undated", "earlier", "later"))]
	hit = [n for n, cell in enumerate(cells) if rows_behind(filters, {**cell, "column": "signed"})]
	assert hit == ([] if where is None else [where])
	if where is not None:
		assert [row[1:3] for row in rows_behind(filters, {**cells[where], "column": "signed"})] == [(True, name)]


@pytest.mark.parametrize("start", ["2026-01-01", "2026-09-01"])
def test_overdue_deals_stand_beside_periods_that_do_not_hold_today(deal, start):
	deal("late", expected_close="2026-06-01", base_amount=100)
	deal("soon", expected_close="2026-06-25", base_amount=10)
	filters = {**deal.filters, "start": start, "count": 3}
	found = forecast_totals.forecast_of(ForecastScope.of(filters), TODAY)
	where = "later" if start < "2026-06" else "earlier"
	assert {name: line.documents for name, line in found.outside.items() if line.documents} == {where: 2}
	for outside in ("earlier", "later"):
		names = [row[2] for row in rows_behind(filters, {"outside": outside})]
		assert keys(names) == (["late", "soon"] if outside == where else [])


@pytest.mark.parametrize(
	("column", "expected"),
	[
		("commit", ["closed", "commit"]),
		("best_case", ["best"]),
		("pipeline", ["odd", "plain", "unset"]),
		("omitted", ["omitted"]),
		("category", ["closed", "commit", "won"]),
		("countable", ["best", "closed", "commit", "odd", "plain", "unset", "won"]),
		("open", ["best", "closed", "commit", "odd", "omitted", "plain", "unset"]),
		("all", ["best", "closed", "commit", "odd", "omitted", "plain", "unset", "won"]),
		(None, ["best", "closed", "commit", "odd", "omitted", "plain", "unset", "won"]),
		("signed", ["won"]),
		("overdue", []),
	],
)
def test_behind_each_column_stand_the_deals_of_its_categories(deal, column, expected):
	for key, category in (
		("commit", "Commit"), ("closed", "Closed"), ("best", "Best Case"), ("plain", "Pipeline"), ("odd", "Odd"),
		("unset", ""), ("omitted", "Omitted"),
	):  # fmt: skip
		deal(key, forecast_category=category, expected_close="2026-06-25", base_amount=10)
	deal("won", status="Won", outcome="Won", closed_on="2026-06-25", base_won_amount=10)
	filters = {**deal.filters, "start": "2026-06-01", "count": 1}
	cell = {"first": "2026-06-01", "last": "2026-06-30", "column": column}
	assert keys(row[2] for row in rows_behind(filters, cell)) == expected


def test_the_most_valuable_come_first(deal):
	for key, amount in (("A", 10), ("B", 30), ("C", 0), ("D", 30)):
		deal(key, expected_close="2026-06-25", base_amount=amount, forecast_category="Omitted")
	filters = {**deal.filters, "start": "2026-06-01", "count": 1}
	cell = {"first": "2026-06-01", "last": "2026-06-30", "column": "omitted"}
	found = figure_documents.of_forecast(ForecastScope.of(filters), Cell.of(cell), today=TODAY)
	assert [row.name.split()[0] for row in found["documents"]] == ["B", "D", "A", "C"]
	assert [row.base_amount for row in found["documents"]] == [30, 30, 10, 0]


def test_a_deal_of_another_currency_needs_a_rate(deal, world):
	for key, currency, rate, base in (
		("own", world.currency, 0, 10), ("unset", "", 0, 20), ("rated", "XTS", 0.5, 30), ("zero", "XTS", 0, 40),
		("less", "XTS", -1, 50),
	):  # fmt: skip
		deal(key, currency=currency, conversion_rate=rate, base_amount=base, expected_close="2026-06-25")
	line = forecast(deal).total
	assert (line.documents, line.pipeline, line.unrated, line.unpriced) == (5, 60, 2, 0)
	deal("empty", base_amount=0, expected_close="2026-06-25", currency=world.currency)
	assert forecast(deal).total.unpriced == 1


@pytest.mark.parametrize(("days", "band"), [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (179, 2), (180, 3)])
def test_the_age_of_a_deal_decides_its_rate(deal, days, band):
	entered = datetime(2026, 6, 19, 23, 59, 59)
	deal("A", stage_entered_on=frappe.utils.add_days(entered, -days), expected_close="2026-06-25", base_amount=10)
	[line] = forecast_totals.open_lines(OPPORTUNITY, ForecastScope.of(deal.filters), TODAY)
	assert (line.band, line.stage, line.documents, line.value) == (band, stage("proposal"), 1, 10)


def test_a_scope_counts_deals_projects_or_both(deal):
	source = deal("run", expected_close="2026-06-25", base_amount=1)
	deal("alone", expected_close="2026-06-25", base_amount=10)
	of = {"doctype": PROJECT, "expected_close": "2026-06-25", "source_type": OPPORTUNITY, "source_name": source}
	deal("P", base_amount=100, project_type="Sales", **of)
	deal("M", base_amount=1000, project_type="Marketing", **of)
	assert forecast(deal).total.pipeline == 110
	assert forecast(deal, scope="Opportunities").total.pipeline == 10
	assert forecast(deal, scope="Sales Projects").total.pipeline == 100
	assert forecast(deal, scope="Anything").total.pipeline == 110


@pytest.mark.parametrize(("count", "months"), [(None, 6), (0, 6), ("4", 4), (-3, 1), (37, 36), (36, 36), (1, 1)])
def test_a_forecast_has_one_to_36_periods(count, months):
	assert len(ForecastScope.of({"company": "C", "count": count}).periods(TODAY)) == months


def test_the_periods_are_those_that_were_asked_for():
	keys_of = lambda **filters: [period.key for period in ForecastScope.of(filters).periods(TODAY)]  # noqa: E731
	assert keys_of() == ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"]
	assert keys_of(by="Quarter") == ["2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1"]
	assert keys_of(by="Week", start="2025-12-31", count=2) == ["2025-12", "2026-01"]


# ---- what orders and won deals tell of the past


def test_orders_tell_what_came_in_month_by_month(world):
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	before = order_history.by_month(ForecastScope(world.company), TODAY)
	for day, net, qty, values in (
		("2026-05-31", 100, 2, {"territory": territory, "conversion_factor": 10}),
		("2026-05-01", 10, 1, {}),
		("2026-06-01", 1000, 1, {}),
		("2026-05-15", 1000, 1, {"docstatus": 0}),
		("2026-05-15", 1000, 1, {"docstatus": 2}),
		("2026-05-15", 1000, 1, {"company": "Another"}),
	):
		rows.order(world, net, tax=7, qty=qty, transaction_date=day, **values)
	may = date(2026, 5, 1)
	ask = lambda **more: order_history.by_month(ForecastScope(world.company, **more), TODAY)  # noqa: E731
	added = lambda **more: ask(**more).get(may, 0)  # noqa: E731
	assert added() - before.get(may, 0) == 110 and date(2026, 6, 1) not in ask()
	assert added(item_code=world.pump) == 110
	assert added(item_code=world.filter) == 0
	assert added(item_code=world.pump, measure="Quantity") == 21
	assert added(item_code=world.pump, territory=territory) == 100


def test_the_past_is_that_of_orders_where_they_suffice_and_else_of_won_deals(deal, world):
	rows.order(world, 100, transaction_date="2026-05-10")
	deal("A", status="Won", outcome="Won", closed_on="2026-05-10", base_won_amount=7)
	whole = {"company": world.company}
	assert history.history_of(ForecastScope.of(whole), TODAY).basis == history.ORDERS
	assert history.history_of(ForecastScope.of(whole), TODAY).of_month(date(2026, 5, 1)) >= 100
	asked = history.history_of(ForecastScope.of(whole), TODAY, history.WON_DEALS)
	assert asked.basis == history.WON_DEALS and asked.until == date(2026, 6, 1)
	own = history.history_of(ForecastScope.of(deal.filters), TODAY)
	assert (own.basis, own.values) == (history.WON_DEALS, (7.0,))
	assert history.history_of(ForecastScope.of({"company": "Another"}), TODAY).basis == history.WON_DEALS
	pieces = {**whole, "measure": "Quantity", "item_code": world.pump}
	assert history.history_of(ForecastScope.of(pieces), TODAY).values[-1] == 1


def test_won_deals_of_a_month_add_up_over_both_kinds_and_undated_ones_have_none(deal):
	for key, doctype, day, amount in (
		("A", OPPORTUNITY, "2026-05-10", 1), ("B", OPPORTUNITY, "2026-06-10", 10), ("C", OPPORTUNITY, None, 100),
		("P", PROJECT, "2026-05-20", 1000), ("D", OPPORTUNITY, "2021-05-31", 10000), ("E", OPPORTUNITY, "2021-06-01", 5),
	):  # fmt: skip
		of = {"project_type": "Sales"} if doctype == PROJECT else {}
		deal(key, doctype, status="Won", outcome="Won", closed_on=day, base_won_amount=amount, **of)
	assert history.won_by_month(ForecastScope.of(deal.filters), TODAY) == {
		date(2026, 5, 1): 1001, date(2026, 6, 1): 10, date(2021, 6, 1): 5,
	}  # fmt: skip


def test_a_period_is_what_came_in_and_what_is_promised():
	past = history.History(history.WON_DEALS, (5.0, 6.0), date(2026, 6, 1))
	promised = Outlook((10.0, 20.0, 30.0))
	value = lambda first, last: history.of_period(past, promised, Period(first, last))  # noqa: E731
	assert value(date(2026, 6, 1), date(2026, 6, 30)) == 10
	assert value(date(2026, 4, 1), date(2026, 6, 30)) == 5 + 6 + 10
	assert value(date(2026, 7, 1), date(2026, 8, 31)) == 50
	assert value(date(2026, 5, 1), date(2026, 5, 31)) is None
	assert history.of_period(past, Outlook(None), Period(date(2026, 6, 1), date(2026, 6, 30))) is None
	shown = [Period(date(2026, 6, 1), date(2026, 6, 30)), Period(date(2026, 8, 1), date(2026, 8, 31))]
	assert {len(one.values) for one in history.outlooks(past, shown).values() if one.values} == {3}
	old = [Period(date(2026, 4, 1), date(2026, 4, 30))]
	assert {len(one.values) for one in history.outlooks(past, old).values() if one.values} == {1}


# ---- the page of the forecast


def test_a_period_says_whether_it_runs_or_is_over_and_how_far_off_a_method_may_be():
	past = history.History(history.WON_DEALS, (5.0,), date(2026, 6, 1))
	promised = {"naive": Outlook((10.0, 200.0)), "smoothing": Outlook(None)}
	totals = Totals(signed=50.0, commit=10.0, open_weighted=30.0, open_historical=20.0)
	ask = lambda first, last, misses=None: outlook.period_row(  # noqa: E731
		Period(first, last), totals, past, promised, misses or {}, TODAY
	)
	june = ask(date(2026, 6, 1), date(2026, 6, 30), {("weighted", 1): 0.5, ("weighted", 2): 0.1, ("naive", 2): 0.2})
	assert {key: june[key] for key in ("key", "label", "first", "last", "current", "past")} == {
		"key": "2026-06", "label": "Jun 2026", "first": "2026-06-01", "last": "2026-06-30", "current": True, "past": False,
	}  # fmt: skip
	assert june["methods"]["weighted"] == {"value": 80, "low": 50, "high": 120}
	assert june["methods"]["category"] == {"value": 60, "low": None, "high": None}
	assert june["methods"]["naive"]["value"] == 50, "what is signed is in already"
	assert "smoothing" not in june["methods"]
	july = ask(date(2026, 7, 1), date(2026, 7, 31), {("weighted", 1): 0.5, ("weighted", 2): 0.1, ("naive", 2): 0.2})
	assert (july["methods"]["weighted"]["low"], july["methods"]["naive"]) == (
		72, {"value": 200, "low": 160, "high": 240},
	)  # fmt: skip
	may = ask(date(2026, 5, 1), date(2026, 5, 31), {("weighted", 1): 0.5})
	assert (may["current"], may["past"], may["methods"]["weighted"]["low"]) == (False, True, None)
	assert "naive" not in may["methods"]
	assert ask(date(2026, 6, 1), TODAY)["past"] is False


@pytest.mark.parametrize(
	("narrower", "measured"),
	[
		({}, True),
		({"by": "Quarter", "count": 3}, True),
		({"scope": "Opportunities"}, True),
		*(({field: "x"}, False) for field in (*scope.EQUAL, *scope.TREES, "item_code", "item_group")),
		({"measure": "Quantity"}, False),
		({"measure": "Amount"}, True),
	],
)
def test_methods_are_measured_on_amounts_of_all_deals_of_the_company(world, as_user, narrower, measured):
	filters = frappe._dict(company=world.company, **narrower)
	assert outlook.measured_for(ForecastScope.of(filters)) is measured
	as_user("stranger")
	assert outlook.measured_for(ForecastScope.of(filters)) is False


def test_a_row_of_items_says_nothing_of_what_was_ordered():
	totals = Totals(signed=50.0, ordered=7.0, commit=10.0, best_case=5.0, pipeline=2.0, open_weighted=30.0)
	row = outlook.as_row(totals, by_item=False)
	assert {key: row[key] for key in ("ordered", "weighted", "historical", "category", "potential")} == {
		"ordered": 7, "weighted": 80, "historical": 50, "category": 60, "potential": 67,
	}  # fmt: skip
	assert outlook.as_row(totals, by_item=True) == {**row, "ordered": None}


def test_methods_are_listed_with_what_was_measured_of_them():
	line = lambda **values: frappe._dict(  # noqa: E731
		{
			"best": 0,
			"basis": "Won Deals",
			"horizon": 1,
			"comparisons": 4,
			"known": 1,
			"wape": 0.1,
			"mape": 0.2,
			"bias": -0.3,
			**values,
		}
	)
	measured = [line(method="naive", best=1), line(method="naive", horizon=2, known=0), line(method="weighted")]
	found = {
		row["method"]: row for row in outlook.method_rows({"naive": Outlook((1.0,), "latest month", "")}, measured)
	}
	assert list(found) == ["weighted", "category", "historical", "naive", "smoothing", "regression"]
	assert [name for name, row in found.items() if row["best"]] == ["naive"]
	assert found["naive"] == {
		"method": "naive", "best": True, "model": "latest month", "reason": "", "basis": "Won Deals",
		"errors": [
			{"horizon": 1, "count": 4, "wape": 0.1, "mape": 0.2, "bias": -0.3},
			{"horizon": 2, "count": 4, "wape": None, "mape": None, "bias": None},
		],
	}  # fmt: skip
	assert found["category"] == {
		"method": "category", "best": False, "model": "", "reason": "", "basis": None, "errors": [],
	}  # fmt: skip


def test_parts_of_a_split_are_called_by_their_names_and_the_largest_comes_first(deal, world):
	for key, amount, values in (
		("A", 10, {"customer": world.customer}), ("B", 30, {"customer": None}), ("C", 10, {"customer": "A Gone One"}),
	):  # fmt: skip
		deal(key, base_amount=amount, expected_close="2026-06-25", **values)
	frappe.db.set_value("Customer", world.customer, "customer_name", "Northwind Ltd")
	found = outlook.split("customer", ForecastScope.of({**deal.filters, "start": "2026-06-01", "count": 1}), TODAY)
	assert [(row["key"], row["label"], row["indent"]) for row in found] == [
		("", "", 0), ("A Gone One", "A Gone One", 0), (world.customer, "Northwind Ltd", 0),
	]  # fmt: skip
	assert set(found[0]) == {"key", "label", "indent", "periods", "total", "outside"}
	assert (found[0]["periods"]["2026-06"]["pipeline"], set(found[0]["outside"])) == (
		30,
		{"undated", "earlier", "later"},
	)
	[row] = outlook.split("stage", ForecastScope.of({**deal.filters, "start": "2026-06-01", "count": 1}), TODAY)
	assert (row["key"], row["label"]) == (
		stage("proposal"),
		frappe.db.get_value("Pipeline Stage", stage("proposal"), "label"),
	)
	assert outlook._labels("sales_owner", ["rep@crm-test.example", ""]) == {
		"rep@crm-test.example": frappe.utils.get_fullname("rep@crm-test.example")
	}
	assert outlook._labels("territory", ["North"]) == {}
	assert outlook._labels("item_code", [world.pump]) == {
		world.pump: frappe.db.get_value("Item", world.pump, "item_name")
	}


# ---- rates and the past, forecast again


@pytest.mark.parametrize(("longest_days", "band"), [(29.99, 0), (30, 1), (89.99, 1), (90, 2), (179.99, 2), (180, 3)])
def test_a_closed_deal_counts_in_the_band_of_its_longest_visit(deal, world, longest_days, band):
	name = deal("A", status="Won", stage=stage("won"), closed_on="2026-05-10")
	rows.row(
		"Stage Passage", docstatus=0, reference_doctype=OPPORTUNITY, reference_name=name, stage=f"S {world.tag}",
		longest_seconds=int(longest_days * 86400), last_left="2026-05-01", visits=1, seconds=1,
	)  # fmt: skip
	found = [v for v in learned_rates.visits_until(world.company, TODAY) if v.stage == f"S {world.tag}"]
	assert [(v.band, v.won, v.lost) for v in found] == [(band, 1, 0)]


@pytest.mark.parametrize(
	("values", "of_passage", "counted"),
	[
		({}, {}, (1, 0)),
		({"stage": "lost", "status": "Lost"}, {}, (0, 1)),
		({"stage": "proposal", "status": "Open"}, {}, None),
		({"closed_on": "2026-06-19"}, {}, (1, 0)),
		({"closed_on": "2026-06-20"}, {}, None),
		({}, {"last_left": "2026-06-20"}, None),
		({}, {"last_left": "2026-06-19 23:59:59"}, (1, 0)),
		({}, {"last_left": None}, None),
		({}, {"reference_doctype": PROJECT}, None),
		({"company": "Another"}, {}, None),
	],
)
def test_a_rate_knows_what_was_over_at_the_start_of_the_day(deal, world, values, of_passage, counted):
	values = {"status": "Won", "closed_on": "2026-05-10", **values}
	name = deal("A", **{**values, "stage": stage(values.get("stage", "won"))})
	rows.row("Stage Passage", docstatus=0, **{
		"reference_doctype": OPPORTUNITY, "reference_name": name, "stage": f"S {world.tag}", "longest_seconds": 0,
		"last_left": "2026-05-01", "visits": 1, "seconds": 1, **of_passage,
	})  # fmt: skip
	found = [v for v in learned_rates.visits_until(world.company, TODAY) if v.stage == f"S {world.tag}"]
	assert [(v.won, v.lost) for v in found] == ([counted] if counted else [])


def standing(world, moment=TODAY, doctype=OPPORTUNITY) -> list:
	return [line for line in backtest.standing(doctype, world.company, moment) if line.stage == stage("proposal")]


@pytest.fixture
def no_others(world):
	for doctype in (OPPORTUNITY, PROJECT):
		frappe.db.delete(doctype, {"company": world.company})


@pytest.mark.parametrize(
	("values", "changes", "expected"),
	[
		({}, (), {"value": 10, "weighted": 10 * 0.5, "month": date(2026, 7, 1), "overdue": False, "documents": 1}),
		({"opened_on": "2026-06-20"}, (), None),
		({"opened_on": "2026-06-19"}, (), {"documents": 1}),
		({"company": "Another"}, (), None),
		({"status": "Won", "stage": "won"}, (), None),
		({"status": "Won", "stage": "won"}, (("Stage", "proposal", "2026-06-20 00:00:00"),), {"value": 10}),
		({"status": "Won", "stage": "won"}, (("Stage", "proposal", "2026-06-19 23:59:59"),), None),
		({"expected_close": "2026-06-19"}, (), {"month": None, "overdue": True}),
		({"expected_close": "2026-06-20"}, (), {"month": date(2026, 6, 1), "overdue": False}),
		({"expected_close": None}, (), {"month": None, "overdue": False}),
		({}, (("Expected Close", "2026-09-01", "2026-06-21"),), {"month": date(2026, 9, 1)}),
		({}, (("Expected Close", "", "2026-06-21"),), {"month": None, "overdue": False}),
		({}, (("Amount", "40", "2026-06-21"), ("Amount", "70", "2026-06-22")), {"value": 80}),
		({}, (("Amount", None, "2026-06-21"),), {"value": 0}),
		({}, (("Amount", "40", "2026-06-19"),), {"value": 10}),
		({}, (("Owner", "40", "2026-06-21"),), {"value": 10}),
	],
)
def test_the_open_deals_of_a_past_day_are_told_by_the_ledger(deal, world, no_others, values, changes, expected):
	frappe.db.set_value("Pipeline Stage", stage("proposal"), {"probability": 50, "forecast_category": None})
	values = {
		"base_amount": 10,
		"conversion_rate": 2,
		"opened_on": "2026-06-01",
		"expected_close": "2026-07-10",
		**values,
	}
	if "stage" in values:
		values["stage"] = stage(values["stage"])
	name = deal("A", **values)
	for kind, before, at in changes:
		of = {"reference_doctype": OPPORTUNITY, "reference_name": name, "kind": kind, "company": world.company}
		rows.row("Pipeline Event", docstatus=0, from_value=stage(before) if kind == "Stage" else before, at=at, **of)
		rows.row("Pipeline Event", docstatus=0, from_value="99", at=at, **{**of, "reference_doctype": PROJECT})
	found = standing(world)
	if expected is None:
		assert found == []
	else:
		[line] = found
		assert {key: getattr(line, key) for key in expected} == expected
		assert (line.category, line.won) == ("Pipeline", False)


@pytest.mark.parametrize(("at", "kind", "band"), [
	("2026-05-22 00:00:00", "Created", 0), ("2026-05-20 23:59:59", "Stage", 1), ("2026-03-21 23:59:59", "Created", 2),
	("2026-03-21 23:59:59", "Amount", 0),
])  # fmt: skip
def test_a_past_deal_has_the_age_that_it_had_then(deal, world, no_others, at, kind, band):
	name = deal("A", opened_on="2026-01-01")
	of = {"reference_doctype": OPPORTUNITY, "reference_name": name, "company": world.company}
	rows.row("Pipeline Event", docstatus=0, kind=kind, at=at, **of)
	rows.row("Pipeline Event", docstatus=0, kind="Stage", at="2026-01-01", **{**of, "reference_doctype": PROJECT})
	rows.row("Pipeline Event", docstatus=0, kind="Owner", at="2026-06-20", **of)
	[line] = standing(world)
	assert line.band == band


@pytest.mark.parametrize(("kind", "counted"), [("Sales", 1), ("Service", 1), ("Marketing", 0)])
def test_a_past_project_counts_when_it_is_a_sale(deal, world, no_others, kind, counted):
	deal("P", PROJECT, project_type=kind, opened_on="2026-06-01", base_amount=10)
	assert sum(line.documents for line in standing(world, doctype=PROJECT)) == counted


def test_the_error_of_each_method_is_kept_by_horizon():
	pairs = {(method, horizon): [(80.0, 100.0)] * 3 for method in backtest.METHODS for horizon in (1, 2, 3)}
	pairs[("weighted", 1)] = [(110.0, 100.0)] * 3
	pairs[("weighted", 2)] = []
	found = {(row["method"], row["horizon"]): row for row in backtest.judged(pairs, history.ORDERS)}
	assert len(found) == len(pairs) and [key for key, row in found.items() if row["best"]] == [
		("weighted", 1), ("weighted", 2), ("weighted", 3),
	]  # fmt: skip
	best = found["weighted", 1]
	assert (best["count"], best["basis"], best["bias"]) == (3, history.WON_DEALS, pytest.approx(0.1))
	assert (best["wape"], best["mape"]) == (pytest.approx(0.1), pytest.approx(0.1))
	assert (found["weighted", 2]["wape"], found["naive", 1]["basis"]) == (None, history.ORDERS)
	# One that does well on the months after next only is not proposed.
	assert not found["category", 1]["best"]


def test_a_method_that_has_nothing_to_go_by_is_not_judged():
	pairs = {(name, horizon): [] for name in backtest.METHODS for horizon in (1, 2, 3)}
	past = history.History(history.ORDERS, (10.0, 20.0), date(2026, 6, 1))
	backtest.compare_series(pairs, past, date(2026, 4, 1))
	assert {key for key, found in pairs.items() if found} == set(), "nothing was known before April"
	backtest.compare_series(pairs, past, date(2026, 5, 1))
	assert {key: found for key, found in pairs.items() if found} == {("naive", 1): [(10.0, 20.0)]}


@pytest.mark.parametrize("scope_", ["Both", "Opportunities", "Sales Projects"])
def test_methods_are_measured_scope_by_scope_on_what_was_open_then(monkeypatch, scope_):
	lines = {OPPORTUNITY: ["o"], PROJECT: ["p"]}
	told = []
	past = history.History(history.WON_DEALS, (1.0,), date(2026, 6, 1))
	monkeypatch.setattr(history, "won_by_month", lambda filters, today: {"won": filters})
	monkeypatch.setattr(history, "history_of", lambda filters, today: past)
	monkeypatch.setattr(backtest, "compare_deals", lambda pairs, *args: told.append(args))
	monkeypatch.setattr(backtest, "compare_series", lambda pairs, *args: told.append(args))
	found = backtest._of_scope("Own", scope_, TODAY, {date(2026, 5, 1): ("rates", lines)})
	filters = ForecastScope("Own", scope=scope_)
	open_then = {"Both": ["o", "p"], "Opportunities": ["o"], "Sales Projects": ["p"]}[scope_]
	assert told == [
		(open_then, date(2026, 5, 1), date(2026, 6, 1), "rates", {"won": filters}), (past, date(2026, 5, 1)),
	]  # fmt: skip
	assert {row["scope"] for row in found} == {scope_} and len(found) == 6 * 3


# ---- the weekly job


def test_every_company_is_frozen_in_order_and_one_that_was_not_reached_later(site):
	names = [name for (name,) in snapshots.companies(None)]
	younger = rows.row("Company", name="A first one, made last", abbr="AFO", docstatus=0)
	assert [name for (name,) in snapshots.companies(None)] == sorted([younger, *names], key=str.casefold)
	frappe.db.delete("Company", {"name": younger})
	assert snapshots.companies([names[0]]) == [(name,) for name in names[1:]]
	assert snapshots.companies([names[-1]]) == []


@pytest.mark.parametrize(("taken", "new"), [(0, False), (3, True)])
def test_freezing_measures_too_and_looks_at_everything(site, as_user, monkeypatch, taken, new):
	did = []
	monkeypatch.setattr(snapshots, "take", lambda company: did.append(("take", company, frappe.session.user)) or taken)
	monkeypatch.setattr(snapshots, "measure", lambda company: did.append(("measure", company)))
	as_user("rep")
	assert snapshots.freeze("Own") is new
	assert did == [("take", "Own", "Administrator"), ("measure", "Own")]


def test_a_snapshot_holds_open_deals_by_month_and_won_ones_of_three_months(deal, world):
	frappe.db.delete("Forecast Snapshot", {"company": world.company})
	person = {"sales_person": f"Anna {world.tag}", "territory": "North"}
	frappe.db.delete(OPPORTUNITY, {"company": world.company})
	for key, values in (
		("late", {"expected_close": "2026-06-01", "probability": 50}),
		("next", {"expected_close": "2026-07-10", "probability": 10, "forecast_category": "Commit"}),
		("closed", {"expected_close": "2026-07-11", "forecast_category": "Closed", "probability": 0}),
		("none", {"expected_close": None}),
		("omitted", {"expected_close": "2026-07-12", "forecast_category": "Omitted", "probability": 90}),
		("won", {"status": "Won", "outcome": "Won", "closed_on": "2026-03-01", "base_won_amount": 70}),
		("old", {"status": "Won", "outcome": "Won", "closed_on": "2026-02-28", "base_won_amount": 700}),
	):
		deal(key, base_amount=100, **person, **values)
	assert snapshots.take(world.company, TODAY) == 5
	assert snapshots.take(world.company, date(2026, 6, 21)) == 0, "the week has its snapshot"
	found = frappe.get_all(
		"Forecast Snapshot", filters={"company": world.company}, order_by="category asc, month asc", limit=0,
		fields=["category", "month", "overdue", "documents", "amount", "weighted", "won", "week", "taken_on", "sales_person", "territory", "document_type", "pipeline", "sales_owner"],
	)  # fmt: skip
	shown = [
		(row.category, str(row.month or ""), row.overdue, row.documents, row.amount, row.weighted, row.won)
		for row in found
	]
	assert shown == [
		("Closed", "2026-03-01", 0, 1, 70, 70, 70),
		("Commit", "2026-07-01", 0, 2, 200, 10, 0),
		("Omitted", "2026-07-01", 0, 1, 100, 0, 0),
		("Pipeline", "", 0, 1, 100, 0, 0),
		("Pipeline", "2026-06-01", 1, 1, 100, 50, 0),
	]
	assert {
		(row.week, str(row.taken_on), row.sales_person, row.territory, row.document_type, row.pipeline, row.sales_owner)
		for row in found
	} == {("2026-W25", "2026-06-20", f"Anna {world.tag}", "North", OPPORTUNITY, PIPELINE, f"owner-{world.tag}")}
	assert snapshots.take(world.company, date(2026, 6, 22)) == 5, "the next week has its own"


# ---- whose documents a figure is about


@pytest.mark.parametrize(
	("filters", "words"),
	[
		({"from_date": "2026-02-02", "to_date": "2026-02-01"}, "From Date.* must not be after"),
		({"from_date": "2026-02-02"}, None),
	],
)
def test_a_period_is_checked_and_filled_up(filters, words):
	period = lambda **days: scope.Scope.of({"company": "C", **days}).period("2026-01-01", "2026-03-31")  # noqa: E731
	if words:
		with refused(match=words):
			period(**filters)
		return
	assert period(**filters) == (date(2026, 2, 2), date(2026, 3, 31))
	assert period(to_date="2026-01-01") == (date(2026, 1, 1), date(2026, 1, 1))
	with refused(match="must not be after"):
		period(from_date="2026-04-01")


def test_filters_become_conditions_of_a_list(world):
	shared = lambda **filters: drill.shared(scope.Scope("C", **filters))  # noqa: E731
	assert shared(channel="Web", source_type="Created Directly", territory="North") == [
		("company", "=", "C"), ("channel", "=", "Web"), ("source_type", "is", "not set"),
		("territory", "descendants of (inclusive)", "North"),
	]  # fmt: skip
	assert shared(source_type="Sales Lead", campaign="Created Directly") == [
		("company", "=", "C"), ("campaign", "=", "Created Directly"), ("source_type", "=", "Sales Lead"),
	]  # fmt: skip
	assert drill.equal("a", "x") == ("a", "=", "x") and drill.equal("a", "") == ("a", "is", "not set")
	assert drill.between("a", date(2026, 1, 1), date(2026, 1, 31)) == ("a", "between", ["2026-01-01", "2026-01-31"])
	assert drill.sales(OPPORTUNITY) == () and drill.sales(PROJECT)[0][:2] == ("project_type", "in")


def test_a_figure_without_a_company_is_of_the_user_s_own_and_else_of_the_oldest(world, monkeypatch):
	assert scope.company_of("C") == "C"
	monkeypatch.setattr(frappe.defaults, "get_user_default", lambda key: {"Company": "Own"}.get(key))
	assert scope.company_of("") == scope.company_of(None) == "Own"
	monkeypatch.setattr(frappe.defaults, "get_user_default", lambda key: None)
	oldest = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	rows.row("Company", docstatus=0, name=f"0 {world.tag}", creation="2999-01-01")
	assert scope.company_of(None) == oldest
	# Who may see some companies only is asked about none of the others.
	allowed = {"Company": [{"doc": f"0 {world.tag}", "applicable_for": None}]}
	monkeypatch.setattr(rights, "get_user_permissions", lambda user: allowed)
	assert scope.company_of(None) == f"0 {world.tag}"
	monkeypatch.undo()
	monkeypatch.setattr(frappe.defaults, "get_user_default", lambda key: None)
	frappe.db.delete("Company", {"name": ("!=", "")})
	with refused(match="Please choose a Company"):
		scope.company_of(None)


def test_a_campaign_or_channel_narrows_to_its_own(deal):
	deal("A", channel="Web", source_type=None)
	deal("B", channel="Fair", source_type="Sales Lead")
	deal("C", channel="Fair", source_type="")
	found = lambda **filters: keys(  # noqa: E731
		row[0]
		for row in scope.Scope.of({**deal.filters, **filters})
		.narrow(frappe.qb.from_(frappe.qb.DocType(OPPORTUNITY)).select("name"), OPPORTUNITY)
		.run()
	)
	assert found() == ["A", "B", "C"] and found(channel="Fair") == ["B", "C"]
	assert found(source_type="Created Directly") == ["A", "C"] and found(source_type="Sales Lead") == ["B"]
	assert found(channel="Created Directly") == []


# ---- the dialog behind a number


def test_a_page_of_documents_says_whose_they_are_and_where_they_stand(deal, world, monkeypatch):
	for key, values in (
		("A", {"sales_person": "Anna", "title": "One", "party_name": "Northwind", "expected_close": "2026-06-25"}),
		("B", {"sales_owner": "rep@crm-test.example", "stage": f"Gone {world.tag}"}),
		("C", {"sales_owner": None, "stage": None, "status": "Won", "outcome": "Won", "base_won_amount": 9}),
	):
		rows.bare_deal(world, key, **{"base_amount": 5, **values})
	names = [f"{key} {world.tag}" for key in "ABC"]
	first, second, third = figure_documents._described(
		[(OPPORTUNITY, names[0], 7.0), (OPPORTUNITY, names[1], None), (OPPORTUNITY, "Nobody", None), (OPPORTUNITY, names[2], None)], None
	)  # fmt: skip
	assert (first.whose, first.base_amount, first.stage_label) == (
		"Anna", 7, frappe.db.get_value("Pipeline Stage", stage("proposal"), "label"),
	)  # fmt: skip
	assert (first.doctype, first.title, first.party_name, str(first.expected_close)) == (
		OPPORTUNITY,
		"One",
		"Northwind",
		"2026-06-25",
	)
	assert (second.whose, second.base_amount, second.stage_label) == (
		frappe.utils.get_fullname("rep@crm-test.example"), 5, f"Gone {world.tag}",
	)  # fmt: skip
	assert (third.whose, third.base_amount, third.stage_label) == ("", 9, "Won")
	assert {row.company_currency for row in (first, second, third)} == {world.currency}
	assert figure_documents._described([(OPPORTUNITY, names[0], None)], "XTS")[0].company_currency == "XTS"


def test_a_list_shows_each_document_once_the_largest_first_and_page_by_page(deal, world, monkeypatch):
	for key, amount, items in (("A", 10, 2), ("B", 30, 1), ("C", 10, 1)):
		name = deal(key, base_amount=amount)
		for idx in range(items):
			rows.row(
				"Sales Deal Item",
				docstatus=0,
				parent=name,
				parenttype=OPPORTUNITY,
				parentfield="items",
				idx=idx + 1,
				item_code=world.pump,
			)
	filters = [["sales_owner", "=", deal.filters["sales_owner"]], ["Sales Deal Item.item_code", "=", world.pump]]
	found = figure_documents.of_list(OPPORTUNITY, filters)
	assert ([row.name.split()[0] for row in found["documents"]], found["total"]) == (["B", "A", "C"], 3)
	monkeypatch.setattr(figure_documents, "PAGE", 2)
	assert [row.name.split()[0] for row in figure_documents.of_list(OPPORTUNITY, filters)["documents"]] == ["B", "A"]
	assert [row.name.split()[0] for row in figure_documents.of_list(OPPORTUNITY, filters, 2)["documents"]] == ["C"]
	for number, day in enumerate(("2026-01-01", "2026-01-03", "2026-01-02")):
		rows.row(
			"Sales Lead",
			docstatus=0,
			name=f"L{number} {world.tag}",
			title="x",
			status="New",
			company=world.company,
			creation=day,
			campaign=world.tag,
		)
	leads = figure_documents.of_list("Sales Lead", [["campaign", "=", world.tag]])
	assert [row.name[:2] for row in leads["documents"]] == ["L1", "L2"] and leads["total"] == 3
	assert (leads["documents"][0].stage_label, leads["documents"][0].base_amount) == ("New", None)


# ---- what speaks for a deal


def quotation(world, of: str, net: float, *items, doctype=OPPORTUNITY, **values) -> str:
	"""A submitted quotation of a deal with rows (item, pieces, net amount, is it an alternative)."""
	fixed = {
		"docstatus": 1,
		"company": world.company,
		"crm_source_type": doctype,
		"crm_source_name": of,
		"status": "Open",
	}
	fixed |= {
		"transaction_date": "2026-06-01",
		"valid_till": "2026-07-31",
		"base_net_total": net,
		"creation": "2026-06-01",
	}
	name = rows.row("Quotation", **{**fixed, **values})
	for idx, (item, pieces, amount, alternative) in enumerate(items, start=1):
		rows.row(
			"Quotation Item", parent=name, parenttype="Quotation", parentfield="items", idx=idx, item_code=item,
			stock_qty=pieces, base_net_amount=amount, is_alternative=alternative,
		)  # fmt: skip
	return name


def own_row(name: str, item: str, pieces: float, amount: float, parenttype=OPPORTUNITY) -> None:
	rows.row(
		"Sales Deal Item", docstatus=0, parent=name, parenttype=parenttype, parentfield="items", idx=1, item_code=item,
		stock_qty=pieces, amount=amount, base_amount=amount,
	)  # fmt: skip


def by_item(deal, measure="Amount", **filters) -> dict[str, float]:
	asked = {**deal.filters, "start": "2026-06-01", "count": 1, "measure": measure, **filters}
	found = forecast_totals.forecast_by("item_code", ForecastScope.of(asked), TODAY)
	return {item: round(one.total.signed + one.total.pipeline, 2) for item, one in found.items() if one.total.documents}


def test_an_open_deal_counts_with_its_quotation_and_by_its_rows_but_not_the_alternatives(deal, world):
	name = deal("A", base_amount=50, amount=50, items_total=50, expected_close="2026-06-25")
	own_row(name, world.filter, 1, 50)
	assert by_item(deal) == {world.filter: 50}
	quotation(world, name, 90, (world.pump, 4, 72, 0), (world.service, 1, 18, 0), (world.filter, 9, 99, 1))
	assert forecast(deal).total.pipeline == 90
	assert by_item(deal) == {world.pump: 72, world.service: 18}
	assert by_item(deal, "Quantity") == {world.pump: 4, world.service: 1}
	assert by_item(deal, item_code=world.pump) == {world.pump: 72} and by_item(deal, item_code=world.filter) == {}
	group = frappe.db.get_value("Item", world.pump, "item_group")
	assert by_item(deal, item_group=group) == {world.pump: 72, world.service: 18}
	assert (
		forecast_totals.forecast_by(
			"item_group", ForecastScope.of({**deal.filters, "start": "2026-06-01", "count": 1}), TODAY
		)[group].total.pipeline
		== 90
	)


def test_a_quotation_spares_a_deal_of_another_currency_its_rate(deal, world):
	name = deal("A", base_amount=0, currency="XTS", conversion_rate=0, expected_close="2026-06-25")
	assert (forecast(deal).total.unrated, forecast(deal).total.pipeline) == (1, 0)
	quotation(world, name, 90)
	assert (forecast(deal).total.unrated, forecast(deal).total.pipeline, forecast(deal).total.unpriced) == (0, 90, 0)


@pytest.mark.parametrize(("projects", "counts"), [(1, 90), (2, 20)])
def test_a_project_takes_the_quotation_of_its_opportunity_where_it_is_the_only_one(deal, world, projects, counts):
	source = deal("A", base_amount=50, expected_close="2026-06-25")
	quotation(world, source, 90)
	for key in ("P", "Q")[:projects]:
		deal(
			key,
			PROJECT,
			base_amount=10,
			project_type="Sales",
			source_type=OPPORTUNITY,
			source_name=source,
			expected_close="2026-06-25",
		)
	deal("L", PROJECT, project_type="Sales", source_type=OPPORTUNITY, source_name=source, status="Lost", outcome="Lost")
	assert forecast(deal).total.pipeline == counts
	quotation(world, f"P {world.tag}", 70, doctype=PROJECT)
	assert forecast(deal).total.pipeline == (70 if projects == 1 else 80), "its own goes before"


@pytest.mark.parametrize(
	("values", "speaks"),
	[({}, True), ({"docstatus": 0}, False), ({"docstatus": 2}, False), ({"company": "Another"}, False)],
)
def test_the_rows_of_a_won_deal_are_those_of_its_contract(deal, world, values, speaks):
	contract = rows.row(
		"Sales Contract",
		name=f"C {world.tag}",
		**{"docstatus": 1, "company": world.company, "base_total": 100, **values},
	)
	for item, pieces, amount in ((world.pump, 2, 75), (world.service, 1, 25)):
		rows.row(
			"Sales Contract Item", parent=contract, parenttype="Sales Contract", parentfield="items", item_code=item,
			stock_qty=pieces, base_amount=amount,
		)  # fmt: skip
	other = rows.row("Sales Contract", name=f"D {world.tag}", docstatus=1, company=world.company, base_total=1)
	rows.row(
		"Sales Contract Item",
		parent=other,
		parenttype="Sales Contract",
		parentfield="items",
		item_code="X",
		stock_qty=9,
		base_amount=1,
	)
	won = {"status": "Won", "outcome": "Won", "closed_on": "2026-06-10", "base_won_amount": 40, "amount": 10}
	name = deal("A", won_by_type="Sales Contract", won_by=contract, **won)
	own_row(name, world.filter, 3, 10)
	assert by_item(deal) == ({world.pump: 30, world.service: 10} if speaks else {world.filter: 40})
	assert by_item(deal, "Quantity") == ({world.pump: 2, world.service: 1} if speaks else {world.filter: 3})
	other = deal("B", won_by_type="Sales Order Request", won_by=contract, **won)
	own_row(other, world.filter, 3, 10)
	assert by_item(deal)[world.filter] == (40 if speaks else 80), "one that something else won has its own rows"


def test_the_rows_of_a_won_deal_without_a_contract_are_those_of_its_quotation(deal, world):
	name = deal("A", status="Won", outcome="Won", closed_on="2026-06-10", base_won_amount=40, amount=10)
	own_row(name, world.filter, 3, 10)
	quotation(world, name, 80, (world.pump, 2, 60, 0), (world.service, 1, 20, 0))
	assert by_item(deal) == {world.pump: 30, world.service: 10}
	assert forecast(deal).total.signed == 40
	[line] = forecast_totals.won_lines(
		OPPORTUNITY, ForecastScope.of(deal.filters), TODAY, date(2026, 6, 1), "item_code"
	)[:1]
	assert line.ordered == 0, "what was ordered is known of whole deals only"


def test_of_rows_that_come_to_nothing_the_first_stands_for_the_deal(deal, world):
	name = deal("A", base_amount=50, amount=0, items_total=0, expected_close="2026-06-25")
	own_row(name, world.filter, 3, 0)
	assert by_item(deal) == {world.filter: 50}
	deal("B", base_amount=7, expected_close="2026-06-25")
	assert by_item(deal) == {world.filter: 50, "": 7}, "a deal without rows still has one"


# ---- how a forecast moved


@pytest.mark.parametrize(
	("month", "taken", "doctype", "shown"),
	[
		("2026-03-01", "2026-03-30", OPPORTUNITY, True),
		("2026-02-01", "2026-03-30", OPPORTUNITY, False),
		("2026-04-01", "2026-03-30", OPPORTUNITY, False),
		("2026-03-01", "2026-06-30", OPPORTUNITY, True),
		("2026-03-01", "2026-07-01", OPPORTUNITY, False),
		("2026-03-01", "2026-03-30", PROJECT, False),
		(None, "2026-03-30", OPPORTUNITY, False),
	],
)
def test_a_snapshot_tells_of_the_months_of_the_period_while_it_holds_them(world, month, taken, doctype, shown):
	frappe.db.delete("Forecast Snapshot", {"company": world.company})
	for category, amount in (("Commit", 1), ("Best Case", 10), ("Pipeline", 100), ("Omitted", 1000)):
		rows.row(
			"Forecast Snapshot", docstatus=0, company=world.company, taken_on=taken, week="2026-W14", month=month,
			document_type=doctype, category=category, amount=amount, weighted=2, historical=3, won=0, documents=1,
		)  # fmt: skip
	rows.row(
		"Forecast Snapshot", docstatus=0, company=world.company, taken_on=taken, week="2026-W14", month=month,
		document_type=doctype, category="Closed", amount=50, weighted=50, historical=50, won=50, documents=1,
	)  # fmt: skip
	filters = {"company": world.company, "first": "2026-03-15", "scope": "Opportunities", "sales_owner": None}
	found = movement.movement(ForecastScope.of(filters), date(2026, 3, 31))
	assert {key: found[key] for key in ("first", "last", "over", "silent")} == {
		"first": "2026-03-01", "last": "2026-03-31", "over": False, "silent": False,
	}  # fmt: skip
	if not shown:
		assert found["rows"] == []
		return
	assert found["rows"] == [
		{
			"taken_on": taken, "week": "2026-W14", "signed": 50, "commit": 1, "best_case": 10, "pipeline": 100, "omitted": 1000,
			"weighted": 58, "historical": 62, "category": 51, "off": None,
		}
	]  # fmt: skip
	over = movement.movement(ForecastScope.of(filters), date(2026, 4, 1))
	assert over["over"] and over["rows"][0]["off"] == 58 - over["real"]


def test_what_came_in_is_that_of_the_period_alone(deal, world):
	for key, day, amount in (
		("A", "2026-03-01", 1),
		("B", "2026-03-31", 10),
		("C", "2026-04-01", 100),
		("D", "2026-02-28", 1000),
	):
		deal(key, status="Won", outcome="Won", closed_on=day, base_won_amount=amount)
	period = Period(date(2026, 3, 1), date(2026, 3, 31))
	assert movement.won_in(period, ForecastScope.of(deal.filters), TODAY) == 11
	assert movement.won_in(period, ForecastScope.of({**deal.filters, "scope": "Sales Projects"}), TODAY) == 0


# ---- jobs, and who may not look


def test_the_weekly_job_answers_how_many_companies_were_frozen(site, monkeypatch):
	monkeypatch.setattr(
		snapshots.jobs, "run", lambda job: frappe._dict(job=job, changed=4 if job == "Freeze Forecasts" else 0)
	)
	assert snapshots.weekly() == 4


def test_who_may_not_read_deals_is_shown_none(deal, as_user):
	deal("A", expected_close="2026-06-25", base_amount=5)
	as_user("stranger")
	assert rows_behind(deal.filters, {"outside": "undated"}) == []
	assert rows_behind(deal.filters, {"first": "2026-06-01", "last": "2026-06-30"}) == []
	assert forecast_totals.readable(ForecastScope.of(deal.filters), deal_values.Site(True, True, frozenset())) == []


def test_where_there_are_no_projects_none_are_counted():
	both = {"scope": "Both"}
	assert forecast_totals.readable(ForecastScope.of(both), deal_values.Site(False, True, frozenset())) == [OPPORTUNITY]
	assert forecast_totals.readable(ForecastScope.of(both), deal_values.Site(True, False, frozenset())) == [
		OPPORTUNITY,
		PROJECT,
	]


def test_a_site_is_looked_at_once_for_what_need_not_be_joined(deal, world, no_others):
	frappe.db.delete("Sales Contract", {"name": ("!=", "")})
	frappe.db.delete("Quotation", {"name": ("!=", "")})
	assert deal_values.look(world.company) == deal_values.Site(False, False, frozenset())
	rows.row("Sales Contract", docstatus=0, company=world.company)
	rows.row("Sales Contract", docstatus=1, company="Another")
	quotation(world, "X", 1, doctype=PROJECT)
	assert deal_values.look(world.company) == deal_values.Site(False, False, frozenset()), (
		"projects of none say nothing"
	)
	deal("P", PROJECT, project_type="Marketing")
	rows.row("Sales Contract", docstatus=1, company=world.company)
	quotation(world, "X", 1)
	assert deal_values.look(world.company) == deal_values.Site(True, True, frozenset((OPPORTUNITY, PROJECT)))


# ---- prospects


def test_what_stands_on_a_prospect_follows_its_new_name(world):
	doc = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Quay {world.tag}", "company": world.company}
	).insert()
	of = {"crm_source_type": "Sales Prospect", "crm_source_name": doc.name}
	mine = rows.row("Quotation", company=world.company, **of)
	other = rows.row("Quotation", company=world.company, **{**of, "crm_source_type": OPPORTUNITY})
	order = rows.row("Sales Order", company=world.company, **of)
	about = rows.bare_deal(world, "A", customer=None, prospect="PROS-NEW", party_name="Old")
	doc.after_rename(doc.name, "PROS-NEW")
	assert [frappe.db.get_value("Quotation", name, "crm_source_name") for name in (mine, other)] == [
		"PROS-NEW",
		doc.name,
	]
	assert frappe.db.get_value("Sales Order", order, "crm_source_name") == "PROS-NEW"
	assert frappe.db.get_value(OPPORTUNITY, about, "party_name") == f"Quay {world.tag}"


def test_two_prospects_that_are_different_customers_are_not_merged(world):
	one, two = (
		frappe.get_doc(
			{"doctype": "Sales Prospect", "prospect_name": f"{name} {world.tag}", "company": world.company}
		).insert()
		for name in ("One", "Two")
	)
	one.before_rename(one.name, two.name, merge=True)
	for doc, customer in ((one, "A"), (two, "B")):
		doc.db_set("customer", customer)
	one.before_rename(one.name, two.name)
	with refused(match="Merge the customers first"):
		one.before_rename(one.name, two.name, merge=True)


@pytest.mark.parametrize(("mail", "ok"), [(" ines@harbour.example ", True), ("", True), ("ines at harbour", False)])
def test_a_prospect_s_mail_is_one_and_its_texts_are_tidy(world, mail, ok):
	values = {
		"doctype": "Sales Prospect",
		"prospect_name": "  Harbour   Works ",
		"email_id": mail,
		"company": world.company,
	}
	if not ok:
		with refused(match="is not an e-mail address"):
			frappe.get_doc(values).insert()
		return
	doc = frappe.get_doc(values).insert()
	assert (doc.prospect_name, doc.email_id, doc.status) == ("Harbour Works", mail.strip() or None, "Unverified")


@pytest.mark.parametrize("doctype", ["Sales Lead", OPPORTUNITY, PROJECT])
def test_a_prospect_that_something_is_about_stays(world, doctype):
	doc = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Quay {world.tag}", "company": world.company}
	).insert()
	rows.row(doctype, docstatus=0, name=f"X {world.tag}", title="x", company=world.company, prospect=doc.name)
	with refused(frappe.LinkExistsError, match=f"X {world.tag}.* is about this prospect"):
		doc.delete()


# ---- leads and campaigns


def test_a_lead_says_who_it_is_by_one_way_or_another(world):
	values = {"doctype": "Sales Lead", "title": "Pumps", "company": world.company}
	with refused(frappe.MandatoryError, match="Say who it is"):
		frappe.get_doc(values).insert()
	typed = frappe.get_doc({**values, "prospect_name": f"Quay {world.tag}"}).insert()
	known = frappe.get_doc({**values, "customer": world.customer, "prospect_name": "Something else"}).insert()
	assert typed.party_name == f"Quay {world.tag}"
	assert known.party_name == frappe.db.get_value("Customer", world.customer, "customer_name")


def test_a_lead_becomes_converted_by_its_conversion_alone(world):
	lead = frappe.get_doc(
		{
			"doctype": "Sales Lead",
			"title": "Pumps",
			"company": world.company,
			"customer": world.customer,
			"phone": "+1 555 010 2030",
		}
	).insert()
	lead.status = "Converted"
	with refused(match="by its conversion only"):
		lead.save()
	lead.reload()
	lead.status = "Contacted"
	with refused(match="Please add: a follow-up date and plan"):
		lead.save()
	lead.reload()
	lead.update({"status": "Contacted", "follow_up_date": "2999-01-01", "follow_up_plan": "Call"})
	lead.save()
	assert frappe.db.get_value("Sales Lead", lead.name, "status") == "Contacted"


@pytest.mark.parametrize(
	("first", "last", "ok"),
	[("2026-01-01", "2026-01-01", True), ("2026-01-02", "2026-01-01", False), (None, "2026-01-01", True)],
)
def test_a_campaign_ends_after_it_begins(world, first, last, ok):
	values = {
		"doctype": "Sales Campaign",
		"title": "Fair",
		"company": world.company,
		"start_date": first,
		"end_date": last,
	}
	if ok:
		assert frappe.get_doc(values).insert().currency == world.currency
	else:
		with refused():
			frappe.get_doc(values).insert()


# ---- what is kept, told and looked at


@pytest.mark.parametrize("field", ["campaign", "channel", "source_type", "item_code", "item_group"])
def test_a_filter_that_snapshots_do_not_keep_makes_the_movement_silent(world, field):
	assert movement.movement(ForecastScope(world.company, **{field: "x"}), TODAY)["silent"]


@pytest.mark.parametrize(
	"field", ["pipeline", "sales_owner", "sales_person", "campaign", "channel", "source_type", "item_group"]
)
def test_a_filter_that_orders_do_not_know_takes_the_past_from_won_deals(site, field):
	assert not order_history.suffice(ForecastScope("C", **{field: "x"}))


@pytest.mark.parametrize(
	"filters", [None, {}, {"territory": "x"}, {"item_code": "x"}, {"scope": "Both"}, {"company": "C"}]
)
def test_orders_suffice_for_what_they_know(site, filters):
	assert order_history.suffice(ForecastScope.of(filters))


def test_orders_do_not_suffice_for_a_part_of_the_deals_or_of_the_users(site, as_user):
	assert not order_history.suffice(ForecastScope("C", scope="Opportunities"))
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	as_user("rep")
	assert not order_history.suffice(ForecastScope("C"))


def test_who_is_narrowed_by_team_or_permission_does_not_see_all(world, as_user):
	both = (OPPORTUNITY, PROJECT)
	user = as_user("rep")
	assert scope.sees_all(both)
	permit = {"doctype": "User Permission", "user": user}
	frappe.set_user("Administrator")
	frappe.get_doc({**permit, "allow": "Company", "for_value": world.company}).insert()
	as_user("rep")
	assert scope.sees_all(both), "a figure is of one company anyway"
	frappe.set_user("Administrator")
	frappe.get_doc({**permit, "allow": "Customer", "for_value": world.customer}).insert()
	as_user("rep")
	assert not scope.sees_all(both) and scope.sees_all(("Sales Activity Type",)) == bool(
		frappe.has_permission("Sales Activity Type", "read")
	)
	as_user("stranger")
	assert not scope.sees_all(both)


def test_rates_are_learned_once_and_kept_for_some_hours(world, monkeypatch):
	learned = []
	monkeypatch.setattr(
		learned_rates,
		"visits_until",
		lambda company, day: learned.append((company, day)) or [learned_rates.Visits("S", 0, 1, 1)],
	)
	monkeypatch.setattr(learned_rates, "probabilities", lambda: {"S": 0.5})
	one, other = f"One {world.tag}", f"Other {world.tag}"
	for _twice in range(2):
		assert learned_rates.rates_of(one, TODAY).of("S", 0).value == 0.5
	learned_rates.rates_of(other, TODAY)
	learned_rates.rates_of(one, date(2026, 6, 21))
	assert learned == [(one, TODAY), (other, TODAY), (one, date(2026, 6, 21))]


def test_the_probability_of_a_stage_is_a_share(world):
	frappe.db.set_value("Pipeline Stage", stage("proposal"), "probability", 45)
	frappe.db.set_value("Pipeline Stage", stage("qualification"), "probability", 0)
	found = learned_rates.probabilities()
	assert (found[stage("proposal")], found[stage("qualification")]) == (0.45, 0)


@pytest.mark.parametrize(
	("filters", "told"),
	[
		({}, ("Month", "Both", "Amount")),
		({"by": "Quarter", "scope": "Opportunities", "measure": "Quantity"}, ("Quarter", "Opportunities", "Quantity")),
	],
)
def test_the_page_says_what_it_was_asked_for_and_shows_what_was_measured_of_that(deal, world, filters, told):
	frappe.db.delete("Forecast Accuracy", {"company": world.company})
	for scope_, day in (("Both", "2026-06-01"), ("Opportunities", "2026-05-01")):
		rows.row(
			"Forecast Accuracy", docstatus=0, company=world.company, scope=scope_, taken_on=day, method="weighted", horizon=1,
			best=1, comparisons=4, known=1, wape=0.1, mape=0.1, bias=0, basis=history.WON_DEALS,
		)  # fmt: skip
	found = outlook.outlook(ForecastScope.of({"company": world.company, **filters}), TODAY)
	assert (found["by"], found["scope"], found["measure"]) == told
	assert found["measured_on"] == ("2026-06-01" if told[1] == "Both" else "2026-05-01")
	assert (found["company"], found["currency"], found["today"]) == (world.company, world.currency, "2026-06-20")
	assert set(found["outside"]) == {"undated", "earlier", "later"} and set(found["history"]) == {
		"basis",
		"months",
		"first",
		"last",
	}
	assert found["is_measured"] == (told[2] == "Amount")


def test_behind_a_part_without_a_name_stand_the_deals_that_have_none(deal):
	deal("A", expected_close="2026-06-25", base_amount=5, territory="North")
	deal("B", expected_close="2026-06-25", base_amount=5, territory="")
	deal("C", expected_close="2026-06-25", base_amount=5, territory=None)
	filters = {**deal.filters, "start": "2026-06-01", "count": 1}

	def asked(key):
		cell = {"first": "2026-06-01", "last": "2026-06-30", "dimension": "territory", "key": key}
		return rows_behind(filters, cell)

	assert keys(row[2] for row in asked("North")) == ["A"]
	assert keys(row[2] for row in asked("")) == keys(row[2] for row in asked(None)) == ["B", "C"]


def test_each_month_is_compared_with_what_was_forecast_for_it():
	pairs = {(name, horizon): [] for name in backtest.METHODS for horizon in (1, 2, 3)}
	past = history.History(history.ORDERS, tuple(float(n) for n in range(1, 25)), date(2026, 6, 1))
	backtest.compare_series(pairs, past, date(2026, 3, 1))
	# Three months are over by June; the same months of the year before were 10, 11 and 12.
	assert [pairs["naive", horizon] for horizon in (1, 2, 3)] == [[(10.0, 22.0)], [(11.0, 23.0)], [(12.0, 24.0)]]


def test_dates_the_wrong_way_round_are_refused_whatever_the_figure(world):
	with refused(match="From Date.* must not be after .*To Date"):
		scope.Scope.of({"company": world.company, "from_date": "2026-02-02", "to_date": "2026-02-01"})
	same = scope.Scope.of({"company": world.company, "from_date": "2026-02-01", "to_date": "2026-02-01"})
	assert same.from_date == same.to_date == date(2026, 2, 1)


def test_a_lead_of_a_prospect_is_called_by_it_whatever_was_typed_beside(world):
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Quay {world.tag}", "company": world.company}
	).insert()
	lead = frappe.get_doc(
		{
			"doctype": "Sales Lead",
			"title": "Pumps",
			"company": world.company,
			"prospect": prospect.name,
			"prospect_name": "Else",
		}
	).insert()
	assert (lead.prospect, lead.party_name) == (prospect.name, f"Quay {world.tag}")


# ---- the orders behind a history


def test_the_orders_behind_a_history_are_those_of_its_months_the_latest_first(world, monkeypatch):
	frappe.db.delete("Sales Order", {"company": world.company})
	asked = ForecastScope(world.company)
	first = rows.order(world, 100, transaction_date="2026-05-31")
	one, other = sorted(rows.order(world, 70, transaction_date="2026-05-02") for _once in range(2))
	for values in (
		{"transaction_date": "2026-06-01"},
		{"transaction_date": "2026-05-03", "docstatus": 2},
		{"transaction_date": "2026-05-03", "company": "Another"},
		{"transaction_date": "1990-01-01"},
	):
		rows.order(world, 5, **values)
	behind = lambda **more: list(order_history.orders_behind(ForecastScope(world.company, **more), TODAY))  # noqa: E731
	assert behind() == [(first, 100), (one, 70), (other, 70)]
	assert sum(amount for _name, amount in behind()) == sum(
		value for month, value in order_history.by_month(asked, TODAY).items() if month.year > 2000
	)
	assert behind(measure="Quantity") == behind(), "they are opened as amounts"
	earliest = add_months(order_history.first_of_month(TODAY), -order_history.series.LONGEST)
	oldest = rows.order(world, 3, transaction_date=earliest)
	rows.order(world, 4, transaction_date=add_days(earliest, -1))
	assert behind()[-1] == (oldest, 3), "the first day counts, and none before it"
	assert behind(item_code=world.filter) == [] and len(behind(item_code=world.pump)) == 4
	may = frappe.has_permission
	monkeypatch.setattr(
		frappe, "has_permission", lambda doctype, *rest, **how: doctype != "Sales Order" and may(doctype, *rest, **how)
	)
	assert behind() == [] and order_history.by_month(asked, TODAY) == {}
