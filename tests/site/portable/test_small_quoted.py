"""Which quotation speaks for a deal: while it is open, and once it was closed."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline.erp import quoted
from tests.site import rows

DEAL = "Sales Opportunity"
CLOSED, AT = "2026-03-10", "2026-03-10 12:00:00"


@pytest.fixture
def quote(world):
	"""quote(deal, key, day, **values) is a submitted quotation of a deal, worth 100 of a currency of which one is worth 2."""

	def make(deal: str, key: str, day: str, **values) -> str:
		fixed = {"company": world.company, "crm_source_type": DEAL, "crm_source_name": deal, "status": "Open"}
		fixed |= {"transaction_date": day, "creation": f"{day} 09:00:00", "currency": "EUR", "conversion_rate": 2}
		fixed |= {"net_total": 100, "base_net_total": 200}
		return rows.row("Quotation", name=f"{key} {deal}", **{**fixed, **values})

	return make


def spoken(found, deal: str) -> tuple | None:
	table = found.as_("found")
	rows = frappe.qb.from_(table).select(table.quotation, table.net).where(table.deal == deal).run()
	return rows[0] if rows else None


def at_closing(world, deal: str) -> tuple | None:
	table = frappe.qb.DocType(DEAL)
	return spoken(quoted.at_closing(DEAL, world.company, table, table.name), deal)


@pytest.fixture
def closed(world):
	return rows.bare_deal(
		world, "Closed", status="Won", closed_on=CLOSED, stage_entered_on=AT, modified="2026-06-01 10:00:00", creation="2026-01-01"
	)  # fmt: skip


@pytest.mark.parametrize(
	("values", "speaks"),
	[
		({}, True), ({"status": "Expired"}, True), ({"valid_till": "2026-03-02"}, True), ({"status": "Ordered"}, True),
		({"status": "Lost"}, False), ({"status": "Cancelled"}, False), ({"docstatus": 0}, False), ({"docstatus": 2}, False),
		({"company": "Another"}, False), ({"crm_source_type": "Sales Project"}, False), ({"crm_source_name": "Another"}, False),
		({"transaction_date": CLOSED, "creation": "2026-03-10 11:59:59"}, True),
		({"transaction_date": CLOSED, "creation": "2026-03-10 12:00:01"}, False),
		({"transaction_date": "2026-03-09", "creation": "2026-05-01"}, True),
		({"transaction_date": "2026-03-12", "creation": "2026-03-09"}, True),
	],
)  # fmt: skip
def test_what_was_offered_before_a_deal_was_closed_is_what_was_signed(world, quote, closed, values, speaks):
	name = quote(closed, "A", "2026-03-01", **values)
	assert at_closing(world, closed) == ((name, 200) if speaks else None)
	told = quoted.of_closed(DEAL, closed, world.company, getdate(CLOSED), AT)
	assert told == (("EUR", 100, 200) if speaks else None)


def test_what_was_ordered_from_was_signed_else_what_was_offered_last(world, quote, closed):
	first = quote(closed, "A", "2026-03-01")
	assert at_closing(world, closed) == (first, 200)
	last = quote(closed, "B", "2026-03-05", base_net_total=220)
	assert at_closing(world, closed) == (last, 220)
	same = quote(closed, "0", "2026-03-05", creation="2026-03-05 10:00:00", base_net_total=230)
	assert at_closing(world, closed) == (same, 230)
	quote(closed, "D", "2026-03-15", creation="2026-03-15")
	assert at_closing(world, closed) == (same, 230)
	for status in quoted.ORDERED:
		frappe.db.set_value("Quotation", first, "status", status)
		assert at_closing(world, closed) == (first, 200)
	assert quoted.of_closed(DEAL, closed, world.company, getdate(CLOSED), AT)[2] == 200


@pytest.mark.parametrize(
	("values", "live", "valid"),
	[
		({}, True, True), ({"valid_till": 1}, True, True), ({"valid_till": 0}, True, True), ({"valid_till": -1}, False, False),
		({"status": "Expired"}, False, False), ({"status": "Expired", "valid_till": 1}, False, False), ({"status": "Lost"}, False, False),
		({"status": "Ordered", "valid_till": -9}, False, True), ({"status": "Ordered"}, False, True),
		({"status": "Partially Ordered"}, True, True), ({"status": "Partially Ordered", "valid_till": -1}, False, True),
		({"docstatus": 0}, False, False), ({"docstatus": 2}, False, False), ({"company": "Another"}, False, False),
		({"crm_source_type": "Sales Project"}, False, False),
	],
)  # fmt: skip
def test_an_open_deal_counts_with_what_may_still_be_ordered(world, quote, values, live, valid):
	deal, today = rows.bare_deal(world, "Open"), getdate()
	if "valid_till" in values:
		values = {**values, "valid_till": add_days(nowdate(), values["valid_till"])}
	name = quote(deal, "A", "2026-03-01", **values)
	found = quoted.live_of(DEAL, deal, world.company, today)
	assert found == ({"name": name, "currency": "EUR", "net_total": 100, "base_net_total": 200} if live else None)
	table = frappe.qb.DocType(DEAL)
	latest = spoken(quoted.latest(DEAL, world.company, table, table.name, today), deal)
	assert latest == ((name, 200) if valid else None)


def test_the_latest_quotation_speaks_for_an_open_deal(world, quote):
	deal, today = rows.bare_deal(world, "Open"), getdate()
	other = rows.bare_deal(world, "Other")
	quote(deal, "A", "2026-03-01")
	last = quote(deal, "0", "2026-03-05", creation="2026-01-01")
	quote(other, "Z", "2026-03-09")
	assert quoted.live_of(DEAL, deal, world.company, today)["name"] == last
	table = frappe.qb.DocType(DEAL)
	assert spoken(quoted.latest(DEAL, world.company, table, table.name, today), deal) == (last, 200)
