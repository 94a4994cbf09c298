"""What stays as it was while something beside it changes: prices, amounts, times in a stage, and whose document it is."""

from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.analytics import deal_facts, stalled_rules
from crm_pipeline.chain import guard, passages, row_changes
from crm_pipeline.core.stage_visits import key_of
from crm_pipeline.costs import cost_estimates
from crm_pipeline.erp import flow, prices
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.health import stage
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
DEAL = "Sales Opportunity"


# ---- prices and amounts


def test_a_deal_keeps_its_prices_when_only_the_price_list_changed_meanwhile(sale, monkeypatch):
	deal = sale.opportunity()
	deal.items[0].update({"price_list_rate": 100, "rate": 90, "discount_percentage": 10})
	deal.save()
	dearer = {"price_list_rate": 200.0, "rate": 200.0, "discount_percentage": 0.0}
	monkeypatch.setattr(prices, "list_price", lambda doc, row: dearer)
	deal.update({"description": "Called again"}).save()
	row = deal.items[0]
	assert (row.price_list_rate, row.rate, row.discount_percentage) == (100, 90, 10)


def test_a_rate_is_rounded_before_it_is_multiplied_as_erpnext_does(sale, world):
	deal = sale.opportunity(items=sale.rows((world.service, 1000, 1.2345)))
	assert (deal.items[0].rate, deal.items[0].amount, deal.amount) == (1.23, 1230, 1230)


@pytest.mark.parametrize(("discount", "net"), [(479.5, 0.5), (480, 0), (480.01, None)])
def test_a_discount_may_leave_less_than_one_and_no_less_than_nothing(sale, discount, net):
	given = {"apply_discount_on": "Net Total", "discount_amount": discount}
	if net is None:
		with refused(match="must not be more than the total"):
			sale.contract(submit=False, **given)
	else:
		assert sale.contract(submit=False, **given).amount == net


@pytest.mark.parametrize(
	("source", "given", "expected"),
	[
		(None, "Site", "Theirs"),
		(None, None, "Theirs"),
		(None, "Chosen", "Chosen"),
		(("Sales Opportunity", "O"), "Site", "Site"),
		(("Quotation", "Q"), "Site", "Site"),
		(("Sales Lead", "L"), "Site", "Theirs"),
		(("Sales Campaign", "C"), "Site", "Theirs"),
		("amended", "Site", "Site"),
	],
)
def test_what_came_from_a_priced_document_keeps_its_price_list(world, monkeypatch, source, given, expected):
	monkeypatch.setattr(prices, "default_price_list", lambda customer: "Theirs" if customer else "Site")
	contract = frappe.new_doc("Sales Contract")
	contract.update({"customer": world.customer, "company": world.company, "selling_price_list": given})
	if source == "amended":
		contract.amended_from = "CON-1"
	elif source:
		contract.source_type, contract.source_name = source
	contract.set_price_list()
	assert contract.selling_price_list == expected


def test_an_estimate_earns_what_is_left_without_the_tax_in_the_prices(sale):
	deal = sale.opportunity()
	deal.db_set({"items_total": 480, "amount": 400})
	estimate = frappe.new_doc("Cost Estimate")
	estimate.update({"reference_doctype": deal.doctype, "reference_name": deal.name})
	cost_estimates._copy_items(estimate)
	assert [row.rate for row in estimate.items] == [83.33, 66.67]


@pytest.mark.parametrize(
	("change", "factor"),
	[
		({}, 12),
		({"uom": "Nos"}, 0),
		({"item_code": "Other"}, 0),
		({"uom": "Nos", "conversion_factor": 5}, 5),
		({"qty": 9}, 12),
	],
)
def test_a_factor_is_looked_up_anew_for_another_item_or_unit_unless_it_was_typed(change, factor):
	old = frappe._dict(name="R-1", item_code="Pump", uom="Box", conversion_factor=12, qty=1)
	row = frappe._dict({**old, **change})
	doc = SimpleNamespace(get_doc_before_save=lambda: frappe._dict(items=[frappe._dict(name="R-0"), old]))
	row_changes.follow_unit(doc, row)
	assert row.conversion_factor == factor


# ---- time


def test_a_deal_stores_the_time_of_its_own_earlier_visits_alone(sale, world):
	deal, other = sale.opportunity(), rows.bare_deal(world, "B")
	left = {"docstatus": 0, "visits": 1, "last_left": now_datetime(), "stage": stage("proposal")}
	for name, doctype, seconds in ((other, DEAL, 500), (deal.name, "Sales Project", 600), (deal.name, DEAL, 70)):
		rows.row("Stage Passage", reference_doctype=doctype, reference_name=name, seconds=seconds, **left)
	here = stage("qualification")
	assert passages.values_on_entering(deal, here, stage("proposal")) == {
		"earlier_seconds": 70,
		"passed_stages": key_of([stage("proposal"), here]),
	}


def test_what_somebody_typed_is_not_late_while_its_day_lasts_for_the_reader(world, monkeypatch):
	now = now_datetime()
	yesterday = (now - timedelta(days=1)).date()
	name = rows.bare_deal(
		world, "A", expected_close=yesterday, next_step_date=yesterday, opened_on=yesterday, stage_entered_on=now
	)
	how = stalled_rules.rules()
	late = deal_facts.gather(DEAL, [name], how, now)[name]
	assert (late.days_overdue, late.next_step_late) == (1, 1)
	monkeypatch.setattr(deal_facts, "user_day_of", lambda moment: yesterday)
	further_west = deal_facts.gather(DEAL, [name], how, now)[name]
	assert (further_west.days_overdue, further_west.next_step_late) == (0, None)


# ---- whose it is, and whom it concerns


@pytest.mark.parametrize(("owner", "lead"), [(OTHER, OTHER), (None, REP)])
def test_the_owner_of_an_opportunity_leads_the_project_that_runs_it(sale, as_user, owner, lead):
	deal = sale.opportunity()
	deal.db_set("sales_owner", owner)
	as_user("rep")
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(deal.name)["name"])
	assert [(row.user, row.function) for row in project.members] == [(lead, "Lead")]


@pytest.mark.parametrize(
	("order", "concerned"),
	[
		({}, False),
		({"items": [{}, {"prevdoc_docname": "QTN-1"}]}, True),
		({"items": [{}, {}]}, False),
		({"amended_from": "SO-1"}, True),
		({"crm_request_key": "SOR-1"}, True),
		({"crm_source_name": "OPP-1"}, True),
		({"before": {"crm_source_name": "OPP-1"}}, True),
	],
)
def test_an_order_concerns_us_where_any_of_it_came_from_a_sale(order, concerned):
	before = frappe._dict(order["before"]) if "before" in order else None
	values = {**order, "items": [frappe._dict(row) for row in order.get("items", [])]}
	doc = SimpleNamespace(get=values.get, get_doc_before_save=lambda: before)
	assert guard._concerns_us(doc) is concerned


def test_what_followed_an_order_is_listed_in_the_order_in_which_it_was_made(world):
	order = rows.order(world, 100)
	at = [add_to_date(now_datetime(), minutes=minutes) for minutes in (5, 1, 3)]
	made = [rows.invoice(world, order, 10, creation=moment) for moment in at]
	assert [row["name"] for row in flow.documents_after([order])] == [made[1], made[2], made[0]]


def test_a_reason_of_more_than_a_line_is_too_long(sale):
	deal = sale.opportunity()
	with refused(match="reason is too long"):
		api.lose_deal(deal.doctype, deal.name, reason="x" * 141)
