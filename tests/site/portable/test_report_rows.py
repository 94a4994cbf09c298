"""What reports say of rows that are given: lines, sums, labels, and the lists that their numbers open."""

import json
from datetime import date

import frappe
import pytest
from frappe.utils import add_days, getdate

from crm_pipeline.analytics import contract_money, lead_results, new_customers, pool_traffic
from crm_pipeline.analytics.contract_money import CashScope, ContractCash
from crm_pipeline.core.contract_cash import TermLine
from crm_pipeline.core.fulfilment import Fulfilment
from crm_pipeline.crm_customers.report.contract_to_cash import contract_to_cash
from crm_pipeline.crm_customers.report.data_quality import data_quality
from crm_pipeline.crm_customers.report.work_log import work_log as work_report
from crm_pipeline.crm_prospecting.report.public_pool_movement import public_pool_movement
from crm_pipeline.crm_prospecting.report.segment_members import segment_members as segment_report
from tests.site import rows
from tests.site.world import refused, weeks_begin_on

# ---- from contract to cash


def cash(status: str = "Active", **amounts) -> ContractCash:
	contract = frappe._dict(name="CON-1", title="Pumps", customer="Acme", customer_name="Acme Ltd", status=status,
		contract_date=date(2026, 1, 2), sales_owner="rep@crm-test.example")  # fmt: skip
	terms = [
		TermLine("On signature", 100, 100, 119, 19, 9, date(2026, 2, 1), ("INV-1", "INV-2")),
		TermLine("", 300, 0, 0, 0, 0, date(2026, 3, 1)),
	]
	given = {"ordered": 250.0, "delivered": 200.0, "billed": 100.0, "paid": 84.0, **amounts}
	return ContractCash(contract, "USD", 400.0, Fulfilment(**given), ["SO-1"], terms)


def test_a_contract_has_a_line_and_each_of_its_terms_one_below_it():
	whole, first, second = contract_to_cash.lines(cash())
	assert [whole[name] for name in contract_to_cash.NET] == [400, 250, 200, 100, 84, 316]
	assert [whole[name] for name in contract_to_cash.WITH_TAX] == [119, 100, 19, 9]
	assert (whole["contract"], whole["title"], whole["customer_name"], whole["status"]) == (
		"CON-1",
		"Pumps",
		"Acme Ltd",
		"Active",
	)
	assert (whole["indent"], first["indent"], whole["currency"], first["currency"]) == (0, 1, "USD", "USD")
	assert (first["title"], first["due_date"], first["invoices"]) == ("On signature", date(2026, 2, 1), "INV-1, INV-2")
	assert (first["agreed"], first["billed"], round(first["paid"], 2), round(first["open"], 2)) == (100, 100, 84, 16)
	assert (first["invoiced"], first["settled"], first["outstanding"], first["overdue"]) == (119, 100, 19, 9)
	assert (second["title"], second["agreed"], second["billed"], second["paid"], second["open"]) == (
		"Without Payment Term", 300, 0, 0, 300,
	)  # fmt: skip
	beyond = contract_to_cash._term(TermLine("", 0, 50, 60, 60, 0), 20, cash())
	assert (beyond["agreed"], beyond["billed"], beyond["open"], beyond["settled"]) == (None, 50, 30, 0)


def test_what_ended_expects_no_more_than_was_ordered():
	assert (cash("Terminated").open, cash("Active").open, cash(ordered=500.0).open) == (166, 316, 416)


def test_of_a_fulfilled_contract_is_open_what_was_billed_and_is_not_paid():
	"""At another rate than ordered, or less what was credited for a late delivery."""
	whole, first, second = contract_to_cash.lines(cash("Fulfilled", ordered=400.0, billed=380.0))
	assert (whole["open"], first["open"], second["open"]) == (296, 16, 0)


def test_sums_are_in_the_company_s_currency_or_there_are_none(world):
	asked = CashScope.of({"company": world.company})
	shown = {row["label"]: (row["value"], row["currency"]) for row in contract_to_cash.summary([cash(), cash()], asked)}
	assert shown == {
		label: (value, world.currency)
		for label, value in {
			"Agreed": 800, "Ordered": 500, "Billed": 200, "Paid": 168, "Still Open": 632, "Outstanding (with Tax)": 38,
		}.items()
	}  # fmt: skip
	own = CashScope.of({"company": world.company, "shown_in": contract_money.OWN})
	assert contract_to_cash.summary([cash()], own) == []
	with refused(match="Nowhere.* is not a state of this report"):
		CashScope.of({"company": world.company, "status": "Nowhere"})
	with refused(match="Gold.* is not a currency of this report"):
		CashScope.of({"company": world.company, "shown_in": "Gold"})


def test_the_report_has_a_column_for_each_number_and_says_when_it_leaves_some_out(world, sale, monkeypatch):
	sale.contract(submit=False)
	columns, data, message, _chart, summary = contract_to_cash.execute(
		{"company": world.company, "customer": world.customer}
	)
	known = {column["fieldname"]: column for column in columns}
	assert {
		*contract_to_cash.NET,
		*contract_to_cash.WITH_TAX,
		"contract",
		"title",
		"due_date",
		"invoices",
		"sales_owner",
	} <= known.keys()
	assert (known["contract"]["options"], known["open"]["options"], known["open"]["label"]) == (
		"Sales Contract",
		"currency",
		"Still Open",
	)
	assert "latest" not in message and [row["label"] for row in summary][0] == "Agreed" and isinstance(data, list)
	monkeypatch.setattr(contract_money, "MOST", 2)
	assert contract_to_cash.message([cash()]) is None
	assert contract_to_cash.message([cash()] * 2) == "The latest 2 contracts are shown."


# ---- data quality


def test_faults_are_named_counted_and_cut():
	fault = {"doctype": "Sales Lead", "name": "LEAD-1", "title": "x", "detail": 3}
	kinds = data_quality.quality
	found = [{**fault, "kind": kind} for kind in (kinds.OUTDATED, kinds.DOUBLED, kinds.DOUBLED, kinds.NO_CONTACT)]
	shown = data_quality.rows(found)
	assert [row["fault"] for row in shown] == ["Outdated", "Doubled", "Doubled", "No Contact"]
	assert [row["detail"] for row in shown] == [
		"3 days without contact or change",
		"3 suspected pairs",
		"3 suspected pairs",
		3,
	]
	chart = data_quality.chart(found)["data"]
	told = dict(zip(chart["labels"], chart["datasets"][0]["values"], strict=True))
	assert told == {"Outdated": 1, "Doubled": 2, "No Contact": 1}
	assert data_quality.chart([]) is None
	assert data_quality.message(data_quality.SHOWN) is None
	assert (
		data_quality.message(data_quality.SHOWN + 1)
		== "The first 1000 of 1001 faults are shown; the numbers are of all of them."
	)
	assert len(data_quality.rows(found * 400)) == 1000


# ---- the work log


def test_a_line_of_the_work_log_has_hours_and_what_it_was_worth():
	log = work_report.work_log
	done = log.LogRow(
		"rep@crm-test.example", "Acme", None, "Phone", activities=3, hours=1.5, unmeasured=2, rated=2, ratings=1.2
	)
	mails = log.LogRow("", None, "PROS-1", "E-mail", sent=2, received=5)
	first, second = work_report.line(done), work_report.line(mails)
	assert (first["person"], first["customer"], first["way"], first["activities"], first["hours"]) == (
		"rep@crm-test.example", "Acme", "Phone", 3, 1.5,
	)  # fmt: skip
	assert (round(first["evaluation"]), second["evaluation"], second["person_name"]) == (60, None, "Nobody")
	assert (second["prospect"], second["sent"], second["received"]) == ("PROS-1", 2, 5)
	assert work_report.message([done, mails]) == "Activities without a length count with no hours: 2"
	assert work_report.message([mails]) is None
	assert {row["label"]: row["value"] for row in work_report.summary([done, mails])} == {
		"Activities": 3, "Hours": 1.5, "Mails Sent": 2, "Mails Received": 5,
	}  # fmt: skip


def test_the_work_log_takes_the_right_to_activities(world, as_user):
	as_user("rep")
	columns, data, *_rest = work_report.execute({"company": world.company})
	assert {"person_name", "customer", "way", "hours", "evaluation"} <= {column["fieldname"] for column in columns}
	assert isinstance(data, list)
	as_user("accounts")
	with refused(frappe.PermissionError):
		work_report.execute({"company": world.company})


# ---- what went into the pool and out of it


@pytest.fixture
def movements(world):
	rep, other = "rep@crm-test.example", "other_rep@crm-test.example"
	for kind, at, name, who, company in (
		("Fell", "2031-03-03 03:00:00", "L1", rep, world.company), ("Fell", "2031-03-03 03:00:00", "L2", rep, world.company),
		("Released", "2031-03-10 03:00:00", "L3", other, None), ("Claimed", "2031-03-07 15:00:00", "L1", other, world.company),
		("Given", "2031-03-12 03:00:00", "L3", rep, None), ("Fell", "2031-03-04 03:00:00", "L4", rep, "Another Company"),
		("Fell", "2031-04-01 03:00:00", "L5", rep, world.company),
	):  # fmt: skip
		person = {"from_user" if kind in ("Fell", "Released") else "to_user": who}
		rows.row("Pool Movement", docstatus=0, movement=kind, at=at, reference_doctype="Sales Lead", reference_name=name, company=company,
			pool_rule="Old ones" if kind == "Fell" else None, **person)  # fmt: skip
	return {"company": world.company, "from_date": "2031-03-01", "to_date": "2031-03-31"}


def told(asked: dict, group_by: str) -> dict[str, dict]:
	return {row["label"]: row for row in public_pool_movement.execute({**asked, "group_by": group_by})[1]}


def test_movements_of_the_pool_are_told_by_week(movements, monkeypatch):
	weeks_begin_on(monkeypatch, "Monday")
	found = told(movements, "Week")
	assert [*found] == ["Week of 03-03-2031", "Week of 10-03-2031", "Total"]
	first, second, whole = found.values()
	assert [first[kind] for kind in ("Fell", "Released", "Claimed", "Given", "more", "days")] == [2, 0, 1, 0, 1, 4.5]
	assert [second[kind] for kind in ("Fell", "Released", "Claimed", "Given", "more", "days")] == [0, 1, 0, 1, 0, 2]
	assert [whole[kind] for kind in ("Fell", "Released", "Claimed", "Given", "more", "days")] == [2, 1, 1, 1, 1, 3.25]
	assert whole["is_total"] and "is_total" not in first


@pytest.mark.parametrize(
	("begins", "weeks"),
	[
		("Sunday", ["02-03-2031", "09-03-2031"]),
		("Saturday", ["01-03-2031", "08-03-2031"]),
		(None, ["03-03-2031", "10-03-2031"]),
	],
)
def test_weeks_begin_on_the_day_that_the_site_says(movements, monkeypatch, begins, weeks):
	weeks_begin_on(monkeypatch, begins)
	asked = pool_traffic.PoolScope.of(movements | {"group_by": "Week"})
	found, _all = pool_traffic.groups(asked)
	assert [group.label for group in found] == [f"Week of {day}" for day in weeks]
	for group in found:
		for movement, count in group.found.counts.items():
			listed = pool_traffic.list_filters(asked, movement, group.key)
			assert (
				len(frappe.get_all("Pool Movement", filters=[list(row) for row in listed], order_by="name asc"))
				== count
			)


def test_movements_by_person_rule_and_type_have_the_most_first(movements):
	people = told(movements, "Person")
	rep, other = (people[frappe.utils.get_fullname(f"{who}@crm-test.example")] for who in ("rep", "other_rep"))
	assert (rep["Fell"], rep["Given"], other["Released"], other["Claimed"]) == (2, 1, 1, 1)
	assert (told(movements, "Rule")["Old ones"]["Fell"], told(movements, "Rule")["Not Set"]["Claimed"]) == (2, 1)
	assert [*told(movements, "Rule")][0] == "Not Set"
	assert told(movements, "Document Type")["Sales Lead"]["more"] == 1
	with refused(match="Group By is not one of: Week, Rule, Person"):
		told(movements, "Mood")


@pytest.mark.parametrize("group_by", ["Week", "Rule", "Person", "Document Type"])
def test_each_number_of_the_pool_opens_the_list_of_its_movements(movements, group_by):
	for label, row in told(movements, group_by).items():
		for kind, route in row["routes"].items():
			found = frappe.get_list("Pool Movement", filters=[list(one) for one in route], order_by="at asc", limit=0)
			assert len(found) == row[kind], (label, kind)


def test_the_pool_s_report_says_what_it_is_about(movements):
	columns, _data, message = public_pool_movement.execute({**movements, "group_by": "Week"})
	assert message.endswith("<br>01-03-2031 to 31-03-2031")
	assert [column["fieldname"] for column in columns] == [
		"label",
		"Fell",
		"Released",
		"Claimed",
		"Given",
		"more",
		"days",
	]
	assert "counts for who had it" in public_pool_movement.execute({**movements, "group_by": "Person"})[2]
	nothing = public_pool_movement.execute({**movements, "from_date": "2001-01-01", "to_date": "2001-01-31"})
	assert nothing[1] == []


def test_a_record_had_been_in_the_pool_since_it_came_in_last(world):
	"""It fell twice, was claimed each time, and falls once more after that; another one of the same name is another."""
	for kind, at, doctype in (
		("Fell", "2031-05-01 00:00:00", "Sales Lead"), ("Claimed", "2031-05-11 00:00:00", "Sales Lead"),
		("Released", "2031-05-20 00:00:00", "Sales Lead"), ("Given", "2031-05-22 00:00:00", "Sales Lead"),
		("Fell", "2031-05-23 00:00:00", "Sales Lead"), ("Fell", "2031-05-21 00:00:00", "Customer"),
	):  # fmt: skip
		rows.row("Pool Movement", docstatus=0, movement=kind, at=at, reference_doctype=doctype, reference_name="L1", company=world.company)  # fmt: skip
	asked = {"company": world.company, "to_date": "2031-05-31"}
	assert told({**asked, "from_date": "2031-05-11"}, "Document Type")["Total"]["days"] == 6
	assert told({**asked, "from_date": "2031-05-12"}, "Document Type")["Total"]["days"] == 2
	assert told({**asked, "from_date": "2031-05-23"}, "Document Type")["Total"]["days"] is None


@pytest.mark.parametrize("scope", [pool_traffic.PoolScope, lead_results.LeadScope])
@pytest.mark.parametrize(
	("asked", "first", "last"),
	[
		({}, -90, 0),
		({"from_date": -10}, -10, 0),
		({"from_date": 10}, 10, 10),
		({"to_date": -200}, -290, -200),
		({"to_date": 20}, -70, 20),
		({"to_date": 200}, 0, 200),
		({"from_date": -3, "to_date": -2}, -3, -2),
	],
)
def test_where_no_days_are_asked_for_it_is_the_last_three_months(world, scope, asked, first, last):
	day = lambda n: getdate(add_days(getdate(), n))  # noqa: E731
	found = scope.of({"company": world.company, **{name: str(day(n)) for name, n in asked.items()}})
	assert found.days() == (day(first), day(last))


def test_new_customers_are_those_of_the_month_where_no_days_are_asked_for(world):
	today = getdate()
	month = today.replace(day=1)
	later, before = getdate(add_days(today, 40)), getdate(add_days(month, -1))
	for asked, first, last in (
		({}, month, today),
		({"to_date": before}, before.replace(day=1), before),
		({"to_date": later}, month, later),
		({"from_date": before}, before, today),
		({"from_date": later}, later, later),
	):
		scope = new_customers.CustomerScope.of({"company": world.company, **{k: str(v) for k, v in asked.items()}})
		assert scope.days() == (first, last), asked


# ---- the records of a segment


def test_the_report_of_a_segment_shows_its_records(world):
	shown, _other = world.customer, rows.row("Customer", docstatus=0, name="Elsewhere", customer_name="Elsewhere")
	segment = frappe.get_doc(
		{"doctype": "Sales Segment", "segment_name": f"Harbours {world.tag}", "applies_to": "Customer", "company": world.company,
		 "filters": json.dumps([["Customer", "name", "=", shown]])}
	).insert()  # fmt: skip
	columns, data, *_rest = segment_report.execute({"segment": segment.name})
	assert [(column["fieldname"], column["options"]) for column in columns] == [
		("record", "Customer"), ("title", None), ("territory", "Territory"), ("owner", "User"), ("change", None),
	]  # fmt: skip
	assert [row["record"] for row in data] == [shown]
	with refused(match="Please choose a Segment"):
		segment_report.execute({})
	for missing in ({"segment": "Nowhere"}, {"segment": segment.name, "snapshot": "Nowhere"}):
		with refused((frappe.PermissionError, frappe.DoesNotExistError)):
			segment_report.execute(missing)
