"""A document whose company is changed, or that names records of another one: a second company with a currency of its own."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.bench import form_world
from tests.site.world import another_company, refused


@pytest.fixture
def second(world):
	"""Another company with another currency; one of it is worth two of the first company's."""
	currency = "EUR" if world.currency != "EUR" else "CHF"
	frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_single_value("Currency Exchange Settings", "disabled", 1)
	for source, target, rate in ((currency, world.currency, 2.0), (world.currency, currency, 0.5)):
		values = {"from_currency": source, "to_currency": target, "exchange_rate": rate, "date": "2020-01-01"}
		frappe.get_doc({"doctype": "Currency Exchange", "for_selling": 1, "for_buying": 1, **values}).insert()
	return another_company(world, "Second", default_currency=currency)


@pytest.mark.parametrize(("foreign", "rate", "base"), [(False, 0.5, 240), (True, 1, 480)])
def test_a_deal_of_another_company_is_worth_as_much_in_that_company_s_currency(sale, second, foreign, rate, base):
	deal = sale.opportunity(**({"currency": second.default_currency} if foreign else {}))
	assert deal.base_amount == (960 if foreign else 480)
	deal.company = second.name
	deal.save()
	deal.reload()
	assert (deal.amount, deal.conversion_rate, deal.base_amount) == (480, rate, base)
	assert [row.base_amount for row in deal.items] == [400 * rate, 80 * rate]
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	assert (quotation.company, quotation.currency, quotation.base_net_total) == (second.name, deal.currency, base)


def test_a_signed_deal_stays_with_its_company(sale, second):
	deal = sale.opportunity()
	contract = sale.contract(source_type=deal.doctype, source_name=deal.name)
	deal.reload()
	deal.company = second.name
	with refused(match=f"Company of .*{contract.name}, which was made from this"):
		deal.save()
	contract.cancel()
	deal.reload()
	deal.company = second.name
	deal.save()
	with refused(match="Company of Sales Opportunity"):
		sale.amend(contract)


@pytest.mark.parametrize("doctype", ["Sales Contract", "Sales Order Request"])
def test_taxes_of_another_company_are_refused(sale, world, second, doctype):
	taxes = form_world.tax_template(world, "VAT", 20)
	values = {"title": "Pumps", "customer": world.customer, "items": sale.rows(), "taxes_and_charges": taxes}
	with refused(match=f"{taxes}.* belongs to company"):
		frappe.get_doc({"doctype": doctype, "company": second.name, **values}).insert()
	doc = frappe.get_doc({"doctype": doctype, "company": world.company, **values}).insert()
	doc.company = second.name
	with refused(match=f"{taxes}.* belongs to company"):
		doc.save()


def test_a_project_has_a_department_of_its_own_company(sale, world, second):
	department = frappe.get_doc(
		{"doctype": "Department", "department_name": f"Works {world.tag}", "company": second.name}
	).insert()
	values = {"title": "Pumps", "customer": world.customer, "department": department.name}
	with refused(match="Department .* belongs to company"):
		frappe.get_doc({"doctype": "Sales Project", "company": world.company, **values}).insert()
	assert frappe.get_doc({"doctype": "Sales Project", "company": second.name, **values}).insert().name
