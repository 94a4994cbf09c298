"""Requests that came back from the order desk: which of them still wait for sales."""

import frappe
import pytest

from crm_pipeline.core.chain import Ref
from crm_pipeline.orders import returned
from tests.site import rows
from tests.site.conftest import USERS

DEAL, PROJECT, CONTRACT, REQUEST = "Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request"
REP = USERS["rep"][0]


@pytest.fixture
def back(world):
	"""back(key, of, **values) is a request of a document that was returned."""

	def make(key: str, of: tuple[str, str], **values) -> str:
		fixed = {
			"source_type": of[0],
			"source_name": of[1],
			"status": "Returned",
			"docstatus": 2,
			"company": world.company,
		}
		fixed |= {
			"customer": world.customer,
			"return_reason": key,
			"returned_by": REP,
			"returned_on": "2026-03-01 10:00:00",
		}
		return rows.row(REQUEST, name=f"{key} {world.tag}", **{**fixed, **values})

	return make


def contract(world, key: str, status: str, **values) -> str:
	fixed = {"company": world.company, "customer": world.customer, "status": status, "docstatus": 1}
	return rows.row(CONTRACT, name=f"{key} {world.tag}", **{**fixed, **values})


def waits_for_nobody(names: list[str]) -> set[str]:
	return returned.settled(iter(names)) & set(names)


@pytest.mark.parametrize(
	("status", "waits"),
	[("Active", True), ("Fulfilled", True), ("Expired", False), ("Terminated", False), ("Cancelled", False)],
)
def test_a_request_of_a_contract_that_ended_waits_for_nobody(world, back, status, waits):
	of = contract(world, "C", status)
	name = back("R", (CONTRACT, of))
	assert waits_for_nobody([name]) == (set() if waits else {name})
	assert [row["name"] for row in returned.returned_from(CONTRACT, of)] == ([name] if waits else [])


@pytest.mark.parametrize(
	("doctype", "status", "waits"),
	[
		(DEAL, "Open", True), (DEAL, "Won", True), (DEAL, "Lost", False), (PROJECT, "Open", True), (PROJECT, "Completed", True),
		(PROJECT, "Lost", False),
	],
)  # fmt: skip
def test_a_request_of_a_deal_that_was_lost_waits_for_nobody(world, back, doctype, status, waits):
	deal = rows.bare_deal(world, "D", doctype, status=status)
	alive = rows.bare_deal(world, "Alive", doctype)
	of = contract(world, "C", "Active", source_type=doctype, source_name=deal)
	made = [back("Of the deal", (doctype, deal)), back("Of its contract", (CONTRACT, of))]
	other = back("Other", (doctype, alive))
	assert waits_for_nobody([*made, other]) == (set() if waits else set(made))
	told = [row["name"] for row in returned.returned_from(doctype, deal)]
	assert sorted(told) == (sorted(made) if waits else [])
	assert [row["name"] for row in returned.returned_from(doctype, alive)] == [other]


def test_what_was_sent_again_waits_no_more_and_the_oldest_is_told_first(world, back):
	deal = rows.bare_deal(world, "D")
	for key, day, values in (
		("Late", 9, {}), ("Early", 2, {}), ("Again", 1, {}), ("Waiting", 1, {"status": "Requested", "docstatus": 1}), ("Off", 1, {"status": "Cancelled"}),
	):  # fmt: skip
		back(key, (DEAL, deal), returned_on=f"2026-03-{day:02d} 10:00:00", **values)
	back("Second try", (DEAL, deal), amended_from=f"Again {world.tag}", status="Draft", docstatus=0)
	found = returned.returned_from(DEAL, deal)
	assert [row["return_reason"] for row in found] == ["Early", "Late"]
	assert {row["who"] for row in found} == {frappe.utils.get_fullname(REP)}
	names = [f"{key} {world.tag}" for key in ("Again", "Late")]
	assert returned.sent_again(names) & set(names) == {names[0]} == waits_for_nobody(names)
	assert returned.settled([]) == set() == returned.settled(iter(()))


def test_what_came_back_is_told_to_who_may_read_requests(world, back, as_user):
	deal = rows.bare_deal(world, "D")
	name = back("R", (DEAL, deal))
	as_user("rep")
	assert [row["name"] for row in returned.waiting([name])] == [name]
	as_user("stranger")
	assert returned.waiting([name]) == [] and returned.returned_from(DEAL, deal) == []


def test_what_ended_is_asked_of_each_type_by_its_own_states(world):
	lost, cancelled = rows.bare_deal(world, "L", status="Lost"), contract(world, "C", "Cancelled")
	open_deal, project = rows.bare_deal(world, "O"), rows.bare_deal(world, "P", PROJECT, status="Lost")
	refs = {
		Ref(DEAL, lost),
		Ref(DEAL, open_deal),
		Ref(PROJECT, project),
		Ref(CONTRACT, cancelled),
		Ref(REQUEST, "X"),
		Ref(DEAL, "Gone"),
	}
	assert returned._ended(refs) == {Ref(DEAL, lost), Ref(PROJECT, project), Ref(CONTRACT, cancelled)}
	assert returned._ended(set()) == set() == returned._ended({Ref(DEAL, project)})
