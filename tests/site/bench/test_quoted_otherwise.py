"""One click on a deal whose customer was quoted something else."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.orders.agreement import DisagreementError
from tests.site.world import refused


def quoted(deal, submit=True, **values):
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	quotation.update(values)
	quotation.save()
	if submit:
		quotation.submit()
	return quotation


def test_a_deal_is_not_ordered_past_the_discount_that_was_quoted(sale):
	deal = sale.opportunity()
	quotation = quoted(deal, additional_discount_percentage=10)
	with refused(DisagreementError, match=f"Quotation .*{quotation.name}.* says .*432.* says .*480"):
		api.order_now(deal.doctype, deal.name)
	assert api.order_now("Quotation", quotation.name)
	assert frappe.db.get_value("Quotation", quotation.name, "status") == "Ordered"


@pytest.mark.parametrize("why", ("same", "draft", "expired", "lost", "replaced"))
def test_a_quotation_that_says_the_same_or_holds_no_more_stops_nothing(sale, why):
	deal = sale.opportunity()
	discount = {} if why == "same" else {"additional_discount_percentage": 10}
	quotation = quoted(deal, submit=why != "draft", **discount)
	if why == "expired":
		quotation.db_set("valid_till", add_days(nowdate(), -1))
	if why == "lost":
		quotation.db_set("status", "Lost")
	if why == "replaced":
		quoted(deal)
	order = api.order_now(deal.doctype, deal.name)["name"]
	assert frappe.db.get_value("Sales Order", order, "net_total") == 480
