"""What is behind is shown to whoever looks after the site, and nothing is shown when nothing is."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.chain import behind, jobs, pending
from tests.site.world import refused


@pytest.fixture(autouse=True)
def nothing_before(site):
	for doctype in (jobs.DOCTYPE, pending.DOCTYPE):
		for name in frappe.get_all(doctype, pluck="name", order_by="name asc", limit=0):
			frappe.db.delete(doctype, {"name": name})
	# In a transaction that has written something the jobs commit nothing.
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Written Before"}).insert()


def job(**values):
	row = {"status": "Done", "started_on": now_datetime(), "finished_on": now_datetime(), "failed": 0, **values}
	frappe.get_doc({"doctype": jobs.DOCTYPE, "job": "Reconcile", **row}).insert()
	if "modified" in values:
		frappe.db.set_value(jobs.DOCTYPE, "Reconcile", "modified", values["modified"], update_modified=False)


def shown() -> dict:
	return next(row for row in behind.state()["jobs"] if row["job"] == "Reconcile")


def problems(word: str) -> list[str]:
	return [text for text in behind.state()["problems"] if word in text]


def hours_ago(hours: float):
	return add_to_date(now_datetime(), minutes=-60 * hours)


@pytest.mark.parametrize(
	("row", "state", "is_problem"),
	[
		({}, "Done", False),
		({"finished_on": "30"}, "Done", False),
		({"finished_on": "40"}, "Missed", True),
		({"status": "Running", "finished_on": None}, "Running", False),
		({"status": "Running", "finished_on": None, "modified": "1"}, "Stopped", True),
	],
)
def test_a_daily_job_that_did_not_come_to_its_end_is_named(row, state, is_problem):
	job(**{k: hours_ago(float(v)) if k != "status" and v else v for k, v in row.items()})
	assert shown()["state"] == state
	assert bool(problems("did not come to its end")) == is_problem


@pytest.mark.parametrize(
	("hours", "name", "again"),
	[
		(25, "Reconcile", False),
		(27, "Reconcile", True),
		(169, "Freeze Forecasts", False),
		(171, "Freeze Forecasts", True),
	],
)
def test_a_run_that_never_came_is_made_up_for_once_within_minutes(monkeypatch, hours, name, again):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **values: queued.append(values["job"]))
	row = {"status": "Done", "finished_on": hours_ago(hours), "failed": 0}
	frappe.get_doc({"doctype": jobs.DOCTYPE, "job": name, **row}).insert()
	jobs.restart_stopped()
	assert queued == [], "somebody looked after it just now"
	frappe.db.set_value(jobs.DOCTYPE, name, "modified", hours_ago(1), update_modified=False)
	for _twice in range(2):
		jobs.restart_stopped()
	assert queued == ([name] if again else [])


def test_a_job_that_was_queued_and_never_began_is_made_up_for(monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **values: queued.append(values["job"]))
	jobs.queue(jobs.FREEZE)
	assert jobs.stopped() == []
	frappe.db.set_value(jobs.DOCTYPE, jobs.FREEZE, "modified", hours_ago(1), update_modified=False)
	jobs.restart_stopped()
	assert queued == [jobs.FREEZE] * 2


def test_a_job_that_never_ran_is_no_problem_yet():
	assert shown()["state"] == "Never"
	assert not problems("Daily job")


def test_records_that_failed_are_counted():
	job(failed=3, done=10, changed=2)
	assert (shown()["done"], shown()["changed"]) == (10, 2)
	assert "records that failed: 3" in problems("failed")[0]


def test_what_waits_is_counted_and_shown_with_its_error():
	assert behind.state()["pending"] == {"count": 0, "overdue": 0, "stuck": 0, "oldest": None, "rows": []}
	pending.note("Sales Order", "SO-1", pending.SALE, ValueError("No"))
	waiting = behind.state()["pending"]
	assert (waiting["count"], waiting["overdue"], waiting["rows"][0].error) == (1, 0, "ValueError: No")
	assert not problems("wait longer")
	name = frappe.get_all(pending.DOCTYPE, pluck="name", order_by="name asc")[0]
	frappe.db.set_value(pending.DOCTYPE, name, {"creation": hours_ago(1), "attempts": pending.MOST_TRIES})
	assert problems("wait longer than they should: 1") and problems("not tried any more")


def test_one_change_is_noted_once_per_transaction_and_level():
	for what in (pending.AMOUNTS, pending.AMOUNTS, pending.SALE):
		pending.note("Sales Order", "SO-1", what)
	assert frappe.db.count(pending.DOCTYPE) == 2


def test_the_end_of_a_jobs_time_is_no_failure_of_its_record(site):
	class JobTimeoutException(Exception):
		pass

	def work(name):
		raise JobTimeoutException

	with refused(JobTimeoutException):
		jobs.each([("A",), ("B",)], work, "Title")


def test_one_record_that_fails_stops_no_other_and_leaves_nothing(site):
	def work(name):
		frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": f"Job {name}"}).insert()
		if name == "B":
			raise KeyError(name)
		return True

	failed = []
	result = jobs.each(
		[("A",), ("B",), ("C",)], work, "Title", failed=lambda name, error: failed.append((name, str(error)))
	)
	assert (result.done, result.changed, result.failed, failed) == (3, 2, [("B",)], [("B", "'B'")])
	made = frappe.get_all("Sales Competitor", filters={"name": ("like", "Job %")}, pluck="name", order_by="name asc")
	assert made == ["Job A", "Job C"]


def test_what_failed_is_tried_again_and_counted(site):
	pending.note("Sales Order", "SO-1", pending.SALE)
	assert pending.overdue() == []
	(row,) = frappe.get_all(pending.DOCTYPE, fields=["name", "attempts", "error"], order_by="name asc")
	assert (row.attempts, row.error) == (0, None)
	frappe.db.set_value(pending.DOCTYPE, row.name, {"creation": hours_ago(1)})
	for tries in (1, 2):
		assert pending.overdue() == [("Sales Order", "SO-1")]
		pending._count_attempt("Sales Order", "SO-1", KeyError("gone"))
		assert frappe.db.get_value(pending.DOCTYPE, row.name, ["attempts", "error"]) == (tries, "KeyError: 'gone'")
	frappe.db.set_value(pending.DOCTYPE, row.name, "attempts", pending.MOST_TRIES)
	assert pending.overdue() == []


@pytest.mark.parametrize(
	("found", "word"),
	[
		({"queue": False, "workers": 0}, "does not answer"),
		({"workers": 0}, "No worker is running"),
		({"scheduler": False}, "scheduler is off"),
		({}, None),
	],
)
def test_each_part_that_stands_still_is_named_once(found, word):
	quiet = {"queue": True, "workers": 2, "scheduler": True, "pending": {"overdue": 0, "stuck": 0}, "jobs": []}
	told = behind._problems({**quiet, **found})
	assert [word in text for text in told] == ([True] if word else [])
