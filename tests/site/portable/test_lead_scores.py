"""Scores of leads: what a save, an activity, a mail and a night do to them, whom they call, and what they say."""

import json

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.chain import jobs, pending
from crm_pipeline.my_day import day
from crm_pipeline.scoring import lead_scores, score_calls, score_rules, score_words
from crm_pipeline.scoring.score_rules import ScoreRuleError
from tests.site.world import refused

LEAD = "Sales Lead"
REP, OTHER, MANAGER = (f"{name}@crm-test.example" for name in ("rep", "rep2", "manager"))


@pytest.fixture(autouse=True)
def no_rules(rolled_back):
	for doctype in ("Lead Score Rule", "Pending Update"):
		frappe.db.delete(doctype)
	frappe.db.set_single_value("CRM Pipeline Settings", "lead_score_threshold", 50)
	frappe.db.set_single_value("Lead Score Model", "state", "")


def rule(points=10, **values):
	name = values.pop("rule_name", None) or f"R {frappe.generate_hash(length=6)}"
	return frappe.get_doc({"doctype": "Lead Score Rule", "rule_name": name, "points": points, **values}).insert()


def of_channel(points=10, value="Referral", **values):
	return rule(points, kind="Field", fieldname="channel", operator="is", value=value, **values)


def stored(lead, *fields):
	return frappe.db.get_value(LEAD, lead.name, fields if len(fields) > 1 else fields[0])


def reasons(lead) -> list[tuple[int, str]]:
	found = score_words.explained(frappe.get_doc(LEAD, lead.name))
	return [(line["points"], line["text"]) for line in found["lines"]] if found else []


def noted(what: str) -> list[dict]:
	rows = frappe.get_all(
		"Pending Update", filters={"what": what}, fields=["document", "arguments"], order_by="creation asc"
	)
	return [json.loads(row.arguments) for row in rows]


def activity(lead, **values):
	about = {"reference_doctype": LEAD, "reference_name": lead.name}
	return frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "status": "Done", **about, **values}
	).insert()


# ---- in the save


def test_a_lead_is_scored_in_its_own_save_and_says_why(sale, as_user):
	of_channel(30)
	rule(-5, kind="Field", fieldname="industry", operator="is not set")
	as_user("rep")
	lead = sale.lead(channel="Referral")
	assert stored(lead, "score") == lead.score == 25
	assert sorted(reasons(lead)) == [(-5, "Industry is empty"), (30, "Channel is Referral")]
	lead.channel = "Hotline"
	lead.save()
	assert stored(lead, "score") == -5


def test_without_rules_a_lead_has_no_score_and_nothing_is_written(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	assert stored(lead, "score", "score_told", "learned_score") == (0, None, 0) and reasons(lead) == []
	frappe.set_user("Administrator")
	first = of_channel(30, "Hotline")
	assert lead_scores.refresh([lead.name]) == 1 and stored(lead, "score_told") == "[]"
	frappe.delete_doc("Lead Score Rule", first.name)
	assert lead_scores.refresh([lead.name]) == 0


def test_what_a_client_sends_for_the_score_is_put_back(sale, as_user):
	of_channel(30)
	as_user("rep")
	lead = sale.lead(channel="Referral", score=900, score_told="[]", learned_score=99)
	assert stored(lead, "score", "learned_score") == (30, 0)
	lead.score = 900
	lead.save()
	assert stored(lead, "score") == 30


def test_a_save_asks_few_questions_more_than_one_without_rules(sale, as_user, queries):
	as_user("rep")
	lead = sale.lead()
	lead.title = "Five pumps"
	without = queries(lead.save)
	frappe.set_user("Administrator")
	for n in range(8):
		of_channel(n + 1)
		rule(n + 1, kind="Activities", days=30, result="Reached")
		rule(n + 1, kind="E-mails", days=30)
	rule(-1, kind="Silence")
	lead.reload()
	lead.save()
	lead.title = "Six pumps"
	assert queries(lead.save) - without <= 4


@pytest.fixture
def queries(monkeypatch):
	def count(work) -> int:
		asked, sql = [], frappe.db.sql
		with monkeypatch.context() as patch:
			patch.setattr(frappe.db, "sql", lambda *args, **kwargs: asked.append(args[0]) or sql(*args, **kwargs))
			work()
		return len(asked)

	return count


def test_a_closed_lead_keeps_the_score_that_it_had(sale, as_user):
	of_channel(30)
	as_user("rep")
	lead = sale.lead(channel="Referral")
	api.disqualify_lead(lead.name, "No Budget")
	frappe.set_user("Administrator")
	of_channel(9)
	assert lead_scores.refresh([lead.name]) == 0 and stored(lead, "score") == 30
	api.reopen_lead(lead.name)
	assert stored(lead, "score") == 39


@pytest.mark.parametrize("gone", ["closed", "deleted"])
def test_what_happened_on_a_lead_that_is_closed_or_gone_since_is_forgotten(sale, as_user, gone):
	rule(10, kind="Activities", days=30, result="Reached")
	as_user("rep")
	lead = sale.lead()
	activity(lead, result="Reached")
	assert noted("Lead Score") == [{"lead": lead.name}]
	frappe.set_user("Administrator")
	api.disqualify_lead(lead.name, "No Budget") if gone == "closed" else lead.delete()
	assert lead_scores.refresh([lead.name]) == 0
	pending.work_off([(LEAD, lead.name)])
	assert noted("Lead Score") == []


# ---- what rules ask


def test_a_region_holds_all_that_lies_in_it(sale, as_user):
	top = frappe.db.get_value("Territory", {"parent_territory": ("in", ("", None))}) or "All Territories"
	tag = sale.world.tag
	region = frappe.get_doc(
		{"doctype": "Territory", "territory_name": f"North {tag}", "is_group": 1, "parent_territory": top}
	).insert()
	town = frappe.get_doc(
		{"doctype": "Territory", "territory_name": f"Quay {tag}", "parent_territory": region.name}
	).insert()
	rule(12, kind="Territory", territory=region.name)
	as_user("rep")
	assert [sale.lead(territory=name).score for name in (town.name, region.name, top)] == [12, 12, 0]
	# Where the lead says nothing, its prospect does.
	assert (
		sale.lead().score == 12
		and sale.lead(prospect_name=f"Far {tag}", email_id="f@far.example", phone=None).score == 0
	)
	lead = sale.lead(territory=town.name)
	assert reasons(lead) == [(12, f"Territory lies in {region.name}")]


def test_answers_give_points(sale, as_user):
	pipeline = frappe.get_doc("Sales Pipeline", "Standard Sales")
	pipeline.questions = []
	pipeline.append(
		"questions", {"question_key": "budget", "question": "Budget?", "choices": "None = -1\nApproved = 3"}
	)
	pipeline.save()
	rule(10, kind="Answer", question_key="budget")
	rule(4, kind="Answer", question_key="budget", answer="Approved")
	as_user("rep")
	lead = sale.lead()
	api.answer_questions(lead.name, {"budget": "Approved"})
	assert stored(lead, "score") == 34
	api.answer_questions(lead.name, {"budget": "None"})
	assert stored(lead, "score") == -10
	assert reasons(lead) == [(-10, "Budget? None")]


def test_nothing_is_noted_where_no_rule_asks_what_happens(sale, as_user):
	of_channel()
	as_user("rep")
	activity(sale.lead(), result="Reached")
	assert noted(pending.SCORE) == []


def test_silence_takes_points_week_by_week_until_something_happens(sale, as_user):
	rule(-4, kind="Silence", most=6)
	as_user("rep")
	lead = sale.lead()
	now = now_datetime()
	assert lead_scores.refresh([lead.name], add_to_date(now, days=15)) == 1
	assert stored(lead, "score") == -8 and reasons(lead) == [(-8, "Nothing happened for 2 weeks")]
	assert lead_scores.refresh([lead.name], add_to_date(now, days=300)) == 1 and stored(lead, "score") == -24
	activity(lead)
	pending.do(LEAD, lead.name)
	assert stored(lead, "score") == 0


# ---- bad input


def test_a_rule_that_can_not_be_followed_is_refused(world):
	for values, said in (
		({"kind": "Field", "fieldname": "nothing", "value": "x"}, "no field"),
		({"kind": "Field", "fieldname": "score", "operator": "at least", "value": "5"}, "no field"),
		({"kind": "Field", "fieldname": "items", "operator": "is set"}, "no field"),
		({"kind": "Field", "fieldname": "channel"}, "which value"),
		({"kind": "Field", "fieldname": "channel", "value": "Nowhere"}, "not a value of"),
		({"kind": "Field", "fieldname": "amount", "operator": "at least", "value": "many"}, "not a number"),
		({"kind": "Territory"}, "territory"),
		({"kind": "Answer"}, "question"),
		({"kind": "Silence", "points": 0}, "not 0"),
		({"kind": "Silence", "points": 101}, "between"),
		({"kind": "E-mails", "days": 99999}, "more than"),
	):
		with refused(ScoreRuleError, match=said):
			rule(**values)


@pytest.mark.parametrize(
	("written", "amount", "points"), [("#.###,##", 500, None), ("#.###,##", 1000, 4), ("#,###.##", 500, 4)]
)
def test_a_limit_is_read_as_the_site_writes_numbers(sale, as_user, monkeypatch, written, amount, points):
	monkeypatch.setattr(score_rules, "_number_format", lambda: written)
	rule(4, kind="Field", fieldname="amount", operator="at least", value="1.000")
	as_user("rep")
	assert (stored(sale.lead(items=[], amount=amount), "score") or None) == points


def test_a_field_that_is_gone_is_named_as_it_was_written(site):
	assert [score_rules.label_of(name) for name in ("channel", "custom_gone", None)] == ["Channel", "custom_gone", ""]


def test_a_rule_whose_field_or_value_is_gone_stops_no_save(sale, as_user):
	gone, value = of_channel(), of_channel(5)
	keeps = of_channel(3)
	frappe.db.set_value("Lead Score Rule", gone.name, "fieldname", "custom_gone")
	frappe.db.set_value("Lead Score Rule", value.name, "value", "A channel that was deleted")
	as_user("rep")
	lead = sale.lead(channel="Referral")
	assert stored(lead, "score") == 3 and [row[0] for row in json.loads(lead.score_told)] == [keeps.name]
	frappe.set_user("Administrator")
	doc = frappe.get_doc("Lead Score Rule", gone.name)
	doc.run_method("onload")
	assert "custom_gone" in doc.get_onload("problem")
	# It may be switched off as it is.
	doc.disabled = 1
	doc.save()


def test_rules_against_each_other_are_pointed_out_and_both_followed(sale, as_user):
	of_channel(30, rule_name="For Referrals")
	frappe.clear_messages()
	of_channel(-10)
	assert "For Referrals" in frappe.local.message_log[-1]["message"]
	as_user("rep")
	assert sale.lead(channel="Referral").score == 20


def test_points_stay_within_the_limits_and_the_reasons_are_whole(sale, as_user):
	for _n in range(12):
		of_channel(100)
	as_user("rep")
	lead = sale.lead(channel="Referral")
	assert lead.score == 1000 and len(reasons(lead)) == 12


def test_reasons_are_told_though_their_rule_is_gone_or_the_column_is_odd(sale, as_user):
	first = of_channel(30, rule_name="Old Friends")
	as_user("rep")
	lead = sale.lead(channel="Referral")
	frappe.db.delete("Lead Score Rule", {"name": first.name})
	assert reasons(lead) == [(30, "Old Friends")]
	frappe.db.set_value(LEAD, lead.name, "score_told", '{"odd": 1}')
	assert reasons(lead) == []


# ---- every night


def test_by_night_only_what_changed_is_written_and_one_broken_lead_stops_no_other(sale, as_user, monkeypatch):
	as_user("rep")
	leads = [sale.lead(channel="Referral", title=f"Lead {n}") for n in range(3)]
	frappe.set_user("Administrator")
	of_channel(30)
	names = [lead.name for lead in leads]
	monkeypatch.setattr(lead_scores, "_names_after", lambda after: [name for name in names if name > after])
	assert lead_scores.score_chunk("") == 3 and lead_scores.score_chunk("") == 0
	of_channel(1)
	values = lead_scores._values_of
	broken = frappe.db.get_value(LEAD, names[1], "creation")

	def breaks(facts, *rest):
		if facts.created == broken:
			raise RuntimeError("broken")
		return values(facts, *rest)

	monkeypatch.setattr(lead_scores, "_values_of", breaks)
	assert lead_scores.score_chunk("") == 2
	assert [stored(lead, "score") for lead in leads] == [31, 30, 31]


def test_chunks_are_whole_and_a_job_goes_on_where_it_stopped(sale, as_user, monkeypatch):
	as_user("rep")
	for n in range(5):
		sale.lead(title=f"Lead {n}")
	frappe.set_user("Administrator")
	monkeypatch.setattr(lead_scores, "CHUNK", 2)
	found = lead_scores.chunks(None)
	names = [name for (after,) in found for name in lead_scores._names_after(after)]
	open_leads = frappe.get_all(
		LEAD, filters={"status": ("not in", ("Converted", "Disqualified"))}, pluck="name", order_by="name asc", limit=0
	)
	assert names == open_leads
	for place, record in enumerate(found):
		assert lead_scores.chunks(list(record)) == found[place + 1 :]
	assert {lead_scores.JOB, "Learned Lead Scores"} <= set(jobs.JOBS)


def test_many_and_one_come_to_the_same(sale, as_user):
	"""In its own save, and by night with others."""
	rule(5, kind="Activities", days=30)
	rule(-3, kind="Silence")
	of_channel(30)
	as_user("rep")
	lead = sale.lead(channel="Referral")
	activity(lead, starts_on=add_to_date(now_datetime(), days=-20))
	frappe.set_user("Administrator")
	frappe.db.set_value(LEAD, lead.name, "creation", add_to_date(now_datetime(), days=-40))
	lead_scores.refresh([lead.name])
	by_night = stored(lead, "score", "score_told")
	frappe.db.set_value(LEAD, lead.name, {"score": 0, "score_told": None})
	frappe.get_doc(LEAD, lead.name).save()
	assert stored(lead, "score", "score_told") == by_night and by_night[0] == 5 - 6 + 30


# ---- whom it calls


def test_a_lead_that_comes_to_the_threshold_calls_its_owner_once(sale, as_user, bells):
	of_channel(50)
	as_user("rep")
	lead = sale.lead(title="Four <b>pumps")
	lead.channel = "Referral"
	lead.save()
	lead.title = "Five <b>pumps"
	lead.save()
	assert noted(pending.SCORE_CALL) == [{"leads": [lead.name]}]
	pending.do(LEAD, lead.name)
	[(user, name, said)] = bells
	assert (user, name) == (REP, lead.name) and "50" in said and "<b>pumps" not in said
	pending._forget()
	lead.channel = "Hotline"
	lead.save()
	lead.channel = "Referral"
	lead.save()
	assert len(noted(pending.SCORE_CALL)) == 1, "it crossed the threshold again"


def test_rules_that_are_new_call_nobody_for_what_was_there(sale, as_user):
	as_user("rep")
	lead = sale.lead(channel="Referral")
	frappe.set_user("Administrator")
	of_channel(60)
	lead_scores.refresh([lead.name])
	assert stored(lead, "score") == 60 and noted(pending.SCORE_CALL) == []
	assert lead_scores._rules_are_new()
	frappe.db.set_value("Lead Score Rule", {"name": ("is", "set")}, "modified", "2020-01-01", update_modified=False)
	jobs._begin(lead_scores.JOB)
	frappe.db.set_value(jobs.DOCTYPE, lead_scores.JOB, "finished_on", now_datetime())
	assert not lead_scores._rules_are_new()


def test_many_leads_of_one_owner_are_one_call(sale, as_user, bells):
	as_user("rep")
	leads = [sale.lead(title=f"Lead {n}") for n in range(5)]
	score_calls.note_crossings([(lead.name, REP, 0, 60) for lead in leads] + [(leads[0].name, OTHER, 10, 60)])
	found = noted(pending.SCORE_CALL)
	assert found[0] == {"leads": [lead.name for lead in leads]}
	score_calls.send(**found[0])
	assert len(bells) == 1 and "4 more" in bells[0][2]


def test_where_the_owner_left_a_manager_is_called_and_for_a_closed_lead_nobody(sale, as_user, bells):
	of_channel(60)
	as_user("rep")
	lead = sale.lead(channel="Referral")
	frappe.set_user("Administrator")
	frappe.db.set_value("User", REP, "enabled", 0)
	score_calls.send([lead.name, "gone"])
	assert REP not in {user for user, _n, _s in bells} and MANAGER in {user for user, _n, _s in bells}
	bells.clear()
	api.disqualify_lead(lead.name, "No Budget")
	score_calls.send([lead.name])
	score_calls.send(["gone"])
	assert bells == []


def test_no_threshold_calls_nobody(sale, as_user):
	frappe.db.set_single_value("CRM Pipeline Settings", "lead_score_threshold", 0)
	of_channel(90)
	as_user("rep")
	sale.lead(channel="Referral")
	assert noted(pending.SCORE_CALL) == []


# ---- ranked


def test_leads_to_answer_are_ranked_by_their_score(sale, as_user):
	of_channel(30)
	of_channel(10, "Hotline")
	as_user("rep")
	low, high, none = (sale.lead(channel=channel, title=channel or "None") for channel in ("Hotline", "Referral", None))
	[section] = [section for section in day.of(REP)["sections"] if section["key"] == "leads"]
	ours = [row["name"] for row in section["rows"] if row["name"] in (low.name, high.name, none.name)]
	assert ours == [high.name, low.name, none.name]


def test_a_rep_reads_rules_and_makes_none(world, as_user):
	of_channel(rule_name="Read Me")
	as_user("rep")
	assert frappe.get_doc("Lead Score Rule", "Read Me").has_permission("read")
	with pytest.raises(frappe.PermissionError):
		of_channel()
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc("Lead Score Model").save()


def test_the_nightly_job_scores_all_open_leads_and_says_how_many_changed(sale, as_user):
	as_user("rep")
	leads = [sale.lead(channel=channel, title=channel) for channel in ("Referral", "Hotline")]
	api.disqualify_lead(sale.lead(channel="Referral", title="Closed").name, "No Need")
	as_user("Administrator")
	lead_scores.refresh_all()
	of_channel(30)
	assert lead_scores.refresh_all() == 1 and lead_scores.refresh_all() == 0
	assert [stored(lead, "score") for lead in leads] == [30, 0]


def test_a_lost_race_is_no_broken_lead(sale, monkeypatch):
	"""The job is told, and goes on with all of them later."""

	def lost(*args, **how):
		raise frappe.QueryDeadlockError("lost")

	monkeypatch.setattr(lead_scores, "refresh", lost)
	with pytest.raises(frappe.QueryDeadlockError):
		lead_scores._refresh_if_possible([sale.lead().name], False)
