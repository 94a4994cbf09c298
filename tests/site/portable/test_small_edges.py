"""At the edges: the last one that is allowed, the smallest change that counts, who is not asked, what is not counted twice."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate

from crm_pipeline import api, install
from crm_pipeline.analytics import closed_groups, forecast_totals, stalled_totals
from crm_pipeline.analytics.closed_deals import Cell, Closed, ClosedScope
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.analytics.stalled_totals import StalledScope
from crm_pipeline.chain import graph, guard, ledger, sources
from crm_pipeline.coaching import help_requests
from crm_pipeline.core import costing
from crm_pipeline.costs import cost_estimates
from crm_pipeline.deals import reassigning
from crm_pipeline.erp import form_values, item_costs, pricing_rules, usable
from crm_pipeline.leads import qualification
from crm_pipeline.overrides import customer as on_customer
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import history, refused

DEAL, PROJECT, CONTRACT = "Sales Opportunity", "Sales Project", "Sales Contract"
REP, MANAGER = USERS["rep"][0], USERS["manager"][0]
TODAY = date(2026, 6, 20)


# ---- deals


def test_as_many_deals_as_are_allowed_at_once_are_given_over(sale, monkeypatch):
	monkeypatch.setattr(reassigning, "MOST", 2)
	deals = [sale.opportunity().name for _n in range(2)]
	assert api.reassign_deals(DEAL, deals, REP)["done"] == 2
	with refused(match="at most 2"):
		api.reassign_deals(DEAL, [*deals, deals[0]], REP)


def test_a_cent_more_is_a_change_of_the_amount(sale):
	deal = sale.opportunity(items=[], amount=100)
	deal.update({"amount": 100.01}).save()
	assert ("Amount", "100.0", "100.01") in history(DEAL, deal.name)
	seen = len(history(DEAL, deal.name))
	deal.reload().save()
	assert len(history(DEAL, deal.name)) == seen


def test_a_confidential_note_belongs_to_the_company_of_its_event(site):
	company = rows.row("Company", name="Quay Ltd", company_name="Quay Ltd", docstatus=0)
	event = rows.row("Pipeline Event", company=company, kind="Help", docstatus=0)
	ledger.keep_apart(event, "why")
	assert frappe.db.get_value(ledger.NOTE, {"event": event}, ["company", "note"]) == (company, "why")


def test_a_merge_leaves_no_customer_above_itself(sale, world):
	above = frappe.copy_doc(frappe.get_doc("Customer", world.customer))
	above.name = f"Above {world.tag}"
	above.db_insert()
	frappe.db.set_value("Customer", world.customer, "crm_parent_customer", above.name)
	frappe.db.set_value("Customer", above.name, "crm_parent_customer", world.customer)
	on_customer.follow(frappe.get_doc("Customer", world.customer), "after_rename", "Old", world.customer, True)
	assert frappe.db.get_value("Customer", world.customer, "crm_parent_customer") is None


def test_stalled_deals_of_both_kinds_stand_by_amount_and_then_by_score(world):
	common = {"is_stalled": 1, "campaign": world.tag}
	rows.bare_deal(world, "A", base_amount=5, stalled_score=40, **common)
	rows.bare_deal(world, "B", PROJECT, base_amount=9, stalled_score=40, project_type="Sales", **common)
	rows.bare_deal(world, "C", PROJECT, base_amount=5, stalled_score=90, project_type="Sales", **common)
	rows.bare_deal(world, "D", base_amount=7, stalled_score=40, **common)
	asked = StalledScope.of({"company": world.company, "campaign": world.tag})
	assert [row.name[0] for row in stalled_totals.largest(asked, 9)] == ["B", "D", "C", "A"]
	assert [row.name[0] for row in stalled_totals.largest(asked, 2)] == ["B", "D"]


def test_a_deal_with_a_customer_that_was_disabled_since_is_worked_on(sale, world):
	deal = sale.opportunity()
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	frappe.clear_document_cache("Customer", world.customer)
	deal.reload()
	deal.update({"next_step": "Call"}).save()
	with refused(match="disabled"):
		sale.opportunity()


@pytest.mark.parametrize("taken", [False, True])
def test_an_amended_contract_is_the_one_of_its_deal_unless_another_is(sale, taken):
	deal = sale.opportunity()
	first = sale.contract(submit=False, source_type=DEAL, source_name=deal.name)
	key = f"{DEAL}:{deal.name}"
	first.db_set("conversion_key", key if taken else None)
	again = frappe.copy_doc(first)
	again.update({"amended_from": first.name, "conversion_key": None})
	again.keep_conversion_key()
	assert again.conversion_key == (None if taken else key)


# ---- what the forecast counts


@pytest.fixture
def forecast(world):
	won = rows.bare_deal(
		world, "B", sales_owner=world.tag, status="Won", outcome="Won", closed_on=TODAY, base_amount=90,
		base_won_amount=90, ordered_amount=60, opened_on=TODAY, amount=90, items_total=90,
	)  # fmt: skip
	for n, code in enumerate((world.pump, world.filter), 1):
		rows.row(
			"Sales Deal Item", docstatus=0, parent=won, parenttype=DEAL, parentfield="items", idx=n, item_code=code,
			qty=1, stock_qty=1, amount=45,
		)  # fmt: skip
	return ForecastScope.of({"company": world.company, "sales_owner": world.tag})


def test_what_was_ordered_of_a_deal_is_not_told_once_per_item(forecast):
	of = lambda dimension: [  # noqa: E731
		(line.value, line.ordered) for line in forecast_totals.won_lines(DEAL, forecast, TODAY, TODAY, dimension)
	]
	assert of(None) == [(90, 60)] and of("item_code") == [(45, 0), (45, 0)]


# ---- what an item costs


def test_what_was_sent_back_is_no_purchase(world):
	def bought(doctype, day, rate, **values):
		parent = rows.row(doctype, company=world.company, posting_date=day, **values)
		rows.row(
			f"{doctype} Item", parent=parent, parenttype=doctype, parentfield="items", idx=1, item_code=world.pump,
			base_net_rate=rate, conversion_factor=1,
		)  # fmt: skip
		return parent

	cost = lambda: item_costs.costs_of([world.pump], world.company)[world.pump].get(costing.LAST_PURCHASE)  # noqa: E731
	first = bought("Purchase Receipt", "2026-01-02", 70, is_return=0)
	bought("Purchase Receipt", "2026-01-09", 99, is_return=1)
	assert cost() == item_costs.Found(70, first)
	bought("Purchase Invoice", "2026-01-20", 98, is_return=1)
	bought("Purchase Invoice", "2026-01-21", 97, is_return=0, docstatus=0)
	assert cost() == item_costs.Found(70, first)
	billed = bought("Purchase Invoice", "2026-01-03", 71, is_return=0)
	assert cost() == item_costs.Found(71, billed)


def test_a_row_done_by_an_activity_costs_its_hours(sale, monkeypatch):
	deal = sale.opportunity()
	estimate = frappe.new_doc("Cost Estimate")
	estimate.update({"reference_doctype": DEAL, "reference_name": deal.name, "company": deal.company})
	estimate.append("items", {"item_code": sale.world.service, "qty": 2, "hours": 8, "conversion_factor": 1})
	row = estimate.items[0]
	row.update({"cost_source": costing.ACTIVITY, "activity_type": "Welding"})
	monkeypatch.setattr(item_costs, "hourly_costs", lambda types: {"Welding": item_costs.Found(50, "Welding")})
	cost_estimates._fetch(estimate, [row])
	assert (row.cost_rate, row.cost_basis) == (400, "Welding")


# ---- who is asked, what may be named


def test_who_asks_for_help_is_not_the_one_who_is_asked(sale, as_user):
	deal = sale.opportunity(sales_owner=MANAGER)
	asked = help_requests.managers_for(deal, REP)
	assert MANAGER in asked
	assert sorted(help_requests.managers_for(deal, MANAGER)) == sorted(set(asked) - {MANAGER})


def test_a_draft_that_was_stored_names_no_cancelled_source_either(sale, world):
	contract = sale.contract()
	about = {"crm_source_type": CONTRACT, "crm_source_name": contract.name}
	order = frappe.get_doc("Sales Order", rows.order(world, 100, docstatus=0, **about))
	order.load_doc_before_save()
	frappe.db.set_value(CONTRACT, contract.name, "docstatus", 2)
	with refused(frappe.CancelledLinkError):
		sources.validate(order)


@pytest.mark.parametrize(("partner", "rate"), [(None, 5), ("Quay Agents", 0)])
def test_a_sales_partner_gets_the_commission_that_was_agreed_and_not_the_customer_s(world, monkeypatch, partner, rate):
	monkeypatch.setattr(form_values, "_of_party", lambda *about: {"commission_rate": 5})
	order = frappe.new_doc("Sales Order")
	order.sales_partner = partner
	form_values.fill_party(order, world.customer)
	assert (order.commission_rate or 0) == rate


# ---- at install


def test_a_standard_pipeline_is_every_company_s(world):
	frappe.db.delete("Pipeline Stage", {"pipeline": "Standard Projects"})
	frappe.db.delete("Sales Pipeline", {"applies_to": PROJECT})
	install.make_pipelines()
	stored = frappe.db.get_value("Sales Pipeline", "Standard Projects", ["company", "is_default", "applies_to"])
	assert stored == (None, 1, PROJECT)
	stages = frappe.get_all(
		"Pipeline Stage",
		filters={"pipeline": "Standard Projects"},
		fields=["stage_key", "position", "stage_type", "probability", "forecast_category", "expected_dwell_days"],
		order_by="position asc",
	)
	assert [tuple(stage.values()) for stage in stages] == [
		("planning", 10, "Open", 20, "Pipeline", 14),
		("solution", 20, "Open", 40, "Pipeline", 30),
		("evaluation", 30, "Open", 60, "Best Case", 30),
		("negotiation", 40, "Open", 80, "Commit", 14),
		("won", 50, "Won", 100, "Closed", 0),
		("lost", 60, "Lost", 0, "Omitted", 0),
	]
	frappe.db.delete("Pipeline Stage", {"pipeline": "Standard Projects"})
	install.make_pipelines()
	assert not frappe.db.exists("Pipeline Stage", {"pipeline": "Standard Projects"}), "what is there is left alone"


# ---- what is told, kept and found


def test_a_request_that_comes_back_says_when_and_by_whom(sale, as_user):
	request = sale.request(sale.contract())
	desk = as_user("desk")
	api.return_request(request.name, "No stock")
	request.reload()
	assert (request.returned_by, request.return_reason) == (desk, "No stock")
	assert request.returned_on and getdate(request.returned_on) == getdate()


def test_a_lead_says_when_it_was_converted(sale, world, monkeypatch):
	monkeypatch.setattr(qualification, "_add_people_to_party", lambda lead: None)
	lead = sale.lead(customer=world.customer, prospect_name=None, assessment="Hot")
	for to in ("Qualified", "Contacted"):
		lead.update({"follow_up_date": TODAY, "follow_up_plan": "Call"})
		lead.status = to
		lead.save()
	api.convert_lead(lead.name)
	converted_on = frappe.db.get_value("Sales Lead", lead.name, "converted_on")
	assert converted_on and getdate(converted_on) == getdate()


def test_a_lead_that_joined_a_deal_is_behind_all_that_came_of_it(sale, world):
	deal, lead = sale.opportunity(), sale.lead(customer=world.customer, prospect_name=None)
	frappe.db.set_value("Sales Lead", lead.name, "joined_opportunity", deal.name)
	contract = sale.contract(submit=False, source_type=DEAL, source_name=deal.name)
	found = [(ref.doctype, ref.name) for ref in graph.ancestors(CONTRACT, contract.name)]
	assert found == [(DEAL, deal.name), ("Sales Lead", lead.name)]


def test_a_deal_of_earlier_versions_was_opened_when_it_was_entered(sale):
	deal = sale.opportunity()
	deal.db_set({"creation": "2026-01-02 10:00:00", "opened_on": None})
	deal.reload()
	deal.update({"next_step": "Call"}).save()
	assert getdate(deal.opened_on) == date(2026, 1, 2)


def test_a_stage_with_a_name_of_its_own_keeps_it_when_its_pipeline_is_renamed(site, monkeypatch):
	renamed = []
	monkeypatch.setattr(frappe, "rename_doc", lambda *about, **how: renamed.append(about[1:]))
	for name, key in (("Old-first", "first"), ("Mine", "second")):
		rows.row("Pipeline Stage", name=name, pipeline="New", stage_key=key, position=10, docstatus=0)
	frappe.new_doc("Sales Pipeline").after_rename("Old", "New")
	assert renamed == [("Old-first", "New-first")]


@pytest.mark.parametrize(
	("agreed", "expected"),
	[({}, True), ({"additional_discount_percentage": 5}, False), ({"discount_amount": 7}, False)],
)
def test_pricing_rules_give_a_discount_on_the_whole_where_none_was_agreed(monkeypatch, agreed, expected):
	asked, others = [], frappe.get_attr
	native = lambda path: lambda *about: asked.append(path.rsplit(".", 1)[1])  # noqa: E731
	monkeypatch.setattr(frappe, "get_attr", lambda path: native(path) if "pricing_rule" in path else others(path))
	monkeypatch.setattr(pricing_rules, "_any", lambda either: True)
	monkeypatch.setattr(pricing_rules, "_gifts", lambda order, row: [])
	given = {"additional_discount_percentage": 0, "discount_amount": 0, "delivery_date": "2026-06-30", **agreed}
	order = SimpleNamespace(items=[frappe._dict(), frappe._dict(delivery_date="2026-07-01")], **given)
	order.run_method = asked.append
	pricing_rules.apply(order)
	gifts = ["apply_pricing_rule_for_free_items"] * 2
	whole = ["apply_pricing_rule_on_transaction"] if expected else []
	assert asked == [*gifts, *whole, "calculate_taxes_and_totals"]
	assert [row.delivery_date for row in order.items] == ["2026-06-30", "2026-07-01"]


@pytest.mark.parametrize(("days", "unsold"), [(-1, True), (0, True), (1, False)])
def test_on_the_last_day_of_its_life_an_item_is_sold_no_more(world, days, unsold):
	quotation = rows.row("Quotation", company=world.company)
	rows.row(
		"Quotation Item", parent=quotation, parenttype="Quotation", parentfield="items", idx=1, item_code=world.pump
	)
	frappe.db.set_value("Item", world.pump, "end_of_life", add_days(getdate(), days))
	assert usable.any_unsold(quotation, leave_out=set()) is unsold


def test_behind_deals_without_an_owner_stand_those_that_have_none_and_an_empty_one(world):
	common = {"status": "Lost", "outcome": "Lost", "closed_on": TODAY, "base_amount": 5, "campaign": world.tag}
	for key, owner in (("A", None), ("B", ""), ("C", REP)):
		rows.bare_deal(world, key, **common, sales_owner=owner)
	filters = {"company": world.company, "campaign": world.tag, "from_date": "2026-06-01", "to_date": "2026-06-30"}
	closed = Closed(ClosedScope.of({**filters, "group_by": "Sales Owner"}))
	found = closed_groups.rows_behind(closed, Cell(key=(None,)))
	assert sorted(name[0] for name, _amount in found) == ["A", "B"]


def test_what_fails_beside_an_order_says_nothing_of_itself_but_that_sales_follow(sale, world):
	def work():
		frappe.msgprint("half done")
		raise RuntimeError

	order = frappe.get_doc("Sales Order", rows.order(world, 100, crm_source_type=DEAL, crm_source_name="OPP-1"))
	guard.follow(order, work)
	told = [message.get("message") if isinstance(message, dict) else message for message in frappe.local.message_log]
	assert len(told) == 1 and "will be in a few minutes" in told[0]
