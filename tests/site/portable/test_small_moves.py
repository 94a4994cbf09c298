"""Small rules of what follows a move: who is told of it, what is undone, what came back, what an acceptance would make."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.chain import (
	finding,
	guard,
	item_rows,
	ledger,
	locks,
	passages,
	pending,
	reference,
	row_changes,
)
from crm_pipeline.core import costing
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.gates import Kind
from crm_pipeline.costs import cost_estimates, deal_margin
from crm_pipeline.deals import conversions, move_rules, moving, stage_gates, undoing
from crm_pipeline.documents import document_row, timeline
from crm_pipeline.erp import availability, form_values, holidays, item_costs, native_totals, prices, quoted
from crm_pipeline.leads import qualification
from crm_pipeline.orders import (
	acceptance,
	acceptance_preview,
	expiry,
	fixed_charges,
	hand_off,
	native_order,
	new_contract,
	past_desk,
	returned,
	roll_up,
)
from crm_pipeline.parties import party, reach, verification
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_funnel import make_pipeline
from tests.site.portable.test_small_agreements import requested
from tests.site.portable.test_small_orders import offer, order_of
from tests.site.portable.test_small_parties import contact, linked
from tests.site.world import refused

REP, MANAGER, OTHER = (USERS[who][0] for who in ("rep", "manager", "other_rep"))
DEAL, PROJECT, REQUEST, CONTRACT, ORDER = "Sales Opportunity", "Sales Project", "Sales Order Request", "Sales Contract", "Sales Order"  # fmt: skip


# ---- who is told


@pytest.mark.parametrize(
	("kind", "change", "told"),
	[
		("Created", {"sales_owner": OTHER}, True),
		("Created", {"sales_owner": REP}, False),
		("Created", {"sales_owner": None}, False),
		("Owner", {}, True),
		("Hand-off", {}, True),
		("Stage", {"status": "Won"}, True),
		("State", {"status": "Lost"}, True),
		("Stage", {"status": "Open"}, False),
		("Amount", {"status": "Won"}, False),
		("Owner", {"history": 1}, False),
		("Owner", {"import": 1}, False),
	],
)
def test_who_is_concerned_by_a_move_is_told_of_it_unless_it_is_the_past(sale, as_user, kind, change, told):
	as_user("rep")
	deal = sale.opportunity()
	frappe.db.delete(pending.DOCTYPE, {"what": pending.MOVE})
	deal.update({k: v for k, v in change.items() if k in ("sales_owner", "status")})
	deal.flags.history_import = bool(change.get("history"))
	frappe.flags.in_import = bool(change.get("import"))
	try:
		event = ledger.record(deal, kind, "a", "b")
	finally:
		frappe.flags.in_import = False
	noted = frappe.get_all(pending.DOCTYPE, filters={"what": pending.MOVE, "document": event}, pluck="arguments", order_by="name asc")  # fmt: skip
	assert bool(noted) is told and all(event in arguments for arguments in noted)


# ---- where we are guests


def test_what_was_changed_meanwhile_ends_a_check_and_only_delays_the_rest(site):
	outdated = locks.OutdatedError("row")
	guard._undo(outdated, None, refuses=False)
	with refused(locks.LostRaceError):
		guard._undo(outdated, None, refuses=True)
	guard._undo(ValueError("ours"), None, refuses=True)
	for refuses in (True, False):
		with refused(locks.LostRaceError):
			guard._undo(Exception(1213, "Deadlock"), None, refuses)
		gone = Exception(2006, "gone")
		with pytest.raises(Exception) as raised:
			guard._undo(gone, None, refuses)
		assert raised.value is gone
	with refused(locks.LostRaceError):
		guard._undo(ValueError("ours"), "no such savepoint", refuses=False)


# ---- activities


def test_a_next_step_that_is_the_deal_s_already_writes_nothing(sale):
	deal = sale.opportunity(next_step="Call", next_step_date="2030-01-01")
	frappe.db.set_value(DEAL, deal.name, "modified", "2026-01-01 00:00:00", update_modified=False)
	step = {"status": "Done", "next_step": "Call", "next_step_date": getdate("2030-01-01")}
	about = {"reference_doctype": DEAL, "reference_name": deal.name}
	reference.pass_on_next_step(frappe._dict(step, **about))
	assert str(frappe.db.get_value(DEAL, deal.name, "modified")) == "2026-01-01 00:00:00"
	for change in ({"next_step": "Write"}, {"next_step_date": getdate("2030-01-02")}):
		reference.pass_on_next_step(frappe._dict({**step, **about, **change}))
		stored = frappe.db.get_value(DEAL, deal.name, ["next_step", "next_step_date"])
		assert stored == tuple({**step, **change}[field] for field in ("next_step", "next_step_date"))


def test_what_is_about_a_document_goes_with_it(sale):
	deal, other = sale.opportunity(), sale.opportunity()
	for doctype, values in (("Sales Memo", {"memo": "x"}), ("Sales Activity", {"subject": "Call", "way": "Phone"})):
		for doc in (deal, other):
			frappe.get_doc(
				{"doctype": doctype, "reference_doctype": DEAL, "reference_name": doc.name, **values}
			).insert()
	deal.delete()
	for doctype in ("Sales Memo", "Sales Activity", "Pipeline Event", "Stage Passage"):
		assert not frappe.db.exists(doctype, {"reference_name": deal.name}), doctype
		assert frappe.db.exists(doctype, {"reference_name": other.name}), doctype


# ---- the ledger


def test_time_is_counted_from_the_last_event_of_the_same_kind(sale):
	deal = sale.opportunity()
	frappe.db.delete("Pipeline Event", {"reference_name": deal.name})
	given = {"reference_doctype": DEAL, "reference_name": deal.name, "docstatus": 0}
	for kind, day in (("Created", 1), ("Stage", 3), ("Owner", 5)):
		rows.row("Pipeline Event", kind=kind, at=f"2026-01-0{day} 00:00:00", **given)
	rows.row("Pipeline Event", kind="Stage", at="2026-01-09 00:00:00", **{**given, "reference_name": "Another"})
	day, at = 24 * 3600, frappe.utils.get_datetime("2026-01-09 00:00:00")
	spent = {kind: ledger._seconds_in(deal, kind, "x", at) // day for kind in ("Stage", "Owner", "Amount")}
	assert spent == {"Stage": 6, "Owner": 4, "Amount": 8}
	frappe.db.delete("Pipeline Event", {"reference_name": deal.name})
	assert ledger._seconds_in(deal, "Stage", "x", frappe.utils.get_datetime(deal.creation)) == 0
	deal.external_id = "from elsewhere"
	assert ledger._seconds_in(deal, "Stage", "x", at) == -1, "nobody knows since when it stood there"


def test_when_a_deal_came_to_its_stages_is_told_of_that_deal_alone(sale):
	deal, other = sale.opportunity(), sale.opportunity()
	for name, stage, day in ((deal.name, "Z", 1), (deal.name, "A", 2), (other.name, "B", 3)):
		rows.row("Stage Passage", reference_doctype=DEAL, reference_name=name, stage=stage, first_entered=f"2020-01-0{day} 00:00:00", docstatus=0)  # fmt: skip
	rows.row("Stage Passage", reference_doctype=PROJECT, reference_name=deal.name, stage="P", docstatus=0)
	assert list(passages.entered(DEAL, deal.name)) == ["Z", "A", deal.stage]
	assert passages.entered(DEAL, deal.name)["Z"] == "2020-01-01 00:00:00"


# ---- undo


def test_a_deal_goes_back_to_where_its_user_has_just_moved_it_from(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	first = deal.stage
	second = frappe.get_all("Pipeline Stage", filters={"pipeline": deal.pipeline, "stage_type": "Open", "name": ("!=", first)}, order_by="position asc", pluck="name")[0]  # fmt: skip
	with refused(move_rules.StageMoveError, match="There is nothing to undo any more"):
		undoing.undo(DEAL, deal.name, first)
	undoing.remember(moving.move(DEAL, deal.name, first))
	with refused(move_rules.StageMoveError, match="There is nothing to undo any more"):
		undoing.undo(DEAL, deal.name, first)
	undoing.remember(moving.move(DEAL, deal.name, second))
	with refused(move_rules.StageMoveError, match="Somebody moved this deal"):
		undoing.undo(DEAL, deal.name, first)
	as_user("manager")
	with refused(move_rules.StageMoveError, match="There is nothing to undo any more"):
		undoing.undo(DEAL, deal.name, second)
	as_user("rep")
	undoing.undo(DEAL, deal.name, second)
	assert frappe.db.get_value(DEAL, deal.name, "stage") == first
	moving.move(DEAL, deal.name, second)
	with refused(move_rules.StageMoveError, match="There is nothing to undo any more"):
		undoing.undo(DEAL, deal.name, second)
	undoing.remember(moving.move(DEAL, deal.name, first))
	frappe.db.set_value(DEAL, deal.name, "creation", "2020-01-01 00:00:00")
	with refused(move_rules.StageMoveError, match="There is nothing to undo any more"):
		undoing.undo(DEAL, deal.name, first)


# ---- requests that came back


def test_requests_that_were_returned_wait_until_they_are_sent_again(sale, as_user):
	deal = sale.opportunity()
	given = {
		"source_type": DEAL,
		"source_name": deal.name,
		"docstatus": 2,
		"status": "Returned",
		"returned_by": MANAGER,
	}
	assert returned.returned_from(DEAL, deal.name) == []
	late = rows.row(REQUEST, return_reason="Price", returned_on="2026-01-02 00:00:00", **given)
	early = rows.row(REQUEST, return_reason="Date", returned_on="2026-01-01 00:00:00", **given)
	rows.row(REQUEST, **{**given, "status": "Cancelled"})
	rows.row(REQUEST, **{**given, "source_name": "Another"})
	again = rows.row(REQUEST, **given)
	rows.row(REQUEST, amended_from=again, **{**given, "status": "Requested", "docstatus": 1})
	assert {row["name"] for row in returned.returned_from(DEAL, deal.name)} >= {late, early}
	found = returned.waiting([late, early, again])
	assert [(row["name"], row["return_reason"]) for row in found] == [(early, "Date"), (late, "Price")]
	assert {row["who"] for row in found} == {frappe.utils.get_fullname(MANAGER)}
	assert returned.sent_again([late, early, again]) == {again}
	frappe.db.set_value(DEAL, deal.name, "status", "Lost")
	assert returned.returned_from(DEAL, deal.name) == [], "what is lost is not sent again"
	frappe.db.set_value(DEAL, deal.name, "status", "Open")
	as_user("stranger")
	assert returned.waiting([late]) == []


# ---- contracts that ran out


def test_contracts_whose_last_day_is_over_expire(sale):
	contract = sale.contract()

	def listed():
		return (contract.name,) in expiry.over(None)

	for day, state, docstatus, over in (
		(-1, "Active", 1, True),
		(0, "Active", 1, False),
		(1, "Active", 1, False),
		(-1, "Terminated", 1, False),
		(-1, "Active", 0, False),
		(-1, "Active", 2, False),
	):
		values = {
			"start_date": "2020-01-01",
			"end_date": add_days(nowdate(), day),
			"status": state,
			"docstatus": docstatus,
		}
		frappe.db.set_value(CONTRACT, contract.name, values)
		assert listed() is over
		assert expiry.expire(contract.name) is over
		assert frappe.db.get_value(CONTRACT, contract.name, "status") == ("Expired" if over else state)
	found = expiry.over(None)
	assert found == sorted(found)


# ---- orders past the desk


@pytest.mark.parametrize(
	("who", "by_desk", "about", "kept"),
	[
		("rep", 1, "deal", True),
		("rep", 0, "deal", False),
		("desk", 1, "deal", False),
		("rep", 1, "quotation", True),
		("rep", 1, "foreign", False),
		("rep", 1, None, False),
	],
)
def test_orders_of_a_pipeline_may_be_the_order_desk_s(sale, world, as_user, who, by_desk, about, kept):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, "orders_by_desk", by_desk)
	frappe.clear_document_cache("Sales Pipeline", deal.pipeline)
	source = {
		"deal": deal,
		"quotation": frappe._dict(doctype="Quotation", name=offer(world, crm_source_type=DEAL, crm_source_name=deal.name)[0]),
		"foreign": frappe._dict(doctype="Quotation", name=offer(world)[0]),
		None: None,
	}[about]  # fmt: skip
	order = order_of(world, source, docstatus=0)
	as_user(who)
	assert past_desk.desk_pipeline(order) == (deal.pipeline if kept else None)
	if not kept:
		past_desk.refuse(order)
		return
	with refused(frappe.PermissionError, match=f"Orders of pipeline .*{deal.pipeline}.* are made by the order desk"):
		past_desk.refuse(order)
	order.amended_from = "SO-1"
	past_desk.refuse(order)
	order.amended_from = None
	order.load_doc_before_save()
	past_desk.refuse(order)
	order._doc_before_save = frappe._dict(doctype=ORDER, crm_source_type="Quotation", crm_source_name="Another")
	with refused(frappe.PermissionError):
		past_desk.refuse(order)
	order.update({"crm_source_type": REQUEST, "crm_source_name": "SOR-1"})
	past_desk.refuse(order)


def test_an_order_of_quotations_of_several_deals_says_for_which_one_it_counts(sale, world):
	deals = [sale.opportunity() for _n in range(2)]
	own, same, foreign = (
		offer(world, crm_source_type=DEAL, crm_source_name=deal.name)[0] for deal in (deals[0], deals[0], deals[1])
	)
	nobody_s = offer(world)[0]

	def told(*quotations, before=None) -> str:
		order = order_of(world, frappe._dict(doctype="Quotation", name=own), docstatus=0)
		order.items = [frappe._dict(prevdoc_docname=name) for name in quotations]
		if before:
			lines = [frappe._dict(prevdoc_docname=name) for name in before]
			order._doc_before_save = frappe._dict(doctype=ORDER, items=lines)
		frappe.clear_messages()
		past_desk.tell_other_deals(order)
		return str(frappe.local.message_log)

	assert told(own) == told(own, same, None) == told(own, nobody_s) == "[]"
	words = told(own, foreign, None)
	assert (
		f"Rows of Quotation <strong>{foreign}</strong> are a sale of Sales Opportunity <strong>{deals[1].name}</strong>"
		in words
	)
	assert f"counts for Quotation <strong>{own}</strong> alone" in words and words.count("Rows of") == 1
	assert told(own, foreign, before=[foreign, own]) == "[]" and told(own, foreign, before=[own]) == words


@pytest.mark.parametrize("step", ["contract_step", "quotation_step"])
def test_an_order_past_us_leaves_out_no_step_that_is_required(sale, world, step):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, {"contract_step": "Optional", "quotation_step": "Optional"})
	past_desk.refuse(order_of(world, deal, docstatus=0))
	frappe.db.set_value("Sales Pipeline", deal.pipeline, step, "Required")
	with refused(match="requires a"):
		past_desk.refuse(order_of(world, deal, docstatus=0))


# ---- fixed charges


def test_each_order_by_parts_bears_its_share_of_a_fixed_charge(world, monkeypatch):
	def line(account, kind, amount):
		row = frappe._dict(account_head=account, description=None, charge_type=kind, tax_amount=amount)
		row.precision = lambda field: 2
		return row

	def taxes():
		return [line("Freight", "Actual", 50), line("VAT", "On Net Total", 19), line("Own", "Actual", 7)]

	offered = SimpleNamespace(total=1000, taxes=taxes()[:2], currency="USD", conversion_rate=2)
	before, borne = [], {}
	monkeypatch.setattr(fixed_charges.frappe, "get_doc", lambda *args: offered)
	monkeypatch.setattr(fixed_charges, "_orders_of", lambda quotation: before)
	monkeypatch.setattr(fixed_charges, "_borne", lambda orders: borne if orders else {})

	def part(qty, contract=None, currency="USD"):
		order = SimpleNamespace(taxes=taxes(), precision=lambda field: 2, currency=currency, conversion_rate=1)
		added = frappe._dict(qty=9, rate=100, quotation=None)
		lines = [frappe._dict(qty=qty, rate=100, quotation="QTN-1"), added]
		fixed_charges.share(SimpleNamespace(contract=contract, items=lines), order, "QTN-1")
		return [row.tax_amount for row in order.taxes]

	assert part(10) == [50, 19, 7] and part(4) == [20, 19, 7]
	assert part(10, currency="EUR") == [100, 19, 7], "it keeps its worth in another currency"
	before.append(frappe._dict(name="SO-1", total=400))
	borne["Freight", ""] = 20
	assert part(6) == [30, 19, 7] and part(3) == [15, 19, 7]
	contract = rows.row(CONTRACT, total=5000)
	for quotation, amount in (("QTN-1", 2000), (None, 3000)):
		rows.row("Sales Contract Item", parent=contract, quotation=quotation, amount=amount)
	assert part(6, contract) == [15, 19, 7]
	offered.taxes = []
	assert part(6) == [50, 19, 7]


def test_orders_that_bear_a_charge_are_the_live_ones_of_its_quotation(world):
	name, (line,) = offer(world, (world.pump, 10, 100))

	def of(**values):
		return rows.order(world, 400, **{"total": 400, "quotation_item": line, "prevdoc_docname": name, **values})

	live, draft = of(), of(docstatus=0)
	of(docstatus=2)
	of(status="Closed")
	delivered, billed = of(status="Closed", per_delivered=10), of(status="Closed", per_billed=10)
	of(prevdoc_docname="Another")
	asked = rows.row("Sales Order Request Item", parent="SOR-1", quotation=name)
	again = of(quotation_item=None, prevdoc_docname=None, crm_request_item=asked)
	assert {(row.name, row.total) for row in fixed_charges._orders_of(name)} == {
		(name, 400) for name in (live, draft, delivered, billed, again)
	}
	assert fixed_charges._orders_of("QTN-nowhere") == []


# ---- an order of a quotation


@pytest.mark.parametrize("contract", [None, "CON-1"])
def test_a_row_that_erpnext_has_as_ordered_answers_to_its_request_alone_and_is_as_it_was_quoted(
	sale, world, monkeypatch, contract
):
	request = requested(sale)
	mapped = frappe.new_doc(ORDER)
	mapped.append("items", {"item_code": world.pump, "quotation_item": "A", "warehouse": "Kept", "qty": 9})
	mapped.append("items", {"item_code": world.filter, "quotation_item": "Gift", "is_free_item": 1})
	mapped.append("items", {"item_code": world.filter, "quotation_item": "Other"})
	for row, key in zip(request.items, "AB", strict=True):
		row.update({"quotation": "QTN-1", "quotation_item": key})
	request.contract = contract
	monkeypatch.setattr(native_order, "_mapped", lambda *args: mapped)
	monkeypatch.setattr(native_order, "_fits_quotation", lambda row: row.quotation_item == "A")
	rows.row("Quotation Item", name="B", parent="QTN-1", item_tax_template="Reduced")
	rows.row("Quotation Item", name="C", parent="QTN-1", item_tax_template="Another")
	order = native_order._from_quotation(request, "QTN-1")
	found = [
		(row.item_code, row.qty or None, row.quotation_item, row.prevdoc_docname, bool(row.is_free_item))
		for row in order.items
	]
	assert found == [
		(world.pump, 4, "A", "QTN-1", False), (world.service, 1, None, None, False), (world.filter, None, "Gift", None, True),
	]  # fmt: skip
	assert order.items[2].delivery_date == order.items[0].delivery_date
	assert [row.item_tax_template for row in order.items] == [None, "Reduced", None]


@pytest.mark.parametrize(("status", "counts"), [("Ordered", True), ("Partially Ordered", True), ("Expired", False), ("Open", False), ("Its last day", True)])  # fmt: skip
def test_a_quotation_that_was_ordered_from_stays_valid(sale, world, status, counts):
	deal = sale.opportunity()
	until = nowdate() if status == "Its last day" else "2020-01-01"
	status = "Open" if status == "Its last day" else status
	offer(world, (world.pump, 1, 1), crm_source_type=DEAL, crm_source_name=deal.name, status=status, valid_till=until, transaction_date="2019-12-01", base_net_total=70)  # fmt: skip
	table = frappe.qb.DocType(DEAL)
	found = quoted.latest(DEAL, world.company, table, table.name, nowdate()).run(as_dict=True)
	assert [row.net for row in found if row.deal == deal.name] == ([70] if counts else [])


def test_of_two_quotations_the_one_that_was_ordered_from_says_what_was_sold(sale, world):
	deal = sale.opportunity()
	about = {
		"crm_source_type": DEAL,
		"crm_source_name": deal.name,
		"currency": world.currency,
		"creation": "2026-01-01",
	}
	offer(world, transaction_date="2026-01-01", net_total=1, base_net_total=1, **about)
	offer(world, transaction_date="2026-01-02", net_total=2, base_net_total=2, **about)

	def found():
		return quoted.of_closed(DEAL, deal.name, world.company, "2026-02-01", "2026-02-01 00:00:00")

	assert found() == (world.currency, 2, 2)
	frappe.db.set_value("Quotation", {"crm_source_name": deal.name, "net_total": 1}, "status", "Partially Ordered")
	assert found() == (world.currency, 1, 1)
	offer(world, transaction_date="2026-03-02", net_total=3, base_net_total=3, status="Ordered", **{**about, "creation": "2026-03-02"})  # fmt: skip
	for wrong in ({"docstatus": 0}, {"status": "Lost"}, {"company": "Another"}, {"crm_source_type": PROJECT}):
		offer(world, **{"transaction_date": "2026-01-09", "net_total": 9, "base_net_total": 9, "status": "Ordered", **about, **wrong})  # fmt: skip
	assert found() == (world.currency, 1, 1)


@pytest.mark.parametrize(
	("day", "made", "counts"),
	[
		("2026-01-31", "2026-02-09", True),
		("2026-02-01", "2026-02-01 09:00:00", True),
		("2026-02-01", "2026-02-01 11:00:00", False),
		("2026-02-05", "2026-02-01 09:00:00", True),
		("2026-02-02", "2026-02-02", False),
	],
)
def test_a_quotation_made_after_the_deal_was_closed_says_nothing_of_what_was_sold(sale, world, day, made, counts):
	deal = sale.opportunity()
	about = {"crm_source_type": DEAL, "crm_source_name": deal.name, "currency": world.currency}
	offer(world, transaction_date=day, creation=made, net_total=5, base_net_total=5, **about)
	found = quoted.of_closed(DEAL, deal.name, world.company, "2026-02-01", "2026-02-01 10:00:00")
	assert bool(found) is counts


# ---- rows that remain


def test_what_is_next_to_nothing_is_not_asked_for(sale):
	deal = sale.opportunity()
	lines = [frappe._dict(name=row.name, precision=lambda field: 3) for row in deal.items]
	left = {row.name: 10.0 for row in deal.items}
	first, second = (row.name for row in deal.items)

	def kept(quantities, left=left):
		return [(row.name, row.qty, row.idx) for row in hand_off._open_rows(deal, lines, left, quantities)]  # fmt: skip

	assert kept(None) == [(first, 4, 1), (second, 1, 2)]
	assert kept(None, {first: 0.0, second: 0.5}) == [(second, 0.5, 1)]
	assert kept({second: 7}) == [(second, 7, 1)]
	assert kept({first: hand_off.rules.TOLERANCE, second: 2}) == [(second, 2, 1)]
	deal.items[0].conversion_factor = 10
	assert kept(None, {first: 20.0, second: 0.0}) == [(first, 2, 1)]


def test_a_deal_of_which_something_remains_is_ordered_again(sale, world, as_user, monkeypatch):
	class Made(Exception):
		pass

	def build(source):
		raise Made

	deal = sale.opportunity()
	order_of(world, deal, net=400, qty=4)
	as_user("desk")
	monkeypatch.setattr(hand_off, "build_request", build)
	with pytest.raises(Made):
		acceptance.order_now.__wrapped__(DEAL, deal.name)


# ---- roll-up


def test_amounts_that_follow_leave_the_day_of_change_alone(sale, world):
	deal = sale.opportunity()
	order_of(world, deal, net=100)
	frappe.db.set_value(DEAL, deal.name, "modified", "2026-01-01 00:00:00", update_modified=False)
	roll_up.recompute(Ref(DEAL, deal.name))
	assert str(frappe.db.get_value(DEAL, deal.name, "modified")) == "2026-01-01 00:00:00"
	assert frappe.db.get_value(DEAL, deal.name, "ordered_amount") == 100


def test_orders_that_changed_are_taken_once(sale, world):
	roll_up._forget()
	deal = sale.opportunity()
	order, plain = order_of(world, deal), order_of(world)
	for doc in (order, order, plain):
		roll_up.collect(doc)
	invoice = frappe._dict(doctype="Sales Invoice", name="INV-1", items=[frappe._dict(sales_order=name) for name in (order.name, plain.name, None)])  # fmt: skip
	roll_up.collect(invoice)
	assert roll_up.take_pending() == [order.name] and roll_up.take_pending() == []
	roll_up.collect(frappe._dict(doctype="Sales Invoice", name="INV-2", items=[frappe._dict(sales_order=order.name)]))
	assert roll_up.take_pending() == [order.name]


@pytest.mark.parametrize(
	("error", "raised"),
	[
		(frappe.QueryDeadlockError(1213, "deadlock"), locks.LostRaceError),
		(OSError(2006, "gone"), OSError),
		(ValueError("ours"), None),
	],
)
def test_an_invoice_stops_only_where_the_server_has_undone_it(sale, world, monkeypatch, error, raised):
	roll_up._forget()
	order = order_of(world, sale.opportunity())

	def fail(*_given, **_named):
		raise error

	monkeypatch.setattr(roll_up.pending, "note", fail)
	invoice = frappe._dict(doctype="Sales Invoice", name="INV-3", items=[frappe._dict(sales_order=order.name)])
	if not raised:
		roll_up.collect(invoice)
		return
	with pytest.raises(raised):
		roll_up.collect(invoice)


# ---- gates


def test_gates_are_those_of_a_pipeline_s_enabled_open_stages_in_their_order(sale, world):
	mine, other = make_pipeline(f"Mine {world.tag}"), make_pipeline(f"Other {world.tag}")
	stages = frappe.get_all("Pipeline Stage", filters={"pipeline": mine}, fields=["name", "stage_type"], order_by="position asc")  # fmt: skip
	opened = [row.name for row in stages if row.stage_type == "Open"]
	won = next(row.name for row in stages if row.stage_type == "Won")

	def gate(stage, idx, **values):
		return rows.row("Pipeline Stage Gate", parent=stage, parenttype="Pipeline Stage", parentfield="gates", idx=idx, docstatus=0, kind="Check", text=f"{idx}", **values)  # fmt: skip

	later = gate(opened[1], 1)
	second, first = gate(opened[0], 2), gate(opened[0], 1)
	gate(won, 1)
	gate(f"{other}-a", 1)
	gate(opened[0], 3, days=2)
	frappe.db.set_value("Pipeline Stage", opened[2], "disabled", 1) if len(opened) > 2 else None
	found = stage_gates.gates_of(mine)
	assert [g.key for g in found][:2] == [first, second] and found[-1].key == later and len(found) == 4
	assert (found[2].days, found[0].kind, found[0].stage, found[0].text) == (2, Kind.CHECK, opened[0], "1")
	frappe.db.set_value("Pipeline Stage", opened[1], "disabled", 1)
	assert later not in {g.key for g in stage_gates.gates_of(mine)}


def test_a_deal_of_a_company_s_pipeline_may_stay_in_it(sale, world):
	deal = sale.opportunity()
	frappe.db.set_value("Sales Pipeline", deal.pipeline, {"company": "Another", "disabled": 1})
	frappe.clear_document_cache("Sales Pipeline", deal.pipeline)
	same = frappe._dict(pipeline=deal.pipeline, company=deal.company)
	move_rules.check_pipeline(deal, same)
	with refused(match="is disabled"):
		move_rules.check_pipeline(deal, None)
	with refused(match="belongs to company .*Another"):
		move_rules.check_pipeline(deal, frappe._dict(same, company="Third"))
	with refused(match="is disabled"):
		move_rules.check_pipeline(deal, frappe._dict(same, pipeline="Other"))
	deal.flags.history_import = True
	move_rules.check_pipeline(deal, None)


def test_what_comes_next_is_planned_in_an_open_deal(sale):
	deal = sale.opportunity()
	moving.plan(DEAL, deal.name, "Call", getdate("2030-01-01"))
	assert frappe.db.get_value(DEAL, deal.name, ["next_step", "next_step_date"]) == ("Call", getdate("2030-01-01"))
	frappe.db.set_value(DEAL, deal.name, "status", "Lost")
	with refused(move_rules.StageMoveError, match="is closed: reopen it first"):
		moving.plan(DEAL, deal.name, "Call", None)


# ---- parties


def test_documents_of_a_verified_prospect_that_name_a_customer_keep_it(sale, world):
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": "Quay", "company": world.company}).insert()
	deals = [rows.row(DEAL, prospect=prospect.name, customer=of, party_name="Old", docstatus=0) for of in (None, "Own")]
	other = rows.row(DEAL, prospect="Another", party_name="Old", docstatus=0)
	verification.point_followers(prospect.name, world.customer)
	label = frappe.db.get_value("Customer", world.customer, "customer_name")
	found = [frappe.db.get_value(DEAL, name, ["customer", "party_name"]) for name in (*deals, other)]
	assert found == [(world.customer, label), ("Own", "Old"), (None, "Old")]


def test_by_which_rule_a_customer_was_found_is_said_in_the_reader_s_words(sale, world, monkeypatch):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	other = rows.row("Customer", customer_name="Zeta", disabled=1, docstatus=0)
	monkeypatch.setattr(party, "_", lambda text: f"<{text}>")
	monkeypatch.setattr(party, "find", lambda *args: (party.Match("Tax ID", (other, world.customer), False), ()))
	told = party.customers_for(lead)
	assert (told["rule"], told["sure"]) == ("<Tax ID>", False)
	assert {row.name: row.disabled for row in told["customers"]} == {other: 1, world.customer: 0}
	monkeypatch.setattr(party, "find", lambda *args: (party.Match("Tax ID", (other,), True), ()))
	assert party.customers_for(lead)["sure"] is True and [
		row.name for row in party.customers_for(lead)["customers"]
	] == [other]


@pytest.mark.parametrize(("kind", "named"), [("Individual", ["Northwind", "Ines"]), ("Company", ["", "Ines"])])
def test_who_is_the_customer_themselves_needs_no_other_name(sale, world, kind, named):
	frappe.db.set_value("Customer", world.customer, "customer_type", kind)
	frappe.clear_document_cache("Customer", world.customer)
	lead = sale.lead(customer=world.customer, prospect_name=None)
	lead.update({"party_name": "Northwind", "contact_name": None, "contacts": []})
	lead.append("contacts", {"contact_name": "Ines"})
	assert [person.name for person in qualification._people(lead)] == named
	person = rows.row("Sales Prospect", prospect_kind="Person" if kind == "Individual" else "Organisation", docstatus=0)
	lead.update({"customer": None, "prospect": person})
	assert [one.name for one in qualification._people(lead)] == named


@pytest.mark.parametrize(
	("known", "expected"),
	[
		(
			[{"contact_name": "A", "phone": "1"}, {"contact_name": "B", "mobile_no": "2", "email_id": "b"}],
			("B", "2", "b"),
		),
		([{"contact_name": "A", "phone": "1"}, {"contact_name": "B", "email_id": "b"}], ("A", "1", "b")),
		([{"contact_name": "A", "phone": "1", "mobile_no": "2", "email_id": "a"}], ("A", "2", "a")),
		([{"contact_name": "A"}, {"contact_name": "B"}], ("A", None, None)),
		([], (None, None, None)),
	],
)
def test_a_deal_is_reached_by_one_person_where_one_has_both(known, expected):
	assert tuple(reach._first_of(known).values()) == expected


def test_whom_to_ring_about_a_deal(sale, world, as_user):
	deal = sale.opportunity(contacts=[{"contact_name": "Ines"}, {"contact_name": "Bo", "phone": "1"}])
	alone = sale.opportunity()
	frappe.db.set_value("Customer", world.customer, {"mobile_no": "9", "email_id": "c@x.example"})

	def given(doc):
		return frappe._dict(name=doc.name, customer=doc.customer, prospect=None)

	found = reach.reach_of(DEAL, [given(deal), given(alone)])
	assert found[alone.name] == {"contact_name": None, "phone": "9", "email_id": "c@x.example"}
	assert found[deal.name] == {"contact_name": None, "phone": "9", "email_id": "c@x.example"}
	as_user("stranger")
	assert reach.reach_of(DEAL, [given(deal)])[deal.name] == {"contact_name": "Bo", "phone": "1", "email_id": None}
	frappe.db.set_value("Sales Deal Contact", deal.contacts[1].name, {"phone": None, "mobile_no": "2"})
	assert reach.reach_of(DEAL, [given(deal)])[deal.name]["phone"] == "2", "a mobile alone is a number to ring"


# ---- stock, costs, prices


def test_holidays_are_those_of_the_list_itself(world):
	name = rows.row("Holiday List", docstatus=0)
	frappe.db.set_value("Company", world.company, "default_holiday_list", name)
	frappe.clear_document_cache("Company", world.company)
	rows.row("Holiday", parent=name, parenttype="Another List", holiday_date="2026-01-01", docstatus=0)
	assert holidays.calendar_of(world.company) is None
	frappe.db.set_value("Company", world.company, "default_holiday_list", None)
	frappe.clear_document_cache("Company", world.company)


def test_what_is_free_in_stock_is_said_of_stock_items(world, monkeypatch):
	stock = {world.pump: {"A": 5.0, "B": 4.0}, world.filter: {}}
	monkeypatch.setattr(
		availability, "_free_by_warehouse", lambda items, company: {item: stock[item] for item in items}
	)
	places = [(world.pump, "A"), (world.pump, None), (world.pump, "C"), (world.filter, "A"), (world.service, "A")]
	assert availability.free_stock(places, world.company) == {
		(world.pump, "A"): 5, (world.pump, None): 9, (world.pump, "C"): 0, (world.filter, "A"): 0,
	}  # fmt: skip
	assert availability.free_stock([], world.company) == {}


def test_a_bundle_takes_its_parts_and_anything_else_itself(world):
	bundle = rows.row("Product Bundle", new_item_code=world.service, disabled=0, docstatus=0)

	def part(item, qty, idx):
		return rows.row("Product Bundle Item", parent=bundle, item_code=item, qty=qty, idx=idx, docstatus=0)

	part(world.filter, 3, 2)
	part(world.pump, 2, 1)
	places = [(world.service, "W"), (world.pump, None)]
	needs = availability.needs_of(places)
	assert needs == {
		(world.service, "W"): [((world.pump, "W"), 2), ((world.filter, "W"), 3)],
		(world.pump, None): [((world.pump, None), 1)],
	}
	assert availability.places_of(needs) == {(world.pump, "W"), (world.filter, "W"), (world.pump, None)}
	frappe.db.set_value("Product Bundle", bundle, "disabled", 1)
	assert availability.needs_of(places[:1]) == {(world.service, "W"): [((world.service, "W"), 1)]}


def test_what_is_left_of_a_deal_at_today_s_costs(sale, world, monkeypatch):
	deal = sale.opportunity(items=sale.rows((world.pump, 2, 100), (world.service, 1, 80)))
	found = {world.pump: {costing.VALUATION: item_costs.Found(30, "x")}}
	monkeypatch.setattr(item_costs, "costs_of", lambda items, company: found)
	deal.items[0].conversion_factor = 2
	deal.update({"items_total": 280, "amount": 140, "conversion_rate": 1})
	told = deal_margin.margin_of(deal)
	assert (told["selling"], told["cost"], told["margin"], told["without"]) == (140, 120, 20, [2])
	assert (told["currency"], round(told["percentage"], 1)) == (world.currency, 14.3)
	deal.update({"items_total": 0, "conversion_rate": 2})
	assert deal_margin.margin_of(deal)["selling"] == 560


def test_amounts_of_an_estimate_are_rounded_as_the_site_rounds(sale, monkeypatch):
	asked = []
	line, whole = costing.cost_line, costing.totals
	monkeypatch.setattr(
		costing, "cost_line", lambda *args, **how: asked.append(how.get("rounding")) or line(*args, **how)
	)
	deal = sale.opportunity()
	made = api.make_cost_estimate(DEAL, deal.name)
	cost_estimates.set_results(frappe.get_doc("Cost Estimate", made["name"]))
	assert asked and set(asked) == {frappe.utils.flt} and whole


@pytest.mark.parametrize(
	("row", "warned"),
	[
		({"rate": 0, "price_list_rate": 0}, True),
		({"rate": 1, "price_list_rate": 0}, False),
		({"rate": 0, "price_list_rate": 5}, False),
		({"rate": 0, "price_list_rate": 0, "quotation_item": "x"}, False),
	],
)
def test_rows_that_no_list_knows_a_price_of_are_told(sale, row, warned):
	contract = sale.contract(submit=False)
	contract.items[1].update(row)
	frappe.clear_messages()
	item_rows.warn_unpriced(contract)
	told = str(frappe.local.message_log)
	assert ("Row 2: " in told and "has no price. Enter its rate" in told) is warned and "Row 1: " not in told
	contract.flags.history_import = True
	frappe.clear_messages()
	item_rows.warn_unpriced(contract)
	assert not frappe.local.message_log


@pytest.mark.parametrize(
	("now", "before", "discount", "expected"),
	[
		({"price_list_rate": 60, "rate": 57, "discount_percentage": 5}, {"discount_percentage": 10}, 10, (60, 57, 5)),
		({"price_list_rate": 60, "rate": 57, "discount_percentage": 5}, {"discount_percentage": 10}, 20, (60, 0, 20)),
		({"price_list_rate": 0}, {}, 10, (50, 45, 10)),
		({"price_list_rate": 50, "rate": 1, "discount_percentage": 9}, {"discount_percentage": 10}, 10, (50, 45, 10)),
	],
)
def test_a_row_costs_what_the_new_list_says_at_the_discount_that_somebody_gave(
	sale, monkeypatch, now, before, discount, expected
):
	deal = sale.opportunity()
	earlier = frappe._dict(customer=deal.customer)
	row = deal.items[0]
	row.update({"price_list_rate": 50, "rate": 45, "discount_percentage": discount})
	monkeypatch.setattr(prices, "list_price", lambda doc, row: now if doc is deal else before)
	row_changes._price_by_list(deal, earlier, row)
	assert (row.price_list_rate, row.rate, row.discount_percentage) == expected
	row.price_list_rate = 0
	row_changes._price_by_list(deal, earlier, row)
	assert row.price_list_rate == 0, "a price that is on no list stays"


@pytest.mark.parametrize(
	("change", "others"),
	[
		({}, False),
		({"selling_price_list": "Other"}, True),
		({"customer": "Other"}, True),
		({"transaction_date": "2026-01-02"}, True),
		({"before": {"customer": None}}, False),
	],
)
def test_prices_are_others_when_list_customer_or_day_are(change, others):
	given = {"selling_price_list": "List", "customer": "A", "transaction_date": "2026-01-01"}
	before = frappe._dict({**given, **change.get("before", {})})
	doc = frappe._dict({**given, **{k: v for k, v in change.items() if k != "before"}})
	assert row_changes._is_priced_by_others(doc, before) is others


# ---- the order as ERPNext would make it


def test_totals_are_worked_out_on_an_order_with_what_was_agreed(sale, world, monkeypatch):
	done = []
	monkeypatch.setattr(form_values, "fill_party", lambda order, customer: done.append(("party", customer)))
	monkeypatch.setattr(form_values, "fill_taxes", lambda order, customer: done.append(("taxes", customer)))
	monkeypatch.setattr(native_totals, "_set_item_taxes", lambda order, chosen: done.append("items"))
	name, _lines = offer(world, taxes_and_charges="Theirs")
	rows.row(
		"Sales Taxes and Charges",
		parent=name,
		parenttype="Quotation",
		parentfield="taxes",
		idx=1,
		included_in_print_rate=1,
	)
	behind = frappe.get_doc("Quotation", name)
	contract = sale.contract(submit=False)
	contract.update({"discount_amount": 7, "apply_discount_on": "Grand Total", "selling_price_list": None})
	order = native_totals._unsaved_order(contract, None)
	assert done == [("party", world.customer), ("taxes", world.customer), "items"]
	assert (order.customer, order.company, order.currency, order.conversion_rate) == (world.customer, world.company, world.currency, 1)  # fmt: skip
	assert (order.discount_amount, order.apply_discount_on) == (7, "Grand Total")
	assert order.selling_price_list == prices.default_price_list(world.customer)
	assert str(order.transaction_date) == str(contract.contract_date) and not order.taxes
	assert [(row.item_code, row.qty, row.rate) for row in order.items] == [(row.item_code, row.qty, row.rate) for row in contract.items]  # fmt: skip
	order = native_totals._unsaved_order(contract, behind)
	assert (order.taxes_and_charges, [row.included_in_print_rate for row in order.taxes]) == ("Theirs", [1])
	contract.taxes_and_charges = "Own"
	order = native_totals._unsaved_order(contract, behind)
	assert (order.taxes_and_charges, order.get("taxes") or []) == ("Own", [])
	done.clear()
	contract.customer = None
	native_totals._unsaved_order(contract, None)
	assert done == [("taxes", None), "items"]


def test_a_print_shows_the_taxes_that_are_not_in_the_prices(sale, monkeypatch):
	def line(name, amount, included=0):
		return frappe._dict(description=name, tax_amount_after_discount_amount=amount, included_in_print_rate=included)  # fmt: skip

	taxes = [line("VAT", 19), line("In it", 5, 1), line("None", 0)]
	order = SimpleNamespace(
		get=lambda name: taxes, rounded_total=0, grand_total=119, items=[], run_method=lambda name: None
	)
	monkeypatch.setattr(native_totals, "_unsaved_order", lambda *args: order)
	contract = sale.contract(submit=False)
	told = native_totals.taxes_of(contract)
	assert told == {"taxes": [{"description": "VAT", "amount": 19}], "grand_total": 119}
	order.rounded_total = 120
	assert native_totals.taxes_of(contract)["grand_total"] == 120
	contract.items = []
	assert native_totals.taxes_of(contract) == {"taxes": [], "grand_total": 0.0}


def test_what_an_acceptance_would_make_is_shown_before(sale, world, as_user, monkeypatch):
	request = requested(sale, submit=True)
	as_user("rep")
	with refused(frappe.PermissionError, match="Order Desk"):
		acceptance_preview.preview(request.name)
	as_user("desk")
	frappe.db.set_single_value("CRM Pipeline Settings", "default_delivery_days", 3)

	def make(request):
		frappe.msgprint("A word")
		order = native_order._from_request(request)
		order.update(
			{
				"net_total": 480,
				"total_taxes_and_charges": 20,
				"grand_total": 500,
				"rounded_total": 501,
				"base_rounded_total": 501,
			}
		)
		order.update({"tc_name": "Terms", "set_warehouse": "Stores"})
		return order

	monkeypatch.setattr(native_order, "make", make)
	monkeypatch.setattr(availability, "_free_by_warehouse", lambda items, company: {item: {} for item in items})
	monkeypatch.setattr(availability, "credit_of", lambda customer, company: {"limit": 300.0, "used": 100.0})
	frappe.clear_messages()
	told = acceptance_preview.preview(request.name)
	assert (told["net"], told["taxes"], told["total"], told["currency"]) == (480, 20, 501, world.currency)
	assert told["delivery_date"] == str(getdate(add_days(nowdate(), 3))) and told["notes"] == ["A word"]
	assert told["credit"] == {"limit": 300, "used": 100, "over": 301} and not frappe.local.message_log
	assert [(row["qty"], row["assumed"]) for row in told["rows"]] == [(4, True), (1, True)]
	assert {row["value"] for row in told["assumed"]} >= {"Terms", "Stores"}
	frappe.db.set_value("Sales Order Request Item", request.items[0].name, "delivery_date", add_days(nowdate(), 9))
	told = acceptance_preview.preview(request.name)
	assert [row["assumed"] for row in told["rows"]] == [False, True]
	frappe.db.set_value(REQUEST, request.name, "delivery_date", add_days(nowdate(), 9))
	assert acceptance_preview.preview(request.name)["delivery_date"] is None
	monkeypatch.setattr(availability, "credit_of", lambda *args: None)
	assert acceptance_preview.preview(request.name)["credit"] is None
	order_of(world, request, crm_request_key=request.name)
	frappe.db.set_value(REQUEST, request.name, "status", "Accepted")
	with refused(hand_off.HandOffError, match="can't be accepted"):
		acceptance_preview.preview(request.name)


# ---- the timeline


def test_a_document_s_timeline_has_the_latest_first_and_is_its_own(sale, world, as_user):
	lead = sale.lead(customer=world.customer, prospect_name=None)
	deal = sale.opportunity(source_type="Sales Lead", source_name=lead.name)
	frappe.db.delete("Pipeline Event", {"reference_name": deal.name})
	about = {"reference_doctype": DEAL, "reference_name": deal.name, "docstatus": 0}
	of_lead = {"reference_doctype": "Sales Lead", "reference_name": lead.name, "docstatus": 0}
	rows.row("Sales Activity", subject="Of lead", starts_on="2026-01-01 00:00:00", **of_lead)
	rows.row("Sales Memo", subject="Lead's own", creation="2026-01-09 00:00:00", **of_lead)
	rows.row("Sales Activity", subject="Call", starts_on="2026-01-02 00:00:00", **about)
	rows.row("Sales Activity", subject="No day", starts_on=None, **about)
	rows.row("Sales Memo", subject="Note", creation="2026-01-03 00:00:00", **about)
	rows.row("Sales Memo", subject="Another", creation="2026-01-03 00:00:00", **{**about, "reference_name": "Another"})
	rows.row("Pipeline Event", kind="Owner", at="2026-01-04 00:00:00", **about)
	contract = rows.row(CONTRACT, source_type=DEAL, source_name=deal.name, title="Frame", creation="2026-01-05 00:00:00", docstatus=0)  # fmt: skip
	as_user("rep")
	found = [(entry["kind"], entry["row"].get("subject") or entry["row"].get("title")) for entry in timeline.timeline(DEAL, deal.name)["entries"]]  # fmt: skip
	assert found == [
		("Document", "Frame"),
		("Move", None),
		("Memo", "Note"),
		("Activity", "Call"),
		("Activity", "Of lead"),
	]
	shown = timeline._documents(DEAL, deal.name)
	assert [(row["name"], row["doctype"]) for row in shown] == [(contract, CONTRACT)]
	as_user("stranger")
	assert timeline._attached("Sales Memo", timeline.MEMO, [(DEAL, deal.name)], "name asc") == []
	assert timeline._documents(DEAL, deal.name) == []


# ---- searching


def test_a_link_field_finds_by_title_state_customer_number_and_address(sale, world):
	contract = sale.contract(title=f"Frame {world.tag}")
	lead = sale.lead(customer=world.customer, prospect_name=None, title=f"Pumps {world.tag}", phone="+1 555 010 4455")

	def found(doctype, text):
		return {row["name"] for row in finding.documents(doctype, text, 0, 50, None, True)}

	assert contract.name in found(CONTRACT, f"frame {world.tag}")
	assert contract.name in found(CONTRACT, world.customer) and contract.name in found(CONTRACT, contract.name[-5:])
	assert contract.name in found(CONTRACT, "Active")
	frappe.db.set_value(CONTRACT, contract.name, "customer", f"ID-{world.tag}")
	assert found(CONTRACT, f"id-{world.tag}") == {contract.name}
	assert lead.name in found("Sales Lead", "555 010 4455") and lead.name in found("Sales Lead", lead.email_id)
	assert found(CONTRACT, "nowhere at all") == set()
	deal = sale.opportunity(contacts=[{"contact_name": f"Ines {world.tag}", "phone": "555 010 6677"}])
	assert found(DEAL, f"ines {world.tag}") == {deal.name} and deal.name in found(DEAL, "+1 555 010 6677")
	person = contact(first_name="Bo", mails=[f"bo@{world.tag}.example"])
	linked("Contact", person, "Customer", world.customer)
	assert deal.name in found(DEAL, f"bo@{world.tag}.example")
	second = sale.contract(title=f"Second frame {world.tag}")
	order = [row["name"] for row in finding.documents(CONTRACT, f"frame {world.tag}", 0, 50, None, True)]
	assert order == [contract.name, second.name], "what begins like it comes first"
	only = finding.documents(CONTRACT, f"frame {world.tag}", 1, 1, None, False)
	assert len(only) == 1 and isinstance(only[0], tuple)
	filtered = finding.documents(CONTRACT, f"frame {world.tag}", 0, 50, {"name": second.name}, True)
	assert [row["name"] for row in filtered] == [second.name]


# ---- rows by themselves


@pytest.mark.parametrize(
	("right", "asked"),
	[
		*((right, "read") for right in ("read", "select", "report", "export", "print", "email")),
		*((right, "write") for right in ("write", "delete", "create", "submit")),
	],
)
def test_reading_a_row_in_any_way_asks_for_reading_its_document(sale, monkeypatch, right, asked):
	row, found = sale.contract(submit=False).items[0], []
	monkeypatch.setattr(document_row.Document, "has_permission", lambda *args, **how: True)
	monkeypatch.setattr(document_row.rights, "has", lambda *args: found.append(args) or True)
	assert row.has_permission(right, user=REP) is True
	assert found == [(CONTRACT, row.parent, asked, REP)]
	monkeypatch.setattr(document_row.Document, "has_permission", lambda *args, **how: False)
	assert row.has_permission(right, user=REP) is False


# ---- entry points


@pytest.mark.parametrize(
	"entry",
	[
		conversions.opportunity_to_project, conversions.campaign_to_project, conversions.make_erp_project,
		conversions.make_quotation, new_contract.make_contract, hand_off.make_request, acceptance.accept,
		acceptance.return_request, acceptance.order_now, qualification.change_lead_state, qualification.convert_lead,
		qualification.undo_conversion, cost_estimates.make,
	],
	ids=lambda entry: entry.__name__,
)  # fmt: skip
def test_whoever_calls_an_entry_point_has_all_of_it_or_nothing(entry):
	assert entry.__code__ is locks.whole_transaction(lambda: None).__code__


def test_a_milestone_without_a_state_is_open_and_one_that_is_done_says_when(sale, world):
	doc = frappe.get_doc({"doctype": PROJECT, "start_date": "2026-01-05"})
	for values in ({}, {"status": "Done"}, {"status": "Done", "completed_on": "2026-01-09"}, {"status": "Missed"}):
		doc.append("milestones", {"milestone": "Plan", "due_date": "2026-01-05", **values})
	doc.milestones[0].status = None
	doc.validate_milestones()
	assert [row.status for row in doc.milestones] == ["Open", "Done", "Done", "Missed"]
	assert [str(row.completed_on or "") for row in doc.milestones] == ["", nowdate(), "2026-01-09", ""]
	doc.milestones[3].due_date = "2026-01-04"
	with refused(match="Row 4: Due of milestone .*Plan.* is before the project starts"):
		doc.validate_milestones()


# ---- what is written, asked for and let in


def test_values_are_written_into_the_named_rows_only(world):
	mine, named, other = (rows.bare_deal(world, key, passed_stages=0) for key in "ABC")
	locks.set_named("Sales Opportunity", [mine, named], {"passed_stages": 5, "probability": 7})
	found = [frappe.db.get_value("Sales Opportunity", name, ["passed_stages", "probability"]) for name in (mine, named)]
	assert found == [(5, 7), (5, 7)]
	assert frappe.db.get_value("Sales Opportunity", other, ["passed_stages", "probability"]) == (0, 0)


@pytest.mark.parametrize(("probability", "allowed"), [(-1, False), (0, True), (100, True), (100.5, False)])
def test_an_open_stage_is_as_likely_as_can_be(site, probability, allowed):
	stage = frappe.get_doc("Pipeline Stage", "Standard Sales-qualification")
	stage.probability = probability
	if allowed:
		stage.set_certain_probability()
		assert stage.probability == probability
	else:
		with refused(match="between 0 and 100"):
			stage.set_certain_probability()


def test_a_cancelled_document_does_not_count_at_a_gate(sale):
	deal = sale.opportunity()
	estimate = api.make_cost_estimate(deal.doctype, deal.name)["name"]
	states = []
	for docstatus in (0, 1, 2):
		frappe.db.set_value("Cost Estimate", estimate, "docstatus", docstatus)
		states.append(stage_gates._states(deal, "Cost Estimate", [estimate]))
		assert stage_gates._states(deal, "Cost Estimate", []) == states[-1]
	assert states == [[0], [1], []]
