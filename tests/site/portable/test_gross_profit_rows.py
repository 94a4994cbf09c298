"""What ERPNext's report of gross profit is told of some customers: returns, stock, deliveries, purchases, bundles."""

from datetime import date

import frappe
import pytest

from crm_pipeline.erp import gross_profit
from tests.site import rows
from tests.site.hosts import HOST

COLUMNS = """
Sales Invoice|prompt|return_against
Sales Invoice Item|hash|cost_center
Packed Item|hash|rate:Float parent_detail_docname serial_and_batch_bundle
Stock Ledger Entry|hash|voucher_detail_no stock_value:Float stock_value_difference:Float actual_qty:Float warehouse item_code company is_cancelled:Check voucher_type voucher_no
Delivery Note Item|hash|incoming_rate:Float against_sales_order so_detail
Purchase Invoice Item|hash|project cost_center base_rate:Float
"""


@pytest.fixture(autouse=True)
def columns(world, monkeypatch):
	HOST.other_tables(monkeypatch, COLUMNS)


def row_of(doctype: str, of: tuple[str, str], **values) -> str:
	return rows.row(f"{doctype} Item", parent=of[1], parenttype=of[0], parentfield="items", idx=1, **values)


def test_what_came_back_is_told_by_invoice_and_item(world):
	for key, values in (
		("R1", {"posting_date": "2026-01-10"}), ("R2", {"posting_date": "2026-03-10"}), ("Draft", {"docstatus": 0, "posting_date": "2026-01-11"}),
		("Theirs", {"customer": "Another", "posting_date": "2026-01-11"}), ("Sale", {"is_return": 0, "posting_date": "2026-01-11"}),
	):  # fmt: skip
		fixed = {"company": world.company, "customer": world.customer, "is_return": 1, "return_against": "INV-1"}
		name = rows.row("Sales Invoice", name=f"{key} {world.tag}", **{**fixed, **values})
		row_of("Sales Invoice", ("Sales Invoice", name), item_code=world.pump, stock_qty=-2, base_net_amount=-20)
	asked = frappe._dict(customers=(world.customer,), from_date="2026-01-01", to_date="2026-01-31")
	found = gross_profit._returned(asked, dated=False)
	assert [(back.name, back.qty, back.base_amount) for back in found["INV-1"][world.pump]] == [
		(f"R1 {world.tag}", -2, -20), (f"R2 {world.tag}", -2, -20),
	]  # fmt: skip
	assert [back.name for back in gross_profit._returned(asked, dated=True)["INV-1"][world.pump]] == [f"R1 {world.tag}"]


def moved(world, voucher: str, value: float, difference: float, **values) -> str:
	fixed = {
		"company": world.company,
		"item_code": world.pump,
		"warehouse": "W",
		"voucher_type": "Delivery Note",
		"is_cancelled": 0,
	}
	fixed |= {"voucher_no": voucher, "stock_value": value, "stock_value_difference": difference, "actual_qty": -1}
	return rows.row("Stock Ledger Entry", **{**fixed, **values})


def test_the_stock_ledger_of_deliveries_has_the_value_before_each(world):
	notes = [f"DN{number} {world.tag}" for number in range(4)]
	for note in notes:
		moved(world, note, 60, -40)
	moved(world, notes[0], 1, 1, is_cancelled=1)
	moved(world, notes[0], 1, 1, company="Another")
	told = [
		frappe._dict(parent=notes[0], update_stock=1), frappe._dict(parent="INV", update_stock=0, delivery_note=notes[1]),
		frappe._dict(parent=notes[3], update_stock=0),
	]  # fmt: skip
	found = gross_profit._movements(world.company, told, {"INV-2": {"delivery_note": notes[2]}})
	entries = found[world.pump, "W"]
	assert [(row.voucher_no, row.stock_value) for row in entries] == [
		(notes[0], 60), (None, 100), (notes[1], 60), (None, 100), (notes[2], 60), (None, 100),
	]  # fmt: skip
	assert gross_profit._movements(world.company, [], {}) == {(None, None): []}


def test_a_delivery_costs_on_average_what_its_rows_did(world):
	for detail, rate, state in (("R1", 10, 1), ("R1", 20, 1), ("R1", 99, 0), ("R2", 7, 1), ("R3", 5, 1)):
		row_of("Delivery Note", ("Delivery Note", "DN"), item_code=world.pump, so_detail=f"{detail} {world.tag}", against_sales_order="SO",
			incoming_rate=rate, docstatus=state)  # fmt: skip
	wanted = {f"{detail} {world.tag}" for detail in ("R1", "R2")}
	found = gross_profit._delivered_rates(wanted)
	assert found == {("SO", f"R1 {world.tag}", world.pump): 15, ("SO", f"R2 {world.tag}", world.pump): 7}
	assert gross_profit._delivered_rates(set()) == {}


def test_the_last_purchase_counts_by_project_and_cost_centre(world):
	for key, day, rate, values in (
		("A", "2026-01-01", 10, {}), ("B", "2026-02-01", 24, {"conversion_factor": 2}), ("C", "2026-05-01", 99, {}),
		("P", "2026-01-15", 30, {"project": "P1"}), ("K", "2026-01-10", 40, {"cost_center": "K1"}),
	):  # fmt: skip
		name = rows.row(
			"Purchase Invoice", name=f"{key} {world.tag}", posting_date=day, is_return=0, company=world.company
		)
		row_of(
			"Purchase Invoice",
			("Purchase Invoice", name),
			item_code=world.service,
			base_rate=rate,
			**{"conversion_factor": 1, **values},
		)
	back = rows.row(
		"Purchase Invoice", name=f"Back {world.tag}", posting_date="2026-03-01", is_return=1, company=world.company
	)
	row_of("Purchase Invoice", ("Purchase Invoice", back), item_code=world.service, base_rate=1, conversion_factor=1)
	found = gross_profit._purchase_rates({world.service}, date(2026, 4, 1))[world.service]
	assert [(row.rate, row.project, row.cost_center) for row in found] == [
		(12, None, None),
		(30, "P1", None),
		(40, None, "K1"),
	]

	def last(**of) -> float:
		return gross_profit._last_rate(found, frappe._dict({"project": None, "cost_center": "", **of}))

	assert (last(), last(project="P1"), last(cost_center="K1"), last(project="P2")) == (12, 30, 40, 0)
	assert gross_profit._purchase_rates(set(), date(2026, 4, 1)) == {}


def test_parts_of_bundles_are_told_by_document_and_bundle(world):
	for parent, part, quantity, state in (
		("INV", "Part A", 2, 1),
		("INV", "Part B", 1, 1),
		("INV", "Draft", 1, 0),
		("Other", "Part", 1, 1),
	):
		rows.row("Packed Item", parent=f"{parent} {world.tag}", parenttype="Sales Invoice", parentfield="packed_items", idx=quantity,
			parent_item="Set", item_code=part, qty=quantity, rate=5, docstatus=state)  # fmt: skip
	found = gross_profit._bundles([f"INV {world.tag}"])
	assert [(row.item_code, row.total_qty, row.base_amount) for row in found["Sales Invoice"][f"INV {world.tag}"]["Set"]] == [
		("Part B", -1, 5), ("Part A", -2, 10),
	]  # fmt: skip
	assert gross_profit._bundles([]) == {}


def test_what_has_no_stock_is_known(world):
	name = rows.row("Item", name=f"Talk {world.tag}", item_code=f"Talk {world.tag}", is_stock_item=0, docstatus=0)
	stocked = rows.row("Item", name=f"Pipe {world.tag}", item_code=f"Pipe {world.tag}", is_stock_item=1, docstatus=0)
	assert gross_profit._non_stock({name, stocked}) == {name} and gross_profit._non_stock(set()) == set()


# ---- the report's own questions


def sold(world, key: str, item: str | None = None, **values) -> str:
	fixed = {"company": world.company, "customer": world.customer, "is_return": 0, "is_opening": "No", "project": "P1"}
	fixed |= {"posting_date": "2026-01-15", "posting_time": "10:00:00", "update_stock": 1, "base_net_total": 50}
	name = rows.row("Sales Invoice", name=f"{key} {world.tag}", **{**fixed, **values})
	row_of(
		"Sales Invoice", ("Sales Invoice", name), item_code=item or world.pump, stock_qty=2, base_net_amount=20,
		base_net_rate=10, delivery_note="DN", so_detail="R1", sales_order="SO", name=f"row of {name}", **{"docstatus": 1},
	)  # fmt: skip
	return name


def of_customers(world, **values) -> frappe._dict:
	fixed = {"company": world.company, "from_date": date(2026, 1, 1), "to_date": date(2026, 1, 31)}
	return frappe._dict({**fixed, "customers": (world.customer,), "narrow": lambda query: query, **values})


def test_the_rows_of_a_period_are_those_of_the_customers_the_latest_first(world):
	first = sold(world, "First", posting_date="2026-01-01")
	early = sold(world, "Early", posting_date="2026-01-31", posting_time="08:00:00")
	late = sold(world, "Late", posting_date="2026-01-31", posting_time="18:00:00")
	loose = sold(world, "Loose", is_return=1, posting_date="2026-01-02")
	for key, values in (
		("Before", {"posting_date": "2025-12-31"}), ("After", {"posting_date": "2026-02-01"}), ("Draft", {"docstatus": 0}),
		("Opening", {"is_opening": "Yes"}), ("Theirs", {"customer": "Another"}), ("Elsewhere", {"company": "Another"}),
		("Back", {"is_return": 1, "return_against": first}), ("Gone", {"item": "No such item"}),
	):  # fmt: skip
		sold(world, key, **values)
	found = gross_profit._invoice_rows(of_customers(world))
	assert [row.parent for row in found] == [late, early, loose, first]
	row = found[0]
	assert (row.parenttype, row.item_row, row.item_code, row.qty) == ("Sales Invoice", f"row of {late}", world.pump, 2)
	assert (row.base_net_amount, row.base_net_rate, row.invoice_base_net_total) == (20, 10, 50)
	assert (row.delivery_note, row.so_detail, row.sales_order, row.project) == ("DN", "R1", "SO", "P1")
	assert (row.update_stock, row.customer, row.is_return) == (1, world.customer, 0)
	invoice = frappe.qb.DocType("Sales Invoice")
	narrow = lambda query: query.where(invoice.name == early)  # noqa: E731
	assert [row.parent for row in gross_profit._invoice_rows(of_customers(world, narrow=narrow))] == [early]


class Asking:
	"""What ERPNext's report asks of itself, in its order."""

	def __init__(self, filters):
		self.filters, self.sle, self.delivery_notes = filters, {}, {}
		self.load_invoice_items()
		self.load_product_bundle()
		self.load_non_stock_items()
		self.get_returned_invoice_items()
		self.grouped_data = [self]


class Version16(Asking):
	"""Its report has a place for conditions."""

	def apply_common_filters(self, query, invoice):
		return query.where(invoice.docstatus == 1)

	def load_invoice_items(self):
		invoice = frappe.qb.DocType("Sales Invoice")
		query = frappe.qb.from_(invoice).select(invoice.name).orderby(invoice.name)
		self.asked = self.apply_common_filters(query, invoice).run(pluck=True)
		self.si_list = [frappe._dict(parent=name) for name in self.asked]


def report_of(world, monkeypatch, report: type, **values):
	asked, of_any = of_customers(world, **values), frappe.get_attr
	with monkeypatch.context() as patch:
		patch.setattr(
			gross_profit.frappe,
			"get_attr",
			lambda path: report if path.endswith(".GrossProfitGenerator") else of_any(path),
		)
		(found,) = gross_profit.by_month(asked.customers, asked.company, asked.from_date, asked.to_date, asked.narrow)
	return found


def test_the_report_of_erpnext_15_is_told_the_rows_of_these_customers(world, monkeypatch):
	talk = rows.row("Item", name=f"Talk {world.tag}", item_code=f"Talk {world.tag}", is_stock_item=0, docstatus=0)
	sale, other = sold(world, "Sale"), sold(world, "Talk", item=talk, posting_date="2026-01-02")
	for key, day in (("Back", "2026-01-20"), ("Later", "2026-03-20")):
		sold(world, key, is_return=1, return_against=sale, posting_date=day)
	rows.row("Packed Item", parent="DN", parenttype="Delivery Note", parent_item="Set", item_code="Part", qty=1, rate=5)
	row_of(
		"Delivery Note",
		("Delivery Note", "DN"),
		item_code=world.pump,
		so_detail="R1",
		against_sales_order="SO",
		incoming_rate=7,
	)
	moved(world, "DN", 60, -40)
	bought = rows.row(
		"Purchase Invoice", name=f"Bought {world.tag}", posting_date="2026-01-31", is_return=0, company=world.company
	)
	row_of("Purchase Invoice", ("Purchase Invoice", bought), item_code=talk, base_rate=12, conversion_factor=1)
	report = report_of(world, monkeypatch, Asking)
	assert [row.parent for row in report.si_list] == [sale, other]
	assert list(report.product_bundles["Delivery Note"]["DN"]) == ["Set"]
	assert report.non_stock_items == {talk}
	assert [row.name for row in report.returned_invoices[sale][world.pump]] == [
		f"Back {world.tag}",
		f"Later {world.tag}",
	]
	assert [row.stock_value for row in report.get_stock_ledger_entries(world.pump, "W")] == [60, 100]
	assert report.get_stock_ledger_entries(world.pump, "Another") == []
	assert report.get_buying_amount_from_so_dn("SO", "R1", world.pump) == 7
	assert report.get_buying_amount_from_so_dn("SO", "R2", world.pump) == 0
	assert report.get_last_purchase_rate(talk, frappe._dict(project=None, cost_center=None)) == 12
	assert report.get_last_purchase_rate(world.pump, frappe._dict(project=None, cost_center=None)) == 0
	filters = report.filters
	assert (filters.company, filters.group_by, filters.include_returned_invoices) == (world.company, "Monthly", 1)
	assert (filters.from_date, filters.to_date) == (date(2026, 1, 1), date(2026, 1, 31))


def test_what_the_report_asks_again_and_again_is_read_once(world, monkeypatch):
	sold(world, "Sale")
	report, read = report_of(world, monkeypatch, Asking), []
	for name in ("_movements", "_delivered_rates", "_purchase_rates"):
		ask = getattr(gross_profit, name)
		monkeypatch.setattr(gross_profit, name, lambda *args, name=name, ask=ask: (read.append(name), ask(*args))[1])
	for _time in range(3):
		report.get_stock_ledger_entries(world.pump, "W")
		report.get_buying_amount_from_so_dn("SO", "R1", world.pump)
		report.get_last_purchase_rate(world.pump, frappe._dict(project=None, cost_center=None))
	assert read == ["_movements", "_delivered_rates", "_purchase_rates"]


def test_the_report_of_erpnext_16_asks_itself_narrowed_to_these_customers(world, monkeypatch):
	sale, other = sold(world, "Sale"), sold(world, "Other")
	sold(world, "Theirs", customer="Another")
	sold(world, "Draft", docstatus=0)
	back = sold(world, "Back", is_return=1, return_against=sale, posting_date="2026-03-20")
	assert report_of(world, monkeypatch, Version16).asked == sorted([sale, other, back])
	invoice = frappe.qb.DocType("Sales Invoice")
	narrow = lambda query: query.where(invoice.name == sale)  # noqa: E731
	report = report_of(world, monkeypatch, Version16, narrow=narrow)
	assert report.asked == [sale] and report.returned_invoices == {}, "that came back after the period"
