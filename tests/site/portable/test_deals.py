"""Opportunities and projects: stages, won and lost, the ledger, projects and campaigns."""

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.deals.move_rules import StageMoveError
from tests.site.rows import set_event
from tests.site.world import refused


def stage(key: str, pipeline: str = "Standard Sales") -> str:
	return frappe.db.get_value("Pipeline Stage", {"pipeline": pipeline, "stage_key": key}, "name")


def history(doc, kind="Stage"):
	return [(e["from_value"], e["to_value"]) for e in api.get_history(doc.doctype, doc.name) if e["kind"] == kind]


def test_a_rep_creates_customer_and_opportunity_directly(world, sale, as_user):
	from tests.site.world import customer

	as_user("rep")
	name = customer(f"Direct {world.tag}")
	deal = sale.opportunity(customer=name)
	assert (deal.status, deal.stage, deal.probability) == ("Open", stage("qualification"), 10)
	assert api.get_ribbon(deal.doctype, deal.name)["source"] == "Created Directly"


def test_a_move_is_one_ledger_row_with_the_time_spent(sale, as_user):
	user = as_user("rep")
	deal = sale.opportunity()
	created = frappe.get_all(
		"Pipeline Event", filters={"reference_name": deal.name, "kind": "Created"}, pluck="name", order_by="name asc"
	)
	set_event(created[0], "at", frappe.utils.add_to_date(None, days=-3))
	api.move_stage(deal.doctype, deal.name, stage("proposal"))
	events = [e for e in api.get_history(deal.doctype, deal.name) if e["kind"] == "Stage"]
	assert [(e["from_text"], e["to_text"]) for e in events] == [("Qualification", "Proposal")]
	assert [(e["from_value"], e["to_value"], e["by"]) for e in events] == [
		(stage("qualification"), stage("proposal"), user)
	]
	assert abs(events[0]["seconds_spent"] - 3 * 86400) < 120
	deal.reload()
	assert (deal.probability, deal.forecast_category) == (50, "Best Case")


def test_owner_amount_and_close_date_are_in_the_ledger(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	other = as_user("other_rep")
	deal = frappe.get_doc(deal.doctype, deal.name)
	before = str(deal.expected_close)
	deal.sales_owner, deal.expected_close = other, frappe.utils.add_days(before, 10)
	deal.items[0].qty = 5
	deal.save()
	assert history(deal, "Owner") == [("rep@crm-test.example", other)]
	assert history(deal, "Amount") == [("480.0", "580.0")]
	assert len(history(deal, "Expected Close")) == 1


def test_ledger_rows_can_be_neither_changed_nor_deleted(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	event = frappe.get_last_doc("Pipeline Event", filters={"reference_name": deal.name})
	as_user("Administrator")
	event.to_value = "something else"
	with pytest.raises(frappe.PermissionError):
		event.save()
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Pipeline Event", event.name)


def test_losing_needs_a_reason_and_remembers_the_competitor(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Rival"}).insert(ignore_if_duplicate=True)
	with pytest.raises(frappe.MandatoryError, match="why"):
		api.lose_deal(deal.doctype, deal.name, reason="")
	api.lose_deal(deal.doctype, deal.name, reason="Price", competitor="Rival", lessons="Ask for the budget first")
	deal.reload()
	assert (deal.status, deal.lost_reason, deal.probability) == ("Lost", "Price", 0)
	assert deal.closed_on and [row.competitor for row in deal.competitors] == ["Rival"]


def test_reopening_returns_to_the_stage_the_deal_was_in(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	api.move_stage(deal.doctype, deal.name, stage("negotiation"))
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	api.reopen_deal(deal.doctype, deal.name)
	deal.reload()
	assert (deal.status, deal.stage, deal.lost_reason, deal.closed_on) == ("Open", stage("negotiation"), None, None)


def test_a_deal_won_by_its_contract_is_reopened_by_cancelling_that_only(sale, as_user):
	as_user("manager")
	deal = sale.opportunity()
	contract = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	contract.submit()
	with pytest.raises(StageMoveError, match="Cancel that document"):
		api.reopen_deal(deal.doctype, deal.name)
	contract.cancel()
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"


@pytest.mark.parametrize(
	("setting", "to", "message"),
	[("allow_skip", "negotiation", "skipping"), ("allow_back", "qualification", "moving back")],
)
def test_a_strict_pipeline_refuses_in_words(sale, as_user, setting, to, message):
	as_user("rep")
	deal = sale.opportunity()
	api.move_stage(deal.doctype, deal.name, stage("needs_analysis"))
	frappe.db.set_value("Sales Pipeline", "Standard Sales", setting, 0)
	with pytest.raises(StageMoveError, match=message):
		api.move_stage(deal.doctype, deal.name, stage(to))
	assert frappe.db.get_value(deal.doctype, deal.name, "stage") == stage("needs_analysis")


def test_the_same_refusal_meets_a_form_and_the_api(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	from frappe.client import set_value

	with pytest.raises(StageMoveError, match="contract or its accepted order request"):
		set_value(deal.doctype, deal.name, "stage", stage("won"))
	deal.reload()
	deal.stage = stage("won")
	with pytest.raises(StageMoveError):
		deal.save()
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"


def test_winning_by_hand_where_the_pipeline_allows_it(sale, as_user):
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "allow_win_by_hand", 1)
	as_user("rep")
	deal = sale.opportunity()
	api.win_deal(deal.doctype, deal.name)
	assert frappe.db.get_value(deal.doctype, deal.name, ["status", "probability"]) == ("Won", 100)


def test_a_stage_of_another_pipeline_is_refused(sale, as_user):
	as_user("rep")
	with pytest.raises(StageMoveError, match="another pipeline"):
		sale.opportunity(stage=stage("planning", "Standard Projects"))


def test_an_unknown_stage_is_named(sale, as_user):
	as_user("rep")
	with pytest.raises((frappe.DoesNotExistError, frappe.LinkValidationError), match="nowhere"):
		sale.opportunity(stage="nowhere")


def test_a_stage_with_deals_in_it_is_not_deleted(sale, as_user):
	as_user("rep")
	sale.opportunity()
	as_user("Administrator")
	with pytest.raises(frappe.LinkExistsError):
		frappe.delete_doc("Pipeline Stage", stage("qualification"))


def test_two_stages_at_one_position_are_refused():
	doc = frappe.get_doc(
		{"doctype": "Pipeline Stage", "pipeline": "Standard Sales", "label": "Demo", "position": 10, "probability": 5}
	)
	with pytest.raises(frappe.ValidationError, match="position 10"):
		doc.insert()


def test_relabelling_a_stage_keeps_its_key_and_its_deals(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	as_user("Administrator")
	doc = frappe.get_doc("Pipeline Stage", deal.stage)
	doc.label = "First talk"
	doc.save()
	assert doc.name == deal.stage and doc.stage_key == "qualification"


def test_an_opportunity_runs_as_one_project(sale, as_user):
	user = as_user("rep")
	deal = sale.opportunity()
	first = api.opportunity_to_project(deal.name)
	assert api.opportunity_to_project(deal.name) == first
	project = frappe.get_doc("Sales Project", first["name"])
	assert (project.project_type, project.amount, project.customer) == ("Sales", 480, deal.customer)
	assert [row.user for row in project.members] == [user]
	assert history(deal, "Conversion") == [(None, f"Sales Project {project.name}")]


def test_a_project_from_a_campaign_is_marketing_and_needs_no_party(world, as_user):
	as_user("rep")
	campaign = frappe.get_doc(
		{"doctype": "Sales Campaign", "title": "Boat show", "company": world.company, "budget": 5000}
	).insert()
	made = api.campaign_to_project(campaign.name)
	assert api.campaign_to_project(campaign.name) == made
	assert frappe.db.get_value("Sales Project", made["name"], "project_type") == "Marketing"
	lead = api.campaign_to_lead(campaign.name)
	assert (lead["source_name"], lead["campaign"], lead["channel"]) == (campaign.name, campaign.name, "Campaign")


def test_milestones_become_tasks_of_one_erpnext_project(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	name = api.opportunity_to_project(deal.name)["name"]
	project = frappe.get_doc("Sales Project", name)
	project.append("milestones", {"milestone": "Site survey", "due_date": frappe.utils.add_days(None, 5)})
	project.save()
	as_user("Administrator")
	made = api.make_erp_project(name)
	assert api.make_erp_project(name) == made
	assert frappe.get_all("Task", filters={"project": made["name"]}, pluck="subject", order_by="name asc") == [
		"Site survey"
	]


def test_a_source_must_exist_and_stand_earlier(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	with pytest.raises(frappe.ValidationError, match="can't come from"):
		sale.opportunity(source_type="Sales Opportunity", source_name=deal.name)
	with pytest.raises(frappe.ValidationError):
		sale.opportunity(source_type="Sales Lead", source_name="LEAD-NONE")
	with pytest.raises(frappe.ValidationError, match="belong together"):
		sale.opportunity(source_type="Sales Lead")


def test_a_document_that_led_to_another_is_not_deleted(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	api.opportunity_to_project(deal.name)
	as_user("manager")
	with pytest.raises(frappe.LinkExistsError, match="came from it"):
		frappe.delete_doc("Sales Opportunity", deal.name)


def test_an_unused_deal_is_deleted_with_its_ledger(sale, as_user):
	as_user("manager")
	deal = sale.opportunity()
	frappe.delete_doc("Sales Opportunity", deal.name)
	assert not frappe.db.exists("Pipeline Event", {"reference_name": deal.name})


@pytest.mark.parametrize(
	("row", "message"),
	[
		({"qty": 0}, "Row 1: .*Quantity"),
		({"qty": -2}, "Quantity|negative"),
		({"rate": -1}, "Rate|negative"),
		({"item_code": "No such item"}, "No such item"),
		({"item_code": None}, "Item|item_code"),
		({"discount_percentage": 120}, "Row 1: .*Discount"),
	],
)
def test_bad_rows_are_named(sale, world, as_user, row, message):
	as_user("rep")
	good = {"item_code": world.pump, "qty": 1, "rate": 100}
	with pytest.raises(frappe.ValidationError, match=message):
		sale.opportunity(items=[{**good, **row}])


def test_a_disabled_item_and_a_disabled_customer_are_named(sale, world, as_user):
	frappe.db.set_value("Item", world.pump, "disabled", 1)
	frappe.clear_document_cache("Item", world.pump)
	as_user("rep")
	with pytest.raises(frappe.ValidationError, match="disabled"):
		sale.opportunity()
	frappe.db.set_value("Item", world.pump, "disabled", 0)
	frappe.clear_document_cache("Item", world.pump)
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	frappe.clear_document_cache("Customer", world.customer)
	with pytest.raises(frappe.ValidationError, match="disabled"):
		sale.opportunity()


def test_a_deal_is_about_somebody(sale, as_user):
	as_user("rep")
	with pytest.raises(frappe.MandatoryError, match="Customer or a Prospect"):
		sale.opportunity(customer=None)


def test_rows_without_a_rate_get_the_live_price(sale, world, as_user):
	as_user("rep")
	deal = sale.opportunity(
		items=[{"item_code": world.pump, "qty": 2}, {"item_code": world.filter, "qty": 1, "uom": "Box"}]
	)
	assert [(row.rate, row.amount) for row in deal.items] == [(100, 200), (125, 125)]


def test_the_next_step_of_a_done_activity_is_the_deals(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	frappe.get_doc(
		{
			"doctype": "Sales Activity",
			"subject": "Called Ines",
			"status": "Done",
			"result": "Reached",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
			"next_step": "Send drawings",
			"next_step_date": frappe.utils.add_days(None, 2),
		}
	).insert()
	assert frappe.db.get_value(deal.doctype, deal.name, "next_step") == "Send drawings"
	assert frappe.db.get_value("Sales Activity", {"reference_name": deal.name}, "customer") == deal.customer


def test_a_permission_on_one_customer_hides_the_deals_of_all_others(sale, world, as_user):
	from tests.site.world import customer

	other = customer(f"Elsewhere {world.tag}")
	as_user("rep")
	mine, hidden = sale.opportunity(), sale.opportunity(customer=other)
	as_user("Administrator")
	frappe.get_doc(
		{"doctype": "User Permission", "user": "other_rep", "allow": "Customer", "for_value": world.customer}
		| {"user": "rep2@crm-test.example"}
	).insert()
	as_user("other_rep")
	names = frappe.get_list("Sales Opportunity", pluck="name", order_by="name asc", limit=0)
	assert mine.name in names and hidden.name not in names
	with pytest.raises(frappe.PermissionError):
		api.get_ribbon("Sales Opportunity", hidden.name)
	events = frappe.get_list("Pipeline Event", pluck="reference_name", order_by="name asc", limit=0)
	assert hidden.name not in events


def test_a_second_request_of_a_deal_starts_with_what_was_not_ordered_yet(sale, world, as_user):
	as_user("desk")
	deal = sale.opportunity()
	pumps = deal.items[0].name
	sale.order(deal, {pumps: 3})
	second = sale.request(deal)
	assert [(row.item_code, row.qty) for row in second.items] == [(world.pump, 1), (world.service, 1)]
	with pytest.raises(frappe.ValidationError, match="Nothing remains"):
		sale.request(deal)


def test_a_copy_of_a_won_deal_starts_from_the_beginning(sale, as_user):
	as_user("desk")
	deal = sale.opportunity()
	api.order_now(deal.doctype, deal.name)
	deal.reload()
	copy = frappe.copy_doc(deal, ignore_no_copy=False).insert()
	assert (copy.status, copy.stage) == ("Open", stage("qualification"))
	assert (copy.probability, copy.forecast_category) == (10, "Pipeline")
	assert not (copy.won_by or copy.source_name or copy.ordered_amount)


def test_a_completed_project_opens_again_with_its_contract_only(sale, as_user):
	as_user("rep")
	project = api.opportunity_to_project(sale.opportunity().name)["name"]
	as_user("manager")
	made = api.make_contract("Sales Project", project)["name"]
	contract = frappe.get_doc("Sales Contract", made)
	contract.submit()
	api.complete_project(project)
	doc = frappe.get_doc("Sales Project", project)
	assert (doc.status, bool(doc.won_by)) == ("Completed", True)
	doc.stage = frappe.db.get_value("Pipeline Stage", {"pipeline": doc.pipeline, "stage_type": "Open"}, "name")
	with pytest.raises(StageMoveError, match="Cancel that document"):
		doc.save()
	contract.cancel()
	assert frappe.db.get_value("Sales Project", project, ["status", "won_by", "closed_on"]) == ("Open", None, None)


@pytest.fixture
def campaign_project(world, as_user):
	"""An open marketing project in the stage of that key."""

	def make(key="planning"):
		as_user("rep")
		campaign = frappe.get_doc(
			{"doctype": "Sales Campaign", "title": "Boat show", "company": world.company, "budget": 5000}
		).insert()
		project = api.campaign_to_project(campaign.name)["name"]
		if key != "planning":
			api.move_stage("Sales Project", project, stage(key, "Standard Projects"))
		return frappe.get_doc("Sales Project", project)

	return make


@pytest.mark.parametrize("key", ["planning", "SECOND"])
def test_a_completed_project_is_reopened_in_the_stage_it_stands_in(campaign_project, key):
	project = campaign_project(second_project_stage() if key == "SECOND" else key)
	stood = project.stage
	api.complete_project(project.name)
	project.reload()
	assert (project.status, project.closed_from) == ("Completed", stood)
	api.reopen_deal(project.doctype, project.name)
	project.reload()
	assert (project.status, project.stage, project.closed_from, project.closed_on) == ("Open", stood, None, None)
	assert history(project, "State") == [("Open", "Completed"), ("Completed", "Open")]
	project.save()
	api.complete_project(project.name)
	assert frappe.db.get_value(project.doctype, project.name, "status") == "Completed"


def second_project_stage() -> str:
	return frappe.get_all(
		"Pipeline Stage",
		filters={"pipeline": "Standard Projects", "stage_type": "Open"},
		pluck="stage_key",
		order_by="position asc",
	)[1]


def test_a_completed_project_is_not_reopened_where_the_pipeline_forbids_it(campaign_project):
	project = campaign_project()
	api.complete_project(project.name)
	frappe.db.set_value("Sales Pipeline", "Standard Projects", "allow_reopen", 0)
	with refused(StageMoveError, match="does not allow reopening"):
		api.reopen_deal(project.doctype, project.name)
	with refused(StageMoveError, match="does not allow reopening"):
		api.move_stage(project.doctype, project.name, stage(second_project_stage(), "Standard Projects"))
	assert frappe.db.get_value(project.doctype, project.name, "status") == "Completed"


def test_a_lost_project_is_not_completed(campaign_project):
	project = campaign_project()
	api.lose_deal(project.doctype, project.name, reason="Price")
	with refused(match="is lost. Reopen it first"):
		api.complete_project(project.name)


def test_nobody_wins_a_project_by_completing_it_as_an_internal_one(sale, world, as_user):
	as_user("rep")
	project = frappe.get_doc(
		{
			"doctype": "Sales Project",
			"title": "New workshop",
			"project_type": "Internal",
			"customer": world.customer,
			"company": world.company,
		}
	).insert()
	api.complete_project(project.name)
	project.reload()
	project.project_type = "Sales"
	with refused(match="Type.* was completed without being won"):
		project.save()
	api.reopen_deal(project.doctype, project.name)
	project.reload()
	project.project_type = "Sales"
	project.save()
	assert (project.status, project.project_type) == ("Open", "Sales")


def test_a_closed_deal_has_the_probability_and_category_of_its_stage(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	sent = {"probability": 90, "forecast_category": "Commit"}
	deal.update({"stage": stage("lost"), "lost_reason": "Price", **sent})
	deal.save()
	assert (deal.status, deal.probability, deal.forecast_category) == ("Lost", 0, "Omitted")
	deal.update(sent)
	deal.save()
	assert (deal.probability, deal.forecast_category) == (0, "Omitted")
	new = sale.opportunity(stage=stage("lost"), lost_reason="Price", **sent)
	assert (new.probability, new.forecast_category) == (0, "Omitted")
	api.reopen_deal(new.doctype, new.name)
	assert frappe.db.get_value(new.doctype, new.name, list(sent)) == (10, "Pipeline")
	# The stage tells the story: the state that follows it has no row of its own.
	assert history(deal, "Stage") and history(deal, "State") == []


def test_an_open_deal_is_not_called_closed_unless_its_stage_says_so(sale, as_user):
	as_user("rep")
	with refused(match="Forecast Category.*Commit"):
		sale.opportunity(forecast_category="Closed")
	deal = sale.opportunity(forecast_category="Commit", probability=80)
	assert (deal.forecast_category, deal.probability) == ("Commit", 80)
	deal.forecast_category = "Closed"
	with refused(match="Forecast Category.*Commit"):
		deal.save()
	as_user("Administrator")
	signed = frappe.get_doc("Pipeline Stage", stage("negotiation"))
	signed.forecast_category = "Closed"
	signed.save()
	as_user("rep")
	api.move_stage(deal.doctype, deal.name, signed.name)
	deal.reload()
	assert (deal.status, deal.forecast_category) == ("Open", "Closed")
	deal.save()


def test_an_open_deal_keeps_no_reason_of_a_loss(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(lost_reason="Price")
	deal.stage = stage("lost")
	with refused(frappe.MandatoryError, match="why"):
		deal.save()


def test_a_deal_always_has_a_day_of_opening(sale, as_user):
	as_user("rep")
	deal = sale.opportunity(opened_on=None)
	assert deal.opened_on
	deal.opened_on = None
	deal.save()
	assert str(frappe.db.get_value("Sales Opportunity", deal.name, "opened_on")) == nowdate()


@pytest.mark.parametrize("probability", [-1, 100.5])
def test_a_probability_is_a_share(sale, as_user, probability):
	as_user("rep")
	with pytest.raises(frappe.ValidationError, match="Probability.*between 0 and 100"):
		sale.opportunity(probability=probability)


def test_nobody_wins_a_deal_by_writing_its_state(sale, as_user):
	"""A field that forms show as read-only is open to API, import and bulk edit all the same."""
	as_user("rep")
	sent = {"status": "Won", "closed_on": "2020-01-01", "ordered_amount": 5, "stage_entered_on": "2020-01-01"}
	sent |= {
		"won_by_type": "Customer",
		"won_by": sale.world.customer,
		"outcome": "Won",
		"won_amount": 7,
		"base_won_amount": 7,
	}
	deal = sale.opportunity(**sent)
	before = frappe.db.get_value(deal.doctype, deal.name, list(sent), as_dict=True)
	assert (before.status, before.closed_on, before.won_by, before.ordered_amount) == ("Open", None, None, 0)
	assert before.stage_entered_on.year > 2020
	deal.reload()
	deal.update(sent)
	deal.save()
	assert frappe.db.get_value(deal.doctype, deal.name, list(sent), as_dict=True) == before
