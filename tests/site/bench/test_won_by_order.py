"""A native Sales Order whose deal can't be won: its pipeline has no won stage."""

import frappe

from crm_pipeline import api
from crm_pipeline.chain import roll_up


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
