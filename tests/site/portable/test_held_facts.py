"""What is known of records that somebody holds: when they were worked on or sold to last, what protects them, who is away."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from crm_pipeline.pool import held_facts
from tests.site.conftest import USERS
from tests.site.rows import row

REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))
LEAD, PROSPECT, CUSTOMER = "Sales Lead", "Sales Prospect", "Customer"
AT = datetime(2026, 3, 5, 10)


def touched(doctype: str, name: str):
	return held_facts.last_touches(doctype, [name]).get(name)


def activity(**values) -> str:
	return row("Sales Activity", **{"subject": "Call", "status": "Done", "starts_on": AT, "docstatus": 0, **values})


def mail(**values) -> str:
	fixed = {
		"communication_type": "Communication",
		"sent_or_received": "Sent",
		"communication_date": AT,
		"docstatus": 0,
	}
	return row("Communication", **{**fixed, **values})


def event(**values) -> str:
	return row("Pipeline Event", **{"kind": "Stage", "at": AT, "docstatus": 0, **values})


@pytest.mark.parametrize("doctype", [LEAD, PROSPECT, CUSTOMER])
def test_a_record_is_touched_by_what_was_done_sent_and_moved_about_it(world, doctype):
	about = {"reference_doctype": doctype, "reference_name": f"R {world.tag}"}
	name = about["reference_name"]
	assert touched(doctype, name) is None
	for made, counts in (
		(lambda: activity(**about), True), (lambda: activity(status="Planned", **about), False),
		(lambda: activity(**{**about, "reference_doctype": "Sales Project"}), False), (lambda: mail(**about), True),
		(lambda: mail(sent_or_received="Received", **about), False), (lambda: mail(communication_type="Comment", **about), False),
		(lambda: mail(**{**about, "reference_doctype": "Sales Project"}), False),
	):  # fmt: skip
		frappe.db.delete("Sales Activity", {"reference_name": name})
		frappe.db.delete("Communication", {"reference_name": name})
		made()
		assert touched(doctype, name) == (AT if counts else None)


@pytest.mark.parametrize(("doctype", "link"), [(PROSPECT, "prospect"), (CUSTOMER, "customer")])
def test_a_party_is_touched_by_all_that_is_about_it(world, doctype, link):
	name = f"R {world.tag}"
	activity(**{link: name}, reference_doctype="Sales Opportunity", reference_name="OPP-1")
	assert touched(doctype, name) == AT
	later = add_days(AT, 2)
	event(**{link: name}, at=later, kind="Created", reference_doctype="Sales Opportunity", reference_name="OPP-1")
	assert touched(doctype, name) == later
	event(**{link: name}, at=add_days(AT, 4), kind="Owner")
	assert touched(doctype, name) == later


@pytest.mark.parametrize(
	"kind", ["Stage", "State", "Conversion", "Hand-off", "Quotation", "Owner", "Created", "Amount"]
)
def test_of_a_lead_s_moves_those_count_that_somebody_makes_who_works_on_it(world, kind):
	name = f"R {world.tag}"
	event(kind=kind, reference_doctype=LEAD, reference_name=name)
	event(kind="Stage", reference_doctype="Sales Opportunity", reference_name=name, at=add_days(AT, 1))
	assert touched(LEAD, name) == (AT if kind not in ("Owner", "Created", "Amount") else None)


def test_the_last_of_all_counts_and_what_is_noted_for_later_has_not_happened(world):
	name = f"R {world.tag}"
	about = {"reference_doctype": LEAD, "reference_name": name}
	activity(**about), mail(communication_date=add_days(AT, 1), **about), event(at=add_days(AT, -1), **about)
	assert touched(LEAD, name) == add_days(AT, 1)
	activity(starts_on=add_days(now_datetime(), 5), **about)
	assert abs((now_datetime() - touched(LEAD, name)).total_seconds()) < 60


def test_a_customer_bought_last_when_it_ordered_or_was_billed(world):
	name = f"R {world.tag}"
	sold = lambda: held_facts.last_sales([name]).get(name)  # noqa: E731
	assert sold() is None
	row("Sales Order", customer=name, transaction_date="2026-01-05")
	for values in ({"docstatus": 0}, {"docstatus": 2}, {"customer": "Another"}):
		row("Sales Order", **{"customer": name, "transaction_date": "2026-09-09", **values})
	assert sold() == datetime(2026, 1, 5)
	row("Sales Invoice", customer=name, posting_date="2026-02-01", is_return=0)
	row("Sales Invoice", customer=name, posting_date="2026-03-01", is_return=1)
	row("Sales Invoice", customer=name, posting_date="2026-03-01", is_return=0, docstatus=0)
	assert sold() == datetime(2026, 2, 1)


PROTECTS = [
	("protect_deals", "Sales Opportunity", {"status": "Open", "docstatus": 0}, {"status": "Lost"}),
	("protect_deals", "Sales Project", {"status": "Open", "docstatus": 0}, {"status": "Won"}),
	("protect_contracts", "Sales Contract", {"status": "Active"}, {"status": "Cancelled"}),
	("protect_contracts", "Sales Contract", {"status": "Active"}, {"docstatus": 0}),
	("protect_contracts", "Sales Order Request", {"status": "Requested"}, {"status": "Accepted"}),
	("protect_contracts", "Sales Order Request", {"status": "Requested"}, {"docstatus": 0}),
	("protect_cases", "Customer Case", {"status": "Waiting", "docstatus": 0}, {"status": "Solved"}),
	("protect_cases", "Customer Case", {"status": "Open", "docstatus": 0}, {"status": "Withdrawn"}),
	("protect_orders", "Sales Order", {"status": "To Bill"}, {"status": "Completed"}),
	("protect_orders", "Sales Order", {"status": "To Bill"}, {"status": "Closed"}),
	("protect_orders", "Sales Order", {"status": "To Bill"}, {"docstatus": 0}),
	("planned", "Sales Activity", {"status": "Planned", "starts_on": "2099-01-01", "docstatus": 0}, {"status": "Done"}),
	(
		"planned",
		"Sales Activity",
		{"status": "Planned", "starts_on": "2099-01-01", "docstatus": 0},
		{"starts_on": "2020-01-01"},
	),
]


@pytest.mark.parametrize(("what", "doctype", "values", "over"), PROTECTS)
def test_what_is_open_with_a_party_protects_all_that_is_about_it(world, what, doctype, values, over):
	name = f"R {world.tag}"
	leads = [
		frappe._dict(name="L1", customer=name),
		frappe._dict(name="L2", customer="Another"),
		frappe._dict(name="L3", customer=name),
	]
	row(doctype, **{"customer": name, **values, **over})
	shielded = lambda asked, rows: {kind: names for kind, names in held_facts.protected(asked, rows).items() if names}  # noqa: E731
	customer = [frappe._dict(name=name), frappe._dict(name="Another")]
	assert shielded(CUSTOMER, customer) == shielded(LEAD, leads) == {}
	row(doctype, customer=name, **values)
	assert shielded(CUSTOMER, customer) == {what: {name}}
	assert shielded(LEAD, leads) == {what: {"L1", "L3"}}
	if not frappe.get_meta(doctype).has_field("prospect"):
		return
	row(doctype, prospect=f"P {world.tag}", **values)
	assert shielded(PROSPECT, [frappe._dict(name=f"P {world.tag}")]) == {what: {f"P {world.tag}"}}
	assert shielded(LEAD, [frappe._dict(name="L4", prospect=f"P {world.tag}")]) == {what: {"L4"}}


def test_what_is_planned_about_a_record_itself_protects_it(world):
	name, later = f"R {world.tag}", add_to_date(now_datetime(), hours=2)
	activity(reference_doctype="Sales Project", reference_name=name, status="Planned", starts_on=later)
	activity(reference_doctype=LEAD, reference_name=name, status="Done", starts_on=later)
	found = lambda: held_facts.protected(LEAD, [frappe._dict(name=name)])["planned"]  # noqa: E731
	assert found() == set()
	activity(reference_doctype=LEAD, reference_name=name, status="Planned", starts_on=later)
	assert found() == {name}


def test_somebody_is_away_on_the_days_of_all_their_absences_until_today(site):
	frappe.db.delete("Sales Absence")
	for user, first, last in ((REP, -9, -7), (REP, -1, 5), (OTHER, 2, 3), ("left@x.example", -3, -3)):
		row(
			"Sales Absence",
			user=user,
			from_date=add_days(nowdate(), first),
			to_date=add_days(nowdate(), last),
			docstatus=0,
		)
	day = lambda days: getdate(add_days(nowdate(), days))  # noqa: E731
	found = held_facts._absent({REP, OTHER, "nobody@x.example"})
	assert found == {REP: frozenset(map(day, (-9, -8, -7, -1, 0))), OTHER: frozenset()}
	assert held_facts._absent(set()) == {}
