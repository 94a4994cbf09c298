"""Points of leads by rules."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import scoring
from crm_pipeline.core.scoring import ACTIVITIES, MAILS, MOST_OF_LEAD, PAGES, SILENCE, Facts, Happened, Rule

NOW = datetime(2026, 11, 29, 12)


def ago(**span) -> datetime:
	return NOW - timedelta(**span)


def facts(created=None, **values) -> Facts:
	return Facts(created or NOW, values)


def field(operator="is", *values, points=10, name="r") -> Rule:
	return Rule(name, scoring.FIELD, points, field="industry", operator=operator, values=frozenset(values))


@pytest.mark.parametrize(
	"operator, values, value, holds",
	[
		("is", ["energy", "water"], "Energy", True),
		("is", ["energy"], " energy ", True),
		("is", ["energy"], None, False),
		("is not", ["energy"], "Water", True),
		("is not", ["energy"], "", False),
		("contains", ["pump"], "Four Pumps", True),
		("contains", ["pump"], None, False),
		("contains", ["pump", "valve"], "Four Pumps", True),
		("contains", ["valve", "seal"], "Four Pumps", False),
		("is set", [], "x", True),
		("is set", [], 0, False),
		("is not set", [], None, True),
		("is", ["0"], 0, True),
		("is", ["5"], 5.0, True),
		("at least", ["50"], 50, True),
		("at least", ["50"], "49.9", False),
		("at least", ["50"], None, False),
		("at least", ["fifty"], 50, False),
		("at least", [], 50, False),
		("at most", ["50"], 0, True),
		("at most", ["50"], "nan", False),
	],
)
def test_the_condition_of_a_field(operator, values, value, holds):
	assert scoring.holds(field(operator, *values), value) is holds


def test_a_lead_of_which_nothing_is_known_has_no_points():
	rules = [
		field("is", "energy"), field("is not", "energy"), field("at most", "5"), field("contains", "a"),
		Rule("t", scoring.TERRITORY, 5, field="territory", values=frozenset(["north"])),
		Rule("a", scoring.ANSWER, 5, question="budget"),
		*(Rule(kind, kind, 5) for kind in scoring.BEHAVIOUR),
	]  # fmt: skip
	assert scoring.score(rules, Facts(NOW), NOW) == scoring.Score(0)
	assert scoring.score([], Facts(NOW), NOW).points == 0


def test_the_score_explains_itself_rule_by_rule():
	rules = [field("is", "energy", name="Energy"), field("is", "energy", points=-4, name="Not Theirs")]
	found = scoring.score(rules, facts(industry="Energy"), NOW)
	assert found.points == 6
	assert [(one.rule, one.points, one.times) for one in found.given] == [("Energy", 10, 1), ("Not Theirs", -4, 1)]


def test_an_answer_gives_its_points_or_as_often_as_it_weighs():
	known = Facts(NOW, answers={"budget": ("Approved", 3), "need": ("No", -2)})
	assert scoring.times_of(Rule("b", scoring.ANSWER, 5, question="budget", answer="approved"), known, NOW) == 1
	assert scoring.times_of(Rule("b", scoring.ANSWER, 5, question="budget", answer="None"), known, NOW) == 0
	assert scoring.score([Rule("b", scoring.ANSWER, 5, question="budget")], known, NOW).points == 15
	assert scoring.score([Rule("n", scoring.ANSWER, 5, question="need")], known, NOW).points == -10


def test_what_happened_counts_within_its_window_and_so_often_at_most():
	calls = [Happened(ACTIVITIES, ago(days=days), "Phone", "Reached", "Outbound") for days in (1, 5, 30, 31)]
	known = Facts(ago(days=90), happened=[*calls, Happened(ACTIVITIES, NOW + timedelta(days=1), "Phone")])
	assert scoring.times_of(Rule("c", ACTIVITIES, 1, days=30), known, NOW) == 3
	assert scoring.times_of(Rule("c", ACTIVITIES, 1), known, NOW) == 4
	assert scoring.times_of(Rule("c", ACTIVITIES, 1, most=2), known, NOW) == 2
	assert scoring.times_of(Rule("c", ACTIVITIES, 1, way="Visit"), known, NOW) == 0
	assert (
		scoring.times_of(Rule("c", ACTIVITIES, 1, way="Phone", result="Reached", direction="Outbound"), known, NOW) == 4
	)


def test_mails_and_pages_are_told_apart():
	known = Facts(
		ago(days=9),
		happened=[
			Happened(MAILS, ago(days=1), direction="Inbound"),
			Happened(PAGES, ago(days=2), page="/Pricing/pumps"),
			Happened(PAGES, ago(days=2), page="/about"),
		],
	)
	assert scoring.times_of(Rule("m", MAILS, 1, direction="Inbound"), known, NOW) == 1
	assert scoring.times_of(Rule("m", MAILS, 1, direction="Outbound"), known, NOW) == 0
	assert scoring.times_of(Rule("p", PAGES, 1, page="pricing"), known, NOW) == 1
	assert scoring.times_of(Rule("p", PAGES, 1), known, NOW) == 2


def test_silence_takes_points_for_each_full_week_and_rests_with_the_lead():
	silence = Rule("s", SILENCE, -5)
	weeks = lambda **known: scoring.times_of(silence, Facts(ago(days=30), **known), NOW)  # noqa: E731
	assert weeks() == 4
	assert weeks(happened=[Happened(MAILS, ago(days=8))]) == 1
	assert weeks(happened=[Happened(PAGES, ago(days=6, hours=23))]) == 0
	assert weeks(resting_until=date(2026, 12, 24)) == 0 and weeks(resting_until=date(2026, 11, 29)) == 4
	assert scoring.times_of(silence, Facts(ago(days=3000)), NOW) == scoring.WEEKS
	assert scoring.times_of(Rule("s", SILENCE, -5, most=3), Facts(ago(days=3000)), NOW) == 3
	# A clock that was put back, or a lead of tomorrow, makes no negative weeks.
	assert scoring.times_of(silence, Facts(NOW + timedelta(days=20)), NOW) == 0


def test_what_happened_is_known_for_as_long_as_rules_look_back():
	assert scoring.days_back([field("is", "x")]) == 0
	assert scoring.days_back([Rule("a", ACTIVITIES, 1, days=30), Rule("s", SILENCE, -1, most=8)]) == 63
	assert scoring.days_back([Rule("a", ACTIVITIES, 1)]) == scoring.LONGEST
	assert scoring.days_back([Rule("s", SILENCE, -1)]) == 7 * scoring.WEEKS + 7
	assert scoring.days_back([Rule("a", ACTIVITIES, 1, days=7), Rule("s", SILENCE, -1, most=1)]) == 14
	assert scoring.days_back([Rule("a", ACTIVITIES, 1, days=400), Rule("m", MAILS, 1, days=3)]) == 400


def test_rules_against_each_other_are_found_whatever_the_order_of_their_values():
	first = Rule("A", scoring.FIELD, 5, field="industry", values=frozenset(["x", "y"]))
	assert scoring.against(
		first, [first, Rule("B", scoring.FIELD, -5, field="industry", values=frozenset(["y", "x"]))]
	) == ["B"]
	assert scoring.against(first, [Rule("C", scoring.FIELD, 5, field="industry", values=frozenset(["y", "x"]))]) == []
	assert scoring.against(first, [Rule("D", scoring.FIELD, -5, field="channel", values=frozenset(["y", "x"]))]) == []
	assert scoring.against(Rule("E", MAILS, 5, days=9), [Rule("F", MAILS, -5, days=8)]) == []


@pytest.mark.parametrize(
	"before, after, threshold, rings",
	[
		(49, 50, 50, True),
		(None, 50, 50, True),
		(50, 60, 50, False),
		(60, 49, 50, False),
		(0, 90, 0, False),
		(-5, 10, 10, True),
	],
)
def test_a_threshold_is_crossed_from_below_only(before, after, threshold, rings):
	assert scoring.crossed(before, after, threshold) is rings


RULES = st.builds(
	Rule,
	name=st.text(max_size=5),
	kind=st.sampled_from(scoring.KINDS),
	points=st.integers(-100, 100),
	most=st.integers(0, 30),
	field=st.sampled_from(["industry", "size"]),
	operator=st.sampled_from(scoring.OPERATORS),
	values=st.frozensets(st.sampled_from(["energy", "5", "nan", "x"]), max_size=3),
	question=st.sampled_from(["need", "gone"]),
	answer=st.sampled_from(["", "Yes"]),
	days=st.integers(0, 400),
	direction=st.sampled_from(["", "Inbound"]),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1))
FACTS = st.builds(
	Facts,
	created=MOMENTS,
	values=st.fixed_dictionaries(
		{}, optional={"industry": st.sampled_from(["Energy", None, ""]), "size": st.integers(-5, 9)}
	),
	answers=st.dictionaries(st.just("need"), st.tuples(st.sampled_from(["Yes", ""]), st.integers(-100, 100))),
	happened=st.lists(st.builds(Happened, kind=st.sampled_from(scoring.COUNTED), at=MOMENTS), max_size=20),
)


@given(st.lists(RULES, max_size=8), FACTS)
def test_the_reasons_add_up_to_the_score_within_its_limits(rules, known):
	found = scoring.score(rules, known, NOW)
	total = sum(one.points for one in found.given)
	assert found.points == max(-MOST_OF_LEAD, min(MOST_OF_LEAD, total))
	assert all(one.points for one in found.given)


@given(st.lists(RULES, max_size=6), FACTS)
def test_what_lies_farther_back_than_rules_look_changes_nothing(rules, known):
	since = NOW - timedelta(days=scoring.days_back(rules))
	near = Facts(known.created, known.values, known.answers, [one for one in known.happened if one.at >= since])
	assert scoring.score(rules, near, NOW) == scoring.score(rules, known, NOW)


def test_a_rule_of_an_unknown_kind_gives_nothing():
	known = Facts(ago(days=9), happened=[Happened(MAILS, ago(days=1))])
	assert scoring.times_of(Rule("x", "Horoscope", 5), known, NOW) == 0


def test_what_happened_counts_from_the_first_moment_of_the_window_to_now():
	known = Facts(ago(days=90), happened=[Happened(MAILS, ago(days=30)), Happened(MAILS, NOW)])
	assert scoring.times_of(Rule("m", MAILS, 1, days=30), known, NOW) == 2
	assert scoring.times_of(Rule("m", MAILS, 1, days=30), known, NOW + timedelta(seconds=1)) == 1
	assert scoring.times_of(Rule("m", MAILS, 1, days=30), known, NOW - timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
	("operator", "value", "holds"),
	[("at least", 10, True), ("at least", 9, False), ("at most", 20, True), ("at most", 21, False)],
)
def test_of_several_limits_the_widest_counts(operator, value, holds):
	assert scoring.holds(field(operator, "10", "20"), value) is holds


@pytest.mark.parametrize(
	("text", "decimal", "read"),
	[
		("1.000", ",", "1000"),
		("1.000", ".", "1.000"),
		("1,000", ".", "1000"),
		("1,00,000.5", ".", "100000.5"),
		("-1.234.567,8", ",", "-1234567.8"),
		("12,5", ",", "12.5"),
		("12.5", ",", "12.5"),
		("0.125", ",", "0.125"),
		("1 000", ",", "1000"),
		("12,5", ".", "12,5"),
		("Hall 1.000", ",", "Hall 1.000"),
		("", ",", ""),
	],
)
def test_a_number_is_read_as_the_site_writes_it(text, decimal, read):
	assert scoring.plain_number(text, decimal) == read
