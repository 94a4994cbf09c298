"""Won and lost deals of a period: every grouping adds up and opens exactly its documents."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_months, get_first_day, get_last_day, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import closed_deals
from crm_pipeline.analytics.closed_deals import ClosedScope
from crm_pipeline.analytics.closed_groups import GROUPINGS
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss
from tests.site import rows
from tests.site.health import stage
from tests.site.world import refused

# By product a deal counts once per product, so there only the amounts add up.
each_grouping = pytest.mark.parametrize("group_by", GROUPINGS)


@pytest.fixture
def closed(sale):
	"""closed(status, amount, ...) stores a closed opportunity of a campaign of its own; `filters` choose those."""
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": f"Fair {sale.world.tag}", "company": sale.world.company}
	).insert()

	def make(status: str, amount: float, on=None, items=None, competitors=(), **values):
		deal = sale.opportunity(
			campaign=campaign.name,
			items=items or [],
			amount=amount,
			competitors=[{"competitor": competitor(name)} for name in competitors],
		)
		stored = {
			"status": status,
			"closed_on": on or nowdate(),
			"stage": stage(status.lower()),
			"closed_from": stage("proposal"),
			**values,
		}
		return rows.deal(deal, **stored)

	filters = {"campaign": campaign.name, "company": sale.world.company}
	return SimpleNamespace(make=make, filters=filters, campaign=campaign.name)


def competitor(name: str) -> str:
	if not frappe.db.exists("Sales Competitor", name):
		frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": name}).insert()
	return name


def report(closed, group_by="Reason", **filters):
	_columns, data, message, chart, summary = [
		*win_and_loss.execute({**closed.filters, "group_by": group_by, **filters}),
		None,
		None,
		None,
	][:5]
	return SimpleNamespace(
		rows={row.get("label"): row for row in data if not row.get("is_total")},
		total=next((row for row in data if row.get("is_total")), None),
		message=message,
		chart=chart,
		summary=summary,
		data=data,
	)


def behind(row, outcome, chosen) -> set[str]:
	"""The documents that a click on a count opens."""
	if row["routes"][outcome] is None:
		return {
			one["name"] for one in api.get_documents_of_closed(chosen, outcome.capitalize(), row["key"])["documents"]
		}
	filters = []
	for field, operator, value in row["routes"][outcome]:
		table, _dot, column = field.rpartition(".")
		filters.append([table, column, operator, value] if table else [row["doctype"], field, operator, value])
	return set(frappe.get_list(row["doctype"], filters=filters, pluck="name", order_by="name asc", limit=0))


@pytest.fixture
def some(closed, sale):
	world = sale.world
	items = sale.rows((world.pump, 1, 600), (world.service, 1, 400))
	return SimpleNamespace(
		big=closed.make("Won", 20000, competitors=("Acme", "Bolt"), closed_from=stage("negotiation")),
		items=closed.make("Won", 0, items=items),
		price=closed.make("Lost", 5000, lost_reason="Price", lost_to=competitor("Acme"), competitors=("Bolt", "Acme")),
		bare=closed.make("Lost", 0),
		before=closed.make("Won", 100, on=add_months(get_first_day(nowdate()), -13)),
	)


@each_grouping
def test_every_grouping_adds_up_to_the_deals_closed(closed, some, group_by):
	found = report(closed, group_by)
	rows = found.rows.values()
	assert (found.total["won"], found.total["lost"], found.total["before"]) == (2, 2, 1)
	assert (found.total["won_amount"], found.total["lost_amount"]) == (21000, 5000)
	assert sum(row["won_amount"] for row in rows) == 21000
	assert sum(row["lost_amount"] for row in rows) == 5000
	if group_by != "Product":
		assert (sum(row["won"] for row in rows), sum(row["lost"] for row in rows)) == (2, 2)
		assert sum(row["share"] or 0 for row in rows) == pytest.approx(100)


@each_grouping
def test_amounts_and_the_period_before_open_documents_that_add_up_to_them(closed, some, group_by):
	chosen = {**closed.filters, "group_by": group_by}
	found = report(closed, group_by)
	for row in (*found.rows.values(), found.total):
		for outcome in ("won", "lost"):
			behind_it = api.get_documents_of_closed(chosen, outcome.capitalize(), row["key"])
			assert behind_it["total"] == row[outcome], (row["label"], outcome)
			amounts = sum(one["base_amount"] for one in behind_it["documents"])
			assert amounts == pytest.approx(row[f"{outcome}_amount"]), (row["label"], outcome)
		assert api.get_documents_of_closed(chosen, "", row["key"], before=True)["total"] == row["before"]
	with refused(match="is not a grouping"):
		api.get_documents_of_closed(chosen, "Won", ["a", "b", "c"])


@each_grouping
def test_a_click_on_a_count_opens_exactly_its_documents(closed, some, group_by):
	found = report(closed, group_by)
	for row in [*found.rows.values(), found.total]:
		for outcome in ("won", "lost"):
			if row[outcome]:
				assert len(behind(row, outcome, {**closed.filters, "group_by": group_by})) == row[outcome], (
					row["label"],
					outcome,
				)
	assert behind(found.total, "won", closed.filters) == {some.big.name, some.items.name}
	assert behind(found.total, "lost", closed.filters) == {some.price.name, some.bare.name}


def test_rates_are_compared_with_the_period_before(closed, some):
	total = report(closed).total
	assert (total["win_rate"], total["before_win_rate"], total["change"]) == (50, 100, -50)
	assert total["amount_win_rate"] == pytest.approx(100 * 21000 / 26000)


def test_lost_without_a_reason_is_a_row_of_its_own(closed, some):
	rows = report(closed).rows
	assert rows["Price"]["lost"] == 1 and rows["No Reason Given"]["lost"] == 1 and rows["Won"]["won"] == 2


def test_a_competitor_is_who_it_was_lost_to_or_the_first_one_beaten(closed, some):
	rows = report(closed, "Competitor").rows
	assert (rows["Acme"]["won"], rows["Acme"]["lost"], rows["Acme"]["win_rate"]) == (1, 1, 50)
	assert (rows["No Competitor"]["won"], rows["No Competitor"]["lost"]) == (1, 1)
	assert "Bolt" not in rows


def test_products_share_a_deal_by_their_rows(closed, some, sale):
	rows = report(closed, "Product").rows
	assert (rows[sale.world.pump]["won"], rows[sale.world.pump]["won_amount"]) == (1, 600)
	assert (rows[sale.world.service]["won"], rows[sale.world.service]["won_amount"]) == (1, 400)
	assert (rows["No Items"]["won"], rows["No Items"]["lost"]) == (1, 2)


@pytest.mark.parametrize("status", ["Won", "Lost"])
def test_products_share_a_discount_on_the_whole_and_what_was_sold_without_prices(closed, sale, status):
	world = sale.world
	deal = closed.make(status, 0, items=sale.rows((world.pump, 1, 600), (world.service, 1, 400)))
	deal.db_set({"amount": 900, "base_amount": 900})
	rows.deal(deal)
	unpriced = closed.make(status, 0, items=sale.rows((world.service, 1, 100), (world.pump, 1, 50)))
	frappe.db.set_value("Sales Deal Item", {"parent": unpriced.name}, {"amount": 0, "base_amount": 0})
	unpriced.db_set({"items_total": 0, "amount": 0, "base_amount": 0 if status == "Won" else 70})
	unpriced.db_set("base_won_amount", 70 if status == "Won" else 0)
	found = report(closed, "Product")
	field = f"{status.lower()}_amount"
	assert (found.rows[world.pump][field], found.rows[world.service][field]) == (540, 360 + 70)
	assert found.total[field] == 970


def test_sizes_and_stages_keep_their_own_order(closed, some):
	sizes = list(report(closed, "Size", size_limits="1000, 10000").rows.values())
	assert [(row["won"], row["lost"]) for row in sizes] == [(0, 1), (1, 1), (1, 0)]
	assert list(report(closed, "Stage Reached").rows) == ["Proposal", "Negotiation"]


def test_months_without_a_deal_are_in_the_trend(closed, some):
	rows = report(closed, "Month").data[:-1]
	assert len(rows) == 12
	assert [row["won"] for row in rows] == [0] * 11 + [2]
	assert all(row["win_rate"] is None for row in rows[:-1])


def test_lessons_of_won_and_lost_deals_are_listed_the_latest_first(closed, some):
	frappe.db.set_value(
		"Sales Opportunity", some.big.name, {"lessons": "Call early", "closed_on": add_days(nowdate(), -1)}
	)
	frappe.db.set_value("Sales Opportunity", some.price.name, "lessons", "Quote in pieces")
	found = report(closed, "Lessons").data
	assert [(row["name"], row["outcome"], row["lessons"]) for row in found] == [
		(some.price.name, "Lost", "Quote in pieces"),
		(some.big.name, "Won", "Call early"),
	]


def test_lessons_that_are_not_shown_are_told_of(closed, monkeypatch):
	for lesson in ("Call early", "Quote in pieces", "Bring the engineer"):
		frappe.db.set_value("Sales Opportunity", closed.make("Lost", 10).name, "lessons", lesson)
	assert "<br>" not in report(closed, "Lessons").message
	monkeypatch.setattr(closed_deals, "MOST_LESSONS", 2)
	found = report(closed, "Lessons")
	assert len(found.data) == 2 and found.message.endswith("<br>The latest 2 of 3 lessons are shown")


def test_bad_data_has_defined_answers(closed):
	closed.make("Lost", 0, opened_on=add_days(nowdate(), 5))
	frappe.db.set_value("Sales Opportunity", closed.make("Won", 50).name, "closed_on", None)
	closed.make("Won", 70, on=get_last_day(nowdate()), closed_from="no such stage")
	closed.make("Lost", 30, on=add_days(nowdate(), 900))
	found = report(closed)
	assert (found.total["won"], found.total["lost"], found.total["won_amount"]) == (1, 1, 70)
	assert "1 closed deals have no closing date" in found.message
	assert set(report(closed, "Stage Reached").rows) == {"Proposal", "no such stage"}


def test_nothing_closed_is_an_empty_report(closed):
	for group_by in (*GROUPINGS, "Lessons"):
		found = report(closed, group_by)
		assert all(not row["won"] and not row["lost"] for row in found.data)
		assert not found.summary


@pytest.mark.parametrize(
	"filters",
	[
		{"group_by": "Colour"},
		{"group_by": "Size", "size_limits": "a lot"},
		{"from_date": "2026-05-01", "to_date": "2026-04-01"},
	],
)
def test_filters_that_make_no_sense_are_refused_in_words(closed, filters):
	with refused():
		report(closed, **{"group_by": "Reason", **filters})


def test_a_completed_project_was_won_and_other_projects_are_no_sales(closed, sale):
	def project(status, **values):
		doc = frappe.get_doc(
			{
				"doctype": "Sales Project",
				"title": "Plant",
				"customer": sale.world.customer,
				"company": sale.world.company,
				"campaign": closed.campaign,
				"amount": 10,
			}
		).insert()
		rows.deal(doc, status=status, closed_on=getdate(), **values)

	project("Won", stage="Standard Projects-won")
	project("Completed", stage="Standard Projects-won")
	project("Lost")
	project("Completed", project_type="Marketing")
	found = report(closed, document_type="Sales Project")
	assert (found.total["won"], found.total["lost"]) == (2, 1)
	assert len(behind(found.total, "won", closed.filters)) == 2


def test_closed_deals_without_a_day_are_told_and_open_ones_are_none_of_them(closed):
	closed.make("Won", 100)
	frappe.db.set_value("Sales Opportunity", closed.make("Lost", 50).name, "closed_on", None)
	frappe.db.set_value("Sales Opportunity", closed.make("Open", 70).name, "closed_on", None)
	assert closed_deals.Closed(ClosedScope.of(closed.filters)).undated() == 1
	reopened = closed.make("Open", 30)
	assert reopened.name not in behind(report(closed).total, "won", closed.filters)
	assert (report(closed).total["won"], report(closed).total["lost"]) == (1, 0)
