"""What is read of orders and of what followed them, row by row: figures, what remains, which order answers for a request."""

import frappe
import pytest
from frappe.utils import getdate

from crm_pipeline.core import remaining as rules
from crm_pipeline.core.fulfilment import InvoiceShare, OrderFacts, OrderRow
from crm_pipeline.core.remaining import OrderLine
from crm_pipeline.erp import flow, open_documents, open_items, order_figures, request_orders
from crm_pipeline.orders import open_quantities, roll_up
from crm_pipeline.receivables import seen_credit
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_owed import books, on  # noqa: F401

REQUEST, CONTRACT = "Sales Order Request", "Sales Contract"


# ---- which order answers for a request


def test_an_order_that_is_live_answers_for_its_request(world):
	orders = {}
	for key, state in (("A", 0), ("B", 1), ("C", 2), ("D", 1)):
		orders[key] = rows.order(world, 10, docstatus=state, crm_request_key=f"{key} {world.tag}")
	asked = {f"{key} {world.tag}" for key in ("A", "B", "C", "E")}
	found = request_orders.live_orders_of_requests(asked)
	assert found == {f"{key} {world.tag}": orders[key] for key in ("A", "B")}
	assert request_orders.live_orders_of_requests(set()) == {}


# ---- figures


def test_the_facts_of_an_order_are_in_company_currency_and_its_rows_in_its_own(world):
	name = rows.order(world, 100, tax=20, qty=4, delivered_qty=1, currency="XTS", conversion_rate=2.0)
	rows.row("Sales Order Item", parent=name, idx=2, item_code=world.service, qty=1, stock_qty=1, conversion_factor=1,
		amount=0, base_net_amount=0, delivered_qty=0)  # fmt: skip
	(facts,) = order_figures.order_facts([name, "none"])
	assert facts == OrderFacts(name=name, net=200, gross=240, delivered=50, advance=0, closed=False)
	rows.advance(name, 30, "XTS")
	rows.advance(name, 10, world.currency)
	assert order_figures.order_facts([name])[0].advance == 70
	goods, service = order_figures._order_rows([name])
	assert (goods.qty, goods.amount, goods.delivered, goods.needs_note) == (4, 100, 1, True)
	assert (goods.billed, goods.billed_qty, goods.invoice_rows, goods.closed) == (0, 0, 0, False)
	assert (service.qty, service.needs_note) == (1, False)
	assert order_figures._order_rows([]) == [] and order_figures.order_facts(["none"]) == []


def test_rows_of_an_order_know_what_was_billed_of_them_in_their_own_unit(world):
	name = rows.order(world, 100, qty=2, conversion_factor=10.0, delivered_qty=1, status="Closed")
	rows.invoice(world, name, 60)
	rows.invoice(world, name, -10)
	rows.invoice(world, name, 70, docstatus=0)
	(row,) = order_figures._order_rows([name])
	assert (row.qty, row.delivered, row.closed) == (20, 10, True)
	assert (row.billed, row.billed_qty, row.invoiced_qty, row.invoice_rows) == (50, 10, 12, 2)
	assert isinstance(row, OrderRow) and 0 < row.unit <= 0.01


def test_goods_and_bundles_need_a_delivery_note_and_services_are_delivered_when_billed(world):
	kit = rows.row("Item", name=f"Kit {world.tag}", item_code=f"Kit {world.tag}", is_stock_item=0, docstatus=0)
	rows.row("Product Bundle", new_item_code=kit, docstatus=0)
	delivered = {}
	for item in (world.pump, world.service, kit):
		name = rows.order(world, 100, qty=4, item=item)
		rows.invoice(world, name, 75)
		delivered[item] = order_figures.order_facts([name])[0].delivered
	assert delivered == {world.pump: 0, world.service: 75, kit: 0}
	name = rows.order(world, 100, qty=4, item=world.service, delivered_qty=3)
	rows.invoice(world, name, 50)
	assert order_figures.order_facts([name])[0].delivered == 75, "what was delivered of it, where that is more"


def test_a_part_of_an_invoice_belongs_to_an_order_at_the_rate_of_either(world):
	order = rows.order(world, 100, currency="XTS", conversion_rate=2.0)
	name = rows.invoice(world, order, 40, tax=8, currency="XTS", conversion_rate=3.0, base_net_total=240)
	rows.settled(name, 24, "XTS")
	rows.settled(name, 36, world.currency, voucher_type="Sales Invoice")
	((at_invoice, share),) = order_figures.shares_by_invoice([order])
	assert at_invoice == name
	assert share == InvoiceShare(order=order, net=120, gross=144, settled=72, part=0.5)
	((_name, at_order),) = order_figures.shares_by_invoice([order], at_order_rate=True)
	assert (at_order.net, at_order.gross, at_order.part) == (80, 144, 0.5)
	assert order_figures.invoice_shares([order]) == [share] and order_figures.shares_by_invoice([]) == []


def test_money_that_was_received_for_an_order_by_journal_counts_but_not_what_is_no_payment(world):
	order = rows.order(world, 100)
	for kind, credit, debit, values in (
		("Bank Entry", 50, 0, {}), ("Cash Entry", 0, 20, {}), ("Write Off Entry", 40, 0, {}), ("Bank Entry", 9, 0, {"docstatus": 2}),
		("Bank Entry", 7, 0, {"reference_type": "Purchase Order"}), ("Bank Entry", 3, 0, {"reference_name": "another"}),
	):  # fmt: skip
		journal = rows.row("Journal Entry", voucher_type=kind)
		of = {"reference_type": "Sales Order", "reference_name": order, "account_currency": world.currency}
		of |= {"credit_in_account_currency": credit, "debit_in_account_currency": debit}
		rows.row("Journal Entry Account", parent=journal, **{**of, **values})
	assert order_figures.order_facts([order])[0].advance == 30


def test_how_far_orders_have_got_is_told_of_all_of_them(world):
	done, begun, nothing = (rows.order(world, 100, qty=4, delivered_qty=qty, conversion_rate=1) for qty in (4, 1, 0))
	rows.settled(rows.invoice(world, done, 100, conversion_rate=1), 100, world.currency)
	rows.invoice(world, begun, 50, conversion_rate=1)
	progress = order_figures.progress_of
	assert progress([done]) == {"delivered": "full", "billed": "full", "paid": "full"}
	assert progress([begun]) == {"delivered": "part", "billed": "part", "paid": "none"}
	assert progress([nothing]) == progress([]) == {"delivered": "none", "billed": "none", "paid": "none"}
	assert progress([done, begun]) == {"delivered": "part", "billed": "part", "paid": "part"}


# ---- what is listed on a form


def test_documents_that_followed_are_listed_with_day_amount_and_state_as_far_as_one_sees_them(sale, world, as_user):
	contract = sale.contract()
	about = {"crm_source_type": CONTRACT, "crm_source_name": contract.name}
	order = rows.order(world, 400, tax=80, transaction_date="2026-01-02", **about)
	later = rows.order(
		world, 50, transaction_date="2026-01-03", status="Closed", creation="2031-01-01 00:00:00", **about
	)
	listed = roll_up.documents_of(CONTRACT, contract.name)
	assert [(row["name"], str(row["date"]), row["status"], row["amount"], row["currency"], row["order"]) for row in listed] == [
		(order, "2026-01-02", "To Deliver and Bill", 480, world.currency, order),
		(later, "2026-01-03", "Closed", 50, world.currency, later),
	]  # fmt: skip
	bill = rows.invoice(world, order, 400, posting_date="2026-01-05", status="Unpaid")
	(_order, _later, found) = roll_up.documents_of(CONTRACT, contract.name)
	assert (found["doctype"], found["name"], str(found["date"]), found["status"]) == (
		"Sales Invoice",
		bill,
		"2026-01-05",
		"Unpaid",
	)
	as_user("finance")
	reads = frappe.has_permission("Sales Order", "read")
	assert [row["name"] for row in roll_up.documents_of(CONTRACT, contract.name)] == (
		[order, later, bill] if reads else []
	)
	as_user("stranger")
	assert roll_up.documents_of(CONTRACT, contract.name) == []
	as_user("Administrator")
	assert roll_up.documents_of(CONTRACT, sale.contract().name) == []


def test_payments_of_orders_and_of_their_invoices_are_listed(world):
	order, other = rows.order(world, 100), rows.order(world, 50)
	bill = rows.invoice(world, order, 100)
	advance = rows.advance(order, 40, world.currency, paid_amount=40, posting_date="2026-01-02", status="Submitted")
	paid = rows.row("Payment Entry", paid_amount=60, paid_from_account_currency=world.currency, creation="2031-01-01")
	of = {"parenttype": "Payment Entry", "reference_doctype": "Sales Invoice", "reference_name": bill}
	rows.row("Payment Entry Reference", parent=paid, **of)
	rows.row("Payment Entry Reference", parent="draft", docstatus=0, **of)
	rows.advance(other, 5, world.currency)
	same_name = rows.row("Payment Entry", paid_amount=7, paid_from_account_currency=world.currency)
	rows.row(
		"Payment Entry Reference",
		parent=same_name,
		**{**of, "reference_doctype": "Journal Entry", "reference_name": bill},
	)
	found = [row for row in flow.documents_after([order]) if row["doctype"] == "Payment Entry"]
	assert [(row["name"], row["order"], row["amount"], row["currency"]) for row in found] == [
		(advance, order, 40, world.currency), (paid, bill, 60, world.currency),
	]  # fmt: skip
	assert [ref.name for ref in flow.orders_of("Payment Entry", paid)] == [order]
	rows.row(
		"Payment Entry Reference", parent=paid, **{**of, "reference_doctype": "Sales Order", "reference_name": other}
	)
	assert [ref.name for ref in flow.orders_of("Payment Entry", paid)] == sorted([order, other])
	rows.row(
		"Payment Entry Reference", parent=paid, **{**of, "reference_doctype": "Journal Entry", "reference_name": bill}
	)
	assert len(flow.orders_of("Payment Entry", paid)) == 2


# ---- what remains


def line_of(name: str, **values) -> OrderLine:
	fixed = {"key": "", "qty": 2, "delivered": 0, "closed": False}
	return OrderLine(**{**fixed, "name": name, **values})


def test_rows_of_orders_answer_for_a_request_a_quotation_or_a_contract(world):
	by_request = rows.order(world, 10, qty=2, crm_request_item="R1", docstatus=0, crm_request_key=f"SOR {world.tag}")
	by_offer = rows.order(
		world, 10, qty=2, quotation_item="Q1", delivered_qty=1, conversion_factor=5.0, status="Closed"
	)
	by_item = rows.order(world, 10, qty=2)
	for values in (
		{"crm_request_item": "R1", "docstatus": 0}, {"quotation_item": "Q1", "docstatus": 2},
		{"quotation_item": "Q1", "is_free_item": 1}, {"quotation_item": "Q9"},
	):  # fmt: skip
		rows.order(world, 10, qty=2, **values)
	unknown = rows.order(world, 10, qty=2, item=world.filter)
	requests = [open_quantities.RequestLine("K1", "R1", 2.0, True)]
	keys = {world.pump: ("K1", "K2")}
	found, loose = open_quantities._order_lines(requests, set(), {"Q1": "K2"}, [by_item, unknown], keys)
	row = {
		order: frappe.db.get_value("Sales Order Item", {"parent": order}) for order in (by_request, by_offer, by_item)
	}
	assert found == [
		line_of(row[by_request], key="K1"), line_of(row[by_offer], key="K2", qty=10, delivered=5, closed=True),
	]  # fmt: skip
	assert loose == [(line_of(row[by_item]), ("K1", "K2"))]
	assert open_quantities._order_lines([], set(), {}, None, None) == ([], [])


def test_of_a_closed_order_what_needs_no_delivery_note_is_used_up_as_far_as_it_is_billed(world):
	"""(item, state, what else): how much of 4 counts as delivered after 3 were billed and 1 of them credited."""
	cases = [
		(world.service, "Closed", {}, 2), (world.service, "To Bill", {}, 0), (world.pump, "Closed", {}, 0),
		(world.pump, "Closed", {"skip_delivery_note": 1}, 2), (world.service, "Closed", {"delivered_qty": 3}, 3),
	]  # fmt: skip
	for item, status, values, wanted in cases:
		name = rows.order(world, 100, qty=4, item=item, status=status, quotation_item="Q1", rate=25, **values)
		rows.invoice(world, name, 75)
		rows.invoice(world, name, -25)
		rows.invoice(world, name, 50, docstatus=2)
		(line,), _loose = open_quantities._order_lines([], set(), {"Q1": "K"})
		(of_deal,) = open_quantities._lines_by_item([name], [])
		assert line.delivered == of_deal.delivered == wanted, (item, status, values)
		assert rules.used_by_order(line) == (wanted if status == "Closed" else 4)
		frappe.db.set_value("Sales Order Item", {"parent": name}, "quotation_item", None)


def test_live_rows_are_those_of_requests_quotations_and_named_orders_the_oldest_first(world):
	late = rows.order(world, 10, crm_request_item="R1", creation="2026-01-03 00:00:00")
	early = rows.order(world, 10, quotation_item="Q1", creation="2026-01-01 00:00:00")
	named = rows.order(world, 10, docstatus=0, creation="2026-01-02 00:00:00")
	rows.row("Sales Order Item", parent=named, idx=2, item_code=world.service, docstatus=0)
	gone = rows.order(world, 10, crm_request_item="R1", docstatus=2)
	rows.order(world, 10)
	parents = lambda *asked: [  # noqa: E731
		frappe.db.get_value("Sales Order Item", row.name, "parent") for row in open_quantities._live_rows(*asked)
	]
	assert parents(["R1"], ["Q1"], [named, gone]) == [early, named, named, late]
	assert parents(["R1"], [], []) == [late] and parents([], ["Q1"], []) == [early]
	assert parents([], [], [named]) == [named, named] and parents([], [], []) == []


def test_a_request_counts_as_ordered_where_an_order_answers_for_it(world):
	def request(key: str, *quantities: float, **values) -> str:
		fixed = {"docstatus": 1, "status": "Requested", "contract": f"CON {world.tag}"}
		name = rows.row(REQUEST, name=f"{key} {world.tag}", **{**fixed, **values})
		for idx, qty in enumerate(quantities, start=1):
			of = {"name": f"{key}{idx} {world.tag}", "parent": name, "stock_qty": qty}
			rows.row(f"{REQUEST} Item", contract_item=f"K{idx}" if qty else "", idx=idx, **of)
		return name

	waiting, accepted = request("W", 2, 3), request("A", 5, 0)
	request("D", 9, docstatus=0)
	request("C", 9, docstatus=2)
	request("O", 9, contract="Another")
	rows.order(world, 10, crm_request_key=accepted, docstatus=0)
	found, names = open_quantities._requests("contract", [f"CON {world.tag}"], "contract_item", None)
	assert sorted((line.name[:2], line.key, line.qty, line.ordered) for line in found) == [
		("A1", "K1", 5, True), ("W1", "K1", 2, False), ("W2", "K2", 3, False),
	]  # fmt: skip
	assert names == {waiting, accepted}
	found, names = open_quantities._requests("contract", [f"CON {world.tag}"], "contract_item", waiting)
	assert names == {accepted} and len(found) == 1
	assert open_quantities._requests("contract", [], "contract_item", None) == ([], set())


def test_orders_of_a_deal_use_up_its_rows_by_item(sale, world):
	deal = sale.opportunity()
	goods, service = deal.items
	left = lambda: open_quantities.of_deal(deal)  # noqa: E731
	assert left() == {goods.name: 4, service.name: 1}
	about = {"crm_source_type": deal.doctype, "crm_source_name": deal.name}
	rows.order(world, 10, qty=1, **about)
	rows.order(world, 10, qty=3, delivered_qty=1, status="Closed", **about)
	rows.order(world, 10, qty=2, docstatus=2, **about)
	rows.order(world, 10, qty=2, is_free_item=1, **about)
	assert left() == {goods.name: 2, service.name: 1}
	deal.append("items", {"item_code": world.pump, "qty": 2, "stock_qty": 2, "name": "more"})
	rows.order(world, 10, qty=3, **about)
	assert left() == {goods.name: 1, service.name: 1, "more": 0}
	assert open_quantities._lines_by_item([], []) == []


def test_rows_of_its_quotations_in_the_order_of_another_deal_use_up_a_deal_too(sale, world):
	deal, other = sale.opportunity(), sale.opportunity()
	quotation = rows.row("Quotation", docstatus=1, crm_source_type=deal.doctype, crm_source_name=deal.name)
	about = {"crm_source_type": other.doctype, "crm_source_name": other.name}
	name = rows.order(world, 10, qty=1, **about)
	for idx, (qty, of) in enumerate(((2, quotation), (1, "Another"), (1, None)), start=2):
		line = {"item_code": world.pump, "qty": qty, "stock_qty": qty, "docstatus": 1, "is_free_item": 0}
		rows.row("Sales Order Item", parent=name, idx=idx, prevdoc_docname=of, **line)
	goods, service = deal.items
	assert open_quantities.of_deal(deal) == {goods.name: 2, service.name: 1}
	assert open_quantities.of_deal(other) == {other.items[0].name: 0, other.items[1].name: 1}


def test_an_order_past_a_request_uses_up_the_rows_of_its_item_in_turn(sale, world):
	contract = sale.contract()
	about = {"crm_source_type": CONTRACT, "crm_source_name": contract.name}
	goods, service = contract.items
	keys = {goods.origin_item: 4, service.origin_item: 1}
	assert open_quantities.of_contract(contract.name) == keys
	rows.order(world, 10, qty=3, **about)
	rows.order(world, 10, qty=1, docstatus=0, **about)
	rows.order(world, 10, qty=1, item=world.filter, **about)
	assert open_quantities.of_contract(contract.name) == {**keys, goods.origin_item: 1}
	assert open_quantities.used_of_contract(contract.name)[goods.origin_item] == 3


def test_an_alternative_that_is_ordered_is_what_was_agreed(world):
	offer = rows.row(
		"Quotation", status="Open", quotation_to="Customer", party_name=world.customer, company=world.company
	)
	of = {"parent": offer, "parenttype": "Quotation", "parentfield": "items", "qty": 4, "stock_qty": 4}
	own = rows.row("Quotation Item", idx=1, item_code=world.pump, **of)
	other = rows.row("Quotation Item", idx=2, item_code=world.filter, is_alternative=1, **of)
	assert open_quantities._with_alternatives({own: "K1"}) == {own: "K1", other: "K1"}
	assert open_quantities._with_alternatives({}) == {}
	rows.order(world, 10, qty=1, item=world.filter, quotation_item=other)
	assert open_quantities.of_quotation(offer)[own] == 3


# ---- what is owed, beyond invoices


def test_a_journal_that_only_changes_the_rate_is_kept_and_other_nothing_is_not(world, books, monkeypatch):  # noqa: F811
	names = {}
	for key, kind in (("R", "Exchange Rate Revaluation"), ("G", "Exchange Gain Or Loss"), ("J", "Journal Entry")):
		names[key] = rows.row("Journal Entry", name=f"{key} {world.tag}", voucher_type=kind)
		voucher = ("Journal Entry", names[key])
		books.entry(voucher, voucher, 50, -3, amount_in_account_currency=0)
	assert open_items.revaluations({*names.values(), "none"}) == {names["R"], names["G"]}
	assert open_items.revaluations(set()) == set()
	found = {row.voucher_no for row in open_items.of_company(world.company, on(0)) if row.customer == world.customer}
	assert found == {names["R"], names["G"]}


def test_of_some_customers_or_invoices_the_same_is_told_as_of_all(world, books):  # noqa: F811
	first, second = books.invoice("A", 300, -40, -10), books.invoice("B", 500, -9, -1)
	paid = books.invoice("P", 70, -9, -1)
	books.pay(first, 100, -5)
	books.pay(paid, 70, -5)
	frappe.db.set_value("Sales Invoice", paid, "outstanding_amount", 0)
	loose = ("Payment Entry", f"LOOSE {world.tag}")
	books.entry(loose, loose, -30, -3)
	ours = lambda found: [  # noqa: E731
		(row.voucher_no, row.balance.outstanding) for row in found if row.customer == world.customer
	]
	everything = [(first, 200), (second, 500), (loose[1], -30)]
	assert ours(open_items.of_company(world.company, on(0))) == everything
	assert ours(open_items.of_company(world.company, on(0), customers=[world.customer])) == everything
	assert ours(open_items.of_customers([world.customer], on(0))) == everything
	assert ours(open_items.of_customers([world.customer], on(-6))) == [(first, 300), (second, 500), (paid, 70)]
	assert open_items.of_customers(["Nobody"], on(0)) == []
	assert open_items.of_customers([world.customer], on(0), "Another") == []
	of = lambda *names: open_items.of_company(world.company, on(0), invoices=list(names))  # noqa: E731
	assert ours(of(first)) == [(first, 200)] and ours(of(second, paid)) == [(second, 500)] and of() == []
	(row,) = of(first)
	assert (row.voucher_type, row.company, row.account, row.currency) == (
		"Sales Invoice", world.company, books.account, world.currency
	)  # fmt: skip
	assert (row.balance.invoiced, row.balance.paid, row.balance.credited, getdate(row.posting_date)) == (
		300,
		100,
		0,
		on(-40),
	)
	assert open_documents.invoices_of([world.customer], on(0), world.company) == sorted([first, second])
	assert open_documents.others_of([world.customer], on(0), world.company) == [loose[1]]
	assert open_documents.others_of([world.customer], on(-4), None) == []
	books.entry(("Journal Entry", "Theirs"), ("Journal Entry", "Theirs"), 9, -3, company="Another")
	assert open_documents.others_of([world.customer], on(0), world.company) == [loose[1]]
	assert open_documents.others_of([world.customer], on(0), None) == sorted([loose[1], "Theirs"])


def test_terms_are_paid_in_either_currency_and_an_advance_comes_off_first(world, books):  # noqa: F811
	name = books.invoice(
		"T", 300, -50, -40, currency="XTS", party_account_currency="XTS", conversion_rate=2.0, total_advance=10
	)
	for idx, (days, amount, label) in enumerate(((-40, 100, "First"), (20, 190, None)), start=1):
		rows.row(
			"Payment Schedule", parent=name, parenttype="Sales Invoice", idx=idx, due_date=on(days), description=label,
			payment_term="Net", payment_amount=amount, base_payment_amount=amount * 2, paid_amount=0, base_paid_amount=0,
			discounted_amount=0,
		)  # fmt: skip
	rows.row("Payment Schedule", parent=name, parenttype="Sales Order", idx=3, due_date=on(1), payment_amount=7)
	balance, own = open_items.Balance(600, 20), open_items.Balance(300, 10)
	item = frappe._dict(
		voucher_type="Sales Invoice", voucher_no=name, posting_date=on(-50), balance=balance, own_balance=own
	)
	told = lambda own_currency: [  # noqa: E731
		(part.due, part.amount, part.label)
		for _item, _invoice, parts in open_items.with_parts([item], own_currency)
		for part in parts
	]
	assert told(False) == [(on(-40), 200, "First"), (on(20), 380, "Net")]
	assert told(True) == [(on(-40), 100, "First"), (on(20), 190, "Net")]
	loose = frappe._dict(item, voucher_type="Payment Entry", voucher_no="PAY")
	((_item, invoice, (part,)),) = open_items.with_parts([loose])
	assert invoice is None and (part.due, part.amount) == (on(-50), 580)


def test_the_last_reminder_of_an_invoice_is_known(world, books):  # noqa: F811
	first, second = books.invoice("A", 300, -40, -10), books.invoice("B", 500, -9, -1)
	for key, days, state in (("D1", -5, 1), ("D2", -2, 1), ("D3", 0, 0)):
		rows.row("Dunning", name=f"{key} {world.tag}", posting_date=on(days), docstatus=state)
		rows.row("Overdue Payment", parent=f"{key} {world.tag}", sales_invoice=first)
	assert open_items.dunned_on([first, second]) == {first: on(-2)}
	assert open_items.dunned_on([]) == {}


# ---- who sees how much credit is used


def test_sums_of_credit_are_seen_by_who_sees_all_of_what_is_summed_up(world, as_user, monkeypatch):
	told = {}
	for who in ("finance", "rep", "stranger"):
		as_user(who)
		told[who] = seen_credit.may_see_sums()
	assert told["rep"] is told["stranger"] is False
	as_user("Administrator")
	assert seen_credit.may_see_sums() is True
	monkeypatch.setattr(seen_credit, "reads_fields", lambda doctype, fields: doctype != "Sales Order")
	assert seen_credit.may_see_sums() is False


@pytest.mark.parametrize(("allow", "sees"), [("Company", True), ("Customer", True), ("Territory", False), ("Sales Person", True)])  # fmt: skip
def test_who_is_limited_to_a_part_of_it_sees_no_sum(world, as_user, monkeypatch, allow, sees):
	monkeypatch.setattr(seen_credit, "limiting", lambda doctype: [doctype, "Customer", "Company", "Territory"])
	finance = USERS["finance"][0]
	for user in (finance, USERS["rep"][0]):
		value = {"Company": world.company, "Customer": world.customer}.get(allow, "North")
		if user == finance or allow != "Sales Person":
			about = {"doctype": "User Permission", "user": user, "allow": allow, "for_value": value}
			frappe.get_doc(about).insert(ignore_permissions=True, ignore_links=True)
	monkeypatch.setattr(frappe, "has_permission", lambda *about, **how: True)
	monkeypatch.setattr(seen_credit, "reads_fields", lambda doctype, fields: True)
	as_user("finance")
	assert seen_credit.may_see_sums() is sees
	as_user("manager")
	assert seen_credit.may_see_sums() is True


def test_companies_are_those_that_one_is_let_see(world, as_user):
	other = rows.row("Company", name=f"Another {world.tag}", docstatus=0)
	as_user("finance")
	assert {world.company, other} <= set(seen_credit.companies())
	assert seen_credit.companies(other) == [other] and seen_credit.companies("None") == []
	as_user("Administrator")
	about = {"user": USERS["finance"][0], "allow": "Company", "for_value": world.company}
	frappe.get_doc({"doctype": "User Permission", **about}).insert(ignore_permissions=True)
	as_user("finance")
	assert seen_credit.companies() == [world.company] and seen_credit.companies(other) == []
