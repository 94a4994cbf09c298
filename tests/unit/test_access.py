"""Why somebody may see a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.access import HIDDEN, IN_SIGHT, NOT_NARROWED, Facts, Kind, explained, reasons, refused_links

facts = st.builds(
	Facts,
	allowed=st.booleans(),
	enabled=st.booleans(),
	administrator=st.just(False),
	roles=st.sampled_from([(), ("Sales User",)]),
	limits=st.sampled_from([(), (("Customer", "Acme"),)]),
	team=st.sampled_from([NOT_NARROWED, IN_SIGHT, HIDDEN]),
	owner=st.just("rep@example.com"),
	about=st.sampled_from([(), ("Sales Opportunity", "OPP-1")]),
	shared=st.booleans(),
)


def kinds(found):
	return [reason.kind for reason in found]


def test_a_role_opens_and_a_user_permission_closes():
	found = reasons(Facts(allowed=False, roles=("Sales User",), limits=(("Customer", "Acme"),)))
	assert kinds(found) == [Kind.ROLE, Kind.LIMIT] and found[1].names == ("Customer", "Acme")


def test_sharing_opens_what_roles_teams_and_permissions_close():
	found = reasons(Facts(allowed=True, limits=(("Customer", "Acme"),), team=HIDDEN, shared=True))
	assert kinds(found) == [Kind.NO_ROLE, Kind.LIMIT, Kind.OTHER_TEAM, Kind.SHARE]


def test_another_team_closes_and_the_own_one_is_named():
	assert kinds(reasons(Facts(allowed=False, roles=("Sales User",), team=HIDDEN))) == [Kind.ROLE, Kind.OTHER_TEAM]
	assert kinds(reasons(Facts(allowed=True, roles=("Sales User",), team=IN_SIGHT))) == [Kind.ROLE, Kind.TEAM]


def test_the_administrator_needs_no_reason():
	assert kinds(reasons(Facts(allowed=True, administrator=True, enabled=False))) == [Kind.ADMINISTRATOR]


def test_a_disabled_user_sees_nothing_shared_or_not():
	assert explained(reasons(Facts(allowed=False, enabled=False, roles=("Sales User",), shared=True))) is False


@given(facts)
def test_an_answer_that_the_reasons_do_not_explain_is_said_to_come_from_elsewhere(given_facts):
	found = reasons(given_facts)
	told = [reason for reason in found if reason.kind == Kind.ELSEWHERE]
	rest = [reason for reason in found if reason.kind != Kind.ELSEWHERE]
	assert bool(told) == (explained(rest) != given_facts.allowed)
	assert all(reason.speaks_for == given_facts.allowed for reason in told)


def test_a_record_about_a_hidden_document_is_closed_with_it():
	found = reasons(Facts(allowed=False, roles=("Sales User",), about=("Sales Opportunity", "OPP-1")))
	assert kinds(found) == [Kind.ROLE, Kind.ABOUT] and not explained(found)
	assert kinds(reasons(Facts(allowed=True, about=("Sales Opportunity", "OPP-1"), shared=True)))[-1] == Kind.SHARE


@pytest.mark.parametrize(
	("value", "permitted", "strict", "refused"),
	[
		("Acme", [("Acme", None)], False, False),
		("Acme", [("Other", None)], False, True),
		("Acme", [("Other", None), ("Acme", "")], False, False),
		("Acme", [("Other", "Sales Lead")], False, False),
		("Acme", [("Other", "Sales Opportunity")], False, True),
		("Acme", [("Acme", "Sales Lead"), ("Other", None)], False, True),
		(None, [("Other", None)], False, False),
		(None, [("Other", None)], True, True),
		("Acme", [], True, False),
	],
)
def test_a_user_permission_refuses_what_a_document_links_to(value, permitted, strict, refused):
	rows = {"Customer": [{"doc": doc, "applicable_for": applicable} for doc, applicable in permitted]}
	links = [("Customer", "Customer", value), ("Territory", "Territory", "North")]
	found = refused_links(links, rows, "Sales Opportunity", strict)
	assert found == ([("Customer", value)] if refused else [])
