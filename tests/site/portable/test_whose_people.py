"""Parties and their people: whose mail it is, which contacts a document's people become, who would see what, what the pool says."""

import frappe
import pytest
from frappe.utils import add_days, formatdate, nowdate

from crm_pipeline import api, permissions
from crm_pipeline.capture import mail_leads
from crm_pipeline.core import matching
from crm_pipeline.core import pool as rules
from crm_pipeline.erp import contacts, identity
from crm_pipeline.erp.contacts import Person
from crm_pipeline.leads import lead_bells, standard_questions
from crm_pipeline.parties import deal_people, mailbox, party, people, verification, visibility
from crm_pipeline.pool import claiming, pooling
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_qualifying import PIPELINE, QUESTIONS, ask, asking  # noqa: F401
from tests.site.portable.test_same_ones import prospect
from tests.site.rows import bare_deal, row, sales_people
from tests.site.world import refused

CUSTOMER, PROSPECT, LEAD, CONTACT = "Customer", "Sales Prospect", "Sales Lead", "Contact"
REP, OTHER, MANAGER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "stranger"))


# ---- whose mail it is


def known(name: str, label: str = "Harbour Works", is_person: bool = False):
	return matching.Identity(name, label, matching.PERSON if is_person else matching.ORGANISATION)


@pytest.mark.parametrize(
	"customers, prospects, name, found",
	[
		("A", "", "Ines", ("customer", "A")), ("", "P", "Ines", ("prospect", "P")), ("A", "P", "Ines", ("customer", "A")),
		("AB", "P", "Ines", None), ("", "PQ", "Ines", None), ("", "", "Ines", None), ("a", "", "Ines Marlow", ("customer", "a")),
		("a", "", "Tom Blake", None), ("a", "P", "Tom Blake", None), ("a", "", None, ("customer", "a")), ("", "p", "Tom Blake", None),
	],
)  # fmt: skip
def test_a_mail_is_of_the_one_party_whose_people_have_the_address(site, monkeypatch, customers, prospects, name, found):
	"""In small letters: a person by the name of Ines Marlow."""
	make = lambda keys: [known(key, "Ines Marlow" if key.islower() else "Works", key.islower()) for key in keys]  # noqa: E731
	asked = []
	monkeypatch.setattr(contacts, "with_address", lambda email: asked.append(email) or ["one"])
	monkeypatch.setattr(mailbox, "parties_of", lambda names, doctype: [doctype, *names])
	monkeypatch.setattr(
		identity, "known_customers", lambda names: make(customers) if names == [CUSTOMER, "one"] else None
	)
	monkeypatch.setattr(
		identity, "known_prospects", lambda names: make(prospects) if names == [PROSPECT, "one"] else None
	)
	assert mailbox.field_and_party("in@harbour.example", name) == found and asked == ["in@harbour.example"]


@pytest.mark.parametrize(
	"contact_name, party_found, values",
	[
		("Ines Marlow", ("customer", "A"), {"customer": "A"}), ("Ines Marlow", ("prospect", "P"), {"prospect": "P"}),
		("Ines Marlow", None, {"prospect_name": "Ines Marlow", "prospect_kind": "Person"}),
		("in@harbour.example", None, {"prospect_name": "in@harbour.example", "prospect_kind": "Person"}),
		("", None, {"prospect_name": "in@harbour.example", "prospect_kind": "Person"}),
		(None, ("customer", "A"), {"customer": "A"}),
	],
)  # fmt: skip
def test_a_lead_of_a_mail_is_about_whom_the_sender_belongs_to_else_about_the_sender(
	site, monkeypatch, contact_name, party_found, values
):
	asked = []
	monkeypatch.setattr(mailbox, "field_and_party", lambda *of: asked.append(of) or party_found)
	lead = frappe._dict(email_id="in@harbour.example", contact_name=contact_name)
	lead.set = lead.__setitem__
	mail_leads._set_party(lead)
	del lead["set"]
	assert lead == {"email_id": "in@harbour.example", "contact_name": contact_name, **values}
	name = None if "@" in (contact_name or "") else contact_name
	assert asked == [("in@harbour.example", name)], "the address is no name"


# ---- people of a document


@pytest.fixture
def plain(monkeypatch):
	HOST.plain_records(monkeypatch, CONTACT)


def linked(doc) -> list[str | None]:
	return [one.contact for one in doc.reload().contacts]


def test_who_is_clear_becomes_a_contact_though_somebody_has_to_say_of_another(sale, world, as_user, plain):
	as_user("rep")
	lead = sale.lead(prospect_name=f"Wharf {world.tag}", contact_name="", email_id="", phone="+1 555 010 2030")
	rep_prospect = lead.prospect
	there = contacts.make(PROSPECT, rep_prospect, Person("Ines Marlow", email="ines@wharf.example"), "Wharf")
	made = sale.opportunity(customer=None, prospect=rep_prospect, contacts=[
		{"contact_name": "Tom Blake", "email_id": "tom@wharf.example"},
		{"contact_name": "Ines Marlow", "phone": "+49 30 1"},
		{"contact_name": "Ana Reis", "contact": there},
		{"contact_name": "Sue", "phone": "+49 30 3"},
	])  # fmt: skip
	unclear = api.make_contacts(made.doctype, made.name)
	assert [(one["row"], one["name"]) for one in unclear] == [(made.contacts[1].name, "Ines Marlow")]
	assert unclear[0]["contacts"] == [{"name": there, "title": "Ines Marlow", "detail": "ines@wharf.example"}]
	tom, ines, ana, sue = linked(made)
	assert tom and sue and tom != sue and (ines or None, ana) == (None, there)
	assert contacts.linked_to(CONTACT, PROSPECT, rep_prospect) == sorted({tom, sue, there})


def test_contacts_of_either_party_are_those_that_it_may_be(sale, world, as_user, plain):
	as_user("Administrator")
	mill = prospect(world, f"Mill {world.tag}")
	theirs = contacts.make(PROSPECT, mill.name, Person("Ines Marlow", email="ines@mill.example"), "Mill")
	frappe.db.set_value(PROSPECT, mill.name, {"customer": world.customer, "status": "Verified"})
	made = sale.opportunity(prospect=mill.name, contacts=[{"contact_name": "Ines Marlow", "phone": "+49 30 1"}])
	assert made.customer == world.customer
	[asked] = api.make_contacts(made.doctype, made.name)
	assert [one["name"] for one in asked["contacts"]] == [theirs]


def test_a_number_of_a_document_is_read_as_in_its_company_s_country(sale, world, as_user, monkeypatch, plain):
	as_user("Administrator")
	made = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "phone": "030 1"}])
	countries = {world.company: "DE"}
	monkeypatch.setattr(identity, "country_code", lambda country, company=None: countries.get(company, "XX"))
	told = []
	monkeypatch.setattr(deal_people, "same_named", lambda person, known, country: told.append(country) or ["x"])
	api.make_contacts(made.doctype, made.name)
	assert told == ["DE"]


def test_who_may_not_change_a_document_makes_no_contacts_of_it(sale, as_user, monkeypatch, plain):
	as_user("Administrator")
	made = sale.opportunity(contacts=[{"contact_name": "Ines Marlow", "phone": "+49 30 1"}])
	made_of = []
	monkeypatch.setattr(contacts, "make", lambda *whom: made_of.append(whom))
	as_user("finance")
	with refused(frappe.PermissionError):
		deal_people.make_contacts(made.doctype, made.name, {})
	assert made_of == [], "not even to be taken back"


@pytest.mark.parametrize(
	"values, detail",
	[
		({"email_id": "i@x.example", "mobile_no": "1", "phone": "2"}, "i@x.example"), ({"mobile_no": "1", "phone": "2"}, "1"),
		({"phone": "2"}, "2"), ({}, ""),
	],
)  # fmt: skip
def test_a_contact_to_choose_is_told_by_name_and_by_what_reaches_it_best(world, as_user, values, detail):
	one = row(CONTACT, name=f"a {world.tag}", full_name="Ines Marlow", docstatus=0, **values)
	other = row(CONTACT, name=f"b {world.tag}", docstatus=0)
	shown = deal_people._shown([other, one, f"gone {world.tag}"])
	assert shown == [
		{"name": one, "title": "Ines Marlow", "detail": detail},
		{"name": other, "title": other, "detail": ""},
	]
	as_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": CONTACT, "for_value": other, "apply_to_all_doctypes": 1}).insert()  # fmt: skip
	as_user("rep")
	assert [found["name"] for found in deal_people._shown([one, other])] == [other], "of others nothing is told"


# ---- prospects


@pytest.mark.parametrize(
	"goes, stays, is_refused",
	[("A", "B", True), ("A", "A", False), ("A", None, False), (None, "B", False), (None, None, False)],
)
def test_prospects_of_two_customers_stay_two(world, as_user, goes, stays, is_refused):
	as_user("Administrator")
	kept = row(PROSPECT, name=f"k {world.tag}", prospect_name="Kept", customer=stays, status="Unverified", docstatus=0)
	doc = frappe._dict(doctype=PROSPECT, name="gone", customer=goes)
	if not is_refused:
		assert verification.check_merge(doc, kept) is None
		return
	with refused(match=f"Prospect gone is Customer .*A.*, Prospect {kept} is Customer .*B"):
		verification.check_merge(doc, kept)


def test_who_may_only_read_the_prospect_that_stays_merges_none_into_it(world, as_user, monkeypatch):
	as_user("Administrator")
	kept = prospect(world, f"Kept {world.tag}")
	rights = []
	monkeypatch.setattr(
		type(kept), "check_permission", lambda doc, right="read", *_more: rights.append((doc.name, right))
	)
	verification.check_merge(frappe._dict(doctype=PROSPECT, name="gone", customer=None), kept.name)
	assert rights == [(kept.name, "write")]


@pytest.mark.parametrize("reason", ["", None])
def test_a_prospect_is_rejected_with_a_reason_and_only_while_it_is_no_customer(world, as_user, reason):
	as_user("manager")
	doc = prospect(world, f"Mill {world.tag}")
	with refused(frappe.MandatoryError, match="reason is needed"):
		verification.reject(doc.name, reason)
	given = frappe.get_all("Sales Lost Reason", pluck="name", order_by="name asc", limit=1)[0]
	verification.reject(doc.name, given)
	assert frappe.db.get_value(PROSPECT, doc.name, ["status", "rejected_reason"]) == ("Rejected", given)
	other = prospect(world, f"Quay {world.tag}")
	frappe.db.set_value(PROSPECT, other.name, "customer", world.customer)
	with refused(match=f"Quay {world.tag}.* is verified already"):
		verification.reject(other.name, given)
	assert frappe.db.get_value(PROSPECT, other.name, "status") == "Unverified"


@pytest.mark.parametrize("found, sure", [(None, False), ("one", True)])
def test_customers_to_choose_are_sure_only_where_one_was_found(world, as_user, monkeypatch, found, sure):
	as_user("Administrator")
	names = [
		row(CUSTOMER, name=f"{key} {world.tag}", customer_name=key, disabled=int(key == "b"), docstatus=0)
		for key in "cba"
	]
	match = frappe._dict(names=tuple(names[:2]), rule="Same name", found=found)
	asked = []
	monkeypatch.setattr(party, "find", lambda doc, doctype: asked.append(doctype) or (match, (names[2],)))
	told = party.customers_for(frappe._dict())
	assert (told["rule"], told["sure"], asked) == ("Same name", sure, [CUSTOMER])
	assert [(one.name, one.customer_name, one.disabled) for one in told["customers"]] == [
		(names[1], "b", 1),
		(names[0], "c", 0),
	]


# ---- who would see what


def test_who_would_see_what_are_people_of_desk_with_a_role_in_sales(site):
	def user(key, **values):
		name = f"{key}@who.example"
		values = {"enabled": 1, "user_type": "System User", **values}
		return row("User", name=name, email=name, full_name=key, docstatus=0, **values)

	def has(who, role, kind="User"):
		row("Has Role", parent=who, parenttype=kind, parentfield="roles", role=role, docstatus=0)

	rep, manager, gone, guest, clerk, profile = (user("rep"), user("manager"), user("gone", enabled=0), user("guest", user_type="Website User"), user("clerk"), user("profile"))  # fmt: skip
	for who, role in ((rep, "Sales User"), (rep, "Sales Manager"), (manager, "Sales Master Manager"), (gone, "Sales User"), (guest, "Sales User"), (clerk, "Accounts User")):  # fmt: skip
		has(who, role)
	has(profile, "Sales User", "Role Profile")
	found = [one.name for one in visibility._sales_people() if one.name.endswith("@who.example")]
	assert found == [manager, rep]


def test_a_row_tells_of_its_user_not_of_who_asks(world, as_user, monkeypatch):
	tree = sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	monkeypatch.setattr(people, "nodes_of", lambda user: {REP: [tree["Rep"]], MANAGER: [tree["North"]]}.get(user, []))
	as_user("Administrator")
	asked = []

	def part(seen, user, doctype):
		asked.append((user, doctype))
		return permissions.part_condition(seen, user, doctype)

	told = {
		who: visibility._row(frappe._dict(name=who, full_name="Who"), part)
		for who in (REP, MANAGER, STRANGER, "Administrator")
	}
	shape = lambda who: tuple(told[who][key] for key in ("is_manager", "everything", "persons"))  # noqa: E731
	assert shape(REP) == (False, False, [tree["Rep"]]) and shape(STRANGER) == (False, False, [])
	assert shape(MANAGER)[:2] == (True, False) and tree["Rep"] in shape(MANAGER)[2]
	assert shape("Administrator")[1:] == (True, []) and told["Administrator"]["count"] == visibility._count({})
	assert {who for who, _doctype in asked} == {REP, MANAGER, STRANGER}
	assert {doctype for _who, doctype in asked} == {LEAD, "Sales Opportunity", "Sales Project"}


def test_the_list_begins_with_who_sees_least(world, as_user, monkeypatch):
	as_user("Administrator")
	counts = {"a": (5, "Ann"), "b": (1, "Zoe"), "c": (1, "Ben")}
	monkeypatch.setattr(visibility, "_sales_people", lambda: list(counts))
	monkeypatch.setattr(
		visibility, "_row", lambda user, _part: dict(zip(("count", "full_name"), counts[user], strict=True))
	)
	assert [one["full_name"] for one in visibility.who_sees_what(None)["users"]] == ["Ben", "Zoe", "Ann"]


@pytest.mark.parametrize("status, counts", [("Open", 1), ("Won", 0), ("Lost", 0)])
def test_open_work_is_counted_and_closed_work_is_not(world, status, counts):
	before = visibility._count({})
	bare_deal(world, "a", status=status)
	row(LEAD, name=f"a {world.tag}", status="Working" if counts else "Disqualified", docstatus=0)
	assert visibility._count({}) == before + 2 * counts
	none = dict.fromkeys((LEAD, "Sales Opportunity", "Sales Project"), "1=0")
	assert visibility._count(none) == 0
	assert visibility._count({"Sales Opportunity": "1=0"}) <= visibility._count({}) - counts


# ---- the pool


@pytest.mark.parametrize(
	"why, said",
	[
		(rules.GONE, "Pumps.* is not in the public pool any more"),
		(rules.HOLDS, "You have 7 open records of this type or more"),
		(rules.COOLING, "You had .*Pumps.* last. You can claim it again from .*{day}"),
		(rules.CLAIMED, "You have claimed 3 today"),
	],
)  # fmt: skip
def test_why_a_record_can_not_be_claimed_is_said_with_the_number_of_its_rule(site, why, said):
	doc = frappe._dict(
		doctype=LEAD, name="L-1", title="Pumps", customer_name="Northwind", prospect_name="Harbour",
		pool_since=add_days(nowdate(), -2), modified=add_days(nowdate(), -9),
	)  # fmt: skip
	rule = frappe._dict(cool_down_days=7, hold_limit=7, claims_per_day=3)
	with refused(match=said.format(day=formatdate(add_days(nowdate(), 5)))):
		claiming._refuse(why, doc, rule)


def test_who_had_a_customer_is_the_first_of_its_team_in_the_tree_who_is_a_user(world):
	tree = sales_people(world, North=None, Rep=REP, South=OTHER)

	def team(*names):
		return frappe._dict(doctype=CUSTOMER, sales_team=[frappe._dict(sales_person=tree[name]) for name in names])

	assert pooling._team_users(team("North")) == pooling._team_users(team()) == []
	assert pooling._team_users(team("South", "North", "Rep")) == [REP, OTHER]
	assert pooling._team_users(frappe._dict(doctype=LEAD)) == []


# ---- leads


def test_each_is_called_in_their_own_language_by_who_did_it(world, as_user, bells, monkeypatch):
	as_user("manager")
	rung = []
	monkeypatch.setattr(lead_bells, "enqueue_create_notification", lambda users, doc: rung.append((users, doc)))
	frappe.db.set_value("User", REP, "language", "de")
	frappe.db.set_value("User", OTHER, "language", None)
	lead_bells.ring([REP, OTHER], frappe._dict(doctype=LEAD, name="L-1"), lambda language: f"in {language}")
	about = {"type": "Alert", "document_type": LEAD, "document_name": "L-1", "from_user": MANAGER}
	assert rung == [([REP], {**about, "subject": "in de"}), ([OTHER], {**about, "subject": "in None"})]


def test_answers_to_what_is_asked_no_more_are_shown_behind_whatever_their_weight(asking, as_user):  # noqa: F811
	as_user("rep")
	lead = asking.lead(
		answers=[{"question_key": "need", "answer": "Yes"}, {"question_key": "budget", "answer": "None"}]
	)
	weights = {one.question_key: (one.answer, one.points) for one in lead.answers}
	assert weights["budget"][1] == 0, "an answer may weigh nothing"
	as_user("Administrator")
	ask(("time", "When?", "Soon = 2\nLater = 1", 1), least_points=4)
	as_user("rep")
	found = api.get_questionnaire(lead.name)
	assert (found["pipeline"], found["least_points"], found["points"]) == (PIPELINE, 4, lead.qualification_points)
	first, *gone = found["questions"]
	assert (first["key"], first["required"], first["answer"], first["points"]) == ("time", True, None, None)
	assert [(one["answer"], one["points"]) for one in first["choices"]] == [("Soon", 2), ("Later", 1)]
	texts = {one.question_key: one.question for one in lead.answers}
	assert [(one["key"], one["question"], one["answer"], one["points"]) for one in gone] == [
		(key, texts[key], *weights[key]) for key in ("need", "budget")
	]
	assert not any(one["choices"] or one["required"] for one in gone)


@pytest.mark.parametrize("weight", [-101, 101, -1000])
def test_an_admin_hears_between_which_weights_an_answer_lies(world, as_user, weight):
	as_user("Administrator")
	with refused(match="is not between -100 and 100"):
		ask(("a", "A?", f"Yes = {weight}", 0))


def test_pipelines_that_ask_nothing_get_the_standard_questions_whatever_others_ask(asking, as_user):  # noqa: F811
	as_user("Administrator")
	other = frappe.copy_doc(frappe.get_doc("Sales Pipeline", PIPELINE))
	other.update({"pipeline_name": f"Bare {asking.world.tag}", "is_default": 0, "questions": []})
	other.insert()
	before = [one.question_key for one in frappe.get_doc("Sales Pipeline", PIPELINE).questions]
	standard_questions.add_to_pipelines((PIPELINE, other.name, f"Gone {asking.world.tag}"))
	keys = lambda name: [one.question_key for one in frappe.get_doc("Sales Pipeline", name).questions]  # noqa: E731
	assert keys(other.name) == ["need", "authority", "budget", "time"] and keys(PIPELINE) == before
