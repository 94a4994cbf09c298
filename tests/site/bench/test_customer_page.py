"""The page of a customer: what each reader sees of it, that its numbers tie to ERPNext's own reports, and what it asks."""

import frappe
import pytest
from frappe.utils import add_days, flt, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.customers import (
	bought_items,
	customer_page,
	customer_timeline,
	gross_margin,
	open_receivables,
	turnover,
)
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.customers.customer_timeline import Timeline
from tests.site.conftest import USERS
from tests.site.world import another_company, customer, refused

HIDDEN = "does not exist, or you have no right to see it"


@pytest.fixture
def history(world, sale):
	"""A customer with a deal, a contract, orders, deliveries, invoices, a payment, returns, by and by."""
	sale.opportunity(title="Next pumps")
	order = sale.order(sale.contract())
	sale.deliver(order)
	first = sale.bill(order)
	sale.pay(first, 100)
	sale.credit(first, qty=1)
	second = sale.order(sale.contract(title="Second"))
	sale.deliver(second, qty=2)
	late = frappe.copy_doc(first)
	late.update({"due_date": add_days(nowdate(), -45), "posting_date": add_days(nowdate(), -50), "set_posting_time": 1})
	for row in late.items:
		row.update({"sales_order": None, "so_detail": None, "crm_request_item": None})
	late.update({"payment_schedule": [], "payment_terms_template": None})
	late.insert()
	late.reload()
	late.submit()
	return frappe._dict(order=order, first=first, second=second, late=late)


def asked_of(world, **values) -> AskedParty:
	return AskedParty("Customer", (world.customer,), **values)


def receivable_report(world) -> dict:
	from erpnext.accounts.report.accounts_receivable.accounts_receivable import execute

	filters = {
		"company": world.company,
		"report_date": nowdate(),
		"ageing_based_on": "Due Date",
		"range": "30, 60, 90, 120",
		"party_type": "Customer",
		"party": [world.customer],
	}
	rows = execute(frappe._dict(filters))[1]
	return {
		"outstanding": flt(sum(row.outstanding for row in rows), 2),
		"buckets": [flt(sum(row[f"range{n}"] for row in rows), 2) for n in range(1, 6)],
	}


def delivered_not_billed(world) -> float:
	from erpnext.accounts.report.delivered_items_to_be_billed.delivered_items_to_be_billed import get_args
	from erpnext.accounts.report.non_billed_report import get_ordered_to_be_billed_data

	filters = frappe._dict(company=world.company, posting_date=nowdate())
	rows = get_ordered_to_be_billed_data(get_args(), filters)
	return flt(sum(row.pending_amount for row in rows if row.customer == world.customer), 2)


def mine(world) -> dict:
	(row,) = open_receivables.of_party(asked_of(world))
	return {part: row[part] for part in ("outstanding", "buckets")}


def journal(world, amount: float, against: tuple | None = None, **values) -> str:
	"""A journal entry that takes an amount off the customer's account, or (below zero) adds to it."""
	receivable = frappe.get_cached_value("Company", world.company, "default_receivable_account")
	other = frappe.db.get_value(
		"Account", {"company": world.company, "root_type": "Income", "is_group": 0}, "name", order_by="name asc"
	)
	party = {"account": receivable, "party_type": "Customer", "party": world.customer}
	if against:
		party |= {"reference_type": against[0], "reference_name": against[1]}
	centre = frappe.get_cached_value("Company", world.company, "cost_center")
	sides = ("credit_in_account_currency", "debit_in_account_currency")
	first, second = sides if amount > 0 else sides[::-1]
	rows = [{**party, first: abs(amount)}, {"account": other, "cost_center": centre, second: abs(amount)}]
	doc = frappe.get_doc(
		{
			"doctype": "Journal Entry",
			"company": world.company,
			"posting_date": nowdate(),
			"accounts": rows,
			**values,
		}
	)
	doc.insert()
	doc.submit()
	return doc.name


def test_money_ties_to_accounts_receivable_general_ledger_and_gross_profit(world, sale, history):
	from erpnext.accounts.report.gross_profit.gross_profit import GrossProfitGenerator

	first, last = add_days(nowdate(), -90), getdate(nowdate())
	asked = asked_of(world, from_date=getdate(first), to_date=last)
	revenue = turnover.by_month(asked)
	income = frappe.get_all("Account", filters={"root_type": "Income"}, pluck="name", order_by="name asc")
	posted = frappe.get_all(
		"GL Entry",
		filters={
			"account": ("in", income),
			"voucher_no": ("in", frappe.get_all("Sales Invoice", {"customer": world.customer}, pluck="name")),
			"is_cancelled": 0,
		},
		fields=["credit", "debit"],
		order_by="name asc",
	)
	assert flt(sum(row["revenue"] for row in revenue), 2) == flt(sum(row.credit - row.debit for row in posted), 2) > 0
	filters = {"company": world.company, "from_date": first, "to_date": last, "include_returned_invoices": 1}
	report = GrossProfitGenerator(frappe._dict(filters, group_by="Customer"))
	theirs = next(row for row in report.grouped_data if row.customer == world.customer)
	ours = gross_margin.by_month(asked, [world.company])
	sums = {part: flt(sum(row[part] for row in ours), 2) for part in ("amount", "cost", "profit")}
	assert sums == {"amount": theirs.base_amount, "cost": theirs.buying_amount, "profit": theirs.gross_profit}
	assert sums["cost"] > 0
	items = bought_items.of_party(asked)
	assert (items["basis"], items["rows"][0]["item_code"]) == ("Sales Invoice", world.pump)
	assert flt(sum(row["amount"] for row in items["rows"]), 2) == flt(sum(row["revenue"] for row in revenue), 2)
	assert mine(world) == receivable_report(world)
	assert mine(world)["buckets"][1] == 480
	# A payment on account, one set against an order, a journal entry, one paid by another, and a whole return.
	sale.pay(history.second, 30)
	opening = journal(world, -70, posting_date=add_days(nowdate(), -100))
	journal(world, 20, ("Journal Entry", opening))
	journal(world, 11)
	sale.credit(history.late, update_outstanding_for_self=0)
	assert mine(world) == receivable_report(world)
	# Dated ahead: the invoice is open until then.
	other = sale.bill(history.second)
	payment = sale.pay(other)
	assert mine(world) == receivable_report(world)
	for doctype in ("Payment Ledger Entry", "GL Entry"):
		frappe.db.set_value(doctype, {"voucher_no": payment.name}, "posting_date", add_days(nowdate(), 5))
	assert mine(world) == receivable_report(world)


def keep_to_another_company(world) -> str:
	"""A User Permission of the accounts user for a company that has no business with anybody."""
	company = another_company(world, "Other")
	finance = USERS["finance"][0]
	values = {"user": finance, "allow": "Company", "for_value": company.name, "apply_to_all_doctypes": 1}
	frappe.get_doc({"doctype": "User Permission", **values}).insert()
	return company.name


def test_each_reader_gets_their_own_part_and_no_number_of_another(world, history, as_user):
	as_user("rep")
	page = api.get_customer_page("Customer", world.customer)
	assert (page["party"]["title"], page["receivables"]) == (world.customer, None)
	parts = {part["doctype"]: part for part in page["open"]}
	assert parts["Sales Opportunity"]["totals"][0]["amount"] == 480
	order = parts["Sales Order"]["totals"][0]
	assert (order["documents"], order["amount"], order["to_deliver"]) == (1, 480, 280)
	assert page["unbilled"][0]["amount"] == delivered_not_billed(world)
	kinds = {kind["key"] for kind in page["kinds"]}
	assert {"opportunity", "order", "delivery"} <= kinds
	assert not {"invoice", "payment", "credit_note"} & kinds
	assert {row["kind"] for row in page["timeline"]["rows"]} <= kinds
	figures = api.get_customer_figures("Customer", world.customer)
	assert [figures[part] for part in ("credit", "turnover", "margin")] == [None, None, None]
	assert figures["items"]["basis"] == "Sales Order"
	as_user("finance")
	page = api.get_customer_page("Customer", world.customer)
	assert page["receivables"][0]["outstanding"] > 0
	assert {"invoice", "payment", "credit_note", "order"} <= {row["kind"] for row in page["timeline"]["rows"]}
	assert api.get_customer_figures("Customer", world.customer)["turnover"]
	as_user("Administrator")
	company = keep_to_another_company(world)
	as_user("finance")
	page = api.get_customer_page("Customer", world.customer)
	assert page["receivables"] == [] and page["unbilled"] == []
	assert not [part for part in page["open"] if part["totals"]]
	assert {row["company"] for row in page["timeline"]["rows"]} <= {None, "", company}
	figures = api.get_customer_figures("Customer", world.customer)
	assert (figures["turnover"], figures["margin"], figures["items"]["rows"], figures["credit"]) == ([], [], [], [])
	as_user("stranger")
	for name in (world.customer, "Nobody"):
		asks = ("page", "people", "figures", "timeline", "panel")
		for ask in (getattr(api, f"get_customer_{part}") for part in asks):
			with refused(frappe.PermissionError, match=HIDDEN):
				ask("Customer", name)


def test_team_visibility_narrows_deals_totals_and_timeline_alike(world, sale, as_user):
	as_user("rep")
	own = sale.opportunity(title="Mine")
	as_user("other_rep")
	sale.opportunity(title="Theirs")
	from tests.site.portable.test_visibility import set_apart

	set_apart()
	as_user("rep")
	page = api.get_customer_page("Customer", world.customer)
	(deals,) = [part for part in page["open"] if part["doctype"] == "Sales Opportunity"]
	assert (deals["totals"][0]["documents"], deals["totals"][0]["amount"]) == (1, 480)
	assert [row["name"] for row in deals["rows"]] == [own.name]
	assert {row["name"] for row in page["timeline"]["rows"] if row["kind"] == "opportunity"} == {own.name}
	assert page["contact"]["next"] is None


def queries_of(work) -> int:
	sent = []
	real = frappe.db.sql
	frappe.db.sql = lambda *args, **kwargs: sent.append(args[0]) or real(*args, **kwargs)
	try:
		work()
	finally:
		frappe.db.sql = real
	return len(sent)


BUDGETS = {
	"party": 2,
	"addresses": 5,
	"people": 5,
	"open": 16,
	"unbilled": 2,
	"receivables": 10,
	"contact": 6,
	"timeline": 36,
}


def test_the_timeline_is_paged_whole_and_a_longer_history_takes_no_more_queries(world, sale, history):
	asked = asked_of(world)
	for number in range(5):
		sale.opportunity(title=f"Same day {number}")
	everything = customer_timeline.page_of(Timeline(asked, size=500))["rows"]
	key = [(row["kind"], row["doctype"], row["name"], str(row["at"])) for row in everything]
	assert len(set(key)) == len(key) > 12
	seen, place = [], None
	while True:
		page = customer_timeline.page_of(Timeline(asked, place=place, size=3))
		seen += [(row["kind"], row["doctype"], row["name"], str(row["at"])) for row in page["rows"]]
		if not page["next"]:
			break
		# What comes in meanwhile moves nothing.
		if len(seen) == 6:
			values = {"doctype": "Sales Activity", "subject": "In between", "way": "Phone", "customer": world.customer}
			frappe.get_doc(values).insert()
		place = (frappe.utils.get_datetime(page["next"][0]), *page["next"][1:])
	assert seen == key
	some = api.get_customer_timeline("Customer", world.customer, kinds=["order", "invoice"])["rows"]
	assert {row["kind"] for row in some} == {"order", "invoice"}
	days = {"from_date": add_days(nowdate(), -60), "to_date": add_days(nowdate(), -40)}
	assert {row["name"] for row in api.get_customer_timeline("Customer", world.customer, **days)["rows"]} == {
		history.late.name
	}
	assert not api.get_customer_timeline("Customer", world.customer, company="None Such")["rows"]
	work = {
		"party": lambda: customer_page.party_facts.of_party(asked),
		"addresses": lambda: customer_page.party_facts.addresses(asked),
		"people": lambda: customer_page.party_facts.contacts(asked_of(world)),
		"open": lambda: customer_page.open_business.all_of(asked),
		"unbilled": lambda: customer_page.delivered_unbilled.of_party(asked),
		"receivables": lambda: open_receivables.of_party(asked),
		"contact": lambda: customer_page.last_contact.of_party(asked),
		"timeline": lambda: customer_timeline.page_of(Timeline(asked_of(world))),
		"turnover": lambda: turnover.by_month(asked),
		"items": lambda: bought_items.of_party(asked),
		"margin": lambda: gross_margin.by_month(asked, [world.company]),
		"credit": lambda: customer_page.credit_lines.of_party(asked),
		"panel": lambda: customer_page.panel(asked),
	}
	for ask in work.values():
		ask()
	before = {part: queries_of(ask) for part, ask in work.items()}
	for number in range(2):
		order = sale.order(sale.contract(title=f"More {number}"))
		sale.deliver(order)
		sale.bill(order)
	assert {part: queries_of(ask) for part, ask in work.items()} == before
	over = {part: before[part] for part, budget in BUDGETS.items() if before[part] > budget}
	assert not over, before


def test_a_customer_without_anything_a_disabled_one_and_a_new_name_get_an_answer(world, sale, as_user):
	bare = customer(f"Bare {world.tag}")
	page = api.get_customer_page("Customer", bare)
	assert (page["timeline"]["rows"], page["receivables"]) == ([], [])
	assert api.get_customer_people("Customer", bare) == {"people": [], "relations": [], "addresses": []}
	sale.opportunity(title="Before", customer=bare)
	frappe.db.set_value("Customer", bare, "disabled", 1)
	assert api.get_customer_page("Customer", bare)["party"]["marks"]["disabled"] == 1
	new = frappe.rename_doc("Customer", bare, f"New {world.tag}")
	page = api.get_customer_page("Customer", bare)
	assert (page["party"]["name"], page["asked_as"]) == (new, bare)
	frappe.rename_doc("Customer", new, world.customer, merge=True)
	for old in (bare, new):
		as_user("rep")
		page = api.get_customer_page("Customer", old)
		assert (page["party"]["name"], page["asked_as"]) == (world.customer, old)
		assert "Before" in {row["title"] for row in page["timeline"]["rows"]}
		as_user("stranger")
		with refused(frappe.PermissionError, match=HIDDEN):
			api.get_customer_page("Customer", old)


def test_a_parent_company_shows_what_its_group_comes_to(world, sale, history, as_user):
	parent = customer(f"Parent {world.tag}")
	frappe.db.set_value("Customer", world.customer, "crm_parent_customer", parent)
	sale.opportunity(title="Of the parent", customer=parent)
	group = api.get_customer_figures("Customer", parent)["group"]
	assert [row["name"] for row in group["customers"]] == [world.customer]
	(deals,) = [part for part in group["open"] if part["doctype"] == "Sales Opportunity"]
	assert (deals["totals"][0]["documents"], deals["totals"][0]["amount"]) == (2, 960)
	assert group["receivables"] == open_receivables.of_party(asked_of(world))
	as_user("rep")
	assert api.get_customer_figures("Customer", parent)["group"]["receivables"] is None
	assert api.get_customer_figures("Customer", world.customer)["group"] is None


# ---- files


def attach(doctype: str, name: str, file_name: str):
	return frappe.get_doc(
		{
			"doctype": "File",
			"file_name": file_name,
			"attached_to_doctype": doctype,
			"attached_to_name": name,
			"is_private": 1,
			"content": file_name,
		}
	).insert()


def files_of(world, **values) -> set[str]:
	return hung_on(world, "file", **values)


def mails_of(world, **values) -> set[str]:
	return hung_on(world, "mail", **values)


def hung_on(world, kind: str, **values) -> set[str]:
	"""Names of the documents on which records of a kind hang."""
	rows = api.get_customer_timeline("Customer", world.customer, kinds=[kind], **values)["rows"]
	return {row["about"]["name"] for row in rows if row["about"]}


def test_mails_and_files_on_erpnext_s_documents_are_seen_by_who_sees_those(world, sale, history, as_user):
	payment = frappe.get_last_doc("Payment Entry", {"party": world.customer})
	note = frappe.get_last_doc("Delivery Note", {"customer": world.customer})
	made = [history.order, history.late, payment, note]
	for number, doc in enumerate(made):
		attach(doc.doctype, doc.name, f"scan {number} {world.tag}.txt")
		# To an address that no contact has: nothing else links it to the customer.
		mailed(doc, f"Mail {number} {world.tag}")
	stranger_s = frappe.copy_doc(history.late)
	stranger_s.update({"customer": customer(f"Else {world.tag}"), "docstatus": 0, "title": None})
	stranger_s.insert()
	attach("Sales Invoice", stranger_s.name, f"not theirs {world.tag}.txt")
	assert files_of(world) == mails_of(world) == {doc.name for doc in made}
	assert files_of(world, company=world.company) == {doc.name for doc in made}
	assert files_of(world, company="None Such") == set()
	assert files_of(world, from_date=add_days(nowdate(), 1)) == set()
	default = api.get_customer_timeline("Customer", world.customer)["rows"]
	assert {row["title"] for row in default if row["kind"] == "file"} == {
		f"scan {number} {world.tag}.txt" for number in range(len(made))
	}
	# ERPNext's Sales User reads orders, but neither invoices nor payments.
	as_user("rep")
	assert history.order.name in files_of(world) and history.order.name in mails_of(world)
	assert not (files_of(world) | mails_of(world)) & {history.late.name, payment.name}
	as_user("finance")
	assert {history.late.name, payment.name} <= files_of(world) & mails_of(world)
	as_user("Administrator")
	keep_to_another_company(world)
	as_user("finance")
	assert files_of(world) == mails_of(world) == set()


def mailed(doc, subject: str) -> None:
	mail = {"subject": subject, "content": "As agreed.", "recipients": f"somebody@{doc.name.lower()}.example"}
	reference = {"reference_doctype": doc.doctype, "reference_name": doc.name, "communication_medium": "Email"}
	frappe.get_doc({"doctype": "Communication", "sent_or_received": "Sent", **mail, **reference}).insert()


def test_pages_of_files_go_on_where_the_one_before_ended(world, sale, history):
	for number in range(7):
		attach(
			"Sales Order" if number % 2 else "Sales Invoice",
			(history.order if number % 2 else history.late).name,
			f"{number}.txt",
		)
	asked, seen, place = asked_of(world), [], None
	while True:
		page = customer_timeline.page_of(Timeline(asked, kinds=("file",), place=place, size=2))
		seen += [row["name"] for row in page["rows"]]
		if not page["next"]:
			break
		place = (frappe.utils.get_datetime(page["next"][0]), *page["next"][1:])
	assert len(seen) == len(set(seen)) == 7
