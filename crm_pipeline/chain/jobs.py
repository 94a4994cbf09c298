"""Many records, one at a time: each in a transaction of its own, tried again when it loses a race, skipped and
reported when it fails. The only place of the app's daily work that commits.

A long job writes down how far it has come in the transaction of each record (DocType Pipeline Job). One that was killed
goes on from there: it is started again within minutes, by the sweep of chain/pending.py.
"""

import functools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.chain import locks

DOCTYPE = "Pipeline Job"
RUNNING, DONE = "Running", "Done"

# Minutes without progress after which a job has stopped.
STOPPED = 10
# Times that a record waits for a server that is away, locks.BACK seconds each.
WAITS = 6


class LongJob(NamedTuple):
	"""`records`: what there is to do after a record (a list, or None); `work`: what to do with one; hours between two runs."""

	records: str
	work: str
	queue: str
	hours: int = 24


RECONCILE, EXPIRE, JUDGE, FREEZE = "Reconcile", "Expire Contracts", "Judge Deals", "Freeze Forecasts"
PAIRS = "Suspected Pairs"
JOBS = {
	RECONCILE: LongJob("crm_pipeline.orders.roll_up.to_reconcile", "crm_pipeline.orders.roll_up.mend", "long"),
	"Stage Passages": LongJob("crm_pipeline.chain.passages.chunks", "crm_pipeline.chain.passages.mend_chunk", "long"),
	EXPIRE: LongJob("crm_pipeline.orders.expiry.over", "crm_pipeline.orders.expiry.expire", "default"),
	JUDGE: LongJob(
		"crm_pipeline.analytics.stall_verdicts.chunks", "crm_pipeline.analytics.stall_verdicts.refresh_chunk", "long"
	),
	"Promises to Pay": LongJob(
		"crm_pipeline.receivables.promise_states.to_look_after",
		"crm_pipeline.receivables.promise_states.look_after",
		"default",
	),
	PAIRS: LongJob(
		"crm_pipeline.duplicates.pair_records.chunks", "crm_pipeline.duplicates.pair_records.look_at", "long"
	),
	"Handovers": LongJob("crm_pipeline.handovers.handing_over.to_do", "crm_pipeline.handovers.handing_over.do", "long"),
	"Public Pool": LongJob("crm_pipeline.pool.pooling.chunks", "crm_pipeline.pool.pooling.judge_chunk", "long"),
	"Lead Assignment": LongJob(
		"crm_pipeline.assignment.assigning.chunks", "crm_pipeline.assignment.assigning.assign_chunk", "long"
	),
	"Lead Scores": LongJob(
		"crm_pipeline.scoring.lead_scores.chunks", "crm_pipeline.scoring.lead_scores.score_chunk", "long"
	),
	"Learned Lead Scores": LongJob(
		"crm_pipeline.scoring.learned_scores.whole", "crm_pipeline.scoring.learned_scores.learn_again", "long", 7 * 24
	),
	FREEZE: LongJob(
		"crm_pipeline.analytics.snapshots.companies", "crm_pipeline.analytics.snapshots.freeze", "long", 7 * 24
	),
}
# Hours after which a run that did not come is made up for.
GRACE = 2


@dataclass
class Result:
	"""`done` records, of which work answered a number (or True) for `changed` in all, and those that failed."""

	done: int = 0
	changed: int = 0
	failed: list[tuple] = field(default_factory=list)

	def after(self, answer) -> "Result":
		"""With one more record, whose work gave this answer."""
		return Result(self.done + 1, self.changed + int(answer or 0), self.failed)


def each(
	records: Iterable[tuple],
	work: Callable,
	title: str,
	failed: Callable | None = None,
	progress: Callable[[tuple, Result], None] | None = None,
) -> Result:
	"""Do `work(*record)` for every record. One that fails stops no other: it is undone, reported in an Error Log under
	`title`, and given to `failed(*record, error)`. `progress(record, result so far)` runs in the record's transaction.

	Only a database that stays away ends the run, and the queue's time limit: what was not done is not marked as done.

	Called in a transaction that has written something already, it commits nothing.
	"""
	result, own = Result(), locks.nothing_written()
	for record in records:
		then = functools.partial(_progressed, progress, record, result) if progress else None
		try:
			result = result.after(_one(record, work, own, then))
		except Exception as error:
			if _is_timeout(error) or locks.is_lost_connection(error):
				raise
			result = _failed(record, error, result, own, title, failed, progress)
	return result


def _progressed(progress: Callable, record: tuple, before: Result, answer) -> None:
	progress(record, before.after(answer))


def _failed(record, error, result: Result, own: bool, title: str, failed, progress) -> Result:
	"""Report a record that failed, in a transaction of its own, and answer the result with it."""
	after = Result(result.done + 1, result.changed, [*result.failed, tuple(record)])
	text = frappe.get_traceback()

	def report():
		frappe.clear_messages()
		frappe.log_error(title=title, message=f"{' '.join(map(str, record))}\n{text}")
		if failed:
			failed(*record, error)
		if own and progress:
			progress(record, after)

	_transaction(report) if own else report()
	return after


def one(work: Callable, *args):
	"""Do `work(*args)` like one record of `each`, and raise what it raises."""
	return _one(args, work, locks.nothing_written())


def _one(record: tuple, work: Callable, own: bool, then: Callable | None = None):
	"""Do it, and `then(answer)` in the same transaction where it is one of our own."""
	if own:
		return _transaction(lambda: _and_then(work(*record), then))
	point = f"crm_pipeline_{frappe.generate_hash(length=8)}"
	frappe.db.savepoint(point)
	try:
		return work(*record)
	except Exception:
		frappe.db.rollback(save_point=point)
		raise


def _and_then(answer, then: Callable | None):
	if then:
		then(answer)
	return answer


def _transaction(step: Callable):
	"""Do `step` and commit. A lost race begins it anew, and so does a lost connection while the server may come back;
	what is raised has been undone."""

	def and_commit():
		answer = step()
		# A step of a job is finished by itself: what comes after it may fail or be killed.
		frappe.db.commit()
		return answer

	for wait in range(WAITS, -1, -1):
		try:
			return locks.whole_transaction(and_commit)()
		except Exception as error:
			if not wait or not locks.is_lost_connection(error):
				locks.undo()
				raise


def _is_timeout(error: Exception) -> bool:
	"""The queue ends the whole job, not this record."""
	return type(error).__name__ == "JobTimeoutException"


# ---- long jobs


def run(job: str) -> Result:
	"""Do a long job, from where it stopped if it did."""
	records_after, work = frappe.get_attr(JOBS[job].records), frappe.get_attr(JOBS[job].work)
	title = f"CRM Pipeline: {job}"
	if not locks.nothing_written():
		return each(records_after(None), work, title)
	row = _transaction(lambda: _begin(job))
	after = json.loads(row.position) if row.position else None
	result = each(
		records_after(after), work, title, progress=lambda record, so_far: _progress(job, row, record, so_far)
	)
	_transaction(lambda: _end(job, row, result))
	return result


def _begin(job: str) -> dict:
	fields = ["name", "status", "position", "done", "changed", "failed"]
	if not frappe.db.exists(DOCTYPE, job):
		# Whoever starts a job: how far it has come is the app's own.
		frappe.get_doc({"doctype": DOCTYPE, "job": job, "status": DONE}).insert(
			ignore_permissions=True, ignore_if_duplicate=True
		)
	row = frappe.db.get_value(DOCTYPE, job, fields, as_dict=True)
	if row.status != RUNNING:
		row.update({"position": None, "done": 0, "changed": 0, "failed": 0})
		_store(job, {"status": RUNNING, "started_on": now_datetime(), **{k: row[k] for k in fields[2:]}})
	return row


def _progress(job: str, row: dict, record: tuple, result: Result) -> None:
	_store(job, {"position": json.dumps(record), **_sums(row, result)})


def _end(job: str, row: dict, result: Result) -> None:
	_store(job, {"status": DONE, "position": None, "finished_on": now_datetime(), **_sums(row, result)})


def _sums(row: dict, result: Result) -> dict:
	return {
		"done": row.done + result.done,
		"changed": row.changed + result.changed,
		"failed": row.failed + len(result.failed),
	}


def _store(job: str, values: dict) -> None:
	frappe.db.set_value(DOCTYPE, job, values)


def queue(job: str) -> None:
	"""Queue a job for after the commit. It counts as running from now on, so that it is made up for when it never begins."""
	_begin(job)
	frappe.enqueue("crm_pipeline.chain.jobs.run", queue=JOBS[job].queue, enqueue_after_commit=True, job=job)


def missed() -> list[str]:
	"""Jobs that ended so long ago that a run must have been lost, and that nobody has looked after just now."""
	now = now_datetime()
	quiet = add_to_date(now, minutes=-STOPPED)
	return [
		name
		for name, job in JOBS.items()
		if frappe.db.exists(
			DOCTYPE,
			{
				"name": name,
				"status": DONE,
				"modified": ("<", quiet),
				"finished_on": ("<", add_to_date(now, hours=-job.hours - GRACE)),
			},
		)
	]


def stopped() -> list[str]:
	"""Jobs that began and have made no progress for a while."""
	return frappe.get_all(
		DOCTYPE,
		filters={"status": RUNNING, "modified": ("<", add_to_date(now_datetime(), minutes=-STOPPED))},
		pluck="name",
		order_by="name asc",
	)


def restart_stopped() -> None:
	"""Queue what stopped or was missed, once per STOPPED minutes. Not by a job's id: the queue takes one whose worker was
	killed for running, for hours."""
	for job in (*stopped(), *missed()):
		if job in JOBS:
			queue(job)
			_store(job, {"status": RUNNING})
