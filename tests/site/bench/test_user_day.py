# ruff: noqa: F811
"""Days that people type are judged by their day, wherever the site is."""

import frappe
from frappe.utils import getdate

from crm_pipeline import api
from tests.site.portable.test_user_day import at, tomorrow  # noqa: F401


def test_documents_made_for_a_user_carry_the_user_s_day_as_erpnext_s_forms_do(sale, at):
	at("Asia/Tokyo", "desk")
	quotation = frappe.get_doc("Quotation", api.make_quotation("Sales Opportunity", sale.opportunity().name)["name"])
	assert getdate(quotation.transaction_date) == tomorrow()
	assert getdate(sale.order(sale.opportunity()).transaction_date) == tomorrow()
