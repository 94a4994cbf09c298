"""What a browser may send for an argument, and what becomes of it."""

from datetime import date

import frappe
import pytest
from pydantic import TypeAdapter, ValidationError

from crm_pipeline import api
from crm_pipeline.api import door, types
from crm_pipeline.api.door import BadRequestError


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
		("Place", '["2026-01-01", "OPP-1"]', ("2026-01-01", "OPP-1")),
		("Place", '[12.5, "OPP-1"]', (12.5, "OPP-1")),
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


DAY_FILTERS = (
	("get_funnel", "from_date"), ("get_funnel_outline", "to_date"), ("get_funnel_flow", "from_date"),
	("get_forecast", "start"), ("get_forecast_movement", "first"), ("get_board", "from_date"),
)  # fmt: skip


@pytest.mark.parametrize(("endpoint", "name"), DAY_FILTERS)
@pytest.mark.parametrize(
	"value", ["0000-00-00", "2026-02-30", "yesterday", "0001-01-01", "9999-12-31", "2026-13-01", "-1"]
)
def test_a_day_that_is_none_is_told_with_the_name_of_its_filter(site, endpoint, name, value):
	filters = {name: value}
	with pytest.raises(BadRequestError, match=f"(?s){door._filter_labels()[name]}.*{value} is not a date"):
		getattr(api, endpoint)(filters=filters)
	frappe.clear_messages()


def test_an_empty_day_is_not_asked_for_and_a_moment_is_its_day(site):
	assert api.get_funnel_outline({"from_date": "", "to_date": None})["from_date"]
	found = api.get_funnel_outline({"from_date": "2026-01-02 00:00:00", "to_date": "2026-03-04"})
	assert (found["from_date"], found["to_date"]) == ("2026-01-02", "2026-03-04")


def test_a_number_of_periods_that_is_none_is_told(site):
	with pytest.raises(BadRequestError, match="(?s)Number of Periods.*many is not a whole number"):
		api.get_forecast(filters={"count": "many"})
	frappe.clear_messages()
	assert len(api.get_forecast({"count": "3"})["periods"]) == 3
