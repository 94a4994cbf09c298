"""How an import stores: rows and notes of a deal, customers, and tables of which some records are there already."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.importer import field_labels, store_masters
from crm_pipeline.importer.import_fields import FIELDS
from crm_pipeline.importer.masters import Account
from crm_pipeline.importer.site import DOCTYPES, Site
from crm_pipeline.importer.store_deals import DealStore
from tests.site.hosts import HOST
from tests.site.rows import row

NOW = datetime(2026, 3, 20, 12)
DEAL = {
	"name": "OPP-1", "creation": datetime(2025, 1, 1), "conversion_rate": 2.0, "selling_price_list": "Standard",
	"customer": "Able", "prospect": "Mill", "company": "Works",
}  # fmt: skip


@pytest.fixture
def store():
	made = object.__new__(DealStore)
	facts = SimpleNamespace(item_name="The Pump", stock_uom="Nos", list_price=125.0)
	made.site = SimpleNamespace(product=lambda text: f"code of {text}", facts_of=lambda kind, name: facts)
	made.naming = SimpleNamespace(of_row=lambda doctype: f"row of {doctype}")
	made.precision = made.base_precision = 2
	made._standard = lambda at, *_more: {"creation": at}
	return made


@pytest.mark.parametrize(
	"amount, values, listed, discount",
	[
		# In the price list's currency a row says what was taken off; without a value, or in another currency, nothing.
		(400, {}, 125.0, 20.0), (0, {}, 0.0, 0.0), (400, {"selling_price_list": None}, 0.0, 0.0),
	],
)  # fmt: skip
def test_an_item_of_a_deal_costs_what_the_file_says(store, amount, values, listed, discount):
	row = store._item(SimpleNamespace(product="P", quantity=Decimal(4)), 3, amount, {**DEAL, **values})
	assert {key: row[key] for key in ("item_code", "item_name", "uom", "stock_uom", "idx", "parent", "parentfield")} == {
		"item_code": "code of P", "item_name": "The Pump", "uom": "Nos", "stock_uom": "Nos", "idx": 3, "parent": "OPP-1",
		"parentfield": "items",
	}  # fmt: skip
	assert (row["qty"], row["stock_qty"], row["conversion_factor"]) == (4, 4, 1)
	assert (row["rate"], row["amount"], row["base_amount"]) == (amount / 4, amount, amount * 2)
	assert (row["price_list_rate"], row["discount_percentage"]) == (listed, discount)
	assert row["creation"] == DEAL["creation"], "as old as its deal"


def test_notes_of_a_deal_are_a_note_of_its_parties(store):
	row = store._memo(SimpleNamespace(notes="First\nA < B"), DEAL, NOW)
	assert (row["reference_doctype"], row["reference_name"]) == ("Sales Opportunity", "OPP-1")
	assert (row["customer"], row["prospect"], row["company"], row["creation"]) == ("Able", "Mill", "Works", NOW)
	assert row["memo"] == "First<br>A &lt; B"


def test_a_customer_has_what_the_file_says_and_else_the_site_s_group_and_territory(world, as_user, monkeypatch):
	HOST.plain_records(monkeypatch, "Customer", "Territory", "Industry Type")
	as_user("Administrator")
	monkeypatch.setattr(store_masters, "_group", lambda doctype, name: f"{doctype} {name}")
	monkeypatch.setattr(store_masters, "_industry", lambda name: f"Industry {name}")
	kept = []
	monkeypatch.setattr(store_masters, "_kept", lambda account, doctype, name, site: kept.append(doctype) or name)
	inserted = []
	monkeypatch.setattr(store_masters, "_insert", lambda doctype, **values: inserted.append({"doctype": doctype, **values}) or values["customer_name"])  # fmt: skip
	site = SimpleNamespace(customer_group="Group", territory="Rest")
	full = Account(
		name="Able", industry="Mills", country="Chile", website="able.example", tax_id="T1", details="Old friends"
	)
	assert [store_masters._make_account(one, site) for one in (full, Account(name="Bare"))] == ["Able", "Bare"]
	fixed = {"doctype": "Customer", "customer_type": "Company", "customer_group": "Group"}
	assert inserted == [
		{
			**fixed, "customer_name": "Able", "territory": "Territory Chile", "industry": "Industry Mills", "website": "able.example",
			"tax_id": "T1", "customer_details": "Old friends",
		},
		{**fixed, "customer_name": "Bare", "territory": "Rest", **dict.fromkeys(("industry", "website", "tax_id", "customer_details"))},
	]  # fmt: skip
	assert kept == ["Customer"] * 2


def stored(monkeypatch, kind: str, *records) -> tuple[int, list, dict]:
	"""Records are (name, id, the one that it is here or an error); answers what was done, and those that are left."""
	done = []
	here = {name: found for name, _id, found in records}
	site = SimpleNamespace(
		mapping=SimpleNamespace(source="Old"), remember=lambda kind, handle, name: done.append(("remember", handle, name)),
		remember_tax_id=lambda name, tax_id: done.append(("tax id", name, tax_id)),
	)  # fmt: skip

	def found(record, kind, masters, site):
		if isinstance(here[record.name], Exception):
			raise here[record.name]
		return here[record.name]

	def whole(make, record, *rest):
		done.append(
			(make, record if isinstance(record, str) else record.name, *[one for one in rest if one is not site])
		)
		return f"new {record.name}" if make == "make" else None

	monkeypatch.setattr(store_masters, "_found", found)
	monkeypatch.setattr(store_masters, "_whole", whole)
	for name in ("_make_product", "_make_agent", "_make_account"):
		monkeypatch.setattr(store_masters, name, "make")
	monkeypatch.setattr(store_masters, "_make_price", "price")
	monkeypatch.setattr(store_masters.source_ids, "keep", "keep")
	lines = {
		name: (
			SimpleNamespace(name=name, source_id=id, handle=f"h {name}", tax_id="T"),
			SimpleNamespace(columns={kind: "Name"}),
		)
		for name, id, _found in records
	}
	steps = []
	count = store_masters._store_table(
		SimpleNamespace(**{f"{kind}s": lines}), "table", f"{kind}s", kind, site,
		lambda table, row, why: done.append(("reject", *why)), lambda title, at, of: steps.append((title, at, of)),
	)  # fmt: skip
	assert steps == [(f"{kind}s".title(), place, len(records)) for place in range(1, len(records) + 1)]
	return count, done, list(lines)


def test_customers_are_made_or_found_and_one_that_is_refused_is_used_nowhere(monkeypatch):
	error = frappe.ValidationError("not so")
	count, done, left = stored(
		monkeypatch, "account", ("A", "1", None), ("B", "2", "B here"), ("C", "", "C here"), ("D", "", error)
	)
	assert count == 1 and left == ["A", "B", "C"]
	assert done == [
		("make", "A"), ("remember", "h A", "new A"), ("tax id", "new A", "T"),
		("remember", "h B", "B here"), ("keep", "Old", DOCTYPES["account"], "2", "B here"), ("remember", "h C", "C here"),
		("reject", "Name: not so"),
	]  # fmt: skip


def test_a_product_that_is_there_gets_the_price_that_it_lacks(monkeypatch):
	count, done, _left = stored(monkeypatch, "product", ("A", "", None), ("B", "", "B here"))
	assert count == 1
	assert done == [
		("make", "A"),
		("remember", "h A", "new A"),
		("price", "B", "B here"),
		("remember", "h B", "B here"),
	]


def test_a_seller_without_an_id_is_known_by_name_anyway(monkeypatch):
	count, done, _left = stored(monkeypatch, "agent", ("A", "", "A here"), ("B", "7", "B here"), ("C", "", None))
	assert count == 1
	assert done == [
		("remember", "h B", "B here"), ("keep", "Old", DOCTYPES["agent"], "7", "B here"), ("make", "C"), ("remember", "h C", "new C"),
	]  # fmt: skip


def test_all_that_is_called_so_is_found_by_name_or_by_title(world):
	title = f"Twin {world.tag}"
	names = sorted(row("Customer", name=f"{key} {world.tag}", customer_name=title, docstatus=0) for key in "ba")
	named = row("Customer", name=title, customer_name="Else", docstatus=0)
	row("Customer", name=f"c {world.tag}", customer_name=f"{title} 2", docstatus=0)
	site = object.__new__(Site)
	assert sorted(site.named("account", title)) == sorted([*names, named])
	item = row("Item", name=f"P-{world.tag}", item_code=f"P-{world.tag}", item_name=title, docstatus=0)
	assert site.named("product", title) == [item] and site.named("agent", title) == []


def test_each_table_is_called_as_people_call_it(site):
	found = field_labels.titles()
	assert set(FIELDS) <= set(found) and len(set(found.values())) == len(found), "no two are called alike"
	assert {key: found[key] for key in ("memos", "history", "accounts", "agents")} == {
		"memos": "Notes", "history": "Stage History", "accounts": "Customers", "agents": "Sales Persons",
	}  # fmt: skip
