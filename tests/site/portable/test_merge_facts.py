"""What two records that are to be merged are known by: currencies, accounts, and how much names them."""

import frappe

from crm_pipeline.chain import link_kinds
from crm_pipeline.erp import merge_facts
from tests.site import rows
from tests.site.hosts import HOST


def entry(world, currency: str, **values) -> None:
	fixed = {
		"company": world.company,
		"party_type": "Customer",
		"party": world.customer,
		"account_currency": currency,
		"is_cancelled": 0,
	}
	rows.row("GL Entry", **{**fixed, **values})


def test_currencies_of_what_was_posted(world, monkeypatch):
	HOST.other_tables(monkeypatch, "GL Entry|hash|party_type party account_currency is_cancelled:Check company")
	for currency, values in (
		("USD", {}), ("USD", {}), ("EUR", {"company": "Another"}), ("CHF", {"is_cancelled": 1}), ("GBP", {"party_type": "Supplier"}),
		("JPY", {"party": "Somebody"}), ("", {}),
	):  # fmt: skip
		entry(world, currency, **values)
	assert merge_facts.posted_currencies(world.customer) == {(world.company, "USD"), ("Another", "EUR")}


def test_accounts_that_are_set(world, monkeypatch):
	HOST.other_tables(monkeypatch, "Party Account||account")
	for place, (company, account) in enumerate(((world.company, "Debtors"), ("Another", "")), 1):
		rows.row("Party Account", docstatus=0, parent=world.customer, parenttype="Customer", parentfield="accounts", idx=place,
			company=company, account=account)  # fmt: skip
	assert merge_facts.accounts(world.customer) == {(world.company, "Debtors")}


def test_what_names_a_customer_is_counted_by_type_and_only_what_the_user_may_read(sale, world, as_user):
	as_user("Administrator")
	before = merge_facts.linked("Customer", world.customer)
	sale.opportunity()
	sale.opportunity()
	case = sale.case()
	card = rows.row("Contact", docstatus=0, first_name="Ines")
	rows.row("Dynamic Link", docstatus=0, parent=card, parenttype="Contact", parentfield="links", link_doctype="Customer",
		link_name=world.customer)  # fmt: skip
	link_kinds.note("Dynamic Link", {"link_doctype": "Customer"})
	for name in (world.customer, "Somebody"):
		frappe.get_doc({"doctype": "File", "file_name": f"{name}.txt", "content": "x", "is_private": 1, "attached_to_doctype": "Customer",
			"attached_to_name": name}).insert()  # fmt: skip
	found = merge_facts.linked("Customer", world.customer)
	more = {kind: count - before.get(kind, 0) for kind, count in found.items() if count != before.get(kind, 0)}
	assert {kind: more[kind] for kind in ("Sales Opportunity", "Customer Case", "Contact", "File")} == {
		"Sales Opportunity": 2, "Customer Case": 1, "Contact": 1, "File": 1,
	}, case.name  # fmt: skip
	assert list(found.values()) == sorted(found.values(), reverse=True)
	assert not {"Version", "Duplicate Pair", "Access Log"} & found.keys()
	as_user("accounts")
	assert "Sales Opportunity" not in merge_facts.linked("Customer", world.customer)


def test_accounts_are_all_of_the_customer_s_own(world, monkeypatch):
	HOST.other_tables(monkeypatch, "Party Account||account")
	for place, (parent, kind, company, account) in enumerate(
		(
			(world.customer, "Customer", world.company, "Debtors"),
			(world.customer, "Customer", "Another", "Abroad"),
			(world.customer, "Customer", "Third", None),
			(world.customer, "Customer Group", "Fourth", "Debtors"),
			("Somebody", "Customer", "Fifth", "Debtors"),
		),
		1,
	):
		rows.row("Party Account", docstatus=0, parent=parent, parenttype=kind, parentfield="accounts", idx=place,
			company=company, account=account)  # fmt: skip
	assert merge_facts.accounts(world.customer) == {(world.company, "Debtors"), ("Another", "Abroad")}


def test_rows_of_the_record_itself_are_no_link_to_it(world, as_user):
	as_user("Administrator")
	card, other = (
		rows.row("Contact", name=f"{key} {world.tag}", docstatus=0, first_name=key) for key in ("Ann", "Tom")
	)
	for kind, parent, contact in (
		("Contact", card, card), ("Contact", other, card), ("Sales Lead", card, card), ("Sales Lead", "L1", card),
		("Sales Opportunity", "O1", other), (None, "X", card), ("No Such Type", "X", card),
	):  # fmt: skip
		rows.row(
			"Sales Deal Contact", docstatus=0, parent=parent, parenttype=kind, parentfield="contacts", contact=contact
		)
	for n, (kind, name) in enumerate((("Contact", card), ("Contact", card), ("Contact", other), ("Customer", card))):
		rows.row("File", docstatus=0, file_name=f"{n}.txt", attached_to_doctype=kind, attached_to_name=name)
	found = merge_facts.linked("Contact", card)
	assert found == {"File": 2, "Sales Lead": 2, "Contact": 1} and list(found) == ["File", "Sales Lead", "Contact"]


def test_a_record_of_another_type_with_the_same_name_is_not_meant(world, as_user):
	as_user("Administrator")
	link_kinds.note("Dynamic Link", {"link_doctype": "Customer"})
	link_kinds.note("Sales Activity", {"reference_doctype": "Customer"})
	for key, kind, name in (
		("A", "Customer", f"Buyer {world.tag}"), ("B", "Sales Prospect", f"Buyer {world.tag}"), ("C", "Customer", f"Other {world.tag}"),
	):  # fmt: skip
		card = rows.row("Contact", name=f"{key} {world.tag}", docstatus=0, first_name=key)
		rows.row(
			"Dynamic Link",
			docstatus=0,
			parent=card,
			parenttype="Contact",
			parentfield="links",
			link_doctype=kind,
			link_name=name,
		)
		rows.row("Sales Activity", docstatus=0, subject=key, reference_doctype=kind, reference_name=name)
		rows.row("File", docstatus=0, file_name=f"{key}.txt", attached_to_doctype=kind, attached_to_name=name)
	found = merge_facts.linked("Customer", f"Buyer {world.tag}")
	assert {kind: found.get(kind) for kind in ("Contact", "Sales Activity", "File")} == {
		"Contact": 1,
		"Sales Activity": 1,
		"File": 1,
	}
