"""States on a real site: one setter, states of the site's own, a Workflow on our own field, translated words."""

import frappe
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.chain import pipelines, read_once
from crm_pipeline.chain.status import StateError
from crm_pipeline.deals import moving
from crm_pipeline.parties import verification
from tests.site.world import history, refused


def states(doc) -> list[tuple]:
	return [row for row in history(doc.doctype, doc.name) if row[0] == "State"]


# ---- one setter


def test_a_contract_that_is_prolonged_is_in_force_again_and_says_so_once(sale):
	contract = sale.contract(start_date=add_days(nowdate(), -30), end_date=add_days(nowdate(), -1))
	contract.expire()
	contract.reload()
	assert contract.status == "Expired"
	contract.end_date = add_days(nowdate(), 30)
	contract.save()
	assert frappe.db.get_value("Sales Contract", contract.name, "status") == "Active"
	assert states(contract)[-2:] == [("State", "Active", "Expired"), ("State", "Expired", "Active")]


def test_a_contract_is_terminated_once_and_not_after_it_is_fulfilled(sale):
	contract = sale.contract()
	contract.terminate("They closed")
	with refused(match="is Terminated and can't be terminated"):
		contract.terminate("Again")
	other = sale.contract()
	other.db_set("status", "Fulfilled")
	with refused(match="is Fulfilled and can't be terminated"):
		other.terminate("Too late")


def test_a_project_that_is_completed_and_opened_again_says_both_once(world, sale):
	project = frappe.get_doc(
		{"doctype": "Sales Project", "title": "Fair", "project_type": "Internal", "company": world.company}
	).insert()
	moving.complete(project.name)
	moving.reopen("Sales Project", project.name)
	assert states(project) == [("State", "Open", "Completed"), ("State", "Completed", "Open")]
	assert [row for row in history("Sales Project", project.name) if row[0] == "Stage"] == []


def test_a_state_that_may_not_follow_is_refused_in_words(sale):
	from crm_pipeline.chain import status

	request = sale.request(sale.contract())
	with refused(StateError, match="is .*Requested.* and can't become .*Delivered"):
		status.set_status(request, "Delivered", event=("State", "Requested", "Delivered"))
	assert frappe.db.get_value(request.doctype, request.name, "status") == "Requested"


def test_a_prospect_that_was_rejected_and_is_merged_into_a_verified_one_is_verified(world):
	def prospect(name):
		return frappe.get_doc(
			{"doctype": "Sales Prospect", "prospect_name": f"{name} {world.tag}", "prospect_kind": "Organisation"}
		).insert()

	verified, rejected = prospect("Harbour"), prospect("Quay")
	verification.verify(verified.name, create_new=True)
	verification.reject(rejected.name, frappe.db.get_value("Sales Lost Reason", {"disabled": 0}, "name"))
	frappe.rename_doc("Sales Prospect", verified.name, rejected.name, merge=True)
	kept = frappe.get_doc("Sales Prospect", rejected.name)
	assert kept.status == "Verified" and kept.customer


def test_all_that_is_about_a_prospect_points_at_its_customer(sale):
	"""Its cost estimates and calls for help too."""
	frappe.db.set_single_value("CRM Pipeline Settings", "verify_on_conversion", 0)
	lead = sale.lead()
	deal = api.convert_lead(lead.name, assessment="Hot")["name"]
	estimate = api.make_cost_estimate("Sales Opportunity", deal)["name"]
	prospect = frappe.db.get_value("Sales Opportunity", deal, "prospect")
	customer = verification.verify(prospect, create_new=True)
	assert frappe.db.get_value("Cost Estimate", estimate, ["prospect", "customer"]) == (prospect, customer)


# ---- what public reports of other systems tell


def test_a_won_deal_that_is_moved_back_has_no_day_of_closing(sale):
	deal = sale.opportunity()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Sales Opportunity", deal.name)["name"])
	contract.submit()
	deal.reload()
	assert (deal.status, bool(deal.closed_on)) == ("Won", True)
	contract.cancel()
	deal.reload()
	assert (deal.status, deal.closed_on, deal.won_by) == ("Open", None, None)


def test_a_lost_deal_that_is_edited_stays_lost_with_its_probability_and_day(sale):
	deal = sale.opportunity()
	reason = frappe.db.get_value("Sales Lost Reason", {"disabled": 0}, "name")
	api.lose_deal("Sales Opportunity", deal.name, reason=reason)
	deal.reload()
	deal.db_set("closed_on", add_days(nowdate(), -3))
	deal.reload()
	deal.description = "Look at it next year"
	deal.save()
	assert (deal.status, deal.probability, str(deal.closed_on)) == ("Lost", 0, add_days(nowdate(), -3))


def test_a_stage_that_is_changed_while_a_deal_moves_counts_as_it_is_then(sale):
	deal = sale.opportunity()
	stage = frappe.get_doc("Pipeline Stage", deal.stage)

	@read_once.within
	def work():
		before = pipelines.stage(stage.name).probability
		stage.probability = before + 7
		stage.save()
		return pipelines.stage(stage.name).probability - before

	assert work() == 7


def test_who_sets_a_state_that_follows_from_something_else_hears_that_it_stays(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	frappe.clear_messages()
	deal.status = "Won"
	deal.save()
	assert deal.status == "Open" and "stays Open" in str(frappe.local.message_log)
	frappe.clear_messages()
	deal.reload()
	deal.title = "Seven pumps"
	deal.save()
	assert "stays" not in str(frappe.local.message_log)
