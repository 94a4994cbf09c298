"""What real exports showed, on a site: sources of ids, days that nobody knows, equal names, rows that add up.

One pipeline and one tag per test.
"""

import json

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import passages
from crm_pipeline.erp import prices
from crm_pipeline.importer.load import load
from tests.site.bench.loading import OPPORTUNITY, company
from tests.site.hosts import HOST
from tests.site.plain_records import MASTERS
from tests.site.uncommitted import within_the_test

STAGES = {"New": "qualification", "Proposal": "proposal", "Won": "won", "Lost": "lost"}


@pytest.fixture
def export(world, tmp_path, monkeypatch):
	"""export(text, columns, **mapping) loads a file of deals; export.tag is in every id and name."""
	frappe.set_user("Administrator")
	HOST.plain_records(monkeypatch, *MASTERS)
	within_the_test(monkeypatch)
	tag = f"K{frappe.generate_hash(length=6)}"

	def run(files, columns, dry_run=False, of=None, spec=None, source="", **mapping):
		texts = {"opportunities": files} if isinstance(files, str) else files
		columns = columns if "opportunities" in columns else {"opportunities": columns}
		parts = {}
		for table, text in texts.items():
			(tmp_path / f"{table}.csv").write_text(text.replace("TAG", tag), encoding="utf-8")
			parts[table] = {"file": f"{table}.csv", "columns": columns[table]}
		parts["opportunities"] |= spec or {}
		defaults = {"unnamed_account": f"Unnamed {tag}"}
		values = {"files": parts, "pipeline": "Standard Sales", "stages": STAGES, "defaults": defaults, **mapping}
		path = tmp_path / "mapping.json"
		path.write_text(json.dumps(values).replace("TAG", tag))
		return load(tmp_path, of or company(), path, rejects=tmp_path / "rejects", dry_run=dry_run, source=source)

	run.tag = tag
	return run


def deals(tag: str) -> list:
	fields = [
		"name",
		"external_id",
		"company",
		"stage",
		"status",
		"opened_on",
		"stage_entered_on",
		"closed_from",
		"amount",
	]
	fields += [
		"customer",
		"external_source",
		"is_stalled",
		"currency",
		"conversion_rate",
		"base_amount",
		"expected_close",
	]
	return frappe.get_all(
		OPPORTUNITY, filters={"external_id": ("like", f"{tag}%")}, fields=fields, order_by="external_id asc, name asc"
	)


SIMPLE = {"id": "external_id", "stage": "stage"}


def test_the_same_id_of_another_system_or_company_is_another_deal(export):
	text = "id,stage\nTAG1,New\nTAG2,New\n"
	assert export(text, SIMPLE, source="Old CRM").loaded == 2
	again = export(text, SIMPLE, source="old crm ", dry_run=True)
	assert (again.already, again.file.total_count) == (2, 2), "a dry run says what is there"
	assert export(text, SIMPLE, source="Old CRM").already == 2
	assert export(text, SIMPLE, source="Other CRM").loaded == 2
	assert sorted({row.external_source for row in deals(export.tag)}) == ["Old CRM", "Other CRM"]
	other = frappe.get_all("Company", filters={"name": ("!=", company())}, pluck="name", order_by="name asc", limit=1)
	if other:
		assert export(text, SIMPLE, source="Old CRM", of=other[0]).loaded == 2


CREATED = SIMPLE | {"created": "created_on", "closed": "close_date", "amount": "amount"}
OLD = (
	"id,stage,created,closed,amount\nTAG1,Proposal,2019-04-25,2027-01-31,5\nTAG2,Won,2019-04-25,2019-06-01,7\n"
	"TAG3,Lost,,2019-06-01,\nTAG4,New,2019-04-25,,\n"
)


def test_nothing_is_invented_of_a_deal_s_way_and_figures_leave_it_out(export):
	report = export(OLD, CREATED)
	assert report.loaded == 4 and report.equal and report.adds_up
	found = {row.external_id.removeprefix(export.tag): row for row in deals(export.tag)}
	assert [str(found[n].opened_on) for n in "1234"] == ["2019-04-25", "2019-04-25", "None", "2019-04-25"]
	assert [str(found[n].stage_entered_on)[:10] for n in "1234"] == ["None", "2019-06-01", "2019-06-01", "2019-04-25"]
	assert [row.closed_from for row in found.values()] == [None] * 4
	assert [str(found[n].expected_close) for n in "12"] == ["2027-01-31", "None"]
	names = [row.name for row in found.values()]
	events = frappe.get_all(
		"Pipeline Event", filters={"reference_name": ("in", names)}, order_by="at asc, creation asc", limit=0,
		fields=["reference_name", "kind", "from_value", "to_value", "seconds_spent"],
	)  # fmt: skip
	assert {row.from_value for row in events} == {None}, "no stage was left that the file does not know"
	assert [row.kind for row in events if row.reference_name == found["3"].name] == ["Created"]
	assert passages.write(OPPORTUNITY, names) == 0, "the passages are what the ledger says"
	funnel = api.get_funnel({"company": company(), "from_date": "2019-01-01", "to_date": "2019-12-31"})
	assert (funnel["outcome"]["opened"], funnel["outcome"]["won"], funnel["outcome"]["cycle_median"]) == (3, 1, 37)
	assert funnel["elsewhere"]["without_day"] >= 1 and "1 imported" in " ".join(funnel["elsewhere"]["lines"])
	first = next(row for row in funnel["stages"] if row["stage"] == "Standard Sales-qualification")
	assert (first["entered"], first["advanced"], first["here"]) == (1, 0, 1)


def test_a_stage_that_nobody_knows_since_when_is_left_after_an_unknown_time(export):
	export(OLD, CREATED)
	deal = frappe.get_doc(OPPORTUNITY, deals(export.tag)[0].name)
	deal.stage = "Standard Sales-negotiation"
	deal.save()
	passage = frappe.db.get_value(
		"Stage Passage", {"reference_name": deal.name, "stage": "Standard Sales-proposal"},
		["visits", "seconds", "first_entered", "went_to"],
	)  # fmt: skip
	assert passage == (0, 0, None, "Standard Sales-negotiation")
	spent = api.get_funnel({"company": company(), "from_date": "2019-01-01", "to_date": "2019-12-31"})
	row = next(row for row in spent["stages"] if row["stage"] == "Standard Sales-proposal")
	assert (row["entered"], row["advanced"], row["median_days"]) == (1, 1, None)


def test_old_history_says_where_it_is_and_is_not_stalled_at_once(export):
	text = OLD.replace("2019-", "1997-").replace("2027-01-31", "")
	export(text, CREATED)
	names = [row.name for row in deals(export.tag)]
	stall_verdicts.refresh(OPPORTUNITY, names)
	assert {row.is_stalled for row in deals(export.tag)} == {0}
	assert all(not verdict.reasons for verdict in stall_verdicts.verdicts(OPPORTUNITY, names).values())
	later = frappe.utils.add_to_date(frappe.utils.now_datetime(), days=60)
	signals = {r.signal for v in stall_verdicts.verdicts(OPPORTUNITY, names, later).values() for r in v.reasons}
	assert "silent" in signals, "what nobody does here from now on counts"
	empty = api.get_funnel({"company": company(), "from_date": "1980-01-01", "to_date": "1980-12-31"})
	assert empty["elsewhere"]["first"] == "1997-04-25" and "1997" in empty["elsewhere"]["lines"][0]


def test_amounts_are_compared_as_they_are_stored(export):
	text = "id,stage,amount\nTAG1,New,1.005\nTAG2,New,1.005\nTAG3,New,2.675\n"
	report = export(text, SIMPLE | {"amount": "amount"})
	assert report.equal and report.loaded == 3


def test_every_row_is_stored_there_already_rejected_or_left_out(export):
	columns = SIMPLE | {"gone": "is_deleted"}
	export("id,stage,gone\nTAG1,New,\n", columns)
	report = export("id,stage,gone\nTAG1,New,\nTAG2,New,\nTAG3,Nowhere,\nTAG4,New,true\n\nTAG2,New,\n", columns)
	lines = report.lines["opportunities.csv"]
	assert (lines.rows, lines.stored, lines.already, lines.rejected, lines.left_out) == (5, 1, 1, 2, 1)
	assert report.adds_up


def test_accounts_of_one_name_with_two_ids_are_two_customers_and_stay_so(export):
	accounts = "customer_id,company_name\nC3,Wilson TAG\nC8,Wilson TAG\nC9,Other TAG\n"
	text = "id,stage,account\nTAG1,New,C3\nTAG2,New,C8\nTAG3,New,C9\n"
	columns = {
		"opportunities": SIMPLE | {"account": "account"},
		"accounts": {"customer_id": "account_id", "company_name": "account"},
	}
	for made in (3, 0):
		report = export({"accounts": accounts, "opportunities": text}, columns, source=f"S {export.tag}")
		assert report.made == {"accounts": made} and not report.rejects.count, report.rejects.samples
	assert len({row.customer for row in deals(export.tag)}) == 3
	alone = export("id,stage,account\nTAG4,New,C8\n", SIMPLE | {"account": "account"}, source=f"S {export.tag}")
	assert alone.loaded == 1, "a later file names accounts by their ids as well"
	assert deals(export.tag)[3].customer == deals(export.tag)[1].customer
	question = export({"accounts": accounts, "opportunities": text}, columns, source=f"T {export.tag}")
	assert question.made == {"accounts": 0} and question.rejects.counts["accounts.csv"] == 2


@pytest.fixture
def foreign(export, monkeypatch):
	"""A currency that is not the company's, with a rate."""
	own = frappe.db.get_value("Company", company(), "default_currency")
	currency = "EUR" if own != "EUR" else "USD"
	monkeypatch.setattr(prices, "exchange_rate", lambda *asked: 2.0)
	return currency


def test_all_of_a_deal_is_stored(export, foreign):
	head = "id,stage,product,qty,price,currency,chance,who,mail,channel,next,remark,owner"
	rest = f'{foreign},35,Ann,ann@x.example,Fair TAG,Call,"one\n<b>two</b>",rep@crm-test.example'
	text = f"{head}\nTAG1,New,Pump TAG,2,10,{rest}\nTAG1,New,Filter TAG,3,5,{rest}\n"
	columns = {
		"opportunities": SIMPLE | {
			"product": "product", "qty": "quantity", "price": "price", "currency": "currency", "chance": "probability",
			"who": "contact", "mail": "contact_email", "channel": "channel", "next": "next_step", "remark": "notes",
			"owner": "owner",
		},
		"products": {"product": "product"},
	}  # fmt: skip
	files = {"opportunities": text, "products": "product\nPump TAG\nFilter TAG\n"}
	report = export(files, columns, spec={"several_rows": True})
	assert report.loaded == 1 and report.equal and report.adds_up, report.rejects.samples
	doc = frappe.get_doc(OPPORTUNITY, deals(export.tag)[0].name)
	assert [(row.item_code, row.qty, row.rate, row.amount) for row in doc.items] == [
		(f"Pump {export.tag}", 2, 10, 20), (f"Filter {export.tag}", 3, 5, 15),
	]  # fmt: skip
	assert (doc.amount, doc.currency, doc.probability, doc.next_step) == (35, foreign, 35, "Call")
	assert doc.base_amount == 35 * doc.conversion_rate and doc.sales_owner == "rep@crm-test.example"
	assert [(row.contact_name, row.email_id) for row in doc.contacts] == [("Ann", "ann@x.example")]
	memo = frappe.db.get_value("Sales Memo", {"reference_name": doc.name}, "memo")
	assert memo == "one<br>&lt;b&gt;two&lt;/b&gt;"
	assert doc.channel == f"Fair {export.tag}"
