"""Customers that came in a period: of which days, by what, as far as the reader sees them, and the list behind a number."""

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline.analytics import new_customers
from crm_pipeline.analytics.new_customers import CustomerScope
from crm_pipeline.crm_prospecting.report.new_customers import new_customers as report
from tests.site.portable.test_pool_facts import node
from tests.site.rows import row
from tests.site.world import refused, without_right

CUSTOMER = "Customer"
# Nobody came in these days but those of the tests.
MARCH = {"from_date": "2033-03-01", "to_date": "2033-03-31"}


@pytest.fixture
def came(world):
	"""{key: customer} of these that came in a March, with the places and groups where they are."""
	tag = world.tag
	found = frappe._dict(world=world, names={})
	found.land = node("Territory", f"land {tag}")
	found.town = node("Territory", f"town {tag}", found.land)
	found.far = node("Territory", f"far {tag}")
	frappe.db.set_value("Territory", found.land, {"lft": 90001, "rgt": 90004}, update_modified=False)
	frappe.db.set_value("Territory", found.town, {"lft": 90002, "rgt": 90003}, update_modified=False)
	frappe.db.set_value("Territory", found.far, {"lft": 90005, "rgt": 90006}, update_modified=False)
	found.big, found.small = (node("Customer Group", f"{key} {tag}") for key in ("big", "small"))
	hamburg = row("Address", name=f"A {tag}", city="Hamburg", state="HH", docstatus=0)
	other = row("Address", name=f"B {tag}", city="Kiel", state="SH", docstatus=0)
	for key, creation, territory, group, address in (
		("first", "2033-03-01 00:00:00", found.town, found.big, hamburg),
		("same day", "2033-03-01 23:59:59", found.land, found.big, hamburg),
		("middle", "2033-03-15 12:00:00", found.far, found.small, other),
		("last", "2033-03-31 23:59:59", None, None, None),
		("before", "2033-02-28 23:59:59", found.town, found.big, hamburg),
		("after", "2033-04-01 00:00:00", found.town, found.big, hamburg),
	):
		found.names[key] = row(
			CUSTOMER, name=f"{key} {tag}", customer_name=key, creation=creation, territory=territory, customer_group=group,
			customer_primary_address=address, disabled=0, docstatus=0,
		)  # fmt: skip
	return found


def told(**asked) -> list[tuple]:
	return [(one.key, one.customers) for one in new_customers.groups(CustomerScope.of({**MARCH, **asked}))]


def test_those_count_that_came_from_the_first_to_the_last_day_the_largest_group_first(came):
	assert told(group_by="Customer Group") == [(came.big, 2), (None, 1), (came.small, 1)]
	assert told(group_by="City") == [("Hamburg", 2), ("Kiel", 1), (None, 1)]
	assert told(group_by="Province") == [("HH", 2), (None, 1), ("SH", 1)]
	by_day = [(str(day), count) for day, count in told(group_by="Day")]
	assert by_day == [("2033-03-01", 2), ("2033-03-15", 1), ("2033-03-31", 1)]
	assert {key: count for key, count in told()} == {came.town: 1, came.land: 1, came.far: 1, None: 1}
	assert told(group_by="Day", from_date="2033-03-02", to_date="2033-03-14") == []


def test_a_territory_is_asked_with_all_below_it(came):
	assert dict(told(territory=came.land)) == {came.town: 1, came.land: 1}
	assert dict(told(territory=came.town)) == {came.town: 1}
	assert told(territory=came.far, group_by="Customer Group") == [(came.small, 1)]


def test_a_group_is_called_by_its_name_a_day_by_its_date_and_none_is_said(came):
	names = lambda **asked: [one.label for one in new_customers.groups(CustomerScope.of({**MARCH, **asked}))]  # noqa: E731
	assert names(group_by="City") == ["Hamburg", "Kiel", "Not Set"]
	assert names(group_by="Day")[0] == frappe.utils.formatdate("2033-03-01")
	with refused(match="Group By is not one of: Territory, Province, City, Customer Group, Day"):
		names(group_by="Moon")


@pytest.mark.parametrize("group_by", list(new_customers.GROUPINGS))
def test_the_list_behind_a_number_holds_as_many(came, group_by):
	_columns, lines, note = report.execute({**MARCH, "group_by": group_by})
	assert lines[-1]["customers"] == sum(line["customers"] for line in lines[:-1]) == 4
	assert [line.get("is_total") for line in lines] == [None] * (len(lines) - 1) + [1]
	assert "from" in note and frappe.utils.formatdate("2033-03-31") in note
	for line in lines:
		filters = line["routes"].get("customers")
		if group_by in ("City", "Province") and not line.get("is_total"):
			assert filters is None
			continue
		listed = frappe.get_list(CUSTOMER, filters=[list(one) for one in filters], limit=0, order_by="name asc")
		assert len(listed) == line["customers"], line["label"]


def test_the_list_behind_a_number_is_of_the_territory_that_was_asked_for(came):
	asked = CustomerScope.of({**MARCH, "territory": came.land, "group_by": "Customer Group"})
	named = lambda filters: set(frappe.get_list(CUSTOMER, filters=[list(one) for one in filters], pluck="name", limit=0, order_by="name asc"))  # noqa: E731  # fmt: skip
	two = {came.names["first"], came.names["same day"]}
	assert (
		named(new_customers.list_filters(asked, came.big))
		== named(new_customers.list_filters(asked, whole=True))
		== two
	)
	by_day = CustomerScope.of({**MARCH, "group_by": "Day"})
	assert named(new_customers.list_filters(by_day, getdate("2033-03-15"))) == {came.names["middle"]}


def test_those_are_counted_that_the_reader_sees(came, as_user):
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": CUSTOMER, "for_value": came.names["middle"]}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	as_user("rep")
	assert told(group_by="Customer Group") == [(came.small, 1)]
	as_user("other_rep")
	assert sum(count for _key, count in told(group_by="Customer Group")) == 4


def test_who_has_no_right_to_customers_or_to_addresses_that_are_asked_for_gets_no_numbers(came, as_user, monkeypatch):
	as_user("rep")
	with monkeypatch.context() as patch:
		without_right(patch, "Address", "read")
		assert report.execute(dict(MARCH))[1]
		for group_by in ("City", "Province"):
			with refused(frappe.PermissionError):
				report.execute({**MARCH, "group_by": group_by})
	without_right(monkeypatch, CUSTOMER, "read")
	with refused(frappe.PermissionError):
		report.execute(dict(MARCH))


@pytest.mark.parametrize(
	("asked", "days"),
	[
		({}, ("2033-03-01", "2033-03-20")),
		({"from_date": "2033-03-18"}, ("2033-03-18", "2033-03-20")),
		({"from_date": "2033-03-25"}, ("2033-03-25", "2033-03-25")),
		({"to_date": "2033-02-10"}, ("2033-02-01", "2033-02-10")),
		({"to_date": "2033-04-10"}, ("2033-03-01", "2033-04-10")),
		({"from_date": "2033-01-05", "to_date": "2033-01-06"}, ("2033-01-05", "2033-01-06")),
	],
)
def test_where_no_days_are_asked_for_it_is_this_month_until_today(site, monkeypatch, asked, days):
	monkeypatch.setattr(new_customers, "getdate", lambda: getdate("2033-03-20"))
	assert tuple(map(str, CustomerScope.of(asked).days())) == days
