"""Where a card of the board goes, and how stages of a deal stand to each other."""

import pytest

from tests.unit.desk import module

columns = module("columns")


def column(name, type="Open", disabled=False, folded=False, count=1):
	return {"name": name, "type": type, "disabled": disabled, "folded": folded, "count": count}


BOARD = [
	column("New"), column("Old", disabled=True), column("Offer", count=0), column("Deal"),
	column("Won", "Won", folded=True), column("Lost", "Lost", folded=True),
]  # fmt: skip
NEW, OLD, OFFER, DEAL, WON, LOST = BOARD


@pytest.mark.parametrize(
	("origin", "target", "drop"),
	[
		(NEW, DEAL, "move"),
		(NEW, WON, "move"),
		(NEW, LOST, "ask"),
		(NEW, OLD, "refuse"),
		(NEW, NEW, "none"),
		(OLD, NEW, "move"),
		(NEW, None, "none"),
	],
)
def test_what_a_drop_has_to_do(origin, target, drop):
	assert columns.drop_of(origin, target) == drop


@pytest.mark.parametrize(
	("name", "step", "target"),
	[
		("New", 1, "Offer"),
		("Offer", -1, "New"),
		("New", -1, None),
		("Lost", 1, None),
		("Old", 1, "Offer"),
		("Old", -1, "New"),
	],
)
def test_the_keyboard_passes_disabled_stages(name, step, target):
	found = columns.beside(BOARD, name, step)
	assert (found and found["name"]) == target


def test_looking_around_passes_what_shows_no_card():
	assert columns.in_sight(BOARD, 0, 1) == 1
	assert columns.in_sight(BOARD, 1, 1) == 3
	assert columns.in_sight(BOARD, 3, 1) is None
	assert columns.in_sight(BOARD, 0, -1) is None


def test_the_next_stage_is_proposed():
	assert columns.choices_of(BOARD, "New") == {
		"options": ["Offer", "Deal", "Won", "Lost"],
		"proposed": "Offer",
	}
	assert columns.choices_of(BOARD, "Lost")["proposed"] == "New"
	assert columns.choices_of([NEW], "New") == {"options": [], "proposed": None}


def test_stages_of_a_bar():
	stages = [
		{"name": name, "position": place, "stage_type": "Open"} for place, name in enumerate(("New", "Offer", "Deal"))
	]
	stand = lambda current: [columns.standing(stage, current) for stage in stages]  # noqa: E731
	assert stand(stages[1]) == ["passed", "here", "ahead"]
	assert stand(None) == ["ahead"] * 3
	assert stand({"name": "Lost", "position": 9, "stage_type": "Lost"}) == ["ahead"] * 3
	assert stand({"name": "Won", "position": 8, "stage_type": "Won"}) == ["passed"] * 3


def test_a_stage_was_passed_skipped_or_added_after_the_deal_had_gone_by():
	day = "2026-0{}-01 10:00:00.000000".format
	stages = [
		{"name": name, "position": place, "stage_type": kind, "creation": day(created)}
		for place, (name, kind, created) in enumerate(
			[("New", "Open", 1), ("Call", "Open", 1), ("Demo", "Open", 7), ("Offer", "Open", 1), ("Deal", "Open", 1)]
			+ [("Won", "Won", 1), ("Lost", "Lost", 1)]
		)
	]
	by_name = {stage["name"]: stage for stage in stages}

	def stand(current, **entered):
		visits = {name: day(month) for name, month in entered.items()}
		return [columns.standing(stage, by_name[current], stages, visits) for stage in stages[:5]]

	assert stand("Offer", New=2, Offer=3) == ["passed", "skipped", "added", "here", "ahead"]
	# Entered after the stage was there, it was skipped.
	assert stand("Offer", New=2, Offer=8) == ["passed", "skipped", "skipped", "here", "ahead"]
	# Moved back, what was beyond is ahead again.
	assert stand("New", New=2, Offer=3) == ["here", "ahead", "ahead", "ahead", "ahead"]
	assert stand("Lost", New=2, Offer=3, Lost=4) == ["passed", "skipped", "added", "passed", "ahead"]
	assert stand("Won", New=2, Won=4) == ["passed", "skipped", "added", "skipped", "skipped"]


def test_arrows_point_where_the_page_runs():
	assert [columns.arrow(key, False) for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "a")] == [
		[-1, 0],
		[1, 0],
		[0, 1],
		None,
	]
	assert [columns.arrow(key, True) for key in ("ArrowLeft", "ArrowRight", "ArrowUp")] == [
		[1, 0],
		[-1, 0],
		[0, -1],
	]
