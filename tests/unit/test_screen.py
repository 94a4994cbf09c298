"""What the demo draws on a terminal."""

from datetime import datetime

from benchless.walk.screen import LEGEND, MARKS, Screen, shown


def document(doctype: str, number: int, source: dict | None = None) -> dict:
	came_from = (source["doctype"], source["name"]) if source else None
	return {"doctype": doctype, "name": f"{doctype.upper()}-{number}", "source": came_from}


def drawn(chain: list[dict], capsys) -> list[tuple[int, str]]:
	"""(depth, name) of every line of the picture of a chain."""
	Screen().picture("chain", chain)
	lines = capsys.readouterr().out.splitlines()[2:]
	return [((len(line) - len(line.lstrip())) // 2 - 2, line.split()[-1]) for line in lines]


def test_each_document_hangs_below_the_one_that_it_came_from(capsys):
	campaign = document("Campaign", 1)
	won, lost = document("Lead", 1, campaign), document("Lead", 2, campaign)
	deal, failed = document("Deal", 1, won), document("Deal", 2, lost)
	quotation = document("Quotation", 1, deal)
	assert drawn([campaign, won, lost, failed, deal, quotation], capsys) == [
		(0, "CAMPAIGN-1"), (1, "LEAD-1"), (2, "DEAL-1"), (3, "QUOTATION-1"), (1, "LEAD-2"), (2, "DEAL-2"),
	]  # fmt: skip


def test_what_came_from_something_that_is_not_shown_begins_a_chain(capsys):
	hidden = document("Lead", 1)
	assert drawn([document("Deal", 1, hidden), document("Deal", 2)], capsys) == [(0, "DEAL-1"), (0, "DEAL-2")]


def test_a_point_in_time_is_told_to_the_minute():
	assert [shown(value) for value in ("2026-11-28 20:08:11.123456", datetime(2026, 1, 2, 3, 4, 5), "2026-11-28")] == [
		"2026-11-28 20:08", "2026-01-02 03:04", "2026-11-28",
	]  # fmt: skip


def test_every_mark_of_the_ribbon_is_explained():
	assert all(mark in LEGEND for mark in MARKS.values())
