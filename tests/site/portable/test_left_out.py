"""What does not count: drafts and what is cancelled, what is over or disabled, and what a reader may not see."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.assignment import leads_to_give
from crm_pipeline.chain import rights
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.segments import Behaviour
from crm_pipeline.duplicates import pair_records
from crm_pipeline.erp import identity, money_received
from crm_pipeline.handovers import handing_over
from crm_pipeline.orders import agreement, roll_up
from crm_pipeline.overrides import customer as on_customer
from crm_pipeline.overrides import sales_order
from crm_pipeline.receivables import seen_invoices
from crm_pipeline.segments import behaviours
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_deal_rules import project
from tests.site.portable.test_timeline import activity, entries
from tests.site.world import refused, without_right

LEAD, PAIR, REQUEST = "Sales Lead", "Duplicate Pair", "Sales Order Request"

# ---- over, disabled


def test_a_project_that_is_done_keeps_the_end_that_was_entered(sale):
	ended = project(sale, project_type="Service", end_date=add_days(nowdate(), -9))
	api.complete_project(ended.name)
	assert ended.reload().end_date == getdate(add_days(nowdate(), -9))


@pytest.mark.parametrize("kind", ["Marketing", "Service", "Internal", "Sales"])
def test_a_project_of_any_kind_is_not_about_a_customer_that_is_disabled(sale, world, kind):
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	with refused(match="disabled"):
		project(sale, project_type=kind)


@pytest.mark.parametrize("work", ["saved", "planned", "moved", "lost"])
def test_a_deal_of_a_customer_that_was_disabled_since_is_worked_on(sale, world, as_user, work):
	as_user("rep")
	deal = sale.opportunity()
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	frappe.clear_document_cache("Customer", world.customer)
	if work == "saved":
		deal.description = "They closed the harbour."
		deal.save()
	elif work == "planned":
		api.set_next_step(deal.doctype, deal.name, "Ring their heirs", add_days(nowdate(), 3))
	elif work == "moved":
		stage = frappe.db.get_value("Pipeline Stage", {"pipeline": deal.pipeline, "stage_key": "needs_analysis"})
		api.move_stage(deal.doctype, deal.name, stage)
		assert deal.reload().stage == stage
	else:
		api.lose_deal(deal.doctype, deal.name, "Price")
		assert deal.reload().status == "Lost"
	assert deal.reload().customer == world.customer


def test_a_deal_does_not_become_one_of_a_customer_that_is_disabled(sale, world, as_user):
	gone = rows.row("Customer", name=f"Gone {world.tag}", customer_name="Gone", disabled=1, docstatus=0)
	as_user("rep")
	deal = sale.opportunity()
	deal.customer = gone
	with refused(match=f"{gone}.* is disabled"):
		deal.save()


def test_a_prospect_does_not_become_a_customer_that_is_disabled(world):
	gone, tax_id = frappe.get_doc("Customer", world.customer), f"DE {world.tag}"
	gone.tax_id = tax_id
	frappe.db.set_value("Customer", gone.name, {"tax_id": tax_id, "disabled": 1, **identity.customer_keys(gone)})
	values = {"prospect_name": gone.customer_name, "tax_id": tax_id, "company": world.company}
	prospect = frappe.get_doc({"doctype": "Sales Prospect", **values}).insert()
	with refused(match=f"{gone.name}.* is disabled"):
		api.verify_prospect(prospect.name)
	assert not prospect.reload().customer


def test_a_customer_that_is_disabled_is_nobody_s_double(world):
	used, gone = (rows.row("Customer", name=f"{name} {world.tag}", crm_match_name=world.tag, disabled=disabled, docstatus=0) for name, disabled in (("Used", 0), ("Gone", 1)))  # fmt: skip
	looked_at = [name for _key, name in pair_records._names_after("Customer", world.tag, "", 2)]
	assert used in looked_at and gone not in looked_at


def test_of_two_customers_that_became_one_nobody_is_asked_any_more(world):
	kept = world.customer
	asked = rows.row(PAIR, document_type="Customer", document_name=kept, other_name=kept, docstatus=0)
	doc = frappe.get_doc("Customer", kept)
	on_customer._after_rename(doc, f"Other {world.tag}", kept, merge=False)
	assert frappe.db.exists(PAIR, asked), "a new name is no merge"
	on_customer._after_rename(doc, f"Other {world.tag}", kept, merge=True)
	assert not frappe.db.exists(PAIR, asked)


# ---- drafts, cancelled, ended


@pytest.mark.parametrize(("docstatus", "follows"), [(0, False), (1, True), (2, False)])
def test_only_a_submitted_request_follows_its_orders(world, docstatus, follows):
	name = rows.row(REQUEST, name=f"R {world.tag}", status="Delivered", company=world.company, docstatus=docstatus)
	assert roll_up._follow_status(Ref(REQUEST, name), []) is follows
	assert frappe.db.get_value(REQUEST, name, "status") == ("Accepted" if follows else "Delivered")


def test_a_payment_counts_once_it_is_submitted(world):
	order = rows.order(world, 100)
	for docstatus, amount in ((0, 30), (1, 20), (2, 10)):
		rows.advance(order, amount, world.currency, docstatus=docstatus)
	assert [row.amount for row in money_received.advances([order])] == [20]


@pytest.mark.parametrize("source", ["Sales Contract", REQUEST, None])
@pytest.mark.parametrize(("status", "by_request"), [("Terminated", False), ("Expired", True), ("Active", True)])
def test_no_order_is_submitted_for_a_terminated_contract_and_a_request_made_in_time_still_is(
	sale, monkeypatch, source, status, by_request
):
	contract = sale.contract()
	contract.db_set("status", status)
	monkeypatch.setattr(sales_order.graph, "source_of", lambda doc: source and Ref(source, "X"))
	allowed = status == "Active" or (by_request and source != "Sales Contract")
	if allowed:
		sales_order._check_in_force(SimpleNamespace(), contract.name)
		return
	with refused(match=status):
		sales_order._check_in_force(SimpleNamespace(), contract.name)


def test_a_request_made_later_leaves_out_the_days_that_have_passed(sale):
	contract = sale.contract()
	for row, days in zip(contract.items, (-1, 5), strict=True):
		frappe.db.set_value("Sales Contract Item", row.name, "delivery_date", add_days(nowdate(), days))
	request = sale.request(contract, submit=False)
	assert [row.delivery_date for row in request.items] == [None, getdate(add_days(nowdate(), 5))]


def test_two_rows_of_one_item_go_on_as_two_in_the_next_version(sale, world):
	twice = [{"item_code": world.pump, "qty": qty, "rate": 100} for qty in (1, 2)]
	first = sale.contract(items=twice)
	origins = [row.origin_item for row in first.items]
	assert len(set(origins)) == 2
	typed_anew = SimpleNamespace(
		name="next",
		amended_from=first.name,
		items=[SimpleNamespace(name=f"new {n}", item_code=world.pump, origin_item=None) for n in range(3)],
	)
	agreement.keep_origins(typed_anew)
	assert [row.origin_item for row in typed_anew.items] == [*origins, "new 2"]


# ---- together, whatever the type


def test_open_deals_of_a_party_are_counted_over_both_types(world):
	for key, doctype, status in (("a", "Sales Opportunity", "Open"), ("b", "Sales Opportunity", "Lost"), ("c", "Sales Project", "Open")):  # fmt: skip
		rows.bare_deal(world, key, doctype, status=status)
	look = behaviours.Look(world.company, getdate(), among=[world.customer], unrestricted=True)
	for least, met in ((2, {world.customer}), (3, set())):
		assert behaviours.who_did(Behaviour("Open Deal", min_events=least), "Customer", look) == met


def test_a_prospect_and_what_is_about_it_go_to_the_same_person():
	kind = lambda doctype: SimpleNamespace(doctype=doctype)  # noqa: E731
	of_prospect = handing_over._unit_key(kind("Sales Prospect"), frappe._dict(name="PROS-1"))
	assert of_prospect == handing_over._unit_key(kind(LEAD), frappe._dict(name="LEAD-1", prospect="PROS-1"))
	alone = [handing_over._unit_key(kind(LEAD), frappe._dict(name=name)) for name in ("LEAD-1", "LEAD-2")]
	assert len({of_prospect, *alone}) == 3


# ---- unseen


def test_who_may_read_no_leads_is_given_none(site):
	assert [leads_to_give.is_present(USERS[who][0]) for who in ("rep", "stranger", "store")] == [True, False, False]


def test_sums_of_invoices_are_told_to_who_may_read_their_amounts_or_reads_none(as_user, monkeypatch):
	for who, kept in (("finance", True), ("store", False)):
		as_user(who)
		readers = seen_invoices.reads_invoices()
		monkeypatch.setattr(rights, "reads_fields", lambda doctype, fields: False)
		assert (readers, seen_invoices.reads_amounts()) == (kept, not kept)
		monkeypatch.undo()
	as_user("finance")
	assert seen_invoices.reads_amounts()


def test_who_may_only_read_a_lead_does_not_give_it_away(sale, as_user, monkeypatch):
	as_user("manager")
	lead = sale.lead()
	without_right(monkeypatch, LEAD, "write")
	with refused(frappe.PermissionError, match="no right to .*Sales Lead"):
		api.assign_leads([lead.name])


def test_the_timeline_of_a_deal_leaves_out_what_its_reader_may_not_read(sale, world, as_user):
	user = as_user("rep")
	deal = sale.opportunity()
	activity(deal, "Seen")
	frappe.db.set_value("Sales Activity", activity(deal, "Unseen").name, "company", "Another")
	told = lambda: {row["subject"] for kind, row in entries(deal) if kind == "Activity"}  # noqa: E731
	assert told() == {"Seen", "Unseen"}
	as_user("Administrator")
	permission = {"doctype": "User Permission", "user": user, "allow": "Company", "for_value": world.company}
	frappe.get_doc({**permission, "apply_to_all_doctypes": 1}).insert()
	as_user("rep")
	assert told() == {"Seen"}
