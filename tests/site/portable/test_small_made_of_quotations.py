"""An order and a contract that are made of something: what of a quotation's rows goes along, whose contract is answered."""

import frappe
import pytest

from crm_pipeline.chain import rights
from crm_pipeline.core.chain import Ref
from crm_pipeline.orders import native_order, new_contract
from tests.site import rows
from tests.site.portable.test_small_agreements import requested
from tests.site.world import refused

DEAL, CONTRACT = "Sales Opportunity", "Sales Contract"


@pytest.fixture
def mapped(world, monkeypatch):
	"""What ERPNext's mapper makes of a quotation of two rows and a gift."""
	lines = (
		(world.pump, "A", {"qty": 9, "stock_qty": 9, "margin_type": "Amount", "margin_rate_or_amount": 5, "pricing_rules": "PR"}),
		(world.service, "B", {"qty": 9, "stock_qty": 9}), (world.filter, "G", {"qty": 3, "is_free_item": 1}),
		(world.filter, "Not asked for", {"qty": 3}),
	)  # fmt: skip

	def order(request, quotation):
		made = frappe.new_doc("Sales Order")
		for item, row, values in lines:
			made.append("items", {"item_code": item, "quotation_item": row, "prevdoc_docname": quotation, **values})
		return made

	monkeypatch.setattr(native_order, "_mapped", order)


@pytest.fixture
def request_of(sale):
	request = requested(sale)
	for row, key in zip(request.items, "AB", strict=True):
		row.update({"quotation": "QTN-1", "quotation_item": key})
	return request


@pytest.mark.parametrize("contract", [None, "CON-1"])
@pytest.mark.parametrize(("fits", "links"), [("AB", ["A", "B"]), ("B", [None, "B"]), ("", [None, None])])
def test_a_row_beyond_what_was_quoted_answers_to_its_quotation_no_more(
	world, request_of, mapped, monkeypatch, contract, fits, links
):
	request_of.contract = contract
	monkeypatch.setattr(native_order, "_fits_quotation", lambda row: row.quotation_item in fits)
	order = native_order._from_quotation(request_of, "QTN-1")
	assert [row.item_code for row in order.items] == [world.pump, world.service, world.filter]
	assert [row.quotation_item for row in order.items] == [*links, "G"]
	assert [row.prevdoc_docname for row in order.items] == [link and "QTN-1" for link in links] + ["QTN-1"]
	assert [row.crm_request_item for row in order.items[:2]] == [row.name for row in request_of.items]
	assert [(row.qty, row.rate) for row in order.items[:2]] == [(row.qty, row.rate) for row in request_of.items]
	first, gift = order.items[0], order.items[2]
	assert (first.margin_type, first.margin_rate_or_amount, first.pricing_rules) == (None, 0, None)
	assert (gift.qty, gift.is_free_item, gift.delivery_date) == (3, 1, first.delivery_date)
	assert gift.delivery_date == native_order.delivery_date(request_of, request_of.items[0])


def test_rows_that_were_added_by_hand_stand_in_the_order_as_they_are(world, request_of, mapped, monkeypatch):
	monkeypatch.setattr(native_order, "_fits_quotation", lambda row: True)
	request_of.items[1].update({"quotation": None, "quotation_item": None})
	order = native_order._from_quotation(request_of, "QTN-1")
	assert [(row.item_code, row.quotation_item) for row in order.items] == [
		(world.pump, "A"), (world.service, None), (world.filter, "G"),
	]  # fmt: skip
	# What a closed order left is free again, whatever ERPNext's mapper says of it.
	request_of.items[1].update({"quotation": "QTN-1", "quotation_item": "Gone"})
	for contract in (None, "CON-1"):
		request_of.contract = contract
		assert len(native_order._from_quotation(request_of, "QTN-1").items) == 3


@pytest.mark.parametrize(
	("contract", "asked_on", "valid"),
	[
		("CON-1", "2026-03-11", True), (None, "2026-03-11", False), (None, "2026-03-10", True), (None, "2026-03-09", True),
	],
)  # fmt: skip
def test_a_quotation_is_ordered_that_was_valid_when_sales_asked_or_that_a_contract_stands_for(
	world, request_of, monkeypatch, contract, asked_on, valid
):
	quotation = rows.row("Quotation", company=world.company, valid_till="2026-03-10")
	told = []
	monkeypatch.setattr(native_order.usable, "any_unsold", lambda quotation, leave_out: False)
	monkeypatch.setattr(native_order.quoted, "order_of", lambda name, valid: told.append((name, bool(valid))))
	request_of.update({"contract": contract, "requested_on": f"{asked_on} 23:00:00", "transaction_date": "2026-01-01"})
	native_order._mapped(request_of, quotation)
	assert told == [(quotation, valid)]
	frappe.db.set_value("Quotation", quotation, "valid_till", None)
	native_order._mapped(request_of, quotation)
	assert told[1] == (quotation, True), "one without an end is always valid"


def test_an_order_amends_one_of_the_same_request_alone(world):
	about = {"crm_source_type": "Sales Order Request", "crm_source_name": "SOR-1"}
	for earlier, amends in (
		(about, True), ({**about, "crm_source_name": "SOR-2"}, False), ({**about, "crm_source_type": CONTRACT}, False), ({}, False),
	):  # fmt: skip
		name = rows.order(world, 100, docstatus=2, **earlier)
		assert native_order.amends_order_of(frappe._dict(amended_from=name), "SOR-1") is amends
	assert native_order.amends_order_of(frappe._dict(), "SOR-1") is False
	assert native_order.amends_order_of(frappe._dict(amended_from="Gone"), "SOR-1") is False


# ---- the contract of a deal


def test_a_contract_that_is_there_is_answered_to_who_may_see_it_and_named_to_nobody_else(sale, as_user, monkeypatch):
	monkeypatch.setattr(new_contract.form_values, "fill_agreement", lambda contract: None)
	as_user("rep")
	deal = sale.opportunity()
	made = new_contract.make_contract(DEAL, deal.name)
	assert new_contract.make_contract(DEAL, deal.name) == made == Ref(CONTRACT, made.name)
	has = rights.has
	monkeypatch.setattr(
		rights, "has", lambda doctype, *about, **how: doctype != CONTRACT and has(doctype, *about, **how)
	)
	with refused(frappe.PermissionError, match="There is a Sales Contract already, and you have no right to see it"):
		new_contract.make_contract(DEAL, deal.name)


def test_a_contract_of_a_quotation_is_called_as_that_is_or_as_its_customer(world, monkeypatch):
	monkeypatch.setattr(new_contract.form_values, "fill_agreement", lambda contract: None)
	about = {
		"company": world.company,
		"quotation_to": "Customer",
		"party_name": world.customer,
		"currency": world.currency,
		"conversion_rate": 1,
	}
	about |= {"status": "Open", "transaction_date": "2026-03-01", "valid_till": "2099-01-01", "order_type": "Sales"}
	made, called = {}, {"Name": "Quay & Co"}
	if frappe.get_meta("Quotation").has_field("title"):
		# ERPNext 16 has none.
		called["Both"] = "Typed"
	for key in called:
		title = {"title": "Typed" if key == "Both" else None} if len(called) == 2 else {}
		values = {"customer_name": "Quay & Co", **title}
		made[key] = rows.row("Quotation", name=f"{key} {world.tag}", **about, **values)
		rows.row("Quotation Item", parent=made[key], parenttype="Quotation", parentfield="items", idx=1, item_code=world.pump,
			item_name="Pump", qty=1, stock_qty=1, uom="Nos", stock_uom="Nos", conversion_factor=1, rate=5, amount=5)  # fmt: skip
	titles = {
		key: frappe.db.get_value(CONTRACT, new_contract.make_contract("Quotation", name).name, "title")
		for key, name in made.items()
	}
	assert titles == called


@pytest.mark.parametrize("person", [True, False])
def test_a_contract_is_with_the_person_of_its_deal(sale, world, monkeypatch, person):
	monkeypatch.setattr(new_contract.form_values, "fill_agreement", lambda contract: None)
	ann = rows.row("Contact", name=f"Ann {world.tag}", first_name="Ann", docstatus=0)
	rows.row(
		"Dynamic Link",
		parent=ann,
		parenttype="Contact",
		parentfield="links",
		link_doctype="Customer",
		link_name=world.customer,
	)
	monkeypatch.setattr(new_contract, "contact_of", lambda deal: ann if person else None)
	deal = sale.opportunity()
	contract = frappe.get_doc(CONTRACT, new_contract.make_contract(DEAL, deal.name).name)
	assert contract.contact_person == (ann if person else None)
	assert (contract.end_date, contract.title) == (None, deal.title)
	assert (contract.source_type, contract.source_name) == (DEAL, deal.name)
