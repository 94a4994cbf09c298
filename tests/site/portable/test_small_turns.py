"""Who is told, given and shown something in turn: people of customers, movements of the pool, mails, jobs, roll-ups."""

import json
from datetime import datetime, timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, get_first_day, getdate, nowdate

from crm_pipeline import permissions
from crm_pipeline.analytics import pool_traffic, snapshots, stage_durations, work_log
from crm_pipeline.analytics.pool_traffic import PoolScope
from crm_pipeline.analytics.work_log import LogScope
from crm_pipeline.chain import carry, jobs, ribbon_steps
from crm_pipeline.core.chain import Ref
from crm_pipeline.customers import gross_margin
from crm_pipeline.customers.asked_party import BEGINNING, AskedParty
from crm_pipeline.erp import contacts, customers
from crm_pipeline.orders import roll_up
from crm_pipeline.overrides import customer as on_customer
from crm_pipeline.overrides import sales_order as on_order
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_chain_parts import task_of
from tests.site.portable.test_small_marks import called
from tests.site.portable.test_small_parties import contact, linked
from tests.site.portable.test_visibility import set_apart
from tests.site.portable.test_who_did_what import DAY, mail
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DEAL, PROJECT, REQUEST = "Sales Opportunity", "Sales Project", "Sales Order Request"
SNAPSHOT = "Forecast Snapshot"
LONG_AGO = "2026-01-02 03:04:05"


# ---- people of a party


def links_of(person: str) -> list[tuple]:
	fields = ["link_doctype", "link_name"]
	filters = {"parent": person, "parenttype": "Contact"}
	found = frappe.get_all("Dynamic Link", filters=filters, fields=fields, order_by="idx asc, creation asc")
	return [(row.link_doctype, row.link_name) for row in found]


def test_a_contact_joins_a_party_beside_those_it_has_and_joins_each_once(world, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact")
	as_user("Administrator")
	other = rows.row("Customer", name=f"Other {world.tag}", customer_name="Other", docstatus=0)
	person = contact(name=f"Ann {world.tag}", first_name="Ann", is_primary_contact=1)
	linked("Contact", person, "Customer", other)
	prospect = rows.row("Sales Prospect", name=other, prospect_name="Other", docstatus=0)
	own = ("Customer", other)
	contacts.give_party(person, *own)
	assert links_of(person) == [own] and frappe.db.get_value("Contact", person, "is_primary_contact") == 1
	contacts.give_party(person, "Sales Prospect", prospect)
	contacts.give_party(person, "Customer", world.customer)
	wanted = [own, ("Sales Prospect", prospect), ("Customer", world.customer)]
	assert links_of(person) == wanted
	assert frappe.db.get_value("Contact", person, "is_primary_contact") == 0, "who joins is not the preferred one"
	contacts.give_party(person, "Customer", world.customer)
	assert links_of(person) == wanted
	third = rows.row("Customer", name=f"Third {world.tag}", customer_name="Third", docstatus=0)
	monkeypatch.setattr(
		type(frappe.get_doc("Contact", person)), "has_permission", lambda self, right, **how: right != "write"
	)
	contacts.give_party(person, "Customer", third)
	assert links_of(person) == wanted, "who may not change a contact links nothing"


def test_every_promise_of_a_renamed_customer_is_called_by_its_new_name(world):
	of = {"customer": world.customer, "company": world.company, "docstatus": 0, "customer_name": "Old", "title": "Old"}
	mine = [rows.row("Promise to Pay", sales_invoice=f"SI-{n}", **of) for n in range(3)]
	other = rows.row("Promise to Pay", sales_invoice="SI-9", **{**of, "customer": f"Other {world.tag}"})
	for name in (*mine, other):
		frappe.db.set_value("Promise to Pay", name, "modified", LONG_AGO, update_modified=False)
	on_customer.follow_name("customer", world.customer, "Harbour <Ltd>")
	titles = [frappe.db.get_value("Promise to Pay", name, "title") for name in (*mine, other)]
	called_now = titles[0].removesuffix(", SI-0")
	assert called_now.startswith("Harbour") and titles == [*(f"{called_now}, SI-{n}" for n in range(3)), "Old"]
	assert {str(frappe.db.get_value("Promise to Pay", name, "modified")) for name in mine} == {LONG_AGO}


def test_a_customer_that_a_site_wants_more_of_is_asked_for_in_words(world, monkeypatch):
	customer = frappe._dict(customer_name="Harbour Works")
	monkeypatch.setattr(customers.mandatory, "missing", lambda doc: ["Tax ID", "Website"])
	with refused(frappe.MandatoryError, match="Harbour Works.*: Tax ID, Website has to be filled in there"):
		customers._refuse_incomplete(customer)
	monkeypatch.setattr(customers.mandatory, "missing", lambda doc: [])
	customers._refuse_incomplete(customer)


def test_who_has_a_task_about_a_lead_reads_the_deal_that_comes_of_it_and_nobody_else_does(sale, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "DocShare")
	as_user("Administrator")
	lead, deal = sale.lead(sales_owner=REP), sale.opportunity(sales_owner=MANAGER)
	set_apart()
	tasks = {who: task_of(lead, who) for who in (REP, MANAGER, None)}
	task_of(lead, OTHER, status="Closed")
	lead.db_set("_assign", json.dumps([REP, MANAGER]), update_modified=False)
	may = lambda who, right="read": bool(frappe.has_permission(DEAL, right, doc=deal, user=who))  # noqa: E731
	assert (may(REP), may(OTHER), may(MANAGER)) == (False, False, True)
	carry.carry_work(lead, deal)
	about = {"share_doctype": DEAL, "share_name": deal.name}
	fields = ["user", "read", "write", "everyone"]
	shared = frappe.get_all("DocShare", filters=about, fields=fields, order_by="creation asc")
	assert [(row.user, row.read, row.write or 0, row.everyone or 0) for row in shared] == [(REP, 1, 0, 0)]
	moved = [frappe.db.get_value("ToDo", name, ["reference_type", "reference_name"]) for name in tasks.values()]
	assert moved == [(DEAL, deal.name)] * 3


# ---- snapshots of a forecast


def test_whether_somebody_sees_a_snapshot_goes_by_their_own_limits(world, as_user):
	as_user("Administrator")
	values = {"company": world.company, "taken_on": nowdate(), "week": "2026-W01", "docstatus": 0}
	frozen = frappe.get_doc(SNAPSHOT, rows.row(SNAPSHOT, sales_owner=REP, **values))
	may = lambda user=None: bool(frappe.has_permission(SNAPSHOT, "read", doc=frozen, user=user))  # noqa: E731
	assert may(REP) and may(OTHER)
	only = {"user": OTHER, "allow": "Customer", "for_value": world.customer}
	frappe.get_doc({"doctype": "User Permission", "apply_to_all_doctypes": 1, **only}).insert()
	assert may(REP) and not may(OTHER), "a sum can't be narrowed to a customer"
	as_user("other_rep")
	assert not may() and may(REP)
	as_user("rep")
	assert may() and not may(OTHER)
	assert frappe.get_list(SNAPSHOT, filters={"name": frozen.name}, pluck="name") == [frozen.name]
	as_user("other_rep")
	assert frappe.get_list(SNAPSHOT, filters={"name": frozen.name}, pluck="name") == []


def test_a_deal_without_a_probability_weighs_nothing_in_a_snapshot(world):
	frappe.db.delete(SNAPSHOT, {"company": world.company})
	today = getdate(nowdate())
	common = {"base_amount": 1000, "amount": 1000, "forecast_category": "Pipeline", "opened_on": get_first_day(today)}
	for key, probability, close in (("A", 0, 40), ("B", 25, 40), ("C", 50, 80)):
		rows.bare_deal(
			world, key, probability=probability, expected_close=add_days(today, close), territory=world.tag, **common
		)
	assert snapshots.take(world.company, today) >= 2
	fields = ["documents", "amount", "weighted", "month", "week", "overdue"]
	mine = {"company": world.company, "territory": world.tag}
	held = frappe.get_all(SNAPSHOT, filters=mine, fields=fields, order_by="month asc")
	assert sum(row.weighted for row in held) == 750 and sum(row.amount for row in held) == 3000
	assert [row.documents for row in held] == [2, 1] and [row.weighted for row in held] == [250, 500]
	assert [row.month for row in held] == [getdate(get_first_day(add_days(today, days))) for days in (40, 80)]
	assert {(row.week, row.overdue) for row in held} == {(snapshots.week_of(today), 0)}


# ---- the public pool


def test_what_comes_and_goes_in_one_moment_was_in_the_pool_for_no_time(world):
	move = lambda kind, at, name, **of: rows.row(  # noqa: E731
		"Pool Movement", docstatus=0, movement=kind, at=f"2031-03-{at}", reference_name=name,
		**{"company": world.company, "reference_doctype": "Sales Lead", **of},
	)  # fmt: skip
	move("Fell", "01 08:00:00", "L1")
	move("Released", "03 08:00:00", "L1")
	move("Fell", "03 09:00:00", "L1", reference_doctype="Customer")
	gone = move("Claimed", "03 08:00:00", "L1")
	move("Fell", "05 08:00:00", "L1")
	again = move("Given", "06 20:00:00", "L1")
	never = move("Given", "07 20:00:00", "L9")
	asked = PoolScope.of({"company": world.company, "from_date": "2031-03-01", "to_date": "2031-03-31"})
	came = pool_traffic._came(pool_traffic._rows(asked))
	assert came == {gone: datetime(2031, 3, 3, 8), again: datetime(2031, 3, 5, 8)} and never not in came
	_groups, whole = pool_traffic.groups(asked)
	assert (whole.counts["Claimed"], whole.counts["Given"], whole.days) == (1, 2, 0.75)


def test_movements_of_no_rule_are_one_group_however_that_is_stored(world):
	for n, (rule, company) in enumerate(
		((None, world.company), ("", world.company), ("Old ones", ""), ("", "Another"))
	):
		rows.row("Pool Movement", docstatus=0, movement="Fell", at=f"2031-03-0{n + 1} 08:00:00", pool_rule=rule,
			reference_doctype="Sales Lead", reference_name=f"L{n}", from_user="" if n else None, company=company)  # fmt: skip
	found = {}
	for group_by in ("Rule", "Person"):
		about = {"company": world.company, "from_date": "2031-03-01", "to_date": "2031-03-31", "group_by": group_by}
		groups, _whole = pool_traffic.groups(PoolScope.of(about))
		found[group_by] = [(group.label, group.key, group.found.counts["Fell"]) for group in groups]
	assert found["Rule"] == [("Not Set", None, 2), ("Old ones", "Old ones", 1)]
	assert found["Person"] == [("Not Set", None, 3)]


# ---- mails in the log of work


def test_mails_about_a_prospect_and_its_deals_are_told_of_the_prospect_until_it_is_a_customer(world, sale):
	prospect = frappe.get_doc(
		{"doctype": "Sales Prospect", "prospect_name": f"Quay {world.tag}", "company": world.company}
	)
	prospect.insert()
	of_prospect = rows.bare_deal(world, "A", customer=None, prospect=prospect.name, sales_owner=OTHER)
	of_both = rows.bare_deal(world, "B", prospect=prospect.name, sales_owner=OTHER)
	frappe.db.set_value("Sales Prospect", prospect.name, "sales_owner", OTHER)
	about = lambda doctype, name: SimpleNamespace(doctype=doctype, name=name)  # noqa: E731
	mail(about("Sales Prospect", prospect.name))
	mail(about("Sales Prospect", prospect.name), sent_or_received="Received", owner="Guest")
	mail(about(DEAL, of_prospect))
	mail(about(DEAL, of_both))
	mail(about("Customer", world.customer))
	scope = LogScope.of({"company": world.company, "from_date": str(DAY.date()), "to_date": str(DAY.date())})
	told = lambda: [  # noqa: E731
		(row.person, row.customer, row.prospect, row.sent, row.received)
		for row in work_log.rows(scope)
		if world.customer == row.customer or prospect.name == row.prospect
	]
	own = [(REP, None, prospect.name, 2, 0), (OTHER, None, prospect.name, 0, 1)]
	assert sorted(told(), key=str) == sorted([(REP, world.customer, None, 2, 0), *own], key=str)


# ---- jobs


def test_what_a_failed_record_said_is_for_its_report_and_no_message_to_the_user(site):
	def work(name):
		frappe.msgprint(f"Half of {name} done")
		if name == "B":
			frappe.throw("B is broken")
		return True

	frappe.clear_messages()
	title = f"Work {frappe.generate_hash(length=6)}"
	result = jobs.each([("A",), ("B",)], work, title)
	assert (result.done, result.changed, result.failed) == (2, 1, [("B",)])
	assert frappe.local.message_log == []
	[text] = frappe.get_all("Error Log", filters={"method": title}, pluck="error", order_by="creation asc")
	assert text.startswith("B\n") and "B is broken" in text


# ---- what follows from orders


@pytest.mark.parametrize("changed", [(), ("transaction_date",), ("delivery_date",)])
def test_another_day_alone_makes_a_changed_order_news_for_its_request(monkeypatch, changed):
	heard, checked = [], []
	monkeypatch.setattr(on_order, "order_changed", heard.append)
	monkeypatch.setattr(on_order, "check_contract", lambda doc, names: checked.append(names))
	order = frappe._dict(name=f"SO-{frappe.generate_hash(length=6)}", doctype="Sales Order", docstatus=1, items=[])
	order.get_doc_before_save = lambda: None
	order.has_value_changed = lambda field: field in changed
	on_order._raised()[order.name] = {"row"}
	for _save in range(2):
		on_order.on_update_after_submit(order)
	assert checked == [{"row"}, set()], "what was raised is checked once"
	assert heard == ([order, order] if "transaction_date" in changed else [])


def test_of_orders_that_change_together_all_that_came_from_us_are_brought_up_to_date(world):
	ours = [rows.order(world, 10 + n, crm_source_type=DEAL, crm_source_name=f"D{n}") for n in range(3)]
	others = [rows.order(world, 10), rows.order(world, 20, crm_source_name="")]
	assert roll_up._with_source([*others, *ours]) == sorted(ours)
	assert roll_up._with_source(others) == roll_up._with_source([]) == []


def test_a_request_that_is_delivered_looks_as_last_changed_by_people(world):
	name = rows.row(REQUEST, name=f"R {world.tag}", status="Delivered", company=world.company)
	frappe.db.set_value(REQUEST, name, "modified", LONG_AGO, update_modified=False)
	assert roll_up._follow_status(Ref(REQUEST, name), []) is True
	stored = frappe.db.get_value(REQUEST, name, ["status", "modified"], as_dict=True)
	assert (stored.status, str(stored.modified)) == ("Accepted", LONG_AGO)
	event = {"reference_doctype": REQUEST, "reference_name": name, "kind": "State"}
	assert frappe.db.get_value("Pipeline Event", event, ["from_value", "to_value"]) == ("Delivered", "Accepted")


def test_the_ribbon_asks_for_the_steps_of_the_opportunity_s_pipeline_before_its_project_s(world, monkeypatch):
	asked = []
	monkeypatch.setattr(ribbon_steps, "steps_of", lambda pipeline: asked.append(pipeline) or {})
	project = rows.bare_deal(world, "P", PROJECT, pipeline="Of Projects")
	deal, bare = rows.bare_deal(world, "O", pipeline="Of Deals"), rows.bare_deal(world, "N", pipeline=None)
	refs = {
		"project": Ref(PROJECT, project), "deal": Ref(DEAL, deal), "bare": Ref(DEAL, bare), "contract": Ref("Sales Contract", "C")
	}  # fmt: skip
	for keys in (("project", "deal"), ("deal", "project"), ("project",), ("project", "bare"), ("contract",), ()):
		ribbon_steps._step_settings([refs[key] for key in keys])
	assert asked == ["Of Deals", "Of Deals", "Of Projects", "Of Projects", None, None]


# ---- stays, margins


def test_a_stage_that_was_passed_in_no_time_is_told_with_none(world):
	name = rows.bare_deal(world, "A", stage="C", stage_entered_on=DAY)
	for minutes, stage, seconds in ((0, "A", 0), (5, "B", 300), (9, "A", 0), (12, "D", -1), (15, None, 60)):
		rows.row("Pipeline Event", docstatus=0, reference_doctype=DEAL, reference_name=name, kind="Stage", from_value=stage,
			at=DAY + timedelta(minutes=minutes), seconds_spent=seconds, company=world.company)  # fmt: skip
	told = stage_durations.of_document(DEAL, name, DAY + timedelta(hours=2))
	assert [(row["stage"], row["seconds"], row["visits"], row["running"]) for row in told] == [
		("A", 0, 2, False), ("B", 300, 1, False), ("C", 7200, 1, True),
	]  # fmt: skip


@pytest.mark.parametrize(
	("days", "wanted"),
	[
		({"from_date": getdate("2026-02-01"), "to_date": getdate("2026-04-30")}, ("2026-02-01", "2026-04-30")),
		({"to_date": getdate("2026-04-30")}, (BEGINNING, "2026-04-30")),
		({"from_date": getdate("2026-02-01")}, ("2026-02-01", None)),
		({}, (BEGINNING, None)),
	],
)
def test_the_margin_of_a_customer_is_that_of_the_days_that_were_asked_for(world, monkeypatch, days, wanted):
	asked = []

	def of_company(names, company, first, last, narrow):
		asked.append((names, getdate(first), getdate(last)))
		if company == "Another":
			return []
		amounts = {"base_amount": 10, "buying_amount": 7, "gross_profit": 3}
		return [frappe._dict(posting_date=day, **amounts) for day in ("2026-03-31", "2026-02-02")]

	monkeypatch.setattr(gross_margin.gross_profit, "by_month", of_company)
	monkeypatch.setattr(gross_margin, "is_permitted", lambda: True)
	monkeypatch.setattr(gross_margin, "company_currency", lambda company: f"Of {company}")
	found = gross_margin.by_month(AskedParty("Customer", ("C", "D"), **days), [world.company, "Another"])
	first, last = getdate(wanted[0]), getdate(wanted[1] or nowdate())
	assert asked == [(("C", "D"), first, last)] * 2
	about = {"company": world.company, "currency": f"Of {world.company}", "amount": 10, "cost": 7, "profit": 3}
	assert found == [{**about, "month": "2026-02"}, {**about, "month": "2026-03"}]


# ---- standard records


def test_a_standard_record_is_neither_deleted_nor_lost_in_a_merge(site):
	kind = "Sales Activity Type"
	first, second = frappe.get_all(
		kind, filters={"standard_key": ("is", "set")}, pluck="name", order_by="name asc", limit=2
	)
	one = frappe.get_doc(kind, first)
	assert called(frappe.ValidationError, one.on_trash) == "Standard Record"
	assert called(frappe.ValidationError, lambda: one.before_rename(first, second, merge=True)) == "Standard Record"
	one.before_rename(first, second, merge=False)
	own = frappe.get_doc({"doctype": kind, "activity_type": f"Own {frappe.generate_hash(length=6)}"}).insert()
	own.on_trash()
	key = one.standard_key
	one.before_rename(first, own.name, merge=True)
	keys = [frappe.db.get_value(kind, name, "standard_key") for name in (first, own.name)]
	assert keys == [None, key]


def test_who_sees_snapshots_is_asked_for_whoever_reads_where_nobody_is_named(site, as_user):
	as_user("rep")
	assert permissions.owned_condition(None, SNAPSHOT) == permissions.owned_condition(REP, SNAPSHOT)
