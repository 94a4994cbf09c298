"""When a record was worked on or sold to last: what the rules of the public pool go by."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import get_datetime, now_datetime

from crm_pipeline.pool import held_facts
from tests.site import rows

CUSTOMER, PROSPECT, LEAD = "Customer", "Sales Prospect", "Sales Lead"


@pytest.fixture
def ago():
	"""A moment so many days ago, at noon."""
	noon = now_datetime().replace(hour=12, minute=0, second=0, microsecond=0)
	return lambda days: noon - timedelta(days=days)


def sold(doctype: str, customer: str, day, **values) -> None:
	field = "transaction_date" if doctype == "Sales Order" else "posting_date"
	rows.row(doctype, customer=customer, **{field: day.date(), "docstatus": 1, **values})


def test_the_last_sale_is_the_last_order_or_invoice_that_was_submitted_and_no_return(world, ago):
	billed, ordered, nothing = (f"{name} {world.tag}" for name in ("Billed", "Ordered", "Nothing"))
	for doctype, customer, days, values in (
		("Sales Order", billed, 20, {}), ("Sales Invoice", billed, 10, {"is_return": 0}),
		("Sales Invoice", billed, 5, {"is_return": 1}), ("Sales Order", billed, 4, {"docstatus": 0}),
		("Sales Invoice", billed, 3, {"is_return": 0, "docstatus": 2}),
		("Sales Order", ordered, 8, {}), ("Sales Order", ordered, 30, {}),
		("Sales Invoice", ordered, 9, {"is_return": 0}), ("Sales Order", nothing, 1, {"docstatus": 2}),
	):  # fmt: skip
		sold(doctype, customer, ago(days), **values)
	found = held_facts.last_sales([billed, ordered, nothing])
	assert {name: at.date() for name, at in found.items()} == {billed: ago(10).date(), ordered: ago(8).date()}
	assert held_facts.last_sales([nothing]) == held_facts.last_sales([]) == {}


def moved(doctype: str, name: str, kind: str, at, **values) -> None:
	rows.row("Pipeline Event", docstatus=0, reference_doctype=doctype, reference_name=name, kind=kind, at=at, **values)


def done(doctype: str, name: str, at, status: str = "Done", **values) -> None:
	rows.row(
		"Sales Activity",
		docstatus=0,
		reference_doctype=doctype,
		reference_name=name,
		starts_on=at,
		status=status,
		**values,
	)


def mailed(doctype: str, name: str, at, way: str = "Sent", kind: str = "Communication") -> None:
	about = {"reference_doctype": doctype, "reference_name": name}
	rows.row(
		"Communication", docstatus=0, **about, communication_date=at, sent_or_received=way, communication_type=kind
	)


def last(doctype: str, name: str):
	return held_facts.last_touches(doctype, [name, "another"]).get(name)


def test_a_lead_is_worked_on_by_activities_that_were_done_mails_that_were_sent_and_moves_of_its_own(world, ago):
	name = f"L {world.tag}"
	assert last(LEAD, name) is None
	# None of these is work on it.
	done(LEAD, name, ago(1), "Planned")
	done("Sales Opportunity", name, ago(1))
	mailed(LEAD, name, ago(1), "Received")
	mailed(LEAD, name, ago(1), kind="Automated Message")
	mailed("Sales Opportunity", name, ago(1))
	moved("Sales Opportunity", name, "State", ago(1))
	for kind in ("Owner", "Created", "Amount"):
		moved(LEAD, name, kind, ago(1))
	assert last(LEAD, name) is None
	mailed(LEAD, name, ago(9))
	assert last(LEAD, name) == ago(9)
	done(LEAD, name, ago(7))
	done(LEAD, name, ago(8))
	assert last(LEAD, name) == ago(7)
	for days, kind in enumerate(("Stage", "State", "Conversion", "Hand-off", "Quotation")):
		moved(LEAD, name, kind, ago(6 - days))
		assert last(LEAD, name) == ago(6 - days), kind
	assert set(held_facts.last_touches(LEAD, [name])) == {name} and held_facts.last_touches(LEAD, []) == {}


@pytest.mark.parametrize(("doctype", "field"), [(CUSTOMER, "customer"), (PROSPECT, "prospect")])
def test_a_customer_or_prospect_is_worked_on_by_all_that_is_about_it(world, ago, doctype, field):
	name = f"P {world.tag}"
	moved("Sales Opportunity", "O", "Owner", ago(1), **{field: name})
	done("Sales Opportunity", "O", ago(1), "Planned", **{field: name})
	moved("Sales Opportunity", "O", "Stage", ago(1))
	assert last(doctype, name) is None
	moved("Sales Opportunity", "O", "Created", ago(9), **{field: name})
	assert last(doctype, name) == ago(9)
	done("Sales Opportunity", "O", ago(8), **{field: name})
	assert last(doctype, name) == ago(8)
	done(doctype, name, ago(7))
	assert last(doctype, name) == ago(7)
	mailed(doctype, name, ago(6))
	assert last(doctype, name) == ago(6)
	moved("Sales Opportunity", "O", "Stage", ago(5), **{field: name})
	assert last(doctype, name) == ago(5)


def test_what_is_noted_for_later_has_not_happened_yet(world, ago):
	name = f"L {world.tag}"
	done(LEAD, name, ago(-5))
	assert get_datetime(frappe.utils.now()) - timedelta(minutes=1) < last(LEAD, name) <= now_datetime()
