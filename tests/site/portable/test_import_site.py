# ruff: noqa: F811
"""What a load asks the site about the texts of a file, value by value, and what it leaves behind for others to do."""

from collections import defaultdict
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.chain import jobs
from crm_pipeline.importer import afterwards, more_facts, naming, own_exports, source_ids, store_masters
from crm_pipeline.importer.load_steps import Report
from crm_pipeline.importer.masters import Account, Masters
from crm_pipeline.importer.record_rows import ImportedRecord
from crm_pipeline.importer.store_deals import bulk_insert
from crm_pipeline.importer.store_records import RecordFacts, RecordStore
from crm_pipeline.importer.tables import Row
from tests.site import rows
from tests.site.conftest import USERS
from tests.site.portable.test_desk_import import IMPORT, LEAD, PROSPECT, company, imported, of, run  # noqa: F401
from tests.site.portable.test_importing import buyer, load, seller  # noqa: F401
from tests.site.uncommitted import within_the_test
from tests.site.world import refused

DEAL = "Sales Opportunity"
REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]


@pytest.fixture
def small(imported, monkeypatch):
	within_the_test(monkeypatch)
	return imported


def reasons(doc) -> list[str]:
	return [line["reasons"] for line in api.preview_import(doc.name)["lines"]]


# ---- people


def test_what_a_row_of_people_names_has_to_be_there(small, as_user, monkeypatch):
	text = (
		"Company,Owner,Campaign,Territory,Sales Person,Industry,Channel\n"
		"A TAG,nobody@x.example,,,,,\nB TAG,,No Fair,,,,\nC TAG,,,Mars,,,\nD TAG,,,,Nobody,,\n"
		"E TAG,,,TERRITORY,,Boats TAG,Fair TAG\n"
	)
	territory = frappe.db.get_value("Territory", {"is_group": 0}, "name")
	doc = small(text.replace("TERRITORY", territory), PROSPECT, by="Administrator")
	fields = {row.column_name: row.field for row in doc.columns}
	assert fields["Territory"] == "territory" and fields["Sales Person"] == "agent"
	assert reasons(doc) == [
		'Owner: "nobody@x.example" is unknown', 'Campaign: "No Fair" is unknown', 'Territory: "Mars" is unknown',
		'Sales Person: "Nobody" is unknown',
	]  # fmt: skip
	run(doc)
	[found] = of(small.tag, PROSPECT, "territory", "industry", "channel")
	assert (found.territory, found.industry, found.channel) == (territory, f"Boats {small.tag}", f"Fair {small.tag}")


def test_who_may_not_make_a_channel_does_not_bring_one(small, monkeypatch):
	asked = frappe.has_permission
	without = lambda doctype, ptype="read", *args, **kwargs: (  # noqa: E731
		False if (doctype, ptype) == ("Sales Channel", "create") else asked(doctype, ptype, *args, **kwargs)
	)
	there = rows.row("Sales Channel", docstatus=0, name=f"There {small.tag}", channel_name=f"There {small.tag}")
	doc = small(f"Company,Channel\nA TAG,{there}\nB TAG,New TAG\n", by="Administrator")
	monkeypatch.setattr(frappe, "has_permission", without)
	assert reasons(doc) == [f'Channel: "New {small.tag}" is unknown']


def test_a_lead_stands_on_the_prospect_whose_id_it_names(small):
	run(small("ID,Company\nP1,First TAG\n", PROSPECT, by="Administrator", source="Old"))
	doc = small("Company,P\nA TAG,P1\nB TAG,P2\n", by="Administrator", source="Old")
	next(row for row in doc.columns if row.column_name == "P").field = "prospect"
	doc.save()
	assert reasons(doc) == ['P: "P2" is unknown']
	run(doc)
	[lead] = of(small.tag, LEAD, "prospect")
	assert lead.prospect == of(small.tag, PROSPECT)[0].name


def test_a_seller_is_found_by_name_or_by_their_address_and_brings_the_owner(load, world):
	user = "rep@crm-test.example"
	frappe.db.set_value("Sales Person", {"crm_user": user}, "crm_user", None)
	anna = seller(f"Anna {world.tag}", crm_user=user)
	site = load()
	assert (site.agent(anna.upper()), site.agent(user), site.agent("none@x.example")) == (anna, anna, None)
	assert site.agent("nobody") is None


@pytest.mark.parametrize("document_type", [DEAL, LEAD, PROSPECT])
def test_who_imports_for_themself_only_names_no_seller_who_is_somebody_else(small, as_user, document_type):
	as_user("Administrator")
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (REP, OTHER))}, "crm_user", None)
	mine, theirs = (seller(f"{key} {small.tag}", crm_user=user) for key, user in (("Anna", REP), ("Otto", OTHER)))
	nobodys = seller(f"Nina {small.tag}")
	given = [
		("A", "", mine), ("B", "", theirs), ("C", REP, theirs), ("D", OTHER, mine), ("E", "", ""), ("F", "", nobodys),
	]  # fmt: skip
	if document_type == DEAL:
		text = "Name,Stage,Account,Owner,Sales Person\n" + "".join(
			f"{key} TAG,Proposal,{key} TAG,{user},{agent}\n" for key, user, agent in given
		)
	else:
		text = "Company,Owner,Sales Person\n" + "".join(f"{key} TAG,{user},{agent}\n" for key, user, agent in given)
	doc = small(text, document_type, by="rep")
	others = "Owner: is somebody else; to import for others takes the right to import"
	assert [(line["line"], line["reasons"]) for line in api.preview_import(doc.name)["lines"]] == [
		(3, others),
		(5, others),
	]
	run(doc)
	named = "title" if document_type == DEAL else "prospect_name"
	found = frappe.get_all(
		document_type,
		filters={named: ("like", f"% {small.tag}")},
		fields=[named, "sales_owner"],
		order_by=f"{named} asc",
	)
	assert [tuple(row.values()) for row in found] == [(f"{key} {small.tag}", REP) for key in "ACEF"]


def test_a_name_and_an_address_stand_for_one_user_each(load):
	more = load().more
	user = frappe.get_doc("User", "rep@crm-test.example")
	assert more.user("rep@crm-test.example") == user.name
	frappe.db.set_value("User", user.name, "full_name", "Only One Rep")
	assert more.user("Only One Rep") == user.name and more.user("Nobody At All") is None
	for name in (user.name, "manager@crm-test.example"):
		frappe.db.set_value("User", name, "full_name", "Two Of Them")
	assert more.user("Two Of Them") is None


# ---- deals


def test_a_campaign_of_a_deal_is_found_by_its_title_or_its_name_and_no_other_is_made_up(load, world):
	site = load()
	name = rows.row("Sales Campaign", name=f"CAMP {world.tag}", title=f"Fair {world.tag}", docstatus=0)
	for text, campaign, unknown in (
		(f"Fair {world.tag}", name, []),
		(name, name, []),
		("", "", []),
		(f"Other {world.tag}", "", ["campaign"]),
	):
		found = {"external_id": f"D {world.tag}", "title": "D", "prospect": "", "campaign": text}
		found = defaultdict(str, found)
		problems = [field for field, _why in site.check_more(found) if field == "campaign"]
		assert (found["campaign"], problems) == (campaign, unknown)


def test_a_currency_needs_a_rate_of_the_site_or_of_the_file(load, world, monkeypatch):
	more, asked = load().more, []
	other = next(name for name in ("EUR", "USD", "GBP") if name != world.currency)
	known = frappe._dict(rate=1.5)

	def rate(currency, of_company):
		asked.append((currency, of_company))
		if not known.rate:
			frappe.throw("no rate")
		return known.rate

	monkeypatch.setattr(more_facts.prices, "exchange_rate", rate)
	cleared = []
	monkeypatch.setitem(vars(frappe), "clear_last_message", lambda: cleared.append(1))
	assert more._currency(world.currency, False) == (world.currency, "")
	assert more._currency(other, False) == more._currency(other, False) == (other, "")
	assert asked == [(other, world.company)] and more.rates == {other: 1.5}, "asked once"
	again = load().more
	assert again._currency("Nonsense", True) == ("", '"Nonsense" is not a currency')
	known.rate, asked[:] = None, []
	assert again._currency(other, True) == (other, "") and asked == []
	for _time in range(2):
		assert again._currency(other, False) == ("", f"there is no exchange rate for {other}")
	assert asked == [(other, world.company)] and again._currency(other, True) == (other, "")
	assert cleared == [1], "what was thrown is no message to anybody"


def test_a_move_goes_without_a_price_list_of_another_currency(load, world):
	from dataclasses import replace

	from crm_pipeline.importer.mapping import InputError
	from crm_pipeline.importer.site import Site

	site = load()
	other = next(name for name in ("EUR", "USD", "GBP") if name != world.currency)
	frappe.db.set_value("Price List", world.price_list, "currency", other)
	mapping = replace(site.mapping, defaults={**site.mapping.defaults, "price_list": world.price_list})
	with pytest.raises(InputError, match=f"Price List {world.price_list} is in {other}, the file in {world.currency}"):
		Site(world.company, mapping)
	assert Site(world.company, replace(mapping, from_site=True)).price_list is None


# ---- masters


@pytest.mark.parametrize(("has_id", "twice"), [(False, False), (True, False), (True, True)])
def test_an_account_is_the_one_of_its_id_then_of_its_tax_id_then_of_its_name(load, world, has_id, twice):
	tag = world.tag
	by_id, by_tax, by_name = (buyer(f"{key} {tag}") for key in ("Id", "Tax", "Name"))
	frappe.db.set_value("Customer", by_tax, "tax_id", f"DE{tag}")
	site = load(source=f"Old {tag}")
	if has_id:
		source_ids.keep(f"Old {tag}", "Customer", "C1", by_id)
	masters = Masters()
	account = lambda key, name, tax="": Account(name, tax_id=tax, source_id=key if has_id else "")  # noqa: E731
	masters.by_name["accounts"] = {f"name {tag}": ["1", "2"]} if twice else {}
	found = lambda one: store_masters._found(one, "account", masters, site)  # noqa: E731
	assert found(account("C1", f"Name {tag}", f"DE{tag}")) == (by_id if has_id else by_tax)
	assert found(account("C2", f"Other {tag}", f"de {tag}")) == by_tax
	assert found(account("C2", "Nobody")) is None
	if not twice:
		assert found(account("C3", f"Name {tag}")) == by_name
		return
	with refused(match=f"{by_name} is called Name {tag} here, and several records of the file are"):
		found(account("C3", f"Name {tag}"))
	source_ids.keep(f"Old {tag}", "Customer", "C9", by_name)
	assert found(account("C3", f"Name {tag}")) is None, "another id of the file has it"


# ---- ids


def test_an_id_stands_for_the_record_that_was_noted_last(site, world):
	one, two = (buyer(f"{key} {world.tag}") for key in ("One", "Two"))
	source = f"Old {world.tag}"
	first, second = (rows.row(IMPORT, docstatus=0, name=f"{key} {world.tag}") for key in ("I1", "I2"))
	note = lambda name, of_import=None: source_ids.keep(source, "Customer", "C1", name, of_import)  # noqa: E731
	note(one, first)
	note(one, second)
	fields = ["document", "sales_import", "record_id", "document_type", "source"]
	told = lambda: tuple(frappe.db.get_value("Imported Record", {"source": source}, fields))  # noqa: E731
	assert told() == (one, first, "C1", "Customer", source)
	note(two, second)
	assert told() == (two, second, "C1", "Customer", source)
	assert source_ids.record_of(source.upper(), "Customer", "C1") == two
	assert source_ids.record_of(source, "Customer", "c1") is None and source_ids.record_of(source, "Item", "C1") is None
	assert source_ids.unclaimed(source, "Customer", [one, two]) == [one]
	frappe.db.delete("Customer", {"name": two})
	assert source_ids.record_of(source, "Customer", "C1") is None
	assert source_ids.all_of(source, "Customer") == source_ids.records_of(source, "Customer", ["C1"]) == {}


def test_many_ids_are_noted_at_once_in_place_of_those_whose_record_is_gone(site, world):
	source, names = f"Old {world.tag}", [buyer(f"{key} {world.tag}") for key in ("One", "Two")]
	source_ids.keep(source, "Customer", "C1", buyer(f"Gone {world.tag}"))
	frappe.db.delete("Customer", {"name": f"Gone {world.tag}"})
	source_ids.keep_many(source, "Customer", [], "IMP-0")
	keys = [(f"C{place}", name, place) for place, name in enumerate(names, 1)]
	source_ids.keep_many(source, "Customer", keys, "IMP-1", {"C2": "{}"})
	fields = ["record_id", "document", "line", "sales_import", "moved_values", "document_type", "owner"]
	found = frappe.get_all("Imported Record", filters={"source": source}, fields=fields, order_by="line asc")
	assert [tuple(row.values()) for row in found] == [
		("C1", names[0], 1, "IMP-1", None, "Customer", "Administrator"),
		("C2", names[1], 2, "IMP-1", "{}", "Customer", "Administrator"),
	]
	assert source_ids.records_of(source, "Customer", ["C1", "C2", "C3"]) == {"C1": names[0], "C2": names[1]}
	assert set(source_ids.all_of(source, "Customer").values()) == set(names)


def test_a_deal_of_this_site_is_known_by_its_name_and_its_title(site, world):
	name = "OPP-2001-00001"
	rows.bare_deal(world, "D")
	frappe.db.sql(f"update `tab{DEAL}` set name = '{name}', title = 'Pumps' where name = 'D {world.tag}'")
	here = lambda key, title="", company=world.company, moves=False: own_exports.is_own_deal(  # noqa: E731
		SimpleNamespace(company=company, mapping=SimpleNamespace(from_site=moves)), key, title
	)
	assert here(name) and here(name, "PUMPS") and not here(name, "Valves")
	assert not here(name, company="Another") and not here(name, moves=True)
	assert not here("OPP-2001-00002") and not here(f"D {world.tag}")


# ---- stored


def test_what_no_row_has_is_left_to_the_database(site):
	fields, inserted = {}, []

	def insert(doctype, names, values, chunk_size):
		inserted.append((doctype, names, values, chunk_size))

	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(frappe.db, "bulk_insert", insert)
		bulk_insert("Any", [])
		bulk_insert("Any", [{"a": 1, "b": None, "c": None}, {"a": 0, "b": None, "c": 2}])
	assert inserted == [("Any", ["a", "c"], [(1, None), (0, 2)], 2)] and fields == {}


def test_a_site_that_names_documents_its_own_way_gets_its_way(site, monkeypatch):
	named = naming.Naming(LEAD)
	named.by_series = False
	monkeypatch.setattr(naming, "set_new_name", lambda doc: setattr(doc, "name", f"{doc.doctype} {doc.title}"))
	wanted = [{"title": "A", "name": None}, {"title": "B", "name": None}]
	named.give_names("X-.####", wanted)
	assert [row["name"] for row in wanted] == [f"{LEAD} A", f"{LEAD} B"]


def test_a_memo_about_what_did_not_come_in_after_all_is_rejected(load, world):
	site, refused_rows = load(), []
	site.coming.add((LEAD, "L1"))
	here = rows.row(LEAD, docstatus=0, name=f"L {world.tag}", title="L", company=world.company)
	source_ids.keep(site.mapping.source, LEAD, "L2", here)
	memos = [
		ImportedRecord(
			f"M{number} {world.tag}",
			{"notes": "x", "subject": "", "owner": None},
			Row(number, (), {}, {"about": "Lead"}),
			(LEAD, f"L{number}"),
			{"created_on": None},
		)
		for number in (1, 2, 3)
	]
	facts = RecordFacts(site)
	assert facts.subjects_of(memos) == {memos[0].key: (LEAD, ""), memos[1].key: (LEAD, here)}
	store = RecordStore(site, facts, "memos", lambda row, why: refused_rows.append((row.line, why)))
	stored, already, store.refused = store._store(memos)
	store.tell_refused()
	assert (stored, already) == (1, 0)
	assert refused_rows == [(1, ['Lead: "L1" is unknown']), (3, ['Lead: "L3" is unknown'])]
	assert frappe.db.count("Sales Memo", {"reference_doctype": LEAD, "reference_name": here}) == 1
	assert store._store(memos[1:2])[:2] == (0, 1)


# ---- afterwards


@pytest.mark.parametrize(
	("made", "loaded", "followed", "rules", "wanted"),
	[
		({}, 0, (), True, []),
		({"leads": 2}, 0, (), True, ["Lead Scores", "Lead Assignment"]),
		({"leads": 2}, 0, (), False, ["Lead Scores"]),
		({"prospects": 1, "leads": 0}, 0, (), True, []),
		({}, 3, (), True, ["stalled"]),
		({}, 0, (LEAD,), False, ["Lead Scores"]),
	],
)
def test_what_a_save_would_have_done_is_queued(site, monkeypatch, made, loaded, followed, rules, wanted):
	queued, searched = [], []
	named = {afterwards.lead_scores.JOB: "Lead Scores", afterwards.assigning.JOB: "Lead Assignment"}
	monkeypatch.setattr(jobs, "queue", lambda job: queued.append(named[job]))
	monkeypatch.setattr(afterwards.stall_verdicts, "refresh_all", lambda: queued.append("stalled"))
	monkeypatch.setattr(afterwards.rule_records, "names", lambda: ["Any"] if rules else [])
	monkeypatch.setattr(afterwards, "search_again", searched.append)
	monkeypatch.setattr(frappe.db, "commit", lambda: queued.append("commit"))
	afterwards.follow(Report(made=made, loaded=loaded, followed=frozenset(followed)))
	assert queued == [*wanted, "commit"]
	kinds = {"leads": LEAD, "prospects": PROSPECT}
	assert sorted(searched) == sorted(
		{*(kinds[key] for key, count in made.items() if count), *followed, *([DEAL] if loaded else [])}
	)


@pytest.mark.parametrize("fields", [["title"], []])
def test_the_global_search_is_told_of_what_it_searches(site, monkeypatch, fields):
	queued = []
	monkeypatch.setattr(frappe, "get_meta", lambda doctype: SimpleNamespace(get_global_search_fields=lambda: fields))
	monkeypatch.setattr(frappe, "enqueue", lambda method, **how: queued.append((method, how)))
	afterwards.search_again(LEAD)
	how = {"queue": "long", "timeout": 3600, "enqueue_after_commit": True, "doctype": LEAD}
	assert queued == [("frappe.utils.global_search.rebuild_for_doctype", how)] * len(fields)
