"""Never more than what remains of a contract or a quotation, whoever asks."""

import frappe

from crm_pipeline.orders.hand_off import RemainingError
from tests.site.world import refused


def draft(sale, contract, qty):
	"""A draft request of a contract for `qty` of its first row, typed in by a person."""
	request = sale.request(contract, {contract.items[0].name: 1}, submit=False)
	request.items[0].qty = qty
	request.save()
	return request


def test_a_request_for_more_than_the_contract_has_is_refused_with_its_row(sale):
	request = draft(sale, sale.contract(), 5)
	with refused(RemainingError, match="Row 1: .* 5 Nos asked, 4 left"):
		request.submit()


def test_two_drafts_share_what_remains(sale):
	contract = sale.contract()
	first, second = draft(sale, contract, 3), draft(sale, contract, 3)
	first.submit()
	with refused(RemainingError, match="3 Nos asked, 1 left"):
		second.submit()
	second.reload()
	second.items[0].qty = 1
	second.save()
	second.submit()
	assert second.docstatus == 1


def test_an_amended_contract_counts_what_its_earlier_version_gave(sale):
	contract = sale.contract()
	draft(sale, contract, 3).submit()
	frappe.db.set_value("Sales Order Request", {"contract": contract.name}, "status", "Accepted")
	sale.cancel(contract)
	amended = sale.amend(contract)
	request = draft(sale, amended, 2)
	with refused(RemainingError, match="2 Nos asked, 1 left"):
		request.submit()


def test_a_cancelled_request_gives_its_quantity_back(sale):
	contract = sale.contract()
	first = draft(sale, contract, 4)
	first.submit()
	sale.cancel(first)
	again = draft(sale, contract, 4)
	again.submit()
	assert again.docstatus == 1
