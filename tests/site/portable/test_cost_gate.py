"""The cost gate as the people meet it: a rep who quotes, a manager who approves, one who may override."""

import copy

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.core import costing
from crm_pipeline.costs import cost_estimates, cost_gate
from crm_pipeline.costs.cost_gate import CostGateError
from tests.site.world import refused

# Cost of one pump (sold at 100) and of one installation (sold at 80).
COSTS = {"pump": 60, "service": 50}


def gate(kind="Estimate", floor=0, role=None):
	for field, value in (("cost_gate", kind), ("margin_floor", floor), ("margin_override_role", role)):
		frappe.db.set_single_value("CRM Pipeline Settings", field, value)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")


@pytest.fixture
def shop(sale, as_user):
	"""A sale with estimates, whose costs are typed in: 4 pumps for 400 at 240, one installation for 80 at 50."""

	def estimate(deal, submit=True, other=0, **costs):
		user = frappe.session.user
		made = api.make_cost_estimate(deal.doctype, deal.name)
		doc = frappe.get_doc("Cost Estimate", made["name"])
		by_item = {getattr(sale.world, name): cost for name, cost in {**COSTS, **costs}.items()}
		for row in doc.items:
			row.cost_source, row.cost_rate = "By Hand", by_item[row.item_code]
		if other:
			doc.append("other_costs", {"description": "Freight", "amount": other})
		doc.save()
		if submit:
			as_user("manager")
			doc = frappe.get_doc("Cost Estimate", doc.name)
			doc.submit()
			as_user(user)
		return doc

	sale.estimate = estimate
	as_user("rep")
	return sale


def quote(sale, deal, submit=True, **values):
	"""The quotation that the deal's button makes, changed and submitted by whoever is logged in."""
	doc = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	doc.update(values)
	doc.save()
	if submit:
		doc.submit()
	return doc


def overrides(deal):
	"""The overrides in the deal's history, as whoever is logged in reads it."""
	return [event for event in api.get_history(deal.doctype, deal.name) if event.kind == "Override"]


# ---- off


def test_a_company_that_leaves_it_off_notices_nothing(shop):
	deal = shop.opportunity()
	quotation = quote(shop, deal)
	assert quotation.docstatus == 1
	assert overrides(deal) == []
	meta = frappe.get_meta("Quotation")
	assert not meta.get_field("crm_margin_override_reason").reqd


# ---- an approved estimate


def test_another_item_for_the_same_price_is_another_offer(shop, world):
	gate()
	deal = shop.opportunity()
	shop.estimate(deal)
	quotation = quote(shop, deal)
	quotation._doc_before_save = copy.deepcopy(quotation)
	cost_gate.before_update_after_submit(quotation)
	quotation.items[0].item_code = world.filter
	with refused(CostGateError, match="Row 1"):
		cost_gate.before_update_after_submit(quotation)


def test_without_an_estimate_the_message_says_what_to_do(shop):
	gate()
	deal = shop.opportunity()
	with refused(CostGateError, match="no approved cost estimate"):
		quote(shop, deal)
	with refused(CostGateError, match="Create > Cost Estimate"):
		quote(shop, deal)


def test_a_draft_is_no_approval_and_is_named(shop):
	gate()
	deal = shop.opportunity()
	draft = shop.estimate(deal, submit=False)
	with refused(CostGateError, match=draft.name):
		quote(shop, deal)


def test_with_an_approved_estimate_the_rep_submits(shop):
	gate()
	deal = shop.opportunity()
	shop.estimate(deal)
	assert quote(shop, deal).docstatus == 1


def test_an_item_that_is_not_costed_is_named_with_its_row(shop, world):
	gate()
	deal = shop.opportunity()
	shop.estimate(deal)
	quotation = quote(shop, deal, submit=False)
	quotation.append("items", {"item_code": world.filter, "qty": 2, "rate": 12.5})
	quotation.save()
	with refused(CostGateError, match=f"Row 3.*{world.filter}"):
		quotation.submit()


def test_while_a_cost_is_missing_nobody_guesses_at_the_margin(site, monkeypatch):
	row = costing.Quoted(3, "Valve", 1, 50)
	estimate = frappe._dict(name="CE-1")
	for missing, below, said in (((row,), True, "Row 3"), ((row,), False, "Row 3"), ((), True, "below the floor")):
		verdict = costing.Verdict(missing, costing.Result(100, 90, 10, 10), below)
		quotation = frappe._dict(company=None)
		monkeypatch.setattr(cost_gate.prices, "company_currency", lambda company: "USD")
		[problem] = cost_gate._problems(quotation, [], estimate, verdict, 20.0)
		assert said in problem


def test_a_project_counts_the_estimate_of_the_opportunity_it_came_from(shop):
	gate()
	deal = shop.opportunity()
	shop.estimate(deal)
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(deal.name)["name"])
	assert quote(shop, project).docstatus == 1


def test_the_projects_own_estimate_comes_first(shop):
	gate("Estimate and Margin", floor=20)
	deal = shop.opportunity()
	shop.estimate(deal)
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(deal.name)["name"])
	shop.estimate(project, pump=99)
	with refused(CostGateError, match="below the floor"):
		quote(shop, project)


def test_the_estimate_of_another_deal_does_not_count(shop):
	gate()
	shop.estimate(shop.opportunity())
	with refused(CostGateError, match="no approved"):
		quote(shop, shop.opportunity(title="Another deal"))


def test_a_cancelled_estimate_counts_no_more_and_blocks_no_cancellation(shop, as_user):
	gate()
	deal = shop.opportunity()
	estimate = shop.estimate(deal)
	quotation = quote(shop, deal)
	as_user("manager")
	shop.cancel(estimate)
	quotation.reload()
	assert quotation.docstatus == 1
	shop.cancel(quotation)
	as_user("rep")
	with refused(CostGateError, match="no approved"):
		quote(shop, deal)


def test_of_several_versions_the_latest_approved_counts(shop, as_user):
	gate("Estimate and Margin", floor=20)
	deal = shop.opportunity()
	first = shop.estimate(deal, pump=99)
	with refused(CostGateError, match="below the floor"):
		quote(shop, deal)
	as_user("manager")
	shop.cancel(first)
	amended = shop.amend(first, submit=False)
	assert (amended.approved_by, amended.approved_on) == (None, None)
	amended.items[0].cost_rate = 60
	amended.submit()
	assert frappe.db.get_value("Cost Estimate", amended.name, "approved_by") == "manager@crm-test.example"
	as_user("rep")
	assert quote(shop, deal).docstatus == 1


def test_quotations_without_a_deal_are_not_concerned(shop):
	gate("Estimate and Margin", floor=99)
	assert shop.quotation().docstatus == 1


# ---- the floor


def test_the_message_names_margin_floor_and_both_amounts(shop):
	gate("Estimate and Margin", floor=40)
	deal = shop.opportunity()
	shop.estimate(deal)
	# 480 net, 290 cost: 190 left, 39.58 %.
	with refused(CostGateError, match=r"39\.58 %.*40 %.*480.*290"):
		quote(shop, deal)


def test_the_floor_itself_is_enough_on_the_site(shop):
	gate("Estimate and Margin", floor=25)
	deal = shop.opportunity()
	shop.estimate(deal, pump=75, service=60)
	assert quote(shop, deal).docstatus == 1


def test_the_quotations_own_prices_and_discount_decide(shop):
	gate("Estimate and Margin", floor=30)
	deal = shop.opportunity()
	shop.estimate(deal)
	discount = {"apply_discount_on": "Net Total", "additional_discount_percentage": 20}
	# 384 net at 290: 24.48 %.
	with refused(CostGateError, match=r"24\.48 %"):
		quote(shop, deal, **discount)


def test_other_costs_count(shop):
	gate("Estimate and Margin", floor=30)
	deal = shop.opportunity()
	shop.estimate(deal, other=100)
	with refused(CostGateError, match=r"18\.75 %"):
		quote(shop, deal)


def test_a_quotation_in_another_unit_costs_the_same_per_piece(shop, world):
	gate("Estimate and Margin", floor=39)
	deal = shop.opportunity()
	shop.estimate(deal)
	quotation = quote(shop, deal, submit=False)
	quotation.items[0].update({"uom": "Box", "conversion_factor": 10, "qty": 1, "rate": 1000})
	quotation.save()
	quotation.submit()
	assert quotation.docstatus == 1
	with refused(CostGateError, match=r"36\.71 %"):
		other = shop.opportunity(title="Boxes")
		shop.estimate(other)
		cheap = quote(shop, other, submit=False)
		cheap.items[0].update({"uom": "Box", "conversion_factor": 10, "qty": 1, "rate": 945})
		cheap.items[1].rate = 82
		cheap.save()
		cheap.submit()


def test_a_quotation_in_another_currency_is_measured_in_the_companys(shop, world):
	gate("Estimate and Margin", floor=30)
	foreign = "EUR" if world.currency != "EUR" else "USD"
	frappe.db.set_value("Currency", foreign, "enabled", 1)
	customer = frappe.get_doc("Customer", world.customer)
	deal = shop.opportunity(
		customer=customer.name,
		currency=foreign,
		conversion_rate=2,
		items=shop.rows((world.pump, 4, 50), (world.service, 1, 40)),
	)
	estimate = shop.estimate(deal)
	assert (estimate.selling_amount, estimate.cost_amount, estimate.margin) == (480, 290, 190)
	assert quote(shop, deal, submit=False).base_net_total == 480
	assert quote(shop, deal).docstatus == 1
	gate("Estimate and Margin", floor=40)
	cheap = shop.opportunity(
		title="Cheap",
		currency=foreign,
		conversion_rate=2,
		items=shop.rows((world.pump, 4, 50), (world.service, 1, 40)),
	)
	shop.estimate(cheap)
	with refused(CostGateError, match=r"39\.58 %"):
		quote(shop, cheap)


# ---- overriding


def test_the_role_overrides_with_a_reason_and_the_deal_remembers(shop, as_user):
	gate("Estimate and Margin", floor=40, role="Sales Manager")
	deal = shop.opportunity()
	shop.estimate(deal)
	quotation = quote(shop, deal, submit=False)
	as_user("manager")
	quotation = frappe.get_doc("Quotation", quotation.name)
	with refused(CostGateError, match="give a reason"):
		quotation.submit()
	quotation.reload()
	quotation.crm_margin_override_reason = "First order of a new region"
	quotation.save()
	quotation.submit()
	(event,) = overrides(deal)
	assert (event.to_value, event.by) == (quotation.name, "manager@crm-test.example")
	assert all(text in event.note for text in ("39.58 %", "40 %", "First order of a new region"))


def test_who_lacks_the_role_is_refused_with_a_reason_too(shop):
	gate("Estimate", role="Sales Manager")
	deal = shop.opportunity()
	with refused(CostGateError, match="no approved"):
		quote(shop, deal, crm_margin_override_reason="I say so")
	assert overrides(deal) == []


def test_without_a_role_in_the_settings_nobody_overrides(shop, as_user):
	gate("Estimate")
	as_user("manager")
	deal = shop.opportunity()
	with refused(CostGateError, match="no approved"):
		quote(shop, deal, crm_margin_override_reason="I say so")


def test_a_reason_that_was_not_needed_is_no_override(shop, as_user):
	gate("Estimate", role="Sales Manager")
	as_user("manager")
	deal = shop.opportunity()
	shop.estimate(deal)
	quote(shop, deal, crm_margin_override_reason="Just in case")
	assert overrides(deal) == []


def test_an_amended_quotation_needs_a_reason_of_its_own(shop, as_user):
	gate("Estimate", role="Sales Manager")
	as_user("manager")
	deal = shop.opportunity()
	quotation = quote(shop, deal, crm_margin_override_reason="Only this once")
	shop.cancel(quotation)
	amended = shop.amend(quotation, submit=False)
	assert not amended.crm_margin_override_reason
	with refused(CostGateError, match="give a reason"):
		amended.submit()


# ---- leaving the deal


def moved(deal, source=None, reason=None):
	"""A quotation of a deal as it is being saved with another source, or none."""
	quotation = frappe.new_doc("Quotation")
	quotation.update({"name": "QTN-MOVED", "crm_source_type": deal.doctype, "crm_source_name": deal.name})
	quotation._doc_before_save = copy.deepcopy(quotation)
	quotation.crm_source_type, quotation.crm_source_name = (source.doctype, source.name) if source else (None, None)
	quotation.crm_margin_override_reason = reason
	return quotation


def test_nobody_takes_a_quotation_off_its_deal_to_pass_the_gate(shop):
	gate("Estimate", role="Sales Manager")
	deal, other, lead = shop.opportunity(), shop.opportunity(title="Other"), shop.lead()
	for source in (None, other, lead):
		with refused(CostGateError, match="Source.*" + deal.name):
			cost_gate.on_change(moved(deal, source, reason="I say so"))
	cost_gate.on_change(moved(deal, deal))
	assert overrides(deal) == []


def test_who_may_override_takes_a_quotation_off_its_deal_with_a_reason_and_the_deal_remembers(shop, as_user):
	gate("Estimate", role="Sales Manager")
	deal = shop.opportunity()
	as_user("manager")
	for none in (None, " \n "):
		with refused(CostGateError, match="give a reason"):
			cost_gate.on_change(moved(deal, reason=none))
	quotation = moved(deal, reason="Quoted for the wrong deal")
	for _once in range(2):
		cost_gate.on_change(quotation)
	(event,) = overrides(deal)
	assert (event.to_value, event.by) == (quotation.name, "manager@crm-test.example")
	assert "Taken off" in event.note and "Quoted for the wrong deal" in event.note


def test_margin_and_reason_of_an_override_are_told_to_those_only_who_may_read_costs(shop, as_user):
	gate("Estimate", role="Sales Manager")
	deal = shop.opportunity()
	as_user("manager")
	cost_gate.on_change(moved(deal, reason="Below cost, for once"))
	as_user("Administrator")
	user = frappe.get_doc("User", "stranger@crm-test.example")
	user.append("roles", {"role": "Order Desk"})
	user.save()
	for who, told in (("rep", True), ("finance", True), ("stranger", False)):
		as_user(who)
		(event,) = overrides(deal)
		assert event.to_value == "QTN-MOVED"
		assert ("Below cost, for once" in (event.note or "")) == told
		assert bool(frappe.has_permission("Cost Estimate", "read")) == told


def test_while_the_gate_is_off_a_quotation_may_leave_its_deal(shop):
	deal = shop.opportunity()
	cost_gate.on_change(moved(deal))
	assert overrides(deal) == []


def test_a_quotation_of_a_lead_is_judged_by_the_deals_that_came_of_it(shop):
	gate()
	lead = shop.lead(prospect_name=None, customer=shop.world.customer)
	quotation = frappe.new_doc("Quotation")
	quotation.update({"company": shop.world.company, "crm_source_type": lead.doctype, "crm_source_name": lead.name})
	quotation.append("items", {"item_code": shop.world.pump, "qty": 1, "conversion_factor": 1})
	cost_gate.before_submit(quotation)
	deal = shop.opportunity(source_type=lead.doctype, source_name=lead.name)
	with refused(CostGateError, match=f"{deal.name}.*no approved"):
		cost_gate.before_submit(quotation)
	shop.estimate(deal)
	cost_gate.before_submit(quotation)


# ---- who may do what with an estimate


def test_a_rep_writes_estimates_and_a_manager_approves_them(shop):
	estimate = shop.estimate(shop.opportunity(), submit=False)
	with refused(frappe.PermissionError):
		estimate.submit()
	for right, may in (
		("read", True),
		("write", True),
		("submit", False),
		("cancel", False),
		("print", False),
	):
		assert bool(frappe.has_permission("Cost Estimate", right)) is may


def test_a_stranger_neither_makes_nor_reads_one(shop, as_user):
	deal = shop.opportunity()
	estimate = shop.estimate(deal)
	as_user("stranger")
	for call in (
		lambda: api.make_cost_estimate(deal.doctype, deal.name),
		lambda: api.refresh_costs(estimate.name),
		api.get_cost_gate,
		lambda: frappe.get_doc("Cost Estimate", estimate.name).check_permission("read"),
	):
		with refused(frappe.PermissionError):
			call()


def test_finance_reads_costs_and_changes_none(shop, as_user):
	estimate = shop.estimate(shop.opportunity())
	as_user("finance")
	assert frappe.get_doc("Cost Estimate", estimate.name).has_permission("read")
	assert not frappe.has_permission("Cost Estimate", "write")


def test_the_form_is_told_what_the_gate_asks_of_its_user(shop, as_user):
	assert api.get_cost_gate() == {"on": False, "floor": None, "may_override": False}
	gate("Estimate and Margin", floor=20, role="Sales Manager")
	assert api.get_cost_gate() == {"on": True, "floor": 20.0, "may_override": False}
	as_user("manager")
	assert api.get_cost_gate()["may_override"] is True


def test_with_team_visibility_costs_are_seen_by_who_sees_the_deal(shop, as_user):
	estimate = shop.estimate(shop.opportunity(), submit=False)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")

	def seen() -> tuple[bool, bool]:
		listed = frappe.get_list("Cost Estimate", filters={"name": estimate.name}, order_by="name asc")
		return bool(listed), bool(frappe.get_doc("Cost Estimate", estimate.name).has_permission("read"))

	assert seen() == (True, True)
	as_user("other_rep")
	assert seen() == (False, False)
	with refused(frappe.PermissionError):
		api.refresh_costs(estimate.name)


# ---- the estimate and its deal


def test_making_it_twice_gives_one_draft(shop):
	deal = shop.opportunity()
	assert api.make_cost_estimate(deal.doctype, deal.name) == api.make_cost_estimate(deal.doctype, deal.name)


def test_a_deal_without_items_has_nothing_to_estimate(shop):
	deal = shop.opportunity(items=[], amount=500)
	with refused(match="no items"):
		api.make_cost_estimate(deal.doctype, deal.name)


def test_an_estimate_is_about_a_deal_only(shop, world):
	with refused(match="Sales Opportunity or a Sales Project"):
		frappe.get_doc(
			{
				"doctype": "Cost Estimate",
				"reference_doctype": "Customer",
				"reference_name": world.customer,
				"items": [{"item_code": world.pump, "qty": 1}],
			}
		).insert()


def test_rows_follow_the_deal_on_request_and_keep_what_was_typed(shop, world):
	deal = shop.opportunity()
	estimate = shop.estimate(deal, submit=False)
	deal.reload()
	deal.items[0].qty = 6
	deal.append("items", {"item_code": world.filter, "qty": 1, "rate": 12.5})
	deal.save()
	api.refresh_costs(estimate.name, items=True)
	estimate.reload()
	assert [(r.item_code, r.qty, r.cost_source) for r in estimate.items] == [
		(world.pump, 6, "By Hand"),
		(world.service, 1, "By Hand"),
		(world.filter, 1, "Valuation"),
	]
	assert (estimate.items[0].cost_amount, estimate.items[2].cost_amount) == (360, 6.25)


def test_a_row_costed_by_an_activity_keeps_activity_and_hours_when_rows_follow_the_deal(shop, world):
	estimate = shop.estimate(shop.opportunity(), submit=False)
	row = estimate.items[1]
	row.update({"cost_source": "Activity Cost", "activity_type": f"Welding {world.tag}", "hours": 3})
	kept = frappe._dict(conversion_factor=10)
	cost_estimates._keep_cost(kept, row)
	assert (kept.cost_source, kept.activity_type) == ("Activity Cost", f"Welding {world.tag}")
	assert (kept.hours, kept.cost_rate) == (30, 500)


@pytest.mark.parametrize(
	("source", "kept"), [("By Hand", True), ("Activity Cost", True), ("Valuation", False), (None, False)]
)
def test_what_somebody_chose_as_a_cost_is_kept_when_rows_follow_the_deal(shop, monkeypatch, source, kept):
	estimate = shop.estimate(shop.opportunity(), submit=False)
	frappe.db.set_value("Cost Estimate Item", estimate.items[0].name, "cost_source", source)
	keeps = []
	monkeypatch.setattr(cost_estimates, "_keep_cost", lambda row, before: keeps.append(before.item_code))
	monkeypatch.setattr(type(estimate), "save", lambda self: self)
	cost_estimates.refresh(estimate.name, items=True)
	assert keeps == [row.item_code for row in estimate.items][0 if kept else 1 :]


def test_a_row_sold_for_nothing_and_one_sold_at_a_loss_are_shown(shop, world):
	deal = shop.opportunity(items=shop.rows((world.pump, 4, 100), (world.service, 1, 80)))
	estimate = shop.estimate(deal, submit=False, service=100)
	estimate.items[0].rate = 0
	estimate.save()
	assert [(r.margin, r.margin_percentage) for r in estimate.items] == [(-240, -100), (-20, -25)]
	assert (estimate.selling_amount, estimate.margin, estimate.margin_percentage) == (80, -260, -325)


def test_what_nobody_knows_the_cost_of_is_not_approved(shop, as_user, world):
	deal = shop.opportunity()
	as_user("manager")
	estimate = frappe.get_doc("Cost Estimate", api.make_cost_estimate(deal.doctype, deal.name)["name"])
	assert [r.cost_source for r in estimate.items] == ["Valuation", None]
	with refused(match=f"Row 2.*{world.service}"):
		estimate.submit()
	estimate.reload()
	estimate.items[1].cost_source = "By Hand"
	estimate.submit()
	assert estimate.docstatus == 1


def forge(estimate):
	"""What a client may send beside the click on Submit: a cost of 1 that reads as ERPNext's, another exchange rate."""
	estimate.items[0].update({"cost_rate": 1, "cost_basis": "Stock Ledger"})
	estimate.update({"conversion_rate": 100, "currency": "EUR", "title": "Another deal", "party_name": "Somebody else"})
	return estimate


def test_an_approval_takes_no_cost_and_nothing_of_the_deal_from_the_client(shop, as_user, world):
	deal = shop.opportunity(items=shop.rows((world.pump, 4, 100)))
	made = api.make_cost_estimate(deal.doctype, deal.name)
	as_user("manager")
	stored = frappe.get_doc("Cost Estimate", made["name"])
	assert (stored.items[0].cost_source, stored.margin_percentage) == ("Valuation", 50)
	approved = forge(frappe.get_doc("Cost Estimate", stored.name))
	approved.submit()
	approved.reload()
	fields = (
		"conversion_rate",
		"currency",
		"title",
		"party_name",
		"selling_amount",
		"cost_amount",
		"margin_percentage",
	)
	assert [approved.get(f) for f in fields] == [stored.get(f) for f in fields]
	row, before = approved.items[0], stored.items[0]
	assert (row.cost_rate, row.cost_basis) == (before.cost_rate, before.cost_basis)


def test_a_row_that_is_changed_while_it_is_approved_gets_its_own_cost(shop, as_user, world):
	deal = shop.opportunity(items=shop.rows((world.pump, 4, 100)))
	made = api.make_cost_estimate(deal.doctype, deal.name)
	as_user("manager")
	estimate = forge(frappe.get_doc("Cost Estimate", made["name"]))
	estimate.items[0].update({"item_code": world.filter, "item_name": None})
	estimate.submit()
	assert (estimate.items[0].cost_rate, estimate.cost_amount) == (6.25, 25)


def test_an_estimate_that_is_approved_as_it_is_made_has_its_costs_from_erpnext(shop, as_user, world):
	as_user("manager")
	deal = shop.opportunity(items=shop.rows((world.pump, 4, 100)))
	estimate = frappe.get_doc(
		{
			"doctype": "Cost Estimate",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
			"items": [{"item_code": world.pump, "qty": 4, "rate": 100, "cost_source": "Valuation", "cost_rate": 1}],
			"docstatus": 1,
		}
	)
	forge(estimate).insert()
	assert (estimate.docstatus, estimate.conversion_rate, estimate.items[0].cost_rate, estimate.cost_amount) == (
		1,
		1,
		50,
		200,
	)


def test_a_deal_takes_its_drafts_along_and_not_what_was_approved(shop, as_user):
	deal, other = shop.opportunity(), shop.opportunity(title="Other")
	draft = shop.estimate(deal, submit=False)
	shop.estimate(other)
	as_user("manager")
	frappe.delete_doc(deal.doctype, deal.name)
	assert not frappe.db.exists("Cost Estimate", draft.name)
	assert not frappe.db.exists("Cost Estimate Item", {"parent": draft.name})
	with refused(frappe.LinkExistsError):
		frappe.delete_doc(other.doctype, other.name)
