"""Scores of many leads: what of their past is asked, what was known before a decision, whom a night calls, what is said."""

import json
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import get_datetime, now_datetime

from crm_pipeline.chain import locks
from crm_pipeline.core import learned_score
from crm_pipeline.core.learned_score import Lesson
from crm_pipeline.scoring import lead_scores, learned_scores, score_calls, score_rules, score_words, scored_facts
from tests.site.portable.test_lead_scores import of_channel
from tests.site.rows import row

LEAD, PROSPECT, MODEL = "Sales Lead", "Sales Prospect", "Lead Score Model"
MADE = datetime(2026, 3, 1, 9)


def after(days: float = 0, seconds: int = 0) -> datetime:
	return MADE + timedelta(days=days, seconds=seconds)


@pytest.fixture(autouse=True)
def no_rules(rolled_back):
	frappe.db.delete("Lead Score Rule")
	frappe.db.set_single_value(MODEL, "state", "")


def lead(world, key: str, **values) -> str:
	values = {"status": "New", "title": key, "creation": MADE, "docstatus": 0, **values}
	return row(LEAD, name=f"{key} {world.tag}", company=world.company, **values)


# ---- what happened


def mail(world, about: str, at, **values) -> None:
	values = {
		"reference_doctype": LEAD,
		"communication_type": "Communication",
		"sent_or_received": "Received",
		**values,
	}
	row("Communication", reference_name=about, communication_date=at, subject="Hello", docstatus=0, **values)


def test_mails_are_those_about_this_very_lead_since_a_moment(world):
	name, other = lead(world, "a"), lead(world, "b")
	mail(world, name, after(1)), mail(world, name, after(2), sent_or_received="Sent")
	mail(world, name, after(3), reference_doctype=PROSPECT), mail(world, name, after(4), communication_type="Comment")
	mail(world, other, after(5)), mail(world, name, None)
	rows = [frappe._dict(name=name)]

	def told(since=None):
		found = sorted(scored_facts._mails(rows, since), key=lambda one: one[1].at)
		return [(who, one.at, one.direction) for who, one in found]

	first, second = (name, after(1), "Inbound"), (name, after(2), "Outbound")
	assert told() == [first, second]
	assert told(after(1)) == [first, second] and told(after(1, 1)) == [second] and told(after(2, 1)) == []


def test_pages_are_those_of_a_visitor_for_each_lead_that_the_visitor_is(world):
	visitor, other = f"v-{world.tag}", f"w-{world.tag}"
	seen = lambda who, day, path: row("Web Page View", visitor_id=who, path=path, creation=after(day), docstatus=0)  # noqa: E731
	seen(visitor, 1, "/pumps"), seen(visitor, 2, None), seen(other, 3, "/prices"), seen(None, 4, "/about")
	rows = [{"name": "a", "visitor_id": visitor}, {"name": "b", "visitor_id": visitor}, {"name": "c", "visitor_id": ""}, {"name": "d"}]  # fmt: skip
	told = lambda since=None: sorted((who, one.at, one.page) for who, one in scored_facts._pages(rows, since))  # noqa: E731
	both = [(who, *what) for who in "ab" for what in ((after(1), "/pumps"), (after(2), ""))]
	assert told() == both == told(after(1))
	assert told(after(1, 1)) == [("a", after(2), ""), ("b", after(2), "")] and told(after(2, 1)) == []
	assert list(scored_facts._pages(rows[2:], None)) == []


def answer(key: str, of: str, **values) -> str:
	values = {"parenttype": LEAD, "parentfield": "answers", "question_key": key, "creation": MADE, "idx": 1, **values}
	return row("Lead Answer", parent=of, docstatus=0, **values)


def test_answers_are_a_lead_s_own_that_were_given_before_and_not_changed_since(world):
	name = lead(world, "a")
	answer("need", name, answer="Yes", points=3), answer("mood", name, answer=None, points=0, idx=2)
	answer("other", name, parenttype=PROSPECT, answer="No"), answer("elsewhere", lead(world, "b"), answer="No")
	changed = answer("time", name, answer="Soon", points=-2, idx=3)
	answer("late", name, answer="Late", creation=after(1), idx=4)
	rows = [frappe._dict(name=name)]
	every = {"need": ("Yes", 3), "mood": ("", 0), "time": ("Soon", -2), "late": ("Late", 0)}
	asked = lambda *of: scored_facts._answers(rows, {name: of} if of else {}).get(name, {})  # noqa: E731
	without = lambda *keys: {key: value for key, value in every.items() if key not in keys}  # noqa: E731
	assert asked() == every == asked(after(1, 1), ())
	assert asked(after(1), ()) == without("late") and asked(after(2), {changed}) == without("time")
	assert asked(MADE, ()) == {}


# ---- what was known before a decision


def version(name: str, at, **data) -> None:
	text = data.pop("text", None) or json.dumps(data)
	row("Version", ref_doctype=data.pop("of", LEAD), docname=name, data=text, creation=at, docstatus=0)


def test_what_was_changed_with_a_decision_or_after_it_is_put_back(world):
	name, other = lead(world, "a"), lead(world, "b")
	version(name, after(8), changed=[["phone", "early", "before"]])
	version(
		name, after(9), changed=[["phone", "before", "with it"], ["status", "New", "Converted"], ["gone", "a", "b"]]
	)
	version(name, after(11), changed=[["phone", "with it", "later"], ["industry", "", "Mills"]])
	version(other, after(12), changed=[["phone", "theirs", "x"]])
	row("Version", ref_doctype=PROSPECT, docname=name, data=json.dumps({"changed": [["phone", "wrong", "x"]]}), creation=after(12), docstatus=0)  # fmt: skip
	version(name, after(13), text="no json"), version(name, after(14), text="[1]"), version(name, after(15), text='"a"')
	stored = {"name": name, "phone": "now", "industry": "Mills", "status": "Converted", "channel": "Fair"}
	rows, _answered = learned_scores._undone([frappe._dict(stored)], {name: after(9)})
	assert rows == [{**stored, "phone": "before", "industry": ""}]
	rows, _answered = learned_scores._undone([frappe._dict(stored)], {name: after(9, 1)})
	assert rows == [{**stored, "phone": "with it", "industry": ""}]


def test_answers_of_the_last_day_before_a_decision_are_a_part_of_it(world):
	name = lead(world, "a")

	def on(*rows, table="answers"):
		return [[table, place, one, [["answer", "No", "Yes"]]] for place, one in enumerate(rows)]

	version(name, after(8, -1), row_changed=on("long before"))
	version(name, after(8), row_changed=on("a", "b"))
	version(name, after(8.5), row_changed=on("an item", table="items"))
	version(name, after(12), row_changed=on("c"), changed=[])
	_rows, answered = learned_scores._undone([frappe._dict(name=name)], {name: after(9)})
	assert answered == {name: (after(8), {"a", "b", "c"})}


@pytest.mark.parametrize(
	"data, found", [(None, {}), ("", {}), ("no json", {}), ("[1]", {}), ("5", {}), ('{"a": 1}', {"a": 1})]
)
def test_a_version_that_can_not_be_read_changed_nothing(site, data, found):
	assert learned_scores._read(data) == found


def test_an_example_is_a_lead_as_it_was_with_what_was_known_then(world, monkeypatch):
	"""The latest decisions come first, and of those as many as a model takes."""
	names = [lead(world, key, status="Converted", converted_on=at, channel="Fair") for key, at in (("a", after(9)), ("b", after(20)), ("c", after(30)))]  # fmt: skip
	version(names[1], after(20), changed=[["channel", "Phone", "Fair"]])
	(
		answer("need", names[1], answer="Yes", creation=after(2)),
		answer("time", names[1], answer="Now", creation=after(19.5)),
	)
	mail(world, names[1], after(1)), mail(world, names[1], after(21))
	monkeypatch.setattr(
		learned_scores, "_decided", lambda: dict(zip(names, (after(9), after(20), after(30)), strict=True))
	)
	monkeypatch.setattr(learned_score, "MOST", 2)
	for chunk in (1, 1000):
		monkeypatch.setattr(learned_scores, "CHUNK", chunk)
		assert sorted(one.decided for one in learned_scores.examples()) == [after(20), after(30)]
	[found] = [one for one in learned_scores.examples() if one.decided == after(20)]
	assert found.converted and found.created == MADE
	assert (found.facts["channel"], found.facts["mails"]) == ("Phone", 1)
	assert (found.facts.get("answer.need"), found.facts.get("answer.time")) == ("Yes", None)


# ---- a lesson


def test_each_figure_of_a_lesson_is_kept_where_it_belongs(site):
	marks = lambda auc, brier, at: learned_score.Quality(auc, brier, [[at, at, 1]])  # noqa: E731
	kept = dict.fromkeys(Lesson.__dataclass_fields__)
	kept |= {"state": "Not Better", "examples": 300, "converted": 90, "judged": 60, "split": MADE, "guess": 0.21}
	lesson = frappe._dict({**kept, "learned": marks(0.7, 0.18, 0.3), "rules": marks(0.6, 0.2, 0.4), "model": None})
	learned_scores.keep(lesson)
	doc = frappe.get_doc(MODEL)
	figures = [doc.get(field) for field in ("auc", "brier", "rules_auc", "rules_brier", "guess_brier")]
	assert [round(float(one), 3) for one in figures] == [0.7, 0.18, 0.6, 0.2, 0.21]
	assert (doc.state, doc.examples, doc.converted, doc.judged) == ("Not Better", 300, 90, 60)
	assert json.loads(doc.calibration) == {"learned": [[0.3, 0.3, 1]], "rules": [[0.4, 0.4, 1]]} and not doc.model
	assert abs(get_datetime(doc.trained_on) - now_datetime()) < timedelta(minutes=5)
	# The next one has nothing to say: nothing of this one stays.
	learned_scores.keep(
		frappe._dict({**kept, "learned": None, "rules": None, "guess": None, "model": None, "state": "Not Enough"})
	)
	doc = frappe.get_doc(MODEL)
	assert not any(
		doc.get(field) for field in ("auc", "brier", "rules_auc", "rules_brier", "guess_brier", "calibration")
	)


@pytest.mark.parametrize(
	"state, better", [("Not Enough", False), ("Not Better", False), (learned_score.BETTER_THAN_RULES, True)]
)
def test_what_came_of_learning_is_kept_be_it_better_or_not(site, monkeypatch, state, better):
	told = []
	monkeypatch.setattr(learned_scores, "examples", lambda: "examples")
	monkeypatch.setattr(learned_score, "learn", lambda given: told.append(given) or frappe._dict(state=state))
	monkeypatch.setattr(learned_scores, "keep", lambda lesson: told.append(lesson.state))
	assert learned_scores.learn_again() == better and told == ["examples", state]


# ---- a night


def test_a_lead_that_could_not_be_scored_leaves_nothing_half_stored(world, monkeypatch):
	name = lead(world, "a", channel="Referral", score_told="[]", score=0)
	of_channel(30)
	logged = []
	monkeypatch.setattr(frappe, "log_error", lambda **what: logged.append(what))
	monkeypatch.setattr(score_calls, "note_crossings", lambda found: 1 / 0)
	other = lead(world, "b", channel="Referral", score_told="[]", score=0)
	assert lead_scores._refresh_if_possible([name, other], False) is None and not logged
	assert frappe.db.get_value(LEAD, name, ["score", "score_told"]) == (0, "[]")
	assert lead_scores._refresh_if_possible([name], False) is None
	assert frappe.db.get_value(LEAD, name, ["score", "score_told"]) == (0, "[]")
	assert [name in one["message"] for one in logged] == [True]


@pytest.mark.parametrize("lost", ["is_lost_race", "is_lost_connection"])
def test_a_night_that_lost_a_race_or_its_database_says_so(world, monkeypatch, lost):
	monkeypatch.setattr(lead_scores, "refresh", lambda names, **how: 1 / 0)
	monkeypatch.setattr(locks, lost, lambda error: isinstance(error, ZeroDivisionError))
	with pytest.raises(ZeroDivisionError):
		lead_scores._refresh_if_possible(["a"], False)


@pytest.mark.parametrize("are_new", [True, False])
def test_one_by_one_nobody_is_called_for_rules_that_are_new(world, monkeypatch, are_new):
	asked = []

	def fails(names, quiet):
		asked.append((tuple(names), quiet))
		return None if len(names) > 1 or names == ["b"] else 1

	monkeypatch.setattr(lead_scores, "_names_after", lambda after: ["a", "b", "c"])
	monkeypatch.setattr(lead_scores, "_rules_are_new", lambda: are_new)
	monkeypatch.setattr(lead_scores, "_refresh_if_possible", fails)
	assert lead_scores.score_chunk("") == 2
	assert asked == [(names, are_new) for names in (("a", "b", "c"), ("a",), ("b",), ("c",))]


@pytest.mark.parametrize(
	"values, quiet, crossing",
	[
		({"score": 20, "score_told": "[]"}, False, (20, 30)), ({"score": 20, "score_told": "[]"}, True, None),
		({"score": 20, "score_told": None}, False, None), ({"score": 90, "score_told": "[]"}, False, (90, 30)),
	],
)  # fmt: skip
def test_a_night_tells_the_score_before_and_the_score_now(world, monkeypatch, values, quiet, crossing):
	rep = "rep@crm-test.example"
	name = lead(world, "a", channel="Referral", sales_owner=rep, **values)
	closed = [
		lead(world, f"c{n}", channel="Referral", status=status, score_told="[]")
		for n, status in enumerate(("Converted", "Disqualified"))
	]
	of_channel(30)
	told = []
	monkeypatch.setattr(score_calls, "note_crossings", told.extend)
	assert lead_scores.refresh([name, *closed], quiet=quiet) == 1
	assert told == ([(name, rep, *crossing)] if crossing else [])
	assert frappe.db.get_value(LEAD, name, "score") == 30
	assert [frappe.db.get_value(LEAD, one, "score") or 0 for one in closed] == [0, 0]
	told.clear()
	assert lead_scores.refresh([name]) == 0 and told == [], "nothing changed"


# ---- what is said


def model(*contributions):
	return frappe._dict(contributions=lambda facts: list(contributions))


def test_the_weightiest_reasons_of_the_learned_score_are_said_for_and_against(world, monkeypatch):
	name = lead(world, "a", phone="+1", learned_score=41.26)
	given = [("phone", 0.9), ("email_id", -0.8), ("mobile_no", 0.05), ("inbound", 0.3), ("mails", 0.2), ("outbound", -0.051), ("message", 0.06)]  # fmt: skip
	monkeypatch.setattr(learned_scores, "in_use", lambda: model(*given))
	told = score_words._learned(frappe.get_doc(LEAD, name))
	assert told["score"] == 41.3
	label = frappe.get_meta(LEAD).get_label("email_id")
	assert [(one["text"], one["more"]) for one in told["reasons"]] == [
		("Phone is filled", True), (f"{label} is empty", False), ("Inbound activities: 0", True),
		("E-mails received: 0", True), ("Outbound activities: 0", False),
	]  # fmt: skip


def test_a_lead_without_rules_is_explained_by_what_was_learned(world, monkeypatch):
	name = lead(world, "a", score_told=None, score=0)
	assert score_words.explained(frappe.get_doc(LEAD, name)) is None
	monkeypatch.setattr(learned_scores, "in_use", lambda: model(("phone", 0.9)))
	told = score_words.explained(frappe.get_doc(LEAD, name))
	assert told["lines"] == [] and [one["text"] for one in told["learned"]["reasons"]] == ["Phone is empty"]


def test_a_rule_that_is_gone_is_said_by_its_name(world):
	name = lead(world, "a", score_told=json.dumps([["Gone rule", 7, 1]]), score=7)
	assert score_words.explained(frappe.get_doc(LEAD, name))["lines"] == [
		{"rule": "Gone rule", "points": 7, "text": "Gone rule"}
	]


@pytest.mark.parametrize(
	"operator, said", [(None, "is Fair"), ("is", "is Fair"), ("is not", "is not Fair"), ("contains", "contains Fair")]
)
def test_a_rule_about_a_field_says_what_it_asks(site, operator, said):
	text = score_words._of_field(frappe._dict(fieldname="channel", operator=operator, value="Fair", values="Fair"))
	assert text.endswith(said)


@pytest.mark.parametrize("count, more", [(1, None), (2, 1), (5, 4)])
def test_a_call_counts_the_leads_beside_the_one_that_it_names(site, count, more):
	text = score_calls._sentence(frappe._dict(title="Pumps", name="L-1", score=61), count, None)
	assert "Pumps" in text and "61" in text and (f"and {more} more" in text if more else "more" not in text)
	assert "L-1" in score_calls._sentence(frappe._dict(title="", name="L-1", score=61), count, None)


def test_a_rule_may_ask_the_lead_and_with_its_name_before_the_prospect(site):
	found = {one["value"]: one["label"] for one in score_rules.choices()}
	assert found["channel"] == frappe.get_meta(LEAD).get_label("channel")
	assert found["prospect.channel"] == f"Sales Prospect: {frappe.get_meta(PROSPECT).get_label('channel')}"
	assert all(one.startswith("Sales Prospect: ") == key.startswith("prospect.") for key, one in found.items())


def test_a_region_is_itself_and_what_lies_in_it(world):
	def place(key, lft, rgt):
		return row("Territory", name=f"{key} {world.tag}", territory_name=key, lft=lft, rgt=rgt, docstatus=0)

	north, east, coast = place("North", 9001, 9006), place("East", 9002, 9005), place("Coast", 9003, 9004)
	place("South", 9007, 9008), place("All", 9000, 9009)
	assert score_rules.below(north) == [north, east, coast] and score_rules.below(coast) == [coast]
