# ruff: noqa: F811
"""An import in its parts: what a check counts and says in which language, what a load is told, what a contact and a value become."""

import json
from collections import Counter
from datetime import datetime
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.importer import import_check, source_ids, store_parties, store_records
from crm_pipeline.importer import load as loading
from crm_pipeline.importer.mapping import InputError, Mapping
from crm_pipeline.importer.more_facts import MoreFacts
from crm_pipeline.importer.moving_in import move_run
from crm_pipeline.importer.store_records import RecordFacts
from tests.site.hosts import HOST
from tests.site.portable.test_desk_import import imported  # noqa: F401
from tests.site.rows import row
from tests.site.uncommitted import within_the_test

DEAL, LEAD, CUSTOMER, CONTACT, PROSPECT = "Sales Opportunity", "Sales Lead", "Customer", "Contact", "Sales Prospect"
REP, MANAGER = "rep@crm-test.example", "manager@crm-test.example"


# ---- a check


def test_a_check_counts_what_can_be_used_of_every_kind_and_each_unknown_value_once(site, monkeypatch):
	kind = next(iter(import_check.TABLES))
	own = next(iter(import_check.OWN_VALUES))

	def check(report, tables, site):
		report.file = SimpleNamespace(total_count=2)
		report.parties, report.masters, report.already = {"leads": 3, "contacts": 5}, {"accounts": 7}, 11
		report.rejects.unknown = Counter({("Stage", "Odd"): 2, ("Owner", "Ann"): 4, ("Own", "x"): 9, ("Gone", "y"): 8})

	monkeypatch.setattr(import_check, "check", check)
	monkeypatch.setattr(import_check, "Told", lambda: SimpleNamespace(unknown={}, count=6, lines=["line"]))
	table = SimpleNamespace(
		columns={"stage": "Stage", "owner": "Owner", "title": "Name", own: "Own"},
		count=40,
		unmapped=["More"],
		is_cut=True,
		total=90,
	)
	here = SimpleNamespace(named_prospects=SimpleNamespace(new=["a", "b"]))
	found = import_check._checked(SimpleNamespace(document_type=kind), {import_check.TABLES[kind]: table}, here)
	unknown = [{"field": "owner", "value": "Ann", "rows": 4}, {"field": "stage", "value": "Odd", "rows": 2}]
	assert found.pop("unknown") == unknown, "the most frequent first, without those that a column of the site's own has"
	assert found == {
		"rows": 40, "usable": 2 + 3 + 5 + 7, "already": 11, "rejected": 6, "lines": ["line"], "unmapped": ["More"],
		"prospects": 2, "whole": False, "checked": 40, "total": 90,
	}  # fmt: skip


@pytest.mark.parametrize(
	"error, noted, is_logged",
	[
		(None, None, False), (import_check._Superseded, None, False), (InputError("no file"), "no file", False),
		(frappe.ValidationError("not so"), "not so", False), (frappe.PermissionError("not you"), "not you", False),
		(ZeroDivisionError("secret"), "It failed. The Error Log has the details.", True),
	],
)  # fmt: skip
def test_a_check_that_fails_says_why_and_one_that_was_overtaken_says_nothing(
	imported, monkeypatch, error, noted, is_logged
):
	within_the_test(monkeypatch)
	doc, said, logged = imported("Company\nFirm TAG\n"), [], []

	def checks(found, run):
		assert (found.name, run) == (doc.name, "r")
		if error:
			raise error

	def note(name, run, values):
		said.append((name, run, values["state"], str(values["message"])))

	monkeypatch.setattr(import_check, "_check_whole", checks)
	monkeypatch.setattr(import_check, "_note", note)
	monkeypatch.setattr(frappe, "log_error", lambda **what: logged.append(what["title"]))
	frappe.db.commit()
	import_check.check_whole(doc.name, "r")
	assert said == ([(doc.name, "r", "Failed", noted)] if noted else [])
	assert logged == ([f"Sales Import {doc.name}"] if is_logged else [])


@pytest.mark.parametrize(
	"state, minutes, key, is_told",
	[
		("Queued", 0, "k", True), ("Running", 0, "k", True), ("Done", 0, "k", True), ("Failed", 0, "k", True),
		("Queued", 1, "k", False), ("Running", 1, "k", False), ("Done", 1, "k", True), ("Failed", 1, "k", True), ("Done", 0, "other", False),
	],
)  # fmt: skip
def test_a_check_counts_as_gone_when_nothing_was_heard_of_it_for_too_long(imported, state, minutes, key, is_told):
	"""One minute less and one minute more than a worker may be silent."""
	doc = imported("Company\nFirm TAG\n")
	silent = import_check.KILLED - 1 + 2 * minutes
	key = import_check.import_form.key_of(doc) if key == "k" else key
	kept = {"state": state, "key": key, "at": str(add_to_date(now_datetime(), minutes=-silent))}
	doc.db_set("check_report", json.dumps(kept), update_modified=False)
	assert import_check.state_of(doc.name) == (kept if is_told else {})


def test_a_rehearsal_counts_records_table_by_table_without_their_history(site, monkeypatch):
	monkeypatch.setattr(move_run, "_said", lambda doc, tables, site: {"currency": "EUR"})
	tables = {
		"leads": SimpleNamespace(file="Lead", records=5), "opportunities": SimpleNamespace(file="Opportunity", records=9),
		"history": SimpleNamespace(file="Version", records=99), "memos": SimpleNamespace(file="Note", records=1),
	}  # fmt: skip
	rejects = SimpleNamespace(records={"Lead": {"a", "b"}, "Opportunity": {"c"}}, lines=["line"])
	report = SimpleNamespace(
		parties={"leads": 3}, file=SimpleNamespace(total_count=8, total_sum=1234.5), rejects=rejects, already=4
	)
	found = move_run.rehearsal_of(None, tables, None, report)
	assert found.pop("tables") == [
		{"title": "Lead", "records": 5, "usable": 3, "rejected": 2}, {"title": "Opportunity", "records": 9, "usable": 8, "rejected": 1},
		{"title": "Note", "records": 1, "usable": 0, "rejected": 0},
	]  # fmt: skip
	assert found == {"lines": ["line"], "rejected": 3, "already": 4, "amount": 1234.5, "currency": "EUR"}


# ---- a load


@pytest.fixture
def loaded(monkeypatch, tmp_path, as_user):
	"""loaded(of the mapping, **arguments of load) is what the site is opened with, and the report."""
	as_user("Administrator")

	def load(of_mapping: str, **how):
		told = {}
		monkeypatch.setattr(loading, "read_mapping", lambda path: Mapping({}, source=of_mapping))
		monkeypatch.setattr(loading, "open_tables", lambda folder, mapping: {})
		monkeypatch.setattr(loading, "Site", lambda company, mapping: told.update(company=company, mapping=mapping))
		monkeypatch.setattr(loading, "check", lambda report, tables, site: told.update(checked=True))
		monkeypatch.setattr(
			loading,
			"store",
			lambda report, tables, site, deals, chunk, progress: told.update(chunk=chunk, folder=report.rejects.folder),
		)
		told["report"] = loading.load(tmp_path, "Works", tmp_path / "m.json", **how)
		return told

	return load


@pytest.mark.parametrize(
	"of_mapping, given, used", [("Old", "", "Old"), ("Old", "New", "New"), ("", "New", "New"), ("", "", "")]
)
def test_the_system_that_somebody_names_goes_before_that_of_the_mapping(loaded, of_mapping, given, used):
	told = loaded(of_mapping, source=given, dry_run=True)
	assert (told["company"], told["mapping"].source, told["checked"]) == ("Works", used, True)
	assert told["mapping"].zone == loading.get_system_timezone() and "chunk" not in told, "a dry run stores nothing"


@pytest.mark.parametrize("chunk, used", [(0, 1), (-5, 1), (7, 7)])
@pytest.mark.parametrize("apart", [True, False])
def test_rejected_rows_go_where_somebody_said_else_into_the_folder(loaded, tmp_path, apart, chunk, used):
	place = tmp_path / "apart"
	place.mkdir()
	told = loaded("", rejects=place if apart else None, chunk=chunk)
	assert (told["folder"], told["chunk"]) == (place if apart else tmp_path, used)


# ---- values


@pytest.mark.parametrize(
	"kind, text, value",
	[
		("Currency", "1,234.56", 1234.56), ("Percent", "12.5", 12.5), ("Float", "0.25", 0.25), ("Int", "12.0", 12),
		("Check", "yes", 1), ("Check", "no", 0), ("Check", "maybe", 0), ("Text", "1,2", "1,2"),
	],
)  # fmt: skip
def test_a_value_of_a_site_s_own_field_is_stored_as_its_kind_is(site, kind, text, value):
	found = MoreFacts._own_value(frappe._dict(fieldtype=kind), text)
	assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("kind, text", [("Percent", "half"), ("Currency", "1.2.3"), ("Int", "")])
def test_a_value_that_is_none_of_its_kind_is_refused(site, kind, text):
	with pytest.raises((ValueError, frappe.ValidationError)):
		MoreFacts._own_value(frappe._dict(fieldtype=kind), text)


# ---- what a record is about


@pytest.mark.parametrize(
	"about, coming, found",
	[
		((LEAD, "Caf\u00e9"), {(LEAD, "Caf\u00e9")}, (LEAD, "")), ((LEAD, "Cafe\u0301"), {(LEAD, "Caf\u00e9")}, (LEAD, "")),
		((LEAD, "L1"), (), (LEAD, "lead L1")), ((LEAD, "P1"), (), None), ((CUSTOMER, "C1"), (), (CUSTOMER, "customer C1")),
		((DEAL, "D1"), (), (DEAL, "deal D1")), (("", "L1"), (), (LEAD, "lead L1")), (("", "D1"), (), (DEAL, "deal D1")),
		(("", "Gone"), {(PROSPECT, "Gone")}, (PROSPECT, "")), ((DEAL, "Gone"), {(LEAD, "Gone")}, None),
	],
)  # fmt: skip
def test_what_a_note_is_about_is_here_or_comes_with_it(site, about, coming, found):
	deals = {source_ids.key_of("Old", "Works", "D1"): "deal D1"}
	here = SimpleNamespace(
		mapping=SimpleNamespace(source="Old"), company="Works", coming=set(coming), deals_of=lambda keys: deals,
		account=lambda text: {"C1": "customer C1"}.get(text), record=lambda kind, text: {(LEAD, "L1"): "lead L1"}.get((kind, text)),
	)  # fmt: skip
	told = RecordFacts(here).subjects_of([SimpleNamespace(key="k", about=about)])
	assert told == ({"k": found} if found else {})


@pytest.mark.parametrize("owner, used", [(REP, REP), (None, MANAGER), ("", MANAGER)])
def test_a_record_is_whose_it_was_and_as_old_as_it_was(site, owner, used):
	made, now = datetime(2020, 1, 2), datetime(2026, 3, 4)
	store = next(one for one in vars(store_records).values() if hasattr(one, "_standard") and hasattr(one, "_store"))
	found = store._standard(SimpleNamespace(user=MANAGER), owner, made, now)
	assert (found["owner"], found["modified_by"], found["creation"], found["modified"]) == (used, MANAGER, made, now)


# ---- contacts


def party(key: str, name: str, line: int = 2, **values):
	return SimpleNamespace(key=key, name=name, values=values, row=SimpleNamespace(line=line))


@pytest.fixture
def contacts(world, as_user, monkeypatch):
	"""contacts(party, ...) is {key: the Contact that it became}, how many were stored and which were refused."""
	HOST.plain_records(monkeypatch, CONTACT)
	as_user("Administrator")
	kept = {}
	monkeypatch.setattr(store_parties.source_ids, "keep_many", lambda source, doctype, ids, sales_import: kept.update({key: (name, line, source, doctype, sales_import) for key, name, line in ids}))  # fmt: skip
	mapping = SimpleNamespace(source="Old")
	mill = row("Sales Prospect", name=f"Mill {world.tag}", prospect_name="Mill", status="Unverified", docstatus=0)
	named = SimpleNamespace(name_of=lambda text: {"Mill": mill}.get(text))
	store = SimpleNamespace(site=SimpleNamespace(named_prospects=named, mapping=mapping), sales_import="I-1")
	of = next(one for one in vars(store_parties).values() if hasattr(one, "_insert_contacts"))

	def insert(*parties):
		refused = []
		stored = of._insert_contacts(store, list(parties), refused)
		return {key: frappe.get_doc(CONTACT, told[0]) for key, told in kept.items()}, stored, refused

	insert.kept = kept
	return insert


@pytest.mark.parametrize(
	"name, values, first_last",
	[
		("Ines Marlow", {}, ("Ines", "Marlow")), ("Other", {"first_name": "Ines", "last_name": "Marlow"}, ("Ines", "Marlow")),
		("Other", {"last_name": "Marlow"}, ("Marlow", "")), ("Other", {"first_name": "Ines"}, ("Ines", "")),
		("Other", {"first_name": "Ines", "last_name": "Ines"}, ("Ines", "")),
	],
)  # fmt: skip
def test_a_contact_has_the_names_of_its_columns_else_those_in_its_name(contacts, name, values, first_last):
	[doc] = contacts(party("a", name, **values))[0].values()
	assert (doc.first_name, doc.last_name or "") == first_last


def test_a_contact_has_each_address_and_number_once_marked_as_what_it_is(contacts, world):
	found, stored, refused = contacts(
		party("a", "Ines Marlow", 4, email="i@x.example", more_emails="j@x.example, k@x.example", phone="1", mobile="2", more_phones="3, 4", account=world.customer, company_name="Mill", designation="Buyer"),
		party("b", "Tom Blake", 5, more_emails="lost@x.example", mobile="5", company_name="Mill"), party("c", "Ana Reis", company_name="Nowhere"),
	)  # fmt: skip
	ines, tom, ana = (found[key] for key in "abc")
	assert [(one.email_id, one.is_primary or 0) for one in ines.email_ids] == [
		("i@x.example", 1),
		("j@x.example", 0),
		("k@x.example", 0),
	]

	def numbers(doc):
		return [(one.phone, one.is_primary_phone or 0, one.is_primary_mobile_no or 0) for one in doc.phone_nos]

	assert numbers(ines) == [("1", 1, 0), ("2", 0, 1), ("3", 0, 0), ("4", 0, 0)] and numbers(tom) == [("5", 0, 1)]
	links = lambda doc: [(one.link_doctype, one.link_name) for one in doc.links]  # noqa: E731
	assert (
		links(ines) == [(CUSTOMER, world.customer)]
		and links(tom) == [(PROSPECT, f"Mill {world.tag}")]
		and links(ana) == []
	)
	assert (ines.designation, stored, refused) == ("Buyer", 3, [])
	assert contacts.kept["a"] == (ines.name, 4, "Old", CONTACT, "I-1"), "so that an undo finds it"


@pytest.mark.parametrize("may_see", [True, False])
def test_why_a_record_can_not_be_filled_is_told_to_who_may_see_it(site, monkeypatch, may_see):
	of = next(one for one in vars(store_parties).values() if hasattr(one, "_complete"))

	def fill(party, name):
		frappe.msgprint("secret")
		raise frappe.ValidationError("<b>Tax ID</b> is taken")

	asked = []
	monkeypatch.setattr(
		frappe, "has_permission", lambda doctype, right, doc=None: asked.append((doctype, right, doc)) or may_see
	)
	store = SimpleNamespace(doctype=LEAD, _fill=fill, _question=lambda name: f"one like {name}?")
	frappe.clear_messages()
	assert of._complete(store, None, "L-1") == ("Tax ID is taken" if may_see else "one like L-1?")
	assert asked == [(LEAD, "read", "L-1")] and not frappe.local.message_log
	store._fill = lambda party, name: None
	assert of._complete(store, None, "L-1") is None
	store.doctype, store._fill = CONTACT, fill
	assert of._complete(store, None, "C-1") is None, "contacts stay as they are"
