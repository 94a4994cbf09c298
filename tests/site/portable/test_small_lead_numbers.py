"""Numbers of leads in detail: what became of them as the reader sees it, how old they are, and what was said with them."""

from datetime import datetime

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline.analytics import lead_ages, lead_contact, lead_results
from crm_pipeline.analytics.lead_results import LeadScope
from crm_pipeline.core.registry import STATES
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import bare_deal

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
LEAD, DEAL, PROJECT, PROSPECT = "Sales Lead", "Sales Opportunity", "Sales Project", "Sales Prospect"
DAY = datetime(2031, 3, 5, 9)


@pytest.fixture
def lead(world):
	def make(key: str, **values) -> str:
		fixed = {"title": key, "status": "New", "company": world.company, "sales_owner": REP, "channel": "Hotline"}
		fixed |= {"creation": DAY, "docstatus": 0, "name": f"{key} {world.tag}", "owner": REP, "campaign": world.tag}
		return rows.row(LEAD, **{**fixed, **values})

	return make


def asked(world, **values) -> LeadScope:
	days = {"from_date": "2031-03-01", "to_date": "2031-03-31"}
	return LeadScope.of({"company": world.company, "campaign": world.tag, **days, **values})


def counts(world, **values) -> dict[str, int]:
	_groups, whole = lead_results.groups(asked(world, **values))
	return {name: getattr(whole, name) for name in ("leads", "contacted", "qualified", "converted", "won")}


WON = {"status": "Won", "outcome": "Won", "closed_on": "2031-03-20", "sales_owner": REP}


# ---- won


def test_a_lead_is_won_with_the_deal_or_project_that_it_became(world, lead):
	made = {key: lead(key, status="Converted") for key in ("deal", "project", "open", "lost", "of another type")}
	bare_deal(world, "A", source_type=LEAD, source_name=made["deal"], **WON)
	bare_deal(world, "B", PROJECT, source_type=LEAD, source_name=made["project"], **WON)
	bare_deal(world, "C", source_type=LEAD, source_name=made["open"])
	bare_deal(world, "D", source_type=LEAD, source_name=made["lost"], **{**WON, "outcome": "Lost", "status": "Lost"})
	bare_deal(world, "E", source_type="Sales Campaign", source_name=made["of another type"], **WON)
	assert counts(world) == {"leads": 5, "contacted": 5, "qualified": 5, "converted": 5, "won": 2}


def test_every_lead_that_joined_a_deal_is_won_with_it_and_one_that_only_named_it_is_not(world, lead):
	first, second = bare_deal(world, "A", **WON), bare_deal(world, "B", **WON)
	for key, deal in (("a", first), ("b", first), ("c", second), ("d", bare_deal(world, "C"))):
		lead(key, status="Converted", joined_opportunity=deal)
	bare_deal(world, "D", source_type=LEAD, source_name=lead("back", status="Contacted"), **WON)
	assert counts(world)["won"] == 3


def test_a_deal_that_the_reader_does_not_see_says_nothing_of_its_leads(world, lead, as_user):
	own, theirs = (lead(key, status="Converted") for key in ("own", "theirs"))
	bare_deal(world, "A", source_type=LEAD, source_name=own, **WON)
	bare_deal(world, "B", source_type=LEAD, source_name=theirs, **{**WON, "sales_owner": OTHER, "owner": OTHER})
	joined = {key: bare_deal(world, key, **{**WON, "sales_owner": user}) for key, user in (("C", REP), ("D", OTHER))}
	for key, deal in joined.items():
		lead(f"joined {key}", status="Converted", joined_opportunity=deal)
	assert counts(world)["won"] == 4
	set_apart()
	as_user("rep")
	assert counts(world) == {"leads": 4, "contacted": 4, "qualified": 4, "converted": 4, "won": 2}


# ---- qualified


@pytest.mark.parametrize(
	("status", "event", "qualified"),
	[
		("Qualified", None, True), ("Contacted", None, True), ("Converted", None, True), ("New", None, False),
		("Disqualified", None, False), ("Disqualified", {"to_value": "Qualified"}, True),
		("Disqualified", {"to_value": "Contacted"}, True), ("Disqualified", {"to_value": "Disqualified"}, False),
		("Disqualified", {"to_value": "Qualified", "kind": "Owner"}, False),
		("Disqualified", {"to_value": "Qualified", "reference_doctype": DEAL}, False),
		("New", {"to_value": "Qualified"}, True),
	],
)  # fmt: skip
def test_a_lead_that_was_qualified_once_counts_as_that_whatever_came_later(world, lead, status, event, qualified):
	name = lead("A", status=status)
	if event:
		about = {"reference_doctype": LEAD, "reference_name": name, "kind": "State", "docstatus": 0, "at": DAY}
		rows.row("Pipeline Event", **{**about, "company": world.company, **event})
	assert counts(world)["qualified"] == int(qualified)


def test_filters_that_leads_have_no_field_for_narrow_nothing(world, lead):
	lead("A")
	assert counts(world, pipeline="Standard Sales", source_type="Sales Campaign")["leads"] == 1
	assert counts(world, channel="Referral")["leads"] == 0


def test_the_largest_group_of_leads_comes_first_and_equal_ones_by_name(world, lead):
	for key, channel in (("a", "Website"), ("b", "Hotline"), ("c", "Fair"), ("d", "Website"), ("e", None)):
		lead(key, channel=channel)
	found, _whole = lead_results.groups(asked(world))
	assert [(group.key, group.found.leads) for group in found] == [
		("Website", 2), ("Fair", 1), ("Hotline", 1), (None, 1),
	]  # fmt: skip


def test_prospects_are_counted_and_how_many_are_customers_by_now_the_most_first(world):
	for key, channel, customer in (
		("a", "Fair", world.customer), ("b", "Website", None), ("c", "Website", ""), ("d", "Fair", None), ("e", "Website", world.customer),
		("f", "Hotline", world.customer), ("g", "Hotline", world.customer),
	):  # fmt: skip
		rows.row(
			PROSPECT, name=f"{key} {world.tag}", prospect_name=key, channel=channel, customer=customer, creation=DAY, docstatus=0,
			company=world.company, campaign=world.tag,
		)  # fmt: skip
	found = lead_results.prospect_groups(asked(world))
	assert [(one.key, one.prospects, one.customers) for one in found] == [
		("Website", 3, 1),
		("Fair", 2, 1),
		("Hotline", 2, 2),
	]


# ---- how old they are


def test_open_leads_stand_in_the_band_of_their_age_with_the_oldest_and_those_that_nobody_answered(world, lead):
	days = (1, 0, 2, 7, 8, 30, 31, 120, 91, 90)
	for number, ago in enumerate(days):
		answered = add_days(nowdate(), 0) if number % 2 else None
		lead(f"L{number}", creation=f"{add_days(nowdate(), -ago)} 23:59:00", first_answer_on=answered)
	for state in STATES[LEAD].closed:
		lead(state, status=state, creation=f"{add_days(nowdate(), -500)} 09:00:00")
	[group] = lead_ages.groups(asked(world))
	assert (group.key, group.leads, group.unanswered, group.oldest) == ("Hotline", 10, 5, 120)
	assert group.bands == {"0-1": 2, "2-7": 2, "8-30": 2, "31-90": 2, "91+": 2}


def test_the_largest_group_of_open_leads_comes_first_however_many_nobody_answered(world, lead):
	for key, channel, answered in (
		("a", "Website", DAY), ("b", "Website", DAY), ("c", "Hotline", None), ("d", "Fair", DAY), ("e", None, None),
	):  # fmt: skip
		lead(key, channel=channel, creation=f"{nowdate()} 00:00:00", first_answer_on=answered)
	found = lead_ages.groups(asked(world))
	assert [(group.key, group.leads, group.unanswered, group.oldest) for group in found] == [
		("Website", 2, 0, 0), ("Fair", 1, 0, 0), ("Hotline", 1, 1, 0), (None, 1, 1, 0),
	]  # fmt: skip


# ---- what was said with them


def mail(name: str, number: int, **values) -> None:
	fixed = {"reference_doctype": LEAD, "reference_name": name, "communication_type": "Communication", "docstatus": 0}
	fixed |= {"subject": f"mail {number}", "sender": "a@x.example", "content": f"text {number}"}
	# Brought in later in another order.
	fixed |= {"communication_date": f"2026-01-{number:02} 09:00:00", "creation": f"2026-03-{30 - number:02} 09:00:00"}
	rows.row("Communication", **{**fixed, **values})


def comment(name: str, number: int, **values) -> None:
	fixed = {"reference_doctype": LEAD, "reference_name": name, "comment_type": "Comment", "docstatus": 0, "owner": REP}
	fixed |= {"content": f"said {number}", "creation": f"2026-02-{number:02} 09:00:00"}
	rows.row("Comment", **{**fixed, **values})


def test_of_much_that_was_said_the_last_of_each_kind_is_told(sale):
	lead = sale.lead()
	deal = sale.opportunity(source_type=LEAD, source_name=lead.name)
	for number in range(1, lead_contact.LIMIT + 3):
		mail(lead.name, number)
		comment(lead.name, number)
	found = lead_contact.timeline(DEAL, deal.name)
	days = [(card["icon"], int(str(card["creation"])[8:10])) for card in found]
	last = list(range(lead_contact.LIMIT + 2, 2, -1))
	assert days == [*(("mail", day) for day in last), *(("small-message", day) for day in last)]
	assert all(card["is_card"] for card in found)


def test_a_card_says_who_said_it_about_what_and_how_it_began(sale):
	lead = sale.lead()
	deal = sale.opportunity(source_type=LEAD, source_name=lead.name)
	mail(lead.name, 1, subject="Pumps <now>", content="x" * (lead_contact.MAX_TEXT + 5))
	mail(lead.name, 2, sender=None)
	comment(lead.name, 3)
	[late, early, said] = (card["content"] for card in lead_contact.timeline(DEAL, deal.name))
	assert "<b>a@x.example · Pumps &lt;now&gt;</b>" in early and "<b>mail 2</b>" in late
	assert early.count("x") - early.replace("x" * lead_contact.MAX_TEXT, "").count("x") == lead_contact.MAX_TEXT
	assert "x" * (lead_contact.MAX_TEXT + 1) not in early
	assert f"<b>{frappe.utils.get_fullname(REP)}</b>" in said and "said 3" in said
	assert all(lead.name in card and "About" in card for card in (late, early, said))


def test_what_was_said_with_a_lead_is_for_who_may_read_that_lead(sale, as_user):
	as_user("other_rep")
	hidden = sale.lead()
	as_user("rep")
	own = sale.lead(title="Own")
	deal = sale.opportunity()
	for lead in (hidden, own):
		lead.db_set("joined_opportunity", deal.name)
		mail(lead.name, 1, subject=f"about {lead.title}")
	assert len(lead_contact.timeline(DEAL, deal.name)) == 2
	set_apart()
	frappe.db.set_value(LEAD, hidden.name, {"sales_owner": OTHER, "sales_person": None})
	as_user("rep")
	[card] = lead_contact.timeline(DEAL, deal.name)
	assert "about Own" in card["content"]
