# ruff: noqa: F811
"""What ERPNext knows about costs, from real stock entries, BOMs, purchases and activity costs."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.erp import item_costs
from tests.site.portable.test_costs import estimate, made_item, make_bom, rate_of, receive  # noqa: F401
from tests.site.world import another_company, refused

# ---- stock


def test_valuation_is_the_average_of_what_is_in_stock(world):
	other = frappe.get_doc(
		{
			"doctype": "Warehouse",
			"warehouse_name": f"Depot {world.tag}",
			"company": world.company,
			"account": frappe.db.get_value("Warehouse", world.warehouse, "account")
			or frappe.db.get_value(
				"Account", {"company": world.company, "account_type": "Stock", "is_group": 0}, "name"
			),
		}
	).insert()
	receive(world, world.pump, 3, 40)
	receive(world, world.pump, 1, 80, warehouse=other.name)
	assert rate_of(world, world.pump, "Valuation") == 50


def test_another_companys_stock_says_nothing(world):
	other = frappe.db.get_value("Company", {"name": ("!=", world.company)}, "name")
	other = other or another_company(world, "Second").name
	item = made_item(world, "Local")
	receive(world, item, 5, 12)
	assert item_costs.costs_of([item], world.company)[item]["Valuation"].rate == 12
	assert item_costs.costs_of([item], other)[item] == {}


def test_an_item_sold_as_a_variant_has_the_bom_of_its_template(world):
	if not frappe.db.exists("Item Attribute", "Colour"):
		frappe.get_doc(
			{
				"doctype": "Item Attribute",
				"attribute_name": "Colour",
				"item_attribute_values": [{"attribute_value": "Red", "abbr": "R"}],
			}
		).insert()
	value = frappe.get_all(
		"Item Attribute Value", filters={"parent": "Colour"}, pluck="attribute_value", order_by="idx asc"
	)[0]
	template = made_item(world, "Valve", has_variants=1, attributes=[{"attribute": "Colour"}])
	variant = made_item(
		world,
		"Valve red",
		variant_of=template,
		attributes=[{"attribute": "Colour", "attribute_value": value}],
	)
	receive(world, world.pump, 1, 30)
	make_bom(world, template, [(world.pump, 1, 30)])
	assert rate_of(world, variant, "BOM") == 30


def test_update_items_of_a_submitted_quotation_meets_the_gate_again(estimate, world, as_user):
	"""ERPNext 16 offers it on quotations; 15 has no such button."""
	from erpnext.controllers.accounts_controller import update_child_qty_rate

	from crm_pipeline.costs.cost_gate import CostGateError
	from tests.site.portable.test_cost_gate import gate

	if int(frappe.__version__.split(".")[0]) < 16:
		pytest.skip("ERPNext 15 has no Update Items on quotations")
	as_user("Administrator")
	gate("Estimate and Margin", floor=30)
	estimate.items[1].update({"cost_source": "By Hand", "cost_rate": 10})
	estimate.save()
	estimate.submit()
	made = api.make_quotation(estimate.reference_doctype, estimate.reference_name)
	quotation = frappe.get_doc("Quotation", made["name"])
	quotation.submit()

	def change(qty, *added):
		rows = [
			{
				"docname": r.name,
				"name": r.name,
				"item_code": r.item_code,
				"qty": r.qty,
				"rate": r.rate,
				"uom": r.uom,
			}
			for r in frappe.get_doc("Quotation", quotation.name).items
		]
		rows[0] |= {"qty": qty, "conversion_factor": 10}
		update_child_qty_rate("Quotation", frappe.as_json([*rows, *added]), quotation.name)

	change(3)
	assert frappe.db.get_value("Quotation", quotation.name, "base_net_total") == 3 * 1000 + 240
	gift = {"item_code": world.pump, "qty": 30, "rate": 1}
	with refused(CostGateError, match="below the floor"):
		change(3, gift)
