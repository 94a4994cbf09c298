# ruff: noqa: F811
"""Overdue receivables against ERPNext's own Accounts Receivable, to the cent; and who sees which of them."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import add_days, flt, nowdate

from crm_pipeline import api
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from tests.site.billing import invoice
from tests.site.portable.test_receivables import REP, ours, owned, report  # noqa: F401
from tests.site.world import customer, refused


def pay(doc, amount: float, days: int = 0, **values):
	from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

	payment = get_payment_entry(doc.doctype, doc.name, party_amount=amount)
	payment.update(
		{"posting_date": add_days(nowdate(), -days), "reference_no": "B", "reference_date": nowdate(), **values}
	)
	payment.insert()
	payment.submit()
	return payment


def on_account(world, amount: float, days: int):
	"""Money of a customer that is set off against nothing."""
	payment = frappe.get_doc(
		{
			"doctype": "Payment Entry",
			"payment_type": "Receive",
			"party_type": "Customer",
			"party": world.customer,
			"company": world.company,
			"posting_date": add_days(nowdate(), -days),
			"paid_from": account(world, "Receivable"),
			"paid_to": account(world, "Cash"),
			"paid_amount": amount,
			"received_amount": amount,
			"reference_no": "B",
			"reference_date": nowdate(),
		}
	)
	payment.setup_party_account_field()
	payment.set_missing_values()
	payment.insert()
	payment.submit()
	return payment


def account(world, kind: str) -> str:
	return frappe.db.get_value(
		"Account",
		{"company": world.company, "account_type": kind, "is_group": 0, "account_currency": world.currency},
		"name",
		order_by="creation asc",
	)


def journal(world, days: int, amount: float, against=None, kind: str = "Journal Entry"):
	"""Charges the customer, or with `against` takes so much off an invoice."""
	income = frappe.db.get_value("Company", world.company, ["default_income_account", "cost_center"], as_dict=True)
	party = {"account": account(world, "Receivable"), "party_type": "Customer", "party": world.customer}
	if against:
		party |= {
			"credit_in_account_currency": amount,
			"reference_type": against.doctype,
			"reference_name": against.name,
		}
		other = {"debit_in_account_currency": amount}
	else:
		party |= {"debit_in_account_currency": amount}
		other = {"credit_in_account_currency": amount}
	other |= {"account": income.default_income_account, "cost_center": income.cost_center}
	doc = frappe.get_doc(
		{
			"doctype": "Journal Entry",
			"voucher_type": kind,
			"company": world.company,
			"posting_date": add_days(nowdate(), -days),
			"accounts": [party, other],
		}
	)
	doc.insert()
	doc.submit()
	return doc


def native(world, day=None, who=None, **filters) -> dict[str, list[float]]:
	"""{document: [amount by bucket ..., outstanding]} of ERPNext's own report, for the world's customer."""
	execute = frappe.get_attr("erpnext.accounts.report.accounts_receivable.accounts_receivable.execute")
	found: dict[str, list[float]] = {}
	_columns, rows, *_rest = execute(
		frappe._dict(
			company=world.company,
			report_date=day or nowdate(),
			ageing_based_on="Due Date",
			calculate_ageing_with="Report Date",
			range="30, 60, 90, 120",
			party_type="Customer",
			party=[who or world.customer],
			**{"based_on_payment_terms": 1, **filters},
		)
	)
	for row in rows:
		sums = found.setdefault(row.voucher_no, [0.0] * 6)
		for place, field in enumerate(("range1", "range2", "range3", "range4", "range5", "outstanding")):
			sums[place] = round(sums[place] + flt(row[field]), 2)
	return found


def due(rows: dict[str, list[float]]) -> dict[str, list[float]]:
	"""Those of ERPNext's rows of which anything is due."""
	return {name: row for name, row in rows.items() if any(row[:5])}


def test_each_document_is_aged_as_in_accounts_receivable(world):
	"""Payments in part, credit notes, terms, an order's advance, journals, write-offs, returns, money on account."""
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

	plain = invoice(world, 45, 100.1)
	part = invoice(world, 100, 200)
	pay(part, 33.33, days=20)
	paid = invoice(world, 50, 70)
	pay(paid, 70, days=3)
	later = invoice(world, 10, 80, terms=[(50, 5), (50, 40)])
	split = invoice(world, 95, 300, terms=[(33, 0), (33, 30), (34, 60)])
	pay(split, 120, days=30)
	credited = invoice(world, 65, 90)
	note = make_sales_return(credited.name)
	note.items[0].rate = 25
	note.insert()
	note.submit()
	alone = make_sales_return(invoice(world, 130, 60).name)
	alone.update({"update_outstanding_for_self": 1, "posting_date": nowdate(), "set_posting_time": 1})
	alone.items[0].rate = 20
	alone.insert()
	alone.submit()
	written_off = invoice(world, 31, 50)
	journal(world, 2, 49.5, against=written_off, kind="Write Off Entry")
	opening = journal(world, 121, 500)
	money = on_account(world, 44, 12)
	today = invoice(world, 0, 15)
	found, expected = ours(world), due(native(world))
	assert found == expected
	shown = {
		plain.name,
		part.name,
		later.name,
		split.name,
		credited.name,
		written_off.name,
		opening.name,
		money.name,
		today.name,
	}
	assert shown <= set(found) and paid.name not in found
	# As of an earlier day the ledger of that day counts.
	day = add_days(nowdate(), -25)
	before, totals = ours(world, day), native(world, day, based_on_payment_terms=0)
	assert {name: row[5] for name, row in before.items()} == {
		name: row[5] for name, row in totals.items() if name in before
	}
	assert before[part.name][5] == 200 and before[paid.name][5] == 70
	# The report's own totals.
	_c, rows, _m, chart, summary = overdue_receivables.execute({"company": world.company, "customer": world.customer})[
		:5
	]
	values = {row["label"]: row["value"] for row in summary}
	assert {row["credit"] for row in rows} == {None, 25, 20}
	assert flt(values["Net"], 2) == flt(sum(sum(row[:5]) for row in expected.values()), 2)
	assert flt(values["Overdue"], 2) == flt(sum(row["overdue"] for row in rows), 2)
	assert flt(sum(chart["data"]["datasets"][0]["values"]), 2) == flt(values["Overdue"], 2)


@pytest.fixture
def foreign(world):
	"""A customer billed in another currency, on a receivable account in it; its rate was 2 and is 3."""
	currency = "EUR" if world.currency != "EUR" else "CHF"
	frappe.db.set_value("Currency", currency, "enabled", 1)
	frappe.db.set_single_value("Currency Exchange Settings", "disabled", 1)
	parent = frappe.db.get_value("Account", account(world, "Receivable"), "parent_account")
	receivable = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": f"Debtors {currency} {world.tag}",
			"parent_account": parent,
			"company": world.company,
			"account_type": "Receivable",
			"account_currency": currency,
		}
	).insert()
	return SimpleNamespace(currency=currency, account=receivable.name)


def test_other_currencies_are_shown_in_the_company_s_or_in_their_own(world, foreign):
	who = customer(f"Abroad {world.tag}")
	home = invoice(world, 40, 10)
	on_home_account = invoice(world, 35, 30, currency=foreign.currency, conversion_rate=2)
	terms = {"terms": [(40, 0), (60, 40)], "currency": foreign.currency, "conversion_rate": 2}
	abroad = invoice(world, 70, 100, who=who, debit_to=foreign.account, **terms)
	pay(abroad, 25, paid_to=account(world, "Cash"), source_exchange_rate=3, paid_amount=25, received_amount=75)
	found = ours(world)
	assert found[home.name] == native(world)[home.name]
	# ERPNext 15 ages terms of such an invoice by the numbers of the other currency; the whole of it is right.
	assert {name: row[5] for name, row in found.items()} == {
		name: row[5] for name, row in native(world, based_on_payment_terms=0).items()
	}
	assert found[on_home_account.name] == [0, 60, 0, 0, 0, 60]
	assert ours(world, who=who) == native(world, who=who)
	assert ours(world, who=who)[abroad.name] == [120, 0, 30, 0, 0, 150]
	own = ours(world, who=who, account_currency=foreign.currency)
	assert own == native(world, who=who, in_party_currency=1)
	assert own[abroad.name] == [60, 0, 15, 0, 0, 75]


def test_an_advance_on_the_order_is_taken_off_its_invoice_when_it_is_set_off(sale, world):
	from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice

	order = sale.order(sale.contract())
	sale.pay(order, 100)
	open_advance = sale.bill(order, qty=1)
	assert ours(world) == due(native(world)) and ours(world)[open_advance.name][5] == 100
	rest = make_sales_invoice(order.name)
	rest.allocate_advances_automatically = 1
	rest.insert()
	rest.submit()
	assert ours(world) == due(native(world)) and ours(world)[rest.name][5] == 280


def test_an_advance_and_a_payment_over_two_terms_leave_no_negative_term(world):
	money = on_account(world, 150, 20)
	bill = invoice(world, 10, 300, submit=False)
	bill.set_advances()
	bill.advances = [row for row in bill.advances if row.reference_name == money.name]
	bill.advances[0].allocated_amount = 150
	bill.payment_schedule = []
	for after in (0, 5):
		bill.append("payment_schedule", {"due_date": add_days(bill.posting_date, after), "invoice_portion": 50})
	bill.save()
	bill.submit()
	pay(bill, 85)
	found = ours(world)
	assert found == due(native(world)) and found[bill.name] == [65, 0, 0, 0, 0, 65]


def test_sales_sees_its_own_finance_all_and_a_stranger_nothing(owned, world, as_user):
	wanted = {owned.bill.name, owned.nobodys.name}
	as_user("finance")
	assert report(world) == (wanted, 510)
	as_user("rep")
	assert report(world) == ({owned.bill.name}, 480)
	assert api.get_documents_of_overdue({"company": world.company, "customer": world.customer})["total"] == 1
	as_user("other_rep")
	assert report(world) == (set(), 0) and report(world, customer=owned.managed) == ({owned.other.name}, 70)
	as_user("manager")
	assert report(world) == (wanted, 510)
	as_user("stranger")
	with refused(frappe.PermissionError):
		report(world)


def test_who_may_not_open_sales_persons_reads_their_names_in_the_report(owned, world, as_user):
	as_user("Administrator")
	person = {
		"doctype": "Sales Person",
		"sales_person_name": f"Mara {world.tag}",
		"parent_sales_person": None,
		"enabled": 1,
	}
	person = frappe.get_doc(person).insert(ignore_mandatory=True)
	for doctype in ("Sales Opportunity", "Sales Contract", "Sales Order Request"):
		frappe.db.set_value(doctype, {"sales_owner": REP, "company": world.company}, "sales_person", person.name)
	as_user("finance")
	assert not frappe.has_permission("Sales Person", "read")
	found = query_report.run("Overdue Receivables", filters={"company": world.company})
	assert person.name in {row["sales_person"] for row in found["result"] if isinstance(row, dict)}
	as_user("rep")
	[column] = [
		row for row in overdue_receivables.execute({"company": world.company})[0] if row["fieldname"] == "sales_person"
	]
	assert column["fieldtype"] == "Link"


def test_with_team_visibility_a_manager_sees_the_team(owned, world, as_user):
	from tests.site.portable.test_visibility import set_apart

	set_apart()
	as_user("manager")
	seen = report(world)[0] | report(world, customer=owned.managed)[0]
	assert owned.nobodys.name not in seen
	as_user("finance")
	assert report(world)[0] == {owned.bill.name, owned.nobodys.name}
