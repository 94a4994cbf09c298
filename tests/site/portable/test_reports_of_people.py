"""Reports about leads, data and debts: whom they are for, what their columns, sums and charts say."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.analytics.overdue import CONTRACT, CUSTOMER, INVOICE, REP
from crm_pipeline.core import quality
from crm_pipeline.crm_customers.report.data_quality import data_quality
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from crm_pipeline.crm_customers.report.work_log import work_log
from crm_pipeline.crm_prospecting.report.leads_aging import leads_aging
from crm_pipeline.crm_prospecting.report.prospect_conversion import prospect_conversion
from tests.site.rows import row
from tests.site.world import refused, without_right


@pytest.mark.parametrize(
	("path", "doctype", "asked"),
	[
		("crm_customers.report.contract_to_cash.contract_to_cash", "Sales Contract", {}),
		("crm_customers.report.overdue_receivables.overdue_receivables", "Promise to Pay", {}),
		("crm_customers.report.owner_history.owner_history", "Pipeline Event", {}),
		("crm_customers.report.work_log.work_log", "Sales Activity", {}),
		("crm_pipeline.report.order_desk_queue.order_desk_queue", "Sales Order Request", {}),
		("crm_prospecting.report.segment_members.segment_members", "Sales Segment", {"segment": "Any"}),
	],
)
def test_a_report_is_for_who_may_read_what_it_counts(world, as_user, monkeypatch, path, doctype, asked):
	as_user("manager")
	without_right(monkeypatch, doctype, "read")
	with refused(frappe.PermissionError):
		frappe.get_attr(f"crm_pipeline.{path}.execute")({"company": world.company, **asked})


# ---- leads and prospects


def lead(world, key: str, **values) -> str:
	fixed = {"title": key, "status": "New", "company": world.company, "docstatus": 0, "campaign": None}
	return row("Sales Lead", name=f"{key} {world.tag}", **{**fixed, **values})


def test_leads_are_counted_by_age_and_the_total_adds_them_up(world):
	channels = [row("Sales Channel", name=f"{key} {world.tag}", docstatus=0) for key in ("Fair", "Web")]
	old = [frappe.utils.add_days(frappe.utils.now_datetime(), -days) for days in (0, 10, 50, 400)]
	for place, (channel, at, answered) in enumerate(
		((0, old[0], None), (0, old[1], old[0]), (0, old[3], None), (1, old[2], None), (1, old[0], old[0]))
	):
		lead(world, f"L{place}", channel=channels[channel], creation=at, first_answer_on=answered)
	lead(world, "over", channel=channels[0], status="Disqualified", creation=old[1])
	columns, lines, _note = leads_aging.execute({"company": world.company, "group_by": "Channel"})
	names = [column["fieldname"] for column in columns]
	assert names[:3] == ["label", "leads", "unanswered"] and names[-1] == "oldest"
	bands = names[3:-1]
	assert [column["label"] for column in columns[3:-1]] == [f"{band} Days" for band in bands]
	by_label = {line["label"]: line for line in lines}
	fair, web, total = by_label[channels[0]], by_label[channels[1]], lines[-1]
	assert [(one["leads"], one["unanswered"], one["oldest"]) for one in (fair, web)] == [(3, 2, 400), (2, 1, 50)]
	assert total["is_total"] and total["oldest"] >= 400
	for name in ("leads", "unanswered", *bands):
		assert total[name] == sum(line[name] for line in lines[:-1]), name
	for line in (fair, web):
		assert sum(line[band] for band in bands) == line["leads"]
		for number, filters in line["routes"].items():
			listed = frappe.get_list("Sales Lead", filters=[list(one) for one in filters], limit=0, order_by="name asc")
			assert len(listed) == line[number], number


def test_prospects_are_counted_with_those_that_are_customers_and_their_share(world):
	channels = [row("Sales Channel", name=f"{key} {world.tag}", docstatus=0) for key in ("Fair", "Web")]
	fixed = {"company": world.company, "docstatus": 0, "status": "Unverified"}
	for place, (channel, customer) in enumerate(
		((0, None), (0, world.customer), (0, ""), (0, None), (1, world.customer))
	):
		name = f"P{place} {world.tag}"
		row("Sales Prospect", name=name, prospect_name=name, channel=channels[channel], customer=customer, **fixed)
	_columns, lines, note = prospect_conversion.execute({"company": world.company, "group_by": "Channel"})
	by_label = {line["label"]: line for line in lines}
	assert [
		(by_label[name]["prospects"], by_label[name]["customers"], by_label[name]["rate"]) for name in channels
	] == [(4, 1, 25), (1, 1, 100)]
	total = lines[-1]
	assert total["is_total"] and total["prospects"] == sum(line["prospects"] for line in lines[:-1])
	assert total["rate"] == pytest.approx(100 * total["customers"] / total["prospects"])
	assert "Prospects that came from" in note
	for name in channels:
		for number, filters in by_label[name]["routes"].items():
			listed = frappe.get_list(
				"Sales Prospect", filters=[list(one) for one in filters], limit=0, order_by="name asc"
			)
			assert len(listed) == by_label[name][number], number


# ---- data


def fault(kind: str, group: str, detail: str = "x") -> dict:
	return {
		"doctype": "Sales Lead",
		"name": "L",
		"title": "T",
		"kind": kind,
		"group": group,
		"detail": detail,
		"last": None,
	}


def test_each_fault_has_its_words_and_the_numbers_are_of_all(site):
	labels = data_quality.fault_labels()
	assert set(labels) == set(quality.KINDS) and len(set(labels.values())) == len(labels)
	assert (labels[quality.BAD_EMAIL], labels[quality.NO_REACH]) == ("Invalid E-mail", "No E-mail or Phone")
	found = [fault(kind, group) for group, kinds in quality.GROUPS.items() for kind in kinds]
	found += [fault(quality.OUTDATED, "Outdated", "250"), fault(quality.DOUBLED, "Doubled", "3")] * 2
	shown = data_quality.rows(found)
	assert [one["fault"] for one in shown] == [labels[one["kind"]] for one in found]
	assert {one["type"] for one in shown} == {"Sales Lead"}
	assert [one["detail"] for one in shown[-2:]] == ["250 days without contact or change", "3 suspected pairs"]
	assert shown[0]["detail"] == "x"
	sums = {one["label"]: one["value"] for one in data_quality.summary(found)}
	assert sums == {
		group: len(kinds) + 2 * (group in ("Doubled", "Outdated")) for group, kinds in quality.GROUPS.items()
	}
	chart = data_quality.chart([fault(quality.OUTDATED, "Outdated")] * 3 + [fault(quality.BAD_PHONE, "Unreachable")])
	assert chart["data"]["labels"] == ["Invalid Phone", "Outdated"] and chart["data"]["datasets"][0]["values"] == [1, 3]
	assert data_quality.chart([]) is None and data_quality.rows([]) == []


@pytest.mark.parametrize(("count", "said"), [(1000, False), (1001, True)])
def test_of_more_faults_than_a_page_holds_it_is_said_how_many_there_are(site, count, said):
	message = data_quality.message(count)
	assert message == (f"The first 1000 of {count} faults are shown; the numbers are of all of them." if said else None)
	assert len(data_quality.rows([fault(quality.OUTDATED, "Outdated", "1")] * count)) == 1000


# ---- work


def test_a_line_of_the_work_log_says_who_and_how_much(site):
	values = {
		"person": "rep@crm-test.example",
		"customer": "C",
		"prospect": None,
		"way": "Phone",
		"activities": 4,
		"sent": 3,
	}
	values |= {"received": 2, "hours": 1.5, "evaluation": 0.25, "unmeasured": 2}
	made = SimpleNamespace(**values)
	line = work_log.line(made)
	assert line == {
		**{name: value for name, value in values.items() if name != "unmeasured"},
		"evaluation": 25, "person_name": frappe.utils.get_fullname(values["person"]), "prospect_title": None,
	}  # fmt: skip
	nobody = SimpleNamespace(**{**values, "person": None, "evaluation": None, "unmeasured": 0})
	assert (work_log.line(nobody)["person_name"], work_log.line(nobody)["evaluation"]) == ("Nobody", None)
	assert work_log.line(SimpleNamespace(**{**values, "evaluation": 0}))["evaluation"] == 0
	assert work_log.message([made, nobody, made]) == "Activities without a length count with no hours: 4"
	assert work_log.message([nobody]) is None and work_log.message([]) is None
	assert {column["fieldname"] for column in work_log.columns()} == {*line} - {"prospect_title"}


# ---- debts


def debt(**values):
	fixed = {
		"item": SimpleNamespace(voucher_type="Sales Invoice", voucher_no="SINV-1", customer="C", currency="EUR"),
		"invoice": SimpleNamespace(customer_name="Quay Works"), "due_date": date(2026, 3, 1), "promise": None, "credit": 0,
		"dunned_on": date(2026, 3, 9), "overdue": 50.0, "outstanding": 80.0, "ages": [10.0, 40.0],
		"behind": SimpleNamespace(sales_owner="rep", sales_person="Rep", contract="CON-1", order="SO-1"),
	}  # fmt: skip
	return SimpleNamespace(**{**fixed, **values})


def test_a_row_of_a_debt_says_what_was_promised_and_what_stands_behind_it(site):
	asked = SimpleNamespace(day=date(2026, 3, 20), shown_currency="USD", group_by=INVOICE)
	promise = {"name": "PTP-1", "promised_on": date(2026, 4, 1), "amount": 30.0, "status": "Open"}
	found = overdue_receivables._row(debt(promise=promise, credit=5.0), asked)
	assert found == {
		"voucher_type": "Sales Invoice", "voucher_no": "SINV-1", "customer": "C", "customer_name": "Quay Works",
		"due_date": date(2026, 3, 1), "days": 19, "currency": "USD", "own_currency": "EUR", "promise_name": "PTP-1",
		"promised_on": date(2026, 4, 1), "promised": 30.0, "promise_status": "Open", "credit": 5.0,
		"dunned_on": date(2026, 3, 9), "sales_owner": "rep", "sales_person": "Rep", "contract": "CON-1",
		"sales_order": "SO-1", "overdue": 50.0, "outstanding": 80.0, "range1": 10.0, "range2": 40.0,
	}  # fmt: skip
	bare = overdue_receivables._row(debt(invoice=None), asked)
	names = ("customer_name", "promise_name", "promised_on", "promised", "promise_status", "credit")
	assert [bare[name] for name in names] == [None] * 6


@pytest.mark.parametrize(
	("group_by", "key", "customer"),
	[(CUSTOMER, None, "C"), (CUSTOMER, "C", "C"), (CONTRACT, "CON-1", "C"), (CONTRACT, None, None), (REP, None, None)],
)
def test_a_group_of_debts_names_its_customer_where_there_is_one(site, group_by, key, customer):
	asked = SimpleNamespace(shown_currency="USD", group_by=group_by)
	group = SimpleNamespace(key=key, rows=[debt(), debt()], overdue=100.0, outstanding=160.0, ages=[20.0, 80.0])
	assert overdue_receivables._group(group, asked) == {
		"key": key, "sales_owner": "rep", "contract": "CON-1", "customer": customer, "documents": 2, "currency": "USD",
		"overdue": 100.0, "outstanding": 160.0, "range1": 20.0, "range2": 80.0,
	}  # fmt: skip


def test_numbers_over_the_debts_say_the_net_where_something_is_not_set_off(site):
	asked = SimpleNamespace(shown_currency="USD")
	found = SimpleNamespace(debts=[1, 2], overdue=50.0, credits=[], credited=0.0, ages=[10.0, 40.0])
	told = lambda found: [(one["label"], one["value"]) for one in overdue_receivables.summary(found, asked)]  # noqa: E731
	assert told(found) == [("Documents", 2), ("Overdue", 50.0)] and overdue_receivables.message(found) is None
	found.credits, found.credited = [1], 20.0
	assert told(found) == [("Documents", 2), ("Overdue", 50.0), ("Credits Not Set Off", 20.0), ("Net", 30.0)]
	assert "Net takes them off" in overdue_receivables.message(found)
	chart = overdue_receivables.chart(found)["data"]["datasets"][0]
	assert chart["values"] == [10.0, 40.0] and [ask["args"] for ask in chart["asks"]] == [{"bucket": 0}, {"bucket": 1}]
	found.debts = []
	assert overdue_receivables.chart(found) is None
