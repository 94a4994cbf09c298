"""Leads without an owner get one: by the rules, fairly, with history and one notice; nobody waits unseen."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.assignment import assigning, rule_records, time_limits
from crm_pipeline.chain import jobs, pending
from crm_pipeline.my_day import day
from crm_pipeline.parties import absences
from tests.site.conftest import USERS
from tests.site.world import history, refused

REP, OTHER, MANAGER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "manager", "stranger"))


def rule(*members, title: str | None = None, **values):
	rows = [row if isinstance(row, dict) else {"user": row} for row in members]
	values = {"title": title or frappe.generate_hash(length=8), "position": 1, "members": rows, **values}
	return frappe.get_doc({"doctype": "Lead Assignment Rule", **values}).insert()


def owners(*leads) -> list[str | None]:
	return [frappe.db.get_value("Sales Lead", lead.name, "sales_owner") or None for lead in leads]


def assign(*leads) -> int:
	return assigning.assign_left([lead.name for lead in leads])


@pytest.fixture
def alone(site):
	"""No rules but those of the test."""
	for name in rule_records.names():
		frappe.db.set_value("Lead Assignment Rule", name, "disabled", 1)


@pytest.fixture
def lead(sale, alone, as_user):
	as_user("Administrator")
	return lambda **values: sale.lead(**{"sales_owner": "", "sales_person": "", **values})


@pytest.fixture
def places(alone):
	"""A region with a city in it, each with its manager."""
	tag = frappe.generate_hash(length=5)
	people = {}
	for who in (REP, MANAGER):
		person = {"doctype": "Sales Person", "sales_person_name": f"{who} {tag}", "parent_sales_person": "Sales Team"}
		people[who] = frappe.get_doc({**person, "crm_user": who, "enabled": 1}).insert().name
	made = {"doctype": "Territory", "parent_territory": "All Territories"}
	region = frappe.get_doc(
		{**made, "territory_name": f"Region {tag}", "is_group": 1, "territory_manager": people[MANAGER]}
	).insert()
	city = frappe.get_doc(
		{**made, "territory_name": f"City {tag}", "parent_territory": region.name, "territory_manager": people[REP]}
	).insert()
	return frappe._dict(region=region.name, city=city.name)


def test_a_rule_that_is_edited_keeps_whose_turn_it_is(lead):
	made = rule(REP, OTHER)
	first = lead()
	assign(first)
	made.reload()
	made.members[0].update({"credit": 99, "given": 99})
	made.description = "Changed"
	made.save()
	second = lead()
	assign(second)
	assert set(owners(first, second)) == {REP, OTHER}


def test_a_territory_below_counts_and_what_the_lead_does_not_say_the_prospect_does(lead, places):
	rule(OTHER, territory=places.region)
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": "Far Mills", "territory": places.city, "no_of_employees": 40}
	).insert()
	here, of_prospect, elsewhere = (
		lead(territory=places.city),
		lead(prospect=prospect.name),
		lead(territory="", prospect_name="Elsewhere Ltd", email_id="", phone=""),
	)
	assign(here, of_prospect, elsewhere)
	assert owners(here, of_prospect, elsewhere) == [OTHER, OTHER, None]
	rule(REP, employees_from=40, employees_to=40, position=0)
	sized = lead(prospect=prospect.name)
	assign(sized)
	assert owners(sized) == [REP]


def test_the_territory_owner_and_the_regional_manager(lead, places):
	rule(method="Territory Owner")
	found = lead(territory=places.city)
	assign(found)
	assert owners(found) == [REP]
	rule(method="Regional Manager", position=0)
	other = lead(territory=places.city)
	assign(other)
	assert owners(other) == [MANAGER]


def test_two_hops_by_rule_or_by_hand(lead, places, as_user):
	second = rule(OTHER, title="Reps of the region", position=9, disabled=0, industry=None)
	rule(method="Regional Manager", next_rule=second.name, next_minutes=30, position=0)
	by_rule, by_hand = lead(territory=places.city), lead(territory=places.city)
	assign(by_rule, by_hand)
	assert owners(by_rule, by_hand) == [MANAGER, MANAGER]
	time_limits.hand_on()
	assert owners(by_rule) == [MANAGER]
	as_user("manager")
	given = frappe.get_doc("Sales Lead", by_hand.name)
	given.sales_owner = REP
	given.save()
	assert given.next_rule_on is None
	as_user("Administrator")
	past = add_to_date(now_datetime(), minutes=-1)
	frappe.db.set_value("Sales Lead", by_rule.name, "next_rule_on", past)
	time_limits.hand_on()
	assert owners(by_rule, by_hand) == [OTHER, REP]
	assert ("Owner", MANAGER, OTHER) in history("Sales Lead", by_rule.name)


def test_who_is_away_or_left_is_skipped_and_no_rule_is_lost(lead):
	made = rule(REP, OTHER)
	frappe.get_doc(
		{"doctype": "Sales Absence", "user": REP, "deputy": MANAGER, "from_date": nowdate(), "to_date": nowdate()}
	).insert()
	leads = [lead() for _n in range(3)]
	assign(*leads)
	assert owners(*leads) == [OTHER] * 3
	frappe.db.set_value("User", OTHER, "enabled", 0)
	unseen = lead()
	assign(unseen)
	assert owners(unseen) == [None]
	[row] = assigning.rehearse([unseen.name], 1)
	assert row["user"] is None and "away" in row["passed"][0]["why"]
	made.reload()
	made.description = "Can still be saved"
	made.save()
	frappe.db.delete("Sales Absence", {"user": REP})
	absences.forget()
	assign(unseen)
	assert owners(unseen) == [REP]


def test_capacity_counts_open_leads_and_a_pause_gives_nothing(lead):
	had = frappe.db.count("Sales Lead", {"sales_owner": REP, "status": ("not in", ("Converted", "Disqualified"))})
	rule({"user": REP, "capacity": had + 1}, {"user": OTHER, "paused": 1})
	leads = [lead() for _n in range(3)]
	assert assign(*leads) == 1
	[row] = assigning.rehearse([leads[2].name], 1)
	assert "as many" in row["passed"][0]["why"]


def test_the_rehearsal_says_who_by_which_rule_and_why_and_writes_nothing(lead, places, as_user):
	first = rule(REP, territory=places.region, title="The region")
	rule(OTHER, position=5, title="The rest")
	mine = lead(territory=places.city)
	owned = lead(sales_owner=REP, prospect_name="Elsewhere Ltd", email_id="", phone="")
	before = frappe.db.get_value("Lead Assignment Rule", first.name, "given")
	as_user("manager")
	rows = {row["lead"]: row for row in api.get_assignment_rehearsal([mine.name, owned.name])}
	assert (rows[mine.name]["user"], rows[mine.name]["rule_title"]) == (REP, "The region")
	assert rows[owned.name]["passed"] == [{"rule_title": "The region", "why": "another territory, or none"}]
	assert (rows[owned.name]["user"], rows[owned.name]["owner"]) == (OTHER, REP)
	assert len(api.get_assignment_rehearsal(last=2)) == 2
	assert owners(mine) == [None] and frappe.db.get_value(first.doctype, first.name, "given") == before
	as_user("rep")
	with refused(frappe.PermissionError):
		api.get_assignment_rehearsal()
	with refused(frappe.PermissionError):
		api.assign_leads([mine.name])


def test_a_manager_gives_nothing_away_that_is_kept_from_them(lead, as_user):
	rule(REP)
	seen, kept = lead(), lead(prospect_name="Elsewhere Ltd", email_id="", phone="")
	only = {"user": MANAGER, "allow": "Sales Lead", "for_value": seen.name}
	frappe.get_doc({"doctype": "User Permission", "apply_to_all_doctypes": 1, **only}).insert()
	as_user("manager")
	with refused(frappe.PermissionError, match=kept.name):
		api.assign_leads([kept.name])
	with refused(frappe.PermissionError, match=kept.name):
		api.assign_leads([seen.name, kept.name])
	assert owners(seen, kept) == [None, None]


def test_rules_that_contradict_themselves_are_refused(alone, world, site):
	with refused(match="at least one member"):
		rule()
	with refused(match="must not be more than"):
		rule(REP, employees_from=10, employees_to=5)
	with refused(match="must not be more than"):
		rule(REP, amount_from=10, amount_to=5)
	with refused(match="weight must be at least 1"):
		rule({"user": REP, "weight": 0})
	with refused(match="row 2: .* is a member already"):
		rule(REP, REP)
	with refused(match="no right to read"):
		rule(STRANGER)
	with refused(match="can't be read as filters"):
		rule(REP, own_filters="[[")
	with refused(match="can't be read as filters"):
		rule(REP, own_filters='[["no_such_field", "=", 1]]')
	with refused(match="less than"):
		rule(REP, answer_minutes=10, remind_minutes=10)
	group = frappe.get_all("Item Group", filters={"is_group": 0}, pluck="name", limit=5, order_by="name asc")
	other = next(g for g in group if g != frappe.db.get_value("Item", world.service, "item_group"))
	with refused(match="no lead would meet both"):
		rule(REP, item=world.service, item_group=other)
	one = rule(method="Regional Manager")
	two = rule(method="Regional Manager", next_rule=one.name)
	one.next_rule = two.name
	with refused(match="circle"):
		one.save()
	one.reload()
	one.next_rule = one.name
	with refused(match="circle"):
		one.save()


def test_a_rule_behind_a_wider_one_warns(alone):
	rule(REP, title="Everything")
	frappe.clear_messages()
	rule(OTHER, position=3)
	assert any("Everything" in str(message) for message in frappe.local.message_log)


def test_a_rule_that_breaks_keeps_no_other_from_giving(lead):
	broken = rule(REP)
	frappe.db.set_value("Lead Assignment Rule", broken.name, "own_filters", '[["gone_field", "=", 1]]')
	rule(OTHER, position=2)
	found = lead()
	assign(found)
	assert owners(found) == [OTHER]


def test_a_lead_that_got_an_owner_meanwhile_keeps_it(lead):
	rule(REP)
	found = lead(sales_owner=OTHER)
	assert assigning.assign([found.name]) == 0 and owners(found) == [OTHER]


def test_one_bad_lead_keeps_no_other_from_its_owner(lead, monkeypatch):
	rule(REP)
	leads = [lead() for _n in range(3)]
	real = assigning.giving._seconds

	def breaks(row, now):
		if row.name == leads[1].name:
			raise RuntimeError("a bad record")
		return real(row, now)

	monkeypatch.setattr(assigning.giving, "_seconds", breaks)
	assert assign(*leads) == 2
	assert owners(*leads) == [REP, None, REP]


def test_the_job_gives_what_is_left_over_and_the_sweep_what_is_new(lead):
	leads = [lead() for _n in range(3)]
	frappe.db.set_value("Sales Lead", leads[0].name, "creation", add_days(nowdate(), -9))
	rule(REP)
	time_limits.sweep()
	assert owners(*leads) == [None, REP, REP]
	second = rule(OTHER, title="The next", position=9)
	frappe.db.set_value("Lead Assignment Rule", frappe.db.get_value("Sales Lead", leads[1].name, "assignment_rule"), "next_rule", second.name)  # fmt: skip
	frappe.db.set_value("Sales Lead", leads[1].name, "next_rule_on", add_to_date(now_datetime(), minutes=-1))
	answered = {"doctype": "Sales Activity", "subject": "Called", "status": "Done", "starts_on": now_datetime()}
	frappe.get_doc({**answered, "reference_doctype": "Sales Lead", "reference_name": leads[2].name}).insert()
	time_limits.sweep()
	assert owners(*leads) == [None, OTHER, REP], "what waited for its second owner has one"
	assert frappe.db.get_value("Sales Lead", leads[2].name, "first_answer_on"), "and an answer is noted"
	frappe.db.set_value("Sales Lead", leads[1].name, "sales_owner", REP)
	jobs.run(assigning.JOB)
	assert owners(*leads) == [REP] * 3


def test_a_lead_of_nobody_is_seen_by_managers_and_stands_in_their_day(lead, as_user):
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	found = lead()
	as_user("rep")
	assert not frappe.get_list("Sales Lead", filters={"name": found.name}, order_by="name asc")
	assert not frappe.has_permission("Sales Lead", doc=found.name)
	assert "unassigned" not in [section["key"] for section in day.of()["sections"]]
	as_user("manager")
	assert frappe.get_list("Sales Lead", filters={"name": found.name}, order_by="name asc")
	assert frappe.has_permission("Sales Lead", doc=found.name)
	[section] = [section for section in day.of()["sections"] if section["key"] == "unassigned"]
	assert found.name in [row["name"] for row in section["rows"]]
	assert (
		len(frappe.get_list("Sales Lead", filters=section["parts"][0]["filters"], order_by="name asc", limit=0))
		== section["count"]
	)


def bells(lead, user: str) -> list[str]:
	about = {"document_name": lead.name, "for_user": user}
	return frappe.get_all("Notification Log", filters=about, pluck="subject", order_by="creation asc")


def late(lead, minutes: int) -> None:
	frappe.db.set_value("Sales Lead", lead.name, "answer_due_on", add_to_date(now_datetime(), minutes=-minutes))


def test_the_first_answer_is_reminded_of_and_escalated_once(lead, places):
	rule(REP, answer_minutes=60, remind_minutes=15)
	found = lead()
	assign(found)
	late(found, -10)
	for _twice in range(2):
		time_limits.look_after_limits()
	assert [text for text in bells(found, REP) if "waits" in text] and len(bells(found, REP)) == 1
	late(found, 1)
	before = frappe.db.count("Notification Log", {"document_name": found.name})
	for _twice in range(2):
		time_limits.look_after_limits()
	after = bells(found, MANAGER)
	assert len([text for text in after if "no answer" in text]) == 1
	assert frappe.db.count("Notification Log", {"document_name": found.name}) >= before + 1


@pytest.mark.parametrize("what", [time_limits.REMIND, time_limits.ESCALATE])
def test_until_when_is_said_by_the_clock_of_who_reads_it(lead, what):
	frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
	frappe.db.set_value("User", REP, "time_zone", "Asia/Tokyo")
	frappe.clear_document_cache("User", REP)
	doc = lead()
	doc.answer_due_on = "2030-01-01 20:00:00"
	said = time_limits._notice(doc, what, REP)["subject"]
	frappe.db.set_value("User", REP, "time_zone", None)
	frappe.clear_document_cache("User", REP)
	assert frappe.format("2030-01-02 10:00:00", {"fieldtype": "Datetime"}) in said


def test_the_first_answer_is_the_first_step_and_no_later_one(lead, as_user):
	rule(REP)
	answered, silent = lead(), lead(prospect_name="Elsewhere Ltd", email_id="", phone="0301 234567")
	assign(answered, silent)
	long_ago = add_to_date(now_datetime().replace(microsecond=0), days=-3)
	frappe.db.set_value("Sales Lead", answered.name, "first_answer_on", long_ago)
	as_user("rep")
	for doc in (answered, silent):
		api.qualify_lead(doc.name)
		doc.reload()
	assert answered.first_answer_on == long_ago and silent.first_answer_on > long_ago


def test_what_was_answered_is_not_escalated(lead, as_user):
	rule(REP, answer_minutes=60)
	by_activity, by_state, unanswered = lead(), lead(), lead()
	assign(by_activity, by_state, unanswered)
	as_user("rep")
	activity = {"doctype": "Sales Activity", "subject": "Called", "status": "Done"}
	frappe.get_doc(
		{**activity, "reference_doctype": "Sales Lead", "reference_name": by_activity.name, "starts_on": now_datetime()}
	).insert()
	api.qualify_lead(by_state.name)
	as_user("Administrator")
	time_limits.note_answers()
	for one in (by_activity, by_state, unanswered):
		late(one, 1)
	time_limits.look_after_limits()
	marks = [
		frappe.db.get_value("Sales Lead", one.name, ["first_answer_on", "answer_escalated_on"])
		for one in (by_activity, by_state, unanswered)
	]
	assert [(bool(answered), bool(escalated)) for answered, escalated in marks] == [
		(True, False),
		(True, False),
		(False, True),
	]


def test_another_owner_has_the_whole_time_again(lead, as_user):
	rule(REP, answer_minutes=60)
	found = lead()
	assign(found)
	late(found, 5)
	doc = frappe.get_doc("Sales Lead", found.name)
	doc.sales_owner = OTHER
	doc.save()
	assert doc.answer_due_on > now_datetime() and doc.assigned_on
	sent = frappe.get_doc("Sales Lead", found.name)
	sent.update({"answer_due_on": None, "assigned_on": "2001-01-01 00:00:00", "assignment_rule": None})
	sent.save()
	assert sent.answer_due_on == doc.answer_due_on and sent.assignment_rule == doc.assignment_rule


def test_a_customer_who_is_logged_in_on_the_website_owns_no_lead(lead):
	frappe.set_user("Administrator")
	values = {"email": f"{frappe.generate_hash(length=6)}@portal.example", "first_name": "Pia", "send_welcome_email": 0}
	visitor = frappe.get_doc({"doctype": "User", **values}).insert().name
	frappe.db.set_value("User", visitor, "user_type", "Website User")
	frappe.set_user(visitor)
	doc = frappe.get_doc(
		{"doctype": "Sales Lead", "title": "Pumps", "prospect_name": "Portal Works", "sales_owner": visitor}
	)
	assert not doc.insert(ignore_permissions=True).sales_owner


def test_a_visitor_of_the_website_owns_no_lead(lead):
	assert not lead(sales_owner="Guest").sales_owner


def test_leads_made_in_one_request_are_given_after_its_commit(lead, monkeypatch):
	rule(REP)
	queued = []
	monkeypatch.setattr(pending, "queue", lambda method, **arguments: queued.append((method, arguments)))
	leads = [lead(), lead(), lead(sales_owner=OTHER)]
	assert frappe.local.crm_pipeline_unassigned == [one.name for one in leads[:2]]
	assigning._queue()
	assert queued == [("crm_pipeline.assignment.assigning.assign_new", {"leads": [one.name for one in leads[:2]]})]
	assigning.assign_new(**queued[0][1])
	assert owners(*leads) == [REP, REP, OTHER]


def test_a_manager_forwards_a_lead_of_nobody_from_the_day(lead, as_user):
	found = lead()
	as_user("manager")
	api.forward_item("Sales Lead", found.name, OTHER)
	assert owners(found) == [OTHER]
