"""When something breaks: all or nothing for us, and never a stop for stock and finance."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.chain import extensions, graph, ledger, pending, sources
from crm_pipeline.costs import cost_gate
from crm_pipeline.deals import outcome
from crm_pipeline.orders import hand_off, roll_up
from crm_pipeline.overrides import sales_order
from tests.site.world import refused


class Boom(Exception):
	pass


def boom(*args, **kwargs):
	raise Boom


def nothing_happened(request, deal) -> bool:
	"""Neither a Sales Order nor a changed request, deal or ledger."""
	assert not frappe.db.exists("Sales Order", {"crm_source_name": request.name})
	assert frappe.db.get_value(request.doctype, request.name, ["status", "accepted_by"]) == (
		"Requested",
		None,
	)
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"
	assert not frappe.db.exists("Pipeline Event", {"reference_name": request.name, "to_value": "Accepted"})
	return True


# ---- accepting


def _break_extension(monkeypatch):
	run = extensions.run
	monkeypatch.setattr(
		extensions,
		"run",
		lambda hook, **kw: boom() if hook == "crm_pipeline_sales_order" else run(hook, **kw),
	)


def _break_insert(monkeypatch):
	from erpnext.selling.doctype.sales_order.sales_order import SalesOrder

	monkeypatch.setattr(SalesOrder, "after_insert", boom, raising=False)


def _break_submit(monkeypatch):
	from erpnext.selling.doctype.sales_order.sales_order import SalesOrder

	on_submit = SalesOrder.on_submit
	monkeypatch.setattr(SalesOrder, "on_submit", lambda self: (on_submit(self), boom()))


def _break_ledger(monkeypatch):
	record = ledger.record

	def recording(doc, kind, *args, **kwargs):
		return boom() if kind == "Hand-off" else record(doc, kind, *args, **kwargs)

	monkeypatch.setattr(ledger, "record", recording)


def _break_outcome(monkeypatch):
	monkeypatch.setattr(outcome, "sync_outcome", boom)


def _break_roll_up(monkeypatch):
	monkeypatch.setattr(roll_up, "of_orders", boom)


@pytest.mark.parametrize(
	"broken", [_break_extension, _break_insert, _break_submit, _break_ledger, _break_outcome, _break_roll_up]
)
def test_an_error_while_accepting_leaves_nothing_behind(sale, monkeypatch, broken):
	deal = sale.opportunity()
	request = sale.request(deal)
	with monkeypatch.context() as patch:
		broken(patch)
		with refused(Boom):
			sale.accept(request)
	assert nothing_happened(request, deal)
	assert sale.accept(request).docstatus == 1


@pytest.mark.parametrize("broken", [_break_extension, _break_submit, _break_outcome])
def test_an_error_in_one_click_leaves_not_even_a_request(sale, monkeypatch, broken):
	deal = sale.opportunity()
	with monkeypatch.context() as patch:
		broken(patch)
		with refused(Boom):
			api.order_now(deal.doctype, deal.name)
	assert not frappe.db.exists("Sales Order Request", {"source_name": deal.name})
	assert not frappe.db.exists("Sales Order", {"customer": sale.world.customer})
	assert frappe.db.get_value(deal.doctype, deal.name, "status") == "Open"


def test_an_error_of_ours_while_cancelling_an_order_does_not_stop_it_and_is_made_up_for(sale, monkeypatch):
	request = sale.request(sale.opportunity())
	order = sale.accept(request)
	frappe.clear_messages()
	with monkeypatch.context() as patch:
		_break_ledger(patch)
		sale.cancel(order)
	assert frappe.db.get_value("Sales Order", order.name, "docstatus") == 2
	assert frappe.db.get_value(request.doctype, request.name, "status") == "Accepted"
	assert ["few minutes" in str(message) for message in frappe.local.message_log].count(True) == 1
	pending.do("Sales Order", order.name)
	assert frappe.db.get_value(request.doctype, request.name, "status") == "Requested"
	assert not frappe.db.exists(pending.DOCTYPE, {"document": order.name})


def test_a_credit_limit_of_erpnext_stops_acceptance_whole(sale, world):
	deal = sale.opportunity()
	request = sale.request(deal)
	customer = frappe.get_doc("Customer", world.customer)
	customer.append("credit_limits", {"company": world.company, "credit_limit": 10})
	customer.save()
	with refused(match="(?i)credit limit"):
		sale.accept(request)
	assert nothing_happened(request, deal)


# ---- stock and finance


@pytest.fixture
def order(sale):
	return sale.order(sale.contract())


def _collect_fails(monkeypatch):
	monkeypatch.setattr(roll_up, "_orders_of", boom)


def _remember_fails(monkeypatch):
	monkeypatch.setattr(roll_up, "_remember", boom)


def _everything_of_ours_fails(monkeypatch):
	"""Whatever our handlers do first, and whatever other apps hang on our hooks."""
	for module, name in (
		(sales_order, "check_contract"), (sales_order, "order_changed"), (sales_order, "contract_of"), (sales_order, "_raised"),
		(sales_order, "inherit_source"), (sources, "validate"), (roll_up, "_orders_of"), (cost_gate, "is_on"), (graph, "source_of"),
		(outcome, "sync_ancestors"), (pending, "note"),
	):  # fmt: skip
		monkeypatch.setattr(module, name, boom)


def _the_queue_fails(monkeypatch):
	monkeypatch.setattr(frappe, "enqueue", boom)


def _hooks_of_others_fail(monkeypatch):
	get_hooks = frappe.get_hooks
	monkeypatch.setattr(
		frappe,
		"get_hooks",
		lambda hook=None, *a, **kw: (
			["nowhere.at_all"] if str(hook).startswith("crm_pipeline_") else get_hooks(hook, *a, **kw)
		),
	)


BROKEN = [_collect_fails, _remember_fails, _everything_of_ours_fails, _the_queue_fails, _hooks_of_others_fail]


@pytest.mark.parametrize("broken", BROKEN)
def test_orders_and_quotations_go_on_whatever_of_ours_is_broken(sale, order, as_user, monkeypatch, broken):
	deal = sale.opportunity()
	about = {"crm_source_type": deal.doctype, "crm_source_name": deal.name}
	quotation, other = sale.quotation(submit=False, **about), sale.quotation(**about)
	broken(monkeypatch)
	quotation.submit()
	native = sale.native_order(other)
	sale.set_order_status(native, "Closed")
	sale.set_order_status(native, "Draft")
	assert sale.amend(sale.cancel(native)).docstatus == 1
	assert sale.update_items(order, {sale.world.pump: {"qty": 1}}).docstatus == 1
	assert sale.cancel(order).docstatus == 2


@pytest.mark.parametrize("broken", [None, *BROKEN])
def test_stock_and_finance_without_sales_roles_do_their_work(sale, order, as_user, monkeypatch, broken):
	if broken:
		broken(monkeypatch)
	as_user("store")
	assert sale.deliver(order).docstatus == 1
	as_user("finance")
	invoice = sale.bill(order)
	assert sale.pay(invoice).docstatus == 1
	assert frappe.db.get_value("Sales Invoice", invoice.name, "status") == "Paid"
	if not broken:
		request = frappe.get_doc("Sales Order Request", order.crm_source_name)
		sale.sync_outcome()
		assert sale.amounts(request) == (480, 480, 480, 480)
		assert frappe.db.get_value(request.doctype, request.name, "status") == "Completed"


def test_the_roll_up_runs_with_the_rights_of_whoever_caused_it(sale, order, as_user):
	as_user("finance")
	sale.bill(order)
	roll_up.of_orders(roll_up.take_pending())
	assert sale.amounts(frappe.get_doc("Sales Order Request", order.crm_source_name))[2] == 480


def test_invoices_ask_for_no_field_of_ours(site):
	for doctype in (
		"Sales Order",
		"Sales Order Item",
		"Sales Invoice",
		"Delivery Note",
		"Payment Entry",
		"Quotation",
	):
		ours = [df for df in frappe.get_meta(doctype).fields if df.fieldname.startswith("crm_")]
		assert not any(df.reqd for df in ours)


def test_a_queue_that_is_down_breaks_nothing(sale, order, monkeypatch):
	monkeypatch.setattr(frappe, "enqueue", boom)
	sale.deliver(order)
	roll_up._enqueue()
	assert roll_up.take_pending() == []
	# The daily job finds what was not queued.
	assert roll_up.reconcile() >= 1
	assert sale.amounts(frappe.get_doc("Sales Order Request", order.crm_source_name))[1] == 480


def test_orders_and_invoices_that_have_nothing_to_do_with_us_queue_no_job(sale, order, monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda *args, **kwargs: queued.append(kwargs.get("orders")))
	sale.sync_outcome()
	unrelated = frappe.copy_doc(order)
	unrelated.update({"docstatus": 0, "crm_source_type": None, "crm_source_name": None, "crm_request_key": None})
	for row in unrelated.get_all_children():
		row.docstatus, row.crm_request_item = 0, None
	unrelated.insert()
	unrelated.submit()
	assert roll_up.take_pending() == []
	for document, jobs in ((unrelated, []), (order, [[order.name]])):
		queued.clear()
		sale.bill(document)
		roll_up._enqueue()
		assert [names for names in queued if names] == jobs


def test_a_rollback_forgets_what_was_collected(sale, order):
	sale.deliver(order)
	assert roll_up.take_pending() == [order.name]
	sale.bill(order)
	roll_up._forget()
	assert roll_up.take_pending() == []


def test_a_lost_race_in_the_job_is_tried_again_by_the_queue(site, monkeypatch):
	def deadlock(orders):
		raise frappe.QueryDeadlockError

	monkeypatch.setattr(roll_up, "above", deadlock)
	with pytest.raises(frappe.RetryBackgroundJobError):
		roll_up.run(["SO"])


# ---- what ERPNext refuses


def test_a_closed_accounting_period_refuses_the_invoice_and_changes_nothing(sale, order, world):
	frappe.get_doc(
		{
			"doctype": "Accounting Period",
			"period_name": f"Closed {world.tag}",
			"company": world.company,
			"start_date": add_days(nowdate(), -1),
			"end_date": add_days(nowdate(), 1),
			"closed_documents": [{"document_type": "Sales Invoice", "closed": 1}],
		}
	).insert()
	sale.sync_outcome()
	with refused(match="(?i)closed"):
		sale.bill(order)
	roll_up.of_orders([order.name])
	assert sale.amounts(frappe.get_doc("Sales Order Request", order.crm_source_name)) == (480, 0, 0, 0)


def test_a_warehouse_of_another_company_is_named_with_its_row(sale, world):
	frappe.get_doc(
		{
			"doctype": "Warehouse",
			"name": f"Elsewhere {world.tag}",
			"warehouse_name": "Elsewhere",
			"company": "Other",
		}
	).db_insert()
	request = sale.request(sale.contract(), submit=False)
	request.items[0].warehouse = f"Elsewhere {world.tag}"
	with refused(match="Row 1: .*Warehouse.*is not a warehouse of Company"):
		request.save()


# ---- retrying


def test_a_lost_race_is_tried_again_from_the_start(site, monkeypatch):
	from crm_pipeline.chain.locks import whole_transaction

	monkeypatch.setattr(frappe.db, "rollback", lambda **kw: None)
	calls = []

	@whole_transaction
	def third_time_lucky():
		calls.append(1)
		if len(calls) < 3:
			raise frappe.QueryDeadlockError
		return "done"

	assert third_time_lucky() == "done"
	assert len(calls) == 3


def test_a_race_lost_again_and_again_is_told_in_words(site, monkeypatch):
	from crm_pipeline.chain.locks import LostRaceError, whole_transaction

	monkeypatch.setattr(frappe.db, "rollback", lambda **kw: None)
	with pytest.raises(LostRaceError, match="Somebody else"):
		whole_transaction(lambda: (_ for _ in ()).throw(frappe.QueryDeadlockError()))()


def test_other_errors_are_not_retried(site):
	calls = []

	def failing():
		calls.append(1)
		raise hand_off.HandOffError

	from crm_pipeline.chain.locks import whole_transaction

	with pytest.raises(hand_off.HandOffError):
		whole_transaction(failing)()
	assert len(calls) == 1
