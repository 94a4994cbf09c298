import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchless.walk.screen import MARKS
from crm_pipeline.core.fulfilment import Fulfilment
from crm_pipeline.core.registry import CHAIN, STATES
from crm_pipeline.core.ribbon import (
	FULFILMENT_STEPS,
	Node,
	leading_on,
	node_state,
	steps,
)

STEPS = [(row.name, row.step) for row in CHAIN]

NO_SETTINGS = {}


def states(nodes, settings=NO_SETTINGS, amounts=None, reached=None):
	return {step.label: step.state for step in steps(nodes, settings, amounts, reached)}


def all_three(state):
	return dict.fromkeys(("delivered", "billed", "paid"), state)


def test_a_new_opportunity_has_everything_before_it_skipped_and_the_rest_to_come():
	assert states([Node("Sales Opportunity", "O", "Open")]) == {
		"Lead": "skipped",
		"Opportunity": "current",
		"Quotation": "open",
		"Contract": "open",
		"Request": "open",
		"Order": "open",
		"Delivered": "open",
		"Billed": "open",
		"Paid": "open",
	}


def test_a_whole_sale_is_done_from_end_to_end():
	nodes = [
		Node("Sales Lead", "L", "Converted"),
		Node("Sales Opportunity", "O", "Won"),
		Node("Sales Contract", "C", "Fulfilled"),
		Node("Sales Order Request", "R", "Accepted"),
		Node("Sales Order", "S", "Completed"),
	]
	found = states(nodes, {"Quotation": "Off"}, Fulfilment(100, 100, 100, 100), all_three("full"))
	assert set(found.values()) == {"done"}
	assert "Quotation" not in found


def test_a_step_that_is_off_shows_only_where_a_document_is_there():
	off = {"Quotation": "Off"}
	assert "Quotation" not in states([Node("Sales Opportunity", "O", "Open")], off)
	assert states([Node("Quotation", "Q", "Open")], off)["Quotation"] == "current"


@pytest.mark.parametrize("doctype", ["Sales Campaign", "Sales Prospect", "Sales Project"])
def test_campaign_prospect_and_project_show_only_where_they_exist(doctype):
	label = dict(STEPS)[doctype]
	assert label not in states([Node("Sales Opportunity", "O", "Open")])
	assert label in states([Node(doctype, "X", "Open")])


def test_an_optional_step_that_a_later_one_did_without_was_skipped():
	found = states([Node("Sales Opportunity", "O", "Open"), Node("Sales Order Request", "R", "Pending")])
	assert (found["Quotation"], found["Contract"], found["Opportunity"]) == ("skipped", "skipped", "done")


@pytest.mark.parametrize("state", ["Lost", "Expired", "Cancelled"])
def test_a_deal_goes_on_when_what_came_of_it_was_lost_or_cancelled(state):
	found = states([Node("Sales Opportunity", "O", "Open"), Node("Quotation", "Q", state)])
	assert found["Opportunity"] == "current"
	assert found["Quotation"] == ("cancelled" if state == "Cancelled" else "lost")


def test_one_living_document_of_a_step_outweighs_the_lost_and_cancelled_ones():
	quotations = [
		Node("Quotation", "Q1", "Lost"),
		Node("Quotation", "Q2", "Cancelled"),
		Node("Quotation", "Q3", "Open"),
	]
	assert states(quotations)["Quotation"] == "current"
	assert states(quotations[:2])["Quotation"] == "lost"
	assert states(quotations[1:2])["Quotation"] == "cancelled"


def test_delivered_billed_and_paid_say_how_far_they_got():
	nodes = [Node("Sales Order", "S", "To Deliver and Bill")]
	reached = {"delivered": "full", "billed": "part", "paid": "none"}
	found = states(nodes, amounts=Fulfilment(100, 90, 100, 0), reached=reached)
	assert (found["Delivered"], found["Billed"], found["Paid"]) == ("done", "part", "open")
	assert set(list(states(nodes).values())[-3:]) == {"open"}


def test_percentages_are_rounded_and_capped():
	found = {s.label: s.percent for s in steps([], NO_SETTINGS, Fulfilment(3, 1, 3, 90))}
	assert (found["Delivered"], found["Billed"], found["Paid"]) == (33.3, 100.0, 999.0)


def test_a_state_that_nobody_knows_is_one_that_runs():
	assert node_state(Node("Quotation", "Q", "")) == "current"
	assert node_state(Node("Sales Campaign", "C", "On Hold")) == "current"


def test_a_word_means_what_it_means_for_its_type():
	assert node_state(Node("Sales Contract", "C", "Expired")) == "lost"
	assert node_state(Node("Sales Order", "S", "Closed")) == "done"
	assert node_state(Node("Sales Lead", "L", "Closed")) == "current"


node = st.builds(
	Node,
	doctype=st.sampled_from([doctype for doctype, _label in STEPS]),
	name=st.text("abc", min_size=1, max_size=2),
	state=st.sampled_from(["", *sorted({row.name for found in STATES.values() for row in found})]),
)
settings = st.dictionaries(
	st.sampled_from(["Sales Lead", "Quotation", "Sales Contract"]),
	st.sampled_from(["Off", "Optional", "Required"]),
)


@given(st.lists(node, max_size=10), settings)
def test_every_document_is_shown_once_and_the_steps_stand_in_chain_order(nodes, step_settings):
	found = steps(nodes, step_settings, None)
	assert sorted((n for s in found for n in s.nodes), key=repr) == sorted(nodes, key=repr)
	order = [key for key, _label in (*STEPS, *FULFILMENT_STEPS)]
	places = [order.index(s.key) for s in found]
	assert places == sorted(set(places))
	assert {s.state for s in found} <= set(MARKS)


@given(st.lists(node, max_size=10), settings)
def test_only_steps_without_a_document_are_open_or_skipped(nodes, step_settings):
	chain_steps = [s for s in steps(nodes, step_settings, None) if s.key in dict(STEPS)]
	assert all((s.state in ("open", "skipped")) == (not s.nodes) for s in chain_steps)
	after_last = [s.state for s in chain_steps][
		max((i for i, s in enumerate(chain_steps) if s.nodes), default=-1) + 1 :
	]
	assert set(after_last) <= {"open"}


# ---- a campaign with several deals


def campaign(second: str, *more: Node, sources: dict | None = None):
	"""States of a campaign's ribbon: one deal was ordered, the other is in the state `second`."""
	nodes = [
		Node("Sales Campaign", "C", "Active"), Node("Sales Lead", "L1", "Converted"), Node("Sales Lead", "L2", "Converted"),
		Node("Sales Opportunity", "O1", "Won"), Node("Sales Opportunity", "O2", second),
		Node("Sales Order", "S", "Completed"), *more,
	]  # fmt: skip
	came_from = {
		("Sales Lead", "L1"): ("Sales Campaign", "C"), ("Sales Lead", "L2"): ("Sales Campaign", "C"),
		("Sales Opportunity", "O1"): ("Sales Lead", "L1"), ("Sales Opportunity", "O2"): ("Sales Lead", "L2"),
		("Sales Order", "S"): ("Sales Opportunity", "O1"), **(sources or {}),
	}  # fmt: skip
	found = steps(nodes, NO_SETTINGS, None, None, leading_on(nodes, came_from))
	return {step.label: step.state for step in found}


def test_a_step_is_not_done_while_one_of_its_deals_is_open():
	assert campaign("Open")["Opportunity"] == "current"
	assert campaign("Lost")["Opportunity"] == "done"


def test_a_deal_that_led_on_is_passed_and_one_whose_quotation_was_lost_is_not():
	quoted = {("Quotation", "Q"): ("Sales Opportunity", "O2")}
	assert campaign("Open", Node("Quotation", "Q", "Open"), sources=quoted)["Opportunity"] == "done"
	assert campaign("Open", Node("Quotation", "Q", "Open"), sources=quoted)["Quotation"] == "current"
	assert campaign("Open", Node("Quotation", "Q", "Lost"), sources=quoted)["Opportunity"] == "current"
