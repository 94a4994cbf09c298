"""The learned score on a site: what it may know of a lead, when it is in use, and what it says."""

import random
from datetime import datetime, timedelta

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.core import learned_score
from crm_pipeline.scoring import learned_scores, score_words
from tests.site.portable.test_learned_scores import LEAD, activity, example_of, nothing_learned  # noqa: F401


def test_only_what_was_known_before_the_decision_is_learned_from(sale, as_user):
	"""What was entered with the conversion, and after it, would give the answer away."""
	frappe.get_doc(
		{"doctype": "Lead Score Rule", "rule_name": "Calls", "kind": "Activities", "days": 0, "points": 7}
	).insert()
	frappe.get_doc(
		{
			"doctype": "Lead Score Rule", "rule_name": "Buyers", "kind": "Field", "fieldname": "designation", "operator": "is set",
			"points": 50,
		}
	).insert()  # fmt: skip
	as_user("rep")
	lead = sale.lead(channel="Referral", message=None, campaign=None)
	activity(lead, direction="Inbound", starts_on=add_to_date(now_datetime(), minutes=-1))
	frappe.db.set_value(LEAD, lead.name, "creation", add_to_date(now_datetime(), days=-3))
	api.convert_lead(lead.name, assessment="Hot")
	lead.reload()
	lead.update({"channel": "Hotline", "designation": "Buyer", "message": "They bought"})
	lead.save(ignore_version=False)
	activity(lead, direction="Inbound", starts_on=add_to_date(now_datetime(), minutes=1))
	as_user("Administrator")
	known = example_of(lead)
	assert known.converted and known.facts["channel"] == "Referral"
	assert (known.facts["designation"], known.facts["message"], known.facts["inbound"]) == (False, False, 1)
	assert known.points == 7, "the rules are judged by what they knew then, too"


def test_answers_count_that_were_given_before_the_last_day_and_not_changed_since(sale, as_user):
	frappe.get_doc(
		{"doctype": "Lead Score Rule", "rule_name": "Need", "kind": "Answer", "question_key": "need", "points": 5}
	).insert()
	as_user("rep")
	given = {"need": "Urgent", "authority": "Our Contact"}
	lead = sale.lead(answers=[{"question_key": key, "answer": answer} for key, answer in given.items()])
	for row in lead.answers:
		frappe.db.set_value("Lead Answer", row.name, "creation", add_to_date(now_datetime(), days=-3))
	lead.reload()
	lead.append("answers", {"question_key": "budget", "answer": "Approved"})
	lead.answers[1].answer = "Unknown"
	lead.save(ignore_version=False)
	api.convert_lead(lead.name, assessment="Hot")
	as_user("Administrator")
	known = example_of(lead)
	answers = {fact: value for fact, value in known.facts.items() if fact.startswith("answer.")}
	assert answers == {"answer.need": "Urgent"}, "what was answered on the way to the decision gives it away"
	assert known.points == 15, "the rules are judged by the same answers"


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
