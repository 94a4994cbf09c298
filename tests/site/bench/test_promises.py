"""Promises to pay: what they must keep to, and what becomes of them by what finance does."""

import contextlib

import frappe
import pytest
from frappe.utils import add_days, date_diff, getdate, nowdate

from crm_pipeline import api, first_texts
from crm_pipeline.chain import locks, pending
from crm_pipeline.receivables import promise_states
from tests.site.bench.clock import ticking
from tests.site.bench.test_concurrency import committed, race  # noqa: F401
from tests.site.bench.test_receivables import OTHER, REP, invoice, journal, pay
from tests.site.bench.two import somebody
from tests.site.conftest import USERS
from tests.site.world import customer, refused

MANAGER = USERS["manager"][0]


def promise(bill, amount: float = 100, days: int = 5, **values):
	return frappe.get_doc(
		{
			"doctype": "Promise to Pay",
			"sales_invoice": bill.name,
			"promised_on": add_days(nowdate(), days),
			"amount": amount,
			**values,
		}
	).insert()


@pytest.fixture
def bill(world):
	"""An invoice over 300 of a customer of REP, 20 days overdue."""
	return invoice(world, 20, 300, who=customer(f"Slow {world.tag}", account_manager=REP))


@contextlib.contextmanager
def at(day: str):
	days = date_diff(day, nowdate())
	with ticking() as clock:
		clock.pass_days(days)
		yield


def status(doc) -> str:
	"""As somebody reads it."""
	return frappe.get_doc(doc.doctype, doc.name).status


def stored(doc, field: str = "status"):
	return frappe.db.get_value(doc.doctype, doc.name, field)


def work_off():
	"""What the job does after the commit of finance."""
	frappe.local.crm_pipeline_noted = set()
	for row in frappe.get_all(
		"Pending Update", filters={"what": "Promise"}, fields=["document_type", "document"], order_by="creation asc"
	):
		pending.do(row.document_type, row.document)


# ---- making one


@pytest.fixture
def committed_bill(committed):  # noqa: F811
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


def test_two_promises_at_once_are_not_more_than_is_owed(committed_bill, race):  # noqa: F811
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
		with refused(locks.LostRaceError):
			promise(committed_bill, 200)
		frappe.db.rollback()
		with refused(match="promised already"):
			promise(committed_bill, 200)
		promise(committed_bill, 100)
		frappe.db.rollback()


def test_a_promise_takes_customer_currency_and_owner_from_its_invoice(bill, world, as_user):
	as_user("rep")
	assert api.get_promise_of_invoice(bill.name)["amount"] == 300
	made = promise(bill, 100, customer=bill.customer)
	assert (made.customer, made.company, made.currency) == (bill.customer, world.company, world.currency)
	assert (made.outstanding, made.status, made.sales_owner, made.made_on) == (300, "Open", REP, getdate(nowdate()))
	assert api.get_promise_of_invoice(bill.name)["amount"] == 200


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
	second = frappe.get_doc(
		{"doctype": "Company", "company_name": f"Second {world.tag}", "abbr": f"S{world.tag[:4]}",
		"default_currency": world.currency, "country": "Germany", "chart_of_accounts": "Standard"}
	).insert()  # fmt: skip
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


def test_who_does_not_see_the_invoice_promises_nothing_for_it(bill, as_user):
	for who in ("other_rep", "stranger"):
		as_user(who)
		with refused(frappe.PermissionError):
			promise(bill, 10)
	as_user("other_rep")
	with refused(frappe.PermissionError, match="does not exist"):
		api.get_promise_of_invoice(bill.name)
	as_user("finance")
	assert promise(bill, 10).sales_owner == REP


def test_what_was_promised_stays_and_is_taken_back_with_a_reason(bill, as_user):
	as_user("rep")
	made = promise(bill, 100)
	made.amount = 50
	with refused(frappe.CannotChangeConstantError):
		made.save()
	made.reload()
	made.update({"status": "Kept", "outstanding": 1, "note": "By phone", "settled_amount": 100})
	made.save()
	assert (stored(made), stored(made, "outstanding"), stored(made, "note")) == ("Open", 300, "By phone")
	api.withdraw_promise(made.name, "They <b>will</b> not")
	assert (status(made), stored(made, "withdrawn_because")) == ("Withdrawn", "They <b>will</b> not")
	with refused():
		api.withdraw_promise(made.name)
	assert promise(bill, 300).status == "Open"


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


def test_an_invoice_without_promises_costs_finance_one_question(world, monkeypatch):
	other, asked = invoice(world, 5, 50), []
	sql = frappe.db.sql
	monkeypatch.setattr(frappe.db, "sql", lambda *args, **kwargs: (asked.append(args), sql(*args, **kwargs))[1])
	promise_states.collect(other)
	assert len(asked) == 1


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


def test_a_follow_up_is_an_activity_about_the_promise(bill, as_user):
	as_user("rep")
	made = promise(bill, 100)
	activity = frappe.get_doc(
		{"doctype": "Sales Activity", "subject": "Ask", "reference_doctype": made.doctype, "reference_name": made.name}
	).insert()
	assert (activity.customer, activity.company) == (bill.customer, bill.company)


def test_with_team_visibility_a_promise_is_seen_by_its_owner_s_team(bill, as_user):
	from tests.site.portable.test_visibility import set_apart

	made = promise(bill, 100)
	set_apart()
	for who, sees in (("rep", True), ("other_rep", False), ("finance", True)):
		as_user(who)
		assert bool(frappe.has_permission(made.doctype, doc=made.name)) is sees
		assert bool(frappe.get_list(made.doctype, filters={"name": made.name}, order_by="name asc")) is sees
	assert OTHER
