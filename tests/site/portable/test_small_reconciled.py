"""What jobs look at afterwards: orders with a source, documents to be reconciled, contracts that ran out; and what is
said of a draft that waits."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline.chain import locks
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import holidays
from crm_pipeline.orders import approvals, expiry, native_order, roll_up
from crm_pipeline.overrides import comment, dashboards, user
from tests.site import rows
from tests.site.world import refused

DEAL, CONTRACT, ORDER = "Sales Opportunity", "Sales Contract", "Sales Order"


def contract(world, key: str, **values) -> str:
	fixed = {"company": world.company, "customer": world.customer, "status": "Active", "docstatus": 1}
	return rows.row(CONTRACT, name=f"{key} {world.tag}", **{**fixed, **values})


@pytest.mark.parametrize("docstatus", [0, 1, 2])
def test_an_order_with_a_source_concerns_us_whatever_became_of_it(world, docstatus):
	of = contract(world, "C")
	with_source = rows.order(world, 100, docstatus=docstatus, crm_source_type=CONTRACT, crm_source_name=of)
	without = [rows.order(world, 100, docstatus=docstatus, crm_source_name=source) for source in (None, "")]
	assert roll_up._with_source(sorted([with_source, *without])) == [with_source]
	assert roll_up._with_source([]) == []
	assert Ref(CONTRACT, of) in roll_up._to_reconcile(), "an amount may stand there that is none any more"


@pytest.mark.parametrize(
	("values", "looked_at"),
	[
		({}, False), ({"ordered_amount": 5}, True), ({"paid_amount": -5}, True), ({"won_by": "SO-1"}, True),
		({"won_by": "SO-1", "status": "Lost"}, True), ({"won_by": ""}, False),
	],
)  # fmt: skip
def test_a_deal_is_reconciled_that_has_amounts_or_was_won_by_something(world, values, looked_at):
	zero = dict.fromkeys((f"{column}_amount" for column in roll_up.COLUMNS), 0)
	deal = rows.bare_deal(world, "Deal", **{**zero, "won_amount": 0, "base_won_amount": 0, **values})
	assert (Ref(DEAL, deal) in roll_up._to_reconcile()) is looked_at


def test_reconciling_goes_on_behind_what_was_done_last(world):
	made = [contract(world, key, ordered_amount=5) for key in "ABC"]
	ours = lambda after: [name for doctype, name in roll_up.to_reconcile(after) if name in made]  # noqa: E731
	assert ours(None) == sorted(made)
	assert ours([CONTRACT, made[1]]) == [made[2]]
	before, after = roll_up.ROLLED_UP.index(CONTRACT) - 1, roll_up.ROLLED_UP.index(CONTRACT) + 1
	assert ours([roll_up.ROLLED_UP[before], "zzzz"]) == sorted(made)
	assert ours([roll_up.ROLLED_UP[after], ""]) == []


def test_every_order_that_is_pending_is_brought_up_to_date(monkeypatch):
	done, orders = [], [f"SO-{number}" for number in range(250)]
	monkeypatch.setattr(roll_up.jobs, "one", lambda work, doctype, name: done.append((work, doctype, name)))
	roll_up.run(orders)
	assert done == [(roll_up.pending.do, ORDER, order) for order in orders]


@pytest.mark.parametrize("status", ["Draft", "Fulfilled", "Terminated", "Expired", "Cancelled"])
def test_only_a_contract_in_force_runs_out(world, status):
	yesterday = add_days(nowdate(), -1)
	active = contract(world, "Active", end_date=yesterday)
	other = contract(world, "Other", end_date=yesterday, status=status)
	endless = contract(world, "Endless", end_date=None)
	found = [name for (name,) in expiry.over(None)]
	assert active in found and other not in found and endless not in found


# ---- what ERPNext's mapper is told


def test_of_a_quotation_with_alternatives_the_rows_that_are_asked_for_are_told_alone(world):
	offer = rows.row("Quotation", company=world.company)
	common = {"parent": offer, "parenttype": "Quotation", "parentfield": "items", "item_code": world.pump, "qty": 1}
	plain, instead, other, last = (
		rows.row("Quotation Item", idx=idx, is_alternative=alternative, **common)
		for idx, alternative in enumerate((0, 1, 1, 0), start=1)
	)
	with native_order._selected(offer, {instead, None, ""}):
		assert frappe.flags.args.selected_items == [{"name": instead}]
	with native_order._selected(offer, {last, other}):
		assert [row["name"] for row in frappe.flags.args.selected_items] == sorted([last, other])
	with native_order._selected(offer, {plain, last}):
		assert not frappe.flags.get("args")


# ---- what is said of a draft


@pytest.mark.parametrize("workflow", ["Four Eyes", None])
def test_of_an_order_that_waits_for_its_workflow_both_are_named(monkeypatch, workflow):
	asked = []
	monkeypatch.setattr(approvals, "workflow_of", lambda doctype: asked.append(doctype) or workflow)
	frappe.clear_messages()
	approvals.notify_of_draft("SO-7")
	said = str(frappe.local.message_log)
	assert asked == [ORDER]
	if workflow:
		assert "Sales Order SO-7 is a draft until it was approved by workflow" in said and "Four Eyes" in said
		assert said.index("SO-7") < said.index("Four Eyes")
	else:
		assert not frappe.local.message_log
	frappe.clear_messages()


# ---- connections on ERPNext's forms


def test_a_contact_s_form_shows_where_somebody_is_among_the_people():
	data = dashboards.contact({})
	[group] = data["transactions"]
	assert {"Sales Lead", DEAL, "Sales Project", "Contact Position", "Contact Relation", "Customer Case"} <= set(
		group["items"]
	)
	assert len(set(group["items"])) == len(group["items"])
	assert (
		data["non_standard_fieldnames"] == dict.fromkeys(group["items"], "contact") and data["fieldname"] == "contact"
	)
	assert dashboards.contact({"fieldname": "theirs"})["fieldname"] == "theirs"


# ---- comments and working days


@pytest.mark.parametrize(
	("event", "step"),
	[
		("before_insert", "check_answer"),
		("after_insert", "count_answer"),
		("on_update", "follow_answer"),
		("on_trash", "take_back"),
	],
)
def test_an_answer_to_a_discussion_is_followed_from_its_writing_to_its_end(monkeypatch, event, step):
	did = []
	for name in ("check_answer", "count_answer", "follow_answer", "take_back"):
		monkeypatch.setattr(comment.threads, name, lambda doc, name=name: did.append((name, doc.name)))
	monkeypatch.setattr(comment.threads, "concerns", lambda doc: doc.name == "Answer")
	comment.follow(frappe._dict(name="Note"), event)
	assert did == []
	comment.follow(frappe._dict(name="Answer"), event)
	assert did == [(step, "Answer")]


def test_working_days_are_those_of_the_company_that_is_meant_and_of_no_other(world, monkeypatch):
	calendar = object()
	monkeypatch.setattr(holidays, "calendar_of", lambda company: None if company == "Bare Works" else calendar)
	assert holidays.required_of_company(world.company) is calendar
	with refused(match="Bare Works.* has no default holiday list with days in it"):
		holidays.required_of_company("Bare Works")


@pytest.mark.parametrize(("before", "followed"), [("Ann Roth", True), ("Ann Marlow", False), (None, False)])
def test_a_user_of_another_name_is_followed_without_waiting_in_their_transaction(monkeypatch, before, followed):
	did = []
	monkeypatch.setattr(user.copied_names, "follow", lambda *about: did.append((about, locks._state().guest)))
	doc = frappe._dict(name="ann@x.example", full_name="Ann Marlow", first_name="Ann")
	doc.get_doc_before_save = lambda: before and frappe._dict(full_name=before, first_name="Ann")
	user.on_update(doc)
	assert did == ([(("User", "ann@x.example", "Ann Marlow"), True)] if followed else [])
