"""My Day: what can be done about a row, and where the focus goes."""

from tests.unit.desk import module

rows = module("day_rows")


def test_what_is_planned_or_due_is_done_first_of_all():
	for section in ("late", "today", "steps"):
		assert rows.actions_of({}, section) == ["done", "move", "log", "forward", "assign"]
	assert rows.actions_of({}, "tasks") == ["done", "move", "forward"]


def test_a_new_lead_is_answered_and_not_put_off():
	assert "move" not in rows.actions_of({"follow_up": None}, "leads")
	assert "move" in rows.actions_of({"follow_up": "2026-01-02"}, "leads")
	assert rows.actions_of({}, "leads")[0] == "log"


def test_a_case_a_promise_and_a_request_are_worked_on_where_they_are():
	assert [rows.actions_of({}, key) for key in ("cases", "promises", "waiting")] == [
		["log", "forward", "assign"], ["log"], ["open"],
	]  # fmt: skip


def test_what_is_in_the_pool_is_claimed_and_what_nobody_has_is_given():
	assert rows.actions_of({}, "pool") == ["claim", "open"]
	assert rows.actions_of({}, "unassigned") == ["forward", "open"]


def test_after_a_row_is_gone_the_next_one_has_the_focus():
	assert [rows.next_place(place, left) for place, left in ((0, 3), (2, 2), (0, 0))] == [0, 1, -1]


def test_what_is_not_shown_is_said():
	assert rows.hidden_count({"count": 35, "rows": list(range(30))}) == 5
	assert rows.hidden_count({"count": 2, "rows": [1, 2]}) == 0
	assert rows.listed_parts([{"count": 0}, {"count": 2}]) == [{"count": 2}]
