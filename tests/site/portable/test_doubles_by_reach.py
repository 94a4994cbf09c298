"""Records that share an address, a number or a tax id; who sees a suspected pair; what is said while somebody types."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import permissions
from crm_pipeline.core import matching
from crm_pipeline.duplicates import data_quality, pair_records, while_typing
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import row
from tests.site.world import without_right

CUSTOMER, PROSPECT, LEAD, CONTACT, PAIR = "Customer", "Sales Prospect", "Sales Lead", "Contact", "Duplicate Pair"
REP, OTHER, MANAGER, FINANCE = (USERS[who][0] for who in ("rep", "other_rep", "manager", "finance"))
MAIL, PHONE = ("Contact Email", "crm_match_email"), ("Contact Phone", "crm_match_phone")


def customer(world, key: str, **values) -> str:
	name = f"{key} {world.tag}"
	values = {"customer_name": key, "disabled": 0, "docstatus": 0, **values}
	return row(CUSTOMER, name=name, **values)


def contact(world, key: str, *of: str, doctype: str = CUSTOMER, mail=None, phone=None, **how) -> str:
	"""A contact of these records, with an address and a number by which it is found."""
	name = row(CONTACT, name=f"{key} {world.tag}", first_name=key, full_name=key, docstatus=0)
	place = {"parent": name, "parenttype": CONTACT, "docstatus": 0}
	for party in of:
		row("Dynamic Link", link_doctype=doctype, link_name=party, parentfield="links", **{**place, **how})
	for (child, column), value, kept in ((MAIL, mail, "email_id"), (PHONE, phone, "phone")):
		if value is not None:
			row(child, **{column: value, kept: value}, parentfield=child, **place)
	return name


@pytest.fixture
def parties(world):
	"""Three customers, and what their contacts share."""
	found = SimpleNamespace(world=world, mail=f"x@{world.tag}.example", phone=f"+4930{int(world.tag, 36)}")
	found.able, found.baker, found.cole = (customer(world, key) for key in ("Able", "Baker", "Cole"))
	return found


def shared(kind, names, doctype: str = CUSTOMER) -> set[tuple]:
	return set(pair_records._reached_alike(doctype, *kind, set(names)))


@pytest.mark.parametrize("kind", [MAIL, PHONE])
def test_customers_whose_contacts_share_an_address_or_a_number_are_looked_at_together(parties, kind):
	world = parties.world
	by = {"mail" if kind == MAIL else "phone": parties.mail if kind == MAIL else parties.phone}
	[value] = by.values()
	contact(world, "Ines", parties.able, **by), contact(world, "Tom", parties.baker, **by)
	contact(world, "Ann", parties.cole, **{key: f"{value}0" for key in by})
	contact(world, "Sue", parties.cole, doctype="Supplier", **by)
	contact(world, "Ray", parties.cole, parenttype="Address", **by)
	contact(world, "Lee", parties.cole, **{key: "" for key in by})
	both = {(value, parties.able), (value, parties.baker)}
	assert shared(kind, [parties.able]) == shared(kind, [parties.able, parties.baker]) == both
	assert shared(kind, [parties.cole]) == {(f"{value}0", parties.cole)} and shared(kind, ["Nobody"]) == set()
	assert shared(PHONE if kind == MAIL else MAIL, [parties.able]) == set()
	groups = pair_records._sharing(CUSTOMER, {parties.able})
	assert {key: set(names) for key, names in groups.items()} == {f"{kind[1]} {value}": {parties.able, parties.baker}}


@pytest.mark.parametrize("kind", [MAIL, PHONE])
def test_contacts_that_share_an_address_or_a_number_are_looked_at_together(parties, kind):
	world = parties.world
	by = {"mail" if kind == MAIL else "phone": parties.mail if kind == MAIL else parties.phone}
	[value] = by.values()
	one, other = contact(world, "Ines", parties.able, **by), contact(world, "Tom", **by)
	alone = contact(world, "Ann", **{key: f"{value}0" for key in by})
	empty = contact(world, "Lee", **{key: "" for key in by})
	row(kind[0], parent="Somebody", parenttype="User", parentfield="x", docstatus=0, **{kind[1]: value})
	assert shared(kind, [one], CONTACT) == {(value, one), (value, other)}
	assert shared(kind, [alone], CONTACT) == {(f"{value}0", alone)} and shared(kind, [empty], CONTACT) == set()


def test_customers_that_share_a_tax_id_are_looked_at_together_while_they_are_in_use(world):
	value = f"DE{world.tag}"
	one, other = (customer(world, key, crm_match_tax_id=value) for key in ("Able", "Baker"))
	off = customer(world, "Off", crm_match_tax_id=value, disabled=1)
	none = [customer(world, key, crm_match_tax_id="") for key in ("None", "Nothing")]
	groups = lambda *names: {key: sorted(found) for key, found in pair_records._sharing(CUSTOMER, set(names)).items()}  # noqa: E731
	assert groups(one) == {f"crm_match_tax_id {value}": [one, other]} == groups(other, *none)
	assert off not in groups(one, off)[f"crm_match_tax_id {value}"] and groups(*none) == {}


@pytest.mark.parametrize("column", ["match_tax_id", "match_email", "match_phone", "match_mobile"])
def test_prospects_that_share_what_they_say_of_themselves_are_looked_at_together_while_unverified(world, column):
	value = f"key {world.tag}"
	make = lambda key, **values: row(  # noqa: E731
		PROSPECT, **{"name": f"{key} {world.tag}", "prospect_name": key, "status": "Unverified", column: value, "docstatus": 0, **values}
	)  # fmt: skip
	one, other, _verified = make("a"), make("b"), make("c", status="Verified")
	make("d", **{column: "another"})
	found = pair_records._sharing(PROSPECT, {one})
	assert {key: sorted(names) for key, names in found.items()} == {f"{column} {value}": [one, other]}


@pytest.mark.parametrize("doctype", [CUSTOMER, PROSPECT, LEAD, CONTACT])
def test_records_are_gone_through_in_the_order_of_their_names_without_those_that_are_over(world, doctype):
	key = pair_records.NAME_KEYS.get(doctype)
	label = {CUSTOMER: "customer_name", PROSPECT: "prospect_name", LEAD: "title", CONTACT: "first_name"}[doctype]
	alive = {CUSTOMER: {"disabled": 0}, PROSPECT: {"status": "Unverified"}, LEAD: {"status": "New"}, CONTACT: {}}[
		doctype
	]
	over = {CUSTOMER: {"disabled": 1}, PROSPECT: {"status": "Verified"}, LEAD: {"status": "Converted"}}.get(doctype)
	first = f"~{world.tag}"
	make = lambda name, word, **values: row(  # noqa: E731
		doctype, **{"name": f"{first} {name}", label: word, "docstatus": 0, **({key: f"{first} {word}"} if key else {}), **values}
	)  # fmt: skip
	rows = [make("3", "a", **alive), make("1", "b", **alive), make("2", "b", **alive)]
	rows = rows if key else sorted(rows)
	if over:
		make("0", "b", **over)
	after = lambda word, name, limit=9: [  # noqa: E731
		found for _key, found in pair_records._names_after(doctype, word, name, limit) if found.startswith(first)
	]
	begin = (first, "") if key else ("", first)
	assert after(*begin) == rows and after(*begin, 2) == rows[:2]
	last = (f"{first} b", rows[1]) if key else ("", rows[1])
	assert after(*last) == rows[2:]


def test_customers_whose_contacts_share_an_address_are_a_pair_by_night(parties):
	world = parties.world
	one, other = (
		customer(world, f"Harbour Works {key}", customer_type="Company", crm_match_name=f"harbour works {key}")
		for key in "xy"
	)
	for key, party in (("Ines", one), ("Tom", other), ("Ann", parties.cole)):
		contact(world, key, party, mail=parties.mail)
	for chunk in pair_records.chunks(None):
		if chunk[0] == CUSTOMER:
			pair_records.look_at(*chunk)
	found = {
		(pair.document_name, pair.other_name): pair.signs
		for pair in frappe.get_all(
			PAIR, filters={"document_type": CUSTOMER}, fields=["document_name", "other_name", "signs"], order_by="name asc"
		)
		if world.tag in pair.document_name
	}  # fmt: skip
	assert list(found) == [(one, other)] and "E-mail" in found[one, other]


# ---- who sees a pair


def test_of_a_pair_of_which_one_is_gone_only_the_administrator_sees_it(world):
	fixed = {"docstatus": 0, "sales_owner": REP, "company": world.company, "status": "New"}
	names = [row(LEAD, name=f"{key} {world.tag}", title=key, **fixed) for key in "ab"]
	pairs = [
		frappe.get_doc(PAIR, row(PAIR, docstatus=0, document_type=LEAD, document_name=one, other_name=other))
		for one, other in (names, (names[0], "gone"), ("gone", names[0]))
	]
	seen = lambda user: [permissions.has_pair_permission(pair, "read", user) for pair in pairs]  # noqa: E731
	assert seen("Administrator") == [True] * 3 and seen(REP) == [True, False, False]
	frappe.set_user("Administrator")
	assert [permissions.has_pair_permission(pair) for pair in pairs] == [True] * 3


# ---- while somebody types


def test_there_can_be_something_hidden_for_who_lacks_a_right_or_is_kept_apart(world, as_user, monkeypatch):
	as_user("rep")
	assert while_typing._is_restricted() is False
	for doctype in (CUSTOMER, PROSPECT, LEAD, CONTACT):
		with monkeypatch.context() as patch:
			without_right(patch, doctype, "read")
			assert while_typing._is_restricted() is True, doctype
	as_user("Administrator")
	limit = {"doctype": "User Permission", "user": OTHER, "allow": CUSTOMER, "for_value": world.customer}
	frappe.get_doc(limit).insert()
	as_user("other_rep")
	assert while_typing._is_restricted() is True
	as_user("Administrator")
	set_apart()
	as_user("rep")
	assert while_typing._is_restricted() is True


def prospects(world, *keys: str, **values) -> list[str]:
	made = {"status": "Unverified", "company": world.company, "docstatus": 0, **values}
	return [
		row(
			PROSPECT, name=f"{key} {world.tag}", prospect_name=f"Many {world.tag} {key}",
			match_name=matching.search_name(f"Many {world.tag} {key}", False), **made,
		)
		for key in keys
	]  # fmt: skip


def test_who_sees_all_is_told_of_the_nearest_five_and_of_nothing_hidden(world, as_user):
	names = prospects(world, *(f"{n:02}" for n in range(7)), sales_owner=OTHER)
	as_user("rep")
	found = while_typing.similar(PROSPECT, {"name": f"Many {world.tag}"})
	assert [one["name"] for one in found["found"]] == names[:5] and (found["hidden"], found["ask"]) == ([], [])
	[first, *_more] = found["found"]
	assert first == {
		"doctype": PROSPECT, "name": names[0], "title": f"Many {world.tag} 00", "detail": "Unverified", "signs": ["Name"],
	}  # fmt: skip


def test_behind_many_of_others_own_ones_are_found_unless_they_are_verified_or_the_one_that_is_typed(world, as_user):
	prospects(world, *(f"{n:02}" for n in range(22)), sales_owner=OTHER)
	own = prospects(world, *(f"own {n}" for n in range(3)), sales_owner=REP)
	prospects(world, "own verified", sales_owner=REP, status="Verified")
	row(PROSPECT, name=f"else {world.tag}", prospect_name="Else", match_name="else", sales_owner=REP, status="Unverified", docstatus=0)  # fmt: skip
	set_apart()
	as_user("rep")
	told = lambda **how: while_typing.similar(PROSPECT, {"name": f"Many {world.tag}"}, **how)  # noqa: E731
	assert [one["name"] for one in told()["found"]] == own
	assert [one["name"] for one in told(name=own[1])["found"]] == [own[0], own[2]]
	assert told()["hidden"] == [], "the beginning of a name tells nothing of others"
	prospects(world, *(f"own late {n}" for n in range(4)), sales_owner=REP)
	found = [one["name"] for one in told()["found"]]
	assert len(found) == 5 and found[:3] == own


def test_whom_to_ask_are_the_first_three_managers_who_may_see_what_is_hidden(world, as_user, monkeypatch):
	[name] = prospects(world, "secret", sales_owner=OTHER)
	set_apart()
	as_user("rep")
	users = [MANAGER, REP, OTHER, "Administrator", FINANCE]
	monkeypatch.setattr(while_typing.duplicates, "managers", lambda: users)
	monkeypatch.setattr(frappe, "has_permission", lambda doctype, right, doc, user: (doctype, right, doc) == (PROSPECT, "read", name) and user != REP)  # fmt: skip
	names = [frappe.utils.get_fullname(user) for user in (MANAGER, OTHER, "Administrator")]
	assert while_typing._whom_to_ask({PROSPECT: [name], LEAD: ["x"]}) == names
	assert while_typing._whom_to_ask({}) == [] == while_typing._whom_to_ask({LEAD: ["x"]})


def test_own_ones_with_the_beginning_of_the_name_are_told_in_the_order_of_what_they_are_called(world, as_user):
	prospects(world, *(f"{n:02}" for n in range(22)), sales_owner=OTHER)
	made = {}
	for key, place in (("zulu", 1), ("yard", 2), ("xmas", 3), ("west", 4), ("vale", 5), ("uncle", 6)):
		label = f"Many {world.tag} {key}"
		made[key] = row(
			PROSPECT, name=f"{place} {world.tag}", prospect_name=label, match_name=matching.search_name(label, False),
			sales_owner=REP, status="Unverified", company=world.company, docstatus=0,
		)  # fmt: skip
	set_apart()
	as_user("rep")
	found = while_typing.similar(PROSPECT, {"name": f"Many {world.tag}"})["found"]
	assert [one["name"] for one in found] == [made[key] for key in ("uncle", "vale", "west", "xmas", "yard")]
	assert found[0]["title"] == f"Many {world.tag} uncle" and {tuple(one["signs"]) for one in found} == {("Name",)}


def test_what_a_customer_and_a_prospect_of_one_name_can_be_reached_by_is_told_apart(world):
	name = f"Same {world.tag}"
	for doctype, field in ((CUSTOMER, "customer_name"), (PROSPECT, "prospect_name")):
		row(doctype, name=name, docstatus=0, **{field: name})
	contact(world, "mine", name, doctype=CUSTOMER, mail="mine@quay.example", phone="+49301")
	contact(world, "theirs", name, doctype=PROSPECT, mail="theirs@quay.example", phone="+49302")
	# An address of the same name is no contact, and one without anything reaches nobody.
	row("Dynamic Link", parent=name, parenttype="Address", link_doctype=CUSTOMER, link_name=name, docstatus=0)
	row("Contact Email", parent=name, parenttype=CONTACT, email_id="address@quay.example", docstatus=0)
	contact(world, "bare", name, doctype=CUSTOMER, mail="", phone="")
	facts = {doctype: data_quality._Facts(doctype, [name]) for doctype in (CUSTOMER, PROSPECT)}
	assert [(one.emails[name], one.phones[name]) for one in facts.values()] == [
		(["mine@quay.example"], ["+49301"]), (["theirs@quay.example"], ["+49302"]),
	]  # fmt: skip
	assert facts[CUSTOMER].contacts[name] == 2 and facts[PROSPECT].contacts[name] == 1
