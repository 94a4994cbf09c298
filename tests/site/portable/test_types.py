"""What a browser may send for an argument, and what becomes of it."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from crm_pipeline.api import types


@pytest.mark.parametrize(
	("kind", "sent", "taken"),
	[
		("Flag", "", False),
		("Flag", None, False),
		("Flag", "1", True),
		("Flag", 0, False),
		("MaybeName", "", None),
		("MaybeName", "OPP-1", "OPP-1"),
		("MaybeLine", "", None),
		("MaybeText", "", None),
		("MaybeDay", "", None),
		("Day", "2026-02-28", date(2026, 2, 28)),
		("Day", " 2026-02-28 ", date(2026, 2, 28)),
		("Day", "2026-02-28 00:00:00", date(2026, 2, 28)),
		("Day", date(2026, 2, 28), date(2026, 2, 28)),
		("Count", "20", 20),
		("Filters", "", None),
		("Filters", "  ", None),
		("Filters", '{"company": "A", "count": 3}', {"company": "A", "count": 3}),
		("Filters", {"from_date": date(2026, 1, 1)}, {"from_date": date(2026, 1, 1)}),
		("Filters", {"part": {"split": "Month", "value": [2026, 3]}}, {"part": {"split": "Month", "value": [2026, 3]}}),
		("Filters", {"part": None}, {"part": None}),
		("Form", {"qty": 2, "items": [{"qty": 1}], "more": {"a": 1}}, {"qty": 2}),
		("Form", '{"qty": 2, "items": []}', {"qty": 2}),
		("Quantities", '{"row": 1.5}', {"row": 1.5}),
		("Names", '["A", "B"]', ["A", "B"]),
		("Place", '["2026-01-01", "OPP-1"]', (date(2026, 1, 1), "OPP-1")),
		("Place", '["", "OPP-1"]', (None, "OPP-1")),
	],
)
def test_a_value_is_taken_as_what_it_means(kind, sent, taken):
	found = TypeAdapter(getattr(types, kind)).validate_python(sent)
	assert found == taken and type(found) is type(taken)


@pytest.mark.parametrize(
	("kind", "sent"),
	[
		("Name", ""),
		("Name", None),
		("Name", "n" * 141),
		("Line", "l" * 141),
		("Text", "t" * 60_001),
		("Name", ["like", "%"]),
		("Day", "2026-02-30"),
		("Day", "2026-02-28 10:00:00"),
		("Day", 20260228),
		("Day", ""),
		("Flag", "perhaps"),
		("Count", -1),
		("Count", 1_000_001),
		("Filters", "not JSON"),
		("Filters", "[1]"),
		("Filters", {"company": ["like", "%"]}),
		("Filters", {"company": {"split": "Month", "value": []}}),
		("Filters", {"part": "Month"}),
		("Filters", {"part": {"split": "Month", "value": [1, 2, 3, 4, 5, 6]}}),
		("Filters", '{"count": NaN}'),
		("Filters", {"count": float("inf")}),
		("Form", "[1]"),
		("Quantities", {"row": "Infinity"}),
		("Names", "OPP-1"),
		("Names", [""]),
		("Place", ["2026-01-01"]),
	],
)
def test_a_value_that_means_nothing_is_refused(kind, sent):
	with pytest.raises(ValidationError):
		TypeAdapter(getattr(types, kind)).validate_python(sent)
