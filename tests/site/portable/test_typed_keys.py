"""What is looked for while somebody types: each key in each place, and in no other one."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.core import matching
from crm_pipeline.duplicates import candidates, pair_records, while_typing
from crm_pipeline.duplicates.candidates import NAME, REACHED, TAX_ID, Typed
from crm_pipeline.erp import identity
from tests.site.conftest import USERS
from tests.site.portable.test_doubles_by_reach import contact, customer, prospects
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import row
from tests.site.world import refused

CUSTOMER, PROSPECT, LEAD, CONTACT, PAIR = "Customer", "Sales Prospect", "Sales Lead", "Contact", "Duplicate Pair"
REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
EVERY = (CUSTOMER, PROSPECT, LEAD, CONTACT)


def prospect(world, key: str, **values) -> str:
	values = {"status": "Unverified", "sales_owner": REP, "prospect_name": f"{key} Mill", **values}
	return row(PROSPECT, name=f"{key} {world.tag}", company=world.company, docstatus=0, **values)


def lead(world, key: str, **values) -> str:
	return row(LEAD, name=f"{key} {world.tag}", title=key, company=world.company, status="New", docstatus=0, **values)


def found(typed: dict, doctype: str = CUSTOMER, targets=EVERY) -> dict[str, dict[str, set]]:
	"""{DocType: {name: what it shares}}."""
	there = candidates.candidates(Typed(doctype, typed), targets)
	return {target: one.signs for target, one in there.items() if one.signs}


# ---- what was typed, as keys


@pytest.mark.parametrize(
	"doctype, kind, is_person",
	[
		(CUSTOMER, "Individual", True), (CUSTOMER, "Company", False), (PROSPECT, "Person", True), (CONTACT, "", True),
		(PROSPECT, "Organisation", False), (LEAD, None, False),
	],
)  # fmt: skip
def test_a_person_is_looked_for_among_people_by_the_name(world, doctype, kind, is_person):
	typed = Typed(doctype, {"name": f"Ines Marlow {world.tag}", "kind": kind})
	assert typed.is_person == is_person
	known = row(CONTACT, name=f"Ines {world.tag}", first_name="Ines", crm_match_name=typed.name, docstatus=0)
	firm = customer(world, "Firm", crm_match_name=typed.name)
	there = found({"name": f"Ines Marlow {world.tag}", "kind": kind}, doctype)
	assert there[CUSTOMER] == {firm: {NAME}} and (there.get(CONTACT) == {known: {NAME}}) == is_person


@pytest.mark.parametrize(
	"name, is_asked", [("ab", False), ("abc", True), ("  ab ", False), ("", False), ("华为", True), ("Ö3", True)]
)
def test_a_name_is_looked_for_from_three_letters_on_and_in_another_script_at_once(site, name, is_asked):
	typed = Typed(CUSTOMER, {"name": name})
	assert bool(typed.name) == is_asked or (name == "Ö3" and typed.name.isascii())


@pytest.mark.parametrize(
	"text, is_asked", [("1234", False), ("12345", True), ("123 ", False), (" 12345 ", True), ("n/a", False)]
)
def test_a_tax_id_is_looked_for_from_five_letters_on(site, text, is_asked):
	assert bool(Typed(CUSTOMER, {"tax_id": text}).tax_id) == is_asked


@pytest.mark.parametrize("field", ["phone", "mobile"])
@pytest.mark.parametrize("typed", ["030 4417093", "+49 30 4417093"])
def test_a_number_is_read_as_in_its_own_country_else_that_of_the_company(world, monkeypatch, field, typed):
	asked = []
	code = identity.country_code
	monkeypatch.setattr(identity, "country_code", lambda *of: asked.append(of) or "DE")
	of_company = Typed(CUSTOMER, {field: typed, "company": world.company})
	of_country = Typed(CUSTOMER, {field: typed, "company": world.company, "country": "Germany"})
	assert asked == [(None, world.company), ("Germany", world.company)]
	assert of_company.phones == of_country.phones == ["304417093"]
	monkeypatch.setattr(identity, "country_code", code)
	assert Typed(CUSTOMER, {"phone": typed, "mobile": typed, "country": "Germany"}).phones == ["304417093"]


# ---- where it is looked for


@pytest.mark.parametrize("column", ["match_phone", "match_mobile"])
@pytest.mark.parametrize("field", ["phone", "mobile"])
def test_a_number_is_found_in_either_place_of_prospects_and_leads(world, column, field):
	number = str(3000000 + int(world.tag, 36) % 999999)
	typed = {field: f"+49 30 {number}", "country": "Germany"}
	[key] = Typed(CUSTOMER, typed).phones
	one, other = prospect(world, "one", **{column: key}), lead(world, "two", **{column: key})
	prospect(world, "else", **{column: f"{key}1"}), lead(world, "else", **{column: f"{key}1"})
	assert found(typed) == {PROSPECT: {one: {REACHED}}, LEAD: {other: {REACHED}}}


@pytest.mark.parametrize("status, is_found", [("Unverified", True), ("Verified", False), ("Rejected", False)])
def test_only_a_prospect_that_is_none_else_yet_is_found(world, status, is_found):
	mail = f"in@{world.tag}.example"
	name = prospect(world, "one", match_email=mail, status=status)
	assert found({"email": mail}) == ({PROSPECT: {name: {REACHED}}} if is_found else {})


@pytest.mark.parametrize("by", ["mail", "phone"])
def test_who_is_reached_at_a_number_or_address_is_found_with_whose_contact_it_is(world, by):
	mail, phone = f"in@{world.tag}.example", f"+49 30 {3000000 + int(world.tag, 36) % 999999}"
	typed = {"email": mail} if by == "mail" else {"phone": phone, "country": "Germany"}
	[key] = [mail] if by == "mail" else Typed(CUSTOMER, typed).phones
	firm, mill = customer(world, "Firm"), prospect(world, "Mill")
	of_firm, of_mill = (
		contact(world, "Ines", firm, **{by: key}),
		contact(world, "Tom", mill, doctype=PROSPECT, **{by: key}),
	)
	nobody = contact(world, "Ann", **{by: key})
	# Somebody's at a supplier; an address of that name at a customer; somebody else.
	other = contact(world, "Sue", f"Shop {world.tag}", doctype="Supplier", **{by: key})
	place = contact(world, "Ray", customer(world, "Quay"), parenttype="Address", **{by: key})
	contact(world, "Lee", customer(world, "Alder"), **{by: f"{key}0"})
	names = [of_firm, of_mill, nobody, other, place]
	assert found(typed) == {
		CONTACT: dict.fromkeys(names, {REACHED}), CUSTOMER: {firm: {REACHED}}, PROSPECT: {mill: {REACHED}},
	}  # fmt: skip
	assert found(typed, CONTACT, (CONTACT, LEAD)) == {CONTACT: dict.fromkeys(names, {REACHED})}


def test_each_sign_is_looked_for_in_its_own_column(world):
	key = f"x{world.tag}@quay.example"
	names = (
		prospect(world, "a", match_name=key),
		prospect(world, "b", match_tax_id=key),
		prospect(world, "c", match_email=key),
	)
	customer(world, "d", crm_match_name=f"other {key}"), customer(world, "e", crm_match_tax_id=f"{key}1")
	lead(world, "f", email_id=f"a{key}")
	own = lead(world, "g", email_id=f"x{world.tag}@Quay.example")
	assert found({"email": key}) == {PROSPECT: {names[2]: {REACHED}}, LEAD: {own: {REACHED}}}
	tax = f"T{int(world.tag, 36)}"
	by_tax = prospect(world, "h", match_tax_id=Typed(CUSTOMER, {"tax_id": tax}).tax_id)
	assert found({"tax_id": tax}) == {PROSPECT: {by_tax: {TAX_ID}}}


# ---- what is shown of it


def told(world, **how) -> list[str]:
	return [
		one["name"].split()[0] for one in while_typing.similar(PROSPECT, {"name": f"Many {world.tag}"}, **how)["found"]
	]


def test_one_s_own_among_the_first_and_behind_many_of_others_stand_once_each(world, as_user):
	as_user("Administrator")
	prospects(world, *(f"m{n:02}" for n in range(22)), sales_owner=OTHER)
	# The nearest is among those that are looked at first.
	prospects(world, "a0", sales_owner=REP), prospects(world, "z1", "z2", sales_owner=REP)
	prospect(world, "w", match_name=f"the {matching.search_name(f'Many {world.tag}', False)}", prospect_name="The Many")
	set_apart()
	as_user("rep")
	assert told(world) == ["a0", "z1", "z2"], "names count from their beginning"
	assert told(world, name=f"a0 {world.tag}") == ["z1", "z2"] and told(world, name=f"z1 {world.tag}") == ["a0", "z2"]


def test_where_all_with_the_name_were_looked_at_no_more_are(world, as_user):
	as_user("Administrator")
	prospects(world, *(f"m{n:02}" for n in range(18)), sales_owner=OTHER)
	prospects(world, "z1", sales_owner=REP)
	set_apart()
	as_user("rep")
	assert told(world) == ["z1"]


# ---- an answer to a pair


@pytest.mark.parametrize("answer", [pair_records.mark_not_duplicate, pair_records.unmark_not_duplicate])
@pytest.mark.parametrize("which", [0, 1])
def test_who_may_only_read_one_of_a_pair_does_not_answer_it(world, as_user, monkeypatch, answer, which):
	as_user("Administrator")
	names = [prospect(world, key, sales_owner=REP) for key in "ab"]
	before = {"decision": "Two", "decided_by": OTHER} if answer is pair_records.unmark_not_duplicate else {}
	pair = row(PAIR, document_type=PROSPECT, document_name=names[0], other_name=names[1], docstatus=0, **before)
	as_user("rep")
	asked = frappe.has_permission

	def readable(doctype, ptype="read", doc=None, *args, **kwargs):
		return (getattr(doc, "name", doc), ptype) != (names[which], "write") and asked(
			doctype, ptype, doc, *args, **kwargs
		)

	with monkeypatch.context() as patch:
		patch.setattr(frappe, "has_permission", readable)
		with refused(frappe.PermissionError, match=f"You may read .*{names[which]}"):
			answer(pair)
	assert (frappe.db.get_value(PAIR, pair, "decision") or None) == before.get("decision")
	answer(pair)
	decided = frappe.db.get_value(PAIR, pair, ["decision", "decided_by"], as_dict=True)
	marked = answer is pair_records.mark_not_duplicate
	assert (decided.decision or None, decided.decided_by or None) == (("Two", REP) if marked else (None, None))
	assert bool(frappe.db.get_value(PAIR, pair, "decided_on")) == marked


def test_the_answer_to_a_pair_is_given_through_the_dialog(world, as_user):
	as_user("Administrator")
	names = [prospect(world, key, sales_owner=REP) for key in "ab"]
	pair = row(PAIR, document_type=PROSPECT, document_name=names[0], other_name=names[1], docstatus=0)
	as_user("rep")
	api.mark_not_duplicate(pair)
	assert frappe.db.get_value(PAIR, pair, "decided_by") == REP
