"""What an item costs, by each source that knows it: stock, a bill of materials, the last purchase, the parts of a bundle."""

import frappe
import pytest

from crm_pipeline.core import costing
from crm_pipeline.erp import item_costs
from tests.site import rows


@pytest.fixture
def item(world):
	def make(key: str, **values) -> str:
		name = f"{key} {world.tag}"
		return rows.row("Item", name=name, item_code=name, docstatus=0, **{"is_stock_item": 1, **values})

	return make


def cost(world, name: str) -> dict:
	return {
		source: (found.rate, found.basis) for source, found in item_costs.costs_of([name], world.company)[name].items()
	}


def stock(world, item: str, warehouse: str, quantity: float, value: float, rate: float, company=None) -> str:
	name = f"{warehouse} {world.tag}"
	if not frappe.db.exists("Warehouse", name):
		rows.row("Warehouse", name=name, docstatus=0, company=company or world.company)
	rows.row(
		"Bin", docstatus=0, item_code=item, warehouse=name, actual_qty=quantity, stock_value=value, valuation_rate=rate
	)
	return name


def test_stock_is_worth_its_average_else_the_last_rate_else_the_item_s_own(world, item):
	own = item("Own", valuation_rate=7)
	assert cost(world, own) == {costing.VALUATION: (7, own)}
	sold = item("Sold", valuation_rate=7)
	last = stock(world, sold, "B", 0, 0, 9)
	assert cost(world, sold) == {costing.VALUATION: (9, last)}
	filled = item("Filled", valuation_rate=7)
	names = [stock(world, filled, "B", 10, 100, 10), stock(world, filled, "A", 30, 180, 6)]
	stock(world, filled, "Elsewhere", 50, 5000, 100, company="Another")
	assert cost(world, filled) == {costing.VALUATION: (7, ", ".join(sorted(names)))}
	assert cost(world, item("Unknown")) == {}
	assert cost(world, item("Service", is_stock_item=0, valuation_rate=7)) == {}


def test_what_an_empty_or_overdrawn_warehouse_is_worth_is_no_part_of_the_average(world, item):
	sold = item("Sold", valuation_rate=7)
	full = stock(world, sold, "A", 10, 100, 10)
	for place, quantity, value in (("B", 0, 44), ("C", -5, 30), ("D", 5, 0), ("E", -5, -30)):
		stock(world, sold, place, quantity, value, 22)
	assert cost(world, sold) == {costing.VALUATION: (10, full)}
	drawn = item("Drawn", valuation_rate=7)
	last = stock(world, drawn, "C", -5, 30, 6)
	assert cost(world, drawn) == {costing.VALUATION: (6, last)}


def test_a_bill_of_materials_tells_the_cost_of_one_also_for_variants(world, item):
	template = item("Template")
	variant = item("Variant", variant_of=template)
	for name, fields in (
		("BOM", {"base_total_cost": 50, "quantity": 4}), ("BOM draft", {"base_total_cost": 1, "quantity": 1, "docstatus": 0}),
		("BOM old", {"base_total_cost": 2, "quantity": 1, "is_active": 0}),
		("BOM second", {"base_total_cost": 3, "quantity": 1, "is_default": 0}),
		("BOM theirs", {"base_total_cost": 4, "quantity": 1, "company": "Another"}),
		("BOM free", {"base_total_cost": 0, "quantity": 1}),
	):  # fmt: skip
		fixed = {"item": template, "is_default": 1, "is_active": 1, "company": world.company}
		rows.row("BOM", name=f"{name} {world.tag}", **{**fixed, **fields})
	assert cost(world, template) == cost(world, variant) == {costing.BOM: (12.5, f"BOM {world.tag}")}


def bought(world, doctype: str, key: str, item: str, rate: float, day: str, factor: float = 1, **values) -> str:
	field = "transaction_date" if doctype == "Purchase Order" else "posting_date"
	name = rows.row(doctype, name=f"{key} {world.tag}", **{"company": world.company, field: day, **values})
	rows.row(f"{doctype} Item", parent=name, parenttype=doctype, parentfield="items", idx=1, item_code=item, base_net_rate=rate,
		conversion_factor=factor, docstatus=values.get("docstatus", 1))  # fmt: skip
	return name


def test_the_last_purchase_counts_in_stock_units(world, item):
	name = item("Bought", is_stock_item=0)
	bought(world, "Purchase Order", "PO", name, 5, "2026-01-01")
	receipt = bought(world, "Purchase Receipt", "PR", name, 60, "2026-02-01", factor=12)
	bought(world, "Purchase Invoice", "PI theirs", name, 9, "2026-03-01", company="Another")
	bought(world, "Purchase Receipt", "PR back", name, 9, "2026-03-01", is_return=1)
	bought(world, "Purchase Receipt", "PR draft", name, 9, "2026-03-01", docstatus=0)
	assert cost(world, name) == {costing.LAST_PURCHASE: (5, receipt)}
	invoice = bought(world, "Purchase Invoice", "PI", name, 8, "2026-02-02")
	assert cost(world, name) == {costing.LAST_PURCHASE: (8, invoice)}


def test_a_bundle_costs_what_all_its_parts_do_or_nothing_is_known(world, item):
	bundle, half = item("Bundle", is_stock_item=0), item("Half", is_stock_item=0)
	part, service, unknown = item("Part", valuation_rate=10), item("Work", is_stock_item=0), item("Unknown")
	bought(world, "Purchase Order", "PO", service, 4, "2026-01-01")
	for whole, parts in ((bundle, ((part, 2), (service, 3))), (half, ((part, 1), (unknown, 1)))):
		name = rows.row("Product Bundle", docstatus=0, new_item_code=whole)
		for place, (code, quantity) in enumerate(parts, 1):
			rows.row("Product Bundle Item", docstatus=0, parent=name, parenttype="Product Bundle", parentfield="items", idx=place,
				item_code=code, qty=quantity)  # fmt: skip
	assert cost(world, bundle) == {costing.BUNDLE: (32, None)}
	assert cost(world, half) == {}


def test_an_hour_costs_what_is_nobody_s_in_particular(world):
	kind = rows.row("Activity Type", name=f"Talk {world.tag}", docstatus=0, costing_rate=30)
	free = rows.row("Activity Type", name=f"Free {world.tag}", docstatus=0, costing_rate=0)
	assert item_costs.hourly_costs([kind, free]) == {kind: item_costs.Found(30, kind)}
	rows.row("Activity Cost", docstatus=0, activity_type=kind, employee="HR-1", costing_rate=99)
	general = rows.row("Activity Cost", docstatus=0, activity_type=kind, costing_rate=40)
	assert item_costs.hourly_costs([kind]) == {kind: item_costs.Found(40, general)}
	assert item_costs.hourly_costs([]) == {}
