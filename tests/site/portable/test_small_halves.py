"""What holds for one half of two: the party on either side, the plan that stays, the deal that stays hidden."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.deals import conversions
from crm_pipeline.leads import nurturing
from crm_pipeline.overrides import sales_order
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_small_orders import order_of
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

LEAD, DEAL, PROSPECT = "Sales Lead", "Sales Opportunity", "Sales Prospect"
REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))


# ---- parties


def prospect(world, key: str = "Quay", **values) -> str:
	values = {"prospect_name": f"{key} {world.tag}", "company": world.company, **values}
	return frappe.get_doc({"doctype": PROSPECT, **values}).insert().name


@pytest.mark.parametrize(("first", "then"), [("customer", "prospect"), ("prospect", "customer")])
def test_whichever_of_the_two_comes_second_is_the_same_party(sale, world, first, then):
	party = {"customer": world.customer, "prospect": prospect(world)}
	deal = sale.opportunity(**{"customer": None, first: party[first]})
	assert not deal.get(then)
	deal.set(then, party[then])
	with refused(match=f"Prospect {party['prospect']} is not verified as Customer .*{world.customer}"):
		deal.save()
	assert not frappe.db.get_value(DEAL, deal.name, then)


def test_two_parties_that_stand_on_a_deal_are_no_reason_to_refuse_its_other_changes(sale, world):
	deal = sale.opportunity()
	deal.db_set("prospect", prospect(world))
	deal.reload()
	deal.title = "Pumps for the quay"
	deal.save()
	other = rows.row("Customer", name=f"Other {world.tag}", customer_name=f"Other {world.tag}", disabled=0, docstatus=0)
	deal.customer = other
	with refused(match="is not verified as Customer"):
		deal.save()


# ---- leads


def test_a_lead_that_is_put_off_keeps_its_plan_unless_there_is_a_new_one(sale, world):
	lead = sale.lead(follow_up_plan="Ask for the budget")
	until = getdate(add_days(nowdate(), 20))
	stored = lambda: frappe.db.get_value(LEAD, lead.name, ["nurture_until", "follow_up_plan"])  # noqa: E731
	for plan in (None, ""):
		nurturing.nurture(lead.name, until, plan)
		assert stored() == (until, "Ask for the budget")
	later = getdate(add_days(nowdate(), 40))
	nurturing.nurture(lead.name, later, "Send the new list")
	assert stored() == (later, "Send the new list")


def test_nobody_puts_off_a_lead_that_is_closed_or_that_is_not_theirs_to_change(sale, as_user):
	lead, until = sale.lead(), getdate(add_days(nowdate(), 20))
	as_user("stranger")
	with refused(frappe.PermissionError):
		nurturing.nurture(lead.name, until)
	as_user("Administrator")
	lead.db_set("status", "Disqualified")
	with refused(match="there is nothing to nurture"):
		nurturing.nurture(lead.name, until)
	assert frappe.db.get_value(LEAD, lead.name, "nurture_until") is None


@pytest.mark.parametrize("who", ["rep", "manager"])
def test_a_lead_of_a_campaign_belongs_to_who_makes_it(world, as_user, who):
	values = {"title": f"Boat show {world.tag}", "company": world.company, "sales_owner": OTHER}
	campaign = frappe.get_doc({"doctype": "Sales Campaign", **values}).insert()
	assert campaign.sales_owner == OTHER
	as_user(who)
	told = api.campaign_to_lead(campaign.name)
	assert (told["sales_owner"], told["campaign"]) == (USERS[who][0], campaign.name)
	lead = frappe.get_doc({**told, "prospect_name": f"Berth {world.tag}", "title": "Two pumps"}).insert()
	assert frappe.db.get_value(LEAD, lead.name, "sales_owner") == USERS[who][0]


# ---- contracts of quotations


@pytest.mark.parametrize("sees", [True, False])
def test_of_a_deal_that_they_may_not_see_nobody_is_told_by_its_quotation(sale, world, as_user, sees):
	place = rows.row(
		"Territory", name=f"Quay {world.tag}", territory_name=f"Quay {world.tag}", lft=9001, rgt=9002, docstatus=0
	)
	rival = rows.row("Sales Competitor", name=f"Rival {world.tag}", competitor_name=f"Rival {world.tag}", docstatus=0)
	deal = sale.opportunity(
		title="The secret pumps",
		sales_owner=REP if sees else OTHER,
		territory=place,
		contacts=[{"contact_name": "Ines Marlow", "role": "Decision Maker"}],
		competitors=[{"competitor": rival}],
	)
	set_apart()
	as_user("rep")
	assert bool(frappe.has_permission(DEAL, "read", doc=deal.name)) == sees
	quotation = frappe._dict(
		doctype="Quotation", name="Q-1", title=None, customer_name="Northwind", company=world.company,
		crm_source_type=DEAL, crm_source_name=deal.name,
	)  # fmt: skip
	contract = frappe.new_doc("Sales Contract")
	conversions.fill_from_quotation(quotation, contract)
	told = contract.title, contract.sales_owner, contract.territory == place
	assert told == ("The secret pumps" if sees else "Northwind", REP, sees)
	assert [row.contact_name for row in contract.contacts] == (["Ines Marlow"] if sees else [])
	assert len(contract.competitors) == int(sees)


# ---- orders of a contract


def contract_with(sale, world, qty: float):
	return sale.contract(items=sale.rows((world.pump, qty, 100)))


@pytest.mark.parametrize(
	("qty", "delivered", "status", "over"),
	[
		(2, 5, "To Bill", None),
		(2, 2, "To Bill", None),
		(3, 0, "To Deliver and Bill", 1),
		(3, 9, "To Bill", 1),
		(1, 5, "Closed", 3),
	],
)
def test_what_was_delivered_beyond_an_order_does_not_block_its_later_edits(sale, world, qty, delivered, status, over):
	contract = contract_with(sale, world, 2)
	order = order_of(world, contract, qty=qty, delivered_qty=delivered, status=status)
	names = {row.name for row in order.items}
	if not over:
		sales_order.check_contract(order, names)
		assert frappe.db.get_value(contract.doctype, contract.name, "order_changes") == 1
		return
	with refused(match=f"is {over} more than what remains of Contract {contract.name}"):
		sales_order.check_contract(order, names)
	sales_order.check_contract(order, set())


def test_what_another_order_has_is_no_longer_there_for_this_one(sale, world):
	contract = contract_with(sale, world, 4)
	order_of(world, contract, qty=2, delivered_qty=3)
	order = order_of(world, contract, qty=2)
	names = {row.name for row in order.items}
	sales_order.check_contract(order, names)
	frappe.db.set_value("Sales Order Item", order.items[0].name, {"qty": 3, "stock_qty": 3})
	with refused(match="is 1 more than what remains"):
		sales_order.check_contract(order, names)
