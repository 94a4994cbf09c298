"""Documents that the app makes have, field by field, what ERPNext's own forms fill in.

`by_the_form.json` holds what Desk wrote in a browser, in the world of form_world.py: a new Quotation and a new Sales
Order (company, customer, four pumps, one installation, save) and a Sales Order by *Create* on the quotation.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, cstr, getdate, nowdate

from crm_pipeline import api
from tests.site.bench import form_world

FORMS = json.loads(Path(__file__).with_name("by_the_form.json").read_text())


@pytest.fixture(scope="module")
def furnished(ground):
	form_world.build(ground.world)
	return ground.world


@pytest.fixture
def world(furnished):
	return SimpleNamespace(**vars(furnished))


def expected(world, form: str) -> dict[str, str]:
	names = {"«tag»": world.tag, "«company»": world.company, "«abbr»": world.abbr}

	def shown(value: str) -> str:
		for placeholder, name in names.items():
			value = value.replace(placeholder, name)
		day = re.fullmatch(r"«today([+-]\d+)»", value)
		return add_days(nowdate(), int(day[1])) if day else value

	return {field: shown(value) for field, value in FORMS[form].items()}


def found(doc, path: str):
	"""The value at a path like `items[0].rate` as text; None where this version of ERPNext has no such field."""
	table, number, field = re.fullmatch(r"(?:(\w+)\[(\d+)\]\.)?(\w+)", path).groups()
	if table:
		rows = doc.get(table)
		if int(number) >= len(rows):
			return "no such row"
		doc = rows[int(number)]
	return cstr(doc.get(field)) if doc.meta.has_field(field) else None


def differences(doc, wanted: dict[str, str]) -> dict[str, tuple[str, str]]:
	doc.reload()
	pairs = {path: (value, found(doc, path)) for path, value in wanted.items()}
	return {path: pair for path, pair in pairs.items() if pair[1] is not None and not _equal(*pair)}


def _equal(one: str, other: str) -> bool:
	try:
		return abs(float(one) - float(other)) < 0.005
	except ValueError:
		return one == other


def deal(sale, world, who: str, **values):
	return sale.opportunity(
		customer=getattr(world, who),
		items=[{"item_code": world.pump, "qty": 4}, {"item_code": world.service, "qty": 1, "rate": 80}],
		**values,
	)


def quotation_of(source):
	return frappe.get_doc("Quotation", api.make_quotation(source.doctype, source.name)["name"])


def order_now(source):
	return frappe.get_doc("Sales Order", api.order_now(source.doctype, source.name)["name"])


@pytest.mark.parametrize("who", ["customer", "plain"])
def test_a_quotation_of_a_deal_is_as_the_form_makes_it(sale, world, who):
	quotation = quotation_of(deal(sale, world, who))
	assert differences(quotation, expected(world, f"Quotation/{who}")) == {}
	assert quotation.terms == f"Standard terms for {getattr(world, who)}"


@pytest.mark.parametrize("who", ["customer", "plain"])
def test_an_order_from_a_quotation_is_as_the_button_makes_it(sale, world, who):
	quotation = quotation_of(deal(sale, world, who))
	quotation.submit()
	assert differences(order_now(quotation), expected(world, f"Mapped/{who}")) == {}


@pytest.mark.parametrize("who", ["customer", "plain"])
@pytest.mark.parametrize("way", ["deal", "contract", "request"])
def test_an_order_without_a_quotation_is_as_the_form_makes_it(sale, world, who, way):
	source = deal(sale, world, who)
	if way == "contract":
		source = frappe.get_doc("Sales Contract", api.make_contract(source.doctype, source.name)["name"])
		source.submit()
	order = order_now(source) if way != "request" else sale.order(source)
	assert differences(order, expected(world, f"Sales Order/{who}")) == {}
	assert order.terms == f"Standard terms for {getattr(world, who)}"


def test_the_invoice_of_an_order_has_its_taxes(sale, world):
	invoice = sale.bill(order_now(deal(sale, world, "plain")))
	assert (invoice.taxes_and_charges, invoice.grand_total) == (world.home, 480.4)


# ---- what was agreed stays


def test_what_the_contract_says_wins_over_what_the_form_would_fill_in(sale, world):
	other = form_world.contact(world, "Second", world.customer, primary=0)
	elsewhere = form_world.address(world, "Depot", ("Customer", world.customer), address_type="Shipping")
	agreed = {
		"contact_person": other,
		"shipping_address_name": elsewhere,
		"taxes_and_charges": world.home,
		"payment_terms_template": world.net30,
		"tc_name": f"Special {world.tag}",
		"terms": "As we said",
	}
	contract = sale.contract(customer=world.customer, **agreed)
	order = sale.order(contract)
	assert {field: order.get(field) for field in agreed} == agreed
	assert order.contact_email == f"second@{world.tag}.example"
	assert order.contact_display == f"Second {world.tag}"
	assert "Depot" in order.shipping_address
	assert [row.rate for row in order.taxes] == [19]
	assert [row.rate for row in order.items] == [100, 80]


def test_another_tax_template_that_the_request_changes_to_takes_the_place_of_the_quoted_one(sale, world):
	quotation = sale.quotation(party_name=world.plain, taxes_and_charges=world.home)
	request = sale.request(quotation, submit=False)
	request.taxes_and_charges = world.export
	request.save()
	request.submit()
	order = sale.accept(request)
	assert (order.taxes_and_charges, [row.rate for row in order.taxes]) == (world.export, [3])


def test_a_contract_of_a_quotation_has_what_the_quotation_says(sale, world):
	quotation = sale.quotation(
		party_name=world.customer,
		shipping_address_name=form_world.address(world, "Depot", ("Customer", world.customer), address_type="Shipping"),
		contact_person=form_world.contact(world, "Second", world.customer, primary=0),
		taxes_and_charges=world.home,
		tax_category=world.tax_category,
		payment_terms_template=world.net30,
		tc_name=f"Special {world.tag}",
		terms="As we said",
		selling_price_list=world.price_list,
	)
	fields = (
		"shipping_address_name", "contact_person", "taxes_and_charges", "tax_category", "payment_terms_template",
		"tc_name", "terms", "selling_price_list",
	)  # fmt: skip
	wanted = {field: quotation.get(field) for field in fields}
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	assert {field: contract.get(field) for field in fields} == wanted
	contract.submit()
	request = sale.request(contract)
	assert {field: request.get(field) for field in fields} == wanted
	assert {field: sale.accept(request).get(field) for field in fields} == wanted


@pytest.mark.parametrize("doctype", ["Sales Contract", "Sales Order Request"])
def test_contract_and_request_of_a_deal_have_what_their_forms_fill_in_for_the_customer(sale, world, doctype):
	source = deal(sale, world, "customer", territory=None)
	maker = api.make_contract if doctype == "Sales Contract" else api.make_order_request
	made = frappe.get_doc(doctype, maker(source.doctype, source.name)["name"])
	form = expected(world, "Sales Order/customer")
	fields = (
		"customer_address", "shipping_address_name", "contact_person", "tax_category", "payment_terms_template",
		"selling_price_list",
	)  # fmt: skip
	assert {field: made.get(field) for field in fields} == {field: form[field] for field in fields}
	assert made.territory == frappe.db.get_value("Customer", world.customer, "territory")


@pytest.mark.parametrize("who", ["rep", "desk"])
def test_nobody_needs_more_rights_for_it_than_for_the_form(sale, world, as_user, who):
	as_user(who)
	quotation = quotation_of(deal(sale, world, "customer"))
	quotation.submit()
	request = sale.request(quotation)
	as_user("desk")
	assert differences(sale.accept(request), expected(world, "Mapped/customer")) == {}


def test_the_shipping_rule_of_a_quotation_is_on_its_order(sale, world):
	rule = frappe.get_doc(
		{
			"doctype": "Shipping Rule",
			"label": f"Post {world.tag}",
			"shipping_rule_type": "Selling",
			"calculate_based_on": "Fixed",
			"shipping_amount": 12,
			"company": world.company,
			"account": form_world.tax_account(world, "Freight"),
			"cost_center": frappe.db.get_value("Company", world.company, "cost_center"),
		}
	).insert()
	quotation = quotation_of(deal(sale, world, "plain"))
	quotation.shipping_rule = rule.name
	quotation.save()
	quotation.submit()
	contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
	contract.submit()
	order = order_now(contract)
	assert (order.shipping_rule, order.grand_total) == (rule.name, quotation.grand_total)
	assert order.grand_total == pytest.approx(492.4)


def test_the_person_on_the_deal_is_the_contact_of_quotation_contract_request_and_order(sale, world):
	other = form_world.contact(world, "Second", world.customer, primary=0)
	stranger = form_world.contact(world, "Stranger", world.plain, primary=0)
	people = [{"contact": stranger}, {"contact": other}]
	source = deal(sale, world, "customer", contacts=people)
	quotation = quotation_of(source)
	assert (quotation.contact_person, quotation.contact_email) == (other, f"second@{world.tag}.example")
	request = sale.request(source)
	assert (request.contact_person, sale.accept(request).contact_person) == (other, other)
	source = deal(sale, world, "customer", contacts=people)
	contract = api.make_contract(source.doctype, source.name)["name"]
	assert frappe.db.get_value("Sales Contract", contract, "contact_person") == other


def test_what_somebody_changed_on_our_draft_stays(sale, world):
	source = deal(sale, world, "customer")
	quotation = quotation_of(source)
	quotation.update({"taxes_and_charges": None, "taxes": [], "contact_person": None, "tc_name": None})
	quotation.save()
	again = quotation_of(source)
	assert (again.name, again.taxes, again.tc_name) == (quotation.name, [], None)


def test_an_address_decides_about_the_tax_category(sale, world):
	frappe.db.set_single_value("Accounts Settings", "determine_address_tax_category_from", "Shipping Address")
	category = frappe.get_doc({"doctype": "Tax Category", "title": f"Island {world.tag}"}).insert().name
	depot = form_world.address(
		world, "Depot", ("Customer", world.plain), address_type="Shipping", tax_category=category
	)
	frappe.get_doc(
		{
			"doctype": "Tax Rule",
			"tax_type": "Sales",
			"tax_category": category,
			"sales_tax_template": world.export,
			"company": world.company,
		}
	).insert()
	order = sale.order(sale.contract(customer=world.plain, shipping_address_name=depot))
	assert (order.tax_category, order.taxes_and_charges) == (category, world.export)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_tax_rule_holds_for_its_days(sale, world, days):
	frappe.db.set_value(
		"Tax Rule", {"customer": world.customer}, {"from_date": add_days(nowdate(), days), "to_date": None}
	)
	order = order_now(deal(sale, world, "customer"))
	assert order.taxes_and_charges == (world.export if days < 0 else world.home)


def test_the_default_dimensions_of_the_company_are_on_document_and_rows(sale, world):
	project = frappe.get_doc(
		{"doctype": "Project", "project_name": f"House {world.tag}", "company": world.company}
	).insert()
	# A dimension of a column that is there: making one by the form would change the schema, and commit.
	dimension = {
		"doctype": "Accounting Dimension",
		"name": f"House {world.tag}",
		"fieldname": "project",
		"document_type": "Project",
	}
	frappe.get_doc({**dimension, "label": "House"}).db_insert()
	detail = {"parent": dimension["name"], "parenttype": "Accounting Dimension", "parentfield": "dimension_defaults"}
	default = {"company": world.company, "default_dimension": project.name, "reference_document": "Project"}
	frappe.get_doc({"doctype": "Accounting Dimension Detail", **detail, **default}).db_insert()
	order = order_now(deal(sale, world, "plain"))
	assert {order.project, *(row.project for row in order.items)} == {project.name}


# ---- price lists


def test_a_deal_is_priced_from_the_list_of_the_customer_or_its_group(sale, world):
	assert (deal(sale, world, "plain").selling_price_list, deal(sale, world, "plain").items[0].rate) == (
		world.price_list_of_group,
		90,
	)
	frappe.db.set_value("Customer", world.plain, "default_price_list", world.price_list)
	frappe.clear_document_cache("Customer", world.plain)
	assert deal(sale, world, "plain").items[0].rate == 100


def test_another_list_that_was_chosen_stays(sale, world):
	own = frappe.get_doc(
		{"doctype": "Price List", "price_list_name": f"Fair {world.tag}", "selling": 1, "currency": world.currency}
	)
	own.insert()
	chosen = deal(sale, world, "plain", selling_price_list=own.name)
	assert chosen.selling_price_list == own.name
	quotation = sale.quotation(party_name=world.plain, selling_price_list=world.price_list)
	contract = api.make_contract("Quotation", quotation.name)["name"]
	assert frappe.db.get_value("Sales Contract", contract, "selling_price_list") == world.price_list


def test_the_valid_days_of_a_quotation_are_those_of_the_form(sale, world):
	frappe.db.set_single_value("CRM Settings", "default_valid_till", 12)
	assert getdate(quotation_of(deal(sale, world, "plain")).valid_till) == getdate(add_days(nowdate(), 12))
