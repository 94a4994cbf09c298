"""Overdue receivables against ERPNext's own Accounts Receivable, to the cent; and who sees which of them."""

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, flt, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import overdue
from crm_pipeline.analytics.overdue import OverdueScope
from crm_pipeline.crm_customers.report.overdue_receivables import overdue_receivables
from tests.site.billing import invoice
from tests.site.conftest import USERS
from tests.site.world import customer

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))


def ours(world, day=None, who=None, **filters) -> dict[str, list[float]]:
	asked = OverdueScope.of(
		{"company": world.company, "customer": who or world.customer, "report_date": day, **filters}
	)
	found = overdue.found(asked)
	return {
		row.item.voucher_no: [round(amount, 2) for amount in (*row.ages, row.outstanding)]
		for row in (*found.debts, *found.credits)
	}


def test_what_is_not_due_is_not_overdue_and_a_day_decides(world):
	early = invoice(world, 0, 50, due_date=add_days(nowdate(), 1))
	assert early.name not in ours(world)
	assert ours(world, add_days(nowdate(), 1))[early.name] == [50, 0, 0, 0, 0, 50]
	assert ours(world, add_days(nowdate(), 31))[early.name][0] == 50
	assert ours(world, add_days(nowdate(), 32))[early.name][1] == 50


# ---- whose it is, and who sees it


def documents(rows: list[dict]) -> set[str]:
	return {row["voucher_no"] for row in rows}


def report(world, **filters) -> tuple[set[str], float]:
	"""Documents of the report and its total, as whoever is logged in."""
	_c, rows, _m, _chart, summary = overdue_receivables.execute(
		{"company": world.company, "customer": world.customer, **filters}
	)[:5]
	return documents(rows), flt(next(row["value"] for row in summary if row["label"] == "Overdue"), 2)


@pytest.fixture
def owned(sale, world):
	"""An invoice of a deal of REP that came by contract and order, one of OTHER by account manager, one of nobody's."""
	deal = sale.opportunity(sales_owner=REP)
	made = frappe.get_doc("Sales Contract", api.make_contract(deal.doctype, deal.name)["name"])
	made.submit()
	bill = sale.bill(sale.accept(sale.request(made)))
	managed = customer(f"Managed {world.tag}", account_manager=OTHER)
	other = invoice(world, 5, 70, who=managed)
	nobodys = invoice(world, 8, 30)
	return SimpleNamespace(bill=bill, contract=made, deal=deal, other=other, nobodys=nobodys, managed=managed)


def test_the_owner_is_that_of_the_deal_behind_the_invoice_else_the_customer_s(owned, world):
	_c, rows, *_rest = overdue_receivables.execute({"company": world.company})
	found = {row["voucher_no"]: row for row in rows}
	assert (found[owned.bill.name]["sales_owner"], found[owned.bill.name]["contract"]) == (REP, owned.contract.name)
	assert found[owned.other.name]["sales_owner"] == OTHER and not found[owned.other.name]["contract"]
	assert not found[owned.nobodys.name]["sales_owner"]
	for group_by, key in (("Sales Owner", REP), ("Contract", owned.contract.name), ("Customer", world.customer)):
		_c, groups, *_rest = overdue_receivables.execute({"company": world.company, "group_by": group_by})
		assert flt(sum(row["overdue"] for row in groups), 2) == flt(sum(row["overdue"] for row in rows), 2)
		group = next(row for row in groups if row["key"] == key)
		filters = {"company": world.company, "group_by": group_by}
		behind = api.get_documents_of_overdue(filters, group=key)
		assert flt(sum(row["base_amount"] for row in behind["documents"]), 2) == flt(group["overdue"], 2)
		assert behind["total"] == group["documents"]


def test_user_permissions_hold_for_rows_and_totals(owned, world, as_user):
	for user in (REP, USERS["finance"][0], MANAGER):
		for name in (owned.managed, customer(f"Else {world.tag} {user[:4]}")):
			frappe.get_doc(
				{"doctype": "User Permission", "user": user, "allow": "Customer", "for_value": name}
			).insert()
	for who in ("rep", "finance", "manager"):
		as_user(who)
		assert report(world) == (set(), 0)
	assert report(world, customer=owned.managed) == ({owned.other.name}, 70)
