"""Finance is never stopped: every lock that we take, and ERPNext's own work beside it, on two real connections."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import locks, pending
from crm_pipeline.orders import expiry, roll_up
from tests.site.bench.test_concurrency import committed  # noqa: F401
from tests.site.bench.two import knows_isolation, somebody
from tests.site.world import Sale, build


@pytest.fixture
def plain(committed):  # noqa: F811
	"""A sale of ERPNext's own, with other items and another customer: two orders, one of them billed. Committed."""
	sale = Sale(build(), committed.as_user)
	orders = [native(sale), native(sale)]
	for order in orders:
		order.submit()
	invoice = sale.bill(orders[0])
	frappe.db.commit()
	yield sale, orders, invoice
	frappe.db.rollback()
	for name in (invoice.name,):
		frappe.db.delete("GL Entry", {"voucher_no": name})
		frappe.db.delete("Payment Ledger Entry", {"voucher_no": name})
		frappe.db.delete("Sales Invoice Item", {"parent": name})
		frappe.db.delete("Sales Invoice", {"name": name})
	frappe.db.commit()


def native(sale, name=None):
	"""An order that has nothing to do with us. With a `name` of its own it needs no naming series, which an order that
	is being made elsewhere holds in any case."""
	order = frappe.get_doc(
		{
			"doctype": "Sales Order",
			"customer": sale.world.customer,
			"company": sale.world.company,
			"delivery_date": add_days(nowdate(), 7),
			"items": sale.rows((sale.world.pump, 1, 100)),
		}
	)
	return order.insert(set_name=name)


def erpnext_work(plain) -> None:
	"""Insert and submit, close and reopen, bill, cancel an invoice, cancel an order."""
	sale, orders, invoice = plain
	native(sale, f"PLAIN {frappe.generate_hash(length=6)}").submit()
	sale.set_order_status(frappe.get_doc("Sales Order", orders[1].name), "Closed")
	sale.set_order_status(frappe.get_doc("Sales Order", orders[1].name), "Draft")
	sale.cancel(frappe.get_doc("Sales Invoice", invoice.name))
	sale.cancel(frappe.get_doc("Sales Order", orders[1].name))


def our_steps(sale):
	"""{what: a step of ours}, ready to be done; everything they need is committed. (Deleting a document is the framework's
	work, and saving a native one ERPNext's: both empty child tables and links by other keys than the primary one.)"""
	deal, bare, quoted = sale.opportunity(), sale.opportunity(), sale.opportunity()
	contract, signed = (
		sale.contract(submit=False, source_type="Sales Opportunity", source_name=quoted.name),
		sale.contract(),
	)
	request, draft = sale.request(signed, {signed.items[0].name: 1}), None
	order = sale.order(signed, {signed.items[0].name: 1})
	draft = sale.request(signed, {signed.items[0].name: 1}, submit=False)
	quotation = sale.quotation()
	of_quotation = sale.request(quotation, submit=False)
	lead = sale.lead()
	api.qualify_lead(lead.name)
	api.contact_lead(lead.name, follow_up_date=nowdate(), follow_up_plan="Call")
	ended = sale.contract(start_date=add_days(nowdate(), -9), end_date=add_days(nowdate(), 9))
	frappe.db.set_value("Sales Contract", ended.name, "end_date", add_days(nowdate(), -1))
	frappe.db.commit()
	fresh = lambda doc: frappe.get_doc(doc.doctype, doc.name)  # noqa: E731
	return {
		"accept": lambda: api.accept_request(request.name),
		"return": lambda: api.return_request(request.name, "No"),
		"order now": lambda: api.order_now(deal.doctype, deal.name),
		"submit request": lambda: fresh(draft).submit(),
		"submit request of a quotation": lambda: fresh(of_quotation).submit(),
		"submit contract": lambda: fresh(contract).submit(),
		"make request": lambda: api.make_order_request(signed.doctype, signed.name),
		"make contract": lambda: api.make_contract(bare.doctype, bare.name),
		"make contract of a quotation": lambda: api.make_contract("Quotation", quotation.name),
		"make quotation": lambda: api.make_quotation(bare.doctype, bare.name),
		"make project": lambda: api.opportunity_to_project(bare.name),
		"make estimate": lambda: api.make_cost_estimate(bare.doctype, bare.name),
		"move": lambda: api.lose_deal(bare.doctype, bare.name, lost_reason()),
		"convert lead": lambda: api.convert_lead(lead.name, "Sales Opportunity", None, "Hot", "Ready"),
		"save a deal": lambda: fresh(bare).save(),
		"save a contract": lambda: fresh(contract).save(),
		"roll up": lambda: (frappe.db.sql("select 1"), pending.do("Sales Order", order.name)),
		"mend": lambda: roll_up.mend("Sales Contract", signed.name),
		"expire": lambda: expiry.expire(ended.name),
		"judge": lambda: stall_verdicts.refresh_chunk("Sales Opportunity"),
	}


def rarer_steps(sale):
	"""The same of what is done less often: parties, people's tasks, projects, jobs of the night."""
	of = "Sales Opportunity"
	tag = sale.world.tag
	leads = [
		sale.lead(prospect_name=f"Quay {number} {tag}", email_id=f"info@quay-{number}-{tag}.example", phone=None)
		for number in range(5)
	]
	for lead in leads[2:]:
		api.qualify_lead(lead.name)
	for lead in leads[3:]:
		api.contact_lead(lead.name, follow_up_date=nowdate(), follow_up_plan="Call")
	converted = api.convert_lead(leads[3].name, of, None, "Hot", "Ready")
	deals = [sale.opportunity() for _number in range(5)]
	api.lose_deal(of, deals[0].name, lost_reason())
	project = api.opportunity_to_project(deals[1].name)["name"]
	signed, estimate = sale.contract(), api.make_cost_estimate(of, deals[2].name)["name"]
	question = api.ask_for_help(of, deals[3].name, "Price", "How low?")["name"]
	prospects = [lead.prospect for lead in leads]
	activity = {"doctype": "Sales Activity", "activity_type": "Call", "subject": "A call", "starts_on": nowdate()}
	frappe.db.commit()

	def log_activity():
		frappe.get_doc({**activity, "reference_doctype": of, "reference_name": deals[2].name}).insert()

	return {
		"qualify": lambda: api.qualify_lead(leads[0].name),
		"disqualify": lambda: api.disqualify_lead(leads[1].name, lost_reason()),
		"contact": lambda: api.contact_lead(leads[2].name, nowdate(), "Call"),
		"take back a conversion": lambda: (converted, api.undo_conversion(leads[3].name)),
		"reject a party": lambda: api.reject_prospect(prospects[0], lost_reason()),
		"join a customer": lambda: api.verify_prospect(prospects[4], customer=sale.world.customer),
		"reopen a deal": lambda: api.reopen_deal(of, deals[0].name),
		"lose a project": lambda: api.lose_deal("Sales Project", project, lost_reason()),
		"give to another": lambda: api.reassign_deals(of, [deal.name for deal in deals[2:4]], "Administrator"),
		"withdraw a question": lambda: api.withdraw_help(question),
		"log an activity": log_activity,
		"acknowledge": lambda: api.acknowledge_stalled(
			of, deals[4].name, add_days(nowdate(), 9), "Waits for the budget"
		),
		"terminate": lambda: api.terminate_contract(signed.name, "The customer stopped"),
		"refresh costs": lambda: api.refresh_costs(estimate, True),
		"snapshot": lambda: api.take_forecast_snapshot(sale.world.company),
		"catch up": api.catch_up_now,
	}


def more_of_finance(plain) -> None:
	"""Quote and order natively, deliver, take a payment, give a credit, change a customer and an item."""
	sale, orders, invoice = plain
	quotation = sale.quotation()
	frappe.get_doc("Customer", sale.world.customer).save()
	frappe.get_doc("Item", sale.world.pump).save()
	sale.native_order(quotation)
	sale.deliver(frappe.get_doc("Sales Order", orders[0].name))
	sale.pay(frappe.get_doc("Sales Invoice", invoice.name))
	sale.credit(frappe.get_doc("Sales Invoice", invoice.name))


def lost_reason() -> str:
	return frappe.get_all("Sales Lost Reason", pluck="name", order_by="name asc", limit=1)[0]


# With no patience at all: a statement that finds a lock in its way fails at once.


def test_plain_orders_and_invoices_wait_for_no_lock_of_ours(committed, plain):  # noqa: F811
	steps, waited = our_steps(committed), []
	for what, step in steps.items():
		with somebody(patience=0) as other:
			with other:
				step()
			try:
				erpnext_work(plain)
			except frappe.QueryTimeoutError as error:
				waited.append((what, str(error)))
	assert waited == [], waited


def test_the_rest_of_finance_waits_for_none_of_our_rarer_steps(committed, plain):  # noqa: F811
	steps, waited = rarer_steps(committed), []
	for what, step in steps.items():
		with somebody(patience=0) as other:
			with other:
				step()
			try:
				more_of_finance(plain)
			except frappe.QueryTimeoutError as error:
				waited.append((what, str(error)))
	assert waited == [], waited


# ---- our rows are held by somebody, or gone


@pytest.fixture
def sold(committed):  # noqa: F811
	"""A deal with its contract, request and order; a quotation of another deal, and a native order of a third."""
	deal = committed.opportunity()
	contract = committed.contract(source_type=deal.doctype, source_name=deal.name)
	order = committed.order(contract, {contract.items[0].name: 1})
	quoted = committed.opportunity()
	quotation = committed.quotation(submit=False, crm_source_type=quoted.doctype, crm_source_name=quoted.name)
	offered = committed.quotation(crm_source_type=quoted.doctype, crm_source_name=quoted.name)
	frappe.db.commit()
	rows = [
		("Sales Opportunity", deal.name),
		("Sales Opportunity", quoted.name),
		("Sales Contract", contract.name),
		("Sales Order Request", order.crm_source_name),
	]
	return committed, order, quotation, offered, rows


def native_work(sold) -> dict:
	sale, order, quotation, offered, _rows = sold
	fresh = lambda doc: frappe.get_doc(doc.doctype, doc.name)  # noqa: E731

	def amend():
		cancelled = sale.cancel(fresh(order))
		return sale.amend(cancelled)

	def reopen():
		sale.set_order_status(fresh(order), "Closed")
		sale.set_order_status(fresh(order), "Draft")

	return {
		"cancel": lambda: sale.cancel(fresh(order)),
		"amend": amend,
		"reopen": reopen,
		"submit a quotation": lambda: fresh(quotation).submit(),
		"native order of a quotation": lambda: sale.native_order(fresh(offered)),
		"deliver": lambda: sale.deliver(fresh(order)),
		"bill": lambda: sale.bill(fresh(order)),
	}


@pytest.mark.parametrize("isolated", [False, True], ids=["as by default", "with snapshot isolation"])
def test_native_work_goes_on_while_somebody_holds_our_rows_and_we_catch_up(sold, isolated):
	if isolated and not knows_isolation():
		pytest.skip("this MariaDB has no innodb_snapshot_isolation")
	for what, work in native_work(sold).items():
		with somebody(isolated) as other:
			with other:
				for row in sold[-1]:
					frappe.db.sql("SELECT 1 FROM `tabSeries` LIMIT 1")
					locks.lock(row)
			frappe.clear_messages()
			work()
			noted = frappe.get_all(pending.DOCTYPE, fields=["document", "what"], order_by="creation asc")
			told = [message for message in map(str, frappe.local.message_log) if "few minutes" in message]
			if what in ("deliver", "bill"):
				assert told == [], what
			else:
				assert len(told) == 1, (what, frappe.local.message_log)
			assert noted, what


def test_what_was_left_undone_is_caught_up(sold):
	sale, order, *_rest = sold
	deal = _rest[-1][0]
	with somebody() as other:
		with other:
			locks.lock(*_rest[-1])
		sale.cancel(frappe.get_doc("Sales Order", order.name))
		request = order.crm_source_name
		assert frappe.db.get_value("Sales Order Request", request, "status") == "Accepted"
		with other:
			frappe.db.rollback()
		pending.do("Sales Order", order.name)
		assert frappe.db.get_value("Sales Order Request", request, "status") == "Requested"
		assert sale.amounts(frappe.get_doc(*deal))[0] == 0
		assert not frappe.get_all(pending.DOCTYPE, filters={"document": order.name}, order_by="name asc")


def test_native_work_goes_on_when_our_rows_are_gone(sold):
	for what, work in native_work(sold).items():
		with somebody():
			for doctype, name in sold[-1]:
				frappe.db.delete(doctype, {"name": name})
			work()
			assert what


def test_a_contract_exceeded_while_it_could_not_be_checked_is_told_on_it(committed):  # noqa: F811
	contract = committed.contract()
	order = native(committed)
	order.update({"crm_source_type": contract.doctype, "crm_source_name": contract.name})
	order.items[0].qty = 99
	order.payment_schedule = []
	order.save()
	frappe.db.commit()
	with somebody() as other:
		with other:
			locks.lock((contract.doctype, contract.name))
		frappe.get_doc("Sales Order", order.name).submit()
		with other:
			frappe.db.rollback()
		pending.do("Sales Order", order.name)
		comments = frappe.get_all(
			"Comment",
			filters={"reference_name": contract.name, "comment_type": "Comment"},
			pluck="content",
			order_by="name asc",
		)
		assert len(comments) == 1 and order.name in comments[0] and "95" in comments[0]
