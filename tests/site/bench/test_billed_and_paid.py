"""What invoices and payments of ERPNext mean for the chain and for a contract."""

import frappe

from crm_pipeline import api
from tests.site.portable.test_chain import chain
from tests.site.portable.test_contract import status


def test_finance_sees_deal_and_contract_on_invoice_and_payment(sale, as_user):
	as_user("desk")
	contract = sale.contract()
	order = sale.order(contract)
	as_user("Administrator")
	invoice = sale.bill(order)
	payment = sale.pay(invoice)
	as_user("finance")
	for document in (invoice, payment):
		found = chain(document.doctype, document.name)
		assert ("Sales Contract", contract.name) in found and ("Sales Order", order.name) in found
		assert api.get_ribbon(document.doctype, document.name)["amounts"]["paid"] == 480


def test_a_contract_is_fulfilled_when_all_of_it_is_delivered_and_billed(sale):
	contract = sale.contract()
	order = sale.order(contract, {row.name: row.qty for row in contract.items[:1]})
	sale.deliver(order)
	sale.bill(order)
	sale.sync_outcome()
	assert status(contract) == "Active"
	rest = sale.order(contract)
	sale.deliver(rest)
	sale.bill(rest)
	sale.sync_outcome()
	assert status(contract) == "Fulfilled"


def test_what_was_credited_of_the_price_keeps_no_contract_open_once_its_order_is_closed(sale):
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

	contract = sale.contract()
	order = sale.order(contract)
	sale.deliver(order)
	invoice = sale.bill(order)
	note = make_sales_return(invoice.name)
	note.items = note.items[:1]
	note.items[0].update({"qty": -1, "rate": 20})
	note.insert().submit()
	sale.sync_outcome()
	assert (status(contract), sale.amounts(contract)[2]) == ("Active", 460)
	sale.set_order_status(order, "Closed")
	sale.sync_outcome()
	assert status(contract) == "Fulfilled"


def test_what_a_supplier_delivers_to_the_customer_is_never_short_and_delivered_by_the_purchase_order(sale, world):
	from erpnext.buying.doctype.purchase_order.purchase_order import update_status
	from erpnext.selling.doctype.sales_order.sales_order import make_purchase_order

	group = frappe.db.get_value("Supplier Group", {"is_group": 0}, "name")
	supplier = frappe.get_doc({"doctype": "Supplier", "supplier_name": f"Works {world.tag}", "supplier_group": group})
	supplier.insert()
	item = frappe.get_doc("Item", world.pump)
	item.delivered_by_supplier = 1
	item.item_defaults[0].default_supplier = supplier.name
	item.save()
	contract = sale.contract(items=sale.rows((world.pump, 4, 100)))
	request = sale.request(contract)
	assert [row["short"] for row in api.get_acceptance(request.name)["rows"]] == [None]
	order = sale.accept(request)
	chosen = [{"item_code": world.pump, "sales_order_item": order.items[0].name, "name": order.items[0].name}]
	made = make_purchase_order(order.name, selected_items=chosen)
	# ERPNext 16 makes one of each supplier.
	purchase = made[0] if isinstance(made, list) else made
	purchase.update({"supplier": supplier.name, "schedule_date": order.delivery_date})
	purchase.items[0].update({"rate": 60, "schedule_date": order.delivery_date})
	purchase.save()
	purchase.submit()
	update_status("Delivered", purchase.name)
	sale.bill(order)
	sale.sync_outcome()
	assert (status(contract), sale.amounts(contract)[:3]) == ("Fulfilled", (400, 400, 400))
