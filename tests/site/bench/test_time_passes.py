"""A sale takes its time: between any two steps a day, some weeks or a year may go by."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from tests.site.bench import form_world
from tests.site.bench.clock import ticking
from tests.site.world import refused

STEPS = ("lead", "deal", "quotation", "contract", "request", "order", "delivery", "invoice", "payment")


@pytest.fixture
def clock(site):
	with ticking() as clock:
		yield clock


class Story:
	"""The steps of one sale; each takes what the step before has left."""

	def __init__(self, sale, terms: dict):
		self.sale, self.terms = sale, terms
		self.doc = None

	def lead(self):
		return self.sale.lead()

	def deal(self):
		made = api.convert_lead(self.doc.name, assessment="Hot")
		return frappe.get_doc(made["doctype"], made["name"])

	def quotation(self):
		doc = frappe.get_doc("Quotation", api.make_quotation(self.doc.doctype, self.doc.name)["name"])
		doc.update(self.terms)
		for row in doc.payment_schedule:
			if row.get("in_days") is not None:
				row.due_date = add_days(nowdate(), row.in_days)
		doc.save()
		doc.submit()
		return doc

	def contract(self):
		doc = self._from_quotation(lambda name: api.make_contract("Quotation", name))
		doc.submit()
		return doc

	def _from_quotation(self, make):
		quotation = self.doc
		if quotation.valid_till and getdate(quotation.valid_till) < getdate():
			with refused(match="was valid until .*amend"):
				make(quotation.name)
			quotation = self._amended(quotation)
		made = make(quotation.name)
		return frappe.get_doc(made["doctype"], made["name"])

	def _amended(self, quotation):
		"""As its owner amends it: the dates of the schedule as far away as before (ERPNext 16 asks for that)."""
		passed = (getdate() - getdate(quotation.transaction_date)).days
		rows = [
			{
				"payment_term": row.payment_term,
				"due_date": add_days(row.due_date, passed),
				"invoice_portion": row.invoice_portion,
			}
			for row in quotation.payment_schedule
		]
		self.sale.cancel(quotation)
		dates = {"transaction_date": nowdate(), "valid_till": add_days(nowdate(), 30)}
		return self.sale.amend(quotation, payment_schedule=rows, **dates)

	def request(self):
		doc = self.sale.request(self.doc, submit=False)
		doc.submit()
		return doc

	def order(self):
		return self.sale.accept(self.doc)

	def delivery(self):
		self.ordered = self.doc
		return self.sale.deliver(self.doc)

	def invoice(self):
		return self.sale.bill(self.ordered)

	def payment(self):
		return self.sale.pay(self.doc)

	def tell(self, *steps, before=None):
		for step in steps:
			if before:
				before(step)
			self.doc = getattr(self, step)()
		return self.doc


def _by_hand(*parts) -> dict:
	"""A schedule written by hand: (days from the quotation, percent)."""
	rows = [{"in_days": n, "due_date": add_days(nowdate(), n), "invoice_portion": part} for n, part in parts]
	return {"payment_terms_template": None, "payment_schedule": rows}


@pytest.mark.parametrize("days", [1, 45, 366])
@pytest.mark.parametrize("kind", ["no terms", "template", "by hand"])
def test_a_sale_comes_through_whatever_time_goes_by_before_each_step(sale, world, clock, days, kind):
	terms = {
		"no terms": dict,
		"template": lambda: {
			"payment_terms_template": form_world.terms_template(world, "Parts", 10, 40),
			"payment_schedule": [],
		},
		"by hand": lambda: _by_hand((3, 20), (12, 80)),
	}[kind]()
	story = Story(sale, terms)
	payment = story.tell(*STEPS, before=lambda step: clock.pass_days(days))
	assert payment.docstatus == 1
	assert frappe.db.get_value("Sales Order", story.ordered.name, "per_delivered") == 100


@pytest.mark.parametrize("days", [1, 366])
@pytest.mark.parametrize("step", ["quotation", "contract", "request", "order"])
def test_a_sale_comes_through_when_one_step_waits(sale, world, clock, days, step):
	story = Story(sale, _by_hand((0, 50), (40, 50)))
	order = story.tell(
		*STEPS[: STEPS.index("order") + 1], before=lambda name: clock.pass_days(days if name == step else 0)
	)
	assert order.docstatus == 1
	assert all(getdate(row.due_date) >= getdate(order.transaction_date) for row in order.payment_schedule)


@pytest.mark.parametrize("in_parts", [False, True])
def test_invoices_long_after_the_order_take_its_terms_where_accounts_fetch_them(sale, world, clock, in_parts):
	"""The days of the order's terms are over by then: they are those of the invoice."""
	frappe.db.set_single_value("Accounts Settings", "automatically_fetch_payment_terms", 1)
	frappe.clear_document_cache("Accounts Settings", "Accounts Settings")
	contract = sale.contract(payment_terms_template=form_world.terms_template(world, "Parts", 10, 40))
	order = sale.order(contract)
	sale.deliver(order)
	clock.pass_days(60)
	if in_parts:
		sale.bill(order, 2)
		clock.pass_days(30)
	rest = sale.bill(order)
	assert [row.payment_amount for row in rest.payment_schedule] == ([140, 140] if in_parts else [240, 240])
	sale.pay(rest)
	sale.sync_outcome()
	assert sale.amounts(contract) == (480, 480, 480, 280 if in_parts else 480)
	assert frappe.db.get_value("Sales Contract", contract.name, "status") == "Fulfilled"
