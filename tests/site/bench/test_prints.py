"""What leaves the house on paper: contract, order request and quotation as a firm sends them, and nothing internal."""

import re

import frappe
import pytest
from frappe.utils import add_days, fmt_money, nowdate

from crm_pipeline import api

OPPORTUNITY = "Sales Opportunity"
FORMATS = {
	"Sales Contract": "Sales Contract",
	"Sales Order Request": "Sales Order Request",
	"Quotation": "Quotation Summary",
}


def printed(doc, print_format: str | None = None, language: str | None = None) -> str:
	"""The body of a print, as text."""
	before = frappe.local.lang
	frappe.local.lang = language or before
	try:
		html = frappe.get_print(
			doc.doctype, doc.name, print_format or FORMATS.get(doc.doctype), doc=frappe.get_doc(doc.doctype, doc.name)
		)
	finally:
		frappe.local.lang = before
	html = re.sub(r"(?s)<(style|script)\b.*?</\1>", "", html)
	return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def tax(world):
	"""A tax of 19 % that the company's orders get by default."""
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": f"VAT {world.tag}",
			"company": world.company,
			"account_type": "Tax",
			"parent_account": frappe.db.get_value(
				"Account",
				{"company": world.company, "root_type": "Liability", "is_group": 1},
				"name",
				order_by="lft desc",
			),
		}
	).insert()
	return frappe.get_doc(
		{
			"doctype": "Sales Taxes and Charges Template",
			"title": f"VAT 19 {world.tag}",
			"company": world.company,
			"taxes": [
				{"charge_type": "On Net Total", "account_head": account.name, "rate": 19, "description": "VAT 19%"}
			],
		}
	).insert()


@pytest.fixture
def addresses(world):
	def make(kind, city):
		return frappe.get_doc(
			{
				"doctype": "Address",
				"address_title": f"{city} {world.tag}",
				"address_type": kind,
				"address_line1": f"{city} Road 1",
				"city": city,
				"country": "United States",
				"links": [{"link_doctype": "Customer", "link_name": world.customer}],
			}
		).insert()

	return make("Billing", "Portsmouth").name, make("Shipping", "Plymouth").name


@pytest.fixture
def agreed(sale, tax, addresses):
	"""A deal with everything that must not be seen outside, and its contract, request and quotation."""
	rival = frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": f"Rival Pumps {sale.world.tag}"}).insert()
	deal = sale.opportunity(
		competitors=[{"competitor": rival.name, "price": 4711.5, "notes": "cheap seals"}],
		lessons="Never again",
		next_step="Ask for the budget",
		contacts=[
			{"contact_name": "Ann Archer", "email_id": "ann@buyer.example", "influence": "High", "notes": "likes golf"}
		],
	)
	values = {
		"taxes_and_charges": tax.name,
		"customer_address": addresses[0],
		"shipping_address_name": addresses[1],
		"terms": "<p>Clause one</p>",
	}
	contract = frappe.get_doc("Sales Contract", api.make_contract(OPPORTUNITY, deal.name)["name"])
	contract.update(values)
	contract.save()
	contract.submit()
	request = sale.request(contract, submit=False)
	request.update({"delivery_date": add_days(nowdate(), 20), "instructions": "Do not tell them why"})
	request.save()
	quotation = sale.quotation(submit=False, **values)
	quotation.append("taxes", tax.taxes[0].as_dict(no_default_fields=True))
	quotation.save()
	return frappe._dict(deal=deal, contract=contract, request=request, quotation=quotation)


@pytest.mark.parametrize("which", ["contract", "request", "quotation"])
def test_a_print_has_both_addresses_taxes_terms_and_room_to_sign(agreed, which, world):
	doc = agreed[which]
	text = printed(doc)
	net = doc.net_total if which == "quotation" else doc.amount
	gross = net * 1.19
	expected = fmt_money(round(gross) if abs(gross - round(gross)) < 1e-9 else gross, currency=doc.currency)
	rounded = fmt_money(round(gross), currency=doc.currency)
	assert "Portsmouth Road 1" in text and "Plymouth Road 1" in text and "Deliver To" in text
	assert "VAT 19%" in text and fmt_money(net * 0.19, currency=doc.currency) in text
	assert expected in text or rounded in text
	assert "Clause one" in text
	assert "Signed for the company" in text and "Signed for the customer" in text
	assert world.company in text and doc.name in text


@pytest.mark.parametrize("which", ["deal", "contract", "request", "quotation"])
@pytest.mark.parametrize("standard", [False, True])
def test_nothing_internal_is_printed(agreed, which, standard, world):
	doc = agreed[which]
	text = printed(doc, "Standard" if standard or which == "deal" else None)
	internal = (
		"Rival Pumps", "4,711", "cheap seals", "Never again", "Ask for the budget", "likes golf", "Do not tell them why",
		"Stalled", "Probability", "Pipeline", "Earlier",
	)  # fmt: skip
	assert [word for word in internal if word in text] == []


def test_a_print_says_when_it_is_delivered(agreed):
	assert agreed.request.get_formatted("delivery_date") in printed(agreed.request)


def test_without_taxes_a_contract_says_that_prices_are_net(sale):
	contract = sale.contract()
	if not contract.print_figures()["taxes"]:
		assert "Prices are net of tax" in printed(contract)


def test_a_contract_is_printed_in_the_customers_language(sale, world):
	frappe.db.set_value("Customer", world.customer, "language", "zh")
	frappe.clear_document_cache("Customer", world.customer)
	contract = sale.contract()
	assert contract.language == "zh"
	assert "签" in printed(contract, language=contract.language)


def test_many_rows_repeat_their_head_on_each_page(sale, world):
	contract = sale.contract(items=sale.rows(*[(world.pump, 1, 120)] * 60))
	html = frappe.get_print("Sales Contract", contract.name, "Sales Contract")
	assert html.count("<tr>") > 60 and "table-header-group" in html


def test_what_was_typed_is_printed_as_typed(sale):
	contract = sale.contract(title="Flow < 5 bar & more", po_no="<b>77</b>")
	html = frappe.get_print("Sales Contract", contract.name, "Sales Contract")
	assert "Flow &lt; 5 bar &amp; more" in html and "<b>77</b>" not in html


@pytest.mark.parametrize("which", ["contract", "request", "quotation"])
def test_the_page_with_the_signatures_says_what_is_signed(agreed, which):
	doc = agreed[which]
	html = frappe.get_print(doc.doctype, doc.name, FORMATS[doc.doctype], doc=frappe.get_doc(doc.doctype, doc.name))
	closing = html.partition('class="crm-closing"')[2].partition("</table>")[0]
	assert doc.name in closing and "Signed for the customer" in closing
	assert ("To accept this quotation" in closing) is (which == "quotation")


def test_totals_and_signatures_stay_whole_and_heads_are_repeated(agreed):
	html = frappe.get_print("Sales Contract", agreed.contract.name, "Sales Contract")
	styles = "".join(re.findall(r"(?s)<style>(.*?)</style>", html))
	for part in (r"\.crm-totals", r"\.crm-closing", r"\.crm-rows tr"):
		assert re.search(part + r" \{[^}]*page-break-inside: avoid", styles), part
	assert "table-header-group" in styles and html.count("<thead") == html.count('class="crm-rows"')
