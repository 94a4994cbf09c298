"""Which section of a customer's page is asked for what: the period is the timeline's and the figures', never the debts'."""

from datetime import date
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.core.ageing import Document, Part
from crm_pipeline.customers import (
	credit_lines,
	customer_page,
	customer_timeline,
	event_words,
	gross_margin,
	open_receivables,
)
from crm_pipeline.customers.asked_party import AskedParty
from crm_pipeline.customers.event_kinds import ATTACHED_KINDS, KINDS

CUSTOMER, PROSPECT = "Customer", "Sales Prospect"
PERIOD = {"from_date": date(2026, 2, 1), "to_date": date(2026, 2, 28)}
LATER = {
	"open_business": ("all_of", "part_of", "may_see"),
	"delivered_unbilled": ("of_party",),
	"open_receivables": ("debts_of", "of_party"),
	"last_contact": ("of_party",),
	"customer_timeline": ("offered_kinds", "page_of"),
	"party_facts": ("of_party", "people", "addresses"),
	"customer_warnings": ("of_party",),
	"customer_relations": ("of_customer", "group_of"),
	"credit_lines": ("of_party",),
	"turnover": ("by_month",),
	"gross_margin": ("by_month",),
	"bought_items": ("of_party",),
}


@pytest.fixture
def sections(monkeypatch):
	"""What each section was asked with; `sections.answers` are answers that are not a mark of the section."""
	found = SimpleNamespace(asked={}, answers={"customer_warnings.of_party": [], "customer_relations.group_of": []})

	def replace(room: str, name: str):
		key = f"{room}.{name}"

		def ask(*about, **how):
			found.asked[key] = (*about, *how.values())
			return found.answers.get(key, f"<{key}>")

		monkeypatch.setattr(getattr(customer_page, room), name, ask)

	for room, names in LATER.items():
		for name in names:
			replace(room, name)
	return found


def party(doctype: str = CUSTOMER, **values) -> AskedParty:
	return AskedParty(doctype, ("ACME",), "Harbour Ltd", **{**PERIOD, **values})


def test_what_is_open_owed_and_planned_now_is_asked_for_without_the_period(sections):
	asked = party()
	now, shown = asked.without_period(), customer_page.first_paint(asked)
	told = sections.asked
	for section in (
		"open_business.all_of",
		"delivered_unbilled.of_party",
		"last_contact.of_party",
		"open_receivables.debts_of",
	):
		assert told[section] == (now,), section
	assert told["open_receivables.of_party"] == (now, "<open_receivables.debts_of>")
	assert told["party_facts.of_party"] == told["customer_timeline.offered_kinds"] == (asked,)
	assert told["customer_timeline.page_of"] == (customer_timeline.Timeline(asked),)
	assert told["customer_warnings.of_party"] == (CUSTOMER, "ACME", "Harbour Ltd", "<open_receivables.debts_of>")
	assert shown == {
		"party": "<party_facts.of_party>", "warnings": [], "open": "<open_business.all_of>",
		"unbilled": "<delivered_unbilled.of_party>", "receivables": "<open_receivables.of_party>",
		"contact": "<last_contact.of_party>", "kinds": "<customer_timeline.offered_kinds>",
		"timeline": "<customer_timeline.page_of>",
	}  # fmt: skip


def test_a_prospect_has_no_debts_no_notes_and_no_orders(sections):
	shown = customer_page.first_paint(party(PROSPECT))
	assert (shown["unbilled"], shown["receivables"]) == (None, None)
	beside = customer_page.panel(party(PROSPECT))
	assert (beside["receivables"], beside["orders"], beside["contact"]) == (None, None, "<last_contact.of_party>")
	assert customer_page.people(party(PROSPECT))["relations"] is None
	assert not [
		key for key in sections.asked if key.startswith(("open_receivables", "delivered", "customer_relations"))
	]


@pytest.mark.parametrize("may_see", [True, False])
def test_the_panel_counts_orders_for_who_may_see_them(sections, may_see):
	sections.answers["open_business.may_see"] = may_see
	asked = party()
	beside = customer_page.panel(asked)
	orders = customer_page.open_business.BY_DOCTYPE["Sales Order"]
	assert beside["orders"] == ("<open_business.part_of>" if may_see else None)
	assert sections.asked["open_business.may_see"] == (orders,)
	assert sections.asked.get("open_business.part_of") == ((asked, orders, 0) if may_see else None)
	assert sections.asked["open_receivables.of_party"] == (asked, "<open_receivables.debts_of>")
	assert sections.asked["customer_warnings.of_party"][-1] == "<open_receivables.debts_of>"


def test_people_and_relations_are_those_of_the_reader_s_day(sections, monkeypatch):
	monkeypatch.setattr(customer_page, "user_today", lambda: date(2031, 1, 1))
	asked = party()
	assert customer_page.people(asked) == {
		"people": "<party_facts.people>",
		"relations": "<customer_relations.of_customer>",
		"addresses": "<party_facts.addresses>",
	}
	assert sections.asked["party_facts.people"] == (asked, date(2031, 1, 1))
	assert sections.asked["customer_relations.of_customer"] == ("ACME", date(2031, 1, 1))


@pytest.mark.parametrize(
	"days", [PERIOD, {"from_date": None, "to_date": date(2026, 2, 28)}, {"to_date": None}, dict.fromkeys(PERIOD)]
)
def test_figures_are_all_of_the_same_days_and_margins_of_the_companies_with_revenue(sections, days):
	sections.answers["turnover.by_month"] = [{"company": name} for name in ("B", "A", "B")]
	found = customer_page.figures(party(**days))
	first, last = customer_page.period_of(party(**days))
	assert "from_date" not in days or days["from_date"] or not days["to_date"] or first == date(2025, 3, 1)
	asked = party(from_date=first, to_date=last)
	for section in ("credit_lines.of_party", "turnover.by_month", "bought_items.of_party"):
		[given] = sections.asked[section]
		assert (given.from_date, given.to_date, given.company) == (asked.from_date, asked.to_date, "Harbour Ltd"), (
			section
		)
	assert sections.asked["gross_margin.by_month"] == (asked, ["A", "B"])
	assert (found["from_date"], found["to_date"]) == (first, last)
	assert (found["credit"], found["margin"], found["items"], found["group"]) == (
		"<credit_lines.of_party>", "<gross_margin.by_month>", "<bought_items.of_party>", None,
	)  # fmt: skip


@pytest.mark.parametrize(("revenue", "margin"), [(None, None), ([], "<gross_margin.by_month>")])
def test_who_is_told_no_revenue_is_told_no_margin(sections, revenue, margin):
	sections.answers["turnover.by_month"] = revenue
	assert customer_page.figures(party())["margin"] == margin


# ---- sums


def test_credit_that_is_overdrawn_is_told_with_its_sign_for_the_company_that_was_asked_for(site, monkeypatch):
	asked = []
	monkeypatch.setattr(credit_lines.seen_credit, "may_see_sums", lambda: True)
	monkeypatch.setattr(credit_lines.seen_credit, "companies", lambda company: asked.append(company) or ["C"])
	monkeypatch.setattr(
		credit_lines.credit_use, "of_customer", lambda name, companies: [("C", 100.0, 130.0), ("D", 0.0, 5.0)]
	)
	monkeypatch.setattr(credit_lines, "company_currency", lambda company: f"{company}-money")
	assert credit_lines.of_party(party()) == [
		{"company": "C", "currency": "C-money", "limit": 100.0, "used": 130.0, "free": -30.0},
		{"company": "D", "currency": "D-money", "limit": 0.0, "used": 5.0, "free": -5.0},
	]
	assert asked == ["Harbour Ltd"]
	monkeypatch.setattr(credit_lines.seen_credit, "may_see_sums", lambda: False)
	assert credit_lines.of_party(party()) is None


def test_a_margin_is_told_by_company_then_month_with_revenue_cost_and_profit(site, monkeypatch):
	asked = []

	def by_month(names, company, first, last, visible):
		asked.append((names, company, first, last))
		days = ("2026-02-10", "2026-01-31")
		values = {"base_amount": 100, "buying_amount": 70, "gross_profit": 30}
		return [frappe._dict(posting_date=day, **values) for day in days]

	monkeypatch.setattr(gross_margin, "is_permitted", lambda: True)
	monkeypatch.setattr(gross_margin.gross_profit, "by_month", by_month)
	monkeypatch.setattr(gross_margin, "company_currency", lambda company: f"{company}-money")
	found = gross_margin.by_month(party(), ["B", "A"])
	assert [(row["company"], row["month"]) for row in found] == [
		("A", "2026-01"), ("A", "2026-02"), ("B", "2026-01"), ("B", "2026-02"),
	]  # fmt: skip
	assert found[0] == {
		"company": "A",
		"currency": "A-money",
		"month": "2026-01",
		"amount": 100,
		"cost": 70,
		"profit": 30,
	}
	assert asked == [(("ACME",), company, *PERIOD.values()) for company in ("B", "A")]
	gross_margin.by_month(party(from_date=None, to_date=None), ["A"])
	assert asked[-1][2:] == (gross_margin.BEGINNING, frappe.utils.getdate())
	monkeypatch.setattr(gross_margin, "is_permitted", lambda: False)
	assert gross_margin.by_month(party(), ["A"]) is None


def test_what_falls_due_today_is_past_due_and_not_overdue_and_credits_are_taken_off(world):
	today = date(2026, 3, 31)
	documents = [
		Document("A", (Part(date(2026, 3, 31), 40.0), Part(date(2026, 4, 1), 25.0))),
		Document("B", (Part(date(2026, 1, 15), 100.004),)),
		Document("P", (Part(date(2026, 3, 1), -30.0),)),
	]
	found = open_receivables._of_company(world.company, documents, today, 2)
	assert (found["company"], found["currency"]) == (world.company, world.currency)
	assert (found["not_due"], found["past_due"], found["outstanding"]) == (25.0, 110.0, 135.0)
	assert (found["overdue"], found["oldest"], sum(found["buckets"])) == (70.0, date(2026, 1, 15), 110.0)
	none = open_receivables._of_company(world.company, documents[:1], today, 2)
	assert (none["overdue"], none["oldest"], none["past_due"]) == (0.0, None, 40.0)


# ---- the timeline


def test_what_hangs_on_a_document_names_it_and_has_the_first_title_that_it_has():
	kind = SimpleNamespace(key="file", doctype="File", title=("file_name", "file_url"))
	row = frappe._dict(
		name="F-1", at="2026-02-01 10:00:00", file_name="", file_url="/files/a.pdf", person="a@b.example"
	)
	hung = customer_timeline._attached_row(kind, frappe._dict(row, parent_type="Sales Lead", parent="LEAD-1")).values
	assert (hung["title"], hung["about"]) == ("/files/a.pdf", {"doctype": "Sales Lead", "name": "LEAD-1"})
	assert (hung["kind"], hung["doctype"], hung["name"], hung["person"], hung["dated"]) == (
		"file", "File", "F-1", "a@b.example", False,
	)  # fmt: skip
	bare = customer_timeline._attached_row(
		kind, frappe._dict(row, file_url=None, parent_type="Sales Lead", parent=None)
	)
	assert (bare.values["title"], bare.values["about"], str(bare.moment)) == ("", None, "2026-02-01 10:00:00")


def test_a_move_is_told_from_what_to_what():
	row = frappe._dict(reference_doctype="Sales Lead", reference_name="L-1", from_value="A", to_value="B", kind="Owner")
	assert customer_timeline._moved(row) == {
		"doctype": "Sales Lead", "name": "L-1", "title": "L-1", "from": "A", "to": "B", "change": "Owner",
	}  # fmt: skip


def test_each_kind_of_a_timeline_has_a_word_of_its_own():
	words = event_words.kind_labels()
	assert set(words) == {kind.key for kind in (*KINDS, *ATTACHED_KINDS)} and len(set(words.values())) == len(words)
	told = {
		key: words[key]
		for key in ("delivery", "return", "invoice", "credit_note", "payment", "dunning", "promise", "order")
	}
	assert list(told.values()) == [
		"Deliveries", "Returns", "Invoices", "Credit Notes", "Payments", "Dunnings", "Promises to Pay", "Sales Orders",
	]  # fmt: skip
	mine = {
		key: words[key]
		for key in ("lead", "opportunity", "project", "erp_project", "contract", "request", "owner", "stage")
	}
	assert list(mine.values()) == [
		"Leads", "Opportunities", "Sales Projects", "Projects", "Contracts", "Order Requests", "Changes of Owner",
		"Changes of Stage",
	]  # fmt: skip
