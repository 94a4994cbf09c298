"""Which entries of a timeline are shown."""

from tests.unit.desk import module

timeline = module("timeline")


def entry(kind, at, **row):
	return {"kind": kind, "at": at, "row": row}


ENTRIES = [
	entry("Move", 5), entry("Activity", 4), entry("Memo", 3, pinned=1), entry("Activity", 2), entry("Memo", 1, pinned=0),
]  # fmt: skip


def at(answer):
	return [found["at"] for found in answer["shown"]]


def test_memos_kept_on_top_come_first_and_the_rest_by_time():
	assert at(timeline.picked(ENTRIES, "", 9)) == [3, 5, 4, 2, 1]


def test_a_kind_alone_and_a_page_of_it():
	answer = timeline.picked(ENTRIES, "Activity", 1)
	assert (at(answer), answer["more"]) == ([4], 1)
	assert timeline.picked(ENTRIES, "Mail", 9) == {"shown": [], "more": 0}


def test_kinds_that_there_are_in_their_order():
	assert timeline.kinds_of(ENTRIES) == [["Activity", 2], ["Move", 1], ["Memo", 2]]
	assert timeline.kinds_of([]) == []
