"""Promises to pay: what they must keep to, and what becomes of them by what finance does."""

# ruff: noqa: F811 (what a test asks for has the name of its fixture)
import contextlib

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api, first_texts
from crm_pipeline.chain import locks, pending
from crm_pipeline.receivables import promise_states
from tests.site.bench.clock import ticking
from tests.site.bench.test_concurrency import committed, race  # noqa: F401
from tests.site.bench.test_receivables import REP, invoice, journal, pay
from tests.site.bench.two import somebody
from tests.site.conftest import USERS
from tests.site.portable.test_promises import bill, promise, status, stored  # noqa: F401
from tests.site.world import another_company, refused

MANAGER = USERS["manager"][0]


@contextlib.contextmanager
def at(day: str):
	days = (getdate(day) - getdate()).days
	with ticking() as clock:
		clock.pass_days(days)
		yield


def work_off():
	"""What the job does after the commit of finance."""
	frappe.local.crm_pipeline_noted = set()
	for row in frappe.get_all(
		"Pending Update", filters={"what": "Promise"}, fields=["document_type", "document"], order_by="creation asc"
	):
		pending.do(row.document_type, row.document)


# ---- making one


@pytest.fixture
def committed_bill(committed):
	"""An invoice over 300 that other connections see; gone afterwards."""
	made = invoice(committed.world, 3, 300)
	frappe.db.commit()
	yield made
	frappe.set_user("Administrator")
	frappe.db.rollback()
	frappe.db.delete(promise_states.PROMISE, {"sales_invoice": made.name})
	for table in ("GL Entry", "Payment Ledger Entry"):
		frappe.db.delete(table, {"voucher_no": made.name})
	for table in ("Sales Invoice Item", "Payment Schedule"):
		frappe.db.delete(table, {"parent": made.name})
	frappe.db.delete("Sales Invoice", {"name": made.name})
	frappe.db.commit()


def test_two_promises_at_once_are_not_more_than_is_owed(committed_bill, race):
	row = {"doctype": "Promise to Pay", "sales_invoice": committed_bill.name, "promised_on": nowdate(), "amount": 200}
	answers = race([("frappe.client.insert", [row], ["Sales Invoice", committed_bill.name])] * 2)
	said = [answer.get("message", "") for answer in answers if "error" in answer]
	assert len(said) == 1 and "promised already" in said[0], answers
	assert frappe.db.count("Promise to Pay", {"sales_invoice": committed_bill.name}) == 1


def test_a_promise_in_a_longer_transaction_is_refused_where_it_can_not_see_the_latest(committed_bill, monkeypatch):
	note = {"doctype": "Note", "title": frappe.generate_hash()}
	with somebody() as other:
		frappe.get_doc(note).insert()
		with other:
			promise(committed_bill, 200)
		monkeypatch.setattr(locks, "NAME_PATIENCE", 0)
		with refused(locks.LostRaceError):
			promise(committed_bill, 200)
		# Finance does not wait for what somebody promises.
		frappe.db.set_value("Sales Invoice", committed_bill.name, "remarks", "Looked at")
		with other:
			frappe.db.commit()
		# With snapshot isolation the server says it, and undoes the whole transaction.
		with pytest.raises(locks.LostRaceError):
			promise(committed_bill, 200)
		frappe.db.rollback()
		with refused(match="promised already"):
			promise(committed_bill, 200)
		promise(committed_bill, 100)
		frappe.db.rollback()


def test_what_can_not_be_promised_is_refused_in_words(bill, world):
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

	with refused(match="300.* are owed"):
		promise(bill, 300.01)
	with refused(match="has passed"):
		promise(bill, 10, days=-1)
	with refused(match="enter how much"):
		promise(bill, 0)
	with refused(match="is of customer"):
		promise(bill, 10, customer=world.customer)
	with refused(frappe.MandatoryError):
		promise(bill, 10, promised_on=None)
	promise(bill, 200)
	with refused(match="promised already"):
		promise(bill, 150, days=9)
	promise(bill, 100, days=9)
	draft = frappe.copy_doc(bill)
	draft.docstatus = 0
	draft.items[0].docstatus = 0
	draft.insert()
	with refused(match="is a draft"):
		promise(draft)
	paid = invoice(world, 5, 50)
	pay(paid, 50)
	with refused(match="is paid"):
		promise(paid, 10)
	gone = invoice(world, 5, 50)
	gone.cancel()
	with refused(match="is cancelled"):
		promise(gone, 10)
	note = make_sales_return(invoice(world, 5, 50).name)
	note.insert()
	note.submit()
	with refused(match="credit note"):
		promise(note, 10)
	with refused(frappe.LinkValidationError):
		promise(frappe._dict(name="NONE"), 10)


def test_an_invoice_of_another_company_is_not_promised_for_this_one(bill, world):
	second = another_company(world, "Second")
	with refused(match="is of company"):
		promise(bill, 10, company=second.name)
	frappe.get_doc({"doctype": "User Permission", "user": REP, "allow": "Company", "for_value": second.name}).insert()
	frappe.set_user(REP)
	with refused(frappe.PermissionError, match="does not exist"):
		promise(bill, 10)


def test_the_invoices_that_a_customer_owes_are_offered_to_who_sees_them(bill, world, as_user):
	promise(bill, 250)
	full = invoice(world, 2, 40, who=bill.customer)
	promise(full, 40)
	as_user("rep")
	assert [(row["sales_invoice"], row["amount"]) for row in api.get_owed_invoices(bill.customer)] == [(bill.name, 50)]
	as_user("other_rep")
	assert api.get_owed_invoices(bill.customer) == []


# ---- what becomes of it


def test_a_payment_keeps_it_at_once_and_its_cancellation_opens_it_again(bill):
	made = promise(bill, 100)
	pay(bill, 60)
	assert status(made) == "Open"
	payment = pay(bill, 40)
	assert status(made) == "Kept" and stored(made) == "Open"
	work_off()
	assert stored(made) == "Kept" and stored(made, "settled_amount") == 100
	assert stored(made, "settled_on") == getdate(nowdate())
	payment.cancel()
	assert status(made) == "Open"
	work_off()
	assert stored(made) == "Open"


@pytest.mark.parametrize("how", ["credit", "credit for itself", "write-off", "cancel"])
def test_whatever_finance_does_counts(bill, how):
	from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return

	made = promise(bill, 300)
	if how.startswith("credit"):
		note = make_sales_return(bill.name)
		note.update_outstanding_for_self = int(how != "credit")
		note.insert()
		note.submit()
	elif how == "write-off":
		journal(
			frappe._dict(company=bill.company, customer=bill.customer, currency=made.currency),
			0,
			300,
			bill,
			"Write Off Entry",
		)
	else:
		frappe.get_doc(bill.doctype, bill.name).cancel()
	wanted = "Withdrawn" if how == "cancel" else "Kept"
	assert status(made) == wanted
	work_off()
	assert stored(made) == wanted


def test_a_promise_that_is_not_kept_in_time_is_broken_and_stays_so(bill):
	made, later = promise(bill, 100, days=2), promise(bill, 200, days=10)
	with at(add_days(nowdate(), 2)):
		assert status(made) == "Open"
	with at(add_days(nowdate(), 3)):
		assert (status(made), status(later)) == ("Broken", "Open")
		promise_states.daily()
		assert (stored(made), stored(later)) == ("Broken", "Open")
		assert status(promise(bill, 100, days=3)) == "Open"
		pay(bill, 300)
		found = {row.name: verdict.status for row, verdict in promise_states.of_invoices([bill.name])[bill.name]}
		assert (found[made.name], found[later.name]) == ("Broken", "Kept")


def test_part_payments_count_for_one_promise_each(bill):
	first, second = promise(bill, 100, days=2), promise(bill, 200, days=6)
	pay(bill, 150)
	assert (status(first), status(second)) == ("Kept", "Open")
	with at(add_days(nowdate(), 7)):
		assert (status(first), status(second)) == ("Kept", "Broken")


def test_a_fault_of_ours_never_stops_finance(bill, monkeypatch):
	promise(bill, 100)

	def broken(*args, **kwargs):
		raise ValueError("ours")

	monkeypatch.setattr(pending, "note", broken)
	assert pay(bill, 40).docstatus == 1


# ---- who hears of it


@pytest.fixture
def team(world):
	"""REP below MANAGER in the tree."""
	root = frappe.db.get_value("Sales Person", {"parent_sales_person": ("in", ("", None))}, "name")
	frappe.db.set_value("Sales Person", {"crm_user": ("in", (REP, MANAGER))}, "crm_user", None)
	head = {"doctype": "Sales Person", "sales_person_name": f"Head {world.tag}", "is_group": 1, "crm_user": MANAGER}
	head = frappe.get_doc({**head, "parent_sales_person": root}).insert()
	below = {"doctype": "Sales Person", "sales_person_name": f"Rep {world.tag}", "crm_user": REP}
	return frappe.get_doc({**below, "parent_sales_person": head.name}).insert()


def bells(user: str, doc) -> list[str]:
	return frappe.get_all(
		"Notification Log",
		filters={"for_user": user, "document_type": doc.doctype, "document_name": doc.name},
		pluck="subject",
		order_by="creation asc",
	)


def test_a_broken_promise_goes_to_the_manager_once(bill, team):
	first_texts.make_notices()
	frappe.db.set_single_value("CRM Pipeline Settings", "promise_escalation_days", 3)
	made = promise(bill, 100, days=1)
	assert made.sales_person == team.name
	for day, escalated in ((3, None), (4, MANAGER), (5, MANAGER)):
		with at(add_days(nowdate(), day)):
			promise_states.look_after(bill.name)
		assert stored(made, "escalated_to") == escalated
	assert len(bells(MANAGER, made)) == 1 and "still not paid" in bells(MANAGER, made)[0]
	assert bill.name in bells(MANAGER, made)[0]


def test_what_is_paid_late_is_not_escalated_and_zero_days_never(bill, team):
	late, never = promise(bill, 100, days=1), promise(bill, 200, days=1)
	frappe.db.set_single_value("CRM Pipeline Settings", "promise_escalation_days", 0)
	with at(add_days(nowdate(), 9)):
		promise_states.look_after(bill.name)
		assert stored(never, "escalated_on") is None
		pay(bill, 300)
		frappe.db.set_single_value("CRM Pipeline Settings", "promise_escalation_days", 3)
		promise_states.look_after(bill.name)
	assert (stored(late, "escalated_on"), stored(never, "escalated_on"), stored(late)) == (None, None, "Broken")


def test_the_owner_is_reminded_before_and_after_by_notifications_that_an_admin_can_change(bill):
	first_texts.make_notices()
	made = promise(bill, 100, days=3)
	alert = frappe.get_doc("Notification", "CRM Promise Due Tomorrow: Bell")
	with at(add_days(nowdate(), 2)):
		assert made.name in {doc.name for doc in alert.get_documents_for_today()}
		alert.send(frappe.get_doc(made.doctype, made.name))
	assert len(bells(REP, made)) == 1 and "promised for tomorrow" in bells(REP, made)[0]
	broken = frappe.get_doc("Notification", "CRM Promise Broken: E-mail")
	with at(add_days(nowdate(), 4)):
		assert made.name in {doc.name for doc in broken.get_documents_for_today()}
		pay(bill, 100, days=2)
		assert made.name not in {doc.name for doc in broken.get_documents_for_today()}
	frappe.db.set_value("Notification", alert.name, "enabled", 0)
	first_texts.make_notices()
	assert not frappe.db.get_value("Notification", alert.name, "enabled")


def test_a_promise_goes_along_with_an_invoice_that_finance_cancels_and_amends(sale, bill, as_user):
	made = promise(bill, 120)
	as_user("finance")
	sale.cancel(bill)
	work_off()
	assert status(made) == stored(made) == "Withdrawn"
	amended = sale.amend(bill)
	work_off()
	assert (status(made), stored(made), stored(made, "sales_invoice")) == ("Open", "Open", amended.name)
	pay(amended, 120)
	work_off()
	assert stored(made) == "Kept"
