"""Why somebody sees a record or does not, of every kind, in the words of the page that explains it."""

import frappe
import pytest

from crm_pipeline import access_explained
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_small_access import ACTIVITY, CASE, DEAL, LEAD, MEMO, made  # noqa: F401
from tests.site.portable.test_visibility import set_apart

REP, OTHER, MANAGER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "stranger"))


def told(user: str, doctype: str, name: str, right: str = "read") -> tuple[bool, list[tuple[str, bool]]]:
	found = access_explained.answer(user, doctype, name)[right]
	return found["allowed"], [(one["text"], one["speaks_for"]) for one in found["reasons"]]


ROLE = ("By the role Sales User", True)


def of_team(owner: str, is_own: bool) -> tuple[str, bool]:
	if is_own:
		return f"It belongs to the user's part of the team ({owner})", True
	return f"Team visibility: it belongs to another part of the team ({owner})", False


@pytest.mark.parametrize("right", ["read", "write"])
def test_without_teams_a_role_is_all_that_counts(made, right):  # noqa: F811
	for doctype in (DEAL, LEAD, MEMO, ACTIVITY):
		assert told(REP, doctype, made[doctype, OTHER], right) == (True, [ROLE]), doctype
		allowed, [reason, *_more] = told(STRANGER, doctype, made[doctype, OTHER], right)
		assert (allowed, reason) == (False, (f"No role of the user gives this right to {doctype}", False))


def test_with_teams_it_is_said_whose_a_document_is(made):  # noqa: F811
	set_apart()
	for doctype in (DEAL, LEAD):
		assert told(REP, doctype, made[doctype, REP]) == (True, [ROLE, of_team(REP, True)])
		assert told(REP, doctype, made[doctype, OTHER]) == (False, [ROLE, of_team(OTHER, False)])
		name = made[doctype, None]
		allowed, [_role, team] = told(REP, doctype, name)
		assert (allowed, team) == (False, of_team(frappe.db.get_value(doctype, name, "owner"), False)), "its creator's"


def test_of_what_is_about_a_hidden_document_that_document_is_the_reason(made):  # noqa: F811
	set_apart()
	about = (f"The user has no such right to what it is about: {DEAL} {made[DEAL, OTHER]}", False)
	for doctype in (MEMO, ACTIVITY):
		assert told(REP, doctype, made[doctype, OTHER]) == (False, [ROLE, about])
		allowed, reasons = told(REP, doctype, made[doctype, REP])
		assert allowed and about not in reasons and reasons[0] == ROLE
	of_lead = made["of lead", OTHER]
	assert told(REP, MEMO, of_lead)[1][-1] == (
		f"The user has no such right to what it is about: {LEAD} {made[LEAD, OTHER]}", False,
	)  # fmt: skip
	assert told(REP, ACTIVITY, made["free", OTHER]) == (False, [ROLE, of_team(OTHER, False)])
	assert told(REP, ACTIVITY, made["free", REP]) == (True, [ROLE, of_team(REP, True)])


def test_a_share_lets_in_whatever_speaks_against_it(made):  # noqa: F811
	set_apart()
	name = made[DEAL, OTHER]
	rows.row("DocShare", share_doctype=DEAL, share_name=name, user=REP, read=1, write=0, docstatus=0)
	share = ("The document is shared with the user", True)
	assert told(REP, DEAL, name)[1][:3] == [ROLE, of_team(OTHER, False), share]
	assert share not in told(REP, DEAL, name, "write")[1]


def test_a_user_permission_is_named_with_the_field_that_it_refuses(made, world):  # noqa: F811
	limit = {"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": f"Another {world.tag}"}
	rows.row("Customer", name=limit["for_value"], customer_name="Another", docstatus=0)
	frappe.get_doc(limit).insert()
	allowed, reasons = told(REP, DEAL, made[DEAL, REP])
	assert (allowed, reasons) == (False, [ROLE, (f"A User Permission refuses Customer {world.customer}", False)])
	assert access_explained.narrowing(REP) == {
		"team": None, "permissions": [{"allow": "Customer", "for_value": limit["for_value"], "applicable_for": None}],
	}  # fmt: skip
	assert told(OTHER, DEAL, made[DEAL, REP]) == (True, [ROLE])


def test_who_left_sees_nothing_and_that_is_why(made):  # noqa: F811
	frappe.db.set_value("User", OTHER, "enabled", 0)
	assert told(OTHER, DEAL, made[DEAL, OTHER]) == (False, [("The user is disabled", False), ROLE])
	frappe.db.set_value("User", OTHER, "enabled", 1)


def test_what_another_rule_of_the_site_decides_is_said_too(made, monkeypatch):  # noqa: F811
	asked = frappe.has_permission
	refuses = lambda doctype, ptype="read", *args, **more: (doctype, ptype) != (DEAL, "write") and asked(doctype, ptype, *args, **more)  # noqa: E731  # fmt: skip
	monkeypatch.setattr(frappe, "has_permission", refuses)
	assert told(REP, DEAL, made[DEAL, REP], "write") == (False, [ROLE, ("Another rule of the site refuses it", False)])
	assert told(REP, DEAL, made[DEAL, REP]) == (True, [ROLE])
	monkeypatch.setattr(frappe, "has_permission", lambda *asked, **more: True)
	allowed, reasons = told(STRANGER, DEAL, made[DEAL, REP])
	assert allowed and reasons[-1] == ("Another rule of the site allows it", True)


def test_a_role_for_what_one_made_oneself_counts_of_that_alone(made):  # noqa: F811
	doc = frappe.get_doc(DEAL, made[DEAL, REP])
	rights = doc.meta.permissions
	by_role = lambda user: access_explained._roles(user, doc, "read")  # noqa: E731
	assert by_role(REP) == ("Sales User",) and set(by_role(MANAGER)) >= {"Sales User", "Sales Manager"}
	[of_sales] = [one for one in rights if one.role == "Sales User" and not one.permlevel]
	before = of_sales.if_owner
	of_sales.if_owner = 1
	try:
		doc.owner = REP
		assert (by_role(REP), by_role(OTHER)) == (("Sales User",), ())
	finally:
		of_sales.if_owner = before
	before, of_sales.permlevel = of_sales.permlevel, 1
	try:
		assert by_role(REP) == ()
	finally:
		of_sales.permlevel = before


def limited(allow: str, name: str, **values) -> None:
	limit = {"doctype": "User Permission", "user": REP, "allow": allow, "for_value": name}
	frappe.get_doc({**limit, "apply_to_all_doctypes": 0 if values else 1, **values}).insert()
	frappe.clear_cache(user=REP)


def test_a_user_permission_for_records_of_a_type_refuses_the_others_of_it(made):  # noqa: F811
	limited(DEAL, made[DEAL, OTHER])
	assert told(REP, DEAL, made[DEAL, REP]) == (
		False, [ROLE, (f"A User Permission refuses {DEAL} {made[DEAL, REP]}", False)],
	)  # fmt: skip
	assert told(REP, DEAL, made[DEAL, OTHER]) == (True, [ROLE])


def test_a_user_permission_counts_in_rows_and_not_in_fields_that_are_out_of_it(made, world):  # noqa: F811
	row_of = {"parent": made[DEAL, REP], "parenttype": DEAL, "parentfield": "items", "docstatus": 0, "idx": 1}
	rows.row("Sales Deal Item", item_code=world.pump, qty=1, **row_of)
	limited("User", OTHER)
	assert told(REP, DEAL, made[DEAL, REP]) == (True, [ROLE]), "whose it is does not count"
	limited("Item", world.service)
	label = frappe.get_meta("Sales Deal Item").get_label("item_code")
	assert (f"A User Permission refuses {label} {world.pump}", False) in told(REP, DEAL, made[DEAL, REP])[1]
	assert told(REP, DEAL, made[DEAL, OTHER]) == (True, [ROLE])


def test_a_user_permission_for_another_type_alone_is_shown_and_refuses_nothing_here(made, world):  # noqa: F811
	rows.row("Customer", name=f"Another {world.tag}", customer_name="Another", docstatus=0)
	limited("Customer", f"Another {world.tag}", applicable_for=CASE)
	assert told(REP, DEAL, made[DEAL, REP]) == (True, [ROLE])
	allowed, reasons = told(REP, CASE, made[CASE, REP])
	assert not allowed and (f"A User Permission refuses Customer {world.customer}", False) in reasons
	[limit] = access_explained.narrowing(REP)["permissions"]
	assert limit == {"allow": "Customer", "for_value": f"Another {world.tag}", "applicable_for": CASE}


def test_what_is_shared_with_everyone_is_shared_with_each(made):  # noqa: F811
	set_apart()
	share = ("The document is shared with the user", True)
	rows.row("DocShare", share_doctype=DEAL, share_name=made[DEAL, OTHER], everyone=1, read=1, write=0, docstatus=0)
	rows.row("DocShare", share_doctype=DEAL, share_name=made[DEAL, None], user=MANAGER, read=1, docstatus=0)
	assert share in told(REP, DEAL, made[DEAL, OTHER])[1]
	assert share not in told(REP, DEAL, made[DEAL, OTHER], "write")[1]
	assert share not in told(REP, DEAL, made[DEAL, None])[1] and share in told(MANAGER, DEAL, made[DEAL, None])[1]
	assert share not in told(REP, LEAD, made[LEAD, OTHER])[1]


def test_who_has_no_role_sees_none_of_all_there_are(made):  # noqa: F811
	counted = {row["doctype"]: row for row in access_explained.numbers(STRANGER)}
	for doctype in (DEAL, LEAD, ACTIVITY):
		assert counted[doctype]["sees"] == 0 and counted[doctype]["of"] >= 3, doctype
