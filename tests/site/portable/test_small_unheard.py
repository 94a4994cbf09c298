"""Small rules that no test had noticed: which order, which day, whose link, what is kept of what is given up."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_pipeline.analytics import deal_facts, stalled_rules
from crm_pipeline.chain import finding, passages
from crm_pipeline.duplicates import merge_tool
from crm_pipeline.erp import identity
from crm_pipeline.receivables import invoice_owners
from crm_pipeline.relations import posts
from tests.site import rows
from tests.site.conftest import USERS

REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))
DEAL = "Sales Opportunity"


def test_an_invoice_for_several_orders_is_of_the_one_with_the_largest_amount(world):
	line = {"parenttype": "Sales Invoice", "parentfield": "items"}
	for parent, order, amount in (
		("I", "SO-1", 100),
		("I", "SO-2", 40),
		("I", "SO-2", 90),
		("I", None, 900),
		("J", "SO-1", 5),
	):
		rows.row(
			"Sales Invoice Item", parent=f"{parent} {world.tag}", sales_order=order, base_net_amount=amount, **line
		)
	found = invoice_owners._orders_of([f"I {world.tag}", f"J {world.tag}", "None"])
	assert found == {f"I {world.tag}": "SO-2", f"J {world.tag}": "SO-1"}


def test_the_parties_of_a_person_are_of_the_kind_that_is_asked_for(world):
	link = {"parenttype": "Contact", "parent": f"Ann {world.tag}", "docstatus": 0}
	for doctype, name in (("Customer", "Harbour"), (identity.PROSPECT, "Quay"), ("Supplier", "Crane")):
		rows.row("Dynamic Link", link_doctype=doctype, link_name=name, **link)
	rows.row("Dynamic Link", link_doctype="Customer", link_name="Yard", **{**link, "parenttype": "Address"})
	assert finding._parties_of({f"Ann {world.tag}"}) == {"Harbour"}
	assert finding._parties_of({f"Ann {world.tag}"}, identity.PROSPECT) == {"Quay"}
	assert finding._parties_of(set()) == set()


def test_moves_come_in_the_order_in_which_they_happened_whenever_they_were_written(world):
	event = {"reference_doctype": DEAL, "reference_name": f"D {world.tag}", "kind": "Stage", "docstatus": 0}
	days = [datetime(2026, 5, day) for day in (1, 2, 3)]
	for at, written, start, end in (
		(days[1], days[0], "b", "c"),
		(days[0], days[2], "a", "b"),
		(days[2], days[1], "c", "d"),
	):
		rows.row("Pipeline Event", at=at, creation=written, from_value=start, to_value=end, company=end, **event)
	moves, company = passages._moves(DEAL, [f"D {world.tag}"])[f"D {world.tag}"]
	assert ([move.at for move in moves], company) == (days, "d")


@pytest.mark.parametrize(("days", "kept"), [(5, True), (-5, False)])
def test_who_comes_to_a_customer_is_linked_to_it_already(world, days, kept, monkeypatch):
	"""A post that ended takes the link away, but not where the person has one that is still to begin."""
	contact = rows.row("Contact", name=f"Ann {world.tag}", first_name="Ann", docstatus=0)
	rows.row(
		"Dynamic Link", parenttype="Contact", parentfield="links", parent=contact, link_doctype="Customer",
		link_name=world.customer, docstatus=0, idx=1,
	)  # fmt: skip
	post = {"contact": contact, "customer": world.customer, "docstatus": 0}
	rows.row("Contact Position", from_date=add_days(nowdate(), -90), to_date=add_days(nowdate(), -60), **post)
	rows.row("Contact Position", from_date=add_days(nowdate(), days), to_date=add_days(nowdate(), days + 2), **post)
	asked = []
	monkeypatch.setattr(frappe, "get_doc", _asking(frappe.get_doc, asked))
	posts.follow_links(contact)
	assert bool(asked) is not kept


def _asking(get_doc, asked):
	"""get_doc() of which a Contact can be neither changed nor saved: whoever wants to, has asked for its right."""

	def given(*what, **how):
		doc = get_doc(*what, **how)
		if what[0] == "Contact":
			doc.has_permission = lambda right: asked.append(right)
		return doc

	return given


# ---- merging


def prospect(world, name: str, **values):
	return frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"{name} {world.tag}", "company": world.company, **values}
	).insert()


def test_what_is_not_kept_of_two_records_is_told(world):
	gone = prospect(world, "Gone", city="Bremen", website="https://gone.example", phone="+49 421 9018")
	kept = prospect(world, "Kept", city="Hamburg", phone="+49 421 9018")
	values, lost = merge_tool._values(gone, kept, {})
	assert values["website"] == "https://gone.example" and "city" not in values and "phone" not in values
	assert "City: Bremen" in " ".join(lost) and "Hamburg" not in " ".join(lost) and "9018" not in " ".join(lost)
	values, lost = merge_tool._values(gone, kept, {"city": "gone"})
	assert values["city"] == "Bremen" and "City: Hamburg" in " ".join(lost) and "City: Bremen" not in " ".join(lost)


# ---- days


def test_a_deal_is_acknowledged_up_to_the_day_that_was_named(sale):
	deal = sale.opportunity()
	for days, acknowledged in ((-1, False), (0, True), (1, True)):
		frappe.db.set_value(DEAL, deal.name, "not_stalled_until", add_days(nowdate(), days))
		assert facts_of(deal).acknowledged is acknowledged


def facts_of(deal):
	return deal_facts.gather(DEAL, [deal.name], stalled_rules.rules(), now_datetime())[deal.name]
