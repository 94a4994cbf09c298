"""The organisation chart: who stands below whom, and where a card may be put."""

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.desk import module

CHART = module("org_chart")


def posts(**above):
	return [{"name": name, "superior": superior} for name, superior in above.items()]


def names(tree):
	return [(node["post"]["name"], names(node["below"])) for node in tree]


def test_posts_stand_below_the_one_above_and_others_on_top():
	found = names(CHART.tree_of(posts(chief=None, head="chief", clerk="head", guest="nobody_here")))
	assert found == [("chief", [("head", [("clerk", [])])]), ("guest", [])]


def test_a_card_is_not_put_below_itself_nor_where_it_is():
	all_posts = posts(chief=None, head="chief", clerk="head")
	assert CHART.may_put(all_posts, "clerk", "chief") and CHART.may_put(all_posts, "clerk", None)
	assert not CHART.may_put(all_posts, "chief", "clerk") and not CHART.may_put(all_posts, "chief", "chief")
	assert not CHART.may_put(all_posts, "clerk", "head") and not CHART.may_put(all_posts, "chief", None)
	assert not CHART.may_put(all_posts, "unknown", "chief")


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdef"), max_size=6))
def test_a_chart_ends_however_it_was_written(above):
	CHART.tree_of(posts(**above))
	for name in above:
		assert name in CHART.branch_of(posts(**above), name)
