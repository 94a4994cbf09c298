"""How a deal ended and what it was sold for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core.outcomes import Money, Sale, outcome_of, sold_for

OWN = Money(1000.0, 800.0)
amounts = st.floats(0.01, 1e9)
rates = st.floats(0.001, 1000)


@pytest.mark.parametrize(
	("status", "stage", "outcome"),
	[
		("Open", "Open", None),
		("Won", "Won", "Won"),
		("Lost", "Lost", "Lost"),
		("Completed", "Won", "Won"),
		("Completed", "Open", None),
		("Completed", None, None),
	],
)
def test_a_completed_project_was_sold_only_where_it_was_won_before(status, stage, outcome):
	assert outcome_of(status, stage) == outcome


@given(rates, amounts, amounts, amounts)
def test_the_contract_speaks_first_then_orders_then_the_quotation_then_the_deal(rate, contract, ordered, quoted):
	facts = {"contract": Money(contract), "ordered": ordered, "quoted": Money(quoted)}
	for name, told in (("contract", contract), ("ordered", ordered), ("quoted", quoted)):
		assert sold_for(Sale(OWN, rate, **facts)).base == told
		facts.pop(name)
	assert sold_for(Sale(OWN, rate)) == OWN


@given(rates, amounts)
def test_what_is_known_in_company_currency_alone_is_told_in_the_deals_by_its_rate(rate, ordered):
	found = sold_for(Sale(OWN, rate, ordered=ordered))
	assert found.amount * rate == pytest.approx(ordered)


def test_what_is_known_in_the_deals_currency_is_not_computed_again():
	assert sold_for(Sale(OWN, 1.3, contract=Money(100, 77.77))) == Money(100, 77.77)
	assert sold_for(Sale(OWN, 3.0, ordered=100), rounding=lambda value: round(value, 2)) == Money(100, 33.33)


def test_without_an_exchange_rate_the_own_amount_is_worth_nothing_and_a_document_what_it_says():
	assert sold_for(Sale(OWN, 0)) == Money(0.0, 800.0)
	assert sold_for(Sale(OWN, 0, ordered=50)) == Money(50, 0.0)
