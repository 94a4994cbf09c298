"""Numbers of leads, prospects and new customers: who counts where, what the reader sees, and the lists behind a number."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import lead_ages, lead_results, new_customers
from crm_pipeline.crm_prospecting.report.lead_conversion import lead_conversion
from crm_pipeline.crm_prospecting.report.leads_aging import leads_aging
from crm_pipeline.crm_prospecting.report.new_customers import new_customers as new_customers_report
from crm_pipeline.crm_prospecting.report.prospect_conversion import prospect_conversion
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.plain_records import MASTERS
from tests.site.world import customer, refused, weeks_begin_on

REP = USERS["rep"][0]
# A time of which no other test has leads.
DAY = "2031-03-05"


@pytest.fixture
def plain(rolled_back, monkeypatch):
	"""What ERPNext makes of customers and contacts is all the same."""
	HOST.plain_records(monkeypatch, *MASTERS)


@pytest.fixture
def leads(sale, world, as_user):
	"""Five leads of one day: won, converted, contacted and given up after that, answered late, and one that nobody touched."""
	as_user("rep")
	made = frappe._dict(
		{
			name: sale.lead(title=f"{name} {world.tag}", channel=channel)
			for name, channel in (
				("won", "Referral"),
				("converted", "Referral"),
				("given_up", "Referral"),
				("late", "Hotline"),
				("untouched", "Hotline"),
			)
		}
	)
	for name in ("won", "converted"):
		api.convert_lead(made[name].name, "Sales Opportunity", assessment="Hot")
	deal = frappe.db.get_value("Sales Opportunity", {"source_name": made.won.name}, "name")
	frappe.db.set_value("Sales Opportunity", deal, "outcome", "Won", update_modified=False)
	api.qualify_lead(made.given_up.name)
	api.disqualify_lead(made.given_up.name, "No Need")
	for lead in made.values():
		frappe.db.set_value("Sales Lead", lead.name, "creation", f"{DAY} 09:00:00", update_modified=False)
		frappe.db.set_value(
			"Sales Lead", lead.name, {"first_answer_on": None, "answer_due_on": None}, update_modified=False
		)
	answers = {"won": (2, 4), "converted": (6, 6), "late": (30, 4)}
	for name, (hours, limit) in answers.items():
		moments = {"first_answer_on": hours, "answer_due_on": limit}
		values = {field: add_to_date(f"{DAY} 09:00:00", hours=count) for field, count in moments.items()}
		frappe.db.set_value("Sales Lead", made[name].name, values, update_modified=False)
	frappe.db.set_value("Sales Lead", made.untouched.name, "answer_due_on", f"{DAY} 13:00:00", update_modified=False)
	return made


def filters(world, **more) -> dict:
	return {"company": world.company, "from_date": DAY, "to_date": DAY, **more}


def report(world, **more) -> dict[str, dict]:
	return {row["label"]: row for row in lead_conversion.execute(filters(world, **more))[1]}


def test_what_became_of_leads_by_channel(leads, world):
	rows = report(world)
	assert list(rows) == ["Referral", "Hotline", "Total"]
	ours = rows["Referral"]
	assert (ours["leads"], ours["answered"], ours["median_hours"], ours["in_time_share"]) == (3, 2, 4.0, 100)
	assert (ours["contacted"], ours["qualified"], ours["converted"], ours["won"]) == (2, 3, 2, 1)
	late = rows["Hotline"]
	assert (late["leads"], late["answered"], late["in_time_share"], late["contacted"], late["qualified"]) == (
		2,
		1,
		0,
		1,
		0,
	)
	total = rows["Total"]
	assert (total["leads"], total["converted"], total["conversion_rate"], total["won"]) == (5, 2, 40, 1)


@pytest.mark.parametrize(("due", "share"), [("2031-03-05 13:00:00", 100), ("2001-03-05 13:00:00", 50)])
def test_a_lead_that_still_has_time_is_not_late(plain, leads, world, due, share):
	frappe.db.set_value("Sales Lead", leads.late.name, "answer_due_on", f"{DAY} 23:00:00", update_modified=False)
	frappe.db.set_value("Sales Lead", leads.late.name, "first_answer_on", f"{DAY} 10:00:00", update_modified=False)
	frappe.db.set_value("Sales Lead", leads.untouched.name, "answer_due_on", due, update_modified=False)
	assert report(world)["Hotline"]["in_time_share"] == share


def test_the_numbers_above_the_leads_and_their_chart_say_the_same(plain, leads, world):
	_columns, rows, _note, chart, cards = lead_conversion.execute(filters(world))
	assert [(card["label"], card["value"], card["datatype"]) for card in cards] == [
		("Leads", 5, "Int"),
		("To Answer (Median)", 6 * 3600, "Duration"),
		("Contact Rate (%)", 60, "Percent"),
		("Qualified Rate (%)", 60, "Percent"),
		("Conversion Rate (%)", 40, "Percent"),
	]
	listed = lambda asked: len(  # noqa: E731
		frappe.get_list(
			asked["doctype"], filters=[list(rule) for rule in asked["filters"]], order_by="name asc", limit=0
		)
	)
	assert listed(cards[0]["ask"]) == 5
	assert chart["data"]["labels"] == ["Referral", "Hotline"] and chart["type"] == "bar"
	came, converted = chart["data"]["datasets"]
	assert (came["name"], came["values"], converted["name"], converted["values"]) == (
		"Leads",
		[3, 2],
		"Converted",
		[2, 0],
	)
	for series in (came, converted):
		assert [listed(asked) for asked in series["asks"]] == series["values"]
	assert len(set(chart["colors"])) == 2 and len(rows) == 3


def test_of_leads_that_nobody_answered_no_time_is_shown_and_of_none_nothing_at_all(plain, leads, world):
	everything = filters(world)
	for lead in leads.values():
		frappe.db.set_value(
			"Sales Lead", lead.name, {"first_answer_on": None, "answer_due_on": None}, update_modified=False
		)
	cards = lead_conversion.execute(everything)[4]
	assert [card["label"] for card in cards] == [
		"Leads", "Contact Rate (%)", "Qualified Rate (%)", "Conversion Rate (%)",
	]  # fmt: skip
	nothing = lead_conversion.execute({**everything, "from_date": "2001-01-01", "to_date": "2001-01-02"})
	assert (nothing[1], nothing[3], nothing[4]) == ([], None, [])


def test_shares_are_rounded_to_one_digit(plain, leads, world):
	frappe.db.set_value("Sales Lead", leads.late.name, "creation", "2031-03-10 00:00:00", update_modified=False)
	frappe.db.set_value("Sales Lead", leads.untouched.name, "creation", "2031-03-10 00:00:00", update_modified=False)
	cards = {card["label"]: card["value"] for card in lead_conversion.execute(filters(world))[4]}
	assert (cards["Conversion Rate (%)"], cards["Contact Rate (%)"]) == (66.7, 66.7)


def test_a_lead_that_joined_a_deal_is_won_with_it_as_far_as_the_reader_sees_the_deal(
	plain, leads, world, as_user, sale
):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Lead", leads.given_up.name, "joined_opportunity", deal.name, update_modified=False)
	assert report(world)["Total"]["won"] == 1
	frappe.db.set_value("Sales Opportunity", deal.name, "outcome", "Won", update_modified=False)
	assert (report(world)["Referral"]["won"], report(world)["Total"]["won"]) == (2, 2)


def test_a_lead_that_was_given_up_at_once_was_never_qualified(plain, leads, world):
	api.disqualify_lead(leads.untouched.name, "No Need")
	assert (report(world)["Hotline"]["qualified"], report(world)["Total"]["qualified"]) == (0, 3)


def test_by_week_a_lead_stands_in_the_week_that_it_came(leads, world, monkeypatch):
	weeks_begin_on(monkeypatch, "Monday")
	frappe.db.set_value("Sales Lead", leads.late.name, "creation", "2031-03-10 00:00:00", update_modified=False)
	found, whole = lead_results.groups(lead_results.LeadScope.of(filters(world, group_by="Week", to_date="2031-03-31")))
	assert [(group.key, group.found.leads) for group in found] == [("2031-03-03", 4), ("2031-03-10", 1)]
	assert whole.leads == 5
	assert report(world, to_date="2031-03-09")["Total"]["leads"] == 4
	assert report(world, from_date="2031-03-06", to_date="2031-03-10")["Total"]["leads"] == 1


@pytest.mark.parametrize("group_by", list(lead_results.GROUPINGS))
def test_every_number_opens_as_many_records(leads, world, group_by):
	for row in report(world, group_by=group_by).values():
		for number, route in row["routes"].items():
			assert (
				len(frappe.get_list("Sales Lead", filters=[list(rule) for rule in route], order_by="name asc", limit=0))
				== row[number]
			)


def test_each_reader_counts_the_leads_that_they_see(leads, world, as_user):
	frappe.set_user("Administrator")
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_cache()
	as_user("other_rep")
	assert report(world) == {} and lead_results.prospect_groups(lead_results.LeadScope.of(filters(world))) == []
	as_user("rep")
	assert report(world)["Total"]["leads"] == 5
	as_user("accounts")
	with refused(frappe.PermissionError):
		report(world)


def test_a_grouping_that_there_is_not_is_said(leads, world):
	for run in (lead_conversion, prospect_conversion, new_customers_report, leads_aging):
		with refused(match="is not one of"):
			run.execute(filters(world, group_by="Mood"))
	with refused(match="Week"):
		lead_ages.groups(lead_results.LeadScope.of({**filters(world), "group_by": "name"}))


def test_prospects_that_became_customers(leads, world, as_user):
	frappe.set_user("Administrator")
	prospects = {leads[name].prospect for name in leads if leads[name].prospect}
	assert len(prospects) >= 1
	for prospect in prospects:
		frappe.db.set_value(
			"Sales Prospect", prospect, {"creation": f"{DAY} 23:59:59", "channel": "Referral"}, update_modified=False
		)
	rows = prospect_conversion.execute(filters(world))[1]
	customers = sum(bool(frappe.db.get_value("Sales Prospect", name, "customer")) for name in prospects)
	assert [(row["label"], row["prospects"], row["customers"]) for row in rows] == [
		("Referral", len(prospects), customers),
		("Total", len(prospects), customers),
	]
	rate = 100 * customers / len(prospects)
	assert [row["rate"] for row in rows] == [rate, rate]
	for row in rows:
		for number, route in row["routes"].items():
			assert (
				len(
					frappe.get_list(
						"Sales Prospect", filters=[list(rule) for rule in route], limit=0, order_by="name asc"
					)
				)
				== row[number]
			)


def test_open_leads_by_age(leads, world):
	for name, days in (("late", 8), ("untouched", 1)):
		moment = f"{add_days(nowdate(), -days)} 08:00:00"
		frappe.db.set_value(
			"Sales Lead",
			leads[name].name,
			{"creation": moment, "campaign": None, "channel": "Bought List"},
			update_modified=False,
		)
	rows = {row["label"]: row for row in leads_aging.execute({"company": world.company, "group_by": "Channel"})[1]}
	ours = rows["Bought List"]
	assert (ours["leads"], ours["unanswered"], ours["0-1"], ours["2-7"], ours["8-30"], ours["oldest"]) == (
		2,
		1,
		1,
		0,
		1,
		8,
	)
	for number, route in ours["routes"].items():
		assert (
			len(frappe.get_list("Sales Lead", filters=[list(rule) for rule in route], limit=0, order_by="name asc"))
			== ours[number]
		)
	closed = {leads[name].name for name in ("won", "converted", "given_up")}
	assert not closed & {
		row.name
		for row in frappe.get_list(
			"Sales Lead",
			filters=[list(rule) for rule in rows["Total"]["routes"]["leads"]],
			limit=0,
			order_by="name asc",
		)
	}


def test_new_customers_by_area_city_and_day(world, as_user):
	as_user("Administrator")
	names = [customer(f"{name} {world.tag}") for name in ("Uno", "Due", "Tre")]
	names = [getattr(name, "name", name) for name in names]
	for name, day in zip(names, ("2031-03-05", "2031-03-05", "2031-03-06"), strict=True):
		frappe.db.set_value("Customer", name, "creation", f"{day} 23:30:00", update_modified=False)
	address = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": names[0],
			"address_type": "Billing",
			"address_line1": "Quay 1",
			"city": "Hamburg",
			"state": "HH",
			"country": "Germany",
			"links": [{"link_doctype": "Customer", "link_name": names[0]}],
		}
	).insert()
	frappe.db.set_value("Customer", names[0], "customer_primary_address", address.name, update_modified=False)

	def told(**more) -> list[tuple]:
		rows = new_customers_report.execute({"from_date": "2031-03-01", "to_date": "2031-03-31", **more})[1]
		for row in rows:
			if route := row["routes"].get("customers"):
				assert (
					len(
						frappe.get_list(
							"Customer", filters=[list(rule) for rule in route], limit=0, order_by="name asc"
						)
					)
					== row["customers"]
				)
		return [(row["label"], row["customers"]) for row in rows]

	assert told(group_by="City") == [("Not Set", 2), ("Hamburg", 1), ("Total", 3)]
	assert told(group_by="Province") == [("Not Set", 2), ("HH", 1), ("Total", 3)]
	assert [count for _label, count in told(group_by="Day")] == [2, 1, 3]
	assert told(to_date="2031-03-05")[-1] == ("Total", 2)
	assert told(from_date="2031-04-01", to_date="2031-04-02") == []
	asked = new_customers.CustomerScope.of({"territory": "No Such"})
	assert new_customers.groups(asked) == []
	area = frappe.db.get_value("Customer", names[0], "territory")
	assert told(territory=area)[-1] == ("Total", 3)
	assert told(territory=area, group_by="Day")[-1] == ("Total", 3)
	as_user("rep")
	frappe.set_user("Administrator")
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Customer", "for_value": names[2]}).insert()
	frappe.clear_cache(user=REP)
	as_user("rep")
	assert told()[-1] == ("Total", 1)
