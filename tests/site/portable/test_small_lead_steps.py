"""Small steps with leads: how often somebody tried, when they are woken, whom they call, and a conversion taken back."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.assignment import giving
from crm_pipeline.core import lead as lead_rules
from crm_pipeline.leads import contact_attempts, lead_answers, lead_bells, nurturing, qualification
from crm_pipeline.leads.qualification import LeadStateError
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.rows import row
from tests.site.world import history, refused

REP, OTHER, MANAGER, DESK, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk", "stranger"))
ACTIVITY, LEAD, HELP = "Sales Activity", "Sales Lead", "Sales Help Request"
SETTINGS = "Notification Settings"


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def activity(**values):
	made = {
		"doctype": ACTIVITY,
		"subject": "Ring Ann",
		"way": "Phone",
		"starts_on": now_datetime().replace(microsecond=0),
	}
	return frappe.get_doc({**made, **values}).insert()


# ---- leads


def test_attempts_are_what_was_done_outwards_and_what_is_planned_next_the_earliest(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	assert contact_attempts.attempts_of(lead.name) == {"count": 0, "reached": 0, "last": None, "next": None}
	now = now_datetime().replace(microsecond=0)

	def call(days: int, **values):
		about = {"reference_doctype": LEAD, "reference_name": lead.name, "status": "Done", "direction": "Outbound"}
		return activity(starts_on=add_days(now, days), **{**about, **values})

	call(-5, result="Reached"), call(-4, result="Not Reached"), call(-1, direction="Inbound", result="Reached")
	last = call(-3, result="Interested")
	call(4, status="Planned"), call(-2, status="Cancelled")
	following = call(2, status="Planned")
	found = contact_attempts.attempts_of(lead.name)
	assert (found["count"], found["reached"]) == (3, 2)
	assert (found["last"].name, found["next"].name) == (last.name, following.name)
	as_user("stranger")
	assert contact_attempts.attempts_of(lead.name) == {"count": 0, "reached": 0, "last": None, "next": None}


@pytest.mark.parametrize(
	("choices", "said"),
	[
		("Yes = 1\nYes = 2", "answer .*Yes.* stands there twice"), ("A" * 200 + " = 1", "an answer is longer than"),
		("Yes = 100000", "the weight of answer .*Yes.* is not between"),
	],
)  # fmt: skip
def test_what_is_wrong_with_the_answers_of_a_question_is_said(as_user, choices, said):
	as_user("Administrator")
	pipeline = frappe.get_doc("Sales Pipeline", "Standard Sales")
	pipeline.append("questions", {"question": "Why us?", "choices": choices})
	with refused(match=f"Row {len(pipeline.questions)}.*{said}"):
		lead_answers.follow_questions(pipeline)
	assert lead_answers.questions_of(None) == []


def test_a_lead_that_is_gone_or_not_due_is_not_woken(sale, as_user):
	as_user("rep")
	lead = sale.lead(nurture_until=add_days(nowdate(), 5))
	assert nurturing.wake("Nobody") is False and nurturing.wake(lead.name) is False
	frappe.db.set_value(LEAD, lead.name, "nurture_until", add_days(nowdate(), 2))
	assert nurturing.wake(lead.name) is False
	frappe.db.set_value(LEAD, lead.name, "nurture_until", nowdate())
	assert nurturing.wake(lead.name) is True and nurturing.wake(lead.name) is False
	assert frappe.db.get_value(LEAD, lead.name, "nurture_until") is None


def test_what_was_put_off_before_it_was_brought_in_is_there(sale, as_user):
	as_user("Administrator")
	frappe.flags.in_import = True
	try:
		past, later = (sale.lead(nurture_until=add_days(nowdate(), days), prospect_kind="Organisation", prospect_name=f"P {days}", email_id="", phone="") for days in (-5, 9000))  # fmt: skip
	finally:
		frappe.flags.in_import = False
	assert past.nurture_until is None and str(later.nurture_until) == add_days(nowdate(), 9000)


def test_those_who_work_here_are_called_in_their_order(site):
	frappe.db.set_value("User", OTHER, "enabled", 0)
	assert lead_bells.enabled([REP, OTHER, "nobody@nowhere.example", DESK]) == [REP, DESK]
	assert lead_bells.enabled([DESK, REP]) == [DESK, REP] and lead_bells.enabled([]) == []
	frappe.db.set_value("User", OTHER, "enabled", 1)


def test_the_bell_says_the_sentence_in_the_language_of_each(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	frappe.db.set_value("User", DESK, "language", "de")
	lead_bells.ring([OTHER, DESK], lead, lambda language: f"Said in {language}")
	found = frappe.get_all(
		"Notification Log",
		filters={"document_name": lead.name, "subject": ("like", "Said in%")},
		fields=["for_user", "type", "document_type", "subject", "from_user"],
		order_by="for_user asc",
	)
	told = {one.for_user: one.subject for one in found}
	assert told[DESK] == "Said in de" and set(told) == {OTHER, DESK}
	assert {(one.type, one.document_type, one.from_user) for one in found} == {("Alert", LEAD, REP)}


# ---- a conversion that is taken back


@pytest.fixture
def joined(sale, as_user):
	"""(A lead that joined a deal, the deal), as they stand in the tables."""
	as_user("rep")
	deal = sale.opportunity()
	lead = sale.lead(customer=sale.world.customer, prospect_name="")
	frappe.db.set_value(
		LEAD, lead.name, {"status": "Converted", "joined_opportunity": deal.name, "converted_on": now_datetime()}
	)
	event = {"reference_doctype": LEAD, "reference_name": lead.name, "kind": "State", "docstatus": 0, "by": REP}
	row("Pipeline Event", at="2026-01-01 10:00:00", from_value="New", to_value="Converted", **event)
	row("Pipeline Event", at="2026-01-02 10:00:00", from_value="Contacted", to_value="Converted", **event)
	return lead, deal


def test_a_lead_that_joined_a_deal_is_taken_back_to_its_state_and_the_deal_stays(joined, as_user):
	lead, deal = joined
	api.undo_conversion(lead.name)
	lead.reload()
	assert (lead.status, lead.joined_opportunity, lead.converted_on) == ("Contacted", None, None)
	assert frappe.db.exists(deal.doctype, deal.name)
	assert ("State", "Converted", "Contacted") in history(LEAD, lead.name)
	assert history(LEAD, lead.name)[-1] == ("Conversion", f"Sales Opportunity {deal.name}", None)
	last = frappe.get_last_doc("Pipeline Event", {"reference_name": lead.name, "kind": "Conversion"})
	assert (last.note, last.related_doctype, last.related_name) == (
		"The conversion was undone",
		deal.doctype,
		deal.name,
	)
	with refused(LeadStateError, match="is not converted"):
		api.undo_conversion(lead.name)


def test_a_lead_whose_state_before_nobody_knows_is_qualified(joined):
	lead, _deal = joined
	frappe.db.delete("Pipeline Event", {"reference_name": lead.name, "kind": "State"})
	qualification.undo_conversion(lead.name)
	lead.reload()
	assert lead.status == lead_rules.QUALIFIED


def test_who_may_not_change_the_lead_takes_nothing_back(joined, as_user):
	lead, _deal = joined
	as_user("stranger")
	with refused(frappe.PermissionError):
		qualification.undo_conversion(lead.name)
	as_user("Administrator")
	assert frappe.db.get_value(LEAD, lead.name, "status") == "Converted"


@pytest.mark.parametrize("step", ["joined", "closed", "moved", "estimate", "help"])
def test_what_was_built_on_a_deal_keeps_its_conversion(sale, as_user, step):
	as_user("rep")
	deal = sale.opportunity()
	qualification._refuse_if_built_on(deal)
	about = {"reference_doctype": deal.doctype, "reference_name": deal.name, "docstatus": 0}
	said = "its stage was changed"
	if step == "joined":
		said = sale.lead().name
		frappe.db.set_value(LEAD, said, "joined_opportunity", deal.name)
	elif step == "closed":
		deal.status = "Lost"
	elif step == "moved":
		row("Pipeline Event", kind="Stage", from_value="a", to_value="b", at=now_datetime(), **about)
	elif step == "estimate":
		said = row("Cost Estimate", **about)
	else:
		said = row(HELP, **about)
	with refused(LeadStateError, match=f"can't be undone any more: .*{said}"):
		qualification._refuse_if_built_on(deal)


def test_a_lead_whose_deal_is_gone_is_taken_back_before_it_is_converted_again(sale, as_user):
	as_user("rep")
	found = sale.lead()
	frappe.db.set_value("Sales Lead", found.name, "status", "Converted")
	with refused(LeadStateError, match="its deal is gone. Undo the conversion first"):
		qualification.convert_lead(found.name, assessment="Hot")
	deal = sale.opportunity()
	frappe.db.set_value("Sales Lead", found.name, "joined_opportunity", deal.name)
	made = qualification.convert_lead(found.name, assessment="Hot")
	assert (made.doctype, made.name) == (deal.doctype, deal.name), "what it joined is what it became"


@pytest.mark.parametrize("said", [None, "Hot"])
def test_a_lead_is_converted_as_it_is_judged_then(sale, as_user, monkeypatch, said):
	HOST.plain_records(monkeypatch, "Customer", "Contact", "Address")
	as_user("rep")
	found = sale.lead(assessment="Cold", assessment_note="Call in May")
	as_user("manager")
	qualification.convert_lead(found.name, assessment=said, assessment_note="They want it now" if said else None)
	found.reload()
	assert (found.assessment, found.assessment_note, found.assessed_by) == (
		("Hot", "They want it now", MANAGER) if said else ("Cold", "Call in May", REP)
	)


def test_a_site_whose_apps_hear_of_a_type_is_watched(site):
	assert giving.is_watched("Sales Campaign") is False
	hooks = frappe.get_hooks("doc_events")
	if hooks.get("Customer"):
		assert giving.is_watched("Customer") is True


@pytest.mark.parametrize("letters", [5, 140, 141, 400])
def test_what_was_planned_with_a_lead_is_the_deal_s_next_step_as_far_as_a_line_goes(letters):
	lead = frappe._dict(follow_up_plan="Ring\n them " + "x" * (letters - 10), follow_up_date=nowdate())
	deal = frappe._dict(next_step=None, next_step_date=None)
	qualification._carry_plan(lead, deal)
	whole = " ".join(lead.follow_up_plan.split())
	assert deal.next_step_date == nowdate() and len(deal.next_step) <= 140
	assert deal.next_step == (whole if len(whole) <= 140 else whole[:139] + "…")
	for own in ({"next_step": "Visit", "next_step_date": None}, {"next_step": None, "next_step_date": "2026-01-01"}):
		deal = frappe._dict(own)
		qualification._carry_plan(lead, deal)
		assert deal == own


def test_a_lead_goes_into_the_pipeline_that_was_chosen_for_it_else_into_its_company_s_default(monkeypatch):
	monkeypatch.setattr(lead_answers.pipelines, "default_pipeline", lambda kind, company: f"{kind} of {company}")
	chosen = frappe.db.get_value("Sales Pipeline", {"applies_to": "Sales Project"}, "name")
	lead = frappe._dict(company="Ours", customer="Theirs")
	assert lead_answers.pipeline_of(lead) == "Sales Opportunity of Ours"
	assert lead_answers.pipeline_of(lead, "Sales Project") == "Sales Project of Ours"
	lead.intended_pipeline = chosen
	assert lead_answers.pipeline_of(lead) == lead_answers.pipeline_of(lead, "Sales Project") == chosen
	assert lead_answers.pipeline_of(lead, "Sales Opportunity") == "Sales Opportunity of Ours"
	lead.intended_pipeline = "No such pipeline"
	assert lead_answers.pipeline_of(lead, "Sales Project") == "Sales Project of Ours"


def test_tags_and_tasks_of_a_deal_that_goes_are_those_of_the_lead_that_became_it(sale, as_user):
	as_user("Administrator")
	of = {"customer": sale.world.customer, "prospect_name": None, "status": "New"}
	became, joined, open_one = (sale.lead(title=title, **of) for title in ("Became", "Joined", "Open"))
	deal, other = sale.opportunity(), sale.opportunity()
	for lead in (became, joined):
		frappe.db.set_value(LEAD, lead.name, {"status": "Converted", "converted_on": now_datetime()})
	for lead in (joined, open_one):
		frappe.db.set_value(LEAD, lead.name, "joined_opportunity", deal.name)
	deal.update({"source_type": LEAD, "source_name": became.name, "conversion_key": f"{LEAD}:{became.name}"})
	deal.add_tag("hot")
	task = lambda name, status: row(  # noqa: E731
		"ToDo", reference_type=deal.doctype, reference_name=name, status=status, allocated_to=REP, docstatus=0,
		description="Ring",
	)  # fmt: skip
	tasks = task(deal.name, "Open"), task(deal.name, "Closed"), task(other.name, "Open")
	qualification.deal_deleted(deal)
	about = [frappe.db.get_value("ToDo", name, ["reference_type", "reference_name"]) for name in tasks]
	assert about == [(LEAD, became.name), (deal.doctype, deal.name), (deal.doctype, other.name)]
	tags = [frappe.db.get_value(LEAD, lead.name, "_user_tags") or "" for lead in (became, joined, open_one)]
	assert ["hot" in tag for tag in tags] == [True, False, False]
	states = [
		frappe.db.get_value(LEAD, lead.name, ["status", "joined_opportunity"]) for lead in (became, joined, open_one)
	]
	assert states == [("Qualified", None), ("Qualified", None), ("New", deal.name)]
	assert became.reload().converted_on is None


@pytest.mark.parametrize("change", ["key", "type", "project"])
def test_a_deal_that_no_lead_became_opens_none_when_it_goes(sale, as_user, change):
	as_user("Administrator")
	lead = sale.lead(customer=sale.world.customer, prospect_name=None)
	deal = sale.opportunity()
	frappe.db.set_value(LEAD, lead.name, {"status": "Converted", "converted_on": now_datetime()})
	deal.update({"source_type": LEAD, "source_name": lead.name, "conversion_key": f"{LEAD}:{lead.name}"})
	if change == "key":
		deal.conversion_key = None
	elif change == "type":
		deal.source_type = "Sales Campaign"
	else:
		deal.update({"source_name": None, "conversion_key": None})
		frappe.db.set_value(LEAD, lead.name, "joined_opportunity", deal.name)
		deal.doctype = "Sales Project"
	qualification.deal_deleted(deal)
	assert frappe.db.get_value(LEAD, lead.name, "status") == "Converted"


@pytest.mark.parametrize(("days", "fine"), [(-1, False), (0, True), (1, True), (5 * 366, True), (5 * 366 + 1, False)])
def test_a_lead_is_put_off_until_a_day_that_is_not_over_and_for_five_years_at_most(sale, as_user, days, fine):
	as_user("rep")
	lead, until = sale.lead(), add_days(nowdate(), days)
	if fine:
		api.nurture_lead(lead.name, until)
		assert str(frappe.db.get_value(LEAD, lead.name, "nurture_until")) == until
		return
	with refused(match="Nurture Until.* must be a day within the next 5 years"):
		api.nurture_lead(lead.name, until)
	assert frappe.db.get_value(LEAD, lead.name, "nurture_until") is None


def test_a_lead_that_is_put_off_keeps_its_plan_unless_another_is_said(sale, as_user):
	as_user("rep")
	lead = sale.lead(follow_up_plan="Ring them")
	api.nurture_lead(lead.name, add_days(nowdate(), 3))
	assert frappe.db.get_value(LEAD, lead.name, "follow_up_plan") == "Ring them"
	api.nurture_lead(lead.name, add_days(nowdate(), 4), "Visit them")
	assert frappe.db.get_value(LEAD, lead.name, "follow_up_plan") == "Visit them"
