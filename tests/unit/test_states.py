"""States as data: what may follow on what, and which group a state is of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.registry import CHAIN, STATES
from crm_pipeline.core.states import (
	CANCELLED,
	CONTRACT,
	FULFILMENT,
	LEAD,
	LOST,
	OPEN,
	REQUEST,
	WON,
	State,
	States,
)

each_type = pytest.mark.parametrize("states", STATES.values(), ids=STATES)
# Frappe's indicators.
COLOURS = {"blue", "cyan", "gray", "green", "light-blue", "orange", "pink", "purple", "red", "yellow"}


@each_type
def test_each_state_has_one_row_a_colour_of_frappe_and_a_group(states):
	names = [row.name for row in states]
	assert len(names) == len(set(names))
	assert {row.colour for row in states} <= COLOURS
	assert {row.group for row in states} <= {OPEN, WON, LOST, CANCELLED}
	assert states.group_of(states.first) == OPEN


@each_type
def test_what_may_follow_is_a_state_of_the_type_and_another_one(states):
	for row in states:
		targets = {*(row.to or ()), *row.undone_to}
		assert targets <= {other.name for other in states} - {row.name}


@each_type
def test_every_state_can_be_reached_from_the_first_one(states):
	reached, wanted = set(), [states.first]
	while wanted:
		name = wanted.pop()
		reached.add(name)
		wanted += [row.name for row in states if row.name not in reached and states.may_follow(name, row.name)]
	assert reached == {row.name for row in states}


def test_a_new_document_is_in_the_first_state():
	assert CONTRACT.may_follow(None, "Active")
	assert not CONTRACT.may_follow(None, "Fulfilled")


def test_what_is_taken_back_stays_so():
	assert not any(REQUEST.may_follow(name, "Accepted") for name in ("Returned", "Cancelled"))
	assert not CONTRACT.may_follow("Cancelled", "Active")


def test_a_request_whose_order_is_cancelled_waits_again():
	assert all(REQUEST.may_follow(name, "Requested") for name in ("Accepted", "Delivered", "Completed"))


def test_a_type_whose_users_choose_may_go_anywhere_but_to_where_it_is():
	free = States((State("Planned", "blue"), State("Done", "green", WON)))
	assert free.may_follow("Done", "Planned")
	assert not free.may_follow("Done", "Done")
	assert free.may_follow("Done", "On Hold") and free.may_follow("On Hold", "Done")


@given(st.text(min_size=1).filter(lambda name: not LEAD.find(name) and not REQUEST.find(name)))
def test_a_state_of_the_site_counts_as_open(own):
	assert LEAD.group_of(own) == OPEN
	assert own not in LEAD.closed
	assert LEAD.may_follow("New", own)
	assert LEAD.may_follow("Qualified", own)
	assert not LEAD.may_follow("Converted", own)
	assert LEAD.may_follow("Converted", own, undone=True)
	assert {row.name for row in LEAD if LEAD.may_follow(own, row.name)} == {row.name for row in LEAD}
	assert not REQUEST.may_follow(own, "Delivered")


def test_a_type_without_states_has_none_to_refuse():
	assert States().first is None
	assert States().may_follow(None, "Whatever")
	assert States().group_of("Whatever") == OPEN


def test_every_document_beside_a_sale_has_states():
	beside = {
		"Delivery Note",
		"Sales Invoice",
		"Payment Entry",
		"Sales Activity",
		"Sales Project Milestone",
		"Sales Help Request",
		"Customer Case",
		"Cost Estimate",
		"Pipeline Job",
		"Promise to Pay",
		"Sales Handover",
		"Sales Import",
	}
	assert set(STATES) == {row.name for row in CHAIN} | beside
	assert STATES["Delivery Note"] is STATES["Sales Invoice"] is STATES["Payment Entry"] is FULFILMENT
	assert all(list(STATES[row.name]) for row in CHAIN if not row.native), "what is ours has states of its own"


def test_what_a_site_calls_by_its_own_word_may_come_to_where_an_open_state_leads():
	states = States(
		(State("New", "blue", to=("Talk",)), State("Talk", "blue", to=("Done",)), State("Done", "green", WON, to=()))
	)
	assert states.may_follow("Own Word", "Talk") and states.may_follow("Own Word", "Done"), "one open state leads there"


def test_documents_of_fulfilment_have_erpnext_s_states():
	for doctype in ("Delivery Note", "Sales Invoice", "Payment Entry"):
		assert STATES[doctype] is FULFILMENT
	assert (FULFILMENT.group_of("Paid"), FULFILMENT.group_of("Cancelled"), FULFILMENT.group_of("Overdue")) == (
		WON,
		CANCELLED,
		OPEN,
	)
