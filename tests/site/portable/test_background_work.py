"""What runs behind: jobs and their progress, what was left undone beside ERPNext's work, notices, and amounts that follow."""

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import behind, guard, jobs, locks, pending
from crm_pipeline.coaching import help_notices
from crm_pipeline.coaching import help_requests as help_wanted
from crm_pipeline.orders import roll_up
from crm_pipeline.overrides import catch_up
from crm_pipeline.parties import duplicates
from tests.site import rows
from tests.site.hosts import HOST
from tests.site.world import refused

REP, OTHER_REP, MANAGER = "rep@crm-test.example", "rep2@crm-test.example", "manager@crm-test.example"


@pytest.fixture
def commits(site, monkeypatch):
	"""As in a job, whose transaction has written nothing yet: what commits and rolls back is counted instead of done."""
	done = []
	monkeypatch.setattr(locks, "nothing_written", lambda: True)
	monkeypatch.setattr(locks, "whole_transaction", lambda work: work)
	monkeypatch.setattr(frappe.db, "commit", lambda: done.append("commit"))
	monkeypatch.setattr(frappe.db, "rollback", lambda **how: done.append("rollback"))
	yield done
	monkeypatch.undo()


@pytest.fixture
def long_job(monkeypatch):
	"""A job over ("A", "B", "C"), of which B fails; answers what it did."""
	did = []

	def work(name):
		did.append(name)
		if name == "B":
			raise KeyError(name)
		return name == "C"

	own = {"the.records": lambda last: [(n,) for n in "ABC" if not last or n > last[0]], "the.work": work}
	others = frappe.get_attr
	monkeypatch.setattr(frappe, "get_attr", lambda path: own.get(path) or others(path))
	monkeypatch.setitem(jobs.JOBS, "Reconcile", jobs.LongJob("the.records", "the.work", "long"))
	return did


def stored(*fields):
	return frappe.db.get_value(jobs.DOCTYPE, "Reconcile", list(fields))


def test_a_long_job_commits_each_record_and_writes_down_how_far_it_has_come(commits, long_job):
	frappe.db.delete(jobs.DOCTYPE, {"name": "Reconcile"})
	result = jobs.run("Reconcile")
	assert (long_job, result.done, result.changed, result.failed) == (["A", "B", "C"], 3, 1, [("B",)])
	assert stored("status", "done", "changed", "failed", "position") == ("Done", 3, 1, 1, None)
	assert commits.count("rollback") == 1 and commits.count("commit") == 5


def test_a_job_that_stopped_goes_on_behind_its_last_record_and_its_sums_go_on(commits, long_job):
	frappe.db.delete(jobs.DOCTYPE, {"name": "Reconcile"})
	row = {"status": "Running", "position": '["B"]', "done": 2, "changed": 5, "failed": 1}
	frappe.get_doc({"doctype": jobs.DOCTYPE, "job": "Reconcile", **row}).insert()
	jobs.run("Reconcile")
	assert long_job == ["C"]
	assert stored("status", "done", "changed", "failed", "position") == ("Done", 3, 6, 1, None)


def test_a_job_that_came_to_its_end_begins_anew_and_counts_anew(commits, long_job):
	frappe.db.delete(jobs.DOCTYPE, {"name": "Reconcile"})
	row = {"status": "Done", "position": '["B"]', "done": 9, "changed": 9, "failed": 9}
	frappe.get_doc({"doctype": jobs.DOCTYPE, "job": "Reconcile", **row}).insert()
	jobs.run("Reconcile")
	assert long_job == ["A", "B", "C"] and stored("done", "changed", "failed") == (3, 1, 1)


def test_what_stopped_is_queued_again_once(site, monkeypatch):
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **how: queued.append((method, how["job"], how["queue"])))
	frappe.db.delete(jobs.DOCTYPE, {"name": ("is", "set")})
	for job, minutes in (("Judge Deals", 11), ("Expire Contracts", 9)):
		frappe.get_doc({"doctype": jobs.DOCTYPE, "job": job, "status": "Running"}).insert()
		frappe.db.set_value(
			jobs.DOCTYPE, job, "modified", add_to_date(now_datetime(), minutes=-minutes), update_modified=False
		)
	for _twice in range(2):
		jobs.restart_stopped()
	assert queued == [("crm_pipeline.chain.jobs.run", "Judge Deals", "long")]


def test_a_single_record_of_a_job_is_committed_or_undone(commits):
	assert jobs.one(lambda name: name * 2, "A") == "AA" and commits == ["commit"]

	def fails():
		raise KeyError

	with pytest.raises(KeyError):
		jobs.one(fails)
	assert commits == ["commit", "rollback"]


# ---- what waits


def note(*args):
	pending.note(*args)
	frappe.local.crm_pipeline_noted = set()


def waiting() -> list[tuple]:
	found = frappe.get_all(
		pending.DOCTYPE, fields=["document", "what", "attempts"], order_by="document asc, what asc", limit=0
	)
	return [(row.document, row.what, row.attempts) for row in found]


@pytest.fixture
def nothing_waits(site):
	frappe.db.delete(pending.DOCTYPE, {"name": ("is", "set")})


def test_what_waits_is_done_by_what_was_noted_last_in_rank_and_forgotten(nothing_waits, monkeypatch):
	did = []
	monkeypatch.setattr(catch_up, "document", lambda *args: did.append(args))
	for what in (pending.CONTRACT, pending.AMOUNTS, pending.SALE):
		note("Sales Order", "SO-1", what)
	note("Sales Order", "SO-2", pending.AMOUNTS)
	assert pending.do("Sales Order", "SO-1")
	assert did == [("Sales Order", "SO-1", pending.CONTRACT)] and waiting() == [("SO-2", pending.AMOUNTS, 0)]
	assert not pending.do("Sales Order", "SO-1"), "nothing was noted any more"
	assert did[-1] == ("Sales Order", "SO-1", pending.AMOUNTS)


def test_what_fails_while_it_is_caught_up_waits_on_with_its_error(nothing_waits, monkeypatch):
	def document(doctype, name, what):
		if name == "SO-1":
			raise KeyError("gone")

	monkeypatch.setattr(catch_up, "document", document)
	for name in ("SO-1", "SO-2"):
		note("Sales Order", name, pending.SALE)
	result = pending.work_off([("Sales Order", "SO-1"), ("Sales Order", "SO-2")])
	assert (result.done, result.failed) == (2, [("Sales Order", "SO-1")])
	assert waiting() == [("SO-1", pending.SALE, 1)]


def test_a_job_is_queued_for_what_is_more_than_amounts(nothing_waits, monkeypatch):
	queued = []
	monkeypatch.setattr(pending, "queue", lambda method, **how: queued.append(how["documents"]))
	pending.note("Sales Order", "SO-2", pending.SALE)
	pending.note("Sales Order", "SO-1", pending.CONTRACT)
	pending.note("Sales Order", "SO-3", pending.AMOUNTS)
	pending._enqueue()
	assert queued == [[("Sales Order", "SO-1"), ("Sales Order", "SO-2")]]
	pending._enqueue()
	assert len(queued) == 1, "what was queued is forgotten"


def test_a_queue_that_is_down_is_left_alone_for_a_while(site, monkeypatch):
	asked = []

	def enqueue(method, **how):
		asked.append(method)
		raise ConnectionError

	monkeypatch.setattr(frappe, "enqueue", enqueue)
	pending.queue("a.job")
	pending.queue("a.job")
	assert asked == ["a.job"]
	pending._down_until[0] = 0.0
	pending.queue("a.job")
	assert len(asked) == 2


def test_while_a_story_is_told_no_job_is_asked_for(site, monkeypatch):
	asked = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **how: asked.append(method))
	with pytest.raises(ValueError), pending.nothing_queued():
		pending.queue("a.job")
		raise ValueError
	assert asked == []
	pending.queue("a.job")
	assert asked == ["a.job"]


def test_a_user_is_told_once_that_sales_follow_later(site):
	for _twice in range(2):
		pending.notify_once()
	told = [message for message in frappe.local.message_log if "Your document is saved" in str(message)]
	assert len(told) == 1


def test_the_sweep_does_what_is_overdue_and_starts_what_stopped(nothing_waits, monkeypatch):
	did = []
	monkeypatch.setattr(catch_up, "document", lambda doctype, name, what: did.append(name))
	monkeypatch.setattr(jobs, "restart_stopped", lambda: did.append("restarted"))
	note("Sales Order", "SO-1", pending.SALE)
	note("Sales Order", "SO-2", pending.SALE)
	frappe.db.set_value(pending.DOCTYPE, {"document": "SO-1"}, "creation", add_to_date(now_datetime(), minutes=-4))
	pending.sweep()
	assert did == ["SO-1", "restarted"]


# ---- beside ERPNext's work


def quiet(monkeypatch) -> list[str]:
	reported = []
	monkeypatch.setattr(guard, "report", reported.append)
	return reported


def test_a_step_of_another_app_that_breaks_is_undone_and_reported_where_we_are_guests(site, monkeypatch):
	reported = quiet(monkeypatch)

	def step():
		frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Half done"}).insert()
		raise KeyError

	with locks.as_guest():
		guard.attempt("A script", step)
	assert reported == ["CRM Pipeline: A script failed"]
	assert not frappe.db.exists("Sales Competitor", "Half done")
	with refused(KeyError):
		guard.attempt("A script", step)


@pytest.mark.parametrize(
	("error", "check", "raised"),
	[
		(frappe.ValidationError("more than agreed"), True, True),
		(frappe.PermissionError("not yours"), True, True),
		(frappe.DoesNotExistError("gone"), True, False),
		(frappe.ValidationError("more than agreed"), False, False),
		(KeyError("a mistake"), True, False),
	],
)
def test_beside_an_order_only_a_refusal_in_words_stops_it(nothing_waits, world, monkeypatch, error, check, raised):
	reported = quiet(monkeypatch)
	order = frappe.get_doc(
		"Sales Order", rows.order(world, 100, crm_source_type="Sales Contract", crm_source_name="CON-1")
	)

	def work():
		frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Half done"}).insert()
		raise error

	run = guard.check if check else guard.follow
	if raised:
		with refused(type(error)):
			run(order, work)
		assert waiting() == []
		return
	run(order, work)
	assert waiting() == [(order.name, pending.CONTRACT if check else pending.SALE, 0)]
	assert not frappe.db.exists("Sales Competitor", "Half done") and len(reported) == 1
	assert any("Your document is saved" in str(message) for message in frappe.local.message_log)


# ---- amounts


def test_amounts_follow_by_the_job_of_their_orders(nothing_waits, sale, world):
	contract = sale.contract(items=sale.rows((world.pump, 1, 100)))
	order = rows.order(world, 100, crm_source_type=contract.doctype, crm_source_name=contract.name)
	note("Sales Order", order, pending.AMOUNTS)
	roll_up.run([order])
	assert frappe.db.get_value(contract.doctype, contract.name, "ordered_amount") == 100
	assert waiting() == []


@pytest.mark.parametrize(("error", "raised"), [("LostRaceError", frappe.RetryBackgroundJobError), (None, KeyError)])
def test_a_job_that_loses_its_race_is_tried_again_by_the_queue(site, monkeypatch, error, raised):
	def do(doctype, name):
		raise locks.LostRaceError if error else KeyError

	monkeypatch.setattr(pending, "do", do)
	with refused(raised):
		roll_up.run(["SO-1"])


def test_mending_goes_on_behind_where_it_stopped(sale):
	deals = [sale.opportunity() for _n in range(2)]
	for deal in deals:
		rows.row("Sales Contract", source_type=deal.doctype, source_name=deal.name, company=sale.world.company)
	records = roll_up.to_reconcile(None)
	for position, record in enumerate(records):
		assert roll_up.to_reconcile(list(record)) == records[position + 1 :]
	assert {(deal.doctype, deal.name) for deal in deals} <= set(records)


def test_deals_are_judged_in_chunks_that_hold_each_once_and_go_on_where_they_stopped(sale, monkeypatch):
	made = {sale.opportunity().name for _n in range(3)}
	# About ten chunks, however many deals the site has.
	monkeypatch.setattr(stall_verdicts, "CHUNK", 2 + frappe.db.count("Sales Opportunity") // 10)
	chunks = stall_verdicts.chunks(None)
	names = [name for doctype, after in chunks for name in stall_verdicts._names_after(doctype, after)]
	assert made <= set(names) and len(names) == len(set(names))
	for position, chunk in enumerate(chunks):
		assert stall_verdicts.chunks(list(chunk)) == chunks[position + 1 :]


# ---- people are told


@pytest.fixture
def question(sale, monkeypatch):
	if HOST.name == "bench":
		# The site has no mail account: the notices themselves are what counts here.
		mails = "frappe.desk.doctype.notification_log.notification_log.send_notification_email"
		monkeypatch.setattr(mails, lambda notice: None)
	deal = sale.opportunity(sales_owner=REP)
	doc = frappe.get_doc(
		{"doctype": help_wanted.REQUEST, "reference_doctype": deal.doctype, "reference_name": deal.name, "wanted": "Price",
		"question": "May I give <b>five</b>?", "asked_by": OTHER_REP, "manager": MANAGER}
	)  # fmt: skip
	doc.db_insert()
	frappe.db.set_value(doc.doctype, doc.name, "status", help_wanted.OPEN)
	return doc


def tasks(doc) -> list[tuple]:
	found = frappe.get_all(
		"ToDo", filters={"reference_type": doc.doctype, "reference_name": doc.name},
		fields=["allocated_to", "status", "assigned_by"], order_by="creation asc",
	)  # fmt: skip
	return [(row.allocated_to, row.status, row.assigned_by) for row in found]


def test_a_question_is_a_task_until_it_is_answered_and_the_answer_is_told_to_owner_and_asker(question, as_user):
	for _twice in range(2):
		help_notices.send(question.name)
	assert tasks(question) == [(MANAGER, "Open", OTHER_REP)]
	frappe.db.set_value(
		question.doctype, question.name, {"status": help_wanted.ANSWERED, "answer": "Three", "answered_by": MANAGER}
	)
	help_notices.send(question.name)
	assert [status for _user, status, _by in tasks(question)] == ["Closed"]
	told = frappe.get_all(
		"Notification Log", filters={"document_type": question.reference_doctype, "document_name": question.reference_name},
		pluck="for_user", order_by="for_user asc",
	)  # fmt: skip
	assert set(told) == {REP, OTHER_REP} and len(told) == 2
	help_notices.send("gone")


@pytest.mark.parametrize(
	("owner", "told"), [(REP, {REP, OTHER_REP}), (MANAGER, {OTHER_REP}), (OTHER_REP, {OTHER_REP}), (None, {OTHER_REP})]
)
def test_who_answers_a_question_is_not_told_the_answer(question, monkeypatch, owner, told):
	sent = []
	monkeypatch.setattr(help_notices, "enqueue_create_notification", lambda users, notice: sent.extend(users))
	frappe.db.set_value(question.reference_doctype, question.reference_name, "sales_owner", owner)
	question.update({"answer": "Three", "answered_by": MANAGER})
	help_notices._notify_of_answer(question)
	assert sorted(sent) == sorted(told)


def test_a_possible_duplicate_is_told_to_managers_who_see_both_but_not_to_who_made_it(sale, world):
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": "Quay", "company": world.company}).insert()
	lead = sale.lead(customer=world.customer, prospect_name=None)
	about = (lead.doctype, lead.name, [["Sales Prospect", prospect.name], ["Sales Prospect", "gone"]])

	def told():
		found = frappe.get_all(
			"Notification Log",
			filters={"document_name": lead.name},
			fields=["for_user", "subject"],
			order_by="for_user asc",
		)
		return {row.for_user: row.subject for row in found}

	duplicates.send(*about, MANAGER)
	assert MANAGER not in told()
	duplicates.send(lead.doctype, lead.name, [["Sales Prospect", "gone"]], REP)
	duplicates.send(lead.doctype, "gone", about[2], REP)
	assert MANAGER not in told()
	duplicates.send(*about, REP)
	assert prospect.name in told()[MANAGER] and "gone" not in told()[MANAGER] and REP not in told()


def test_who_looks_after_the_site_has_everything_caught_up(nothing_waits, monkeypatch):
	queued = []
	monkeypatch.setattr(
		frappe,
		"enqueue",
		lambda method, **how: queued.append((method.split(".")[-1], how.get("job") or how["documents"])),
	)
	for name, what in (("SO-1", pending.SALE), ("SO-1", pending.CONTRACT), ("SO-2", pending.AMOUNTS)):
		note("Sales Order", name, what)
	frappe.db.set_value(pending.DOCTYPE, {"document": "SO-1"}, "attempts", pending.MOST_TRIES)
	behind.catch_up()
	assert sorted(queued[0][1]) == [("Sales Order", "SO-1"), ("Sales Order", "SO-2")]
	assert queued[1:] == [("run", job) for job in jobs.JOBS]
	assert {attempts for _name, _what, attempts in waiting()} == {0}, "what was given up is tried again"
