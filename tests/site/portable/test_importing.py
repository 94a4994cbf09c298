"""Loading an export, as far as nothing has to be committed: what of the site it goes by, what it stores of a deal."""

from datetime import date, datetime
from decimal import Decimal

import frappe
import pytest

from crm_pipeline.core.stages import LOST, OPEN, WON
from crm_pipeline.deals import won_amounts
from crm_pipeline.importer import load_steps, store_masters
from crm_pipeline.importer import site as of_site
from crm_pipeline.importer.deals import DealReader, ImportedDeal
from crm_pipeline.importer.mapping import InputError
from crm_pipeline.importer.masters import Account, Agent, Masters, Product, read_masters
from crm_pipeline.importer.site import Site
from crm_pipeline.importer.store_deals import DealStore
from crm_pipeline.importer.tables import Row, open_tables
from crm_pipeline.user_day import latest_today
from tests.site import rows
from tests.site.world import refused
from tests.unit import importing

STAGES = {"Prospecting": "qualification", "Engaging": "needs_analysis", "Won": "won", "Lost": "lost"}


def stage(key: str, pipeline: str = "Standard Sales") -> str:
	return frappe.db.get_value("Pipeline Stage", {"pipeline": pipeline, "stage_key": key}, "name")


@pytest.fixture
def load(world):
	"""load(company=..., defaults={...}, **mapping) is a Site of the shipped mapping with these changes."""

	def make(company=None, defaults=None, **changes) -> Site:
		values = {"unnamed_account": f"Unnamed {world.tag}", **(defaults or {})}
		return Site(company or world.company, importing.shipped(defaults=values, **changes))

	return make


def seller(name: str, **values) -> str:
	return rows.row(
		"Sales Person", docstatus=0, name=name, sales_person_name=name, enabled=1, lft=1000, rgt=1001, **values
	)


def buyer(name: str) -> str:
	return rows.row("Customer", docstatus=0, name=name, customer_name=name)


class Store(DealStore):
	"""Stores within the transaction of the test; names are counted by the id of the file."""

	def __init__(self, site):
		super().__init__(site, self)

	def give_names(self, series, new):
		for row in new:
			row["name"] = f"{series}{row['external_id']}"

	@staticmethod
	def of_row(doctype):
		return frappe.generate_hash(length=10)

	def store(self, deals):
		return self._insert(deals)


# ---- what is set up


def test_what_the_mapping_names_goes_before_the_settings_of_the_site(load, world):
	leaf = {
		d: frappe.db.get_value(d, {"is_group": 0}, "name", order_by="lft desc")
		for d in ("Customer Group", "Territory", "Item Group")
	}
	site = load(
		defaults={
			"customer_group": leaf["Customer Group"],
			"territory": leaf["Territory"],
			"item_group": leaf["Item Group"],
			"uom": "Nos",
			"price_list": world.price_list,
			"currency": world.currency,
		}
	)
	assert (site.company, site.currency, site.company_currency, site.conversion_rate) == (
		world.company,
		world.currency,
		world.currency,
		1.0,
	)
	assert (site.customer_group, site.territory, site.item_group) == tuple(leaf.values())
	assert (site.uom, site.price_list, site.today) == ("Nos", world.price_list, latest_today())
	assert (site.lost_reason, site.prospect) == (None, None)


@pytest.mark.parametrize(
	("doctype", "settings", "field"),
	[
		("Customer Group", "Selling Settings", "customer_group"),
		("Territory", "Selling Settings", "territory"),
		("Item Group", "Stock Settings", "item_group"),
	],
)
def test_new_records_go_where_the_settings_say_and_never_into_a_group(world, doctype, settings, field):
	leaves = frappe.get_all(doctype, filters={"is_group": 0}, pluck="name", order_by="lft asc", limit=0)
	frappe.db.set_single_value(settings, field, leaves[-1])
	assert of_site._leaf(doctype) == leaves[-1]
	for value in (of_site.root_of(doctype), None):
		frappe.db.set_single_value(settings, field, value)
		assert of_site._leaf(doctype) == leaves[0]
	assert frappe.db.get_value(doctype, of_site.root_of(doctype), "is_group") == 1


@pytest.mark.parametrize(
	("what", "message"),
	[
		({"company": "Nowhere"}, "--company: Company Nowhere does not exist"),
		({"defaults": {"territory": "Nowhere"}}, 'default "territory": Territory Nowhere does not exist'),
		({"defaults": {"currency": "XXX"}}, 'default "currency": Currency XXX does not exist'),
		({"pipeline": "Nowhere"}, "Sales Pipeline Nowhere of the mapping does not exist"),
		(
			{"stages": {**STAGES, "Won": "wonn"}},
			'stage "wonn" of the mapping is missing in Sales Pipeline Standard Sales; it has .*lost.*won',
		),
	],
)
def test_a_default_that_is_not_there_is_named(load, what, message):
	with pytest.raises(InputError, match=message):
		load(**what)


def test_prices_of_another_currency_need_another_list(load, world):
	frappe.db.set_value("Price List", world.price_list, "currency", "XTS")
	with pytest.raises(InputError, match=f"Price List {world.price_list} is in XTS, the file in {world.currency}"):
		load()


def test_a_pipeline_of_other_documents_or_of_another_company_and_a_disabled_stage_are_refused(load, world):
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "company", world.company)
	assert load().stages
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "company", "Another")
	with pytest.raises(InputError, match="belongs to company Another"):
		load()
	other, doctype = frappe.db.get_value(
		"Sales Pipeline", {"applies_to": ("!=", "Sales Opportunity")}, ["name", "applies_to"]
	)
	with pytest.raises(InputError, match=f"Sales Pipeline {other} is for {doctype}, not for Sales Opportunity"):
		load(pipeline=other)
	frappe.db.set_value("Sales Pipeline", "Standard Sales", "company", None)
	frappe.db.set_value("Pipeline Stage", stage("won"), "disabled", 1)
	frappe.clear_document_cache("Sales Pipeline", "Standard Sales")
	with pytest.raises(InputError, match='stage "won" of Sales Pipeline Standard Sales is disabled'):
		load()


def test_values_of_the_file_stand_for_stages_of_the_pipeline(load):
	found = load().stages
	assert {value: one.name for value, one in found.items()} == {
		value.casefold(): stage(key) for value, key in STAGES.items()
	}
	assert [found[value].type for value in ("prospecting", "engaging", "won", "lost")] == [OPEN, OPEN, WON, LOST]
	assert (
		load(pipeline="", stages={}, files={"products": {"file": "a.csv", "columns": {"a": "product"}}}).stages == {}
	), "masters alone need none"


# ---- what deals stand on


def test_lost_deals_get_the_reason_of_the_mapping(load):
	site = load(defaults={"lost_reason": "Another Reason"})
	site._make_missing(with_prospect=False)
	assert site.lost_reason == "Another Reason" and frappe.db.exists("Sales Lost Reason", "Another Reason")
	again = load(defaults={"lost_reason": "another reason"})
	again._make_missing(with_prospect=False)
	assert again.lost_reason == "Another Reason", "one that is there is used"
	assert (site.prospect, again.prospect) == (None, None)
	default = load()
	default._make_missing(with_prospect=False)
	assert default.lost_reason == "No Decision"


def test_without_a_lost_stage_no_reason_is_made(load):
	site = load(stages={key: value for key, value in STAGES.items() if key != "Lost"})
	site._make_missing(with_prospect=False)
	assert site.lost_reason is None


def test_accounts_without_a_name_are_one_prospect(load, world):
	site = load()
	site._make_missing(with_prospect=True)
	made = frappe.get_doc("Sales Prospect", site.prospect.name)
	assert (made.prospect_name, made.company) == (f"Unnamed {world.tag}", world.company)
	assert site.prospect.prospect_name == made.prospect_name
	again = load()
	again._make_missing(with_prospect=True)
	assert again.prospect.name == made.name, "the next load finds it"
	made.db_set("customer", world.customer)
	with pytest.raises(InputError, match=f"prospect Unnamed {world.tag} has become Customer"):
		load().find_prospect()
	assert load(defaults={"unnamed_account": f"Others {world.tag}"}).find_prospect() is None


# ---- what is there already


def test_a_record_is_found_by_its_name_then_by_its_title_and_not_where_two_have_it(load, world):
	site = load()
	first, second, third = (
		rows.row("Item", docstatus=0, name=f"{n} {world.tag}", item_code=f"{n} {world.tag}", item_name=title)
		for n, title in (("A", f"Twin {world.tag}"), ("B", f"Twin {world.tag}"), ("C", f"B {world.tag}"))
	)
	assert site.product(first) == first
	assert site.product(second) == second, "an id beats a title"
	assert site.product(f"Twin {world.tag}") is None and site.ambiguous("product", f"Twin {world.tag}")
	assert not site.ambiguous("product", first) and not site.ambiguous("product", "nowhere")
	frappe.db.set_value("Item", first, "item_name", f"Single {world.tag}")
	assert site.product(f"Single {world.tag}") == first
	assert site.agent(seller(f"Anna {world.tag}")) == f"Anna {world.tag}"
	assert site.account(f"Northwind {world.tag}") == world.customer
	assert site.product("Nowhere") is None
	site.remember("product", " nowhere", third)
	assert site.product("NOWHERE") == third, "what was made for a text stands for it"


@pytest.mark.parametrize(
	("values", "of_open", "of_closed"),
	[
		({}, None, None),
		({"disabled": 1}, '"{0}" is disabled', None),
		({"has_variants": 1}, '"{0}" is an Item template', '"{0}" is an Item template'),
		({"is_sales_item": 0}, '"{0}" is not a sales Item', '"{0}" is not a sales Item'),
	],
)
def test_nobody_sells_a_template_and_only_closed_deals_are_about_what_was_discontinued(
	load, world, values, of_open, of_closed
):
	site = load()
	site.price_list = None
	frappe.db.set_value("Item", world.pump, {"is_sales_item": 1, **values})
	assert (site.unusable("product", world.pump, True), site.unusable("product", world.pump, False)) == (
		of_open,
		of_closed,
	)


def test_open_deals_need_a_customer_that_is_not_disabled_and_any_seller(load, world):
	site = load()
	frappe.db.set_value("Customer", world.customer, "disabled", 1)
	assert site.unusable("account", world.customer, True) == '"{0}" is disabled'
	assert site.unusable("account", world.customer, False) is None
	assert site.unusable("agent", "Nobody", True) is None
	assert site.unusable("account", "Nobody", True) is None


def test_the_tax_id_decides_who_an_account_is(load, world):
	frappe.db.set_value("Customer", world.customer, "tax_id", f"DE {world.tag} 77")
	other = buyer(f"Other {world.tag}")
	site = load()
	assert site.account_of("Anything", f"de-{world.tag}-77") == world.customer, "written otherwise it is the same"
	assert site.account_of(f"Other {world.tag}", "") == other
	assert site.account_of(f"Other {world.tag}", "DE 12") == other, "who has no tax id may be the one of that name"
	assert site.account_of("Nobody", "DE 12") is None
	with refused(match=f"Customer {world.customer} has the tax id DE {world.tag} 77, the file says DE 12"):
		site.account_of(f"Northwind {world.tag}", "DE 12")
	site.remember_tax_id(other, f"de{world.tag}77")
	with refused(match=f"several Customers have the tax id DE{world.tag}77: {world.customer}, {other}"):
		site.account_of("Anything", f"DE{world.tag}77")
	assert site.account_of(f"Other {world.tag}", f"DE{world.tag}77") == other, "then the name decides between them"


def test_a_country_is_known_however_it_is_written(load):
	name = frappe.get_all("Country", pluck="name", order_by="name asc", limit=1)[0]
	assert (load().country(name.upper()), load().country("Atlantis")) == (name, None)


# ---- masters


def test_a_product_gets_a_list_price_only_where_it_has_none(load, world):
	site = load()
	before = frappe.db.count("Item Price", {"item_code": world.pump})
	store_masters._make_price(Product(world.pump, price=Decimal(5)), world.pump, site)
	store_masters._make_price(Product("New"), "New", site)
	site.price_list = None
	store_masters._make_price(Product("New", price=Decimal(5)), "New", site)
	assert (
		frappe.db.count("Item Price", {"item_code": world.pump}),
		frappe.db.count("Item Price", {"item_code": "New"}),
	) == (before, 0)


def test_who_manages_others_becomes_a_group_and_an_agent_s_user_owns_the_deals(load, world, as_user):
	anna, boss, region = (seller(f"{n} {world.tag}", is_group=0) for n in ("Anna", "Boss", "North"))
	mail = as_user("rep")
	frappe.set_user("Administrator")
	assert store_masters._make_agent(Agent(anna, boss, region, mail), load()) == anna
	people = {
		row.name: row
		for row in frappe.get_all(
			"Sales Person",
			filters={"name": ("in", [anna, boss, region])},
			fields=["name", "is_group", "crm_user"],
			order_by="name asc",
		)
	}
	assert {name: row.is_group for name, row in people.items()} == {anna: 0, boss: 1, region: 1}
	assert people[anna].crm_user == mail and not people[boss].crm_user
	store_masters._make_agent(Agent(boss, email="nobody@nowhere.example"), load())
	assert not frappe.db.get_value("Sales Person", boss, "crm_user")


def test_groups_and_industries_that_are_there_are_used(world):
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	industry = rows.row("Industry Type", docstatus=0, name=f"Pumps {world.tag}")
	assert (store_masters._group("Territory", territory), store_masters._industry(industry)) == (territory, industry)


@pytest.mark.parametrize("by_hand", [False, True])
def test_parent_companies_follow_the_file_but_not_over_somebody_s_hand(load, world, by_hand):
	child, parent, other = (buyer(f"{n} {world.tag}") for n in ("Child", "Parent", "Chosen"))
	if by_hand:
		frappe.db.set_value("Customer", child, "crm_parent_customer", other)
	masters = Masters()
	for name, above in ((child, parent), (parent, ""), (other, "Nowhere")):
		masters.accounts[name.casefold()] = (Account(name, above), None)
	store_masters._set_parents(masters, load())
	found = [frappe.db.get_value("Customer", name, "crm_parent_customer") or None for name in (child, parent, other)]
	assert found == [other if by_hand else parent, None, None]


# ---- deals


@pytest.fixture
def ready(load, world, as_user):
	"""A site with everything that deals stand on; prices of lists are left out."""
	site = load()
	site.price_list = None
	site._make_missing(with_prospect=True)
	mail = as_user("rep")
	frappe.set_user("Administrator")
	seller(f"Anna {world.tag}", crm_user=mail)
	frappe.db.set_value(
		"Customer", world.customer, "territory", frappe.db.get_value("Territory", {"is_group": 0}, "name")
	)
	return site


def deal(site, key: str, *history, number: int = 1, **values) -> ImportedDeal:
	"""A deal of the file that passed `history`, pairs of stage and day."""
	steps_ = tuple((site.stages[value], day) for value, day in history)
	return ImportedDeal(
		external_id=f"{key}-{number}", stage=steps_[-1][0], history=steps_, **{"amount": Decimal(0), **values}
	)


DAYS = [date(2016, 10, day) for day in (20, 21, 25)]


def test_a_deal_that_was_won_is_stored_with_its_row_and_its_history(ready, world):
	won = deal(
		ready, world.tag, ("prospecting", DAYS[0]), ("engaging", DAYS[1]), ("won", DAYS[2]),
		amount=Decimal("450.5"), product=world.pump, account=f"Northwind {world.tag}", agent=f"Anna {world.tag}",
		closed_on=DAYS[2], expected_close=DAYS[1], details="size: 5 < 6\nfloor: 2",
	)  # fmt: skip
	assert Store(ready).store([won]) == 1
	name = frappe.db.get_value("Sales Opportunity", {"external_id": won.external_id}, "name")
	doc = frappe.get_doc("Sales Opportunity", name)
	assert (doc.title, doc.customer, doc.prospect, doc.party_name) == (
		f"{world.pump} - Northwind {world.tag}",
		world.customer,
		None,
		f"Northwind {world.tag}",
	)
	assert (doc.stage, doc.pipeline, doc.status, doc.probability) == (stage("won"), "Standard Sales", WON, 100)
	assert (doc.closed_from, doc.lost_reason, doc.sales_owner, doc.sales_person) == (
		stage("needs_analysis"),
		None,
		"rep@crm-test.example",
		f"Anna {world.tag}",
	)
	assert [str(doc.get(field)) for field in ("opened_on", "closed_on", "expected_close", "stage_entered_on")] == [
		"2016-10-20",
		"2016-10-25",
		"2016-10-21",
		"2016-10-25 00:00:00",
	]
	assert (doc.currency, doc.conversion_rate, doc.items_total, doc.amount, doc.base_amount) == (
		world.currency,
		1.0,
		450.5,
		450.5,
		450.5,
	)
	assert doc.description == "size: 5 &lt; 6<br>floor: 2" and doc.territory and doc.company == world.company
	[row] = doc.items
	assert (row.item_code, row.qty, row.uom, row.stock_uom, row.conversion_factor, row.stock_qty) == (
		world.pump,
		1,
		"Nos",
		"Nos",
		1,
		1,
	)
	assert (row.item_name, row.rate, row.amount, row.base_amount, row.discount_percentage) == (
		frappe.db.get_value("Item", world.pump, "item_name"),
		450.5,
		450.5,
		450.5,
		0,
	)
	events = frappe.get_all(
		"Pipeline Event", filters={"reference_name": name}, order_by="creation asc",
		fields=["kind", "from_value", "to_value", "at", "seconds_spent", "by", "note", "customer", "pipeline", "company", "creation"],
	)  # fmt: skip
	assert len({event.creation for event in events}) == 3, "events of one moment keep their order"
	at = [datetime(2016, 10, day) for day in (20, 21, 25)]
	keys = [stage(key) for key in ("qualification", "needs_analysis", "won")]
	assert [(e.kind, e.from_value or None, e.to_value, e.at, e.seconds_spent) for e in events] == [
		("Created", None, keys[0], at[0], 0), ("Stage", keys[0], keys[1], at[1], 86400), ("Stage", keys[1], keys[2], at[2], 4 * 86400),
	]  # fmt: skip
	assert {(e.by, e.note, e.customer, e.pipeline, e.company) for e in events} == {
		("Administrator", "Imported", world.customer, "Standard Sales", world.company)
	}


def test_deals_without_account_product_or_value_are_stored_too(ready, world):
	lost = deal(ready, world.tag, ("prospecting", DAYS[0]), ("lost", DAYS[1]), closed_on=DAYS[1], title="T" * 140)
	still = deal(ready, world.tag, ("engaging", DAYS[0]), number=2, product=world.pump, closed_on=None)
	assert Store(ready).store([lost, still]) == 2
	first, second = (frappe.get_doc("Sales Opportunity", {"external_id": d.external_id}) for d in (lost, still))
	assert (first.prospect, first.party_name, first.title) == (ready.prospect.name, f"Unnamed {world.tag}", "T" * 140)
	assert (first.lost_reason, first.status, str(first.closed_on), first.items) == (
		"No Decision",
		LOST,
		"2016-10-21",
		[],
	)
	assert (first.items_total, first.amount, first.sales_owner or None, first.description or None) == (0, 0, None, None)
	assert (second.title, second.status, second.closed_on, second.closed_from, second.lost_reason) == (
		f"{world.pump} - Unnamed {world.tag}",
		OPEN,
		None,
		None,
		None,
	)
	assert [(row.item_code, row.rate, row.amount) for row in second.items] == [(world.pump, 0, 0)]


def test_a_loaded_deal_says_how_it_ended_and_what_it_was_sold_for_as_a_saved_one_does(ready, world):
	ends = (("engaging", None, 0, 0), ("won", WON, 450.5, 450.5), ("lost", LOST, 0, 0))
	deals = [
		deal(
			ready,
			world.tag,
			(key, DAYS[0]),
			number=number,
			amount=Decimal("450.5"),
			product=world.pump,
			closed_on=DAYS[0],
		)
		for number, (key, *_end) in enumerate(ends)
	]
	assert Store(ready).store(deals) == 3
	for loaded, (_key, *end) in zip(deals, ends, strict=True):
		name = frappe.db.get_value("Sales Opportunity", {"external_id": loaded.external_id}, "name")
		stored = frappe.db.get_value("Sales Opportunity", name, ["outcome", "won_amount", "base_won_amount"])
		assert list(stored) == end
		assert not won_amounts.refresh("Sales Opportunity", name), "the nightly job finds nothing to mend"


def test_loading_again_adds_what_is_new_alone_whatever_the_case_of_the_id(ready, world):
	old, new = (deal(ready, world.tag, ("engaging", DAYS[0]), number=number) for number in (1, 2))
	store = Store(ready)
	assert (store.store([old]), store.store([old, new]), store.store([old, new])) == (1, 1, 0)
	assert frappe.db.count("Sales Opportunity", {"external_id": ("like", f"{world.tag}-%")}) == 2


def test_what_the_database_holds_is_compared_with_the_file_chunk_by_chunk(ready, world):
	deals = [
		deal(ready, world.tag, ("won", DAYS[number % 3]), number=number, amount=Decimal("0.1"), product=world.pump if number % 2 else "", agent=f"Anna {world.tag}", closed_on=DAYS[0])
		for number in range(5)
	]  # fmt: skip
	store, told, report = Store(ready), [], load_steps.Report()
	store.store(deals[:1])
	report.file.add(Decimal(5), stage="x"), report.file.add(Decimal(5), stage="x")
	load_steps.store_deals(report, iter(deals), ready, store, 2, lambda *args: told.append(args))
	assert (report.loaded, report.already, report.equal) == (4, 1, True)
	assert told == [("Opportunities", done, 2) for done in (2, 4, 5)]
	by = {(line.dimension, line.value): line for line in report.comparisons}
	assert (report.file.total_count, report.file.total_sum) == (5, Decimal("0.5"))
	assert (by["product", world.pump].site_count, by["product", world.pump].site_sum) == (2, Decimal("0.2"))
	assert by["agent", f"Anna {world.tag}"].site_count == by["stage", stage("won")].file_count == 5
	frappe.db.set_value("Sales Opportunity", {"external_id": deals[3].external_id}, "amount", 7)
	load_steps.store_deals(report, iter(deals), ready, store, 5, lambda *args: None)
	assert not report.equal, "a value that is not the file's is told"


def test_a_dry_run_tells_what_the_files_hold_and_what_will_be_rejected(load, world, tmp_path):
	lines = (
		"O1,Anna,GTXPro,,Won,20-10-16,01-03-17,4500",
		"O2,Anna,GTXPro,Acme,Engaging,20-10-16,,",
		"O3,Nobody,GTXPro,Acme,Engaging,20-10-16,,",
	)
	site, items = load(), frappe.db.count("Item")
	accounts = (
		"account,sector,year_established,revenue,employees,office_location,subsidiary_of\nAcme,,,,,,\nBluth,,,,,,Acme\n"
	)
	tables = open_tables(
		importing.write(tmp_path, accounts=accounts, sales_pipeline=importing.rows(*lines)), site.mapping
	)
	report = load_steps.Report()
	load_steps.check(report, tables, site)
	assert report.masters == {"products": 2, "agents": 2, "accounts": 2}
	assert (report.file.total_count, report.file.total_sum, report.unnamed) == (2, Decimal(4500), 1)
	assert report.rejects.count == 1 and "Nobody" in report.rejects.samples[0]
	assert report.equal and (report.loaded, report.made, frappe.db.count("Item")) == (0, {}, items)
	prospect = {
		"doctype": "Sales Prospect",
		"prospect_name": f"Unnamed {world.tag}",
		"company": world.company,
		"customer": world.customer,
	}
	frappe.get_doc({**prospect, "customer": None}).insert().db_set("customer", world.customer)
	with pytest.raises(InputError, match="has become Customer"):
		load_steps.check(load_steps.Report(), tables, site)


def test_days_of_the_file_are_judged_by_the_latest_day_on_earth(load, tmp_path):
	site = load()
	tables = open_tables(importing.write(tmp_path), site.mapping)
	reader = load_steps._reader(read_masters(tables, site.mapping, site, lambda *args: None), site)
	assert isinstance(reader, DealReader) and (reader.today, reader.stages) == (latest_today(), site.stages)


# ---- a table of masters


def test_records_that_are_there_are_left_as_they_are(load, world):
	anna = seller(f"Anna {world.tag}")
	frappe.db.set_value("Customer", world.customer, "tax_id", f"DE {world.tag}")
	site, told, rejected = load(), [], []
	line = Row(7, (), {}, {})
	masters = Masters()
	masters.agents[anna.casefold()] = (Agent(anna), line)
	masters.accounts["new name"] = (Account("New Name", tax_id=f"de{world.tag}"), line)

	def store(table, kind):
		return store_masters._store_table(
			masters,
			f"{table}.csv",
			table,
			kind,
			site,
			lambda *args: rejected.append(args),
			lambda *args: told.append(args),
		)

	assert (store("agents", "agent"), store("accounts", "account")) == (0, 0)
	assert told == [("Agents", 1, 1), ("Accounts", 1, 1)] and rejected == []
	assert site.account("New Name") == world.customer, "deals of the file's name go to the customer of its tax id"
