"""Parts of the chain: what a ribbon is drawn from, what goes along, who may name what as a source, what is locked and noted."""

import json
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.chain import (
	carry,
	finding,
	item_rows,
	link_titles,
	locks,
	pending,
	read_once,
	reference,
	ribbon_steps,
	rights,
	row_changes,
	sources,
	typed_values,
)
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import ROLLED_UP
from crm_pipeline.orders import roll_up
from crm_pipeline.overrides import delivery_note, payment_entry, quotation, sales_invoice, sales_order
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.world import refused

LEAD, DEAL, CONTRACT, ORDER = "Sales Lead", "Sales Opportunity", "Sales Contract", "Sales Order"
REP, OTHER, STRANGER = (USERS[who][0] for who in ("rep", "other_rep", "stranger"))


@pytest.fixture
def chain(sale, world):
	"""A lead, its deal, an order of that, and what followed the order; an order of its own beside it."""
	lead = sale.lead(customer=world.customer, prospect_name=None)
	deal = sale.opportunity(source_type=LEAD, source_name=lead.name)
	order = rows.order(world, 480, crm_source_type=DEAL, crm_source_name=deal.name)
	loose = rows.order(world, 50)
	notes = {}
	for key, of in (("sent", order), ("loose", loose), ("none", None)):
		notes[key] = rows.row("Delivery Note", name=f"{key} {world.tag}", company=world.company, status="To Bill")
		rows.row("Delivery Note Item", parent=notes[key], against_sales_order=of, item_code=world.pump)
	return SimpleNamespace(lead=lead, deal=deal, order=order, own=loose, **notes)


# ---- the ribbon


def test_a_ribbon_says_where_the_document_came_from(chain):
	said = lambda doctype, name: ribbon_steps.ribbon_of(doctype, name)["source"]  # noqa: E731
	assert said(LEAD, chain.lead.name) == "Created Directly"
	assert said(DEAL, chain.deal.name) == f"Sales Lead {chain.lead.name}"
	assert said(ORDER, chain.order) == f"Sales Opportunity {chain.deal.name}"
	assert said("Delivery Note", chain.sent) is None


def test_the_ribbon_of_what_followed_an_order_is_that_of_the_order(chain, world):
	of_order = ribbon_steps.ribbon_of(ORDER, chain.order)
	assert ribbon_steps.ribbon_of("Delivery Note", chain.sent) == {**of_order, "source": None}
	named = {node["name"] for step in of_order["steps"] for node in step["nodes"]}
	assert named == {chain.lead.name, chain.deal.name, chain.order}
	assert (of_order["amounts"]["ordered"], of_order["currency"]) == (480, world.currency)
	assert ribbon_steps.ribbon_of("Delivery Note", chain.none) == {
		"source": None,
		"steps": [],
		"amounts": None,
		"currency": None,
	}


def test_a_ribbon_without_an_order_has_no_amounts(sale):
	deal = sale.opportunity()
	of_deal = ribbon_steps.ribbon_of(DEAL, deal.name)
	assert (of_deal["amounts"], of_deal["currency"]) == (None, None)
	nodes = [node for step in of_deal["steps"] for node in step["nodes"]]
	assert [(node["doctype"], node["name"], node["title"], node["state"]) for node in nodes] == [
		(DEAL, deal.name, deal.title, "Open")
	]


def test_the_nodes_of_a_chain_are_known_with_what_each_came_from(chain):
	refs = [Ref(LEAD, chain.lead.name), Ref(DEAL, chain.deal.name), Ref(ORDER, chain.order), Ref(ORDER, chain.own)]
	nodes, came_from = ribbon_steps._nodes(refs)
	assert [(node.doctype, node.name) for node in nodes] == [(ref.doctype, ref.name) for ref in refs]
	assert came_from == {
		(DEAL, chain.deal.name): (LEAD, chain.lead.name),
		(ORDER, chain.order): (DEAL, chain.deal.name),
	}
	assert (nodes[0].title, nodes[0].state) == (chain.lead.title, "New")


@pytest.mark.parametrize(("key", "chained"), [("sent", True), ("loose", False), ("none", False)])
def test_a_delivery_has_a_chain_where_its_order_came_from_something(chain, key, chained):
	assert ribbon_steps.in_chain(frappe._dict(doctype="Delivery Note", name=getattr(chain, key))) is chained


def test_an_order_or_quotation_has_a_chain_where_something_was_before_or_after_it(chain, world):
	quotation = rows.row("Quotation", name=f"Q {world.tag}", company=world.company, party_name=world.customer)
	in_chain = lambda doctype, name: ribbon_steps.in_chain(frappe.get_doc(doctype, name))  # noqa: E731
	assert in_chain(ORDER, chain.order) and not in_chain(ORDER, chain.own)
	assert not in_chain("Quotation", quotation)
	rows.order(world, 10, crm_source_type="Quotation", crm_source_name=quotation)
	assert in_chain("Quotation", quotation)


@pytest.mark.parametrize(
	("events", "doctype"),
	[
		(delivery_note, "Delivery Note"), (sales_invoice, "Sales Invoice"), (payment_entry, "Payment Entry"),
		(quotation, "Quotation"), (sales_order, ORDER),
	],
)  # fmt: skip
def test_forms_of_erpnext_are_told_whether_there_is_a_chain(site, monkeypatch, events, doctype):
	asked = []
	monkeypatch.setattr(ribbon_steps, "in_chain", lambda doc: asked.append(doc.name) or True)
	doc = frappe.new_doc(doctype)
	events.onload(doc)
	assert (doc.get("__onload")["crm_chain"], asked) == (False, [])
	doc.name = "X-1"
	monkeypatch.setattr(doc, "is_new", lambda: False, raising=False)
	events.onload(doc)
	assert (doc.get("__onload")["crm_chain"], asked) == (True, ["X-1"])


# ---- what is looked at every day


def test_what_has_orders_or_says_so_and_what_was_won_is_looked_at_every_day(chain, sale, world):
	looked = roll_up._to_reconcile
	assert Ref(DEAL, chain.deal.name) in looked() and Ref(LEAD, chain.lead.name) not in looked()
	won, told, plain = (sale.opportunity(title=title) for title in ("Won", "Told", "Plain"))
	frappe.db.set_value(DEAL, won.name, "won_by", "CON-1")
	frappe.db.set_value(DEAL, told.name, "paid_amount", 1)
	contract = sale.contract(source_type=DEAL, source_name=plain.name)
	frappe.db.set_value(CONTRACT, contract.name, "billed_amount", 5)
	found = looked()
	assert {Ref(DEAL, doc.name) for doc in (won, told, plain)} | {Ref(CONTRACT, contract.name)} <= set(found)
	assert found == sorted(found, key=lambda ref: (ROLLED_UP.index(ref.doctype), ref.name))
	pairs = [(ref.doctype, ref.name) for ref in found]
	assert roll_up.to_reconcile(None) == pairs
	assert roll_up.to_reconcile(list(pairs[0])) == pairs[1:] and roll_up.to_reconcile(list(pairs[-1])) == []


def test_of_what_is_gone_nothing_is_mended(site):
	assert roll_up.mend(DEAL, "OPP-NOWHERE") is False and roll_up.recompute(Ref(DEAL, "OPP-NOWHERE")) is False


def test_amounts_that_drifted_are_mended_and_cents_are_none(chain):
	columns = [f"{column}_amount" for column in roll_up.COLUMNS]
	of_deal = lambda: frappe.db.get_value(DEAL, chain.deal.name, columns)  # noqa: E731
	modified = frappe.db.get_value(DEAL, chain.deal.name, "modified")
	assert roll_up.recompute(Ref(DEAL, chain.deal.name)) is True
	assert of_deal() == (480, 0, 0, 0) and frappe.db.get_value(DEAL, chain.deal.name, "modified") == modified
	assert roll_up.recompute(Ref(DEAL, chain.deal.name)) is False
	for off, mended in ((0.003, False), (0.005, True)):
		frappe.db.set_value(DEAL, chain.deal.name, "ordered_amount", 480 + off, update_modified=False)
		assert roll_up.recompute(Ref(DEAL, chain.deal.name)) is mended


# ---- titles of links, and link fields


def test_who_reads_a_document_is_sent_the_titles_of_what_it_links_to(chain, sale, as_user):
	contract = sale.contract(submit=False, source_type=DEAL, source_name=chain.deal.name)
	sent = {}
	for who in ("rep", "finance", "stranger"):
		as_user(who)
		doc = frappe.get_doc(CONTRACT, contract.name)
		link_titles.send(doc)
		sent[who] = doc.get("__onload")["link_titles"].get(f"{DEAL}::{chain.deal.name}")
	assert sent == {"rep": chain.deal.title, "finance": chain.deal.title, "stranger": None}


def test_people_are_sent_by_their_names(chain):
	chain.deal.sales_owner = REP
	link_titles.send(chain.deal)
	name = frappe.db.get_value("User", REP, "full_name")
	assert chain.deal.get("__onload")["link_titles"][f"User::{REP}"] == name


def test_what_forms_call_a_document_is_known_of_every_type():
	called = {doctype: link_titles.title_field(doctype) for doctype in (DEAL, "Customer", "Contact", "Sales Activity")}
	assert called == {DEAL: "title", "Customer": "customer_name", "Contact": "full_name", "Sales Activity": "subject"}
	assert link_titles.title_field("Has Role") == "name"


@pytest.mark.parametrize("doctype", [DEAL, CONTRACT, LEAD])
def test_a_link_field_finds_documents_by_the_number_of_the_customer_s_people(sale, world, doctype):
	make = {DEAL: sale.opportunity, CONTRACT: lambda **values: sale.contract(submit=False, **values), LEAD: sale.lead}
	doc = make[doctype](title=f"Quay {world.tag}", customer=world.customer, **({"prospect_name": None, "phone": None} if doctype == LEAD else {}))  # fmt: skip
	contact = rows.row("Contact", name=f"Ines {world.tag}", full_name="Ines Marlow", docstatus=0)
	link = {"parent": contact, "parenttype": "Contact", "docstatus": 0}
	rows.row(
		"Contact Phone", phone="+1 555 777 1234", crm_match_phone="5557771234", parentfield="phone_nos", idx=1, **link
	)
	rows.row("Dynamic Link", link_doctype="Customer", link_name=world.customer, parentfield="links", idx=1, **link)
	found = lambda text, **how: [  # noqa: E731
		row["name"] for row in finding.documents(doctype, text, 0, 20, None, as_dict=True)
	]
	assert doc.name in found("555 777-1234") and doc.name in found(f"quay {world.tag}")
	assert doc.name not in found("555 777-9999") and doc.name not in found("no such title")
	first = finding.documents(doctype, f"Quay {world.tag}", 0, 20, {"name": doc.name}, as_dict=False)
	assert [row[0] for row in first] == [doc.name]
	assert finding.documents(doctype, "", 0, 20, {"name": ("!=", doc.name), "title": doc.title}, as_dict=True) == []


# ---- what goes along


def task_of(doc, user: str | None, **values) -> str:
	about = {"reference_type": doc.doctype, "reference_name": doc.name, "description": "Call"}
	return rows.row("ToDo", **{"status": "Open", "allocated_to": user, "docstatus": 0, **about, **values})


def test_a_conversion_takes_open_assignments_along(sale, as_user):
	lead, deal, other = sale.lead(), sale.opportunity(), sale.lead()
	mine, nobody_s = task_of(lead, REP), task_of(lead, None)
	closed, elsewhere = task_of(lead, REP, status="Closed"), task_of(other, REP)
	lead.db_set("_assign", json.dumps([REP]), update_modified=False)
	other.db_set("_assign", json.dumps([REP]), update_modified=False)
	as_user("other_rep")
	carry.carry_work(lead, deal)
	as_user("Administrator")
	about = lambda name: tuple(frappe.db.get_value("ToDo", name, ["reference_type", "reference_name"]))  # noqa: E731
	assert about(mine) == about(nobody_s) == (DEAL, deal.name)
	assert about(closed) == (LEAD, lead.name) and about(elsewhere) == (LEAD, other.name)
	assert frappe.db.get_value(LEAD, lead.name, "_assign") is None
	carry.carry_work(sale.opportunity(), deal)
	assert frappe.db.get_value(LEAD, other.name, "_assign")


def test_a_file_goes_along_once_and_a_folder_not(sale):
	lead, deal = sale.lead(), sale.opportunity()
	of_lead = {"attached_to_doctype": LEAD, "attached_to_name": lead.name, "docstatus": 0}
	rows.row(
		"File", file_name="plan.pdf", file_url="https://files.example/plan.pdf", is_private=0, is_folder=0, **of_lead
	)
	rows.row("File", file_name="Plans", file_url="/plans", is_folder=1, **of_lead)
	for _twice in range(2):
		carry.carry_files(lead, deal)
	fields = ["file_name", "file_url", "is_private"]
	filters = {"attached_to_doctype": DEAL, "attached_to_name": deal.name}
	found = frappe.get_all("File", filters=filters, fields=fields, order_by="creation asc")
	assert [tuple(row[field] for field in fields) for row in found] == [
		("plan.pdf", "https://files.example/plan.pdf", 0)
	]


# ---- sources


def test_an_order_goes_on_when_what_it_came_from_is_gone_but_a_new_one_names_nothing_that_is_not_there(chain, world):
	order = frappe.get_doc(ORDER, chain.order)
	order._doc_before_save = frappe.get_doc(ORDER, chain.order)
	frappe.db.delete(DEAL, {"name": chain.deal.name})
	sources.validate(order)
	order._doc_before_save = frappe.get_doc(ORDER, chain.own)
	order.flags.ignore_permissions = True
	with refused(frappe.LinkValidationError, match="does not exist"):
		sources.validate(order)
	order.crm_source_name = None
	with refused(match="belong together"):
		sources.validate(order)
	order.crm_source_type = None
	sources.validate(order)


def test_a_document_of_ours_may_not_keep_a_source_that_is_gone(chain):
	deal = chain.deal
	deal._doc_before_save = frappe.get_doc(DEAL, deal.name)
	frappe.db.delete(LEAD, {"name": chain.lead.name})
	with refused(frappe.LinkValidationError, match="Sales Lead .* does not exist"):
		sources.validate(deal)


def test_what_is_imported_with_its_history_may_be_about_another_customer(chain, sale, world):
	rows.row("Customer", name=f"Other {world.tag}", customer_name=f"Other {world.tag}", docstatus=0)
	contract = sale.contract(submit=False)
	contract.update({"customer": f"Other {world.tag}", "source_type": DEAL, "source_name": chain.deal.name})
	contract._doc_before_save = None
	with refused(match="Customer of Sales Opportunity .* is .*, not .*Other"):
		sources.validate(contract)
	contract.flags.history_import = True
	sources.validate(contract)
	contract.source_name = "OPP-NOWHERE"
	with refused(frappe.LinkValidationError, match="does not exist"):
		sources.validate(contract)


@pytest.mark.parametrize("state", [0, 1, 2])
def test_nothing_new_comes_from_what_is_cancelled_but_what_was_submitted_goes_on(chain, world, sale, state):
	contract = sale.contract()
	contract.db_set("docstatus", 2)
	order = frappe.get_doc(ORDER, chain.own)
	order.update({"crm_source_type": CONTRACT, "crm_source_name": contract.name})
	order._doc_before_save = frappe._dict(
		doctype=ORDER, docstatus=state, customer=world.customer, company=world.company,
		crm_source_type=CONTRACT, crm_source_name=contract.name,
	)  # fmt: skip
	if state == 1:
		sources.validate(order)
		return
	with refused(frappe.CancelledLinkError, match=f"Contract .*{contract.name}.* is cancelled"):
		sources.validate(order)


def test_a_deal_keeps_its_customer_while_what_came_of_it_is_submitted(chain, world, sale):
	deal = frappe.get_doc(DEAL, chain.deal.name)
	deal._doc_before_save = frappe.get_doc(DEAL, chain.deal.name)
	sources.refuse_leaving(deal)
	deal.customer = f"Other {world.tag}"
	with refused(match=f"Customer of Sales Order {chain.order}.* Cancel it before"):
		sources.refuse_leaving(deal)
	frappe.db.set_value(ORDER, chain.order, "docstatus", 0)
	sources.refuse_leaving(deal)
	frappe.db.set_value(ORDER, chain.order, {"docstatus": 1, "customer": None})
	sources.refuse_leaving(deal)
	deal.company = "Another Company"
	with refused(match=f"Company of Sales Order {chain.order}"):
		sources.refuse_leaving(deal)
	deal._doc_before_save = None
	sources.refuse_leaving(deal)
	lead = frappe.get_doc(LEAD, chain.lead.name)
	lead._doc_before_save = frappe.get_doc(LEAD, chain.lead.name)
	lead.company = "Another Company"
	sources.refuse_leaving(lead)


# ---- rows


@pytest.mark.parametrize(
	("qty", "whole", "said"), [(1.5, 1, True), (2, 1, False), (1.5, 0, False), (0.0000001, 1, False)]
)
def test_a_part_of_a_unit_that_is_sold_as_a_whole_is_refused(sale, world, qty, whole, said):
	crate = rows.row("UOM", name=f"Crate {qty} {whole} {world.tag}", must_be_whole_number=whole, docstatus=0)
	deal = sale.opportunity()
	deal.items[1].update({"uom": crate, "qty": qty})
	if not said:
		item_rows.check_whole_units(deal)
		return
	with refused(match=r"Row 2: .*1.5 of unit .*Crate .* is not a whole number"):
		item_rows.check_whole_units(deal)
	deal.items[1].uom = None
	item_rows.check_whole_units(deal)


@pytest.mark.parametrize(("free", "rate", "left", "costs"), [(1, 0, 1, 0), (1, 9, 0, 9), (0, 9, 0, 9), (0, 0, 0, 45)])
def test_a_row_that_is_free_costs_nothing_until_somebody_enters_a_price(sale, monkeypatch, free, rate, left, costs):
	request = frappe.new_doc("Sales Order Request")
	request.update(
		{"conversion_rate": 1, "items": [{"item_code": sale.world.pump, "qty": 1, "rate": rate, "is_free": free}]}
	)
	row = request.items[0]
	monkeypatch.setattr(item_rows.prices, "list_price", lambda *args: {"rate": 45})
	item_rows.complete_row(request, row)
	assert (row.is_free, row.rate) == (left, costs)


def changed(deal, **values):
	"""A row of a deal that is changed, with the deal as it was before."""
	deal._doc_before_save = frappe.get_doc(deal.doctype, deal.name)
	row = deal.items[0]
	row.update(values)
	return row


LISTED = {"price_list_rate": 60, "rate": 54, "discount_percentage": 10}


@pytest.mark.parametrize(
	("values", "listed", "expected"),
	[
		({}, LISTED, (100, 100, 0)),
		({"item_code": "other"}, LISTED, (60, 54, 10)),
		({"item_code": "other", "discount_percentage": 20}, LISTED, (60, 0, 20)),
		({"item_code": "other"}, {}, (0, 100, 0)),
		({"item_code": "other", "rate": 70}, LISTED, (100, 70, 0)),
		({"item_code": "other", "price_list_rate": 70}, LISTED, (70, 100, 0)),
		({"item_code": "other", "quotation_item": "row"}, LISTED, (100, 100, 0)),
		({"uom": "Box"}, LISTED, (60, 54, 10)),
		({"discount_percentage": 5}, LISTED, (100, 0, 5)),
		({"qty": 9}, LISTED, (100, 100, 0)),
	],
)
def test_the_price_of_a_row_follows_what_is_changed_of_it(sale, world, monkeypatch, values, listed, expected):
	monkeypatch.setattr(row_changes.prices, "list_price", lambda *args: listed)
	monkeypatch.setattr(row_changes.pricing_rules, "are_used", lambda: False)
	deal = sale.opportunity()
	frappe.db.set_value(deal.items[0].doctype, deal.items[0].name, {"price_list_rate": 100, "rate": 100})
	deal.reload()
	row = changed(deal, **{key: world.filter if value == "other" else value for key, value in values.items()})
	row_changes.follow_price(deal, row)
	assert (row.price_list_rate, row.rate, row.discount_percentage) == expected


@pytest.mark.parametrize(
	("ruled", "used", "agreed", "expected"),
	[
		(100, True, None, (60, 54, 10)),
		(100.004, True, None, (60, 54, 10)),
		(90, True, None, (100, 100, 0)),
		(100, False, None, (100, 100, 0)),
		(100, True, "row", (100, 100, 0)),
	],
)
def test_pricing_rules_price_another_quantity_where_they_made_the_price(
	sale, monkeypatch, ruled, used, agreed, expected
):
	deal = sale.opportunity()
	frappe.db.set_value(deal.items[0].doctype, deal.items[0].name, {"price_list_rate": 100, "rate": 100})
	deal.reload()
	row = changed(deal, qty=9, quotation_item=agreed)
	asked = lambda doc, row: {"rate": ruled} if row.qty == 4 else {**LISTED, "uom": "Box"}  # noqa: E731
	monkeypatch.setattr(row_changes.prices, "list_price", asked)
	monkeypatch.setattr(row_changes.pricing_rules, "are_used", lambda: used)
	row_changes.follow_price(deal, row)
	assert (row.price_list_rate, row.rate, row.discount_percentage) == expected
	assert row.uom == "Nos"


def test_a_new_row_and_a_new_document_follow_nothing(sale, monkeypatch):
	monkeypatch.setattr(row_changes.prices, "list_price", lambda *args: LISTED)
	deal = sale.opportunity()
	row = changed(deal, item_code=sale.world.filter)
	row.name = "new"
	row_changes.follow_price(deal, row)
	deal._doc_before_save = None
	row_changes.follow_price(deal, deal.items[1])
	assert (row.rate, deal.items[1].rate) == (100, 80)


@pytest.mark.parametrize(
	("values", "listed", "expected"),
	[
		({"selling_price_list": "Other"}, LISTED, (60, 54, 10)),
		({"selling_price_list": "Other"}, {}, (100, 100, 0)),
		({"selling_price_list": "Other"}, {**LISTED, "price_list_rate": 100}, (100, 100, 0)),
		({"customer": "Other"}, {**LISTED, "price_list_rate": 100}, (100, 54, 10)),
	],
)
def test_another_price_list_or_customer_brings_its_prices(sale, monkeypatch, values, listed, expected):
	deal = sale.opportunity()
	frappe.db.set_value(deal.items[0].doctype, deal.items[0].name, {"price_list_rate": 100, "rate": 100})
	deal.reload()
	row = changed(deal)
	deal.update(values)
	of_before = {"price_list_rate": 100, "rate": 100, "discount_percentage": 0}
	asked = lambda doc, row: of_before if doc is deal._doc_before_save else listed  # noqa: E731
	monkeypatch.setattr(row_changes.prices, "list_price", asked)
	row_changes.follow_price(deal, row)
	assert (row.price_list_rate, row.rate, row.discount_percentage) == expected


# ---- values as other systems write them


@pytest.mark.parametrize(
	("fieldtype", "given", "taken"),
	[
		("Datetime", "2026-02-30T10:00:00Z", "2026-02-30T10:00:00Z"),
		("Datetime", " 2026-02-30T10:00:00+02:00 ", "2026-02-30T10:00:00+02:00"),
		("Datetime", "2026-02-03 10:00:00", "2026-02-03 10:00:00"),
		("Datetime", "next week", "next week"),
		("Date", "2026-02-03T23:30:00-05:00", "2026-02-03"),
		("Date", "2026-02-03", "2026-02-03"),
	],
)
def test_a_moment_that_is_none_is_left_to_who_says_so(site, fieldtype, given, taken):
	assert typed_values._without_zone(fieldtype, given) == taken


def test_a_moment_with_its_distance_becomes_the_site_s_time(site, monkeypatch):
	from zoneinfo import ZoneInfo

	monkeypatch.setattr(typed_values.user_day, "site_zone", lambda: ZoneInfo("Asia/Kolkata"))
	for given in ("2026-02-03T10:00:00Z", "2026-02-03 10:00:00.000z", "2026-02-03T12:00+02:00"):
		assert str(typed_values._without_zone("Datetime", given)) == "2026-02-03 15:30:00"
	assert typed_values._without_zone("Datetime", None) is None


# ---- rights


def test_a_field_of_a_higher_level_is_read_by_who_may(site, as_user, monkeypatch):
	field = frappe.get_meta(DEAL).get_field("amount")
	monkeypatch.setitem(vars(field), "permlevel", 0)
	as_user("rep")
	assert rights.reads_fields(DEAL, ["amount", "title", "no_such_field"])
	monkeypatch.setitem(vars(field), "permlevel", 3)
	assert not rights.reads_fields(DEAL, ["title", "amount"]) and rights.reads_fields(DEAL, ["title"])
	meta = frappe.get_meta(DEAL)
	monkeypatch.setitem(vars(meta.get_field("channel")), "permlevel", 2)
	monkeypatch.setattr(meta, "get_permlevel_access", lambda right, parent=None: [0, 2])
	assert rights.reads_fields(DEAL, ["channel"]) and not rights.reads_fields(DEAL, ["channel", "amount"])
	as_user("Administrator")
	assert rights.reads_fields(DEAL, ["amount"])


# ---- locks


def test_a_name_that_somebody_holds_is_busy_and_one_that_nobody_holds_is_held_once(site, monkeypatch):
	state, asked = locks._State(), []
	answers = {locks.HOLD_NAME: 1}
	monkeypatch.setattr(frappe.local, "crm_pipeline_locks", state, raising=False)
	monkeypatch.setattr(locks, "_begin_anew", lambda: "anew")
	monkeypatch.setattr(
		frappe.db, "sql", lambda query, values=(), **how: asked.append((query, values)) or [[answers.get(query)]]
	)
	assert locks.hold_name("a") == locks.hold_name("a") == "anew"
	assert asked == [(locks.HOLD_NAME, ("a", locks.NAME_PATIENCE))] and state.names == {"a"}
	state.held.add((DEAL, "OPP-1"))
	assert locks.hold_name("b") is False, "what was read before is not today's"
	answers[locks.HOLD_NAME] = 0
	with pytest.raises(locks.BusyError, match="c"):
		locks.hold_name("c")
	assert state.names == {"a", "b"}
	del asked[:]
	locks._let_go()
	assert sorted(asked) == [(locks.LET_GO_OF_NAME, "a"), (locks.LET_GO_OF_NAME, "b")] and state.names == set()


@pytest.mark.parametrize("how", ["commit", "rollback"])
def test_a_name_is_let_go_at_the_end_of_the_transaction(site, monkeypatch, how):
	monkeypatch.setattr(frappe.local, "crm_pipeline_locks", locks._State(), raising=False)
	ends = {name: [] for name in ("after_commit", "after_rollback")}
	for name, told in ends.items():
		monkeypatch.setattr(frappe.db, name, SimpleNamespace(add=told.append))
	monkeypatch.setattr(frappe.db, "sql", lambda *args, **how: [[1]])
	monkeypatch.setattr(locks, "_begin_anew", lambda: True)
	locks.hold_name("a")
	locks.hold_name("b")
	assert ends[f"after_{how}"] == [locks._let_go]


def test_who_holds_a_name_needs_to_see_all_rows_as_they_are(sale, monkeypatch):
	deal, ask = sale.opportunity(), frappe.db.get_values
	locks.need_latest(DEAL, "customer", deal.customer)

	def meanwhile(*args, **how):
		if how.get("for_update"):
			frappe.db.set_value(DEAL, deal.name, "modified", "2031-01-01 00:00:00", update_modified=False)
		return ask(*args, **how)

	monkeypatch.setattr(frappe.db, "get_values", meanwhile)
	with pytest.raises(locks.OutdatedError, match=deal.customer):
		locks.need_latest(DEAL, "customer", deal.customer)


def test_of_many_that_are_locked_those_that_changed_meanwhile_are_left_out(sale, monkeypatch):
	names = sorted(sale.opportunity().name for _each in range(3))
	held, hold = [], locks._hold

	def meanwhile(row, state):
		held.append(row)
		hold(row, state)
		frappe.db.set_value(DEAL, names[1], "modified", "2031-01-01 00:00:00", update_modified=False)

	assert locks.lock_named(DEAL, []) == []
	assert locks.lock_named(DEAL, [*names, "OPP-NOWHERE"]) == names
	monkeypatch.setattr(locks, "_hold", meanwhile)
	assert locks.lock_named(DEAL, names) == [names[0], names[2]]
	assert held == [(DEAL, name) for name in names]
	locks._forget()


# ---- what is pending


def test_what_is_noted_is_done_once_in_the_name_of_who_caused_it(sale, monkeypatch):
	deal, other, done = sale.opportunity(), sale.opportunity(), []
	monkeypatch.delattr(frappe.local, "crm_pipeline_noted", raising=False)
	monkeypatch.setitem(pending.NOTICES, pending.HELP, "tell")
	get_attr = frappe.get_attr
	tell = lambda **arguments: done.append((frappe.session.user, arguments))  # noqa: E731
	monkeypatch.setattr(frappe, "get_attr", lambda path: tell if path == "tell" else get_attr(path))
	for _twice in range(2):
		pending.note(DEAL, deal.name, pending.HELP, about="x")
	pending.note(DEAL, other.name, pending.HELP)
	about = {"document_type": DEAL, "document": deal.name}
	assert frappe.db.count(pending.DOCTYPE, about) == 1
	frappe.db.set_value(pending.DOCTYPE, about, "owner", REP)
	assert pending.do(DEAL, deal.name) is True and pending.do(DEAL, deal.name) is False
	assert done == [(REP, {"about": "x"})] and frappe.session.user == "Administrator"
	assert frappe.db.count(pending.DOCTYPE, about) == 0
	assert frappe.db.count(pending.DOCTYPE, {"document": other.name}) == 1
	frappe.local.crm_pipeline_noted = set()


def test_a_try_that_failed_is_counted_with_what_was_wrong(sale, monkeypatch):
	deal, other = sale.opportunity(), sale.opportunity()
	fixed = {"document_type": DEAL, "what": pending.SALE, "docstatus": 0, "attempts": 2}
	ours = rows.row(pending.DOCTYPE, document=deal.name, **fixed)
	not_ours = rows.row(pending.DOCTYPE, document=other.name, **fixed)
	pending._count_attempt(DEAL, deal.name, ValueError("x" * 600))
	attempts, error = frappe.db.get_value(pending.DOCTYPE, ours, ["attempts", "error"])
	assert (attempts, error[:14], len(error)) == (3, "ValueError: xx", 500)
	assert frappe.db.get_value(pending.DOCTYPE, not_ours, "attempts") == 2


# ---- read once, and what was deleted


def test_what_an_admin_set_is_asked_once_while_a_deal_moves(site, monkeypatch):
	asked = []

	@read_once.kept
	def answer(*names):
		asked.append(names)
		return len(asked)

	@read_once.within
	def work():
		first = (answer("a"), answer("b"), answer("a"), inner())
		read_once.forget()
		return *first, answer("a")

	@read_once.within
	def inner():
		return answer("b")

	assert (answer("a"), answer("a")) == (1, 2), "outside it is asked each time"
	assert work() == (3, 4, 3, 4, 5)
	assert answer("a") == 6
	assert answer.__name__ == "answer" and work.__name__ == "work"


def test_rows_that_lead_to_nothing_any_more_go_and_others_stay(sale, world, as_user):
	names = [rows.row("Contact", name=f"{who} {world.tag}", full_name=who, docstatus=0) for who in ("Ines", "Ann")]
	doc = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Call", "people": [{"contact": names[0]}, {"contact": names[1]}]}
	).insert()
	frappe.db.delete("Contact", {"name": names[0]})
	frappe.clear_document_cache("Contact", names[0])
	doc = frappe.get_doc(doc.doctype, doc.name)
	assert reference.leave_deleted(doc)
	assert [row.contact for row in doc.people] == [names[1]]
	doc.save()
	assert not reference.leave_deleted(frappe.get_doc(doc.doctype, doc.name))
