"""Stage Passages: written with every move, they say what the ledger says, and a damaged table is mended from it."""

from datetime import datetime, timedelta, timezone

import frappe
import pytest
import time_machine
from frappe.utils import cint
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_pipeline import api
from crm_pipeline.chain import jobs, passages
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stage_visits import key_of
from tests.site.portable.test_funnel import make_pipeline
from tests.site.world import refused

NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
STEPS = ("a", "b", "c", "win", "lose", "reopen", "pipeline", "amount", "delete row", "back in time", "stay")
steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 400_000)), max_size=9)
programs = settings(
	max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def stored(doctype: str, name: str) -> dict:
	return {key[1]: passages._values(row) for key, row in passages.rows_of(doctype, [name]).items()}


def told(doctype: str, name: str) -> dict:
	return {key[1]: values for key, values in passages.expected(doctype, [name]).items()}


def assert_key(doctype: str, name: str) -> None:
	"""The deal has the key of the very stages that it has left."""
	left = [stage for stage, row in stored(doctype, name).items() if row[passages.LAST_LEFT]]
	assert frappe.db.get_value(doctype, name, "passed_stages") == key_of(left)


@pytest.fixture
def deal(sale):
	"""deal(doctype): a new one in a pipeline of its own, with stages a, b, c, won and lost."""

	def make(doctype: str = "Sales Opportunity"):
		pipeline = make_pipeline(f"Passages {frappe.generate_hash(length=6)}", doctype)
		if doctype == "Sales Opportunity":
			return sale.opportunity(pipeline=pipeline, stage=f"{pipeline}-a", items=[], amount=100)
		fields = {
			"doctype": doctype,
			"title": "P",
			"customer": sale.opportunity(items=[]).customer,
			"company": sale.world.company,
		}
		return frappe.get_doc({**fields, "project_type": "Sales", "pipeline": pipeline}).insert()

	return make


def step(doc, what: str) -> None:
	"""Do it, where the deal's rules allow it."""
	of = (doc.doctype, doc.name)
	frappe.db.savepoint("passages_step")
	try:
		if what in ("a", "b", "c"):
			api.move_stage(*of, f"{doc.pipeline}-{what}")
		elif what == "win":
			api.win_deal(*of)
		elif what == "lose":
			api.lose_deal(*of, "Price")
		elif what == "reopen":
			api.reopen_deal(*of)
		elif what == "pipeline":
			other = make_pipeline(f"Other {frappe.generate_hash(length=6)}", doc.doctype)
			doc.reload()
			doc.update({"pipeline": other, "stage": f"{other}-b"})
			doc.save()
		elif what == "amount":
			doc.reload()
			doc.update({"amount": doc.amount + 1})
			doc.save()
	except frappe.ValidationError:
		frappe.db.rollback(save_point="passages_step")
		frappe.clear_messages()
		doc.reload()


@pytest.mark.parametrize("doctype", DEALS)
def test_whatever_is_done_the_passages_say_what_the_ledger_says(deal, doctype):
	@programs
	@given(steps)
	def check(program):
		frappe.db.savepoint("passages")
		with time_machine.travel(NOON, tick=False) as clock:
			doc = deal(doctype)
			for what, seconds in program:
				# Of two steps without time between them the order is that of the ledger.
				clock.shift(timedelta(seconds=-seconds if what == "back in time" else seconds))
				step(doc, what)
				assert stored(doctype, doc.name) == told(doctype, doc.name), program
				assert_key(doctype, doc.name)
			events = frappe.get_all("Pipeline Event", {"reference_name": doc.name, "kind": "Stage"}, ["seconds_spent"])
			found = stored(doctype, doc.name).values()
			assert sum(row[3] for row in found) == sum(event.seconds_spent for event in events)
			assert passages.write(doctype, [doc.name]) == 0
			frappe.delete_doc(doctype, doc.name)
		assert not frappe.db.exists(passages.DOCTYPE, {"reference_name": doc.name})
		frappe.db.rollback(save_point="passages")

	check()


def test_a_way_back_and_a_deal_that_is_opened_again_are_one_row_per_stage(deal):
	with time_machine.travel(NOON, tick=False) as clock:
		doc = deal()
		for what in ("b", "a", "c", "lose", "reopen", "win"):
			clock.shift(timedelta(hours=1))
			step(doc, what)
	found = {stage.rpartition("-")[2]: row for stage, row in stored(doc.doctype, doc.name).items()}
	hours = {key: (row[3] / 3600, row[4] / 3600, row[5]) for key, row in found.items()}
	assert hours == {"a": (2, 1, 2), "b": (1, 1, 1), "c": (2, 1, 2), "lost": (1, 1, 1), "won": (0, 0, 1)}
	assert [found[key][6].rpartition("-")[2] for key in ("a", "b", "c", "lost")] == ["c", "a", "won", "c"]
	assert found["won"][2] is None


def test_a_stage_that_is_renamed_keeps_its_passages(deal):
	doc = deal()
	step(doc, "b")
	frappe.rename_doc("Pipeline Stage", f"{doc.pipeline}-a", f"{doc.pipeline}-first", force=True)
	assert_key(doc.doctype, doc.name)
	assert f"{doc.pipeline}-first" in stored(doc.doctype, doc.name)
	assert stored(doc.doctype, doc.name) == told(doc.doctype, doc.name)


def test_a_damaged_table_is_mended_from_the_ledger_and_what_is_right_stays(deal):
	lost, wrong, double, right = (deal() for _number in range(4))
	for doc in (lost, wrong, double, right):
		step(doc, "b")
	# What other tests have left is mended first.
	passages.reconcile()
	before = passages.rows_of(right.doctype, [right.name])
	frappe.db.delete(passages.DOCTYPE, {"reference_name": lost.name})
	frappe.db.set_value(passages.DOCTYPE, {"reference_name": wrong.name}, {"seconds": 5, "visits": 7})
	stage = f"{double.pipeline}-b"
	values = {"reference_doctype": double.doctype, "reference_name": double.name, "stage": stage, "visits": 3}
	frappe.get_doc({"doctype": passages.DOCTYPE, **values}).db_insert()
	gone = {**values, "reference_name": "No Such Deal"}
	frappe.get_doc({"doctype": passages.DOCTYPE, **gone}).db_insert()
	frappe.db.set_value(passages.DOCTYPE, {"reference_name": right.name}, "owner", "Guest")
	assert passages.reconcile() == 4
	for doc in (lost, wrong, double, right):
		assert stored(doc.doctype, doc.name) == told(doc.doctype, doc.name)
	assert {row.name for row in before.values()} == {
		row.name for row in passages.rows_of(right.doctype, [right.name]).values()
	}
	assert not frappe.db.exists(passages.DOCTYPE, {"reference_name": "No Such Deal"})
	assert passages.reconcile() == 0


def test_a_ledger_with_holes_loses_nothing_more_and_the_holes_are_told_once(deal):
	doc = deal()
	for what in ("b", "c", "win"):
		step(doc, what)
	passages.reconcile()
	hole = {"reference_name": doc.name, "from_value": f"{doc.pipeline}-a"}
	frappe.db.delete("Pipeline Event", {"name": frappe.db.get_value("Pipeline Event", hole, "name")})
	# No rollback takes an Error Log along: the pipeline's name is of this run alone.
	about = {"error": ("like", f"%{doc.pipeline}%")}
	logs = lambda: frappe.get_all("Error Log", about, pluck="error", order_by="name asc")  # noqa: E731
	assert passages.reconcile() == 1
	found = {stage.rpartition("-")[2]: row[5] for stage, row in stored(doc.doctype, doc.name).items()}
	assert found == {"a": 1, "b": 1, "c": 1, "won": 1}
	assert len(logs()) == 1 and f"{doc.name}: {doc.pipeline}-a, {doc.pipeline}-b" in logs()[0]
	assert passages.reconcile() == 0
	assert len(logs()) == 1
	frappe.db.delete("Error Log", about)


def test_the_job_goes_on_where_it_was_killed(deal, monkeypatch):
	monkeypatch.setattr(passages, "CHUNK", 2)
	docs = [deal() for _number in range(5)]
	frappe.db.delete(passages.DOCTYPE)
	every = passages.chunks(None)
	half = len(every) // 2
	assert passages.chunks(list(every[half - 1])) == every[half:]
	# The job's own commits are those of chain/jobs.py; here one transaction holds them all.
	for chunk in every[:half]:
		passages.mend_chunk(*chunk)
	assert jobs.each(passages.chunks(list(every[half - 1])), passages.mend_chunk, "test").failed == []
	for doc in docs:
		assert stored(doc.doctype, doc.name) == told(doc.doctype, doc.name)


def test_nobody_writes_or_deletes_passages_by_hand(deal):
	doc = deal()
	row = frappe.get_doc(passages.DOCTYPE, {"reference_name": doc.name})
	for change in (lambda: row.save(), lambda: frappe.copy_doc(row).insert(), lambda: row.delete()):
		with refused(frappe.PermissionError, match="Stage Passages"):
			change()
	meta = frappe.get_meta(passages.DOCTYPE)
	assert not cint(meta.allow_import) and cint(meta.in_create)
