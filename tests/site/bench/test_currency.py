"""A deal whose currency changes gets that currency's rate, or a clear error: never a wrong sum."""

import frappe
import pytest
from frappe.client import set_value

from tests.site.world import refused


@pytest.fixture
def foreign(world):
	"""(a currency with a rate of 2, one without any rate); no rate service is asked."""
	known, unknown = [c for c in ("EUR", "CHF", "USD") if c != world.currency][:2]
	for currency in (known, unknown):
		frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_single_value("Currency Exchange Settings", "disabled", 1)
	values = {"date": "2020-01-01", "from_currency": known, "to_currency": world.currency, "exchange_rate": 2.0}
	frappe.get_doc({"doctype": "Currency Exchange", "for_selling": 1, "for_buying": 1, **values}).insert()
	return known, unknown


def test_another_currency_brings_its_own_rate(sale, as_user, foreign):
	known, unknown = foreign
	as_user("rep")
	deal = sale.opportunity(items=[], amount=100)
	set_value(deal.doctype, deal.name, "currency", known)
	assert frappe.db.get_value(deal.doctype, deal.name, ["conversion_rate", "base_amount"]) == (2, 200)
	with refused(match="exchange rate"):
		set_value(deal.doctype, deal.name, "currency", unknown)
	# A rate that is entered with the currency stands.
	set_value(deal.doctype, deal.name, {"currency": unknown, "conversion_rate": 3})
	assert frappe.db.get_value(deal.doctype, deal.name, ["conversion_rate", "base_amount"]) == (3, 300)
