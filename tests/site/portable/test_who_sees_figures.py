"""Figures tell a user what their roles, their team and their User Permissions let them see, and nothing else."""

import frappe
import pytest
from frappe.utils import add_days, get_first_day, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import movement, outlook, snapshots
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.learned_rates import learned_until, visits_until
from crm_pipeline.core import registry, win_rates
from crm_pipeline.crm_pipeline.report.win_and_loss import win_and_loss
from tests.site import rows
from tests.site.portable.test_visibility import MANAGER, OTHER, REP, set_apart
from tests.site.world import refused

# ---- what belongs to a Sales Person of the team, whoever owns it


@pytest.fixture
def team(world):
	"""The manager above the rep; the other rep in a team of their own. {name: Sales Person}, visibility is on."""
	set_apart()
	return rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)


@pytest.fixture
def given(sale, team, as_user):
	"""given("Rep") is a deal that the other rep owns and that belongs to that Sales Person."""

	def make(person):
		as_user("other_rep")
		name = sale.opportunity(items=[], amount=100).name
		frappe.db.set_value("Sales Opportunity", name, "sales_person", team[person])
		return name

	return make


@pytest.mark.parametrize(
	("person", "who", "sees"),
	[
		("Rep", "manager", True),
		("Rep", "rep", True),
		("Rep", "other_rep", True),
		("North", "manager", True),
		("North", "rep", False),
		("South", "manager", False),
		("South", "rep", False),
	],
)
def test_a_deal_is_seen_by_the_team_of_its_sales_person(given, as_user, person, who, sees):
	name = given(person)
	as_user(who)
	listed = frappe.get_list("Sales Opportunity", filters={"name": name}, order_by="name asc")
	assert (bool(listed), bool(frappe.has_permission("Sales Opportunity", "read", doc=name))) == (sees, sees)


def test_a_total_counts_the_deals_of_the_teams_sales_persons(given, world, as_user):
	as_user("manager")
	pipeline = frappe.db.get_value("Sales Pipeline", {"applies_to": "Sales Opportunity", "is_default": 1}, "name")
	amount = lambda: sum(t["amount"] for t in api.get_board_totals(pipeline, {"company": world.company}).values())  # noqa: E731
	before = amount()
	given("Rep")
	given("South")
	as_user("manager")
	assert amount() == before + 100


@pytest.mark.parametrize("doctype", registry.OWNED)
def test_every_document_of_a_sale_is_hidden_from_other_teams(sale, world, as_user, doctype):
	as_user("other_rep")
	hidden = {
		"Sales Prospect": lambda: frappe.get_doc(
			{"doctype": "Sales Prospect", "prospect_name": f"Hidden {world.tag}", "prospect_kind": "Organisation"}
		).insert(),
		"Sales Lead": sale.lead,
		"Sales Opportunity": sale.opportunity,
		"Sales Project": lambda: frappe.get_doc(
			{"doctype": "Sales Project", "title": "Hidden", "customer": world.customer, "company": world.company}
		).insert(),
		"Sales Contract": lambda: sale.contract(submit=False),
		"Sales Order Request": lambda: sale.request(sale.opportunity(), submit=False),
	}[doctype]()
	set_apart()
	for who, sees in (("other_rep", True), ("rep", False)):
		as_user(who)
		assert bool(frappe.get_list(doctype, filters={"name": hidden.name}, order_by="name asc")) == sees
		assert bool(frappe.has_permission(doctype, "read", doc=hidden.name)) == sees


# ---- forecast movement


@pytest.fixture
def frozen(sale, world, as_user):
	"""A rep's won deal of 100 and another rep's of 1000, both of last month, and a snapshot taken after that."""
	frappe.db.delete("Forecast Snapshot", {"company": world.company})
	last = add_days(get_first_day(nowdate()), -1)
	deals = []
	for owner, amount in ((REP, 100), (OTHER, 1000)):
		deal = sale.opportunity(items=[], amount=amount, sales_owner=owner)
		won = frappe.db.get_value("Pipeline Stage", {"pipeline": deal.pipeline, "stage_type": "Won"}, "name")
		rows.deal(deal, status="Won", stage=won, closed_on=last, opened_on=last)
		deals.append(deal)
	snapshots.take(world.company, getdate())
	return {"company": world.company, "first": str(get_first_day(last)), "pipeline": deals[0].pipeline}


def moved(filters) -> tuple[float, float]:
	"""(what came in, what the snapshot holds as signed)"""
	found = movement.movement(ForecastScope.of(filters))
	return found["real"], sum(row["signed"] for row in found["rows"])


def test_a_rep_is_told_how_the_own_forecast_moved(frozen, as_user):
	everybody = moved(frozen)
	set_apart()
	as_user("rep")
	mine = moved(frozen)
	as_user("other_rep")
	theirs = moved(frozen)
	assert everybody[0] - mine[0] >= 1000 and everybody[1] - mine[1] >= 1000
	assert theirs[0] - mine[0] == 900 and theirs[1] - mine[1] == 900


@pytest.mark.parametrize("who", ["stranger", "store"])
def test_how_a_forecast_moved_is_not_told_to_who_may_not_read_it(frozen, as_user, who):
	as_user(who)
	with refused(frappe.PermissionError):
		movement.movement(ForecastScope.of(frozen))


# ---- snapshots


def snapshots_of(world, **filters) -> list[str]:
	filters = {"company": world.company, **filters}
	return frappe.get_list("Forecast Snapshot", filters=filters, pluck="name", order_by="name asc", limit=0)


def test_a_week_has_one_snapshot(frozen, sale, world):
	held = snapshots_of(world)
	assert held
	sale.opportunity(title="Of the same week")
	assert snapshots.take(world.company, getdate()) == 0
	assert snapshots_of(world) == held
	assert snapshots.take(world.company, add_days(getdate(), 7)) > 0
	assert snapshots.take(f"Other {world.tag}", getdate()) == 0, "nothing to freeze"
	assert len(snapshots_of(world)) > len(held)


def test_a_snapshot_that_two_jobs_take_at_once_is_taken_once(frozen, world):
	held = snapshots_of(world)
	# As if the other job had not committed when this one looked.
	frappe.db.set_value("Forecast Snapshot", {"company": world.company}, "week", "2000-W01", update_modified=False)
	assert snapshots.take(world.company, getdate()) == len(held)
	assert snapshots_of(world) == held


def test_with_team_visibility_a_rep_sees_the_own_part_of_a_snapshot(frozen, world, as_user):
	set_apart()
	for who, owner, other in (("rep", REP, OTHER), ("other_rep", OTHER, REP)):
		as_user(who)
		own, hidden = snapshots_of(world, sales_owner=owner), snapshots_of(world, sales_owner=other)
		assert own and not hidden
		assert frappe.has_permission("Forecast Snapshot", "read", doc=own[0])
	as_user("rep")
	assert not frappe.has_permission("Forecast Snapshot", "read", doc=own[0])


def test_who_sees_some_customers_only_sees_no_snapshots(frozen, world, as_user):
	held = snapshots_of(world)
	rep = as_user("rep")
	assert snapshots_of(world) == held
	for allow, value, seen in (("Company", world.company, held), ("Customer", world.customer, [])):
		as_user("Administrator")
		frappe.get_doc({"doctype": "User Permission", "user": rep, "allow": allow, "for_value": value}).insert()
		as_user("rep")
		assert snapshots_of(world) == seen
		assert bool(frappe.has_permission("Forecast Snapshot", "read", doc=held[0])) == bool(seen)


# ---- wins and losses by the day of closing


def test_a_deal_is_won_in_the_period_in_which_it_was_closed(sale, world):
	def won(first, last) -> int:
		filters = {"company": world.company, "from_date": first, "to_date": last}
		return sum(row["won"] for row in win_and_loss.execute(filters)[1] if not row.get("is_total"))

	then, today = add_days(nowdate(), -40), nowdate()
	before = won(then, then), won(today, today)
	deal = sale.opportunity()
	stage = frappe.db.get_value("Pipeline Stage", {"pipeline": deal.pipeline, "stage_type": "Won"}, "name")
	rows.deal(deal, status="Won", stage=stage, opened_on=then, closed_on=today)
	assert (won(then, then), won(today, today)) == (before[0], before[1] + 1)
	deal.db_set({"opened_on": add_days(then, -5), "closed_on": then})
	assert (won(then, then), won(today, today)) == (before[0] + 1, before[1])


# ---- win rates


def test_win_rates_are_learned_from_the_deals_of_the_company(sale, world):
	deal = sale.opportunity()
	first = deal.stage
	api.lose_deal(deal.doctype, deal.name, "Price")
	tomorrow = add_days(getdate(), 1)

	def lost(company) -> int:
		return sum(visit.lost for visit in visits_until(company, tomorrow) if visit.stage == first)

	own, elsewhere = lost(world.company), lost(f"Other {world.tag}")
	frappe.db.set_value(deal.doctype, deal.name, "company", f"Other {world.tag}")
	assert (lost(world.company), lost(f"Other {world.tag}")) == (own - 1, elsewhere + 1)


def test_a_deal_closed_today_taught_nothing_before_today(sale, world):
	deal = sale.opportunity()
	before = [visit for visit in visits_until(world.company, getdate())]
	api.lose_deal(deal.doctype, deal.name, "Price")
	assert visits_until(world.company, getdate()) == before
	assert visits_until(world.company, add_days(getdate(), 1)) != before


def test_the_rates_behind_the_forecast_are_told_by_stage_and_age_as_shares(sale, world):
	today = getdate()
	told = {(row["stage"], row["band"]): row for row in outlook.rates_explained(world.company, today)}
	stages = frappe.get_all("Pipeline Stage", fields=["name", "probability"], order_by="name asc", limit=0)
	assert set(told) == {(row.name, band) for row in stages for band in range(len(win_rates.BANDS))}
	rates = learned_until(world.company, today)
	for (stage, band), row in told.items():
		rate = rates.of(stage, band)
		assert (row["value"], row["basis"]) == (round(rate.value, 2), rate.basis)
	elsewhere = {(row["stage"], row["band"]): row for row in outlook.rates_explained(f"Other {world.tag}")}
	for row in stages:
		assert elsewhere[row.name, 0] == {
			"stage": row.name, "band": 0, "value": round((row.probability or 0) / 100, 2), "basis": "stage probability",
		}  # fmt: skip
