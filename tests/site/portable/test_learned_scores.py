"""The learned score on a site: what it may know of a lead, when it is in use, and what it says."""

import random
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline import api
from crm_pipeline.core import learned_score, scoring
from crm_pipeline.scoring import lead_scores, learned_scores, score_words
from tests.site.rows import row

LEAD, MODEL = "Sales Lead", "Lead Score Model"


@pytest.fixture(autouse=True)
def nothing_learned(rolled_back):
	frappe.db.delete("Lead Score Rule")
	learned_scores.keep(learned_score.learn([]))


def example_of(lead):
	found = {row.created: row for row in learned_scores.examples()}
	return found.get(frappe.db.get_value(LEAD, lead.name, "creation"))


def activity(lead, **values):
	about = {"reference_doctype": LEAD, "reference_name": lead.name}
	return frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "status": "Done", **about, **values}
	).insert()


def test_a_disqualified_lead_was_decided_when_the_ledger_says(sale, as_user):
	as_user("rep")
	lead, unknown = sale.lead(), sale.lead(title="Brought in")
	api.disqualify_lead(lead.name, "No Budget")
	api.disqualify_lead(unknown.name, "No Budget")
	as_user("Administrator")
	frappe.db.delete("Pipeline Event", {"reference_name": unknown.name})
	frappe.db.set_value(LEAD, unknown.name, "creation", add_to_date(now_datetime(), days=-9))
	assert not example_of(lead).converted and example_of(unknown) is None
	api.reopen_lead(lead.name)
	assert example_of(lead) is None


def test_with_few_leads_it_says_not_enough_and_stays_off(sale, as_user):
	as_user("rep")
	api.disqualify_lead(sale.lead().name, "No Budget")
	as_user("Administrator")
	assert not learned_scores.learn_again()
	model = frappe.get_doc(MODEL)
	assert model.state == "Not Enough" and model.examples < 200 and not model.model
	assert learned_scores.in_use() is None


def taught(state=learned_score.BETTER_THAN_RULES):
	chance, rows = random.Random(2), []
	for n in range(700):
		referred = chance.random() < 0.5
		facts = {"channel": "Referral" if referred else "Hotline", "email_id": True, "inbound": chance.randrange(3)}
		created = datetime(2025, 1, 1) + timedelta(hours=n)
		rows.append(
			learned_score.Example(
				facts, created, created + timedelta(days=2), chance.random() < (0.6 if referred else 0.1)
			)
		)
	lesson = learned_score.learn(rows)
	assert lesson.state == state
	learned_scores.keep(lesson)
	return lesson


def test_once_it_is_better_than_the_rules_leads_have_it_and_it_says_why(sale, as_user):
	lesson = taught()
	as_user("rep")
	lead, other = sale.lead(channel="Referral"), sale.lead(channel="Hotline", title="Other")
	assert 45 < lead.learned_score < 75 and other.learned_score < 25
	learned = score_words.explained(frappe.get_doc(LEAD, lead.name))["learned"]
	assert learned["reasons"][0] == {"text": "Channel is Referral", "more": True}
	model = frappe.get_doc(MODEL)
	assert round(model.auc, 6) == round(lesson.learned.auc, 6) and model.rules_auc == 0.5
	# Switched off, or worse from now on, it is gone from the leads.
	as_user("Administrator")
	frappe.db.set_single_value(MODEL, "switched_off", 1)
	assert lead_scores.refresh([lead.name]) == 1
	assert frappe.db.get_value(LEAD, lead.name, "learned_score") == 0
	assert score_words.explained(frappe.get_doc(LEAD, lead.name))["learned"] is None


def test_nobody_is_sure_of_a_lead_and_a_reopened_one_is_judged_anew(sale, as_user, monkeypatch):
	taught()
	for sure, shown in ((1.0, 99.9), (1e-12, 0.1)):
		monkeypatch.setattr(learned_score.Model, "probability", lambda self, facts, sure=sure: sure)
		as_user("rep")
		assert sale.lead(title=str(sure)).learned_score == shown


def test_a_model_that_can_not_be_read_is_none(sale, as_user):
	taught()
	frappe.db.set_single_value(MODEL, "model", '{"columns": 5}')
	as_user("rep")
	assert not sale.lead(channel="Referral").learned_score


def test_nobody_writes_a_model_by_hand(world, as_user):
	as_user("manager")
	doc = frappe.get_doc(MODEL)
	doc.update({"state": "Better", "model": "{}"})
	doc.save()
	assert frappe.get_doc(MODEL).state == "Not Enough" and learned_scores.in_use() is None
	as_user("rep")
	with pytest.raises(frappe.PermissionError):
		api.learn_lead_scores()


def test_every_week_it_is_learned_anew_once(sale):
	before = now_datetime()
	frappe.db.set_single_value(MODEL, "state", "Better Than Rules")
	result = learned_scores.weekly()
	assert result.done == 1 and not result.failed
	model = frappe.get_doc(MODEL)
	assert model.state != "Better Than Rules" and get_datetime(model.trained_on) >= before
	assert learned_scores.whole(None) == [(MODEL,)] and learned_scores.whole([MODEL]) == []


def test_the_model_asks_what_a_lead_says_and_what_happened_early_and_before_the_decision(site):
	made = datetime(2026, 3, 1, 9)
	early, last, late = made + timedelta(days=1), made + timedelta(days=14, seconds=-1), made + timedelta(days=14)
	happened = [
		scoring.Happened(kind, at, direction=way)
		for kind, way, moments in (
			(scoring.ACTIVITIES, "Inbound", (early, last, late)),
			(scoring.ACTIVITIES, "Outbound", (early, early, last, last, late)),
			(scoring.ACTIVITIES, "", (early,)),
			(scoring.MAILS, "Inbound", (early, early, early, early, last, late)),
			(scoring.MAILS, "Outbound", (early,) * 9),
			(scoring.PAGES, "Inbound", (early,) * 11),
			(scoring.PAGES, "", (early,) * 13),
		)
		for at in moments
	]
	values = {"industry": "Energy", "territory": None, "phone": "+1", "mobile_no": "", "title": "Pumps"}
	facts = scoring.Facts(made, values, {"budget": ("Yes", 5), "need": ("", 0)}, happened)
	found = learned_scores.facts_of(facts)
	counts = lambda found: tuple(found[name] for name in ("inbound", "outbound", "mails"))  # noqa: E731
	assert counts(found) == (2, 5, 5)
	assert counts(learned_scores.facts_of(facts, last)) == (1, 3, 4)
	assert counts(learned_scores.facts_of(facts, early)) == (0, 0, 0)
	assert counts(learned_scores.facts_of(facts, made + timedelta(days=90))) == (2, 5, 5)
	assert (found["industry"], found["territory"], found["channel"]) == ("Energy", "", "")
	assert (found["phone"], found["mobile_no"], found["message"]) == (True, False, False)
	assert (found["answer.budget"], found["answer.need"]) == ("Yes", "") and "title" not in found


def test_a_lead_was_decided_when_it_was_converted_or_disqualified_last(world):
	at = lambda day: datetime(2026, 3, day, 10)  # noqa: E731
	lead = lambda key, **values: row(LEAD, name=f"{key} {world.tag}", docstatus=0, **values)  # noqa: E731
	names = {
		"won": lead("won", status="Converted", converted_on=at(7)),
		"won long ago": lead("won long ago", status="Converted"),
		"won back": lead("won back", status="Qualified", converted_on=at(7)),
		**{key: lead(key, status="Disqualified") for key in ("lost", "twice", "unknown", "other kinds")},
		"open": lead("open", status="New"),
	}
	for key, day, to, *more in (
		("won", 3, "Disqualified"), ("lost", 2, "Contacted"), ("lost", 4, "Disqualified"), ("lost", 9, "New"),
		("twice", 6, "Disqualified"), ("twice", 3, "Disqualified"), ("open", 3, "Disqualified"), ("unknown", 3, "Contacted"),
		("other kinds", 3, "Disqualified", {"kind": "Owner"}),
		("other kinds", 3, "Disqualified", {"reference_doctype": "Sales Prospect"}),
		("lost", 12, "Disqualified", {"kind": "Stage"}), ("lost", 13, "Disqualified", {"reference_doctype": "Sales Project"}),
	):  # fmt: skip
		values = {"reference_doctype": LEAD, "kind": "State", **(more or [{}])[0]}
		row("Pipeline Event", reference_name=names[key], at=at(day), to_value=to, docstatus=0, **values)
	decided = learned_scores._decided()
	found = {key: decided[name] for key, name in names.items() if name in decided}
	assert found == {"won": at(7), "lost": at(4), "twice": at(6)}


def test_for_the_rules_a_lead_is_as_it_was_when_it_was_decided_and_does_not_rest(site):
	made, decided = datetime(2026, 3, 1, 9), datetime(2026, 3, 21, 9)
	rules = [scoring.Rule("Calls", scoring.ACTIVITIES, 5), scoring.Rule("Silence", scoring.SILENCE, -100)]
	happened = [scoring.Happened(scoring.ACTIVITIES, made + timedelta(days=days)) for days in (1, 2, 25)]
	facts = scoring.Facts(made, {}, {}, happened, resting_until=decided.date() + timedelta(days=90))
	for status, converted in (("Converted", True), ("Disqualified", False)):
		found = learned_scores._example(frappe._dict(status=status), facts, rules, decided)
		assert (found.created, found.decided, found.converted) == (made, decided, converted)
		assert (found.facts["outbound"], found.points) == (2, 10 - 200)
