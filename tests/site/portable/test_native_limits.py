"""What ERPNext would refuse on a Sales Order, or understand otherwise, is told before anybody agrees on it."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline.chain import carry
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.pricing import Line, price_line
from crm_pipeline.erp import order_figures, prices, quoted
from crm_pipeline.erp.same_named import keep_levels
from crm_pipeline.orders import native_limits, native_order, sales_team
from crm_pipeline.orders.hand_off import HandOffError
from tests.site import rows
from tests.site.portable.test_small_orders import offer as quotation
from tests.site.world import refused

SELLING = "Selling Settings"


@pytest.fixture
def selling():
	"""selling(field=value) sets Selling Settings."""

	def set_values(**values):
		for field, value in values.items():
			frappe.db.set_single_value(SELLING, field, value)
		forget()

	def forget():
		# ERPNext reads them under the name "None".
		for name in (SELLING, "None"):
			frappe.clear_document_cache(SELLING, name)

	yield set_values
	forget()


# ---- units


@pytest.mark.parametrize(("qty", "ok"), ((0.25, False), (0.3, True), (1.5, True), (0.33, False)))
def test_a_part_of_a_box_comes_to_whole_pieces(sale, world, qty, ok):
	frappe.db.set_value("UOM", "Nos", "must_be_whole_number", 1)
	frappe.db.set_value("UOM", "Box", "must_be_whole_number", 0)
	row = {"item_code": world.filter, "qty": qty, "uom": "Box", "conversion_factor": 10, "rate": 100}
	if ok:
		assert sale.contract(items=[row], submit=False).items[0].stock_qty == pytest.approx(qty * 10)
		return
	with refused(match="of unit <strong>Nos</strong> is not a whole number"):
		sale.contract(items=[row], submit=False)


def test_a_row_without_a_unit_is_in_the_sales_unit_of_its_item(sale, world):
	frappe.db.set_value("Item", world.filter, "sales_uom", "Box")
	frappe.clear_document_cache("Item", world.filter)
	row = {"item_code": world.filter, "qty": 2, "rate": 120, "conversion_factor": 10}
	(plain,) = sale.opportunity(items=[row]).items
	(chosen,) = sale.opportunity(items=[{**row, "uom": "Nos"}]).items
	assert (plain.uom, plain.conversion_factor, plain.stock_qty) == ("Box", 10, 20)
	assert (chosen.uom, chosen.conversion_factor, chosen.stock_qty) == ("Nos", 1, 2)


# ---- items that come again


def test_an_item_comes_once_where_the_site_wants_it_so(sale, world, selling):
	twice = sale.rows((world.pump, 1, 100), (world.pump, 3, 90))
	selling(allow_multiple_items=0)
	with refused(match="Row 2: .* is in an earlier row"):
		sale.contract(items=twice, submit=False)
	# ERPNext tells rows by their texts, too.
	assert sale.contract(items=[twice[0], {**twice[1], "description": "spare"}], submit=False).amount == 370
	selling(allow_multiple_items=1)
	assert sale.contract(items=twice, submit=False).amount == 370


# ---- rates and purchase orders


def agreed(world, **values):
	row = frappe._dict(
		idx=1, item_code=world.pump, rate=90, quotation=f"Q {world.tag}", quotation_item=f"QI {world.tag}"
	)
	return SimpleNamespace(items=[row], customer=world.customer, **{"po_no": None, **values})


@pytest.fixture
def offer(world):
	rows.row("Quotation Item", name=f"QI {world.tag}", parent=f"Q {world.tag}", parenttype="Quotation", idx=1,
		item_code=world.pump, qty=1, stock_qty=1, rate=100)  # fmt: skip


@pytest.mark.parametrize(
	("settings", "refuses"),
	(
		({"maintain_same_sales_rate": 1, "maintain_same_rate_action": "Stop"}, True),
		({"maintain_same_sales_rate": 1, "maintain_same_rate_action": "Warn"}, False),
		({"maintain_same_sales_rate": 0, "maintain_same_rate_action": "Stop"}, False),
		({"maintain_same_sales_rate": 1, "role_to_override_stop_action": "System Manager"}, False),
	),
)
def test_a_rate_that_is_not_the_quoted_one_is_refused_where_the_site_keeps_them_the_same(
	world, selling, offer, settings, refuses
):
	selling(**{"maintain_same_rate_action": "Stop", "role_to_override_stop_action": None, **settings})
	doc = agreed(world)
	if refuses:
		with refused(HandOffError, match="Row 1: .* costs 100 in Quotation"):
			native_limits.check_quoted_rates(doc)
	else:
		native_limits.check_quoted_rates(doc)
	doc.items[0].rate = 100.005
	native_limits.check_quoted_rates(doc)
	doc.items[0].update({"rate": 5, "quotation_item": None})
	native_limits.check_quoted_rates(doc)


@pytest.mark.parametrize(("discount", "fine"), [(5, True), (5.5, False), (0, True)])
@pytest.mark.parametrize("made", ["contract", "request"])
def test_more_discount_than_an_item_allows_is_refused_before_it_is_agreed(sale, world, made, discount, fine):
	frappe.db.set_value("Item", world.filter, "max_discount", 5)
	frappe.clear_document_cache("Item", world.filter)
	rate = 100 - discount
	sold = [
		*sale.rows((world.pump, 1, 50)),
		{"item_code": world.filter, "qty": 1, "price_list_rate": 100, "rate": rate},
	]
	doc = sale.contract(items=sold, submit=False)
	if made == "request":
		values = {"doctype": "Sales Order Request", "customer": world.customer, "company": world.company}
		doc = frappe.get_doc({**values, "items": sold}).insert()
	if fine:
		doc.submit()
		return
	with refused(HandOffError, match=f"Row 2: .*{world.filter}.* allows a discount of 5% at most, and this is 5.5%"):
		doc.submit()


def test_a_purchase_order_has_one_order_where_the_site_allows_it_one(world, selling):
	selling(allow_against_multiple_purchase_orders=0)
	rows.order(world, 10, po_no="PO-1", docstatus=2)
	rows.order(world, 10, po_no="PO-1", customer="somebody else")
	native_limits.check_purchase_order(agreed(world, po_no="PO-1"))
	# ERPNext looks at the new order's own box alone.
	order = rows.order(world, 10, po_no="PO-1", docstatus=0, skip_delivery_note=1)
	with refused(HandOffError, match=order):
		native_limits.check_purchase_order(agreed(world, po_no="PO-1"))
	native_limits.check_purchase_order(agreed(world, po_no="PO-2"))
	native_limits.check_purchase_order(agreed(world, po_no=None))
	selling(allow_against_multiple_purchase_orders=1)
	native_limits.check_purchase_order(agreed(world, po_no="PO-1"))


@pytest.mark.parametrize("where", ("request", "row"))
def test_nothing_is_to_be_delivered_before_the_customer_ordered_it(sale, where):
	request = sale.request(sale.contract(po_no="PO-3", po_date=add_days(nowdate(), 9)), submit=False)
	late, early = add_days(nowdate(), 9), add_days(nowdate(), 8)
	request.delivery_date = late
	request.save()
	(request if where == "request" else request.items[1]).delivery_date = early
	with refused(match="is before Customer's Purchase Order Date"):
		request.save()


# ---- what an order takes over


@pytest.mark.parametrize(
	("quotations", "found"),
	((("A", "A"), "A"), (("A", None), "A"), (("", "A"), "A"), (("A", "B"), None), ((None, None), None)),
)
def test_the_quotation_behind_rows_is_the_one_that_any_of_them_came_from(quotations, found):
	doc = SimpleNamespace(items=[frappe._dict(quotation=name) for name in quotations])
	assert quoted.behind(doc) == found


def test_shares_of_a_sales_team_come_to_a_hundred_when_somebody_left(world):
	people = rows.sales_people(world, North="a@x.example", Rep="b@x.example", South="c@x.example")
	gone = frappe.generate_hash(length=8)
	rows.row("Sales Person", name=gone, sales_person_name=gone, lft=9007, rgt=9008, enabled=0, docstatus=0)
	order = frappe.new_doc("Sales Order")
	for name, share in ((people["North"], 10), (people["Rep"], 10), (gone, 70), (people["South"], 10)):
		order.append("sales_team", {"sales_person": name, "allocated_percentage": share})
	sales_team._leave_out_disabled(order)
	assert [row.allocated_percentage for row in order.sales_team] == [33.33, 33.33, 33.34]
	assert gone not in {row.sales_person for row in order.sales_team}


def test_fields_of_every_level_are_kept_on_what_the_app_makes():
	doc = frappe.new_doc("Sales Order Request")
	keep_levels(doc)
	assert {"po_no", "discount_amount"} <= set(doc.flags.ignore_permlevel_for_fields)


# ---- what is delivered without a note


def test_an_order_without_delivery_notes_is_delivered_when_it_is_billed(world):
	for skips, delivered in ((0, 0), (1, 75)):
		name = rows.order(world, 100, qty=4, skip_delivery_note=skips)
		rows.invoice(world, name, 75)
		assert order_figures.order_facts([name])[0].delivered == delivered
		assert order_figures._order_rows([name])[0].needs_note is not bool(skips)


def test_a_bundle_that_is_switched_off_is_the_service_that_it_was(world):
	for off, delivered in ((1, 75), (0, 0)):
		kit = rows.row(
			"Item", name=f"Kit {off} {world.tag}", item_code=f"Kit {off} {world.tag}", is_stock_item=0, docstatus=0
		)
		rows.row("Product Bundle", new_item_code=kit, disabled=off, docstatus=0)
		name = rows.order(world, 100, qty=4, item=kit)
		rows.invoice(world, name, 75)
		assert order_figures.order_facts([name])[0].delivered == delivered


# ---- decimals


def test_a_rate_has_its_own_decimals():
	line = Line(qty=1000, price_list_rate=0.0138, discount_percentage=10)
	assert price_line(line, 1.0, 2, rate_precision=4).amount == 12.4
	assert price_line(line, 1.0, 2).amount == 10


def test_a_price_has_the_decimals_of_a_sales_order(sale, world, monkeypatch):
	monkeypatch.setitem(vars(frappe.get_meta("Sales Order Item").get_field("rate")), "precision", "4")
	deal = sale.opportunity(items=[{"item_code": world.filter, "qty": 1000, "rate": 0.0125}])
	assert (deal.items[0].rate, deal.amount) == (0.0125, 12.5)


def test_a_rule_s_discount_comes_off_the_list_price_that_was_sent(sale, world, monkeypatch):
	listed = {"price_list_rate": 12.5, "rate": 11.25, "discount_percentage": 10}
	monkeypatch.setattr(prices, "list_price", lambda doc, row: listed)
	for discount, rate in ((0, 18), (25, 15)):
		row = {"item_code": world.filter, "qty": 2, "price_list_rate": 20, "discount_percentage": discount}
		(row,) = sale.opportunity(items=[row]).items
		assert (row.price_list_rate, row.rate, row.amount) == (20, rate, 2 * rate)


# ---- where these are asked


def test_a_request_heeds_the_purchase_order_and_a_contract_the_quoted_rates(sale, world, selling):
	selling(
		allow_against_multiple_purchase_orders=0,
		maintain_same_sales_rate=1,
		maintain_same_rate_action="Stop",
		role_to_override_stop_action=None,
	)
	order = rows.order(world, 10, po_no="PO-9")
	request = sale.request(sale.contract(po_no="PO-9"), submit=False)
	with refused(HandOffError, match=order):
		request.submit()
	name, (line,) = quotation(world, (world.pump, 1, 100))
	values = {"quotation": name, "quotation_item": line}
	contract = sale.contract(items=[{**row, **values} for row in sale.rows((world.pump, 1, 90))], submit=False)
	with refused(HandOffError, match="costs 100 in Quotation"):
		contract.submit()


def test_what_a_document_leads_to_keeps_the_fields_of_every_level(sale):
	request = carry.next_document(sale.contract(), "Sales Order Request")
	assert "po_no" in request.flags.ignore_permlevel_for_fields


@pytest.mark.parametrize(
	("values", "found"),
	(({}, True), ({"customer": ""}, True), ({"customer": "another"}, False), ({"company": "another"}, False)),
)
def test_an_order_belongs_to_the_project_of_its_customer_and_company(world, monkeypatch, values, found):
	about = {"company": world.company, "customer": world.customer}
	native = rows.row("Project", docstatus=0, **{**about, **values})
	sales = rows.bare_deal(world, "Sluice", "Sales Project", erp_project=native)
	other = rows.bare_deal(world, "Weir", "Sales Project", erp_project=None)
	before = [Ref("Sales Project", sales), Ref("Sales Project", other), Ref("Sales Opportunity", "nowhere")]
	monkeypatch.setattr(native_order.graph, "ancestors", lambda *about: before)
	request = SimpleNamespace(doctype="Sales Order Request", name="R", **about)
	assert native_order._erp_project(request) == (native if found else None)
	before.append(Ref("Sales Project", rows.bare_deal(world, "Dam", "Sales Project", erp_project="another project")))
	assert native_order._erp_project(request) is None
