"""The board's own rules: whose deals it shows, what a card offers, what can be undone."""

import pytest

from crm_pipeline.core.stages import MoveRules, Stage, refusal
from tests.unit.desk import module

board = module("board")
ME = "ann@example.com"


@pytest.mark.parametrize(
	("filters", "whose"),
	[
		({"sales_owner": ME}, "mine"),
		({"sales_owner": "bob@example.com"}, ""),
		({"sales_person": "North"}, "team"),
		({"sales_person": "South"}, ""),
		({"sales_owner": ME, "sales_person": "North"}, ""),
		({"territory": "Here"}, "all"),
		({}, "all"),
	],
)
def test_the_pressed_button_says_whose_deals_the_filters_show(filters, whose):
	assert board.whose_of(filters, ME, "North") == whose


@pytest.mark.parametrize("key", ["mine", "team", "all"])
def test_a_button_sets_the_filters_that_press_it(key):
	assert board.whose_of(board.whose_filters(key, ME, "North"), ME, "North") == key


def test_who_stands_in_no_team_has_no_teams_deals():
	assert board.whose_of({"sales_person": "North"}, ME, "") == ""


@pytest.mark.parametrize(
	("card", "may_write", "keys"),
	[
		(
			{"phone": "1", "email_id": "a@b.example", "status": "Open"},
			True,
			["call", "mail", "log", "plan", "won", "lost"],
		),
		({"phone": "", "email_id": None, "status": "Open"}, True, ["log", "plan", "won", "lost"]),
		({"phone": "1", "email_id": None, "status": "Lost"}, True, ["call", "log"]),
		({"phone": "1", "email_id": "a@b.example", "status": "Open"}, False, ["call", "mail"]),
		({"phone": None, "email_id": None, "status": "Open"}, False, []),
	],
)
def test_a_card_offers_what_can_be_done_with_its_deal(card, may_write, keys):
	assert board.card_actions(card, may_write) == keys


STAGES = (
	("A", 10, "Open"),
	("B", 20, "Open"),
	("C", 30, "Open"),
	("W", 40, "Won"),
	("L", 50, "Lost"),
	("N", 60, "Lost"),
)
COLUMNS = [{"name": name, "type": kind, "disabled": False} for name, _position, kind in STAGES]
RULES = [
	dict(zip(("allow_skip", "allow_back", "allow_reopen", "allow_win_by_hand"), flags, strict=True))
	for flags in [(a, b, c, d) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)]
]


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "".join(map(str, rules.values())))
def test_undo_is_offered_exactly_where_the_server_takes_it(rules):
	"""The way back of a move, by core/stages.py: a deal that was closed from an open stage comes back to that one."""
	stages = {name: Stage(name, "P", position, kind) for name, position, kind in STAGES}
	for at, origin in enumerate(COLUMNS):
		for to, target in enumerate(COLUMNS):
			if at == to:
				continue
			offered = board.undo_allowed(COLUMNS, origin, target, rules)
			closed = target["type"] != "Open"
			# Closed from an open stage, a deal is held by that one; from a closed stage, by one that nobody asks about here.
			held = stages[origin["name"]] if closed and origin["type"] == "Open" else stages[target["name"]]
			if closed and origin["type"] != "Open":
				held = stages["C"]
			why = refusal(held, stages[origin["name"]], stages.values(), MoveRules(**rules), "P", closed=closed)
			if origin["type"] == "Won" and not rules["allow_skip"]:
				continue
			assert offered == (why is None), (origin["name"], target["name"], why)


def test_a_disabled_stage_takes_nothing_back():
	columns = [{**COLUMNS[0], "disabled": True}, *COLUMNS[1:]]
	rules = dict.fromkeys(RULES[0], 1)
	assert board.undo_allowed(columns, columns[0], columns[1], rules) is False


def test_a_dialog_is_shown_only_where_something_can_be_filled_in():
	assert board.asks({"fields": [{}], "checks": [], "others": []}) is True
	others = [{"text": "A contract", "kind": ""}]
	assert board.asks({"fields": [], "checks": [{}], "others": others}) is True
	assert board.asks({"fields": [], "checks": [], "others": others}) is False
	assert board.asks({"fields": [], "checks": [], "others": [*others, {"text": "A call", "kind": "activity"}]}) is True
