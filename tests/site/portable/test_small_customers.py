"""Small rules of the rooms about customers: what comes next, what is shown, whose right is missing, what a day asks."""

from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import backtest, case_times
from crm_pipeline.core import quality
from crm_pipeline.crm_customers.report.case_times import case_times as case_times_report
from crm_pipeline.crm_customers.report.data_quality import data_quality
from crm_pipeline.crm_pipeline.report.forecast_movement import forecast_movement
from crm_pipeline.customers import last_contact
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.deals import conversions, entering, won_amounts
from crm_pipeline.duplicates import merge_tool, pair_records
from crm_pipeline.my_day import day_actions
from crm_pipeline.parties import people
from crm_pipeline.receivables import seen_invoices
from crm_pipeline.receivables.invoice_owners import Behind
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

REP, OTHER = (USERS[who][0] for who in ("rep", "other_rep"))
DEAL = "Sales Opportunity"


def activity(world, days: int, **values):
	made = {"subject": f"Call {days}", "way": "Phone", "customer": world.customer, "company": world.company}
	made["starts_on"] = now_datetime().replace(microsecond=0) + timedelta(days=days)
	return frappe.get_doc({"doctype": "Sales Activity", **made, **values}).insert()


# ---- the page of a customer


def test_what_comes_next_is_the_earliest_of_what_is_open_and_last_the_youngest_that_is_done(sale, world, as_user):
	as_user("rep")
	asked = AskedParty("Customer", (world.customer,), world.company)
	assert last_contact.of_party(asked) == {"last": None, "next": None}
	for days, status in ((-9, "Done"), (-3, "Done"), (6, "Planned"), (4, "Planned"), (2, "Cancelled")):
		activity(world, days, status=status)
	late, soon = (
		sale.opportunity(next_step=step, next_step_date=add_days(nowdate(), days))
		for step, days in (("Ask", 8), (None, 3))
	)
	for values in ({"status": "Lost"}, {"company": "Another"}):
		other = sale.opportunity(next_step="No", next_step_date=add_days(nowdate(), 1))
		frappe.db.set_value(DEAL, other.name, values)
	found = last_contact.of_party(asked)
	assert (found["last"]["title"], found["last"]["person"]) == ("Call -3", REP)
	step = {
		"doctype": DEAL,
		"name": soon.name,
		"title": soon.title,
		"at": getdate(add_days(nowdate(), 3)),
		"person": REP,
	}
	assert {**found["next"], "at": getdate(found["next"]["at"])} == step
	frappe.db.set_value(DEAL, soon.name, "next_step_date", None)
	assert last_contact.of_party(asked)["next"]["title"] == "Call 4"
	for done in frappe.get_all("Sales Activity", filters={"status": "Planned"}, pluck="name", order_by="name asc"):
		frappe.db.set_value("Sales Activity", done, "status", "Cancelled")
	assert last_contact.of_party(asked)["next"]["name"] == late.name


@pytest.mark.parametrize(
	("kind", "detail", "text"),
	[
		(quality.OUTDATED, 400, "400 days without contact or change"),
		(quality.DOUBLED, 2, "2 suspected pairs"),
		("Missing", "E-Mail", "E-Mail"),
	],
)
def test_a_fault_of_a_record_is_said_in_words(site, kind, detail, text):
	assert data_quality._detail({"kind": kind, "detail": detail}) == text


def test_who_may_not_delete_the_one_that_goes_hears_so_and_nothing_else(sale, as_user):
	as_user("rep")
	gone, kept = sale.lead(), sale.lead(prospect_name="Another")
	word = lambda right, doc: f"You have no right to {right} Sales Lead {doc.name}. Ask somebody who has."  # noqa: E731
	assert merge_tool._rights_missing(gone, kept) == [word("delete", gone)]
	as_user("stranger")
	assert merge_tool._rights_missing(gone, kept) == [word("change", gone), word("change", kept), word("delete", gone)]
	as_user("manager")
	assert merge_tool._rights_missing(gone, kept) == []


@pytest.mark.parametrize(
	("party", "about", "subject"),
	[("Harbour", "OPP-1", "Phone: Harbour"), (None, "OPP-1", "Phone: OPP-1"), (None, None, "Phone")],
)
def test_a_call_without_a_subject_is_called_after_whom_it_was_with_else_what_about(
	site, monkeypatch, party, about, subject
):
	monkeypatch.setattr(
		day_actions.own_activities, "named", lambda found: [frappe._dict(found[0], party=party, about=about)]
	)
	assert day_actions._subject(frappe.new_doc("Sales Activity")) == subject


# ---- cases


def test_of_a_case_that_waits_for_the_customer_nothing_is_overdue():
	opened, now = datetime(2026, 3, 2, 9), datetime(2026, 3, 5, 9)
	row = {"opened_on": opened, "first_answer_on": opened + timedelta(hours=3), "solved_on": None, "due_by": opened}
	row |= {"satisfaction": 0}
	times = lambda **values: case_times._times(frappe._dict({**row, "status": "Open", **values}), now)  # noqa: E731
	assert (times().to_answer, times().to_solve, times().overdue, times().satisfaction) == (3, None, True, None)
	assert not times(status="Waiting").overdue
	assert not times(solved_on=opened).overdue and times(solved_on=opened).to_solve == 0
	assert times(first_answer_on=opened - timedelta(hours=1)).to_answer == 0


# ---- deals


def test_a_customer_who_was_chosen_is_not_the_one_that_was_typed(sale, world, as_user):
	as_user("rep")
	before = frappe.db.count("Sales Prospect")
	values = {"customer": world.customer, "company": world.company, "title": "Pumps", "no_such_field": 1}
	made = entering.enter(DEAL, {**values, "expected_close": nowdate()}, "Somebody  Else", create_new=True)
	assert frappe.db.get_value(made.doctype, made.name, ["customer", "prospect"]) == (world.customer, None)
	assert frappe.db.count("Sales Prospect") == before
	del values["customer"]
	made = entering.enter(DEAL, {**values, "expected_close": nowdate()}, " Somebody  Else ", create_new=True)
	prospect = frappe.db.get_value(made.doctype, made.name, "prospect")
	assert frappe.db.get_value("Sales Prospect", prospect, "prospect_name") == "Somebody Else"


def test_a_draft_quotation_of_somebody_else_is_not_given_away(sale, world, monkeypatch):
	deal = sale.opportunity()
	draft = rows.row(
		"Quotation", docstatus=0, crm_source_type=DEAL, crm_source_name=deal.name, quotation_to="Customer",
		party_name=world.customer, company=world.company,
	)  # fmt: skip
	assert conversions.make_quotation(DEAL, deal.name) == draft
	asked = []
	monkeypatch.setattr(conversions.rights, "need_seen", lambda *document: asked.append(document))
	conversions.make_quotation(DEAL, deal.name)
	assert asked == [("Quotation", draft)]


def test_the_type_of_a_stage_with_deals_is_not_changed(sale):
	deal = sale.opportunity()
	stage = frappe.get_doc("Pipeline Stage", deal.stage)
	stage.stage_type = "Lost"
	with refused(match="Its type can't be changed while they do"):
		stage.save()


@pytest.mark.parametrize(
	("status", "found"), [("Won", ("Won", 100, 95)), ("Open", (None, 0, 0)), ("Lost", ("Lost", 0, 0))]
)
def test_what_a_deal_was_sold_for_is_told_in_its_own_currency_and_the_company_s(world, status, found):
	deal = frappe._dict(dict.fromkeys(won_amounts.FIELDS), status=status, amount=100, base_amount=95)
	deal.update(currency="EUR", conversion_rate=0.95, company=world.company)
	told = won_amounts.outcome_values(DEAL, None, deal)
	assert (told["outcome"], told["won_amount"], told["base_won_amount"]) == found


# ---- forecasts


def test_a_forecast_is_looked_back_on_from_the_first_whole_month_of_its_company(world):
	today = getdate("2026-11-20")
	event = {"reference_doctype": DEAL, "reference_name": "X", "kind": "Stage", "docstatus": 0}
	frappe.db.delete("Pipeline Event")
	assert backtest.starts(world.company, today) == []
	rows.row("Pipeline Event", company="Another", at=datetime(2025, 1, 5), **event)
	rows.row("Pipeline Event", company=world.company, at=datetime(2026, 8, 31, 23), **event)
	rows.row("Pipeline Event", company=world.company, at=datetime(2026, 10, 5), **event)
	assert backtest.starts(world.company, today) == [getdate(f"2026-{month}-01") for month in ("10", "09")]


def test_each_row_of_a_movement_names_its_currency(world, monkeypatch):
	line = {"snapshot_date": getdate("2026-11-01"), "signed": 1, "commit": 2, "best_case": 3, "pipeline": 4}
	line |= {"category": 3, "weighted": 5, "historical": 6}
	told = {"rows": [line, {**line, "weighted": 7}], "over": False, "actual": None, "column": "weighted"}
	monkeypatch.setattr(forecast_movement.movement, "movement", lambda asked: told)
	monkeypatch.setattr(forecast_movement, "chart", lambda *given: given)
	monkeypatch.setattr(forecast_movement, "summary", lambda *given: given)
	_columns, data, _message, chart, summary = forecast_movement.execute({"company": world.company})
	assert data == [{**row, "currency": world.currency} for row in told["rows"]]
	assert chart == summary == (told, world.currency)


def test_the_estimate_that_was_made_is_what_is_answered(sale):
	deal = sale.opportunity()
	made = api.make_cost_estimate(DEAL, deal.name)
	assert made["doctype"] == "Cost Estimate" and frappe.db.exists(made["doctype"], made["name"])


# ---- doubles


def prospects(world, *found) -> list[str]:
	"""Rows of unverified prospects: (name, key of the name, key of the address, status)."""
	frappe.db.delete("Sales Prospect")
	return [
		rows.row(
			"Sales Prospect", name=f"{name} {world.tag}", prospect_name=name, match_name=key, match_email=mail,
			email_id=mail, status=status, company=world.company, docstatus=0,
		)
		for name, key, mail, status in found
	]  # fmt: skip


def test_records_are_looked_through_in_the_order_of_their_names_and_a_run_goes_on_behind_its_last_chunk(
	world, monkeypatch
):
	monkeypatch.setattr(pair_records, "CHUNK", 2)
	keys = [("B", "b"), ("A", "a"), ("D", "d"), ("C", "c"), ("E", "e")]
	prospects(world, *((name, key, "", "Unverified") for name, key in keys), ("F", "f", "", "Verified"))
	of_prospects = lambda after=None: [c for c in pair_records.chunks(after) if c[0] == "Sales Prospect"]  # noqa: E731
	found = of_prospects()
	assert found == [
		("Sales Prospect", key, name and f"{name} {world.tag}") for key, name in (("", ""), ("b", "B"), ("d", "D"))
	]
	assert of_prospects(list(found[0])) == found[1:]
	assert of_prospects(list(found[2])) == [] and of_prospects(["Customer", "", ""]) == found


def test_what_shares_an_address_with_these_and_is_not_over_is_a_candidate(world):
	first, second, other, over = prospects(
		world,
		("Ann", "ann", "x@harbour.example", "Unverified"),
		("Anna", "anna", "x@harbour.example", "Unverified"),
		("Bob", "bob", "y@harbour.example", "Unverified"),
		("Old", "old", "x@harbour.example", "Verified"),
	)
	shared = pair_records._sharing("Sales Prospect", {first})
	assert {key: sorted(names) for key, names in shared.items()} == {"match_email x@harbour.example": [first, second]}
	assert pair_records._sharing("Sales Prospect", {over}).keys() == shared.keys()
	assert pair_records._sharing("Sales Prospect", {other}) == {"match_email y@harbour.example": [other]}


def test_a_receivable_is_of_the_user_s_part_by_its_owner_or_by_its_sales_person():
	mine = people.Visibility(users=frozenset({"rep@x"}), persons=frozenset({"North"}))
	is_of = lambda owner, person: seen_invoices._is_of(Behind(sales_owner=owner, sales_person=person), mine)  # noqa: E731
	assert is_of("rep@x", None) and is_of(None, "North") and is_of("rep@x", "South")
	assert not is_of("other@x", "South") and not is_of(None, None)


# ---- reports


def test_the_times_of_cases_end_with_a_line_for_all_of_them(sale, world):
	opened = now_datetime().replace(microsecond=0) - timedelta(hours=5)
	frappe.db.delete("Customer Case")
	for severity, hours in (("High", 1), ("High", 3), ("Low", 5)):
		case = sale.case(severity=severity)
		frappe.db.set_value(
			case.doctype, case.name, {"opened_on": opened, "first_answer_on": opened + timedelta(hours=hours)}
		)
	_columns, found, *_rest = case_times_report.execute({"company": world.company})
	assert [(row.get("label"), row["cases"], bool(row.get("is_total"))) for row in found] == [
		("High", 2, False), ("Low", 1, False), (found[-1]["label"], 3, True),
	]  # fmt: skip
	frappe.db.delete("Customer Case")
	assert case_times_report.execute({"company": world.company})[1] == []
