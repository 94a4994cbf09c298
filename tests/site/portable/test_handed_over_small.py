"""Handovers, small steps: where a record is, who has how much already, whose place in a team it is, and how far it has come."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.duplicates import merge_tool
from crm_pipeline.handovers import handing_over, held_records
from crm_pipeline.handovers.held_records import BY_DOCTYPE
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_handovers import done, prepared
from tests.site.portable.test_small_handing import only
from tests.site.rows import bare_deal, row
from tests.site.world import refused

REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))
LEAD, DEAL, PROJECT, ITEM, HANDOVER = (
	"Sales Lead", "Sales Opportunity", "Sales Project", "Sales Handover Item", "Sales Handover",
)  # fmt: skip


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	HOST.without_mail(monkeypatch)


def test_a_record_is_in_the_territory_and_industry_of_what_it_is_about(world):
	place = frappe.db.get_value("Territory", {"is_group": 0}, "name", order_by="name asc")
	industry = row("Industry Type", name=f"Mills {world.tag}", industry=f"Mills {world.tag}", docstatus=0)
	values = {"title": "L", "status": "New", "territory": place, "industry": industry, "docstatus": 0}
	lead = row(LEAD, name=f"L {world.tag}", prospect="P-1", customer=None, **values)
	found = handing_over._place_of(LEAD, lead)
	assert dict(found) == {"customer": None, "prospect": "P-1", "territory": place, "industry": industry}
	deal = bare_deal(world, "D")
	assert handing_over._place_of(DEAL, deal)["customer"] == world.customer
	assert handing_over._place_of("User", REP) == {}


def test_of_what_is_about_a_customer_its_own_place_counts_first(world):
	place, other = frappe.get_all("Territory", filters={"is_group": 0}, pluck="name", order_by="name asc", limit=2)
	industry = row("Industry Type", name=f"Mills {world.tag}", industry=f"Mills {world.tag}", docstatus=0)
	known = row("Customer", name=f"Known {world.tag}", customer_name="Known", territory=place, docstatus=0)
	bare = row("Customer", name=f"Bare {world.tag}", customer_name="Bare", docstatus=0)
	lead = row(LEAD, name=f"L {world.tag}", title="L", customer=known, docstatus=0)
	kind, task = BY_DOCTYPE[LEAD], BY_DOCTYPE["ToDo"]
	made = [
		(kind, frappe._dict(name="a", customer=known, territory=other, industry=industry)),
		(kind, frappe._dict(name="b", customer=bare, territory=other, industry=industry)),
		(kind, frappe._dict(name="c", customer=None, territory=other, industry=None)),
		(task, frappe._dict(name="d", reference_type=LEAD, reference_name=lead)),
		(task, frappe._dict(name="e", reference_type=None, reference_name=None)),
	]
	handing_over._complete_places(made)
	assert [(one.get("territory"), one.get("industry")) for _kind, one in made] == [
		(place, industry), (other, industry), (other, None), (place, None), (None, None),
	]  # fmt: skip
	assert made[3][1].customer == known


def test_a_load_is_what_one_has_oneself_of_open_leads_and_deals(world):
	before = {user: handing_over._load(user) for user in (REP, OTHER)}
	fixed = {"status": "New", "docstatus": 0, "title": "L"}
	row(LEAD, name=f"a {world.tag}", sales_owner=OTHER, **fixed)
	row(LEAD, name=f"b {world.tag}", sales_owner=OTHER, **{**fixed, "status": "Converted"})
	bare_deal(world, "c", sales_owner=OTHER), bare_deal(world, "d", PROJECT, sales_owner=OTHER)
	bare_deal(world, "e", sales_owner=OTHER, status="Won")
	bare_deal(world, "f", sales_owner=REP)
	row("Sales Prospect", name=f"g {world.tag}", prospect_name="G", status="Unverified", sales_owner=OTHER, docstatus=0)
	assert (handing_over._load(OTHER), handing_over._load(REP)) == (before[OTHER] + 3, before[REP] + 1)


def test_who_has_two_places_in_a_team_gives_one_and_the_new_one_is_in_it_once(world, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Customer")
	as_user("Administrator")
	people = rows.sales_people(world, North=REP, Rep=REP, South=OTHER)
	team = [{"sales_person": people[name], "allocated_percentage": 50} for name in ("North", "Rep")]
	doc = frappe.get_doc("Customer", world.customer)
	doc.update({"account_manager": REP, "sales_team": team})
	doc.save()
	held_records._of_customer(doc, REP, OTHER)
	doc.reload()
	assert doc.account_manager == OTHER
	persons = [one.sales_person for one in doc.sales_team]
	assert persons.count(people["South"]) == 1 and len(persons) == 2


def test_how_far_a_handover_has_come_is_told_by_its_rows(world):
	name = row(HANDOVER, docstatus=0, from_user=REP, status="Running")
	other = row(HANDOVER, docstatus=0, from_user=OTHER, status="Running")
	states = ["Waiting"] * 4 + ["Done"] * 3 + ["Refused"] * 2 + ["Skipped"]
	for parent, found in ((name, states), (other, ["Done"] * 5)):
		for place, state in enumerate(found):
			of = {"parent": parent, "parenttype": HANDOVER, "parentfield": "items", "idx": place + 1, "docstatus": 0}
			row(ITEM, state=state, document_type=LEAD, document="L", **of)
	assert handing_over.progress(name) == {
		"status": "Running", "total": 10, "waiting": 4, "done": 3, "refused": 2, "skipped": 1,
	}  # fmt: skip


def test_a_handover_ends_when_nothing_waits_and_says_what_came_of_it(world):
	running, waits = (
		row(HANDOVER, docstatus=0, from_user=user, status="Running", running_key=user) for user in (REP, OTHER)
	)
	draft = row(HANDOVER, docstatus=0, from_user=DESK, status="Draft")
	for parent, states in (
		(running, ["Done", "Done", "Refused", "Skipped"]),
		(waits, ["Done", "Waiting"]),
		(draft, []),
	):
		for place, state in enumerate(states):
			of = {"parent": parent, "parenttype": HANDOVER, "parentfield": "items", "idx": place + 1, "docstatus": 0}
			row(ITEM, state=state, document_type=LEAD, document="L", **of)
	assert [handing_over.do(name, "") for name in (running, waits, draft)] == [True, False, False]
	found = frappe.db.get_value(HANDOVER, running, ["status", "done", "refused", "running_key"])
	assert found == ("Done", 2, 1, None) and frappe.db.get_value(HANDOVER, running, "finished_on")
	assert frappe.db.get_value(HANDOVER, waits, ["status", "running_key"]) == ("Running", OTHER)
	assert handing_over.do(running, "") is False, "it ends once"
	told = {one: frappe.db.exists("Pending Update", {"document": one}) for one in (running, waits)}
	assert told[running] and not told[waits]


def test_what_runs_is_gone_through_in_the_order_in_which_it_was_started(world):
	frappe.db.set_value(HANDOVER, {"status": "Running"}, "status", "Done")
	late = row(HANDOVER, docstatus=0, from_user=REP, status="Running", started_on="2026-03-02 09:00:00")
	early = row(HANDOVER, docstatus=0, from_user=OTHER, status="Running", started_on="2026-03-01 09:00:00")
	over = row(HANDOVER, docstatus=0, from_user=DESK, status="Done", started_on="2026-02-01 09:00:00")
	made = {}
	for parent in (late, early, over):
		for place, state in ((2, "Waiting"), (1, "Waiting"), (3, "Done")):
			of = {"parent": parent, "parenttype": HANDOVER, "parentfield": "items", "idx": place, "docstatus": 0}
			made[parent, place] = row(ITEM, state=state, document_type=LEAD, document="L", **of)
	assert handing_over.to_do() == [
		(early, made[early, 1]), (early, made[early, 2]), (early, ""), (late, made[late, 1]), (late, made[late, 2]), (late, ""),
	]  # fmt: skip


# ---- two records side by side


def test_a_record_without_a_title_is_shown_by_its_name(world, as_user):
	as_user("Administrator")
	names = [
		row(LEAD, name=f"{key} {world.tag}", title=title, status="New", company=world.company, docstatus=0)
		for key, title in (("a", "Four pumps"), ("b", None))
	]
	found = [merge_tool._side(frappe.get_doc(LEAD, name)) for name in names]
	assert [(one["name"], one["title"]) for one in found] == [(names[0], "Four pumps"), (names[1], names[1])]
	assert all(one["modified"] for one in found)


# ---- what is looked at before it is done


def test_a_row_that_nobody_was_chosen_for_yet_may_be_saved_and_is_not_started(sale, as_user):
	as_user("Administrator")
	first, second = sale.lead(sales_owner=REP), sale.lead(sales_owner=REP, title="And a fifth")
	doc = prepared(OTHER, **only("with_leads"))
	of_first = next(one for one in doc.items if one.document == first.name)
	of_first.to_user = None
	doc.save()
	takes = {one.document: one.to_user for one in doc.items}
	assert (doc.status, takes[first.name], takes[second.name]) == ("Prepared", None, OTHER)
	with refused(match=f"row {of_first.idx}: choose who takes it over"):
		api.start_handover(doc.name)
	for wrong, words in ((REP, "from themselves"), ("nobody@x.example", "disabled or does not exist|Could not find")):
		doc.reload()
		next(one for one in doc.items if one.document == first.name).to_user = wrong
		with refused(match=words):
			doc.save()
	doc.reload()
	next(one for one in doc.items if one.document == first.name).to_user = MANAGER
	doc.save()
	done(doc)
	assert [frappe.db.get_value("Sales Lead", one.name, "sales_owner") for one in (first, second)] == [MANAGER, OTHER]


def test_customers_of_a_team_are_told_the_oldest_first(world, as_user, monkeypatch):
	as_user("Administrator")
	person = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)["Rep"]
	made = {}
	for key, of_manager, created in (("a", 0, 4), ("b", 1, 3), ("c", 0, 2), ("d", 1, 1), ("e", 0, 2)):
		name = made[key] = row(
			"Customer", name=f"{key} {world.tag}", customer_name=f"Mill {key}", docstatus=0, disabled=0,
			creation=f"2026-01-0{created}", account_manager=REP if of_manager else None,
		)  # fmt: skip
		for idx in (1, 2):
			on = {"parent": name, "parenttype": "Customer", "parentfield": "sales_team", "docstatus": 0}
			row("Sales Team", sales_person=person, idx=idx, **on)
	found = [one for one in held_records.BY_DOCTYPE["Customer"].held_by(REP) if world.tag in one.name]
	assert [one.name for one in found] == [made[key] for key in "dbcea"], "those of their own first"
	assert [one.title for one in found][:2] == ["Mill d", "Mill b"]


def test_what_was_refused_is_tried_again_without_what_was_said_and_what_was_done_stays(sale, as_user):
	as_user("Administrator")
	first, second = sale.lead(sales_owner=REP), sale.lead(sales_owner=REP, title="And a fifth")
	doc = prepared(OTHER, **only("with_leads"))
	state = {one.document: one.name for one in doc.items}
	frappe.db.set_value(ITEM, {"parent": doc.name}, "state", "Done")
	frappe.db.set_value(ITEM, state[first.name], {"state": "Refused", "message": "Not allowed"})
	frappe.db.set_value(HANDOVER, doc.name, {"status": "Done", "refused": 1})
	api.start_handover(doc.name)
	told = [frappe.db.get_value(ITEM, state[lead.name], ["state", "message"]) for lead in (first, second)]
	assert told == [("Waiting", None), ("Done", None)]
	assert frappe.db.get_value(HANDOVER, doc.name, ["status", "refused"]) == ("Running", 0)
