"""Rows of native documents, written straight to their tables: figures read no more of them than this."""

import frappe
from frappe.utils import now_datetime

from crm_pipeline.chain import passages
from crm_pipeline.deals import won_amounts


def deal(doc, **values):
	"""A deal with other values, as they may be in the table, and what the app stores of it when they settle it."""
	doc.db_set(values)
	won_amounts.refresh(doc.doctype, doc.name)
	return doc.reload()


def row(doctype: str, **values) -> str:
	"""One submitted row; answers its name. ERPNext sees none of it: no check, no event, no default."""
	now = now_datetime()
	values = {"name": frappe.generate_hash(length=12), "docstatus": 1, "creation": now, "modified": now, **values}
	frappe.db.bulk_insert(doctype, list(values), [tuple(values.values())])
	return values["name"]


def bare_deal(world, key: str, doctype: str = "Sales Opportunity", **values) -> str:
	"""A deal as it may be in the table, open in a stage of the standard pipeline; the app sees none of it."""
	pipeline = "Standard Sales"
	stage = frappe.db.get_value("Pipeline Stage", {"pipeline": pipeline, "stage_key": "proposal"}, "name")
	fixed = {"name": f"{key} {world.tag}", "docstatus": 0, "owner": "Administrator", "company": world.company}
	fixed |= {"customer": world.customer, "currency": world.currency, "conversion_rate": 1, "pipeline": pipeline}
	fixed |= {"stage": stage, "status": "Open", "earlier_seconds": 0, "base_amount": 0, "probability": 0}
	return row(doctype, **{**fixed, **values})


def sales_people(world, **users) -> dict[str, str]:
	"""North above Rep, and South beside them, with these users: {name: Sales Person}."""
	places = {"North": (9001, 9004), "Rep": (9002, 9003), "South": (9005, 9006)}
	return {
		name: row(
			"Sales Person", name=f"{name} {world.tag}", sales_person_name=f"{name} {world.tag}", lft=lft, rgt=rgt,
			crm_user=users[name], enabled=1, docstatus=0,
		)
		for name, (lft, rgt) in places.items()
	}  # fmt: skip


def order(world, net: float, tax: float = 0.0, qty: float = 1.0, item: str | None = None, **values) -> str:
	"""A Sales Order with one row of `net`, in company currency unless `values` say otherwise."""
	of_row = {key: values.pop(key) for key in list(values) if key in ROW_FIELDS}
	rate = values.get("conversion_rate", 1.0)
	name = row(
		"Sales Order",
		**{
			"status": "To Deliver and Bill",
			"company": world.company,
			"customer": world.customer,
			"currency": world.currency,
			"conversion_rate": rate,
			"transaction_date": now_datetime().date(),
			"net_total": net,
			"grand_total": net + tax,
			"rounded_total": net + tax,
			"base_net_total": net * rate,
			"base_grand_total": (net + tax) * rate,
			"base_rounded_total": (net + tax) * rate,
			**values,
		},
	)
	row(
		"Sales Order Item",
		**{
			"parent": name,
			"parenttype": "Sales Order",
			"parentfield": "items",
			"docstatus": values.get("docstatus", 1),
			"idx": 1,
			"item_code": item or world.pump,
			"qty": qty,
			"stock_qty": qty * of_row.get("conversion_factor", 1.0),
			"conversion_factor": 1.0,
			"delivered_qty": 0,
			"is_free_item": 0,
			"amount": net,
			"base_net_amount": net * rate,
			"base_amount": net * rate,
			**of_row,
		},
	)
	return name


ROW_FIELDS = (
	"delivered_qty", "conversion_factor", "crm_request_item", "quotation_item", "is_free_item", "base_amount",
	"prevdoc_docname", "rate",
)  # fmt: skip


def invoice(world, order: str, net: float, tax: float = 0.0, **values) -> str:
	"""A Sales Invoice of all or a part of an order."""
	rate = values.get("conversion_rate", 1.0)
	name = row(
		"Sales Invoice",
		**{
			"company": world.company,
			"currency": world.currency,
			"grand_total": net + tax,
			"rounded_total": net + tax,
			"base_grand_total": (net + tax) * rate,
			"base_rounded_total": (net + tax) * rate,
			"is_pos": 0,
			**values,
		},
	)
	sold = frappe.db.get_value("Sales Order Item", {"parent": order}, ["name", "amount", "stock_qty"], as_dict=True)
	row(
		"Sales Invoice Item",
		parent=name,
		parenttype="Sales Invoice",
		parentfield="items",
		docstatus=values.get("docstatus", 1),
		idx=1,
		sales_order=order,
		so_detail=sold.name,
		stock_qty=sold.stock_qty * net / sold.amount,
		amount=net,
		base_net_amount=net * rate,
	)
	return name


def settled(invoice: str, amount: float, currency: str, **values) -> str:
	"""A line of the Payment Ledger: a payment that settles an invoice, in the currency of the receivable account."""
	return row(
		"Payment Ledger Entry",
		**{
			"voucher_type": "Payment Entry",
			"voucher_no": "PAY-1",
			"against_voucher_type": "Sales Invoice",
			"against_voucher_no": invoice,
			"account_currency": currency,
			"amount_in_account_currency": -amount,
			"delinked": 0,
			**values,
		},
	)


def advance(order: str, amount: float, currency: str, kind: str = "Receive", **values) -> str:
	"""Money received for an order, or given back ("Pay")."""
	payment = row(
		"Payment Entry",
		payment_type=kind,
		paid_from_account_currency=currency,
		paid_to_account_currency=currency,
		**values,
	)
	row(
		"Payment Entry Reference",
		parent=payment,
		parenttype="Payment Entry",
		parentfield="references",
		docstatus=values.get("docstatus", 1),
		idx=1,
		reference_doctype="Sales Order",
		reference_name=order,
		allocated_amount=amount,
	)
	return payment


def set_event(event, field, value=None, **how) -> None:
	"""Another past: change rows of the ledger (a name, or filters), and the passages that are told from it."""
	filters = event if isinstance(event, dict) else {"name": event}
	about = frappe.get_all(
		"Pipeline Event", filters=filters, fields=["reference_doctype", "reference_name"], order_by="name asc", limit=0
	)
	frappe.db.set_value("Pipeline Event", event, field, value, **how)
	for doctype, name in {(row.reference_doctype, row.reference_name) for row in about}:
		passages.write(doctype, [name])
