# ruff: noqa: F811
"""Who sees which rows of a handover, in lists and one by one."""

import frappe
import pytest

from crm_pipeline.crm_customers.doctype.sales_handover_item import sales_handover_item
from tests.site.conftest import USERS
from tests.site.portable.test_handed_over_in_detail import HANDOVER, ITEM, shared  # noqa: F401

REP, OTHER, MANAGER, DESK, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk", "stranger"))


def listed(parent: str, user: str) -> set[str]:
	"""For whom the rows are that a list shows to a user."""
	condition = sales_handover_item.condition(user)
	found = frappe.db.sql(
		f"select to_user from `tabSales Handover Item` where parent = %s and ({condition or '1=1'})", (parent,)
	)
	return {name for (name,) in found}


@pytest.mark.parametrize(
	("user", "rows"),
	[(REP, {OTHER, DESK}), (OTHER, {OTHER}), (DESK, {DESK}), (STRANGER, set()), (MANAGER, {OTHER, DESK})],
)
def test_a_list_of_rows_is_of_what_somebody_gave_got_or_manages(shared, as_user, user, rows):
	as_user("Administrator")
	assert listed(shared.name, user) == rows


def test_who_prepared_a_handover_lists_its_rows_though_nothing_of_it_is_theirs(shared, as_user):
	as_user("Administrator")
	frappe.db.set_value(HANDOVER, shared.name, {"owner": OTHER, "from_user": MANAGER})
	frappe.db.set_value(ITEM, {"parent": shared.name}, "to_user", DESK)
	assert listed(shared.name, OTHER) == {DESK} and listed(shared.name, REP) == set()


def test_who_gets_a_row_reads_it_and_does_not_change_it(shared, as_user):
	for who, user in (("other_rep", OTHER), ("desk", DESK)):
		as_user(who)
		rows = {one.to_user: one for one in frappe.get_doc(HANDOVER, shared.name).items}
		assert rows[user].has_permission("read") and not rows[user].has_permission("write")
		assert not rows[DESK if user == OTHER else OTHER].has_permission("read")
	as_user("manager")
	assert all(one.has_permission("write") for one in frappe.get_doc(HANDOVER, shared.name).items)


def test_a_row_is_asked_about_for_the_user_who_is_named(shared, as_user):
	as_user("Administrator")
	rows = {one.to_user: one for one in frappe.get_doc(HANDOVER, shared.name).items}
	sees = lambda user: {key for key, one in rows.items() if one.has_permission("read", user=user)}  # noqa: E731
	assert (sees(REP), sees(OTHER), sees(DESK)) == ({OTHER, DESK}, {OTHER}, {DESK})
