"""Team visibility: a manager sees the team's deals, a rep their own, and every total says the same."""

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline import api
from crm_pipeline.parties import people
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.rows import row
from tests.site.world import refused

MANAGER, REP, OTHER = (USERS[who][0] for who in ("manager", "rep", "other_rep"))


def person(name: str, parent: str, user: str | None = None, group: int = 0) -> str:
	values = {"sales_person_name": name, "parent_sales_person": parent, "crm_user": user, "is_group": group}
	return frappe.get_doc({"doctype": "Sales Person", **values}).insert().name


@pytest.fixture
def team(world):
	"""The manager's team with one rep in it, another rep outside; team visibility is on."""
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (MANAGER, REP, OTHER))}, "crm_user", None)
	root = frappe.db.get_value("Sales Person", {"is_group": 1}, "name", order_by="lft asc")
	north = person(f"North {world.tag}", root, MANAGER, group=1)
	person(f"Rep {world.tag}", north, REP)
	person(f"Other {world.tag}", root, OTHER)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	return north


@pytest.fixture
def deals(sale, world, team, as_user):
	"""One deal each of manager (1), rep (10) and other rep (100), in a pipeline of their own."""
	pipeline = make_pipeline(f"Sight {world.tag}")
	made = {}
	for who, amount in (("manager", 1), ("rep", 10), ("other_rep", 100)):
		as_user(who)
		made[who] = sale.opportunity(
			pipeline=pipeline,
			stage=f"{pipeline}-a",
			items=[],
			amount=amount,
			opened_on=nowdate(),
			title=f"{who} {world.tag}",
		).name
	as_user("Administrator")
	return pipeline, made


SEEN = (("rep", 10), ("other_rep", 100), ("manager", 11), ("desk", 111), ("finance", 111))
as_each = pytest.mark.parametrize(("who", "total"), SEEN)


@as_each
def test_lists_hold_what_the_user_may_see(deals, as_user, who, total):
	pipeline, made = deals
	as_user(who)
	rows = frappe.get_list(
		"Sales Opportunity", filters={"pipeline": pipeline}, fields=["name", "base_amount"], order_by="name asc"
	)
	assert sum(row.base_amount for row in rows) == total
	for name in made.values():
		may = any(row.name == name for row in rows)
		assert frappe.has_permission("Sales Opportunity", "read", doc=name) == may


@as_each
def test_the_funnel_counts_what_the_user_may_see(deals, as_user, world, who, total):
	pipeline, _made = deals
	as_user(who)
	found = api.get_funnel({"pipeline": pipeline, "company": world.company})
	assert found["stages"][0]["amount"] == total
	assert found["standing"][""]["amount"] == total
	assert found["outcome"]["open_amount"] == total
	page = api.get_funnel_documents("entered", f"{pipeline}-a", {"pipeline": pipeline})
	assert sum(row["base_amount"] for row in page["documents"]) == total


@as_each
def test_the_stage_report_counts_what_the_user_may_see(deals, as_user, world, who, total):
	from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage.open_pipeline_by_stage import execute

	pipeline, _made = deals
	as_user(who)
	_columns, data, _message, _chart = execute({"company": world.company, "pipeline": pipeline})
	assert sum(row["amount"] for row in data) == total


@pytest.mark.parametrize(("who", "total"), [row for row in SEEN if row[0] != "finance"])
def test_the_board_counts_what_the_user_may_see(deals, as_user, world, who, total):
	pipeline, made = deals
	as_user(who)
	totals = api.get_board_totals(pipeline, {"company": world.company})
	assert totals[f"{pipeline}-a"]["amount"] == total
	cards = api.get_cards(pipeline, f"{pipeline}-a", {"company": world.company})["cards"]
	assert {card["name"] for card in cards} == {
		name for who_, name in made.items() if frappe.has_permission("Sales Opportunity", "read", doc=name)
	}


@as_each
def test_ledger_and_activities_follow_their_document(deals, as_user, who, total):
	_pipeline, made = deals
	for name in made.values():
		frappe.get_doc(
			{
				"doctype": "Sales Activity",
				"subject": "Call",
				"way": "Phone",
				"reference_doctype": "Sales Opportunity",
				"reference_name": name,
			}
		).insert()
	as_user(who)
	readable = {name for name in made.values() if frappe.has_permission("Sales Opportunity", "read", doc=name)}
	for doctype in ("Pipeline Event", "Sales Activity"):
		if not frappe.has_permission(doctype, "read"):
			continue
		rows = frappe.get_list(
			doctype,
			filters={"reference_name": ("in", list(made.values()))},
			fields=["name", "reference_name"],
			order_by="name asc",
		)
		assert {row.reference_name for row in rows} == readable
	for name in set(made.values()) - readable:
		with refused(frappe.PermissionError):
			api.get_history("Sales Opportunity", name)


@pytest.mark.parametrize("share", [{"user": REP}, {"everyone": 1}])
def test_what_was_shared_stands_in_lists_and_on_the_board_as_the_form_opens_it(sale, as_user, world, share):
	pipeline, made = make_pipeline(f"Shared {world.tag}"), {}
	for who, amount in (("manager", 1), ("rep", 10), ("other_rep", 100)):
		as_user(who)
		deal = sale.opportunity(pipeline=pipeline, stage=f"{pipeline}-a", items=[], amount=amount)
		made[who] = deal.name
	as_user("Administrator")
	set_apart()
	theirs = made["other_rep"]
	activity = {
		"doctype": "Sales Activity",
		"subject": "Call",
		"way": "Phone",
		"reference_doctype": "Sales Opportunity",
	}
	frappe.get_doc({**activity, "reference_name": theirs}).insert()
	promise = row(
		"Promise to Pay", name=f"PTP {world.tag}", docstatus=0, sales_owner=OTHER, company=world.company, status="Open"
	)
	as_user("rep")
	lists = lambda: [  # noqa: E731
		{name for name in frappe.get_list(doctype, filters=filters, pluck=field, order_by="name asc", limit=0)}
		for doctype, filters, field in (
			("Sales Opportunity", {"pipeline": pipeline}, "name"),
			("Sales Activity", {"reference_name": theirs}, "reference_name"),
			("Promise to Pay", {"name": promise}, "name"),
		)
	]
	assert lists() == [{made["rep"]}, set(), set()]
	as_user("Administrator")
	told = lambda: {row["user"]: row["count"] for row in api.get_visibility()["users"]}[REP]  # noqa: E731
	before = told()
	about = {"docstatus": 0, "read": 1, **share}
	row("DocShare", share_doctype="Sales Opportunity", share_name=theirs, **about)
	row("DocShare", share_doctype="Promise to Pay", share_name=promise, **about)
	row("DocShare", share_doctype="Sales Opportunity", share_name=made["manager"], **{**about, "read": 0})
	assert told() == before + 1
	as_user("rep")
	assert lists() == [{made["rep"], theirs}, {theirs}, {promise}]
	assert api.get_board_totals(pipeline, {"company": world.company})[f"{pipeline}-a"]["amount"] == 110
	as_user("manager")
	assert (theirs in lists()[0]) == ("everyone" in share)


def test_a_rep_can_not_open_or_move_the_deal_of_another_team(deals, as_user):
	pipeline, made = deals
	as_user("rep")
	with refused(frappe.PermissionError):
		api.move_stage("Sales Opportunity", made["other_rep"], f"{pipeline}-b")
	with refused(frappe.PermissionError):
		frappe.get_doc("Sales Opportunity", made["other_rep"]).check_permission("read")


def test_a_rep_may_give_a_deal_away_and_then_sees_it_no_more(deals, as_user):
	_pipeline, made = deals
	as_user("rep")
	doc = frappe.get_doc("Sales Opportunity", made["rep"])
	doc.sales_owner = OTHER
	doc.save()
	assert not frappe.has_permission("Sales Opportunity", "read", doc=made["rep"])
	as_user("other_rep")
	assert frappe.has_permission("Sales Opportunity", "read", doc=made["rep"])


def test_switched_off_everybody_sees_everything_their_roles_allow(deals, as_user):
	pipeline, made = deals
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 0)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")
	as_user("rep")
	assert len(frappe.get_list("Sales Opportunity", filters={"pipeline": pipeline}, order_by="name asc")) == 3
	assert frappe.has_permission("Sales Opportunity", "read", doc=made["other_rep"])


def test_what_belongs_to_nobody_is_seen_by_its_creator_and_by_who_sees_all(deals, sale, world, as_user):
	pipeline, _made = deals
	as_user("rep")
	mine = sale.opportunity(pipeline=pipeline, stage=f"{pipeline}-a", items=[], amount=5)
	as_user("Administrator")
	frappe.db.set_value("Sales Opportunity", mine.name, {"sales_owner": None, "sales_person": None})
	for who, sees in (("rep", True), ("other_rep", False), ("manager", False), ("desk", True)):
		as_user(who)
		assert frappe.has_permission("Sales Opportunity", "read", doc=mine.name) == sees
		found = frappe.get_list("Sales Opportunity", filters={"name": mine.name}, order_by="name asc")
		assert bool(found) == sees


def test_the_sales_person_follows_the_owner_until_somebody_chooses(deals, world, as_user):
	_pipeline, made = deals
	doc = frappe.get_doc("Sales Opportunity", made["rep"])
	assert doc.sales_person == f"Rep {world.tag}"
	doc.sales_owner = OTHER
	doc.save()
	assert doc.sales_person == f"Other {world.tag}"
	doc.sales_owner, doc.sales_person = REP, f"North {world.tag}"
	doc.save()
	assert doc.sales_person == f"North {world.tag}"


def test_somebody_outside_the_tree_sees_their_own_only(deals, as_user):
	frappe.db.set_value("Sales Person", {"crm_user": REP}, "crm_user", None)
	sight = people.visibility_of(REP)
	assert sight.persons == () and sight.users == (REP,)


def test_a_rep_may_give_a_deal_away_into_a_control_point(deals, as_user):
	pipeline, made = deals
	frappe.db.set_value("Pipeline Stage", f"{pipeline}-b", "is_control_point", 1)
	as_user("rep")
	doc = frappe.get_doc("Sales Opportunity", made["rep"])
	doc.sales_owner, doc.stage = OTHER, f"{pipeline}-b"
	doc.save()
	assert frappe.db.get_value("Sales Opportunity", made["rep"], ["sales_owner", "stage"]) == (OTHER, f"{pipeline}-b")


ABOUT = {
	"Sales Activity": {"subject": "Call", "way": "Phone"},
	"Sales Memo": {"memo": "They pay late"},
	"Cost Estimate": {},
}


@pytest.fixture
def elsewhere(sale, world):
	"""Deals in two territories, the rep restricted to the first one; each has a ledger, a call, a memo, costs."""
	first, second = frappe.get_all("Territory", filters={"is_group": 0}, pluck="name", limit=2, order_by="name asc")
	names = [sale.opportunity(territory=territory).name for territory in (first, second)]
	for name in names:
		for doctype, values in ABOUT.items():
			about = {"reference_doctype": "Sales Opportunity", "reference_name": name}
			frappe.get_doc({"doctype": doctype, **about, **values}).insert()
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Territory", "for_value": first}).insert()
	return names


@pytest.mark.parametrize("doctype", ["Pipeline Event", *ABOUT])
def test_what_is_about_a_deal_follows_its_territory(elsewhere, as_user, doctype):
	mine, theirs = elsewhere
	hidden = frappe.db.get_value(doctype, {"reference_name": theirs}, "name")
	as_user("rep")
	rows = frappe.get_list(
		doctype, filters={"reference_name": ("in", elsewhere)}, fields=["reference_name"], order_by="name asc"
	)
	assert {row.reference_name for row in rows} == {mine}
	assert not frappe.has_permission(doctype, "read", doc=hidden)
	shown = frappe.db.get_value(doctype, {"reference_name": mine}, "name")
	assert frappe.has_permission(doctype, "read", doc=shown)


@as_each
def test_forecast_and_win_loss_count_what_the_user_may_see(deals, as_user, world, who, total):
	from crm_pipeline.crm_pipeline.report.win_and_loss.win_and_loss import execute

	pipeline, made = deals
	filters = {"company": world.company, "pipeline": pipeline}
	if who != "finance":
		as_user(who)
		rows = api.get_forecast(filters)["periods"]
		assert sum(row["potential"] for row in rows) == total
	as_user("Administrator")
	for name in made.values():
		api.move_stage("Sales Opportunity", name, f"{pipeline}-won")
	as_user(who)
	found = execute({**filters, "from_date": nowdate(), "to_date": nowdate()})
	assert [row["won_amount"] for row in found[1] if row.get("is_total")] == [total]
	assert sum(row["won_amount"] for row in found[1] if not row.get("is_total")) == total


def test_a_deal_of_another_team_is_not_given_away_and_that_is_said(deals, as_user):
	_pipeline, made = deals
	as_user("rep")
	answer = api.reassign_deals("Sales Opportunity", [made["rep"], made["other_rep"]], REP)
	assert answer["done"] == 1
	(refusal,) = answer["refused"]
	assert refusal["name"] == made["other_rep"] and "not allowed" in refusal["reason"]


def set_apart() -> None:
	"""Team visibility is on and nobody stands in the tree: reps and managers see what is their own."""
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (MANAGER, REP, OTHER))}, "crm_user", None)
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	frappe.clear_document_cache("CRM Pipeline Settings", "CRM Pipeline Settings")


@pytest.mark.parametrize("doctype", [*ABOUT, "Sales Help Request"])
def test_nobody_reads_what_is_about_a_hidden_deal_by_hanging_it_on_an_own_one(sale, as_user, doctype):
	values = {**ABOUT, "Sales Help Request": {"question": "May I?", "wanted": "Price"}}[doctype]
	as_user("other_rep")
	hidden = sale.opportunity()
	about = {"reference_doctype": hidden.doctype, "reference_name": hidden.name}
	name = frappe.get_doc({"doctype": doctype, **about, **values}).insert().name
	set_apart()
	as_user("rep")
	doc = frappe.get_doc(doctype, name)
	doc.reference_name = sale.opportunity(title="My own").name
	assert not doc.has_permission("read")
	with refused(frappe.PermissionError):
		doc.save()
	assert frappe.db.get_value(doctype, name, "reference_name") == hidden.name


def test_an_activity_about_a_customer_or_nothing_belongs_to_who_is_responsible_for_it(world, as_user):
	set_apart()

	def call(**values) -> str:
		return frappe.get_doc({"doctype": "Sales Activity", "subject": "Call", "way": "Phone", **values}).insert().name

	as_user("rep")
	mine = [call(reference_doctype="Customer", reference_name=world.customer), call()]
	as_user("other_rep")
	theirs = [call()]
	for who, seen in (("rep", mine), ("other_rep", theirs), ("manager", []), ("desk", [*mine, *theirs])):
		as_user(who)
		for name in (*mine, *theirs):
			listed = frappe.get_list("Sales Activity", filters={"name": name}, order_by="name asc")
			may = frappe.has_permission("Sales Activity", "read", doc=name)
			assert (bool(listed), bool(may)) == (name in seen, name in seen)
	as_user("other_rep")
	doc = frappe.get_doc("Sales Activity", mine[1])
	doc.sales_owner = OTHER
	with refused(frappe.PermissionError):
		doc.save()


@pytest.mark.parametrize("user", ["Guest", USERS["stranger"][0], "nobody@crm-test.example"])
def test_a_deal_is_given_only_to_who_may_read_it(sale, as_user, user):
	as_user("rep")
	deal = sale.opportunity()
	with refused(match="Sales Owner"):
		api.reassign_deals(deal.doctype, [deal.name], user)
	deal.sales_owner = user
	with refused():
		deal.save()
	assert frappe.db.get_value(deal.doctype, deal.name, "sales_owner") == REP
	assert api.reassign_deals(deal.doctype, [deal.name], OTHER)["done"] == 1


def test_a_deal_whose_owner_has_left_is_saved_as_before(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	as_user("Administrator")
	frappe.db.set_value("User", REP, "enabled", 0)
	deal.reload()
	deal.title = "Pumps, once more"
	deal.save()
	assert deal.sales_owner == REP
