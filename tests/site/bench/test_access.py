"""The page that tells admins who may see a document, and why."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


def told(user: str, doc) -> tuple:
	found = api.get_access(user, doc.doctype, doc.name)
	return found["read"]["allowed"], found["write"]["allowed"], [r["text"] for r in found["read"]["reasons"]]


@pytest.fixture
def deal(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	as_user("Administrator")
	return deal


def test_a_role_lets_a_rep_see_and_change_a_deal(deal):
	read, write, why = told(REP, deal)
	assert read and write and why == ["By the role Sales User"]


def test_team_visibility_hides_and_a_share_opens(deal):
	set_apart()
	frappe.set_user("Administrator")
	read, write, why = told(REP, deal)
	assert not (read or write) and "another part of the team" in why[-1] and OTHER in why[-1]
	frappe.share.add(deal.doctype, deal.name, REP, read=1)
	read, write, why = told(REP, deal)
	assert read and not write and why[-1] == "The document is shared with the user"
	assert "part of the team" in told(OTHER, deal)[2][-1]


def test_a_user_permission_is_named(deal, world):
	from tests.site.world import customer

	permission = {"user": REP, "allow": "Customer", "for_value": customer(f"Other {world.tag}")}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	read, _write, why = told(REP, deal)
	assert not read and why[-1] == f"A User Permission refuses Customer {world.customer}"


def test_a_stranger_and_a_disabled_user_see_nothing(deal):
	assert told(USERS["stranger"][0], deal)[2] == ["No role of the user gives this right to Sales Opportunity"]
	frappe.db.set_value("User", REP, "enabled", 0)
	assert told(REP, deal)[0] is False


def test_what_a_user_sees_in_numbers_follows_the_team(deal, sale, as_user):
	before = seen(REP)
	set_apart()
	as_user("rep")
	sale.opportunity()
	frappe.set_user("Administrator")
	assert seen(REP) < before + 1
	as_user("rep")
	assert seen_now() == seen_by_admin()


def seen(user: str) -> int:
	rows = api.get_access_numbers(user)["numbers"]
	return next(row["sees"] for row in rows if row["doctype"] == "Sales Opportunity")


def seen_now() -> int:
	return len(frappe.get_list("Sales Opportunity", pluck="name", limit=0, order_by="name asc"))


def seen_by_admin() -> int:
	frappe.set_user("Administrator")
	return seen(REP)


def test_only_who_gives_rights_is_told(deal, as_user):
	for who in ("rep", "manager", "finance", "desk"):
		as_user(who)
		with refused(frappe.PermissionError):
			api.get_access(REP, deal.doctype, deal.name)
		with refused(frappe.PermissionError):
			api.get_access_numbers(REP)
