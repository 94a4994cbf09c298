"""Imports in processes of their own: a worker that is killed, two at once, the same job twice. Nothing lost, nothing twice."""

import time

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.importer import desk_import, import_form
from tests.site.bench.racers import race, racer
from tests.site.portable.test_desk_import import IMPORT, LEAD, imported  # noqa: F401
from tests.site.world import refused

MANY = 1600


def lines(count: int) -> str:
	return "ID,Company,Mail\n" + "".join(f"{n},Firm {n:05} TAG,a{n}@TAG.example\n" for n in range(count))


def queued(doc) -> str:
	"""As start_import leaves it for the queue."""
	doc.db_set("status", "Queued")
	frappe.db.commit()
	return doc.name


def job(name: str) -> dict:
	call = {"call": "crm_pipeline.importer.desk_import.run", "args": [name], "look_at": None}
	return {"site": frappe.local.site, "user": "Administrator", "snapshot_isolation": False, **call}


def stored(tag: str) -> int:
	"""Leads as other processes left them; each has one row in the ledger and one note."""
	frappe.db.commit()
	names = frappe.get_all(LEAD, {"prospect_name": ("like", f"%{tag}%")}, pluck="name", order_by="name asc", limit=0)
	for kind, field in (("Pipeline Event", "reference_name"), ("Imported Record", "document")):
		assert frappe.db.count(kind, {field: ("in", names or [""])}) == len(names)
	assert len(set(frappe.get_all(LEAD, {"name": ("in", names or [""])}, pluck="email_id", order_by="name asc", limit=0))) == len(names)  # fmt: skip
	return len(names)


def undone(*docs) -> None:
	"""In bulk; the fixture would delete leads one by one."""
	for doc in docs:
		api.undo_import(doc.name)
		frappe.db.commit()


def test_a_worker_that_is_killed_loses_nothing_and_the_next_one_stores_nothing_twice(imported):  # noqa: F811
	doc = imported(lines(MANY), source="Killed")
	first = racer(job(queued(doc)))
	first.go()
	for _try in range(3000):
		if stored(imported.tag) >= 500:
			break
		time.sleep(0.01)
	first.process.kill()
	first.process.wait()
	left = stored(imported.tag)
	assert 500 <= left < MANY and left % desk_import.CHUNK == 0, "whole chunks, and not all of them"
	assert doc.reload().status == "Running"
	with pytest.raises(frappe.ValidationError, match="is Running"):
		api.start_import(doc.name)
	frappe.db.rollback()
	doc.db_set("modified", add_to_date(now_datetime(), minutes=-import_form.KILLED - 1), update_modified=False)
	api.start_import(doc.name)
	frappe.db.commit()
	assert "error" not in race([job(doc.name)])[0]
	doc.reload()
	assert (doc.status, doc.rows_total, doc.rows_stored, doc.rows_already) == ("Done", MANY, MANY, 0)
	assert stored(imported.tag) == MANY
	undone(doc)


def test_two_imports_of_one_file_at_once_store_it_once(imported):  # noqa: F811
	text = lines(800)
	docs = [imported(text, source="Twice"), imported(text, source="Twice", name="again.csv")]
	for answer in race([job(queued(doc)) for doc in docs]):
		assert "error" not in answer
	assert stored(imported.tag) == 800
	found = sorted((doc.reload().status, doc.rows_stored, doc.rows_already) for doc in docs)
	assert found == [("Done", 0, 800), ("Done", 800, 0)]
	undone(*docs)


def test_an_import_that_the_queue_runs_twice_is_stored_once(imported):  # noqa: F811
	doc = imported(lines(800), source="Run twice")
	name = queued(doc)
	for answer in race([job(name), job(name)]):
		assert "error" not in answer
	assert stored(imported.tag) == 800
	assert (doc.reload().status, doc.rows_stored) == ("Done", 800)
	undone(doc)


@pytest.mark.parametrize("kind", ["undo", "import"])
def test_whoever_undoes_while_it_runs_is_told_so(imported, kind):  # noqa: F811
	doc = imported(lines(5))
	doc.db_set("status", "Running")
	call = api.undo_import if kind == "undo" else api.start_import
	with refused(match="is Running"):
		call(doc.name)
	assert frappe.db.get_value(IMPORT, doc.name, "status") == "Running"
