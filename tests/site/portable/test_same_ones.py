"""Records that may be one: shown while typing, suspected by night, compared and merged; and what data lacks."""

import frappe

from crm_pipeline import api
from crm_pipeline.chain import jobs
from crm_pipeline.core import pairs
from crm_pipeline.core.pairs import Score
from crm_pipeline.duplicates import pair_records, while_typing
from crm_pipeline.erp import contacts, identity
from crm_pipeline.erp.contacts import Person
from crm_pipeline.patches.v0_5 import fill_contact_keys
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_visibility import set_apart
from tests.site.world import customer


def person(of, first, last="", **reach):
	return contacts.make("Customer", of, Person(f"{first} {last}".strip(), **reach), "Somebody")


def prospect(world, name, **values):
	row = {"doctype": "Sales Prospect", "prospect_name": name, "company": world.company, **values}
	return frappe.get_doc(row).insert()


def named(answer):
	return [(row["doctype"], row["name"]) for row in answer["found"]]


# ---- while typing


def test_a_name_is_found_from_its_beginning_however_it_is_written(world, as_user):
	made = customer(f"Bäckerei Zorn {world.tag} GmbH")
	other = prospect(world, f"Zorn Baeckerei {world.tag}")
	as_user("rep")
	assert named(api.find_similar("Customer", {"name": f"baeckerei  zorn {world.tag[:3]}"})) == [("Customer", made)]
	assert named(api.find_similar("Sales Prospect", {"name": f"Bäckerei Zorn {world.tag}"})) == [("Customer", made)]
	assert named(api.find_similar("Sales Lead", {"name": "Zorn Bäckerei"})) == [("Sales Prospect", other.name)]
	assert named(api.find_similar("Sales Prospect", {"name": "Zorn Bäckerei"}, other.name)) == []
	assert named(api.find_similar("Customer", {"name": "Bä"})) == named(api.find_similar("Customer", {})) == []
	assert named(api.find_similar("Customer", {"name": "%%%%"})) == []


def test_a_number_or_an_address_says_whose_it_is(world, as_user):
	made = customer(f"Harbour {world.tag}")
	ines = person(made, "Ines", f"Marlow {world.tag}", email=f"Ines@{world.tag}.example", phone="+49 30 4417093")
	as_user("rep")
	both = {("Customer", made), ("Contact", ines)}
	assert set(named(api.find_similar("Sales Lead", {"name": "Nobody", "phone": "0049-30-441 70 93"}))) == both
	assert set(named(api.find_similar("Customer", {"email": f"INES@{world.tag}.example"}))) == both
	assert named(api.find_similar("Contact", {"name": f"ines marlow {world.tag}"})) == [("Contact", ines)]
	assert named(api.find_similar("Contact", {"name": f"Ines Marlow {world.tag}"}, ines)) == []
	assert api.find_similar("Contact", {"mobile": "+49304417093"})["found"][0]["signs"] == ["E-mail or phone"]


def test_what_the_user_may_not_see_is_only_said_to_be_there_and_whom_to_ask(world, as_user):
	hidden = customer(f"Secret {world.tag}", tax_id=f"T-{world.tag}")
	seen = customer(f"Open {world.tag}")
	rep = as_user("rep")
	frappe.set_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": rep, "allow": "Customer", "for_value": seen}).insert()
	as_user("rep")
	for values in ({"name": f"Secret {world.tag}"}, {"name": "X", "tax_id": f"t {world.tag}"}):
		answer = api.find_similar("Customer", values)
		assert (answer["found"], answer["hidden"]) == ([], ["Customer"])
		assert answer["ask"] and hidden not in frappe.as_json(answer)
	# Part of a name tells nothing.
	assert api.find_similar("Customer", {"name": f"Secret {world.tag[:4]}"}) == {"found": [], "hidden": [], "ask": []}
	assert named(api.find_similar("Customer", {"name": f"Open {world.tag}"})) == [("Customer", seen)]


def test_whoever_may_see_any_of_what_is_hidden_can_be_asked(world, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Customer")
	# However many managers the site has.
	monkeypatch.setattr(while_typing, "ASKED", 999)
	first, second = customer(f"Aunt {world.tag}"), customer(f"Bay {world.tag}")
	manager = USERS["manager"][0]
	frappe.get_doc({"doctype": "User Permission", "user": manager, "allow": "Customer", "for_value": second}).insert()
	as_user("rep")
	name = frappe.utils.get_fullname(manager)
	assert name not in while_typing._whom_to_ask({"Customer": [first]})
	assert name in while_typing._whom_to_ask({"Customer": [first, second]})
	assert while_typing._whom_to_ask({}) == []


def test_what_a_user_may_see_is_found_behind_many_that_they_may_not(world, as_user):
	owners = {n: USERS["other_rep" if n < 23 else "rep"][0] for n in range(24)}
	made = [prospect(world, f"Many {world.tag} {n:02}", sales_owner=owner) for n, owner in owners.items()]
	hidden, seen = [doc.name for doc in made[:23]], made[23].name
	typed = {"name": f"Many {world.tag}"}
	assert named(api.find_similar("Sales Prospect", typed)) == [("Sales Prospect", name) for name in hidden[:5]]
	set_apart()
	as_user("rep")
	assert named(api.find_similar("Sales Prospect", typed)) == [("Sales Prospect", seen)]
	assert named(api.find_similar("Sales Prospect", typed, seen)) == []


def test_the_same_name_comes_first_and_every_sign_is_told(world, as_user):
	longer = prospect(world, f"Alder {world.tag} Aft").name
	same = prospect(world, f"Alder {world.tag}", tax_id=f"T-{world.tag}", phone="+49 30 4417093").name
	as_user("rep")
	typed = {"name": f"Alder {world.tag}", "tax_id": f"t {world.tag}", "mobile": "030 4417093", "country": "Germany"}
	assert [(row["name"], row["signs"]) for row in api.find_similar("Customer", typed)["found"]] == [
		(same, ["Name", "Tax ID", "E-mail or phone"]),
		(longer, ["Name"]),
	]


def test_a_verified_prospect_is_its_customer(world, as_user):
	made = prospect(world, f"Verified {world.tag}", email=f"in@verified-{world.tag}.example")
	as_user("rep")
	typed = {"name": f"Verified {world.tag}", "email": f"in@verified-{world.tag}.example"}
	assert named(api.find_similar("Sales Lead", typed)) == [("Sales Prospect", made.name)]
	frappe.db.set_value("Sales Prospect", made.name, "status", "Verified")
	assert api.find_similar("Sales Lead", typed)["found"] == []
	for number in range(21):
		name = prospect(world, f"Verified {world.tag} {number:02}").name
		frappe.db.set_value("Sales Prospect", name, "status", "Verified")
	last = prospect(world, f"Verified {world.tag} last").name
	assert named(api.find_similar("Sales Lead", typed)) == [("Sales Prospect", last)]


def test_each_of_two_numbers_is_looked_for(world, as_user):
	first = prospect(world, f"First {world.tag}", phone="+49 30 4417093").name
	second = prospect(world, f"Second {world.tag}", mobile_no="+49 171 2345678").name
	as_user("rep")
	typed = {"name": "Nobody", "phone": "+49 171 2345678", "mobile": "+49 30 4417093"}
	assert {name for _doctype, name in named(api.find_similar("Customer", typed))} == {first, second}


def test_a_prospect_of_another_team_is_not_shown(world, as_user):
	as_user("other_rep")
	other = prospect(world, f"Theirs {world.tag}", sales_owner=USERS["other_rep"][0])
	set_apart()
	as_user("rep")
	answer = api.find_similar("Sales Lead", {"name": f"Theirs {world.tag}"})
	assert (answer["found"], answer["hidden"]) == ([], ["Sales Prospect"]) and other.name not in frappe.as_json(answer)


def test_contacts_of_earlier_versions_are_found_after_the_patch(world):
	ines = person(world.customer, "Ines", f"Marlow {world.tag}")
	frappe.db.set_value("Contact", ines, "crm_match_name", None, update_modified=False)
	assert named(while_typing.similar("Contact", {"name": f"Ines Marlow {world.tag}"})) == []
	fill_contact_keys.fill_match_keys.fill_missing_keys()
	assert named(while_typing.similar("Contact", {"name": f"Ines Marlow {world.tag}"})) == [("Contact", ines)]


# ---- suspected pairs


def look(doctype="Customer"):
	for chunk in pair_records.chunks(None):
		if chunk[0] == doctype:
			pair_records.look_at(*chunk)


def pairs_of(name):
	rows = frappe.get_all(
		"Duplicate Pair",
		or_filters={"document_name": name, "other_name": name},
		fields=["name", "document_name", "other_name", "decision"],
		order_by="creation",
	)
	return [({row.document_name, row.other_name}, row.decision, row.name) for row in rows]


def test_pairs_share_a_number_or_an_address_or_a_tax_id(world):
	one, other = customer(f"Alpha {world.tag}"), customer(f"Alpha Pumps {world.tag}")
	for name in (one, other):
		person(name, "Ines", email=f"ines@{world.tag}.example", phone="+49 30 44170931")
	third, fourth = (
		customer(f"Xyz {world.tag}", tax_id=f"DE-{world.tag}"),
		customer(f"Uvw {world.tag}", tax_id=f"de {world.tag}"),
	)
	look()
	look("Contact")
	assert [both for both, *_rest in pairs_of(one)] == [{one, other}]
	assert [both for both, *_rest in pairs_of(third)] == [{third, fourth}]
	assert len(pairs_of(contacts.linked_to("Contact", "Customer", one)[0])) == 1


def test_a_bad_record_stops_no_other_and_a_run_goes_on_where_it_stopped(world, monkeypatch):
	one, other = customer(f"Zephyr Works {world.tag}"), customer(f"Zephir Works {world.tag}")
	bad = customer(f"Zephyr Work {world.tag}")
	score = pairs.score

	def failing(a, b):
		if bad in (a.name, b.name):
			raise ValueError("bad")
		return score(a, b)

	monkeypatch.setattr(pairs, "score", failing)
	monkeypatch.setattr(pair_records, "CHUNK", 2)
	look()
	assert [both for both, *_rest in pairs_of(one)] == [{one, other}]
	every = pair_records.chunks(None)
	assert pair_records.chunks(list(every[1])) == every[2:] and pair_records.chunks(list(every[-1])) == []
	assert jobs.PAIRS in jobs.JOBS and Score(70).is_suspected


def test_a_tax_id_and_a_mailbox_are_found_with_more_or_less_around_them(world, as_user):
	code = identity.country_code(None)
	known = prospect(world, f"Arbol {world.tag}", tax_id=f"{code} 05680675-C").name
	short = prospect(world, f"Bosque {world.tag}", tax_id="7654321-9", email_id=f"in@{world.tag}.example").name
	nobody = prospect(world, f"Casa {world.tag}", tax_id="n/a").name
	lead = frappe.get_doc(
		{
			"doctype": "Sales Lead",
			"title": "Pumps",
			"prospect": nobody,
			"email_id": f"in+x@{world.tag}.example",
			"company": world.company,
		}
	).insert()
	as_user("rep")
	similar = lambda values: named(api.find_similar("Customer", {"name": "Nobody", **values}))  # noqa: E731
	assert similar({"tax_id": "05680675 C"}) == [("Sales Prospect", known)]
	assert similar({"tax_id": "FR 7654321 9"}) == [("Sales Prospect", short)]
	assert similar({"tax_id": "n/a"}) == similar({"tax_id": "000000"}) == []
	assert set(similar({"email": f"IN+X@{world.tag}.example"})) == {
		("Sales Prospect", short),
		("Sales Lead", lead.name),
	}
