"""What a deal does not do: be quoted when it is lost, be ordered from one of two contracts, be given to who has left."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import history, outlook
from crm_pipeline.chain import estimates, pipelines
from crm_pipeline.coaching import help_requests
from crm_pipeline.core import series
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.forecast import Totals, period_of
from crm_pipeline.crm_pipeline.doctype.sales_contract.sales_contract import expire_contracts
from crm_pipeline.deals import stage_moves
from crm_pipeline.deals.conversions import locked_deal
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_stalled import activity, deal, judged, signals  # noqa: F401
from tests.site.rows import row
from tests.site.world import refused

MANAGER, REP, OTHER = (USERS[who][0] for who in ("manager", "rep", "other_rep"))


def project(sale, **values):
	world = sale.world
	values = {"title": "Pumping station", "customer": world.customer, "company": world.company, **values}
	return frappe.get_doc({"doctype": "Sales Project", **values}).insert()


# ---- quotations and contracts of a deal


@pytest.mark.parametrize(
	"make", [api.make_quotation, api.make_contract, api.make_order_request], ids=lambda f: f.__name__
)
def test_a_lost_deal_is_neither_quoted_nor_agreed_nor_ordered(sale, make):
	lost = sale.opportunity()
	api.lose_deal(lost.doctype, lost.name, "Price")
	with refused(match="is lost"):
		make(lost.doctype, lost.name)


@pytest.mark.parametrize(
	("make", "of"),
	[
		(api.make_quotation, "Quotation"),
		(api.make_contract, "Sales Contract"),
		(api.make_order_request, "Sales Order Request"),
	],
	ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_deal_without_items_is_not_quoted_agreed_or_ordered(sale, make, of):
	sold = sale.opportunity()
	sold.items = []
	sold.amount = 480
	sold.save()
	with refused(frappe.MandatoryError, match=f"has no items. Add what is sold before making a {of}"):
		make(sold.doctype, sold.name)


@pytest.mark.parametrize(
	("values", "words"),
	[
		({"docstatus": 0, "status": "Draft"}, "is not submitted"),
		({"docstatus": 2, "status": "Cancelled"}, "is not submitted"),
		({"status": "Lost"}, "is Lost"),
		({"status": "Expired"}, "was valid until"),
		({"valid_till": "2020-02-29"}, "was valid until"),
		({"quotation_to": "Lead"}, "is not made to a Customer"),
	],
)
def test_a_contract_is_made_of_a_quotation_that_holds(world, values, words):
	quoted = {"quotation_to": "Customer", "party_name": world.customer, "company": world.company, "status": "Open"}
	name = row("Quotation", **quoted)
	assert locked_deal("Quotation", name).name == name
	bad = row("Quotation", **{**quoted, **values})
	for make in (api.make_contract, api.make_order_request):
		with refused(match=words):
			make("Quotation", bad)


def test_a_second_click_answers_the_contract_that_is_there(sale):
	sold = sale.opportunity()
	first = api.make_contract(sold.doctype, sold.name)
	assert api.make_contract(sold.doctype, sold.name) == first
	assert frappe.db.count("Sales Contract", {"source_name": sold.name}) == 1
	frappe.get_doc(first["doctype"], first["name"]).submit()
	assert api.make_contract(sold.doctype, sold.name) == first
	# In the same second the unique key decides.
	assert frappe.db.get_value(first["doctype"], first["name"], "conversion_key") == f"{sold.doctype}:{sold.name}"
	running = api.opportunity_to_project(sold.name)
	assert api.opportunity_to_project(sold.name) == running


def test_of_two_signed_contracts_a_person_chooses(sale):
	sold = sale.opportunity()
	source = {"source_type": sold.doctype, "source_name": sold.name}
	signed = [sale.contract(**source).name for _ in range(2)]
	for order in (api.make_order_request, api.order_now):
		with refused(match=f"Please order from .*{', '.join(signed)}"):
			order(sold.doctype, sold.name)
	sale.cancel(frappe.get_doc("Sales Contract", signed[0]))
	made = api.make_order_request(sold.doctype, sold.name)
	assert frappe.db.get_value("Sales Order Request", made["name"], "contract") == signed[1]


# ---- pipelines and projects


def test_a_deal_stands_in_a_pipeline_of_its_own_kind(sale):
	of_projects = frappe.db.get_value("Sales Pipeline", {"applies_to": "Sales Project", "disabled": 0}, "name")
	with refused(match=f"Pipeline {of_projects} is for Sales Project, not for Sales Opportunity"):
		sale.opportunity(pipeline=of_projects)
	of_deals = frappe.db.get_value("Sales Pipeline", {"applies_to": "Sales Opportunity", "disabled": 0}, "name")
	with refused(match="not for Sales Project"):
		project(sale, pipeline=of_deals)


def test_a_sales_project_is_completed_when_it_is_sold(sale):
	unsold = project(sale, project_type="Sales")
	with refused(match="completed after it is won"):
		api.complete_project(unsold.name)
	assert frappe.db.get_value(unsold.doctype, unsold.name, "status") == "Open"
	service = project(sale, project_type="Service")
	api.complete_project(service.name)
	service.reload()
	assert (service.status, service.closed_on, service.end_date) == ("Completed", getdate(), getdate())


def test_a_service_that_is_done_is_not_called_a_sale(sale):
	service = project(sale, project_type="Service")
	api.complete_project(service.name)
	service.reload()
	service.project_type = "Sales"
	with refused(match="was completed without being won"):
		service.save()


# ---- who gets deals and questions


def test_a_deal_is_not_given_to_a_user_who_has_left(sale, as_user):
	as_user("rep")
	mine = sale.opportunity()
	frappe.db.set_value("User", OTHER, "enabled", 0)
	with refused(match="disabled or does not exist"):
		api.reassign_deals(mine.doctype, [mine.name], OTHER)
	mine.sales_owner = OTHER
	with refused(match="disabled or does not exist"):
		mine.save()
	frappe.db.set_value("User", OTHER, "enabled", 1)
	mine.reload()
	mine.sales_owner = OTHER
	mine.save()
	assert mine.sales_owner == OTHER


def test_the_nearest_person_above_is_asked_and_not_the_top_of_the_tree(sale, world, as_user):
	frappe.db.set_value("Sales Person", {"crm_user": ("is", "set")}, "crm_user", None)
	places = {"Top": (9001, 9006, MANAGER), "Middle": (9002, 9005, OTHER), "Below": (9003, 9004, REP)}
	for name, (lft, rgt, user) in places.items():
		row("Sales Person", name=f"{name} {world.tag}", lft=lft, rgt=rgt, crm_user=user, enabled=1, docstatus=0)
	as_user("rep")
	mine = sale.opportunity()
	assert (mine.sales_person, help_requests.manager_of(mine, REP)) == (f"Below {world.tag}", OTHER)
	frappe.db.set_value("Sales Person", f"Middle {world.tag}", "enabled", 0)
	assert help_requests.manager_of(mine, REP) == MANAGER
	assert help_requests.manager_of(mine, MANAGER) is None


# ---- estimates


def test_of_two_approved_estimates_the_one_approved_last_counts(sale, world):
	sold = sale.opportunity()
	about = {"reference_doctype": sold.doctype, "reference_name": sold.name, "company": world.company}
	now = now_datetime()
	names = [
		row("Cost Estimate", approved_on=add_to_date(now, days=days), name=f"{days} {world.tag}", **about)
		for days in (-1, -5, -3)
	]
	row("Cost Estimate", approved_on=now, docstatus=2, **about)
	row("Cost Estimate", approved_on=now, docstatus=0, **about)
	row("Cost Estimate", approved_on=now, **{**about, "company": "Another"})
	asked = [Ref(sold.doctype, sold.name)]
	assert estimates.approved(asked, world.company).name == names[0]
	run = project(sale)
	row(
		"Cost Estimate",
		name=f"run {world.tag}",
		approved_on=add_to_date(now, days=-9),
		**{**about, "reference_doctype": run.doctype, "reference_name": run.name},
	)
	nearest = estimates.approved([Ref(run.doctype, run.name), *asked], world.company)
	assert nearest.name == f"run {world.tag}", "a project's own before that of its opportunity"


# ---- silence


@pytest.fixture
def silent(deal):  # noqa: F811
	"""A deal of whose customer nobody heard for 30 days."""
	frappe.db.set_value(deal.doctype, deal.name, "opened_on", add_days(nowdate(), -30))
	assert "silent" in signals(deal)
	return deal


@pytest.mark.parametrize(
	("values", "heard"),
	[
		({}, True),
		({"sent_or_received": "Sent"}, False),
		({"days": 2}, False),
		({"communication_type": "Automated Message"}, False),
		({"reference_name": "another deal"}, False),
		({"days": -25}, False),
	],
	ids=["theirs", "ours", "to come", "automatic", "of another deal", "long ago"],
)
def test_only_a_mail_of_the_customer_ends_the_silence(silent, values, heard):
	values = dict(values)
	mail = {
		"communication_type": "Communication",
		"sent_or_received": "Received",
		"reference_doctype": silent.doctype,
		"reference_name": silent.name,
		"docstatus": 0,
	}
	on = add_to_date(now_datetime(), days=values.pop("days", 0))
	row("Communication", **{**mail, "communication_date": on, **values})
	assert ("silent" not in signals(silent)) == heard


def test_a_meeting_to_come_ends_no_silence(silent):
	# Somebody may set a meeting to Done before it was held.
	activity(silent, way="Meeting", starts_on=add_to_date(now_datetime(), days=2))
	assert "silent" in signals(silent)
	activity(silent, way="Phone", direction="Outbound")
	assert "silent" in signals(silent)
	activity(silent, way="Meeting", starts_on=add_to_date(now_datetime(), hours=-1))
	assert "silent" not in signals(silent)


# ---- forecasts


def test_no_method_promises_less_than_what_is_signed():
	today = getdate("2026-03-15")
	period = period_of(today)
	past = history.History(history.ORDERS, (100.0,) * 30, getdate("2026-03-01"))
	promised = {name: series.Outlook((100.0,)) for name in series.METHODS}
	signed = outlook.period_row(period, Totals(signed=450.0), past, promised, {}, today)["methods"]
	assert {name: signed[name]["value"] for name in promised} == dict.fromkeys(promised, 450.0)
	before = outlook.period_row(period, Totals(signed=40.0), past, promised, {}, today)["methods"]
	assert {name: before[name]["value"] for name in promised} == dict.fromkeys(promised, 100.0)


# ---- contracts that end


def test_a_contract_expires_the_day_after_its_last_one(sale):
	ends = {
		days: sale.contract(start_date=add_days(nowdate(), -9), end_date=add_days(nowdate(), 9)) for days in (-1, 0, 1)
	}
	for days, contract in ends.items():
		contract.db_set("end_date", add_days(nowdate(), days))
	endless, stopped, draft = sale.contract(), sale.contract(), sale.contract(submit=False)
	for contract in (stopped, draft):
		contract.db_set("end_date", add_days(nowdate(), -1))
	stopped.db_set("status", "Terminated")
	expire_contracts()
	found = [frappe.db.get_value(c.doctype, c.name, "status") for c in (*ends.values(), endless, stopped, draft)]
	assert found == ["Expired", "Active", "Active", "Active", "Terminated", "Draft"]


def test_a_contract_that_can_not_expire_stops_no_other(sale):
	broken, other = (sale.contract(start_date=add_days(nowdate(), -9)) for _ in range(2))
	for contract in (broken, other):
		contract.db_set("end_date", add_days(nowdate(), -1))
	# Something that no form would let through.
	broken.db_set("start_date", add_days(nowdate(), 5))
	expire_contracts()
	assert frappe.db.get_value(other.doctype, other.name, "status") == "Expired"
	assert frappe.db.get_value(broken.doctype, broken.name, "status") == "Active"


# ---- where a deal begins


def test_a_deal_without_a_pipeline_begins_in_the_one_of_its_company(world):
	kind, made = "Sales Opportunity", {}
	frappe.db.set_value("Sales Pipeline", {"applies_to": kind}, "is_default", 0)
	for key, company in (("General", None), ("Own", world.company)):
		name = made[key] = make_pipeline(f"{key} {world.tag}")
		frappe.db.set_value("Sales Pipeline", name, {"company": company, "is_default": 1})
	first = {key: frappe.db.get_value("Pipeline Stage", {"pipeline": of, "stage_key": "a"}) for key, of in made.items()}
	for key, company in (("Own", world.company), ("General", f"Other {world.tag}")):
		begun = frappe.get_doc({"doctype": kind, "company": company})
		stage_moves.set_default_stage(begun)
		assert (begun.pipeline, begun.stage) == (made[key], first[key])
	begun = frappe.get_doc({"doctype": kind, "company": world.company, "pipeline": made["General"]})
	stage_moves.set_default_stage(begun)
	assert (begun.pipeline, begun.stage) == (made["General"], first["General"])
	begun = frappe.get_doc({"doctype": kind, "pipeline": pipelines.default_pipeline("Sales Project")})
	with refused(match="is for .*, not for"):
		stage_moves.set_default_stage(begun)
