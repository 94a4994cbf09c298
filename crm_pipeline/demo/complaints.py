"""What customers of the demo complained about: one is furious, the others were helped."""

from datetime import date, datetime, time, timedelta

import frappe

from crm_pipeline.cases import customer_cases
from crm_pipeline.chain.standard_kinds import name_of
from crm_pipeline.core.kinds import ACTIVITY_TYPE
from crm_pipeline.demo import actors, clock, story

# Days before today, kind, place among the severities, way, subject, what was answered after so many hours, solution after so many.
ANGRY = "The fire pump failed on its first day at sea and nobody calls back"
PAST = (
	(150, "Complaint", 1, "phone", "Pump C200 arrived with a bent flange", 3, "A new flange sent by express", 30),
	(120, "Question", 3, "e_mail", "Which grease for the bilge pump?", 20, "The data sheet with the grades", 20),
	(90, "Complaint", 2, "e_mail", "The strainer is DN 65 instead of DN 80", 6, "Exchanged, freight at our cost", 70),
	(60, "Request", 2, "phone", "Certificates in French", 26, "Translated by the classification society", 200),
	(35, "Complaint", 1, "visit", "The control panel trips when it is hot", 2, "A larger fan, built in on board", 44),
	(14, "Question", 2, "message", "When does the crew training begin?", 4, "On Monday at eight, at the quay", 5),
)
RATINGS = (0.8, 1.0, 0.6, 0.0, 1.0, 0.8)
WHO = ("north", "south", "overseas")


def load_complaints(today: date) -> None:
	"""Enter the complaints of the past, as whoever took them, at their time; the angry one stays open."""
	severities = frappe.get_all("Case Severity", filters={"disabled": 0}, pluck="name", order_by="position asc")
	deliveries = frappe.get_all(
		"Delivery Note",
		filters={"company": story.COMPANY, "docstatus": 1, "is_return": 0},
		fields=["name", "customer"],
		order_by="posting_date desc, name desc",
		limit=40,
	)
	theirs = list({row.customer: row for row in deliveries}.values())
	if not (severities and theirs):
		return
	for number, (days, kind, severity, way, subject, answered, solution, solved) in enumerate(PAST):
		place = theirs[(number + 1) % len(theirs)]
		at = _at(today, days)
		case = _open(
			at, WHO[number % len(WHO)], place, kind, severities[min(severity, len(severities) - 1)], way, subject
		)
		clock.set_to(at + timedelta(hours=answered))
		customer_cases.log(case.name, "Called back and asked for the details", answer=True, minutes=15)
		clock.set_to(at + timedelta(hours=solved))
		customer_cases.solve(case.name, solution)
		if RATINGS[number]:
			frappe.db.set_value(case.doctype, case.name, "satisfaction", RATINGS[number])
	_open(_at(today, 6), "north", theirs[0], "Complaint", severities[0], "phone", ANGRY)
	at = _at(today, 4)
	request = _open(at, "south", theirs[-1], "Request", severities[-1], "e_mail", "A second set of manuals, in Spanish")
	clock.set_to(at + timedelta(hours=5))
	customer_cases.log(request.name, "The translation is ordered, it comes next week", answer=True, minutes=10)


def _at(today: date, days: int) -> datetime:
	return datetime.combine(today - timedelta(days=days), time(9, 40))


def _open(at: datetime, who: str, delivery, kind: str, severity: str, way: str, subject: str):
	clock.set_to(at)
	actors.act_as(who)
	case = frappe.new_doc(customer_cases.CASE)
	case.update(
		{
			"subject": subject,
			"kind": kind,
			"severity": severity,
			"way": name_of(ACTIVITY_TYPE, way),
			"customer": delivery.customer,
			**_caller(delivery.customer),
			"reference_doctype": "Delivery Note",
			"reference_name": delivery.name,
			"company": story.COMPANY,
			"opened_on": at,
			"responsible": actors.email(who),
			"sales_owner": actors.email(who),
			"sales_person": actors.sales_person(who),
		}
	)
	return case.insert()


def _caller(customer: str) -> dict:
	"""Who called, and where the answer goes."""
	contact = frappe.db.get_value("Customer", customer, "customer_primary_contact")
	if not contact:
		return {}
	reach = frappe.db.get_value("Contact", contact, ["email_id", "phone"], as_dict=True)
	return {"contact": contact, **reach}
