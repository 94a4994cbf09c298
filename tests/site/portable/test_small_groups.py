"""Small rules of groups and of what a deal leaves: new customers, open leads by age, margins, who shares in a sale."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate

from crm_pipeline.analytics import lead_ages, new_customers
from crm_pipeline.analytics.lead_results import LeadScope
from crm_pipeline.analytics.new_customers import CustomerScope
from crm_pipeline.core import costing, matching
from crm_pipeline.costs import deal_margin
from crm_pipeline.customers import customer_page
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.erp import customers, gross_profit, identity
from crm_pipeline.orders import sales_team
from tests.site import rows
from tests.site.portable.test_small_parties import contact, linked
from tests.site.world import refused, without_right

CUSTOMER, LEAD = "Customer", "Sales Lead"


# ---- new customers


@pytest.fixture
def came(world):
	"""came("A", day, **values): a customer that came on a day; {name: the letters of those in a group}."""
	area = f"Area {world.tag}"
	for name, parent, lft, rgt in (
		(area, "", 90001, 90006),
		("North", area, 90002, 90003),
		("South", area, 90004, 90005),
	):
		name = name if name == area else f"{name} {world.tag}"
		rows.row("Territory", name=name, territory_name=name, parent_territory=parent, lft=lft, rgt=rgt, docstatus=0)

	def make(key, day, **values):
		fixed = {"customer_name": key, "territory": area, "creation": f"{day} 23:30:00", "docstatus": 0}
		return rows.row(CUSTOMER, name=f"{key} {world.tag}", **{**fixed, **values})

	def asked(**values) -> CustomerScope:
		return CustomerScope.of({"territory": area, "from_date": "2031-03-05", "to_date": "2031-03-07", **values})

	make.area, make.asked = area, asked
	return make


def listed(filters: list[tuple]) -> str:
	found = frappe.get_list(
		CUSTOMER, filters=[list(one) for one in filters], pluck="name", order_by="name asc", limit=0
	)
	return " ".join(name.split()[0] for name in found)


def test_customers_of_the_days_are_grouped_and_each_group_opens_its_own(came, world):
	north, south = f"North {world.tag}", f"South {world.tag}"
	for key, day, values in (
		("A", "2031-03-04", {}), ("B", "2031-03-05", {"territory": north}), ("C", "2031-03-07", {"territory": north}),
		("D", "2031-03-06", {"territory": south}), ("E", "2031-03-08", {}), ("F", "2031-03-06", {"territory": None}),
		("G", "2031-03-06", {"territory": "Elsewhere"}),
	):  # fmt: skip
		came(key, day, customer_group="Retail" if key in "BD" else None, **values)
	asked = came.asked()
	found = new_customers.groups(asked)
	assert [(group.key, group.label, group.customers) for group in found] == [(north, north, 2), (south, south, 1)]
	assert [listed(new_customers.list_filters(asked, group.key)) for group in found] == ["B C", "D"]
	assert listed(new_customers.list_filters(asked, whole=True)) == "B C D"
	by_group = came.asked(group_by="Customer Group")
	found = new_customers.groups(by_group)
	assert [(group.key, group.label, group.customers) for group in found] == [
		("Retail", "Retail", 2),
		(None, "Not Set", 1),
	]
	assert [listed(new_customers.list_filters(by_group, group.key)) for group in found] == ["B D", "C"]
	by_day = came.asked(group_by="Day")
	found = new_customers.groups(by_day)
	assert [(getdate(group.key), group.customers) for group in found] == [(date(2031, 3, n), 1) for n in (5, 6, 7)]
	assert [listed(new_customers.list_filters(by_day, group.key)) for group in found] == ["B", "D", "C"]
	assert listed(new_customers.list_filters(by_day, whole=True)) == "B C D"
	with refused(match="is not one of"):
		new_customers.groups(came.asked(group_by="Mood"))


def test_days_stand_in_their_order_however_many_came(came):
	for key, day in (("A", "2031-03-05"), ("B", "2031-03-07"), ("C", "2031-03-07"), ("D", "2031-03-06")):
		came(key, day)
	found = [(str(group.key), group.customers) for group in new_customers.groups(came.asked(group_by="Day"))]
	assert found == [("2031-03-05", 1), ("2031-03-06", 1), ("2031-03-07", 2)]


def test_places_are_those_of_the_main_address_for_who_reads_addresses(came, world, monkeypatch):
	for key, city, state in (("H", "Hull", "Yorks"), ("Y", "York", "Yorks"), ("E", "", None)):
		rows.row("Address", name=f"{key} {world.tag}", address_title=key, city=city, state=state, docstatus=0)
	for key, main in (("A", "H"), ("B", "Y"), ("C", "Y"), ("D", "E"), ("F", None)):
		came(key, "2031-03-06", customer_primary_address=main and f"{main} {world.tag}")
	told = lambda by: [(group.label, group.customers) for group in new_customers.groups(came.asked(group_by=by))]  # noqa: E731
	assert told("City") == [("Not Set", 2), ("York", 2), ("Hull", 1)]
	assert told("Province") == [("Yorks", 3), ("Not Set", 2)]
	assert new_customers.list_filters(came.asked(group_by="City"), "York") is None, "no list filters by that"
	assert listed(new_customers.list_filters(came.asked(group_by="City"), whole=True)) == "A B C D F"
	without_right(monkeypatch, "Address", "read")
	assert [group.customers for group in new_customers.groups(came.asked())] == [5]
	with refused(frappe.PermissionError, match="You have no right to .*Address"):
		told("City")


# ---- open leads by age


def test_open_leads_are_told_by_age_with_those_that_nobody_answered(world):
	owner = f"owner-{world.tag}"
	for key, days, values in (
		("A", 0, {}), ("B", 1, {"first_answer_on": "2026-01-01 09:00:00"}), ("C", 2, {}), ("D", 7, {}), ("E", 8, {}),
		("F", 30, {}), ("G", 31, {}), ("H", 90, {}), ("I", 91, {}), ("J", 300, {"status": "Converted"}),
		("K", 300, {"status": "Disqualified"}), ("L", 300, {"company": "Another"}), ("M", 300, {"sales_owner": "Another"}),
		("N", 5, {"channel": "Fair", "status": "Contacted"}), ("O", 5, {"channel": None, "status": "Qualified"}),
		("P", 5, {"channel": ""}),
	):  # fmt: skip
		fixed = {"company": world.company, "status": "New", "sales_owner": owner, "channel": "Web", "docstatus": 0}
		fixed["creation"] = f"{add_days(getdate(), -days)} 00:00:01"
		rows.row(LEAD, name=f"{key} {world.tag}", **{**fixed, **values})
	asked = LeadScope.of({"company": world.company, "sales_owner": owner})
	web, none, fair = lead_ages.groups(asked)
	assert (web.key, web.label, web.leads, web.unanswered, web.oldest) == ("Web", "Web", 9, 8, 91)
	assert web.bands == {"0-1": 2, "2-7": 2, "8-30": 2, "31-90": 2, "91+": 1}
	assert [(group.key, group.label, group.leads, group.oldest) for group in (none, fair)] == [
		(None, "Not Set", 2, 5), ("Fair", "Fair", 1, 5),
	]  # fmt: skip
	shown = lambda *which, **how: " ".join(  # noqa: E731
		name.split()[0]
		for name in frappe.get_list(
			LEAD,
			filters=[list(one) for one in lead_ages.list_filters(asked, *which, **how)],
			pluck="name",
			order_by="name asc",
			limit=0,
		)
	)
	assert [shown(group.key) for group in (web, none, fair)] == ["A B C D E F G H I", "O P", "N"]
	assert shown(whole=True) == "A B C D E F G H I N O P"


# ---- what a deal leaves


def test_what_is_left_of_a_deal_is_its_price_less_tax_and_the_costs_that_are_known(world, monkeypatch):
	known = {
		world.pump: {costing.LAST_PURCHASE: SimpleNamespace(rate=70), costing.VALUATION: SimpleNamespace(rate=60)},
		world.filter: {costing.BUNDLE: SimpleNamespace(rate=1)},
		world.service: {costing.VALUATION: SimpleNamespace(rate=9), costing.LAST_PURCHASE: SimpleNamespace(rate=50)},
	}
	asked = []
	monkeypatch.setattr(
		deal_margin.item_costs, "costs_of", lambda items, company: asked.append((items, company)) or known
	)
	deal = frappe.new_doc("Sales Opportunity")
	deal.update({"company": world.company, "conversion_rate": 2, "amount": 450, "items_total": 500})
	for idx, (code, qty, rate, factor) in enumerate(
		((world.pump, 2, 100, 1), (world.pump, 1, 200, 10), (world.service, 1, 80, None), (world.filter, 1, 20, 1)),
		start=1,
	):
		deal.append("items", {"idx": idx, "item_code": code, "qty": qty, "rate": rate, "conversion_factor": factor})
	found = deal_margin.margin_of(deal)
	# 90 % of 200 + 200 + 80 + 20, in the company's currency; goods at their valuation, a service as it was bought last.
	assert (found["selling"], found["cost"], found["margin"]) == (900, 120 + 600 + 50, 130)
	assert (round(found["percentage"], 4), found["without"]) == (14.4444, [4])
	assert found["currency"] == world.currency
	assert asked == [({world.pump, world.filter, world.service}, world.company)]
	deal.update({"items_total": 0, "conversion_rate": 0})
	assert deal_margin.margin_of(deal)["selling"] == 500


# ---- who shares in a sale


@pytest.mark.parametrize(
	("team", "shares", "out"),
	[
		((("A", 60), ("B", 40)), {"A": 60, "B": 40}, ""),
		((("A", 60), ("X", 40)), {"A": 100}, "X"),
		((("A", 30), ("X", 40), ("B", 30)), {"A": 50, "B": 50}, "X"),
		((("A", 20), ("X", 70), ("B", 10)), {"A": 66.67, "B": 33.33}, "X"),
		((("A", 0), ("X", 100), ("B", 0)), {"A": 0, "B": 100}, "X"),
		((("X", 50), ("Y", 50)), {}, "XY"),
	],
)
def test_others_share_what_those_had_who_left(world, team, shares, out):
	for key in "ABXY":
		name = f"{key} {world.tag}"
		rows.row("Sales Person", name=name, sales_person_name=name, enabled=int(key in "AB"), docstatus=0)
	order = frappe.new_doc("Sales Order")
	for key, part in team:
		order.append("sales_team", {"sales_person": f"{key} {world.tag}", "allocated_percentage": part})
	frappe.clear_messages()
	sales_team._leave_out_disabled(order)
	assert {row.sales_person.split()[0]: row.allocated_percentage for row in order.sales_team} == shares
	said = str(frappe.local.message_log)
	assert all((f"{key} {world.tag}" in said) is (key in out) for key in "ABXY")


# ---- what is known of somebody


def test_a_lead_is_known_by_its_party_and_all_its_numbers(world):
	fixed = {"docstatus": 0, "company": world.company}
	named, titled = (
		rows.row(LEAD, name=f"{key} {world.tag}", title=f"T{key}", party_name=party, email_id="a@x.example", phone="1",
			mobile_no="2", **fixed)
		for key, party in (("A", "Quay"), ("B", None))
	)  # fmt: skip
	rows.row(LEAD, name=f"C {world.tag}", title="Other", **fixed)
	found = {one.name: one for one in identity.known_leads({named, titled})}
	assert {name: one.label for name, one in found.items()} == {named: "Quay", titled: "TB"}
	assert (found[named].emails, found[named].phones) == (("a@x.example",), ("1", "2"))
	assert identity.known_leads([]) == []


def test_a_person_is_known_by_all_names_addresses_and_numbers(world):
	ann = contact(
		name=f"Ann {world.tag}", first_name="Ann", middle_name="B", last_name="Lee", mails=["z@x.example", "a@x.example"],
		phones=["2", "1"],
	)  # fmt: skip
	bare = contact(name=f"Bo {world.tag}", first_name="Bo")
	contact(name=f"Cy {world.tag}", first_name="Cy", mails=["c@x.example"])
	rows.row("Contact Email", parent=ann, parenttype="Else", parentfield="email_ids", idx=3, email_id="e@x.example")
	found = {one.name: one for one in identity.known_contacts([bare, ann])}
	assert set(found) == {ann, bare}
	one = found[ann]
	assert (one.label, one.kind, one.emails, one.phones) == (
		"Ann B Lee", matching.PERSON, ("z@x.example", "a@x.example"), ("2", "1"),
	)  # fmt: skip
	assert (found[bare].label, found[bare].emails, found[bare].phones) == ("Bo", (), ())
	assert identity.known_contacts([]) == []


@pytest.mark.parametrize("is_new", [False, True])
def test_who_a_customer_had_before_a_prospect_joins_it_stays_the_preferred_one(world, is_new):
	person = contact(name=f"Ann {world.tag}", first_name="Ann", is_primary_contact=0)
	place = rows.row("Address", name=f"Quay {world.tag}", docstatus=0, city="Hull", is_primary_address=0)
	for record, name in (("Contact", person), ("Address", place)):
		linked(record, name, CUSTOMER, world.customer)
	prospect = frappe._dict(name=f"P {world.tag}", prospect_name="Quay", company=world.company)
	customers.carry_reach(prospect, world.customer, is_new)
	marked = (
		frappe.db.get_value("Contact", person, "is_primary_contact"),
		frappe.db.get_value("Address", place, "is_primary_address"),
	)
	assert marked == ((0, 0) if is_new else (1, 1))


def test_of_several_addresses_the_marked_one_counts_else_the_oldest_in_use(world):
	for key, day, values in (
		("A", 3, {}),
		("B", 1, {"disabled": 1, "is_primary_address": 1}),
		("C", 2, {}),
		("D", 4, {}),
	):
		fixed = {"city": "Hull", "disabled": 0, "is_primary_address": 0, "docstatus": 0}
		rows.row("Address", name=f"{key} {world.tag}", **{**fixed, "creation": f"2026-01-0{day} 09:00:00", **values})
	names = [f"{key} {world.tag}" for key in "ABCD"]
	assert customers._first_of(names) == names[2]
	assert customers._first_of(names[:2]) == names[0] and customers._first_of(names[1:2]) is None
	frappe.db.set_value("Address", names[3], "is_primary_address", 1)
	assert customers._first_of(names) == names[3]
	assert customers._first_of([]) is None


# ---- the customer's page


def test_a_name_that_a_customer_had_leads_to_the_one_that_it_has_now(world):
	old = f"Old {world.tag}"
	for about, kind, name, words, day in (
		(CUSTOMER, "Edit", "First", old, 1), (CUSTOMER, "Edit", "Last", old, 3), (CUSTOMER, "Edit", "Middle", old, 2),
		(CUSTOMER, "Comment", "Said", old, 5), ("Sales Prospect", "Edit", "Prospect", old, 5),
		(CUSTOMER, "Edit", "Longer", f"{old} and more", 5),
	):  # fmt: skip
		rows.row("Comment", docstatus=0, reference_doctype=about, comment_type=kind, reference_name=name,
			content=f"renamed from <strong>{words}</strong> to <strong>X</strong>", creation=f"2026-01-0{day} 09:00:00")  # fmt: skip
	assert customer_page.name_now(CUSTOMER, old) == "Last"
	assert customer_page.name_now("Sales Prospect", old) == "Prospect"
	assert customer_page.name_now(CUSTOMER, f"Never {world.tag}") == f"Never {world.tag}"
	assert customer_page.name_now(LEAD, old) == old
	assert customer_page.name_now(CUSTOMER, world.customer) == world.customer


def test_customers_below_a_parent_are_told_by_name(world, as_user, monkeypatch):
	as_user("Administrator")
	made = {
		key: rows.row(CUSTOMER, name=f"{key} {world.tag}", customer_name=title, docstatus=0)
		for key, title in (("A", "Zebra"), ("C", "Alpha"), ("B", "Alpha"))
	}
	monkeypatch.setattr(customer_page.customer_relations, "group_of", lambda name: list(made.values()))
	monkeypatch.setattr(customer_page.open_receivables, "of_party", lambda asked: None)
	monkeypatch.setattr(customer_page.turnover, "by_month", lambda asked: list(asked.names))
	found = customer_page.group(AskedParty(CUSTOMER, (world.customer,)))
	assert [(row["name"], row["title"]) for row in found["customers"]] == [
		(made["B"], "Alpha"), (made["C"], "Alpha"), (made["A"], "Zebra"),
	]  # fmt: skip
	assert found["turnover"] == [world.customer, made["B"], made["C"], made["A"]], "of all of them together"
	monkeypatch.setattr(customer_page.customer_relations, "group_of", lambda name: [])
	assert customer_page.group(AskedParty(CUSTOMER, (world.customer,))) is None


def test_of_a_delivery_s_movements_of_one_item_the_latest_comes_first(world):
	fixed = {"company": world.company, "item_code": world.pump, "warehouse": "W", "voucher_type": "Delivery Note"}
	note = f"DN {world.tag}"
	for value, hour in ((60, 9), (20, 11), (40, 10)):
		rows.row("Stock Ledger Entry", voucher_no=note, stock_value=value, stock_value_difference=-20, actual_qty=-1, is_cancelled=0,
			creation=f"2026-01-01 {hour}:00:00".replace(" 9", " 09"), **fixed)  # fmt: skip
	sold = frappe._dict(parent=note, update_stock=1)
	found = gross_profit._movements(world.company, [sold], {})[world.pump, "W"]
	assert [row.stock_value for row in found] == [20, 40, 40, 60, 60, 80]
