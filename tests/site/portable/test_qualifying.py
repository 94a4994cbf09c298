"""How a lead is qualified: its questionnaire, attempts to contact it, and leads that are nurtured until a day."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.leads import lead_answers, nurturing
from crm_pipeline.leads.lead_answers import AnswerError
from crm_pipeline.leads.qualification import LeadStateError
from crm_pipeline.my_day import day
from tests.site.hosts import HOST
from tests.site.portable.test_board import pipeline
from tests.site.world import refused

REP, OTHER, MANAGER = (f"{name}@crm-test.example" for name in ("rep", "rep2", "manager"))
PIPELINE = "Standard Sales"
QUESTIONS = (
	("need", "Is there a need?", "No = -2\nYes = 3", 1),
	("budget", "Budget <b>?", "None = 0\nApproved = 5", 1),
)


def ask(*questions, pipeline=PIPELINE, **values):
	doc = frappe.get_doc("Sales Pipeline", pipeline)
	doc.questions = []
	for key, text, choices, required in questions:
		doc.append("questions", {"question_key": key, "question": text, "choices": choices, "required": required})
	doc.update(values)
	return doc.save()


@pytest.fixture
def asking(sale, as_user):
	"""The standard pipeline requires two answers; the rep works."""
	as_user("Administrator")
	ask(*QUESTIONS)
	as_user("rep")
	return sale


def stored(lead, *fields):
	return frappe.db.get_value("Sales Lead", lead.name, fields if len(fields) > 1 else fields[0])


# ---- the questionnaire


def test_a_new_site_asks_for_need_authority_budget_and_time_and_requires_none(world):
	from crm_pipeline.leads import standard_questions

	ask()
	standard_questions.add_to_pipelines((PIPELINE,))
	rows = frappe.get_doc("Sales Pipeline", PIPELINE).questions
	assert [row.question_key for row in rows] == ["need", "authority", "budget", "time"]
	assert not any(row.required for row in rows)
	# A site's own questions are left alone.
	ask(*QUESTIONS)
	standard_questions.add_to_pipelines((PIPELINE,))
	assert len(frappe.get_doc("Sales Pipeline", PIPELINE).questions) == 2


def test_a_lead_is_converted_only_with_the_answers_that_its_pipeline_requires(asking):
	lead = asking.lead()
	with refused(LeadStateError, match="Is there a need"):
		api.convert_lead(lead.name, assessment="Hot")
	with refused(LeadStateError, match="Budget &lt;b&gt;"):
		api.convert_lead(lead.name, assessment="Hot", answers={"need": "yes"})
	made = api.convert_lead(lead.name, assessment="Hot", answers={"need": "yes", "budget": "None"})
	assert made["doctype"] == "Sales Opportunity"
	assert stored(lead, "status", "qualification_points") == ("Converted", 3)


def test_answers_to_questions_of_another_pipeline_count_for_nothing(asking, as_user):
	as_user("Administrator")
	ask(("budget", "Which budget?", "None = 0\nApproved = 5", 1), least_points=4)
	as_user("rep")
	lead = asking.lead()
	lead.append("answers", {"question_key": "elsewhere", "question": "Where?", "answer": "Here", "points": 9})
	assert lead_answers.missing_for(lead, PIPELINE) == (["Which budget?"], 4)
	lead.append("answers", {"question_key": "budget", "question": "Budget", "answer": "Approved", "points": 5})
	assert lead_answers.missing_for(lead, PIPELINE) == ([], 0)
	assert lead_answers.missing_for(lead, None) == ([], 0)


def test_answers_stay_when_a_conversion_is_taken_back_and_do_again(asking):
	lead = asking.lead()
	answers = {"need": "Yes", "budget": "Approved"}
	api.convert_lead(lead.name, assessment="Hot", answers=answers)
	api.undo_conversion(lead.name)
	assert stored(lead, "status", "qualification_points") == ("Qualified", 8)
	assert {row.question_key: row.answer for row in lead.reload().answers} == answers
	assert api.convert_lead(lead.name)["doctype"] == "Sales Opportunity"


def test_too_few_points_are_not_enough(asking, as_user):
	as_user("Administrator")
	ask(*QUESTIONS, least_points=6)
	as_user("rep")
	lead = asking.lead()
	with refused(LeadStateError, match="3 more points"):
		api.convert_lead(lead.name, assessment="Hot", answers={"need": "Yes", "budget": "None"})
	api.convert_lead(lead.name, assessment="Hot", answers={"budget": "Approved"} | {"need": "Yes"})
	assert stored(lead, "status") == "Converted"


def test_what_a_lead_joins_says_what_is_asked(asking, as_user):
	as_user("Administrator")
	other = frappe.copy_doc(frappe.get_doc("Sales Pipeline", PIPELINE))
	other.update({"pipeline_name": f"Easy {asking.world.tag}", "is_default": 0, "questions": []})
	other.insert()
	frappe.get_doc(
		{
			"doctype": "Pipeline Stage",
			"pipeline": other.name,
			"stage_key": "a",
			"label": "A",
			"position": 1,
			"stage_type": "Open",
		}
	).insert()
	as_user("rep")
	deal = asking.opportunity(pipeline=other.name)
	lead = asking.lead(customer=asking.world.customer, prospect_name=None)
	assert api.get_questionnaire(lead.name, opportunity=deal.name)["questions"] == []
	api.convert_lead(lead.name, opportunity=deal.name, assessment="Warm")
	# And so does the pipeline that was chosen for it.
	second = asking.lead(
		intended_pipeline=other.name, prospect_name=f"Other {asking.world.tag}", email_id="o@o.example", phone=None
	)
	made = api.convert_lead(second.name, assessment="Warm")
	assert frappe.db.get_value(made["doctype"], made["name"], "pipeline") == other.name


def test_an_answer_must_be_one_of_its_question(asking):
	lead = asking.lead()
	for answers, said in (({"need": "Perhaps"}, "is not an answer"), ({"gone": "Yes"}, "no question")):
		with refused(AnswerError, match=said):
			api.answer_questions(lead.name, answers)
	doc = lead.reload()
	doc.extend("answers", [{"question_key": "need", "answer": "Yes"}, {"question_key": "need", "answer": "No"}])
	with refused(AnswerError, match="answered twice"):
		doc.save()
	api.answer_questions(lead.name, {"need": "YES"})
	api.answer_questions(lead.name, {"need": ""})
	assert lead.reload().answers == [] and lead.qualification_points == 0


@pytest.mark.parametrize(("field", "value"), [("answer", "Perhaps"), ("question_key", "gone")])
def test_a_stored_answer_is_changed_to_another_of_its_question_alone(asking, field, value):
	lead = asking.lead(answers=[{"question_key": "need", "answer": "Yes"}])
	lead.answers[0].set(field, value)
	with refused(AnswerError, match="is not an answer to|no question"):
		lead.save()
	with refused(AnswerError, match="Perhaps"):
		api.convert_lead(lead.name, assessment="Hot", answers={"need": "Perhaps", "budget": "Approved"})
	[row] = lead.reload().answers
	assert (row.question_key, row.answer, row.points, lead.status) == ("need", "Yes", 3, "New")
	row.answer = "no"
	lead.save()
	assert (lead.answers[0].answer, lead.answers[0].points, lead.qualification_points) == ("No", -2, -2)


def test_an_answer_that_the_question_does_not_have_any_more_stays_and_no_other_such_one_comes(asking, as_user):
	lead = asking.lead(answers=[{"question_key": "need", "answer": "Yes"}])
	as_user("Administrator")
	ask(("need", "Is there a real need?", "Never = 0\nAlways = 1", 1))
	as_user("rep")
	lead.reload().designation = "Buyer"
	lead.save()
	assert [(row.question, row.answer, row.points) for row in lead.answers] == [("Is there a need?", "Yes", 3)]
	with refused(AnswerError, match="Choose one of: Never, Always"):
		api.answer_questions(lead.name, {"need": "No"})
	api.answer_questions(lead.name, {"need": "always"})
	[row] = lead.reload().answers
	assert (row.question, row.answer, row.points) == ("Is there a real need?", "Always", 1)


def test_a_lead_that_joins_a_deal_is_asked_what_that_deal_s_pipeline_asks(asking, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	as_user("Administrator")
	easy = pipeline(f"Easy {asking.world.tag}")
	as_user("rep")
	about = {"customer": asking.world.customer, "prospect_name": None}
	for meant, joined, questions in ((PIPELINE, easy, []), (easy, PIPELINE, ["need", "budget"])):
		deal = asking.opportunity(pipeline=joined)
		lead = asking.lead(intended_pipeline=meant, **about)
		found = api.get_questionnaire(lead.name, opportunity=deal.name)
		assert (found["pipeline"], [question["key"] for question in found["questions"]]) == (joined, questions)
		assert api.get_questionnaire(lead.name)["pipeline"] == meant
		if questions:
			with refused(LeadStateError, match="Is there a need"):
				api.convert_lead(lead.name, opportunity=deal.name, assessment="Warm")
		answers = {"need": "Yes", "budget": "None"} if questions else None
		made = api.convert_lead(lead.name, opportunity=deal.name, assessment="Warm", answers=answers)
		assert (made["name"], stored(lead, "status")) == (deal.name, "Converted")


def test_points_are_those_of_the_answer_whatever_a_client_sends(asking):
	lead = asking.lead(answers=[{"question_key": "need", "answer": "Yes", "points": 90, "question": "Sure?"}])
	[row] = lead.answers
	assert (row.points, row.question, lead.qualification_points) == (3, "Is there a need?", 3)
	lead.qualification_points = 77
	lead.save()
	assert stored(lead, "qualification_points") == 3


def test_answers_outlive_a_question_that_goes(asking, as_user):
	lead = asking.lead()
	api.answer_questions(lead.name, {"need": "Yes", "budget": "Approved"})
	as_user("Administrator")
	ask(("need", "Is there a need?", "Never = 0\nAlways = 1", 1))
	as_user("rep")
	lead.reload()
	lead.designation = "Buyer"
	lead.save()
	found = api.get_questionnaire(lead.name)
	assert [(q["key"], q["answer"], q["points"]) for q in found["questions"]] == [
		("need", "Yes", 3),
		("budget", "Approved", 5),
	]
	assert found["points"] == 8
	# What is not asked any more counts for nothing that a conversion requires, but no answer is taken away.
	api.convert_lead(lead.name, assessment="Hot")


def test_an_admin_hears_what_is_wrong_with_questions(world):
	for questions, said in (
		((("a", "A?", "", 0),), "Row 1"),
		((("a", "A?", "Yes = 1000", 0),), "not between"),
		((("a", "A?", "Yes", 0), ("a", "B?", "Yes", 0)), "key a|key <strong>a"),
	):
		with refused(match=said):
			ask(*questions)
	with refused(match="no answers come to"):
		ask(("a", "A?", "Yes = 1", 0), least_points=101)
	assert [
		row.question_key for row in ask((None, "A real Need?", "Yes", 0), ("", "A real need!", "No", 0)).questions
	] == [
		"a_real_need",
		"a_real_need_2",
	]


def test_a_rep_changes_no_questions(world, as_user):
	as_user("rep")
	with pytest.raises(frappe.PermissionError):
		ask(*QUESTIONS)


# ---- attempts


def attempt(lead, **values):
	about = {"reference_doctype": "Sales Lead", "reference_name": lead.name}
	return frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "status": "Done", **about, **values}
	).insert()


def shown(lead) -> dict:
	doc = frappe.get_doc("Sales Lead", lead.name)
	doc.run_method("onload")
	return doc.get_onload("attempts")


def test_a_lead_shows_how_often_somebody_tried_and_what_comes_next(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	assert shown(lead) == {"count": 0, "reached": 0, "last": None, "next": None}
	now = now_datetime()
	attempt(lead, result="Not Reached", starts_on=add_to_date(now, hours=-5))
	last = attempt(lead, result="Interested", starts_on=add_to_date(now, hours=-1))
	attempt(lead, direction="Inbound", starts_on=add_to_date(now, minutes=-5))
	attempt(lead, status="Cancelled", starts_on=now)
	attempt(lead, status="Planned", starts_on=add_to_date(now, days=9))
	soon = attempt(lead, status="Planned", starts_on=add_to_date(now, days=2))
	found = shown(lead)
	assert (found["count"], found["reached"]) == (2, 1)
	assert (found["last"].name, found["last"].result, found["next"].name) == (last.name, "Interested", soon.name)


# ---- nurturing


def leads_of_day(user=REP) -> set[str]:
	[section] = [section for section in day.of(user)["sections"] if section["key"] == "leads"]
	return {row["name"] for row in section["rows"]}


def test_a_nurtured_lead_is_not_to_be_answered_until_its_day_and_then_comes_back_with_a_bell(sale, as_user, bells):
	as_user("rep")
	lead = sale.lead(title="Four <b>pumps")
	assert lead.name in leads_of_day()
	api.nurture_lead(lead.name, add_days(nowdate(), 30), "Ring when the budget is there")
	assert lead.name not in leads_of_day()
	as_user("Administrator")
	assert (lead.name,) not in nurturing.due()
	frappe.db.set_value("Sales Lead", lead.name, "nurture_until", nowdate())
	as_user("rep")
	assert lead.name in leads_of_day(), "it is there on its day, whether or not a job has run"
	as_user("Administrator")
	modified = stored(lead, "modified")
	assert (lead.name,) in nurturing.due() and nurturing.wake(lead.name) and not nurturing.wake(lead.name)
	assert stored(lead, "nurture_until", "follow_up_plan", "modified") == (
		None,
		"Ring when the budget is there",
		modified,
	)
	[(user, name, said)] = bells
	assert (user, name) == (REP, lead.name) and "<b>pumps" not in said


def test_contacted_leads_are_put_off_as_well(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	api.contact_lead(lead.name, nowdate(), "Ring")
	assert lead.name in leads_of_day()
	api.nurture_lead(lead.name, add_days(nowdate(), 5))
	assert lead.name not in leads_of_day()


def test_who_left_hears_nothing_and_a_manager_does(sale, as_user, bells):
	as_user("rep")
	lead = sale.lead()
	as_user("Administrator")
	frappe.db.set_value("Sales Lead", lead.name, "nurture_until", nowdate())
	frappe.db.set_value("User", REP, "enabled", 0)
	frappe.clear_document_cache("User", REP)
	nurturing.wake(lead.name)
	assert REP not in {user for user, _name, _said in bells} and MANAGER in {user for user, _name, _said in bells}


def test_the_day_is_one_of_the_owner_wherever_the_site_is(sale, as_user, monkeypatch):
	as_user("rep")
	lead = sale.lead()
	frappe.db.set_value("Sales Lead", lead.name, "nurture_until", add_days(nowdate(), 1))
	seen = {}
	monkeypatch.setattr(nurturing.user_day, "today_of", lambda user: seen.get(user, getdate()))
	assert (lead.name,) not in nurturing.due()
	seen[REP] = getdate(add_days(nowdate(), 1))
	assert (lead.name,) in nurturing.due()


def test_a_day_that_has_passed_or_is_far_away_is_refused_and_a_closed_lead_is_not_nurtured(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	for until in (add_days(nowdate(), -3), add_days(nowdate(), 366 * 7)):
		with refused(match="within the next 5 years"):
			api.nurture_lead(lead.name, until)
	api.nurture_lead(lead.name, add_days(nowdate(), 10))
	api.disqualify_lead(lead.name, "No Budget")
	assert stored(lead, "nurture_until") is None
	with refused(match="nothing to nurture"):
		api.nurture_lead(lead.name, add_days(nowdate(), 10))


def test_one_lead_that_fails_keeps_no_other_asleep(sale, as_user, monkeypatch, bells):
	as_user("rep")
	first, second = sale.lead(), sale.lead(title="Second")
	as_user("Administrator")
	frappe.db.set_value("Sales Lead", {"name": ("in", (first.name, second.name))}, "nurture_until", nowdate())
	whom = nurturing.lead_bells.people_of

	def broken(doc):
		if doc.name == first.name:
			raise RuntimeError("broken")
		return whom(doc)

	monkeypatch.setattr(nurturing.lead_bells, "people_of", broken)
	assert [tuple(record) for record in nurturing.wake_due().failed] == [(first.name,)]
	assert stored(second, "nurture_until") is None and stored(first, "nurture_until")


def test_the_deputy_of_who_has_a_lead_is_called_as_well(sale, as_user, monkeypatch):
	lead = sale.lead(sales_owner=REP)
	bells = nurturing.lead_bells
	monkeypatch.setattr(bells.absences, "with_deputies", lambda users: [*users, OTHER])
	assert bells.people_of(lead) == [REP, OTHER]
	monkeypatch.setattr(frappe, "has_permission", lambda doctype, doc=None, user=None: user == OTHER)
	assert bells.people_of(lead) == [OTHER], "and nobody who may not see it"
