# ruff: noqa: F811
"""What is caught up with, in which order; what a failing record and a server that comes back leave behind."""

import frappe
import pytest

from crm_pipeline.chain import behind, guard, jobs, locks, passages, pending
from tests.site.portable.test_background_work import commits, note, nothing_waits, waiting  # noqa: F401
from tests.site.portable.test_small_guards import database  # noqa: F401

OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"


# ---- what waits


def test_everything_that_was_tried_is_tried_anew_and_the_oldest_first(nothing_waits, monkeypatch):
	queued, again = [], []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **how: queued.append(how))
	monkeypatch.setattr(jobs, "queue", again.append)
	monkeypatch.setattr(pending, "BATCH", 2)
	for place, name in enumerate(("SO-3", "SO-1", "SO-2")):
		note("Sales Order", name, pending.SALE)
		stamps = {"creation": f"2031-01-0{place + 1} 08:00:00", "attempts": (0, 1, pending.MOST_TRIES)[place]}
		frappe.db.set_value(pending.DOCTYPE, {"document": name}, stamps)
	changed = frappe.db.get_value(pending.DOCTYPE, {"document": "SO-1"}, "modified")
	behind.catch_up()
	assert queued == [
		{
			"queue": "short",
			"enqueue_after_commit": True,
			"documents": [("Sales Order", "SO-3"), ("Sales Order", "SO-1")],
		}
	]
	assert [attempts for _name, _what, attempts in waiting()] == [0, 0, 0] and again == list(jobs.JOBS)
	assert frappe.db.get_value(pending.DOCTYPE, {"document": "SO-1"}, "modified") == changed
	frappe.db.delete(pending.DOCTYPE, {"name": ("is", "set")})
	behind.catch_up()
	assert len(queued) == 1 and again == list(jobs.JOBS) * 2, "where nothing waits the jobs alone begin"


# ---- beside ERPNext's own work


@pytest.fixture
def later(nothing_waits, monkeypatch):
	"""later(error, unchecked): what is noted, what the user is told and what is logged of a step that failed."""
	logged = []
	monkeypatch.setattr(guard, "report", logged.append)

	def do(error, unchecked=False):
		frappe.local.crm_pipeline_noted, frappe.local.crm_pipeline_told = set(), False
		frappe.clear_messages()
		logged.clear()
		guard._do_later(frappe._dict(doctype="Sales Order", name="SO-1"), error, unchecked)
		told = len(frappe.local.message_log)
		frappe.clear_messages()
		return [row[1] for row in waiting()], told, list(logged)

	return do


@pytest.mark.parametrize("error", [locks.BusyError, locks.OutdatedError])
def test_who_was_slower_is_no_fault_to_be_logged_and_follows_later(later, error):
	assert later(error("somebody")) == ([pending.SALE], 1, [])


def test_a_fault_is_logged_and_follows_later_and_what_was_not_checked_is(later):
	noted, told, logged = later(ValueError("broken"))
	assert (noted, told) == ([pending.SALE], 1) and logged == ["CRM Pipeline: Sales Order SO-1 goes on without us"]
	frappe.db.delete(pending.DOCTYPE, {"name": ("is", "set")})
	assert later(ValueError("broken"), unchecked=True)[0] == [pending.CONTRACT]


def test_what_can_not_be_noted_is_logged_and_the_document_goes_on(later, monkeypatch):
	def fail(*about):
		raise KeyError("full")

	monkeypatch.setattr(pending, "note", fail)
	noted, told, logged = later(locks.BusyError("somebody"))
	assert (noted, told, logged) == ([], 0, ["CRM Pipeline: Sales Order SO-1 not noted for later"])


def test_that_something_follows_is_told_once_in_a_request(site):
	frappe.local.crm_pipeline_told = False
	frappe.clear_messages()
	for _twice in range(2):
		pending.notify_once()
	assert len(frappe.local.message_log) == 1
	frappe.clear_messages()


def test_while_the_queue_is_down_it_is_not_asked_and_afterwards_it_is(site, monkeypatch):
	now, asked, is_down = [100.0], [], [True]
	monkeypatch.setattr(pending.time, "monotonic", lambda: now[0])

	def enqueue(method, **how):
		asked.append((method, how))
		if is_down[0]:
			raise ConnectionError("no redis")

	monkeypatch.setattr(frappe, "enqueue", enqueue)
	pending._down_until[0] = 0.0
	pending.queue("a.job", documents=[1])
	pending.queue("a.job", documents=[2])
	assert asked == [("a.job", {"queue": "short", "documents": [1]})]
	now[0] += pending.PAUSE + 1
	is_down[0] = False
	pending.queue("a.job", documents=[3])
	pending.queue("a.job", documents=[4])
	assert [how["documents"] for _method, how in asked] == [[1], [3], [4]]


# ---- records of a job


def fails(name):
	if name == "B":
		frappe.msgprint("half a word")
		raise KeyError(name)
	return 1


@pytest.fixture
def logged(monkeypatch):
	found = []
	monkeypatch.setattr(frappe, "log_error", lambda title=None, message=None, **how: found.append((title, message)))
	return found


def test_a_record_that_fails_is_logged_counted_and_told_without_its_messages(commits, logged):
	failed, steps = [], []
	frappe.clear_messages()
	found = jobs.each(
		[("A", 1), ("B", 2), ("C", 3)],
		lambda name, number: fails(name),
		"A job",
		lambda *record: failed.append(record[:2]),
		lambda record, so_far: steps.append((record[0], so_far.done, len(so_far.failed))),
	)
	assert (found.done, found.changed, found.failed) == (3, 2, [("B", 2)]) and failed == [("B", 2)]
	assert steps == [("A", 1, 0), ("B", 2, 1), ("C", 3, 1)]
	[(title, message)] = logged
	assert title == "A job" and message.startswith("B 2\n") and "KeyError" in message
	assert not frappe.local.message_log
	assert commits == ["commit", "rollback", "commit", "commit"]


def test_in_somebody_else_s_transaction_nothing_is_committed_and_no_progress_is_written(site, monkeypatch, logged):
	monkeypatch.setattr(locks, "nothing_written", lambda: False)
	done, steps = [], []
	monkeypatch.setattr(frappe.db, "commit", lambda: done.append(1))
	found = jobs.each([("A",), ("B",), ("C",)], fails, "A job", None, lambda *step: steps.append(step))
	assert (found.done, found.changed, found.failed) == (3, 2, [("B",)]) and len(logged) == 1
	assert done == [] and steps == [] and not frappe.local.message_log


# ---- the server comes back


@pytest.fixture
def server(database, monkeypatch):
	"""What is done with the connection; `server.fails` are errors of the next tries, `server.now` the clock."""
	found = frappe._dict(did=[], fails=[], now=0.0)
	monkeypatch.setattr(locks.time, "monotonic", lambda: found.now)
	monkeypatch.setattr(locks.time, "sleep", lambda seconds: found.update(now=found.now + seconds))

	def connect():
		found.did.append("connect")
		if found.fails:
			raise Exception(found.fails.pop(0), "no server")

	steps = {
		"close": lambda: found.did.append("close"),
		"connect": connect,
		"rollback": lambda **how: found.did.append("rollback"),
	}
	for name, step in steps.items():
		monkeypatch.setattr(frappe.db, name, step, raising=False)
	return found


def test_a_new_connection_begins_with_nothing_held_and_nothing_done(server):
	state = frappe.local.crm_pipeline_locks
	state.held, state.names, state.isolated, state.patience = {("Sales Lead", "L-1")}, {"a name"}, True, 0.0
	server.fails = [2003]
	locks.reconnect(seconds=5)
	assert server.did == ["close", "connect", "close", "connect", "rollback"]
	assert (state.held, state.names, state.isolated, state.patience) == (set(), set(), None, locks.PATIENCE)


@pytest.mark.parametrize(("seconds", "tries"), [(0, 2), (locks.PAUSE * 3, 5)])
def test_a_server_is_waited_for_as_long_as_was_asked(server, seconds, tries):
	server.fails = [2003] * 500
	with pytest.raises(Exception, match="2003"):
		locks.reconnect(seconds)
	assert abs(server.did.count("connect") - tries) <= 1 and server.now <= seconds + 2 * locks.PAUSE


def test_a_server_is_waited_for_some_seconds_where_nobody_says_how_long(server):
	server.fails = [2003] * 500
	with pytest.raises(Exception, match="2003"):
		locks.reconnect()
	assert locks.BACK <= server.now <= locks.BACK + 2 * locks.PAUSE


def test_rows_are_locked_along_the_chain_and_what_holds_sums_at_the_end():
	place = locks.ORDER.index
	chain = ("Sales Import", "Lead Assignment Rule", "Sales Prospect", "Sales Lead", OPPORTUNITY, PROJECT, "Quotation")
	later = ("Cost Estimate", "Sales Contract", "Sales Order Request", "Customer", "Contact", "Sales Help Request")
	last = (
		"Customer Case",
		"Contact Position",
		"Relation Type",
		"Sales Activity",
		"Sales Handover",
		"Sales Handover Item",
	)
	asked = (*chain, *later, *last, "Sales Segment", "Sales Campaign")
	assert sorted(asked, key=place) == list(asked) and len(locks.ORDER) == len(set(locks.ORDER)) == len(asked)


# ---- passages


def test_what_the_ledger_lacks_is_logged_of_those_that_differ_by_stage(sale, logged, monkeypatch):
	fine, torn = sale.opportunity(), sale.opportunity()
	before = min(fine.name, torn.name)[:-1]
	monkeypatch.setattr(passages, "gaps", lambda moves, standing: ["Proposal", standing] if moves else [])
	passages._report_gaps(OPPORTUNITY, [torn.name])
	[(title, message)] = logged
	assert "1 deals" in title and f"{torn.name}: Proposal, {torn.stage}" in message and fine.name not in message
	logged.clear()
	frappe.db.set_value(passages.DOCTYPE, {"reference_name": torn.name}, "first_entered", "2001-01-01 00:00:00")
	monkeypatch.setattr(passages, "_names_after", lambda doctype, after: [fine.name, torn.name])
	locked, lock = [], locks.lock
	monkeypatch.setattr(locks, "lock", lambda *rows: locked.append(rows) or lock(*rows))
	assert passages.mend_chunk(OPPORTUNITY, before) == 1
	assert ((OPPORTUNITY, torn.name),) in locked, "what differs is held, and nothing else"
	assert [message.count("OPP") for _title, message in logged] == [1] and torn.name in logged[0][1]
	logged.clear()
	assert passages.mend_chunk(OPPORTUNITY, before) == 0 and logged == []
	monkeypatch.setattr(passages, "gaps", lambda moves, standing: [])
	passages._report_gaps(OPPORTUNITY, [torn.name, fine.name])
	assert logged == []


def test_what_is_left_behind_the_last_deal_is_forgotten_with_the_last_chunk_alone(sale, monkeypatch):
	names = sorted(sale.opportunity().name for _n in range(3))
	rows = {"reference_doctype": OPPORTUNITY, "reference_name": names[0]}
	gone = {"last": f"{names[2]}-x", "first": f"{names[0]}-x"}
	for name in gone.values():
		row = frappe.get_doc(passages.DOCTYPE, frappe.db.get_value(passages.DOCTYPE, rows, "name"))
		row.name, row.reference_name = frappe.generate_hash(length=10), name
		row.db_insert()
	there = lambda: {key for key, name in gone.items() if frappe.db.exists(passages.DOCTYPE, {"reference_name": name})}  # noqa: E731
	before = names[0][:-1]
	monkeypatch.setattr(passages, "CHUNK", 2)
	monkeypatch.setattr(passages, "_names_after", lambda doctype, after: names[:2] if after == before else names[2:])
	assert passages.mend_chunk(OPPORTUNITY, before) == 1 and there() == {"last"}
	assert passages.mend_chunk(OPPORTUNITY, names[1]) == 1 and there() == set()


def test_a_job_goes_on_with_projects_behind_opportunities(monkeypatch, site):
	monkeypatch.setattr(passages, "CHUNK", 2)
	names = {OPPORTUNITY: ["A", "B", "C", "D"], PROJECT: ["A", "B", "C"]}
	after = lambda doctype, last: [name for name in names[doctype] if name > last][:2]  # noqa: E731
	monkeypatch.setattr(passages, "_names_after", after)
	whole = [(OPPORTUNITY, ""), (OPPORTUNITY, "B"), (OPPORTUNITY, "D"), (PROJECT, ""), (PROJECT, "B")]
	assert passages.chunks(None) == whole
	for place, chunk in enumerate(whole):
		assert passages.chunks(list(chunk)) == whole[place + 1 :]
	names[OPPORTUNITY].pop()
	assert passages.chunks(None) == [whole[0], whole[1], whole[3], whole[4]]
