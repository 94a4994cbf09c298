"""What is behind, for whoever looks after the site: the queue, its workers, the daily jobs, what is pending."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import add_to_date, get_datetime, now_datetime

from crm_pipeline.chain import jobs, pending
from crm_pipeline.wording import bold

# Hours after its time at which a job that did not end is shown as missed.
LATE = 12
SHOWN = 20


def state() -> dict:
	"""{"problems": [sentence], "queue", "workers", "scheduler", "pending": {...}, "jobs": [...]}; see the functions."""
	queue, workers = _queue()
	found = {
		"queue": queue,
		"workers": workers,
		"scheduler": not _scheduler_is_off(),
		"pending": _pending(),
		"jobs": _jobs(),
	}
	return {"problems": _problems(found), **found}


def _queue() -> tuple[bool, int]:
	"""Whether the queue answers, and how many workers listen to it."""
	jobs_of = "frappe.utils.background_jobs"
	answers = _or(lambda: bool(frappe.get_attr(f"{jobs_of}.get_redis_conn")().ping()), False)
	return answers, _or(lambda: len(frappe.get_attr(f"{jobs_of}.get_workers")()), 0)


def _scheduler_is_off() -> bool:
	return _or(lambda: frappe.get_attr("frappe.utils.scheduler.is_scheduler_inactive")(), True)


def _or(ask: Callable, otherwise):
	"""The page is for days on which something does not answer."""
	try:
		return ask()
	except Exception:
		return otherwise


def _pending() -> dict:
	"""{"count", "overdue", "stuck": tried too often, "oldest": when, "rows": the oldest with tries and error}."""
	rows = frappe.get_all(
		pending.DOCTYPE,
		fields=["document_type", "document", "what", "attempts", "error", "creation"],
		order_by="creation asc",
		limit=SHOWN,
	)
	late = add_to_date(now_datetime(), minutes=-pending.OVERDUE * 3)
	return {
		"count": frappe.db.count(pending.DOCTYPE),
		"overdue": frappe.db.count(pending.DOCTYPE, {"creation": ("<", late)}),
		"stuck": frappe.db.count(pending.DOCTYPE, {"attempts": (">=", pending.MOST_TRIES)}),
		"oldest": rows[0].creation if rows else None,
		"rows": rows,
	}


def _jobs() -> list[dict]:
	"""Each daily or weekly job: {"job", "label", "state": Never, Running, Stopped, Missed or Done, "finished_on", "done",
	"changed", "failed"}."""
	fields = ["name", "status", "started_on", "finished_on", "done", "changed", "failed", "modified"]
	stored = {row.name: row for row in frappe.get_all(jobs.DOCTYPE, fields=fields, order_by="name asc", limit=0)}
	return [_job(job, stored.get(job)) for job in jobs.JOBS]


def _job(job: str, row: dict | None) -> dict:
	values = {key: row and row[key] for key in ("started_on", "finished_on", "done", "changed", "failed")}
	return {"job": job, "label": labels()[job], "state": _state_of(row, jobs.JOBS[job].hours), **values}


def _state_of(row: dict | None, hours: int) -> str:
	if not row or not (row.started_on or row.finished_on):
		return "Never"
	if row.status == jobs.RUNNING:
		late = add_to_date(now_datetime(), minutes=-jobs.STOPPED)
		return "Stopped" if get_datetime(row.modified) < late else "Running"
	late = add_to_date(now_datetime(), hours=-hours - LATE)
	return "Missed" if get_datetime(row.finished_on) < late else "Done"


def labels() -> dict[str, str]:
	return {
		"Reconcile": _("Amounts and Won Deals Mended"),
		"Stage Passages": _("Stage Passages Compared with the Ledger"),
		"Expire Contracts": _("Contracts Expired"),
		"Judge Deals": _("Deals Judged"),
		"Promises to Pay": _("Promises to Pay Compared with the Ledger"),
		"Suspected Pairs": _("Suspected Pairs Found"),
		"Handovers": _("Handovers Carried On"),
		"Public Pool": _("Public Pool Looked Through"),
		"Lead Assignment": _("Leads Assigned"),
		"Lead Scores": _("Leads Scored"),
		"Learned Lead Scores": _("Learned from Leads"),
		"Freeze Forecasts": _("Forecasts Frozen"),
	}


def _problems(found: dict) -> list[str]:
	"""What a person should do something about, in words."""
	problems = []
	if not found["queue"]:
		problems.append(
			_("The queue (Redis) does not answer. Orders and invoices go on; amounts follow when it is back.")
		)
	elif not found["workers"]:
		problems.append(_("No worker is running: nothing that is queued is done. Start the workers of the bench."))
	if not found["scheduler"]:
		problems.append(_("The scheduler is off: daily jobs and the sweep for lost jobs do not run."))
	if found["pending"]["overdue"]:
		problems.append(_("Changes that wait longer than they should: {0}").format(found["pending"]["overdue"]))
	if found["pending"]["stuck"]:
		problems.append(
			_("Changes that failed again and again and are not tried any more: {0}. Look at their errors.").format(
				found["pending"]["stuck"]
			)
		)
	for job in found["jobs"]:
		if job["state"] in ("Stopped", "Missed"):
			problems.append(_("Daily job {0} did not come to its end.").format(bold(job["label"])))
		if job["failed"]:
			problems.append(
				_("Daily job {0}: records that failed: {1}. See the Error Log.").format(
					bold(job["label"]), job["failed"]
				)
			)
	return problems


def catch_up() -> None:
	"""Queue all that is pending, those that were tried too often too, and the daily jobs."""
	stuck = frappe.get_all(pending.DOCTYPE, filters={"attempts": (">", 0)}, pluck="name", order_by="name asc", limit=0)
	for name in stuck:
		frappe.db.set_value(pending.DOCTYPE, name, "attempts", 0, update_modified=False)
	waiting = frappe.get_all(
		pending.DOCTYPE, fields=["document_type", "document"], order_by="creation asc", limit=pending.BATCH
	)
	documents = list(dict.fromkeys((row.document_type, row.document) for row in waiting))
	if documents:
		frappe.enqueue(
			"crm_pipeline.chain.pending.work_off", queue="short", enqueue_after_commit=True, documents=documents
		)
	for job in jobs.JOBS:
		jobs.queue(job)
