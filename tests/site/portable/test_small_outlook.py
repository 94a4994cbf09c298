"""The forecast split, moved and measured, in detail; and what went into the pool and out of it."""

from datetime import date

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline.analytics import backtest, movement, new_customers, outlook, pool_traffic, snapshots
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.new_customers import CustomerScope
from crm_pipeline.core.forecast import period_of
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.health import stage
from tests.site.world import refused, weeks_begin_on, without_right

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DEAL, PROJECT = "Sales Opportunity", "Sales Project"
TODAY = date(2026, 6, 20)


@pytest.fixture
def deal(world):
	def make(key, doctype=DEAL, **values):
		name = rows.bare_deal(world, key, doctype, **{"sales_owner": f"owner-{world.tag}", **values})
		if item := values.get("customer") and make.item:
			rows.row(
				"Sales Deal Item", parent=name, parenttype=doctype, parentfield="items", idx=1, item_code=item, qty=1,
				stock_qty=1, amount=values.get("base_amount"), base_amount=values.get("base_amount"), docstatus=0,
			)  # fmt: skip
		return name

	make.item = None
	make.filters = {"company": world.company, "sales_owner": f"owner-{world.tag}"}
	return make


def asked(deal, **values) -> ForecastScope:
	return ForecastScope.of({**deal.filters, "start": "2026-06-01", "count": 1, **values})


def lines_of(row: dict) -> list[dict]:
	return [*row["periods"].values(), row["total"], *row["outside"].values()]


def test_items_are_called_by_their_names_and_what_was_ordered_of_one_nobody_knows(deal, world):
	frappe.db.set_value("Item", world.pump, "item_name", "A pump for harbours")
	deal.item = world.pump
	for key, close in (("A", "2026-06-25"), ("B", "2026-09-25"), ("C", None)):
		deal(key, base_amount=10, amount=10, expected_close=close, customer=world.customer)
	[row] = outlook.split("item_code", asked(deal), TODAY)
	assert (row["key"], row["label"], row["total"]["pipeline"]) == (world.pump, "A pump for harbours", 10)
	assert (row["outside"]["later"]["pipeline"], row["outside"]["undated"]["pipeline"]) == (10, 10)
	assert [line["ordered"] for line in lines_of(row)] == [None] * 5
	[row] = outlook.split("customer", asked(deal), TODAY)
	assert [line["ordered"] for line in lines_of(row)] == [0.0] * 5


def test_the_largest_potential_comes_first_signed_or_not_and_equal_ones_by_name(deal, world):
	for key, territory, values in (
		("A", "North", {"base_amount": 30, "expected_close": "2026-06-25"}),
		("B", "South", {"base_amount": 50, "expected_close": "2026-06-25"}),
		("C", "West", {"status": "Won", "outcome": "Won", "base_won_amount": 40, "closed_on": "2026-06-02", "stage": stage("won")}),
		("D", "East", {"base_amount": 30, "expected_close": "2026-06-25"}),
		("E", "Omitted", {"base_amount": 90, "expected_close": "2026-06-25", "forecast_category": "Omitted"}),
	):  # fmt: skip
		deal(key, territory=territory, **values)
	found = outlook.split("territory", asked(deal), TODAY)
	assert [(row["label"], row["total"]["potential"], row["total"]["signed"]) for row in found] == [
		("South", 50, 0), ("West", 40, 40), ("East", 30, 0), ("North", 30, 0), ("Omitted", 0, 0),
	]  # fmt: skip


def test_teams_are_added_up_in_periods_and_outside_and_nobody_s_come_last(deal, world):
	people = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	for key, person, close, amount in (
		("A", people["North"], "2026-06-25", 1), ("B", people["Rep"], "2026-06-25", 10), ("C", people["Rep"], "2026-09-25", 100),
		("D", people["Rep"], None, 1000), ("E", None, "2026-06-25", 5), ("F", people["North"], "2026-09-25", 7),
	):  # fmt: skip
		deal(key, sales_person=person, expected_close=close, base_amount=amount)
	found = outlook.split("team", asked(deal), TODAY)
	shown = [
		(row["key"].split()[0] if row["key"] else "", row["indent"], [line["pipeline"] for line in lines_of(row)])
		for row in found
	]
	depth = shown[0][1]
	# In the month, in all, undated, earlier, later.
	assert [line[:2] for line in shown] == [("North", depth), ("Rep", depth + 1), ("", 0)]
	named = {key: sorted(numbers) for key, _depth, numbers in shown}
	assert named == {
		"North": sorted([11, 11, 1000, 0, 107]), "Rep": sorted([10, 10, 1000, 0, 100]), "": sorted([5, 5, 0, 0, 0]),
	}  # fmt: skip


# ---- moved and measured


def test_what_was_won_in_a_period_is_of_deals_that_one_may_read_and_of_its_days_alone(deal, world, monkeypatch):
	won = {"status": "Won", "outcome": "Won", "stage": stage("won")}
	for key, doctype, day, amount in (
		("A", DEAL, "2026-04-01", 1), ("B", PROJECT, "2026-04-30", 10), ("C", DEAL, "2026-03-31", 100), ("D", DEAL, "2026-05-01", 1000),
	):  # fmt: skip
		more = {"project_type": "Sales"} if doctype == PROJECT else {}
		deal(key, doctype, closed_on=day, base_won_amount=amount, **won, **more)
	period = period_of(getdate("2026-04-15"), "Month")
	assert movement.won_in(period, asked(deal), TODAY) == 11
	without_right(monkeypatch, DEAL, "read")
	assert movement.won_in(period, asked(deal), TODAY) == 10


@pytest.mark.parametrize(("wape", "known", "stored"), [(0.0, 1, 0), (0.25, 1, 0.25), (None, 0, 0)])
def test_a_method_that_never_missed_is_known_and_one_that_was_never_asked_is_not(
	world, monkeypatch, wape, known, stored
):
	row = {"scope": "Both", "method": "naive", "horizon": 1, "best": 0, "basis": "Won Deals", "count": 4}
	monkeypatch.setattr(backtest, "measure", lambda company, today: [{**row, "wape": wape, "mape": wape, "bias": None}])
	snapshots.measure(world.company, getdate("2031-06-01"))
	[line] = snapshots.latest_accuracy(world.company)
	assert (line.known, line.wape, line.bias, line.comparisons, str(line.taken_on)) == (
		known,
		stored,
		0,
		4,
		"2031-06-01",
	)


# ---- the pool


def moved(world, kind: str, at: str, name="L1", doctype="Sales Lead", **values) -> str:
	company = {"company": world.company, **values}
	return rows.row(
		"Pool Movement", docstatus=0, movement=kind, at=at, reference_doctype=doctype, reference_name=name, **company
	)


def days_of(world, **days) -> float | None:
	asked_for = {"company": world.company, "from_date": "2031-06-01", "to_date": "2031-06-30", **days}
	_groups, whole = pool_traffic.groups(pool_traffic.PoolScope.of(asked_for))
	return whole.days


def test_what_is_claimed_at_the_moment_in_which_it_fell_was_in_the_pool_no_time_at_all(world):
	moved(world, "Fell", "2031-06-01 00:00:00")
	moved(world, "Claimed", "2031-06-03 00:00:00")
	moved(world, "Released", "2031-06-10 09:00:00")
	moved(world, "Claimed", "2031-06-10 09:00:00")
	assert days_of(world, from_date="2031-06-10") == 0
	assert days_of(world) == 1


@pytest.mark.parametrize(
	("week", "first", "last"),
	[
		("2031-06-02", "2031-06-04", "2031-06-08"),
		("2031-06-09", "2031-06-09", "2031-06-15"),
		("2031-06-16", "2031-06-16", "2031-06-18"),
	],
)
def test_the_list_of_a_week_holds_the_days_of_it_that_were_asked_for(world, monkeypatch, week, first, last):
	weeks_begin_on(monkeypatch, "Monday")
	made = {day: moved(world, "Fell", f"2031-06-{day:02} 23:30:00", name=f"L{day}") for day in range(1, 25)}
	scope = {"company": world.company, "from_date": "2031-06-04", "to_date": "2031-06-18", "group_by": "Week"}
	filters = pool_traffic.list_filters(pool_traffic.PoolScope.of(scope), "Fell", week)
	found = frappe.get_all(
		"Pool Movement", filters=[list(one) for one in filters], pluck="name", order_by="at asc", limit=0
	)
	assert found == [made[day] for day in range(int(first[-2:]), int(last[-2:]) + 1)]


@pytest.mark.parametrize(("kind", "field"), [("Fell", "from_user"), ("Released", "from_user"), ("Claimed", "to_user"), ("Given", "to_user")])  # fmt: skip
def test_the_list_of_a_person_holds_what_they_lost_or_got_of_their_company_or_of_none(world, kind, field):
	other = "to_user" if field == "from_user" else "from_user"
	own = moved(world, kind, "2031-06-05 09:00:00", **{field: REP, other: OTHER})
	of_none = moved(world, kind, "2031-06-06 09:00:00", name="C1", doctype="Customer", company=None, **{field: REP})
	moved(world, kind, "2031-06-07 09:00:00", **{field: OTHER, other: REP})
	moved(world, kind, "2031-06-08 09:00:00", company="Another", **{field: REP})
	asked_for = {"company": world.company, "from_date": "2031-06-01", "to_date": "2031-06-30", "group_by": "Person"}
	scope = pool_traffic.PoolScope.of(asked_for)
	listed = lambda *key, **how: [  # noqa: E731
		name
		for name in frappe.get_all(
			"Pool Movement", pluck="name", order_by="at asc", limit=0,
			filters=[list(one) for one in pool_traffic.list_filters(scope, kind, *key, **how)],
		)
	]  # fmt: skip
	assert listed(REP) == [own, of_none] and len(listed(whole=True)) == 3
	counts = {group.key: group.found.counts[kind] for group in pool_traffic.groups(scope)[0]}
	assert counts == {REP: 2, OTHER: 1}


def test_weeks_of_the_pool_come_in_the_order_of_their_days_also_over_the_end_of_a_month(world, monkeypatch):
	weeks_begin_on(monkeypatch, "Monday")
	for number, at in enumerate(("2031-07-09", "2031-06-03", "2031-06-26", "2031-07-01")):
		moved(world, "Fell", f"{at} 09:00:00", name=f"L{number}")
	asked_for = {"company": world.company, "from_date": "2031-06-01", "to_date": "2031-07-31", "group_by": "Week"}
	found, _whole = pool_traffic.groups(pool_traffic.PoolScope.of(asked_for))
	assert [group.key for group in found] == ["2031-06-02", "2031-06-23", "2031-06-30", "2031-07-07"]


def test_who_may_not_read_snapshots_is_told_of_no_movement(deal, monkeypatch):
	usual = frappe.has_permission

	def without(doctype, ptype="read", *args, **how):
		if doctype == snapshots.SNAPSHOT:
			raise frappe.PermissionError
		return usual(doctype, ptype, *args, **how)

	monkeypatch.setattr(frappe, "has_permission", without)
	with refused(frappe.PermissionError):
		movement.movement(asked(deal), TODAY)


def test_a_group_of_customers_without_a_value_has_a_list_of_those(world):
	scope = CustomerScope.of({"company": world.company, "group_by": "Customer Group", "from_date": "2031-03-01"})
	assert new_customers.list_filters(scope, None)[-1] == ("customer_group", "is", "not set")
	assert new_customers.list_filters(scope, "Retail")[-1] == ("customer_group", "=", "Retail")
