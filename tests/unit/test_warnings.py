"""What to know of a customer before calling: order, levels, rhythm, and what stops a hand-off."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import warnings as w
from crm_pipeline.core.warnings import CustomerFacts, Rules, judge

NOW = datetime(2026, 11, 29, 12)
TODAY = NOW.date()
DAY = timedelta(days=1)


def case(name="CASE-1", days=3, **values):
	values = {"title": "It leaks", "doctype": "Customer Case", "opened_on": NOW - days * DAY, **values}
	return w.OpenCase(name=name, **values)


def money(days=10, amount=500.0, company="Pumps"):
	return w.OverdueMoney(company, "EUR", amount, 2, TODAY - days * DAY, "SINV-1")


EVERYTHING = CustomerFacts(
	disabled=True,
	frozen=True,
	cases=(case(), case("CASE-2", severe=True), case("CASE-3", complaint=False)),
	overdue=(money(),),
	credit=(w.CreditUse("Pumps", "EUR", 100, 101),),
	promises=(w.BrokenPromise("PTP-1", TODAY - DAY, 5, "EUR"),),
	contracts=(w.EndingContract("CON-1", "Frame", TODAY + 30 * DAY),),
	deals=(w.StalledDeal("Sales Opportunity", "OPP-1", "Pumps", 50),),
	contacts=tuple(TODAY - (200 + 10 * n) * DAY for n in range(8)),
)


def kinds(facts, rules=None):
	return [finding.kind for finding in judge(facts, rules or Rules(), NOW)]


def test_of_who_has_everything_against_them_the_worst_comes_first():
	assert kinds(EVERYTHING) == [
		*(w.COMPLAINT, w.BLOCKED, w.BLOCKED, w.CREDIT),
		*(w.OVERDUE, w.PROMISE),
		*(w.SILENT, w.STALLED, w.CONTRACT, w.REQUEST),
	]


def test_what_is_urgent_goes_before_what_is_only_to_be_known():
	ending = w.EndingContract("CON-1", "Frame", TODAY + 3 * DAY)
	assert kinds(CustomerFacts(contracts=(ending,), contacts=EVERYTHING.contacts)) == [w.CONTRACT, w.SILENT]


def test_of_a_new_customer_there_is_nothing_to_say():
	assert kinds(CustomerFacts()) == []


def test_several_complaints_are_one_warning_about_the_worst():
	(found,) = judge(
		CustomerFacts(cases=(case(days=9), case("CASE-2", days=1, severe=True), case(days=5))), Rules(), NOW
	)
	assert (found.level, found.name, found.numbers["count"]) == (w.STOP, "CASE-2", 3)


def test_the_latest_of_equally_severe_complaints_goes_first():
	on_time, late = case(due_by=NOW + DAY), case("CASE-2", days=1, due_by=NOW - DAY)
	(found,) = judge(CustomerFacts(cases=(on_time, late)), Rules(), NOW)
	assert (found.name, found.numbers["is_late"], found.numbers["late"]) == ("CASE-2", True, 1)


def test_erpnext_s_issues_are_told_beside_our_cases():
	facts = CustomerFacts(cases=(case(), case("ISS-1", doctype="Issue")))
	assert [(f.doctype, f.name) for f in judge(facts, Rules(), NOW)] == [
		("Customer Case", "CASE-1"),
		("Issue", "ISS-1"),
	]


def test_a_request_weighs_more_when_it_is_late():
	asked = case(complaint=False)
	assert [f.level for f in judge(CustomerFacts(cases=(asked,)), Rules(), NOW)] == [w.INFO]
	late = case(complaint=False, due_by=NOW - DAY)
	assert [f.level for f in judge(CustomerFacts(cases=(late,)), Rules(), NOW)] == [w.WARN]


@pytest.mark.parametrize(("used", "told"), [(99.99, []), (100, []), (100.01, [w.CREDIT])])
def test_a_credit_limit_is_used_up_beyond_it_as_erpnext_has_it(used, told):
	assert kinds(CustomerFacts(credit=(w.CreditUse("Pumps", "EUR", 100, used),))) == told


@pytest.mark.parametrize(("limit", "used"), [(0, 5000), (-1, 0)])
def test_without_a_credit_limit_none_is_used_up(limit, used):
	assert kinds(CustomerFacts(credit=(w.CreditUse("Pumps", "EUR", limit, used),))) == []


def test_what_is_due_today_is_not_overdue():
	assert kinds(CustomerFacts(overdue=(money(days=0),))) == []
	assert kinds(CustomerFacts(overdue=(money(days=1),))) == [w.OVERDUE]


def test_the_company_that_waits_longest_for_its_money_goes_first():
	found = judge(CustomerFacts(overdue=(money(5), money(50, company="Service"))), Rules(), NOW)
	assert [f.numbers["company"] for f in found] == ["Service", "Pumps"]


@pytest.mark.parametrize(
	("ahead", "level"), [(-1, None), (0, w.WARN), (14, w.WARN), (15, w.INFO), (60, w.INFO), (61, None)]
)
def test_a_contract_is_told_of_before_its_end(ahead, level):
	facts = CustomerFacts(contracts=(w.EndingContract("CON-1", "Frame", TODAY + ahead * DAY),))
	assert [f.level for f in judge(facts, Rules(), NOW)] == ([level] if level else [])


# ---- silence


def every(days: int, last: int, times: int = 6) -> tuple[date, ...]:
	"""Contacts every so many days, the last one `last` days ago."""
	return tuple(TODAY - (last + days * n) * DAY for n in range(times))


@pytest.mark.parametrize(
	("gap", "last", "silent"), [(30, 60, False), (30, 61, True), (90, 100, False), (3, 14, False), (3, 15, True)]
)
def test_silence_is_measured_by_the_customer_s_own_rhythm(gap, last, silent):
	assert kinds(CustomerFacts(contacts=every(gap, last))) == ([w.SILENT] if silent else [])


def test_four_contacts_make_no_rhythm():
	assert w.usual_gap(every(30, 0, times=4)) is None
	assert kinds(CustomerFacts(contacts=every(30, 999, times=4))) == []


def test_many_contacts_on_one_day_are_one():
	assert w.usual_gap([TODAY] * 20) is None
	assert w.usual_gap([*every(30, 0), *every(30, 0)]) == 30


def test_who_was_silent_for_long_once_a_year_is_not_called_silent_at_once():
	"""A customer who orders weekly but for a pause in summer and one in winter."""
	days = [0, 7, 14, 21, 28, 88, 95, 102, 162, 169]
	contacts = tuple(TODAY - (20 + n) * DAY for n in days)
	assert w.silent_from(contacts) == 60 and kinds(CustomerFacts(contacts=contacts)) == []


def test_nobody_is_silent_whom_a_colleague_spoke_to_yesterday():
	facts = CustomerFacts(contacts=every(7, 90), heard_of_on=TODAY - DAY)
	assert kinds(facts) == []


@given(st.lists(st.integers(0, 4000), min_size=0, max_size=40))
def test_no_history_breaks_the_rule_of_silence(days):
	contacts = tuple(TODAY - n * DAY for n in days)
	found = kinds(CustomerFacts(contacts=contacts))
	assert found in ([], [w.SILENT])
	if found:
		assert len(set(contacts)) >= w.RHYTHM_FROM and min(days) > w.SHORTEST_SILENCE


# ---- what the site wants


@pytest.mark.parametrize("kind", w.KINDS)
def test_a_kind_that_nobody_wants_to_hear_of_is_not_told(kind):
	found = kinds(EVERYTHING, Rules({kind: w.NONE}))
	assert kind not in found and len(found) >= 8


def test_nothing_stops_where_nothing_is_set():
	assert not any(finding.stops for finding in judge(EVERYTHING, Rules(), NOW))


@pytest.mark.parametrize("kind", [w.COMPLAINT, w.BLOCKED, w.CREDIT, w.OVERDUE, w.PROMISE])
def test_what_is_set_to_stop_stops_and_goes_up(kind):
	found = judge(EVERYTHING, Rules({kind: w.STOPS}), NOW)
	assert {f.kind for f in found if f.stops} == {kind}
	assert {f.level for f in found if f.kind == kind} == {w.STOP}


def test_only_severe_complaints_stop_where_that_is_set():
	rules = Rules({w.COMPLAINT: w.STOP_SEVERE})
	assert [f.stops for f in judge(CustomerFacts(cases=(case(),)), rules, NOW)] == [False]
	assert [f.stops for f in judge(CustomerFacts(cases=(case(severe=True),)), rules, NOW)] == [True]


@pytest.mark.parametrize(("amount", "stops"), [(0.01, False), (49.99, False), (50, True), (50.01, True)])
def test_money_stops_from_an_amount_of_its_currency_on(amount, stops):
	rules = Rules({w.OVERDUE: w.STOPS}, stop_from_amounts={"EUR": 50})
	(found,) = judge(CustomerFacts(overdue=(replace(money(9), currency="EUR", amount=amount),)), rules, NOW)
	assert found.stops == stops
	(other,) = judge(CustomerFacts(overdue=(replace(money(9), currency="USD", amount=amount),)), rules, NOW)
	assert other.stops


@pytest.mark.parametrize(("days", "stops"), [(1, False), (29, False), (30, True), (31, True)])
def test_money_stops_from_so_many_days_on(days, stops):
	rules = Rules({w.OVERDUE: w.STOPS}, stop_from_days=30)
	(found,) = judge(CustomerFacts(overdue=(money(days),)), rules, NOW)
	assert (found.stops, found.level) == (stops, w.STOP if stops else w.WARN)
