"""Loading an export: the sample export adds up, and whatever goes wrong leaves nothing half done.

The loader commits, so every fixture here removes what was loaded.
"""

import csv
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import frappe
import pytest
from frappe.utils.synchronization import filelock

from crm_pipeline import api
from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import passages
from crm_pipeline.importer.load import load
from crm_pipeline.importer.mapping import InputError
from tests.site.bench.jobs import let_jobs_end
from tests.site.bench.loading import DATA, HEAD, OPPORTUNITY, SHIPPED, Traces, company, small_export

sample = pytest.mark.skipif(not DATA.is_dir(), reason="the sample export is not beside the checkout (../shared/data)")


# ---- the sample export, loaded once for this file


@pytest.fixture(scope="module")
def loaded(site, tmp_path_factory):
	"""The report of loading the sample export."""
	frappe.set_user("Administrator")
	traces = Traces(DATA, json.loads(Path(SHIPPED).read_text(encoding="utf-8")))
	if traces.loaded():
		pytest.skip("the sample export is on this site already")
	try:
		yield load(DATA, company(), SHIPPED, rejects=tmp_path_factory.mktemp("rejects"))
	finally:
		frappe.set_user("Administrator")
		# The load has the deals judged in the background, chunk by chunk.
		let_jobs_end(seconds=300, quiet=2)
		traces.remove()


def spreadsheet() -> list[dict]:
	"""The rows of the file, with nothing of the loader in between."""
	with open(DATA / "sales_pipeline.csv", encoding="utf-8", newline="") as file:
		return list(csv.DictReader(file))


STAGE_OF = {
	"Prospecting": "Standard Sales-qualification",
	"Engaging": "Standard Sales-needs_analysis",
	"Won": "Standard Sales-won",
	"Lost": "Standard Sales-lost",
}


@pytest.fixture(scope="module")
def stored(loaded) -> list[dict]:
	"""The loaded opportunities with the product of their row, straight from the tables."""
	ids = {row["opportunity_id"] for row in spreadsheet()}
	rows = frappe.db.sql(
		"""select d.*, i.item_code, i.qty, i.rate, i.amount as row_amount
		from `tabSales Opportunity` d left join `tabSales Deal Item` i on i.parent = d.name
		where d.external_id is not null order by d.name""",
		as_dict=True,
	)
	return [row for row in rows if row.external_id in ids]


@sample
def test_counts_and_sums_equal_those_of_the_file(loaded, stored):
	assert (loaded.loaded, loaded.already, loaded.rejects.count) == (8800, 0, 0)
	assert loaded.equal and len(loaded.comparisons) == 4 + 7 + 30
	site = stored
	won = [row for row in site if row.status == "Won"]
	assert (len(won), sum(row.amount for row in won)) == (4238, 10_005_534)
	for field, of_file in (
		("stage", lambda row: STAGE_OF[row["deal_stage"]]),
		("item_code", lambda row: {"GTXPro": "GTX Pro"}.get(row["product"], row["product"])),
		("sales_person", lambda row: row["sales_agent"]),
	):
		counts, sums = Counter(), defaultdict(float)
		for row in spreadsheet():
			counts[of_file(row)] += 1
			sums[of_file(row)] += float(row["close_value"] or 0)
		assert Counter(row[field] for row in site) == counts
		found = defaultdict(float)
		for row in site:
			found[row[field]] += row.amount
		assert found == sums


@sample
def test_the_funnel_of_the_file_is_what_a_spreadsheet_says(loaded):
	"""Won 4,238, lost 2,473, open 2,089: 63.15 % won; whoever entered the first stage is where the file says."""
	rows = spreadsheet()
	found = api.get_funnel({"company": company(), "from_date": "2016-01-01", "to_date": "2018-12-31"})
	by_stage = Counter(row["deal_stage"] for row in rows)
	outcome = found["outcome"]
	assert (outcome["won"], outcome["lost"]) == (by_stage["Won"], by_stage["Lost"]) == (4238, 2473)
	assert outcome["open"] == by_stage["Prospecting"] + by_stage["Engaging"] == 2089
	assert outcome["win_rate"] == 4238 / (4238 + 2473)
	assert outcome["won_amount"] == sum(float(r["close_value"] or 0) for r in rows if r["deal_stage"] == "Won")
	engaging = next(row for row in found["stages"] if row["stage"] == STAGE_OF["Engaging"])
	closed = by_stage["Won"] + by_stage["Lost"]
	assert engaging["entered"] == closed + by_stage["Engaging"]
	assert (engaging["advanced"], engaging["lost"]) == (by_stage["Won"], by_stage["Lost"])
	assert (engaging["moved_back"], engaging["here"]) == (0, by_stage["Engaging"])


@sample
def test_every_opportunity_is_as_its_row_says(loaded, stored):
	rows = {row["opportunity_id"]: row for row in spreadsheet()}
	for deal in stored:
		row = rows[deal.external_id]
		assert deal.amount == deal.base_amount == deal.row_amount == deal.rate == float(row["close_value"] or 0)
		assert deal.qty == 1
		assert (deal.party_name, deal.customer) == (
			(row["account"], row["account"]) if row["account"] else ("Unnamed Account", None)
		)
		assert deal.closed_on == (
			frappe.utils.datetime.datetime.strptime(row["close_date"], "%d-%m-%y").date() if row["close_date"] else None
		)
		opened = row["engage_date"] or "31-12-17"
		assert deal.opened_on.strftime("%d-%m-%y") == opened
		assert bool(deal.lost_reason) == (row["deal_stage"] == "Lost")


@sample
def test_nothing_without_an_account_is_lost(loaded, stored):
	unnamed = [deal for deal in stored if deal.prospect]
	assert len(unnamed) == loaded.unnamed == 1425
	assert len({deal.prospect for deal in unnamed}) == 1
	assert frappe.db.get_value("Sales Prospect", unnamed[0].prospect, "status") == "Unverified"


@sample
def test_masters_are_native_records(loaded):
	assert not frappe.db.exists("Item", "GTXPro")
	price = {
		"item_code": "GTK 500",
		"price_list": frappe.db.get_single_value("Selling Settings", "selling_price_list"),
	}
	assert frappe.db.get_value("Item Price", price, "price_list_rate") == 26768
	customer = frappe.get_doc("Customer", "Faxquote")
	assert customer.crm_parent_customer == "Sonron"
	assert (customer.industry, customer.territory) == ("Telecommunications", "United States")
	assert frappe.db.get_value("Customer", "Bioholding", "territory") == "Philippines"
	assert frappe.db.count("Customer", {"crm_parent_customer": ("is", "set"), "name": ("in", accounts())}) == 15
	agent = frappe.get_doc("Sales Person", "Moses Frase")
	assert agent.get_ancestors() == [
		"Dustin Brinkmann",
		"Central",
		frappe.utils.nestedset.get_root_of("Sales Person"),
	]
	assert frappe.db.exists("Sales Person", "Mei-Mei Johns"), "agents without a deal come along"


def accounts() -> list[str]:
	with open(DATA / "accounts.csv", encoding="utf-8", newline="") as file:
		return [row["account"] for row in csv.DictReader(file)]


@sample
def test_passages_are_loaded_along_with_the_ledger(loaded, stored):
	names = [deal.name for deal in stored[:200]]
	there = {key: passages._values(row) for key, row in passages.rows_of(OPPORTUNITY, names).items()}
	assert there == passages.expected(OPPORTUNITY, names)
	assert len(there) > len(names)


@sample
def test_the_ledger_tells_the_history_of_each(loaded, stored):
	deals = {deal.name: deal for deal in stored}
	events = frappe.get_all(
		"Pipeline Event",
		filters={"reference_doctype": OPPORTUNITY, "reference_name": ("in", list(deals))},
		fields=[
			"reference_name",
			"kind",
			"from_value",
			"to_value",
			"at",
			"seconds_spent",
			"customer",
			"pipeline",
		],
		order_by="at asc, creation asc",
		limit=0,
	)
	assert Counter(e.kind for e in events) == {"Created": 8800, "Stage": 4238 + 2473}
	last = {}
	for event in events:
		deal, before = deals[event.reference_name], last.get(event.reference_name)
		assert (event.kind == "Created") == (before is None)
		assert event.from_value == (before.to_value if before else None)
		assert event.seconds_spent == ((event.at - before.at).total_seconds() if before else 0)
		assert (event.customer, event.pipeline) == (deal.customer, deal.pipeline)
		last[event.reference_name] = event
	for name, deal in deals.items():
		assert (last[name].to_value, last[name].at) == (deal.stage, deal.stage_entered_on)


@sample
def test_the_next_opportunity_gets_the_next_number(loaded, stored, sale):
	numbers = sorted(int(deal.name.rpartition("-")[2]) for deal in stored)
	assert numbers == list(range(numbers[0], numbers[0] + 8800))
	assert int(sale.opportunity().name.rpartition("-")[2]) == numbers[-1] + 1


@sample
def test_a_won_one_can_be_handed_off_and_stays_as_it_was(loaded, stored, as_user):
	deal = next(d for d in stored if d.status == "Won" and d.customer)
	as_user("desk")
	order = frappe.get_doc("Sales Order", api.order_now(OPPORTUNITY, deal.name)["name"])
	assert (order.docstatus, order.customer, order.net_total) == (1, deal.customer, deal.amount)
	after = frappe.get_doc(OPPORTUNITY, deal.name)
	assert (after.status, after.closed_on, after.stage) == ("Won", deal.closed_on, deal.stage)


@sample
@pytest.mark.parametrize("status", ["Open", "Won", "Lost"])
def test_saving_a_loaded_one_changes_nothing_else(loaded, stored, status):
	name = next(d.name for d in stored if d.status == status and d.customer)
	before = frappe.get_doc(OPPORTUNITY, name)
	after = frappe.get_doc(OPPORTUNITY, name)
	after.next_step = "Call"
	after.save()
	after.reload()
	# The signs of a stalled deal are judged anew with each save.
	ignored = ("modified", "modified_by", "next_step", "items", *stall_verdicts.COLUMNS)
	assert {k: v for k, v in after.as_dict().items() if k not in ignored} == {
		k: v for k, v in before.as_dict().items() if k not in ignored
	}
	assert [(r.rate, r.amount, r.discount_percentage) for r in after.items] == [
		(r.rate, r.amount, r.discount_percentage) for r in before.items
	]


@sample
def test_loading_again_adds_nothing(loaded, tmp_path):
	before = [
		frappe.db.count(d) for d in (OPPORTUNITY, "Pipeline Event", "Customer", "Item", "Sales Person", "Item Price")
	]
	again = load(DATA, company(), SHIPPED, rejects=tmp_path)
	assert (again.loaded, again.already, again.equal) == (0, 8800, True)
	assert set(again.made.values()) == {0}
	assert before == [
		frappe.db.count(d) for d in (OPPORTUNITY, "Pipeline Event", "Customer", "Item", "Sales Person", "Item Price")
	]


# ---- the command


@pytest.fixture
def export(tmp_path):
	"""export(deals, **changes of the mapping) writes a small export and answers a function that loads it."""
	tag = f"T{frappe.generate_hash(length=6)}".upper()
	traces = []

	def make(deals=30, **changes):
		folder, path, mapping = small_export(
			tmp_path,
			tag,
			[d.replace("TAG", tag) for d in deals] if isinstance(deals, list) else deals,
			**changes,
		)
		traces.append(Traces(folder, mapping))

		def run(**options):
			return load(folder, options.pop("company", company()), path, rejects=tmp_path / "rejects", **options)

		run.folder, run.mapping, run.tag = folder, path, tag
		return run

	yield make
	frappe.set_user("Administrator")
	for trace in reversed(traces):
		trace.remove()
	# Those that a test made itself were committed by the load.
	frappe.db.delete("Customer", {"name": ("like", f"%{tag}")})
	frappe.db.commit()


def count_of(tag: str) -> int:
	return frappe.db.count(OPPORTUNITY, {"external_id": ("like", f"{tag}%")})


def test_a_row_that_erpnext_refuses_is_rejected_with_its_words(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Engaging,,,", "TAG-2,Anna TAG,GTXTAG,,Engaging,,,"])
	group = frappe.get_doc({"doctype": "Customer Group", "customer_group_name": f"Acme {run.tag}"}).insert()
	frappe.db.commit()
	try:
		report = run()
	finally:
		frappe.delete_doc("Customer Group", group.name, force=True)
		frappe.db.commit()
	assert report.loaded == 1 and report.equal
	text = (run.folder / "rejects" / "accounts.rejected.csv").read_text(encoding="utf-8-sig")
	assert "Customer Group" in text and "account: " in text
	assert f'Customer: ""Acme {run.tag}"" is unknown' in (
		run.folder / "rejects" / "sales_pipeline.rejected.csv"
	).read_text(encoding="utf-8-sig")


def test_texts_of_the_file_can_not_bring_a_script_into_the_desk(export):
	run = export(["TAG-1,Anna TAG,GTXTAG,Acme TAG,Engaging,,,"])
	mapping = json.loads(run.mapping.read_text())
	mapping["files"]["opportunities"]["columns"].update({"name": "title", "remark": "details"})
	run.mapping.write_text(json.dumps(mapping))
	evil = "<script>alert(1)</script>"
	line = f"{run.tag}-1,Anna {run.tag},,,Engaging,,,,Deal{evil},{evil}"
	(run.folder / "sales_pipeline.csv").write_text(f"{HEAD},name,remark\n{line}\n")
	run()
	deal = frappe.db.get_value(OPPORTUNITY, {"external_id": f"{run.tag}-1"}, ["title", "description"], as_dict=True)
	assert "<script" not in deal.title and "Deal" in deal.title
	assert deal.description == "remark: &lt;script&gt;alert(1)&lt;/script&gt;"


def test_a_site_that_names_opportunities_its_own_way_gets_its_way(export):
	run = export(4)
	rule = frappe.get_doc(
		{
			"doctype": "Document Naming Rule",
			"document_type": OPPORTUNITY,
			"prefix": f"{run.tag}-",
			"prefix_digits": 3,
		}
	).insert()
	frappe.db.commit()
	try:
		run()
	finally:
		frappe.delete_doc("Document Naming Rule", rule.name, force=True)
		frappe.db.commit()
	names = frappe.get_all(
		OPPORTUNITY, filters={"external_id": ("like", f"{run.tag}%")}, pluck="name", order_by="name asc"
	)
	assert names == [f"{run.tag}-00{n}" for n in range(1, 5)]


def test_two_loads_at_once_are_refused(export):
	run = export(4)
	with filelock("crm_pipeline_load"), pytest.raises(InputError, match="another load is running"):
		run()
	assert count_of(run.tag) == 0


def command(*arguments: str) -> subprocess.CompletedProcess:
	return subprocess.run(
		[
			sys.executable,
			"-m",
			"frappe.utils.bench_helper",
			"frappe",
			"--site",
			frappe.local.site,
			"load-crm-export",
			*arguments,
		],
		cwd=os.environ["SITES_PATH"],
		capture_output=True,
		text=True,
		timeout=120,
	)


def test_the_command_loads_and_ends_with_the_comparison(export):
	run = export(8)
	done = command(str(run.folder), "--company", company(), "--mapping", str(run.mapping))
	frappe.db.rollback()
	assert done.returncode == 0, done.stderr
	assert "Counts and values of file and site are equal." in done.stdout
	assert "8 loaded, 0 already there" in done.stdout
	assert count_of(run.tag) == 8


def test_the_command_tells_what_is_wrong_in_one_line(export):
	run = export(["# nothing"])
	(run.folder / "sales_pipeline.csv").write_text(HEAD + "\n")
	done = command(str(run.folder), "--company", company(), "--mapping", str(run.mapping))
	assert done.returncode == 1
	assert "sales_pipeline.csv: there is no row below the header" in done.stderr
	assert "Traceback" not in done.stderr + done.stdout
