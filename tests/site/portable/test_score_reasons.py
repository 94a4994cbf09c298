"""What a score is made of: the facts that rules ask for, the rules that are followed, and the sentences that say why."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline.chain import pending
from crm_pipeline.core import scoring
from crm_pipeline.core.scoring import Happened
from crm_pipeline.scoring import learned_scores, score_calls, score_rules, score_words, scored_facts
from crm_pipeline.scoring.score_rules import ScoreRuleError
from tests.site.portable.test_lead_scores import activity, no_rules, noted, rule  # noqa: F401
from tests.site.world import refused

LEAD, PROSPECT = "Sales Lead", "Sales Prospect"
REP, OTHER = "rep@crm-test.example", "rep2@crm-test.example"


# ---- the sentences


def row(**values):
	return frappe._dict(dict.fromkeys(score_rules.COLUMNS), **values)


@pytest.mark.parametrize(
	("values", "times", "said"),
	[
		({"kind": "Field", "fieldname": "industry", "value": "Energy"}, 1, "Industry is Energy"),
		({"kind": "Field", "fieldname": "industry", "operator": "is not", "value": "A\n B \n\nC"}, 1, "Industry is not A, B or C"),
		({"kind": "Field", "fieldname": "title", "operator": "contains", "value": "pump\nvalve"}, 1, "Interested In contains pump or valve"),
		({"kind": "Field", "fieldname": "phone", "operator": "is set"}, 1, "Phone is filled"),
		({"kind": "Field", "fieldname": "phone", "operator": "is not set", "value": "x"}, 1, "Phone is empty"),
		({"kind": "Field", "fieldname": "score", "operator": "at least", "value": "5"}, 1, "score is at least 5"),
		({"kind": "Field", "fieldname": "gone", "operator": "at most", "value": "5"}, 1, "gone is at most 5"),
		({"kind": "Territory", "territory": "North"}, 1, "Territory lies in North"),
		({"kind": "Territory"}, 1, "Territory lies in "),
		({"kind": "Silence"}, 1, "Nothing happened for a week"),
		({"kind": "Silence"}, 3, "Nothing happened for 3 weeks"),
		({"kind": "Activities"}, 1, "1 activity"),
		({"kind": "Activities", "days": 30}, 2, "2 activities within 30 days"),
		(
			{"kind": "Activities", "activity_type": "Phone", "result": "Reached", "direction": "Inbound"},
			2,
			"2 activities (Phone, Reached, Inbound)",
		),
		({"kind": "E-mails", "direction": "Inbound"}, 1, "1 e-mail (Inbound)"),
		({"kind": "E-mails", "days": 7}, 4, "4 e-mails within 7 days"),
		({"kind": "Page Views", "page": "pricing"}, 1, "1 page seen (pricing)"),
		({"kind": "Page Views"}, 2, "2 pages seen"),
		({"kind": "Answer", "question_key": "budget"}, 1, "Is there money? Yes"),
		({"kind": "Answer", "question_key": "need"}, 1, "The need: "),
		({"kind": "Answer", "question_key": "gone", "answer": "No"}, 1, "gone: No"),
		({"kind": "Answer", "question_key": "gone"}, 1, "gone: "),
		({"kind": "Answer", "question_key": "wide"}, 1, "有预算吗？ Yes"),
	],
)  # fmt: skip
def test_each_rule_says_what_it_found(site, values, times, said):
	answers = {
		"budget": frappe._dict(question="Is there money?", answer="Yes"),
		"need": frappe._dict(question="The need", answer=None),
		"wide": frappe._dict(question="有预算吗？", answer="Yes"),
	}
	assert score_words.sentence(row(**values), times, answers) == said


@pytest.mark.parametrize(
	("stored", "found"),
	[
		(None, []),
		("", []),
		("no list", []),
		("7", []),
		('{"a": 1}', []),
		('[["R", 5]]', []),
		('[["R", 5, 1], ["S", "-3", null]]', [("R", 5, 1), ("S", -3, 0)]),
	],
)
def test_what_is_stored_of_a_score_is_read_or_nothing_is(site, stored, found):
	assert score_words.given_of(stored) == found


@pytest.mark.parametrize(
	("fact", "known", "said"),
	[
		("industry", {"industry": "Energy"}, "Industry is Energy"),
		("industry", {"industry": ""}, "Industry is empty"),
		("phone", {"phone": True}, "Phone is filled"),
		("phone", {"phone": False}, "Phone is empty"),
		("gone", {}, "gone is empty"),
		("inbound", {"inbound": 2}, "Inbound activities: 2"),
		("outbound", {}, "Outbound activities: 0"),
		("mails", {"mails": 1}, "E-mails received: 1"),
		("answer.no-such-question", {"answer.no-such-question": "Yes"}, "no-such-question: Yes"),
		("answer.no-such-question", {}, "no-such-question: not answered"),
	],
)
def test_each_fact_of_the_model_is_said_in_words(site, fact, known, said):
	assert score_words._reason(fact, known) == said


def test_a_lead_that_is_gone_has_no_learned_reasons(sale, monkeypatch):
	lead = sale.lead()
	monkeypatch.setattr(learned_scores, "in_use", lambda: object())
	lead.name = "gone"
	assert score_words._learned(lead) is None


# ---- the facts


def mail(lead, at, way="Received", **values):
	doc = {"doctype": "Communication", "subject": "Hello", "communication_type": "Communication"}
	about = {"reference_doctype": LEAD, "reference_name": lead.name}
	return frappe.get_doc({**doc, **about, "sent_or_received": way, "communication_date": at, **values}).insert()


def facts(lead, rules=(), more=(), **how):
	return scored_facts.gather(scored_facts.rows_of([lead.name], more), list(rules), now_datetime(), more, **how)[
		lead.name
	]


def test_mails_and_activities_are_told_with_their_moment_and_direction(sale, as_user):
	as_user("rep")
	lead, other = sale.lead(), sale.lead(title="Other")
	as_user("Administrator")
	now = now_datetime().replace(microsecond=0)
	days_ago = [add_to_date(now, days=-days) for days in range(60)]
	mail(lead, days_ago[1])
	mail(lead, days_ago[2], "Sent")
	mail(lead, days_ago[3], communication_type="Automated Message")
	mail(other, days_ago[1])
	activity(lead, way="Phone", direction="Inbound", starts_on=days_ago[4])
	activity(lead, way="Phone", status="Planned", starts_on=days_ago[5])
	activity(other, way="Phone", starts_on=days_ago[5])
	old = activity(lead, way="Phone", direction="Outbound", starts_on=days_ago[50])
	of_mails = [
		Happened(scoring.MAILS, days_ago[1], direction="Inbound"),
		Happened(scoring.MAILS, days_ago[2], direction="Outbound"),
	]
	[late, early] = [
		Happened(scoring.ACTIVITIES, get_datetime(at), "Phone", direction=way)
		for at, way in ((days_ago[4], "Inbound"), (old.starts_on, "Outbound"))
	]

	def of(kind, **values):
		return scoring.Rule(kind, kind, 5, **values)

	def happened(*rules, **how):
		return sorted(facts(lead, rules, **how).happened, key=lambda one: one.at, reverse=True)

	assert happened() == []
	assert happened(of(scoring.MAILS, days=30)) == of_mails
	assert happened(of(scoring.MAILS, days=1, direction="Inbound")) == []
	assert happened(of(scoring.ACTIVITIES, days=30)) == [late]
	assert happened(of(scoring.ACTIVITIES, days=51)) == [late, early]
	assert happened(of(scoring.SILENCE, most=2)) == [*of_mails, late]
	assert happened(of(scoring.FIELD, field="industry")) == []
	assert happened(ever=True) == [*of_mails, late, early]


def test_what_a_lead_does_not_say_its_prospect_does_and_its_own_fields_are_asked_by_their_prefix(sale, as_user):
	as_user("rep")
	lead = sale.lead(channel="Hotline", phone=None)
	as_user("Administrator")
	frappe.db.set_value(
		PROSPECT, lead.prospect, {"channel": "Referral", "industry": "Windmills", "phone": "+1 555 010 2040"}
	)
	asked = ("channel", "industry", "phone", "prospect.channel", "prospect.industry", "prospect.phone", "prospect.gone")
	assert facts(lead, more=asked).values == {
		"channel": "Hotline",
		"industry": "Windmills",
		"phone": None,
		"prospect.channel": "Referral",
		"prospect.industry": "Windmills",
		"prospect.phone": "+1 555 010 2040",
		"prospect.gone": None,
	}
	frappe.db.set_value(LEAD, lead.name, "prospect", None)
	alone = facts(lead, more=asked).values
	assert alone.pop("channel") == "Hotline" and set(alone.values()) == {None}


def test_a_lead_rests_until_the_day_that_was_agreed(sale):
	lead = sale.lead()
	assert facts(lead).resting_until is None
	assert facts(lead).created == get_datetime(frappe.db.get_value(LEAD, lead.name, "creation"))
	frappe.db.set_value(LEAD, lead.name, "nurture_until", add_days(nowdate(), 9))
	assert facts(lead).resting_until == getdate(add_days(nowdate(), 9))


def test_answers_count_that_were_given_before_the_decision(sale):
	lead = sale.lead()
	for place, (key, answer, points) in enumerate((("need", "Yes", 3), ("budget", None, 0), ("time", "Soon", -2)), 1):
		values = {"parent": lead.name, "parenttype": LEAD, "parentfield": "answers", "idx": place}
		values |= {"question_key": key, "question": key, "answer": answer, "points": points}
		frappe.get_doc({"doctype": "Lead Answer", **values}).db_insert()
	rows = {
		row.question_key: row
		for row in frappe.get_all(
			"Lead Answer",
			filters={"parent": lead.name},
			fields=["name", "question_key", "creation"],
			order_by="idx asc",
		)
	}
	of_answers = scoring.Rule("a", scoring.ANSWER, 5, question="need")
	every = {"need": ("Yes", 3), "budget": ("", 0), "time": ("Soon", -2)}
	assert facts(lead).answers == {}
	assert facts(lead, [of_answers]).answers == every == facts(lead, ever=True).answers
	after = get_datetime(rows["need"].creation) + timedelta(days=1)
	assert set(facts(lead, ever=True, answered={lead.name: (after, {rows["time"].name})}).answers) == {"need", "budget"}
	before = min(get_datetime(row.creation) for row in rows.values())
	assert facts(lead, ever=True, answered={lead.name: (before, set())}).answers == {}
	assert facts(lead, ever=True, answered={"another": (before, set())}).answers == every


# ---- the rules


def test_a_territory_that_is_gone_has_nothing_in_it(site):
	assert score_rules.below(None) == score_rules.below("") == score_rules.below("No Such Place") == []


@pytest.mark.parametrize(
	("values", "wrong"),
	[
		({"kind": "Field", "fieldname": "status", "value": "New"}, None),
		({"kind": "Field", "fieldname": "status", "value": "new"}, None),
		(
			{"kind": "Field", "fieldname": "status", "operator": "is not", "value": "New\nNo Such State"},
			"No Such State",
		),
		({"kind": "Field", "fieldname": "status", "operator": "contains", "value": "No Such State"}, None),
		({"kind": "Field", "fieldname": "channel", "value": "No Such Channel"}, "No Such Channel"),
		({"kind": "Field", "fieldname": "channel", "operator": "is not", "value": "\n Referral \n"}, None),
		({"kind": "Field", "fieldname": "title", "value": "Whatever"}, None),
		({"kind": "Field", "fieldname": "prospect.channel", "value": "No Such Channel"}, "No Such Channel"),
	],
)
def test_a_value_of_a_choice_that_there_is_not_is_a_typing_error(site, values, wrong):
	if wrong:
		with refused(ScoreRuleError, match=f"{wrong}.* is not a value of"):
			rule(**values)
	else:
		assert rule(**values).name


def test_a_rule_keeps_what_its_kind_asks_about_and_forgets_the_rest(site):
	whole = {
		"fieldname": "channel", "operator": "is", "value": "Referral", "question_key": "need", "answer": "Yes",
		"activity_type": "Phone", "result": "Reached", "direction": "Inbound", "page": "pricing", "days": 30, "most": 3,
		"territory": frappe.get_all("Territory", pluck="name", order_by="lft asc", limit=1)[0],
	}  # fmt: skip
	kept = {
		"Field": {"fieldname", "operator", "value"},
		"Territory": {"territory"},
		"Answer": {"question_key", "answer"},
		"Activities": {"activity_type", "result", "direction", "days", "most"},
		"E-mails": {"direction", "days", "most"},
		"Page Views": {"page", "days", "most"},
		"Silence": {"most"},
	}
	for kind, fields in kept.items():
		doc = rule(kind=kind, **whole)
		assert {name for name in whole if doc.get(name)} == fields, kind
	assert rule(kind="Field", **{**whole, "operator": "is set"}).value is None


def test_the_oldest_rule_comes_first_and_one_that_can_not_be_followed_is_left_out(site):
	first, off, broken, last = (
		rule(kind="Field", fieldname="channel", value="Referral", rule_name=name)
		for name in ("Z", "Off", "Broken", "A")
	)
	for place, doc in enumerate((first, off, broken, last)):
		frappe.db.set_value(doc.doctype, doc.name, "creation", add_to_date(now_datetime(), minutes=place - 60))
	frappe.db.set_value(off.doctype, off.name, "disabled", 1)
	frappe.db.set_value(broken.doctype, broken.name, "fieldname", "no_such_field")
	assert [one.name for one in score_rules.rules()] == ["Z", "A"]


def test_the_fields_of_a_rule_are_those_of_the_lead_and_with_its_name_before_those_of_the_prospect(site):
	found = {row["value"]: row["label"] for row in score_rules.choices()}
	assert found["channel"] == "Channel"
	assert found["prospect.industry"] == "Sales Prospect: Industry"
	assert not {"score", "score_told", "learned_score", "items", "prospect.score"} & set(found)


def test_a_question_of_several_pipelines_is_offered_once_by_its_first_words(site):
	pipelines = sorted(frappe.get_all("Sales Pipeline", pluck="name", order_by="name asc"))[:2]
	for place, pipeline in enumerate(pipelines):
		values = {"parent": pipeline, "parenttype": "Sales Pipeline", "parentfield": "questions", "idx": 90}
		values |= {"question_key": "same-key", "question": f"Words {place}"}
		frappe.get_doc({"doctype": "Qualification Question", **values}).db_insert()
	found = [row for row in score_rules.question_keys() if row["value"] == "same-key"]
	assert found == [{"value": "same-key", "label": "Words 0"}]


# ---- whom it calls


def test_up_to_three_leads_of_one_owner_are_a_call_each_and_more_are_one(sale):
	leads = [sale.lead(title=f"Lead {n}").name for n in range(4)]
	score_calls.note_crossings(
		[(name, REP, 49, 50) for name in leads[:3]] + [(leads[3], REP, 50, 60), (leads[3], OTHER, 60, 40)]
	)
	assert noted(pending.SCORE_CALL) == [{"leads": [name]} for name in leads[:3]]
	frappe.db.delete("Pending Update")
	pending._forget()
	score_calls.note_crossings([(name, None if place else "", 0, 99) for place, name in enumerate(leads)])
	assert noted(pending.SCORE_CALL) == [{"leads": leads}]


def test_a_call_says_the_score_and_how_many_more_there_are(sale, bells):
	leads = [sale.lead(title=f"Lead {n}", sales_owner=REP) for n in range(3)]
	frappe.db.set_value(LEAD, leads[0].name, "score", 77)
	names = [lead.name for lead in leads]
	score_calls.send(["gone", *names])
	score_calls.send([names[0], "gone"])
	said = [(name, frappe.utils.strip_html(text)) for user, name, text in bells if user == REP]
	assert said == [
		(names[0], "Lead 0 has a score of 77, and 2 more of your leads came to the threshold"),
		(names[0], "Lead 0 has a score of 77"),
	]
