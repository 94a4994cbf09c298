"""What is overdue is the same on every screen, and what ERPNext's Accounts Receivable makes of it."""

import frappe
from frappe.utils import flt, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.customers import open_receivables
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.warnings import customer_facts, customer_warnings
from tests.site.bench import clock
from tests.site.bench.test_receivables import account, foreign, invoice, journal, on_account, ours, pay
from tests.site.conftest import USERS
from tests.site.world import customer

__all__ = ["foreign"]


def theirs(world, who=None, **filters) -> dict:
	"""Of ERPNext's report: by bucket, outstanding, and what was due before today, credits taken off."""
	execute = frappe.get_attr("erpnext.accounts.report.accounts_receivable.accounts_receivable.execute")
	_columns, rows, *_rest = execute(
		frappe._dict(
			company=world.company,
			report_date=nowdate(),
			ageing_based_on="Due Date",
			calculate_ageing_with="Report Date",
			range="30, 60, 90, 120",
			party_type="Customer",
			party=[who or world.customer],
			**{"based_on_payment_terms": 1, **filters},
		)
	)
	late = sum(
		row.outstanding for row in rows if row.outstanding > 0 and getdate(row.due_date or row.posting_date) < getdate()
	)
	credits = sum(row.outstanding for row in rows if row.outstanding < 0)
	return {
		"buckets": [flt(sum(row[f"range{place}"] for row in rows), 2) for place in range(1, 6)],
		"outstanding": flt(sum(row.outstanding for row in rows), 2),
		"overdue": flt(max(late + credits, 0), 2),
	}


def screens(world, who=None) -> dict:
	"""The same of the customer page; what warnings, the gate of a hand-off, panel and report say agrees with it."""
	who = who or world.customer
	rows = open_receivables.of_party(AskedParty("Customer", (who,), world.company))
	page = rows[0] if rows else {"buckets": [0.0] * 5, "outstanding": 0.0, "past_due": 0.0, "overdue": 0.0}
	report = list(ours(world, who=who).values())
	assert [flt(sum(row[place] for row in report), 2) for place in range(5)] == page["buckets"]
	assert (api.get_customer_panel("Customer", who, company=world.company)["receivables"] or [page])[0] == page
	how = customer_warnings.rules_of_site()
	for everything in (False, True):
		asker = customer_facts.Asker("Customer", who, world.company, everything, None, None)
		money = asker.overdue()
		assert flt(sum(row.amount for row in money), 2) == page["overdue"]
		assert [row.oldest for row in money] == ([page["oldest"]] if page["overdue"] else [])
	assert how.of("overdue") == "Inform"
	return {part: page[part] for part in ("buckets", "outstanding", "overdue")}


def credit_note(bill, rate: float, **values):
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

	note = make_sales_return(bill.name)
	note.update(values)
	note.items[0].rate = rate
	note.insert()
	note.submit()
	return note


def pay_term(bill, amount: float, term: int):
	"""A payment that was entered for one row of the schedule."""
	from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry

	payment = get_payment_entry(bill.doctype, bill.name, party_amount=amount)
	payment.update({"reference_no": "B", "reference_date": nowdate()})
	row = payment.references[0]
	payment.references = []
	payment.append(
		"references",
		{
			"reference_doctype": bill.doctype,
			"reference_name": bill.name,
			"allocated_amount": amount,
			"total_amount": row.total_amount,
			"outstanding_amount": row.outstanding_amount,
			"payment_term": bill.payment_schedule[term].payment_term,
		},
	)
	payment.insert()
	payment.submit()


def terms_template(world, name: str):
	"""Half at once, half after forty days, each a term that can be paid by itself."""
	rows = []
	for place, days in enumerate((0, 40)):
		term = frappe.get_doc(
			{
				"doctype": "Payment Term",
				"payment_term_name": f"{name} {place} {world.tag}",
				"invoice_portion": 50,
				"due_date_based_on": "Day(s) after invoice date",
				"credit_days": days,
			}
		).insert()
		rows.append(
			{
				"payment_term": term.name,
				"invoice_portion": 50,
				"due_date_based_on": term.due_date_based_on,
				"credit_days": days,
			}
		)
	return frappe.get_doc(
		{
			"doctype": "Payment Terms Template",
			"template_name": f"{name} {world.tag}",
			"allocate_payment_based_on_payment_terms": 1,
			"terms": rows,
		}
	).insert()


def test_all_screens_say_of_each_case_what_accounts_receivable_says(world):
	def same(case: str):
		assert screens(world) == theirs(world), case

	invoice(world, 40, 100)
	same("plain")
	invoice(world, 0, 15)
	same("due today")
	invoice(world, 10, 80, terms=[(50, 5), (50, 40)])
	same("one term due, one not")
	template = terms_template(world, "Halves")
	later_first = invoice(world, 60, 200, payment_terms_template=template.name)
	assert len(later_first.payment_schedule) == 2
	pay_term(later_first, 100, term=1)
	same("the later term was paid first")
	credited = invoice(world, 65, 90)
	credit_note(credited, 25)
	same("credit note set off")
	beside = invoice(world, 66, 95)
	credit_note(beside, 20, update_outstanding_for_self=1, posting_date=nowdate(), set_posting_time=1)
	same("credit note that stands by itself")
	alone = credit_note(invoice(world, 130, 60), 60, update_outstanding_for_self=1)
	same("whole return that nobody has set off")
	pay(alone, -10)
	same("a part of a credit note paid out")
	part = invoice(world, 100, 300, terms=[(33, 0), (33, 30), (34, 60)])
	pay(part, 120, days=30)
	same("paid in part over terms")
	journal(world, 2, 30, against=part, kind="Write Off Entry")
	same("written off in part")
	opening = journal(world, 121, 500)
	same("opening balance by journal")
	journal(world, 3, 40, against=opening)
	same("a journal set off against another")
	on_account(world, 12, 44)
	same("money on account")
	gone = invoice(world, 20, 70)
	gone.cancel()
	same("cancelled")


def test_money_on_account_and_whole_returns_make_nobody_overdue(world):
	"""They paid, and finance has not set it off yet: nobody has to ask them for money."""
	bill = invoice(world, 40, 100)
	on_account(world, 60, 2)
	assert screens(world)["overdue"] == theirs(world)["overdue"] == 40
	on_account(world, 40, 1)
	assert screens(world) == theirs(world) and screens(world)["overdue"] == 0
	assert customer_warnings.of_customer(world.customer) == []
	assert bill.reload().outstanding_amount == 100


def test_an_order_s_advance_a_dunning_and_another_company_change_nothing_else(sale, world):
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import create_dunning

	order = sale.order(sale.contract())
	sale.pay(order, 100)
	assert screens(world) == theirs(world) and screens(world)["overdue"] == 0
	bill = invoice(world, 30, 250)
	assert screens(world) == theirs(world) and screens(world)["overdue"] == 150
	late = invoice(world, 5, 75, who=customer(f"Somebody Else {world.tag}"))
	assert screens(world)["overdue"] == 150
	dunning = create_dunning(bill.name)
	dunning.insert()
	dunning.submit()
	assert screens(world) == theirs(world)
	# Of a company that is not asked for there is nothing in the sums.
	frappe.db.set_value("Payment Ledger Entry", {"voucher_no": late.name}, "company", "Other")
	assert screens(world, who=late.customer)["overdue"] == 0


def test_other_currencies_come_to_the_same(world, foreign):
	who = customer(f"Abroad {world.tag}")
	abroad = invoice(
		world,
		70,
		100,
		who=who,
		debit_to=foreign.account,
		terms=[(40, 0), (60, 40)],
		currency=foreign.currency,
		conversion_rate=2,
	)
	assert screens(world, who) == theirs(world, who) and screens(world, who)["overdue"] == 200
	pay(abroad, 25, paid_to=account(world, "Cash"), source_exchange_rate=3, paid_amount=25, received_amount=75)
	assert screens(world, who) == theirs(world, who) and screens(world, who)["overdue"] == 150


def test_as_time_passes_what_falls_due_is_overdue_from_the_next_day_on(world):
	with clock.ticking() as time:
		invoice(world, 0, 60, terms=[(50, 1), (50, 31)])
		gone = 0
		for days, late in ((0, 0), (1, 0), (2, 30), (31, 30), (32, 60), (365, 60)):
			time.pass_days(days - gone)
			gone = days
			assert screens(world) == theirs(world) and screens(world)["overdue"] == late, days


def test_sales_hear_of_their_own_sales_by_the_same_rule(world, as_user):
	frappe.db.set_value("Customer", world.customer, "account_manager", USERS["rep"][0])
	bill = invoice(world, 40, 100)
	credit_note(bill, 30, update_outstanding_for_self=1)
	as_user("rep")
	(money,) = customer_facts.Asker("Customer", world.customer, None, False, None, None).overdue()
	assert (money.amount, money.name) == (70, None)


# ---- what others reported of such numbers


def test_an_advance_that_was_reconciled_later_leaves_nothing_overdue(world):
	"""ERPNext's own check of overdue money blocked customers who owed nothing (erpnext 57786)."""
	money = on_account(world, 100, 50)
	bill = invoice(world, 40, 100)
	tool = frappe.get_doc("Payment Reconciliation")
	tool.update({"company": world.company, "party_type": "Customer", "party": world.customer})
	tool.receivable_payable_account = bill.debit_to
	tool.get_unreconciled_entries()
	invoices = [row.as_dict() for row in tool.invoices if row.invoice_number == bill.name]
	payments = [row.as_dict() for row in tool.payments if row.reference_name == money.name]
	tool.allocate_entries(frappe._dict(invoices=invoices, payments=payments))
	tool.reconcile()
	assert bill.reload().outstanding_amount == 0
	assert screens(world) == theirs(world) and screens(world)["overdue"] == 0


def test_a_credit_note_for_no_invoice_is_taken_off_and_one_in_another_company_s_money_is_not(world):
	invoice(world, 40, 100)
	note = invoice(world, 3, 30, submit=False)
	note.update({"is_return": 1, "payment_schedule": []})
	note.items[0].qty = -1
	note.save()
	note.submit()
	assert screens(world) == theirs(world) and screens(world)["overdue"] == 70


def test_an_invoice_of_another_currency_that_was_cancelled_leaves_no_trace(world, foreign):
	who = customer(f"Abroad {world.tag}")
	gone = invoice(world, 50, 10, who=who, debit_to=foreign.account, currency=foreign.currency, conversion_rate=2)
	gone.cancel()
	invoice(world, 50, 25, who=who)
	(row,) = open_receivables.of_party(AskedParty("Customer", (who,), world.company))
	assert (row["currency"], row["overdue"], row["outstanding"]) == (world.currency, 25, 25)


def test_an_invoice_paid_in_advance_of_its_day_is_owed_by_nobody(world):
	"""Paid today for an invoice that is dated ahead: as Accounts Receivable has it, money on account until then."""
	late = invoice(world, 20, 60)
	ahead = invoice(world, -10, 60)
	pay(ahead, 60)
	assert screens(world) == theirs(world)
	assert late.reload().outstanding_amount == 60


def test_who_is_nobody_and_what_is_no_company_get_an_empty_answer(world):
	for names, company in ((("No Such Customer",), None), ((world.customer,), "No Such Company")):
		assert open_receivables.of_party(AskedParty("Customer", names, company)) == []
	assert open_receivables.of_party(AskedParty("Customer", ("Q' or 1=1 --", 'x"\\'), None)) == []
