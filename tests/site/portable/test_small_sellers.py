# ruff: noqa: F811
"""Whose a sale is: the team on its order, the sales person of what was given away, the customer of what was brought in."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.deals import reassigning
from crm_pipeline.importer import source_ids
from crm_pipeline.orders import sales_team
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_importing import DAYS, Store, deal, load, ready  # noqa: F401
from tests.site.portable.test_visibility import set_apart

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
PROSPECT = "Sales Prospect"


# ---- on the order


@pytest.fixture
def team(world):
	"""North and South are the sales team of the customer; West is not."""
	for place, (name, share) in enumerate((("North", 60), ("South", 40), ("West", 0)), start=1):
		person = f"{name} {world.tag}"
		rows.row("Sales Person", name=person, sales_person_name=person, enabled=1, docstatus=0)
		if share:
			of = {"parent": world.customer, "parenttype": "Customer", "parentfield": "sales_team", "docstatus": 0}
			rows.row(
				"Sales Team", sales_person=person, allocated_percentage=share, commission_rate="5", idx=place, **of
			)
	frappe.clear_document_cache("Customer", world.customer)
	yield
	frappe.clear_document_cache("Customer", world.customer)


def filled(world, seller: str | None, *there: tuple) -> list[tuple]:
	"""The sales team of an order that came from its quotation with `there`."""
	order = frappe.new_doc("Sales Order")
	order.customer = world.customer
	for name, share in there:
		order.append("sales_team", {"sales_person": f"{name} {world.tag}", "allocated_percentage": share})
	sales_team.fill(SimpleNamespace(sales_person=seller and f"{seller} {world.tag}"), order)
	return [(row.sales_person.split()[0], row.allocated_percentage) for row in order.sales_team]


TEAM = [("North", 60), ("South", 40)]


@pytest.mark.parametrize("there", [[], TEAM, [("South", 100)]])
def test_who_sold_from_outside_the_team_stands_alone_on_the_order(world, team, there):
	assert filled(world, "West", *there) == [("West", 100)]


@pytest.mark.parametrize("seller", [None, "North", "South"])
def test_a_team_that_the_order_has_stays_and_else_it_is_the_customer_s(world, team, seller):
	assert filled(world, seller) == TEAM
	assert filled(world, seller, ("South", 100)) == [("South", 100)]


def test_who_left_is_not_on_the_order_though_they_sold(world, team):
	frappe.db.set_value("Sales Person", f"West {world.tag}", "enabled", 0)
	frappe.clear_document_cache("Sales Person", f"West {world.tag}")
	assert filled(world, "West") == TEAM
	assert filled(world, None, ("North", 50), ("West", 50)) == [("North", 100)]


# ---- given to another owner


@pytest.mark.parametrize("submitted", [True, False])
def test_a_contract_that_is_given_away_is_the_new_owner_s_in_the_tree_as_well(sale, world, as_user, submitted):
	set_apart()
	people = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	as_user("rep")
	contract = sale.contract(submit=submitted)
	assert (contract.sales_owner, contract.sales_person) == (REP, people["Rep"])
	as_user("Administrator")
	assert reassigning.give(frappe.get_doc(contract.doctype, contract.name), OTHER)
	contract.reload()
	assert (contract.sales_owner, contract.sales_person) == (OTHER, people["South"])
	sees = {who: frappe.has_permission(contract.doctype, doc=contract.name, user=who) for who in (REP, MANAGER, OTHER)}
	assert sees == {REP: False, MANAGER: False, OTHER: True}


def test_what_is_given_to_who_is_no_sales_person_has_none(sale, world, as_user):
	set_apart()
	people = rows.sales_people(world, North=MANAGER, Rep=REP, South=None)
	as_user("rep")
	contracts = [sale.contract(submit=submitted) for submitted in (True, False)]
	as_user("Administrator")
	for contract in contracts:
		assert contract.sales_person == people["Rep"]
		reassigning.give(frappe.get_doc(contract.doctype, contract.name), OTHER)
		assert (contract.reload().sales_owner, contract.sales_person or None) == (OTHER, None)


# ---- brought in


@pytest.mark.parametrize("became_customer", [True, False])
@pytest.mark.parametrize("named", ["by id", "by name"])
def test_a_deal_of_a_prospect_that_is_a_customer_by_now_is_the_customer_s(ready, world, named, became_customer):
	name = f"Quay {world.tag}"
	prospect = frappe.get_doc({"doctype": PROSPECT, "prospect_name": name, "company": world.company}).insert().name
	if became_customer:
		frappe.db.set_value(PROSPECT, prospect, {"customer": world.customer, "status": "Verified"})
	if named == "by id":
		source_ids.keep(ready.mapping.source, PROSPECT, f"P-{world.tag}", prospect)
		about = {"prospect": f"P-{world.tag}"}
	else:
		assert ready.named_prospects.why_not(name) is None
		about = {"company_name": name}
	brought = deal(ready, world.tag, ("engaging", DAYS[0]), **about)
	assert Store(ready).store([brought]) == 1
	doc = frappe.get_doc("Sales Opportunity", {"external_id": brought.external_id})
	label = f"Northwind {world.tag}" if became_customer else name
	customer = world.customer if became_customer else None
	assert (doc.customer or None, doc.prospect, doc.party_name) == (customer, prospect, label)
	events = frappe.get_all(
		"Pipeline Event", filters={"reference_name": doc.name}, pluck="customer", order_by="name asc"
	)
	assert {event or None for event in events} == {customer}, "and so is its history"


def test_the_account_of_a_deal_decides_before_its_prospect(ready, world):
	prospect = frappe.get_doc({"doctype": PROSPECT, "prospect_name": f"Quay {world.tag}", "company": world.company})
	prospect.insert().db_set("customer", rows.row("Customer", customer_name="Another", docstatus=0))
	source_ids.keep(ready.mapping.source, PROSPECT, f"P-{world.tag}", prospect.name)
	about = {"prospect": f"P-{world.tag}", "account": f"Northwind {world.tag}"}
	brought = deal(ready, world.tag, ("engaging", DAYS[0]), **about)
	assert Store(ready).store([brought]) == 1
	doc = frappe.get_doc("Sales Opportunity", {"external_id": brought.external_id})
	assert (doc.customer, doc.prospect) == (world.customer, prospect.name)
