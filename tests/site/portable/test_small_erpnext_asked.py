"""What ERPNext is asked with, and what is made of its answers: an order nobody saves, gifts, decimals, a Customer that
lacks something."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import nowdate

from crm_pipeline.erp import customers, form_values, native_totals, open_documents, prices, pricing_rules, project
from tests.site import rows
from tests.site.portable.test_small_native import asked_of_erpnext
from tests.site.world import refused

# ---- the order that nobody saves


@pytest.fixture
def unfilled(monkeypatch):
	for name in ("fill_party", "fill_taxes"):
		monkeypatch.setattr(form_values, name, lambda *about: None)
	monkeypatch.setattr(native_totals, "_set_item_taxes", lambda *about: None)


@pytest.mark.parametrize(
	("days", "day"),
	[
		({"transaction_date": "2026-02-01", "contract_date": "2026-01-01"}, "2026-02-01"),
		({"transaction_date": None, "contract_date": "2026-01-01"}, "2026-01-01"),
		({"transaction_date": None, "contract_date": None}, None),
	],
)
def test_taxes_are_those_of_the_day_of_the_request_or_the_contract(sale, unfilled, days, day):
	contract = sale.contract(submit=False)
	for field, value in days.items():
		setattr(contract, field, value)
	assert str(native_totals._unsaved_order(contract, None).transaction_date) == (day or nowdate())


@pytest.mark.parametrize(("chosen", "taxes"), [(None, ["VAT"]), ("", ["VAT"]), ("Quoted", ["VAT"]), ("Another", [])])
def test_the_taxes_of_the_quotation_hold_unless_another_template_was_chosen(sale, unfilled, chosen, taxes):
	row = frappe._dict(charge_type="On Net Total", description="VAT", rate=19)
	quotation = SimpleNamespace(
		taxes_and_charges="Quoted", currency="EUR", conversion_rate=1, items=[],
		taxes=[SimpleNamespace(as_dict=lambda **how: frappe._dict(row))],
	)  # fmt: skip
	contract = sale.contract(submit=False)
	contract.taxes_and_charges = chosen
	order = native_totals._unsaved_order(contract, quotation)
	assert [tax.description for tax in order.get("taxes") or []] == taxes
	assert order.taxes_and_charges == (chosen or "Quoted")


@pytest.mark.parametrize("behind", [None, "QTN-1"])
def test_an_order_is_priced_as_agreed_with_the_warehouses_that_its_rows_would_get(sale, monkeypatch, behind):
	"""A pricing rule would change what was agreed."""
	contract, ran = sale.contract(submit=False), []
	order = SimpleNamespace(items=[frappe._dict(item_tax_template=None)], taxes=[], ignore_pricing_rule=0)
	order.run_method = lambda method: ran.append((method, order.ignore_pricing_rule))
	monkeypatch.setattr(native_totals, "_quotation_behind", lambda doc: behind)
	monkeypatch.setattr(native_totals, "_unsaved_order", lambda doc, quotation: ran.append((doc, quotation)) or order)
	assert native_totals.priced_order(contract) is order
	assert ran == [(contract, behind), ("set_missing_values", 1), ("calculate_taxes_and_totals", 1)]


# ---- prices of a list


@pytest.mark.parametrize(
	("currency", "listed_in", "rates"),
	[
		("GBP", "GBP", (1, 1)),
		("USD", "GBP", (0.8, 1)),
		("USD", "USD", (0.8, 0.8)),
		("GBP", "USD", (1, 0.8)),
		("EUR", "USD", (0.9, 0.8)),
	],
)
@pytest.mark.parametrize("typed", [None, 0.7])
def test_the_price_of_a_list_is_asked_for_at_the_rates_of_the_documents_day(
	world, monkeypatch, currency, listed_in, rates, typed
):
	"""Company currency is GBP."""
	asked = []
	of_day = {("GBP", "2026-03-04"): 1, ("USD", "2026-03-04"): 0.8, ("EUR", "2026-03-04"): 0.9}
	monkeypatch.setattr(prices, "company_currency", lambda company: "GBP")
	monkeypatch.setattr(prices, "exchange_rate", lambda currency, company, day: of_day[currency, str(day)])
	monkeypatch.setattr(prices.pricing_rules, "around", lambda doc: None)
	monkeypatch.setattr(frappe, "get_cached_value", lambda doctype, name, field: listed_in)
	asked_of_erpnext(
		monkeypatch,
		"erpnext.stock.get_item_details",
		get_item_details=lambda about, *more: asked.append(about) or {"price_list_rate": 100},
	)
	doc = frappe._dict(
		company=world.company, customer=world.customer, currency=currency, conversion_rate=typed,
		selling_price_list="Export", contract_date="2026-03-04",
	)  # fmt: skip
	found = prices.list_price(doc, frappe._dict(item_code=world.pump, qty=3, uom="Box", conversion_factor=10))
	(about,) = asked
	assert (about.conversion_rate, about.plc_conversion_rate) == (typed or rates[0], rates[1])
	assert (about.price_list_currency, about.currency, about.price_list) == (listed_in, currency, "Export")
	assert (about.transaction_date, about.qty, about.uom, about.conversion_factor) == ("2026-03-04", 3, "Box", 10)
	assert (about.customer, about.company, found["price_list_rate"]) == (world.customer, world.company, 100)
	# The day of the document itself comes first.
	of_day |= {(code, "2026-02-01"): rate for (code, _day), rate in of_day.items()}
	prices.list_price(frappe._dict(doc, transaction_date="2026-02-01"), frappe._dict(item_code=world.pump, qty=1))
	assert asked[-1].transaction_date == "2026-02-01"


# ---- pricing rules


def test_gifts_are_asked_for_with_the_row_as_it_is_ordered_by_whom_and_on_which_day(world, monkeypatch):
	asked = []

	def details(about, order):
		asked.append((dict(about), order.name))
		return {"free_item_data": given}

	asked_of_erpnext(monkeypatch, "erpnext.stock.get_item_details", get_item_details=details)
	of_order = {
		"company": world.company, "customer": world.customer, "currency": "EUR", "conversion_rate": 2,
		"selling_price_list": "Export", "customer_group": "Retail", "territory": "North", "price_list_currency": "USD",
		"plc_conversion_rate": 3, "transaction_date": "2026-03-04",
	}  # fmt: skip
	order = frappe._dict(of_order, name="SO-1", doctype="Sales Order", ignore_pricing_rule=1, price_list="Typed")
	of_row = {
		"item_code": world.pump, "qty": 2, "stock_qty": 20, "uom": "Box", "conversion_factor": 10, "warehouse": "Stores",
		"price_list_rate": 110, "rate": 100,
	}  # fmt: skip
	given = [{"item_code": world.filter, "qty": 1}]
	assert pricing_rules._gifts(order, frappe._dict(of_row, name="R1", idx=1)) == given
	more = {"doctype": "Sales Order", "price_list": "Export", "ignore_pricing_rule": 0}
	assert asked == [({**of_order, **of_row, **more}, "SO-1")]
	given = None
	assert pricing_rules._gifts(order, frappe._dict(of_row)) == []


# ---- decimals


@pytest.mark.parametrize(("answer", "digits"), [(3, 3), (2, 2), (1, 1), (None, 2), (0, 2)])
def test_money_is_rounded_to_the_digits_of_the_site(monkeypatch, answer, digits):
	asked_of_erpnext(monkeypatch, "erpnext.accounts.utils", get_currency_precision=lambda: answer)
	assert open_documents.digits() == digits


# ---- a Customer that can't be made


def test_everything_that_a_customer_lacks_is_said_at_once(site, monkeypatch):
	customer = frappe._dict(customer_name="Quay & Co")
	monkeypatch.setattr(customers.mandatory, "missing", lambda doc: [] if doc is customer else None)
	customers._refuse_incomplete(customer)
	monkeypatch.setattr(
		customers.mandatory, "missing", lambda doc: ["Tax ID", "Row 2: Bank"] if doc is customer else None
	)
	with refused(frappe.MandatoryError, match="Customer .*Quay.*Tax ID, Row 2: Bank has to be filled in there"):
		customers._refuse_incomplete(customer)


@pytest.mark.parametrize("error", [frappe.MandatoryError, frappe.ValidationError])
def test_what_else_erpnext_has_against_a_customer_is_told_in_its_own_words(site, monkeypatch, error):
	def insert(doc, *about, **how):
		raise error("Not today")

	asked = []
	monkeypatch.setattr(customers, "_refuse_incomplete", lambda doc: asked.append(doc.customer_name))
	monkeypatch.setattr(type(frappe.new_doc("Customer")), "insert", insert)
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": "Quay"})
	with refused(error, match="Not today"):
		customers.make(prospect, frappe._dict(default_customer_group="G", default_territory="T"))
	assert asked == (["Quay"] if error is frappe.MandatoryError else [])


# ---- ERPNext's Project


def test_a_project_and_its_tasks_are_made_of_what_the_sales_project_says(world, monkeypatch):
	made = []

	def insert(doc, *about, **how):
		doc.name = f"{doc.doctype} {len(made)}"
		made.append(doc)
		return doc

	for doctype in ("Project", "Task"):
		monkeypatch.setattr(type(frappe.new_doc(doctype)), "insert", insert)
	done = {}

	def milestone(name: str, status: str = "Open", task: str | None = None):
		row = frappe._dict(
			milestone=name, status=status, task=task, due_date=f"2026-05-{len(name):02d}", notes=f"About {name}"
		)
		row.db_set = lambda field, value, update_modified: done.update({name: (field, value, update_modified)})
		return row

	sales = frappe._dict(
		name=f"SP {world.tag}", title=f"Sluice {world.tag}", company=world.company, customer=world.customer, start_date="2026-04-01",
		end_date="2026-06-30", expected_close="2026-03-01", department="Works", sales_owner="rep@crm-test.example",
		members=[frappe._dict(user="a@x.example"), frappe._dict(user="b@x.example")],
		milestones=[milestone("Dig"), milestone("Done", "Completed"), milestone("Tasked", task="T-1"), milestone("Build")],
	)  # fmt: skip
	assert project.make(sales) == made[0].name
	fields = ("project_name", "company", "customer", "expected_start_date", "expected_end_date", "department")
	assert [made[0].doctype, *(made[0].get(field) for field in fields)] == [
		"Project", f"Sluice {world.tag}", world.company, world.customer, "2026-04-01", "2026-06-30", "Works",
	]  # fmt: skip
	assert [(row.user, row.welcome_email_sent) for row in made[0].users] == [("a@x.example", 1), ("b@x.example", 1)]
	tasks = [
		(doc.doctype, doc.subject, doc.project, doc.exp_end_date, doc.is_milestone, doc.description) for doc in made[1:]
	]
	assert tasks == [
		("Task", "Dig", made[0].name, "2026-05-03", 1, "About Dig"), ("Task", "Build", made[0].name, "2026-05-05", 1, "About Build"),
	]  # fmt: skip
	assert done == {"Dig": ("task", made[1].name, False), "Build": ("task", made[2].name, False)}


def test_a_project_of_a_name_that_is_taken_is_told_apart_by_its_number(world):
	sales = frappe._dict(name=f"SP {world.tag}", title=f"Sluice {world.tag}")
	assert project._free_name(sales) == sales.title
	rows.row("Project", name=f"PROJ {world.tag}", project_name=sales.title, docstatus=0)
	assert project._free_name(sales) == f"{sales.title} ({sales.name})"
