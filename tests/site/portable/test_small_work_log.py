"""The work log in detail: whose a mail is and about which party, what was done by whom, and what is left out."""

from datetime import datetime, timedelta

import frappe
import pytest

from crm_pipeline.analytics import work_log
from crm_pipeline.analytics.work_log import LogScope
from tests.site import rows
from tests.site.conftest import USERS

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DAY = datetime(2019, 5, 12, 9)
ACTIVITY = "Sales Activity"


def done(world, **values):
	fixed = {"subject": "Call", "status": "Done", "way": "Phone", "customer": world.customer, "company": world.company}
	fixed |= {"starts_on": DAY, "duration": 3600, "sales_owner": REP, "evaluation": 0, "docstatus": 0, "owner": MANAGER}
	return rows.row(ACTIVITY, **{**fixed, **values})


def with_colleague(activity: str, user: str | None, parenttype=ACTIVITY, **values):
	fixed = {"parent": activity, "parenttype": parenttype, "parentfield": "people", "docstatus": 0}
	rows.row("Sales Activity Person", **{**fixed, "colleague": user, **values})


def mail(doctype: str, name: str, **values):
	fixed = {"communication_type": "Communication", "communication_medium": "Email", "sent_or_received": "Sent"}
	fixed |= {"reference_doctype": doctype, "reference_name": name, "communication_date": DAY}
	# Written down later, and in the name of a mailbox that several people share.
	fixed |= {"creation": DAY + timedelta(days=90), "sender": "sales@crm-test.example", "owner": REP, "docstatus": 0}
	return rows.row("Communication", **{**fixed, **values})


def found(world, **asked) -> list[work_log.LogRow]:
	scope = {"company": world.company, "from_date": "2019-05-01", "to_date": "2019-05-31", **asked}
	return work_log.rows(LogScope.of(scope))


def mails(world, **asked) -> list[tuple]:
	return [(one.person, one.customer, one.prospect, one.sent, one.received) for one in found(world, **asked)]


def about(world, doctype: str, **values) -> str:
	fixed = {"docstatus": 0, "name": f"{doctype} {world.tag}", "company": world.company}
	if doctype in ("Customer", "Sales Prospect"):
		fixed.pop("company")
	return rows.row(doctype, **{**fixed, **values})


@pytest.mark.parametrize(
	("doctype", "values", "owner"),
	[
		("Sales Opportunity", {"sales_owner": OTHER}, OTHER),
		("Sales Opportunity", {"sales_owner": None}, ""),
		("Sales Lead", {"sales_owner": OTHER, "title": "Pumps"}, OTHER),
		("Sales Contract", {"sales_owner": OTHER, "docstatus": 1}, OTHER),
		("Customer Case", {"responsible": OTHER}, OTHER),
		("Customer Case", {"responsible": None}, ""),
		("Sales Activity", {"sales_owner": OTHER, "starts_on": DAY + timedelta(days=90)}, OTHER),
		("Sales Invoice", {"docstatus": 1}, ""),
	],
)
def test_a_mail_is_of_who_sent_it_and_one_that_came_in_of_whose_the_document_is(world, doctype, values, owner):
	name = about(world, doctype, customer=world.customer, **values)
	mail(doctype, name)
	for _twice in range(2):
		mail(doctype, name, sent_or_received="Received", owner="Guest")
	assert mails(world) == [(owner, world.customer, None, 0, 2), (REP, world.customer, None, 1, 0)]
	assert mails(world, sales_owner=REP) == [(REP, world.customer, None, 1, 0)]
	if owner:
		assert mails(world, sales_owner=owner) == [(owner, world.customer, None, 0, 2)]


def test_a_mail_about_a_customer_is_of_its_account_manager(world):
	name = about(world, "Customer", customer_name="Quay", account_manager=OTHER)
	mail("Customer", name, sent_or_received="Received", owner="Guest")
	mail("Customer", name)
	assert mails(world) == [(OTHER, name, None, 0, 1), (REP, name, None, 1, 0)]
	assert mails(world, customer=name) == mails(world) and mails(world, customer=world.customer) == []
	frappe.db.set_value("Customer", name, "account_manager", None)
	assert mails(world) == [("", name, None, 0, 1), (REP, name, None, 1, 0)]


def test_a_mail_about_a_prospect_is_about_it_and_one_about_its_deal_too_until_there_is_a_customer(world):
	prospect = about(world, "Sales Prospect", prospect_name="Quay", sales_owner=REP)
	mail("Sales Prospect", prospect)
	lead = about(world, "Sales Lead", title="Pumps", sales_owner=REP, prospect=prospect, customer="")
	mail("Sales Lead", lead)
	assert mails(world) == [(REP, None, prospect, 2, 0)]
	frappe.db.set_value("Sales Lead", lead, "customer", world.customer)
	assert mails(world) == [(REP, None, prospect, 1, 0), (REP, world.customer, None, 1, 0)]
	assert mails(world, customer=world.customer) == [(REP, world.customer, None, 1, 0)]


@pytest.mark.parametrize(("to", "known"), [("Customer", True), ("Lead", False), ("Prospect", False)])
def test_a_quotation_is_about_a_customer_where_it_is_made_out_to_one(world, to, known):
	values = {"quotation_to": to, "party_name": world.customer, "docstatus": 1}
	mail("Quotation", about(world, "Quotation", **values))
	of_customer = [(REP, world.customer if known else None, None, 1, 0)]
	assert mails(world) == of_customer and mails(world, customer=world.customer) == (of_customer if known else [])


@pytest.mark.parametrize(
	("values", "counts"),
	[
		({}, True),
		({"communication_type": "Automated Message"}, False),
		({"communication_medium": "Phone"}, False),
		({"communication_date": datetime(2019, 5, 1)}, True),
		({"communication_date": datetime(2019, 4, 30, 23, 59)}, False),
		({"communication_date": datetime(2019, 5, 31, 23, 59)}, True),
		({"communication_date": datetime(2019, 6, 1)}, False),
		({"reference_doctype": "Sales Project"}, False),
	],
)
def test_only_mails_of_the_period_that_somebody_wrote_count(world, values, counts):
	deal = about(world, "Sales Opportunity", customer=world.customer, sales_owner=REP)
	mail("Sales Opportunity", deal, **values)
	assert mails(world) == ([(REP, world.customer, None, 1, 0)] if counts else [])


@pytest.mark.parametrize(
	("company", "counts"), [("own", True), ("Another", False), (None, True), ("", True)], ids=["own", "another", "no", "empty"]
)  # fmt: skip
def test_what_belongs_to_no_company_is_of_all(world, company, counts):
	company = world.company if company == "own" else company
	mail("Sales Lead", about(world, "Sales Lead", title="Pumps", customer=world.customer, company=company))
	done(world, company=company)
	activities = [(one.activities, one.sent) for one in found(world)]
	assert activities == ([(0, 1), (1, 0)] if counts else [])


def test_a_way_is_that_of_activities_and_of_mails_alike(world):
	deal = about(world, "Sales Opportunity", customer=world.customer, sales_owner=REP)
	mail("Sales Opportunity", deal)
	done(world)
	ways = lambda **asked: [(one.way, one.activities, one.sent) for one in found(world, **asked)]  # noqa: E731
	assert ways() == [("E-mail", 0, 1), ("Phone", 1, 0)]
	assert ways(way="Phone") == [("Phone", 1, 0)] and ways(way="E-mail") == [("E-mail", 0, 1)]
	assert ways(way="Visit") == []


@pytest.mark.parametrize("status", ["Planned", "Cancelled"])
def test_only_what_was_done_counts(world, status):
	done(world, status=status)
	assert found(world) == []


@pytest.mark.parametrize("owner", [None, ""])
def test_who_took_part_in_what_nobody_is_responsible_for_has_it_too(world, owner):
	with_colleague(done(world, sales_owner=owner), OTHER)
	assert [(one.person, one.activities, one.hours) for one in found(world)] == [("", 1, 1), (OTHER, 1, 1)]


def test_an_activity_is_of_each_colleague_once_and_no_contact_and_no_row_of_another_document_counts(world):
	shared = done(world)
	with_colleague(shared, OTHER)
	with_colleague(shared, REP)
	with_colleague(shared, None)
	with_colleague(shared, MANAGER, parenttype="Event")
	counted = lambda **asked: [(one.person, one.activities, one.hours) for one in found(world, **asked)]  # noqa: E731
	assert counted() == [(OTHER, 1, 1), (REP, 1, 1)]
	assert counted(sales_owner=OTHER) == [(OTHER, 1, 1)] and counted(sales_owner=REP) == [(REP, 1, 1)]


def test_the_mean_is_of_what_was_evaluated_and_hours_of_what_was_measured(world):
	done(world, evaluation=0.8, duration=5400)
	done(world, evaluation=0.2, duration=0)
	done(world, evaluation=0, duration=0)
	done(world, evaluation=0)
	[one] = found(world)
	assert (one.activities, one.hours, one.unmeasured, one.rated) == (4, 2.5, 2, 2)
	assert one.evaluation == pytest.approx(0.5)
	assert (one.sent, one.received) == (0, 0)


def test_rows_come_by_person_then_by_party_then_by_way_and_are_added_up(world):
	second = about(world, "Customer", customer_name="A second one", name=f"A second one {world.tag}")
	for person, customer, way in (
		(REP, world.customer, "Visit"),
		(OTHER, world.customer, "Phone"),
		(REP, second, "Phone"),
	):
		done(world, sales_owner=person, customer=customer, way=way)
	done(world, customer=None, prospect="P", duration=1800)
	mail("Customer", second, sent_or_received="Received", owner="Guest")
	told = found(world)
	assert [(one.person, one.customer, one.prospect, one.way) for one in told] == [
		("", second, None, "E-mail"), (OTHER, world.customer, None, "Phone"), (REP, None, "P", "Phone"),
		(REP, second, None, "Phone"), (REP, world.customer, None, "Visit"),
	]  # fmt: skip
	assert work_log.totals(told) == {"activities": 4, "sent": 0, "received": 1, "hours": 3.5}
	assert work_log.totals([]) == {}
