"""Daily jobs and the work behind documents: one record at a time, lost races tried again, lost jobs made up for."""

import frappe
import pytest
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from crm_pipeline import api
from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.chain import behind, jobs, locks, pending
from crm_pipeline.orders import expiry, native_order, roll_up
from tests.site.bench.test_concurrency import committed  # noqa: F401
from tests.site.bench.two import somebody


@pytest.fixture(autouse=True)
def own_connection(site, rolled_back):
	"""A job has a connection of its own. On one where a part of a transaction was undone before, as tests do, it would
	take itself for a guest in somebody's transaction (chain/locks.py)."""
	frappe.db.close()
	frappe.db.connect()


@pytest.fixture
def clean(site):
	"""No rows of jobs and pending work, before and after."""
	yield _forget_jobs()
	frappe.db.rollback()
	_forget_jobs()


def _forget_jobs():
	for doctype in (jobs.DOCTYPE, pending.DOCTYPE):
		frappe.db.delete(doctype)
	frappe.db.commit()


@pytest.fixture
def losing(monkeypatch):
	"""losing(module, name, for_record, times): that function loses a race for a record, and takes its transaction along."""

	def make(module, name, record, times=1):
		original, lost = getattr(module, name), []

		def sometimes(*args, **kwargs):
			answer = original(*args, **kwargs)
			if record in args and len(lost) < times:
				lost.append(record)
				frappe.db.sql("ROLLBACK")
				raise frappe.QueryDeadlockError("Deadlock found")
			return answer

		monkeypatch.setattr(module, name, sometimes)
		return lost

	return make


@pytest.fixture
def ended(committed):  # noqa: F811
	"""Five contracts whose last day is over, committed."""
	names = []
	for _number in range(5):
		contract = committed.contract(start_date=add_days(nowdate(), -9), end_date=add_days(nowdate(), 9))
		frappe.db.set_value("Sales Contract", contract.name, "end_date", add_days(nowdate(), -1))
		names.append(contract.name)
	frappe.db.commit()
	return names


def states(names) -> list[str]:
	return [frappe.db.get_value("Sales Contract", name, "status") for name in names]


@pytest.mark.parametrize("times", [1, 3])
def test_one_lost_race_costs_no_contract_its_expiry(clean, ended, losing, times):
	lost = losing(expiry, "expire", ended[2], times)
	assert expiry.expire_contracts() >= 5
	assert len(lost) == times and states(ended) == ["Expired"] * 5


def test_a_contract_that_never_expires_stops_no_other_and_is_reported(clean, ended, losing):
	losing(expiry, "expire", ended[1], 99)
	expiry.expire_contracts()
	assert states(ended) == ["Expired", "Active", "Expired", "Expired", "Expired"]
	assert frappe.get_all("Error Log", filters={"error": ("like", f"%{ended[1]}%")}, order_by="name asc")
	row = frappe.get_doc(jobs.DOCTYPE, "Expire Contracts")
	assert (row.status, row.failed) == ("Done", 1)
	assert any("records that failed" in text for text in behind.state()["problems"])


def test_a_contract_that_somebody_holds_is_passed_over(clean, ended):
	with somebody(patience=0) as other:
		with other:
			locks.lock(("Sales Contract", ended[0]))
		expiry.expire_contracts()
	assert states(ended) == ["Active", *["Expired"] * 4]


@pytest.fixture
def cut(monkeypatch):
	"""cut(module, name, for_record): the connection is lost, once, while that function works on a record."""

	def make(module, name, record):
		original, lost = getattr(module, name), []

		def sometimes(*args, **kwargs):
			answer = original(*args, **kwargs)
			if record in args and not lost:
				lost.append(record)
				kill_my_connection()
			return answer

		monkeypatch.setattr(module, name, sometimes)
		return lost

	return make


def kill_my_connection() -> None:
	(mine,) = frappe.db.sql("SELECT CONNECTION_ID()")[0]
	other = frappe.db.get_connection()
	other.cursor().execute("KILL %s", (mine,))
	other.close()


def test_a_connection_lost_in_the_middle_costs_no_contract_its_expiry(clean, ended, cut):
	lost = cut(expiry, "expire", ended[2])
	expiry.expire_contracts()
	assert lost and states(ended) == ["Expired"] * 5
	assert frappe.db.get_value(jobs.DOCTYPE, "Expire Contracts", ["status", "failed"]) == ("Done", 0)


def test_a_job_waits_for_a_database_that_is_being_restarted(clean, ended, cut, monkeypatch):
	cut(expiry, "expire", ended[0])
	connect, refused = frappe.db.connect, []

	def away():
		if len(refused) < 3:
			refused.append(1)
			raise OSError(2003, "Can't connect to server")
		connect()

	monkeypatch.setattr(frappe.db, "connect", away)
	expiry.expire_contracts()
	assert len(refused) == 3 and states(ended) == ["Expired"] * 5


def test_a_database_that_stays_away_ends_the_job_with_nothing_marked_as_done(clean, ended, cut, monkeypatch):
	cut(expiry, "expire", ended[2])
	monkeypatch.setattr(locks, "BACK", 0.0)
	monkeypatch.setattr(jobs, "WAITS", 1)
	with monkeypatch.context() as patch:
		patch.setattr(frappe.db, "connect", lambda: (_ for _ in ()).throw(OSError(2003, "Can't connect to server")))
		with pytest.raises(OSError):
			expiry.expire_contracts()
	locks.reconnect()
	assert states(ended) == ["Expired", "Expired", "Active", "Active", "Active"]
	assert frappe.db.get_value(jobs.DOCTYPE, "Expire Contracts", "status") == "Running"
	jobs.run("Expire Contracts")
	assert states(ended) == ["Expired"] * 5


def test_amounts_follow_although_the_connection_is_lost_while_they_are_computed(clean, drifted, cut):
	order = frappe.get_all(
		"Sales Order", filters={"crm_source_name": ("is", "set")}, pluck="name", order_by="creation desc"
	)[0]
	pending.note("Sales Order", order, pending.AMOUNTS)
	frappe.db.commit()
	cut(pending, "_rows_of", order)
	roll_up.run([order])
	assert drifted and 480 in ordered(drifted)
	assert not frappe.db.exists(pending.DOCTYPE, {"document": order})


def test_how_far_a_job_has_come_is_no_reason_to_end_it(clean, ended, losing):
	lost = losing(jobs, "_progress", (ended[1],))
	expiry.expire_contracts()
	assert lost and states(ended) == ["Expired"] * 5
	assert frappe.db.get_value(jobs.DOCTYPE, "Expire Contracts", ["status", "failed"]) == ("Done", 0)


def test_an_entry_point_whose_connection_is_lost_begins_again(committed, cut):  # noqa: F811
	request = committed.request(committed.contract())
	frappe.db.commit()
	lost = cut(native_order, "live_order_of", request.name)
	api.accept_request(request.name)
	frappe.db.commit()
	assert lost and frappe.db.count("Sales Order", {"crm_source_name": request.name}) == 1


@pytest.fixture
def drifted(committed, clean):  # noqa: F811
	"""Contracts with an order each whose amounts somebody spoiled, committed."""
	names = []
	for _number in range(3):
		contract = committed.contract()
		committed.order(contract)
		names.append(contract.name)
	for name in names:
		frappe.db.set_value("Sales Contract", name, "ordered_amount", 1)
	frappe.db.commit()
	_forget_jobs()
	return names


def ordered(names) -> list[float]:
	return [frappe.db.get_value("Sales Contract", name, "ordered_amount") for name in names]


def test_one_lost_race_leaves_nothing_drifted(drifted, losing):
	losing(roll_up, "mend", drifted[0], 2)
	assert roll_up.reconcile() >= 3
	assert ordered(drifted) == [480] * 3


class Killed(BaseException):
	"""A worker that is gone in the middle."""


def test_a_killed_job_goes_on_where_it_stopped(drifted, monkeypatch):
	mend, mended = roll_up.mend, []

	def mending(doctype, name):
		if name == drifted[1] and drifted[1] not in mended:
			mended.append(name)
			raise Killed
		mended.append(name)
		return mend(doctype, name)

	monkeypatch.setattr(roll_up, "mend", mending)
	with pytest.raises(Killed):
		roll_up.reconcile()
	frappe.db.rollback()
	assert ordered(drifted) == [480, 1, 1]
	assert jobs.stopped() == []
	row = frappe.get_doc(jobs.DOCTYPE, "Reconcile")
	frappe.db.set_value(
		jobs.DOCTYPE, row.name, "modified", add_to_date(now_datetime(), minutes=-11), update_modified=False
	)
	frappe.db.commit()
	assert jobs.stopped() == ["Reconcile"]
	assert any("did not come to its end" in text for text in behind.state()["problems"])
	queued = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **kwargs: queued.append((method, kwargs["job"])))
	pending.sweep()
	pending.sweep()
	assert queued == [("crm_pipeline.chain.jobs.run", "Reconcile")], "once, and not again before it could begin"
	frappe.db.commit()
	already = len(mended)
	jobs.run("Reconcile")
	assert ordered(drifted) == [480] * 3
	assert drifted[0] not in mended[already:], "what was done is not done again"
	assert frappe.db.get_value(jobs.DOCTYPE, "Reconcile", "status") == "Done"


def test_deals_stay_judged_when_a_chunk_is_killed(committed, clean, monkeypatch):  # noqa: F811
	monkeypatch.setattr(stall_verdicts, "CHUNK", 2)
	deals = [committed.opportunity(expected_close=add_days(nowdate(), 5)).name for _number in range(5)]
	for name in deals:
		frappe.db.set_value("Sales Opportunity", name, {"stalled_score": 99, "is_stalled": 1})
	frappe.db.commit()
	refresh, seen = stall_verdicts.refresh, []

	def killed(doctype, names, now=None):
		if deals[2] in names and not seen:
			seen.append(names)
			raise Killed
		return refresh(doctype, names, now)

	monkeypatch.setattr(stall_verdicts, "refresh", killed)
	with pytest.raises(Killed):
		stall_verdicts.refresh_all()
	frappe.db.rollback()
	jobs.run("Judge Deals")
	assert not frappe.get_all(
		"Sales Opportunity", filters={"name": ("in", deals), "stalled_score": 99}, order_by="name asc"
	)


def test_amounts_whose_job_never_came_follow_within_minutes(committed, clean, monkeypatch):  # noqa: F811
	contract = committed.contract()
	order = committed.order(contract)
	frappe.db.commit()
	_forget_jobs()

	asked = []

	def down(*args, **kwargs):
		asked.append(args)
		raise ConnectionError("Redis is down")

	monkeypatch.setattr(frappe, "enqueue", down)
	monkeypatch.setattr(pending, "_down_until", [0.0])
	for _number in range(3):
		pending.queue("a.job")
	assert len(asked) == 1, "a queue that is down keeps nobody waiting a second time"
	committed.deliver(order)
	frappe.db.commit()
	assert committed.amounts(contract)[1] == 0
	assert pending.overdue() == []
	frappe.db.set_value(pending.DOCTYPE, {"document": order.name}, "creation", add_to_date(now_datetime(), minutes=-10))
	frappe.db.commit()
	assert pending.overdue() == [("Sales Order", order.name)]
	assert any("wait longer" in text for text in behind.state()["problems"])
	pending.sweep()
	assert committed.amounts(contract)[1] == 480
	assert pending.overdue() == [] and behind.state()["pending"]["count"] == 0
	frappe.db.delete("Delivery Note", {"customer": committed.world.customer})
	frappe.db.commit()


def test_a_question_whose_notice_was_lost_becomes_a_task_within_minutes(committed, clean, monkeypatch):  # noqa: F811
	deal = committed.opportunity()
	monkeypatch.setattr(frappe, "enqueue", lambda *args, **kwargs: None)
	committed.as_user("rep")
	question = api.ask_for_help(deal.doctype, deal.name, "Price", "How low?")["name"]
	committed.as_user("Administrator")
	frappe.db.commit()
	assert pending.overdue() == []
	frappe.db.set_value(pending.DOCTYPE, {"document": question}, "creation", add_to_date(now_datetime(), minutes=-10))
	frappe.db.commit()
	pending.sweep()
	assigned = frappe.get_all("ToDo", filters={"reference_name": question}, pluck="assigned_by", order_by="name asc")
	assert assigned and set(assigned) == {"rep@crm-test.example"}
	assert frappe.session.user == "Administrator" and not frappe.db.count(pending.DOCTYPE)


def test_a_notice_of_a_possible_duplicate_is_kept_until_it_is_told(committed, clean, monkeypatch):  # noqa: F811
	from crm_pipeline.parties import duplicates

	told, lead = [], committed.lead()
	duplicates.notify(lead, [("Customer", committed.world.customer)])
	frappe.db.commit()
	monkeypatch.setattr(duplicates, "send", lambda **about: told.append(about))
	pending.do(lead.doctype, lead.name)
	(about,) = told
	assert about == {
		"reference_doctype": lead.doctype, "reference_name": lead.name, "others": [["Customer", committed.world.customer]],
		"by": "Administrator",
	}  # fmt: skip
	assert not frappe.db.count(pending.DOCTYPE)


def test_a_week_whose_job_was_killed_has_its_snapshot_in_the_end(committed, clean, monkeypatch):  # noqa: F811
	from crm_pipeline.analytics import snapshots

	frozen = []

	def killed(company):
		frozen.append(company)
		if len(frozen) == 2:
			raise Killed
		return True

	monkeypatch.setattr(snapshots, "companies", lambda after: [(n,) for n in "ABC" if not after or n > after[0]])
	monkeypatch.setattr(snapshots, "freeze", killed)
	with pytest.raises(Killed):
		snapshots.weekly()
	frappe.db.rollback()
	frappe.db.set_value(
		jobs.DOCTYPE, jobs.FREEZE, "modified", add_to_date(now_datetime(), minutes=-11), update_modified=False
	)
	frappe.db.commit()
	assert jobs.stopped() == [jobs.FREEZE]
	jobs.run(jobs.FREEZE)
	assert frozen == ["A", "B", "B", "C"]


def test_what_fails_again_and_again_is_shown_and_left(committed, clean, monkeypatch):  # noqa: F811
	pending.note("Sales Order", "SO-X", pending.SALE, ValueError("No"))
	frappe.db.commit()
	monkeypatch.setattr(pending, "do", lambda *_document: (_ for _ in ()).throw(ValueError("Still no")))
	for number in range(1, 3):
		pending.work_off([("Sales Order", "SO-X")])
		row = frappe.get_all(pending.DOCTYPE, fields=["attempts", "error"], order_by="name asc")[0]
		assert (row.attempts, row.error) == (number, "ValueError: Still no")
	frappe.db.set_value(
		pending.DOCTYPE, {"document": "SO-X"}, {"attempts": 20, "creation": add_days(now_datetime(), -1)}
	)
	assert pending.overdue() == []
	assert any("not tried any more" in text for text in behind.state()["problems"])


def test_only_system_managers_see_how_the_work_stands(site, as_user):
	as_user("manager")
	for ask in (api.get_pipeline_state, api.catch_up_now):
		with pytest.raises(frappe.PermissionError):
			ask()
	as_user("Administrator")
	assert {job["job"] for job in api.get_pipeline_state()["jobs"]} == set(jobs.JOBS)
