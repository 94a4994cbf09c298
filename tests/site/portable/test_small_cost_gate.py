"""Small rules of the cost gate and of estimates: which deal is named and remembers, whose rate counts, who may begin one."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import graph
from crm_pipeline.core import costing
from crm_pipeline.costs import cost_estimates, cost_gate
from crm_pipeline.costs.cost_gate import CostGateError
from tests.site.portable.test_cost_gate import gate, overrides, shop  # noqa: F401
from tests.site.world import refused


@pytest.fixture
def grown(shop):  # noqa: F811
	"""An opportunity and the project that it became."""
	deal = shop.opportunity()
	return deal, frappe.get_doc("Sales Project", api.opportunity_to_project(deal.name)["name"])


def offer(world, deal, rate: float, reason: str | None = None):
	"""A quotation of a deal, as it stands in its submission: four pumps at `rate`."""
	doc = frappe.new_doc("Quotation")
	doc.update({"name": f"Q {world.tag}", "company": world.company, "currency": world.currency})
	doc.update({"crm_source_type": deal.doctype, "crm_source_name": deal.name, cost_gate.REASON: reason})
	row = {"item_code": world.pump, "qty": 4, "rate": rate, "conversion_factor": 1, "base_net_amount": 4 * rate}
	doc.append("items", {"idx": 1, **row})
	return doc


def said(world, deal) -> list[str]:
	"""What a quotation of a deal is refused with."""
	return cost_gate._no_estimate(cost_gate._deals(graph.source_of(offer(world, deal, 100))))


def test_the_refusal_names_the_project_and_the_drafts_of_all_its_deals(world, shop, grown):  # noqa: F811
	gate()
	deal, project = grown
	with refused(CostGateError, match=project.name):
		cost_gate.before_submit(offer(world, project, 100))
	words = said(world, project)
	assert project.name in words[0] and deal.name not in words[0] and "no approved cost estimate" in words[0]
	assert words[1:] == ["Make one with Create > Cost Estimate on the deal and have it submitted."]
	drafts = [shop.estimate(one, submit=False).name for one in (deal, project)]
	words = said(world, project)
	assert len(words) == 2 and all(name in words[1] for name in drafts) and "Still a draft" in words[1]
	words = said(world, deal)
	assert deal.name in words[0] and drafts[0] in words[1] and drafts[1] not in words[1]


@pytest.mark.parametrize(
	("kind", "floor", "rate", "noted", "not_noted"),
	[
		("Estimate and Margin", 0, 50, ["Margin: -20 %", "Floor: 0 %"], []),
		("Estimate and Margin", 45, 100, ["Margin: 40 %", "Floor: 45 %"], []),
		("Estimate", 45, 100, ["Margin: not known"], ["Floor"]),
	],
)
def test_who_lets_a_quotation_pass_leaves_margin_floor_and_reason_on_its_own_project(
	world, shop, grown, as_user, kind, floor, rate, noted, not_noted  # noqa: F811
):  # fmt: skip
	deal, project = grown
	if kind != "Estimate":
		shop.estimate(deal)
	gate(kind, floor, role="Sales Manager")
	as_user("manager")
	with refused(CostGateError, match="Override Cost Gate and give a reason"):
		cost_gate.before_submit(offer(world, project, rate))
	cost_gate.before_submit(offer(world, project, rate, " They come back in May "))
	[event] = overrides(project)
	assert all(words in event.note for words in (*noted, "Reason: They come back in May"))
	assert not any(words in event.note for words in not_noted) and "  " not in event.note
	assert (event.to_value, event.by) == (f"Q {world.tag}", "manager@crm-test.example")
	assert overrides(deal) == []


def test_an_item_without_a_cost_is_told_with_no_margin(world, shop, grown, as_user):  # noqa: F811
	deal, project = grown
	shop.estimate(deal)
	gate("Estimate and Margin", 45, role="Sales Manager")
	as_user("manager")
	quotation = offer(world, project, 100, "They insist")
	quotation.append(
		"items", {"idx": 2, "item_code": world.filter, "qty": 1, "conversion_factor": 1, "base_net_amount": 9}
	)
	cost_gate.before_submit(quotation)
	[event] = overrides(project)
	assert "Margin: not known" in event.note and "Floor: 45 %" in event.note


# ---- estimates


def test_an_estimate_is_begun_by_who_may_read_its_deal(shop, as_user):  # noqa: F811
	deal = shop.opportunity()
	as_user("stranger")
	new = frappe.new_doc("Cost Estimate")
	new.update({"reference_doctype": deal.doctype, "reference_name": deal.name})
	with refused(frappe.PermissionError, match=deal.name):
		cost_estimates.follow_deal(new)
	as_user("rep")
	cost_estimates.follow_deal(new)
	told = (new.title, new.company, new.currency, new.conversion_rate, new.customer, new.party_name)
	assert told == (deal.title, deal.company, deal.currency, 1, deal.customer, deal.party_name)
	stored = shop.estimate(deal, submit=False)
	as_user("stranger")
	stored.update({"title": "Typed", "conversion_rate": 9, "customer": "Theirs", "party_name": "Typed"})
	cost_estimates.follow_deal(stored)
	assert (stored.title, stored.conversion_rate, stored.customer) == (deal.title, 1, deal.customer)


def test_an_estimate_sells_at_the_rate_of_its_deal_and_costs_what_the_company_pays(shop, world):  # noqa: F811
	estimate = shop.estimate(shop.opportunity(), submit=False)
	estimate.conversion_rate = 2
	estimate.append("other_costs", {"description": "Freight", "amount": 30})
	estimate.append("other_costs", {"description": "Customs", "amount": 10})
	cost_estimates.set_results(estimate)
	assert [(row.selling_amount, row.cost_amount, row.margin, row.margin_percentage) for row in estimate.items] == [
		(800, 240, 560, 70), (160, 50, 110, 68.75),
	]  # fmt: skip
	assert [row.amount for row in estimate.other_costs] == [30, 10]
	sums = [estimate.get(field) for field in ("selling_amount", "item_cost", "other_cost", "cost_amount", "margin")]
	assert sums == [960, 290, 40, 330, 630]
	assert estimate.margin_percentage == 65.625
	estimate.conversion_rate, estimate.other_costs = 0, []
	cost_estimates.set_results(estimate)
	assert (estimate.selling_amount, estimate.other_cost, estimate.margin) == (480, 0, 190)


def test_another_unit_keeps_what_a_piece_costs_and_takes(world):
	before = frappe._dict(
		cost_source=costing.ACTIVITY, activity_type="Welding", cost_rate=60, hours=2, conversion_factor=10
	)
	for factor, rate, hours in ((1, 6, 0.2), (None, 6, 0.2), (10, 60, 2), (20, 120, 4)):
		row = frappe._dict(conversion_factor=factor)
		cost_estimates._keep_cost(row, before)
		assert (row.cost_rate, row.hours) == (pytest.approx(rate), pytest.approx(hours))
		assert (row.cost_source, row.activity_type) == (costing.ACTIVITY, "Welding")


@pytest.mark.parametrize("state", ["submitted", "cancelled"])
def test_only_a_draft_follows_the_costs(shop, as_user, state):  # noqa: F811
	estimate = shop.estimate(shop.opportunity())
	if state == "cancelled":
		as_user("manager")
		frappe.get_doc("Cost Estimate", estimate.name).cancel()
	before = frappe.db.get_value("Cost Estimate", estimate.name, "modified")
	for items in (False, True):
		with refused(match=f"Only a draft follows the costs. Cancel and amend .*{estimate.name}"):
			cost_estimates.refresh(estimate.name, items=items)
	assert frappe.db.get_value("Cost Estimate", estimate.name, "modified") == before


@pytest.mark.parametrize(("margin", "words"), [(19.9999, "19.9999 %"), (12.345, "12.35 %"), (-5, "-5 %")])
def test_a_margin_below_the_floor_is_told_with_floor_price_and_cost(world, margin, words):
	verdict = costing.Verdict((), costing.Result(200, 160.5, 39.5, margin), True)
	quotation, estimate = frappe._dict(company=world.company), frappe._dict(name="CE-1")
	[said] = cost_gate._problems(quotation, [], estimate, verdict, 20.0)
	told = [said.index(part) for part in (words, "20 %", "200.00", "160.50", "CE-1")]
	assert told == sorted(told)
	assert cost_gate._problems(quotation, [], estimate, costing.Verdict((), verdict.result, False), 20.0) == []
