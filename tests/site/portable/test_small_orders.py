"""Small rules between a request and its Sales Order: whose order it is, what it holds, what of a contract is used up."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.chain import graph, pending
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import quoted
from crm_pipeline.orders import (
	acceptance,
	agreed_terms,
	agreement,
	hand_off,
	native_order,
	open_quantities,
	request_rows,
	roll_up,
	sales_team,
)
from crm_pipeline.overrides import catch_up
from crm_pipeline.overrides import quotation as on_quotation
from crm_pipeline.overrides import sales_order as on_order
from tests.site import rows
from tests.site.portable.test_small_agreements import requested
from tests.site.world import refused

REQUEST, CONTRACT, ORDER, DEAL = "Sales Order Request", "Sales Contract", "Sales Order", "Sales Opportunity"


def order_of(world, source=None, net=100, **values):
	"""A Sales Order as it is stored, that says where it came from."""
	about = {"crm_source_type": source.doctype, "crm_source_name": source.name} if source else {}
	return frappe.get_doc(ORDER, rows.order(world, net, **{**about, **values}))


def offer(world, *lines, **values) -> tuple[str, list[str]]:
	"""A stored quotation with (item, qty, rate, more) rows: its name and theirs."""
	given = {"docstatus": 1, "company": world.company, "party_name": world.customer, "quotation_to": "Customer", "status": "Open"}  # fmt: skip
	name = rows.row("Quotation", **{**given, **values})
	common = {"parent": name, "parenttype": "Quotation", "parentfield": "items", "docstatus": 1, "conversion_factor": 1}
	made = [
		rows.row(
			"Quotation Item",
			idx=n,
			item_code=item,
			qty=qty,
			stock_qty=qty,
			rate=rate,
			**common,
			**(more[0] if more else {}),
		)  # fmt: skip
		for n, (item, qty, rate, *more) in enumerate(lines, 1)
	]
	return name, made


# ---- whose order it is


def test_an_order_of_nothing_of_ours_holds_no_request(sale, world):
	contract = sale.contract()
	for source in (None, contract):
		order = order_of(world, source)
		order.crm_request_key = "SOR-1"
		on_order.keep_request_key(order)
		assert order.crm_request_key is None


@pytest.mark.parametrize(
	("change", "words"),
	[
		({}, None),
		({"docstatus": 0}, "is not submitted"),
		({"customer": "Another"}, "is about Customer .*Another"),
	],
)
def test_an_order_that_is_accepted_answers_for_a_submitted_request_of_its_customer(sale, world, change, words):
	request = requested(sale, submit=True)
	frappe.db.set_value(REQUEST, request.name, change or {"title": "x"})
	order = order_of(world, request, docstatus=0)
	order.flags.crm_request = request
	if words:
		with refused(match=f"Order request .*{request.name}.* {words}"):
			on_order.keep_request_key(order)
		return
	on_order.keep_request_key(order)
	assert order.crm_request_key == request.name
	other = order_of(world, request, crm_request_key=request.name)
	with refused(match=f"{request.name}.* has Sales Order .*{other.name}.* already"):
		on_order.keep_request_key(order)


def test_an_order_of_a_request_is_made_by_accepting_it_or_amends_one_that_was(sale, world):
	request = requested(sale, submit=True)
	typed = order_of(world, request, docstatus=0)
	with refused(hand_off.HandOffError, match=f"{request.name}.* is made by accepting the request"):
		on_order._refuse_past_acceptance(typed, request.name)
	first = order_of(world, request, docstatus=2)
	amended = order_of(world, request, docstatus=0, amended_from=first.name)
	on_order._refuse_past_acceptance(amended, request.name)
	foreign = order_of(world, None, docstatus=2)
	amended.amended_from = foreign.name
	with refused(hand_off.HandOffError):
		on_order._refuse_past_acceptance(amended, request.name)
	assert [native_order.amends_order_of(order, request.name) for order in (typed, amended)] == [False, False]
	amended.amended_from = first.name
	assert native_order.amends_order_of(amended, request.name) and not native_order.amends_order_of(
		amended, "SOR-other"
	)
	typed.load_doc_before_save()
	on_order._refuse_past_acceptance(typed, request.name)


def test_an_order_keeps_the_request_that_it_was_stored_with(sale, world):
	request = requested(sale, submit=True)
	order = order_of(world, request, crm_request_key=request.name)
	order.load_doc_before_save()
	order.crm_request_key = None
	on_order.keep_request_key(order)
	assert order.crm_request_key == request.name


def test_a_row_answers_for_rows_of_its_own_request_only(sale, world):
	request, other = requested(sale, submit=True), requested(sale, submit=True)
	order = order_of(world, request, net=100)
	for row, kept in ((request.items[1].name, True), (other.items[0].name, False), (None, False)):
		order.items[0].crm_request_item = row
		on_order.keep_request_rows(order)
		assert order.items[0].crm_request_item == (row if kept else None)
	order.update({"crm_source_type": DEAL, "crm_source_name": "OPP-1"})
	order.items[0].crm_request_item = request.items[1].name
	on_order.keep_request_rows(order)
	assert order.items[0].crm_request_item is None


def test_an_order_by_erpnext_s_button_came_from_its_quotation(sale, world):
	name, (line,) = offer(world, (world.pump, 1, 100))
	order = order_of(world)
	on_order.inherit_source(order)
	assert graph.source_of(order) is None
	order.items[0].prevdoc_docname = name
	on_order.inherit_source(order)
	assert graph.source_of(order) == Ref("Quotation", name)
	contract = sale.contract()
	graph.set_source(order, Ref(CONTRACT, contract.name))
	on_order.inherit_source(order)
	assert graph.source_of(order) == Ref(CONTRACT, contract.name)


def test_the_contract_of_an_order_is_its_source_that_of_its_request_or_of_its_quotation_s_rows(sale, world):
	name, (line, other) = offer(world, (world.pump, 1, 100), (world.filter, 1, 90, {"is_alternative": 1}))
	contract = sale.contract()
	frappe.db.set_value("Sales Contract Item", contract.items[0].name, "quotation_item", line)
	assert on_order.contract_of(order_of(world)) is None
	assert on_order.contract_of(order_of(world, contract)) == contract.name
	request = requested(sale)
	assert on_order.contract_of(order_of(world, request)) is None
	frappe.db.set_value(REQUEST, request.name, "contract", contract.name)
	assert on_order.contract_of(order_of(world, request)) == contract.name
	about = {"crm_source_type": "Quotation", "crm_source_name": name, "prevdoc_docname": name}
	assert on_order.contract_of(order_of(world, None, **about)) is None
	for row in (line, other):
		assert on_order.contract_of(order_of(world, None, quotation_item=row, **about)) == contract.name
	for docstatus in (0, 2):
		frappe.db.set_value("Sales Contract Item", contract.items[0].name, "docstatus", docstatus)
		assert on_order.contract_of(order_of(world, None, quotation_item=line, **about)) is None
	frappe.db.set_value("Sales Contract Item", contract.items[0].name, {"docstatus": 1, "quotation_item": "other"})
	assert on_order.contract_of(order_of(world, None, quotation_item=line, **about)) is None


# ---- more than was agreed


@pytest.mark.parametrize(
	("qty", "opening", "status", "words"),
	[
		(1, True, "Active", None),
		(2, True, "Active", "Row 1: .*Quantity.* of .* is 1 more than what remains of Contract"),
		(1, True, "Expired", "is Expired"),
		(1, True, "Terminated", "is Terminated"),
		(1, False, "Expired", None),
	],
)
def test_an_order_never_brings_its_contract_above_what_was_agreed(sale, world, qty, opening, status, words):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100)))
	frappe.db.set_value(CONTRACT, contract.name, "status", status)
	order = order_of(world, contract, qty=qty)
	names = {row.name for row in order.items}
	on_order.check_contract(order, set(), opening)
	assert not frappe.db.get_value(CONTRACT, contract.name, "order_changes"), "no row asks for anything"
	if words:
		with refused(match=words):
			on_order.check_contract(order, names, opening)
		return
	on_order.check_contract(order, names, opening)
	assert frappe.db.get_value(CONTRACT, contract.name, "order_changes") == 1


def test_only_rows_that_ask_for_more_are_held_against_the_contract(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100)))
	order = order_of(world, contract, qty=3)
	row, quantity = on_order.over_agreed(order, {order.items[0].name}, contract.name)
	assert (row.idx, quantity) == (1, 2)
	assert on_order.over_agreed(order, {"another row"}, contract.name) is None
	assert on_order.over_agreed(order_of(world, contract, net=1, item=world.service), {"x"}, contract.name) is None


@pytest.mark.parametrize(
	("before", "after", "raised"),
	[
		(None, {"qty": 1}, True),
		({"qty": 2}, {"qty": 2}, False),
		({"qty": 2}, {"qty": 1}, False),
		({"qty": 2}, {"qty": 3}, True),
		({"qty": 2, "conversion_factor": 10}, {"qty": 3, "conversion_factor": 5}, False),
		({"qty": 2, "conversion_factor": 1}, {"qty": 2, "conversion_factor": 2}, True),
		({"qty": 2, "conversion_factor": 0}, {"qty": 2, "conversion_factor": 1}, False),
	],
)
def test_update_items_is_asked_about_rows_that_want_more_than_before(site, before, after, raised):
	frappe.local.crm_pipeline_raised_rows = {}
	row = frappe._dict({"name": "ROW-1", "parent": "SO-1", "conversion_factor": 1, **after})
	row.get_doc_before_save = lambda: before and frappe._dict({"conversion_factor": 1, **before})
	on_order.note_raised_row(row)
	assert on_order._raised() == ({"SO-1": {"ROW-1"}} if raised else {})
	frappe.local.crm_pipeline_raised_rows = {}


def test_a_row_that_can_not_be_read_stops_nothing(site):
	frappe.local.crm_pipeline_raised_rows = {}
	on_order.note_raised_row(frappe._dict(name="ROW-1", parent="SO-1", get_doc_before_save=lambda: 1 / 0))
	assert on_order._raised() == {}


@pytest.mark.parametrize(
	("before", "status", "docstatus", "reopened"),
	[
		("Closed", "To Deliver", 1, True),
		("Closed", "Closed", 1, False),
		("On Hold", "To Deliver", 1, False),
		("Closed", "Cancelled", 2, False),
		(None, "To Deliver", 1, False),
	],
)
def test_an_order_is_reopened_that_was_closed(before, status, docstatus, reopened):
	order = frappe._dict(status=status, docstatus=docstatus)
	order.get_doc_before_save = lambda: before and frappe._dict(status=before)
	assert on_order._is_reopened(order) is reopened


@pytest.mark.parametrize(
	("qty", "free", "linked", "as_asked"),
	[(4, 0, True, True), (3, 0, True, False), (5, 0, True, False), (4, 0, False, False), (4, 1, False, True)],
)
def test_an_acceptance_with_the_quantities_that_were_asked_is_not_checked_again(sale, qty, free, linked, as_asked):
	request = requested(sale)
	line = frappe._dict(stock_qty=qty, is_free_item=free, crm_request_item=request.items[0].name if linked else None)
	order = SimpleNamespace(items=[line], flags=frappe._dict(crm_request=request))
	assert on_order._as_requested(order) is as_asked
	assert on_order._as_requested(SimpleNamespace(items=[line], flags=frappe._dict())) is False


# ---- request and deal follow their order


def test_a_request_follows_its_order(sale, world):
	request = requested(sale, submit=True)
	order = order_of(world, request, crm_request_key=request.name)
	state = lambda: frappe.db.get_value(REQUEST, request.name, ["status", "accepted_by"])  # noqa: E731
	on_order.order_changed(order)
	assert state() == ("Accepted", "Administrator")
	request.reload()
	on_order._follow_order(request, order)
	assert state()[0] == "Accepted"
	order.db_set({"docstatus": 2, "crm_request_key": None})
	other = order_of(world, request, docstatus=0, crm_request_key=request.name)
	on_order.order_changed(order)
	assert state()[0] == "Accepted", "another one answers for it"
	frappe.db.delete(ORDER, {"name": other.name})
	on_order.order_changed(order)
	assert state() == ("Requested", None)
	for docstatus in (0, 2):
		request.reload()
		request.docstatus = docstatus
		on_order._follow_order(request, order_of(world, request))
		assert state()[0] == "Requested"
	on_order.order_changed(order_of(world))


@pytest.mark.parametrize("docstatus", [0, 1])
def test_the_deal_of_an_order_that_is_gone_or_there_is_looked_at_again(sale, world, docstatus):
	deal = sale.opportunity()
	request = requested(sale, deal, submit=True)
	frappe.db.set_value(REQUEST, request.name, "status", "Accepted")
	order = order_of(world, request, docstatus=docstatus, crm_request_key=request.name)
	catch_up.document(ORDER, order.name, pending.SALE)
	assert frappe.db.get_value(DEAL, deal.name, "status") == "Won"
	if docstatus:
		assert frappe.db.get_value(DEAL, deal.name, "ordered_amount") == 100


def test_what_is_made_up_for_is_as_much_as_was_noted(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100)))
	order = order_of(world, contract, net=300, qty=3)
	comments = lambda: frappe.db.count("Comment", {"reference_name": contract.name, "comment_type": "Comment"})  # noqa: E731
	catch_up.document(ORDER, order.name, pending.SALE)
	assert comments() == 0
	assert frappe.db.get_value(CONTRACT, contract.name, "ordered_amount") == 300
	catch_up.document(ORDER, order.name, pending.CONTRACT)
	assert comments() == 1
	frappe.db.delete(ORDER, {"name": order.name})
	catch_up.document(ORDER, order.name, pending.CONTRACT)
	assert comments() == 1


def test_the_fate_of_a_quotation_is_in_the_history_of_its_deal_once(sale, world):
	deal = sale.opportunity()
	about = {"crm_source_type": DEAL, "crm_source_name": deal.name}
	name, _lines = offer(world, (world.pump, 1, 100), **about)

	def told():
		return [(e.from_value, e.to_value, e.note) for e in api.get_history(DEAL, deal.name) if e.kind == "Quotation"]

	for _twice in range(2):
		catch_up.document("Quotation", name, pending.SALE)
	assert told() == [(None, "Open", name)]
	lost = frappe.get_doc("Quotation", name)
	lost.update(
		{"status": "Lost", "lost_reasons": [frappe._dict(lost_reason="Price"), frappe._dict(lost_reason="Time")]}
	)
	on_quotation.write_outcome(lost)
	assert told()[1:] == [("Open", "Lost", f"{name} Price, Time")]
	draft = frappe.get_doc("Quotation", offer(world, (world.pump, 1, 100), docstatus=0, status="Open", **about)[0])
	on_quotation.write_outcome(draft)
	assert told()[2] == (None, "Draft", draft.name)
	for wrong in ({"crm_source_type": "Sales Campaign"}, {"crm_source_name": "OPP-nowhere"}, {"crm_source_type": None}):
		on_quotation.write_outcome(
			frappe.get_doc("Quotation", offer(world, (world.pump, 1, 1), **{**about, **wrong})[0])
		)
	assert len(told()) == 3


# ---- the order of a request


def test_the_one_quotation_behind_a_request_is_the_one_that_its_rows_came_from(sale, world):
	name, (line,) = offer(world, (world.pump, 1, 100))
	other, _lines = offer(world, (world.pump, 1, 100))

	def behind(*quotations):
		return native_order._quotation_behind(SimpleNamespace(items=[frappe._dict(quotation=q) for q in quotations]))

	assert [behind(name, name), behind(name, None), behind("", name)] == [name] * 3
	assert [behind(name, other), behind(None), behind("")] == [None] * 3
	for docstatus in (0, 2):
		frappe.db.set_value("Quotation", name, "docstatus", docstatus)
		assert behind(name) is None


@pytest.mark.parametrize(("till", "on", "valid"), [(None, "2026-01-01", True), ("2026-01-01", "2026-01-01", True), ("2026-01-01", "2026-01-02", False)])  # fmt: skip
def test_a_quotation_was_valid_on_its_last_day(world, till, on, valid):
	name, _lines = offer(world, valid_till=till)
	assert native_order._was_valid(name, on) is valid


@pytest.mark.parametrize(
	("sold", "wanted", "docstatus", "fits"),
	[(0, 4, 1, True), (0, 5, 1, False), (1, 3, 1, True), (1, 4, 1, False), (1, 4, 2, True)],
)
def test_a_row_fits_its_quotation_as_long_as_that_covers_it(world, sold, wanted, docstatus, fits):
	_name, (line, other) = offer(world, (world.pump, 4, 100), (world.filter, 9, 1))
	if sold:
		for row in (line, other):
			order = rows.order(world, 100, qty=sold, docstatus=docstatus, quotation_item=row)
			assert order
	assert native_order._fits_quotation(frappe._dict(quotation_item=line, stock_qty=wanted)) is fits


def test_the_day_of_delivery_is_that_of_the_row_of_the_request_or_the_site_s_usual_one(sale):
	frappe.db.set_single_value("CRM Pipeline Settings", "default_delivery_days", 3)
	request = requested(sale)

	def asked(of_row, of_request):
		request.delivery_date = of_request
		request.items[0].delivery_date = of_row
		return native_order.delivery_date(request, request.items[0])

	assert asked("2030-01-02", "2030-01-05") == date(2030, 1, 2)
	assert asked(None, "2030-01-05") == date(2030, 1, 5)
	assert asked(None, None) == getdate(add_days(nowdate(), 3))


@pytest.mark.parametrize(
	("person", "enabled", "team", "expected"),
	[
		(None, 1, ["East"], ["East"]),
		("North", 1, ["East"], ["North"]),
		("North", 0, ["East"], ["East"]),
		("East", 1, ["East", "West"], ["East", "West"]),
		("North", 1, [], ["North"]),
		(None, 1, [], []),
	],
)
def test_the_sales_team_is_the_customer_s_unless_somebody_outside_it_made_the_sale(
	sale, world, person, enabled, team, expected
):
	tag = lambda name: f"{name} {world.tag}"  # noqa: E731
	for name in ("North", "East", "West"):
		rows.row(
			"Sales Person",
			name=tag(name),
			sales_person_name=tag(name),
			enabled=enabled if name == "North" else 1,
			docstatus=0,
		)
	common = {"parent": world.customer, "parenttype": "Customer", "parentfield": "sales_team", "docstatus": 0}
	for n, name in enumerate(team, 1):
		rows.row("Sales Team", idx=n, sales_person=tag(name), allocated_percentage=100 / len(team), **common)
	frappe.clear_document_cache("Customer", world.customer)
	order = frappe.new_doc(ORDER)
	order.customer = world.customer
	sales_team.fill(frappe._dict(sales_person=person and tag(person)), order)
	assert [row.sales_person for row in order.sales_team] == [tag(name) for name in expected]
	assert sum(row.allocated_percentage for row in order.sales_team) == (100 if expected else 0)


def test_taxes_that_were_agreed_take_the_place_of_others(sale, world):
	request = requested(sale)
	order = frappe.new_doc(ORDER)
	order.update({"taxes_and_charges": "Old", "company": world.company})
	order.append("taxes", {"charge_type": "Actual"})
	native_order._set_agreed(request, order)
	assert len(order.taxes) == 1 and order.taxes_and_charges == "Old"
	request.taxes_and_charges = "Old"
	native_order._set_agreed(request, order)
	assert len(order.taxes) == 1
	request.update({"taxes_and_charges": "New", "po_no": "PO-7", "set_warehouse": None})
	order.set_warehouse = "Kept"
	native_order._set_agreed(request, order)
	assert (order.taxes, order.taxes_and_charges, order.po_no) == ([], "New", "PO-7")
	assert (order.customer, order.company, order.set_warehouse) == (request.customer, request.company, "Kept")
	assert order.ignore_pricing_rule == 1
	request.items[1].delivery_date = "2031-05-05"
	native_order._set_agreed(request, order)
	assert getdate(order.delivery_date) == date(2031, 5, 5), "the last one of its rows"


def test_what_an_order_row_takes_over_of_a_row_of_the_request(sale, world):
	name, (line,) = offer(world, (world.pump, 4, 100))
	request = requested(sale)
	row = request.items[0]
	row.update({"quotation": name, "quotation_item": line, "warehouse": "Own", "price_list_rate": 120})
	values = native_order._row_values(request, row)
	assert (values["item_code"], values["qty"], values["stock_qty"], values["rate"]) == (world.pump, 4, 4, 100)
	assert (values["prevdoc_docname"], values["quotation_item"], values["crm_request_item"]) == (name, line, row.name)
	assert (values["warehouse"], values["discount_amount"]) == ("Own", 20)
	row.update({"stock_qty": 5, "warehouse": None, "price_list_rate": 90})
	request.set_warehouse = "Shared"
	values = native_order._row_values(request, row)
	assert "quotation_item" not in values and "prevdoc_docname" not in values
	assert (values["warehouse"], values["discount_amount"]) == ("Shared", 0)


@pytest.mark.parametrize(
	("change", "same"),
	[
		({}, True),
		({"rate": 100.004}, True),
		({"rate": 100.01}, False),
		({"stock_qty": 5}, False),
		({"item_code": "Another"}, False),
		({"crm_request_item": "Another"}, False),
		({"crm_request_item": "Another", "is_free_item": 1}, False),
	],
)
def test_an_order_answers_for_a_request_with_all_its_rows_and_no_other(sale, world, change, same):
	request = requested(sale)
	lines = [
		frappe._dict(crm_request_item=row.name, item_code=row.item_code, stock_qty=row.stock_qty, rate=row.rate)
		for row in request.items
	]
	lines[0].update(change)
	lines.append(frappe._dict(is_free_item=1, item_code="Gift"))
	about = {"customer": request.customer, "company": request.company, "items": lines}
	assert native_order.answers(SimpleNamespace(**about), request) is same
	for field in ("customer", "company"):
		assert not native_order.answers(SimpleNamespace(**{**about, field: "Another"}), request)
	assert not native_order.answers(SimpleNamespace(**{**about, "items": lines[1:]}), request), "a row is missing"


def test_the_last_order_of_a_deal_is_the_youngest_that_is_not_cancelled(sale, world):
	deal = sale.opportunity()
	assert native_order.last_order_of(DEAL, deal.name) is None
	first, second, third = (order_of(world, deal, docstatus=n, creation=f"2026-01-0{i} 10:00:00").name for i, n in ((1, 1), (2, 0), (3, 2)))  # fmt: skip
	assert native_order.last_order_of(DEAL, deal.name) == second
	frappe.db.set_value(ORDER, second, "docstatus", 2)
	assert native_order.last_order_of(DEAL, deal.name) == first
	frappe.db.set_value(ORDER, first, "docstatus", 2)
	assert native_order.last_order_of(DEAL, deal.name) is None and third


# ---- what a request keeps to


def test_a_deal_with_several_signed_contracts_is_ordered_from_one_of_them(sale):
	deal = sale.opportunity()
	assert hand_off.signed_contract(DEAL, deal.name) is None
	about = {"source_type": DEAL, "source_name": deal.name}
	sale.contract(submit=False, **about)
	assert hand_off.signed_contract(DEAL, deal.name) is None
	one = sale.contract(**about).name
	assert hand_off.signed_contract(DEAL, deal.name) == one and hand_off.signed_contract(CONTRACT, one) is None
	with refused(hand_off.HandOffError, match=f"has a contract. Please order from .*{one}"):
		api.make_order_request(DEAL, deal.name, {"x": 1})
	two = sale.contract(**about).name
	with refused(hand_off.HandOffError, match=f"{deal.name} has a contract. Please order from .*{one}, {two}"):
		hand_off.signed_contract(DEAL, deal.name)


@pytest.mark.parametrize(
	("change", "words"),
	[
		({}, None),
		({"docstatus": 0}, "is not submitted; orders need a submitted contract"),
		({"docstatus": 2}, "is cancelled; orders need a submitted contract"),
		({"status": "Terminated"}, "is Terminated"),
		({"status": "Expired"}, "is Expired. A later Valid Until on the contract prolongs it"),
		({"start_date": 0, "end_date": 0}, None),
		({"start_date": 1}, "is not valid yet, but from"),
		({"end_date": -1}, "is not valid any more: it ended on"),
	],
)
def test_orders_need_a_contract_in_force(sale, change, words):
	contract = sale.contract()
	contract.update({k: add_days(nowdate(), v) if k.endswith("date") else v for k, v in change.items()})
	if words:
		with refused(hand_off.HandOffError, match=f"Contract .*{contract.name}.* {words}"):
			hand_off.check_contract_open(contract)
	else:
		hand_off.check_contract_open(contract)


def test_a_request_of_a_deal_whose_contract_is_signed_is_refused_where_it_says_which(sale):
	deal = sale.opportunity()
	request = requested(sale, deal)
	contract = sale.contract(source_type=DEAL, source_name=deal.name)
	with refused(hand_off.HandOffError, match=f"Please order from .*{contract.name}"):
		hand_off.check_remaining(request)
	request.source_type = request.source_name = None
	hand_off.check_remaining(request)


@pytest.mark.parametrize(("waiting", "asked"), [(False, True), (True, False)])
def test_a_quotation_that_ran_out_while_a_request_waits_stops_no_acceptance(sale, world, monkeypatch, waiting, asked):
	name, (line,) = offer(world, (world.pump, 4, 100))
	request = requested(sale)
	request.update({"source_type": None, "source_name": None, "requested_on": now_datetime() if waiting else None})
	request.items = request.items[:1]
	request.items[0].update({"quotation": name, "quotation_item": line, "qty": 4, "stock_qty": 4})
	looked = []
	monkeypatch.setattr(hand_off.conversions, "check_quotation", lambda doc: looked.append(doc.name))
	hand_off.check_remaining(request)
	assert looked == ([name] if asked else [])


@pytest.mark.parametrize(
	("of", "values", "discount"),
	[
		({"discount_amount": 48}, {}, 48),
		({"discount_amount": 48}, {"qty": 2}, 28),
		({"additional_discount_percentage": 10, "discount_amount": 48}, {"qty": 2}, 7),
		({"discount_amount": 0}, {"qty": 2}, 7),
	],
)
def test_a_part_order_gets_its_part_of_the_discount(sale, of, values, discount):
	contract = sale.contract(submit=False)
	contract.update({"additional_discount_percentage": 0, "total": 480, **of})
	request = requested(sale)
	request.discount_amount = 7
	request.items[0].update(values)
	agreed_terms.share_discount(contract, request)
	assert request.discount_amount == discount


def test_discounts_that_other_requests_took_are_those_of_submitted_ones_of_the_same_source(sale, world):
	contract = sale.contract()
	given = {"docstatus": 1, "total": 100, "discount_amount": 10}
	mine = rows.row(REQUEST, contract=contract.name, **given)
	for other in ({"docstatus": 0}, {"docstatus": 2}, {"contract": "Another"}):
		rows.row(REQUEST, **{"contract": contract.name, **given, **other})
	assert agreed_terms._taken(contract, None) == (100, 10)
	assert agreed_terms._taken(contract, mine) == (0, 0)
	rows.row(REQUEST, contract=contract.name, **given)
	assert agreed_terms._taken(contract, mine) == (100, 10)
	name, _lines = offer(world)
	for wrong in ({"source_type": DEAL}, {"source_name": "Another"}, {}):
		rows.row(REQUEST, **{"source_type": "Quotation", "source_name": name, **given, **wrong})
	assert agreed_terms._taken(frappe._dict(doctype="Quotation", name=name), None) == (100, 10)


@pytest.mark.parametrize(
	("schedule", "words"),
	[
		([(60, 1), (40, 2)], None),
		([(60, 1), (39.99, 2)], "adds up to 99.99%, not 100%"),
		([(60, 1), (40.0005, 2)], None),
		([(60, 1), (40, 1)], "Row 2: .*Due Date.* is the same as in an earlier row"),
		([(100, None)], "Row 1: .*Due Date.* is missing"),
		([(0, 1), (100, 2)], "Row 1: .*Invoice Portion.* must be more than zero"),
	],
)
def test_a_schedule_of_payment_is_one_that_erpnext_takes(sale, schedule, words):
	contract = sale.contract(submit=False)
	contract.payment_schedule = []
	for portion, day in schedule:
		contract.append("payment_schedule", {"invoice_portion": portion, "due_date": day and f"2030-01-0{day}"})
	if words:
		with refused(match=words):
			agreed_terms.check_payment_schedule(contract)
		return
	agreed_terms.check_payment_schedule(contract)
	assert [round(row.payment_amount) for row in contract.payment_schedule] == [288, 192]


def test_a_schedule_of_payment_comes_to_what_is_agreed_after_the_discount(sale):
	contract = sale.contract(submit=False)
	contract.payment_schedule = []
	contract.additional_discount_percentage = 10
	for portion, day in ((33.33, 1), (33.33, 2), (33.34, 3)):
		contract.append("payment_schedule", {"invoice_portion": portion, "due_date": f"2030-01-0{day}"})
	contract.save()
	assert (contract.total, contract.amount) == (480, 432)
	assert [row.payment_amount for row in contract.payment_schedule] == [143.99, 143.98, 144.03]


@pytest.mark.parametrize(("day", "fine"), [("2029-12-31", False), ("2030-01-01", True), (None, True)])
def test_nothing_is_delivered_before_it_is_ordered(sale, day, fine):
	request = requested(sale)
	request.transaction_date = "2030-01-01"
	request.items[1].delivery_date = day
	if fine:
		request_rows.check_dates(request)
	else:
		with refused(match="Row 2: .*Delivery Date.* is before"):
			request_rows.check_dates(request)


def test_rows_of_a_request_are_those_of_its_contract(sale, world):
	contract = sale.contract()
	request = requested(sale)
	request.contract = contract.name
	for row in request.items:
		row.update({"rate": 1, "uom": "Box", "contract_item": None})
	request_rows.follow_contract(request)
	agreed = [(row.origin_item, row.rate, row.uom) for row in contract.items]
	assert [(row.contract_item, row.rate, row.uom) for row in request.items] == agreed
	request.items[0].contract_item = contract.items[1].origin_item
	request_rows.follow_contract(request)
	assert request.items[0].contract_item == contract.items[0].origin_item, "by its item, not by a stale link"
	request.items[1].update({"item_code": None, "contract_item": contract.items[1].origin_item})
	request_rows.follow_contract(request)
	assert request.items[1].item_code == world.service
	for other in (world.filter, f"{world.service} Long"):
		link = None if other == world.filter else contract.items[1].origin_item
		request.items[1].update({"item_code": other, "contract_item": link})
		with refused(hand_off.HandOffError, match=f"Row 2: Item .*{other}.* is not in Contract {contract.name}"):
			request_rows.follow_contract(request)


def test_a_contract_s_prices_are_in_its_currency(sale):
	contract = sale.contract()
	request = requested(sale)
	request.contract = contract.name
	request.update({"currency": "EUR", "conversion_rate": 2})
	request_rows.follow_currency(request)
	assert (request.currency, request.conversion_rate) == (contract.currency, 1)
	request.conversion_rate = 3
	request_rows.follow_currency(request)
	assert request.conversion_rate == 3


def test_requests_that_wait_keep_a_contract_from_ending(sale):
	contract = sale.contract()
	given = {"contract": contract.name, "docstatus": 1, "status": "Requested"}
	for other in ({"docstatus": 0}, {"status": "Accepted"}, {"contract": "Another"}):
		rows.row(REQUEST, **{**given, **other})
	hand_off.refuse_waiting_requests(contract)
	name = rows.row(REQUEST, **given)
	with refused(match=f"are waiting: {name}"):
		hand_off.refuse_waiting_requests(contract)


# ---- accepting and returning


def test_only_the_order_desk_accepts_and_returns(sale, as_user):
	request = requested(sale, submit=True)
	as_user("rep")
	for step in (lambda: acceptance.accept(request.name), lambda: acceptance.return_request(request.name, "No")):
		with refused(frappe.PermissionError, match="Only users with the role .*Order Desk"):
			step()
	with refused(frappe.PermissionError, match="Only users with the role .*Order Desk"):
		acceptance.order_now(DEAL, request.source_name)
	as_user("desk")
	with refused(frappe.MandatoryError, match="Please say why"):
		acceptance.return_request(request.name, "  ")


def test_a_request_with_an_order_is_not_returned_and_a_draft_not_accepted(sale, world, as_user):
	request = requested(sale, submit=True)
	draft = requested(sale)
	order = order_of(world, request, crm_request_key=request.name)
	as_user("desk")
	with refused(hand_off.HandOffError, match=f"{request.name} has Sales Order .*{order.name}.* Cancel that first"):
		acceptance.return_request(request.name, "No")
	with refused(hand_off.HandOffError, match=f"{draft.name}.* is Draft and can't be accepted"):
		acceptance.accept(draft.name)


def test_what_was_accepted_once_says_by_whom(sale, as_user):
	request = requested(sale, submit=True)
	as_user("desk")
	acceptance.mark_accepted(request)
	request.reload()
	assert (request.status, request.accepted_by, bool(request.accepted_on)) == (
		"Accepted",
		"desk@crm-test.example",
		True,
	)
	as_user("manager")
	acceptance.mark_accepted(request)
	assert frappe.db.get_value(REQUEST, request.name, "accepted_by") == "desk@crm-test.example"


def test_a_second_click_answers_the_last_order_and_says_that_nothing_remains(sale, world, as_user):
	deal = sale.opportunity(items=sale.rows((world.pump, 4, 100)))
	order = order_of(world, deal, net=400, qty=4)
	as_user("desk")
	frappe.clear_messages()
	assert acceptance.order_now(DEAL, deal.name) == order.name
	told = str(frappe.local.message_log)
	assert "Nothing remains to be ordered of Sales Opportunity" in told and order.name in told
	assert not frappe.db.exists(REQUEST, {"source_name": deal.name})


def test_a_request_of_something_else_than_the_deal_is_not_ordered_unseen(sale, world, as_user):
	deal = sale.opportunity(items=sale.rows((world.pump, 4, 100)))
	request = requested(sale, deal)
	frappe.db.set_value("Sales Order Request Item", request.items[0].name, "stock_qty", 9)
	as_user("desk")
	with refused(agreement.DisagreementError, match=f"{request.name}.* asks for something else"):
		acceptance.order_now(DEAL, deal.name)


# ---- what of a contract or a quotation is used up


def test_orders_of_a_contract_s_rows_use_it_up_whichever_way_they_were_made(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 10, 100), (world.service, 5, 80)))
	pump, service = (row.origin_item for row in contract.items)
	left = lambda: open_quantities.of_contract(contract.name)  # noqa: E731
	assert left() == {pump: 10, service: 5}
	order_of(world, contract, qty=2)
	assert left() == {pump: 8, service: 5}
	order_of(world, contract, qty=2, docstatus=0)
	order_of(world, contract, qty=2, docstatus=2)
	assert left() == {pump: 8, service: 5}
	closed = order_of(world, contract, qty=4, status="Closed")
	assert left() == {pump: 8, service: 5}
	frappe.db.set_value("Sales Order Item", closed.items[0].name, "delivered_qty", 1)
	assert left() == {pump: 7, service: 5}
	free = order_of(world, contract, qty=3)
	frappe.db.set_value("Sales Order Item", free.items[0].name, "is_free_item", 1)
	assert left() == {pump: 7, service: 5}
	order_of(world, contract, qty=1, item=world.filter)
	assert left() == {pump: 7, service: 5}


def test_requests_use_a_contract_up_until_they_are_returned(sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 10, 100)))
	(row,) = contract.items
	given = {"contract": contract.name, "docstatus": 1, "status": "Requested"}

	def ask(qty, **values):
		name = rows.row(REQUEST, **{**given, **values})
		common = {
			"parent": name,
			"parenttype": REQUEST,
			"parentfield": "items",
			"docstatus": values.get("docstatus", 1),
		}
		line = rows.row("Sales Order Request Item", idx=1, item_code=world.pump, qty=qty, stock_qty=qty, contract_item=row.origin_item, **common)  # fmt: skip
		return name, line

	first, line = ask(3)
	ask(2, docstatus=0)
	ask(2, docstatus=2)
	ask(2, contract="Another")
	assert open_quantities.of_contract(contract.name) == {row.origin_item: 7}
	assert open_quantities.of_contract(contract.name, leave_out_request=first) == {row.origin_item: 10}
	request = frappe._dict(doctype=REQUEST, name=first)
	order_of(world, request, qty=2, crm_request_key=first, crm_request_item=line)
	assert open_quantities.of_contract(contract.name) == {row.origin_item: 8}, "the order counts, not the request"
	second, line = ask(4)
	draft = order_of(world, frappe._dict(doctype=REQUEST, name=second), qty=4, docstatus=0, crm_request_item=line)
	assert open_quantities.of_contract(contract.name) == {row.origin_item: 4}
	frappe.db.set_value(ORDER, draft.name, "crm_request_key", second)
	assert open_quantities.of_contract(contract.name) == {row.origin_item: 4}


def test_a_quotation_is_used_up_by_requests_and_native_orders_of_its_rows(world):
	name, (line, other) = offer(world, (world.pump, 10, 100), (world.filter, 5, 90))
	assert open_quantities.of_quotation(name) == {line: 10, other: 5}
	about = {"crm_source_type": "Quotation", "crm_source_name": name, "prevdoc_docname": name}
	for qty, docstatus in ((3, 1), (1, 0), (1, 2)):
		rows.order(world, 100, qty=qty, docstatus=docstatus, quotation_item=line, **about)
	assert open_quantities.of_quotation(name) == {line: 7, other: 5}


def test_an_alternative_uses_up_what_it_takes_the_place_of(world):
	name, (line, other) = offer(world, (world.pump, 10, 100), (world.filter, 20, 90, {"is_alternative": 1}))
	assert open_quantities.alternatives_of(name) == {line: {other: 2.0}, other: {line: 0.5}}
	about = {"crm_source_type": "Quotation", "crm_source_name": name, "prevdoc_docname": name}
	rows.order(world, 100, qty=4, item=world.filter, quotation_item=other, **about)
	assert open_quantities.of_quotation(name) == {line: 8, other: 16}


def test_of_a_deal_remains_what_nobody_ordered_by_item(sale, world):
	deal = sale.opportunity(items=sale.rows((world.pump, 4, 100), (world.pump, 2, 90), (world.service, 1, 80)))
	first, second, third = (row.name for row in deal.items)
	assert open_quantities.of_deal(deal) == {first: 4, second: 2, third: 1}
	order_of(world, deal, qty=5)
	assert open_quantities.of_deal(deal) == {first: 0, second: 1, third: 1}
	order_of(world, deal, qty=1, docstatus=2)
	assert open_quantities.of_deal(deal) == {first: 0, second: 1, third: 1}


@pytest.mark.parametrize(("parent", "same_choice"), [("own", True), ("other", False)])
def test_alternatives_stand_below_the_row_that_they_may_take_the_place_of(world, parent, same_choice):
	name, (a, b, c, d) = offer(world, (world.pump, 1, 1), (world.filter, 1, 1, {"is_alternative": 1}), (world.service, 1, 1), (world.filter, 1, 1, {"is_alternative": 1}))  # fmt: skip
	found = quoted.rows_of({name, None, ""})
	assert {row: found[row].alternatives for row in (a, b, c, d)} == {a: [b], b: [a], c: [d], d: [c]}
	lone, (only,) = offer(world, (world.pump, 1, 1, {"is_alternative": 1}))
	assert quoted.rows_of({lone})[only].alternatives == []
	assert quoted.shares(quoted.rows_of({lone})) == {}


# ---- how far it got


@pytest.mark.parametrize(
	("status", "delivered", "billed", "reached"),
	[
		("Requested", 0, 0, None),
		("Accepted", 0, 0, "Accepted"),
		("Accepted", 4, 0, "Delivered"),
		("Delivered", 3, 0, "Accepted"),
		("Accepted", 4, 400, "Completed"),
		("Accepted", 3, 400, "Accepted"),
		("Completed", 4, 300, "Delivered"),
	],
)
def test_a_request_says_how_far_its_order_got(sale, world, status, delivered, billed, reached):
	request = requested(sale, submit=True)
	order = order_of(world, request, net=400, qty=4)
	_deliver(order, delivered, billed)
	assert roll_up._request_status(Ref(REQUEST, request.name), status, [order.name]) == reached


@pytest.mark.parametrize(
	("status", "qty", "delivered", "billed", "reached"),
	[
		("Active", 4, 4, 400, "Fulfilled"),
		("Active", 4, 3, 400, "Active"),
		("Fulfilled", 4, 4, 300, "Active"),
		("Active", 3, 3, 400, "Active"),
		("Expired", 4, 4, 400, None),
		("Terminated", 4, 4, 400, None),
	],
)
def test_a_contract_is_fulfilled_when_all_of_it_is_delivered_and_billed(
	sale, world, status, qty, delivered, billed, reached
):
	contract = sale.contract(items=sale.rows((world.pump, 4, 100)))
	order = order_of(world, contract, net=400, qty=qty)
	_deliver(order, delivered, billed)
	assert roll_up._contract_status(Ref(CONTRACT, contract.name), status, [order.name]) == reached


def _deliver(order, delivered, billed):
	"""What ERPNext stores when so much was delivered, and billed in one invoice."""
	(row,) = order.items
	frappe.db.set_value("Sales Order Item", row.name, "delivered_qty", delivered)
	if billed:
		invoice = rows.row("Sales Invoice", currency=order.currency, conversion_rate=1, base_grand_total=billed, grand_total=billed)  # fmt: skip
		common = {"parent": invoice, "parenttype": "Sales Invoice", "parentfield": "items", "item_code": row.item_code}
		qty = row.qty * billed / row.amount if row.amount else 0
		rows.row("Sales Invoice Item", idx=1, sales_order=order.name, so_detail=row.name, base_net_amount=billed, amount=billed, qty=qty, stock_qty=qty, **common)  # fmt: skip


def test_a_deal_that_an_order_won_was_sold_for_what_is_ordered_of_it_now(sale, world):
	deal = sale.opportunity()
	order = order_of(world, deal, net=100)
	deal.db_set({"status": "Won", "won_by_type": ORDER, "won_by": order.name, "closed_on": nowdate()})
	roll_up.recompute(Ref(DEAL, deal.name))
	assert frappe.db.get_value(DEAL, deal.name, ["outcome", "base_won_amount"]) == ("Won", 100)
	order_of(world, deal, net=60)
	roll_up.recompute(Ref(DEAL, deal.name))
	assert frappe.db.get_value(DEAL, deal.name, ["ordered_amount", "base_won_amount"]) == (160, 160)


def test_what_drifted_is_stored_again_and_said_so(sale, world):
	deal = sale.opportunity()
	order_of(world, deal, net=100)
	ref = Ref(DEAL, deal.name)
	assert roll_up.recompute(ref) is True and roll_up.recompute(ref) is False
	assert frappe.db.get_value(DEAL, deal.name, "ordered_amount") == 100
	frappe.db.set_value(DEAL, deal.name, "ordered_amount", 100.003)
	assert roll_up.recompute(ref) is False, "a rounding is no drift"
	assert roll_up.recompute(Ref(DEAL, "OPP-nowhere")) is False and roll_up.mend(DEAL, "OPP-nowhere") is False
	frappe.db.set_value(DEAL, deal.name, "ordered_amount", 5)
	assert roll_up.mend(DEAL, deal.name) is True
	assert frappe.db.get_value(DEAL, deal.name, "ordered_amount") == 100


def test_what_is_reconciled_every_day_are_documents_with_orders_wins_or_amounts(sale, world):
	with_order, won, summed, none = (sale.opportunity().name for _n in range(4))
	order_of(world, frappe._dict(doctype=DEAL, name=with_order))
	frappe.db.set_value(DEAL, won, {"won_by": "SOR-1", "won_by_type": REQUEST})
	frappe.db.set_value(DEAL, summed, "paid_amount", -1)
	contract = sale.contract(source_type=DEAL, source_name=none)
	frappe.db.set_value(DEAL, none, {"won_by": None, "status": "Open", "outcome": None, "won_amount": 0})
	draft = sale.opportunity().name
	frappe.db.set_value(CONTRACT, contract.name, {"docstatus": 0, "source_name": draft})
	found = roll_up.to_reconcile(None)
	assert {(DEAL, name) for name in (with_order, won, summed)} <= set(found) and (DEAL, draft) not in found
	assert found == sorted(found, key=lambda ref: (roll_up.ROLLED_UP.index(ref[0]), ref[1]))
	assert roll_up.to_reconcile(list(found[0])) == found[1:] and roll_up.to_reconcile(list(found[-1])) == []


def test_orders_on_a_form_are_those_that_the_reader_may_see_oldest_first(sale, world, as_user):
	deal = sale.opportunity()
	assert roll_up.documents_of(DEAL, deal.name) == api.get_orders(DEAL, deal.name) == []
	second = order_of(world, deal, net=5, creation="2026-01-02 00:00:00")
	first = order_of(world, deal, net=7, creation="2026-01-01 00:00:00")
	shown = api.get_orders(DEAL, deal.name)
	assert [(row["doctype"], row["order"], row["amount"]) for row in shown] == [
		(ORDER, first.name, 7),
		(ORDER, second.name, 5),
	]
	assert {"name", "date", "status", "currency"} <= shown[0].keys()
	as_user("stranger")
	assert roll_up.documents_of(DEAL, deal.name) == []


def test_an_amended_contract_takes_over_what_was_asked_of_the_version_before(sale, world):
	old, new = sale.contract(), sale.contract()
	request = rows.row(REQUEST, contract=old.name, source_type=CONTRACT, source_name=old.name)
	other = rows.row(REQUEST, contract="Another", source_type=CONTRACT, source_name="Another")
	order = order_of(world, old)
	hand_off.take_over(new)
	assert frappe.db.get_value(REQUEST, request, "contract") == old.name
	new.amended_from = old.name
	hand_off.take_over(new)
	assert frappe.db.get_value(REQUEST, request, ["contract", "source_name"]) == (new.name, new.name)
	assert frappe.db.get_value(REQUEST, other, ["contract", "source_name"]) == ("Another", "Another")
	assert frappe.db.get_value(ORDER, order.name, "crm_source_name") == new.name
	assert frappe.db.get_value(CONTRACT, new.name, "ordered_amount") == 100
