"""What comes late, follows or counts up: jobs, delivery days, orders of an invoice, versions of a contract, overdue deals."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.analytics import deal_values, stall_verdicts
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.chain import behind
from crm_pipeline.core.dwell import WorkCalendar
from crm_pipeline.orders import hand_off, native_order, roll_up
from crm_pipeline.overrides import sales_order
from tests.site import rows
from tests.site.world import refused

DEAL = "Sales Opportunity"


@pytest.mark.parametrize(
	("every", "ended_ago", "state"),
	[(24, 35, "Done"), (24, 37, "Missed"), (168, 37, "Done"), (168, 179, "Done"), (168, 181, "Missed")],
)
def test_a_job_is_missed_half_a_day_after_its_next_turn(site, every, ended_ago, state):
	row = frappe._dict(status="Done", started_on=None, finished_on=add_to_date(now_datetime(), hours=-ended_ago))
	assert behind._state_of(row, every) == state


@pytest.mark.parametrize(("holidays", "day"), [(None, 6), ((), 6), ((date(2026, 6, 6), date(2026, 6, 7)), 8)])
def test_the_usual_delivery_is_on_a_day_on_which_people_work(site, monkeypatch, holidays, day):
	monkeypatch.setattr(native_order, "user_today", lambda: date(2026, 6, 1))
	calendar = None if holidays is None else WorkCalendar(holidays)
	monkeypatch.setattr(native_order.holidays, "calendar_of", lambda company: calendar)
	frappe.db.set_single_value("CRM Pipeline Settings", "default_delivery_days", 5)
	assert native_order.usual_delivery_date("Ours") == date(2026, 6, day)


def test_all_orders_of_an_invoice_follow_it_and_an_order_only_where_it_has_a_source():
	lines = [{"sales_order": "SO-1"}, {}, {"sales_order": "SO-2"}, {"sales_order": "SO-1"}]
	assert roll_up._orders_of(frappe._dict(doctype="Sales Invoice", items=[*map(frappe._dict, lines)])) == {
		"SO-1",
		"SO-2",
	}
	order = frappe._dict(doctype="Sales Order", name="SO-3", items=[])
	assert roll_up._orders_of(order) == set()
	order.update({"crm_source_type": DEAL, "crm_source_name": "OPP-1"})
	assert roll_up._orders_of(order) == {"SO-3"}


@pytest.mark.parametrize("opening", [True, False])
def test_an_order_of_an_old_version_is_measured_by_the_latest_and_counts_at_the_first(monkeypatch, opening):
	asked, counted, locked = [], [], []
	monkeypatch.setattr(sales_order, "contract_of", lambda doc: "CON-1-1")
	monkeypatch.setattr(sales_order.contract_versions, "contract_root", lambda name: "CON-1")
	monkeypatch.setattr(sales_order.contract_versions, "contract_family", lambda name: ["CON-1", "CON-1-1", "CON-1-2"])
	monkeypatch.setattr(sales_order, "lock", locked.append)
	monkeypatch.setattr(sales_order, "_check_in_force", lambda doc, contract: asked.append(("in force", contract)))
	monkeypatch.setattr(sales_order, "over_agreed", lambda doc, lines, contract: asked.append(("over", contract)))
	monkeypatch.setattr(sales_order.contract_versions, "count_up", counted.append)
	sales_order.check_contract(SimpleNamespace(), {"row"}, opening)
	assert asked == [*([("in force", "CON-1-2")] if opening else []), ("over", "CON-1-2")]
	assert (locked, counted) == ([("Sales Contract", "CON-1")], ["CON-1"])
	sales_order.check_contract(SimpleNamespace(), set())
	assert len(locked) == 1


def test_a_request_of_a_contract_counts_up_its_first_version(sale, monkeypatch):
	contract, counted = sale.contract(), []
	request = sale.request(contract, submit=False)
	monkeypatch.setattr(hand_off.contract_versions, "count_up", counted.append)
	monkeypatch.setattr(hand_off.contract_versions, "contract_root", lambda name: contract.name)
	hand_off.check_remaining(request)
	assert counted == [contract.name]


def test_an_overdue_deal_is_expected_in_no_month_of_its_own(world):
	owner = f"owner-{world.tag}"
	for key, day in (("late", "2026-05-31"), ("due", "2026-06-20")):
		rows.bare_deal(world, key, sales_owner=owner, expected_close=day)
	deals = deal_values.Deals(DEAL, ForecastScope(world.company, sales_owner=owner), date(2026, 6, 20), won=False)
	found = deals.query.select(deals.deal.name, deals.month().as_("month"), deals.overdue().as_("late")).run()
	assert {name.split()[0]: (month, late) for name, month, late in found} == {"late": (None, 1), "due": ("2026-06", 0)}


@pytest.mark.parametrize(
	("change", "taken"), [({}, True), ({"pipeline": "Standard Projects"}, False), ({"position": 999}, False)]
)
def test_a_position_is_taken_by_another_stage_of_the_same_pipeline_alone(site, change, taken):
	frappe.db.set_value("Pipeline Stage", {"pipeline": "Standard Sales", "stage_type": "Won"}, "position", 777)
	stage = frappe.new_doc("Pipeline Stage")
	values = {"name": "Standard Sales-another", "pipeline": "Standard Sales", "label": "Another", "position": 777}
	stage.update({**values, **change})
	if taken:
		with refused(match="position 777 of pipeline Standard Sales is taken by stage"):
			stage.validate_position()
		stage.disabled = 1
	stage.validate_position()


@pytest.mark.parametrize(
	("kind", "outlook"), [("Won", (100, "Closed")), ("Lost", (0, "Omitted")), ("Open", (40, "Best Case"))]
)
def test_a_won_stage_is_certain_and_a_lost_one_not_there_whatever_was_typed(site, kind, outlook):
	stage = frappe.new_doc("Pipeline Stage")
	stage.update({"stage_type": kind, "probability": 40, "forecast_category": "Best Case"})
	stage.set_certain_probability()
	assert (stage.probability, stage.forecast_category) == outlook


def test_only_what_deals_have_can_split_a_forecast(world):
	deals = deal_values.Deals(DEAL, ForecastScope(world.company), date(2026, 6, 20), won=False)
	assert deals.dimension("territory") is not None
	with pytest.raises(KeyError):
		deals.dimension("moon")


def test_a_lost_race_is_no_deal_that_can_not_be_judged(world, monkeypatch):
	def lost(*args, **how):
		raise frappe.QueryDeadlockError("lost")

	monkeypatch.setattr(stall_verdicts, "refresh", lost)
	with pytest.raises(frappe.QueryDeadlockError):
		stall_verdicts._refresh_if_possible(DEAL, ["OPP-1"], None)

	def broken(*args, **how):
		raise ValueError("broken")

	monkeypatch.setattr(stall_verdicts, "refresh", broken)
	told = lambda: frappe.db.count("Error Log", {"method": "CRM Pipeline: stalled deals"})  # noqa: E731
	before = told()
	assert stall_verdicts._refresh_if_possible(DEAL, ["OPP-1", "OPP-2"], None) is None and told() == before
	assert stall_verdicts._refresh_if_possible(DEAL, ["OPP-1"], None) is None and told() == before + 1
