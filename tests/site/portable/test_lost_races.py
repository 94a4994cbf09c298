"""Who loses a race is tried again from the start; who loses it again and again is told so in words."""

import frappe
import pytest

from crm_pipeline.chain import locks
from crm_pipeline.chain.locks import LostRaceError, lost_race_in_words, whole_transaction


@pytest.fixture
def attempts(site):
	"""attempts(error, fails=2) is an entry point that writes a record, and fails that often before it succeeds."""

	def make(error, fails):
		tried = []

		@whole_transaction
		def attempt(name, suffix=""):
			tried.append(name)
			frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": f"{name} {len(tried)}{suffix}"}).insert()
			if len(tried) <= fails:
				raise error
			return f"{name}{suffix}"

		attempt.tried = tried
		return attempt

	return make


def left(name: str) -> list[str]:
	return frappe.get_all(
		"Sales Competitor", filters={"name": ("like", f"{name} %")}, pluck="name", order_by="name asc"
	)


@pytest.mark.parametrize(
	"error",
	[
		Exception(1213, "Deadlock found when trying to get lock"),
		Exception(1205, "Lock wait timeout exceeded"),
		Exception(1020, "Record has changed since last read"),
		frappe.QueryDeadlockError("Deadlock"),
		frappe.QueryTimeoutError("Timeout"),
	],
	ids=lambda error: f"{type(error).__name__} {error.args[0]}",
)
@pytest.mark.parametrize("fails", [1, 3])
def test_a_lost_race_is_tried_again_from_the_start(attempts, error, fails):
	attempt = attempts(error, fails)
	assert attempt("Race", suffix="!") == "Race!"
	assert len(attempt.tried) == fails + 1
	assert left("Race") == [f"Race {fails + 1}!"], "what a lost try wrote is gone"


def test_a_race_lost_again_and_again_is_told_in_words(attempts):
	attempt = attempts(Exception(1213, "Deadlock"), 99)
	with pytest.raises(LostRaceError, match="try again in a moment"):
		attempt("Race")
	assert len(attempt.tried) == locks.TRIES
	assert left("Race") == []


@pytest.mark.parametrize("error", [frappe.ValidationError("No"), Exception(1062, "Duplicate entry"), KeyError("items")])
def test_another_error_is_not_tried_again(attempts, error):
	attempt = attempts(error, 1)
	with pytest.raises(type(error)):
		attempt("Race")
	assert len(attempt.tried) == 1


def test_messages_of_a_lost_try_are_not_shown(site):
	tried = []

	@whole_transaction
	def attempt():
		tried.append(1)
		frappe.msgprint(f"Try {len(tried)}")
		if len(tried) < 3:
			raise Exception(1020, "Record has changed since last read")

	attempt()
	assert len(frappe.local.message_log) == 1 and "Try 3" in str(frappe.local.message_log[0])


def test_a_stock_row_made_at_the_same_moment_is_a_lost_race(site):
	error = frappe.DoesNotExistError("Bin not found")
	assert not locks.is_lost_race(error)
	error.doctype = "Bin"
	assert locks.is_lost_race(error)
	error.doctype = "Item"
	assert not locks.is_lost_race(error)


def test_a_form_that_loses_a_race_says_so_and_leaves_other_errors_alone(site):
	with pytest.raises(LostRaceError), lost_race_in_words():
		raise Exception(1020, "Record has changed since last read")
	with pytest.raises(frappe.MandatoryError), lost_race_in_words():
		raise frappe.MandatoryError("Reason")


@pytest.mark.parametrize("read", [lambda *row: locks.lock(row), locks.locked_doc], ids=["lock", "locked_doc"])
def test_what_is_gone_is_not_locked(site, read):
	with pytest.raises(frappe.DoesNotExistError):
		read("Sales Opportunity", "OPP-nowhere")


def test_rows_are_locked_in_one_order_whatever_they_are_asked_in():
	rows = [
		("Sales Order Request", "A"),
		("Sales Opportunity", "B"),
		("Sales Contract", "A"),
		("Sales Opportunity", "A"),
	]
	expected = [
		("Sales Opportunity", "A"),
		("Sales Opportunity", "B"),
		("Sales Contract", "A"),
		("Sales Order Request", "A"),
	]
	assert locks.in_order(rows) == locks.in_order(reversed(rows)) == expected


def test_an_estimate_is_locked_before_the_contract_and_sums_last():
	place = locks.ORDER.index
	assert place("Quotation") < place("Cost Estimate") < place("Sales Contract") < place("Sales Order Request")
	assert locks.ORDER[:3] == ("Sales Import", "Lead Assignment Rule", "Sales Prospect")
	assert locks.ORDER[-1] == "Sales Campaign"
	assert "Sales Order" not in locks.ORDER


@pytest.mark.parametrize("key", ["conversion_key", "crm_request_key", "playbook_key"])
def test_a_second_record_with_a_key_that_only_one_may_have_is_a_lost_race(key):
	assert locks.is_lost_race(frappe.UniqueValidationError(f"Duplicate entry 'x' for key '{key}'"))
	assert not locks.is_lost_race(frappe.UniqueValidationError("Duplicate entry 'x' for key 'external_id'"))


def test_a_lock_commits_nothing_when_a_part_was_undone_before(sale):
	deal = sale.opportunity()
	frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": "Half made"}).insert()
	frappe.db.savepoint("part")
	frappe.db.rollback(save_point="part")
	locks.lock((deal.doctype, deal.name))
	frappe.db.rollback()
	assert not frappe.db.exists("Sales Competitor", "Half made")
	assert not frappe.db.exists(deal.doctype, deal.name)


def test_a_lock_sees_whether_its_row_changed_since_it_was_read(sale, monkeypatch):
	deal = sale.opportunity()
	row = (deal.doctype, deal.name)
	for anew in (False, True):
		state = locks._State()
		locks._lock(row, state, anew)
		assert state.held == {row}, "nobody changed it, or nobody had read it"
	read = iter([("before",), ("after",)])
	monkeypatch.setattr(locks, "_marks", lambda *args, **how: next(read))
	with pytest.raises(locks.OutdatedError):
		locks._lock(row, locks._State(), False)
	monkeypatch.undo()
	with pytest.raises(locks.OutdatedError):
		locks._lock((deal.doctype, "gone"), locks._State(), True)


@pytest.mark.parametrize("key", ["conversion_key", "crm_request_key", "playbook_key"])
def test_who_makes_what_only_one_may_make_a_moment_later_lost_a_race(site, key):
	error = frappe.UniqueValidationError("Sales Order", "SO-1", Exception(1062, f"Duplicate entry 'X' for key '{key}'"))
	assert locks.is_lost_race(error)
	assert not locks.is_lost_race(
		frappe.UniqueValidationError("Sales Order", "SO-1", Exception(1062, "for key 'po_no'"))
	)
