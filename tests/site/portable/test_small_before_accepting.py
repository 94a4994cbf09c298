"""What stands to be ordered before anybody orders it: of which document, how much of it, and what is short."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.orders import acceptance, acceptance_preview, agreement, hand_off
from tests.site import rows
from tests.site.portable.test_small_agreements import requested
from tests.site.world import refused

DEAL, QUOTATION, CONTRACT, REQUEST = "Sales Opportunity", "Quotation", "Sales Contract", "Sales Order Request"


@pytest.fixture
def offered(sale, world):
	"""A deal and a quotation, each with its signed contract: {type: (name, contract)}."""
	names = {DEAL: sale.opportunity().name}
	names[QUOTATION] = rows.row(QUOTATION, company=world.company, party_name=world.customer, status="Open", currency="EUR",
		net_total=70, total=80)  # fmt: skip
	found = {}
	for doctype, name in names.items():
		contract = sale.contract(submit=False)
		values = {"source_type": doctype, "source_name": name, "docstatus": 0}
		frappe.db.set_value(CONTRACT, contract.name, values)
		found[doctype] = (name, contract.name)
	return found


def sign(contract: str, state: int = 1) -> None:
	frappe.db.set_value(CONTRACT, contract, "docstatus", state)


def pending(world, of: tuple[str, str], key: str, **values) -> str:
	fixed = {
		"source_type": of[0],
		"source_name": of[1],
		"docstatus": 1,
		"status": "Requested",
		"company": world.company,
	}
	return rows.row(REQUEST, name=f"{key} {world.tag}", customer=world.customer, **{**fixed, **values})


@pytest.mark.parametrize("doctype", [DEAL, QUOTATION])
def test_what_is_ordered_of_a_sale_is_the_request_that_waits_else_the_signed_contract(world, offered, doctype):
	name, contract = offered[doctype]
	told = lambda kind, of: (lambda doc: (doc.doctype, doc.name))(acceptance._about_to_be_ordered(kind, of))  # noqa: E731
	assert told(doctype, name) == (doctype, name)
	first = pending(world, (doctype, name), "First")
	assert told(doctype, name) == (REQUEST, first)
	sign(contract)
	assert told(doctype, name) == (CONTRACT, contract) == told(CONTRACT, contract)
	for key, values in (
		("Back", {"status": "Returned"}), ("Done", {"status": "Accepted"}), ("Off", {"docstatus": 2}), ("Ended", {"status": "Cancelled", "docstatus": 2}),
	):  # fmt: skip
		pending(world, (CONTRACT, contract), key, **values)
		assert told(doctype, name) == (CONTRACT, contract)
	draft = pending(world, (CONTRACT, contract), "Draft", status="Draft", docstatus=0)
	assert told(doctype, name) == (REQUEST, draft) == told(CONTRACT, contract)
	sign(contract, 2)
	assert told(doctype, name) == (REQUEST, first)


def test_what_an_order_would_come_to_is_net_and_of_a_waiting_request_all_of_it(world, offered, monkeypatch):
	asked = []
	monkeypatch.setattr(hand_off, "share_left", lambda source: asked.append(source.name) or 0.5)
	quotation, contract = offered[QUOTATION]
	assert acceptance.amount_to_order(QUOTATION, quotation) == {"amount": 35, "currency": "EUR"}
	sign(contract)
	frappe.db.set_value(CONTRACT, contract, {"amount": 90, "currency": "XTS"})
	assert acceptance.amount_to_order(QUOTATION, quotation) == {"amount": 45, "currency": "XTS"}
	assert asked == [quotation, contract]
	pending(world, (CONTRACT, contract), "Waits", amount=60, currency="XTS")
	assert acceptance.amount_to_order(QUOTATION, quotation) == {"amount": 60, "currency": "XTS"}
	assert len(asked) == 2


@pytest.mark.parametrize(
	("left", "share"),
	[
		({"a": 40, "b": 1}, 1), ({"a": 10, "b": 1}, 0.4), ({"a": 0, "b": 1}, 0.2), ({"a": 0, "b": 0}, 0), ({"a": 99, "b": 0}, 0.8),
	],
)  # fmt: skip
def test_alternatives_and_gifts_are_no_part_of_what_is_left_to_order(monkeypatch, left, share):
	rest = {"alternative": 5, "gift": 5}
	monkeypatch.setattr(hand_off, "left_of", lambda source: {**left, **rest})
	items = [
		frappe._dict(name="a", amount=400, qty=4, stock_qty=40), frappe._dict(name="b", amount=100, qty=1, stock_qty=1),
		frappe._dict(name="alternative", amount=900, qty=5, stock_qty=5, is_alternative=1),
		frappe._dict(name="gift", amount=900, qty=5, stock_qty=5, is_free_item=1),
	]  # fmt: skip
	assert hand_off.share_left(SimpleNamespace(items=items)) == pytest.approx(share)


# ---- the preview


@pytest.mark.parametrize(
	("docstatus", "status", "order", "shown"),
	[(1, "Requested", None, True), (0, "Draft", None, False), (2, "Cancelled", None, False), (1, "Accepted", "SO-1", False)],
)  # fmt: skip
def test_only_of_a_request_that_waits_the_order_is_shown(sale, as_user, monkeypatch, docstatus, status, order, shown):
	request = requested(sale, submit=True)
	frappe.db.set_value(REQUEST, request.name, {"docstatus": docstatus, "status": status})
	monkeypatch.setattr(agreement, "order_of", lambda request: order)
	monkeypatch.setattr(acceptance_preview, "_made", lambda request: (frappe._dict(currency="EUR", grand_total=5), []))
	for part in ("_rows", "_assumed", "_credit"):
		monkeypatch.setattr(acceptance_preview, part, lambda *about: [])
	as_user("desk")
	if shown:
		assert (acceptance_preview.preview(request.name)["total"], acceptance_preview.preview(request.name)["net"]) == (
			5,
			0,
		)
	else:
		with refused(hand_off.HandOffError, match=f"{request.name}.* is {status} and can't be accepted"):
			acceptance_preview.preview(request.name)


def test_the_preview_tells_the_order_s_currency_beside_the_company_s_and_whose_it_is(sale, world, monkeypatch):
	request, looked = requested(sale, submit=True), []
	order = frappe._dict(currency="XTS", net_total=5, total_taxes_and_charges=1, grand_total=6.4, rounded_total=6)
	monkeypatch.setattr(acceptance_preview, "_made", lambda request: (order, ["A word"]))
	monkeypatch.setattr(acceptance_preview.approvals, "submits_orders", lambda: True)
	monkeypatch.setattr(hand_off, "check_delivery_dates", lambda request: looked.append(request.name))
	for part in ("_rows", "_assumed", "_credit"):
		monkeypatch.setattr(acceptance_preview, part, lambda *about, part=part: part)
	frappe.db.set_value(REQUEST, request.name, "customer_name", "Quay & Co")
	told = acceptance_preview.preview(request.name)
	assert looked == [request.name]
	assert (told["currency"], told["company_currency"], told["company"]) == ("XTS", world.currency, world.company)
	assert (told["customer"], told["net"], told["taxes"], told["total"], told["will_submit"]) == (
		"Quay & Co",
		5,
		1,
		6,
		True,
	)
	assert (told["rows"], told["assumed"], told["credit"], told["notes"]) == (
		"_rows",
		"_assumed",
		"_credit",
		["A word"],
	)
	frappe.db.set_value(REQUEST, request.name, "customer_name", None)
	order.rounded_total = 0
	told = acceptance_preview.preview(request.name)
	assert (told["customer"], told["total"]) == (world.customer, 6.4)


def test_a_bundle_is_short_of_what_its_scarcest_part_is_short_of(world):
	kit = f"Kit {world.tag}"
	bundle = rows.row("Product Bundle", name=kit, new_item_code=kit, disabled=0, docstatus=0)
	for idx, (part, qty) in enumerate(((world.pump, 2), (world.filter, 1)), start=1):
		rows.row("Product Bundle Item", parent=bundle, parenttype="Product Bundle", idx=idx, item_code=part, qty=qty)
	for item, actual in ((world.pump, 6), (world.filter, 90)):
		rows.row("Bin", docstatus=0, item_code=item, warehouse=world.warehouse, actual_qty=actual, reserved_qty=0)
	line = {"uom": "Nos", "delivery_date": "2026-05-01", "warehouse": world.warehouse, "crm_request_item": "R"}
	items = [frappe._dict(line, idx=idx, item_code=kit, qty=2, stock_qty=2) for idx in (1, 2)]
	shown = lambda *items: [  # noqa: E731
		(row["free"], row["short"])
		for row in acceptance_preview._rows(None, SimpleNamespace(company=world.company, items=items), set())
	]
	assert shown(*items) == [(None, 0), (None, 1)]
	loose = frappe._dict(line, idx=3, item_code=world.pump, qty=1, stock_qty=1)
	assert shown(*items, loose) == [(None, 0), (None, 1), (6, 1)]
