"""The traces: what they hold, how they are matched, and that they never guess."""

import datetime
import json

import pytest

from tests.site.hosts import HOST

if HOST.name == "bench":
	pytest.skip("this is about the embedded host", allow_module_level=True)
HOST.prepare()

import frappe  # noqa: E402

from benchless import back_office  # noqa: E402
from benchless.back_office import facts, files, names, replay  # noqa: E402
from tests.site.recorder import plugin, writing  # noqa: E402

today = lambda: frappe.utils.getdate(frappe.utils.nowdate())  # noqa: E731
VERSIONS = pytest.mark.parametrize("version", files.VERSIONS)
# The company of the site that the traces were recorded on.
COMPANY = files.load("seed", files.VERSIONS[0])["Company"][0]
STORY = "test_request.py::test_accepting_twice_gives_one_order"


@pytest.fixture
def told():
	"""Names of a story on this host, as if it began now."""
	return names.of_this_site()


@pytest.fixture
def story(monkeypatch):
	"""story(exchanges) begins a story that holds just these."""

	def begin(*exchanges):
		held = {
			"stories": {STORY: [str(i) for i in range(len(exchanges))]},
			"exchanges": {str(i): e for i, e in enumerate(exchanges)},
		}
		real = files.load
		monkeypatch.setattr(
			replay.files, "load", lambda kind, version: held[kind] if kind in held else real(kind, version)
		)
		back_office.begin(STORY)

	yield begin
	back_office.end(failed=True)
	frappe.db.rollback()


def rate(answer=1.5, **changed):
	asked = {"ask": "call erpnext.setup.utils.get_exchange_rate", "with": {"args": ["EUR", "USD", "«today»"]}}
	return {**asked, **changed, "then": [["answer", answer]]}


def ask_rate(day=0):
	return back_office.call(
		"erpnext.setup.utils.get_exchange_rate",
		("EUR", "USD", frappe.utils.add_days(frappe.utils.nowdate(), day)),
	)


# ---- matching


def test_a_recorded_question_is_answered_whatever_day_it_is(story):
	story(rate())
	assert ask_rate() == 1.5


def test_equal_questions_are_answered_in_the_recorded_order(story):
	story(rate(1.5), rate(1.6))
	assert [ask_rate(), ask_rate()] == [1.5, 1.6]


def test_another_input_is_an_error_that_shows_both(story):
	story(rate())
	with pytest.raises(back_office.NoTraceError, match=r"(?s)- .*«today».*\+ .*«today\+3»"):
		ask_rate(day=3)


def test_an_answer_is_used_once(story):
	story(rate())
	ask_rate()
	with pytest.raises(back_office.NoTraceError, match="all recorded ones were asked already"):
		ask_rate()


def test_another_user_is_another_question(story):
	story(rate())
	frappe.set_user("rep@crm-test.example")
	try:
		with pytest.raises(back_office.NoTraceError, match="rep@crm-test.example"):
			ask_rate()
	finally:
		frappe.set_user("Administrator")


def test_a_recorded_question_that_nobody_asks_is_an_error(story):
	story(rate())
	with pytest.raises(back_office.NotAskedError, match="get_exchange_rate"):
		back_office.end()


def test_outside_a_story_there_are_no_answers():
	with pytest.raises(back_office.NoTraceError, match="only inside a recorded story"):
		ask_rate()


def test_a_story_that_was_never_recorded_says_so():
	back_office.begin("test_request.py::test_of_tomorrow")
	with pytest.raises(back_office.NoTraceError, match="never recorded"):
		ask_rate()
	back_office.end(failed=True)


def test_errors_of_erpnext_are_raised_as_they_were(story):
	story({**rate(), "then": [["error", "ValidationError", "No rate of «company»"]]})
	with pytest.raises(frappe.ValidationError, match=f"No rate of {COMPANY['name']}"):
		ask_rate()


def test_a_handler_that_no_longer_refuses_is_an_error(story):
	story({**rate(), "then": [["refused"]]})
	with pytest.raises(back_office.BackOfficeError, match="a handler of the app refused"):
		ask_rate()


# ---- placeholders


@pytest.mark.parametrize(
	("value", "hidden"),
	[
		(today(), "«today»"),
		(str(today() - datetime.timedelta(days=3)), "«today-3»"),
		(datetime.date(2001, 2, 3), "2001-02-03"),
		(f"Stores - {COMPANY['abbr']}", "«Warehouse 1»"),
		(f"Debtors - {COMPANY['abbr']}", "Debtors - «abbr»"),
		(COMPANY["name"], "«company»"),
		(480.0, 480),
		(0.1 + 0.2, 0.3),
		(True, 1),
		("Four pumps", "Four pumps"),
	],
)
def test_what_differs_from_run_to_run_is_a_placeholder(told, value, hidden):
	assert told.hide(value) == hidden


def test_names_are_numbered_as_they_appear_and_come_back(told):
	told.note_tag("c0ffee")
	told.note("SAL-ORD-2026-00007", "Sales Order")
	texts = ["Pump c0ffee", "SAL-ORD-2026-00007", "made from SAL-ORD-2026-00007"]
	assert told.hide(texts) == ["Pump «tag 1»", "«Sales Order 1»", "made from «Sales Order 1»"]
	assert told.reveal(told.hide(texts)) == texts


# ---- changes of documents


def test_changes_of_rows_are_told_by_position_or_as_moves():
	old = {"status": "Draft", "items": [("a", {"qty": 1}), ("b", {"qty": 2})]}
	same_rows = {"status": "Open", "items": [("a", {"qty": 1}), ("b", {"qty": 3})]}
	other_rows = {"items": [("b", {"qty": 2}), ("c", {"qty": 5})]}
	assert facts.changes(old, same_rows) == {"status": "Open", "items": {"1": {"qty": 3}}}
	assert facts.changes(old, other_rows) == {"items": [[1, {}], [None, {"qty": 5}]], "status": None}


# ---- the files


@VERSIONS
def test_stories_and_exchanges_belong_together(version):
	stories, exchanges = files.load("stories", version), files.load("exchanges", version)
	used = [exchange for story in stories for exchange in files.told(stories, exchanges, story)]
	assert {id(exchange) for exchange in used} == {id(exchange) for exchange in exchanges.values()}


@VERSIONS
def test_what_both_versions_answer_alike_is_there_once(version):
	for kind in files.KINDS:
		shared = files.read("both", kind)
		(other,) = set(files.VERSIONS) - {version}
		for key, entry in files.read(version, kind).items():
			assert key not in shared
			assert files.read(other, kind).get(key) != entry


def test_files_are_written_as_they_are_read():
	entries = files.load("exchanges", "15")
	assert json.loads(writing.readable(entries)) == entries


def test_a_check_tells_which_recorded_story_differs_and_leaves_unrecorded_ones_out():
	told = plugin.told_before(STORY)
	assert told
	assert plugin.difference("story", STORY, told, told) == []
	assert plugin.difference("story", "test_new.py::test_x", plugin.told_before("test_new.py::test_x"), []) == []
	found = plugin.difference("story", STORY, told, told[:-1])
	assert found[0] == f"story {STORY} differs (-recorded +this site):"
	assert any(line.startswith("-") for line in found[1:])
