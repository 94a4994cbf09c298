"""Sums of a customer's page from rows of ERPNext's documents: what was bought, what is delivered and not billed, what is
ordered, what is owed, who can be reached."""

from datetime import date

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.customers import (
	bought_items,
	customer_page,
	delivered_unbilled,
	last_contact,
	open_business,
	open_receivables,
	party_facts,
)
from crm_pipeline.customers.asked_party import AskedParty
from tests.site.rows import row

CUSTOMER = "Customer"


@pytest.fixture
def asked(world, as_user):
	as_user("Administrator")
	return lambda **values: AskedParty(CUSTOMER, (world.customer,), **values)


def document(doctype: str, world, rows=(), **values) -> str:
	"""A document with rows, as it stands in the tables."""
	name = row(doctype, **{"company": world.company, "customer": world.customer, **values})
	for each in rows:
		row(f"{doctype} Item", parent=name, parenttype=doctype, parentfield="items", **each)
	return name


def item(code: str, qty: float, amount: float, **values) -> dict:
	return {
		"item_code": code,
		"item_name": code,
		"stock_qty": qty,
		"stock_uom": "Nos",
		"base_net_amount": amount,
		**values,
	}


# ---- what was bought


def test_items_are_added_up_by_what_was_billed_the_largest_first(world, asked):
	invoice = lambda day, *rows, **values: document("Sales Invoice", world, rows, posting_date=day, **values)  # noqa: E731
	invoice("2026-01-05", item("Pump", 2, 200), item("Seal", 5, 50))
	invoice("2026-03-09", item("Pump", 1, 110), item("Pump", 1, 90))
	invoice("2026-03-10", item("Seal", -1, -10), is_return=1)
	invoice("2026-03-11", item("Pump", 9, 900), docstatus=0)
	invoice("2026-03-11", item("Pump", 9, 900), docstatus=2)
	invoice("2026-03-12", item("Pump", 9, 900), customer="Another")
	document("Sales Order", world, [item("Ordered", 9, 9000)], transaction_date="2026-03-01")
	found = bought_items.of_party(asked())
	assert found["basis"] == "Sales Invoice"
	rows = [(r.item_code, r.qty, r.amount, r.documents, str(r.last), r.uom, r.currency) for r in found["rows"]]
	assert rows == [
		("Pump", 4, 400, 2, "2026-03-09", "Nos", world.currency), ("Seal", 4, 40, 2, "2026-03-10", "Nos", world.currency)
	]  # fmt: skip
	in_march = bought_items.of_party(asked(from_date=date(2026, 3, 9), to_date=date(2026, 3, 9)))
	assert [(r.item_code, r.amount) for r in in_march["rows"]] == [("Pump", 200)]
	amounts = lambda **days: {r.item_code: r.amount for r in bought_items.of_party(asked(**days))["rows"]}  # noqa: E731
	assert amounts(from_date=date(2026, 3, 9)) == {"Pump": 200, "Seal": -10}
	assert amounts(to_date=date(2026, 3, 9)) == {"Pump": 400, "Seal": 50}
	assert bought_items.of_party(asked(company="Another"))["rows"] == []


def test_each_company_shows_its_largest_items_whatever_its_currency_is_worth(world, asked, monkeypatch):
	monkeypatch.setattr(bought_items, "SHOWN", 2)
	for company, amounts in ((world.company, (30, 20, 10)), (f"Yen {world.tag}", (3000, 2000, 1000))):
		sold = [item(f"Part {amount}", 1, amount) for amount in amounts]
		document("Sales Invoice", world, sold, company=company, posting_date="2026-01-05")
	found = {}
	for each in bought_items.of_party(asked())["rows"]:
		found.setdefault(each.company, []).append(each.amount)
	assert found == {world.company: [30, 20], f"Yen {world.tag}": [3000, 2000]}


def test_an_opening_balance_was_not_bought_and_rows_without_an_item_go_by_their_words(world, asked):
	words = lambda name, amount: {"item_name": name, "stock_qty": 1, "base_net_amount": amount}  # noqa: E731
	made = lambda *rows, **values: document("Sales Invoice", world, rows, posting_date="2026-01-05", **values)  # noqa: E731
	made(words("Opening", 900), is_opening="Yes")
	made(words("Advice", 70), words("Travel", 30), item("Pump", 1, 50), is_opening="No")
	made(words("Advice", 5) | {"item_code": ""}, item("Pump", 1, 10, item_name="A pump"), is_opening="No")
	shown = [(r.item_code, r.item_name, r.amount) for r in bought_items.of_party(asked())["rows"]]
	assert shown == [(None, "Advice", 75), ("Pump", "Pump", 60), (None, "Travel", 30)]


def test_who_reads_no_invoices_sees_what_was_ordered_and_who_reads_neither_nothing(world, asked, as_user):
	document("Sales Invoice", world, [item("Pump", 1, 100)], posting_date="2026-01-05")
	document("Sales Order", world, [item("Seal", 3, 30)], transaction_date="2026-01-04", status="To Bill")
	as_user("rep")
	reads = frappe.has_permission("Sales Invoice", "read")
	found = bought_items.of_party(asked_as(world))
	assert [r.item_code for r in found["rows"]] == (["Pump"] if reads else ["Seal"])
	as_user("stranger")
	assert bought_items.of_party(asked_as(world)) is None


def asked_as(world, **values) -> AskedParty:
	return AskedParty(CUSTOMER, (world.customer,), **values)


# ---- delivered and not billed


def test_delivered_and_not_billed_is_what_is_left_of_each_row(world, asked):
	def note(rows, **values):
		found = [{"amount": amount, "base_amount": amount, "base_rate": 10, **more} for amount, more in rows]
		return document("Delivery Note", world, found, **{"status": "To Bill", "conversion_rate": 1, **values})

	note([(100, {"billed_amt": 0, "returned_qty": 0}), (50, {"billed_amt": 20, "returned_qty": 1})])
	note([(80, {"billed_amt": 40, "returned_qty": 0})], conversion_rate=1.5)
	note([(7, {"billed_amt": 0, "returned_qty": 0})], conversion_rate=0)
	# All of it was billed or came back; these are over; these are nobody's yet.
	note([(60, {"billed_amt": 60, "returned_qty": 0}), (30, {"billed_amt": 0, "returned_qty": 3})])
	note([(70, {"billed_amt": 0})], status="Closed")
	note([(70, {"billed_amt": 0})], status="Completed")
	note([(70, {"billed_amt": 0})], docstatus=0, status="Draft")
	note([(70, {"billed_amt": 0})], customer="Another")
	[found] = delivered_unbilled.of_party(asked())
	assert (found.documents, found.amount, found.currency) == (3, 100 + 20 + 20 + 7, world.currency)
	assert delivered_unbilled.of_party(asked(company="Another")) == []


# ---- of which days


def test_the_period_is_the_last_twelve_months_unless_days_were_asked_for(asked):
	today = getdate(nowdate())
	first, last = customer_page.period_of(asked())
	assert last == today and first.day == 1
	assert (last.year - first.year) * 12 + last.month - first.month == customer_page.MONTHS - 1
	first, last = customer_page.period_of(asked(to_date=date(2025, 5, 20)))
	assert (str(first), str(last)) == ("2024-06-01", "2025-05-20")
	assert customer_page.period_of(asked(from_date=date(2020, 1, 1))) == (date(2020, 1, 1), today)
	later = getdate(add_days(today, 30))
	assert customer_page.period_of(asked(from_date=later)) == (later, later)


# ---- what is open


def test_what_is_left_of_open_orders_is_counted_by_rows_and_by_bills(world, asked):
	def order(rows, **values):
		found = [{"qty": qty, "delivered_qty": out, "base_net_rate": rate} for qty, out, rate in rows]
		fixed = {"status": "To Deliver and Bill", "base_net_total": 100, "per_billed": 0, "per_delivered": 0}
		return document("Sales Order", world, found, transaction_date=nowdate(), **{**fixed, **values})

	first = order([(4, 1, 10), (2, 3, 30)], per_billed=25, delivery_date="2026-05-01")
	second = order([(1, 0, 5)], delivery_date="2026-04-01")
	undated = order([(1, 1, 5)])
	order([(9, 0, 9)], status="Closed")
	order([(9, 0, 9)], status="Completed")
	order([(9, 0, 9)], docstatus=0, status="Draft")
	order([(9, 0, 9)], customer="Another")
	part = open_business.part_of(asked(), open_business.BY_DOCTYPE["Sales Order"])
	[total] = part["totals"]
	assert (total.documents, total.amount, total.to_deliver, total.to_bill) == (3, 300, 35, 275)
	assert [found.name for found in part["rows"]] == [second, first, undated], "those without a day last"
	assert part["rows"][1].per_billed == 25 and total.currency == world.currency
	assert open_business.part_of(asked(), open_business.BY_DOCTYPE["Sales Order"], 0)["rows"] == []
	order([(3, 0, 20)], status="To Bill", skip_delivery_note=1)
	[total] = open_business.part_of(asked(), open_business.BY_DOCTYPE["Sales Order"])["totals"]
	assert (total.documents, total.to_deliver, total.to_bill) == (4, 35, 375), "what needs no note is not waited for"


@pytest.mark.parametrize(
	("sold", "billed", "delivered", "left"),
	[
		("service", 0, 0, 80), ("service", 80, 0, 0), ("service", 20, 0, 60), ("service", 100, 0, 0), ("service", 20, 3, 20),
		("pump", 80, 0, 80), ("kit", 80, 0, 80), ("gift", 0, 0, 0),
	],
)  # fmt: skip
def test_a_service_is_not_left_to_deliver_once_it_is_billed(world, asked, sold, billed, delivered, left):
	kit = row("Item", name=f"Kit {world.tag}", item_code=f"Kit {world.tag}", is_stock_item=0, docstatus=0)
	row("Product Bundle", new_item_code=kit, docstatus=0, disabled=0)
	items = {"service": world.service, "pump": world.pump, "kit": kit, "gift": world.service}
	rate = 0 if sold == "gift" else 20
	of_row = {"item_code": items[sold], "qty": 4, "base_net_rate": rate, "amount": 4 * rate}
	document("Sales Order", world, [{**of_row, "billed_amt": billed, "delivered_qty": delivered}], status="To Deliver",
		base_net_total=80, per_billed=100, per_delivered=0, skip_delivery_note=0)  # fmt: skip
	[total] = open_business.part_of(asked(), open_business.BY_DOCTYPE["Sales Order"])["totals"]
	assert total.to_deliver == left


def test_open_deals_are_weighed_and_one_that_runs_as_a_project_counts_once(sale, world, asked):
	deal, other = sale.opportunity(), sale.opportunity(title="Other")
	for doc, probability in ((deal, 50), (other, 20)):
		frappe.db.set_value(doc.doctype, doc.name, {"probability": probability, "base_amount": 200})
	kind = open_business.BY_DOCTYPE["Sales Opportunity"]
	[total] = open_business.part_of(asked(), kind)["totals"]
	assert (total.documents, total.amount, total.weighted) == (2, 400, 140)
	frappe.db.set_value(other.doctype, other.name, "status", "Lost")
	[total] = open_business.part_of(asked(), kind)["totals"]
	assert (total.documents, total.weighted) == (1, 100)
	project = row("Sales Project", customer=world.customer, company=world.company, status="Open", docstatus=0)
	frappe.db.set_value("Sales Project", project, {"source_type": deal.doctype, "source_name": deal.name})
	assert open_business.part_of(asked(), kind)["totals"] == []
	frappe.db.set_value("Sales Project", project, "status", "Lost")
	assert len(open_business.part_of(asked(), kind)["totals"]) == 1
	frappe.db.set_value("Sales Project", project, {"status": "Open", "source_type": "Quotation"})
	assert len(open_business.part_of(asked(), kind)["totals"]) == 1, "what it came from is something else of that name"


def test_quotations_to_others_than_customers_are_not_the_customer_s(world, asked):
	fixed = {"company": world.company, "status": "Open", "base_net_total": 100, "party_name": world.customer}
	own = [row("Quotation", quotation_to=CUSTOMER, **fixed) for _again in range(2)]
	row("Quotation", quotation_to="Lead", **fixed)
	kind = open_business.BY_DOCTYPE["Quotation"]
	part = open_business.part_of(asked(), kind)
	assert [total.documents for total in part["totals"]] == [2]
	assert sorted(found.name for found in part["rows"]) == sorted(own)


def test_open_documents_are_told_by_company_those_that_are_due_first(world, asked):
	other, kind = f"Yen {world.tag}", open_business.BY_DOCTYPE["Sales Contract"]
	for key, company, due, amount, ordered in (
		("A", world.company, "2026-05-02", 10, 4), ("B", other, "2026-05-01", 20, 0), ("C", world.company, None, 30, 30),
		("D", world.company, "2026-05-02", 40, 0),
	):  # fmt: skip
		document("Sales Contract", world, name=f"{key} {world.tag}", title=f"Frame {key}", status="Active", company=company,
			end_date=due, base_amount=amount, ordered_amount=ordered)  # fmt: skip
	for values in ({"docstatus": 0}, {"docstatus": 2}, {"status": "Terminated"}, {"customer": "Another"}):
		document(
			"Sales Contract", world, **{"status": "Active", "end_date": "2026-01-01", "base_amount": 500, **values}
		)
	part = open_business.part_of(asked(), kind)
	shown = [(found.name.split()[0], found.title, found.company, found.amount, found.status) for found in part["rows"]]
	assert shown == [
		("B", "Frame B", other, 20, "Active"), ("A", "Frame A", world.company, 10, "Active"),
		("D", "Frame D", world.company, 40, "Active"), ("C", "Frame C", world.company, 30, "Active"),
	]  # fmt: skip
	assert [found.currency for found in part["rows"]][1:] == [world.currency] * 3
	assert [str(found.due)[:10] for found in part["rows"]] == ["2026-05-01", "2026-05-02", "2026-05-02", "None"]
	totals = {found.company: (found.documents, found.amount, found.done) for found in part["totals"]}
	assert totals == {world.company: (3, 80, 34), other: (1, 20, 0)}
	assert [found.name.split()[0] for found in open_business.part_of(asked(), kind, 2)["rows"]] == ["B", "A"]
	own = open_business.part_of(asked(company=other), kind)
	assert ([found.documents for found in own["totals"]], len(own["rows"])) == ([1], 1)
	assert (part["doctype"], part["label"]) == ("Sales Contract", "Contracts")


# ---- who can be reached


def link(parent: str, doctype: str, party: str) -> None:
	row(
		"Dynamic Link", parent=parent, parenttype=doctype, parentfield="links", link_doctype=CUSTOMER, link_name=party,
		docstatus=0,
	)  # fmt: skip


def test_addresses_are_the_party_s_that_are_in_use_the_main_one_first(world, asked):
	def address(name, party=world.customer, **values):
		fixed = {
			"address_type": "Billing",
			"address_line1": "Quay 3",
			"city": "Hull",
			"country": "Germany",
			"disabled": 0,
		}
		made = row("Address", name=f"{name} {world.tag}", docstatus=0, **{**fixed, **values})
		link(made, "Address", party)
		return made

	plain, main = address("A"), address("B", is_primary_address=1, address_type="Shipping", pincode="HU1", city="")
	address("C", disabled=1), address("D", party="Another")
	found = party_facts.addresses(asked())
	assert [(one["name"], one["title"], one["lines"]) for one in found] == [
		(main, "Shipping", ["Quay 3", "HU1", "Germany"]), (plain, "Billing", ["Quay 3", "Hull", "Germany"])
	]  # fmt: skip


def test_contacts_are_told_with_how_to_reach_them_the_main_one_first(world, asked):
	def contact(name, party=world.customer, **values):
		made = row("Contact", name=f"{name} {world.tag}", docstatus=0, **{"full_name": name, "phone": "1", **values})
		link(made, "Contact", party)
		return made

	ann = contact("Ann", mobile_no="2", email_id="ann@quay.example", designation="Buyer")
	zoe = contact("Zoe", is_primary_contact=1)
	bare = contact("", full_name="")
	contact("Tom", party="Another")
	found = party_facts.people(asked(), getdate())
	assert [row["name"] for row in found] == [zoe, bare, ann]
	assert found[2] == {
		"doctype": "Contact", "name": ann, "full_name": "Ann", "designation": "Buyer", "phone": "2",
		"email_id": "ann@quay.example", "is_primary": False,
	}  # fmt: skip
	assert (found[0]["is_primary"], found[0]["phone"], found[1]["full_name"]) == (True, "1", bare)


def test_who_may_read_no_contacts_sees_the_posts_alone(world, asked, monkeypatch):
	one, other = frappe._dict(contact="A", role="Buyer"), {"name": "B"}
	told = lambda posts, contacts: (  # noqa: E731
		monkeypatch.setattr(party_facts.key_people, "of_customer", lambda name, day: posts),
		monkeypatch.setattr(party_facts, "contacts", lambda asked: contacts),
		party_facts.people(asked(), getdate()),
	)[-1]
	assert told([one], None) == [one]
	assert told([], None) is None and told([], []) == []
	assert told([one], [{"name": "A"}, other]) == [one, other]


def test_who_reads_neither_contacts_nor_addresses_is_told_of_none(world, asked, as_user):
	as_user("stranger")
	if not frappe.has_permission("Address", "read"):
		assert party_facts.addresses(asked_as(world)) is None
	if not frappe.has_permission("Contact", "read"):
		assert party_facts.contacts(asked_as(world)) is None
	assert open_receivables.of_party(asked_as(world)) is None


# ---- what comes next


def test_a_next_step_without_words_is_called_after_its_deal(sale, asked):
	deal = sale.opportunity(next_step="", next_step_date=nowdate())
	assert last_contact.of_party(asked())["next"]["title"] == deal.title
	frappe.db.set_value(deal.doctype, deal.name, "next_step", "Ring them")
	assert last_contact.of_party(asked())["next"]["title"] == "Ring them"


@pytest.mark.parametrize("doctype", ["Quotation", "Sales Contract", "Sales Order Request", "Sales Order"])
def test_what_nobody_has_submitted_yet_and_what_is_cancelled_is_no_open_business(world, asked, doctype):
	kind = open_business.BY_DOCTYPE[doctype]
	status = {"Quotation": "Open", "Sales Contract": "Active", "Sales Order Request": "Requested"}.get(doctype)
	values = {"company": world.company, "status": status or "To Deliver and Bill", kind.amount: 100}
	values |= {kind.field or "customer": world.customer}
	values |= {"quotation_to": CUSTOMER} if doctype == "Quotation" else {}
	for state in (0, 2):
		row(doctype, docstatus=state, **values)
	assert open_business.part_of(asked(), kind)["totals"] == []
	row(doctype, docstatus=1, **values)
	part = open_business.part_of(asked(), kind)
	assert [(total.documents, total.amount) for total in part["totals"]] == [(1, 100)]
	assert len(part["rows"]) == 1
