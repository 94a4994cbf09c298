"""The questions about a lead: what an admin writes as answers, and what is missing before a conversion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_pipeline.core import questionnaire
from crm_pipeline.core.questionnaire import AnswersError, Question


def test_each_line_is_an_answer_with_its_weight():
	text = "No = -2\n  Perhaps=0 \n\nYes ＝ +3\nAs agreed\nRate = 5 = 1"
	assert questionnaire.choices_of(text) == {"No": -2, "Perhaps": 0, "Yes": 3, "As agreed": 0, "Rate = 5": 1}


@pytest.mark.parametrize(
	"text, kind",
	[
		("", "none"),
		(" \n ", "none"),
		("Yes = 1\nyes = 2", "twice"),
		("Yes = 101", "too_much"),
		("No = -101", "too_much"),
	],
)
def test_answers_that_can_not_be_used_are_refused(text, kind):
	with pytest.raises(AnswersError) as caught:
		questionnaire.choices_of(text)
	assert caught.value.kind == kind and questionnaire.readable_choices(text) == {}


def test_an_answer_is_no_longer_than_its_column():
	assert list(questionnaire.choices_of("x" * 140)) == ["x" * 140]
	with pytest.raises(AnswersError):
		questionnaire.choices_of("x" * 141)


def test_an_answer_is_found_whatever_its_case():
	question = Question("budget", "Budget?", {"Approved": 3, "None": 0})
	assert questionnaire.chosen(question, " approved ") == "Approved"
	assert questionnaire.chosen(question, "Perhaps") is None and questionnaire.chosen(question, None) is None


def test_only_what_is_required_stands_in_the_way():
	need, budget = Question("need", "Need?", {"Yes": 1}, True), Question("budget", "Budget?", {"Yes": 1})
	assert questionnaire.unanswered([need, budget], []) == [need]
	assert questionnaire.unanswered([need, budget], ["need"]) == []


@given(st.lists(st.text(max_size=60), max_size=8))
def test_new_questions_get_keys_of_their_own(texts):
	keys: list[str] = []
	for text in texts:
		keys.append(questionnaire.key_of(text, keys))
	assert len(set(keys)) == len(keys) and all(0 < len(key) <= 45 for key in keys)


@given(
	st.dictionaries(
		st.from_regex(r"[A-Za-z][A-Za-z ]{0,20}[A-Za-z]", fullmatch=True),
		st.integers(-100, 100),
		min_size=1,
		max_size=6,
	)
)
def test_what_was_written_is_what_is_asked(choices):
	if len({answer.casefold() for answer in choices}) < len(choices):
		return
	text = "\n".join(f"{answer} = {weight}" for answer, weight in choices.items())
	assert questionnaire.choices_of(text) == choices
