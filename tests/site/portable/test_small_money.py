"""Small rules of what is owed: which documents a number of it is about, and what stands beside them."""

import frappe
import pytest

from crm_pipeline.analytics import overdue, workspace_numbers
from crm_pipeline.core.chain import Ref
from crm_pipeline.erp import open_items
from crm_pipeline.receivables import invoice_owners, promise_checks
from tests.site import rows
from tests.site.portable.test_owed import asked, books, on, owed, promise  # noqa: F401

REP, OTHER, MANAGER = "rep@crm-test.example", "rep2@crm-test.example", "manager@crm-test.example"


def names(world, **values) -> list[str]:
	return [row.item.voucher_no for row in overdue.found(asked(world, **values)).debts]


def test_what_is_overdue_of_a_contract_is_that_of_its_own_invoices(world, books):  # noqa: F811
	made = {}
	for key in ("A", "B"):
		contract = rows.row(
			"Sales Contract", name=f"{key} {world.tag}", title=key, company=world.company, customer=world.customer,
			sales_owner=f"{key}@crm-test.example",
		)  # fmt: skip
		order = rows.order(world, 100, crm_source_type="Sales Contract", crm_source_name=contract)
		made[key] = [books.invoice(f"{key}{n}", 100, -40, -10 - n) for n in (1, 2)]
		for invoice in made[key]:
			rows.row("Sales Invoice Item", parent=invoice, parenttype="Sales Invoice", parentfield="items", sales_order=order,
				base_net_amount=100)  # fmt: skip
	loose = books.invoice("C", 100, -40, -10)
	assert names(world, contract=f"A {world.tag}") == made["A"][::-1]
	assert names(world, contract=f"B {world.tag}") == made["B"][::-1]
	assert names(world, contract=f"A {world.tag}", sales_owner="B@crm-test.example") == []
	found = overdue.grouped(overdue.found(asked(world)).debts, "Contract")
	assert [(group.key, group.overdue) for group in found] == [
		(f"A {world.tag}", 200), (f"B {world.tag}", 200), ("", 100),
	]  # fmt: skip
	behind = overdue.documents(asked(world, group_by="Contract"), group="")
	assert [row.name for row in behind["documents"]] == [loose]


def test_beside_an_overdue_invoice_stand_its_promise_and_its_last_reminder(world, books, owed):  # noqa: F811
	for key, invoice, days, state in (("D1", owed.late, -5, 1), ("D2", owed.late, -2, 1), ("D3", owed.old, 0, 0)):
		rows.row("Dunning", name=f"{key} {world.tag}", posting_date=on(days), docstatus=state)
		rows.row("Overdue Payment", parent=f"{key} {world.tag}", parenttype="Dunning", sales_invoice=invoice)
	promise(owed.old, 100, 5)
	found = {row.item.voucher_no: row for row in overdue.found(asked(world)).debts}
	assert {name: row.dunned_on for name, row in found.items()} == {owed.late: on(-2), owed.old: None, owed.today: None}
	assert {name: row.promise and row.promise["open"] for name, row in found.items()} == {
		owed.late: None, owed.old: 100, owed.today: None,
	}  # fmt: skip
	promised = found[owed.old].promise
	assert (promised["status"], promised["amount"], promised["promised_on"]) == ("Open", 100, on(5))
	groups = {group.key: group.promised for group in overdue.grouped(found.values(), "Customer")}
	assert groups == {world.customer: 100, owed.other: 0}
	books.pay(owed.old, 100, 0)
	[row] = [row for row in overdue.found(asked(world)).debts if row.item.voucher_no == owed.old]
	assert (row.promise["status"], row.promise["open"]) == ("Kept", 0), "whatever is stored of it"


def test_less_than_a_cent_in_a_bucket_opens_no_document(world, books):  # noqa: F811
	late = books.invoice("A", 100, -80, -80)
	for idx, (days, amount) in enumerate(((-80, 99.999), (-40, 0.001)), start=1):
		rows.row(
			"Payment Schedule", parent=late, parenttype="Sales Invoice", idx=idx, due_date=on(days),
			payment_amount=amount, base_payment_amount=amount, paid_amount=0, base_paid_amount=0, discounted_amount=0,
		)  # fmt: skip
	shown = lambda bucket: [row.name for row in overdue.documents(asked(world), bucket=bucket)["documents"]]  # noqa: E731
	assert [shown(bucket) for bucket in (None, 0, 1, 2, 3)] == [[late], [], [], [late], []]


def test_what_was_taken_off_too_early_makes_no_invoice_late(world, books):  # noqa: F811
	"""The schedule asks for more than the invoice does: what is missing of it is no debt of the invoice's own day."""
	early, late = books.invoice("A", 100, -20, -3), books.invoice("B", 100, -20, -1)
	rows.row(
		"Payment Schedule", parent=early, parenttype="Sales Invoice", idx=1, due_date=on(9), payment_amount=120,
		base_payment_amount=120, paid_amount=0, base_paid_amount=0, discounted_amount=0,
	)  # fmt: skip
	found = workspace_numbers._overdue(world.company, on(0))
	ours = [row for row in found.rows if row[0].endswith(world.tag)]
	assert ours == [(late, None)]
	assert (found.key, found.doctype, found.is_late, found.shows_amount) == ("overdue", "Sales Invoice", True, False)


def test_finance_counts_no_draft_paid_or_foreign_invoice_as_overdue(world, books):  # noqa: F811
	kept = books.invoice("A", 100, -20, -3)
	books.invoice("B", 100, -20, -3, docstatus=0)
	books.invoice("C", 100, -20, -3, docstatus=2)
	books.invoice("D", 100, -20, -3, company="Another")
	books.invoice("E", 100, -20, -3, outstanding_amount=0)
	found = workspace_numbers._overdue(world.company, on(0))
	assert [name for name, _amount in found.rows if name.endswith(world.tag)] == [kept]


def test_a_promise_is_offered_for_invoices_of_the_customer_alone_those_due_first_first(world, books, owed):  # noqa: F811
	journal = f"JV-{world.tag}"
	rows.row("Journal Entry", name=journal, posting_date=on(-3), company=world.company)
	books.entry(("Journal Entry", journal), ("Journal Entry", journal), 90, -3)
	paid, other = books.invoice("P", 60, -9, -99), books.invoice("Q", 60, -9, -99, who=owed.other)
	books.pay(paid, 59.996, -1)
	full, cent = books.invoice("R", 60, -9, -50), books.invoice("S", 60, -9, -50)
	promise(full, 60, 5)
	promise(cent, 59, 5)
	found = [(row["sales_invoice"], row["due_date"], row["amount"]) for row in promise_checks.owed_by(world.customer)]
	assert found == [
		(owed.old, on(-95), 420), (cent, on(-50), 1), (owed.late, on(-10), 200), (owed.coming, on(5), 70),
	]  # fmt: skip
	assert [row["sales_invoice"] for row in promise_checks.owed_by(owed.other)] == [other, owed.today]
	first = promise_checks.owed_by(world.customer)[0]
	assert (first["company"], first["currency"]) == (world.company, world.currency)


def test_a_promise_is_offered_for_invoices_that_one_sees(world, owed, as_user):  # noqa: F811
	as_user("finance")
	assert len(promise_checks.owed_by(world.customer)) == 3
	as_user("stranger")
	assert promise_checks.owed_by(world.customer) == []
	assert frappe.db.exists("Sales Invoice", owed.late)


@pytest.mark.parametrize(
	("request_", "contract", "deal", "expected"),
	[
		((REP, "PR"), (OTHER, "PC"), (MANAGER, "PD"), (REP, "PR")),
		((None, None), (OTHER, "PC"), (MANAGER, "PD"), (OTHER, "PC")),
		((None, None), (None, "PC"), (MANAGER, "PD"), (None, "PC")),
		((None, None), (OTHER, None), (MANAGER, "PD"), (OTHER, None)),
		((None, None), (None, None), (MANAGER, "PD"), (MANAGER, "PD")),
		((None, None), (None, None), (None, None), ("team", "Team")),
	],
)
def test_an_invoice_is_whose_the_nearest_document_of_its_sale_is(world, books, request_, contract, deal, expected):  # noqa: F811
	about = {"company": world.company, "customer": world.customer}
	names = {key: f"{key} {world.tag}" for key in ("D", "C", "R")}
	rows.bare_deal(world, "D", sales_owner=deal[0], sales_person=deal[1])
	of_deal = {"source_type": "Sales Opportunity", "source_name": names["D"]}
	rows.row("Sales Contract", name=names["C"], sales_owner=contract[0], sales_person=contract[1], **of_deal, **about)
	of_contract = {"source_type": "Sales Contract", "source_name": names["C"]}
	rows.row(
		"Sales Order Request",
		name=names["R"],
		sales_owner=request_[0],
		sales_person=request_[1],
		**of_contract,
		**about,
	)
	order = rows.order(world, 100, crm_source_type="Sales Order Request", crm_source_name=names["R"])
	invoice = books.invoice("A", 100, -40, -10)
	rows.row("Sales Invoice Item", parent=invoice, parenttype="Sales Invoice", parentfield="items", sales_order=order,
		base_net_amount=100)  # fmt: skip
	rows.row(
		"Sales Person", name=f"Team {world.tag}", sales_person_name="Team", crm_user="team", enabled=1, docstatus=0
	)
	rows.row("Sales Team", parenttype="Sales Invoice", parent=invoice, idx=1, sales_person=f"Team {world.tag}",
		allocated_percentage=100)  # fmt: skip
	behind = invoice_owners.of_invoice(invoice, world.customer)
	person = behind.sales_person and behind.sales_person.removesuffix(f" {world.tag}")
	assert (behind.sales_owner, person) == expected
	assert (behind.order, behind.contract, behind.deal) == (order, names["C"], Ref("Sales Opportunity", names["D"]))


def test_money_given_back_before_its_credit_note_stands_by_itself_until_the_note_is_there(world, books):  # noqa: F811
	invoice = books.invoice("A", 300, -40, -10)
	note = books.invoice("N", -80, -5, -5, is_return=1, return_against=invoice)
	refund = f"REFUND-{world.tag}"
	books.entry(("Payment Entry", refund), ("Sales Invoice", note), 80, -9)

	def open_on(days: int) -> dict:
		return {
			row.voucher_no: row.balance.outstanding
			for row in open_items.of_customers([world.customer], on(days), world.company)
		}

	assert open_on(-10) == {invoice: 300}
	assert open_on(-9) == open_on(-6) == {invoice: 300, refund: 80}
	assert open_on(-5) == {invoice: 300}, "less the note, plus what was given back for it"
	assert open_on(-41) == {}
