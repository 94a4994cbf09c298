"""Who did what with whom, and who had what when: rows of the reports on activities and on owners."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.analytics import owner_history, work_log
from crm_pipeline.analytics.owner_history import HistoryScope
from crm_pipeline.analytics.work_log import LogScope
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DEAL = "Sales Opportunity"
DAY = datetime(2026, 5, 12, 9)


def done(world, **values):
	"""A call of one hour by REP that was done on DAY."""
	fixed = {"subject": "Call", "status": "Done", "way": "Phone", "customer": world.customer, "company": world.company}
	fixed |= {"starts_on": DAY, "duration": 3600, "sales_owner": REP, "evaluation": 0, "docstatus": 0, "owner": REP}
	return rows.row("Sales Activity", **{**fixed, **values})


def mail(about, **values):
	fixed = {"communication_type": "Communication", "communication_medium": "Email", "sent_or_received": "Sent"}
	fixed |= {"reference_doctype": about.doctype, "reference_name": about.name, "communication_date": DAY}
	return rows.row("Communication", **{**fixed, "owner": REP, "docstatus": 0, **values})


def told(world, **asked) -> list[tuple]:
	scope = LogScope.of({"company": world.company, "from_date": "2026-05-01", "to_date": "2026-05-31", **asked})
	return [
		(r.person, r.customer, r.way, r.activities, r.sent, r.received, r.hours, r.unmeasured, r.evaluation)
		for r in work_log.rows(scope)
	]


def test_what_was_done_is_summed_by_person_party_and_way(sale, world):
	done(world, evaluation=0.8)
	done(world, duration=1800, evaluation=0.4)
	shared = done(world, duration=0, way="Visit", customer=None)
	for colleague in (OTHER, REP):
		rows.row("Sales Activity Person", parent=shared, parenttype="Sales Activity", colleague=colleague, docstatus=0)
	done(world, sales_owner=OTHER, company=None)
	for other in ({"status": "Planned"}, {"company": "Another"}, {"starts_on": DAY - timedelta(days=12)}):
		done(world, **other)
	done(world, starts_on=datetime(2026, 5, 31, 23, 30))
	done(world, starts_on=datetime(2026, 6, 1))
	deal = sale.opportunity()
	mail(deal)
	mail(deal, sent_or_received="Received", owner="Guest")
	mail(deal, communication_medium="Phone")
	mail(deal, communication_date=datetime(2026, 6, 1))
	frappe.db.set_value(DEAL, deal.name, "sales_owner", REP)
	calls = (REP, world.customer, "Phone", 3, 0, 0, 2.5, 0, pytest.approx(0.6))
	mails = (REP, world.customer, "E-mail", 0, 1, 1, 0, 0, None)
	visits = [(who, None, "Visit", 1, 0, 0, 0, 1, None) for who in (OTHER, REP)]
	of_other = (OTHER, world.customer, "Phone", 1, 0, 0, 1, 0, None)
	assert told(world) == sorted([visits[0], of_other, visits[1], mails, calls], key=lambda r: (r[0], r[1] or "", r[2]))
	assert told(world, way="Visit") == visits
	assert told(world, way="E-mail") == [mails]
	assert told(world, sales_owner=OTHER) == [visits[0], of_other]
	assert told(world, customer="Nobody") == []
	scope = LogScope.of({"company": world.company, "from_date": "2026-05-01", "to_date": "2026-05-31"})
	assert work_log.totals(work_log.rows(scope)) == {"activities": 6, "sent": 1, "received": 1, "hours": 3.5}


def test_without_days_it_is_this_month(world):
	asked = lambda **days: LogScope.of({"company": world.company, **days}).days()  # noqa: E731
	today = getdate(nowdate())
	assert asked() == (today.replace(day=1), today)
	assert asked(from_date="2026-05-03", to_date="2026-05-03") == (getdate("2026-05-03"),) * 2
	coming = getdate(add_days(today, 40))
	assert asked(from_date=str(coming)) == (coming, coming)


def test_who_may_read_no_activities_is_told_of_none(world, as_user):
	as_user("stranger")
	with refused(frappe.PermissionError):
		told(world)


# ---- owners


def moved(doc, start: str | None, end: str | None, days: int, **values):
	event = {"reference_doctype": doc.doctype, "reference_name": doc.name, "kind": "Owner", "docstatus": 0}
	event |= {"from_value": start, "to_value": end, "at": DAY + timedelta(days=days), "by": MANAGER}
	return rows.row("Pipeline Event", **{**event, "company": doc.company, **values})


@pytest.fixture
def two_deals(sale):
	deals = [sale.opportunity() for _n in range(2)]
	for deal in deals:
		frappe.db.set_value(DEAL, deal.name, {"sales_owner": OTHER, "creation": DAY - timedelta(days=9)})
		frappe.db.delete("Pipeline Event", {"reference_name": deal.name})
	moved(deals[0], REP, MANAGER, 0)
	moved(deals[0], MANAGER, OTHER, 3)
	moved(deals[1], REP, OTHER, 5)
	moved(deals[1], REP, OTHER, 7, kind="Stage")
	return deals


def spans_of(**asked) -> list[tuple]:
	found = owner_history.found(HistoryScope.of({"document_type": DEAL, **asked}))
	assert not found.is_cut
	return [
		(row.name, row.span.user, (row.span.since - DAY).days, row.span.until and (row.span.until - DAY).days)
		for row in found.rows
	]


def test_owners_come_document_by_document_those_that_changed_last_first(world, two_deals):
	first, second = (deal.name for deal in two_deals)
	mine = [row for row in spans_of(company=world.company) if row[0] in (first, second)]
	assert sorted(mine[:2], key=lambda row: row[2]) == [(second, REP, -9, 5), (second, OTHER, 5, None)]
	assert sorted(mine[2:], key=lambda row: row[2]) == [
		(first, REP, -9, 0),
		(first, MANAGER, 0, 3),
		(first, OTHER, 3, None),
	]
	assert {row[1] for row in spans_of(company=world.company, user=MANAGER) if row[0] in (first, second)} == {MANAGER}
	assert {row[0] for row in spans_of(company=world.company, document=first)} == {first}
	with refused(match="is not a type"):
		HistoryScope.of({"document_type": "Item"})
