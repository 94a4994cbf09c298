"""Reports that people work off: a line, the chart, the numbers above, and what they are asked with."""

from collections import Counter
from datetime import date, datetime
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline.analytics import case_times as times
from crm_pipeline.analytics.case_times import CaseScope
from crm_pipeline.core import quality
from crm_pipeline.core.cases import TimesSummary
from crm_pipeline.core.contract_cash import TermLine
from crm_pipeline.crm_customers.report.case_times import case_times
from crm_pipeline.crm_customers.report.contract_to_cash import contract_to_cash
from crm_pipeline.crm_customers.report.data_quality import data_quality
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from crm_pipeline.crm_customers.report.owner_history import owner_history
from crm_pipeline.crm_customers.report.work_log import work_log
from crm_pipeline.crm_prospecting.report.leads_aging import leads_aging
from crm_pipeline.crm_prospecting.report.prospect_conversion import prospect_conversion
from crm_pipeline.crm_prospecting.report.segment_members import segment_members
from tests.site.conftest import USERS
from tests.site.portable.test_report_rows import cash
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]

# ---- times of cases


def measured(**values) -> TimesSummary:
	fixed = {"cases": 4, "answered": 3, "solved": 2, "overdue": 1, "mean_to_answer": 5.5, "median_to_answer": 4.26}
	fixed |= {
		"mean_to_solve": 50.0,
		"median_to_solve": 40.04,
		"overdue_share": 25.04,
		"rated": 2,
		"mean_satisfaction": 0.7,
	}
	return TimesSummary(**{**fixed, **values})


def test_a_line_of_case_times_opens_the_cases_that_each_number_counts():
	of = [("kind", "=", "Complaint")]
	line = case_times._row("Complaint", measured(), of)
	routes = line.pop("routes")
	assert line.pop("satisfaction") == pytest.approx(3.5)
	assert line == {
		"label": "Complaint", "cases": 4, "answered": 3, "median_to_answer": 4.26, "mean_to_answer": 5.5, "solved": 2,
		"median_to_solve": 40.04, "mean_to_solve": 50.0, "overdue": 1, "overdue_share": 25.04, "rated": 2,
	}  # fmt: skip
	assert routes == {
		"cases": of,
		"answered": [*of, ("first_answer_on", "is", "set")],
		"solved": [*of, ("solved_on", "is", "set")],
		"rated": [*of, ("satisfaction", ">", 0)],
	}


def test_cases_that_nobody_rated_have_no_stars_at_all():
	unrated = measured(rated=0, mean_satisfaction=None)
	assert case_times._row("A", unrated, [])["satisfaction"] is None
	cards = case_times.summary(unrated, CaseScope("C"))
	assert [card["label"] for card in cards] == [
		"Cases", "To Answer, Median (Hours)", "To Solve, Median (Hours)", "Late (%)",
	]  # fmt: skip


def test_the_numbers_above_case_times_are_of_all_cases_and_a_zero_is_a_number():
	asked = CaseScope("C", group_by="Kind")
	cards = case_times.summary(measured(median_to_answer=0.0, overdue_share=0.0), asked)
	assert [(card["value"], card["datatype"]) for card in cards] == [
		(4, "Int"), (0.0, "Float"), (40.0, "Float"), (0.0, "Percent"), (3.5, "Float"),
	]  # fmt: skip
	assert cards[0]["ask"] == {"doctype": "Customer Case", "filters": times.list_filters(asked, whole=True)}
	assert case_times.summary(measured(cases=0), asked) == []


def test_the_chart_of_case_times_is_of_groups_in_which_something_was_solved():
	data = [case_times._row(str(n), measured(solved=n % 3, median_to_answer=None), [("n", "=", n)]) for n in range(30)]
	chart = case_times.chart(data, CaseScope("C"))["data"]
	labels = [str(n) for n in range(30) if n % 3][:12]
	assert chart["labels"] == labels
	solve, answer = chart["datasets"]
	assert (solve["name"], set(solve["values"])) == ("To Solve, Median (Hours)", {40.0})
	assert (answer["name"], set(answer["values"])) == ("To Answer, Median (Hours)", {0})
	assert (
		solve["asks"]
		== answer["asks"]
		== [{"doctype": "Customer Case", "filters": [("n", "=", int(n)), ("solved_on", "is", "set")]} for n in labels]
	)
	assert case_times.chart([case_times._row("A", measured(solved=0), [])], CaseScope("C")) is None


# ---- from contract to cash


def test_a_term_that_nothing_was_agreed_for_has_open_what_was_billed():
	bare = contract_to_cash._term(TermLine("", 0.0, 150, 178.5, 20, 5, date(2026, 2, 1), ("INV-1",)), 30, cash())
	assert (bare["title"], bare["agreed"], bare["open"], bare["billed"], bare["paid"]) == (
		"Without Payment Term", None, 120, 150, 30,
	)  # fmt: skip
	line = TermLine("Rest", 200.0, 150, 178.5, 20, 5, date(2026, 2, 1), ("INV-1", "INV-2"))
	told = contract_to_cash._term(line, 30, cash())
	assert (told["open"], told["indent"], told["currency"], told["due_date"]) == (170, 1, "USD", date(2026, 2, 1))
	assert (told["invoiced"], told["settled"], told["outstanding"], told["overdue"]) == (178.5, 158.5, 20, 5)
	assert told["invoices"] == "INV-1, INV-2"
	assert contract_to_cash._term(line, 30, cash("Fulfilled"))["open"] == 120, "no more is to come"


# ---- data quality


@pytest.fixture
def looked(monkeypatch):
	"""What was asked of the faults."""
	found = []
	monkeypatch.setattr(data_quality.data_quality, "faults", lambda asked, day: found.append((asked, day)) or [])
	return found


def test_the_list_of_faults_is_of_what_was_chosen(site, as_user, looked):
	as_user("manager")
	chosen = {"document_type": "Sales Lead", "kind": quality.BOUNCED, "group": "Unreachable"}
	data_quality.execute({**chosen, "sales_person": "North", "sales_owner": REP, "count": "30"})
	data_quality.execute({})
	(asked, day), (usual, _day) = looked
	assert (asked.doctype, asked.kind, asked.group) == tuple(chosen.values()) and day == getdate()
	assert (asked.sales_person, asked.sales_owner, asked.stale_days) == ("North", REP, 30)
	assert usual == data_quality.Asked()


def test_faults_are_counted_by_group_and_kind_however_many_one_record_has():
	words = {
		quality.NO_CONTACT: "No Contact", quality.NO_REACH: "No E-mail or Phone", quality.INCOMPLETE: "Incomplete",
		quality.BAD_EMAIL: "Invalid E-mail", quality.BAD_PHONE: "Invalid Phone", quality.BOUNCED: "Bounced",
		quality.OUTDATED: "Outdated", quality.DOUBLED: "Doubled",
	}  # fmt: skip
	assert data_quality.fault_labels() == words and set(words) == set(quality.KINDS)
	one = {"doctype": "Sales Lead", "name": "LEAD-1"}
	groups = list(quality.GROUPS)
	found = [{**one, "group": groups[place], "kind": kind} for place, kind in ((0, quality.KINDS[0]),) * 2]
	found.append({**one, "group": groups[1], "kind": quality.KINDS[-1]})
	told = data_quality.summary(found)
	assert [card["value"] for card in told] == [2, 1, *([0] * (len(groups) - 2))]
	assert [card["label"] for card in told] == groups and {card["datatype"] for card in told} == {"Int"}
	chart = data_quality.chart(found)["data"]
	counts = Counter(row["kind"] for row in found)
	assert chart["labels"] == [words[kind] for kind in quality.KINDS if counts[kind]]
	assert chart["datasets"][0]["values"] == [2, 1]


# ---- overdue


def debt(**values):
	behind = SimpleNamespace(sales_owner=REP, sales_person="North", contract="CON-1", order="SO-1")
	item = SimpleNamespace(voucher_type="Sales Invoice", voucher_no="INV-1", customer="ACME", currency="CHF")
	promise = {"name": "PROM-1", "promised_on": date(2026, 4, 2), "amount": 55.0, "status": "Open"}
	fixed = {"item": item, "behind": behind, "promise": promise, "due_date": date(2026, 3, 1), "credit": 12.0}
	fixed |= {"dunned_on": date(2026, 3, 20), "invoice": SimpleNamespace(customer_name="Acme Ltd"), "overdue": 90.0}
	return SimpleNamespace(**{**fixed, "outstanding": 100.0, "ages": [10.0, 20.0, 30.0, 25.0, 5.0], **values})


ASKED = SimpleNamespace(day=date(2026, 3, 31), shown_currency="EUR", group_by="Invoice")


def test_a_line_of_overdue_money_says_how_long_of_whom_and_what_was_promised():
	assert overdue_receivables._row(debt(), ASKED) == {
		"voucher_type": "Sales Invoice", "voucher_no": "INV-1", "customer": "ACME", "customer_name": "Acme Ltd",
		"due_date": date(2026, 3, 1), "days": 30, "currency": "EUR", "own_currency": "CHF", "promise_name": "PROM-1",
		"promised_on": date(2026, 4, 2), "promised": 55.0, "promise_status": "Open", "credit": 12.0,
		"dunned_on": date(2026, 3, 20), "sales_owner": REP, "sales_person": "North", "contract": "CON-1",
		"sales_order": "SO-1", "overdue": 90.0, "outstanding": 100.0, "range1": 10.0, "range2": 20.0, "range3": 30.0,
		"range4": 25.0, "range5": 5.0,
	}  # fmt: skip
	bare = overdue_receivables._row(debt(promise=None, invoice=None, credit=0.0), ASKED)
	assert {key for key, value in bare.items() if value is None} == {
		"customer_name", "promise_name", "promised_on", "promised", "promise_status", "credit",
	}  # fmt: skip


def test_the_numbers_above_overdue_money_take_credits_off_where_there_are_any():
	found = SimpleNamespace(
		debts=[debt(), debt()], overdue=180.0, credits=[1], credited=0.5, ages=[1.0, 2.0, 3.0, 4.0, 5.0]
	)
	cards = overdue_receivables.summary(found, ASKED)
	assert [(card["label"], card["value"], card.get("currency")) for card in cards] == [
		("Documents", 2, None), ("Overdue", 180.0, "EUR"), ("Credits Not Set Off", 0.5, "EUR"), ("Net", 179.5, "EUR"),
	]  # fmt: skip
	ask = {"doctype": "Sales Invoice", "method": "get_documents_of_overdue"}
	assert [card.get("ask") for card in cards] == [ask, ask, None, None]
	assert [card["datatype"] for card in cards] == ["Int", "Currency", "Currency", "Currency"]
	found.credits = []
	assert len(overdue_receivables.summary(found, ASKED)) == 2
	chart = overdue_receivables.chart(found)
	[bars] = chart["data"]["datasets"]
	assert (chart["data"]["labels"], bars["values"]) == (["0-30", "31-60", "61-90", "91-120", "121+"], found.ages)
	assert (
		bars["asks"] == [{**ask, "args": {"bucket": place}} for place in range(5)] and chart["fieldtype"] == "Currency"
	)
	found.debts = []
	assert overdue_receivables.chart(found) is None


# ---- who had what, and who did what


def test_a_line_of_owners_says_who_had_it_and_who_gave_it():
	span = SimpleNamespace(user=REP, by=OTHER, since=datetime(2026, 1, 1, 8), until=datetime(2026, 2, 1, 9))
	line = owner_history._row(SimpleNamespace(span=span, doctype="Sales Lead", name="LEAD-1", title="Pumps"))
	names = tuple(map(frappe.utils.get_fullname, (REP, OTHER)))
	assert (line["user"], line["by"], line["user_name"], line["by_name"]) == (REP, OTHER, *names)
	assert (line["since"], line["until"]) == (span.since, span.until)
	assert (line["document_type"], line["document"], line["title"]) == ("Sales Lead", "LEAD-1", "Pumps")
	span.user = span.by = None
	line = owner_history._row(SimpleNamespace(span=span, doctype="Sales Lead", name="LEAD-1", title="Pumps"))
	assert (line["user_name"], line["by_name"]) == (None, None)


def test_a_line_of_the_work_log_names_person_and_prospect_and_a_zero_is_a_rating(monkeypatch):
	log = work_log.work_log
	worst = log.LogRow(REP, None, "PROS-1", "Phone", activities=2, hours=1.0, rated=1, ratings=0.0, sent=3, received=4)
	line = work_log.line(worst, {"PROS-1": "Harbour Works"})
	assert line == {
		"person": REP, "person_name": frappe.utils.get_fullname(REP), "customer": None, "prospect": "PROS-1",
		"prospect_title": "Harbour Works", "way": "Phone", "activities": 2, "sent": 3, "received": 4, "hours": 1.0,
		"evaluation": 0.0,
	}  # fmt: skip
	assert work_log.line(worst)["prospect_title"] is None
	sums = {card["label"]: (card["value"], card["datatype"]) for card in work_log.summary([worst, worst])}
	assert sums == {
		"Activities": (4, "Int"),
		"Hours": (2.0, "Float"),
		"Mails Sent": (6, "Int"),
		"Mails Received": (8, "Int"),
	}


# ---- leads and prospects


def test_a_line_of_ages_opens_its_leads_and_those_without_an_answer():
	group = SimpleNamespace(label="North", leads=5, unanswered=2, bands={"0-1": 1, "91+": 4}, oldest=0)
	of = [("sales_person", "=", "North")]
	assert leads_aging._row(group, of) == {
		"label": "North", "leads": 5, "unanswered": 2, "0-1": 1, "91+": 4, "oldest": 0,
		"routes": {"leads": of, "unanswered": [*of, ("first_answer_on", "is", "not set")]},
	}  # fmt: skip


def test_prospects_that_became_customers_are_counted_by_group_and_in_all(world, as_user, monkeypatch):
	as_user("manager")
	groups = [
		SimpleNamespace(label=name, key=name, prospects=n, customers=m) for name, n, m in (("A", 8, 2), ("B", 2, 1))
	]
	monkeypatch.setattr(prospect_conversion.lead_results, "prospect_groups", lambda asked: groups)
	monkeypatch.setattr(
		prospect_conversion.lead_results,
		"list_filters",
		lambda asked, key=None, whole=False: [("whole", whole), ("key", key)],
	)
	_columns, told = prospect_conversion.execute({"company": world.company})[:2]
	assert [(line["label"], line["prospects"], line["customers"], line["rate"]) for line in told] == [
		("A", 8, 2, 25.0), ("B", 2, 1, 50.0), ("Total", 10, 3, 30.0),
	]  # fmt: skip
	of = [[("whole", False), ("key", "A")], [("whole", False), ("key", "B")], [("whole", True), ("key", None)]]
	assert [line["routes"] for line in told] == [
		{"prospects": one, "customers": [*one, ("customer", "is", "set")]} for one in of
	]
	assert [line.get("is_total") for line in told] == [None, None, 1]
	groups.clear()
	assert prospect_conversion.execute({"company": world.company})[1] == []


@pytest.mark.parametrize("hidden", ["Sales Segment", "Sales Segment Snapshot"])
def test_the_report_of_a_segment_is_for_who_may_read_it_and_its_picture(site, as_user, monkeypatch, hidden):
	def need(doctype, name):
		if doctype == hidden:
			raise frappe.PermissionError(name)

	monkeypatch.setattr(segment_members.rights, "need", need)
	monkeypatch.setattr(segment_members.segment_list, "found", lambda segment, snapshot: ("Sales Lead", [snapshot]))
	as_user("manager")
	with refused(frappe.PermissionError):
		segment_members.execute({"segment": "S", "snapshot": "P"})
	if hidden != "Sales Segment":
		assert segment_members.execute({"segment": "S"})[1] == [None]
	with refused(match="Please choose a"):
		segment_members.execute({"snapshot": "P"})
