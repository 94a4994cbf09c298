"""Leads: what is asked about them, and until when they are put off. The moves of their states are in documents.py."""

import frappe

from crm_pipeline.api.door import may, reads, writes
from crm_pipeline.api.types import Choices, Day, MaybeName, MaybeText, Name
from crm_pipeline.chain import jobs
from crm_pipeline.leads import lead_answers, nurturing
from crm_pipeline.scoring import score_rules


@reads(may("read", "Sales Lead", "lead"), may("read", "Sales Opportunity", "opportunity"))
def get_questionnaire(lead: Name, target: MaybeName = None, opportunity: MaybeName = None) -> dict:
	"""The questions about a lead with what was answered, for a conversion into `target` or one that joins `opportunity`;
	see leads/lead_answers.py for the shape."""
	return lead_answers.questionnaire_for(frappe.get_doc("Sales Lead", lead), target, opportunity)


@writes(may("write", "Sales Lead", "lead"))
def answer_questions(lead: Name, answers: Choices) -> None:
	"""Write down {question key: answer}; an empty answer takes one back."""
	lead_answers.answer_questions(lead, answers or {})


@writes(may("write", "Sales Lead", "lead"))
def nurture_lead(lead: Name, until: Day, plan: MaybeText = None) -> None:
	"""Put a lead off until a day."""
	nurturing.nurture(lead, until, plan)


@reads(may("read", "Lead Score Rule"))
def get_score_choices() -> dict:
	"""{"fields", "questions"}: what a score rule may ask about, each [{"value", "label"}]."""
	return {"fields": score_rules.choices(), "questions": score_rules.question_keys()}


@writes(may("write", "Lead Score Model"))
def learn_lead_scores() -> None:
	"""Learn anew from what became of leads, in the background."""
	jobs.queue("Learned Lead Scores")
