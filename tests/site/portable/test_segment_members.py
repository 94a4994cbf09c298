"""Segments: who belongs to one, as far as the reader may see; pictures of that; what can't be asked."""

import json

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.segments import segment_list, segment_members, segment_snapshots
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import customer, refused

SEGMENT, SNAPSHOT = segment_members.SEGMENT, segment_snapshots.SNAPSHOT
REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


@pytest.fixture
def segment(world):
	"""segment(behaviour, ..., filters=[...]) is a saved Sales Segment over the customers of this world."""

	def make(*behaviours, filters=(), text=None, **values):
		own = (
			[["Customer", "name", "like", f"%{world.tag}"]]
			if values.get("applies_to", "Customer") == "Customer"
			else []
		)
		doc = frappe.get_doc(
			{
				"doctype": SEGMENT,
				"segment_name": frappe.generate_hash(length=8),
				"applies_to": "Customer",
				"company": world.company,
				"filters": text or json.dumps([*own, *filters]),
				"behaviours": [{"doctype": "Sales Segment Behaviour", **row} for row in behaviours],
				**values,
			}
		)
		return doc.insert()

	return make


@pytest.fixture
def orders(world, as_user):
	"""Acme ordered two pumps a month ago and a filter today, Bolt a filter in the last year, Calm nothing at all."""
	as_user("Administrator")
	names = [customer(f"{name} {world.tag}") for name in ("Acme", "Bolt", "Calm")]
	names = [getattr(name, "name", name) for name in names]
	made = [
		order(world, names[0], world.pump, 2, 100, -30),
		order(world, names[0], world.filter, 1, 20, 0),
		order(world, names[1], world.filter, 5, 20, -400),
	]
	return frappe._dict(acme=names[0], bolt=names[1], calm=names[2], made=made)


def order(world, buyer, item, qty, rate, day):
	doc = frappe.get_doc(
		{
			"doctype": "Sales Order",
			"customer": buyer,
			"company": world.company,
			"transaction_date": add_days(nowdate(), day),
			"delivery_date": add_days(nowdate(), max(day, 0) + 5),
			"items": [{"item_code": item, "qty": qty, "rate": rate, "warehouse": world.warehouse}],
		}
	)
	doc.insert()
	doc.submit()
	return doc


def found(doc) -> set[str]:
	names = api.get_segment_records(doc.name)
	assert names["count"] == len(segment_members.names(doc))
	return {name.split(" ")[0] for name in segment_members.names(doc)} - {"Northwind"}


def test_what_was_bought_when_how_often_and_for_how_much(segment, orders, world):
	group = frappe.db.get_value("Item", world.pump, "item_group")
	top = frappe.db.get_value("Item Group", {"is_group": 1, "parent_item_group": ("in", ("", None))}, "name")
	top = top or frappe.db.get_value("Item Group", {"lft": 1}, "name")
	for row, wanted in (
		({"kind": "Ordered"}, {"Acme", "Bolt"}),
		({"kind": "Ordered", "negated": 1}, {"Calm"}),
		({"kind": "Ordered", "item_code": world.pump}, {"Acme"}),
		({"kind": "Ordered", "item_code": world.pump, "negated": 1}, {"Bolt", "Calm"}),
		({"kind": "Ordered", "item_group": group}, {"Acme", "Bolt"}),
		({"kind": "Ordered", "item_group": top}, {"Acme", "Bolt"}),
		({"kind": "Ordered", "days": 31}, {"Acme"}),
		({"kind": "Ordered", "days": 30, "item_code": world.pump}, set()),
		({"kind": "Ordered", "days": 1}, {"Acme"}),
		({"kind": "Ordered", "to_date": add_days(nowdate(), -400)}, {"Bolt"}),
		({"kind": "Ordered", "to_date": add_days(nowdate(), -401)}, set()),
		({"kind": "Ordered", "from_date": add_days(nowdate(), -30), "to_date": add_days(nowdate(), -30)}, {"Acme"}),
		({"kind": "Ordered", "min_events": 2}, {"Acme"}),
		({"kind": "Ordered", "min_events": 3}, set()),
		({"kind": "Ordered", "min_quantity": 5}, {"Bolt"}),
		({"kind": "Ordered", "min_amount": 220}, {"Acme"}),
		({"kind": "Ordered", "min_amount": 220.01}, set()),
		({"kind": "Ordered", "max_amount": 100}, {"Bolt"}),
		({"kind": "Billed"}, set()),
		({"kind": "Open Deal"}, set()),
	):
		assert found(segment(row)) == wanted, row
	both = segment({"kind": "Ordered"}, {"kind": "Ordered", "days": 100, "negated": 1})
	assert found(both) == {"Bolt"}
	orders.made[0].cancel()
	assert found(segment({"kind": "Ordered", "item_code": world.pump})) == set()


def test_an_opening_balance_is_nothing_that_was_bought(segment, world):
	for name, opening in ((f"Acme {world.tag}", "Yes"), (f"Bolt {world.tag}", "No")):
		customer(name)
		fixed = {"company": world.company, "posting_date": nowdate(), "is_return": 0}
		bill = rows.row("Sales Invoice", customer=name, is_opening=opening, **fixed)
		place = {"parent": bill, "parenttype": "Sales Invoice", "parentfield": "items"}
		rows.row("Sales Invoice Item", stock_qty=1, base_net_amount=100, **place)
	assert found(segment({"kind": "Billed"})) == {"Bolt"}


def test_contacts_are_activities_that_were_done_and_mails(segment, orders, world):
	for name, values in ((orders.acme, {"status": "Done"}), (orders.bolt, {"status": "Planned"})):
		frappe.get_doc(
			{
				"doctype": "Sales Activity",
				"subject": "Call",
				"way": "Phone",
				"reference_doctype": "Customer",
				"reference_name": name,
				"starts_on": f"{nowdate()} 00:00:01",
				**values,
			}
		).insert()
	assert found(segment({"kind": "Contacted", "days": 1})) == {"Acme"}
	frappe.get_doc(
		{
			"doctype": "Communication",
			"subject": "Hello",
			"communication_type": "Communication",
			"sent_or_received": "Received",
			"reference_doctype": "Customer",
			"reference_name": orders.calm,
			"communication_date": f"{add_days(nowdate(), -9)} 23:59:59",
		}
	).insert()
	assert found(segment({"kind": "Contacted", "days": 10})) == {"Acme", "Calm"}
	assert found(segment({"kind": "Contacted", "days": 9})) == {"Acme"}
	assert found(segment({"kind": "Contacted", "negated": 1})) == {"Bolt"}
	assert found(segment({"kind": "Contacted", "days": 10, "min_events": 2})) == set()


def test_a_list_shows_the_records_as_long_as_its_address_can(segment, orders, world, monkeypatch):
	plain = segment(filters=[["Customer", "customer_type", "=", "Company"]])
	assert api.get_segment_records(plain.name)["filters"] == [
		["name", "like", f"%{world.tag}"],
		["customer_type", "=", "Company"],
	]
	bought = segment({"kind": "Ordered"})
	[[field, operator, listed]] = api.get_segment_records(bought.name)["filters"]
	assert (field, operator, set(listed)) == ("name", "in", {orders.acme, orders.bolt})
	twice = segment(filters=[["Customer", "name", "!=", orders.calm]])
	[[field, operator, listed]] = api.get_segment_records(twice.name)["filters"]
	assert operator == "in" and orders.acme in listed and orders.calm not in listed
	monkeypatch.setattr(segment_members, "MOST_IN_LIST", 1)
	assert api.get_segment_records(bought.name) == {"doctype": "Customer", "count": 2, "filters": None}


@pytest.mark.parametrize(
	("values", "match"),
	[
		({"text": "[[1"}, "list of filters"),
		({"text": "{}"}, "list of filters"),
		({"text": '[["Customer", "name"]]'}, "list of filters"),
		({"text": '[["User", "name", "=", "x"]]'}, "list of filters"),
		({"text": '[["Customer", "name) or 1=1 -- ", "=", "x"]]'}, "list of filters"),
		({"text": '[["Customer", "no_such_field", "=", "x"]]'}, "a filter asks for a field"),
		({"text": '[["Customer", "name", "or 1=1", "x"]]'}, "a filter asks for a field"),
		({"behaviours": [{"kind": "Ordered", "days": 3, "from_date": "2026-01-01"}]}, "row 1: choose Days"),
		({"behaviours": [{"kind": "Ordered"}, {"kind": "Open Deal", "days": 3}]}, "row 2: Open Deal is as of now"),
		({"applies_to": "Sales Lead", "behaviours": [{"kind": "Ordered"}]}, "row 1: Ordered is not known"),
		({"behaviours": [{"kind": "Ordered", "from_date": "2026-02-30"}]}, "not a date"),
	],
)
def test_what_can_not_be_asked_is_refused_in_words(segment, values, match):
	rows = values.pop("behaviours", ())
	with refused(match=match):
		segment(*rows, **values)


def test_amounts_need_the_company_in_whose_currency_they_are(segment):
	doc = segment({"kind": "Ordered", "min_amount": 3})
	doc.company = None
	with refused(match="row 1: choose the company"):
		doc.save()


def test_a_filter_whose_field_is_gone_is_said_and_nothing_else_breaks(segment):
	doc = segment()
	frappe.db.set_value(SEGMENT, doc.name, "filters", '[["Customer", "gone", "=", "x"]]')
	with refused(match="a filter asks for a field"):
		api.get_segment_records(doc.name)


def test_each_reader_finds_what_they_may_see(segment, orders, world, as_user):
	doc = segment({"kind": "Ordered"}, is_shared=1)
	as_user("rep")
	frappe.set_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": orders.acme}).insert()
	frappe.clear_cache(user=REP)
	as_user("rep")
	assert found(doc) == {"Acme"} and api.get_segment_records(doc.name)["count"] == 1
	[row] = segment_list.found(doc.name)[1]
	assert row["title"] == f"Acme {world.tag}"
	with refused(frappe.PermissionError):
		found(segment_of_invoices(doc))


def segment_of_invoices(doc):
	doc.append("behaviours", {"kind": "Billed"})
	return doc


def test_a_segment_is_its_owners_until_it_is_shared(segment, orders, as_user):
	as_user("rep")
	doc = segment({"kind": "Ordered"})
	as_user("other_rep")
	assert not frappe.get_list(SEGMENT, filters={"name": doc.name}, order_by="name asc")
	with refused(frappe.PermissionError):
		api.get_segment_records(doc.name)
	for who in ("other_rep", "manager"):
		as_user(who)
		taken = frappe.get_doc(SEGMENT, doc.name)
		taken.is_shared = 1
		with refused(frappe.PermissionError):
			taken.save()
	as_user("rep")
	doc.is_shared = 1
	doc.save()
	as_user("other_rep")
	assert api.get_segment_records(doc.name)["count"] >= 2
	theirs = frappe.get_doc(SEGMENT, doc.name)
	theirs.description = "mine now"
	with refused(frappe.PermissionError):
		theirs.save()
	as_user("manager")
	frappe.get_doc(SEGMENT, doc.name).save()


def test_numbers_of_a_picture_are_for_its_taker_and_for_who_sees_all(segment, orders, as_user):
	doc = segment({"kind": "Ordered"}, is_shared=1)
	name = api.take_segment_snapshot(doc.name)

	def sees(who) -> bool:
		as_user(who)
		listed = bool(frappe.get_list(SNAPSHOT, filters={"name": name}, order_by="name asc"))
		assert listed is bool(frappe.has_permission(SNAPSHOT, doc=name))
		return listed

	assert sees("manager")
	frappe.set_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": orders.acme}).insert()
	frappe.clear_cache(user=REP)
	assert not sees("rep")
	frappe.set_user("Administrator")
	doc.is_shared = 0
	doc.save()
	assert not sees("other_rep")


def test_pictures_are_taken_by_night_as_their_owners_see_them(segment, orders, as_user):
	as_user("rep")
	doc, never = segment({"kind": "Ordered"}, snapshot_rhythm="Weekly"), segment()
	frappe.set_user("Administrator")
	due = {name for (name,) in segment_snapshots.due()}
	assert doc.name in due and never.name not in due
	segment_snapshots.take_as_owner(doc.name)
	assert frappe.session.user == "Administrator"
	assert frappe.db.get_value(SNAPSHOT, {"segment": doc.name}, ["taken_by", "member_count"]) == (REP, 2)
	assert doc.name not in {name for (name,) in segment_snapshots.due()}
	frappe.db.set_value(SNAPSHOT, {"segment": doc.name}, "taken_on", f"{add_days(nowdate(), -8)} 12:00:00")
	assert doc.name in {name for (name,) in segment_snapshots.due()}
	frappe.db.set_value(SEGMENT, doc.name, "owner", "nobody@example.com")
	assert segment_snapshots.take_as_owner(doc.name) is False
	frappe.db.set_value(SEGMENT, doc.name, "disabled", 1)
	assert doc.name not in {name for (name,) in segment_snapshots.due()}


def test_events_that_the_reader_may_not_see_are_no_events(segment, orders, as_user):
	doc = segment({"kind": "Ordered"}, is_shared=1)
	values = {"user": REP, "allow": "Customer", "for_value": orders.bolt, "apply_to_all_doctypes": 0}
	frappe.get_doc({"doctype": "User Permission", **values, "applicable_for": "Sales Order"}).insert()
	frappe.clear_cache(user=REP)
	as_user("rep")
	assert found(doc) == {"Bolt"}


def test_names_of_a_picture_are_for_who_may_read_the_records_today(segment, orders, world, as_user):
	as_user("rep")
	doc = segment({"kind": "Ordered"})
	name = api.take_segment_snapshot(doc.name)
	frappe.set_user("Administrator")
	only = {"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": orders.bolt}
	frappe.get_doc(only).insert()
	frappe.clear_cache(user=REP)
	as_user("rep")
	assert [row["record"] for row in segment_list.found(doc.name, name)[1]] == [orders.bolt]
	assert {row["record"] for row in segment_snapshots.members(frappe.get_doc(SNAPSHOT, name))} == {orders.bolt}
