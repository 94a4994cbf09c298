"""Loading a small export: whatever goes wrong leaves nothing half done."""

import csv
import json

import frappe
import pytest

from crm_pipeline.importer.load import load
from crm_pipeline.importer.mapping import InputError
from tests.site import rows
from tests.site.bench.loading import OPPORTUNITY, company, small_export
from tests.site.hosts import HOST
from tests.site.plain_records import MASTERS
from tests.site.uncommitted import within_the_test
from tests.site.world import customer


@pytest.fixture
def export(world, tmp_path, monkeypatch):
	"""export(deals, **changes of the mapping) writes a small export and answers a function that loads it."""
	frappe.set_user("Administrator")
	HOST.plain_records(monkeypatch, *MASTERS)
	within_the_test(monkeypatch)
	if not frappe.db.exists("Country", "Kenya"):
		rows.row("Country", docstatus=0, name="Kenya", code="ke")
	tag = f"T{frappe.generate_hash(length=6)}".upper()

	def make(deals=30, **changes):
		lines = [d.replace("TAG", tag) for d in deals] if isinstance(deals, list) else deals
		folder, path, _mapping = small_export(tmp_path, tag, lines, **changes)

		def run(**options):
			return load(folder, options.pop("company", company()), path, rejects=tmp_path / "rejects", **options)

		run.folder, run.mapping, run.tag = folder, path, tag
		return run

	return make


def count_of(tag: str) -> int:
	return frappe.db.count(OPPORTUNITY, {"external_id": ("like", f"{tag}%")})


def expect_nothing_of(tag: str) -> None:
	assert count_of(tag) == 0
	for doctype in ("Customer", "Item", "Sales Person", "Item Group"):
		assert frappe.get_all(doctype, filters={"name": ("like", f"%{tag}%")}, order_by="name asc") == []


def test_an_interrupted_load_goes_on_where_it_stopped(export):
	run = export(30)

	def interrupt(text, done, total):
		if text == "Opportunities" and done >= 20:
			raise KeyboardInterrupt

	with pytest.raises(KeyboardInterrupt):
		run(chunk=10, progress=interrupt)
	assert count_of(run.tag) == 20
	report = run(chunk=10)
	assert (report.loaded, report.already, report.equal) == (10, 20, True)
	assert count_of(run.tag) == 30
	names = frappe.get_all(
		OPPORTUNITY, filters={"external_id": ("like", f"{run.tag}%")}, pluck="name", order_by="name asc"
	)
	events = frappe.get_all(
		"Pipeline Event", filters={"reference_name": ("in", names), "kind": "Created"}, order_by="name asc"
	)
	assert len(events) == 30


def test_a_chunk_that_fails_leaves_nothing_of_itself(export, monkeypatch):
	run = export(20)
	from crm_pipeline.importer import store_deals

	insert = store_deals.bulk_insert

	def fail(doctype, rows):
		if doctype == "Pipeline Event" and any(row["note"] and count_of(run.tag) > 10 for row in rows):
			raise RuntimeError("disk full")
		insert(doctype, rows)

	with monkeypatch.context() as disk, pytest.raises(RuntimeError):
		disk.setattr(store_deals, "bulk_insert", fail)
		run(chunk=10)
	assert count_of(run.tag) == 10
	assert run(chunk=10).equal
	numbers = sorted(
		int(name.rpartition("-")[2])
		for name in frappe.get_all(
			OPPORTUNITY, filters={"external_id": ("like", f"{run.tag}%")}, pluck="name", order_by="name asc"
		)
	)
	assert numbers == list(range(numbers[0], numbers[0] + 20)), "no number is lost by a rollback"


def test_rejected_rows_are_in_a_file_and_the_others_are_loaded(export):
	run = export(
		[
			"TAG-1,Anna TAG,GTXTAG,Acme TAG,Won,20-10-16,01-03-17,10",
			"TAG-2,Anna TAG,Unheard Of,Acme TAG,Won,20-10-16,01-03-17,10",
			"TAG-3,Anna TAG,GTXTAG,Acme TAG,Won,20-10-16,01-03-16,10",
			"TAG-1,Anna TAG,GTXTAG,Acme TAG,Won,20-10-16,01-03-17,10",
		]
	)
	report = run()
	assert (report.loaded, report.rejects.count, report.equal) == (1, 3, True)
	with open(run.folder / "rejects" / "sales_pipeline.rejected.csv", encoding="utf-8-sig", newline="") as file:
		rejected = list(csv.DictReader(file))
	assert [(r["opportunity_id"], r["rejected_line"]) for r in rejected] == [
		(f"{run.tag}-2", "3"), (f"{run.tag}-3", "4"), (f"{run.tag}-1", "5"),
	]  # fmt: skip
	assert [r["rejected_reason"].split(":")[0] for r in rejected] == [
		"Product",
		"Close Date",
		"opportunity_id",
	]


def test_a_corrected_file_adds_what_was_rejected(export):
	assert export(["TAG-1,Anna TAG,Oops,Acme TAG,Engaging,,,", "TAG-2,Anna TAG,,Acme TAG,Engaging,,,"])().loaded == 1
	report = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Engaging,,,", "TAG-2,Anna TAG,,Acme TAG,Engaging,,,"])()
	assert (report.loaded, report.already, report.rejects.count) == (1, 1, 0)


def test_a_dry_run_writes_nothing(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Won,20-10-16,01-03-17,10", "TAG-2,Nobody,GTXTAG,,Engaging,,,"])
	report = run(dry_run=True)
	assert (report.file.total_count, report.rejects.count, report.masters) == (
		1, 1, {"products": 2, "agents": 1, "accounts": 2},
	)  # fmt: skip
	expect_nothing_of(run.tag)
	assert not (run.folder / "rejects").exists()


STAGES = {"Won": "won", "Lost": "lost", "Engaging": "needs_analysis", "Prospecting": "qualification"}


@pytest.mark.parametrize(
	("changes", "message"),
	[
		({"stages": {**STAGES, "Won": "champagne"}}, 'stage "champagne" of the mapping is missing in Sales Pipeline'),
		({"pipeline": "No Such"}, "Sales Pipeline No Such of the mapping does not exist"),
		({"pipeline": "Standard Projects"}, "is for Sales Project"),
		({"defaults": {"unnamed_account": "x", "lost_reason": "x", "price_list": "No Such"}}, "Price List No Such does not exist"),
		({"defaults": {"unnamed_account": "x", "lost_reason": "x", "customer_group": "No Such"}}, "Customer Group No Such does not exist"),
		({"encoding": "utf-16"}, "is not utf-16"),
		({"delimiter": ";"}, "is missing; found are"),
	],
)  # fmt: skip
def test_what_is_wrong_as_a_whole_stops_the_load_before_anything_is_written(export, changes, message):
	run = export(4, **changes)
	with pytest.raises((InputError, frappe.ValidationError), match=message) as error:
		run()
	assert "\n" not in str(error.value)
	expect_nothing_of(run.tag)


def test_a_company_that_is_not_there(export):
	run = export(4)
	with pytest.raises(InputError, match="Company Nowhere Ltd does not exist"):
		run(company="Nowhere Ltd")
	expect_nothing_of(run.tag)


def test_an_unreadable_end_of_the_file_stops_the_load_before_anything_is_written(export):
	run = export(4)
	with open(run.folder / "sales_pipeline.csv", "ab") as file:
		file.write(b"x,\xff\xfe,,,,,,\n")
	with pytest.raises(InputError, match="name its encoding"):
		run()
	expect_nothing_of(run.tag)


def test_ids_are_compared_exactly_by_the_database_too(export):
	keys = ("abc", "ab\u200bc", "aBc", "\u00e4bc")
	run = export([f"TAG-{key},Anna TAG,GTXTAG,,Engaging,,," for key in keys])
	assert run().loaded == 4
	assert (again := run()).already == 4 and again.loaded == 0


def test_only_a_system_manager_loads(export, as_user):
	run = export(4)
	as_user("manager")
	with pytest.raises(frappe.PermissionError):
		run()
	as_user("Administrator")
	expect_nothing_of(run.tag)


def test_a_disabled_customer_gets_no_open_deal_but_keeps_its_history(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Lost,20-10-16,01-03-17,0"])
	assert run().loaded == 1
	frappe.db.set_value("Customer", f"Acme {run.tag}", "disabled", 1)
	frappe.db.commit()
	again = export(
		[
			"TAG-2,Anna TAG,GTXTAG,Acme TAG,Lost,20-10-16,01-03-17,0",
			"TAG-3,Anna TAG,GTXTAG,Acme TAG,Engaging,,,",
		]
	)()
	assert (again.loaded, again.rejects.count) == (1, 1)
	assert f'Customer: "Acme {run.tag}" is disabled' in again.rejects.samples[0]


def test_an_agent_with_an_email_owns_the_deals(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Engaging,,,"])
	mapping = json.loads(run.mapping.read_text())
	mapping["files"]["agents"]["columns"]["mail"] = "email"
	run.mapping.write_text(json.dumps(mapping))
	(run.folder / "sales_teams.csv").write_text(
		f"sales_agent,manager,regional_office,mail\nAnna {run.tag},Dustin {run.tag},Central {run.tag},rep@crm-test.example\n"
	)
	run()
	assert frappe.db.get_value("Sales Person", f"Anna {run.tag}", "crm_user") == "rep@crm-test.example"
	assert frappe.db.get_value(OPPORTUNITY, {"external_id": f"{run.tag}-1"}, "sales_owner") == "rep@crm-test.example"


def accounts_with_tax_ids(run, *lines: str) -> None:
	"""Another accounts.csv, with a column for tax ids."""
	mapping = json.loads(run.mapping.read_text())
	mapping["files"]["accounts"]["columns"]["vat"] = "tax_id"
	run.mapping.write_text(json.dumps(mapping))
	head = "account,sector,year_established,revenue,employees,office_location,subsidiary_of,vat"
	rows = [f"{line.partition('|')[0]},technolgy,1996,11,28,Kenya,,{line.partition('|')[2]}" for line in lines]
	text = "\n".join([head, *rows]).replace("TAG", run.tag)
	(run.folder / "accounts.csv").write_text(text + "\n")


def test_an_account_whose_tax_id_a_customer_has_is_that_customer(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Engaging,,,"])
	tax_id = f"DE {run.tag} 77"
	there = customer(f"Acme Holding {run.tag}", tax_id=tax_id)
	accounts_with_tax_ids(run, f"Acme TAG|de-{run.tag}-77", "Bluth TAG|", f"Acme Two TAG|DE{run.tag}77")
	report = run()
	assert report.made["accounts"] == 1
	names = frappe.get_all("Customer", filters={"name": ("like", f"%{run.tag}")}, pluck="name", order_by="name asc")
	assert names == [there, f"Bluth {run.tag}"]
	assert frappe.db.get_value(OPPORTUNITY, {"external_id": f"{run.tag}-1"}, "customer") == there


def test_a_customer_of_that_name_with_another_tax_id_is_not_taken_for_it(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,,Engaging,,,"])
	customer(f"Acme {run.tag}", tax_id="DE 1")
	accounts_with_tax_ids(run, "Acme TAG|DE 2")
	report = run()
	assert report.made["accounts"] == 0 and report.rejects.count == 1
	assert frappe.db.count("Customer", {"name": ("like", f"%{run.tag}%")}) == 1
