"""The learned score on a site: what it may know of a lead, when it is in use, and what it says."""

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from tests.site.portable.test_learned_scores import LEAD, activity, example_of


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
