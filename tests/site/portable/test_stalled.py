"""Open deals are judged by visible signals, and the deal says why."""

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import deal_dwell, deal_facts, stall_verdicts, stalled_rules
from tests.site import rows
from tests.site.health import PIPELINE, settings, stage, walk
from tests.site.world import refused


def planned() -> dict:
	return {"next_step": "Call", "next_step_date": add_days(nowdate(), 3)}


@pytest.fixture(autouse=True)
def judged(site):
	"""Deals are compared with the won deals of this test only."""
	deal_dwell.forget_usual_dwell()
	settings(stalled_dwell_min_won=100000)
	yield
	deal_dwell.forget_usual_dwell()


@pytest.fixture
def deal(sale):
	return sale.opportunity(**planned())


def signals(deal) -> dict[str, str]:
	"""{signal: text} as the form shows them now."""
	return {r["signal"]: r["text"] for r in api.get_deal_health(deal.doctype, deal.name)["reasons"]}


def stored(deal) -> tuple[int, int]:
	return tuple(frappe.db.get_value(deal.doctype, deal.name, ["stalled_score", "is_stalled"]))


def activity(deal, **values):
	return frappe.get_doc(
		{
			"doctype": "Sales Activity",
			"subject": "Talk",
			"status": "Done",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
			"starts_on": now_datetime(),
			**values,
		}
	).insert()


def test_a_new_deal_with_a_next_step_is_fine(deal):
	assert api.get_deal_health(deal.doctype, deal.name)["reasons"] == []
	assert stored(deal) == (0, 0)


def test_saving_the_deal_refreshes_its_score_and_the_form_gets_it(deal):
	deal.update({"next_step": None, "next_step_date": None})
	deal.save()
	assert (deal.stalled_score, deal.is_stalled) == (15, 0)
	assert signals(deal) == {"no_next_step": "No next step is planned"}
	deal.next_step_date = add_days(nowdate(), -2)
	deal.save()
	assert signals(deal) == {"no_next_step": "The next step was due 2 days ago"}
	deal.next_step_date = add_days(nowdate(), -1)
	deal.save()
	assert signals(deal) == {"no_next_step": "The next step was due 1 day ago"}


def test_what_a_form_sends_does_not_become_the_score(deal):
	deal.update({"stalled_score": 99, "is_stalled": 1})
	deal.save()
	assert stored(deal) == (0, 0)


@pytest.mark.parametrize("field", ["next_step", "next_step_date"])
def test_a_step_without_a_day_and_a_day_without_a_step_are_plans(sale, field):
	deal = sale.opportunity(next_step=None, next_step_date=None)
	assert "no_next_step" in signals(deal)
	deal.set(field, "Call" if field == "next_step" else add_days(nowdate(), 3))
	deal.save()
	assert "no_next_step" not in signals(deal)


def test_an_activity_to_come_is_a_next_step(sale):
	deal = sale.opportunity()
	assert "no_next_step" in signals(deal)
	activity(deal, status="Planned", starts_on=add_days(now_datetime(), 2))
	assert "no_next_step" not in signals(deal)
	assert stored(deal) == (0, 0)


@pytest.mark.parametrize(
	("values", "heard"),
	[
		({"direction": "Inbound"}, True),
		({"way": "Meeting"}, True),
		({"result": "Interested"}, True),
		({"way": "Phone"}, False),
		({"way": "Visit", "result": "Not Reached"}, False),
		({"way": "Meeting", "status": "Planned"}, False),
		({"way": "Meeting", "status": "Cancelled"}, False),
	],
)
def test_silence_ends_when_the_customer_takes_part(deal, values, heard):
	walk(deal, ("qualification", 1))
	frappe.db.set_value(deal.doctype, deal.name, "opened_on", add_days(nowdate(), -30))
	assert signals(deal) == {"silent": "No word from the customer for 30 days"}
	made = activity(deal, **values)
	assert ("silent" not in signals(deal)) == heard
	assert stored(deal)[0] == (0 if heard else 25)
	made.delete()
	assert stored(deal)[0] == 25


def test_a_mail_of_the_customer_ends_the_silence(deal):
	frappe.db.set_value(deal.doctype, deal.name, "opened_on", add_days(nowdate(), -30))
	frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"sent_or_received": "Received",
			"subject": "Re: pumps",
			"sender": "ines@harbour.example",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
			"communication_date": now_datetime(),
		}
	).insert(ignore_permissions=True)
	assert "silent" not in signals(deal)


def test_a_close_date_that_is_pushed_again_and_again(deal):
	for days in (40, 50, 45):
		deal.expected_close = add_days(nowdate(), days)
		deal.save()
	assert "pushed" not in signals(deal)
	deal.expected_close = add_days(nowdate(), 60)
	deal.save()
	assert signals(deal) == {"pushed": "The close date was pushed 3 times"}


def test_a_close_date_that_has_passed(deal):
	frappe.db.set_value(deal.doctype, deal.name, "opened_on", add_days(nowdate(), -10))
	deal.reload()
	deal.expected_close = nowdate()
	deal.save()
	assert "overdue_close" not in signals(deal)
	deal.expected_close = add_days(nowdate(), -4)
	deal.save()
	assert signals(deal) == {"overdue_close": "The expected close passed 4 days ago"}


def test_a_deal_stands_longer_in_its_stage_than_the_stage_expects(deal):
	walk(deal, ("qualification", 6.9))
	assert "over_dwell" not in signals(deal)
	walk(deal, ("qualification", 9))
	assert signals(deal)["over_dwell"] == "9 days in this stage, which expects 7"


def test_earlier_visits_to_the_stage_count(deal):
	walk(deal, ("qualification", 4), ("needs_analysis", 2), ("qualification", 4))
	assert signals(deal)["over_dwell"] == "8 days in this stage, which expects 7"


def test_a_deal_is_compared_with_won_deals_where_there_are_enough(sale, deal):
	frappe.db.set_value("Sales Pipeline", PIPELINE, "allow_win_by_hand", 1)
	frappe.db.set_value(deal.doctype, {"status": "Won"}, "pipeline", None)
	for days in (1, 2, 3, 3.5):
		walk(sale.opportunity(**planned()), ("qualification", days), ("needs_analysis", 1), won=True)
	walk(deal, ("qualification", 5))
	assert "over_dwell" not in signals(deal)
	settings(stalled_dwell_min_won=4)
	assert signals(deal)["over_dwell"] == "5 days in this stage; most won deals took no more than 3.1"
	settings(stalled_dwell_min_won=5)
	assert "over_dwell" not in signals(deal)


def test_no_decision_maker_is_missed_from_the_proposal_on(deal):
	walk(deal, ("qualification", 0), ("needs_analysis", 0))
	assert "no_decision_maker" not in signals(deal)
	walk(deal, ("needs_analysis", 0), ("proposal", 0))
	assert "no_decision_maker" in signals(deal)
	deal.append("contacts", {"contact_name": "Ines Marlow", "role": "Decision Maker"})
	deal.save()
	assert stored(deal)[0] == 0


def test_no_quotation_is_missed_past_the_quotation(sale, deal):
	deal.append("contacts", {"contact_name": "Ines Marlow", "role": "Decision Maker"})
	deal.save()
	walk(deal, ("qualification", 0), ("negotiation", 0))
	assert signals(deal) == {"no_quotation": "No quotation was submitted"}
	frappe.db.set_value("Sales Pipeline", PIPELINE, "quotation_step", "Off")
	assert signals(deal) == {}
	frappe.db.set_value("Sales Pipeline", PIPELINE, "quotation_step", "Optional")
	quotation = frappe.get_doc("Quotation", api.make_quotation(deal.doctype, deal.name)["name"])
	assert "no_quotation" in signals(deal)
	quotation.submit()
	assert signals(deal) == {}
	assert stored(deal)[0] == 0


def test_an_amount_far_from_what_the_customer_buys(sale, deal):
	for _ in range(3):
		rows.deal(sale.opportunity(**planned()), status="Won")
	assert signals(deal) == {}
	frappe.db.set_value(deal.doctype, deal.name, "base_amount", 48000)
	assert list(signals(deal)) == ["odd_amount"]
	assert "far more than the customer usually buys for" in signals(deal)["odd_amount"]


def test_what_the_customer_usually_buys_for_is_not_told_of_deals_that_the_reader_may_not_see(sale, deal):
	for _ in range(3):
		rows.deal(sale.opportunity(**planned()), status="Won")
	frappe.db.set_value(deal.doctype, deal.name, "base_amount", 4.8)
	stall_verdicts.refresh(deal.doctype, [deal.name])
	reasons = frappe.db.get_value(deal.doctype, deal.name, "stalled_reasons")
	assert "odd_amount" in reasons and "480" not in reasons
	assert "far less" in signals(deal)["odd_amount"] and "480" not in signals(deal)["odd_amount"]


def test_several_signals_make_a_deal_stalled_until_it_is_closed(deal):
	deal.expected_close = add_days(nowdate(), -4)
	walk(deal, ("qualification", 30))
	deal.expected_close = add_days(nowdate(), -4)
	deal.save()
	assert stored(deal) == (75, 1)
	assert list(signals(deal)) == ["over_dwell", "silent", "overdue_close"]
	listed = frappe.get_list(deal.doctype, filters={"is_stalled": 1, "name": deal.name}, pluck="name", order_by="name")
	assert listed == [deal.name]
	api.lose_deal(deal.doctype, deal.name, "Price")
	assert stored(deal) == (0, 0)
	assert signals(deal) == {}
	api.reopen_deal(deal.doctype, deal.name)
	assert stored(deal)[1] == 1


def test_a_deal_won_by_its_contract_is_clear(deal):
	walk(deal, ("qualification", 30))
	deal.expected_close = add_days(nowdate(), -4)
	deal.save()
	frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"]).submit()
	assert stored(deal) == (0, 0)


def test_an_opportunity_run_as_a_project_is_judged_there(deal):
	walk(deal, ("qualification", 30))
	stall_verdicts.refresh(deal.doctype, [deal.name])
	assert stored(deal)[1] == 1
	made = api.opportunity_to_project(deal.name)
	assert stored(deal) == (0, 0)
	project = frappe.get_doc(made["doctype"], made["name"])
	frappe.db.set_value(project.doctype, project.name, "stage_entered_on", add_days(now_datetime(), -60))
	assert "over_dwell" in signals(project)
	project.project_type = "Marketing"
	frappe.db.set_value(project.doctype, project.name, "project_type", "Marketing")
	assert signals(project) == {}


def test_what_is_recorded_on_the_opportunity_counts_for_the_project_that_runs_it(sale):
	deal = sale.opportunity()
	frappe.db.set_value(deal.doctype, deal.name, "opened_on", add_days(nowdate(), -60))
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(deal.name)["name"])
	frappe.db.set_value(project.doctype, project.name, "opened_on", add_days(nowdate(), -60))
	frappe.db.set_value("Pipeline Stage", project.stage, "probability", 80)
	missed = {"silent", "no_next_step", "no_decision_maker", "no_quotation"}
	assert set(signals(project)) == missed
	activity(deal, direction="Inbound")
	activity(deal, status="Planned", starts_on=add_days(now_datetime(), 2))
	# The verdict of the project follows what happens on its opportunity.
	assert set(signals(project)) == {"no_decision_maker", "no_quotation"} and stored(project)[0] == 30
	deal.reload()
	deal.append("contacts", {"contact_name": "Ines Marlow", "role": "Decision Maker"})
	deal.save()
	assert set(signals(project)) == {"no_quotation"} and stored(project)[0] == 15
	sale.contract(submit=False, source_type=deal.doctype, source_name=deal.name)
	assert signals(project) == {}


def test_what_won_projects_took_is_remembered_when_they_are_completed(sale):
	frappe.db.set_value("Sales Project", {"status": "Won"}, "pipeline", None)
	pipeline = frappe.get_doc("Sales Pipeline", "Standard Projects")
	pipeline.db_set("allow_win_by_hand", 1)
	values = {
		"doctype": "Sales Project",
		"title": "Plant",
		"customer": sale.world.customer,
		"company": sale.world.company,
	}
	done = [frappe.get_doc({**values, "amount": 480}).insert() for _number in range(3)]
	for project in done:
		api.win_deal(project.doctype, project.name)
	now = frappe.get_doc({**values, "amount": 48000, **planned()}).insert()
	settings(stalled_dwell_min_won=3)

	def learned():
		deal_dwell.forget_usual_dwell()
		usual = deal_dwell.usual_dwell(now.doctype, now.pipeline, stalled_rules.rules())
		return set(usual), "odd_amount" in signals(now)

	assert learned() == ({now.stage}, True)
	for project in done:
		api.complete_project(project.name)
	assert learned() == ({now.stage}, True)


def test_a_signal_can_be_switched_off_and_the_mark_raised(deal):
	walk(deal, ("qualification", 30))
	settings(weight_silent=0, stalled_from_score=30)
	health = api.get_deal_health(deal.doctype, deal.name)
	assert (health["score"], health["stalled"], health["stalled_from"]) == (30, True, 30)
	settings(stalled_from_score=0)
	assert api.get_deal_health(deal.doctype, deal.name)["stalled"] is False


def test_the_nightly_job_follows_the_calendar_and_leaves_no_trace_of_a_change(deal):
	modified = frappe.db.get_value(deal.doctype, deal.name, "modified")
	events = len(api.get_history(deal.doctype, deal.name))
	stall_verdicts.refresh(deal.doctype, [deal.name], now=add_days(now_datetime(), 60))
	assert stored(deal) == (90, 1)
	assert frappe.db.get_value(deal.doctype, deal.name, "modified") == modified
	assert len(api.get_history(deal.doctype, deal.name)) == events
	assert stall_verdicts.refresh(deal.doctype, [deal.name], now=add_days(now_datetime(), 60)) == 0


def test_dates_that_can_not_be_make_no_signal(deal):
	future = add_days(now_datetime(), 400)
	frappe.db.set_value(deal.doctype, deal.name, {"opened_on": future, "stage_entered_on": future})
	assert signals(deal) == {}
	frappe.db.set_value(
		deal.doctype, deal.name, {"opened_on": None, "stage_entered_on": None, "expected_close": None, "base_amount": 0}
	)
	assert signals(deal) == {}
	assert api.get_dwell(deal.doctype, deal.name) == [], "nobody knows since when it is there"


def test_a_deal_in_a_stage_that_is_gone_is_still_judged(deal):
	frappe.db.set_value(deal.doctype, deal.name, "stage", "no such stage")
	assert signals(deal) == {}
	assert [row["label"] for row in api.get_dwell(deal.doctype, deal.name)][-1] == "no such stage"


def test_who_may_not_read_a_deal_learns_nothing_of_its_health(deal, as_user):
	as_user("stranger")
	for endpoint in (api.get_deal_health, api.get_dwell):
		with refused(frappe.PermissionError):
			endpoint(deal.doctype, deal.name)
	with refused():
		api.get_deal_health("User", "Administrator")


def test_time_per_stage_of_one_deal(deal):
	walk(deal, ("qualification", 2), ("needs_analysis", 3), ("qualification", 0.5))
	rows = {row["label"]: row for row in api.get_dwell(deal.doctype, deal.name)}
	assert list(rows) == ["Qualification", "Needs Analysis"]
	first, second = rows.values()
	assert (round(first["seconds"] / 3600), first["visits"], first["running"], first["limit_days"]) == (60, 2, True, 7)
	assert (round(second["seconds"] / 3600), second["visits"], second["running"]) == (72, 1, False)
	assert stage("qualification") == first["stage"]


def test_one_deal_that_can_not_be_judged_stops_no_other(sale, deal, monkeypatch):
	bad, began = sale.opportunity(**planned()), now_datetime()
	gather = deal_facts.gather

	def failing(doctype, names, *rest):
		if bad.name in names:
			raise ZeroDivisionError
		return gather(doctype, names, *rest)

	monkeypatch.setattr(deal_facts, "gather", failing)
	# From here on by name: a site in use has more deals than a chunk.
	stall_verdicts.refresh_chunk(deal.doctype, deal.name[:-1], now=add_days(now_datetime(), 60))
	assert stored(deal) == (90, 1) and stored(bad) == (0, 0)
	about = {"error": ("like", f"%{bad.name}%"), "creation": (">=", began)}
	assert frappe.get_all("Error Log", filters=about, pluck="name", order_by="name asc")


# ---- when a deal that shows signals is not called stalled


def mark(deal, days: int = 60):
	"""No next step, no word for so long, a close date that has passed: 60 points."""
	past = {"opened_on": add_days(nowdate(), -days), "next_step": None, "next_step_date": None}
	frappe.db.set_value(deal.doctype, deal.name, {**past, "expected_close": add_days(nowdate(), -30)})
	stall_verdicts.refresh(deal.doctype, [deal.name])
	return deal


def test_a_new_deal_is_not_judged(deal):
	settings(weight_no_next_step=60)
	mark(deal, 6)
	assert stored(deal)[1] == 0
	assert api.get_deal_health(deal.doctype, deal.name)["spared"] == "New deals are not judged yet"
	mark(deal, 7)
	assert stored(deal)[1] == 1


def test_one_day_over_a_limit_is_told_and_weighs_nothing(deal):
	settings(stalled_new_days=0)
	for days, weight in ((1, 0), (2, 20)):
		frappe.db.set_value(
			deal.doctype,
			deal.name,
			{"opened_on": add_days(nowdate(), -10), "expected_close": add_days(nowdate(), -days)},
		)
		reasons = api.get_deal_health(deal.doctype, deal.name)["reasons"]
		assert [(r["signal"], r["weight"]) for r in reasons] == [("overdue_close", weight)]


@pytest.mark.parametrize(
	("values", "helps"),
	[
		({"way": "Phone", "result": "Reached"}, True),
		({"way": "Meeting"}, True),
		({"direction": "Inbound", "way": "E-mail"}, True),
		({"way": "Phone", "result": "Not Interested"}, False),
		({"way": "Phone", "result": "Postponed"}, False),
		({"way": "Phone", "result": "Not Reached"}, False),
		({"way": "Phone"}, False),
		({"way": "Meeting", "status": "Planned"}, False),
	],
)
def test_a_good_call_counts_at_once(deal, values, helps):
	settings(weight_overdue_close=40)
	mark(deal)
	assert stored(deal)[1] == 1
	activity(deal, **values)
	assert stored(deal)[1] == (0 if helps else 1)


@pytest.mark.parametrize(("days", "stalled"), [(13, 0), (14, 1), (20, 1)])
def test_a_good_call_counts_for_two_weeks(deal, days, stalled):
	settings(weight_overdue_close=40, stalled_in_touch_days=14)
	mark(deal)
	activity(deal, result="Reached", starts_on=add_days(now_datetime(), -days))
	assert stored(deal)[1] == stalled


@pytest.mark.parametrize(
	("talked", "step", "stalled"), [(20, 1, 0), (15, 0, 0), (20, -1, 1), (21, 1, 1), (20, None, 1), (None, 3, 1)]
)
def test_a_deal_with_a_step_to_come_is_worked_on_while_the_customer_is_not_silent(deal, talked, step, stalled):
	settings(weight_overdue_close=40)
	mark(deal)
	if talked:
		activity(deal, result="Reached", starts_on=add_days(now_datetime(), -talked))
	frappe.db.set_value(
		deal.doctype, deal.name, "next_step_date", step is not None and add_days(nowdate(), step) or None
	)
	stall_verdicts.refresh(deal.doctype, [deal.name])
	assert stored(deal)[1] == stalled


@pytest.mark.parametrize(("days", "weight"), [(7.5, 0), (10.4, 0), (11.2, 30), (30, 30)])
def test_a_stay_that_is_little_longer_than_the_stage_expects_is_told_and_weighs_nothing(deal, days, weight):
	settings(weight_silent=0)
	walk(deal, ("qualification", days))
	told = {r["signal"]: r["weight"] for r in api.get_deal_health(deal.doctype, deal.name)["reasons"]}
	assert told["over_dwell"] == weight


def test_a_stay_that_the_stage_allows_weighs_nothing_when_won_deals_were_faster(sale, deal):
	frappe.db.set_value("Sales Pipeline", PIPELINE, "allow_win_by_hand", 1)
	frappe.db.set_value(deal.doctype, {"status": "Won"}, "pipeline", None)
	for _number in range(3):
		walk(sale.opportunity(**planned()), ("qualification", 1), ("needs_analysis", 1), won=True)
	settings(stalled_dwell_min_won=3, stalled_tolerance_days=0, stalled_dwell_margin=0)
	walk(deal, ("qualification", 5))
	health = api.get_deal_health(deal.doctype, deal.name)
	assert [(r["signal"], r["weight"]) for r in health["reasons"]] == [("over_dwell", 0)]


def test_who_knows_why_says_so_until_a_day(deal, as_user):
	mark(deal)
	as_user("rep")
	api.acknowledge_stalled(deal.doctype, deal.name, add_days(nowdate(), 5), "Budget comes in January")
	assert stored(deal) == (60, 0)
	assert "Budget comes in January" in api.get_deal_health(deal.doctype, deal.name)["spared"]
	frappe.db.set_value(deal.doctype, deal.name, "not_stalled_until", add_days(nowdate(), -1))
	stall_verdicts.refresh(deal.doctype, [deal.name])
	assert stored(deal) == (60, 1)


@pytest.mark.parametrize("days", [-2, 92, 4000])
def test_nobody_puts_a_deal_aside_for_ever(deal, as_user, days):
	mark(deal)
	as_user("rep")
	with refused(match="within the next 90 days"):
		api.acknowledge_stalled(deal.doctype, deal.name, add_days(nowdate(), days), "Later")
	assert stored(deal)[1] == 1


@pytest.mark.parametrize("reason", ["", "  "])
def test_nobody_puts_a_deal_aside_without_a_word(deal, as_user, reason):
	mark(deal)
	as_user("rep")
	with refused(match="say why"):
		api.acknowledge_stalled(deal.doctype, deal.name, add_days(nowdate(), 5), reason)
	assert stored(deal)[1] == 1
