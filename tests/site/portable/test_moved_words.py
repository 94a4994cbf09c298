"""Words, days and addresses of another system, made fit for the fields here."""

from datetime import date

import pytest

from crm_pipeline.importer.moving_in import old_words
from crm_pipeline.importer.moving_in.old_words import Words
from tests.site.portable.test_moved_in import ANN, GONE


@pytest.fixture
def words(site):
	return Words("Any", "DE", {("status", "Replied"): "Contacted", ("owner", GONE): ANN})


def test_words_mean_what_somebody_says_or_themselves(words):
	assert (words.of("status", "Replied"), words.of("status", "Odd"), words.of("status", None)) == (
		"Contacted",
		"Odd",
		"",
	)
	assert (words.owner(GONE), words.owner("who@x.example"), words.owner(None), words.owner(ANN)) == (ANN, "", "", ANN)
	assert words.signed("x", None) == words.signed("x", ANN) == "x" and words.signed(None, "who@x.example") == ""
	assert words.signed("x", "a<b>@x") == "<p><i>a&lt;b&gt;@x</i></p>x"
	assert (words.link("Country", "Germany"), words.link("Country", "Atlantis"), words.link("Country", None)) == (
		"Germany", "", "",
	)  # fmt: skip


def test_days_that_nobody_means_are_none(words):
	words.today = date(2026, 1, 2)
	assert words.happened("2026-01-03", None, "2026-01-02 23:00:00") == date(2026, 1, 2)
	assert words.happened("1969-12-31", "1970-01-01") == date(1970, 1, 1) and words.happened(None) == words.today
	ahead = old_words.YEARS_AHEAD
	assert words.expected(f"{2026 + ahead}-12-31") and not words.expected(f"{2027 + ahead}-01-01")
	assert words.expected("1970-01-01") == date(1970, 1, 1) and not words.expected("1969-12-31")
	assert words.expected(None) is None


def test_what_somebody_can_not_be_reached_by_is_kept_as_text(words):
	assert words.reach(email=" ann@x.example ", phone="030 901820", mobile=None) == (
		{"email": "ann@x.example", "phone": "030 901820"}, "",
	)  # fmt: skip
	assert words.reach(email="ann@", phone="call me", mobile="  ") == ({}, "Email: ann@\nPhone: call me")
