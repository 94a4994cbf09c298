"""Which native documents the roll-up follows: those of our chain, and no other work of ERPNext."""

import frappe

from crm_pipeline.orders import roll_up


def native(doctype: str, **values):
	return frappe._dict(doctype=doctype, name=f"{doctype} of ERPNext", **values)


def test_an_order_that_came_from_nothing_of_ours_is_not_followed(site):
	roll_up.collect(native("Sales Order"))
	assert roll_up.take_pending() == []
	roll_up.collect(native("Sales Order", crm_source_type="Sales Contract", crm_source_name="A contract"))
	assert roll_up.take_pending() == ["Sales Order of ERPNext"]


def test_an_invoice_of_such_an_order_starts_no_job(site, monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda *args, **kwargs: queued.append(kwargs))
	invoice = native("Sales Invoice", items=[frappe._dict(sales_order="Sales Order of ERPNext")])
	for _event in ("on_submit", "on_change"):
		roll_up.collect(invoice)
	roll_up._enqueue()
	assert (queued, roll_up.take_pending()) == ([], [])
