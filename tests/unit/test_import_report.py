"""What a load prints: numbers as they are, in columns."""

from decimal import Decimal

import pytest

from crm_pipeline.importer import report


@pytest.mark.parametrize(
	("value", "text"),
	[
		(Decimal("1234567.50"), "1,234,567.5"),
		(Decimal("0.125"), "0.125"),
		(Decimal("1000.005"), "1,000.005"),
		(Decimal("10.00"), "10"),
		(Decimal("100"), "100"),
		(0, "0"),
		(1200, "1,200"),
		(Decimal("-1500.10"), "-1,500.1"),
	],
)
def test_a_number_is_told_with_all_its_decimals_and_no_empty_ones(value, text):
	assert report.number(value) == text


def test_columns_are_as_wide_as_what_stands_in_them():
	lines = list(report.table(("Stage", "File"), [("New", "1,000"), ("Negotiation", "5")]))
	assert [line.rstrip() for line in lines if "New" in line or "Negotiation" in line] == [
		"New          1,000",
		"Negotiation      5",
	]
