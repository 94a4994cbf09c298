# ruff: noqa: F811
"""Segments: who belongs to one, as far as the reader may see; pictures of that; what can't be asked."""

import frappe

from crm_pipeline import api
from crm_pipeline.segments import segment_list, segment_snapshots
from tests.site.portable.test_segment_members import SNAPSHOT, found, order, orders, segment  # noqa: F401
from tests.site.world import refused


def test_what_came_back_was_not_bought(segment, orders, world):
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	invoice = make_sales_invoice(orders.made[2].name)
	invoice.insert().submit()
	billed = {"kind": "Billed", "item_code": world.filter}
	assert found(segment(billed)) == {"Bolt"}
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

	credit = make_sales_return(invoice.name)
	credit.items[0].qty = -2
	credit.insert().submit()
	assert found(segment({**billed, "min_quantity": 3})) == {"Bolt"}
	assert found(segment({**billed, "min_quantity": 3.5})) == set()
	assert found(segment({**billed, "max_amount": 60})) == {"Bolt"}
	assert found(segment({**billed, "min_events": 2})) == set(), "a credit note is no purchase"
	rest = make_sales_return(invoice.name)
	rest.items[0].qty = -3
	rest.insert().submit()
	assert found(segment(billed)) == set()


def test_filters_are_those_of_every_list(segment, orders):
	frappe.db.set_value("Customer", orders.bolt, "customer_type", "Individual")
	frappe.get_doc("Customer", orders.calm).add_tag("Quiet")
	assert found(segment(filters=[["Customer", "customer_type", "=", "Individual"]])) == {"Bolt"}
	assert found(segment(filters=[["Customer", "_user_tags", "like", "%Quiet%"]])) == {"Calm"}
	assert found(segment({"kind": "Ordered"}, filters=[["Customer", "_user_tags", "like", "%Quiet%"]])) == set()


def test_a_picture_keeps_who_belonged_and_says_who_came_and_went(segment, orders, world):
	doc = segment({"kind": "Ordered"})
	first = frappe.get_doc(SNAPSHOT, api.take_segment_snapshot(doc.name))
	assert (first.member_count, first.joined_count, first.left_count) == (2, 0, 0)
	orders.made[2].cancel()
	order(world, orders.calm, world.pump, 1, 100, 0)
	second = frappe.get_doc(SNAPSHOT, api.take_segment_snapshot(doc.name))
	assert (second.member_count, second.joined_count, second.left_count) == (2, 1, 1)
	rows = {row["record"]: row["change"] for row in segment_list.found(doc.name, second.name)[1]}
	assert rows == {orders.acme: "", orders.bolt: "Left", orders.calm: "Joined"}
	third = frappe.get_doc(SNAPSHOT, api.take_segment_snapshot(doc.name))
	assert (third.member_count, third.joined_count, third.left_count) == (2, 0, 0), "who had left does not leave again"
	frappe.rename_doc("Customer", orders.calm, f"Quiet {world.tag}")
	assert f"Quiet {world.tag}" in {row["record"] for row in segment_list.found(doc.name, second.name)[1]}
	with refused(match="another segment"):
		segment_list.found(segment().name, second.name)
	frappe.delete_doc(SNAPSHOT, first.name)
	assert not frappe.db.count(segment_snapshots.MEMBER, {"snapshot": first.name})
