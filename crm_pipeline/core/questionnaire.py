"""The questionnaire by which a lead is assessed: questions with answers that weigh, and what is still missing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# The weight of an answer lies within these.
MOST = 100
# Letters of an answer: the length of its column.
LONGEST = 140
# "Approved = 3"; a Chinese keyboard writes the wide sign.
LINE = re.compile(r"^(.*\S)\s*[=＝]\s*([+-]?\d{1,9})$")


class AnswersError(ValueError):
	"""The answers of a question can't be used; `kind` is "none", "twice", "too_long" or "too_much", `value` which one."""

	def __init__(self, kind: str, value: str = ""):
		super().__init__(kind, value)
		self.kind, self.value = kind, value


@dataclass(frozen=True)
class Question:
	"""A question of a pipeline: `choices` are {answer: weight}. One that is `required` stands between a lead and its
	conversion."""

	key: str
	text: str
	choices: Mapping[str, int]
	required: bool = False


def choices_of(text: str | None) -> dict[str, int]:
	"""{answer: weight} of lines such as "Approved = 3"; without a number an answer weighs nothing. Raises AnswersError."""
	found: dict[str, int] = {}
	for line in (text or "").splitlines():
		line = line.strip()
		if not line:
			continue
		match = LINE.match(line)
		answer, weight = (match[1].strip(), int(match[2])) if match else (line, 0)
		if len(answer) > LONGEST:
			raise AnswersError("too_long", answer[:40])
		if abs(weight) > MOST:
			raise AnswersError("too_much", answer)
		if answer.casefold() in {known.casefold() for known in found}:
			raise AnswersError("twice", answer)
		found[answer] = weight
	if not found:
		raise AnswersError("none")
	return found


def readable_choices(text: str | None) -> dict[str, int]:
	"""The same of what is stored already; nothing where it can't be used."""
	try:
		return choices_of(text)
	except AnswersError:
		return {}


def chosen(question: Question, answer: str | None) -> str | None:
	"""The answer of the question that is meant, whatever its case; None where there is none."""
	wanted = (answer or "").strip().casefold()
	return next((choice for choice in question.choices if choice.casefold() == wanted), None)


def unanswered(questions: Iterable[Question], answered: Iterable[str]) -> list[Question]:
	"""Required questions whose keys are not among `answered`."""
	known = set(answered)
	return [question for question in questions if question.required and question.key not in known]


def key_of(text: str, taken: Iterable[str]) -> str:
	"""A key for a new question, made of its first words, that none of `taken` has."""
	words = re.sub(r"[^\w]+", "_", text.casefold()).strip("_")[:40].strip("_") or "question"
	known = set(taken)
	return next(key for key in (words, *(f"{words}_{count}" for count in range(2, len(known) + 3))) if key not in known)
