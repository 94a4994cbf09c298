"""The demo data: told whole, adding up, and gone without a trace. Takes minutes; run it on a site that may commit."""

import json
from datetime import date, timedelta

import frappe
import pytest

from crm_pipeline import demo
from crm_pipeline.analytics import deal_dwell, stall_verdicts
from crm_pipeline.capture import visitor_pages
from crm_pipeline.chain import pipelines
from crm_pipeline.chain.standard_kinds import name_of
from crm_pipeline.core import stages
from crm_pipeline.core.registry import DEALS
from crm_pipeline.customers import customer_page
from crm_pipeline.demo import actors, clearing, complaints, enquiries, key_accounts, loading, plan, story, world
from crm_pipeline.erp import prices
from crm_pipeline.orders import roll_up
from crm_pipeline.parties import absences
from tests.site.bench import screens
from tests.site.bench.jobs import let_jobs_end

# Traces of a deletion and of use, which no removal takes back.
LOGS = {
	"tabDeleted Document",  # Frappe notes that users' notification settings were deleted
	"tabPipeline Job",  # where daily jobs note how far they have come
	"tabComment",  # and that the company and the users were
	"tabActivity Log", "tabAccess Log", "tabError Log", "tabScheduled Job Log", "tabRoute History", "tabView Log",
	"tabPermission Log",  # 16 logs every change of a role profile or permission
	"tabSessions", "tabRQ Job", "__global_search",
}  # fmt: skip

TOLERANCE = 0.01


def _counts() -> dict[str, int]:
	tables = [row[0] for row in frappe.db.sql("show tables")]
	counts = {table: frappe.db.sql(f"select count(*) from `{table}`")[0][0] for table in tables if table not in LOGS}
	# A series at zero, whose last document was deleted, is as good as none.
	counts["tabSeries"] = frappe.db.sql("select count(*) from `tabSeries` where current > 0")[0][0]
	return counts


def _stop_after(monkeypatch, steps: int) -> None:
	"""A load that ends in the middle, as if somebody had pressed Ctrl+C."""
	tell = loading._play

	def interrupted(all_steps, frozen_from):
		tell(all_steps[:steps], frozen_from)
		raise KeyboardInterrupt

	monkeypatch.setattr(loading, "_play", interrupted)


def test_gates_on_the_site_s_pipeline_do_not_stop_the_story(site):
	"""A pipeline whose stages ask for something is not one that the story runs through; the demo takes one of its own."""
	pipeline = pipelines.default_pipeline("Sales Opportunity", None)
	if not world._fits(pipeline):
		pytest.skip("the site's pipeline has steps or gates of its own")
	stage = next(row.name for row in pipelines.stages_of(pipeline) if row.type == stages.OPEN)
	doc = frappe.get_doc("Pipeline Stage", stage)
	doc.append("gates", {"kind": "Field Filled", "fieldname": "description"})
	doc.save()
	assert not world._fits(pipeline)


@pytest.fixture
def no_demo(site):
	"""The site without the demo, before and after, whatever the test did."""
	if clearing.state():
		pytest.skip("this site has the demo loaded; clear it first")
	let_jobs_end()
	# What the jobs wrote is seen by a new transaction only.
	frappe.db.rollback()
	yield
	frappe.db.rollback()
	frappe.set_user("Administrator")
	if clearing.state():
		demo.clear()


def _sum(doctype: str, field: str, **filters) -> float:
	rows = frappe.get_all(
		doctype, filters={"company": story.COMPANY, **filters}, pluck=field, order_by="name asc", limit=0
	)
	return round(sum(float(value or 0) for value in rows), 2)


@pytest.mark.timeout(3600)
def test_an_interrupted_load_starts_again_and_clear_leaves_no_trace(no_demo, monkeypatch, capsys):
	before = _counts()
	with monkeypatch.context() as patch:
		_stop_after(patch, 40)
		with pytest.raises(KeyboardInterrupt):
			demo.load()
	frappe.db.rollback()
	assert clearing.state() == clearing.LOADING
	assert frappe.session.user == "Administrator"

	demo.load()
	assert "interrupted" in capsys.readouterr().out
	_check_story()

	demo.load()
	assert "already" in capsys.readouterr().out

	_refuses_while_used()
	demo.clear()
	after = _counts()
	assert {t: (before.get(t), after.get(t)) for t in {*before, *after} if before.get(t) != after.get(t)} == {}
	demo.clear()
	assert "no demo" in capsys.readouterr().out


def _check_story() -> None:
	_check_every_state()
	_check_sums()
	_check_past()
	_check_verdicts()
	_check_prices()
	_check_dealings()
	_check_pages()
	assert screens.disagreements(story.COMPANY) == {}
	assert roll_up.reconcile() == 0


def _states(doctype: str, field: str = "status") -> set[str]:
	return set(
		frappe.get_all(doctype, filters={"company": story.COMPANY}, pluck=field, distinct=True, order_by=f"{field} asc")
	)


def _check_every_state() -> None:
	assert _states("Sales Lead") == {"New", "Qualified", "Contacted", "Converted", "Disqualified"}
	assert _states("Sales Prospect") == {"Unverified", "Verified", "Rejected"}
	assert _states("Sales Opportunity") == {"Open", "Won", "Lost"}
	assert len(_states("Sales Opportunity", "stage")) == 6
	assert _states("Sales Contract") >= {"Draft", "Active", "Fulfilled", "Expired", "Terminated", "Cancelled"}
	assert _states("Sales Order Request") >= {"Requested", "Returned", "Accepted", "Completed"}
	assert _states("Sales Order") >= {"Closed", "Completed"}
	assert _states("Sales Invoice") >= {"Paid", "Partly Paid", "Overdue", "Return"}
	assert _states("Quotation") >= {"Draft", "Open", "Lost", "Ordered"}
	assert _states("Sales Help Request") == {"Open", "Answered"}
	assert frappe.db.count("Cost Estimate", {"company": story.COMPANY, "docstatus": 1}) > 0
	weeks = set(
		frappe.get_all(
			"Forecast Snapshot", filters={"company": story.COMPANY}, pluck="week", order_by="week asc", limit=0
		)
	)
	assert len(weeks) >= story.WEEKS_FROZEN - 2
	_check_stalled()


def _check_stalled() -> None:
	"""Few of the open deals, and each of them one that a manager would call: nobody has talked for weeks."""
	is_open = {"company": story.COMPANY, "status": "Open"}
	fields = ["name", "is_stalled", "stalled_reasons", "stage_entered_on"]
	deals = [
		deal
		for doctype in DEALS
		for deal in frappe.get_all(doctype, filters=is_open, fields=fields, order_by="name asc", limit=0)
	]
	stuck = [deal for deal in deals if deal.is_stalled]
	assert 0.1 <= len(stuck) / len(deals) <= 0.25
	for deal in stuck:
		reasons = json.loads(deal.stalled_reasons)
		assert reasons["silent"]["days"] > 30 and {"over_dwell", "no_next_step"} <= set(reasons), deal.name
	for deal in deals:
		if not deal.is_stalled:
			assert "silent" not in json.loads(deal.stalled_reasons or "{}"), deal.name


def _check_sums() -> None:
	"""What the app says equals what ERPNext's books say."""
	requested = frappe.get_all(
		"Sales Order",
		filters={"company": story.COMPANY, "docstatus": 1, "crm_source_type": "Sales Order Request"},
		fields=["name", "status", "base_net_total"],
		order_by="name asc",
		limit=0,
	)
	names = [row.name for row in requested]
	invoiced = frappe.get_all(
		"Sales Invoice Item",
		filters={"sales_order": ("in", names), "docstatus": 1},
		pluck="base_net_amount",
		order_by="name asc",
		limit=0,
	)
	ordered = sum(row.base_net_total for row in requested if row.status != "Closed")
	ordered += _sum("Sales Order Request", "ordered_amount", name=("in", _requests_of_closed(requested)))
	assert _sum("Sales Order Request", "ordered_amount", docstatus=1) == pytest.approx(ordered, abs=TOLERANCE)
	assert _sum("Sales Order Request", "billed_amount", docstatus=1) == pytest.approx(sum(invoiced), abs=TOLERANCE)
	for doctype in ("Sales Order Request", "Sales Contract", "Sales Project", "Sales Opportunity"):
		for row in frappe.get_all(
			doctype,
			filters={"company": story.COMPANY},
			fields=["name", "paid_amount", "ordered_amount"],
			order_by="name asc",
		):
			assert row.paid_amount <= row.ordered_amount + TOLERANCE, (doctype, row.name)
	debit, credit = frappe.db.sql(
		"select sum(debit), sum(credit) from `tabGL Entry` where company = %s", story.COMPANY
	)[0]
	assert debit == pytest.approx(credit, abs=TOLERANCE)


def _requests_of_closed(orders) -> list[str]:
	closed = [row.name for row in orders if row.status == "Closed"]
	return frappe.get_all("Sales Order", filters={"name": ("in", closed)}, pluck="crm_source_name", order_by="name asc")


def _check_past() -> None:
	"""The ledger lies in the eighteen months before today and never runs backwards."""
	events = frappe.get_all(
		"Pipeline Event",
		filters={"company": story.COMPANY},
		fields=["at", "seconds_spent"],
		order_by="at asc",
		limit=0,
	)
	today = frappe.utils.getdate()
	assert events[-1].at.date() < today
	assert 500 < (today - events[0].at.date()).days <= story.DAYS
	assert min(event.seconds_spent for event in events) >= 0


def _check_verdicts() -> None:
	"""What is stored of stalled deals was compared with what all won deals took, not with those won half-way."""
	deal_dwell.forget_usual_dwell()
	stored = dict(
		frappe.get_all(
			"Sales Opportunity",
			filters={"company": story.COMPANY, "status": "Open"},
			fields=["name", "stalled_reasons"],
			order_by="name asc",
			limit=0,
			as_list=True,
		)
	)
	now = stall_verdicts.verdicts("Sales Opportunity", list(stored))

	def usual(reasons: dict) -> float | None:
		return reasons.get("over_dwell", {}).get("usual")

	told = {name: usual(json.loads(reasons or "{}")) for name, reasons in stored.items()}
	assert any(told.values())
	assert told == {name: usual({r.signal: r.details for r in now[name].reasons}) for name in stored}


def _check_prices() -> None:
	"""Who becomes a customer while the demo is looked at is quoted the demo's prices, too."""
	usual = prices.default_price_list(None)
	money = frappe.db.get_value("Price List", usual, "currency")
	if money != frappe.get_cached_value("Company", story.COMPANY, "default_currency"):
		return
	items = frappe.get_all(
		"Item", filters={"item_group": ("in", (story.PRODUCTS, story.SERVICES))}, pluck="name", order_by="name asc"
	)
	priced = frappe.get_all(
		"Item Price", filters={"price_list": usual, "item_code": ("in", items)}, pluck="item_code", order_by="name asc"
	)
	assert len(items) == len(story.CATALOGUE) and sorted(priced) == items


def _check_dealings() -> None:
	"""What the pages about customers show beside the chain is there: people, relations, promises, doubles, absences."""
	of_demo = {"owner": ("in", actors.emails())}
	posts = frappe.get_all(
		"Contact Position",
		filters=of_demo,
		fields=["name", "contact", "customer", "reports_to", "to_date"],
		order_by="name asc",
	)
	by_name = {post.name: post for post in posts}
	assert any(post.reports_to and by_name[post.reports_to].reports_to for post in posts), "a chain of reports"
	ended = [post for post in posts if post.to_date]
	assert [post.contact for post in ended], "somebody who moved"
	assert {post.customer for post in posts if post.contact == ended[0].contact} == {
		key_accounts.customers()["angry"],
		key_accounts.customers()["best"],
	}
	kinds = frappe.get_all("Customer Relation", filters=of_demo, pluck="relation_type", order_by="name asc")
	assert set(kinds) == {name_of("Relation Type", key) for key in ("parent", "competitor", "referred_by", "partner")}
	pairs = frappe.get_all("Duplicate Pair", filters=of_demo, pluck="document_type", order_by="name asc")
	assert set(pairs) == {"Customer", "Sales Prospect"}
	assert _states("Promise to Pay") == {"Open", "Kept", "Broken"}
	assert _states("Customer Case") == {"Open", "In Progress", "Solved"}
	assert sorted(frappe.get_all("Customer Discussion", of_demo, pluck="answers", order_by="name asc")) == [1, 2]
	assert _states("Sales Activity") >= {"Planned", "Done"}
	assert absences.deputy_of(actors.email("overseas")) == actors.email("north")
	[handover] = frappe.get_all("Sales Handover", of_demo, ["status", "total"], order_by="name asc")
	assert handover.status == "Prepared" and handover.total > 10
	assert frappe.db.count("Pipeline Event", {"kind": "Owner", "company": story.COMPANY})
	asked = {"company": story.COMPANY, "status": "Open"}
	assert frappe.get_all("Sales Help Request", asked, pluck="manager", order_by="name asc") == [
		actors.email("manager")
	]
	groups = set(frappe.get_all("Customer", of_demo, pluck="customer_group", distinct=True, order_by="name asc"))
	assert len(groups) == 3 and groups <= set(frappe.get_all("Customer Group", pluck="name", order_by="name asc"))
	assert not frappe.db.count("Email Queue", of_demo)
	_check_enquiries()


def _check_enquiries() -> None:
	"""The front of the funnel: given by rules and by turns, answered in time and late, scored, pooled, grouped."""
	ours = {"company": story.COMPANY}
	given = frappe.get_all("Sales Lead", {**ours, "assignment_rule": ("is", "set")}, "*", order_by="creation asc")
	assert len(given) == len(enquiries.ENQUIRIES) and len({lead.sales_owner for lead in given}) == 3
	timed = [lead for lead in given if lead.answer_due_on and lead.first_answer_on]
	assert {lead.first_answer_on <= lead.answer_due_on for lead in timed} == {True, False}
	assert max(lead.score for lead in given) >= 50 and min(lead.score for lead in given) < 0
	assert any(lead.qualification_points > 5 for lead in given) and any(lead.utm_source for lead in given)
	assert visitor_pages.of_lead(given[0].name)
	assert frappe.db.count("Sales Lead", {**ours, "pool_since": ("is", "set")}) == 2
	moves = frappe.get_all("Pool Movement", ours, pluck="movement", order_by="at asc")
	assert moves == ["Fell"] * 3 + ["Claimed"]
	counts = frappe.get_all("Sales Segment Snapshot", {"owner": ("in", actors.emails())}, ["member_count", "joined_count"], order_by="taken_on asc")  # fmt: skip
	assert counts[1].joined_count == counts[1].member_count - counts[0].member_count > 0


def _check_pages() -> None:
	"""The page of the angry customer says so in its first line, that of the best one shows why they are."""
	places = key_accounts.customers()
	try:
		actors.act_as("north")
		first, *_rest = _page(places["angry"])["warnings"]
		assert (first["kind"], first["level"]) == ("complaint", "stop")
		assert complaints.ANGRY in first["text"]
		actors.act_as("finance")
		assert [row["level"] for row in _page(places["best"])["warnings"] if row["level"] == "stop"] == []
		figures = customer_page.figures(customer_page.asked_of("Customer", places["best"], None, None, None))
		assert sum(row["revenue"] for row in figures["turnover"]) > 0 and figures["items"]
		assert len(figures["group"]["customers"]) == 2
		people = customer_page.people(customer_page.asked_of("Customer", places["best"], None, None, None))
		assert len(people["people"]) >= 6 and len(people["relations"]) >= 4
	finally:
		frappe.set_user("Administrator")


def _page(customer: str) -> dict:
	return customer_page.first_paint(customer_page.asked_of("Customer", customer, None, None, None))


def _refuses_while_used() -> None:
	"""A record of our own that uses a demo item keeps the demo, and says so."""
	price_list = frappe.db.get_value("Price List", {"name": ("!=", story.PRICE_LIST), "selling": 1}, "name")
	item = frappe.db.get_value("Item", {"item_group": story.PRODUCTS}, "name", order_by="name asc")
	group = frappe.db.get_value("Item Group", {"is_group": 0, "name": ("not like", "Harbour%")}, "name")
	unit = frappe.db.get_value("Item", item, "stock_uom")
	frappe.db.savepoint("in_use")
	alternative = frappe.get_doc(
		{
			"doctype": "Item",
			"item_code": "Our own pump",
			"item_group": group,
			"stock_uom": unit,
			"is_stock_item": 0,
		}
	).insert()
	bundle = frappe.get_doc(
		{
			"doctype": "Product Bundle",
			"new_item_code": alternative.name,
			"items": [{"item_code": item, "qty": 1}],
		}
	).insert()
	assert price_list
	with pytest.raises(frappe.LinkExistsError, match=bundle.name):
		clearing.refuse_if_used(clearing.find())
	frappe.db.rollback(save_point="in_use")


@pytest.mark.parametrize("today", [date(2026, 11, 22) + timedelta(days=days) for days in range(7)])
def test_on_any_weekday_the_customers_of_open_deals_were_talked_with_lately(today):
	said = {}
	for step in plan.story_until(today):
		if step.verb == "report_activity" and step.key.startswith("open "):
			said[step.key.removesuffix(" project")] = (today - step.at.date()).days
	late = sorted(key for key, days in said.items() if days > 10)
	assert set(late) <= {"open 2", "open 8"} and len(said) >= 16


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2025, 1, 1), date(2026, 11, 22)])
def test_the_plan_is_the_same_for_the_same_day_and_ends_before_it(today):
	steps = plan.story_until(today)
	assert steps == plan.story_until(today)
	assert [step.args for step in steps] == [step.args for step in plan.story_until(today)]
	assert all(step.at.date() < today and step.at.weekday() < 5 for step in steps)
	assert [step.at for step in steps] == sorted(step.at for step in steps)
	assert {step.who for step in steps} <= set(actors.ACTORS)


def test_a_step_comes_after_the_step_that_made_what_it_is_about():
	made: set[str] = set()
	makers = {
		"plan_campaign", "run_campaign_as_project", "buy_name", "take_lead", "convert", "open_deal", "run_as_project", "quote",
		"draft_contract", "frame_contract", "request", "accept", "order_natively", "receive",
		"ask_for_help", "estimate_costs",
	}  # fmt: skip
	for step in plan.story_until(date(2026, 11, 22)):
		needed = {
			step.args[a] for a in ("lead", "deal", "source", "quotation", "request", "campaign") if step.args.get(a)
		}
		needed |= set() if step.verb in makers else {step.key}
		assert needed <= made, step
		made.add(step.key)
