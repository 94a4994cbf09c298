"""Team visibility as small shops draw their tree: the manager stands beside the reps. Seen before it is switched on."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import person
from tests.site.world import refused

MANAGER, REP, OTHER = (USERS[who][0] for who in ("manager", "rep", "other_rep"))


def switch(on: int) -> None:
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", on)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")


@pytest.fixture
def deals(world, sale, as_user):
	"""One group with the manager and a rep as its leaves, another rep outside; a deal each."""
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (MANAGER, REP, OTHER))}, "crm_user", None)
	root = frappe.db.get_value("Sales Person", {"is_group": 1}, "name", order_by="lft asc")
	group = person(f"Team {world.tag}", root, group=1)
	person(f"Boss {world.tag}", group, MANAGER)
	person(f"Rep {world.tag}", group, REP)
	person(f"Other {world.tag}", person(f"Else {world.tag}", root, group=1), OTHER)
	made = {}
	for who in ("manager", "rep", "other_rep"):
		as_user(who)
		made[who] = sale.opportunity(items=[], amount=1).name
	as_user("Administrator")
	yield made
	switch(0)


@pytest.mark.parametrize(
	("who", "sees"), [("manager", {"manager", "rep"}), ("rep", {"rep"}), ("other_rep", {"other_rep"})]
)
def test_a_manager_who_is_a_leaf_sees_the_group_beside_and_a_rep_does_not(deals, as_user, who, sees):
	switch(1)
	as_user(who)
	found = frappe.get_list(
		"Sales Opportunity", filters={"name": ("in", list(deals.values()))}, pluck="name", order_by="name asc"
	)
	assert set(found) == {deals[name] for name in sees}
	for name, deal in deals.items():
		assert frappe.has_permission("Sales Opportunity", "read", doc=deal) == (name in sees)


def test_what_is_shown_before_is_what_each_sees_after(deals, as_user):
	switch(0)
	shown = {row["user"]: row for row in api.get_visibility()["users"]}
	switch(1)
	for who in ("manager", "rep", "other_rep"):
		as_user(who)
		ended = ("Converted", "Disqualified", "Won", "Lost", "Completed")
		seen = sum(
			len(frappe.get_list(doctype, filters={"status": ("not in", ended)}, limit=0, order_by="name asc"))
			for doctype in ("Sales Lead", "Sales Opportunity", "Sales Project")
		)
		assert shown[USERS[who][0]]["count"] == seen, who
	assert shown[USERS["desk"][0]]["everything"]


def test_a_rep_may_not_ask_who_sees_what(deals, as_user):
	as_user("rep")
	with refused(frappe.PermissionError):
		api.get_visibility()
