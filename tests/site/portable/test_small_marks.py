"""What stages, states and owners leave behind: keys, days, rows of the ledger, and what a refusal is called."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, get_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import owner_history
from crm_pipeline.analytics.owner_history import HistoryScope
from crm_pipeline.chain import automation, finding, item_rows, locks, passages, pending, status
from crm_pipeline.core.stage_visits import key_of
from crm_pipeline.deals import reassigning, stage_records, won_amounts
from crm_pipeline.orders import agreement, hand_off, native_order
from crm_pipeline.receivables import seen_invoices
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_deal_parts import open_stages
from tests.site.portable.test_in_detail import Broken
from tests.site.portable.test_lead_scores import activity as done_about
from tests.site.portable.test_lead_scores import noted, rule
from tests.site.portable.test_small_agreements import requested
from tests.site.portable.test_who_did_what import DAY, moved, two_deals  # noqa: F401
from tests.site.world import history, refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DEAL, PROJECT = "Sales Opportunity", "Sales Project"
LONG_AGO = "2026-01-02 03:04:05"


# ---- stages


def test_the_stages_that_each_deal_has_left_are_known_under_the_new_name_of_one(sale):
	deals = {key: sale.opportunity() for key in ("stays", "one", "two", "back", "later")}
	first, second, third = (stage.name for stage in open_stages(deals["stays"])[:3])
	for key, stages in (
		("one", [second]),
		("two", [second, third]),
		("back", [second, first]),
		("later", [second, third]),
	):
		for stage in stages:
			api.move_stage(DEAL, deals[key].name, stage)
	project = rows.bare_deal(sale.world, "P", PROJECT, stage=second, passed_stages=key_of([first]))
	for field, value, day in (("from_value", None, 1), ("from_value", first, 2)):
		event = {"to_value": second if value else first, field: value, "at": f"2026-02-0{day} 00:00:00"}
		rows.row("Pipeline Event", kind="Stage" if value else "Created", reference_doctype=PROJECT, reference_name=project,
			docstatus=0, **event)  # fmt: skip
	# One that never was in the stage that is called otherwise now.
	frappe.db.set_value("Pipeline Event", {"reference_name": deals["later"].name, "to_value": first}, "to_value", "Z")
	frappe.db.set_value(
		"Pipeline Event", {"reference_name": deals["later"].name, "from_value": first}, "from_value", "Z"
	)
	passages.write(DEAL, [deals["later"].name])
	keys = lambda: {key: frappe.db.get_value(DEAL, deal.name, "passed_stages") for key, deal in deals.items()}  # noqa: E731
	before = {"stays": 0, "one": key_of([first]), "two": key_of([first, second]), "back": key_of([first, second])}
	before["later"] = key_of(["Z", second])
	assert keys() == before
	stage_records.rename_in_ledger(first, "Renamed")
	renamed = {"one": key_of(["Renamed"]), **dict.fromkeys(("two", "back"), key_of(["Renamed", second]))}
	assert keys() == {**before, **renamed}
	assert frappe.db.get_value(PROJECT, project, "passed_stages") == key_of(["Renamed"])


def test_when_a_deal_came_to_its_stages_is_told_of_its_own_type_alone(world):
	name = rows.bare_deal(world, "A")
	for doctype, stage, at in (
		(DEAL, "B", "2020-01-02 00:00:00"), (PROJECT, "P", "2020-01-01 00:00:00"), (DEAL, "A", "2020-01-03 00:00:00"),
		(DEAL, "never", None),
	):  # fmt: skip
		rows.row(
			passages.DOCTYPE, reference_doctype=doctype, reference_name=name, stage=stage, first_entered=at, docstatus=0
		)
	assert list(passages.entered(DEAL, name).items()) == [("B", "2020-01-02 00:00:00"), ("A", "2020-01-03 00:00:00")]


def test_a_deal_whose_passages_are_mended_is_held_meanwhile_and_no_other(sale, monkeypatch):
	deals = [sale.opportunity() for _n in range(3)]
	names = sorted(deal.name for deal in deals)
	for name in names[:2]:
		frappe.db.set_value(passages.DOCTYPE, {"reference_name": name}, "visits", 7)
	held, lock, write = [], locks.lock, passages.write
	monkeypatch.setattr(locks, "lock", lambda *rows: held.extend(rows) or lock(*rows))
	monkeypatch.setattr(passages, "write", lambda doctype, drifted: held.append("written") or write(doctype, drifted))
	after = frappe.get_all(DEAL, filters={"name": ("<", names[0])}, pluck="name", order_by="name desc", limit=1)
	assert passages.mend_chunk(DEAL, *after) == 2
	assert held[:3] == [(DEAL, names[0]), (DEAL, names[1]), "written"]
	assert (DEAL, names[2]) not in held
	visits = frappe.get_all(
		passages.DOCTYPE, filters={"reference_name": ("in", names)}, pluck="visits", order_by="name asc"
	)
	assert visits == [1, 1, 1]


# ---- states that a document decides


@pytest.mark.parametrize("event", ["on_change", "on_update"])
@pytest.mark.parametrize("update_modified", [True, False])
def test_a_deal_is_changed_by_what_a_document_decides_only_where_it_shall_look_so(sale, event, update_modified):
	deal = sale.opportunity()
	deal.db_set("modified", get_datetime(LONG_AGO), update_modified=False)
	deal.reload()
	deal.run_method = Broken(frappe.ValidationError("Broken"), event)
	values = {"status": "Won", "next_step": "Deliver"}
	automation.set_state(deal, values, ("State", "Open", "Won"), update_modified=update_modified)
	stored = frappe.db.get_value(DEAL, deal.name, ["status", "next_step", "modified"], as_dict=True)
	assert (stored.status, stored.next_step) == ("Won", "Deliver")
	assert (str(stored.modified) == LONG_AGO) is not update_modified


# ---- owners


def test_the_document_that_changed_hands_last_comes_first_however_it_is_called(world, two_deals):  # noqa: F811
	first, second = two_deals
	asked = lambda **values: [  # noqa: E731
		row.name
		for row in owner_history.found(
			HistoryScope.of({"document_type": DEAL, "company": world.company, **values})
		).rows
	]
	ours = lambda: list(dict.fromkeys(name for name in asked() if name in (first.name, second.name)))  # noqa: E731
	assert ours() == [second.name, first.name]
	moved(first, OTHER, MANAGER, 9)
	assert ours() == [first.name, second.name]
	frappe.db.delete("Pipeline Event", {"reference_name": second.name})
	assert asked(document=second.name) == [second.name], "with its owner, though it never changed hands"


def test_of_a_period_the_spans_are_told_that_reach_into_it(world, two_deals):  # noqa: F811
	deal = two_deals[0]

	def users(start: int, end: int, **values) -> list:
		days = {
			"from_date": str((DAY + timedelta(days=start)).date()),
			"to_date": str((DAY + timedelta(days=end)).date()),
		}
		about = {"document_type": DEAL, "company": world.company, "document": deal.name}
		return [row.span.user for row in owner_history.found(HistoryScope.of({**about, **days, **values})).rows]

	assert users(-9, 9) == [REP, MANAGER, OTHER]
	assert users(-9, -1) == [REP] and users(-20, -10) == []
	assert users(0, 0) == [REP, MANAGER], "who gave it away on that day had it on it"
	assert users(1, 2) == [MANAGER] and users(3, 3) == [MANAGER, OTHER] and users(4, 9) == [OTHER]
	assert users(-9, 9, user=MANAGER) == [MANAGER] and users(4, 9, user=MANAGER) == []


def test_what_could_not_be_given_over_is_said_once_in_the_answer(sale):
	deals = [sale.opportunity(sales_owner=OTHER) for _n in range(2)]
	frappe.db.set_value(DEAL, deals[0].name, "customer", None)
	frappe.db.set_value(DEAL, deals[0].name, "prospect", None)
	frappe.clear_messages()
	told = reassigning.reassign(DEAL, [deal.name for deal in deals], REP)
	assert told["done"] == 1 and [line["name"] for line in told["refused"]] == [deals[0].name]
	assert told["refused"][0]["reason"] and frappe.local.message_log == []
	owners = [frappe.db.get_value(DEAL, deal.name, "sales_owner") for deal in deals]
	assert owners == [OTHER, REP]


def test_colleagues_are_offered_with_their_names(site):
	frappe.db.set_value("User", OTHER, "full_name", "Ada Quayle")
	frappe.db.set_value("User", REP, "full_name", "Zoe Quayle")
	frappe.db.set_value("User", MANAGER, {"full_name": "Bea Quayle", "enabled": 0})
	assert finding.users("quayle", 0, 10) == [(OTHER, "Ada Quayle"), (REP, "Zoe Quayle")]
	assert finding.users("quayle", 1, 10) == [(REP, "Zoe Quayle")] and len(finding.users("Quayle", 0, 1)) == 1
	assert finding.users(REP, 0, 10) == [(REP, "Zoe Quayle")], "by address"


def test_who_has_a_contract_already_is_given_it_no_second_time(sale, as_user):
	as_user("Administrator")
	contract = sale.contract(sales_owner=OTHER)
	contract.db_set("modified", get_datetime(LONG_AGO), update_modified=False)
	load = lambda: frappe.get_doc(contract.doctype, contract.name)  # noqa: E731
	told = lambda: [event for event in history(contract.doctype, contract.name) if event[0] == "Owner"]  # noqa: E731
	before = told()
	assert reassigning.give(load(), OTHER) == [] and told() == before
	assert str(load().modified) == LONG_AGO
	reassigning.give(load(), REP)
	assert told() == [*before, ("Owner", OTHER, REP)] and load().sales_owner == REP


@pytest.mark.parametrize(
	("values", "counts"),
	[({}, True), ({"company": "Another"}, False), ({"docstatus": 2}, False), ({"docstatus": 0}, False)],
)
def test_a_deal_was_sold_for_the_contract_that_won_it_while_that_stands_in_its_company(world, values, counts):
	fixed = {"company": world.company, "currency": world.currency, "amount": 70, "base_amount": 70, "docstatus": 1}
	contract = rows.row("Sales Contract", name=f"C {world.tag}", **{**fixed, **values})
	won = {"status": "Won", "base_amount": 100, "amount": 100, "won_by_type": "Sales Contract", "won_by": contract}
	name = rows.bare_deal(world, "A", **won)
	assert won_amounts.refresh(DEAL, name)
	stored = frappe.db.get_value(DEAL, name, ["outcome", "won_amount", "base_won_amount"])
	assert tuple(stored) == ("Won", *((70, 70) if counts else (100, 100)))
	assert not won_amounts.refresh(DEAL, name)


@pytest.mark.parametrize(("days", "sold"), [(-1, False), (0, False), (1, True), (None, True)])
def test_an_item_is_sold_until_the_day_before_the_end_of_its_life(sale, world, days, sold):
	deal = sale.opportunity()
	end = None if days is None else add_days(nowdate(), days)
	frappe.db.set_value("Item", world.service, "end_of_life", end)
	frappe.clear_document_cache("Item", world.service)
	if sold:
		item_rows.check_rows(deal)
		return
	with refused(match="Row 2: .*reached the end of its life"):
		item_rows.check_rows(deal)


@pytest.mark.parametrize(
	("applies", "is_narrowed"), [(None, True), ("", True), ("Sales Invoice", True), ("Sales Order", False)]
)
def test_money_is_narrowed_by_limits_for_invoices_alone(world, as_user, applies, is_narrowed):
	as_user("Administrator")
	mine = rows.row("Sales Invoice", name=f"I1 {world.tag}", company=world.company, customer=world.customer)
	other = rows.row("Sales Invoice", name=f"I2 {world.tag}", company=world.company, customer=f"Another {world.tag}")
	limit = {"allow": "Customer", "for_value": world.customer, "user": REP, "applicable_for": applies, "docstatus": 0}
	rows.row("User Permission", apply_to_all_doctypes=0 if applies else 1, **limit)
	frappe.clear_cache(user=REP)
	as_user("rep")
	found = seen_invoices._by_rights("Sales Invoice", [mine, other])
	assert found == ({mine} if is_narrowed else {mine, other})


# ---- activities


def test_a_lead_is_scored_anew_when_an_activity_about_it_comes_moves_or_goes(sale, as_user):
	as_user("Administrator")
	frappe.db.delete("Lead Score Rule")
	frappe.db.set_single_value("Lead Score Model", "state", "")
	rule(10, kind="Activities", days=30)
	first, second = sale.lead(), sale.lead(title="Other")

	def told() -> list[str]:
		"""Leads that were noted since."""
		found = sorted(line["lead"] for line in noted(pending.SCORE) if line["lead"] in (first.name, second.name))
		frappe.db.delete(pending.DOCTYPE)
		# Each is noted once in a transaction.
		frappe.local.crm_pipeline_noted = set()
		return found

	both = sorted((first.name, second.name))
	told()
	call = done_about(first)
	assert told() == [first.name]
	call.reload()
	call.update({"reference_name": second.name}).save()
	assert told() == both, "of the one that it is about, and of the one that it was about"
	frappe.delete_doc(call.doctype, call.name)
	assert told() == [second.name]
	frappe.delete_doc(call.doctype, done_about(sale.opportunity(), reference_doctype=DEAL).name)
	assert told() == []


# ---- what a refusal is called


def called(error, step) -> str:
	"""The title of what `step` refuses."""
	titles = []
	with refused(error):
		try:
			step()
		finally:
			titles.append(frappe.local.message_log[-1].get("title"))
	return titles[0]


def test_a_state_that_can_not_follow_is_refused_under_its_name(sale):
	contract = sale.contract()
	contract.status = "Terminated"
	assert called(status.StateError, lambda: status.check(contract, "Active")) == "Not Possible Now"
	status.check(contract, "Terminated")
	status.check(contract, "Cancelled")


def test_what_stands_beside_a_contract_is_refused_under_its_name(sale):
	deal = sale.opportunity()
	about = {"source_type": DEAL, "source_name": deal.name}
	draft = sale.contract(submit=False, **about)
	beside = lambda: hand_off.refuse_beside_draft(DEAL, deal.name)  # noqa: E731
	assert called(hand_off.HandOffError, beside) == "Contract Not Submitted"
	frappe.db.set_value(draft.doctype, draft.name, "docstatus", 1)
	quantities = {deal.items[0].name: 1}
	step = lambda: hand_off.make_request(DEAL, deal.name, quantities)  # noqa: E731
	assert called(hand_off.HandOffError, step) == "Order from the Contract"


def test_what_is_found_instead_of_the_wanted_is_refused_under_its_name(sale, world, monkeypatch):
	deal = sale.opportunity()
	request = requested(sale, deal, submit=True)
	request.items[0].stock_qty += 1
	other = lambda: agreement.refuse_other_offer(request, deal)  # noqa: E731
	assert called(agreement.DisagreementError, other) == "Another Request"
	about = {"crm_source_type": request.doctype, "crm_source_name": request.name, "crm_request_key": request.name}
	rows.order(world, 480, **about)
	monkeypatch.setattr(native_order, "answers", lambda *args: False)
	assert called(agreement.DisagreementError, lambda: agreement.order_of(request)) == "Another Order"
