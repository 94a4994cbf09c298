"""Small rules that are easily broken in passing: pipelines, steps, quotations' fate, lists on forms, figures of a day."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from crm_pipeline import api, permissions
from crm_pipeline.analytics import (
	backtest,
	drill,
	funnel_cohort,
	funnel_facts,
	order_history,
	scope,
	snapshots,
	stage_durations,
	stall_verdicts,
)
from crm_pipeline.analytics.forecast_scope import OPPORTUNITY, ForecastScope
from crm_pipeline.analytics.funnel_cohort import Cohort, FunnelScope
from crm_pipeline.chain import automation, clean_html, pipelines, reference
from crm_pipeline.chain.optional_steps import StepError
from crm_pipeline.core.chain import Ref
from crm_pipeline.crm_pipeline.doctype.sales_pipeline import sales_pipeline as pipelines_form
from crm_pipeline.deals import conversions, stage_gates, stage_records
from crm_pipeline.erp import flow, item_costs, quoted
from crm_pipeline.orders import acceptance, native_order, open_quantities, roll_up
from crm_pipeline.overrides import payment_entry
from crm_pipeline.overrides import quotation as on_quotation
from crm_pipeline.parties import people, visibility
from tests.site import rows
from tests.site.portable.test_funnel import make_pipeline
from tests.site.rows import set_event
from tests.site.world import refused

# ---- which pipeline


def pipeline(world, name, **values) -> str:
	values = {"applies_to": OPPORTUNITY, **values}
	doc = frappe.get_doc({"doctype": "Sales Pipeline", "pipeline_name": f"{name} {world.tag}", **values})
	return doc.insert().name


def is_default(name) -> int:
	return frappe.db.get_value("Sales Pipeline", name, "is_default")


def test_a_deal_gets_the_default_of_its_company_else_the_general_one(world):
	# On insert a site may fill in the user's own company.
	general, elsewhere = pipeline(world, "General"), pipeline(world, "Elsewhere")
	for name, company in ((general, None), (elsewhere, f"Other {world.tag}")):
		frappe.db.set_value("Sales Pipeline", name, {"company": company, "is_default": 1})
	assert pipelines.default_pipeline(OPPORTUNITY, world.company) == general
	assert pipelines.default_pipeline(OPPORTUNITY, f"Other {world.tag}") == elsewhere
	own = pipeline(world, "Own", company=world.company, is_default=1)
	assert is_default(general) and is_default(own), "one default for each company and one for all others"
	assert pipelines.default_pipeline(OPPORTUNITY, world.company) == own
	frappe.db.set_value("Sales Pipeline", own, "disabled", 1)
	assert pipelines.default_pipeline(OPPORTUNITY, world.company) == general
	assert pipelines.default_pipeline("Sales Project", world.company) not in (general, own, elsewhere)


def test_a_company_has_one_default_pipeline_of_a_kind(world):
	first = pipeline(world, "First", company=world.company, is_default=1)
	of_projects = pipeline(world, "Projects", company=world.company, is_default=1, applies_to="Sales Project")
	second = pipeline(world, "Second", company=world.company, is_default=1)
	assert (is_default(first), is_default(second), is_default(of_projects)) == (0, 1, 1)
	pipeline(world, "Third", company=world.company)
	assert is_default(second)


def test_who_may_not_change_the_default_pipeline_makes_no_other_one(world, monkeypatch):
	first = pipeline(world, "First", company=world.company, is_default=1)
	monkeypatch.setattr(pipelines_form.rights, "has", lambda doctype, name, right: name != first)
	with refused(frappe.PermissionError, match="no right to change it"):
		pipeline(world, "Second", company=world.company, is_default=1)
	assert is_default(first) == 1
	other = pipeline(world, "Other", company=world.company)
	doc = frappe.get_doc("Sales Pipeline", other)
	doc.is_default = 1
	doc.save(ignore_permissions=True)
	assert (is_default(first), is_default(other)) == (0, 1)


# ---- steps and terms


@pytest.mark.parametrize("step", ["quotation_step", "contract_step"])
def test_a_request_of_a_deal_needs_the_steps_of_its_pipeline(sale, world, step):
	name = make_pipeline(f"Strict {world.tag}")
	frappe.db.set_value("Sales Pipeline", name, step, "Required")
	deal = sale.opportunity(pipeline=name)
	request = sale.request(deal, submit=False)
	with refused(StepError, match=f"Pipeline {name} requires a|requires a"):
		request.submit()
	frappe.db.set_value("Sales Pipeline", name, step, "Optional")
	request.reload()
	request.submit()
	assert request.status == "Requested"


def test_a_request_of_a_deal_that_has_a_contract_by_now_is_refused(sale):
	deal = sale.opportunity()
	request = sale.request(deal, submit=False)
	sale.contract(source_type=deal.doctype, source_name=deal.name)
	with refused(match="Please order from"):
		request.submit()


@pytest.mark.parametrize(
	("row", "words"),
	[
		({"due_date": None, "invoice_portion": 100}, "Row 1.*is missing"),
		({"due_date": "2030-01-01", "invoice_portion": 99}, "adds up to 99"),
		({"due_date": "2030-01-01", "invoice_portion": -100}, "adds up to -100|more than zero"),
	],
)
def test_a_payment_schedule_says_when_and_how_much(sale, row, words):
	with refused(match=words):
		sale.contract(payment_schedule=[row])


# ---- the fate of a quotation


def test_why_a_quotation_was_lost_is_in_the_history_of_its_deal(sale, world):
	deal = sale.opportunity()
	about = {"crm_source_type": deal.doctype, "crm_source_name": deal.name}
	party = {"quotation_to": "Customer", "party_name": world.customer, "company": world.company}
	quotation = frappe.get_doc("Quotation", rows.row("Quotation", status="Open", **about, **party))
	on_quotation.on_change(quotation)
	on_quotation.on_change(quotation)
	quotation.status = "Lost"
	for reason in ("Price", "Late"):
		quotation.append("lost_reasons", {"lost_reason": reason})
	on_quotation.on_change(quotation)
	told = [
		(e.from_value, e.to_value, e.note) for e in api.get_history(deal.doctype, deal.name) if e.kind == "Quotation"
	]
	assert told == [(None, "Open", quotation.name), ("Open", "Lost", f"{quotation.name} Price, Late")]


# ---- what remains of a quotation


@pytest.fixture
def offer(world):
	"""A quotation of five pumps; answers (quotation, its row)."""
	name = rows.row(
		"Quotation", status="Open", quotation_to="Customer", party_name=world.customer, company=world.company
	)
	line = rows.row("Quotation Item", parent=name, parenttype="Quotation", item_code=world.pump, qty=5, stock_qty=5)
	return name, line


def test_an_order_made_of_a_quotation_uses_it_up(world, offer):
	name, line = offer
	assert open_quantities.of_quotation(name) == {line: 5}
	rows.order(world, 200, qty=2, quotation_item=line)
	rows.order(world, 900, qty=9, docstatus=2, quotation_item=line)
	rows.order(world, 100, qty=1)
	assert open_quantities.of_quotation(name) == {line: 3}


def test_an_order_made_of_its_quotation_uses_a_contract_up(sale, world, offer):
	_name, line = offer
	contract = sale.contract()
	frappe.db.set_value("Sales Contract Item", contract.items[0].name, "quotation_item", line)
	rows.order(world, 300, qty=3, quotation_item=line)
	assert api.get_remaining(contract.name) == {contract.items[0].name: 1, contract.items[1].name: 1}


def test_orders_with_and_without_a_link_to_its_rows_use_a_contract_up(sale, world, offer):
	_name, line = offer
	contract = sale.contract()
	frappe.db.set_value("Sales Contract Item", contract.items[0].name, "quotation_item", line)
	rows.order(world, 200, qty=2, quotation_item=line)
	rows.order(world, 100, qty=1, crm_source_type=contract.doctype, crm_source_name=contract.name)
	assert api.get_remaining(contract.name) == {contract.items[0].name: 1, contract.items[1].name: 1}


# ---- states that documents decide


class Broken:
	"""Something of the site that hangs on a document and breaks."""

	def __init__(self, error, event):
		self.error, self.event, self.heard = error, event, []

	def __call__(self, method, *args, **kwargs):
		self.heard.append(method)
		if method == self.event:
			frappe.msgprint("Half done")
			raise self.error


@pytest.mark.parametrize("event", ["on_update", "on_change"])
def test_an_automation_that_breaks_is_its_own_affair(sale, event):
	deal = sale.opportunity()
	deal.run_method = heard = Broken(frappe.ValidationError("Broken"), event)
	frappe.clear_messages()
	automation.set_state(deal, {"status": "Won"}, ("Stage", deal.stage, "elsewhere"), note="by a contract")
	assert "on_update" in heard.heard
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == deal.status == "Won"
	told = [(e.from_value, e.to_value, e.note) for e in api.get_history(deal.doctype, deal.name) if e.kind == "Stage"]
	assert told == [(deal.stage, "elsewhere", "by a contract")]
	assert frappe.local.message_log == []


def test_a_lost_race_in_an_automation_is_not_hidden(sale):
	deal = sale.opportunity()
	deal.run_method = Broken(Exception(1213, "Deadlock"), "on_update")
	with refused(Exception, match="Deadlock"):
		automation.set_state(deal, {"status": "Won"}, ("Stage", deal.stage, "elsewhere"))


def test_automations_of_a_submitted_document_hear_that_it_changed_after_submission(sale):
	contract = sale.contract()
	contract.run_method = heard = Broken(None, "nothing")
	automation.set_state(contract, {"status": "Fulfilled"}, ("State", "Active", "Fulfilled"))
	assert "on_update_after_submit" in heard.heard and "on_update" not in heard.heard


# ---- the list of documents on a form


def test_a_contract_lists_its_orders_with_what_followed_them(sale, world, as_user):
	contract = sale.contract()
	about = {"crm_source_type": contract.doctype, "crm_source_name": contract.name}
	order = rows.order(world, 400, qty=4, **about)
	note = rows.row("Delivery Note", customer=world.customer, company=world.company, status="To Bill")
	rows.row("Delivery Note Item", parent=note, parenttype="Delivery Note", against_sales_order=order)
	draft = rows.row("Delivery Note", customer=world.customer, company=world.company, status="Draft", docstatus=0)
	rows.row("Delivery Note Item", parent=draft, parenttype="Delivery Note", against_sales_order=order, docstatus=0)
	invoice = rows.invoice(world, order, 400)
	paid = rows.advance(order, 100, world.currency)
	listed = [
		(row["doctype"], row["name"], row["order"]) for row in roll_up.documents_of(contract.doctype, contract.name)
	]
	assert listed == [
		("Sales Order", order, order),
		("Delivery Note", note, order),
		("Sales Invoice", invoice, order),
		("Payment Entry", paid, order),
	]
	assert flow.documents_after([]) == []
	assert [ref.name for ref in flow.orders_of("Sales Invoice", invoice)] == [order]
	assert [ref.name for ref in flow.orders_of("Payment Entry", paid)] == [order]
	as_user("stranger")
	assert roll_up.documents_of(contract.doctype, contract.name) == []
	assert flow.documents_after([order]) == []


# ---- costs


def test_an_hour_costs_what_nobodys_activity_cost_says_else_the_type(world):
	def cost(name, rate, **values):
		return rows.row(
			"Activity Cost",
			name=f"{name} {world.tag}",
			activity_type=f"{name} {world.tag}",
			costing_rate=rate,
			docstatus=0,
			**values,
		)

	for name, rate in (("Welding", 40), ("Painting", 30), ("Talking", 0), ("Thinking", 20)):
		rows.row("Activity Type", name=f"{name} {world.tag}", costing_rate=rate, docstatus=0)
	cost("Painting", 35)
	cost("Talking", 0)
	cost("Thinking", 0)
	rows.row("Activity Cost", activity_type=f"Welding {world.tag}", costing_rate=99, employee="HR-EMP-1", docstatus=0)
	found = item_costs.hourly_costs(f"{name} {world.tag}" for name in ("Welding", "Painting", "Talking", "Thinking"))
	assert {name.split()[0]: cost.rate for name, cost in found.items()} == {
		"Welding": 40,
		"Painting": 35,
		"Thinking": 20,
	}
	assert item_costs.hourly_costs([]) == {}


def test_a_bom_tells_the_cost_of_one_piece(world):
	def bom(item, cost, quantity, **values):
		return rows.row(
			"BOM",
			item=item,
			base_total_cost=cost,
			quantity=quantity,
			company=world.company,
			**{"is_default": 1, "is_active": 1, **values},
		)

	named = bom(world.pump, 300, 4)
	bom(world.pump, 999, 1, is_default=0)
	bom(world.filter, 999, 1, is_active=0)
	bom(world.service, 999, 0)
	found = item_costs.costs_of((world.pump, world.filter, world.service), world.company)
	told = {item: (cost["BOM"].rate, cost["BOM"].basis) for item, cost in found.items() if "BOM" in cost}
	assert told == {world.pump: (75, named)}


def test_an_item_in_stock_costs_its_average_in_the_company(world):
	def in_stock(warehouse, qty, value):
		return rows.row(
			"Bin", docstatus=0, item_code=world.pump, warehouse=warehouse, actual_qty=qty, stock_value=value, valuation_rate=7
		)  # fmt: skip

	second, elsewhere = (rows.row("Warehouse", docstatus=0, company=c) for c in (world.company, f"Other {world.tag}"))
	in_stock(world.warehouse, 2, 100)
	in_stock(second, 6, 0)
	in_stock(elsewhere, 10, 9999)
	found = item_costs.costs_of((world.pump,), world.company)[world.pump]["Valuation"]
	assert (found.rate, found.basis) == (50, world.warehouse)


# ---- figures of a day


@pytest.fixture
def filters(world):
	return {"company": world.company, "pipeline": make_pipeline(f"Detail {world.tag}")}


@pytest.fixture
def deal(sale, filters):
	def make(amount=100.0, stage="a", **values):
		name = filters["pipeline"]
		values = {"expected_close": add_days(nowdate(), 20), **values}
		return sale.opportunity(pipeline=name, stage=f"{name}-{stage}", items=[], amount=amount, **values)

	return make


def test_a_scope_names_what_it_counts():
	kinds = lambda **chosen: ForecastScope("Any", **chosen).doctypes  # noqa: E731
	both = kinds()
	assert both == ("Sales Opportunity", "Sales Project") == kinds(scope="Both")
	assert kinds(scope="Opportunities") == both[:1]
	assert kinds(scope="Sales Projects") == both[1:]
	assert kinds(scope="?") == both


def test_a_snapshot_weighs_a_deal_by_its_probability(deal, world, filters):
	frappe.db.delete("Forecast Snapshot", {"company": world.company})
	deal(1000, stage="b")
	deal(500, stage="c", forecast_category="Omitted")
	snapshots.take(world.company, getdate())
	held = frappe.get_all(
		"Forecast Snapshot",
		filters=filters,
		fields=["category", "documents", "amount", "weighted", "historical", "won"],
		order_by="amount desc",
	)
	assert [(row.documents, row.amount, row.weighted, row.won) for row in held] == [(1, 1000, 400, 0), (1, 500, 0, 0)]
	assert held[0].historical == pytest.approx(400) and held[1].historical == 0


def test_a_deal_that_is_due_today_is_not_overdue(deal, filters):
	today = deal(expected_close=nowdate())
	late = deal(expected_close=add_days(nowdate(), -1), opened_on=add_days(nowdate(), -9))
	cell = {"column": "overdue", "first": nowdate()[:8] + "01", "last": add_days(nowdate(), 40)}
	found = [row["name"] for row in api.get_documents_of_forecast(filters, cell)["documents"]]
	assert found == [late.name] and today.name not in found


@pytest.mark.parametrize(
	("day", "horizon"), [("2026-01-15", 1), ("2026-03-01", 1), ("2026-04-30", 2), ("2026-05-02", 3), ("2026-12-24", 3)]
)
def test_a_forecast_is_measured_by_the_nearest_horizon(day, horizon):
	assert backtest.horizon_of(getdate("2026-03-01"), getdate(day)) == horizon


def test_a_forecast_is_measured_from_the_day_that_is_asked_for(world, monkeypatch):
	asked_for = []
	monkeypatch.setattr(backtest, "starts", lambda company, today: asked_for.append(today) or [])
	found = backtest.measure(world.company, getdate("2026-03-05"))
	backtest.measure(world.company)
	assert asked_for == [getdate("2026-03-05"), getdate(nowdate())]
	assert {row["count"] for row in found} <= {0}


@pytest.mark.parametrize(
	("filters_", "suffice"),
	[
		(None, True),
		({"territory": "All Territories"}, True),
		({"scope": "Opportunities"}, False),
		*(({field: "Any"}, False) for field in order_history.DEALS_ONLY),
	],
)
def test_orders_tell_the_past_of_what_orders_know(site, filters_, suffice):
	assert order_history.suffice(ForecastScope.of(filters_)) is suffice


@pytest.mark.parametrize(
	("first", "last", "included"),
	[
		(None, None, True),
		(-1, 1, True),
		(0, 0, True),
		(1, 2, False),
		(-2, -1, False),
		(None, -1, False),
		(1, None, False),
	],
)
def test_running_stays_belong_to_a_period_that_holds_today(filters, deal, first, last, included):
	doc = deal()
	day = lambda days: None if days is None else add_days(nowdate(), days)  # noqa: E731
	mine = lambda query: query.where(frappe.qb.DocType(OPPORTUNITY).pipeline == filters["pipeline"])  # noqa: E731
	stays = stage_durations.Stays(OPPORTUNITY, mine, day(first), day(last))
	assert stays.includes_today == included
	assert sum(spread.count for spread in stays.in_hours().values()) == int(included)
	assert stays.documents({doc.stage: 0}) == ([doc.name] if included else [])


def test_a_stay_of_several_visits_counts_once_with_all_its_time(filters, deal):
	doc = deal()
	for stage, hours in (("b", 5), ("a", 3)):
		api.move_stage(doc.doctype, doc.name, f"{filters['pipeline']}-{stage}")
		event = frappe.get_last_doc(
			"Pipeline Event", {"reference_name": doc.name, "to_value": f"{filters['pipeline']}-{stage}"}
		)
		set_event(event.name, "seconds_spent", hours * 3600)
	frappe.db.set_value(doc.doctype, doc.name, "stage_entered_on", add_to_date(now_datetime(), hours=-2))
	mine = lambda query: query.where(frappe.qb.DocType(OPPORTUNITY).pipeline == filters["pipeline"])  # noqa: E731
	found = stage_durations.Stays(OPPORTUNITY, mine).in_hours()
	first, second = found[doc.stage], found[f"{filters['pipeline']}-b"]
	assert (first.count, round(first.average)) == (1, 7)
	assert (second.count, round(second.average)) == (1, 3)


def test_a_running_visit_belongs_to_the_period_in_which_it_began(filters, deal):
	for days in (2, 40):
		moved = add_to_date(now_datetime(), days=-days)
		frappe.db.set_value(OPPORTUNITY, deal().name, {"stage_entered_on": moved, "opened_on": moved.date()})
	period = {"from_date": add_days(nowdate(), -10), "to_date": nowdate(), "basis": funnel_cohort.ENTERED}
	found = funnel_facts.dwell(Cohort(FunnelScope.of({**filters, **period})))
	assert {stage: sum(hours.values()) for stage, hours in found[()].items()} == {f"{filters['pipeline']}-a": 1}


@pytest.mark.parametrize("source", [None, ""])
def test_a_deal_without_a_source_was_created_directly(deal, filters, source):
	doc, table = deal(), frappe.qb.DocType(OPPORTUNITY)
	frappe.db.set_value(doc.doctype, doc.name, "source_type", source)
	for chosen, found in (("Created Directly", [doc.name]), ("Sales Lead", [])):
		mine = scope.Scope.of({**filters, "source_type": chosen}).criterion(OPPORTUNITY)
		assert frappe.qb.from_(table).where(mine).select(table.name).run(pluck=True) == found


def test_a_link_that_user_permissions_pass_over_narrows_nothing():
	found = scope.limiting(OPPORTUNITY)
	links = frappe.get_meta(OPPORTUNITY).get_link_fields()
	passed = {df.options for df in links if df.ignore_user_permissions} - {
		df.options for df in links if not df.ignore_user_permissions
	}
	assert found[0] == OPPORTUNITY and "Customer" in found
	assert not passed & set(found)


def test_stages_are_told_in_order_of_pipeline_and_position(world):
	first, second = (make_pipeline(f"{name} {world.tag}") for name in ("Alpha", "Beta"))
	names = frappe.get_all(
		"Pipeline Stage", filters={"pipeline": ("in", (first, second))}, pluck="name", order_by="name desc", limit=0
	)
	told = [(row.pipeline, row.position) for row in stage_durations.stages_of({*names, "gone"})]
	assert told == sorted(told) and len(told) == len(names)
	assert stage_durations.stages_of([]) == []


# ---- what remains of a deal


@pytest.mark.parametrize(("status", "left"), [("To Deliver and Bill", 1), ("Closed", 3)])
def test_an_order_that_was_closed_uses_up_what_it_delivered(sale, world, status, left):
	deal = sale.opportunity()
	about = {"crm_source_type": deal.doctype, "crm_source_name": deal.name}
	rows.order(world, 300, qty=3, delivered_qty=1, status=status, **about)
	assert open_quantities.of_deal(deal) == {deal.items[0].name: left, deal.items[1].name: 1}


def test_an_order_that_is_released_says_nothing_of_its_request_any_more(world):
	fields = ["crm_source_type", "crm_source_name", "crm_request_key"]
	about = dict(zip(fields, ("Sales Order Request", f"REQ {world.tag}", f"REQ {world.tag}"), strict=True))
	order = rows.order(world, 100, docstatus=0, status="Draft", **about)
	native_order.release(order)
	assert frappe.db.get_value("Sales Order", order, fields) == (None, None, None)


@pytest.mark.parametrize("what", ["contract", "opportunity"])
def test_reconciling_tells_whether_anything_had_drifted(sale, world, what):
	doc = getattr(sale, what)()
	rows.order(world, 400, qty=4, crm_source_type=doc.doctype, crm_source_name=doc.name)
	ref = Ref(doc.doctype, doc.name)
	assert roll_up.recompute(ref) is True
	assert frappe.db.get_value(doc.doctype, doc.name, "ordered_amount") == 400
	assert roll_up.recompute(ref) is False
	assert roll_up.recompute(Ref(doc.doctype, "gone")) is False


@pytest.mark.parametrize(("title", "shown"), [("Pumps for all", "Pumps for all"), (None, "Northwind")])
def test_what_comes_of_a_quotation_is_called_as_it_is(world, title, shown):
	# 16 has no title on quotations.
	quotation = frappe._dict(
		{"doctype": "Quotation", "name": "Q-1", "title": title, "customer_name": "Northwind", "company": world.company}
	)
	request = frappe.new_doc("Sales Order Request")
	conversions.fill_from_quotation(quotation, request)
	assert (request.title, request.sales_owner) == (shown, frappe.session.user)


def asked(name, **values):
	return frappe._dict({"name": name, "item_code": "Pump", "stock_qty": 4, "rate": 10, **values})


def ordered(request_row, **values):
	return frappe._dict(
		{"crm_request_item": request_row, "item_code": "Pump", "stock_qty": 4, "rate": 10, "is_free_item": 0, **values}
	)


@pytest.mark.parametrize(
	("lines", "same"),
	[
		([ordered("a"), ordered("b")], True),
		([ordered("b"), ordered("a"), ordered(None, is_free_item=1)], True),
		([ordered("a")], False),
		([ordered("a"), ordered("b"), ordered(None)], False),
		([ordered("a"), ordered("b", stock_qty=5)], False),
		([ordered("a"), ordered("b", stock_qty=-4)], False),
		([ordered("a"), ordered("b", rate=11)], False),
		([ordered("a"), ordered("b", item_code="Filter")], False),
	],
)
def test_an_order_answers_a_request_when_every_row_does(lines, same):
	party = {"customer": "Northwind", "company": "Wind"}
	request = SimpleNamespace(items=[asked("a"), asked("b")], **party)
	assert native_order.answers(SimpleNamespace(items=lines, **party), request) is same
	assert not native_order.answers(SimpleNamespace(items=lines, **{**party, "customer": "Other"}), request)


def test_a_renamed_stage_keeps_its_place_in_the_history(deal, filters):
	doc, other = deal(stage="a"), f"{filters['pipeline']}-b"
	api.move_stage(doc.doctype, doc.name, other)
	stage_records.rename_in_ledger(f"{filters['pipeline']}-a", "renamed")
	told = [
		(e.kind, e.from_value, e.to_value)
		for e in api.get_history(doc.doctype, doc.name)
		if e.kind in ("Created", "Stage")
	]
	assert sorted(told, key=str) == [("Created", None, "renamed"), ("Stage", "renamed", other)]


def test_what_the_nightly_job_mends_is_told_once(sale, world):
	contract = sale.contract()
	rows.order(world, 400, qty=4, crm_source_type=contract.doctype, crm_source_name=contract.name)
	assert [roll_up.mend(contract.doctype, contract.name) for _night in range(2)] == [True, False]
	assert roll_up.mend(contract.doctype, "gone") is False


def test_an_estimate_belongs_to_the_company_of_its_deal(sale, world):
	made = api.make_cost_estimate("Sales Opportunity", sale.opportunity().name)
	frappe.db.set_value("Cost Estimate", made["name"], "company", rows.row("Company", docstatus=0))
	api.refresh_costs(made["name"])
	assert frappe.db.get_value("Cost Estimate", made["name"], "company") == world.company


# ---- who does what


def test_an_order_desk_accepts_what_it_may_change(sale, world, as_user):
	request = sale.request(sale.contract())
	only = {"user": "desk@crm-test.example", "allow": "Customer", "for_value": rows.row("Customer", docstatus=0)}
	frappe.get_doc({"doctype": "User Permission", **only}).insert()
	as_user("desk")
	with refused(frappe.PermissionError):
		acceptance.accept(request.name)


def test_a_payment_shows_its_chain_where_there_is_one(sale, world):
	contract = sale.contract()
	order = rows.order(world, 400, qty=4, crm_source_type=contract.doctype, crm_source_name=contract.name)
	other = rows.order(world, 100)
	for paid, shown in ((order, True), (other, False)):
		payment = frappe.get_doc("Payment Entry", rows.advance(paid, 100, world.currency))
		payment_entry.onload(payment)
		assert payment.get("__onload").crm_chain is shown


def test_the_sales_person_follows_the_owner_until_somebody_is_chosen(sale, world):
	def person(name, user):
		name = f"{name} {world.tag}"
		return rows.row(
			"Sales Person", name=name, sales_person_name=name, crm_user=user, enabled=1, lft=9001, rgt=9002, docstatus=0
		)

	users = ("rep@crm-test.example", "rep2@crm-test.example")
	frappe.db.set_value("Sales Person", {"crm_user": ("in", users)}, "crm_user", None)
	first, second, third = person("One", users[0]), person("Two", users[1]), person("Three", None)
	deal = sale.opportunity(sales_owner=users[0])
	assert deal.sales_person == first
	deal.sales_owner = users[1]
	deal.save()
	assert deal.sales_person == second
	deal.update({"sales_owner": users[0], "sales_person": third})
	deal.save()
	assert deal.sales_person == third
	deal.sales_owner = "finance@crm-test.example"
	deal.save()
	assert deal.sales_person is None, "it was that of the owner before"


def test_a_next_step_stays_where_the_deal_may_not_be_changed(sale, as_user):
	deal = sale.opportunity()
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name}
	done = frappe._dict(status="Done", next_step="Send the plan", next_step_date=None, **about)
	as_user("finance")
	frappe.clear_messages()
	reference.pass_on_next_step(done)
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") is None
	assert "stays as it is" in str(frappe.local.message_log)
	as_user("rep")
	frappe.clear_messages()
	reference.pass_on_next_step(done)
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") == "Send the plan"
	assert frappe.local.message_log == []


def test_a_user_without_a_full_name_is_shown_by_the_users_name(site):
	row = visibility._row(frappe._dict(name="rep@crm-test.example", full_name=None), permissions.part_condition)
	assert (row["user"], row["full_name"]) == ("rep@crm-test.example",) * 2


def test_what_somebody_would_see_is_counted(sale):
	mine, other = "rep@crm-test.example", "rep2@crm-test.example"
	alone = people.Visibility(persons=(), users=(mine,))
	conditions = {doctype: permissions.part_condition(alone, mine, doctype) for doctype in visibility.COUNTED}
	everything, before = visibility._count({}), visibility._count(conditions)
	for owner in (mine, other):
		sale.opportunity(sales_owner=owner)
	assert visibility._count({}) == everything + 2
	assert visibility._count(conditions) == before + 1


def test_rows_of_no_quotation_are_none(site):
	assert quoted.rows_of([None]) == {} == quoted.rows_of([])


def test_all_that_people_write_is_cleaned():
	"""A kind of text that a DocType of ours uses is cleaned, or can't hold a tag."""
	ours = frappe.get_all(
		"DocType",
		filters={"module": ("in", ("CRM Pipeline", "CRM Prospecting", "CRM Customers"))},
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	used = {df.fieldtype for doctype in ours for df in frappe.get_meta(doctype).fields}
	assert used & {"Data", "Small Text", "Text Editor"} <= set(clean_html.TEXTS)


def test_an_activity_that_is_still_to_come_makes_no_deal_busy(deal):
	doc = deal()
	for days in (-3, 2):
		about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "company": doc.company}
		rows.row(
			"Sales Activity", docstatus=0, status="Done", starts_on=add_to_date(now_datetime(), days=days), **about
		)
	assert stage_gates._idle_days(doc) == 3


@pytest.mark.parametrize(("over", "taken"), [(0, True), (1, False)])
def test_a_deal_is_marked_as_not_stalled_for_so_many_days_at_most(deal, over, taken):
	doc, day = deal(), add_days(nowdate(), stall_verdicts.ACKNOWLEDGED_AT_MOST + over)
	if taken:
		stall_verdicts.acknowledge(doc.doctype, doc.name, getdate(day), "They are on holiday")
	else:
		with refused(match="within the next"):
			stall_verdicts.acknowledge(doc.doctype, doc.name, getdate(day), "They are on holiday")
	assert bool(frappe.db.get_value(doc.doctype, doc.name, "not_stalled_until")) is taken


def test_only_who_asked_changes_the_question(sale, as_user):
	as_user("rep")
	doc = sale.opportunity()
	asked_for = api.ask_for_help(doc.doctype, doc.name, "Price", "May I give ten percent?")
	name = asked_for if isinstance(asked_for, str) else asked_for["name"]
	as_user("manager")
	request = frappe.get_doc("Sales Help Request", name)
	request.question = "May I give fifty percent?"
	with refused(frappe.PermissionError, match="change the question"):
		request.save()


@pytest.mark.parametrize("field", ["territory", "sales_person"])
def test_a_click_on_a_figure_of_a_branch_opens_all_below_it(world, field):
	chosen = {"company": world.company, field: "North", "source_type": "Created Directly"}
	found = drill.shared(scope.Scope.of(chosen))
	assert (field, "descendants of (inclusive)", "North") in found
	assert [row for row in found if row[0] == "source_type"] == [("source_type", "is", "not set")]
