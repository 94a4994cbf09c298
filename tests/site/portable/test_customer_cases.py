"""Complaints and requests of customers: when they are due, who has them, what was done, and what the customer says of it."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime, getdate, now_datetime, nowdate

from crm_pipeline import api
from tests.site.hosts import HOST
from tests.site.portable.test_visibility import set_apart
from tests.site.rows import row
from tests.site.world import customer, refused

REP, OTHER, MANAGER, DESK = (f"{who}@crm-test.example" for who in ("rep", "rep2", "manager", "desk"))
SETTINGS = "CRM Pipeline Settings"
CASE = "Customer Case"


@pytest.fixture(autouse=True)
def without_notices_by_mail(monkeypatch):
	"""The site has no mail account; the notices themselves are what counts here."""
	HOST.without_mail(monkeypatch)


def configure(**values):
	frappe.db.set_single_value(SETTINGS, values)
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def solved(case, solution="A new seal"):
	api.solve_case(case.name, solution)
	case.reload()
	return case


# ---- entering one


def test_a_case_starts_open_with_whoever_took_it_and_is_due_by_its_severity(sale, as_user):
	as_user("rep")
	case = sale.case(severity="High", opened_on=now_datetime() - timedelta(hours=1))
	assert (case.status, case.responsible, case.sales_owner) == ("Open", REP, REP)
	assert (case.party_name, case.kind) == (f"Northwind {sale.world.tag}", "Complaint")
	opened = get_datetime(case.opened_on)
	if not frappe.get_cached_value("Company", sale.world.company, "default_holiday_list"):
		assert (case.answer_by, case.due_by) == (opened + timedelta(hours=8), opened + timedelta(hours=48))


def test_the_account_manager_owns_the_case_and_who_took_it_keeps_it_in_sight(sale, as_user):
	frappe.db.set_value("Customer", sale.world.customer, "account_manager", OTHER)
	as_user("rep")
	case = sale.case()
	assert (case.sales_owner, case.responsible) == (OTHER, REP)
	set_apart()
	assert case.name in names_seen()
	as_user("other_rep")
	assert case.name in names_seen()


def names_seen() -> list[str]:
	return frappe.get_list(CASE, pluck="name", order_by="name asc", limit=0)


def test_hours_count_on_working_days_and_within_the_working_day(sale, as_user):
	monday = add_days(getdate(), -getdate().weekday() - 14)
	name = row("Holiday List", from_date=monday, to_date=add_days(monday, 6), docstatus=0)
	for n in (5, 6):
		off = {"holiday_date": add_days(monday, n), "weekly_off": 1, "docstatus": 0}
		row("Holiday", parent=name, parenttype="Holiday List", parentfield="holidays", **off)
	frappe.db.set_value("Company", sale.world.company, "default_holiday_list", name)
	frappe.clear_document_cache("Company", sale.world.company)
	configure(case_day_start="09:00:00", case_day_end="17:00:00")
	as_user("rep")
	friday = f"{add_days(monday, 4)} 16:00:00"
	case = sale.case(severity="High", opened_on=friday)
	assert str(case.answer_by) == f"{add_days(monday, 7)} 16:00:00"
	assert str(case.due_by) == f"{add_days(monday, 14)} 16:00:00"


def test_another_severity_means_another_day(sale, as_user):
	as_user("rep")
	case = sale.case(severity="Low")
	before = case.due_by
	case.severity = "Critical"
	case.save()
	assert case.due_by < before


@pytest.mark.parametrize("values", [{"customer": None}, {"subject": ""}, {"severity": "No Such"}])
def test_a_case_needs_a_party_a_subject_and_a_severity_that_there_is(sale, as_user, values):
	as_user("rep")
	with refused():
		sale.case(**values)


def test_a_case_of_tomorrow_is_refused(sale, as_user):
	as_user("rep")
	with refused(match="in the future"):
		sale.case(opened_on=add_to_date(now_datetime(), days=1))


def test_the_order_concerned_is_one_of_this_customer_and_fills_it_in(sale, as_user):
	as_user("desk")
	order = sale.order(sale.opportunity())
	other = customer(f"Southwind {sale.world.tag}")
	about = {"reference_doctype": "Sales Order", "reference_name": order.name}
	with refused(match="is about Customer"):
		sale.case(customer=other, **about)
	case = sale.case(customer=None, **about)
	assert (case.customer, case.company) == (order.customer, order.company)
	case.customer = other
	with refused(match="is about Customer"):
		case.save()


def test_half_a_reference_and_one_that_the_user_may_not_see_are_refused(sale, as_user):
	as_user("other_rep")
	deal = sale.opportunity()
	set_apart()
	as_user("rep")
	with refused(match="belong together"):
		sale.case(reference_doctype="Sales Opportunity")
	with refused(frappe.PermissionError):
		sale.case(reference_doctype=deal.doctype, reference_name=deal.name)


# ---- whose it is


def test_team_visibility_holds_for_cases_and_their_log(sale, as_user):
	as_user("other_rep")
	case = sale.case()
	api.log_case(case.name, "Called them")
	set_apart()
	as_user("rep")
	assert case.name not in names_seen()
	assert not frappe.has_permission(CASE, "read", doc=case.name)
	assert not frappe.get_list(
		"Customer Case Entry", parent_doctype=CASE, filters={"parent": case.name}, order_by="idx"
	)
	as_user("finance")
	assert case.name in names_seen()


# ---- what was done


def test_the_first_answer_counts_and_a_note_is_none(sale, as_user):
	as_user("rep")
	case = sale.case()
	api.log_case(case.name, "Asked the workshop", minutes=10)
	case.reload()
	assert (case.status, case.first_answer_on) == ("In Progress", None)
	api.log_case(case.name, "Told them", answer=True, minutes=5)
	case.reload()
	first = case.first_answer_on
	assert first and case.minutes == 15
	api.log_case(case.name, "Told them again", answer=True)
	case.reload()
	assert case.first_answer_on == first and [row.kind for row in case.log] == ["Note", "Answer", "Answer"]


def test_a_case_is_solved_by_a_solution(sale, as_user):
	as_user("rep")
	case = sale.case()
	case.status = "Solved"
	with refused(frappe.MandatoryError, match="solution"):
		case.save()
	with refused(frappe.MandatoryError):
		api.solve_case(case.name, "<p> </p>")
	solved(case)
	assert (case.status, case.solved_by) == ("Solved", REP)
	assert case.solved_on and case.first_answer_on


def test_a_solved_case_stays_measured_by_the_severity_that_it_had(sale, as_user):
	as_user("rep")
	case = solved(sale.case(severity="Critical", opened_on=add_days(nowdate(), -60)))
	due = case.reload().due_by
	case.severity = "Low"
	case.save()
	assert case.reload().due_by == due
	api.reopen_case(case.name, "It leaks again")
	assert case.reload().due_by > due


def test_a_case_that_comes_back_is_due_anew_and_counted(sale, as_user):
	as_user("rep")
	case = sale.case(severity="High", opened_on=add_days(nowdate(), -60))
	solved(case)
	with refused(frappe.MandatoryError):
		api.reopen_case(case.name, " ")
	api.reopen_case(case.name, "It leaks again")
	case.reload()
	assert (case.status, case.times_reopened, case.solved_on, case.solution) == ("Open", 1, None, None)
	assert get_datetime(case.due_by) > now_datetime()
	assert [row.kind for row in case.log] == ["Solved", "Reopened"]
	with refused(frappe.MandatoryError):
		api.solve_case(case.name, "")


def test_a_closed_case_is_not_withdrawn(sale, as_user):
	as_user("rep")
	case = solved(sale.case())
	with refused(match="can't become"):
		api.withdraw_case(case.name, "Never mind")


def test_who_may_only_read_a_case_changes_nothing(sale, as_user):
	as_user("rep")
	case = sale.case()
	for change in (
		lambda: api.log_case(case.name, "x"),
		lambda: api.solve_case(case.name, "x"),
		lambda: api.forward_case(case.name, OTHER),
	):
		as_user("stranger")
		with refused(frappe.PermissionError):
			change()


# ---- where it comes from


def test_the_customer_of_a_contact_is_filled_in_and_of_two_none_is_guessed(sale, as_user):
	contact = frappe.get_doc(
		{
			"doctype": "Contact",
			"first_name": "Ines",
			"email_ids": [{"email_id": f"i@{sale.world.tag}.example", "is_primary": 1}],
		}
	)
	contact.append("links", {"link_doctype": "Customer", "link_name": sale.world.customer})
	contact.insert()
	as_user("rep")
	case = sale.case(customer=None, contact=contact.name)
	assert (case.customer, case.contact) == (sale.world.customer, contact.name)
	with refused(frappe.MandatoryError):
		sale.case(customer=None, email_id=f"i@{sale.world.tag}.example")
	as_user("Administrator")
	mailed = frappe.new_doc(CASE)
	mailed.update({"subject": "It leaks", "email_id": f"i@{sale.world.tag}.example"})
	mailed.flags.ignore_mandatory = True
	mailed.insert(ignore_permissions=True)
	assert (mailed.customer, mailed.contact, mailed.status) == (sale.world.customer, contact.name, "Open")
	contact.append("links", {"link_doctype": "Customer", "link_name": customer(f"Southwind {sale.world.tag}")})
	contact.save()
	as_user("rep")
	with refused(frappe.MandatoryError):
		sale.case(customer=None, contact=contact.name)


def test_a_mail_from_a_mailbox_of_several_is_of_the_one_customer_that_they_have(sale, monkeypatch):
	HOST.plain_records(monkeypatch, "Contact", "Customer")
	address = f"office@{sale.world.tag}.example"

	def works_for(first_name, at):
		contact = {
			"doctype": "Contact",
			"first_name": first_name,
			"email_ids": [{"email_id": address, "is_primary": 1}],
		}
		return frappe.get_doc({**contact, "links": [{"link_doctype": "Customer", "link_name": at}]}).insert()

	def mailed():
		case = frappe.new_doc(CASE)
		case.update({"subject": "It leaks", "email_id": f"Office+Case@{sale.world.tag}.example"})
		case.flags.ignore_mandatory = True
		case.insert(ignore_permissions=True)
		return case.customer, case.contact

	first = works_for("Ines", sale.world.customer)
	assert mailed() == (sale.world.customer, first.name)
	works_for("Olga", sale.world.customer)
	assert mailed() == (sale.world.customer, None), "which of them wrote is not known"
	works_for("Pat", customer(f"Southwind {sale.world.tag}"))
	assert mailed() == (None, None), "an office that works for two"


def test_a_mail_from_nobody_we_know_makes_a_case_all_the_same(sale):
	mailed = frappe.new_doc(CASE)
	mailed.update({"subject": "It\r\n leaks", "email_id": f"nobody@{sale.world.tag}.example"})
	mailed.flags.ignore_mandatory = True
	mailed.insert(ignore_permissions=True)
	assert (mailed.customer, mailed.party_name) == (None, f"nobody@{sale.world.tag}.example")
	assert mailed.subject == "It leaks", "folded on its way"
	assert (mailed.responsible, mailed.sales_owner) == (None, None), "who collects the mails handles none"
	assert mailed.severity and mailed.company and mailed.due_by


@pytest.mark.parametrize("visitor", ["Guest", "portal"])
def test_who_writes_a_case_on_the_website_does_not_handle_it(sale, visitor):
	frappe.set_user("Administrator")
	if visitor == "portal":
		values = {"email": f"{sale.world.tag}@portal.example", "first_name": "Pia", "send_welcome_email": 0}
		visitor = frappe.get_doc({"doctype": "User", "user_type": "Website User", **values}).insert().name
		frappe.db.set_value("User", visitor, "user_type", "Website User")
	frappe.set_user(visitor)
	case = frappe.new_doc(CASE)
	case.update({"subject": "It leaks", "customer": sale.world.customer, "responsible": visitor})
	case.insert(ignore_permissions=True)
	assert (case.responsible, case.sales_owner, case.party_name) == (None, None, sale.world.customer)


def test_nobody_writes_to_a_colleague_about_the_complaint_that_they_passed_on(sale, as_user):
	colleague = as_user("rep")
	as_user("Administrator")
	mailed = frappe.new_doc(CASE)
	mailed.update({"subject": "FW: It leaks", "email_id": colleague})
	mailed.flags.ignore_mandatory = True
	mailed.insert(ignore_permissions=True)
	assert (mailed.email_id, mailed.customer, mailed.contact) == (None, None, None)
	as_user("rep")
	assert sale.case(email_id=colleague).email_id == colleague, "typed is typed"


def test_a_mailbox_that_answers_by_itself_has_no_complaint(sale, as_user):
	mailed = frappe.new_doc(CASE)
	mailed.update({"subject": "Re: Out of office: your order", "email_id": f"ann@{sale.world.tag}.example"})
	mailed.flags.ignore_mandatory = True
	with refused(frappe.DuplicateEntryError):
		mailed.insert(ignore_permissions=True)
	as_user("rep")
	assert sale.case(subject="Automatic reply: is sent to each of our customers").name


def test_a_case_of_a_prospect_becomes_one_of_its_customer(sale, as_user):
	as_user("manager")
	lead = sale.lead()
	case = sale.case(customer=None, prospect=lead.prospect)
	assert case.party_name == lead.party_name
	made = api.verify_prospect(lead.prospect, create_new=True)
	case.reload()
	assert case.customer == made["name"]
	with refused(match="."):
		sale.case(prospect=lead.prospect, customer=sale.world.customer)
	later = sale.case(customer=None, prospect=lead.prospect)
	assert later.customer == made["name"]


def test_two_people_who_work_on_one_case_do_not_undo_each_other(sale, as_user):
	as_user("rep")
	case = sale.case()
	stale = frappe.get_doc(CASE, case.name)
	api.log_case(case.name, "Called them")
	stale.subject = "The pump still leaks"
	with refused(frappe.TimestampMismatchError):
		stale.save()
	api.solve_case(case.name, "A new seal")
	with refused(match="can't become"):
		api.wait_for_customer(case.name, "Asked")
