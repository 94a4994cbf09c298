"""The guide of a deal: guidance, gates before one bumps into them, suggested tasks."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.coaching import playbook


def stage(key: str):
	return frappe.get_doc("Pipeline Stage", {"pipeline": "Standard Sales", "stage_key": key})


def guide(deal) -> dict:
	return api.get_stage_guide(deal.doctype, deal.name)


@pytest.fixture
def guided(site):
	"""The first stage with guidance, two tasks, a field gate and a check."""
	doc = stage("qualification")
	doc.guidance = "Ask for the budget"
	doc.tasks, doc.gates = [], []
	doc.append("tasks", {"subject": "Call the buyer", "way": "Phone", "due_after_days": 3, "guidance": "Be brief"})
	doc.append("tasks", {"subject": "Visit the site", "way": "Visit"})
	doc.append("gates", {"kind": "Field Filled", "fieldname": "next_step"})
	doc.append("gates", {"kind": "Check", "text": "Budget confirmed"})
	doc.save()
	return doc


def test_the_guide_shows_what_is_missing_before_a_move_is_tried(sale, as_user, guided):
	as_user("rep")
	deal = sale.opportunity()
	told = guide(deal)
	assert (told["label"], told["guidance"], told["next"]["label"]) == (
		"Qualification",
		"Ask for the budget",
		"Needs Analysis",
	)
	assert [(g["text"], g["met"], g["field"]) for g in told["gates"]] == [
		("Field Next Step filled in", False, "next_step"),
		("Budget confirmed", False, None),
	]
	deal.next_step = "Call again"
	deal.save()
	api.tick_check(deal.doctype, deal.name, told["gates"][1]["key"])
	told = guide(deal)
	assert [g["met"] for g in told["gates"]] == [True, True]
	assert told["gates"][1]["ticked_by"] == "rep@crm-test.example"


def test_a_suggested_task_becomes_one_planned_activity(sale, as_user, guided):
	user = as_user("rep")
	deal = sale.opportunity()
	tasks = guide(deal)["tasks"]
	assert [(t["subject"], t["way"], t["activity"]) for t in tasks] == [
		("Call the buyer", "Phone", None),
		("Visit the site", "Visit", None),
	]
	made = api.plan_task(deal.doctype, deal.name, tasks[0]["key"])
	assert api.plan_task(deal.doctype, deal.name, tasks[0]["key"]) == made
	activity = frappe.get_doc(made["doctype"], made["name"])
	assert (activity.subject, activity.way, activity.status) == ("Call the buyer", "Phone", "Planned")
	assert (activity.reference_name, activity.sales_owner, activity.customer) == (deal.name, user, deal.customer)
	assert str(activity.starts_on.date()) == tasks[0]["due"] == frappe.utils.add_days(frappe.utils.nowdate(), 3)
	assert [t["status"] for t in guide(deal)["tasks"]] == ["Planned", None]
	activity.status = "Done"
	activity.save()
	assert [(t["activity"], t["status"]) for t in guide(deal)["tasks"]] == [(activity.name, "Done"), (None, None)]


def test_the_same_task_of_another_deal_is_another_activity(sale, as_user, guided):
	as_user("rep")
	first, second = sale.opportunity(), sale.opportunity()
	key = guide(first)["tasks"][0]["key"]
	assert api.plan_task(first.doctype, first.name, key) != api.plan_task(second.doctype, second.name, key)


def test_a_task_whose_activity_hangs_on_another_document_is_to_be_done_again(sale, as_user, guided):
	as_user("rep")
	deal, other = sale.opportunity(), sale.opportunity()
	key = guide(deal)["tasks"][0]["key"]
	made = api.plan_task(deal.doctype, deal.name, key)
	frappe.db.set_value(made["doctype"], made["name"], "reference_name", other.name)
	again = api.plan_task(deal.doctype, deal.name, key)
	assert again != made and api.plan_task(deal.doctype, deal.name, key) == again
	assert frappe.db.get_value(made["doctype"], made["name"], "playbook_key") is None


@pytest.mark.parametrize(
	("owner", "does"), [("rep2@crm-test.example", "rep2@crm-test.example"), (None, "manager@crm-test.example")]
)
def test_a_planned_task_is_the_owner_s_whoever_plans_it(sale, as_user, guided, owner, does):
	as_user("rep")
	deal = sale.opportunity()
	key = guide(deal)["tasks"][0]["key"]
	deal.db_set({"sales_owner": owner, "sales_person": None})
	as_user("manager")
	made = api.plan_task(deal.doctype, deal.name, key)
	assert frappe.db.get_value(made["doctype"], made["name"], "sales_owner") == does


@pytest.mark.parametrize(("days_ago", "due"), [(0, 3), (2, 1), (3, 0), (10, 0)])
def test_a_task_is_due_some_days_after_the_deal_came_to_its_stage_and_never_in_the_past(site, days_ago, due):
	today = frappe.utils.now_datetime()
	deal = frappe._dict(stage_entered_on=frappe.utils.add_to_date(today, days=-days_ago))
	assert playbook.due_on(deal, 3) == frappe.utils.add_to_date(today, days=due).date()


def test_a_task_of_another_stage_is_not_planned(sale, as_user, guided):
	guided.gates = []
	guided.save()
	as_user("rep")
	deal = sale.opportunity()
	key = guide(deal)["tasks"][0]["key"]
	api.move_stage(deal.doctype, deal.name, stage("negotiation").name)
	with pytest.raises(frappe.ValidationError, match="not suggested"):
		api.plan_task(deal.doctype, deal.name, key)


def test_strangers_get_no_guide_and_readers_plan_nothing(sale, as_user, guided):
	as_user("rep")
	deal = sale.opportunity()
	key = guide(deal)["tasks"][0]["key"]
	as_user("stranger")
	with pytest.raises(frappe.PermissionError):
		guide(deal)
	as_user("rep")
	assert guide(deal)["may_ask"]
	as_user("finance")
	assert guide(deal)["tasks"] and not guide(deal)["may_ask"]
	with pytest.raises(frappe.PermissionError):
		api.plan_task(deal.doctype, deal.name, key)
	with pytest.raises(frappe.ValidationError, match="Sales Contract is not one of"):
		api.get_stage_guide("Sales Contract", deal.name)


def test_a_closed_deal_needs_no_guidance(sale, as_user, guided):
	as_user("rep")
	deal = sale.opportunity()
	api.lose_deal(deal.doctype, deal.name, reason="Price")
	told = guide(deal)
	assert told["requests"] == [] and not told["may_ask"]
	assert not {"guidance", "gates", "tasks"} & told.keys()


def test_the_last_open_stage_leads_to_the_won_one(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	api.move_stage(deal.doctype, deal.name, stage("negotiation").name)
	assert guide(deal)["next"] == {"name": stage("won").name, "label": "Won"}


@pytest.mark.parametrize("applies_to", ["Sales Opportunity", "Sales Project"])
def test_the_standard_pipelines_come_with_guidance_and_tasks(applies_to):
	from crm_pipeline import install
	from crm_pipeline.coaching import standard_playbook

	for name, (kind, stages) in install.PIPELINES.items():
		if kind != applies_to:
			continue
		for key, _label, stage_type, *_rest in stages:
			fields = standard_playbook.fields_of(name, key)
			assert bool(fields["guidance"]) == bool(fields["tasks"]) == (stage_type == "Open")


def test_a_pipeline_of_one_s_own_gets_no_texts_of_the_standard_ones_whatever_its_stages_are_called():
	from crm_pipeline.coaching import standard_playbook

	nothing = {"guidance": None, "tasks": []}
	assert standard_playbook.fields_of("Ours", "proposal") == standard_playbook.fields_of("Ours", "planning") == nothing
	assert standard_playbook.fields_of("Standard Sales", "planning") == nothing
	assert standard_playbook.fields_of("Standard Projects", "planning")["tasks"]


def test_the_tasks_of_a_standard_stage_have_their_words_their_type_and_their_days():
	from crm_pipeline.chain import standard_kinds
	from crm_pipeline.coaching import standard_playbook
	from crm_pipeline.core.kinds import ACTIVITY_TYPE

	told = standard_playbook.fields_of("Standard Projects", "solution")
	assert told["guidance"].startswith("Design the solution together")
	meeting = standard_kinds.name_of(ACTIVITY_TYPE, "meeting")
	assert meeting and told["tasks"] == [
		{"subject": "Review the solution with the customer", "way": meeting, "due_after_days": 14}
	]


def test_the_guide_asks_for_the_gates_of_the_stage_the_deal_stands_in_alone(sale, as_user, guided):
	later = stage("proposal")
	later.gates = []
	later.append("gates", {"kind": "Check", "text": "Offer read by a colleague"})
	later.save()
	as_user("rep")
	deal = sale.opportunity(next_step="Call again")
	told = guide(deal)["gates"]
	assert [gate["text"] for gate in told] == ["Field Next Step filled in", "Budget confirmed"]
	assert [(gate["kind"], gate["met"], gate["field"]) for gate in told] == [
		("Field Filled", True, "next_step"),
		("Check", False, None),
	]


def test_a_check_that_was_ticked_keeps_its_words_and_says_who_ticked_it_until_it_is_taken_back(sale, as_user, guided):
	as_user("rep")
	deal = sale.opportunity()
	key = guide(deal)["gates"][1]["key"]
	api.tick_check(deal.doctype, deal.name, key)
	frappe.db.set_value("Sales Deal Check", {"parent": deal.name, "gate": key}, "text", "Budget said aloud")
	[_field, told] = guide(deal)["gates"]
	assert (told["text"], told["met"], told["ticked_by"]) == ("Budget said aloud", True, "rep@crm-test.example")
	frappe.db.set_value("Sales Deal Check", {"parent": deal.name, "gate": key}, "done", 0)
	[_field, told] = guide(deal)["gates"]
	assert (told["text"], told["met"], told["ticked_by"]) == ("Budget confirmed", False, None)


def test_each_task_that_was_planned_is_shown_with_its_own_activity(sale, as_user, guided):
	as_user("rep")
	deal = sale.opportunity()
	keys = [task["key"] for task in guide(deal)["tasks"]]
	made = [api.plan_task(deal.doctype, deal.name, key)["name"] for key in keys]
	frappe.db.set_value("Sales Activity", made[0], "status", "Cancelled")
	assert [(task["activity"], task["status"]) for task in guide(deal)["tasks"]] == [
		(made[0], "Cancelled"),
		(made[1], "Planned"),
	]
