"""How much of a credit limit is used: what is posted, what is ordered and not billed, what is delivered without an order."""

import frappe
import pytest

from crm_pipeline.erp import credit_use
from tests.site import rows


@pytest.fixture
def books(world):
	return Books(world)


class Books:
	def __init__(self, world):
		self.world = world
		self.fixed = {"company": world.company, "customer": world.customer}
		self.second = rows.row("Company", name=f"Second {world.tag}", company_name=f"Second {world.tag}", docstatus=0)

	def posted(self, debit: float, credit: float = 0, **values) -> None:
		of = {"company": self.world.company, "party": self.world.customer, "party_type": "Customer", "is_cancelled": 0}
		rows.row("GL Entry", **{**of, "debit": debit, "credit": credit, **values})

	def order(self, gross: float, billed: float = 0, **values) -> None:
		of = {"base_grand_total": gross, "per_billed": billed, "status": "To Deliver and Bill"}
		rows.row("Sales Order", **{**self.fixed, **of, **values})

	def note(self, key: str, *amounts: float, tax: float = 1.0, row=None, **values) -> list[str]:
		of = {"base_net_total": sum(amounts), "base_grand_total": sum(amounts) * tax, "per_billed": 0, "is_return": 0}
		of |= {"name": f"{key} {self.world.tag}", "status": "To Bill"}
		name = rows.row("Delivery Note", **{**self.fixed, **of, **values})
		return [
			rows.row(
				"Delivery Note Item", parent=name, parenttype="Delivery Note", idx=idx, amount=amount, **(row or {})
			)
			for idx, amount in enumerate(amounts, start=1)
		]

	def billed(self, row: str, amount: float, **values) -> None:
		rows.row("Sales Invoice Item", dn_detail=row, amount=amount, **values)

	def used(self, **how) -> float:
		return round(credit_use.used(self.world.customer, self.world.company, **how), 6)


def test_what_is_posted_of_a_customer_is_used(books):
	assert books.used() == 0
	books.posted(300)
	books.posted(0, 120)
	for other in ({"party": "Another"}, {"party_type": "Supplier"}, {"is_cancelled": 1}, {"company": books.second}):
		books.posted(1000, **other)
	assert books.used() == books.used(with_orders=False) == 180
	assert credit_use.used(books.world.customer, books.second) == 1000
	assert credit_use.used_of(books.world.customer, [books.second, books.world.company, "None"], set()) == {
		books.second: 1000,
		books.world.company: 180,
		"None": 0,
	}


def test_an_order_counts_by_what_is_not_billed_of_it(books):
	books.order(200)
	books.order(400, billed=75)
	for other in (
		{"billed": 100}, {"billed": 120}, {"status": "Closed"}, {"docstatus": 0}, {"docstatus": 2},
		{"customer": "Another"}, {"company": books.second},
	):  # fmt: skip
		books.order(1000, **other)
	assert books.used() == 300 and books.used(with_orders=False) == 0
	found = credit_use.used_of(books.world.customer, [books.world.company, books.second], {books.world.company})
	assert found == {books.world.company: 0, books.second: 1000}


def test_a_delivery_without_an_order_counts_with_its_taxes_by_what_is_not_billed(books):
	first, second, third = books.note("A", 100, 50, 50, tax=1.2)
	assert books.used() == books.used(with_orders=False) == 240
	books.billed(first, 40)
	books.billed(first, 20)
	books.billed(second, 90)
	books.billed(third, 10, docstatus=0)
	assert books.used() == 108, (
		"40 of the first row and all of the third, with taxes; too much billed takes off nothing"
	)


@pytest.mark.parametrize(
	"values",
	[
		{"docstatus": 0}, {"docstatus": 2}, {"status": "Closed"}, {"status": "Stopped"}, {"customer": "Another"},
		{"per_billed": 100}, {"row": {"against_sales_order": "SO-1"}}, {"row": {"against_sales_invoice": "INV-1"}},
		{"base_net_total": 0}, {"company": "second"},
	],
)  # fmt: skip
def test_other_deliveries_use_nothing(books, values):
	if "company" in values:
		values = {"company": books.second}
	books.note("A", 100, **values)
	assert books.used() == 0


def test_a_delivery_that_is_billed_in_full_counts_again_with_a_return_or_a_credit_note(books):
	(sent,) = books.note("A", 100, per_billed=100)
	books.billed(sent, 30)
	assert books.used() == 0
	books.note("Back", -20, is_return=1, per_billed=100, return_against=f"A {books.world.tag}")
	assert books.used() == 70
	(other,) = books.note("B", 60, per_billed=100)
	for values, used in (({"is_return": 0}, 70), ({"docstatus": 0}, 70), ({"customer": "Another"}, 70), ({"company": books.second}, 70), ({}, 130)):  # fmt: skip
		credit = rows.row("Sales Invoice", **{**books.fixed, "is_return": 1, **values})
		rows.row("Sales Invoice Item", parent=credit, delivery_note=f"B {books.world.tag}")
		assert books.used() == used
	assert other


# ---- limits


def limit(doctype: str, parent: str, company: str, amount: float, bypass: int = 0, **values) -> None:
	rows.row(
		"Customer Credit Limit", parenttype=doctype, parent=parent, company=company, credit_limit=amount,
		bypass_credit_limit_check=bypass, docstatus=0, **values,
	)  # fmt: skip


def owing_in_a_group(books, world) -> str:
	"""The customer owes 80, ordered for 20 and is in the group that is answered; the company has no limit."""
	group = rows.row("Customer Group", name=f"Ports {world.tag}", docstatus=0)
	frappe.db.set_value("Customer", world.customer, "customer_group", group)
	frappe.db.set_value("Company", world.company, "credit_limit", 0)
	frappe.clear_document_cache("Company", world.company)
	books.posted(80)
	books.order(20)
	return group


def test_a_limit_is_the_customer_s_else_the_group_s_else_the_company_s(books, world):
	group = owing_in_a_group(books, world)
	asked = lambda: credit_use.of_customer(world.customer, [world.company, books.second])  # noqa: E731
	assert asked() == []
	frappe.db.set_value("Company", world.company, "credit_limit", 500)
	frappe.clear_document_cache("Company", world.company)
	assert asked() == [(world.company, 500, 100)]
	limit("Customer Group", group, world.company, 400)
	limit("Customer Group", f"Other {world.tag}", world.company, 1)
	assert asked() == [(world.company, 400, 100)]
	limit("Customer", world.customer, world.company, 0)
	limit("Customer", world.customer, books.second, 70)
	assert asked() == [(world.company, 400, 100), (books.second, 70, 0)]
	frappe.db.set_value(
		"Customer Credit Limit", {"parent": world.customer, "company": world.company}, "credit_limit", 300
	)
	assert asked()[0] == (world.company, 300, 100)


def test_a_bypass_of_the_customer_leaves_orders_out_and_one_of_the_group_the_limit(books, world):
	group = owing_in_a_group(books, world)
	limit("Customer Group", group, world.company, 400, bypass=1)
	assert credit_use.of_customer(world.customer, [world.company]) == []
	limit("Customer", world.customer, world.company, 300, bypass=1, modified="2026-01-01")
	assert credit_use.of_customer(world.customer, [world.company]) == [(world.company, 300, 80)]
	limit("Customer", world.customer, world.company, 200, modified="2026-01-02")
	assert credit_use.of_customer(world.customer, [world.company]) == [(world.company, 200, 100)], "the later one holds"
