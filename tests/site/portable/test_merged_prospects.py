"""What becomes of verification, rejection and followers when two prospects are one; and of leads saved past the buttons."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_pipeline.leads.qualification import LeadStateError
from crm_pipeline.parties import verification
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.rows import row
from tests.site.world import customer, history, refused, without_right

REP, MANAGER = USERS["rep"][0], USERS["manager"][0]
PROSPECT, LEAD = "Sales Prospect", "Sales Lead"
VERIFIED = ("status", "customer", "verified_on", "verified_by", "verification_method", "verification_note")


def prospect(world, name: str, **values):
	doc = frappe.get_doc(
		{"doctype": PROSPECT, "prospect_name": f"{name} {world.tag}", "company": world.company}
	).insert()
	if values:
		doc.db_set(values)
	return doc


def verified(customer: str, by: str, day: str, word: str) -> dict:
	return dict(zip(VERIFIED, ("Verified", customer, f"{day} 10:00:00", by, word, f"Said so by {word}"), strict=True))


def facts(doc, *fields):
	found = frappe.db.get_value(PROSPECT, doc.name, fields, as_dict=True)
	return tuple(str(found[field]) if found[field] else None for field in fields)


def reason(world, key: str) -> str:
	return row("Sales Lost Reason", name=f"{key} {world.tag}", reason=f"{key} {world.tag}", docstatus=0)


@pytest.mark.parametrize(
	("kept", "gone"), [("Unverified", "Rejected"), ("Rejected", "Unverified"), ("Rejected", "Rejected")]
)
def test_of_two_that_are_no_customer_the_one_that_stays_keeps_its_state_and_its_reason(world, as_user, kept, gone):
	why = {key: reason(world, key) for key in ("Kept", "Gone")}
	as_user("manager")
	one, other = (
		prospect(world, key, assigned_on=day, status=state, rejected_reason=why[key] if state == "Rejected" else None)
		for key, state, day in (("Kept", kept, nowdate()), ("Gone", gone, None))
	)
	frappe.rename_doc(PROSPECT, other.name, one.name, merge=True)
	expected = (kept, why["Kept"] if kept == "Rejected" else None, None, None)
	assert facts(one, "status", "rejected_reason", "customer", "verified_on") == expected
	assert frappe.db.get_value(PROSPECT, one.name, "assigned_on"), "it was given to somebody, and is"


def test_who_verified_it_when_and_how_comes_along_with_the_customer(world, as_user):
	as_user("manager")
	one = prospect(world, "Kept", status="Rejected", rejected_reason=reason(world, "Wrong"))
	other = prospect(world, "Gone", **verified(world.customer, REP, "2025-03-04", "Phone"))
	frappe.rename_doc(PROSPECT, other.name, one.name, merge=True)
	assert facts(one, *VERIFIED) == (
		"Verified", world.customer, "2025-03-04 10:00:00", REP, "Phone", "Said so by Phone",
	)  # fmt: skip
	assert facts(one, "rejected_reason") == (None,)


def test_two_that_are_the_same_customer_keep_how_the_one_that_stays_was_verified(world, as_user):
	as_user("manager")
	one = prospect(world, "Kept", **verified(world.customer, MANAGER, "2025-03-04", "Visit"))
	other = prospect(world, "Gone", **verified(world.customer, REP, "2025-01-02", "Phone"))
	frappe.rename_doc(PROSPECT, other.name, one.name, merge=True)
	assert facts(one, *VERIFIED)[2:] == ("2025-03-04 10:00:00", MANAGER, "Visit", "Said so by Visit")


def test_a_verified_one_that_takes_in_another_brings_its_leads_and_deals_to_the_customer(world, sale, as_user):
	as_user("manager")
	southwind = customer(f"Southwind {world.tag}")
	one = prospect(world, "Kept", **verified(world.customer, REP, "2025-03-04", "Phone"))
	other, third = prospect(world, "Gone"), prospect(world, "Third")
	mine, theirs, settled = (
		sale.lead(prospect=name, prospect_name=None, title=title)
		for title, name in (("Mine", other.name), ("Theirs", third.name), ("Settled", other.name))
	)
	deal = sale.opportunity(customer=None, prospect=other.name)
	settled.db_set({"customer": southwind, "party_name": "Southwind"})
	frappe.rename_doc(PROSPECT, other.name, one.name, merge=True)
	about = ["prospect", "customer", "party_name"]
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	for doc in (mine, deal):
		assert frappe.db.get_value(doc.doctype, doc.name, about) == (one.name, world.customer, name)
	assert frappe.db.get_value(LEAD, theirs.name, about) == (third.name, None, third.prospect_name)
	assert frappe.db.get_value(LEAD, settled.name, "customer") == southwind


def test_what_a_prospect_lacks_it_takes_and_what_is_no_answer_it_does_not_keep(world):
	one = prospect(world, "Kept", phone="", no_of_employees=0, city="London")
	other = prospect(
		world, "Gone", phone="+44 20 5550 9999", no_of_employees=40, city="York", website="https://gone.example"
	)
	verification.take_over(one, other.name)
	assert facts(one, "phone", "no_of_employees", "city", "website") == (
		"+44 20 5550 9999", "40", "London", "https://gone.example",
	)  # fmt: skip


# ---- a lead whose state is typed


def test_each_save_of_a_lead_is_asked_for_its_state_anew(sale, as_user):
	as_user("rep")
	lead = sale.lead(assessment="Hot")
	lead.status = "Qualified"
	lead.save()
	lead.status = "Converted"
	with refused(LeadStateError, match="conversion only"):
		lead.save()
	lead.reload()
	assert lead.status == "Qualified"
	lead.update({"status": "Contacted", "follow_up_date": None, "follow_up_plan": None})
	with refused(LeadStateError, match="can't become"):
		lead.save()


def test_a_lead_that_is_entered_in_a_later_state_passes_those_before_it(sale, as_user):
	as_user("rep")
	planned = {"follow_up_date": add_days(nowdate(), 3), "follow_up_plan": "Ring them"}
	with refused(LeadStateError, match="can't become"):
		sale.lead(status="Contacted")
	with refused(LeadStateError, match="can't become"):
		sale.lead(status="Qualified", email_id=None, phone=None, contact_name=None)
	lead = sale.lead(status="Contacted", **planned)
	assert lead.reload().status == "Contacted" and ("State", "New", "Qualified") in history(LEAD, lead.name)


def test_a_deal_whose_lead_is_gone_may_go_as_well(sale, as_user):
	as_user("rep")
	of = {"customer": sale.world.customer, "prospect_name": None}
	lead, joins, open_one = (sale.lead(title=title, **of) for title in ("Became", "Joined", "Open"))
	deal = sale.opportunity()
	for one in (lead, joins):
		one.db_set({"status": "Converted", "converted_on": now_datetime()})
	joins.db_set("joined_opportunity", deal.name)
	deal.db_set({"source_type": LEAD, "source_name": lead.name, "conversion_key": f"{LEAD}:{lead.name}"})
	as_user("Administrator")
	frappe.db.delete(LEAD, {"name": lead.name})
	frappe.delete_doc(deal.doctype, deal.name)
	assert not frappe.db.exists(deal.doctype, deal.name)
	states = [frappe.db.get_value(LEAD, one.name, ["status", "joined_opportunity"]) for one in (joins, open_one)]
	assert states == [("Qualified", None), ("New", None)]


# ---- a party that a deal says by its name


SAID = ("company", "sales_owner", "sales_person", "territory", "channel", "campaign")


def test_a_prospect_that_a_new_deal_brings_is_of_whom_and_where_the_deal_is(world, sale):
	person = rows.sales_people(world, North=MANAGER, Rep=None, South=REP)["North"]
	channel = row("Sales Channel", name=f"Fair {world.tag}", channel_name=f"Fair {world.tag}", docstatus=0)
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": f"Fair {world.tag}", "company": world.company}
	).insert()
	said = {
		"company": world.company, "sales_owner": MANAGER, "sales_person": person, "channel": channel,
		"territory": frappe.db.get_value("Territory", {"is_group": 0}, "name", order_by="name desc"),
		"campaign": campaign.name,
	}  # fmt: skip
	deal = sale.opportunity(customer=None, party_name=f"  Westwind   {world.tag} ", items=[], **said)
	found = frappe.db.get_value(PROSPECT, deal.prospect, ("prospect_name", *SAID), as_dict=True)
	assert found == {"prospect_name": f"Westwind {world.tag}", **said}


@pytest.mark.parametrize("asked", [{}, {"create_new": False}, {"customer": True}, {"create_new": True}])
def test_a_prospect_that_is_a_customer_already_becomes_that_one_unless_somebody_says_otherwise(world, asked):
	other = customer(f"Southwind {world.tag}")
	name = frappe.db.get_value("Customer", world.customer, "customer_name")
	doc = frappe.get_doc({"doctype": PROSPECT, "prospect_name": name, "company": world.company}).insert()
	made = []
	if "customer" in asked:
		asked = {"customer": other}
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(verification.customers, "make", lambda party, settings: made.append(party.name) or other)
		found = verification.verify(doc.name, **asked)
	assert found == (other if asked.get("customer") or asked.get("create_new") else world.customer)
	assert made == ([doc.name] if asked.get("create_new") else [])


def test_how_a_prospect_was_verified_is_what_was_said_else_what_the_settings_say(world):
	settings = "CRM Pipeline Settings"
	for usual, said, kept in (("Visit", "Phone", "Phone"), ("Visit", None, "Visit"), (None, None, "Other")):
		frappe.db.set_single_value(settings, "default_verification_method", usual)
		frappe.clear_document_cache(settings, settings)
		doc = prospect(world, f"Mill {usual} {said}")
		verification.verify(doc.name, method=said, note="Rang them", customer=world.customer)
		assert facts(doc, "verification_method", "verification_note") == (kept, "Rang them")


def test_what_follows_a_prospect_bears_the_name_of_its_customer(world, sale):
	other = row("Customer", name=f"CUST {world.tag}", customer_name=f"Southwind {world.tag}", docstatus=0)
	doc = prospect(world, "Gone")
	lead = sale.lead(prospect=doc.name, prospect_name=None)
	verification.point_followers(doc.name, other)
	assert frappe.db.get_value(LEAD, lead.name, ["customer", "party_name"]) == (other, f"Southwind {world.tag}")


def test_who_may_not_change_the_one_that_stays_merges_nothing_into_it(world, as_user):
	one, other = prospect(world, "Kept", sales_owner=MANAGER), prospect(world, "Gone", sales_owner=REP)
	as_user("stranger")
	with refused(frappe.PermissionError):
		verification.check_merge(other, one.name)
	as_user("manager")
	verification.check_merge(other, one.name)


@pytest.mark.parametrize("state", ["Unverified", "Verified", "Rejected"])
def test_only_what_was_rejected_is_opened_again(world, state):
	doc = prospect(world, "Mill", status=state, rejected_reason=reason(world, "Wrong") if state == "Rejected" else None)
	verification.reopen(doc.name)
	assert facts(doc, "status", "rejected_reason") == ("Unverified" if state == "Rejected" else state, None)


@pytest.mark.parametrize("may", [True, False])
def test_what_a_prospect_brings_is_added_to_a_customer_by_who_may_change_it_alone(world, monkeypatch, may):
	doc, brought = prospect(world, "Mill"), []
	monkeypatch.setattr(verification.customers, "carry_reach", lambda party, *to: brought.append((party.name, *to)))
	monkeypatch.setattr(verification.deal_people, "follow_verification", lambda *about: brought.append(about))
	if not may:
		without_right(monkeypatch, "Customer", "write")
	assert verification.verify(doc.name, customer=world.customer) == world.customer
	expected = [(doc.name, world.customer, False), (doc.name, world.customer)]
	assert brought == (expected if may else [])
	assert facts(doc, "status", "customer") == ("Verified", world.customer), "whose it is is known all the same"
