"""What stands behind an amount, and what it is made of: journals, days, teams, list prices, free items, won deals."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_first_day, get_last_day, getdate, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import contract_money, overdue
from crm_pipeline.analytics.contract_money import CashScope
from crm_pipeline.chain import item_rows
from crm_pipeline.deals import won_amounts
from crm_pipeline.erp import flow, form_values, native_totals, pricing_rules
from crm_pipeline.orders import hand_off
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_owed import asked, books, on  # noqa: F401
from tests.site.portable.test_small_native import asked_of_erpnext
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
DEAL, PROJECT = "Sales Opportunity", "Sales Project"
JOURNAL = "Journal Entry"


# ---- a contract's money


@pytest.fixture
def billed(sale, world, as_user):
	"""A contract of 480 with an order, and an invoice of all of it with 96 of tax on top."""
	as_user("Administrator")
	contract = sale.contract()
	order = rows.order(world, 480, tax=96, qty=4, crm_source_type=contract.doctype, crm_source_name=contract.name)
	about = {
		"customer": world.customer,
		"posting_date": nowdate(),
		"due_date": on(5),
		"status": "Unpaid",
		"is_return": 0,
	}
	about |= {"party_account_currency": world.currency, "conversion_rate": 1, "total_advance": 0}
	about["update_outstanding_for_self"] = 0
	invoice = rows.invoice(world, order, 480, tax=96, base_net_total=480, **about)
	return SimpleNamespace(contract=contract.name, order=order, invoice=invoice)


def test_all_journals_that_paid_are_listed_the_oldest_first_for_who_may_read_them(world, billed, as_user):
	at, paid, kinds = now_datetime(), {}, ("Bank Entry", "Cash Entry")
	for n in range(23):
		journal = rows.row(
			JOURNAL, name=f"JV-{n * 7 % 23:02}-{world.tag}", voucher_type=kinds[n % 2], company=world.company,
			posting_date=on(-n), creation=add_to_date(at, minutes=n),
		)  # fmt: skip
		rows.settled(billed.invoice, 12 * (n + 1), world.currency, voucher_type=JOURNAL, voucher_no=journal)
		paid[journal] = (10 * (n + 1), on(-n), kinds[n % 2])
	rows.row(JOURNAL, name=f"JV-99-{world.tag}", voucher_type="Bank Entry", company=world.company, posting_date=on(0))
	shown = api.get_documents_of_contract(billed.contract, "paid")
	found = {row["name"]: (row["base_amount"], row["expected_close"], row["status"]) for row in shown["documents"]}
	assert shown["total"] == 23 and list(found) == list(paid)
	assert found == {name: (pytest.approx(amount), day, kind) for name, (amount, day, kind) in paid.items()}
	assert {row["doctype"] for row in shown["documents"]} == {JOURNAL}
	rest = api.get_documents_of_contract(billed.contract, "paid", start=20)
	assert rest["total"] == 23 and [row["name"] for row in rest["documents"]] == list(paid)[20:]
	assert api.get_documents_of_contract(billed.contract, "billed")["total"] == 1
	as_user("store")
	assert contract_money._journals(list(paid)) == [], "who reads no journals is told of none"


def test_what_is_overdue_of_a_contract_is_so_as_of_the_day_that_is_asked_about(world, billed, books):  # noqa: F811
	books.entry(("Sales Invoice", billed.invoice), ("Sales Invoice", billed.invoice), 576, 0)
	books.pay(billed.invoice, 76, 3)
	books.pay(billed.invoice, 100, 9)
	scope = CashScope.of({"company": world.company, "customer": world.customer})

	def told(day: int | None) -> tuple:
		[cash] = [cash for cash in contract_money.rows(scope, day and on(day)) if cash.contract.name == billed.contract]
		return tuple(cash.total(name) for name in ("invoiced", "outstanding", "overdue"))

	assert told(None) == (576, 576, 0)
	assert told(4) == (576, 500, 0) and told(5) == (576, 500, 0), "due on that day is not late"
	assert told(6) == (576, 500, 500) and told(9) == (576, 400, 400)


@pytest.mark.parametrize("in_account", [True, False])
def test_what_is_owed_of_a_contract_is_told_in_its_own_currency_whatever_that_of_the_account(
	sale,
	world,
	books,  # noqa: F811
	in_account,
):
	own, rate = ("EUR" if world.currency != "EUR" else "CHF"), 2
	account = own if in_account else world.currency
	kind = {"currency": own, "conversion_rate": rate}
	contract, cancelled, draft = sale.contract(**kind), sale.contract(), sale.contract(submit=False)
	frappe.db.set_value("Sales Contract", cancelled.name, "docstatus", 2)
	order = rows.order(world, 100, tax=20, crm_source_type=contract.doctype, crm_source_name=contract.name, **kind)
	about = {"customer": world.customer, "posting_date": nowdate(), "due_date": on(-3), "total_advance": 0, **kind}
	about |= {"party_account_currency": account, "update_outstanding_for_self": 0}
	invoice = rows.invoice(world, order, 100, tax=20, base_net_total=200, is_return=0, **about)
	rounded = {"grand_total": 119.6, "rounded_total": 120, "base_grand_total": 239.2, "base_rounded_total": 240}
	frappe.db.set_value("Sales Invoice", invoice, rounded)
	back = rows.invoice(world, order, -10, tax=-2, base_net_total=-20, is_return=1, return_against=invoice, **about)
	rows.row("Payment Schedule", parent=back, parenttype="Sales Invoice", idx=1, description="Odd", due_date=on(-3),
		payment_amount=-12, base_payment_amount=-24, paid_amount=0, base_paid_amount=0, discounted_amount=0)  # fmt: skip
	for voucher, amount in (
		(("Sales Invoice", invoice), 240),
		(("Sales Invoice", back), -24),
		(("Payment Entry", "P"), -60),
	):
		in_own = {"account_currency": account, "amount_in_account_currency": amount / rate if in_account else amount}
		books.entry(voucher, ("Sales Invoice", invoice), amount, 0, **in_own)
	for shown_in, by in ((contract_money.OWN, rate), (contract_money.COMPANY, 1)):
		asked_for = CashScope.of({"company": world.company, "customer": world.customer, "shown_in": shown_in})
		found = {cash.contract.name: cash for cash in contract_money.rows(asked_for)}
		assert found.keys() == {contract.name} and not {cancelled.name, draft.name} & found.keys()
		cash = found[contract.name]
		totals = tuple(cash.total(name) for name in ("invoiced", "outstanding", "overdue", "billed"))
		assert totals == pytest.approx((216 / by, 156 / by, 156 / by, 180 / by)), shown_in
		assert "Odd" not in [line.term for line in cash.terms], "terms of a credit note are none of the contract's"


def test_an_invoice_in_parts_is_as_late_as_the_first_part_that_is_still_open(world, books):  # noqa: F811
	late, other = books.invoice("A", 300, -90, -70), books.invoice("B", 50, -90, -50)
	for idx, (days, amount) in enumerate(((-70, 100), (-35, 100), (-5, 60), (6, 40)), start=1):
		rows.row(
			"Payment Schedule", parent=late, parenttype="Sales Invoice", idx=idx, due_date=on(days),
			payment_amount=amount, base_payment_amount=amount, paid_amount=0, base_paid_amount=0, discounted_amount=0,
		)  # fmt: skip
	books.pay(late, 100, -1)
	found = overdue.found(asked(world)).debts
	assert [(row.item.voucher_no, row.due_date, row.ages, row.outstanding) for row in found] == [
		(other, on(-50), [0, 50, 0, 0, 0], 50), (late, on(-35), [60, 100, 0, 0, 0], 200),
	]  # fmt: skip
	books.pay(late, 20, 0)
	[row] = [row for row in overdue.found(asked(world)).debts if row.item.voucher_no == late]
	assert (row.due_date, row.overdue, row.outstanding) == (on(-35), 140, 180), "a part of it is late still"


def test_a_credit_is_what_was_credited_and_no_debit_note(world, books):  # noqa: F811
	late, other = books.invoice("A", 300, -40, -20), books.invoice("B", 90, -40, -10)
	books.invoice("C", 25, -30, -9, return_against=late, update_outstanding_for_self=1)
	own = {"is_return": 1, "update_outstanding_for_self": 1}
	books.invoice("D", -60, -30, -8, return_against=late, **own)
	books.invoice("E", -5, -30, -7, return_against=late, **own)
	books.invoice("F", -7, -30, -6, return_against=f"Gone {world.tag}", **own)
	books.invoice("G", -9, -30, -5, **own)
	found = overdue.found(asked(world))
	key = lambda row: row.item.voucher_no[0]  # noqa: E731
	assert [(key(row), row.outstanding, row.credit) for row in found.debts] == [
		("A", 300, 65),
		("B", 90, 0),
		("C", 25, 0),
	]
	assert [(key(row), row.outstanding, row.credit) for row in found.credits] == [
		("D", -60, 0), ("E", -5, 0), ("F", -7, 0), ("G", -9, 0),
	]  # fmt: skip
	assert other and (found.overdue, found.credited) == (415, 81)


# ---- a forecast by team


def test_a_number_of_a_team_opens_the_deals_of_its_own_people(world, as_user):
	as_user("Administrator")
	people = rows.sales_people(world, North=MANAGER, Rep=REP, South=OTHER)
	show = frappe.get_doc({"doctype": "Sales Campaign", "title": "Boat show", "company": world.company}).insert().name
	first, last = get_first_day(nowdate()), get_last_day(nowdate())
	made = {}
	for key, person, close in (
		("north", people["North"], last), ("rep", people["Rep"], last), ("south", people["South"], last), ("nobody", None, last),
		("later", people["Rep"], add_days(last, 1)),
	):  # fmt: skip
		made[key] = rows.bare_deal(
			world, key, sales_person=person, campaign=show, expected_close=close, base_amount=10, amount=10,
			forecast_category="Commit", opened_on=first,
		)  # fmt: skip
	filters = {"company": world.company, "campaign": show}

	def behind(key: str | None, **more) -> set:
		cell = {"column": "all", "first": str(first), "last": str(last), "dimension": "team", "key": key, **more}
		names = {row["name"] for row in api.get_documents_of_forecast(filters, cell)["documents"]}
		return {key for key, name in made.items() if name in names}

	assert behind(people["North"]) == {"north", "rep"}
	assert behind(people["Rep"]) == {"rep"} and behind(people["South"]) == {"south"}
	assert behind("") == {"nobody"}
	assert behind(people["North"], dimension="sales_person") == {"north"}
	assert behind(people["South"], column="best_case") == set() and behind(people["South"], column="commit") == {
		"south"
	}
	after = {"first": str(add_days(last, 1)), "last": str(add_days(last, 28))}
	assert behind(people["North"], **after) == {"later"}


# ---- prices of rows


LISTED = {"price_list_rate": 60, "rate": 54, "discount_percentage": 10}


@pytest.mark.parametrize(
	("stored", "row", "listed", "expected"),
	[
		(True, {"rate": None, "price_list_rate": 100}, LISTED, (60, 54, 10)),
		(False, {"rate": None, "price_list_rate": 100}, LISTED, (100, 90, 10)),
		(False, {"rate": 0, "price_list_rate": 100}, LISTED, (100, 100, 0)),
		(False, {"rate": 0}, LISTED, (60, 54, 10)),
		(False, {"rate": None, "discount_percentage": 20}, LISTED, (60, 48, 20)),
		(True, {"rate": None, "price_list_rate": 100, "discount_percentage": 20}, LISTED, (60, 48, 20)),
		(True, {"rate": 0, "price_list_rate": 100, "discount_percentage": 5}, LISTED, (100, 95, 5)),
		(True, {"rate": 0}, LISTED, (0, 0, 0)),
		(False, {"rate": 70, "price_list_rate": 100}, LISTED, (100, 70, 30)),
		(False, {"rate": None, "quotation_item": "R"}, LISTED, (0, 0, 0)),
		(True, {"rate": None, "price_list_rate": 100}, {"rate": 0, "price_list_rate": 0}, (100, 100, 0)),
	],
)
def test_a_row_without_a_price_costs_what_the_list_says_today_less_what_was_typed(
	sale, monkeypatch, stored, row, listed, expected
):
	monkeypatch.setattr(item_rows.prices, "list_price", lambda doc, row: dict(listed))
	deal = sale.opportunity(items=sale.rows((sale.world.pump, 3, 100)))
	deal.conversion_rate = 2
	line = deal.items[0] if stored else deal.append("items", {"item_code": sale.world.pump})
	line.update({"qty": 3, "conversion_factor": 10, "price_list_rate": 0, "discount_percentage": 0, **row})
	item_rows.complete_row(deal, line)
	assert (line.price_list_rate, line.rate, line.discount_percentage) == expected
	assert (line.amount, line.base_amount, line.stock_qty) == (3 * expected[1], 6 * expected[1], 30)


def test_free_items_of_a_row_are_asked_for_as_the_order_s_own_form_would(world, monkeypatch):
	heard = []
	answers = iter([{"free_item_data": [{"item_code": "Gift"}]}, {"free_item_data": None}, {}])
	ask = lambda about, doc: heard.append((dict(about), doc)) or next(answers)  # noqa: E731
	asked_of_erpnext(monkeypatch, "erpnext.stock.get_item_details", get_item_details=ask)
	order = frappe._dict(
		doctype="Sales Order", company=world.company, customer=world.customer, currency="EUR", conversion_rate=2,
		selling_price_list="Export", customer_group="Yards", territory="North", price_list_currency="USD",
		plc_conversion_rate=3, transaction_date="2026-06-01",
	)  # fmt: skip
	row = frappe._dict(
		item_code=world.pump,
		qty=4,
		stock_qty=40,
		uom="Box",
		conversion_factor=10,
		warehouse="Yard",
		price_list_rate=9,
		rate=8,
	)
	assert [pricing_rules._gifts(order, row) for _n in range(3)] == [[{"item_code": "Gift"}], [], []]
	about, doc = heard[0]
	wanted = {**order, **row, "price_list": "Export", "ignore_pricing_rule": 0}
	assert doc is order and about == wanted


@pytest.mark.parametrize(
	("days", "day"),
	[
		({"transaction_date": "2026-03-01", "contract_date": "2026-02-01"}, "2026-03-01"),
		({"transaction_date": None, "contract_date": "2026-02-01"}, "2026-02-01"),
		({"contract_date": None}, None),
	],
)
def test_the_taxes_of_a_contract_are_those_of_its_own_day(sale, monkeypatch, days, day):
	for name in ("fill_party", "fill_taxes"):
		monkeypatch.setattr(form_values, name, lambda *about: None)
	monkeypatch.setattr(native_totals, "_set_item_taxes", lambda *about: None)
	contract = sale.contract(submit=False)
	contract.__dict__.update(days)
	assert getdate(native_totals._unsaved_order(contract, None).transaction_date) == getdate(day)


# ---- what won deals store


@pytest.mark.parametrize(
	("status", "kind", "outcome", "won", "mend"),
	[
		("Won", "Won", "Won", 100, False),
		("Won", "Won", None, 100, True),
		("Won", "Won", "Won", 90, True),
		("Completed", "Won", "Won", 100, False),
		("Completed", "Won", None, 100, True),
		("Completed", "Open", None, 0, False),
		("Completed", "Open", "Won", 100, True),
		("Completed", "Lost", "", 0, False),
		("Lost", "Lost", "Lost", 0, False),
		("Lost", "Lost", "Won", 100, True),
		("Open", "Open", None, 0, False),
		("Open", "Open", "Lost", 0, True),
	],
)
def test_a_deal_whose_stored_outcome_contradicts_its_state_is_looked_at_again(world, status, kind, outcome, won, mend):
	stage = rows.row("Pipeline Stage", stage_type=kind, label=kind, docstatus=0)
	name = rows.bare_deal(
		world, "A", PROJECT, status=status, stage=stage, outcome=outcome, base_won_amount=won, base_amount=100
	)
	assert ((PROJECT, name) in list(won_amounts.to_mend())) is mend


# ---- what followed an order


def test_what_followed_orders_is_what_was_submitted_for_them_as_far_as_the_reader_may_read_it(world, as_user):
	as_user("Administrator")
	first, second, other = (rows.order(world, net) for net in (100, 200, 300))
	at, made = now_datetime(), {}

	def document(key: str, doctype: str, amount: str, currency: str, **values) -> str:
		fixed = {
			"company": world.company,
			"status": "Any",
			amount: len(made) + 1,
			currency: "EUR",
		}
		fixed |= {"posting_date": on(-len(made)), "creation": add_to_date(at, minutes=-len(made))}
		made[key] = rows.row(doctype, name=f"{key}-{world.tag}", **{**fixed, **values})
		return made[key]

	for key, order, state in (
		("N1", first, 1),
		("N2", second, 1),
		("N3", first, 0),
		("N4", first, 2),
		("N5", other, 1),
	):
		note = document(key, "Delivery Note", "grand_total", "currency", docstatus=state)
		for _row in range(2):
			rows.row(
				"Delivery Note Item",
				parent=note,
				parenttype="Delivery Note",
				against_sales_order=order,
				docstatus=state,
			)
	for key, order, state in (("I1", first, 1), ("I2", first, 0), ("I3", other, 1)):
		bill = document(key, "Sales Invoice", "grand_total", "currency", docstatus=state)
		rows.row("Sales Invoice Item", parent=bill, parenttype="Sales Invoice", sales_order=order, docstatus=state)
	for key, of, state in (
		("P1", second, 1),
		("P2", made["I1"], 1),
		("P3", first, 0),
		("P4", first, 2),
		("P5", made["I3"], 1),
	):
		paid = document(key, "Payment Entry", "paid_amount", "paid_from_account_currency", docstatus=state)
		doctype = "Sales Order" if of in (first, second) else "Sales Invoice"
		rows.row("Payment Entry Reference", parent=paid, parenttype="Payment Entry", reference_doctype=doctype,
			reference_name=of, docstatus=state)  # fmt: skip

	def told() -> list[tuple]:
		"""(key, day, what it is listed with) of each document."""
		found = flow.documents_after([first, second])
		assert all((row["currency"], row["status"]) == ("EUR", "Any") for row in found)
		return [(row["name"].split("-")[0], row["amount"], row["date"], row["order"]) for row in found]

	place = list(made).index
	wanted = [
		(key, place(key) + 1, on(-place(key)), order)
		for key, order in (("N2", second), ("N1", first), ("I1", first), ("P2", made["I1"]), ("P1", second))
	]
	assert told() == wanted
	assert flow.documents_after([]) == [] and len(flow.documents_after([other])) == 3
	as_user("store")
	assert [line[0] for line in told()] == ["N2", "N1"], "who reads no invoices and payments is told of none"


def test_a_draft_of_somebody_else_that_is_hidden_is_answered_to_nobody_by_name(sale, as_user):
	as_user("Administrator")
	contract = sale.contract(sales_owner=REP)
	draft = rows.row(
		"Sales Order Request", name=f"R {sale.world.tag}", source_type=contract.doctype, source_name=contract.name,
		company=sale.world.company, customer=sale.world.customer, sales_owner=OTHER, docstatus=0, status="Draft",
	)  # fmt: skip
	rows.row("Sales Order Request", source_type=DEAL, source_name=contract.name, docstatus=0)
	assert hand_off.make_request(contract.doctype, contract.name).name == draft
	set_apart()
	as_user("rep")
	with refused(frappe.PermissionError, match="There is a Sales Order Request already"):
		hand_off.make_request(contract.doctype, contract.name)
	as_user("other_rep")
	with refused(frappe.PermissionError):
		hand_off.make_request(contract.doctype, contract.name)
	as_user("Administrator")
	assert hand_off.make_request(contract.doctype, contract.name).name == draft
