"""What is free in stock, what credit is left, and what a bundle takes: facts for who accepts an order."""

import frappe
import pytest

from crm_pipeline.erp import availability
from tests.site import rows


def test_free_is_that_of_a_place_or_of_the_whole_company(world, monkeypatch):
	asked = []
	stock = {world.pump: {"Here": 6.0, "There": -2.0}, world.filter: {}}
	monkeypatch.setattr(availability, "_free_by_warehouse", lambda *about: asked.append(about) or stock)
	places = [(world.pump, place) for place in ("Here", "There", "Nowhere", None)] + [(world.filter, None)]
	found = availability.free_stock([*places, (world.service, "Here"), (world.service, None)], world.company)
	assert found == dict(zip(places, (6, -2, 0, 4, 0), strict=True)), "a service is not counted"
	assert asked == [({world.pump, world.filter}, world.company)]


def test_a_bundle_takes_its_parts_from_the_place_of_its_row(world):
	def bundle(item, *parts, **values):
		name = rows.row("Product Bundle", docstatus=0, new_item_code=item, **{"disabled": 0, **values})
		common = {"parent": name, "parenttype": "Product Bundle", "parentfield": "items", "docstatus": 0}
		for idx, (part, qty) in enumerate(parts, 1):
			rows.row("Product Bundle Item", idx=idx, item_code=part, qty=qty, **common)

	bundle(world.service, (world.pump, 2), (world.filter, 3))
	bundle(world.filter, (world.pump, 9), disabled=1)
	asked = [(world.service, "Here"), (world.filter, None), (world.pump, "Here")]
	assert availability.needs_of(asked) == {
		(world.service, "Here"): [((world.pump, "Here"), 2), ((world.filter, "Here"), 3)],
		(world.filter, None): [((world.filter, None), 1)],
		(world.pump, "Here"): [((world.pump, "Here"), 1)],
	}
	for code in (world.filter, world.service):
		frappe.db.set_value("Item", code, "delivered_by_supplier", 1)
	assert availability.needs_of(asked) == {
		(world.service, "Here"): [((world.pump, "Here"), 2), ((world.filter, "Here"), 3)],
		(world.filter, None): [],
		(world.pump, "Here"): [((world.pump, "Here"), 1)],
	}, "what a supplier delivers is not taken from stock, but a bundle and its parts are"
	needs = availability.needs_of(asked[:1])
	assert availability.places_of(needs) == {(world.pump, "Here"), (world.filter, "Here")}


@pytest.mark.parametrize(
	("limit", "bypass", "credit"),
	[
		(1000, None, {"limit": 1000, "used": 250}),
		(1000, 0, {"limit": 1000, "used": 250}),
		(1000, 1, None),
		(0, 0, None),
	],
)
def test_credit_is_erpnext_s_own_reckoning_where_it_is_asked_for_before_the_invoice(
	world, monkeypatch, limit, bypass, credit
):
	customers, others = availability.CUSTOMERS, frappe.get_attr
	known = {f"{customers}.get_credit_limit": limit, f"{customers}.get_customer_outstanding": 250}
	asked = []

	def attribute(path):
		if path not in known:
			return others(path)
		return lambda *about: asked.append(about) or known[path]

	monkeypatch.setattr(frappe, "get_attr", attribute)
	own = {"parent": world.customer, "parenttype": "Customer", "company": world.company}
	of_limit = lambda *about: bypass if about == ("Customer Credit Limit", own, "bypass_credit_limit_check") else 1  # noqa: E731
	monkeypatch.setattr(frappe.db, "get_value", of_limit)
	assert availability.credit_of(world.customer, world.company) == credit
	assert set(asked) == {(world.customer, world.company)}
