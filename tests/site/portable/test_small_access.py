"""Who sees which record: a list shows those that a user may open, of every kind that follows a team, and no others."""

import frappe
import pytest

from crm_pipeline import permissions
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_public_pool import rule
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER, MANAGER, FINANCE, STRANGER = (
	USERS[who][0] for who in ("rep", "other_rep", "manager", "finance", "stranger")
)
DEAL, LEAD, PROSPECT, PAIR = "Sales Opportunity", "Sales Lead", "Sales Prospect", "Duplicate Pair"
ACTIVITY, MEMO, CASE = "Sales Activity", "Sales Memo", "Customer Case"


@pytest.fixture
def made(world):
	"""Records of the rep and of the other rep, by kind and owner."""
	found = {}
	for owner in (REP, OTHER, None):
		key = owner or "nobody"
		deal = rows.bare_deal(world, f"D {key}", sales_owner=owner, owner=owner or STRANGER)
		fixed = {"docstatus": 0, "owner": STRANGER, "sales_owner": owner, "company": world.company}
		lead = rows.row(LEAD, name=f"L {key} {world.tag}", title="L", status="New", **fixed)
		about = {"reference_doctype": DEAL, "reference_name": deal}
		found |= {
			(DEAL, owner): deal,
			(LEAD, owner): lead,
			(MEMO, owner): rows.row(MEMO, docstatus=0, owner=STRANGER, memo="M", **about),
			("of lead", owner): rows.row(MEMO, docstatus=0, owner=STRANGER, reference_doctype=LEAD, reference_name=lead),
			(ACTIVITY, owner): rows.row(ACTIVITY, subject="A", starts_on="2024-05-01 10:00:00", **about, **fixed),
			("free", owner): rows.row(ACTIVITY, subject="F", starts_on="2024-05-01 10:00:00", **{**fixed, "owner": owner or STRANGER}),
			(CASE, owner): rows.row(CASE, name=f"C {key} {world.tag}", customer=world.customer, **fixed),
		}  # fmt: skip
	return found


OF = {"of lead": MEMO, "free": ACTIVITY}


def listed(user: str, made: dict) -> set:
	"""What of it the user's lists hold, which is what they may open."""
	frappe.set_user(user)
	shown = set()
	for doctype in {OF.get(kind, kind) for kind, _owner in made}:
		names = {key: name for key, name in made.items() if OF.get(key[0], key[0]) == doctype}
		held = set(
			frappe.get_list(
				doctype, filters={"name": ("in", list(names.values()))}, pluck="name", limit=0, order_by="name asc"
			)
		)
		may = {key for key, name in names.items() if frappe.has_permission(doctype, "read", doc=name)}
		assert may == {key for key, name in names.items() if name in held}, (user, doctype)
		shown |= may
	frappe.set_user("Administrator")
	return shown


KINDS = (DEAL, LEAD, MEMO, "of lead", ACTIVITY, "free", CASE)


def test_without_teams_everybody_in_sales_sees_all(made):
	for user in (REP, OTHER, MANAGER):
		assert listed(user, made) == set(made)


def test_with_teams_apart_each_sees_their_own(made):
	set_apart()
	for user, other in ((REP, OTHER), (OTHER, REP)):
		found = listed(user, made)
		assert {kind for kind, owner in found if owner == user} == set(KINDS)
		assert {kind for kind, owner in found if owner == other} == set()


def test_who_takes_part_reads_an_activity_about_nothing_and_does_not_change_it(made):
	set_apart()
	name = made["free", OTHER]
	rows.row(
		"Sales Activity Person",
		docstatus=0,
		parent=name,
		parenttype=ACTIVITY,
		parentfield="colleagues",
		colleague=REP,
		idx=1,
	)
	assert ("free", OTHER) in listed(REP, made)
	doc = frappe.get_doc(ACTIVITY, name)
	may = lambda right, user: permissions.has_attached_permission(doc, right, user)  # noqa: E731
	assert (may("read", REP), may("write", REP), may("read", MANAGER), may("write", OTHER)) == (
		True,
		False,
		False,
		True,
	)
	about = frappe.get_doc(ACTIVITY, made[ACTIVITY, OTHER])
	rows.row(
		"Sales Activity Person",
		docstatus=0,
		parent=about.name,
		parenttype=ACTIVITY,
		parentfield="colleagues",
		colleague=REP,
		idx=1,
	)
	assert not permissions.has_attached_permission(about, "read", REP), "what is about a deal is seen by who sees that"


@pytest.mark.parametrize("right", sorted(permissions.CHANGING))
def test_who_may_only_read_a_deal_changes_nobody_else_s_record_about_it(made, monkeypatch, right):
	set_apart()
	memo = frappe.get_doc(MEMO, made[MEMO, OTHER])
	asked = frappe.has_permission
	only_reads = lambda doctype, ptype="read", doc=None, user=None, **more: (  # noqa: E731
		(ptype == "read" or doc is None) if doctype == DEAL else asked(doctype, ptype, doc=doc, user=user, **more)
	)
	monkeypatch.setattr(frappe, "has_permission", only_reads)
	assert permissions.has_attached_permission(memo, "read", REP)
	assert not permissions.has_attached_permission(memo, right, REP)
	memo.owner = REP
	assert permissions.has_attached_permission(memo, right, REP), "their own they do"


@pytest.mark.parametrize(
	("doctype", "field", "values", "change"),
	[
		(ACTIVITY, "sales_owner", {"subject": "Ring", "starts_on": "2024-05-01 10:00:00", "status": "Planned"}, "subject"),
		("Sales Help Request", "manager", {"question": "May I?", "wanted": "Price"}, "question"),
		(MEMO, "owner", {"memo": "M"}, "memo"),
	],
)  # fmt: skip
def test_who_may_only_read_a_lead_does_what_was_given_to_them_on_it(made, doctype, field, values, change):
	set_apart()
	pool = {"pool_since": "2024-05-01 10:00:00", "pool_rule": rule().name}
	frappe.db.set_value(LEAD, made[LEAD, None], pool)
	lead = frappe.get_doc(LEAD, made[LEAD, None])
	assert [frappe.has_permission(LEAD, right, doc=lead, user=REP) for right in ("read", "write")] == [True, False]
	about = {"reference_doctype": LEAD, "reference_name": lead.name, "docstatus": 0, "owner": OTHER}
	mine, theirs = (rows.row(doctype, **{**about, **values, field: user}) for user in (REP, MANAGER))
	may = lambda name, right: permissions.has_attached_permission(frappe.get_doc(doctype, name), right, REP)  # noqa: E731
	assert [(may(mine, right), may(theirs, right)) for right in ("read", "write", "delete")] == [
		(True, True), (True, False), (True, False),
	]  # fmt: skip
	frappe.set_user(REP)
	with refused(frappe.PermissionError):
		frappe.get_doc(doctype, theirs).update({change: "Changed"}).save()
	if doctype == ACTIVITY:
		frappe.get_doc(doctype, mine).update({"status": "Done", "result": "Interested"}).save()
		assert frappe.db.get_value(doctype, mine, "status") == "Done"


def test_a_record_about_a_deal_is_not_reached_by_hanging_it_on_another_one(made):
	set_apart()
	memo = frappe.get_doc(MEMO, made[MEMO, OTHER])
	memo.reference_name = made[DEAL, REP]
	assert not permissions.has_attached_permission(memo, "read", REP)
	gone = frappe.get_doc(MEMO, made[MEMO, REP])
	frappe.db.delete(DEAL, {"name": made[DEAL, REP]})
	assert permissions.has_attached_permission(gone, "read", REP), "of a deal that is gone nothing is hidden"


def test_who_has_no_right_to_leads_at_all_keeps_what_is_recorded_about_them(made):
	assert not frappe.has_permission(LEAD, "read", user=FINANCE)
	assert permissions._seen(LEAD, FINANCE) == ""
	condition = permissions._seen(LEAD, REP)
	set_apart()
	frappe.set_user("Administrator")
	assert permissions._seen(LEAD, FINANCE) == "" and permissions._seen(LEAD, REP) != condition


def test_a_personal_record_is_seen_by_each_who_has_to_do_with_it(made):
	set_apart()
	name = made[CASE, OTHER]
	seen = lambda user: permissions.has_personal_permission(frappe.get_doc(CASE, name), "read", user)  # noqa: E731
	assert (seen(REP), seen(OTHER), seen("Administrator")) == (False, True, True)
	for field in ("responsible", "owner"):
		before = frappe.db.get_value(CASE, name, field)
		frappe.db.set_value(CASE, name, field, REP)
		assert seen(REP) and (CASE, OTHER) in listed(REP, made), field
		frappe.db.set_value(CASE, name, field, before)
	new = frappe.get_doc({"doctype": CASE, "sales_owner": OTHER})
	assert permissions.has_personal_permission(new, "write", REP)
	gone = frappe.get_doc(CASE, name)
	frappe.db.delete(CASE, {"name": name})
	assert permissions.has_personal_permission(gone, "read", REP)


# ---- suspected pairs


@pytest.fixture
def of_ours(monkeypatch):
	"""Pairs of our own kinds: whose contacts they are is ERPNext's."""
	monkeypatch.setattr(permissions, "PAIRED", (PROSPECT, LEAD))


def test_a_pair_is_seen_by_who_may_read_both(made, of_ours):
	pair = lambda one, other: rows.row(  # noqa: E731
		PAIR, docstatus=0, document_type=LEAD, document_name=made[LEAD, one], other_name=made[LEAD, other]
	)
	pairs = {
		"mine": pair(REP, REP),
		"mixed": pair(REP, OTHER),
		"turned": pair(OTHER, REP),
		"theirs": pair(OTHER, OTHER),
	}

	def seen(user: str) -> list[str]:
		frappe.set_user("Administrator")
		condition = permissions.pair_condition(user)
		query = f"select name from `tab{PAIR}` where {condition or '1 = 1'}"
		held = {name for (name,) in frappe.db.sql(query)}
		for name in pairs.values():
			assert permissions.has_pair_permission(frappe.get_doc(PAIR, name), "read", user) == (name in held), (
				user,
				name,
			)
		return [key for key, name in pairs.items() if name in held]

	assert seen(REP) == seen("Administrator") == list(pairs)
	set_apart()
	assert (seen(REP), seen(OTHER), seen("Administrator")) == (["mine"], ["theirs"], list(pairs))
	assert permissions.pair_condition("Administrator") == ""
	assert seen(STRANGER) == []
	frappe.db.delete(LEAD, {"name": made[LEAD, REP]})
	assert seen(REP) == []


def test_pairs_of_a_kind_that_a_user_has_no_right_to_are_not_shown(made, of_ours):
	condition = permissions.pair_condition(FINANCE)
	assert f"'{LEAD}'" not in condition
	kinds = [kind for kind in (PROSPECT, LEAD) if frappe.has_permission(kind, "read", user=FINANCE)]
	assert condition.count("document_type = ") == len(kinds) and (condition == "1 = 0") == (not kinds)
	assert permissions.pair_condition(REP).count("document_type = ") == 2


# ---- SQL


def test_values_in_conditions_are_texts_each(site):
	assert permissions._listed(("a", "it's", "50%")) == ", ".join(
		frappe.db.escape(one, percent=False) for one in ("a", "it's", "50%")
	)
	assert permissions._listed(()) == ""


def test_rows_of_documents_are_listed_with_the_documents(made, monkeypatch):
	row = {owner: rows.row("Sales Deal Contact", docstatus=0, parent=made[DEAL, owner], parenttype=DEAL, parentfield="contacts", idx=1) for owner in (REP, OTHER)}  # fmt: skip
	other = rows.row(
		"Sales Deal Contact", docstatus=0, parent="X", parenttype="Customer", parentfield="contacts", idx=1
	)
	assert permissions.row_condition(REP, "Sales Deal Contact") == ""
	set_apart()

	def seen(user: str) -> set[str]:
		names = ", ".join(frappe.db.escape(name) for name in (*row.values(), other))
		condition = permissions.row_condition(user, "Sales Deal Contact")
		query = f"select name from `tabSales Deal Contact` where name in ({names}) and {condition or '1 = 1'}"
		return {name for (name,) in frappe.db.sql(query)}

	assert seen(REP) == {row[REP], other} and seen(OTHER) == {row[OTHER], other}
	assert seen("Administrator") == {*row.values(), other}
	monkeypatch.setattr(permissions, "shown", lambda doctype, user: None if doctype == DEAL else "")
	assert seen(REP) == {other}, "of a type to which there is no right at all, none"
