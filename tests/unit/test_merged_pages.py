"""Pages merged from several queries: every row once, in one order, wherever a page ends."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import merged_pages
from crm_pipeline.core.merged_pages import Row, moment_of

START = datetime(2026, 1, 1)
rows = st.lists(
	st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 9)), unique=True, max_size=25
)  # fmt: skip


def in_order(drawn) -> list[Row]:
	made = [Row(START + timedelta(microseconds=moment), kind, f"{name}", {}) for moment, kind, name in drawn]
	made.sort(key=lambda row: row.name, reverse=True)
	return sorted(made, key=lambda row: (datetime.max - row.moment, row.kind))


def asked(table: list[Row], place, size: int) -> tuple[list[Row], bool]:
	"""What the kinds' queries would answer from a place on, one page of each."""
	found = []
	for kind in "abc":
		start = merged_pages.after(place, kind)
		own = [row for row in table if row.kind == kind]
		if start:
			own = [row for row in own if row.moment < start.moment or (start.equal and row.moment == start.moment)]
			if start.name is not None:
				own = [row for row in own if row.moment < start.moment or row.name < start.name]
		found.append(own[: size + 1])
	return merged_pages.page(found, size)


@given(rows, st.integers(1, 5))
def test_page_after_page_is_the_whole_in_order(drawn, size):
	table, seen, place = in_order(drawn), [], None
	for _turn in range(40):
		page, more = asked(table, place, size)
		seen += page
		if not more:
			break
		place = (page[-1].moment, page[-1].kind, page[-1].name)
	assert seen == table


@given(rows, st.integers(1, 5), st.integers(0, 9))
def test_what_comes_in_at_the_top_moves_nothing_below(drawn, size, number):
	table = in_order(drawn)
	page, more = asked(table, None, size)
	if not more:
		return
	place = (page[-1].moment, page[-1].kind, page[-1].name)
	later = [Row(START + timedelta(days=1), "b", str(number), {}), *table]
	assert asked(later, place, size) == asked(table, place, size)


def test_a_day_stands_for_its_midnight():
	assert moment_of(date(2026, 3, 1)) == datetime(2026, 3, 1)
	assert moment_of(datetime(2026, 3, 1, 9, 30)) == datetime(2026, 3, 1, 9, 30)
