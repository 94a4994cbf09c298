"""Parts of a hand-off: what an order is made of, what its preview says, what is free, and what is noted for the roll-up."""

import json
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.chain import pending
from crm_pipeline.deals import outcome
from crm_pipeline.erp import availability, quoted
from crm_pipeline.orders import (
	acceptance_preview,
	agreement,
	hand_off,
	native_order,
	open_quantities,
	roll_up,
	sales_team,
)
from crm_pipeline.overrides import quotation as on_quotation
from tests.site import rows
from tests.site.world import refused

ORDER, REQUEST, CONTRACT, DEAL = "Sales Order", "Sales Order Request", "Sales Contract", "Sales Opportunity"


def request_of(*items, **values):
	"""A request as it is read, without ERPNext's answers about it."""
	doc = frappe.new_doc(REQUEST)
	doc.update({"name": "SOR-1", **values})
	for row in items:
		doc.append("items", {"conversion_factor": 1, **row})
	return doc


# ---- what an order is made of


def offer(world, state: int = 1, **values) -> str:
	fixed = {"quotation_to": "Customer", "party_name": world.customer, "company": world.company, "status": "Open"}
	return rows.row("Quotation", docstatus=state, **{**fixed, **values})


def test_an_order_is_made_of_the_one_quotation_that_its_rows_come_from(world):
	one, other, draft = offer(world), offer(world), offer(world, state=0)
	behind = lambda *quotations: native_order._quotation_behind(  # noqa: E731
		SimpleNamespace(items=[frappe._dict(quotation=name) for name in quotations])
	)
	assert behind(one, one) == behind(one, None) == behind("", one) == one
	assert behind(one, other) is behind(None) is behind(draft) is None


@pytest.mark.parametrize(("till", "on", "valid"), [(None, "2026-02-03", True), ("2026-02-03", "2026-02-03", True), ("2026-02-02", "2026-02-03", False)])  # fmt: skip
def test_a_quotation_was_valid_until_the_end_of_its_day(world, till, on, valid):
	assert native_order._was_valid(offer(world, valid_till=till), on) is valid


def test_a_delivery_day_is_that_of_the_row_else_of_the_request_else_of_the_desk_else_the_usual_one(world, monkeypatch):
	monkeypatch.setattr(native_order, "usual_delivery_date", lambda company: getdate("2031-01-01"))
	request = request_of({"item_code": world.pump}, company=world.company)
	(row,) = request.items
	day = lambda: str(native_order.delivery_date(request, row))  # noqa: E731
	assert day() == "2031-01-01" and native_order.rows_without_day(request) == [row]
	request.flags.delivery_date = "2031-02-02"
	assert day() == "2031-02-02" and native_order.rows_without_day(request) == [row]
	request.delivery_date = "2031-03-03"
	assert day() == "2031-03-03" and native_order.rows_without_day(request) == []
	row.delivery_date, request.flags.delivery_date = "2031-04-04", None
	assert day() == "2031-04-04" and native_order.rows_without_day(request) == []


def test_the_usual_day_is_after_so_many_days_and_a_working_day(world, monkeypatch):
	frappe.db.set_single_value("CRM Pipeline Settings", "default_delivery_days", 5)
	monkeypatch.setattr(native_order.holidays, "calendar_of", lambda company: None)
	assert native_order.usual_delivery_date(world.company) == getdate(add_days(nowdate(), 5))
	calendar = SimpleNamespace(working_day_from=lambda day: getdate(add_days(day, 2)))
	monkeypatch.setattr(native_order.holidays, "calendar_of", lambda company: calendar)
	assert native_order.usual_delivery_date(world.company) == getdate(add_days(nowdate(), 7))


@pytest.mark.parametrize(("ordered", "asked", "linked"), [(0, 5, True), (2, 3, True), (2, 3.5, False), (5, 1, False)])
def test_a_row_answers_to_its_quotation_as_far_as_that_goes(world, ordered, asked, linked):
	name = offer(world)
	of = {"parent": name, "parenttype": "Quotation", "stock_qty": 5, "qty": 5}
	line = rows.row("Quotation Item", item_code=world.pump, **of)
	rows.order(world, 10, qty=ordered, quotation_item=line)
	rows.order(world, 10, qty=4, quotation_item=line, docstatus=0)
	row = {"item_code": world.pump, "qty": asked, "stock_qty": asked, "quotation": name, "quotation_item": line}
	request = request_of({**row, "rate": 90, "price_list_rate": 100, "warehouse": None, "name": "R1"}, company=world.company, set_warehouse="Yard")  # fmt: skip
	values = native_order._row_values(request, request.items[0])
	assert (values.get("prevdoc_docname"), values.get("quotation_item")) == ((name, line) if linked else (None, None))
	assert (values["crm_request_item"], values["stock_qty"], values["discount_amount"]) == ("R1", asked, 10)
	assert (values["warehouse"], values["margin_type"], values["pricing_rules"]) == ("Yard", None, None)
	assert values["margin_rate_or_amount"] == 0


def test_a_row_s_own_warehouse_comes_first_and_a_price_above_the_list_is_no_discount(world):
	row = {"item_code": world.pump, "qty": 1, "stock_qty": 1, "rate": 120, "price_list_rate": 100, "warehouse": "Hall"}
	request = request_of(row, {**row, "price_list_rate": 0, "warehouse": None}, company=world.company)
	first, second = (native_order._row_values(request, row) for row in request.items)
	assert (first["warehouse"], first["discount_amount"]) == ("Hall", 0) and "warehouse" not in second
	assert second["discount_amount"] == 0 and "quotation_item" not in second


@pytest.mark.parametrize(
	("person", "enabled", "team"),
	[
		(None, 1, [("North", 60), ("South", 40)]), ("South", 1, [("North", 60), ("South", 40)]),
		("West", 1, [("West", 100)]), ("West", 0, [("North", 60), ("South", 40)]),
	],
)  # fmt: skip
def test_the_sales_team_is_the_customer_s_unless_somebody_outside_it_sold(world, monkeypatch, person, enabled, team):
	tag, cached = f"{enabled} {world.tag}", frappe.get_cached_doc
	for name in ("North", "South", "West"):
		rows.row("Sales Person", name=f"{name} {tag}", enabled=enabled if name == "West" else 1, docstatus=0)
	of_customer = [frappe._dict(sales_person=f"{name} {tag}", allocated_percentage=part, commission_rate="5") for name, part in (("North", 60), ("South", 40))]  # fmt: skip
	monkeypatch.setattr(sales_team.frappe, "get_cached_doc", lambda *about: SimpleNamespace(sales_team=of_customer) if about[0] == "Customer" else cached(*about))  # fmt: skip
	order = frappe.new_doc(ORDER)
	order.customer = world.customer
	request = SimpleNamespace(sales_person=person and f"{person} {tag}")
	sales_team.fill(request, order)
	assert [(row.sales_person, row.allocated_percentage) for row in order.sales_team] == [
		(f"{name} {tag}", part) for name, part in team
	]
	if person != "West" or not enabled:
		assert order.sales_team[0].commission_rate == "5"
		order.sales_team = order.sales_team[:1]
		sales_team.fill(request, order)
		assert len(order.sales_team) == 1, "a team that is there already stays"


def test_the_latest_live_order_of_a_deal_or_request_is_found(sale, world):
	deal = sale.opportunity()
	about = {"crm_source_type": DEAL, "crm_source_name": deal.name}
	assert native_order.last_order_of(DEAL, deal.name) is None
	first = rows.order(world, 1, creation="2026-01-01 00:00:00", docstatus=0, **about)
	second = rows.order(world, 1, creation="2026-01-02 00:00:00", **about)
	rows.order(world, 1, creation="2026-01-03 00:00:00", docstatus=2, **about)
	assert native_order.last_order_of(DEAL, deal.name) == second
	frappe.db.set_value(ORDER, second, "docstatus", 2)
	assert native_order.last_order_of(DEAL, deal.name) == first
	made = rows.order(world, 1, crm_source_type=REQUEST, crm_source_name="SOR-1", crm_request_key=f"SOR {world.tag}")
	assert native_order.live_order_of(f"SOR {world.tag}") == made and native_order.live_order_of("SOR-9") is None
	amends = lambda earlier, request="SOR-1": native_order.amends_order_of(  # noqa: E731
		frappe._dict(amended_from=earlier), request
	)
	assert amends(made) and not amends(made, "SOR-2") and not amends(first) and not amends(None)
	native_order.release(made)
	fields = ["crm_source_type", "crm_source_name", "crm_request_key"]
	assert frappe.db.get_value(ORDER, made, fields) == (None, None, None)


# ---- the preview


@pytest.mark.parametrize("message", [{"message": "Look"}, json.dumps({"message": "Look"})])
def test_what_was_said_is_read_from_either_version(message):
	assert acceptance_preview._text(message) == "Look"
	assert acceptance_preview._text({"title": "x"}) == ""


def test_what_is_said_while_an_order_is_made_is_told_with_the_preview_and_no_more(site, monkeypatch):
	def make(request):
		frappe.msgprint("Assumed")
		return "order"

	monkeypatch.setattr(native_order, "make", make)
	frappe.clear_messages()
	frappe.msgprint("Before")
	assert acceptance_preview._made(None) == ("order", ["Assumed"])
	assert len(frappe.local.message_log) == 1
	frappe.clear_messages()


def test_what_a_request_left_open_and_the_order_has_is_told(world):
	order = frappe.new_doc(ORDER)
	order.update({"tc_name": "Terms", "contact_person": "Ines", "set_warehouse": None, "customer_address": "Quay 1"})
	request = frappe._dict(contact_person="Ann", customer_address=None)
	told = {row["value"]: row["label"] for row in acceptance_preview._assumed(request, order)}
	assert {"Terms", "Quay 1"} <= told.keys() and "Ines" not in told
	assert told["Quay 1"] == order.meta.get_label("customer_address")


@pytest.mark.parametrize(("rounded", "used", "over"), [(100, 450, 50), (0, 450, 65.13), (100, 400, 0), (100, 0, 0)])
def test_how_much_an_order_is_over_the_limit_is_told(world, monkeypatch, rounded, used, over):
	monkeypatch.setattr(availability, "credit_of", lambda *about: {"limit": 500.0, "used": used})
	order = frappe._dict(base_rounded_total=rounded, base_grand_total=115.1259)
	about = frappe._dict(customer=world.customer, company=world.company)
	assert acceptance_preview._credit(about, order) == {"limit": 500, "used": used, "over": over}
	monkeypatch.setattr(availability, "credit_of", lambda *about: None)
	assert acceptance_preview._credit(about, order) is None


def stocked(world, item: str, qty: float, reserved: float | None = 0, warehouse: str | None = None) -> None:
	place = warehouse or world.warehouse
	rows.row("Bin", item_code=item, warehouse=place, actual_qty=qty, reserved_qty=reserved, docstatus=0)


def test_rows_of_the_preview_say_what_is_short_of_them(world):
	stocked(world, world.pump, 5, reserved=2)
	base = {"item_code": world.pump, "item_name": None, "uom": "Box", "stock_uom": "Nos", "warehouse": world.warehouse}
	base |= {"delivery_date": getdate("2031-01-01"), "conversion_factor": 1}
	items = [
		frappe._dict(base, idx=1, qty=2, stock_qty=2, crm_request_item="R1", item_name="Big Pump"),
		frappe._dict(base, idx=2, qty=4, stock_qty=0, crm_request_item="R2", stock_uom=None),
		frappe._dict(base, idx=3, qty=1, stock_qty=1, item_code=world.service, crm_request_item="R3", warehouse=None),
	]
	found = acceptance_preview._rows(None, SimpleNamespace(items=items, company=world.company), {"R2"})
	assert [(row["item"], row["short"], row["free"], row["assumed"]) for row in found] == [
		("Big Pump", 0, 3, False), (world.pump, 3, 3, True), (world.service, None, None, False),
	]  # fmt: skip
	assert [(row["idx"], row["qty"], row["uom"], row["stock_uom"]) for row in found] == [
		(1, 2, "Box", "Nos"), (2, 4, "Box", "Box"), (3, 1, "Box", "Nos"),
	]  # fmt: skip
	assert (found[0]["delivery_date"], found[0]["warehouse"]) == ("2031-01-01", world.warehouse)


def test_what_is_free_is_what_no_order_has_reserved_in_the_company(world):
	other = rows.row("Warehouse", name=f"Yard {world.tag}", company=world.company, docstatus=0)
	theirs = rows.row("Warehouse", name=f"Theirs {world.tag}", company="Another", docstatus=0)
	stocked(world, world.pump, 10, reserved=3)
	stocked(world, world.pump, 4, reserved=0, warehouse=other)
	stocked(world, world.pump, 99, warehouse=theirs)
	stocked(world, world.service, 7)
	places = [(world.pump, world.warehouse), (world.pump, other), (world.pump, None), (world.filter, None), (world.service, None), (world.pump, theirs)]  # fmt: skip
	assert availability.free_stock(places, world.company) == {
		(world.pump, world.warehouse): 7, (world.pump, other): 4, (world.pump, None): 11, (world.filter, None): 0,
		(world.pump, theirs): 0,
	}  # fmt: skip
	assert availability.free_stock([], world.company) == {}


def test_a_bundle_takes_its_parts_from_stock(world):
	for key, disabled in (("Kit", 0), ("Old", 1)):
		kit = rows.row("Product Bundle", name=f"{key} {world.tag}", new_item_code=f"{key} {world.tag}", disabled=disabled, docstatus=0)  # fmt: skip
		for idx, (part, qty) in enumerate(((world.pump, 2), (world.filter, 3)), start=1):
			rows.row("Product Bundle Item", parent=kit, parenttype="Product Bundle", idx=idx, item_code=part, qty=qty)
	needs = availability.needs_of([(f"Kit {world.tag}", "W"), (f"Old {world.tag}", "W"), (world.service, None)])
	assert needs == {
		(f"Kit {world.tag}", "W"): [((world.pump, "W"), 2), ((world.filter, "W"), 3)],
		(f"Old {world.tag}", "W"): [((f"Old {world.tag}", "W"), 1)],
		(world.service, None): [((world.service, None), 1)],
	}
	assert availability.places_of(needs) == {
		(world.pump, "W"), (world.filter, "W"), (f"Old {world.tag}", "W"), (world.service, None),
	}  # fmt: skip
	assert availability.needs_of([]) == {}


# ---- quantities of a request


@pytest.mark.parametrize(
	("left", "quantities", "expected"),
	[
		({"a": 4, "b": 1}, None, [("a", 4, 1), ("b", 0.1, 2)]),
		({"a": 0, "b": 10}, None, [("b", 1, 1)]),
		({"a": 9, "b": 90}, None, [("a", 4, 1), ("b", 2, 2)]),
		({"a": 4, "b": 10}, {"b": 7}, [("b", 7, 1)]),
		({"a": 4, "b": 10}, {}, []),
		({"a": 0.0000001, "b": 0}, None, []),
	],
)
def test_a_request_asks_for_what_is_left_or_for_what_was_named(left, quantities, expected):
	source = SimpleNamespace(
		items=[
			frappe._dict(name="a", qty=4, conversion_factor=0), frappe._dict(name="x", qty=9, is_alternative=1),
			frappe._dict(name="b", qty=2, conversion_factor=10), frappe._dict(name="gift", qty=1, is_free_item=1),
		]
	)  # fmt: skip
	rows_ = [SimpleNamespace(of=name, qty=0, idx=9, precision=lambda field: 6) for name in ("a", "b")]
	found = hand_off._open_rows(source, rows_, left, quantities)
	assert [(row.of, row.qty, row.idx) for row in found] == expected


def test_days_that_have_passed_are_left_out_and_said(sale, world):
	request = request_of({"item_code": world.pump, "delivery_date": "2020-01-02"}, {"item_code": world.pump, "delivery_date": nowdate()}, delivery_date="2020-01-01")  # fmt: skip
	frappe.clear_messages()
	hand_off._leave_out_passed_dates(request)
	assert (request.delivery_date, request.items[0].delivery_date, request.items[1].delivery_date) == (None, None, nowdate())  # fmt: skip
	said = str(frappe.local.message_log)
	assert len(frappe.local.message_log) == 2 and "Row 1: " in said and "has passed and was left out" in said
	frappe.clear_messages()


@pytest.mark.parametrize(
	("values", "words"),
	[
		({}, None), ({"docstatus": 0}, "is not submitted"), ({"docstatus": 2}, "is cancelled"),
		({"status": "Terminated"}, "is Terminated"), ({"status": "Expired"}, "prolongs it"),
		({"start_date": 1}, "is not valid yet"), ({"start_date": 0, "end_date": 0}, None), ({"end_date": -1}, "it ended on"),
	],
)  # fmt: skip
def test_orders_need_a_contract_that_is_in_force(sale, values, words):
	contract = sale.contract()
	contract.update(
		{key: add_days(nowdate(), value) if key.endswith("_date") else value for key, value in values.items()}
	)
	if words:
		with refused(hand_off.HandOffError, match=words):
			hand_off.check_contract_open(contract)
	else:
		hand_off.check_contract_open(contract)


@pytest.mark.parametrize(
	("asked", "words"), [(None, "Return the request to sales"), (1, None), (-1, "Return the request")]
)
def test_a_delivery_day_that_has_passed_is_said_with_its_row(world, asked, words):
	request = request_of({"item_code": world.pump}, company=world.company, requested_on=nowdate())
	request.items[0].delivery_date = add_days(nowdate(), asked if asked is not None else -3)
	if not words:
		hand_off.check_delivery_dates(request)
		return
	with refused(hand_off.HandOffError, match=f"Row 1: .*{words}"):
		hand_off.check_delivery_dates(request)
	request.requested_on = None
	with refused(hand_off.HandOffError, match="Choose a later date"):
		hand_off.check_delivery_dates(request)


def test_what_is_asked_beyond_the_rest_is_said_in_the_row_s_own_unit(world):
	row = {"item_code": world.pump, "uom": "Box", "conversion_factor": 10, "qty": 3, "stock_qty": 30, "idx": 1}
	request = request_of(row, {**row, "idx": 2})
	asked = [(1, "a", 30), (2, "b", 30)]
	hand_off._refuse_shortage(request, asked, {"a": 30, "b": 30}, "Contract C")
	with refused(
		hand_off.RemainingError,
		match=r"More than what remains of .*Contract C.*<br>Row 2: .*3(\.0)? Box asked, 1\.5 left",
	):
		hand_off._refuse_shortage(request, asked, {"a": 30, "b": 15}, "Contract C")


def test_a_contract_whose_requests_wait_is_not_taken_away(sale):
	contract = sale.contract()
	hand_off.refuse_waiting_requests(contract)
	for key, values in (
		("A", {}),
		("B", {"status": "Accepted"}),
		("C", {"docstatus": 0}),
		("D", {"contract": "Another"}),
	):
		fixed = {"contract": contract.name, "status": "Requested", "docstatus": 1}
		rows.row(REQUEST, name=f"{key} {sale.world.tag}", **{**fixed, **values})
	with refused(match=f"are waiting: A {sale.world.tag}. "):
		hand_off.refuse_waiting_requests(contract)


def test_a_signed_contract_stands_before_its_deal(sale):
	deal = sale.opportunity()
	of_deal = {"source_type": DEAL, "source_name": deal.name}
	draft = sale.contract(submit=False, **of_deal)
	signed = lambda: hand_off.signed_contract(DEAL, deal.name)  # noqa: E731
	assert signed() is None
	frappe.db.set_value(CONTRACT, draft.name, "docstatus", 1)
	assert signed() == draft.name and hand_off.signed_contract(CONTRACT, draft.name) is None
	other = sale.contract(submit=False, **of_deal)
	frappe.db.set_value(CONTRACT, other.name, "docstatus", 1)
	with refused(hand_off.HandOffError, match=f"order from .*{', '.join(sorted((draft.name, other.name)))}"):
		signed()


# ---- the same sale


def test_a_row_comes_from_a_quotation_of_this_customer_with_the_same_item(world):
	names = {}
	for key, values in (
		("fits", {}), ("draft", {"state": 0}), ("other", {"party_name": "Another"}), ("company", {"company": "Another"}),
		("lead", {"quotation_to": "Lead"}), ("gone", {"state": 2}),
	):  # fmt: skip
		of = offer(world, **values)
		names[key] = (of, rows.row("Quotation Item", parent=of, parenttype="Quotation", item_code=world.pump))
	request = request_of(*({"item_code": world.pump, "quotation": "typed", "quotation_item": line} for _of, line in names.values()),
		{"item_code": world.filter, "quotation_item": names["fits"][1]}, {"item_code": world.pump, "quotation": "typed"},
		customer=world.customer, company=world.company)  # fmt: skip
	agreement.keep_quotation_rows(request)
	nothing = (None, None)
	assert [(row.quotation, row.quotation_item) for row in request.items] == [
		names["fits"], nothing, nothing, nothing, nothing, names["gone"], nothing, nothing
	]  # fmt: skip


@pytest.mark.parametrize(
	("rows_", "values", "same"),
	[
		([("pump", 4, 100)], {}, True), ([("pump", 2, 100), ("pump", 2, 100)], {}, True), ([("pump", 5, 100)], {}, False),
		([("pump", 4, 99)], {}, False), ([("pump", 1, 100)], {}, True), ([("filter", 1, 100)], {}, False),
		([("pump", 4, 100)], {"customer": "Another"}, False), ([("pump", 4, 100)], {"company": "Another"}, False),
	],
)  # fmt: skip
def test_a_request_that_is_there_is_ordered_unseen_only_where_it_asks_for_the_same(world, rows_, values, same):
	items = {"pump": world.pump, "filter": world.filter}
	party = {"customer": "Acme", "company": "Co"}
	source = frappe._dict(doctype=DEAL, name="OPP-1", items=[frappe._dict(item_code=world.pump, rate=100, qty=2, conversion_factor=2)], **party)  # fmt: skip
	asked = [frappe._dict(item_code=items[item], stock_qty=qty, rate=rate) for item, qty, rate in rows_]
	request = (
		frappe._dict(party, name="SOR-1", **values)
		if values == {}
		else frappe._dict({**party, **values, "name": "SOR-1"})
	)
	request["items"] = asked
	request = SimpleNamespace(**request)
	source = SimpleNamespace(**source)
	if same:
		agreement.refuse_other_offer(request, source)
		quotation = SimpleNamespace(**{**vars(source), "doctype": "Quotation", "party_name": "Acme", "customer": None})
		agreement.refuse_other_offer(request, quotation)
		return
	with refused(agreement.DisagreementError, match="SOR-1.* of Sales Opportunity OPP-1 asks for something else"):
		agreement.refuse_other_offer(request, source)


# ---- what is noted, and done afterwards


def test_orders_that_changed_are_noted_once_and_queued_after_the_commit(sale, world, monkeypatch):
	deal = sale.opportunity()
	about = {"crm_source_type": DEAL, "crm_source_name": deal.name}
	first, second, loose = rows.order(world, 1, **about), rows.order(world, 1, **about), rows.order(world, 1)
	for name in ("crm_pipeline_seen", "crm_pipeline_orders"):
		monkeypatch.delattr(frappe.local, name, raising=False)
	monkeypatch.setattr(frappe.local, "crm_pipeline_noted", set(), raising=False)
	frappe.db.delete(pending.DOCTYPE)
	ends, queued = {"after_commit": [], "after_rollback": []}, []
	for name, told in ends.items():
		monkeypatch.setattr(frappe.db, name, SimpleNamespace(add=told.append))
	monkeypatch.setattr(pending, "queue", lambda method, **arguments: queued.append((method, arguments)))
	of = lambda *orders: SimpleNamespace(  # noqa: E731
		doctype="Sales Invoice",
		name="INV",
		get=lambda field: [frappe._dict(sales_order=order) for order in (*orders, None)],
	)
	roll_up.collect(of())
	roll_up._enqueue()
	assert queued == [] and ends == {"after_commit": [], "after_rollback": []}
	roll_up.collect(of(first, loose))
	roll_up.collect(frappe.get_doc(ORDER, loose))
	roll_up.collect(frappe.get_doc(ORDER, second))
	roll_up.collect(of(first, second))
	assert ends["after_commit"].count(roll_up._enqueue) == ends["after_rollback"].count(roll_up._forget) == 1
	noted = frappe.get_all(pending.DOCTYPE, fields=["document_type", "document", "what"], order_by="document asc")
	assert [tuple(row.values()) for row in noted] == [(ORDER, name, "Amounts") for name in sorted((first, second))]
	roll_up._enqueue()
	assert queued == [("crm_pipeline.orders.roll_up.run", {"orders": sorted((first, second))})]
	assert roll_up.take_pending() == []
	roll_up.collect(of(first))
	assert roll_up.take_pending() == [first], "the next transaction notes it anew"
	frappe.local.crm_pipeline_noted = set()


def test_a_fault_while_orders_are_noted_stops_no_invoice(monkeypatch):
	said = []
	monkeypatch.setattr(roll_up.guard, "report", said.append)
	monkeypatch.setattr(roll_up, "_remember", lambda *args, **how: 1 / 0)
	roll_up.collect(SimpleNamespace(doctype="Sales Invoice", name="INV-1", get=lambda field: None))
	assert said == ["CRM Pipeline: roll-up of Sales Invoice INV-1 not collected"]


@pytest.mark.parametrize("error", [roll_up.LostRaceError("x"), ValueError("x")])
def test_a_lost_race_is_tried_again_by_the_queue(site, monkeypatch, error):
	done = []

	def one(do, doctype, name):
		done.append((doctype, name))
		raise error

	monkeypatch.setattr(roll_up.jobs, "one", one)
	again = frappe.RetryBackgroundJobError if isinstance(error, roll_up.LostRaceError) else ValueError
	with pytest.raises(again):
		roll_up.run(["SO-1", "SO-2"])
	assert done == [(ORDER, "SO-1")]


# ---- what a quotation writes on its deal


def test_a_lost_quotation_names_its_reasons_in_the_ledger(sale, world):
	deal = sale.opportunity()
	name = offer(world, status="Lost", crm_source_type=DEAL, crm_source_name=deal.name)
	doc = frappe.get_doc("Quotation", name)
	told = lambda: frappe.get_all(  # noqa: E731
		"Pipeline Event", filters={"reference_name": deal.name, "kind": "Quotation"}, fields=["from_value", "to_value", "name"], order_by="creation asc"
	)  # fmt: skip
	doc.set("lost_reasons", [{"lost_reason": "Price"}, {"lost_reason": None}, {"lost_reason": "Late"}])
	for _twice in range(2):
		on_quotation.write_outcome(doc)
	(event,) = told()
	assert (event.from_value, event.to_value) == (None, "Lost")
	assert [row.note for row in api.get_history(DEAL, deal.name) if row.kind == "Quotation"] == [f"{name} Price, Late"]
	doc.docstatus = 0
	on_quotation.write_outcome(doc)
	assert [(row.from_value, row.to_value) for row in told()] == [(None, "Lost"), ("Lost", "Draft")]
	for source in (("Sales Campaign", "CAM-1"), (DEAL, "OPP-NOWHERE"), (None, None)):
		doc.crm_source_type, doc.crm_source_name = source
		on_quotation.write_outcome(doc)
	assert len(told()) == 2


def test_alternatives_stand_right_below_their_row(world):
	of, second = offer(world), offer(world)
	make = lambda parent, idx, qty, **values: rows.row(  # noqa: E731
		"Quotation Item", parent=parent, parenttype="Quotation", idx=idx, item_code=world.pump, stock_qty=qty, **values
	)
	first, other, third = make(of, 1, 4), make(of, 2, 2, is_alternative=1), make(of, 3, 1)
	alone = make(second, 1, 4, is_alternative=1)
	found = quoted.rows_of({of, second, None, ""})
	assert {name: row.alternatives for name, row in found.items()} == {
		first: [other],
		other: [first],
		third: [],
		alone: [],
	}
	assert quoted.shares(found) == {first: {other: 0.5}, other: {first: 2}}
	assert quoted.rows_of(set()) == {} and open_quantities.alternatives_of(of) == quoted.shares(quoted.rows_of({of}))


def test_a_deal_that_agrees_with_its_documents_needs_no_mending(sale):
	deal = sale.opportunity()
	assert outcome.mend(outcome.Ref(DEAL, deal.name)) is False
	assert outcome.mend(outcome.Ref("Sales Lead", "LEAD-1")) is False
	assert outcome.mend(outcome.Ref(DEAL, "OPP-NOWHERE")) is False
