"""What a site's own leads teach, and when that is enough to speak."""

import json
import random
from datetime import datetime, timedelta

import pytest

from crm_pipeline.core import learned_score
from crm_pipeline.core.learned_score import BETTER_THAN_RULES, NOT_ENOUGH, WORSE, Example, Model

START = datetime(2025, 1, 1)


def example(n: int, facts: dict, converted: bool, points=0.0, after=5) -> Example:
	created = START + timedelta(hours=8 * n)
	return Example(facts, created, created + timedelta(days=after), converted, points)


def site(count=600, seed=3, industry=0.4, points=lambda facts, chance: 0.0) -> list[Example]:
	"""Leads of which those in Energy convert more often by `industry`; the rest is noise."""
	chance, rows = random.Random(seed), []
	for n in range(count):
		facts = {
			"industry": chance.choice(["Energy", "Water", "Food"]),
			"email": chance.random() < 0.7,
			"inbound": chance.randrange(4),
		}
		likely = 0.2 + (industry if facts["industry"] == "Energy" else 0) + 0.08 * facts["inbound"]
		rows.append(example(n, facts, chance.random() < likely, points(facts, chance)))
	return rows


def test_it_speaks_once_it_ranks_better_than_the_rules():
	lesson = learned_score.learn(site())
	assert lesson.state == BETTER_THAN_RULES
	assert lesson.learned.auc > 0.65 > lesson.rules.auc == 0.5
	assert lesson.learned.brier < lesson.guess
	assert sum(count for count, _mean, _share in lesson.learned.calibration) == lesson.judged


def test_it_is_silent_where_the_rules_know_as_much():
	lesson = learned_score.learn(
		site(points=lambda facts, chance: 50 * (facts["industry"] == "Energy") + 10 * facts["inbound"])
	)
	assert lesson.state == WORSE and lesson.rules.auc > 0.65


def test_it_is_silent_where_nothing_can_be_learned():
	chance = random.Random(5)
	rows = [example(n, {"industry": chance.choice("ABC")}, chance.random() < 0.3) for n in range(600)]
	assert learned_score.learn(rows).state == WORSE


@pytest.mark.parametrize(
	"rows",
	[
		[],
		site(199),
		[example(n, {"industry": "A"}, False) for n in range(900)],
		[example(n, {"industry": "A"}, n < 29) for n in range(900)],
		# All that was converted was so long ago that nothing is left to judge by.
		[example(n, {"industry": "A"}, n < 300) for n in range(900)],
		# Everything was decided on one day: nothing was known before the split.
		[Example({"a": True}, START + timedelta(hours=n), START + timedelta(days=400), n % 2 == 0) for n in range(500)],
	],
)
def test_few_or_one_sided_leads_are_not_enough(rows):
	lesson = learned_score.learn(rows)
	assert lesson.state == NOT_ENOUGH and lesson.model is None and lesson.learned is None


def test_what_was_decided_after_the_split_teaches_nothing_before_it(monkeypatch):
	"""Leads that waited for their decision until after the split came in before it."""
	rows = site(600)
	late = [example(n, {"industry": "Late"}, n % 2 == 0, after=400) for n in range(100)]
	taught = []
	make = learned_score.make
	monkeypatch.setattr(learned_score, "make", lambda rows: taught.append(rows) or make(rows))
	lesson = learned_score.learn([*rows, *late])
	before, whole = taught
	assert all(one.decided < lesson.split and one.created < lesson.split for one in before)
	assert len(whole) == 700


def test_probabilities_are_what_comes_true():
	lesson = learned_score.learn(site(3000))
	for count, mean, share in lesson.learned.calibration:
		assert abs(mean - share) < 3 * (mean * (1 - mean) / count) ** 0.5 + 0.02


def test_it_says_what_counted_most_against_the_average_lead():
	model = learned_score.make(site(1500))
	energy = model.contributions({"industry": "Energy", "email": True, "inbound": 1})
	assert energy[0][0] == "industry" and energy[0][1] > 0
	assert dict(model.contributions({"industry": "Water", "email": True, "inbound": 1}))["industry"] < 0
	# A lead without anything, and one of a kind that nobody has seen, have a probability too.
	assert 0 < model.probability({}) < model.probability({"industry": "Energy"}) < 1
	assert model.probability({"industry": "Unheard Of"}) == model.probability({})


def test_what_speaks_against_a_lead_stands_among_the_reasons_by_its_size():
	columns = (("industry", "Energy"), ("email", ""), ("industry", "Water"), ("inbound", ""))
	model = Model(columns, (0.5, 1.0, -4.0, 9.0, -1.25), (1.0, 0.25, 0.5, 0.5, 1.0), slope=2.0)
	found = model.contributions({"industry": "Energy", "email": True, "inbound": 0})
	assert found == [("industry", -7.5), ("email", -4.0), ("inbound", 2.5)]
	assert model.contributions({"industry": "Water"}) == [("industry", 8.5), ("email", 4.0), ("inbound", 2.5)]


def test_a_model_is_kept_as_text():
	model = learned_score.make(site(400))
	again = Model.of(json.loads(json.dumps(model.as_dict())))
	assert again == model


def test_rare_categories_are_no_columns():
	facts = [{"industry": "Usual"}] * 30 + [{"industry": f"Odd {n}"} for n in range(30)] + [{"industry": ""}] * 30
	assert learned_score.columns_of(facts) == (("industry", "Usual"),)


def test_the_same_leads_make_the_same_model_in_any_order():
	rows = site(400)
	mixed = random.Random(1).sample(rows, len(rows))
	assert learned_score.learn(mixed).model == learned_score.learn(rows).model


def test_yes_no_and_numbers_have_one_column_each_and_texts_one_per_usual_value():
	facts = [
		{"mails": n % 3, "phone": n % 2 == 0, "industry": "Energy" if n % 2 else "Water", "channel": ""}
		for n in range(60)
	]
	assert learned_score.columns_of(facts) == (
		("mails", ""), ("phone", ""), ("industry", "Energy"), ("industry", "Water"),
	)  # fmt: skip


def test_a_text_is_usual_from_a_few_leads_on_and_the_most_usual_come_first():
	seen, most = learned_score.SEEN, learned_score.CATEGORIES
	facts = [{"kind": "Rare"}] * (seen - 1) + [{"kind": "Just"}] * seen + [{"kind": "Often"}] * (seen + 1)
	assert learned_score.columns_of(facts) == (("kind", "Often"), ("kind", "Just"))
	many = [{"kind": f"{n:03}"} for n in range(most + 1) for _once in range(seen)]
	assert learned_score.columns_of(many) == tuple(("kind", f"{n:03}") for n in range(most))


def test_where_a_fifth_of_the_leads_has_all_that_were_won_the_rest_still_makes_a_model():
	"""What was won stands in one fold: without it nothing can be learned for the check."""
	rows = [example(n, {"mails": n % 4}, n % learned_score.FOLDS == 0 and n < 60) for n in range(120)]
	model = learned_score.make(rows)
	assert model.columns == (("mails", ""),)
	assert 0 < model.probability({"mails": 1}) < 0.5


@pytest.mark.parametrize(
	("early", "late", "enough"),
	[
		(lambda n: n % 2, lambda n: n % 2, True),
		(lambda n: n % 2, lambda n: 1, False),
		(lambda n: n % 2, lambda n: 0, False),
		(lambda n: 1, lambda n: n % 2, False),
		(lambda n: n < 30, lambda n: n % 2, True),
		(lambda n: n >= 30, lambda n: n % 2, True),
		(lambda n: n < 29, lambda n: n % 2, False),
		(lambda n: n >= 29, lambda n: n % 2, False),
		(lambda n: n % 2, lambda n: n < 409, True),
		(lambda n: n % 2, lambda n: n >= 409, True),
		(lambda n: n % 2, lambda n: n < 408, False),
		(lambda n: n % 2, lambda n: n >= 408, False),
	],
)
def test_leads_of_both_outcomes_are_needed_to_learn_and_to_judge(early, late, enough):
	rows = [
		example(n, {"industry": "ABC"[n % 3]}, bool((late if n >= 399 else early)(n)), after=0.1) for n in range(571)
	]
	lesson = learned_score.learn(rows)
	assert (lesson.state != NOT_ENOUGH, lesson.examples) == (enough, 571)
	assert lesson.judged == (172 if enough else 0)
