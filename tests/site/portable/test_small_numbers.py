"""The numbers of a workspace, each at its boundaries; and how a page says what they are about."""

from datetime import date

import frappe
import pytest
from frappe.utils import formatdate, getdate

from crm_pipeline.analytics import funnel_cohort, funnel_picture, scope
from crm_pipeline.analytics import workspace_numbers as numbers
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.funnel_cohort import Cohort, FunnelScope
from crm_pipeline.receivables import promise_checks
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_visibility import MANAGER, REP, set_apart
from tests.site.rows import sales_people

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
TODAY = date(2026, 6, 20)


@pytest.fixture
def deal(world):
	"""Deals of the rep, who has no others."""
	for doctype in (
		OPPORTUNITY,
		PROJECT,
		"Sales Lead",
		"Sales Activity",
		"Sales Order Request",
		"Sales Help Request",
		"Sales Contract",
	):
		frappe.db.delete(doctype, {"name": ("!=", "")})

	def make(key, doctype=OPPORTUNITY, **values):
		fixed = {"sales_owner": REP, "project_type": "Sales"} if doctype == PROJECT else {"sales_owner": REP}
		return rows.bare_deal(world, key, doctype, **{**fixed, **values})

	return make


def sums(world) -> dict:
	return numbers.deal_sums(ForecastScope.of({"company": world.company, "sales_owner": REP}), TODAY)


def behind(world, key) -> list[str]:
	frappe.set_user(REP)
	found = numbers.documents_of(numbers.REP, key, world.company, today=TODAY)
	frappe.set_user("Administrator")
	assert found["total"] == len(found["documents"])
	return [row.name.split()[0] for row in found["documents"]]


@pytest.mark.parametrize(
	("key", "values", "counted"),
	[
		("won", {"status": "Won", "outcome": "Won", "closed_on": "2026-06-01"}, 70),
		("won", {"status": "Won", "outcome": "Won", "closed_on": "2026-06-30"}, 70),
		("won", {"status": "Won", "outcome": "Won", "closed_on": "2026-05-31"}, None),
		("won", {"status": "Won", "outcome": "Won", "closed_on": "2026-07-01"}, None),
		("won", {"status": "Won", "outcome": "Won", "closed_on": None}, None),
		("won", {"status": "Lost", "outcome": "Lost", "closed_on": "2026-06-10"}, None),
		("open", {}, 90),
		("open", {"base_amount": 0}, 0),
		("open", {"sales_owner": MANAGER}, None),
		("open", {"company": "Another"}, None),
		("open", {"status": "Lost", "outcome": "Lost"}, None),
		("past_close", {"expected_close": "2026-06-19"}, 90),
		("past_close", {"expected_close": "2026-06-20"}, None),
		("past_close", {"expected_close": None}, None),
		("past_close", {"expected_close": "2026-06-19", "forecast_category": "Omitted"}, None),
		("stalled", {"is_stalled": 1}, 90),
		("stalled", {"is_stalled": 0}, None),
		("unplanned", {}, 90),
		("unplanned", {"next_step": ""}, 90),
		("unplanned", {"next_step": "Call"}, None),
		("unplanned", {"next_step_date": "2026-06-01"}, None),
	],
)
def test_a_number_of_deals_counts_these_and_opens_them(deal, world, key, values, counted):
	deal("A", **{"base_amount": 90, "base_won_amount": 70, **values})
	assert sums(world)[key] == ((0, 0) if counted is None else (1, counted))
	assert behind(world, key) == ([] if counted is None else ["A"])


def test_opportunities_and_projects_add_up_each_deal_once_the_largest_first(deal, world):
	source = deal("run", base_amount=5)
	deal("B", base_amount=10)
	deal("A", base_amount=10)
	deal("P", PROJECT, base_amount=20, source_type=OPPORTUNITY, source_name=source)
	assert sums(world)["open"] == (3, 40) and behind(world, "open") == ["P", "A", "B"]
	assert list(sums(world)) == ["won", "open", "past_close", "stalled", "unplanned"]


def test_deals_come_with_their_amount_where_that_is_the_point(deal, world):
	deal("A", base_amount=10, is_stalled=1)
	found = {one.key: one for one in numbers._of_deals(ForecastScope(world.company), TODAY)}
	assert [
		(one.key, one.label, one.count, one.amount, one.shows_amount, one.is_late, one.doctype)
		for one in found.values()
	] == [
		("open", "Open Deals", 1, 10, True, False, None),
		("won", "Signed This Month", 0, 0, True, False, None),
		("past_close", "Past Expected Close", 0, 0, False, True, None),
		("stalled", "Stalled", 1, 10, False, True, None),
		("unplanned", "Without Next Step", 1, 10, False, True, None),
	]


@pytest.mark.parametrize(
	("roles", "function"),
	[
		(("Sales User",), "rep"),
		(("Sales User", "Sales Manager"), "manager"),
		(("Order Desk", "Sales User"), "order_desk"),
		(("Accounts User",), "finance"),
		(("Accounts Manager", "Sales User"), "rep"),
		(("Sales Master Manager", "Order Desk"), "manager"),
		(("System Manager", "Accounts User"), "manager"),
		(("Employee",), "rep"),
	],
)
def test_who_has_several_functions_sees_the_first(site, monkeypatch, roles, function):
	monkeypatch.setattr(frappe, "get_roles", lambda user: [*roles, "All"])
	assert numbers.function_of("anybody") == function


@pytest.fixture
def document(world):
	def make(doctype, key, **values):
		fixed = {"name": f"{key} {world.tag}", "docstatus": 0, "company": world.company, "owner": "Administrator"}
		if doctype == "Sales Activity":
			fixed.pop("company")
		return rows.row(doctype, **{**fixed, **values})

	return make


def told(function, world) -> dict[str, tuple]:
	found = numbers.numbers_of(function, world.company, TODAY)
	return {one["key"]: (one["count"], one["amount"], one["is_late"]) for one in found["numbers"]}


def test_a_rep_sees_what_is_theirs_to_do(deal, document, world, as_user):
	for key, values in (
		("A", {"due_on": "2026-06-20 23:59:00"}),
		("B", {"due_on": "2026-06-21 00:00:00"}),
		# By the deadline, as on My Day.
		("C", {"starts_on": "2026-06-20 09:00:00", "due_on": "2026-06-24 09:00:00"}),
		("D", {"due_on": "2026-06-01 00:00:00"}),
		("E", {"due_on": "2026-06-01 00:00:00", "status": "Done"}),
		("F", {"due_on": "2026-06-01 00:00:00", "sales_owner": MANAGER}),
	):
		document("Sales Activity", key, **{"status": "Planned", "sales_owner": REP, **values})
	for key, values in (
		("A", {}),
		("B", {"status": "Contacted"}),
		("C", {"sales_owner": MANAGER}),
		("D", {"company": "Another"}),
	):
		document("Sales Lead", key, **{"status": "New", "sales_owner": REP, "title": key, **values})
	for key, values in (
		("A", {}),
		("B", {}),
		("C", {"sales_owner": MANAGER}),
		("D", {"status": "Requested"}),
		("E", {"company": "Another"}),
	):
		document("Sales Order Request", key, **{"docstatus": 2, "status": "Returned", "sales_owner": REP, **values})
	document("Sales Order Request", "again", status="Draft", amended_from=f"B {world.tag}", sales_owner=REP)
	as_user("rep")
	found = told(numbers.REP, world)
	assert list(found) == ["open", "won", "past_close", "stalled", "unplanned", "activities", "leads", "returned"]
	assert [found[key] for key in ("activities", "leads", "returned")] == [
		(2, None, True),
		(1, None, True),
		(1, None, True),
	]
	shown = numbers.numbers_of(numbers.REP, world.company, TODAY)
	listed = {one["key"]: (one["doctype"], one["filters"]) for one in shown["numbers"] if one["doctype"]}
	for doctype, filters in listed.values():
		assert len(frappe.get_list(doctype, filters=filters, pluck="name", order_by="name asc", limit=0)) > 0
	assert listed["returned"][1] == [["name", "in", [f"A {world.tag}"]]]
	assert (shown["function"], shown["company"], shown["currency"]) == ("rep", world.company, world.currency)
	assert shown["scope"] == f"Mine · {world.company} · {world.currency} · as of {formatdate(TODAY)}"
	labels = {one["key"]: one["label"] for one in shown["numbers"]}
	assert [labels[key] for key in ("activities", "leads", "returned")] == [
		"Activities Due",
		"Leads to Answer",
		"Requests Returned",
	]


def test_a_manager_sees_what_waits_for_anybody(deal, document, world, as_user):
	for key, values in (("A", {}), ("B", {"status": "Answered"}), ("C", {"company": "Another"})):
		document("Sales Help Request", key, **{"status": "Open", **values})
	document("Sales Lead", "A", status="New", sales_owner=REP, title="x")
	document("Sales Order Request", "A", docstatus=2, status="Returned", sales_owner=REP)
	deal("A", base_amount=10)
	as_user("manager")
	found = told(numbers.MANAGER, world)
	assert list(found) == ["open", "won", "past_close", "stalled", "unplanned", "help", "leads", "returned"]
	assert [found[key] for key in ("open", "help", "leads", "returned")] == [
		(1, 10, False), (1, None, True), (1, None, True), (1, None, True),
	]  # fmt: skip
	assert numbers.numbers_of(numbers.MANAGER, world.company, TODAY)["scope"].startswith("All that you may see · ")


def test_finance_sees_what_is_agreed_and_not_billed_or_paid(deal, document, world):
	for key, values in (
		("A", {}), ("B", {"docstatus": 0}), ("C", {"status": "Fulfilled"}), ("D", {"company": "Another"}),
	):  # fmt: skip
		document("Sales Contract", key, **{"docstatus": 1, "status": "Active", "base_amount": 100, **values})
	for key, values in (
		("A", {"ordered_amount": 100, "billed_amount": 30, "paid_amount": 10}),
		("B", {"ordered_amount": 50, "billed_amount": 50, "paid_amount": 50}),
		("C", {"ordered_amount": 50, "billed_amount": 50.004, "paid_amount": 50}),
		("D", {"ordered_amount": 0, "billed_amount": 0, "paid_amount": 0}),
		("E", {"ordered_amount": 7, "docstatus": 0}),
		("F", {"ordered_amount": 7, "company": "Another"}),
		("G", {"ordered_amount": 7, "billed_amount": 9}),
	):
		document("Sales Order Request", key, **{"docstatus": 1, "billed_amount": 0, "paid_amount": 0, **values})
	unbilled = numbers._difference("unbilled", "x", world.company, "ordered_amount", "billed_amount")
	assert (unbilled.count, unbilled.amount, unbilled.filters) == (1, 70, [["name", "in", [f"A {world.tag}"]]])
	unpaid = numbers._difference("unpaid", "x", world.company, "billed_amount", "paid_amount")
	assert (unpaid.count, unpaid.amount, unpaid.shows_amount) == (2, 29, True)
	active = [["company", "=", world.company], ["docstatus", "=", 1], ["status", "=", "Active"]]
	one = numbers._listed("contracts", "x", "Sales Contract", active, "base_amount", shows_amount=True)
	assert (one.count, one.amount, one.shows_amount, one.is_late) == (1, 100, True, False)


def test_thousandths_count_where_the_site_keeps_them(document, world, monkeypatch):
	"""As in a company that keeps its books in dinars."""
	usual = frappe.db.get_default
	monkeypatch.setattr(
		frappe.db, "get_default", lambda key, *of: "3" if key == "currency_precision" else usual(key, *of)
	)
	document("Sales Order Request", "A", docstatus=1, ordered_amount=1.234, billed_amount=1.2300004)
	found = numbers._difference("unbilled", "x", world.company, "ordered_amount", "billed_amount")
	assert (found.count, found.amount) == (1, 0.004)
	monkeypatch.setattr(promise_checks.seen_invoices, "need", lambda invoice: None)
	monkeypatch.setattr(promise_checks.open_items, "owed_of", lambda invoice, day: 1.2344)
	monkeypatch.setattr(promise_checks.promise_states, "promised_of", lambda invoice: 0)
	invoice = rows.row("Sales Invoice", company=world.company, customer=world.customer)
	assert promise_checks.prefill(invoice)["amount"] == 1.234


def test_nothing_is_told_of_what_somebody_may_not_read(world, as_user):
	as_user("stranger")
	for told_ in (
		numbers._listed("x", "x", "Sales Lead", []),
		numbers._returned(world.company, {}),
		numbers._difference("x", "x", world.company, "ordered_amount", "billed_amount"),
	):
		assert told_ is None
	assert numbers._named("x", "x", "Sales Order Request", {}).filters == []


# ---- what a page says that its numbers are about


def test_a_page_says_whose_numbers_it_shows_and_what_narrows_them(world, as_user):
	assert scope.in_words(scope.Scope("C")) == "All that you may see · C"
	assert scope.in_words(scope.Scope("C", sales_owner="Administrator", pipeline="P"), "more") == "Mine · C · P · more"
	name = frappe.utils.get_fullname(USERS["rep"][0])
	filters = {
		"company": "C",
		"sales_owner": REP,
		"sales_person": "Anna",
		"territory": "North",
		"campaign": "F",
		"channel": "Web",
	}
	assert scope.in_words(scope.Scope(**filters)) == f"{name} · C · Anna · North · F · Web"
	now = f"{world.currency} · as of {formatdate('2026-07-01')}"
	asked = scope.Scope(world.company, from_date=getdate("2026-06-01"), to_date=getdate("2026-06-30"))
	days = f"{formatdate('2026-06-01')} to {formatdate('2026-06-30')}"
	said = scope.line(asked, "more", today=getdate("2026-07-01"))
	assert said == f"All that you may see · {world.company} · more · {days} · {now}"
	assert scope.line(asked.replaced(to_date=None), today=getdate("2026-07-01")) == said.replace(
		f" · more · {days}", ""
	)
	set_apart()
	sales_people(world, North=MANAGER, Rep=REP, South=None)
	as_user("manager")
	assert scope.in_words(scope.Scope("C")) == "My team and I · C"


@pytest.mark.parametrize(
	("basis", "words"), [(funnel_cohort.OPENED, "deals opened"), (funnel_cohort.ENTERED, "deals that entered a stage")]
)
def test_the_funnel_says_which_deals_it_is_about(world, basis, words):
	pipeline = make_pipeline(f"Funnel {world.tag}")
	cohort = Cohort(
		FunnelScope.of(
			{
				"company": world.company,
				"pipeline": pipeline,
				"from_date": "2026-06-01",
				"to_date": "2026-06-30",
				"basis": basis,
			}
		)
	)
	text = funnel_picture.outline(cohort)["scope_text"]
	first, last = formatdate("2026-06-01"), formatdate("2026-06-30")
	which = f"{words} from {first} to {last}, by where they stand today"
	now = f"{world.currency} · as of {formatdate(frappe.utils.nowdate())}"
	assert text == f"All that you may see · {world.company} · {pipeline} · {which} · {now}"


@pytest.fixture
def lists(monkeypatch):
	"""{key: (label, doctype, conditions, amount, how)} of the lists that a function's numbers ask for."""
	asked = {}

	def listed(key, label, doctype, filters, amount=None, **how):
		asked[key] = (label, doctype, [" ".join(map(str, one)) for one in filters], amount, how)

	def difference(key, label, company, more, less):
		asked[key] = (label, company, more, less)

	monkeypatch.setattr(numbers, "_listed", listed)
	monkeypatch.setattr(numbers, "_difference", difference)
	return asked


def test_the_order_desk_sees_requests_that_wait_and_orders_that_are_late(world, lists):
	found = numbers._of_order_desk("C", TODAY)
	late = {"is_late": True}
	waiting = ["company = C", "docstatus = 1", "status = Requested"]
	assert lists == {
		"waiting": ("Requests Waiting", "Sales Order Request", waiting, "base_amount", late),
		"soon": (
			"Waiting, Delivery within 7 Days",
			"Sales Order Request",
			[*waiting, "delivery_date <= 2026-06-27", "delivery_date is set"],
			"base_amount",
			late,
		),
		"drafts": (
			"Orders Not Submitted",
			"Sales Order",
			["company = C", "docstatus = 0", "crm_request_key is set"],
			"base_net_total",
			late,
		),
	}
	assert [one.key for one in found if one] == ["late", "returned"]


@pytest.mark.parametrize(
	("values", "late"),
	[
		({}, True),
		({"item": "service"}, True),
		({"item": "service", "billed_amt": 100}, False),
		({"item": "service", "billed_amt": 40}, True),
		({"billed_amt": 100}, True),
		({"delivered_qty": 1}, False),
		({"delivery_date": "2026-06-20"}, False),
		({"status": "On Hold"}, False),
		({"status": "Closed"}, False),
		({"docstatus": 0}, False),
		({"skip_delivery_note": 1}, False),
		({"per_delivered": 100}, False),
		({"company": "Another"}, False),
	],
)
def test_a_delivery_is_late_while_anything_of_it_is_left_and_a_service_that_is_billed_leaves_nothing(
	world, values, late
):
	values = {"delivery_date": "2026-06-19", "skip_delivery_note": 0, "per_delivered": 0, **values}
	item = getattr(world, values.pop("item", "pump"))
	billed = values.pop("billed_amt", 0)
	order = rows.order(world, 100, item=item, **values)
	frappe.db.set_value("Sales Order Item", {"parent": order}, "billed_amt", billed)
	found = numbers._late_deliveries(world.company, TODAY)
	mine = [row for row in found.rows if row[0] == order]
	assert mine == ([(order, 100)] if late else [])
	assert (found.label, found.doctype, found.is_late) == ("Deliveries Late", "Sales Order", True)


def test_finance_sees_contracts_what_is_not_billed_or_paid_and_what_is_overdue(lists):
	found = numbers._of_finance("C", TODAY)
	assert lists == {
		"contracts": (
			"Active Contracts",
			"Sales Contract",
			["company = C", "docstatus = 1", "status = Active"],
			"base_amount",
			{"shows_amount": True},
		),
		"unbilled": ("Ordered, Not Billed", "C", "ordered_amount", "billed_amount"),
		"unpaid": ("Billed, Not Paid", "C", "billed_amount", "paid_amount"),
	}
	assert [one.key for one in found if one] == ["overdue"]


def test_the_scope_of_a_company_that_there_is_not_is_a_line_all_the_same():
	line = scope.line(scope.Scope("No Such Company"))
	assert "No Such Company" in line and "None" not in line


def test_a_number_of_listed_documents_opens_them_the_largest_first(world, deal):
	fixed = {"company": world.company, "customer": world.customer, "currency": world.currency, "conversion_rate": 1}
	for key, amount in (("A", 5), ("C", 9), ("B", 9)):
		name = f"{key} {world.tag}"
		rows.row("Sales Contract", name=name, status="Active", base_amount=amount, **fixed)
		to_bill = {"ordered_amount": amount, "billed_amount": amount - 2 if key == "A" else 8}
		rows.row("Sales Order Request", name=name, status="Accepted", **to_bill, **fixed)
	found = lambda key, *start: numbers.documents_of(  # noqa: E731
		numbers.FINANCE, key, world.company, *start, today=TODAY
	)
	shown = lambda page: [(row.name.split()[0], row.base_amount) for row in page["documents"]]  # noqa: E731
	assert shown(found("contracts")) == [("B", 9), ("C", 9), ("A", 5)] and found("contracts")["total"] == 3
	assert shown(found("unbilled")) == [("A", 2), ("B", 1), ("C", 1)]
	assert shown(found("unbilled", 1)) == [("B", 1), ("C", 1)]
	assert (
		found("no such number")["documents"]
		== []
		== numbers.documents_of("manager", "contracts", world.company)["documents"]
	)


def test_a_deal_with_several_products_is_one_deal_of_each_number(world, deal):
	name = deal("A", base_amount=90, amount=90)
	for place, (item, amount) in enumerate(((world.pump, 60), (world.filter, 30)), 1):
		rows.row(
			"Sales Deal Item", parent=name, parenttype=OPPORTUNITY, parentfield="items", idx=place, item_code=item, qty=1,
			stock_qty=1, amount=amount, base_amount=amount, docstatus=0,
		)  # fmt: skip
	assert sums(world)["open"] == (1, 90)
	assert behind(world, "open") == ["A"]
