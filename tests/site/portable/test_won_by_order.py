"""A native Sales Order whose deal can't be won: its pipeline has no won stage."""

import frappe
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import history
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.orders import roll_up


def retire_won_stages(pipeline: str, disabled: int = 1) -> None:
	frappe.db.set_value("Pipeline Stage", {"pipeline": pipeline, "stage_type": "Won"}, "disabled", disabled)


def test_the_order_desk_works_on_and_the_deal_is_won_at_night(sale, as_user):
	as_user("desk")
	deal = sale.opportunity()
	retire_won_stages(deal.pipeline)
	order = sale.order(deal)
	assert order.docstatus == 1
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"
	as_user("Administrator")
	retire_won_stages(deal.pipeline, 0)
	roll_up.reconcile()
	deal.reload()
	assert deal.status == "Won" and order.crm_source_name in deal.won_by


def test_an_order_made_by_erpnext_is_submitted_all_the_same(sale, as_user):
	as_user("desk")
	deal = sale.opportunity()
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	quotation.submit()
	retire_won_stages(deal.pipeline)
	order = sale.native_order(quotation)
	assert order.docstatus == 1
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"
	sale.cancel(order)


def closed_on(deal):
	return frappe.db.get_value(deal.doctype, deal.name, "closed_on")


def amended_with_date(sale, order, date):
	"""The order cancelled and made again with another date."""
	sale.cancel(order)
	order.reload()
	order.payment_schedule = []
	return sale.amend(order, transaction_date=date)


def test_an_order_that_is_dated_anew_moves_the_win(sale):
	deal = sale.opportunity()
	deal.db_set("opened_on", add_days(nowdate(), -90))
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	quotation.transaction_date = add_days(nowdate(), -60)
	quotation.submit()
	order = amended_with_date(sale, sale.native_order(quotation), add_days(nowdate(), -33))
	assert closed_on(deal) == getdate(add_days(nowdate(), -33))
	# A site whose order form lets the date be changed, and one where it was changed past all events.
	order.reload()
	order.meta.get_field("transaction_date").allow_on_submit = 1
	order.transaction_date = add_days(nowdate(), -21)
	order.save()
	assert closed_on(deal) == getdate(add_days(nowdate(), -21))
	order.db_set("transaction_date", add_days(nowdate(), -9))
	roll_up.reconcile()
	assert closed_on(deal) == getdate(add_days(nowdate(), -9))


def test_an_order_that_is_amended_for_a_typo_leaves_the_win_in_its_period(sale):
	deal = sale.opportunity()
	deal.db_set("opened_on", add_days(nowdate(), -90))
	order = sale.order(deal)
	assert closed_on(deal) == getdate()
	amended_with_date(sale, order, add_days(nowdate(), -40))
	assert closed_on(deal) == getdate(add_days(nowdate(), -40))
	winner = frappe.db.get_value(deal.doctype, deal.name, ["won_by_type", "won_by"])
	assert winner == ("Sales Order Request", order.crm_source_name)


def test_signed_is_what_the_contract_that_is_left_says(sale):
	deal = sale.opportunity()
	rows = sale.rows((sale.world.pump, 4, 225))
	source = {"source_type": deal.doctype, "source_name": deal.name}
	first, second = sale.contract(**source), sale.contract(**source, items=rows)
	today = getdate()
	assert (
		history.won_by_month(ForecastScope.of({"company": deal.company}), add_days(today, 40))[today.replace(day=1)]
		>= first.amount
	)
	before = history.won_by_month(ForecastScope.of({"company": deal.company}), add_days(today, 40))[
		today.replace(day=1)
	]
	sale.cancel(first)
	after = history.won_by_month(ForecastScope.of({"company": deal.company}), add_days(today, 40))[today.replace(day=1)]
	assert (after - before, second.amount) == (900 - 480, 900)
