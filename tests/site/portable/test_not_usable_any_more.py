"""What was quoted or agreed can't be used any more when the next step is taken: a clear sentence, and a way on."""

import frappe
import pytest
from frappe.utils import add_days, formatdate, nowdate

from crm_pipeline import api
from tests.site.bench import form_world
from tests.site.world import refused

CHANGES = {
	"disabled": ("Item", "disabled", 1, "is disabled"),
	"template": ("Item", "has_variants", 1, "is a template"),
	"not sold": ("Item", "is_sales_item", 0, "is not a sales item"),
	"at its end": ("Item", "end_of_life", "2020-01-01", "reached the end of its life"),
}


def deal_with(sale, world, step: str):
	"""What the makers start from: a deal, a submitted quotation or a submitted contract of the world's two items."""
	return {"deal": sale.opportunity, "quotation": sale.quotation, "contract": sale.contract}[step]()


MAKERS = {
	"quotation": lambda source: api.make_quotation(source.doctype, source.name),
	"contract": lambda source: api.make_contract(source.doctype, source.name),
	"request": lambda source: api.make_order_request(source.doctype, source.name),
	"order": lambda source: api.order_now(source.doctype, source.name),
}
WAYS = [
	("deal", "quotation"), ("deal", "contract"), ("deal", "request"), ("deal", "order"),
	("quotation", "contract"), ("quotation", "request"), ("quotation", "order"),
	("contract", "request"), ("contract", "order"),
]  # fmt: skip


# ---- items, customers


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("step", "maker"), WAYS)
def test_an_item_that_can_not_be_sold_any_more_is_named_with_its_row(sale, world, step, maker, change):
	source = deal_with(sale, world, step)
	doctype, field, value, words = CHANGES[change]
	frappe.db.set_value(doctype, world.service, field, value)
	frappe.clear_document_cache(doctype, world.service)
	with refused(match=f"Row 2: .*Item.* .*{world.service}.*{words}"):
		MAKERS[maker](source)


@pytest.mark.parametrize(("step", "maker"), WAYS)
def test_a_disabled_customer_is_named(sale, world, step, maker):
	source = deal_with(sale, world, step)
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	frappe.clear_document_cache("Customer", world.customer)
	with refused(match=f"Customer .*{world.customer}.* is disabled"):
		MAKERS[maker](source)


@pytest.mark.parametrize("step", ["deal", "quotation", "contract"])
def test_a_frozen_customer_is_named_when_it_comes_to_the_order(sale, world, step):
	source = deal_with(sale, world, step)
	frappe.db.set_value("Customer", world.customer, "is_frozen", 1)
	frappe.clear_document_cache("Customer", world.customer)
	with refused(match=f"{world.customer}.* is frozen"):
		MAKERS["order"](source)


@pytest.mark.parametrize(("step", "maker"), [way for way in WAYS if way[1] != "contract"])
def test_a_unit_that_the_item_does_not_have_any_more_keeps_its_factor(sale, world, step, maker):
	makers = {"deal": sale.opportunity, "quotation": sale.quotation, "contract": sale.contract}
	source = makers[step](items=[{"item_code": world.pump, "qty": 2, "uom": "Box", "rate": 900}])
	frappe.db.delete("UOM Conversion Detail", {"parent": world.pump, "uom": "Box"})
	frappe.clear_document_cache("Item", world.pump)
	made = MAKERS[maker](source)
	doctype = {"quotation": "Quotation", "request": "Sales Order Request", "order": "Sales Order"}[maker]
	row = frappe.get_doc(doctype, made["name"]).items[0]
	assert (row.uom, row.conversion_factor, row.stock_qty, row.rate) == ("Box", 10, 20, 900)


@pytest.mark.parametrize("step", ["deal", "quotation", "contract"])
def test_a_price_list_that_was_disabled_does_not_change_the_prices(sale, world, step):
	own = frappe.get_doc(
		{"doctype": "Price List", "price_list_name": f"Fair {world.tag}", "selling": 1, "currency": world.currency}
	).insert()
	makers = {"deal": sale.opportunity, "quotation": sale.quotation, "contract": sale.contract}
	source = makers[step](selling_price_list=own.name, items=sale.rows((world.pump, 2, 77)))
	frappe.db.set_value("Price List", own.name, "enabled", 0)
	frappe.clear_document_cache("Price List", own.name)
	order = frappe.get_doc("Sales Order", MAKERS["order"](source)["name"])
	assert [row.rate for row in order.items] == [77]
	assert order.selling_price_list == world.price_list


@pytest.mark.parametrize("step", ["deal", "quotation", "contract"])
def test_prices_that_changed_since_are_not_those_that_were_agreed(sale, world, step):
	source = deal_with(sale, world, step)
	frappe.db.set_value("Item Price", {"item_code": world.pump}, "price_list_rate", 300)
	order = frappe.get_doc("Sales Order", MAKERS["order"](source)["name"])
	assert [row.rate for row in order.items] == [100, 80]


def _closed_warehouse(world) -> str:
	doc = frappe.get_doc({"doctype": "Warehouse", "warehouse_name": f"Shed {world.tag}", "company": world.company})
	return doc.insert().name


def test_a_warehouse_that_was_closed_while_the_request_waited_gives_way_to_the_usual_one(sale, world):
	shed = _closed_warehouse(world)
	request = sale.request(sale.contract(), submit=False)
	request.set_warehouse = shed
	request.save()
	request.submit()
	frappe.db.set_value("Warehouse", shed, "disabled", 1)
	frappe.clear_document_cache("Warehouse", shed)
	order = sale.accept(request)
	assert (order.set_warehouse, order.items[0].warehouse) == (None, world.warehouse)


@pytest.mark.parametrize("maker", ["contract", "request", "order"])
def test_terms_that_were_deleted_leave_their_text(sale, world, maker):
	terms = frappe.get_doc(
		{"doctype": "Terms and Conditions", "title": f"Old {world.tag}", "terms": "Cash", "selling": 1}
	).insert()
	quotation = sale.quotation(tc_name=terms.name, terms="Cash")
	frappe.db.delete("Terms and Conditions", {"name": terms.name})
	made = MAKERS[maker](quotation)
	doctype = {"contract": "Sales Contract", "request": "Sales Order Request", "order": "Sales Order"}[maker]
	assert "Cash" in frappe.db.get_value(doctype, made["name"], "terms")


def form_world_address(world) -> str:
	world.country = frappe.db.get_value("Company", world.company, "country")
	return form_world.address(world, "Depot", ("Customer", world.customer), address_type="Shipping")


# ---- validity


@pytest.mark.parametrize("maker", ["contract", "request", "order"])
@pytest.mark.parametrize("status", ["Open", "Expired"])
def test_a_quotation_whose_last_day_is_over_says_so_and_what_to_do(sale, world, maker, status):
	quotation = sale.quotation()
	over = add_days(nowdate(), -2)
	frappe.db.set_value("Quotation", quotation.name, {"valid_till": over, "transaction_date": over, "status": status})
	with refused(match=f"{quotation.name}.* was valid until {formatdate(over)}.*amend.*Selling Settings"):
		MAKERS[maker](quotation)
	frappe.db.set_single_value("Selling Settings", "allow_sales_order_creation_for_expired_quotation", 1)
	assert MAKERS[maker](quotation)


def test_a_request_that_waited_as_a_draft_until_the_quotation_ran_out_is_not_submitted(sale, world):
	quotation = sale.quotation()
	request = sale.request(quotation, submit=False)
	frappe.db.set_value("Quotation", quotation.name, "valid_till", add_days(nowdate(), -1))
	with refused(match="was valid until"):
		request.submit()


def test_a_request_that_was_submitted_in_time_is_accepted_later(sale, world):
	quotation = sale.quotation()
	request = sale.request(quotation)
	request.db_set("requested_on", add_days(nowdate(), -3))
	frappe.db.set_value("Quotation", quotation.name, {"valid_till": add_days(nowdate(), -1), "status": "Expired"})
	assert sale.accept(request).docstatus == 1


def test_an_ended_contract_says_how_to_prolong_it(sale, world):
	contract = sale.contract(start_date=add_days(nowdate(), -20), end_date=add_days(nowdate(), -1))
	for maker in ("request", "order"):
		with refused(match="not valid any more.*Valid Until"):
			MAKERS[maker](contract)
	contract.reload()
	contract.end_date = add_days(nowdate(), 5)
	contract.save()
	assert MAKERS["order"](contract)


def test_a_project_that_is_over_does_not_end_its_contract(sale, world):
	project = frappe.get_doc(
		{
			"doctype": "Sales Project",
			"title": "Harbour",
			"customer": world.customer,
			"company": world.company,
			"start_date": add_days(nowdate(), -90),
			"end_date": add_days(nowdate(), -10),
			"items": sale.rows(),
		}
	).insert()
	contract = frappe.get_doc("Sales Contract", api.make_contract(project.doctype, project.name)["name"])
	contract.submit()
	assert MAKERS["order"](contract)


def test_a_draft_request_asks_for_a_later_delivery_date(sale, world):
	request = sale.request(sale.contract(), submit=False)
	frappe.db.set_value("Sales Order Request", request.name, "transaction_date", add_days(nowdate(), -9))
	frappe.db.set_value("Sales Order Request Item", request.items[0].name, "delivery_date", add_days(nowdate(), -2))
	request.reload()
	with refused(match="Row 1: .*Delivery Date.*Choose a later date"):
		request.submit()


def test_where_nobody_agreed_on_a_schedule_contract_and_request_have_none(sale, world):
	quotation = sale.quotation()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	request = sale.request(sale.quotation(), submit=False)
	for doc in (contract, request):
		assert (doc.payment_schedule, doc.payment_terms_template) == ([], None)


# ---- what travels


def test_shipping_address_and_files_travel_from_the_quotation_to_the_order(sale, world):
	depot = form_world_address(world)
	quotation = sale.quotation(shipping_address_name=depot)
	frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"drawing-{world.tag}.txt",
			"content": "A pump",
			"attached_to_doctype": "Quotation",
			"attached_to_name": quotation.name,
			"is_private": 1,
		}
	).insert()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.submit()
	request = sale.request(contract)
	order = sale.accept(request)
	straight = frappe.get_doc(
		"Sales Order", api.order_now("Quotation", sale.quotation(shipping_address_name=depot).name)["name"]
	)
	for doc in (contract, request, order, straight):
		assert doc.shipping_address_name == depot, doc.doctype
	assert "Depot" in order.shipping_address
	for doc in (contract, request, order):
		assert frappe.db.count("File", {"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}) == 1, (
			doc.doctype
		)
