# ruff: noqa: F811
"""Rules that give leads, in detail: what a rule must keep to and warns of, whose clock runs, who is reminded and called."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline import api
from crm_pipeline.assignment import assigning, giving, leads_to_give, rule_records, time_limits
from tests.site.conftest import USERS
from tests.site.portable.test_assignment import alone, assign, bells, late, lead, owners, rule  # noqa: F401
from tests.site.portable.test_customer_cases import configure
from tests.site.rows import row
from tests.site.world import refused

REP, OTHER, MANAGER, DESK, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk", "stranger"))
LEAD, RULE = "Sales Lead", "Lead Assignment Rule"
HOP = "Regional Manager"


def stored(doc, *fields):
	found = frappe.db.get_value(LEAD, doc.name, fields, as_dict=True)
	return found[fields[0]] if len(fields) == 1 else tuple(found.values())


# ---- a rule


def test_at_most_so_many_are_members(alone, monkeypatch):
	monkeypatch.setattr(rule_records, "MOST_MEMBERS", 2)
	rule(REP, OTHER)
	with refused(match="at most 2 members"):
		rule(REP, OTHER, DESK)


def test_who_left_can_not_become_a_member_and_keeps_nobody_from_changing_the_rule(alone):
	made = rule(REP, OTHER)
	frappe.db.set_value("User", OTHER, "enabled", 0)
	frappe.clear_document_cache("User", OTHER)
	made.reload()
	made.position = 7
	made.save()
	assert frappe.db.get_value(RULE, made.name, "position") == 7
	with refused(match=f"Members, row 2: user .*{OTHER}.* is disabled or does not exist"):
		rule(REP, OTHER)
	frappe.db.set_value("User", OTHER, "enabled", 1)
	frappe.clear_document_cache("User", OTHER)


def test_a_rule_by_territory_has_no_members_and_one_by_members_no_next_rule(alone):
	first = rule(method=HOP)
	assert rule(REP, method="Territory Owner").members == []
	second = rule(method=HOP, next_rule=first.name, next_minutes=0)
	assert (second.next_rule, second.next_minutes) == (first.name, 1)
	assert rule(method=HOP, next_rule=first.name, next_minutes=30).next_minutes == 30
	by_turns = rule(REP, next_rule=first.name, next_minutes=30)
	assert by_turns.next_rule is None and [one.user for one in by_turns.members] == [REP]


def test_a_circle_of_rules_is_told_by_its_titles_however_long_it_is(alone):
	one = rule(method=HOP, title="One")
	two = rule(method=HOP, title="Two", next_rule=one.name)
	three = rule(method=HOP, title="Three", next_rule=two.name)
	one.reload()
	one.next_rule = three.name
	with refused(match="lead in a circle: .*Three.*Two.*One"):
		one.save()
	assert rule_records.circle_of(three.name) is None
	assert rule_records.circle_of(one.name, three.name)
	frappe.db.set_value(RULE, one.name, "next_rule", two.name)
	assert rule_records.circle_of(three.name) and rule_records.circle_of(two.name)


@pytest.mark.parametrize(
	("values", "is_refused"),
	[
		({"employees_from": 5, "employees_to": 5}, False), ({"employees_from": 6, "employees_to": 5}, True),
		({"employees_from": 6, "employees_to": 0}, False), ({"amount_from": 5, "amount_to": 5}, False),
		({"amount_from": 6, "amount_to": 5}, True), ({"answer_minutes": 5, "remind_minutes": 4}, False),
		({"answer_minutes": 5, "remind_minutes": 5}, True), ({"answer_minutes": 0, "remind_minutes": 5}, False),
	],
)  # fmt: skip
def test_limits_of_a_rule_leave_something_between_them(alone, values, is_refused):
	if is_refused:
		with refused(match="must not be more than|must be less than"):
			rule(REP, **values)
	else:
		assert rule(REP, **values).name


def told() -> str:
	found = " ".join(str(message) for message in frappe.local.message_log)
	frappe.clear_messages()
	return found


def test_a_rule_that_gets_nothing_is_warned_of_and_one_that_is_off_is_not(alone):
	rule(REP, title="Everything", position=5)
	frappe.clear_messages()
	wide = rule(OTHER, position=4)
	assert "stands before" not in told(), "it stands behind"
	frappe.db.set_value(RULE, wide.name, "disabled", 1)
	rule(OTHER, position=6, disabled=1)
	assert "stands before" not in told()
	made = rule(OTHER, position=6)
	found = told()
	assert "Everything" in found and "stands before this rule" in found
	rule(OTHER, position=7)
	assert told().count("stands before") == 1, "the first one is said"
	frappe.db.set_value(RULE, {"title": "Everything"}, "channel", "Website")
	made.reload()
	made.save()
	assert "stands before" not in told()


def test_a_native_assignment_rule_for_leads_is_pointed_to(alone):
	if not frappe.db.exists("DocType", "Assignment Rule"):
		pytest.skip("no such type here")
	frappe.clear_messages()
	rule(REP)
	assert "Both work side by side" not in told()


def test_rules_are_asked_in_their_order_and_those_of_a_company_for_its_leads(alone, world):
	second, first = rule(REP, position=2, company=""), rule(REP, position=1, company="")
	off, ours = rule(REP, position=0, disabled=1, company=""), rule(REP, position=3, company=world.company)
	assert rule_records.names() == [first.name, second.name, ours.name]
	assert rule_records.names(world.company) == [first.name, second.name, ours.name]
	assert rule_records.names("Another") == [first.name, second.name]
	assert [doc.name for doc in rule_records.docs()] == rule_records.names() and off.name


def test_a_rule_is_read_for_the_core_with_all_that_it_asks(alone, world):
	made = rule(
		{"user": REP, "weight": 2, "capacity": 5}, {"user": OTHER, "paused": 1}, company=world.company,
		employees_from=1, employees_to=9, amount_from=2, amount_to=8, own_filters='[["title", "like", "%a%"]]',
	)  # fmt: skip
	found = rule_records.of_doc(made)
	assert [(one.user, one.weight, one.capacity, one.paused) for one in found.members] == [
		(REP, 2, 5, False), (OTHER, 1, 0, True)
	]  # fmt: skip
	assert (found.name, found.method, found.company, found.employees, found.amount) == (
		made.name, made.method, world.company, (1, 9), (2, 8)
	)  # fmt: skip
	assert (found.own_condition, found.territory, found.item, found.next_rule) == (True, None, None, None)
	first = rule(method=HOP)
	assert rule_records.of_doc(rule(method=HOP, next_rule=first.name)).next_rule == first.name


# ---- the clock of a lead


def test_the_clock_of_a_lead_starts_with_each_owner_and_stands_without_one(lead):
	found = lead(sales_owner=REP)
	assert abs((now_datetime() - get_datetime(found.assigned_on)).total_seconds()) < 60
	assert lead(prospect_name="Free", email_id="", phone="").assigned_on is None
	old = add_to_date(now_datetime().replace(microsecond=0), days=-3)
	frappe.db.set_value(LEAD, found.name, {"assigned_on": old, "next_rule_on": old, "answer_due_on": old})
	doc = frappe.get_doc(LEAD, found.name)
	doc.message = "Call back"
	doc.save()
	assert stored(doc, "assigned_on", "next_rule_on", "answer_due_on") == (old, old, old)
	doc.sales_owner = OTHER
	doc.save()
	assigned, following = stored(doc, "assigned_on", "next_rule_on")
	assert assigned > old and following is None
	doc.sales_owner = ""
	doc.save()
	assert stored(doc, "assigned_on", "next_rule_on", "answer_due_on") == (None, None, None)


def test_another_owner_has_the_whole_time_where_nobody_answered_yet(lead):
	made = rule(REP, answer_minutes=60)
	found, answered, by_hand = (lead(prospect_name=name, email_id="", phone="") for name in "ABC")
	assign(found, answered)
	old = add_to_date(now_datetime().replace(microsecond=0), days=-3)
	stamps = {"answer_reminded_on": old, "answer_escalated_on": old, "answer_due_on": old}
	for one in (found, answered, by_hand):
		frappe.db.set_value(LEAD, one.name, dict(stamps))
	frappe.db.set_value(LEAD, answered.name, "first_answer_on", old)
	for one in (found, answered, by_hand):
		doc = frappe.get_doc(LEAD, one.name)
		doc.sales_owner = OTHER
		doc.save()
	due, *marks = stored(found, "answer_due_on", "answer_reminded_on", "answer_escalated_on")
	assert due > now_datetime() and marks == [None, None]
	for one in (answered, by_hand):
		assert stored(one, *stamps) == (old, old, old)
	frappe.db.set_value(LEAD, found.name, "assignment_rule", made.name)
	frappe.db.set_value(RULE, made.name, "answer_minutes", 0)
	doc = frappe.get_doc(LEAD, found.name)
	doc.sales_owner = DESK
	doc.save()
	assert stored(found, "answer_due_on") is None


def test_a_lead_whose_state_somebody_changes_is_answered_once(lead, as_user):
	found, free = lead(sales_owner=REP), lead(prospect_name="Free", email_id="free@quay.example", phone="")
	as_user("manager")
	api.qualify_lead(found.name)
	first = stored(found, "first_answer_on")
	assert first and abs((now_datetime() - first).total_seconds()) < 60
	api.qualify_lead(free.name)
	assert stored(free, "first_answer_on") is None, "nobody had it"
	old = add_to_date(now_datetime().replace(microsecond=0), days=-3)
	frappe.db.set_value(LEAD, found.name, {"first_answer_on": None, "assigned_on": old})
	api.disqualify_lead(found.name, "No Budget")
	assert stored(found, "first_answer_on") is None, "new it was before"


# ---- answers


def test_the_first_answer_is_the_earliest_of_activities_and_mails_since_somebody_has_it(lead):
	now = now_datetime().replace(microsecond=0)
	leads = {key: lead(sales_owner=REP, prospect_name=key, email_id="", phone="") for key in "abcdefg"}
	for doc in leads.values():
		frappe.db.set_value(LEAD, doc.name, "assigned_on", add_to_date(now, hours=-9))

	def done(key: str, hours: float, **values):
		at = {"starts_on": add_to_date(now, hours=hours), "status": "Done", "subject": "Call", "docstatus": 0}
		at |= {"reference_doctype": LEAD, "reference_name": leads[key].name}
		row("Sales Activity", **{**at, **values})

	def mailed(key: str, hours: float, **values):
		fixed = {"communication_date": add_to_date(now, hours=hours), "sent_or_received": "Sent", "docstatus": 0}
		fixed |= {"communication_type": "Communication", "reference_doctype": LEAD, "reference_name": leads[key].name}
		row("Communication", **{**fixed, **values})

	done("a", -3), done("a", -5), mailed("a", -4)
	mailed("b", -2), done("b", -1)
	done("c", -10), mailed("c", -10)
	done("d", -3, status="Planned"), mailed("d", -3, sent_or_received="Received")
	mailed("d", -3, communication_type="Comment"), done("d", -3, reference_doctype="Sales Opportunity")
	done("e", -3, modified=add_to_date(now, days=-5)), mailed("e", -3, creation=add_to_date(now, days=-5))
	done("f", -3), frappe.db.set_value(LEAD, leads["f"].name, "first_answer_on", now)
	done("g", -3), frappe.db.set_value(LEAD, leads["g"].name, "assigned_on", None)
	found = time_limits.answers_since(add_to_date(now, days=-2))
	ours = {key: found[doc.name] for key, doc in leads.items() if doc.name in found}
	assert ours == {"a": add_to_date(now, hours=-5), "b": add_to_date(now, hours=-2)}
	time_limits.note_answers()
	assert stored(leads["a"], "first_answer_on") == add_to_date(now, hours=-5)
	assert stored(leads["f"], "first_answer_on") == now
	modified = stored(leads["b"], "modified")
	assert time_limits.note_answer(leads["b"].name, now) is False and time_limits.note_answer("Nobody", now) is False
	assert stored(leads["b"], "first_answer_on", "modified") == (add_to_date(now, hours=-2), modified)
	assert time_limits.note_answer(leads["d"].name, now) is True


def test_what_was_answered_while_no_job_ran_is_noted_and_nobody_is_called_for_it(lead):
	rule(REP, answer_minutes=60, remind_minutes=15, escalate=1)
	now = now_datetime().replace(microsecond=0)
	days_ago = lambda days: add_to_date(now, days=-days)  # noqa: E731
	rung, mailed, silent, free = (lead(prospect_name=key, email_id="", phone="") for key in "abcd")
	assign(rung, mailed, silent)
	for doc in (rung, mailed, silent, free):
		values = {"sales_owner": REP, "assigned_on": days_ago(9)}
		frappe.db.set_value(LEAD, doc.name, values)
	for doc in (rung, mailed, silent):
		late(doc, 1)
	about = {"reference_doctype": LEAD, "docstatus": 0, "creation": days_ago(6), "modified": days_ago(6)}
	for doc in (rung, free):
		values = {"starts_on": days_ago(7), "status": "Done", "subject": "Call", "reference_name": doc.name}
		row("Sales Activity", **about, **values)
	values = {"communication_date": days_ago(5), "sent_or_received": "Sent", "communication_type": "Communication"}
	row("Communication", **about, **values, reference_name=mailed.name)
	time_limits.note_answers()
	assert stored(rung, "first_answer_on") is None, "long before the sweep looks back to"
	time_limits.look_after_limits()
	assert stored(rung, "first_answer_on", "answer_escalated_on") == (days_ago(7), None)
	assert stored(mailed, "first_answer_on", "answer_escalated_on") == (days_ago(5), None)
	assert stored(silent, "first_answer_on") is None and stored(silent, "answer_escalated_on")
	assert stored(free, "first_answer_on") is None, "it has no limit"
	time_limits.daily()
	assert stored(free, "first_answer_on") == days_ago(7)


@pytest.mark.parametrize(
	("minutes", "values", "mark"),
	[
		(-10, {}, "answer_reminded_on"),
		(-16, {}, None),
		(1, {}, "answer_escalated_on"),
		(1, {"answer_reminded_on": "2026-01-01"}, "answer_escalated_on"),
		(-10, {"answer_reminded_on": "2026-01-01"}, None),
		(1, {"answer_escalated_on": "2026-01-01"}, None),
		(-10, {"first_answer_on": "2026-01-01"}, None),
		(1, {"first_answer_on": "2026-01-01"}, None),
		(1, {"status": "Disqualified"}, None),
		(1, {"assignment_rule": None}, None),
	],
)
def test_who_has_to_answer_is_reminded_before_and_the_manager_called_after(lead, minutes, values, mark):
	rule(REP, answer_minutes=60, remind_minutes=15, escalate=1)
	found = lead()
	assign(found)
	late(found, minutes)
	marks = ("answer_reminded_on", "answer_escalated_on")
	frappe.db.set_value(LEAD, found.name, values)
	before = stored(found, *marks)
	time_limits.look_after_limits()
	after = stored(found, *marks)
	changed = [name for name, old, new in zip(marks, before, after, strict=True) if old != new]
	assert changed == ([mark] if mark else [])
	for user, what in ((REP, "waits for its first answer until"), (MANAGER, "has had no answer")):
		rung = [text for text in bells(found, user) if what in text]
		wanted = {"answer_reminded_on": REP, "answer_escalated_on": MANAGER}.get(mark)
		assert bool(rung) == (user == wanted), user


def test_a_rule_that_neither_reminds_nor_calls_does_neither(lead):
	rule(REP, answer_minutes=60, remind_minutes=0, escalate=0)
	found = lead()
	assign(found)
	for minutes in (-1, 1):
		late(found, minutes)
		time_limits.look_after_limits()
	assert stored(found, "answer_reminded_on", "answer_escalated_on") == (None, None)


def test_what_is_rung_says_what_until_when_and_whose(lead):
	rule(REP, answer_minutes=60, remind_minutes=15)
	found = lead(title="Four pumps")
	assign(found)
	late(found, -10)
	assert time_limits._ring(found.name, time_limits.REMIND) is True
	assert time_limits._ring(found.name, time_limits.REMIND) is False and time_limits._ring("Nobody", "x") is False
	due = frappe.format(stored(found, "answer_due_on"), {"fieldtype": "Datetime"})
	[text] = [text for text in bells(found, REP) if "waits" in text]
	assert text.replace("<strong>", "").replace("</strong>", "") == f"Four pumps waits for its first answer until {due}"
	assert time_limits._ring(found.name, time_limits.ESCALATE) is True
	[text] = [text for text in bells(found, MANAGER) if "no answer" in text]
	name = frappe.utils.get_fullname(REP)
	assert (
		text.replace("<strong>", "").replace("</strong>", "") == f"Four pumps of {name} has had no answer until {due}"
	)
	about = {"document_name": found.name, "for_user": MANAGER, "subject": ("like", "%no answer%")}
	notice = frappe.get_last_doc("Notification Log", about)
	assert (notice.type, notice.document_type, notice.from_user) == ("Alert", LEAD, "Administrator")
	for values in ({"first_answer_on": now_datetime()}, {"first_answer_on": None, "status": "Disqualified"}):
		frappe.db.set_value(LEAD, found.name, {**values, "answer_reminded_on": None})
		assert time_limits._ring(found.name, time_limits.REMIND) is False


# ---- the second hop


@pytest.fixture
def hop(lead):
	"""A lead that its manager has had for an hour, to go on to OTHER; and both rules."""
	following = rule(OTHER, position=5)
	first = rule(method=HOP, next_rule=following.name, position=9)
	found = lead(sales_owner=MANAGER)
	frappe.db.set_value(
		LEAD, found.name, {"assignment_rule": first.name, "next_rule_on": add_to_date(now_datetime(), hours=-1)}
	)
	return found, first, following


def test_what_a_manager_has_not_given_on_in_time_goes_by_the_next_rule(hop, lead):
	found, _first, following = hop
	later = lead(sales_owner=MANAGER, prospect_name="Later", email_id="", phone="")
	over = lead(sales_owner=MANAGER, prospect_name="Over", email_id="", phone="")
	answered = lead(sales_owner=MANAGER, prospect_name="Answered", email_id="", phone="")
	for one, values in (
		(answered, {"first_answer_on": now_datetime()}),
		(later, {"next_rule_on": add_to_date(now_datetime(), hours=1)}),
		(over, {"status": "Disqualified"}),
	):
		fixed = {"assignment_rule": stored(found, "assignment_rule"), "next_rule_on": stored(found, "next_rule_on")}
		frappe.db.set_value(LEAD, one.name, {**fixed, **values})
	time_limits.hand_on()
	assert owners(found, later, over, answered) == [OTHER, MANAGER, MANAGER, MANAGER]
	assert stored(found, "assignment_rule", "next_rule_on") == (following.name, None)


@pytest.mark.parametrize("why", ["off", "circle", "no rule", "no next"])
def test_where_there_is_no_next_rule_it_stays_for_good(hop, why):
	found, first, following = hop
	if why == "off":
		frappe.db.set_value(RULE, following.name, "disabled", 1)
	elif why == "circle":
		frappe.db.set_value(RULE, following.name, {"method": HOP, "next_rule": first.name})
	elif why == "no rule":
		frappe.db.set_value(LEAD, found.name, "assignment_rule", None)
	else:
		frappe.db.set_value(RULE, first.name, "next_rule", None)
	assert time_limits.give_on(found.name) == 0
	assert owners(found) == [MANAGER] and stored(found, "next_rule_on") is None


def test_where_the_next_rule_has_nobody_it_is_tried_again(hop):
	found, _first, following = hop
	frappe.db.set_value("Lead Assignment Member", {"parent": following.name}, "paused", 1)
	assert time_limits.give_on(found.name) == 0
	assert owners(found) == [MANAGER] and stored(found, "next_rule_on")


def test_what_a_regional_manager_gets_goes_on_when_the_rule_says(alone):
	now = now_datetime()
	doc = frappe._dict(name="R", method=HOP, next_rule="N", next_minutes=30, answer_minutes=0)
	values = giving._values(doc, REP, None, now)
	assert values["next_rule_on"] == now + timedelta(minutes=30)
	assert (values["sales_owner"], values["assigned_on"], values["assignment_rule"]) == (REP, now, "R")
	assert [
		values[name] for name in ("answer_due_on", "first_answer_on", "answer_reminded_on", "answer_escalated_on")
	] == [None] * 4
	for change in ({"next_rule": None}, {"method": "Round Robin"}):
		assert giving._values(frappe._dict(doc, **change), REP, None, now)["next_rule_on"] is None


# ---- who is there


def test_loads_are_counted_where_a_rule_asks_for_them(alone, sale):
	sale.opportunity(sales_owner=OTHER)
	by_load = rule(REP, OTHER, method="Least Open Load")
	capped, plain = rule({"user": DESK, "capacity": 3}, position=2), rule(MANAGER, position=3)
	found = leads_to_give._counted([by_load, capped, plain])
	assert found[LEAD] == {REP, OTHER, DESK} and found["Sales Opportunity"] == found["Sales Project"] == {REP, OTHER}
	known = leads_to_give.roster([], [by_load])
	assert known.deals[OTHER] == frappe.db.count("Sales Opportunity", {"sales_owner": OTHER, "status": "Open"}) + (
		frappe.db.count("Sales Project", {"sales_owner": OTHER, "status": "Open"})
	)
	assert leads_to_give._open_of(LEAD, frozenset()) == {} and leads_to_give.rows_of([]) == []


def test_without_rules_or_leads_nothing_is_given(lead):
	found = lead()
	assert assigning.assign([found.name]) == 0 and assigning.assign([]) == 0 and owners(found) == [None]
	assert assigning.chunks(None) == []
	rule(REP)
	assert assigning.assign([]) == 0


def test_a_rule_whose_limit_was_taken_away_reminds_nobody(lead):
	made = rule(REP, answer_minutes=60, remind_minutes=15, escalate=1)
	found = lead()
	assign(found)
	frappe.db.set_value(RULE, made.name, "answer_minutes", 0)
	for minutes in (-10, 1):
		late(found, minutes)
		time_limits.look_after_limits()
	assert stored(found, "answer_reminded_on", "answer_escalated_on") == (None, None)


def test_a_rehearsal_is_of_the_leads_that_were_named_else_of_the_last_open_ones(lead):
	made = rule(REP)
	first, second, third, over, pooled = (
		lead(prospect_name=name, title=name, email_id="", phone="", sales_owner=OTHER) for name in "ABCDE"
	)
	for place, one in enumerate((first, second, third, over, pooled)):
		frappe.db.set_value(LEAD, one.name, "creation", add_to_date(now_datetime(), minutes=place + 1))
	frappe.db.set_value(LEAD, over.name, "status", "Disqualified")
	frappe.db.set_value(LEAD, pooled.name, "pool_since", now_datetime())
	asked = lambda *leads, last=0: [one["lead"] for one in assigning.rehearse(list(leads) or None, last)]  # noqa: E731
	assert asked(first.name) == [first.name] and sorted(asked(first.name, over.name)) == sorted([first.name, over.name])
	assert sorted(asked(last=2)) == sorted([second.name, third.name]) and asked(last=1) == [third.name]
	[found] = assigning.rehearse([first.name], 1)
	assert (found["title"], found["party_name"], found["owner"]) == ("A", first.party_name, OTHER)
	assert (found["owner_name"], found["full_name"]) == tuple(map(frappe.utils.get_fullname, (OTHER, REP)))
	assert (found["user"], found["rule"], found["rule_title"], found["passed"]) == (REP, made.name, made.title, [])
	assert found["method"] == made.method and owners(first) == [OTHER]


@pytest.mark.parametrize("minutes,due", [(0, None), (30, "2024-03-04 14:30:00"), (90, "2024-03-05 09:30:00")])
def test_a_first_answer_is_due_after_so_many_minutes_of_working_time(site, world, minutes, due):
	configure(case_day_start="09:00:00", case_day_end="15:00:00")
	# A Monday; world.company has no holidays in that week.
	asked = giving.answer_due(frappe._dict(answer_minutes=minutes), world.company, get_datetime("2024-03-04 14:00:00"))
	assert asked == (due and get_datetime(due))
