"""Faults of the data, record by record: whose addresses and numbers are judged, what counts as a touch, whose list it is."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import getdate, now_datetime, nowdate

from crm_pipeline.core import quality
from crm_pipeline.duplicates import data_quality
from tests.site.conftest import USERS
from tests.site.rows import row, sales_people

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
CUSTOMER, PROSPECT, LEAD, PAIR = "Customer", "Sales Prospect", "Sales Lead", "Duplicate Pair"


def record(world, doctype: str, key: str, **values) -> str:
	"""A record as it may be in the table; its name is no title."""
	title = {PROSPECT: "prospect_name", LEAD: "title", CUSTOMER: "customer_name"}[doctype]
	states = {PROSPECT: {"status": "Unverified"}, LEAD: {"status": "New"}, CUSTOMER: {"disabled": 0}}[doctype]
	return row(doctype, **{"name": f"{key} {world.tag}", title: f"{key} Mill", "docstatus": 0, **states, **values})


def faults(world, doctype: str, kind: str = "", **asked) -> dict[str, list]:
	"""{what the record is called: what is wrong}."""
	found = data_quality.faults(data_quality.Asked(doctype=doctype, kind=kind, **asked), getdate(nowdate()))
	said = {}
	for one in found:
		if world.tag in one["name"]:
			said.setdefault(one["name"].split()[0], []).append(one["detail"])
	return said


def card(world, key: str, *, mail: str = "", phone: str = "", **links) -> str:
	"""A contact with an address and a number; `links` are the rows that say whose it is."""
	name = f"{key} {world.tag}"
	on = {"parent": name, "parenttype": "Contact", "docstatus": 0}
	row("Contact Email", email_id=mail, parentfield="email_ids", **on)
	row("Contact Phone", phone=phone, parentfield="phone_nos", **on)
	row("Dynamic Link", parentfield="links", **{**on, **links})
	return name


@pytest.mark.parametrize("doctype", [CUSTOMER, PROSPECT])
def test_addresses_and_numbers_of_the_contacts_of_this_very_record_are_judged(world, doctype):
	here, there = record(world, doctype, "here"), record(world, doctype, "there")
	card(world, "Ines", mail="ines(at)quay", phone="12", link_doctype=doctype, link_name=here)
	# A supplier of the same name, and an address of it: neither is somebody's contact at the record.
	card(world, "Tom", mail="tom(at)quay", phone="34", link_doctype="Supplier", link_name=there)
	card(world, "Ann", mail="ann(at)quay", phone="56", link_doctype=doctype, link_name=there, parenttype="Address")
	assert faults(world, doctype, quality.BAD_EMAIL) == {"here": ["ines(at)quay"]}
	assert faults(world, doctype, quality.BAD_PHONE) == {"here": ["12"]}
	silent, missed = (faults(world, doctype, kind) for kind in (quality.NO_REACH, quality.NO_CONTACT))
	assert "there" in silent and "here" not in silent
	assert "here" not in missed and ("there" in missed) == (doctype == CUSTOMER)


@pytest.mark.parametrize("doctype", [PROSPECT, LEAD])
@pytest.mark.parametrize("field", ["phone", "mobile_no"])
def test_each_number_that_a_record_says_itself_is_judged(world, doctype, field):
	record(world, doctype, "odd", **{field: "12"})
	record(world, doctype, "none")
	assert faults(world, doctype, quality.BAD_PHONE) == {"odd": ["12"]}
	assert list(faults(world, doctype, quality.NO_REACH)) == ["none"]


def test_a_lead_is_judged_by_what_it_says_itself(world):
	"""Contacts are of parties; a lead has no contact to be missed."""
	lead = record(world, LEAD, "alone", email_id="nobody", sales_owner=REP)
	card(world, "Ines", mail="ines(at)quay", phone="12", link_doctype=LEAD, link_name=lead)
	said = data_quality.faults(data_quality.Asked(doctype=LEAD), getdate(nowdate()))
	kinds = {one["kind"]: one["detail"] for one in said if one["name"] == lead}
	channel = frappe.get_meta(LEAD).get_label("channel")
	assert kinds == {quality.BAD_EMAIL: "nobody", quality.INCOMPLETE: channel}


@pytest.mark.parametrize("changed, called, last", [(10, 250, 10), (250, 10, 10), (250, None, 250), (250, 250, 250)])
def test_the_last_touch_is_a_change_or_a_call_whichever_came_later(world, changed, called, last):
	now = now_datetime()
	name = record(world, PROSPECT, "quiet", modified=now - timedelta(days=changed))
	about = {"prospect": name, "docstatus": 0, "subject": "Call"}
	if called:
		row("Sales Activity", starts_on=now - timedelta(days=called), status="Done", **about)
	row("Sales Activity", starts_on=now - timedelta(days=1), status="Planned", **about)
	row("Sales Activity", starts_on=now - timedelta(days=1), status="Done", **{**about, "prospect": f"{name} 2"})
	outdated = {"quiet": [str(last)]}
	assert faults(world, PROSPECT, quality.OUTDATED, stale_days=last - 1) == outdated
	assert faults(world, PROSPECT, quality.OUTDATED, stale_days=last) == {}


def test_suspected_doubles_of_another_type_with_the_same_name_are_not_counted(world):
	names = [record(world, PROSPECT, key) for key in ("one", "two", "three")]
	leads = [record(world, LEAD, key) for key in ("one", "two", "three")]

	def pair(doctype, a, b, **values):
		row(PAIR, document_type=doctype, document_name=a, other_name=b, docstatus=0, **values)

	pair(PROSPECT, names[0], names[1]), pair(PROSPECT, names[2], names[0]), pair(LEAD, leads[0], leads[1])
	pair(PROSPECT, names[1], names[2], decision="Two")
	assert faults(world, PROSPECT, quality.DOUBLED) == {"one": ["2"], "two": ["1"], "three": ["1"]}
	assert faults(world, LEAD, quality.DOUBLED) == {"one": ["1"], "two": ["1"]}


def test_a_list_is_of_one_owner_or_of_one_part_of_the_team(world):
	people = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	for key, person, owner in (("north", "North", MANAGER), ("rep", "Rep", REP), ("south", "South", REP)):
		record(world, PROSPECT, key, email_id=key, sales_person=people[person], sales_owner=owner)
	record(world, PROSPECT, "nobody", email_id="nobody")
	listed = lambda **asked: sorted(faults(world, PROSPECT, quality.BAD_EMAIL, **asked))  # noqa: E731
	assert listed() == ["nobody", "north", "rep", "south"]
	assert listed(sales_person=people["North"]) == ["north", "rep"]
	assert listed(sales_person=people["Rep"]) == ["rep"]
	assert listed(sales_owner=REP) == ["rep", "south"]
	assert listed(sales_person=people["North"], sales_owner=REP) == ["rep"]
	assert listed(sales_person=f"Gone {world.tag}") == [], "of a sales person who is gone there is nothing"


def test_a_list_is_of_one_kind_or_of_one_group_and_names_the_record_by_its_title(world):
	record(world, PROSPECT, "odd", email_id="odd", phone="12", sales_owner=REP)
	asked = lambda **how: [  # noqa: E731
		(one["kind"], one["group"], one["title"], one["sales_owner"])
		for one in data_quality.faults(data_quality.Asked(doctype=PROSPECT, **how), getdate(nowdate()))
		if world.tag in one["name"]
	]
	mail, phone = (
		(quality.BAD_EMAIL, "Unreachable", "odd Mill", REP),
		(quality.BAD_PHONE, "Unreachable", "odd Mill", REP),
	)
	empty = (quality.INCOMPLETE, "Missing", "odd Mill", REP)
	assert asked() == [mail, phone, empty]
	assert asked(group="Unreachable") == [mail, phone] and asked(group="Missing") == [empty]
	assert asked(kind=quality.BAD_PHONE) == [phone] and asked(kind=quality.BAD_PHONE, group="Missing") == []


@pytest.mark.parametrize("said", ["Bounced", "Soft-Bounced", "Rejected", "Error", "Sent", "Opened"])
def test_an_address_that_a_mail_came_back_from_is_a_fault_of_who_has_it(world, said):
	address = f"Ines@{world.tag}.example"
	record(world, PROSPECT, "ines", email_id=address)
	record(world, PROSPECT, "tom", email_id=f"tom@{world.tag}.example")
	mail = {"communication_type": "Communication", "docstatus": 0}
	other = f"Tom Blake <tom@{world.tag}.example>"
	row("Communication", sent_or_received="Sent", recipients=f"a@b.example, Ines <{address.upper()}>", delivery_status=said, **mail)  # fmt: skip
	row("Communication", sent_or_received="Received", recipients=other, delivery_status="Bounced", **mail)
	row("Communication", sent_or_received="Sent", recipients=other, delivery_status="Sent", **mail)
	came_back = said not in ("Sent", "Opened")
	assert faults(world, PROSPECT, quality.BOUNCED) == ({"ines": [address]} if came_back else {})


@pytest.mark.parametrize(
	"doctype, values, listed",
	[
		(CUSTOMER, {"disabled": 1}, False), (CUSTOMER, {}, True), (PROSPECT, {"status": "Verified"}, False),
		(PROSPECT, {"status": "Rejected"}, False), (PROSPECT, {}, True), (LEAD, {"status": "Working"}, True),
		(LEAD, {"status": "Converted"}, False), (LEAD, {"status": "Disqualified"}, False),
	],
)  # fmt: skip
def test_only_records_that_are_worked_with_are_looked_through(world, doctype, values, listed):
	record(world, doctype, "it", **values)
	assert ("it" in faults(world, doctype)) == listed
