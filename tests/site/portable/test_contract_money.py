"""Contract to Cash against plain SQL: the roll-up, the invoices, the Payment Ledger."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import contract_money
from crm_pipeline.analytics.contract_money import CashScope
from crm_pipeline.crm_customers.report.contract_to_cash import contract_to_cash
from tests.site.conftest import USERS
from tests.site.world import refused


def found(world, **filters):
	asked = CashScope.of({"company": world.company, "customer": world.customer, **filters})
	return {cash.contract.name: cash for cash in contract_money.rows(asked)}


@pytest.fixture
def agreed(sale):
	schedule = [
		{"due_date": add_days(nowdate(), 10), "invoice_portion": 25, "description": "On signature"},
		{"due_date": add_days(nowdate(), 40), "invoice_portion": 75, "description": "On delivery"},
	]
	return sale.contract(payment_schedule=schedule)


def test_who_sees_a_contract_sees_its_money(sale, world, agreed, as_user):
	from tests.site.portable.test_visibility import set_apart

	hidden = sale.contract(title="Hidden", sales_owner=USERS["other_rep"][0])
	set_apart()
	as_user("finance")
	assert {agreed.name, hidden.name} == set(found(world))
	as_user("rep")
	assert hidden.name not in found(world)
	with refused(frappe.PermissionError):
		api.get_documents_of_contract(hidden.name, "billed")
	as_user("stranger")
	with refused(frappe.PermissionError):
		contract_to_cash.execute({"company": world.company})
