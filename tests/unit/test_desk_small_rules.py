"""Numbers and colours on screen, what was typed, what comes before what."""

import pytest

from crm_pipeline.core import registry
from tests.unit.desk import module

numbers, reach, sources = (module(name) for name in ("numbers", "reach", "sources"))
DAY = 24 * 3600


@pytest.mark.parametrize(
	("seconds", "unit", "count", "decimals"),
	[
		(0, "hours", 0, 0),
		(3599, "hours", 0, 0),
		(DAY - 1, "hours", 23, 0),
		(DAY, "days", 1, 1),
		(1.97 * DAY, "days", 1.9, 1),
		(10 * DAY - 1, "days", 9.9, 1),
		(10 * DAY, "days", 10, 0),
		(10.9 * DAY, "days", 10, 0),
	],
)
def test_time_is_told_no_longer_than_it_was(seconds, unit, count, decimals):
	assert numbers.duration(seconds) == {"unit": unit, "count": count, "decimals": decimals}


def test_small_shares_have_a_decimal():
	assert [numbers.share_decimals(share) for share in (0, 0.004, -0.05, 0.1, 0.5, 1)] == [0, 1, 1, 0, 0, 0]


def test_a_change_needs_something_before():
	assert numbers.change(6, 4) == 0.5
	assert numbers.change(0, 4) == -1
	assert numbers.change(6, 0) is None


def test_bars_are_measured_by_the_longest():
	assert numbers.bar_lengths([1, 2, 4]) == [25, 50, 100]
	assert numbers.bar_lengths([0, 0]) == [0, 0]
	assert numbers.bar_lengths([1], 8) == [12.5]
	assert numbers.bar_lengths([-1, 2]) == [0, 100]


@pytest.mark.parametrize("colour", ["#abc", "#ABCDEF", "#abcd", "#11223344"])
def test_a_colour_is_taken(colour):
	assert numbers.safe_colour(colour) == colour


@pytest.mark.parametrize("text", ["", None, "red", "#12", "#12345", "#1234567", "#abc;background:url(x)", "url(#abc)"])
def test_no_other_text_gets_into_a_style(text):
	assert numbers.safe_colour(text) is None


def test_contrast_is_that_of_wcag():
	assert numbers.contrast("#000000", "#ffffff") == pytest.approx(21)
	assert numbers.contrast("#777", "#fff") == pytest.approx(4.478, abs=0.001)
	assert numbers.contrast("#fff", "#777777") == numbers.contrast("#777777", "#fff")
	assert numbers.contrast("#1a2b3c", "#1a2b3c") == 1


@pytest.mark.parametrize(
	"colour", ["#ffffff", "#000000", "#2490ef", "#ecad4b", "#777777", "#3fa06b", "#d9736b", "#ff0000"]
)
def test_text_on_any_colour_can_be_read(colour):
	assert numbers.contrast(numbers.text_on(colour), colour) >= 4.2


@pytest.mark.parametrize(
	"text", ["0171 234567", "+49 (171) 2345-678", "(030)1234567", "030/123.45.67", " 02071234567 "]
)
def test_a_number_however_it_is_written(text):
	assert reach.kind_of(text) == "phone"


@pytest.mark.parametrize("text", ["a@b.co", "first.last@sub.example.com", " a@b.co "])
def test_an_address(text):
	assert reach.kind_of(text) == "email"


@pytest.mark.parametrize(
	"text", ["", None, "12345", "pump", "2026-11-28 pump", "a@b", "@b.co", "( - ) - ( - )", "12-34-5"]
)
def test_what_is_neither_is_not_looked_up(text):
	assert reach.kind_of(text) == ""


@pytest.mark.parametrize(
	("text", "found"),
	[
		("0171 234567", {"phone": "0171 234567"}),
		("a@b.co", {"email_id": "a@b.co"}),
		("0171 234567, a@b.co", {"phone": "0171 234567", "email_id": "a@b.co"}),
		("a@b.co; +49 (171) 2345-678", {"phone": "+49 (171) 2345-678", "email_id": "a@b.co"}),
		("<a@b.co>", {"email_id": "a@b.co"}),
		("ext. 12", {"phone": "ext. 12"}),
		("   ", {}),
		(None, {}),
	],
)
def test_number_and_address_may_stand_in_one_field(text, found):
	assert reach.split_reach(text) == found


def test_a_document_comes_from_what_stands_before_it():
	"""The chain as core/registry.py has it."""
	for doctype in registry.ORDER:
		before = list(registry.ORDER[: registry.ORDER.index(doctype)])
		extra = ["Sales Project"] if doctype == "Sales Lead" else []
		assert sources.allowed_sources(doctype, registry.ORDER) == before + extra
	assert sources.allowed_sources("Customer", registry.ORDER) == []


def test_native_documents_stand_under_their_order():
	row = lambda doctype, name, order=None: {"doctype": doctype, "name": name, "order": order or name}  # noqa: E731
	rows = [
		row("Payment Entry", "PAY-1", "INV-1"), row("Sales Order", "SO-1"), row("Sales Order", "SO-2"),
		row("Sales Invoice", "INV-1", "SO-1"), row("Delivery Note", "DN-2", "SO-2"), row("Sales Invoice", "INV-9", "SO-9"),
	]  # fmt: skip
	found = module("order_rows").grouped(rows)
	assert [one["name"] for one in found] == ["SO-1", "INV-1", "PAY-1", "SO-2", "DN-2", "INV-9"]


def test_a_payment_of_two_orders_is_shown_once():
	order = lambda name: {"doctype": "Sales Order", "name": name, "order": name}  # noqa: E731
	shared = {"doctype": "Sales Invoice", "name": "INV-1", "order": "SO-1"}
	paid = {"doctype": "Payment Entry", "name": "PAY-1", "order": "INV-1"}
	assert module("order_rows").grouped([paid, order("SO-1"), shared, order("SO-2")]) == [
		order("SO-1"),
		shared,
		paid,
		order("SO-2"),
	]
