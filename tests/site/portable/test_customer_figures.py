# ruff: noqa: F811
"""What the page of a customer sums up: revenue, credit, what is owed and overdue, the group; and the panel beside a form."""

from datetime import date

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.customers import credit_lines, customer_page, gross_margin, open_receivables, party_facts, turnover
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.erp import open_documents
from tests.site.conftest import USERS
from tests.site.hosts import HOST
from tests.site.portable.test_owed import Books, books, owed  # noqa: F401
from tests.site.portable.test_small_customer_sums import document
from tests.site.rows import row

CUSTOMER = "Customer"
FINANCE = USERS["finance"][0]
# What the page reads that no other test asks for.
TABLES = """
GL Entry|hash|account:Link:Account company:Link:Company is_cancelled:Check
Language|prompt|language_name
"""


@pytest.fixture(autouse=True)
def told_as_erpnext_would(world, monkeypatch):
	HOST.other_tables(monkeypatch, TABLES)
	monkeypatch.setattr(open_documents, "digits", lambda: 2)


def asked_as(world, *more: str, **values) -> AskedParty:
	return AskedParty(CUSTOMER, (world.customer, *more), **values)


# ---- revenue


@pytest.fixture
def ledger(world):
	"""Books an amount on an account of ours as of an invoice."""
	accounts = {
		kind: row("Account", name=f"{kind} {world.tag}", root_type=kind, company=world.company, docstatus=0)
		for kind in ("Income", "Liability")
	}

	def book(day: str, credit: float, debit: float = 0, kind: str = "Income", of=None, **values) -> str:
		of = of or document("Sales Invoice", world, posting_date=day)
		fixed = {"posting_date": day, "account": accounts[kind], "company": world.company, "is_cancelled": 0}
		fixed |= {"voucher_type": "Sales Invoice", "voucher_no": of, "credit": credit, "debit": debit}
		row("GL Entry", **{**fixed, **values})
		return of

	return book


def test_revenue_is_what_the_ledger_has_as_income_of_a_customer_s_invoices_by_month(world, ledger):
	mixed = ledger("2026-01-05", 100)
	ledger("2026-01-31", 50, 10, of=mixed)
	ledger("2026-01-20", 0, 30)
	ledger("2025-12-31", 7)
	ledger("2026-11-01", 9)
	ledger("2026-01-05", 19, kind="Liability", of=mixed)
	ledger("2026-01-05", 500, of=mixed, is_cancelled=1)
	ledger("2026-01-05", 500, of=mixed, voucher_type="Journal Entry")
	for values in ({"docstatus": 0}, {"docstatus": 2}, {"customer": "Another"}):
		ledger("2026-01-05", 500, of=document("Sales Invoice", world, posting_date="2026-01-05", **values))
	told = lambda **values: [  # noqa: E731
		(one["company"], one["currency"], one["month"], one["revenue"])
		for one in turnover.by_month(asked_as(world, **values))
	]
	ours = (world.company, world.currency)
	december, january, november = (*ours, "2025-12", 7), (*ours, "2026-01", 110), (*ours, "2026-11", 9)
	assert told() == [december, january, november]
	assert told(from_date=date(2026, 1, 1), to_date=date(2026, 1, 31)) == [january]
	assert told(from_date=date(2026, 1, 6), to_date=date(2026, 10, 31)) == [(*ours, "2026-01", 10)]
	assert told(company="Another") == [] and told(company=world.company) == [december, january, november]


def test_revenue_and_margin_are_told_to_who_reads_invoices_the_ledger_and_the_report(world, ledger, as_user):
	ledger(nowdate(), 100)
	reads = {}
	for who in ("rep", "finance", "stranger"):
		as_user(who)
		asked = asked_as(world)
		reads[who] = all(frappe.has_permission(doctype, "read") for doctype in ("Sales Invoice", "GL Entry"))
		assert bool(turnover.by_month(asked)) == reads[who], who
		if who != "finance":
			assert gross_margin.by_month(asked, [world.company]) is None
	assert reads["finance"] and not reads["stranger"]


@pytest.mark.parametrize("hidden", ["base_net_total", "credit", "debit"])
def test_who_may_not_read_a_field_that_revenue_is_summed_from_is_told_of_none(world, ledger, monkeypatch, hidden):
	ledger(nowdate(), 100)
	assert turnover.by_month(asked_as(world))
	monkeypatch.setattr(turnover, "is_readable", lambda doctype, *fields: hidden not in fields)
	assert turnover.by_month(asked_as(world)) is None


@pytest.mark.parametrize("hidden", ["base_net_total", "base_net_amount", "base_net_rate", "stock_qty", "incoming_rate"])
def test_who_may_not_read_a_field_that_the_margin_is_made_of_is_told_of_none(world, monkeypatch, hidden):
	monkeypatch.setattr(gross_margin, "is_readable", lambda doctype, *fields, rows: hidden not in (*fields, *rows))
	assert gross_margin.by_month(asked_as(world), [world.company]) is None


def test_where_the_site_has_no_report_of_the_margin_there_is_none(world, as_user, monkeypatch):
	HOST.other_tables(monkeypatch, "Report|hash|report_name")
	as_user("Administrator")
	monkeypatch.setattr(gross_margin, "REPORT", f"No Report {world.tag}")
	assert not gross_margin.is_permitted()
	assert gross_margin.by_month(asked_as(world), [world.company]) is None


def test_figures_are_of_the_days_that_were_asked_for_else_of_the_last_twelve_months(world, ledger, monkeypatch):
	monkeypatch.setattr(gross_margin, "is_permitted", lambda: True)
	told = []

	def report(names, company, first, last, narrow):
		told.append((names, company, first, last))
		return [frappe._dict(posting_date="2026-02-09", base_amount=5, buying_amount=3, gross_profit=2)]

	monkeypatch.setattr(gross_margin.gross_profit, "by_month", report)
	today = getdate(nowdate())
	ledger(today, 40)
	ledger(add_days(today, -800), 60)
	found = api.get_customer_figures(CUSTOMER, world.customer)
	first, last = customer_page.period_of(asked_as(world))
	assert (found["from_date"], found["to_date"]) == (first, last)
	assert [one["revenue"] for one in found["turnover"]] == [40] and found["group"] is None
	margin = {
		"company": world.company,
		"currency": world.currency,
		"month": "2026-02",
		"amount": 5,
		"cost": 3,
		"profit": 2,
	}
	assert found["margin"] == [margin] and told == [((world.customer,), world.company, first, last)]
	assert found["items"]["basis"] == "Sales Invoice" and found["credit"] == []
	days = {"from_date": add_days(today, -900), "to_date": add_days(today, -700)}
	found = api.get_customer_figures(CUSTOMER, world.customer, **days)
	assert [one["revenue"] for one in found["turnover"]] == [60]
	assert gross_margin.by_month(asked_as(world), ["B", "A"])[0]["company"] == "A"
	assert told[-2:] == [((world.customer,), company, date(1900, 1, 1), today) for company in "BA"]


def test_nobody_is_told_of_a_margin_who_is_not_told_of_revenue(world, as_user, monkeypatch):
	monkeypatch.setattr(gross_margin, "is_permitted", lambda: True)
	as_user("rep")
	found = customer_page.figures(asked_as(world))
	if found["turnover"] is None:
		assert found["margin"] is None
	assert found["items"] is not None


# ---- credit


def test_credit_is_told_by_company_with_what_is_used_and_free(world, as_user):
	for company, limit in ((world.company, 1000), ("Another", 0)):
		row(
			"Customer Credit Limit", parent=world.customer, parenttype=CUSTOMER, parentfield="credit_limits",
			company=company, credit_limit=limit, bypass_credit_limit_check=0, docstatus=0,
		)  # fmt: skip
	posted = {"party_type": CUSTOMER, "party": world.customer, "company": world.company, "is_cancelled": 0}
	row("GL Entry", debit=300, credit=50, **posted)
	assert credit_lines.of_party(asked_as(world)) == [
		{"company": world.company, "currency": world.currency, "limit": 1000, "used": 250, "free": 750}
	]
	assert credit_lines.of_party(asked_as(world, company="Another")) == []
	as_user("stranger")
	assert credit_lines.of_party(asked_as(world)) is None


# ---- what is owed


def test_what_is_owed_is_told_by_age_and_what_is_overdue_with_its_first_day(world, owed):
	[found] = open_receivables.of_party(asked_as(world))
	today = getdate(nowdate())
	assert found == {
		"company": world.company,
		"currency": world.currency,
		"not_due": 70.0,
		"buckets": [170.0, 0.0, 0.0, 420.0, 0.0],
		"past_due": 590.0,
		"overdue": 590.0,
		"outstanding": 660.0,
		"oldest": getdate(add_days(today, -95)),
	}
	assert open_receivables.of_party(asked_as(world, company="Another")) == []
	[both] = open_receivables.of_party(asked_as(world, owed.other))
	assert both["outstanding"] == 700.0 and both["past_due"] == 630.0
	[early] = open_receivables.of_party(asked_as(world), getdate(add_days(today, -50)))
	assert (early["outstanding"], early["not_due"], early["oldest"]) == (500, 0, getdate(add_days(today, -95)))


def test_what_is_owed_to_a_company_that_the_reader_may_not_see_is_in_no_sum(world, books, as_user):
	elsewhere = row(
		"Company", name=f"Elsewhere {world.tag}", abbr=f"E{world.tag[:4]}", default_currency=world.currency, docstatus=0
	)
	books.invoice("A", 300, -40, -10)
	theirs = books.invoice("B", 500, -40, -10, company=elsewhere)
	owed_there = row(
		"Account", name=f"Owed {elsewhere}", account_type="Receivable", company=elsewhere, is_group=0, docstatus=0
	)
	frappe.db.set_value("Payment Ledger Entry", {"voucher_no": theirs}, {"company": elsewhere, "account": owed_there})
	told = lambda **how: [(one["company"], one["overdue"]) for one in open_receivables.of_party(asked_as(world, **how))]  # noqa: E731
	both = sorted([(world.company, 300), (elsewhere, 500)])
	as_user("finance")
	assert told() == both and told(company=elsewhere) == [(elsewhere, 500)]
	frappe.set_user("Administrator")
	only = {"doctype": "User Permission", "user": FINANCE, "allow": "Company", "for_value": world.company}
	frappe.get_doc(only).insert()
	frappe.clear_cache(user=FINANCE)
	as_user("finance")
	assert told() == [(world.company, 300)] and told(company=elsewhere) == []
	panel = customer_page.panel(asked_as(world))
	assert [(one["company"], one["outstanding"]) for one in panel["receivables"]] == [(world.company, 300)]
	as_user("Administrator")
	assert told() == both


def test_of_a_customer_who_owes_nothing_overdue_there_is_no_oldest_day(world, books):
	books.invoice("N", 70, -1, 5)
	[found] = open_receivables.of_party(asked_as(world))
	assert (found["overdue"], found["oldest"], found["not_due"], found["past_due"]) == (0.0, None, 70, 0)


# ---- the group


@pytest.fixture
def below(world):
	"""A customer below the world's, and one below that."""
	names = [f"{name} {world.tag}" for name in ("Zeta", "Alpha")]
	for name, parent, title in zip(names, (world.customer, names[0]), ("Zeta", "Alpha"), strict=True):
		row(CUSTOMER, name=name, customer_name=title, crm_parent_customer=parent, docstatus=0)
	return names


def test_a_parent_company_is_told_what_its_group_comes_to(sale, world, below, owed, ledger, monkeypatch):
	monkeypatch.setattr(gross_margin, "is_permitted", lambda: False)
	sale.opportunity()
	sale.opportunity(customer=below[1])
	ledger(nowdate(), 40)
	ledger(nowdate(), 5, of=document("Sales Invoice", world, posting_date=nowdate(), customer=below[0]))
	fixed = {"status": "To Bill", "conversion_rate": 1, "customer": below[0]}
	rows = [{"amount": 9, "base_amount": 9, "base_rate": 1, "billed_amt": 0, "returned_qty": 0}]
	document("Delivery Note", world, rows, **fixed)
	found = api.get_customer_figures(CUSTOMER, world.customer)["group"]
	assert [(one["name"], one["title"]) for one in found["customers"]] == [(below[1], "Alpha"), (below[0], "Zeta")]
	parts = {part["doctype"]: part for part in found["open"]}
	assert parts["Sales Opportunity"]["totals"][0]["documents"] == 2 and parts["Sales Opportunity"]["rows"] == []
	assert found["unbilled"][0]["amount"] == 9 and found["receivables"][0]["outstanding"] == 660
	assert [one["revenue"] for one in found["turnover"]] == [45]
	old = api.get_customer_figures(CUSTOMER, world.customer, to_date=add_days(nowdate(), -500))["group"]
	assert old["turnover"] == [] and old["receivables"] == found["receivables"], "what is open is open today"
	assert customer_page.group(asked_as(world, company="Another"))["unbilled"] == []
	assert api.get_customer_figures(CUSTOMER, below[1])["group"] is None


def test_of_a_group_nobody_is_told_what_they_may_not_read(sale, world, below, as_user, monkeypatch):
	as_user("rep")
	found = customer_page.group(asked_as(world))
	told = {part["doctype"] for part in found["open"]}
	for doctype in ("Sales Opportunity", "Sales Contract", "Quotation", "Sales Order"):
		assert (doctype in told) == bool(frappe.has_permission(doctype, "read")), doctype
	if not frappe.has_permission("Sales Invoice", "read"):
		assert found["receivables"] is None
	monkeypatch.setattr(customer_page.open_business, "may_see", lambda kind: kind.doctype == "Sales Contract")
	assert [part["doctype"] for part in customer_page.group(asked_as(world))["open"]] == ["Sales Contract"]


# ---- the panel, the people, the name


def test_the_panel_beside_a_form_says_what_is_owed_ordered_and_planned(sale, world, owed):
	document("Sales Order", world, transaction_date=nowdate(), status="To Bill", base_net_total=10, per_billed=0)
	deal = sale.opportunity(next_step="Ring them", next_step_date=nowdate())
	found = api.get_customer_panel(CUSTOMER, world.customer)
	assert found.keys() == {"warnings", "receivables", "orders", "contact"}
	assert found["receivables"] == open_receivables.of_party(asked_as(world)) and found["receivables"]
	assert found["orders"]["totals"][0]["documents"] == 1 and found["orders"]["rows"] == []
	assert found["contact"]["next"]["name"] == deal.name
	[overdue] = [one for one in found["warnings"] if "verdue" in one["kind"]]
	assert overdue == next(one for one in customer_page.warnings(asked_as(world)) if one["kind"] == overdue["kind"])


def test_the_panel_of_a_prospect_says_nothing_of_orders_and_money(sale, world, as_user):
	as_user("rep")
	lead = sale.lead()
	found = api.get_customer_panel("Sales Prospect", lead.prospect)
	assert (found["receivables"], found["orders"]) == (None, None) and found["contact"] == {"last": None, "next": None}
	people = api.get_customer_people("Sales Prospect", lead.prospect)
	assert people.keys() == {"people", "relations", "addresses"} and people["relations"] is None


def test_the_people_of_a_customer_are_told_with_relations_and_addresses(world, below):
	found = api.get_customer_people(CUSTOMER, world.customer)
	assert found == {"people": [], "relations": [], "addresses": []}


def renamed(world, old: str, **values) -> None:
	fixed = {"reference_doctype": CUSTOMER, "comment_type": "Edit", "docstatus": 0}
	text = f"renamed from <strong>{old}</strong> to <strong>{world.customer}</strong>"
	row("Comment", **{**fixed, "reference_name": world.customer, "content": text, **values})


def test_a_page_that_is_asked_for_by_an_old_name_is_that_of_the_new_one(world):
	old = f"Old {world.tag}"
	assert customer_page.name_now(CUSTOMER, old) == old
	renamed(world, old, comment_type="Comment")
	renamed(world, old, reference_doctype="Sales Lead")
	renamed(world, f"Older {old}")
	assert customer_page.name_now(CUSTOMER, old) == old
	renamed(world, old)
	assert customer_page.name_now(CUSTOMER, old) == world.customer
	assert customer_page.name_now("Sales Lead", old) == old
	page = api.get_customer_page(CUSTOMER, old)
	assert (page["party"]["name"], page["asked_as"]) == (world.customer, old)
	assert api.get_customer_page(CUSTOMER, world.customer)["asked_as"] is None


def test_of_two_who_took_a_name_in_the_last_one_counts(world, below):
	old = f"Twice {world.tag}"
	renamed(world, old, reference_name=below[0], creation="2026-01-01 10:00:00")
	renamed(world, old, creation="2026-01-02 10:00:00")
	renamed(world, old, reference_name=below[1], creation="2025-12-31 10:00:00")
	assert customer_page.name_now(CUSTOMER, old) == world.customer
	assert customer_page.name_now(CUSTOMER, below[0]) == below[0]


# ---- what is kept by hand


FACTS = {
	"Customer": (
		("customer_type", "Company"), ("territory", "North"), ("industry", "Mills"), ("tax_id", "DE 1"),
		("account_manager", "rep@x.example"), ("crm_parent_customer", "Parent"), ("mobile_no", "2"), ("email_id", "a@b.example"),
	),
	"Sales Prospect": (
		("prospect_kind", "Organisation"), ("customer_group", "Group"), ("territory", "North"), ("industry", "Mills"),
		("tax_id", "DE 1"), ("sales_owner", "rep@x.example"), ("sales_person", "Rep"), ("channel", "Website"),
		("campaign", "Fair"), ("website", "quay.example"), ("contact_name", "Ann"), ("designation", "Buyer"), ("phone", "1"),
		("mobile_no", "2"), ("email_id", "a@b.example"), ("no_of_employees", 7), ("annual_revenue", 900),
	),
}  # fmt: skip


@pytest.mark.parametrize("doctype", FACTS)
def test_the_page_says_all_that_is_kept_by_hand_in_its_order(world, doctype):
	meta, values = frappe.get_meta(doctype), dict(FACTS[doctype])
	title = {"Customer": "customer_name", "Sales Prospect": "prospect_name"}[doctype]
	marks = {"Customer": {"disabled": 1}, "Sales Prospect": {"status": "Verified", "customer": "Quay"}}[doctype]
	name = row(doctype, name=f"A {world.tag}", docstatus=0, **{title: "Quay Works", **marks, **values})
	found = party_facts.of_party(AskedParty(doctype, (name,)))
	assert (found["doctype"], found["name"], found["title"]) == (doctype, name, "Quay Works")
	assert {field: found["marks"][field] for field in marks} == marks
	labels = [meta.get_label(field) for field, _value in FACTS[doctype]]
	told = [(fact["label"], fact["value"]) for fact in found["facts"] if fact["label"] in labels]
	assert told == list(zip(labels, values.values(), strict=True))
	links = {fact["label"]: fact["doctype"] for fact in found["facts"]}
	assert links[meta.get_label("territory")] == "Territory" and links[meta.get_label("tax_id")] is None
	bare = row(
		doctype,
		name=f"B {world.tag}",
		docstatus=0,
		**{field: None for field, value in values.items() if isinstance(value, str)},
	)
	found = party_facts.of_party(AskedParty(doctype, (bare,)))
	assert found["title"] == bare and not [fact for fact in found["facts"] if fact["value"] in values.values()]


def test_who_may_not_read_territories_is_given_no_way_to_them(world, monkeypatch):
	name = row("Customer", name=f"A {world.tag}", customer_name="Quay", territory="North", docstatus=0)
	monkeypatch.setattr(party_facts, "is_readable", lambda doctype: doctype != "Territory")
	[fact] = [fact for fact in party_facts.of_party(AskedParty(CUSTOMER, (name,)))["facts"] if fact["value"] == "North"]
	assert fact["doctype"] is None and fact["type"] == "Link"
