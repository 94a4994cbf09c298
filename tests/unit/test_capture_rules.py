"""What comes in from outside: people and programs that send a form, and how long a page was looked at."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import capture
from crm_pipeline.core.capture import PageView

NOW = 1_800_000_000
NOON = datetime(2026, 3, 1, 12)


@pytest.mark.parametrize(
	("trap", "opened_at", "is_used", "said"),
	[
		("", NOW - 60, False, "human"),
		("", NOW - 3, False, "human"),
		("", NOW - 2, False, "too fast"),
		("", NOW, False, "too fast"),
		("", NOW - 24 * 3600, False, "human"),
		("", NOW - 24 * 3600 - 1, False, "too late"),
		("", NOW + 1, False, "forged"),
		("", None, False, "forged"),
		("", NOW - 60, True, "used"),
		("http://x", NOW - 60, False, "trapped"),
		("  ", NOW - 60, False, "human"),
	],
)
def test_a_person_opens_a_form_fills_it_and_sends_it_once(trap, opened_at, is_used, said):
	assert capture.verdict(trap, opened_at, NOW, is_used) == said


def test_a_page_is_looked_at_until_the_next_one_and_the_last_for_nobody_knows_how_long():
	views = [
		PageView("b", NOON + timedelta(seconds=90)),
		PageView("a", NOON, "search"),
		PageView("c", NOON + timedelta(hours=3)),
	]
	assert [(v.path, v.seconds, v.referrer) for v in capture.visits(views)] == [
		("a", 90, "search"),
		("b", None, None),
		("c", None, None),
	]
	long_visit = [PageView(str(n), NOON + timedelta(minutes=20 * n)) for n in range(6)]
	assert capture.begin_of_visit(long_visit).path == "0", (
		"a visit goes on as long as no pause is longer than half an hour"
	)
	half_an_hour = [PageView("a", NOON), PageView("b", NOON + timedelta(minutes=30))]
	assert [v.seconds for v in capture.visits(half_an_hour)] == [1800, None]


@given(st.lists(st.integers(0, 10**6)))
def test_every_view_is_a_visit_and_none_lasts_longer_than_a_visit(seconds):
	found = capture.visits([PageView(str(n), NOON + timedelta(seconds=n)) for n in seconds])
	assert sorted(v.path for v in found) == sorted(map(str, seconds))
	assert all(v.seconds is None or 0 <= v.seconds <= capture.GAP for v in found)


@pytest.mark.parametrize(
	("address", "automatic"),
	[
		("no-reply@harbour.example", True),
		("NoReply@harbour.example", True),
		("do_not.reply@harbour.example", True),
		("MAILER-DAEMON@harbour.example", True),
		("bounces+123=ines@harbour.example", True),
		("auto-reply7@harbour.example", True),
		("noreply-dmarc-support@harbour.example", True),
		("orders.no-reply@harbour.example", True),
		("ne-pas-repondre@harbour.example", True),
		("noreen.plywood@harbour.example", False),
		("ines@noreply.example", False),
		("reply@harbour.example", False),
		("ines+bounces@harbour.example", False),
		("", False),
		(None, False),
	],
)
def test_machines_are_known_by_what_stands_before_the_at(address, automatic):
	assert capture.is_automatic(address) is automatic
