"""The learned score on a site: what it may know of a lead, when it is in use, and what it says."""

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
