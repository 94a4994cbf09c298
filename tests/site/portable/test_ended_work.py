# ruff: noqa: F811
"""A race that is lost, a connection or a worker that ends: no job takes that for a bad record and goes on."""

import frappe
import pytest

from crm_pipeline.activities import reminders
from crm_pipeline.assignment import assigning
from crm_pipeline.cases import satisfaction
from crm_pipeline.handovers import handing_over
from crm_pipeline.pool import claiming, pooling
from tests.site.conftest import USERS
from tests.site.portable.test_assignment import alone, assign, lead, owners, rule  # noqa: F401

REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))
DEADLOCK = (1213, "Deadlock found when trying to get lock")


class JobTimeoutException(Exception):
	"""What ends a worker, by its name."""


ENDS = {
	"race": Exception(*DEADLOCK),
	"connection": Exception(2006, "MySQL server has gone away"),
	"time": JobTimeoutException(),
}


def fails(error):
	def step(*args, **values):
		raise error

	return step


@pytest.mark.parametrize("why", ENDS)
@pytest.mark.parametrize("names", [["a"], ["a", "b"]])
def test_a_chunk_of_the_pool_that_is_ended_is_not_done_one_by_one(site, monkeypatch, why, names):
	monkeypatch.setattr(pooling, "_judge", fails(ENDS[why]))
	with pytest.raises(type(ENDS[why])):
		pooling.judge("Sales Lead", names)


@pytest.mark.parametrize("why", ENDS)
def test_a_chunk_of_the_pool_that_is_ended_amid_its_records_is_ended(site, monkeypatch, why):
	asked = []

	def step(doctype, names):
		asked.append(names)
		raise ValueError("bad") if len(names) > 1 else ENDS[why]

	monkeypatch.setattr(pooling, "_judge", step)
	with pytest.raises(type(ENDS[why])):
		pooling.judge("Sales Lead", ["a", "b"])
	assert asked == [["a", "b"], ["a"]]


def test_one_bad_record_of_the_pool_is_noted_and_the_others_are_counted(site, monkeypatch):
	def step(doctype, names):
		if "b" in names:
			raise ValueError("bad")
		return 2

	monkeypatch.setattr(pooling, "_judge", step)
	frappe.db.delete("Error Log")
	assert pooling.judge("Sales Lead", ["a", "b", "c"]) == 4
	[log] = frappe.get_all("Error Log", pluck="method", order_by="creation asc")
	assert log == "CRM Pipeline: Sales Lead b not judged for the pool"
	with pytest.raises(ValueError, match="bad"):
		pooling.judge("Sales Lead", ["b"])


@pytest.mark.parametrize(
	"error", [frappe.ValidationError("No <b>way</b>"), frappe.PermissionError(), Exception(*DEADLOCK)]
)
def test_what_is_given_one_by_one_says_of_each_why_not_and_is_tried_again_after_a_lost_race(site, error):
	def step(name):
		if name == "b":
			raise error

	if error.args[:1] == DEADLOCK[:1]:
		with pytest.raises(Exception, match="Deadlock"):
			claiming._each(["a", "b", "c"], step)
		return
	reason = "No way" if isinstance(error, frappe.ValidationError) else "You are not allowed to change it"
	assert claiming._each(["a", "b", "c"], step) == {"done": 2, "refused": [{"name": "b", "reason": reason}]}


def test_a_key_that_somebody_else_took_a_moment_ago_is_no_refusal_of_a_record(site):
	taken = frappe.UniqueValidationError("Duplicate entry 'x' for key 'conversion_key'")
	with pytest.raises(frappe.UniqueValidationError):
		claiming._each(["a"], fails(taken))


@pytest.mark.parametrize("why", ENDS)
def test_leads_are_not_given_one_by_one_after_their_chunk_was_ended(lead, monkeypatch, why):
	rule(REP)
	found = [lead(prospect_name=name, email_id="", phone="") for name in "AB"]
	monkeypatch.setattr(assigning, "_give", fails(ENDS[why]))
	with pytest.raises(type(ENDS[why])):
		assign(*found)
	with pytest.raises(type(ENDS[why])):
		assigning._one_by_one([doc.name for doc in found], None, False)
	assert owners(*found) == [None, None]


@pytest.mark.parametrize("why", ENDS)
def test_a_handover_that_is_ended_goes_on_later_with_the_same_record(sale, monkeypatch, why):
	doc = sale.lead(sales_owner=REP)
	monkeypatch.setattr(handing_over.people, "need_possible_owner", fails(ENDS[why]))
	with pytest.raises(type(ENDS[why])):
		handing_over._give(frappe._dict(document_type=doc.doctype, document=doc.name, to_user=OTHER), REP)


def test_a_record_that_breaks_is_refused_with_what_is_said_and_what_nobody_could_foresee_is_reported(sale, monkeypatch):
	doc, reported = sale.lead(sales_owner=REP), []
	item = frappe._dict(document_type=doc.doctype, document=doc.name, to_user=OTHER)
	monkeypatch.setattr(handing_over.guard, "report", reported.append)
	for error, said, reports in (
		(ValueError("<b>bad</b>"), "bad", 1), (ValueError("x" * 900), "x" * 500, 2),
		(frappe.PermissionError(), "You are not allowed to change it", 2), (frappe.ValidationError("No"), "No", 2),
	):  # fmt: skip
		monkeypatch.setattr(handing_over.people, "need_possible_owner", fails(error))
		assert handing_over._give(item, REP) == ("Refused", said) and len(reported) == reports
	assert set(reported) == {f"CRM Pipeline: Sales Lead {doc.name} not handed over"}


def test_a_mail_that_loses_a_race_is_sent_again_with_its_job(sale, monkeypatch):
	monkeypatch.setitem(vars(frappe), "sendmail", fails(ENDS["race"]))
	case = sale.case(email_id="ann@quay.example")
	case.update({"status": "Solved", "satisfaction_key": "key", "satisfaction_asked_on": "2026-01-01"})
	with pytest.raises(Exception, match="Deadlock"):
		satisfaction.ask(case)
	doc = frappe._dict(name="A", subject="Call", place="")
	with pytest.raises(Exception, match="Deadlock"):
		reminders._mail(doc, frappe._dict(email="ann@quay.example"), "Reminder")
