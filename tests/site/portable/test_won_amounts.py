"""What a deal was sold for is one number, stored with the deal, on whatever page it is shown."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import closed_deals, closed_groups, forecast_totals
from crm_pipeline.analytics.closed_deals import ClosedScope
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.core.chain import Ref
from crm_pipeline.deals import outcome, won_amounts
from crm_pipeline.orders import roll_up
from tests.site import rows
from tests.site.portable.test_forecast_promises import offered
from tests.site.portable.test_funnel import make_pipeline


@pytest.fixture
def filters(world):
	return {"company": world.company, "pipeline": make_pipeline(f"Sold {world.tag}")}


@pytest.fixture
def deal(sale, filters):
	return sale.opportunity(pipeline=filters["pipeline"], items=sale.rows((sale.world.pump, 4, 250)))


def stored(deal) -> tuple:
	return frappe.db.get_value(deal.doctype, deal.name, ["outcome", "won_amount", "base_won_amount"])


def told(filters) -> set[float]:
	"""What forecast, win and loss, funnel and board say that was won."""
	closed = closed_deals.Closed(ClosedScope.of(filters))
	board = api.get_board_totals(filters["pipeline"], filters)
	return {
		forecast_totals.forecast_of(ForecastScope.of({**filters, "count": 12})).total.signed,
		closed.total().now.won_amount,
		sum(row.now.won_amount for row in closed_groups.grouped(closed, "Product")),
		sum(row.now.won_amount for row in closed_groups.grouped(closed, "Size")),
		api.get_funnel(filters)["outcome"]["won_amount"],
		sum(row["amount"] for stage, row in board.items() if stage.endswith("won")),
	}


def test_all_pages_tell_what_the_contract_says(sale, deal, filters):
	items = sale.rows((sale.world.service, 2, 450))
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name, items=items)
	assert stored(deal) == ("Won", 900, 900)
	assert told(filters) == {900}
	sale.cancel(contract)
	assert stored(deal) == (None, 0, 0)
	assert told(filters) == {0}
	sale.amend(contract, items=sale.rows((sale.world.service, 1, 450)))
	assert stored(deal) == ("Won", 450, 450)
	assert told(filters) == {450}


def test_a_lost_deal_has_an_outcome_and_was_sold_for_nothing(deal, filters):
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	assert stored(deal) == ("Lost", 0, 0)
	api.reopen_deal(deal.doctype, deal.name)
	assert stored(deal) == (None, 0, 0)


def test_a_deal_won_by_hand_was_sold_for_its_quotation_and_follows_what_becomes_of_it(sale, deal, filters):
	name = offered(deal, 700)
	api.win_deal(deal.doctype, deal.name)
	assert stored(deal) == ("Won", 700, 700)
	assert told(filters) == {700}
	frappe.db.set_value("Quotation", name, "status", "Lost")
	won_amounts.follow_quotation(deal.doctype, deal.name)
	assert stored(deal) == ("Won", 1000, 1000)


def test_an_edited_deal_that_was_won_by_hand_was_sold_for_what_it_says_now(deal, filters):
	api.win_deal(deal.doctype, deal.name)
	assert told(filters) == {1000}
	deal.reload()
	deal.items[0].rate = 300
	deal.save()
	assert stored(deal) == ("Won", 1200, 1200)
	assert told(filters) == {1200}


def test_what_was_ordered_of_a_deal_that_an_order_won_is_what_was_sold(sale, deal, filters):
	rows.deal(deal, status="Won", closed_on=getdate(), won_by_type="Sales Order Request", won_by="SOR-1")
	assert stored(deal) == ("Won", 1000, 1000), "nothing is submitted yet"
	frappe.db.set_value(deal.doctype, deal.name, {"ordered_amount": 250, "stage": f"{deal.pipeline}-won"})
	assert won_amounts.refresh(deal.doctype, deal.name) and not won_amounts.refresh(deal.doctype, deal.name)
	assert stored(deal) == ("Won", 250, 250)
	assert told(filters) == {250}


def test_a_project_that_was_won_and_completed_keeps_what_it_was_sold_for(sale, deal):
	project = api.opportunity_to_project(deal.name)["name"]
	sale.contract(source_type="Sales Project", source_name=project, items=sale.rows((sale.world.pump, 4, 250)))
	api.complete_project(project)
	assert frappe.db.get_value("Sales Project", project, ["status", "outcome", "base_won_amount"]) == (
		"Completed",
		"Won",
		1000,
	)
	assert stored(deal) == ("Won", 1000, 1000)


def test_a_service_that_nobody_sold_has_no_outcome(sale, world):
	values = {
		"title": "Help",
		"project_type": "Service",
		"customer": world.customer,
		"company": world.company,
		"amount": 10,
	}
	project = frappe.get_doc({"doctype": "Sales Project", **values}).insert()
	api.complete_project(project.name)
	assert stored(project) == (None, 0, 0)


@pytest.mark.parametrize("wrong", [{"outcome": None}, {"base_won_amount": 5}, {"outcome": "Lost"}])
def test_the_nightly_job_mends_a_number_that_drifted(deal, filters, wrong):
	api.win_deal(deal.doctype, deal.name)
	frappe.db.set_value(deal.doctype, deal.name, wrong)
	ref = Ref(deal.doctype, deal.name)
	assert ref in roll_up._to_reconcile()
	assert outcome.mend(ref) and not outcome.mend(ref)
	assert stored(deal) == ("Won", 1000, 1000)


def test_the_nightly_job_mends_the_number_of_a_deal_that_a_contract_won(sale, deal):
	sale.contract(source_type=deal.doctype, source_name=deal.name, items=sale.rows((sale.world.pump, 1, 500)))
	frappe.db.set_value(deal.doctype, deal.name, {"won_amount": 7, "base_won_amount": 7})
	ref = Ref(deal.doctype, deal.name)
	assert ref in roll_up._to_reconcile()
	assert outcome.mend(ref) and not outcome.mend(ref)
	assert stored(deal) == ("Won", 500, 500)


def test_nobody_sends_an_outcome_or_what_was_sold(deal):
	deal.update({"outcome": "Won", "won_amount": 9, "base_won_amount": 9})
	deal.save()
	assert stored(deal) == (None, 0, 0)


def test_a_day_of_signing_that_is_put_right_changes_no_amount(sale, deal):
	deal.db_set("opened_on", add_days(nowdate(), -40))
	contract = sale.contract(
		source_type=deal.doctype, source_name=deal.name, items=sale.rows((sale.world.pump, 1, 500))
	)
	contract.signed_on = add_days(nowdate(), -20)
	contract.save()
	assert frappe.db.get_value(deal.doctype, deal.name, "closed_on") == getdate(add_days(nowdate(), -20))
	assert stored(deal) == ("Won", 500, 500)
