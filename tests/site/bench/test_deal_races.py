"""Two people who work on one deal in the same second: one is first, the other is told or simply waits."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.bench.test_concurrency import committed, race  # noqa: F401
from tests.site.rows import set_event

MOVED = "Standard Sales-qualification", "Standard Sales-needs_analysis"


def stages(pipeline: str) -> list[str]:
	return frappe.get_all(
		"Pipeline Stage", filters={"pipeline": pipeline, "stage_type": "Open"}, pluck="name", order_by="position asc"
	)


def test_two_moves_of_one_card(committed, race):  # noqa: F811
	deal = committed.opportunity()
	first, second, third = stages(deal.pipeline)[:3]
	look = ["Sales Opportunity", deal.name]
	answers = race(
		[
			("crm_pipeline.api.move_stage", ["Sales Opportunity", deal.name, to, None, first], look)
			for to in (second, third)
		]
	)
	errors = [answer for answer in answers if "error" in answer]
	assert [answer["error"] for answer in errors] == ["StageMoveError"], answers
	assert "meanwhile" in errors[0]["message"]
	events = frappe.get_all("Pipeline Event", filters={"reference_name": deal.name, "kind": "Stage"}, order_by="at asc")
	assert len(events) == 1


def test_two_moves_that_nobody_looked_at_both_count(committed, race):  # noqa: F811
	deal = committed.opportunity()
	_first, second, third = stages(deal.pipeline)[:3]
	created = {"reference_name": deal.name, "kind": "Created"}
	set_event(created, "at", frappe.utils.add_to_date(None, hours=-1))
	look = ["Sales Opportunity", deal.name]
	answers = race(
		[("crm_pipeline.api.move_stage", ["Sales Opportunity", deal.name, to], look) for to in (second, third)]
	)
	assert not [answer for answer in answers if "error" in answer], answers
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_name": deal.name, "kind": "Stage"},
		fields=["from_value", "to_value", "at", "seconds_spent"],
		order_by="at asc, creation asc",
	)
	assert len(events) == 2 and events[0].to_value == events[1].from_value
	# The hour in the first stage is the first one's; whoever waited counts from the move that it waited for.
	assert abs(events[0].seconds_spent - 3600) < 120
	assert abs(events[1].seconds_spent - (events[1].at - events[0].at).total_seconds()) < 2


def test_a_contract_is_signed_while_its_deal_is_moved(committed, race):  # noqa: F811
	deal = committed.opportunity()
	contract = committed.contract(submit=False, source_type=deal.doctype, source_name=deal.name)
	look = ["Sales Opportunity", deal.name]
	moves = [("crm_pipeline.api.move_stage", [deal.doctype, deal.name, to], look) for to in stages(deal.pipeline)[1:3]]
	answers = race([("tests.site.bench.racer.submit", [contract.doctype, contract.name], look), *moves])
	# Who comes after the signature is told that a document decided.
	assert "error" not in answers[0], answers
	assert {answer.get("error") for answer in answers} <= {None, "StageMoveError"}, answers
	won = frappe.db.get_value(deal.doctype, deal.name, ["status", "won_by_type", "won_by"])
	assert won == ("Won", "Sales Contract", contract.name)


def test_four_moves_of_one_deal_all_get_their_turn(committed, race):  # noqa: F811
	deal = committed.opportunity()
	look = ["Sales Opportunity", deal.name]
	targets = (stages(deal.pipeline)[1:] * 2)[:4]
	answers = race([("crm_pipeline.api.move_stage", [deal.doctype, deal.name, to], look) for to in targets])
	assert not [answer for answer in answers if "error" in answer], answers


def test_one_task_of_the_playbook_planned_twice_is_one_activity(committed, race):  # noqa: F811
	deal = committed.opportunity()
	task = api.get_stage_guide(deal.doctype, deal.name)["tasks"][0]["key"]
	call = ("crm_pipeline.api.plan_task", [deal.doctype, deal.name, task], ["Sales Opportunity", deal.name])
	answers = race([call, call])
	assert len({answer["result"]["name"] for answer in answers}) == 1, answers


@pytest.fixture
def question(committed):  # noqa: F811
	deal = committed.opportunity()
	committed.as_user("rep")
	name = api.ask_for_help(deal.doctype, deal.name, "Price", "How low may I go?")["name"]
	committed.as_user("Administrator")
	frappe.db.commit()
	return name


def test_a_question_answered_twice_keeps_the_first_answer(question, race):  # noqa: F811
	calls = [
		("crm_pipeline.api.answer_help", [question, text], ["Sales Help Request", question]) for text in ("A", "B")
	]
	answers = race(calls, user="manager@crm-test.example")
	errors = [answer for answer in answers if "error" in answer]
	assert len(errors) == 1 and errors[0]["error"] == "ValidationError", answers
	assert "can't be changed" in errors[0]["message"]
