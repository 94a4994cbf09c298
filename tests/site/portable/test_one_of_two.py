"""Two records that became one: what is left of the rows, places and rights of the one that is gone."""

import frappe
import pytest

from crm_pipeline.core import matching
from crm_pipeline.erp import identity
from crm_pipeline.overrides import sales_person
from crm_pipeline.parties import deal_people
from tests.site import rows
from tests.site.hosts import HOST

DEAL, TABLE, PERSON = "Sales Opportunity", "Sales Deal Contact", "Sales Person"


@pytest.fixture
def ann(world, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	doc = frappe.get_doc({"doctype": "Contact", "first_name": "Ann", "last_name": world.tag})
	return doc.insert().name


def on(deal: str, contact: str, **values) -> str:
	values = {
		"parenttype": DEAL,
		"parent": deal,
		"parentfield": "contacts",
		"contact": contact,
		"docstatus": 0,
		**values,
	}
	return rows.row(TABLE, **values)


def left(*deals: str) -> list[dict]:
	fields = ["name", "parent", "contact_name", "role", "email_id", "phone", "designation", "notes", "match_phone"]
	found = frappe.get_all(TABLE, filters={"parent": ("in", deals)}, fields=fields, order_by="parent asc, idx asc")
	return [{field: value for field, value in row.items() if value} for row in found]


def test_who_stood_twice_on_a_deal_stands_there_once_with_all_that_was_known(world, ann):
	deal = rows.bare_deal(world, "A")
	kept = on(deal, ann, idx=1, contact_name="A. Old", email_id="ann@old.example", notes="first")
	on(
		deal, ann, idx=2, contact_name="Ann", email_id="ann@new.example", phone="030 901820", role="User",
		designation="Buyer", notes="second",
	)  # fmt: skip
	deal_people.after_merge(ann)
	assert left(deal) == [
		{
			"name": kept,
			"parent": deal,
			"contact_name": f"Ann {world.tag}",
			"role": "User",
			"email_id": "ann@old.example",
			"phone": "030 901820",
			"designation": "Buyer",
			"notes": "first",
			"match_phone": matching.normal_phone("030 901820", identity.country_code(None)),
		}
	]


def test_two_roles_of_one_person_and_two_deals_stay_apart(world, ann):
	first, second = rows.bare_deal(world, "A"), rows.bare_deal(world, "B")
	made = [
		on(first, ann, idx=1, role="User"),
		on(first, ann, idx=2, role="Decision Maker"),
		on(second, ann, idx=1, role="User"),
	]
	doubled = on(first, ann, idx=3, role="Decision Maker", email_id="ann@x.example")
	deal_people.after_merge(ann)
	found = left(first, second)
	assert [row["name"] for row in found] == made and doubled not in made
	assert [row.get("email_id") for row in found] == [None, "ann@x.example", None]
	assert {row["contact_name"] for row in found} == {f"Ann {world.tag}"}


def test_rows_of_other_people_stay_as_they_are(world, ann, monkeypatch):
	other = frappe.get_doc({"doctype": "Contact", "first_name": "Bob", "last_name": world.tag}).insert().name
	deal = rows.bare_deal(world, "A")
	on(deal, ann, idx=1)
	bob = on(deal, other, idx=2, contact_name="Robert", email_id="bob@x.example")
	deal_people.after_merge(ann)
	assert left(deal)[1] == {"name": bob, "parent": deal, "contact_name": "Robert", "email_id": "bob@x.example"}


@pytest.mark.parametrize(
	("of_new", "merge", "after"),
	[
		(None, True, "rep@crm-test.example"),
		("other@crm-test.example", True, "other@crm-test.example"),
		(None, False, None),
	],
)
def test_the_place_of_a_merged_sales_person_is_taken_by_its_user(world, of_new, merge, after):
	people = rows.sales_people(world, North=None, Rep="rep@crm-test.example", South=of_new)
	sales_person.before_rename(frappe._dict(), "before_rename", people["Rep"], people["South"], merge)
	assert frappe.db.get_value(PERSON, people["South"], "crm_user") == after
	assert frappe.db.get_value(PERSON, people["North"], "crm_user") is None
