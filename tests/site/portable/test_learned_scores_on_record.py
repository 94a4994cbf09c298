"""The learned score on a site: what it may know of a lead, when it is in use, and what it says."""

import json
import random
from datetime import datetime, timedelta

import frappe

from crm_pipeline.core import learned_score
from crm_pipeline.scoring import learned_scores, score_words
from tests.site.portable.test_learned_scores import LEAD


def test_an_answer_that_leads_are_converted_after_makes_a_lead_better_and_is_told(sale, as_user):
	chance, rows = random.Random(3), []
	for n in range(700):
		approved = chance.random() < 0.5
		facts = {"answer.budget": "Approved" if approved else "Unknown", "channel": "Hotline"}
		created = datetime(2025, 1, 1) + timedelta(hours=n)
		won = chance.random() < (0.6 if approved else 0.1)
		rows.append(learned_score.Example(facts, created, created + timedelta(days=2), won))
	lesson = learned_score.learn(rows)
	assert lesson.state == learned_score.BETTER_THAN_RULES
	for low, likely, came in ((share, *more) for share, *more in lesson.learned.calibration):
		assert abs(likely - came) < 0.2, low
	learned_scores.keep(lesson)
	as_user("rep")
	found = [
		sale.lead(title=answer, answers=[{"question_key": "budget", "answer": answer}])
		for answer in ("Approved", "Unknown")
	]
	assert found[0].learned_score > 45 > 25 > found[1].learned_score
	learned = score_words.explained(frappe.get_doc(LEAD, found[0].name))["learned"]
	assert learned["reasons"][0] == {"text": "Is there a budget? Approved", "more": True}


def test_what_came_of_learning_is_kept_for_who_looks_at_it(site):
	learned = learned_score.Quality(0.8, 0.1, ((0, 0.11, 0.12), (50, 0.55, 0.6)))
	rules = learned_score.Quality(0.6, 0.2, ((10, 0.2, 0.3),))
	model = learned_score.Model((("channel", "Hotline"),), (0.5,), (0.1,), 0.2, 1.5)
	lesson = learned_score.Lesson("Better", 700, 210, learned, rules, 0.25, model, datetime(2025, 1, 2), 90)
	learned_scores.keep(lesson)
	kept = frappe.get_doc("Lead Score Model")
	figures = ("state", "examples", "converted", "judged", "auc", "brier", "rules_auc", "rules_brier", "guess_brier")
	assert [kept.get(field) for field in figures] == ["Better", 700, 210, 90, 0.8, 0.1, 0.6, 0.2, 0.25]
	assert json.loads(kept.calibration) == {
		"learned": [[0, 0.11, 0.12], [50, 0.55, 0.6]], "rules": [[10, 0.2, 0.3]],
	}  # fmt: skip
	assert str(kept.split_on)[:10] == "2025-01-02" and kept.trained_on and json.loads(kept.model)["slope"] == 1.5
	learned_scores.keep(learned_score.Lesson("Not Enough", 20, 3))
	gone = frappe.get_doc("Lead Score Model")
	assert [gone.get(field) for field in figures] == ["Not Enough", 20, 3, 0, 0, 0, 0, 0, 0]
	assert (gone.calibration or None, gone.model or None, gone.split_on or None) == (None, None, None)
