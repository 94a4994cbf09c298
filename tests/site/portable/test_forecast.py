"""The forecast on documents: what counts, once, where, and for whom."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, add_months, get_first_day, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import forecast_totals, outlook
from crm_pipeline.analytics.forecast_scope import ForecastScope
from crm_pipeline.core.forecast import added, period_of
from tests.site import rows
from tests.site.world import refused


def this_month():
	return getdate(get_first_day(nowdate()))


def next_month():
	return getdate(get_first_day(add_months(nowdate(), 1)))


def seller(name: str, world, parent: str | None = None, group: int = 0, user: str | None = None) -> str:
	root = frappe.db.get_value("Sales Person", {"is_group": 1}, "name", order_by="lft asc")
	doc = frappe.get_doc(
		{
			"doctype": "Sales Person",
			"sales_person_name": f"{name} {world.tag}",
			"parent_sales_person": parent or root,
			"is_group": group,
			"crm_user": user,
		}
	)
	return doc.insert().name


@pytest.fixture
def team(world):
	"""A team of two of this test alone; figures of the team are figures of the test."""
	head = seller("Head", world, group=1, user="manager@crm-test.example")
	ann = seller("Ann", world, head, user="rep@crm-test.example")
	ben = seller("Ben", world, head, user="rep2@crm-test.example")
	return frappe._dict(head=head, ann=ann, ben=ben, filters={"company": world.company, "sales_person": head})


@pytest.fixture
def deal(sale, team):
	"""deal(480, close=...) makes an opportunity of Ann's with one row of that amount; deal(0) has none."""

	def make(amount=480.0, doctype="Sales Opportunity", close=None, **values):
		rows = sale.rows((sale.world.pump, 4, amount / 4)) if amount else []
		values = {"sales_person": team.ann, "sales_owner": "rep@crm-test.example", **values}
		doc = frappe.get_doc(
			{
				"doctype": doctype,
				"title": "Pumps",
				"customer": sale.world.customer,
				"company": sale.world.company,
				"expected_close": close or str(next_month() + timedelta(days=9)),
				"items": rows,
				**values,
			}
		)
		return doc.insert()

	return make


def total(filters, **more):
	return forecast_totals.forecast_of(ForecastScope.of({**filters, **more})).total


def quote(sale, source, *rows, **values):
	return sale.quotation(crm_source_type=source.doctype, crm_source_name=source.name, items=sale.rows(*rows), **values)


# ---- what counts


def test_an_open_deal_counts_in_its_month_by_category_and_probability(deal, team):
	doc = deal(480)
	found = forecast_totals.forecast_of(ForecastScope.of(team.filters)).periods[period_of(next_month())]
	assert found.documents == 1
	assert found.pipeline + found.best_case + found.commit + found.omitted == 480
	assert found.weighted == pytest.approx(0 if doc.forecast_category == "Omitted" else 480 * doc.probability / 100)


def test_an_opportunity_that_runs_as_a_project_counts_once(deal, team):
	alone, run = deal(100), deal(1000, forecast_category="Commit")
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(run.name)["name"])
	project.update({"sales_person": team.ann, "expected_close": run.expected_close})
	project.save()
	documents = {scope: total(team.filters, scope=scope) for scope in ("Both", "Opportunities", "Sales Projects")}
	assert documents["Opportunities"].documents == 1
	assert documents["Sales Projects"].documents == 1
	assert added([documents["Opportunities"], documents["Sales Projects"]]) == documents["Both"]
	assert documents["Both"].potential + documents["Both"].omitted == alone.base_amount + project.base_amount


def test_an_opportunity_whose_project_was_lost_counts_by_itself_again(deal, team):
	run = deal(1000)
	project = api.opportunity_to_project(run.name)["name"]
	frappe.db.set_value("Sales Project", project, "sales_person", team.ann)
	assert total(team.filters, scope="Opportunities").documents == 0
	api.lose_deal("Sales Project", project, reason="Price")
	for scope in ("Both", "Opportunities"):
		found = total(team.filters, scope=scope)
		assert (found.documents, found.potential + found.omitted) == (1, 1000)
	won = frappe.db.get_value("Pipeline Stage", {"pipeline": run.pipeline, "stage_type": "Won"}, "name")
	rows.deal(run, status="Won", stage=won, closed_on=this_month())
	assert total(team.filters).signed == 1000


@pytest.mark.parametrize("kind", ["Marketing", "Internal"])
def test_marketing_and_internal_projects_never_count(deal, team, kind):
	deal(500, doctype="Sales Project", project_type=kind)
	assert total(team.filters).documents == 0


def test_a_valid_quotation_replaces_amount_and_items(sale, deal, team):
	doc = deal(480)
	quote(sale, doc, (sale.world.service, 2, 300))
	assert total(team.filters).potential == 600
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(team.filters))
	assert {key: part.total.potential for key, part in by_item.items()} == {sale.world.service: 600}
	assert forecast_totals.forecast_of(ForecastScope.of({**team.filters, "measure": "Quantity"})).total.potential == 2


def test_the_latest_quotation_speaks_and_a_cancelled_lost_or_expired_one_does_not(sale, deal, team):
	doc = deal(480)
	quote(sale, doc, (sale.world.service, 1, 700))
	second = quote(sale, doc, (sale.world.service, 1, 900))
	assert total(team.filters).potential == 900
	sale.cancel(second)
	assert total(team.filters).potential == 700
	first = frappe.get_last_doc("Quotation", {"crm_source_name": doc.name, "docstatus": 1})
	first.db_set("status", "Lost")
	assert total(team.filters).potential == 480
	first.db_set({"status": "Open", "valid_till": add_days(nowdate(), -1)})
	assert total(team.filters).potential == 480


def test_a_draft_quotation_says_nothing(sale, deal, team):
	quoted = deal(480)
	quote(sale, quoted, (sale.world.service, 1, 900), submit=False)
	assert total(team.filters).potential == 480


def test_a_project_without_a_quotation_takes_that_of_its_opportunity(sale, deal, team):
	doc = deal(480)
	quote(sale, doc, (sale.world.service, 1, 900))
	project = frappe.get_doc("Sales Project", api.opportunity_to_project(doc.name)["name"])
	project.update({"sales_person": team.ann, "expected_close": doc.expected_close})
	project.save()
	assert total(team.filters).potential == 900
	quote(sale, project, (sale.world.service, 1, 950))
	assert total(team.filters).potential == 950


def test_won_deals_are_signed_with_what_was_ordered(sale, deal, team):
	doc = deal(480)
	sale.order(doc)
	sale.sync_outcome()
	found = forecast_totals.forecast_of(ForecastScope.of(team.filters)).periods[period_of(this_month())]
	assert (found.signed, found.ordered, found.signed_documents) == (480, 480, 1)
	assert found.weighted == found.category == 480


def test_lost_deals_are_in_no_number(deal, team):
	doc = deal(480)
	api.lose_deal(doc.doctype, doc.name, reason=frappe.db.get_value("Sales Lost Reason", {}, "name"))
	found = forecast_totals.forecast_of(ForecastScope.of(team.filters))
	assert found.total.documents == 0
	assert not any(line.documents for line in found.outside.values())


# ---- where it counts


def test_an_overdue_deal_counts_in_the_current_period_and_says_so(deal, team):
	deal(480, close=add_days(nowdate(), -400), opened_on=add_days(nowdate(), -500))
	now = forecast_totals.forecast_of(ForecastScope.of(team.filters)).periods[period_of(this_month())]
	assert (now.overdue_documents, now.overdue) == (1, 480)


def test_a_deal_without_a_date_is_on_its_own_line(deal, team):
	doc = deal(480)
	doc.db_set("expected_close", None)
	found = forecast_totals.forecast_of(ForecastScope.of(team.filters))
	assert (found.total.documents, found.outside["undated"].documents) == (0, 1)


def test_dates_far_ahead_are_on_their_own_line(deal, team):
	deal(480, close="2199-12-31")
	assert forecast_totals.forecast_of(ForecastScope.of(team.filters)).outside["later"].documents == 1


def test_months_sum_to_the_quarter(deal, team):
	for days in (1, 25, 50, 75, 100):
		deal(100 + days, close=add_days(nowdate(), days))
	start = str(period_of(this_month(), "Quarter").first)
	months, quarters = (
		total(team.filters, by=by, count=count, start=start) for by, count in (("Month", 6), ("Quarter", 2))
	)
	assert months == quarters and months.documents >= 4


# ---- bad input


def test_a_deal_without_an_amount_is_counted_and_named(deal, team):
	deal(0)
	found = total(team.filters)
	assert (found.documents, found.unpriced, found.potential + found.omitted) == (1, 1, 0)


def test_a_currency_without_rate_is_worth_nothing_and_named(deal, team):
	doc = deal(480)
	other = "EUR" if doc.currency != "EUR" else "USD"
	doc.db_set({"currency": other, "conversion_rate": 0})
	found = total(team.filters)
	assert (found.documents, found.unrated, found.potential + found.omitted) == (1, 1, 0)


def test_amounts_are_in_company_currency(deal, team, world):
	other = "EUR" if world.currency != "EUR" else "USD"
	deal(480, currency=other, conversion_rate=2)
	assert total(team.filters).potential + total(team.filters).omitted == 960
	by_item = forecast_totals.forecast_by("item_code", ForecastScope.of(team.filters))
	assert added(part.total for part in by_item.values()) == total(team.filters)


def test_an_unknown_dimension_is_refused():
	with refused(match="split"):
		forecast_totals.forecast_by("password", ForecastScope("Any"))


# ---- splitting


@pytest.mark.parametrize(
	"dimension",
	["sales_person", "sales_owner", "territory", "item_code", "item_group", "pipeline", "stage", "customer"],
)
def test_every_split_adds_up_to_the_whole(sale, deal, team, dimension):
	deal(480, sales_person=team.ben, sales_owner="rep2@crm-test.example")
	deal(0)
	quote(sale, deal(300), (sale.world.service, 1, 70), (sale.world.pump, 1, 50.5))
	deal(200, items=sale.rows((sale.world.pump, 1, 130), (sale.world.service, 1, 70)))
	parts = forecast_totals.forecast_by(dimension, ForecastScope.of(team.filters)).values()
	split, whole = added(part.total for part in parts), total(team.filters)
	for column in ("signed", "commit", "best_case", "pipeline", "omitted", "open_weighted"):
		assert getattr(split, column) == pytest.approx(getattr(whole, column))
	if not dimension.startswith("item"):
		assert split.documents == whole.documents


def test_a_team_is_the_sum_of_its_people(deal, team, world):
	deal(100)
	deal(250, sales_person=team.ben)
	deal(7, sales_person=team.head)
	rows = {row["key"]: row["total"] for row in outlook.split("team", ForecastScope.of(team.filters))}
	shown = {name: row["potential"] + row["omitted"] for name, row in rows.items()}
	assert (shown[team.ann], shown[team.ben], shown[team.head]) == (100, 250, 357)
	# What is of nobody stands beside the teams.
	show = frappe.get_doc({"doctype": "Sales Campaign", "title": "Boat show", "company": world.company}).insert()
	deal(100, campaign=show.name)
	deal(40, campaign=show.name).db_set({"sales_owner": None, "sales_person": None})
	rows = outlook.split("team", ForecastScope.of({"company": world.company, "campaign": show.name}))
	shown = {row["key"]: row["total"]["potential"] + row["total"]["omitted"] for row in rows}
	assert (shown[team.head], shown[team.ann], shown[""]) == (100, 100, 40)


def test_a_number_opens_exactly_its_documents(sale, deal, team):
	names = {
		"open": deal(100).name,
		"overdue": deal(200, close=add_days(nowdate(), -3), opened_on=add_days(nowdate(), -9)).name,
		"undated": deal(300).name,
	}
	frappe.db.set_value("Sales Opportunity", names["undated"], "expected_close", None)
	won = deal(400)
	sale.order(won)

	def behind(**cell):
		found = api.get_documents_of_forecast(team.filters, cell)
		assert found["total"] == len(found["documents"])
		return {row["name"] for row in found["documents"]}

	now = period_of(this_month())
	period = {"first": str(now.first), "last": str(now.last)}
	coming = period_of(next_month())
	assert behind(column="signed", **period) == {won.name}
	assert behind(column="overdue", **period) == {names["overdue"]}
	assert behind(column="all", **period) == {won.name, names["overdue"]}
	assert behind(column="all", first=str(coming.first), last=str(coming.last)) == {names["open"]}
	assert behind(column="open", outside="undated") == {names["undated"]}
	assert behind(column="all", dimension="sales_person", key=team.ben, **period) == set()
	assert behind(column="all", dimension="team", key=team.head, **period) == {won.name, names["overdue"]}
	assert behind(column="all", dimension="item_code", key=sale.world.pump, **period) == {won.name, names["overdue"]}


# ---- for whom


def test_with_team_visibility_a_rep_sees_their_own_and_the_manager_the_sum(deal, team, as_user):
	deal(100)
	deal(250, sales_person=team.ben, sales_owner="rep2@crm-test.example")
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	seen = {}
	for who in ("rep", "other_rep", "manager"):
		as_user(who)
		found = api.get_forecast(team.filters)["total"]
		seen[who] = found["potential"] + found["omitted"]
	assert seen == {"rep": 100, "other_rep": 250, "manager": 350}


def test_a_stranger_sees_no_forecast(as_user):
	as_user("stranger")
	for endpoint in (api.get_forecast, api.get_forecast_movement, api.get_win_rates, api.get_documents_of_forecast):
		with refused(frappe.PermissionError):
			endpoint()
	with refused(frappe.PermissionError):
		api.get_forecast_split("territory")


def test_only_managers_have_a_snapshot_taken(as_user):
	as_user("rep")
	with refused(frappe.PermissionError):
		api.take_forecast_snapshot()


def test_what_was_learned_from_another_company_is_not_told(world, as_user):
	other = frappe.get_doc(
		{
			"doctype": "Company",
			"company_name": f"Other {world.tag}",
			"abbr": world.tag[:4],
			"default_currency": "EUR",
			"country": "Germany",
		}
	)
	other.name = other.company_name
	other.db_insert()
	user = "rep@crm-test.example"
	frappe.get_doc(
		{"doctype": "User Permission", "user": user, "allow": "Company", "for_value": world.company}
	).insert()
	as_user("rep")
	rates = api.get_win_rates(world.company)
	assert all(row.keys() == {"stage", "band", "value", "basis"} for row in rates), "shares, and no count of deals"
	split = lambda company: api.get_forecast_split("stage", {"company": company})  # noqa: E731
	whole = lambda company: api.get_forecast({"company": company})  # noqa: E731
	for ask in (api.get_win_rates, api.get_forecast_accuracy, whole, split):
		with refused(frappe.PermissionError):
			ask(other.name)
	as_user("Administrator")
	user = "manager@crm-test.example"
	frappe.get_doc(
		{"doctype": "User Permission", "user": user, "allow": "Company", "for_value": world.company}
	).insert()
	as_user("manager")
	with refused(frappe.PermissionError):
		api.take_forecast_snapshot(other.name)
