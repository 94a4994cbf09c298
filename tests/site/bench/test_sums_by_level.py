"""A field that a site keeps to some roles by its level is in no sum for the others; and what sums cost does not grow with
companies and levels of a group."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.customers import customer_page, open_receivables
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.erp import credit_use
from crm_pipeline.relations import customer_relations
from tests.site.billing import invoice
from tests.site.portable.test_customer_warnings import queries
from tests.site.world import another_company, customer


@pytest.fixture
def keep(monkeypatch):
	"""Keep a field to roles with its level, of which nobody has one."""

	def to_level(doctype: str, field: str) -> None:
		monkeypatch.setattr(frappe.get_meta(doctype).get_field(field), "permlevel", 7)

	return to_level


def page(world) -> dict:
	return customer_page.first_paint(AskedParty("Customer", (world.customer,), world.company))


@pytest.mark.parametrize(
	("doctype", "field"),
	[("Sales Order", "base_net_total"), ("Sales Order Item", "base_net_rate"), ("Sales Order", "per_billed")],
)
def test_a_kept_field_of_orders_is_in_no_sum_of_them(sale, world, as_user, keep, doctype, field):
	sale.order(sale.contract())
	as_user("finance")
	before = page(world)
	assert "Sales Order" in {part["doctype"] for part in before["open"]}
	keep(doctype, field)
	assert "Sales Order" not in {part["doctype"] for part in page(world)["open"]}
	assert api.get_customer_panel("Customer", world.customer)["orders"] is None
	as_user("Administrator")
	assert "Sales Order" in {part["doctype"] for part in page(world)["open"]}


@pytest.mark.parametrize(
	("section", "doctype", "field"),
	[
		("turnover", "Sales Invoice", "base_net_total"),
		("turnover", "GL Entry", "credit"),
		("margin", "Sales Invoice Item", "base_net_amount"),
		("credit", "GL Entry", "debit"),
		("credit", "Sales Order", "base_grand_total"),
	],
)
def test_a_kept_field_of_the_ledger_is_in_no_figure(world, as_user, keep, section, doctype, field):
	invoice(world, 5, 60)
	frappe.db.set_value("Company", world.company, "credit_limit", 1000)
	frappe.clear_document_cache("Company", world.company)
	as_user("finance")
	assert api.get_customer_figures("Customer", world.customer, company=world.company)[section]
	keep(doctype, field)
	assert api.get_customer_figures("Customer", world.customer, company=world.company)[section] is None


def test_what_is_bought_falls_back_to_documents_whose_amounts_may_be_read(world, as_user, keep):
	invoice(world, 5, 60)
	as_user("finance")
	assert api.get_customer_figures("Customer", world.customer)["items"]["basis"] == "Sales Invoice"
	keep("Sales Invoice Item", "base_net_amount")
	assert api.get_customer_figures("Customer", world.customer)["items"]["basis"] == "Sales Order"
	keep("Sales Order Item", "base_net_amount")
	assert api.get_customer_figures("Customer", world.customer)["items"] is None


def test_what_is_open_of_invoices_is_said_nowhere_to_who_may_not_read_that_field(world, as_user, keep):
	from tests.site.bench.test_receivables import report

	invoice(world, 40, 60)
	as_user("finance")
	assert [w["kind"] for w in page(world)["warnings"]] == ["overdue"] and page(world)["receivables"]
	assert report(world)[1] == 60
	keep("Sales Invoice", "outstanding_amount")
	assert page(world)["warnings"] == [] and page(world)["receivables"] is None
	assert report(world) == (set(), 0)


def test_a_kept_day_leaves_its_kind_out_of_the_timeline(world, as_user, keep):
	invoice(world, 40, 60)
	as_user("finance")
	assert "invoice" in {row["kind"] for row in page(world)["timeline"]["rows"]}
	keep("Sales Invoice", "base_grand_total")
	assert {row["amount"] for row in page(world)["timeline"]["rows"] if row["kind"] == "invoice"} == {None}
	keep("Sales Invoice", "posting_date")
	assert "invoice" not in {row["kind"] for row in page(world)["timeline"]["rows"]}


# ---- what it costs


def test_a_deep_group_costs_as_many_queries_as_a_flat_one(world):
	def ask():
		return customer_relations.group_of(world.customer)

	first = customer(f"Level 1 {world.tag}")
	frappe.db.set_value("Customer", first, "crm_parent_customer", world.customer)
	assert ask() == [first]
	flat, parent, below = queries(ask), first, [first]
	for level in range(2, 7):
		name = customer(f"Level {level} {world.tag}")
		frappe.db.set_value("Customer", name, "crm_parent_customer", parent)
		below.append(parent := name)
	assert ask() == below
	assert queries(ask) == flat <= 4
	# A circle that somebody wrote past us ends.
	frappe.db.set_value("Customer", world.customer, "crm_parent_customer", parent)
	assert ask() == below


def test_credit_and_receivables_cost_as_many_queries_for_many_companies_as_for_one(world):
	names = [world.company]
	for number in range(3):
		names.append(another_company(world, f"{number} More").name)
	for name in names:
		frappe.db.set_value("Company", name, "credit_limit", 500)
		frappe.clear_document_cache("Company", name)
	invoice(world, 5, 60)
	one = queries(lambda: credit_use.of_customer(world.customer, names[:1]))
	assert credit_use.of_customer(world.customer, names) == [
		(names[0], 500, 60),
		*((name, 500, 0) for name in names[1:]),
	]
	assert queries(lambda: credit_use.of_customer(world.customer, names)) == one <= 9
	asked = AskedParty("Customer", (world.customer,))
	before = queries(lambda: open_receivables.of_party(asked))
	entry = frappe.get_last_doc("Payment Ledger Entry", {"party": world.customer})
	other = frappe.copy_doc(entry)
	other.update({"company": names[1], "voucher_no": "ELSEWHERE", "against_voucher_no": "ELSEWHERE"})
	other.update({"voucher_type": "Journal Entry", "against_voucher_type": "Journal Entry", "docstatus": 1})
	other.db_insert()
	assert {row["company"] for row in open_receivables.of_party(asked)} <= {names[0], names[1]}
	assert queries(lambda: open_receivables.of_party(asked)) <= before + 2
