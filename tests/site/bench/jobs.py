"""Background jobs of the worker on the test site."""

import time

from frappe.utils.background_jobs import get_queues


def let_jobs_end(seconds: int = 60, quiet: int = 5) -> None:
	"""Wait until nothing has been queued for a while: jobs of earlier tests write notices, which queue jobs again.

	Without a worker they would wait for ever, and so do not we.
	"""
	still = 0
	for _second in range(seconds):
		busy = any(queue.count or queue.started_job_registry.count for queue in get_queues())
		still = 0 if busy else still + 1
		if still == quiet:
			return
		time.sleep(1)
