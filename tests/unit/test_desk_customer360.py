"""What the page of a customer decides: days, kinds that are on, months, sums by currency."""

from tests.unit.desk import module

page = module("customer360")

KINDS = [
	{"key": "lead", "group": "Sales", "shown": True},
	{"key": "order", "group": "Orders", "shown": True},
	{"key": "return", "group": "Orders", "shown": False},
]


def test_rows_stand_under_their_day_in_their_order():
	rows = [{"at": "2026-05-02 10:00:00", "n": 1}, {"at": "2026-05-02", "n": 2}, {"at": "2026-05-01", "n": 3}]
	days = page.by_day(rows)
	assert [(day["day"], [row["n"] for row in day["rows"]]) for day in days] == [
		("2026-05-02", [1, 2]),
		("2026-05-01", [3]),
	]


def test_a_kind_and_a_group_go_on_and_off():
	assert page.first_kinds(KINDS) == ["lead", "order"]
	assert page.turned(KINDS, ["lead", "order"], {"key": "order"}) == ["lead"]
	assert page.turned(KINDS, ["lead", "order"], {"group": "Orders"}) == ["lead", "order", "return"]
	assert page.turned(KINDS, ["lead", "order", "return"], {"group": "Orders"}) == ["lead"]
	assert [group["group"] for group in page.groups_of(KINDS)] == ["Sales", "Orders"]


def test_every_month_has_its_place_also_without_revenue():
	assert page.months("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
	assert page.months("2026-03", "2026-02") == []
	assert len(page.months("1990-01", "2026-02")) == 36


def test_currencies_are_never_added_up():
	rows = [
		{"currency": "USD", "documents": 1, "amount": 10},
		{"currency": "EUR", "documents": 2, "amount": 5},
		{"currency": "USD", "documents": 3, "amount": 7},
	]
	assert page.by_currency(rows, ["amount"]) == [
		{"currency": "USD", "documents": 4, "amount": 17},
		{"currency": "EUR", "documents": 2, "amount": 5},
	]
	assert page.by_currency(None, ["amount"]) == []
	one = {"currency": "USD", "not_due": 1, "past_due": 3, "outstanding": 4, "buckets": [1, 2]}
	assert page.ages_by_currency([one, one])[0] == {
		"currency": "USD", "not_due": 2, "past_due": 6, "outstanding": 8, "buckets": [2, 4],
	}  # fmt: skip
