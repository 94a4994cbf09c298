"""What ERPNext knows about costs, from real stock entries, BOMs, purchases and activity costs."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.erp import item_costs
from tests.site.world import another_company, refused


def receive(world, item, qty, rate, warehouse=None, days_ago=0):
	"""A stock entry that brings `qty` in at `rate` each."""
	entry = frappe.get_doc(
		{
			"doctype": "Stock Entry",
			"stock_entry_type": "Material Receipt",
			"company": world.company,
			"set_posting_time": 1,
			"posting_date": add_days(nowdate(), -days_ago),
			"items": [
				{
					"item_code": item,
					"t_warehouse": warehouse or world.warehouse,
					"qty": qty,
					"basic_rate": rate,
				}
			],
		}
	)
	entry.insert()
	entry.submit()
	return entry


def issue(world, item, qty):
	entry = frappe.get_doc(
		{
			"doctype": "Stock Entry",
			"stock_entry_type": "Material Issue",
			"company": world.company,
			"items": [{"item_code": item, "s_warehouse": world.warehouse, "qty": qty}],
		}
	)
	entry.insert()
	entry.submit()


def make_bom(world, item, parts, quantity=1, currency=None, conversion_rate=1):
	bom = frappe.get_doc(
		{
			"doctype": "BOM",
			"item": item,
			"company": world.company,
			"quantity": quantity,
			"currency": currency or world.currency,
			"conversion_rate": conversion_rate,
			"rm_cost_as_per": "Valuation Rate",
			"is_default": 1,
			"is_active": 1,
			"items": [{"item_code": code, "qty": qty, "rate": rate} for code, qty, rate in parts],
		}
	)
	bom.insert()
	bom.submit()
	return bom


def order(world, item, rate, doctype="Purchase Order", qty=1, days_ago=0, **values):
	supplier = frappe.db.get_value("Supplier", {}, "name") or (
		frappe.get_doc(
			{
				"doctype": "Supplier",
				"supplier_name": f"Foundry {world.tag}",
				"supplier_group": frappe.db.get_value("Supplier Group", {"is_group": 0}, "name"),
			}
		)
		.insert()
		.name
	)
	day = add_days(nowdate(), -days_ago)
	row = {
		"item_code": item,
		"qty": qty,
		"rate": rate,
		"schedule_date": nowdate(),
		"warehouse": world.warehouse,
	}
	doc = frappe.get_doc(
		{
			"doctype": doctype,
			"supplier": supplier,
			"company": world.company,
			"transaction_date": day,
			"posting_date": day,
			"set_posting_time": 1,
			"schedule_date": nowdate(),
			"items": [{**row, **values}],
		}
	)
	doc.insert()
	doc.submit()
	return doc


def made_item(world, name, **values):
	return (
		frappe.get_doc(
			{
				"doctype": "Item",
				"item_code": f"{name} {world.tag}",
				"item_group": frappe.db.get_value("Item Group", {"is_group": 0}, "name"),
				"stock_uom": "Nos",
				"is_stock_item": 1,
				**values,
			}
		)
		.insert()
		.name
	)


def rate_of(world, item, source):
	found = item_costs.costs_of([item], world.company)[item].get(source)
	return found and round(found.rate, 6)


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


def test_sold_out_items_keep_their_last_rate_and_new_ones_have_the_items_own(world):
	assert rate_of(world, world.pump, "Valuation") == 50
	receive(world, world.pump, 2, 70)
	issue(world, world.pump, 2)
	assert rate_of(world, world.pump, "Valuation") == 70


def test_another_companys_stock_says_nothing(world):
	other = frappe.db.get_value("Company", {"name": ("!=", world.company)}, "name")
	other = other or another_company(world, "Second").name
	item = made_item(world, "Local")
	receive(world, item, 5, 12)
	assert item_costs.costs_of([item], world.company)[item]["Valuation"].rate == 12
	assert item_costs.costs_of([item], other)[item] == {}


# ---- BOM, purchase, bundle


def test_a_bom_costs_what_one_stock_unit_of_it_does(world):
	unit = made_item(world, "Pump unit")
	receive(world, world.pump, 10, 30)
	receive(world, world.filter, 10, 5)
	bom = make_bom(world, unit, [(world.pump, 4, 30), (world.filter, 8, 5)], quantity=2)
	assert bom.base_total_cost == 160
	assert rate_of(world, unit, "BOM") == 80
	assert item_costs.costs_of([unit], world.company)[unit]["BOM"].basis == bom.name


def test_a_bom_in_a_foreign_currency_is_taken_in_the_companys(world):
	unit = made_item(world, "Export unit")
	foreign = "EUR" if world.currency != "EUR" else "USD"
	receive(world, world.pump, 10, 30)
	bom = make_bom(world, unit, [(world.pump, 2, 15)], currency=foreign, conversion_rate=2)
	assert round(rate_of(world, unit, "BOM"), 2) == round(bom.base_total_cost, 2) == 60


def test_only_the_default_active_bom_counts(world):
	unit = made_item(world, "Old unit")
	receive(world, world.pump, 10, 30)
	bom = make_bom(world, unit, [(world.pump, 1, 30)])
	bom.is_active = bom.is_default = 0
	bom.save()
	assert rate_of(world, unit, "BOM") is None


def test_the_last_purchase_is_net_per_stock_unit_and_the_youngest(world):
	order(world, world.pump, 500, days_ago=10, uom="Box", conversion_factor=10)
	assert rate_of(world, world.pump, "Last Purchase") == 50
	order(world, world.pump, 55, doctype="Purchase Receipt", days_ago=2)
	assert rate_of(world, world.pump, "Last Purchase") == 55
	order(world, world.pump, 10, days_ago=20)
	assert rate_of(world, world.pump, "Last Purchase") == 55


def test_a_bought_service_has_the_price_of_its_last_invoice(world):
	order(world, world.service, 33, doctype="Purchase Invoice")
	assert rate_of(world, world.service, "Last Purchase") == 33
	assert rate_of(world, world.service, "Valuation") is None


def test_a_bundle_costs_its_parts_and_nothing_when_a_part_is_unknown(world):
	receive(world, world.pump, 5, 40)
	bundle = made_item(world, "Starter set", is_stock_item=0)
	parts = [{"item_code": world.pump, "qty": 2}, {"item_code": world.filter, "qty": 4}]
	doc = frappe.get_doc({"doctype": "Product Bundle", "new_item_code": bundle, "items": parts}).insert()
	assert rate_of(world, bundle, "Product Bundle") == 2 * 40 + 4 * 6.25
	doc.append("items", {"item_code": made_item(world, "Unknown"), "qty": 1})
	doc.save()
	assert rate_of(world, bundle, "Product Bundle") is None


# ---- activities


def test_an_activity_costs_its_default_cost_or_that_of_its_type(world):
	kind = frappe.get_doc(
		{"doctype": "Activity Type", "activity_type": f"Fitting {world.tag}", "costing_rate": 35}
	).insert()
	assert item_costs.hourly_costs([kind.name])[kind.name].rate == 35
	frappe.get_doc({"doctype": "Activity Cost", "activity_type": kind.name, "costing_rate": 42}).insert()
	assert item_costs.hourly_costs([kind.name])[kind.name].rate == 42


def test_somebodys_own_activity_cost_is_not_everybodys(world):
	kind = frappe.get_doc({"doctype": "Activity Type", "activity_type": f"Design {world.tag}"}).insert()
	assert item_costs.hourly_costs([kind.name]) == {}


# ---- on the estimate


@pytest.fixture
def estimate(sale, as_user, world):
	"""An estimate of two boxes of pumps and one installation, made by a rep."""
	receive(world, world.pump, 10, 60)
	as_user("rep")
	deal = sale.opportunity(
		items=[
			{"item_code": world.pump, "qty": 2, "uom": "Box", "conversion_factor": 10, "rate": 1000},
			{"item_code": world.service, "qty": 3, "rate": 80},
		]
	)
	return frappe.get_doc("Cost Estimate", api.make_cost_estimate(deal.doctype, deal.name)["name"])


def test_a_box_costs_ten_pieces(estimate, world):
	row = estimate.items[0]
	assert (row.cost_source, row.cost_rate, row.cost_amount, row.cost_basis) == (
		"Valuation",
		600,
		1200,
		world.warehouse,
	)
	assert (row.selling_amount, row.margin, row.margin_percentage) == (2000, 800, 40)
	assert row.stock_qty == 20


def test_hours_of_an_activity_are_per_unit(estimate, world, as_user):
	as_user("Administrator")
	kind = frappe.get_doc(
		{"doctype": "Activity Type", "activity_type": f"Fitting {world.tag}", "costing_rate": 20}
	).insert()
	as_user("rep")
	estimate.items[1].update({"cost_source": "Activity Cost", "activity_type": kind.name, "hours": 1.5})
	estimate.save()
	row = estimate.items[1]
	assert (row.cost_rate, row.cost_amount, row.margin, row.margin_percentage) == (30, 90, 150, 62.5)
	assert (estimate.cost_amount, estimate.margin) == (1290, 950)


def test_a_draft_follows_the_stock_and_an_approved_estimate_stays(estimate, world, as_user):
	as_user("Administrator")
	receive(world, world.pump, 10, 80)
	as_user("rep")
	api.refresh_costs(estimate.name)
	estimate.reload()
	assert estimate.items[0].cost_rate == 700
	estimate.items[1].cost_source = "By Hand"
	estimate.save()
	as_user("Administrator")
	receive(world, world.pump, 20, 200)
	as_user("manager")
	estimate = frappe.get_doc("Cost Estimate", estimate.name)
	estimate.submit()
	assert (estimate.items[0].cost_rate, estimate.cost_amount) == (700, 1400)
	with refused(match="Only a draft"):
		api.refresh_costs(estimate.name)


def test_a_cost_written_over_the_api_gives_way_to_what_erpnext_knows(estimate):
	estimate.items[0].cost_rate = 1
	estimate.save()
	assert estimate.items[0].cost_rate == 600


def test_costs_of_many_items_take_as_many_queries_as_those_of_one(world):
	items = [made_item(world, f"Part {n}") for n in range(6)]
	receive(world, items[0], 1, 9)

	def queries(asked):
		sent = []
		real = frappe.db.sql
		frappe.db.sql = lambda *args, **kwargs: sent.append(args[0]) or real(*args, **kwargs)
		try:
			item_costs.costs_of(asked, world.company)
		finally:
			frappe.db.sql = real
		return len(sent)

	assert queries(items[:1]) == queries(items) <= 8


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


def test_a_quotation_saved_or_amended_without_its_deal_does_not_pass_the_gate(estimate, as_user):
	from crm_pipeline.costs.cost_gate import CostGateError
	from tests.site.portable.test_cost_gate import gate, overrides
	from tests.site.world import Sale

	as_user("Administrator")
	gate("Estimate", role="Sales Manager")
	deal = frappe.get_doc(estimate.reference_doctype, estimate.reference_name)
	name = api.make_quotation(deal.doctype, deal.name)["name"]
	off = {"crm_source_type": None, "crm_source_name": None}
	as_user("rep")
	for step in ("save", "submit"):
		quotation = frappe.get_doc("Quotation", name).update(off)
		with refused(CostGateError, match="Source"):
			getattr(quotation, step)()
	assert frappe.db.get_value("Quotation", name, "crm_source_name") == deal.name

	as_user("Administrator")
	quotation = frappe.get_doc("Quotation", name).update({"crm_margin_override_reason": "They know the price"})
	quotation.submit()
	quotation.reload()
	quotation.cancel()
	with refused(CostGateError, match="give a reason"):
		Sale.amend(quotation, submit=False, **off)

	amended = Sale.amend(quotation, submit=False)
	amended.update({**off, "crm_margin_override_reason": "Another deal"})
	amended.save()
	amended.submit()
	assert amended.docstatus == 1
	assert [event.to_value for event in overrides(deal)] == [name, amended.name]
