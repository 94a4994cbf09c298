"""Background jobs of the worker on the test site."""

import time

import frappe
from frappe.utils.background_jobs import get_queues, get_redis_conn
from rq import Worker
from rq.job import Job


def let_jobs_end(seconds: int = 60, quiet: int = 5) -> None:
	"""Wait until nothing has been queued for a while: jobs of earlier tests write notices, which queue jobs again.

	Without a worker they would wait for ever, and so do not we.
	"""
	if not Worker.count(connection=get_redis_conn()):
		return
	still = 0
	for _second in range(seconds):
		still = 0 if _busy() else still + 1
		if still == quiet:
			return
		time.sleep(1)


def _busy() -> bool:
	"""Another shard of the tests has the same queues."""
	for queue in get_queues():
		ids = [*queue.get_job_ids(), *queue.started_job_registry.get_job_ids()]
		if any(job and job.kwargs.get("site") == frappe.local.site for job in Job.fetch_many(ids, queue.connection)):
			return True
	return False
