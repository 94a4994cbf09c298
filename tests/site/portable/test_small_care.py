"""Small rules of cases, doubles, data and calendars that no test without a bench had noticed."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.activities import calendar_events, feed_tokens, own_activities
from crm_pipeline.cases import satisfaction
from crm_pipeline.duplicates import data_quality, pair_records
from crm_pipeline.duplicates.data_quality import Asked
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_customer_cases import CASE, configure, solved
from tests.site.portable.test_same_ones import prospect
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "stranger"))


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


# ---- mails about a case


def mail(case, way: str = "Received", **values):
	"""What the framework tells a case when a mail about it is stored."""
	doc = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Communication",
			"sent_or_received": way,
			"communication_date": now_datetime(),
			"subject": "Your pump",
			**values,
		}
	)
	doc.flags.in_insert = True
	frappe.get_doc(CASE, case.name).run_method("notify_communication", doc)


def test_a_mail_to_the_customer_is_the_first_answer_and_theirs_is_none(sale, as_user):
	as_user("rep")
	case = sale.case(opened_on=add_to_date(now_datetime(), hours=-3))
	mail(case)
	assert not case.reload().first_answer_on
	first = add_to_date(now_datetime(), hours=-2).replace(microsecond=0)
	mail(case, "Sent", communication_date=first)
	mail(case, "Sent", communication_date=add_to_date(first, hours=1))
	assert case.reload().first_answer_on == first
	early = sale.case()
	mail(early, "Sent", communication_date=add_to_date(now_datetime(), hours=-9))
	assert early.reload().first_answer_on == early.opened_on, "no answer is earlier than the question"
	chat = sale.case()
	mail(chat, "Sent", communication_type="Automated Message")
	assert not chat.reload().first_answer_on


def test_a_mail_of_the_customer_ends_the_waiting_and_opens_nothing_again(sale, as_user):
	as_user("rep")
	case = sale.case()
	mail(case)
	assert (case.reload().status, len(case.log)) == ("Open", 0), "an open case needs no note"
	api.wait_for_customer(case.name, "Asked for a picture")
	mail(case, subject="RE: Automatische Antwort: Ihr Fall")
	assert case.reload().status == "Waiting"
	mail(case, subject="The picture")
	case.reload()
	assert case.status == "In Progress" and "The picture" in case.log[-1].text
	frappe.db.set_value(CASE, case.name, "responsible", None)
	solved(case)
	mail(case, subject="Thank you")
	case.reload()
	assert case.status == "Solved" and "Thank you" in case.log[-1].text


# ---- what the customer says of it


@pytest.fixture
def asked(sale, as_user):
	configure(ask_satisfaction=1, satisfaction_days=30)
	as_user("rep")
	frappe.flags.mute_emails = True
	case = sale.case(email_id="ines@harbour.example", responsible=None)
	case.update({"status": "Solved", "solution": "A new seal"})
	case.save()
	return case


def token_of(case) -> str:
	return satisfaction.link_of(case).partition("token=")[2]


def test_a_link_is_good_once_for_its_case_and_not_when_it_was_forged(asked):
	# The case took long, and the days are those since the customer was asked.
	asked.db_set("creation", add_days(asked.creation, -60))
	token = token_of(asked)
	assert satisfaction.case_of(token) == asked.name
	key, until, signature = token.split(".")
	assert until == getdate(add_days(asked.satisfaction_asked_on, 30)).strftime("%Y%m%d")
	for wrong in (
		None,
		"",
		"a.b.c",
		token[:-1],
		f"{key}.29991231.{signature}",
		satisfaction.token_of("x", "2999-01-01"),
	):
		assert satisfaction.case_of(wrong) is None
		assert satisfaction.store(wrong, 5, None) is False
	old = satisfaction.token_of(key, add_days(nowdate(), -1))
	assert satisfaction.case_of(old) is None
	assert satisfaction.case_of(satisfaction.token_of(key, nowdate())) == asked.name, "its last day counts"


@pytest.mark.parametrize("stars", [0, 6, "", "-1", "five", None])
def test_stars_are_one_to_five(asked, stars):
	with refused(match="one to five"):
		satisfaction.store(token_of(asked), stars, None)


def test_an_answer_is_kept_once_beside_a_solved_case(asked, as_user):
	token = token_of(asked)
	as_user("stranger")
	assert satisfaction.store(token, "4", " Quick ") is True
	assert satisfaction.store(token, 1, None) is False
	case = frappe.get_doc(CASE, asked.name)
	assert (round(case.satisfaction, 1), case.satisfaction_comment, case.status) == (0.8, "Quick", "Solved")
	assert case.satisfaction_on and not case.satisfaction_key
	assert [(row.kind, row.text) for row in case.log][-1] == ("Rated", "Quick")


def test_a_link_is_void_when_the_case_is_open_again(asked):
	token = token_of(asked)
	api.reopen_case(asked.name, "It leaks again")
	assert satisfaction.case_of(token) is None and not satisfaction.store(token, 5, None)


def test_nobody_is_asked_without_an_address_or_where_it_is_not_wished_for(sale, as_user):
	configure(ask_satisfaction=1)
	as_user("rep")
	assert not solved(sale.case(responsible=None)).satisfaction_key
	configure(ask_satisfaction=0)
	assert not solved(sale.case(email_id="ines@harbour.example", responsible=None)).satisfaction_key


# ---- calendars


def test_an_address_of_a_calendar_is_its_user_s_alone_until_it_is_renewed_or_closed(site):
	assert feed_tokens.state(REP) == {"active": False, "made_on": None}
	first = feed_tokens.renew(REP).rpartition("/")[2]
	assert feed_tokens.user_of(first) == REP and feed_tokens.state(REP)["active"]
	second = feed_tokens.renew(REP).rpartition("/")[2]
	assert feed_tokens.user_of(first) is None and feed_tokens.user_of(second) == REP
	others = feed_tokens.renew(OTHER).rpartition("/")[2]
	assert feed_tokens.user_of(others) == OTHER
	mixed = f"{second.partition('-')[0]}-{others.partition('-')[2]}"
	for wrong in (mixed, "", second.partition("-")[0], f"{second.partition('-')[0]}-.ics"):
		assert feed_tokens.user_of(wrong) is None
	feed_tokens.close(REP)
	assert feed_tokens.user_of(second) is None and not feed_tokens.state(REP)["active"]
	assert feed_tokens.user_of(others) == OTHER
	frappe.db.set_value("User", OTHER, "enabled", 0)
	assert feed_tokens.user_of(others) is None, "who left has no calendar"


def planned(about, days: int, **values):
	values = {"subject": "Visit", "starts_on": add_days(now_datetime(), days), **values}
	return frappe.get_doc(
		{"doctype": "Sales Activity", "reference_doctype": about.doctype, "reference_name": about.name, **values}
	).insert()


def test_a_calendar_holds_the_own_activities_of_its_time(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	made = [planned(lead, days) for days in (-100, 1, 3, 900)]
	as_user("other_rep")
	planned(sale.lead(title="Theirs"), 2)
	as_user("rep")
	found = own_activities.of(REP, add_days(nowdate(), -90), add_days(nowdate(), 700), 10)
	assert [row.name for row in found] == [made[1].name, made[2].name]
	assert found[0].about in (lead.title, None) and found[0].party == lead.party_name


# ---- data that somebody should mend


def faults_of(name: str, **asked) -> dict[str, str]:
	return {row["kind"]: row["detail"] for row in data_quality.faults(Asked(**asked), getdate()) if row["name"] == name}


def test_the_list_of_faults_names_each_of_a_prospect_and_of_a_lead(world, sale, as_user):
	as_user("rep")
	bare = prospect(world, f"Bare {world.tag}")
	place = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	bad = prospect(world, f"Bad {world.tag}", email_id="ines@harbour.example", phone="12", territory=place)
	lead = sale.lead(email_id=None, phone=None, channel=None)
	assert set(faults_of(bare.name)) == {"No E-mail or Phone", "Incomplete"}
	assert set(faults_of(bad.name)) == {"Invalid Phone", "Incomplete"}
	assert "Territory" in faults_of(bare.name)["Incomplete"] and "Territory" not in faults_of(bad.name)["Incomplete"]
	assert set(faults_of(lead.name)) == {"No E-mail or Phone", "Incomplete"}
	assert set(faults_of(bare.name, kind="Incomplete")) == set(faults_of(bare.name, group="Missing")) - {
		"No E-mail or Phone"
	}
	assert faults_of(bare.name, doctype="Sales Lead") == {} == faults_of(bare.name, group="Unreachable")
	assert faults_of(bare.name, sales_owner=OTHER) == {} and faults_of(bare.name, sales_owner=REP)


def test_who_was_out_of_touch_for_long_is_outdated_until_somebody_is_again(world, as_user):
	as_user("rep")
	quiet = prospect(world, f"Quiet {world.tag}")
	frappe.db.set_value(quiet.doctype, quiet.name, "modified", add_days(now_datetime(), -31), update_modified=False)
	assert faults_of(quiet.name, stale_days=30)["Outdated"] == "31"
	assert "Outdated" not in faults_of(quiet.name, stale_days=31)
	planned(quiet, -5, status="Done", prospect=quiet.name)
	frappe.db.set_value(quiet.doctype, quiet.name, "modified", add_days(now_datetime(), -31), update_modified=False)
	assert "Outdated" not in faults_of(quiet.name, stale_days=30)


def test_faults_are_told_of_what_the_reader_may_read(world, as_user):
	as_user("rep")
	mine = prospect(world, f"Mine {world.tag}")
	set_apart()
	as_user("other_rep")
	assert faults_of(mine.name) == {}
	as_user("stranger")
	assert data_quality.faults(Asked(), getdate()) == []


# ---- two that are two


def test_an_answer_about_a_pair_needs_the_right_to_both_and_is_taken_back(world, as_user):
	as_user("rep")
	one, other = (prospect(world, f"Twin {world.tag}", sales_owner=REP) for _n in range(2))
	as_user("Administrator")
	names = sorted((one.name, other.name))
	pair = frappe.get_doc(
		{"doctype": "Duplicate Pair", "document_type": one.doctype, "document_name": names[0], "other_name": names[1], "score": 90}
	).insert()  # fmt: skip
	as_user("rep")
	assert faults_of(one.name)["Doubled"] == faults_of(other.name)["Doubled"] == "1"
	as_user("stranger")
	for ask in (api.mark_not_duplicate, api.unmark_not_duplicate):
		with refused(frappe.PermissionError):
			ask(pair.name)
	as_user("rep")
	api.mark_not_duplicate(pair.name)
	assert frappe.db.get_value(pair.doctype, pair.name, ["decision", "decided_by"]) == ("Two", REP)
	assert "Doubled" not in faults_of(one.name)
	api.unmark_not_duplicate(pair.name)
	assert frappe.db.get_value(pair.doctype, pair.name, ["decision", "decided_by"]) == (None, None)


def test_who_may_not_change_one_of_the_two_answers_nothing_about_them(world, as_user):
	as_user("rep")
	mine = prospect(world, f"Half {world.tag}", sales_owner=REP)
	as_user("other_rep")
	theirs = prospect(world, f"Half {world.tag}", sales_owner=OTHER)
	as_user("Administrator")
	names = sorted((mine.name, theirs.name))
	pair = frappe.get_doc(
		{"doctype": "Duplicate Pair", "document_type": mine.doctype, "document_name": names[0], "other_name": names[1], "score": 90}
	).insert()  # fmt: skip
	set_apart()
	for who in ("rep", "other_rep"):
		as_user(who)
		for answer in (pair_records.mark_not_duplicate, pair_records.unmark_not_duplicate):
			with refused(frappe.PermissionError):
				answer(pair.name)


def test_a_calendar_shows_what_is_over_then_what_is_late_then_what_presses():
	now = now_datetime()
	planned = {"status": "Planned", "priority": "Medium", "way": "Call", "starts_on": add_days(now, 1), "due_on": None}
	late, ours = {"starts_on": add_days(now, -1)}, calendar_events

	def colour(**values):
		return ours.colour_of(frappe._dict(planned, **values), now)

	assert colour(status="Done", **late) == ours.FINISHED and colour(status="Cancelled", priority="High") == ours.OFF
	assert colour(priority="High", **late) == ours.LATE and colour(due_on=add_days(now, 2), **late) != ours.LATE
	second = {"starts_on": add_to_date(now, seconds=-1)}
	assert colour(**second) == ours.LATE and colour(starts_on=now) == colour() == colour(due_on=now, **late)
	assert (colour(priority="High"), colour(priority="Low")) == (ours.PRESSING, ours.LITTLE)
	assert colour() in ours.OF_TYPES and colour() == colour(subject="Another")


def test_a_calendar_shows_what_touches_its_days_to_who_may_read_it(sale, as_user):
	as_user("rep")
	lead = sale.lead()
	before, within, after = (planned(lead, days) for days in (1, 5, 9))
	start, end = add_days(now_datetime(), 4), add_days(now_datetime(), 6)
	filters = [["Sales Activity", "reference_name", "=", lead.name, False]]
	[found] = calendar_events.events(start, end, filters)
	assert found.name == within.name and found.ends_on > within.starts_on and found.color
	frappe.db.set_value("Sales Activity", before.name, "ends_on", start)
	frappe.db.set_value("Sales Activity", after.name, "starts_on", end)
	assert [row.name for row in calendar_events.events(start, end, filters)] == [before.name, within.name, after.name]
	set_apart()
	as_user("other_rep")
	assert calendar_events.events(start, end, filters) == []


# ---- a conversion that was a mistake


def test_who_may_not_change_the_deal_takes_no_conversion_back(sale, as_user):
	as_user("rep")
	lead = sale.lead(
		customer=sale.world.customer, prospect_name=None, email_id=None, phone=None, contact_name=None, contacts=[]
	)
	made = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	others = {"conversion_key": f"Sales Lead:{lead.name}", "sales_owner": OTHER, "sales_person": None}
	frappe.db.set_value(made.doctype, made.name, others)
	frappe.db.set_value("Sales Lead", lead.name, {"status": "Converted", "converted_on": nowdate()})
	set_apart()
	as_user("rep")
	with refused(frappe.PermissionError):
		api.undo_conversion(lead.name)
	assert frappe.db.exists(made.doctype, made.name)
	assert frappe.db.get_value("Sales Lead", lead.name, "status") == "Converted"
