"""What is still to be done: noted in the transaction that caused it, done after it, looked after every few minutes.

A row says which document changed. The job that is queued after the commit does the work and deletes the row in one
transaction. Where no job came (the queue was down, a worker was killed) or it failed, the row is still there, and
`sweep` does it.
"""

import contextlib
import json
import math
import time

import frappe
from frappe import _
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.chain import jobs

DOCTYPE = "Pending Update"

# What a change asks for. Each includes the one before it.
AMOUNTS, SALE, CONTRACT = "Amounts", "Sale", "Contract"
LEVELS = (AMOUNTS, SALE, CONTRACT)
# Notifications to be sent; each is work of its own, with the arguments that were noted for it.
HELP, DUPLICATE, MOVE, CASE = "Help Notice", "Duplicate Notice", "Move Notice", "Case Notice"
# And promises to be compared with what finance did.
PROMISE = "Promise"
HANDOVER = "Handover Notice"
# The score of a lead after something happened, and whom a score calls.
SCORE, SCORE_CALL = "Lead Score", "Lead Score Call"
NOTICES = {
	HELP: "crm_pipeline.coaching.help_notices.send",
	DUPLICATE: "crm_pipeline.parties.duplicates.send",
	MOVE: "crm_pipeline.coaching.move_notices.send",
	CASE: "crm_pipeline.cases.case_notices.send",
	PROMISE: "crm_pipeline.receivables.promise_states.mend",
	HANDOVER: "crm_pipeline.handovers.handover_notices.send",
	SCORE: "crm_pipeline.scoring.lead_scores.follow_noted",
	SCORE_CALL: "crm_pipeline.scoring.score_calls.send",
}

# Minutes after which a row is overdue, and tries after which a person has to look.
OVERDUE, MOST_TRIES = 3, 20
# Seconds without asking a queue that did not answer, and until when, for this process.
PAUSE = 60.0
_down_until = [0.0]
# Rows that one sweep does.
BATCH = 500


# ---- noting, in somebody else's transaction


def note(doctype: str, name: str, what: str, error: Exception | None = None, **arguments) -> None:
	"""Note once per transaction that a document changed, or whom to notify of it. The insert waits for nobody."""
	noted = _noted()
	if (doctype, name, what) in noted:
		return
	if not noted:
		frappe.db.after_commit.add(_enqueue)
		frappe.db.after_rollback.add(_forget)
	row = frappe.new_doc(DOCTYPE)
	row.update({"document_type": doctype, "document": name, "what": what, "attempts": 0})
	row.arguments = json.dumps(arguments) if arguments else None
	row.error = f"{type(error).__name__}: {error}"[:500] if error else None
	row.db_insert()
	noted.add((doctype, name, what))


def _noted() -> set[tuple[str, str, str]]:
	if not hasattr(frappe.local, "crm_pipeline_noted"):
		frappe.local.crm_pipeline_noted = set()
	return frappe.local.crm_pipeline_noted


def _forget() -> None:
	frappe.local.crm_pipeline_noted = set()
	frappe.local.crm_pipeline_told = False


def _enqueue() -> None:
	"""Queue what is more than amounts; those have a job of their own (orders/roll_up.py)."""
	documents = sorted({(doctype, name) for doctype, name, what in _noted() if what != AMOUNTS})
	_forget()
	if documents:
		queue("crm_pipeline.chain.pending.work_off", documents=documents)


def queue(method: str, **arguments) -> None:
	"""Queue a job for what is pending, after the commit. While the queue is down nothing is asked of it for a while: each
	try would keep a user waiting for seconds. What is pending is found by the next sweep."""
	if _down_until[0] > time.monotonic():
		return
	try:
		frappe.enqueue(method, queue="short", **arguments)
	except Exception:
		_down_until[0] = time.monotonic() + PAUSE
		with contextlib.suppress(Exception):
			frappe.logger("crm_pipeline", allow_site=True).exception(f"CRM Pipeline: {method} not queued")


@contextlib.contextmanager
def nothing_queued():
	"""Within this block no job is asked for: what is noted waits for who does it, or for the next sweep."""
	before, _down_until[0] = _down_until[0], math.inf
	try:
		yield
	finally:
		_down_until[0] = before


def notify_once() -> None:
	if getattr(frappe.local, "crm_pipeline_told", False):
		return
	frappe.local.crm_pipeline_told = True
	frappe.msgprint(
		_(
			"Your document is saved. What it changes in sales could not be recorded right now and will be in a few minutes."
		),
		title=_("Sales Follows Later"),
		indicator="orange",
	)


# ---- doing it


def work_off(documents: list) -> jobs.Result:
	"""Background job: bring everything in line with these documents, each in a transaction of its own."""
	return jobs.each(documents, do, _("CRM Pipeline: not caught up"), failed=_count_attempt)


def do(doctype: str, name: str) -> bool:
	"""Do what is noted about one document, and forget it. What is noted meanwhile stays."""
	rows = _rows_of(doctype, name)
	levels = [row.what for row in rows if row.what not in NOTICES]
	if levels or (not rows and doctype == "Sales Order"):
		what = max(levels, key=LEVELS.index, default=AMOUNTS)
		frappe.get_attr("crm_pipeline.overrides.catch_up.document")(doctype, name, what)
	for row in rows:
		if row.what in NOTICES:
			_notify(row)
		frappe.db.delete(DOCTYPE, {"name": row.name})
	return bool(rows)


def _notify(row: dict) -> None:
	"""Tell people of it, in the name of whoever caused it."""
	user = frappe.session.user
	frappe.set_user(row.owner)
	try:
		frappe.get_attr(NOTICES[row.what])(**json.loads(row.arguments or "{}"))
	finally:
		frappe.set_user(user)


def _rows_of(doctype: str, name: str) -> list[dict]:
	return frappe.get_all(
		DOCTYPE,
		filters={"document_type": doctype, "document": name},
		fields=["name", "what", "attempts", "owner", "arguments"],
		order_by="creation asc",
		limit=0,
	)


def _count_attempt(doctype: str, name: str, error: Exception) -> None:
	for row in _rows_of(doctype, name):
		values = {"attempts": row.attempts + 1, "error": f"{type(error).__name__}: {error}"[:500]}
		frappe.db.set_value(DOCTYPE, row.name, values, update_modified=False)


def sweep() -> None:
	"""Every few minutes: do what is overdue, and start again what stopped half way."""
	work_off(overdue())
	jobs.restart_stopped()


def overdue() -> list[tuple[str, str]]:
	"""Documents whose job did not come, or failed, the oldest first."""
	rows = frappe.get_all(
		DOCTYPE,
		filters={"creation": ("<", add_to_date(now_datetime(), minutes=-OVERDUE)), "attempts": ("<", MOST_TRIES)},
		fields=["document_type", "document"],
		order_by="creation asc",
		limit=BATCH,
	)
	return list(dict.fromkeys((row.document_type, row.document) for row in rows))
