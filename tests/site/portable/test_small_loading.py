"""Small rules of loading an export: what is stored in which order, what a refused row takes along, and what is committed."""

import dataclasses
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.importer import load_steps, store_masters
from crm_pipeline.importer import site as of_site
from crm_pipeline.importer.deals import ImportedDeal
from crm_pipeline.importer.mapping import InputError, read_mapping
from crm_pipeline.importer.masters import Account, Agent, Masters, Product
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.importer.tables import Row, open_tables
from tests.site import rows
from tests.site.portable.test_importing import Store, buyer, load, seller  # noqa: F401
from tests.unit import importing


@pytest.fixture
def commits(site, monkeypatch):
	"""What commits and rolls back is counted instead of done."""
	done = []
	monkeypatch.setattr(frappe.db, "commit", lambda: done.append("commit"))
	monkeypatch.setattr(frappe.db, "rollback", lambda **how: done.append("rollback"))
	yield done
	monkeypatch.undo()


@pytest.fixture
def masters(world):
	"""One record of each table, none of them here yet, and one account below another."""
	found = Masters()
	line = Row(7, (), {}, {"product": "Product", "agent": "Seller", "account": "Customer"})
	found.products["mg"] = (Product("MG", "Cars", Decimal(55)), line)
	found.agents["anna"] = (Agent("Anna"), line)
	found.accounts["acme"] = (Account("Acme", tax_id="DE 5"), line)
	found.accounts["bluth"] = (Account("Bluth", parent="Acme"), line)
	return found


@pytest.fixture
def made(world, monkeypatch):
	"""What ERPNext is asked to make, in order; it names it after the file, and refuses what `refused` names.

	A site may hold records of the export's names from a load of its own: for these tests it does not.
	"""
	asked, there = SimpleNamespace(records=[], refused={}), of_site.Site._candidates
	monkeypatch.setattr(
		of_site.Site,
		"_candidates",
		lambda self, kind, text: there(self, kind, text) if world.tag in text else [],
	)

	def make(record, site):
		asked.records.append(record.name)
		if record.name in asked.refused:
			raise asked.refused[record.name]
		name = f"{record.name} {world.tag}"
		return buyer(name) if isinstance(record, Account) else name

	for kind in ("product", "agent", "account"):
		monkeypatch.setattr(store_masters, f"_make_{kind}", make)
	return asked


def tables(*names) -> dict[str, str]:
	return {name: f"{name}.csv" for name in names}


# ---- masters


def test_masters_are_stored_in_the_order_in_which_deals_and_each_other_need_them(load, masters, made, commits, world):  # noqa: F811
	site, told, rejected = load(), [], []
	found = store_masters.store(
		masters,
		tables("accounts", "agents", "products"),
		site,
		lambda *args: rejected.append(args),
		lambda *args: told.append(args),
	)
	assert made.records == ["MG", "Anna", "Acme", "Bluth"]
	assert (found, list(found)) == ({"products": 1, "agents": 1, "accounts": 2}, ["products", "agents", "accounts"])
	assert told == [("Products", 1, 1), ("Agents", 1, 1), ("Accounts", 1, 2), ("Accounts", 2, 2)]
	assert rejected == [] and commits == ["commit"] * 5, "each record in a transaction of its own, then the parents"
	below = frappe.db.get_value("Customer", f"Bluth {world.tag}", "crm_parent_customer")
	assert below == f"Acme {world.tag}" and not frappe.db.get_value("Customer", below, "crm_parent_customer")
	assert [site.product("mg"), site.agent("ANNA"), site.account("acme")] == [
		f"{name} {world.tag}" for name in ("MG", "Anna", "Acme")
	]
	assert site.account_of("Other", "de5") == f"Acme {world.tag}", "its tax id is known from then on"


def test_tables_that_the_export_lacks_are_not_stored(load, masters, made, commits):  # noqa: F811
	nothing = lambda *args: None  # noqa: E731
	assert store_masters.store(masters, tables("agents"), load(), nothing, nothing) == {"agents": 1}
	assert made.records == ["Anna"]


def test_a_record_that_erpnext_refuses_is_rejected_with_its_words_and_what_came_before_it_stays(
	load,  # noqa: F811
	masters,
	made,
	commits,
):
	made.refused["Acme"] = frappe.ValidationError("<b>Acme</b> is too short")
	rejected, told = [], []
	found = store_masters.store(
		masters,
		tables("products", "accounts"),
		load(),
		lambda *args: rejected.append(args),
		lambda *args: told.append(args),
	)
	assert found == {"products": 1, "accounts": 1} and "acme" not in masters.accounts
	[(table, row, why)] = rejected
	assert (table, row.line, why) == ("accounts.csv", 7, ["Customer: Acme is too short"])
	assert commits == ["commit", "rollback", "commit", "commit"]
	assert told[-2:] == [("Accounts", 1, 2), ("Accounts", 2, 2)]


def test_another_error_ends_the_load(load, masters, made, commits):  # noqa: F811
	made.refused["MG"] = KeyError("MG")
	with pytest.raises(KeyError):
		store_masters.store(masters, tables("products"), load(), lambda *args: None, lambda *args: None)
	assert commits == ["rollback"]


def test_a_product_that_is_there_gets_its_price_and_is_not_new(load, made, commits, world, monkeypatch):  # noqa: F811
	priced, masters = [], Masters()
	monkeypatch.setattr(store_masters, "_make_price", lambda product, item, site: priced.append((product.price, item)))
	masters.products["pump"] = (Product(world.pump, price=Decimal(5)), Row(2, (), {}, {"product": "Product"}))
	site = load()
	nothing = lambda *args: None  # noqa: E731
	assert store_masters.store(masters, tables("products"), site, nothing, nothing) == {"products": 0}
	assert priced == [(Decimal(5), world.pump)] and made.records == []
	assert site.product(world.pump) == world.pump


def test_a_seller_that_is_a_group_stays_one_and_a_plain_one_below_nobody_stays_plain(world):
	boss = seller(f"Boss {world.tag}", is_group=1)
	anna = seller(f"Anna {world.tag}", is_group=0)
	assert store_masters._person(boss, None, is_group=False) == boss
	assert store_masters._person(anna, None, is_group=False) == anna
	groups = [frappe.db.get_value("Sales Person", name, "is_group") for name in (boss, anna)]
	assert groups == [1, 0]


# ---- what deals stand on


def test_what_deals_stand_on_is_made_once_and_committed(load, commits):  # noqa: F811
	site = load()
	site.make_missing(with_prospect=False)
	assert (site.lost_reason, site.prospect, commits) == ("No Decision", None, ["commit"])
	site.make_missing(with_prospect=True)
	assert site.prospect.name and commits == ["commit", "commit"]


def test_the_oldest_prospect_of_that_name_stands_for_accounts_without_one(load, world):  # noqa: F811
	site, names = load(), []
	for day in ("2026-02-01", "2026-01-01"):
		values = {"prospect_name": f"Unnamed {world.tag}", "company": world.company, "creation": day}
		names.append(rows.row("Sales Prospect", docstatus=0, status="Unverified", **values))
	rows.row(
		"Sales Prospect", docstatus=0, prospect_name=f"Unnamed {world.tag}", company="Another", creation="2025-01-01"
	)
	assert site.find_prospect().name == names[1]


def test_a_site_without_a_selling_price_list_loads_without_prices(load, world, monkeypatch):  # noqa: F811
	monkeypatch.setattr(of_site.prices, "default_price_list", lambda customer: None)
	assert load().price_list is None


def test_a_mapping_that_is_shipped_is_found_by_its_name():
	assert read_mapping(of_site.example_mapping("crm_sales_opportunities")).pipeline == "Standard Sales"


# ---- deals


def imported(site, number: int, **values) -> ImportedDeal:
	stage = site.stages["engaging"]
	return ImportedDeal(
		external_id=f"{values.pop('key')}-{number}",
		stage=stage,
		history=((stage, date(2016, 10, 20)),),
		amount=Decimal(10),
		**values,
	)


class Committing(Store):
	"""Stores as a load does, commit and all; only its names are the tests' own."""

	store = DealStore.store


@pytest.fixture
def ready(load, world):  # noqa: F811
	site = load()
	site.price_list = None
	site._make_missing(with_prospect=True)
	return site


def test_a_chunk_of_deals_is_one_transaction(ready, commits, world):
	deals = [imported(ready, number, key=world.tag) for number in (1, 2)]
	assert (Committing(ready).store(deals), commits) == (2, ["commit"])


@pytest.fixture
def duplicates(site):
	"""Duplicate is what the database answers with its number 1062."""
	frappe.db.is_duplicate_entry = lambda error: error.args[0] == 1062
	yield
	del frappe.db.is_duplicate_entry


def test_two_ids_that_are_one_to_the_database_are_named(ready, commits, duplicates, world, monkeypatch):
	deals, store = [imported(ready, number, key=world.tag) for number in (1, 2, 3)], Committing(ready)

	def fails_with(error):
		def insert(deals):
			raise error

		monkeypatch.setattr(store, "_insert", insert)

	fails_with(RuntimeError(1062, "Duplicate entry"))
	message = f"between opportunity {world.tag}-1 and {world.tag}-3 two ids are the same to the database"
	with pytest.raises(InputError, match=message):
		store.store(deals)
	for error in (RuntimeError(1054, "Unknown column"), RuntimeError()):
		fails_with(error)
		with pytest.raises(RuntimeError):
			store.store(deals)
	assert commits == []


def test_what_is_read_back_counts_a_deal_once_and_by_the_rows_of_deals_alone(ready, world):
	deals, store = [imported(ready, number, key=world.tag, product=world.pump) for number in (1, 2)], Store(ready)
	store.store(deals)
	name = frappe.db.get_value("Sales Opportunity", {"external_id": deals[0].external_id}, "name")
	for idx, parenttype in ((2, "Sales Opportunity"), (1, "Sales Lead")):
		rows.row(
			"Sales Deal Item", docstatus=0, parent=name, parenttype=parenttype, parentfield="items", idx=idx,
			item_code=world.filter, qty=1,
		)  # fmt: skip
	[row] = store.read_back(deals)
	assert (row.stage, row.product, row.agent, row["count"], row.total) == (
		ready.stages["engaging"].name, world.pump, None, 2, 20,
	)  # fmt: skip
	assert [row["count"] for row in store.read_back(deals[:1])] == [1]


# ---- a whole load


LINES = (
	"O1,Anna,GTXPro,Acme,Engaging,20-10-16,,",
	"O2,Boris,GTXPro,Bluth,Engaging,20-10-16,,",
	"O3,Anna,GTXPro,,Engaging,20-10-16,,",
)


ACCOUNTS = (
	"account,sector,year_established,revenue,employees,office_location,subsidiary_of\nAcme,,,,,,\nBluth,,,,,,Acme\n"
)


def export(tmp_path, site):
	files = {"accounts": ACCOUNTS, "sales_pipeline": importing.rows(*LINES)}
	return open_tables(importing.write(tmp_path, **files), site.mapping)


@pytest.mark.parametrize("unnamed", [0, 1])
def test_deals_of_a_master_that_was_refused_are_rejected_in_the_second_reading(
	load,  # noqa: F811
	made,
	commits,
	tmp_path,
	monkeypatch,
	world,
	unnamed,
):
	site = load()
	site.price_list = None
	found, report, progress = export(tmp_path, site), load_steps.Report(unnamed=unnamed), []
	made.refused["Bluth"] = frappe.ValidationError("no")
	chunks = []

	class Told(Store):
		def _insert(self, deals):
			chunks.append([deal.external_id for deal in deals])
			return len(deals)

	monkeypatch.setattr(of_site.Site, "unusable", lambda *args: None)
	load_steps.store(report, found, site, lambda: Told(site), 1, lambda *args: progress.append(args))
	assert report.made == {"products": 2, "agents": 2, "accounts": 1}
	assert chunks == [["O1"], ["O3"]] and report.loaded == 2
	assert report.rejects.counts == {"accounts.csv": 1, "sales_pipeline.csv": 1}
	assert bool(site.prospect) == bool(unnamed) and site.lost_reason == "No Decision"
	assert [line[0] for line in progress][-2:] == ["Opportunities", "Opportunities"]


def test_an_export_of_masters_alone_stores_no_deals_and_makes_nothing_for_them(load, made, commits, tmp_path):  # noqa: F811
	site = load()
	found, report = export(tmp_path, site), load_steps.Report()
	del found["opportunities"]
	load_steps.store(report, found, site, lambda: pytest.fail("no deals"), 1, lambda *args: None)
	assert report.made == {"products": 2, "agents": 2, "accounts": 2}
	assert (site.lost_reason, report.comparisons) == (None, [])


def test_a_new_seller_stands_below_its_manager_who_stands_below_the_region(load, monkeypatch):  # noqa: F811
	asked = []
	monkeypatch.setattr(
		store_masters, "_person", lambda name, parent, is_group: asked.append((name, parent, is_group)) or f"{name}!"
	)
	root = of_site.root_of("Sales Person")
	for agent, expected in (
		(Agent("Anna", "Boss", "North"), [("North", root, True), ("Boss", "North!", True), ("Anna", "Boss!", False)]),
		(Agent("Anna", "Boss"), [("Boss", root, True), ("Anna", "Boss!", False)]),
		(Agent("Anna", "", "North"), [("North", root, True), ("Anna", "North!", False)]),
		(Agent("Anna"), [("Anna", root, False)]),
	):
		asked.clear()
		assert (store_masters._make_agent(agent, load()), asked) == ("Anna!", expected)


@pytest.fixture
def inserted(monkeypatch):
	"""What is inserted, type and values; ERPNext itself is not asked."""
	asked = []
	monkeypatch.setattr(
		store_masters,
		"_insert",
		lambda doctype, **values: asked.append({"doctype": doctype, **values}) or f"{doctype} 1",
	)
	return asked


def test_new_products_and_their_prices_say_what_the_file_says(load, world, inserted, monkeypatch):  # noqa: F811
	site = load()
	group = frappe.db.get_value("Item Group", {"is_group": 0}, "name")
	assert store_masters._make_product(Product("MG", group, Decimal("55.5")), site) == "Item 1"
	item = {
		"doctype": "Item",
		"item_code": "MG",
		"item_name": "MG",
		"item_group": group,
		"stock_uom": "Nos",
		"is_stock_item": 1,
	}
	price = {"doctype": "Item Price", "item_code": "Item 1", "price_list": world.price_list, "price_list_rate": 55.5}
	assert inserted == [item, price]
	inserted.clear()
	site = load(defaults={"stock_items": False})
	store_masters._make_product(Product("MG"), site)
	assert inserted == [{**item, "item_group": site.item_group, "is_stock_item": 0}], "without a price it has none"


def test_new_customers_say_what_the_file_says(load, inserted, world):  # noqa: F811
	site = load()
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	industry = rows.row("Industry Type", docstatus=0, name=f"Pumps {world.tag}")
	whole = Account("Acme", "", industry, territory, "acme.example", "DE 5", "since 1990")
	assert store_masters._make_account(whole, site) == "Customer 1"
	store_masters._make_account(Account("Bluth"), site)
	fixed = {"doctype": "Customer", "customer_type": "Company", "customer_group": site.customer_group}
	assert inserted == [
		{
			**fixed, "customer_name": "Acme", "territory": territory, "industry": industry, "website": "acme.example",
			"tax_id": "DE 5", "customer_details": "since 1990",
		},
		{
			**fixed, "customer_name": "Bluth", "territory": site.territory, "industry": None, "website": None, "tax_id": None,
			"customer_details": None,
		},
	]  # fmt: skip


def test_what_is_missing_of_trees_and_industries_is_made_below_the_root(inserted, world):
	assert store_masters._group("Territory", f"Far {world.tag}") == "Territory 1"
	assert store_masters._industry(f"Mills {world.tag}") == "Industry Type 1"
	assert store_masters._person(f"Anna {world.tag}", "North", is_group=False) == "Sales Person 1"
	store_masters._person(f"Boss {world.tag}", "North", is_group=True)
	seller = {"doctype": "Sales Person", "parent_sales_person": "North", "enabled": 1}
	assert inserted == [
		{
			"doctype": "Territory", "territory_name": f"Far {world.tag}", "parent_territory": of_site.root_of("Territory"),
			"is_group": 0,
		},
		{"doctype": "Industry Type", "industry": f"Mills {world.tag}"},
		{**seller, "sales_person_name": f"Anna {world.tag}", "is_group": 0},
		{**seller, "sales_person_name": f"Boss {world.tag}", "is_group": 1},
	]  # fmt: skip


def test_a_parent_company_is_the_one_that_the_file_names_not_the_account_itself(load, world):  # noqa: F811
	parent, child = (buyer(f"{name} {world.tag}") for name in ("Parent", "Child"))
	masters = Masters()
	# The same record called otherwise in the file: the parent stands for itself alone.
	masters.accounts["child"] = (Account(child, parent=parent), None)
	masters.accounts["parent"] = (Account(parent, parent=""), None)
	masters.accounts["orphan"] = (Account("Nowhere", parent=parent), None)
	store_masters._set_parents(masters, load())
	assert frappe.db.get_value("Customer", child, "crm_parent_customer") == parent
	assert not frappe.db.get_value("Customer", parent, "crm_parent_customer")


def test_a_list_price_that_the_load_made_is_the_one_that_deals_see(load, made, commits, world, monkeypatch):  # noqa: F811
	prices = iter((0.0, 55.0))
	monkeypatch.setattr(of_site.Site, "_list_price", lambda self, item: next(prices))
	monkeypatch.setattr(store_masters, "_make_price", lambda product, item, site: None)
	site, masters = load(), Masters()
	assert site.facts_of("product", world.pump).list_price == 0
	masters.products["pump"] = (Product(world.pump, price=Decimal(55)), Row(2, (), {}, {"product": "Product"}))
	nothing = lambda *args: None  # noqa: E731
	store_masters.store(masters, tables("products"), site, nothing, nothing)
	assert site.facts_of("product", world.pump).list_price == 55


def test_the_prospect_of_unnamed_accounts_says_which_customer_it_became(load, world):  # noqa: F811
	site = load()
	name = rows.row(
		"Sales Prospect", docstatus=0, status="Verified", prospect_name=f"Unnamed {world.tag}", company=world.company,
		customer=world.customer,
	)  # fmt: skip
	message = f'prospect Unnamed {world.tag} has become Customer {world.customer}: choose another "unnamed_account"'
	with pytest.raises(InputError, match=message):
		site.find_prospect()
	frappe.db.set_value("Sales Prospect", name, {"customer": None, "status": "Unverified"})
	assert site.find_prospect() == {"name": name, "prospect_name": f"Unnamed {world.tag}", "customer": None}


@pytest.mark.parametrize(("rate", "base"), [(1.0, 10), (2.5, 25), (0.333333, 3.33)])
def test_a_loaded_deal_is_kept_in_both_currencies(ready, world, rate, base):
	ready.conversion_rate = rate
	won = dataclasses.replace(imported(ready, 1, key=world.tag, product=world.pump), stage=ready.stages["won"])
	Store(ready).store([won, imported(ready, 2, key=world.tag)])
	fields = ["amount", "base_amount", "won_amount", "base_won_amount", "conversion_rate", "currency"]
	stored = lambda n: frappe.db.get_value("Sales Opportunity", {"external_id": f"{world.tag}-{n}"}, fields)  # noqa: E731
	assert stored(1) == (10, base, 10, base, rate, world.currency)
	assert stored(2) == (10, base, 0, 0, rate, world.currency)
	name = frappe.db.get_value("Sales Opportunity", {"external_id": won.external_id}, "name")
	assert frappe.db.get_value("Sales Deal Item", {"parent": name}, ["rate", "amount", "base_amount"]) == (10, 10, base)
